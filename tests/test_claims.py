"""Verdicts on frames made by hand, where the verdict is known."""

from types import SimpleNamespace
from unittest.mock import patch
from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from upsampling import paths
from upsampling.errors import StatsError
from upsampling.study.claims import CLAIMS, CLASSIFIERS, COLUMNS, DATASETS, PUBLISHED, judge, publish
from upsampling.study.classifiers import LINEAR
from upsampling.study.names import EARLIER_HYBRID, HYBRID
from upsampling.study.protocol import FRACTIONS, plain
from upsampling.study.store import Store

ARMS = ("none", "naive", "smotenc", HYBRID, EARLIER_HYBRID, "tabularargn_minority_only")
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
                        for name in (*CLASSIFIERS, LINEAR)
                    ]
                    # each of the five steps takes a fifth; arms that fit nothing leave that one empty
                    step = of("working_seconds") / (5 if arm in (HYBRID, EARLIER_HYBRID) else 4)
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


def lead_of(measure, arm=HYBRID, base=0.5, step=0.1):
    """Return a function that lifts one arm's measure above (lead 1) or below (lead -1) that of the others."""

    def make(lead):
        return lambda cell: base + step * lead(cell) * (cell.measure == measure and cell.arm == arm)

    return make


def trade(cell_lead):
    """Raise distinct scores and lower ties of the generator's arm together."""

    def value(cell):
        signs = {"largest_tie_share": -0.1, "unique_score_share": 0.1}
        return 0.5 + signs.get(cell.measure, 0) * cell_lead(cell) * (cell.arm == HYBRID)

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
TIES = {
    "supported": always(1),
    "partly": always(-1),
    "not supported": always(-4),
    "undecided": by_seed(2, -6, 0),
}
SIGN = {"supported": always(1), "not supported": always(-1), "undecided": by_seed(1, -1, 0.1)}
TREND = {
    "supported": lambda cell: 7 - FRACTIONS.index(cell.minority_fraction),
    # a loss that shrinks
    "partly": lambda cell: -1 - FRACTIONS.index(cell.minority_fraction),
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
    **{
        f"identical_scores_{name}": (
            TIES,
            lambda lead: lambda cell: 0.8 + 0.1 * lead(cell) * (cell.measure == "largest_tie_share"),
        )
        for name in CLASSIFIERS
    },
    "entropy_closest": (SHARE, lead_of("entropy_distance", step=-0.1)),
    "fewer_rows_larger_gain_average_precision": (TREND, lead_of("average_precision", step=0.01)),
    "fewer_rows_larger_gain_roc_auc": (TREND, lead_of("roc_auc", step=0.01)),
    "learns_from_majority": (SIGN, lead_of("average_precision", arm=EARLIER_HYBRID)),
    "smooth_scores": (SHARE, trade),
    "low_overhead": (
        SECONDS,
        lambda ratio: lambda cell: 10 * (ratio(cell) if cell.arm == EARLIER_HYBRID else 1),
    ),
    "better_than_nothing": (SIGN, lead_of("average_precision")),
}


def test_every_claim_has_a_scenario_for_every_verdict_its_rule_can_give():
    assert set(SCENARIOS) == set(BY_ID)
    for name, (leads, _) in SCENARIOS.items():
        marks = {"supported", "not supported", "undecided"}
        lesser = BY_ID[name].partly != BY_ID[name].threshold or BY_ID[name].condition is not None
        assert set(leads) == marks | ({"partly"} if lesser else set())


@pytest.mark.parametrize(
    ("claim", "expected"), [(name, expected) for name, (leads, _) in SCENARIOS.items() for expected in leads]
)
def test_known_verdicts(claim, expected):
    leads, make = SCENARIOS[claim]
    noise = {True: 0.0, False: 1e-4}[expected == "undecided"]

    def value(cell):
        return make(leads[expected])(cell) + noise * (crc32(f"{cell.seed} {cell.measure}".encode()) % 7)

    assert verdict(claim, frames(value))["verdict"] == expected


def test_one_row_per_claim_and_data_set_in_the_published_columns():
    judged = judge(*frames())
    assert list(judged) == COLUMNS
    assert judged["claim"].tolist() == [claim.id for claim in CLAIMS for _ in DATASETS]
    assert judged["dataset"].tolist() == [*DATASETS] * len(CLAIMS)


def test_the_correction_grows_with_the_number_of_claims():
    """One claim at p = 0.02 is supported; among all claims of three tables it is not."""

    def value(cell):
        lead = (0.05, 0.14, 0.06, 0.09, 0.02)[cell.seed % 5] if cell.arm == EARLIER_HYBRID else 0
        return 0.5 + 0.3 * lead * (cell.measure == "average_precision" and cell.dataset == "adult")

    tables = frames(value)
    alone = verdict("learns_from_majority", tables)
    among = judge(*tables).set_index(["claim", "dataset"]).loc[("learns_from_majority", "adult")]
    assert alone["p"] == among["p"]
    assert among["p_holm"] > alone["p_holm"]


def test_the_interval_allows_for_overlapping_splits_and_the_plain_one_does_not():
    values = np.array([0.1, -0.02, 0.06, 0.04, 0.02])
    row = verdict(
        "learns_from_majority",
        frames(
            lambda cell: 0.5 + values[cell.seed] * (cell.measure == "average_precision" and cell.arm == EARLIER_HYBRID)
        ),
    )
    deviation, t = values.std(ddof=1), 2.7764451051977987
    assert row["estimate"] == pytest.approx(values.mean())
    assert row["plain_high"] - row["estimate"] == pytest.approx(t * deviation * np.sqrt(1 / 5))
    assert row["high"] - row["estimate"] == pytest.approx(t * deviation * np.sqrt(1 / 5 + 0.25))


