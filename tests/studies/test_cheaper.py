"""Cheaper fits, from results and costs that are known."""

import re

import pandas as pd
import pytest

from upsampling.book.studies import cheaper
from upsampling.study.arms import ARMS

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


def costs(seconds: dict, seeds=6, slow_day=1.0) -> pd.DataFrame:
    """Fits with the generator's defaults take 100 s, and 1000 under seeds that no candidate has; on their day all takes `slow_day` times as long."""
    rows = [("adult", 0.001, seed, cheaper.PAPER, 100.0 if seed < 4 else 1000.0, 10.0) for seed in range(seeds)]
    rows = [(*row[:4], slow_day * row[4], slow_day * row[5]) for row in rows]
    rows += [("adult", 0.001, seed, arm, value, 10.0) for seed in range(4) for arm, value in seconds.items()]
    columns = ["dataset", "minority_fraction", "seed", "arm", "fit_cpu_seconds", "cpu_seconds"]
    return pd.DataFrame(rows, columns=columns)


def test_every_candidate_is_an_arm_with_a_fit_of_its_own():
    assert {ARMS[name].generator for name in cheaper.CANDIDATES} == set(cheaper.CANDIDATES)


def test_speed_and_quality_stand_on_the_same_training_sets():
    metrics, runs = results({SHORT: -0.1, SMALL: 0.004}), costs({SHORT: 20.0, SMALL: 79.0})
    table = cheaper.judge(metrics, runs, 0.001).set_index("arm")
    assert table.loc[SHORT, ["measured", "relative"]].tolist() == pytest.approx([5, 5])
    assert table.loc[SMALL, "measured"] == pytest.approx(100 / 79)
    assert table.loc[SHORT, "mean"] == pytest.approx(-0.1015)
    assert not table.loc[SHORT, ["equal", "no_worse"]].any()
    assert cheaper.shown(table.reset_index()).set_index("Candidate")["Verdict"].tolist() == ["worse", "equal"]
    assert table.loc[SMALL, "equal"]
    assert (
        "**Equal to the generator's defaults within 1 point: Hybrid, small model on Adult, 1.3 to 1.3 times cheaper. "
        "The aim was 5 times cheaper, which is not reached.**" == cheaper.headline(table.reset_index())
    )
    cheap = table.loc[[SMALL]].assign(measured=6.0, relative=5.5).reset_index()
    assert cheaper.headline(cheap).endswith("The aim was 5 times cheaper, which is reached.**")
    on_two = pd.concat([cheap, cheap.assign(dataset="insurance", relative=4.9)])
    assert cheaper.headline(on_two).endswith("which is not reached.**"), "on one of the tables it is not"


def test_an_interval_that_reaches_beyond_is_not_equal():
    metrics = results({SMALL: 0.0})
    of_one_seed = metrics["arm"].eq(SMALL) & metrics["seed"].eq(0)
    metrics.loc[of_one_seed, "average_precision"] += 0.03
    table = cheaper.judge(metrics, costs({SMALL: 79.0}), 0.001)
    assert not table["equal"].iloc[0]
    assert cheaper.headline(table).startswith("**No candidate is shown to be equal")
    assert (
        "No worse, with the whole interval above -1 point, and cheaper: Hybrid, small model on Adult, 1.3 to 1.3 times"
        in cheaper.headline(table)
    )
    assert cheaper.shown(table)["Verdict"].tolist() == ["no worse"]
    assert cheaper.finding(table, "adult").startswith(
        "- **Adult**: Hybrid, small model 1.3 to 1.3 times cheaper, +0.8 [+0.0,"
    )


def test_with_two_seeds_nothing_is_said():
    table = cheaper.judge(results({SMALL: 0.001}, seeds=2), costs({SMALL: 79.0}), 0.001)
    assert table["equal"].isna().all()
    assert cheaper.headline(table) == "**Not computed yet.**"
    assert cheaper.shown(table)["Verdict"].tolist() == ["too few seeds"]


def test_without_results_the_page_says_so():
    table = cheaper.judge(results({}), costs({}), 0.001)
    assert table.empty
    assert cheaper.headline(table) == "**Not computed yet.**"
    assert cheaper.finding(table, "adult").endswith("not computed yet.")


def test_the_figure_has_a_dot_for_each_candidate():
    table = cheaper.judge(results({SHORT: -0.1, SMALL: 0.004}), costs({SHORT: 20.0, SMALL: 79.0}), 0.001)
    (axes,) = cheaper.draw(table).axes
    dots = [tuple(line.get_data()) for line in axes.lines if line.get_marker() == "o"]
    assert sorted(float(x[0]) for x, _ in dots) == pytest.approx([100 / 79, 5])


def test_on_a_slow_day_a_candidate_is_not_shown_to_be_cheaper():
    table = cheaper.judge(results({SMALL: 0.004}), costs({SMALL: 100.0}, slow_day=1.5), 0.001)
    assert table["measured"].item() == pytest.approx(1.5)
    assert table["relative"].item() == pytest.approx(1)
    assert "not shown to be cheaper (1.0 to 1.5 times)" in cheaper.finding(table, "adult")
    no_worse = table.assign(equal=False, no_worse=True)
    assert "No worse" not in cheaper.headline(no_worse)


