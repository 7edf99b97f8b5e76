"""Training sets: one function for each way of treating the imbalance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler

from upsampling.generator.argn import TabularARGN
from upsampling.smote import interpolate
from upsampling.study.copula import VineCopula
from upsampling.study.generators import Generator, generator_seeds
from upsampling.study.protocol import Partition


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


Build = Callable[[Partition, int, Generator | None], TrainingSet]


def unbalanced(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the training rows as they are."""
    return TrainingSet(partition.train.X, partition.train.y, len(partition.train))


def weighted(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the training rows, minority rows weighted to the prior of a balanced set."""
    y = partition.train.y
    weights = np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0)
    return TrainingSet(partition.train.X, y, len(y), weights)


def repeated(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the training rows and repeated minority rows until balance."""
    X, y = RandomOverSampler(random_state=seed).fit_resample(partition.train.X, partition.train.y)
    return TrainingSet(X, y, len(partition.train))


def interpolated(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the training rows and interpolated minority rows until balance."""
    train = partition.train
    X, y = interpolate(train.X, train.y, seed)
    return TrainingSet(X, y, len(train))


def shuffled_columns(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the training rows and minority rows whose every feature is drawn by itself from the minority's, until balance."""
    train, random_state = partition.train, np.random.RandomState(seed)
    minority, n_made = train.minority, _n_to_balance(partition)
    # in the order of their names, so that the order of the table's columns does not matter
    made = {
        name: minority[name].iloc[random_state.randint(len(minority), size=n_made)].array
        for name in sorted(minority, key=str)
    }
    return _with_minority(partition, pd.DataFrame(made)[list(minority)])


def undersampled(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the minority rows and as many majority rows."""
    X, y = RandomUnderSampler(random_state=seed).fit_resample(partition.train.X, partition.train.y)
    return TrainingSet(X, y, len(y))


def complete(partition: Partition, seed: int, generator: None) -> TrainingSet:
    """Return the base set before minority rows were taken away."""
    X = pd.concat([partition.train.X, partition.discarded.X], ignore_index=True)
    y = pd.concat([partition.train.y, partition.discarded.y], ignore_index=True)
    return TrainingSet(X, y, len(y))


# In which order a generator draws the columns after the class: that of the published file, as the paper's authors are likely to have
# had it through the SDK; or categories or numbers first, each in the order of the file, as rows of earlier versions of this study were drawn.
FILE, CATEGORIES_FIRST, NUMBERS_FIRST = "file", "categories first", "numbers first"


def _columns(partition: Partition, order: str) -> list:
    X = partition.train.X
    if order == FILE:
        return list(partition.order or X)
    categorical = [name for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
    numeric = [name for name in X if name not in categorical]
    return categorical + numeric if order == CATEGORIES_FIRST else numeric + categorical


def _drawn(
    partition: Partition, generator: Generator, counts: dict, seed: int, order: str
) -> tuple[pd.DataFrame, pd.Series]:
    """Return rows of the generator; a copula draws all columns at once."""
    if isinstance(generator, VineCopula):
        return generator.sample(counts, seed)
    return generator.sample(counts, seed, order=_columns(partition, order))


def hybrid(
    partition: Partition,
    seed: int,
    generator: TabularARGN,
    *,
    order: str = FILE,
    repeat: int = 0,
    amount: float = 1.0,
    weight: float = 1.0,
) -> TrainingSet:
    """Return the training rows and minority rows drawn from the generator.

    Parameters
    ----------
    partition, seed, generator
        As for every training set.
    order : str
        In which order the columns are drawn.
    repeat : int
        Which fit on these rows the generator is.
    amount : float
        Rows drawn, as a multiple of those that balance the classes.
    weight : float
        Weight of a drawn row; a real one has 1.
    """
    counts = {1: round(amount * _n_to_balance(partition))}
    X, _ = _drawn(partition, generator, counts, generator_seeds(seed, repeat)[1], order)
    training = _with_minority(partition, X)
    if weight == 1.0:
        return training
    weights = np.where(np.arange(len(training.y)) < training.n_real, 1.0, weight)
    return TrainingSet(training.X, training.y, training.n_real, weights)


def synthetic(partition: Partition, seed: int, generator: TabularARGN, *, order: str = FILE) -> TrainingSet:
    """Return drawn rows only, both classes as large as the real majority."""
    n_majority = int((partition.train.y == 0).sum())
    X, y = _drawn(partition, generator, {0: n_majority, 1: n_majority}, generator_seeds(seed)[1] + 1, order)
    return TrainingSet(X, y.astype(partition.train.y.dtype), 0)


def _n_to_balance(partition: Partition) -> int:
    """Return how many minority rows balance lacks."""
    y = partition.train.y
    return int((y == 0).sum() - (y == 1).sum())


def _with_minority(partition: Partition, made: pd.DataFrame) -> TrainingSet:
    train = partition.train
    y = pd.Series(np.ones(len(made)), dtype=train.y.dtype, name=train.y.name)
    return TrainingSet(
        pd.concat([train.X, made], ignore_index=True), pd.concat([train.y, y], ignore_index=True), len(train)
    )
