"""The last section of a page leads to its source, and promises nothing that cannot work."""

import json

import nbformat
import pytest

from upsampling import paths
from upsampling.book import build as book
from upsampling.book import lineage, publish, rerun

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def executed():
    parameters = nbformat.v4.new_code_cell(
        'dataset: str = "adult"  # which table\nseeds: list = [0, 1]  # what to repeat',
        metadata={"tags": ["parameters"]},
    )
    injected = nbformat.v4.new_code_cell("# Parameters\nseeds = [7]\n", metadata={"tags": ["injected-parameters"]})
    output = nbformat.v4.new_output("display_data", data={"image/png": "AAAA", publish.MIME: {"svg": "<svg/>"}})
    return nbformat.v4.new_notebook(cells=[parameters, injected, nbformat.v4.new_code_cell("1", outputs=[output])])


@pytest.fixture
def state(monkeypatch):
    found = {"commit": COMMIT, "dirty": False}
    monkeypatch.setattr(rerun, "code_state", lambda: found)
    return found


def test_the_parameters_are_those_that_were_used(executed):
    assert rerun.parameters_text(executed) == 'dataset = "adult"  # which table\nseeds = [7]  # what to repeat'
    assert rerun.parameters_text(nbformat.v4.new_notebook()) == ""


def test_without_a_public_address_there_is_no_link_but_the_download(executed, state, monkeypatch):
    monkeypatch.setattr(rerun, "repository", lambda: "")
    text = rerun.section(executed, "dataset.py", "_files/adult/adult.ipynb")
    assert "http" not in text
    assert "`notebooks/dataset.py` at `0123456789ab` made this page" in text
    assert "{download}`Executed notebook <_files/adult/adult.ipynb>`" in text
    assert "seeds = [7]" in text


@pytest.mark.parametrize("address", ["https://github.com/some/book", "https://github.com/some/book.git"])
def test_with_a_public_address_the_links_name_the_committed_source(executed, state, monkeypatch, address):
    monkeypatch.setattr(rerun, "repository", lambda: address)
    text = rerun.section(executed, "dataset.py", "x.ipynb")
    assert f"(https://github.com/some/book/blob/{COMMIT}/notebooks/dataset.py)" in text
    assert f"(https://mybinder.org/v2/gh/some/book/{COMMIT}?urlpath=lab/tree/notebooks/dataset.py)" in text
    assert f"(https://colab.research.google.com/github/some/book/blob/{COMMIT}/{rerun.COLAB})" in text


def test_other_hosts_get_no_link_to_binder_or_colab():
    assert set(rerun.links("dataset.py", "https://example.org/book", COMMIT)) == {"source"}


def test_what_is_not_committed_is_said_and_a_version_is_no_commit(executed, state, monkeypatch):
    monkeypatch.setattr(rerun, "repository", lambda: "https://github.com/some/book")
    state["dirty"] = True
    assert "with changes that are not committed" in rerun.section(executed, "dataset.py", "x.ipynb")
    state["commit"] = "version 0.1.0"
    assert "https://" not in rerun.section(executed, "dataset.py", "x.ipynb")


@pytest.mark.parametrize(("dirty", "named"), [(False, "fedcba987654"), (True, COMMIT[:12])])
def test_a_page_names_the_commit_that_executed_it_once_its_changes_are_committed(executed, state, dirty, named):
    executed.metadata.code = {"commit": "fedcba9876543210", "dirty": dirty}
    assert f" at `{named}` made this page" in rerun.section(executed, "dataset.py", "x.ipynb")


def test_the_notebook_to_download_keeps_pictures_and_drops_what_only_the_book_reads(executed):
    assert rerun.for_download(executed).cells[2].outputs[0].data == {"image/png": "AAAA"}
    assert publish.MIME in executed.cells[2].outputs[0].data, "the original is not changed"


def test_the_sources_that_links_name_exist():
    for page in book.PAGES:
        assert (paths.NOTEBOOKS / page.notebook).is_file()
    assert (paths.ROOT / rerun.COLAB).is_file()


def test_colab_fetches_from_the_address_of_the_project():
    notebook = nbformat.read(paths.ROOT / rerun.COLAB, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    source = "\n".join(cell.source for cell in notebook.cells)
    assert f"repository = {json.dumps(lineage.repository())}" in source
    assert 'notebook = "dataset.py"' in source
