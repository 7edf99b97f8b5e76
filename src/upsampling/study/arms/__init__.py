"""The arms: every way of treating the imbalance that the study compares. A file is a family and declares `ARMS`; files are discovered."""

import sys

from upsampling.study.arm import Arm, from_sampler
from upsampling.study.names import HYBRID
from upsampling.study.registry import modules

PAPER_ARMS = ("none", "naive", "smotenc", HYBRID)
_FAMILIES = sorted(modules(sys.modules[__name__]), key=lambda family: family.__name__ != f"{__name__}.paper")
ARMS = {arm.name: arm for family in _FAMILIES for arm in family.ARMS}
# What rows were called when every arm drew categories first: see the errata.
RENAMED = {
    "tabularargn": "tabularargn_categories_first",
    "tabularargn_synthetic": "tabularargn_synthetic_categories_first",
    "tabularargn_weight0.1": "tabularargn_weight0.1_categories_first",
    "tabularargn_unprotected": "tabularargn_unprotected_categories_first",
    "tabularargn_table_order": "tabularargn_numbers_first",
    "tuned_tabularargn": "tuned_tabularargn_categories_first",
    "tuned_tabularargn_synthetic": "tuned_tabularargn_synthetic_categories_first",
}
# What rows were called when every fit was made in the engine's own training steps.
RENAMED_POSTERIOR = {"tabularargn_posterior": "tabularargn_posterior_engine"}
# What overviews leave out.
VARIANTS = frozenset(name for name, arm in ARMS.items() if arm.variant)

__all__ = [
    "ARMS",
    "PAPER_ARMS",
    "RENAMED",
    "RENAMED_POSTERIOR",
    "VARIANTS",
    "Arm",
    "from_sampler",
    "title",
    "uses_generator",
]


def uses_generator(arm: str) -> bool:
    """Return whether an arm's results depend on a fitted generator, its own or a member's."""
    return bool(ARMS[arm].generator) or any(map(uses_generator, ARMS[arm].needs))


def title(arm: str) -> str:
    """Return the name of an arm that a reader sees."""
    return ARMS[arm].title if arm in ARMS else arm
