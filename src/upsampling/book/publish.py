"""One helper that publishes figures, tables and text from a notebook.

In Jupyter the reader sees the picture or table at once. For the book, the same output carries what `book.stitch` needs
to turn it into a numbered figure or table with a caption, a text for those who cannot see it, and the data as CSV.
"""

import io
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

import matplotlib as mpl
import nbformat
import pandas as pd
from docutils.nodes import make_id
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

from upsampling.book import drawing, lineage, sorting
from upsampling.errors import SpecError, check_choice
from upsampling.words import escape

# What readers steer, by the names of their scripts.
WIDGETS = ("explorer", "adviser", "thresholds", "stepper")
MIME = "application/vnd.upsampling+json"
CSV_FORMAT = "%.6g"
# Hundredths of a point are enough for what is drawn; they are a third of a file. So are the names of what nothing refers to,
# turns by nothing and line breaks.
_PLACE = re.compile(r' (?:d|x|y)="[^"]*"')
_FAR_DECIMALS = re.compile(r"(\.\d\d)\d+")
_UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*"')
_STYLE = re.compile(r' style="([^"]*)"')
# The blanks within an interval and before a unit.
_UNBROKEN = re.compile(r"(?<=,) (?=[+-]?[\d.]+\])|(?<=\d) (?=%|s\b|min\b|h\b)")
_NAME = re.compile(r' id="(?:axes|figure|legend|line2d|patch|text|xtick|ytick|matplotlib\.axis|\w+Collection)_\d+"')


def figure(
    picture: Figure,
    data: pd.DataFrame,
    *,
    name: str,
    caption: str,
    alt: str,
    runs: pd.DataFrame | None = None,
    command: str = "make book",
) -> None:
    """Publish a figure.

    Parameters
    ----------
    picture : Figure
        What to show.
    data : DataFrame
        The numbers behind it, offered as CSV.
    name : str
        Unique within the page; the book refers to it as ``fig-<page>-<name>``.
    caption : str
        What to see, in Markdown.
    alt : str
        The picture in words.
    runs : DataFrame, optional
        Rows of `runs.csv`, for a figure that stands on cells; `data` names these: see `lineage.source_runs`.
    command : str
        What makes the numbers again, for a figure that stands on no cells.
    """
    png, svg = io.BytesIO(), io.StringIO()
    with mpl.rc_context(drawing.STYLE):
        picture.savefig(png, format="png", dpi=72)
        # it is laid out; each further time would take as long again
        picture.set_layout_engine("none")
        picture.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        parts = drawing.parts(picture)
    content = {"kind": "figure", "name": name, "caption": caption, "alt": alt, "svg": _slim(svg.getvalue())}
    content |= {"parts": parts} | _numbers(data, runs, command)
    display({"image/png": b64encode(_few_colors(png)).decode(), MIME: content}, raw=True)


def _slim(svg: str) -> str:
    """Return a vector graphic without what nobody sees."""
    svg = _PLACE.sub(lambda path: " " + " ".join(_FAR_DECIMALS.sub(r"\1", path[0]).split()), svg)
    svg = re.sub(r">\s+<", "><", _UNTURNED.sub("", _NAME.sub("", svg)))
    # said once; Verdana, for where DejaVu Sans is missing, is as wide
    families = "font-family: 'DejaVu Sans', Verdana, sans-serif"
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg).replace("</style>", f" text{{{families}}}</style>", 1)
    classes = {style: f"s{n}" for n, (style, count) in enumerate(Counter(_STYLE.findall(svg)).items()) if count > 1}
    svg = _STYLE.sub(lambda match: f' class="{classes[match[1]]}"' if match[1] in classes else match[0], svg)
    rules = "".join(f" .{name}{{{style}}}" for style, name in classes.items())
    return svg.replace("</style>", f"{rules}</style>", 1)


def _few_colors(png: io.BytesIO) -> bytes:
    """Return a picture with a palette instead of full colour: a third of the size, and nobody sees it."""
    small = io.BytesIO()
    Image.open(png).convert("RGB").quantize(32).save(small, format="png", optimize=True)
    return small.getvalue()


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    data: pd.DataFrame | None = None,
    runs: pd.DataFrame | None = None,
    markup: Collection[str] = (),
    command: str = "make book",
) -> None:
    """Publish a table.

    Parameters
    ----------
    frame : DataFrame
        Cells as they are shown: texts, or numbers that need no rounding.
    name : str
        Unique within the page; the book refers to it as ``tab-<page>-<name>``.
    caption : str
        What to see, in Markdown.
    data : DataFrame, optional
        The numbers in full precision, offered as CSV. Default: `frame`.
    runs, command
        As for a figure.
    markup : collection of str
        Columns that hold Markdown made by code. Everything else is shown as it is.
    """
    data = frame if data is None else data
    sorts = sorting.keys(frame, data)
    content = {
        "kind": "table",
        "name": name,
        "caption": caption,
        "columns": [str(column) for column in frame],
        "rows": [[str(value) for value in row] for row in frame.itertuples(index=False)],
        "numeric": [numbers is not None for numbers in sorts],
        "sorts": sorts,
        "markup": [column in markup for column in frame],
    } | _numbers(data, runs, command)
    display({"text/html": _html(frame), MIME: content}, raw=True)


