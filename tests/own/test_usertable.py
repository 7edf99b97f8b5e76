"""A user's table is understood and says how, or is refused before anything is computed."""

import gzip

import numpy as np
import pandas as pd
import pytest
from invented import HOSTILE, people

from upsampling.errors import DataError, SpecError
from upsampling.own import usertable
from upsampling.own.roles import DROPPED
from upsampling.own.usertable import Settings, read


def test_a_table_is_understood_and_says_how(write):
    table = read(write(people()), Settings("churn"))
    assert (table.target, table.positive, table.n_rows, table.n_positive) == ("churn", "yes", 200, 30)
    assert table.used == {
        "age": ("number", "."),
        "income": ("number", "."),
        "job": ("category",),
        "since": ("date", False),
    }
    assert table.X.columns.tolist() == ["age", "income", "job", "since"]
    assert table.X["income"].isna().any()
    assert table.y.sum() == 30
    lines = "\n".join(table.lines())
    assert "200 rows, 30 of them (15 %) with churn = yes; columns: 2 number, 1 category and 1 date." in lines
    assert "left out: customer_id: numbers the rows" in lines
    assert "dates are read as days since 1970: since; leave out with --drop what is known only after the event" in lines


def test_a_table_is_the_same_in_every_form(write, tmp_path):
    frame = people()
    frame.to_parquet(tmp_path / "my.parquet")
    (tmp_path / "mark.csv").write_bytes(b"\xef\xbb\xbf" + write(frame).read_bytes())
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(write(frame).read_bytes()))
    forms = [tmp_path / name for name in ("my.parquet", "mark.csv", "b.csv.gz")]
    expected = read(write(frame, sep=";"), Settings("churn"))
    for form in forms:
        pd.testing.assert_frame_equal(read(form, Settings("churn")).X, expected.X)


def test_kinds_are_overridden_by_options(write):
    source = write(people())
    table = read(source, Settings("churn", numeric=("customer_id",), categorical=("age",), drop=("job", "since")))
    assert table.used == {"customer_id": ("number", "."), "age": ("category",), "income": ("number", ".")}
    assert list(read(source, Settings("churn", numeric=("age",), drop=("*",))).used) == ["age"]
    with pytest.raises(SpecError, match="column 'age' is given two roles"):
        Settings("churn", numeric=("age",), drop=("age",))


def test_numbers_beside_question_marks_are_numbers_and_the_report_says_so(write):
    frame = people().assign(level=np.resize(["1.5", "2.5", "?", "4"], 200), kind=np.resize(["a", "?", "b"], 200))
    table = read(write(frame), Settings("churn"))
    assert table.used["level"] == ("number", ".")
    assert table.X["level"].isna().sum() == 50
    assert "? counts as missing; read as numbers for that: level" in table.notes
    frame = frame.assign(size=np.resize(["7", "unknown", "9", "-", "11"], 200))
    notes = read(write(frame), Settings("churn")).notes
    assert "-, ?, unknown count as missing; read as numbers for that: level, size" in notes


@pytest.mark.parametrize(
    ("values", "decimal"), [(["1,234.56", "7", "1,000.5"], "."), (["€ 1.234,56", "€ 7", "€ 1.000,5"], ",")]
)
def test_columns_of_amounts_are_numbers(write, values, decimal):
    table = read(write(people().assign(paid=np.resize(values, 200))), Settings("churn"))
    assert table.used["paid"] == ("number", decimal)
    assert table.X["paid"].head(3).tolist() == [1234.56, 7, 1000.5]
    assert any("comma is the decimal sign in paid" in note for note in table.notes) == (decimal == ",")


def test_a_decimal_sign_is_guessed_or_given(write):
    frame = people().assign(income=np.resize(["1.234", "22.000", "3"], 200))
    assert read(write(frame), Settings("churn")).X["income"].max() == 22
    assert read(write(frame), Settings("churn", decimal=",")).X["income"].max() == 22_000


@pytest.mark.parametrize(
    ("target", "positive", "label"),
    [
        (["no"] * 80 + ["yes"] * 20, None, "yes"),
        (["no"] * 80 + ["yes"] * 20, "YES", "yes"),
        (["no"] * 80 + ["yes"] * 20, "1", "yes"),
        (["no", "NO", "false", "0"] * 20 + ["yes", "Y", "true", "yes"] * 5, "yes", "yes"),
        ([0] * 80 + [1] * 20, None, "1"),
        ([0] * 80 + [1] * 20, "1.0", "1"),
        ([0.0] * 80 + [1.0] * 20, "1", "1.0"),
        ([False] * 80 + [True] * 20, "true", "True"),
        ([0.5] * 80 + [1.5] * 20, "1.50", "1.5"),
        (["a"] * 50 + ["b"] * 30 + ["c"] * 20, "c", "c"),
        (["ok"] * 80 + ["Fraud", "fraud "] * 10, "fraud", None),
    ],
)
def test_the_class_of_interest_is_given_in_any_spelling(write, target, positive, label):
    table = read(write(people(100, 20).assign(churn=target)), Settings("churn", positive))
    assert label in (None, table.positive)
    assert table.y.sum() == 20
    assert any("taken together" in note for note in table.notes) == (len(set(target)) == 3 and "a" in target)


