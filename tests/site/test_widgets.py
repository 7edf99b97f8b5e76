"""What readers steer, in a real browser, on a page made for it."""

import io
import re
from pathlib import Path

import example
import matplotlib.pyplot as plt
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from upsampling.book import palette
from upsampling.study.arms import title
from upsampling.study.names import HYBRID

# one process builds the page for them all
pytestmark = [pytest.mark.site, pytest.mark.xdist_group("widgets")]


@pytest.fixture(scope="session")
def page_of_widgets(tmp_path_factory):
    return example.book(tmp_path_factory.mktemp("example"))


@pytest.fixture
def page(tab, page_of_widgets):
    """A tab with the page, in which nothing may go wrong."""
    with tab() as made:
        made.page.goto(page_of_widgets.as_uri())
        yield made.page
        assert made.problems == []


def column(page, table, name):
    """Return the table's button of a column, and what its cells show from top to bottom."""
    table = page.locator(f"#tab-index-{table}")
    names = [text.strip() for text in table.locator("th").all_inner_texts()]
    place = names.index(name)
    return table.locator("th button").nth(place), lambda: [
        " ".join(text.split()) for text in table.locator(f"tbody td:nth-child({place + 1})").all_inner_texts()
    ]


@pytest.mark.parametrize("name", example.SHOWN)
def test_a_table_is_sorted_by_its_numbers(page, name):
    button, cells = column(page, "what-is-sorted", name)
    wanted = example.SHOWN[name]
    button.click()
    assert cells()[:4] == wanted[:4]
    assert set(cells()) == set(wanted)
    button.click()
    n_numbers = 4 if name == "Mixed" else 6
    assert cells()[:n_numbers] == wanted[:n_numbers][::-1], "what is no number stays last"


def test_numbers_that_look_alike_are_in_order_too(page):
    button, _ = column(page, "alike", "Gain")
    _, names = column(page, "alike", "Name")
    button.click()
    assert names() == ["a", "b", "c", "d"]


