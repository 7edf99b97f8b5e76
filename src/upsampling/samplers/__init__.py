"""How minority rows are made: samplers in imbalanced-learn's terms, and the registry of arms."""

from upsampling.samplers.arms import ARMS, PAPER_ARMS, Arm, TrainingSet, fit_generator, smote_for
from upsampling.samplers.generator import TabularARGN
from upsampling.samplers.tabularargn import TabularARGNSampler

__all__ = [
    "ARMS",
    "PAPER_ARMS",
    "Arm",
    "TabularARGN",
    "TabularARGNSampler",
    "TrainingSet",
    "fit_generator",
    "smote_for",
]
