"""TabularARGN behind one small interface: fit on a table, draw rows of a class, score rows.

The generator is the `mostlyai-engine` package [1]_. Columns travel under their positions and categories under
their codes, so no name or label of the caller's can collide with a reserved word of the engine.

References
----------
.. [1] Tiwald et al., "TabularARGN: A Flexible and Efficient Auto-Regressive Framework for Generating High-Fidelity
   Synthetic Data," arXiv 2501.12012, 2025.
"""

import io
import logging
import os
import random
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from upsampling.errors import GeneratorError
from upsampling.frames import is_number
from upsampling.generator.protection import LIMIT, MIN_VALUE_ROWS, rare_values, refuse_hidden_column
from upsampling.generator.settings import Settings

# Raised whenever a change alters what a fit with the same settings yields; fits kept from before are not used then.
GENERATOR_VERSION = 3
# The engine scales its batch size with the memory that happens to be free. A fixed figure makes results independent
# of it; 16 GiB gives the sizes of any machine with 8 to 32 GiB.
RAM_FOR_HEURISTICS = "16G"
# The engine needs training and validation rows; it silently skips training without them.
MIN_ROWS = 10
SCORING_ROWS = 10_000
TARGET = "target"
# Settings that a fit takes.
_TRAINING = (
    "model max_epochs early_stopping max_training_time batch_size gradient_accumulation_steps enable_flexible_generation "
    "value_protection fast device".split()
)
# The engine's random state, its settings and what stands in for parts of it belong to the whole process.
_ALONE = threading.RLock()


@contextmanager
def isolated(seed: int, n_threads: int, scratch: Path) -> Iterator[None]:
    """Run the engine without leaving a trace: random states, environment, threads, float mode, logs are put back.

    Threads take turns, so that each gets what it would get alone.

    Parameters
    ----------
    seed : int
        Seed of everything random within.
    n_threads : int
        Threads that torch may use.
    scratch : Path
        Folder for the copies that the `datasets` library makes of the training rows.
    """
    import datasets.config
    import torch

    from upsampling.generator import patches

    with _ALONE, torch.random.fork_rng():
        python_state, numpy_state, threads = random.getstate(), np.random.get_state(), torch.get_num_threads()
        environment = dict(os.environ)
        # the SDK sets up logging for the whole process
        log = logging.getLogger()
        handlers, level = log.handlers[:], log.level
        # training lets the processor round the smallest floats to zero, in all code that follows
        flushes = sys.float_info.min / 2 == 0
        cache, datasets.config.HF_DATASETS_CACHE = datasets.config.HF_DATASETS_CACHE, str(scratch)
        try:
            os.environ[patches.RAM_VARIABLE] = RAM_FOR_HEURISTICS
            # the SDK trains in a process of its own
            os.environ |= {"OMP_NUM_THREADS": str(n_threads), "MKL_NUM_THREADS": str(n_threads)}
            torch.set_num_threads(n_threads)
            patches.engine.set_random_state(seed)
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)
            torch.set_num_threads(threads)
            torch.set_flush_denormal(flushes)
            datasets.config.HF_DATASETS_CACHE = cache
            log.handlers[:] = handlers
            log.setLevel(level)
            for name in os.environ.keys() - environment.keys():
                del os.environ[name]
            os.environ.update(environment)


