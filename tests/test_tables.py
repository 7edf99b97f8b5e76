"""Tables about the results as a whole: where they come from, and how they are made again."""

import pandas as pd
import pytest
from helpers import made_result

from upsampling.book import lineage, tables
from upsampling.study.protocol import Grid
from upsampling.study.store import Store


@pytest.fixture
def runs():
    store = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1), ("naive", "none")):
        store.write(made_result(cell, commit="c" * 40, dirty=False, seconds=60.0))
    return store.load("runs")


def test_a_fit_counts_once_per_generator(runs):
    arms = ["tabularargn", "tabularargn_synthetic", "copula", "none"]
    one = runs.assign(arm=arms, seed=0, size="f0.001", dataset="adult", cpu_seconds=3600.0)
    fits = [7200.0, 7200.0, 3600.0, float("nan")]
    (row,) = tables.effort(one.assign(fit_seconds=fits, fit_cpu_seconds=fits)).itertuples(index=False)
    assert (row[3], row[5]) == (2, "7.00")


def test_where_a_row_comes_from_and_what_it_took_are_two_tables(runs):
    runs.loc[1, "versions"] = "numpy==9.9 torch==8.8+cpu"
    origin = tables.origin(runs)
    other = origin[origin["torch"] == "8.8+cpu"].iloc[0]
    assert other[["arm", "seeds", "numpy", "cells"]].tolist() == [*runs.loc[1, ["arm", "seed"]].astype(str), "9.9", 1]
    assert pd.isna(other["scipy"])
    assert origin["cells"].sum() == len(runs)
    assert f"numpy=={origin.loc[0, 'numpy']}" in runs.loc[0, "versions"].split()
    assert set(origin["first"]) | set(origin["last"]) <= set(runs["computed_at"])
    took = tables.without_origin(runs)
    assert took["seconds"].tolist() == [60.0] * 4
    assert not set(took) & set(origin) - {"dataset", "arm"}


def item(kind, name, cells, runs):
    return {
        "kind": kind,
        "name": name,
        "lineage": None if cells is None else lineage.describe(cells, runs),
        "command": "make book",
    }


def test_identical_and_distinct_scores_stand_side_by_side():
    rows = [("none", "largest_tie_share", 0.886), ("none", "unique_score_share", 0.006)]
    table = pd.DataFrame(rows, columns=["arm", "metric", "mean"]).assign(classifier="lightgbm")
    assert tables.ties(table).to_dict("records") == [{"Arm": "Unbalanced", "LightGBM": "88.6 / 0.6"}]


def test_the_matrix_has_a_row_per_item_with_command_time_and_last_audit(runs):
    def item(kind, name, cells):
        found = None if cells is None else lineage.describe(cells, runs)
        return {"kind": kind, "name": name, "lineage": found, "command": "make book"}

    items = [
        ("adult", item("figure", "roc_auc", runs.query("arm == 'none'"))),
        ("explore", item("explorer", "results", runs)),
        ("data", item("table", "roles", None)),
    ]
    audits = pd.DataFrame(
        [
            {"dataset": "adult", "size": "f0.001", "seed": 0, "arm": "none", "audited_at": at, "verdict": verdict}
            for at, verdict in (("2026-01-02T00:00", "same"), ("2026-01-01T00:00", "mismatch"))
        ]
    )
    table = tables.matrix(items, runs, audits)
    assert table["commands"].tolist() == [
        "upsampling audit --dataset adult --arm none",
        "upsampling audit --dataset adult",
        "make book",
    ]
    assert table["minutes"].tolist() == [1, 2, 0]
    assert table[["audited", "mismatched"]].to_numpy().tolist() == [[1, 0], [1, 0], [0, 0]]
