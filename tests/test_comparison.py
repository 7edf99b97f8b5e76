"""Leaders, gains and differences from rows whose answer is known."""

from dataclasses import replace

import pandas as pd
import pytest
from helpers import made_result

from upsampling.book import comparison, figures, tables
from upsampling.errors import SpecError
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.protocol import Cell, Grid
from upsampling.study.store import Store

# Average precision by arm; the seed adds a hundredth each.
LEVELS = {"none": 0.2, "naive": 0.3, "smotenc": 0.5, "tabularargn": 0.45}


@pytest.fixture
def metrics():
    rows = [
        ("adult", "f0.001", 0.001, 30, seed, arm, "lightgbm", level + seed / 100)
        for arm, level in LEVELS.items()
        for seed in range(3)
    ]
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_the_leader_has_the_highest_mean_and_its_lead(metrics):
    (row,) = comparison.leaders(metrics, "average_precision").itertuples()
    assert row.arm == "smotenc"
    assert row.lead == pytest.approx(0.05)
    assert row.n_seeds == 3


def test_the_gain_is_against_the_better_traditional_arm(metrics):
    (row,) = comparison.gains(metrics, "average_precision", "tabularargn", ["naive", "smotenc"]).itertuples()
    assert row.gain == pytest.approx(-0.05)
    assert row.better == "smotenc"
    assert [row.low, row.high] == pytest.approx([-0.05, -0.05]), "paired: what the seed adds falls out"


def test_the_gain_of_few_seeds_has_no_interval_and_the_figure_bears_it(metrics):
    table = comparison.gains(metrics[metrics["seed"] < 2], "average_precision", "tabularargn", ["naive", "smotenc"])
    assert table[["low", "high"]].isna().all(axis=None)
    texts = [text.get_text() for text in figures.gain_heatmap(table).axes[0].texts]
    assert texts == ["-5.0"]


def test_the_heat_map_writes_interval_and_rows_and_marks_what_excludes_zero(metrics):
    table = comparison.gains(metrics, "average_precision", "tabularargn", ["naive"])
    axes = figures.gain_heatmap(table).axes[0]
    (text,) = axes.texts
    assert text.get_text() == "+15.0\n[+15.0, +15.0]"
    assert text.get_weight() == "bold"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1 %\n30 rows"]


def test_differences_are_paired(metrics):
    table = comparison.differences(metrics, "average_precision", "tabularargn", ["none", "smotenc"])
    found = table.set_index("other")["mean"]
    assert found["none"] == pytest.approx(0.25)
    assert found["smotenc"] == pytest.approx(-0.05)


def test_the_answer_says_who_leads(metrics):
    text = comparison.answer(metrics)
    assert (
        "than repeated or interpolated ones at minority shares of 0.5 % and below on no table, and above that on no table.**"
        in text
    )
    assert "**Adult**: average precision -5.0 [-5.0, -5.0] points at 0.5 % and below (n = 3), beside" in text
    assert "the hybrid is the best in 0 of 1 combinations" in text
    better = metrics.assign(average_precision=metrics["average_precision"] + 0.1 * (metrics["arm"] == "tabularargn"))
    assert "ones at minority shares of 0.5 % and below on Adult, and above that on no table.**" in comparison.answer(
        better
    )


def test_the_answer_claims_nothing_that_the_interval_does_not_show(metrics):
    """A gain of seven points under one seed, and of minus two under each of the others."""
    hybrid = metrics["arm"] == "tabularargn"
    gain = metrics["seed"].map({0: 0.07, 1: -0.02, 2: -0.02})
    metrics.loc[hybrid, "average_precision"] = 0.5 + metrics["seed"] / 100 + gain
    text = comparison.answer(metrics)
    assert "at minority shares of 0.5 % and below on no table" in text
    assert "average precision +1.0 [-16.1, +18.1] points at 0.5 % and below (n = 3)" in text


