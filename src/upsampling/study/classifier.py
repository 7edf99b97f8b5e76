"""What a classifier declares of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from itertools import takewhile

import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from upsampling.frames import to_codes


@dataclass(frozen=True)
class Classifier:
    """A classifier of the study.

    Parameters
    ----------
    name, title : str
        What stands in the column `classifier` of results, and the name a reader sees.
    build : callable
        Makes it, untrained, from a seed: a pipeline that takes frames with category columns and whose last step is called
        ``classifier``. See `from_estimator`.
    licence : str
        Of the package that it comes from.
    marker : str
        Of its points, in matplotlib's terms; empty for one that follows from the name.
    balances : bool
        Whether it treats the imbalance itself; then it belongs to an arm of its own.
    explains : bool
        Whether it only explains another one, parameter by parameter.
    written : str
        The lines that make it, for one whose package may be missing; else they follow from what `build` makes.
    skip : str
        Why it cannot be used here; empty if it can.
    """

    name: str
    title: str
    build: Callable[[int], Pipeline]
    licence: str
    marker: str = ""
    balances: bool = False
    explains: bool = False
    written: str = ""
    skip: str = ""

    @property
    def code(self) -> str:
        """The lines that make it, with every parameter that is not the library's default."""
        if self.written:
            return self.written
        estimator = self.build(0)[-1]
        kind = type(estimator)
        module = ".".join(takewhile(lambda part: not part.startswith("_"), kind.__module__.split(".")))
        return f"from {module} import {kind.__name__}\n\n{_written(estimator)}"


def _written(estimator: BaseEstimator) -> str:
    kind = type(estimator)
    defaults = {
        name: parameter.default
        for base in reversed(kind.__mro__)
        for name, parameter in signature(base.__init__).parameters.items()
    }
    written = {
        name: _written(value) if isinstance(value, BaseEstimator) else repr(value)
        for name, value in estimator.get_params(deep=False).items()
        if repr(value) != repr(defaults.get(name))
    }
    return f"{kind.__name__}({', '.join(f'{name}={value}' for name, value in written.items())})"


def from_estimator(
    estimator: BaseEstimator, columns: Callable[[pd.DataFrame], pd.DataFrame] = to_codes
) -> Callable[[int], Pipeline]:
    """Return how a scikit-learn estimator is made for a seed.

    Parameters
    ----------
    estimator : BaseEstimator
        Untrained; its `random_state` is that of the cell.
    columns : callable
        Makes of a frame with category columns what the estimator takes: see `frames`.
    """

    def build(seed: int) -> Pipeline:
        seeded = clone(estimator).set_params(random_state=seed)
        return Pipeline([("columns", FunctionTransformer(columns)), ("classifier", seeded)])

    return build
