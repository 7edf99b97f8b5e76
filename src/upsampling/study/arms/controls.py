"""What one can do without the generator, and what all real rows would give."""

from dataclasses import replace

from upsampling.study import training
from upsampling.study.arm import Arm
from upsampling.study.arms.paper import HYBRID

ARMS = (
    Arm(
        "class_weight",
        "Class weights",
        "The unbalanced set, minority rows weighted to the same effective prior as a balanced set.",
        training.weighted,
        thresholds=True,
    ),
    Arm("undersample", "Undersampled", "Majority rows dropped at random until balance.", training.undersampled),
    Arm(
        "balanced_forest",
        "Balanced forest",
        "A random forest whose every tree sees the minority rows and as many majority rows, drawn anew.",
        training.unbalanced,
        classifiers=("balanced_forest",),
    ),
    Arm(
        "marginals",
        "Shuffled columns",
        "Minority rows whose every feature is drawn by itself from the real minority rows, until balance: diversity "
        "without structure.",
        training.shuffled_columns,
    ),
    replace(
        HYBRID,
        name="copula",
        title="Vine copula",
        description="Rows of a vine copula that was fitted to the real minority rows, until balance: a generator without a neural network.",
        generator="copula",
    ),
    Arm(
        "oracle",
        "Oracle",
        "The base set before minority rows were taken away: what the same classifier reaches with all real rows.",
        training.complete,
    ),
)
