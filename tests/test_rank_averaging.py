"""The classifier: scikit-learn's contract, its members, its ranks and its probabilities."""

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest
from helpers import Neighbours, StubGenerator
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from upsampling import RankAveragingClassifier, TabularARGNSampler
from upsampling import sampler as tabularargn
from upsampling.errors import GeneratorError, SpecError


class Truth(StubGenerator):
    """A stand-in that draws fresh rows from the truth: it has not learnt the training rows by heart."""

    def sample(self, counts, seed):
        X, y = table(counts.get(0, 0), counts[1], seed % 2**32)
        return X, pd.Series((y == "yes").astype(int))

    def predict_proba(self, X):
        positive = 1 / (1 + np.exp(1.125 - 1.5 * X["number [a]"].to_numpy()))
        return np.column_stack([1 - positive, positive])


class Witness(DecisionTreeClassifier):
    """A tree that remembers the rows and weights it was trained on."""

    def fit(self, X, y, sample_weight=None):
        self.rows_, self.labels_, self.weights_ = X, np.asarray(y), sample_weight
        return super().fit(X.select_dtypes("number"), y, sample_weight=sample_weight)

    def predict_proba(self, X):
        return super().predict_proba(X.select_dtypes("number"))


@pytest.fixture
def stub(monkeypatch):
    """Let the classifier use a stand-in for the generator: what is tested is the classifier."""
    monkeypatch.setattr(tabularargn, "TabularARGN", Neighbours)


def table(n_majority=600, n_minority=30, seed=0):
    """Two classes that overlap, one number with gaps, one text and one flag."""
    rng = np.random.RandomState(seed)
    y = np.repeat(["no", "yes"], [n_majority, n_minority])
    number = rng.normal(size=len(y)) + 1.5 * (y == "yes")
    X = pd.DataFrame(
        {
            "number [a]": number,
            "gaps": np.where(rng.uniform(size=len(y)) < 0.1, np.nan, number + rng.normal(size=len(y))),
            "text": rng.choice(["x", "y"], len(y)),
            "flag": rng.choice([True, False], len(y)),
        }
    )
    return X, y


# scikit-learn itself skips the check for array libraries unless SCIPY_ARRAY_API is set.
@pytest.mark.usefixtures("stub")
@parametrize_with_checks(
    [
        RankAveragingClassifier(random_state=0),
        RankAveragingClassifier(RandomForestClassifier(5, random_state=0), cv=2, random_state=0),
    ]
)
def test_scikit_learn_s_contract(estimator, check):
    check(estimator)


def test_every_parameter_is_constrained():
    assert set(RankAveragingClassifier._parameter_constraints) == set(
        inspect.signature(RankAveragingClassifier).parameters
    )


def test_the_members_are_trained_on_three_sets(stub):
    X, y = table(60, 20)
    model = RankAveragingClassifier(Witness(), random_state=0).fit(X, y)
    synthetic, hybrid, smotenc = model.estimators_
    assert np.bincount(synthetic.labels_).tolist() == [60, 60]
    assert synthetic.weights_ is None
    assert np.bincount(hybrid.labels_).tolist() == [60, 60]
    assert hybrid.rows_["number [a]"].head(80).tolist() == X["number [a]"].tolist()
    assert hybrid.weights_.tolist() == [1.0] * 80 + [0.1] * 40
    assert np.bincount(smotenc.labels_).tolist() == [60, 60]
    made = smotenc.rows_["number [a]"].tail(40)
    assert not made.isin(X["number [a]"]).any(), "interpolated rows"


def test_weights_reach_the_last_step_of_a_pipeline(stub):
    X, y = table(60, 20)
    X = X[["number [a]"]]
    models = [
        RankAveragingClassifier(make_pipeline(StandardScaler(), LogisticRegression()), weight=weight, random_state=0)
        for weight in (0.01, 1.0)
    ]
    light, full = (model.fit(X, y).estimators_[1].predict_proba(X)[:, 1].mean() for model in models)
    assert full > light + 0.1


def test_new_rows_are_ordered_as_by_the_mean_of_ranks_among_themselves(stub):
    model = RankAveragingClassifier(random_state=0).fit(*table())
    X, y = table(1500, 500, seed=1)
    found = model.predict_proba(X)[:, 1]
    members = [model.generator_.predict_proba(X)[:, 1]]
    members += [member.predict_proba(model._table(X))[:, 1] for member in model.estimators_]
    expected = np.mean([rankdata(scores) for scores in members], axis=0)
    assert np.corrcoef(rankdata(found), rankdata(expected))[0, 1] > 0.98
    assert average_precision_score(y == "yes", found) == pytest.approx(
        average_precision_score(y == "yes", expected), abs=0.02
    )


def test_a_row_s_probability_does_not_depend_on_the_others(stub):
    model = RankAveragingClassifier(random_state=0).fit(*table())
    X, _ = table(40, 10, seed=1)
    whole = model.predict_proba(X)
    np.testing.assert_array_equal(whole[:7], model.predict_proba(X.head(7)))
    np.testing.assert_allclose(whole.sum(axis=1), 1)


def test_probabilities_match_the_share_of_the_minority_on_new_rows(monkeypatch):
    monkeypatch.setattr(tabularargn, "TabularARGN", Truth)
    model = RankAveragingClassifier(random_state=0).fit(*table(1900, 100))
    X, y = table(19_000, 1_000, seed=1)
    found = model.predict_proba(X)[:, 1]
    assert found.mean() == pytest.approx(0.05, rel=0.3)
    likely = found > np.quantile(found, 0.95)
    assert found[likely].mean() == pytest.approx((y[likely] == "yes").mean(), rel=0.4)


