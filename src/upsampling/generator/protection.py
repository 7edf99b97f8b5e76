"""What value protection hides: the generator never draws a category that fewer of its training rows have than a limit.

The engine draws the limit at random for each column: 5, 6 or 7.
"""

import inspect
import warnings

import numpy as np
import pandas as pd

from upsampling.errors import GeneratorError, RareValuesWarning
from upsampling.frames import is_number

# A value with fewer rows is always hidden; with up to 6 it depends on the seed.
MIN_VALUE_ROWS = 5
# Share of a class's values that may be hidden before it is worth a warning.
MAX_HIDDEN_SHARE = 0.1

LIMIT = "5, 6 or 7, drawn at random for each column"
# Packages whose lines are not the user's where a warning says what caused it.
CALLERS = ("upsampling", "imblearn", "sklearn", "sklearn_compat", "joblib")

REMEDY = (
    "turn the column into numbers, put its values into fewer groups, drop it, or use value_protection=False for rows that "
    "need no protection"
)


def rare_values(X: pd.DataFrame, y) -> pd.DataFrame:
    """Return the columns of which value protection hides values, by counting rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Features. Columns of numbers have no values that are hidden.
    y : array-like of shape (n_rows,)
        Labels.

    Returns
    -------
    DataFrame
        A row for each column that loses values: its name as `column`; `n_values`, how many different ones it has, and `n_rare`, how
        many of them fewer than 5 rows have; `rare_share`, which share they are of the values of one class, and `rare_class`, the class
        other than the largest of which that share is highest.
    """
    labels, codes, counts = np.unique(np.asarray(y), return_inverse=True, return_counts=True)
    others = [code for code in range(len(labels)) if code != counts.argmax()] or [0]
    hiding_columns = []
    for position, name in enumerate(X.columns):
        column = X.iloc[:, position]
        if is_number(column):
            continue
        values = column.astype(object)
        n_rows = values.value_counts()
        rare = n_rows.index[(n_rows > 0) & (n_rows < MIN_VALUE_ROWS)]
        if len(rare):
            present, is_rare = column.notna().to_numpy(), values.isin(rare).to_numpy()
            shares = [is_rare[present & (codes == code)] for code in others]
            shares = [float(share.mean()) if len(share) else 0.0 for share in shares]
            worst = int(np.argmax(shares))
            hiding_columns.append((name, int((n_rows > 0).sum()), len(rare), shares[worst], labels[others[worst]]))
    return pd.DataFrame(hiding_columns, columns=["column", "n_values", "n_rare", "rare_share", "rare_class"])


def warn_of_rare_values(X: pd.DataFrame, y) -> None:
    """Warn of the columns in which more than a tenth of a smaller class's values are hidden; one that loses all is an error later."""
    harmed = rare_values(X, y)
    harmed = harmed[(harmed["rare_share"] > MAX_HIDDEN_SHARE) & (harmed["n_rare"] < harmed["n_values"])]
    if not harmed.empty:
        listed = ", ".join(
            f"'{row.column}' ({100 * row.rare_share:.0f} % of the values of class {row.rare_class!s}{_why_text(X[row.column])})"
            for row in harmed.itertuples()
        )
        warnings.warn(
            f"value protection hides values that fewer rows have than a limit ({LIMIT}); drawn rows get frequent ones instead, which are "
            f"mostly those of other classes: {listed}. For each: {REMEDY}.",
            RareValuesWarning,
            stacklevel=_user_level(),
        )


def _why_text(column: pd.Series) -> str:
    """Return why a column of numbers is text, and what makes it numbers; empty if it is something else."""
    values = column.dropna().astype(object)
    others = values[pd.to_numeric(values, errors="coerce").isna()]
    if not pd.api.types.is_string_dtype(values) or len(others) > len(values) / 2:
        return ""
    if others.empty:
        return "; numbers as text: pd.to_numeric(column)"
    return f"; text because of values such as '{others.iloc[0]}': pd.to_numeric(column, errors='coerce')"


def _user_level() -> int:
    """Return how many calls above the caller the user's line is."""
    frame, level = inspect.currentframe(), 0
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in CALLERS:
        frame, level = frame.f_back, level + 1
    return level


def refuse_hidden_column(name) -> GeneratorError:
    """Return the error of a column of which all values are hidden."""
    return GeneratorError(
        f"every value of column '{name!s}' is in fewer rows than the limit of value protection ({LIMIT}), so all are hidden and none can be "
        f"drawn; {REMEDY}."
    )
