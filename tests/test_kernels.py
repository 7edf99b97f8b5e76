"""Kernels of one build share what is imported, and nothing else."""

import json
import subprocess
import sys

NOTEBOOK = """# ---
# jupyter:
#   kernelspec:
#     name: python3
#     display_name: Python 3
#     language: python
# ---

# %% tags=["parameters"]
name: str = ""  # of the page

# %%
import json, os, sys

state = [name, "tabnanny" in sys.modules, hasattr(json, "mark"), os.environ.get("MARK"), os.getcwd()]
with open(os.path.join(os.environ["UPSAMPLING_RESULTS"], name), "w") as stream:
    json.dump(state, stream)
json.mark = True
"""
BUILD = """
import os
from pathlib import Path
from upsampling import paths
from upsampling.book import build as book, kernels

paths.NOTEBOOKS = paths.ROOT = Path(os.environ["UPSAMPLING_RESULTS"])
with kernels.forked(["tabnanny"]):
    for name in ("first", "second"):
        os.environ["MARK"] = name
        book.execute(book.Page(name, "small.py", {"name": name}), paths.ROOT / f"{name}.ipynb")
book.execute(book.Page("plain", "small.py", {"name": "plain"}), paths.ROOT / "plain.ipynb")
"""


def test_they_share_imports_but_neither_names_nor_environment(tmp_path, monkeypatch):
    (tmp_path / "small.py").write_text(NOTEBOOK)
    monkeypatch.setenv("UPSAMPLING_RESULTS", str(tmp_path))
    subprocess.run([sys.executable, "-c", BUILD], check=True)
    states = [json.loads((tmp_path / name).read_text()) for name in ("first", "second", "plain")]
    assert states == [
        ["first", True, False, "first", str(tmp_path)],
        ["second", True, False, "second", str(tmp_path)],
        ["plain", False, False, "second", str(tmp_path)],
    ]
