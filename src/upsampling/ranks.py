"""The mean of four ranks as a scikit-learn classifier."""

import math
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from upsampling.errors import SpecError
from upsampling.frames import FrameClassifier, is_number, lightgbm
from upsampling.generator import TabularARGN
from upsampling.sampler import TabularARGNSampler, settings_of
from upsampling.smote import interpolate

# SMOTE-NC needs two rows to interpolate between.
MIN_MINORITY_ROWS = 2


class RankAveragingClassifier(FrameClassifier):
    """Average the orders in which four models put the rows, all of them built on one fit of the generator.

    The members are the generator's own posterior and a classifier trained on three sets: synthetic rows of both classes, the
    real rows with synthetic minority rows of low weight, and the real rows with minority rows from SMOTE-NC. A row's score under a
    member counts by its rank among the scores of the training rows, for the last two by cross-validation; the mean rank is turned into a
    probability by a logistic regression on the training rows [1]_. The generator has seen these rows, so probabilities may be too sure of
    themselves if it knows them by heart.

    Two classes only; the rarer one is the minority.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What is trained on the three sets: a classifier whose `fit` takes `sample_weight`, or a pipeline that ends in one. It
        is given a frame in which whatever is not a number is a category. None is LightGBM with its defaults.
    sampler : TabularARGNSampler or None, default=None
        Settings of the generator; its `sampling_strategy` and `random_state` play no part, and its `backend` is the engine. None is the
        sampler with its defaults.
    weight : float, default=0.1
        Weight of a synthetic minority row beside the real rows, which have 1.
    cv : int, default=5
        Folds of the cross-validation, at most as many as there are minority rows. Where a fold would leave fewer than two of them, the
        training rows' own scores are used instead.
    random_state : int, RandomState instance or None, default=None
        Decides the generator's fit and draws, SMOTE-NC, the folds, and the default estimator.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels, sorted.
    minority_ : int
        Position of the minority in `classes_`: the rarer class, the second one if there are as many rows of each.
    generator_ : TabularARGN
        The fitted generator.
    levels_ : dict
        Categories by column: those of its dtype, or of the training rows.
    estimators_ : list of classifier
        The classifiers trained on synthetic rows, on the weighted hybrid, and on the rows of SMOTE-NC.
    reference_scores_ : ndarray of shape (n_rows, 4)
        Scores of the training rows under each member, each column sorted.
    calibrator_ : LogisticRegression
        Turns the mean rank into a probability.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has some.

    References
    ----------
    .. [1] Platt, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods,"
       Advances in Large Margin Classifiers, 1999.
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "sampler": [TabularARGNSampler, None],
        "weight": [Interval(Real, 0, 1, closed="right")],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, estimator=None, *, sampler=None, weight=0.1, cv=5, random_state=None):
        self.estimator = estimator
        self.sampler = sampler
        self.weight = weight
        self.cv = cv
        self.random_state = random_state

    def fit(self, X, y, *, generator=None):
        """Fit the generator, and train the members on its rows.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Features; numbers, categories, text and booleans may be missing.
        y : array-like of shape (n_rows,)
            Labels of two classes.
        generator : TabularARGN, optional
            A generator that was fitted on these rows before, the minority as class 1 and the majority as class 0; `sampler` plays
            no part then.

        Raises
        ------
        SpecError
            The minority has a single row, `estimator` takes no weights, the sampler's backend gives no
            probabilities, or `generator` was fitted on another table.
        GeneratorError
            The generator cannot learn from these rows.
        ValueError
            There are not two classes, or `X` is not a table.
        """
        self._validate_params()
        frame = self._frame(X, reset=True)
        y = self._binary(frame, y)
        n_minority, n_majority = int(y.sum()), int((y == 0).sum())
        self._refuse(frame, n_minority, generator)
        random_state = check_random_state(self.random_state)
        seed, draw_seed = (int(random_state.randint(2**31 - 2)) for _ in range(2))
        if generator is None:
            generator, _ = settings_of(self.sampler, seed).fit_generator(frame, y)
        self.generator_ = generator
        self.levels_ = {name: _levels(column) for name, column in frame.items() if not is_number(column)}
        lacking = n_majority - n_minority
        added = generator.sample({1: lacking}, draw_seed)[0] if lacking else frame[:0]
        drawn, labels = generator.sample({0: n_majority, 1: n_majority}, draw_seed + 1)
        table, added = self._table(frame), self._table(added)

        on_drawn = self._new(seed).fit(self._table(drawn), labels.to_numpy())
        scores = np.column_stack(
            [generator.predict_proba(frame)[:, 1], _score(on_drawn, table), *np.empty((2, len(y)))]
        )
        n_folds = min(self.cv, n_minority)
        folds = [(np.arange(len(y)),) * 2]
        if n_minority - math.ceil(n_minority / n_folds) >= MIN_MINORITY_ROWS:
            folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(table, y)
        for train, test in folds:
            for position, model in enumerate(self._on_real(table.iloc[train], y[train], added, seed), start=2):
                scores[test, position] = _score(model, table.iloc[test])
        self.estimators_ = [on_drawn, *self._on_real(table, y, added, seed)]
        self.reference_scores_ = np.sort(scores, axis=0)
        self.calibrator_ = LogisticRegression().fit(self._evidence(scores), y)
        return self

    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Rows to score. A category that the training rows did not hold counts as missing.

        Returns
        -------
        ndarray of shape (n_rows, 2)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        table = self._table(frame)
        members = [self.generator_.predict_proba(frame)[:, 1], *(_score(model, table) for model in self.estimators_)]
        minority = self.calibrator_.predict_proba(self._evidence(np.column_stack(members)))[:, 1]
        columns = [1 - minority, minority]
        return np.column_stack(columns if self.minority_ == 1 else columns[::-1])

    def _refuse(self, frame: pd.DataFrame, n_minority: int, generator: TabularARGN | None) -> None:
        """Raise SpecError on what would fail only after the generator's fit."""
        if n_minority < MIN_MINORITY_ROWS:
            raise SpecError(
                f"SMOTE needs at least {MIN_MINORITY_ROWS} minority rows to interpolate between, got {n_minority}."
            )
        if self.estimator is not None and not has_fit_parameter(_last(self.estimator), "sample_weight"):
            raise SpecError(
                f"{type(_last(self.estimator)).__name__} takes no sample_weight; choose an estimator whose fit does."
            )
        if generator is not None and (generator.encoder_.classes, generator.encoder_.columns) != ([0, 1], list(frame)):
            raise SpecError(
                "the generator was fitted on other columns or labels; fit it on these columns, with 1 for the minority and 0 for "
                "the majority."
            )

    def _binary(self, frame: pd.DataFrame, y) -> np.ndarray:
        """Return 1 for the minority and 0 for the majority."""
        codes = self._codes(frame, y)
        if len(self.classes_) != 2:
            kind = type_of_target(y)
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{kind}, with {len(self.classes_)} class{'es' if len(self.classes_) > 1 else ''}."
            )
        counts = np.bincount(codes)
        self.minority_ = 0 if counts[0] < counts[1] else 1
        return (codes == self.minority_).astype(int)

    def _table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return numbers as NumPy knows them, and whatever else as categories by number; a category that is new is missing."""
        table = frame.copy()
        for name, column in frame.items():
            if name in self.levels_:
                levels = self.levels_[name]
                codes = levels.get_indexer(column.astype(object))
                table[name] = pd.Categorical.from_codes(codes, categories=range(len(levels)))
            elif not isinstance(column.dtype, np.dtype):
                table[name] = column.to_numpy(dtype=float, na_value=np.nan)
        return table

    def _new(self, seed: int):
        return lightgbm(seed) if self.estimator is None else clone(self.estimator)

    def _on_real(self, X: pd.DataFrame, y: np.ndarray, added: pd.DataFrame, seed: int) -> list:
        """Return the classifiers trained on the weighted hybrid and on the rows of SMOTE-NC."""
        added = added.iloc[: max(0, int((y == 0).sum() - y.sum()))]
        weighted = self._new(seed)
        prefix = f"{weighted.steps[-1][0]}__" if isinstance(weighted, Pipeline) else ""
        weights = {f"{prefix}sample_weight": np.repeat([1.0, self.weight], [len(X), len(added)])}
        labels = np.concatenate([y, np.ones(len(added), dtype=y.dtype)])
        weighted.fit(pd.concat([X, added], ignore_index=True), labels, **weights)
        X, y = X.reset_index(drop=True), pd.Series(y)
        # where the classes are of one size, or a fold has turned them round, there is nothing to add
        balanced = interpolate(X, y, seed) if y.mean() < 0.5 else (X, y)
        return [weighted, self._new(seed).fit(*balanced)]

    def _evidence(self, scores: np.ndarray) -> np.ndarray:
        """Return minus the logarithm of one minus the mean rank, a share of the training rows, as array of shape (n_rows, 1)."""
        n_rows = len(self.reference_scores_)
        places = [
            (np.searchsorted(reference, score, "left") + np.searchsorted(reference, score, "right")) / 2 / n_rows
            for reference, score in zip(self.reference_scores_.T, scores.T, strict=True)
        ]
        return -np.log(1 - np.mean(places, axis=0) + 0.5 / n_rows)[:, None]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _levels(column: pd.Series) -> pd.Index:
    is_categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return column.cat.categories if is_categorical else pd.Index(pd.unique(column.dropna()), dtype=object)


def _last(estimator):
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def _score(model, X: pd.DataFrame) -> np.ndarray:
    return model.predict_proba(X)[:, 1]
