"""What a column is taken for, and which columns are refused."""

import numpy as np
import pandas as pd
import pytest

from upsampling.errors import DataError
from upsampling.own import roles
from upsampling.own.recipe import texts_of
from upsampling.own.roles import BOOLEAN, CATEGORY, DATE, DROPPED, NUMBER

RNG = np.random.RandomState(0)
SENTENCES = [f"the customer called about bill number {n}" for n in range(60)]


def decide(values, wanted=None, name="column", decimal="."):
    texts = texts_of(pd.Series([None if value is None else str(value) for value in values], dtype="str"))
    return roles.decide(name, texts, wanted, decimal, len(texts))


@pytest.mark.parametrize(
    ("values", "kind", "why"),
    [
        ([1.5, 2, -3e4, None] * 10, NUMBER, "numbers, 3 different"),
        (["1", "NA", "3", "null", "5", "?", "n/a", "-"] * 5, NUMBER, "numbers, 3 different"),
        (["$1,234.50", "$7", "$1,000,000"] * 5, NUMBER, "numbers, 3 different"),
        (["10 %", "20 %", "30%"] * 5, NUMBER, "numbers"),
        (["0", "1"] * 20, BOOLEAN, "yes or no, as 0, 1"),
        (["Yes", "no", "TRUE", "f", None] * 9, BOOLEAN, "yes or no"),
        (["1", "2"] * 20, CATEGORY, "two numbers"),
        (["1", None] * 20, CATEGORY, "one number, or missing"),
        (["a", "b", None] * 20, CATEGORY, "text, 2 different"),
        (["none", "1", "2 to 4"] * 20, CATEGORY, "text, 3 different"),
        (["01069", "80331", "10115"] * 9, CATEGORY, "leading zeros"),
        ([None] * 9, DROPPED, "has no values"),
        (["7"] * 9, DROPPED, "same value in every row"),
        (range(100, 160), DROPPED, "numbers the rows"),
        ([f"user{n}" for n in range(60)], DROPPED, "names the rows"),
        (SENTENCES, DROPPED, "free text"),
        ([f"v{n}" for n in range(1001)] * 2, DROPPED, "has 1,001 different texts"),
        ([10**25 + n for n in range(60)], DROPPED, "names the rows"),
        (["2020-01-31", "2021-12-01"] * 20, DATE, "days since 1970"),
        (["2020-01-31", "NA", "?", "unknown"] * 20, DATE, "days since 1970"),
        (["2020-01-31T10:00:00", "2021-12-01 11:30"] * 20, DATE, "days since 1970"),
    ],
)
def test_the_kind_is_guessed_and_explained(values, kind, why):
    column = decide(values)
    assert column.kind == kind
    assert why in column.why


@pytest.mark.parametrize(
    ("values", "day_first"),
    [
        (["31.01.2020", "1.2.2021"], True),
        (["1.2.2020", "3.4.2021"], True),
        (["1/31/2020", "2/1/2021"], False),
        (["31/1/2020", "2/1/2021"], True),
        (["1/2/2020", "3/4/2021"], False),
    ],
)
def test_the_order_of_day_and_month_is_seen_in_the_values(values, day_first):
    assert decide(values * 20).how == (day_first,)


def test_numbers_that_all_differ_are_measurements_unless_they_count_or_are_called_so():
    incomes = RNG.choice(10**6, 60, replace=False)
    assert decide(incomes, name="income").kind == NUMBER
    assert decide(incomes, name="customer_id").kind == DROPPED
    assert decide(incomes, name="Kunden-Nr").kind == DROPPED
    assert decide(incomes, name="paid").kind == NUMBER


def test_a_few_texts_among_numbers_count_as_missing_and_the_report_says_so():
    column = decide([*range(0, 198, 2), "ask John", *range(0, 198, 2)])
    assert column.kind == NUMBER
    assert column.note == "0.5 % of the values are no number and count as missing, first 'ask John'"


def test_many_texts_among_many_numbers_are_refused():
    message = r"column 'column' mixes 60 numbers with 20 texts, first 'many'\. .*--numeric .*--categorical or --drop"
    with pytest.raises(DataError, match=message):
        decide([*range(0, 120, 2), *["many"] * 20])
    column = decide([*range(0, 120, 2), *["many"] * 20], NUMBER)
    assert (column.kind, column.note[:4]) == (NUMBER, "25 %")


def test_infinite_values_are_called_so():
    with pytest.raises(DataError, match=r"'column' holds 20 infinite values among 60 numbers\. Replace them .*--drop"):
        decide([*range(0, 120, 2), *["inf", "-Infinity"] * 10])
    column = decide([*range(0, 198, 2), np.inf, *range(0, 198, 2)])
    assert column.note == "0.5 % of the values are infinite and count as missing"


@pytest.mark.parametrize(
    ("columns", "separator", "signs"),
    [
        ({"a": ["1,5", "2,25"]}, ",", [","]),
        ({"a": ["1.5", "2.25"]}, ";", ["."]),
        ({"a": ["1.234,5", "12"]}, ",", [","]),
        ({"a": ["1.234", "22.000"]}, ",", ["."]),
        ({"a": ["1.234", "22.000"], "b": ["0,5", "3"]}, ",", [",", ","]),
        ({"a": ["0.123", "1.764"], "b": ["0,5", "3"], "c": ["1,25", "1"]}, ";", [".", ",", ","]),
        ({"a": ["1.234", "22.000"]}, ";", [","]),
        ({"a": ["1,234,567", "3"]}, ";", ["."]),
        ({"a": ["x", "y"]}, ",", ["."]),
    ],
)
def test_decimal_signs_are_seen_in_the_values_of_the_column_else_in_those_of_the_others(columns, separator, signs):
    frame = pd.DataFrame(columns, dtype="str")
    assert list(roles.decimal_signs(frame, separator).values()) == signs


def test_what_is_asked_for_wins():
    assert decide(range(100, 160), NUMBER).kind == NUMBER
    assert decide(["1", "2", "3"] * 9, CATEGORY).kind == CATEGORY
    assert decide(["1", "2", "3"], DROPPED).why == "asked for"
    assert decide(SENTENCES, CATEGORY).kind == CATEGORY
    with pytest.raises(DataError, match="'column' cannot be numbers: its values are texts, first 'x'"):
        decide(["x", "y"], NUMBER)
