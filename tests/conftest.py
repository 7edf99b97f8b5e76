"""Fixtures that several test modules share."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from upsampling import paths
from upsampling.generator import TabularARGN
from upsampling.study import datasets, stats
from upsampling.study.protocol import Cell, Partition, partition

# The same examples in every run: what fails on one machine fails on all of them, however busy they are.
settings.register_profile("suite", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the site tests write the picture that the README shows."""
    parser.addoption("--update-screenshot", action="store_true", help="write docs/explorer.png")


def pytest_collection_finish() -> None:
    """Let no test collect what all modules have imported as garbage: statsmodels collects at every correction of p-values."""
    gc.freeze()


STUDY = ("adult", "credit_card", "insurance")


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Keep every test away from the repository's results and from the user's cache."""
    monkeypatch.setenv(paths.RESULTS_VARIABLE, str(tmp_path_factory.mktemp("results")))
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def scheduler():
    """Address of a cluster of two worker processes, as somebody else may have started it."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs="ERROR"
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def few_resamples(monkeypatch):
    """Let intervals stand on 200 resamples: quick, and exact enough for results without noise."""
    monkeypatch.setattr(stats, "N_RESAMPLES", 200)


def _has_file(name: str) -> bool:
    folders = [folder for folder in (os.environ.get(datasets.DATA_VARIABLE), paths.cache()) if folder]
    return any(Path(folder, file.path).is_file() for folder in folders for file in datasets.get(name).files)


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.data) for name in STUDY])
def study_table(request):
    """Each of the paper's tables; wider in scope than `own_folders`, so that the user's download cache counts."""
    if not _has_file(request.param):
        pytest.skip(f"no file of '{request.param}': set {datasets.DATA_VARIABLE} or run `upsampling data`")
    return datasets.load(request.param)


@pytest.fixture(scope="session")
def demo():
    """The demo table."""
    return datasets.load("demo")


@pytest.fixture(scope="session")
def demo_parts(demo) -> Partition:
    """A partition of the demo table with 60 minority rows."""
    return partition(demo, Cell("demo", None, 60, 0, "none"))


@pytest.fixture(scope="session")
def few_rows(demo_parts):
    """Features and target of 60 minority and 340 majority rows of the demo table."""
    y = demo_parts.train.y
    chosen = np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:340]])
    return demo_parts.train.X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)


@pytest.fixture(scope="session")
def generator(few_rows) -> TabularARGN:
    """The real generator, trained for one epoch."""
    return TabularARGN(max_epochs=1).fit(*few_rows, seed=1)
