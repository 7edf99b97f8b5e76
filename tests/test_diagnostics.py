import numpy as np
import pandas as pd
import pytest
from helpers import random_tables
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy, ks_2samp

from upsampling.study import diagnostics
from upsampling.study.arms import ARMS
from upsampling.study.protocol import Cell, partition

LEVELS = ["a", "b", "c", "d"]


def categories(text: str) -> pd.Series:
    """A categorical column with one row per letter; a dash is a missing value."""
    return pd.Series(pd.Categorical([None if letter == "-" else letter for letter in text], categories=LEVELS))


def normal_rows(n_rows: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.RandomState(seed)
    numbers = pd.DataFrame(rng.normal(loc=shift, size=(n_rows, 3)), columns=["x", "y", "z"])
    return numbers.assign(kind=pd.Categorical(rng.choice(LEVELS, n_rows), categories=LEVELS))


@pytest.mark.parametrize(
    ("column", "bits"), [("aaaa", 0.0), ("ab", 1.0), ("aabbccdd", 2.0), ("aab", 0.918295834), ("a-", 1.0)]
)
def test_entropy_by_hand(column, bits):
    assert diagnostics.shannon_entropy(categories(column)) == pytest.approx(bits)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=50))
def test_entropy_agrees_with_scipy(values):
    column = pd.Series(values).astype("category")
    expected = entropy(np.bincount(values), base=2)
    assert diagnostics.shannon_entropy(column) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("aabb", "ab", 0.0), ("aa", "bb", 1.0), ("aab", "abb", 1 / 3), ("ab--", "ab", 0.5), ("aabc", "aabd", 0.25)],
)
def test_distance_of_categories_by_hand(left, right, distance):
    assert diagnostics.marginal_distance(categories(left), categories(right)) == pytest.approx(distance)


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [([1, 2, 3, 4], [1, 2, 3, 4], 0), ([1, 2], [3, 4], 1), ([1, 2, 3, 4], [3, 4], 0.5), ([1, np.nan, 2], [1, 2], 0)],
)
def test_distance_of_numbers_by_hand(left, right, distance):
    assert diagnostics.marginal_distance(pd.Series(left), pd.Series(right)) == pytest.approx(distance)


def test_distance_of_numbers_without_a_value_is_unknown():
    assert np.isnan(diagnostics.marginal_distance(pd.Series([np.nan]), pd.Series([1.0])))


@given(random_tables())
def test_distances_are_symmetric_and_agree_with_scipy(table):
    left, right = table.X[table.y == 1], table.X[table.y == 0]
    for name in table.X:
        distance = diagnostics.marginal_distance(left[name], right[name])
        assert 0 <= distance <= 1
        assert distance == pytest.approx(diagnostics.marginal_distance(right[name], left[name]))
    expected = ks_2samp(left["number"], right["number"], method="asymp").statistic
    assert diagnostics.marginal_distance(left["number"], right["number"]) == pytest.approx(expected)


def test_exact_copy_share_by_hand():
    real = pd.DataFrame({"n": [1, 2, 3], "c": categories("abc")})
    made = pd.DataFrame({"n": [1, 2, 2, 4], "c": categories("abca")})
    assert diagnostics.exact_copy_share(made, real) == 0.5  # the first two; (2, c) only mixes two real rows
    assert diagnostics.exact_copy_share(real, real) == 1
    assert np.isnan(diagnostics.exact_copy_share(made[:0], real))


def test_rows_with_the_same_missing_value_are_copies():
    real = pd.DataFrame({"n": [np.nan, 2.0], "c": categories("-b")})
    assert diagnostics.exact_copy_share(real[:1], real) == 1


def test_detectability_of_one_distribution_is_about_a_half():
    assert diagnostics.detectability(normal_rows(1500, 1), normal_rows(1500, 2), 0)[0] == pytest.approx(0.5, abs=0.05)


def test_detectability_of_different_distributions_is_near_one():
    assert diagnostics.detectability(normal_rows(500, 1), normal_rows(500, 2, shift=4), 0)[0] > 0.98


def test_detectability_needs_ten_rows_a_side():
    rows = normal_rows(30, 1)
    assert np.isnan(diagnostics.detectability(rows, rows[:9], 0)[0])
    assert not np.isnan(diagnostics.detectability(rows, rows[:10], 0)[0])


def test_repetition_is_detected():
    few = normal_rows(12, 1)
    repeated = few.iloc[np.arange(300) % 12].reset_index(drop=True)
    assert diagnostics.detectability(repeated, normal_rows(300, 2), 0)[0] > 0.95


def test_detectability_takes_names_with_brackets_and_quotes():
    rows = normal_rows(40, 1).set_axis(["[x]", 'y"', "z, <1>", "kind:"], axis=1)
    assert 0 <= diagnostics.detectability(rows[:20], rows[20:], 0)[0] <= 1


