"""The pages on library and advice show code that works."""

import inspect
import re

import jupytext
import numpy as np
import pandas as pd
import pytest

from upsampling import RankAveragingClassifier, TabularARGNSampler, paths
from upsampling.study import classifiers
from upsampling.study.trained.lightgbm import REGULARISED

PAGES = {"python": 5, "sampler": 5, "classifier": 2}
REFERENCES = {"sampler": TabularARGNSampler, "classifier": RankAveragingClassifier}


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def text_of(page: str) -> str:
    return (paths.BOOK / f"{page}.md").read_text()


def of_notebook(name: str) -> list[str]:
    cells = jupytext.read(paths.NOTEBOOKS / name).cells
    return blocks("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run_in_their_order(page):
    found = blocks(text_of(page))
    assert len(found) == PAGES[page]
    names = {}
    for block in found:
        exec(compile(block, f"{page}.md", "exec"), names)
    assert len(names["X"]) >= 400


@pytest.mark.parametrize("page", REFERENCES)
def test_every_parameter_is_listed_with_its_default(page):
    text = text_of(page)
    table = text[text.rindex("| parameter |") :]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.MULTILINE)
    listed = {name: default.strip("`") for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    actual = inspect.signature(REFERENCES[page]).parameters
    assert list(listed) == list(actual)
    for name, default in listed.items():
        expected = actual[name].default
        assert default.strip('"') == (
            f"{expected:g}" if isinstance(expected, float) and expected > 1 else str(expected)
        )


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"number": rng.normal(size=400), "text": rng.choice(["a", "b"], 400)}).astype({"text": "category"})
    y = ((X["number"] + rng.normal(size=400)) > 2).astype(int)
    return X, y


@pytest.mark.parametrize("position", [0, 1], ids=["booster", "linear model"])
def test_the_advice_comes_with_code_that_ranks_new_rows(position, table):
    X, y = table
    names = {"X": X, "y": y, "X_new": X.head(50)}
    exec(of_notebook("guide.py")[position], names)
    assert np.corrcoef(names["scores"], X["number"].head(50))[0, 1] > 0.3


def test_the_code_has_the_settings_that_were_judged(table):
    X, y = table
    names = {"X": X, "y": y, "X_new": X.head(50)}
    exec(of_notebook("guide.py")[0], names)
    search, judged = names["model"], classifiers.make("lightgbm_chosen", 0)[-1]
    assert search.param_grid == judged.param_grid == [{name: [value] for name, value in REGULARISED.items()}, {}]
    assert repr(search.cv) == repr(judged.cv)
    assert search.scoring == judged.scoring


@pytest.mark.slow
def test_the_generator_is_asked_for_its_own_probability(table):
    X, y = table
    names = {"X": X, "y": y, "X_new": X.head(50)}
    exec(of_notebook("guide.py")[2].replace("random_state=0", "random_state=0, max_epochs=2"), names)
    assert names["scores"].shape == (50,)


def test_a_probability_is_moved_to_the_share_where_it_is_used():
    names = {"scores": np.array([0.2, 0.9]), "y": np.array([0, 1])}
    exec(of_notebook("decisions.py")[0], names)
    assert names["corrected"](0.5, trained=0.5, deployed=0.01) == pytest.approx(0.01)
    assert names["corrected"](0.3, trained=0.2, deployed=0.2) == pytest.approx(0.3)
    assert names["alarm"].tolist() == [False, True]
