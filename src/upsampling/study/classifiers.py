"""The classifiers of the study: found by discovery in the folder `trained`; one thread each. Where settings are tuned, `tuning` chooses them."""

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from upsampling.study import trained
from upsampling.study.names import GENERATOR, RANKS, TUNED
from upsampling.study.registry import modules, usable

ALL = {classifier.name: classifier for family in modules(trained) for classifier in family.CLASSIFIERS}
# The classifiers of the study: the paper's three, and a linear one beside them.
PAPER_CLASSIFIERS = ("random_forest", "xgboost", "lightgbm")
LINEAR = "logistic_regression"
REGULARISED = "lightgbm_regularised"
CLASSIFIERS = (*PAPER_CLASSIFIERS, LINEAR)
BALANCING = tuple(name for name, classifier in ALL.items() if classifier.balances)
EXPLAINING = tuple(name for name, classifier in ALL.items() if classifier.explains)
# The training seconds of these stand in `runs.csv`; those of all classifiers stand in `metrics.csv`.
TIMED_IN_RUNS = (*CLASSIFIERS, *BALANCING, TUNED)


class _Titles(dict):
    """Titles by name, in the order of tables and legends; a classifier without one is called by its name."""

    def __missing__(self, name: str) -> str:
        return name


def _titles() -> _Titles:
    special = {TUNED: "LightGBM, tuned", GENERATOR: "Generator alone", RANKS: "Mean of ranks"}
    known = {name: classifier.title for name, classifier in ALL.items()} | special
    others = [name for name in ALL if name not in EXPLAINING]
    order = dict.fromkeys([*CLASSIFIERS, *BALANCING, TUNED, *others, GENERATOR, RANKS, *EXPLAINING])
    return _Titles({name: known[name] for name in order})


TITLES = _titles()


def make(name: str, seed: int) -> Pipeline:
    """Return the untrained classifier called `name`.

    Parameters
    ----------
    name : str
        A key of `ALL`.
    seed : int
        Its `random_state`.

    Returns
    -------
    Pipeline
        Takes frames with category columns that have the same levels at fit and predict; its last step is called
        ``classifier``.

    Raises
    ------
    SpecError
        There is no such classifier, or it is skipped.
    """
    return usable(name, ALL, "classifier").build(seed)


def score(classifier: Pipeline, X: pd.DataFrame) -> np.ndarray:
    """Return the probability of class 1 as float32 of shape (n_rows,), the precision in which scores are kept."""
    return classifier.predict_proba(X)[:, 1].astype(np.float32)
