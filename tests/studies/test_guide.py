"""Recommendations from rows in which it is known what is best."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import guide

# Average precision by arm under LightGBM; logistic regression has a tenth less, but on the unbalanced rows a tenth more.
LEVELS = {"none": 0.4, "smotenc": 0.6, "tabularargn": 0.7, "naive": 0.45, "oracle": 0.9}


def rows_of(levels=LEVELS, *, n_seeds=5, dataset="adult", noise=0.01, counts=(("f0.0005", 15), ("f0.001", 30))):
    rng = np.random.default_rng(0)
    rows = []
    for size, n_minority in counts:
        for seed in range(n_seeds):
            for arm, level in levels.items():
                for classifier, shift in (("lightgbm", 0.0), ("logistic_regression", 0.1 if arm == "none" else -0.1)):
                    key = {"dataset": dataset, "size": size, "minority_fraction": float(size[1:]), "seed": seed}
                    value = level + shift + seed / 100 + rng.normal(0, noise)
                    rows.append(
                        key
                        | {"n_minority": n_minority, "arm": arm, "classifier": classifier, "average_precision": value}
                    )
    return pd.DataFrame(rows)


def test_the_ranges_leave_no_number_out():
    found = guide.ranges((50, 200))
    assert found == {"up to 50": (0, 50), "51 to 200": (50, 200), "more than 200": (200, float("inf"))}


def test_the_best_supported_pair_is_recommended_and_the_best_without_a_generator():
    found = guide.decide(rows_of(LEVELS | {"tabularargn_seed1": 0.8}))
    assert found["simplest_classifier"] == "logistic_regression"
    assert found["simplest"] == pytest.approx(0.52, abs=0.02)
    assert (found["arm"], found["classifier"]) == ("tabularargn", "lightgbm"), "neither the oracle nor a repetition is"
    assert found["difference"] == pytest.approx(0.2, abs=0.02)
    assert 0 < found["low"] < found["difference"] < found["high"]
    assert found["plain_arm"] == "smotenc"
    assert found["n_compared"] == 6, "three arms under two classifiers"


def test_without_a_supported_gain_the_simplest_stays_and_the_leader_is_named():
    found = guide.decide(rows_of(noise=0.3))
    assert (found["arm"], found["plain_arm"]) == ("none", "none")
    assert np.isnan(found["difference"])
    assert found["leader"] in LEVELS
    assert found["n_seeds"] == 5


def test_a_pair_without_one_of_the_sizes_takes_no_part():
    rows = rows_of()
    lacking = (rows["arm"] == "tabularargn") & (rows["size"] == "f0.001")
    assert guide.decide(rows[~lacking])["arm"] == "smotenc"


def test_each_range_and_data_set_has_its_row():
    metrics = pd.concat(
        [
            rows_of(),
            rows_of(dataset="insurance", counts=[("f0.0005", 134)]),
            rows_of({"naive": 0.5}, dataset="credit_card"),
        ]
    )
    counted = metrics.iloc[:4].assign(minority_fraction=np.nan, size="n15")
    table = guide.recommend(pd.concat([metrics, counted]))
    assert list(zip(table["range"], table["dataset"], strict=True)) == [
        ("up to 50", "adult"),
        ("51 to 200", "insurance"),
    ]
    assert table["counts"].tolist() == ["15, 30", "134"]
    assert table["sizes"].tolist() == ["f0.0005 f0.001", "f0.0005"], "cells of a count are another study"
    text = guide.advice(table, guide.recommend_by_classifier(metrics))
    assert (
        "- **Up to 50 minority rows: TabularARGN hybrid.** Adult (15, 30 rows): TabularARGN hybrid with LightGBM, +"
        in text
    )
    assert "over Logistic regression on the unbalanced rows; without a generator SMOTE-NC with LightGBM, +" in text
    assert "- **201 to 1,000 minority rows: not computed yet, or under too few seeds to tell.**" in text
    assert guide.headline(table).startswith("**In 2 of 2 combinations")
    assert guide.shown(table)["Recommended"].tolist() == ["TabularARGN hybrid with LightGBM"] * 2


def test_few_seeds_recommend_nothing():
    table = guide.recommend(rows_of(n_seeds=2))
    assert guide.shown(table)["Recommended"].tolist() == ["too few seeds"]
    assert table["n_compared"].tolist() == [0]
    assert "Adult (15, 30 rows): n = 2, too few to tell." in guide.advice(table, table[:0])
    assert guide.headline(table).startswith("**In 0 of 0 combinations")


def test_a_settled_classifier_is_compared_with_itself():
    table = guide.recommend_by_classifier(rows_of()).set_index("simplest_classifier")
    assert table.loc["lightgbm", "arm"] == "tabularargn"
    assert table.loc["lightgbm", "difference"] == pytest.approx(0.3, abs=0.02)
    assert table.loc["logistic_regression", "difference"] == pytest.approx(0.1, abs=0.02)
