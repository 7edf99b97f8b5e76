"""What a fit of the generator costs: in the engine's own steps, in packed ones, through its SDK, and what its products alone would take."""

import io
import time
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tools.bench.record import Row, stamped
from upsampling.generator import TabularARGN
from upsampling.study import datasets
from upsampling.study.experiment import measured
from upsampling.study.generators import generator_seeds
from upsampling.study.protocol import SEEDS, Cell, Rows, partition

TABLES = tuple(SEEDS)
# Passes of a fit in which single passes are clocked, and how often the kinds of steps take turns.
PASSES, TURNS = 3, 7
# Whole fits through the SDK and in packed steps, a seed each.
WHOLE_SEEDS = range(5)
BATCH = 256


def measure(
    names: Sequence[str] = TABLES,
    fraction: float = 0.001,
    generator: Callable[..., TabularARGN] = TabularARGN,
    turns: int = TURNS,
    whole_seeds: Sequence[int] = WHOLE_SEEDS,
) -> pd.DataFrame:
    """Measure fits on one thread, kinds of steps by turns: passes on each data set, and whole fits on the first.

    Parameters
    ----------
    names : sequence of str
        Data sets.
    fraction : float
        Minority share of the training sets; passes are clocked at seed 0.
    generator : callable
        Makes a generator of some settings.
    turns : int
        How often passes are clocked.
    whole_seeds : sequence of int
        Seeds of the whole fits.

    Returns
    -------
    DataFrame
        Rows of `benchmarks.csv`; ratios are medians over the turns or seeds.
    """
    tables = {name: datasets.load(name) for name in names}
    with threadpool_limits(1):
        rows = [row for name in names for row in _passes(name, _train(tables[name], fraction, 0), generator, turns)]
        first, table = next(iter(tables.items()))
        seconds = pd.DataFrame([_whole(_train(table, fraction, seed), seed, generator) for seed in whole_seeds])
    for kind in seconds:
        rows.append((f"fit/{first}/whole, {kind}", seconds[kind].median(), "s", None))
    rows.append((f"fit/{first}/whole, SDK over packed", (seconds["SDK"] / seconds["packed"]).median(), "times", 5.0))
    return stamped(rows)


def _train(table, fraction: float, seed: int) -> Rows:
    return partition(table, Cell(table.name, fraction, None, seed, "tabularargn")).train


def _passes(name: str, train: Rows, generator: Callable[..., TabularARGN], turns: int) -> list[Row]:
    """Return the CPU seconds of a pass and of what a fit does once, in either kind of steps, beside those of the products of a pass."""
    clocked = []
    for turn in range(turns):
        seconds = {}
        for kind, fast in (("engine", False), ("packed", True)):
            seconds[kind, "pass"], seconds[kind, "once"], fitted = clocked_passes(train, fast, generator)
        seconds["products", "pass"] = seconds_of_products(linear_layers(fitted), len(train))
        print(
            f"{name}, turn {turn + 1}: " + ", ".join(f"{' '.join(k)} {v:.2f} s" for k, v in seconds.items()), flush=True
        )
        clocked.append(seconds)
    found = pd.DataFrame(clocked)
    engine, packed, products = (found[kind, "pass"] for kind in ("engine", "packed", "products"))
    return [
        *((f"fit/{name}/{part}, {kind}", values.median(), "s", None) for (kind, part), values in found.items()),
        (f"fit/{name}/engine over packed", (engine / packed).median(), "times", None),
        (f"fit/{name}/packed over products", (packed / products).median(), "times", 3.0),
    ]


def clocked_passes(train: Rows, fast: bool, generator: Callable[..., TabularARGN]) -> tuple[float, float, TabularARGN]:
    """Return the CPU seconds of a pass over the rows, those of all that a fit does once, and the fit."""
    ends = []

    class Clocked(generator):
        def _progress(self, message=None, **counts):
            if message and message.get("val_loss") is not None:
                ends.append(time.process_time())

    with measured() as usage:
        fitted = Clocked(max_epochs=PASSES, fast=fast).fit(train.X, train.y, seed=generator_seeds(0)[0])
    a_pass = (ends[-1] - ends[0]) / (len(ends) - 1)
    return a_pass, usage.cpu_seconds - len(ends) * a_pass, fitted


def linear_layers(fitted: TabularARGN) -> list[tuple[int, int]]:
    """Return how many outputs and inputs each layer has that multiplies."""
    import torch

    with zipfile.ZipFile(io.BytesIO(fitted.state_)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("model-weights.pt")]
        weights = torch.load(io.BytesIO(archive.read(name)), weights_only=True)
    return [tuple(values.shape) for name, values in weights.items() if values.ndim == 2 and "embedders" not in name]


def seconds_of_products(layers: Sequence[tuple[int, int]], n_rows: int, repeats: int = 200) -> float:
    """Return the seconds of the products of one pass, forward once and backward twice, at the rate at which a core multiplies the largest of the layers.

    Parameters
    ----------
    layers : sequence of (int, int)
        Outputs and inputs of each.
    n_rows : int
        Rows of a pass.
    repeats : int
        Products that are timed.
    """
    import torch

    outputs, inputs = max(layers, key=np.prod)
    weights, batch = torch.randn(inputs, outputs), torch.randn(BATCH, inputs)
    start = time.process_time()
    for _ in range(repeats):
        torch.mm(batch, weights)
    per_multiplication = (time.process_time() - start) / (repeats * BATCH * outputs * inputs)
    return 3 * per_multiplication * n_rows * sum(map(np.prod, layers))


def _whole(train: Rows, seed: int, generator: Callable[..., TabularARGN]) -> dict[str, float]:
    seconds = {}
    for kind, settings in (("SDK", {"backend": "sdk"}), ("packed", {"fast": True})):
        with measured() as usage:
            generator(**settings).fit(train.X, train.y, seed=generator_seeds(seed)[0])
        seconds[kind] = usage.seconds
        print(f"whole fit, seed {seed}, {kind}: {usage.seconds:.1f} s", flush=True)
    return seconds
