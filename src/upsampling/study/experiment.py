"""One cell: from a table to rows of results."""

import json
import os
import platform
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from scipy.stats import rankdata
from threadpoolctl import threadpool_info

import upsampling
from upsampling.errors import SpecError, UpsamplingError
from upsampling.study import classifiers, diagnostics, metrics, tuning
from upsampling.study.arm import Arm
from upsampling.study.arms import ARMS
from upsampling.study.datasets import DATASETS, Table
from upsampling.study.generators import IN_FILE_ORDER, Generator, fit_generator
from upsampling.study.names import GENERATOR, RANKS
from upsampling.study.protocol import PROTOCOL_VERSION, Cell, Partition, Rows, folds, partition
from upsampling.study.registry import usable
from upsampling.study.training import TrainingSet

# For which classifiers costs at thresholds are judged, and how many false alarms a miss costs.
WITH_THRESHOLDS = ("lightgbm", "lightgbm_regularised", "logistic_regression")
COST_RATIOS = (10, 50, 100)
PACKAGES = tuple("mostlyai-engine torch imbalanced-learn scikit-learn xgboost lightgbm numpy pandas scipy".split())
# What else decides the numbers of an arm, by its generator, and those of one classifier.
GENERATOR_PACKAGES = {
    "copula": ("pyvinecopulib",),
    "tabularargn_sdk": ("mostlyai",),
    "tabularargn_sdk_file": ("mostlyai",),
}
CLASSIFIER_PACKAGES = {"catboost": ("catboost",)}


@dataclass
class Usage:
    """Wall-clock seconds, CPU seconds and peak resident memory in MiB of a piece of work."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0


@dataclass
class Fit:
    """A fitted generator, what it cost, and where it was fitted: `commit`, `dirty` and `cpu_model`; None if it was kept without."""

    generator: Generator
    usage: Usage
    origin: dict | None = None


@dataclass
class CellResult:
    """Everything one cell yields.

    Parameters
    ----------
    cell : Cell
        What was asked.
    run : dict
        One row for `runs.csv`.
    metrics, diagnostics : list of dict
        Rows for `metrics.csv` and `diagnostics.csv`, without the cell's own columns.
    scores : DataFrame of shape (n_holdout, 1 + n_classifiers)
        Column `y` and one float32 column of scores per classifier.
    marginals : DataFrame
        Distribution of every feature among minority rows: see `diagnostics.marginals`, and a column `source`.
    """

    cell: Cell
    run: dict
    metrics: list[dict] = field(default_factory=list)
    diagnostics: list[dict] = field(default_factory=list)
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    marginals: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def failed(self) -> bool:
        """Whether the cell could not be computed; then `run` gives the reason."""
        return self.run["status"] == "failed"


@contextmanager
def measured():
    """Yield a Usage that is filled in when the block ends; memory is sampled 20 times a second."""
    usage, process, done = Usage(), psutil.Process(), threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            usage.peak_mib = max(usage.peak_mib, process.memory_info().rss / 2**20)

    usage.peak_mib = process.memory_info().rss / 2**20
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start, cpu_start = time.perf_counter(), time.process_time()
    try:
        yield usage
    finally:
        usage.seconds, usage.cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
        done.set()
        watcher.join()


def check(cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells as a list, refusing tables and arms that are unknown or skipped before any work starts."""
    cells = list(cells)
    for name in dict.fromkeys(cell.dataset for cell in cells):
        usable(name, DATASETS, "data set")
    for name in dict.fromkeys(cell.arm for cell in cells):
        usable(name, ARMS, "arm")
    return cells


def fit(cell: Cell, table: Table) -> Fit:
    """Fit the generator of the cell's arm; other arms on the same training rows may share it.

    Raises
    ------
    GeneratorError
        The generator cannot learn from these rows.
    """
    with measured() as usage:
        parts, name = partition(table, cell), ARMS[cell.arm].generator
        rows = parts.train
        if name in IN_FILE_ORDER:
            rows = Rows(rows.X[list(parts.order)], rows.y)
        generator = fit_generator(name, rows, cell.generator_seed)
    return Fit(generator, usage, code_state() | {"cpu_model": cpu_model()})


