"""The wheel in an empty environment: the library with its own dependencies alone, and commands in an empty folder.

In all tests but the last nothing is installed but the wheel. What an environment of it would hold, the wheel's requirements and theirs, is imported from the
environment that runs the tests, and nothing else can be.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upsampling import paths

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# Finds the packages that an environment would hold where the tests have them, and no others.
FINDER = """
import sys
from importlib.machinery import PathFinder
from importlib.metadata import DistributionFinder, MetadataPathFinder

SITE, MODULES, DISTRIBUTIONS = {site!r}, {modules!r}, {distributions!r}


class Finder(DistributionFinder):
    @staticmethod
    def find_spec(name, path=None, target=None):
        top = name.partition(".")[0]
        if path is None and (top in MODULES or any(known.startswith(top + ".") for known in MODULES)):
            return PathFinder.find_spec(name, [SITE])
        if path is not None and name.count(".") == 1 and top not in MODULES and top != "upsampling":
            known = any(entry.startswith(top + ".") for entry in MODULES)
            if known and name not in MODULES:
                raise ModuleNotFoundError("No module named " + repr(name), name=name)
        return None

    @staticmethod
    def find_distributions(context=DistributionFinder.Context()):
        if context.name is not None and context.name.lower().replace("_", "-").replace(".", "-") not in DISTRIBUTIONS:
            return
        for found in MetadataPathFinder.find_distributions(DistributionFinder.Context(name=context.name, path=[SITE])):
            if found.metadata["Name"].lower().replace("_", "-").replace(".", "-") in DISTRIBUTIONS:
                yield found


sys.meta_path.insert(0, Finder)
"""


def requires(distribution: Distribution, extras: frozenset[str] = frozenset()) -> list[Requirement]:
    """Return what a distribution with these extras needs on this interpreter and platform."""
    declared = [Requirement(text) for text in distribution.requires or []]
    return [
        need
        for need in declared
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras or {""})
    ]


def closure(wheel: Distribution, extras: tuple[str, ...]) -> dict[str, Distribution]:
    """Return what an environment of the wheel with these extras holds beside it, as far as it is installed here."""
    installed = {canonicalize_name(item.metadata["Name"]): item for item in distributions()} | {"upsampling": wheel}
    queue, seen = [Requirement(f"upsampling[{','.join(extras)}]" if extras else "upsampling")], set()
    while queue:
        asked = queue.pop()
        name, wanted = canonicalize_name(asked.name), frozenset(asked.extras)
        if name in installed and (name, wanted) not in seen:
            seen.add((name, wanted))
            queue += [*requires(installed[name]), *requires(installed[name], wanted)]
    return {name: installed[name] for name, _ in seen if name != "upsampling"}


def modules_of(distribution: Distribution, site: Path) -> Iterator[str]:
    """Yield the modules that a distribution brings; of a package that it shares with others, one level below it."""
    for file in distribution.files or []:
        parts = PurePosixPath(file).parts
        if file.suffix in (".py", ".so") and not parts[0].endswith((".dist-info", "..")):
            shared = len(parts) > 1 and not (site / parts[0] / "__init__.py").is_file()
            yield ".".join(part.partition(".")[0] for part in parts[: 2 if shared else 1])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(paths.ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(paths.ROOT / name, folder)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([*pip, folder], check=True)
    (built,) = folder.glob("*.whl")
    return built


class Environment:
    """An environment that holds the wheel, and can import what its extras need."""

    def __init__(self, wheel: Path, folder: Path, extras: tuple[str, ...]):
        self.folder, self.empty = folder, folder / "empty"
        self.empty.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        self.python = folder / "venv/bin/python"
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet", "--no-deps", "--no-index"]
        subprocess.run([*pip, "--disable-pip-version-check", wheel], check=True)
        (own,) = (folder / "venv").glob("lib/python*/site-packages")
        site = Path(sysconfig.get_path("purelib"))
        (installed,) = (item for item in distributions(path=[str(own)]) if item.metadata["Name"] == "upsampling")
        found = closure(installed, extras)
        modules = {name for item in found.values() for name in modules_of(item, site)}
        text = FINDER.format(site=str(site), modules=modules, distributions=set(found))
        (own / "only_what_is_needed.py").write_text(text)
        (own / "only_what_is_needed.pth").write_text("import only_what_is_needed\n")

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """Run a program of the environment in an empty folder, and hold that it stays empty."""
        places = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "COLUMNS": "200"}
        done = subprocess.run(
            [self.folder / "venv/bin" / command[0], *command[1:]],
            cwd=self.empty,
            env=places,
            capture_output=True,
            text=True,
        )
        assert not [*self.empty.iterdir()]
        return done


@pytest.fixture(scope="module")
def core(wheel, tmp_path_factory) -> Environment:
    """The wheel with what the library needs alone."""
    return Environment(wheel, tmp_path_factory.mktemp("core"), ())


@pytest.fixture(scope="module")
def everything(wheel, tmp_path_factory) -> Environment:
    """The wheel with all extras."""
    return Environment(wheel, tmp_path_factory.mktemp("everything"), ("book",))


def test_only_what_the_library_needs_can_be_imported(core):
    names = ["torch", "mostlyai.engine", "lightgbm", "imblearn", "upsampling"]
    others = ["dask", "matplotlib", "xgboost", "IPython", "statsmodels", "mostlyai.sdk", "pytest"]
    found = f"""
