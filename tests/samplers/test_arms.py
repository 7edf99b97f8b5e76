from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import SEEDS, StubGenerator, random_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler

from upsampling import smote
from upsampling.errors import DataError, SpecError
from upsampling.smote import interpolate, smote_for
from upsampling.study import datasets, generators
from upsampling.study.arm import from_sampler
from upsampling.study.arms import ARMS, PAPER_ARMS
from upsampling.study.classifiers import BALANCING
from upsampling.study.datasets import Table
from upsampling.study.generators import GENERATORS, fit_generator, generator_seeds
from upsampling.study.protocol import Cell, Partition, Rows, partition
from upsampling.study.training import TrainingSet

# a tuned arm has the training set of another one
TRAINED = [name for name, arm in ARMS.items() if arm.build and not arm.tuned]
# arms that leave the classes as they are, for the classifier to balance if anything, or add another amount than balance lacks
UNBALANCED = ["none", "class_weight", "balanced_forest", "oracle"]
UNBALANCED += [name for name in TRAINED if "_amount" in name]
BALANCED = [name for name in TRAINED if name not in UNBALANCED]
KEEPING = [name for name in TRAINED if name != "undersample" and "synthetic" not in name]
# every arm builds several training sets per example
FEW = settings(max_examples=12)
# the oracle is the one arm that is meant to see the minority rows that were taken away
BLIND = [name for name in TRAINED if name != "oracle"]


def parts_of(table: Table, seed: int, count: int = 3) -> Partition:
    return partition(table, Cell("random", None, count, seed, "none"))


def build(name: str, parts: Partition, seed: int) -> TrainingSet:
    """Return the training set of an arm; the generator is a stand-in fitted on the training rows."""
    generator = StubGenerator().fit(parts.train.X, parts.train.y, seed) if ARMS[name].generator else None
    return ARMS[name].build(parts, seed, generator)


def test_columns_are_drawn_in_the_order_that_an_arm_names(demo_parts):
    asked = []

    class Asked(StubGenerator):
        def sample(self, counts, seed, **settings):
            asked.append((counts, seed, settings))
            return super().sample(counts, seed)

    generator = Asked().fit(demo_parts.train.X, demo_parts.train.y, 0)
    names = ("tabularargn", "tabularargn_categories_first", "tabularargn_numbers_first")
    parts = replace(demo_parts, order=tuple(reversed(list(demo_parts.train.X))))
    usual, *others = (ARMS[name].build(parts, 0, generator) for name in names)
    for other in others:
        assert_same(usual, other)
    assert asked[0][:2] == asked[1][:2] == asked[2][:2]
    about = datasets.get("demo")
    assert [settings["order"] for _, _, settings in asked] == [
        list(parts.order),
        [*about.categorical, *about.numeric],
        [*about.numeric, *about.categorical],
    ]
    assert [ARMS[name].generator for name in names] == ["tabularargn_packed", "tabularargn", "tabularargn"]


@pytest.mark.parametrize("dataset", [name for name in datasets.DATASETS if name != "demo"])
def test_the_order_of_each_table_is_that_of_its_published_file(dataset):
    about = datasets.get(dataset)
    try:
        path = datasets.locate(about)
    except DataError:
        pytest.skip(f"the file of {dataset} is not at hand")
    header = list(pd.read_csv(path, nrows=0))
    left_out = {about.target, *about.dropped}
    assert [name for name in header if name not in left_out] == list(about.order)


def assert_same(left: TrainingSet, right: TrainingSet):
    pd.testing.assert_frame_equal(left.X, right.X, check_exact=True)
    pd.testing.assert_series_equal(left.y, right.y)
    np.testing.assert_array_equal(left.sample_weight, right.sample_weight)
    assert left.n_real == right.n_real


def scrambled(table: Table, rows: pd.Series) -> Table:
    """The table with other values in the rows whose `id` is among `rows`; ids and labels stay."""
    chosen = table.X["id"].isin(rows).to_numpy()
    X = table.X.copy()
    X.loc[chosen, "number"] += 1e6
    X.loc[chosen, "whole"] = 99
    X.loc[chosen, "text"] = X["text"].cat.categories[0]
    return Table(table.name, table.checksum, X, table.y)


def test_registry_holds_the_paper_s_arms_and_consistent_entries():
    assert PAPER_ARMS == ("none", "naive", "smotenc", "tabularargn")
    assert set(PAPER_ARMS) <= set(ARMS)
    for name, arm in ARMS.items():
        assert arm.name == name
        assert arm.title
        assert arm.description.endswith(".")
        assert set(arm.members) <= set(ARMS)
        assert not (arm.members and (arm.build or arm.generator))
        assert not any(ARMS[member].members for member in arm.members)
        assert arm.generator is None or arm.generator in GENERATORS
        assert set(arm.classifiers) <= set(BALANCING)


