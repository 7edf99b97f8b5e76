"""What figures share: panels in the book's style, legends of arms and classifiers, an axis of arms."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from upsampling.book.palette import COLORS, MARKERS, line
from upsampling.study import classifiers
from upsampling.study.arms import ARMS, title

# Width of one of three panels in inches: a figure is as wide as the column of text, so its letters are of their true size.
PANEL = 2.45
# Letters that stand beside each other in a row of a legend, with the marks before them.
LEGEND_LETTERS = 115

STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    # on a phone the left end of a wide figure is what is seen first
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E5E5E5",
    "grid.linewidth": 0.6,
    "figure.constrained_layout.use": True,
    "legend.frameon": False,
    # letters stay letters: a third of the weight, and text that can be searched and read aloud
    "svg.fonttype": "none",
    # names of columns are text: a dollar sign is no formula
    "text.parse_math": False,
    "svg.hashsalt": "upsampling",
}


@contextmanager
def panels(
    n_rows: int, n_columns: int, width: float, height: float, *, gridlines: bool = True, **settings
) -> Iterator[tuple[Figure, np.ndarray]]:
    """Give a figure and its grid of axes, drawn in the book's style."""
    with mpl.rc_context(STYLE | {"axes.grid": gridlines}):
        figure = Figure(figsize=(width, height))
        yield figure, figure.subplots(n_rows, n_columns, squeeze=False, **settings)


def in_order(arms: Iterable[str]) -> list[str]:
    """Return each arm once, in the order of the registry."""
    arms = set(arms)
    return [arm for arm in ARMS if arm in arms] + sorted(arms - set(ARMS))


def fills(arms: Iterable[str]) -> dict[str, str]:
    """Return how the dots of each arm are filled: not at all where an arm before it has the same colour."""
    colors: set[str] = set()
    found = {}
    for arm in in_order(arms):
        found[arm] = "none" if COLORS[arm] in colors else "full"
        colors.add(COLORS[arm])
    return found


def legend(
    figure: Figure,
    arms: Iterable[str] = (),
    trained: Iterable[str] = (),
    *,
    lines: bool = False,
    filled: Mapping[str, str] | None = None,
    others: tuple = (),
) -> None:
    """Explain colours by arm (as lines or dots), markers by classifier, and `others`, handles of their own.

    Dots are full, or as `filled` says.
    """
    dot = {"marker": "o", "linestyle": "none"}
    handles = [
        Line2D([], [], **line(arm))
        if lines
        else Line2D([], [], color=COLORS[arm], fillstyle=(filled or {}).get(arm, "full"), **dot)
        for arm in in_order(arms)
    ]
    labels = [title(arm) for arm in in_order(arms)]
    trained = set(trained)
    for name in classifiers.TITLES:
        if name in trained:
            handles.append(Line2D([], [], color="#404040", marker=MARKERS[name], linestyle="none", markersize=5))
            labels.append(classifiers.TITLES[name])
    handles += others
    labels += [handle.get_label() for handle in others]
    fitting = LEGEND_LETTERS // (max(map(len, labels)) + 8)
    figure.legend(handles, labels, loc="outside lower center", ncols=max(1, min(len(handles), 4, fitting)))


def arm_axis(axes: Axes, arms: list[str]) -> None:
    """Label the vertical axis with arms, the first on top."""
    axes.set_yticks(range(len(arms)), [title(arm) for arm in arms], fontsize=8)
    axes.set_ylim(len(arms) - 0.5, -0.5)


def in_points(axis: Axis) -> None:
    """Label an axis of differences between shares in points."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+g}" if value else "0"))


def blank(axes: Axes) -> None:
    """Say in a panel that there is nothing to draw."""
    axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", va="center", color="#595959", fontsize=8)
    axes.tick_params(labelbottom=False)
