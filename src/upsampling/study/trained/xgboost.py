"""XGBoost: the library's defaults, and settings for rare classes."""

from xgboost import XGBClassifier

from upsampling.frames import to_positions
from upsampling.study.classifier import Classifier, from_estimator
from upsampling.study.trained.lightgbm import TREES

# The same for every table and size: every parameter that is not the library's default.
REGULARISED = {
    "n_estimators": 200,
    "learning_rate": 0.05,
    "max_depth": 3,
    "min_child_weight": 0.1,
    "colsample_bytree": 0.5,
    "reg_lambda": 5.0,
}


def _xgboost(name: str, title: str, parameters: dict, **more) -> Classifier:
    booster = XGBClassifier(enable_categorical=True, n_jobs=1, **parameters)
    return Classifier(name, title, from_estimator(booster, to_positions), "Apache-2.0", **more)


CLASSIFIERS = (
    _xgboost("xgboost", "XGBoost", {}, marker="^"),
    _xgboost("xgboost_regularised", "XGBoost, regularised", REGULARISED, marker=">"),
    *(
        _xgboost(f"xgboost_{n}_trees", f"XGBoost, {n} trees", REGULARISED | {"n_estimators": n}, explains=True)
        for n in TREES
    ),
)
