"""Each part of the benchmark measures something, on a small scale; how fast this machine is, is not tested."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from helpers import StubGenerator

from tools.bench import parts
from tools.bench.record import ORDER, BenchError, stamped
from upsampling import paths
from upsampling.book import benchmarks
from upsampling.errors import SpecError
from upsampling.study import datasets, runner
from upsampling.study.arms import ARMS
from upsampling.study.experiment import Usage, failure


@pytest.fixture
def threads(monkeypatch):
    """Workers of the runner are threads of this process, which start at once."""
    from distributed import Client, LocalCluster

    @contextmanager
    def client(scheduler, workers):
        settings = {"dashboard_address": "127.0.0.1:0", "silence_logs": "ERROR"}
        with LocalCluster(n_workers=workers, threads_per_worker=1, processes=False, **settings) as cluster:
            with Client(cluster) as found:
                yield found

    monkeypatch.setattr(runner, "_client", client)


def values(table: pd.DataFrame) -> pd.Series:
    assert list(table) == benchmarks.COLUMNS
    assert table["name"].is_unique
    return table.set_index("name")["value"]


@pytest.mark.slow
def test_grid_measures_the_runner_with_one_worker_and_with_one_per_core(threads, capsys):
    found = values(parts.grid("demo", 0.01, arm="undersample", seeds=2))
    assert set(found.index) == {name for name in benchmarks.MEANINGS if name.startswith("grid/")}
    assert (found > 0).all()
    assert found["grid/cells"] == 2
    assert found["grid/speed-up"] == pytest.approx(found["grid/runner"] / found["grid/runner, one worker"])
    assert "runner, 2 cells, 1 workers" in capsys.readouterr().out


def test_a_cell_that_fails_is_no_measurement(monkeypatch):
    def fail(cells, store, **settings):
        for cell in cells:
            store.write(failure(cell, datasets.load(cell.dataset), "no room"))

    monkeypatch.setattr(runner, "run", fail)
    with pytest.raises(BenchError, match="a cell failed: no room"):
        parts.grid("demo", 0.01, arm="naive", seeds=1)


@pytest.fixture
def usages(monkeypatch):
    """A machine on which an arm takes a second per 10 rows or columns; the sizes that were measured, by arm."""
    asked: dict[str, list[int]] = {}

    def fresh(function, arm, size):
        (n,) = size.values()
        parts.simulated(**size)
        asked.setdefault(arm, []).append(n)
        return {arm: Usage(n / 10, n / 10, 100.0)}

    monkeypatch.setattr(parts, "_in_fresh_process", fresh)
    return asked


@pytest.mark.parametrize("size", ["rows", "columns"])
def test_sizes_that_would_take_too_long_are_extrapolated(usages, size):
    found = values(parts.PARTS[size]((10, 20, 40, 80), ("naive", "smotenc"), max_seconds=2.5))
    assert usages == {"naive": [10, 20], "smotenc": [10, 20]}
    assert found[f"{size}/naive/exponent"] == pytest.approx(1)
    assert found[f"{size}/naive/20/seconds"] == 2
    assert found[f"{size}/naive/80/extrapolated"] == pytest.approx(8)
    assert f"{size}/naive/40/seconds" not in found


@pytest.mark.parametrize(("cost", "expected"), [(4, 64), (1.5, 6)], ids=["steeper", "in proportion"])
def test_extrapolation_is_never_below_proportion(cost, expected):
    assert parts._extrapolated({10: 1.0, 20: cost}, 80) == pytest.approx(expected)


def test_one_size_is_too_few_to_extrapolate_from(usages):
    found = values(parts.rows((10, 80), ("naive",), max_seconds=2.5))
    assert [name for name in found.index if "exponent" in name or "extrapolated" in name] == []


def test_rows_are_measured_in_processes_of_their_own():
    assert len({os.getpid(), parts._in_fresh_process(os.getpid), parts._in_fresh_process(os.getpid)}) == 3
    with pytest.raises(BenchError, match="died; most likely memory ran out"):
        parts._in_fresh_process(os._exit, 1)


@pytest.mark.parametrize("arm", [arm for arm in parts.SET_ARMS if arm != "tabularargn"])
def test_every_arm_makes_its_training_set(arm):
    found = {f"{arm} fit", f"{arm} draw"} if ARMS[arm].generator else {arm}
    assert set(parts.upsample(arm, {"n_rows": 600})) == found


def test_the_generator_is_measured_by_fit_and_draw(monkeypatch):
    monkeypatch.setattr(parts, "fit_generator", lambda name, train, seed: StubGenerator().fit(train.X, train.y, seed))
    found = parts.upsample("tabularargn", {"n_rows": 600})
    assert set(found) == {"tabularargn fit", "tabularargn draw"}
    assert all(usage.peak_mib > 0 for usage in found.values())


def test_simulated_table_is_mixed_unbalanced_and_the_same_every_time():
    train = parts.simulated(1000)
    assert (int(train.y.sum()), len(train)) == (10, 1000)
    assert train.X.dtypes.map(lambda dtype: isinstance(dtype, pd.CategoricalDtype)).sum() == 10
    assert train.X.select_dtypes("number").shape[1] == 10
    pd.testing.assert_frame_equal(train.X, parts.simulated(1000).X)


def test_simulated_table_has_as_many_columns_as_asked_for():
    wide = parts.simulated(500, 60).X
    assert wide.shape == (500, 60)
    assert wide.select_dtypes("number").shape[1] == 30
    # the first are those of a narrower table
    pd.testing.assert_frame_equal(wide.iloc[:, :20], parts.simulated(500).X)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A repository with one page, and commands that say where they run."""
    repository = tmp_path / "repository"
    (repository / "notebooks").mkdir(parents=True)
    (repository / "notebooks" / parts._EDITED).write_text("# a page\n")
    for command in (
        "init -q",
        "add -A",
        "-c user.name=x -c user.email=x commit -qm x",
    ):
        subprocess.run(["git", *command.split()], cwd=repository, check=True)
    monkeypatch.setattr(paths, "ROOT", repository)
    log = tmp_path / "log"
    script = "import os, pathlib, sys; log = pathlib.Path(sys.argv[1]); page = pathlib.Path('notebooks', sys.argv[2]).read_text(); "
    script += "print(os.getcwd(), os.environ['PYTHONPATH'], len(page.splitlines()), file=log.open('a'))"
    command = [sys.executable, "-c", script, str(log), parts._EDITED]
    monkeypatch.setattr(parts, "_BOOK", command)
    monkeypatch.setattr(parts, "_TESTS", command)
    return log


