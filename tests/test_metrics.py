import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from upsampling.probability import correct_prior
from upsampling.study import metrics

SHARES = st.floats(0.01, 0.99)


@st.composite
def judged(draw):
    """Labels of both classes and as many scores, some of them tied."""
    n_rows = draw(st.integers(2, 60))
    rng = np.random.RandomState(draw(st.integers(0, 2**16)))
    y = rng.permutation(np.arange(n_rows) < draw(st.integers(1, n_rows - 1))).astype("int8")
    return y, rng.uniform(size=n_rows).round(draw(st.integers(1, 6))).astype(np.float32)


@given(judged(), SHARES, SHARES)
def test_judge_agrees_with_scikit_learn(data, trained, prevalence):
    y, score = data
    values = metrics.judge(y, score, trained=trained, prevalence=prevalence)
    probability = score.astype(float)
    assert values["roc_auc"] == pytest.approx(roc_auc_score(y, probability), abs=1e-12)
    assert values["average_precision"] == pytest.approx(average_precision_score(y, probability), abs=1e-12)
    assert values["brier"] == pytest.approx(brier_score_loss(y, probability), abs=1e-12)
    assert values["log_loss"] == pytest.approx(log_loss(y, probability), abs=1e-12)


@given(judged())
def test_ece_agrees_with_scikit_learn_s_calibration_curve(data):
    y, score = data
    score = np.clip(score, 0.001, 0.999)  # calibration_curve puts edges into the bin above, we into the bin below
    score = np.where(np.isclose(score * 15, np.round(score * 15)), score + 0.001, score)
    observed, predicted = calibration_curve(y, score, n_bins=15)
    sizes = np.unique(np.digitize(score, np.linspace(0, 1, 16)), return_counts=True)[1]
    assert metrics.ece(y, score) == pytest.approx(np.average(np.abs(observed - predicted), weights=sizes), abs=1e-6)


def test_ece_by_hand():
    # two bins: scores 0.2 and 0.4 with one positive (gap 0.4), scores 0.6 and 1.0 with two (gap 0.4)
    y, score = [0, 1, 1, 1], [0.2, 0.4, 0.6, 1.0]
    assert metrics.ece(y, score, n_bins=2) == pytest.approx((abs(1 - 0.6) + abs(2 - 1.6)) / 4)


@pytest.mark.parametrize(
    ("score", "expected"),
    [([0.0, 0.5], 0.25), ([0.5, 0.5], 0.0), ([0.0, 1.0], 0.0), ([1.0, 0.0], 1.0), ([0.5, 0.51], 0.495)],
    ids=["edge closed on the right", "calibrated constant", "perfect", "always wrong", "two bins"],
)
def test_ece_at_the_edges_of_two_bins(score, expected):
    assert metrics.ece([0, 1], score, n_bins=2) == pytest.approx(expected)


@given(st.integers(1, 50), st.integers(1, 50), SHARES, SHARES)
def test_constant_model_has_the_known_values(n_negative, n_positive, constant, trained):
    y = np.repeat([0, 1], [n_negative, n_positive])
    share = y.mean()
    values = metrics.judge(y, np.full(len(y), constant), trained=trained, prevalence=0.05)
    expected = {
        "roc_auc": 0.5,
        "average_precision": share,
        "average_precision_reweighted": 0.05,
        "brier": share * (1 - constant) ** 2 + (1 - share) * constant**2,
        "log_loss": -share * np.log(constant) - (1 - share) * np.log(1 - constant),
        "ece": abs(share - constant),
        "unique_score_share": 1 / len(y),
        "largest_tie_share": 1.0,
    }
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_perfect_model_has_the_known_values():
    y = np.array([0, 0, 0, 1])
    values = metrics.judge(y, y.astype(np.float32), trained=0.5, prevalence=0.01)
    ones = dict.fromkeys(("roc_auc", "average_precision", "average_precision_reweighted"), 1.0)
    zeros = {f"{name}{suffix}": 0.0 for name in metrics.PROBABILITY_METRICS for suffix in ("", "_corrected")}
    ties = {"unique_score_share": 0.5, "largest_tie_share": 0.75}
    assert {name: values[name] for name in ones | zeros | ties} == pytest.approx(ones | zeros | ties, abs=1e-12)
    assert {values[name] for name in metrics.rank_metrics(y, y.astype(float))} == {1.0}


