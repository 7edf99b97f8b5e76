"""Many cells at once, on this machine or on any Dask cluster.

The generator's fit is a task of its own; every arm that uses it is a task that depends on it. So no fit is made twice,
each arm's result is on disk as soon as it is there, and a fit that was made once is kept for arms that come later.
"""

import os
import pickle
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from upsampling import paths
from upsampling.errors import RunnerError
from upsampling.files import replace_file
from upsampling.generator.argn import GENERATOR_VERSION
from upsampling.study import datasets, experiment
from upsampling.study.arms import ARMS
from upsampling.study.classifiers import ALL
from upsampling.study.datasets import Table
from upsampling.study.experiment import CellResult, Fit
from upsampling.study.protocol import PROTOCOL_VERSION, Cell, partition
from upsampling.study.registry import usable
from upsampling.study.store import Store
from upsampling.words import duration

# A worker that dies this often while it computes one cell is blamed on the cell.
ALLOWED_FAILURES = 2


@dataclass(frozen=True)
class Summary:
    """How a run ended: numbers of cells by state."""

    computed: int
    failed: int
    already_done: int


def run(
    cells: Iterable[Cell],
    store: Store,
    *,
    classifiers: Sequence[str] = (),
    scheduler: str | None = None,
    workers: int | None = None,
    retry_failed: bool = False,
    keep_fits: bool = True,
) -> Summary:
    """Compute the cells that the store does not hold yet.

    Parameters
    ----------
    cells : iterable of Cell
        What is wanted, in order of urgency.
    store : Store
        Where finished cells go, each as soon as it is there.
    classifiers : sequence of str
        What is trained, by names of `classifiers.ALL`; by default what the study trains.
    scheduler : str, optional
        Address of a Dask scheduler. Default: a local cluster of one-thread worker processes.
    workers : int, optional
        Workers of the local cluster. Default: one per core.
    retry_failed : bool, default=False
        Whether cells recorded as failed are computed again.
    keep_fits : bool, default=True
        Whether fitted generators are kept in the cache folder and taken from there.

    Raises
    ------
    SpecError
        A cell is impossible; raised before any work.
    DataError
        A data file is missing or wrong; raised before any work.
    StoreError
        The results folder cannot be written; raised before any work, or when the disk is full later on.
    RunnerError
        The scheduler was lost.
    """
    for name in classifiers:
        usable(name, ALL, "classifier")
    states = store.missing_classifiers(experiment.check(dict.fromkeys(cells)), classifiers)
    finished = ("done",) if retry_failed else ("done", "failed")
    missing = {cell: names for cell, (state, names) in states.items() if state not in finished}
    already_done = len(states) - len(missing)
    if not missing:
        return Summary(0, 0, already_done)
    tables = {name: datasets.load(name) for name in dict.fromkeys(cell.dataset for cell in missing)}
    refuse_impossible(missing)
    store.check_writable()
    outcome: Counter[str] = Counter()
    with _client(scheduler, workers) as client, _progress(len(missing)) as advance:
        for result in _results(client, missing, tables, store, keep_fits):
            store.write(result)
            outcome[result.run["status"]] += 1
            advance(result)
    return Summary(outcome["done"], outcome["failed"], already_done)


def refuse_impossible(cells: Iterable[Cell]) -> None:
    """Raise before any work if a cell's table cannot give the minority rows that it asks for.

    Raises
    ------
    SpecError
        More minority rows are asked for than the base set has, or none.
    DataError
        A data file is missing or wrong.
    """
    for cell in {(cell.dataset, cell.size): cell for cell in cells}.values():
        partition(datasets.load(cell.dataset), cell)


@contextmanager
def _client(scheduler: str | None, workers: int | None):
    import dask
    from distributed import Client, LocalCluster

    spawned = dask.config.get("distributed.nanny.pre-spawn-environ")
    settings = {
        # Dask lets a worker give back every freed piece of memory at once, and a fit asks for it again in each step
        "distributed.nanny.pre-spawn-environ": {
            name: value for name, value in spawned.items() if name != "MALLOC_TRIM_THRESHOLD_"
        },
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        # a fit keeps a worker busy for minutes, which is no sign of death
        "distributed.scheduler.worker-ttl": None,
        # one cell at a time and worker, so that those that wait are not blamed for the death of a worker
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.scheduler.rootish-taskgroup": 10**9,
        "distributed.scheduler.rootish-taskgroup-dependencies": 10**9,
        # a worker that died is started again, which on a busy machine takes longer than the 15 s that Dask allows
        "distributed.deploy.lost-worker-timeout": "10 minutes",
        "distributed.worker.profile.enabled": False,
    }
    with dask.config.set(settings):
        if scheduler:
            try:
                client = Client(scheduler)
            except (OSError, ValueError) as error:
                raise RunnerError(
                    f"no scheduler can be reached at '{scheduler}': {error}. Start it (dask scheduler) and give its address, as in "
                    f"tcp://host:8786; without --scheduler, this machine computes."
                ) from error
            with client:
                yield client
            return
        cluster = LocalCluster(
            n_workers=workers or os.cpu_count(),
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port; None means 8787, and a warning if it is taken
            silence_logs="ERROR",
        )
        with cluster, Client(cluster) as client:
            yield client


