"""An executed notebook as one HTML file that needs nothing else: no network, no script, no file beside it."""

from base64 import b64encode
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from markdown_it import MarkdownIt

from upsampling.book.publish import MIME, WIDGETS
from upsampling.files import replace_file

# A browser that obeys it runs no script and asks no other machine for anything, whatever the page holds.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
CSS = """
body { font: 16px/1.55 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 0 auto;
  padding: 1rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
a { color: #0b5cad; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; }
figcaption, caption { text-align: left; color: #444; font-size: 0.92rem; padding: 0.4rem 0; }
.wide { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; font-size: 0.88rem; overflow-wrap: normal; }
th, td { padding: 0.25rem 0.7rem 0.25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f5f5f5; padding: 0.8rem; overflow-x: auto; font-size: 0.88rem; }
"""
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def write(notebook: Path, target: Path, title: str) -> None:
    """Write an executed notebook as one HTML file.

    Parameters
    ----------
    notebook : Path
        The executed notebook.
    target : Path
        The HTML file.
    title : str
        Title of the page, any text.
    """
    content = single_file(nbformat.read(notebook, as_version=4), title)
    replace_file(target, lambda path: path.write_text(content, encoding="utf-8"))


def single_file(notebook: nbformat.NotebookNode, title: str) -> str:
    """Return what an executed notebook published, with its Markdown, as an HTML page.

    Code is left out, and so are figures to steer: the page runs no script.
    """
    parts, counts = [], {"figure": 0, "table": 0}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(_MARKDOWN.render(cell.source))
        for output in cell.get("outputs", []):
            item = output.get("data", {}).get(MIME)
            if item and item["kind"] not in WIDGETS:
                parts.append(_html(item, counts))
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(' '.join(title.split()))}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"</body>\n</html>\n"
    )


def _html(item: dict, counts: dict[str, int]) -> str:
    if item["kind"] == "text":
        return _MARKDOWN.render(item["markdown"])
    counts[item["kind"]] += 1
    label = f"{item['kind'].capitalize()} {counts[item['kind']]}"
    caption = f"<b>{label}.</b> {_MARKDOWN.renderInline(' '.join(item['caption'].split()))} {_download(item)}"
    if item["kind"] == "figure":
        source = f"data:image/svg+xml;base64,{b64encode(item['svg'].encode()).decode()}"
        return (
            f'<figure>\n<img alt="{escape(item["alt"])}" src="{source}">\n<figcaption>{caption}</figcaption>\n</figure>'
        )
    classes = [' class="number"' if numeric else "" for numeric in item["numeric"]]
    head = "".join(
        f'<th scope="col"{css}>{escape(text)}</th>' for text, css in zip(item["columns"], classes, strict=True)
    )
    rows = [
        "".join(f"<td{css}>{escape(text)}</td>" for text, css in zip(row, classes, strict=True)) for row in item["rows"]
    ]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{label}">\n<table>\n<caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _download(item: dict) -> str:
    # of a table that is mostly numbers, percent signs make less than base64 does
    content = quote(item["csv"], safe=",:/+()[]|")
    return f'<a download="{escape(item["name"])}.csv" href="data:text/csv;charset=utf-8,{content}">Data (CSV)</a>'
