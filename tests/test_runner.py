import itertools
import json
import os
import pickle
import signal
import subprocess
import sys

import dask
import deadly
import numpy as np
import pandas as pd
import psutil
import pytest
from distributed import LocalCluster
from distributed.comm import CommClosedError
from helpers import PATIENCE, StubGenerator, made_result, wait_for

from upsampling import paths, words
from upsampling.errors import DataError, RunnerError, SpecError, StoreError
from upsampling.study import datasets, experiment, runner
from upsampling.study.classifiers import CLASSIFIERS
from upsampling.study.experiment import Fit, Usage, run_cell
from upsampling.study.protocol import Cell, Grid
from upsampling.study.runner import Summary
from upsampling.study.store import Store, as_written

DRIVER = "from upsampling.cli import main; main()"


def cells(*arms: str, seeds=(0,), fraction: float = 0.01) -> list[Cell]:
    return list(Grid(["demo"], [fraction], seeds, arms))


def measured(store: Store, name: str = "metrics") -> pd.DataFrame:
    """Rows of results without what differs from run to run."""
    table = store.load(name)
    return table.drop(columns=[c for c in table if c.endswith("seconds") or c in ("peak_mib", "computed_at")])


def cell_files(store: Store) -> dict:
    return {path: path.stat().st_mtime_ns for path in (store.folder / "cells").rglob("*.json")}


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "results")


@pytest.fixture
def driver(tmp_path):
    """Return a function that starts `upsampling grid` in a process of its own; what is left of it is ended."""
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        environment = os.environ | {
            "UPSAMPLING_RESULTS": str(tmp_path / "results"),
            "UPSAMPLING_CACHE": str(tmp_path / "cache"),
        }
        command = [sys.executable, "-c", DRIVER, "grid", "--dataset", "demo", "--fraction=0.01", "--seed=0", *arguments]
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_cells_computed_by_workers_are_those_of_run_cell(store, scheduler, demo, capfd):
    wanted = cells("none", "naive", "smotenc", "class_weight")
    assert runner.run(wanted, store, scheduler=scheduler) == Summary(4, 0, 0)
    for cell in wanted:
        expected = run_cell(cell, demo)
        found = store.load("metrics").query("arm == @cell.arm")
        measures = [name for name in expected.metrics[0] if not name.endswith("seconds")]
        pd.testing.assert_frame_equal(
            found[measures].set_index("classifier"),
            as_written(pd.DataFrame(expected.metrics)[measures]).set_index("classifier").sort_index(),
            check_exact=True,
        )
        pd.testing.assert_frame_equal(store.scores(cell), expected.scores, check_exact=True)
        pd.testing.assert_frame_equal(store.marginals(cell), expected.marginals, check_exact=True)
    assert "[4/4] demo/f0.01/s0/" in capfd.readouterr().err


@pytest.mark.slow
def test_running_again_computes_only_what_is_missing(store, scheduler):
    runner.run(cells("none"), store, scheduler=scheduler)
    before = cell_files(store)
    assert runner.run(cells("none", "naive"), store, scheduler=scheduler) == Summary(1, 0, 1)
    after = cell_files(store)
    assert {path: after[path] for path in before} == before
    assert runner.run(cells("none", "naive"), store) == Summary(0, 0, 2)
    assert cell_files(store) == after


@pytest.mark.slow
def test_damaged_cell_is_computed_again(store, scheduler):
    (cell,) = cells("none")
    store.write(made_result(cell))
    path = store.folder / "cells" / f"{cell.path}.json"
    path.write_text(path.read_text()[:200])
    assert runner.run([cell], store, scheduler=scheduler) == Summary(1, 0, 0)
    assert len(store.load("metrics")) == len(CLASSIFIERS)


@pytest.mark.slow
def test_failed_cells_are_computed_again_only_on_demand(store, scheduler):
    (cell,) = cells("none")
    store.write(made_result(cell, status="failed", reason="bad luck"))
    assert runner.run([cell], store) == Summary(0, 0, 1)
    assert runner.run([cell], store, scheduler=scheduler, retry_failed=True) == Summary(1, 0, 0)
    assert store.status([cell]) == {cell: "done"}


