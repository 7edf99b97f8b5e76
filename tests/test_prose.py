"""Sentences are filled in, and stop the book when the results no longer support them."""

import re

import nbformat
import pytest
from pages import BLANK, WRITTEN, guards_under, source, squeezed

from upsampling import paths
from upsampling.book import build, prose
from upsampling.errors import SpecError

# Values that claim nothing: what the set-up is, and how much of it there is. Every other number belongs to a guard.
FACTS = {
    "guide.py": {"n_experiments", "n_tables"},
    "decisions.py": {"ratios", "n_drawn"},
    "method.py": {
        *("holdout", "shares", "fewest", "n_cells", "n_failed", "protocol", "hours", "n_fits", "fit_each", "n_commits"),
        *("n_dirty", "n_machines"),
    },
    "start.py": {"n_claims", "everywhere", "nowhere"},
    "transfer.py": {"commit"},
    "your_data.py": {"budget", "rows"},
}
# Numbers with a unit that are typed by hand: the set-up, the paper's own words, and examples.
TYPED = {"95 %", "0.1 %", "0.5 %", "1 %", "24 %", "80 %"}


def notebook(*outputs: dict, markdown: str) -> nbformat.NotebookNode:
    shown = [nbformat.v4.new_output("display_data", {prose.MIME: content}) for content in outputs]
    cells = [
        nbformat.v4.new_code_cell("code", outputs=shown),
        nbformat.v4.new_markdown_cell(markdown),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def text_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in prose.filled(notebook).cells if cell.cell_type == "markdown"]


def test_values_are_filled_in_and_leave_no_trace():
    made = notebook({"values": {"gain": "2.3 points", "n": "5"}}, markdown="A gain of {{ gain }}, n = {{n}}.")
    assert text_of(made) == ["A gain of 2.3 points, n = 5."]
    assert not prose.filled(made).cells[0].outputs
    assert made.cells[0].outputs, "the notebook itself is not changed"


def test_a_value_that_nobody_gives_or_that_two_cells_give_differently_is_refused():
    with pytest.raises(SpecError, match=r"no cell says the value .gain. of .A gain of"):
        text_of(notebook(markdown="A gain of {{ gain }}."))
    with pytest.raises(SpecError, match="'gain' is given twice, as 1 and as 2"):
        text_of(notebook({"values": {"gain": "1"}}, {"values": {"gain": "2"}}, markdown="{{ gain }}"))


def test_a_sentence_that_is_no_longer_true_stops_the_build_and_is_named_with_its_page_and_values(tmp_path, monkeypatch):
    for name in ("NOTEBOOKS", "BUILD", "BOOK"):
        monkeypatch.setattr(paths, name, tmp_path)
    (tmp_path / "small.py").write_text(
        '# %%\nfrom upsampling.book.prose import holds\nholds("Rows help by {{ gain }}.", False, gain="-2 points")\n'
        "# %% [markdown]\n# Rows help by {{ gain }}.\n"
    )
    with pytest.raises(
        build.BookError, match=r"small\.py \(small\) failed(.|\n)*«Rows help by .*» \(gain = -2 points\)"
    ):
        build.make_page(build.Page("small", "small.py"), tmp_path)
    (tmp_path / "small.py").write_text((tmp_path / "small.py").read_text().replace("False", "True"))
    build.make_page(build.Page("small", "small.py"), tmp_path)
    assert "Rows help by -2 points." in (tmp_path / "small.ipynb").read_text()


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_guard_checks_stands_on_its_page(name):
    page = source(name)
    text = squeezed(page.markdown)
    assert [guard["sentence"] for guard in page.guards if guard["sentence"] not in text] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_every_number_in_prose_has_a_guard(name):
    page = source(name)
    guarded = set().union(*(guard["values"] for guard in page.guards)) if page.guards else set()
    without = [
        sentence for sentence in page.sentences if set(BLANK.findall(sentence)) - guarded - FACTS.get(name, set())
    ]
    assert without == []
    assert page.said <= FACTS.get(name, set()), "a fact is listed here, so that nobody takes a claim for one"


@pytest.mark.parametrize("name", WRITTEN)
def test_no_result_is_typed_by_hand(name):
    prose_alone = re.sub(r"^>.*$|`[^`]*`", "", "\n".join(source(name).sentences), flags=re.MULTILINE)
    assert set(re.findall(r"\d+(?:\.\d+)? (?:%|points?)", prose_alone)) <= TYPED


_LOADED: dict = {}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WRITTEN if any(guard["between"] for guard in source(name).guards)])
def test_with_the_labels_of_its_two_arms_swapped_a_guard_fails(name, monkeypatch, few_resamples):
    plain = guards_under(name, monkeypatch, {}, _LOADED)
    assert [sentence for sentence, held, _ in plain if not held] == []
    pairs = {between for _, _, between in plain if between}
    still = []
    for one, other in pairs:
        swapped = guards_under(name, monkeypatch, {one: other, other: one}, _LOADED)
        held = {sentence for sentence, held, _ in swapped if held}
        still += [sentence for sentence, _, between in plain if between == (one, other) and sentence in held]
    assert still == []
