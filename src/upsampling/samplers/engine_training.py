"""How the engine trains: from memory, and on request with cheaper random draws.

The engine offers no public setting for either, so these stand in for parts of it while it trains, and only then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
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


@contextmanager
def rows_in_memory() -> Iterator[None]:
    """Let the engine train from memory instead of decoding every batch from a file in Python.

    Batches, and so the trained weights, are the same to the last bit (a test compares them); training takes about a
    quarter less time. The engine offers no public setting for it.
    """
    from mostlyai.engine._tabular import training

    load, collate = training.load_dataset, training.BatchCollator
    training.load_dataset = lambda kind, data_files: {"train": _TrainingRows(data_files)}
    training.BatchCollator = lambda **settings: lambda batch: batch
    try:
        yield
    finally:
        training.load_dataset, training.BatchCollator = load, collate


@contextmanager
def fast_draws() -> Iterator[None]:
    """Let the engine train with dropout masks from a faster source of random bits, and with the fused form of AdamW.

    The masks follow the same law as torch's own, and the fused form computes the same step; so what is trained has the same law, but is
    another draw from it. Dropout whose rate is no multiple of 1/256 stays torch's.
    """
    import torch
    from mostlyai.engine._tabular import training

    class Dropout(torch.nn.Module):
        def __init__(self, rate: float, random: np.random.Generator):
            super().__init__()
            self.rate, self.random = rate, random

        def forward(self, x):
            if not self.training:
                return x
            drawn = np.frombuffer(self.random.bytes(x.numel()), dtype=np.uint8)
            kept = torch.from_numpy(drawn >= 256 * self.rate).view(x.shape).to(x.device)
            return x * kept / (1 - self.rate)

    def make_model(**settings):
        model = make(**settings)
        random = np.random.Generator(np.random.SFC64(int(torch.randint(2**31 - 1, ()))))
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, torch.nn.Dropout) and (256 * child.p).is_integer():
                    setattr(parent, name, Dropout(child.p, random))
        return model

    make, adamw = training.FlatModel, torch.optim.AdamW
    training.FlatModel, torch.optim.AdamW = make_model, partial(adamw, fused=True)
    try:
        yield
    finally:
        training.FlatModel, torch.optim.AdamW = make, adamw
