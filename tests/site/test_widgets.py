"""What readers steer, in a real browser, on a page made for it."""

import example
import pytest

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
