"""Frames as classifiers take them."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_samples, check_consistent_length, validate_data

from upsampling.errors import GeneratorError


def is_number(column: pd.Series) -> bool:
    """Return whether a column holds numbers; whatever else it may hold, flags included, counts as categories."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def refuse_infinite(frame: pd.DataFrame) -> None:
    """Raise GeneratorError if a column holds infinite values."""
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column) and np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).any():
            raise GeneratorError(f"column '{name}' holds infinite values; replace them by missing or finite ones.")


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


class FrameClassifier(ClassifierMixin, BaseEstimator):
    """Base of classifiers that take mixed frames as they are: numbers, categories, text and booleans, with missing values."""

    def predict(self, X):
        """Return the most probable class of each row, as ndarray of shape (n_rows,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _frame(self, X, *, reset: bool) -> pd.DataFrame:
        """Return `X` as a frame with a new index; `reset` says that these are the training rows."""
        if not isinstance(X, pd.DataFrame):
            X = check_array(X, dtype=None, ensure_all_finite="allow-nan")
        validate_data(self, X=X, reset=reset, skip_check_array=True)
        if not _num_samples(X):
            raise ValueError("Found array with 0 sample(s) (shape=(0, ...)) while a minimum of 1 is required.")
        frame = X.reset_index(drop=True) if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
        refuse_infinite(frame)
        if reset:
            self._numbers = [name for name, column in frame.items() if is_number(column)]
            return frame
        # a column of numbers of which all are missing may come as objects
        numbers = frame.dtypes[frame.columns.isin(self._numbers)]
        objects = [name for name, dtype in numbers.items() if pd.api.types.is_object_dtype(dtype)]
        return frame.astype(dict.fromkeys(objects, float))

    def _codes(self, frame: pd.DataFrame, y) -> np.ndarray:
        """Return each row's position in `classes_`, which this sets."""
        y = column_or_1d(y, warn=True)
        check_consistent_length(frame, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        return codes

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags
