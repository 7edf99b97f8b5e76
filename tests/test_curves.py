import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from upsampling.study import curves
from upsampling.study.protocol import Cell


@pytest.fixture
def scores():
    rng = np.random.RandomState(0)
    y = rng.permutation(np.repeat([0, 1], [4900, 100]))
    return pd.DataFrame({"y": y, "lightgbm": y + rng.normal(size=len(y)), "balanced_forest": y})


def test_a_thinned_curve_is_close_to_the_whole_one(scores):
    table = curves.curve(scores["y"], scores["lightgbm"])
    assert len(table) <= curves.POINTS
    assert (table.iloc[0][["tpr", "fpr"]] == 0).all()
    assert (table.iloc[-1][["tpr", "fpr"]] == 1).all()
    assert table[["tpr", "fpr"]].diff().dropna().ge(0).all(axis=None)
    area = np.trapezoid(table["tpr"], table["fpr"])
    assert area == pytest.approx(roc_auc_score(scores["y"], scores["lightgbm"]), abs=2e-3)


def test_each_point_is_what_its_threshold_gives(scores):
    for point in curves.curve(scores["y"], scores["lightgbm"]).iloc[1:-1:7].itertuples():
        alarm = scores["lightgbm"] >= point.threshold - 1e-6
        assert alarm[scores["y"] == 1].mean() == pytest.approx(point.tpr, abs=1e-6)
        assert alarm[scores["y"] == 0].mean() == pytest.approx(point.fpr, abs=1e-6)


def test_curves_of_a_cell_take_the_place_of_its_earlier_ones(tmp_path, scores):
    cells = [Cell("adult", 0.001, None, seed, "none") for seed in (0, 1)]
    curves.publish(tmp_path, curves.of_cells((cell, scores) for cell in cells))
    before = curves.read(tmp_path)
    assert set(before["seed"]) == {0, 1}
    assert set(before["classifier"]) == {"lightgbm"}
    other = scores.assign(lightgbm=-scores["lightgbm"])
    assert curves.publish(tmp_path, curves.of_cells([(cells[1], other)])) == len(curves.read(tmp_path))
    after = curves.read(tmp_path)
    pd.testing.assert_frame_equal(after[after["seed"] == 0], before[before["seed"] == 0])
    assert (
        not after[after["seed"] == 1].reset_index(drop=True).equals(before[before["seed"] == 1].reset_index(drop=True))
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell("adult", 0.001, None, 0, "none"), True),
        (Cell("adult", 0.002, None, 0, "none"), False),
        (Cell("car", None, None, 0, "tabularargn"), True),
        (Cell("car", None, 20, 0, "tabularargn"), False),
        (Cell("adult", 0.001, None, 0, "none", fit=1), False),
        (Cell("adult", 0.001, None, 0, "oracle"), False),
    ],
)
def test_which_cells_have_their_curves_published(cell, expected):
    assert curves.wanted(cell, "lightgbm") == expected
