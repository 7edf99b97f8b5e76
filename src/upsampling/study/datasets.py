"""The tables of the study: where they come from, what their columns mean, and how they are read."""

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd

from upsampling import paths
from upsampling.errors import DataError, check_choice

DATA_VARIABLE = "UPSAMPLING_DATA"


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
    numeric, categorical : tuple of str
        Feature columns by role. Codes of categories are categorical even if they are written as numbers.
    dropped : tuple of str
        Columns that are in the file and not used.
    n_rows, n_minority : int
        Rows of the file, and those of the minority class.
    licence, source, citation : str
        Terms, page and reference of the data.
    package : str
        Installed package that ships the file, if one does.
    prepare : callable
        Turns the file's frame into one with the declared columns.
    """

    name: str
    title: str
    files: tuple[DataFile, ...]
    target: str
    minority: str
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    n_rows: int
    n_minority: int
    licence: str
    source: str
    citation: str
    dropped: tuple[str, ...] = ()
    package: str | None = None
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = field(default=lambda frame: frame, repr=False)

    @property
    def checksum(self) -> str:
        """sha256 that identifies the data in every row of results."""
        return self.files[0].sha256

    @property
    def features(self) -> tuple[str, ...]:
        """Feature columns, numeric ones first."""
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
    generator_rows : int or None
        Most rows that a generator learns from; None for all.
    """

    name: str
    checksum: str
    X: pd.DataFrame
    y: pd.Series
    generator_rows: int | None = None

    def to_bytes(self) -> bytes:
        """Return the table as an Arrow file (Parquet loses categories that are not text), to travel with a task."""
        buffer = io.BytesIO()
        pd.concat([self.X, self.y], axis=1).reset_index(drop=True).to_feather(buffer, compression="zstd")
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, name: str, checksum: str, content: bytes, generator_rows: int | None = None) -> "Table":
        """Return the table that `to_bytes` wrote; its last column is the target."""
        frame = pd.read_feather(io.BytesIO(content))
        return cls(name, checksum, frame.iloc[:, :-1], frame.iloc[:, -1], generator_rows)


_DEMO_DATA = "https://github.com/mostly-ai/public-demo-data/raw/64020409bdc85b7a04a2e510be00f9f4cf47fd3d"
_INSURANCE_CSV = "3b60d1072851756367817fb155e6e755ffa79509daa806720719bc395dfbea7d"


def _fair(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(affair=(frame.pop("affairs") > 0).map({True: "yes", False: "no"}))


DATASETS = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="adult",
            title="Adult",
            files=(
                DataFile(
                    "adult/census.csv.gz",
                    "e894df34ea1348ec0b421403bf8f0c7f719da4578222cb733615d091c49dff62",
                    (f"{_DEMO_DATA}/census/census.csv.gz",),
                ),
            ),
            target="income",
            minority=">50K",
            numeric=("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"),
            categorical=(
                "workclass",
                "education",
                "marital_status",
                "occupation",
                "relationship",
                "race",
                "sex",
                "native_country",
            ),
            n_rows=48_842,
            n_minority=11_687,
            licence="CC BY 4.0",
            source="https://archive.ics.uci.edu/dataset/2/adult",
            citation="Becker and Kohavi (1996), doi:10.24432/C5XW20",
        ),
        Dataset(
            name="credit_card",
            title="Credit Card",
            files=(
                DataFile(
                    "credit_card/creditcard_default.csv.gz",
                    "06bde6e33db1ca1381f7e0e78d4bfbf387b8fa040641dee4c2f3457f68c68142",
                    (f"{_DEMO_DATA}/creditcard_default/creditcard_default.csv.gz",),
                ),
            ),
            target="has_default",
            minority="1",
            numeric=(
                "limit_bal",
                "age",
                *(f"pay_{month}" for month in (0, 2, 3, 4, 5, 6)),
                *(f"bill_amt{month}" for month in range(1, 7)),
                *(f"pay_amt{month}" for month in range(1, 7)),
            ),
            categorical=("sex", "education", "marriage"),
            n_rows=30_000,
            n_minority=6_636,
            licence="CC BY 4.0",
            source="https://archive.ics.uci.edu/dataset/350/default+of+credit+card+clients",
            citation="Yeh (2009), doi:10.24432/C55S3H",
        ),
        Dataset(
            name="insurance",
            title="Insurance",
            files=(
                DataFile(
                    "insurance/train.csv",
                    _INSURANCE_CSV,
                    (
                        "https://raw.githubusercontent.com/CrisMW/insurance_cross_sell/"
                        "d652292a50304b604eac683e7f1bdff3dc56b4cb/train.csv",
                        "https://raw.githubusercontent.com/caner34/Health-Insurance-Cross-Sell-Prediction/"
                        "fad00300c6c0cafa970205b5d35f8d5a475a2cbf/data/train.csv",
                    ),
                ),
                DataFile("insurance/train.csv.xz", "fff477dbb643ef13e8624ae80f47514cbfb842d6d735144e8c25000779e7e5f2"),
            ),
            target="Response",
            minority="1",
            numeric=("Age", "Annual_Premium", "Vintage"),
            categorical=(
                "Gender",
                "Driving_License",
                "Region_Code",
                "Previously_Insured",
                "Vehicle_Age",
                "Vehicle_Damage",
                "Policy_Sales_Channel",
            ),
            dropped=("id",),
            n_rows=381_109,
            n_minority=46_710,
            licence="unknown",
            source="https://www.kaggle.com/datasets/anmolkumar/health-insurance-cross-sell-prediction",
            citation="Kaggle, Health Insurance Cross Sell Prediction",
        ),
        Dataset(
            name="demo",
            title="Demo",
            files=(DataFile("fair.csv", "fd5f3f094a34fc35ca346a14c359e046ed27843038d6921efcd50a7ab21f6af0"),),
            package="statsmodels.datasets.fair",
            target="affair",
            minority="yes",
            numeric=("rate_marriage", "age", "yrs_married", "children", "religious", "educ"),
            categorical=("occupation", "occupation_husb"),
            n_rows=6_366,
            n_minority=2_053,
            licence="included in statsmodels with permission of the author",
            source="https://www.statsmodels.org/stable/datasets/generated/fair.html",
            citation="Fair (1978), doi:10.1086/260651",
            prepare=_fair,
        ),
    )
}


