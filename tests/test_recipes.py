"""The recipes of CONTRIBUTING.md, carried out in a copy of the repository: one file each, and it works."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from upsampling import paths

pytestmark = [pytest.mark.slow, pytest.mark.ci]

RECIPES = {
    title: (file, code, [line.removeprefix(".venv/bin/upsampling ") for line in commands.splitlines()])
    for title, file, code, commands in re.findall(
        r"^### (.+?)\n(?:(?!^###).)*?Write\s`(.+?)`:\n\n```python\n(.+?)^```\n(?:\n```console\n(.+?)^```\n)?",
        (paths.ROOT / "CONTRIBUTING.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
}
MAKE_PAGE = """
import sys
from upsampling import paths
from upsampling.book import build, kernels, pages
(page,) = [page for page in build.PAGES if page.notebook == sys.argv[1]]
with kernels.forked(()):
    build.make_page(page, paths.BOOK)
pages.write_contents()
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the repository without its history and results."""
    for name in ("src", "notebooks", "book"):
        shutil.copytree(
            paths.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "_files", "*.ipynb")
        )
    for path in paths.ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


def contents(folder) -> dict:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def python(folder, *arguments: str, **variables: str) -> str:
    """Run Python in the copy, on the copy's code."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_four_recipes():
    assert list(RECIPES) == ["An arm", "A table", "A classifier", "A page"]


@pytest.mark.parametrize("title", [title for title in RECIPES if title != "A page"])
def test_one_file_and_its_cells_are_computed(copy, title, tmp_path_factory):
    file, code, commands = RECIPES[title]
    before = contents(copy)
    (copy / file).write_text(code)
    results = str(tmp_path_factory.mktemp("computed"))
    said = [python(copy, "-m", "upsampling", *line.split(), UPSAMPLING_RESULTS=results) for line in commands]
    assert "computed 1, failed 0" in said[-1]
    assert contents(copy) == before | {file: code.encode()}


def test_one_file_and_the_book_has_a_page(copy):
    file, code, _ = RECIPES["A page"]
    before = contents(copy)
    (copy / file).write_text(code)
    python(copy, "-c", MAKE_PAGE, file.removeprefix("notebooks/"), UPSAMPLING_RESULTS=str(paths.ROOT / "results"))
    page = (copy / "book/raw.ipynb").read_text()
    assert "{{" not in page
    assert "tab-raw-seeds" in page
    made = contents(copy)
    new = [name for name in made if made[name] != before.get(name)]
    assert {name for name in new if not name.startswith(("_build/", "book/_files/"))} == {
        file,
        "_toc.yml",
        "book/raw.ipynb",
    }
    (method,) = [
        chapter
        for part in yaml.safe_load(made["_toc.yml"])["parts"]
        for chapter in part["chapters"]
        if chapter["file"] == "book/method"
    ]
    assert method["sections"][-1] == {"file": "book/raw"}