def test_a_newcomer_is_measured_in_a_clone_whose_page_changes_last(clone):
    found = values(parts.book())
    assert list(found.index) == [name for name in benchmarks.MEANINGS if name.startswith("book/")]
    calls = [line.split() for line in clone.read_text().splitlines()]
    (place,) = {(folder, source) for folder, source, _ in calls}
    assert place[1] == f"{place[0]}/src"
    assert not Path(place[0]).exists()
    lines = [int(n) for *_, n in calls]
    assert lines[:3] == [1, 1, 1]
    assert lines[3] > 1
    assert (paths.ROOT / "notebooks" / parts._EDITED).read_text() == "# a page\n"


def test_a_book_that_cannot_be_built_says_why(clone, monkeypatch):
    monkeypatch.setattr(parts, "_BOOK", [sys.executable, "-c", "raise SystemExit('no room')"])
    with pytest.raises(BenchError, match="book from nothing: no room"):
        parts.book()


def test_the_part_that_needs_a_book_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(paths, "SITE", tmp_path / "html")
    with pytest.raises(BenchError, match="run `make book` first"):
        parts.run(["site"])
    monkeypatch.setattr(parts.datasets, "load", lambda name: None)
    monkeypatch.setattr(parts, "PARTS", dict.fromkeys(ORDER, lambda: stamped([])))
    parts.run()
    assert "site: left out" in capsys.readouterr().out


def test_parts_asked_for_are_measured_and_the_others_kept(monkeypatch):
    measured = []

    def part(name):
        def measure():
            measured.append(name)
            return stamped([(f"{name}/one", len(measured), "", None)])

        return measure

    monkeypatch.setattr(parts, "PARTS", {name: part(name) for name in ORDER})
    for only in (["columns", "rows"], ["rows"]):
        path = parts.run(only)
    assert path == paths.results() / "benchmarks.csv"
    assert measured == ["rows", "columns", "rows"]
    assert benchmarks.load(paths.results()).set_index("name")["value"].to_dict() == {"rows/one": 3, "columns/one": 2}


def test_a_part_that_cannot_be_measured_does_not_stop_the_others(monkeypatch):
    def fail():
        raise BenchError("no browser")

    monkeypatch.setattr(parts, "PARTS", {"site": fail, "rows": lambda: stamped([("rows/one", 1, "", None)])})
    with pytest.raises(BenchError, match="not measured: site: no browser"):
        parts.run(["rows", "site"])
    assert benchmarks.load(paths.results())["name"].tolist() == ["rows/one"]


def test_an_unknown_part_is_refused_before_anything_is_measured(monkeypatch):
    monkeypatch.setattr(parts, "PARTS", {})
    with pytest.raises(SpecError, match=r"unknown part 'row'\. Did you mean 'rows'"):
        parts.run(["grid", "row"])
    assert list(parts.PARTS) == []


def test_the_parts_are_those_that_the_file_is_sorted_by():
    assert tuple(parts.PARTS) == ORDER
