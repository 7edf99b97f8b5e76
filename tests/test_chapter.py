"""A chapter shows the rows of its grid and says what is missing; its numbers are those of the store."""

import numpy as np
import pandas as pd
import pytest
from helpers import made_result

from upsampling.book import chapter, explorer, figures, tables
from upsampling.errors import SpecError
from upsampling.study import classifiers, curves
from upsampling.study.arms import PAPER_ARMS, title
from upsampling.study.names import GENERATOR, HYBRID
from upsampling.study.protocol import Grid
from upsampling.study.store import Store

FRACTIONS, SEEDS = (0.001, 0.01), (0, 1, 2)


def prepare(store, **changes):
    settings = {"dataset": "adult", "fractions": FRACTIONS, "seeds": SEEDS, "arms": PAPER_ARMS, "compute": False}
    return chapter.prepare(store, **(settings | {"curve_fraction": 0.001, "curve_seed": 0} | changes))


@pytest.fixture
def store():
    store = Store()
    for cell in Grid(("adult",), FRACTIONS, SEEDS, PAPER_ARMS):
        store.write(made_result(cell))
    return store


def with_precision(store, arm, values):
    """Give the cells of an arm at 0.1 % an average precision by seed."""
    for cell in Grid(("adult",), (0.001,), SEEDS, (arm,)):
        result = made_result(cell)
        for row in result.metrics:
            row["average_precision"] = values[cell.seed]
        store.write(result)


def test_the_summary_is_the_mean_of_the_stored_rows(store):
    study = prepare(store)
    summary = study.summary("average_precision")
    rows = store.load("metrics")
    for row in summary.itertuples():
        same = (rows["arm"] == row.arm) & (rows["classifier"] == row.classifier)
        values = rows.loc[same & (rows["minority_fraction"] == row.minority_fraction), "average_precision"]
        assert row.mean == pytest.approx(values.mean(), abs=1e-12)
        assert row.n_seeds == 3
        assert row.low <= row.mean <= row.high


def test_other_cells_of_the_store_do_not_reach_the_chapter(store):
    (other,) = Grid(("adult",), (0.003,), (11,), ("none",))
    store.write(made_result(other))
    study = prepare(store)
    assert set(study.metrics["minority_fraction"]) == set(FRACTIONS)
    assert 11 not in set(study.metrics["seed"])


def test_failed_cells_are_named_and_cells_that_were_not_planned_are_not(store):
    for cell in Grid(("adult",), FRACTIONS, SEEDS, PAPER_ARMS):
        store.write(made_result(cell, n_holdout=100, n_holdout_minority=20))
    (failed,) = Grid(("adult",), (0.001,), (4,), ("smotenc",))
    store.write(made_result(failed, status="failed", reason="too few rows", n_holdout=100, n_holdout_minority=20))
    study = prepare(store, seeds=(*SEEDS, 3, 4))
    assert "`adult/f0.001/s4/smotenc`: too few rows" in study.failures_text()
    said = study.introduction() + study.failures_text()
    assert "s3" not in said
    assert "of 32 cells" not in said


def test_a_chapter_without_failures_says_nothing_of_them(store):
    assert prepare(store).failures_text() == ""


def test_the_seed_that_is_drawn_says_how_lucky_it_is(store):
    with_precision(store, HYBRID, {0: 0.0, 1: 0.1, 2: 0.2})
    assert f"seed 0, which ranks 3 of 3 for {title(HYBRID)}" in prepare(store).curve_setting()
    assert f"seed 1, which ranks 2 of 3 for {title(HYBRID)}" in prepare(store, curve_seed=1).curve_setting()


def test_an_empty_chapter_is_refused(store):
    with pytest.raises(SpecError, match="none of the 24 cells of 'insurance' is computed"):
        prepare(store, dataset="insurance")


@pytest.mark.parametrize("changes", [{"curve_fraction": 0.002}, {"curve_seed": 9}])
def test_the_detailed_setting_must_be_part_of_the_grid(store, changes):
    with pytest.raises(SpecError, match=r"curve_fraction 0\.00\d of \[0\.001, 0\.01\], curve_seed \d of \[0, 1, 2\]"):
        prepare(store, **changes)


