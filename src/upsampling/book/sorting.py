"""What a reader's browser sorts a table by: the numbers that its cells show, not their letters."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd

# The first number of a cell, with its unit; what follows, such as an interval, is no part of it.
_NUMBER = re.compile(
    r"(?:[<>≤≥≈~] ?)?(?P<number>[+\u2212-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)"
    r"(?: (?P<unit>s|min|h))?(?=$|[\s%\[(/:;])",
    re.IGNORECASE,
)
_SECONDS = {None: 1, "s": 1, "min": 60, "h": 3600}


def keys(shown: pd.DataFrame, data: pd.DataFrame) -> list[list[float | None] | None]:
    """Return what each column is sorted by: None for one of texts, else a number a cell, None where there is none.

    Numbers are those of `data` where a column of it was rounded to what is shown, so that rows which look alike are in
    order too; else they are read from the cells.

    Parameters
    ----------
    shown : DataFrame
        Cells as a reader sees them.
    data : DataFrame
        The numbers behind them in full precision; used if it has a row for each row of `shown`.
    """
    exact = data.select_dtypes("number") if len(data) == len(shown) else pd.DataFrame()
    return [_column([str(cell).strip() for cell in shown.iloc[:, i]], exact) for i in range(shown.shape[1])]


def _column(cells: list[str], exact: pd.DataFrame) -> list[float | None] | None:
    read, half = np.array([_read(cell) for cell in cells]).reshape(-1, 2).T
    is_number = ~np.isnan(read)
    # a dash, or no letter at all, says that there is nothing
    n_filled = sum(any(map(str.isalnum, cell)) for cell in cells)
    if is_number.sum() <= n_filled / 2:
        return None
    candidates = (factor * exact[name].to_numpy(float) for name in exact for factor in (1, 100))
    rounded = (values for values in candidates if (np.abs(values - read) <= half)[is_number].all())
    exactly = np.where(is_number, next(rounded, read), np.nan)
    return [None if np.isnan(value) else float(f"{value:.6g}") for value in exactly]


def _read(cell: str) -> tuple[float, float]:
    """Return the number that a cell begins with, spans of time in seconds, and half a unit of its last digit; or NaN."""
    match = _NUMBER.match(cell)
    if not match:
        return np.nan, np.nan
    number = Decimal(match["number"].replace(",", "").replace("\u2212", "-"))
    factor = _SECONDS[match["unit"]]
    return factor * float(number), factor * 0.5000001 * 10.0 ** number.as_tuple().exponent
