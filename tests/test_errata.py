"""No published number changes without a word."""

import io
import subprocess
from fnmatch import fnmatchcase

import pandas as pd
import pytest

from upsampling import paths
from upsampling.book import tables
from upsampling.errors import StoreError
from upsampling.study import audit, ledger, schemas


def git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(paths.ROOT), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def published(monkeypatch):
    """The repository's own results."""
    monkeypatch.delenv(paths.RESULTS_VARIABLE)


def numbers_at(commit: str) -> pd.DataFrame | None:
    tables = []
    for name in ("runs", "metrics", "diagnostics"):
        try:
            content = git("show", f"{commit}:results/{name}.csv")
        except subprocess.CalledProcessError:
            return None
        tables.append(pd.read_csv(io.StringIO(content), keep_default_na=False, na_values={"value": ""}))
    for table in tables[:2]:
        numeric = [c for c in table if c not in (*audit.IDENTITY, "classifier", "status")]
        table[numeric] = table[numeric].apply(pd.to_numeric, errors="coerce")
    return audit.numbers(*tables)


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers that changed or went from one version of the published tables to the next, with `before`, `after` and `kind`."""
    table = before.merge(after, on=audit.NUMBER, how="left", suffixes=("_before", "_after"), indicator="found")
    table = table.rename(columns={"value_before": "before", "value_after": "after"})
    gone = table["found"] == "left_only"
    same = (table["before"] - table["after"]).abs() <= audit.EXACT * table["before"].abs().clip(lower=1.0)
    same |= table["before"].isna() & table["after"].isna()
    table["kind"] = gone.map({True: "withdrawal", False: "correction"})
    return table[gone | ~same].drop(columns="found").reset_index(drop=True)


def unlisted(changed: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return the changes that no row of the list covers.

    A row covers changes of its kind if one of the patterns in `cells`, separated by spaces, fits the cell's path, and the pattern in
    `number` fits table, classifier or feature, and measure.
    """
    rows = list(listed[["kind", "cells", "number"]].itertuples(index=False))

    def covered(kind: str, path: str, number: str) -> bool:
        return any(
            (row.kind == kind or (row.kind, kind) == ("renaming", "withdrawal"))
            and fnmatchcase(number, row.number)
            and any(fnmatchcase(path, p) for p in row.cells.split())
            for row in rows
        )

    found = zip(changed["kind"], audit.paths_of(changed), audit.named(changed), strict=True)
    return changed[[not covered(*change) for change in found]]


@pytest.mark.slow
@pytest.mark.ci
def test_every_change_of_a_published_number_is_listed(published):
    try:
        commits = git(
            "log", "--no-merges", "--format=%H", "--", *(f"results/{n}.csv" for n in ("runs", "metrics", "diagnostics"))
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout, so there is no history to go through")
    listed = ledger.read(paths.results(), "errata")
    seen = 0
    for commit in commits.split():
        before, after = (numbers_at(state) for state in (f"{commit}^", commit))
        if before is None or after is None:
            continue
        seen += 1
        missing = unlisted(changes(before, after), listed)
        assert missing.empty, f"results/errata.csv lacks changes of commit {commit}:\n{missing.head(3).to_string()}"
    assert seen or len(commits.split()) <= 1


def test_every_listed_commit_exists(published):
    for commit in ledger.read(paths.results(), "errata")["commit"]:
        try:
            assert git("cat-file", "-t", commit).strip() == "commit"
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("the history is not here")


def test_changes_tell_corrections_from_withdrawals():
    before = pd.DataFrame(
        [
            ("adult", "f0.1", 0, "none", "metrics", "xgboost", measure, value)
            for measure, value in zip("abcd", [1.0, 2.0, 3.0, None], strict=True)
        ],
        columns=[*audit.NUMBER, "value"],
    )
    after = before.iloc[[0, 1, 3]].assign(value=[1.0 + 1e-12, 2.1, None])
    found = changes(before, pd.concat([after, after.iloc[[0]].assign(seed=1)]))
    assert found.set_index("measure")["kind"].to_dict() == {"b": "correction", "c": "withdrawal"}
    assert changes(before, before).empty


@pytest.mark.parametrize(
    ("kind", "cells", "number", "covers"),
    [
        ("correction", "adult/f0.1/s0/none", "metrics xgboost a", True),
        ("correction", "insurance/* adult/*", "metrics * a", True),
        ("withdrawal", "adult/*", "*", False),
        ("correction", "adult/*/naive", "*", False),
        ("correction", "adult/*", "metrics lightgbm *", False),
    ],
)
def test_a_row_of_the_list_covers_what_it_names(kind, cells, number, covers):
    before = pd.DataFrame(
        [("adult", "f0.1", 0, "none", "metrics", "xgboost", "a", 1.0)], columns=[*audit.NUMBER, "value"]
    )
    changed = changes(before, before.assign(value=2.0))
    listed = pd.DataFrame({"kind": [kind], "cells": [cells], "number": [number]})
    assert unlisted(changed, listed).empty == covers


def test_where_nothing_changed_nothing_lacks():
    same = pd.DataFrame(
        [("adult", "f0.1", 0, "none", "metrics", "xgboost", "a", 1.0)], columns=[*audit.NUMBER, "value"]
    )
    listed = pd.DataFrame(columns=schemas.columns("errata"))
    assert unlisted(changes(same, same), listed).empty


def test_the_list_is_summed_up(tmp_path):
    assert (
        tables.errata_text(ledger.read(paths.results(), "errata")).split(".")[0]
        == "So far there are no corrections, no renamings, no moved verdicts, no withdrawals, no open cases"
    )
    (paths.results() / "errata.csv").write_text(
        ",".join(schemas.columns("errata"))
        + "\n"
        + "2026-01-01,abc,withdrawal,x,y,,,because\n" * 2
        + "2026-01-01,abc,correction,x,y,1,2,because\n"
    )
    assert (
        tables.errata_text(ledger.read(paths.results(), "errata")).split(".")[0]
        == "So far there are 1 correction, no renamings, no moved verdicts, 2 withdrawals, no open cases"
    )


@pytest.mark.parametrize(
    "content", ["<html>", ",".join(schemas.columns("errata")) + "\n2026-01-01,abc,guess,x,y,,,because\n"]
)
def test_a_damaged_list_is_refused(content):
    (paths.results() / "errata.csv").write_text(content)
    with pytest.raises(
        StoreError, match=r"git checkout|expected correction or renaming or verdict or withdrawal or open"
    ):
        ledger.read(paths.results(), "errata")
