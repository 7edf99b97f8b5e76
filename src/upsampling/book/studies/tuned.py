"""What is left of the gain when the classifier is tuned: LightGBM with settings chosen on the real training rows."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from upsampling.book.comparison import in_order_of, whole_seeds
from upsampling.book.drawing import PANEL, arm_axis, panels
from upsampling.book.palette import COLORS
from upsampling.book.studies import ranks
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import title
from upsampling.study.arms.tuned import TUNED_ARMS as TUNED
from upsampling.words import named, percent, points

PAPER, REFERENCE = "tabularargn", "none"
# Beside what the tuned unbalanced set is held at every share, by how they are called in a sentence.
RIVALS = {PAPER: "the paper's hybrid", ranks.CHOSEN: "the mean of four ranks"}
CELL = ["dataset", "size", "minority_fraction", "seed"]


def tuned(arm: str) -> str:
    """Return the name of the arm whose LightGBM is tuned."""
    return f"tuned_{arm}"


def load(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of LightGBM, with library defaults and tuned, on the training sets on which the unbalanced set has both.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.

    Returns
    -------
    DataFrame
        Its columns; all rows have one classifier.
    """
    names = [ranks.CHOSEN, *(name for arm in TUNED for name in (arm, tuned(arm)))]
    rows = metrics[metrics["arm"].isin(names) & metrics["classifier"].isin(["lightgbm", classifiers.TUNED])]
    rows = rows[rows["minority_fraction"].notna()].assign(classifier="lightgbm")
    is_reference = rows["arm"].isin([REFERENCE, tuned(REFERENCE)])
    return rows[is_reference.groupby([rows[name] for name in CELL]).transform("sum") == 2]


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Return differences in average precision that tell tuning and upsampling apart, by data set and minority share.

    What concerns one arm stands on the seeds under which that arm and the unbalanced set have both, where it was tuned.

    Parameters
    ----------
    rows : DataFrame
        What `load` returns.

    Returns
    -------
    DataFrame
        `minority_fraction`, the columns of `stats.mean_differences`, `arms`, both of them, and `what`: *tuning*, an arm tuned minus
        the same with library defaults; *upsampling*, an arm minus the unbalanced set, both with defaults; *both*, the same with both tuned;
        *instead*, the unbalanced set tuned minus an arm with defaults.
    """
    tables = []
    for (_, fraction), part in rows.groupby(["dataset", "minority_fraction"], sort=False):
        for arm in (*TUNED, ranks.CHOSEN):
            own = part[part["arm"].isin({arm, tuned(arm), REFERENCE, tuned(REFERENCE)})]
            own = whole_seeds(own, ["dataset"], ["arm"])
            pairs = [("tuning", own, tuned(arm), arm)]
            if arm != REFERENCE:
                pairs += [("both", own, tuned(arm), tuned(REFERENCE)), ("instead", part, tuned(REFERENCE), arm)]
            if arm not in (REFERENCE, ranks.CHOSEN):
                pairs += [("upsampling", own, arm, REFERENCE)]
            tables += [
                stats.mean_differences(held, "average_precision", [first], second).assign(
                    what=what, minority_fraction=fraction
                )
                for what, held, first, second in pairs
                if {first, second} <= set(held["arm"])
            ]
    if not tables:
        return pd.DataFrame(columns=["what", "dataset", "minority_fraction", "arm", "other"])
    table = pd.concat(tables, ignore_index=True)
    table = table[table["n_seeds"] > 0].drop(columns="p_holm")
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), rows["dataset"].unique())


def levels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean average precision of each arm, at one data set and share under the seeds that all arms with 3 seeds there have.

    Returns
    -------
    DataFrame
        The columns of `stats.summarise`.
    """
    by = [name for name in CELL if name != "seed"]
    rows = rows[rows.groupby([*by, "arm"])["seed"].transform("nunique") >= stats.MIN_SEEDS]
    n_arms = rows.groupby(CELL)["arm"].transform("nunique")
    common = rows[n_arms == rows.groupby(by)["arm"].transform("nunique")]
    return stats.summarise(common, [*by, "arm"], ["average_precision"])


def _one(table: pd.DataFrame, what: str, arm: str, other: str) -> pd.DataFrame:
    return table[(table["what"] == what) & (table["arm"] == arm) & (table["other"] == other)]


