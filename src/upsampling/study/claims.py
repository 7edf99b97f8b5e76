"""The paper's claims as data, and the verdict on each.

What the abstract or the digest says stands on the page of claims; the definition and the thresholds are our choice. Every
claim is one number per seed, and one rule serves all: with n seeds, their mean is tested against the claim's threshold by the corrected
resampled t, which allows for overlapping splits [1]_, and the p values of all claims and tables are corrected together by Holm's method.
*Supported*: the mean lies beyond `threshold` and the corrected p is below 0.05; *partly*: so for the lesser mark `partly`, but not for the
threshold; *not supported*: the mean lies on the wrong side of the lesser mark, with a corrected p below 0.05; *at most partly*: so for the
threshold, while the lesser mark is open; else *undecided*. A claim about a sign has no lesser mark. A verdict takes five seeds. Where a number stands on a choice, as that of the better traditional method or of
the best of many settings, the choice for a seed is made on the other seeds.

This is the second rule. The first one resampled seeds and had no correction for the number of claims; the errata tell which verdicts moved.
One comparison of ours was declared with the rule: the paper's arm against doing nothing, each with the best of four classifiers.

References
----------
.. [1] Nadeau and Bengio, "Inference for the generalization error," Machine Learning 52, 2003.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from upsampling.study import ledger, schemas
from upsampling.study.classifiers import LINEAR
from upsampling.study.contrasts import POINT
from upsampling.study.names import EARLIER_HYBRID, HYBRID
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE, SEEDS, plain
from upsampling.study.seeds import FEWEST
from upsampling.study.stats import by_seed, corrected_interval, corrected_p, probability_within
from upsampling.study.store import Store

DATASETS = tuple(SEEDS)
CLASSIFIERS = ("random_forest", "xgboost", "lightgbm")
LEVEL = 0.05
ARM, TRADITIONAL = HYBRID, ("naive", "smotenc")
NO_CLASSIFIER = ("",)
# Of a verdict, what `results/claims.csv` says; the cells behind it follow from the definition.
PUBLISHED = schemas.columns("claims")
COLUMNS = [*PUBLISHED, "datasets", "sizes", "seeds", "arms"]
CELL = ["measure", "arm", "minority_fraction", "classifier"]
# Axes of what an estimate takes: seeds, measures, arms, fractions, classifiers.
SETTINGS = (-2, -1)


@dataclass(frozen=True)
class Claim:
    """One claim and how it is judged.

    Parameters
    ----------
    id : str
        Short name.
    definition : str
        What the number of a seed is.
    threshold : float
        The claim is supported beyond it.
    partly : float
        The claim is partly supported beyond it; equal to `threshold` for a claim about a sign.
    measures, arms : tuple of str
        What the estimate needs.
    estimate : callable
        Takes values of shape (n_seeds, n_measures, n_arms, n_fractions, n_classifiers) and the fractions, returns one number per seed.
    classifiers : tuple of str
        The classifiers; one empty name for measures that have none.
    fractions : tuple of float
        The minority fractions the claim speaks of.
    min_fractions : int
        With fewer of them the verdict is undecided.
    below : bool
        Whether the claim holds below the threshold instead of above.
    condition : callable or None
        What has to be above zero too for the claim to be supported and not partly so: one number per seed.
    in_points : bool
        Whether the number is a difference of average precisions, of which it makes sense to ask whether it is nearly zero.
    """

    id: str
    definition: str
    threshold: float
    partly: float
    measures: tuple[str, ...]
    arms: tuple[str, ...]
    estimate: Callable[[np.ndarray, np.ndarray], np.ndarray]
    classifiers: tuple[str, ...] = CLASSIFIERS
    fractions: tuple[float, ...] = FRACTIONS
    min_fractions: int = 4
    below: bool = False
    condition: Callable[[np.ndarray], np.ndarray] | None = None
    in_points: bool = False


def _others(values: np.ndarray) -> np.ndarray:
    """Return, for each seed, the mean over the other seeds; with one seed its own values."""
    n = len(values)
    return (values.sum(0) - values) / (n - 1) if n > 1 else values


def _gain(score: np.ndarray) -> np.ndarray:
    """Return the first arm minus the best of the others, setting by setting; which one is best, the other seeds say."""
    best = _others(score[:, 1:]).argmax(1)
    return score[:, 0] - np.take_along_axis(score[:, 1:], best[:, None], axis=1)[:, 0]


def _largest_gain(values: np.ndarray, _) -> np.ndarray:
    """Return the gain in the setting in which it is largest on the other seeds."""
    gain = _gain(values[:, 0]).reshape(len(values), -1)
    return gain[np.arange(len(gain)), _others(gain).argmax(1)]


def _slope(values: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Return by how much the gain, mean over classifiers, changes per factor of ten in the minority share."""
    gain = _gain(values[:, 0]).mean(-1)
    if gain.shape[1] < 2:
        return np.zeros(len(gain))
    scale = np.log10(fractions) - np.log10(fractions).mean()
    return gain @ scale / (scale @ scale)


