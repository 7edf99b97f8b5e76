"""The mean of ranks against its rivals, from results whose differences are known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import ranks
from upsampling.study.classifiers import LINEAR

pytestmark = pytest.mark.usefixtures("few_resamples")


def results(gains: dict, sizes=ranks.SIZES) -> pd.DataFrame:
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
        assert row["complete"]
    row = table.loc[("credit_card", ranks.HYBRID)]
    assert row["wide_low"] < row["low"] < row["high"] < row["wide_high"]
    assert row["wide_low"] + row["wide_high"] == pytest.approx(2 * row["mean"])


def test_the_verdict_names_the_data_sets_with_a_lead(metrics):
    text = ranks.verdict(ranks.judge(metrics))
    assert (
        "at minority shares of 0.2 % and below, the mean of four ranks has a higher average precision, with the whole 95 % interval above zero, than "
        "the paper's hybrid: on Adult and Credit Card, not shown on Insurance; than a mean of four ranks without a generator: on Adult and Credit "
        "Card, not shown on Insurance." in text
    )
    assert text.endswith("that holds on Adult and Credit Card for both.**")
    unsure = ranks.judge(metrics).assign(wide_low=-0.01)
    assert ranks.verdict(unsure).endswith("that holds on no table for both.**")
    everywhere = metrics.assign(average_precision=0.5 + 0.1 * (metrics["arm"] == ranks.CHOSEN))
    expected = "than the paper's hybrid: on Adult, Credit Card and Insurance; than"
    assert expected in ranks.verdict(ranks.judge(everywhere))


@pytest.mark.parametrize("lacking", ["seed == 10", "size == 'f0.002'"])
def test_a_data_set_that_lacks_a_seed_or_a_share_is_not_judged(metrics, lacking):
    partial = metrics.drop(metrics.query(f"dataset == 'adult' and {lacking}").index)
    table = ranks.judge(partial)
    assert not table.loc[table["dataset"] == "adult", "complete"].any()
    text = ranks.verdict(table)
    assert "than the paper's hybrid: on Credit Card, not shown on Insurance" in text
    assert text.endswith(" Not judged yet: Adult.**")


def test_without_unseen_seeds_nothing_is_judged(metrics):
    for rows in (metrics[metrics["seed"] < 1], metrics[:0]):
        assert "is not judged yet" in ranks.verdict(ranks.judge(rows))


def test_the_finding_gives_the_difference_and_how_often_it_is_above_zero(metrics):
    table = ranks.judge(metrics)
    text = ranks.finding(table, "insurance")
    assert text.startswith("- **Insurance**: -0.3 [-1.0, +1.0] points beside the paper's hybrid (allowing for")
    assert "better in 33 % of 18 combinations of share, classifier and seed and -0.3" in text
    assert text.endswith("(at 0.05 %, 0.1 % and 0.2 %, n = 3).")
    assert ranks.finding(table[:0], "adult") == "- **Adult**: not computed yet."


def test_what_has_no_rows_is_left_out(metrics):
    table = ranks.differences(metrics, [ranks.CHOSEN, "naive"], [*ranks.RIVALS, "oracle"])
    assert set(table["arm"]) == {ranks.CHOSEN}
    assert set(table["other"]) == set(ranks.RIVALS)
    assert list(dict.fromkeys(table["dataset"])) == ["adult", "credit_card", "insurance"]
    assert ranks.differences(metrics, ["naive"], ranks.RIVALS).empty
    own = ranks.differences(
        metrics[metrics["dataset"] == "adult"].assign(dataset="demo"), [ranks.CHOSEN], [ranks.HYBRID]
    )
    assert own["dataset"].unique().tolist() == ["demo"], "a table without seeds to judge on"


def test_leaving_out_a_member_has_a_column_of_its_own(metrics):
    table = ranks.shown_pairs(ranks.differences(metrics, [ranks.CHOSEN], ranks.PARTS))
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
        "- **Adult**: average precision -0.5 [-0.5, -0.5] points beside the mean of ranks and +1.5 [+1.5, +1.5] points beside the paper's hybrid; "
        "after correction for the class share, minus that of the unbalanced set: Brier score -0.150 [-0.150, -0.150] and expected "
        "calibration error -0.150 [-0.150, -0.150] (0.05 %, 0.1 % and 0.2 %, n = 4)."
    )


def singles(seeds=4) -> pd.DataFrame:
    """Each single model one point further below the chosen arm than the one before; the last one of them above it."""
    lead = dict(zip(ranks.SINGLE, np.arange(1, len(ranks.SINGLE) + 1) / -100, strict=True)) | {ranks.SINGLE[-1]: 0.02}
    rows = [
        ("adult", "f0.001", 0.001, seed, arm, classifier, 0.5 + seed / 100 + lead.get(arm, 0.0))
        for seed in range(seeds)
        for arm in (ranks.CHOSEN, *ranks.SINGLE)
        for classifier in ("lightgbm", "xgboost", "logistic_regression")
    ]
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_single_models_are_held_against_the_chosen_arm_where_all_were_computed():
    metrics = singles()
    lacking = metrics["arm"].eq("distilled") & metrics["seed"].eq(3)
    table = ranks.single(metrics[~lacking]).set_index("arm")
    assert list(table.index) == list(ranks.SINGLE)
    assert set(table["seeds"]) == {"0 1 2"}
    assert table.loc["tabularargn_weight0.01", "mean"] == pytest.approx(-0.01)
    assert ranks.single(metrics[metrics["arm"] != "distilled"]).empty
    elsewhere = singles(seeds=2).assign(size="f0.0005", minority_fraction=0.0005)
    elsewhere["seed"] += 5
    assert set(ranks.single(pd.concat([metrics, elsewhere]))["sizes"]) == {"f0.001"}, "two seeds are too few"
    elsewhere = pd.concat([elsewhere, elsewhere[elsewhere["seed"] == 5].assign(seed=7)])
    assert ranks.single(pd.concat([metrics, elsewhere])).empty, "no seed has both shares"
    judged_on = singles(seeds=1).assign(seed=ranks.UNSEEN["adult"][0])
    assert set(ranks.single(pd.concat([metrics, judged_on]))["seeds"]) == {"0 1 2 3"}
    assert set(ranks.shown_single(table.reset_index())["n"]) == {3}


def test_the_closest_single_model_is_named():
    table = ranks.single(singles())
    assert ranks.single_finding(table, "adult") == (
        "- **Adult**: the best of them is *Posterior as a feature*, with +2.0 [+2.0, +2.0] points beside the mean of four ranks; beyond the interval "
        "1 of 7 lie above it and 6 below (at 0.1 %, n = 4)."
    )
    assert ranks.single_finding(table, "insurance") == "- **Insurance**: not computed yet."
    assert ranks.single_finding(ranks.single(singles()[:0]), "adult").endswith("not computed yet.")


def test_logistic_regression_on_the_unbalanced_rows_stands_beside_every_classifier(metrics):
    assert ranks.beside_linear(metrics) == ""
    own = metrics[(metrics["arm"] == ranks.CHOSEN) & (metrics["classifier"] == "xgboost")]
    linear = own.assign(arm="none", classifier=LINEAR, average_precision=own["average_precision"] - 0.05)
    told = ranks.beside_linear(pd.concat([metrics, linear]))
    assert "has +5.0 [+5.0, +5.0] points on Adult, +5.0 [+5.0, +5.0] points on Credit Card and" in told
    assert told.endswith("(the same shares and unseen seeds, 3 to 4 seeds).")
    lacking = linear["dataset"].eq("adult") & linear["size"].eq("f0.001")
    told = ranks.beside_linear(pd.concat([metrics, linear[~lacking]]))
    assert "Adult" not in told, "not at the same shares"
    assert "Credit Card" in told


def test_what_to_do_with_the_generator_follows_from_the_unseen_seeds(metrics):
    def told_of(rows):
        return ranks.recommendation(ranks.judge(rows), rows)

    assert told_of(metrics[metrics["arm"] != ranks.CHOSEN]) == ""
    assert told_of(metrics).endswith(
        "it beats its rivals on Adult and Credit Card, and beyond the wide interval on Adult and Credit Card."
    )
    own = metrics["arm"] == ranks.CHOSEN
    unsure = metrics.assign(
        average_precision=metrics["average_precision"] + 0.04 * (own & metrics["dataset"].eq("insurance"))
    )
    assert told_of(unsure).endswith(
        "it beats its rivals on Adult, Credit Card and Insurance, and beyond the wide interval on Adult and Credit Card."
    )
    better = metrics.assign(average_precision=metrics["average_precision"] + 0.5 * own)
    assert told_of(better).endswith("take the mean of four ranks instead of the hybrid.")
    linear = better[own & (better["classifier"] == "xgboost")].assign(arm="none", classifier=LINEAR)
    linear["average_precision"] += linear["dataset"].map({"adult": -0.05, "credit_card": 0.0, "insurance": 0.05})
    told = told_of(pd.concat([better, linear]))
    assert told.endswith("it is better on Insurance and is not told apart from it on Credit Card.")


def test_other_means_are_better_worse_or_not_told_apart():
    ahead = results({("adult", seed): 0.02 for seed in range(10, 14)} | {("adult", seed): -0.02 for seed in range(3)})
    mixed = results({("insurance", seed): 0.01 * (-1) ** seed for seed in range(1, 4)})
    table = ranks.differences(pd.concat([ahead, mixed]), [ranks.CHOSEN], [ranks.CONTROL])
    assert ranks.means_finding(table) == (
        "- Beside *Mean of four ranks, no generator*: better on Adult (seeds judged on); worse on Adult (other seeds); not told apart on Insurance "
        "(seeds judged on)."
    )
    assert ranks.means_finding(table.head(0)) == ""
    seen = table[table["span"] == "seen"]
    assert ranks.means_finding(seen).endswith("It was not computed under the seeds judged on.")


def test_comparisons_with_fewer_seeds_or_shares_than_their_neighbours_say_so(metrics):
    fewer = metrics["arm"].eq(ranks.PARTS[0]) & metrics["dataset"].eq("adult") & metrics["seed"].eq(10)
    smaller = metrics["arm"].eq(ranks.PARTS[1]) & metrics["size"].ne("f0.001")
    table = ranks.differences(metrics[~fewer & ~smaller], [ranks.CHOSEN], ranks.PARTS)
    judged = ranks.shown_pairs(table).set_index(["Data set", "Seeds"]).loc[("Adult", "seeds judged on")]
    assert judged["without posterior"].endswith("(n = 3)")
    assert "n =" not in judged["without smotenc"]
    assert judged["n"] == 4
    assert ranks.fewer_shares(table) == " Computed at fewer shares: *Mean of four ranks without synthetic* at 0.1 %."
    whole = ranks.differences(metrics, [ranks.CHOSEN], ranks.PARTS)
    assert ranks.fewer_shares(whole) == ""
