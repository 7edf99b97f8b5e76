"""Where things are. No other module names a place of its own."""

import os
from pathlib import Path

RESULTS_VARIABLE = "UPSAMPLING_RESULTS"
CACHE_VARIABLE = "UPSAMPLING_CACHE"

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
SITE = BUILD / "html"


def anchor() -> None:
    """Make every folder that a variable names absolute, so that a process which starts elsewhere finds the same one."""
    for name, value in os.environ.items():
        if name.startswith("UPSAMPLING_") and value:
            os.environ[name] = os.path.abspath(value)


def results() -> Path:
    """Return the results folder: `UPSAMPLING_RESULTS`, or ``results`` in the repository."""
    return Path(os.environ.get(RESULTS_VARIABLE) or ROOT / "results")


def cache() -> Path:
    """Return the folder of things that can be made again: `UPSAMPLING_CACHE`, or the user's cache folder."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("upsampling"))
