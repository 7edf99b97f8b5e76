"""The figures of the study of diagnostics."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from upsampling.book.drawing import blank, fills, in_order, in_points, legend, panels
from upsampling.book.palette import COLORS, MARKERS
from upsampling.book.studies.diagnostics import ALL, DIAGNOSTICS, SCOPES
from upsampling.study import datasets
from upsampling.study.arms import title


def draw_correlations(table: pd.DataFrame) -> Figure:
    """Draw rank correlations with intervals: a row of panels per data set, a column per diagnostic, a line per scope.

    Parameters
    ----------
    table : DataFrame
        What `diagnostics.correlate` returns.
    """
    names = list(dict.fromkeys(table["dataset"]))
    scopes = {
        name: [*SCOPES, *in_order(set(table.loc[table["dataset"] == name, "scope"]) - set(SCOPES))] for name in names
    }
    heights = [len(scopes[name]) + 1 for name in names]
    with panels(
        len(names), len(DIAGNOSTICS), 9.6, 0.21 * sum(heights) + 1, sharex=True, sharey="row", height_ratios=heights
    ) as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            for axes, diagnostic in zip(row, DIAGNOSTICS, strict=True):
                part = table[(table["dataset"] == name) & (table["diagnostic"] == diagnostic)]
                axes.axvline(0, color="#404040", linewidth=0.8)
                if part.empty:
                    blank(axes)
                for found in part.itertuples():
                    y = scopes[name].index(found.scope)
                    color = "black" if found.scope in SCOPES else COLORS[found.scope]
                    axes.hlines(y, found.low, found.high, color=color, linewidth=1.4)
                    axes.plot(found.estimate, y, "o", color=color, markersize=4.5)
                axes.set_yticks(range(len(scopes[name])), [SCOPES.get(s) or title(s) for s in scopes[name]], fontsize=8)
                axes.set_ylim(len(scopes[name]) - 0.5, -0.5)
            row[0].set_ylabel("All" if name == ALL else datasets.get(name).title)
        for axes, text in zip(grid[0], DIAGNOSTICS.values(), strict=True):
            axes.set_title(text)
            axes.set_xlim(-1.05, 1.05)
        for axes in grid[-1]:
            axes.set_xlabel("rank correlation")
    return figure


def draw_gains(cells: pd.DataFrame) -> Figure:
    """Draw the gain against each diagnostic, mean over seeds: colours by arm, markers by classifier.

    Parameters
    ----------
    cells : DataFrame
        What `diagnostics.means` returns.
    """
    names, filled = list(dict.fromkeys(cells["dataset"])), fills(cells["arm"])
    with panels(len(names), len(DIAGNOSTICS), 9.6, 2.3 * len(names) + 0.8, sharey="row") as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            for axes, diagnostic in zip(row, DIAGNOSTICS, strict=True):
                axes.axhline(0, color="#404040", linewidth=0.8)
                measured = cells[(cells["dataset"] == name) & cells[diagnostic].notna()]
                axes.xaxis.set_major_locator(MaxNLocator(4))
                if measured.empty:
                    blank(axes)
                for (arm, classifier), part in measured.groupby(["arm", "classifier"]):
                    axes.plot(
                        part[diagnostic],
                        part["gain"],
                        MARKERS[classifier],
                        color=COLORS[arm],
                        fillstyle=filled[arm],
                        markersize=4,
                        alpha=0.75,
                        markeredgewidth=0 if filled[arm] == "full" else 1,
                    )
                in_points(axes.yaxis)
            row[0].set_ylabel(f"{datasets.get(name).title}\ngain (points)")
        for axes, text in zip(grid[-1], DIAGNOSTICS.values(), strict=True):
            axes.set_xlabel(text)
        legend(figure, cells["arm"], cells["classifier"], filled=filled)
    return figure