def test_the_gain_is_beside_the_better_mean_of_each_cell(metrics):
    """SMOTE-NC is the better one under LightGBM, naive under XGBoost."""
    other = metrics.assign(classifier="xgboost")
    naive = other["arm"] == "naive"
    other.loc[naive, "average_precision"] += 0.3
    text = comparison.answer(pd.concat([metrics, other], ignore_index=True))
    assert "average precision -10.0 [-10.0, -10.0] points" in text


def test_only_seeds_that_all_arms_have_are_compared():
    store = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1), PAPER_ARMS):
        if (cell.seed, cell.arm) != (1, "naive"):
            store.write(made_result(cell))
    kept = comparison.load(store, ["adult"], [0.001], PAPER_ARMS)
    assert set(kept["seed"]) == {0}


def test_arms_without_rows_are_refused():
    store = Store()
    (cell,) = Grid(("adult",), (0.001,), (0,), ("none",))
    store.write(made_result(cell))
    with pytest.raises(
        SpecError, match=r"no cell of adult in .* has all of the arms none and naive; `make grid` computes"
    ):
        comparison.load(store, ["adult"], [0.001], ["none", "naive"])


@pytest.fixture
def more():
    """Four arms, two shares, two classifiers and the generator alone; what is added by seed differs between arms."""
    levels = LEVELS | {"oracle": 0.9, "tabularargn_posterior": 0.6, "balanced_forest": 0.55}
    rows = []
    for arm, level in levels.items():
        named = {"tabularargn_posterior": ["tabularargn"], "balanced_forest": ["balanced_forest"]}
        for classifier in named.get(arm, ["lightgbm", "random_forest", "logistic_regression"]):
            for fraction, n in ((0.001, 30), (0.02, 600)):
                for seed in range(4):
                    value = level + seed / 100 * (arm == "tabularargn") + 0.3 * (classifier == "logistic_regression")
                    rows.append(("adult", f"f{fraction}", fraction, n, seed, arm, classifier, value))
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


def test_arms_are_compared_with_one_under_the_paper_s_classifiers(more):
    table = comparison.against(more, "average_precision", "tabularargn")
    few = table[table["span"] == "few"].set_index("arm")
    assert list(few.index) == ["oracle", "tabularargn_posterior", "balanced_forest", "smotenc", "naive", "none"]
    assert few["mean"].to_dict() == pytest.approx(
        {"oracle": 0.435, "tabularargn_posterior": 0.135, "balanced_forest": 0.085, "smotenc": 0.035}
        | {"naive": -0.165, "none": -0.265}
    )
    assert few["n_cells"].to_dict() == {name: 1 if name == "balanced_forest" else 2 for name in few.index}
    assert set(few["n_seeds"]) == {4}
    caption = comparison.against_caption(table)
    assert caption.startswith(
        "Better than TabularARGN hybrid with the interval above zero, in how many of the panels where"
    )
    assert "SMOTE-NC (2 of 2)" in caption
    assert "TabularARGN posterior" in caption
    assert "Oracle" not in caption
    assert comparison.against_caption(table.assign(low=float("nan"))).startswith("No data set has")


def test_differences_are_shown_in_points_and_p_where_it_could_be_small(more):
    """Three arms under four seeds reach 0.375 at best; under twelve seeds they reach 0.001."""
    few = comparison.against(more[more["arm"].isin([*LEVELS])], "average_precision", "tabularargn")
    shown = tables.mean_differences(few, comparison.SPANS)
    assert shown["Difference (points)"].iloc[0].startswith("+3.5 [+2.5, +4.5]")
    assert set(shown["p (Holm)"]) == {"-"}
    many = pd.concat([more, *(more.assign(seed=more["seed"] + 4 * n) for n in (1, 2))], ignore_index=True)
    many["average_precision"] += many["seed"] / 1000 * (many["arm"] == "tabularargn")
    table = comparison.against(many[many["arm"].isin([*LEVELS])], "average_precision", "tabularargn")
    shown = tables.mean_differences(table, comparison.SPANS)
    assert shown["p (Holm)"].tolist() == [f"{p:.3f}" for p in table["p_holm"]]
    lacking = table.assign(n_seeds=table["n_seeds"].where(table["arm"] != "naive", 4))
    assert set(tables.mean_differences(lacking, comparison.SPANS).query("Arm == 'Naive'")["p (Holm)"]) == {"-"}


