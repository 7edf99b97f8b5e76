"""What holds for every table: nothing leaks into training, real rows stay real, and only the seed decides.

What does not hold, by design, is not tested: LightGBM, XGBoost and random forests break ties between equally good splits
by the order of columns, the forest and the generator also draw columns by position, and random forests see categories as
numbers in the order of their levels. So the order of columns leaves the training sets of the arms without a generator as
they are, and may change scores. The levels of a category column belong to the table's schema and not to its rows.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from helpers import SEEDS, StubGenerator, random_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

from upsampling.generator import TabularARGN
from upsampling.study import datasets, diagnostics, experiment, generators, metrics, tuning
from upsampling.study.arms import ARMS
from upsampling.study.datasets import Dataset, Table
from upsampling.study.experiment import run_cell
from upsampling.study.protocol import Cell, Partition, Rows, partition
from upsampling.study.training import TrainingSet

# Arms whose training set needs no generator; the balanced forest's is that of `none`.
CHEAP = ["none", "naive", "smotenc", "class_weight", "undersample", "marginals", "oracle"]
GENERATED = ["tabularargn", "tabularargn_synthetic"]
# Without those that only combine scores: a rank among the holdout rows depends on the other rows.
SCORED = [*CHEAP, *GENERATED, "tabularargn_posterior", "balanced_forest"]
SCORED += ["copula", "tuned_none", "tuned_smotenc"]
FEW = settings(max_examples=12)
# each example computes two cells
VERY_FEW = settings(max_examples=2)


def cell(arm: str, seed: int, count: int = 4) -> Cell:
    # tuning needs two minority rows for each fold
    return Cell("random", None, 6 if arm.startswith("tuned") else count, seed, arm)


def stand_in(name: str, train: Rows, seed: int):
    """A cheap generator in the place of TabularARGN; others are themselves."""
    return generators.GENERATORS[name](train, seed) if name == "copula" else StubGenerator().fit(train.X, train.y, seed)


def build(name: str, parts: Partition, seed: int) -> TrainingSet:
    """Return the training set of an arm; the generator is a stand-in fitted on the training rows."""
    generator = StubGenerator().fit(parts.train.X, parts.train.y, seed) if ARMS[name].generator else None
    return ARMS[name].build(parts, seed, generator)


def other_values(table: Table, chosen: np.ndarray) -> Table:
    """The table with other features in the rows chosen, except for `id`."""
    X = table.X.copy()
    X.loc[chosen, "number"] -= 1e3
    X.loc[chosen, "whole"] += 50
    X.loc[chosen, "text"] = X["text"].cat.categories[-1]
    return Table(table.name, table.checksum, X, table.y)


@pytest.mark.parametrize("arm", SCORED)
@VERY_FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_neither_other_holdout_rows_nor_discarded_ones_change_a_score(arm, table, seed):
    """Other features in half of the holdout and in all discarded rows leave the scores of the other half as they are."""
    parts = partition(table, cell(arm, seed))
    changed = parts.holdout.X["id"][::2]
    unseen = [changed] if arm == "oracle" else [changed, parts.discarded.X["id"]]
    other = other_values(table, table.X["id"].isin(pd.concat(unseen)).to_numpy())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "fit_generator", stand_in)
        patch.setattr(tuning, "TRIALS", 2)
        before, after = (run_cell(cell(arm, seed), rows) for rows in (table, other))
    kept = ~parts.holdout.X["id"].isin(changed).to_numpy()
    assert not partition(other, cell(arm, seed)).holdout.X.equals(parts.holdout.X)
    pd.testing.assert_frame_equal(after.scores[kept], before.scores[kept], check_exact=True)


@FEW
@given(random_tables(min_minority=10), SEEDS)
def test_generator_is_fitted_on_the_training_rows_alone(table, seed):
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generators.TabularARGN, "fit", lambda self, X, y, seed: seen.append((X, y)))
        experiment.fit(cell("tabularargn", seed), table)
    ((X, y),) = seen
    train = partition(table, cell("none", seed)).train
    pd.testing.assert_frame_equal(X, train.X, check_exact=True)
    pd.testing.assert_series_equal(y, train.y)


@pytest.mark.parametrize("name", CHEAP)
@FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_category_that_only_the_holdout_has_leaves_the_training_set_as_it_is(name, table, seed):
    parts = partition(table, cell(name, seed))
    X = table.X.assign(text=table.X["text"].cat.add_categories("unseen"))
    X.loc[X["id"].isin(parts.holdout.X["id"]), "text"] = "unseen"
    other = build(name, partition(Table(table.name, table.checksum, X, table.y), cell(name, seed)), seed)
    found = other.X.assign(text=other.X["text"].cat.remove_categories("unseen"))
    pd.testing.assert_frame_equal(found, build(name, parts, seed).X, check_exact=True)


@pytest.mark.parametrize("name", [*CHEAP, *GENERATED])
@FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_rows_called_real_are_rows_of_the_base_set_each_of_them_once(name, table, seed):
    parts = partition(table, cell(name, seed))
    training = build(name, parts, seed)
    real = training.X[: training.n_real].assign(target=training.y[: training.n_real])
    assert real["id"].is_unique
    assert not set(real["id"]) & set(parts.holdout.X["id"])
    whole = table.X.assign(target=table.y).set_index("id")
    pd.testing.assert_frame_equal(real.set_index("id"), whole.loc[real["id"]], check_exact=True)


@pytest.mark.parametrize("name", CHEAP)
@FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_order_of_columns_does_not_change_a_training_set(name, table, seed):
    order = ["text", "whole", "id", "number"]
    turned = Table(table.name, table.checksum, table.X[order], table.y)
    left, right = (build(name, partition(rows, cell(name, seed)), seed) for rows in (table, turned))
    pd.testing.assert_frame_equal(right.X, left.X[order], check_exact=True)
    pd.testing.assert_series_equal(right.y, left.y)


@pytest.mark.parametrize("name", CHEAP)
@FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_names_and_order_of_categories_do_not_change_a_training_set(name, table, seed):
    levels = list(table.X["text"].cat.categories)
    names = dict(zip(levels, [f"other {level}" for level in levels], strict=True))
    text = table.X["text"].cat.rename_categories(names).cat.reorder_categories(list(names.values())[::-1])
    renamed = Table(table.name, table.checksum, table.X.assign(text=text), table.y)
    left, right = (build(name, partition(rows, cell(name, seed)), seed) for rows in (table, renamed))
    expected = left.X.assign(text=left.X["text"].cat.rename_categories(names).cat.set_categories(text.cat.categories))
    pd.testing.assert_frame_equal(right.X, expected, check_exact=True)


@pytest.mark.parametrize("name", ["none", "naive", "undersample", "class_weight", "oracle"])
@FEW
@given(table=random_tables(min_minority=10), seed=SEEDS)
def test_seed_chooses_places_in_the_table_whatever_row_stands_there(name, table, seed):
    """Rows that change places with others of their class change nothing else."""
    rng, places = np.random.RandomState(0), np.arange(len(table.y))
    for label in (0, 1):
        places[table.y == label] = rng.permutation(places[table.y == label])
    permuted = Table(table.name, table.checksum, table.X.iloc[places].reset_index(drop=True), table.y)
    moved = dict(zip(table.X["id"], permuted.X["id"], strict=True))
    left, right = (partition(rows, cell(name, seed)) for rows in (table, permuted))
    for side in ("train", "holdout", "discarded"):
        assert list(getattr(right, side).X["id"]) == list(getattr(left, side).X["id"].map(moved))
    assert list(build(name, right, seed).X["id"]) == list(build(name, left, seed).X["id"].map(moved))


@given(random_tables(), SEEDS)
def test_order_of_rows_does_not_change_a_distribution(table, seed):
    minority, majority = table.X[table.y == 1], table.X[table.y == 0]
    shuffled = minority.sample(frac=1, random_state=seed % 2**16)
    for name in minority:
        distances = [diagnostics.marginal_distance(rows[name], majority[name]) for rows in (minority, shuffled)]
        assert distances[0] == pytest.approx(distances[1], abs=1e-12)
    entropies = [diagnostics.shannon_entropy(rows["text"]) for rows in (minority, shuffled)]
    assert entropies[0] == pytest.approx(entropies[1], abs=1e-12)
    assert diagnostics.exact_copy_share(shuffled, minority) == 1
    marginals = [diagnostics.marginals(rows, majority) for rows in (minority, shuffled)]
    pd.testing.assert_frame_equal(*marginals)


@pytest.mark.parametrize(("majority", "minority"), [("no", "yes"), ("yes", "no"), ("1", "0"), ("<=50K", ">50K")])
@FEW
@given(table=random_tables())
def test_names_and_order_of_the_class_labels_do_not_matter(tmp_path_factory, majority, minority, table):
    path = tmp_path_factory.mktemp("labels") / "table.csv"
    table.X.assign(label=np.where(table.y == 1, minority, majority)).to_csv(path, index=False)
    declared = Dataset(
        name="random",
        title="Random",
        files=(datasets.DataFile("table.csv", table.checksum),),
        target="label",
        minority=minority,
        columns="id, number, whole, text*",
        n_rows=len(table.y),
        n_minority=int(table.y.sum()),
        licence="none",
        source="none",
        citation="none",
    )
    found = datasets.read(declared, path)
    pd.testing.assert_series_equal(found.y, table.y, check_names=False)
    expected = table.X.assign(text=table.X["text"].cat.remove_unused_categories())
    pd.testing.assert_frame_equal(found.X, expected, check_categorical=False)


@FEW
@given(random_tables(min_minority=12), SEEDS, st.integers(2, 8))
def test_arms_on_numbers_alone_are_imbalanced_learn_s_samplers(table, seed, count):
    numbers = Table(table.name, table.checksum, table.X[["number", "whole"]], table.y)
    parts = partition(numbers, cell("none", seed, count))
    samplers = {
        "naive": RandomOverSampler(random_state=seed),
        "smotenc": SMOTE(k_neighbors=min(5, count - 1), random_state=seed),
        "undersample": RandomUnderSampler(random_state=seed),
    }
    for name, sampler in samplers.items():
        X, y = sampler.fit_resample(parts.train.X, parts.train.y)
        found = build(name, parts, seed)
        pd.testing.assert_frame_equal(found.X, X, check_exact=True)
        pd.testing.assert_series_equal(found.y, y)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_model_that_says_the_training_share_is_calibrated_once_its_prior_is_corrected(n_negative, n_positive, trained):
    y = np.repeat([0, 1], [n_negative, n_positive])
    share = y.mean()
    values = metrics.judge(y, np.full(len(y), trained), trained=trained, prevalence=0.05)
    assert values["ece_corrected"] == pytest.approx(0, abs=1e-9)
    assert values["brier_corrected"] == pytest.approx(share * (1 - share))
    assert values["log_loss_corrected"] == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share))


@given(st.integers(2, 60), SEEDS, st.floats(0.05, 0.95), st.floats(0.01, 0.5))
def test_corrected_and_reweighted_metrics_agree_with_scikit_learn(n_rows, seed, trained, prevalence):
    rng = np.random.RandomState(seed % 2**16)
    y = rng.permutation(np.arange(n_rows) < rng.randint(1, n_rows))
    score = rng.uniform(0.01, 0.99, size=n_rows).astype(np.float32)
    values = metrics.judge(y, score, trained=trained, prevalence=prevalence)
    odds = score.astype(float) / (1 - score.astype(float)) * (1 - trained) / trained * y.mean() / (1 - y.mean())
    probability = odds / (1 + odds)
    assert values["brier_corrected"] == pytest.approx(brier_score_loss(y, probability), abs=1e-9)
    assert values["log_loss_corrected"] == pytest.approx(log_loss(y, probability), abs=1e-9)
    weight = np.where(y, prevalence / y.sum(), (1 - prevalence) / (~y).sum())
    expected = average_precision_score(y, score, sample_weight=weight)
    assert values["average_precision_reweighted"] == pytest.approx(expected, abs=1e-9)


@pytest.fixture(scope="module")
def real_fits(few_rows):
    """A small table and one that differs in its unseen rows, with the real generator fitted on the training rows."""
    X, y = few_rows
    table = Table("demo", "0" * 64, X.assign(id=np.arange(len(y), dtype=float)), y)
    first = Cell("demo", None, 30, 0, "tabularargn")
    parts = partition(table, first)
    unseen = table.X["id"].isin([*parts.holdout.X["id"], *parts.discarded.X["id"]]).to_numpy()
    other = Table(table.name, table.checksum, table.X.assign(age=table.X["age"].where(~unseen, 99.0)), table.y)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generators, "TabularARGN", partial(TabularARGN, max_epochs=2))
        return [(partition(rows, first), experiment.fit(first, rows).generator) for rows in (table, other)]


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERATED)
def test_real_generator_keeps_real_rows_counts_and_does_not_see_other_rows(real_fits, name):
    (parts, generator), (other_parts, other_generator) = real_fits
    training = ARMS[name].build(parts, 0, generator)
    other = ARMS[name].build(other_parts, 0, other_generator)
    assert not other_parts.holdout.X.equals(parts.holdout.X)
    assert not other_parts.discarded.X.equals(parts.discarded.X)
    pd.testing.assert_frame_equal(other.X, training.X, check_exact=True)
    pd.testing.assert_frame_equal(training.X[: training.n_real], parts.train.X[: training.n_real], check_exact=True)
    assert training.n_real in (0, len(parts.train))
    n_majority = int((parts.train.y == 0).sum())
    assert training.y.value_counts().to_dict() == {0: n_majority, 1: n_majority}


@pytest.mark.slow
def test_real_generator_scores_fixed_rows_alike_whatever_else_the_holdout_holds(real_fits):
    fixed: Rows = real_fits[0][0].holdout
    scores = [generator.predict_proba(fixed.X) for _, generator in real_fits]
    np.testing.assert_array_equal(*scores)
    some = real_fits[0][1].predict_proba(fixed.X[::2])
    np.testing.assert_allclose(some, scores[0][::2], atol=1e-6)
