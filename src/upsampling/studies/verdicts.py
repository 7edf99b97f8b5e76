"""The verdict on each claim of the paper as a reader needs it: number, other thresholds, where it is drawn, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from upsampling.claims import ALL, CLAIMS, DATASETS, Claim
from upsampling.figures import named
from upsampling.tables import SIGNS, distinction, judged_titles, signed, with_interval


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
        """Return what to do, given the verdicts on each data set; one that has none but undecided ones does not count."""
        known = ["not supported" not in found for found in verdicts.values() if not set(found) <= {"undecided"}]
        if 2 * len(known) <= len(verdicts):
            return "Nothing follows yet: most tables are undecided."
        if len(set(known)) > 1:
            return self.differs
        return self.holds if known[0] else self.fails


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
        "The fewer minority rows, the larger the lead over naive oversampling and SMOTE-NC. Whether it also beats leaving the rows as they are is another question: "
        "see [how few minority rows](counts.ipynb) and [tuning](tuning.ipynb).",
        "Few minority rows are no reason by themselves to take the generator.",
        "Few minority rows make the lead over naive oversampling and SMOTE-NC larger on some tables only.",
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
        "something, the most favourable one, or an undecided one that may still be better."
    )


def label(same: Sequence[Claim]) -> str:
    """Return what the table of a statement is called in references."""
    return same[0].id.replace(".", "_")


def section(same: Sequence[Claim]) -> str:
    """Return the heading of a statement, where it is made, and how it is judged, as Markdown."""
    lines = [f"## {same[0].statement.removesuffix('.')}", f"*Where: {same[0].source}.* {same[0].definition}"]
    side = "below" if same[0].below else "above"
    partly = "" if same[0].partly == same[0].threshold else f", partly {side} {same[0].partly:g}"
    lines[1] += f" Supported {side} {same[0].threshold:g}{partly}."
    return "\n\n".join(lines)


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


def lesson(same: Sequence[Claim], verdicts: pd.DataFrame) -> str:
    """Return what to do and where the evidence is drawn, as Markdown.

    Parameters
    ----------
    same : sequence of Claim
        The claims that make the statement.
    verdicts : DataFrame
        What `claims.judge` returns.
    """
    found = LESSONS[same[0].id]
    own = rows(same, verdicts[verdicts["dataset"] != ALL])
    drawn = named([f"{{numref}}`{label}`" for label in found.where])
    return f"**What to do.** {found.of(own.groupby('dataset')['verdict'].agg(list).to_dict())} See {drawn}."
