"""What figures share: panels in the book's style, legends of arms and classifiers, an axis of arms."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from upsampling.study import classifiers
from upsampling.study.arms import ARMS

# Width of one of three panels in inches: a figure is as wide as the column of text, so its letters are of their true size.
PANEL = 2.45

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


def trained_in_order(names: Iterable[str]) -> list[str]:
    """Return each classifier once, in the order of their titles; those without a title come last."""
    names = set(names)
    return [name for name in classifiers.TITLES if name in names] + sorted(names - set(classifiers.TITLES))


def in_points(axis: Axis) -> None:
    """Label an axis of differences between shares in points."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+g}" if value else "0"))


def parts(figure: Figure) -> dict | None:
    """Return where the columns, the label that they share and the entries of the legend of a wide figure are, for narrow screens.

    Returns
    -------
    dict or None
        None for a figure of one column. Else `size`, width and height in points; `rows`, for each column the boxes that show
        it, the axis of the first one among them where that is shared; and `legend`, a box for the label of all and per entry. A box
        is left, top, width and height.
    """
    specs = [axes.get_subplotspec() for axes in figure.axes]
    if None in specs or len({spec.colspan.start for spec in specs}) < 2:
        return None
    # so that a pixel is a point
    figure.set_dpi(72)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    height = figure.bbox.height

    def box(left: float, right: float, bottom: float, top: float) -> list[float]:
        return [round(value, 1) for value in (left, height - top, right - left, top - bottom)]

    bounds = {axes: axes.get_tightbbox(renderer) for axes in figure.axes if axes.axison}
    # letters of a browser may be wider
    spare = 3
    columns: dict[int, list[Axes]] = {}
    for axes in bounds:
        columns.setdefault(axes.get_subplotspec().colspan.start, []).append(axes)
    bottom, top = min(b.y0 for b in bounds.values()), max(b.y1 for b in bounds.values())
    rows, first = [], None
    for _, members in sorted(columns.items()):
        left, right = min(bounds[axes].x0 for axes in members), max(bounds[axes].x1 for axes in members)
        left, right = max(0, left - spare), min(figure.bbox.width, right + spare)
        axis = box(left, min(axes.bbox.x0 for axes in members) - 1, bottom, top)
        first = first or axis
        shared = not any(axes.yaxis.get_tick_params()["labelleft"] for axes in members)
        rows.append([*([first] if shared else []), box(left, right, bottom, top)])
    labels = [text.get_window_extent(renderer) for text in figure.texts]
    entries = [box(where.x0 - 4, where.x1 + 4, where.y0 - 4, where.y1 + 4) for where in labels]
    for legend in figure.legends:
        for text in legend.get_texts():
            handle = (legend.handlelength + legend.handletextpad + 0.3) * text.get_fontsize()
            where = text.get_window_extent(renderer)
            entries.append(box(where.x0 - handle, where.x1 + 4, where.y0 - 4, where.y1 + 4))
    return {"size": box(0, figure.bbox.width, 0, height)[2:], "rows": rows, "legend": entries}
