"""Probabilities for the true class shares, and the generator's own: scikit-learn's contract, and the right values."""

import inspect

import numpy as np
import pandas as pd
import pytest
from helpers import Neighbours
from hypothesis import given
from hypothesis import strategies as st
from imblearn.combine import SMOTEENN
from imblearn.ensemble import BalancedRandomForestClassifier, EasyEnsembleClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from lightgbm import LGBMClassifier
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBClassifier

from upsampling import PriorCorrectedClassifier, RankAveragingClassifier, TabularARGNClassifier, TabularARGNSampler
from upsampling import sampler as tabularargn
from upsampling.errors import GeneratorError, SpecError
from upsampling.probability import correct_prior

SHARES = st.floats(0.01, 0.99)
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def table(n_rows: int = 20_000, shares: tuple = (0.95, 0.05), seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of normal classes, one unit apart in a dimension of each: their true probabilities are a logistic regression's."""
    rng = np.random.RandomState(seed)
    y = rng.choice(len(shares), n_rows, p=shares)
    return rng.normal(size=(n_rows, len(shares))) + np.eye(len(shares))[y], y


def truth(X: np.ndarray, shares: tuple = (0.95, 0.05)) -> np.ndarray:
    odds = np.exp(X) * shares
    return odds / odds.sum(axis=1, keepdims=True)


@pytest.fixture
def stub(monkeypatch):
    """Let the classifier use a stand-in for the generator."""
    monkeypatch.setattr(tabularargn, "TabularARGN", Neighbours)


@given(PROBABILITIES, SHARES, SHARES)
def test_correction_is_undone_by_the_way_back(probabilities, trained, deployed):
    there = correct_prior(probabilities, trained=trained, deployed=deployed)
    np.testing.assert_allclose(correct_prior(there, trained=deployed, deployed=trained), probabilities, atol=1e-9)
    np.testing.assert_allclose(
        correct_prior(probabilities, trained=trained, deployed=trained), probabilities, atol=1e-12
    )


def test_correction_by_hand():
    # odds of 1 : 1 under 50 % become the prior odds of 1 : 9 under 10 %
    assert correct_prior([0.5], trained=0.5, deployed=0.1) == pytest.approx([0.1])
    assert correct_prior([0.0, 1.0], trained=0.5, deployed=0.1) == pytest.approx([0.0, 1.0])
    moved = correct_prior([[0.2, 0.3, 0.5]], trained=[0.2, 0.3, 0.5], deployed=[0.7, 0.2, 0.1])
    assert moved.tolist() == [pytest.approx([0.7, 0.2, 0.1])]


# scikit-learn itself skips the check for array libraries unless SCIPY_ARRAY_API is set.
@pytest.mark.usefixtures("stub")
@parametrize_with_checks(
    [
        PriorCorrectedClassifier(LogisticRegression()),
        PriorCorrectedClassifier(LogisticRegression(class_weight="balanced")),
        PriorCorrectedClassifier(make_pipeline(RandomOverSampler(random_state=0), LogisticRegression())),
        TabularARGNClassifier(random_state=0),
    ]
)
def test_scikit_learn_s_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", [PriorCorrectedClassifier, TabularARGNClassifier])
def test_every_parameter_is_constrained(kind):
    assert set(kind._parameter_constraints) == set(inspect.signature(kind).parameters)


WAYS = {
    "nothing": LogisticRegression(),
    "balanced": LogisticRegression(class_weight="balanced"),
    "weights by class": LogisticRegression(class_weight={0: 1, 1: 7}),
    "copies": make_pipeline(RandomOverSampler(random_state=0), LogisticRegression()),
    "copies to a third": make_pipeline(
        RandomOverSampler(sampling_strategy=1 / 3, random_state=0), LogisticRegression()
    ),
    "left out": make_pipeline(RandomUnderSampler(random_state=0), LogisticRegression()),
    "steps before": make_pipeline(StandardScaler(), RandomUnderSampler(random_state=0), LogisticRegression()),
    "a pipeline in a pipeline": make_pipeline(
        RandomUnderSampler(random_state=0), make_pipeline(StandardScaler(), LogisticRegression())
    ),
    "both": make_pipeline(
        RandomUnderSampler(sampling_strategy=0.2, random_state=0), LogisticRegression(class_weight={1: 3})
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_probabilities_are_the_true_ones_whatever_was_done_about_the_imbalance(way):
    model = PriorCorrectedClassifier(WAYS[way]).fit(*table())
    X, _ = table(seed=1)
    found = model.predict_proba(X)
    assert np.abs(found - truth(X)).mean() < 0.006
    np.testing.assert_allclose(found.sum(axis=1), 1)
    if way != "nothing":
        assert np.abs(model.estimator_.predict_proba(X) - truth(X)).mean() > 0.05, "uncorrected it is far off"


@pytest.mark.parametrize(
    ("classifier", "share"),
    [
        (RandomForestClassifier(5, class_weight="balanced_subsample"), 0.5),
        (LGBMClassifier(n_estimators=2, is_unbalance=True, verbose=-1), 0.5),
        (LGBMClassifier(n_estimators=2, scale_pos_weight=3, verbose=-1), 30 / 120),
        (XGBClassifier(n_estimators=2, scale_pos_weight=3), 30 / 120),
        (make_pipeline(SMOTE(sampling_strategy=0.5, random_state=0), XGBClassifier(n_estimators=2)), 45 / 135),
    ],
)
def test_each_library_s_way_of_weighting_is_understood(classifier, share):
    X, y = table(1000)
    rows = np.r_[np.flatnonzero(y == 0)[:90], np.flatnonzero(y == 1)[:10]]
    model = PriorCorrectedClassifier(classifier).fit(X[rows], y[rows])
    assert model.trained_prior_.tolist() == pytest.approx([1 - share, share])
    assert model.deployed_prior_.tolist() == pytest.approx([0.9, 0.1])


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_weights_of_rows_count(in_pipeline):
    X, y = table()
    classifier, name = LogisticRegression(), "sample_weight"
    if in_pipeline:
        classifier, name = make_pipeline(StandardScaler(), classifier), f"logisticregression__{name}"
    model = PriorCorrectedClassifier(classifier).fit(X, y, **{name: np.where(y == 1, 19.0, 1.0)})
    assert model.trained_prior_[1] == pytest.approx(0.5, abs=0.02)
    assert np.abs(model.predict_proba(X) - truth(X)).mean() < 0.006


def test_more_than_two_classes_and_labels_that_are_text():
    shares = (0.8, 0.15, 0.05)
    X, y = table(shares=shares)
    labels = np.array(["a", "b", "c"])[y]
    model = PriorCorrectedClassifier(make_pipeline(RandomUnderSampler(random_state=0), LogisticRegression()))
    model.fit(X, labels)
    assert model.trained_prior_.tolist() == pytest.approx([1 / 3] * 3)
    assert np.abs(model.predict_proba(X) - truth(X, shares)).mean() < 0.02
    assert (model.predict(X) == model.classes_[model.predict_proba(X).argmax(axis=1)]).all()


def test_shares_that_are_said_are_taken():
    X, y = table(2000)
    balanced = FrozenEstimator(LogisticRegression(class_weight="balanced").fit(X, y))
    model = PriorCorrectedClassifier(balanced, trained_prior=0.5, deployed_prior={0: 0.99, 1: 0.01}).fit(X, y)
    expected = correct_prior(balanced.predict_proba(X)[:, 1], trained=0.5, deployed=0.01)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], expected)
    again = clone(model).set_params(deployed_prior=0.01).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("classifier", "message"),
    [
        (
            BalancedRandomForestClassifier(),
            "BalancedRandomForestClassifier.*by sampling_strategy=all.*give trained_prior",
        ),
        (EasyEnsembleClassifier(), "EasyEnsembleClassifier.*give trained_prior"),
        (make_pipeline(StandardScaler(), EasyEnsembleClassifier()), "EasyEnsembleClassifier.*give trained_prior"),
        (CalibratedClassifierCV(LogisticRegression(class_weight="balanced")), "by estimator__class_weight=balanced"),
        (
            GridSearchCV(make_pipeline(SMOTE(), LogisticRegression()), {}),
            "by estimator__smote__sampling_strategy=auto.*or wrap",
        ),
        (GridSearchCV(LogisticRegression(), {"class_weight": ["balanced"]}), "by class_weight=balanced"),
        (FrozenEstimator(LogisticRegression()), "FrozenEstimator was trained on are not known; give trained_prior"),
    ],
)
def test_shares_that_cannot_be_known_are_asked_for(classifier, message):
    with pytest.raises(SpecError, match=message):
        PriorCorrectedClassifier(classifier).fit(*table(100))