def test_the_setting_of_the_largest_gain_is_chosen_on_the_other_seeds():
    """Each seed has its own lucky setting; none of them is one that the others would choose."""

    def value(cell):
        lucky = (
            (FRACTIONS.index(cell.minority_fraction) + CLASSIFIERS.index(cell.classifier)) % 5 == cell.seed
            if cell.classifier in CLASSIFIERS
            else False
        )
        return 0.5 + 0.3 * (lucky and cell.arm == HYBRID and cell.measure == "average_precision")

    assert verdict("gain_up_to_0.2_average_precision", frames(value))["estimate"] < 0.1


def test_ties_are_judged_classifier_by_classifier():
    def value(cell):
        return 0.95 if cell.classifier == "random_forest" else 0.05

    judged = judge(*frames(value)).set_index(["claim", "dataset"])["verdict"]
    assert judged[("identical_scores_random_forest", "adult")] == "supported"
    assert judged[("identical_scores_xgboost", "adult")] == "not supported"


@pytest.mark.parametrize("better", ["naive", "smotenc", "none"])
def test_one_better_arm_is_enough_not_to_be_top_performing(better):
    tables = frames(lead_of("average_precision", arm=better)(always(1)))
    assert verdict("top_performing_average_precision", tables)["estimate"] == 0


@pytest.mark.parametrize("n_seeds", [1, 2, 3, 4])
def test_fewer_than_five_seeds_leave_every_claim_undecided_but_estimated(n_seeds):
    judged = judge(*frames(seeds=range(n_seeds)))
    assert set(judged["verdict"]) == {"undecided"}
    assert judged["estimate"].notna().all()
    assert judged[["low", "high", "p"]].isna().all(axis=None)


def test_nothing_computed_leaves_every_claim_undecided():
    judged = judge(*(table.iloc[:0] for table in frames()))
    assert set(judged["verdict"]) == {"undecided"}
    assert judged["estimate"].isna().all()


def test_an_arm_without_rows_leaves_its_claim_undecided_and_is_named():
    row = verdict("learns_from_majority", frames(arms=[arm for arm in ARMS if "minority" not in arm]))
    assert row["verdict"] == "undecided"
    assert "no rows of tabularargn_minority_only" in row["evidence"]


def test_too_few_fractions_leave_a_claim_about_the_range_undecided():
    tables = frames(lead_of("average_precision")(always(1)), fractions=FRACTIONS[:3])
    assert verdict("top_performing_average_precision", tables)["verdict"] == "undecided"


def test_a_seed_that_lacks_a_cell_is_left_out_and_named():
    metrics, runs, diagnostics = frames(seeds=range(6))
    gap = (metrics["seed"] == 3) & (metrics["arm"] == "naive") & (metrics["minority_fraction"] == 0.001)
    row = verdict("top_performing_average_precision", (metrics[~gap], runs, diagnostics))
    assert row["n_seeds"] == 5
    assert "seeds left out 3" in row["evidence"]


def test_verdicts_do_not_depend_on_the_order_of_rows():
    tables = frames(lambda cell: crc32(repr(cell).encode()) / 2**32)
    shuffled = [table.sample(frac=1, random_state=0) for table in tables]
    pd.testing.assert_frame_equal(judge(*tables), judge(*shuffled))


def test_a_row_that_occurs_twice_is_refused():
    metrics, runs, diagnostics = frames()
    with pytest.raises(StatsError, match="occur twice"):
        judge(pd.concat([metrics, metrics.head(1)]), runs, diagnostics)


def test_a_fit_whose_seconds_are_unknown_counts_as_missing():
    metrics, runs, diagnostics = frames()
    runs.loc[runs["arm"] == EARLIER_HYBRID, "fit_cpu_seconds"] = np.nan
    assert verdict("low_overhead", (metrics, runs, diagnostics))["verdict"] == "undecided"


def test_the_largest_of_many_gains_that_are_noise_is_not_taken_for_a_gain():
    """A maximum over settings would be taken each time. One seed's choice stands on seeds of which another's does too, so some are."""
    taken = 0
    for repeat in range(20):
        rng = np.random.RandomState(repeat)
        noise = {}

        def value(cell, rng=rng, noise=noise):
            return 0.5 + noise.setdefault(repr(cell), rng.normal(0, 0.02))

        row = verdict("gain_up_to_0.2_average_precision", frames(value, datasets=["adult"]))
        taken += row["verdict"] in ("supported", "partly")
    assert taken <= 4


def test_the_published_verdicts_are_those_of_the_published_rows(monkeypatch, tmp_path):
    monkeypatch.delenv(paths.RESULTS_VARIABLE)
    store = Store()
    kept = pd.read_csv(store.folder / "claims.csv")
    assert list(kept) == PUBLISHED
    assert len(kept) == len(CLAIMS) * len(DATASETS)
    monkeypatch.setattr(store, "folder", tmp_path)
    for name in ("metrics", "runs", "diagnostics"):
        (tmp_path / f"{name}.csv").write_bytes((paths.results() / f"{name}.csv").read_bytes())
    pd.testing.assert_frame_equal(pd.read_csv(publish(store)), kept, rtol=1e-9)
