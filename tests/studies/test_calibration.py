"""Reliability and the effect of correction, from scores whose answer is known."""

import numpy as np
import pandas as pd
import pytest
from helpers import made_result

from upsampling.book.studies import calibration
from upsampling.probability import correct_prior
from upsampling.study import metrics as judging
from upsampling.study.protocol import Cell
from upsampling.study.store import Store


def test_a_bin_holds_its_mean_probability_and_its_share():
    table = calibration.reliability([0, 1, 1, 0], [0.01, 0.03, 0.99, 0.97])
    assert table["probability"].tolist() == pytest.approx([0.02, 0.98])
    assert table["share"].tolist() == [0.5, 0.5]
    assert table["n_rows"].tolist() == [2, 2]


def test_the_gaps_of_the_bins_add_up_to_the_calibration_error():
    rng = np.random.default_rng(0)
    score = rng.uniform(size=500)
    y = (rng.uniform(size=500) < score**2).astype(int)
    table = calibration.reliability(y, score)
    gaps = (table["share"] - table["probability"]).abs() * table["n_rows"]
    assert gaps.sum() / 500 == pytest.approx(judging.ece(y, score))


def test_curves_are_corrected_from_the_share_that_the_arm_trained_on():
    store = Store()
    counts = {"n_minority": 30, "n_majority": 1000, "n_added": 970, "n_trained": 2000}
    store.write(made_result(Cell("adult", 0.001, None, 0, "naive"), **counts))
    table = calibration.curves(store, store.load("runs"), "adult", 0.001, 0)
    assert set(table["arm"]) == {"naive"}
    scores = store.scores(Cell("adult", 0.001, None, 0, "naive"))
    # half of the training rows and a fifth of the holdout are minority rows
    moved = correct_prior(scores["lightgbm"], trained=0.5, deployed=0.2)
    corrected = table[table["corrected"]]
    assert (corrected["probability"] * corrected["n_rows"]).sum() == pytest.approx(moved.sum())
    assert calibration.draw_curves(table).axes[0].get_title(loc="left") == "LightGBM"


def test_without_scores_there_are_no_curves():
    store = Store()
    assert calibration.curves(store, store.load("runs"), "adult", 0.001, 0).empty


@pytest.fixture
def metrics():
    rows = []
    for seed in range(3):
        for arm, before, after in (("none", 0.2, 0.15), ("naive", 0.2, 0.25), ("tabularargn", 0.18, 0.12)):
            key = {"dataset": "adult", "size": "f0.001", "minority_fraction": 0.001, "n_minority": 30, "seed": seed}
            values = dict.fromkeys(calibration.BOTH, 0.5) | {"brier": before, "brier_corrected": after}
            rows.append(key | {"arm": arm, "classifier": "lightgbm"} | values)
    ranks = rows[0] | {"arm": "tabularargn_ranks"} | dict.fromkeys(calibration.BOTH, np.nan)
    return pd.DataFrame([*rows, ranks])


def test_the_finding_names_the_difference_and_whom_correction_harms(metrics):
    text = calibration.finding(metrics, "adult", 0.001)
    assert "is -0.020 [-0.020, -0.020] as the scores come and -0.030 [-0.030, -0.030] after correction" in text
    assert "lowers the score in 2 of 3 combinations of arm and classifier" in text
    assert text.endswith("for Naive.")


def test_the_headline_names_where_the_hybrid_is_better_and_where_not(metrics):
    worse = metrics.assign(dataset="insurance")
    worse.loc[worse["arm"] == "tabularargn", "brier_corrected"] = 0.3
    few = metrics[metrics["seed"] < 2].assign(dataset="credit_card")
    assert calibration.headline(pd.concat([metrics, worse, few])).endswith(
        "better than those of the unbalanced set on Adult, worse than those of the unbalanced set on Insurance and not told apart "
        "from those of the unbalanced set on Credit Card.**"
    )
    assert "not computed yet" in calibration.headline(metrics[metrics["arm"] == "none"])


def test_a_data_set_or_share_without_rows_is_said(metrics):
    assert calibration.finding(metrics, "insurance", 0.001) == "- **Insurance**: not computed yet at 0.1 %."
    assert calibration.finding(metrics, "adult", 0.05) == "- **Adult**: not computed yet at 5 %."
    assert "hybrid" not in calibration.finding(metrics[metrics["arm"] == "none"], "adult", 0.001)


def test_the_caption_counts_who_is_no_better_than_one_score_for_all(metrics):
    table = calibration.summary(metrics, 0.001)
    assert set(table["arm"]) == {"none", "naive", "tabularargn"}, "ranks are no probabilities"
    runs = pd.DataFrame({"dataset": ["adult"], "n_holdout": [100], "n_holdout_minority": [20]})
    base = calibration.base_rate(runs)
    assert base == {"adult": pytest.approx(0.16)}
    assert calibration.caption(table, base).endswith("Adult (3 seeds): 1 of 3 (Naive).")
    assert calibration.useless_text(table, base, 0.001) == (
        "At 0.1 % the mean score of these models is no better after correction than that of one constant probability: 1 of 3 on Adult, counted as pairs of arm "
        "and classifier."
    )
    assert not calibration.useless_text(table[table["metric"] == "ece"], base, 0.001)
    assert len(calibration.draw_brier(table, base).axes) == 2
    assert calibration.shown(table)["Brier score, corrected"].tolist()[1] == "0.250 [0.250, 0.250]"
