"""What ``book/_static/adviser.js`` needs to advise a reader: the gains that were measured, and code for each way to train."""

from textwrap import dedent

import pandas as pd

from upsampling.book import evidence
from upsampling.study import classifiers as study_classifiers
from upsampling.study import datasets, seeds, stats
from upsampling.study.classifiers import TITLES, TUNED
from upsampling.study.names import GENERATOR, HYBRID, POSTERIOR
from upsampling.study.protocol import HOLDOUT_SHARE
from upsampling.study.trained.lightgbm import REGULARISED
from upsampling.words import joined

COLUMNS = "dataset n_minority share numeric_share scored method classifier mean low high n size seeds arms".split()
# What gains are over: what most people would do first.
BASELINE = ("none", "lightgbm")
OWN_PROBABILITY = (POSTERIOR, GENERATOR)
# What a reader may do with each classifier, by what it is called.
_METHODS = {
    "class_weight": "class weights",
    "naive": "copied rows",
    "smotenc": "SMOTE-NC",
    HYBRID: "synthetic rows of TabularARGN",
}
# The simplest come first, and of those alike what gains are over.
PAIRS = [
    BASELINE,
    *(("none", classifier) for classifier in study_classifiers.CLASSIFIERS if classifier != BASELINE[1]),
    ("none", "lightgbm_regularised"),
    ("tuned_none", TUNED),
    *((method, classifier) for method in _METHODS for classifier in study_classifiers.CLASSIFIERS),
    OWN_PROBABILITY,
]
DECIMALS = 4
# Where a reader begins: a table of fraud.
START = {"minority": 40, "rows": 40_000, "numeric": 0.5, "scoring": 0.001, "alarm": 1, "miss": 100}

CLASSIFIERS = {
    "lightgbm": ("from lightgbm import LGBMClassifier", "LGBMClassifier({})", ""),
    "lightgbm_regularised": (
        "from lightgbm import LGBMClassifier",
        f"LGBMClassifier({', '.join(f'{name}={value}' for name, value in REGULARISED.items())}{{}})",
        "",
    ),
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
from scipy.stats import loguniform, randint, uniform
from sklearn.model_selection import RandomizedSearchCV

settings = {
    "n_estimators": randint(50, 401),
    "learning_rate": loguniform(0.01, 0.3),
    "num_leaves": randint(4, 64),
    "min_child_samples": randint(5, 101),
    "colsample_bytree": uniform(0.5, 0.5),
    "reg_lambda": loguniform(1e-3, 30),
}
model = RandomizedSearchCV(LGBMClassifier(), settings, n_iter=16, scoring="average_precision")
"""
_OWN_PROBABILITY = """\
from upsampling import TabularARGNSampler

# y is 1 for the rare class, else 0; categories in X are of pandas' dtype "category"
sampler = TabularARGNSampler()
sampler.fit_resample(X, y)
alarm = sampler.generator_.predict_proba(X_new)[:, 1] > {threshold}
"""
_SCORED = """\
# y is 1 for the rare class, else 0; categories in X are of pandas' dtype "category"
model.fit(X, y)
alarm = model.predict_proba(X_new)[:, 1] > {threshold}
"""


def code(method: str, classifier: str) -> str:
    """Return Python that trains a pair of `PAIRS` and raises alarms above ``{threshold}``."""
    if method == "tuned_none":
        return _TUNED + _SCORED
    if (method, classifier) == OWN_PROBABILITY:
        return _OWN_PROBABILITY
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
    """Return what a reader calls a pair of `PAIRS`."""
    if (method, classifier) == OWN_PROBABILITY:
        return "the generator's own probability"
    called, _, kind = TITLES[classifier].partition(", ")
    # names of products keep their capitals
    trained = f"{kind} {called if called[1:] != called[1:].lower() else called.lower()}".strip()
    return f"{_METHODS[method]} with {trained}" if method in _METHODS else f"{trained} on the rows as they are"


def experiments(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return by how much each of `PAIRS` is ahead of the baseline on each table, at each size.

    Where a table was thinned, it is judged twice: with the positives that the holdout has, and as rare as in training.

    Parameters
    ----------
    metrics, runs : DataFrame
        Rows of `metrics.csv` and of `runs.csv`.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`: the table, its positives, their share in training, the share of numeric columns, the share of
        positives among the rows `scored`, the method and the classifier, the mean gain in average precision with the 95 % interval
        of the one comparison, how many seeds it has, and the cells that it stands on. Fewer than five seeds are no experiment.
    """
    thinned = pd.concat([evidence.by_share(metrics), evidence.thinned_on_both_sides(metrics)])
    sizes = runs.groupby(["dataset", "size"])[["n_minority", "n_majority", "n_holdout", "n_holdout_minority"]].median()
    judged = [
        (pd.concat([thinned, evidence.natural(metrics)]), "average_precision"),
        (thinned, "average_precision_reweighted"),
    ]
    comparisons = []
    for rows, metric in judged:
        wide = rows.pivot(index=["dataset", "size", "seed"], columns=["arm", "classifier"], values=metric)
        wide = wide[[pair for pair in PAIRS if pair in wide]]
        gains = wide.sub(wide[BASELINE], axis=0).drop(columns=[BASELINE])
        for (dataset, size), part in gains.groupby(["dataset", "size"], sort=False):
            about, rare = datasets.get(dataset), sizes.loc[(dataset, size)]
            share = rare["n_minority"] / (rare["n_minority"] + rare["n_majority"])
            table = {
                "dataset": dataset,
                "size": size,
                "n_minority": int(rare["n_minority"]),
                "share": share,
                "numeric_share": len(about.numeric) / (len(about.numeric) + len(about.categorical)),
                "scored": rare["n_holdout_minority"] / rare["n_holdout"] if metric == "average_precision" else share,
            }
            for method, classifier in part:
                gain = part[method, classifier].dropna()
                if len(gain) >= seeds.FEWEST:
                    over = stats.corrected_interval(gain, HOLDOUT_SHARE)
                    one = {"method": method, "classifier": classifier, "n": len(gain)}
                    one |= {"mean": over.estimate, "low": over.low, "high": over.high}
                    cells = {"seeds": joined(gain.index.get_level_values("seed")), "arms": f"none {method}"}
                    comparisons.append(table | one | cells)
    return pd.DataFrame(comparisons, columns=COLUMNS)


def content(comparisons: pd.DataFrame) -> dict:
    """Return experiments, methods and code for the script.

    Parameters
    ----------
    comparisons : DataFrame
        What `experiments` returns.
    """
    measured = {BASELINE, *zip(comparisons["method"], comparisons["classifier"], strict=True)}
    pairs = [pair for pair in PAIRS if pair in measured]
    place = {pair: position for position, pair in enumerate(pairs)}
    tables = list(dict.fromkeys(comparisons["dataset"]))
    return {
        "baseline": place[BASELINE],
        "start": START,
        "tables": [datasets.get(table).title for table in tables],
        "pairs": [
            {
                "name": name(*pair),
                "untouched": pair[0] in ("none", "tuned_none"),
                # the share of the rare class that its probabilities are right for
                "prior": "balanced" if pair[0] in _METHODS else "raw",
                "code": code(*pair),
            }
            for pair in pairs
        ],
        "experiments": [
            [
                tables.index(row.dataset),
                int(row.n_minority),
                round(row.share, 6),
                round(row.numeric_share, 3),
                round(row.scored, 6),
                place[row.method, row.classifier],
                *(round(value, DECIMALS) for value in (row.mean, row.low, row.high)),
                int(row.n),
            ]
            for row in comparisons.itertuples()
        ],
    }
