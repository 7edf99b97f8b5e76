"""Probabilities: those of a classifier moved to the true class shares, and the generator's own."""

from collections.abc import Collection, Mapping
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted

from upsampling.errors import SpecError
from upsampling.frames import FrameClassifier
from upsampling.sampler import TabularARGNSampler, settings_of

# Parameters by which classifiers of scikit-learn, imbalanced-learn, LightGBM, XGBoost and CatBoost treat imbalance.
BALANCING = set("class_weight scale_pos_weight is_unbalance sampling_strategy class_weights auto_class_weights".split())
# Those whose effect on the class shares is known; the last plays no part in the classifiers of this package.
KNOWN = {"class_weight", "scale_pos_weight", "is_unbalance", "sampler__sampling_strategy"}


def correct_prior(probabilities, *, trained, deployed) -> np.ndarray:
    """Return probabilities moved from the class shares of training to others [1]_.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities under the shares `trained`; of one dimension, those of the second of two classes.
    trained, deployed : array-like of shape (n_classes,) or float
        Class shares of the training set and of the rows judged; with probabilities of one dimension, the share of the second class.

    Returns
    -------
    ndarray
        Probabilities under the shares `deployed`, of the same shape.

    References
    ----------
    .. [1] Saerens, Latinne, Decaestecker, "Adjusting the Outputs of a Classifier to New a Priori Probabilities,"
       Neural Computation 14, 2002, equation 2.4.
    """
    probabilities, trained, deployed = (
        np.asarray(values, dtype=float) for values in (probabilities, trained, deployed)
    )
    if probabilities.ndim == 1:
        both, trained, deployed = (np.stack([1 - x, x], axis=-1) for x in (probabilities, trained, deployed))
        return correct_prior(both, trained=trained, deployed=deployed)[:, 1]
    moved = probabilities * deployed / trained
    return moved / moved.sum(axis=1, keepdims=True)


class PriorCorrectedClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Return probabilities for the true class shares from a classifier that was trained on others [1]_.

    A classifier trained on rows that were resampled or weighted ranks as it should, but believes the rare class to be as frequent as it was
    in training. This one sees which class shares its `estimator` was trained on, after all samplers and weights, and divides them out. The
    rows of each class are taken to be distributed as they are in truth, which holds for copied and for left out rows, and about for
    synthetic ones.

    Parameters
    ----------
    estimator : classifier
        What is trained: a classifier with `class_weight`, `scale_pos_weight` or `is_unbalance`, or a pipeline of imbalanced-learn
        with samplers that ends in a classifier.
    trained_prior : float, dict or None, default=None
        Class shares that `estimator` was trained on: the share of the second class, or the share of each class by label. None takes those
        of the rows that reach the classifier, times their weights; a classifier that resamples within, or was fitted before, needs them said.
    deployed_prior : float, dict or None, default=None
        Class shares of the rows to be judged, in the same form. None takes those of the rows given to `fit`, each counted once.

    Attributes
    ----------
    estimator_ : classifier
        The fitted classifier.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    trained_prior_, deployed_prior_ : ndarray of shape (n_classes,)
        Class shares in the order of `classes_`.
    n_features_in_ : int
        Number of features, if `estimator_` knows it.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `estimator_` knows them.

    References
    ----------
    .. [1] Saerens, Latinne, Decaestecker, "Adjusting the Outputs of a Classifier to New a Priori Probabilities,"
       Neural Computation 14, 2002.

    Examples
    --------
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> from imblearn.pipeline import make_pipeline
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = make_classification(2000, weights=[0.95], random_state=0)
    >>> balanced = make_pipeline(RandomOverSampler(random_state=0), LogisticRegression())
    >>> corrected = PriorCorrectedClassifier(balanced).fit(X, y)
    >>> corrected.trained_prior_.tolist()
    [0.5, 0.5]
    >>> bool(abs(corrected.predict_proba(X)[:, 1].mean() - y.mean()) < 0.01)
    True
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "trained_prior": [Interval(Real, 0, 1, closed="neither"), Mapping, None],
        "deployed_prior": [Interval(Real, 0, 1, closed="neither"), Mapping, None],
    }

    def __init__(self, estimator, *, trained_prior=None, deployed_prior=None):
        self.estimator = estimator
        self.trained_prior = trained_prior
        self.deployed_prior = deployed_prior

    def fit(self, X, y, **parameters):
        """Train the classifier, and see which class shares it is trained on.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Features, as `estimator` takes them.
        y : array-like of shape (n_rows,)
            Labels.
        **parameters : dict
            What else the `fit` of `estimator` takes, such as `sample_weight`.

        Raises
        ------
        SpecError
            The class shares of training cannot be known from outside, or those that were said do not fit the labels.
        """
        self._validate_params()
        y = column_or_1d(y, warn=True)
        self.estimator_ = clone(self.estimator)
        if self.trained_prior is None:
            seen = self._fit_recorded(X, y, parameters)
        else:
            self.estimator_.fit(X, y, **parameters)
        self.classes_ = self.estimator_.classes_
        self.trained_prior_ = seen if self.trained_prior is None else self._stated("trained_prior")
        if self.deployed_prior is None:
            self.deployed_prior_ = _shares(y, self.classes_)
        else:
            self.deployed_prior_ = self._stated("deployed_prior")
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    def predict_proba(self, X):
        """Return the probabilities of the classes under the shares `deployed_prior_`.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Rows to score.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        probabilities = self.estimator_.predict_proba(X)
        return correct_prior(probabilities, trained=self.trained_prior_, deployed=self.deployed_prior_)

    def predict(self, X):
        """Return the most probable class of each row, as ndarray of shape (n_rows,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _fit_recorded(self, X, y, parameters: dict) -> np.ndarray:
        """Fit the classifier, and return the class shares of the rows that reach it, times their weights."""
        pipeline, last = None, self.estimator_
        while isinstance(last, Pipeline):
            pipeline, last = last, last.steps[-1][1]
        if isinstance(last, FrozenEstimator):
            raise SpecError("the class shares that a FrozenEstimator was trained on are not known; give trained_prior.")
        _refuse_balancing(last, last.get_params(), known=KNOWN)
        recorder = _Recorder(last)
        if pipeline is None:
            recorder.fit(X, y, **parameters)
        else:
            name, _ = pipeline.steps[-1]
            pipeline.steps[-1] = (name, recorder)
            self.estimator_.fit(X, y, **parameters)
            pipeline.steps[-1] = (name, last)
        _refuse_balancing(last, getattr(last, "best_params_", {}))
        return _shares(recorder.y_, last.classes_, recorder.weights())

    def _stated(self, name: str) -> np.ndarray:
        """Return shares that a parameter states, in the order of the classes."""
        stated, labels = getattr(self, name), self.classes_.tolist()
        if isinstance(stated, Real):
            if len(labels) != 2:
                raise SpecError(
                    f"{name}={stated} is the share of the second of two classes, and there are {len(labels)}; give a dict."
                )
            return np.array([1 - stated, stated])
        if set(stated) != set(labels):
            raise SpecError(
                f"{name} has shares of {list(stated)}, and the classes are {labels}; give one share for each."
            )
        shares = np.array([stated[label] for label in labels], dtype=float)
        if shares.min() <= 0 or not np.isclose(shares.sum(), 1):
            raise SpecError(f"{name} has the shares {shares.tolist()}; they must be above 0 and add up to 1.")
        return shares

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags = inner.classifier_tags
        return tags


class _Recorder(BaseEstimator):
    """Stands in for a classifier while it is trained, and keeps the labels and weights that it was given."""

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y, **parameters):
        self.y_, self.sample_weight_ = np.asarray(y), parameters.get("sample_weight")
        self.estimator.fit(X, y, **parameters)
        return self

    def weights(self) -> np.ndarray:
        """Return the weight of each row, its own times that of its class."""
        settings = self.estimator.get_params(deep=False)
        by_class = settings.get("class_weight")
        if by_class == "balanced_subsample" or settings.get("is_unbalance"):
            by_class = "balanced"
        if by_class == "balanced" and self.sample_weight_ is not None:
            raise SpecError(
                f"{type(self.estimator).__name__} was given sample_weight, and balances the classes too, whether before or after weighting "
                "differs between classifiers; give trained_prior, or leave one of the two out."
            )
        weights = compute_sample_weight(by_class, self.y_)
        if self.sample_weight_ is not None:
            weights = weights * np.asarray(self.sample_weight_, dtype=float)
        of_second = settings.get("scale_pos_weight")
        return (
            weights if of_second is None else np.where(self.y_ == self.estimator.classes_[-1], of_second, 1) * weights
        )