def test_a_fit_whose_time_is_unknown_is_left_out_of_the_factors():
    runs = costs({SMALL: 50.0})
    lost = runs["arm"].eq(SMALL) & runs["seed"].eq(1)
    table = cheaper.judge(results({SMALL: 0.004}), runs[~lost], 0.001)
    assert table[["measured", "relative"]].iloc[0].tolist() == pytest.approx([2, 2])


def test_a_candidate_that_changes_no_score_is_the_same_setting_and_tells_how_rough_speedups_are():
    table = cheaper.judge(results({SHORT: -0.1, SMALL: 0.0}), costs({SHORT: 20.0, SMALL: 150.0}), 0.001)
    assert table.set_index("arm")["same"].to_dict() == {SHORT: False, SMALL: True}
    assert "small model" not in cheaper.headline(table) + cheaper.finding(table, "adult")
    assert "*Hybrid, small model* is what the generator does by itself on Adult" in cheaper.noise(table)
    assert "how many times cheaper it is as 0.67 and 0.67, where 1 is true (n = 4)" in cheaper.noise(table)
    same = table[table["same"]]
    assert cheaper.finding(same, "adult").endswith(": nothing but the setting of the defaults.")
    assert cheaper.headline(same) == "**Not computed yet.**"
    assert cheaper.shown(table)["Verdict"].tolist() == ["worse", "same setting"]
    assert cheaper.noise(table[table["arm"] == SHORT]) == ""


VALUES = {
    "grid/plain loop": 40.0,
    "grid/runner": 100.0,
    "grid/runner, preset fast": 90.0,
    "grid/cells": 6,
    "fit/preset/adult/whole": 24.0,
    "fit/preset/adult/whole, fast": 12.0,
    "fit/preset/adult/training": 20.0,
    "fit/preset/adult/training, fast": 8.0,
    "fit/passes": 30,
}
MEASURED = pd.DataFrame({"name": [*VALUES], "value": [*VALUES.values()]})


@pytest.mark.parametrize(
    ("seconds", "told"), [(50.0, "2.0 to 2.0 times cheaper"), (125.0, "not shown to be cheaper (0.8 to")]
)
def test_a_saving_of_the_preset_is_told_only_where_it_is_shown(seconds, told):
    table = cheaper.judge(results({cheaper.PRESET: 0.0}), costs({cheaper.PRESET: seconds}), 0.001)
    text = cheaper.preset(table, MEASURED.head(0))
    assert f"Its fits in the study are {told}" in text
    assert "benchmark" not in text


def test_the_benchmarks_of_the_preset_are_told():
    text = cheaper.preset(cheaper.judge(results({}), costs({}), 0.001), MEASURED)
    told = "with 6 passes over the rows each, by turns on one machine, the preset is 2.0 times cheaper on Adult (2.5 times without"
    assert told in text
    assert (
        "A benchmark of 6 whole cells of Adult came to 90 an hour with it, 100 without, and 40 in a plain loop" in text
    )
    assert "the runner 2.5 times as fast as the loop, and 2.2 times with the preset" in text


def test_the_preset_is_judged_at_each_share_and_on_the_mean_over_those_that_both_have():
    few, many = results({cheaper.PRESET: 0.02}), results({cheaper.PRESET: -0.004})
    wide = results({}).assign(minority_fraction=0.05, size="f0.05")
    metrics = pd.concat([few, many.assign(minority_fraction=0.01, size="f0.01"), wide])
    table = cheaper.preset_by_share(metrics)
    assert table["minority_fraction"].tolist()[:2] == [0.001, 0.01]
    assert table["minority_fraction"].isna().tolist() == [False, False, True]
    assert table["mean"].tolist() == pytest.approx([0.0203, -0.00406, 0.00812])
    shown = cheaper.shown_by_share(table)
    assert shown["Minority share"].tolist() == ["0.1 %", "1 %", "mean of these"]
    assert shown["Verdict"].tolist() == ["no worse", "equal", "equal"]
    assert (
        cheaper.preset_headline(table)
        == "**The preset `fast` (*Hybrid, cheaper steps*) is equal within 1 point at 1 % of Adult (4 seeds).**"
    )
    assert cheaper.preset_headline(table[:1]) == ""
    text = cheaper.share_text(table)
    assert re.search(
        r"\*no worse\*: Adult at 0.1 % \(\+2\.0 .*, n = 4\); \*equal\*: Adult at 1 % .* and Adult on the mean", text
    )


def test_a_preset_at_one_share_has_no_mean_and_one_with_two_seeds_no_verdict():
    table = cheaper.preset_by_share(results({cheaper.PRESET: 0.0}, seeds=2))
    assert table["minority_fraction"].tolist() == [0.001]
    assert cheaper.shown_by_share(table)["Verdict"].tolist() == ["too few seeds"]
    nothing = cheaper.preset_by_share(results({}))
    assert nothing.empty
    assert cheaper.share_text(nothing) == "**Not computed yet.**"
    assert cheaper.preset_headline(nothing) == ""
