"""The classifiers: library defaults, one thread, nothing tuned."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from xgboost import XGBClassifier

from upsampling.errors import check_choice


def to_positions(X: pd.DataFrame) -> pd.DataFrame:
    """Return `X` with columns named by position: LightGBM and XGBoost refuse brackets and quotes in names."""
    return X.set_axis([f"f{position}" for position in range(X.shape[1])], axis=1)


def to_codes(X: pd.DataFrame) -> pd.DataFrame:
    """Return `X` with categories as their codes, missing ones as -1."""
    X = to_positions(X)
    categorical = [name for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
    return X.assign(**{name: X[name].cat.codes for name in categorical})


def _random_forest(seed: int) -> Pipeline:
    forest = RandomForestClassifier(n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_codes)), ("classifier", forest)])


def _xgboost(seed: int) -> Pipeline:
    booster = XGBClassifier(enable_categorical=True, n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_positions)), ("classifier", booster)])


def _lightgbm(seed: int) -> Pipeline:
    booster = LGBMClassifier(n_jobs=1, random_state=seed, deterministic=True, force_row_wise=True, verbose=-1)
    return Pipeline([("columns", FunctionTransformer(to_positions)), ("classifier", booster)])


CLASSIFIERS = {"random_forest": _random_forest, "xgboost": _xgboost, "lightgbm": _lightgbm}
TITLES = {
    "random_forest": "Random forest",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "tabularargn": "Generator alone",
}


def make(name: str, seed: int) -> Pipeline:
    """Return the untrained classifier called `name`.

    Parameters
    ----------
    name : {"random_forest", "xgboost", "lightgbm"}
        Which one.
    seed : int
        Its `random_state`.

    Returns
    -------
    Pipeline
        Takes frames with category columns that have the same levels at fit and predict; its last step is called
        ``classifier``.
    """
    return CLASSIFIERS[check_choice(name, CLASSIFIERS, "classifier")](seed)


def score(classifier: Pipeline, X: pd.DataFrame) -> np.ndarray:
    """Return the probability of class 1 as float32 of shape (n_rows,), the precision in which scores are kept."""
    return classifier.predict_proba(X)[:, 1].astype(np.float32)
