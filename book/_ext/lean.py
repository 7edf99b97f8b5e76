"""Leave out of the built site what no page needs.

- The scripts of sphinx-thebe: Jupyter Book and its theme each load that extension, so its constants are declared twice and
  every page reports an error. The book has no live code cells.
- Font Awesome's script of 1.5 MB: the theme's style sheet draws the same icons from a font.
- Source maps, and fonts in a format that only browsers of before 2016 ask for.
- The theme's words in other languages: they are read when the book is built.
"""

import re
from pathlib import Path

NEEDLESS = (
    "_static/**/*.map",
    "_static/**/*.ttf",
    "_static/scripts/fontawesome.js*",
    "_static/sphinx-thebe.*",
    "_static/locales/**/*.[mp]o",
)
SCRIPT = re.compile(r'\s*<script[^>]*src="[^"]*/fontawesome\.js[^"]*"></script>')


def _drop(app, pagename, templatename, context, doctree) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file for file in context.get(kind, []) if "thebe" not in f"{file} {getattr(file, 'attributes', '')}".lower()
        ]


def _slim(app, exception) -> None:
    site = Path(app.outdir)
    for pattern in NEEDLESS:
        for path in site.glob(pattern):
            path.unlink()
    for page in site.rglob("*.html"):
        text = page.read_text()
        slim = SCRIPT.sub("", text)
        if slim != text:
            page.write_text(slim)


def setup(app) -> dict:
    """Register the extension."""
    app.connect("html-page-context", _drop, priority=900)
    app.connect("build-finished", _slim, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
