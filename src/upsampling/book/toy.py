"""A table of two columns on which one can see what each way of making rows does: ``python -m tools.toy`` computed it, once.

A page steps through what it stored: see ``book/_static/stepper.js``.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from upsampling import paths

FILE = "toy.json"
COUNTS = (3, 10, 30)
WAYS = {
    "none": "Nothing done",
    "copy": "Copy",
    "smote": "SMOTE",
    "generator": "Generator",
    "shuffled": "Shuffled columns",
}
CLASSIFIERS = {"lightgbm": "LightGBM", "logistic": "Logistic regression with squares"}


def load(source: Path | None = None) -> dict:
    """Return what was computed."""
    return json.loads((source or paths.results() / FILE).read_text())


def content(toy: dict) -> dict:
    """Return what the script shows: the toy with the names of its ways and classifiers."""
    made = {step["way"] for step in toy["steps"]}
    ways = [(way, text) for way, text in WAYS.items() if way in made]
    return toy | {"ways": ways, "classifiers": list(CLASSIFIERS.items())}


def rows(toy: dict) -> pd.DataFrame:
    """Return the rows of the toy for a CSV: the real ones, and by way and number of minority rows those that were made."""
    real = [("real", label, None, x, y) for label in ("majority", "minority") for x, y in toy[label]]
    made = [(step["way"], "minority", step["minority"], x, y) for step in toy["steps"] for x, y in step["made"]]
    return pd.DataFrame([*real, *made], columns=["origin", "class", "n_minority", "x", "y"])


def outcomes(toy: dict) -> pd.DataFrame:
    """Return what classifiers find of the minority rows that were kept back, and on how many majority rows they raise an alarm.

    Returns
    -------
    DataFrame
        Columns `n_minority`, `way` and `classifier`, `unseen` (rows kept back), `found` (how many of these) and `false`, the share of
        the majority rows with an alarm. An alarm is a probability of one half or more.
    """
    rows = []
    for step in toy["steps"]:
        unseen = toy["minority"][step["minority"] :]
        for classifier, says in step["says"].items():
            alarms = np.array(list(says), dtype=int).reshape(toy["grid"], toy["grid"]) >= 5

            def caught(points: list, alarms: np.ndarray = alarms) -> np.ndarray:
                place = (np.reshape(points, (-1, 2)) / toy["extent"] + 1) / 2 * (len(alarms) - 1)
                x, y = place.round().astype(int).clip(0, len(alarms) - 1).T
                return alarms[y, x]

            outcome = {"unseen": len(unseen), "found": caught(unseen).sum(), "false": caught(toy["majority"]).mean()}
            rows.append({"n_minority": step["minority"], "way": step["way"], "classifier": classifier} | outcome)
    return pd.DataFrame(rows)
