"""Which part a column of a user's table plays: a number, a category, or nothing that can be learnt from."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from upsampling.errors import DataError
from upsampling.own.tablefile import shown

NUMERIC, CATEGORICAL, DROPPED = "numeric", "categorical", "left out"
# In a column of numbers these count as missing; in a column of text only an empty field does.
MISSING = {"na", "n/a", "#n/a", "nan", "<na>", "null", "none", "?", "-"}
MAX_LEVELS = 1_000
# Below that, values that differ in every row may just as well be measurements.
MIN_ID_ROWS = 20
ID_SHARE = 0.5
SENTENCE_WORDS = 3
PROBED = 1_000
# Above that, different whole numbers are the same float.
EXACT = 2**53
_ID_NAME = re.compile(r"(^|[^A-Za-z])(?i:id|idx|index|key|uuid|guid|row|nr|no|number)$|[a-z](Id|ID)$")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([T ].*)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")


@dataclass(frozen=True)
class Column:
    """A column and its part.

    Parameters
    ----------
    name, role, why : str
        Name, role, and what decided the role.
    values : Series or None
        The values as the study takes them; None if the column is left out.
    """

    name: str
    role: str
    why: str
    values: pd.Series | None = None


def assign(name: str, column: pd.Series, wanted: str | None, decimal: str = ".") -> Column:
    """Return a column with its role.

    Parameters
    ----------
    name : str
        Name of the column.
    column : Series
        Its values: text, or the types of the file.
    wanted : str or None
        The role that the user asks for; None to guess it.
    decimal : {".", ","}, default="."
        The decimal sign of numbers written as text.

    Raises
    ------
    DataError
        It holds infinite values, numbers and text, numbers with another decimal sign, or what was asked for is
        impossible.
    """
    if wanted == DROPPED:
        return Column(name, DROPPED, "asked for")
    if column.isna().all():
        return Column(name, DROPPED, "has no values")
    if not _is_number(column) and (other := _other_type(column)):
        if wanted:
            raise DataError(f"column '{shown(name)}' cannot be {wanted}: it {other}.")
        return Column(name, DROPPED, other)
    if wanted == CATEGORICAL:
        return Column(name, CATEGORICAL, "asked for", as_categories(column))
    if wanted == NUMERIC:
        return Column(name, NUMERIC, "asked for", as_numbers(name, column, decimal))
    numbers, text = _numbers(column, decimal)
    if column.nunique(dropna=False) == 1:
        return Column(name, DROPPED, "has the same value in every row")
    if not text.any():
        return _number_column(name, column, _finite(name, numbers))
    _refuse_decimal_comma(name, column, text)
    n_numbers = int(numbers.notna().sum())
    if n_numbers >= text.sum():
        raise DataError(
            f"column '{shown(name)}' mixes {n_numbers} numbers with {text.sum()} texts, first "
            f"'{shown(column[text].iloc[0])}'. Mend the texts, or choose --categorical or --drop for the column."
        )
    return _text_column(name, column)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _other_type(column: pd.Series) -> str | None:
    """Return why a column that is neither numbers nor text cannot be used; None if it can."""
    dates = "holds dates; turn it into numbers, for example days since a fixed date, to use it"
    dtype = column.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        return dates
    if isinstance(dtype, pd.PeriodDtype):
        return dates
    values = column.dropna()
    if isinstance(values.iloc[0], (list, tuple, dict, set, bytes, np.ndarray)):
        return "holds lists or records, not single values"
    probed = values.iloc[:PROBED].astype(str).str.strip()
    probed = probed[~probed.str.lower().isin(MISSING)]
    return dates if probed.str.fullmatch(_DATE).mean() >= 0.95 else None


def _numbers(column: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Return the values as numbers, and a mask of those that are text."""
    if _is_number(column):
        missing = column.isna()
        return (column.astype("float64") if missing.any() else column.astype(_plain_dtype(column))), missing & False
    texts = column.map(str, na_action="ignore").astype("str").str.strip()
    texts = texts.mask(texts.str.lower().isin(MISSING) | (texts == ""))
    if decimal == ",":
        texts = _with_decimal_points(texts)
    numbers = pd.to_numeric(texts, errors="coerce")
    return numbers.astype(_plain_dtype(numbers)), texts.notna() & numbers.isna()


