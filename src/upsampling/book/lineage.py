"""From a page to its cells: which cells stand behind published numbers, and how to compute them again."""

import re
import subprocess
from collections.abc import Iterable
from functools import cache

import pandas as pd

from upsampling import paths
from upsampling.errors import StoreError
from upsampling.study import datasets
from upsampling.study.audit import IDENTITY, cost
from upsampling.words import duration

_PUBLIC = re.compile(r"(https://|git@|ssh://git@)(?P<host>github\.com|gitlab\.com)[:/](?P<project>[\w./-]+/[\w.-]+)")
# Cores that a time is given for.
CORES = 2


def source_runs(data: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `runs.csv` of the cells that published numbers stand on.

    Parameters
    ----------
    data : DataFrame
        The numbers. Each row names its cells: one value in `dataset`, `size`, `seed` and `arm`, or several, with spaces
        between, in `datasets`, `sizes`, `seeds` and `arms`; then it stands on all combinations that exist. An empty text
        says that there is no cell yet.
    runs : DataFrame
        Rows of `runs.csv`.

    Raises
    ------
    StoreError
        The numbers do not name their cells, or a row names some that do not exist.
    """
    columns = [f"{name}s" if f"{name}s" in data else name for name in IDENTITY]
    lacking = [name for name in columns if name not in data]
    if lacking:
        raise StoreError(f"published numbers must name their cells, but the columns {lacking} are missing.")
    rows = data[columns].drop_duplicates().set_axis(IDENTITY, axis=1)
    nameless = rows.isna().any()
    if nameless.any():
        raise StoreError(f"published numbers must name their cells, but some rows have no {nameless.idxmax()}.")
    named = rows.astype(str).reset_index(drop=True)
    for name in IDENTITY:
        named = named.assign(**{name: named[name].str.split()}).explode(name).dropna()
    known = pd.MultiIndex.from_frame(runs[IDENTITY].astype(str))
    wanted = pd.MultiIndex.from_frame(named)
    selected = runs[known.isin(wanted)]
    for table in (runs, selected):
        for name in IDENTITY:
            lost = set(named[name]) - set(table[name].astype(str))
            if lost:
                raise StoreError(
                    f"published numbers name cells with the {name} {min(lost)}, which runs.csv does not have."
                )
    exist = pd.Series(wanted.isin(known), index=named.index).groupby(level=0).any()
    if not exist.all():
        first = "/".join(rows.iloc[exist.idxmin()].astype(str))
        raise StoreError(f"published numbers name the cells {first}, none of which runs.csv has.")
    return selected


def commands(cells: pd.DataFrame, runs: pd.DataFrame) -> list[str]:
    """Return the commands that compute some cells again: one per data set, without options that would not choose.

    Parameters
    ----------
    cells, runs : DataFrame
        Rows of `runs.csv`: the cells, and all there are.
    """
    lines = []
    for dataset, part in cells.groupby("dataset", sort=False):
        stored = runs[runs["dataset"] == dataset]
        options = [f"--dataset {dataset}"]
        if set(part["size"]) != set(stored["size"]):
            options += [f"--size {size}" for size in _unique(part["size"])]
        for name in ("seed", "arm"):
            if set(part[name]) != set(stored[name]):
                options += [f"--{name} {value}" for value in _unique(part[name])]
        lines.append(" ".join(["upsampling audit", *options]))
    return lines


def describe(cells: pd.DataFrame, runs: pd.DataFrame) -> dict:
    """Return what a reader needs to compute some cells again, as plain lists and texts.

    Parameters
    ----------
    cells, runs : DataFrame
        Rows of `runs.csv`: the cells, and all there are.

    Returns
    -------
    dict
        Keys `commands`, `cells` (identities), `parameters`, `commits` (with a mark for a dirty one), `data`, `versions`,
        `machines` and `time`.
    """
    packages = " ".join(_unique(cells["versions"])).split()
    machine = cells["cpu_model"] + ", " + cells["cores"].astype(str) + " cores, " + cells["platform"]
    sizes = _unique(cells["size"])
    return {
        "commands": commands(cells, runs),
        "cells": cells[IDENTITY].to_numpy().tolist(),
        "parameters": f"sizes {', '.join(sizes)}; seeds {', '.join(map(str, sorted(set(cells['seed']))))}; "
        f"arms {', '.join(_unique(cells['arm']))}",
        "commits": [
            {"commit": commit, "dirty": bool(dirty), "cells": len(part)}
            for (commit, dirty), part in cells.groupby(["commit", "dirty"], sort=False)
        ],
        "data": [f"{name} sha256 {sha[:16]}" for name, sha in cells.groupby("dataset")["data_sha256"].first().items()],
        "versions": [*_unique(packages), *(f"Python=={python}" for python in _unique(cells["python"]))],
        "machines": _unique(machine + ", one thread per cell"),
        "time": duration(cost(cells, CORES)),
    }


def network(names: Iterable[str]) -> str:
    """Return whether the data sets need the network."""
    needed = [name for name in names if not datasets.get(name).package]
    return f"once, for {', '.join(needed)}" if needed else "no"


def _unique(values: Iterable) -> list:
    return list(dict.fromkeys(values))


@cache
def repository() -> str:
    """Return the address of the repository that this one was cloned from; empty if that is not on GitHub or GitLab, where all can read it."""
    asked = ["git", "-C", str(paths.ROOT), "remote", "get-url", "origin"]
    try:
        address = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    public = _PUBLIC.fullmatch(address.removesuffix("/").removesuffix(".git"))
    return f"https://{public['host']}/{public['project']}" if public else ""
