"""A table of two columns on which one can see what each way of making rows does: ``upsampling toy`` computes it, once.

The minority lies along a narrow band, so that a row between two minority rows may be none of it, and two columns that are
shuffled lose what ties them together. A page steps through what `compute` stored: see ``book/_static/stepper.js``.
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
from upsampling.files import replace_file
from upsampling.frames import lightgbm
from upsampling.sampler import TabularARGNSampler
from upsampling.study.experiment import code_state

FILE = "toy.json"
COUNTS = (3, 10, 30)
N_MAJORITY = 1000
# Made rows that are drawn; all of them train the classifier.
N_SHOWN = 200
GRID = 60
EXTENT = 3.5
WAYS = {
    "none": "Nothing done",
    "copy": "Copy",
    "smote": "SMOTE",
    "generator": "Generator",
    "shuffled": "Shuffled columns",
}
CLASSIFIERS = {"lightgbm": "LightGBM", "logistic": "Logistic regression with squares"}


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


def store(target: Path | None = None) -> Path:
    """Compute the toy and write it to ``toy.json`` among the results; return where it is."""
    target = target or paths.results() / FILE
    text = json.dumps(compute(), separators=(",", ":"))
    replace_file(target, lambda path: path.write_text(text))
    return target


def load(source: Path | None = None) -> dict:
    """Return what `store` wrote."""
    return json.loads((source or paths.results() / FILE).read_text())


def content(toy: dict) -> dict:
    """Return what the script shows: the toy with the names of its ways and classifiers."""
    made = {step["way"] for step in toy["steps"]}
    ways = [(way, text) for way, text in WAYS.items() if way in made]
    return toy | {"ways": ways, "classifiers": list(CLASSIFIERS.items())}


def rows(toy: dict) -> pd.DataFrame:
    """Return the rows of the toy for a CSV: the real ones, and by way and number of minority rows those that were made."""
    real = [("real", label, None, x, y) for label in ("majority", "minority") for x, y in toy[label]]
    made = [(step["way"], "minority", step["minority"], x, y) for step in toy["steps"] for x, y in step["made"]]
    return pd.DataFrame([*real, *made], columns=["origin", "class", "n_minority", "x", "y"])


def outcomes(toy: dict) -> pd.DataFrame:
    """Return what classifiers find of the minority rows that were kept back, and on how many majority rows they raise an alarm.

    Returns
    -------
    DataFrame
        Columns `n_minority`, `way` and `classifier`, `unseen` (rows kept back), `found` (how many of these) and `false`, the share of
        the majority rows with an alarm. An alarm is a probability of one half or more.
    """
    rows = []
    for step in toy["steps"]:
        unseen = toy["minority"][step["minority"] :]
        for classifier, says in step["says"].items():
            alarms = np.array(list(says), dtype=int).reshape(toy["grid"], toy["grid"]) >= 5

            def caught(points: list, alarms: np.ndarray = alarms) -> np.ndarray:
                place = (np.reshape(points, (-1, 2)) / toy["extent"] + 1) / 2 * (len(alarms) - 1)
                x, y = place.round().astype(int).clip(0, len(alarms) - 1).T
                return alarms[y, x]

            outcome = {"unseen": len(unseen), "found": caught(unseen).sum(), "false": caught(toy["majority"]).mean()}
            rows.append({"n_minority": step["minority"], "way": step["way"], "classifier": classifier} | outcome)
    return pd.DataFrame(rows)
