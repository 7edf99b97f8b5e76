"""The rules of the failure signatures and their contingency tables, from cells whose outcome is known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import signatures, signatures_figures


def observed(entropy=2.0, tie=0.1, distance=0.1, score=0.5, raw=0.5, classifier="lightgbm", unbalanced=0.45):
    key = {"dataset": "adult", "size": "f0.001", "seed": 0}
    metrics = [
        key | {"arm": "none", "classifier": "xgboost", "average_precision": raw, "largest_tie_share": 0.9},
        key | {"arm": "tabularargn", "classifier": classifier, "average_precision": score, "largest_tie_share": tie},
    ]
    if classifier != "xgboost":
        metrics.append(metrics[0] | {"classifier": classifier, "average_precision": unbalanced})
    rows = [
        ("", "exact_copy_share", 0.0),
        ("color", "entropy", entropy),
        ("color", "entropy_holdout", 2.0),
        ("color", "marginal_distance", 0.0),
        ("age", "marginal_distance", distance),
    ]
    diagnostics = [
        key | {"arm": arm, "feature": feature, "measure": measure, "value": value}
        for arm in ("tabularargn", "naive")
        for feature, measure, value in rows
    ]
    (row,) = signatures.observe(pd.DataFrame(metrics), pd.DataFrame(diagnostics)).to_dict("records")
    return row


@pytest.mark.parametrize(
    ("changes", "raised"),
    [
        ({}, set()),
        ({"entropy": 1.59}, {"collapsed"}),
        ({"entropy": 1.6}, set()),
        ({"tie": 0.51}, {"clumped"}),
        ({"tie": 0.5}, set()),
        ({"distance": 0.26}, {"diverging"}),
        ({"distance": 0.25}, set()),
        ({"raw": 0.56}, {"leading"}),
        ({"raw": 0.54}, set()),
    ],
    ids=str,
)
def test_each_sign_is_raised_beyond_its_threshold(changes, raised):
    row = observed(**changes)
    assert {name for name in signatures.SIGNATURES if row[name]} == raised
    assert not row["bad"]


def test_the_lead_of_xgboost_is_not_judged_under_xgboost():
    row = observed(classifier="xgboost", raw=0.9)
    assert pd.isna(row["leading"])
    assert row["bad"]


@pytest.fixture
def cells():
    """Of ten cells a seed, six of the hybrid: collapsed entropy is always right, diverging marginals are half the time."""
    rows = []
    for seed in range(3):
        for number in range(10):
            bad = number < 4
            rows.append(
                {"dataset": "adult", "size": "f0.001", "seed": seed, "classifier": "lightgbm", "bad": bad}
                | {"arm": "tabularargn" if number < 6 else "smotenc", "collapsed": number < 2, "clumped": False}
                | {"diverging": number in (0, 9), "leading": pd.NA}
            )
    return pd.DataFrame(rows).astype(dict.fromkeys(signatures.SIGNATURES, "boolean"))


def test_the_contingency_counts_and_compares_with_all_cells(cells):
    table = signatures.contingency(cells).set_index(["group", "signature"])
    row = table.loc[(signatures.NEW_ROWS, "collapsed")]
    assert row[["n", "raised", "bad", "both", "n_seeds"]].tolist() == [30, 6, 12, 6, 3]
    assert row[["precision", "recall", "base"]].tolist() == pytest.approx([1.0, 0.5, 0.4])
    assert row[["lift", "low", "high"]].tolist() == pytest.approx([0.6, 0.6, 0.6])
    assert row["raising"] == "tabularargn"
    assert table.loc[(signatures.NEW_ROWS, "diverging"), "lift"] == pytest.approx(0.1)
    never = table.loc[(signatures.NEW_ROWS, "clumped")]
    assert np.isnan(never[["precision", "lift"]].astype(float)).all()
    assert never["recall"] == 0
    assert "leading" not in table.index.get_level_values("signature"), "never judged"
    assert table.loc[(signatures.HYBRID, "collapsed"), "n"] == 18


def test_the_finding_names_the_signs_that_say_something(cells):
    text = signatures.finding(signatures.contingency(cells))
    assert text.startswith(
        "**Signs that go with bad performance on Adult, with an interval above zero: Collapsed entropy and"
    )
    assert (
        "- Collapsed entropy: raised in 6 of 30 cells (TabularARGN hybrid), 100% of them bad against 40% of all" in text
    )
    assert "- Clumped scores: raised in 0 of 30 cells." in text
    both = pd.concat([cells, cells.assign(dataset="insurance", bad=False)])
    table = signatures.contingency(both)
    assert "over all data sets" in signatures.finding(table)
    assert len(signatures_figures.draw(table).axes) == 3
    shown = signatures.shown(table)
    assert shown.iloc[0][["Raised, bad", "Raised, not bad", "Not raised, bad", "Neither"]].tolist() == [6, 0, 6, 18]


def test_where_no_cell_is_bad_nothing_is_said_of_the_bad_ones(cells):
    text = signatures.finding(signatures.contingency(cells.assign(bad=False)))
    assert "0% of them bad against 0% of all (difference 0.00 [0.00, 0.00]).\n" in text
    assert "nan" not in text


def test_without_cells_that_is_said(cells):
    assert "computed yet" in signatures.finding(signatures.contingency(cells[:0]))
