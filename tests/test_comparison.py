"""Leaders, gains and differences from rows whose answer is known."""

import pandas as pd
import pytest
from helpers import made_result

from upsampling import comparison
from upsampling.errors import SpecError
from upsampling.protocol import Grid
from upsampling.samplers import PAPER_ARMS
from upsampling.store import Store

# Average precision by arm; the seed adds a hundredth each.
LEVELS = {"none": 0.2, "naive": 0.3, "smotenc": 0.5, "tabularargn": 0.45}


@pytest.fixture
def metrics():
    rows = [
        ("adult", "f0.001", 0.001, 30, seed, arm, "lightgbm", level + seed / 100)
        for arm, level in LEVELS.items()
        for seed in range(3)
    ]
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_the_leader_has_the_highest_mean_and_its_lead(metrics):
    (row,) = comparison.leaders(metrics, "average_precision").itertuples()
    assert row.arm == "smotenc"
    assert row.lead == pytest.approx(0.05)
    assert row.n_seeds == 3


def test_the_gain_is_against_the_better_traditional_arm(metrics):
    (row,) = comparison.gains(metrics, "average_precision", "tabularargn", ["naive", "smotenc"]).itertuples()
    assert row.gain == pytest.approx(-0.05)
    assert row.better == "smotenc"


def test_differences_are_paired(metrics):
    table = comparison.differences(metrics, "average_precision", "tabularargn", ["none", "smotenc"])
    found = table.set_index("other")["mean"]
    assert found["none"] == pytest.approx(0.25)
    assert found["smotenc"] == pytest.approx(-0.05)


def test_the_answer_says_who_leads(metrics):
    text = comparison.answer(metrics)
    assert "**Adult**: the hybrid leads in 0 of 1 combinations" in text
    assert "-5.0 points at 0.5 % and below" in text


def test_only_seeds_that_all_arms_have_are_compared():
    store = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1), PAPER_ARMS):
        if (cell.seed, cell.arm) != (1, "naive"):
            store.write(made_result(cell))
    kept = comparison.load(store, ["adult"], [0.001], PAPER_ARMS)
    assert set(kept["seed"]) == {0}


def test_arms_without_rows_are_refused():
    store = Store()
    (cell,) = Grid(("adult",), (0.001,), (0,), ("none",))
    store.write(made_result(cell))
    with pytest.raises(
        SpecError, match=r"no cell of adult in .* has all of the arms none and naive; `make grid` computes"
    ):
        comparison.load(store, ["adult"], [0.001], ["none", "naive"])
