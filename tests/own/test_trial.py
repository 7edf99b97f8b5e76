"""What is fitted when, what counts as clear, and when to stop."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from invented import measured, people
from joblib.externals.loky import ProcessPoolExecutor

from upsampling.own import recipe, trial
from upsampling.own.methods import CHEAP, GENERATOR, METHODS, NAIVE, SMOTE, of_group
from upsampling.own.trial import N_FOLDS, Fold, Schedule, Trial, fold, run, splits


@pytest.fixture
def rows():
    frame = people(300, 30)
    return frame[["age", "income", "job"]], (frame["churn"] == "yes").astype(int).to_numpy()


def test_a_fold_scores_rows_that_its_methods_have_not_seen(rows):
    X, y = rows
    split = splits(y)[7]
    done = fold(X, y, split, CHEAP, 7)
    assert set(done.scores) == set(of_group(CHEAP))
    (model,) = METHODS["raw_logistic"].estimators()
    expected = model.fit(X.iloc[split[0]], y[split[0]]).predict_proba(X.iloc[split[1]])[:, 1]
    np.testing.assert_allclose(done.scores["raw_logistic"], expected)


def test_the_mean_of_ranks_is_that_of_the_two_raw_models(rows):
    X, y = rows
    scores = fold(X, y, splits(y)[0], CHEAP, 0).scores
    both = [scores["raw_logistic"], scores["raw_regularised"]]
    expected = recipe.mean_rank(both, [np.sort(score) for score in both])
    assert np.corrcoef(scores["mean_of_ranks"], expected)[0, 1] > 0.999


def test_a_group_that_fails_says_why_and_is_not_run_again(rows):
    X, y = rows
    done = fold(X.assign(date=pd.Timestamp(0)), y, splits(y)[0], NAIVE, 0)
    assert done.problem
    found = Trial(X, y, np.ones(len(y)))
    found.add(done)
    assert found.problems == {NAIVE: done.problem}
    assert not found.can_change(NAIVE)


def test_rows_that_stand_for_many_count_for_many():
    y, weight = np.repeat([0, 1], [80, 20]), np.repeat([9.0, 1.0], [80, 20])
    heavy, plain = (Trial(pd.DataFrame({"x": range(100)}), y, w) for w in (weight, np.ones(100)))
    for found in (heavy, plain):
        found.add(Fold(CHEAP, 0, {"raw_logistic": np.linspace(1, 0, 20)}, 1.0))
    assert heavy.mean("raw_logistic") < plain.mean("raw_logistic")


def test_fewer_than_five_folds_have_no_interval():
    found = measured({"raw_logistic": 0.5, "raw_lightgbm": 0.4}, spread=0.01, folds=4)
    assert found.evaluated_methods == []
    assert np.isnan(found.difference_interval("raw_logistic", "raw_lightgbm").low)
    assert not found.ready


@pytest.mark.parametrize(
    ("means", "spread", "reference", "advised"),
    [
        ({"raw_logistic": 0.5}, 0.001, "raw_logistic", "raw_logistic"),
        ({"raw_logistic": 0.495, "raw_regularised": 0.5}, 0.05, "raw_regularised", "raw_logistic"),
        ({"raw_logistic": 0.495, "raw_regularised": 0.5}, 0.001, "raw_regularised", "raw_regularised"),
        ({"raw_logistic": 0.48, "raw_regularised": 0.5}, 0.05, "raw_regularised", "raw_regularised"),
        ({"raw_logistic": 0.5, "naive_logistic": 0.53}, 0.05, "raw_logistic", "raw_logistic"),
        ({"raw_logistic": 0.5, "naive_logistic": 0.6}, 0.05, "raw_logistic", "naive_logistic"),
        ({"raw_logistic": 0.4, "mean_of_ranks": 0.595, "smotenc_logistic": 0.6}, 0.05, "raw_logistic", "mean_of_ranks"),
    ],
)
def test_the_simplest_method_that_is_not_worse_is_advised(means, spread, reference, advised):
    found = measured(means, spread)
    assert (found.reference, found.advised) == (reference, advised)


@pytest.mark.parametrize(
    ("mean", "spread", "expected"), [(0.6, 0.01, True), (0.5, 0.01, False), (0.55, 0.05, True), (0.4, 0.05, False)]
)
def test_more_folds_are_worth_it_only_where_they_can_show_a_gain(mean, spread, expected):
    found = measured({"raw_logistic": 0.5, "naive_logistic": mean, "naive_regularised": 0.3}, spread)
    for name in of_group(NAIVE):
        found.precision[name][N_FOLDS:] = np.nan
    assert found.can_change(NAIVE) == expected


def test_what_is_advised_is_looked_at_again():
    found = measured({"raw_logistic": 0.5, "naive_logistic": 0.6}, spread=0.001)
    assert found.advised == "naive_logistic"
    assert found.can_change(NAIVE)


def test_where_nothing_is_left_to_gain_no_group_can_change_the_advice():
    found = measured({"raw_logistic": 0.995})
    assert not any(found.can_change(group) for group in (NAIVE, SMOTE, GENERATOR))
    assert measured({"raw_logistic": 0.9}).can_change(GENERATOR)


class TestSchedule:
    def order(self, found, seconds=1000.0):
        schedule = Schedule(found, time.monotonic() + seconds, 1)
        work = []
        while (given := schedule.next()) and len(work) < 200:
            work.append(given)
            found.add(
                Fold(given[0], given[1], {name: self.scores(found, given[1]) for name in of_group(given[0])}, 0.01)
            )
        return work, schedule

    @staticmethod
    def scores(found, number):
        judged = found.splits[number][1]
        return np.random.RandomState(number).uniform(size=len(judged)) + found.y[judged] / 2

    @pytest.fixture
    def found(self):
        y = np.repeat([0, 1], [100, 30])
        return Trial(pd.DataFrame({"x": range(130)}), y, np.ones(130))

    def test_cheap_methods_come_first_and_each_other_group_gets_a_repeat(self, found):
        work, _ = self.order(found)
        assert work[:50] == [(CHEAP, number) for number in range(50)]
        assert list(dict.fromkeys(group for group, _ in work)) == [CHEAP, NAIVE, SMOTE, GENERATOR]
        assert len(work) == len(set(work))

    def test_what_does_not_fit_is_left_out_and_said(self, found):
        work, _ = self.order(found, seconds=20)
        assert GENERATOR not in {group for group, _ in work}
        assert found.left_out[GENERATOR].startswith("would take about")

    def test_groups_that_cannot_change_the_advice_stop_after_a_repeat(self, found):
        work, _ = self.order(found)
        assert {group: len([w for w in work if w[0] == group]) for group in (NAIVE, SMOTE)} == {NAIVE: 5, SMOTE: 5}


def test_processes_fit_until_nothing_can_change_the_advice(rows, monkeypatch):
    X, y = rows
    monkeypatch.setitem(trial.REPEATS, CHEAP, 1)
    found = Trial(X, y, np.ones(len(y)))
    found.problems = dict.fromkeys((NAIVE, SMOTE, GENERATOR), "left out of this test")
    seen = []
    assert run(found, deadline=time.monotonic() + 500, workers=2, show=lambda _, group: seen.append(group)) == "done"
    assert found.ready
    assert seen == [CHEAP] * N_FOLDS


def test_what_runs_when_the_time_is_over_is_ended(rows):
    X, y = rows
    start = time.monotonic()
    assert run(Trial(X, y, np.ones(len(y))), deadline=start + 1, workers=1) == "time"
    assert time.monotonic() - start < 60


def test_an_interrupt_ends_the_fits_and_keeps_what_is_there(rows, monkeypatch):
    X, y = rows
    found = Trial(X, y, np.ones(len(y)))
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell ignores it for what runs in the background

    def show(_, group):
        if found.ready:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
            time.sleep(1)

    try:
        assert run(found, deadline=time.monotonic() + 200, workers=2, show=show) == "stopped"
    finally:
        signal.signal(signal.SIGINT, before)
    assert found.ready


def test_a_process_that_grows_as_torch_is_loaded_goes_on(rows):
    growing = "import builtins, time; builtins.loaded = b'x' * 400_000_000; time.sleep(1.5)"
    with ProcessPoolExecutor(1, initializer=trial._start, initargs=rows) as pool:
        first = pool.submit(os.getpid).result()
        pool.submit(exec, growing).result()
        assert pool.submit(os.getpid).result() == first


def test_one_repeat_of_every_split_covers_each_row_once(rows):
    _, y = rows
    for repeat in range(10):
        judged = np.concatenate([test for _, test in splits(y)[repeat * N_FOLDS : (repeat + 1) * N_FOLDS]])
        assert sorted(judged) == list(range(len(y)))


@pytest.mark.slow
def test_the_generator_scores_rows_that_it_has_not_seen(rows):
    X, y = rows
    done = fold(X, y, splits(y)[0], GENERATOR, 0)
    assert done.problem == ""
    assert set(done.scores) == set(of_group(GENERATOR))
    (pipeline,) = METHODS["synthetic_logistic"].estimators()
    learnt, judged = splits(y)[0]
    expected = pipeline.fit(X.iloc[learnt].reset_index(drop=True), y[learnt]).predict_proba(X.iloc[judged])[:, 1]
    np.testing.assert_allclose(done.scores["synthetic_logistic"], expected)
    assert trial.average_precision_score(y[judged], done.scores["generator"]) > 0
