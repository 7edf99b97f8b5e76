"""Tuned LightGBM: the budget, the folds, and that nothing of the rows that judge leaks into what is judged."""

import json

import numpy as np
import pandas as pd
import pytest
from helpers import StubGenerator
from sklearn.metrics import average_precision_score

from upsampling.errors import SpecError
from upsampling.study import classifiers, generators, training, tuning
from upsampling.study.arms import ARMS
from upsampling.study.arms.tuned import TUNED_ARMS as TUNED
from upsampling.study.datasets import Table
from upsampling.study.experiment import run_cell
from upsampling.study.generators import fit_generator
from upsampling.study.protocol import FOLDS, Cell, Partition, Rows, folds, partition
from upsampling.study.store import Store
from upsampling.study.training import TrainingSet


@pytest.fixture(autouse=True)
def three_trials(monkeypatch):
    monkeypatch.setattr(tuning, "TRIALS", 3)


@pytest.fixture(scope="module")
def train(demo) -> Rows:
    return partition(demo, Cell("demo", None, 30, 0, "none")).train


def test_every_arm_tries_the_same_settings_and_the_defaults_first():
    tried = tuning.trials(7)
    assert tried == tuning.trials(7) != tuning.trials(8)
    assert tried[0] == {}
    assert [set(settings) for settings in tried[1:]] == [set(tuning.SPACE)] * 2
    assert json.loads(json.dumps(tried)) == tried


def test_folds_are_stratified_and_every_row_judges_once(train):
    parts = folds(train, 0)
    assert len(parts) == FOLDS
    for kept, judged in parts:
        assert len(kept) + len(judged) == len(train)
        assert len(judged.minority) == 30 / FOLDS
    together = pd.concat([judged.X for _, judged in parts])
    names = list(train.X)
    assert sorted(map(str, together[names].to_numpy())) == sorted(map(str, train.X.to_numpy()))


def test_the_best_mean_over_folds_is_chosen(train):
    chosen = tuning.choose(train, 0, training.unbalanced)
    means = []
    for settings in tuning.trials(0):
        found = []
        for kept, judged in folds(train, 0):
            trained = tuning.fitted(settings, TrainingSet(kept.X, kept.y, len(kept)), 0)
            found.append(average_precision_score(judged.y, classifiers.score(trained, judged.X)))
        means.append(np.mean(found))
    assert chosen == tuning.trials(0)[int(np.argmax(means))]
    assert len(set(means)) > 1


def test_upsampling_sees_the_other_folds_alone(train):
    """Each training set is built from the rows of the fold, with the generator of the fold."""
    seen = []

    def build(parts: Partition, seed: int, generator) -> TrainingSet:
        seen.append((len(parts.train), len(parts.discarded), generator))
        return training.unbalanced(parts, seed, None)

    tuning.choose(train, 0, build, ["first", "second", "third"])
    assert seen == [
        (len(kept), 0, name) for (kept, _), name in zip(folds(train, 0), ("first", "second", "third"), strict=True)
    ]


def test_each_fold_has_a_generator_that_was_fitted_on_its_rows(train, monkeypatch):
    monkeypatch.setattr(generators, "TabularARGN", StubGenerator)
    fitted = fit_generator("tabularargn_folds", train, 3)
    assert fitted.whole.X.equals(train.X)
    assert [one.X.equals(kept.X) for one, (kept, _) in zip(fitted.folds, folds(train, 3), strict=True)] == [True] * 3
    assert {one.seed for one in (fitted.whole, *fitted.folds)} == {generators.generator_seeds(3)[0]}


def test_too_few_minority_rows_are_refused(train):
    few = Rows(*(rows[(train.y == 0) | (train.y.cumsum() <= 5)].reset_index(drop=True) for rows in (train.X, train.y)))
    with pytest.raises(SpecError, match="at least 6 minority rows, two for each fold, got 5"):
        tuning.choose(few, 0, training.unbalanced)


@pytest.mark.parametrize("name", TUNED)
def test_a_cell_trains_the_chosen_settings_alone(demo, train, monkeypatch, name):
    monkeypatch.setattr(generators, "TabularARGN", StubGenerator)
    arm, cell = ARMS[f"tuned_{name}"], Cell("demo", None, 30, 0, f"tuned_{name}")
    result = run_cell(cell, demo)
    assert not result.failed
    (row,) = result.metrics
    assert row["classifier"] == classifiers.TUNED
    assert not result.diagnostics
    fit = fit_generator(arm.generator, train, 0) if arm.generator else None
    settings = tuning.choose(train, 0, arm.build, fit.folds if fit else ())
    assert json.loads(result.run["tuned_settings"]) == settings
    built = arm.build(partition(demo, cell), 0, fit.whole if fit else None)
    expected = classifiers.score(tuning.fitted(settings, built, 0), partition(demo, cell).holdout.X)
    np.testing.assert_array_equal(result.scores[classifiers.TUNED], expected)
    assert result.run["n_trained"] == len(built.y)


def test_what_was_chosen_and_which_fit_it_stands_on_are_stored(demo, monkeypatch):
    monkeypatch.setattr(generators, "TabularARGN", StubGenerator)
    store, table = Store(), Table("other", demo.checksum, demo.X, demo.y)
    results = [
        run_cell(Cell("other", None, 30, 0, arm), table)
        for arm in ("tuned_none", "tuned_tabularargn_categories_first", "none")
    ]
    for result in results:
        store.write(result)
    store.collect()
    assert store.published("runs").empty, "only tables of the study are published"
    runs = store.load("runs").set_index("arm")
    for result in results:
        row = runs.loc[result.cell.arm]
        assert row["tuned_settings"] == result.run.get("tuned_settings", "")
        assert row["fit_commit"] == result.run.get("fit_commit", "")
    assert json.loads(runs.loc["tuned_none", "tuned_settings"]) in tuning.trials(0)
    assert len(runs.loc["tuned_tabularargn_categories_first", "fit_commit"]) == 40