@pytest.mark.parametrize("name", BALANCED)
@FEW
@given(table=random_tables(), seed=SEEDS, count=st.integers(2, 4))
def test_classes_are_balanced_to_the_row(name, table, seed, count):
    parts = parts_of(table, seed, count)
    y = build(name, parts, seed).y
    smaller, larger = sorted([count, int((parts.train.y == 0).sum())])
    assert [(y == label).sum() for label in (0, 1)] == [smaller if name == "undersample" else larger] * 2


@pytest.mark.parametrize("name", UNBALANCED)
@FEW
@given(table=random_tables(), seed=SEEDS, count=st.integers(2, 4))
def test_classes_that_are_not_balanced_have_exact_counts_too(name, table, seed, count):
    parts = parts_of(table, seed, count)
    y, n_majority = build(name, parts, seed).y, int((parts.train.y == 0).sum())
    share = float(name.partition("_amount")[2] or 0)
    added = len(parts.discarded) if name == "oracle" else round(share * (n_majority - count))
    assert [(y == label).sum() for label in (0, 1)] == [n_majority, count + added]


@pytest.mark.parametrize("name", KEEPING)
@FEW
@given(table=random_tables(), seed=SEEDS)
def test_real_rows_come_first_and_unchanged(name, table, seed):
    parts = parts_of(table, seed)
    before = parts.train.X.copy()
    training = build(name, parts, seed)
    pd.testing.assert_frame_equal(training.X[: len(parts.train)], before, check_exact=True)
    pd.testing.assert_series_equal(training.y[: len(parts.train)], parts.train.y, check_names=False)
    pd.testing.assert_frame_equal(parts.train.X, before, check_exact=True)


@pytest.mark.parametrize("name", TRAINED)
@FEW
@given(table=random_tables(), seed=SEEDS)
def test_names_dtypes_and_categories_are_kept(name, table, seed):
    training = build(name, parts_of(table, seed), seed)
    assert training.X.dtypes.to_dict() == table.X.dtypes.to_dict()
    assert list(training.X) == list(table.X)
    assert training.y.dtype == table.y.dtype
    assert training.X.notna().all(axis=None)
    assert len(training.X) == len(training.y)


@pytest.mark.parametrize("name", TRAINED)
@FEW
@given(table=random_tables(), seed=SEEDS)
def test_same_seed_gives_the_same_training_set_whatever_the_holdout_holds(name, table, seed):
    parts = parts_of(table, seed)
    changed = parts_of(scrambled(table, parts.holdout.X["id"]), seed)
    assert not changed.holdout.X.equals(parts.holdout.X)
    assert_same(build(name, changed, seed), build(name, parts, seed))


@pytest.mark.parametrize("name", TRAINED)
@FEW
@given(table=random_tables(), seed=SEEDS)
def test_training_set_is_the_same_whatever_labels_and_rows_the_holdout_has(name, table, seed):
    parts = parts_of(table, seed)
    other = Rows(parts.holdout.X[::2].reset_index(drop=True), 1 - parts.holdout.y[::2].reset_index(drop=True))
    assert_same(build(name, replace(parts, holdout=other), seed), build(name, parts, seed))


@pytest.mark.parametrize("name", BLIND)
@FEW
@given(table=random_tables(min_minority=8), seed=SEEDS)
def test_discarded_rows_do_not_influence_training(name, table, seed):
    parts = parts_of(table, seed)
    changed = parts_of(scrambled(table, parts.discarded.X["id"]), seed)
    assert not changed.discarded.X.equals(parts.discarded.X)
    assert_same(build(name, changed, seed), build(name, parts, seed))


@FEW
@given(random_tables(), SEEDS)
def test_naive_is_imbalanced_learn_s_random_over_sampler(table, seed):
    parts = parts_of(table, seed)
    X, y = RandomOverSampler(random_state=seed).fit_resample(parts.train.X, parts.train.y)
    assert_same(build("naive", parts, seed), TrainingSet(X, y, len(parts.train)))


@FEW
@given(random_tables(min_minority=12), SEEDS, st.integers(2, 8))
def test_smotenc_is_imbalanced_learn_s_with_at_most_five_neighbours(table, seed, count):
    parts = parts_of(table, seed, count)
    sampler = SMOTENC(["text"], k_neighbors={2: 1, 3: 2, 4: 3, 5: 4}.get(count, 5), random_state=seed)
    X, y = sampler.fit_resample(parts.train.X, parts.train.y)
    assert_same(build("smotenc", parts, seed), TrainingSet(X, y, len(parts.train)))


