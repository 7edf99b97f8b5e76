"""The paper's claims as data, and the verdict on each.

Definitions, thresholds and rules were written before the results they are judged by. A statement is our wording of what
the abstract or the digest says (`source`); the definition and the thresholds are our choice.

One rule serves all claims, and looks at the 95 % interval over seeds: *supported* if all of it lies beyond `threshold`;
*partly* if all of it lies beyond the lesser mark `partly`, but not beyond `threshold`; *not supported* if none of it
lies beyond the lesser mark; else *undecided*. A claim about a sign has no lesser mark. With fewer than 5 seeds, or too
few fractions, the verdict is undecided whatever the interval. In a share of settings, a narrow lead that other seeds
would turn widens the interval: consistency has to be shown.

Mended after results were known: cost counts CPU seconds instead of the wall clock; over all data sets, a gain "up to" something is
undecided only if an undecided data set may still show it; and a verdict takes 5 seeds instead of 3.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from upsampling.study import ledger
from upsampling.study.protocol import FRACTIONS, SEEDS, plain
from upsampling.study.stats import MIN_SEEDS, bootstrap_over_seeds, by_seed
from upsampling.study.store import Store

DATASETS = tuple(SEEDS)
CLASSIFIERS = ("random_forest", "xgboost", "lightgbm")
ALL = "all"
MIN_VERDICT_SEEDS = 5
ARM, TRADITIONAL = "tabularargn", ("naive", "smotenc")
NO_CLASSIFIER = ("",)
# Of a verdict, what `results/claims.csv` says; the cells behind it follow from the definition.
PUBLISHED = "claim dataset verdict estimate low high threshold n_seeds evidence".split()
COLUMNS = [*PUBLISHED, "datasets", "sizes", "seeds", "arms"]
CELL = ["measure", "arm", "minority_fraction", "classifier"]
# Axes of the settings, fraction and classifier, in the means that an estimate takes.
SETTINGS = (-2, -1)


@dataclass(frozen=True)
class Claim:
    """One claim and how it is judged.

    Parameters
    ----------
    id, statement, source : str
        Short name, the claim in our words, and where the paper or the digest makes it.
    definition : str
        What the estimate is.
    threshold : float
        The claim is supported beyond it.
    partly : float
        The claim is partly supported beyond it; equal to `threshold` for a claim about a sign.
    alternatives : tuple of float
        Other thresholds, to show how the verdict moves.
    measures, arms : tuple of str
        What the estimate needs.
    estimate : callable
        Takes means over seeds of shape (n_measures, n_arms, ..., n_fractions, n_classifiers), returns shape (...).
    classifiers : tuple of str
        The classifiers; one empty name for measures that have none.
    fractions : tuple of float
        The minority fractions the claim speaks of.
    min_fractions : int
        With fewer of them the verdict is undecided.
    below : bool
        Whether the claim holds below the threshold instead of above.
    everywhere : bool
        Whether the claim must hold on every data set, so that over all of them the least favourable verdict counts;
        if not, as for a gain of "up to", the most favourable one.
    interval : {"percentile", "basic"}
        The kind of interval: see `stats.bootstrap_over_seeds`.
    """

    id: str
    statement: str
    source: str
    definition: str
    threshold: float
    partly: float
    alternatives: tuple[float, ...]
    measures: tuple[str, ...]
    arms: tuple[str, ...]
    estimate: Callable[[np.ndarray], np.ndarray]
    classifiers: tuple[str, ...] = CLASSIFIERS
    fractions: tuple[float, ...] = FRACTIONS
    min_fractions: int = 4
    below: bool = False
    everywhere: bool = True
    interval: str = "percentile"

    def verdict(self, low: float, high: float) -> str:
        """Return what an interval says about the claim; undecided if it has no ends."""
        near, far = (-high, -low) if self.below else (low, high)
        threshold, partly = (-self.threshold, -self.partly) if self.below else (self.threshold, self.partly)
        if near > threshold:
            return "supported"
        if near > partly:
            return "partly"
        return "not supported" if far <= partly else "undecided"

    def at(self, threshold: float) -> "Claim":
        """Return the claim with another threshold; the lesser mark never lies beyond it."""
        if self.partly == self.threshold:
            return replace(self, threshold=threshold, partly=threshold)
        nearer = max if self.below else min
        return replace(self, threshold=threshold, partly=nearer(self.partly, threshold))


def _gain(score: np.ndarray) -> np.ndarray:
    """Return the mean of the first arm minus the best mean of the others, setting by setting."""
    return score[0] - score[1:].max(0)


def _trend(means: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation of fraction and gain; 0 with one fraction, or the same gain at all of them."""
    ranks = stats.rankdata(_gain(means[0]).mean(-1), axis=-1)
    if ranks.shape[-1] < 2:
        return np.zeros(ranks.shape[:-1])
    with warnings.catch_warnings(action="ignore", category=stats.ConstantInputWarning):
        correlation = stats.pearsonr(ranks, np.arange(ranks.shape[-1]), axis=-1).statistic
    return np.nan_to_num(correlation)


