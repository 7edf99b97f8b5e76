"""Corrections of published numbers: the list."""

import pandas as pd

from upsampling import paths
from upsampling.study import ledger

KINDS = {
    "correction": "corrections",
    "renaming": "renamings",
    "verdict": "moved verdicts",
    "withdrawal": "withdrawals",
    "open": "open cases",
}


def load() -> pd.DataFrame:
    """Return the rows of `errata.csv` in the results folder, as texts; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read or is not what its schema says.
    """
    return ledger.read(paths.results(), "errata")


def summary(listed: pd.DataFrame) -> str:
    """Return how many rows of each kind there are, in words."""
    counts = listed["kind"].value_counts()
    parts = [
        f"{counts[kind]} {many if counts[kind] > 1 else many[:-1]}" if kind in counts else f"no {many}"
        for kind, many in KINDS.items()
    ]
    return (
        f"So far there are {', '.join(parts)}. An open case is a number known to be wrong and not yet computed again."
    )
