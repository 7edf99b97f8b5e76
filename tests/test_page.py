"""One HTML file that runs nothing and asks for nothing, whatever it shows."""

import io
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from test_userdata import HOSTILE

from upsampling import words
from upsampling.book import page, publish


@pytest.fixture
def notebook(monkeypatch):
    """Return a function that makes a notebook of what is published in it."""

    def make(*calls):
        shown = []
        monkeypatch.setattr(publish, "display", lambda bundle, raw: shown.append(bundle))
        for call in calls:
            call()
        outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in shown]
        outputs.append(nbformat.v4.new_output("stream", name="stderr", text="progress"))
        cells = [nbformat.v4.new_markdown_cell("## Prose"), nbformat.v4.new_code_cell("secret()", outputs=outputs)]
        return nbformat.v4.new_notebook(cells=cells)

    return make


def parsed(notebook, title="Title"):
    return BeautifulSoup(page.single_file(notebook, title), "html.parser")


def picture():
    figure = Figure(figsize=(1, 1))
    figure.subplots().set_title("a title")
    return figure


def test_text_figures_and_tables_are_there_with_their_data_inside(notebook):
    data = pd.DataFrame({"x": [1.5, -2.0]})
    html = parsed(
        notebook(
            lambda: publish.text("# A *title*"),
            lambda: publish.figure(picture(), data, name="curve", caption="What **to** see.", alt="A line."),
            lambda: publish.table(data, name="numbers", caption="Means."),
        )
    )
    assert html.h1.get_text() == "A title"
    assert html.h2.get_text() == "Prose"
    assert html.img["alt"] == "A line."
    assert html.img["src"].startswith("data:image/svg+xml;base64,")
    assert html.figcaption.get_text().startswith("Figure 1. What to see.")
    assert [cell.get_text() for cell in html.tbody.find_all("td")] == ["1.5", "-2.0"]
    for link in html.find_all("a", download=True):
        content = unquote(link["href"].split(",", 1)[1])
        pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(content)), data)
    assert "secret()" not in html.get_text()


def test_nothing_comes_from_elsewhere_and_nothing_runs(notebook):
    source = page.single_file(notebook(lambda: publish.text("text")), "t")
    html = BeautifulSoup(source, "html.parser")
    assert "default-src 'none'" in html.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert html.find_all(["script", "link", "iframe"]) == []
    assert "http" not in source.replace("http-equiv", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_values_are_never_markup(notebook, text):
    frame = pd.DataFrame({text: [text, "x"]})
    html = parsed(
        notebook(
            lambda: publish.table(frame, name="t", caption=words.escape(text)),
            lambda: publish.text(f"## {words.escape(text)}"),
            lambda: publish.figure(picture(), frame, name="f", caption=words.escape(text), alt=text),
        ),
        title=text,
    )
    shown = " ".join(text.split())
    assert html.title.get_text() == shown
    assert html.find_all("h2")[1].get_text() == shown
    assert shown in " ".join(html.caption.get_text().split())
    assert " ".join(html.th.get_text().split()) == " ".join(html.td.get_text().split()) == shown
    assert html.find_all(["script", "code", "em", "strong"]) == []
    assert {tag.name for tag in html.main.find_all(True)} <= set(
        "h2 div table caption thead tbody tr th td b a figure img figcaption".split()
    )
    for link in html.find_all("a"):
        kind, content = link["href"].split(",", 1)
        assert kind == "data:text/csv;charset=utf-8"
        assert not set(content) & set("#&<>\"' \n")
        assert unquote(content) == publish.csv(frame)


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,<script>", "vbscript:x"])
def test_even_unescaped_markdown_gives_no_dangerous_link(notebook, target):
    html = parsed(notebook(lambda: publish.text(f"[x]({target}) <script>alert(1)</script> <img src=x onerror=y>")))
    assert html.main.find_all(["a", "script", "img"]) == []
