"""What a column of a user's table is: a number, a date, a yes or no, a category, or nothing that can be learnt from."""

import re
from dataclasses import dataclass

import pandas as pd

from upsampling.errors import DataError
from upsampling.own.recipe import FALSE, TRUE, days_of, numbers_of
from upsampling.own.tablefile import shown

NUMBER, DATE, BOOLEAN, CATEGORY, DROPPED = "number", "date", "boolean", "category", "left out"
# Further texts that, in a column of numbers or dates, are nothing but a missing value.
NO_NUMBER = ("none", "-", ".", "missing", "unknown")
MAX_LEVELS = 1_000
INFINITE = r"[+-]?inf(?:inity)?"
# Numbers among texts that are so few different ones are groups: 1, 2, 3 to 4.
MAX_MIXED_LEVELS = 50
# Below that, values that differ in every row may just as well be measurements.
MIN_ID_ROWS = 20
ID_SHARE = 0.5
SENTENCE_WORDS = 3
PROBED = 1_000
# A column is what so large a share of its values are; the others count as missing, and the report says so.
ENOUGH = 0.95
# Above that, different whole numbers are the same float.
EXACT = 2**53
_ID_NAME = re.compile(r"(^|[^A-Za-z])(?i:id|idx|index|key|uuid|guid|row|nr|no|number)$|[a-z](Id|ID)$")
_YEAR_FIRST = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
_YEAR_LAST = r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})"
_TIME = r"(?:[T ]+\d{1,2}:\d{2}.*)?"


@dataclass(frozen=True)
class Column:
    """A column and what it is.

    Parameters
    ----------
    name, kind, why : str
        Name, kind, and what decided the kind.
    how : tuple
        Further arguments of the function in `recipe` that reads it.
    note : str
        What a user should know about how its values were read; empty if nothing.
    """

    name: str
    kind: str
    why: str
    how: tuple = ()
    note: str = ""


def decimal_signs(frame: pd.DataFrame, separator: str | None) -> dict[str, str]:
    """Return the decimal sign of each column: its own where its values leave no doubt, else that of most columns in no doubt.

    A file without any such column has commas if semicolons separate its fields.
    """
    fitting = {name: _fitting_signs(texts) for name, texts in frame.items()}
    certain = [signs[0] for signs in fitting.values() if len(signs) == 1]
    likely = max(set(certain), key=certain.count) if certain else "," if separator == ";" else "."
    return {name: signs[0] if len(signs) == 1 else likely for name, signs in fitting.items()}


def _fitting_signs(texts: pd.Series) -> list[str]:
    """Return the decimal signs under which a column's first values are numbers; none, or both, where that does not decide."""
    probed = texts.dropna().iloc[:PROBED]
    probed = probed[probed.str.contains(r"\d[.,]\d", regex=True)]
    if probed.empty:
        return []
    shares = {sign: numbers_of(probed, sign).notna().mean() for sign in (".", ",")}
    return [sign for sign, share in shares.items() if share >= ENOUGH and share == max(shares.values())]


def decide(name: str, texts: pd.Series, wanted: str | None, decimal: str, n_rows: int) -> Column:
    """Return what a column is.

    Parameters
    ----------
    name : str
        Name of the column.
    texts : Series
        Its values, missing ones as missing.
    wanted : str or None
        The kind that the user asks for; None to guess it.
    decimal : {".", ","}
        The decimal sign of its numbers.
    n_rows : int
        Rows of the table, of which `texts` may be some.

    Raises
    ------
    DataError
        It mixes numbers with many texts, or is not what was asked for.
    """
    if wanted == DROPPED:
        return Column(name, DROPPED, "asked for")
    if texts.isna().all():
        return Column(name, DROPPED, "has no values")
    if wanted == CATEGORY:
        return Column(name, CATEGORY, "asked for")
    values = texts.dropna()
    numbers = numbers_of(values, decimal)
    others = values[numbers.isna() & ~values.str.lower().isin(NO_NUMBER)]
    if wanted == NUMBER:
        if len(others) == len(values):
            raise DataError(
                f"column '{shown(name)}' cannot be numbers: its values are texts, first '{shown(others.iloc[0])}'."
            )
        return Column(name, NUMBER, "asked for", (decimal,), _lost(values, others, "number"))
    distinct = values.nunique()
    if distinct == 1 and len(values) == len(texts):
        return Column(name, DROPPED, "has the same value in every row")
    if distinct > 1 and values.str.lower().isin((*TRUE, *FALSE)).all() and _both_ways(values):
        return Column(name, BOOLEAN, f"yes or no, as {_listed(values.unique())}")
    if len(others) <= (1 - ENOUGH) * len(values) and numbers.notna().any():
        return _number(name, values, numbers, others, decimal, n_rows)
    day_first = _day_first(values)
    if day_first is not None:
        lost = values[days_of(values, day_first).isna() & ~values.str.lower().isin(NO_NUMBER)]
        return Column(name, DATE, "dates, as days since 1970", (day_first,), _lost(values, lost, "date"))
    if len(others) <= len(values) / 2 and distinct > MAX_MIXED_LEVELS:
        if _all_infinite(others):
            raise DataError(
                f"column '{shown(name)}' holds {len(others):,} infinite values among {len(values) - len(others):,} numbers. Replace them by "
                f"numbers, or choose --numeric (then they count as missing) or --drop for it."
            )
        raise DataError(
            f"column '{shown(name)}' mixes {len(values) - len(others):,} numbers with {len(others):,} texts, first "
            f"'{shown(others.iloc[0])}'. Mend the texts, or choose --numeric (then they count as missing), --categorical or --drop for it."
        )
    return _text(name, values)


