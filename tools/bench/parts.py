"""The parts of ``make bench``, each of which gives rows of ``results/benchmarks.csv``."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, redirect_stderr
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tools.bench import fit_profile, weight
from tools.bench.record import ORDER, BenchError, Row, exponent, record, stamped
from upsampling import paths
from upsampling.errors import UpsamplingError, check_choice
from upsampling.generator import TabularARGN
from upsampling.study import datasets, runner
from upsampling.study.arms import ARMS
from upsampling.study.experiment import CellResult, Fit, Usage, measured, run_cell
from upsampling.study.generators import fit_generator, generator_seeds
from upsampling.study.protocol import Cell, Grid, Partition, Rows, partition
from upsampling.study.store import Store

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WIDTHS = (10, 20, 40, 80)
MINORITY_SHARE = 0.01
# Ways of making a training set; not variants of the generator's arms.
SET_ARMS = (
    "none",
    "naive",
    "smotenc",
    "class_weight",
    "undersample",
    "marginals",
    "copula",
    "tabularargn",
)
# A size is left out where the sizes before it let expect more seconds than this.
MAX_SECONDS = 180.0
# Shorter times tell nothing of how they grow.
MIN_SECONDS = 0.01
# A cell that ends before it computes anything: SMOTE-NC cannot interpolate between one row.
EMPTY_ARM, EMPTY_COUNT = "smotenc", 1
_COMMAND = [sys.executable, "-c", "from upsampling.__main__ import main; main()", "book"]


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
    needed = {"grid": ("adult",), "fit": fit_profile.TABLES}
    for name in [name for part in only or needed for name in needed.get(part, ())]:
        datasets.load(name)
    for name in ORDER:
        if only and name not in only:
            continue
        if name in ("book", "site") and not only and not (paths.SITE / "index.html").is_file():
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


class _Clocked(Store):
    """A store that knows when each cell came."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.ends: list[float] = []

    def write(self, result: CellResult) -> None:
        super().write(result)
        self.ends.append(time.perf_counter())


def fit_through_sdk(train: Rows, seed: int) -> TabularARGN:
    """Return the generator fitted through the Synthetic Data SDK, with as many threads as there are cores."""
    generator = TabularARGN(backend="sdk", n_jobs=os.cpu_count() or 1)
    return generator.fit(train.X, train.y, seed=generator_seeds(seed)[0])


def grid(
    dataset: str = "adult",
    fraction: float = 0.001,
    arm: str = "tabularargn_categories_first",
    fast: str = "tabularargn",
    fit: Callable[[Rows, int], TabularARGN | None] = fit_through_sdk,
    seeds: int = 6,
) -> pd.DataFrame:
    """Measure cells per hour of a plain loop and of the runner, on the same cells: how long a fit takes depends on its rows.

    Parameters
    ----------
    dataset, fraction
        The cells.
    arm, fast : str
        How the imbalance is treated, and the same with a fit in packed steps, whose columns are drawn in the order of the file.
    fit : callable
        How the loop fits the arm's generator on some rows with a seed.
    seeds : int
        How many cells, and of how many workers more would have nothing to do.
    """
    table, workers = datasets.load(dataset), min(os.cpu_count() or 1, seeds)
    cells = list(Grid((dataset,), (fraction,), range(seeds), (arm,)))
    cheaper = [cell.with_arm(fast) for cell in cells]
    alone = []
    with _step(f"plain loop, {len(cells)} cells") as loop:
        for cell in cells:
            with _step(f"plain loop, {cell.path}"):
                fitted = Fit(fit(partition(table, cell).train, cell.seed), Usage())
                alone.append(_whole(run_cell(cell, table, fitted=fitted)))
    rates = {"plain": 3600 * len(cells) / loop.seconds}
    qualities = {"plain": float(np.mean([row["average_precision"] for result in alone for row in result.metrics]))}
    for name, n_workers, chosen in (("one", 1, cells), ("fast", workers, cheaper), ("all", workers, cells)):
        with TemporaryDirectory() as scratch:
            store = Store(Path(scratch))
            with _step(f"runner, {len(chosen)} cells, {n_workers} workers") as usage:
                runner.run(chosen, store, workers=n_workers, keep_fits=False)
            runs, metrics = store.load("runs"), store.load("metrics")
        if (runs["status"] == "failed").any():
            raise BenchError(f"a cell failed: {runs.loc[runs['status'] == 'failed', 'reason'].iloc[0]}")
        rates[name] = 3600 * len(chosen) / usage.seconds
        qualities[name] = float(metrics["average_precision"].mean())
    computing = 100 * (runs["cpu_seconds"] + runs["fit_cpu_seconds"].fillna(0.0)).sum()
    return stamped(
        [
            ("grid/plain loop", rates["plain"], "cells/h", None),
            ("grid/runner", rates["all"], "cells/h", rates["plain"]),
            ("grid/runner, preset fast", rates["fast"], "cells/h", rates["plain"]),
            ("grid/runner, one worker", rates["one"], "cells/h", rates["plain"]),
            ("grid/speed-up", rates["all"] / rates["one"], "times", workers),
            ("grid/cells", len(cells), "cells", None),
            ("grid/time inside cells", computing / (workers * usage.seconds), "%", None),
            ("grid/average precision, plain loop", qualities["plain"], "", None),
            ("grid/average precision, runner", qualities["all"], "", qualities["plain"]),
            ("grid/average precision, preset fast", qualities["fast"], "", qualities["plain"]),
        ]
    )


