"""What makes synthetic rows work: from the unbalanced set to the rows that were taken away, one step at a time."""

from itertools import pairwise

import pandas as pd
from matplotlib.figure import Figure

from upsampling.book.comparison import SPANS, by_span, complete, in_order_of, shares
from upsampling.book.drawing import PANEL, arm_axis, in_points, panels
from upsampling.book.palette import COLORS
from upsampling.book.studies.diagnostics import measures
from upsampling.book.tables import with_interval
from upsampling.study import datasets, stats
from upsampling.study.arms import title
from upsampling.words import joined, named, points

# What changes from the arm before.
LADDER = {
    "none": "",
    "naive": "weight: minority rows repeated until they count as much as the majority",
    "marginals": "diversity: rows that differ, every column drawn by itself",
    "tabularargn_minority_only": "another model: TabularARGN, trained on the minority rows alone",
    "tabularargn": "more rows to learn from: the same model, trained on the majority rows too",
    "oracle": "real rows: those that were taken away, in place of made ones",
}
# The arms as a sentence calls them.
NAMES = {
    "none": "the unbalanced set",
    "naive": "naive oversampling",
    "marginals": "shuffled columns",
    "tabularargn_minority_only": "TabularARGN on the minority rows alone",
    "tabularargn": "the hybrid",
    "oracle": "the oracle",
}
SHUFFLED, ALONE, HYBRID = "marginals", "tabularargn_minority_only", "tabularargn"
# A generator of another kind, and what it is held against.
OTHER, RIVALS = "copula", (SHUFFLED, ALONE, HYBRID)
UNPROTECTED = "tabularargn_unprotected"
# What a caption says of tests where one arm is held against one other.
ONE_TEST = (
    "Wilcoxon's test on the seeds' means, with the rank-biserial effect size. There is one test in a data set and span, so Holm's correction, which "
    "is made within these, changes nothing."
)
CELL = ["dataset", "size", "seed"]
LOOKS = {
    "coverage": "Coverage",
    "entropy_recovery": "Entropy recovery",
    "closeness": "Marginal closeness",
    "unique_score_share": "Distinct scores",
}


def steps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what each step of the ladder adds in average precision, and how far it lies from the unbalanced set.

    Parameters
    ----------
    rows : DataFrame
        What `comparison.complete` returns for the arms of the ladder.

    Returns
    -------
    DataFrame
        `span` (a key of `comparison.SPANS`), the columns of `stats.mean_differences` (`arm` minus the arm before it), `total`, `total_low`
        and `total_high` (`arm` minus the unbalanced set), and `arms`: all of the ladder.
    """
    ladder = list(LADDER)
    tables = []
    for span in SPANS:
        part = rows[rows["span"] == span]
        if part.empty:
            continue
        totals = stats.mean_differences(part, "average_precision", ladder[1:], ladder[0])
        totals = totals.set_index(["dataset", "arm"])[["mean", "low", "high"]]
        totals.columns = ["total", "total_low", "total_high"]
        for before, arm in pairwise(ladder):
            step = stats.mean_differences(part, "average_precision", [arm], before)
            tables.append(step.assign(span=span).join(totals, on=["dataset", "arm"]))
    if not tables:
        return pd.DataFrame(columns=["span", "dataset", "arm"])
    table = pd.concat(tables, ignore_index=True).drop(columns="p_holm")
    return in_order_of(table.assign(arms=" ".join(ladder)), rows["dataset"].unique())


def structure(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the hybrid minus shuffled columns: see `comparison.by_span`."""
    return by_span(rows, [HYBRID], SHUFFLED)