def test_a_search_within_which_nothing_balances_is_understood():
    X, y = table(500)
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2)
    assert PriorCorrectedClassifier(search).fit(X, y).trained_prior_[1] == y.mean()
    inside = GridSearchCV(PriorCorrectedClassifier(make_pipeline(SMOTEENN(), LogisticRegression())), {}, cv=2)
    assert inside.fit(X, y).best_estimator_.trained_prior_[1] != y.mean()


@pytest.mark.parametrize(
    ("settings", "weights", "message"),
    [
        ({"deployed_prior": {0: 0.5}}, None, r"deployed_prior has shares of \[0\], and the classes are \[0, 1\]"),
        ({"trained_prior": {0: 0.5, 1: 0.6}}, None, "above 0 and add up to 1"),
        ({"trained_prior": {0: 1.0, 1: 0.0}}, None, "above 0 and add up to 1"),
        ({}, np.zeros, "class 0 has no rows, or no sample_weight above 0"),
        ({"estimator__class_weight": "balanced"}, np.ones, "leave one of the two out"),
    ],
)
def test_shares_that_make_no_sense_are_refused(settings, weights, message):
    X, y = table(200)
    given = {} if weights is None else {"sample_weight": np.where(y == 0, weights(200), 1.0)}
    with pytest.raises(SpecError, match=message):
        PriorCorrectedClassifier(LogisticRegression()).set_params(**settings).fit(X, y, **given)