@pytest.mark.slow
def test_impossible_cell_is_recorded_and_the_others_finish(store, scheduler):
    wanted = [Cell("demo", None, 1, 0, arm) for arm in ("smotenc", "none")]
    assert runner.run(wanted, store, scheduler=scheduler) == Summary(1, 1, 0)
    assert store.status(wanted) == dict(zip(wanted, ("failed", "done"), strict=True))
    assert "at least 2 minority rows" in store.load("runs").set_index("arm").loc["smotenc", "reason"]


@pytest.mark.slow
def test_real_generator_is_fitted_once_for_all_its_arms_and_kept(store, demo):
    """The real thing, end to end: local cluster, generator with its defaults, ensemble from its members' scores."""
    arms = ("tabularargn", "tabularargn_synthetic", "tabularargn_posterior", "ranks_raw_posterior", "none")
    assert runner.run(cells(*arms), store, workers=2) == Summary(5, 0, 0)
    runs, metrics = store.load("runs").set_index("arm"), store.load("metrics").set_index(["arm", "classifier"])
    assert runs["fit_seconds"].dropna().nunique() == 1
    assert set(runs.index[runs["fit_seconds"].notna()]) == set(arms) - {"none", "ranks_raw_posterior"}
    n_majority, n_minority = runs.loc["none", ["n_majority", "n_minority"]]
    assert runs.loc["tabularargn", "n_added"] == n_majority - n_minority
    assert runs.loc["tabularargn_synthetic", ["n_trained", "n_added"]].tolist() == [2 * n_majority] * 2
    assert len(metrics) == len(CLASSIFIERS) * 3 + 2
    assert metrics.loc["tabularargn", "roc_auc"].between(0.5, 1).all()
    assert metrics.loc[("tabularargn_posterior", "tabularargn"), "roc_auc"] > 0.55

    (kept,) = (paths.cache() / "fits").iterdir()
    (cell,) = cells("tabularargn")
    expected = run_cell(cell, demo, fitted=runner._kept_fit(cell, demo))
    again = (
        as_written(pd.DataFrame(expected.metrics)).set_index("classifier").sort_index().drop(columns="training_seconds")
    )
    pd.testing.assert_frame_equal(metrics.loc["tabularargn"][list(again)], again, check_exact=True)
    assert kept.name.startswith("demo-f0.01-s0-tabularargn_packed-")


@pytest.fixture
def kept_fit(demo):
    """A stand-in for a generator that was fitted in an earlier run."""
    (cell,) = cells("tabularargn")
    train = runner.partition(demo, cell).train
    runner._keep_fit(cell, demo, Fit(StubGenerator().fit(train.X, train.y, 0), Usage(12.5, 11.0, 300.0)))
    return runner._fit_file(cell, demo)


@pytest.mark.slow
def test_kept_fit_is_used_and_ensemble_takes_members_from_the_store(store, scheduler, kept_fit):
    assert runner.run(cells("tabularargn", "tabularargn_posterior"), store, scheduler=scheduler).computed == 2
    assert set(store.load("runs")["fit_seconds"]) == {12.5}
    assert runner.run(cells("ranks_raw_posterior", "none"), store, scheduler=scheduler) == Summary(2, 0, 0)
    # one member was never asked for: it is computed on the way and not recorded
    assert runner.run(cells("ranks_raw_hybrid"), store, scheduler=scheduler) == Summary(1, 0, 0)
    assert "tabularargn_weight0.1" not in set(store.load("runs")["arm"])
    assert set(store.load("metrics").query("arm.str.startswith('ranks_raw')")["classifier"]) == {"ranks"}


def test_kept_fit_that_does_not_tell_where_it_was_made_is_used(demo, kept_fit):
    """Fits that were kept before they told it cost hours."""
    (cell,) = cells("tabularargn")
    fit = runner._kept_fit(cell, demo)
    del fit.origin
    kept_fit.write_bytes(pickle.dumps(fit))
    again = runner._kept_fit(cell, demo)
    assert again.origin is None
    assert not run_cell(cells("tabularargn_posterior")[0], demo, fitted=again).failed


@pytest.mark.parametrize("content", [b"", b"\x80\x04", b"not a pickle", b"cmodule_that_is_gone\nFit\n."])
def test_damaged_kept_fit_is_not_used(demo, kept_fit, content):
    (cell,) = cells("tabularargn")
    assert runner._kept_fit(cell, demo).usage.seconds == 12.5
    kept_fit.write_bytes(content)
    assert runner._kept_fit(cell, demo) is None