def get(name: str) -> Dataset:
    """Return the data set called `name`; raise SpecError, naming the nearest known one, if there is none."""
    return DATASETS[check_choice(name, DATASETS, "data set")]


def locate(dataset: Dataset) -> Path:
    """Return the path of a verified file of `dataset`, downloading it if need be.

    Looked at in this order: the package that ships it, the folder named by ``UPSAMPLING_DATA``, the download
    cache, the declared addresses.

    Raises
    ------
    DataError
        A file has another checksum than the declared one, or none can be had.
    """
    if dataset.package:
        file = dataset.files[0]
        with as_file(files(dataset.package) / file.path) as path:
            return _verified(path, file)
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        for file in dataset.files:
            path = Path(folder) / file.path
            if path.is_file():
                return _verified(path, file)
    return _download(dataset, next(file for file in dataset.files if file.urls))


def _verified(path: Path, file: DataFile) -> Path:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise DataError(
            f"{path} is not the file this study uses: its sha256 is {found}, expected {file.sha256}. "
            f"Remove it to have it downloaded again, or put the right file there."
        )
    return path


def _download(dataset: Dataset, file: DataFile) -> Path:
    import pooch

    target = paths.cache() / file.path
    problems = []
    for url in file.urls:
        try:
            found = pooch.retrieve(
                url,
                known_hash=f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(timeout=60),
            )
            return Path(found)
        except (OSError, ValueError) as error:
            problems.append(f"{url}: {error}")
    raise DataError(
        f"the data set '{dataset.name}' could not be downloaded to {target}:\n  "
        + "\n  ".join(problems)
        + f"\nCheck the network or proxy and the space on disk ({paths.CACHE_VARIABLE} names another place), or set "
        + f"{DATA_VARIABLE} to a folder that holds "
        + " or ".join(f"{known.path} (sha256 {known.sha256})" for known in dataset.files)
        + "."
    )


def read(dataset: Dataset, path: Path) -> Table:
    """Read a data file and hold it against the declared schema.

    Raises
    ------
    DataError
        Columns, number of rows, a role or the target's labels are not as declared.
    """
    codes = dict.fromkeys((*dataset.categorical, dataset.target), "str")
    frame = dataset.prepare(pd.read_csv(path, dtype=codes, keep_default_na=False, na_values=[""]))
    declared = {*dataset.features, *dataset.dropped, dataset.target}
    if set(frame) != declared:
        missing, extra = sorted(declared - set(frame)), sorted(set(frame) - declared)
        raise DataError(f"{path} has other columns than declared: missing {missing}, unexpected {extra}.")
    if len(frame) != dataset.n_rows:
        raise DataError(f"{path} has {len(frame)} rows, expected {dataset.n_rows}.")
    text = [name for name in dataset.numeric if not pd.api.types.is_numeric_dtype(frame[name])]
    if text:
        raise DataError(f"{path}: columns {text} are declared numeric but hold text.")
    labels = sorted(frame[dataset.target].dropna().unique())
    if len(labels) != 2 or dataset.minority not in labels or frame[dataset.target].isna().any():
        raise DataError(
            f"{path}: target '{dataset.target}' must hold two labels, one of them '{dataset.minority}'; found {labels}."
        )
    X = frame[list(dataset.features)].astype(dict.fromkeys(dataset.categorical, "category"))
    y = (frame[dataset.target] == dataset.minority).astype("int8").rename(dataset.target)
    if y.sum() != dataset.n_minority:
        raise DataError(f"{path} has {y.sum()} rows with '{dataset.minority}', expected {dataset.n_minority}.")
    return Table(dataset.name, dataset.checksum, X, y)


@cache
def load(name: str) -> Table:
    """Return the verified table called `name`, from memory if it was read before."""
    dataset = get(name)
    return read(dataset, locate(dataset))
