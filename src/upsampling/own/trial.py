"""Fits by repeated stratified cross-validation, in worker processes, in the order of what can still change the advice."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from joblib.externals.loky import ProcessPoolExecutor, process_executor
from scipy.stats import norm, rankdata
from sklearn.metrics import average_precision_score
from sklearn.model_selection import RepeatedStratifiedKFold

from upsampling.errors import UpsamplingError
from upsampling.own.methods import CHEAP, GENERATOR, METHODS, NAIVE, RAW_METHODS, SMOTE, of_group
from upsampling.own.recipe import N_FOLDS
from upsampling.study.stats import Interval, corrected_interval
from upsampling.words import duration

REPEATS = {CHEAP: 10, NAIVE: 10, SMOTE: 10, GENERATOR: 2}
# An interval from fewer fold differences says nothing.
MIN_FOLDS = 5
# A mean this much higher is worth another method; a smaller loss is worth a simpler one.
MARGIN = 0.01
# Share of the budget that the cheap methods may take before the others have their turn.
CHEAP_SHARE = 0.4
# Seconds of one fit by the number of values that it learns from, seen on the tables of the study with fast steps; twice as many
# for drawing and scoring.
GENERATOR_SECONDS, GENERATOR_EXPONENT = 0.006, 0.73
# Seconds of a group's fold by that of the cheap methods.
RELATIVE = {NAIVE: 0.6, SMOTE: 2.0}


@dataclass(frozen=True)
class Fold:
    """What one group of methods yields on one fold.

    Parameters
    ----------
    group, number : str, int
        Which methods, and which of all folds.
    scores : dict of str to array
        Scores of the fold's rows by method; empty if it failed.
    seconds : float
        How long it took.
    problem : str
        Why it failed.
    """

    group: str
    number: int
    scores: dict[str, np.ndarray]
    seconds: float
    problem: str = ""


def splits(y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows of all folds, repeat by repeat."""
    folds = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=max(REPEATS.values()), random_state=0)
    return list(folds.split(np.zeros(len(y)), y))


_worker: dict = {}


def _start(X: pd.DataFrame, y: np.ndarray) -> None:
    """Keep the table in a worker process, which leaves Ctrl-C to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # a process that loads torch grows at once, which loky takes for a leak: it would end the process and load all of it again
    process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")
    _worker.update(X=X, y=y, splits=splits(y))


def _fold(group: str, number: int) -> Fold:
    return fold(_worker["X"], _worker["y"], _worker["splits"][number], group, number)


def fold(X: pd.DataFrame, y: np.ndarray, split: tuple[np.ndarray, np.ndarray], group: str, number: int) -> Fold:
    """Train a group of methods on one fold's training rows, and score its others."""
    start = time.monotonic()
    train_idx, test_idx = split
    rows = X.iloc[train_idx].reset_index(drop=True), y[train_idx], X.iloc[test_idx].reset_index(drop=True)
    try:
        scores = _generator_scores(*rows) if group == GENERATOR else _scores(*rows, of_group(group))
    except (UpsamplingError, ValueError) as error:
        return Fold(group, number, {}, time.monotonic() - start, str(error).splitlines()[0])
    return Fold(group, number, scores, time.monotonic() - start)


