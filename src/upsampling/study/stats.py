"""Means with intervals over seeds, and paired tests: from frames of results to frames of statistics.

Cells that share a seed share its split, so they are not independent: whatever is averaged, it is the seeds that are
resampled. With few seeds a percentile interval is too narrow; with three it spans the three values.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from upsampling.errors import StatsError
from upsampling.study.names import GENERATOR

CONFIDENCE = 0.95
N_RESAMPLES = 2_000
MIN_SEEDS = 3
# An error below this is one of rounding: all seeds have one value.
TINY = 1e-12
# Values that scipy resamples at once: 2 million take 16 MB.
BATCH_VALUES = 2_000_000


class Bootstrap(NamedTuple):
    """A statistic, its 95 % interval over seeds (NaN with fewer than 3 seeds) and the number of seeds."""

    estimate: float
    low: float
    high: float
    n_seeds: int


def summarise(frame: pd.DataFrame, by: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Return the mean over seeds of each group, with its interval.

    Parameters
    ----------
    frame : DataFrame
        Rows with a column `seed`, at most one per group and seed.
    by : sequence of str
        Columns that make a group.
    values : sequence of str
        Columns to average. A missing value counts as a missing seed.

    Returns
    -------
    DataFrame
        One row per group and value: the columns of `by`, `metric` (the name of the value), `mean`, `low`, `high`,
        `n_seeds` and `seeds`, the seeds that went in.

    Raises
    ------
    StatsError
        A group has two rows of one seed.
    """
    by = list(by)
    _refuse_duplicates(frame, [*by, "seed"])
    groups = frame.groupby(by, dropna=False, observed=True)
    keys = groups.size().index.to_frame(index=False)
    seeds, levels = pd.factorize(frame["seed"], sort=True)
    tables = []
    for value in values:
        matrix = np.full((len(keys), len(levels)), np.nan)
        matrix[groups.ngroup(), seeds] = frame[value]
        used = [" ".join(map(str, levels[row])) for row in ~np.isnan(matrix)]
        tables.append(keys.assign(metric=value, **_mean_with_interval(matrix), seeds=used))
    return pd.concat(tables).sort_index(kind="stable").reset_index(drop=True)


