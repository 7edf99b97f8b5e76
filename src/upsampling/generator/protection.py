"""What value protection hides: the generator never draws a category that fewer than 5 to 7 of its training rows have."""

import warnings

import numpy as np
import pandas as pd

from upsampling.errors import GeneratorError, RareValuesWarning
from upsampling.frames import is_number

# A value with fewer rows is always hidden; with up to 6 it depends on the seed.
MIN_VALUE_ROWS = 5
# Share of a class's values that may be hidden before it is worth a warning.
MAX_HIDDEN_SHARE = 0.1

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
            f"'{row.column}' ({100 * row.rare_share:.0f} % of the values of class {row.rare_class!s})"
            for row in harmed.itertuples()
        )
        warnings.warn(
            f"value protection hides values that fewer than 5 to 7 rows have; drawn rows get frequent ones instead, which are mostly those "
            f"of other classes: {listed}. For each: {REMEDY}.",
            RareValuesWarning,
            stacklevel=2,
        )


def refuse_hidden_column(name) -> GeneratorError:
    """Return the error of a column of which all values are hidden."""
    return GeneratorError(
        f"every value of column '{name!s}' is one that fewer than 5 to 7 rows have, so value protection hides them all and none can be drawn; {REMEDY}."
    )