def widget(
    kind: str,
    content: dict,
    data: pd.DataFrame,
    *,
    name: str,
    caption: str,
    runs: pd.DataFrame | None = None,
    fallback: pd.DataFrame | None = None,
    command: str = "make book",
) -> None:
    """Publish what readers steer; in Jupyter, where its script is missing, the numbers are shown.

    Parameters
    ----------
    kind : {"explorer", "adviser", "thresholds", "stepper"}
        The script of that name below ``book/_static`` reads `content`.
    content : dict
        What the script shows.
    data : DataFrame
        The numbers behind it, offered as CSV.
    name, caption, runs, command
        As for a figure.
    fallback : DataFrame, optional
        A table that stands there without JavaScript, and on paper.
    """
    check_choice(kind, WIDGETS, "widget")
    item = {"kind": kind, "name": name, "caption": caption, "content": content} | _numbers(data, runs, command)
    if fallback is not None:
        item["columns"] = [str(column) for column in fallback]
        item["rows"] = [[str(value) for value in row] for row in fallback.itertuples(index=False)]
    display({"text/html": _html(data, max_rows=20), MIME: item}, raw=True)


explorer, adviser, thresholds, stepper = (partial(widget, kind) for kind in WIDGETS)


def _html(frame: pd.DataFrame, max_rows: int | None = None) -> str:
    """Return a table for Jupyter; its indentation is a third of it."""
    return re.sub(r">\n\s*<", "><", frame.to_html(index=False, escape=True, max_rows=max_rows))


def _numbers(data: pd.DataFrame, runs: pd.DataFrame | None, command: str = "make book") -> dict:
    """Return the data as CSV, and how to compute them again."""
    cells = None if runs is None else lineage.source_runs(data, runs)
    return {
        "csv": csv(data),
        "lineage": None if cells is None else lineage.describe(cells, runs),
        "command": command,
    }


def text(markdown: str) -> None:
    """Publish Markdown that holds computed values, if there is any; its headings reach the table of contents."""
    if not markdown:
        return
    display({"text/markdown": markdown, MIME: {"kind": "text", "markdown": markdown}}, raw=True)


def csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with stable numbers, in which no text becomes a formula when a spreadsheet opens it."""
    safe = frame.rename(columns=_harmless)
    for position, name in enumerate(safe):
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = frame.iloc[:, position].astype(object).map(_harmless)
    return safe.to_csv(index=False, float_format=CSV_FORMAT)


def _harmless(value):
    """Return a text that a spreadsheet would take for a formula behind an apostrophe; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    formula = value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(value)
    # pandas does not quote a carriage return, which would begin a row
    return ("'" if formula else "") + value.replace("\r", " ")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE) is not None


def stitch(notebook: nbformat.NotebookNode, page: str, folder: Path) -> nbformat.NotebookNode:
    """Turn an executed notebook into a page of the book.

    Published outputs become Markdown cells, their files are written below `folder`, other outputs are dropped, code is
    folded and the parameters are left out. A published title goes to the top.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook; it is not changed.
    page : str
        Name of the page, part of every reference.
    folder : Path
        Where the page will stand; files go to ``_files/<page>`` in it.

    Raises
    ------
    SpecError
        Two figures or tables of the page have the same name, so one would take the place of the other's data.
    """
    names = Counter(item["name"] for item in published(notebook) if "name" in item)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise SpecError(
            f"the page '{page}' publishes more than one '{twice[0]}': give each figure and table its own name."
        )
    # several may show the same numbers: one file, named after the first
    files = {item["csv"]: item["name"] for item in reversed(published(notebook)) if "csv" in item}
    cells = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        made = [_markdown(item, page, folder, files) for item in published(nbformat.NotebookNode(cells=[cell]))]
        tags = cell.metadata.get("tags", [])
        # the parameters are shown at the end of the page: see `rerun`
        hidden = "remove-cell" if "injected-parameters" in tags or "parameters" in tags else "hide-input"
        metadata = nbformat.NotebookNode(cell.metadata | {"tags": [*tags, hidden]})
        cells.append(nbformat.NotebookNode(cell | {"outputs": [], "metadata": metadata}))
        for source in made:
            cells.insert(0 if source.startswith("# ") else len(cells), nbformat.v4.new_markdown_cell(source))
    return nbformat.NotebookNode(notebook | {"cells": cells})


