import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from upsampling.errors import StatsError
from upsampling.study import stats
from upsampling.study.names import GENERATOR
from upsampling.study.stats import N_RESAMPLES, by_seed, summarise

CLASSIFIERS = ("random_forest", "xgboost")


def results(n_seeds=6, arms=("none", "hybrid"), datasets=("adult", "insurance"), sizes=("f0.001", "f0.01")):
    generator = np.random.default_rng(0)
    rows = [
        (dataset, size, seed, arm, classifier, generator.random(), generator.random())
        for dataset in datasets
        for size in sizes
        for seed in range(n_seeds)
        for arm in arms
        for classifier in ((GENERATOR,) if arm.startswith("posterior") else CLASSIFIERS)
    ]
    return pd.DataFrame(rows, columns=["dataset", "size", "seed", "arm", "classifier", "roc_auc", "ece"])


BY = ["dataset", "size", "arm", "classifier"]


def test_summary_gives_the_mean_and_scipys_interval_of_every_group():
    frame = results()
    table = summarise(frame, BY, ["roc_auc", "ece"])
    assert list(table.columns) == [*BY, "metric", "mean", "low", "high", "n_seeds", "seeds"]
    assert len(table) == 2 * 2 * 2 * 2 * 2
    expected = frame.groupby(BY)[["roc_auc", "ece"]].mean().stack()
    assert table.set_index([*BY, "metric"])["mean"].to_dict() == pytest.approx(expected.to_dict())
    row = table.iloc[5]
    values = frame.merge(row[BY].to_frame().T)[row["metric"]].astype(float)
    interval = scipy_stats.bootstrap(
        (values,), np.mean, n_resamples=N_RESAMPLES, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert (row["low"], row["high"], row["n_seeds"]) == pytest.approx((interval.low, interval.high, 6))


def test_summary_is_the_same_whatever_other_groups_there_are_and_however_rows_are_ordered():
    frame = results()
    whole = summarise(frame.sample(frac=1, random_state=1), BY, ["roc_auc"])
    part = summarise(frame[frame["dataset"] == "adult"], BY, ["roc_auc"])
    pd.testing.assert_frame_equal(whole[whole["dataset"] == "adult"].reset_index(drop=True), part)


def test_summary_of_many_groups_equals_that_of_each_though_scipy_sees_them_in_batches(monkeypatch):
    frame = results()
    whole = summarise(frame, BY, ["roc_auc"])
    monkeypatch.setattr("upsampling.study.stats.BATCH_VALUES", 500)
    pd.testing.assert_frame_equal(summarise(frame, BY, ["roc_auc"]), whole, check_exact=False, rtol=0.2)


@pytest.mark.parametrize(("values", "n_seeds", "has_interval"), [([1.0, 3.0], 2, False), ([1.0, 2.0, 6.0], 3, True)])
def test_summary_has_an_interval_from_three_seeds_on(values, n_seeds, has_interval):
    frame = pd.DataFrame({"arm": "none", "seed": range(len(values)), "ece": values})
    row = summarise(frame, ["arm"], ["ece"]).iloc[0]
    assert (row["mean"], row["n_seeds"]) == (np.mean(values), n_seeds)
    assert row[["low", "high"]].notna().all() == has_interval
    if has_interval:
        assert (row["low"], row["high"]) == (1.0, 6.0)


def test_summary_counts_a_missing_value_as_a_missing_seed():
    frame = pd.DataFrame(
        {"arm": ["a"] * 4 + ["b"] * 4, "seed": [0, 1, 2, 3] * 2, "ece": [1, 2, np.nan, 3, *[np.nan] * 4]}
    )
    table = summarise(frame, ["arm"], ["ece"]).set_index("arm")
    assert (table.loc["a", "mean"], table.loc["a", "n_seeds"]) == (2, 3)
    assert (table.loc["a", "low"], table.loc["a", "high"]) == (1, 3)
    assert np.isnan(table.loc["b", "mean"])
    assert table.loc["b", "n_seeds"] == 0


def test_summary_keeps_groups_whose_key_is_missing():
    frame = pd.DataFrame({"minority_fraction": [np.nan] * 3, "size": "n100", "seed": range(3), "ece": [1.0, 2.0, 3.0]})
    table = summarise(frame, ["minority_fraction", "size"], ["ece"])
    assert len(table) == 1
    assert table.loc[0, "mean"] == 2


@pytest.mark.parametrize("key", [0.001, np.nan])
def test_summary_refuses_two_rows_of_one_seed_and_names_the_group(key):
    frame = pd.DataFrame({"arm": "naive", "fraction": key, "seed": [0, 1, 1], "ece": 0.5})
    with pytest.raises(StatsError, match=f"1 rows occur twice, first arm naive, fraction {key}, seed 1"):
        summarise(frame, ["arm", "fraction"], ["ece"])


def test_summary_of_no_rows_has_no_rows():
    assert summarise(results().head(0), BY, ["roc_auc"]).empty


def test_by_seed_refuses_two_rows_of_one_cell():
    frame = results()
    with pytest.raises(StatsError, match=r"48 rows occur twice, first dataset adult, size f0\.001, arm none, seed 0"):
        by_seed(frame, ["dataset", "size", "arm"], "roc_auc")


def test_the_corrected_interval_is_that_of_nadeau_and_bengio():
    values = [0.01, 0.03, 0.02, 0.04]
    found = stats.corrected_interval(values, 0.2)
    error = np.std(values, ddof=1) * (1 / 4 + 0.25) ** 0.5
    assert found.estimate == pytest.approx(0.025)
    assert found.high - found.estimate == pytest.approx(3.182446 * error)
    assert found.estimate - found.low == pytest.approx(3.182446 * error)
    wider = stats.corrected_interval(values, 0.2, n_comparisons=5)
    assert wider.high - wider.low > found.high - found.low


def test_the_p_of_the_corrected_t_belongs_to_its_interval():
    values = [0.01, 0.03, 0.02, 0.04]
    found = stats.corrected_interval(values, 0.2)
    assert stats.corrected_p(values, 0.2, found.low) == pytest.approx(0.05)
    assert stats.corrected_p(values, 0.2, found.estimate) == pytest.approx(1)
    assert (stats.corrected_p([0.1] * 5, 0.2), stats.corrected_p([0.0] * 5, 0.2)) == (0, 1)


@pytest.mark.parametrize(("spread", "least", "most"), [(0.0, 0.999, 1.0), (0.2, 0.0, 0.2)])
def test_the_probability_of_a_difference_within_a_point(spread, least, most):
    values = 0.002 + spread * np.array([-1, 0, 1, -0.5, 0.5])
    assert least <= stats.probability_within(values, 0.2, 0.01) <= most


@pytest.mark.parametrize("n", [0, 1, 2])
def test_there_is_no_corrected_interval_of_few_seeds(n):
    assert np.isnan(stats.corrected_interval([0.1] * n, 0.2).low)


def test_the_spread_of_each_level_of_a_nested_design_is_found():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([range(400), range(3), range(4)], names=["split", "rows", "fit"])
    outer, middle = rng.normal(0, 3, 400), rng.normal(0, 2, (400, 3))
    values = outer[:, None, None] + middle[:, :, None] + rng.normal(0, 1, (400, 3, 4))
    found = stats.nested_spread(pd.Series(values.ravel(), index))
    assert list(found.index) == ["split", "rows", "fit"]
    assert found.to_numpy() == pytest.approx([3, 2, 1], rel=0.1)


def test_a_level_that_adds_nothing_has_no_spread():
    index = pd.MultiIndex.from_product([range(2), range(2)], names=["split", "fit"])
    found = stats.nested_spread(pd.Series([0.0, 1.0, 1.0, 0.0], index))
    assert found.to_dict() == {"split": 0.0, "fit": pytest.approx(0.5**0.5)}
