"""Every arm has a look of its own, whoever adds it."""

import dataclasses
import importlib
import itertools

import numpy as np
import pandas as pd
import pytest

from upsampling.book import figures, palette
from upsampling.study import arms, classifiers
from upsampling.study.arms import ARMS, PAPER_ARMS, VARIANTS, title


def distance(first: str, second: str) -> float:
    """Return how far apart two colours are to the eye: about 2 is just seen, 100 is black and white."""
    lab = []
    for color in (first, second):
        channels = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
        x, y, z = np.cbrt(xyz / [0.9505, 1, 1.089])
        lab.append(np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)]))
    return float(np.linalg.norm(lab[0] - lab[1]))


def test_no_two_arms_look_alike():
    # rows drawn in another order, or from another fit, look the same: no figure mixes two
    apart = set(ARMS) - set(palette.ALIKE)
    assert len({(palette.COLORS[arm], palette.DASHES[arm]) for arm in apart}) == len(apart)
    assert len({palette.COLORS[arm] for arm in PAPER_ARMS}) == len(PAPER_ARMS)


def test_no_two_arms_of_the_overviews_share_a_colour():
    overviews = [arm for arm in ARMS if arm not in VARIANTS] + ["tuned_none", "none|logistic_regression"]
    for first, second in itertools.combinations(overviews, 2):
        assert distance(palette.COLORS[first], palette.COLORS[second]) > 9, (first, second)


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_new_arm_changes_the_look_of_no_other(monkeypatch, place):
    before = {arm: (palette.COLORS[arm], palette.DASHES[arm]) for arm in ARMS}
    new = {"brand_new": dataclasses.replace(ARMS["naive"], name="brand_new", title="Brand new")}
    with monkeypatch.context() as patch:
        patch.setattr(arms, "ARMS", new | ARMS if place == "first" else ARMS | new)
        again = importlib.reload(palette)
        looks = {arm: (again.COLORS[arm], again.DASHES[arm]) for arm in ["brand_new", *before]}
    importlib.reload(palette)
    look = looks.pop("brand_new")
    assert looks == before
    assert look not in before.values()
    assert look == (palette.COLORS["brand_new"], palette.DASHES["brand_new"]), "wherever it stands"


def test_names_that_nobody_declared_differ_from_each_other_and_from_the_papers_and_can_be_read():
    new = [f"new arm {number}" for number in range(20)]
    looks = {arm: (palette.COLORS[arm], palette.DASHES[arm]) for arm in new}
    assert len(set(looks.values())) == 20
    for color, _ in looks.values():
        assert 1.05 / (palette.luminance(color) + 0.05) > 4.5
        assert min(distance(color, palette.COLORS[arm]) for arm in PAPER_ARMS) > 5
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


def test_every_classifier_has_a_marker_of_its_own():
    assert set(classifiers.CLASSIFIERS) < set(palette.MARKERS) <= set(classifiers.TITLES)
    assert len(set(palette.MARKERS.values())) == len(palette.MARKERS)


def test_a_classifier_that_nobody_knows_is_drawn_and_named():
    summary = pd.DataFrame({"classifier": ["xgboost", "brand_new"], "arm": "none", "minority_fraction": 0.001})
    summary = summary.assign(mean=0.5, low=0.4, high=0.6)
    drawn = figures.metric_curves(summary, {0.001: 30}, "roc_auc")
    assert [axes.get_title("left") for axes in drawn.axes] == ["XGBoost", "brand_new"]
    marker = drawn.axes[1].lines[0].get_marker()
    assert marker == palette.MARKERS["brand_new"]
    assert marker not in palette.MARKERS.values()