@FEW
@given(random_tables(), SEEDS)
def test_smotenc_is_smote_on_numbers_and_smoten_on_categories(table, seed):
    parts = parts_of(table, seed)
    for columns, family in ((["number", "whole"], SMOTE), (["text"], SMOTEN)):
        X = parts.train.X[columns]
        found = smote_for(X, 3, seed).fit_resample(X, parts.train.y)
        expected = family(k_neighbors=2, random_state=seed).fit_resample(X, parts.train.y)
        pd.testing.assert_frame_equal(found[0], expected[0], check_exact=True)
        pd.testing.assert_series_equal(found[1], expected[1])


def test_smotenc_needs_two_minority_rows(demo):
    parts = partition(demo, Cell("demo", None, 1, 0, "smotenc"))
    with pytest.raises(SpecError, match="at least 2 minority rows to interpolate between, got 1"):
        build("smotenc", parts, 0)


@pytest.mark.parametrize(
    ("name", "n_real"), [("naive", 2 / 3), ("smotenc", 2 / 3), ("tabularargn", 2 / 3), ("tabularargn_synthetic", 0)]
)
def test_made_rows_are_told_from_real_ones(name, n_real):
    y = pd.Series([0] * 6 + [1] * 2, dtype="int8")
    X = pd.DataFrame({"n": np.arange(8.0), "c": pd.Categorical(list("abababab"))})
    table = Table("random", "", pd.concat([X] * 5, ignore_index=True), pd.concat([y] * 5, ignore_index=True))
    parts = parts_of(table, 0, count=8)  # 24 majority rows
    training = build(name, parts, 0)
    assert training.n_real == round(n_real * len(training.y))
    assert len(training.added_minority) == (24 if name == "tabularargn_synthetic" else 16)


@pytest.mark.parametrize("name", ["none", "class_weight", "undersample", "oracle"])
def test_arms_that_make_nothing_have_no_made_rows(name, demo_parts):
    training = build(name, demo_parts, 0)
    assert training.n_real == len(training.y)
    assert training.added_minority.empty


def test_class_weights_have_the_effective_prior_of_a_balanced_set(demo_parts):
    training = build("class_weight", demo_parts, 0)
    assert training.minority_share == pytest.approx(0.5)
    assert set(training.sample_weight[training.y == 0]) == {1.0}
    assert build("none", demo_parts, 0).minority_share == pytest.approx(60 / len(demo_parts.train))
    assert build("naive", demo_parts, 0).minority_share == 0.5


