"""Verdicts on frames made by hand, where the verdict is known."""

from types import SimpleNamespace
from unittest.mock import patch
from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from upsampling import paths
from upsampling.errors import StatsError
from upsampling.study.claims import CLAIMS, CLASSIFIERS, COLUMNS, DATASETS, PUBLISHED, judge, publish, sensitivity
from upsampling.study.protocol import FRACTIONS, plain
from upsampling.study.store import Store

ARMS = ("none", "naive", "smotenc", "tabularargn", "tabularargn_minority_only")
SCORES = ("average_precision", "roc_auc", "largest_tie_share", "unique_score_share")
BY_ID = {claim.id: claim for claim in CLAIMS}


def frames(value=lambda cell: 0.5, *, datasets=DATASETS, fractions=FRACTIONS, seeds=range(5), arms=ARMS):
    """Return metrics, runs and diagnostics; `value` says each measure of each cell."""
    metrics, runs, diagnostics = [], [], []
    for dataset in datasets:
        for fraction in fractions:
            for seed in seeds:
                for arm in arms:
                    key = {
                        "dataset": dataset,
                        "size": f"f{plain(fraction)}",
                        "minority_fraction": fraction,
                        "n_minority": 30,
                        "seed": seed,
                        "arm": arm,
                    }

                    def of(measure, classifier="", key=key):
                        return value(SimpleNamespace(**key, measure=measure, classifier=classifier))

                    metrics += [
                        key | {"classifier": name} | {measure: of(measure, name) for measure in SCORES}
                        for name in CLASSIFIERS
                    ]
                    # each of the five steps takes a fifth; arms that fit nothing leave that one empty
                    step = of("working_seconds") / (5 if arm == "tabularargn" else 4)
                    fit = step if arm.startswith("tabularargn") else float("nan")
                    spent = {"upsample_cpu_seconds": step, "fit_cpu_seconds": fit}
                    # the machine was shared: half of the wall clock was the cell's own
                    spent |= {f"{name}_seconds": 2 * step for name in CLASSIFIERS}
                    runs.append(key | spent | {"diagnostics_seconds": 100.0, "seconds": 500.0, "cpu_seconds": 250.0})
                    distance = of("entropy_distance")
                    for feature, sign in (("job", 1), ("sex", -1)):
                        entropies = {"entropy": 2 + sign * distance, "entropy_holdout": 2.0, "marginal_distance": 0.1}
                        diagnostics += [
                            key | {"feature": feature, "measure": name, "value": entropy}
                            for name, entropy in entropies.items()
                        ]
    return pd.DataFrame(metrics), pd.DataFrame(runs), pd.DataFrame(diagnostics)


def verdict(claim, tables, dataset="adult"):
    """Return the row of one claim and data set, judging this claim only."""
    with patch("upsampling.study.claims.CLAIMS", (BY_ID[claim],)):
        return judge(*tables).set_index("dataset").loc[dataset]


def lead_of(measure, arm="tabularargn", base=0.5, step=0.1):
    """Return a function that lifts one arm's measure above (lead 1) or below (lead -1) that of the others."""

    def make(lead):
        return lambda cell: base + step * lead(cell) * (cell.measure == measure and cell.arm == arm)

    return make


def trade(cell_lead):
    """Raise distinct scores and lower ties of the generator's arm together."""

    def value(cell):
        signs = {"largest_tie_share": -0.1, "unique_score_share": 0.1}
        return 0.5 + signs.get(cell.measure, 0) * cell_lead(cell) * (cell.arm == "tabularargn")

    return value


def by_seed(*values):
    return lambda cell: values[cell.seed % 3]


def always(value):
    return lambda cell: value


# Two thirds of the settings, or five of seven fractions where there is no classifier.
def mostly(cell):
    return -1 if cell.classifier == "lightgbm" or (not cell.classifier and cell.minority_fraction > 0.01) else 1


