"""The rule on common structure, from rows whose growth is known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import transfer
from upsampling.study import simulation as tables
from upsampling.study.arms import title

pytestmark = pytest.mark.usefixtures("few_resamples")


def made_rows(growth=0.1, seeds=5, spread=0.01, ceiling=0.0):
    """Rows in which the hybrid's lead over every arm but the oracle is 0.02, and `growth` more with one structure."""
    rows = []
    for seed in range(seeds):
        for shared in tables.SHARED:
            for arm in tables.ARMS:
                value = 0.3 + seed / 50
                if arm == transfer.HYBRID:
                    value += 0.02 + growth * shared + spread * (seed - 2) * shared
                if arm == transfer.CEILING:
                    value += 0.4 + ceiling * shared
                rows += [
                    (shared, seed, arm, classifier, value, 0.96, 0.7)
                    for classifier in ("random_forest", "xgboost", "lightgbm", "logistic_regression")
                ]
    columns = ["shared", "seed", "arm", "classifier", "average_precision", "bayes_auc", "detectability"]
    return pd.DataFrame(rows, columns=columns)


def test_seeds_that_lack_something_are_left_out():
    rows = made_rows()
    lacking = (rows["seed"] == 1) & (rows["shared"] == 0.25) & (rows["arm"] == "marginals")
    kept = transfer.complete(rows[~lacking])
    assert sorted(kept["seed"].unique()) == [0, 2, 3, 4]
    assert set(kept["classifier"]) == {"random_forest", "xgboost", "lightgbm"}, "the paper's"


def test_gains_and_their_growth_come_out_as_made():
    rows = transfer.complete(made_rows(growth=0.1))
    found = transfer.gains(rows).set_index(["other", "shared"])["mean"]
    assert found["marginals", 0.0] == pytest.approx(0.02)
    assert found["none", 1.0] == pytest.approx(0.12)
    table = transfer.growth(rows)
    assert table["mean"].tolist() == pytest.approx([0.1] * 5 + [0.0])
    assert table["n_seeds"].tolist() == [5] * 6
    assert table["other"].tolist() == [*transfer.OTHERS, ""]
    assert table["verdict"].tolist() == ["supported"] * 5 + [""]
    assert transfer.equally_difficult(table)


@pytest.mark.parametrize(
    ("low", "high", "n_seeds", "expected"),
    [
        (0.021, 0.1, 5, "supported"),
        (0.02, 0.1, 5, "partly"),
        (0.001, 0.1, 5, "partly"),
        (-0.001, 0.1, 5, "undecided"),
        (-0.1, 0.0, 5, "not supported"),
        (0.021, 0.1, 4, "undecided"),
        (np.nan, np.nan, 5, "undecided"),
    ],
)
def test_the_rule(low, high, n_seeds, expected):
    assert transfer.verdict(low, high, n_seeds) == expected
    assert expected in transfer.VERDICTS


@pytest.mark.parametrize(("ceiling", "expected"), [(0.04, True), (-0.04, True), (0.06, False), (-0.06, False)])
def test_difficulty_that_moves_with_the_knob_is_noticed(ceiling, expected):
    table = transfer.growth(transfer.complete(made_rows(ceiling=ceiling)))
    assert transfer.equally_difficult(table) == expected


def test_levels_are_means_over_the_papers_classifiers():
    found = transfer.levels(transfer.complete(made_rows(growth=0.1))).set_index(["metric", "arm", "shared"])["mean"]
    assert found["average_precision", "none", 0.5] == pytest.approx(0.34)
    assert found["detectability", "tabularargn", 0.0] == pytest.approx(0.7)


def test_the_page_tells_the_finding_and_how_sure_it_is():
    rows = transfer.complete(made_rows(growth=0.1))
    growths, gained = transfer.growth(rows), transfer.gains(rows)
    text = transfer.headline(growths, gained, transfer.learnt(with_posterior(made_rows(growth=0.1))))
    assert text.startswith(
        "**The majority helps the more, the more structure the classes share.** The generator's own probability of the minority class has an AUC-ROC of 0.57 ["
    )
    assert (
        "where the densities that the classes are drawn from allow 0.96. At every position of the knob the hybrid lies above the unbalanced set, by 2.0 "
        "to 12.0 points of average precision, beyond the interval at 5 of 5.\n\nBy the rule below, what training on all rows gains over training on the minority alone grows with the "
        "common structure: from unrelated to identical structure it changes by +10.0 [+"
    ) in text
    assert "(5 seeds). It is worth +2.0 [+2.0, +2.0] points where the classes share no structure, and +12.0 [" in text
    assert "Of the hybrid's differences to other arms, that to shuffled columns (+10.0 [" in text
    alone = "TabularARGN on the minority rows alone"
    assert (
        f"Against {alone} the hybrid is better at every position of the knob and worse nowhere, beyond the interval."
        in text
    )
    assert (
        "moves by +0.0 [+0.0, +0.0] points, so the tables count as equally difficult (the mark is 5 on either side)"
        in text
    )
    assert "The gain over TabularARGN on the minority rows alone grows: +10.0 [" in transfer.caption(growths)


