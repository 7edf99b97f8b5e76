"""The mean of ranks against its rivals, from results whose differences are known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.studies import ranks


def results(gains: dict, sizes=("f0.001",)) -> pd.DataFrame:
    """Rows of metrics: `gains` maps data set and seed to how far the chosen arm lies above every other one."""
    rows = [
        (dataset, size, float(size[1:]), seed, arm, classifier, 0.5 + (gain if arm == ranks.CHOSEN else 0.0))
        for (dataset, seed), gain in gains.items()
        for size in sizes
        for arm in (ranks.CHOSEN, *ranks.RIVALS, *ranks.PARTS)
        for classifier in ("lightgbm", "xgboost")
    ]
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def metrics():
    """Ahead under the unseen seeds of two data sets, and behind under the seeds it was chosen on."""
    gains = {("adult", seed): 0.02 for seed in ranks.UNSEEN["adult"]}
    gains |= {("credit_card", seed): 0.04 + seed / 1000 for seed in ranks.UNSEEN["credit_card"]}
    gains |= {("insurance", seed): 0.01 * (-1) ** seed for seed in ranks.UNSEEN["insurance"]}
    gains |= {("adult", seed): -0.3 for seed in range(3)}
    return results(gains)


def test_only_unseen_seeds_and_small_shares_are_judged(metrics):
    larger = results({("adult", seed): -0.5 for seed in ranks.UNSEEN["adult"]}, sizes=["f0.01"])
    table = ranks.judge(pd.concat([metrics, larger])).set_index(["dataset", "other"])
    for rival in ranks.RIVALS:
        row = table.loc[("adult", rival)]
        assert row["mean"] == pytest.approx(0.02)
        assert row["seeds"].split() == [str(seed) for seed in ranks.UNSEEN["adult"]]
        assert row["leads"]
        assert table.loc[("credit_card", rival), "leads"]
        assert not table.loc[("insurance", rival), "leads"], "one seed of three is above zero"


def test_the_verdict_names_the_data_sets_with_a_lead(metrics):
    text = ranks.verdict(ranks.judge(metrics))
    assert text.endswith(
        "better than the paper's hybrid on Adult and Credit Card; and than a mean of four ranks without a generator on Adult and Credit Card.**"
    )
    everywhere = metrics.assign(average_precision=0.5 + 0.1 * (metrics["arm"] == ranks.CHOSEN))
    expected = "the paper's hybrid on all three tables, Adult, Credit Card and Insurance; and"
    assert expected in ranks.verdict(ranks.judge(everywhere))
    nowhere = metrics[metrics["seed"] < 3]
    assert "the paper's hybrid on none of the tables" in ranks.verdict(ranks.judge(nowhere))


def test_two_seeds_do_not_decide(metrics):
    few = metrics[(metrics["dataset"] == "adult") & metrics["seed"].isin([10, 11])]
    table = ranks.judge(few)
    assert table["low"].isna().all()
    assert not table["leads"].any()


def test_the_finding_gives_the_difference_and_how_often_it_is_above_zero(metrics):
    table = ranks.judge(metrics)
    assert ranks.finding(table, "insurance") == (
        "- **Insurance**: -0.3 [-1.0, 1.0] points beside the paper's hybrid, better in 33 % of 2 settings and -0.3 [-1.0, 1.0] points "
        "beside a mean of four ranks without a generator, better in 33 % of 2 settings (at 0.1 %, n = 3)."
    )
    assert ranks.finding(table[:0], "adult") == "- **Adult**: not computed yet."


def test_what_has_no_rows_is_left_out(metrics):
    table = ranks.differences(metrics, [ranks.CHOSEN, "naive"], [*ranks.RIVALS, "oracle"])
    assert set(table["arm"]) == {ranks.CHOSEN}
    assert set(table["other"]) == set(ranks.RIVALS)
    assert list(dict.fromkeys(table["dataset"])) == ["adult", "credit_card", "insurance"]
    assert ranks.differences(metrics, ["naive"], ranks.RIVALS).empty


def test_leaving_out_a_member_has_a_column_of_its_own(metrics):
    table = ranks.shown_members(ranks.differences(metrics, [ranks.CHOSEN], ranks.PARTS))
    assert list(table) == [
        "Data set",
        "Seeds",
        "without posterior",
        "without synthetic",
        "without weighted",
        "without smotenc",
        "n",
    ]
    assert table["Data set"].tolist() == ["Adult", "Adult", "Credit Card", "Insurance"]
    assert table["without smotenc"].iloc[0] == "0.020 [0.020, 0.020]"


def test_the_classifier_is_held_against_arm_hybrid_and_unbalanced_set(metrics):
    assert ranks.classifier_finding(metrics, "adult") == "- **Adult**: not computed yet."
    chosen = metrics[metrics["arm"] == ranks.CHOSEN]
    less = chosen.assign(arm=ranks.CLASSIFIER, average_precision=chosen["average_precision"] - 0.005)
    unbalanced = chosen.assign(arm="none", average_precision=0.4)
    rows = pd.concat([metrics, less, unbalanced])
    rows["brier_corrected"] = rows["ece_corrected"] = np.where(rows["arm"] == ranks.CLASSIFIER, 0.1, 0.25)
    assert ranks.classifier_finding(rows, "adult") == (
        "- **Adult**: average precision -0.5 [-0.5, -0.5] points beside the mean of ranks and 1.5 [1.5, 1.5] points beside the paper's hybrid; "
        "after correction for the class share, minus that of the unbalanced set: Brier score -0.150 [-0.150, -0.150] and expected "
        "calibration error -0.150 [-0.150, -0.150] (0.1 %, n = 4)."
    )