SHARE = {
    "supported": always(1),
    "partly": mostly,
    "not supported": always(-1),
    "undecided": by_seed(1, 1, -1.5),
}
GAIN = {
    "supported": always(2),
    "partly": always(0.5),
    "not supported": always(-0.5),
    "undecided": by_seed(2, -2, 0.5),
}
SIGN = {"supported": always(1), "not supported": always(-1), "undecided": by_seed(1, -1, 0.1)}
TREND = {
    "supported": lambda cell: -FRACTIONS.index(cell.minority_fraction),
    "not supported": lambda cell: FRACTIONS.index(cell.minority_fraction),
    "undecided": lambda cell: FRACTIONS.index(cell.minority_fraction) * (-1, 1, 0.1)[cell.seed % 3],
}
SECONDS = {
    "supported": always(1.5),
    "partly": always(5),
    "not supported": always(20),
    "undecided": by_seed(1, 40, 2),
}
SCENARIOS = {
    "top_performing_average_precision": (SHARE, lead_of("average_precision")),
    "top_performing_roc_auc": (SHARE, lead_of("roc_auc")),
    "gain_up_to_0.2_average_precision": (GAIN, lead_of("average_precision")),
    "gain_up_to_0.2_roc_auc": (GAIN, lead_of("roc_auc")),
    "identical_scores_0.001": (
        SHARE,
        lambda lead: lambda cell: 0.8 + 0.1 * lead(cell) * (cell.measure == "largest_tie_share"),
    ),
    "identical_scores_range": (
        SHARE,
        lambda lead: lambda cell: 0.8 + 0.1 * lead(cell) * (cell.measure == "largest_tie_share"),
    ),
    "entropy_closest": (SHARE, lead_of("entropy_distance", step=-0.1)),
    "fewer_rows_larger_gain_average_precision": (TREND, lead_of("average_precision", step=0.01)),
    "fewer_rows_larger_gain_roc_auc": (TREND, lead_of("roc_auc", step=0.01)),
    "learns_from_majority": (SIGN, lead_of("average_precision")),
    "smooth_scores": (SHARE, trade),
    "low_overhead": (
        SECONDS,
        lambda ratio: lambda cell: 10 * (ratio(cell) if cell.arm == "tabularargn" else 1),
    ),
}


def test_every_claim_has_a_scenario_for_every_verdict_its_rule_can_give():
    possible = {
        claim.id: {"supported", "not supported", "undecided"}
        | ({"partly"} if claim.partly != claim.threshold else set())
        for claim in CLAIMS
    }
    assert {claim: set(levels) for claim, (levels, _) in SCENARIOS.items()} == possible


@pytest.mark.parametrize(
    ("claim", "expected"), [(claim, expected) for claim, (levels, _) in SCENARIOS.items() for expected in levels]
)
def test_known_verdicts(claim, expected):
    levels, make = SCENARIOS[claim]
    row = verdict(claim, frames(make(levels[expected]), datasets=["adult"]))
    assert row["verdict"] == expected, row.to_dict()
    assert row["low"] <= row["estimate"] <= row["high"]
    assert row["n_seeds"] == 5


def test_one_row_per_claim_and_data_set_in_the_published_columns():
    table = judge(*frames())
    assert list(table.columns) == COLUMNS
    names = "claim dataset verdict estimate low high threshold n_seeds evidence datasets sizes seeds arms".split()
    assert names == COLUMNS
    assert len(table) == len(CLAIMS) * 4
    assert not table.duplicated(["claim", "dataset"]).any()


def test_estimates_are_the_numbers_of_the_definition():
    ordered = {plain(fraction): position for position, fraction in enumerate(FRACTIONS)}

    def value(cell):
        if cell.measure == "working_seconds":
            return {"tabularargn": 30.0, "smotenc": 12.0}.get(cell.arm, 1.0)
        if cell.measure == "average_precision":
            gain = 0.1 - 0.01 * ordered[plain(cell.minority_fraction)] + 0.02 * (cell.classifier == "xgboost")
            return {"naive": 0.3, "smotenc": 0.4, "tabularargn": 0.4 + gain, "tabularargn_minority_only": 0.35}.get(
                cell.arm, 0.42
            )
        return 0.5

    table = judge(*frames(value, datasets=["adult"])).set_index(["claim", "dataset"])["estimate"].xs("adult", level=1)
    assert table["low_overhead"] == pytest.approx(2.5)
    assert table["gain_up_to_0.2_average_precision"] == pytest.approx(0.12)
    assert table["fewer_rows_larger_gain_average_precision"] == pytest.approx(-1)
    assert table["learns_from_majority"] == pytest.approx(0.05 + 0.07 + 0.02 / 3)
    # every gain is at least 0.04, and `none` is 0.02 above SMOTE-NC
    assert table["top_performing_average_precision"] == 1


