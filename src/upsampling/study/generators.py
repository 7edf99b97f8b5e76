"""The generators: each is fitted once per training set and serves every arm that names it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from upsampling.errors import check_choice
from upsampling.generator.argn import TabularARGN
from upsampling.study.copula import VineCopula
from upsampling.study.protocol import Rows, folds


@dataclass(frozen=True)
class FoldGenerators:
    """A generator fitted on all training rows, and one on those of each fold: see `protocol.folds`."""

    whole: TabularARGN
    folds: tuple[TabularARGN, ...]


def generator_seeds(seed: int, repeat: int = 0) -> tuple[int, int]:
    """Return the seeds of a generator's fit and of its draws.

    Parameters
    ----------
    seed : int
        The cell's seed. With ``repeat=0`` the two are those that TabularARGNSampler derives from it.
    repeat : int, default=0
        Tells apart several fits on one training set.
    """
    random_state = np.random.RandomState([seed, repeat] if repeat else seed)
    fit_seed, draw_seed = (int(random_state.randint(2**31 - 1)) for _ in range(2))
    return fit_seed, draw_seed


def _on_all_rows(train: Rows, seed: int, repeat: int = 0, **settings) -> TabularARGN:
    return TabularARGN(**settings).fit(train.X, train.y, seed=generator_seeds(seed, repeat)[0])


def _on_minority_rows(train: Rows, seed: int) -> TabularARGN:
    minority = train.minority.reset_index(drop=True)
    return TabularARGN().fit(minority, pd.Series(1, index=minority.index), seed=generator_seeds(seed)[0])


def _copula(train: Rows, seed: int) -> VineCopula:
    return VineCopula().fit(train.minority, generator_seeds(seed)[0])


def _on_folds(train: Rows, seed: int) -> FoldGenerators:
    return FoldGenerators(_on_all_rows(train, seed), tuple(_on_all_rows(kept, seed) for kept, _ in folds(train, seed)))


Generator = TabularARGN | VineCopula | FoldGenerators
GENERATORS: dict[str, Callable[[Rows, int], Generator]] = {
    "tabularargn": _on_all_rows,
    # the same law in steps that cost a fifth: see `generator.fast`
    "tabularargn_packed": partial(_on_all_rows, fast=True),
    "tabularargn_unprotected_packed": partial(_on_all_rows, fast=True, value_protection=False),
    "tabularargn_50_passes_packed": partial(_on_all_rows, fast=True, max_epochs=50, early_stopping=False),
    "tabularargn_folds": _on_folds,
    "tabularargn_seed1": partial(_on_all_rows, repeat=1),
    "tabularargn_seed2": partial(_on_all_rows, repeat=2),
    "tabularargn_minority_only": _on_minority_rows,
    "tabularargn_unprotected": partial(_on_all_rows, value_protection=False),
    "tabularargn_sdk": partial(_on_all_rows, backend="sdk"),
    "tabularargn_sdk_file": partial(_on_all_rows, backend="sdk"),
    "copula": _copula,
}


# They draw in the order of the rows that they learnt from, so these have their columns in the order of the published file.
IN_FILE_ORDER = ("tabularargn_sdk_file",)


def fit_generator(name: str, train: Rows, seed: int) -> Generator:
    """Return the generator called `name`, fitted on a training set."""
    return GENERATORS[check_choice(name, GENERATORS, "generator")](train, seed)
