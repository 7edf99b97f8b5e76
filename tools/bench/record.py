"""Rows of ``results/benchmarks.csv``: how they are made, and put in place of earlier ones."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from upsampling.book.benchmarks import COLUMNS, load
from upsampling.errors import StatsError, UpsamplingError
from upsampling.study import ledger
from upsampling.study.experiment import code_state, cpu_model

# The parts of a benchmark in the order in which they are measured. A row belongs to the part that its name begins with.
ORDER = ("fit", "grid", "rows", "columns", "book", "site")
# Name, value, unit, and what the value is compared with, if anything.
Row = tuple[str, float, str, float | None]


class BenchError(UpsamplingError):
    """Something cannot be measured."""


def stamped(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows of `benchmarks.csv`: what was measured, and on which machine, by which code and when."""
    table = pd.DataFrame(rows, columns=COLUMNS[:4]).astype({"value": float, "baseline": float})
    return table.assign(
        ratio=table["value"] / table["baseline"],
        cpu_model=cpu_model(),
        cores=os.cpu_count(),
        commit=code_state()["commit"],
        date=datetime.now(UTC).date().isoformat(),
    )[COLUMNS]


def record(measured: pd.DataFrame, part: str, folder: Path) -> Path:
    """Put the rows of one part into `benchmarks.csv` in place of those it had; rows of other parts are kept."""

    def part_of(names: pd.Series) -> pd.Series:
        return names.str.split("/").str[0]

    def replaced() -> pd.DataFrame:
        known = load(folder)
        kept = known[part_of(known["name"]) != part]
        table = measured if kept.empty else pd.concat([kept, measured], ignore_index=True)
        order = part_of(table["name"]).map({name: position for position, name in enumerate(ORDER)})
        return table.iloc[order.argsort(kind="stable")]

    return ledger.update(folder, "benchmarks", replaced, digits=6)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of log cost against log size: 1 for a cost that grows as the size does.

    Raises
    ------
    StatsError
        There are fewer than two sizes, or something is not above zero.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(costs, dtype=float)
    if len(x) != len(y) or len(np.unique(x)) < 2 or not ((x > 0).all() and (y > 0).all()):
        raise StatsError(
            f"an exponent needs two sizes or more with a cost each, all above zero; got {[*x]} and {[*y]}."
        )
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
