"""The verdict on each claim of the paper as a reader needs it: number, other thresholds, where it is drawn, what to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np
import pandas as pd

from upsampling.book.comparison import shares
from upsampling.book.figures import METRICS
from upsampling.book.lineage import repository
from upsampling.book.tables import SIGNS, distinction, judged_titles, signed, with_interval
from upsampling.study import classifiers, datasets, stats
from upsampling.study.claims import ALL, CLAIMS, DATASETS, MIN_VERDICT_SEEDS, Claim
from upsampling.study.experiment import code_state
from upsampling.words import named, percent, points

# How definitions call arms, and how a reader knows them.
ARM_WORDS = {"tabularargn": "the hybrid", "none": "unbalanced", "smotenc": "SMOTE-NC"}
GAIN, IDENTICAL, FEWER = "gain_up_to_0.2", "identical_scores_0.001", "fewer_rows_larger_gain_average_precision"
SOURCE = "src/upsampling/study/claims.py"
# The shares at which identical scores are looked at by classifier, and how many of them count, as in the claim.
SMALLEST, MANY = (0.0005, 0.001), 0.8


@dataclass(frozen=True)
class Lesson:
    """What follows from a claim for somebody with an unbalanced table.

    Parameters
    ----------
    where : tuple of str
        Labels of the figures and tables that show it.
    holds, fails, differs : str
        What to do if the claim is supported or partly so on every table, on none, or on some.
    """

    where: tuple[str, ...]
    holds: str
    fails: str
    differs: str

    def of(self, verdicts: Mapping[str, Sequence[str]]) -> str:
        """Return what to do, given the verdicts on each data set.

        A data set with an undecided verdict is named; it counts only if another verdict is that the claim is not supported there.
        """
        failed = {name: "not supported" in found for name, found in verdicts.items()}
        unsure = [name for name, found in verdicts.items() if "undecided" in found]
        known = [failed[name] for name in verdicts if failed[name] or name not in unsure]
        if 2 * len(known) <= len(verdicts):
            return "Nothing follows yet: half of the tables or more are undecided, at least in part."
        told = self.fails if all(known) else self.differs if any(known) else self.holds
        where = named([datasets.get(name).title for name in unsure])
        return f"{told} Undecided, at least in part, on {where}." if unsure else told


def _per_chapter(label: str) -> tuple[str, ...]:
    kind, name = label.split("-")
    return tuple(f"{kind}-{chapter}-{name}" for chapter in DATASETS)


def _per_metric(label: str) -> tuple[str, ...]:
    return tuple(f"{label}-{metric}" for metric in ("average_precision", "roc_auc"))


# By the first claim of each statement.
LESSONS: Mapping[str, Lesson] = {
    "top_performing_average_precision": Lesson(
        _per_metric("fig-comparison-leaders"),
        "The hybrid is a candidate worth comparing on your table.",
        "Do not take the hybrid for the best choice: compare it with class weights and with a tuned classifier on your table.",
        "Whether the hybrid leads depends on the table, so compare on yours: `upsampling report` does.",
    ),
    "gain_up_to_0.2_average_precision": Lesson(
        _per_metric("fig-comparison-gain"),
        "Expect some gain over naive oversampling and SMOTE-NC in some settings; the number says how large it came out at best. Hold it against what "
        "[tuning the classifier](tuning.ipynb) gives without a generator.",
        "Do not count on a gain over naive oversampling and SMOTE-NC.",
        "The gain over naive oversampling and SMOTE-NC is not there on every table. Hold it against what [tuning the "
        "classifier](tuning.ipynb) gives without a generator.",
    ),
    "identical_scores_0.001": Lesson(
        _per_chapter("tab-ties"),
        "Count the distinct scores of your model before you choose a threshold: most rows may share one.",
        "In most settings scores are not that coarse. Count the distinct scores of your own model before you choose a threshold: how many there are depends on "
        "the classifier and on the share.",
        "Count the distinct scores of your model: whether most rows share one depends on the table.",
    ),
    "entropy_closest": Lesson(
        _per_chapter("fig-entropy"),
        "If the diversity of minority rows is what you need, for example to share them, the generator gives the most faithful one.",
        "Do not choose the generator for the diversity of its rows: compare their entropies with those of held-out rows, as the chapters do.",
        "Compare the entropies of the rows that were made with those of held-out rows: which way comes closest depends on the table.",
    ),
    "fewer_rows_larger_gain_average_precision": Lesson(
        (*_per_metric("fig-comparison-gain"), "fig-counts-gains"),
        "The fewer minority rows, the better the hybrid does beside naive oversampling and SMOTE-NC. Whether it also beats leaving the rows as they are is another question: "
        "see [how few minority rows](counts.ipynb) and [tuning](tuning.ipynb).",
        "Few minority rows are no reason by themselves to take the generator.",
        "With fewer minority rows the hybrid does better beside naive oversampling and SMOTE-NC on some tables only.",
    ),
    "learns_from_majority": Lesson(
        ("fig-mechanisms-ladder",),
        "Train the generator on all rows, not on the minority alone.",
        "Train the generator on the minority rows alone: that is far cheaper, and the result is no worse.",
        "Try the generator on the minority rows alone as well: that is far cheaper, and whether the majority adds anything depends on the table.",
    ),
    "smooth_scores": Lesson(
        _per_chapter("fig-scores"),
        "If your decisions need finely graded scores, synthetic rows help.",
        "Synthetic rows do not make scores finer than the traditional ways do.",
        "Whether synthetic rows make scores finer depends on classifier and table.",
    ),
    "low_overhead": Lesson(
        _per_chapter("tab-cost"),
        "Plan for more computing than SMOTE-NC takes: the number says how many times. `upsampling report --estimate` says how long a comparison takes on your table.",
        "Plan for many times the computing of SMOTE-NC: the number says how many. `upsampling report --estimate` says how long a comparison takes on your table.",
        "How many times the computing of SMOTE-NC it takes depends on the table. `upsampling report --estimate` says how long a comparison takes on yours.",
    ),
}


def groups() -> list[tuple[Claim, ...]]:
    """Return the claims, those that make the same statement for several metrics or shares together."""
    return [tuple(same) for _, same in groupby(CLAIMS, key=lambda claim: claim.statement)]


def headline(verdicts: pd.DataFrame) -> str:
    """Return how many claims came to each verdict over all data sets, in a sentence.

    Parameters
    ----------
    verdicts : DataFrame
        What `claims.judge` returns.
    """
    found = verdicts.loc[verdicts["dataset"] == ALL, "verdict"].value_counts()
    counted = [f"{found[verdict]} {verdict}" for verdict in SIGNS if verdict in found]
    return (
        f"**Over all tables, of {found.sum()} claims: {named(counted)}.** There the least favourable verdict counts; for a gain of up to "
        f"something, the most favourable one, or an undecided one that may still be better.{_largest_gains(verdicts)}"
    )


def _largest_gains(verdicts: pd.DataFrame) -> str:
    """Return the largest gains where a gain of up to something is partly so, with a space before; empty if it is not."""
    rows = verdicts[(verdicts["dataset"] == ALL) & (verdicts["verdict"] == "partly")].set_index("claim")
    told = [
        f"{with_interval(*rows.loc[claim.id, ['estimate', 'low', 'high']], 2)} in {METRICS[claim.measures[0]]}"
        for claim in CLAIMS
        if claim.id.startswith(GAIN) and claim.id in rows.index
    ]
    return (
        f" *Partly*, on a gain of up to 0.2, says no more than that there is some: the largest is {named(told)}."
        if told
        else ""
    )


def label(same: Sequence[Claim]) -> str:
    """Return what the table of a statement is called in references."""
    return same[0].id.replace(".", "_")


def section(same: Sequence[Claim]) -> str:
    """Return the heading of a statement, where it is made, and how it is judged, as Markdown."""
    definition = re.sub(rf"\b({'|'.join(ARM_WORDS)})\b", lambda found: ARM_WORDS[found[0]], same[0].definition)
    lines = [f"## {same[0].statement.removesuffix('.')}", f"*Where: {_source(same[0])}.* {definition}"]
    side = "below" if same[0].below else "above"
    partly = "" if same[0].partly == same[0].threshold else f", partly {side} {same[0].partly:g}"
    lines[1] += f" Supported {side} {same[0].threshold:g}{partly}."
    return "\n\n".join(lines)


def _source(claim: Claim) -> str:
    """Return where a claim is made; the digest alone is no statement of the paper that we have seen."""
    known = claim.source if "abstract" in claim.source else claim.source.replace("digest", "digest alone")
    return known.replace("digest", "[digest](glossary.md)")


def rows(same: Sequence[Claim], table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a statement among those of `claims.judge` or `claims.sensitivity`."""
    return table[table["claim"].isin([claim.id for claim in same])]


