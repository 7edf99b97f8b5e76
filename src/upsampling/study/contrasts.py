"""One arm against another, group by group: paired means with the interval that the book's sentences stand on."""

from collections.abc import Iterable, Sequence

import pandas as pd

from upsampling.errors import StatsError
from upsampling.study import seeds, stats
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import HOLDOUT_SHARE
from upsampling.words import joined

AVERAGE_PRECISION = "average_precision"
# A difference that matters to nobody.
POINT = 0.01


def contrasts(
    rows: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
    by: Sequence[str] = ("dataset",),
    *,
    metric: str = AVERAGE_PRECISION,
    across: str = "arm",
    cells: Sequence[str] = ("size", "classifier"),
) -> pd.DataFrame:
    """Compare pairs of arms within each group, seed by seed, on the mean over the cells that both arms have.

    The interval is the corrected resampled t, which allows for splits that overlap [1]_. Over the comparisons of one call it
    follows Holm: each has the level at which Holm's procedure tests it, so that it excludes zero exactly if that procedure rejects.

    Parameters
    ----------
    rows : DataFrame
        Rows of `metrics.csv`.
    pairs : iterable of (str, str)
        An arm, and the one that is subtracted from it.
    by : sequence of str
        Columns that make a group; `dataset` is one of them.
    metric : str
        What is compared.
    across : str
        The column that holds the names in `pairs`; by default the arms.
    cells : sequence of str
        Columns that name a cell within a group. An arm without a classifier is compared under each classifier of the other one.

    Returns
    -------
    DataFrame
        One row per group and pair, in the order of the pairs within a group: the columns of `by`, `arm`, `other`, `mean` (arm minus
        other), `low`, `high`, `p` and `within`, the probability that the true difference is at most a point (NaN with fewer than five seeds), `better` (in how many of the seeds), `n_seeds`, `n_cells`, and
        `seeds`, `sizes` and `arms`, the cells that the numbers stand on.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error," Machine Learning 52, 2003.
    """
    by, cells = list(by), [name for name in cells if name not in by]
    comparisons = []
    for key, part in rows.groupby(by, sort=False, observed=True):
        group = dict(zip(by, key, strict=True))
        for arm, other in pairs:
            both = _paired(part, arm, other, metric, across, cells)
            if both is not None:
                comparisons.append(group | {"arm": arm, "other": other} | both)
    columns = [*by, *"arm other mean low high p within better n_seeds n_cells seeds sizes arms differences".split()]
    table = pd.DataFrame(comparisons, columns=columns)
    return _with_intervals(table).drop(columns="differences")


def _paired(part: pd.DataFrame, arm: str, other: str, metric: str, across: str, cells: list[str]) -> dict | None:
    left, right = (part[(part[across] == name) & part[metric].notna()] for name in (arm, other))
    if left.empty or right.empty:
        return None
    left, right = _under_each(left, right, cells), _under_each(right, left, cells)
    on = ["seed", *cells]
    for side in (left, right):
        if side.duplicated(on).any():
            first = side.loc[side.duplicated(on), ["dataset", *on]].iloc[0].to_dict()
            raise StatsError(
                f"{arm} minus {other}: a cell has two rows of one seed, first {first}: name it by more columns."
            )
    both = left.merge(right, on=on, suffixes=("", "_other"))
    if both.empty:
        return None
    both = seeds.complete(both, ["dataset"], cells)
    per_seed = (both[metric] - both[f"{metric}_other"]).groupby(both["seed"]).mean()
    sizes = both["size"] if "size" in cells else part["size"]
    return {
        "mean": per_seed.mean(),
        "better": int((per_seed > 0).sum()),
        "n_seeds": len(per_seed),
        "n_cells": both.groupby(cells, dropna=False).ngroups if cells else 1,
        "seeds": joined(per_seed.index),
        "sizes": joined(sizes),
        "arms": joined({*left["arm"], *right["arm"]}),
        "differences": per_seed.to_numpy(),
    }


def _under_each(side: pd.DataFrame, other: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    """Repeat the rows of an arm without a classifier under each classifier of the other arm."""
    if "classifier" not in cells or set(side["classifier"]) != {GENERATOR} or set(other["classifier"]) == {GENERATOR}:
        return side
    return side.drop(columns="classifier").merge(other[["classifier"]].drop_duplicates(), how="cross")


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    tested = table.index[table["n_seeds"] >= seeds.FEWEST]
    table = table.astype({"mean": float, "low": float, "high": float, "p": float, "within": float})
    for row in tested:
        differences = table.at[row, "differences"]
        table.loc[row, "p"] = stats.corrected_p(differences, HOLDOUT_SHARE)
        table.loc[row, "within"] = stats.probability_within(differences, HOLDOUT_SHARE, POINT)
    rejecting, rank = True, 0
    for done, row in enumerate(table.loc[tested, "p"].sort_values(kind="stable").index):
        # once one is not rejected, all that follow are tested at its level
        rank = done if rejecting else rank
        interval = stats.corrected_interval(table.at[row, "differences"], HOLDOUT_SHARE, len(tested) - rank)
        table.loc[row, ["low", "high"]] = interval.low, interval.high
        rejecting = rejecting and not interval.low <= 0 <= interval.high
    return table


def best_classifier(rows: pd.DataFrame, arm: str, classifiers: Sequence[str]) -> pd.DataFrame:
    """Return the rows of an arm under its best classifier at each size by average precision, chosen for each seed on the other seeds.

    So the choice never sees the split that it is judged on, and a lucky seed does not choose its own winner.

    Parameters
    ----------
    rows : DataFrame
        Rows of `metrics.csv`.
    arm : str
        The arm.
    classifiers : sequence of str
        From which one is chosen.
    """
    candidates = rows[(rows["arm"] == arm) & rows["classifier"].isin(classifiers)]
    cell = ["dataset", "size"]
    sums = candidates.groupby([*cell, "classifier"])[AVERAGE_PRECISION].transform("sum")
    counts = candidates.groupby([*cell, "classifier"])[AVERAGE_PRECISION].transform("count")
    # with one seed there is no other one to choose on
    others = ((sums - candidates[AVERAGE_PRECISION]) / (counts - 1).where(counts > 1)).fillna(
        candidates[AVERAGE_PRECISION]
    )
    first = others.groupby([candidates[name] for name in (*cell, "seed")]).idxmax()
    return candidates.loc[first].sort_index()
