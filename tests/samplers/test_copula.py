"""The vine copula: values, dependence, repeatability."""

import pickle

import numpy as np
import pandas as pd
import pytest
from helpers import SEEDS, random_tables
from hypothesis import given, settings
from scipy.stats import spearmanr

from upsampling.errors import GeneratorError
from upsampling.study.copula import VineCopula
from upsampling.study.generators import fit_generator
from upsampling.study.protocol import Rows


def frame(n_rows: int = 400) -> pd.DataFrame:
    rng = np.random.RandomState(0)
    number = rng.normal(size=n_rows)
    return pd.DataFrame(
        {
            "number": number,
            "follows": np.round(number + rng.normal(scale=0.3, size=n_rows), 1),
            "own": rng.randint(0, 9, size=n_rows),
            "text": pd.Categorical(np.where(number > 0, "high", "low"), categories=["low", "never", "high"]),
            "constant": 7,
        }
    )


@settings(max_examples=12)
@given(table=random_tables(), seed=SEEDS)
def test_each_value_occurs_in_the_rows_it_was_fitted_to(table, seed):
    minority = table.X[table.y == 1].reset_index(drop=True)
    X, y = VineCopula().fit(minority, seed).sample({1: 50}, seed)
    assert X.dtypes.to_dict() == minority.dtypes.to_dict()
    assert list(X) == list(minority)
    assert (len(X), y.tolist()) == (50, [1] * 50)
    for name in X:
        assert set(X[name]) <= set(minority[name])


def test_shares_and_dependence_are_kept():
    real = frame()
    made, _ = VineCopula().fit(real, 0).sample({1: 4000}, 1)
    for name in ("own", "text"):
        shares = [side[name].value_counts(normalize=True, sort=False).sort_index() for side in (real, made)]
        np.testing.assert_allclose(*shares, atol=0.03)
    assert made["constant"].eq(7).all()
    # kernels smooth, so a strong dependence comes out a little weaker
    assert spearmanr(real["number"], real["follows"]).statistic > 0.9
    assert spearmanr(made["number"], made["follows"]).statistic > 0.75
    assert abs(spearmanr(made["number"], made["own"]).statistic) < 0.15
    high = made["text"].eq("high")
    assert made.loc[high, "number"].mean() > made.loc[~high, "number"].mean() + 1


def test_missing_values_are_drawn_as_often_as_they_occur():
    real = frame()
    real.loc[:99, "number"] = np.nan
    real.loc[200:299, "text"] = np.nan
    made, _ = VineCopula().fit(real, 0).sample({1: 4000}, 1)
    assert made[["number", "text"]].isna().mean().tolist() == pytest.approx([0.25, 0.25], abs=0.03)
    assert made.dtypes.to_dict() == real.dtypes.to_dict()


def test_the_seed_decides_the_rows_and_a_copy_draws_the_same():
    fitted = VineCopula().fit(frame(), 0)
    first, _ = fitted.sample({1: 100}, 5)
    again, _ = pickle.loads(pickle.dumps(VineCopula().fit(frame(), 0))).sample({1: 100}, 5)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first.equals(fitted.sample({1: 100}, 6)[0])


@pytest.mark.parametrize("rows", [frame(1), frame()[["number", "constant"]]])
def test_rows_in_which_nothing_depends_on_anything_are_refused(rows):
    with pytest.raises(GeneratorError, match="needs two columns that vary"):
        VineCopula().fit(rows, 0)


def test_two_rows_are_enough():
    X, _ = VineCopula().fit(frame(2), 0).sample({1: 20}, 0)
    assert X["number"].isin(frame(2)["number"]).all()


def test_the_generator_of_the_arm_sees_minority_rows_alone():
    X = frame()
    y = pd.Series(np.arange(len(X)) < 50, dtype="int8")
    made, _ = fit_generator("copula", Rows(X, y), 0).sample({1: 200}, 0)
    assert set(made["number"]) <= set(X.loc[:49, "number"])
