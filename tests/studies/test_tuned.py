"""Tuning beside upsampling, from results whose differences are known."""

import pandas as pd
import pytest

from upsampling.book.studies import tuned
from upsampling.study import classifiers
from upsampling.study.arms.tuned import TUNED_ARMS as TUNED

pytestmark = pytest.mark.usefixtures("few_resamples")

# What each arm adds with defaults and tuned.
DEFAULT = dict(zip(TUNED, (0.0, 0.01, 0.02, 0.03, 0.05, 0.04), strict=True))
BEST = dict(zip(TUNED, (0.08, 0.07, 0.06, 0.05, 0.06, 0.04), strict=True))


def results(datasets=("adult",), fractions=(0.001,), seeds=3) -> pd.DataFrame:
    rows = []
    for dataset in datasets:
        for fraction in fractions:
            for seed in range(seeds):
                for arm in TUNED:
                    base = (dataset, f"f{fraction:g}", fraction, seed)
                    rows += [(*base, arm, name, 0.5 + seed / 100 + DEFAULT[arm]) for name in ("lightgbm", "xgboost")]
                    rows.append((*base, tuned.tuned(arm), classifiers.TUNED, 0.5 + seed / 100 + BEST[arm]))
                rows.append((*base, "ranks4", "lightgbm", 0.5 + seed / 100 + 0.09))
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_training_sets_without_the_unbalanced_set_in_both_ways_are_left_out():
    metrics = results(("adult", "credit_card"), (0.001, 0.01))
    for arm in ("none", "tuned_none"):
        lacking = (
            metrics["arm"].eq(arm)
            & metrics["seed"].eq(1)
            & metrics["size"].eq("f0.01")
            & metrics["dataset"].eq("adult")
        )
        rows = tuned.load(metrics[~lacking])
        assert set(rows["classifier"]) == {"lightgbm"}
        seeds = rows.groupby(["dataset", "size"])["seed"].unique().map(list)
        assert seeds["adult", "f0.01"] == [0, 2]
        assert seeds["adult", "f0.001"] == seeds["credit_card", "f0.01"] == [0, 1, 2]
        assert tuned.load(metrics[metrics["arm"] != arm]).empty


def test_an_arm_that_lacks_seeds_or_its_tuned_cells_is_compared_where_it_can_be():
    metrics = results(fractions=(0.001, 0.01))
    lacking = metrics["arm"].eq("tuned_naive") & metrics["seed"].eq(1) & metrics["size"].eq("f0.01")
    lacking |= metrics["arm"].eq("tuned_tabularargn")
    rows = tuned.load(metrics[~lacking])
    table = tuned.compare(rows)
    n_seeds = table.set_index(["what", "arm", "minority_fraction"])["n_seeds"]
    assert n_seeds["tuning", "tuned_naive", 0.01] == 2
    assert n_seeds["tuning", "tuned_smotenc", 0.01] == 3
    assert not table["arm"].eq("tuned_tabularargn").any()
    shown = tuned.levels(rows).set_index(["size", "arm"])["n_seeds"]
    assert shown.eq(3).all(), "the figure shows all arms on the same seeds"
    assert "tuned_naive" not in shown["f0.01"]
    assert "the hybrid on top" not in tuned.finding(table, "adult")
    assert tuned.headline(table) == "**Not computed yet.**"


def test_the_figure_shows_an_arm_with_fewer_seeds_and_the_others_under_these():
    metrics = results(seeds=4)
    lacking = metrics["arm"].eq("tuned_tabularargn") & metrics["seed"].eq(1)
    shown = tuned.levels(tuned.load(metrics[~lacking])).set_index("arm")
    assert set(shown["seeds"]) == {"0 2 3"}
    assert {"tuned_tabularargn", *TUNED} < set(shown.index)


def test_each_difference_is_the_one_it_says():
    table = tuned.compare(tuned.load(results(fractions=(0.001, 0.01))))
    assert set(table["minority_fraction"]) == {0.001, 0.01}
    means = table[table["minority_fraction"] == 0.001].set_index(["what", "arm", "other"])["mean"]
    for arm in TUNED:
        assert means["tuning", tuned.tuned(arm), arm] == pytest.approx(BEST[arm] - DEFAULT[arm])
        if arm != "none":
            assert means["upsampling", arm, "none"] == pytest.approx(DEFAULT[arm])
            assert means["both", tuned.tuned(arm), "tuned_none"] == pytest.approx(BEST[arm] - BEST["none"])
            assert means["instead", "tuned_none", arm] == pytest.approx(BEST["none"] - DEFAULT[arm])