def _whole(result: CellResult) -> CellResult:
    if result.failed:
        raise BenchError(f"{result.cell.path} failed: {result.run['reason']}")
    return result


def overhead(n_cells: int = 2000, n_direct: int = 100) -> pd.DataFrame:
    """Measure what the runner adds to each cell, over cells that have nothing to compute.

    Parameters
    ----------
    n_cells : int
        How many of them go through the runner.
    n_direct : int
        How many are computed directly, to see what little they compute; also how often a finished cell is written.
    """
    table, workers = datasets.load("demo"), os.cpu_count() or 1
    cells = [Cell("demo", None, EMPTY_COUNT, seed, EMPTY_ARM) for seed in range(n_cells)]
    with TemporaryDirectory() as scratch, _step(f"runner, {n_cells} cells with nothing to compute"):
        store, start = _Clocked(Path(scratch)), time.perf_counter()
        # a line per cell would be thousands of lines
        with redirect_stderr(io.StringIO()):
            runner.run(cells, store, workers=workers)
    finished = _whole(run_cell(Cell("demo", None, 50, 0, "none"), table))
    with _step(f"{n_direct} of them without the runner") as direct:
        for cell in cells[:n_direct]:
            run_cell(cell, table)
    with TemporaryDirectory() as scratch, _step(f"a finished cell written {n_direct} times") as writing:
        for _ in range(n_direct):
            Store(Path(scratch)).write(finished)
    per_cell = workers * (store.ends[-1] - store.ends[0]) / (n_cells - 1) - direct.seconds / n_direct
    return stamped(
        [
            ("overhead/start", store.ends[0] - start, "s", None),
            ("overhead/cell", 1000 * per_cell, "ms", None),
            ("overhead/cells", n_cells, "cells", None),
            ("overhead/write", 1000 * writing.seconds / n_direct, "ms", None),
        ]
    )


def book() -> pd.DataFrame:
    """Measure how long the book takes to build when nothing changed; if something did, it is built before.

    Raises
    ------
    BenchError
        There is no book yet, or it cannot be built.
    """
    if not (paths.SITE / "index.html").is_file():
        raise BenchError(f"{paths.SITE} holds no book: run `make book` first.")
    for _ in range(2):
        with _step("book") as usage:
            done = subprocess.run(_COMMAND, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchError(f"the book cannot be built: {done.stderr.strip() or done.stdout.strip()}")
        if "executed: " not in done.stdout:
            return stamped([("book/rebuild", usage.seconds, "s", None)])
    raise BenchError("pages are executed although nothing changed: results are being written beside this.")


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
    "book": book,
    "site": site,
    "grid": grid,
    "fit": fit_profile.measure,
    "overhead": overhead,
    "rows": rows,
    "columns": columns,
}
