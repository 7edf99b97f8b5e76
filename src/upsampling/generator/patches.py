"""All that we use of the engine and its SDK beside their public functions: what an upgrade may break.

The engine has no public setting for how it learns (without waste, and on request with cheaper steps) nor for the order in which it draws.
Here are stand-ins for parts of it, in place while it learns or draws and only then, and what we know of its files. `test_patches` lists every
name.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import torch


def hide_if_broken(name: str) -> None:
    """Mark a module as absent if it is installed and cannot be loaded, so that nobody who asks whether it is there tries to."""
    try:
        import_module(name)
    except ModuleNotFoundError:
        pass
    except (ImportError, OSError, RuntimeError):
        sys.modules[name] = None


# The engine declares both, tabular models need neither, and those that pip finds cannot be loaded beside a CPU build of torch;
# transformers, which the engine imports, would try.
hide_if_broken("torchvision")
hide_if_broken("torchaudio")

from mostlyai import engine  # noqa: E402
from mostlyai.engine import TabularARGN, _common, _training_utils, analysis  # noqa: E402
from mostlyai.engine._encoding_types.tabular import numeric  # noqa: E402
from mostlyai.engine._tabular import encoding, generation, training  # noqa: E402
from mostlyai.engine._tabular.argn import FlatModel  # noqa: E402

__all__ = ["FlatModel", "engine"]

# Names the free memory by which the engine sizes its batches, instead of what happens to be free.
RAM_VARIABLE = "MOSTLY_ENGINE_AVAILABLE_RAM_FOR_HEURISTICS"
# What the engine needs of a trained workspace, and what of it serves further training alone.
STATE = "ModelStore"
FOR_TRAINING = ("optimizer.pt", "lr-scheduler.pt")
# What the engine calls hidden and missing values.
_MARKERS = {"_RARE_", "<<NULL>>"}


def is_trained(workspace: Path) -> bool:
    """Return whether the engine left weights in its workspace: it silently skips training if rows are too few."""
    return (workspace / STATE / "model-data" / "model-weights.pt").is_file()


def drawn_rows(workspace: Path) -> pd.DataFrame:
    """Return the rows that the engine drew."""
    parts = sorted((workspace / "SyntheticData").glob("*.parquet"))
    return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)


def categories(folder: Path) -> dict[str, tuple[set[str], int]]:
    """Return the values of each column of categories that may be drawn, and how many are hidden, as an analysis below `folder` found them."""
    (statistics,) = folder.rglob("tgt-stats/stats.json")
    return {
        name: (column["codes"].keys() - _MARKERS, column["no_of_rare_categories"])
        for name, column in json.loads(statistics.read_text())["columns"].items()
        if "no_of_rare_categories" in column
    }


def trained_model(workspace: Path) -> TabularARGN:
    """Return the engine's own estimator for a trained workspace; it has no public way to open one."""
    model = TabularARGN(workspace_dir=workspace, device="cpu")
    model._fitted = True
    return model


@contextmanager
def local_sdk(folder: Path) -> Iterator:
    """Give a client of the SDK in local mode that keeps its files in `folder`, and end its server, in silence."""
    from mostlyai.sdk import MostlyAI

    client = MostlyAI(local=True, local_dir=str(folder), quiet=True, test_connection=False)
    try:
        yield client
    finally:
        with redirect_stdout(io.StringIO()):
            client.local_server.stop()


class _TrainingRows:
    """Encoded training rows in memory, handed out a batch at a time as the engine's model takes them."""

    def __init__(self, files: list[str]):
        frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
        self.columns = {name: torch.tensor(frame[name].to_numpy(), dtype=torch.int64) for name in frame}
        self.n_rows = len(frame)

    def __len__(self) -> int:
        return self.n_rows

    def __getitems__(self, positions: list[int]) -> dict:
        chosen = torch.tensor(positions)
        return {name: column[chosen].unsqueeze(-1) for name, column in self.columns.items()}


class _Numpy:
    """NumPy, but a number is written out once only."""

    format_float_positional = staticmethod(lru_cache(maxsize=2**17, typed=True)(np.format_float_positional))

    def __getattr__(self, name: str):
        return getattr(np, name)


