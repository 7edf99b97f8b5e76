"""What the site's settings say of its pages."""

from pathlib import Path

import pytest
import yaml
from helpers import pages_of_the_book

from upsampling import paths

SETTINGS = yaml.safe_load((paths.ROOT / "_config.yml").read_text())
PAGES = {f"book/{name}" for name in pages_of_the_book()}


def test_words_lead_to_pages_that_exist_and_each_to_one():
    synonyms = SETTINGS["sphinx"]["config"]["search_synonyms"]
    assert set(synonyms) <= PAGES
    words = [word.lower() for found in synonyms.values() for word in found]
    assert len(words) == len(set(words)) > 10


@pytest.mark.parametrize("word", ["fraud", "churn", "imbalanced", "scale_pos_weight", "class_weight", "oversampling"])
def test_words_that_readers_have_are_known(word):
    assert word in [word for found in SETTINGS["sphinx"]["config"]["search_synonyms"].values() for word in found]


def test_old_addresses_lead_to_pages_that_exist():
    for old, new in SETTINGS["sphinx"]["config"]["redirects"].items():
        assert old not in PAGES
        assert (Path(old).parent / new.split("#")[0]).with_suffix("").as_posix() in PAGES


def test_every_script_and_style_is_there():
    settings = SETTINGS["sphinx"]["config"]
    for name in [*settings["html_js_files"], *settings["html_css_files"], Path(settings["ogp_image"]).name]:
        assert (paths.BOOK / "_static" / name).is_file(), name
