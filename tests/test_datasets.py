import errno
import hashlib
import lzma
import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import random_tables
from hypothesis import given

from upsampling import paths
from upsampling.errors import DataError, SpecError
from upsampling.study import datasets
from upsampling.study.datasets import DATASETS, DataFile, Dataset, Table

# paper/FACTS.md: rows, features and minority share in per cent.
FACTS = {"adult": (48_842, 14, 23.93), "credit_card": (30_000, 23, 22.12), "insurance": (381_109, 10, 12.26)}
CONTENT = b"a,b\n1,2\n"


def assert_same_table(left: Table, right: Table):
    pd.testing.assert_frame_equal(left.X, right.X, check_exact=True)
    pd.testing.assert_series_equal(left.y, right.y)
    assert (left.name, left.checksum) == (right.name, right.checksum)


def toy(*urls: str) -> Dataset:
    """A data set with one small file."""
    file = DataFile("toy/toy.csv", hashlib.sha256(CONTENT).hexdigest(), urls)
    return replace(datasets.get("adult"), name="toy", files=(file,))


@contextmanager
def web_server(content: bytes, promised: int = 0):
    """Yield an address that answers with `content` and breaks off after it if more bytes were promised.

    With the address comes the list of paths asked for.
    """
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(promised or len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/toy.csv", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def unreachable():
    """An address at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/toy.csv"


@pytest.fixture
def no_folder(monkeypatch):
    """No folder of data files, and no proxy between the test and its own server."""
    monkeypatch.delenv(datasets.DATA_VARIABLE, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_declaration_is_complete(dataset):
    columns = [*dataset.features, *dataset.dropped, dataset.target]
    assert len(set(columns)) == len(columns)
    assert dataset.licence
    assert dataset.citation
    assert dataset.source
    assert dataset.package or any(file.urls for file in dataset.files) or dataset.licence == "not stated"
    for file in dataset.files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert all(url.startswith("https://") for url in file.urls)


def test_unknown_name_is_refused_with_a_suggestion():
    with pytest.raises(SpecError, match=r"unknown data set 'insurence'. Did you mean 'insurance'?"):
        datasets.load("insurence")


def test_demo_needs_neither_network_nor_files(monkeypatch, no_folder):
    def refuse(*arguments):
        raise AssertionError("the demo asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    dataset = datasets.get("demo")
    table = datasets.read(dataset, datasets.locate(dataset))
    assert table.X.shape == (6366, 8)
    assert table.y.sum() == 2053
    assert not any(paths.cache().iterdir())


def test_study_tables_are_those_of_the_facts(study_table):
    n_rows, n_features, share = FACTS[study_table.name]
    assert study_table.X.shape == (n_rows, n_features)
    assert round(100 * study_table.y.mean(), 2) == share


def test_roles_become_dtypes(study_table):
    dataset = datasets.get(study_table.name)
    assert list(study_table.X) == list(dataset.features)
    for name in dataset.numeric:
        assert pd.api.types.is_numeric_dtype(study_table.X[name])
    for name in dataset.categorical:
        assert isinstance(study_table.X[name].dtype, pd.CategoricalDtype)
        assert pd.api.types.is_string_dtype(study_table.X[name].cat.categories)
    assert study_table.y.dtype == "int8"


@pytest.mark.data
def test_question_mark_stays_a_category(study_table):
    if study_table.name == "adult":
        assert (study_table.X["occupation"] == "?").sum() == 2809
    assert not study_table.X.isna().any(axis=None)


@pytest.mark.data
def test_both_forms_of_insurance_are_one_table(monkeypatch, tmp_path):
    csv, xz = datasets.get("insurance").files
    source = Path(os.environ.get(datasets.DATA_VARIABLE, "")) / xz.path
    if not source.is_file():
        pytest.skip(f"no {xz.path} in the folder named by {datasets.DATA_VARIABLE}")
    (tmp_path / "insurance").mkdir()
    (tmp_path / csv.path).write_bytes(lzma.decompress(source.read_bytes()))
    compressed = datasets.load.__wrapped__("insurance")
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    assert_same_table(datasets.load.__wrapped__("insurance"), compressed)
    assert compressed.checksum == csv.sha256


def test_table_is_read_once():
    assert datasets.load("demo") is datasets.load("demo")


def demo_file(tmp_path, change) -> Path:
    """The demo's file after `change` was applied to its frame."""
    frame = pd.read_csv(datasets.locate(datasets.get("demo")))
    path = tmp_path / "fair.csv"
    change(frame).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.rename(columns={"age": "Age"}), r"missing \['age'\], unexpected \['Age'\]"),
        (lambda frame: frame.drop(columns="educ"), r"missing \['educ'\], unexpected \[\]"),
        (lambda frame: frame.assign(new=1), r"missing \[\], unexpected \['new'\]"),
        (lambda frame: frame[:-1], "has 6365 rows, expected 6366"),
        (lambda frame: frame.assign(age="old"), r"columns \['age'\] are declared numeric but hold text"),
        (lambda frame: frame.assign(affairs=[0, *frame["affairs"][1:]]), "has 2052 rows with 'yes', expected 2053"),
        (lambda frame: frame.assign(affairs=0), r"must hold two labels, one of them 'yes'; found \['no'\]"),
    ],
    ids=["renamed column", "lost column", "new column", "lost row", "text for numbers", "other label", "one label"],
)
def test_changed_file_is_refused_with_what_differs(tmp_path, change, message):
    path = demo_file(tmp_path, change)
    with pytest.raises(DataError, match=message) as refusal:
        datasets.read(datasets.get("demo"), path)
    assert str(path) in str(refusal.value)


