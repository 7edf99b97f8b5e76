"""What the book says about measurements of speed."""

import numpy as np
import pytest

from tools.bench.record import stamped
from upsampling.book import benchmarks, figures


def test_goals_are_judged_in_their_direction():
    table = stamped(
        [
            ("fit/adult/whole, SDK over packed", 6.0, "times", 5.0),
            ("grid/runner", 100.0, "cells/h", None),
            ("grid/time inside cells", 94.0, "%", None),
            ("book/rebuild", 20.0, "s", 10.0),
            ("site/weight", 12.0, "MB", 12.0),
        ]
    )
    assert benchmarks.shown(table)["Reached"].tolist() == ["✓ yes", "-", "✗ no", "✗ no", "✓ yes"]
    assert benchmarks.goals_text(table) == (
        "Of 4 goals measured, 2 were reached; not reached: grid/time inside cells and book/rebuild."
    )


def test_a_fit_is_a_row_of_its_table():
    parts = [(f"fit/adult/{part}", float(n), "s", None) for n, part in enumerate(benchmarks.FIT_PARTS.values())]
    table = stamped([*parts, ("fit/adult/whole, SDK", 90.0, "s", None), ("grid/runner", 1.0, "", None)])
    (row,) = benchmarks.fits(table).to_dict("records")
    assert row == {"dataset": "adult"} | {name: float(n) for n, name in enumerate(benchmarks.FIT_PARTS)}
    assert benchmarks.fits(table.tail(2)).empty


@pytest.mark.parametrize("size", ["rows", "columns"])
def test_costs_against_size_are_measured_or_extrapolated(size):
    table = stamped(
        [
            *(
                (f"{size}/naive/{n}/{what}", value, "", None)
                for n in (10, 20)
                for what, value in (("seconds", n), ("peak", 5))
            ),
            (f"{size}/naive/exponent", 1.0, "", 1.0),
            (f"{size}/tabularargn fit/10/seconds", 7.0, "s", None),
            (f"{size}/tabularargn fit/20/extrapolated", 14.0, "s", None),
            ("site/files", 3, "files", None),
        ]
    )
    found = benchmarks.by_size(table, size).set_index(["what", size])
    assert list(found.index) == [(what, n) for what in ("naive", "tabularargn fit") for n in (10, 20)]
    assert found["seconds"].tolist()[:3] == [10, 20, 7]
    assert np.isnan(found.loc[("tabularargn fit", 20), "seconds"])
    assert found.loc[("tabularargn fit", 20), "extrapolated"] == 14
    assert found["exponent"].dropna().tolist() == [1, 1]
    drawn = figures.cost_by_size(found.reset_index(), size).axes[0].lines
    assert [list(line.get_ydata()) for line in drawn if line.get_markerfacecolor() == "white"] == [[7, 14]]
    caption = benchmarks.size_caption(found.reset_index(), size)
    assert f"in proportion to the {size}: Naive 1.00" in caption
    assert "not measured: TabularARGN hybrid fit" in caption


def test_without_measurements_the_page_says_how_to_get_them(tmp_path):
    nothing = benchmarks.load(tmp_path)
    assert list(nothing) == benchmarks.COLUMNS
    assert "`make bench`" in benchmarks.measured_text(nothing)
    assert benchmarks.by_size(nothing, "rows").empty
