"""A cell function for the workers that does to chosen arms what may happen to a worker."""

import os
import signal

from upsampling import runner

compute = runner._compute


def compute_or_die(cell, *arguments):
    """Compute the cell, but let the worker's process die under `naive`, and run out of memory under `oracle`."""
    if cell.arm == "naive":
        os.kill(os.getpid(), signal.SIGKILL)
    if cell.arm == "oracle":
        raise MemoryError("no room for 9 GiB")
    return compute(cell, *arguments)
