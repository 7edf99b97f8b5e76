"""How the engine learns: without waste, and on request with cheaper steps; and in which order it draws.

The engine offers no public setting for any of them, so these stand in for parts of it while it learns or draws, and only then.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import ModuleType

import pandas as pd


class _TrainingRows:
    """Encoded training rows in memory, handed out a batch at a time as the engine's model takes them."""

    def __init__(self, files: list[str]):
        import torch

        frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
        self.columns = {name: torch.tensor(frame[name].to_numpy(), dtype=torch.int64) for name in frame}
        self.n_rows = len(frame)

    def __len__(self) -> int:
        return self.n_rows

    def __getitems__(self, positions: list[int]) -> dict:
        import torch

        chosen = torch.tensor(positions)
        return {name: column[chosen].unsqueeze(-1) for name, column in self.columns.items()}


def _losses_in_batches(training: ModuleType, losses: Callable) -> tuple:
    """Return what stands in for the engine's handling of losses: it takes those of a batch together, and not one tensor for each row."""
    import torch

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
        found = torch.cat([losses(model, data) for data in val_dataloader])
        model.train()
        return found.mean().item()

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
    and looks for lists only in columns of Python objects. The trained weights are the same to the last bit (a test compares them).
    """
    from mostlyai.engine import _common, analysis
    from mostlyai.engine._tabular import encoding, training

    def on_device(device, **settings):
        return lambda batch: {name: values.to(device) for name, values in batch.items()}

    def holds_lists(values):
        return values.dtype == object and searched(values)

    searched = _common.is_sequential
    with _standing_in(
        (training, "load_dataset", lambda kind, data_files: {"train": _TrainingRows(data_files)}),
        (training, "BatchCollator", on_device),
        *_losses_in_batches(training, training._calculate_sample_losses),
        *((module, "is_sequential", holds_lists) for module in (_common, analysis, encoding)),
    ):
        yield


class _PackedRows:
    """Encoded rows in memory as one table of codes, a sub-column to a row, in the order of a model."""

    def __init__(self, files: list[str], names: list[str]):
        import torch

        frame = pd.concat([pd.read_parquet(file, columns=names) for file in files], ignore_index=True)
        self.codes = torch.from_numpy(frame[names].to_numpy(dtype="int64").T.copy())


class _Batches:
    """Batches of packed rows, in a new random order on every pass if asked for."""

    def __init__(self, dataset: _PackedRows, shuffle: bool, batch_size: int, collate_fn: Callable):
        self.codes, self.shuffle, self.batch_size, self.collate = dataset.codes, shuffle, batch_size, collate_fn

    def __iter__(self) -> Iterator:
        import torch

        n_rows = self.codes.shape[1]
        codes = self.codes[:, torch.randperm(n_rows)] if self.shuffle else self.codes
        return map(self.collate, codes.split(self.batch_size, dim=1))


@contextmanager
def fast_steps() -> Iterator[None]:
    """Let the engine train in steps that cost less: see `fast_model.FastModel`; and with the fused form of AdamW, which computes the same step.

    To be entered within `without_waste`. What is trained has the same law, but is another draw from it.
    """
    import torch
    from mostlyai.engine._tabular import training

    from upsampling.samplers.fast_model import FastModel

    models, fused = [], partial(torch.optim.AdamW, fused=True)

    def create(**settings):
        models.append(FastModel(**settings))
        return models[-1]

    with _standing_in(
        (training, "FlatModel", create),
        (training, "load_dataset", lambda kind, data_files: {"train": _PackedRows(data_files, models[-1].tgt_sub_columns)}),
        (training, "DataLoader", _Batches),
        (training, "BatchCollator", lambda device, **settings: lambda codes: codes.to(device)),
        *_losses_in_batches(training, FastModel.losses),
        (torch.optim, "AdamW", lambda params, **settings: fused([models[-1].packed], **settings)),
    ):
        yield


@contextmanager
def drawing_in_order(columns: Sequence[str]) -> Iterator[None]:
    """Let the engine draw the columns in this order, after those that are given.

    By itself it takes the order in which it was told of their types.
    """
    from mostlyai.engine._tabular import generation

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