def _scores(X: pd.DataFrame, y: np.ndarray, X_test: pd.DataFrame, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    by_code: dict[str, np.ndarray] = {}
    for name in names:
        for code, estimator in zip(METHODS[name].members, METHODS[name].estimators(), strict=True):
            if code not in by_code:
                by_code[code] = estimator.fit(X, y).predict_proba(X_test)[:, 1]
    members = {name: [by_code[code] for code in METHODS[name].members] for name in names}
    return {name: _ranked(scores) if len(scores) > 1 else scores[0] for name, scores in members.items()}


def _ranked(scores: list[np.ndarray]) -> np.ndarray:
    """Return the mean place of rows among themselves: what `recipe.mean_rank` gives with other rows of the same kind."""
    return np.mean([(rankdata(score) - 0.5) / len(score) for score in scores], axis=0)


def _generator_scores(X: pd.DataFrame, y: np.ndarray, X_test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the scores of all methods that need a generator, from one fit: the same rows that `recipe.synthetic` draws."""
    from upsampling import TabularARGNSampler

    generator, seed = TabularARGNSampler(fast=True, random_state=0).fit_generator(X, y)
    drawn, _ = generator.sample({1: int((y == 0).sum() - y.sum())}, seed)
    rows, labels = pd.concat([X, drawn], ignore_index=True), np.concatenate([y, np.ones(len(drawn), dtype=y.dtype)])
    scores = {}
    for name in of_group(GENERATOR)[:-1]:
        (pipeline,) = METHODS[name].estimators()
        scores[name] = pipeline[1:].fit(rows, labels).predict_proba(X_test)[:, 1]
    return scores | {of_group(GENERATOR)[-1]: generator.predict_proba(X_test)[:, 1]}


@dataclass
class Trial:
    """What was measured so far.

    Parameters
    ----------
    X, y, weight : DataFrame, ndarray, ndarray
        The rows, and how many rows of the file each stands for.
    scores : dict of str to ndarray of shape (n_repeats, n_rows)
        Scores of rows that a method had not seen; NaN where there is none yet.
    precision : dict of str to ndarray of shape (n_folds,)
        Average precision by fold.
    seconds : dict of str to list of float
        How long each fold of a group took.
    problems : dict of str to str
        Groups that failed, and why.
    left_out : dict of str to str
        Groups that were not run to the end, and why.
    """

    X: pd.DataFrame
    y: np.ndarray
    weight: np.ndarray
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    precision: dict[str, np.ndarray] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.splits = splits(self.y)

    def add(self, done: Fold) -> None:
        """Take in what a fold yielded."""
        self.seconds.setdefault(done.group, []).append(done.seconds)
        if done.problem:
            self.problems[done.group] = done.problem
        test_idx = self.splits[done.number][1]
        for name, scores in done.scores.items():
            if name not in self.scores:
                self.scores[name] = np.full((len(self.splits) // N_FOLDS, len(self.y)), np.nan, dtype=np.float32)
                self.precision[name] = np.full(len(self.splits), np.nan)
            self.scores[name][done.number // N_FOLDS, test_idx] = scores
            self.precision[name][done.number] = average_precision_score(
                self.y[test_idx], scores, sample_weight=self.weight[test_idx]
            )

    def folds(self, name: str) -> int:
        """Return how many folds a method was judged on."""
        return int(np.isfinite(self.precision[name]).sum()) if name in self.precision else 0

    def mean(self, name: str) -> float:
        """Return a method's average precision, mean over its folds."""
        return float(np.nanmean(self.precision[name]))

    @property
    def evaluated_methods(self) -> list[str]:
        """Methods that intervals can be given for, simplest first."""
        return [name for name in METHODS if self.folds(name) >= MIN_FOLDS]

    @property
    def ready(self) -> bool:
        """Whether there is a first answer: every cheap method was judged on a whole repeat."""
        return all(self.folds(name) >= MIN_FOLDS for name in of_group(CHEAP))

    def differences(self, name: str, other: str) -> np.ndarray:
        """Return by how much a method is ahead of another, fold by fold."""
        differences = self.precision[name] - self.precision[other]
        return differences[np.isfinite(differences)]

    def difference_interval(self, name: str, other: str) -> Interval:
        """Return by how much a method is ahead of another, with an interval that allows for all comparisons made."""
        differences = self.differences(name, other)
        interval = corrected_interval(differences, 1 / N_FOLDS, len(METHODS) - 1)
        return interval if len(differences) >= MIN_FOLDS else interval._replace(low=np.nan, high=np.nan)

    @property
    def reference(self) -> str:
        """Doing nothing: the best classifier on the rows as they are."""
        return max((name for name in RAW_METHODS if name in self.evaluated_methods), key=self.mean)

    @property
    def better(self) -> list[str]:
        """Methods that are clearly better than doing nothing, simplest first."""
        return [name for name in self.evaluated_methods if self.difference_interval(name, self.reference).low > 0]

    @property
    def best(self) -> str:
        """The method that is ahead of those clearly better than doing nothing; doing nothing where there are none."""
        return max(self.better, key=self.mean, default=self.reference)

    @property
    def advised(self) -> str:
        """The simplest method that is not clearly worse than the best; all but the raw rows must be clearly better than these."""
        best, better = self.best, self.better
        contenders = [name for name in self.evaluated_methods if name in RAW_METHODS or name in better]
        lag = {name: self.difference_interval(best, name) for name in contenders}
        return next(name for name in contenders if not lag[name].low > 0 and lag[name].estimate <= MARGIN)

    def can_change(self, group: str) -> bool:
        """Return whether more folds of a group can change the advice.

        What is advised on few folds may turn out to be luck. Of another method, the mean of all folds lies, nine times in ten, below a
        limit that its folds so far give; it can only if with this mean it would be clearly better than doing nothing, and ahead of
        what is advised now.
        """
        if group in self.problems:
            return False
        if not self.ready:
            return True
        if 1 - self.mean(self.reference) < MARGIN:
            return False
        return any(self._may_win(name) for name in of_group(group))

    def _may_win(self, name: str) -> bool:
        if self.folds(name) < MIN_FOLDS or name == self.advised:
            return True
        total = N_FOLDS * REPEATS[METHODS[name].group]
        # how far the interval will reach, in standard deviations of the differences
        reach = corrected_interval(np.resize([-1.0, 1.0], total), 1 / N_FOLDS, len(METHODS) - 1).high

        def optimistic_bounds(other: str) -> tuple[float, float]:
            differences = self.differences(name, other)
            spread = differences.std(ddof=1)
            n_left = max(0.0, 1 / len(differences) - 1 / total)
            mean = differences.mean() + norm.ppf(0.9) * spread * np.sqrt(n_left)
            return mean, mean - reach * spread

        return optimistic_bounds(self.reference)[1] > 0 and optimistic_bounds(self.advised)[0] > 0

    def expected(self, group: str) -> float:
        """Return about how many seconds a fold of a group takes."""
        if group in self.seconds:
            return float(np.mean(self.seconds[group]))
        if group == GENERATOR:
            values = len(self.y) * (1 - 1 / N_FOLDS) * (self.X.shape[1] + 1)
            return 5 + 2 * GENERATOR_SECONDS * values**GENERATOR_EXPONENT
        return RELATIVE[group] * self.expected(CHEAP)


class Schedule:
    """Which fold comes next.

    The cheap methods come first; then a repeat of each other group, cheapest first; then further repeats of those groups
    that can still change the advice.

    Parameters
    ----------
    trial : Trial
        What was measured so far.
    deadline : float
        When all must be done, on the clock of `time.monotonic`.
    workers : int
        Worker processes.
    """

    def __init__(self, trial: Trial, deadline: float, workers: int):
        self.trial, self.deadline, self.workers = trial, deadline, workers
        self.start = time.monotonic()
        self.given = dict.fromkeys(REPEATS, 0)

    def next(self) -> tuple[str, int] | None:
        """Return a group and the number of a fold; None if nothing is to be started now."""
        for group, limit in self._wanted():
            if self.given[group] < limit * N_FOLDS:
                self.given[group] += 1
                return group, self.given[group] - 1
        return None

    def _wanted(self):
        """Yield groups with the number of repeats that they should have, first things first."""
        yield CHEAP, 1
        if not self.trial.ready:
            return
        now = time.monotonic()
        if now - self.start < CHEAP_SHARE * (self.deadline - self.start):
            yield CHEAP, REPEATS[CHEAP]
        for group in (NAIVE, SMOTE, GENERATOR):
            if self._worthwhile(group, 1, now):
                yield group, 1
        for group in (NAIVE, SMOTE, GENERATOR):
            done = min(self.trial.folds(name) for name in of_group(group))
            if done >= MIN_FOLDS and self._worthwhile(group, done // N_FOLDS + 1, now):
                yield group, min(done // N_FOLDS + 1, REPEATS[group])
        yield CHEAP, REPEATS[CHEAP]

    def _worthwhile(self, group: str, repeats: int, now: float) -> bool:
        """Return whether so many repeats can change the advice and fit into the time left; note it if they do not fit."""
        n_folds = repeats * N_FOLDS - self.given[group]
        if n_folds <= 0 or not self.trial.can_change(group):
            return False
        seconds = self.trial.expected(group) * -(-n_folds // self.workers)
        if now + seconds > self.deadline and self.given[group] % N_FOLDS == 0:
            self.trial.left_out[group] = f"would take about {duration(seconds)} more"
            return False
        self.trial.left_out.pop(group, None)
        return True


def run(
    trial: Trial, *, deadline: float, workers: int, show: Callable[[Trial, str], None] = lambda trial, group: None
) -> str:
    """Fit until nothing can change the advice, the time is over, or the user presses Ctrl-C; return which it was.

    Parameters
    ----------
    trial : Trial
        Takes in what is measured.
    deadline : float
        When to stop, on the clock of `time.monotonic`; what runs then is ended.
    workers : int
        Worker processes.
    show : callable
        Called after each fold with the trial and the group of the fold.

    Returns
    -------
    {"done", "time", "stopped"}
    """
    schedule = Schedule(trial, deadline, workers)
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(trial.X, trial.y), env=limits)
    running: set[Future] = set()
    try:
        while True:
            if time.monotonic() >= deadline:
                return "time"
            while len(running) < workers and (work := schedule.next()):
                running.add(pool.submit(_fold, *work))
            if not running:
                return "time" if trial.left_out else "done"
            done, running = wait(running, timeout=max(0, deadline - time.monotonic()), return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                trial.add(result)
                show(trial, result.group)
    except KeyboardInterrupt:
        return "stopped"
    finally:
        pool.shutdown(kill_workers=True)


def available_workers() -> int:
    """Return how many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
