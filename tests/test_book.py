"""Notebooks are executed once, gated on papermill's record, and their parameters are checked."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil
import pytest
import yaml
from helpers import pages_of_the_book, wait_for

from upsampling import cli, paths
from upsampling.book import build as book
from upsampling.book import kernels, pages, pdf, sources
from upsampling.errors import SpecError

NOTEBOOK = """# ---
# jupyter:
#   kernelspec:
#     name: python3
#     display_name: Python 3
#     language: python
#   page:
#     part: The evidence
# ---

# %% tags=["parameters"]
size: int = 2  # how many
folder: str = ""  # where

# %%
from pathlib import Path

Path(folder, "ran").write_text(str(size))
assert size != 13, "an unlucky number"
"""

PUBLISHING = (
    f'{NOTEBOOK}\nimport pandas as pd\nfrom upsampling.book import publish\npublish.text("words")\n'
    'publish.table(pd.DataFrame({"a": [1]}), name="t", caption="c")\n'
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own with one small notebook, executed by kernels that start at once."""
    for name, place in {"NOTEBOOKS": "notebooks", "BOOK": "book", "BUILD": "_build"}.items():
        (tmp_path / place).mkdir()
        monkeypatch.setattr(paths, name, tmp_path / place)
    monkeypatch.setenv("UPSAMPLING_RESULTS", str(tmp_path / "results"))
    (tmp_path / "notebooks/small.py").write_text(NOTEBOOK)
    with kernels.forked(()):
        yield tmp_path


def page(project, **parameters):
    return book.Page("small", "small.py", {"folder": str(project)} | parameters)


def test_a_page_is_executed_once_and_again_when_something_changed(project):
    assert book.make_page(page(project), paths.BOOK)
    assert (project / "ran").read_text() == "2"
    assert not book.make_page(page(project), paths.BOOK)
    assert book.make_page(page(project), paths.BOOK, force=True)
    (project / "notebooks/small.py").write_text(NOTEBOOK.replace("how many", "how few"))
    assert book.make_page(page(project), paths.BOOK)
    assert book.make_page(page(project, size=3), paths.BOOK)
    assert (project / "ran").read_text() == "3"


def test_new_words_are_put_around_what_code_made_before(project):
    source = project / "notebooks/small.py"
    code = f"{NOTEBOOK}\n# %%\nfrom upsampling.book.prose import say\nsay(n=size + 2)\n\n# %% [markdown]\n#"
    for words, shown in (
        ("It is {{ n }}.", "It is 5."),
        ("Now: {{ n }}.\n#\n# A paragraph.", "Now: 5.\n\nA paragraph."),
    ):
        source.write_text(f"{code} {words}\n")
        (project / "ran").unlink(missing_ok=True)
        executed = book.make_page(page(project, size=3), paths.BOOK)
        assert executed == (project / "ran").exists() == (shown == "It is 5.")
        made = nbformat.read(paths.BOOK / "small.ipynb", as_version=4)
        assert shown in [cell.source for cell in made.cells if cell.cell_type == "markdown"]
        given = [cell for cell in made.cells if "injected-parameters" in cell.metadata.get("tags", ())]
        assert ["size = 3" in cell.source for cell in given] == [True]
    source.write_text(f"{code} {{{{ unknown }}}}\n")
    with pytest.raises(SpecError, match="no cell says the value 'unknown'"):
        book.make_page(page(project, size=3), paths.BOOK)


def test_a_notebook_finds_the_folders_that_are_named_from_where_the_command_runs(project, monkeypatch):
    """The kernel starts in the repository."""
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")
    monkeypatch.setenv("UPSAMPLING_RESULTS", "mine")
    monkeypatch.setenv("UPSAMPLING_DATA", "../data")
    (project / "notebooks/small.py").write_text(
        f"{NOTEBOOK}\nfrom upsampling import paths\nimport os\n"
        'Path(folder, "ran").write_text(f"{paths.results()} {os.environ[\'UPSAMPLING_DATA\']}")\n'
    )
    book.execute(page(project), project / "executed.ipynb")
    assert (project / "ran").read_text() == f"{project / 'elsewhere/mine'} {project / 'data'}"


