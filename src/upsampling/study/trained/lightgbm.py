"""LightGBM: the library's defaults, settings for rare classes, and what each of these settings does.

What breaks the defaults where positives are few and their share is small: the log-odds of a leaf are its gradients over its hessians,
which are sums of p(1 - p) and nearly zero there, so leaf values explode; and leaves of 20 rows cannot be split off from fewer
positives. Small steps, few leaves and a penalty on leaf values hold them down.
"""

from lightgbm import LGBMClassifier
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from upsampling.frames import to_positions
from upsampling.study.classifier import Classifier, from_estimator

# The same for every table and size: every parameter that is not the library's default.
REGULARISED = {
    "n_estimators": 200,
    "learning_rate": 0.02,
    "num_leaves": 8,
    "reg_lambda": 1.0,
    "colsample_bytree": 0.5,
}
# What three parameters do alone: the step, the leaves, and the sum of hessians below which a leaf is not split off.
RARE = {"n_estimators": 200, "learning_rate": 0.02, "num_leaves": 8, "min_sum_hessian_in_leaf": 0.1}
# One parameter at a time, from the defaults to the settings for rare classes: the step goes with the number of trees.
_PARTS = {
    "step": ("n_estimators", "learning_rate"),
    "leaves": ("num_leaves",),
    "penalty": ("reg_lambda",),
    "columns": ("colsample_bytree",),
}
# Two more parameters that could matter, in both directions.
_ASIDE = {
    "small_children": {"min_child_samples": 5},
    "large_children": {"min_child_samples": 80},
    "small_hessian": {"min_sum_hessian_in_leaf": 1e-5},
    "large_hessian": {"min_sum_hessian_in_leaf": 0.1},
}
# Numbers of trees among which 200 was chosen by a rule that `tests/test_beyond.py` holds.
TREES = (200, 400, 800)


def _settings() -> dict[str, dict]:
    """Return the settings that explain the regularised one: each part alone, all but it, and either end with one more parameter."""
    settings = {"rare": RARE}
    for part, names in _PARTS.items():
        settings[f"only_{part}"] = {name: REGULARISED[name] for name in names}
        settings[f"without_{part}"] = {name: value for name, value in REGULARISED.items() if name not in names}
    for name, more in _ASIDE.items():
        settings |= {name: more, f"regularised_{name}": REGULARISED | more}
    return settings | {f"{n}_trees": REGULARISED | {"n_estimators": n} for n in TREES}


def _booster(**parameters) -> LGBMClassifier:
    return LGBMClassifier(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, **parameters)


def _lightgbm(name: str, title: str, parameters: dict, **more) -> Classifier:
    return Classifier(name, title, from_estimator(_booster(**parameters), to_positions), "MIT", **more)


def _chosen(seed: int) -> Pipeline:
    """Return the regularised settings or the defaults, as cross-validation chooses: the guide's first lines of code."""
    search = GridSearchCV(
        _booster(random_state=seed),
        [{name: [value] for name, value in REGULARISED.items()}, {}],
        scoring="average_precision",
        cv=RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=seed),
    )
    return Pipeline([("columns", FunctionTransformer(to_positions)), ("classifier", search)])


_TITLES = {"rare": "set for rare classes"}
CLASSIFIERS = (
    _lightgbm("lightgbm", "LightGBM", {}, marker="o"),
    _lightgbm("lightgbm_regularised", "LightGBM, regularised", REGULARISED, marker="<"),
    Classifier("lightgbm_chosen", "LightGBM, regularised or defaults", _chosen, "MIT"),
    *(
        _lightgbm(
            f"lightgbm_{name}", f"LightGBM, {_TITLES.get(name, name.replace('_', ' '))}", parameters, explains=True
        )
        for name, parameters in _settings().items()
    ),
)
