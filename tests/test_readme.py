"""What the README shows exists."""

import re
import tomllib

import pytest

from upsampling import cli, paths

README = (paths.ROOT / "README.md").read_text()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_a_local_link_leads_somewhere(target):
    assert target.startswith("https://") or (paths.ROOT / target).is_file()


def test_the_badges_are_true():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
    citation = (paths.ROOT / "CITATION.cff").read_text()
    badges = re.findall(r"img.shields.io/badge/([^)]+)\)", README)
    facts = {badge.split("-")[0]: badge.split("-")[1].replace("_", " ") for badge in badges}
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    assert facts["python"] == f"3.{low} to 3.{int(high) - 1}"
    assert facts["licence"] == project["license"]
    assert facts["paper"].replace(" ", ":") in citation


def test_the_commands_shown_exist():
    known = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    shown = set(re.findall(r"\.venv/bin/upsampling (\w+)", README))
    assert {"run", "status"} <= shown <= known
    targets = set(re.findall(r"^([a-z-]+):.*## ", (paths.ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"book", "test", "test-all"} <= set(re.findall(r"(?:^|`)make ([\w-]+)", README, re.MULTILINE)) <= targets


def test_the_folders_of_the_layout_exist():
    for folder in re.findall(r"^(\w+(?:/\w+)*)/ ", README, re.MULTILINE):
        assert (paths.ROOT / folder).is_dir()
