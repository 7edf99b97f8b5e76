"""From published numbers to the cells behind them."""

import subprocess

import pandas as pd
import pytest
from helpers import made_result

from upsampling import paths
from upsampling.book import lineage
from upsampling.errors import StoreError
from upsampling.study import audit
from upsampling.study.protocol import Grid
from upsampling.study.store import Store

ARMS = ("naive", "none", "smotenc")


@pytest.fixture
def runs():
    store = Store()
    for dataset, fractions, seeds in (("adult", (0.001, 0.01), (0, 1)), ("insurance", (0.01,), (0,))):
        for cell in Grid((dataset,), fractions, seeds, ARMS):
            store.write(made_result(cell, seconds=30.0))
    return store.load("runs")


def test_a_row_names_one_cell_or_the_combinations_of_several(runs):
    one = pd.DataFrame({"dataset": ["adult"], "size": ["f0.01"], "seed": [1], "arm": ["none"], "value": [0.5]})
    assert lineage.source_runs(one, runs)[audit.IDENTITY].to_numpy().tolist() == [["adult", "f0.01", 1, "none"]]
    mean = one.drop(columns="seed").assign(seeds="0 1", arm="naive", arms="naive smotenc")
    found = lineage.source_runs(mean, runs)
    assert set(found["size"]) == {"f0.01"}
    assert set(zip(found["seed"], found["arm"], strict=True)) == {(s, a) for s in (0, 1) for a in ("naive", "smotenc")}


def test_numbers_that_stand_on_nothing_yet_have_no_cells(runs):
    row = pd.DataFrame({"dataset": ["adult"], "size": ["f0.01"], "seeds": [""], "arm": ["none"]})
    assert lineage.source_runs(row, runs).empty


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.drop(columns="seed"), r"must name their cells, but the columns \['seed'\]"),
        (lambda data: data.assign(seed=7), "name cells with the seed 7, which runs.csv does not have"),
        (lambda data: data.assign(arm="oracle"), "name cells with the arm oracle"),
        (lambda data: pd.concat([data, data.assign(arm=None)]), "some rows have no arm"),
        # each of the four is stored, in the first row or in the second, but not together
        (
            lambda data: pd.concat(
                [data, data.assign(dataset="insurance", seed=0), data.assign(dataset="insurance"), data.assign(seed=0)]
            ),
            "name the cells insurance/f0.01/1/none, none of which runs.csv has",
        ),
    ],
)
def test_numbers_without_a_cell_are_refused(runs, change, message):
    data = pd.DataFrame({"dataset": ["adult"], "size": ["f0.01"], "seed": [1], "arm": ["none"]})
    with pytest.raises(StoreError, match=message):
        lineage.source_runs(change(data), runs)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("dataset == 'adult'", ["upsampling audit --dataset adult"]),
        (
            "size == 'f0.01' and arm == 'none' and seed == 0",
            [
                "upsampling audit --dataset adult --size f0.01 --seed 0 --arm none",
                "upsampling audit --dataset insurance --arm none",
            ],
        ),
        (
            "dataset == 'adult' and arm != 'naive' and size == 'f0.001'",
            ["upsampling audit --dataset adult --size f0.001 --arm none --arm smotenc"],
        ),
    ],
)
def test_the_command_chooses_exactly_these_cells(runs, chosen, expected):
    cells = runs.query(chosen)
    assert lineage.commands(cells, runs) == expected
    found = []
    for command in expected:
        words = command.split()[2:]
        options: dict = {}
        for name, value in zip(words[::2], words[1::2], strict=True):
            kind = {"--fraction": float, "--seed": int}.get(name, str)
            options.setdefault(name[2:], []).append(kind(value))
        found.append(audit.select(runs, **options))
    assert set(pd.concat(found).index) == set(cells.index)


def test_a_description_has_what_it_takes_to_compute_again(runs):
    mixed = runs.query("dataset == 'adult'").copy()
    mixed.loc[mixed.index[0], ["commit", "dirty"]] = ["f" * 40, True]
    found = lineage.describe(mixed, runs)
    assert {(state["commit"], state["dirty"], state["cells"]) for state in found["commits"]} == {
        ("f" * 40, True, 1),
        (runs["commit"].iloc[0], bool(runs["dirty"].iloc[0]), 11),
    }
    assert found["parameters"] == "sizes f0.001, f0.01; seeds 0, 1; arms naive, none, smotenc"
    assert found["data"] == [f"adult sha256 {runs['data_sha256'].iloc[0][:16]}"]
    assert found["time"] == "3 min", "12 cells of 30 s on two cores"
    assert any(package.startswith("scikit-learn==") for package in found["versions"])
    assert found["machines"] == [
        f"{runs['cpu_model'].iloc[0]}, {runs['cores'].iloc[0]} cores, {runs['platform'].iloc[0]}, one thread per cell"
    ]


def test_only_downloads_need_the_network():
    assert lineage.network(["demo"]) == "no"
    assert lineage.network([]) == "no"
    assert lineage.network(["adult", "demo", "insurance"]) == "once, for adult, insurance"


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://github.com/some/book.git", "https://github.com/some/book"),
        ("git@github.com:some/book.git", "https://github.com/some/book"),
        ("ssh://git@gitlab.com/group/sub/book", "https://gitlab.com/group/sub/book"),
        ("https://user:secret@github.com/some/book", ""),
        ("https://github.com.example.org/some/book", ""),
        ("/some/folder/book", ""),
        (None, ""),
    ],
)
def test_a_clone_knows_where_it_is_from_if_all_can_read_there(tmp_path, monkeypatch, origin, address):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    if origin:
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", origin], check=True)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert lineage.repository.__wrapped__() == address
