"""Sentences that a person writes, values that code fills in, and guards that stop the book when a sentence is no longer true.

In a notebook a code cell says what is filled in and checks what is claimed; the Markdown cell holds the sentence::

    holds("On Credit Card a linear model on the raw rows wins at every size, by {{ gain }}.", (table["mean"] > 0).all(), gain=points(...))

The sentence of a guard stands word by word in the Markdown of its page; a test sees to it.
"""

import re
from collections.abc import Iterator

import nbformat
from IPython.display import display

from upsampling.errors import SpecError, UpsamplingError

MIME = "application/vnd.upsampling.prose+json"
_BLANK = re.compile(r"\{\{ *(\w+) *\}\}")


class GuardError(UpsamplingError):
    """The results no longer support a sentence."""


def say(**values) -> None:
    """Fill in values: ``{{ name }}`` in the Markdown of this page becomes the value."""
    _emit({"values": {name: str(value) for name, value in values.items()}})


def holds(sentence: str, condition, *, between: tuple[str, str] | None = None, **values) -> None:
    """Stop the book unless a sentence of this page is true.

    Parameters
    ----------
    sentence : str
        The sentence or heading, or the part of it that is claimed, as it stands in the Markdown of the page.
    condition : bool
        Whether the results support it.
    between : (str, str), optional
        Two arms that the sentence is about: with their labels swapped it has to fail, which a test tries.
    **values
        The numbers behind it. Those that the sentence names in ``{{ }}`` are filled in; all are shown if it fails.

    Raises
    ------
    GuardError
        The condition is false.
    """
    if not condition:
        shown = "; ".join(f"{name} = {value}" for name, value in values.items()) or "no values were given"
        raise GuardError(
            f"the results no longer support: «{sentence}» ({shown}). Rewrite the sentence, or find out why."
        )
    say(**values)


def _emit(content: dict) -> None:
    display({"text/plain": "", MIME: content}, raw=True)


def filled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return an executed notebook with its values in its Markdown.

    Raises
    ------
    SpecError
        The Markdown names a value that no cell gave, or two cells gave unlike values by one name.
    """
    values: dict[str, str] = {}
    for content in _prose_outputs(notebook):
        for name, value in content.get("values", {}).items():
            if values.setdefault(name, value) != value:
                raise SpecError(f"the value '{name}' is given twice, as {values[name]} and as {value}: use two names.")

    def value_of(blank: re.Match) -> str:
        if blank[1] not in values:
            raise SpecError(f"no cell says the value '{blank[1]}' of '{blank.string.strip().splitlines()[0]}'.")
        return values[blank[1]]

    cells = []
    for cell in notebook.cells:
        cell = nbformat.NotebookNode(cell)
        if cell.cell_type == "markdown":
            cell.source = _BLANK.sub(value_of, cell.source)
        else:
            cell.outputs = [output for output in cell.get("outputs", []) if MIME not in output.get("data", {})]
        cells.append(cell)
    return nbformat.NotebookNode(notebook | {"cells": cells})


def _prose_outputs(notebook: nbformat.NotebookNode) -> Iterator[dict]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield output["data"][MIME]
