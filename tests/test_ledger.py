"""Tables to which commands add rows: nothing is lost, whatever cannot be read or written."""

import pandas as pd
import pytest

from upsampling.errors import StoreError
from upsampling.study import ledger


def test_there_may_be_no_file_yet(tmp_path):
    table = ledger.read(tmp_path / "new.csv", ["cell", "value"])
    assert table.empty
    assert list(table) == ["cell", "value"]


@pytest.mark.parametrize("content", ["", "cell\na\n", 'cell,value\n"a,1\n'], ids=["empty", "column", "quote"])
def test_what_cannot_be_read_is_named_with_the_remedy(tmp_path, content):
    path = tmp_path / "broken.csv"
    path.write_text(content)
    with pytest.raises(StoreError, match=f"{path} cannot be read: .*git checkout -- {path}"):
        ledger.read(path, ["cell", "value"])


def test_a_change_reads_what_is_there_and_writes_the_whole(tmp_path):
    path = tmp_path / "deeper" / "rows.csv"
    row = pd.DataFrame({"cell": ["a"], "value": [1 / 3]})
    for _ in range(2):
        ledger.update(path, lambda: pd.concat([ledger.read(path, list(row)), row]), digits=3)
    assert path.read_text() == "cell,value\na,0.333\na,0.333\n"


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    path.write_text("cell,value\na,1\n")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(StoreError, match="No space left on device"):
        ledger.update(path, lambda: pd.DataFrame({"cell": ["b"], "value": [2]}))
    assert path.read_text() == "cell,value\na,1\n"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".lock") == ["rows.csv"]
