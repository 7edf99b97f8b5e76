"""A cluster whose workers have nothing: no data, no results, no cache, folders of their own."""

import json
import os
import subprocess
import sys
import time

import pandas as pd
import pytest
from brief import brief_fit
from helpers import PATIENCE

from upsampling import paths
from upsampling.study import audit, experiment, runner
from upsampling.study.protocol import Cell
from upsampling.study.store import Store, as_written

CELLS = [
    Cell("demo", None, 40, 0, "none"),
    Cell("demo", None, 40, 0, "smotenc"),
    Cell("demo", None, 40, 0, "tabularargn"),
    Cell("demo", None, 40, 0, "tabularargn_posterior"),
]


def bare_environment(home) -> dict:
    """The environment of a machine that has the packages and nothing of this project's data."""
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UPSAMPLING", "XDG"))}
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(str(paths.ROOT / name) for name in ("src", "tests")),
    }


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers as processes of their own; yields the address and the workers' folders."""
    file = tmp_path / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
    worker = ["worker", "--nthreads", "1", "--no-dashboard"]
    processes, homes = [], []
    for name, role in (("scheduler", scheduler), ("one", worker), ("two", worker)):
        homes.append(tmp_path / name)
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "dask", *role, "--scheduler-file", str(file)],
                env=bare_environment(homes[-1]),
                cwd=homes[-1],
                stderr=subprocess.DEVNULL,
            )
        )
    try:
        end = time.monotonic() + PATIENCE
        while not file.is_file():
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], homes[1:]
    finally:
        for process in processes[::-1]:
            process.terminate()
            process.wait()


def rows(store: Store) -> pd.DataFrame:
    return audit.numbers(*(store.load(name) for name in ("runs", "metrics", "diagnostics")))


@pytest.mark.slow
@pytest.mark.ci
def test_workers_without_data_give_the_local_results_cell_by_cell(cluster, tmp_path, monkeypatch):
    """Arms with and without the real generator."""
    monkeypatch.setattr(experiment, "fit", brief_fit)
    address, homes = cluster
    afar, local = Store(tmp_path / "afar"), Store(tmp_path / "local")
    runner.run(CELLS, afar, scheduler=address, keep_fits=False)
    runner.run(CELLS, local, workers=2, keep_fits=False)
    compared = audit.compare(rows(local), rows(afar), set(), rows(local))
    assert set(compared["verdict"]) == {"same"}
    assert compared.groupby(audit.IDENTITY).ngroups == len(CELLS)
    for cell in CELLS:
        pd.testing.assert_frame_equal(afar.scores(cell), local.scores(cell), check_exact=True)
    left = [
        path
        for home in homes
        for path in home.rglob("*")
        if path.is_file() and path.suffix in (".csv", ".xz", ".pickle")
    ]
    assert not left, "a worker kept data of its own"


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("study_table", ["adult"], indirect=True)
def test_a_table_of_the_study_reaches_workers_that_have_no_file_of_it(cluster, study_table, tmp_path):
    cell = Cell("adult", 0.001, None, 0, "undersample")
    address, _ = cluster
    afar = Store(tmp_path / "afar")
    runner.run([cell], afar, scheduler=address)
    expected = pd.DataFrame(experiment.run_cell(cell, study_table).metrics).drop(columns="training_seconds")
    expected = as_written(expected).set_index("classifier").sort_index()
    found = afar.load("metrics").set_index("classifier")[list(expected)]
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
