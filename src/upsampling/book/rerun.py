"""The last section of a page that a notebook made: its source, its parameters, and the ways to run it again."""

import re
from pathlib import Path

import nbformat

from upsampling.book.lineage import repository
from upsampling.book.publish import MIME
from upsampling.study.experiment import code_state

# The notebook that Colab opens; it fetches the sources and runs one of them.
COLAB = "docs/colab.ipynb"
_ASSIGNMENT = re.compile(r"^(\w+)(?:: [^=]+)? = (.+?)(  # .*)?$")


def links(notebook: str, address: str, commit: str) -> dict[str, str]:
    """Return where to read and run a notebook's source at a commit, by kind: `source`, and for GitHub `binder` and `colab`.

    Parameters
    ----------
    notebook : str
        Source in the folder of notebooks.
    address : str
        Address of the repository.
    commit : str
        Full name of the commit.
    """
    address = address.removesuffix(".git")
    addresses = {"source": f"{address}/blob/{commit}/notebooks/{notebook}"}
    if address.startswith("https://github.com/"):
        project = address.removeprefix("https://github.com/")
        addresses["binder"] = f"https://mybinder.org/v2/gh/{project}/{commit}?urlpath=lab/tree/notebooks/{notebook}"
        addresses["colab"] = f"https://colab.research.google.com/github/{project}/blob/{commit}/{COLAB}"
    return addresses


def parameters_text(notebook: nbformat.NotebookNode) -> str:
    """Return the parameters that an executed notebook used, a line each with what it means, as source text."""
    cells = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    if "parameters" not in cells:
        return ""
    injected = cells.get("injected-parameters", nbformat.v4.new_code_cell()).source.splitlines()
    given = {match[1]: match[2] for match in map(_ASSIGNMENT.match, injected) if match}
    lines = []
    for match in filter(None, map(_ASSIGNMENT.match, cells["parameters"].source.splitlines())):
        lines.append(f"{match[1]} = {given.get(match[1], match[2])}{match[3] or ''}")
    return "\n".join(lines)


def for_download(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return an executed notebook without the copies of its figures and tables that only the book reads."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(MIME, None)
    return notebook


def section(notebook: nbformat.NotebookNode, source: str, download: str) -> str:
    """Return the section as Markdown.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook; its metadata may tell the state of the `code` that executed it.
    source : str
        Its source in the folder of notebooks.
    download : str
        Address of the executed notebook, relative to the page.
    """
    state, address = notebook.metadata.get("code", {"dirty": True}), repository()
    if state["dirty"]:
        # by now, its changes may be committed
        state = code_state()
    commit = state["commit"]
    known = links(source, address, commit) if address and " " not in commit else {}
    name = f"`notebooks/{source}`"
    if known:
        name = f"[{name}]({known['source']})"
    changed = ", with changes that are not committed," if state["dirty"] else ""
    parameters = parameters_text(notebook)
    ending = ", with these parameters:" if parameters else "; it has no parameters."
    lines = ["## Rerun this page", f"{name} at `{commit[:12]}`{changed} made this page{ending}"]
    if parameters:
        lines.append(f"```python\n{parameters}\n```")
    ways = [f"{{download}}`Executed notebook <{download}>`: code, text, pictures and tables, to open in Jupyter."]
    if "binder" in known:
        ways.append(
            f"[Binder]({known['binder']}): the source in a Jupyter of your own, in the browser, with this environment."
        )
        ways.append(f"[Colab]({known['colab']}): the same on a machine of Google's.")
    lines.append("\n".join(f"- {way}" for way in ways))
    return "\n\n".join(lines)


def append(
    notebook: nbformat.NotebookNode, stitched: nbformat.NotebookNode, source: str, page: str, folder: Path
) -> None:
    """Write the executed notebook below `folder` for readers to download, and add the section to the page."""
    download = f"_files/{page}/{page}.ipynb"
    (folder / download).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(for_download(notebook), folder / download)
    stitched.cells.append(nbformat.v4.new_markdown_cell(section(notebook, source, download), id="rerun"))