def test_the_text_tells_tuning_and_upsampling_apart():
    table = tuned.compare(tuned.load(results()))
    assert tuned.headline(table) == (
        "**What the hybrid gains over the unbalanced set in points of average precision, first with the library's defaults, then with LightGBM tuned "
        "on both sides: +5.0 [+5.0, +5.0] becomes -2.0 [-2.0, -2.0] on Adult at 0.1 % (n = 3).**"
    )
    assert tuned.finding(table, "adult") == (
        "- **Adult**: at 0.1 % tuning alone +8.0 [+8.0, +8.0] (n = 3), the hybrid alone +5.0 [+5.0, +5.0] (n = 3) and the hybrid on top of "
        "tuning -2.0 [-2.0, -2.0] (n = 3)."
    )
    assert tuned.lesson(table) == (
        "If the classifier is LightGBM, tune it first: choosing its settings by cross-validation adds to its defaults, without a single made row, in points of "
        "average precision, by minority share: +8.0 to +8.0 on Adult."
    )
    worse = table.assign(low=table["low"] - 0.1)
    assert tuned.lesson(worse).startswith("Tuning LightGBM does not help everywhere: ")
    shown = tuned.shown(table)
    assert shown["Arm"].tolist()[0] == "Unbalanced"
    assert shown.loc[0, "Gain, tuned"] == "-"
    assert shown.loc[4, "Tuning adds"] == "+1.0 [+1.0, +1.0]"


def test_without_results_the_page_says_so():
    rows = tuned.load(results()[:0])
    table = tuned.compare(rows)
    assert rows.empty
    assert tuned.headline(table) == "**Not computed yet.**"
    assert tuned.finding(table, "adult").endswith("not computed yet.")
    assert tuned.lesson(table).endswith("not computed yet.")


def test_the_figure_has_a_hollow_and_a_filled_dot_per_arm():
    figure = tuned.draw(tuned.levels(tuned.load(results(("adult", "credit_card"), (0.001, 0.01)))))
    assert len(figure.axes) == 4
    faces = [line.get_markerfacecolor() for line in figure.axes[0].lines]
    assert len(faces) == 2 * len(TUNED)
    assert faces.count("white") == len(TUNED)


def test_every_share_at_which_the_unbalanced_set_was_tuned_is_told():
    metrics = results(("adult", "credit_card"), (0.001, 0.01))
    metrics = metrics[~metrics["arm"].isin([tuned.tuned(arm) for arm in TUNED[1:]])]
    table = tuned.compare(tuned.load(metrics))
    assert tuned.shares_text(table, tuned.PAPER).split("\n")[2] == (
        "- **Adult**: of 2 minority shares, better at 2, worse at 0, not told apart at 0 (n = 3); 0.1 % +3.0 [+3.0, +3.0], 1 % +3.0 [+3.0, +3.0]."
    )
    assert tuned.beside_ranks(table).endswith(
        "is better at 2 and worse at 0 of 2 minority shares on Adult (n = 3) and better at 2 and worse at 0 of 2 minority shares on Credit Card (n = 3), "
        "each share by its own 95 % interval. Most of these seeds had served to choose the mean of ranks, which favours it."
    )
    assert tuned.beside_ranks(table[:0]) == ""
    assert "better at 0, worse at 2" in tuned.shares_text(table, "ranks4")
    assert tuned.shares_text(table[:0], tuned.PAPER).endswith("\n\nNot computed yet.")
    figure = tuned.draw_shares(tuned.levels(tuned.load(metrics)))
    assert [len(axes.lines) for axes in figure.axes] == [4, 4]
    assert list(figure.axes[0].lines[1].get_ydata()) == pytest.approx([0.59, 0.59])


def test_a_gain_before_and_after_tuning_stands_on_the_same_seeds():
    """A fourth seed without a tuned hybrid has a gain that would move the mean."""
    rows = results()
    extra = rows[(rows["seed"] == 0) & (rows["arm"] != tuned.tuned(tuned.PAPER))].assign(seed=3)
    extra.loc[extra["arm"] == tuned.PAPER, "average_precision"] += 0.2
    table = tuned.compare(tuned.load(pd.concat([rows, extra], ignore_index=True)))
    assert "+5.0 [+5.0, +5.0] becomes -2.0 [-2.0, -2.0] on Adult at 0.1 % (n = 3)" in tuned.headline(table)
    instead = table[(table["what"] == "instead") & (table["other"] == tuned.PAPER)]
    assert instead["n_seeds"].tolist() == [4], (
        "the tuned unbalanced set is held against the hybrid under all seeds that both have"
    )
