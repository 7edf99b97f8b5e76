"""The tables of a results folder on disk: read and written whole, and checked against their schemas both times."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from filelock import FileLock

from upsampling.errors import StoreError
from upsampling.files import replace_file
from upsampling.study import schemas

# Files that were checked, as they were then: path, time of change, size.
_CHECKED: set[tuple[Path, int, int]] = set()


def read(folder: Path, name: str) -> pd.DataFrame:
    """Return the rows of a table of a results folder; empty with its columns if there is no file.

    Parameters
    ----------
    folder : Path
        The results folder.
    name : str
        A key of `schemas.SCHEMAS`.

    Raises
    ------
    StoreError
        The file cannot be read, was cut off, or is not what its schema says.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        return pd.DataFrame(columns=schemas.columns(name))
    remedy, texts = f"Restore it with: git checkout -- {path}", schemas.texts(name)
    try:
        numbers = pd.read_csv(path, nrows=0).columns.difference(texts)
        table = pd.read_csv(
            path, dtype=dict.fromkeys(texts, "str"), keep_default_na=False, na_values=dict.fromkeys(numbers, "")
        )
        if not path.read_bytes().endswith(b"\n"):
            raise ValueError("its last row is cut off")
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}. {remedy}") from error
    version = (path, path.stat().st_mtime_ns, path.stat().st_size)
    if version not in _CHECKED:
        schemas.check(table, name, path, remedy)
        _CHECKED.add(version)
    return table


def update(folder: Path, name: str, change: Callable[[], pd.DataFrame], *, digits: int = 12) -> Path:
    """Write what `change` makes of a table in place of it, while no other process does; return its path.

    Parameters
    ----------
    folder : Path
        The results folder.
    name : str
        A key of `schemas.SCHEMAS`.
    change : callable
        Reads the table and returns the new one.
    digits : int
        Significant digits of its numbers.

    Raises
    ------
    StoreError
        The new table is not what its schema says, or the file cannot be written; what was there stays as it was.
    """
    path = folder / f"{name}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=120):
            table = change()
            schemas.check(table, name, path, "What was there stays as it was.")
            replace_file(path, lambda target: table.to_csv(target, index=False, float_format=f"%.{digits}g"))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error}. What was there stays as it was.") from error
    return path