def test_undersampling_keeps_every_minority_row(demo_parts):
    training = build("undersample", demo_parts, 0)
    made = training.X[training.y == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(made, demo_parts.train.minority.reset_index(drop=True))


@FEW
@given(random_tables(), SEEDS)
def test_oracle_is_the_whole_base_set(table, seed):
    parts = parts_of(table, seed)
    assert set(build("oracle", parts, seed).X["id"]) == set(table.X["id"]) - set(parts.holdout.X["id"])


@pytest.mark.parametrize("name", TRAINED)
def test_global_random_state_is_left_alone(name, demo_parts):
    before = np.random.get_state()[1].copy()
    build(name, demo_parts, 0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_generator_s_seeds_differ_by_purpose_seed_and_repeat():
    seeds = [generator_seeds(seed, repeat) for seed in range(10) for repeat in range(3)]
    assert len({value for pair in seeds for value in pair}) == 60
    assert generator_seeds(3) == generator_seeds(3, 0) == seeds[9]


def test_amount_counts_the_rows_that_balance_lacks(demo_parts):
    lacking = int((demo_parts.train.y == 0).sum()) - 60
    for name, made in (("tabularargn_amount0.25", 0.25), ("tabularargn", 1), ("tabularargn_amount2", 2)):
        assert len(build(name, demo_parts, 0).added_minority) == round(made * lacking)


def test_drawn_rows_weigh_less_and_real_ones_do_not(demo_parts):
    training = build("tabularargn_weight0.1", demo_parts, 0)
    assert set(training.sample_weight[: training.n_real]) == {1.0}
    assert set(training.sample_weight[training.n_real :]) == {0.1}
    pd.testing.assert_frame_equal(training.X, build("tabularargn", demo_parts, 0).X)


def test_shuffled_columns_keep_what_each_column_holds_and_nothing_of_its_company():
    n = 400
    X = pd.DataFrame({"a": np.arange(n, dtype=float), "b": np.arange(n, dtype=float)})
    table = Table("random", "", X, pd.Series(np.arange(n) % 4 == 0, dtype="int8"))
    parts = parts_of(table, 0, count=40)
    made = build("marginals", parts, 0).added_minority
    for name in made:
        assert set(made[name]) <= set(parts.train.minority[name])
    assert abs(made["a"].corr(made["b"])) < 0.3


def test_generator_of_the_minority_sees_no_other_row(demo_parts, monkeypatch):
    monkeypatch.setattr(generators, "TabularARGN", StubGenerator)
    alone = fit_generator("tabularargn_minority_only", demo_parts.train, 0)
    pd.testing.assert_frame_equal(alone.X, demo_parts.train.minority.reset_index(drop=True))
    assert set(alone.y) == {1}
    everything = fit_generator("tabularargn", demo_parts.train, 0)
    pd.testing.assert_frame_equal(everything.X, demo_parts.train.X)
    again = [fit_generator(name, demo_parts.train, 0).seed for name in ("tabularargn_seed1", "tabularargn_seed2")]
    assert len({everything.seed, *again}) == 3
    assert fit_generator("tabularargn_unprotected", demo_parts.train, 0).parameters == {"value_protection": False}
    assert fit_generator("tabularargn_sdk", demo_parts.train, 0).parameters == {"backend": "sdk"}


@pytest.mark.parametrize("kind", ["mixed", "numbers", "categories"])
def test_missing_values_are_interpolated_over_and_stay_missing_in_the_real_rows(kind):
    rng = np.random.RandomState(0)
    columns = {
        "number": pd.Series(np.where(rng.uniform(size=80) < 0.3, np.nan, rng.normal(size=80))),
        "empty": pd.Series(np.full(80, np.nan)),
        "kind": pd.Series(pd.Categorical(rng.choice(["a", "b", None], 80))),
        "other": pd.Series(pd.Categorical(rng.choice(["x", None], 80))),
    }
    chosen = {"mixed": columns, "numbers": ["number", "empty"], "categories": ["kind", "other"]}[kind]
    X, y = pd.DataFrame({name: columns[name] for name in chosen}), pd.Series(np.repeat([0, 1], [60, 20]))
    new_X, new_y = interpolate(X, y, 0)
    pd.testing.assert_frame_equal(new_X[:80], X)
    assert new_X.dtypes.to_dict() == X.dtypes.to_dict()
    assert new_y.value_counts().to_dict() == {0: 60, 1: 60}
    assert not new_X[80:].select_dtypes("number").isna().any(axis=None)


def test_without_missing_values_interpolation_is_that_of_the_library(few_rows):
    X, y = few_rows
    new_X, new_y = interpolate(X, y, 0)
    expected_X, expected_y = smote_for(X, 60, 0).fit_resample(X, y)
    pd.testing.assert_frame_equal(new_X, expected_X)
    pd.testing.assert_series_equal(new_y, expected_y)


def test_interpolation_in_parts_makes_as_many_rows_of_the_same_kind(few_rows, monkeypatch):
    X, y = few_rows
    whole, _ = interpolate(X, y, 0)
    monkeypatch.setattr(smote, "MAX_NEIGHBOR_VALUES", 100)
    monkeypatch.setattr(smote, "PART_NEIGHBOR_VALUES", 5_000)
    new_X, new_y = interpolate(X, y, 0)
    pd.testing.assert_frame_equal(new_X[:400], X)
    assert new_X.dtypes.to_dict() == X.dtypes.to_dict()
    assert new_y.value_counts().to_dict() == {0: 340, 1: 340}
    pd.testing.assert_frame_equal(new_X, interpolate(X, y, 0)[0])
    assert not new_X.equals(whole)
    minority = X[y == 1]
    for name in X.select_dtypes("number"):
        assert new_X[name][400:].between(minority[name].min(), minority[name].max()).all()
    for name in X.select_dtypes("category"):
        assert set(new_X[name][400:]) <= set(minority[name])
    assert new_X[400:].drop_duplicates().shape[0] > 200, "the parts differ"


def test_a_sampler_of_imbalanced_learn_is_an_arm_by_one_line(demo_parts):
    build = from_sampler(RandomOverSampler(shrinkage=0.1))
    numbers = demo_parts.train.X.select_dtypes("number")
    parts = replace(demo_parts, train=Rows(numbers, demo_parts.train.y))
    training = build(parts, 3, None)
    X, y = RandomOverSampler(shrinkage=0.1, random_state=3).fit_resample(numbers, parts.train.y)
    pd.testing.assert_frame_equal(training.X, X)
    pd.testing.assert_series_equal(training.y, y)
    assert training.n_real == len(numbers)