def _best_of_each(values: np.ndarray, _) -> np.ndarray:
    """Return the first arm minus the second, each under the classifier that is best for it on the other seeds; mean over fractions."""
    score = values[:, 0]
    best = _others(score).argmax(-1)
    chosen = np.take_along_axis(score, best[..., None], axis=-1)[..., 0]
    return (chosen[:, 0] - chosen[:, 1]).mean(-1)


def _share(values: np.ndarray) -> np.ndarray:
    return values.mean(SETTINGS)


def _for_both_metrics(claim: Claim) -> tuple[Claim, Claim]:
    return tuple(
        replace(claim, id=f"{claim.id}_{metric}", measures=(metric,)) for metric in ("average_precision", "roc_auc")
    )


_SMALL = tuple(fraction for fraction in FRACTIONS if 0.0005 <= fraction <= 0.005)
_TOP_PERFORMING = Claim(
    id="top_performing",
    definition="Share of settings (fraction and classifier) in which the hybrid is better than none, naive and smotenc on this seed.",
    threshold=0.9,
    partly=0.5,
    measures=(),
    arms=(ARM, "none", *TRADITIONAL),
    estimate=lambda values, _: _share(values[:, 0, 0] > values[:, 0, 1:].max(1)),
)
_GAIN = Claim(
    id="gain_up_to_0.2",
    definition="Gain of the hybrid over the better of naive and smotenc in the setting (fraction and classifier) in which it is largest on the other "
    "seeds. The threshold is 0.15, which rounds to 0.2; partly: any gain.",
    threshold=0.15,
    partly=0.0,
    measures=(),
    arms=(ARM, *TRADITIONAL),
    estimate=_largest_gain,
    fractions=_SMALL,
)
_FEWER_ROWS = Claim(
    id="fewer_rows_larger_gain",
    definition="Slope of the gain of the hybrid over the better of naive and smotenc, mean over classifiers, per factor of ten in the fraction. "
    "Supported only if the gain at the smallest fraction is above zero too: a loss that shrinks is no gain.",
    threshold=0.0,
    partly=0.0,
    measures=(),
    arms=(ARM, *TRADITIONAL),
    estimate=_slope,
    below=True,
    condition=lambda values: _gain(values[:, 0])[..., 0, :].mean(-1),
)
_IDENTICAL = Claim(
    id="identical_scores",
    definition="Largest share of holdout rows with one identical score, mean over none and naive and over fractions.",
    threshold=0.8,
    partly=0.5,
    measures=("largest_tie_share",),
    arms=("none", "naive"),
    estimate=lambda values, _: _share(values[:, 0]).mean(-1),
)
CLAIMS = (
    *_for_both_metrics(_TOP_PERFORMING),
    *_for_both_metrics(_GAIN),
    *(replace(_IDENTICAL, id=f"identical_scores_{name}", classifiers=(name,)) for name in CLASSIFIERS),
    Claim(
        id="entropy_closest",
        definition="Share of fractions at which the difference between the Shannon entropy of a categorical feature among "
        "the minority rows of the training set and of the holdout, absolute, averaged over features, is smaller for the hybrid than for "
        "naive and for smotenc.",
        threshold=0.9,
        partly=0.5,
        measures=("entropy_distance",),
        arms=(ARM, *TRADITIONAL),
        estimate=lambda values, _: _share(values[:, 0, 0] < values[:, 0, 1:].min(1)),
        classifiers=NO_CLASSIFIER,
    ),
    *_for_both_metrics(_FEWER_ROWS),
    Claim(
        id="learns_from_majority",
        definition="Gain in average precision of the hybrid over the same generator trained on the minority rows alone, mean over settings; both drawn "
        "with categories first.",
        threshold=0.0,
        partly=0.0,
        measures=("average_precision",),
        arms=(EARLIER_HYBRID, "tabularargn_minority_only"),
        estimate=lambda values, _: _share(values[:, 0, 0] - values[:, 0, 1]),
        min_fractions=1,
        in_points=True,
    ),
    Claim(
        id="smooth_scores",
        definition="Share of settings (fraction and classifier) in which the hybrid has a smaller largest share of identical scores and a larger share of "
        "distinct scores than naive and smotenc.",
        threshold=0.9,
        partly=0.5,
        measures=("largest_tie_share", "unique_score_share"),
        arms=(ARM, *TRADITIONAL),
        estimate=lambda values, _: _share(
            (values[:, 0, 0] < values[:, 0, 1:].min(1)) & (values[:, 1, 0] > values[:, 1, 1:].max(1))
        ),
    ),
    Claim(
        id="low_overhead",
        definition="CPU seconds of the hybrid, its generator fitted in the engine's own steps as the paper's was, over those of smotenc, summed over "
        "fractions: fitting the generator, making the rows, training the three classifiers; scoring and diagnostics do not count. Partly: within ten times.",
        threshold=2.0,
        partly=10.0,
        measures=("working_seconds",),
        arms=(EARLIER_HYBRID, "smotenc"),
        estimate=lambda values, _: values[:, 0, 0].sum(SETTINGS) / values[:, 0, 1].sum(SETTINGS),
        classifiers=NO_CLASSIFIER,
        below=True,
    ),
    Claim(
        id="better_than_nothing",
        definition="Average precision of the hybrid minus that of the raw rows, each under the one of the paper's classifiers and logistic regression that "
        "is best on the other seeds, mean over fractions up to 0.5 %.",
        threshold=0.0,
        partly=0.0,
        measures=("average_precision",),
        arms=(ARM, "none"),
        estimate=_best_of_each,
        classifiers=(*CLASSIFIERS, LINEAR),
        fractions=_SMALL,
        min_fractions=1,
        in_points=True,
    ),
)