def test_detectability_names_the_feature_that_gives_rows_away():
    real = pd.DataFrame(np.random.RandomState(0).normal(size=(200, 3)), columns=list("abc"))
    made = real.assign(b=real["b"] + 5)
    _, shares = diagnostics.detectability(made, real, 0)
    assert shares.sum() == pytest.approx(1)
    assert shares["b"] > 0.9
    assert diagnostics.detectability(made[:5], real, 0)[1].empty


def place(*rows):
    """Rows with a number and a category."""
    return pd.DataFrame({"n": [n for n, _ in rows], "c": categories("".join(c for _, c in rows))})


def test_coverage_by_hand():
    real = place(
        (-1.0, "a"), (1.0, "a"), (1.0, "b"), (-1.0, "b")
    )  # a standard deviation is 1, as far as another category
    known, unseen = real[:1], place((0.0, "a"), (1.0, "b"), (-1.0, "a"), (3.0, "a"))

    def covered(made):
        return diagnostics.coverage(made, known, unseen, real, 0)

    assert covered(known) == 0  # a copy is as near as what it copies
    assert covered(place((1.0, "b"))) == 0.5  # itself and, at sqrt(4 + 1) against 4, the last one
    assert covered(place((0.5, "a"))) == 0.75
    assert np.isnan(covered(known[:0]))
    assert np.isnan(diagnostics.coverage(known, known, unseen[:0], real, 0))


def test_coverage_takes_missing_values():
    real = place((-1.0, "a"), (np.nan, "-"), (1.0, "b"))
    assert diagnostics.coverage(real[1:2], real[:1], real[1:], real, 0) == 1


@given(random_tables())
def test_marginals_of_a_feature_add_up_to_one(table):
    minority = table.X[table.y == 1]
    found = diagnostics.marginals(minority, table.X)
    assert list(found) == ["feature", "level", "position", "share"]
    np.testing.assert_allclose(found.groupby("feature")["share"].sum().reindex(list(table.X)), 1)
    assert not found.duplicated(["feature", "level"]).any()


def test_marginals_by_hand():
    reference = pd.DataFrame({"n": range(1, 11), "c": categories("abcdabcdab")})
    minority = pd.DataFrame({"n": [0, 1, 99, 5], "c": categories("aab-")})
    found = diagnostics.marginals(minority, reference).set_index(["feature", "level"])["share"]
    assert found["n"].iloc[[0, -1]].to_dict() == {"<= 1.9": 0.5, "> 9.1": 0.25}
    assert found["n", "4.6 to 5.5"] == 0.25
    assert found["c"].to_dict() == pytest.approx({"a": 2 / 3, "b": 1 / 3, "c": 0, "d": 0})


def test_bins_of_a_column_with_few_values_are_distinct():
    edges = diagnostics.bin_edges(pd.Series([0] * 95 + [1] * 5))
    np.testing.assert_array_equal(edges, [-np.inf, 0, np.inf])
    assert diagnostics.interval_labels(edges) == ["<= 0", "> 0"]


@pytest.mark.parametrize("arm", ["none", "naive", "smotenc"])
def test_diagnose_gives_every_measure_once(demo, arm):
    parts = partition(demo, Cell("demo", None, 30, 0, arm))
    rows = pd.DataFrame(diagnostics.diagnose(ARMS[arm].build(parts, 0, None), parts, 0))
    assert not rows.duplicated(["feature", "measure"]).any()
    assert set(rows["feature"][rows["measure"] == "marginal_distance"]) == set(demo.X)
    assert set(rows["feature"][rows["measure"] == "entropy"]) == {"occupation", "occupation_husb"}
    whole = rows[rows["feature"] == diagnostics.ALL_FEATURES].set_index("measure")["value"]
    if arm == "none":
        assert whole.empty
    elif arm == "naive":
        assert whole["exact_copy_share"] == 1
    else:
        assert set(whole.index) == {"exact_copy_share", "detectability", "coverage"}
        assert whole["exact_copy_share"] < 0.5


def test_a_column_without_values_has_bins_all_the_same():
    X = pd.DataFrame({"empty": [np.nan] * 4, "n": [1.0, 2, 3, 4]})
    table = diagnostics.marginals(X, X)
    assert set(table["feature"]) == {"empty", "n"}
    assert table.loc[table["feature"] == "empty", "share"].fillna(0).eq(0).all()


def test_bins_that_differ_in_the_last_digits_have_labels_that_differ():
    edges = np.array([-np.inf, 1 + 1e-12, 1 + 2e-12, np.inf])
    labels = diagnostics.interval_labels(edges)
    assert len(set(labels)) == 3
    assert diagnostics.interval_labels(np.array([-np.inf, 0.1, 0.3, np.inf])) == ["<= 0.1", "0.1 to 0.3", "> 0.3"]


def test_the_holdout_stands_for_unseen_rows_if_none_were_taken_away(demo):
    everything = partition(demo, Cell("demo", None, 1642, 0, "none"))
    assert len(everything.discarded) == 0
    training = ARMS["naive"].build(everything, 0, None)
    values = {row["measure"]: row["value"] for row in diagnostics.diagnose(training, everything, 0)}
    assert 0.5 < values["detectability"] <= 1
    assert values["coverage"] == 0
