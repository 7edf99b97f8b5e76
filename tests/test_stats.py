import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from upsampling.errors import StatsError
from upsampling.study import stats
from upsampling.study.names import GENERATOR
from upsampling.study.stats import (
    N_RESAMPLES,
    bootstrap_over_seeds,
    by_seed,
    common_cells,
    mean_differences,
    paired_differences,
    summarise,
)

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


def test_cells_of_a_seed_are_kept_together():
    generator = np.random.default_rng(0)
    left = generator.normal(size=10)
    table = pd.DataFrame({"left": left, "right": left - 1})
    result = bootstrap_over_seeds(table, lambda values: values[..., 0].mean(-1) - values[..., 1].mean(-1))
    assert result == pytest.approx((1, 1, 1, 10))


def test_seeds_are_resampled_not_cells():
    cells = pd.DataFrame(np.repeat([[0.0], [1.0], [2.0]], 50, axis=1))
    result = bootstrap_over_seeds(cells, lambda values: values.mean((-2, -1)))
    assert (result.low, result.estimate, result.high) == (0, 1, 2)


def test_the_basic_interval_corrects_the_bias_of_a_maximum():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(10, 20)))

    def largest(values):
        return values.mean(-2).max(-1)

    percentile, basic = (bootstrap_over_seeds(table, largest, method) for method in ("percentile", "basic"))
    assert percentile.low > 0 > basic.low
    assert basic.estimate == percentile.estimate == table.mean().max()


@pytest.mark.parametrize("n_seeds", [0, 1, 2])
def test_too_few_seeds_give_no_interval(n_seeds):
    result = bootstrap_over_seeds(pd.DataFrame(np.ones((n_seeds, 2))), lambda values: values.mean((-2, -1)))
    assert result.n_seeds == n_seeds
    assert np.isnan([result.low, result.high]).all()
    assert result.estimate == 1 if n_seeds else np.isnan(result.estimate)


def test_a_seed_that_lacks_a_cell_is_refused():
    frame = results(n_seeds=4).drop(index=0)
    table = by_seed(frame, BY, "roc_auc")
    assert table.shape == (4, 16)
    with pytest.raises(StatsError, match=r"1 of 64 values are missing, first seed 0 of .*adult.*f0\.001.*none"):
        bootstrap_over_seeds(table, lambda values: values.mean((-2, -1)))


def test_by_seed_refuses_two_rows_of_one_cell():
    frame = results()
    with pytest.raises(StatsError, match=r"48 rows occur twice, first dataset adult, size f0\.001, arm none, seed 0"):
        by_seed(frame, ["dataset", "size", "arm"], "roc_auc")


def test_common_cells_keeps_what_every_arm_has_and_lists_the_rest():
    frame = results(arms=("none", "hybrid", "posterior")).query("arm != 'posterior'")
    lacking = (frame["arm"] == "hybrid") & (frame["seed"] == 2) & (frame["size"] == "f0.01")
    kept, missing = common_cells(frame[~lacking], "arm", ["dataset", "size", "seed", "classifier"])
    assert len(missing) == lacking.sum() == 4
    assert set(missing["arm"]) == {"hybrid"}
    assert set(missing["seed"]) == {2}
    pd.testing.assert_frame_equal(kept, frame[~((frame["seed"] == 2) & (frame["size"] == "f0.01"))])


def test_common_cells_of_a_complete_grid_are_all_of_it_even_with_missing_keys():
    frame = results().assign(minority_fraction=np.nan)
    kept, missing = common_cells(frame, "arm", ["dataset", "size", "minority_fraction", "seed", "classifier"])
    pd.testing.assert_frame_equal(kept, frame)
    assert missing.empty


def pairs_of(frame, dataset, size, classifier, arm, other):
    cell = frame[(frame["dataset"] == dataset) & (frame["size"] == size)]
    sides = []
    for name in (arm, other):
        rows = cell[cell["arm"] == name]
        rows = rows[rows["classifier"].isin([classifier, GENERATOR])]
        sides.append(rows.set_index("seed")["roc_auc"])
    return (sides[0] - sides[1]).dropna()


