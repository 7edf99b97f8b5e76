"""Where the parts of a wide figure are, for screens that show them below each other."""

import pandas as pd

from upsampling.book import drawing, figures


def test_a_label_that_all_panels_share_widens_none_and_is_a_part_of_its_own():
    table = pd.DataFrame(
        [(panel, row, 0.1, 0.0, 0.2) for panel in "abc" for row in ("first", "second")],
        columns=["panel", "row", "mean", "low", "high"],
    )
    label = "what is shown, in so many words that it is wider than a panel of the figure (points)"
    found = drawing.parts(figures.forest(table, "row", "panel", xlabel=label))
    width, height = found["size"]
    columns = [boxes[-1] for boxes in found["rows"]]
    assert all(box[2] < width / 2 for box in columns)
    (shared,) = found["legend"]
    left, top, wide, high = shared
    assert wide > width / 3
    assert 0 <= left
    assert left + wide <= width
    assert top >= max(box[1] + box[3] for box in columns) - 4
    assert top + high <= height + 4


def test_no_label_lies_on_an_entry_of_the_legend():
    table = pd.DataFrame(
        [("lightgbm", n, n / 1000, mean, mean - 0.1, mean + 0.1) for n, mean in ((10, 0.2), (100, -0.05))],
        columns=["classifier", "n_minority", "share", "mean", "low", "high"],
    )
    figure = figures.gain_map(table, {"lightgbm": "LightGBM", "other": "Other"})
    found = drawing.parts(figure)
    below = max(box[1] + box[3] for boxes in found["rows"] for box in boxes[-1:])
    assert len(found["legend"]) == 3
    assert all(top >= below - 4 for _, top, _, _ in found["legend"])
    assert figure.axes[1].get_xlabel()