def _for_both_metrics(claim: Claim) -> tuple[Claim, Claim]:
    return tuple(
        replace(claim, id=f"{claim.id}_{metric}", measures=(metric,)) for metric in ("average_precision", "roc_auc")
    )


_SHARE = {"threshold": 0.9, "partly": 0.5, "alternatives": (0.5, 0.75, 0.95)}
_TOP_PERFORMING = Claim(
    id="top_performing",
    statement="Training data upsampled with the generator consistently gives the best models.",
    source="abstract",
    definition="Share of settings (fraction and classifier) where the mean over seeds of tabularargn is at least that "
    "of none, naive and smotenc.",
    measures=(),
    arms=(ARM, "none", *TRADITIONAL),
    estimate=lambda means: (_gain(means[0]) >= 0).mean(SETTINGS),
    **_SHARE,
)
_GAIN = Claim(
    id="gain_up_to_0.2",
    statement="At minority fractions from 0.05 % to 0.5 % the gain over the traditional methods is up to 0.2.",
    source="digest",
    definition="Largest mean gain of tabularargn over the better of naive and smotenc among the settings from 0.0005 "
    "to 0.005. A maximum is biased upwards, in favour of the claim; its interval is the basic one, which makes up for "
    "most of that. The threshold is 0.15, which rounds to 0.2; partly: any gain. Simulated results without any gain "
    "came out as partly in 14 to 19 % of cases with 5 to 10 seeds.",
    threshold=0.15,
    partly=0.0,
    alternatives=(0.05, 0.1, 0.2),
    measures=(),
    arms=(ARM, *TRADITIONAL),
    estimate=lambda means: _gain(means[0]).max(SETTINGS),
    fractions=tuple(fraction for fraction in FRACTIONS if 0.0005 <= fraction <= 0.005),
    everywhere=False,
    interval="basic",
)
_IDENTICAL = Claim(
    id="identical_scores_range",
    statement="Unbalanced and naively upsampled training gives more than 80 % of the holdout one identical score.",
    source="digest, quoting pages 6-7",
    definition="Share of settings (none or naive, fraction and classifier) where the mean over seeds of the largest "
    "share of holdout rows with one identical score is above 0.8.",
    measures=("largest_tie_share",),
    arms=("none", "naive"),
    estimate=lambda means: (means[0] > 0.8).mean((0, *SETTINGS)),
    **_SHARE,
)
_FEWER_ROWS = Claim(
    id="fewer_rows_larger_gain",
    statement="The fewer minority rows there are, the larger is the gain.",
    source="abstract and digest",
    definition="Spearman's correlation over fractions between the fraction and the mean gain of tabularargn over the "
    "better of naive and smotenc, averaged over classifiers.",
    threshold=0.0,
    partly=0.0,
    alternatives=(-0.25, -0.5, -0.75),
    measures=(),
    arms=(ARM, *TRADITIONAL),
    estimate=_trend,
    below=True,
)
CLAIMS = (
    *_for_both_metrics(_TOP_PERFORMING),
    *_for_both_metrics(_GAIN),
    replace(_IDENTICAL, id="identical_scores_0.001", fractions=(0.001,), min_fractions=1),
    _IDENTICAL,
    Claim(
        id="entropy_closest",
        statement="Synthetic minority rows come closest to the categorical diversity of the holdout.",
        source="digest",
        definition="Share of fractions where the difference between the Shannon entropy of a categorical feature among "
        "the minority rows of the training set and of the holdout, absolute, averaged over features and seeds, is "
        "smaller for tabularargn than for naive and for smotenc.",
        measures=("entropy_distance",),
        arms=(ARM, *TRADITIONAL),
        estimate=lambda means: (means[0, 0] < means[0, 1:].min(0)).mean(SETTINGS),
        classifiers=NO_CLASSIFIER,
        **_SHARE,
    ),
    *_for_both_metrics(_FEWER_ROWS),
    Claim(
        id="learns_from_majority",
        statement="The generator makes use of what it learns from the majority rows.",
        source="digest, quoting page 2",
        definition="Mean over settings of the gain in average precision of tabularargn over the same generator trained "
        "on the minority rows alone.",
        threshold=0.0,
        partly=0.0,
        alternatives=(0.01, 0.02, 0.05),
        measures=("average_precision",),
        arms=(ARM, "tabularargn_minority_only"),
        estimate=lambda means: _gain(means[0]).mean(SETTINGS),
        min_fractions=1,
    ),
    Claim(
        id="smooth_scores",
        statement="Classifiers trained on synthetic minority rows give smooth, not clumped, scores.",
        source="digest",
        definition="Share of settings (fraction and classifier) where, in means over seeds, tabularargn has a smaller "
        "largest share of identical scores and a larger share of distinct scores than naive and smotenc.",
        measures=("largest_tie_share", "unique_score_share"),
        arms=(ARM, *TRADITIONAL),
        estimate=lambda means: ((means[0, 0] < means[0, 1:].min(0)) & (_gain(means[1]) > 0)).mean(SETTINGS),
        **_SHARE,
    ),
    Claim(
        id="low_overhead",
        statement="Upsampling with the generator costs little more computing than the traditional methods.",
        source="digest",
        definition="CPU seconds of tabularargn over those of smotenc, summed over fractions: fitting the generator, making "
        "the rows, training the three classifiers; scoring and diagnostics do not count. Partly: within ten times.",
        threshold=2.0,
        partly=10.0,
        alternatives=(1.5, 5.0, 10.0),
        measures=("working_seconds",),
        arms=(ARM, "smotenc"),
        estimate=lambda means: means[0, 0].sum(SETTINGS) / means[0, 1].sum(SETTINGS),
        classifiers=NO_CLASSIFIER,
        below=True,
    ),
)