def published(notebook: nbformat.NotebookNode) -> list[dict]:
    """Return what an executed notebook published, in its order."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def _markdown(item: dict, page: str, folder: Path, files: dict[str, str]) -> str:
    if item["kind"] == "text":
        return item["markdown"]
    target = Path("_files") / page
    (folder / target).mkdir(parents=True, exist_ok=True)
    data = target / f"{files[item['csv']]}.csv"
    (folder / data).write_text(item["csv"])
    if item["kind"] == "figure":
        (folder / target / f"{item['name']}.svg").write_text(item["svg"])
    return f"{_shown(item, page, target)}\n\n{_source(data, item['lineage'], item['command'])}"


def _source(data: Path, origin: dict | None, command: str) -> str:
    """Return what is folded behind one icon: the numbers as CSV, and how to compute them again."""
    if origin is None:
        lines = [f"No cell of the study stands behind this. `{command}` makes it again."]
    elif not origin["cells"]:
        lines = ["No cell stands behind this yet."]
    else:
        lines = [
            "```sh",
            *(f".venv/bin/{command}" for command in origin["commands"]),
            "```",
            "",
            f"{len(origin['cells'])} cells ({escape(origin['parameters'])}); about {origin['time']} on {lineage.CORES} cores. "
            f"Code: {', '.join(map(_commit, origin['commits']))}. Data: {escape('; '.join(origin['data']))}. "
            f"Computed on {escape('; '.join(origin['machines']))}, with {escape(', '.join(origin['versions']))}.",
        ]
    opening = ["````{dropdown} Data and recipe", ":icon: database", ":class-container: source", ""]
    return "\n".join([*opening, f"{{download}}`Data (CSV) <{data.as_posix()}>`", "", *lines, "````"])


def _commit(state: dict) -> str:
    name = f"`{state['commit'][:12]}`"
    if lineage.repository() and not state["commit"].startswith("version"):
        name = f"[{name}]({lineage.repository()}/tree/{state['commit']})"
    return f"{name}{' with changes' if state['dirty'] else ''} ({state['cells']} cells)"


def _shown(item: dict, page: str, files: Path) -> str:
    caption = " ".join(item["caption"].split())
    if item["kind"] == "figure":
        alt = " ".join(item["alt"].split())
        name = f"fig-{page}-{item['name']}"
        return (
            f"```{{figure}} {files.as_posix()}/{item['name']}.svg\n:name: {name}\n:alt: {alt}\n\n"
            f"{caption}\n```{_script('parts', name, item['parts'])}"
        )
    if item["kind"] in WIDGETS:
        # "</" would end the script, whatever string it stands in
        content = json.dumps(item["content"], separators=(",", ":")).replace("</", "<\\/")
        steered = (
            f':::{{container}} steered\n```{{raw}} html\n<div class="{item["kind"]}" id="{item["kind"]}-{page}-{item["name"]}">\n'
            f'<script type="application/json">{content}</script>\n<noscript>This figure needs JavaScript.</noscript>\n'
            f"</div>\n```\n\n{caption}\n:::"
        )
        if "rows" not in item:
            return steered
        grid = _grid(item["columns"], ["---"] * len(item["columns"]), [map(_cell, row) for row in item["rows"]])
        return f"{steered}\n\n:::{{container}} unsteered\n{grid}\n:::"
    grid = _grid(
        item["columns"],
        ["---:" if number else "---" for number in item["numeric"]],
        [
            [value if markup else _cell(value) or " " for value, markup in zip(row, item["markup"], strict=True)]
            for row in item["rows"]
        ],
    )
    name = f"tab-{page}-{item['name']}"
    sorts = _script("sorts", name, item["sorts"] if any(item["numeric"]) else None)
    return f"~~~{{table}} {caption}\n:name: {name}\n:class: datatable\n\n{grid}\n~~~{sorts}"


def _grid(columns: Iterable[str], rules: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; its cells are Markdown."""
    lines = [map(escape, columns), rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: str) -> str:
    """Return the text of a cell as Markdown that shows it; intervals and numbers with their units stay on one line."""
    return "\N{NO-BREAK SPACE}".join(map(escape, _UNBROKEN.split(value)))


def _script(what: str, name: str, content: list | dict | None) -> str:
    """Return what the page's own script needs for a figure or table, if anything."""
    if content is None:
        return ""
    numbers = json.dumps(content, separators=(",", ":"))
    return f'\n\n```{{raw}} html\n<script type="application/json" data-{what}="{make_id(name)}">{numbers}</script>\n```'
