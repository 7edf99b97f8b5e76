"""The page on tables that are rare by nature shows them as soon as there are rows, and leaves their section out before."""

import pandas as pd
import pytest
from pages import guards_under

from upsampling import paths
from upsampling.study.plan import NATURAL
from upsampling.study.store import Store

HEADING = "On tables that are rare by nature synthetic rows made every classifier worse"


@pytest.fixture
def loaded(monkeypatch):
    monkeypatch.setenv(paths.RESULTS_VARIABLE, str(paths.ROOT / "results"))
    store = Store()
    return {name: store.load(name) for name in ("metrics", "runs")}


def test_without_natural_tables_nothing_is_said_of_them(loaded, monkeypatch):
    loaded = {name: table[~table["dataset"].isin(NATURAL)] for name, table in loaded.items()}
    reached = guards_under("rare.py", monkeypatch, {}, loaded)
    assert reached
    assert HEADING not in [sentence for sentence, _, _ in reached]


@pytest.mark.parametrize(("swap", "holds"), [({}, True), ({"none": "tabularargn", "tabularargn": "none"}, False)])
def test_natural_tables_are_judged_by_their_own_rows(loaded, monkeypatch, swap, holds):
    """Rows of Credit Card at 5 %, where the hybrid loses, stand in for three tables as found."""
    for name, table in loaded.items():
        table = table[~table["dataset"].isin(NATURAL)]
        found = table[(table["dataset"] == "credit_card") & (table["size"] == "f0.05")]
        found = found.assign(size="found", minority_fraction=float("nan"))
        copies = [found.assign(dataset=dataset) for dataset in ("adult", "credit_card", "insurance")]
        loaded[name] = pd.concat([table, *copies], ignore_index=True)
    reached = guards_under("rare.py", monkeypatch, swap, loaded)
    assert [held for sentence, held, _ in reached if sentence == HEADING] == [holds]