def test_paired_differences_are_those_of_scipy_and_statsmodels():
    frame = results(arms=("none", "hybrid", "naive"))
    table = paired_differences(frame, "roc_auc", "hybrid", ["none", "naive"])
    assert len(table) == 2 * 2 * 2 * 2
    for row in table.itertuples():
        differences = pairs_of(frame, row.dataset, row.size, row.classifier, "hybrid", row.other)
        assert row.mean == pytest.approx(differences.mean())
        assert row.low < row.mean < row.high
        assert row.p == scipy_stats.wilcoxon(differences).pvalue
        assert (row.n_seeds, row.n_unpaired) == (6, 0)
        above = scipy_stats.wilcoxon(differences, alternative="greater").statistic
        assert row.effect == pytest.approx(2 * above / (6 * 7 / 2) - 1)
    for _, family in table.groupby("dataset"):
        assert len(family) == 8
        assert family["p_holm"].to_numpy() == pytest.approx(multipletests(family["p"], method="holm")[1])


def test_holm_corrects_within_a_data_set():
    frame = results(n_seeds=8)
    both = paired_differences(frame, "roc_auc", "hybrid", ["none"])
    alone = paired_differences(frame[frame["dataset"] == "adult"], "roc_auc", "hybrid", ["none"])
    pd.testing.assert_frame_equal(both[both["dataset"] == "adult"].reset_index(drop=True), alone)


@pytest.mark.parametrize(("arm", "other"), [("posterior", "none"), ("none", "posterior")])
def test_an_arm_without_a_classifier_is_compared_with_every_classifier(arm, other):
    frame = results(arms=("none", "posterior"))
    table = paired_differences(frame, "roc_auc", arm, [other])
    assert sorted(table["classifier"].unique()) == sorted(CLASSIFIERS)
    assert len(table) == 2 * 2 * 2
    for row in table.itertuples():
        differences = pairs_of(frame, row.dataset, row.size, row.classifier, arm, other)
        assert row.mean == pytest.approx(differences.mean())
        assert row.n_seeds == 6


def test_two_arms_without_a_classifier_are_compared_once():
    table = paired_differences(results(arms=("posterior", "posterior_2")), "roc_auc", "posterior", ["posterior_2"])
    assert set(table["classifier"]) == {GENERATOR}
    assert len(table) == 4


def test_only_seeds_that_both_have_are_compared_and_the_others_are_counted():
    frame = results(n_seeds=6, datasets=("adult",), sizes=("f0.01",))
    frame = frame[
        ~((frame["arm"] == "hybrid") & (frame["seed"] == 5)) & ~((frame["arm"] == "none") & (frame["seed"] < 1))
    ]
    table = paired_differences(frame, "roc_auc", "hybrid", ["none"])
    assert table["n_seeds"].tolist() == [4, 4]
    assert table["n_unpaired"].tolist() == [2, 2]


def test_a_group_that_only_one_arm_has_is_a_row_without_numbers():
    frame = results()
    frame = frame[(frame["arm"] == "none") | (frame["dataset"] == "adult")]
    table = paired_differences(frame, "roc_auc", "hybrid", ["none"])
    lacking = table[table["dataset"] == "insurance"]
    assert lacking[["n_seeds", "n_unpaired"]].to_numpy().tolist() == [[0, 6]] * 4
    assert lacking[["mean", "low", "high", "p", "p_holm", "effect"]].isna().all(axis=None)
    assert table.loc[table["dataset"] == "adult", "p_holm"].notna().all()


@pytest.mark.parametrize(
    ("differences", "p", "effect"),
    [
        ([0, 0, 0], 1, 0),
        ([1, 2, 3], 0.25, 1),
        ([-1, -2, -3], 0.25, -1),
        ([0, 1, 2, 3], 0.25, 1),
        ([1, 1, -1, -1], 1, 0),
    ],
    ids=["none", "all above", "all below", "a zero", "ties"],
)
def test_signed_ranks_of_small_cases(differences, p, effect):
    n = len(differences)
    keys = {"dataset": "adult", "size": "f0.01", "classifier": "xgboost"}
    arms = [pd.DataFrame({"seed": range(n), "arm": "a", "roc_auc": np.array(differences, dtype=float)})]
    arms += [pd.DataFrame({"seed": range(n), "arm": "b", "roc_auc": 0.0})]
    row = paired_differences(pd.concat(arms).assign(**keys), "roc_auc", "a", ["b"]).iloc[0]
    assert (row["p"], row["effect"]) == pytest.approx((p, effect))


