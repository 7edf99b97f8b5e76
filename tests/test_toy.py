"""The toy shows what each way of making rows does."""

import json

import numpy as np
import pytest

from tools import toy as tool
from upsampling import paths
from upsampling.book import toy

FAST = [way for way in toy.WAYS if way != "generator"]


def radius(rows):
    """Return how far points are from the centre of the arc on which the minority lies."""
    return np.hypot(rows["x"], rows["y"] + 0.4)


@pytest.mark.parametrize("way", [*FAST, pytest.param("generator", marks=pytest.mark.slow)])
def test_a_way_keeps_the_rows_and_balances_the_classes(way):
    X, y = tool.draw(10, seed=0)
    whole, labels = tool.upsample(way, X, y, seed=0)
    assert (whole.iloc[: len(X)].to_numpy() == X.to_numpy()).all()
    assert labels.value_counts().to_dict() == (
        {0: tool.N_MAJORITY, 1: 10} if way == "none" else {0: tool.N_MAJORITY, 1: tool.N_MAJORITY}
    )


def test_what_is_copied_interpolated_and_shuffled_lies_where_it_should():
    few, many = tool.draw(10, seed=0), tool.draw(30, seed=0)

    def inside(way, X, y):
        """Return the share of made rows that are nearer to the centre than any real one."""
        return (radius(tool.upsample(way, X, y, seed=0)[0].iloc[len(X) :]) < 1.5).mean()

    X, y = many
    assert radius(X[y == 1]).min() > 1.5
    copied = tool.upsample("copy", X, y, seed=0)[0].iloc[len(X) :]
    assert set(map(tuple, copied.to_numpy())) <= set(map(tuple, X[y == 1].to_numpy()))
    assert inside("smote", *few) > 0 == inside("smote", *many), "between few rows some leave the arc"
    assert inside("shuffled", *many) > 0.1, "no structure is left"


def test_fewer_minority_rows_are_the_first_of_more():
    (few, y), (many, z) = tool.draw(3, seed=0), tool.draw(30, seed=0)
    assert (few[y == 1].to_numpy() == many[z == 1].to_numpy()[:3]).all()


@pytest.mark.parametrize("classifier", toy.CLASSIFIERS)
def test_a_boundary_says_where_the_minority_is(classifier):
    X, y = tool.draw(30, seed=0)
    says = tool.boundary(classifier, *tool.upsample("copy", X, y, seed=0), seed=0)
    assert len(says) == tool.GRID**2
    ticks = np.linspace(-tool.EXTENT, tool.EXTENT, tool.GRID)
    alarms = [(ticks[i % tool.GRID], ticks[i // tool.GRID]) for i, level in enumerate(says) if level >= "5"]
    assert len(alarms) > 10
    assert np.mean([y for _, y in alarms]) > 0.5, "the arc is in the upper half"


def test_what_is_stored_can_be_shown(monkeypatch, tmp_path):
    monkeypatch.setattr(tool, "WAYS", {way: toy.WAYS[way] for way in FAST})
    monkeypatch.setattr(tool, "COUNTS", (3, 10))
    found = toy.load(tool.store(tmp_path))
    assert len(found["commit"]) == 40
    assert [(step["minority"], step["way"]) for step in found["steps"]] == [(n, way) for n in (3, 10) for way in FAST]
    assert len(json.dumps(toy.content(found))) < 300_000, "a page carries it"
    rows = toy.rows(found)
    assert (rows["origin"] == "real").sum() == tool.N_MAJORITY + 10
    assert set(rows["origin"]) == {"real", *FAST} - {"none"}


def test_outcomes_are_those_of_the_boundary_around_each_row():
    grid, extent = 3, 1.0
    # from the lower left on: an alarm in the lower right corner alone
    step = {"minority": 1, "way": "copy", "says": {"lightgbm": "009000000"}}
    made = {"grid": grid, "extent": extent, "steps": [step]}
    made |= {"minority": [[0.9, -0.9], [0.8, -0.7], [-1, 1]], "majority": [[0, 0], [1, -1], [0.1, 0.1], [-5, 9]]}
    (row,) = toy.outcomes(made).to_dict("records")
    assert row == {"n_minority": 1, "way": "copy", "classifier": "lightgbm", "unseen": 2, "found": 1, "false": 0.25}


def test_what_is_published_is_what_the_code_draws():
    """The rows of the generator take its training; the rest is drawn again."""
    found = toy.load(paths.ROOT / "results" / toy.FILE)
    assert [(step["minority"], step["way"]) for step in found["steps"]] == [
        (n, way) for n in toy.COUNTS for way in toy.WAYS
    ]
    X, y = tool.draw(max(toy.COUNTS), found["seed"])
    assert found["minority"] == X[y == 1].round(2).to_numpy().tolist()
    (step,) = [step for step in found["steps"] if (step["minority"], step["way"]) == (10, "smote")]
    X, y = tool.draw(10, found["seed"])
    whole, labels = tool.upsample("smote", X, y, found["seed"])
    made = whole.iloc[len(X) :].round(2).to_numpy().tolist()
    assert all(row in made for row in step["made"])
    says = tool.boundary("logistic", whole, labels, found["seed"])
    assert sum(a != b for a, b in zip(says, step["says"]["logistic"], strict=True)) < 20, (
        "another machine may round otherwise"
    )