from importlib import import_module
def can_be(name):
    try:
        return bool(import_module(name))
    except ModuleNotFoundError:
        return False
print(*filter(can_be, {[*names, *others]}))
"""
    done = core.run("python", "-c", found)
    assert done.stdout.split() == names, done.stderr


TABLE = """
import numpy as np
import pandas as pd

rng = np.random.RandomState(0)
y = np.repeat(["no", "yes"], [160, 20])
X = pd.DataFrame({"number": rng.normal(size=180) + (y == "yes"), "kind": rng.choice(["a", "b"], 180)})
X_new = X.head(9)
"""


def test_the_library_s_examples_run_with_nothing_else(core):
    examples = re.findall(r"^```python\n(.*?)^```", (paths.ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) >= 2
    checks = """
import upsampling
assert len(X_more) == len(y_more) == 320 and probabilities.shape == (9, 2)
model = upsampling.TabularARGNClassifier(sampler=upsampling.TabularARGNSampler(max_epochs=1), random_state=0)
assert upsampling.PriorCorrectedClassifier(model).fit(X, y).predict_proba(X_new).shape == (9, 2)
"""
    done = core.run("python", "-c", "\n".join([TABLE, *examples, checks]))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [("report demo", "report"), ("grid --dataset demo", "study"), ("book", "book"), ("--help", "report")],
)
def test_a_command_names_the_extra_that_is_missing(core, command, extra):
    done = core.run("upsampling", *command.split())
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert f"'upsampling[{extra}]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["collect", "book"])
def test_with_all_extras_what_needs_the_repository_says_so(everything, command):
    done = everything.run("upsampling", command)
    assert done.returncode == 2, done.stderr
    assert "clone the repository and run the command there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["--help", "report demo --help", "data --dataset demo"])
def test_with_all_extras_what_needs_no_repository_works_in_an_empty_folder(everything, command):
    done = everything.run("upsampling", *command.split())
    assert done.returncode == 0, done.stderr


def test_what_pip_installs_with_the_extra_report_reports_in_an_empty_folder(wheel, tmp_path):
    """This environment is not that of the lock: it has what pip finds, and what the engine declares and never uses."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs, empty = tmp_path / "venv/bin", tmp_path / "empty"
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", f"{wheel}[report]"], check=True)
    empty.mkdir()
    alone = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    for command in (
        ["upsampling", "report", "demo", "--budget", "1min"],
        [
            "python",
            "-c",
            f"{TABLE}\nfrom upsampling import TabularARGNSampler\nTabularARGNSampler(max_epochs=1).fit_resample(X, y)",
        ],
    ):
        done = subprocess.run(
            [programs / command[0], *command[1:]], cwd=empty, env=alone, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert {path.name for path in (empty / "demo-report").iterdir()} >= {"report.html", "model.py"}
