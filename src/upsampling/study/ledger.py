"""Small CSV tables beside the results, to which rows are added: audits, benchmarks, errata."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from filelock import FileLock

from upsampling.errors import StoreError
from upsampling.files import replace_file


def read(path: Path, columns: Sequence[str], **options) -> pd.DataFrame:
    """Return the rows of a table; empty with `columns` if there is no file.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        Columns that it must have.
    **options
        For `pandas.read_csv`.

    Raises
    ------
    StoreError
        The file cannot be read, or lacks a column.
    """
    if not path.is_file():
        return pd.DataFrame(columns=list(columns))
    try:
        table = pd.read_csv(path, **options)
        table[list(columns)]
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{path} cannot be read: {error}. Restore it with: git checkout -- {path}") from error
    return table


def update(path: Path, change: Callable[[], pd.DataFrame], *, digits: int = 12) -> Path:
    """Write what `change` makes of a table in place of it, while no other process does; return its path.

    Parameters
    ----------
    path : Path
        The file.
    change : callable
        Reads the table and returns the new one.
    digits : int
        Significant digits of its numbers.

    Raises
    ------
    StoreError
        The file cannot be written; what was there stays as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / ".lock", timeout=120):
            table = change()
            replace_file(path, lambda target: table.to_csv(target, index=False, float_format=f"%.{digits}g"))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error}. What was there stays as it was.") from error
    return path
