"""Thresholds, probabilities, columns that matter and columns that leak."""

import numpy as np
import pandas as pd
import pytest
from invented import measured, people

from upsampling.own import decisions
from upsampling.own.methods import CHEAP
from upsampling.own.trial import N_FOLDS, Trial, fold
from upsampling.own.usertable import Settings, read


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "people.csv"
    frame = people(400, 60)
    churned = frame["churn"] == "yes"
    frame["refund"] = np.where(churned, 100, 1) + np.arange(400) % 7
    frame["closed_by"] = np.where(churned, np.resize(["Ann", "Bob"], 400), None)
    frame.to_csv(path, index=False)
    return read(path, Settings("churn"))


@pytest.fixture(scope="module")
def trial(table):
    found = Trial(table.X.drop(columns=["refund", "closed_by"]), table.y, table.weight)
    for number in range(N_FOLDS):
        found.add(fold(found.X, found.y, found.splits[number], CHEAP, number))
    return found


def test_alarms_and_hits_are_those_of_a_thousand_rows(table, trial):
    found = decisions.decide(table, trial, None).thresholds
    assert found["miss"].tolist() == list(decisions.RATIOS)
    assert (found["alarms"] >= found["hits"]).all()
    assert (found["hits"] + found["missed"]).tolist() == pytest.approx([150] * 3)
    assert found["alarms"].is_monotonic_increasing
    assert found["cost_without"].tolist() == pytest.approx([150 * ratio for ratio in decisions.RATIOS])
    assert found["cost_everywhere"].tolist() == pytest.approx([850] * 3)


def test_stated_costs_give_one_threshold(table, trial):
    (row,) = decisions.decide(table, trial, (50, 2)).thresholds.itertuples()
    assert row.cost == pytest.approx(50 * row.missed + 2 * (row.alarms - row.hits))
    assert 0 < row.threshold < 0.3


def test_no_row_calibrates_or_chooses_a_threshold_for_itself():
    """A row's probability stays the same whatever its own label is."""
    found = measured({"raw_logistic": 0.5})
    probabilities = decisions.out_of_fold(found, "raw_logistic")
    judged = found.splits[0][1]
    changed = measured({"raw_logistic": 0.5})
    changed.y = changed.y.copy()
    changed.y[judged] = 1 - changed.y[judged]
    changed.splits = found.splits
    np.testing.assert_allclose(decisions.out_of_fold(changed, "raw_logistic")[0, judged], probabilities[0, judged])


def test_probabilities_hold_for_rows_that_stand_for_many():
    found = measured({"raw_logistic": 0.5})
    found.weight = np.where(found.y == 1, 1.0, 10.0)
    probabilities = decisions.out_of_fold(found, "raw_logistic")
    assert np.average(probabilities[0], weights=found.weight) == pytest.approx(20 / 820, rel=0.1)


def test_a_part_of_a_repeat_is_no_repeat():
    found = measured({"raw_logistic": 0.5})
    found.scores["raw_logistic"][3, :10] = np.nan
    assert len(decisions.out_of_fold(found, "raw_logistic")) == 9


def test_columns_that_look_like_leaks_are_named(table, trial):
    leaks = decisions.leaks(table, decisions.suspects(table, trial))
    assert any(text.startswith("refund alone has an average precision of 100 %") for text in leaks)
    assert any(
        text.startswith("closed_by is missing in 0 % of the rows with yes and in 100 % of the others") for text in leaks
    )
    assert "since is a date: leave it out with --drop if it is that of the outcome, or later." in leaks
    assert "customer_id numbers the rows, so it was left out." in leaks
    assert not any(text.startswith(("age", "income", "job")) for text in leaks)


@pytest.mark.parametrize(
    ("suspected", "sentence"),
    [
        ([], ""),
        (
            [("closing fee", "alone has an average precision of 98 %")],
            "closing fee alone has an average precision of 98 %. If it is not known before the outcome, nothing here holds: run again "
            "with --drop 'closing fee'.",
        ),
        (
            [("a", "alone has it"), ("b", "alone has it"), ("b", "is missing")],
            "a alone has it, b alone has it and b is missing. If any of them is not known before the outcome, nothing here holds: run "
            "again with --drop a or --drop b.",
        ),
    ],
    ids=["none", "one", "two"],
)
def test_columns_that_give_the_target_away_are_said_first_with_the_remedy(suspected, sentence):
    assert decisions.look_first(suspected) == sentence


def test_a_category_of_few_rows_each_is_no_leak(table, trial):
    many = pd.Series(np.random.RandomState(0).randint(0, 100, 400).astype(str))
    assert decisions._alone(many.to_frame(), table.y, table.weight) < 0.35


def test_columns_that_matter_come_first(table, trial):
    found = decisions.decide(table, trial, None)
    assert set(found.importance["column"].head(2)) == {"age", "job"}
    assert found.importance["loss"].is_monotonic_decreasing


def test_bins_of_probability_cover_all_rows(table, trial):
    bins = decisions.decide(table, trial, None).reliability
    assert bins["rows"].sum() == pytest.approx(400)
    assert (bins["predicted"] * bins["rows"]).sum() == pytest.approx(60, rel=0.15)
