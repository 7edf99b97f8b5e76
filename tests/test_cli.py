import errno
import os
import re
import sys

import pandas as pd
import pytest
from helpers import made_result

from upsampling import __main__ as entry
from upsampling import cli, paths
from upsampling.book import build as book
from upsampling.study import runner
from upsampling.study.protocol import Cell
from upsampling.study.store import Store

BOOK = ("book", "pdf", "run")
COMMANDS = sorted(command.name or command.callback.__name__ for command in cli.app.registered_commands)


def run(monkeypatch, capsys, *arguments):
    """Return exit status, standard output and standard error of the command."""
    monkeypatch.setattr(sys, "argv", ["upsampling", *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    try:
        entry.main()
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    return code, *capsys.readouterr()


@pytest.fixture
def upsampling(monkeypatch, capsys):
    """The command as a function of its arguments."""
    return lambda *arguments: run(monkeypatch, capsys, *arguments)


def test_help_lists_every_command(upsampling):
    code, out, _ = upsampling("--help")
    assert code == 0
    assert set(COMMANDS) <= set(re.findall(r"^\W*(\w+) ", out, re.MULTILINE))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(upsampling, command):
    code, out, _ = upsampling(command, "--help")
    assert code == 0
    assert re.match(rf"\s*Usage: .* {command} \[OPTIONS\]", out)


def test_without_arguments_there_is_help(upsampling):
    _, out, err = upsampling()
    assert "Usage: " in out + err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gird"], "'grid'"),
        (["grid", "--dataset", "adlut"], "unknown data set 'adlut'. Did you mean 'adult'?"),
        (["grid", "--dataset", "demo", "--arm", "smotnc"], "unknown arm 'smotnc'. Did you mean 'smotenc'?"),
        (["grid", "--dataset", "demo", "--fraction", "1"], "got 1.0"),
        (["grid", "--dataset", "demo", "--fraction", "0"], "got 0.0"),
        (["grid", "--dataset", "demo", "--fraction", "nan"], "got nan"),
        (["grid", "--dataset", "demo", "--fraction", "0.45"], "use a count from 1 to 1642"),
        (["grid", "--dataset", "demo", "--fraction", "-0.1"], "got -0.1"),
        (["grid", "--dataset", "demo", "--fraction", "inf"], "got inf"),
        (["grid", "--dataset", "demo", "--fraction", "0.01", "--fraction", "0.6"], "got 0.6"),
        (["grid", "--dataset", "demo", "--fraction", "0.0001"], "0 minority rows asked for"),
        (["grid", "--dataset", "demo", "--fraction", "half"], "--fraction"),
        (["grid", "--dataset", "demo", "--seed", "-1"], "got -1"),
        (["grid", "--dataset", "demo", "--seed", "1.5"], "--seed"),
        (["grid", "--dataset", "demo", "--seed", "nan"], "--seed"),
        (["grid", "--dataset", "demo", "--seed", "zero"], "--seed"),
        (["grid", "--dataset", "demo", "--seed", "2147483648"], "got 2147483648"),
        (["grid", "--dataset", ""], "unknown data set ''"),
        (["grid", "--dataset", "demo", "--arm", ""], "an arm is named by a text, got ''"),
        (["grid", "--dataset", "demo", "--workers", "0"], "--workers"),
        (["grid", "--datset", "demo"], "--dataset"),
        (["grid", "--dataset", "demo", "--count", "0"], "got 0"),
        (["grid", "--dataset", "demo", "--count", "-5"], "got -5"),
        (["grid", "--dataset", "demo", "--count", "2.5"], "--count"),
        (["grid", "--dataset", "demo", "--count", "nan"], "--count"),
        (["grid", "--dataset", "demo", "--count", "2000"], "use a count from 1 to 1642"),
        (["run", *"--dataset adlut --fraction 0.01 --seed 0".split()], "Did you mean 'adult'?"),
        (["run", *"--dataset demo --fraction 0.01 --seed 0 --arm smotnc".split()], "Did you mean 'smotenc'?"),
        (["run", *"--dataset demo --fraction 0.45 --seed 0".split()], "use a count from 1 to 1642"),
        (["run", *"--dataset demo --fraction nan --seed 0".split()], "got nan"),
        (["run", *"--dataset demo --fraction 0.01 --seed -1".split()], "got -1"),
        (["run", *"--dataset demo --fraction 0.01 --seed one".split()], "--seed"),
        (["status", "--dataset", "adlut"], "unknown data set 'adlut'. Did you mean 'adult'?"),
        (["status", "--dataset", "demo", "--arm", "smotnc"], "unknown arm 'smotnc'. Did you mean 'smotenc'?"),
        (["status", "--dataset", "demo", "--fraction", "2"], "got 2.0"),
        (["report", "gone.csv", "--target", "y"], "there is no file gone.csv"),
        (["report", "openml:credit"], "has a number, as in openml:31"),
        (["report", "demo", "--budget", "soon", "--output", "never"], "a budget is a time such as 10min"),
        (["report", "demo", "--max-rows", "3"], "compared on 100 rows at least, got --max-rows 3"),
        (["report", "demo", "--cost-miss", "5"], "--cost-miss and --cost-alarm go together"),
        (["report", "demo", "--decimal", "x"], "the decimal sign is . or , got 'x'"),
    ],
    ids=" ".join,
)
def test_mistake_ends_with_status_2_and_a_message_that_helps(upsampling, monkeypatch, arguments, message):
    monkeypatch.setattr(runner, "_client", None)
    monkeypatch.setattr(book, "run", None)
    code, out, err = upsampling(*arguments)
    assert code == 2
    assert message in err
    assert err.lower().count("error") == 1
    assert out == ""
    assert "Traceback" not in err
    assert not any(paths.results().iterdir())