def test_arms_that_are_level_are_top_performing_but_show_no_gain():
    tables = frames()
    assert verdict("top_performing_roc_auc", tables)["verdict"] == "supported"
    for claim in ("gain_up_to_0.2_roc_auc", "learns_from_majority", "fewer_rows_larger_gain_roc_auc", "smooth_scores"):
        assert verdict(claim, tables)["verdict"] == "not supported", claim


@pytest.mark.parametrize("better", ["none", "naive", "smotenc"])
def test_one_better_arm_is_enough_not_to_be_top_performing(better):
    row = verdict("top_performing_roc_auc", frames(lead_of("roc_auc", arm=better)(always(1))))
    assert row["estimate"] == 0


@pytest.mark.parametrize("n_seeds", [1, 2, 4])
def test_fewer_than_five_seeds_leave_every_claim_undecided_but_estimated(n_seeds):
    table = judge(*frames(seeds=range(n_seeds)))
    assert (table["verdict"] == "undecided").all()
    assert table["estimate"].notna().all()
    assert table["low"].isna().all() == (n_seeds < 3)
    assert (table["n_seeds"] == n_seeds).all()


def test_nothing_computed_leaves_every_claim_undecided():
    empty = pd.DataFrame(columns=["dataset", "size", "minority_fraction", "n_minority", "seed", "arm"])
    table = judge(empty.assign(classifier=[]), empty, empty.assign(feature=[], measure=[]))
    assert (table["verdict"] == "undecided").all()
    assert (table["n_seeds"] == 0).all()
    assert table["estimate"].isna().all()


def test_an_arm_without_rows_leaves_its_claim_undecided_and_is_named():
    table = judge(*frames(arms=ARMS[:-1])).set_index(["claim", "dataset"])
    row = table.loc[("learns_from_majority", "adult")]
    assert row["verdict"] == "undecided"
    assert "no rows of tabularargn_minority_only" in row["evidence"]
    assert table.loc[("top_performing_roc_auc", "adult"), "verdict"] == "supported"


def test_too_few_fractions_leave_a_claim_about_the_range_undecided():
    tables = frames(fractions=(0.001, 0.01))
    row = verdict("top_performing_roc_auc", tables)
    assert row["verdict"] == "undecided"
    assert row["n_seeds"] == 5
    assert row["estimate"] == 1
    assert "fractions 0.001 0.01;" in row["evidence"]
    assert verdict("identical_scores_0.001", tables)["verdict"] == "not supported"
    assert verdict("fewer_rows_larger_gain_roc_auc", frames(fractions=(0.01,)))["verdict"] == "undecided"


def test_a_fraction_that_one_arm_lacks_is_left_out_for_all_and_named():
    metrics, runs, diagnostics = frames(
        lambda cell: 0.9 if cell.minority_fraction == 0.05 and cell.arm == "none" else 0.5
    )
    row = verdict("top_performing_roc_auc", (metrics, runs, diagnostics))
    assert row["estimate"] == pytest.approx(6 / 7)
    lacking = (metrics["minority_fraction"] == 0.05) & (metrics["arm"] == "naive") & (metrics["dataset"] == "adult")
    row = verdict("top_performing_roc_auc", (metrics[~lacking], runs, diagnostics))
    assert row["estimate"] == 1
    assert "fractions left out 0.05" in row["evidence"]
    assert "15 of 420 values missing" in row["evidence"]


