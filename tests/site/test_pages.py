"""The built book, page by page, as a reader meets it. Run after `make book`: ``pytest -m site``."""

import io
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from helpers import pages_of_the_book
from playwright.sync_api import expect

from upsampling import paths

pytestmark = pytest.mark.site
PAGES = sorted(pages_of_the_book())
WIDTHS = (1280, 768, 390)
SCHEMES = ("light", "dark")


def test_the_book_was_built():
    assert (paths.SITE / "index.html").is_file()
    made = {path.stem for path in (paths.SITE / "book").glob("*.html")}
    redirects = yaml.safe_load((paths.ROOT / "_config.yml").read_text())["sphinx"]["config"]["redirects"]
    assert made == {*PAGES, *(Path(old).name for old in redirects)}
    for new in redirects.values():
        assert Path(new).stem in PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_in_every_size_and_light_without_an_error_or_sideways_scrolling(tab, name):
    with tab() as made:
        for width, by in (*((width, "file") for width in WIDTHS), (768, "http")):
            made.page.set_viewport_size({"width": width, "height": 900})
            page = made.open(name, by=by)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, scheme, by)
            assert "Traceback" not in page.inner_text("main")
        made.page.wait_for_timeout(100)
        assert made.problems == []


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_is_painted_and_described(tab, name):
    with tab() as made:
        page = made.open(name)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
            for image in page.query_selector_all("figure img"):
                image.scroll_into_view_if_needed()
                assert len(image.get_attribute("alt")) > 20
                assert image.evaluate("image => image.complete && image.naturalWidth > 100")
                assert _is_painted(image.screenshot()), f"a blank picture: {image.get_attribute('src')}"
            for canvas in page.query_selector_all(".widget-canvas"):
                canvas.scroll_into_view_if_needed()
                described = canvas if canvas.get_attribute("aria-label") else canvas.query_selector("svg")
                assert len(described.get_attribute("aria-label")) > 20
                assert _is_painted(canvas.screenshot())


def _is_painted(picture: bytes) -> bool:
    pixels = plt.imread(io.BytesIO(picture))[..., :3]
    colors = np.unique((pixels * 255).round().astype(int).reshape(-1, 3), axis=0)
    return len(colors) > 20 and np.ptp(colors.sum(axis=1)) > 300


@cache
def _ids(path: Path) -> set[str]:
    return {
        tag.get("id") or tag.get("name")
        for tag in BeautifulSoup(path.read_text(), "html.parser").select("[id], a[name]")
    }


@pytest.mark.parametrize("name", PAGES)
def test_every_internal_link_and_anchor_leads_somewhere(name):
    path = paths.SITE / "book" / f"{name}.html"
    links = [link["href"] for link in BeautifulSoup(path.read_text(), "html.parser").select("a[href]")]
    assert len(links) > 10
    for link in links:
        address = urlparse(link)
        if address.scheme:
            assert address.scheme in ("https", "http", "mailto"), link
            continue
        target = (path.parent / unquote(address.path)).resolve() if address.path else path
        assert target.is_file(), link
        if address.fragment and target.suffix == ".html":
            assert unquote(address.fragment) in _ids(target), link


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_violation(tab, name):
    with tab() as made:
        for scheme, width in (("light", 1280), ("dark", 390)):
            made.page.set_viewport_size({"width": width, "height": 900})
            made.page.emulate_media(color_scheme=scheme)
            found = Axe().run(made.open(name)).response["violations"]
            serious = {
                rule["id"]: [node["target"] for node in rule["nodes"]][:5]
                for rule in found
                if rule["impact"] in ("serious", "critical")
            }
            assert serious == {}, scheme


CONTROLS = "a[href], button, select, input, summary, [tabindex='0']"
MARK_CONTROLS = f"""() => {{
  const shown = [...document.querySelectorAll("{CONTROLS}")].filter(
    (control) => control.checkVisibility({{ visibilityProperty: true }}) && !control.disabled && control.tabIndex >= 0
      && control.type !== "hidden" && control.getClientRects().length && !control.closest("[inert]"));
  shown.forEach((control, i) => (control.dataset.control = i));
  return shown.map((control) => control.outerHTML.slice(0, 120));
}}"""


@pytest.mark.parametrize("name", ["index", "adult", "explore", "guide", "decisions", "why"])
def test_the_keyboard_reaches_every_control(tab, name):
    with tab() as made:
        page = made.open(name)
        controls = page.evaluate(MARK_CONTROLS)
        reached = set()
        for _ in range(len(controls) + 30):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.dataset.control ?? null"))
        missed = [control for i, control in enumerate(controls) if str(i) not in reached]
        assert len(controls) > 20
        assert missed == []


def test_without_javascript_figures_tables_and_text_are_there(tab):
    with tab(java_script_enabled=False) as made:
        page = made.open("adult")
        rows = page.locator("#tab-adult-results tbody tr")
        assert rows.count() > 50
        assert rows.last.is_visible()
        assert page.locator("figure img").first.is_visible()
        made.open("explore")
        assert made.page.locator(".steered noscript").bounding_box()["height"] > 10


def test_no_page_names_a_place_of_this_machine():
    for path in [*paths.SITE.rglob("*.html"), *paths.SITE.rglob("*.ipynb")]:
        assert str(paths.ROOT) not in path.read_text(), path


@pytest.mark.parametrize("name", [name for name in PAGES if (paths.BOOK / f"{name}.ipynb").is_file()])
def test_a_notebook_page_names_its_source_and_offers_the_executed_notebook(name):
    page = BeautifulSoup((paths.SITE / "book" / f"{name}.html").read_text(), "html.parser")
    section = page.select_one("#rerun-this-page")
    assert re.search(r"notebooks/\w+\.py at [0-9a-f]{12}\b", " ".join(section.get_text(" ", strip=True).split()))
    (link,) = section.select("a.download")
    assert Path(link["href"]).name == f"{name}.ipynb"
    for outside in section.select("a[href^='http']"):
        assert "None" not in outside["href"]


def test_alarms_and_gains_of_a_report_fit_a_telephone(tab):
    with tab(width=390) as made:
        made.page.goto((paths.BUILD / "reports" / "demo" / "report.html").as_uri())
        box = made.page.locator(".wide").first
        assert "Alarms" in box.inner_text()
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
        made.page.goto((paths.SITE / "book/your_data.html").as_uri())
        frame = made.page.locator("#fig-your-data-gains .figure-frame")
        frame.scroll_into_view_if_needed()
        expect(frame).to_have_class(re.compile("small"))
        assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