def test_a_growth_that_is_not_shown_is_not_claimed():
    rows = transfer.complete(made_rows(growth=0.0, spread=0.02, ceiling=0.1))
    growths = transfer.growth(rows)
    text = transfer.headline(growths, transfer.gains(rows), transfer.learnt(rows.assign(roc_auc=0.5)))
    assert text.startswith(
        "**Whether the majority helps the more, the more structure the classes share, stays open.** At every position"
    )
    assert "the minority alone may or may not grow with the common structure" in text
    assert "so difficulty may play a part" in text
    assert transfer.shown_growth(growths)["So"].tolist()[-1] == "not shown to be equally difficult"


def test_what_the_larger_tables_say_is_told_once_they_are_computed():
    def larger_text(rows: pd.DataFrame) -> str:
        whole = transfer.complete(rows)
        return transfer.larger_text(transfer.growth(whole), transfer.gains(whole), transfer.learnt(rows))

    rows = with_posterior(made_rows(growth=0.1))
    text = larger_text(rows)
    assert text.startswith(
        "With ten times the majority rows, and as few of the minority: **The majority helps the more, the more"
    )
    assert larger_text(rows[rows["shared"] > 0]) == ""


@pytest.mark.parametrize("seeds", [0, 1, 4])
def test_with_too_few_seeds_nothing_is_claimed(seeds):
    rows = transfer.complete(made_rows(seeds=seeds))
    growths = transfer.growth(rows)
    assert set(growths["verdict"]) == {"undecided", ""}
    text = transfer.headline(growths, transfer.gains(rows), transfer.learnt(rows.assign(roc_auc=0.5)))
    assert "`upsampling simulation` computes them" in text if not seeds else "may or may not grow" in text
    assert (f"{seeds} seed" in text) == ("of the 5 that the rule asks for" in text)
    assert ("there are no intervals" in text) == (seeds == 1)
    assert transfer.equally_difficult(growths) == (seeds == 4), "no interval, no equality"


def test_figure_and_tables_show_every_position_and_arm():
    rows = transfer.complete(made_rows())
    gained, means, growths = transfer.gains(rows), transfer.levels(rows), transfer.growth(rows)
    left, right = transfer.draw(gained, means).axes
    drawn = [[line for line in axes.lines if len(line.get_xdata()) == len(tables.SHARED)] for axes in (left, right)]
    assert [len(lines) for lines in drawn] == [len(transfer.OTHERS), len(tables.ARMS)]
    shown = transfer.shown_gains(gained)
    assert len(shown) == len(transfer.OTHERS) * len(tables.SHARED)
    assert shown["Gain (points)"].tolist()[0] == "+2.0 [+2.0, +2.0]"
    assert shown["Common structure"].tolist()[:5] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert transfer.shown_growth(growths)["Rises in"].tolist()[0] == "100 % of seeds"
    listed = transfer.shown_levels(means)
    assert listed["Arm"].tolist()[:: len(tables.SHARED)] == [title(arm) for arm in tables.ARMS]
    assert set(listed["n"]) == {5}


def with_posterior(rows: pd.DataFrame) -> pd.DataFrame:
    """Add a generator that tells the classes apart the better, the more the hybrid gains."""
    own = rows[(rows["arm"] == transfer.HYBRID) & (rows["classifier"] == "lightgbm")]
    known = 0.5 + own["average_precision"] - 0.3 - own["seed"] / 50
    check = own.assign(arm=tables.CHECK, classifier="tabularargn", roc_auc=known)
    return pd.concat([rows, check], ignore_index=True)


def test_what_the_generator_has_learnt_is_held_against_the_gain():
    rows = with_posterior(made_rows())
    assert len(transfer.complete(rows)) == len(transfer.complete(made_rows()))
    table = transfer.learnt(rows)
    assert len(table) == 5 * len(tables.SHARED)
    assert table["posterior"].to_numpy() == pytest.approx(0.5 + table[transfer.MINORITY_ONLY].to_numpy())
    assert transfer.agreement(table, "none").estimate == pytest.approx(1.0, abs=0.01), (
        "but for ties that rounding breaks"
    )
    text = transfer.learnt_text(table)
    assert (
        "Over 25 tables (5 seeds) the generator's own probability of the minority class has an AUC-ROC of 0.57 ["
        in text
    )
    assert (
        "from 0.52 to 0.64. To know nothing of the classes is 0.5, and the densities that they are drawn from reach 0.96."
        in text
    )
    assert "is 1.00 [1.00, 1.00] for the gain over TabularARGN on the minority rows alone" in text
    means = rows[rows["classifier"] != "logistic_regression"].groupby("arm")["average_precision"].mean()
    ahead = 100 * (means[tables.CHECK] - means["none"])
    assert f"{ahead:+.1f} [+6.5, +7.7] beside the unbalanced set" in transfer.alone_text(rows)
    assert "beside class weights (n = 5)" in transfer.alone_text(rows)
    assert transfer.alone_text(rows[rows["seed"] < 2]) == ""
    assert [len(axes.collections) for axes in transfer.draw_learnt(table).axes] == [len(tables.SHARED)] * 2


def test_without_the_check_nothing_is_said_of_what_was_learnt():
    table = transfer.learnt(made_rows().assign(roc_auc=0.5))
    assert table.empty
    assert "nothing can be said" in transfer.learnt_text(table)
    rows = with_posterior(made_rows())
    lacking = (rows["arm"] == tables.CHECK) & (rows["seed"] == 1) & (rows["shared"] == 0.5)
    assert sorted(transfer.learnt(rows[~lacking])["seed"].unique()) == [0, 2, 3, 4]
