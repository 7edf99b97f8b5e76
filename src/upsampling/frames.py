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

from upsampling.errors import GeneratorError, SpecError


def is_number(column: pd.Series) -> bool:
    """Return whether a column holds numbers; whatever else it may hold, flags included, counts as categories."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def refuse_infinite(frame: pd.DataFrame) -> None:
    """Raise GeneratorError if a column holds infinite values."""
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column) and np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).any():
            raise GeneratorError(f"column '{name}' holds infinite values; replace them by missing or finite ones.")


def refuse_unclear(frame: pd.DataFrame) -> None:
    """Raise GeneratorError if two columns have one name, or a cell holds a list."""
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise GeneratorError(f"two columns are named '{twice}'; rename or drop one of them.")
    for name, column in frame.items():
        cells = column if pd.api.types.is_object_dtype(column) else ()
        held = next((cell for cell in cells if isinstance(cell, list | dict | set | np.ndarray)), None)
        if held is not None:
            raise GeneratorError(
                f"column '{name}' has a {type(held).__name__} in a cell; make a column of each of its entries, join them to one text, or "
                f"drop the column."
            )


def refuse_missing_labels(y) -> None:
    """Raise SpecError if labels are missing."""
    n_missing = 0 if y is None else int(np.asarray(pd.isna(y)).sum())
    if n_missing:
        raise SpecError(f"y has {n_missing} missing label{'s' if n_missing > 1 else ''}; drop those rows.")


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


def _as_numbers(column: pd.Series) -> pd.Series:
    """Return numbers that came as something else."""
    numbers = pd.to_numeric(column.astype(object), errors="coerce")
    texts = column[numbers.isna() & column.notna()]
    if len(texts):
        raise SpecError(
            f"column '{column.name}' held numbers in fit and holds '{texts.iloc[0]!s}' now; turn it into numbers first, as by "
            f"pd.to_numeric(column, errors='coerce')."
        )
    return numbers.astype(float)


class TakesFrames:
    """Tells scikit-learn that an estimator takes mixed frames: numbers, categories and texts, with missing values."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


class FrameClassifier(TakesFrames, ClassifierMixin, BaseEstimator):
    """Base of classifiers that take mixed frames as they are: numbers, categories, text and booleans, with missing values."""

    def predict(self, X):
        """Return the most probable class of each row, as ndarray of shape (n_rows,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _frame(self, X, *, reset: bool) -> pd.DataFrame:
        """Return `X` as a frame with a new index; `reset` says that these are the training rows."""
        if not isinstance(X, pd.DataFrame):
            X = check_array(X, dtype=None, ensure_all_finite="allow-nan")
        else:
            refuse_unclear(X)
        validate_data(self, X=X, reset=reset, skip_check_array=True)
        if not _num_samples(X):
            raise ValueError("Found array with 0 sample(s) (shape=(0, ...)) while a minimum of 1 is required.")
        frame = X.reset_index(drop=True) if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
        refuse_infinite(frame)
        if reset:
            self._numbers = [name for name, column in frame.items() if is_number(column)]
            return frame
        # a column of numbers of which all are missing may come as objects
        for name in self._numbers:
            if not is_number(frame[name]):
                frame[name] = _as_numbers(frame[name])
        return frame

    def _codes(self, frame: pd.DataFrame, y) -> np.ndarray:
        """Return each row's position in `classes_`, which this sets."""
        refuse_missing_labels(y)
        y = column_or_1d(y, warn=True)
        check_consistent_length(frame, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        return codes