def test_a_page_is_executed_again_when_the_results_that_it_reads_changed(project):
    reader = book.Page("small", "small.py", {"folder": str(project)}, reads=("adult",))
    assert book.make_page(reader, paths.BOOK)
    cells = project / "results/cells"
    for name in ("demo", "adult"):
        (cells / name / "f0.1/s0").mkdir(parents=True)
    (cells / "demo/f0.1/s0/none.json").write_text("{}")
    assert not book.make_page(reader, paths.BOOK)
    (cells / "adult/f0.1/s0/none.json").write_text("{}")
    assert book.make_page(reader, paths.BOOK)
    (project / "results/metrics.csv").write_text("a\n1\n")
    assert book.make_page(reader, paths.BOOK)
    assert not book.make_page(reader, paths.BOOK)


def test_what_was_measured_of_speed_changes_the_page_that_shows_it_and_no_other(project):
    (project / "results").mkdir()
    readers = [book.Page("small", "small.py", reads=reads) for reads in (("adult",), ("adult", "benchmarks"))]
    before = [book.digest(reader) for reader in readers]
    (project / "results/benchmarks.csv").write_text("a\n1\n")
    same, other = (book.digest(reader) for reader in readers)
    assert same == before[0]
    assert other != before[1]


def test_a_broken_reference_is_an_error_every_time(tmp_path):
    (tmp_path / "_config.yml").write_text("only_build_toc_files: true\nexecute:\n  execute_notebooks: 'off'\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "index.md").write_text("# Page\n\nSee {numref}`fig-nowhere`.\n")
    for _ in range(2):
        with pytest.raises(book.BookError, match="reported the errors or warnings above"):
            book.render(tmp_path, tmp_path / "_build")


def test_a_failed_notebook_is_an_error_and_not_done(project):
    with pytest.raises(book.BookError, match=r"small.py \(small\) failed(.|\n)*an unlucky number"):
        book.make_page(page(project, size=13), paths.BOOK)
    executed = paths.BUILD / "executed"
    assert not (executed / "small.ipynb").exists()
    assert "an unlucky number" in (executed / "small.failed.ipynb").read_text()
    assert not (paths.BOOK / "small.ipynb").exists()


HANGING = NOTEBOOK.replace("assert size", "import time; time.sleep(600 if size == 13 else 0)\nassert size")
DYING = NOTEBOOK.replace("assert size", "import os; size != 13 or os.kill(os.getpid(), 9)\nassert size")
CELL_AND_PAGE = r"small.py \(small\) failed in the cell that begins with 'from pathlib import Path': "


def running_kernels() -> list[psutil.Process]:
    servers = [child for child in psutil.Process().children() if "forkserver" in " ".join(child.cmdline())]
    return [kernel for server in servers for kernel in server.children()]


@pytest.mark.parametrize(
    ("notebook", "reason"),
    [
        (NOTEBOOK, "AssertionError: an unlucky number"),
        (HANGING, "A cell timed out while it was being executed, after 3 seconds"),
        (DYING, "Kernel died"),
    ],
    ids=["fails", "hangs", "is killed"],
)
def test_a_notebook_that_fails_hangs_or_is_killed_names_its_cell_and_runs_again(project, notebook, reason):
    (project / "notebooks/small.py").write_text(notebook)
    with pytest.raises(book.BookError, match=CELL_AND_PAGE + reason):
        book.make_page(page(project, size=13), paths.BOOK, timeout=3)
    assert (project / "ran").read_text() == "13"
    wait_for(lambda: not running_kernels())
    assert not (paths.BUILD / "executed/small.ipynb").exists()
    assert book.make_page(page(project), paths.BOOK)
    assert (project / "ran").read_text() == "2"


def test_a_killed_build_leaves_the_last_good_page_and_the_next_one_makes_it(project):
    book.make_page(page(project), paths.BOOK)
    good = (paths.BOOK / "small.ipynb").read_bytes()
    (project / "notebooks/small.py").write_text(HANGING)
    code = f"""
from pathlib import Path
from upsampling.book import build as book
from upsampling.book import kernels, pdf
from upsampling import paths
paths.NOTEBOOKS, paths.BUILD, paths.BOOK = (Path({str(project)!r}, name) for name in ("notebooks", "_build", "book"))
with kernels.forked(()):
    book.make_page(book.Page("small", "small.py", {{"folder": {str(project)!r}, "size": 13}}), paths.BOOK)
"""
    build = subprocess.Popen([sys.executable, "-c", code])
    wait_for(lambda: (project / "ran").read_text() == "13")
    started = psutil.Process(build.pid).children(recursive=True)
    build.kill()
    build.wait()
    assert (paths.BOOK / "small.ipynb").read_bytes() == good
    wait_for(lambda: not any(process.is_running() for process in started))
    assert book.make_page(page(project, size=4), paths.BOOK)
    assert (project / "ran").read_text() == "4"


def test_a_failure_keeps_the_last_good_page(project):
    book.make_page(page(project), paths.BOOK)
    good = (paths.BOOK / "small.ipynb").read_bytes()
    with pytest.raises(book.BookError):
        book.make_page(page(project, size=13), paths.BOOK)
    assert (paths.BOOK / "small.ipynb").read_bytes() == good


def test_an_unknown_parameter_is_refused_by_name_before_anything_runs(project):
    with pytest.raises(
        SpecError, match=r"unknown parameter of small.py 'sise'. Did you mean 'size'\? Known: size, folder"
    ):
        book.make_page(page(project, sise=3), paths.BOOK)
    assert not (project / "ran").exists()


def test_the_executed_notebook_names_its_source_and_no_place_of_this_machine(project):
    book.make_page(page(project), paths.BOOK)
    made = json.loads((paths.BUILD / "executed/small.ipynb").read_text())
    record = made["metadata"]["papermill"]
    assert record["input_path"] == "notebooks/small.py"
    assert record["output_path"] == "small.ipynb"
    assert set(made["metadata"]["code"]) == {"commit", "dirty"}
    assert all("papermill" in cell["metadata"] and "execution" not in cell["metadata"] for cell in made["cells"])


def test_a_warning_is_said_by_the_build_and_not_by_the_page(project, capfd):
    (project / "notebooks/small.py").write_text(
        f'{NOTEBOOK}\nimport warnings\nwarnings.warn("a worker stopped")\nprint("kept")\n'
    )
    book.make_page(page(project), paths.BOOK)
    made = (paths.BUILD / "executed/small.ipynb").read_text()
    assert "kept" in made
    assert "UserWarning" not in made
    assert "UserWarning: a worker stopped" in capfd.readouterr().err


@pytest.mark.parametrize("made", book.PAGES, ids=lambda made: made.name)
def test_pages_use_parameters_that_their_notebooks_declare(made):
    assert set(made.parameters) <= set(book.parameters_of(made.notebook))


def test_the_run_command_offers_the_parameters_of_the_chapter():
    options = {"dataset", "fractions", "seeds", "arms", "curve_fraction", "curve_seed", "compute"}
    assert set(book.parameters_of("dataset.py")) == options
    command = next(c for c in cli.app.registered_commands if c.callback.__name__ == "run")
    offered = set(command.callback.__annotations__) - {"return"}
    assert {f"{name}s" if name != "dataset" else name for name in offered} <= options


def test_every_parameter_is_typed_and_commented():
    for made in {made.notebook for made in book.PAGES}:
        source = (paths.NOTEBOOKS / made).read_text()
        for name in book.parameters_of(made):
            (line,) = [line for line in source.splitlines() if line.startswith(f"{name}:")]
            assert "#" in line, f"{made}: {name}"


def printed() -> list[str]:
    return [name for _, names in pdf.pages() for name in names]


def test_the_table_of_contents_is_that_of_the_headers():
    known = yaml.safe_load((paths.ROOT / "_toc.yml").read_text())
    assert known == pages.contents(pages.discovered())
    listed = pages_of_the_book()
    assert len(set(listed)) == len(listed)
    assert set(listed) == {path.stem for path in paths.BOOK.glob("*.md")} | {made.name for made in book.PAGES}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "has no header"),
        ("---\nplace: 1\n---\n", "does not say where the page 'new' stands: name a part, of The answer"),
        ("---\npart: The evidenc\n---\n", "unknown part in the header of .*Did you mean 'The evidence'"),
        ("---\nprat: The evidence\n---\n", "unknown entry in the header of .*Did you mean 'part'"),
        ("---\nunder: methud\n---\n", "unknown page above 'new' 'methud'"),
    ],
)
def test_a_header_that_says_too_little_or_nonsense_is_refused_by_name(project, header, message):
    (project / "notebooks/small.py").unlink()
    (project / "book/new.md").write_text(f"{header}# New\n")
    with pytest.raises(SpecError, match=message):
        pages.contents(pages.discovered())


