"""Which seeds count: one rule for every mean, contrast and figure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from upsampling.study.protocol import SEEDS, Cell

# No interval, and no headline, stands on fewer.
FEWEST = 5


def of_study(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under the seeds of the study; further seeds exist for a few arms, to judge what was chosen on these.

    A table that is no part of the paper's three keeps all of its seeds. Crossed cells, which share splits and fits, are left out.
    """
    crossed = [size for size in rows["size"].unique() if Cell.of("any", size, 0, "any").design == "crossed"]
    rows = rows[~rows["size"].isin(crossed)]
    kept = [seed in SEEDS.get(name, (seed,)) for name, seed in zip(rows["dataset"], rows["seed"], strict=True)]
    return rows[np.array(kept, dtype=bool)]


def complete(rows: pd.DataFrame, by: Sequence[str], cells: Sequence[str]) -> pd.DataFrame:
    """Return the rows of the seeds that have every cell which any seed has, within each group of `by`.

    Means over these seeds can be compared: none of them lacks an arm or a size that another one has.

    Parameters
    ----------
    rows : DataFrame
        Rows of results.
    by : sequence of str
        Columns that make a group.
    cells : sequence of str
        Columns that name a cell within a group.
    """
    by = list(by)
    cell = rows.groupby([*by, *cells], dropna=False).ngroup()
    wanted = cell.groupby([rows[name] for name in by]).transform("nunique")
    n_cells = cell.groupby([rows[name] for name in (*by, "seed")]).transform("nunique")
    return rows[n_cells == wanted]


def median_seed(rows: pd.DataFrame) -> tuple[int, dict[int, int]]:
    """Return the seed with the median mean of average precision, and the rank of each seed, the best first.

    Of an even number of seeds, the better of the two in the middle counts as the median.
    """
    order = rows.groupby("seed")["average_precision"].mean().sort_values(ascending=False, kind="stable").index
    return int(order[(len(order) - 1) // 2]), {int(seed): rank for rank, seed in enumerate(order, 1)}
