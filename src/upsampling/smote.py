"""The SMOTE family for tables of any columns, missing values included."""

import math

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC
from sklearn.base import clone

from upsampling.errors import SpecError

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

    It cannot handle missing numbers, nor missing categories where all features are categorical: for making new rows, a
    missing number counts as the feature's median, and a missing category as a category.
    """
    sampler = smote_for(X, int((y == 1).sum()), random_state)
    if not X.isna().any(axis=None):
        return _resample(sampler, X, y)
    coded = isinstance(sampler, SMOTEN)
    if coded:
        complete = X.apply(lambda column: column.cat.codes.astype("category"))
    else:
        numeric = X.select_dtypes("number")
        complete = X.fillna(numeric.median().fillna(0))
    made, labels = (rows.iloc[len(X) :] for rows in _resample(sampler, complete, y))
    if coded:
        made = made.apply(lambda column: pd.Categorical.from_codes(column.astype(int), dtype=X[column.name].dtype))
    return pd.concat([X, made], ignore_index=True), pd.concat([y, labels], ignore_index=True)


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
