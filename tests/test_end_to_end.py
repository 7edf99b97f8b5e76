"""One run from the table to a rendered page, with the real generator."""

import pandas as pd
import pytest
from brief import brief_fit
from bs4 import BeautifulSoup

from upsampling import paths
from upsampling.book import build as book
from upsampling.book.tables import with_interval
from upsampling.study import runner
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.classifiers import CLASSIFIERS
from upsampling.study.protocol import Cell
from upsampling.study.store import Store

# the paper's arms, and one of every other kind: no rows made, no classifier trained, scores combined
ARMS = [*PAPER_ARMS, "class_weight", "tabularargn_posterior", "tabularargn_ranks"]
PARAMETERS = {
    "dataset": "demo",
    "fractions": [0.02],
    "seeds": [3],
    "arms": ARMS,
    "curve_fraction": 0.02,
    "curve_seed": 3,
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_page_for_settings_that_nobody_has_run_before(tmp_path, monkeypatch, demo):
    cell = Cell("demo", 0.02, None, 3, "tabularargn")
    runner._keep_fit(cell, demo, brief_fit(cell, demo))
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    index = book.run("demo", PARAMETERS)
    page = BeautifulSoup((index.parent / "index.html").read_text(), "html.parser")
    metrics = Store().load("metrics")
    assert set(metrics["arm"]) == set(ARMS)
    assert len(metrics) == len(CLASSIFIERS) * (len(ARMS) - 1) + 1

    table = page.find(id="tab-index-results")
    shown = [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in table.tbody.find_all("tr")]
    precision = sorted(row[4] for row in shown)
    assert precision == sorted(
        with_interval(value, float("nan"), float("nan")) for value in metrics["average_precision"]
    )

    (download,) = table.find_all("a", class_="download")
    data = pd.read_csv(index.parent / download["href"])
    data = data[data["metric"] == "average_precision"].merge(metrics, on=["arm", "classifier"])
    assert data["mean"].tolist() == pytest.approx(data["average_precision"].tolist(), rel=1e-5)

    figures = page.find_all("figure")
    assert len(figures) == 6
    for figure in figures:
        assert figure.img["alt"]
        assert (index.parent / figure.img["src"]).stat().st_size > 5_000
    assert "Traceback" not in page.get_text()
