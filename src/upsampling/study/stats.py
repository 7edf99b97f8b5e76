"""Means with intervals over seeds.

Cells that share a seed share its split, so they are not independent: whatever is averaged, it is the seeds that are
resampled. With few seeds a percentile interval is too narrow; with three it spans the three values.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from upsampling.errors import StatsError

CONFIDENCE = 0.95
N_RESAMPLES = 2_000
MIN_SEEDS = 3
# An error below this is one of rounding: all seeds have one value.
TINY = 1e-12
# Values that scipy resamples at once: 2 million take 16 MB.
BATCH_VALUES = 2_000_000


class Interval(NamedTuple):
    """A mean and its 95 % interval over seeds; NaN with fewer than 3 seeds."""

    estimate: float
    low: float
    high: float


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
            low[rows], high[rows] = _interval(block)
    return {"mean": mean, "low": low, "high": high, "n_seeds": n_seeds}


def _interval(values: np.ndarray) -> tuple:
    """Return the ends of a percentile interval of each row's mean."""
    return stats.bootstrap(
        (values,),
        np.mean,
        vectorized=True,
        axis=-1,
        n_resamples=N_RESAMPLES,
        batch=max(1, BATCH_VALUES // values.size),
        confidence_level=CONFIDENCE,
        method="percentile",
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


def corrected_interval(differences: Sequence[float], test_share: float, n_comparisons: int = 1) -> Interval:
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
    Interval
        With NaN for the interval with fewer than 3 seeds.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error," Machine Learning 52, 2003.
    """
    values = np.asarray(differences, dtype=float)
    n_seeds = len(values)
    mean = float(values.mean()) if n_seeds else float("nan")
    if n_seeds < MIN_SEEDS:
        return Interval(mean, float("nan"), float("nan"))
    reach = float(
        stats.t.ppf(1 - (1 - CONFIDENCE) / 2 / n_comparisons, n_seeds - 1) * corrected_error(values, test_share)
    )
    return Interval(mean, mean - reach, mean + reach)


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


def nested_spread(values: pd.Series) -> pd.Series:
    """Return the standard deviation that each level of a balanced nested design adds, from mean squares [1]_.

    Parameters
    ----------
    values : Series
        Its index has the levels from the outermost to the innermost; every group has equally many members.

    Returns
    -------
    Series
        By level; 0 where the estimated variance is negative.

    References
    ----------
    .. [1] Searle, Casella and McCulloch, "Variance Components," Wiley 1992, chapter 3.
    """
    within, inner = {}, 0.0
    for depth in range(values.index.nlevels, 0, -1):
        levels = [*range(depth - 1)]
        groups = values.groupby(level=levels) if levels else values.groupby(lambda _: 0)
        # what the levels below leave in a mean over them is no variance of this level
        between = groups.var().mean()
        within[values.index.names[depth - 1]] = between - inner
        inner = between / groups.size().iloc[0]
        values = groups.mean()
    return pd.Series(within)[::-1].clip(lower=0) ** 0.5


def _refuse_duplicates(frame: pd.DataFrame, key: list[str]) -> None:
    twice = frame.duplicated(key)
    if twice.any():
        first = ", ".join(f"{name} {value}" for name, value in frame.loc[twice, key].iloc[0].items())
        raise StatsError(
            f"{twice.sum()} rows occur twice, first {first}: group by more columns, or remove one of each."
        )
