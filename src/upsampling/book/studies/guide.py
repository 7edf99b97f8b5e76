"""What to do with an unbalanced table: by number of minority rows, the arm and classifier that the results support."""

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from upsampling.book.comparison import NO_CHOICE
from upsampling.book.figures import METRICS
from upsampling.book.tables import with_interval
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import ARMS, title, uses_generator
from upsampling.study.protocol import HOLDOUT_SHARE
from upsampling.words import joined, named, percent, points, seeds_text

METRIC = "average_precision"
SIMPLEST = "none"
TUNED = f"tuned_{SIMPLEST}"
# Upper ends of the ranges of minority rows.
EDGES = (50, 200, 1000)


def ranges(edges: Sequence[int] = EDGES) -> dict[str, tuple[float, float]]:
    """Return the ranges of minority rows, lower end excluded, by their names."""
    names = [f"up to {edges[0]:,}", *(f"{low + 1:,} to {high:,}" for low, high in pairwise(edges))]
    return dict(zip([*names, f"more than {edges[-1]:,}"], pairwise((0, *edges, float("inf"))), strict=True))


def seed_means(rows: pd.DataFrame, metric: str = METRIC) -> pd.DataFrame:
    """Return the mean of a metric over sizes: a row per seed, a column per arm and classifier.

    Pairs take part that have every size of the unbalanced set; a seed that lacks a size is missing.
    """
    table = stats.by_seed(rows, ["arm", "classifier", "size"], metric).sort_index(axis=1)
    sizes = set(rows.loc[rows["arm"] == SIMPLEST, "size"])
    means = {
        pair: table[pair].mean(axis=1, skipna=False)
        for pair in dict.fromkeys(zip(rows["arm"], rows["classifier"], strict=True))
        if set(table[pair].columns) == sizes
    }
    return pd.DataFrame(means)


def decide(rows: pd.DataFrame, metric: str = METRIC) -> dict:
    """Return what is recommended for one data set and range of minority rows.

    The simplest alternative is the unbalanced set under the classifier that suits it best. Every other arm, under its own
    best classifier, is held against it seed by seed, with an interval that is corrected for overlapping splits and for the
    number of pairs of arm and classifier that were looked at: see `stats.corrected_interval`. Recommended is, of those whose interval lies above zero, the one
    with the largest mean difference, else the simplest.

    Parameters
    ----------
    rows : DataFrame
        Rows of `metrics.csv`, some of them of the unbalanced set.
    metric : str
        What is compared.

    Returns
    -------
    dict
        `simplest_classifier`, `simplest` (its mean); `arm`, `classifier`, `difference`, `low`, `high`, `n_seeds` of what is
        recommended, and the same with the prefix ``plain_`` for the best that needs no generator; `leader`, `leader_classifier`,
        `leader_difference`: the highest mean difference, supported or not; `n_compared`.
    """
    means = seed_means(rows[~rows["arm"].isin(NO_CHOICE)], metric)
    classifier = means[SIMPLEST].mean().idxmax()
    reference = means[(SIMPLEST, classifier)]
    differences = means.drop(columns=SIMPLEST, level=0).sub(reference, axis=0)
    differences = differences.loc[:, differences.count() >= stats.MIN_SEEDS]
    n_compared = differences.shape[1]
    best = differences.mean().dropna().sort_values(ascending=False)
    best = best[~best.index.get_level_values(0).duplicated()]
    found = []
    for arm, own in best.index:
        interval = stats.corrected_interval(differences[(arm, own)].dropna(), HOLDOUT_SHARE, n_compared)
        found.append({"arm": arm, "classifier": own, "difference": interval.estimate, **interval._asdict()})
    supported = [row for row in found if row["low"] > 0]
    simplest = {"arm": SIMPLEST, "classifier": classifier, "n_seeds": int(reference.notna().sum())}
    chosen = next(iter(supported), simplest)
    plain = next((row for row in supported if not _needs_generator(row["arm"])), simplest)
    leader = found[0] if found else simplest
    keys = ("arm", "classifier", "difference", "low", "high", "n_seeds")
    return (
        {"simplest_classifier": classifier, "simplest": float(reference.mean()), "n_compared": n_compared}
        | {key: chosen.get(key, float("nan")) for key in keys}
        | {f"plain_{key}": plain.get(key, float("nan")) for key in keys}
        | {"leader": leader["arm"], "leader_classifier": leader["classifier"]}
        | {"leader_difference": leader.get("difference", float("nan"))}
    )