def test_only_an_empty_field_is_missing(tmp_path):
    path = tmp_path / "toy.csv"
    path.write_text("n,c,t\n1,NA,yes\n2,None,no\n,?,no\n3,,no\n")
    dataset = replace(toy(), columns="n, c*", target="t", minority="yes", n_rows=4, n_minority=1)
    table = datasets.read(dataset, path)
    assert list(table.X["c"].cat.categories) == ["?", "NA", "None"]
    assert table.X.isna().to_dict("list") == {"n": [False, False, True, False], "c": [False, False, False, True]}
    assert table.y.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("labels", [["yes", "no", "perhaps"], ["yes", "no", None], ["on", "off", "on"]])
def test_other_labels_are_refused(tmp_path, labels):
    path = tmp_path / "toy.csv"
    pd.DataFrame({"n": [1, 2, 3], "c": list("aba"), "t": labels}).to_csv(path, index=False)
    dataset = replace(toy(), columns="n, c*", target="t", minority="yes", n_rows=3)
    with pytest.raises(DataError, match="target 't' must hold two labels, one of them 'yes'; found"):
        datasets.read(dataset, path)


def test_file_with_another_checksum_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "toy/toy.csv"
    path.parent.mkdir()
    path.write_bytes(CONTENT + b"3,4\n")
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    found, expected = (hashlib.sha256(content).hexdigest() for content in (path.read_bytes(), CONTENT))
    with pytest.raises(DataError) as refusal:
        datasets.locate(toy())
    for part in (str(path), found, expected, "Remove it"):
        assert part in str(refusal.value)


def test_missing_file_without_a_network_names_the_remedy(no_folder, unreachable):
    dataset = toy(unreachable)
    with pytest.raises(DataError) as refusal:
        datasets.locate(dataset)
    for part in (
        "'toy'",
        unreachable,
        "Check the network or proxy",
        "UPSAMPLING_DATA",
        "toy/toy.csv",
        dataset.checksum,
    ):
        assert part in str(refusal.value)


def test_page_of_a_proxy_is_not_taken_for_the_file(no_folder):
    with web_server(b"<html>Please log in</html>") as (url, asked), pytest.raises(DataError) as refusal:
        datasets.locate(toy(url))
    assert asked == ["/toy.csv"]
    assert hashlib.sha256(CONTENT).hexdigest() in str(refusal.value)
    assert "proxy" in str(refusal.value)
    assert not [path for path in paths.cache().rglob("*") if path.is_file()]


def test_proxy_that_answers_with_a_page_is_named_as_the_cause(no_folder, monkeypatch):
    """A real proxy between the download and the address, which answers every request with status 200 and a page."""
    with web_server(b"<html>Please log in</html>") as (proxy, asked):
        monkeypatch.setenv("http_proxy", proxy.removesuffix("/toy.csv"))
        with pytest.raises(DataError) as refusal:
            datasets.locate(toy("http://data.invalid/toy.csv", "http://other.invalid/toy.csv"))
    assert asked == ["http://data.invalid/toy.csv", "http://other.invalid/toy.csv"]
    assert "Check the network or proxy" in str(refusal.value)
    assert not [path for path in paths.cache().rglob("*") if path.is_file()]


def test_download_that_breaks_off_is_no_file(no_folder):
    with (
        web_server(CONTENT[:4], promised=len(CONTENT)) as (url, _),
        pytest.raises(DataError, match="'toy' could not be"),
    ):
        datasets.locate(toy(url))
    assert not [path for path in paths.cache().rglob("*") if path.is_file()]


def test_full_disk_is_named_when_a_download_cannot_be_kept(no_folder, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pooch.core.shutil.move", full)
    with web_server(CONTENT) as (url, _), pytest.raises(DataError, match="No space left on device") as refusal:
        datasets.locate(toy(url))
    assert str(paths.cache() / "toy/toy.csv") in str(refusal.value)
    assert paths.CACHE_VARIABLE in str(refusal.value)


def test_second_address_helps_out_and_the_download_is_kept(no_folder, unreachable):
    with web_server(CONTENT) as (url, asked):
        dataset = toy(unreachable, url)
        path = datasets.locate(dataset)
    assert path == paths.cache() / "toy/toy.csv"
    assert path.read_bytes() == CONTENT
    assert datasets.locate(dataset) == path
    assert len(asked) == 1


def test_damaged_download_is_fetched_again(no_folder):
    kept = paths.cache() / "toy/toy.csv"
    kept.parent.mkdir()
    kept.write_bytes(CONTENT[:3])
    with web_server(CONTENT) as (url, _):
        assert datasets.locate(toy(url)).read_bytes() == CONTENT


def test_folder_is_looked_at_before_any_download(monkeypatch, tmp_path):
    path = tmp_path / "toy/toy.csv"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    with web_server(CONTENT) as (url, asked):
        assert datasets.locate(toy(url)) == path
    assert asked == []


@given(random_tables())
def test_table_survives_the_way_to_a_worker(table):
    unseen = table.X["text"].cat.add_categories("unseen")
    codes = pd.Categorical(table.X["whole"], categories=range(19, -1, -1), ordered=True)
    gaps = table.X["number"].where(table.X["number"] > 0)
    X = table.X.assign(text=unseen, code=codes, gaps=gaps, single=table.X["number"].astype(np.float32))
    table = Table(table.name, table.checksum, X, table.y)
    assert_same_table(Table.from_bytes(table.name, table.checksum, table.to_bytes()), table)


def test_demo_survives_the_way_to_a_worker(demo):
    assert_same_table(Table.from_bytes(demo.name, demo.checksum, demo.to_bytes()), demo)


def test_study_tables_survive_the_way_to_a_worker(study_table):
    content = study_table.to_bytes()
    assert_same_table(Table.from_bytes(study_table.name, study_table.checksum, content), study_table)
    assert len(content) < 4 * 2**20
