"""The SMOTE family for tables of any columns, missing values included."""

import math

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC
from sklearn.base import clone

from upsampling.errors import SpecError
from upsampling.frames import is_number, to_positions

SMOTE_NEIGHBORS = 5
# SMOTE-NC keeps the neighbours of all new rows at once: above 3.2 GB it works in parts of 0.8 GB. No table of the study comes
# to that.
MAX_NEIGHBOR_VALUES = 400_000_000
PART_NEIGHBOR_VALUES = 100_000_000


def smote_for(X: pd.DataFrame, n_minority: int, random_state: int) -> SMOTE:
    """Return the member of the SMOTE family that fits the columns of `X`, with ``k = min(5, n_minority - 1)``.

    Raises
    ------
    SpecError
        Fewer than two minority rows: there is nothing to interpolate between.
    """
    if n_minority < 2:
        raise SpecError(f"SMOTE needs at least 2 minority rows to interpolate between, got {n_minority}.")
    categorical = [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]
    settings = {"k_neighbors": min(SMOTE_NEIGHBORS, n_minority - 1), "random_state": random_state}
    if all(categorical):
        return SMOTEN(**settings)
    return SMOTENC(categorical, **settings) if any(categorical) else SMOTE(**settings)


def interpolate(X: pd.DataFrame, y: pd.Series, random_state: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return `X` and `y`, and after them rows of class 1 from the SMOTE family until balance.

    Whatever is not a number, text and flags included, is a category, and columns keep their dtypes. The family cannot handle missing numbers,
    nor missing categories where all features are categorical: for making new rows, a missing number counts as the feature's median, and
    a missing category as a category.
    """
    plain = to_positions(X).apply(_plain)
    sampler = smote_for(plain, int((y == 1).sum()), random_state)
    coded = isinstance(sampler, SMOTEN) and plain.isna().any(axis=None)
    if coded:
        complete = plain.apply(lambda column: column.cat.codes.astype("category"))
    else:
        complete = plain.fillna(plain.select_dtypes("number").median().fillna(0))
    made, labels = (rows.iloc[len(X) :] for rows in _resample(sampler, complete, y))
    if coded:
        made = made.apply(lambda column: pd.Categorical.from_codes(column.astype(int), dtype=plain[column.name].dtype))
    restored = [_restored(made.iloc[:, position], X.iloc[:, position]) for position in range(X.shape[1])]
    new = pd.concat(restored, axis=1).set_axis(X.columns, axis=1)
    return pd.concat([X, new], ignore_index=True), pd.concat([y, labels], ignore_index=True)


def _plain(column: pd.Series) -> pd.Series:
    """Return numbers as NumPy knows them, and whatever else as categories: those of text and flags by number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if not is_number(column):
        values = _categories(column)
        return pd.Series(pd.Categorical.from_codes(values.codes, range(len(values.categories))), column.index)
    if isinstance(column.dtype, np.dtype):
        return column
    return pd.Series(column.to_numpy(dtype=float, na_value=np.nan), column.index)


def _restored(made: pd.Series, column: pd.Series) -> pd.Series:
    """Return rows that were made of a plain column with the dtype of the original one."""
    if made.dtype == column.dtype:
        return made
    if is_number(column):
        # integers are cut, as imbalanced-learn cuts them where NumPy has their dtype
        whole = pd.api.types.is_integer_dtype(column.dtype)
        return (np.trunc(made) if whole else made).astype(column.dtype)
    levels = np.array([*_categories(column).categories, None], dtype=object)
    return pd.Series(levels[made.astype(float).fillna(-1).astype(int)], made.index).astype(column.dtype)


def _categories(column: pd.Series) -> pd.Categorical:
    return pd.Categorical(column.astype(object))


def _resample(sampler: SMOTE, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return what the sampler makes; SMOTE-NC works in parts where the neighbours of all new rows do not fit in memory."""
    minority = X[y == 1]
    n_made = len(y) - 2 * len(minority)
    levels = [minority[name].nunique() for name in X.select_dtypes("category")]
    values = n_made * sampler.k_neighbors * (X.shape[1] - len(levels) + sum(levels))
    if not isinstance(sampler, SMOTENC) or values <= MAX_NEIGHBOR_VALUES:
        return sampler.fit_resample(X, y)
    n_parts = math.ceil(values / PART_NEIGHBOR_VALUES)
    # new rows depend on minority rows only; the other class must be there all the same
    few = pd.concat([minority, X[y == 0].head(1)], ignore_index=True)
    labels = pd.Series([1] * len(minority) + [0], dtype=y.dtype, name=y.name)
    seeds = np.random.RandomState(sampler.random_state).randint(2**31 - 1, size=n_parts)
    sizes = np.diff(np.linspace(0, n_made, n_parts + 1).astype(int))
    parts = []
    for seed, size in zip(seeds, sizes, strict=True):
        part = clone(sampler).set_params(random_state=int(seed), sampling_strategy={1: len(minority) + int(size)})
        parts.append(part.fit_resample(few, labels)[0].iloc[len(few) :])
    made = pd.Series(np.ones(n_made), dtype=y.dtype, name=y.name)
    return pd.concat([X, *parts], ignore_index=True), pd.concat([y, made], ignore_index=True)