def judge(metrics: pd.DataFrame, runs: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict on every claim, for each data set of the paper and over all of them.

    Parameters
    ----------
    metrics, runs, diagnostics : DataFrame
        Rows of results as `Store.load` returns them.

    Returns
    -------
    DataFrame
        Columns `claim`, `dataset` (``all`` for the three together), `verdict`, `estimate`, `low`, `high`, `threshold`,
        `n_seeds` and `evidence`; and `datasets`, `sizes`, `seeds` and `arms`, the cells that the estimate stands on. The
        estimate over all data sets is that of one.
    """
    return _verdicts(_observe(metrics, runs, diagnostics), lambda claim: [claim])


def publish(store: Store) -> Path:
    """Judge the published rows and write the verdicts to ``claims.csv`` beside them; return its path."""
    verdicts = judge(*(store.published(name) for name in ("metrics", "runs", "diagnostics")))
    return ledger.update(store.folder / "claims.csv", lambda: verdicts[PUBLISHED])


def sensitivity(metrics: pd.DataFrame, runs: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `judge` at the threshold of each claim and at its alternatives."""
    return _verdicts(
        _observe(metrics, runs, diagnostics), lambda claim: [claim, *(claim.at(mark) for mark in claim.alternatives)]
    )


def _observe(metrics: pd.DataFrame, runs: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell, classifier and measure, with its value; cells of a count are not judged."""
    metrics, runs, diagnostics = (rows[rows["minority_fraction"].notna()] for rows in (metrics, runs, diagnostics))
    key = ["dataset", "minority_fraction", "seed", "arm"]
    scores = ["average_precision", "roc_auc", "largest_tie_share", "unique_score_share"]
    scores = metrics.reindex(columns=[*key, "classifier", *scores]).melt([*key, "classifier"], var_name="measure")

    seconds = runs[key].assign(measure="working_seconds", value=working_seconds(runs))

    entropy = diagnostics.reindex(columns=[*key, "feature", "measure", "value"])
    entropy = entropy[entropy["measure"].isin(["entropy", "entropy_holdout"])]
    entropy = entropy.pivot(index=[*key, "feature"], columns="measure", values="value")
    entropy = entropy.reindex(columns=["entropy", "entropy_holdout"]).astype(float)
    distance = (entropy["entropy"] - entropy["entropy_holdout"]).abs().groupby(key).mean(skipna=False)
    distance = distance.rename("value").reset_index().assign(measure="entropy_distance")

    observed = pd.concat([scores, seconds.assign(classifier=""), distance.assign(classifier="")], ignore_index=True)
    return observed.astype({"value": float})


def working_seconds(runs: pd.DataFrame) -> pd.Series:
    """Return the CPU seconds of each cell's work: fitting the generator, making the rows, training the classifiers.

    CPU seconds, because the wall clock also counts the time that other programs took. Of training only the wall clock is
    known; it is scaled by the share of the cell's wall clock that was its own.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    columns = ["fit_cpu_seconds", "upsample_cpu_seconds", "cpu_seconds", "seconds"]
    found = runs.reindex(columns=[*columns, *(f"{name}_seconds" for name in CLASSIFIERS)]).astype(float)
    training = found[[f"{name}_seconds" for name in CLASSIFIERS]].sum(axis=1, skipna=False)
    own = found["cpu_seconds"] / found["seconds"]
    fit = found["fit_cpu_seconds"].where(runs["arm"] == ARM, 0.0)
    return fit + found["upsample_cpu_seconds"] + training * own


def _verdicts(observed: pd.DataFrame, versions: Callable[[Claim], list[Claim]]) -> pd.DataFrame:
    rows = []
    for claim in CLAIMS:
        found = [_assess(claim, observed[observed["dataset"] == dataset], dataset) for dataset in DATASETS]
        for version in versions(claim):
            judged = [_judged(version, one) for one in found]
            decisive = _decisive(version, judged)
            evidence = f"decided by {decisive['dataset']}: {decisive['evidence']}"
            rows += [*judged, decisive | {"dataset": ALL, "evidence": evidence}]
    return pd.DataFrame(rows, columns=COLUMNS)


def _judged(claim: Claim, found: dict) -> dict:
    verdict = claim.verdict(found["low"], found["high"]) if found["decidable"] else "undecided"
    return found | {"verdict": verdict, "threshold": claim.threshold}


def _decisive(claim: Claim, rows: list[dict]) -> dict:
    """Return the row of the data set that decides over all of them; among equal verdicts, the most extreme estimate.

    Where the most favourable one counts, an undecided data set stands before one that is partly so only if it may still be supported.
    """

    def open_(row: dict) -> bool:
        best = row["low"] if claim.below else row["high"]
        return row["verdict"] == "undecided" and (not row["decidable"] or claim.verdict(best, best) == "supported")

    order = ["not supported", "undecided", "partly", "supported"]
    if not claim.everywhere:
        order = ["supported", "open", "partly", "undecided", "not supported"]
    rows = sorted(rows, key=lambda row: row["estimate"], reverse=claim.below == claim.everywhere)
    return min(rows, key=lambda row: order.index("open" if "open" in order and open_(row) else row["verdict"]))


def _assess(claim: Claim, rows: pd.DataFrame, dataset: str) -> dict:
    """Use the fractions that have enough complete seeds, and the seeds that are complete in all of those."""
    levels = claim.measures, claim.arms, claim.fractions, claim.classifiers
    for column, wanted in zip(CELL, levels, strict=True):
        rows = rows[rows[column].isin(wanted)]
    cells = pd.MultiIndex.from_product(levels, names=CELL)
    table = by_seed(rows, CELL, "value").reindex(columns=cells)
    complete = table.notna().T.groupby(level="minority_fraction").all().T
    enough = min(MIN_SEEDS, max(1, complete.sum().max()))
    fractions = [fraction for fraction in claim.fractions if complete[fraction].sum() >= enough]
    seeds = table.index[complete[fractions].all(axis=1)] if fractions else table.index[:0]
    used = table.loc[seeds, cells.get_level_values("minority_fraction").isin(fractions)]
    shape = len(claim.measures), len(claim.arms), len(fractions), len(claim.classifiers)

    def statistic(values: np.ndarray) -> np.ndarray:
        means = values.mean(axis=-2)
        return claim.estimate(np.moveaxis(means.reshape(*means.shape[:-1], *shape), (-4, -3), (0, 1)))

    return bootstrap_over_seeds(used, statistic, claim.interval)._asdict() | {
        "claim": claim.id,
        "dataset": dataset,
        "decidable": len(seeds) >= MIN_VERDICT_SEEDS and len(fractions) >= claim.min_fractions,
        "evidence": _evidence(table, used),
        "datasets": dataset,
        "sizes": " ".join(f"f{plain(fraction)}" for fraction in fractions),
        "seeds": " ".join(map(str, seeds)),
        "arms": " ".join(claim.arms),
    }


def _evidence(table: pd.DataFrame, used: pd.DataFrame) -> str:
    """Say which fractions and seeds were used, which were left out as incomplete, and which arms have no rows."""
    absent = table.isna()
    all_fractions, fractions = (side.columns.unique("minority_fraction").map(plain) for side in (table, used))
    lacking = absent.T.groupby(level="arm").all().all(axis=1)
    named = {
        "fractions": fractions,
        "seeds": used.index,
        "fractions left out": all_fractions.difference(fractions),
        "seeds left out": table.index.difference(used.index),
        "no rows of": lacking.index[lacking],
    }
    listed = [f"{name} {' '.join(map(str, levels))}" for name, levels in named.items() if len(levels)]
    return "; ".join([*listed, f"{absent.to_numpy().sum()} of {table.size} values missing"])