def test_rank_metrics_give_the_expected_value_of_ties():
    y, scores = np.repeat([1, 0, 1, 0], [1, 1, 2, 96]), np.repeat([0.9, 0.8, 0.5, 0.5], [1, 1, 2, 96])
    values = metrics.rank_metrics(y, scores)
    assert values["precision_at_1pct"] == 1.0
    assert values["recall_at_1pct"] == pytest.approx(1 / 3)
    # one hit, one false alarm, and three of 98 tied rows, two of which are hits
    assert values["precision_at_5pct"] == pytest.approx((1 + 3 * 2 / 98) / 5)
    assert values["precision_at_n_positives"] == pytest.approx((1 + 2 / 98) / 3)
    assert values["recall_at_fpr_5pct"] == pytest.approx(1 / 3 + 2 / 3 * (0.05 - 1 / 97) / (96 / 97))


@pytest.mark.parametrize(("ratio", "expected"), [(0.5, 1), (1.5, 3), (1000, 6)])
def test_the_cheapest_threshold_costs_least_of_all(ratio, expected):
    y, scores = np.array([1, 0, 1, 0, 0, 1]), np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    threshold = metrics.cheapest_threshold(y, scores, ratio)
    assert (scores >= threshold).sum() == expected
    every = [metrics.cost(y, scores, t, ratio) for t in (*scores, np.inf)]
    assert metrics.cost(y, scores, threshold, ratio) == min(every)


@pytest.mark.parametrize(
    ("score", "unique", "largest"),
    [([0.1, 0.2, 0.3, 0.4], 1.0, 0.25), ([0.1, 0.1, 0.1, 0.4], 0.5, 0.75), ([0.7], 1.0, 1.0)],
)
def test_ties_by_hand(score, unique, largest):
    assert metrics.unique_score_share(score) == unique
    assert metrics.largest_tie_share(score) == largest


def test_prior_correction_mends_a_model_trained_on_balanced_rows():
    rng = np.random.RandomState(0)
    posterior = rng.beta(1, 9, size=20_000)
    y = rng.uniform(size=len(posterior)) < posterior
    inflated = correct_prior(posterior, trained=y.mean(), deployed=0.5)
    values = metrics.judge(y, inflated, trained=0.5, prevalence=0.1)
    for name in metrics.PROBABILITY_METRICS:
        assert values[f"{name}_corrected"] < values[name]
    assert values["ece_corrected"] < 0.01


@given(judged(), st.integers(1, 5))
def test_reweighting_to_another_prevalence_is_like_repeating_positives(data, times):
    y, score = data
    repeated = np.repeat(np.arange(len(y)), np.where(y == 1, times, 1))
    expected = average_precision_score(y[repeated], score[repeated])
    found = metrics.reweighted_average_precision(y, score, prevalence=y[repeated].mean())
    assert found == pytest.approx(expected, abs=1e-9)


def test_scores_that_are_ranks_have_no_probability_metrics():
    y, score = np.array([0, 1, 0]), np.array([0.1, 0.9, 0.4])
    ranked = metrics.judge(y, score, trained=None, prevalence=0.1)
    scored = metrics.judge(y, score, trained=0.5, prevalence=0.1)
    missing = {name for name, value in ranked.items() if np.isnan(value)}
    assert missing == {f"{name}{suffix}" for name in metrics.PROBABILITY_METRICS for suffix in ("", "_corrected")}
    assert list(ranked) == list(scored)
    assert all(ranked[name] == scored[name] for name in set(ranked) - missing)


@given(judged(), SHARES)
def test_order_of_rows_does_not_matter(data, trained):
    y, score = data
    order = np.random.RandomState(0).permutation(len(y))
    left = metrics.judge(y, score, trained=trained, prevalence=0.1)
    right = metrics.judge(y[order], score[order], trained=trained, prevalence=0.1)
    assert left == pytest.approx(right)
