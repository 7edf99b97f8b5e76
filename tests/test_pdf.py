"""The pages become one document whose references stay inside it."""

import pytest
from bs4 import BeautifulSoup
from helpers import pages_of_the_book

from upsampling import paths
from upsampling.book import pdf

PAGE = """<html><body><nav>menu</nav><article class="bd-article">
<h1 id="title">{title}<a class="headerlink" href="#title">#</a></h1>
<p>See <a href="{other}.html#title">there</a>, <a href="{other}.html">all of it</a>, <a href="#title">above</a>,
<a href="../search.html">search</a> and <a href="https://example.org/x">outside</a>.</p>
<table><tr><td><p>alone</p></td><td><p>first</p><p>second</p></td></tr></table>
<div class="cell">code</div><details>folded</details><div class="steered">to steer</div>
<figure><img src="../_images/a.svg" alt="A line."><figcaption>Finding. <a class="download" href="x.csv">CSV</a></figcaption></figure>
</article></body></html>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / "book" / f"{name}.html").write_text(PAGE.format(title=f"Page {name}", other=other))
    return tmp_path


@pytest.fixture
def document(site):
    return BeautifulSoup(pdf.document(site, [("", ["one"]), ("A part", ["two"])]), "html.parser")


def test_every_reference_within_the_document_has_its_target(document):
    targets = {tag["id"] for tag in document.select("[id]")}
    assert len(targets) == len(document.select("[id]")), "two targets of one name"
    inside = [link["href"][1:] for link in document.select("a[href^='#']")]
    assert len(inside) == 8
    assert set(inside) <= targets


def test_references_to_what_is_not_printed_are_dropped_and_others_kept(document):
    left = {link["href"] for link in document.select("a[href]") if not link["href"].startswith("#")}
    assert left == {"https://example.org/x"}
    assert "search" in document.get_text()


def test_contents_list_the_pages_in_order_under_their_parts(document):
    assert [item.get_text() for item in document.select(".cover li")] == ["Page one", "A part", "Page two"]


def test_figures_stay_and_what_belongs_to_a_screen_goes(document, site):
    assert document.select_one("figure img")["src"] == (site / "_images/a.svg").as_uri()
    text = document.get_text()
    assert "Finding." in text
    assert not any(word in text for word in ("menu", "code", "folded", "to steer", "CSV"))


def test_a_cell_of_a_table_is_a_paragraph_only_if_it_has_several(document):
    alone, several = document.select("article")[0].select("td")
    assert (alone.get_text(), len(alone.select("p"))) == ("alone", 0)
    assert len(several.select("p")) == 2


def test_one_page_needs_no_cover(site):
    alone = BeautifulSoup(pdf.document(site, [("", ["one"])]), "html.parser")
    assert alone.select_one(".cover") is None
    assert alone.h1.get_text().startswith("Page one")
    assert "Printed from the book made at" in alone.get_text()


def test_the_book_is_printed_without_its_appendix():
    names, known = [name for _, part in pdf.pages() for name in part], pages_of_the_book()
    assert names[0] == "index"
    assert len(names) == len(set(names))
    assert set(names) < set(known)
    assert {path.stem for path in paths.BOOK.glob("*.md")} <= set(known)


def test_without_a_book_or_a_browser_it_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(pdf.PdfError, match="run `upsampling book` first"):
        pdf.print_book(tmp_path, tmp_path / "book.pdf")
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(pdf.PdfError, match="install the package chromium"):
        pdf.browser()
