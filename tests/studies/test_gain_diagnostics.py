"""Diagnostics against gains, from rows whose correlation is known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import diagnostics, diagnostics_figures


def rows_of(arm, **values):
    key = {"dataset": "adult", "size": "f0.001", "seed": 0, "arm": arm}
    found = [
        ("color", "entropy", values.get("entropy", 1.0)),
        ("color", "entropy_holdout", 2.0),
        ("color", "marginal_distance", 0.1),
        ("age", "marginal_distance", 0.3),
    ]
    found += [("", name, values[name]) for name in ("exact_copy_share", "detectability", "coverage") if name in values]
    return [key | {"feature": feature, "measure": name, "value": value} for feature, name, value in found]


def test_measures_are_turned_so_that_more_is_better():
    made = rows_of("smotenc", exact_copy_share=0.0, detectability=0.9, coverage=0.4)
    (row,) = diagnostics.measures(pd.DataFrame([*made, *rows_of("none")])).itertuples()
    assert row.arm == "smotenc", "an arm that makes no rows has no diagnostics of them"
    assert row.entropy_recovery == pytest.approx(0.5)
    assert row.undetectability == pytest.approx(0.1)
    assert row.coverage == 0.4
    assert row.closeness == pytest.approx(0.8)


def test_too_much_entropy_is_no_better_than_too_little():
    tables = [rows_of("smotenc", entropy=entropy, exact_copy_share=0.0) for entropy in (1.0, 3.0)]
    low, high = (diagnostics.measures(pd.DataFrame(table))["entropy_recovery"].item() for table in tables)
    assert low == high == pytest.approx(0.5)
    assert np.isnan(diagnostics.measures(pd.DataFrame(tables[0]))["coverage"].item()), "measured later than the rest"


def test_the_gain_is_over_the_same_training_set_and_classifier():
    rows = [
        ("adult", "f0.001", seed, arm, classifier, value)
        for seed, arm, classifier, value in [
            (0, "none", "lightgbm", 0.5),
            (0, "none", "xgboost", 0.3),
            (0, "naive", "lightgbm", 0.6),
            (0, "naive", "xgboost", 0.2),
            (1, "naive", "xgboost", 0.9),
            (0, "tabularargn_fast", "xgboost", 0.9),
        ]
    ]
    columns = ["dataset", "size", "seed", "arm", "classifier", "average_precision"]
    table = diagnostics.gains(pd.DataFrame(rows, columns=columns))
    assert table.set_index("classifier")["gain"].to_dict() == pytest.approx({"lightgbm": 0.1, "xgboost": -0.1})


@pytest.mark.parametrize(
    ("y", "expected"), [([1, 4, 9], 1.0), ([3, 2, 1], -1.0), ([1, 3, 2], 0.5), ([1, 1, 1], np.nan)]
)
def test_the_rank_correlation(y, expected):
    assert diagnostics.correlation(np.array([1, 2, 3]), np.array(y)) == pytest.approx(expected, nan_ok=True)


@pytest.fixture
def cells(few_resamples):
    """Coverage puts the arms in the order of their gains, recovery in the reverse one; closeness says nothing."""
    rng = np.random.default_rng(0)
    rows = []
    for dataset, n_seeds in (("adult", 4), ("credit_card", 2)):
        for seed in range(n_seeds):
            for level, arm in enumerate(["naive", "smotenc", "tabularargn"]):
                for size in ("f0.001", "f0.01"):
                    key = {"dataset": dataset, "size": size, "seed": seed, "arm": arm, "classifier": "lightgbm"}
                    gain = level + seed / 10 + (size == "f0.01") / 20
                    found = {"coverage": gain, "entropy_recovery": -gain, "undetectability": 0.3}
                    rows.append(key | {"gain": gain, "closeness": rng.uniform()} | found)
    return pd.DataFrame(rows)


def test_each_scope_has_its_correlation_and_interval(cells):
    table = diagnostics.correlate(cells).set_index(["dataset", "scope", "diagnostic"])
    for scope in (diagnostics.POOLED, diagnostics.BETWEEN, "smotenc"):
        for name, expected in (("coverage", 1.0), ("entropy_recovery", -1.0)):
            row = table.loc[("adult", scope, name)]
            assert [row["estimate"], row["low"], row["high"]] == pytest.approx([expected] * 3)
    assert np.isnan(table.loc[("adult", diagnostics.POOLED, "undetectability"), "estimate"])
    pooled = table.loc[("adult", diagnostics.POOLED, "closeness")]
    assert pooled["low"] < 0 < pooled["high"]
    assert np.isnan(table.loc[("credit_card", diagnostics.POOLED, "coverage"), "low"]), "two seeds have no interval"
    assert table.loc[("all", diagnostics.POOLED, "coverage"), "n_seeds"] == 2, "the seeds that both data sets have"
    assert set(table.loc["all"].index.get_level_values("scope")) == {diagnostics.POOLED, diagnostics.BETWEEN}
    assert pooled["arms"] == "naive smotenc tabularargn none"


def test_an_arm_at_a_single_size_is_not_looked_at_alone(cells):
    table = diagnostics.correlate(cells[(cells["arm"] != "naive") | (cells["size"] == "f0.001")])
    assert {"smotenc", "tabularargn"} < set(table["scope"])
    assert "naive" not in set(table["scope"])


@pytest.mark.filterwarnings("error")
def test_a_seed_whose_values_are_all_equal_leaves_no_interval(cells):
    cells.loc[cells["seed"] == 1, "coverage"] = 0.5
    table = diagnostics.correlate(cells[cells["dataset"] == "adult"]).set_index(["scope", "diagnostic"])
    row = table.loc[("smotenc", "coverage")]
    assert 0 < row["estimate"] < 1
    assert row[["low", "high"]].isna().all()


def test_two_arms_are_not_put_in_order(cells):
    table = diagnostics.correlate(cells[cells["arm"] != "naive"])
    assert table.loc[table["scope"] == diagnostics.BETWEEN, "estimate"].isna().all()


def test_the_finding_names_the_best_and_says_when_an_interval_includes_zero(cells):
    table = diagnostics.correlate(cells)
    text = diagnostics.finding(table, "adult")
    assert (
        "over all cells (n = 4) Coverage 1.00 [1.00, 1.00] has the highest rank correlation, before Marginal closeness"
        in text
    )
    assert "(the interval includes zero) and Entropy recovery -1.00 [-1.00, -1.00]" in text
    assert diagnostics.finding(table, "insurance") == "- **Insurance**: not computed yet."
    assert diagnostics.finding(diagnostics.correlate(cells[:0]), "adult") == "- **Adult**: not computed yet."


def test_the_headline_names_the_best_between_arms_and_the_one_recommended(cells):
    cells = cells[cells["dataset"] == "adult"]
    assert diagnostics.headline(diagnostics.correlate(cells)) == (
        "**Between the arms of one training set coverage has the highest rank correlation with the gain, 1.00 [1.00, 1.00]; "
        "entropy recovery, which the digest recommends, has -1.00 [-1.00, -1.00].**"
    )
    swapped = cells.rename(columns={"coverage": "entropy_recovery", "entropy_recovery": "coverage"})
    assert diagnostics.headline(diagnostics.correlate(swapped)).endswith(
        ": the diagnostic that the digest recommends.**"
    )
    tied = cells.assign(entropy_recovery=cells["coverage"])
    assert "Which predicts best is not settled" in diagnostics.headline(diagnostics.correlate(tied))
    assert "computed yet" in diagnostics.headline(diagnostics.correlate(cells[:0]))


def test_the_cells_are_drawn_and_no_two_arms_look_alike(cells):
    names = {"smotenc": "marginals", "tabularargn": "tabularargn_synthetic"}
    chosen = cells[cells["arm"].isin(names)]
    means = diagnostics.means(chosen.assign(arm=chosen["arm"].map(names)))
    assert set(means["arm"]) == {"marginals", "tabularargn_synthetic"}
    first = means.set_index(["dataset", "size", "arm"]).loc[("adult", "f0.001", "marginals")]
    assert (first["gain"], first["seeds"]) == (pytest.approx(1.15), "0 1 2 3")
    figure = diagnostics_figures.draw_gains(means)
    drawn = {(line.get_color(), line.get_fillstyle()) for line in figure.axes[0].lines[1:]}
    explained = {(h.get_color(), h.get_fillstyle()) for h in figure.legends[0].legend_handles[:2]}
    assert drawn == explained
    assert len(drawn) == 2


def test_a_diagnostic_that_was_not_measured_leaves_its_panel_empty(cells):
    adult = cells[cells["dataset"] == "adult"].assign(coverage=np.nan)
    table = diagnostics.correlate(adult)
    assert set(table["dataset"]) == {"adult"}, "one data set is not pooled with itself"
    assert diagnostics.shown(table)["Coverage"].unique() == ["-"]
    for figure in (diagnostics_figures.draw_correlations(table), diagnostics_figures.draw_gains(adult)):
        said = [any(text.get_text() == "not measured" for text in axes.texts) for axes in figure.axes]
        assert said == [False, False, True, False]
