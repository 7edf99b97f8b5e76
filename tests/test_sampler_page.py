"""The page on the sampler shows code that works."""

import inspect
import re

import pytest

from upsampling import TabularARGNSampler, paths

PAGE = (paths.BOOK / "sampler.md").read_text()


@pytest.mark.slow
def test_the_examples_run_in_their_order():
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    names = {}
    for block in blocks:
        exec(compile(block, "sampler.md", "exec"), names)
    assert len(names["X_more"]) > 400


def test_every_parameter_is_listed_with_its_default():
    table = PAGE[PAGE.index("All parameters:") :]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.MULTILINE)
    listed = {name: default.strip("`") for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    actual = inspect.signature(TabularARGNSampler).parameters
    assert list(listed) == list(actual)
    for name, default in listed.items():
        expected = actual[name].default
        assert default.strip('"') == (
            f"{expected:g}" if isinstance(expected, float) and expected > 1 else str(expected)
        )
