"""CatBoost with its defaults, which are made for categories. Its package, 250 MB once installed, is an extra."""

import pandas as pd
from sklearn.pipeline import Pipeline

from upsampling.frames import to_codes
from upsampling.study.classifier import Classifier, from_estimator
from upsampling.study.registry import not_installed

_QUIET = {"thread_count": 1, "verbose": False, "allow_writing_files": False}


def _with_categories(X: pd.DataFrame) -> pd.DataFrame:
    """Return `X` with categories as whole numbers, but still of the dtype by which they are known."""
    codes = to_codes(X)
    return codes.astype({new: "category" for new, old in zip(codes, X, strict=True) if X[old].dtype == "category"})


def _build(seed: int) -> Pipeline:
    from catboost import CatBoostClassifier

    class _CatBoostClassifier(CatBoostClassifier):
        def fit(self, X, y, sample_weight=None):
            return super().fit(X, y, cat_features=[*X.select_dtypes("category")], sample_weight=sample_weight)

    return from_estimator(_CatBoostClassifier(**_QUIET), _with_categories)(seed)


CLASSIFIERS = (
    Classifier(
        "catboost",
        "CatBoost",
        _build,
        "Apache-2.0",
        written="from catboost import CatBoostClassifier\n\nCatBoostClassifier(thread_count=1, verbose=False, "
        "allow_writing_files=False, random_state=0)",
        skip=not_installed("catboost", "catboost"),
    ),
)