def test_fit_of_other_data_size_seed_or_generator_is_not_used(demo, kept_fit, monkeypatch):
    others = [*cells("tabularargn", seeds=[1]), *cells("tabularargn", fraction=0.02)]
    assert [runner._kept_fit(cell, demo) for cell in others] == [None, None]
    changed = type(demo)(demo.name, "0" * 64, demo.X, demo.y)
    assert runner._kept_fit(cells("tabularargn")[0], changed) is None
    assert runner._kept_fit(cells("tabularargn_seed1")[0], demo) is None
    monkeypatch.setattr(runner, "GENERATOR_VERSION", 99)
    assert runner._kept_fit(cells("tabularargn")[0], demo) is None


@pytest.mark.slow
def test_dead_worker_costs_its_cell_only(store, monkeypatch):
    """The worker dies under `naive` and under the fit as often as Dask tries, and under `undersample` once.

    Dask is told not to wait for workers that are started again, which the runner must not let through: where a start
    takes longer than Dask waits, all workers would be lost, and the run would never end.
    """
    monkeypatch.setattr(runner, "_compute", deadly.compute_or_die)
    monkeypatch.setattr(experiment, "fit", deadly.die)
    monkeypatch.setattr(runner, "ALLOWED_FAILURES", 1)
    survivors = [*cells("none", "undersample", "class_weight"), *cells("none", "class_weight", seeds=[1, 2])]
    lost = cells("naive", "oracle", "tabularargn", "tabularargn_posterior")
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1 ms"}):
        assert runner.run([*lost, *survivors], store, workers=2) == Summary(7, 4, 0)
    assert set(store.status(survivors).values()) == {"done"}
    assert set(store.status(lost).values()) == {"failed"}
    reasons = store.load("runs").query("seed == 0").set_index("arm")["reason"]
    assert reasons["oracle"] == "MemoryError: no room for 9 GiB"
    for arm, task in (
        ("naive", "cell-demo/f0.01/s0/naive"),
        ("tabularargn", "fit-"),
        ("tabularargn_posterior", "fit-"),
    ):
        assert reasons[arm].startswith(f"KilledWorker: Attempted to run task '{task}"), arm
    deaths = deadly.deaths()
    assert deaths.pop("fit", 0) <= 2  # a single fit waits on a worker, and may be there whenever `naive` ends it
    assert deaths == {"naive": 2, "undersample": 1}
    assert not store.load("runs").duplicated(["seed", "arm"]).any()
    assert store.load("runs").groupby("seed")["n_minority"].nunique().eq(1).all()
    assert not (paths.cache() / "fits").exists()


@pytest.mark.slow
def test_worker_that_takes_too_much_memory_costs_its_cell_only(store, monkeypatch):
    monkeypatch.setattr(runner, "_compute", deadly.compute_or_exhaust)
    once = {"distributed.scheduler.allowed-failures": 0, "distributed.scheduler.worker-saturation": 1.0}
    with (
        dask.config.set(once),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            memory_limit=deadly.MEMORY_LIMIT,
            dashboard_address="127.0.0.1:0",
            silence_logs="CRITICAL",
        ) as cluster,
    ):
        wanted = cells("none", "oracle", "undersample", "class_weight")
        assert runner.run(wanted, store, scheduler=cluster.scheduler_address) == Summary(3, 1, 0)
    assert store.status(wanted)[wanted[1]] == "failed"
    assert "KilledWorker" in store.load("runs").set_index("arm").loc["oracle", "reason"]


@pytest.mark.slow
def test_killed_driver_loses_nothing_that_was_finished(store, driver):
    arms = ["none", "naive", "undersample", "class_weight", "oracle"]
    arguments = [*(f"--arm={arm}" for arm in arms), "--workers=2"]
    process = driver(*arguments)
    wait_for(lambda: cell_files(store))
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = cell_files(store)
    assert 1 <= len(finished) < len(arms), "the driver was not killed in the middle"
    wait_for(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))
    assert store.status(cells(*arms)) == {
        cell: "done" if store.folder / "cells" / f"{cell.path}.json" in finished else "missing" for cell in cells(*arms)
    }

    again = driver(*arguments)
    assert again.wait(timeout=PATIENCE) == 0
    assert f"[{len(arms) - len(finished)}/{len(arms) - len(finished)}]" in again.stderr.read()
    after = cell_files(store)
    assert {path: after[path] for path in finished} == finished
    assert len(after) == len(arms)
    assert len(store.load("metrics")) == len(CLASSIFIERS) * len(arms)
    assert not store.load("metrics").duplicated(["arm", "classifier"]).any()


