"""The built book in a real browser. Run after `make book`: ``pytest -m site``."""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

from upsampling import paths
from upsampling.store import Store

pytestmark = pytest.mark.site
SITE = paths.SITE / "book"
PAGES = sorted(path.stem for path in SITE.glob("*.html"))
WIDTHS = {"desktop": 1280, "tablet": 768, "phone": 390}
# The theme reports that no preference was stored yet.
HARMLESS = ("Got invalid theme mode",)


@pytest.fixture(scope="module")
def browser():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "the site tests need Chromium: install the package chromium"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture
def visit(browser):
    """Open a page and return it with everything that went wrong while it loaded."""
    contexts = []

    def open_page(name: str, width: int = 1280, **settings):
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                urlparse(request.url).scheme in ("file", "data", "blob")
                or problems.append(f"left the machine: {request.url}")
            ),
        )
        page.goto((SITE / f"{name}.html").as_uri())
        page.wait_for_timeout(300)
        return page, [problem for problem in problems if not problem.startswith(HARMLESS)]

    yield open_page
    for context in contexts:
        context.close()


def test_the_book_was_built():
    assert (paths.SITE / "index.html").is_file()
    assert {"index", "adult", "credit_card", "insurance", "comparison", "demo", "assumptions"} <= set(PAGES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_without_an_error_and_without_sideways_scrolling(visit, name, width, scheme):
    page, problems = visit(name, width, color_scheme=scheme)
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "Traceback" not in page.inner_text("main")


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_is_painted_and_described(visit, name):
    page, _ = visit(name)
    for image in page.query_selector_all("figure img"):
        image.scroll_into_view_if_needed()
        assert image.get_attribute("alt")
        assert image.evaluate("image => image.complete && image.naturalWidth > 100")
        colours = image.evaluate(
            """image => {
                const canvas = document.createElement("canvas");
                canvas.width = 200; canvas.height = 100;
                const context = canvas.getContext("2d");
                return new Promise(done => {
                    const copy = new Image();
                    copy.onload = () => {
                        context.drawImage(copy, 0, 0, 200, 100);
                        try { done(new Set(context.getImageData(0, 0, 200, 100).data).size); } catch { done(-1); }
                    };
                    copy.src = image.src;
                });
            }"""
        )
        assert colours == -1 or colours > 5


@pytest.mark.parametrize("name", PAGES)
def test_every_internal_link_leads_somewhere(visit, name):
    page, _ = visit(name)
    for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
        address = urlparse(link)
        if address.scheme == "file":
            target = unquote(address.path)
            assert Path(target).is_file(), f"{name}: {link}"


@pytest.mark.parametrize("name", ["adult", "credit_card", "insurance", "demo"])
def test_downloaded_results_are_those_of_the_store(visit, name, monkeypatch):
    monkeypatch.delenv(paths.RESULTS_VARIABLE)
    page, _ = visit(name)
    (link,) = page.eval_on_selector_all(
        f"#tab-{name.replace('_', '-')}-results a.download", "links => links.map(link => link.href)"
    )
    table = pd.read_csv(unquote(urlparse(link).path))
    rows = Store().load("metrics")
    rows = rows[rows["dataset"] == name]
    checked = 0
    for row in table[table["metric"] == "average_precision"].itertuples():
        same = (rows["arm"] == row.arm) & (rows["classifier"] == row.classifier)
        values = rows.loc[same & (rows["minority_fraction"] == row.minority_fraction), "average_precision"]
        if len(values) == row.n_seeds:
            assert row.mean == pytest.approx(values.mean(), abs=1e-9)
            checked += 1
    assert checked


def test_a_table_can_be_sorted_and_searched(visit):
    page, _ = visit("adult")
    table = page.locator(".datatable-wrapper", has=page.locator("#tab-adult-results, [id='tab-adult-results']")).first
    table.locator("th button").nth(4).click()
    values = table.locator("tbody tr td:nth-child(5)").all_inner_texts()
    numbers = [float(value.split()[0]) for value in values]
    assert numbers == sorted(numbers)
    table.locator("input").fill("SMOTE-NC")
    page.wait_for_timeout(400)
    assert set(table.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"SMOTE-NC"}


def test_search_finds_smote_nc(visit):
    page, _ = visit("index")
    page.goto(f"{(paths.SITE / 'search.html').as_uri()}?q=SMOTE-NC")
    page.wait_for_selector("#search-results li", timeout=10_000)
    assert page.locator("#search-results li").count() > 0


def test_the_explorer_follows_its_menus(visit):
    page, problems = visit("explore")
    curve = ".explorer .scatterlayer .trace path.js-line"
    before = page.locator(curve).first.get_attribute("d")
    page.get_by_label("metric").select_option("roc_auc")
    assert page.locator(curve).first.get_attribute("d") != before
    assert "AUC-ROC on Adult" in page.locator(".explorer-canvas").get_attribute("aria-label")
    drawn = page.locator(curve).count()
    page.locator(".explorer .legendtoggle").first.click()
    page.wait_for_timeout(800)
    assert page.locator(curve).count() == drawn - 1
    page.get_by_label("data set").select_option("insurance")
    assert page.locator(curve).count() == drawn - 1, "a hidden arm stays hidden"
    assert problems == []
