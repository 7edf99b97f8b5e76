"""The arms: every way of treating the imbalance that the study compares, in one registry."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.utils import check_random_state

from upsampling.errors import SpecError
from upsampling.protocol import Partition, Rows
from upsampling.samplers.generator import TabularARGN

PAPER_ARMS = ("none", "naive", "smotenc", "tabularargn")
SMOTE_NEIGHBORS = 5


@dataclass(frozen=True)
class TrainingSet:
    """What a classifier is trained on.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Features, the real rows first.
    y : Series of shape (n_rows,)
        1 for the minority class.
    n_real : int
        How many of the first rows are real; the others were made.
    sample_weight : ndarray of shape (n_rows,) or None
        Weights of the rows.
    """

    X: pd.DataFrame
    y: pd.Series
    n_real: int
    sample_weight: np.ndarray | None = None

    @property
    def added_minority(self) -> pd.DataFrame:
        """Features of the minority rows that were made."""
        made = np.arange(len(self.y)) >= self.n_real
        return self.X[made & (self.y.to_numpy() == 1)]

    @property
    def minority_share(self) -> float:
        """Share of the minority class that a classifier trained on this set believes in: weighted, if weights exist."""
        return float(np.average(self.y, weights=self.sample_weight))


Build = Callable[[Partition, int, TabularARGN | None], TrainingSet]


@dataclass(frozen=True)
class Arm:
    """One way of treating the imbalance.

    Parameters
    ----------
    name, title, description : str
        Short name, the name a reader sees, and one sentence.
    build : callable or None
        Makes the training set from the partition, the seed and a fitted generator. None for an arm that trains no
        classifier of its own.
    needs_generator : bool
        Whether it needs the generator fitted on the unbalanced training set.
    members : tuple of str
        For an arm that only combines the scores of others: their names.
    """

    name: str
    title: str
    description: str
    build: Build | None
    needs_generator: bool = False
    members: tuple[str, ...] = ()


def smote_for(X: pd.DataFrame, n_minority: int, random_state: int) -> SMOTE:
    """Return the member of the SMOTE family that fits the columns of `X`, with ``k = min(5, n_minority - 1)``.

    Raises
    ------
    SpecError
        Fewer than two minority rows: there is nothing to interpolate between.
    """
    if n_minority < 2:
        raise SpecError(f"SMOTE needs at least 2 minority rows to interpolate between, got {n_minority}.")
    categorical = [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]
    settings = {"k_neighbors": min(SMOTE_NEIGHBORS, n_minority - 1), "random_state": random_state}
    if all(categorical):
        return SMOTEN(**settings)
    return SMOTENC(categorical, **settings) if any(categorical) else SMOTE(**settings)


def generator_seeds(seed: int) -> tuple[int, int]:
    """Return the seeds of the generator's fit and of its draws, as TabularARGNSampler derives them."""
    random_state = check_random_state(seed)
    fit_seed, draw_seed = (int(random_state.randint(2**31 - 1)) for _ in range(2))
    return fit_seed, draw_seed


def fit_generator(train: Rows, seed: int) -> TabularARGN:
    """Return the generator that all arms of one training set share."""
    return TabularARGN().fit(train.X, train.y, seed=generator_seeds(seed)[0])


def _none(partition: Partition, seed: int, generator: None) -> TrainingSet:
    return TrainingSet(partition.train.X, partition.train.y, len(partition.train))


def _class_weight(partition: Partition, seed: int, generator: None) -> TrainingSet:
    y = partition.train.y
    weights = np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0)
    return TrainingSet(partition.train.X, y, len(y), weights)


def _naive(partition: Partition, seed: int, generator: None) -> TrainingSet:
    X, y = RandomOverSampler(random_state=seed).fit_resample(partition.train.X, partition.train.y)
    return TrainingSet(X, y, len(partition.train))


def _smotenc(partition: Partition, seed: int, generator: None) -> TrainingSet:
    train = partition.train
    X, y = smote_for(train.X, len(train.minority), seed).fit_resample(train.X, train.y)
    return TrainingSet(X, y, len(train))


def _undersample(partition: Partition, seed: int, generator: None) -> TrainingSet:
    X, y = RandomUnderSampler(random_state=seed).fit_resample(partition.train.X, partition.train.y)
    return TrainingSet(X, y, len(y))


def _oracle(partition: Partition, seed: int, generator: None) -> TrainingSet:
    X = pd.concat([partition.train.X, partition.discarded.X], ignore_index=True)
    y = pd.concat([partition.train.y, partition.discarded.y], ignore_index=True)
    return TrainingSet(X, y, len(y))


def _hybrid(partition: Partition, seed: int, generator: TabularARGN) -> TrainingSet:
    train = partition.train
    X, y = generator.sample({1: int((train.y == 0).sum() - (train.y == 1).sum())}, generator_seeds(seed)[1])
    return TrainingSet(
        pd.concat([train.X, X], ignore_index=True),
        pd.concat([train.y, y.astype(train.y.dtype)], ignore_index=True),
        len(train),
    )


def _synthetic(partition: Partition, seed: int, generator: TabularARGN) -> TrainingSet:
    n_majority = int((partition.train.y == 0).sum())
    X, y = generator.sample({0: n_majority, 1: n_majority}, generator_seeds(seed)[1] + 1)
    return TrainingSet(X, y.astype(partition.train.y.dtype), 0)


ARMS = {
    arm.name: arm
    for arm in (
        Arm("none", "Unbalanced", "The unbalanced training set as it is.", _none),
        Arm("naive", "Naive", "Real minority rows repeated at random until both classes are of one size.", _naive),
        Arm("smotenc", "SMOTE-NC", "Minority rows interpolated between real ones until balance.", _smotenc),
        Arm(
            "tabularargn",
            "TabularARGN hybrid",
            "The real rows and synthetic minority rows of the generator until balance: the paper's arm.",
            _hybrid,
            needs_generator=True,
        ),
        Arm(
            "tabularargn_synthetic",
            "TabularARGN synthetic",
            "Synthetic rows only, both classes, each as large as the real majority.",
            _synthetic,
            needs_generator=True,
        ),
        Arm(
            "tabularargn_posterior",
            "TabularARGN posterior",
            "No upsampling and no classifier: the generator's own probability of the minority class.",
            None,
            needs_generator=True,
        ),
        Arm(
            "tabularargn_ranks",
            "TabularARGN mean of ranks",
            "Mean rank of a holdout row under the generator's posterior and under the classifier trained on "
            "synthetic rows.",
            None,
            needs_generator=True,
            members=("tabularargn_posterior", "tabularargn_synthetic"),
        ),
        Arm(
            "class_weight",
            "Class weights",
            "The unbalanced set, minority rows weighted to the same effective prior as a balanced set.",
            _class_weight,
        ),
        Arm("undersample", "Undersampled", "Majority rows dropped at random until balance.", _undersample),
        Arm("oracle", "Oracle", "The base set before minority rows were taken away: the ceiling.", _oracle),
    )
}