@pytest.mark.parametrize(
    ("given", "fractions", "seeds", "arms"),
    [
        ({"seeds": 1}, [0.001, 0.01], [1], list(PAPER_ARMS)),
        ({"fractions": 0.01}, [0.01], [0, 1, 2], list(PAPER_ARMS)),
        ({"fractions": "[0.001,1e-2]", "seeds": "[0, 2]"}, [0.001, 0.01], [0, 2], list(PAPER_ARMS)),
        ({"arms": "none"}, [0.001, 0.01], [0, 1, 2], ["none"]),
        ({"arms": "[none, 'naive']", "seeds": range(2)}, [0.001, 0.01], [0, 1], ["none", "naive"]),
    ],
)
def test_what_papermill_makes_of_a_command_line_is_understood(store, given, fractions, seeds, arms):
    study = prepare(store, **given, curve_fraction=None, curve_seed=None)
    assert study.cells == list(Grid(("adult",), fractions, seeds, arms))
    assert study.curve_fraction == fractions[0]
    assert study.curve_seed in seeds


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ({"seeds": 1.5}, "[0, 1]"),
        ({"seeds": "one"}, "[0, 1]"),
        ({"seeds": True}, "[0, 1]"),
        ({"seeds": []}, "[0, 1]"),
        ({"seeds": None}, "[0, 1]"),
        ({"fractions": "[0.02,0.05"}, "[0.001, 0.01]"),
        ({"fractions": "a half"}, "[0.001, 0.01]"),
        ({"fractions": {"0.1": 1}}, "[0.001, 0.01]"),
        ({"arms": "[none"}, "['none', 'naive']"),
        ({"arms": False}, "['none', 'naive']"),
    ],
)
def test_what_is_no_list_is_refused_by_name_and_form(store, given, form):
    ((name, value),) = given.items()
    with pytest.raises(SpecError) as refusal:
        prepare(store, **given)
    assert f"the parameter {name} is a list such as {form} or one of its values, got {value!r}." in str(refusal.value)


def test_a_tuned_classifier_stands_in_the_results_and_in_no_figure(store):
    for cell in Grid(("adult",), FRACTIONS, SEEDS, ("tuned_none",)):
        result = made_result(cell)
        for row in result.metrics:
            row |= {"classifier": classifiers.TUNED, "average_precision": 1.0}
        store.write(result)
    study = prepare(store, arms=(*PAPER_ARMS, "tuned_none"))
    assert "tuned_none" in set(study.summary()["arm"])
    assert study.arms == list(PAPER_ARMS)
    without = prepare(store)
    pd.testing.assert_frame_equal(study.summary("roc_auc"), without.summary("roc_auc"))
    pd.testing.assert_frame_equal(study.ties(), without.ties())
    assert prepare(store, arms=("tuned_none",)).arms == ["tuned_none"]


def test_classifiers_that_answer_questions_of_other_pages_are_in_no_chapter(store):
    for cell in Grid(("adult",), (0.001,), SEEDS, ("none",)):
        result = made_result(cell)
        others = [{"classifier": name} for name in ("lightgbm_200_trees", "lightgbm_regularised")]
        result.metrics.extend(result.metrics[0] | other for other in others)
        store.write(result)
    study = prepare(store)
    assert set(study.metrics["classifier"]) == {"lightgbm"}
    assert explorer.summary(store, ["adult"], FRACTIONS)["classifier"].unique().tolist() == [
        "lightgbm",
        "lightgbm_regularised",
    ]


def test_a_chapter_of_the_generator_alone_says_nothing_of_classifiers(store):
    for cell in Grid(("adult",), FRACTIONS, SEEDS, ("tabularargn_posterior",)):
        result = made_result(cell)
        for row in result.metrics:
            row["classifier"] = GENERATOR
        store.write(result)
    study = prepare(store, arms=("tabularargn_posterior",))
    assert study.ranking_alt("roc_auc").endswith("panels: Generator alone.")
    assert prepare(store).ranking_alt("roc_auc").endswith("panels: LightGBM."), "the others have no scores"


def test_more_than_three_classifiers_stand_in_two_rows(store):
    study = prepare(store)
    grid = figures.metric_curves(study.summary("roc_auc"), study.counts, "roc_auc").axes
    n_classifiers = study.metrics["classifier"].nunique()
    assert grid[0].get_gridspec().nrows == (2 if n_classifiers > 3 else 1)


def test_every_figure_draws_every_arm(store):
    study = prepare(store)
    summary = study.summary("average_precision")
    labels = figures.metric_curves(summary, study.counts, "average_precision").axes[0].get_legend_handles_labels()[1]
    assert labels == [title(arm) for arm in PAPER_ARMS]


def test_the_results_table_has_a_row_per_combination_in_the_order_of_the_registries(store):
    study = prepare(store)
    shown = tables.results(study.summary(), figures.METRICS)
    assert len(shown) == len(FRACTIONS) * study.metrics["classifier"].nunique() * len(PAPER_ARMS)
    assert shown["Arm"].head(4).tolist() == [title(arm) for arm in PAPER_ARMS]
    assert shown["Minority"].iloc[0] == "0.1 %"
    assert set(shown["n"]) == {3}