def test_rows_without_a_label_are_left_out_and_the_report_says_so(write):
    frame = people()
    frame.loc[:4, "churn"] = [None, " ", "?", None, "NA"]
    table = read(write(frame), Settings("churn"))
    assert (table.n_rows, len(table.X)) == (195, 195)
    assert "5 rows without a value of the target churn are left out" in table.notes


def test_of_a_long_table_rows_are_drawn_that_stand_for_the_others(write):
    table = read(write(people(3000, 60)), Settings("churn", max_rows=500))
    assert (len(table.X), table.y.sum(), table.n_rows, table.n_positive) == (500, 60, 3000, 60)
    assert table.weight.sum() == pytest.approx(3000)
    assert np.average(table.y, weights=table.weight) == pytest.approx(0.02)
    assert any("compared on 500 rows drawn at random, 60 of them positive" in note for note in table.notes)


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        ({}, Settings(), r"say which column is the target: --target NAME, of customer_id, age"),
        ({}, Settings("chrun"), r"unknown column 'chrun'. Did you mean 'churn'\?"),
        ({}, Settings("churn", drop=("jab",)), r"unknown column 'jab'. Did you mean 'job'\?"),
        ({}, Settings("churn", drop=("churn",)), "'churn' is the target and cannot have another role"),
        ({}, Settings("churn", "maybe"), "unknown label of target 'churn' 'maybe'.*Known: no, yes"),
        ({}, Settings("churn", "no"), r"'no' is not a minority: 170 of 200 rows.*--positive"),
        ({"churn": "no"}, Settings("churn"), "one class only, 'no'"),
        ({"churn": ["no", "yes"] * 100}, Settings("churn"), "is balanced: half of its rows are 'yes'"),
        ({"churn": np.arange(200) / 7}, Settings("churn"), "looks continuous: 200 different values"),
        ({"churn": [f"c{n % 25}" for n in range(200)]}, Settings("churn"), "has too many classes: 25 different"),
        ({"churn": ["a", "b", "c", "a"] * 50}, Settings("churn"), "has 3 classes, .*--positive"),
        ({"churn": ["yes"] * 9 + ["no"] * 191}, Settings("churn"), "only 9 rows of 'churn' are 'yes'"),
        ({"age": [*range(60, 200), *["old"] * 60]}, Settings("churn"), "column 'age' mixes 140 numbers with 60 texts"),
        ({}, Settings("churn", drop=("*",)), "none of the 5 columns beside the target can be used"),
    ],
)
def test_what_cannot_work_is_refused_with_the_value_and_a_remedy(write, change, settings, message):
    with pytest.raises((DataError, SpecError), match=message):
        read(write(people().assign(**change)), settings)


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_table_without_rows_is_refused(write, n_rows):
    with pytest.raises(DataError, match=f"has {n_rows} rows below its header"):
        read(write(people().head(n_rows)), Settings("churn"))


def test_hostile_names_and_values_survive_and_are_text(write):
    rng = np.random.RandomState(1)
    frame = people().assign(**{name: rng.choice(HOSTILE, 200) for name in HOSTILE})
    table = read(write(frame), Settings("churn"))
    assert {table.used[name] for name in HOSTILE} == {("category",)}
    assert set(table.X[HOSTILE[0]]) == set(HOSTILE)


def test_missing_values_are_counted_by_class(write):
    frame = people()
    frame["closed"] = np.where(frame["churn"] == "yes", "2021-01-01", None)
    missing = read(write(frame), Settings("churn")).missing
    assert missing.loc["closed"].to_dict() == {"positive": 0, "others": 1}


def test_the_demo_needs_no_file_and_is_rare(tmp_path):
    path, target = usertable.fetch("demo", tmp_path)
    table = read(path, Settings().with_default_target(target))
    assert (path, table.target, table.positive) == (tmp_path / "demo.csv", "affair", "yes")
    assert table.prevalence < 0.03
    assert all(column.kind != DROPPED for column in table.columns)


def test_a_table_of_openml_becomes_a_file_with_its_target(tmp_path, monkeypatch):
    monkeypatch.setattr(usertable, "read_openml", lambda identity: (people(), "churn", f"set {identity}"))
    path, target = usertable.fetch("openml:31", tmp_path)
    assert (path.name, target, Settings("age").with_default_target(target).target) == ("openml-31.csv", "churn", "age")
    assert read(path, Settings().with_default_target(target)).n_positive == 30