def run_cell(
    cell: Cell,
    table: Table,
    *,
    classifiers: Sequence[str] = (),
    fitted: Fit | None = None,
    members: Mapping[str, pd.DataFrame] | None = None,
) -> CellResult:
    """Compute one cell: a pure function of its spec and the table.

    Parameters
    ----------
    cell : Cell
        What to compute.
    table : Table
        The whole data set.
    classifiers : sequence of str
        What is trained, by names of `classifiers.ALL`; by default what the study trains. An arm with a classifier of its own trains that.
    fitted : Fit, optional
        The arm's generator on these training rows, if it was fitted before; else it is fitted here if the arm needs one.
    members : mapping of str to DataFrame, optional
        Scores of the arms that this one combines, if they were computed before; else they are computed here.

    Returns
    -------
    CellResult
        With the reason in `run` if the arm cannot be computed on these rows.
    """
    arm = ARMS[cell.arm]
    parts = partition(table, cell)
    run = _describe(table, parts) | {"versions": versions(arm, classifiers), "generator": arm.generator or ""}
    result = CellResult(cell, run)
    try:
        if arm.generator and fitted is None:
            fitted = fit(cell, table)
        with measured() as total:
            if arm.pairs:
                _combine_pairs(result, arm.pairs, parts, table, members or {})
            elif arm.members:
                _combine(result, arm.members, parts, table, members or {})
            elif arm.build is None:
                _score_with_generator(result, parts, fitted)
            else:
                _train(result, arm, arm.trained(classifiers), parts, fitted)
    except UpsamplingError as error:
        return CellResult(cell, run | {"status": "failed", "reason": str(error)})
    if arm.generator:
        run["fit_seconds"], run["fit_cpu_seconds"] = fitted.usage.seconds, fitted.usage.cpu_seconds
        run["peak_mib"] = max(total.peak_mib, fitted.usage.peak_mib)
        _tell_of_fit(run, fitted.origin or {})
    else:
        run["peak_mib"] = total.peak_mib
    run["seconds"], run["cpu_seconds"] = total.seconds, total.cpu_seconds
    return result


def failure(cell: Cell, table: Table, reason: str) -> CellResult:
    """Return the result of a cell whose computation was lost, for example because its worker died."""
    run = _describe(table, partition(table, cell))
    return CellResult(cell, run | {"status": "failed", "reason": reason})


def _train(result: CellResult, arm: Arm, names: Sequence[str], parts: Partition, fitted: Fit | None) -> None:
    seed, run = result.cell.seed, result.run
    build_seed = result.cell.generator_seed if arm.generator else seed
    generator = fitted.generator if fitted else None
    on_folds, generator = (generator.folds, generator.whole) if generator and arm.tuned else ((), generator)
    with measured() as usage:
        training: TrainingSet = arm.build(parts, build_seed, generator)
    run["upsample_seconds"], run["upsample_cpu_seconds"] = usage.seconds, usage.cpu_seconds
    run["n_trained"], run["n_added"] = len(training.y), len(training.y) - training.n_real
    scores, seconds, costs, holdout = {}, {}, {}, parts.holdout.X
    for name in names:
        with measured() as usage:
            if arm.tuned:
                settings = tuning.choose(parts.train, seed, arm.build, on_folds)
                classifier = tuning.fitted(settings, training, seed)
                run["tuned_settings"] = json.dumps(settings)
            else:
                classifier = classifiers.make(name, seed)
                classifier.fit(training.X, training.y, classifier__sample_weight=training.sample_weight)
        seconds[name] = usage.seconds
        if name in classifiers.TIMED_IN_RUNS:
            run[f"{name}_seconds"] = usage.seconds
        scores[name] = classifiers.score(classifier, holdout)
        if arm.thresholds and result.cell.design == "found" and name in WITH_THRESHOLDS:
            costs[name] = _costs(arm, name, parts, scores[name], seed)
    balanced_inside = any(name in classifiers.BALANCING for name in scores)
    _judge(result, scores, parts, 0.5 if balanced_inside else training.minority_share)
    run["classifiers"] = " ".join(scores)
    for row in result.metrics:
        row |= {"training_seconds": seconds[row["classifier"]]} | costs.get(row["classifier"], {})
    if arm.diagnosed:
        with measured() as usage:
            result.diagnostics = diagnostics.diagnose(training, parts, seed)
        run["diagnostics_seconds"] = usage.seconds
        result.marginals = _marginals(training, parts)


def _costs(arm: Arm, name: str, parts: Partition, holdout: np.ndarray, seed: int) -> dict[str, float]:
    """Return the cost on the holdout at thresholds that are cheapest on the training rows, scored by cross-validation."""
    judged = folds(parts.train, seed)
    scores = []
    for kept, part in judged:
        training = arm.build(replace(parts, train=kept), seed, None)
        classifier = classifiers.make(name, seed)
        classifier.fit(training.X, training.y, classifier__sample_weight=training.sample_weight)
        scores.append(classifiers.score(classifier, part.X))
    y, score = np.concatenate([part.y for _, part in judged]), np.concatenate(scores)
    return {
        f"cost_{ratio}": metrics.cost(parts.holdout.y, holdout, metrics.cheapest_threshold(y, score, ratio), ratio)
        for ratio in COST_RATIOS
    }


def _score_with_generator(result: CellResult, parts: Partition, fitted: Fit) -> None:
    scores = fitted.generator.predict_proba(parts.holdout.X)[:, 1].astype(np.float32)
    _judge(result, {GENERATOR: scores}, parts, float(parts.train.y.mean()))
    result.run["classifiers"] = GENERATOR