def test_a_seed_that_lacks_a_cell_is_left_out_and_named():
    metrics, runs, diagnostics = frames(seeds=range(6))
    lacking = (metrics["seed"] == 5) & (metrics["size"] == "f0.01") & (metrics["classifier"] == "xgboost")
    row = verdict("top_performing_roc_auc", (metrics[~lacking], runs, diagnostics))
    assert row["n_seeds"] == 5
    assert "seeds 0 1 2 3 4; seeds left out 5; 4 of 504 values missing" in row["evidence"]


def test_counts_other_classifiers_and_other_tables_play_no_part():
    tables = frames(seeds=range(5))
    metrics = tables[0]
    strangers = [
        metrics.assign(size="n100", minority_fraction=float("nan"), roc_auc=metrics["arm"].eq("none") * 1.0),
        metrics.assign(classifier="logistic_regression", roc_auc=metrics["arm"].eq("none") * 1.0).drop_duplicates(),
        metrics.assign(dataset="demo", roc_auc=metrics["arm"].eq("none") * 1.0),
    ]
    more = pd.concat([metrics, *strangers], ignore_index=True)
    pd.testing.assert_frame_equal(judge(more, *tables[1:]), judge(*tables))


def test_verdicts_do_not_depend_on_the_order_of_rows():
    tables = frames(lambda cell: np.random.default_rng(crc32(str(cell).encode())).random(), seeds=range(4))
    shuffled = [table.sample(frac=1, random_state=0) for table in tables]
    pd.testing.assert_frame_equal(judge(*shuffled), judge(*tables))


def test_a_row_that_occurs_twice_is_refused():
    metrics, runs, diagnostics = frames()
    with pytest.raises(StatsError, match=r"average_precision.*0\.0005.*random_forest.*seed 0"):
        judge(pd.concat([metrics, metrics.head(1)]).assign(arm="none"), runs, diagnostics)


@pytest.mark.parametrize("measure", ["largest_tie_share", "unique_score_share"])
def test_scores_are_smooth_only_with_fewer_ties_and_more_distinct_ones(measure):
    def value(cell):
        return trade(always(1))(cell) if cell.measure != measure else 0.5

    assert verdict("smooth_scores", frames(value))["estimate"] == 0


def test_fractions_read_from_a_published_file_are_recognised(tmp_path):
    tables = frames()
    for name, table in zip(("metrics", "runs", "diagnostics"), tables, strict=True):
        table.to_csv(tmp_path / f"{name}.csv", index=False, float_format="%.12g")
    read = [pd.read_csv(tmp_path / f"{name}.csv") for name in ("metrics", "runs", "diagnostics")]
    assert judge(*read)["evidence"].tolist() == judge(*tables)["evidence"].tolist()


def test_one_data_set_decides_over_all_of_a_claim_of_consistency():
    def value(cell):
        return 0.4 if (cell.dataset, cell.arm, cell.measure) == ("insurance", "tabularargn", "roc_auc") else 0.5

    table = judge(*frames(value)).set_index(["claim", "dataset"])
    assert table.loc[("top_performing_roc_auc", "adult"), "verdict"] == "supported"
    overall = table.loc[("top_performing_roc_auc", "all")]
    assert overall["verdict"] == "not supported"
    assert overall["estimate"] == 0
    assert overall["evidence"].startswith("decided by insurance: ")
    assert verdict("top_performing_roc_auc", frames(datasets=["adult"]), "all")["verdict"] == "undecided"


def test_one_data_set_suffices_for_a_claim_of_up_to():
    def value(cell):
        return 0.8 if (cell.dataset, cell.arm, cell.measure) == ("insurance", "tabularargn", "roc_auc") else 0.5

    overall = verdict("gain_up_to_0.2_roc_auc", frames(value), "all")
    assert (overall["verdict"], overall["estimate"]) == ("supported", pytest.approx(0.3))


