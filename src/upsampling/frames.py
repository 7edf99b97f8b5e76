"""Frames as classifiers take them."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer


def capped_positions(y, n_rows: int, seed: int) -> np.ndarray:
    """Return the positions of `n_rows` rows drawn at random; rows of the rarer classes go only if they are more than half."""
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    shuffled = np.random.RandomState(seed).permutation(len(y))
    common = y[shuffled] == labels[counts.argmax()]
    kept = shuffled[~common][: max(n_rows // 2, n_rows - int(common.sum()))]
    return np.sort(np.concatenate([kept, shuffled[common][: n_rows - len(kept)]]))


def to_positions(X: pd.DataFrame) -> pd.DataFrame:
    """Return `X` with columns named by position: LightGBM and XGBoost refuse brackets and quotes in names."""
    return X.set_axis([f"f{position}" for position in range(X.shape[1])], axis=1)


def to_codes(X: pd.DataFrame) -> pd.DataFrame:
    """Return `X` with categories as their codes, missing ones as -1."""
    X = to_positions(X)
    categorical = [name for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
    return X.assign(**{name: X[name].cat.codes for name in categorical})


def lightgbm(seed: int) -> Pipeline:
    """Return LightGBM with its defaults, one thread, reproducible: takes frames with category columns."""
    booster = LGBMClassifier(n_jobs=1, random_state=seed, deterministic=True, force_row_wise=True, verbose=-1)
    return Pipeline([("columns", FunctionTransformer(to_positions)), ("classifier", booster)])
