"""The arms of the paper."""

from upsampling.study import training
from upsampling.study.arm import Arm

HYBRID = Arm(
    "tabularargn",
    "TabularARGN hybrid",
    "The real rows and synthetic minority rows of the generator until balance, columns drawn in the order of the published file: the paper's arm.",
    training.hybrid,
    "tabularargn_packed",
)

ARMS = (
    Arm("none", "Unbalanced", "The unbalanced training set as it is.", training.unbalanced, thresholds=True),
    Arm(
        "naive",
        "Naive",
        "Real minority rows repeated at random until both classes are of one size.",
        training.repeated,
        thresholds=True,
    ),
    Arm(
        "smotenc",
        "SMOTE-NC",
        "Minority rows interpolated between real ones until balance.",
        training.interpolated,
        thresholds=True,
    ),
    HYBRID,
)