class Encoder:
    """Translate between the caller's frame and the engine's: positions for names, codes for categories.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Features. Numbers stay numbers; category, text and boolean columns become codes.
    classes : sequence
        Labels of the target.
    """

    def __init__(self, X: pd.DataFrame, classes):
        self.columns = list(X.columns)
        self.dtypes = [X.iloc[:, position].dtype for position in range(X.shape[1])]
        self.classes = list(classes)
        self.levels = {}
        for position, dtype in enumerate(self.dtypes):
            column = X.iloc[:, position]
            if _holds_dates(column):
                raise GeneratorError(
                    f"column '{self.columns[position]}' holds dates; turn it into numbers (for example days since a "
                    f"fixed date) or drop it before upsampling."
                )
            if isinstance(dtype, pd.CategoricalDtype):
                self.levels[position] = dtype.categories
            elif not is_number(column):
                self.levels[position] = pd.Index(pd.unique(column.dropna()))

    @property
    def names(self) -> list[str]:
        """What the engine calls the features, in the order of the caller's columns."""
        return [f"f{position}" for position in range(len(self.columns))]

    def names_in(self, order: Sequence) -> list[str]:
        """Return what the engine calls the features, in another order of the caller's columns."""
        if sorted(map(str, order)) != sorted(map(str, self.columns)):
            raise GeneratorError(f"an order names each column once; got {list(order)} for the columns {self.columns}.")
        return [self.names[self.columns.index(name)] for name in order]

    def encode(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return `X` under positions and codes; categories that were not seen become missing."""
        return pd.DataFrame(
            {
                name: _codes(X.iloc[:, position], self.levels[position])
                if position in self.levels
                else X.iloc[:, position].reset_index(drop=True)
                for position, name in enumerate(self.names)
            }
        )

    def encode_target(self, y) -> pd.Series:
        """Return labels as codes."""
        return _codes(pd.Series(y), pd.Index(self.classes))

    def decode(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return engine rows with the names, dtypes and categories of the caller.

        Raises
        ------
        GeneratorError
            A column does not fit the dtype it had in the training rows, or holds a category that did not occur there.
        """
        decoded = [self._decode_column(position, rows[name]) for position, name in enumerate(self.names)]
        frame = pd.concat(decoded, axis=1) if decoded else pd.DataFrame(index=rows.index)
        return frame.set_axis(self.columns, axis=1)

    def _decode_column(self, position: int, values: pd.Series) -> pd.Series:
        dtype, name = self.dtypes[position], self.columns[position]
        if position in self.levels:
            levels = self.levels[position]
            codes = pd.to_numeric(values, errors="coerce").fillna(-1).astype(int).to_numpy()
            if (codes[values.notna()] < 0).any():
                unknown = sorted(set(values[values.notna()][codes[values.notna()] < 0]))
                raise GeneratorError(
                    f"column '{name}' came back with the value {unknown[0]!s}, which stands for rare categories; "
                    f"use rare_category_replacement='sample' or value_protection=False."
                )
            if isinstance(dtype, pd.CategoricalDtype):
                return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype))
            return pd.Series(np.array([*levels, None], dtype=object)[codes]).astype(dtype)  # -1 is the last one: None
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        if pd.api.types.is_integer_dtype(dtype) and (
            np.isnan(numbers).any() and not pd.api.types.is_extension_array_dtype(dtype)
        ):
            raise GeneratorError(f"column '{name}' came back with missing values, but its dtype {dtype} has none.")
        if pd.api.types.is_integer_dtype(dtype):
            return pd.Series(pd.array(numbers, dtype="Float64")).round().astype(dtype)
        return pd.Series(numbers).astype(dtype)


def _holds_dates(column: pd.Series) -> bool:
    dates = {"date", "datetime", "datetime64", "time", "timedelta", "timedelta64", "period"}
    return pd.api.types.infer_dtype(column, skipna=True) in dates


def _codes(values: pd.Series, levels: pd.Index) -> pd.Series:
    codes = pd.Series(levels.get_indexer(values.astype(object)), dtype="int64")
    return codes.where(codes >= 0).astype("Int64").astype("string")