def test_best_pair_stands_beside_the_best_with_the_paper_s_arm_and_classifiers(more):
    lacking = (more["arm"] == "smotenc") & (more["seed"] == 3) & (more["minority_fraction"] == 0.02)
    few, larger = comparison.best_pairs(more[~lacking], "average_precision", "tabularargn").itertuples()
    assert (few.arm, few.classifier, few.n_seeds) == ("smotenc", "logistic_regression", 4)
    assert few.best == pytest.approx(0.8)
    assert few.reference == pytest.approx(0.465)
    assert few.difference == pytest.approx(0.335)
    assert few.low <= few.difference <= few.high
    assert (larger.arm, larger.classifier, larger.n_seeds) == ("smotenc", "logistic_regression", 3)
    assert larger.reference == pytest.approx(0.46), "under the same seeds"
    two = (more["arm"] == "smotenc") & (more["seed"] >= 2) & (more["minority_fraction"] == 0.02)
    _, larger = comparison.best_pairs(more[~two], "average_precision", "tabularargn").itertuples()
    assert (larger.arm, larger.classifier) == ("tabularargn", "logistic_regression"), "two seeds are too few"


def test_an_arm_that_lacks_a_share_is_not_averaged_beside_those_that_have_all(more):
    other = more[more["arm"].isin(["naive", "smotenc", "tabularargn"])].query("minority_fraction == 0.001")
    rows = pd.concat([more, other.assign(minority_fraction=0.002, size="f0.002")])
    table = comparison.against(rows, "average_precision", "tabularargn")
    assert set(table.loc[table["span"] == "few", "arm"]) == {"naive", "smotenc"}
    assert "oracle" in set(table.loc[table["span"] == "more", "arm"])


def test_seeds_beyond_the_study_s_are_told_apart(more):
    extra = more[more["seed"] == 0].assign(seed=12)
    assert set(comparison.study_seeds(pd.concat([more, extra]))["seed"]) == {0, 1, 2, 3}
    own = extra.assign(dataset="own_table")
    assert set(comparison.study_seeds(own)["seed"]) == {12}, "a user's own table has any seed"


def test_only_seeds_that_have_every_cell_are_averaged(more):
    lacking = more["seed"].eq(3) & more["size"].eq("f0.02")
    rows = comparison.whole_seeds(more[~lacking], ["dataset"], ["size", "classifier"])
    assert set(rows["seed"]) == {0, 1, 2}
    by_size = comparison.whole_seeds(more[~lacking], ["dataset", "size"], ["classifier"])
    assert set(by_size["seed"]) == {0, 1, 2, 3}


def test_linear_model_on_unbalanced_rows_is_compared_with_trees_of_the_paper_s_arm(more):
    text = comparison.linear_text(more, "tabularargn")
    assert "- Adult (4 seeds): LightGBM +3.5 [" in text
    assert "Random forest +3.5 [" in text


