"""What a column is taken for, and which columns are refused."""

import numpy as np
import pandas as pd
import pytest

from upsampling.errors import DataError
from upsampling.own import roles
from upsampling.own.roles import CATEGORICAL, DROPPED, NUMERIC

RNG = np.random.RandomState(0)


def assign(values, wanted=None, name="column", **settings):
    return roles.assign(name, pd.Series(values), wanted, **settings)


def texts(values):
    return pd.Series([None if value is None else str(value) for value in values], dtype="str")


SENTENCES = [f"the customer called about bill number {n}" for n in range(60)]


@pytest.mark.parametrize(
    ("values", "role", "why"),
    [
        (texts([1.5, 2, -3e4, None] * 10), NUMERIC, "numbers, 3 different"),
        (texts(["1", "NA", "3", "null", "5", "?", "n/a"] * 5), NUMERIC, "numbers, 3 different"),
        (pd.Series([1, 2, 3] * 9), NUMERIC, "numbers"),
        (pd.Series([1, None, 3, 4], dtype="Int64"), NUMERIC, "numbers"),
        (texts(["0", "1"] * 20), CATEGORICAL, "two numbers"),
        (texts(["a", "b", None] * 20), CATEGORICAL, "text, 2 different"),
        (pd.Series([True, False] * 20), CATEGORICAL, "text"),
        (pd.Series(["a", "b"] * 20, dtype="category"), CATEGORICAL, "text"),
        (texts(["01069", "80331", "10115"] * 9), CATEGORICAL, "leading zeros"),
        (texts([None] * 9), DROPPED, "has no values"),
        (texts(["7"] * 9), DROPPED, "same value in every row"),
        (texts(range(100, 160)), DROPPED, "numbers the rows"),
        (texts([f"user{n}" for n in range(60)]), DROPPED, "names the rows"),
        (texts(SENTENCES), DROPPED, "free text"),
        (texts([f"v{n}" for n in range(1001)] * 2), DROPPED, "has 1,001 different texts"),
        (texts(["2020-01-31", "2021-12-01"] * 20), DROPPED, "holds dates; turn it into numbers"),
        (texts(["31.01.2020", "1.2.2021"] * 20), DROPPED, "holds dates"),
        (texts(["2020-01-31", "NA", "?"] * 20), DROPPED, "holds dates"),
        (texts([10**25 + n for n in range(60)]), DROPPED, "names the rows"),
        (texts(["2020-01-31T10:00:00", "2021-12-01 11:30"] * 20), DROPPED, "holds dates"),
        (pd.Series(pd.date_range("2020-01-01", periods=9)), DROPPED, "holds dates"),
        (pd.Series(pd.to_timedelta(range(9), unit="D")), DROPPED, "holds dates"),
        (pd.Series([[1], [2]] * 9), DROPPED, "holds lists or records"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_role_is_guessed_and_explained(values, role, why):
    column = assign(values)
    assert column.role == role
    assert why in column.why
    assert (column.values is None) == (role == DROPPED)


def test_numbers_that_all_differ_are_measurements_unless_they_count_or_are_called_so():
    incomes = texts(RNG.choice(10**6, 60, replace=False))
    assert assign(incomes, name="income").role == NUMERIC
    assert assign(incomes, name="customer_id").role == DROPPED
    assert assign(incomes, name="Kunden-Nr").role == DROPPED
    assert assign(incomes, name="paid").role == NUMERIC


def test_dtypes_are_plain():
    assert assign(texts(["1", "2", "3"])).values.dtype == "int64"
    assert assign(texts(["1", "2", None, "3"])).values.dtype == "float64"
    assert assign(pd.Series([1, 2, 3], dtype="uint8")).values.dtype == "float64"
    assert list(assign(pd.Series([1.0, 2.0, None])).values.cat.categories) == ["1", "2"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (texts(["1", "2", "3", "many"] * 9), "mixes 27 numbers with 9 texts, first 'many'.*--categorical or --drop"),
        (texts(["1", "inf", "3"]), r"holds 1 infinite values: replace them .*--drop"),
        (pd.Series([1.0, -np.inf, 3.0]), "holds 1 infinite values"),
        (texts(["1,5", "2,25", "-3,0"]), r"numbers with commas, first '1,5'.*add --decimal ,"),
        (texts(["1.234,5", "12", "2,25"]), r"numbers with commas, first '1.234,5'"),
    ],
    ids=["mixed", "infinite text", "infinite number", "commas", "thousands"],
)
def test_a_column_that_must_be_mended_is_refused(values, message):
    with pytest.raises(DataError, match=f"column 'column' {'(holds |)'}{message}"):
        assign(values)


def test_a_decimal_comma_is_read_if_asked_for():
    assert assign(texts(["1,5", "1.002,25", "-3"]), decimal=",").values.tolist() == [1.5, 1002.25, -3]


def test_points_stay_decimal_beside_decimal_commas_unless_all_of_a_column_part_thousands():
    """Otherwise a column that has points already would be a hundred times as large, without a word."""
    assert assign(texts(["0.123", "1.764", "25"]), decimal=",").values.tolist() == [0.123, 1.764, 25]
    assert assign(texts(["1.5", "2,5", "4"]), decimal=",").values.tolist() == [1.5, 2.5, 4]
    assert assign(texts(["1.234", "22.000", "3"]), decimal=",").values.tolist() == [1234, 22000, 3]


def test_what_is_asked_for_wins():
    assert assign(texts(range(100, 160)), NUMERIC).values.tolist() == list(range(100, 160))
    assert list(assign(texts(["1", "2", "3"] * 9), CATEGORICAL).values.cat.categories) == ["1", "2", "3"]
    assert assign(texts(["1", "x", "3"]), CATEGORICAL).role == CATEGORICAL
    assert assign(texts(["1", "2", "3"]), DROPPED).why == "asked for"
    assert assign(texts(SENTENCES), CATEGORICAL).role == CATEGORICAL


@pytest.mark.parametrize(
    ("values", "wanted", "message"),
    [
        (texts(["1", "x"]), NUMERIC, "cannot be numeric: 1 values are text, first 'x'"),
        (texts(["1,5", "2,5"]), NUMERIC, "--decimal ,"),
        (texts(["2020-01-31"] * 3), NUMERIC, "cannot be numeric: it holds dates"),
        (pd.Series(pd.date_range("2020-01-01", periods=3)), CATEGORICAL, "cannot be categorical: it holds dates"),
    ],
)
def test_what_cannot_be_is_refused(values, wanted, message):
    with pytest.raises(DataError, match=message):
        assign(values, wanted)
