import numpy as np
import pandas as pd
import pytest

from upsampling import frames
from upsampling.errors import SpecError
from upsampling.study import classifiers
from upsampling.study.classifiers import CLASSIFIERS

NAMES = list(CLASSIFIERS)


@pytest.fixture
def rows():
    """Mixed-type rows with missing values, whose names LightGBM and XGBoost refuse."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "income [k$]": rng.normal(size=300),
            'the "text"': pd.Categorical(rng.choice(["a", "b", None], 300), categories=["a", "b", "never seen"]),
            "a<b, {c}: d": rng.randint(0, 9, size=300),
        }
    )
    X.iloc[::7, 0] = np.nan
    y = pd.Series(((X.iloc[:, 2] > 4) & (X.iloc[:, 1] == "a")).astype("int8"))
    return X, y


@pytest.mark.parametrize("name", NAMES)
def test_classifier_learns_mixed_types_with_gaps_and_awkward_names(rows, name):
    X, y = rows
    score = classifiers.score(classifiers.make(name, 0).fit(X[:200], y[:200]), X[200:])
    assert score.dtype == np.float32
    assert ((score > 0.5) == (y[200:] == 1)).mean() > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_scores_and_names_do_not_matter(rows, name):
    X, y = rows
    first, second, renamed = (
        classifiers.score(classifiers.make(name, 3).fit(table, y), table)
        for table in (X, X, X.set_axis(list("xyz"), axis=1))
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, renamed)


def test_seed_reaches_the_classifier(rows):
    X, y = rows
    scores = [classifiers.score(classifiers.make("random_forest", seed).fit(X, y), X) for seed in (0, 1)]
    assert (scores[0] != scores[1]).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("weights", "share"), [(None, 0.1), (np.repeat([1.0, 9.0], [180, 20]), 0.5)])
def test_scores_follow_the_weighted_share_of_the_minority(name, weights, share):
    X, y = pd.DataFrame({"constant": np.zeros(200)}), pd.Series(np.repeat([0, 1], [180, 20]))
    model = classifiers.make(name, 0).fit(X, y, classifier__sample_weight=weights)
    np.testing.assert_allclose(classifiers.score(model, X), share, atol=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_classifier_runs_on_one_thread_with_library_defaults(name):
    model = classifiers.make(name, 7).named_steps["classifier"]
    chosen = model.get_params()
    assert chosen.get("n_jobs", 1) in (1, None)
    assert chosen["random_state"] == 7
    default = type(model)().get_params()
    changed = {key for key in chosen if key not in default or str(chosen[key]) != str(default[key])}
    assert changed <= {
        "n_jobs",
        "random_state",
        "enable_categorical",
        "deterministic",
        "force_row_wise",
        "verbose",
        "max_iter",
    }


def test_missing_category_is_coded_as_minus_one():
    X = pd.DataFrame({"c": pd.Categorical(["b", None, "a"], categories=["a", "b"]), "n": [1.5, 2.5, 3.5]})
    codes = frames.to_codes(X)
    assert codes.to_dict("list") == {"f0": [1, -1, 0], "f1": [1.5, 2.5, 3.5]}
    assert list(X) == ["c", "n"]


def test_unknown_classifier_is_refused_with_a_suggestion():
    with pytest.raises(SpecError, match=r"unknown classifier 'lightbgm'. Did you mean 'lightgbm'?"):
        classifiers.make("lightbgm", 0)
