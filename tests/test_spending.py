"""What computing costs where arms share a fit, and how long it takes on more cores."""

import numpy as np
import pandas as pd
import pytest

from upsampling.study import spending

CELL = {"dataset": "adult", "size": "f0.001", "seed": 0, "status": "done", "fit_seconds": np.nan}


def test_a_fit_that_arms_share_counts_once():
    runs = pd.DataFrame(
        [
            CELL | {"arm": arm, "fit_seconds": took, "fit_cpu_seconds": 5.0}
            for arm, took in (("tabularargn", 9.0), ("tabularargn_synthetic", 9.0), ("copula", 2.0), ("none", np.nan))
        ]
    )
    once = spending.fits_once(runs)
    assert once["fit_seconds"].sum() == 11
    assert once["fit_cpu_seconds"].iloc[:3].sum() == 10
    assert runs["fit_seconds"].sum() == 20, "the rows given are not changed"


@pytest.mark.parametrize(
    ("workers", "hours"),
    # one: all 11; two: the fit (5) beside none (3), which leaves naive (1) before the fit ends, then 1 and 1 side by side; many: the fit, then its cells
    [(1, 11), (2, 6), (100, 6)],
)
def test_cells_wait_for_their_fit_and_the_longest_task_comes_first(workers, hours):
    spent = {"none": (3, np.nan), "naive": (1, np.nan), "tabularargn": (1, 5), "tabularargn_synthetic": (1, 5)}
    rows = [
        CELL | {"arm": arm, "cpu_seconds": 3600 * own, "fit_cpu_seconds": 3600 * fit, "fit_seconds": fit}
        for arm, (own, fit) in spent.items()
    ]
    failed = CELL | {"arm": "smotenc", "status": "failed", "cpu_seconds": 1e9}
    assert spending.hours_on(pd.DataFrame([*rows, failed]), workers) == hours