def headline(table: pd.DataFrame) -> str:
    """Return what the hybrid gains over the unbalanced set with library defaults, and what is left of it with both tuned, in a sentence."""
    told = []
    for (dataset, fraction), part in table.groupby(["dataset", "minority_fraction"], sort=False):
        before, after = _one(part, "upsampling", PAPER, REFERENCE), _one(part, "both", tuned(PAPER), tuned(REFERENCE))
        if not after.empty:
            gains = (points(*row[["mean", "low", "high"]].iloc[0]) for row in (before, after))
            told.append(
                f"{' becomes '.join(gains)} on {datasets.get(dataset).title} at {percent(fraction)} (n = {after['n_seeds'].iloc[0]})"
            )
    if not told:
        return "**Not computed yet.**"
    return (
        "**What the hybrid gains over the unbalanced set in points of average precision, first with the library's defaults, then with LightGBM tuned on "
        f"both sides: {named(told)}.**"
    )


def lesson(table: pd.DataFrame) -> str:
    """Return what tuning alone is worth on the unbalanced rows, and what follows from it, in a sentence."""
    own = _one(table, "tuning", tuned(REFERENCE), REFERENCE)
    if own.empty or own["low"].isna().all():
        return "What tuning the classifier is worth is not computed yet."
    told = [
        f"{100 * part['mean'].min():+.1f} to {100 * part['mean'].max():+.1f} on {datasets.get(name).title}"
        for name, part in own.groupby("dataset", sort=False)
    ]
    advice = (
        "If the classifier is LightGBM, tune it first"
        if (own["low"] > 0).all()
        else "Tuning LightGBM does not help everywhere"
    )
    return (
        f"{advice}: choosing its settings by cross-validation adds to its defaults, without a single made row, in points of average precision, by "
        f"minority share: {named(told)}."
    )


def finding(table: pd.DataFrame, name: str) -> str:
    """Return what tuning and upsampling are worth on a data set, each alone and both together, in words."""
    label = f"- **{datasets.get(name).title}**"
    own = table[table["dataset"] == name]
    if own.empty:
        return f"{label}: not computed yet."
    told = []
    for fraction, part in own.groupby("minority_fraction"):
        said = [
            f"{what} {points(row.mean, row.low, row.high)} (n = {row.n_seeds})"
            for what, pair in (
                ("tuning alone", ("tuning", tuned(REFERENCE), REFERENCE)),
                ("the hybrid alone", ("upsampling", PAPER, REFERENCE)),
                ("the hybrid on top of tuning", ("both", tuned(PAPER), tuned(REFERENCE))),
            )
            for row in _one(part, *pair).itertuples()
        ]
        if said:
            told.append(f"at {percent(fraction)} {named(said)}")
    return f"{label}: {'; '.join(told)}."


