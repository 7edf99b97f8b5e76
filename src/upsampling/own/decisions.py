"""What one does with a model: a threshold for stated costs, probabilities that hold, columns that matter, columns that look like leaks."""

import shlex
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.inspection import permutation_importance
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from upsampling.own.methods import METHODS
from upsampling.own.recipe import calibrated, calibrator_of, cheapest_threshold
from upsampling.own.roles import DATE, DROPPED
from upsampling.own.tablefile import shown
from upsampling.own.trial import N_FOLDS, Trial
from upsampling.own.usertable import UserTable
from upsampling.words import named

RATIOS = (10, 50, 100)
# Of a fold's rows so many are shuffled to see which columns matter.
SHUFFLED_ROWS = 2_000
# A column that alone orders the rows so well, or nearly as well as all together, is worth a look.
ALONE, ALONE_SHARE = 0.5, 0.9
# So much more often missing in one class than in the other.
MISSING_GAP = 0.5
N_BINS = 10


@dataclass(frozen=True)
class Decisions:
    """What one does with a model.

    Parameters
    ----------
    thresholds : DataFrame
        A row per ratio of costs: `miss`, `alarm`, `threshold`, and per 1,000 rows `alarms`, `hits`, `missed`, `cost`, and what it
        costs to raise no alarm at all, `cost_without`, or one for every row, `cost_everywhere`.
    reliability : DataFrame
        By bin of the probability: `predicted`, `observed`, `rows`.
    importance : DataFrame
        `column` and `loss` of average precision when its values are shuffled, most first.
    importance_of : str
        Title of the classifier that this was seen with.
    """

    thresholds: pd.DataFrame
    reliability: pd.DataFrame
    importance: pd.DataFrame
    importance_of: str


def decide(table: UserTable, trial: Trial, costs: tuple[float, float] | None, deadline: float = np.inf) -> Decisions:
    """Return what one does with the method that is advised.

    Parameters
    ----------
    table : UserTable
        The table.
    trial : Trial
        What was measured.
    costs : tuple of float or None
        Cost of a miss and of a false alarm; None for several ratios.
    deadline : float
        From when on, on the clock of `time.monotonic`, no more folds are taken for what columns are worth.
    """
    probabilities = out_of_fold(trial, trial.advised)
    method = METHODS[trial.advised if len(METHODS[trial.advised].members) == 1 else "raw_regularised"]
    if method.name == "generator":
        method = METHODS["raw_regularised"]
    pairs = [costs] if costs else [(ratio, 1) for ratio in RATIOS]
    return Decisions(
        pd.DataFrame([_threshold(trial, probabilities, *pair) for pair in pairs]),
        _reliability(trial, probabilities),
        _importance(trial, method.estimators()[0], deadline),
        method.title,
    )


def out_of_fold(trial: Trial, name: str) -> np.ndarray:
    """Return probabilities of shape (n_repeats, n_rows) for rows that neither the model nor its calibrator has seen; whole repeats only."""
    whole = trial.scores[name][np.isfinite(trial.scores[name]).all(axis=1)]
    probabilities = np.empty(whole.shape)
    for repeat, scores in enumerate(whole):
        for _, test_idx in trial.splits[repeat * N_FOLDS : (repeat + 1) * N_FOLDS]:
            others = np.setdiff1d(np.arange(len(scores)), test_idx)
            calibrator = calibrator_of(scores[others], trial.y[others], trial.weight[others])
            probabilities[repeat, test_idx] = calibrated(calibrator, scores[test_idx])
    return probabilities


def _threshold(trial: Trial, probabilities: np.ndarray, miss: float, alarm: float) -> dict:
    """Return what a threshold that was chosen on the other folds does on each fold, mean over repeats, per 1,000 rows."""
    flagged = np.zeros(probabilities.shape, dtype=bool)
    for repeat, probability in enumerate(probabilities):
        for _, test_idx in trial.splits[repeat * N_FOLDS : (repeat + 1) * N_FOLDS]:
            others = np.setdiff1d(np.arange(len(probability)), test_idx)
            chosen = cheapest_threshold(trial.y[others], probability[others], miss, alarm, trial.weight[others])
            flagged[repeat, test_idx] = probability[test_idx] >= chosen
    weight = 1000 * trial.weight / trial.weight.sum()
    positive = trial.y == 1
    alarms, hits = (flagged * weight).sum(axis=1).mean(), (flagged * weight * positive).sum(axis=1).mean()
    missed = weight[positive].sum() - hits
    everywhere = [np.tile(values, len(probabilities)) for values in (trial.y, trial.weight)]
    return {
        "miss": miss,
        "alarm": alarm,
        "threshold": cheapest_threshold(everywhere[0], probabilities.ravel(), miss, alarm, everywhere[1]),
        "alarms": alarms,
        "hits": hits,
        "missed": missed,
        "cost": miss * missed + alarm * (alarms - hits),
        "cost_without": miss * weight[positive].sum(),
        "cost_everywhere": alarm * weight[~positive].sum(),
    }


