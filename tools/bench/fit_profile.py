"""Where the time of a generator's fit goes, and what the preset ``fast`` saves of it."""

import cProfile
import pstats
from collections.abc import Callable, Sequence

import pandas as pd
from threadpoolctl import threadpool_limits

from tools.bench.record import BenchError, Row, stamped
from upsampling.generator import TabularARGN
from upsampling.study import datasets
from upsampling.study.experiment import Usage, measured
from upsampling.study.generators import generator_seeds
from upsampling.study.protocol import SEEDS, Cell, Rows, partition

TABLES = tuple(SEEDS)
# Fits whose passes are counted out, so that chance does not decide how many there are; by turns, as often as this.
PASSES, ROUNDS = 6, 2
# Passes that do not count when passes alone are compared: what a fit does but once lies in them.
FIRST_PASSES = 2
# The function whose time is that of a step, with all that it calls: end of the file's name, and name.
_STEPS = {
    "analysis": ("mostlyai/engine/analysis.py", "analyze"),
    "encoding": ("mostlyai/engine/encoding.py", "encode"),
    "batches": ("torch/utils/data/dataloader.py", "__next__"),
    "forward": ("_tabular/training.py", "_calculate_sample_losses"),
    "dropout": ("nn/modules/dropout.py", "forward"),
    "backward": ("torch/_tensor.py", "backward"),
    "optimizer": ("torch/optim/adam.py", "step"),
    "checkpoints": ("mostlyai/engine/_training_utils.py", "save_checkpoint_if_best"),
    "memory": ("~", "<built-in method gc.collect>"),
}
_EPOCH = ("generator/patches.py", "mean_of_validation")


def measure(
    names: Sequence[str] = TABLES,
    fraction: float = 0.001,
    generator: Callable[..., TabularARGN] = TabularARGN,
) -> pd.DataFrame:
    """Measure fits on one thread: see `steps`, on the first data set, and `preset`, on each.

    Parameters
    ----------
    names : sequence of str
        Data sets.
    fraction : float
        Minority share of the training sets; their seed is 0.
    generator : callable
        Makes a generator of some settings.

    Returns
    -------
    DataFrame
        Rows of `benchmarks.csv`.
    """
    sets = {name: partition(datasets.load(name), Cell(name, fraction, None, 0, "tabularargn")).train for name in names}
    first, *_ = sets.values()
    with threadpool_limits(1):
        # the profiled fit comes first, for it loads what the timed ones would pay for
        rows = steps(first, generator)
        rows += [row for name, train in sets.items() for row in preset(name, train, generator)]
        return stamped(rows)


def steps(train: Rows, generator: Callable[..., TabularARGN]) -> list[Row]:
    """Return the seconds of each step of one fit beside those of the fit, and how often it passed over the rows.

    The profiler slows what runs in Python.

    Raises
    ------
    BenchError
        A step was never seen, so the engine calls it otherwise now.
    """
    profile = cProfile.Profile()
    profile.runcall(_fit, train, generator)
    found = pstats.Stats(profile).stats
    unseen = [step for step, function in _STEPS.items() if not _of(found, function)[0]]
    if unseen:
        raise BenchError(f"no call of {', '.join(unseen)} was seen in a fit: name their functions anew in {__name__}.")
    total = sum(own for _, _, own, _, _ in found.values())
    seconds = {step: _of(found, function)[1] for step, function in _STEPS.items()}
    seconds["forward"] -= seconds["dropout"]
    seconds["rest"] = total - sum(seconds.values())
    return [
        ("fit/passes", _of(found, _EPOCH)[0], "", None),
        *((f"fit/{step}", value, "s", total) for step, value in seconds.items()),
    ]


def preset(name: str, train: Rows, generator: Callable[..., TabularARGN]) -> list[Row]:
    """Return mean CPU seconds with the generator's defaults, and with the preset ``fast`` beside them.

    Once those of a fit of `PASSES` passes, and once those of all but the first `FIRST_PASSES` of them, which is training alone.
    """
    whole, further = (dict.fromkeys((False, True), 0.0) for _ in range(2))
    for _ in range(ROUNDS):
        for fast in whole:
            few, many = (_usage(train, generator, max_epochs=n, fast=fast) for n in (FIRST_PASSES, PASSES))
            whole[fast] += many.cpu_seconds / ROUNDS
            further[fast] += (many.cpu_seconds - few.cpu_seconds) / ROUNDS
    return [
        row
        for part, seconds in (("whole", whole), ("training", further))
        for row in (
            (f"fit/preset/{name}/{part}", seconds[False], "s", None),
            (f"fit/preset/{name}/{part}, fast", seconds[True], "s", seconds[False]),
        )
    ]


def _usage(train: Rows, generator: Callable[..., TabularARGN], **settings) -> Usage:
    with measured() as usage:
        _fit(train, generator, **settings)
    said = ", ".join(f"{name}={value}" for name, value in settings.items())
    print(f"fit of {len(train)} rows with {said}: {usage.cpu_seconds:.1f} CPU s", flush=True)
    return usage


def _fit(train: Rows, generator: Callable[..., TabularARGN], **settings) -> None:
    generator(**settings).fit(train.X, train.y, seed=generator_seeds(0)[0])


def _of(found: dict, function: tuple[str, str]) -> tuple[int, float]:
    """Return how often a function was called, and the seconds in it and in all that it called."""
    file, name = function
    rows = [row for (path, _, called), row in found.items() if called == name and path.endswith(file)]
    return sum(row[1] for row in rows), sum(row[3] for row in rows)
