"""``python -m tools.bench [PART ...]``: measure speed and write benchmarks.csv in the results folder.

Let nothing else run meanwhile. All parts take about an hour on two cores; rows of parts that are not measured are kept.
"""

import argparse

from tools.bench.parts import PARTS, run
from upsampling.__main__ import guarded

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"what to measure, of {', '.join(PARTS)}; default: all")
    chosen = parser.parse_args().part
    guarded(lambda: print(f"benchmarks: {run(chosen)}"))
