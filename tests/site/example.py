"""A book of one page in which every kind of item is published, built in seconds."""

from pathlib import Path
from unittest.mock import patch

import nbformat
import numpy as np
import pandas as pd
import yaml
from matplotlib.figure import Figure
from scipy.special import expit

from tools import toy as tool
from upsampling import paths
from upsampling.book import adviser, build, drawing, explorer, palette, publish, thresholds, toy
from upsampling.study import curves as study_curves
from upsampling.study.names import HYBRID
from upsampling.study.protocol import Cell

FIRST = "Nothing here was measured: it is there to be looked at, sorted, steered and found."
SYNONYMS = ["fraud", "scale_pos_weight", "class imbalance"]
ARMS = ("naive", HYBRID)

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
    publish.table(order, name="what_is_sorted", caption="What a cell may show.")
    alike = pd.DataFrame({"Gain": ["+0.1", "+0.1", "+0.1", "+0.1"], "Name": ["b", "d", "a", "c"]})
    exact = pd.DataFrame({"gain": [0.0007, 0.0014, 0.0006, 0.0011]})
    publish.table(alike, name="alike", caption="What looks alike.", data=exact)
    wide = pd.DataFrame([["Logistic regression, 0.732", *["+23.0 [+10.1, +31.9]"] * 7]])
    publish.table(wide, name="wide", caption="What has many columns.")
    publish.table(pd.DataFrame({"Row": range(40)}), name="long", caption="What has several pages.")
    advice = pd.DataFrame({"Rare rows": ["up to 50", "more"], "Advice": ["Use rows", "Use none"]})
    found = contrasts()
    publish.adviser(adviser.content(found), found, name="advice", caption="What to do.", fallback=advice)
    found = curves()
    publish.thresholds(thresholds.content(found), found, name="decide", caption="When to raise an alarm.")
    rows = [
        {"dataset": "adult", "metric": metric, "arm": arm, "classifier": classifier, "minority_fraction": share}
        | {"n_minority": int(30_000 * share), "n_seeds": 3, "mean": mean, "low": mean - 0.01, "high": mean + 0.01}
        for metric, level in (("average_precision", 0.5), ("roc_auc", 0.8))
        for i, arm in enumerate(("none", *ARMS))
        for j, classifier in enumerate(("lightgbm", "lightgbm_tuned"))
        for share in (0.001, 0.01)
        for mean in (level + 0.02 * i + 0.05 * j + share,)
    ]
    publish.explorer(explorer.content(pd.DataFrame(rows)), pd.DataFrame(rows), name="results", caption="All of it.")
    made = small_toy()
    publish.stepper(toy.content(made), toy.rows(made), name="toy", caption="What each way makes.")
    publish.figure(
        picture(), exact, name="wide_panels", caption="What is wide.", alt="Three panels with lines for two arms."
    )


def contrasts() -> pd.DataFrame:
    """Return gains that are large where rows are few, on a table of categories, and none elsewhere."""
    rows = []
    for table, numeric, gain in (("car", 0.2, 0.1), ("ozone", 0.9, -0.05)):
        for n_minority in (20, 40, 2000):
            for method, classifier in (("tabularargn", "lightgbm"), ("naive", "logistic_regression")):
                mean = gain * (n_minority < 100) * (method == "tabularargn")
                row = (table, n_minority, n_minority / 40_000, numeric, n_minority / 40_000, method, classifier)
                cells = ("found", "0 1 2 3 4", f"none {method}")
                rows.append((*row, mean, mean - 0.01, mean + 0.01, 5, *cells))
    return pd.DataFrame(rows, columns=adviser.COLUMNS)


def curves() -> pd.DataFrame:
    """Return curves of two methods, one of which sorts the rows better."""
    rng = np.random.RandomState(0)
    y = rng.rand(4000) < 0.1
    scores = {"naive": 0.8, "tabularargn": 2.5}
    return study_curves.of_cells(
        (
            Cell("adult", 0.001, None, 0, arm),
            pd.DataFrame({"y": y, "xgboost": expit(rng.normal(size=len(y)) + shift * y - 2)}),
        )
        for arm, shift in scores.items()
    )


def small_toy() -> dict:
    """Return a toy of the ways that need no generator."""
    with patch.object(tool, "WAYS", {name: text for name, text in toy.WAYS.items() if name != "generator"}):
        return tool.compute()


def picture() -> Figure:
    """Draw three panels that share an axis, with a legend below."""
    with drawing.panels(1, 3, 3 * drawing.PANEL, 2.8, sharey=True) as (figure, grid):
        for axes in grid[0]:
            for height, arm in enumerate(ARMS):
                axes.plot([0, 1], [height, height + 1], label=arm, **palette.line(arm))
        figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside lower center")
    return figure


def book(folder: Path) -> Path:
    """Build it below a folder; return its page."""
    displayed = []
    with patch.object(publish, "display", lambda bundle, raw: displayed.append(bundle)):
        items()
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in displayed]
    title = nbformat.v4.new_markdown_cell(f"# Example\n\n{FIRST}")
    executed = nbformat.v4.new_notebook(
        cells=[title, nbformat.v4.new_code_cell("folded_code()", outputs=outputs)],
        metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
    )
    pages = folder / "book"
    pages.mkdir()
    nbformat.write(publish.stitch(executed, "index", pages), pages / "index.ipynb")
    for name in ("_static", "_ext", "references.bib"):
        (pages / name).symlink_to(paths.BOOK / name)
    config = yaml.safe_load((paths.ROOT / "_config.yml").read_text())
    config["sphinx"]["config"] |= {"redirects": {"book/old": "index.html"}, "search_synonyms": {"book/index": SYNONYMS}}
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    build.render(folder, folder / "_build")
    return folder / "_build" / "html" / "book" / "index.html"
