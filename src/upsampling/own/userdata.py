"""Tables of the user's own, under the same types as those of the study.

A table is read once, checked, and kept in a report's folder with its description. From there notebooks, store and runner
find it by its name, as they find the study's tables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from upsampling.errors import DataError, SpecError, check_choice
from upsampling.files import replace_file
from upsampling.own import roles
from upsampling.own.roles import CATEGORICAL, DROPPED, NUMERIC, Column
from upsampling.own.tablefile import OPENML, read_frame, read_openml, shown
from upsampling.study import datasets
from upsampling.study.datasets import DataFile, Dataset, Table
from upsampling.words import escape

DESCRIPTION, CONTENT = "table.yml", "table.feather"
# A fifth is held out to judge on, and SMOTE-NC and the generator need some to learn from.
MIN_MINORITY = 10
MAX_CLASSES = 20
MAX_FEATURES = 100
ALL_OTHERS = "*"
LISTS = ("numeric", "categorical", "drop")


@dataclass(frozen=True)
class Settings:
    """What a user says about a table.

    Parameters
    ----------
    target, positive : str or None
        Target column, and the label of the class of interest. None to take the one that the source names, and the rarer of
        two labels.
    numeric, categorical, drop : tuple of str
        Columns whose role is not to be guessed; ``"*"`` in `drop` leaves out every column not named in the other two.
    decimal : {".", ","}
        Decimal sign of numbers written as text.
    """

    target: str | None = None
    positive: str | None = None
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    decimal: str = "."

    def __post_init__(self):
        if self.decimal not in (".", ","):
            raise SpecError(f"the decimal sign is . or , got '{shown(self.decimal)}'.")
        named = [*self.numeric, *self.categorical, *self.drop]
        twice = [name for name in named if named.count(name) > 1]
        if twice:
            raise SpecError(f"column '{shown(twice[0])}' is given two roles.")

    @classmethod
    def from_file(cls, path: Path) -> "Settings":
        """Read settings from a YAML file; every value counts as text, so that ``yes`` and ``1`` are labels."""
        try:
            found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise SpecError(f"{path} cannot be read as YAML: {error}") from error
        if not isinstance(found, dict):
            raise SpecError(f"{path} must hold names and values, such as 'target: churn'.")
        for name, value in found.items():
            is_list = check_choice(name, cls.__dataclass_fields__, f"setting in {path}") in LISTS
            right = (
                isinstance(value, list) and all(isinstance(v, str) for v in value)
                if is_list
                else isinstance(value, str)
            )
            if not right:
                raise SpecError(f"{path}: '{name}' must be {'a list of column names' if is_list else 'one text'}.")
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})

    def over(self, other: "Settings") -> "Settings":
        """Return these settings, and those of `other` where these say nothing."""
        named = {*self.numeric, *self.categorical, *self.drop}
        lists = {
            name: getattr(self, name) + tuple(column for column in getattr(other, name) if column not in named)
            for name in LISTS
        }
        decimal = self.decimal if self.decimal != "." else other.decimal
        return Settings(self.target or other.target, self.positive or other.positive, **lists, decimal=decimal)

    def role(self, name: str) -> str | None:
        """Return the role that a column is given; None if it is to be guessed."""
        if name in self.numeric:
            return NUMERIC
        if name in self.categorical:
            return CATEGORICAL
        return DROPPED if name in self.drop or ALL_OTHERS in self.drop else None


@dataclass(frozen=True)
class Described:
    """A table, what it is, and how it was understood.

    Parameters
    ----------
    dataset : Dataset
        Its schema.
    table : Table
        Its rows.
    columns : DataFrame
        How each column was understood: `column`, `role`, `why`, `missing` (share of rows).
    notes : tuple of str
        What else a user should know.
    decimal : {".", ","}
        Decimal sign of numbers written as text.
    """

    dataset: Dataset
    table: Table
    columns: pd.DataFrame
    notes: tuple[str, ...] = ()
    decimal: str = "."

    @property
    def rows(self) -> tuple[pd.DataFrame, pd.Series]:
        """Features, and 1 for the class of interest."""
        return self.table.X, self.table.y

    def read_more(self, source: str | Path) -> pd.DataFrame:
        """Read the features of other rows, as this table's were read: rows that a model is to score.

        Parameters
        ----------
        source : str or Path
            A CSV, CSV.gz or Parquet file with the same columns; others are ignored.

        Returns
        -------
        DataFrame
            Its features. Categories that the table does not have count as missing.

        Raises
        ------
        DataError
            The file is not a table, lacks a column, or holds text or infinite values where the table has numbers.
        """
        frame, _ = read_frame(Path(source))
        lacking = [name for name in self.table.X if name not in frame]
        if lacking:
            raise DataError(f"{source} lacks columns of the table: {_listed(lacking)}.")
        return pd.DataFrame({name: self._like(known, frame[name]) for name, known in self.table.X.items()})

    def _like(self, known: pd.Series, column: pd.Series) -> pd.Series:
        if isinstance(known.dtype, pd.CategoricalDtype):
            labels = roles.as_labels(column)
            return labels.where(labels.isin(known.cat.categories)).astype(known.dtype)
        return roles.as_numbers(known.name, column, self.decimal)


def read(source: str, settings: Settings | None = None, *, generator_rows: int | None = None) -> Described:
    """Read a table, guess what its columns are, and refuse what cannot work.

    Parameters
    ----------
    source : str
        A CSV, CSV.gz or Parquet file, ``openml:ID``, or the name of a table of the study.
    settings : Settings, optional
        What the user says about it.
    generator_rows : int, optional
        Most rows that a generator learns from.

    Raises
    ------
    DataError
        The table cannot be used; the message names the value and the remedy.
    SpecError
        The settings contradict each other or the table.
    """
    settings = settings or Settings()
    if generator_rows is not None and generator_rows < MIN_MINORITY:
        raise SpecError(f"the generator needs {MIN_MINORITY} rows at least, got {generator_rows}.")
    if source in datasets.DATASETS and not Path(source).is_file():
        return _of_the_study(source, settings, generator_rows)
    notes: list[str] = []
    if source.startswith(OPENML):
        frame, target, title = read_openml(source.removeprefix(OPENML))
        settings, name = settings.over(Settings(target=target)), source
    else:
        path = Path(source)
        frame, notes = read_frame(path)
        title, name = path.name, re.sub(r"\.(csv|gz|parquet|pq|txt|tsv)\b", "", path.name)
    _refuse_unknown(frame, settings)
    y, minority, said = _target(frame, settings)
    columns = [
        roles.assign(name, column, settings.role(name), settings.decimal)
        for name, column in frame.items()
        if name != settings.target
    ]
    used = sorted((column for column in columns if column.role != DROPPED), key=lambda c: c.role != NUMERIC)
    _refuse_width(used, len(columns))
    X = pd.DataFrame({column.name: column.values for column in used})
    table = Table(_slug(name), _checksum(X, y, minority, generator_rows), X, y, generator_rows)
    dataset = Dataset(
        name=table.name,
        title=title,
        files=(DataFile(CONTENT, table.checksum),),
        target=settings.target,
        minority=minority,
        numeric=tuple(column.name for column in used if column.role == NUMERIC),
        categorical=tuple(column.name for column in used if column.role == CATEGORICAL),
        dropped=tuple(column.name for column in columns if column.role == DROPPED),
        n_rows=len(y),
        n_minority=int(y.sum()),
        licence="your own data",
        source="",
        citation="",
        reader=lambda: table,
    )
    understood = pd.DataFrame(
        {
            "column": [column.name for column in columns],
            "role": [column.role for column in columns],
            "why": [column.why for column in columns],
            "missing": [float(frame[column.name].isna().mean()) for column in columns],
        }
    )
    return Described(dataset, table, understood, tuple(notes + said), settings.decimal)


def _of_the_study(name: str, settings: Settings, generator_rows: int | None) -> Described:
    dataset = datasets.get(name)
    if settings.over(Settings(dataset.target, dataset.minority)) != Settings(dataset.target, dataset.minority):
        raise SpecError(
            f"'{name}' is a table of the study: its target is '{dataset.target}', its minority '{dataset.minority}', and its "
            f"columns have their roles. Leave these options out."
        )
    table = datasets.load(name)
    if generator_rows:
        # a name of its own, for the study's results are not those of this table
        table = replace(
            table,
            name=_slug(name),
            checksum=_checksum(table.X, table.y, dataset.minority, generator_rows),
            generator_rows=generator_rows,
        )
        dataset = replace(dataset, name=table.name, files=(DataFile(CONTENT, table.checksum),))
    columns = [(feature, NUMERIC) for feature in dataset.numeric] + [(f, CATEGORICAL) for f in dataset.categorical]
    understood = pd.DataFrame(columns, columns=["column", "role"]).assign(why="declared by the study")
    understood["missing"] = [float(table.X[name].isna().mean()) for name in understood["column"]]
    return Described(replace(dataset, reader=lambda: table), table, understood)


def _refuse_unknown(frame: pd.DataFrame, settings: Settings) -> None:
    if len(frame) < 2:
        raise DataError(f"the table has {len(frame)} rows below its header; that is nothing to learn from.")
    if settings.target is None:
        raise SpecError(f"say which column is the target: --target NAME, of {_listed(frame)}.")
    for name in (settings.target, *settings.numeric, *settings.categorical, *settings.drop):
        if name != ALL_OTHERS and name not in frame:
            check_choice(shown(name), [shown(column) for column in frame], "column")
    if settings.role(settings.target) and ALL_OTHERS not in settings.drop:
        raise SpecError(f"column '{shown(settings.target)}' is the target and cannot have another role.")


def _listed(names: Iterable, most: int = 12) -> str:
    names = [shown(name, 30) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _target(frame: pd.DataFrame, settings: Settings) -> tuple[pd.Series, str, list[str]]:
    """Return 1 for the class of interest, its label, and what is to be said about it."""
    name, column = settings.target, frame[settings.target]
    labels = roles.as_labels(column).str.strip()
    missing = int((labels.isna() | (labels == "")).sum())
    if missing:
        raise DataError(
            f"target '{shown(name)}' is missing in {missing} of {len(column)} rows: fill it in, or remove these rows."
        )
    counts = labels.value_counts()
    if len(counts) == 1:
        raise DataError(
            f"target '{shown(name)}' has one class only, '{shown(counts.index[0])}': there is nothing to tell apart."
        )
    if len(counts) > MAX_CLASSES:
        kind = "looks continuous" if pd.to_numeric(labels, errors="coerce").notna().all() else "has too many classes"
        raise DataError(
            f"target '{shown(name)}' {kind}: {len(counts):,} different values, first {_listed(counts.index, 3)}. Make it two "
            f"classes, for example above and below a limit, or choose another --target."
        )
    said = []
    if settings.positive is not None:
        label = _label(settings.positive, list(counts.index), name)
    elif len(counts) == 2:
        label = counts.index[-1]
    else:
        raise SpecError(
            f"target '{shown(name)}' has {len(counts)} classes, {_listed(counts.index)}: say which one is of interest with "
            f"--positive; the others are taken together."
        )
    if len(counts) > 2:
        said.append(f"the {len(counts) - 1} classes other than '{shown(label)}' are taken together")
    n = int(counts[label])
    if n < MIN_MINORITY:
        raise DataError(
            f"only {n} rows of '{shown(name)}' are '{shown(label)}': a fifth is held out to judge on, so {MIN_MINORITY} at least "
            f"are needed. Collect more, or take a commoner class with --positive."
        )
    if 2 * n == len(labels):
        raise DataError(
            f"target '{shown(name)}' is balanced: half of its rows are '{shown(label)}'. Nothing is to be filled up."
        )
    if 2 * n > len(labels):
        raise DataError(
            f"'{shown(label)}' is not a minority: {n} of {len(labels)} rows of target '{shown(name)}'. Choose a rarer class with "
            f"--positive."
        )
    return (labels == label).astype("int8").rename(name), label, said


def _label(wanted: str, labels: list[str], target: str) -> str:
    """Return the label that the user means, written in any way: ``1`` for ``1.0``, ``YES`` for ``yes``."""
    if wanted in labels:
        return wanted

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return np.nan

    alike = [label for label in labels if number(label) == number(wanted)]
    alike = alike or [label for label in labels if label.casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    return check_choice(shown(wanted), [shown(label) for label in labels], f"label of target '{shown(target)}'")


def _refuse_width(used: list[Column], n_columns: int) -> None:
    if not used:
        raise DataError(
            f"none of the {n_columns} columns beside the target can be used: every one is empty, constant, an identifier, free "
            f"text or a date. Choose roles with --numeric and --categorical."
        )
    if len(used) > MAX_FEATURES:
        raise DataError(
            f"{len(used)} usable columns are more than a report can show ({MAX_FEATURES}). Name those that matter with --numeric "
            f"and --categorical and leave out the rest with --drop '{ALL_OTHERS}'."
        )


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "table"
    return f"own_{slug}" if slug in datasets.DATASETS else slug


def _checksum(X: pd.DataFrame, y: pd.Series, minority: str, generator_rows: int | None) -> str:
    about = [minority, y.name, generator_rows, [(name, str(dtype)) for name, dtype in X.dtypes.items()]]
    levels = [list(X[name].cat.categories) for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
    checksum = sha256(repr([about, levels]).encode())
    for frame in (X, y.to_frame()):
        checksum.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return checksum.hexdigest()


def described_text(described: Described) -> str:
    """Return how the table was understood, as Markdown; names and labels are never markup."""
    dataset = described.dataset
    parts = [
        "## How your table was read",
        f"Target: {escape(dataset.target)}; the class of interest is {escape(dataset.minority)}, with {dataset.n_minority:,} of "
        f"{dataset.n_rows:,} rows. Another reading is one option away: `--numeric`, `--categorical`, `--drop`, or all of it in a "
        f"YAML file with `--roles`.",
        *(f"- {escape(note)}" for note in described.notes),
    ]
    return "\n\n".join(parts)


_KEPT = "name title target minority numeric categorical dropped n_rows n_minority licence source citation".split()


def save(described: Described, folder: Path) -> None:
    """Keep a table and its description in a folder."""
    dataset, table = described.dataset, described.table
    about = {name: getattr(dataset, name) for name in _KEPT}
    about = {name: list(value) if isinstance(value, tuple) else value for name, value in about.items()}
    about |= {
        "checksum": table.checksum,
        "generator_rows": table.generator_rows,
        "columns": described.columns.to_dict("records"),
        "notes": list(described.notes),
        "decimal": described.decimal,
    }
    text = yaml.safe_dump(about, allow_unicode=True, sort_keys=False)
    replace_file(folder / CONTENT, lambda path: path.write_bytes(table.to_bytes()))
    replace_file(folder / DESCRIPTION, lambda path: path.write_text(text, encoding="utf-8"))


def open_folder(folder: str | Path) -> Described:
    """Return the table that `save` kept, and let it be found by its name.

    Raises
    ------
    DataError
        The folder holds no table, or another one than its description says.
    """
    folder = Path(folder)
    try:
        about: Mapping = yaml.safe_load((folder / DESCRIPTION).read_text(encoding="utf-8"))
        checksum, generator_rows = about["checksum"], about["generator_rows"]
        table = Table.from_bytes(about["name"], checksum, (folder / CONTENT).read_bytes(), generator_rows)
        kept = {name: about[name] for name in _KEPT}
        columns, notes, decimal = pd.DataFrame(about["columns"]), tuple(about["notes"]), about.get("decimal", ".")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise DataError(
            f"{folder} holds no readable table of a report ({error}): make it again with `upsampling report`."
        ) from error
    if [*table.X] != [*kept["numeric"], *kept["categorical"]] or len(table.y) != kept["n_rows"]:
        raise DataError(f"{folder / CONTENT} is not the table of its description: make both with `upsampling report`.")
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    dataset = Dataset(**kept, files=(DataFile(CONTENT, checksum),), reader=lambda: table)
    datasets.register(dataset)
    return Described(dataset, table, columns, notes, decimal)
