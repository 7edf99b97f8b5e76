"""One look for all figures, still or interactive: a colour and a dash per arm, a marker per classifier.

A look belongs to a name. The paper's arms have the colours that colour-blind readers tell apart best [1]_; the arms of the
overviews have looks of their own, drawn thinner; any other name, of an arm or a classifier that is yet to be written, gives
a look by its letters. So nothing changes its colour because something else came or went.

References
----------
.. [1] Okabe and Ito, "Color Universal Design," 2008.
"""

from collections.abc import Callable
from colorsys import hls_to_rgb
from hashlib import sha256

from upsampling.study.arms import PAPER_ARMS
from upsampling.study.classifiers import ALL
from upsampling.study.names import GENERATOR, TUNED

_DASHES = ((), (5, 2), (1, 1.5), (6, 1.5, 1, 1.5), (10, 3), (3, 1, 1, 1, 1, 1), (8, 1.5, 1, 1.5, 1, 1.5))
SPARE_MARKERS = ("X", "p")


class _Looks(dict):
    """Looks by name; one that is not declared is derived from the name and nothing else."""

    def __init__(self, declared: dict, derive: Callable):
        super().__init__(declared)
        self._derive = derive

    def __missing__(self, name: str):
        return self._derive(name)


def _chosen(name: str, n: int, what: str) -> int:
    """Return a number below `n` that depends on the letters of a name."""
    return int.from_bytes(sha256(f"{what} {name}".encode()).digest()[:8]) % n


def _color(name: str) -> str:
    """Return a colour that can be read on white."""
    hue, saturation = _chosen(name, 360, "hue") / 360, 0.35 + _chosen(name, 40, "saturation") / 100
    for lightness in (0.45, 0.4, 0.35, 0.3, 0.25, 0.2):
        color = "#" + "".join(f"{round(255 * channel):02X}" for channel in hls_to_rgb(hue, lightness, saturation))
        # a contrast of 4.5
        if luminance(color) < 0.18:
            break
    return color


def luminance(color: str) -> float:
    """Return how bright a colour is, between 0 and 1."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Lengths of strokes and gaps in line widths; an empty one is a solid line. Two names with a bar between: an arm with one classifier.
_DECLARED = {
    "none": ("#595959", (1, 1)),
    "naive": ("#E69F00", (4, 2)),
    "smotenc": ("#0072B2", (6, 1, 1, 1)),
    "tabularargn": ("#D55E00", ()),
    "oracle": ("#000000", ()),
    "none|logistic_regression": ("#AA4499", (5, 2)),
    "tuned_none": ("#117733", (10, 3)),
    "tabularargn_posterior": ("#CC6677", (3, 1, 1, 1)),
    "tabularargn_synthetic": ("#44AA99", (5, 2)),
    "tabularargn_minority_only": ("#4D5D1E", (1, 1.5)),
    "tabularargn_weight0.1": ("#A65628", (5, 2)),
    "tabularargn_ranks": ("#7B68C4", ()),
    "ranks4": ("#882255", ()),
    "ranks4_control": ("#6B5B73", (5, 2)),
    "class_weight": ("#332288", (5, 2)),
    "undersample": ("#7F7F1F", (6, 1.5, 1, 1.5)),
    "balanced_forest": ("#5B7F2A", (10, 3)),
    "marginals": ("#1B9E77", (3, 1, 1, 1, 1, 1)),
    "copula": ("#1F7A8C", (8, 1.5, 1, 1.5, 1, 1.5)),
}
# The same rows drawn in another order, or from another fit, look the same: no figure mixes two.
ALIKE = {
    "tabularargn_categories_first": "tabularargn",
    "tabularargn_synthetic_categories_first": "tabularargn_synthetic",
    "tabularargn_weight0.1_categories_first": "tabularargn_weight0.1",
    "tabularargn_posterior_engine": "tabularargn_posterior",
}
_DECLARED |= {name: _DECLARED[like] for name, like in ALIKE.items()}
COLORS = _Looks({name: color for name, (color, _) in _DECLARED.items()}, _color)
DASHES = _Looks(
    {name: dash for name, (_, dash) in _DECLARED.items()}, lambda name: _DASHES[_chosen(name, len(_DASHES), "dash")]
)
MARKERS = _Looks(
    {name: classifier.marker for name, classifier in ALL.items() if classifier.marker} | {TUNED: "*", GENERATOR: "D"},
    lambda name: SPARE_MARKERS[_chosen(name, len(SPARE_MARKERS), "marker")],
)


def line(arm: str) -> dict:
    """Return colour, dash and width of an arm's lines for matplotlib: the paper's arms stand out."""
    dash = DASHES[arm]
    return {
        "color": COLORS[arm],
        "linestyle": (0, dash) if dash else "-",
        "linewidth": 1.7 if arm in PAPER_ARMS else 1.1,
    }