def _with_decimal_points(texts: pd.Series) -> pd.Series:
    """Return texts with decimal points for commas; points go where they part thousands, in a column that has no others."""
    pointed = texts[texts.str.contains(".", regex=False, na=False)]
    if pointed.str.fullmatch(_THOUSANDS).all():
        texts = texts.str.replace(".", "", regex=False)
    return texts.str.replace(",", ".", regex=False)


def _plain_dtype(column: pd.Series) -> str:
    fits = pd.api.types.is_integer_dtype(column) and not pd.api.types.is_unsigned_integer_dtype(column)
    return "int64" if fits and not column.isna().any() else "float64"


def _finite(name: str, numbers: pd.Series) -> pd.Series:
    infinite = np.isinf(numbers.to_numpy(dtype=float))
    if infinite.any():
        raise DataError(
            f"column '{shown(name)}' holds {infinite.sum()} infinite values: replace them by missing or finite ones, or leave "
            f"the column out with --drop."
        )
    return numbers


def _refuse_decimal_comma(name: str, column: pd.Series, text: pd.Series) -> None:
    texts = column[text].astype(str).str.strip()
    if texts.iloc[:PROBED].str.fullmatch(_DECIMAL_COMMA).all():
        raise DataError(
            f"column '{shown(name)}' holds numbers with commas, first '{shown(texts.iloc[0])}'. If the comma is the decimal "
            f"sign, add --decimal ,  If it separates thousands, remove it from the file."
        )


def _number_column(name: str, column: pd.Series, numbers: pd.Series) -> Column:
    n_distinct = numbers.nunique()
    whole = numbers.dtype == "int64"
    if not _is_number(column) and column.dropna().astype(str).str.fullmatch(r"0\d+").any():
        return _text_column(name, column, "codes with leading zeros")
    if whole and n_distinct == len(numbers) >= MIN_ID_ROWS:
        consecutive = int(numbers.max()) - int(numbers.min()) + 1 == len(numbers)
        if consecutive or _ID_NAME.search(name):
            return Column(name, DROPPED, "numbers the rows: another value in each; --numeric uses it all the same")
    if n_distinct < column.nunique() and numbers.abs().max() > EXACT:
        return _text_column(name, column, "numbers too long to be told apart as such")
    if n_distinct <= 2:
        return Column(name, CATEGORICAL, "two numbers", as_categories(column))
    return Column(name, NUMERIC, f"numbers, {n_distinct:,} different ones", numbers)


def _text_column(name: str, column: pd.Series, why: str = "text") -> Column:
    texts = column.dropna().astype(str)
    n_distinct = texts.nunique()
    if n_distinct >= MIN_ID_ROWS and n_distinct > ID_SHARE * len(texts):
        if texts.iloc[:PROBED].str.split().str.len().mean() >= SENTENCE_WORDS:
            return Column(name, DROPPED, "holds free text")
        return Column(name, DROPPED, "names the rows: another text in nearly each; --categorical uses it all the same")
    if n_distinct > MAX_LEVELS:
        return Column(name, DROPPED, f"has {n_distinct:,} different texts; group them into fewer to use it")
    return Column(name, CATEGORICAL, f"{why}, {n_distinct:,} different values", as_categories(column))


def as_numbers(name: str, column: pd.Series, decimal: str = ".") -> pd.Series:
    """Return values as finite numbers.

    Raises
    ------
    DataError
        Some are text or infinite.
    """
    numbers, text = _numbers(column, decimal)
    if text.any():
        _refuse_decimal_comma(name, column, text)
        raise DataError(
            f"column '{shown(name)}' cannot be numeric: {text.sum()} values are text, first "
            f"'{shown(column[text].iloc[0])}'. Mend them, or choose --categorical or --drop."
        )
    return _finite(name, numbers)


def as_labels(column: pd.Series) -> pd.Series:
    """Return values as text, whole numbers without a decimal point; missing ones stay missing."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.map(str, na_action="ignore").astype("str")


def as_categories(column: pd.Series) -> pd.Series:
    """Return values as text categories."""
    return as_labels(column).astype("category")
