"""The figure that readers steer: every metric, data set, classifier and arm."""

from collections.abc import Sequence

import pandas as pd

from upsampling import classifiers, datasets, stats
from upsampling.experiment import GENERATOR
from upsampling.figures import COLORS, DASHES, METRICS, title
from upsampling.samplers import ARMS, PAPER_ARMS
from upsampling.store import Store

# Symbols of plotly that look like the markers of the static figures.
SYMBOLS = {"random_forest": "square", "xgboost": "triangle-up", "lightgbm": "circle", GENERATOR: "diamond"}
DECIMALS = 5


def summary(store: Store, names: Sequence[str], fractions: Sequence[float]) -> pd.DataFrame:
    """Return mean, interval and n over seeds of every metric, by data set, fraction, classifier and arm.

    Parameters
    ----------
    store : Store
        Results.
    names : sequence of str
        Data sets.
    fractions : sequence of float
        Minority shares.
    """
    rows = store.load("metrics")
    rows = rows[rows["dataset"].isin(names) & rows["minority_fraction"].isin(fractions)]
    by = ["dataset", "size", "minority_fraction", "n_minority", "classifier", "arm"]
    return stats.summarise(rows, by=by, values=list(METRICS))


def content(table: pd.DataFrame) -> dict:
    """Return what the script of the page needs: menus, how arms look, and the points.

    An arm without a classifier of its own is shown beside every classifier.

    Parameters
    ----------
    table : DataFrame
        What `summary` returns.
    """
    points: dict = {}
    table = table.dropna(subset="mean").sort_values("minority_fraction")
    for key, part in table.groupby(["dataset", "metric", "classifier", "arm"], sort=False):
        dataset, metric, classifier, arm = key
        line = {
            "x": part["minority_fraction"].tolist(),
            "count": part["n_minority"].astype(int).tolist(),
            "n": part["n_seeds"].tolist(),
            **{name: [_rounded(value) for value in part[name]] for name in ("mean", "low", "high")},
        }
        shown = classifiers.CLASSIFIERS if classifier == GENERATOR else (classifier,)
        for name in shown:
            points.setdefault(dataset, {}).setdefault(metric, {}).setdefault(name, {})[arm] = line
    found = set(table["arm"])
    # lists, because a notebook sorts the keys of what it stores
    return {
        "menus": [
            [
                "dataset",
                "data set",
                [[name, about.title] for name, about in datasets.DATASETS.items() if name in points],
            ],
            ["metric", "metric", [[name, text] for name, text in METRICS.items()]],
            ["classifier", "classifier", [[name, classifiers.TITLES[name]] for name in classifiers.CLASSIFIERS]],
            ["axis", "axis", [["share", "minority share"], ["count", "minority rows"]]],
        ],
        "arms": [
            {
                "name": arm,
                "title": title(arm),
                "color": COLORS[arm],
                "dash": "dot" if arm == "none" else "dash" if arm in DASHES else "solid",
                "shown": arm in PAPER_ARMS,
            }
            for arm in ARMS
            if arm in found
        ],
        "symbols": SYMBOLS,
        "points": points,
    }


def _rounded(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), DECIMALS)
