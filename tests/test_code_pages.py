"""The pages on the sampler and the classifier show code that works."""

import inspect
import re

import pytest

from upsampling import RankAveragingClassifier, TabularARGNSampler, paths

PAGES = {"sampler": (TabularARGNSampler, 5), "classifier": (RankAveragingClassifier, 2)}


def text_of(page: str) -> str:
    return (paths.BOOK / f"{page}.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run_in_their_order(page):
    blocks = re.findall(r"^```python\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    assert len(blocks) == PAGES[page][1]
    names = {}
    for block in blocks:
        exec(compile(block, f"{page}.md", "exec"), names)
    assert len(names["X"]) >= 400


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_is_listed_with_its_default(page):
    text = text_of(page)
    table = text[text.rindex("| parameter |") :]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.MULTILINE)
    listed = {name: default.strip("`") for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    actual = inspect.signature(PAGES[page][0]).parameters
    assert list(listed) == list(actual)
    for name, default in listed.items():
        expected = actual[name].default
        assert default.strip('"') == (
            f"{expected:g}" if isinstance(expected, float) and expected > 1 else str(expected)
        )
