"""Does a mean of ranks beat the paper's arm: chosen on some seeds, judged on others.

The arm, its rivals, the seeds and the rule of `judge` were written before any cell of the rule was computed under the unseen seeds: the arm
was chosen on other seeds, so those cannot tell how good it is.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from upsampling import datasets, stats
from upsampling.classifiers import PAPER_CLASSIFIERS
from upsampling.experiment import GENERATOR
from upsampling.figures import named, percent, title
from upsampling.samplers import ARMS
from upsampling.tables import with_interval

CHOSEN = "ranks4"
# Is it the generator, or just averaging? The second rival has as many members and no generator.
HYBRID, CONTROL = "tabularargn", "ranks4_control"
RIVALS = {HYBRID: "the paper's hybrid", CONTROL: "a mean of four ranks without a generator"}
UNSEEN = {"adult": range(10, 14), "credit_card": range(8, 12), "insurance": range(1, 4)}
MAX_FRACTION = 0.002
# The chosen arm as a classifier that scores row by row.
CLASSIFIER = "rank_averaging"
SPANS = {"unseen": "judged on", "seen": "chosen on"}
MEMBERS = ARMS[CHOSEN].members
PARTS = tuple(name for name in ARMS if name.startswith(f"{CHOSEN}_without"))
# What else is held against the paper's arm: other means of ranks, the members alone, what needs no generator.
OTHERS = (
    CHOSEN,
    CLASSIFIER,
    "tabularargn_ranks",
    "ranks_seeds",
    CONTROL,
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
    few = (metrics["minority_fraction"] <= MAX_FRACTION) & metrics["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR])
    spans = np.where(_is_unseen(metrics), "unseen", "seen")
    tables = [pd.DataFrame(columns=["dataset", "span", "arm", "other", "mean", "low", "high", "n_seeds"])]
    for span in SPANS:
        rows = metrics[few & (spans == span)]
        present = set(rows["arm"])
        compared = [arm for arm in arms if arm in present]
        tables += [
            stats.mean_differences(rows, "average_precision", compared, other).assign(span=span)
            for other in others
            if compared and other in present
        ]
    table = pd.concat(tables[1:] or tables, ignore_index=True)
    table = table.sort_values("dataset", key=lambda names: names.map(list(UNSEEN).index), kind="stable")
    return table.assign(arms=table["arm"] + " " + table["other"]).reset_index(drop=True)


def _is_unseen(metrics: pd.DataFrame) -> pd.Series:
    listed = [(metrics["dataset"] == name) & metrics["seed"].isin(seeds) for name, seeds in UNSEEN.items()]
    return pd.concat(listed, axis=1).any(axis=1)


def judge(metrics: pd.DataFrame) -> pd.DataFrame:
    """Compare the chosen arm with its rivals on the unseen seeds, on the average over minority shares and the paper's classifiers.

    Returns
    -------
    DataFrame
        One row per data set and rival, as `differences` returns them, and `leads`: whether the whole 95 % interval over seeds lies above
        zero.
    """
    table = differences(metrics, [CHOSEN], RIVALS)
    table = table[table["span"] == "unseen"].reset_index(drop=True)
    return table.assign(leads=table["low"] > 0)


def verdict(table: pd.DataFrame) -> str:
    """Return whether the chosen arm beats its rivals on every data set, in a sentence.

    Parameters
    ----------
    table : DataFrame
        What `judge` returns.
    """
    parts = []
    for rival, called in RIVALS.items():
        ahead = [datasets.get(name).title for name in table[(table["other"] == rival) & table["leads"]]["dataset"]]
        everywhere = "all three tables, " if len(ahead) == len(UNSEEN) else ""
        parts.append(f"{called} on {everywhere}{named(ahead) if ahead else 'none of the tables'}")
    return (
        f"**Under seeds that it was not chosen on, at minority shares of {percent(MAX_FRACTION)} and below, the mean of four ranks is beyond doubt "
        f"(the whole 95 % interval lies above zero) better than {'; and than '.join(parts)}.**"
    )


def finding(table: pd.DataFrame, name: str) -> str:
    """Return by how much the chosen arm differs from its rivals on a data set, in words."""
    label = f"- **{datasets.get(name).title}**:"
    own = table[table["dataset"] == name]
    if own.empty:
        return f"{label} not computed yet."
    told = [
        f"{with_interval(100 * row.mean, 100 * row.low, 100 * row.high, 1)} points beside {RIVALS[row.other]}, better in "
        f"{100 * row.better:.0f} % of {row.n_cells} settings"
        for row in own.itertuples()
    ]
    shares = named([percent(float(size[1:])) for size in own["sizes"].iloc[0].split()])
    return f"{label} {named(told)} (at {shares}, n = {own['n_seeds'].min()})."


def shown_members(table: pd.DataFrame) -> pd.DataFrame:
    """Return what leaving each member out costs: a row per data set and span of seeds, a column per member."""
    cells = table.assign(
        **{
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Seeds": table["span"].map(SPANS),
            "without": [title(name).removeprefix(title(CHOSEN)).strip() for name in table["other"]],
            "cell": [with_interval(*row) for row in table[["mean", "low", "high"]].itertuples(index=False)],
        }
    )
    keys = ["Data set", "Seeds"]
    wide = cells.pivot(index=keys, columns="without", values="cell").fillna("-")
    order = list(dict.fromkeys(zip(*(cells[key] for key in keys), strict=True)))
    n = cells.groupby(keys)["n_seeds"].max().rename("n")
    return wide[list(dict.fromkeys(cells["without"]))].join(n).loc[order].rename_axis(columns=None).reset_index()


def classifier_finding(metrics: pd.DataFrame, name: str) -> str:
    """Return how the classifier compares with the chosen arm, the hybrid and the unbalanced set on a data set's unseen seeds, in words."""
    label = f"- **{datasets.get(name).title}**:"
    rows = metrics[(metrics["dataset"] == name) & _is_unseen(metrics)]
    if not {CLASSIFIER, CHOSEN, HYBRID, "none"} <= set(rows["arm"]):
        return f"{label} not computed yet."
    gaps = differences(rows, [CLASSIFIER], [CHOSEN, HYBRID])
    told = [
        f"{with_interval(100 * row.mean, 100 * row.low, 100 * row.high, 1)} points beside {'the mean of ranks' if row.other == CHOSEN else RIVALS[row.other]}"
        for row in gaps.itertuples()
    ]
    trained = rows[rows["classifier"].isin(PAPER_CLASSIFIERS)]
    found = {
        what: stats.mean_differences(trained, metric, [CLASSIFIER], "none").iloc[0]
        for what, metric in (("Brier score", "brier_corrected"), ("expected calibration error", "ece_corrected"))
    }
    beside = named([f"{what} {with_interval(row['mean'], row['low'], row['high'])}" for what, row in found.items()])
    shares = named(
        [percent(share) for share in sorted(rows.loc[rows["arm"] == CLASSIFIER, "minority_fraction"].unique())]
    )
    return (
        f"{label} average precision {named(told)}; after correction for the class share, minus that of the unbalanced set: {beside} "
        f"({shares}, n = {gaps['n_seeds'].min()})."
    )
