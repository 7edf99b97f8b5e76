"""Every arm has a look of its own, whoever adds it."""

import itertools

import pytest

from upsampling.book import palette
from upsampling.study import classifiers
from upsampling.study.arms import ARMS, PAPER_ARMS, title


def test_no_two_arms_look_alike():
    looks = [(palette.COLORS[arm], palette.DASHES[arm]) for arm in ARMS]
    assert len(set(looks)) == len(ARMS)
    assert len({palette.COLORS[arm] for arm in PAPER_ARMS}) == len(PAPER_ARMS)


def test_twenty_new_arms_differ_from_each_other_and_from_the_papers():
    new = [f"new arm {number}" for number in range(20)]
    looks = {arm: (palette.COLORS[arm], palette.DASHES[arm]) for arm in new}
    assert len(set(looks.values())) == 20
    assert not {palette.COLORS[arm] for arm in PAPER_ARMS} & {color for color, _ in looks.values()}
    assert palette.COLORS[new[3]] == looks[new[3]][0], "a look does not change when it is asked for again"
    assert title(new[0]) == new[0]


def test_the_papers_arms_stand_out():
    assert min(palette.line(arm)["linewidth"] for arm in PAPER_ARMS) > palette.line("oracle")["linewidth"]


@pytest.mark.parametrize(("first", "second"), itertools.combinations(PAPER_ARMS, 2))
def test_the_papers_arms_differ_for_the_colour_blind(first, second):
    """Red-green blindness leaves about this much of a colour: its blue, and its red and green as one."""

    def seen(color):
        red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
        return 0.3 * red + 0.6 * green, blue

    (light, blue), (other_light, other_blue) = seen(palette.COLORS[first]), seen(palette.COLORS[second])
    assert abs(light - other_light) + abs(blue - other_blue) > 40


@pytest.mark.parametrize(("color", "text"), [("#FFFFFF", "#000000"), ("#000000", "#FFFFFF"), ("#E69F00", "#000000")])
def test_text_can_be_read_on_its_ground(color, text):
    assert palette.text_on(color) == text


def test_every_classifier_has_a_marker_of_its_own():
    assert set(palette.MARKERS) == set(classifiers.TITLES)
    assert len(set(palette.MARKERS.values())) == len(palette.MARKERS)
