"""Does a mean of ranks beat the paper's arm: chosen on some seeds, judged on others.

The arm, its rivals, the seeds and the rule of `judge` were written before the arm and its control were computed under the unseen seeds: the arm
was chosen on other seeds, so those cannot tell how good it is. Under Insurance's seeds 1 and 2 the hybrid and some of the members were
known before, at 0.1 %.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from upsampling.book.comparison import complete, in_order_of, shares
from upsampling.book.tables import with_interval
from upsampling.study import datasets, stats
from upsampling.study.arms import ARMS, title
from upsampling.study.arms.generator import WEIGHTS
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import HOLDOUT_SHARE
from upsampling.words import joined, named, percent, points, seeds_text

CHOSEN = "ranks4"
# Is it the generator, or just averaging? The second rival has as many members and no generator.
HYBRID, CONTROL = "tabularargn", "ranks4_control"
RIVALS = {HYBRID: "the paper's hybrid", CONTROL: "a mean of four ranks without a generator"}
UNSEEN = {"adult": range(10, 14), "credit_card": range(8, 12), "insurance": range(1, 4)}
MAX_FRACTION = 0.002
# The chosen arm as a classifier that scores row by row.
CLASSIFIER = "rank_averaging"
# Shares that must be there before a data set is judged.
SIZES = ("f0.0005", "f0.001", "f0.002")
SPANS = {"unseen": "seeds judged on", "seen": "other seeds"}
MEMBERS = ARMS[CHOSEN].members
PARTS = tuple(name for name in ARMS if name.startswith(f"{CHOSEN}_without"))
# Other means of ranks: three fits of the hybrid, two of the members, four members without a generator.
MEANS = ("ranks_seeds", "tabularargn_ranks", CONTROL)
# Ways of training one model with what the generator knows; the hybrid gives its synthetic rows the weight of real ones.
SINGLE = (
    *(f"tabularargn_weight{weight:g}" for weight in WEIGHTS),
    HYBRID,
    "tabularargn_synthetic",
    "distilled",
    "posterior_feature",
)
# What else is held against the paper's arm: other means of ranks, the members alone, what needs no generator.
OTHERS = (
    CHOSEN,
    CLASSIFIER,
    *MEANS,
    *MEMBERS,
    "marginals",
    "class_weight",
    "none",
)


def differences(metrics: pd.DataFrame, arms: Iterable[str], others: Iterable[str]) -> pd.DataFrame:
    """Return `arms` minus each of `others` in average precision, at small shares under the paper's classifiers, by span of seeds.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    arms, others : iterable of str
        The arms; what has no rows is left out.

    Returns
    -------
    DataFrame
        `span` (a key of `SPANS`), the columns of `stats.mean_differences`, and `arms`, both of them.
    """
    rows = _at_small_shares(metrics)
    tables = []
    for span in SPANS:
        part = rows[rows["span"] == span]
        present = set(part["arm"])
        compared = [arm for arm in arms if arm in present]
        tables += [
            stats.mean_differences(part, "average_precision", compared, other).assign(span=span)
            for other in others
            if compared and other in present
        ]
    if not tables:
        return pd.DataFrame(columns=["span", "dataset", "arm", "other", "mean", "low", "high", "n_seeds", "arms"])
    table = pd.concat(tables, ignore_index=True)
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), [*UNSEEN, *table["dataset"].unique()])


def _at_small_shares(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that count, small shares under the paper's classifiers or none, with their `span` of seeds."""
    counts = (metrics["minority_fraction"] <= MAX_FRACTION) & metrics["classifier"].isin(
        [*PAPER_CLASSIFIERS, GENERATOR]
    )
    rows = metrics[counts]
    of_table = [(rows["dataset"] == name) & rows["seed"].isin(seeds) for name, seeds in UNSEEN.items()]
    return rows.assign(span=np.where(pd.concat(of_table, axis=1).any(axis=1), "unseen", "seen"))


