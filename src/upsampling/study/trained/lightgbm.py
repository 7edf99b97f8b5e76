"""LightGBM: the library's defaults, settings for rare classes, and what each of these settings does.

What breaks the defaults where positives are few and their share is small: the log-odds of a leaf are its gradients over its hessians,
which are sums of p(1 - p) and nearly zero there, so leaf values explode; and leaves of 20 rows cannot be split off from fewer
positives. Small steps, few leaves and a penalty on leaf values hold them down.
"""

from lightgbm import LGBMClassifier

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


def _lightgbm(name: str, title: str, parameters: dict, **more) -> Classifier:
    booster = LGBMClassifier(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, **parameters)
    return Classifier(name, title, from_estimator(booster, to_positions), "MIT", **more)


_TITLES = {"rare": "set for rare classes"}
CLASSIFIERS = (
    _lightgbm("lightgbm", "LightGBM", {}, marker="o"),
    _lightgbm("lightgbm_regularised", "LightGBM, regularised", REGULARISED, marker="<"),
    *(
        _lightgbm(
            f"lightgbm_{name}", f"LightGBM, {_TITLES.get(name, name.replace('_', ' '))}", parameters, explains=True
        )
        for name, parameters in _settings().items()
    ),
)
