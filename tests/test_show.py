"""Shown tables are lists of columns, and sides are counted by intervals."""

import pandas as pd

from upsampling import words
from upsampling.book.show import show, sides

TABLE = pd.DataFrame(
    {
        "dataset": ["adult", "insurance"],
        "arm": ["naive", "none"],
        "n_minority": [30, 1344],
        "mean": [0.02, float("nan")],
        "low": [0.01, float("nan")],
        "high": [0.03, float("nan")],
    }
)


def test_a_table_is_shown_by_its_columns():
    shown = show(TABLE, "dataset", "arm", "n_minority", ("Gain", words.points, "mean", "low", "high"))
    assert shown.to_dict("list") == {
        "Table": ["Adult", "Insurance"],
        "Method": ["Naive", "Unbalanced"],
        "Positives": ["30", "1,344"],
        "Gain": ["+2.0 [+1.0, +3.0]", "-"],
    }


def test_sides_count_intervals_and_not_means():
    table = pd.DataFrame({"mean": [1, 1, -1, -1, 1], "low": [0.5, -1, -2, None, 0.1], "high": [2, 2, -0.5, None, 3]})
    assert sides(table) == (2, 1, 1)
    assert str(sides(table)) == "better in 2 of 4, worse in 1, no clear difference in 1"


def test_points_are_written_with_their_unit():
    assert words.pp(-0.023) == "2.3 points"
    assert words.pp(0.01) == "1.0 point"
    assert words.with_range(0.023, 0.005, 0.041) == "+2.3 points [+0.5 to +4.1]"