def _digits(split: Callable, values: pd.Series, max_decimal: int = 18, min_decimal: int = -8) -> pd.DataFrame:
    """Return what the engine's function, `split`, makes of numbers: the digits of each, which it takes from how they are written."""
    missing = values.isna()
    if missing.all():
        return split(values, max_decimal, min_decimal)
    numbers = values.astype("float64").fillna(0).to_numpy()
    if (numbers == numbers.round()).all() and (abs(numbers) < 2**53).all() and max_decimal <= 18:
        whole = abs(numbers).astype("int64")
        powers = range(max_decimal, min_decimal - 1, -1)
        digits = {f"E{power}": whole // 10**power % 10 if power >= 0 else np.zeros_like(whole) for power in powers}
        signs = {"nan": missing.to_numpy().astype("int64"), "neg": (numbers < 0).astype("int64")}
        return pd.DataFrame({**signs, **digits}, index=values.index)
    codes, distinct = values.factorize(use_na_sentinel=False)
    return split(pd.Series(distinct, dtype=values.dtype), max_decimal, min_decimal).take(codes).set_axis(values.index)


def _losses_in_batches(losses: Callable) -> tuple:
    """Return what stands in for the engine's handling of losses: it takes those of a batch together, and not one tensor for each row."""

    class Losses(torch.Tensor):
        """Losses of a batch. Detached, they are a list of one tensor: the engine extends its list by it, and not by one tensor for each row."""

        __torch_function__ = torch._C._disabled_torch_function_impl

        def detach(self):
            return [super().detach()]

    def losses_of_batch(model, data):
        return losses(model, data).as_subclass(Losses)

    @torch.no_grad()
    def mean_of_validation(model, val_dataloader):
        model.eval()
        sample_losses = torch.cat([losses(model, data) for data in val_dataloader])
        model.train()
        return sample_losses.mean().item()

    def mean_of_training(batches, n=None):
        return torch.cat(batches)[-n if n else None :].mean().item() if batches else None

    return (
        (training, "_calculate_sample_losses", losses_of_batch),
        (training, "_calculate_val_loss", mean_of_validation),
        (training, "_calculate_average_trn_loss", mean_of_training),
    )


@contextmanager
def without_waste() -> Iterator[None]:
    """Let the engine analyse, encode and train with less work that changes nothing.

    It trains from memory instead of decoding every batch from a file in Python, keeps the losses of a batch together and not as a tensor for each row,
    looks for lists only in columns of Python objects, takes the digits of whole numbers by arithmetic and writes no other number out twice, and does not
    search all of the process's memory for what can be freed. The trained weights are the same to the last bit (a test compares them).
    """

    def on_device(device, **settings):
        return lambda batch: {name: values.to(device) for name, values in batch.items()}

    def holds_lists(values):
        return values.dtype == object and searched(values)

    searched, split = _common.is_sequential, numeric.split_sub_columns_digit
    with _standing_in(
        (training, "load_dataset", lambda kind, data_files: {"train": _TrainingRows(data_files)}),
        (training, "BatchCollator", on_device),
        *_losses_in_batches(training._calculate_sample_losses),
        (_training_utils, "gc", SimpleNamespace(collect=lambda: None)),
        (numeric, "split_sub_columns_digit", partial(_digits, split)),
        (numeric, "np", _Numpy()),
        (_common, "is_sequential", holds_lists),
        (analysis, "is_sequential", holds_lists),
        (encoding, "is_sequential", holds_lists),
    ):
        yield


class _PackedRows:
    """Encoded rows in memory as one table of codes, a sub-column to a row, in the order of a model."""

    def __init__(self, files: list[str], names: list[str]):
        frame = pd.concat([pd.read_parquet(file, columns=names) for file in files], ignore_index=True)
        self.codes = torch.from_numpy(frame[names].to_numpy(dtype="int64").T.copy())


class _Batches:
    """Batches of packed rows, in a new random order on every pass if asked for."""

    def __init__(self, dataset: _PackedRows, shuffle: bool, batch_size: int, collate_fn: Callable):
        self.codes, self.shuffle, self.batch_size, self.collate = dataset.codes, shuffle, batch_size, collate_fn

    def __iter__(self) -> Iterator:
        n_rows = self.codes.shape[1]
        codes = self.codes[:, torch.randperm(n_rows)] if self.shuffle else self.codes
        return map(self.collate, codes.split(self.batch_size, dim=1))


@contextmanager
def fast_steps() -> Iterator[None]:
    """Let the engine train in steps that cost less: see `fast_model.FastModel`; and with the fused form of AdamW, which computes the same step.

    To be entered within `without_waste`. What is trained has the same law, but is another draw from it.
    """
    from upsampling.generator.fast import FastModel

    models, fused = [], partial(torch.optim.AdamW, fused=True)

    def create(**settings):
        models.append(FastModel(**settings))
        return models[-1]

    with _standing_in(
        (training, "FlatModel", create),
        (
            training,
            "load_dataset",
            lambda kind, data_files: {"train": _PackedRows(data_files, models[-1].tgt_sub_columns)},
        ),
        (training, "DataLoader", _Batches),
        (training, "BatchCollator", lambda device, **settings: lambda codes: codes.to(device)),
        *_losses_in_batches(FastModel.losses),
        (torch.optim, "AdamW", lambda params, **settings: fused([models[-1].packed], **settings)),
    ):
        yield


@contextmanager
def every_pass() -> Iterator[None]:
    """Let the engine train for as many passes as it may and keep the last weights, whatever its validation part says."""

    class EveryCheckpoint(training.TabularModelCheckpoint):
        def save_checkpoint_if_best(self, val_loss, **state):
            self.save_checkpoint(**state)
            return True

    with _standing_in(
        (training, "EarlyStopper", lambda **settings: lambda val_loss: False),
        (training, "TabularModelCheckpoint", EveryCheckpoint),
    ):
        yield


@contextmanager
def drawing_in_order(columns: Sequence[str]) -> Iterator[None]:
    """Let the engine draw the columns in this order, after those that are given.

    By itself it takes the order in which it was told of their types.
    """

    def given_first(column_stats, cardinalities, *, seed_data, **settings):
        wanted = generation.get_argn_column_names(column_stats, [*seed_data, *columns])
        drawn = generation.get_columns_from_cardinalities(cardinalities)
        return [name for name in wanted if name in drawn]

    with _standing_in((generation, "_resolve_gen_column_order", given_first)):
        yield


@contextmanager
def _standing_in(*parts: tuple[ModuleType, str, object]) -> Iterator[None]:
    """Put objects in place of those that modules have under these names, and put these back at the end."""
    earlier = [(module, name, getattr(module, name)) for module, name, _ in parts]
    try:
        for module, name, value in parts:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in earlier:
            setattr(module, name, value)
