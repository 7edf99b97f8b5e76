"""One look for all figures, still or interactive: a colour and a dash per arm, a marker per classifier.

The paper's arms have the colours that colour-blind readers tell apart best [1]_, the other arms those of a second palette
[2]_, drawn thinner. An arm that is new to the registry gets the next free colour of it, so no figure depends on this list.

References
----------
.. [1] Okabe and Ito, "Color Universal Design," 2008.
.. [2] Tol, "Colour Schemes," 2021, the scheme "muted".
"""

from itertools import cycle

from upsampling.study.arms import ARMS, PAPER_ARMS

# The colours of [2], without the two that are lost on white.
_MUTED = ("#CC6677", "#332288", "#117733", "#882255", "#44AA99", "#AA4499", "#999933")
_DASHES = ((), (5, 2), (1, 1.5), (6, 1.5, 1, 1.5), (10, 3), (3, 1, 1, 1, 1, 1), (8, 1.5, 1, 1.5, 1, 1.5))
MARKERS = {
    "random_forest": "s",
    "xgboost": "^",
    "lightgbm": "o",
    "logistic_regression": "v",
    "balanced_forest": "P",
    "lightgbm_tuned": "*",
    "tabularargn": "D",
}


class _Looks(dict):
    """Looks by arm; one that is unknown gets a look of its own when it is first asked for."""

    def __init__(self, known: dict, spare: tuple):
        super().__init__(known)
        self._spare = cycle(spare)
        for arm in ARMS:
            self[arm]

    def __missing__(self, arm: str):
        self[arm] = next(self._spare)
        return self[arm]


COLORS = _Looks(
    {"none": "#595959", "naive": "#E69F00", "smotenc": "#0072B2", "tabularargn": "#D55E00", "oracle": "#000000"}, _MUTED
)
# Lengths of strokes and gaps in line widths; an empty one is a solid line.
DASHES = _Looks(
    {"none": (1, 1), "naive": (4, 2), "smotenc": (6, 1, 1, 1), "tabularargn": (), "oracle": ()},
    tuple(dash for dash in _DASHES for _ in _MUTED),
)


def line(arm: str) -> dict:
    """Return colour, dash and width of an arm's lines for matplotlib: the paper's arms stand out."""
    dash = DASHES[arm]
    return {
        "color": COLORS[arm],
        "linestyle": (0, dash) if dash else "-",
        "linewidth": 1.7 if arm in PAPER_ARMS else 1.1,
    }


def text_on(color: str) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if luminance > 0.179 else "#FFFFFF"
