"""The figure of the study of failure signatures."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from upsampling.book.drawing import panels
from upsampling.book.palette import COLORS
from upsampling.book.studies.diagnostics import ALL
from upsampling.book.studies.signatures import GROUPS, HYBRID, NEW_ROWS, SIGNATURES
from upsampling.study import datasets


def draw(table: pd.DataFrame) -> Figure:
    """Draw the share of bad cells among those raised, beside that among all: a panel per data set."""
    names = list(dict.fromkeys(table["dataset"]))
    with panels(len(names), 1, 7.6, 1.6 * len(names) + 0.7, sharex=True) as (figure, grid):
        for axes, name in zip(grid[:, 0], names, strict=True):
            for row in table[table["dataset"] == name].itertuples():
                color = COLORS[HYBRID] if row.group == HYBRID else "black"
                y = list(SIGNATURES).index(row.signature) + (0.2 if row.group == HYBRID else -0.2)
                axes.plot(row.base, y, "|", color=color, markersize=9, markeredgewidth=1.6)
                if row.raised:
                    axes.plot([row.base, row.precision], [y, y], color=color, linewidth=1)
                    axes.plot(row.precision, y, "o", color=color, markersize=5, clip_on=False)
                    axes.annotate(
                        f" {row.raised} of {row.n}",
                        (1.02, y),
                        va="center",
                        fontsize=7,
                        color=color,
                        annotation_clip=False,
                    )
            axes.set_yticks(range(len(SIGNATURES)), [signature.title for signature in SIGNATURES.values()], fontsize=8)
            axes.set_ylim(len(SIGNATURES) - 0.5, -0.5)
            axes.set_xlim(-0.01, 1)
            axes.set_title("All" if name == ALL else datasets.get(name).title)
        grid[-1, 0].xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        grid[-1, 0].set_xlabel("share of cells that are worse than the unbalanced set")
        handles = [
            Line2D([], [], color="black", label=GROUPS[NEW_ROWS]),
            Line2D([], [], color=COLORS[HYBRID], label=GROUPS[HYBRID]),
        ]
        handles += [
            Line2D([], [], color="#404040", marker=marker, linestyle="none", label=text)
            for marker, text in (("o", "where raised"), ("|", "in all cells"))
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure
