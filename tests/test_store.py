import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pandas as pd
import pyarrow.parquet as pq
import pytest
from helpers import made_result

from upsampling.errors import StoreError
from upsampling.files import replace_file
from upsampling.study import datasets, schemas
from upsampling.study import store as module
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.protocol import PROTOCOL_VERSION, Cell
from upsampling.study.store import SORT, Store

CELL = Cell("adult", 0.001, None, 0, "naive")
CELLS = [CELL.with_arm(arm) for arm in ("none", "naive", "tabularargn")] + [
    Cell("adult", 0.0005, None, 11, "none"),
    Cell("credit_card", None, 30, 2, "smotenc"),
]
# The contract of DESIGN.md: pages and other people's scripts rely on these columns.
METRICS_COLUMNS = (
    "dataset minority_fraction n_minority seed arm classifier roc_auc average_precision brier log_loss ece "
    "unique_score_share largest_tie_share"
).split()


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "results")


@pytest.fixture
def published(store) -> Store:
    """A folder as a fresh clone has it: published files, no cells."""
    for cell in CELLS:
        store.write(made_result(cell))
    store.collect()
    for path in sorted((store.folder / "cells").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    return store


def cell_file(store: Store, cell: Cell = CELL):
    return store.folder / "cells" / f"{cell.path}.json"


def contents(store: Store) -> dict:
    return {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file() and path.name != ".lock"}


def without_temporary_files(store: Store) -> bool:
    return not [path for path in store.folder.rglob(".*") if path.name != ".lock"]


def edit(store: Store, name: str, change) -> None:
    """Change the text of a published table."""
    path = store.folder / f"{name}.csv"
    path.write_text(change(path.read_text()))


def test_what_is_written_is_read_back(store):
    result = made_result(CELL)
    store.write(result)
    assert store.status([CELL, CELLS[0]]) == {CELL: "done", CELLS[0]: "missing"}
    (run,) = store.load("runs").to_dict("records")
    assert {name: run[name] for name in result.run if name in run} == result.run
    assert (run["dataset"], run["size"], run["minority_fraction"], run["seed"], run["arm"]) == (
        "adult",
        "f0.001",
        0.001,
        0,
        "naive",
    )
    metrics = store.load("metrics")[[*result.metrics[0]]]
    pd.testing.assert_frame_equal(metrics, pd.DataFrame(result.metrics), rtol=1e-11, check_dtype=False)
    (diagnostics,) = store.load("diagnostics").to_dict("records")
    assert diagnostics["value"] == 0.333333333333
    pd.testing.assert_frame_equal(store.scores(CELL), result.scores)
    pd.testing.assert_frame_equal(store.marginals(CELL), result.marginals)


def test_default_folder_is_the_one_that_paths_name():
    assert Store().folder == module.paths.results()


def test_nothing_at_all_is_missing_not_an_error(store):
    assert store.status([CELL]) == {CELL: "missing"}
    assert store.scores(CELL) is None
    assert store.marginals(CELL) is None
    for name, columns in SORT.items():
        table = store.load(name)
        assert table.empty
        assert set(columns) <= set(table)


def test_failed_cell_keeps_its_reason_and_no_older_scores(store):
    store.write(made_result(CELL, status="failed", reason='too few rows, "really"\n< 2'))
    assert store.status([CELL]) == {CELL: "failed"}
    assert store.load("runs")["reason"].tolist() == ['too few rows, "really"\n< 2']
    assert store.load("metrics").empty
    assert store.scores(CELL) is None
    store.collect()
    assert store.published("runs")["reason"].tolist() == ['too few rows, "really"\n< 2']


def test_a_failure_takes_nothing_away_that_is_done(store):
    store.write(made_result(CELL))
    store.write(made_result(CELL, status="failed", reason="the machine went away"))
    assert store.status([CELL]) == {CELL: "done"}
    assert not store.load("metrics").empty


def test_a_classifier_that_is_asked_for_later_joins_those_that_are_there(store):
    first, second = made_result(CELL), made_result(CELL)
    (known,) = {row["classifier"] for row in first.metrics}
    second.metrics = [row | {"classifier": "xgboost_regularised"} for row in second.metrics]
    second.scores = second.scores.rename(columns={known: "xgboost_regularised"})
    first.run["versions"], second.run["versions"] = "numpy==2.0 lightgbm==4", "numpy==2.1 xgboost==3"
    store.write(first)
    assert store.missing_classifiers([CELL], [known, "xgboost_regularised"]) == {
        CELL: ("missing", ("xgboost_regularised",))
    }
    store.collect()
    shutil.rmtree(store.folder / "cells")
    store.write(second)
    store.collect()
    assert store.status([CELL], [known, "xgboost_regularised"]) == {CELL: "done"}
    assert store.published("metrics")["classifier"].tolist() == sorted([known, "xgboost_regularised"])
    assert len(store.published("runs")) == 1
    assert store.load("runs")["seconds"].tolist() == [first.run["seconds"]]
    store.write(first)
    assert set(store.scores(CELL)) == {"y", known, "xgboost_regularised"}
    (joined,) = store.load("runs").itertuples()
    assert joined.versions == "numpy==2.0 xgboost==3 lightgbm==4"
    assert joined.seconds == first.run["seconds"] + second.run["seconds"], (
        "what a cell took is the time of all it holds"
    )


DAMAGE = {
    "empty": lambda text: "",
    "half": lambda text: text[: len(text) // 2],
    "binary": lambda text: "\0\1",
    "another document": lambda text: "[]",
    "null": lambda text: "null",
    "no run": lambda text: json.dumps(json.loads(text) | {"run": {}}),
    "no cell": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "cell"}),
    "no metrics": lambda text: json.dumps(json.loads(text) | {"metrics": None}),
    "no protocol": lambda text: text.replace("protocol_version", "protocol"),
    "no status": lambda text: text.replace('"status"', '"state"'),
    "rows that are none": lambda text: json.dumps(json.loads(text) | {"diagnostics": [1]}),
    "other protocol": lambda text: text.replace(f'"protocol_version": {PROTOCOL_VERSION}', '"protocol_version": 99'),
    "other data": lambda text: text.replace(datasets.get("adult").checksum, "0" * 64),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_or_foreign_file_counts_as_missing(store, damage):
    store.write(made_result(CELL))
    store.write(made_result(CELLS[0]))
    path = cell_file(store)
    path.write_text(damage(path.read_text()))
    assert store.status([CELL, CELLS[0]]) == {CELL: "missing", CELLS[0]: "done"}
    assert store.load("runs")["arm"].tolist() == ["none"]
    assert store.load("diagnostics")["arm"].tolist() == ["none"]
    assert store.scores(CELL) is None
    store.collect()
    store.write(made_result(CELL))
    assert store.status([CELL]) == {CELL: "done"}


def test_file_that_is_not_text_counts_as_missing(store):
    store.write(made_result(CELL))
    cell_file(store).write_bytes(b"\xff\xfe\x00")
    assert store.status([CELL]) == {CELL: "missing"}


def test_writer_killed_in_the_middle_leaves_what_was_there(store):
    store.write(made_result(CELLS[0]))
    before = contents(store)
    code = (
        "import os, signal, sys; from pathlib import Path; from upsampling.study.store import replace_file\n"
        "def half(path):\n"
        "    path.write_text('{\"cell\": {')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "for name in sys.argv[1:]: replace_file(Path(name), half)"
    )
    for cell in (CELL, CELLS[0]):
        killed = subprocess.run([sys.executable, "-c", code, str(cell_file(store, cell))])
        assert killed.returncode == -signal.SIGKILL
    assert store.status([CELL, CELLS[0]]) == {CELL: "missing", CELLS[0]: "done"}
    assert {path: content for path, content in contents(store).items() if path in before} == before
    assert store.collect()["runs"] == 1


def test_replaced_file_is_readable_by_all(tmp_path):
    replace_file(tmp_path / "new" / "file", lambda path: path.write_text("text"))
    assert (tmp_path / "new" / "file").stat().st_mode & 0o777 == 0o644


FRAME_DAMAGE = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "without its last byte": lambda content: content[:-1],
    "a page": lambda content: b"<html>\n<body>Please log in</body>\n</html>\n",
}


@pytest.mark.parametrize("damage", FRAME_DAMAGE.values(), ids=FRAME_DAMAGE)
@pytest.mark.parametrize("kind", ["scores", "marginals"])
def test_cell_with_a_damaged_frame_counts_as_missing(store, kind, damage):
    for cell in CELLS[:2]:
        store.write(made_result(cell))
    path = cell_file(store).with_suffix(f".{kind}.parquet")
    path.write_bytes(damage(path.read_bytes()))
    assert store.status(CELLS[:2]) == {CELLS[0]: "done", CELL: "missing"}
    assert getattr(store, kind)(CELL) is None
    assert store.collect()["runs"] == 1
    store.write(made_result(CELL))
    assert store.collect()["runs"] == 2
    assert store.scores(CELL) is not None


def test_cell_without_its_scores_counts_as_missing(store):
    store.write(made_result(CELL))
    cell_file(store).with_suffix(".scores.parquet").unlink()
    assert store.status([CELL]) == {CELL: "missing"}
    assert store.collect()["runs"] == 0


@pytest.mark.parametrize("kind", ["scores", "marginals"])
def test_byte_changed_within_a_frame_is_an_error_with_the_remedy(store, kind):
    store.write(made_result(CELL))
    path = cell_file(store).with_suffix(f".{kind}.parquet")
    content, column = bytearray(path.read_bytes()), pq.ParquetFile(path).metadata.row_group(0).column(0)
    content[(column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size - 1] ^= 1
    path.write_bytes(content)
    for read in (lambda: getattr(store, kind)(CELL), store.collect):
        with pytest.raises(StoreError, match=rf"naive\.{kind}\.parquet is damaged.*compute the cell again"):
            read()
    cell_file(store).unlink()
    assert store.status([CELL]) == {CELL: "missing"}


@pytest.mark.parametrize("until", range(5))
def test_publishing_that_ends_at_any_file_can_be_repeated(published, tmp_path, monkeypatch, until):
    """The disk is full at each file in turn; afterwards the tables can be read, and the same command finishes."""
    for store in (published, undisturbed := Store(shutil.copytree(published.folder, tmp_path / "undisturbed"))):
        told = {"lightgbm_seconds": 1.0, "diagnostics_seconds": 1.0, "n_features": 1, "computed_at": "later"}
        store.write(made_result(CELL, seconds=99.0, **told))
        store.write(made_result(CELL.with_arm("oracle"), **told))
    undisturbed.collect()
    replace, replaced = os.replace, []

    def full_disk(source, target):
        if len(replaced) == until:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replaced.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full_disk)
        with pytest.raises(StoreError, match="No space left"):
            published.collect()
    for name in SORT:
        assert len(published.load(name)) == 6
    assert published.status([*CELLS, CELL.with_arm("oracle")]) == dict.fromkeys(
        [*CELLS, CELL.with_arm("oracle")], "done"
    )
    published.collect()
    found, expected = (
        {path.relative_to(store.folder): content for path, content in contents(store).items() if path.suffix == ".csv"}
        for store in (published, undisturbed)
    )
    assert found == expected


@pytest.fixture
def disk(tmp_path):
    """A disk of its own with room for a few cells; a full or read-only disk stops even root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no right to mount a disk: {mounted.stderr.decode().strip()}")
    yield folder
    # what else runs may still hold a file open; the disk goes with the last of them
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no command mount")
@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_real_disk_that_is_full_or_read_only_loses_nothing(disk, trouble):
    store = Store(disk / "results")
    for cell in CELLS[:2]:
        store.write(made_result(cell))
    store.collect()
    store.write(made_result(CELLS[2]))
    before = contents(store)
    if trouble == "full":
        subprocess.run(["dd", "if=/dev/zero", f"of={disk / 'filler'}"], capture_output=True)  # until nothing more fits
    else:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(StoreError, match="Read-only file system"):
            store.check_writable()
    reason = {"full": "No space left on device", "read-only": "Read-only file system"}[trouble]
    for attempt in (lambda: store.write(made_result(CELLS[3])), lambda: store.write(made_result(CELL)), store.collect):
        with pytest.raises(StoreError, match=reason):
            attempt()
    assert contents(store) == before
    assert without_temporary_files(store)
    assert list(store.status(CELLS[:4]).values()) == ["done", "done", "done", "missing"]

    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    (disk / "filler").unlink(missing_ok=True)
    store.check_writable()
    store.write(made_result(CELLS[3]))
    assert store.collect()["runs"] == 4


@pytest.fixture(params=["full when writing", "full when replacing", "read-only"])
def broken_disk(request, monkeypatch):
    """Return a function that breaks the disk."""

    def fail(code):
        def broken(*arguments, **named):
            raise OSError(code, os.strerror(code))

        return broken

    def break_it():
        if request.param == "read-only":  # for root, no folder is
            monkeypatch.setattr(tempfile, "mkstemp", fail(errno.EROFS))
        elif request.param == "full when replacing":
            monkeypatch.setattr(os, "replace", fail(errno.ENOSPC))
        else:
            monkeypatch.setattr(module.Path, "write_text", fail(errno.ENOSPC))
            monkeypatch.setattr(pd.DataFrame, "to_csv", fail(errno.ENOSPC))
        return {"read-only": "Read-only file system"}.get(request.param, "No space left on device")

    return break_it


def test_full_or_read_only_disk_loses_nothing_when_a_cell_is_written(store, broken_disk):
    store.write(made_result(CELL))
    before = contents(store)[cell_file(store)]
    reason = broken_disk()
    for cell in (CELL, CELLS[0]):
        with pytest.raises(StoreError, match=reason) as refusal:
            store.write(made_result(cell, seconds=99.0))
        assert str(cell_file(store, cell)) in str(refusal.value)
        assert "UPSAMPLING_RESULTS" in str(refusal.value)
    assert contents(store)[cell_file(store)] == before
    assert without_temporary_files(store)
    assert store.status([CELL, CELLS[0]]) == {CELL: "done", CELLS[0]: "missing"}


def test_full_or_read_only_disk_loses_nothing_when_tables_are_published(published, broken_disk):
    before = contents(published)
    published.write(made_result(Cell("adult", 0.02, None, 0, "none")))
    reason = broken_disk()
    with pytest.raises(StoreError, match=reason) as refusal:
        published.collect()
    assert str(published.folder) in str(refusal.value)
    assert {path: content for path, content in contents(published).items() if path in before} == before
    assert without_temporary_files(published)


def test_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file" / "results")
    with pytest.raises(StoreError, match="UPSAMPLING_RESULTS"):
        store.write(made_result(CELL))
    with pytest.raises(StoreError, match="cannot publish"):
        store.collect()


def test_published_tables_have_the_columns_of_the_contract(published):
    assert set(METRICS_COLUMNS) <= set(published.published("metrics"))
    assert list(published.published("runs")) == schemas.columns("runs")
    assert set(SORT["diagnostics"]) | {"value"} == set(published.published("diagnostics"))


def test_an_impossible_number_is_not_published(published):
    result = made_result(CELL.with_arm("smotenc"))
    result.metrics[0]["roc_auc"] = 1.5
    published.write(result)
    before = {path: path.read_bytes() for path in published.folder.glob("*.csv")}
    with pytest.raises(
        StoreError, match=r"metrics\.csv holds '1\.5' in the column 'roc_auc', .* Nothing was published"
    ):
        published.collect()
    assert {path: path.read_bytes() for path in published.folder.glob("*.csv")} == before


def test_collecting_twice_gives_the_same_bytes(store):
    for cell in CELLS:
        store.write(made_result(cell))
    assert store.collect() == {"metrics": 5, "runs": 5, "diagnostics": 5}
    first = contents(store)
    assert store.collect() == {"metrics": 5, "runs": 5, "diagnostics": 5}
    assert contents(store) == first


def test_collecting_without_cells_gives_the_same_bytes(published):
    before = contents(published)
    published.collect()
    assert contents(published) == before


def test_order_in_which_cells_were_finished_does_not_show(tmp_path):
    folders = []
    for number, cells in enumerate((CELLS, CELLS[::-1])):
        store = Store(tmp_path / str(number))
        run = {"computed_at": "2025-01-01T00:00:00+00:00"}
        for cell in cells:
            store.write(made_result(cell, **run))
            store.collect()  # one by one, so that each is merged into what is there
        folders.append({path.relative_to(store.folder): content for path, content in contents(store).items()})
    assert folders[0] == folders[1]


def test_rows_are_sorted_by_number_not_by_text(store):
    for seed in (10, 2):
        store.write(made_result(Cell("adult", 0.001, None, seed, "none")))
    store.collect()
    assert store.published("runs")["seed"].tolist() == [2, 10]


def test_numbers_are_plain_and_short(store):
    store.write(made_result(Cell("adult", 0.00005, None, 0, "none")))
    store.write(made_result(CELL))
    store.collect()
    fractions = [line.split(",")[2] for line in (store.folder / "metrics.csv").read_text().splitlines()]
    assert fractions == ["minority_fraction", "0.00005", "0.001"]
    assert "0.333333333333\n" in (store.folder / "diagnostics.csv").read_text()


def test_published_rows_are_read_like_local_ones(store):
    for cell in CELLS:
        store.write(made_result(cell))
    local = {name: store.load(name) for name in SORT}
    store.collect()
    for name in SORT:
        pd.testing.assert_frame_equal(store.published(name), local[name], check_dtype=False, rtol=1e-11)


def test_published_cell_is_done_without_its_files(published):
    states = published.status([*CELLS, CELL.with_arm("oracle")])
    assert set(states.values()) == {"done", "missing"}
    assert states[CELL.with_arm("oracle")] == "missing"


def test_local_cells_replace_published_ones_and_the_others_stay(published):
    published.write(made_result(CELL, seconds=99.0))
    published.write(made_result(CELL.with_arm("oracle")))
    assert published.collect()["runs"] == 6
    runs = published.published("runs").set_index(["dataset", "size", "arm"])
    assert runs.loc[("adult", "f0.001", "naive"), "seconds"] == 99
    assert runs.loc[("adult", "f0.001", "none"), "seconds"] == 1.5
    assert len(published.published("metrics")) == 6


def test_demo_is_never_published(store):
    cell = Cell("demo", 0.001, None, 0, "none")
    store.write(made_result(cell))
    store.write(made_result(CELL))
    assert store.collect() == {"metrics": 1, "runs": 1, "diagnostics": 1}
    assert store.published("runs")["dataset"].tolist() == ["adult"]
    assert [path.stem for path in (store.folder / "scores").iterdir()] == ["adult-f0.001-s0"]
    assert store.load("runs")["dataset"].tolist() == ["adult", "demo"]


def test_scores_and_marginals_of_the_curve_figures_are_published(published):
    for cell in CELLS[:3]:
        result = made_result(cell)
        pd.testing.assert_frame_equal(published.scores(cell), result.scores)
        pd.testing.assert_frame_equal(
            published.marginals(cell)[list(result.marginals)], result.marginals, check_dtype=False
        )
    assert published.scores(CELLS[3]) is None
    assert published.marginals(CELL.with_arm("oracle")) is None


def test_published_scores_grow_by_arms(published):
    oracle = CELL.with_arm("oracle")
    published.write(made_result(oracle))
    published.collect()
    assert published.scores(oracle) is not None
    pd.testing.assert_frame_equal(published.scores(CELL), made_result(CELL).scores)


def test_arm_without_marginals_can_be_published_alone(store):
    result = made_result(CELL.with_arm("tabularargn_posterior"))
    result.marginals = pd.DataFrame()
    store.write(result)
    store.collect()
    assert store.scores(result.cell) is not None
    assert store.marginals(result.cell) is None


def test_row_of_another_protocol_version_is_refused_with_the_remedy(published):
    path = published.folder / "runs.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.loc[rows["dataset"] == "credit_card", "protocol_version"] = "99"
    rows.to_csv(path, index=False)
    with pytest.raises(StoreError, match=r"1 rows of other data or another protocol .* compute them again") as refusal:
        published.status(CELLS)
    assert "credit_card/n30/s2/smotenc" in str(refusal.value)


def test_row_of_other_data_is_refused(published):
    edit(published, "runs", lambda text: text.replace(datasets.get("adult").checksum, "0" * 64))
    with pytest.raises(StoreError, match=r"4 rows of other data .* first adult/f0\.0005/s11/none"):
        published.collect()


@pytest.mark.parametrize(
    "change", [lambda row: row, lambda row: row.replace(",30,", ",31,")], ids=["same row", "other number of rows"]
)
@pytest.mark.parametrize("name", list(SORT))
def test_row_that_is_there_twice_is_refused(published, name, change):
    edit(published, name, lambda text: text + change(text.splitlines(keepends=True)[-1]))
    with pytest.raises(StoreError, match=rf"{name}\.csv holds 1 rows twice, first credit_card/n30/s2/smotenc"):
        published.published(name)


CORRUPTION = {
    "empty": lambda text: "",
    "cut within a row": lambda text: text[: text.rstrip().rindex(",")],
    "cut within a number of columns": lambda text: text[: -len(text.splitlines()[-1]) // 2],
    "text for a number": lambda text: text.replace(",30,", ",thirty,", 1),
    "row of another width": lambda text: text + "adult,f0.001,0.001,1,2,3,4,5" + 60 * ",9" + "\n",
    "older schema": lambda text: text.replace("n_minority,", "n_rare,", 1),
    "not text": lambda text: "\0\0\0",
    "a page": lambda text: "<html>\n<body>Please log in</body>\n</html>\n",
}


@pytest.mark.parametrize("corrupt", CORRUPTION.values(), ids=CORRUPTION)
@pytest.mark.parametrize("name", list(SORT))
def test_corrupted_table_is_refused_and_left_alone(published, name, corrupt):
    edit(published, name, corrupt)
    before = contents(published)
    with pytest.raises(StoreError, match=rf"{name}\.csv") as refusal:
        published.collect()
    assert f"git checkout -- {published.folder / name}.csv" in str(refusal.value)
    assert contents(published) == before


@pytest.mark.parametrize(
    ("name", "column"),
    [(name, column) for name in SORT for column in schemas.required(name)],
)
def test_table_that_lacks_a_column_is_refused_with_the_remedy(published, name, column):
    path = published.folder / f"{name}.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns=column).to_csv(path, index=False)
    with pytest.raises(StoreError, match=rf"{name}\.csv lacks the columns \['{column}'\]\. .*git checkout -- {path}"):
        published.load(name)


def test_table_that_lacks_a_column_younger_than_its_rows_is_read(published):
    path = published.folder / "runs.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns="balanced_forest_seconds").to_csv(
        path, index=False
    )
    assert set(published.status(CELLS).values()) == {"done"}
    published.write(made_result(CELL))
    assert published.collect()["runs"] == 5
    assert list(published.published("runs")) == schemas.columns("runs")


@pytest.mark.parametrize("name", list(SORT))
@pytest.mark.parametrize(("column", "value"), [("minority_fraction", "0.05"), ("n_minority", "31")])
def test_size_edited_by_hand_is_refused(published, name, column, value):
    """A row's key is no number that an audit compares, but pages draw it."""
    path = published.folder / f"{name}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[1, column] = value
    table.to_csv(path, index=False)
    with pytest.raises(
        StoreError, match=r"holds 1 rows whose minority_fraction or n_minority .* first adult/f0\.001/s0"
    ):
        published.load("metrics" if name == "runs" else name)


@pytest.mark.parametrize("name", ["metrics", "diagnostics"])
def test_table_cut_off_between_the_rows_of_a_cell_is_refused(store, name):
    for cell in (CELL, Cell("adult", 0.001, None, 1, "naive")):
        result = made_result(cell, lightgbm_seconds=1.0, xgboost_seconds=1.0, diagnostics_seconds=1.0, n_features=2)
        result.metrics.append(result.metrics[0] | {"classifier": "xgboost"})
        result.diagnostics.append(result.diagnostics[0] | {"feature": "sex"})
        store.write(result)
    store.collect()
    shutil.rmtree(store.folder / "cells")
    edit(store, name, lambda text: "".join(text.splitlines(keepends=True)[:-1]))
    with pytest.raises(
        StoreError, match=rf"{name}\.csv lacks the rows of 1 finished cells, first adult/f0\.001/s1/naive"
    ):
        store.load(name)


@pytest.mark.parametrize("name", ["metrics", "diagnostics"])
def test_rows_of_a_cell_that_no_run_vouches_for_are_refused_until_it_is_computed_again(published, name):
    edit(published, "runs", lambda text: "".join(text.splitlines(keepends=True)[:-1]))
    with pytest.raises(
        StoreError, match=rf"{name}\.csv holds rows of 1 cells that runs\.csv lacks, first credit_card/n30"
    ):
        published.load(name)
    assert published.status(CELLS) == dict(zip(CELLS, ["done"] * 4 + ["missing"], strict=True))
    published.write(made_result(CELLS[-1]))
    assert published.collect() == {"metrics": 5, "runs": 5, "diagnostics": 5}


def test_results_that_lack_the_rows_of_a_finished_cell_are_refused(published):
    edit(published, "metrics", lambda text: "".join(text.splitlines(keepends=True)[:-2]))
    with pytest.raises(StoreError, match=r"metrics\.csv lacks the rows of 2 finished cells, first "):
        published.load("metrics")


@pytest.fixture
def published_frames(tmp_path):
    """A results folder with published scores and marginals, and no local cell."""
    store = Store(tmp_path / "published")
    cell = Cell("adult", 0.001, None, 0, "naive")
    store.write(made_result(cell))
    store.collect()
    shutil.rmtree(store.folder / "cells")
    return store, cell


@pytest.mark.parametrize("kind", ["scores", "marginals"])
def test_a_published_parquet_file_says_what_it_was_computed_from(published_frames, kind):
    store, _ = published_frames
    (path,) = (store.folder / kind).iterdir()
    assert pd.read_parquet(path).attrs == {
        "data_sha256": datasets.get("adult").checksum,
        "protocol_version": PROTOCOL_VERSION,
    }


@pytest.mark.parametrize("kind", ["scores", "marginals"])
@pytest.mark.parametrize(
    "attrs",
    [{}, {"data_sha256": "0" * 64}, {"protocol_version": PROTOCOL_VERSION + 1}],
    ids=["none", "data", "protocol"],
)
def test_a_parquet_file_of_other_data_or_protocol_is_refused_with_the_remedy(published_frames, kind, attrs):
    store, cell = published_frames
    (path,) = (store.folder / kind).iterdir()
    table = pd.read_parquet(path)
    table.attrs = table.attrs | attrs if attrs else {}
    table.to_parquet(path)
    with pytest.raises(StoreError, match=r"other data or another protocol .* git checkout .* upsampling collect"):
        getattr(store, kind)(cell)
    store.write(made_result(cell.with_arm("none")))
    with pytest.raises(StoreError, match="other data or another protocol"):
        store.collect()


@pytest.mark.parametrize("kind", ["scores", "marginals"])
def test_a_damaged_published_parquet_file_is_refused_with_the_remedy(published_frames, kind):
    store, cell = published_frames
    (path,) = (store.folder / kind).iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoreError, match=f"git checkout -- {path}"):
        getattr(store, kind)(cell)


def paper_cells(store, seed_scores: dict, arms=PAPER_ARMS) -> None:
    for seed, score in seed_scores.items():
        for arm in arms:
            result = made_result(Cell("adult", 0.001, None, seed, arm))
            result.metrics = [row | {"average_precision": score} for row in result.metrics]
            store.write(result)
    store.collect()


def published_seeds(store) -> list:
    return [[path.stem for path in (store.folder / kind).iterdir()] for kind in ("scores", "marginals")]


def test_the_scores_of_the_median_of_the_first_five_seeds_are_published_and_no_others(store):
    paper_cells(store, {0: 0.9})
    assert published_seeds(store) == [["adult-f0.001-s0"]] * 2
    paper_cells(store, {1: 0.8, 2: 0.2, 3: 0.7, 4: 0.3, 5: 0.1, 6: 0.1, 7: 0.1})
    assert published_seeds(store) == [["adult-f0.001-s3"]] * 2


def test_published_scores_stay_until_every_arm_of_the_new_median_has_some(store):
    paper_cells(store, {0: 0.9})
    paper_cells(store, {1: 0.5, 2: 0.1}, ["tabularargn"])
    assert published_seeds(store)[0] == ["adult-f0.001-s0"]


def test_local_numbers_tie_with_equal_ones_that_are_published(store):
    for seed, publish in ((0, True), (1, False)):
        result = made_result(Cell("adult", 0.001, None, seed, "naive"))
        result.metrics = [row | {"largest_tie_share": 1 / 3} for row in result.metrics]
        store.write(result)
        if publish:
            store.collect()
            shutil.rmtree(store.folder / "cells")
    assert store.load("metrics")["largest_tie_share"].nunique() == 1
