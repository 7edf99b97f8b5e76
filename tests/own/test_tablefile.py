"""A file is a table, or the message says what it is instead and how to mend it."""

import bz2
import gzip
import io
import json
import lzma

import numpy as np
import pandas as pd
import pytest

from upsampling.errors import DataError
from upsampling.own import tablefile
from upsampling.own.tablefile import read_file

TABLE = "age,job,churn\n30,clerk,yes\n41,cook,no\n"


def file(tmp_path, content, name="my.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t"),
        TABLE.replace(",", "|"),
        "\ufeff" + TABLE,
        TABLE.replace("\n", "\r\n"),
        "\n" + TABLE,
        TABLE.removesuffix("\n"),
        gzip.compress(TABLE.encode()),
        TABLE.replace("clerk", '"clerk"'),
        TABLE.replace("\n", "\r"),
    ],
    ids=[
        "commas",
        "semicolons",
        "tabs",
        "bars",
        "mark",
        "windows",
        "blank line",
        "no newline",
        "gzip",
        "quotes",
        "mac",
    ],
)
def test_every_kind_of_csv_is_read_alike(tmp_path, content):
    found = read_file(file(tmp_path, content))
    assert found.frame.columns.tolist() == ["age", "job", "churn"]
    assert found.frame.to_numpy().tolist() == [["30", "clerk", "yes"], ["41", "cook", "no"]]
    assert found.notes == ()


def test_quoted_fields_hold_separators_newlines_and_quotes(tmp_path):
    frame = read_file(file(tmp_path, 'a,b\n"1,5","x\ny"\n2,"say ""hi"""\n')).frame
    assert frame.to_numpy().tolist() == [["1,5", "x\ny"], ["2", 'say "hi"']]


def test_parquet_is_read_as_the_texts_that_a_csv_would_have(tmp_path):
    whole = pd.DataFrame(
        {
            "n": [1.0, np.nan],
            "x": [1.5, 2.0],
            "since": pd.date_range("2020-01-01", periods=2),
            "kind": pd.Categorical(["a", None]),
            "paid": [True, False],
        },
        index=[5, 6],
    )
    whole.to_parquet(tmp_path / "my.parquet")
    found = read_file(tmp_path / "my.parquet")
    assert found.separator is None
    assert found.frame.fillna("").to_numpy().tolist() == [
        ["1", "1.5", "2020-01-01 00:00:00", "a", "True"],
        ["", "2.0", "2020-01-02 00:00:00", "", "False"],
    ]


def test_a_column_without_a_name_is_left_out_and_said(tmp_path):
    found = read_file(file(tmp_path, ",a, \n0,x,1\n1,y,2\n"))
    assert found.frame.columns.tolist() == ["a"]
    assert list(found.notes) == [f"column {n} has no name and is left out; give it a name to use it" for n in (1, 3)]


def test_a_column_without_a_name_in_parquet_is_left_out_and_said(tmp_path):
    pd.DataFrame({"a": [1, 2], " ": [3, 4]}).to_parquet(tmp_path / "my.parquet")
    found = read_file(tmp_path / "my.parquet")
    assert found.frame.columns.tolist() == ["a"]
    assert found.notes == ("column 2 has no name and is left out; give it a name to use it",)


@pytest.mark.parametrize(
    "name", ["<script>x</script>", "[x](javascript:x)", "{{ 7 * 7 }}", "{% raw %}", "[0]", "<age>"]
)
def test_a_first_name_that_looks_like_markup_is_a_name(tmp_path, name):
    frame = read_file(file(tmp_path, TABLE.replace("age", name))).frame
    assert frame.columns.tolist() == [name, "job", "churn"]


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    path = file(tmp_path, TABLE)
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(DataError, match=r"my\.csv cannot be read: Permission denied"):
        read_file(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"my.csv is empty\."),
        ("  \n\n", r"my.csv is empty\."),
        (TABLE.replace("cook", "cuoco à").encode("latin1"), r"not UTF-8 text: byte 0xe0 at position 36.*iconv"),
        (TABLE.encode("utf-16"), "text in UTF-16: save it as UTF-8"),
        ("\ufeff", r"my.csv is empty\."),
        ("\u00a0\n", r"my.csv is empty\."),
        (bz2.compress(TABLE.encode()), "packed with bzip2: unpack it"),
        (lzma.compress(TABLE.encode()), "packed with xz: unpack it"),
        ("x" * 200_000, "is not a table, or one with texts that are too long"),
        (TABLE.replace("cook", "x" * 200_000), "is not a table, or one with texts that are too long"),
        (",,\n1,2,3\n4,5,6\n", "has no names of columns: put them into its first row"),
        (b"a,b\n1,\x00\n", "holds null bytes"),
        (gzip.compress(TABLE.encode() * 99, mtime=0)[:-20], "is truncated or damaged .*download it again"),
        ("a,b,c\n1,2,3\n4,5", "truncated: its last row has 2 of 3 fields"),
        ('a,b\n1,"x\n2,y\n', "truncated or not a table"),
        ("a,b\n1,2,3\n4,5,6\n", "line 2: 3 fields, but the header has 2 columns. Put values that hold the separator"),
        ("a,b\n" + "1,2\n" * 300 + "1,2,3\n", "truncated or not a table: .*Expected 2 fields in line 302, saw 3"),
        ("age\n1\n2\n", "has one column, 'age'"),
        ("a,b,a\n1,2,3\n", "two columns named 'a': rename or remove one"),
        ("<!doctype html><html></html>", "is HTML, XML or JSON"),
        (json.dumps([{"a": 1}]), "is HTML, XML or JSON"),
        (b"PK\x03\x04 sheet", "is an Excel or zip file: save the sheet as CSV"),
        (b"\x89PNG\r\n", "is a picture"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PAR1 cut off", "cannot be read as Parquet"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_table_is_refused_with_a_remedy(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_file(file(tmp_path, content))


def test_a_truncated_parquet_file_is_refused(tmp_path):
    buffer = io.BytesIO()
    pd.DataFrame({"a": np.arange(100)}).to_parquet(buffer)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_file(file(tmp_path, buffer.getvalue()[:-50]))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"there is no file .*gone.csv"):
        read_file(tmp_path / "gone.csv")


def test_messages_show_values_on_one_printable_line():
    assert tablefile.shown("a\nb\x1b[31mc\u202e") == "a b [31mc "
    assert tablefile.shown("x" * 99) == "x" * 59 + "…"


def test_openml_gives_the_table_and_its_target(monkeypatch):
    from sklearn.utils import Bunch

    asked = []

    def fetch(**named):
        asked.append(named["data_id"])
        return Bunch(
            frame=pd.DataFrame({"a": [1], "class": ["x"]}), target_names=["class"], details={"name": "credit-g"}
        )

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    frame, target, title = tablefile.read_openml("31")
    assert (asked, target, title, frame.shape) == ([31], "class", "credit-g", (1, 2))


def test_openml_that_cannot_be_reached_is_an_error_with_a_remedy(monkeypatch):
    def refuse(**named):
        raise OSError("no network here")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", refuse)
    with pytest.raises(DataError, match=r"OpenML data set 31 cannot be fetched: no network here\. Check the number"):
        tablefile.read_openml("31")
    with pytest.raises(DataError, match="has a number, as in openml:31, got 'openml:credit'"):
        tablefile.read_openml("credit")
