"""The protocol: which cells there are, and which rows each of them sees.

`book/assumptions.md` gives the reason for each choice that the paper does not settle.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

from upsampling.errors import SpecError, check_choice
from upsampling.study import datasets
from upsampling.study.datasets import Table

# Raised whenever a change alters what a cell means; rows of another version are refused.
PROTOCOL_VERSION = 1
HOLDOUT_SHARE = 0.2
# Parts into which the training rows are split where settings are tuned on them.
FOLDS = 3
FRACTIONS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
# The tables of the study and the seeds of each; further ones judge what was chosen on the first.
SEEDS = {"adult": range(10), "credit_card": range(10), "insurance": range(5)}
SPLITS = ("random", "grouped")
_SIZE = re.compile(
    r"(?:found|(?:n(?P<count>\d+))?(?:f(?P<fraction>0\.\d+))?)(?P<grouped>-grouped)?(?:-u(?P<subset>\d+))?(?:-g(?P<fit>\d+))?"
)


@dataclass(frozen=True, order=True)
class Cell:
    """One training set: everything below it is a pure function of this spec and the table.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    fraction : float or None
        Minority share of the training set, above 0 and at most 0.5.
    count : int or None
        Minority rows of the training set. With a fraction alone or a count alone every majority row is kept; with both, majority
        rows are taken away too until the share is `fraction`; with neither, the base set stays as it was found.
    seed : int
        Decides the split, the rows kept, the upsampling and the classifiers.
    arm : str
        How the imbalance is treated.
    split : {"random", "grouped"}, default="random"
        How base and holdout are split: at random, or so that rows with equal features stay on one side.
    subset : int, optional
        Decides, instead of `seed`, which minority rows are kept.
    fit : int, optional
        Decides, beside `seed`, the generator's fit and draws.
    """

    dataset: str
    fraction: float | None
    count: int | None
    seed: int
    arm: str
    split: str = "random"
    subset: int | None = None
    fit: int | None = None

    def __post_init__(self):
        if not isinstance(self.dataset, str) or not self.dataset:
            raise SpecError(f"a data set is named by a text, got {self.dataset!r}.")
        check_choice(self.split, SPLITS, "split")
        if self.fraction is not None:
            # as it is written in paths, so that equal paths mean equal cells
            object.__setattr__(self, "fraction", float(plain(check_fraction(self.fraction))))
        if self.count is not None and (
            not isinstance(self.count, Integral) or isinstance(self.count, bool) or self.count < 1
        ):
            raise SpecError(f"a minority count is a whole number of at least 1, got {self.count!s}.")
        for seed in (self.seed, *(other for other in (self.subset, self.fit) if other is not None)):
            if not isinstance(seed, Integral) or isinstance(seed, bool) or not 0 <= seed < 2**31:
                raise SpecError(f"a seed is a whole number from 0 to 2147483647, got {seed!s}.")
        if not isinstance(self.arm, str) or not self.arm:
            raise SpecError(f"an arm is named by a text, got {self.arm!r}.")

    @classmethod
    def of(cls, dataset: str, size: str, seed: int, arm: str) -> "Cell":
        """Return the cell with an identity as it stands in results.

        Raises
        ------
        SpecError
            The size is not one that a cell has.
        """
        parsed = _SIZE.fullmatch(size)
        if not size or not parsed:
            raise SpecError(f"a size is such as f0.001, n100, n50f0.01, found or found-grouped, got '{size}'.")
        whole = {name: None if parsed[name] is None else int(parsed[name]) for name in ("count", "subset", "fit")}
        fraction = None if parsed["fraction"] is None else float(parsed["fraction"])
        split = "grouped" if parsed["grouped"] else "random"
        return cls(dataset, fraction, seed=int(seed), arm=arm, split=split, **whole)

    @property
    def size(self) -> str:
        """The training rows as they stand in paths: ``f0.001``, ``n100``, ``n50f0.01`` or ``found``, and what is not the default."""
        count = "" if self.count is None else f"n{self.count}"
        fraction = "" if self.fraction is None else f"f{plain(self.fraction)}"
        grouped = "-grouped" if self.split == "grouped" else ""
        subset = "" if self.subset is None else f"-u{self.subset}"
        fit = "" if self.fit is None else f"-g{self.fit}"
        return f"{count}{fraction}" + ("" if count or fraction else "found") + grouped + subset + fit

    @property
    def design(self) -> str:
        """How the training rows come about: ``paper``, ``majority_kept``, ``share_kept`` or ``found``; or ``crossed``, under further seeds."""
        if self.subset is not None or self.fit is not None:
            return "crossed"
        if self.count is None:
            return "found" if self.fraction is None else "paper"
        return "majority_kept" if self.fraction is None else "share_kept"

    @property
    def generator_seed(self) -> int:
        """What the seeds of the generator's fit and draws are derived from."""
        return self.seed if self.fit is None else int(np.random.RandomState([self.seed, self.fit]).randint(2**31 - 1))

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
        sizes = [(fraction, None) for fraction in self.fractions] + [(None, count) for count in self.counts]
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
    order : tuple of str
        Features in the order of the published file, in which a generator draws them.
    """

    train: Rows
    holdout: Rows
    discarded: Rows
    order: tuple[str, ...] = ()


def minority_rows(cell: Cell, n_majority: int, n_minority: int | None = None) -> int | None:
    """Return the minority rows of the training set, ``n_majority * f / (1 - f)`` rounded for a fraction ``f`` alone.

    Parameters
    ----------
    cell : Cell
        Says the size.
    n_majority, n_minority : int
        Rows of the base set; those of the minority matter only if all are kept.
    """
    if cell.count is not None:
        return cell.count
    if cell.fraction is None:
        return n_minority
    return round(n_majority * cell.fraction / (1 - cell.fraction))


def _split(table: Table, seed: int, split: str = "random") -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the base set and of the holdout."""
    positions = np.arange(len(table.y))
    if split == "random":
        return train_test_split(positions, test_size=HOLDOUT_SHARE, stratify=table.y, random_state=seed, shuffle=True)
    twins = table.X.groupby(list(table.X), sort=False, dropna=False, observed=True).ngroup()
    folds = StratifiedGroupKFold(round(1 / HOLDOUT_SHARE), shuffle=True, random_state=seed)
    return next(folds.split(positions, table.y, twins))