def judge(metrics: pd.DataFrame) -> pd.DataFrame:
    """Compare the chosen arm with its rivals on the unseen seeds, on the average over minority shares and the paper's classifiers.

    Returns
    -------
    DataFrame
        One row per data set and rival, as `differences` returns them; `leads`: whether the whole 95 % interval over seeds lies above zero;
        `complete`: whether all unseen seeds have all of `SIZES`, without which a data set is not judged; and `wide_low` and
        `wide_high`, an interval that allows for overlapping splits and for all comparisons: see `stats.corrected_interval`.
    """
    table = _on_unseen(differences(metrics, [CHOSEN], RIVALS))
    wide = [
        stats.corrected_interval(_by_seed(metrics, *row), HOLDOUT_SHARE, len(UNSEEN) * len(RIVALS))
        for row in zip(table["dataset"], table["other"], strict=True)
    ]
    return table.assign(
        leads=table["low"] > 0, wide_low=[found.low for found in wide], wide_high=[found.high for found in wide]
    )


def _on_unseen(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `differences` on unseen seeds; `complete` says whether all of these have all of `SIZES`."""
    table = table[table["span"] == "unseen"].reset_index(drop=True)
    planned = table["dataset"].map({name: len(seeds) for name, seeds in UNSEEN.items()})
    sizes = table["sizes"].str.split().map(set) if len(table) else pd.Series(dtype=object)
    return table.assign(complete=(table["n_seeds"] == planned) & (sizes == set(SIZES)))


def _by_seed(metrics: pd.DataFrame, dataset: str, rival: str) -> pd.Series:
    """Return the chosen arm's mean lead over a rival under each unseen seed."""
    rows = _at_small_shares(metrics[metrics["dataset"] == dataset])
    pairs = stats.pair(rows[rows["span"] == "unseen"], "average_precision", CHOSEN, rival, ["size", "classifier"])
    return stats.by_seed(pairs, ["size", "classifier"], "difference").dropna().mean(axis=1)


def verdict(table: pd.DataFrame) -> str:
    """Return whether the chosen arm beats its rivals, on the data sets that can be judged, in a sentence.

    Parameters
    ----------
    table : DataFrame
        What `judge` returns.
    """
    told = table[table["complete"]]
    names = {name: datasets.get(name).title for name in UNSEEN}
    judged = [name for name in names if name in set(told["dataset"])]
    waiting = [title for name, title in names.items() if name not in judged]
    later = f" Not judged yet: {named(waiting)}." if waiting else ""
    if not judged:
        return "**The mean of four ranks is not judged yet: no table has all of its seeds and shares.**"
    sure = _ahead_of_all(told, "wide_low")
    parts = []
    for rival, called in RIVALS.items():
        ahead = [names[name] for name in told[(told["other"] == rival) & told["leads"]]["dataset"]]
        behind = [names[name] for name in judged if names[name] not in ahead]
        where = [f"on {named(ahead)}"] if ahead else []
        where += [f"not shown on {named(behind)}"] if behind else []
        parts.append(f"than {called}: {', '.join(where)}")
    return (
        f"**Under seeds that it was not chosen on ({seeds_text(told['n_seeds'])}), at minority shares of {percent(MAX_FRACTION)} and below, the mean of "
        f"four ranks has a higher average precision, with the whole 95 % interval above zero, {'; '.join(parts)}. Allowing for overlapping splits and for "
        f"all comparisons, that holds {f'on {named(sure)}' if sure else 'on no table'} for both.{later}**"
    )


def _ahead_of_all(told: pd.DataFrame, low: str) -> list[str]:
    """Return the titles of the data sets on which a lower end lies above zero beside every rival."""
    return [
        datasets.get(name).title
        for name in UNSEEN
        if name in set(told["dataset"]) and (told.loc[told["dataset"] == name, low] > 0).all()
    ]


def recommendation(table: pd.DataFrame, metrics: pd.DataFrame) -> str:
    """Return what follows for somebody who fits the generator for a classifier, in words; empty as long as no table is judged.

    Parameters
    ----------
    table : DataFrame
        What `judge` returns.
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    table = table[table["complete"]]
    if table.empty:
        return ""
    ahead, sure = (_ahead_of_all(table, low) for low in ("low", "wide_low"))
    text = f"If you fit the generator for the sake of a classifier, at minority shares of {percent(MAX_FRACTION)} and below, "
    if len(sure) == table["dataset"].nunique():
        text += "take the mean of four ranks instead of the hybrid."
    else:
        text += f"compare the mean of four ranks with the hybrid on your rows: it beats its rivals on {named(ahead) or 'no table'}, and beyond the wide interval on {named(sure) or 'none'}."
    plain = _beside_linear(metrics)
    told = {
        "is better": [datasets.get(row.dataset).title for row in plain.itertuples() if row.high < 0],
        "is not told apart from it": [
            datasets.get(row.dataset).title for row in plain.itertuples() if row.low <= 0 <= row.high
        ],
    }
    listed = named([f"{what} on {named(names)}" for what, names in told.items() if names])
    return f"**What to do.** {text}" + (
        f" Fit plain logistic regression first, which costs next to nothing: it {listed}." if listed else ""
    )


def _beside_linear(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the chosen arm minus logistic regression on the unbalanced rows, on the data sets that `judge` would judge."""
    linear = metrics[(metrics["arm"] == "none") & (metrics["classifier"] == LINEAR)]
    # like the generator's own scores, it is one for all of the paper's classifiers and is held against each
    linear = linear.assign(arm=LINEAR, classifier=GENERATOR)
    table = _on_unseen(differences(pd.concat([metrics, linear]), [CHOSEN], [LINEAR]))
    return table[table["complete"]]


def beside_linear(metrics: pd.DataFrame) -> str:
    """Return by how much the chosen arm differs from logistic regression on the unbalanced rows, in a sentence; empty if it is not known.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    """
    own = _beside_linear(metrics)
    told = [
        f"{points(row.mean, row.low, row.high)} points on {datasets.get(row.dataset).title}" for row in own.itertuples()
    ]
    if not told:
        return ""
    return (
        "Plain logistic regression on the unbalanced rows needs no generator and nothing is tuned. Beside it the mean of four ranks, on the average over "
        f"the paper's classifiers, has {named(told)} (the same shares and unseen seeds, {seeds_text(own['n_seeds'])})."
    )


def means_finding(table: pd.DataFrame) -> str:
    """Return where the chosen arm is better and worse than each other mean of ranks beyond the interval, in words.

    Parameters
    ----------
    table : DataFrame
        What `differences` returns of the chosen arm and `MEANS`.
    """
    lines = []
    for other, part in table[table["low"].notna()].groupby("other", sort=False):
        better, worse = part["low"] > 0, part["high"] < 0
        told = [
            f"{how} {named([f'{datasets.get(row.dataset).title} ({SPANS[row.span]})' for row in part[chosen].itertuples()])}"
            for how, chosen in (
                ("better on", better),
                ("worse on", worse),
                ("not told apart on", ~better & ~worse),
            )
            if chosen.any()
        ]
        unjudged = "" if "unseen" in set(part["span"]) else f" It was not computed under the {SPANS['unseen']}."
        lines.append(f"- Beside *{title(other)}*: {'; '.join(told)}.{unjudged}")
    return "\n".join(lines)


def finding(table: pd.DataFrame, name: str) -> str:
    """Return by how much the chosen arm differs from its rivals on a data set, in words."""
    label = f"- **{datasets.get(name).title}**:"
    own = table[table["dataset"] == name]
    if own.empty:
        return f"{label} not computed yet."
    told = []
    for row in own.itertuples():
        allowing = (
            f" (allowing for overlapping splits and all comparisons {points(row.mean, row.wide_low, row.wide_high)})"
        )
        told.append(
            f"{points(row.mean, row.low, row.high)} points beside {RIVALS[row.other]}{'' if pd.isna(row.wide_low) else allowing}, better "
            f"in {100 * row.better:.0f} % of {row.n_cells * row.n_seeds} combinations of share, classifier and seed"
        )
    where = shares(own["sizes"].iloc[0])
    return f"{label} {named(told)} (at {where}, n = {own['n_seeds'].min()})."


def single(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return single models minus the chosen arm in average precision, at the small shares at which all of them were computed for 3 seeds.

    Seeds that the chosen arm is judged on do not count.

    Returns
    -------
    DataFrame
        As `differences` returns it, without a span.
    """
    rows = _at_small_shares(metrics)
    rows = complete(rows[rows["span"] == "seen"], [CHOSEN, *SINGLE])
    rows = rows[rows.groupby(["dataset", "size"])["seed"].transform("nunique") >= stats.MIN_SEEDS]
    if rows.empty:
        return pd.DataFrame(columns=["dataset", "arm", "other", "mean", "low", "high", "n_seeds", "arms"])
    table = stats.mean_differences(rows, "average_precision", SINGLE, CHOSEN)
    table = table[table["n_seeds"] >= stats.MIN_SEEDS]
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), [*UNSEEN, *table["dataset"].unique()])


def single_finding(table: pd.DataFrame, name: str) -> str:
    """Return which single model is the best on a data set, and how many differ from the chosen arm, in words."""
    label = f"- **{datasets.get(name).title}**:"
    own = table[table["dataset"] == name]
    if own.empty:
        return f"{label} not computed yet."
    best, above, below = own.loc[own["mean"].idxmax()], (own["low"] > 0).sum(), (own["high"] < 0).sum()
    where = shares(best["sizes"])
    return (
        f"{label} the best of them is *{title(best['arm'])}*, with {points(best['mean'], best['low'], best['high'])} points beside the mean of four "
        f"ranks; beyond the interval {above} of {len(own)} lie above it and {below} below (at {where}, n = {own['n_seeds'].min()})."
    )


def shown_single(table: pd.DataFrame) -> pd.DataFrame:
    """Return single models beside the chosen arm, as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Model": table["arm"].map(title),
            "Minus the mean of four ranks": [
                with_interval(*row) for row in table[["mean", "low", "high"]].itertuples(index=False)
            ],
            "Better in": table["better"].map("{:.0%}".format),
            "n": table["n_seeds"],
        }
    )


