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