@pytest.mark.parametrize(
    ("differ", "said"),
    [
        ([0.001, -0.001, 0.002, -0.002, 0.0], "the two agree"),
        ([0.05, -0.04, 0.03, -0.05, 0.0], "No difference is shown"),
        ([0.05, 0.06, 0.04, 0.05, 0.05], "the two do not agree"),
        ([0.05, 0.06, 0.04, 0.05], "little more than their range, so there is no verdict"),
        (
            [0.05, 0.07],
            "Over 2 seeds and the paper's classifiers, the average precision through the SDK lies +6.0 points from that through the engine. With ",
        ),
    ],
)
def test_backends_agree_if_the_whole_interval_is_small(differ, said):
    key = ("adult", "f0.001", 0.001, 30)
    rows = [
        (*key, seed, arm, name, 0.5 + offset, 0.8, 0.1)
        for seed, change in enumerate(differ)
        for arm, offset in (("tabularargn", 0.0), ("tabularargn_sdk", change))
        for name in ("lightgbm", "xgboost", "logistic_regression")
    ]
    metrics = pd.DataFrame(
        rows, columns=[*comparison.CELL[:-1], "seed", "arm", "classifier", "average_precision", "roc_auc", "brier"]
    )
    metrics.loc[metrics["classifier"] == "logistic_regression", "average_precision"] = 0.9
    table = comparison.backends(metrics, "tabularargn_sdk", "tabularargn")
    mean = table[(table["classifier"] == "mean") & (table["metric"] == "average_precision")].iloc[0]
    assert mean["mean"] == pytest.approx(sum(differ) / len(differ)), "the linear model is not one of the paper's"
    assert len(table) == 3 * 4
    text = comparison.backends_text(table, "through the SDK", "through the engine")
    assert said in text
    assert len(tables.backends(table)) == len(table)


def test_seeds_set_apart_do_not_count():
    store = Store()
    for seed in (9, 10):
        for cell in Grid(("adult", "demo"), (0.001,), (seed,), PAPER_ARMS):
            store.write(made_result(cell))
    found = comparison.load(store, ["adult", "demo"], [0.001], PAPER_ARMS)
    assert found.groupby("dataset")["seed"].unique().map(sorted).to_dict() == {"adult": [9], "demo": [9, 10]}


def test_gains_are_told_for_each_way_that_a_data_set_has():
    store, levels = (
        Store(),
        {"smotenc": 0.5, "tabularargn": 0.56, "tabularargn_sdk": 0.49, "tabularargn_table_order": 0.53},
    )

    def write(dataset, arm, seeds):
        for seed in seeds:
            made = made_result(Cell(dataset, 0.001, None, seed, arm))
            rows = [
                made.metrics[0] | {"classifier": name, "average_precision": levels[arm] + seed / 100}
                for name in ("lightgbm", "xgboost")
            ]
            rows.append(rows[0] | {"classifier": "logistic_regression", "average_precision": 0.9})
            store.write(replace(made, metrics=rows))

    for arm in ("smotenc", "tabularargn", "tabularargn_sdk"):
        write("adult", arm, range(4))
    for arm in ("smotenc", "tabularargn", "tabularargn_table_order"):
        write("insurance", arm, range(3 if arm == "tabularargn_table_order" else 5))
    write("credit_card", "smotenc", range(3))
    write("credit_card", "tabularargn", range(3))
    table = comparison.gains_by_way(store, ["adult", "credit_card", "insurance"], 0.001, ["smotenc", "naive"])
    assert table["dataset"].tolist() == ["adult", "adult", "insurance", "insurance"]
    assert table["mean"].tolist() == pytest.approx([0.06, -0.01, 0.06, 0.03])
    assert table["n_seeds"].tolist() == [4, 4, 3, 3], "the same seeds for each way"
    assert table["arms"].tolist()[1] == "tabularargn_sdk smotenc"
    text = comparison.gains_by_way_text(table)
    assert (
        "over SMOTE-NC on Adult +6.0 [+6.0, +6.0] with categories first and -1.0 [-1.0, -1.0] through the SDK (not shown to be one) (n = 4);"
        in text
    )
    assert "+3.0 [+3.0, +3.0] with numbers first (n = 3)" in text
    assert tables.gains_by_way(table)["minus"].tolist() == ["SMOTE-NC"] * 4
    nothing = comparison.gains_by_way(store, ["credit_card"], 0.001, ["smotenc"])
    assert nothing.empty
    assert comparison.gains_by_way_text(nothing) == "Not computed yet."
