"""What a data set declares of itself, and the table that is read from it."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class DataFile:
    """One published form of a data set.

    Parameters
    ----------
    path : str
        Place below the folder that ``UPSAMPLING_DATA`` names, and below the download cache.
    sha256 : str
        Checksum of the file.
    urls : tuple of str
        Where it can be downloaded, tried in this order; empty if it cannot.
    """

    path: str
    sha256: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A table with a declared schema.

    Parameters
    ----------
    name, title : str
        Short name used everywhere, and the name a reader knows.
    files : tuple of DataFile
        Published forms with the same content; the first is the one whose checksum stands in the results.
    target, minority : str
        Target column and the label of the minority class, as written in the file.
    columns : str
        Features in the order of the published file, in which a generator draws them, with commas between; a star after a name marks a
        category. Codes of categories are categories even if they are written as numbers.
    dropped : tuple of str
        Columns that are in the file and not used.
    missing : tuple of str
        What stands for a missing value in the file.
    twins : bool
        Whether so many rows have equal features that a random split rewards memory: then equal rows stay on one side.
    published : bool
        Whether its rows of results are published.
    n_rows, n_minority : int
        Rows of the file, and those of the minority class.
    licence, source, citation : str
        Terms, page and reference of the data.
    package : str
        Installed package that ships the file, if one does.
    prepare : callable
        Turns the file's frame into one with the declared columns.
    skip : str
        Why it cannot be used here; empty if it can.
    """

    name: str
    title: str
    files: tuple[DataFile, ...]
    target: str
    minority: str
    columns: str
    n_rows: int
    n_minority: int
    licence: str
    source: str
    citation: str
    dropped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ("",)
    twins: bool = False
    published: bool = True
    package: str | None = None
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = field(default=lambda frame: frame, repr=False)
    skip: str = ""

    @property
    def checksum(self) -> str:
        """sha256 that identifies the data in every row of results."""
        return self.files[0].sha256

    @property
    def order(self) -> tuple[str, ...]:
        """Features in the order of the published file."""
        return tuple(name.removesuffix("*") for name in self.columns.split(", "))

    @property
    def categorical(self) -> tuple[str, ...]:
        """Features that are categories."""
        return tuple(name[:-1] for name in self.columns.split(", ") if name.endswith("*"))

    @property
    def numeric(self) -> tuple[str, ...]:
        """Features that are numbers."""
        return tuple(name for name in self.columns.split(", ") if not name.endswith("*"))

    @property
    def features(self) -> tuple[str, ...]:
        """Features as a table holds them, numbers first."""
        return self.numeric + self.categorical


@dataclass(frozen=True)
class Table:
    """Features and target of a data set, ready for the protocol.

    Parameters
    ----------
    name, checksum : str
        Which data these are.
    X : DataFrame of shape (n_rows, n_features)
        Numeric columns keep the file's dtype; categorical ones have dtype ``category`` with every level of the table.
    y : Series of shape (n_rows,)
        1 for the minority class, else 0.
    order : tuple of str
        Features in the order of the published file, in which a generator draws them; empty for that of `X`.
    """

    name: str
    checksum: str
    X: pd.DataFrame
    y: pd.Series
    order: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the table as an Arrow file (Parquet loses categories that are not text), to travel with a task."""
        buffer = io.BytesIO()
        pd.concat([self.X, self.y], axis=1).reset_index(drop=True).to_feather(buffer, compression="zstd")
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, name: str, checksum: str, content: bytes, order: tuple[str, ...] = ()) -> "Table":
        """Return the table that `to_bytes` wrote; its last column is the target."""
        frame = pd.read_feather(io.BytesIO(content))
        return cls(name, checksum, frame.iloc[:, :-1], frame.iloc[:, -1], order)