def _reliability(trial: Trial, probabilities: np.ndarray) -> pd.DataFrame:
    """Return predicted and observed shares in bins with equally many positive rows."""
    y, weight = (np.tile(values, len(probabilities)) for values in (trial.y, trial.weight))
    probability = probabilities.ravel()
    edges = np.unique(np.quantile(probability[y == 1], np.linspace(0, 1, N_BINS + 1)[1:-1]))
    frame = pd.DataFrame({"bin": np.digitize(probability, edges), "weight": weight})
    frame = frame.assign(predicted=probability * weight, observed=y * weight).groupby("bin").sum()
    rows = frame["weight"]
    return pd.DataFrame(
        {
            "predicted": frame["predicted"] / rows,
            "observed": frame["observed"] / rows,
            "rows": rows / len(probabilities),
        }
    )


def _importance(trial: Trial, estimator, deadline: float) -> pd.DataFrame:
    """Return how much average precision each column is worth on rows that the classifier has not seen."""
    losses = []
    for train_idx, test_idx in trial.splits[:N_FOLDS]:
        test_idx = test_idx[:SHUFFLED_ROWS]
        fitted = clone(estimator).fit(trial.X.iloc[train_idx], trial.y[train_idx])
        shuffled = permutation_importance(
            fitted, trial.X.iloc[test_idx], trial.y[test_idx], scoring="average_precision", n_repeats=1, random_state=0
        )
        losses.append(shuffled.importances_mean)
        if time.monotonic() > deadline:
            break
    frame = pd.DataFrame({"column": trial.X.columns, "loss": np.mean(losses, axis=0)})
    return frame.sort_values("loss", ascending=False, ignore_index=True)


def suspects(table: UserTable, trial: Trial) -> list[tuple[str, str]]:
    """Return columns that nearly give the target away, and how."""
    found = []
    limit = max(ALONE, ALONE_SHARE * trial.mean(trial.advised))
    for name in table.X:
        alone = _alone(table.X[[name]], table.y, table.weight)
        if alone >= limit:
            found.append((name, f"alone has an average precision of {100 * alone:.0f} %"))
    for row in table.missing.itertuples():
        if abs(row.positive - row.others) >= MISSING_GAP:
            found.append(
                (
                    row.Index,
                    f"is missing in {100 * row.positive:.0f} % of the rows with {table.positive} and in {100 * row.others:.0f} % of the others",
                )
            )
    return found


def look_first(suspected: list[tuple[str, str]]) -> str:
    """Return what to do about columns that nearly give the target away; empty if there are none."""
    if not suspected:
        return ""
    names = list(dict.fromkeys(name for name, _ in suspected))
    evidence = named([f"{shown(name)} {how}" for name, how in suspected])
    which = "it is" if len(names) == 1 else "any of them is"
    drops = " or ".join(f"--drop {shlex.quote(shown(name))}" for name in names)
    return f"{evidence}. If {which} not known before the outcome, nothing here holds: run again with {drops}."


def leaks(table: UserTable, suspected: list[tuple[str, str]]) -> list[str]:
    """Return columns that look as if they were known only once the outcome is, and why."""
    notes = [f"{name} {how}: is it known before the outcome?" for name, how in suspected]
    for column in table.columns:
        if column.kind == DATE:
            notes.append(f"{column.name} is a date: leave it out with --drop if it is that of the outcome, or later.")
        if column.kind == DROPPED and "the rows:" in column.why:
            notes.append(f"{column.name} {column.why.split(':')[0]}, so it was left out.")
    return notes


def _alone(column: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> float:
    """Return the average precision of a small tree on one column, on rows that it has not seen."""
    tree = DecisionTreeClassifier(max_leaf_nodes=8, min_samples_leaf=5, random_state=0)
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    text = column.select_dtypes(exclude="number").shape[1]
    model = make_pipeline(TargetEncoder(target_type="binary", cv=folds), tree) if text else tree
    scores = cross_val_predict(model, column.to_numpy(), y, cv=folds, method="predict_proba")[:, 1]
    return average_precision_score(y, scores, sample_weight=weight)