def _both_ways(values: pd.Series) -> bool:
    lower = set(values.str.lower())
    return bool(lower & set(TRUE)) and bool(lower & set(FALSE))


def _listed(values, most: int = 6) -> str:
    texts = sorted(shown(value, 20) for value in values)
    return ", ".join(texts[:most]) + (" and others" if len(texts) > most else "")


def _lost(values: pd.Series, others: pd.Series, what: str) -> str:
    if others.empty:
        return ""
    share = f"{100 * len(others) / len(values):.2g} % of the values are"
    if _all_infinite(others):
        return f"{share} infinite and count as missing"
    return f"{share} no {what} and count as missing, first '{shown(others.iloc[0], 20)}'"


def _all_infinite(texts: pd.Series) -> bool:
    return bool(texts.str.lower().str.fullmatch(INFINITE).all())


def _number(name: str, values: pd.Series, numbers: pd.Series, others: pd.Series, decimal: str, n_rows: int) -> Column:
    known = numbers.dropna()
    distinct, whole = known.nunique(), bool((known % 1 == 0).all())
    if values.str.fullmatch(r"0\d+").any():
        return _text(name, values, "codes with leading zeros")
    if whole and distinct == len(numbers) >= MIN_ID_ROWS:
        if known.max() - known.min() + 1 <= n_rows or _ID_NAME.search(name):
            return Column(name, DROPPED, "numbers the rows: another value in each; --numeric uses it all the same")
    if distinct < values.nunique() and known.abs().max() > EXACT:
        return _text(name, values, "numbers too long to be told apart as such")
    if distinct <= 2 and others.empty:
        return Column(name, CATEGORY, "two numbers" if distinct == 2 else "one number, or missing")
    return Column(name, NUMBER, f"numbers, {distinct:,} different ones", (decimal,), _lost(values, others, "number"))


def _day_first(values: pd.Series) -> bool | None:
    """Return whether dates begin with the day; None if these are no dates."""
    probed = values.iloc[:PROBED]
    probed = probed[~probed.str.lower().isin(NO_NUMBER)]
    if probed.str.fullmatch(_YEAR_FIRST + _TIME).mean() >= ENOUGH:
        return False
    if not probed.str.fullmatch(_YEAR_LAST + _TIME).mean() >= ENOUGH:
        return None
    parts = values.str.extract(_YEAR_LAST).astype(float).max()
    if parts[0] > 12 or parts[1] > 12:
        return bool(parts[0] > 12)
    return bool(probed.str.contains(".", regex=False).all())


def _text(name: str, values: pd.Series, why: str = "text") -> Column:
    distinct = values.nunique()
    if distinct >= MIN_ID_ROWS and distinct > ID_SHARE * len(values):
        if values.iloc[:PROBED].str.split().str.len().mean() >= SENTENCE_WORDS:
            return Column(name, DROPPED, "holds free text")
        return Column(name, DROPPED, "names the rows: another text in nearly each; --categorical uses it all the same")
    if distinct > MAX_LEVELS:
        return Column(name, DROPPED, f"has {distinct:,} different texts; group them into fewer to use it")
    return Column(name, CATEGORY, f"{why}, {distinct:,} different values")