@pytest.mark.parametrize("rare", ["a", "z"], ids=["first", "last"])
def test_the_rarer_class_is_the_minority_wherever_it_stands(stub, rare):
    X, y = table()
    labels = np.where(y == "yes", rare, "m")
    model = RankAveragingClassifier(random_state=0).fit(X, labels)
    column = list(model.classes_).index(rare)
    assert average_precision_score(labels == rare, model.predict_proba(X)[:, column]) > 0.5
    assert set(model.predict(X)) <= {rare, "m"}


@pytest.mark.parametrize(
    "column",
    [
        pd.array([1, 2, None, 4] * 20, dtype="Int64"),
        pd.array([True, None] * 40, dtype="boolean"),
        pd.array(["x", None, "y", "x"] * 20, dtype="string"),
        np.array([1, "a", None, 2.5] * 20, dtype=object),
        pd.Categorical(["a", None, "b", "a"] * 20, categories=["never", "b", "a"]),
    ],
    ids=["Int64", "boolean", "string", "mixed", "category"],
)
@pytest.mark.parametrize("alone", [True, False])
def test_columns_of_every_kind_with_missing_values(stub, column, alone):
    X, y = table(60, 20)
    X = X.assign(more=column)
    X = X[["more", "text"]] if alone else X
    model = RankAveragingClassifier(random_state=0).fit(X.set_axis(np.arange(80) + 7), y)
    assert np.isfinite(model.predict_proba(X)).all()
    missing = X.head(2).astype({"more": object}).assign(more=None)
    assert model.predict_proba(missing).shape == (2, 2)


def test_a_category_that_was_not_seen_counts_as_missing(stub):
    X, y = table()
    model = RankAveragingClassifier(random_state=0).fit(X, y)
    unknown, missing = (model.predict_proba(X.head(3).assign(text=text)) for text in ("new", None))
    np.testing.assert_array_equal(unknown, missing)
    as_array = X.to_numpy(dtype=object)
    model = RankAveragingClassifier(random_state=0).fit(as_array, y)
    as_array[:3, 2] = "new"
    assert model.predict_proba(as_array).shape == (len(X), 2)


def test_in_a_fold_the_hybrid_is_filled_up_to_balance_too(stub):
    seen = []

    class Recorder(Witness):
        def fit(self, X, y, sample_weight=None):
            seen.append(y)
            return super().fit(X, y, sample_weight=sample_weight)

    RankAveragingClassifier(Recorder(), random_state=0).fit(*table(60, 20))
    counts = [np.bincount(np.asarray(labels)).tolist() for labels in seen]
    assert counts == [[60, 60], *[[48, 48]] * 10, [60, 60], [60, 60]]


@pytest.mark.parametrize(("n_minority", "cv"), [(2, 5), (3, 2), (3, 5), (4, 2)])
def test_very_few_minority_rows_suffice(stub, n_minority, cv):
    X, y = table(60, n_minority)
    assert RankAveragingClassifier(cv=cv, random_state=0).fit(X, y).predict_proba(X).shape == (len(X), 2)


def test_a_fitted_generator_is_used_as_it_is(monkeypatch):
    X, y = table(60, 20)
    generator = Neighbours().fit(X, (y == "yes").astype(int), seed=0)
    monkeypatch.setattr(tabularargn, "TabularARGN", None)
    model = RankAveragingClassifier(random_state=0).fit(X, y, generator=generator)
    assert model.generator_ is generator


def test_the_sampler_s_settings_reach_the_generator(stub):
    sampler = TabularARGNSampler(max_epochs=3.0, random_state=7)
    model = RankAveragingClassifier(sampler=sampler, random_state=0).fit(*table(60, 20))
    assert model.generator_.parameters["max_epochs"] == 3.0
    assert sampler.random_state == 7, "the caller's sampler stays as it was"
    with pytest.raises(ValueError, match="backend"):
        RankAveragingClassifier(sampler=TabularARGNSampler(backend="bogus")).fit(*table(60, 20))


def test_the_same_seed_and_a_pickled_classifier_give_the_same_probabilities(stub):
    X, y = table(60, 20)
    first, again = (RankAveragingClassifier(random_state=3).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(first.predict_proba(X), pickle.loads(pickle.dumps(first)).predict_proba(X))
    assert (first.predict_proba(X) != RankAveragingClassifier(random_state=4).fit(X, y).predict_proba(X)).any()


def test_what_cannot_be_learnt_is_refused_before_the_generator_is_fitted(monkeypatch):
    monkeypatch.setattr(tabularargn, "TabularARGN", None)
    X, y = table(20, 5)
    for classifier, rows, labels, expected in [
        (RankAveragingClassifier(), X.head(21), y[:21], "at least 2 minority rows"),
        (RankAveragingClassifier(KNeighborsClassifier()), X, y, "KNeighborsClassifier takes no sample_weight"),
        (RankAveragingClassifier(sampler=TabularARGNSampler(backend="sdk")), X, y, "backend='engine'"),
    ]:
        with pytest.raises(SpecError, match=expected):
            classifier.fit(rows, labels)
    with pytest.raises(ValueError, match=r"Only binary classification is supported.*3 classes"):
        RankAveragingClassifier().fit(X, [*y[:-2], "maybe", "maybe"])
    with pytest.raises(GeneratorError, match=r"column 'number \[a\]' holds infinite values"):
        RankAveragingClassifier().fit(X.assign(**{"number [a]": np.inf}), y)


def test_a_generator_of_another_table_is_refused():
    X, y = table(60, 20)
    codes = (y == "yes").astype(int)
    for generator in (
        StubGenerator().fit(X, y, seed=0),
        StubGenerator().fit(X[X.columns[::-1]], codes, seed=0),
    ):
        with pytest.raises(SpecError, match="fitted on other columns or labels"):
            RankAveragingClassifier().fit(X, y, generator=generator)