def _results(
    client, cells: dict[Cell, tuple[str, ...]], tables: dict[str, Table], store: Store, keep_fits: bool
) -> Iterator[CellResult]:
    """Submit everything, and yield the results as they come."""
    from distributed import as_completed

    asked, by_future = _submit(client, cells, tables, store, keep_fits)
    pending = as_completed([*asked, *by_future])
    for future in pending:
        if future in asked:
            if keep_fits and future.status == "finished":
                _keep_fit(asked[future], tables[asked[future].dataset], _fetch(future, len(by_future)))
            del asked[future]
            continue
        try:
            result = _fetch(future, len(by_future))
        except RunnerError:
            raise
        except Exception as error:  # whatever went wrong in one cell must not stop the others
            cell = by_future[future]
            result = experiment.failure(cell, tables[cell.dataset], f"{type(error).__name__}: {error}")
        del by_future[future]
        yield result


def _fetch(future, n_open: int):
    """Return what a future came to; raise RunnerError if the scheduler is gone, with so many cells open."""
    from concurrent.futures import CancelledError

    from distributed.comm import CommClosedError

    try:
        return future.result()
    except (CancelledError, CommClosedError) as error:
        raise RunnerError(
            f"the scheduler was lost while {n_open} cells were open ({type(error).__name__}); finished cells "
            f"are kept. Start the scheduler again and run the same command."
        ) from error


def _submit(
    client, cells: dict[Cell, tuple[str, ...]], tables: dict[str, Table], store: Store, keep_fits: bool
) -> tuple[dict, dict]:
    """Submit fits and cells, each with what it lacks; return the futures of the fits and of the cells, each with its cell."""
    loaded = {
        name: client.submit(
            Table.from_bytes,
            name,
            table.checksum,
            table.to_bytes(),
            table.order,
            key=f"table-{table.checksum}",
        )
        for name, table in tables.items()
    }
    groups: dict[tuple, int] = {}
    fits, asked, futures, helpers = {}, {}, {}, {}

    def priority(cell: Cell) -> int:
        return -groups.setdefault((cell.dataset, cell.size, cell.seed), len(groups))

    def fit_for(cell: Cell):
        generator = ARMS[cell.arm].generator
        if generator is None:
            return None
        identity = (generator, cell.dataset, cell.size, cell.seed)
        if identity not in fits:
            fits[identity] = _kept_fit(cell, tables[cell.dataset]) if keep_fits else None
            if fits[identity] is None:
                key = f"fit-{'/'.join(map(str, identity))}"
                fits[identity] = client.submit(
                    experiment.fit, cell, loaded[cell.dataset], key=key, priority=priority(cell)
                )
                asked[fits[identity]] = cell
        return fits[identity]

    def submit(cell: Cell, names: tuple[str, ...], members: dict):
        table, fitted = loaded[cell.dataset], fit_for(cell)
        return client.submit(
            _compute,
            cell,
            table,
            names,
            fitted,
            members,
            key=f"cell-{cell.path} {' '.join(names)}",
            priority=priority(cell),
        )

    def scores_of(member: Cell, names: tuple[str, ...]):
        known = store.scores(member)
        if known is not None and (not names or set(names) <= set(known)):
            return known
        running = futures.get(member)
        if running is not None and (not names or set(names) <= set(cells[member])):
            return running
        if member not in helpers:  # not asked for and not at hand: computed on the way
            helpers[member] = submit(member, names, {})
        return helpers[member]

    for cell in sorted(cells, key=lambda cell: len(ARMS[cell.arm].needs)):
        arm = ARMS[cell.arm]
        used = {name: tuple(c for member, c in arm.pairs if member == name) for name in arm.needs}
        members = {name: scores_of(cell.with_arm(name), names) for name, names in used.items()}
        futures[cell] = submit(cell, cells[cell], members)
    return asked, {future: cell for cell, future in futures.items()}


