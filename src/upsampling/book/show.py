"""Tables as they are shown, from a list of columns; and how often one side is better."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from upsampling import words
from upsampling.study import classifiers, datasets
from upsampling.study.arms import title

# Columns that are written alike everywhere: heading, and what writes a value.
KNOWN: dict[str, tuple[str, Callable]] = {
    "dataset": ("Table", lambda name: datasets.get(name).title),
    "minority_fraction": ("Minority", words.percent),
    "n_minority": ("Positives", "{:,}".format),
    "arm": ("Method", title),
    "other": ("Than", title),
    "classifier": ("Classifier", lambda name: classifiers.TITLES.get(name, name)),
    "n_seeds": ("n", str),
}


def show(table: pd.DataFrame, *columns: str | tuple) -> pd.DataFrame:
    """Return a table as it is shown.

    Parameters
    ----------
    table : DataFrame
        The numbers.
    *columns : str or tuple
        A column of `KNOWN` by its name; or a heading, a function that writes one cell, and the columns whose values it takes:
        ``("Gain (points)", words.points, "mean", "low", "high")``. Where the first of the values is missing, a dash is shown.
    """
    shown = {}
    for column in columns:
        heading, write, *names = (*KNOWN[column], column) if isinstance(column, str) else column
        values = table[names].itertuples(index=False, name=None)
        shown[heading] = ["-" if pd.isna(row[0]) else write(*row) for row in values]
    return pd.DataFrame(shown)


class Sides(NamedTuple):
    """How many comparisons come out better, worse, or with no clear difference; those without an interval do not count."""

    better: int
    worse: int
    unclear: int

    @property
    def n(self) -> int:
        """All that have an interval."""
        return sum(self)

    def __str__(self) -> str:
        return f"better in {self.better} of {self.n}, worse in {self.worse}, no clear difference in {self.unclear}"


def sides(table: pd.DataFrame) -> Sides:
    """Count contrasts by the side of zero that their interval lies on.

    Parameters
    ----------
    table : DataFrame
        What `contrasts` returns.
    """
    judged = table.dropna(subset="low")
    better, worse = int((judged["low"] > 0).sum()), int((judged["high"] < 0).sum())
    return Sides(better, worse, len(judged) - better - worse)
