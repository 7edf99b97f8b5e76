import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upsampling import paths
from upsampling.book import environment
from upsampling.book.environment import problems, read_requirements

LOCK = read_requirements(environment.REQUIREMENTS / "lock.txt")
PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
TORCH = next(text for text in PROJECT["dependencies"] if text.startswith("torch=="))

NEEDS = {
    text
    for texts in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for text in texts
    if not text.startswith("upsampling[")
}


def conda_pins():
    listed = yaml.safe_load((paths.ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = (item["pip"] for item in listed if isinstance(item, dict))
    return [Requirement(line) for line in pip if not line.startswith("-")]


class TestProblems:
    @pytest.fixture
    def site(self, tmp_path):
        """A folder of distributions and a folder of requirements, both complete until a test changes them."""
        site = FakeSite(tmp_path)
        site.lock("spam==1.0", "eggs==2.0 ; python_version >= '3'", "ham==3.0 ; python_version < '3'")
        site.overrides("torch", "bulky")
        site.install("upsampling", "0.1", "spam[fried]", "torch==2.13.0", "pytest ; extra == 'test'")
        site.install("spam", "1.0", "bulky>=1", "ham ; python_version < '3'", "eggs>=2 ; extra == 'fried'")
        site.install("eggs", "2.0", "spam")
        site.install("torch", "2.13.0+cpu")
        site.install("pytest", "9")
        return site

    def test_a_complete_environment_has_none(self, site):
        assert site.problems() == []

    def test_this_environment_has_none(self):
        assert problems() == []

    @pytest.mark.parametrize("name", ["upsampling", "spam", "torch", "pytest"])
    def test_a_missing_distribution_is_named(self, site, name):
        site.uninstall(name)
        assert any(text.startswith(f"{name} is not installed, ") for text in site.problems())

    def test_a_requirement_of_an_extra_counts(self, site):
        site.lock("spam==1.0")
        site.uninstall("eggs")
        assert site.problems() == ["eggs is not installed, spam 1.0 requires eggs>=2"]

    def test_a_requirement_of_a_requirement_counts(self, site):
        site.install("eggs", "2.0", "bacon<5")
        assert site.problems() == ["bacon is not installed, eggs 2.0 requires bacon<5"]

    def test_another_version_than_the_pin(self, site):
        site.install("eggs", "2.1")
        assert site.problems() == ["eggs 2.1 is installed, the lock requires eggs==2.0"]

    def test_a_version_that_another_distribution_excludes(self, site):
        site.install("torch", "2.12.0")
        assert site.problems() == ["torch 2.12.0 is installed, upsampling 0.1 requires torch==2.13.0"]

    def test_only_the_documented_exceptions_may_be_missing(self, site):
        site.overrides("torch")
        assert site.problems() == ["bulky is not installed, spam 1.0 requires bulky>=1"]

    def test_names_are_compared_in_normal_form(self, site):
        site.lock("my_spam.sauce==1")
        site.install("My-Spam-Sauce", "1")
        assert site.problems() == []

    def test_the_command_fails_with_a_remedy(self, site, monkeypatch, capsys):
        monkeypatch.setattr(environment, "problems", lambda: ["spam is not installed"])
        assert environment.main() == 1
        assert capsys.readouterr().err == "error: spam is not installed\nRemedy: make clean setup\n"


class FakeSite:
    def __init__(self, folder):
        self.packages = folder / "packages"
        self.requirements = folder / "requirements"
        self.packages.mkdir()
        self.requirements.mkdir()

    def lock(self, *pins):
        text = "".join(f"{pin} \\\n    --hash=sha256:00\n    # via something\n" for pin in pins)
        (self.requirements / "lock.txt").write_text("# a comment\n" + text)

    def overrides(self, *names):
        text = "".join(f'{name}; python_version < "3"\n' for name in names)
        (self.requirements / "overrides.txt").write_text("# a comment\n" + text)

    def install(self, name, version, *needs):
        self.uninstall(name)
        folder = self.packages / f"{name}-{version}.dist-info"
        folder.mkdir()
        needs = "".join(f"Requires-Dist: {need}\n" for need in needs)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")

    def uninstall(self, name):
        for folder in self.packages.glob(f"{name}-*.dist-info"):
            shutil.rmtree(folder)

    def problems(self):
        return problems(self.requirements, [str(self.packages)])


class TestLock:
    def test_every_pin_has_a_hash(self):
        text = (environment.REQUIREMENTS / "lock.txt").read_text()
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
        extras, wanted, found = PROJECT["optional-dependencies"], ["test"], set()
        while wanted:
            found.add(wanted.pop())
            texts = [text for name in found for text in extras[name] if text.startswith("upsampling[")]
            wanted = sorted({name for text in texts for name in Requirement(text).extras} - found)
        assert found == set(extras)

    def test_the_library_needs_little(self):
        assert len(PROJECT["dependencies"]) <= 9

    def test_pre_commit_runs_the_locked_ruff(self):
        (repo,) = yaml.safe_load((paths.ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        assert [f"=={repo['rev'].removeprefix('v')}"] == [str(pin.specifier) for pin in LOCK if pin.name == "ruff"]


class TestConda:
    def test_the_pins_are_those_of_the_lock(self):
        by_postbuild = {"mostlyai-engine", "xgboost", "xgrammar"}
        expected = {TORCH, *(str(pin) for pin in LOCK if pin.name not in by_postbuild)}
        assert {str(pin) for pin in conda_pins()} == expected

    def test_no_pin_makes_pip_fetch_what_is_left_out(self):
        # A CUDA build of torch declares triton, the CPU build that environment.yml asks for does not.
        listed = {canonicalize_name(pin.name) for pin in conda_pins()} - {"torch"}
        unwanted = environment.left_out() | {"mostlyai-engine", "xgboost", "xgrammar"}
        assert unwanted >= {"torchvision", "torchaudio"}
        needed_by = {
            canonicalize_name(item.name): {canonicalize_name(need.name) for need in environment.requires(item)}
            for item in distributions()
        }
        assert not {name for name in listed if needed_by.get(name, set()) & unwanted}

    def test_the_file_is_up_to_date(self):
        made = subprocess.run(
            [sys.executable, environment.REQUIREMENTS / "conda.py"], capture_output=True, text=True, check=True
        )
        assert made.stdout == (paths.ROOT / "environment.yml").read_text()

    def test_its_python_is_one_that_the_project_allows(self):
        listed = yaml.safe_load((paths.ROOT / "environment.yml").read_text())["dependencies"]
        (python,) = (item for item in listed if isinstance(item, str) and item.startswith("python="))
        assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.removeprefix("python="))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
class TestMakefile:
    @pytest.fixture
    def clone(self, tmp_path):
        folder = tmp_path / "a clone's folder"
        shutil.copytree(environment.REQUIREMENTS, folder / "requirements")
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(paths.ROOT / name, folder)
        return folder

    def make(self, folder, *arguments, python=sys.executable):
        command = ["make", "--no-print-directory", f"PYTHON={python}", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})

    def stamp(self, folder):
        stamp = folder / re.search(r"^touch (.+)$", self.make(folder, "-n", "setup").stdout, re.MULTILINE)[1]
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()

    def test_it_installs_the_torch_of_the_project_and_the_lock_with_hashes(self, clone):
        steps = re.findall(r" --progress-bar off (.+) 2>", self.make(clone, "-n", "setup").stdout)
        assert [step.strip() for step in steps] == [
            TORCH,
            "--no-deps --require-hashes -r requirements/lock.txt",
            "--no-deps --no-build-isolation -e .",
        ]

    @pytest.mark.parametrize(
        ("wheels", "option"),
        [("https://example.org/whl", '--index-url "https://example.org/whl"'), ("a folder", '--find-links "a folder"')],
    )
    def test_wheels_names_where_torch_comes_from(self, clone, wheels, option):
        assert f"{TORCH} {option} " in self.make(clone, "-n", "setup", f"WHEELS={wheels}").stdout

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
