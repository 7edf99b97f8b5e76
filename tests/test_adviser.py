"""What the adviser's script is given is what was measured, and the code that it shows runs."""

import json

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from upsampling.book import adviser

BASELINE = ("none", "lightgbm")


def contrast(method, classifier, mean, **changes):
    base = {"dataset": "Adult", "n_minority": 30, "n_rows": 30_000, "share": 0.001, "numeric_share": 0.43, "n": 5}
    return (
        base
        | {"method": method, "classifier": classifier, "mean": mean, "low": mean - 0.1, "high": mean + 0.1}
        | changes
    )


def test_experiments_name_their_table_and_their_pair_and_the_simplest_pair_comes_first():
    rows = [
        contrast("tabularargn", "lightgbm", 0.23456),
        contrast("none", "logistic_regression", 0.1, dataset="Insurance", n_minority=134),
        contrast("tuned_none", "lightgbm_tuned", 0.2),
        contrast("naive", "xgboost", np.nan),
    ]
    found = adviser.content(pd.DataFrame(rows), baseline=BASELINE)
    names = [pair["name"] for pair in found["pairs"]]
    assert names == [
        "LightGBM on the rows as they are",
        "Logistic regression on the rows as they are",
        "TabularARGN hybrid with LightGBM",
        "tuned LightGBM on the rows as they are",
    ], "what was not measured is no choice"
    assert found["baseline"] == 0
    assert found["experiments"] == [
        [0, 30, 0.001, 0.43, 2, 0.2346, 0.1346, 0.3346, 5],
        [1, 134, 0.001, 0.43, 1, 0.1, 0.0, 0.2, 5],
        [0, 30, 0.001, 0.43, 3, 0.2, 0.1, 0.3, 5],
    ]
    assert found["tables"] == ["Adult", "Insurance"]
    assert "NaN" not in json.dumps(found)


@pytest.mark.parametrize(
    ("method", "classifier", "prior"),
    [
        ("none", "xgboost", "raw"),
        ("tuned_none", "lightgbm_tuned", "raw"),
        ("tabularargn_posterior", "tabularargn", "raw"),
        ("balanced_forest", "balanced_forest", "balanced"),
        ("class_weight", "xgboost", "balanced"),
        ("tabularargn", "xgboost", "balanced"),
        ("ranks4", "xgboost", None),
        ("brand_new", "xgboost", None),
    ],
)
def test_a_pair_says_for_which_share_its_probabilities_are_right(method, classifier, prior):
    (pair,) = adviser.content(pd.DataFrame([contrast(method, classifier, 0.1)]), baseline=(method, classifier))["pairs"]
    assert pair["prior"] == prior


def test_code_of_further_methods_can_be_given():
    rows = pd.DataFrame([contrast("tabularargn_posterior", "tabularargn", 0.1)])
    assert [pair["code"] for pair in adviser.content(rows, baseline=BASELINE)["pairs"]][1] is None
    codes = {("tabularargn_posterior", "tabularargn"): "alarm = score > {threshold}"}
    assert adviser.content(rows, baseline=BASELINE, codes=codes)["pairs"][1]["code"] == "alarm = score > {threshold}"


RUN = [
    (method, classifier)
    for method in ("none", "class_weight", "naive", "smotenc")
    for classifier in adviser.CLASSIFIERS
]


@pytest.mark.parametrize(
    ("method", "classifier"),
    [
        *RUN,
        ("tuned_none", "lightgbm_tuned"),
        pytest.param("tabularargn", "logistic_regression", marks=pytest.mark.slow),
    ],
)
def test_the_code_runs_and_raises_alarms(method, classifier):
    rng = np.random.RandomState(0)
    y = pd.Series(np.repeat([1, 0], [40, 260]))
    X = pd.DataFrame({"number": rng.normal(size=300) + 3 * y, "level": pd.Categorical(rng.choice(["a", "b"], 300))})
    text = adviser.code(method, classifier)
    scope = {"X": X, "y": y, "X_new": X}
    with threadpool_limits(1):
        exec(text.replace("{threshold}", "0.5").replace("n_iter=16", "n_iter=1, cv=2"), scope)
    assert scope["alarm"][y == 1].mean() > 0.5 > scope["alarm"][y == 0].mean()


def test_without_code_there_is_none():
    assert adviser.code("ranks4", "xgboost") is None
    assert adviser.code("none", "brand_new") is None
