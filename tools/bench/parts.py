"""The parts of ``make bench``, each of which gives rows of ``results/benchmarks.csv``."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tools.bench import fit, weight
from tools.bench.record import ORDER, BenchError, Row, exponent, record, stamped
from upsampling import paths
from upsampling.errors import UpsamplingError, check_choice
from upsampling.study import datasets, runner
from upsampling.study.arms import ARMS
from upsampling.study.experiment import Usage, measured
from upsampling.study.generators import fit_generator
from upsampling.study.protocol import Grid, Partition, Rows
from upsampling.study.store import Store

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WIDTHS = (10, 30, 100, 300)
MINORITY_SHARE = 0.01
# Ways of making a training set; not variants of the generator's arms.
SET_ARMS = ("naive", "smotenc", "copula", "tabularargn")
# A size is left out where the sizes before it let expect more seconds than this.
MAX_SECONDS = 120.0
# Shorter times tell nothing of how they grow.
MIN_SECONDS = 0.01
_BOOK = (sys.executable, "-m", "upsampling", "book")
_TESTS = (
    *(sys.executable, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"),
    *("-m", "not site and not slow"),
)
# The page of which a sentence is changed.
_EDITED = "errata.py"


def run(only: Iterable[str] = (), folder: Path | None = None) -> Path:
    """Measure the parts asked for, and put the rows of each into `benchmarks.csv` as soon as they are there.

    Parameters
    ----------
    only : iterable of str
        Names of parts. Default: all of them; those that need a built book are left out, and said to be, where there is none.
    folder : Path, optional
        Results folder. Default: the one that `paths.results` names.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SpecError
        There is no such part.
    BenchError
        A part cannot be measured; the others are.
    """
    only = [check_choice(name, ORDER, "part") for name in only]
    store, problems = Store(folder), []
    store.check_writable()
    needed = {"grid": ("adult",), "fit": fit.TABLES}
    for name in [name for part in only or needed for name in needed.get(part, ())]:
        datasets.load(name)
    for name in ORDER:
        if only and name not in only:
            continue
        if name == "site" and not only and not (paths.SITE / "index.html").is_file():
            print(f"{name}: left out, for {paths.SITE} holds no book; `make book` makes it", flush=True)
            continue
        try:
            with _step(name):
                found = PARTS[name]()
        except UpsamplingError as error:
            problems.append(f"{name}: {error}")
            continue
        record(found, name, store.folder)
    if problems:
        raise BenchError(f"not measured: {'; '.join(problems)}")
    return store.folder / "benchmarks.csv"


@contextmanager
def _step(what: str) -> Iterator[Usage]:
    """Say what is measured and how long it took; yield its usage."""
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)
    with measured() as usage:
        yield usage
    print(f"{time.strftime('%H:%M:%S')} {what}: {usage.seconds:.1f} s", flush=True)


def grid(dataset: str = "adult", fraction: float = 0.001, arm: str = "tabularargn", seeds: int = 6) -> pd.DataFrame:
    """Measure cells per hour of the runner with one worker and with one per core, on the same cells: how long a fit takes depends on its rows.

    Parameters
    ----------
    dataset, fraction, arm
        The cells.
    seeds : int
        How many cells, and of how many workers more would have nothing to do.
    """
    workers = min(os.cpu_count() or 1, seeds)
    cells = list(Grid((dataset,), (fraction,), range(seeds), (arm,)))
    rates = {}
    for n_workers in (1, workers):
        with TemporaryDirectory() as scratch:
            store = Store(Path(scratch))
            with _step(f"runner, {len(cells)} cells, {n_workers} workers") as usage:
                runner.run(cells, store, workers=n_workers, keep_fits=False)
            runs = store.load("runs")
        if (runs["status"] == "failed").any():
            raise BenchError(f"a cell failed: {runs.loc[runs['status'] == 'failed', 'reason'].iloc[0]}")
        rates[n_workers] = 3600 * len(cells) / usage.seconds
    computing = 100 * (runs["cpu_seconds"] + runs["fit_cpu_seconds"].fillna(0.0)).sum()
    return stamped(
        [
            ("grid/runner", rates[workers], "cells/h", None),
            ("grid/runner, one worker", rates[1], "cells/h", None),
            ("grid/speed-up", rates[workers] / rates[1], "times", workers),
            ("grid/cells", len(cells), "cells", None),
            ("grid/time inside cells", computing / (workers * usage.seconds), "%", None),
        ]
    )


def book() -> pd.DataFrame:
    """Measure what a newcomer waits for, in a clone of the last commit: tests, the first book, the book again, and with a sentence changed.

    Raises
    ------
    BenchError
        The repository cannot be cloned, a test fails, or the book cannot be built.
    """
    with TemporaryDirectory() as scratch:
        clone = Path(scratch) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(paths.ROOT), str(clone)], check=True)
        rows = [("book/tests", _seconds_in(clone, "tests", _TESTS), "s", 360.0)]
        rows.append(("book/fresh", _seconds_in(clone, "book from nothing", _BOOK), "s", 360.0))
        rows.append(("book/rebuild", _seconds_in(clone, "book, nothing changed", _BOOK), "s", 10.0))
        page = clone / "notebooks" / _EDITED
        page.write_text(page.read_text() + "\n# %% [markdown]\n# A sentence more.\n")
        rows.append(("book/one page", _seconds_in(clone, "book, a sentence changed", _BOOK), "s", 15.0))
    return stamped(rows)


def _seconds_in(clone: Path, what: str, command: Sequence[str]) -> float:
    with _step(what) as usage:
        done = subprocess.run(
            command,
            cwd=clone,
            env=os.environ | {"PYTHONPATH": str(clone / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise BenchError(f"{what}: {(done.stderr.strip() or done.stdout.strip())[-2000:]}")
    return usage.seconds


def site() -> pd.DataFrame:
    """Measure what the built site weighs and how fast it shows: see `weight.site_totals`."""
    if not (paths.SITE / "index.html").is_file():
        raise BenchError(f"{paths.SITE} holds no book: run `make book` first.")
    return weight.site_totals()


def rows(
    sizes: Sequence[int] = SIZES, arms: Sequence[str] = SET_ARMS, max_seconds: float = MAX_SECONDS
) -> pd.DataFrame:
    """Measure what each arm's training set costs against rows: see `_against`."""
    return _against("rows", sizes, arms, max_seconds)


