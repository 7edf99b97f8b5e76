"""How variance divides among training sets, fits and classifiers, from results whose division is known."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from upsampling.book.studies import luck

TRAINED = ("lightgbm", "xgboost", "random_forest")


def results(values: np.ndarray, rival: float = 0.5) -> pd.DataFrame:
    """Rows of metrics: `values` has a training set per row, then fits, then classifiers."""
    rows = [
        ("adult", "f0.001", 0.001, 30, seed, arm, classifier, value)
        for seed, fits in enumerate(values)
        for arm, of_fit in zip([*luck.FITS, luck.RIVAL], [*fits, np.full(len(TRAINED), rival)], strict=True)
        for classifier, value in zip(TRAINED, of_fit, strict=True)
    ]
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("axis", "component"), [(0, "data"), (1, "fit"), (2, "classifier")], ids=["data", "fit", "classifier"]
)
def test_what_varies_alone_has_all_of_the_variance(axis, component):
    shape = [1, 1, 1]
    shape[axis] = 3
    values = np.broadcast_to(np.array([0.1, 0.4, 0.7]).reshape(shape), (3, 3, 3))
    found = luck.components(values)
    assert dict(zip(luck.COMPONENTS, found / found.sum(), strict=True))[component] == pytest.approx(1)
    assert found.sum() == pytest.approx(0.09), "the variance of 0.1, 0.4 and 0.7"


def test_the_components_follow_from_the_mean_squares_of_statsmodels():
    values = np.random.default_rng(0).normal(size=(4, 3, 3)) + np.arange(3) + 2 * np.arange(4)[:, None, None]
    frame = results(values).query("arm != 'smotenc'").rename(columns={"average_precision": "y"})
    frame["fit"] = frame["arm"].map({arm: position for position, arm in enumerate(luck.FITS)})
    table = anova_lm(ols("y ~ C(seed) + C(seed):C(fit) + C(classifier) + C(seed):C(classifier)", frame).fit())
    squares = table["mean_sq"]
    sets, fits = squares["C(seed)"], squares["C(seed):C(fit)"]
    trained, pairs, rest = squares["C(classifier)"], squares["C(seed):C(classifier)"], squares["Residual"]
    expected = [(sets - fits - pairs + rest) / 9, (fits - rest) / 3, (trained - pairs) / 12, rest + (pairs - rest) / 3]
    assert luck.components(values) == pytest.approx(np.clip(expected, 0, None))


def test_a_training_set_that_lacks_a_fit_is_left_out():
    metrics = results(np.full((4, 3, 3), 0.5))
    metrics = metrics.drop(metrics.query("seed == 2 and arm == 'tabularargn_seed2' and classifier == 'xgboost'").index)
    assert sorted(luck.by_fit(metrics)["seed"].unique()) == [0, 1, 3]


def test_the_shares_have_intervals_and_add_up():
    values = np.random.default_rng(1).uniform(size=(5, 3, 3))
    found = luck.shares(luck.by_fit(results(values)))
    assert found["share"].sum() == pytest.approx(1)
    assert (found["low"] <= found["high"]).all()
    assert set(found["seeds"]) == {"0 1 2 3 4"}
    assert luck.shown(found)["Source"].tolist() == list(luck.COMPONENTS.values())


def test_the_finding_counts_where_the_fit_decides_against_smotenc():
    values = 0.6 + np.random.default_rng(2).normal(scale=1e-6, size=(3, 3, 3))
    values[0, 0, 0] = 0.4  # SMOTE-NC, at 0.5, lies between the fits of one training set under one classifier
    fits = luck.by_fit(results(values))
    text = luck.finding(fits, luck.shares(fits), "adult")
    assert (
        "lie 2.2 points of average precision apart on average, at most 20.0 (3 training sets at 0.1 %, 3 classifiers)"
        in text
    )
    assert "In 1 of 9 pairs of training set and classifier it depends on the fit" in text
    assert len(luck.draw(fits).axes) == 3


def test_too_few_training_sets_are_said():
    fits = luck.by_fit(results(np.full((2, 3, 3), 0.5)))
    assert luck.shares(fits).empty
    assert "fewer than 3 training sets have 3 fits yet" in luck.finding(fits, luck.shares(fits), "adult")


@pytest.mark.parametrize(("n_sets", "has_interval"), [(4, False), (5, True)])
def test_few_training_sets_have_no_interval_and_the_page_says_why(n_sets, has_interval):
    fits = luck.by_fit(results(np.random.default_rng(1).uniform(size=(n_sets, 3, 3))))
    found = luck.shares(fits)
    assert found[["low", "high"]].notna().all(axis=None) == has_interval
    text = luck.intervals_text(found)
    assert ("fewer than 5 training sets, as on Adult (4)" in text) != has_interval
    assert ("[" in luck.finding(fits, found, "adult")) == has_interval
