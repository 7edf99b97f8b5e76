"""What changes if the rows that are scored are as unbalanced as the training set, and not as the holdout is."""

import pandas as pd
from matplotlib.figure import Figure

from upsampling.book.comparison import FEW, SPANS, against, in_order_of, study_seeds
from upsampling.book.drawing import PANEL, legend, panels
from upsampling.book.palette import line
from upsampling.study import datasets, stats
from upsampling.study.arms import PAPER_ARMS, title
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.words import named, percent, points

HOLDOUT, RARE, LIFT, HOLDOUT_LIFT = "average_precision", "average_precision_reweighted", "lift", "holdout_lift"
# How rare minority rows are among the rows that are scored.
SCORED = {LIFT: "rare as in the training set", HOLDOUT_LIFT: "rare as in the holdout"}
PAPER = "tabularargn"
# Beside what the lead says where the hybrid stands.
RIVALS = tuple(arm for arm in PAPER_ARMS if arm != PAPER)
_KEY = ["span", "dataset", "arm"]
_VALUES = ["mean", "low", "high"]


def with_lift(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `metrics.csv` with their `lift`: average precision at the training set's share over that of random scores, which is the share itself.

    Average precision at so small a share grows with it, so the lift is what can be averaged over shares.
    """
    return metrics.assign(lift=metrics[RARE] / metrics["minority_fraction"])


def compare(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return how far every arm lies from the hybrid: in average precision at the holdout's minority share, and in lift at that of the training set.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.

    Returns
    -------
    DataFrame
        The columns of `comparison.against` for the lift (see `with_lift`), `holdout_mean`, `holdout_low` and `holdout_high` for average
        precision, and `turns`: both intervals exclude zero, on different sides.
    """
    rows = with_lift(study_seeds(metrics))
    at_holdout, rare = (against(rows, metric, PAPER) for metric in (HOLDOUT, LIFT))
    at_holdout = at_holdout.set_index(_KEY)[_VALUES].add_prefix("holdout_")
    table = rare.join(at_holdout, on=_KEY)
    turns = ((table["low"] > 0) & (table["holdout_high"] < 0)) | ((table["high"] < 0) & (table["holdout_low"] > 0))
    return table.assign(turns=turns)


def headline(table: pd.DataFrame) -> str:
    """Return against which arms the hybrid is better and worse at the training set's own share, and how often that turns the order."""
    told = table[table["low"].notna()]
    if told.empty:
        return "**Not computed yet.**"
    lines = [f"- beside {title(arm)}: {_beside(told[told['arm'] == arm])}" for arm in RIVALS]
    judged = told[told["arm"] != "oracle"]
    turned = [f"{title(row.arm)} on {_where(row)}" for row in judged[judged["turns"]].itertuples()]
    order = (
        f"Of {len(judged)} comparisons of another arm with the hybrid, {len(turned)} turn round, with both intervals beyond zero"
        + (f": {named(turned)}." if turned else ".")
    )
    return (
        "**At the minority share of the training set the hybrid is, in how many times random scores its average precision is (mean over shares and the paper's "
        f"classifiers, with a 95 % interval over seeds; small shares are those of {percent(FEW)} and below):**\n\n"
        + "\n".join(lines)
        + f"\n\n{order}"
    )


def _beside(part: pd.DataFrame) -> str:
    """Return where the hybrid is better and worse than an arm, from differences of that arm minus the hybrid."""
    sides = {"better": part["high"] < 0, "worse": part["low"] > 0}
    said = [
        f"{word} on "
        + named([f"{_where(row)} ({_times(-row.mean, -row.high, -row.low)})" for row in part[chosen].itertuples()])
        for word, chosen in sides.items()
        if chosen.any()
    ]
    open_ = part[~(sides["better"] | sides["worse"])]
    if not open_.empty:
        said.append(f"not told apart on {named([_where(row) for row in open_.itertuples()])}")
    return "; ".join(said) + "."


def _times(mean: float, low: float, high: float) -> str:
    return f"{mean:+.2f}" if pd.isna(low) else f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]"


def _where(row) -> str:
    return f"{datasets.get(row.dataset).title} at {SPANS[row.span]}"


