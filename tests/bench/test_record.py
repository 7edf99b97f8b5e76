"""Which rows of benchmarks a file keeps, and the slope of a cost."""

import numpy as np
import pytest

from tools.bench.record import exponent, record, stamped
from upsampling.book import benchmarks
from upsampling.errors import StatsError, StoreError


@pytest.mark.parametrize("power", [0, 0.5, 1, 2.3])
def test_exponent_of_a_power_law_is_its_power(power):
    sizes = np.array([10, 300, 1000, 70_000])
    assert exponent(sizes, 3.7 * sizes**power) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(
    ("sizes", "costs"),
    [([10], [1]), ([10, 10], [1, 2]), ([10, 20], [1, 0]), ([0, 20], [1, 2]), ([10, 20], [1]), ([10, 20], [1, np.nan])],
    ids=["one size", "twice the same", "no cost", "no rows", "a cost missing", "no number"],
)
def test_exponent_refuses_what_has_no_slope(sizes, costs):
    with pytest.raises(StatsError, match="an exponent needs two sizes"):
        exponent(sizes, costs)


def test_rows_of_parts_that_were_not_measured_are_kept(tmp_path):
    rows = {
        "site": [("site/weight", 3.0, "MB", 15.0), ("site/files", 9, "files", None)],
        "rows": [("rows/naive/10/seconds", 1.0, "s", None), ("rows/naive/20/seconds", 2.0, "s", None)],
        "book": [("book/rebuild", 30.0, "s", None)],
    }
    for part, measured in rows.items():
        record(stamped(measured), part, tmp_path)
    before = benchmarks.load(tmp_path)
    assert list(before) == benchmarks.COLUMNS
    # in the order of the parts, whatever was measured first
    assert before["name"].tolist() == [row[0] for part in ("rows", "book", "site") for row in rows[part]]
    assert before.set_index("name")["ratio"]["site/weight"] == pytest.approx(0.2)
    record(stamped([("site/weight", 4.0, "MB", 15.0)]), "site", tmp_path)
    after = benchmarks.load(tmp_path).set_index("name")["value"]
    assert after.to_dict() == {
        "rows/naive/10/seconds": 1.0,
        "rows/naive/20/seconds": 2.0,
        "book/rebuild": 30.0,
        "site/weight": 4.0,
    }
    assert [path.name for path in tmp_path.glob("*.csv")] == ["benchmarks.csv"]


HEADER = ",".join(benchmarks.COLUMNS)
ROW = "book/rebuild,30,s,,,a processor,2,abc,2026-01-01"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<html>", "cannot be read"),
        ("", "cannot be read"),
        (f"{HEADER.replace(',value', '')}\n", r"lacks the columns \['value'\]"),
        (f"{HEADER}\n{ROW}\n{ROW}\n", "holds 'book/rebuild' twice"),
        (f"{HEADER}\n{ROW.replace(',30,', ',thirty,')}\n", "holds 'thirty' in the column 'value'"),
    ],
    ids=["a page", "empty", "a column lacks", "twice", "text"],
)
def test_a_damaged_file_is_refused_and_stays(tmp_path, content, message):
    path = tmp_path / "benchmarks.csv"
    path.write_text(content)
    with pytest.raises(StoreError, match=message):
        benchmarks.load(tmp_path)
    with pytest.raises(StoreError, match=message):
        record(stamped([("site/files", 1, "files", None)]), "site", tmp_path)
    assert path.read_text() == content