def test_options_of_a_grid_reach_the_runner(upsampling, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        runner, "run", lambda cells, store, **named: asked.update(named, cells=cells) or runner.Summary(1, 2, 3)
    )
    command = "grid --dataset demo --fraction 0.01 --seed 4 --arm naive --workers 5 --retry-failed --scheduler tcp://host:8786"
    code, out, _ = upsampling(*command.split())
    assert code == 0
    assert out.startswith("chosen: computed 1, failed 2, done before 3")
    assert asked == {
        "cells": (Cell("demo", 0.01, None, 4, "naive"),),
        "classifiers": (),
        "scheduler": "tcp://host:8786",
        "workers": 5,
        "retry_failed": True,
    }


@pytest.mark.parametrize(
    "command",
    [
        *(
            "grid --dataset demo --fraction 0.02 --seed 0",
            "collect",
            "status",
            "audit --sample 1",
        ),
        *("book", "pdf", "run --dataset demo --fraction 0.02 --seed 0"),
    ],
)
def test_what_needs_the_repository_says_so_where_there_is_none(upsampling, monkeypatch, tmp_path, command):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.delenv("UPSAMPLING_RESULTS")
    code, out, err = upsampling(*command.split())
    assert (code, out) == (2, "")
    assert err.startswith("error: this command works in the repository of the study")
    assert f"{tmp_path} is none; clone the repository" in err
    assert ("Or name a folder of results with UPSAMPLING_RESULTS" in err) == (command.split()[0] not in BOOK)
    assert not [*tmp_path.iterdir()]


def test_scheduler_that_is_not_there_ends_in_a_message(upsampling):
    code, out, err = upsampling(*"grid --dataset demo --fraction 0.01 --seed 0 --scheduler somewhere".split())
    assert code == 2
    assert out == ""
    assert err.startswith("error: no scheduler can be reached at 'somewhere'")
    assert len(err.splitlines()) == 1


def test_status_of_an_empty_folder(upsampling):
    code, out, _ = upsampling("status", "--dataset", "demo", "--fraction", "0.01", "--seed", "0")
    assert code == 0
    assert out.splitlines()[-1].startswith("0 done, 4 missing, 0 failed; the rest takes about unknown")


