"""Gains against the number of minority rows, from results that are known."""

import pandas as pd
import pytest

from upsampling.book.studies import counts

pytestmark = pytest.mark.usefixtures("few_resamples")

ARMS = ["naive", "smotenc", "tabularargn"]
# Gain over the unbalanced set by number of minority rows; the last two are training sets of a count.
GAINS = {
    15: {"naive": -0.01, "smotenc": 0.02, "tabularargn": 0.05},
    300: {"naive": 0.01, "smotenc": 0.02, "tabularargn": 0.03},
    1564: {"naive": 0.0, "smotenc": 0.01, "tabularargn": -0.02},
    10: {"naive": -0.01, "smotenc": 0.03, "tabularargn": 0.02},
}
SIZES = {15: ("f0.0005", 0.0005), 300: ("f0.01", 0.01), 1564: ("f0.05", 0.05), 10: ("n10", None)}


def results(seeds=4) -> pd.DataFrame:
    rows = [
        ("adult", SIZES[n][0], SIZES[n][1], n, seed, arm, classifier, 0.5 + seed / 100 + gain)
        for n, gains in GAINS.items()
        for seed in range(seeds)
        for arm, gain in {"none": 0.0, **gains}.items()
        for classifier in ("lightgbm", "xgboost", "logistic_regression")
    ]
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


RUNS = pd.DataFrame({"dataset": ["adult"], "n_majority": [990]})


def test_gains_stand_in_the_order_of_the_rows_with_their_share():
    table = counts.gains(results(), RUNS, ARMS)
    hybrid = table[table["arm"] == "tabularargn"]
    assert hybrid["n_minority"].tolist() == [10, 15, 300, 1564]
    assert hybrid["mean"].tolist() == pytest.approx([GAINS[n]["tabularargn"] for n in (10, 15, 300, 1564)])
    assert hybrid["share"].iloc[0] == pytest.approx(0.01)
    assert set(hybrid["n_seeds"]) == {4}


def test_a_line_stands_on_the_same_seeds_at_every_size():
    metrics = results(seeds=5)
    lacking = metrics["arm"].eq("smotenc") & metrics["n_minority"].eq(300) & metrics["seed"].eq(1)
    few = metrics["n_minority"].eq(10) & metrics["seed"].gt(1)
    table = counts.gains(metrics[~lacking & ~few], RUNS, ARMS)
    assert set(table["n_minority"]) == {15, 300, 1564}, "two seeds are too few"
    assert set(table.loc[table["arm"] == "smotenc", "seeds"]) == {"0 2 3 4"}
    assert set(table.loc[table["arm"] == "tabularargn", "seeds"]) == {"0 1 2 3 4"}


def test_sizes_made_for_a_share_and_for_a_number_have_seeds_of_their_own():
    metrics = results(seeds=5)
    table = counts.gains(metrics[~(metrics["n_minority"].eq(10) & metrics["seed"].gt(2))], RUNS, ARMS)
    assert table.groupby("n_minority")["n_seeds"].unique().map(list).to_dict() == {
        10: [3],
        15: [5],
        300: [5],
        1564: [5],
    }
    assert set(counts.thresholds(table)["n_seeds"]) == {3}
    assert counts.leads(table, "adult") == {10: False, 15: True, 300: True, 1564: False}


def test_thresholds_are_the_ends_of_what_lies_above_zero():
    found = counts.thresholds(counts.gains(results(), RUNS, ARMS)).set_index("arm")
    assert found.loc["tabularargn", ["smallest", "largest", "n_gain", "n_sizes"]].tolist() == [10, 300, 3, 4]
    assert found.loc["naive", ["smallest", "largest", "n_gain"]].tolist() == [300, 300, 1]
    assert found.loc["smotenc", "largest"] == 1564
    shown = counts.shown(found.reset_index()).set_index("Arm")
    assert shown.loc["TabularARGN hybrid", "Gain from (rows, share)"] == "10 (1 %)"