def columns(
    sizes: Sequence[int] = WIDTHS, arms: Sequence[str] = SET_ARMS, max_seconds: float = MAX_SECONDS
) -> pd.DataFrame:
    """Measure what each arm's training set costs against columns, half of them categories: see `_against`."""
    return _against("columns", sizes, arms, max_seconds)


def _against(size: str, sizes: Sequence[int], arms: Sequence[str], max_seconds: float) -> pd.DataFrame:
    """Measure what each arm's training set costs against a size of the table, every time in a fresh process.

    Parameters
    ----------
    size : str
        What varies of the simulated table: ``rows`` or ``columns``. The other one is as `simulated` has it.
    sizes : sequence of int
        How many, ascending.
    arms : sequence of str
        What is measured.
    max_seconds : float
        A size is left out, and those after it, where the sizes before let expect more; its time is extrapolated.

    Raises
    ------
    BenchError
        A process died.
    """
    found: list[Row] = []
    for arm in arms:
        known: dict[str, dict[int, float]] = {}
        for n in sizes:
            expected = {what: _extrapolated(costs, n) for what, costs in known.items()}
            if sum(expected.values()) > max_seconds:
                found += [
                    (f"{size}/{what}/{n}/extrapolated", seconds, "s", None)
                    for what, seconds in expected.items()
                    if len(known[what]) > 1
                ]
                continue
            with _step(f"{arm}, {n:,} {size}"):
                usages = _in_fresh_process(upsample, arm, {f"n_{size}": n})
            for what, usage in usages.items():
                known.setdefault(what, {})[n] = usage.seconds
                found += [
                    (f"{size}/{what}/{n}/seconds", usage.seconds, "s", None),
                    (f"{size}/{what}/{n}/CPU seconds", usage.cpu_seconds, "s", None),
                    (f"{size}/{what}/{n}/peak", usage.peak_mib, "MiB", None),
                ]
        for what, costs in known.items():
            told = {n: seconds for n, seconds in costs.items() if seconds >= MIN_SECONDS}
            if len(told) > 1:
                slope = exponent(list(told), list(told.values()))
                found.append((f"{size}/{what}/exponent", slope, "", 1.0))
    return stamped(found)


def _extrapolated(costs: dict[int, float], n: int) -> float:
    """Return the seconds that a size of the table lets expect: in proportion, or along the fitted exponent if it is larger.

    The generator's batches grow with the rows up to a size, and it takes about as many of them until then; so a small exponent
    of few rows tells nothing of many.
    """
    last = max(costs)
    slope = exponent(list(costs), list(costs.values())) if len(costs) > 1 else 1.0
    return costs[last] * (n / last) ** max(slope, 1.0)


def _in_fresh_process(function: Callable, *arguments):
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(function, *arguments).result()
    except BrokenProcessPool as error:
        raise BenchError(f"the process that measured {arguments} died; most likely memory ran out.") from error


def upsample(arm: str, size: dict[str, int]) -> dict[str, Usage]:
    """Return what an arm's training set costs on a simulated table of some size; of a generator, its fit and its draw."""
    train = simulated(**size)
    nothing = Rows(train.X.head(0), train.y.head(0))
    usages, generator, what = {}, None, arm
    with threadpool_limits(1):
        if ARMS[arm].generator:
            with measured() as usages[f"{arm} fit"]:
                generator = fit_generator(ARMS[arm].generator, train, 0)
            what = f"{arm} draw"
        with measured() as usages[what]:
            ARMS[arm].build(Partition(train, nothing, nothing), 0, generator)
    return usages


def simulated(n_rows: int = 10_000, n_columns: int = 20) -> Rows:
    """Return a made-up table in which half of the columns are categorical and 1 % of the rows are of the minority."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(n_rows) < MINORITY_SHARE * n_rows).astype("int8")
    columns = {}
    for position in range(n_columns // 2):
        number = rng.normal(0.1 * (position % 10) * y)
        columns[f"number {position}"] = number if position % 2 else np.exp(number).round(2)
        n_levels = 2 + 2 * (position % 10)
        code = (rng.integers(n_levels, size=n_rows) * rng.uniform(1 - 0.3 * y, 1)).astype(int)
        columns[f"category {position}"] = pd.Categorical.from_codes(code, [f"level {i}" for i in range(n_levels)])
    return Rows(pd.DataFrame(columns), pd.Series(y, name="target"))


PARTS: dict[str, Callable[[], pd.DataFrame]] = {
    "fit": fit.measure,
    "grid": grid,
    "rows": rows,
    "columns": columns,
    "book": book,
    "site": site,
}
