import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upsampling import paths

REQUIREMENTS = paths.ROOT / "requirements"


def read_requirements(name: str) -> list[Requirement]:
    lines = (REQUIREMENTS / name).read_text().splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]


LOCK = read_requirements("lock.txt")
PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
TORCH = next(text for text in PROJECT["dependencies"] if text.startswith("torch=="))

# Extras for one arm or one classifier; `make extras` installs them, without a lock.
APART = {"sdk", "catboost"}
EXTRAS = {name: texts for name, texts in PROJECT["optional-dependencies"].items() if name not in APART}
NEEDS = {
    text
    for texts in [PROJECT["dependencies"], *EXTRAS.values()]
    for text in texts
    if not text.startswith("upsampling[")
}


# They declare what overrides.txt leaves out.
BY_POSTBUILD = {"mostlyai-engine", "xgboost", "xgrammar"}


@pytest.fixture
def clone(tmp_path):
    """A folder with what the Makefile makes an environment from."""
    folder = tmp_path / "a clone's folder"
    shutil.copytree(REQUIREMENTS, folder / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(paths.ROOT / name, folder)
    return folder


def conda_pins():
    listed = yaml.safe_load((paths.ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = (item["pip"] for item in listed if isinstance(item, dict))
    return [Requirement(line) for line in pip if not line.startswith("-")]


class TestLock:
    def test_this_environment_is_what_it_says(self):
        uv = [
            Path(sys.executable).with_name("uv"),
            "pip",
            "install",
            "--dry-run",
            "--offline",
            "--python",
            sys.executable,
        ]
        lock = ["--no-deps", "--require-hashes", "-r", REQUIREMENTS / "lock.txt"]
        done = subprocess.run([*uv, *lock], capture_output=True, text=True)
        assert "Would make no changes" in done.stderr, f"{done.stderr}\nRemedy: make setup"

    def test_every_pin_has_a_hash(self):
        text = (REQUIREMENTS / "lock.txt").read_text()
        entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
        assert len(entries) == len(LOCK)
        assert all("--hash=sha256:" in entry for entry in entries)

    @pytest.mark.parametrize("text", sorted(NEEDS))
    def test_it_meets_what_the_project_asks_for(self, text):
        asked = Requirement(text)
        if asked.name == "torch":
            assert not any(pin.name == "torch" for pin in LOCK)
        else:
            versions = [str(pin.specifier).removeprefix("==") for pin in LOCK if pin.name == asked.name]
            assert versions
            assert all(asked.specifier.contains(version) for version in versions)

    def test_the_extra_test_has_all_others(self):
        wanted, found = ["test"], set()
        while wanted:
            found.add(wanted.pop())
            texts = [text for name in found for text in EXTRAS[name] if text.startswith("upsampling[")]
            wanted = sorted({name for text in texts for name in Requirement(text).extras} - found)
        assert found == set(EXTRAS)

    def test_what_stands_apart_is_in_no_lock_and_made_by_a_command(self):
        made = [
            name for name in APART if re.search(rf"^extras:.*\n.*{name}", (paths.ROOT / "Makefile").read_text(), re.M)
        ]
        assert set(made) == APART
        alone = {Requirement(text).name for name in APART for text in PROJECT["optional-dependencies"][name]}
        assert not alone & {pin.name for pin in LOCK}

    def test_the_library_needs_little(self):
        assert len(PROJECT["dependencies"]) <= 9

    def test_pre_commit_runs_the_locked_ruff(self):
        (repo,) = yaml.safe_load((paths.ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        assert [f"=={repo['rev'].removeprefix('v')}"] == [str(pin.specifier) for pin in LOCK if pin.name == "ruff"]


class TestConda:
    def test_the_pins_are_those_of_the_lock(self):
        expected = {TORCH, *(str(pin) for pin in LOCK if pin.name not in BY_POSTBUILD)}
        assert {str(pin) for pin in conda_pins()} == expected

    def test_no_pin_makes_pip_fetch_what_is_left_out(self):
        # A CUDA build of torch declares triton, the CPU build that environment.yml asks for does not.
        listed = {canonicalize_name(pin.name) for pin in conda_pins()} - {"torch"}
        unwanted = {canonicalize_name(pin.name) for pin in read_requirements("overrides.txt")} - {
            "torch"
        } | BY_POSTBUILD
        assert unwanted >= {"torchvision", "torchaudio"}
        needed_by = {
            canonicalize_name(item.name): {
                canonicalize_name(need.name)
                for need in map(Requirement, item.requires or [])
                if need.marker is None or need.marker.evaluate({"extra": ""})
            }
            for item in distributions()
        }
        assert not {name for name in listed if needed_by.get(name, set()) & unwanted}

    @pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
    def test_the_file_is_up_to_date(self, clone):
        subprocess.run(["make", "environment.yml"], cwd=clone, check=True, capture_output=True)
        assert (clone / "environment.yml").read_text() == (paths.ROOT / "environment.yml").read_text(), "run: make lock"

    def test_its_python_is_one_that_the_project_allows(self):
        listed = yaml.safe_load((paths.ROOT / "environment.yml").read_text())["dependencies"]
        (python,) = (item for item in listed if isinstance(item, str) and item.startswith("python="))
        assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.removeprefix("python="))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
class TestMakefile:
    def make(self, folder, *arguments, python=sys.executable):
        command = ["make", "--no-print-directory", f"PYTHON={python}", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})

    def stamp(self, folder):
        stamp = folder / re.search(r"^touch (.+)$", self.make(folder, "-n", "setup").stdout, re.MULTILINE)[1]
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()

    def test_it_installs_the_torch_of_the_project_and_the_lock_with_hashes(self, clone):
        (uv,) = (str(pin) for pin in LOCK if pin.name == "uv")
        steps = re.findall(
            r"^\.venv/bin/\S+ .*?install (?:-qq|--quiet) (.+)$", self.make(clone, "-n", "setup").stdout, re.MULTILINE
        )
        assert [step.strip() for step in steps] == [
            f"--disable-pip-version-check --no-compile {TORCH}",
            f"--disable-pip-version-check --no-compile {uv}",
            "--system-certs --python .venv --no-deps --require-hashes -r requirements/lock.txt || \\",
            "--system-certs --python .venv --no-deps --no-build-isolation -e .",
        ]

    @pytest.mark.parametrize(
        ("wheels", "option"),
        [("https://example.org/whl", '--index-url "https://example.org/whl"'), ("a folder", '--find-links "a folder"')],
    )
    def test_wheels_names_where_torch_comes_from(self, clone, wheels, option):
        assert f"{TORCH} {option}\n" in self.make(clone, "-n", "setup", f"WHEELS={wheels}").stdout

    def test_a_wheels_folder_that_is_not_there_is_refused(self, clone):
        done = self.make(clone, "setup", "WHEELS=nowhere")
        assert done.returncode != 0
        assert "error: WHEELS=nowhere is neither a URL nor a folder" in done.stderr
        assert not (clone / ".venv").exists()

    def test_an_unsuitable_python_is_refused(self, clone):
        done = self.make(clone, "setup", python="/bin/false")
        assert done.returncode != 0
        assert "error: /bin/false is not Python 3.11, 3.12 or 3.13" in done.stderr
        assert not (clone / ".venv").exists()

    def test_a_second_run_has_nothing_to_install(self, clone):
        self.stamp(clone)
        assert "install" not in self.make(clone, "-n", "setup").stdout

    @pytest.mark.parametrize("name", ["requirements/lock.txt", "pyproject.toml"])
    def test_a_changed_input_is_installed_over_the_old_environment(self, clone, name):
        self.stamp(clone)
        with (clone / name).open("a") as file:
            file.write("# changed\n")
        commands = self.make(clone, "-n", "setup").stdout
        assert "--require-hashes" in commands
        assert "--clear" not in commands

    def test_a_moved_clone_gets_a_new_environment(self, clone):
        self.stamp(clone)
        moved = clone.rename(clone.with_name("moved"))
        assert "-m venv --clear .venv" in self.make(moved, "-n", "setup").stdout


def test_the_citation_names_this_version():
    citation = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert "arXiv:2507.16419" in {item["value"] for work in citation["references"] for item in work["identifiers"]}
