"""A page stands on the modules that its notebook imports: all of them, and no other."""

import ast
import subprocess
import sys

import pytest

from upsampling import paths
from upsampling.book import sources


@pytest.mark.parametrize("notebook", ["dataset.py", "comparison.py"])
def test_they_are_at_least_those_that_python_loads(notebook):
    source = paths.NOTEBOOKS / notebook
    imports = [node for node in ast.parse(source.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    code = "\n".join(map(ast.unparse, imports)) + "\nimport sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    expected = {name for name in loaded if name.split(".")[0] == "upsampling"}
    assert len(expected) > 20
    assert expected <= set(sources.names(sources.modules(source)))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with an import chain, a loop, a module that nobody imports, and a package that finds its modules itself."""
    folder = tmp_path / "upsampling"
    for name, content in {
        "__init__": "",
        "first": "from upsampling import second\nimport numpy",
        "second": "def later():\n    from upsampling.first import other",
        "alone": "",
        "registry/__init__": "",
        "registry/found": "",
    }.items():
        file = folder / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
    monkeypatch.setattr(sources, "PACKAGE", folder)
    return folder


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ("import numpy", []),
        ("import upsampling", ["upsampling"]),
        ("from upsampling import first", ["upsampling", "upsampling.first", "upsampling.second"]),
        ("if True:\n    import upsampling.alone as a", ["upsampling", "upsampling.alone"]),
        ("from upsampling import registry", ["upsampling", "upsampling.registry", "upsampling.registry.found"]),
        ("from upsampling.registry import ALL", ["upsampling", "upsampling.registry", "upsampling.registry.found"]),
    ],
)
def test_they_are_found_at_any_distance_and_depth(package, tmp_path, imported, expected):
    (tmp_path / "notebook.py").write_text(imported)
    assert sources.names(sources.modules(tmp_path / "notebook.py")) == expected


def test_the_checksum_tells_code_from_comments_and_one_module_from_another(package):
    files = {package / "first.py", package / "second.py"}
    before = sources.checksum(files)
    (package / "first.py").write_text("# why\nfrom upsampling import (\n    second,\n)\nimport numpy")
    assert sources.checksum(files) == before
    assert sources.checksum(files | {package / "alone.py"}) != before
    (package / "second.py").write_text("")
    assert sources.checksum(files) != before