def judge(metrics: pd.DataFrame, runs: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict on every claim, for each data set of the paper.

    Parameters
    ----------
    metrics, runs, diagnostics : DataFrame
        Rows of results as `Store.load` returns them.

    Returns
    -------
    DataFrame
        Columns `claim`, `dataset`, `verdict`, `estimate`; `low` and `high` (95 % interval that allows for overlapping splits), `plain_low` and
        `plain_high` (Student's, which does not), `threshold`, `p` and `p_holm` (against the mark that the verdict stands on),
        `within_a_point` (probability that a difference lies within one point of zero), `n_seeds`, `evidence`; and `datasets`,
        `sizes`, `seeds` and `arms`, the cells that the estimate stands on.
    """
    observed = _observe(metrics, runs, diagnostics)
    assessments = [_assess(claim, observed[observed["dataset"] == name], name) for claim in CLAIMS for name in DATASETS]
    table = pd.DataFrame(assessments)
    for mark in ("threshold", "partly", "condition"):
        table[f"p_holm_{mark}"] = _holm(table[f"p_{mark}"])
    table = pd.concat([table, table.apply(_verdict, axis=1, result_type="expand")], axis=1)
    return table[COLUMNS]


def _verdict(row: pd.Series) -> dict:
    sign = -1 if row["below"] else 1
    decided = {mark: row[f"p_holm_{mark}"] < LEVEL for mark in ("threshold", "partly", "condition")}
    beyond = {mark: sign * (row["estimate"] - row[mark]) > 0 for mark in ("threshold", "partly")}
    if beyond["threshold"] and decided["threshold"]:
        met = np.isnan(row["condition"]) or (row["condition"] > 0 and decided["condition"])
        verdict, mark = ("supported" if met else "partly"), "threshold"
    elif beyond["partly"] and decided["partly"]:
        verdict, mark = "partly", "partly"
    elif not beyond["partly"] and decided["partly"]:
        verdict, mark = "not supported", "partly"
    elif not beyond["threshold"] and decided["threshold"]:
        verdict, mark = "at most partly", "threshold"
    else:
        verdict, mark = "undecided", "threshold"
    return {"verdict": verdict, "p": row[f"p_{mark}"], "p_holm": row[f"p_holm_{mark}"]}


def _holm(p: pd.Series) -> pd.Series:
    tested = p.dropna()
    return pd.Series(multipletests(tested, method="holm")[1] if len(tested) else [], index=tested.index).reindex(
        p.index
    )


def publish(store: Store) -> Path:
    """Judge the published rows and write the verdicts to ``claims.csv`` beside them; return its path."""
    verdicts = judge(*(store.published(name) for name in ("metrics", "runs", "diagnostics")))
    return ledger.update(store.folder, "claims", lambda: verdicts[PUBLISHED])


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
    run_columns = runs.reindex(columns=[*columns, *(f"{name}_seconds" for name in CLASSIFIERS)]).astype(float)
    training = run_columns[[f"{name}_seconds" for name in CLASSIFIERS]].sum(axis=1, skipna=False)
    cpu_share = run_columns["cpu_seconds"] / run_columns["seconds"]
    fit = run_columns["fit_cpu_seconds"].where(runs["arm"].isin((HYBRID, EARLIER_HYBRID)), 0.0)
    return fit + run_columns["upsample_cpu_seconds"] + training * cpu_share


def _assess(claim: Claim, rows: pd.DataFrame, dataset: str) -> dict:
    """Use the fractions that have enough complete seeds, and the seeds that are complete in all of those."""
    levels = claim.measures, claim.arms, claim.fractions, claim.classifiers
    for column, wanted in zip(CELL, levels, strict=True):
        rows = rows[rows[column].isin(wanted)]
    cells = pd.MultiIndex.from_product(levels, names=CELL)
    table = by_seed(rows, CELL, "value").reindex(columns=cells)
    complete = table.notna().T.groupby(level="minority_fraction").all().T
    enough = min(FEWEST, max(1, complete.sum().max()))
    fractions = [fraction for fraction in claim.fractions if complete[fraction].sum() >= enough]
    seeds = table.index[complete[fractions].all(axis=1)] if fractions else table.index[:0]
    used = table.loc[seeds, cells.get_level_values("minority_fraction").isin(fractions)]
    shape = len(claim.measures), len(claim.arms), len(fractions), len(claim.classifiers)
    values = used.to_numpy(float).reshape(len(used), *shape)
    estimates = claim.estimate(values, np.array(fractions)) if values.size else np.array([])
    conditions = claim.condition(values) if claim.condition and values.size else np.array([])
    decidable = len(fractions) >= claim.min_fractions and len(seeds) >= FEWEST
    wide, plain_t = (corrected_interval(estimates, share) for share in (HOLDOUT_SHARE, 0.0))

    def p(values: np.ndarray, mark: float) -> float:
        return corrected_p(values, HOLDOUT_SHARE, mark) if decidable and len(values) else float("nan")

    within = probability_within(estimates, HOLDOUT_SHARE, POINT) if claim.in_points and decidable else float("nan")
    ends = (wide.low, wide.high, plain_t.low, plain_t.high) if decidable else (float("nan"),) * 4
    return {
        "claim": claim.id,
        "dataset": dataset,
        "estimate": wide.estimate,
        **dict(zip(("low", "high", "plain_low", "plain_high"), ends, strict=True)),
        "threshold": claim.threshold,
        "partly": claim.partly,
        "condition": float(conditions.mean()) if len(conditions) else float("nan"),
        "below": claim.below,
        "p_threshold": p(estimates, claim.threshold),
        "p_partly": p(estimates, claim.partly),
        "p_condition": p(conditions, 0.0),
        "within_a_point": within,
        "n_seeds": len(seeds),
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
