"""Curves that the page's script steers are those of a split that is neither lucky nor unlucky."""

import json

import numpy as np
import pandas as pd
import pytest

from upsampling.book import thresholds
from upsampling.study import curves
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import Cell

PAIRS = [("none", "lightgbm"), ("naive", "lightgbm"), ("tabularargn_posterior", GENERATOR)]


@pytest.fixture
def stored():
    """Curves of three seeds of two tables."""
    rng = np.random.RandomState(0)
    y = rng.rand(2000) < 0.05
    cells = [
        (
            Cell(dataset, None, None, seed, arm),
            pd.DataFrame({"y": y, classifier: rng.rand(2000) + y / 2}),
        )
        for dataset in ("sick", "car")
        for seed in range(3)
        for arm, classifier in PAIRS
    ]
    return curves.of_cells(cells)


def test_of_each_table_with_enough_positives_the_median_split_is_shown(stored):
    metrics = stored[curves.KEY].drop_duplicates()
    # of sick the third split is the median, of car there is too little
    metrics = metrics.assign(average_precision=metrics["seed"].map({0: 0.2, 1: 0.9, 2: 0.5}))
    runs = metrics[["dataset", "size", "seed", "arm"]].assign(
        n_holdout_minority=metrics["dataset"].map({"sick": 50, "car": 13})
    )
    drawn = thresholds.of_median_seed(stored, metrics, runs)
    assert set(zip(drawn["dataset"], drawn["seed"], strict=True)) == {("sick", 2)}
    assert set(zip(drawn["arm"], drawn["classifier"], strict=True)) == set(PAIRS)
    lacking = stored[(stored["seed"] != 2) | (stored["arm"] != "naive")]
    assert set(thresholds.of_median_seed(lacking, metrics, runs)["seed"]) == {1}, "the third split lacks a method"


def test_the_script_gets_each_curve_from_the_highest_threshold_on(stored):
    drawn = stored[stored["seed"] == 0]
    content = thresholds.content(drawn.sample(frac=1, random_state=0))
    assert content["tables"] == [["car", "Car evaluation"], ["sick", "Sick euthyroid"]]
    assert content["classifiers"] == [["lightgbm", "LightGBM"]]
    assert [arm["name"] for arm in content["arms"]] == ["none", "naive", "tabularargn_posterior"]
    line = content["points"]["sick"]["lightgbm"]["none"]
    found = drawn[(drawn["dataset"] == "sick") & (drawn["arm"] == "none")].iloc[1:]
    assert line["fpr"] == pytest.approx(found["fpr"].tolist(), rel=1e-3)
    assert line["threshold"] == sorted(line["threshold"], reverse=True)
    assert content["points"]["sick"][content["alone"]].keys() == {"tabularargn_posterior"}
    assert "Infinity" not in json.dumps(content), "a browser does not read it"