def _combine(result: CellResult, names, parts: Partition, table: Table, known: Mapping) -> None:
    frames = [known[name] if name in known else _scores_of(result.cell.with_arm(name), table) for name in names]
    columns = {column for frame in frames for column in frame if column not in ("y", GENERATOR)}
    scores = {}
    for column in sorted(columns):
        ranks = [rankdata(frame[column if column in frame else GENERATOR]) / len(frame) for frame in frames]
        scores[column] = np.mean(ranks, axis=0).astype(np.float32)
    result.run["classifiers"] = " ".join(scores)
    _judge(result, scores, parts, None)


def _combine_pairs(result: CellResult, pairs, parts: Partition, table: Table, known: Mapping) -> None:
    ranks = []
    for arm, classifier in pairs:
        frame = known.get(arm)
        if frame is None or classifier not in frame:
            frame = _scores_of(result.cell.with_arm(arm), table, [classifier])
        ranks.append(rankdata(frame[classifier]) / len(frame))
    result.run["classifiers"] = RANKS
    _judge(result, {RANKS: np.mean(ranks, axis=0).astype(np.float32)}, parts, None)


def _scores_of(cell: Cell, table: Table, classifiers: Sequence[str] = ()) -> pd.DataFrame:
    result = run_cell(cell, table, classifiers=classifiers)
    if result.failed:
        raise SpecError(f"its member {cell.arm} failed: {result.run['reason']}")
    return result.scores


def _judge(
    result: CellResult, scores: Mapping[str, np.ndarray], parts: Partition, train_prevalence: float | None
) -> None:
    y, prevalence = parts.holdout.y.to_numpy(), float(parts.train.y.mean())
    for name, score in scores.items():
        values = metrics.judge(y, score, trained=train_prevalence, prevalence=prevalence)
        result.metrics.append({"classifier": name} | values | {"commit": _stamp(result.run)})
    result.scores = pd.DataFrame({"y": y} | dict(scores))


def _stamp(run: Mapping) -> str:
    """Return the commit of a run, marked if the code differed from it: classifiers of one cell may be trained at several."""
    return f"{run['commit']}{'+' if run['dirty'] else ''}"


def _marginals(training: TrainingSet, parts: Partition) -> pd.DataFrame:
    sources = {
        "holdout": parts.holdout.minority,
        "training": parts.train.minority,
        "arm": training.X[training.y.to_numpy() == 1],
    }
    reference = pd.concat([parts.holdout.minority, parts.train.minority], ignore_index=True)
    tables = [diagnostics.marginals(rows, reference).assign(source=source) for source, rows in sources.items()]
    return pd.concat(tables, ignore_index=True)


def _describe(table: Table, parts: Partition) -> dict:
    train, holdout = parts.train, parts.holdout
    return {
        "status": "done",
        "reason": "",
        "n_minority": len(train.minority),
        "n_majority": len(train) - len(train.minority),
        "n_holdout": len(holdout),
        "n_holdout_minority": len(holdout.minority),
        "n_discarded": len(parts.discarded),
        "n_features": train.X.shape[1],
        "share": float(train.y.mean()),
    } | provenance(table)


def _tell_of_fit(run: dict, origin: dict) -> None:
    """Let a row that stands on a fit made elsewhere, or by changed code, not pass for one that was made here at its commit."""
    run["dirty"] = run["dirty"] or origin.get("dirty", False)
    run["fit_commit"] = origin.get("commit", "")
    machines = dict.fromkeys((origin.get("cpu_model", run["cpu_model"]), run["cpu_model"]))
    run["cpu_model"] = ", then ".join(machines)


def provenance(table: Table) -> dict:
    """Return where and with what a row is computed: versions, commit, machine, time."""
    return {
        "data_sha256": table.checksum,
        "protocol_version": PROTOCOL_VERSION,
        **code_state(),
        "versions": _versions(PACKAGES),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {blas()}",
        "cpu_model": cpu_model(),
        "cores": os.cpu_count(),
        "threads": 1,
        "computed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def versions(arm: Arm, trained: Sequence[str] = ()) -> str:
    """Return the packages that decide the numbers of an arm under some classifiers, as requirements with blanks between."""
    more = [package for name in trained for package in CLASSIFIER_PACKAGES.get(name, ())]
    return _versions((*PACKAGES, *GENERATOR_PACKAGES.get(arm.generator, ()), *more))


@cache
def _versions(packages: tuple[str, ...]) -> str:
    return " ".join(f"{package}=={version(package)}" for package in packages)


@cache
def code_state(*beside: Path) -> dict:
    """Return the commit of the code that is imported, and whether the package, or a file `beside` it, differs from it."""
    here = Path(upsampling.__file__).parent

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            "dirty": bool(git("status", "--porcelain", "--", ".", *map(str, beside))),
        }
    except (OSError, subprocess.CalledProcessError):
        return {"commit": f"version {version('upsampling')}", "dirty": False}


@cache
def blas() -> str:
    """Return the library of linear algebra and its kernels: the last digits depend on these, and one name of a processor has several."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return (
        " ".join(sorted({f"{pool['internal_api']} {pool.get('architecture', '')}".strip() for pool in pools}))
        or "unknown BLAS"
    )


@cache
def cpu_model() -> str:
    """Return the processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
