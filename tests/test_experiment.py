import itertools
import os
import re
import subprocess
import time
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from helpers import StubGenerator
from scipy.stats import rankdata

import upsampling
from upsampling import paths
from upsampling.errors import GeneratorError, SpecError
from upsampling.study import experiment, metrics
from upsampling.study.arms import ARMS
from upsampling.study.classifiers import CLASSIFIERS
from upsampling.study.datasets import Table
from upsampling.study.experiment import Fit, Usage, run_cell
from upsampling.study.protocol import PROTOCOL_VERSION, Cell, partition
from upsampling.study.store import Store

TIMES = re.compile("seconds|peak_mib|computed_at")


def cell(arm: str, count: int = 40) -> Cell:
    return Cell("demo", None, count, 0, arm)


def untimed(run: dict) -> dict:
    return {name: value for name, value in run.items() if not TIMES.search(name)}


def assert_same(left, right):
    for name in ("metrics", "diagnostics"):
        rows = (
            pd.DataFrame(getattr(side, name)).drop(columns="training_seconds", errors="ignore")
            for side in (left, right)
        )
        pd.testing.assert_frame_equal(*rows, check_exact=True)
    pd.testing.assert_frame_equal(left.scores, right.scores, check_exact=True)
    pd.testing.assert_frame_equal(left.marginals, right.marginals, check_exact=True)
    assert untimed(left.run) == untimed(right.run)


@pytest.fixture(scope="module")
def naive(demo):
    return run_cell(cell("naive"), demo)


@pytest.fixture(scope="module")
def stub_fit(demo) -> Fit:
    """A stand-in for the generator, fitted on the training rows of the cells."""
    train = partition(demo, cell("none")).train
    return Fit(StubGenerator().fit(train.X, train.y, 0), Usage(seconds=12.5, cpu_seconds=11.0, peak_mib=1e6))


@pytest.mark.parametrize("arm", ["naive", "smotenc", "undersample"])
def test_cell_gives_the_same_rows_each_time(demo, arm):
    assert_same(run_cell(cell(arm), demo), run_cell(cell(arm), demo))


def test_cell_is_the_same_on_a_worker(demo, naive):
    table = Table.from_bytes(demo.name, demo.checksum, demo.to_bytes())
    assert_same(run_cell(cell("naive"), table), naive)


