"""A generator of another kind: a vine copula of the minority rows, without a neural network."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from upsampling.errors import GeneratorError


class VineCopula:
    """Draw rows whose columns depend on each other as a vine copula says.

    Each column keeps the shares of its levels: the values of a number in their order, the categories of a category from the most
    frequent to the rarest, a missing value as a level of its own. How columns depend on each other is estimated pair by pair, with
    kernels [1]_.

    References
    ----------
    .. [1] Nagler and Czado, "Evading the curse of dimensionality in nonparametric density estimation with simplified vine copulas,"
       Journal of Multivariate Analysis 151, 2016.
    """

    def fit(self, X: pd.DataFrame, seed: int) -> "VineCopula":
        """Fit to rows of one class.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            The rows.
        seed : int
            Decides what is random in the fit.

        Raises
        ------
        GeneratorError
            Fewer than two columns vary, so that nothing can depend on anything.
        """
        self.columns_ = X.columns
        self.levels_ = [_levels(X.iloc[:, position]) for position in range(X.shape[1])]
        varying = [position for position, levels in enumerate(self.levels_) if len(levels) > 1]
        if len(varying) < 2:
            raise GeneratorError(
                f"a copula needs two columns that vary, but of {X.shape[1]} columns of {len(X)} minority rows {len(varying)} do; use naive."
            )
        self.ends_, above, below = {}, [], []
        for position in varying:
            codes = pd.Index(self.levels_[position]).get_indexer(X.iloc[:, position])
            counts = np.bincount(codes)
            self.ends_[position] = counts.cumsum() / len(X)
            above.append(self.ends_[position][codes])
            below.append((counts.cumsum() - counts)[codes] / len(X))
        from pyvinecopulib import FitControlsVinecop, Vinecop
        from pyvinecopulib.families import tll

        controls = FitControlsVinecop(family_set=[tll], seeds=[seed])
        shares = np.asfortranarray(np.column_stack([*above, *below]))
        self.vine_ = Vinecop.from_data(shares, controls, var_types=["d"] * len(varying))
        return self

    def sample(self, counts: Mapping[int, int], seed: int) -> tuple[pd.DataFrame, pd.Series]:
        """Draw rows.

        Parameters
        ----------
        counts : mapping of int to int
            How many rows of the class, which is the one it was fitted to.
        seed : int
            Decides the draw.

        Returns
        -------
        X : DataFrame of shape (n_rows, n_features)
            With the names and dtypes of the rows it was fitted to.
        y : Series of shape (n_rows,)
            Their class.
        """
        ((label, n_rows),) = counts.items()
        drawn = dict(zip(self.ends_, self.vine_.sample(n_rows, seeds=[seed]).T, strict=True))
        columns = []
        for position, levels in enumerate(self.levels_):
            shares = drawn.get(position, np.zeros(n_rows))
            codes = np.searchsorted(self.ends_.get(position, [1.0])[:-1], shares)
            columns.append(levels.take(codes).reset_index(drop=True))
        return pd.concat(columns, axis=1).set_axis(self.columns_, axis=1), pd.Series(label, index=range(n_rows))


def _levels(values: pd.Series) -> pd.Series:
    """Return each value of a column once: a number in its order, a category from the most frequent to the rarest."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        counts = values.value_counts(dropna=False)
        return pd.Series(counts.index[counts > 0].astype(values.dtype))
    return values.drop_duplicates().sort_values(na_position="first", ignore_index=True)