def draw(found: pd.DataFrame) -> Figure:
    """Draw average precision of each arm with defaults (hollow) and tuned (filled): a row per data set, a column per share."""
    names, fractions = (list(dict.fromkeys(found[column])) for column in ("dataset", "minority_fraction"))
    fractions = sorted(fractions)
    arms = [arm for arm in TUNED if arm in set(found["arm"])]
    height = (0.32 * len(arms) + 0.8) * len(names) + 0.5
    with panels(len(names), len(fractions), PANEL * 3, height, sharex="row", sharey=True) as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            for axes, fraction in zip(row, fractions, strict=True):
                part = found[(found["dataset"] == name) & (found["minority_fraction"] == fraction)].set_index("arm")
                for place, arm in enumerate(arms):
                    for shift, shown, filled in ((-0.13, arm, False), (0.13, tuned(arm), True)):
                        if shown not in part.index:
                            continue
                        value, color = part.loc[shown], COLORS[arm]
                        axes.hlines(place + shift, value["low"], value["high"], color=color, linewidth=1.3)
                        axes.plot(
                            value["mean"],
                            place + shift,
                            "o",
                            color=color,
                            markerfacecolor=color if filled else "white",
                            markersize=5,
                        )
                axes.set_title(f"{datasets.get(name).title}, {percent(fraction)}")
                arm_axis(axes, arms)
                axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
        for axes in grid[-1]:
            axes.set_xlabel("average precision (%)")
        look = {"color": "#404040", "marker": "o", "linestyle": "none", "markersize": 5}
        handles = [
            Line2D([], [], markerfacecolor="white", label="library defaults", **look),
            Line2D([], [], label="tuned", **look),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def draw_shares(found: pd.DataFrame) -> Figure:
    """Draw average precision against the minority share, a panel per data set: what tuning does beside what its rivals do."""
    names = list(dict.fromkeys(found["dataset"]))
    with panels(1, len(names), PANEL * 3, 3.2) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            for arm, color, dash in (
                (REFERENCE, COLORS[REFERENCE], "--"),
                (tuned(REFERENCE), COLORS[REFERENCE], "-"),
                *((arm, COLORS[arm], "--") for arm in RIVALS),
            ):
                part = found[(found["dataset"] == name) & (found["arm"] == arm)].sort_values("minority_fraction")
                axes.plot(
                    part["minority_fraction"],
                    part["mean"],
                    dash,
                    color=color,
                    marker="o",
                    markersize=4,
                    label=title(arm),
                )
                axes.vlines(part["minority_fraction"], part["low"], part["high"], color=color, linewidth=1.2, alpha=0.7)
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
            axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
            axes.set_title(datasets.get(name).title)
            axes.set_xlabel("minority share (%)")
        grid[0, 0].set_ylabel("average precision (%)")
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def shares_text(table: pd.DataFrame, rival: str) -> str:
    """Return at how many minority shares the tuned unbalanced set is above an arm with library defaults, in words.

    Parameters
    ----------
    table : DataFrame
        What `compare` returns.
    rival : str
        The arm.
    """
    own = _one(table, "instead", tuned(REFERENCE), rival)
    lines = []
    for name, part in own[own["low"].notna()].groupby("dataset", sort=False):
        above, below = (part["low"] > 0).sum(), (part["high"] < 0).sum()
        lines.append(
            f"- **{datasets.get(name).title}**: of {len(part)} minority shares, better at {above}, worse at {below}, not told apart at "
            f"{len(part) - above - below} (n = {part['n_seeds'].min()}); "
            + ", ".join(
                f"{percent(row.minority_fraction)} {points(row.mean, row.low, row.high)}" for row in part.itertuples()
            )
            + "."
        )
    told = "\n".join(lines) if lines else "Not computed yet."
    return f"Beside {RIVALS[rival]}, in points of average precision:\n\n{told}"


def beside_ranks(table: pd.DataFrame) -> str:
    """Return at how many minority shares the mean of ranks is better than the tuned unbalanced set, in a sentence; empty if it is not known."""
    own = _one(table, "instead", tuned(REFERENCE), ranks.CHOSEN)
    told = [
        f"better at {(part['high'] < 0).sum()} and worse at {(part['low'] > 0).sum()} of {len(part)} minority shares on {datasets.get(name).title} (n = {part['n_seeds'].min()})"
        for name, part in own[own["low"].notna()].groupby("dataset", sort=False)
    ]
    if not told:
        return ""
    return (
        f"Beside LightGBM that is tuned on the unbalanced rows, with no generator at all, the mean of four ranks with LightGBM's defaults is {named(told)}, "
        "each share by its own 95 % interval. Most of these seeds had served to choose the mean of ranks, which favours it."
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the differences as they are shown: a row per data set, share and arm."""
    rows = []
    for (dataset, fraction), part in table.groupby(["dataset", "minority_fraction"], sort=False):
        for arm in TUNED:
            pairs = {
                "Tuning adds": ("tuning", tuned(arm), arm),
                "Gain, defaults": ("upsampling", arm, REFERENCE),
                "Gain, tuned": ("both", tuned(arm), tuned(REFERENCE)),
            }
            cells = {column: _one(part, *pair) for column, pair in pairs.items()}
            if cells["Tuning adds"].empty:
                continue
            told = {
                column: "-" if cell.empty else points(*cell[["mean", "low", "high"]].iloc[0])
                for column, cell in cells.items()
            }
            rows.append(
                {"Where": f"{datasets.get(dataset).title}, {percent(fraction)}", "Arm": title(arm)}
                | told
                | {"n": cells["Tuning adds"]["n_seeds"].iloc[0]}
            )
    return pd.DataFrame(rows)