def _contrast(first: str, second: str) -> float:
    def luminance(text):
        channels = [int(channel) for channel in text[text.index("(") + 1 : -1].split(",")[:3]]
        return palette.luminance("#" + "".join(f"{channel:02X}" for channel in channels))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_numbers_of_a_table_s_pages_can_be_read(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.reload()
    buttons = page.locator(".datatable-pagination button:visible")
    assert buttons.count() > 3
    for button in buttons.all():
        color, ground = button.evaluate(
            """button => {
              let ground = button;
              while (/, 0\\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
              return [getComputedStyle(button).color, getComputedStyle(ground).backgroundColor];
            }"""
        )
        assert _contrast(color, ground) > 4.5, (button.inner_text(), color, ground)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_arm_keeps_its_colour_in_the_dark(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.reload()
    picture = page.locator("#fig-index-wide-panels img")
    picture.scroll_into_view_if_needed()
    pixels = plt.imread(io.BytesIO(picture.screenshot()))[..., :3].reshape(-1, 3)
    for arm in example.ARMS:
        color = np.array([int(palette.COLORS[arm][start : start + 2], 16) / 255 for start in (1, 3, 5)])
        # dimmed, but of the same ratio of red, green and blue
        assert min(np.abs(pixels - dim * color).max(axis=1).min() for dim in np.linspace(0.8, 1, 21)) < 0.03, arm


def test_on_a_phone_all_of_a_wide_figure_is_within_the_page(page):
    assert page.locator("#fig-index-wide-panels .figure-part").count() == 0
    page.set_viewport_size({"width": 390, "height": 900})
    parts = page.locator("#fig-index-wide-panels .figure-part")
    assert parts.count() == 7, "three panels, their axis beside the second and the third, two entries of the legend"
    for part in parts.all():
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        shown = plt.imread(io.BytesIO(part.screenshot()))[..., :3]
        assert np.ptp(shown) > 0.4, "not blank"
    images = page.locator("#fig-index-wide-panels img")
    assert [bool(image.get_attribute("alt")) for image in images.all()] == [True] + 6 * [False], "described once"
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(parts).to_have_count(0)


def test_a_wide_screen_shows_a_wide_table_whole(page):
    page.set_viewport_size({"width": 1600, "height": 900})
    frame = page.locator(".datatable-container", has=page.locator("#tab-index-wide"))
    assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") <= 0


def test_what_goes_on_beyond_the_right_edge_fades_there_until_its_end(page):
    fades = re.compile(r"\bmore\b")
    frame = page.locator(".datatable-container", has=page.locator("#tab-index-wide"))
    page.set_viewport_size({"width": 390, "height": 900})
    expect(frame).to_have_class(fades)
    frame.evaluate("frame => frame.scrollTo(9999, 0)")
    expect(frame).not_to_have_class(fades)
    frame.evaluate("frame => frame.scrollTo(0, 0)")
    expect(frame).to_have_class(fades)
    page.set_viewport_size({"width": 1600, "height": 900})
    expect(frame).not_to_have_class(fades)


def fill(page, kind, **values):
    """Fill in fields of a widget, by the ends of their names."""
    for name, value in values.items():
        page.locator(f".{kind} input[id$='-{name}']").fill(str(value))


def verdict(page):
    return page.locator(".adviser-verdict").inner_text()


def test_the_adviser_follows_the_experiments_nearest_to_the_table(page):
    fill(page, "adviser", numeric=20)
    assert verdict(page) == "Use synthetic rows of TabularARGN with LightGBM."
    assert "+9." in page.locator(".adviser").inner_text(), "the gain on the table of categories"
    assert "from upsampling import TabularARGNSampler" in page.locator(".adviser pre").inner_text()
    fill(page, "adviser", numeric=90)
    assert verdict(page) == "Make no rows. Train LightGBM on the rows as they are."
    assert "TabularARGNSampler" not in page.locator(".adviser pre").inner_text()
    fill(page, "adviser", numeric=20)
    fill(page, "adviser", minority=2000)
    assert verdict(page) == "Make no rows. Train LightGBM on the rows as they are.", "with many rows there is no gain"
    fill(page, "adviser", rows=100)
    assert "fewer rows" in page.locator(".adviser").inner_text()
    fill(page, "adviser", rows=10**9)
    assert "None of our experiments is near" in page.locator(".adviser").inner_text()


def test_the_adviser_tells_the_score_at_which_an_alarm_pays(page):
    """Trained on balanced rows, used where one row in 1,000 is rare, a miss as costly as 999 false alarms: even odds."""
    fill(page, "adviser", numeric=20)
    fill(page, "adviser", scoring=0.1)
    fill(page, "adviser", miss=999)
    assert "above a score of 0.5:" in page.locator(".adviser").inner_text()
    assert "> 0.5" in page.locator(".adviser pre").inner_text()
    fill(page, "adviser", numeric=90)
    # odds of 1 in 999 in training too
    assert "above a score of 0.001:" in page.locator(".adviser").inner_text()


def test_without_scripts_and_on_paper_a_table_stands_for_the_adviser(tab, page_of_widgets):
    with tab(java_script_enabled=False) as made:
        made.page.goto(page_of_widgets.as_uri())
        assert made.page.get_by_role("cell", name="up to 50").is_visible()
    with tab() as made:
        made.page.goto(page_of_widgets.as_uri())
        cell = made.page.locator("td", has_text="up to 50")
        assert not cell.is_visible()
        made.page.emulate_media(media="print")
        assert cell.is_visible()


def outcomes(page):
    """Return the shown table of outcomes as numbers, a row per method."""
    rows = page.locator(".thresholds tbody tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {name.strip(): [float(re.sub("[^0-9.]", "", text)) for text in texts] for name, *texts in cells}


def test_thresholds_tell_what_the_scores_tell(page):
    found = example.curves()
    rare = round(found["prevalence"].iloc[0], 4)
    fill(page, "thresholds", share=100 * rare)
    fill(page, "thresholds", miss=20)
    for name, arm in (("Naive", "naive"), ("TabularARGN hybrid", "tabularargn")):
        part = found[found["arm"] == arm]
        costs = 1000 * ((1 - rare) * part["fpr"] + 20 * rare * (1 - part["tpr"]))
        best = part.iloc[costs.argmin()]
        alarms, hits, wrong, missed, precision, cost, score = outcomes(page)[name]
        assert cost == pytest.approx(costs.min(), rel=0.01)
        assert hits == pytest.approx(1000 * rare * best["tpr"], rel=0.01)
        assert wrong == pytest.approx(1000 * (1 - rare) * best["fpr"], rel=0.01)
        assert missed == pytest.approx(1000 * rare * (1 - best["tpr"]), rel=0.02)
        assert alarms == pytest.approx(hits + wrong, rel=0.01)
        assert precision == pytest.approx(100 * hits / alarms, rel=0.01)
        assert score == pytest.approx(best["threshold"], rel=0.01)
    assert "TabularARGN hybrid costs least" in page.locator(".thresholds").inner_text()


def test_the_slider_moves_the_threshold_by_keyboard(page):
    slider = page.get_by_label("Threshold", exact=True)
    assert not slider.is_visible()
    page.get_by_label("Compare", exact=True).select_option("score")
    before = outcomes(page)["Naive"]
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert outcomes(page)["Naive"][0] < before[0], "a higher score, fewer alarms"
    assert "alarm above a score of" in slider.get_attribute("aria-valuetext")
    page.get_by_label("Compare", exact=True).select_option("alarms")
    rows = outcomes(page)
    assert {row[0] for row in rows.values()} == {10}, "one row in a hundred"
    assert rows["TabularARGN hybrid"][1] > rows["Naive"][1], "of which the better method hits more"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (768, "dark"), (390, "light"), (390, "dark")])
def test_what_readers_steer_is_accessible_and_fits_every_screen(tab, page_of_widgets, width, scheme):
    with tab(width=width, color_scheme=scheme) as made:
        made.page.goto(page_of_widgets.as_uri())
        assert made.page.evaluate("document.documentElement.scrollWidth") <= width
        violations = Axe().run(made.page).response["violations"]
    assert {
        rule["id"]: rule["nodes"][0]["html"] for rule in violations if rule["impact"] in ("serious", "critical")
    } == {}


@pytest.mark.parametrize(
    ("query", "is_found"),
    [*((word, True) for word in example.SYNONYMS), ("steered", True), ("recompute", False), ("folded_code", False)],
)
def test_search_finds_what_a_page_says_and_what_readers_call_it_but_no_code(tab, page_of_widgets, query, is_found):
    with tab() as made:
        made.page.goto(f"{page_of_widgets.parent.parent.as_uri()}/search.html?q={query}")
        made.page.wait_for_function("/finished|did not match/.test(document.body.innerText)")
        links = made.page.locator("#search-results li a").all_inner_texts()
        assert links == (["Example"] if is_found else [])


def test_an_old_address_leads_to_the_new_one_with_its_anchor(tab, page_of_widgets):
    with tab() as made:
        made.page.goto(f"{page_of_widgets.with_name('old.html').as_uri()}#tab-index-long")
        made.page.wait_for_url("**/index.html#tab-index-long")


def test_the_head_of_a_page_says_what_it_is_about(page_of_widgets):
    head = BeautifulSoup(page_of_widgets.read_text(), "html.parser").head
    said = {tag.get("property") or tag.get("name"): tag["content"] for tag in head.select("meta[content]")}
    assert said["description"] == said["og:description"]
    assert said["description"].startswith(example.FIRST)
    assert said["og:title"] == "Example"
    assert said["og:image"] == "_static/card.png"
    assert (page_of_widgets.parent.parent / said["og:image"]).is_file()


def test_code_is_away_until_one_button_is_pressed(page):
    fold = page.locator(".cell details.hide").first
    assert not fold.is_visible()
    button = page.get_by_role("button", name="Code of this page")
    assert button.count() == 1
    button.click()
    assert fold.locator("code, pre").first.is_visible()
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert not fold.is_visible()


def test_data_and_recipe_of_an_item_are_behind_one_icon(page):
    items = page.locator("figure, table.datatable-table, .steered").count()
    icons = page.locator("details.source")
    assert icons.count() == items
    icon = icons.first
    assert icon.locator("summary").bounding_box()["height"] < 40
    icon.locator("summary").click()
    assert icon.get_by_text("Data (CSV)").is_visible()
    assert icon.get_by_text("make book").is_visible()


LINES = ".explorer-canvas .arm"


def test_the_explorer_shows_several_classifiers_and_differences_to_a_baseline(page):
    explorer = page.locator(".explorer")
    assert page.locator(LINES).count() == 3
    explorer.get_by_role("button", name="LightGBM, tuned").click()
    assert page.locator(LINES).count() == 6
    edge = page.locator(".explorer-canvas").bounding_box()
    labels = [label.bounding_box() for label in page.locator(".explorer-canvas .label").all()]
    assert len(labels) == 6
    assert max(box["x"] + box["width"] for box in labels) <= edge["x"] + edge["width"], "no name is cut off"
    explorer.get_by_label("difference to").select_option("naive|lightgbm")
    page.locator(".explorer-canvas").focus()
    seen = {}
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        name, said = page.locator(".explorer-note").inner_text().split(";")[0].split(": ")
        seen[name] = said
    assert seen["Naive, LightGBM"] == "0 %"
    assert seen["Unbalanced, LightGBM"] == "-2 %"
    assert seen[f"{title(HYBRID)}, LightGBM, tuned"] == "+7 %"
    assert "without an interval" in page.locator(".explorer-note").inner_text()


def test_the_address_keeps_the_view_of_the_explorer(page):
    explorer = page.locator(".explorer")
    explorer.get_by_label("metric", exact=True).select_option("roc_auc")
    explorer.get_by_role("button", name="LightGBM, tuned").click()
    explorer.get_by_role("button", name="Naive", exact=True).click()
    lines = page.locator(LINES).evaluate_all("groups => groups.map((group) => group.outerHTML)")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert page.locator(LINES).evaluate_all("groups => groups.map((group) => group.outerHTML)") == lines
    assert explorer.get_by_role("button", name="Naive", exact=True).get_attribute("aria-pressed") == "false"
    assert explorer.get_by_label("metric", exact=True).input_value() == "roc_auc"


@pytest.mark.parametrize(("kind", "begin"), [("PNG", b"\x89PNG"), ("SVG", b"<svg")])
def test_the_explorer_is_saved_as_a_picture(page, kind, begin):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Save this figure as {kind}").click()
    assert waiting.value.suggested_filename == f"adult-average_precision.{kind.lower()}"
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(begin)
    if kind == "PNG":
        assert len(np.unique(plt.imread(io.BytesIO(content))[..., :3].reshape(-1, 3), axis=0)) > 20
    else:
        assert b"xmlns" in content


def test_the_stepper_shows_what_each_way_makes(page):
    stepper = page.locator(".stepper")
    stepper.get_by_label("Real minority rows", exact=True).select_option("3")
    assert stepper.locator("circle.real").count() == 3
    borders = set()
    for name, is_made in (("Nothing done", False), ("Copy", True), ("SMOTE", True), ("Shuffled columns", True)):
        button = stepper.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        assert (stepper.locator("circle.made").count() > 100) is is_made
        assert button.get_attribute("aria-pressed") == "true"
        assert name in stepper.locator("svg[role=img]").get_attribute("aria-label")
        borders.add(stepper.locator(".border").get_attribute("d"))
    assert len(borders) >= 3, "the classifier learns something else"
