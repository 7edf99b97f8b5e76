"""What readers steer, in a real browser, on a page made for it."""

import io

import example
import matplotlib.pyplot as plt
import numpy as np
import pytest

from upsampling.book import palette

pytestmark = pytest.mark.site


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
        text.strip() for text in table.locator(f"tbody td:nth-child({place + 1})").all_inner_texts()
    ]


@pytest.mark.parametrize("name", example.SHOWN)
def test_a_table_is_sorted_by_its_numbers(page, name):
    button, cells = column(page, "sorted", name)
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
    picture = page.locator("#fig-index-panels img")
    picture.scroll_into_view_if_needed()
    pixels = plt.imread(io.BytesIO(picture.screenshot()))[..., :3].reshape(-1, 3)
    for arm in example.ARMS:
        color = np.array([int(palette.COLORS[arm][start : start + 2], 16) / 255 for start in (1, 3, 5)])
        # dimmed, but of the same ratio of red, green and blue
        assert min(np.abs(pixels - dim * color).max(axis=1).min() for dim in np.linspace(0.8, 1, 21)) < 0.03, arm


def test_on_a_phone_all_of_a_wide_figure_is_within_the_page(page):
    assert page.locator("#fig-index-panels .figure-part").count() == 0
    page.set_viewport_size({"width": 390, "height": 900})
    parts = page.locator("#fig-index-panels .figure-part")
    assert parts.count() == 7, "three panels, their axis beside the second and the third, two entries of the legend"
    for part in parts.all():
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        shown = plt.imread(io.BytesIO(part.screenshot()))[..., :3]
        assert np.ptp(shown) > 0.4, "not blank"
    images = page.locator("#fig-index-panels img")
    assert [bool(image.get_attribute("alt")) for image in images.all()] == [True] + 6 * [False], "described once"
    page.set_viewport_size({"width": 1280, "height": 900})
    assert parts.count() == 0


def test_a_wide_screen_shows_a_wide_table_whole(page):
    page.set_viewport_size({"width": 1600, "height": 900})
    frame = page.locator(".datatable-container", has=page.locator("#tab-index-wide"))
    assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") <= 0