def _needs_generator(arm: str) -> bool:
    return arm in ARMS and uses_generator(arm)


def recommend(metrics: pd.DataFrame, edges: Sequence[int] = EDGES, metric: str = METRIC) -> pd.DataFrame:
    """Return the recommendation for each range of minority rows and data set.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`; those of a minority share count.
    edges : sequence of int
        Upper ends of the ranges.
    metric : str
        What is compared.

    Returns
    -------
    DataFrame
        `range`, `dataset`, `counts` (minority rows), `shares`, what `decide` returns, and `sizes`, `seeds` and `arms`.
    """
    rows = []
    for name, (low, high) in ranges(edges).items():
        inside = metrics[metrics["minority_fraction"].notna() & metrics["n_minority"].between(low, high, "right")]
        for dataset, part in inside.groupby("dataset", sort=False):
            if SIMPLEST not in set(part["arm"]):
                continue
            cells = {f"{key}s": joined(part[key]) for key in ("size", "seed", "arm")}
            counts = ", ".join(f"{n:,}" for n in sorted(set(part["n_minority"])))
            shares = ", ".join(percent(share) for share in sorted(set(part["minority_fraction"])))
            rows.append(
                {"range": name, "dataset": dataset, "counts": counts, "shares": shares} | decide(part, metric) | cells
            )
    return pd.DataFrame(rows)


def recommend_by_classifier(metrics: pd.DataFrame, edges: Sequence[int] = EDGES) -> pd.DataFrame:
    """Return the recommendations for those whose classifier is settled: every arm under that one alone."""
    names = [name for name in classifiers.CLASSIFIERS if name in set(metrics["classifier"])]
    return pd.concat([recommend(metrics[metrics["classifier"] == name], edges) for name in names], ignore_index=True)


def pair(arm: str, classifier: str) -> str:
    """Write an arm and its classifier for a reader."""
    alone = classifier in ("tabularargn", "balanced_forest", classifiers.TUNED)
    return way(arm) if alone else f"{way(arm)} with {classifiers.TITLES[classifier]}"


def way(arm: str) -> str:
    """Write an arm for a reader who has to choose one."""
    return f"{classifiers.TITLES[classifiers.TUNED]} on the unbalanced rows" if arm == TUNED else title(arm)


def advice(table: pd.DataFrame, settled: pd.DataFrame, edges: Sequence[int] = EDGES) -> str:
    """Return what to do in each range of minority rows, as a Markdown list.

    Parameters
    ----------
    table, settled : DataFrame
        What `recommend` and `recommend_by_classifier` return.
    edges : sequence of int
        Upper ends of the ranges.
    """
    lines = []
    for name in ranges(edges):
        part = table[table["range"] == name]
        told = part[part["n_seeds"] >= stats.MIN_SEEDS]
        arms = list(dict.fromkeys(told["arm"]))
        if told.empty:
            head = "not computed yet, or under too few seeds to tell"
        elif arms == [SIMPLEST]:
            names = [classifiers.TITLES[name] for name in dict.fromkeys(told["simplest_classifier"])]
            head = f"no upsampling, and {named(names)}; nothing is better beyond doubt"
        else:
            head = way(arms[0]) if len(arms) == 1 else "it depends on the table"
        reasons = " ".join([*(_reason(row) for row in part.itertuples()), _settled(settled[settled["range"] == name])])
        lines.append(f"- **{name.capitalize()} minority rows: {head}.** {reasons}".rstrip())
    return "\n".join(lines)


def _settled(part: pd.DataFrame) -> str:
    """Return under which classifier that is settled something pays most; empty if nothing does."""
    gains = part[part["arm"] != SIMPLEST]
    if gains.empty:
        return ""
    row = gains.loc[gains["difference"].idxmax()]
    return (
        f"If the classifier is settled the answer may be another: {pair(row['arm'], row['classifier'])} gains "
        f"{points(row['difference'], row['low'], row['high'])} points over the unbalanced rows under the same on {datasets.get(row['dataset']).title}."
    )


