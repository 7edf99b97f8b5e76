"""What readers do with the book: download, sort, filter, steer, search, print."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from helpers import pages_of_the_book

from tools.bench import weight
from upsampling import paths
from upsampling.book import evidence, explorer, pdf, publish, toy
from upsampling.study import claims, curves, seeds
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.names import HYBRID
from upsampling.study.protocol import FRACTIONS, SEEDS
from upsampling.study.store import Store

pytestmark = pytest.mark.site
PAGES = sorted(pages_of_the_book())
STUDY = list(SEEDS)


@pytest.fixture
def store(monkeypatch) -> Store:
    """The results that the book was made from."""
    monkeypatch.delenv(paths.RESULTS_VARIABLE)
    return Store()


def downloads(name: str) -> dict[str, Path]:
    """Return the files that a page offers, by their names."""
    page = paths.SITE / "book" / f"{name}.html"
    links = BeautifulSoup(page.read_text(), "html.parser").select("a.download")
    files = [(page.parent / unquote(urlparse(link["href"]).path)).resolve() for link in links]
    assert len({file.name for file in files}) == len(set(files))
    return {file.name: file for file in files}


@pytest.mark.parametrize("name", PAGES)
def test_every_download_is_what_the_notebook_made(name):
    for file, path in downloads(name).items():
        made = paths.BUILD / "reports" / "demo" if file in ("report.html", "model.py") else paths.BOOK / "_files" / name
        assert path.read_bytes() == (made / file).read_bytes()
        if path.suffix in (".html", ".py"):
            continue
        if path.suffix == ".csv":
            assert len(pd.read_csv(path).columns) > 0
        else:
            notebook = nbformat.read(path, as_version=4)
            assert notebook.metadata.papermill.exception is None


def test_a_click_downloads_the_file(tab):
    with tab() as made:
        page = made.open("adult", by="http")
        with page.expect_download() as waiting:
            source = page.locator("#fig-adult-roc-auc ~ details.source").first
            source.locator("summary").click()
            source.locator("a.download").click()
        assert Path(waiting.value.path()).read_bytes() == downloads("adult")["roc_auc.csv"].read_bytes()


@pytest.mark.parametrize("name", [*STUDY, "demo"])
def test_the_numbers_of_a_chapter_are_those_of_the_results(store, name):
    table = pd.read_csv(downloads(name)["results.csv"])
    rows = store.load("metrics")
    rows = rows[rows["dataset"] == name]
    checked = 0
    for row in table[table["metric"] == "average_precision"].itertuples():
        same = (rows["arm"] == row.arm) & (rows["classifier"] == row.classifier)
        values = rows.loc[same & (rows["minority_fraction"] == row.minority_fraction), "average_precision"]
        if len(values) == row.n_seeds:
            assert row.mean == pytest.approx(values.mean(), abs=1e-6)
            checked += 1
    assert checked > 10


def test_the_numbers_of_the_start_page_and_the_summaries_are_those_of_the_results(store):
    judged = claims.judge(*(store.load(name) for name in ("metrics", "runs", "diagnostics")))
    made = {
        ("claims", "verdicts.csv"): judged[judged["dataset"].isin(claims.DATASETS)],
        # the size says the share
        ("explore", "results.csv"): explorer.summary(store, STUDY, FRACTIONS).drop(columns="minority_fraction"),
    }
    for (page, file), table in made.items():
        assert len(table) > 10
        assert downloads(page)[file].read_text() == publish.csv(table), page
    drawn = pd.read_csv(downloads("index")["answer.csv"])
    lines = evidence.lines(evidence.by_share(store.load("metrics")))
    means = evidence.line_means(lines[lines["line"].isin(evidence.LOOKS)])
    assert drawn["mean"].tolist() == pytest.approx(means["mean"].tolist(), abs=1e-6)
    assert set(drawn["line"]) == set(evidence.LOOKS)


@pytest.mark.parametrize(("appendix", "most"), [(False, 15_000), (True, 10_000)], ids=["twelve pages", "appendix"])
def test_a_page_is_short(appendix, most):
    """Headings, sentences, cards and captions count; code, cells of tables and what is folded do not."""
    pages = {name for _, names in pdf.pages() for name in names}
    words = 0
    for name in PAGES:
        if (name in pages) != appendix:
            article = BeautifulSoup((paths.SITE / "book" / f"{name}.html").read_text(), "html.parser").select_one(
                "article"
            )
            for unread in article.select("pre, details, td, th, script, .prev-next-area, .headerlink"):
                unread.decompose()
            words += len(article.get_text(" ").split())
    assert 0 < words <= most


def test_a_table_can_be_sorted_and_filtered(tab):
    with tab() as made:
        page = made.open("adult")
        table = page.locator(".datatable-wrapper", has=page.locator("#tab-adult-results"))
        table.locator("th button").nth(4).click()
        numbers = [float(text.split()[0]) for text in table.locator("tbody tr td:nth-child(5)").all_inner_texts()]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) > 5
        table.locator("input").fill("SMOTE-NC")
        page.wait_for_function(
            "document.querySelector('#tab-adult-results tbody').innerText.includes('Naive') === false"
        )
        assert set(table.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"SMOTE-NC"}
        assert made.problems == []


@pytest.mark.parametrize("by", ["file", "http"])
def test_search_finds_smote_nc(tab, by):
    with tab() as made:
        page = made.open("search.html?q=SMOTE-NC", by=by)
        # found pages are listed one after another
        for name in ("glossary", "adult"):
            page.wait_for_selector(f'#search-results li a[href*="{name}"]', timeout=30_000)


SYNONYMS = yaml.safe_load((paths.ROOT / "_config.yml").read_text())["sphinx"]["config"]["search_synonyms"]


@pytest.mark.parametrize(("word", "name"), [(word, name) for name, words in SYNONYMS.items() for word in words])
def test_search_finds_the_page_first_by_the_words_that_readers_have(tab, word, name):
    with tab() as made:
        page = made.open(f"search.html?q={word}")
        page.wait_for_selector("#search-results li a", timeout=30_000)
        assert f"{name}.html" in page.locator("#search-results li a").first.get_attribute("href")


LINE = ".explorer-canvas .arm[data-arm='{}'] .line"


def test_the_explorer_follows_its_menus_and_buttons(tab):
    with tab() as made:
        page = made.open("explore")
        line = page.locator(LINE.format(HYBRID))
        seen = {line.get_attribute("d")}
        for menu, choice in (
            ("metric", "roc_auc"),
            ("scale", "log"),
            ("axis", "count"),
            ("data set", "insurance"),
        ):
            page.get_by_label(menu, exact=True).select_option(choice)
            seen.add(line.get_attribute("d"))
        assert len(seen) == 5, "each menu changes the line"
        page.get_by_role("button", name="LightGBM", exact=True).click()
        page.get_by_role("button", name="Random forest").click()
        assert "Insurance, AUC-ROC, LightGBM" in page.locator(".explorer-canvas").get_attribute("aria-label")
        naive = page.locator(LINE.format("naive"))
        button = page.get_by_role("button", name="Naive")
        button.click()
        assert naive.count() == 0
        assert button.get_attribute("aria-pressed") == "false"
        page.get_by_label("data set", exact=True).select_option("adult")
        assert naive.count() == 0, "a hidden arm stays hidden"
        button.click()
        assert naive.count() == 1
        assert made.problems == []


def test_the_explorer_tells_the_numbers_of_a_mark_to_mouse_and_keyboard(tab, store):
    with tab() as made:
        page = made.open("explore")
        canvas, note = page.locator(".explorer-canvas"), page.locator(".explorer-note")
        rows = seeds.of_study(store.load("metrics"))
        rows = rows[(rows["dataset"] == "adult") & (rows["classifier"] == "random_forest")]
        wanted = rows[(rows["arm"] == "none") & (rows["minority_fraction"] == FRACTIONS[0])]["average_precision"]
        canvas.focus()
        page.keyboard.press("ArrowRight")
        told = re.match(r"Unbalanced: ([\d.]+) %; 95 % interval", note.inner_text())
        assert float(told[1]) == pytest.approx(100 * wanted.mean(), abs=0.01), "two decimals"
        assert f"n = {len(wanted)} seeds; minority share 0.05 %, 15 rows" in note.inner_text()
        page.keyboard.press("ArrowRight")
        assert "minority share 0.1 %, 30 rows" in note.inner_text()
        page.keyboard.press("ArrowDown")
        assert note.inner_text().startswith("Naive: ")
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert "minority share" in note.inner_text()
        assert page.url.endswith("explore.html"), "arrow keys do not turn the page"


def test_a_tap_tells_the_numbers_of_a_mark(tab):
    with tab(width=390, has_touch=True) as made:
        page = made.open("explore")
        canvas = page.locator(".explorer-canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert "minority share" in page.locator(".explorer-note").inner_text()


def test_the_answer_its_figure_and_the_three_doors_are_seen_without_scrolling(tab):
    with tab() as made:
        page = made.open("index")
        bottom = page.locator(".sd-card").last.bounding_box()
        assert bottom["y"] + bottom["height"] <= 900


def test_the_adviser_advises_on_its_page_by_keyboard_and_without_scripts_a_table_does(tab):
    with tab() as made:
        page = made.open("guide")
        verdict = page.locator(".adviser-verdict")
        seen = {verdict.inner_text()}
        for minority, rows in ((20, 200_000), (5_000, 50_000)):
            for label, value in (("All rows", rows), ("Rows of the rare class", minority)):
                page.get_by_label(label, exact=True).focus()
                page.keyboard.press("Control+a")
                page.keyboard.type(str(value))
            seen.add(verdict.inner_text())
        assert len(seen) > 1, "advice depends on the table"
        page.get_by_text("The experiments nearest to your table").click()
        assert page.locator(".adviser details tbody tr").count() == 6
        assert "fit" in page.locator(".adviser-code pre").inner_text()
        assert made.problems == []
    with tab(java_script_enabled=False) as made:
        assert made.open("guide").get_by_role("cell", name="more than 1,000").is_visible()


def test_a_threshold_is_chosen_on_its_page_by_keyboard_and_without_scripts_a_table_tells_costs(tab):
    with tab() as made:
        page = made.open("decisions")
        cells = page.locator(".thresholds tbody tr")
        assert cells.count() == len(curves.ARMS)
        page.get_by_label("Compare", exact=True).select_option("alarms")
        before = cells.first.inner_text()
        page.get_by_label("Threshold", exact=True).focus()
        for _ in range(10):
            page.keyboard.press("ArrowLeft")
        assert cells.first.inner_text() != before
        seen = set()
        for name, _ in page.get_by_label("Table", exact=True).evaluate(
            "menu => [...menu.options].map(one => [one.value, one.text])"
        ):
            page.get_by_label("Table", exact=True).select_option(name)
            seen.add(page.locator(".thresholds .widget-canvas path.line").first.get_attribute("d"))
        assert len(seen) > 3, "each table has its own curves"
        assert made.problems == []
    with tab(java_script_enabled=False) as made:
        assert made.open("decisions").locator(".unsteered tbody tr").count() == 9


def test_each_way_to_make_rows_can_be_stepped_through_on_its_page_and_without_scripts_a_table_tells_them(tab):
    with tab() as made:
        page = made.open("why")
        stepper = page.locator(".stepper")
        borders = set()
        for title in toy.WAYS.values():
            stepper.get_by_role("button", name=title).focus()
            page.keyboard.press("Enter")
            borders.add(stepper.locator(".border").get_attribute("d"))
        assert len(borders) == len(toy.WAYS)
        assert made.problems == []
    with tab(java_script_enabled=False) as made:
        assert made.open("why").locator(".unsteered tbody tr").count() == len(toy.WAYS)


def test_curves_and_scores_can_be_steered_in_a_chapter(tab):
    with tab() as made:
        page = made.open("adult")
        seen = set()
        for choice in ("roc", "pr", "minority", "majority"):
            page.get_by_label("show", exact=True).select_option(choice)
            seen.add(page.locator(LINE.format(HYBRID)).first.get_attribute("d"))
        assert len(seen) == 4
        assert made.problems == []


def test_the_screenshot_of_the_explorer_shows_it(tab, tmp_path, request):
    with tab(width=1000) as made:
        page = made.open("explore")
        picture = tmp_path / "explorer.png"
        page.locator(".steered").screenshot(path=picture)
        assert len(page.locator(".explorer-canvas .arm").all()) == len(PAPER_ARMS)
    assert 10_000 < picture.stat().st_size < 200_000
    if request.config.getoption("--update-screenshot"):
        shutil.copyfile(picture, paths.ROOT / "docs" / "explorer.png")


def test_the_site_is_light_and_its_totals_are_rows_of_the_benchmarks(browser):
    table = weight.site_totals(browser=browser).set_index("name")
    limited = table.dropna(subset="baseline")
    too_heavy = limited[(limited["unit"] == "MB") & (limited["ratio"] > 1)]
    assert too_heavy.empty, too_heavy
    assert table["value"].notna().all()


def test_the_pdf_has_every_page_of_the_book(tmp_path):
    printed = pdf.print_book(paths.SITE, tmp_path / "book.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > len(PAGES)
    assert len(printed) < 15e6
