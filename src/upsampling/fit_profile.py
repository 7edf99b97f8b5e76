"""Where the time of a generator's fit goes, and what the preset ``fast`` and a compiled model save of it."""

import cProfile
import os
import pstats
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryDirectory

import pandas as pd
from threadpoolctl import threadpool_limits

from upsampling import benchmarks, datasets
from upsampling.errors import BenchError
from upsampling.experiment import Usage, measured
from upsampling.protocol import Cell, Rows, partition
from upsampling.samplers import TabularARGN
from upsampling.samplers.generators import generator_seeds

TABLES = ("adult", "credit_card", "insurance")
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
_EPOCH = ("samplers/engine_training.py", "mean_of_validation")


def measure(
    names: Sequence[str] = TABLES,
    fraction: float = 0.001,
    generator: Callable[..., TabularARGN] = TabularARGN,
) -> pd.DataFrame:
    """Measure fits on one thread: see `steps` and `compiling`, on the first data set, and `preset`, on each.

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
        return benchmarks.stamped(rows + compiling(first, generator))


def steps(train: Rows, generator: Callable[..., TabularARGN]) -> list[benchmarks.Row]:
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


def preset(name: str, train: Rows, generator: Callable[..., TabularARGN]) -> list[benchmarks.Row]:
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
            (f"{benchmarks.FIT_PRESET}{name}/{part}", seconds[False], "s", None),
            (f"{benchmarks.FIT_PRESET}{name}/{part}, fast", seconds[True], "s", seconds[False]),
        )
    ]


def compiling(train: Rows, generator: Callable[..., TabularARGN]) -> list[benchmarks.Row]:
    """Return the mean CPU seconds of passes over the rows, the same with a compiled model, and the seconds on the clock that compiling adds.

    The preset ``fast`` is no part of it. Nothing where there is no compiler of C++, which torch needs.
    """
    compiler = os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")
    if not shutil.which(compiler):
        print(f"compiling: left out, for there is no {compiler}", flush=True)
        return []
    seconds = dict.fromkeys((False, True), 0.0)
    with TemporaryDirectory() as kept:
        plain = _usage(train, generator, max_epochs=FIRST_PASSES)
        with _compiled_model(kept):
            anew = _usage(train, generator, max_epochs=FIRST_PASSES)
        for _ in range(ROUNDS):
            for compiled in seconds:
                with _compiled_model(kept) if compiled else nullcontext():
                    few, many = (_usage(train, generator, max_epochs=n) for n in (FIRST_PASSES, PASSES))
                seconds[compiled] += (many.cpu_seconds - few.cpu_seconds) / ROUNDS
    return [
        (benchmarks.FIT_PLAIN, seconds[False], "s", None),
        (benchmarks.FIT_COMPILED, seconds[True], "s", seconds[False]),
        (benchmarks.FIT_COMPILING, anew.seconds - plain.seconds, "s", None),
    ]


@contextmanager
def _compiled_model(kept: str) -> Iterator[None]:
    """Let torch compile the engine's model, and keep what it compiles in a folder."""
    import torch
    from mostlyai.engine._tabular import training

    def make_model(**settings):
        model = make(**settings)
        model.compile()
        return model

    make, variable = training.FlatModel, "TORCHINDUCTOR_CACHE_DIR"
    earlier = os.environ.get(variable)
    torch.compiler.reset()
    training.FlatModel, os.environ[variable] = make_model, kept
    try:
        yield
    finally:
        training.FlatModel = make
        del os.environ[variable]
        if earlier is not None:
            os.environ[variable] = earlier


def _usage(train: Rows, generator: Callable[..., TabularARGN], **settings) -> Usage:
    with measured() as usage:
        _fit(train, generator, **settings)
    return usage


def _fit(train: Rows, generator: Callable[..., TabularARGN], **settings) -> None:
    generator(**settings).fit(train.X, train.y, seed=generator_seeds(0)[0])


def _of(found: dict, function: tuple[str, str]) -> tuple[int, float]:
    """Return how often a function was called, and the seconds in it and in all that it called."""
    file, name = function
    rows = [row for (path, _, called), row in found.items() if called == name and path.endswith(file)]
    return sum(row[1] for row in rows), sum(row[3] for row in rows)