def test_the_contents_are_written_anew_when_a_page_came(project):
    (project / "notebooks/small.py").unlink()
    for name, place in (("last", 2), ("first", 1)):
        (project / f"book/{name}.md").write_text(f"---\npart: The evidence\nplace: {place}\n---\n\n# {name}\n")
        pages.write_contents()
    (part,) = yaml.safe_load((project / "_toc.yml").read_text())["parts"]
    assert part == {"caption": "The evidence", "chapters": [{"file": "book/first"}, {"file": "book/last"}]}


def test_the_book_has_twelve_pages_the_figures_of_each_table_counting_as_one():
    listed = printed()
    assert len([name for name in listed if name not in ("credit_card", "insurance")]) == 12


def test_each_page_ends_with_the_way_to_the_next():
    leads = {page.name: page.next for page in book.PAGES}
    for here, following in pairwise(printed()):
        page = paths.BOOK / f"{here}.md"
        last = page.read_text().strip().splitlines()[-1] if page.is_file() else f"**Next:** {leads[here]}."
        assert last.startswith("**Next:** ["), here
        assert re.search(r"\((\w+)\.(ipynb|md)\)", last)[1] == following


def test_old_addresses_lead_to_pages_that_exist():
    moved = yaml.safe_load((paths.ROOT / "_config.yml").read_text())["sphinx"]["config"]["redirects"]
    assert {Path(page).stem for page in moved.values()} <= set(pages_of_the_book())
    assert not {Path(page).name for page in moved} & set(pages_of_the_book())