@pytest.mark.slow
def test_two_drivers_on_one_folder_double_nothing(store, driver):
    arms = ["none", "naive", "undersample"]
    drivers = [driver(*(f"--arm={arm}" for arm in arms), "--workers=1") for _ in range(2)]
    reports = [process.communicate(timeout=PATIENCE)[1] for process in drivers]
    assert [process.returncode for process in drivers] == [0, 0]
    for report in reports:  # a line per cell, and no warning about a port or a lock
        assert len(report.splitlines()) <= len(arms)
    assert set(store.status(cells(*arms)).values()) == {"done"}
    assert len(cell_files(store)) == len(arms)
    metrics = measured(store)
    assert len(metrics) == len(CLASSIFIERS) * len(arms)
    assert not metrics.duplicated(["arm", "classifier"]).any()
    assert not [path for path in store.folder.rglob(".*") if path.name != ".lock"]


@pytest.mark.slow
def test_lost_scheduler_ends_the_run_and_keeps_what_was_finished(store, tmp_path, monkeypatch):
    """A scheduler and a worker as processes of their own, and the scheduler is killed when the first cell is there."""
    file = tmp_path / "scheduler.json"
    roles = {
        "scheduler": ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"],
        "worker": ["--nthreads", "1"],
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", role, "--scheduler-file", file, *arguments],
            cwd=tmp_path,
            stderr=subprocess.DEVNULL,
        )
        for role, arguments in roles.items()
    ]
    write = Store.write

    def write_and_kill(self, result):
        write(self, result)
        processes[0].kill()

    monkeypatch.setattr(Store, "write", write_and_kill)
    wanted = cells("none", "naive", "undersample")
    try:
        # it is there before all of it is written
        wait_for(lambda: file.is_file() and file.read_text().rstrip().endswith("}"))
        address = json.loads(file.read_text())["address"]
        with pytest.raises(RunnerError, match=r"scheduler was lost while [12] cells .* run the same command"):
            runner.run(wanted, store, scheduler=address)
    finally:
        for process in processes[::-1]:
            process.terminate()
            process.wait()
    assert sorted(store.status(wanted).values()) == ["done", "missing", "missing"]


def test_scheduler_lost_while_a_fit_is_fetched_ends_the_run_too(store, demo, monkeypatch):
    class Lost:
        status = "finished"

        def result(self):
            raise CommClosedError("in <TCP> Scheduler connection to worker")

    (cell,) = cells("tabularargn")
    monkeypatch.setattr(runner, "_submit", lambda *_: ({fit: cell}, {Lost(): cell}))
    monkeypatch.setattr("distributed.as_completed", iter)
    fit = Lost()
    with pytest.raises(RunnerError, match=r"scheduler was lost while 1 cells were open .* run the same command"):
        list(runner._results(None, [cell], {"demo": demo}, store, True))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", "Timed out trying to connect"),
        ("tcp://nowhere.invalid:8786", "Timed out trying to connect"),
        ("somewhere", "missing port number"),
        ("http://127.0.0.1:8786", "unknown address scheme"),
    ],
)
def test_scheduler_that_is_not_there_is_named(store, address, reason):
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(RunnerError, match=f"at '{address}': {reason}.* tcp://host:8786"),
    ):
        runner.run(cells("none"), store, scheduler=address)


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        (lambda: cells("none", "smotnc"), SpecError, "unknown arm 'smotnc'"),
        (lambda: cells("none", fraction=0.45), SpecError, "but the base set has 1642"),
        (
            lambda: [Cell("demo", 0.01, None, 0, "none"), Cell("demo", None, 5000, 0, "none")],
            SpecError,
            "5000 minority",
        ),
    ],
    ids=["unknown arm", "impossible fraction", "impossible count"],
)
def test_impossible_grid_is_refused_before_any_work(store, monkeypatch, wanted, error, message):
    monkeypatch.setattr(runner, "_client", None)
    with pytest.raises(error, match=message):
        runner.run(wanted(), store)
    assert not store.folder.exists()


def test_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_client", None)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"cannot write .*file/results: Not a directory.*UPSAMPLING_RESULTS"):
        runner.run(cells("none"), Store(tmp_path / "file" / "results"))


