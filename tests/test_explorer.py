"""What the page's script draws is what the tables say."""

import json

import numpy as np
import pandas as pd
import pytest

from upsampling import paths
from upsampling.book import explorer, figures, palette
from upsampling.study.curves import curve
from upsampling.study.names import GENERATOR


def row(arm, classifier, mean, **changes):
    """A row as `explorer.summary` returns it."""
    base = {"dataset": "adult", "minority_fraction": 0.001, "n_minority": 30, "metric": "roc_auc", "n_seeds": 3}
    return base | {"arm": arm, "classifier": classifier, "mean": mean, "low": mean - 0.1, "high": mean + 0.1} | changes


def test_points_carry_mean_interval_count_and_n_in_order_of_the_share():
    table = pd.DataFrame(
        [row("naive", "xgboost", 0.7, minority_fraction=0.01, n_minority=300), row("naive", "xgboost", 0.6)]
    )
    line = explorer.content(table)["points"]["adult"]["roc_auc"]["xgboost"]["naive"]
    assert line == {
        "x": [0.001, 0.01],
        "count": [30, 300],
        "n": [3, 3],
        "mean": [0.6, 0.7],
        "low": [0.5, 0.6],
        "high": [0.7, 0.8],
    }


def test_an_arm_with_a_classifier_of_its_own_stands_apart():
    rows = [row("naive", "xgboost", 0.5), row("none", "lightgbm", 0.5)]
    rows += [row("tabularargn_posterior", GENERATOR, 0.6), row("balanced_forest", "balanced_forest", 0.6)]
    found = explorer.content(pd.DataFrame(rows))
    assert [look["name"] for look in found["classifiers"]] == ["xgboost", "lightgbm"]
    assert [look["name"] for look in found["alone"]] == ["balanced_forest", GENERATOR]
    assert set(found["points"]["adult"]["roc_auc"]) == {"xgboost", "lightgbm", "balanced_forest", GENERATOR}
    assert found["baselines"] == [
        ["none|lightgbm", "Unbalanced, LightGBM"],
        ["naive|xgboost", "Naive, XGBoost"],
        ["balanced_forest|balanced_forest", "Balanced forest"],
        [f"tabularargn_posterior|{GENERATOR}", "TabularARGN posterior"],
    ]


def test_an_arm_with_a_tuned_classifier_is_the_arm_under_that_classifier():
    rows = [row("none", "lightgbm", 0.5), row("tuned_none", "lightgbm_tuned", 0.6)]
    found = explorer.content(pd.DataFrame(rows))
    assert [arm["name"] for arm in found["arms"]] == ["none"]
    assert found["points"]["adult"]["roc_auc"]["lightgbm_tuned"]["none"]["mean"] == [0.6]
    assert [look["title"] for look in found["classifiers"]] == ["LightGBM", "LightGBM, tuned"]


def test_an_arm_that_nobody_knows_is_drawn_last_and_off_at_first():
    found = explorer.content(pd.DataFrame([row("brand new", "xgboost", 0.6), row("naive", "xgboost", 0.7)]))
    assert [(arm["name"], arm["shown"]) for arm in found["arms"]] == [("naive", True), ("brand new", False)]


def test_a_missing_interval_is_null_for_the_script():
    found = explorer.content(pd.DataFrame([row("naive", "xgboost", 0.7, low=np.nan, high=np.nan)]))
    assert found["points"]["adult"]["roc_auc"]["xgboost"]["naive"]["low"] == [None]
    assert "NaN" not in json.dumps(found)


@pytest.fixture
def curves():
    rng = np.random.RandomState(0)
    y = rng.randint(0, 2, 500)
    scores = {"oracle": pd.DataFrame({"y": y, "xgboost": rng.rand(500).astype("float32")})}
    lines = curve(y, scores["oracle"]["xgboost"]).assign(arm="oracle", classifier="xgboost", seed=0)
    return figures.curves(lines, 0)[1], figures.score_distributions(scores)[1]


def test_every_choice_of_a_menu_leads_to_lines(curves):
    found = explorer.curves_content(*curves)
    menus = {name: [value for value, _ in options] for name, _, options in found["menus"]}
    for kind in menus["curve"]:
        for classifier in found["classifiers"]:
            assert found["points"][kind][classifier["name"]]["oracle"]["x"]
        assert {kind} <= set(found["x"]["choices"]) & set(found["y"]["choices"])
    assert [arm["shown"] for arm in found["arms"]] == [True], "a page shows the arms that it was made for"


def test_the_page_s_script_knows_the_shape_of_every_marker():
    script = (paths.BOOK / "_static" / "explorer.js").read_text()
    assert {*palette.MARKERS.values(), *palette.SPARE_MARKERS} == set(explorer.SHAPES)
    for shape in explorer.SHAPES.values():
        assert f"{shape}: (x, y) =>" in script
