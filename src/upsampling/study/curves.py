"""Curves of scores, thinned so that those of many cells can be published: what a figure or a threshold needs, and not each score."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_curve

from upsampling.files import replace_file
from upsampling.study import schemas
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import Cell

FILE = "curves.parquet"
KEY = ["dataset", "size", "seed", "arm", "classifier"]
POINTS = 80
# Curves of these are published: the paper's arms and the generator's own probability, at 0.1 % and on natural tables as found.
ARMS = ("none", "class_weight", "naive", "smotenc", "tabularargn", "tabularargn_posterior")
CLASSIFIERS = ("lightgbm", "lightgbm_regularised", "logistic_regression", GENERATOR)
PAPER_CLASSIFIERS = ("random_forest", "xgboost")


def wanted(cell: Cell, classifier: str) -> bool:
    """Return whether the curve of a classifier in a cell is published."""
    if cell.arm not in ARMS:
        return False
    if cell.design == "found":
        return classifier in CLASSIFIERS
    return cell.size == "f0.001" and classifier in (*CLASSIFIERS, *PAPER_CLASSIFIERS)


def curve(y_true, y_score) -> pd.DataFrame:
    """Return at most `POINTS` points of a ROC curve, close together at both ends of it.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for the minority class, else 0; both occur.
    y_score : array-like of shape (n_samples,)
        Scores.

    Returns
    -------
    DataFrame
        Columns `threshold` (alarm from this score on; infinite for none), `tpr` and `fpr`, each as float32, and `prevalence`.
    """
    fpr, tpr, thresholds = roc_curve(y_true, y_score)
    if len(fpr) > POINTS:
        half = POINTS // 2
        # half of the points by hits, half by false alarms on a scale that spreads the few
        spread = np.log(fpr + 1 / len(y_true))
        targets = [np.linspace(values[0], values[-1], half) for values in (tpr, spread)]
        places = [np.searchsorted(values, target) for values, target in zip((tpr, spread), targets, strict=True)]
        chosen = np.unique(np.concatenate([[0, len(fpr) - 1], *places]).clip(max=len(fpr) - 1))
        fpr, tpr, thresholds = fpr[chosen], tpr[chosen], thresholds[chosen]
    table = pd.DataFrame({"threshold": thresholds, "tpr": tpr, "fpr": fpr}, dtype="float32")
    return table.assign(prevalence=np.float32(np.mean(y_true)))


def of_cells(scores: Iterable[tuple[Cell, pd.DataFrame]], chosen: Callable[[Cell, str], bool] = wanted) -> pd.DataFrame:
    """Return the curves of some cells, a row per point.

    Parameters
    ----------
    scores : iterable of (Cell, DataFrame)
        Cells, with column `y` and a column of scores per classifier.
    chosen : callable
        Whether the curve of a classifier in a cell is wanted; by default those that are published.
    """
    tables = [
        curve(frame["y"], frame[classifier]).assign(
            dataset=cell.dataset, size=cell.size, seed=cell.seed, arm=cell.arm, classifier=classifier
        )
        for cell, frame in scores
        for classifier in frame.columns.drop("y")
        if chosen(cell, classifier)
    ]
    columns = schemas.columns("curves")
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def read(folder: Path) -> pd.DataFrame:
    """Return the published curves; empty if there are none."""
    path = folder / FILE
    if not path.is_file():
        return of_cells([])
    table = pd.read_parquet(path)
    schemas.check(table, "curves", path, f"Restore it with: git checkout -- {path}")
    return table


def publish(folder: Path, fresh: pd.DataFrame) -> int:
    """Put curves in the place of those that the same cells and classifiers had before; return the points that there are then."""
    if fresh.empty:
        return len(read(folder))
    before = read(folder)
    key = pd.MultiIndex.from_frame(fresh[KEY])
    kept = before[~pd.MultiIndex.from_frame(before[KEY]).isin(key)] if not before.empty else before
    table = pd.concat([kept, fresh], ignore_index=True) if not kept.empty else fresh
    table = table.sort_values([*KEY, "fpr", "tpr"], kind="stable", ignore_index=True)
    table = table.astype(dict.fromkeys(["dataset", "size", "arm", "classifier"], "category") | {"seed": "int32"})
    replace_file(folder / FILE, lambda target: table.to_parquet(target, index=False, compression="zstd"))
    return len(table)