def test_status_counts_and_estimates(upsampling):
    store = Store()
    for seed, status in ((0, "done"), (1, "failed")):
        store.write(made_result(Cell("demo", 0.01, None, seed, "naive"), status=status, seconds=60.0))
    code, out, _ = upsampling(
        "status", "--dataset", "demo", "--fraction", "0.01", "--arm", "naive", *"--seed 0 --seed 1 --seed 2".split()
    )
    assert code == 0
    assert re.search(r"demo\W+f0\.01\W+naive\W+1\W+1\W+1\W", out)
    assert re.search(r"1 done, 1 missing, 1 failed; the rest takes about \d+ s with \d+ workers", out)


def test_counts_stand_instead_of_fractions_or_beside_them(upsampling):
    named = "status --dataset demo --seed 0 --arm naive --count 20 --count 50".split()
    assert upsampling(*named)[1].splitlines()[-1].startswith("0 done, 2 missing")
    assert upsampling(*named, "--fraction", "0.01")[1].splitlines()[-1].startswith("0 done, 3 missing")


def test_status_with_nothing_missing(upsampling):
    Store().write(made_result(Cell("demo", 0.01, None, 0, "naive")))
    code, out, _ = upsampling(*"status --dataset demo --fraction 0.01 --seed 0 --arm naive".split())
    assert code == 0
    assert "1 done, 0 missing, 0 failed" in out


def test_collect_publishes_and_counts(upsampling):
    store = Store()
    store.write(made_result(Cell("adult", 0.001, None, 0, "naive")))
    code, out, _ = upsampling("collect")
    assert code == 0
    assert f"{store.folder / 'metrics'}.csv: 1 rows" in out
    assert len(store.published("metrics")) == 1
    verdicts = pd.read_csv(store.folder / "claims.csv")
    assert set(verdicts["verdict"]) == {"undecided"}, "one cell says nothing"


def test_damaged_results_end_in_a_message(upsampling):
    Store().folder.mkdir(exist_ok=True)
    (Store().folder / "runs.csv").write_text("<html>")
    for arguments in (["collect"], ["status", "--dataset", "demo"]):
        code, _, err = upsampling(*arguments)
        assert code == 2
        assert err.startswith("error: ")
        assert "git checkout" in err


@pytest.mark.parametrize(
    "content", [b"age,income\n39,<=50K\n", b"<html>Please log in</html>"], ids=["swapped", "a page"]
)
def test_data_file_swapped_for_another_ends_in_a_message(upsampling, monkeypatch, tmp_path, content):
    path = tmp_path / "adult/census.csv.gz"
    path.parent.mkdir()
    path.write_bytes(content)
    monkeypatch.setenv("UPSAMPLING_DATA", str(tmp_path))
    monkeypatch.setattr(runner, "_client", None)
    monkeypatch.setattr(cli.datasets, "load", cli.datasets.load.__wrapped__)
    for arguments in (["data"], ["grid", "--dataset", "adult"]):
        code, out, err = upsampling(*arguments)
        assert code == 2
        assert err.startswith(f"error: {path} is not the file this study uses")
        assert out == ""


def test_folder_that_cannot_be_written_ends_in_a_message(upsampling, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("UPSAMPLING_RESULTS", str(tmp_path / "file/results"))
    for command in ("collect", "grid --dataset demo", "audit --dataset adult --record"):
        code, _, err = upsampling(*command.split())
        assert code == 2
        assert err.startswith("error: cannot ")
        assert "Not a directory" in err
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", ["book", "collect"])
def test_disk_that_is_full_ends_in_a_message(upsampling, monkeypatch, command):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(book, "make_page", full)
    monkeypatch.setattr(Store, "collect", lambda self: {})
    monkeypatch.setattr("upsampling.study.ledger.replace_file", full)
    code, _, err = upsampling(command)
    assert code == 2
    assert err.startswith("error: ")
    assert "No space left on device" in err
    assert len(err.splitlines()) == 1


def test_missing_data_end_in_a_message(upsampling, monkeypatch):
    def refuse(*arguments, **named):
        raise OSError("no network here")

    monkeypatch.delenv("UPSAMPLING_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", refuse)
    monkeypatch.setattr(cli.datasets, "load", cli.datasets.load.__wrapped__)
    for arguments in (["data"], ["grid", "--dataset", "adult"]):
        code, _, err = upsampling(*arguments)
        assert code == 2
        assert "no network here" in err
        assert "set UPSAMPLING_DATA" in err
