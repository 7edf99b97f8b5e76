"""Synthetic upsampling of highly unbalanced tables: the study of arXiv 2507.16419 as software."""

__all__ = ["TabularARGNSampler"]


def __getattr__(name: str):
    # on demand, so that the check of the environment runs even if a package is missing
    if name == "TabularARGNSampler":
        from upsampling.samplers import TabularARGNSampler

        return TabularARGNSampler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
