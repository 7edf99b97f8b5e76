"""Functions for the workers that do to chosen arms what may happen to a worker."""

import os
import signal
import time

import numpy as np

from upsampling import paths
from upsampling.study import runner

compute = runner._compute
# Above what a worker needs, and below what `compute_or_exhaust` takes.
MEMORY_LIMIT = "2GiB"


def deaths() -> dict[str, int]:
    """Return how often each piece of work ended a worker: a line each in a file that its workers leave behind."""
    return {path.suffix[1:]: len(path.read_text()) for path in paths.cache().glob("deaths.*")}


def die(*arguments, name: str = "fit") -> None:
    """End the worker's process as the kernel does."""
    with (paths.cache() / f"deaths.{name}").open("a") as stream:
        stream.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def compute_or_die(cell, *arguments):
    """Compute the cell; but `naive` ends its worker, `undersample` does so once, `oracle` runs out of memory."""
    if cell.arm == "naive" or (cell.arm == "undersample" and "undersample" not in deaths()):
        die(name=cell.arm)
    if cell.arm == "oracle":
        raise MemoryError("no room for 9 GiB")
    return compute(cell, *arguments)


def compute_or_exhaust(cell, *arguments):
    """Compute the cell, but under `oracle` take more memory than a worker may."""
    if cell.arm == "oracle":
        block = np.ones(2**31 // 8 + 2**28 // 8)
        time.sleep(600)
        return block
    return compute(cell, *arguments)
