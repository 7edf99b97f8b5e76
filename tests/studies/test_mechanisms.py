"""One ingredient at a time, from results whose steps are known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book import comparison
from upsampling.book.studies import mechanisms

pytestmark = pytest.mark.usefixtures("few_resamples")


# How far each arm lies from the unbalanced set, and by how much that differs between seeds.
TOTALS = dict(zip(mechanisms.LADDER, (0.0, 0.02, 0.01, 0.03, 0.06, 0.2), strict=True))


def results(datasets=("adult",), fractions=(0.001, 0.01), seeds=4) -> pd.DataFrame:
    rows = [
        (dataset, f"f{fraction:g}", fraction, seed, arm, classifier, 0.4 + seed / 100 + total, 0.5)
        for dataset in datasets
        for fraction in fractions
        for seed in range(seeds)
        for arm, total in TOTALS.items()
        for classifier in ("lightgbm", "xgboost", "logistic_regression")
    ]
    columns = "dataset size minority_fraction seed arm classifier average_precision unique_score_share".split()
    return pd.DataFrame(rows, columns=columns)


def complete(metrics: pd.DataFrame) -> pd.DataFrame:
    return comparison.complete(metrics, mechanisms.LADDER)


def test_a_training_set_that_lacks_an_arm_is_left_out():
    metrics = results()
    lacking = metrics["arm"].eq("marginals") & metrics["seed"].eq(2) & metrics["size"].eq("f0.001")
    rows = complete(metrics[~lacking])
    assert sorted(rows.loc[rows["size"] == "f0.001", "seed"].unique()) == [0, 1, 3]
    assert set(rows["classifier"]) == {"lightgbm", "xgboost"}, "the paper's"
    assert rows.groupby("span")["size"].unique().map(list).to_dict() == {"few": ["f0.001"], "more": ["f0.01"]}
    assert complete(metrics[metrics["arm"] != "oracle"]).empty


def test_each_step_is_the_difference_to_the_arm_before():
    table = mechanisms.steps(complete(results()))
    few = table[table["span"] == "few"].set_index("arm")
    assert list(few.index) == list(TOTALS)[1:]
    expected = np.diff(list(TOTALS.values()))
    assert few["mean"].to_numpy() == pytest.approx(expected)
    assert few["total"].to_numpy() == pytest.approx(list(TOTALS.values())[1:])
    assert few.loc["marginals", "better"] == 0
    assert few.loc["oracle", "n_seeds"] == 4


def test_the_text_names_what_helps_and_what_hurts():
    rows = complete(results(("adult", "credit_card")))
    table = mechanisms.steps(rows)
    none = mechanisms.rivals(rows[:0])
    assert mechanisms.headline(table, mechanisms.structure(rows), none) == (
        "**At small shares (0.1 % on Adult and Credit Card), beyond the 95 % interval, naive oversampling against the unbalanced set: better on Adult and "
        "Credit Card; shuffled columns against naive oversampling: worse on Adult and Credit Card; TabularARGN on the minority rows alone against "
        "shuffled columns: better on Adult and Credit Card; the hybrid against TabularARGN on the minority rows alone: better on Adult and Credit Card.** The "
        "hybrid minus shuffled columns is +5.0 [+5.0, +5.0] on Adult and +5.0 [+5.0, +5.0] on Credit Card points of average precision."
    )
    assert mechanisms.finding(table, "adult").startswith(
        "- **Adult**, at 0.1 % (n = 4): naive oversampling +2.0 [+2.0, +2.0]; shuffled columns -1.0 [-1.0, -1.0]; TabularARGN"
    )
    assert mechanisms.finding(table, "insurance") == "- **Insurance**: not computed yet."


@pytest.mark.parametrize(
    ("n_seeds", "expected"),
    [(2, "naive oversampling against the unbalanced set: not told apart"), (0, "No training set has every arm yet")],
)
def test_without_enough_seeds_nothing_is_claimed(n_seeds, expected):
    rows = complete(results(seeds=n_seeds))
    assert expected in mechanisms.headline(
        mechanisms.steps(rows), mechanisms.structure(rows), mechanisms.rivals(rows[:0])
    )


@pytest.mark.parametrize(
    ("lower", "after"),
    [
        (0.0, ": there it is this generator, on so few rows, that loses, not structure as such."),
        (0.02, ": it loses less than this generator, or nothing."),
        (0.5, "."),
    ],
)
def test_where_the_generator_loses_another_model_of_the_same_rows_is_named(lower, after):
    metrics = results()
    metrics.loc[metrics["arm"] == mechanisms.ALONE, "average_precision"] -= 0.1
    copula = metrics[metrics["arm"] == mechanisms.SHUFFLED].assign(arm=mechanisms.OTHER)
    copula["average_precision"] -= lower
    metrics = pd.concat([metrics, copula])
    rows = complete(metrics)
    rivals = mechanisms.rivals(comparison.complete(metrics, {mechanisms.OTHER, *mechanisms.RIVALS}))
    text = mechanisms.headline(mechanisms.steps(rows), mechanisms.structure(rows), rivals)
    value = f"{-100 * lower:+.1f} [{-100 * lower:+.1f}, {-100 * lower:+.1f}]".replace("-0.0", "+0.0")
    said = f"A vine copula, which learnt from the same minority rows, minus shuffled columns is, in points, {value} on Adult{after}"
    assert said in text.replace("-0.0", "+0.0")


def test_the_shares_of_a_span_are_named_by_data_set():
    rows = complete(results(("adult", "credit_card"), fractions=(0.0005, 0.001, 0.01)))
    few = rows["dataset"].eq("credit_card") & rows["size"].eq("f0.0005")
    table = mechanisms.structure(rows[~few])
    assert mechanisms.spans_text(table) == (
        "Small shares: 0.05 % and 0.1 % on Adult; 0.1 % on Credit Card; larger shares: 1 % on Adult and Credit Card."
    )


def test_the_looks_are_means_over_sizes_and_seeds():
    rows = complete(results())
    diagnostics = pd.DataFrame(
        [
            ("adult", size, seed, arm, "", measure, value + seed / 10)
            for size in ("f0.001", "f0.01")
            for seed in range(4)
            for arm, value in (("naive", 0.0), ("tabularargn", 0.5))
            for measure in ("coverage", "detectability", "exact_copy_share")
        ]
        + [
            ("adult", "f0.001", 0, "naive", "color", "entropy", 1.0),
            ("adult", "f0.001", 0, "naive", "color", "entropy_holdout", 2.0),
        ]
        + [("adult", "f0.001", 0, "naive", "color", "marginal_distance", 0.25)],
        columns=["dataset", "size", "seed", "arm", "feature", "measure", "value"],
    )
    table = mechanisms.looks(rows, diagnostics).set_index("arm")
    assert list(table.index) == list(TOTALS)
    assert table.loc["tabularargn", "coverage"] == pytest.approx(0.65)
    assert table.loc["naive", "entropy_recovery"] == pytest.approx(0.5)
    assert table.loc["naive", "closeness"] == pytest.approx(0.75)
    assert np.isnan(table.loc["none", "coverage"])
    assert table.loc["none", "unique_score_share"] == 0.5
    shown = mechanisms.shown_looks(table.reset_index())
    assert shown["Coverage"].tolist()[0] == "-"
    assert shown["Distinct scores"].tolist()[0] == "0.50"


def test_the_copula_is_held_against_the_others():
    metrics = results()
    copula = metrics[metrics["arm"] == "naive"].assign(arm="copula")
    lower = copula["size"].eq("f0.01") * 0.05
    copula["average_precision"] += 0.1 - 2 * lower
    rows = comparison.complete(pd.concat([metrics, copula]), {mechanisms.OTHER, *mechanisms.RIVALS})
    table = mechanisms.rivals(rows)
    few = table[table["span"] == "few"].set_index("arm")["mean"]
    assert few.to_dict() == pytest.approx({arm: TOTALS[arm] - 0.12 for arm in mechanisms.RIVALS})
    assert mechanisms.rivals_text(table) == (
        "**Beyond the 95 % interval, TabularARGN on the minority rows alone is better on Adult at 1 % (+1.0 [+1.0, +1.0] points) and worse "
        "on Adult at 0.1 % (-9.0 [-9.0, -9.0] points) than the copula, which saw the same rows. The hybrid, whose generator saw the majority "
        "too, is better on Adult at 1 % (+4.0 [+4.0, +4.0] points) and worse on Adult at 0.1 % (-6.0 [-6.0, -6.0] points).**"
    )
    same = mechanisms.rivals_text(table.assign(low=-1.0, high=1.0))
    assert "is neither better nor worse than the copula, which saw the same rows." in same
    assert mechanisms.rivals_text(table[:0]) == "**Not computed yet.**"


def test_the_hybrid_without_value_protection_is_held_against_that_with_it():
    metrics = results()
    bare = metrics[metrics["arm"] == mechanisms.HYBRID].assign(arm=mechanisms.UNPROTECTED)
    bare["average_precision"] += bare["size"].eq("f0.001") * 0.03
    table = mechanisms.protection(pd.concat([metrics, bare]))
    assert table.set_index("span")["mean"].to_dict() == pytest.approx({"few": 0.03, "more": 0.0})
    assert mechanisms.protection_text(table) == (
        "**Beyond the 95 % interval, the hybrid without value protection is better on Adult at 0.1 % (+3.0 [+3.0, +3.0] points) than with "
        "it.**"
    )
    assert mechanisms.protection_text(mechanisms.protection(metrics)) == "**Not computed yet.**"