def partition(table: Table, cell: Cell) -> Partition:
    """Split a table into base and holdout and take minority rows away from the base.

    The split is stratified. For one seed the minority rows of a smaller cell are a subset of those of a larger one, and so are
    majority rows where some are taken away.

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
    base, holdout = _split(table, cell.seed, cell.split)
    is_minority = table.y.to_numpy()[base] == 1
    majority, minority = base[~is_minority], base[is_minority]
    wanted = minority_rows(cell, len(majority), len(minority))
    if not 1 <= wanted <= len(minority):
        most = math.floor(1e6 * len(minority) / len(base)) / 1e6
        raise SpecError(
            f"{cell.path}: {wanted} minority rows asked for, but the base set has {len(minority)}; "
            f"use a count from 1 to {len(minority)} or a fraction of at most {plain(most)}."
        )
    subset = cell.seed if cell.subset is None else cell.subset
    shuffled = np.random.RandomState(subset).permutation(np.sort(minority))
    kept, discarded = shuffled[:wanted], shuffled[wanted:]
    if cell.count is not None and cell.fraction is not None:
        n_majority = round(wanted * (1 - cell.fraction) / cell.fraction)
        if n_majority > len(majority):
            least = math.ceil(1e6 * wanted / (wanted + len(majority))) / 1e6
            raise SpecError(
                f"{cell.path}: {n_majority} majority rows asked for, but the base set has {len(majority)}; with {wanted} minority "
                f"rows use a fraction of at least {plain(least)}."
            )
        majority = np.random.RandomState(cell.seed).permutation(np.sort(majority))[:n_majority]

    rows = Rows(table.X, table.y)
    chosen = (np.concatenate([majority, kept]), holdout, discarded)
    return Partition(*(rows.at(np.sort(positions)) for positions in chosen), order=table.order or tuple(table.X))


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