def rivals(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how far other arms lie from the vine copula: see `comparison.by_span`.

    Parameters
    ----------
    rows : DataFrame
        What `comparison.complete` returns for `RIVALS` and `OTHER`.
    """
    return by_span(rows, RIVALS, OTHER)


def rivals_text(table: pd.DataFrame) -> str:
    """Return how two generators compare that saw the same rows, and how the hybrid compares with the copula, in two sentences.

    Parameters
    ----------
    table : DataFrame
        What `rivals` returns.
    """
    alone, whole = (table[(table["arm"] == arm) & table["low"].notna()] for arm in RIVALS[1:])
    if alone.empty or whole.empty:
        return "**Not computed yet.**"
    return (
        f"**Beyond the 95 % interval, TabularARGN on the minority rows alone is {_beside(alone)} than the copula, which saw the same rows. The hybrid, "
        f"whose generator saw the majority too, is {_beside(whole)}.**"
    )


def protection(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return how far the hybrid without value protection lies from that with it: see `comparison.by_span`.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    return by_span(complete(metrics, {HYBRID, UNPROTECTED}), [UNPROTECTED], HYBRID)


def protection_text(table: pd.DataFrame) -> str:
    """Return what value protection costs the hybrid, in a sentence.

    Parameters
    ----------
    table : DataFrame
        What `protection` returns.
    """
    told = table[table["low"].notna()]
    if told.empty:
        return "**Not computed yet.**"
    return f"**Beyond the 95 % interval, the hybrid without value protection is {_beside(told)} than with it.**"


def _beside(table: pd.DataFrame) -> str:
    told = []
    for word, chosen in (("better", table["low"] > 0), ("worse", table["high"] < 0)):
        where = [
            f"{datasets.get(row.dataset).title} at {shares(row.sizes)} ({points(row.mean, row.low, row.high)} points)"
            for row in table[chosen].itertuples()
        ]
        told += [f"{word} on {named(where)}"] if where else []
    return " and ".join(told) if told else "neither better nor worse"


def looks(rows: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return what the made rows of each arm look like and how the scores of classifiers trained on them spread.

    Parameters
    ----------
    rows : DataFrame
        What `comparison.complete` returns for the arms of the ladder.
    diagnostics : DataFrame
        Rows of `diagnostics.csv`.

    Returns
    -------
    DataFrame
        `dataset`, `arm`, the mean over sizes and seeds of each measure of `LOOKS`, `n_seeds`, `seeds` and `sizes`.
    """
    spread = rows.groupby([*CELL, "arm"], sort=False)["unique_score_share"].mean().reset_index()
    table = spread.merge(measures(diagnostics), on=[*CELL, "arm"], how="left")
    groups = table.groupby(["dataset", "arm"], sort=False)
    found = groups[list(LOOKS)].mean()
    found["n_seeds"] = groups["seed"].nunique()
    for key in ("seed", "size"):
        found[f"{key}s"] = groups[key].agg(joined)
    found = found.reset_index().sort_values("arm", key=lambda column: column.map(list(LADDER).index))
    return in_order_of(found, rows["dataset"].unique())


def spans_text(table: pd.DataFrame) -> str:
    """Return which shares are the small and the larger ones on each data set, in a sentence.

    Parameters
    ----------
    table : DataFrame
        What `steps`, `structure`, `rivals` or `protection` returns.
    """
    parts = {called: table[table["span"] == span] for span, called in SPANS.items()}
    text = "; ".join(f"{called}: {_shares_text(part)}" for called, part in parts.items() if len(part))
    return f"{text[:1].upper()}{text[1:]}."


def _shares_text(table: pd.DataFrame) -> str:
    known = table.drop_duplicates("dataset").groupby("sizes", sort=False)["dataset"].agg(list)
    return "; ".join(
        f"{shares(sizes)} on {named([datasets.get(name).title for name in names])}" for sizes, names in known.items()
    )


def finding(table: pd.DataFrame, name: str) -> str:
    """Return what each step adds on a data set at small shares, in words.

    Parameters
    ----------
    table : DataFrame
        What `steps` returns.
    name : str
        The data set.
    """
    label = f"- **{datasets.get(name).title}**"
    part = table[(table["dataset"] == name) & (table["span"] == "few")]
    if part.empty:
        return f"{label}: not computed yet."
    told = [f"{NAMES[row.arm]} {points(row.mean, row.low, row.high)}" for row in part.itertuples()]
    return f"{label}, at {shares(part['sizes'].iloc[0])} (n = {part['n_seeds'].min()}): {'; '.join(told)}."


def headline(table: pd.DataFrame, together: pd.DataFrame, others: pd.DataFrame) -> str:
    """Return which arms are better and worse than the one before at small shares, and how the hybrid compares with shuffled columns.

    Parameters
    ----------
    table, together, others : DataFrame
        What `steps`, `structure` and `rivals` return.
    """
    part, both, others = (side[side["span"] == "few"] for side in (table, together, others))
    if part.empty:
        return "**No training set has every arm yet.**"
    told = []
    for before, arm in pairwise(list(LADDER)[:-1]):
        own = part[part["arm"] == arm]
        effects = {"better": own["low"] > 0, "worse": own["high"] < 0}
        found = [
            f"{how} on {named([datasets.get(name).title for name in own.loc[chosen, 'dataset']])}"
            for how, chosen in effects.items()
            if chosen.any()
        ]
        told.append(f"{NAMES[arm]} against {NAMES[before]}: {' and '.join(found) if found else 'not told apart'}")
    worth = [f"{points(row.mean, row.low, row.high)} on {datasets.get(row.dataset).title}" for row in both.itertuples()]
    return (
        f"**At small shares ({_shares_text(part)}), beyond the 95 % interval, {'; '.join(told)}.**{_of_structure(part, others)} "
        f"The hybrid minus shuffled columns is {named(worth)} points of average precision."
    )


def _of_structure(table: pd.DataFrame, others: pd.DataFrame) -> str:
    """Return whether another model of the same rows loses to shuffled columns as the generator does, where that loses."""
    lost = table[(table["arm"] == ALONE) & (table["high"] < 0)].set_index("dataset")
    copula = others[(others["arm"] == SHUFFLED) & others["low"].notna()].set_index("dataset")
    names = [name for name in lost.index if name in copula.index]
    if not names:
        return ""
    # the table has shuffled columns minus the copula
    ends = {name: -copula.loc[name, ["mean", "high", "low"]].astype(float) for name in names}
    listed = named([f"{points(*ends[name])} on {datasets.get(name).title}" for name in names])
    apart = all(ends[name].iloc[1] > lost.loc[name, "high"] for name in names)
    level = all(ends[name].iloc[2] >= 0 for name in names)
    so = ""
    if apart:
        so = (
            ": there it is this generator, on so few rows, that loses, not structure as such"
            if level
            else ": it loses less than this generator, or nothing"
        )
    return (
        f" A vine copula, which learnt from the same minority rows, minus shuffled columns is, in points, {listed}{so}."
    )


def draw(table: pd.DataFrame) -> Figure:
    """Draw how far each arm of the ladder lies from the unbalanced set: a panel per data set and span."""
    names = list(dict.fromkeys(table["dataset"]))
    arms = list(LADDER)[1:]
    with panels(len(names), len(SPANS), PANEL * 3, 2.3 * len(names) + 0.4, sharex=True, sharey=True) as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            for axes, (span, called) in zip(row, SPANS.items(), strict=True):
                part = table[(table["dataset"] == name) & (table["span"] == span)]
                y = part["arm"].map(arms.index)
                axes.axvline(0, color="#404040", linewidth=0.8)
                axes.plot(part["total"], y, color="#AAAAAA", linewidth=0.8, zorder=1)
                for step in part.itertuples():
                    place = arms.index(step.arm)
                    axes.hlines(place, step.total_low, step.total_high, color=COLORS[step.arm], linewidth=1.4)
                    axes.plot(step.total, place, "o", color=COLORS[step.arm], markersize=5)
                where = shares(part["sizes"].iloc[0]) if len(part) else called
                axes.set_title(f"{datasets.get(name).title}, {where}")
                arm_axis(axes, arms)
                in_points(axes.xaxis)
        for axes in grid[-1]:
            axes.set_xlabel("gain over the unbalanced set (points)")
    return figure


def shown_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the steps as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Minority shares": table["sizes"].map(shares),
            "Arm": table["arm"].map(title),
            "What changes": table["arm"].map(LADDER),
            "Step (points)": [points(*row) for row in table[["mean", "low", "high"]].itertuples(index=False)],
            "From unbalanced (points)": [
                points(*row) for row in table[["total", "total_low", "total_high"]].itertuples(index=False)
            ],
            "Better in": (100 * table["better"]).map("{:.0f} %".format),
            "n": table["n_seeds"],
        }
    )


def shown_looks(table: pd.DataFrame) -> pd.DataFrame:
    """Return what made rows look like, as it is shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Arm": table["arm"].map(title),
            **{
                what: [with_interval(value, float("nan"), 0, 2) for value in table[name]]
                for name, what in LOOKS.items()
            },
            "n": table["n_seeds"],
        }
    )
