"""Does the gain grow with the structure that both classes share? The rule, what it says of the simulated tables, and the figure.

The rule was written before the results that it judges. It looks at the *growth* of a gain: how many points of average precision it rises
from unrelated to identical structure, by a straight line through all positions of the knob, fitted to each seed's gains.
"""

import numpy as np
import pandas as pd

from upsampling import stats
from upsampling.classifiers import PAPER_CLASSIFIERS
from upsampling.comparison import joined
from upsampling.simulation import ARMS, SHARED

HYBRID, MINORITY_ONLY, CEILING = "tabularargn", "tabularargn_minority_only", "oracle"
# The first is the one that decides: the two differ in nothing but the rows that the generator learns from.
OTHERS = (MINORITY_ONLY, "marginals", "smotenc", "class_weight", "none")
# The gain grows if the whole interval of its growth lies above `THRESHOLD`, a little if above 0.
THRESHOLD = 0.02
# The tables are equally difficult if the whole interval of the oracle's growth lies within this.
EQUAL = 0.05
MIN_SEEDS = 5
VERDICTS = {
    "supported": "grows",
    "partly": "grows a little",
    "not supported": "does not grow",
    "undecided": "may or may not grow",
}


def complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the paper's classifiers, of the seeds that have every arm at every position of the knob.

    Parameters
    ----------
    rows : DataFrame
        Rows of ``simulation.csv``.
    """
    rows = rows[rows["classifier"].isin(PAPER_CLASSIFIERS) & rows["average_precision"].notna()]
    wanted = len(SHARED) * len(ARMS) * len(PAPER_CLASSIFIERS)
    return rows[rows.groupby("seed")["average_precision"].transform("size") == wanted]


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the hybrid minus each other arm in average precision, by position of the knob.

    Parameters
    ----------
    rows : DataFrame
        What `complete` returns.

    Returns
    -------
    DataFrame
        `shared`, `other`, `mean`, `low` and `high` (mean over the paper's classifiers, interval over seeds), `better` (share of
        classifiers and seeds), `n_seeds` and `seeds`.
    """
    if rows.empty:
        return pd.DataFrame(columns=["shared", "other", "mean", "low", "high", "better", "n_seeds", "seeds"])
    # a position of the knob is a table of its own
    tables = [
        stats.mean_differences(
            rows.assign(dataset=rows["shared"]), "average_precision", [HYBRID], other, ["classifier"]
        )
        for other in OTHERS
    ]
    found = pd.concat(tables, ignore_index=True).rename(columns={"dataset": "shared"})
    return found[["shared", "other", "mean", "low", "high", "better", "n_seeds", "seeds"]]


def levels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the average precision of each arm by position of the knob, mean over the paper's classifiers, with an interval over seeds."""
    means = rows.groupby(["shared", "arm", "seed"], as_index=False)[
        ["average_precision", "detectability", "bayes_auc"]
    ].mean()
    found = stats.summarise(means, ["shared", "arm"], ["average_precision", "detectability", "bayes_auc"])
    return found.sort_values("arm", key=lambda arms: arms.map(ARMS.index), kind="stable", ignore_index=True)


def growth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by how much each gain, and the average precision of the oracle, rises from unrelated to identical structure.

    Parameters
    ----------
    rows : DataFrame
        What `complete` returns.

    Returns
    -------
    DataFrame
        `arm`, `other` (empty for the oracle, which is no gain), `mean` (slope of the straight line over the knob), `low` and `high`
        (bootstrap over seeds), `rising` (share of seeds in which it rises), `n_seeds`, `seeds` and `verdict`.
    """
    found = []
    for arm, other in [*((HYBRID, other) for other in OTHERS), (CEILING, "")]:
        own, base = (rows.loc[rows["arm"] == name] for name in (arm, other))
        value = own.groupby(["shared", "seed"])["average_precision"].mean()
        if other:
            value = value - base.groupby(["shared", "seed"])["average_precision"].mean()
        table = stats.by_seed(value.rename("value").reset_index(), ["shared"], "value")
        slope = stats.bootstrap_over_seeds(table, lambda values: _slope(values.mean(-2)))
        rising = float((_slope(table.to_numpy()) > 0).mean()) if len(table) else float("nan")
        found.append(
            {"arm": arm, "other": other, "mean": slope.estimate, "low": slope.low, "high": slope.high, "rising": rising}
            | {"n_seeds": slope.n_seeds, "seeds": joined(table.index)}
            | {"verdict": verdict(slope.low, slope.high, slope.n_seeds) if other else ""}
        )
    return pd.DataFrame(found)


def _slope(values: np.ndarray) -> np.ndarray:
    """Return the slopes of straight lines through values at the positions of the knob, the last axis."""
    x = np.array(SHARED) - np.mean(SHARED)
    return values @ x / (x @ x) if values.size else np.array(float("nan"))


def verdict(low: float, high: float, n_seeds: int) -> str:
    """Return what the interval of a growth says: a key of `VERDICTS`.

    *supported* if all of it lies above `THRESHOLD`; *partly* if all of it lies above 0, but not above `THRESHOLD`; *not supported* if none of
    it lies above 0; else, and with fewer than 5 seeds, *undecided*.
    """
    if n_seeds < MIN_SEEDS or np.isnan(low):
        return "undecided"
    if low > THRESHOLD:
        return "supported"
    if low > 0:
        return "partly"
    return "not supported" if high <= 0 else "undecided"


def equally_difficult(table: pd.DataFrame) -> bool:
    """Return whether the interval of the oracle's growth, in what `growth` returns, lies within `EQUAL` on either side of 0."""
    row = table[table["arm"] == CEILING].iloc[0]
    return bool(max(-row["low"], row["high"]) <= EQUAL)