def test_a_data_set_that_cannot_show_it_does_not_hide_others_of_a_claim_of_up_to():
    """Credit Card's gain is positive in some seeds only, and nowhere near the threshold; the others' is small and sure."""

    def value(cell):
        if (cell.arm, cell.measure) != ("tabularargn", "roc_auc"):
            return 0.5
        return 0.5 + 0.03 * (-1) ** cell.seed if cell.dataset == "credit_card" else 0.55

    tables = frames(value)
    assert verdict("gain_up_to_0.2_roc_auc", tables, "credit_card")["verdict"] == "undecided"
    overall = verdict("gain_up_to_0.2_roc_auc", tables, "all")
    assert (overall["verdict"], overall["estimate"]) == ("partly", pytest.approx(0.05))
    unknown = verdict("gain_up_to_0.2_roc_auc", frames(value, datasets=["adult"]), "all")
    assert unknown["verdict"] == "undecided", "a table without rows may still show it"


def test_over_all_data_sets_the_slowest_counts():
    def value(cell):
        if cell.measure != "working_seconds" or cell.arm != "tabularargn":
            return 1.0
        return {"adult": 1.1, "credit_card": 1.5, "insurance": 1.2}[cell.dataset]

    overall = verdict("low_overhead", frames(value), "all")
    assert (overall["verdict"], overall["estimate"]) == ("supported", pytest.approx(1.5))


def test_a_fit_whose_seconds_are_unknown_counts_as_missing():
    metrics, runs, diagnostics = frames()
    row = verdict("low_overhead", (metrics, runs.assign(fit_cpu_seconds=float("nan")), diagnostics))
    assert row["verdict"] == "undecided"
    assert "no rows of tabularargn" in row["evidence"]


def test_the_largest_of_many_gains_that_are_noise_is_seldom_taken_for_a_gain():
    claim, generator, found = "gain_up_to_0.2_roc_auc", np.random.default_rng(0), []
    for _ in range(8):
        tables = frames(
            lambda cell: generator.normal(0.5, 0.2),
            datasets=["adult"],
            fractions=BY_ID[claim].fractions,
            seeds=range(5),
        )
        found.append(verdict(claim, tables)["verdict"])
    assert "supported" not in found
    assert found.count("partly") <= 2


@pytest.mark.parametrize(("ties", "share"), [(0.79, 0), (0.81, 1)])
def test_scores_are_identical_above_80_percent(ties, share):
    assert verdict("identical_scores_range", frames(lambda cell: ties))["estimate"] == share


def test_sensitivity_moves_the_threshold_and_nothing_else():
    tables = frames(lead_of("roc_auc")(mostly))
    table = sensitivity(*tables)
    assert set(table["threshold"][table["claim"] == "low_overhead"]) == {2.0, 1.5, 5.0, 10.0}
    rows = table[(table["claim"] == "top_performing_roc_auc") & (table["dataset"] == "adult")]
    assert rows["estimate"].nunique() == 1
    assert rows.set_index("threshold")["verdict"].to_dict() == {
        0.9: "partly",
        0.5: "supported",
        0.75: "partly",
        0.95: "partly",
    }
    own = table.merge(judge(*tables)[["claim", "dataset", "threshold"]])
    pd.testing.assert_frame_equal(own, judge(*tables))


def test_another_threshold_of_a_sign_claim_stays_a_single_mark():
    claim = BY_ID["fewer_rows_larger_gain_roc_auc"].at(-0.5)
    assert [claim.verdict(*ends) for ends in ((-1, -0.6), (-1, -0.2), (-0.4, 0.2))] == [
        "supported",
        "undecided",
        "not supported",
    ]
    stricter = BY_ID["low_overhead"].at(20.0)
    assert stricter.verdict(15, 16) == "supported"


def test_the_published_verdicts_are_those_of_the_published_rows(monkeypatch, tmp_path):
    monkeypatch.delenv(paths.RESULTS_VARIABLE)
    store = Store()
    kept = pd.read_csv(store.folder / "claims.csv")
    assert list(kept) == PUBLISHED
    assert len(kept) == len(CLAIMS) * (len(DATASETS) + 1)
    monkeypatch.setattr(store, "folder", tmp_path)
    for name in ("metrics", "runs", "diagnostics"):
        (tmp_path / f"{name}.csv").write_bytes((paths.results() / f"{name}.csv").read_bytes())
    pd.testing.assert_frame_equal(pd.read_csv(publish(store)), kept, rtol=1e-9)
