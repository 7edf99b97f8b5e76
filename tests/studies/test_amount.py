"""The amount of synthetic rows, from results whose differences to balance are known."""

import pandas as pd
import pytest

from upsampling.book.studies import amount

pytestmark = pytest.mark.usefixtures("few_resamples")

# How far each amount lies from balance.
GAPS = dict(zip(amount.TIMES, (-0.2, 0.01, 0.02, 0.0, -0.01, -0.03), strict=True))


def results(datasets=("adult",), fractions=(0.001, 0.01), seeds=3) -> pd.DataFrame:
    rows = [
        (dataset, f"f{fraction:g}", fraction, seed, arm, classifier, 0.5 + seed / 100 + gap)
        for dataset in datasets
        for fraction in fractions
        for seed in range(seeds)
        for arm, gap in GAPS.items()
        for classifier in ("lightgbm", "xgboost", "logistic_regression")
    ]
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_amounts_are_in_order_and_balance_is_one():
    assert list(amount.TIMES.values()) == [0, 0.25, 0.5, 1, 1.5, 2]
    assert amount.TIMES[amount.BALANCE] == 1


def test_a_training_set_that_lacks_an_amount_is_left_out():
    metrics = results()
    lacking = metrics["arm"].eq("tabularargn_amount2") & metrics["seed"].eq(1) & metrics["size"].eq("f0.01")
    seeds = amount.against_balance(metrics[~lacking]).groupby("span")["seeds"].unique().map(list)
    assert seeds.to_dict() == {"few": ["0 1 2"], "more": ["0 2"]}


def test_each_amount_is_held_against_balance():
    table = amount.against_balance(results())
    for span in ("few", "more"):
        own = table[table["span"] == span].set_index("arm")
        assert own["mean"].to_dict() == pytest.approx({arm: gap for arm, gap in GAPS.items() if arm != amount.BALANCE})
        assert own["times"].to_dict() == {arm: times for arm, times in amount.TIMES.items() if arm != amount.BALANCE}


def test_the_text_names_the_amounts_that_differ():
    table = amount.against_balance(results(fractions=(0.001,)))
    assert amount.headline(table) == (
        "**Better than balance, with the whole 95 % interval above zero: 0.25 times on Adult at 0.1 % (+1.0 [+1.0, +1.0] points) and 0.5 "
        "times on Adult at 0.1 % (+2.0 [+2.0, +2.0] points). Between a quarter and twice what balance needs, the mean moves by at most "
        "3.0 points.**"
    )
    assert amount.finding(table, "adult") == (
        "- **Adult** (3 seeds): at 0.1 %: 0.25 times balance +1.0 [+1.0, +1.0], 0.5 times balance +2.0 [+2.0, +2.0], 1.5 times balance "
        "-1.0 [-1.0, -1.0] and 2 times balance -3.0 [-3.0, -3.0]."
    )
    assert amount.finding(table, "insurance") == "- **Insurance**: not computed yet."
    several = amount.against_balance(results(fractions=(0.001, 0.002)))
    assert "at 0.1 % and 0.2 %: 0.25 times" in amount.finding(several, "adult")


def test_without_results_the_page_says_so():
    table = amount.against_balance(results()[:0])
    assert table.empty
    assert amount.headline(table) == "**Not computed yet.**"
    assert amount.finding(table, "adult").endswith("not computed yet.")


def test_the_figure_goes_through_balance():
    table = amount.against_balance(results(("adult", "credit_card")))
    figure = amount.draw(table)
    assert len(figure.axes) == 4
    assert len(amount.draw(table[table["span"] == "few"]).axes) == 2, "a panel per data set where one span was computed"
    line = next(line for line in figure.axes[0].lines if len(line.get_xdata()) == len(amount.TIMES))
    assert dict(zip(line.get_xdata(), line.get_ydata(), strict=True))[1.0] == 0
