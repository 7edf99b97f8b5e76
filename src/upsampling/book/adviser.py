"""What ``book/_static/adviser.js`` needs to advise a reader: the gains that were measured, and code for each way to train."""

from collections.abc import Mapping
from textwrap import dedent

import pandas as pd

from upsampling.study import training
from upsampling.study.arms import ARMS, title
from upsampling.study.classifiers import BALANCING, TITLES
from upsampling.study.names import GENERATOR

COLUMNS = [
    "dataset",
    "n_minority",
    "n_rows",
    "share",
    "numeric_share",
    "method",
    "classifier",
    "mean",
    "low",
    "high",
    "n",
]
DECIMALS = 4
# Where a reader begins: a table of fraud.
START = {"minority": 40, "rows": 40_000, "numeric": 0.5, "scoring": 0.001, "alarm": 1, "miss": 100}

CLASSIFIERS = {
    "lightgbm": ("from lightgbm import LGBMClassifier", "LGBMClassifier({})", ""),
    "xgboost": ("from xgboost import XGBClassifier", "XGBClassifier(enable_categorical=True{})", ""),
    "random_forest": (
        "from sklearn.ensemble import RandomForestClassifier",
        "RandomForestClassifier({})",
        'OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)',
    ),
    "logistic_regression": (
        "from sklearn.linear_model import LogisticRegression",
        "LogisticRegression(max_iter=1000{})",
        'OneHotEncoder(handle_unknown="ignore")',
    ),
}
_SAMPLERS = {
    "naive": ("from imblearn.over_sampling import RandomOverSampler", "RandomOverSampler()"),
    "smotenc": ("from imblearn.over_sampling import SMOTENC", 'SMOTENC("auto")'),
    "tabularargn": ("from upsampling import TabularARGNSampler", "TabularARGNSampler()"),
}
_TUNED = """\
from lightgbm import LGBMClassifier
from scipy.stats import loguniform, randint
from sklearn.model_selection import RandomizedSearchCV

settings = {
    "n_estimators": randint(50, 401),
    "learning_rate": loguniform(0.01, 0.3),
    "num_leaves": randint(4, 64),
    "min_child_samples": randint(5, 101),
    "reg_lambda": loguniform(1e-3, 30),
}
model = RandomizedSearchCV(LGBMClassifier(), settings, n_iter=16, scoring="average_precision")
"""
_SCORED = """\
# y is 1 for the rare class, else 0; categories in X are of pandas' dtype "category"
model.fit(X, y)
alarm = model.predict_proba(X_new)[:, 1] > {threshold}
"""


def code(method: str, classifier: str) -> str | None:
    """Return Python that trains a classifier by a method and raises alarms above ``{threshold}``, or None if there is none.

    Parameters
    ----------
    method : str
        Name of an arm.
    classifier : str
        Name of a classifier.
    """
    if method == "tuned_none":
        return _TUNED + _SCORED
    if classifier not in CLASSIFIERS or method not in ("none", "class_weight", *_SAMPLERS):
        return None
    origin, model, encoder = CLASSIFIERS[classifier]
    imports, before, steps = [origin], "", []
    setting = ""
    if method == "class_weight":
        setting = (
            "scale_pos_weight=(y == 0).sum() / (y == 1).sum()" if classifier == "xgboost" else 'class_weight="balanced"'
        )
    model = model.format(setting if "({})" in model or not setting else f", {setting}")
    if method in _SAMPLERS:
        sampler, made = _SAMPLERS[method]
        imports.append(sampler)
        steps.append(made)
    if encoder:
        imports += [
            "from sklearn.compose import make_column_selector, make_column_transformer",
            f"from sklearn.preprocessing import {encoder.split('(')[0]}, StandardScaler",
        ]
        before = dedent(
            f"""\
            columns = make_column_transformer(
                ({encoder}, make_column_selector(dtype_include="category")),
                remainder=StandardScaler(),
            )
            """
        )
        steps.append("columns")
    if steps:
        imports.append("from imblearn.pipeline import make_pipeline")
        model = f"make_pipeline({', '.join([*steps, model])})"
    return "\n".join([*sorted(imports), "", f"{before}model = {model}", _SCORED])


def name(method: str, classifier: str) -> str:
    """Return what a reader calls a method with a classifier."""
    if classifier in (GENERATOR, *BALANCING) or method not in ARMS:
        return title(method)
    if method == "none":
        return f"{TITLES[classifier]} on the rows as they are"
    if method == "tuned_none":
        return f"tuned {TITLES[classifier].removesuffix(', tuned')} on the rows as they are"
    return f"{title(method)} with {TITLES[classifier]}"


def _prior(method: str, classifier: str) -> str | None:
    """Return which share of the rare class the probabilities of a method are right for; None if its scores are none."""
    arm = ARMS.get(method)
    if arm is None or arm.members:
        return None
    if classifier in BALANCING:
        return "balanced"
    return "raw" if classifier == GENERATOR or arm.build is training.unbalanced else "balanced"


def content(contrasts: pd.DataFrame, *, baseline: tuple[str, str], codes: Mapping[tuple[str, str], str] = {}) -> dict:
    """Return experiments, methods and code for the script.

    Parameters
    ----------
    contrasts : DataFrame
        A row per data set, size, method and classifier: the columns `dataset` (its title), `n_minority`, `n_rows`, `share`
        (of the rare class in training), `numeric_share` (of the columns), `method` (an arm), `classifier`, the gain over the
        baseline in average precision `mean` with the interval from `low` to `high`, and `n`, its seeds.
    baseline : tuple of str
        Method and classifier that gains are over.
    codes : mapping of tuple of str to str
        Code of further methods, by method and classifier, with ``{threshold}`` where it raises alarms.
    """
    known = list(ARMS)
    table = contrasts[COLUMNS].dropna(subset=["mean", "low", "high"])
    pairs = sorted(
        {baseline, *zip(table["method"], table["classifier"], strict=True)},
        key=lambda pair: (known.index(pair[0]) if pair[0] in known else len(known), list(TITLES).index(pair[1])),
    )
    place = {pair: position for position, pair in enumerate(pairs)}
    titles = list(dict.fromkeys(table["dataset"]))
    return {
        "baseline": place[baseline],
        "start": START,
        "tables": titles,
        "pairs": [
            {
                "name": name(*pair),
                "untouched": pair[0] in ("none", "tuned_none"),
                "prior": _prior(*pair),
                "code": codes.get(pair) or code(*pair),
            }
            for pair in pairs
        ],
        "experiments": [
            [
                titles.index(row.dataset),
                int(row.n_minority),
                round(row.share, 6),
                round(row.numeric_share, 3),
                place[row.method, row.classifier],
                *(round(value, DECIMALS) for value in (row.mean, row.low, row.high)),
                int(row.n),
            ]
            for row in table.itertuples()
        ],
    }
