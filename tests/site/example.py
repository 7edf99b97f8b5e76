"""A book of one page in which every kind of item is published, built in seconds."""

from pathlib import Path
from unittest.mock import patch

import nbformat
import pandas as pd
from matplotlib.figure import Figure

from upsampling import paths
from upsampling.book import build, drawing, palette, publish

ARMS = ("naive", "tabularargn")

# What a cell of a table may show, in ascending order; what is no number comes last.
SHOWN = {
    "Signed": ["-11.6 [-14.0, -9.1]", "-0.4", "+0.0", "+0.1 [-0.2, +0.3]", "+5.1", "+23.0"],
    "Percent": ["0.05 %", "0.1 %", "0.5 %", "1 %", "5 %", "20 %"],
    "Scientific": ["1.2e-07", "3e-05", "0.001", "0.02", "1e+02", "2.5e+03"],
    "Time": ["40 s", "89 s", "2 min", "12 min", "1.5 h", "30 h"],
    "Mixed": ["-2.0", "9", "10", "1,250", "-", "not measured"],
    "Empty": ["", "", "", "", "", ""],
    "Text": ["Adult", "balanced", "Credit Card", "insurance", "SMOTE-NC", "XGBoost"],
}
SHUFFLED = [3, 0, 5, 1, 4, 2]


def items() -> None:
    """Publish one of each."""
    order = pd.DataFrame(SHOWN).iloc[SHUFFLED]
    publish.table(order, name="sorted", caption="What a cell may show.")
    alike = pd.DataFrame({"Gain": ["+0.1", "+0.1", "+0.1", "+0.1"], "Name": ["b", "d", "a", "c"]})
    exact = pd.DataFrame({"gain": [0.0007, 0.0014, 0.0006, 0.0011]})
    publish.table(alike, name="alike", caption="What looks alike.", data=exact)
    wide = pd.DataFrame([["Logistic regression, 0.732", *["+23.0 [+10.1, +31.9]"] * 9]])
    publish.table(wide, name="wide", caption="What has many columns.")
    publish.table(pd.DataFrame({"Row": range(40)}), name="long", caption="What has several pages.")
    publish.figure(
        picture(), exact, name="panels", caption="What is wide.", alt="Three panels with lines for two arms."
    )


def picture() -> Figure:
    """Draw three panels that share an axis, with a legend below."""
    with drawing.panels(1, 3, 3 * drawing.PANEL, 2.8, sharey=True) as (figure, grid):
        for axes in grid[0]:
            for height, arm in enumerate(ARMS):
                axes.plot([0, 1], [height, height + 1], **palette.line(arm))
        drawing.legend(figure, ARMS, lines=True)
    return figure


def book(folder: Path) -> Path:
    """Build it below a folder; return its page."""
    displayed = []
    with patch.object(publish, "display", lambda bundle, raw: displayed.append(bundle)):
        items()
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in displayed]
    title = nbformat.v4.new_markdown_cell("# Example")
    executed = nbformat.v4.new_notebook(
        cells=[title, nbformat.v4.new_code_cell("1 + 1", outputs=outputs)],
        metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
    )
    pages = folder / "book"
    pages.mkdir()
    nbformat.write(publish.stitch(executed, "index", pages), pages / "index.ipynb")
    for name in ("_static", "_ext", "references.bib"):
        (pages / name).symlink_to(paths.BOOK / name)
    (folder / "_config.yml").write_text((paths.ROOT / "_config.yml").read_text())
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    build.render(folder, folder / "_build")
    return folder / "_build" / "html" / "book" / "index.html"
