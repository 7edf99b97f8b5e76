"""TabularARGN as an imbalanced-learn sampler."""

from dataclasses import fields
from numbers import Integral, Real

import numpy as np
import pandas as pd
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_consistent_length, validate_data

from upsampling.errors import SpecError
from upsampling.frames import TakesFrames, capped_positions, refuse_infinite, refuse_missing_labels, refuse_unclear
from upsampling.generator.argn import TabularARGN
from upsampling.generator.protection import warn_of_rare_values
from upsampling.generator.settings import Settings


class TabularARGNSampler(TakesFrames, BaseOverSampler):
    """Over-sample with synthetic rows of a generator trained on the whole table [1]_.

    The generator learns all columns and the target from all rows, majority included; then rows of the classes to
    be filled up are drawn from it. The original rows come first, unchanged.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        Which classes are filled up and how far, as everywhere in imbalanced-learn. A float is the ratio of minority
        to majority rows, not the minority's share.
    random_state : int, RandomState instance or None, default=None
        Decides the generator's training and the rows drawn.
    backend : {"engine", "sdk"}, default="engine"
        ``mostlyai.engine`` in process, or the Synthetic Data SDK in local mode. Both train the same model.
    model : {"MOSTLY_AI/Small", "MOSTLY_AI/Medium", "MOSTLY_AI/Large"}, default="MOSTLY_AI/Medium"
        Size of the network.
    max_epochs : float, default=100
        Most passes over the rows.
    early_stopping : bool, default=True
        Stop when the loss on the engine's own validation part no longer falls, and keep the weights of the pass where it was least. If
        False, train for all passes and keep the last weights. The SDK always stops early.
    max_training_time : float, default=14400
        Most minutes of training.
    batch_size, gradient_accumulation_steps : int or None, default=None
        Rows per step, and steps per update; None lets the engine choose.
    enable_flexible_generation : bool, default=True
        Train for any order of the columns, which drawing rows of a class needs.
    value_protection : bool, default=True
        Hide categories that fewer rows have than a limit, and as many of the lowest and of the highest numbers as the limit says. The limit
        is 5, 6 or 7, drawn at random for each column. A rare class label may be hidden too, which is an error. A column of which a smaller
        class loses more than a tenth of its values is named in a `RareValuesWarning`.
    rare_category_replacement : {"sample", "constant"}, default="sample"
        What stands for a hidden category in drawn rows: a frequent category, or a marker, which raises here because
        the caller's column does not know it.
    sampling_temperature, sampling_top_p : float, default=1.0
        How freely rows are drawn.
    fast : bool or None, default=None
        Train in steps that leave out what is multiplied by zero, with faster random bits and a fused optimizer: the same law, other draws,
        less time. For the engine only. None is True for the engine, and False for the SDK.
    n_jobs : int or None, default=1
        Threads of the generator: None for 1, -1 for all cores, -2 for all but one, and so on. Another number of threads may
        give other rows.
    device : str, default="cpu"
        Torch device. Results differ between devices.
    max_rows : int or None, default=None
        Most rows that the generator learns from, drawn at random: rows of the largest class are left out first. None for
        all of them.
    verbose : int, default=0
        1 prints a line before and after training and drawing, and one for each column of which values are hidden; 2 also one per pass
        over the rows.

    Attributes
    ----------
    sampling_strategy_ : dict
        Rows to add, by class label.
    generator_ : TabularARGN
        The fitted generator; absent if no class needed rows.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has some.

    References
    ----------
    .. [1] Krchova, Platzer, Tiwald, "Improving Predictions on Highly Unbalanced Data Using Open Source Synthetic Data
       Upsampling," arXiv 2507.16419, 2025.
    """

    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "backend": [StrOptions({"engine", "sdk"})],
        "model": [StrOptions({"MOSTLY_AI/Small", "MOSTLY_AI/Medium", "MOSTLY_AI/Large"})],
        "max_epochs": [Interval(Real, 0, None, closed="neither")],
        "early_stopping": ["boolean"],
        "max_training_time": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "gradient_accumulation_steps": [Interval(Integral, 1, None, closed="left"), None],
        "enable_flexible_generation": ["boolean"],
        "value_protection": ["boolean"],
        "rare_category_replacement": [StrOptions({"sample", "constant"})],
        "sampling_temperature": [Interval(Real, 0, 2, closed="right")],
        "sampling_top_p": [Interval(Real, 0.9, 1, closed="both")],
        "fast": ["boolean", None],
        "n_jobs": [Interval(Integral, 1, None, closed="left"), Interval(Integral, None, -1, closed="right"), None],
        "device": [str],
        "max_rows": [Interval(Integral, 10, None, closed="left"), None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        backend=Settings.backend,
        model=Settings.model,
        max_epochs=Settings.max_epochs,
        early_stopping=Settings.early_stopping,
        max_training_time=Settings.max_training_time,
        batch_size=Settings.batch_size,
        gradient_accumulation_steps=Settings.gradient_accumulation_steps,
        enable_flexible_generation=Settings.enable_flexible_generation,
        value_protection=Settings.value_protection,
        rare_category_replacement=Settings.rare_category_replacement,
        sampling_temperature=Settings.sampling_temperature,
        sampling_top_p=Settings.sampling_top_p,
        fast=None,
        n_jobs=Settings.n_jobs,
        device=Settings.device,
        max_rows=None,
        verbose=Settings.verbose,
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.backend = backend
        self.model = model
        self.max_epochs = max_epochs
        self.early_stopping = early_stopping
        self.max_training_time = max_training_time
        self.batch_size = batch_size
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.enable_flexible_generation = enable_flexible_generation
        self.value_protection = value_protection
        self.rare_category_replacement = rare_category_replacement
        self.sampling_temperature = sampling_temperature
        self.sampling_top_p = sampling_top_p
        self.fast = fast
        self.n_jobs = n_jobs
        self.device = device
        self.max_rows = max_rows
        self.verbose = verbose

    def fit_resample(self, X, y, **params):
        """Return the rows and, after them, synthetic ones of the classes to be filled up.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Features; numbers, categories, text and booleans may be missing.
        y : array-like of shape (n_rows,)
            Labels.
        **params : dict
            Plays no part.

        Returns
        -------
        X_resampled : {ndarray, DataFrame} of shape (n_rows_new, n_features)
            The rows, as what `X` is.
        y_resampled : array-like of shape (n_rows_new,)
            Their labels.

        Raises
        ------
        SpecError
            Labels are missing.
        GeneratorError
            The generator cannot learn from these rows.
        """
        refuse_missing_labels(y)
        return super().fit_resample(X, y, **params)

    def _check_X_y(self, X, y):
        check_consistent_length(X, y)
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if not isinstance(X, pd.DataFrame):
            X = check_array(X, dtype=None, ensure_all_finite="allow-nan")
        else:
            refuse_unclear(X)
        validate_data(self, X=X, y=y, reset=True, skip_check_array=True)
        return X, y, binarize_y

    def _fit_resample(self, X, y):
        counts = {label: count for label, count in self.sampling_strategy_.items() if count > 0}
        if not counts:
            return X, y
        frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
        self.generator_, draw_seed = self.fit_generator(frame, y)
        new_X, new_y = self.generator_.sample(counts, seed=draw_seed)
        y = np.concatenate([np.asarray(y), new_y.to_numpy(dtype=np.asarray(y).dtype)])
        if isinstance(X, pd.DataFrame):
            return pd.concat([X, new_X], ignore_index=True), y
        return np.concatenate([X, new_X.to_numpy(dtype=X.dtype)]), y

    def fit_generator(self, X: pd.DataFrame, y) -> tuple[TabularARGN, int]:
        """Return the generator with this sampler's settings, fitted on a table, and the seed of what is drawn from it.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Features.
        y : array-like of shape (n_rows,)
            Labels.

        Raises
        ------
        GeneratorError
            A column holds infinite values, or the generator cannot learn from these rows: see `TabularARGN.fit`.
        """
        self._validate_params()
        refuse_infinite(X)
        random_state = check_random_state(self.random_state)
        fit_seed, draw_seed = (int(random_state.randint(2**31 - 1)) for _ in range(2))
        parameters = {field.name: getattr(self, field.name) for field in fields(Settings)}
        parameters["n_jobs"] = effective_n_jobs(self.n_jobs)
        if self.fast is None:
            parameters["fast"] = self.backend == "engine"
        learnt = np.arange(len(y))
        if self.max_rows is not None and self.max_rows < len(y):
            learnt = capped_positions(y, self.max_rows, fit_seed)
        X, y = X.iloc[learnt].reset_index(drop=True), np.asarray(y)[learnt]
        if self.value_protection:
            warn_of_rare_values(X, y)
        return TabularARGN(**parameters).fit(X, y, seed=fit_seed), draw_seed


def settings_of(sampler: TabularARGNSampler | None, random_state) -> TabularARGNSampler:
    """Return a sampler with the settings of another one, or with the defaults, for a classifier that needs the generator's probabilities.

    Raises
    ------
    SpecError
        Its backend gives no probabilities.
    """
    if sampler is not None and sampler.backend == "sdk":
        raise SpecError("the SDK gives no class probabilities; use a sampler with backend='engine'.")
    return clone(sampler or TabularARGNSampler()).set_params(random_state=random_state)
