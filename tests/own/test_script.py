"""`model.py` runs without this package, and gives what the report measured."""

import ast
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from invented import HOSTILE, people

from upsampling.own import recipe
from upsampling.own.methods import METHODS
from upsampling.own.script import script
from upsampling.own.usertable import Settings, read

# Any import of this package fails, as it does where it is not installed.
BLOCKED = """import importlib.abc, runpy, sys
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "upsampling":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(folder, *arguments):
    command = [sys.executable, "-c", BLOCKED, "model.py", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def messy(n=300, n_positive=40):
    frame = people(n, n_positive)
    return frame.assign(
        income=frame["income"].map("€ {:.2f}".format).str.replace(".", ",").replace("€ nan", "?"),
        churn=np.where(frame["churn"] == "yes", np.resize(["Yes", "TRUE"], n), np.resize(["no", "false", "No"], n)),
        **{name: np.resize(["a", "b", None], n) for name in HOSTILE},
    )


@pytest.mark.parametrize("name", ["raw_lightgbm", "mean_of_ranks", "smotenc_logistic"])
def test_it_trains_and_scores_where_this_package_is_not_installed(tmp_path, name):
    frame = messy()
    frame.to_csv(tmp_path / "my table.csv", index=False, sep=";", encoding="utf-8-sig")
    table = read(tmp_path / "my table.csv", Settings("churn", "yes"))
    (tmp_path / "model.py").write_text(script(table, name, (20, 1)), encoding="utf-8")
    done = run(tmp_path, "train", "my table.csv")
    assert done.returncode == 0, done.stderr
    model = recipe.train(table.X, table.y, METHODS[name].estimators(), 20, 1)
    assert (
        done.stdout
        == f"model.joblib: trained on 300 rows, 40 of them positive; alarm from {100 * model['threshold']:.2g} % on\n"
    )

    frame.drop(columns="churn").head(50).to_csv(tmp_path / "new.csv", index=False, sep=";")
    done = run(tmp_path, "score", "new.csv")
    assert done.returncode == 0, done.stderr
    scored = pd.read_csv(tmp_path / "new-scored.csv")
    expected = recipe.calibrated(model["calibrator"], recipe.score_of(model, table.X.head(50)))
    np.testing.assert_allclose(scored["probability"], expected, rtol=1e-6)
    assert scored["alarm"].tolist() == (expected >= model["threshold"]).astype(int).tolist()


def test_it_reads_parquet(tmp_path):
    people().to_parquet(tmp_path / "my.parquet")
    table = read(tmp_path / "my.parquet", Settings("churn"))
    (tmp_path / "model.py").write_text(script(table, "raw_logistic", (20, 1)))
    assert "trained on 200 rows, 30 of them positive" in run(tmp_path, "train", "my.parquet").stdout


@pytest.mark.parametrize("name", METHODS)
def test_it_holds_what_its_method_needs_and_nothing_else(tmp_path, name):
    people().to_csv(tmp_path / "my.csv", index=False)
    code = script(read(tmp_path / "my.csv", Settings("churn")), name, (10, 1))
    tree = ast.parse(code)
    needs_package = METHODS[name].group == "generator"
    assert ("from upsampling import TabularARGNSampler" in code) == needs_package
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert ("logistic_regression" in defined) == any("logistic" in code for code in METHODS[name].members)
    assert ("smote" in defined) == name.startswith("smotenc")
