"""Tables of results on disk: nothing is lost, whatever cannot be read or written."""

import pandas as pd
import pytest

from upsampling.errors import StoreError
from upsampling.study import ledger, schemas

HEADER = ",".join(schemas.columns("migrations"))
ROW = "names,runs.csv,3,abc,False,2026-01-01"
TABLE = pd.DataFrame([ROW.split(",")], columns=schemas.columns("migrations")).assign(rows=[1 / 3], dirty=[False])


def test_there_may_be_no_file_yet(tmp_path):
    table = ledger.read(tmp_path, "migrations")
    assert table.empty
    assert list(table) == schemas.columns("migrations")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "cannot be read: "),
        (f'{HEADER}\n"{ROW}\n', "cannot be read: "),
        (f"{HEADER}\n{ROW}", "cannot be read: its last row is cut off"),
        (f"{HEADER.replace('rows,', '')}\n", r"lacks the columns \['rows'\]"),
        (
            f"{HEADER}\n{ROW}\n{ROW.replace('3', 'three')}\n",
            "holds 'three' in the column 'rows', expected a number from 0",
        ),
        (f"{HEADER}\n{ROW.replace('3', '-3')}\n", "holds '-3' in the column 'rows', expected a number from 0"),
        (f"{HEADER}\n{ROW.replace('False', 'no')}\n", "holds 'no' in the column 'dirty', expected True or False"),
    ],
    ids=["empty", "quote", "cut off", "column", "text", "range", "flag"],
)
def test_a_damaged_table_is_named_with_the_remedy(tmp_path, content, reason):
    path = tmp_path / "migrations.csv"
    path.write_text(content)
    with pytest.raises(StoreError, match=f"{path} {reason}.*git checkout -- {path}"):
        ledger.read(tmp_path, "migrations")


def test_a_table_is_checked_once_as_long_as_it_stays_the_same(tmp_path, monkeypatch):
    checks, check = [], schemas.check
    monkeypatch.setattr(schemas, "check", lambda *arguments: checks.append(check(*arguments)))
    path = tmp_path / "migrations.csv"
    for rows in (1, 1, 2):
        path.write_text("\n".join([HEADER, *[ROW] * rows, ""]))
        for _ in range(2):
            assert len(ledger.read(tmp_path, "migrations")) == rows
    assert len(checks) == 3


def test_a_change_reads_what_is_there_and_writes_the_whole(tmp_path):
    folder = tmp_path / "deeper"
    for _ in range(2):
        ledger.update(
            folder,
            "migrations",
            lambda: pd.concat([part for part in (ledger.read(folder, "migrations"), TABLE) if not part.empty]),
            digits=3,
        )
    assert (folder / "migrations.csv").read_text() == "\n".join([HEADER, *[ROW.replace("3", "0.333", 1)] * 2, ""])


def test_a_table_that_breaks_its_schema_is_not_written(tmp_path):
    (tmp_path / "migrations.csv").write_text(f"{HEADER}\n{ROW}\n")
    with pytest.raises(StoreError, match=r"holds '-1' in the column 'rows'.*What was there stays"):
        ledger.update(tmp_path, "migrations", lambda: TABLE.assign(rows=-1))
    assert (tmp_path / "migrations.csv").read_text() == f"{HEADER}\n{ROW}\n"


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "migrations.csv"
    path.write_text(f"{HEADER}\n{ROW}\n")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(StoreError, match="No space left on device"):
        ledger.update(tmp_path, "migrations", lambda: TABLE)
    assert path.read_text() == f"{HEADER}\n{ROW}\n"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".lock") == [path.name]
