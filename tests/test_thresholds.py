"""Curves that the page's script steers say what the scores say."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from upsampling.book import thresholds


@pytest.fixture
def scored():
    rng = np.random.RandomState(0)
    y = rng.rand(20_000) < 0.01
    return y, rng.normal(size=len(y)) + 2 * y


def test_a_curve_has_few_points_and_says_what_the_scores_say(scored):
    y, score = scored
    found = thresholds.curve(y, score)
    assert 50 < len(found) <= thresholds.POINTS
    for row in found.itertuples():
        assert row.tpr == pytest.approx((score[y] >= row.threshold).mean())
        assert row.fpr == pytest.approx((score[~y] >= row.threshold).mean())
    assert found["threshold"].is_monotonic_decreasing
    assert found["prevalence"].unique() == [y.mean()]
    area = np.trapezoid([0, *found["tpr"], 1], [0, *found["fpr"], 1])
    assert area == pytest.approx(roc_auc_score(y, score), abs=0.005)
    assert (found["fpr"] < 0.01).sum() > 20, "few false alarms are what a threshold is for"


def test_scores_that_are_all_alike_have_one_point():
    assert len(thresholds.curve(np.array([0, 1, 0]), np.full(3, 0.5))) == 1


def test_the_script_gets_each_curve_from_the_highest_threshold_on(scored):
    found = thresholds.curve(*scored)
    parts = [
        found.assign(dataset=dataset, arm=arm, classifier=classifier)
        for dataset, arm, classifier in (
            ("insurance", "brand_new", "xgboost"),
            ("adult", "naive", "brand_new"),
            ("adult", "none", "xgboost"),
        )
    ]
    content = thresholds.content(pd.concat(parts).sample(frac=1, random_state=0)[thresholds.COLUMNS])
    assert content["tables"] == [["adult", "Adult"], ["insurance", "Insurance"]]
    assert content["classifiers"] == [["xgboost", "XGBoost"], ["brand_new", "brand_new"]]
    assert [arm["name"] for arm in content["arms"]] == ["none", "naive", "brand_new"]
    line = content["points"]["adult"]["xgboost"]["none"]
    assert line["fpr"] == pytest.approx(found["fpr"].tolist(), rel=1e-3)
    assert line["threshold"] == sorted(line["threshold"], reverse=True)
    assert len(json.dumps(line)) < 8_000, "a page has many of these"
