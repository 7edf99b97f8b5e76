"""A user's file as a frame, or a message that says what is wrong with the file and how to mend it."""

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from upsampling.errors import DataError
from upsampling.own.recipe import read_parquet

SEPARATORS = (",", ";", "\t", "|")
PROBED_ROWS = 200
# More than so many rows hold in any table that a report can show.
PROBED_CHARACTERS = 4_000_000
OPENML = "openml:"
# What files of other kinds begin with.
OTHER_KINDS = {
    b"PK\x03\x04": "an Excel or zip file: save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an Excel file: save the sheet as CSV",
    b"%PDF": "a PDF: export the table as CSV",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite": "a database: export the table as CSV",
    b"BZh": "packed with bzip2: unpack it",
    b"\xfd7zXZ": "packed with xz: unpack it",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}
# A column may well be named <script> or [0]: this much must follow.
_MARKUP = re.compile(r"<(\?xml|!doctype|html|head|body|table)\b|\{\s*[\"}]|\[\s*[\[{]", re.IGNORECASE)


def shown(value, length: int = 60) -> str:
    """Return a value of the user's on one line of printable characters, for messages."""
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return text if len(text) <= length else f"{text[: length - 1]}…"


@dataclass(frozen=True)
class TableFile:
    """A file that holds a table.

    Parameters
    ----------
    frame : DataFrame
        Its columns as texts.
    separator : str or None
        What separates the fields of a CSV; None for Parquet.
    notes : tuple of str
        What was left out.
    """

    frame: pd.DataFrame
    separator: str | None
    notes: tuple[str, ...]


def read_file(path: Path) -> TableFile:
    """Read a CSV (also gzipped) or Parquet file; what it holds decides how it is read, not its name.

    Raises
    ------
    DataError
        The file is not a table, or not a whole one.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}. Give a CSV, CSV.gz or Parquet file, or {OPENML}ID.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path} is truncated or damaged ({error}): copy or download it again.") from error
    if content.startswith(b"PAR1"):
        return _of_parquet(path, content)
    return _of_csv(path, content)


def _of_parquet(path: Path, content: bytes) -> TableFile:
    import pyarrow as pa

    try:
        frame = read_parquet(io.BytesIO(content))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read as Parquet ({error}): copy or download it again.") from error
    return TableFile(*_named(path, frame, None, [str(name) for name in frame]))


def _of_csv(path: Path, content: bytes) -> TableFile:
    text = _decode(path, content)
    try:
        separator, names = _layout(path, text)
    except csv.Error as error:
        raise DataError(f"{path} is not a table, or one with texts that are too long: {error}.") from error
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=str,
            keep_default_na=False,
            header=None,
            names=range(len(names)),
            index_col=False,
        ).iloc[1:]
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(
            f"{path} is truncated or not a table: {str(error).removeprefix('Error tokenizing data. ')}"
        ) from error
    return TableFile(*_named(path, frame.reset_index(drop=True), separator, names))


def _decode(path: Path, content: bytes) -> str:
    for start, kind in OTHER_KINDS.items():
        if content.startswith(start):
            raise DataError(f"{path} is {kind}. A CSV, CSV.gz or Parquet file is needed.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text: byte 0x{content[error.start]:02x} at position {error.start}. Save it as UTF-8, "
            f"or convert it, for example: iconv -f latin1 -t utf-8 {path.name} > utf8.csv"
        ) from error
    if "\x00" in text:
        raise DataError(f"{path} is not a text table: it holds null bytes. Save it as CSV in UTF-8.")
    if not text.strip():
        raise DataError(f"{path} is empty.")
    text = text.lstrip("\r\n")
    if _MARKUP.match(text.lstrip()):
        raise DataError(f"{path} is HTML, XML or JSON, not a table: export the table as CSV.")
    return text


def _layout(path: Path, text: str) -> tuple[str, list[str]]:
    """Return the separator and the names of the columns; raise if rows do not fit them."""
    separator = _separator(text)
    header = next(csv.reader(io.StringIO(text[:PROBED_CHARACTERS], newline=""), delimiter=separator))
    names = [name.strip() for name in header]
    if len(names) < 2:
        raise DataError(
            f"{path} has one column, '{shown(names[0])}': a table needs a target and features, in columns that commas, "
            f"semicolons, tabs or bars separate."
        )
    _refuse_uneven(path, text, separator, len(names))
    return separator, names


def _separator(text: str) -> str:
    """Return the separator that gives most columns among those that give all first rows equally many."""

    head = text[:PROBED_CHARACTERS]

    def width(separator: str) -> tuple[bool, int]:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        widths = [len(row) for row in islice(rows, PROBED_ROWS) if row]
        return len(set(widths)) == 1 and widths[0] > 1, widths[0]

    return max(SEPARATORS, key=width)


def _named(path: Path, frame: pd.DataFrame, separator: str | None, names: list[str]) -> tuple:
    """Return the columns that have a name, the separator, and a note on each that has none; raise if two have the same."""
    named = [name for name in names if name.strip()]
    if not named:
        raise DataError(f"{path} has no names of columns: put them into its first row.")
    twice = [name for name in named if named.count(name) > 1]
    if twice:
        raise DataError(f"{path} has two columns named '{shown(twice[0])}': rename or remove one of them.")
    unnamed = [position for position, name in enumerate(names, start=1) if not name.strip()]
    notes = (f"column {position} has no name and is left out; give it a name to use it" for position in unnamed)
    return frame.set_axis(names, axis=1)[named], separator, tuple(notes)


def _refuse_uneven(path: Path, text: str, separator: str, width: int) -> None:
    """Raise if the first rows have more fields than the header, or if the last row was cut off."""
    rows = csv.reader(io.StringIO(text[:PROBED_CHARACTERS], newline=""), delimiter=separator)
    for row in islice(rows, PROBED_ROWS):
        if len(row) > width:
            raise DataError(
                f"{path}, line {rows.line_num}: {len(row)} fields, but the header has {width} columns. Put values that "
                f"hold the separator '{separator}' in quotes."
            )
    last = text[max(text.rfind(end, 0, len(text) - 1) for end in "\r\n") + 1 :]
    fields = len(next(csv.reader([last], delimiter=separator), []))
    if not text.endswith(("\n", "\r")) and '"' not in last and 0 < fields < width:
        raise DataError(
            f"{path} is truncated: its last row has {fields} of {width} fields. Copy or download it again, or remove that row."
        )


def read_openml(identity: str) -> tuple[pd.DataFrame, str | None, str]:
    """Fetch a table from OpenML.

    Parameters
    ----------
    identity : str
        Number of the data set.

    Returns
    -------
    frame : DataFrame
        The table, target included.
    target : str or None
        The target that OpenML names.
    title : str
        Its name there.

    Raises
    ------
    DataError
        It is not a number, there is no such data set, or OpenML cannot be reached.
    """
    from urllib.error import URLError

    from sklearn.datasets import fetch_openml

    if not identity.isdecimal():
        raise DataError(f"an OpenML data set has a number, as in {OPENML}31, got '{OPENML}{shown(identity)}'.")
    try:
        bunch = fetch_openml(data_id=int(identity), as_frame=True, parser="auto")
    except (URLError, OSError, ValueError) as error:
        raise DataError(
            f"OpenML data set {identity} cannot be fetched: {error}. Check the number at openml.org and the network, or "
            f"download the table and give the file."
        ) from error
    targets = list(bunch.target_names or [])
    return bunch.frame, targets[0] if len(targets) == 1 else None, str(bunch.details.get("name", identity))
