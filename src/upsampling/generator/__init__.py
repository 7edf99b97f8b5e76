"""TabularARGN behind one small interface."""

from upsampling.generator.argn import TabularARGN

__all__ = ["TabularARGN"]
