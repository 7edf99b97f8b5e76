"""A report from a file to a page, by the command."""

import io
import os
import re
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from invented import HOSTILE, measured, people
from rich.console import Console

from upsampling import cli
from upsampling.errors import SpecError
from upsampling.own import command, methods, page, report, trial
from upsampling.own.advice import advise
from upsampling.own.methods import CHEAP, GENERATOR
from upsampling.own.trial import fold
from upsampling.own.usertable import Settings


@pytest.fixture
def in_process(monkeypatch):
    """Fit two repeats of the cheap methods here, and none of the others."""

    def run(found, *, deadline, workers, show=lambda trial, group: None):
        for number in range(10):
            found.add(fold(found.X, found.y, found.splits[number], CHEAP, number))
            show(found, CHEAP)
        return "stopped"

    monkeypatch.setattr(report, "run", run)


def make(source, settings, **named):
    screen = io.StringIO()
    done = report.make(str(source), settings, console=Console(file=screen, width=240, highlight=False), **named)
    return done, screen.getvalue()


def test_a_report_holds_the_answer_and_no_row_of_the_table(write, tmp_path, in_process):
    frame = people(300, 40)
    frame["remark"] = [f"secret{n % 90}" for n in range(300)]
    done, shown = make(write(frame), Settings("churn"), output=tmp_path / "out", costs=(50, 1))
    assert "First answer after" in shown
    assert done.advice.headline in shown
    assert done.first_answer > 0
    html = done.html.read_text()
    soup = BeautifulSoup(html, "html.parser")
    assert soup.h1.text == done.advice.headline
    assert not re.search(r"secret\d|https?://(?!www\.w3\.org|purl\.org|creativecommons|matplotlib\.org)", html)
    assert not soup.find(["script", "link", "img"])
    assert all(svg["aria-label"] for svg in soup.find_all("svg"))
    assert "prefers-color-scheme: dark" in html
    assert "#010203" not in html
    assert "as you said" in soup.text
    assert "Look first" not in soup.text + shown
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model.py", "report.html"]


def test_a_leak_is_said_before_anything_else(write, tmp_path, in_process):
    frame = people(300, 40)
    fee = np.where(frame["churn"] == "yes", 100, 1) + np.arange(300) % 7
    done, printed = make(write(frame.assign(fee=fee)), Settings("churn"), output=tmp_path / "out")
    text = "Look first: fee alone has an average precision of 100 %. If it is not known before the outcome, nothing here holds"
    assert f"{done.advice.headline}\n{text}" in printed
    warned = BeautifulSoup(done.html.read_text(), "html.parser").find(class_="first")
    assert warned.text.startswith(text)
    assert warned.find_next_sibling("h1")


def test_hostile_names_are_text_on_the_page(write, tmp_path, in_process):
    frame = people(300, 40)
    frame = frame.assign(**dict.fromkeys(HOSTILE, frame["job"]))
    done, _ = make(write(frame), Settings("churn"), output=tmp_path / "out")
    soup = BeautifulSoup(done.html.read_text(), "html.parser")
    assert not soup.find("script")
    assert {" ".join(name.split()) for name in HOSTILE} <= {" ".join(cell.text.split()) for cell in soup.find_all("td")}


