"""The protocol: which cells there are, and which rows each of them sees.

`book/assumptions.md` gives the reason for each choice that the paper does not settle.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

from upsampling.errors import SpecError
from upsampling.frames import capped_positions
from upsampling.study import datasets
from upsampling.study.datasets import Table

# Raised whenever a change alters what a cell means; rows of another version are refused.
PROTOCOL_VERSION = 1
HOLDOUT_SHARE = 0.2
# Parts into which the training rows are split where settings are tuned on them.
FOLDS = 3
FRACTIONS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
# The tables of the study and the seeds of each; those from 10 and from 8 on judge what was chosen on the first.
SEEDS = {"adult": range(10), "credit_card": range(8), "insurance": range(5)}


@dataclass(frozen=True, order=True)
class Cell:
    """One training set: everything below it is a pure function of this spec and the table.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    fraction : float or None
        Minority share of the training set, above 0 and at most 0.5; None if `count` says how many.
    count : int or None
        Minority rows of the training set; None if `fraction` says their share.
    seed : int
        Decides the split, the rows kept, the upsampling and the classifiers.
    arm : str
        How the imbalance is treated.
    """

    dataset: str
    fraction: float | None
    count: int | None
    seed: int
    arm: str

    def __post_init__(self):
        if not isinstance(self.dataset, str) or not self.dataset:
            raise SpecError(f"a data set is named by a text, got {self.dataset!r}.")
        if (self.fraction is None) == (self.count is None):
            raise SpecError(f"give either a fraction or a count, got fraction={self.fraction!s}, count={self.count!s}.")
        if self.fraction is not None:
            # as it is written in paths, so that equal paths mean equal cells
            object.__setattr__(self, "fraction", float(plain(check_fraction(self.fraction))))
        if self.count is not None and (
            not isinstance(self.count, Integral) or isinstance(self.count, bool) or self.count < 1
        ):
            raise SpecError(f"a minority count is a whole number of at least 1, got {self.count!s}.")
        if not isinstance(self.seed, Integral) or isinstance(self.seed, bool) or not 0 <= self.seed < 2**31:
            raise SpecError(f"a seed is a whole number from 0 to 2147483647, got {self.seed!s}.")
        if not isinstance(self.arm, str) or not self.arm:
            raise SpecError(f"an arm is named by a text, got {self.arm!r}.")

    @property
    def size(self) -> str:
        """The fraction or count as it stands in paths: ``f0.001`` or ``n100``."""
        return f"f{plain(self.fraction)}" if self.fraction is not None else f"n{self.count}"

    @property
    def path(self) -> str:
        """The cell's identity as a relative path."""
        return f"{self.dataset}/{self.size}/s{self.seed}/{self.arm}"

    def with_arm(self, arm: str) -> "Cell":
        """Return the cell of another arm on the same training rows."""
        return replace(self, arm=arm)


def check_fraction(fraction: float) -> float:
    """Return `fraction` if it is a share above 0 and at most 0.5, else raise SpecError."""
    if not isinstance(fraction, Real) or isinstance(fraction, bool) or not 0 < fraction <= 0.5:
        raise SpecError(f"a minority fraction lies above 0 and at most at 0.5 (0.001 is 0.1 %), got {fraction!s}.")
    return fraction


def plain(fraction: float) -> str:
    """Write a fraction as a plain number, never with an exponent."""
    return f"{fraction:.10f}".rstrip("0")


@dataclass(frozen=True)
class Grid:
    """The product of data sets, sizes, seeds and arms.

    Parameters
    ----------
    datasets, arms : sequence of str
        Names.
    fractions : sequence of float
        Minority shares.
    seeds : sequence of int
        Seeds.
    counts : sequence of int
        Minority counts, beside the fractions.
    """

    datasets: Sequence[str]
    fractions: Sequence[float]
    seeds: Sequence[int]
    arms: Sequence[str]
    counts: Sequence[int] = ()

    def __post_init__(self):
        for name in self.datasets:
            datasets.get(name)

    def __iter__(self) -> Iterator[Cell]:
        sizes: Iterable = [(fraction, None) for fraction in self.fractions] + [(None, count) for count in self.counts]
        for dataset, (fraction, count), seed, arm in product(self.datasets, sizes, self.seeds, self.arms):
            yield Cell(dataset, fraction, count, seed, arm)