def test_the_configuration_keys_stand_where_jupyter_book_reads_them():
    config = yaml.safe_load((paths.ROOT / "_config.yml").read_text())
    assert config["only_build_toc_files"] is True
    assert config["execute"]["execute_notebooks"] == "off"
    known = yaml.safe_load((files("jupyter_book") / "default_config.yml").read_text())
    assert set(config) <= set(known) | {"only_build_toc_files", "bibtex_bibfiles"}
    for section in ("execute", "html", "sphinx"):
        assert set(config[section]) <= set(known[section])
    for name in set(config["sphinx"]["config"]["html_js_files"] + config["sphinx"]["config"]["html_css_files"]):
        assert (paths.BOOK / "_static" / name).is_file()


def test_every_reference_has_an_address_and_every_citation_a_reference():
    library = (paths.BOOK / "references.bib").read_text()
    entries = dict(re.findall(r"^@\w+\{(\w+),(.*?)^\}", library, re.MULTILINE | re.DOTALL))
    assert len(entries) == library.count("@") > 15
    for name, entry in entries.items():
        assert re.search(r"doi = \{10\.\d{4,}/|url = \{https://", entry), name
    for source in [*paths.BOOK.glob("*.md"), *paths.NOTEBOOKS.glob("*.py")]:
        for keys in re.findall(r"\{cite\}`([^`]+)`", source.read_text()):
            assert set(keys.split(",")) <= set(entries), source.name


def test_the_map_of_the_paper_leads_to_what_notebooks_publish():
    made = {page.name: (paths.NOTEBOOKS / page.notebook).read_text() for page in book.PAGES}
    rows = [row for row in (paths.BOOK / "paper.md").read_text().splitlines() if row.startswith("| ")]
    targets = re.findall(r"\{numref\}`(?:fig|tab)-([^`]+)`", "\n".join(rows))
    assert len(set(targets)) > 30
    for target in targets:
        page = next(name for name in sorted(made, key=len, reverse=True) if target.startswith(f"{name}-"))
        name = target.removeprefix(f"{page}-")
        written = (f'name="{name}"', "name=metric", f'card("{name}"', f'card(\n    "{name}"')
        assert any(text in made[page] for text in written), target
    statements = [row for row in rows if not re.match(r"\| (in the paper|the paper or its digest|proposed) ", row)]
    for row in statements:
        where = row.split("|")[-2]
        assert "{numref}" in where or "](" in where or "not judged" in where or "every chapter" in where, row


