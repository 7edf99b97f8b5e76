"""The classifiers: library defaults, and settings that suit rare classes; one thread. Where settings are tuned, `tuning` chooses them.

What breaks LightGBM's defaults where positives are few and their share is small: the log-odds of a leaf are its gradients over its
hessians, which are sums of p(1 - p) and nearly zero there, so leaf values explode; and leaves of 20 rows cannot be split off from
fewer positives. Small steps, few leaves and a penalty on leaf values hold them down.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
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


def _lightgbm_with(settings: dict) -> Callable[[int], Pipeline]:
    return lambda seed: lightgbm(seed).set_params(**{f"classifier__{name}": value for name, value in settings.items()})


def _xgboost_with(settings: dict) -> Callable[[int], Pipeline]:
    return lambda seed: _xgboost(seed).set_params(**{f"classifier__{name}": value for name, value in settings.items()})


def _forest_with_leaves(seed: int) -> Pipeline:
    return _random_forest(seed).set_params(classifier__min_samples_leaf=MIN_SAMPLES_LEAF)


def _linear(classifier) -> Pipeline:
    categories = make_column_selector(dtype_include="category")
    numbers = make_column_selector(dtype_exclude="category")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), categories),
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
    )
    return Pipeline([("names", FunctionTransformer(to_positions)), ("columns", columns), ("classifier", classifier)])


def _logistic_regression(seed: int) -> Pipeline:
    # the default of 100 steps does not suffice on repeated rows
    return _linear(LogisticRegression(max_iter=1000, random_state=seed))


def _logistic_regression_cv(seed: int) -> Pipeline:
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    regression = LogisticRegression(max_iter=1000, random_state=seed)
    return _linear(GridSearchCV(regression, {"C": PENALTIES}, scoring="average_precision", cv=folds))


def _balanced_forest(seed: int) -> Pipeline:
    forest = BalancedRandomForestClassifier(n_jobs=1, random_state=seed)
    return Pipeline([("columns", FunctionTransformer(to_codes)), ("classifier", forest)])


class _Titles(dict):
    """Titles by name; a classifier without one is called by its name."""

    def __missing__(self, name: str) -> str:
        return name


# Settings for rare classes, the same for every table and size: every parameter that is not the library's default.
LIGHTGBM_REGULARISED = {
    "n_estimators": 200,
    "learning_rate": 0.02,
    "num_leaves": 8,
    "reg_lambda": 1.0,
    "colsample_bytree": 0.5,
}
# What three parameters do alone: the step, the leaves, and the sum of hessians below which a leaf is not split off.
LIGHTGBM_RARE = {"n_estimators": 200, "learning_rate": 0.02, "num_leaves": 8, "min_sum_hessian_in_leaf": 0.1}
XGBOOST_REGULARISED = {
    "n_estimators": 200,
    "learning_rate": 0.05,
    "max_depth": 3,
    "min_child_weight": 0.1,
    "colsample_bytree": 0.5,
    "reg_lambda": 5.0,
}
MIN_SAMPLES_LEAF = 5
# Inverse strengths of the penalty among which cross-validation chooses.
PENALTIES = (0.01, 0.1, 1.0)
# One parameter at a time, from the defaults to the settings for rare classes: the step goes with the number of trees.
_PARTS = {
    "step": ("n_estimators", "learning_rate"),
    "leaves": ("num_leaves",),
    "penalty": ("reg_lambda",),
    "columns": ("colsample_bytree",),
}
# Two more parameters that could matter, in both directions.
_ASIDE = {
    "small_children": {"min_child_samples": 5},
    "large_children": {"min_child_samples": 80},
    "small_hessian": {"min_sum_hessian_in_leaf": 1e-5},
    "large_hessian": {"min_sum_hessian_in_leaf": 0.1},
}
# Numbers of trees among which 200 was chosen, for both boosters, by a rule that `tests/test_beyond.py` holds.
TREES = (200, 400, 800)


def _ablation() -> dict[str, dict]:
    """Return LightGBM's settings by classifier: each part alone, all but it, and either end with one more parameter."""
    settings = {}
    for part, names in _PARTS.items():
        alone = {name: LIGHTGBM_REGULARISED[name] for name in names}
        settings[f"lightgbm_only_{part}"] = alone
        settings[f"lightgbm_without_{part}"] = {k: v for k, v in LIGHTGBM_REGULARISED.items() if k not in names}
    for name, more in _ASIDE.items():
        settings[f"lightgbm_{name}"] = more
        settings[f"lightgbm_regularised_{name}"] = LIGHTGBM_REGULARISED | more
    for n_trees in TREES:
        settings[f"lightgbm_{n_trees}_trees"] = LIGHTGBM_REGULARISED | {"n_estimators": n_trees}
    return settings


ABLATION = _ablation()
XGBOOST_TREES = {f"xgboost_{n_trees}_trees": XGBOOST_REGULARISED | {"n_estimators": n_trees} for n_trees in TREES}
# The classifiers of the study: the paper's three, and a linear one beside them.
PAPER_CLASSIFIERS = ("random_forest", "xgboost", "lightgbm")
LINEAR = "logistic_regression"
CLASSIFIERS = {
    "random_forest": _random_forest,
    "xgboost": _xgboost,
    "lightgbm": lightgbm,
    LINEAR: _logistic_regression,
}
# Classifiers as one should use them where a class is rare.
GOOD = {
    "lightgbm_regularised": _lightgbm_with(LIGHTGBM_REGULARISED),
    "xgboost_regularised": _xgboost_with(XGBOOST_REGULARISED),
    "random_forest_leaves": _forest_with_leaves,
    "logistic_regression_cv": _logistic_regression_cv,
}
# Classifiers that explain the good ones.
EXPLAINING = {
    "lightgbm_rare": _lightgbm_with(LIGHTGBM_RARE),
    **{name: _lightgbm_with(settings) for name, settings in ABLATION.items()},
    **{name: _xgboost_with(settings) for name, settings in XGBOOST_TREES.items()},
}
# Classifiers that treat the imbalance themselves: each is an arm of its own.
BALANCING = {"balanced_forest": _balanced_forest}
# Stands in the column `classifier` of LightGBM with settings of its own: see `tuning`.
TUNED = "lightgbm_tuned"
# Stands there for a mean of ranks over several arms and classifiers.
RANKS = "ranks"
TITLES = _Titles(
    {
        "random_forest": "Random forest",
        "xgboost": "XGBoost",
        "lightgbm": "LightGBM",
        LINEAR: "Logistic regression",
        "balanced_forest": "Balanced forest",
        TUNED: "LightGBM, tuned",
        "lightgbm_regularised": "LightGBM, regularised",
        "xgboost_regularised": "XGBoost, regularised",
        "random_forest_leaves": "Random forest, leaves of 5",
        "logistic_regression_cv": "Logistic regression, tuned penalty",
        "lightgbm_rare": "LightGBM, set for rare classes",
        "tabularargn": "Generator alone",
        RANKS: "Mean of ranks",
    }
)
# The training seconds of these stand in `runs.csv`; those of all classifiers stand in `metrics.csv`.
TIMED_IN_RUNS = (*CLASSIFIERS, *BALANCING, TUNED)
ALL = CLASSIFIERS | GOOD | EXPLAINING | BALANCING


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
    """
    return ALL[check_choice(name, ALL, "classifier")](seed)


def score(classifier: Pipeline, X: pd.DataFrame) -> np.ndarray:
    """Return the probability of class 1 as float32 of shape (n_rows,), the precision in which scores are kept."""
    return classifier.predict_proba(X)[:, 1].astype(np.float32)
