"""A table in which the share of structure that both classes have in common is a knob, and the arms on it.

The paper says that its generator learns from the majority what carries over to the minority. On real tables nobody knows how much
there is to carry over; here it is set. Every feature is a view of a hidden normal value with mean 0 and variance 1. Two hidden
factors tie these values together: a feature's *angle* says how much it takes from each of them, so that two features are
correlated by `COMMUNALITY` times the cosine of the angle between them, from -0.4 to 0.4.

- The minority's angles are drawn once for a seed. The majority has the same angles in a share of the features, the knob
  `shared`, and its own, drawn independently, in the others. At 1 the classes have one correlation matrix, at 0 two unrelated ones.
- In every feature the majority lies `SHIFT` standard deviations from the minority. So within each class every feature has the same
  distribution at every position of the knob, up to the direction of its shift.
- The *directions* of these shifts are drawn anew at each position, and chosen so that the classes can be told apart about equally well at all: of
  `N_PATTERNS` random ones those whose AUC-ROC under the true densities comes closest to `BAYES_AUC`. Without this, classes that differ in
  structure too would be easier to tell apart.
- Half of the features are numbers, half are categories: a hidden value cut into levels whose names tell nothing of their order.

For one seed the minority's rows are the same at every position of the knob, and the majority's come from the same random
numbers, so that positions can be compared in pairs. A seed draws structure and rows anew.

There are two sizes. The generator learns little of the classes from the smaller table, so that there is little to carry over; the larger one has
ten times as many rows, and as few minority rows are left in its training set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from numbers import Integral, Real
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from upsampling.errors import SpecError, UpsamplingError
from upsampling.study import ledger
from upsampling.study.arms import ARMS as REGISTRY
from upsampling.study.datasets import Table
from upsampling.study.experiment import CellResult, failure, fit, provenance, run_cell
from upsampling.study.protocol import Cell

SHARED = (0.0, 0.25, 0.5, 0.75, 1.0)
ARMS = ("none", "class_weight", "smotenc", "marginals", "tabularargn_minority_only", "tabularargn", "oracle")
# Tells whether the generator of the hybrid has learnt to tell the classes apart.
CHECK = "tabularargn_posterior"
# Minority rows of the training set.
COUNT = 50
# Rows of the tables, and the minority's share of them before it is made rare.
ROWS = (7_500, 75_000)
MINORITY_SHARE = 0.2
N_FEATURES, N_NUMERIC = 12, 6
LEVELS = (3, 4, 5, 6, 7, 8)
# Share of a hidden value's variance that comes from the two factors.
COMMUNALITY = 0.4
SHIFT = 0.62
# AUC-ROC under the true densities, by position of the knob. With one structure the border between the classes is a slope across all
# features, which trees find harder than its AUC-ROC tells; set on seeds from 100 on, which no result stands on, so that the oracle's
# average precision is the same everywhere.
BAYES_AUC = dict(zip(SHARED, (0.957, 0.957, 0.957, 0.957, 0.966), strict=True))
# Directions that are tried, and rows of each class that each is judged on.
N_PATTERNS, N_JUDGED = 300, 1_500
TARGET = "target"
KEY = ["n_rows", "shared", "seed", "arm", "classifier"]
# Measures of made rows that are kept, a column each.
MEASURES = ("detectability", "coverage")


@dataclass(frozen=True)
class Structure:
    """What rows of both classes are drawn from.

    Parameters
    ----------
    minority, majority : ndarray of shape (n_features,)
        Angles.
    shift : ndarray of shape (n_features,)
        Mean of the majority's hidden values; the minority's is 0.
    bayes_auc : float
        AUC-ROC of the ratio of the true densities of the hidden values, on rows drawn for that.
    """

    minority: np.ndarray
    majority: np.ndarray
    shift: np.ndarray
    bayes_auc: float

    @property
    def n_shared(self) -> int:
        """Features whose angle is the same in both classes."""
        return int((self.minority == self.majority).sum())


def loadings(angles: np.ndarray) -> np.ndarray:
    """Return how much each feature takes from the two factors, of shape (n_features, 2)."""
    return np.sqrt(COMMUNALITY) * np.column_stack([np.cos(angles), np.sin(angles)])


def correlation(angles: np.ndarray) -> np.ndarray:
    """Return the correlation matrix of the hidden values within a class."""
    found = loadings(angles) @ loadings(angles).T
    np.fill_diagonal(found, 1.0)
    return found


def structure(shared: float, seed: int) -> Structure:
    """Draw what the rows of a table are drawn from.

    Parameters
    ----------
    shared : float
        Share of the features whose angle is the same in both classes. Those of a smaller share are among those of a larger one.
    seed : int
        Decides everything that is random.

    Raises
    ------
    SpecError
        The share is not one of a whole number of features, or the seed is not a whole number from 0.
    """
    n_shared = _n_shared(shared)
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise SpecError(f"a seed is a whole number from 0, got {seed!s}.")
    rng = np.random.default_rng([seed, 0])
    minority, majority = rng.uniform(0, 2 * np.pi, (2, N_FEATURES))
    same = rng.permutation(N_FEATURES)[:n_shared]
    majority[same] = minority[same]
    patterns = SHIFT * rng.choice([-1, 1], (N_PATTERNS, N_FEATURES))
    areas = _bayes_aucs(minority, majority, patterns, rng)
    aimed = np.interp(shared, list(BAYES_AUC), list(BAYES_AUC.values()))
    chosen = np.abs(areas - aimed).argmin()
    return Structure(minority, majority, patterns[chosen], float(areas[chosen]))


def _n_shared(shared: float) -> int:
    if not isinstance(shared, Real) or isinstance(shared, bool) or not 0 <= shared <= 1:
        raise SpecError(f"the share of common structure lies between 0 and 1, got {shared!s}.")
    n_shared = round(shared * N_FEATURES)
    if not np.isclose(n_shared, shared * N_FEATURES):
        raise SpecError(
            f"a share of common structure stands for a whole number of {N_FEATURES} features, got {shared!s}; "
            f"the nearest is {n_shared / N_FEATURES:.4g}."
        )
    return n_shared


def _bayes_aucs(
    minority: np.ndarray, majority: np.ndarray, patterns: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return how well the classes are told apart by their true densities, by pattern of shifts."""
    few, many = (_hidden(angles, N_JUDGED, rng) for angles in (minority, majority))
    of_minority, of_majority = (np.linalg.inv(correlation(angles)) for angles in (minority, majority))
    labels = np.repeat([1, 0], N_JUDGED)
    areas = []
    for shift in patterns:
        rows = np.concatenate([few, many + shift])
        ratio = _quadratic(rows - shift, of_majority) - _quadratic(rows, of_minority)
        areas.append(roc_auc_score(labels, ratio))
    return np.array(areas)