def _mean_with_interval(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Bootstrap the mean of each row, NaN left out; rows with equally many values share the resamples."""
    present = ~np.isnan(matrix)
    n_seeds = present.sum(axis=1)
    packed = np.take_along_axis(matrix, np.argsort(~present, axis=1, kind="stable"), axis=1)
    mean, low, high = np.full((3, len(matrix)), np.nan)
    for n in np.unique(n_seeds[n_seeds > 0]):
        rows = n_seeds == n
        block = packed[rows, :n]
        mean[rows] = block.mean(axis=1)
        if n >= MIN_SEEDS:
            low[rows], high[rows] = _interval(block, np.mean)
    return {"mean": mean, "low": low, "high": high, "n_seeds": n_seeds}


def _interval(values: np.ndarray, statistic: Callable, method: str = "percentile", per_value: int = 1) -> tuple:
    """Return the ends of an interval; `per_value` says how many numbers the statistic looks up for each value."""
    return stats.bootstrap(
        (values,),
        statistic,
        vectorized=True,
        axis=-1,
        n_resamples=N_RESAMPLES,
        batch=max(1, BATCH_VALUES // (values.size * per_value)),
        confidence_level=CONFIDENCE,
        method=method,
        rng=np.random.default_rng(0),
    ).confidence_interval


def by_seed(frame: pd.DataFrame, cells: Sequence[str], value: str) -> pd.DataFrame:
    """Return one row per seed and one column per cell, NaN where a cell lacks the seed.

    Parameters
    ----------
    frame : DataFrame
        Rows with a column `seed`, at most one per cell and seed.
    cells : sequence of str
        Columns that name a cell.
    value : str
        Column with the values.
    """
    _refuse_duplicates(frame, [*cells, "seed"])
    return frame.set_index(["seed", *cells])[value].unstack(list(cells)).sort_index()


def bootstrap_over_seeds(
    table: pd.DataFrame, statistic: Callable[[np.ndarray], np.ndarray], method: str = "percentile"
) -> Bootstrap:
    """Return a statistic of many cells with its interval; the cells of a seed are kept together.

    Parameters
    ----------
    table : DataFrame of shape (n_seeds, n_cells)
        One row per seed, one column per cell: see `by_seed`.
    statistic : callable
        Takes an array of shape (..., n_seeds, n_cells) and returns one of shape (...).
    method : {"percentile", "basic"}, default="percentile"
        The kind of interval. Choose `basic` for a maximum over cells: resampling adds to its bias, so that a
        percentile interval lies too high.

    Raises
    ------
    StatsError
        A seed lacks a cell.
    """
    values = table.to_numpy(dtype=float)
    lacking = np.argwhere(np.isnan(values))
    if len(lacking):
        seed, cell = table.index[lacking[0][0]], table.columns[lacking[0][1]]
        raise StatsError(
            f"{len(lacking)} of {values.size} values are missing, first seed {seed} of {cell}: "
            "leave out the seeds or the cells concerned, and say so."
        )
    n_seeds = len(values)
    estimate = float(statistic(values)) if values.size else float("nan")
    if n_seeds < MIN_SEEDS:
        return Bootstrap(estimate, float("nan"), float("nan"), n_seeds)
    low, high = _interval(np.arange(n_seeds), lambda chosen, axis: statistic(values[chosen]), method, values[0].size)
    return Bootstrap(estimate, float(low), float(high), n_seeds)


def corrected_interval(differences: Sequence[float], test_share: float, n_comparisons: int = 1) -> Bootstrap:
    """Return a mean over seeds with an interval that may be acted on.

    Seeds split one table again and again, so their training sets overlap and their differences vary less than those of
    fresh tables would; the variance is raised for that [1]_. The interval is Student's, which is wide with few seeds, and
    holds for all comparisons at once (Bonferroni).

    Parameters
    ----------
    differences : sequence of float
        One per seed.
    test_share : float
        Share of the rows that each split holds out.
    n_comparisons : int, default=1
        How many such intervals are looked at together.

    Returns
    -------
    Bootstrap
        With NaN for the interval with fewer than 3 seeds.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error," Machine Learning 52, 2003.
    """
    values = np.asarray(differences, dtype=float)
    n_seeds = len(values)
    mean = float(values.mean()) if n_seeds else float("nan")
    if n_seeds < MIN_SEEDS:
        return Bootstrap(mean, float("nan"), float("nan"), n_seeds)
    reach = float(
        stats.t.ppf(1 - (1 - CONFIDENCE) / 2 / n_comparisons, n_seeds - 1) * corrected_error(values, test_share)
    )
    return Bootstrap(mean, mean - reach, mean + reach, n_seeds)


def corrected_error(values: np.ndarray, test_share: float) -> float:
    """Return the standard error of the mean over seeds behind `corrected_interval`."""
    return float(np.sqrt(values.var(ddof=1) * (1 / len(values) + test_share / (1 - test_share))))


def corrected_p(differences: Sequence[float], test_share: float, mark: float = 0.0) -> float:
    """Return the two-sided p of the mean against a mark that belongs to `corrected_interval`."""
    values = np.asarray(differences, dtype=float)
    error, distance = corrected_error(values, test_share), abs(values.mean() - mark)
    if error < TINY:
        return 1.0 if distance < TINY else 0.0
    return float(2 * stats.t.sf(distance / error, len(values) - 1))


def probability_within(differences: Sequence[float], test_share: float, margin: float) -> float:
    """Return the probability that the mean lies within a margin of zero, by the posterior of the corrected t [1]_.

    References
    ----------
    .. [1] Corani and Benavoli, "A Bayesian approach for comparing cross-validated algorithms on multiple data sets," Machine Learning 100, 2015.
    """
    values = np.asarray(differences, dtype=float)
    posterior = stats.t(len(values) - 1, values.mean(), max(corrected_error(values, test_share), TINY))
    return float(posterior.cdf(margin) - posterior.cdf(-margin))


def common_cells(frame: pd.DataFrame, across: str, cells: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the cells that every value of a column has, so that averages over cells can be compared.

    Parameters
    ----------
    frame : DataFrame
        Rows of results.
    across : str
        The column whose values are to be compared, for example ``"arm"``.
    cells : sequence of str
        Columns that name a cell, for example ``["dataset", "size", "seed", "classifier"]``.

    Returns
    -------
    kept : DataFrame
        The rows of the common cells.
    missing : DataFrame
        The pairs of cell and value of `across` that do not exist; empty if nothing was left out.
    """
    cells = list(cells)
    pairs = frame[[*cells, across]].drop_duplicates()
    wanted = pairs[cells].drop_duplicates().merge(pairs[[across]].drop_duplicates(), how="cross")
    found = wanted.merge(pairs, how="left", indicator="found")
    missing = found.loc[found["found"] == "left_only", [*cells, across]].reset_index(drop=True)
    present = frame.groupby(cells, dropna=False, observed=True)[across].transform("nunique")
    return frame[present == frame[across].nunique()], missing


def paired_differences(
    metrics: pd.DataFrame,
    metric: str,
    arm: str,
    others: Sequence[str],
    by: Sequence[str] = ("dataset", "size", "classifier"),
) -> pd.DataFrame:
    """Compare an arm with others, seed by seed.

    An arm that trains no classifier (its rows say `tabularargn` in the column `classifier`) is compared with the other
    arm under each classifier of the latter.

    Parameters
    ----------
    metrics : DataFrame
        Rows of results, at most one per arm, group and seed.
    metric : str
        Column to compare.
    arm : str
        The arm.
    others : sequence of str
        The arms it is compared with.
    by : sequence of str
        Columns that make a group; `dataset` is one of them.

    Returns
    -------
    DataFrame
        One row per group and other arm: `mean` (arm minus other), `low` and `high` (its interval over seeds),
        `n_seeds` and `seeds` (seeds that both have), `n_unpaired` (seeds that only one has), `p` (Wilcoxon's signed-rank test, two-
        sided), `p_holm` (the same after Holm's correction over all rows of the data set), and `effect` (matched-pairs
        rank-biserial correlation [1]_: 1 if the arm is better under every seed, -1 if worse under every one).
        NaN with fewer than 3 seeds.

    Raises
    ------
    StatsError
        An arm has no rows, or a group has two rows of one seed.

    References
    ----------
    .. [1] Kerby, "The simple difference formula," Comprehensive Psychology 3, 2014.
    """
    by = list(by)
    tables = []
    for other in others:
        pairs = pair(metrics, metric, arm, other, by)
        table = summarise(pairs, by, ["difference"]).drop(columns="metric")
        groups = pairs.groupby(by, dropna=False, observed=True)["difference"]
        table["n_unpaired"] = groups.size().to_numpy() - table["n_seeds"]
        table[["p", "effect"]] = [_signed_ranks(group.dropna().to_numpy()) for _, group in groups]
        tables.append(table.assign(arm=arm, other=other))
    table = pd.concat(tables, ignore_index=True)
    table["p_holm"] = table.groupby("dataset", observed=True)["p"].transform(_holm)
    return table[
        [*by, "arm", "other", "mean", "low", "high", "n_seeds", "seeds", "n_unpaired", "p", "p_holm", "effect"]
    ]


def mean_differences(
    metrics: pd.DataFrame, metric: str, arms: Sequence[str], other: str, cells: Sequence[str] = ("size", "classifier")
) -> pd.DataFrame:
    """Compare arms with one other on the average over cells, within each data set.

    One test per arm, so that a few seeds can decide what `paired_differences`, with a test per cell, leaves open.

    Parameters
    ----------
    metrics : DataFrame
        Rows of results, at most one per arm, cell and seed.
    metric : str
        Column to compare.
    arms, other : sequence of str, str
        The arms, and the one that all of them are compared with.
    cells : sequence of str
        Columns that name a cell within a data set. A comparison stands on the cells that both arms have, and on the seeds
        that have all of these.

    Returns
    -------
    DataFrame
        One row per data set and arm: `mean` (arm minus other), `low` and `high` (bootstrap over seeds), `better`
        (share of cells and seeds in which the arm is better), `n_cells`, `n_seeds` and `seeds` (those that have all cells),
        `sizes` (of the cells, if `size` names them), `n_left_out` (seeds that lack a cell),
        `p` and `effect` (signed ranks of the seeds' means) and `p_holm` (corrected over the arms of the data set).
        NaN with fewer than 3 seeds. No row for an arm that shares no cell with the other one.

    Raises
    ------
    StatsError
        An arm has no rows, or a cell has two rows of one seed.
    """
    rows = []
    for arm in arms:
        pairs = pair(metrics, metric, arm, other, ["dataset", *cells]).dropna(subset="difference")
        for dataset, part in pairs.groupby("dataset", sort=False, observed=True):
            table = by_seed(part, cells, "difference")
            whole = table.dropna()
            found = bootstrap_over_seeds(whole, lambda values: values.mean((-2, -1)))
            p, effect = _signed_ranks(whole.mean(axis=1).to_numpy())
            rows.append(
                {"dataset": dataset, "arm": arm, "other": other, "mean": found.estimate, "low": found.low}
                | {"high": found.high, "better": float((whole > 0).to_numpy().mean()) if len(whole) else float("nan")}
                | {"n_cells": table.shape[1], "n_seeds": len(whole), "n_left_out": len(table) - len(whole)}
                | {"p": p, "effect": effect, "seeds": " ".join(map(str, whole.index))}
                | ({"sizes": " ".join(table.columns.unique("size"))} if "size" in cells else {})
            )
    kinds = dict.fromkeys("mean low high better n_cells n_seeds n_left_out p effect".split(), float)
    kinds |= dict.fromkeys(("n_cells", "n_seeds", "n_left_out"), int)
    columns = ["dataset", "arm", "other", *kinds, "seeds", *(["sizes"] if "size" in cells else [])]
    table = pd.DataFrame(rows, columns=columns).astype(kinds)
    return table.assign(p_holm=table.groupby("dataset", observed=True)["p"].transform(_holm))


def pair(metrics: pd.DataFrame, metric: str, arm: str, other: str, by: Sequence[str]) -> pd.DataFrame:
    """Put two arms side by side, seed by seed, keeping what only one has.

    Returns
    -------
    DataFrame
        Columns of `by`, `seed`, the metric with the suffixes ``_arm`` and ``_other``, and `difference` (arm minus other).

    Raises
    ------
    StatsError
        An arm has no rows, or a group has two rows of one seed.
    """
    by = list(by)
    pairs = _pairs(_rows(metrics, arm, by, metric), _rows(metrics, other, by, metric), by)
    return pairs.assign(difference=pairs[f"{metric}_arm"] - pairs[f"{metric}_other"])


def _rows(metrics: pd.DataFrame, arm: str, by: list[str], metric: str) -> pd.DataFrame:
    rows = metrics.loc[metrics["arm"] == arm, [*by, "seed", metric]]
    if rows.empty:
        raise StatsError(f"arm '{arm}' has no rows; there are {', '.join(sorted(metrics['arm'].unique()))}.")
    _refuse_duplicates(rows, [*by, "seed"])
    return rows


def _pairs(left: pd.DataFrame, right: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Put the two arms side by side, keeping what only one has."""
    on = [*by, "seed"]
    if "classifier" in by:
        alone = [(side["classifier"] == GENERATOR).all() for side in (left, right)]
        if alone[0] and not alone[1]:
            left = _under_each(left, right)
        elif alone[1] and not alone[0]:
            right = _under_each(right, left)
    return left.merge(right, on=on, how="outer", suffixes=("_arm", "_other"))


def _under_each(alone: pd.DataFrame, trained: pd.DataFrame) -> pd.DataFrame:
    return alone.drop(columns="classifier").merge(trained[["classifier"]].drop_duplicates(), how="cross")


def _signed_ranks(differences: np.ndarray) -> tuple[float, float]:
    """Return Wilcoxon's p and the rank-biserial correlation; 1 and 0 if no difference differs from zero."""
    if len(differences) < MIN_SEEDS:
        return float("nan"), float("nan")
    nonzero = differences[differences != 0]
    if not len(nonzero):
        return 1.0, 0.0
    ranks = stats.rankdata(np.abs(nonzero))
    return float(stats.wilcoxon(nonzero).pvalue), float((np.sign(nonzero) * ranks).sum() / ranks.sum())


def _holm(p: pd.Series) -> pd.Series:
    tested = p.dropna()
    # one test needs no correction, and each call of the library's collects garbage for a third of a second
    if len(tested) < 2:
        return p
    return pd.Series(multipletests(tested, method="holm")[1], index=tested.index).reindex(p.index)


def _refuse_duplicates(frame: pd.DataFrame, key: list[str]) -> None:
    twice = frame.duplicated(key)
    if twice.any():
        first = ", ".join(f"{name} {value}" for name, value in frame.loc[twice, key].iloc[0].items())
        raise StatsError(
            f"{twice.sum()} rows occur twice, first {first}: group by more columns, or remove one of each."
        )
