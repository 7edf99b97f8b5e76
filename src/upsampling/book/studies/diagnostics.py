"""Whether a look at the made rows, before any classifier is trained, tells how much they will help."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from upsampling.book.comparison import in_order_of
from upsampling.book.tables import with_interval
from upsampling.study import datasets, stats
from upsampling.study.arms import VARIANTS, title
from upsampling.study.stats import Bootstrap
from upsampling.words import joined, named

# All of them are turned so that more is better.
DIAGNOSTICS = {
    "entropy_recovery": "Entropy recovery",
    "undetectability": "Undetectability",
    "coverage": "Coverage",
    "closeness": "Marginal closeness",
}
RECOMMENDED = "entropy_recovery"
CELL = ["dataset", "size", "seed", "arm"]
TRAINING_SET = ["dataset", "size", "seed", "classifier"]
ALL, POOLED, BETWEEN = "all", "all arms", "between arms"
SCOPES = {POOLED: "All arms together", BETWEEN: "Between arms"}
COLUMNS = "dataset scope diagnostic estimate low high n_seeds n_cells".split() + [f"{name}s" for name in CELL]
# With two arms a rank correlation is 1 or -1.
MIN_ARMS = 3


def measures(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return the diagnostics of each cell whose arm made rows.

    Parameters
    ----------
    diagnostics : DataFrame
        Rows of `diagnostics.csv`.

    Returns
    -------
    DataFrame
        `dataset`, `size`, `seed`, `arm` and, NaN where it was not measured: `entropy_recovery` (1 minus the mean distance of the
        categorical features' entropies from the holdout's, over the mean of the latter), `undetectability` (1 minus the
        AUC-ROC of telling made rows from real ones), `coverage`, and `closeness` (1 minus the mean marginal distance).
    """
    entropy = entropies(diagnostics)
    distance = (entropy["entropy"] - entropy["entropy_holdout"]).abs().groupby(CELL).sum(min_count=1)
    whole = diagnostics[diagnostics["feature"] == ""].pivot(index=CELL, columns="measure", values="value")
    whole = whole.reindex(columns=["exact_copy_share", "detectability", "coverage"])
    apart = diagnostics[diagnostics["measure"] == "marginal_distance"].groupby(CELL)["value"].mean()
    table = pd.DataFrame(
        {
            "entropy_recovery": 1 - distance / entropy["entropy_holdout"].groupby(CELL).sum(),
            "undetectability": 1 - whole["detectability"],
            "coverage": whole["coverage"],
            "closeness": 1 - apart,
        }
    )
    return table.loc[table.index.isin(whole.index)].rename_axis(CELL).reset_index()


