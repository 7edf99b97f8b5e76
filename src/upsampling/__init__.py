"""Synthetic upsampling of highly unbalanced tables: the study of arXiv 2507.16419 as software."""

from importlib import import_module

# Imported on demand, so that the check of the environment runs even if a package is missing.
_HOMES = {"RankAveragingClassifier": "upsampling.rank_averaging", "TabularARGNSampler": "upsampling.samplers"}

__all__ = ["RankAveragingClassifier", "TabularARGNSampler"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
