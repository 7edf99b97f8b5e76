"""Where things are. No other module names a place of its own."""

import os
from pathlib import Path

from upsampling.errors import SpecError

RESULTS_VARIABLE = "UPSAMPLING_RESULTS"
CACHE_VARIABLE = "UPSAMPLING_CACHE"

# The repository around this file. A wheel has none: there the working directory counts, which may be a clone.
_SOURCES = Path(__file__).resolve().parents[2]
ROOT = _SOURCES if (_SOURCES / "pyproject.toml").is_file() else Path.cwd()
NOTEBOOKS = ROOT / "notebooks"
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
SITE = BUILD / "html"


def anchor() -> None:
    """Make every folder that a variable names absolute, so that a process which starts elsewhere finds the same one."""
    for name, value in os.environ.items():
        if name.startswith("UPSAMPLING_") and value:
            os.environ[name] = os.path.abspath(value)


def repository() -> Path:
    """Return the repository's folder.

    Raises
    ------
    SpecError
        The package was installed from a wheel, and the working directory is no clone of the repository.
    """
    if not (ROOT / "notebooks" / "dataset.py").is_file():
        raise SpecError(
            f"this command works in the repository of the study, for it needs its notebooks or results, and {ROOT} is none; clone the "
            "repository and run the command there."
        )
    return ROOT


def results() -> Path:
    """Return the results folder: `UPSAMPLING_RESULTS`, or ``results`` in the repository."""
    named = os.environ.get(RESULTS_VARIABLE)
    if named:
        return Path(named)
    try:
        return repository() / "results"
    except SpecError as error:
        raise SpecError(f"{error} Or name a folder of results with {RESULTS_VARIABLE}.") from None


def cache() -> Path:
    """Return the folder of things that can be made again: `UPSAMPLING_CACHE`, or the user's cache folder."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("upsampling"))
