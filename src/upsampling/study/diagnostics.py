"""How upsampled minority rows look, before any classifier of the study is trained."""

from itertools import pairwise

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from scipy.stats import entropy, ks_2samp
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import pairwise_distances_argmin_min, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from upsampling.frames import to_positions
from upsampling.study.protocol import Partition
from upsampling.study.training import TrainingSet

# Bounds the rows that detectability looks at, so that a cell's cost does not grow with the table.
MAX_DETECTION_ROWS = 5_000
MIN_DETECTION_ROWS = 10
FOLDS = 5
# Bound the rows that coverage looks at, and make it comparable between arms that made different numbers of rows.
MAX_UNSEEN_ROWS = 1_000
MAX_MADE_ROWS = 10_000
# Distances that differ by less are equal: a copy is as near as what it copies.
SAME_DISTANCE = 1e-6
N_BINS = 10
# Marks measures of all features together.
ALL_FEATURES = ""


def is_categorical(column: pd.Series) -> bool:
    """Return whether a feature counts as categorical."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def shannon_entropy(column: pd.Series) -> float:
    """Return the Shannon entropy of a categorical column in bits: 0 for one category, log2(k) for k equal ones."""
    return float(entropy(column.value_counts(dropna=False).to_numpy(), base=2))


def marginal_distance(left: pd.Series, right: pd.Series) -> float:
    """Return how far two samples of one feature are apart, from 0 (alike) to 1 (disjoint).

    Total variation distance of the shares for categories, the Kolmogorov-Smirnov statistic for numbers.
    """
    if is_categorical(left):
        shares = [side.value_counts(normalize=True, dropna=False) for side in (left, right)]
        return float(shares[0].subtract(shares[1], fill_value=0).abs().sum() / 2)
    left, right = left.dropna(), right.dropna()
    if left.empty or right.empty:
        return float("nan")
    return float(ks_2samp(left, right, method="asymp").statistic)


def exact_copy_share(synthetic_rows: pd.DataFrame, real: pd.DataFrame) -> float:
    """Return the share of `synthetic_rows` that equal a row of `real` in every column."""
    keys = [pd.util.hash_pandas_object(frame, index=False, categorize=True) for frame in (synthetic_rows, real)]
    return float(keys[0].isin(keys[1]).mean())


def detectability(synthetic_rows: pd.DataFrame, real: pd.DataFrame, seed: int) -> tuple[float, pd.Series]:
    """Return how well LightGBM tells made rows from real ones it has not seen, and by which features.

    Parameters
    ----------
    synthetic_rows, real : DataFrame of shape (n_rows, n_features)
        Upsampled minority rows, and real ones that upsampling never saw. Both are sampled down to the smaller of
        the two, and to at most 5,000 rows.
    seed : int
        Decides the rows sampled and the folds.

    Returns
    -------
    area : float
        Cross-validated AUC-ROC: 0.5 for indistinguishable, 1 for told apart without error; NaN with fewer than 10 rows on
        a side. Made rows that repeat fall into several folds, so repetition is detected too: exact copies of few rows come
        out near 1.
    shares : Series of shape (n_features,)
        Share of each feature in the gain of a model trained on all these rows; empty if `area` is NaN.
    """
    n_rows = min(len(synthetic_rows), len(real), MAX_DETECTION_ROWS)
    if n_rows < MIN_DETECTION_ROWS:
        return float("nan"), pd.Series(dtype=float)
    sides = [side.sample(n_rows, random_state=seed) for side in (synthetic_rows, real)]
    X = to_positions(pd.concat(sides, ignore_index=True))
    y = np.repeat([1, 0], n_rows)
    model = LGBMClassifier(
        n_jobs=1, random_state=seed, deterministic=True, force_row_wise=True, verbose=-1, importance_type="gain"
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]
    gains = model.fit(X, y).feature_importances_
    return float(roc_auc_score(y, scores)), pd.Series(gains / max(gains.sum(), 1e-12), index=synthetic_rows.columns)


def coverage(
    synthetic_rows: pd.DataFrame, known: pd.DataFrame, unseen: pd.DataFrame, real: pd.DataFrame, seed: int
) -> float:
    """Return the share of unseen minority rows to which a made row lies nearer than every known minority row.

    Parameters
    ----------
    synthetic_rows, known, unseen : DataFrame of shape (n_rows, n_features)
        Upsampled minority rows, the real ones of the training set, and real ones that were taken away. Of made and unseen
        rows at most 10,000 and 1,000 are looked at, chosen at random.
    real : DataFrame of shape (n_train, n_features)
        All real training rows. They alone make the scale of the Euclidean distance: numbers in standard deviations, a
        missing one at the mean; two different categories are 1 apart.
    seed : int
        Decides the rows chosen.

    Returns
    -------
    float
        0 if nothing new was made; NaN without rows to compare.
    """
    if synthetic_rows.empty or unseen.empty:
        return float("nan")
    categorical = [name for name in real if is_categorical(real[name])]
    numeric = [name for name in real if name not in categorical]
    space = ColumnTransformer(
        [
            ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
            ("numbers", make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numeric),
        ],
        # a mismatch changes two indicators
        transformer_weights={"categories": 0.5**0.5},
    ).fit(real)
    unseen = unseen.sample(min(len(unseen), MAX_UNSEEN_ROWS), random_state=seed)
    synthetic_rows = synthetic_rows.sample(min(len(synthetic_rows), MAX_MADE_ROWS), random_state=seed)
    to_unseen = [
        pairwise_distances_argmin_min(space.transform(unseen), space.transform(rows))[1]
        for rows in (synthetic_rows, known)
    ]
    return float((to_unseen[0] < to_unseen[1] - SAME_DISTANCE).mean())


def diagnose(training: TrainingSet, partition: Partition, seed: int) -> list[dict]:
    """Return the diagnostics of one training set.

    Parameters
    ----------
    training : TrainingSet
        What the arm made.
    partition : Partition
        The rows it was made from, the holdout, and the minority rows it never saw.
    seed : int
        Decides subsamples and folds.

    Returns
    -------
    list of dict
        Rows with `feature` (empty for measures of the whole table), `measure` and `value`. `entropy` and
        `marginal_distance` look at all minority rows of the training set, the other measures at the made ones; if no
        minority rows were taken away, those of the holdout stand for unseen ones.
    """
    minority, holdout = training.X[training.y.to_numpy() == 1], partition.holdout.minority
    rows = []
    for name in minority:
        if is_categorical(minority[name]):
            rows.append({"feature": name, "measure": "entropy", "value": shannon_entropy(minority[name])})
            rows.append({"feature": name, "measure": "entropy_holdout", "value": shannon_entropy(holdout[name])})
        distance = marginal_distance(minority[name], holdout[name])
        rows.append({"feature": name, "measure": "marginal_distance", "value": distance})
    synthetic_rows = training.added_minority
    if not synthetic_rows.empty:
        known, unseen = partition.train.minority, partition.discarded.X
        if len(unseen) < MIN_DETECTION_ROWS:
            unseen = holdout
        area, shares = detectability(synthetic_rows, unseen, seed)
        whole = {
            "exact_copy_share": exact_copy_share(synthetic_rows, known),
            "detectability": area,
            "coverage": coverage(synthetic_rows, known, unseen, partition.train.X, seed),
        }
        rows += [{"feature": ALL_FEATURES, "measure": name, "value": value} for name, value in whole.items()]
        rows += [{"feature": name, "measure": "detectability_share", "value": value} for name, value in shares.items()]
    return rows


def bin_edges(column: pd.Series) -> np.ndarray:
    """Return the edges of bins with about equally many rows each: minus infinity, distinct quantiles, infinity."""
    values = column.dropna()
    inner = np.unique(np.quantile(values, np.linspace(0, 1, N_BINS + 1)[1:-1])) if len(values) else [0.0]
    return np.concatenate([[-np.inf], inner, [np.inf]])


def marginals(minority: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of every feature among minority rows.

    Parameters
    ----------
    minority : DataFrame of shape (n_rows, n_features)
        Minority rows.
    reference : DataFrame of shape (n_reference, n_features)
        Rows whose quantiles cut the numbers into bins.

    Returns
    -------
    DataFrame
        Columns `feature`, `level` (a category, or a bin written as an interval), `position` (its order) and `share`.
    """
    tables = []
    for name in minority:
        column = minority[name]
        if not is_categorical(column):
            edges = bin_edges(reference[name])
            column = pd.cut(column, edges, labels=interval_labels(edges))
        shares = column.value_counts(normalize=True, sort=False)
        tables.append(
            pd.DataFrame(
                {
                    "feature": name,
                    "level": shares.index.astype(str),
                    "position": range(len(shares)),
                    "share": shares.to_numpy(dtype=float),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def interval_labels(edges: np.ndarray) -> list[str]:
    """Return a label for each bin between `edges`: ``<= 25``, ``25 to 30``, ``> 60``."""
    digits = next(n for n in (10, 17) if len({f"{edge:.{n}g}" for edge in edges[1:-1]}) == len(edges) - 2)
    inner = [f"{edge:.{digits}g}" for edge in edges[1:-1]]
    between = [f"{low} to {high}" for low, high in pairwise(inner)]
    return [f"<= {inner[0]}", *between, f"> {inner[-1]}"]
