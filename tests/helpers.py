"""Random tables, a cheap stand-in for the generator, results made by hand, and patience."""

import re
import time

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from upsampling import paths
from upsampling.generator.argn import Encoder
from upsampling.study import datasets, experiment, metrics
from upsampling.study.datasets import Table
from upsampling.study.experiment import CellResult
from upsampling.study.protocol import Cell

SEEDS = st.integers(0, 2**31 - 1)
# Seconds to wait for what takes about ten on a machine that has nothing else to do.
PATIENCE = 200


def wait_for(condition) -> None:
    """Return as soon as `condition()` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def pages_of_the_book() -> list[str]:
    """Return the names of all pages, those that the menu folds away too."""
    return re.findall(r"(?:root|file): book/(\w+)", (paths.ROOT / "_toc.yml").read_text())


@st.composite
def random_tables(draw, min_minority: int = 5) -> Table:
    """A mixed-type table whose column `id` tells every row from the others."""
    n_minority = draw(st.integers(min_minority, 40))
    n_majority = draw(st.integers(n_minority, 160))
    rng = np.random.RandomState(draw(st.integers(0, 2**16)))
    n_rows = n_minority + n_majority
    y = rng.permutation(np.repeat([0, 1], [n_majority, n_minority]))
    levels = [f"level {i}" for i in range(draw(st.integers(2, 5)))]
    X = pd.DataFrame(
        {
            "id": rng.permutation(n_rows),
            "number": rng.normal(size=n_rows) + y,
            "whole": rng.randint(0, 20, size=n_rows),
            "text": pd.Categorical(rng.choice(levels, n_rows), categories=levels),
        }
    )
    return Table("random", "0" * 64, X, pd.Series(y, dtype="int8", name="target"))


class StubGenerator:
    """Stands in for `TabularARGN`: what it draws are training rows of the class asked for."""

    def __init__(self, **parameters):
        self.parameters = parameters

    def fit(self, X, y, seed):
        self.X, self.y, self.seed = X, np.asarray(y), seed
        self.encoder_ = Encoder(X, np.unique(y))
        return self

    def sample(self, counts, seed, *, order=None):
        rng = np.random.RandomState(seed)
        chosen = [rng.choice(np.flatnonzero(self.y == label), count) for label, count in counts.items()]
        rows = np.concatenate(chosen)
        return self.X.iloc[rows].reset_index(drop=True), pd.Series(self.y[rows])

    def predict_proba(self, X):
        positive = X.iloc[:, 0].rank(pct=True).to_numpy() / 2
        return np.column_stack([1 - positive, positive])


class Neighbours(StubGenerator):
    """A stand-in for the generator whose posterior is that of the nearest training rows' numbers."""

    def fit(self, X, y, seed):
        super().fit(X, y, seed)
        self.numbers = list(X.select_dtypes("number"))
        self.model = KNeighborsClassifier(min(4, len(y))).fit(self.coordinates(X), y)
        return self

    def coordinates(self, X):
        return X[self.numbers].assign(zero=0).fillna(0).to_numpy(dtype=float)

    def predict_proba(self, X):
        return self.model.predict_proba(self.coordinates(X))


def made_result(cell: Cell, **run) -> CellResult:
    """A result as `run_cell` yields it, with invented numbers that depend on the cell alone."""
    checksum = datasets.get(cell.dataset).checksum
    described = {"status": "done", "reason": "", "n_minority": 30, "n_majority": 1000, "seconds": 1.5}
    described |= {"n_features": 1, "diagnostics_seconds": 0.1}
    described |= experiment.provenance(Table(cell.dataset, checksum, pd.DataFrame(), pd.Series())) | run
    if described["status"] == "failed":
        return CellResult(cell, described)
    y = np.repeat([0, 1, 0], [50, 20, 30]).astype("int8")
    score = np.random.RandomState(len(cell.path)).uniform(size=len(y)).astype(np.float32)
    return CellResult(
        cell,
        described,
        metrics=[{"classifier": "lightgbm"} | metrics.judge(y, score, trained=0.5, prevalence=0.03)],
        diagnostics=[{"feature": "age", "measure": "marginal_distance", "value": 1 / 3}],
        scores=pd.DataFrame({"y": y, "lightgbm": score}),
        marginals=pd.DataFrame(
            {
                "feature": ["hours", "hours", "age", "age"],
                "level": ["<= 1", "> 1"] * 2,
                "position": [0, 1] * 2,
                "share": [0.25, 0.75, 0.5, 0.5],
                "source": "arm",
            }
        ),
    )
