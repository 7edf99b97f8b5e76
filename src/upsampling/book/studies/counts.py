"""How few minority rows are enough: gain over the unbalanced set against the number of minority rows, not their share."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from upsampling.book.comparison import in_order_of
from upsampling.book.drawing import PANEL, in_order, in_points, legend, panels
from upsampling.book.palette import line
from upsampling.study import datasets, stats
from upsampling.study.arms import PAPER_ARMS, title
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.names import GENERATOR
from upsampling.words import joined, named, percent, points

REFERENCE, PAPER, POSTERIOR = "none", "tabularargn", "tabularargn_posterior"
SIZE = ["dataset", "size", "n_minority"]


def gains(metrics: pd.DataFrame, runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return the gain of each arm over the unbalanced set, by data set and number of minority rows.

    The sizes of a data set that were made for a share stand on the same seeds, and so do those that were made for a number: sizes with
    fewer than 3 seeds are left out, and so are seeds that lack one of the other sizes.

    Parameters
    ----------
    metrics, runs : DataFrame
        Rows of `metrics.csv` and `runs.csv`, those of a share and those of a count.
    arms : sequence of str
        The arms.

    Returns
    -------
    DataFrame
        The columns of `SIZE`, `arm`, `mean`, `low`, `high`, `n_seeds` and `seeds` of the difference in average precision, mean over the
        paper's classifiers; `share` (minority rows among all training rows), and `arms`, both of them.
    """
    rows = metrics[metrics["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR])]
    tables = []
    for arm in arms:
        for (dataset, size, n_minority), part in _comparable(rows, arm).groupby(SIZE, sort=False):
            found = stats.mean_differences(part, "average_precision", [arm], REFERENCE, cells=["classifier"])
            tables.append(found.assign(dataset=dataset, size=size, n_minority=n_minority))
    if not tables:
        return pd.DataFrame(columns=[*SIZE, "arm"])
    table = pd.concat(tables, ignore_index=True).sort_values("n_minority", kind="stable")
    n_majority = table["dataset"].map(runs.groupby("dataset")["n_majority"].median())
    table["share"] = table["n_minority"] / (table["n_minority"] + n_majority)
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), metrics["dataset"].unique())


