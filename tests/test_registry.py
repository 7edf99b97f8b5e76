"""What the folders of tables, arms and classifiers declare, and what is said of an entry that is skipped."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from upsampling.errors import SpecError
from upsampling.study import classifiers, datasets, experiment, plan, registry
from upsampling.study.arms import ARMS
from upsampling.study.protocol import Cell

REGISTRIES = {"data set": datasets.DATASETS, "arm": ARMS, "classifier": classifiers.ALL}


def use(what: str) -> None:
    """Use an entry as a run does."""
    if what == "classifier":
        classifiers.make("lightgbm", 0)
    else:
        experiment.check([Cell("demo", None, 10, 0, "smotenc")])
        datasets.load("demo")


@pytest.mark.parametrize(("what", "name"), [("data set", "demo"), ("arm", "smotenc"), ("classifier", "lightgbm")])
def test_what_is_skipped_is_refused_by_name_and_left_out_of_the_plan_with_its_reason(monkeypatch, what, name):
    use(what)
    entries = REGISTRIES[what]
    monkeypatch.setitem(entries, name, replace(entries[name], skip="its licence is not ours to accept"))
    reason = f"{what} '{name}' is skipped: its licence is not ours to accept"
    with pytest.raises(SpecError, match=reason):
        use(what)
    cells = tuple(Cell(dataset, None, 10, 0, arm) for dataset in ("demo", "adult") for arm in ("none", "smotenc"))
    left, reasons = plan.Tier("t", "", "may", cells, ("xgboost", "lightgbm")).without_skipped()
    assert reasons == [reason]
    kept = {"data set": {cell.dataset for cell in left.cells}, "arm": {cell.arm for cell in left.cells}}
    kept["classifier"] = set(left.classifiers)
    assert {key: len(values) for key, values in kept.items()} == {key: 1 if key == what else 2 for key in kept}
    assert name not in kept[what]


@pytest.mark.parametrize("name", classifiers.ALL)
def test_the_lines_of_code_that_a_classifier_shows_make_the_same_one(name):
    names: dict = {"nan": float("nan")}
    exec(
        "from lightgbm import LGBMClassifier\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold",
        names,
    )
    if classifiers.ALL[name].skip:
        pytest.skip(classifiers.ALL[name].skip)
    *imports, made = classifiers.ALL[name].code.splitlines()
    exec("\n".join(imports), names)
    shown, used = eval(made, names), classifiers.make(name, 0)[-1]
    assert isinstance(used, type(shown))
    assert repr(shown.get_params(deep=False)) == repr(used.get_params(deep=False))


def test_what_needs_a_package_that_is_missing_says_how_to_install_it():
    assert registry.not_installed("json", "any") == ""
    reason = registry.not_installed("no_such_package", "some")
    assert reason == "no_such_package is not installed; pip install 'upsampling[some]'"


def test_catboost_learns_from_categories_and_numbers_with_gaps():
    pytest.importorskip("catboost")
    rng = np.random.RandomState(0)
    kind = rng.choice(["a", "b", "c"], 300)
    X = pd.DataFrame({"[number]": rng.normal(size=300), "kind": pd.Categorical(kind)})
    X.loc[::9, "kind"] = None
    X.loc[::7, "[number]"] = np.nan
    model = classifiers.make("catboost", 0).set_params(classifier__iterations=50)
    model.fit(X, (kind == "c").astype(int), classifier__sample_weight=np.ones(300))
    assert roc_auc_score(kind == "c", model.predict_proba(X)[:, 1]) > 0.9
    assert list(model[-1].get_cat_feature_indices()) == [1]
