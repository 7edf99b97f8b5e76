"""What computing costs, where arms share a fit: a fit counts once."""

from heapq import heapify, heappop, heappush, heapreplace

import pandas as pd

from upsampling.study.arms import ARMS

FIT = ["dataset", "size", "seed", "generator"]


def fits_once(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `runs.csv` with `generator`, the name of the fit that a cell used, and each fit's seconds in one row alone.

    Arms that share a fit all report its time; after this, sums over cells are what was spent.
    """
    generator = runs["arm"].map({name: arm.generator or "" for name, arm in ARMS.items()})
    rows = runs.assign(generator=generator)
    repeated = rows.dropna(subset="fit_seconds").duplicated(FIT).reindex(rows.index, fill_value=False)
    return rows.assign(
        fit_seconds=rows["fit_seconds"].mask(repeated), fit_cpu_seconds=rows["fit_cpu_seconds"].mask(repeated)
    )


def hours_on(runs: pd.DataFrame, workers: int) -> float:
    """Return how long cells take on so many workers, by the seconds that each took: the longest task first, and a cell as soon as its fit is there.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    workers : int
        Cores, one task at a time on each; starting them and moving data count nothing.
    """
    rows = fits_once(runs[runs["status"] == "done"])
    alone = rows[rows["generator"] == ""]
    # since when a task may run, less its seconds (the longest comes first), and the seconds of those that wait for it
    tasks = [(0.0, -seconds, ()) for seconds in alone["cpu_seconds"]]
    for _, cells in rows[rows["generator"] != ""].groupby(FIT, dropna=False):
        tasks.append((0.0, -cells["fit_cpu_seconds"].sum(), tuple(cells["cpu_seconds"])))
    heapify(tasks)
    ready, free, end = [], [0.0] * workers, 0.0
    while tasks or ready:
        now = free[0] if ready else max(free[0], tasks[0][0])
        while tasks and tasks[0][0] <= now:
            heappush(ready, heappop(tasks)[1:])
        negative, waiting = heappop(ready)
        done = now - negative
        heapreplace(free, done)
        for seconds in waiting:
            heappush(tasks, (done, -seconds, ()))
        end = max(end, done)
    return end / 3600