def _comparable(rows: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return the rows of an arm and the unbalanced set in the seeds that both have at every size of a kind with enough of them."""
    both = rows[rows["arm"].isin([arm, REFERENCE])]
    both = both[both.groupby(["dataset", "size", "seed"])["arm"].transform("nunique") == 2]
    both = both[both.groupby(["dataset", "size"])["seed"].transform("nunique") >= stats.MIN_SEEDS]
    kind = made_for(both)
    sizes = both.groupby(["dataset", kind])["size"].transform("nunique")
    return both[both.groupby(["dataset", kind, "seed"])["size"].transform("nunique") == sizes]


def made_for(rows: pd.DataFrame) -> pd.Series:
    """Return what each row's training set was made for: ``share`` or ``number``."""
    return rows["size"].str[0].map({"f": "share", "n": "number"}).rename("made_for")


def thresholds(table: pd.DataFrame) -> pd.DataFrame:
    """Return where each arm gains beyond the interval.

    Parameters
    ----------
    table : DataFrame
        What `gains` returns.

    Returns
    -------
    DataFrame
        A row per data set and arm: `smallest` and `largest` number of minority rows at which the whole interval lies above zero (missing if
        it does nowhere), their shares `smallest_share` and `largest_share`, how many of the sizes do (`n_gain` of `n_sizes`, those with an
        interval), how many between these two do not (`n_gaps`), `n_seeds`, `seeds`, `sizes` and `arms`.
    """
    rows = []
    for (dataset, arm), part in table[table["low"].notna()].groupby(["dataset", "arm"], sort=False):
        gaining = part[part["low"] > 0]
        between = part["n_minority"].between(gaining["n_minority"].min(), gaining["n_minority"].max())
        rows.append(
            {"dataset": dataset, "arm": arm}
            | {"smallest": gaining["n_minority"].min(), "largest": gaining["n_minority"].max()}
            | {"smallest_share": gaining["share"].min(), "largest_share": gaining["share"].max()}
            | {
                "n_gain": len(gaining),
                "n_gaps": int(between.sum()) - len(gaining),
                "n_sizes": len(part),
                "n_seeds": part["n_seeds"].min(),
                "sizes": joined(part["size"]),
            }
            | {"seeds": joined(map(int, " ".join(part["seeds"]).split())), "arms": part["arms"].iloc[0]}
        )
    return pd.DataFrame(rows)


def leads(table: pd.DataFrame, name: str) -> dict[int, bool]:
    """Return, by number of minority rows, whether the paper's arm has the highest mean gain of the paper's arms and is above the unbalanced set.

    Sizes count at which all of the paper's arms have the same seeds.
    """
    part = table[(table["dataset"] == name) & table["arm"].isin(PAPER_ARMS)]
    found = {}
    for (n_minority, _), size in part.groupby(["n_minority", "size"]):
        if len(size) == len(PAPER_ARMS) - 1 and size["seeds"].nunique() == 1:
            mean = size.set_index("arm")["mean"]
            found[int(n_minority)] = bool(mean.idxmax() == PAPER and mean[PAPER] > 0)
    return found


def leading(table: pd.DataFrame) -> str:
    """Return at how many sizes of each data set the paper's arm leads; empty if it can be told of none."""
    led = {name: leads(table, name) for name in dict.fromkeys(table["dataset"])}
    told = [
        f"{sum(found.values())} of {len(found)} sizes of {datasets.get(name).title}"
        for name, found in led.items()
        if found
    ]
    return f"Of the paper's four arms the hybrid has the highest mean at {named(told)}." if told else ""


def alone(metrics: pd.DataFrame) -> str:
    """Return at how many sizes of each data set the generator's posterior has a higher mean than the hybrid, with a space before; empty if unknown.

    Each mean is over the seeds that both have, three at least.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    rows = metrics[metrics["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR])]
    if not {PAPER, POSTERIOR} <= set(rows["arm"]):
        return ""
    pairs = stats.pair(rows, "average_precision", POSTERIOR, PAPER, ["dataset", "size", "classifier"])
    sizes = pairs.dropna(subset="difference").groupby(["dataset", "size"], sort=False)
    mean = sizes["difference"].mean()[sizes["seed"].nunique() >= stats.MIN_SEEDS]
    above = (mean > 0).groupby("dataset", sort=False).agg(["sum", "size"])
    told = [f"{n} of {of} sizes of {datasets.get(name).title}" for name, n, of in above.itertuples()]
    return f" On the seeds of both, the posterior has a higher mean than the hybrid at {named(told)}." if told else ""


def finding(table: pd.DataFrame, name: str) -> str:
    """Return from how many minority rows on the paper's arm gains, and where it stops leading, in words."""
    label = f"- **{datasets.get(name).title}**"
    led = leads(table, name) if len(table) else {}
    found = thresholds(table) if len(table) else table
    own = found[(found["dataset"] == name) & (found["arm"] == PAPER)] if len(found) else found
    if not led or own.empty:
        return f"{label}: not computed yet."
    row = own.iloc[0]
    if row["n_gain"]:
        part = table[(table["dataset"] == name) & (table["arm"] == PAPER) & (table["low"] > 0)]
        first, last = part.iloc[0], part.iloc[-1]
        text = (
            f"the hybrid is better than the unbalanced set beyond the interval at {row['n_gain']} of {row['n_sizes']} sizes, from "
            f"{first['n_minority']:,} rows ({points(first['mean'], first['low'], first['high'])} points) to {last['n_minority']:,}"
            + (f", but not at {row['n_gaps']} between" if row["n_gaps"] else "")
        )
    else:
        text = f"the hybrid is nowhere better than the unbalanced set beyond the interval, at {row['n_sizes']} sizes"
    leading = [n for n, first in led.items() if first]
    lost = [f"{n:,}" for n, first in led.items() if not first]
    if not leading:
        return f"{label}: {text}. It has the highest mean of the paper's four arms at no size."
    return (
        f"{label}: {text}. It has the highest mean of the paper's four arms at {named([f'{n:,}' for n in leading])} rows"
        + (f", and has not at {named(lost)}." if lost else ".")
    )


def draw(table: pd.DataFrame) -> Figure:
    """Draw the gain against the number of minority rows: a panel per data set, a line per arm over shares, hollow points for numbers."""
    names = list(dict.fromkeys(table["dataset"]))
    with panels(len(names), 1, PANEL * 3, 2.7 * len(names) + 0.6, sharex=True) as (figure, grid):
        for axes, name in zip(grid[:, 0], names, strict=True):
            own = table[table["dataset"] == name]
            axes.axhline(0, color="#404040", linewidth=0.8)
            for arm in in_order(own["arm"]):
                part = own[own["arm"] == arm]
                look = line(arm)
                for kind, drawn in part.groupby(made_for(part)):
                    kind_look = {"linestyle": "", "markerfacecolor": "white"} if kind == "number" else {}
                    axes.plot(drawn["n_minority"], drawn["mean"], marker="o", markersize=3.5, **(look | kind_look))
                axes.vlines(part["n_minority"], part["low"], part["high"], color=look["color"], linewidth=1, alpha=0.6)
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:,.0f}")
            axes.xaxis.set_tick_params(labelbottom=True)
            axes.set_title(datasets.get(name).title)
            axes.set_ylabel("gain (points)")
            in_points(axes.yaxis)
        grid[-1, 0].set_xlabel("minority rows of the training set")
        legend(figure, table["arm"], lines=True)
    return figure


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """Return where each arm gains, as it is shown."""

    def end(column: str) -> list[str]:
        pairs = zip(found[column], found[f"{column}_share"], strict=True)
        return ["-" if pd.isna(n) else f"{n:,.0f} ({percent(float(f'{share:.2g}'))})" for n, share in pairs]

    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in found["dataset"]],
            "Arm": found["arm"].map(title),
            "Gain from (rows, share)": end("smallest"),
            "to": end("largest"),
            "Between, without": found["n_gaps"].where(found["n_gain"] > 0, 0),
            "Sizes with a gain": found["n_gain"].astype(str) + " of " + found["n_sizes"].astype(str),
            "n": found["n_seeds"],
        }
    )