def test_two_seeds_give_a_mean_but_no_test():
    row = paired_differences(results(n_seeds=2), "roc_auc", "hybrid", ["none"]).iloc[0]
    assert np.isfinite(row["mean"])
    assert row[["low", "high", "p", "p_holm", "effect"]].isna().all()


def test_an_unknown_arm_is_refused_by_name():
    with pytest.raises(StatsError, match="arm 'oracle' has no rows; there are hybrid, none"):
        paired_differences(results(), "roc_auc", "hybrid", ["oracle"])


def test_a_seed_that_occurs_twice_is_refused():
    frame = results()
    with pytest.raises(StatsError, match=r"dataset adult, size f0\.001, classifier random_forest, seed 0"):
        paired_differences(pd.concat([frame, frame.head(1)]), "roc_auc", "hybrid", ["none"])


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
    found = stats.corrected_interval([0.1] * n, 0.2)
    assert np.isnan(found.low)
    assert found.n_seeds == n


def test_mean_difference_is_the_mean_over_cells_with_the_seeds_resampled():
    frame = results(n_seeds=7)
    row = mean_differences(frame, "roc_auc", ["hybrid"], "none").set_index("dataset").loc["insurance"]
    wide = frame[frame["dataset"] == "insurance"].pivot(
        index=["seed", "size", "classifier"], columns="arm", values="roc_auc"
    )
    differences = wide["hybrid"] - wide["none"]
    by_seed_alone = differences.groupby("seed").mean()
    assert row["mean"] == pytest.approx(differences.mean())
    assert row["better"] == pytest.approx((differences > 0).mean())
    assert (row["n_cells"], row["n_seeds"], row["n_left_out"]) == (4, 7, 0)
    assert row["p"] == pytest.approx(scipy_stats.wilcoxon(by_seed_alone).pvalue)
    expected = scipy_stats.bootstrap(
        (by_seed_alone,), np.mean, n_resamples=N_RESAMPLES, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_mean_difference_stands_on_seeds_that_have_every_common_cell():
    frame = results(n_seeds=6, datasets=("adult",))
    lacking = (frame["arm"] == "none") & (frame["seed"] == 2) & (frame["size"] == "f0.01")
    elsewhere = (frame["arm"] == "none") & (frame["classifier"] == "xgboost") & (frame["size"] == "f0.001")
    kept = frame[~lacking & ~elsewhere]
    row = mean_differences(kept, "roc_auc", ["hybrid"], "none").iloc[0]
    assert (row["n_cells"], row["n_seeds"], row["n_left_out"]) == (3, 5, 1)
    complete = frame[(frame["seed"] != 2) & ~((frame["classifier"] == "xgboost") & (frame["size"] == "f0.001"))]
    means = complete.groupby("arm")["roc_auc"].mean()
    assert row["mean"] == pytest.approx(means["hybrid"] - means["none"])


def test_mean_differences_are_corrected_over_the_arms_of_a_data_set():
    frame = results(n_seeds=8, arms=("hybrid", "a", "b", "c"))
    table = mean_differences(frame, "roc_auc", ["a", "b", "c"], "hybrid")
    for _, part in table.groupby("dataset"):
        assert part["p_holm"].tolist() == pytest.approx(multipletests(part["p"], method="holm")[1].tolist())
    few = mean_differences(frame[frame["seed"] < 2], "roc_auc", ["a"], "hybrid")
    assert few["mean"].notna().all()
    assert few[["low", "high", "p", "p_holm", "effect"]].isna().all(axis=None)


@pytest.mark.parametrize("cells", [("size", "classifier"), ("classifier",)])
def test_arms_without_a_common_cell_have_no_mean_difference(cells):
    frame = results(datasets=("adult",), sizes=("f0.001",))
    apart = frame[(frame["arm"] == "none") == (frame["classifier"] == "xgboost")]
    expected = list(mean_differences(frame, "roc_auc", ["hybrid"], "none", cells))
    for table in (
        mean_differences(apart, "roc_auc", ["hybrid"], "none", cells),
        mean_differences(frame, "roc_auc", [], "none", cells),
    ):
        assert table.empty
        assert list(table) == expected