def lift(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return how many times that of random scores the average precision of the paper's arms is, at the training set's minority share and at the holdout's.

    Parameters
    ----------
    metrics, runs : DataFrame
        Rows of `metrics.csv` and `runs.csv`.

    Returns
    -------
    DataFrame
        A row per `dataset`, `size`, `minority_fraction`, `arm` and `metric` (a key of `SCORED`): `mean`, `low` and `high` of the lift, over the paper's
        classifiers and the seeds that all the arms have (random scores have an average precision equal to the minority share),
        `average_precision` itself, `n_seeds`, `seeds`.
    """
    rows = study_seeds(metrics[metrics["arm"].isin(PAPER_ARMS) & metrics["classifier"].isin(PAPER_CLASSIFIERS)])
    rows, _ = stats.common_cells(rows, across="arm", cells=["dataset", "size", "classifier", "seed"])
    counts = runs.groupby("dataset")[["n_holdout_minority", "n_holdout"]].first()
    share = rows["dataset"].map(counts["n_holdout_minority"] / counts["n_holdout"]).astype(float)
    rows = with_lift(rows).assign(holdout_lift=rows[HOLDOUT] / share, share=share)
    by = ["dataset", "size", "minority_fraction", "share", "arm"]
    means = rows.groupby([*by, "seed"], as_index=False)[[*SCORED]].mean()
    table = stats.summarise(means, by, [*SCORED])
    scored = table["minority_fraction"].where(table["metric"] == LIFT, table["share"])
    table = table.drop(columns="share").assign(average_precision=table["mean"] * scored)
    return in_order_of(table, metrics["dataset"].unique())


def draw(lifts: pd.DataFrame) -> Figure:
    """Draw the lift of each arm against the minority share of the training set: a row per share of what is scored, a panel per data set."""
    names = list(dict.fromkeys(lifts["dataset"]))
    with panels(len(SCORED), len(names), PANEL * 3, 5.4, sharex=True) as (figure, grid):
        for row, (metric, scored) in zip(grid, SCORED.items(), strict=True):
            for axes, name in zip(row, names, strict=True):
                own = lifts[(lifts["dataset"] == name) & (lifts["metric"] == metric)]
                for arm, part in own.groupby("arm", sort=False):
                    part = part.sort_values("minority_fraction")
                    look = line(arm)
                    axes.plot(part["minority_fraction"], part["mean"], marker="o", markersize=3.5, **look)
                    axes.vlines(part["minority_fraction"], part["low"], part["high"], color=look["color"], alpha=0.6)
                axes.set_xscale("log")
                axes.set_ylim(bottom=0)
                axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
                axes.set_title(datasets.get(name).title)
            row[0].set_ylabel(f"times random scores,\n{scored}")
        for axes in grid[-1]:
            axes.set_xlabel("minority share in training (%)")
        legend(figure, lifts["arm"], lines=True)
    return figure


def caption(lifts: pd.DataFrame) -> str:
    """Return the finding of the figure: what the hybrid's average precision is at the smallest share, and how many times random scores on the holdout."""
    own = lifts[lifts["arm"] == PAPER]
    least = own.loc[own.groupby(["dataset", "metric"], sort=False)["minority_fraction"].idxmin()]
    told = [
        f"{100 * row.average_precision:.2g} % on {datasets.get(row.dataset).title} at {percent(row.minority_fraction)}"
        for row in least[least["metric"] == LIFT].itertuples()
    ]
    times = [
        f"{row.mean:.1f} on {datasets.get(row.dataset).title}"
        for row in least[least["metric"] == HOLDOUT_LIFT].itertuples()
    ]
    return (
        "Average precision over that of random scores: where minority rows are as rare among the rows that are scored as in the training set (above), and "
        f"where they are as frequent as in the holdout (below). The hybrid's average precision itself is, above, {named(told)}; below, with training sets of the same "
        f"shares, it is this many times that of random scores: {named(times)}."
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the differences at both shares as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Where": table["span"].map(SPANS),
            "Arm": table["arm"].map(title),
            "At the holdout's share (points)": [
                points(*row) for row in table[[f"holdout_{name}" for name in _VALUES]].itertuples(index=False)
            ],
            "Lift at the training set's": [_times(*row) for row in table[_VALUES].itertuples(index=False)],
            "Turns": table["turns"].map({True: "yes", False: ""}),
            "n": table["n_seeds"],
        }
    )
