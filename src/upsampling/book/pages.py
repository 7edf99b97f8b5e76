"""The pages of the book. Each says in the header of its own source where it stands and what it reads, and is found by that.

A notebook has it as `page` in its metadata, a page of prose as front matter; a notebook of several pages has `pages`, by name.

part
    A part of the book, of `PARTS`; a page that is folded away names the page that it stands `under` instead.
place
    Its rank there.
title
    What the menu calls it; by default its heading.
reads
    What a change of it makes the page stale: data sets and tables of the results folder. ``study`` stands for the paper's data sets, ``natural``
    for those that are rare by nature, ``pages`` for what all other notebooks publish.
parameters
    What papermill puts in place of the defaults. A data set of the paper has the study's seeds, and the arms that pages show.
next
    Where to read on. A page of prose says so itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from upsampling import paths
from upsampling.errors import SpecError, check_choice
from upsampling.files import replace_file
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.plan import NATURAL
from upsampling.study.protocol import SEEDS
from upsampling.study.seeds import FEWEST

PARTS = ("The answer", "The evidence", "Use and check it")
START = "index"
TOC_HEAD = "# Written by `make book` from the headers of the pages: see src/upsampling/book/pages.py.\n"
ALL_PAGES = "pages"
_READS = {"study": tuple(SEEDS), "natural": NATURAL}
ENTRIES = ("part", "under", "place", "title", "reads", "parameters", "next")


@dataclass(frozen=True)
class Page:
    """A page of the book: see the module for what its header says.

    Parameters
    ----------
    name : str
        Name of the page.
    notebook : str
        Source in the folder of notebooks; empty for prose.
    parameters : mapping
        What papermill puts in place of the defaults.
    reads : tuple of str
        Data sets whose results it shows, and what other tables of the results folder it reads, as ``benchmarks``.
    after : tuple of str
        Pages whose published items it reads.
    part, under, place, title, next
        As the header says.
    """

    name: str
    notebook: str = ""
    parameters: Mapping = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    part: str = ""
    under: str = ""
    place: float = 0
    title: str = ""
    next: str = ""

    @property
    def computes(self) -> bool:
        """Whether executing it may add results."""
        return "dataset" in self.parameters and self.parameters.get("compute", True)


def discovered() -> tuple[Page, ...]:
    """Return every page, notebooks first.

    Raises
    ------
    SpecError
        A header lacks or misspells something.
    """
    pages = [page for path in sorted(paths.NOTEBOOKS.glob("*.py")) for page in _of_notebook(path)]
    prose = [_page(path.stem, _header(path), path) for path in sorted(paths.BOOK.glob("*.md"))]
    others = tuple(page.name for page in pages if not page.after)
    return (*(replace(page, after=others) if page.after else page for page in pages), *prose)


def _of_notebook(path: Path) -> Iterator[Page]:
    header = _header(path).get("jupyter", {})
    for name, entries in header.get("pages", {path.stem: header.get("page", {})}).items():
        yield _page(name, entries, path, notebook=path.name)


def _header(path: Path) -> dict:
    """Return the YAML between the first two lines of three hyphens, which a notebook has as comments."""
    sign = "# " if path.suffix == ".py" else ""
    lines = [line.removeprefix(sign) for line in path.read_text().splitlines()]
    if lines[:1] != ["---"] or "---" not in lines[1:]:
        raise SpecError(f"{path} has no header: CONTRIBUTING.md shows how a page begins.")
    return yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)]))


def _page(name: str, header: Mapping, path: Path, notebook: str = "") -> Page:
    for entry in header:
        check_choice(entry, ENTRIES, f"entry in the header of {path}")
    if "part" in header:
        check_choice(header["part"], PARTS, f"part in the header of {path}")
    elif "under" not in header and name != START:
        raise SpecError(
            f"the header of {path} does not say where the page '{name}' stands: name a part, of {', '.join(PARTS)}."
        )
    parameters = dict(header.get("parameters", {}))
    if parameters.get("dataset") in SEEDS:
        # the seeds that every arm of the paper has at every share
        parameters |= {"seeds": list(SEEDS[parameters["dataset"]])[:FEWEST], "arms": list(PAPER_ARMS)}
    words = header.get("reads", ())
    reads = tuple(read for word in words if word != ALL_PAGES for read in _READS.get(word, (word,)))
    after = (ALL_PAGES,) if ALL_PAGES in words else ()
    return Page(name, notebook, **{**header, "parameters": parameters, "reads": reads, "after": after})


def contents(pages: Sequence[Page]) -> dict:
    """Return the table of contents as Jupyter Book reads it.

    Raises
    ------
    SpecError
        A page stands under one that there is not.
    """
    for page in pages:
        if page.under:
            check_choice(page.under, {other.name for other in pages if other.part}, f"page above '{page.name}'")
    parts = [{"caption": part, "chapters": _entries(pages, part=part)} for part in PARTS]
    return {"format": "jb-book", "root": f"book/{START}", "parts": [part for part in parts if part["chapters"]]}


def _entries(pages: Sequence[Page], part: str = "", under: str = "") -> list[dict]:
    chosen = [page for page in pages if page.name != START and (page.part, page.under) == (part, under)]
    entries = []
    for page in sorted(chosen, key=lambda page: (page.place, page.name)):
        sections = _entries(pages, under=page.name) if part else []
        entries.append(
            {"file": f"book/{page.name}"}
            | ({"title": page.title} if page.title else {})
            | ({"sections": sections} if sections else {})
        )
    return entries


def write_contents() -> None:
    """Write ``_toc.yml``, if it is not up to date."""
    path = paths.BOOK.parent / "_toc.yml"
    text = TOC_HEAD + yaml.safe_dump(contents(discovered()), sort_keys=False)
    if not path.is_file() or path.read_text() != text:
        replace_file(path, lambda target: target.write_text(text))
