"""The tables of the study: found by discovery in the folder `tables`, located, verified and read."""

import hashlib
import os
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd

from upsampling import paths
from upsampling.errors import DataError, check_choice
from upsampling.study import tables
from upsampling.study.registry import modules, usable
from upsampling.study.table import DataFile, Dataset, Table

DATA_VARIABLE = "UPSAMPLING_DATA"


DATASETS = {module.DATASET.name: module.DATASET for module in modules(tables)}


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
    online = [file for file in dataset.files if file.urls]
    if online:
        return _download(dataset, online[0])
    raise DataError(
        f"the data set '{dataset.name}' may not be passed on and has no stable address: {dataset.source} tells where it comes from. "
        f"Set {DATA_VARIABLE} to a folder that holds {_expected(dataset)}."
    )


def _verified(path: Path, file: DataFile) -> Path:
    with path.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    if checksum != file.sha256:
        raise DataError(
            f"{path} is not the file this study uses: its sha256 is {checksum}, expected {file.sha256}. "
            f"Remove it to have it downloaded again, or put the right file there."
        )
    return path


def _download(dataset: Dataset, file: DataFile) -> Path:
    import pooch

    target = paths.cache() / file.path
    problems = []
    for url in file.urls:
        try:
            path = pooch.retrieve(
                url,
                known_hash=f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(timeout=60),
            )
            return Path(path)
        except (OSError, ValueError) as error:
            problems.append(f"{url}: {error}")
    raise DataError(
        f"the data set '{dataset.name}' could not be downloaded to {target}:\n  "
        + "\n  ".join(problems)
        + f"\nCheck the network or proxy and the space on disk ({paths.CACHE_VARIABLE} names another place), or set "
        + f"{DATA_VARIABLE} to a folder that holds "
        + f"{_expected(dataset)}."
    )


def _expected(dataset: Dataset) -> str:
    return " or ".join(f"{known.path} (sha256 {known.sha256})" for known in dataset.files)


def read(dataset: Dataset, path: Path) -> Table:
    """Read a data file and hold it against the declared schema.

    Raises
    ------
    DataError
        Columns, number of rows, a role or the target's labels are not as declared.
    """
    codes = dict.fromkeys((*dataset.categorical, dataset.target), "str")
    frame = dataset.prepare(pd.read_csv(path, dtype=codes, keep_default_na=False, na_values=list(dataset.missing)))
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
    return Table(dataset.name, dataset.checksum, X, y, order=dataset.order)


@cache
def load(name: str) -> Table:
    """Return the verified table called `name`, from memory if it was read before."""
    dataset = usable(name, DATASETS, "data set")
    return read(dataset, locate(dataset))