def entropies(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return `entropy` and `entropy_holdout` of each cell and categorical feature."""
    rows = diagnostics[diagnostics["measure"].isin(["entropy", "entropy_holdout"])]
    table = rows.pivot(index=[*CELL, "feature"], columns="measure", values="value")
    return table.reindex(columns=["entropy", "entropy_holdout"])


def gains(metrics: pd.DataFrame, reference: str = "none") -> pd.DataFrame:
    """Return the gain in average precision of every arm over another one on the same training set, by classifier; variants of arms are left out."""
    rows = metrics.loc[~metrics["arm"].isin(VARIANTS), [*CELL, "classifier", "average_precision"]]
    other = rows[rows["arm"] == reference].drop(columns="arm")
    pairs = rows[rows["arm"] != reference].merge(other, on=TRAINING_SET, suffixes=("", "_reference"))
    return pairs.assign(gain=pairs["average_precision"] - pairs["average_precision_reference"])


def means(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the gain and the diagnostics of each size, arm and classifier, mean over its `seeds`."""
    groups = cells.groupby(["dataset", "size", "arm", "classifier"])
    found = groups[["gain", *DIAGNOSTICS]].mean().assign(seeds=groups["seed"].agg(joined)).reset_index()
    return in_order_of(found, cells["dataset"].unique())


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's rank correlation; NaN if one side is constant."""
    ranks = rankdata(x), rankdata(y)
    if np.ptp(ranks[0]) == 0 or np.ptp(ranks[1]) == 0:
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def in_common_seeds(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the seeds that every data set has, so that each resample of seeds holds all data sets."""
    present = cells.groupby("seed")["dataset"].transform("nunique")
    return cells[present == cells["dataset"].nunique()]


def over_seeds(cells: pd.DataFrame, x: str, y: str) -> Bootstrap:
    """Return the rank correlation of two columns over all rows, with an interval that resamples seeds.

    Seeds may have unequal cells: each that is drawn brings those that it has. NaN if a column is constant; if it is so in one
    seed, the interval is NaN, for a resample may hold that seed alone.
    """
    rows = cells.dropna(subset=[x, y])
    parts = [part[[x, y]].to_numpy() for _, part in rows.groupby("seed")]
    if any((np.ptp(part, axis=0) == 0).any() for part in parts):
        return Bootstrap(correlation(*rows[[x, y]].to_numpy().T), float("nan"), float("nan"), len(parts))

    @cache
    def of_seeds(positions: tuple[int, ...]) -> float:
        return correlation(*np.concatenate([parts[position] for position in positions]).T)

    return stats.bootstrap_over_seeds(
        pd.DataFrame({"position": range(len(parts))}),
        # few seeds give few distinct resamples
        lambda drawn: np.apply_along_axis(lambda row: of_seeds(tuple(sorted(map(int, row)))), -1, drawn[..., 0]),
    )


def between_arms(cells: pd.DataFrame, x: str, y: str) -> Bootstrap:
    """Return the rank correlation between the arms of one training set and classifier, mean over these, with its interval."""
    rows = cells.dropna(subset=[x, y])
    found = [
        {"seed": key[TRAINING_SET.index("seed")], "value": correlation(part[x].to_numpy(), part[y].to_numpy())}
        for key, part in rows.groupby(TRAINING_SET)
        if len(part) >= MIN_ARMS
    ]
    by_seed = pd.DataFrame(found, columns=["seed", "value"]).groupby("seed").mean().dropna()
    return stats.bootstrap_over_seeds(by_seed, lambda values: values.mean((-2, -1)))


def correlate(cells: pd.DataFrame) -> pd.DataFrame:
    """Correlate each diagnostic with the gain: within each arm, over all arms, and between the arms of a training set.

    An arm with a single size has one value of a diagnostic per seed, and is not looked at alone.

    Parameters
    ----------
    cells : DataFrame
        `measures` merged with `gains`.

    Returns
    -------
    DataFrame
        One row per data set (``all`` for all together), scope (an arm, ``all arms`` or ``between arms``) and diagnostic:
        `estimate`, `low`, `high`, `n_seeds`, `n_cells`; and `datasets`, `sizes`, `seeds` and `arms`, the cells behind it.
    """
    groups = [(name, part) for name, part in cells.groupby("dataset", sort=False)]
    rows = []
    for name, part in [*groups, (ALL, in_common_seeds(cells))] if len(groups) > 1 else groups:
        scopes = {POOLED: (over_seeds, part), BETWEEN: (between_arms, part)}
        if name != ALL:
            scopes |= {arm: (over_seeds, own) for arm, own in part.groupby("arm") if own["size"].nunique() > 1}
        for (scope, (statistic, chosen)), diagnostic in ((s, d) for s in scopes.items() for d in DIAGNOSTICS):
            used = chosen.dropna(subset=[diagnostic, "gain"])
            if used.empty:
                continue
            found = statistic(used, diagnostic, "gain")
            listed = {f"{key}s": joined(used[key]) for key in CELL}
            listed["arms"] += " none"
            rows.append(
                {"dataset": name, "scope": scope, "diagnostic": diagnostic, **found._asdict(), "n_cells": len(used)}
                | listed
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def headline(table: pd.DataFrame) -> str:
    """Return which diagnostic puts the arms in order best, and how the one that the digest recommends does, in a sentence."""
    scope = table[(table["scope"] == BETWEEN) & table["estimate"].notna()]
    name = ALL if ALL in set(scope["dataset"]) else scope["dataset"].min()
    ranked = scope[scope["dataset"] == name].sort_values("estimate", ascending=False)
    if ranked.empty:
        return "**No training set with three arms that make rows is computed yet.**"
    said = {
        row.diagnostic: f"{with_interval(row.estimate, row.low, row.high, 2)}{_doubt(row.low, row.high)}"
        for row in ranked.itertuples()
    }
    best = ranked["diagnostic"].iloc[0]
    near = ranked["diagnostic"].iloc[1:][~(ranked["high"].iloc[1:] < ranked["low"].iloc[0])]
    others = named([DIAGNOSTICS[other].lower() for other in near])
    unsettled = (
        f" Which predicts best is not settled: the interval of {DIAGNOSTICS[best].lower()} overlaps with that of {others}."
        if others
        else ""
    )
    text = f"Between the arms of one training set {DIAGNOSTICS[best].lower()} has the highest rank correlation with the gain, {said[best]}"
    if best == RECOMMENDED:
        return f"**{text}: the diagnostic that the digest recommends.{unsettled}**"
    return f"**{text}; {DIAGNOSTICS[RECOMMENDED].lower()}, which the digest recommends, has {said.get(RECOMMENDED, 'none')}.{unsettled}**"


def finding(table: pd.DataFrame, name: str) -> str:
    """Return which diagnostic predicts the gain best on a data set, or over ``all``, in words."""
    label = "All data sets together" if name == ALL else datasets.get(name).title
    part = table[(table["dataset"] == name) & table["estimate"].notna()]
    said = []
    for scope, what in ((POOLED, "over all cells"), (BETWEEN, "between the arms of one training set")):
        ranked = part[part["scope"] == scope].sort_values("estimate", ascending=False)
        if ranked.empty:
            continue
        texts = [
            f"{DIAGNOSTICS[row.diagnostic]} {with_interval(row.estimate, row.low, row.high, 2)}{_doubt(row.low, row.high)}"
            for row in ranked.itertuples()
        ]
        behind = f", before {named(texts[1:])}" if texts[1:] else ""
        said.append(f"{what} (n = {ranked['n_seeds'].max()}) {texts[0]} has the highest rank correlation{behind}")
    return f"- **{label}**: {'; '.join(said)}." if said else f"- **{label}**: not computed yet."


def _doubt(low: float, high: float) -> str:
    if np.isnan(low):
        return " (no interval)"
    return "" if low > 0 or high < 0 else " (the interval includes zero)"


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the correlations as they are shown: a row per data set and scope, a column per diagnostic."""
    cells = table.assign(
        cell=[with_interval(*row, 2) for row in table[["estimate", "low", "high"]].itertuples(index=False)]
    )
    keys = ["dataset", "scope"]
    wide = (
        cells.pivot(index=keys, columns="diagnostic", values="cell")
        .reindex(columns=DIAGNOSTICS)
        .astype(object)
        .fillna("-")
    )
    n = cells.groupby(keys)[["n_cells", "n_seeds"]].max()
    order = table[keys].drop_duplicates().itertuples(index=False, name=None)
    wide = wide.join(n).loc[list(order)].reset_index()
    return pd.DataFrame(
        {
            "Data set": ["All" if name == ALL else datasets.get(name).title for name in wide["dataset"]],
            "Scope": [SCOPES.get(scope) or title(scope) for scope in wide["scope"]],
            **{text: wide[name] for name, text in DIAGNOSTICS.items()},
            "Cells": wide["n_cells"],
            "n": wide["n_seeds"],
        }
    )