def _reason(row) -> str:
    simplest = f"{classifiers.TITLES[row.simplest_classifier]} on the unbalanced rows"
    label = f"{datasets.get(row.dataset).title} ({row.counts} rows)"
    if row.arm == SIMPLEST:
        lead = f"; the highest mean has {pair(row.leader, row.leader_classifier)}, {100 * row.leader_difference:+.1f} points, not beyond doubt"
        if row.n_seeds < stats.MIN_SEEDS:
            return f"{label}: n = {row.n_seeds}, too few to tell."
        return f"{label}: {simplest}{lead if row.leader != SIMPLEST and row.leader_difference > 0 else ''}."
    gain = f"{points(row.difference, row.low, row.high)} points"
    plain = ""
    if _needs_generator(row.arm):
        other = "nothing" if row.plain_arm == SIMPLEST else pair(row.plain_arm, row.plain_classifier)
        plain = f"; without a generator {other}" + (
            "" if row.plain_arm == SIMPLEST else f", {100 * row.plain_difference:+.1f}"
        )
    return f"{label}: {pair(row.arm, row.classifier)}, {gain} over {simplest}{plain}."


def caption(table: pd.DataFrame, what: str = METRICS[METRIC]) -> str:
    """Return how the recommendations came about, by `what`."""
    compared = f"{table['n_compared'].min()} to {table['n_compared'].max()}"
    return (
        f"{what}, mean over the minority shares of a range: the recommended arm and classifier against the best classifier with its library's "
        f"defaults on the unbalanced rows, seed by seed ({seeds_text(table['n_seeds'])}). The 95 % intervals allow for overlapping splits and for all "
        f"pairs of arm and classifier that were compared ({compared}, with three seeds or more); only what lies above zero is recommended. Arms that were "
        "not computed at every share of a range do not take part, nor do the oracle, repetitions and parts of other arms. The mean of four ranks was "
        "chosen on most of these seeds, which favours it; its own page leaves those out."
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the recommendations as they are shown; `Evidence` is Markdown."""
    return pd.DataFrame(
        {
            "Minority rows": table["range"],
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Shares": table["shares"],
            "Simplest": [
                f"{classifiers.TITLES[row.simplest_classifier]}, {row.simplest:.3f}" for row in table.itertuples()
            ],
            "Recommended": [
                pair(row.arm, row.classifier) if row.n_seeds >= stats.MIN_SEEDS else "too few seeds"
                for row in table.itertuples()
            ],
            "Gain": [with_interval(*row) for row in table[["difference", "low", "high"]].itertuples(index=False)],
            "Without a generator": [
                pair(row.plain_arm, row.plain_classifier) if row.n_seeds >= stats.MIN_SEEDS else "-"
                for row in table.itertuples()
            ],
            "Its gain": [
                with_interval(*row)
                for row in table[["plain_difference", "plain_low", "plain_high"]].itertuples(index=False)
            ],
            "n": table["n_seeds"],
            "Evidence": [f"[Chapter]({name}.ipynb), {{numref}}`tab-controls-best`" for name in table["dataset"]],
        }
    )


def headline(table: pd.DataFrame) -> str:
    """Return the recommendation in one sentence: how often a way is supported beyond the simplest, and which most often."""
    told = table[table["n_seeds"] >= stats.MIN_SEEDS]
    helped = told[told["arm"] != SIMPLEST]
    text = (
        f"In {len(helped)} of {len(told)} combinations of data set and range that have {stats.MIN_SEEDS} seeds, some way is better than the "
        "best classifier with library defaults on the unbalanced rows, with the whole corrected 95 % interval above zero"
    )
    if helped.empty:
        return f"**{text}: so far the results support leaving the rows as they are and choosing the classifier well.**"
    counts = helped["arm"].value_counts()
    listed = named([f"{way(arm)} in {count}" for arm, count in counts.items()])
    return f"**{text}: {listed}.**"