def test_a_page_is_built_after_those_that_it_reads_and_none_after_a_failure(project, monkeypatch, capsys):
    made = {"first": page(project), "last": page(project), "bad": page(project, size=13)}
    made = {name: replace(one, name=name) for name, one in made.items()}
    made["last"] = replace(made["last"], after=("first", "bad"))
    rendered = []
    monkeypatch.setattr(paths, "SITE", project)
    monkeypatch.setattr(book, "render", lambda *_, everything: rendered.append(everything))
    monkeypatch.setattr(book, "PAGES", (made["last"], made["first"], made["bad"]))
    with pytest.raises(book.BookError, match=r"small\.py \(bad\) failed"):
        book.build()
    assert not rendered
    assert not (paths.BOOK / "last.ipynb").exists()
    monkeypatch.setattr(
        book, "PAGES", (made["bad"], *(replace(made["first"], name=name) for name in ("second", "third")))
    )
    with monkeypatch.context() as patched:
        patched.setattr("os.cpu_count", lambda: 1)
        with pytest.raises(book.BookError):
            book.build()
    assert not (paths.BOOK / "third.ipynb").exists()
    monkeypatch.setattr(
        book, "PAGES", (made["last"], made["first"], replace(made["bad"], parameters=made["first"].parameters))
    )
    capsys.readouterr()
    book.build()
    told = capsys.readouterr().out.splitlines()
    assert sorted(told[:2]) == ["executed: bad", "unchanged: first"]
    assert told[2:] == ["executed: last"]
    assert len(rendered) == 1
    (project / "index.html").write_text("rendered")
    book.build()
    assert len(rendered) == 1, "nothing changed"
    prose = "---\npart: The evidence\n---\n\n# A new page\n"
    for text in (prose, f"{prose}\nMore words.\n", f"{prose}\n```{{table}} A caption\n:name: tab-new\n```\n"):
        (paths.BOOK / "prose.md").write_text(text)
        book.build()
    assert rendered[2:] == [False, True], "numbers that other pages name moved"


def test_a_page_is_executed_again_when_a_page_that_it_reads_changed(project):
    (project / "notebooks/other.py").write_text(NOTEBOOK)
    reader = book.Page("reader", "other.py", {"folder": str(project)}, after=("small",))
    source = project / "notebooks/small.py"
    source.write_text(PUBLISHING)
    assert book.make_page(page(project), paths.BOOK)
    assert book.make_page(reader, paths.BOOK)
    assert not book.make_page(reader, paths.BOOK)
    source.write_text(PUBLISHING.replace("words", "other words"))
    assert book.make_page(page(project), paths.BOOK)
    assert not book.make_page(reader, paths.BOOK), "no number changed"
    source.write_text(PUBLISHING.replace("[1]", "[2]"))
    assert book.make_page(page(project), paths.BOOK)
    assert book.make_page(reader, paths.BOOK)


def test_a_page_depends_on_the_modules_that_its_notebook_imports_and_on_no_other(project, monkeypatch):
    package = project / "upsampling"
    package.mkdir()
    for name in ("__init__", "used", "unused"):
        (package / f"{name}.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(sources, "PACKAGE", package)
    (project / "notebooks/small.py").write_text(f"{NOTEBOOK}\nfrom upsampling.used import VALUE\n")
    before = book.digest(page(project))
    (package / "unused.py").write_text("VALUE = 2\n")
    (package / "used.py").write_text("# one\nVALUE = 1\n")
    assert book.digest(page(project)) == before
    (package / "used.py").write_text("VALUE = 2\n")
    assert book.digest(page(project)) != before


@pytest.mark.parametrize("made", book.PAGES, ids=lambda made: made.name)
def test_a_page_says_which_tables_it_reads_beside_those_of_cells(made):
    source = (paths.NOTEBOOKS / made.notebook).read_text()
    read = re.findall(r"\b(audit|benchmarks|toy)\.load\(|\b(curves)\.read\(|\bledger\.read\(.*\"(\w+)\"\)", source)
    assert {"".join(names) for names in read} <= set(made.reads)


def test_published_items_are_found_in_executed_pages_and_nowhere_else(project, monkeypatch):
    (project / "notebooks/small.py").write_text(PUBLISHING)
    monkeypatch.setattr(book, "PAGES", (page(project), book.Page("absent", "small.py")))
    assert book.published_items() == []
    book.make_page(page(project), paths.BOOK)
    ((name, item),) = book.published_items()
    assert (name, item["kind"], item["name"], item["lineage"]) == ("small", "table", "t", None)


@pytest.mark.parametrize("made", [made for made in book.PAGES if made.reads], ids=lambda made: made.name)
def test_what_is_published_from_results_names_its_cells(made):
    """Set-up, methods, classifiers, matrix and errata are about cells; everything else stands on them, or was measured by a command."""
    source = (paths.NOTEBOOKS / made.notebook).read_text()
    published = len(re.findall(r"publish\.(?:figure|table|explorer|adviser|thresholds|stepper)\(", source))
    of_code = {"method": 4, "errata": 1}.get(made.name, 0)
    assert len(re.findall(r"\b(?:runs|command)=", source)) == published - of_code
