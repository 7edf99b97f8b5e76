"""Other uses of the generator's fit, and other fits."""

from dataclasses import replace
from functools import partial

from upsampling.study import training
from upsampling.study.arm import Arm, with_column_order
from upsampling.study.arms.paper import HYBRID
from upsampling.study.registry import not_installed
from upsampling.study.training import CATEGORIES_FIRST, NUMBERS_FIRST

# How many times the rows that balance lacks.
AMOUNTS = (0.25, 0.5, 1.5, 2)
REPEATS = (1, 2)
NO_SDK = not_installed("mostlyai.sdk", "sdk")

SYNTHETIC = Arm(
    "tabularargn_synthetic",
    "TabularARGN synthetic",
    "Synthetic rows only, both classes, each as large as the real majority.",
    training.synthetic,
    "tabularargn_packed",
)


WEIGHTED = replace(
    HYBRID,
    name="tabularargn_weight0.1",
    title="Hybrid, weight 0.1",
    description="The paper's arm with synthetic rows at weight 0.1.",
    build=partial(training.hybrid, weight=0.1),
    diagnosed=False,
)

_UNPROTECTED = replace(
    HYBRID,
    name="tabularargn_unprotected",
    title="Hybrid, unprotected",
    description="The paper's arm with the generator's value protection off.",
    generator="tabularargn_unprotected_packed",
    variant=True,
)

_EVERY_PASS = replace(
    HYBRID,
    name="tabularargn_50_passes",
    title="Hybrid, 50 passes",
    description="The paper's arm with a generator that learns for 50 passes over the rows, whatever its validation rows say.",
    generator="tabularargn_50_passes_packed",
    variant=True,
)


def _on_engine(arm: Arm, generator: str = "tabularargn") -> Arm:
    """Return an arm on a fit in the engine's own training steps, as all fits were at first."""
    return replace(arm, generator=generator)


def _earlier(**changes) -> Arm:
    """Return a variant of the paper's arm that was computed when columns were drawn with categories first."""
    return with_column_order(replace(_on_engine(HYBRID), **changes), CATEGORIES_FIRST)


ARMS = (
    SYNTHETIC,
    WEIGHTED,
    Arm(
        "tabularargn_posterior",
        "TabularARGN posterior",
        "No upsampling and no classifier: the generator's own probability of the minority class.",
        generator="tabularargn_packed",
    ),
    Arm(
        "tabularargn_posterior_engine",
        "TabularARGN posterior, engine's steps",
        "The generator's own probability, from a fit in the engine's own training steps, on which the arms with categories first stand too.",
        generator="tabularargn",
        variant=True,
    ),
    with_column_order(_on_engine(HYBRID), CATEGORIES_FIRST, "tabularargn_categories_first"),
    with_column_order(_on_engine(HYBRID), NUMBERS_FIRST, "tabularargn_numbers_first"),
    with_column_order(_on_engine(SYNTHETIC), CATEGORIES_FIRST, "tabularargn_synthetic_categories_first"),
    with_column_order(_on_engine(WEIGHTED), CATEGORIES_FIRST, "tabularargn_weight0.1_categories_first"),
    *(
        _earlier(
            name=f"tabularargn_amount{amount:g}",
            title=f"Hybrid, {amount:g} times",
            description=f"The paper's arm with {amount:g} times the synthetic rows that balance needs.",
            build=partial(training.hybrid, amount=amount),
            diagnosed=False,
        )
        for amount in AMOUNTS
    ),
    *(
        _earlier(
            name=f"tabularargn_seed{repeat}",
            title=f"Hybrid, fit {repeat + 1}",
            description="The paper's arm with another seed of the generator on the same training rows.",
            build=partial(training.hybrid, repeat=repeat),
            generator=f"tabularargn_seed{repeat}",
        )
        for repeat in REPEATS
    ),
    _earlier(
        name="tabularargn_minority_only",
        title="Hybrid, minority only",
        description="The paper's arm with a generator that was trained on the minority rows alone.",
        generator="tabularargn_minority_only",
    ),
    with_column_order(
        _on_engine(_UNPROTECTED, "tabularargn_unprotected"),
        CATEGORIES_FIRST,
        "tabularargn_unprotected_categories_first",
    ),
    _UNPROTECTED,
    _EVERY_PASS,
    replace(
        HYBRID,
        name="tabularargn_sdk",
        title="Hybrid, through the SDK, numbers first",
        description="The paper's arm with the generator run through the Synthetic Data SDK, numbers before categories.",
        generator="tabularargn_sdk",
        variant=True,
        skip=NO_SDK,
    ),
    replace(
        HYBRID,
        name="tabularargn_sdk_file",
        title="Hybrid, through the SDK",
        description="The paper's arm with the generator run through the Synthetic Data SDK.",
        generator="tabularargn_sdk_file",
        variant=True,
        skip=NO_SDK,
    ),
)
