"""Weight and requests are those of the files that a browser asks for."""

import pytest

from tools.bench import weight
from upsampling.book import benchmarks

pytestmark = pytest.mark.site


def test_totals_count_each_file_once_and_apart_from_what_is_shared(tmp_path, browser):
    for folder in ("book", "_static", "_images"):
        (tmp_path / folder).mkdir()
    page = '<title>x</title><link rel="icon" href="data:,"><script src="../_static/a.js"></script><p>text</p>'
    (tmp_path / "book/one.html").write_text(page + '<img src="../_images/a.svg"><img src="../_images/a.svg">')
    (tmp_path / "_static/a.js").write_text("//" + "x" * 998)
    (tmp_path / "_images/a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>')
    (tmp_path / "unused").write_bytes(b"x" * 10_000)
    table = weight.site_totals(tmp_path, browser)
    assert list(table) == benchmarks.COLUMNS
    values = table.set_index("name")["value"]
    own = sum((tmp_path / name).stat().st_size for name in ("book/one.html", "_images/a.svg"))
    assert values["site/weight"] == pytest.approx((own + 1000 + 10_000) / 1e6)
    assert values["site/heaviest page"] == pytest.approx(own / 1e6)
    assert values["site/most requests"] == 3
    assert 0 < values["site/slowest first paint"] < 60
