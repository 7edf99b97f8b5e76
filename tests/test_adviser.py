"""What the adviser's script is given is what was measured, and the code that it shows runs."""

import json

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from upsampling.book import adviser
from upsampling.study import datasets, names, stats
from upsampling.study.protocol import HOLDOUT_SHARE, Cell

GAINS = [0.2, 0.25, 0.15, 0.2, 0.22]


def rows(dataset, size, n_minority, arm, classifier, gains=GAINS):
    """Return rows of `metrics.csv`; judged as rare as in training, a gain is half of what it is on the holdout."""
    same = {"dataset": dataset, "size": size, "n_minority": n_minority, "arm": arm, "classifier": classifier}
    values = [{"average_precision": 0.5 + gain, "average_precision_reweighted": 0.1 + gain / 2} for gain in gains]
    design = Cell.of(dataset, size, 0, arm).design
    return [
        same | {"seed": seed, "minority_fraction": 0.001 if design == "paper" else np.nan, "design": design} | value
        for seed, value in enumerate(values)
    ]


@pytest.fixture
def found():
    metrics = [
        *rows("adult", "f0.001", 30, *adviser.BASELINE, gains=[0] * 5),
        *rows("adult", "f0.001", 30, names.HYBRID, "lightgbm"),
        *rows("adult", "f0.001", 30, names.EARLIER_HYBRID, "lightgbm", gains=[0.9] * 5),
        *rows("adult", "f0.001", 30, names.POSTERIOR, names.GENERATOR),
        *rows("adult", "f0.001", 30, "naive", "xgboost", gains=GAINS[:4]),
        *rows("adult", "n20f0.05", 20, *adviser.BASELINE, gains=[0] * 5),
        *rows("adult", "n20f0.05", 20, names.HYBRID, "logistic_regression"),
        *rows("sick", "found", 137, *adviser.BASELINE, gains=[0] * 5),
        *rows("sick", "found", 137, names.HYBRID, "lightgbm"),
    ]
    runs = pd.DataFrame(
        [
            {"dataset": "adult", "size": "f0.001", "n_minority": 30, "n_majority": 29_970},
            {"dataset": "adult", "size": "n20f0.05", "n_minority": 20, "n_majority": 380},
            {"dataset": "sick", "size": "found", "n_minority": 137, "n_majority": 1233},
        ]
    ).assign(n_holdout=1000, n_holdout_minority=200)
    return adviser.experiments(pd.DataFrame(metrics), runs)


def test_an_experiment_is_a_gain_over_the_baseline_with_its_interval(found):
    assert list(found) == adviser.COLUMNS
    row = found[(found["dataset"] == "adult") & (found["method"] == "tabularargn")].iloc[0]
    expected = stats.corrected_interval(GAINS, HOLDOUT_SHARE)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((expected.estimate, expected.low, expected.high))
    assert (row["n_minority"], row["share"], row["scored"], row["n"]) == (30, 0.001, 0.2, 5)
    assert row["numeric_share"] == pytest.approx(6 / 14)
    assert (row["size"], row["seeds"], row["arms"]) == ("f0.001", "0 1 2 3 4", f"none {names.HYBRID}")
    assert "xgboost" not in set(found["classifier"]), "four seeds are no experiment"
    assert adviser.OWN_PROBABILITY in set(zip(found["method"], found["classifier"], strict=True))


def test_a_thinned_table_is_judged_with_the_positives_of_its_holdout_and_as_rare_as_in_training(found):
    adult, sick = (
        found[(found["dataset"] == name) & (found["classifier"] == "lightgbm")].set_index("scored")["mean"]
        for name in ("adult", "sick")
    )
    assert adult.to_dict() == pytest.approx({0.2: np.mean(GAINS), 0.001: np.mean(GAINS) / 2})
    assert sick.to_dict() == pytest.approx({0.2: np.mean(GAINS)})
    small = found[found["size"] == "n20f0.05"].set_index("scored")
    assert small["mean"].to_dict() == pytest.approx({0.2: np.mean(GAINS), 0.05: np.mean(GAINS) / 2})
    assert set(small["share"]) == {0.05}


def test_the_script_gets_tables_and_pairs_by_their_places_the_simplest_pair_first(found):
    content = adviser.content(found)
    assert [pair["name"] for pair in content["pairs"]] == [
        "LightGBM on the rows as they are",
        "synthetic rows of TabularARGN with LightGBM",
        "synthetic rows of TabularARGN with logistic regression",
        "the generator's own probability",
    ], "what was not measured is no choice"
    assert content["baseline"] == 0
    assert content["tables"] == ["Adult", "Sick euthyroid"]
    assert len(content["experiments"]) == len(found)
    for row, stored in zip(found.itertuples(), content["experiments"], strict=True):
        table, n_minority, share, numeric, scored, pair, mean, low, high, n = stored
        assert content["tables"][table] == datasets.get(row.dataset).title
        assert (n_minority, n) == (row.n_minority, row.n)
        assert content["pairs"][pair]["code"] == adviser.code(row.method, row.classifier)
        assert (share, numeric, scored) == pytest.approx((row.share, row.numeric_share, row.scored), abs=1e-3)
        assert (mean, low, high) == pytest.approx((row.mean, row.low, row.high), abs=1e-4)
    assert "NaN" not in json.dumps(content)


@pytest.mark.parametrize(
    ("pair", "name"),
    [
        (("none", "random_forest"), "random forest on the rows as they are"),
        (("none", "lightgbm_regularised"), "regularised LightGBM on the rows as they are"),
        (("tuned_none", "lightgbm_tuned"), "tuned LightGBM on the rows as they are"),
        (("smotenc", "logistic_regression"), "SMOTE-NC with logistic regression"),
    ],
)
def test_a_pair_is_called_in_plain_words(pair, name):
    assert adviser.name(*pair) == name


def test_the_baseline_is_advised_before_what_is_no_better():
    assert adviser.PAIRS[0] == adviser.BASELINE
    assert len(adviser.PAIRS) == len(set(adviser.PAIRS))


RUN = [(*pair, 40, 260) for pair in adviser.PAIRS if not pair[0].startswith("tabularargn")]
# a generator learns from hundreds of positives
SLOW = [(*pair, 300, 1700) for pair in adviser.PAIRS if pair[0].startswith("tabularargn")]


@pytest.mark.parametrize(
    ("method", "classifier", "n_minority", "n_majority"),
    [*RUN, *(pytest.param(*settings, marks=pytest.mark.slow) for settings in SLOW)],
)
def test_the_code_runs_and_raises_alarms(method, classifier, n_minority, n_majority):
    rng = np.random.RandomState(0)
    y = pd.Series(np.repeat([1, 0], [n_minority, n_majority]))
    levels = pd.Categorical(rng.choice(["a", "b"], len(y)))
    X = pd.DataFrame({"number": rng.normal(size=len(y)) + 3 * y, "level": levels})
    text = adviser.code(method, classifier)
    scope = {"X": X, "y": y, "X_new": X}
    with threadpool_limits(1):
        exec(text.replace("{threshold}", "0.2").replace("n_iter=16", "n_iter=1, cv=2"), scope)
    assert scope["alarm"][y == 1].mean() > 0.5 > scope["alarm"][y == 0].mean()