def shown_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the chosen arm minus other means of ranks: a row per data set and span of seeds, a column per other mean.

    Of a comparison with fewer seeds than another of its row, n stands in the cell.
    """
    most = table.groupby(["dataset", "span"])["n_seeds"].transform("max")
    fewer = [f" (n = {n})" if n < of else "" for n, of in zip(table["n_seeds"], most, strict=True)]
    cells = table.assign(
        **{
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Seeds": table["span"].map(SPANS),
            "other": [title(name).removeprefix(f"{title(CHOSEN)} ") for name in table["other"]],
            "cell": [
                with_interval(*row) + n
                for row, n in zip(table[["mean", "low", "high"]].itertuples(index=False), fewer, strict=True)
            ],
        }
    )
    keys = ["Data set", "Seeds"]
    wide = cells.pivot(index=keys, columns="other", values="cell").fillna("-")
    order = list(dict.fromkeys(zip(*(cells[key] for key in keys), strict=True)))
    n = cells.groupby(keys)["n_seeds"].max().rename("n")
    return wide[list(dict.fromkeys(cells["other"]))].join(n).loc[order].rename_axis(columns=None).reset_index()


def fewer_shares(table: pd.DataFrame) -> str:
    """Return which other means were computed at fewer minority shares than the rest, in words, with a space before; empty if none.

    Parameters
    ----------
    table : DataFrame
        What `differences` returns of the chosen arm and other means.
    """
    every = {size for sizes in table["sizes"] for size in sizes.split()}
    found = table.groupby("other", sort=False)["sizes"].agg(lambda sizes: joined(" ".join(sizes).split()))
    told = [f"*{title(other)}* at {shares(own)}" for other, own in found.items() if set(own.split()) < every]
    return f" Computed at fewer shares: {named(told)}." if told else ""


def classifier_finding(metrics: pd.DataFrame, name: str) -> str:
    """Return how the classifier compares with the chosen arm, the hybrid and the unbalanced set on a data set's unseen seeds, in words."""
    label = f"- **{datasets.get(name).title}**:"
    rows = _at_small_shares(metrics[metrics["dataset"] == name])
    rows = rows[rows["span"] == "unseen"]
    if not {CLASSIFIER, CHOSEN, HYBRID, "none"} <= set(rows["arm"]):
        return f"{label} not computed yet."
    gaps = differences(rows, [CLASSIFIER], [CHOSEN, HYBRID])
    beside = {CHOSEN: "the mean of ranks", HYBRID: RIVALS[HYBRID]}
    told = [f"{points(row.mean, row.low, row.high)} points beside {beside[row.other]}" for row in gaps.itertuples()]
    trained = rows[rows["classifier"].isin(PAPER_CLASSIFIERS)]
    found = {
        what: stats.mean_differences(trained, metric, [CLASSIFIER], "none").iloc[0]
        for what, metric in (("Brier score", "brier_corrected"), ("expected calibration error", "ece_corrected"))
    }
    judged = named([f"{what} {with_interval(row['mean'], row['low'], row['high'])}" for what, row in found.items()])
    shares = sorted(rows.loc[rows["arm"] == CLASSIFIER, "minority_fraction"].unique())
    return (
        f"{label} average precision {named(told)}; after correction for the class share, minus that of the unbalanced set: {judged} "
        f"({named([percent(share) for share in shares])}, n = {gaps['n_seeds'].min()})."
    )
