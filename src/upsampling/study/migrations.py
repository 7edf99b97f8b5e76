"""Renamings of published rows, each done once and recorded in ``migrations.csv``."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from upsampling.errors import StoreError
from upsampling.files import replace_file
from upsampling.study import ledger
from upsampling.study.arms import RENAMED
from upsampling.study.experiment import code_state

TABLES = ("metrics", "diagnostics", "runs", "audit")
ORDER_OF_DRAWING = "order of drawing"


def rename_arms(folder: Path, names: dict[str, str] = RENAMED, migration: str = ORDER_OF_DRAWING) -> dict[str, int]:
    """Give arms of published rows other names: in the tables, the audits, the scores and the marginals.

    Parameters
    ----------
    folder : Path
        The results folder.
    names : dict of str to str
        New names by old ones.
    migration : str
        What it is called in the record.

    Returns
    -------
    dict of str to int
        Rows renamed, by file.

    Raises
    ------
    StoreError
        It was done before, or local cells wait to be published under names that would change their meaning.
    """
    done = ledger.read(folder, "migrations")
    if migration in set(done["migration"]):
        raise StoreError(
            f"{folder / 'migrations.csv'} says that the migration '{migration}' was done: rows of today keep their names."
        )
    if any((folder / "cells").rglob("*.json")):
        raise StoreError(f"{folder / 'cells'} holds cells that are not published; collect or remove them first.")
    renamed = {}
    for path in (folder / f"{name}.csv" for name in TABLES):
        table = pd.read_csv(path, dtype=str, keep_default_na=False) if path.is_file() else pd.DataFrame(columns=["arm"])
        if table["arm"].isin(names).any():
            renamed[path.name] = int(table["arm"].isin(names).sum())
            table["arm"] = table["arm"].replace(names)
            replace_file(path, lambda target, table=table: table.to_csv(target, index=False))
    for path in sorted(folder.glob("scores/*.parquet")):
        table = pd.read_parquet(path)
        columns = {
            name: "|".join([names.get(name.split("|")[0], name.split("|")[0]), *name.split("|")[1:]]) for name in table
        }
        renamed[f"scores/{path.name}"] = sum(old != new for old, new in columns.items())
        table = table.rename(columns=columns)
        replace_file(path, lambda target, table=table: table.to_parquet(target, index=False, compression="zstd"))
    for path in sorted(folder.glob("marginals/*.parquet")):
        table = pd.read_parquet(path)
        renamed[f"marginals/{path.name}"] = int(table["arm"].isin(names).sum())
        attributes = table.attrs
        table = table.assign(arm=table["arm"].replace(names))
        table.attrs = attributes
        replace_file(path, lambda target, table=table: table.to_parquet(target, index=False, compression="zstd"))
    state = code_state()
    rows = [
        {"migration": migration, "file": name, "rows": int(count), "commit": state["commit"], "dirty": state["dirty"]}
        | {"migrated_at": datetime.now(UTC).isoformat(timespec="seconds")}
        for name, count in renamed.items()
    ]
    ledger.update(folder, "migrations", lambda: pd.concat([done, pd.DataFrame(rows)], ignore_index=True))
    return renamed
