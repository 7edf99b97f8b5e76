"""The book as one PDF: the articles of the built pages in one document, printed by Chromium."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlparse

import yaml
from bs4 import BeautifulSoup, Tag

from upsampling import paths
from upsampling.errors import UpsamplingError
from upsampling.study.experiment import code_state

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What belongs to a screen: code cells, what is folded, links to downloads, figures to steer.
SCREEN_ONLY = "script, noscript, details, .headerlink, .cell, li:has(.download), .download, .steered, .visually-hidden, .sd-stretched-link"
TIMEOUT = 300


class PdfError(UpsamplingError):
    """The book cannot be printed."""


def browser() -> str:
    """Return the path of Chromium or Chrome.

    Raises
    ------
    PdfError
        None is installed.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise PdfError("printing needs a browser: install the package chromium (or Google Chrome).")
    return path


def pages() -> list[tuple[str, list[str]]]:
    """Return the parts of the book with the names of their pages, in reading order, but for what the menu folds away; the first part is the start page."""
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text())
    parts = [(part["caption"], [Path(chapter["file"]).name for chapter in part["chapters"]]) for part in toc["parts"]]
    return [("", [Path(toc["root"]).name]), *parts]


def document(site: Path, parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return pages as one HTML document that prints well; several come after a cover with their contents.

    Parameters
    ----------
    site : Path
        The built site.
    parts : sequence of (str, sequence of str)
        Titles of parts and names of their pages.
    """
    config = yaml.safe_load((paths.ROOT / "_config.yml").read_text())
    names = {name for _, part in parts for name in part}
    contents, body = [], []
    for caption, part in parts:
        if caption:
            contents.append(f'<li class="part">{caption}</li>')
        for name in part:
            article = _article(site / "book" / f"{name}.html", names)
            contents.append(f'<li><a href="#{name}--top">{article.h1.get_text(strip=True)}</a></li>')
            body.append(str(article))
    state = code_state()
    style = (paths.BOOK / "_static" / "print.css").read_text()
    made_at = f"Printed from the book made at <code>{state['commit'][:12]}</code>."
    cover = (
        f'<section class="cover"><p class="title">{config["title"]}</p><p>{config["author"]}</p><p>{made_at}</p>'
        f"<ol>{''.join(contents)}</ol></section>"
    )
    whole = [cover, *body] if len(body) > 1 else [*body, f"<p>{made_at}</p>"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{config["title"]}</title>'
        f"<style>{style}</style></head><body>{''.join(whole)}</body></html>"
    )


def _article(path: Path, names: set[str]) -> Tag:
    """Return a page's article; references to other pages become references within the document."""
    article = BeautifulSoup(path.read_text(), "html.parser").select_one("article")
    for tag in article.select(SCREEN_ONLY):
        tag.decompose()
    # a paragraph in each cell of a table makes the PDF, which names all its elements for screen readers, a sixth larger
    for paragraph in article.select("td > p:only-child, th > p:only-child"):
        paragraph.unwrap()
    for tag in article.select("[id]"):
        tag["id"] = f"{path.stem}--{tag['id']}"
    article["id"] = f"{path.stem}--top"
    for image in article.select("img[src]"):
        image["src"] = (path.parent / image["src"]).resolve().as_uri()
    for link in article.select("a[href]"):
        address = urlparse(link["href"])
        target = Path(address.path).stem or path.stem
        if address.scheme:
            continue
        if target in names:
            link["href"] = f"#{target}--{address.fragment or 'top'}"
        else:
            link.unwrap()
    return article


def print_book(site: Path, target: Path, parts: Sequence[tuple[str, Sequence[str]]] | None = None) -> Path:
    """Print pages of the built site into one PDF.

    Parameters
    ----------
    site : Path
        The built site.
    target : Path
        Where the PDF goes.
    parts : sequence of (str, sequence of str), optional
        Titles of parts and names of their pages. Default: the book without its appendix.

    Raises
    ------
    PdfError
        The book is not built, there is no browser, or it failed.
    """
    if not (site / "book" / "index.html").is_file():
        raise PdfError(f"there is no book in {site}: run `upsampling book` first.")
    program = browser()
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch, "book.html"), Path(scratch, "book.pdf")
        source.write_text(document(site, parts or pages()))
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={scratch}/profile"]
        command += [
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={made}",
            source.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        if not made.is_file():
            raise PdfError(f"{program} printed nothing: {done.stderr.strip()[-500:]}")
        shutil.move(made, target)
    return target
