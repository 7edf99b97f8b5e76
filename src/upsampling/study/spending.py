"""What computing costs, where arms share a fit: a fit counts once."""

import pandas as pd

from upsampling.study.arms import ARMS

FIT = ["dataset", "size", "seed", "generator"]


def fits_once(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `runs.csv` with `generator`, the name of the fit that a cell used, and each fit's seconds in one row alone.

    Arms that share a fit all report its time; after this, sums over cells are what was spent.
    """
    generator = runs["arm"].map({name: arm.generator or "" for name, arm in ARMS.items()})
    rows = runs.assign(generator=generator)
    repeated = rows["fit_seconds"].notna() & rows[rows["fit_seconds"].notna()].duplicated(FIT).reindex(
        rows.index, fill_value=False
    )
    return rows.assign(
        fit_seconds=rows["fit_seconds"].mask(repeated), fit_cpu_seconds=rows["fit_cpu_seconds"].mask(repeated)
    )
