"""How scores on the holdout are judged."""

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

from upsampling.probability import correct_prior

N_BINS = 15
PROBABILITY_METRICS = ("brier", "log_loss", "ece")


def ece(y_true, y_score, *, n_bins: int = N_BINS) -> float:
    """Return the expected calibration error with bins of equal width [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for the minority class, else 0.
    y_score : array-like of shape (n_samples,)
        Probabilities of the minority class.
    n_bins : int, default=15
        How many, closed on the right; the first holds 0 too.

    Returns
    -------
    float
        Mean over samples of ``|share of positives - mean probability|`` of their bin, from 0 to 1.

    References
    ----------
    .. [1] Guo et al., "On Calibration of Modern Neural Networks," ICML 2017, equation 3.
    """
    y_true, y_score = np.asarray(y_true, dtype=float), np.asarray(y_score, dtype=float)
    bins = np.clip(np.ceil(y_score * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, weights=y_true - y_score, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(y_true))


def unique_score_share(y_score) -> float:
    """Return the number of distinct scores over the number of samples."""
    return len(np.unique(y_score)) / len(y_score)


def largest_tie_share(y_score) -> float:
    """Return the largest share of samples that have one identical score."""
    return float(np.unique(y_score, return_counts=True)[1].max() / len(y_score))


def reweighted_average_precision(y_true, y_score, *, prevalence: float) -> float:
    """Return the average precision as if the minority share of the holdout were `prevalence`."""
    y_true = np.asarray(y_true)
    observed = y_true.mean()
    weights = np.where(y_true == 1, prevalence / observed, (1 - prevalence) / (1 - observed))
    return float(average_precision_score(y_true, y_score, sample_weight=weights))


def _hits_among(y_true: np.ndarray, y_score: np.ndarray, n_alarms: int) -> float:
    """Return the expected positives among the `n_alarms` highest scores, ties broken at random."""
    last = np.partition(y_score, -n_alarms)[-n_alarms]
    above, tied = y_score > last, y_score == last
    return y_true[above].sum() + (n_alarms - above.sum()) * y_true[tied].mean()


def rank_metrics(y_true, y_score) -> dict[str, float]:
    """Return what a reader of the top of a list gets.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for the minority class, else 0; both occur.
    y_score : ndarray of shape (n_samples,)
        Scores; ties are broken at random, and the expected value is given.

    Returns
    -------
    dict
        Precision and recall among the top 1 and 5 % of the scores, recall where 1 and 5 % of the majority are false
        alarms, and precision among as many rows as there are positives.
    """
    y_true, y_score = np.asarray(y_true), np.asarray(y_score)
    n_positives = int(y_true.sum())
    values = {}
    for percent in (1, 5):
        n_alarms = max(1, round(percent / 100 * len(y_true)))
        hits = _hits_among(y_true, y_score, n_alarms)
        values[f"precision_at_{percent}pct"] = hits / n_alarms
        values[f"recall_at_{percent}pct"] = hits / n_positives
    false_alarms, recall, _ = roc_curve(y_true, y_score)
    for percent in (1, 5):
        values[f"recall_at_fpr_{percent}pct"] = np.interp(percent / 100, false_alarms, recall)
    values["precision_at_n_positives"] = _hits_among(y_true, y_score, n_positives) / n_positives
    return {name: float(value) for name, value in values.items()}


def cheapest_threshold(y_true, y_score, ratio: float) -> float:
    """Return the score from which on an alarm is cheapest where a miss costs `ratio` times what a false alarm does."""
    y_true, y_score = np.asarray(y_true), np.asarray(y_score, dtype=float)
    order = np.argsort(-y_score, kind="stable")
    scores, hits = y_score[order], np.cumsum(y_true[order])
    last = np.append(scores[1:] != scores[:-1], True)
    costs = ratio * (hits[-1] - hits) + (np.arange(1, len(scores) + 1) - hits)
    costs, scores = np.append(ratio * hits[-1], costs[last]), np.append(np.inf, scores[last])
    best = int(costs.argmin())
    # between two scores, so that another fit's scores do not fall on it
    return float(scores[best] if best + 1 == len(scores) or best == 0 else (scores[best] + scores[best + 1]) / 2)


def cost(y_true, y_score, threshold: float, ratio: float) -> float:
    """Return the cost per 1,000 rows of alarms from `threshold` on, in units of a false alarm."""
    y_true, alarm = np.asarray(y_true), np.asarray(y_score) >= threshold
    return float(1000 * (ratio * (y_true[~alarm].sum()) + (y_true[alarm] == 0).sum()) / len(y_true))


def judge(y_true, y_score, *, trained: float | None, prevalence: float) -> dict[str, float]:
    """Return every metric of one classifier on the holdout.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for the minority class, else 0; both occur.
    y_score : ndarray of shape (n_samples,)
        Scores; higher means more likely minority.
    trained : float or None
        Minority share the classifier was trained at, for prior correction. None says that scores are ranks, not
        probabilities: then the probability metrics are NaN.
    prevalence : float
        Minority share of the unbalanced training set, to which `average_precision_reweighted` refers.
    """
    values = {
        "roc_auc": float(roc_auc_score(y_true, y_score)),
        "average_precision": float(average_precision_score(y_true, y_score)),
        "average_precision_reweighted": reweighted_average_precision(y_true, y_score, prevalence=prevalence),
    }
    values |= rank_metrics(y_true, y_score)
    values |= _probability_metrics(y_true, y_score if trained is not None else None, "")
    corrected = None
    if trained is not None:
        corrected = correct_prior(y_score, trained=trained, deployed=float(np.mean(y_true)))
    values |= _probability_metrics(y_true, corrected, "_corrected")
    values |= {"unique_score_share": unique_score_share(y_score), "largest_tie_share": largest_tie_share(y_score)}
    return values


def _probability_metrics(y_true, y_score, suffix: str) -> dict[str, float]:
    if y_score is None:
        return {f"{name}{suffix}": float("nan") for name in PROBABILITY_METRICS}
    y_score = np.asarray(y_score, dtype=float)
    return {
        f"brier{suffix}": float(brier_score_loss(y_true, y_score)),
        f"log_loss{suffix}": float(log_loss(y_true, y_score, labels=[0, 1])),
        f"ece{suffix}": ece(y_true, y_score),
    }
