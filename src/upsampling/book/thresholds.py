"""What ``book/_static/thresholds.js`` needs to say what happens above a threshold: one curve per table, method and classifier."""

import numpy as np
import pandas as pd

from upsampling.book.drawing import in_order, trained_in_order
from upsampling.book.palette import COLORS, DASHES
from upsampling.study import curves, datasets, seeds
from upsampling.study.arms import title
from upsampling.study.classifiers import REGULARISED, TITLES
from upsampling.study.names import GENERATOR

# To begin with: what an alarm and a miss cost, and the share of the class among the rows that are scored.
START = {"alarm": 1, "miss": 20, "share": 0.01}
# Where a holdout has fewer positives, each of them would move every number by more than 2 %.
FEWEST_POSITIVES = 50


def of_median_seed(stored: pd.DataFrame, metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of one split of each table whose holdout has `FEWEST_POSITIVES`: the one with the median mean of average precision,
    of those that have a curve for each method under each classifier.

    Parameters
    ----------
    stored : DataFrame
        What `curves.read` returns.
    metrics, runs : DataFrame
        Rows of `metrics.csv` and of `runs.csv`.
    """
    kept = []
    for (dataset, size), part in stored.groupby(["dataset", "size"], observed=True):
        cells = runs[(runs["dataset"] == dataset) & (runs["size"] == size)]
        if cells["n_holdout_minority"].min() < FEWEST_POSITIVES:
            continue
        lines = part[curves.KEY].drop_duplicates().astype({"dataset": str, "size": str, "arm": str, "classifier": str})
        trained = lines[lines["classifier"] != GENERATOR]
        n_lines = trained[["arm"]].drop_duplicates().size * trained[["classifier"]].drop_duplicates().size
        whole = trained.groupby("seed").size()
        lines = lines[lines["seed"].isin(whole.index[whole == n_lines])]
        if lines.empty:
            continue
        seed, _ = seeds.median_seed(lines.merge(metrics))
        kept.append(part[part["seed"] == seed])
    return pd.concat(kept, ignore_index=True)


def content(drawn: pd.DataFrame) -> dict:
    """Return tables, classifiers and curves for the script.

    Parameters
    ----------
    drawn : DataFrame
        For each data set, arm and classifier one curve, in the columns of `curves.read`.
    """
    names = [name for name in datasets.DATASETS if name in set(drawn["dataset"])]
    arms = in_order(drawn["arm"])
    points: dict = {}
    for (dataset, classifier, arm), part in drawn.groupby(["dataset", "classifier", "arm"], sort=False, observed=True):
        part = part[np.isfinite(part["threshold"])].sort_values("threshold", ascending=False)
        line = {name: [float(f"{value:.4g}") for value in part[name]] for name in ("threshold", "tpr", "fpr")}
        points.setdefault(dataset, {}).setdefault(classifier, {})[arm] = line
    trained = [name for name in trained_in_order(drawn["classifier"]) if name != GENERATOR]
    # the one that the guide advises is shown first
    trained.sort(key=lambda name: name != REGULARISED)
    return {
        "start": START,
        "tables": [[name, datasets.get(name).title] for name in names],
        "classifiers": [[name, TITLES[name]] for name in trained],
        # what needs no classifier stands beside each of them
        "alone": GENERATOR,
        "arms": [{"name": arm, "title": title(arm), "color": COLORS[arm], "dash": list(DASHES[arm])} for arm in arms],
        "points": points,
    }
