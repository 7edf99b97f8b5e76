"""A report: planned, computed, resumed, written; and refused where it cannot work."""

import itertools
import json
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from helpers import made_result
from test_userdata import HOSTILE, known, people  # noqa: F401

from upsampling import paths
from upsampling.errors import SpecError, StoreError
from upsampling.own import report, userdata
from upsampling.own.report import Asked, Costs
from upsampling.own.userdata import Settings
from upsampling.study import datasets, runner
from upsampling.study.arms import ARMS
from upsampling.study.diagnostics import diagnose
from upsampling.study.experiment import measured
from upsampling.study.protocol import Cell, base_counts, partition
from upsampling.study.store import Store

STUDY = Store(paths.ROOT / "results").published("runs")
NOTHING = STUDY.head(0)
ASKED = Asked("demo", (0.1, 0.01), (0, 1, 2), ("class_weight", "none", "naive", "tabularargn"))


@pytest.fixture
def described(tmp_path):
    people().to_csv(tmp_path / "my.csv", index=False)
    return userdata.read(str(tmp_path / "my.csv"), Settings("churn"))


class TestOwnFraction:
    @pytest.mark.parametrize("n_positive", [10, 11, 37, 99])
    def test_it_keeps_every_minority_row_of_the_base_set(self, tmp_path, n_positive):
        people(200, n_positive).to_csv(tmp_path / "my.csv", index=False)
        table = userdata.read(str(tmp_path / "my.csv"), Settings("churn")).table
        fraction = report.own_fraction(table, range(3))
        for seed in range(3):
            parts = partition(table, Cell("my", fraction, None, seed, "none"))
            assert len(parts.discarded) <= 1
            assert len(parts.train.minority) == min(base_counts(table, seed)[1] for seed in range(3))

    def test_it_is_short(self, demo):
        assert report.own_fraction(demo, range(3)) == 0.3225


class TestPlan:
    def test_first_seeds_then_fractions_then_arms_are_dropped(self):
        cost = {"naive": 1.0, "tabularargn": 9.0}
        kept = [(choice.fractions, choice.seeds, choice.arms) for choice, _ in ASKED.fewer(cost.get)]
        all_arms = ASKED.arms
        assert kept == [
            ((0.1, 0.01), (0, 1), all_arms),
            ((0.1, 0.01), (0,), all_arms),
            ((0.1,), (0,), all_arms),
            ((0.1,), (0,), ("class_weight", "none", "naive")),
            ((0.1,), (0,), ("class_weight", "none")),
        ]
        assert [text for _, text in ASKED.fewer(cost.get)][-1] == (
            "1 of 3 seeds, 1 of 2 fractions, without Naive and TabularARGN hybrid"
        )

    @pytest.mark.parametrize("workers", [1, 2])
    def test_what_is_kept_fits_the_budget_and_is_the_most_that_does(self, demo, workers):
        costs = Costs(demo, STUDY, NOTHING)
        whole = costs.seconds(ASKED, set(), workers)
        assert report.within(ASKED, costs, None, set(), workers) == (ASKED, "")
        assert report.within(ASKED, costs, whole, set(), workers) == (ASKED, "")
        choices = [ASKED, *(choice for choice, _ in ASKED.fewer(lambda arm: costs.arm(0.1, arm)))]
        for more, less in itertools.pairwise(choices):
            budget = (costs.seconds(more, set(), workers) + costs.seconds(less, set(), workers)) / 2
            assert report.within(ASKED, costs, budget, set(), workers)[0] == less
        assert report.within(ASKED, costs, 0.1, set(), workers)[0] == choices[-1]
        assert report.within(ASKED, costs, 0.1, set(ASKED.cells), workers) == (ASKED, ""), "there is nothing to save"

    def test_larger_tables_and_more_cells_take_longer_and_a_cap_less(self, demo):
        def fit(factor, cap=None):
            columns = {f"{name}{n}": demo.X[name] for name in demo.X for n in range(factor)}
            table = datasets.Table("x", "0", pd.DataFrame(columns), demo.y, cap)
            return Costs(table, STUDY, NOTHING).fit(0.1)

        assert fit(1) < fit(2) < fit(4)
        assert fit(2, cap=500) < fit(2)
        costs = Costs(demo, STUDY, NOTHING)
        assert costs.seconds(ASKED, {ASKED.cells[3]}, 1) < costs.seconds(ASKED, set(), 1)
        assert costs.seconds(ASKED, set(ASKED.cells), 1) == report.OVERHEAD

    def test_what_was_measured_on_the_table_counts_more_than_the_estimate(self, demo):
        own = pd.DataFrame(
            {"status": "done", "minority_fraction": 0.1, "arm": ["naive", "tabularargn"], "seconds": [77.0, 3.0]}
        ).assign(fit_seconds=[np.nan, 1234.0])
        costs = Costs(demo, STUDY, own)
        assert costs.cell(0.1, "naive") == 77
        assert costs.cell(0.01, "naive") != 77
        assert costs.arm(0.1, "tabularargn") == 1237


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"arms": ["smotnc"]},
            r"unknown arm 'smotnc'. Did you mean 'smotenc'\? Known: none, [a-z_, ]*tabularargn_synthetic\.$",
        ),
        ({"arms": ["none", "oracle"]}, "cannot be used in practice"),
        ({"arms": ["naive"]}, "one of class_weight and none must be among the arms"),
        ({"fractions": [0.4]}, "use a count from 1 to 24 or a fraction of at most 0.15"),
        ({"fractions": [0.0]}, "a minority fraction lies above 0"),
        ({"seeds": 0}, "a report needs 1 seed at least"),
    ],
)
def test_the_impossible_is_refused_before_any_work(described, tmp_path, monkeypatch, asked, message):
    monkeypatch.setattr(runner, "run", None)
    with pytest.raises(SpecError, match=message):
        report.make(described, tmp_path / "report", **asked)


