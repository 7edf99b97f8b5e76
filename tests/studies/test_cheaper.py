"""Cheaper fits, from results and costs that are known."""

import re

import pandas as pd
import pytest

from upsampling.samplers import ARMS
from upsampling.studies import cheaper

pytestmark = pytest.mark.usefixtures("few_resamples")

SHORT, SMALL = "tabularargn_epochs6", "tabularargn_small"


def results(gaps: dict, seeds=4) -> pd.DataFrame:
    rows = [
        ("adult", "f0.001", 0.001, seed, arm, classifier, 0.5 + seed / 100 + gap * (1 + seed / 100))
        for seed in range(seeds)
        for arm, gap in {cheaper.PAPER: 0.0, **gaps}.items()
        for classifier in ("lightgbm", "xgboost")
    ]
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def costs(seconds: dict, seeds=6) -> pd.DataFrame:
    """Fits with the generator's defaults take 100 s, and 1000 under seeds that no candidate has."""
    rows = [("adult", 0.001, seed, cheaper.PAPER, 100.0 if seed < 4 else 1000.0) for seed in range(seeds)]
    rows += [("adult", 0.001, seed, arm, value) for seed in range(4) for arm, value in seconds.items()]
    return pd.DataFrame(rows, columns=["dataset", "minority_fraction", "seed", "arm", "fit_cpu_seconds"])


def test_every_candidate_is_an_arm_with_a_fit_of_its_own():
    assert {ARMS[name].generator for name in cheaper.CANDIDATES} == set(cheaper.CANDIDATES)


def test_speed_and_quality_stand_on_the_same_training_sets():
    metrics, runs = results({SHORT: -0.1, SMALL: 0.004}), costs({SHORT: 20.0, SMALL: 80.0})
    table = cheaper.judge(metrics, runs, 0.001).set_index("arm")
    assert table.loc[SHORT, "speedup"] == pytest.approx(5)
    assert table.loc[SMALL, "speedup"] == pytest.approx(1.25)
    assert table.loc[SHORT, "mean"] == pytest.approx(-0.1015)
    assert not table.loc[SHORT, ["equal", "no_worse"]].any()
    assert cheaper.shown(table.reset_index()).set_index("Candidate")["Verdict"].tolist() == ["not equal", "equal"]
    assert table.loc[SMALL, "equal"]
    assert (
        "**Equal to the generator's defaults within 1 point: Hybrid, small model (1.2 times cheaper).**"
        == cheaper.headline(table.reset_index())
    )


def test_an_interval_that_reaches_beyond_is_not_equal():
    metrics = results({SMALL: 0.0})
    of_one_seed = metrics["arm"].eq(SMALL) & metrics["seed"].eq(0)
    metrics.loc[of_one_seed, "average_precision"] += 0.03
    table = cheaper.judge(metrics, costs({SMALL: 80.0}), 0.001)
    assert not table["equal"].iloc[0]
    assert cheaper.headline(table).startswith("**No candidate is shown to be equal")
    assert (
        "No worse, with the whole interval above -1 point: Hybrid, small model on Adult, 1.2 times"
        in cheaper.headline(table)
    )
    assert cheaper.shown(table)["Verdict"].tolist() == ["no worse"]
    assert cheaper.finding(table, "adult").startswith("- **Adult**: Hybrid, small model 1.2 times cheaper, +0.8 [+0.0,")


def test_with_two_seeds_nothing_is_said():
    table = cheaper.judge(results({SMALL: 0.001}, seeds=2), costs({SMALL: 80.0}), 0.001)
    assert table["equal"].isna().all()
    assert cheaper.headline(table) == "**Not computed yet.**"
    assert cheaper.shown(table)["Verdict"].tolist() == ["too few seeds"]


def test_without_results_the_page_says_so():
    table = cheaper.judge(results({}), costs({}), 0.001)
    assert table.empty
    assert cheaper.headline(table) == "**Not computed yet.**"
    assert cheaper.finding(table, "adult").endswith("not computed yet.")


def test_the_figure_has_a_dot_for_each_candidate():
    table = cheaper.judge(results({SHORT: -0.1, SMALL: 0.004}), costs({SHORT: 20.0, SMALL: 80.0}), 0.001)
    (axes,) = cheaper.draw(table).axes
    dots = [tuple(line.get_data()) for line in axes.lines if line.get_marker() == "o"]
    assert sorted(float(x[0]) for x, _ in dots) == pytest.approx([1.25, 5])


def test_a_candidate_that_changes_no_score_is_the_same_setting_and_tells_how_rough_speedups_are():
    table = cheaper.judge(results({SHORT: -0.1, SMALL: 0.0}), costs({SHORT: 20.0, SMALL: 160.0}), 0.001)
    assert table.set_index("arm")["same"].to_dict() == {SHORT: False, SMALL: True}
    assert "small model" not in cheaper.headline(table) + cheaper.finding(table, "adult")
    assert "*Hybrid, small model* is what the generator does by itself on Adult" in cheaper.noise(table)
    assert "differs by 1.6 times" in cheaper.noise(table)
    assert cheaper.shown(table)["Verdict"].tolist() == ["not equal", "same setting"]
    assert cheaper.noise(table[table["arm"] == SHORT]) == ""


MEASURED = pd.DataFrame({"name": [cheaper.RUNNER, cheaper.RUNNER_FAST], "value": [100.0, 90.0]})


@pytest.mark.parametrize(("seconds", "short"), [(60.0, True), (10.0, False)])
def test_short_of_what_was_hoped_for_only_if_it_is(seconds, short):
    table = cheaper.judge(results({cheaper.PRESET: 0.0}), costs({cheaper.PRESET: seconds}), 0.001)
    text = cheaper.preset(table, MEASURED.head(0))
    assert ("short of the 5 times" in text) == short
    assert f"{100 / seconds:.2f} times on Adult" in text
    assert "rests on the argument" not in text
    assert "an hour" not in text


def test_the_preset_is_called_unproven_and_useless_where_it_is():
    table = cheaper.judge(results({cheaper.PRESET: 0.02}), costs({cheaper.PRESET: 60.0}), 0.001)
    text = cheaper.preset(table, MEASURED)
    assert re.search(r"not shown to be equal \(\+2\.0 .* points on Adult\): it rests on the argument alone", text)
    assert "90 an hour with it and 100 without" in text
    assert "1.20 times as many an hour" in cheaper.preset(table, MEASURED.assign(value=[100.0, 120.0]))