def test_cell_leaves_nothing_behind(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, state, environment = demo.X.copy(), np.random.get_state()[1].copy(), dict(os.environ)
    run_cell(cell("naive"), demo)
    pd.testing.assert_frame_equal(demo.X, X)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert dict(os.environ) == environment
    assert not [*tmp_path.iterdir(), *paths.results().iterdir(), *paths.cache().iterdir()]


def test_other_holdout_rows_do_not_change_a_score(demo, naive):
    """Half of the holdout gets other values; the models, and so the scores of the other half, stay as they were."""
    holdout = partition(Table("demo", "", pd.DataFrame({"row": range(len(demo.y))}), demo.y), cell("none")).holdout
    changed, kept = np.array_split(holdout.X["row"].to_numpy(), 2)
    X = demo.X.copy()
    X.loc[changed, "age"] = 99.0
    result = run_cell(cell("naive"), Table(demo.name, demo.checksum, X, demo.y))
    same = holdout.X["row"].isin(kept).to_numpy()
    pd.testing.assert_frame_equal(result.scores[same], naive.scores[same], check_exact=True)
    assert not result.scores[~same].equals(naive.scores[~same])


def test_metrics_are_those_of_the_scores(demo, naive):
    parts = partition(demo, cell("naive"))
    y = parts.holdout.y.to_numpy()
    np.testing.assert_array_equal(naive.scores["y"], y)
    assert [row["classifier"] for row in naive.metrics] == list(CLASSIFIERS)
    for row in naive.metrics:
        score = naive.scores[row["classifier"]].to_numpy()
        assert score.dtype == np.float32
        expected = metrics.judge(y, score, trained=0.5, prevalence=float(parts.train.y.mean()))
        assert {name: row[name] for name in expected} == expected


def test_a_threshold_is_chosen_on_rows_that_its_classifier_has_not_seen(demo, monkeypatch):
    numbered = replace(demo, X=demo.X.assign(row=np.arange(len(demo.y), dtype=float)))
    learnt, scored = [], []
    build = ARMS["naive"].build

    def seen(parts, seed, generator):
        learnt.append(set(parts.train.X["row"]))
        return build(parts, seed, generator)

    def score(classifier, X):
        scored.append(set(X["row"]))
        return np.zeros(len(X), dtype=np.float32)

    monkeypatch.setattr(experiment.classifiers, "score", score)
    parts = partition(numbered, cell("naive"))
    arm = replace(ARMS["naive"], build=seen)
    experiment._costs(arm, "logistic_regression", parts, np.zeros(len(parts.holdout)), 0)
    assert len(learnt) == len(scored) == 3
    for kept, judged in zip(learnt, scored, strict=True):
        assert kept | judged == set(parts.train.X["row"])
        assert not kept & judged


def test_no_threshold_is_chosen_with_rows_of_a_generator_that_has_seen_what_judges_it():
    assert not any(arm.thresholds for arm in ARMS.values() if arm.generator or arm.needs)
    with pytest.raises(SpecError, match=r"'tabularargn': thresholds .* have seen the rows held out"):
        replace(ARMS["tabularargn"], thresholds=True)


def test_run_row_tells_sizes_and_costs(demo, naive):
    run, parts = naive.run, partition(demo, cell("naive"))
    assert run["status"] == "done"
    assert run["reason"] == ""
    assert run["n_minority"] == 40
    assert run["n_majority"] == (parts.train.y == 0).sum()
    assert run["n_minority"] + run["n_majority"] + run["n_holdout"] + run["n_discarded"] == len(demo.y)
    assert run["n_holdout_minority"] == parts.holdout.y.sum()
    assert run["n_trained"] == 2 * run["n_majority"]
    assert run["n_added"] == run["n_majority"] - 40
    assert run["n_features"] == 8
    parts_of_it = [run[f"{name}_seconds"] for name in ("upsample", *CLASSIFIERS, "diagnostics")]
    assert 0 < sum(parts_of_it) <= run["seconds"]
    assert run["peak_mib"] > 50
    assert "fit_seconds" not in run


def test_marginals_cover_three_sources(naive, demo):
    shares = naive.marginals.groupby(["source", "feature"])["share"].sum()
    assert set(shares.index) == {(source, name) for source in ("holdout", "training", "arm") for name in demo.X}
    np.testing.assert_allclose(shares, 1)


@pytest.mark.parametrize(
    "arm",
    [name for name, arm in ARMS.items() if arm.generator and not arm.skip and not arm.generator.endswith("_folds")],
)
def test_generator_arms_use_the_fit_that_is_given(demo, stub_fit, monkeypatch, arm):
    monkeypatch.setattr(experiment, "fit_generator", None)
    result = run_cell(cell(arm), demo, fitted=stub_fit)
    assert not result.failed
    assert (result.run["fit_seconds"], result.run["fit_cpu_seconds"]) == (12.5, 11.0)
    assert result.run["peak_mib"] == 1e6
    expected = ["tabularargn"] if ARMS[arm].build is None else sorted(CLASSIFIERS)
    assert sorted(row["classifier"] for row in result.metrics) == expected


def test_row_tells_of_a_fit_made_elsewhere_or_by_changed_code(demo, stub_fit, monkeypatch):
    monkeypatch.setattr(experiment, "code_state", lambda: {"commit": "c" * 40, "dirty": False})
    here = experiment.cpu_model()

    def told(origin):
        run = run_cell(cell("tabularargn_posterior"), demo, fitted=replace(stub_fit, origin=origin)).run
        return run["dirty"], run["cpu_model"], run["fit_commit"]

    assert told(None) == (False, here, "")
    assert told({"commit": "a" * 40, "dirty": False, "cpu_model": here}) == (False, here, "a" * 40)
    assert told({"commit": "a" * 40, "dirty": True, "cpu_model": "Abacus"}) == (True, f"Abacus, then {here}", "a" * 40)
    monkeypatch.setattr(experiment, "fit_generator", lambda *_: stub_fit.generator)
    assert experiment.fit(cell("tabularargn"), demo).origin == {
        "commit": "c" * 40,
        "dirty": False,
        "cpu_model": here,
    }


def test_generator_is_fitted_here_if_none_is_given(demo, stub_fit, monkeypatch):
    monkeypatch.setattr(
        experiment, "fit_generator", lambda name, train, seed: StubGenerator().fit(train.X, train.y, seed)
    )
    alone = run_cell(cell("tabularargn"), demo)
    given = run_cell(cell("tabularargn"), demo, fitted=stub_fit)
    pd.testing.assert_frame_equal(alone.scores, given.scores, check_exact=True)
    assert alone.run["fit_seconds"] < 12


def test_what_draws_in_the_order_of_its_rows_learns_them_in_the_order_of_the_file(demo, monkeypatch):
    learnt = {}

    def fit(name, train, seed):
        learnt[name] = list(train.X)
        return StubGenerator().fit(train.X, train.y, seed)

    monkeypatch.setattr(experiment, "fit_generator", fit)
    order = tuple(reversed(list(demo.X)))
    for arm in ("tabularargn", "tabularargn_sdk_file"):
        experiment.fit(Cell("demo", 0.05, None, 0, arm), replace(demo, order=order))
    assert learnt == {"tabularargn_packed": list(demo.X), "tabularargn_sdk_file": list(order)}


def test_posterior_is_judged_as_a_probability_at_the_training_share(demo, stub_fit):
    result = run_cell(cell("tabularargn_posterior"), demo, fitted=stub_fit)
    (row,) = result.metrics
    parts = partition(demo, cell("none"))
    score = result.scores["tabularargn"].to_numpy()
    share = float(parts.train.y.mean())
    expected = metrics.judge(parts.holdout.y.to_numpy(), score, trained=share, prevalence=share)
    assert row["classifier"] == "tabularargn"
    assert {name: row[name] for name in expected} == expected


def test_ensemble_is_the_same_with_and_without_given_members(demo, stub_fit, monkeypatch):
    names = ARMS["tabularargn_ranks"].members
    members = {name: run_cell(cell(name), demo, fitted=stub_fit).scores for name in names}
    monkeypatch.setattr(experiment, "fit_generator", lambda *arguments: stub_fit.generator)
    alone = run_cell(cell("tabularargn_ranks"), demo)
    given = run_cell(cell("tabularargn_ranks"), demo, members=members)
    half_given = run_cell(cell("tabularargn_ranks"), demo, members={names[0]: members[names[0]]})
    assert_same(given, alone)
    assert_same(half_given, alone)
    posterior, synthetic = (members[name] for name in names)
    ranks = [rankdata(side) / len(side) for side in (posterior["tabularargn"], synthetic["lightgbm"])]
    np.testing.assert_allclose(alone.scores["lightgbm"], np.mean(ranks, axis=0), rtol=1e-6)
    assert np.isnan(alone.metrics[0]["brier"])


def test_impossible_arm_is_a_failed_result_with_a_reason(demo):
    result = run_cell(cell("smotenc", count=1), demo)
    assert result.failed
    assert "at least 2 minority rows" in result.run["reason"]
    assert (result.metrics, result.diagnostics, len(result.scores), len(result.marginals)) == ([], [], 0, 0)
    assert result.run["n_minority"] == 1
    assert result.run["data_sha256"] == demo.checksum


def test_generator_that_cannot_learn_is_a_failed_result(demo, monkeypatch):
    def refuse(name, train, seed):
        raise GeneratorError("nothing to learn from")

    monkeypatch.setattr(experiment, "fit_generator", refuse)
    for arm in ("tabularargn", "tabularargn_posterior", "tabularargn_ranks"):
        result = run_cell(cell(arm), demo)
        assert result.failed
        assert result.run["reason"].endswith("nothing to learn from")


def test_mistake_in_the_code_is_not_taken_for_a_result(demo, monkeypatch):
    monkeypatch.setattr(experiment.metrics, "judge", lambda *arguments, **named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_cell(cell("none"), demo)


def test_clock_that_jumps_changes_neither_seconds_nor_what_is_done(demo, tmp_path, monkeypatch):
    """The wall clock goes back by decades and forth again, between any two looks at it."""
    jumps = itertools.cycle([2e9, 0.0])

    class JumpingClock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(next(jumps), tz)

    monkeypatch.setattr(time, "time", lambda: next(jumps))
    monkeypatch.setattr(experiment, "datetime", JumpingClock)
    store, start = Store(tmp_path), time.perf_counter()
    for _ in range(2):
        store.write(run_cell(cell("naive"), demo))
    elapsed = time.perf_counter() - start
    assert store.status([cell("naive")]) == {cell("naive"): "done"}
    runs = store.load("runs")
    assert len(runs) == 1
    spans = runs.filter(like="seconds").dropna(axis=1)
    assert len(spans.columns) >= 7
    assert ((spans >= 0) & (spans <= elapsed)).all(axis=None)


def test_lost_cell_has_a_row_with_the_reason(demo):
    result = experiment.failure(cell("naive"), demo, "its worker died")
    assert result.failed
    assert result.run["reason"] == "its worker died"
    assert result.run["n_minority"] == 40


def test_unknown_arm_is_refused_with_a_suggestion():
    assert experiment.check(iter([cell("none")])) == [cell("none")]
    with pytest.raises(SpecError, match=r"unknown arm 'smotnc'\. Did you mean 'smotenc'\?"):
        experiment.check([cell("none"), cell("smotnc")])


def test_provenance_names_data_code_and_machine(demo):
    row = experiment.provenance(demo)
    assert row["data_sha256"] == demo.checksum
    assert row["protocol_version"] == PROTOCOL_VERSION
    assert re.fullmatch(r"[0-9a-f]{40}|version \S+", row["commit"])
    assert isinstance(row["dirty"], bool)
    assert f"numpy=={np.__version__}" in row["versions"].split()
    alone, through_sdk = (
        experiment.GENERATOR_PACKAGES.get(ARMS[name].generator, ()) for name in ("none", "tabularargn_sdk")
    )
    assert (alone, through_sdk) == ((), ("mostlyai",)), "what an arm does not use is not needed to compute it"
    assert row["cpu_model"]
    assert pd.Timestamp(row["computed_at"]).tzinfo is not None


def test_code_that_differs_from_its_commit_is_called_dirty(tmp_path, monkeypatch):
    def git(*arguments):
        names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", "-C", tmp_path, *names, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    code = tmp_path / "src" / "code.py"
    code.parent.mkdir()
    code.write_text("1\n")
    monkeypatch.setattr(upsampling, "__file__", str(code))
    state = experiment.code_state.__wrapped__
    git("init", "--quiet")
    git("add", "src")
    git("commit", "--quiet", "--message", "one")
    clean = {"commit": git("rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "notes").write_text("beside the code")
    assert state() == clean
    assert state(tmp_path / "notes") == clean | {"dirty": True}
    code.write_text("2\n")
    assert state() == clean | {"dirty": True}
    git("checkout", "--quiet", "src")
    assert state() == clean
    (code.parent / "new.py").write_text("3\n")
    assert state() == clean | {"dirty": True}


def test_code_without_a_history_names_its_version(tmp_path, monkeypatch):
    monkeypatch.setattr(upsampling, "__file__", str(tmp_path / "code.py"))
    assert experiment.code_state.__wrapped__() == {"commit": f"version {version('upsampling')}", "dirty": False}


def test_measured_counts_time_and_memory():
    with experiment.measured() as usage:
        time.sleep(0.15)
        block = np.ones(2**26 // 8)  # 64 MiB
        time.sleep(0.15)
    assert 0.3 <= usage.seconds < 5
    assert usage.cpu_seconds < usage.seconds + 1
    assert usage.peak_mib > block.nbytes / 2**20
