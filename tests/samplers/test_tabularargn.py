import inspect
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from helpers import StubGenerator
from imblearn.pipeline import make_pipeline
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks as parametrize_with_sklearn_checks

from upsampling import sampler as tabularargn
from upsampling.errors import GeneratorError, RareValuesWarning, SpecError
from upsampling.generator import TabularARGN, protection
from upsampling.generator import argn as generator
from upsampling.generator.protection import rare_values
from upsampling.generator.settings import Settings
from upsampling.sampler import TabularARGNSampler
from upsampling.study import generators
from upsampling.study.arms import ARMS
from upsampling.study.protocol import Partition, Rows

CORES = joblib.cpu_count()


@pytest.fixture
def stub(monkeypatch):
    """Let the sampler use a stand-in that draws training rows: what is tested is the sampler, not the generator."""
    monkeypatch.setattr(tabularargn, "TabularARGN", StubGenerator)


@pytest.fixture
def mixed():
    """Three classes of 30, 12 and 8 mixed-type rows with missing values."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "number": np.where(rng.uniform(size=50) < 0.1, np.nan, rng.normal(size=50)),
            "whole": np.arange(50),
            "kind": pd.Categorical(rng.choice(["a", "b", None], 50), categories=["a", "b", "never seen"]),
            "text": rng.choice(["x", "y"], 50),
            "flag": rng.choice([True, False], 50),
        }
    )
    return X, pd.Series(np.repeat(["major", "minor", "rare"], [30, 12, 8]), name="class")


# Both contracts hold without exception: no check is expected to fail. scikit-learn itself skips the one for array
# libraries unless SCIPY_ARRAY_API is set.
@pytest.mark.usefixtures("stub")
@parametrize_with_checks([TabularARGNSampler(random_state=0)])
def test_imbalanced_learn_s_contract(estimator, check):
    check(estimator)


@pytest.mark.usefixtures("stub")
@parametrize_with_sklearn_checks([TabularARGNSampler(random_state=0)])
def test_scikit_learn_s_contract(estimator, check):
    check(estimator)


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("check", [check_dataframe_column_names_consistency, check_param_validation])
def test_contract_that_no_decorator_includes(check):
    check("TabularARGNSampler", TabularARGNSampler(random_state=0))


def test_every_parameter_is_constrained_and_has_the_generator_s_default():
    ours = {name: value.default for name, value in inspect.signature(TabularARGNSampler).parameters.items()}
    theirs = asdict(Settings())
    assert set(TabularARGNSampler._parameter_constraints) == set(ours)
    assert set(ours) == {"sampling_strategy", "random_state", "max_rows", *theirs}
    assert {name: ours[name] for name in theirs} == theirs | {"fast": None}


@pytest.mark.parametrize(
    ("backend", "fast", "expected"),
    [("engine", None, True), ("engine", False, False), ("sdk", None, False), ("sdk", True, True)],
)
def test_steps_are_fast_unless_the_backend_knows_none(stub, mixed, backend, fast, expected):
    sampler = TabularARGNSampler(random_state=0, backend=backend, fast=fast)
    sampler.fit_resample(*mixed)
    assert sampler.generator_.parameters["fast"] is expected


def test_fast_steps_asked_for_of_the_sdk_are_refused(mixed):
    with pytest.raises(GeneratorError, match=r"fast=False only, got True"):
        TabularARGNSampler(backend="sdk", fast=True).fit_resample(*mixed)


def test_every_parameter_reaches_the_generator(stub, mixed):
    chosen = {
        "backend": "sdk",
        "model": "MOSTLY_AI/Small",
        "max_epochs": 3.0,
        "early_stopping": False,
        "max_training_time": 5.0,
        "batch_size": 16,
        "gradient_accumulation_steps": 2,
        "enable_flexible_generation": False,
        "value_protection": False,
        "rare_category_replacement": "constant",
        "sampling_temperature": 0.5,
        "sampling_top_p": 0.95,
        "fast": True,
        "n_jobs": 2,
        "device": "cuda",
        "verbose": 2,
    }
    sampler = TabularARGNSampler(random_state=0, **chosen)
    sampler.fit_resample(*mixed)
    assert sampler.generator_.parameters == chosen


@pytest.mark.parametrize(("n_jobs", "threads"), [(3, 3), (None, 1), (-1, CORES), (-2, max(1, CORES - 1)), (-999, 1)])
def test_n_jobs_is_understood_as_in_scikit_learn(stub, mixed, n_jobs, threads):
    sampler = TabularARGNSampler(random_state=0, n_jobs=n_jobs)
    sampler.fit_resample(*mixed)
    assert sampler.generator_.parameters["n_jobs"] == threads


@pytest.mark.parametrize(
    ("strategy", "rare", "minor"),
    [
        ("auto", 30, 30),
        ("not majority", 30, 30),
        ("minority", 30, 12),
        ("not minority", 8, 30),
        ("all", 30, 30),
        ({"rare": 20}, 20, 12),
        ({"rare": 9, "minor": 13}, 9, 13),
        (lambda y: {"minor": 15}, 8, 15),
    ],
    ids=["auto", "not majority", "minority", "not minority", "all", "dict", "dict of two", "callable"],
)
def test_every_form_of_sampling_strategy_gives_exact_counts(stub, mixed, strategy, rare, minor):
    _, y = TabularARGNSampler(sampling_strategy=strategy, random_state=0).fit_resample(*mixed)
    assert y.value_counts().to_dict() == {"major": 30, "minor": minor, "rare": rare}


def test_float_strategy_is_the_ratio_of_minority_to_majority(stub, few_rows):
    _, y = TabularARGNSampler(sampling_strategy=0.5, random_state=0).fit_resample(*few_rows)
    assert y.value_counts().to_dict() == {0: 340, 1: 170}


def test_originals_come_first_with_dtypes_and_categories(stub, mixed):
    X, y = mixed
    new_X, new_y = TabularARGNSampler(random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(new_X[:50], X)
    pd.testing.assert_series_equal(new_y[:50], y)
    assert new_X.dtypes.to_dict() == X.dtypes.to_dict()


def test_nothing_is_trained_if_nothing_is_to_be_added(mixed, monkeypatch):
    monkeypatch.setattr(tabularargn, "TabularARGN", None)
    sampler = TabularARGNSampler(sampling_strategy={"rare": 8})
    X, y = sampler.fit_resample(*mixed)
    pd.testing.assert_frame_equal(X, mixed[0])
    pd.testing.assert_series_equal(y, mixed[1])
    assert not hasattr(sampler, "generator_")


def test_array_in_array_out(stub):
    X = np.random.RandomState(0).normal(size=(30, 3)).astype(np.float32)
    new_X, new_y = TabularARGNSampler(random_state=0).fit_resample(X, np.repeat([0, 1], [20, 10]))
    assert isinstance(new_X, np.ndarray)
    assert new_X.dtype == np.float32
    assert new_X.shape == (40, 3)
    np.testing.assert_array_equal(new_X[:30], X)
    assert new_y.sum() == 20


def test_random_state_decides_the_rows(stub, mixed):
    first, again, other = (
        TabularARGNSampler(random_state=state).fit_resample(*mixed)[0] for state in (0, np.random.RandomState(0), 1)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_only_training_folds_are_upsampled(stub, few_rows):
    class Watch(DecisionTreeClassifier):
        seen: tuple[list, list] = ([], [])

        def fit(self, X, y):
            self.seen[0].append((len(y), int(y.sum())))
            return super().fit(X, y)

        def predict(self, X):
            self.seen[1].append(len(X))
            return super().predict(X)

    X, y = few_rows
    numbers = X.select_dtypes("number")
    pipeline = make_pipeline(TabularARGNSampler(random_state=0), Watch(random_state=0))
    grid = {"tabularargnsampler__sampling_strategy": [0.5, 1.0]}
    GridSearchCV(pipeline, grid, cv=StratifiedKFold(2), refit=False).fit(numbers, y)
    fitted, judged = Watch.seen
    assert sorted(fitted) == [(255, 85)] * 2 + [(340, 170)] * 2
    assert judged == [200] * 4


def test_clone_and_pickle_keep_the_parameters():
    sampler = TabularARGNSampler(sampling_strategy={1: 5}, random_state=3, max_epochs=2.0)
    for copy in (clone(sampler), pickle.loads(pickle.dumps(sampler))):
        assert copy.get_params() == sampler.get_params()


@pytest.mark.parametrize(
    "dates",
    [
        pd.date_range("2020-01-01", periods=50),
        pd.date_range("2020-01-01", periods=50, tz="Europe/Vienna"),
        pd.to_timedelta(range(50), unit="D"),
        pd.period_range("2020-01", periods=50, freq="M"),
        pd.Series(pd.date_range("2020-01-01", periods=50).date, dtype=object),
        pd.Series(pd.to_timedelta(range(50), unit="D"), dtype="duration[ns][pyarrow]"),
    ],
    ids=["naive", "with a time zone", "durations", "periods", "objects", "durations of Arrow"],
)
def test_dates_are_refused_with_a_remedy(mixed, dates):
    X, y = mixed
    with pytest.raises(GeneratorError, match="column 'since' holds dates; turn it into numbers"):
        TabularARGNSampler().fit_resample(X.assign(since=dates), y)


def test_labels_of_other_rows_than_those_of_the_table_are_refused(mixed):
    X, y = mixed
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[50, 46\]"):
        TabularARGNSampler().fit_resample(X, y[:46])


@pytest.mark.parametrize("dtype", ["str", "object", "category", "string"])
def test_missing_labels_are_refused(mixed, dtype):
    X, y = mixed
    y = y.astype(dtype)
    y[:3] = None
    with pytest.raises(SpecError, match=r"y has 3 missing labels; drop those rows\."):
        TabularARGNSampler().fit_resample(X, y)


def test_columns_of_one_name_and_cells_that_hold_lists_are_refused(mixed):
    X, y = mixed
    with pytest.raises(GeneratorError, match="two columns are named 'whole'; rename or drop one"):
        TabularARGNSampler().fit_resample(pd.concat([X, X[["whole"]]], axis=1), y)
    with pytest.raises(
        GeneratorError, match="column 'tags' has a list in a cell; make a column of each of its entries"
    ):
        TabularARGNSampler().fit_resample(X.assign(tags=[None, *[["a", "b"]] * 49]), y)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused(mixed, value):
    X, y = mixed
    X.loc[3, "number"] = value
    with pytest.raises(GeneratorError, match="column 'number' holds infinite values; replace them"):
        TabularARGNSampler().fit_resample(X, y)


def test_infinite_values_of_an_array_are_refused():
    X = np.random.RandomState(0).normal(size=(30, 3))
    X[4, 1] = np.inf
    with pytest.raises(ValueError, match="Input contains infinity"):
        TabularARGNSampler().fit_resample(X, np.repeat([0, 1], [20, 10]))


def test_too_few_rows_are_refused(mixed):
    X, y = mixed
    chosen = [*range(6), 49]
    with pytest.raises(GeneratorError, match="7 rows are too few for a generator; it needs 10 at least"):
        TabularARGNSampler().fit_resample(X.iloc[chosen], y.iloc[chosen])


@pytest.mark.parametrize("n_rare", [1, 4])
def test_a_class_too_small_to_learn_is_refused_before_any_work(mixed, n_rare, monkeypatch):
    monkeypatch.setattr(generator.EngineBackend, "fit", None)
    X, y = mixed
    chosen = np.arange(50 - 8 + n_rare)
    with pytest.raises(
        GeneratorError, match=rf"does not know the class rare \({n_rare} rows\).*value_protection=False"
    ):
        TabularARGNSampler(random_state=0).fit_resample(X.iloc[chosen], y.iloc[chosen])


def test_a_class_that_the_seed_hides_is_refused_before_training(mixed, monkeypatch):
    from mostlyai import engine

    X, y = mixed
    monkeypatch.setattr(engine, "train", None)
    monkeypatch.setattr(engine, "analyze", partial(_hide_rare, engine.analyze))
    with pytest.raises(GeneratorError, match="does not know the class rare: it has fewer rows than the limit"):
        TabularARGNSampler(random_state=0).fit_resample(X.iloc[:47], y.iloc[:47])


def _hide_rare(analyze, **settings):
    """Analyse with the highest threshold that the engine may draw: 7 rows."""
    from mostlyai.engine._encoding_types.tabular import categorical

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(categorical, "get_stochastic_rare_threshold", lambda **_: 7)
        analyze(**settings)


def numbers_as_text(n_minority: int = 62) -> tuple[pd.DataFrame, pd.Series]:
    """A table whose numbers were read as text; the smaller class has values of its own, each in few rows."""
    rng = np.random.RandomState(0)
    y = pd.Series(np.repeat(["healthy", "ill"], [800, n_minority]))
    values = np.where(y == "ill", rng.normal(40, 9, len(y)).round(1), rng.randint(0, 9, len(y)))
    kinds = rng.choice(["a", "b"], len(y))
    return pd.DataFrame({"TSH": values.astype(str), "kind": kinds, "number": values}), y


def test_a_column_in_which_the_minority_is_hidden_is_warned_of_before_training(monkeypatch):
    monkeypatch.setattr(generator.EngineBackend, "fit", None)
    X, y = numbers_as_text()
    expected = (
        r"'TSH' \(\d\d+ % of the values of class ill; numbers as text: pd\.to_numeric\(column\)\)\. "
        r"For each: turn the column into numbers.*value_protection=False"
    )
    with pytest.warns(RareValuesWarning, match=expected) as told, pytest.raises(TypeError, match="not callable"):
        TabularARGNSampler(random_state=0).fit_resample(X, y)
    assert len(told) == 1
    assert "kind" not in str(told[0].message)
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["1", "?", "2.5", None], "; text because of values such as '?': pd.to_numeric(column, errors='coerce')"),
        (["1", "2.5", None, "3"], "; numbers as text: pd.to_numeric(column)"),
        (["a", "b", "3", None], ""),
        ([True, False, True, None], ""),
    ],
)
@pytest.mark.parametrize("dtype", ["object", "category"])
def test_why_a_column_is_text_is_said(values, why, dtype):
    assert protection._why_text(pd.Series(values, dtype=dtype)) == why


@pytest.mark.parametrize("settings", [{}, {"value_protection": False}], ids=["few are hidden", "nothing is hidden"])
def test_there_is_no_warning_of_what_is_not_hidden(stub, settings):
    X, y = numbers_as_text()
    X = X if settings else X.assign(TSH=np.where(np.arange(len(y)) % 200 == 0, X["TSH"], "1"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TabularARGNSampler(random_state=0, **settings).fit_resample(X, y)


def test_rare_values_are_counted_by_column_and_class():
    y = np.repeat([0, 1, 2], [40, 10, 5])
    common, rare = ["x"] * 40, [f"level {n}" for n in range(15)]
    X = pd.DataFrame(
        {"half": [*common, *(["x"] * 10), *rare[:5]], "all": [*rare, *rare, *rare, *rare[:10]], "number": y}
    )
    X["gaps"] = pd.array([*common, "y", *[None] * 14], dtype="string")
    X.loc[53:54, "half"] = None
    assert rare_values(X, y).values.tolist() == [
        ["half", 4, 3, 1.0, 2],
        ["all", 15, 15, 1.0, 1],
        ["gaps", 2, 1, 1.0, 1],
    ]


@pytest.mark.parametrize("missing", [0, 100])
@pytest.mark.parametrize("backend", ["engine", "sdk"])
def test_a_column_of_which_every_value_is_hidden_is_refused_before_any_work(monkeypatch, backend, missing):
    monkeypatch.setattr(generator, "isolated", None)
    monkeypatch.setattr(generator, "find_spec", bool)
    y = np.repeat([0, 1], [340, 60])
    X = pd.DataFrame({"age": np.arange(400), "note": [f"note {n}" if n >= missing else None for n in range(400)]})
    with pytest.raises(GeneratorError, match=r"every value of column 'note'.*drop it, or use value_protection=False"):
        TabularARGNSampler(random_state=0, backend=backend).fit_resample(X, y)


def test_a_column_that_the_seed_hides_is_refused_before_training(monkeypatch):
    from mostlyai import engine

    monkeypatch.setattr(engine, "train", None)
    monkeypatch.setattr(engine, "analyze", partial(_hide_rare, engine.analyze))
    X, y = pd.DataFrame({"note": np.repeat([f"note {n}" for n in range(67)], 6)[:400]}), np.repeat([0, 1], [340, 60])
    with pytest.raises(GeneratorError, match="every value of column 'note' is in fewer rows than the limit"):
        TabularARGNSampler(random_state=0).fit_resample(X, y)


def test_a_cap_leaves_out_majority_rows_first(stub, few_rows):
    sampler = TabularARGNSampler(random_state=0, max_rows=200)
    X, y = sampler.fit_resample(*few_rows)
    assert len(sampler.generator_.y) == 200
    assert sampler.generator_.y.sum() == 60
    assert y.value_counts().to_dict() == {0: 340, 1: 340}
    pd.testing.assert_frame_equal(X[:400], few_rows[0])


@pytest.mark.slow
def test_one_worker_or_two_a_grid_search_finds_the_same(few_rows):
    pipeline = make_pipeline(TabularARGNSampler(random_state=0, max_epochs=1), DecisionTreeClassifier(random_state=0))
    grid = {"tabularargnsampler__sampling_strategy": [{1: 30}]}
    X, y = few_rows[0].select_dtypes("number"), few_rows[1]
    y = y.where(y.cumsum() <= 24, 0)
    with pytest.raises(ValueError, match="Originally, there is 12 samples and 5 samples are asked"):
        GridSearchCV(pipeline, {"tabularargnsampler__sampling_strategy": [{1: 5}]}, cv=2, error_score="raise").fit(X, y)
    scores = [GridSearchCV(pipeline, grid, cv=2, n_jobs=n).fit(X, y).cv_results_["mean_test_score"] for n in (1, 2)]
    np.testing.assert_array_equal(*scores)


@pytest.mark.slow
def test_verbosity_says_what_happens_and_silence_says_nothing(few_rows, capsys):
    X, y = few_rows[0].copy(), few_rows[1]
    X["kind"] = np.where(np.arange(400) < 4, "rare", "frequent")
    TabularARGNSampler(sampling_strategy={1: 70}, random_state=0, max_epochs=1, verbose=2).fit_resample(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[TabularARGN] training on 400 rows and 9 columns"
    hidden = [line for line in lines if "hides" in line and "'kind'" in line]
    assert hidden == ["[TabularARGN] value protection hides 1 of 2 values of 'kind': too few rows have them"]
    assert any(line.startswith("[TabularARGN] epoch ") for line in lines)
    assert lines[-1] == "[TabularARGN] drawing 10 rows"
    TabularARGNSampler(sampling_strategy={1: 70}, random_state=0, max_epochs=1).fit_resample(X, y)
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_a_fitted_sampler_can_be_pickled_and_draws_the_same_rows(few_rows):
    sampler = TabularARGNSampler(random_state=0, max_epochs=1)
    sampler.fit_resample(*few_rows)
    again = pickle.loads(pickle.dumps(sampler))
    rows = [fitted.generator_.sample({1: 20}, seed=3)[0] for fitted in (sampler, again)]
    pd.testing.assert_frame_equal(*rows)


@pytest.mark.slow
def test_two_threads_at_once_give_the_rows_of_one_after_the_other(few_rows):
    X, y = few_rows[0].iloc[:, :3], few_rows[1]

    def rows(_):
        return TabularARGNSampler(random_state=0, max_epochs=1).fit_resample(X, y)[0]

    alone = rows(0)
    with ThreadPoolExecutor(2) as threads:
        for at_once in threads.map(rows, range(2)):
            pd.testing.assert_frame_equal(at_once, alone, check_exact=True)


@pytest.mark.slow
def test_arm_of_the_study_is_this_sampler(few_rows, monkeypatch):
    monkeypatch.setattr(generators, "TabularARGN", partial(TabularARGN, max_epochs=1))
    train = Rows(*few_rows)
    arm = ARMS["tabularargn"].build(
        Partition(train, train, train), 5, generators.fit_generator("tabularargn", train, 5)
    )
    X, y = TabularARGNSampler(random_state=5, max_epochs=1, fast=False).fit_resample(*few_rows)
    pd.testing.assert_frame_equal(arm.X, X, check_exact=True)
    pd.testing.assert_series_equal(arm.y, y, check_names=False)
    assert y.value_counts().to_dict() == {0: 340, 1: 340}


@pytest.mark.slow
def test_real_generator_fills_every_class_of_mixed_rows(mixed):
    X, y = mixed
    new_X, new_y = TabularARGNSampler(random_state=0, max_epochs=1).fit_resample(X, y)
    assert new_y.value_counts().to_dict() == {"major": 30, "minor": 30, "rare": 30}
    pd.testing.assert_frame_equal(new_X[:50], X)
    assert new_X.dtypes.to_dict() == X.dtypes.to_dict()
    assert new_X["whole"].between(0, 49).all()
    assert not (new_X["kind"] == "never seen").any()
