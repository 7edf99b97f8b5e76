"""The arms: every way of treating the imbalance that the study compares. A file is a family and declares `ARMS`; files are discovered."""

import sys

from upsampling.study.arm import Arm, from_sampler
from upsampling.study.names import HYBRID, POSTERIOR, SYNTHETIC, WEIGHTED
from upsampling.study.registry import modules

PAPER_ARMS = ("none", "naive", "smotenc", "tabularargn")
# The same as pages show them.
SHOWN_ARMS = ("none", "naive", "smotenc", HYBRID)


_FAMILIES = sorted(modules(sys.modules[__name__]), key=lambda family: family.__name__ != f"{__name__}.paper")
ARMS = {arm.name: arm for family in _FAMILIES for arm in family.ARMS}
# What rows were called when every arm drew categories first: see the errata.
RENAMED = {
    "tabularargn": "tabularargn_categories_first",
    "tabularargn_synthetic": "tabularargn_synthetic_categories_first",
    **{
        f"tabularargn_weight{weight:g}": f"tabularargn_weight{weight:g}_categories_first" for weight in (0.01, 0.1, 0.3)
    },
    "tabularargn_unprotected": "tabularargn_unprotected_categories_first",
    "tabularargn_table_order": "tabularargn_numbers_first",
    "tuned_tabularargn": "tuned_tabularargn_categories_first",
    "tuned_tabularargn_synthetic": "tuned_tabularargn_synthetic_categories_first",
}
# What rows were called when every fit was made in the engine's own training steps.
RENAMED_POSTERIOR = {"tabularargn_posterior": "tabularargn_posterior_engine"}
# Of the arms that exist in several orders, pages show one.
_ORDERED = {"tabularargn", "tabularargn_synthetic", "tabularargn_weight0.1", "tabularargn_posterior", *RENAMED.values()}
VARIANTS = frozenset(
    name
    for name, arm in ARMS.items()
    if (arm.variant or name in _ORDERED) and name not in (HYBRID, SYNTHETIC, WEIGHTED, POSTERIOR)
)

__all__ = [
    "ARMS",
    "PAPER_ARMS",
    "RENAMED",
    "RENAMED_POSTERIOR",
    "SHOWN_ARMS",
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
