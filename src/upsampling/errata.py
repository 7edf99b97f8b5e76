"""Corrections of published numbers: the list, and what the history of the published tables shows."""

from fnmatch import fnmatchcase

import pandas as pd

from upsampling import ledger, paths
from upsampling.audit import EXACT, NUMBER, named, paths_of
from upsampling.errors import StoreError

COLUMNS = ["date", "commit", "kind", "cells", "number", "before", "after", "reason"]
KINDS = {"correction": "corrections", "withdrawal": "withdrawals", "open": "open cases"}


def load() -> pd.DataFrame:
    """Return the rows of `errata.csv` in the results folder, as texts; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read, lacks a column, or has a row of an unknown kind.
    """
    path = paths.results() / "errata.csv"
    table = ledger.read(path, COLUMNS, dtype="str", keep_default_na=False)
    unknown = set(table["kind"]) - set(KINDS)
    if unknown:
        raise StoreError(f"{path}: unknown kind '{min(unknown)}', expected {' or '.join(KINDS)}.")
    return table


def summary(listed: pd.DataFrame) -> str:
    """Return how many rows of each kind there are, in words."""
    counts = listed["kind"].value_counts()
    said = [
        f"{counts[kind]} {many if counts[kind] > 1 else many[:-1]}" if kind in counts else f"no {many}"
        for kind, many in KINDS.items()
    ]
    return f"So far there are {', '.join(said)}. An open case is a number known to be wrong and not yet computed again."


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers that changed or went from one version of the published tables to the next.

    Parameters
    ----------
    before, after : DataFrame
        Numbers as `audit.numbers` returns them.

    Returns
    -------
    DataFrame
        The number's columns, `before`, `after` and `kind`.
    """
    table = before.merge(after, on=NUMBER, how="left", suffixes=("_before", "_after"), indicator="found")
    table = table.rename(columns={"value_before": "before", "value_after": "after"})
    gone = table["found"] == "left_only"
    same = (table["before"] - table["after"]).abs() <= EXACT * table["before"].abs().clip(lower=1.0)
    same |= table["before"].isna() & table["after"].isna()
    table["kind"] = gone.map({True: "withdrawal", False: "correction"})
    return table[gone | ~same].drop(columns="found").reset_index(drop=True)


def unlisted(changed: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return the changes that no row of the list covers.

    Parameters
    ----------
    changed : DataFrame
        What `changes` returns.
    listed : DataFrame
        Rows of `errata.csv`. A row covers changes of its kind if one of the patterns in `cells`, separated by spaces, fits the
        cell's path, and the pattern in `number` fits table, classifier or feature, and measure.
    """
    rows = list(listed[["kind", "cells", "number"]].itertuples(index=False))

    def covered(kind: str, path: str, number: str) -> bool:
        return any(
            row.kind == kind
            and fnmatchcase(number, row.number)
            and any(fnmatchcase(path, p) for p in row.cells.split())
            for row in rows
        )

    found = zip(changed["kind"], paths_of(changed), named(changed), strict=True)
    return changed[[not covered(*change) for change in found]]
