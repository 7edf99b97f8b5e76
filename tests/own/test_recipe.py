"""Texts become what they mean, and models are plain ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invented import people

from upsampling.own import recipe
from upsampling.own.methods import METHODS
from upsampling.smote import interpolate


def texts(values):
    return recipe.texts_of(pd.Series(values, dtype="str"))


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1,234.56", ".", 1234.56),
        ("€ 1.234,56", ",", 1234.56),
        ("$1,234", ".", 1234),
        ("1.234", ",", 1234),
        ("-3,5 %", ",", -3.5),
        ("12%", ".", 12),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234.5", ".", 1234.5),
        ("1'234.50", ".", 1234.5),
        ("CHF 12", ".", 12),
        ("-€5", ".", -5),
        ("2e3", ".", 2000),
        (".5", ".", 0.5),
        ("+7.", ".", 7),
    ],
)
def test_numbers_are_read_whatever_signs_they_carry(text, decimal, value):
    assert recipe.numbers_of(texts([text]), decimal).tolist() == [value]


@pytest.mark.parametrize(
    "text", ["inf", "1e999", "12,34.5", "1.2.3", "old", "3 to 4", "-", "", "0,123.4", "2020-01-31"]
)
def test_what_is_no_number_is_missing(text):
    assert recipe.numbers_of(texts([text]), ".").isna().all()


def test_marks_of_missing_values_are_missing():
    assert texts(["?", " ", "NA", "n/a", "null", "NaN", "<NA>", "", "none", "x "]).tolist()[8:] == ["none", "x"]
    assert texts(["?", " ", "NA", "n/a", "null", "NaN", "<NA>", ""]).isna().all()


def test_booleans_have_one_meaning_in_every_spelling():
    spelled = ["True", "yes", "Y", "1", "on", "t", "JA"], ["false", "No", "n", "0", "off", "F", "nein"]
    assert [set(recipe.booleans_of(texts(values))) for values in spelled] == [{"yes"}, {"no"}]


def test_dates_are_days():
    assert recipe.days_of(texts(["1970-01-02", "1970-01-02 12:00", "?"]), False).tolist()[:2] == [1, 1.5]
    assert recipe.days_of(texts(["03.01.1970"]), True).tolist() == [2]


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.group != "generator"])
def test_every_method_takes_text_missing_values_and_unseen_categories(name):
    frame = people().assign(job=people()["job"].where(people().index % 7 > 0))
    X, y = frame[["age", "income", "job"]], (frame["churn"] == "yes").astype(int).to_numpy()
    new = pd.DataFrame({"age": [np.nan, 30], "income": [0.0, np.nan], "job": ["unseen", None]}).astype({"job": "str"})
    for estimator in METHODS[name].estimators():
        probability = estimator.fit(X, y).predict_proba(new)[:, 1]
        assert np.isfinite(probability).all()


@pytest.mark.parametrize("columns", [["age", "income"], ["job"], ["age", "income", "job"]])
def test_interpolated_rows_are_those_of_the_library(columns):
    frame = people()
    X, y = frame[columns].astype({"age": float} if "age" in columns else {}), (frame["churn"] == "yes").astype(int)
    rows, labels = recipe.smote(X, y)
    expected, _ = interpolate(X.astype({"job": "category"} if "job" in columns else {}), y, 0)
    pd.testing.assert_frame_equal(rows.astype(object), expected.astype(object))
    assert labels.mean() == 0.5


def test_a_cheapest_threshold_costs_no_more_than_any_other():
    rng = np.random.RandomState(0)
    y, probability = (rng.uniform(size=300) < 0.1).astype(int), rng.uniform(size=300).round(2)
    probability[y == 1] = (probability[y == 1] + 0.3).clip(max=1)
    weight = rng.uniform(1, 3, size=300)

    def cost(threshold):
        alarm = probability >= threshold
        return (weight * (20 * (y & ~alarm) + (1 - y) * alarm)).sum()

    found = recipe.cheapest_threshold(y, probability, 20, 1, weight)
    assert cost(found) == pytest.approx(min(cost(threshold) for threshold in [*np.unique(probability), np.inf]))
    assert recipe.cheapest_threshold(y, 1 - y + rng.uniform(size=300) / 9, 1, 100) == np.inf


@pytest.mark.parametrize(
    ("positives", "others", "costs", "threshold"),
    [
        ([0.72, 0.9], [0.001, 0.01], (50, 1), 1 / 51),
        ([0.72, 0.9], [0.001, 0.6], (50, 1), 0.6),
        ([0.3, 0.9], [0.1, 0.2], (1, 1), 0.3),
        ([0.2, 0.9], [0.3, 0.4], (2, 1), 0.4),
        ([0.5], [], (1, 9), 0.5),
    ],
    ids=["classes apart", "balance too low", "balance too high", "two intervals", "no row below"],
)
def test_of_equally_cheap_thresholds_the_one_nearest_to_the_balance_of_costs_is_taken(
    positives, others, costs, threshold
):
    y = np.repeat([1, 0], [len(positives), len(others)])
    found = recipe.cheapest_threshold(y, np.array([*positives, *others]), *costs)
    assert found == pytest.approx(threshold)
    assert found not in others


def test_ranks_are_places_among_the_others():
    places = recipe.mean_rank([np.array([0.0, 0.5, 2.0])] * 2, [np.array([0.2, 0.4, 0.6, 0.8])] * 2)
    assert places.tolist() == [0, 0.5, 1]


def test_calibrated_probabilities_have_the_share_of_the_rows_that_they_stand_for():
    rng = np.random.RandomState(0)
    y, weight = np.repeat([0, 1], [400, 100]), np.repeat([10.0, 1.0], [400, 100])
    scores = np.clip(rng.normal(0.4 + 0.2 * y, 0.1), 0.01, 0.99)
    probability = recipe.calibrated(recipe.calibrator_of(scores, y, weight), scores)
    assert np.average(probability, weights=weight) == pytest.approx(100 / 4100, rel=0.01)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Return the command of a `model.py`, in a folder with a model that it has trained."""
    monkeypatch.chdir(tmp_path)
    people().to_csv("my.csv", index=False)

    def command(*arguments):
        recipe.main(
            arguments,
            read=lambda path: recipe.read_csv(path, ","),
            columns={"age": ("number", "."), "income": ("number", "."), "job": ("category",)},
            target="churn",
            positive=["yes"],
            members=[recipe.logistic_regression()],
            cost_miss=20,
            cost_alarm=1,
        )

    command("train", "my.csv")
    return command


