"""Synthetic upsampling of highly unbalanced tables: the study of arXiv 2507.16419 as software."""

from upsampling.samplers import TabularARGNSampler

__all__ = ["TabularARGNSampler"]