@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], lambda content: b"<html>"])
@pytest.mark.slow
def test_cell_with_damaged_scores_is_computed_again(store, scheduler, damage):
    (cell,) = cells("none")
    store.write(made_result(cell))
    scores = store.folder / "cells" / f"{cell.path}.scores.parquet"
    scores.write_bytes(damage(scores.read_bytes()))
    assert runner.run([cell], store, scheduler=scheduler) == Summary(1, 0, 0)
    assert list(store.scores(cell)) == ["y", *CLASSIFIERS]
    assert len(store.load("metrics")) == len(CLASSIFIERS)


def test_rest_of_the_time_is_not_told_by_a_clock_that_jumps(monkeypatch, capsys):
    hours = itertools.cycle([1e9, 0.0, 2e9])
    monkeypatch.setattr("time.time", lambda: next(hours))
    with runner._progress(2) as advance:
        for cell in cells("none", "naive"):
            advance(made_result(cell))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(", 1.5 s; about 0 s left")
    assert second.endswith(", 1.5 s; about 0 s left")


def test_missing_data_are_refused_before_any_work(store, monkeypatch):
    def refuse(name):
        raise DataError(f"no file of {name}")

    monkeypatch.setattr(runner, "_client", None)
    monkeypatch.setattr(runner.datasets, "load", refuse)
    with pytest.raises(DataError, match="no file of adult"):
        runner.run([Cell("adult", 0.001, None, 0, "none")], store)


@pytest.mark.slow
def test_full_disk_stops_the_run_with_the_remedy_and_keeps_what_is_there(store, scheduler, monkeypatch):
    write, written = Store.write, []

    def full_after_one(self, result):
        if written:
            raise StoreError("cannot write: No space left on device")
        written.append(result.cell)
        write(self, result)

    monkeypatch.setattr(Store, "write", full_after_one)
    with pytest.raises(StoreError, match="No space left"):
        runner.run(cells("none", "undersample", "class_weight"), store, scheduler=scheduler)
    assert store.status(written) == {written[0]: "done"}
    assert len(cell_files(store)) == 1


@pytest.mark.slow
def test_cache_that_cannot_be_written_costs_no_result(store, scheduler, kept_fit, monkeypatch, tmp_path):
    """The driver keeps fits for later; when it cannot, it says so and goes on."""
    (cell,) = cells("tabularargn")
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "file"))
    monkeypatch.setattr(experiment, "fit", quick_fit)
    with pytest.warns(UserWarning, match="UPSAMPLING_CACHE"):
        assert runner.run([cell], store, scheduler=scheduler) == Summary(1, 0, 0)


def quick_fit(cell, table) -> Fit:
    train = runner.partition(table, cell).train
    return Fit(StubGenerator().fit(train.X, train.y, 0), Usage())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(40, "40 s"), (89, "89 s"), (91, "2 min"), (720, "12 min"), (5300, "88 min"), (12600, "3.5 h")],
)
def test_durations_are_written_as_people_do(seconds, text):
    assert words.duration(seconds) == text


def test_estimate_counts_each_fit_once(store):
    for arm in ("tabularargn", "tabularargn_synthetic", "none"):
        store.write(made_result(Cell("adult", 0.001, None, 0, arm), seconds=10.0, fit_seconds=100.0))
    runs = store.load("runs")
    missing = list(Grid(["adult"], [0.01], [0, 1], ["tabularargn", "tabularargn_synthetic", "none"]))
    assert runner.estimate(missing, runs, 1) == 6 * 10 + 2 * 100
    assert runner.estimate(missing, runs, 2) == 130
    assert runner.estimate([], runs, 2) == 0
    assert np.isnan(runner.estimate([Cell("adult", 0.01, None, 0, "none")], runs[:0], 1))


def test_estimate_of_a_table_without_runs_goes_by_its_values(store):
    store.write(made_result(Cell("adult", 0.001, None, 0, "none"), seconds=10.0))
    times = datasets.get("insurance").n_rows * 10 / (datasets.get("adult").n_rows * 14)
    expected = runner.estimate([Cell("insurance", 0.01, None, 0, "none")], store.load("runs"), 1)
    assert expected == pytest.approx(10 * times)


def test_workers_compute_on_one_thread_and_keep_freed_memory_for_the_next_step(monkeypatch):
    # Dask leaves the variables of a cluster that another test started
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    with runner._client(None, 1) as client:
        (found,) = client.run(lambda: dict(os.environ)).values()
    assert found["OMP_NUM_THREADS"] == "1"
    assert "MALLOC_TRIM_THRESHOLD_" not in found