def _quadratic(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return ((rows @ matrix) * rows).sum(axis=1)


def _hidden(angles: np.ndarray, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Draw hidden values of shape (n_rows, n_features) with mean 0."""
    factors, own = rng.normal(size=(n_rows, 2)), rng.normal(size=(n_rows, N_FEATURES))
    return factors @ loadings(angles).T + np.sqrt(1 - COMMUNALITY) * own


def make(shared: float, seed: int, n_rows: int = ROWS[0]) -> Table:
    """Return the table of a position of the knob and a seed; see the module for how it is drawn.

    Parameters
    ----------
    shared, seed
        As for `structure`.
    n_rows : int
        Rows, of which a fifth are of the minority.

    Returns
    -------
    Table
        Six numeric and six categorical features.
    """
    return _table(structure(shared, seed), shared, seed, n_rows)


def _table(drawn: Structure, shared: float, seed: int, n_rows: int) -> Table:
    n_minority = round(MINORITY_SHARE * n_rows)
    few = _hidden(drawn.minority, n_minority, np.random.default_rng([seed, 1]))
    many = _hidden(drawn.majority, n_rows - n_minority, np.random.default_rng([seed, 2])) + drawn.shift
    hidden = np.concatenate([many, few])
    names = np.random.default_rng([seed, 3])
    columns = {f"number{position}": hidden[:, position].round(3) for position in range(N_NUMERIC)}
    for position, n_levels in enumerate(LEVELS):
        # cut where a normal value has equal shares
        cuts = norm.ppf(np.arange(1, n_levels) / n_levels)
        codes = names.permutation(n_levels)[np.searchsorted(cuts, hidden[:, N_NUMERIC + position])]
        levels = [f"level{level}" for level in range(n_levels)]
        columns[f"category{position}"] = pd.Categorical.from_codes(codes, levels)
    X = pd.DataFrame(columns)
    y = pd.Series(np.repeat([0, 1], [n_rows - n_minority, n_minority]), dtype="int8", name=TARGET)
    content = pd.util.hash_pandas_object(X.assign(**{TARGET: y}), index=False).to_numpy().tobytes()
    return Table(f"simulated-{shared:g}", sha256(content).hexdigest(), X, y)


def missing(
    known: pd.DataFrame, n_seeds: int, sizes: Iterable[int] = ROWS
) -> list[tuple[int, float, int, tuple[str, ...]]]:
    """Return what is still to be computed: rows of the table, position of the knob, seed and arms.

    Smaller tables come before larger ones, all positions of a seed before the next seed, and tables that lack the check alone last.

    Parameters
    ----------
    known : DataFrame
        Rows of ``simulation.csv``.
    n_seeds : int
        How many seeds.
    sizes : iterable of int
        Rows of the tables.
    """
    done = set(known[["n_rows", "shared", "seed", "arm"]].itertuples(index=False, name=None))
    groups = [
        (n_rows, shared, seed, tuple(arm for arm in (*ARMS, CHECK) if (n_rows, shared, seed, arm) not in done))
        for n_rows in sorted(sizes)
        for seed in range(n_seeds)
        for shared in SHARED
    ]
    return sorted((group for group in groups if group[-1]), key=lambda group: group[-1] == (CHECK,))


def run(groups: Iterable[tuple[int, float, int, tuple[str, ...]]], workers: int) -> Iterator[pd.DataFrame]:
    """Compute arms on some tables, and yield the rows of each table as it ends.

    Parameters
    ----------
    groups : iterable of tuple
        Rows of the table, share of common structure, seed and arms.
    workers : int
        Processes.

    Yields
    ------
    DataFrame
        A row per arm and classifier: see `once`.
    """
    return Parallel(n_jobs=workers, return_as="generator_unordered")(delayed(once)(*group) for group in groups)


def once(n_rows: int, shared: float, seed: int, arms: Iterable[str] = (*ARMS, CHECK)) -> pd.DataFrame:
    """Compute arms on one table; those that need the same generator share its fit.

    Returns
    -------
    DataFrame
        `n_rows`, `shared`, `seed`, `arm`, `classifier`, `average_precision` and `roc_auc` on the holdout, `bayes_auc`, `status`, `reason`,
        `n_minority`, `n_majority`, `n_holdout_minority`, the columns of `MEASURES`, `fit_cpu_seconds`, `cpu_seconds`, and the provenance
        of any result. An arm that cannot be computed has one row without a classifier that gives the reason.
    """
    drawn = structure(shared, seed)
    table = _table(drawn, shared, seed, n_rows)
    origin = {"n_rows": n_rows, "shared": shared, "seed": seed, "bayes_auc": drawn.bayes_auc}
    with threadpool_limits(1):
        return pd.DataFrame([row for result in _results(table, seed, arms) for row in _rows(result, origin, table)])


def _results(table: Table, seed: int, arms: Iterable[str]) -> Iterator[CellResult]:
    fits = {}
    for arm in arms:
        cell, generator = Cell(table.name, None, COUNT, seed, arm), REGISTRY[arm].generator
        if generator and generator not in fits:
            try:
                fits[generator] = fit(cell, table)
            except UpsamplingError as error:
                yield failure(cell, table, str(error))
                continue
        yield run_cell(cell, table, fitted=fits.get(generator))


def _rows(result: CellResult, origin: dict, table: Table) -> Iterator[dict]:
    kept = ("status", "reason", "n_minority", "n_majority", "n_holdout_minority", "fit_cpu_seconds", "cpu_seconds")
    cell = {"arm": result.cell.arm} | {name: result.run.get(name) for name in kept}
    found = {row["measure"]: row["value"] for row in result.diagnostics}
    cell |= {name: found.get(name) for name in MEASURES}
    for scored in result.metrics or [{"classifier": ""}]:
        scores = {name: scored.get(name) for name in ("classifier", "average_precision", "roc_auc")}
        yield origin | cell | scores | provenance(table)


def load(folder: Path) -> pd.DataFrame:
    """Return the rows of ``simulation.csv`` in a results folder; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read or is not what its schema says.
    """
    return ledger.read(folder, "simulation").astype({"n_rows": int, "shared": float, "seed": int})


def record(rows: pd.DataFrame, folder: Path) -> Path:
    """Add rows to ``simulation.csv`` in a results folder, in place of all older ones of the same tables and arms."""
    cell = KEY[:-1]
    fresh = pd.MultiIndex.from_frame(rows[cell])

    def added() -> pd.DataFrame:
        known = load(folder)
        known = known[~pd.MultiIndex.from_frame(known[cell]).isin(fresh)]
        return pd.concat([part for part in (known, rows) if not part.empty], ignore_index=True).sort_values(KEY)

    return ledger.update(folder, "simulation", added)