def test_an_arm_that_gains_nowhere_has_no_threshold():
    metrics = results()
    metrics.loc[metrics["arm"] == "smotenc", "average_precision"] -= 0.2
    found = counts.thresholds(counts.gains(metrics, RUNS, ARMS)).set_index("arm")
    assert found.loc["smotenc", ["smallest", "largest"]].isna().all()
    assert counts.shown(found.reset_index()).set_index("Arm").loc["SMOTE-NC", "to"] == "-"


def test_leading_needs_the_highest_mean_of_arms_with_the_same_seeds():
    metrics = results()
    assert counts.leads(counts.gains(metrics, RUNS, ARMS), "adult") == {10: False, 15: True, 300: True, 1564: False}
    lacking = metrics["arm"].eq("naive") & metrics["n_minority"].eq(15) & metrics["seed"].eq(0)
    assert 15 not in counts.leads(counts.gains(metrics[~lacking], RUNS, ARMS), "adult")


def test_the_finding_says_where_the_hybrid_gains_and_leads():
    table = counts.gains(results(), RUNS, ARMS)
    assert counts.finding(table, "adult") == (
        "- **Adult**: the hybrid is better than the unbalanced set beyond the interval at 3 of 4 sizes, from 10 rows (+2.0 [+2.0, +2.0] points) to "
        "300. It has the highest mean of the paper's four arms at 15 and 300 rows, and has not at 10 and 1,564."
    )
    assert counts.finding(table, "insurance") == "- **Insurance**: not computed yet."
    worse = results()
    worse.loc[worse["arm"] == "tabularargn", "average_precision"] -= 0.3
    text = counts.finding(counts.gains(worse, RUNS, ARMS), "adult")
    assert (
        "nowhere better than the unbalanced set beyond the interval, at 4 sizes. It has the highest mean of the paper's four arms at no size."
        in text
    )


def test_without_results_the_page_says_so():
    table = counts.gains(results()[:0], RUNS, ARMS)
    assert counts.finding(table, "adult") == "- **Adult**: not computed yet."


def test_the_figure_has_a_line_for_each_arm_and_hollow_points_for_numbers():
    figure = counts.draw(counts.gains(results(), RUNS, ARMS))
    lines = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [15, 300, 1564]]
    assert len(lines) == len(ARMS)
    points = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [10]]
    assert [point.get_markerfacecolor() for point in points] == ["white"] * len(ARMS)


def test_the_caption_counts_where_the_hybrid_leads():
    table = counts.gains(results(), RUNS, ARMS)
    assert counts.leading(table) == "Of the paper's four arms the hybrid has the highest mean at 2 of 4 sizes of Adult."
    assert counts.leading(table[:0]) == ""


def test_sizes_between_that_lack_a_gain_are_counted_and_said():
    metrics = results()
    inside = metrics["arm"].eq("tabularargn") & metrics["n_minority"].eq(15)
    metrics.loc[inside, "average_precision"] -= 0.1
    table = counts.gains(metrics, RUNS, ARMS)
    found = counts.thresholds(table)
    assert found.set_index("arm")["n_gaps"].to_dict() == {"naive": 0, "smotenc": 0, "tabularargn": 1}
    assert counts.shown(found).set_index("Arm")["Between, without"].to_dict()["TabularARGN hybrid"] == 1
    assert "to 300, but not at 1 between." in counts.finding(table, "adult")


def test_the_posterior_is_held_against_the_hybrid_size_by_size():
    metrics = results()
    other = metrics[metrics["arm"] == "tabularargn"]
    lower = other["average_precision"].where(other["n_minority"] == 300, other["average_precision"] + 0.01)
    posterior = other.assign(arm=counts.POSTERIOR, average_precision=lower)
    both = pd.concat([metrics, posterior])
    told = " On the seeds of both, the posterior has a higher mean than the hybrid at 3 of 4 sizes of Adult."
    assert counts.alone(both) == told
    # a seed that the posterior lacks, and under which the hybrid is far better
    lucky = other[other["seed"] == 0].assign(seed=99, average_precision=1.0)
    assert counts.alone(pd.concat([both, lucky])) == told
    assert counts.alone(metrics) == ""
    assert counts.alone(both[both["arm"].ne(counts.POSTERIOR) | both["seed"].lt(2)]) == ""
