"""The wings import one way: library <- study <- own and book <- command line."""

import re
import subprocess
import sys
from pathlib import Path

from upsampling import paths


def test_the_wings_import_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=paths.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_nothing_of_the_package_imports_the_tools():
    sources = "\n".join(path.read_text() for path in (paths.ROOT / "src").rglob("*.py"))
    assert re.findall(r"^\s*(?:from|import) tools\b", sources, re.MULTILINE) == []


def test_the_library_loads_no_tables_arms_or_pictures():
    loaded = "import sys, upsampling; [getattr(upsampling, name) for name in upsampling.__all__]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    heavy = {
        "matplotlib",
        "xgboost",
        "IPython",
        "dask",
        "torch",
        "upsampling.study",
        "upsampling.book",
        "upsampling.own",
    }
    assert not heavy & set(done.stdout.split())
