"""``python -m tools.toy``: compute the table of two columns on which the book shows what each way of making rows does, as toy.json.

The minority lies along a narrow band, so that a row between two minority rows may be none of it, and two columns that are
shuffled lose what ties them together. A page steps through what `compute` stored: see ``src/upsampling/book/toy.py``.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from upsampling import paths
from upsampling.__main__ import guarded
from upsampling.book.toy import CLASSIFIERS, COUNTS, FILE, WAYS
from upsampling.files import replace_file
from upsampling.frames import lightgbm
from upsampling.sampler import TabularARGNSampler
from upsampling.study.experiment import code_state
from upsampling.study.store import Store

N_MAJORITY = 1000
# Made rows that are drawn; all of them train the classifier.
N_SHOWN = 200
GRID = 60
EXTENT = 3.5


def draw(n_minority: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return a table of `N_MAJORITY` rows in a round cloud, and a minority along an arc within it.

    Parameters
    ----------
    n_minority : int
        Minority rows.
    seed : int
        Decides where the rows lie; fewer minority rows are the first of more.
    """
    rng = np.random.RandomState(seed)
    majority = rng.normal(size=(N_MAJORITY, 2))
    angle = rng.uniform(0.1, np.pi - 0.1, max(COUNTS))
    radius = 2 + 0.12 * rng.normal(size=max(COUNTS))
    minority = np.c_[radius * np.cos(angle), radius * np.sin(angle) - 0.4][:n_minority]
    X = pd.DataFrame(np.r_[majority, minority], columns=["x", "y"])
    return X, pd.Series(np.repeat([0, 1], [N_MAJORITY, n_minority]), name="class")


def _shuffled(X: pd.DataFrame, y: pd.Series, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.RandomState(seed)
    missing = int((y == 0).sum() - (y == 1).sum())
    made = pd.DataFrame({name: rng.choice(column[y == 1], missing) for name, column in X.items()})
    return pd.concat([X, made]), pd.concat([y, pd.Series(1, index=made.index)])


def upsample(way: str, X: pd.DataFrame, y: pd.Series, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return the table with the rows that a way adds until both classes are of one size, behind its own.

    Parameters
    ----------
    way : str
        A key of `WAYS`.
    X, y : DataFrame, Series
        The table.
    seed : int
        Decides which rows are made.
    """
    if way == "none":
        return X, y
    if way == "shuffled":
        return _shuffled(X, y, seed)
    samplers = {
        "copy": RandomOverSampler(random_state=seed),
        "smote": SMOTE(k_neighbors=min(5, int(y.sum()) - 1), random_state=seed),
        # its value protection would hide a class of three rows
        "generator": TabularARGNSampler(random_state=seed, value_protection=False),
    }
    return samplers[way].fit_resample(X, y)


def _classifier(name: str, seed: int):
    if name == "lightgbm":
        return lightgbm(seed)
    return make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=1000))


def boundary(name: str, X: pd.DataFrame, y: pd.Series, seed: int) -> str:
    """Return what a classifier trained on a table says on a grid of points: a digit each, tenths of a probability, from the lower left on."""
    ticks = np.linspace(-EXTENT, EXTENT, GRID)
    grid = pd.DataFrame({"x": np.tile(ticks, GRID), "y": np.repeat(ticks, GRID)})
    score = _classifier(name, seed).fit(X, y).predict_proba(grid)[:, 1]
    return "".join(map(str, np.minimum((10 * score).astype(int), 9)))


def compute() -> dict:
    """Return all that a reader can step through, with the commit that computed it."""
    seed, steps = 0, []
    for n_minority in COUNTS:
        X, y = draw(n_minority, seed)
        for way in WAYS:
            whole, labels = upsample(way, X, y, seed)
            made = whole.iloc[len(X) :].sample(min(N_SHOWN, len(whole) - len(X)), random_state=seed)
            steps.append(
                {
                    "minority": n_minority,
                    "way": way,
                    "made": made.round(2).to_numpy().tolist(),
                    "says": {name: boundary(name, whole, labels, seed) for name in CLASSIFIERS},
                }
            )
    X, y = draw(max(COUNTS), seed)
    state = code_state()
    return {
        "seed": seed,
        "commit": state["commit"],
        "dirty": state["dirty"],
        "extent": EXTENT,
        "grid": GRID,
        "majority": X[y == 0].round(2).to_numpy().tolist(),
        "minority": X[y == 1].round(2).to_numpy().tolist(),
        "steps": steps,
    }


def store(folder: Path) -> Path:
    """Compute the toy and write it to ``toy.json`` in a folder; return where it is."""
    Store(folder).check_writable()
    text = json.dumps(compute(), separators=(",", ":"))
    replace_file(folder / FILE, lambda path: path.write_text(text))
    return folder / FILE


if __name__ == "__main__":
    guarded(lambda: print(store(paths.results())))
