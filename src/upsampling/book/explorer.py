"""The figures that readers steer: what ``book/_static/explorer.js`` draws, as plain lists and mappings."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd

from upsampling.book.drawing import in_order, trained_in_order
from upsampling.book.figures import METRICS
from upsampling.book.palette import COLORS, DASHES, MARKERS
from upsampling.study import datasets, seeds, stats
from upsampling.study.arms import ARMS, PAPER_ARMS, VARIANTS, title
from upsampling.study.classifiers import EXPLAINING, TITLES
from upsampling.study.store import Store

# The script's names of matplotlib's markers.
SHAPES = {"s": "square", "^": "triangle", "o": "circle", "D": "diamond", "v": "wedge", "P": "plus", "*": "star"} | {
    "X": "cross",
    "p": "pentagon",
    "<": "left",
    ">": "right",
}
DECIMALS = 5
IN_PERCENT = ("average_precision", "average_precision_reweighted", "roc_auc", "unique_score_share", "largest_tie_share")
CURVES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "pr": ("Precision and recall", "recall", "precision"),
    "minority": ("Scores of minority rows", "predicted probability", "share of rows"),
    "majority": ("Scores of majority rows", "predicted probability", "share of rows"),
}


def summary(store: Store, names: Sequence[str], fractions: Sequence[float]) -> pd.DataFrame:
    """Return mean, interval and n over the study's seeds of every metric, by data set, fraction, classifier and arm.

    Arms and classifiers that only vary another one do not take part: they have pages of their own. Those with a tuned classifier do.

    Parameters
    ----------
    store : Store
        Results.
    names : sequence of str
        Data sets.
    fractions : sequence of float
        Minority shares.
    """
    rows = seeds.of_study(store.load("metrics"))
    rows = rows[~rows["arm"].isin(VARIANTS - _tuned()) & ~rows["classifier"].isin(EXPLAINING)]
    rows = rows[rows["dataset"].isin(names) & rows["minority_fraction"].isin(fractions)]
    by = ["dataset", "size", "minority_fraction", "n_minority", "classifier", "arm"]
    return stats.summarise(rows, by=by, values=list(METRICS))


def _tuned() -> set[str]:
    """Return the arms that are others with a tuned classifier, where overviews show these."""
    return {name for name, arm in ARMS.items() if arm.tuned and name.removeprefix("tuned_") not in VARIANTS}


def content(table: pd.DataFrame) -> dict:
    """Return menus, looks and points of the results.

    An arm with a tuned classifier is shown as the arm itself under that classifier. One that is not judged under the
    classifiers of the paper's arms is shown whichever classifier is chosen.

    Parameters
    ----------
    table : DataFrame
        What `summary` returns.
    """
    table = table.dropna(subset="mean").sort_values("minority_fraction")
    table = table.assign(arm=[arm.removeprefix("tuned_") if arm in _tuned() else arm for arm in table["arm"]])
    points: dict = {}
    for key, part in table.groupby(["dataset", "metric", "classifier", "arm"], sort=False):
        dataset, metric, classifier, arm = key
        points.setdefault(dataset, {}).setdefault(metric, {}).setdefault(classifier, {})[arm] = {
            "x": part["minority_fraction"].tolist(),
            "count": part["n_minority"].astype(int).tolist(),
            "n": part["n_seeds"].tolist(),
            **{name: [_rounded(value) for value in part[name]] for name in ("mean", "low", "high")},
        }
    return _steered(
        menus=[
            (
                "dataset",
                "data set",
                [(name, about.title) for name, about in datasets.DATASETS.items() if name in points],
            ),
            ("metric", "metric", METRICS.items()),
            ("axis", "axis", [("share", "minority share"), ("count", "minority rows")]),
        ],
        path=["dataset", "metric"],
        pairs=set(zip(table["arm"], table["classifier"], strict=True)),
        shown=PAPER_ARMS,
        x={
            "menu": "axis",
            "choices": {
                "share": {"title": "minority share of the training set, rows", "key": "x", "beside": "count"}
                | {"log": True, "percent": True, "ticks": True},
                "count": {"title": "minority rows of the training set", "key": "count", "log": True, "ticks": True},
            },
        },
        y={
            "menu": "metric",
            "choices": {name: {"title": text, "percent": name in IN_PERCENT} for name, text in METRICS.items()},
        },
        labelled=True,
        points=points,
    )


def curves_content(curves: pd.DataFrame, scores: pd.DataFrame) -> dict:
    """Return menus, looks and points of the curves and the spread of scores at one setting.

    Parameters
    ----------
    curves, scores : DataFrame
        The data of `figures.curves` and of `figures.score_distributions`.
    """
    spread = scores.assign(curve=scores["class"], x=(scores["low"] + scores["high"]) / 2, y=scores["share"])
    points: dict = {}
    drawn = pd.concat([curves, spread])
    for key, part in drawn.groupby(["curve", "classifier", "arm"], sort=False):
        curve, classifier, arm = key
        line = {name: [_rounded(value) for value in part[source]] for name, source in (("x", "x"), ("mean", "y"))}
        points.setdefault(curve, {}).setdefault(classifier, {})[arm] = line
    unit = {"percent": True, "key": "x", "range": [0, 1]}
    return _steered(
        menus=[
            ("curve", "show", [(name, text) for name, (text, _, _) in CURVES.items()]),
        ],
        path=["curve"],
        pairs=set(zip(drawn["arm"], drawn["classifier"], strict=True)),
        shown=set(drawn["arm"]),
        x={"menu": "curve", "choices": {name: {"title": x} | unit for name, (_, x, _) in CURVES.items()}},
        y={
            "menu": "curve",
            "choices": {
                name: {"title": y, "percent": True} | ({"range": [0, 1]} if name in ("roc", "pr") else {"log": True})
                for name, (_, _, y) in CURVES.items()
            },
        },
        labelled=False,
        points=points,
    )


def _steered(
    menus: Sequence[tuple[str, str, Iterable[tuple[str, str]]]],
    path: list[str],
    pairs: set[tuple[str, str]],
    shown: Collection[str],
    x: Mapping,
    y: Mapping,
    labelled: bool,
    points: Mapping,
) -> dict:
    """Return what the script reads: `path` names the menus that lead to lines in `points`, by classifier and arm of `pairs`."""
    arms = in_order(arm for arm, _ in pairs)
    judged = {classifier for arm, classifier in pairs if arm in PAPER_ARMS} or {classifier for _, classifier in pairs}
    looks = {
        name: {"name": name, "title": TITLES[name], "symbol": SHAPES[MARKERS[name]]}
        for name in trained_in_order(classifier for _, classifier in pairs)
    }
    # lists, because a notebook sorts the keys of what it stores
    return {
        "menus": [[name, text, [list(option) for option in options]] for name, text, options in menus],
        "path": path,
        "arms": [
            {
                "name": arm,
                "title": title(arm),
                "color": COLORS[arm],
                "dash": list(DASHES[arm]),
                "shown": arm in shown,
            }
            for arm in arms
        ],
        "classifiers": [look for name, look in looks.items() if name in judged],
        "alone": [look for name, look in looks.items() if name not in judged],
        "baselines": [
            [f"{arm}|{name}", f"{title(arm)}, {TITLES[name]}" if name in judged else title(arm)]
            for arm in arms
            for name in looks
            if labelled and (arm, name) in pairs
        ],
        "x": dict(x),
        "y": dict(y),
        "labelled": labelled,
        "points": points,
    }


def _rounded(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), DECIMALS)
