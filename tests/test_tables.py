"""Tables about the results as a whole: where they come from, and how they are made again."""

import pandas as pd
import pytest
from helpers import made_result

from upsampling.book import lineage, tables
from upsampling.study import audit, claims
from upsampling.study.protocol import Grid
from upsampling.study.store import Store


@pytest.fixture
def runs():
    store = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1), ("naive", "none")):
        store.write(made_result(cell, commit="c" * 40, dirty=False, seconds=60.0))
    return store.load("runs")


def test_a_mix_of_origins_is_said(runs):
    assert "4 cells of this book come from 1 commit, 1 set of package versions, 1 kind of machine and 1 version" in (
        tables.mix_text(runs)
    )
    assert "none of them from code that differed" in tables.mix_text(runs)
    assert tables.mix_text(runs).endswith("So they are of one piece.")
    mixed = runs.copy()
    mixed.loc[0, ["commit", "dirty", "cpu_model"]] = ["d" * 40, True, "Abacus"]
    text = tables.mix_text(mixed)
    assert "2 commits" in text
    assert "2 kinds of machine" in text
    assert "; 1 of them from code that differed" in text
    assert text.endswith("they are a mix: of more than one commit and kind of machine.")


def test_a_package_more_makes_no_other_set_of_versions(runs):
    runs.loc[1, "versions"] += " pyvinecopulib==1.0.1"
    assert "1 set of package versions" in tables.mix_text(runs)
    runs.loc[2, "versions"] += " pyvinecopulib==1.0.2"
    assert "2 sets of package versions" in tables.mix_text(runs)


def test_a_fit_counts_once_per_generator(runs):
    arms = ["tabularargn", "tabularargn_synthetic", "copula", "none"]
    one = runs.assign(arm=arms, seed=0, size="f0.001", dataset="adult", seconds=3600.0)
    (row,) = tables.effort(one.assign(fit_seconds=[7200.0, 7200.0, 3600.0, float("nan")])).itertuples(index=False)
    assert (row[3], row[5]) == (2, "7.00")


def test_the_effort_by_arm_is_that_of_all_cells(runs):
    cells = runs.assign(dataset="adult", arm=["none", "none", "naive", "naive"], size="f0.001", seed=[0, 1, 0, 1])
    cells = cells.assign(cpu_seconds=[1.0, 2.0, 3.0, 4.0], fit_seconds=float("nan"), fit_cpu_seconds=float("nan"))
    table = tables.effort_by_arm(cells.assign(seconds=1.0, peak_mib=[5.0, 7.0, 6.0, 5.0])).set_index("arm")
    assert table.loc["none", ["sizes", "seeds", "cells", "cpu_seconds", "peak_mib"]].tolist() == [
        "f0.001",
        "0 1",
        2,
        3,
        7,
    ]
    assert table["cpu_seconds"].sum() == 10


def test_failed_cells_are_listed_with_their_reason(runs):
    assert tables.failures(runs.assign(status="done")).empty
    failed = runs.assign(dataset="adult", arm="smotenc", size=["f0.001", "f0.001", "n20", "f0.01"], seed=[2, 0, 1, 3])
    failed = failed.assign(status=["failed", "failed", "failed", "done"], reason=["few rows", "few rows", "fewer", ""])
    assert tables.failures(failed).to_numpy().tolist() == [
        ["Adult", "0.1 %", "SMOTE-NC", "0, 2", "few rows"],
        ["Adult", "20 minority rows", "SMOTE-NC", "1", "fewer"],
    ]
    silent = failed.assign(reason=["few rows", None, "fewer", ""])
    assert tables.failures(silent)["Reason"].tolist() == ["few rows", "none given", "fewer"], "none is left out"


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


def test_the_matrix_has_a_row_per_item_with_command_time_and_last_audit(runs):
    items = [
        ("adult", item("figure", "roc_auc", runs.query("arm == 'none'"), runs)),
        ("explore", item("explorer", "results", runs, runs)),
        ("data", item("table", "roles", None, runs)),
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
    assert table["network"].tolist() == ["once, for adult", "once, for adult", "no"]
    shown = tables.shown_matrix(table)
    assert shown["Item"].tolist() == [
        "{numref}`fig-adult-roc_auc`",
        "[Explorer](explore.ipynb)",
        "{numref}`tab-data-roles`",
    ]
    assert shown["Last audited"].tolist() == [
        "2026-01-02: 1 of 2 cells, no mismatch",
        "2026-01-02: 1 of 4 cells, no mismatch",
        "-",
    ]
    never = tables.shown_matrix(tables.matrix(items, runs, audit.load(Store().folder)))
    assert never["Last audited"].tolist() == ["never, 2 cells", "never, 4 cells", "-"]


def test_no_two_claims_read_alike():
    statements = [tables._statement(claim) for claim in claims.CLAIMS]
    assert len(set(statements)) == len(statements)
    assert "The fewer minority rows there are, the larger is the gain: AUC-ROC" in statements
    assert sum(text.endswith("one identical score: at 0.1 %") for text in statements) == 1


def test_identical_and_distinct_scores_stand_side_by_side():
    rows = [("none", "largest_tie_share", 0.886), ("none", "unique_score_share", 0.006)]
    table = pd.DataFrame(rows, columns=["arm", "metric", "mean"]).assign(classifier="lightgbm")
    assert tables.ties(table).to_dict("records") == [{"Arm": "Unbalanced", "LightGBM": "88.6 / 0.6"}]
