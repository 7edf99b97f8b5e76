"""The hybrid's loss and what gives its rows away, from rows whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book.studies import hybrid
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS

FEATURES = {"color": (0.6, 0.1), "age": (0.3, 0.2), "job": (0.1, 0.3)}


@pytest.fixture
def metrics():
    """On adult the hybrid loses about 1 point at 0.1 % and 3 at 1 % under trees, nothing under the linear model."""
    rows = []
    for seed in range(3):
        for size, loss in (("f0.001", 0.01), ("f0.01", 0.03)):
            for classifier in (*PAPER_CLASSIFIERS, LINEAR):
                for arm in ("tabularargn", "tabularargn_synthetic"):
                    lost = loss if arm == "tabularargn" and classifier != LINEAR else 0
                    rows.append(("adult", size, seed, arm, classifier, 0.5 - lost))
    columns = ["dataset", "size", "seed", "arm", "classifier", "average_precision"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def diagnostics():
    rows = []
    for seed in range(3):
        for size, area in (("f0.001", 0.7), ("f0.01", 0.9)):
            key = {"dataset": "adult", "size": size, "seed": seed, "arm": "tabularargn"}
            rows.append(key | {"feature": "", "measure": "detectability", "value": area})
            rows.append(key | {"arm": "smotenc", "feature": "", "measure": "detectability", "value": 1.0})
            for name, (share, distance) in FEATURES.items():
                rows.append(key | {"feature": name, "measure": "detectability_share", "value": share})
                rows.append(key | {"feature": name, "measure": "marginal_distance", "value": distance})
    return pd.DataFrame(rows)


def test_the_loss_stands_beside_the_detectability_of_the_hybrid(metrics, diagnostics):
    table = hybrid.losses(metrics, diagnostics)
    trees = table[table["classifier"] == "lightgbm"].set_index(["size", "seed"])
    assert trees.loc[("f0.001", 0), ["loss", "detectability"]].tolist() == pytest.approx([0.01, 0.7])
    assert trees.loc[("f0.01", 2), ["loss", "detectability"]].tolist() == pytest.approx([0.03, 0.9])
    assert len(table) == 24


def test_the_finding_sets_trees_beside_the_linear_model(metrics, diagnostics):
    table, shares = hybrid.losses(metrics, diagnostics), hybrid.features(diagnostics)
    text = hybrid.finding(table, shares, "adult")
    assert "minus the hybrid's is 0.015 [0.015, 0.015] (above zero the hybrid loses; n = 3)" in text
    assert "0.020 [0.020, 0.020] under trees and 0.000 [0.000, 0.000] under a linear model" in text
    assert "with an AUC-ROC of 0.80 [0.80, 0.80]" in text
    assert text.endswith("lies in 1 of 3 features: color (60 %).")


def test_where_trees_alone_lose_is_said(metrics, diagnostics):
    def told(rows: pd.DataFrame) -> str:
        return hybrid.trees_alone(hybrid.losses(rows, diagnostics))

    assert told(metrics).startswith("On Adult every tree model loses")
    of_hybrid, linear = metrics["arm"] == "tabularargn", metrics["classifier"] == LINEAR
    score = metrics["average_precision"]
    assert told(metrics.assign(average_precision=score.mask(of_hybrid, 0.4))) == "", "the linear model loses as well"
    one = of_hybrid & (metrics["classifier"] == "xgboost")
    assert told(metrics.assign(average_precision=score.mask(one, 0.5))) == "", "one tree loses nothing"
    level = of_hybrid & linear & (metrics["seed"] > 0)
    assert (
        told(metrics.assign(average_precision=score.mask(level, 0.4).mask(of_hybrid & linear & ~level, 0.6))) == ""
    ), "the trees do not lose more than it"
    assert told(metrics[metrics["classifier"] != "xgboost"]) == "", "not every tree was computed"
    assert told(metrics[~(linear & (metrics["seed"] == 2))]) == "", "two seeds show nothing"
    assert told(metrics[linear]) == ""


def rows_of(size: str, levels: dict[str, list[float]]) -> list[tuple]:
    return [
        ("adult", size, 0.001 if size == "f0.001" else 0.01, seed, arm, "lightgbm", value)
        for arm, values in levels.items()
        for seed, value in enumerate(values)
    ]


def test_what_is_regained_is_held_against_what_is_lost():
    lost = {
        "tabularargn": [0.4, 0.4, 0.4],
        "tabularargn_synthetic": [0.5, 0.5, 0.5],
        "tabularargn_both": [0.47, 0.48, 0.49],
    }
    level = {
        "tabularargn": [0.4, 0.4, 0.4],
        "tabularargn_synthetic": [0.3, 0.4, 0.5],
        "tabularargn_both": [0.6, 0.6, 0.6],
    }
    columns = ["dataset", "size", "minority_fraction", "seed", "arm", "classifier", "average_precision"]
    metrics = pd.DataFrame(rows_of("f0.001", lost) + rows_of("f0.01", level), columns=columns)
    table = hybrid.intervention(metrics)
    found = hybrid.judged(table).set_index("size")
    assert found.loc["f0.001", ["loss_mean", "regained_mean", "left_mean"]].tolist() == pytest.approx([0.1, 0.08, 0.02])
    assert found.loc["f0.001", "left_low"] == pytest.approx(0.01)
    assert found["cause"].to_dict() == {"f0.001": "for the most part", "f0.01": "nothing lost"}
    text = hybrid.intervention_text(table, metrics)
    assert "bring back most of what the hybrid loses on Adult at 0.1 % (80 % of it), as they should" in text
    assert text.endswith("nothing to explain, on Adult at 1 %.**")
    shown = hybrid.shown_intervention(table).iloc[0]
    assert shown[["Minority", "Regained", "Seeds", "n"]].tolist() == ["0.1 %", "+8.0 [+7.0, +9.0]", "0 1 2", 3]
    part = metrics[metrics["size"] == "f0.001"].assign(dataset="insurance")
    untested = pd.concat([metrics, part[part["arm"] != "tabularargn_both"]])
    assert hybrid.intervention_text(hybrid.intervention(untested), untested).endswith(" Not tested on Insurance.")
    nothing = metrics[metrics["arm"] != "tabularargn_both"]
    assert "is not computed yet. Not tested on Adult." in hybrid.intervention_text(
        hybrid.intervention(nothing), nothing
    )


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((0.1, 0.05, 0.05, 0.01), "for the most part"),
        ((0.1, 0.05, 0.04, 0.01), "in part"),
        ((0.1, 0.05, 0.09, -0.01), "not shown"),
        ((0.1, -0.05, 0.09, 0.01), "nothing lost"),
        ((0.1, np.nan, 0.09, np.nan), "nothing lost"),
    ],
)
def test_the_rule_asks_for_a_loss_and_a_regain_beyond_their_intervals(numbers, expected):
    assert hybrid.cause(*numbers) == expected


def test_the_features_are_ranked_with_the_distance_of_their_distribution(diagnostics):
    table = hybrid.features(diagnostics)
    assert table["feature"].tolist() == ["color", "age", "job"]
    assert table["share"].tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert table["distance"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert set(table["sizes"]) == {"f0.001 f0.01"}
    assert hybrid.carriers(table, 0.8)["feature"].tolist() == ["color", "age"]
    assert len(hybrid.draw_features(table).axes) == 2


def test_what_is_missing_is_said(metrics, diagnostics):
    unmeasured = diagnostics[diagnostics["feature"] == "nothing"]
    table, shares = hybrid.losses(metrics, unmeasured), hybrid.features(unmeasured)
    assert np.isnan(table["detectability"]).all()
    assert hybrid.finding(table, shares, "adult").endswith("; which features tell them apart was not measured.")
    assert hybrid.finding(table, shares, "insurance") == "- **Insurance**: not computed yet."
    assert "Not enough data sets" in hybrid.overall(table)
    none = hybrid.losses(metrics[metrics["arm"] == "tabularargn"], diagnostics)
    assert none.empty
    assert hybrid.finding(none, shares, "adult") == "- **Adult**: not computed yet."
    assert hybrid.by_classifier(none).empty


def test_over_all_data_sets_the_most_detectable_is_named(metrics, diagnostics):
    other_metrics = metrics[metrics["classifier"] == "lightgbm"].assign(dataset="credit_card")
    other_metrics.loc[other_metrics["arm"] == "tabularargn", "average_precision"] -= 0.1
    other_diagnostics = diagnostics.assign(dataset="credit_card", value=diagnostics["value"] + 0.05)
    table = hybrid.losses(pd.concat([metrics, other_metrics]), pd.concat([diagnostics, other_diagnostics]))
    text = hybrid.overall(table)
    assert "most easily on Credit Card, and the hybrid does worst beside the fully synthetic set on Credit Card" in text
    assert "together detectability and loss go together: their rank correlation is 0." in text
    assert len(hybrid.draw_losses(table).axes) == 2
    assert len(hybrid.shown_losses(hybrid.by_classifier(table))) == 5


@pytest.mark.parametrize(
    ("signs", "told"),
    [
        ((1, 1), "Within every table they do so too."),
        ((1, -1), "Within a table they do so on Adult only, so"),
        ((-1, -1), "Within a table they are not shown to, and on Adult and Credit Card they go against each other, so"),
    ],
)
def test_between_the_tables_is_not_within_one(metrics, diagnostics, signs, told):
    metrics = metrics[metrics["classifier"] == "lightgbm"]
    made = []
    for name, sign, level in zip(("adult", "credit_card"), signs, (0.0, 0.2), strict=True):
        rows = metrics.assign(dataset=name)
        hybrids = rows["arm"] == "tabularargn"
        more = rows["size"].eq("f0.01") * 0.02
        rows["average_precision"] = 0.5 - hybrids * (level + 0.03 + sign * more)
        made.append((rows, diagnostics.assign(dataset=name, value=diagnostics["value"] + level)))
    table = hybrid.losses(*(pd.concat(side) for side in zip(*made, strict=True)))
    text = hybrid.overall(table)
    assert told in text
    assert ("so detectability does not show why the hybrid loses" in text) == (signs != (1, 1))


def test_a_seed_that_lacks_a_size_is_left_out_of_the_means(metrics, diagnostics):
    lacking = metrics["seed"].eq(2) & metrics["size"].eq("f0.001")
    table = hybrid.by_classifier(hybrid.losses(metrics[~lacking], diagnostics)).set_index("classifier")
    assert table.loc["lightgbm", "mean"] == pytest.approx(0.02)
    assert table.loc["lightgbm", ["seeds", "sizes"]].tolist() == ["0 1", "f0.001 f0.01"]


def test_a_larger_share_further_down_is_drawn_within_the_axis(diagnostics):
    larger = diagnostics.assign(dataset="credit_card", value=diagnostics["value"] * 1.5)
    axes = hybrid.draw_features(hybrid.features(pd.concat([diagnostics, larger]))).axes[0]
    low, high = axes.get_xlim()
    assert low == 0
    assert high > 0.9
