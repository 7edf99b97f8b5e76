"""What the README shows exists."""

import re

import pytest

from upsampling import cli, paths

README = (paths.ROOT / "README.md").read_text()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_a_local_link_leads_somewhere(target):
    assert target.startswith("https://") or (paths.ROOT / target).is_file()


def test_the_commands_shown_exist():
    known = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    shown = set(re.findall(r"\.venv/bin/upsampling (\w+)", README))
    assert {"run", "status"} <= shown <= known
    targets = set(re.findall(r"^([a-z]+):.*## ", (paths.ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"book", "test"} <= set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE)) <= targets


def test_the_folders_of_the_layout_exist():
    for folder in re.findall(r"^(\w+(?:/\w+)*)/ ", README, re.MULTILINE):
        assert (paths.ROOT / folder).is_dir()