@dataclass(frozen=True)
class Rows:
    """Features and target of some rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Features.
    y : Series of shape (n_rows,)
        1 for the minority class.
    """

    X: pd.DataFrame
    y: pd.Series

    def __len__(self) -> int:
        return len(self.y)

    @property
    def minority(self) -> pd.DataFrame:
        """Features of the minority rows."""
        return self.X[self.y.to_numpy() == 1]

    def capped(self, n_rows: int | None, seed: int) -> "Rows":
        """Return at most `n_rows` of the rows: see `capped_positions`."""
        if n_rows is None or len(self) <= n_rows:
            return self
        return self.at(capped_positions(self.y, n_rows, seed))

    def at(self, positions: np.ndarray) -> "Rows":
        """Return the rows at some positions, numbered anew."""
        return Rows(self.X.iloc[positions].reset_index(drop=True), self.y.iloc[positions].reset_index(drop=True))


@dataclass(frozen=True)
class Partition:
    """What a cell works on.

    Parameters
    ----------
    train : Rows
        Unbalanced training set: every majority row of the base set and the minority rows that were kept.
    holdout : Rows
        Rows for judging, with the class share of the original table.
    discarded : Rows
        Minority rows of the base set that were taken away. Only diagnostics and the oracle see them.
    """

    train: Rows
    holdout: Rows
    discarded: Rows


def minority_rows(cell: Cell, n_majority: int) -> int:
    """Return the minority rows of the training set, ``n_majority * f / (1 - f)`` rounded for a fraction ``f``."""
    if cell.count is not None:
        return cell.count
    return round(n_majority * cell.fraction / (1 - cell.fraction))


def _split(table: Table, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the base set and of the holdout."""
    positions = np.arange(len(table.y))
    return train_test_split(positions, test_size=HOLDOUT_SHARE, stratify=table.y, random_state=seed, shuffle=True)


def base_counts(table: Table, seed: int) -> tuple[int, int]:
    """Return the majority and minority rows of a seed's base set."""
    y = table.y.to_numpy()[_split(table, seed)[0]]
    return int((y == 0).sum()), int((y == 1).sum())


def partition(table: Table, cell: Cell) -> Partition:
    """Split a table into base and holdout and take minority rows away from the base.

    The split is stratified. For one seed the minority rows of a smaller cell are a subset of those of a larger one.

    Parameters
    ----------
    table : Table
        The whole data set.
    cell : Cell
        Says the seed and the size; its arm plays no part.

    Raises
    ------
    SpecError
        The base set has fewer minority rows than asked for, or fewer than one would be left.
    """
    base, holdout = _split(table, cell.seed)
    is_minority = table.y.to_numpy()[base] == 1
    majority, minority = base[~is_minority], base[is_minority]
    wanted = minority_rows(cell, len(majority))
    if not 1 <= wanted <= len(minority):
        most = math.floor(1e6 * len(minority) / len(base)) / 1e6
        raise SpecError(
            f"{cell.path}: {wanted} minority rows asked for, but the base set has {len(minority)}; "
            f"use a count from 1 to {len(minority)} or a fraction of at most {plain(most)}."
        )
    shuffled = np.random.RandomState(cell.seed).permutation(np.sort(minority))
    kept, discarded = shuffled[:wanted], shuffled[wanted:]

    rows = Rows(table.X, table.y)
    chosen = (np.concatenate([majority, kept]), holdout, discarded)
    return Partition(*(rows.at(np.sort(positions)) for positions in chosen))


def folds(train: Rows, seed: int) -> list[tuple[Rows, Rows]]:
    """Split training rows for cross-validation.

    Parameters
    ----------
    train : Rows
        Training rows.
    seed : int
        Decides which rows go together.

    Returns
    -------
    list of (Rows, Rows)
        For each of `FOLDS` stratified parts, the other rows and the part.
    """
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return [(train.at(kept), train.at(judged)) for kept, judged in splitter.split(train.X, train.y)]