class EngineBackend:
    """The generator in process, through `mostlyai.engine`; its state is a folder (the engine's workspace)."""

    @staticmethod
    def fit(rows: pd.DataFrame, folder: Path, settings: dict, seed: int, analysed: Callable, report: Callable) -> Path:
        from upsampling.generator import patches

        protection = settings["value_protection"]
        encodings = {name: "TABULAR_CATEGORICAL" for name in rows if rows[name].dtype == "string"}
        training = {
            name: value
            for name, value in settings.items()
            if name not in ("value_protection", "fast", "early_stopping")
        }
        with ExitStack() as stack:
            stack.enter_context(patches.without_waste())
            if settings["fast"]:
                stack.enter_context(patches.fast_steps())
            if not settings["early_stopping"]:
                stack.enter_context(patches.every_pass())
            patches.engine.split(
                tgt_data=rows, tgt_encoding_types=encodings, model_type="TABULAR", workspace_dir=folder
            )
            patches.engine.analyze(value_protection=protection, workspace_dir=folder)
            analysed(folder)
            patches.engine.encode(workspace_dir=folder)
            patches.engine.train(**training, workspace_dir=folder, update_progress=report)
        if not patches.is_trained(folder):
            raise GeneratorError(f"the engine skipped training: {len(rows)} rows are too few for it.")
        return folder / patches.STATE

    @staticmethod
    def sample(folder: Path, seed_rows: pd.DataFrame, settings: dict, seed: int) -> pd.DataFrame:
        from upsampling.generator import patches

        patches.engine.generate(workspace_dir=folder, seed_data=seed_rows, **settings)
        return patches.drawn_rows(folder)

    @staticmethod
    def predict_proba(folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
        from upsampling.generator import patches

        model = patches.trained_model(folder)
        parts = [
            model.predict_proba(rows.iloc[start : start + SCORING_ROWS], target=TARGET)
            for start in range(0, len(rows), SCORING_ROWS)
        ]
        return pd.concat(parts, ignore_index=True)


class SdkBackend:
    """The generator through the Synthetic Data SDK in local mode, the way its vendor publishes it."""

    @staticmethod
    def fit(rows: pd.DataFrame, folder: Path, settings: dict, seed: int, analysed: Callable, report: Callable) -> Path:
        from upsampling.generator import patches

        model = {
            name: value for name, value in settings.items() if name not in ("device", "model", "fast", "early_stopping")
        }
        table = {
            "name": "rows",
            "data": rows,
            "tabular_model_configuration": {
                **model,
                "model": settings["model"],
                "rare_category_replacement_method": "SAMPLE",
                "enable_model_report": False,
            },
            "columns": [
                {
                    "name": name,
                    "model_encoding_type": "TABULAR_CATEGORICAL"
                    if rows[name].dtype == "string"
                    else "TABULAR_NUMERIC_AUTO",
                }
                for name in rows
            ],
        }
        config = {"name": "upsampling", "random_state": seed, "tables": [table]}
        with patches.local_sdk(folder) as client:
            client.train(config=config, start=True, wait=True, progress_bar=False)
        analysed(folder)
        return folder

    @staticmethod
    def sample(folder: Path, seed_rows: pd.DataFrame, settings: dict, seed: int) -> pd.DataFrame:
        from upsampling.generator import patches

        table = {"name": "rows", "configuration": {"sample_seed_data": seed_rows, "enable_data_report": False}}
        for name in ("sampling_temperature", "sampling_top_p"):
            table["configuration"][name] = settings[name]
        config = {"random_state": seed, "tables": [table]}
        with patches.local_sdk(folder) as client:
            (generator,) = client.generators.list()
            dataset = client.generate(generator, config=config, start=True, wait=True, progress_bar=False)
            return dataset.data(return_type="dict")["rows"].reset_index(drop=True)

    @staticmethod
    def predict_proba(folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
        raise GeneratorError("the SDK gives no class probabilities; use backend='engine'.")


BACKENDS = {"engine": EngineBackend, "sdk": SdkBackend}


def _check_device(name: str) -> None:
    if name == "cpu":
        return
    import torch

    try:
        torch.empty(1, device=name)
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise GeneratorError(f"torch cannot use the device '{name}' here: {reason}. Use device='cpu'.") from error


def _check_sdk() -> None:
    if find_spec("mostlyai.sdk") is None:
        raise GeneratorError(
            "the Synthetic Data SDK is not installed; pip install 'upsampling[sdk]', or use backend='engine'."
        )


class TabularARGN:
    """A generator of mixed-type rows, conditional on the class.

    Parameters
    ----------
    **settings
        Fields of `Settings`.

    Raises
    ------
    GeneratorError
        The SDK knows no such settings.
    """

    # fits that were kept before there was such a parameter have none of their own
    verbose = Settings.verbose

    def __init__(self, **settings):
        chosen = Settings(**settings)
        fixed = {"rare_category_replacement": "sample", "device": "cpu", "fast": False, "early_stopping": True}
        for name, value in fixed.items() if chosen.backend == "sdk" else ():
            if getattr(chosen, name) != value:
                raise GeneratorError(
                    f"the SDK backend takes {name}={value!r} only, got {getattr(chosen, name)!r}; use backend='engine'."
                )
        self.backend = BACKENDS[chosen.backend]
        self.n_jobs = chosen.n_jobs
        self.device = chosen.device
        self.verbose = chosen.verbose
        self.training = {name: getattr(chosen, name) for name in _TRAINING}
        self.drawing = {
            "rare_category_replacement_method": chosen.rare_category_replacement.upper(),
            "sampling_temperature": chosen.sampling_temperature,
            "sampling_top_p": chosen.sampling_top_p,
            "device": chosen.device,
        }

    def fit(self, X: pd.DataFrame, y, seed: int) -> "TabularARGN":
        """Train on all rows, the target being one more column.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Features.
        y : array-like of shape (n_rows,)
            Class labels.
        seed : int
            Decides the engine's validation part, initial weights and batches.

        Raises
        ------
        GeneratorError
            Too few rows to learn from, columns that the generator does not take, a class with so few rows that value
            protection hides it, a device that is not there, or no SDK where it is asked for.
        """
        if self.backend is SdkBackend:
            _check_sdk()
        _check_device(self.device)
        if len(X) < MIN_ROWS:
            raise GeneratorError(f"{len(X)} rows are too few for a generator; it needs {MIN_ROWS} at least.")
        labels, counts = np.unique(y, return_counts=True)
        if self.training["value_protection"] and counts.min() < MIN_VALUE_ROWS:
            raise self._hidden(labels[counts.argmin()], f" ({counts.min()} rows)")
        self.encoder_ = Encoder(X, labels)
        if self.training["value_protection"]:
            for column in rare_values(X, y).itertuples():
                if column.n_rare == column.n_values:
                    raise refuse_hidden_column(column.column)
        rows = self.encoder_.encode(X).assign(**{TARGET: self.encoder_.encode_target(y)})
        with tempfile.TemporaryDirectory(prefix="upsampling-") as scratch:
            folder = Path(scratch) / "workspace"
            folder.mkdir()
            with isolated(seed, self.n_jobs, Path(scratch) / "datasets"):
                self._say(f"training on {len(X):,} rows and {X.shape[1]} columns")
                trained = self.backend.fit(rows, folder, self.training, seed, self._check_hidden, self._progress)
                self._say("trained")
            self.state_ = _pack(trained, folder)
        return self

    def _check_hidden(self, folder: Path) -> None:
        """Say which columns lose values, and raise if a column loses all of them, or the target a class.

        Rows drawn for a class that became a rare category come back under its label all the same.
        """
        from upsampling.generator import patches

        columns = patches.categories(folder)
        drawn, _ = columns[TARGET]
        hidden = [label for code, label in enumerate(self.encoder_.classes) if str(code) not in drawn]
        if hidden:
            raise self._hidden(hidden[0])
        for position in self.encoder_.levels:
            name, (drawn, n_hidden) = self.encoder_.columns[position], columns[self.encoder_.names[position]]
            if n_hidden and not drawn:
                raise refuse_hidden_column(name)
            if n_hidden:
                self._say(
                    f"value protection hides {n_hidden} of {n_hidden + len(drawn)} values of '{name!s}': too few rows have them"
                )

    @staticmethod
    def _hidden(label, rows: str = "") -> GeneratorError:
        return GeneratorError(
            f"the generator does not know the class {label!s}{rows}: it has fewer rows than the limit of value protection ({LIMIT}) and is "
            f"hidden; use value_protection=False."
        )

    def _say(self, text: str) -> None:
        if self.verbose:
            print(f"[TabularARGN] {text}", flush=True)

    def _progress(self, message: dict | None = None, **counts) -> None:
        """Print what the engine reports of a pass over the rows, if asked for."""
        if self.verbose > 1 and message and message.get("epoch") is not None:
            self._say(f"epoch {message['epoch']:g}: validation loss {message.get('val_loss') or float('nan'):.4f}")

    def sample(self, counts: dict, seed: int, *, order: Sequence | None = None) -> tuple[pd.DataFrame, pd.Series]:
        """Draw rows of given classes, column by column after the class.

        Parameters
        ----------
        counts : dict
            Rows to draw, by class label.
        seed : int
            Decides the rows drawn.
        order : sequence of column names, optional
            Order in which the columns are drawn. Default: that of the rows that were learnt from, as the Synthetic Data SDK does.

        Returns
        -------
        X : DataFrame of shape (sum(counts), n_features)
            Rows with the names, dtypes and categories of the training rows.
        y : Series of shape (sum(counts),)
            Their labels, in the order of `counts`.

        Raises
        ------
        GeneratorError
            What came back has other labels or another number of rows than asked for, or `order` names other columns.
        """
        from upsampling.generator import patches

        names = self.encoder_.names if order is None else self.encoder_.names_in(order)
        labels = pd.Series([label for label, count in counts.items() for _ in range(count)])
        self._say(f"drawing {len(labels):,} rows")
        seed_rows = pd.DataFrame({TARGET: self.encoder_.encode_target(labels)})
        with self._workspace(seed) as folder, patches.drawing_in_order(names):
            drawn = self.backend.sample(folder, seed_rows, self.drawing, seed)
        if len(drawn) != len(labels) or not (drawn[TARGET].astype("string").to_numpy() == seed_rows[TARGET]).all():
            raise GeneratorError(
                f"asked for {counts}, got {len(drawn)} rows with labels {drawn[TARGET].value_counts().to_dict()}."
            )
        return self.encoder_.decode(drawn), labels

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return the generator's own class probabilities given the features.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Rows to score. Categories that the training rows did not hold count as missing.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            Columns in the order of the sorted labels, each row adding up to 1.
        """
        with self._workspace(0) as folder:
            probabilities = self.backend.predict_proba(folder, self.encoder_.encode(X))
        names = [str(code) for code in range(len(self.encoder_.classes))]
        values = probabilities[names].to_numpy(dtype=float)
        return values / values.sum(axis=1, keepdims=True)

    @contextmanager
    def _workspace(self, seed: int) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="upsampling-") as scratch:
            folder = Path(scratch) / "workspace"
            with zipfile.ZipFile(io.BytesIO(self.state_)) as archive:
                archive.extractall(folder)
            with isolated(seed, self.n_jobs, Path(scratch) / "datasets"):
                yield folder


def _pack(folder: Path, root: Path) -> bytes:
    """Return the files below `folder` that drawing and scoring need as a zip archive with paths relative to `root`."""
    from upsampling.generator import patches

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in patches.FOR_TRAINING:
                archive.write(path, path.relative_to(root))
    return buffer.getvalue()
