"""What ``book/_static/thresholds.js`` needs to say what happens above a threshold: one curve per table, method and classifier."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_curve

from upsampling.book.drawing import in_order, trained_in_order
from upsampling.book.palette import COLORS, DASHES
from upsampling.study import datasets
from upsampling.study.arms import title
from upsampling.study.classifiers import TITLES

COLUMNS = ["dataset", "arm", "classifier", "threshold", "tpr", "fpr", "prevalence"]
POINTS = 200
# A miss costs as much as so many false alarms, to begin with.
START = {"alarm": 1, "miss": 20}
# Below it the share of false alarms is drawn as one.
_FEWEST = 1e-4


def curve(y: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """Return which shares of either class lie at or above a threshold, at the points that show most of the curve.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        1 for the minority class, else 0.
    score : array-like of shape (n_rows,)
        What a classifier says about each row.

    Returns
    -------
    DataFrame
        At most `POINTS` rows from the highest threshold to the lowest: `threshold`, `tpr`, `fpr` and `prevalence`.
    """
    fpr, tpr, threshold = (values[1:] for values in roc_curve(y, score, drop_intermediate=False))
    # few false alarms are what a threshold is for: there the curve is drawn large
    steps = np.hypot(np.diff(np.log10(fpr + _FEWEST)), np.diff(tpr))
    way = np.concatenate([[0], np.cumsum(steps)])
    kept = np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)))
    return pd.DataFrame({"threshold": threshold, "tpr": tpr, "fpr": fpr}).iloc[kept].assign(prevalence=np.mean(y))


def content(curves: pd.DataFrame) -> dict:
    """Return tables, classifiers and curves for the script.

    Parameters
    ----------
    curves : DataFrame
        Columns `COLUMNS`: for each data set, arm and classifier what `curve` returns.
    """
    names = [name for name in datasets.DATASETS if name in set(curves["dataset"])]
    arms = in_order(curves["arm"])
    points: dict = {}
    for (dataset, classifier, arm), part in curves.groupby(["dataset", "classifier", "arm"], sort=False):
        part = part.sort_values("threshold", ascending=False)
        line = {name: [float(f"{value:.4g}") for value in part[name]] for name in ("threshold", "tpr", "fpr")}
        points.setdefault(dataset, {}).setdefault(classifier, {})[arm] = line
    return {
        "start": START,
        "tables": [[name, datasets.get(name).title] for name in names],
        "prevalence": {name: float(curves.loc[curves["dataset"] == name, "prevalence"].iloc[0]) for name in names},
        "classifiers": [[name, TITLES[name]] for name in trained_in_order(curves["classifier"])],
        "arms": [{"name": arm, "title": title(arm), "color": COLORS[arm], "dash": list(DASHES[arm])} for arm in arms],
        "points": points,
    }