def test_a_folder_of_something_else_is_not_touched(described, tmp_path):
    with pytest.raises(SpecError, match="exists and is no folder of a report: name another one with --output"):
        report.make(described, tmp_path)
    assert not (tmp_path / userdata.DESCRIPTION).exists()


def test_a_folder_that_cannot_be_written_is_refused(described, tmp_path, monkeypatch):
    def refuse(described, folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(userdata, "save", refuse)
    with pytest.raises(
        StoreError, match=r"report cannot be written \(Permission denied\): name another one with --output"
    ):
        report.make(described, tmp_path / "report")


def test_an_estimate_says_what_was_understood_and_computes_nothing(described, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "run", None)
    lines = []
    report.make(described, tmp_path / "report", estimate_only=True, budget=30, say=lines.append)
    text = "\n".join(lines)
    assert "my.csv: 200 rows, 30 of them (15 %) with churn = yes; 2 numeric and 1 categorical columns." in text
    assert "left out: customer_id: numbers the rows" in text
    assert "left out: since: holds dates" in text
    assert "Takes about" in text
    assert "To keep within 30 s:" in text


def test_a_cap_is_offered_for_a_large_table_only(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "CAP", 2_000)
    lines = []
    for cap in (None, 1_500):
        report.make(
            userdata.read("demo", generator_rows=cap), tmp_path / str(cap), estimate_only=True, say=lines.append
        )
    assert sum("with --max-rows 2000 it learns from 2,000 rows" in line for line in lines) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_rows_are_read_estimated_and_diagnosed_in_little_memory(tmp_path, monkeypatch):
    rng, n = np.random.RandomState(0), 1_000_000
    frame = pd.DataFrame({f"number {i}": rng.normal(size=n).round(3) for i in range(12)})
    frame = frame.assign(**{f"kind {i}": rng.choice(["a", "b", "c", "d"], n) for i in range(8)})
    frame["churn"] = np.where(frame["number 0"] + rng.normal(size=n) > 3, "yes", "no")
    frame.to_parquet(tmp_path / "large.parquet")
    monkeypatch.setattr(runner, "run", None)
    lines = []
    with measured() as usage:
        described = userdata.read(str(tmp_path / "large.parquet"), Settings("churn"))
        report.make(described, tmp_path / "report", estimate_only=True, say=lines.append)
        table = described.table
        cell = Cell(table.name, report.own_fraction(table, [0]), None, 0, "naive")
        parts = partition(table, cell)
        training = ARMS[cell.arm].build(parts, 0, None)
        found = diagnose(training, parts, 0)
    assert (table.X.shape, len(table.y)) == ((n, 20), n)
    assert any("One fit of the generator takes about" in line and "--max-rows 50000" in line for line in lines)
    assert training.minority_share == 0.5
    assert len(found) > 0
    assert usage.peak_mib < 8 * 1024


def test_a_budget_is_planned_again_once_a_seed_was_measured(described, tmp_path, monkeypatch):
    """The first seed turns out to take as long as the whole budget, so it stays the only one."""
    ran, lines = [], []

    def run(cells, store, workers):
        for cell in cells:
            if store.status([cell])[cell] == "missing":
                ran.append(cell)
                store.write(made_result(cell, seconds=500.0))

    monkeypatch.setattr(runner, "run", run)
    monkeypatch.setattr(report, "_write", lambda *arguments: None)
    report.make(
        described, tmp_path / "report", arms=["none", "naive"], seeds=5, budget=600, workers=1, say=lines.append
    )
    assert {cell.seed for cell in ran} == {0}
    assert any("To keep within 10 min: 1 of 5 seeds" in line for line in lines)
    notes = userdata.open_folder(tmp_path / "report").notes
    assert notes == ("to keep within 10 min: 1 of 5 seeds",)


@pytest.mark.parametrize(("computed", "n_missing", "dropped"), [((1,), 1, True), ((0, 1), 0, False)])
def test_only_what_is_missing_is_counted_and_dropped_for_a_budget(described, tmp_path, computed, n_missing, dropped):
    """Everything is computed under some seeds; one arm under the first seed is the least that is kept."""
    plan = partial(
        report.make, described, tmp_path / "report", arms=["none", "naive"], seeds=2, workers=1, estimate_only=True
    )
    plan(say=lambda line: None)
    store = Store(tmp_path / "report/results")
    fraction = report.own_fraction(described.table, range(2))
    for cell in Asked(described.table.name, (fraction,), computed, ("none", "naive")).cells:
        store.write(made_result(cell))
    lines = []
    plan(budget=1, say=lines.append)
    assert any(line.endswith(f"with 1 workers, {n_missing} cells to go.") for line in lines)
    assert any("To keep within" in line for line in lines) == dropped
    assert any("Even that" in line for line in lines) == dropped


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_report_from_a_hostile_file_to_a_page_and_on_after_a_stop(tmp_path, monkeypatch):
    rng = np.random.RandomState(1)
    frame = people(300, 60)
    frame["churn"] = frame["churn"].map({"yes": "<b>yes</b> ![x](http://x)", "no": "{{ no }}"})
    for name in HOSTILE:
        frame[name] = rng.choice([*HOSTILE, ""], 300)
    frame["missing"] = np.where(rng.uniform(size=300) < 0.4, np.nan, rng.normal(size=300))
    frame.to_csv(tmp_path / "<script>alert(1)<script>.csv", index=False)
    described = userdata.read(str(tmp_path / "<script>alert(1)<script>.csv"), Settings("churn"))
    folder, lines = tmp_path / "report", []
    make = partial(
        report.make, described, folder, arms=["class_weight", "smotenc", "tuned_none"], workers=2, say=lines.append
    )
    with monkeypatch.context() as patch:
        patch.setattr(report, "_write", lambda *arguments: None)
        make(seeds=1)
    first = (folder / "results/cells").rglob("*.json")
    times = {path: path.stat().st_mtime_ns for path in first}
    assert len(times) == 3
    done = make(seeds=2)
    assert {path: path.stat().st_mtime_ns for path in times} == times, "what was computed is kept"
    assert len([*(folder / "results/cells").rglob("*.json")]) == 6

    html = BeautifulSoup(done.html.read_text(), "html.parser")
    assert html.find_all(["script", "iframe", "object", "link"]) == []
    assert {image["src"][:26] for image in html.find_all("img")} == {"data:image/svg+xml;base64,"}
    assert all(link["href"].startswith("data:text/csv;") for link in html.find_all("a"))
    text = html.get_text()
    assert "<script>alert(1)<script>.csv" in html.h1.get_text()
    assert "the class of interest is <b>yes</b> ![x](http://x), with 60 of 300 rows" in text
    assert done.advice.headline() in text
    assert lines[-1] == f"Report: {done.html}"
    assert {"What to use", "The code", "How your table was read"} <= {h.get_text() for h in html.find_all("h2")}
    assert len(html.find_all("figure")) == 6
    assert "Traceback" not in text
    for name in HOSTILE:
        assert " ".join(name.split()) in " ".join(text.split())

    code = html.find("pre").get_text()
    frame.drop(columns="churn").to_csv(tmp_path / "new.csv", index=False)
    script = f"{code}\nprint(len(probability), probability.min() >= 0)"
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "300 True", ran.stderr
    record = json.loads((folder / "report.ipynb").read_text())["metadata"]["papermill"]
    assert record["exception"] is None
    assert not Store().folder.joinpath("cells").exists(), "nothing lands in the study's results"