def test_an_estimate_writes_nothing(write, tmp_path):
    done, shown = make(write(people()), Settings("churn"), output=tmp_path / "out", estimate_only=True)
    assert done is None
    assert re.search(
        r"a first answer after about \d+ s, .* the generator, .* takes about .* It ends within 6 min", shown
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_budget_holds_from_the_first_to_the_last_second(write, tmp_path):
    """A small table that took two minutes of one, with five of six methods left out."""
    if os.getloadavg()[0] > 2 * trial.available_workers():
        pytest.skip("other programs keep this machine busy")
    start = time.monotonic()
    done, _ = make(write(people(1500, 60)), Settings("churn"), output=tmp_path / "out", budget=60)
    assert time.monotonic() - start < 60
    assert done.trial.ready
    assert done.advice.reference.startswith("raw_")


def test_a_budget_too_short_for_an_answer_is_refused(write, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "run", lambda *_, **__: "time")
    with pytest.raises(SpecError, match=r"5 s are too short for a first answer on 200 rows: .*--budget.*--max-rows"):
        make(write(people()), Settings("churn"), output=tmp_path / "out", budget=5)


def test_the_generator_is_said_to_be_left_out(write, tmp_path, monkeypatch, in_process):
    run = report.run

    def short(found, **named):
        run(found, **named)
        found.left_out[GENERATOR] = "would take about 90 s more"
        return "time"

    monkeypatch.setattr(report, "run", short)
    done, _ = make(write(people()), Settings("churn"), output=tmp_path / "out")
    assert "The generator would take about 90 s more; --budget allows for it." in done.html.read_text()


class TestCommand:
    def test_options_reach_the_report(self, monkeypatch, tmp_path):
        asked = {}
        monkeypatch.setattr(
            report, "make", lambda source, settings, **named: asked.update(named, of=source, by=settings)
        )
        monkeypatch.setattr(
            "sys.argv",
            f"upsampling report my.csv --target churn --positive ja --numeric n --categorical a --drop x --drop y --decimal , "
            f"--max-rows 700 --budget 2h --cost-miss 50 --cost-alarm 2 --output {tmp_path} --estimate".split(),
        )
        with pytest.raises(SystemExit) as stop:
            cli.app()
        assert not stop.value.code
        assert asked.pop("by") == Settings("churn", "ja", ("n",), ("a",), ("x", "y"), ",", 700)
        expected = {"of": "my.csv", "output": tmp_path, "budget": 7200, "costs": (50, 2), "estimate_only": True}
        assert asked == expected

    def test_one_cost_alone_is_refused(self):
        with pytest.raises(SpecError, match="--cost-miss and --cost-alarm go together"):
            command.report("my.csv", cost_miss=5)

    def test_a_stop_before_the_first_answer_ends_with_130(self, monkeypatch, capsys):
        def stop(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr(report, "make", stop)
        monkeypatch.setattr("sys.argv", ["upsampling", "report", "demo"])
        with pytest.raises(SystemExit) as end:
            cli.app()
        assert end.value.code == 130
        assert "stopped before there was an answer" in capsys.readouterr().err


def test_costs_and_folders_that_cannot_be_are_refused(write, tmp_path):
    source = write(people())
    with pytest.raises(SpecError, match="costs are above zero, got 0 for a miss"):
        make(source, Settings("churn"), costs=(0, 1))
    with pytest.raises(SpecError, match="is a file: name a folder with --output"):
        make(source, Settings("churn"), output=source)


def test_every_group_has_a_number_of_repeats():
    assert set(trial.REPEATS) == set(methods.GROUP_TITLES)


def test_the_line_of_zero_crosses_no_label():
    means = {name: 0.5 + place / 100 for place, name in enumerate(methods.METHODS)}
    figure = page.gains(advise(measured(means, spread=0.2), 0.2))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    (zero,) = axes.collections
    spans = [axes.transData.transform(segment) for segment in zero.get_segments()]
    crossed = 0
    for label in axes.texts:
        box = label.get_window_extent()
        crossed += box.x0 < spans[0][0, 0] < box.x1
        assert not any(span[0, 1] < box.y1 and box.y0 < span[1, 1] for span in spans)
    assert crossed > 1, "labels reach across zero, or this tests nothing"


def test_the_report_says_where_an_alarm_for_every_row_is_as_cheap():
    costs = {"miss": [10, 100], "alarm": 1, "cost": [500.2, 950.4], "cost_everywhere": [900.0, 900.0]}
    note = page._threshold_note(pd.DataFrame(costs))
    assert note.endswith(
        "At 100 to 1 an alarm for every row costs no more than the model's alarms: 900 against 950 per 1,000 rows."
    )
    assert note.count("for every row") == 1
    assert "It chooses its own threshold when it trains, near the one shown here, and prints it." in note


def test_the_report_names_the_values_that_the_generator_never_draws():
    X = pd.DataFrame({"city": ["a"] * 60 + ["b"] * 36 + ["c"] * 4, "n": range(100)})
    done = SimpleNamespace(X=X, y=np.arange(100) >= 92, folds=lambda group: 1)
    (note,) = page._hidden(done)
    assert note.startswith("the generator never draws 1 of the 3 values of city, which 50% of the positives have")
    done.folds = lambda group: 0
    assert page._hidden(done) == []