def _compute(cell: Cell, table: Table, names: tuple[str, ...], fitted: Fit | None, members: dict) -> CellResult:
    scores = {name: known.scores if isinstance(known, CellResult) else known for name, known in members.items()}
    members = {name: frame for name, frame in scores.items() if not frame.empty}
    return experiment.run_cell(cell, table, classifiers=names, fitted=fitted, members=members)


def _fit_file(cell: Cell, table: Table) -> Path:
    versions = experiment.versions(ARMS[cell.arm])
    name = ARMS[cell.arm].generator
    asked = f"{name} {table.checksum} {PROTOCOL_VERSION} {GENERATOR_VERSION} {cell.size} {cell.seed} {versions}"
    identity = sha256(asked.encode()).hexdigest()
    return paths.cache() / "fits" / f"{cell.dataset}-{cell.size}-s{cell.seed}-{name}-{identity[:16]}.pickle"


def _kept_fit(cell: Cell, table: Table) -> Fit | None:
    try:
        return pickle.loads(_fit_file(cell, table).read_bytes())
    except Exception:  # whatever is wrong with a kept fit, it can be made again
        return None


def _keep_fit(cell: Cell, table: Table, fitted: Fit) -> None:
    content = pickle.dumps(fitted)
    try:
        replace_file(_fit_file(cell, table), lambda path: path.write_bytes(content))
    except OSError as error:
        warnings.warn(f"a fit is not kept: {error}; name another folder with {paths.CACHE_VARIABLE}.", stacklevel=2)


@contextmanager
def _progress(total: int):
    """Yield a function that reports a finished cell: a bar in a terminal, a line per cell elsewhere."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("cells", total=total)

            def advance(result: CellResult) -> None:
                bar.console.print(_outcome(result), markup=False)
                bar.update(task, advance=1, description=result.cell.path)

            yield advance
        return
    start, done = time.monotonic(), 0

    def report(result: CellResult) -> None:
        nonlocal done
        done += 1
        left = (time.monotonic() - start) / done * (total - done)
        print(f"[{done}/{total}] {_outcome(result)}; about {duration(left)} left", file=sys.stderr, flush=True)

    yield report


def _outcome(result: CellResult) -> str:
    """Return how well the best classifier of a cell ranked the holdout, and how long the cell took; or why it failed."""
    if result.failed:
        return f"{result.cell.path}: failed: {result.run['reason']}"
    best = max((row["average_precision"] for row in result.metrics), default=float("nan"))
    return f"{result.cell.path}: average precision {best:.3f}, {result.run['seconds']:.1f} s"


def fits(cells: Iterable[Cell]) -> set[tuple]:
    """Return the fits of generators that some cells need: generator, data set, size and seed."""
    return {
        (ARMS[cell.arm].generator, cell.dataset, cell.size, cell.seed) for cell in cells if ARMS[cell.arm].generator
    }


def estimate(cells: Iterable[Cell], runs: pd.DataFrame, workers: int) -> float:
    """Return about how many seconds the cells will take, from the runs known so far; NaN if nothing is known.

    What a table has no run of takes as long per row and feature as the mean of the tables that have one.

    Parameters
    ----------
    cells : iterable of Cell
        What is missing.
    runs : DataFrame
        Rows of `runs.csv`.
    workers : int
        Workers that share the work.
    """
    cells = list(cells)
    done = runs[runs["status"] == "done"]
    of_arm = _seconds(done.assign(part=done["arm"]), "seconds")
    generator = done["arm"].map(lambda name: ARMS[name].generator if name in ARMS else None)
    of_fit = _seconds(done.assign(part=generator).dropna(subset=["part", "fit_seconds"]), "fit_seconds")
    total = sum(of_arm(cell.dataset, cell.arm) for cell in cells)
    total += sum(of_fit(dataset, name) for name, dataset, _, _ in fits(cells))
    return total / workers


def _seconds(runs: pd.DataFrame, column: str) -> Callable[[str, str], float]:
    """Return a function from data set and part to its mean seconds."""
    runs = runs.astype({column: float})
    known = runs.groupby(["dataset", "part"])[column].mean().to_dict()
    per_value = (runs[column] / runs["dataset"].map(_n_values).astype(float)).groupby(runs["part"]).mean().to_dict()
    typical = float(np.mean(list(per_value.values()))) if per_value else float("nan")
    return lambda dataset, part: known.get((dataset, part), per_value.get(part, typical) * _n_values(dataset))


def _n_values(dataset: str) -> float:
    known = datasets.DATASETS.get(dataset)
    return float(known.n_rows * len(known.features)) if known else float("nan")