@pytest.mark.filterwarnings("ignore:Length of header")
@pytest.mark.parametrize(
    ("verb", "content", "message"),
    [
        ("score", None, "new.csv cannot be read: .*No such file"),
        ("score", "", "new.csv cannot be read: No columns to parse from file"),
        ("score", "age,income,job\n", r"new.csv has no rows below its header\."),
        ("score", "age,city\n1,x\n", r"new.csv lacks columns that the model needs: income, job\."),
        ("score", "age;income;job\n1;2;x\n", "new.csv has one column, 'age;income;job': save it with the separator"),
        ("score", "age;income;job\n1,5;2,5;x\n", "new.csv has one column, 'age;income;job': save it"),
        ("train", "age,income,job\n1,2,x\n", r"new.csv lacks columns that the model needs: churn\."),
        ("train", "age,income,job,churn\n1,2,x,no\n", "new.csv: churn is yes in 0 of 1 rows; 5 such rows and 5 others"),
    ],
)
def test_files_that_a_model_cannot_take_end_in_a_line_that_says_why(command, verb, content, message):
    if content is not None:
        Path("new.csv").write_text(content)
    with pytest.raises(SystemExit, match=message):
        command(verb, "new.csv")


def test_scoring_before_training_says_what_to_do(command):
    Path("model.joblib").unlink()
    with pytest.raises(SystemExit, match=r"no model\.joblib in this folder: make it with python model\.py train FILE"):
        command("score", "my.csv")


def test_values_that_cannot_be_read_as_in_training_are_warned_of(command, capsys):
    command("score", "my.csv")
    assert capsys.readouterr().err == ""
    people().assign(age="old", income=None).to_csv("new.csv", index=False)
    command("score", "new.csv")
    assert (
        capsys.readouterr().err
        == "age: 100 % of the values are no number and count as missing; in training 0 % were none\n"
    )