def test_an_interval_is_written_only_where_there_is_one():
    assert tables.with_interval(0.5, 0.4, 0.6) == "0.500 [0.400, 0.600]"
    assert tables.with_interval(0.5, np.nan, np.nan) == "0.500"
    assert tables.with_interval(np.nan, np.nan, np.nan) == "-"


def test_curves_end_in_the_corners_and_are_short_enough_for_a_page():
    rng = np.random.RandomState(0)
    y, score = rng.randint(0, 2, 5000), rng.rand(5000).astype("float32")
    lines = pd.concat(curves.curve(y, score).assign(arm="none", classifier="lightgbm", seed=seed) for seed in (3, 4))
    _, data = figures.curves(lines, median=4)
    roc = data[data["curve"] == "roc"].groupby("seed")
    assert roc.size()[3] <= figures.THIN_POINTS < roc.size()[4] <= figures.CURVE_POINTS
    for _, part in roc:
        assert part.iloc[[0, -1]][["x", "y"]].to_numpy().tolist() == [[0, 0], [1, 1]]
    last = data[(data["curve"] == "pr") & (data["seed"] == 4)].iloc[-1]
    assert (last["x"], last["y"]) == pytest.approx((1, y.mean()), abs=1e-6)


def test_the_median_seed_is_drawn_and_the_others_are_thin(store):
    with_precision(store, HYBRID, {0: 0.9, 1: 0.2, 2: 0.5})
    study = prepare(store, curve_seed=None)
    assert study.curve_seed == 2
    lines, median = study.curves()
    assert (set(lines["seed"]), median) == ({0, 1, 2}, 2)
    drawn, data = figures.curves(lines, median)
    assert set(data["seed"]) == {0, 1, 2}
    widths = [part.get_linewidth() for part in drawn.axes[0].lines if len(part.get_xdata()) > 2]
    assert sum(width > 1 for width in widths) == len(PAPER_ARMS), "one seed stands out"
    assert sum(width < 1 for width in widths) == 2 * len(PAPER_ARMS)
    assert "seed 2, which ranks 2 of 3" in study.curve_setting(median)


def test_published_curves_take_the_place_of_scores(store):
    with_precision(store, HYBRID, {0: 0.1, 1: 0.4, 2: 0.7})
    cells = [(cell, made_result(cell).scores) for cell in Grid(("adult",), (0.001,), SEEDS, PAPER_ARMS)]
    curves.publish(store.folder, curves.of_cells(cells))
    assert set(prepare(store).curves()[0]["arm"]) == set(PAPER_ARMS)
    assert prepare(store).curves()[1] == 1
    assert f"ranks 2 of 3 for {title(HYBRID)} by" in prepare(store).curve_setting(1)
    (store.folder / curves.FILE).unlink()
    curves.publish(store.folder, curves.of_cells(part for part in cells if part[0].seed != 1 or part[0].arm == "none"))
    assert set(prepare(store).curves()[0]["seed"]) == {0, 2}, "a seed lacks arms"
    (store.folder / curves.FILE).unlink()
    curves.publish(store.folder, curves.of_cells(part for part in cells if part[0].arm != HYBRID))
    assert set(prepare(store).curves()[0]["arm"]) == set(PAPER_ARMS), "an arm has none"


def test_score_shares_of_each_class_add_up_to_one():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"y": rng.randint(0, 2, 500), "lightgbm": rng.rand(500)})
    _, data = figures.score_distributions({"none": frame})
    assert data.groupby("class")["share"].sum().tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("69308.4 to 101234.5", "to 101,234"),
        ("<= 25", "<= 25"),
        ("> 58.5", "> 58.5"),
        ("Married-civ-spouse", "Married-civ-spo…"),
        ("Yes to all", "Yes to all"),
        ("> 2 Years", "> 2 Years"),
    ],
)
def test_levels_are_short_enough_for_an_axis(level, shown):
    assert figures._short(level) == shown


def test_the_explorer_has_every_point_of_the_store(store):
    summary = explorer.summary(store, ["adult"], FRACTIONS)
    content = explorer.content(summary)
    (name,) = set(store.load("metrics")["classifier"])
    line = content["points"]["adult"]["roc_auc"][name]["smotenc"]
    rows = summary[(summary["metric"] == "roc_auc") & (summary["arm"] == "smotenc")]
    assert line["x"] == list(FRACTIONS)
    assert line["mean"] == pytest.approx(rows.sort_values("minority_fraction")["mean"].tolist(), abs=1e-5)
    assert [arm["name"] for arm in content["arms"]] == list(PAPER_ARMS)
