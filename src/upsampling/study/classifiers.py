"""The classifiers: library defaults, one thread. Where settings are tuned, `tuning` chooses them."""

import numpy as np
import pandas as pd
from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

from upsampling.errors import check_choice
from upsampling.frames import lightgbm, to_codes, to_positions


def _random_forest(seed: int) -> Pipeline:
    forest = RandomForestClassifier(n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_codes)), ("classifier", forest)])


def _xgboost(seed: int) -> Pipeline:
    booster = XGBClassifier(enable_categorical=True, n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_positions)), ("classifier", booster)])


def _logistic_regression(seed: int) -> Pipeline:
    categories = make_column_selector(dtype_include="category")
    numbers = make_column_selector(dtype_exclude="category")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), categories),
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
    )
    # the default of 100 steps does not suffice on repeated rows
    regression = LogisticRegression(max_iter=1000, random_state=seed)
    return Pipeline([("names", FunctionTransformer(to_positions)), ("columns", columns), ("classifier", regression)])


def _balanced_forest(seed: int) -> Pipeline:
    forest = BalancedRandomForestClassifier(n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_codes)), ("classifier", forest)])


class _Titles(dict):
    """Titles by name; a classifier without one is called by its name."""

    def __missing__(self, name: str) -> str:
        return name


# The classifiers of the study: the paper's three, and a linear one beside them.
PAPER_CLASSIFIERS = ("random_forest", "xgboost", "lightgbm")
LINEAR = "logistic_regression"
CLASSIFIERS = {
    "random_forest": _random_forest,
    "xgboost": _xgboost,
    "lightgbm": lightgbm,
    LINEAR: _logistic_regression,
}
# Classifiers that treat the imbalance themselves: each is an arm of its own.
BALANCING = {"balanced_forest": _balanced_forest}
# Stands in the column `classifier` of LightGBM with settings of its own: see `tuning`.
TUNED = "lightgbm_tuned"
TITLES = _Titles(
    {
        "random_forest": "Random forest",
        "xgboost": "XGBoost",
        "lightgbm": "LightGBM",
        LINEAR: "Logistic regression",
        "balanced_forest": "Balanced forest",
        TUNED: "LightGBM, tuned",
        "tabularargn": "Generator alone",
    }
)


def make(name: str, seed: int) -> Pipeline:
    """Return the untrained classifier called `name`.

    Parameters
    ----------
    name : str
        A key of `CLASSIFIERS` or `BALANCING`.
    seed : int
        Its `random_state`.

    Returns
    -------
    Pipeline
        Takes frames with category columns that have the same levels at fit and predict; its last step is called
        ``classifier``.
    """
    known = CLASSIFIERS | BALANCING
    return known[check_choice(name, known, "classifier")](seed)


def score(classifier: Pipeline, X: pd.DataFrame) -> np.ndarray:
    """Return the probability of class 1 as float32 of shape (n_rows,), the precision in which scores are kept."""
    return classifier.predict_proba(X)[:, 1].astype(np.float32)