def shown(same: Sequence[Claim], moved: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts on a statement, a row per claim and data set, with those at other thresholds.

    Parameters
    ----------
    same : sequence of Claim
        The claims that make the statement.
    moved : DataFrame
        What `claims.sensitivity` returns.
    """
    table = []
    for claim in same:
        for name, text in judged_titles().items():
            own = moved[(moved["claim"] == claim.id) & (moved["dataset"] == name)].set_index("threshold")
            row = own.loc[claim.threshold]
            others = [f"{mark:g} {SIGNS[own.loc[mark, 'verdict']]}" for mark in sorted(claim.alternatives)]
            table.append(
                {"For": distinction(claim), "Data set": text, "Verdict": signed(row["verdict"])}
                | {"Number": with_interval(row["estimate"], row["low"], row["high"])}
                | {"Other thresholds": ", ".join(others), "n": row["n_seeds"]}
            )
    frame = pd.DataFrame(table)
    return frame if distinction(same[0]) else frame.drop(columns="For")


def lesson(same: Sequence[Claim], verdicts: pd.DataFrame, metrics: pd.DataFrame) -> str:
    """Return what to do and where the evidence is drawn, as Markdown.

    Parameters
    ----------
    same : sequence of Claim
        The claims that make the statement.
    verdicts : DataFrame
        What `claims.judge` returns.
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    found = LESSONS[same[0].id]
    own = rows(same, verdicts[verdicts["dataset"] != ALL])
    drawn = named([f"{{numref}}`{label}`" for label in found.where])
    notes = {FEWER: lambda: leads_text(leads(same[0], own, metrics)), IDENTICAL: lambda: identical_text(metrics)}
    more = notes[same[0].id]() if same[0].id in notes else ""
    return f"**What to do.** {found.of(own.groupby('dataset')['verdict'].agg(list).to_dict())}{more} See {drawn}."


def leads(claim: Claim, verdicts: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over settings of the first arm of a claim minus the better of its others, on the rows that a verdict stands on.

    Returns
    -------
    DataFrame
        `dataset`, `mean`, `low`, `high`, `n_seeds`, and the means at the smallest and the largest share, `fewest` and `most`, with their
        `sizes`.
    """
    found = []
    for row in verdicts[(verdicts["claim"] == claim.id) & (verdicts["n_seeds"] > 0)].itertuples():
        sizes = sorted(row.sizes.split(), key=lambda size: float(size[1:]))
        seeds = [int(seed) for seed in row.seeds.split()]
        part = metrics[(metrics["dataset"] == row.dataset) & metrics["seed"].isin(seeds)]
        cells = list(product(claim.arms, sizes, claim.classifiers))
        table = stats.by_seed(part, ["arm", "size", "classifier"], claim.measures[0]).reindex(columns=cells).dropna()

        shape = len(claim.arms), len(sizes), len(claim.classifiers)

        def by_size(values: np.ndarray, shape: tuple = shape) -> np.ndarray:
            means = values.mean(-2)
            by_arm = np.moveaxis(means.reshape(*means.shape[:-1], *shape), -3, 0)
            return (by_arm[0] - by_arm[1:].max(0)).mean(-1)

        by_share = by_size(table.to_numpy())
        mean, low, high, n_seeds = stats.bootstrap_over_seeds(
            table, lambda values, by_size=by_size: by_size(values).mean(-1)
        )
        found.append(
            {"dataset": row.dataset, "mean": mean, "low": low, "high": high, "n_seeds": n_seeds}
            | {"fewest": by_share[0], "most": by_share[-1], "sizes": " ".join(sizes)}
        )
    return pd.DataFrame(found, columns=["dataset", "mean", "low", "high", "n_seeds", "fewest", "most", "sizes"])


def leads_text(table: pd.DataFrame) -> str:
    """Return the mean leads of the hybrid, and where it does not lead on average, in words, with a space before.

    Parameters
    ----------
    table : DataFrame
        What `leads` returns.
    """
    if table.empty:
        return ""
    told = []
    for row in table.itertuples():
        sizes = row.sizes.split()
        told.append(
            f"{points(row.mean, row.low, row.high)} on {datasets.get(row.dataset).title} ({100 * row.most:+.1f} at {shares(sizes[-1])}, {100 * row.fewest:+.1f} at {shares(sizes[0])})"
        )
    behind = named([datasets.get(name).title for name in table.loc[table["mean"] <= 0, "dataset"]])
    loses = f" On {behind} it does not lead on average." if behind else ""
    return f" Over all shares and classifiers the hybrid minus the better of the two is {named(told)} points of average precision.{loses}"


def identical_text(metrics: pd.DataFrame) -> str:
    """Return for which classifiers most rows have one identical score at the smallest shares, in words, with a space before.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    (claim,) = [claim for claim in CLAIMS if claim.id == IDENTICAL]
    chosen = metrics["minority_fraction"].isin(SMALLEST) & metrics["arm"].isin(claim.arms)
    rows = metrics[chosen & metrics["classifier"].isin(claim.classifiers)]
    means = rows.groupby(["classifier", "dataset", "minority_fraction", "arm"])["largest_tie_share"].mean()
    where = named([percent(fraction) for fraction in SMALLEST])
    told = {"holds for": [], "holds in a part of the settings for": [], "holds nowhere for": []}
    for name in [name for name in claim.classifiers if name in means.index]:
        own = means[name]
        many = own > MANY
        how = (
            "holds for" if many.all() else "holds in a part of the settings for" if many.any() else "holds nowhere for"
        )
        told[how].append(
            f"{classifiers.TITLES[name]} ({100 * own.min():.0f} to {100 * own.max():.0f} % of the holdout)"
        )
    listed = "; ".join(f"{how} {named(names)}" for how, names in told.items() if names)
    return f" By classifier, over all tables, unbalanced and naive, at {where}, the claim {listed}." if listed else ""


def definitions(verdicts: pd.DataFrame) -> str:
    """Return where the definitions stand, at the commit of this code, and whether a verdict turns on the least number of seeds, in words.

    Parameters
    ----------
    verdicts : DataFrame
        What `claims.judge` returns.
    """
    commit = code_state()["commit"]
    link = f"({repository()}/blob/{commit}/{SOURCE})" if repository() and " " not in commit else ""
    name = f"[`{SOURCE}`]{link}" if link else f"`{SOURCE}`"
    few = [datasets.get(dataset).title for dataset in DATASETS if _few_seeds_decide(verdicts, dataset)]
    turns = f"It decides some verdicts on {named(few)} today" if few else "Today no verdict depends on it"
    return (
        f"The definitions are in {name} at `{commit[:12]}`. The least number of seeds is {MIN_VERDICT_SEEDS}. {turns}."
    )


def _few_seeds_decide(verdicts: pd.DataFrame, dataset: str) -> bool:
    """Return whether some claim is undecided on a data set for no other reason than the least number of seeds."""
    by_id = {claim.id: claim for claim in CLAIMS}
    return any(
        row.n_seeds < MIN_VERDICT_SEEDS
        and len(row.sizes.split()) >= by_id[row.claim].min_fractions
        and by_id[row.claim].verdict(row.low, row.high) != "undecided"
        for row in verdicts[verdicts["dataset"] == dataset].itertuples()
    )
