"""The notebooks of the book as text and as code: their sentences, their guards, and what becomes of these under other results."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jupytext

from upsampling import paths
from upsampling.book import build, evidence, prose, publish
from upsampling.study.store import Store

# Pages whose words are written by a person; the chapters, which any table may fill, have few of their own.
WRITTEN = sorted({page.notebook for page in build.PAGES if page.notebook != "dataset.py"})
BLANK = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True)
class Source:
    """What a notebook says and checks: its Markdown, and the calls of `holds` and `say` in its code."""

    markdown: str
    guards: tuple[dict, ...]
    said: frozenset[str]

    @property
    def sentences(self) -> list[str]:
        """Sentences, headings, items and rows of tables, one by one."""
        text = re.sub(r"^```.*?^```", "", self.markdown, flags=re.DOTALL | re.MULTILINE)
        blocks = re.split(r"\n\s*\n|\n(?=[#>|]|\d\. |- )", text)
        parts = [re.split(r"(?<=[.?!])\s+(?=[A-Z“\"{])", squeezed(block)) for block in blocks]
        return [sentence for part in parts for sentence in part if sentence]


def squeezed(text: str) -> str:
    """Return a text with every white space as one blank."""
    return " ".join(text.split())


def source(notebook: str) -> Source:
    """Read a notebook."""
    cells = jupytext.read(paths.NOTEBOOKS / notebook).cells
    calls = [
        node
        for cell in cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    guards = [
        {"sentence": ast.literal_eval(call.args[0]), "values": {k.arg for k in call.keywords} - {"between"}}
        | {"between": any(k.arg == "between" for k in call.keywords)}
        for call in calls
        if call.func.id == "holds"
    ]
    said = {keyword.arg for call in calls if call.func.id == "say" for keyword in call.keywords}
    return Source(
        "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"), tuple(guards), frozenset(said)
    )


def guards_under(
    notebook: str, monkeypatch, swap: Mapping[str, str], loaded: dict
) -> list[tuple[str, bool, tuple | None]]:
    """Run a notebook's code on results in which arms have changed labels; return each guard that it reached, and whether it held.

    An error ends the run as it would end the build, unless nothing was swapped.
    """
    reached = []

    def record(sentence, condition, *, between=None, **values):
        reached.append((sentence, bool(condition), between))

    def load(store, name):
        if name not in loaded:
            loaded[name] = _load(store, name)
        rows = loaded[name]
        return rows.assign(arm=rows["arm"].replace(swap))

    with monkeypatch.context() as patched:
        patched.setenv(paths.RESULTS_VARIABLE, str(paths.ROOT / "results"))
        patched.setattr(prose, "holds", record)
        for name in ("figure", "table", "text", *publish.WIDGETS):
            patched.setattr(publish, name, lambda *_, **__: None)
        patched.setattr(prose, "say", lambda *_, **__: None)
        patched.setattr(Store, "load", load)
        patched.setattr(
            evidence, "simulated", lambda: _simulated().assign(arm=lambda table: table["arm"].replace(swap))
        )
        names: dict = {}
        try:
            for cell in jupytext.read(paths.NOTEBOOKS / notebook).cells:
                if cell.cell_type == "code":
                    exec(compile(cell.source, str(Path(notebook)), "exec"), names)
        except Exception:
            if not swap:
                raise
    return reached


_load, _simulated = Store.load, evidence.simulated
