"""How minority rows are made: samplers in imbalanced-learn's terms, and the registry of arms."""

from upsampling.samplers.arms import ARMS, PAPER_ARMS, VARIANTS, Arm, uses_generator
from upsampling.samplers.generator import TabularARGN
from upsampling.samplers.generators import GENERATORS, Generator, fit_generator
from upsampling.samplers.tabularargn import TabularARGNSampler
from upsampling.samplers.training import TrainingSet, interpolate

__all__ = [
    "ARMS",
    "GENERATORS",
    "PAPER_ARMS",
    "VARIANTS",
    "Arm",
    "Generator",
    "TabularARGN",
    "TabularARGNSampler",
    "TrainingSet",
    "fit_generator",
    "interpolate",
    "uses_generator",
]
