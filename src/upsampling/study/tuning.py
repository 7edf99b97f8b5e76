"""LightGBM whose settings are chosen by cross-validation on the real training rows.

Every arm has the same budget, and is treated as somebody would treat it who has the training rows alone: the upsampling is
done anew within each fold, from the rows of the fold, and the rows that judge it are real and were not seen by it.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import loguniform, randint, uniform
from sklearn.metrics import average_precision_score
from sklearn.model_selection import ParameterSampler
from sklearn.pipeline import Pipeline

from upsampling.errors import SpecError
from upsampling.generator import TabularARGN
from upsampling.study import classifiers
from upsampling.study.protocol import FOLDS, Partition, Rows, folds
from upsampling.study.training import TrainingSet

TRIALS = 16
SPACE = {
    "n_estimators": randint(50, 401),
    "learning_rate": loguniform(0.01, 0.3),
    "num_leaves": randint(4, 64),
    "min_child_samples": randint(5, 101),
    "colsample_bytree": uniform(0.5, 0.5),
    "reg_lambda": loguniform(1e-3, 30),
}


def trials(seed: int) -> list[dict]:
    """Return the settings that are tried, the library's defaults first: the same for every arm of a seed."""
    drawn = ParameterSampler(SPACE, TRIALS - 1, random_state=seed)
    return [{}, *({name: np.asarray(value).item() for name, value in settings.items()} for settings in drawn)]


def choose(train: Rows, seed: int, build: Callable[..., TrainingSet], generators: Sequence[TabularARGN] = ()) -> dict:
    """Return the settings under which an arm has the highest average precision, mean over the folds; among equal ones the first tried.

    Parameters
    ----------
    train : Rows
        Real training rows.
    seed : int
        Decides the folds, the settings that are tried, the upsampling and the classifiers.
    build : callable
        Makes the arm's training set: see `training`.
    generators : sequence of TabularARGN
        One fitted on the rows of each fold, if the arm needs a generator.

    Raises
    ------
    SpecError
        There are fewer than two minority rows for each fold.
    """
    n_minority = len(train.minority)
    if n_minority < 2 * FOLDS:
        raise SpecError(f"tuning needs at least {2 * FOLDS} minority rows, two for each fold, got {n_minority}.")
    tried, precisions = trials(seed), []
    for (kept, judged), generator in zip(folds(train, seed), generators or [None] * FOLDS, strict=True):
        training = build(Partition(kept, judged, judged.at(np.arange(0))), seed, generator)
        precisions.append([_average_precision(fitted(settings, training, seed), judged) for settings in tried])
    return tried[int(np.mean(precisions, axis=0).argmax())]


def fitted(settings: dict, training: TrainingSet, seed: int) -> Pipeline:
    """Return LightGBM with some settings, trained."""
    classifier = classifiers.make("lightgbm", seed)
    classifier.set_params(**{f"classifier__{name}": value for name, value in settings.items()})
    return classifier.fit(training.X, training.y, classifier__sample_weight=training.sample_weight)


def _average_precision(classifier: Pipeline, judged: Rows) -> float:
    return float(average_precision_score(judged.y, classifiers.score(classifier, judged.X)))
