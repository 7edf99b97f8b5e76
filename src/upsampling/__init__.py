"""Synthetic upsampling of highly unbalanced tables: the study of arXiv 2507.16419 as software."""

from importlib import import_module

# Imported on demand: torch takes seconds.
_HOMES = {
    "PriorCorrectedClassifier": "upsampling.probability",
    "RankAveragingClassifier": "upsampling.ranks",
    "TabularARGNClassifier": "upsampling.probability",
    "TabularARGNSampler": "upsampling.sampler",
}

__all__ = ["PriorCorrectedClassifier", "RankAveragingClassifier", "TabularARGNClassifier", "TabularARGNSampler"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
