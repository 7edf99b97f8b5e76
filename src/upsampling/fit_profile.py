"""Where the time of a generator's fit goes."""

import cProfile
import pstats
from collections.abc import Callable

import pandas as pd
from threadpoolctl import threadpool_limits

from upsampling import benchmarks, datasets
from upsampling.protocol import Cell, partition
from upsampling.samplers import fit_generator

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
_EPOCH = ("_tabular/training.py", "_calculate_val_loss")


def measure(dataset: str = "adult", fraction: float = 0.001, fit: Callable = fit_generator) -> pd.DataFrame:
    """Measure where one fit on one thread spends its time; the profiler slows what runs in Python.

    Parameters
    ----------
    dataset, fraction
        The training set; its seed is 0.
    fit : callable
        Fits the generator of a name on rows with a seed.

    Returns
    -------
    DataFrame
        Rows of `benchmarks.csv`: the seconds of each step beside those of the fit, and how often it passed over the rows.
    """
    train = partition(datasets.load(dataset), Cell(dataset, fraction, None, 0, "tabularargn")).train
    profile = cProfile.Profile()
    with threadpool_limits(1):
        profile.runcall(fit, "tabularargn", train, 0)
    found = pstats.Stats(profile).stats
    total = sum(own for _, _, own, _, _ in found.values())
    seconds = {step: _of(found, function)[1] for step, function in _STEPS.items()}
    seconds["forward"] -= seconds["dropout"]
    seconds["rest"] = total - sum(seconds.values())
    return benchmarks.stamped(
        [
            ("fit/passes", _of(found, _EPOCH)[0], "", None),
            *((f"fit/{step}", value, "s", total) for step, value in seconds.items()),
        ]
    )


def _of(found: dict, function: tuple[str, str]) -> tuple[int, float]:
    """Return how often a function was called, and the seconds in it and in all that it called."""
    file, name = function
    rows = [row for (path, _, called), row in found.items() if called == name and path.endswith(file)]
    return sum(row[1] for row in rows), sum(row[3] for row in rows)