def test_one_share_of_three_classes_is_refused():
    with pytest.raises(SpecError, match="second of two classes, and there are 3; give a dict"):
        PriorCorrectedClassifier(LogisticRegression(), deployed_prior=0.1).fit(*table(200, (0.5, 0.3, 0.2)))


def mixed(n_rows: int = 90) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.RandomState(0)
    y = np.repeat(["a", "b", "c"], n_rows // 3)
    columns = {
        "number [1]": rng.normal(size=n_rows) + 3 * (y == "c"),
        "gaps": pd.array([1, None, 3] * (n_rows // 3), dtype="Int64"),
        "text": rng.choice(["x", "y"], n_rows),
        "flag": pd.array(rng.choice([True, False, None], n_rows), dtype="boolean"),
    }
    return pd.DataFrame(columns), y


def test_the_generator_s_probabilities_have_a_column_for_each_class(stub):
    X, y = mixed()
    model = TabularARGNClassifier(random_state=0).fit(X.set_axis(np.arange(90) + 5), y)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.generator_.encoder_.classes == ["a", "b", "c"]
    np.testing.assert_array_equal(model.predict_proba(X), model.generator_.predict_proba(X))
    assert (model.predict(X) == y).mean() > 0.5


def test_settings_and_seed_reach_the_generator(stub):
    sampler = TabularARGNSampler(max_epochs=3.0, random_state=9)
    first, again, other = (
        TabularARGNClassifier(sampler=sampler, random_state=seed).fit(*mixed()).generator_ for seed in (1, 1, 2)
    )
    assert first.parameters["max_epochs"] == 3.0
    assert first.seed == again.seed != other.seed
    assert sampler.random_state == 9


@pytest.mark.parametrize("kind", [TabularARGNClassifier, RankAveragingClassifier])
def test_this_package_s_classifiers_have_the_shares_of_their_rows(stub, kind):
    X, y = mixed()
    y = np.where(y == "c", "c", "a")
    model = PriorCorrectedClassifier(kind(sampler=TabularARGNSampler(), random_state=0)).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), model.estimator_.predict_proba(X))


def test_what_gives_no_probabilities_is_refused(monkeypatch):
    monkeypatch.setattr(tabularargn, "TabularARGN", None)
    X, y = mixed()
    with pytest.raises(SpecError, match="backend='engine'"):
        TabularARGNClassifier(sampler=TabularARGNSampler(backend="sdk")).fit(X, y)
    with pytest.raises(ValueError, match="two classes at least, got 1 class"):
        TabularARGNClassifier().fit(X, ["a"] * len(X))


@pytest.mark.slow
def test_the_real_generator_learns_mixed_rows_and_scores_rows_with_nothing_in_them(few_rows):
    X, y = few_rows
    X = X.assign(text=np.where(y == 1, "often", "rarely"), gaps=pd.array([1, None, 3, 4] * 100, dtype="Int64"))
    model = TabularARGNClassifier(sampler=TabularARGNSampler(max_epochs=20), random_state=0).fit(X, y)
    found = model.predict_proba(X)
    assert found[y == 1, 1].mean() > found[y == 0, 1].mean() + 0.2
    np.testing.assert_allclose(found.sum(axis=1), 1)
    empty = X.head(2).astype(object).assign(**dict.fromkeys(X, None))
    assert np.isfinite(model.predict_proba(empty)).all()


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("kind", [TabularARGNClassifier, RankAveragingClassifier])
class TestTablesThatAreRefused:
    @pytest.fixture
    def rows(self):
        X, y = table(60, (0.7, 0.3))
        return pd.DataFrame(X, columns=["age", "size"]), y

    def test_text_where_numbers_were_is_refused_by_name(self, kind, rows):
        X, y = rows
        model = kind(random_state=0).fit(X, y)
        message = r"column 'age' held numbers in fit and holds 'old' now; .*pd\.to_numeric\(column, errors='coerce'\)"
        for dtype in ("str", "object", "category"):
            with pytest.raises(SpecError, match=message):
                model.predict_proba(X.assign(age=pd.Series(["old"] * 60, dtype=dtype)))
        same = model.predict_proba(X.astype("str"))
        np.testing.assert_allclose(same, model.predict_proba(X))

    def test_numbers_of_an_array_may_come_as_objects(self, kind, rows):
        X, y = rows[0].to_numpy(), rows[1]
        model = kind(random_state=0).fit(X, y)
        missing = np.array([[None, 1.0]] * 2, dtype=object)
        assert np.isfinite(model.predict_proba(missing)).all()

    def test_missing_labels_are_refused(self, kind, rows):
        X, y = rows
        with pytest.raises(SpecError, match=r"y has 1 missing label; drop those rows\."):
            kind().fit(X, [None, *y[1:]])

    def test_columns_of_one_name_are_refused(self, kind, rows):
        X, y = rows
        with pytest.raises(GeneratorError, match="two columns are named 'age'"):
            kind().fit(X.set_axis(["age", "age"], axis=1), y)
