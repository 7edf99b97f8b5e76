"""A user's table as features and a target, with what each column was taken for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from upsampling.errors import DataError, SpecError, check_choice
from upsampling.frames import capped_positions
from upsampling.own import roles
from upsampling.own.recipe import FALSE, MISSING, TRUE, booleans_of, features_of, texts_of
from upsampling.own.roles import CATEGORY, DATE, DROPPED, NUMBER, Column
from upsampling.own.tablefile import OPENML, read_file, read_openml, shown
from upsampling.study import datasets
from upsampling.words import named

DEMO = "demo"
# Positive rows of the demo, which has many more.
DEMO_POSITIVES = 120
# Two in each of five folds.
MIN_POSITIVES = 10
MAX_CLASSES = 20
# More rows hardly change which method is best, and cost time.
MAX_ROWS = 20_000
# So many rows tell what a column is.
PROBED_ROWS = 100_000
ALL_OTHERS = "*"


@dataclass(frozen=True)
class Settings:
    """What a user says about a table.

    Parameters
    ----------
    target, positive : str or None
        Target column, and the label of the class of interest. None to take the one that the source names, and the rarer of
        two labels.
    numeric, categorical, drop : tuple of str
        Columns whose kind is not to be guessed; ``"*"`` in `drop` leaves out every column not named in the other two.
    decimal : {".", ","} or None
        Decimal sign; None to guess it.
    max_rows : int
        Most rows that methods are compared on.
    """

    target: str | None = None
    positive: str | None = None
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    decimal: str | None = None
    max_rows: int = MAX_ROWS

    def __post_init__(self):
        if self.decimal not in (None, ".", ","):
            raise SpecError(f"the decimal sign is . or , got '{shown(self.decimal)}'.")
        named_columns = [*self.numeric, *self.categorical, *self.drop]
        twice = [name for name in named_columns if named_columns.count(name) > 1]
        if twice:
            raise SpecError(f"column '{shown(twice[0])}' is given two roles.")
        if self.max_rows < 100:
            raise SpecError(f"methods are compared on 100 rows at least, got --max-rows {self.max_rows}.")

    def with_default_target(self, target: str | None) -> "Settings":
        """Return these settings with another target where they have none."""
        return replace(self, target=self.target or target)

    def kind(self, name: str) -> str | None:
        """Return the kind that a column is given; None if it is to be guessed."""
        if name in self.numeric:
            return NUMBER
        if name in self.categorical:
            return CATEGORY
        return DROPPED if name in self.drop or ALL_OTHERS in self.drop else None


@dataclass(frozen=True)
class UserTable:
    """A table, and how it was understood.

    Parameters
    ----------
    path : Path
        The file.
    separator : str or None
        What separates its fields; None for Parquet.
    target, positive : str
        Target column, and the label of the class of interest as the file has it most often.
    spellings : tuple of str
        All its spellings, in small letters.
    columns : list of Column
        What each column but the target was taken for.
    missing : DataFrame
        Share of missing values by column, among `positive` rows and the `others`.
    X : DataFrame
        Features of the rows that methods are compared on.
    y : ndarray
        1 for the class of interest.
    weight : ndarray
        How many rows of the file each row stands for.
    n_rows, n_positive : int
        Rows of the file that have a label, and those of the class of interest.
    notes : tuple of str
        What else a user should know.
    """

    path: Path
    separator: str | None
    target: str
    positive: str
    spellings: tuple[str, ...]
    columns: list[Column]
    missing: pd.DataFrame
    X: pd.DataFrame
    y: np.ndarray
    weight: np.ndarray
    n_rows: int
    n_positive: int
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> dict[str, tuple]:
        """How each feature is read, as `recipe.features_of` takes it."""
        return {column.name: (column.kind, *column.how) for column in self.columns if column.kind != DROPPED}

    @property
    def prevalence(self) -> float:
        """Share of the class of interest in the file."""
        return self.n_positive / self.n_rows

    def lines(self) -> list[str]:
        """Return how the table was understood, in lines of plain text."""
        kinds = pd.Series([column.kind for column in self.columns]).value_counts()
        counted = named([f"{kinds[kind]} {kind}" for kind in (NUMBER, CATEGORY, roles.BOOLEAN, DATE) if kind in kinds])
        share = f"{100 * self.prevalence:.2g} %"
        return [
            f"{shown(self.path.name)}: {self.n_rows:,} rows, {self.n_positive:,} of them ({share}) with {shown(self.target)} = "
            f"{shown(self.positive)}; columns: {counted}.",
            *(
                f"  left out: {shown(c.name)}: {c.why}"
                for c in self.columns
                if c.kind == DROPPED and c.why != "asked for"
            ),
            *(f"  note: {note}" for note in self.notes),
        ]


def fetch(source: str, folder: Path) -> tuple[Path, str | None]:
    """Return the file that a source stands for, and the target that it names; what is no file is written into `folder`."""
    if source == DEMO and not Path(source).is_file():
        table = datasets.load(DEMO)
        frame = table.X.assign(affair=table.y.map({1: "yes", 0: "no"}))
        kept = (table.y == 0) | (np.arange(len(table.y)) % (table.y.sum() // DEMO_POSITIVES) == 0)
        return _written(frame[kept], folder / "demo.csv"), "affair"
    if source.startswith(OPENML):
        frame, target, _ = read_openml(source.removeprefix(OPENML))
        return _written(frame, folder / f"openml-{source.removeprefix(OPENML)}.csv"), target
    return Path(source), None


def _written(frame: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path


def read(path: Path, settings: Settings) -> UserTable:
    """Read a table, guess what its columns are, and refuse what cannot work.

    Raises
    ------
    DataError
        The table cannot be used; the message names the value and the remedy.
    SpecError
        The settings contradict the table.
    """
    file = read_file(path)
    frame = file.frame
    _refuse_unknown(frame, settings)
    frame, y, label, spellings, notes = _labelled(frame, settings)
    probe = np.arange(len(y)) if len(y) <= PROBED_ROWS else capped_positions(y, PROBED_ROWS, 0)
    raw = frame.iloc[probe].drop(columns=settings.target)
    texts = pd.DataFrame({name: texts_of(column) for name, column in raw.items()})
    guessed = roles.decimal_signs(texts, file.separator)
    columns = [
        roles.decide(name, column, settings.kind(name), settings.decimal or guessed[name], len(y))
        for name, column in texts.items()
    ]
    used = {column.name: (column.kind, *column.how) for column in columns if column.kind != DROPPED}
    if not used:
        raise DataError(
            f"none of the {len(columns)} columns beside the target can be used: every one is empty, constant, an identifier or "
            f"free text. Choose some with --numeric and --categorical."
        )
    kept = np.arange(len(y)) if len(y) <= settings.max_rows else capped_positions(y, settings.max_rows, 0)
    weight = (np.bincount(y) / np.bincount(y[kept]))[y[kept]]
    if len(kept) < len(y):
        notes.append(
            f"methods are compared on {len(kept):,} rows drawn at random, {int(y[kept].sum()):,} of them positive, and numbers are "
            f"those of all {len(y):,} rows; --max-rows changes that"
        )
    return UserTable(
        path=path,
        separator=file.separator,
        target=settings.target,
        positive=label,
        spellings=spellings,
        columns=columns,
        missing=texts.isna().groupby(y[probe]).mean().T.rename(columns={1: "positive", 0: "others"}),
        X=features_of(frame.iloc[kept], used).reset_index(drop=True),
        y=y[kept],
        weight=weight,
        n_rows=len(y),
        n_positive=int(y.sum()),
        notes=(*file.notes, *notes, *_reading_notes(raw, columns)),
    )


def _reading_notes(raw: pd.DataFrame, columns: list[Column]) -> list[str]:
    """Return notes on values that were not read as they stand."""
    notes = [f"{shown(column.name)}: {column.note}" for column in columns if column.note]
    marks = {
        c.name: set(raw[c.name].str.strip().str.lower()) & {*MISSING[1:], *roles.NO_NUMBER}
        for c in columns
        if c.kind == NUMBER
    }
    numbers = [shown(name) for name, found in marks.items() if found]
    if numbers:
        found = sorted(set().union(*marks.values()))
        notes.append(
            f"{_listed(found)} {'counts' if len(found) == 1 else 'count'} as missing; read as numbers for that: {_listed(numbers)}"
        )
    commas = [
        shown(c.name) for c in columns if c.kind == NUMBER and c.how == (",",) and raw[c.name].str.contains(",").any()
    ]
    if commas:
        notes.append(f"a comma is the decimal sign in {_listed(commas)}; if not, say --decimal .")
    dates = [shown(c.name) for c in columns if c.kind == DATE]
    if dates:
        notes.append(
            f"dates are read as days since 1970: {_listed(dates)}; leave out with --drop what is known only after the event"
        )
    return notes


def _refuse_unknown(frame: pd.DataFrame, settings: Settings) -> None:
    if len(frame) < 2:
        raise DataError(f"the table has {len(frame)} rows below its header; that is nothing to learn from.")
    if settings.target is None:
        raise SpecError(f"say which column is the target: --target NAME, of {_listed(frame)}.")
    for name in (settings.target, *settings.numeric, *settings.categorical, *settings.drop):
        if name != ALL_OTHERS and name not in frame:
            check_choice(shown(name), [shown(column) for column in frame], "column")
    if settings.kind(settings.target) and ALL_OTHERS not in settings.drop:
        raise SpecError(f"column '{shown(settings.target)}' is the target and cannot have another role.")


def _listed(names: Iterable, most: int = 12) -> str:
    names = [shown(name, 30) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _labelled(
    frame: pd.DataFrame, settings: Settings
) -> tuple[pd.DataFrame, np.ndarray, str, tuple[str, ...], list[str]]:
    """Return the rows that have a label, 1 for the class of interest, its label and spellings, and what is to be said about it."""
    name, notes = settings.target, []
    labels = texts_of(frame[name])
    if labels.isna().any():
        notes.append(f"{int(labels.isna().sum()):,} rows without a value of the target {shown(name)} are left out")
        frame, labels = frame[labels.notna()], labels.dropna()
    keys = _keys(labels)
    counts = keys.value_counts()
    titles = labels.groupby(keys).agg(lambda part: part.value_counts().index[0])
    listed = [titles[key] for key in counts.index]
    if len(counts) < 2:
        raise DataError(
            f"target '{shown(name)}' has one class only, '{shown(', '.join(listed))}': there is nothing to tell apart."
        )
    if len(counts) > MAX_CLASSES:
        kind = "looks continuous" if pd.to_numeric(labels, errors="coerce").notna().all() else "has too many classes"
        raise DataError(
            f"target '{shown(name)}' {kind}: {len(counts):,} different values, first {_listed(listed, 3)}. Make it two "
            f"classes, for example above and below a limit, or choose another --target."
        )
    if settings.positive is not None:
        key = _keys(pd.concat([labels, pd.Series([settings.positive.strip()], dtype="str")])).iloc[-1]
        if key not in counts:
            check_choice(
                shown(settings.positive), [shown(label) for label in listed], f"label of target '{shown(name)}'"
            )
    elif len(counts) == 2:
        key = counts.index[-1]
    else:
        raise SpecError(
            f"target '{shown(name)}' has {len(counts)} classes, {_listed(listed)}: say which one is of interest with "
            f"--positive; the others are taken together."
        )
    if len(counts) > 2:
        notes.append(f"the {len(counts) - 1} classes other than '{shown(titles[key])}' are taken together")
    _refuse_count(int(counts[key]), len(labels), name, titles[key])
    positive = (keys == key).to_numpy()
    spellings = tuple(sorted(labels[positive].str.lower().unique()))
    return frame, positive.astype(int), titles[key], spellings, notes


def _keys(labels: pd.Series) -> pd.Series:
    """Return one key for all spellings of a label: of yes and no, of one number, or in small and capital letters."""
    lower = labels.str.lower()
    if lower.isin((*TRUE, *FALSE)).all():
        return booleans_of(labels)
    numbers = pd.to_numeric(lower, errors="coerce")
    return lower if numbers.isna().any() else numbers.map("{:g}".format).astype("str")


def _refuse_count(n: int, n_rows: int, name: str, label: str) -> None:
    if n < MIN_POSITIVES:
        raise DataError(
            f"only {n} rows of '{shown(name)}' are '{shown(label)}': in five parts there must be two each, so {MIN_POSITIVES} at least "
            f"are needed. Collect more, or take a commoner class with --positive."
        )
    if 2 * n == n_rows:
        raise DataError(
            f"target '{shown(name)}' is balanced: half of its rows are '{shown(label)}'. Nothing is to be filled up."
        )
    if 2 * n > n_rows:
        raise DataError(
            f"'{shown(label)}' is not a minority: {n} of {n_rows} rows of target '{shown(name)}'. Choose a rarer class with "
            f"--positive."
        )
