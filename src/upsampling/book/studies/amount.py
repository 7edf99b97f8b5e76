"""Is balance the best: the hybrid with fewer and with more synthetic rows than balance needs, from the same fit."""

import pandas as pd
from matplotlib.figure import Figure

from upsampling.book.comparison import SPANS, by_span, complete, shares
from upsampling.book.drawing import PANEL, in_points, panels
from upsampling.book.palette import COLORS
from upsampling.study import datasets
from upsampling.study.arms.generator import AMOUNTS
from upsampling.words import named, points, seeds_text

BALANCE = "tabularargn"
_BY_TIMES = {0.0: "none", 1.0: BALANCE} | {float(amount): f"{BALANCE}_amount{amount:g}" for amount in AMOUNTS}
# Synthetic rows by arm, as a multiple of what balance needs.
TIMES = {_BY_TIMES[times]: times for times in sorted(_BY_TIMES)}


def against_balance(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return how far each amount lies from balance in average precision, on the training sets that have every amount.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.

    Returns
    -------
    DataFrame
        The columns of `comparison.by_span`, and `times`, the amount.
    """
    others = [arm for arm in TIMES if arm != BALANCE]
    table = by_span(complete(metrics, TIMES), others, BALANCE)
    return table.assign(times=table["arm"].map(TIMES))


def finding(table: pd.DataFrame, name: str) -> str:
    """Return which amounts differ from balance on a data set, in words.

    Parameters
    ----------
    table : DataFrame
        What `against_balance` returns.
    name : str
        The data set.
    """
    label = f"- **{datasets.get(name).title}**"
    own = table[(table["dataset"] == name) & (table["times"] > 0)]
    if own.empty:
        return f"{label}: not computed yet."
    told = []
    for _, part in own.groupby("span"):
        differs = part[(part["low"] > 0) | (part["high"] < 0)]
        found = [f"{row.times:g} times balance {points(row.mean, row.low, row.high)}" for row in differs.itertuples()]
        told.append(
            f"at {shares(part['sizes'].iloc[0])}: {named(found) if found else 'no amount differs from balance beyond the interval'}"
        )
    return f"{label} ({seeds_text(own['n_seeds'])}): {'; '.join(told)}."


def headline(table: pd.DataFrame) -> str:
    """Return whether any amount beats balance, in a sentence."""
    made = table[(table["times"] > 0) & table["low"].notna()]
    if made.empty:
        return "**Not computed yet.**"
    better = made[made["low"] > 0]
    where = [
        f"{row.times:g} times on {datasets.get(row.dataset).title} at {shares(row.sizes)} ({points(row.mean, row.low, row.high)} points)"
        for row in better.itertuples()
    ]
    largest = 100 * made["mean"].abs().max()
    return (
        f"**Better than balance, with the whole 95 % interval above zero: {named(where) if where else 'no other amount'}. Between a quarter "
        f"and twice what balance needs, the mean moves by at most {largest:.1f} points.**"
    )


def draw(table: pd.DataFrame) -> Figure:
    """Draw the difference to balance against the amount of synthetic rows: a panel per data set and span that has any."""
    names = list(dict.fromkeys(table["dataset"]))
    spans = [span for span in SPANS if span in set(table["span"])]
    with panels(len(spans), len(names), PANEL * 3, 2.8 * len(spans) + 0.3, sharex=True) as (figure, grid):
        for row, span in zip(grid, spans, strict=True):
            for axes, name in zip(row, names, strict=True):
                part = table[(table["dataset"] == name) & (table["span"] == span)].sort_values("times")
                line = pd.concat([part[["times", "mean"]], pd.DataFrame({"times": [1.0], "mean": [0.0]})]).sort_values(
                    "times"
                )
                axes.axhline(0, color="#404040", linewidth=0.8)
                axes.plot(line["times"], line["mean"], color=COLORS[BALANCE], linewidth=1.2, marker="o", markersize=4)
                axes.vlines(part["times"], part["low"], part["high"], color=COLORS[BALANCE], linewidth=1.4)
                place = shares(part["sizes"].iloc[0]) if len(part) else SPANS[span]
                axes.set_title(f"{datasets.get(name).title}, {place}")
                axes.set_xticks(list(TIMES.values()))
                in_points(axes.yaxis)
            row[0].set_ylabel("minus balance (points)")
        for axes in grid[-1]:
            axes.set_xlabel("synthetic rows, times balance")
    return figure