def _refuse_balancing(classifier, parameters: Mapping, known: Collection[str] = ()) -> None:
    """Raise SpecError if one of these parameters, other than the known ones, makes a classifier balance the classes out of sight."""
    for parameter, value in parameters.items():
        is_set = value is not None and value is not False and not (isinstance(value, Real) and value == 1)
        if is_set and parameter not in known and parameter.split("__")[-1] in BALANCING:
            raise SpecError(
                f"the class shares that {type(classifier).__name__} is trained on within, by {parameter}={value!s}, are not known; give "
                "trained_prior, or wrap the classifier within it."
            )


def _shares(y: np.ndarray, classes: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the share of each class."""
    shares = np.bincount(np.searchsorted(classes, y), weights, minlength=len(classes))
    if not (shares > 0).all():
        raise SpecError(
            f"class {classes[shares.argmin()]!s} has no rows, or no sample_weight above 0, so its probability cannot be corrected."
        )
    return shares / shares.sum()


class TabularARGNClassifier(FrameClassifier):
    """Classify by the generator's own probability of each class, given the features [1]_.

    The generator learns the class and all features at once; no rows are drawn.

    Parameters
    ----------
    sampler : TabularARGNSampler or None, default=None
        Settings of the generator; its `sampling_strategy` and `random_state` play no part, and its `backend` is the engine. None is the
        sampler with its defaults.
    random_state : int, RandomState instance or None, default=None
        Decides the generator's training.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    generator_ : TabularARGN
        The fitted generator.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has some.

    References
    ----------
    .. [1] Tiwald et al., "TabularARGN: A Flexible and Efficient Auto-Regressive Framework for Generating High-Fidelity
       Synthetic Data," arXiv 2501.12012, 2025.
    """

    _parameter_constraints: dict = {"sampler": [TabularARGNSampler, None], "random_state": ["random_state"]}

    def __init__(self, *, sampler=None, random_state=None):
        self.sampler = sampler
        self.random_state = random_state

    def fit(self, X, y):
        """Fit the generator.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Features; numbers, categories, text and booleans may be missing.
        y : array-like of shape (n_rows,)
            Labels of two classes or more.

        Raises
        ------
        SpecError
            The sampler's backend gives no probabilities.
        GeneratorError
            The generator cannot learn from these rows.
        ValueError
            There is one class, or `X` is not a table.
        """
        self._validate_params()
        frame = self._frame(X, reset=True)
        codes = self._codes(frame, y)
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs two classes at least, got 1 class.")
        sampler = settings_of(self.sampler, self.random_state)
        self.generator_, _ = sampler.fit_generator(frame, self.classes_[codes])
        return self

    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Rows to score. A category that the training rows did not hold counts as missing.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.generator_.predict_proba(self._frame(X, reset=False))
