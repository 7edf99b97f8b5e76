"""The arms: every way of treating the imbalance that the study compares. A file is a family and declares `ARMS`; files are discovered."""

import sys

from upsampling.study.names import HYBRID
from upsampling.study.registry import modules

PAPER_ARMS = ("none", "naive", "smotenc", HYBRID)
_FAMILIES = sorted(modules(sys.modules[__name__]), key=lambda family: family.__name__ != f"{__name__}.paper")
ARMS = {arm.name: arm for family in _FAMILIES for arm in family.ARMS}
# What overviews leave out.
VARIANTS = frozenset(name for name, arm in ARMS.items() if arm.variant)


def uses_generator(arm: str) -> bool:
    """Return whether an arm's results depend on a fitted generator, its own or a member's."""
    return bool(ARMS[arm].generator) or any(map(uses_generator, ARMS[arm].needs))


def title(arm: str) -> str:
    """Return the name of an arm that a reader sees."""
    return ARMS[arm].title if arm in ARMS else arm
