"""Does a mean of ranks beat the paper's arm: chosen on some seeds, judged on others.

The arm, its rivals, the seeds and the rule below were written before any cell of the rule was computed under the unseen seeds: the arm was
chosen on other seeds, so those cannot tell how good it is.
"""

import pandas as pd

from upsampling import stats
from upsampling.classifiers import PAPER_CLASSIFIERS

CHOSEN = "ranks4"
# The paper's arm, and as many members without a generator: is it the generator, or just averaging?
RIVALS = ("tabularargn", "ranks4_control")
UNSEEN = {"adult": range(10, 14), "credit_card": range(8, 12), "insurance": range(1, 4)}
MAX_FRACTION = 0.002


def judge(metrics: pd.DataFrame) -> pd.DataFrame:
    """Compare the chosen arm with its rivals on the unseen seeds, on the average over minority shares and the paper's classifiers.

    Returns
    -------
    DataFrame
        The columns of `stats.mean_differences`, one row per data set and rival, and `leads`: whether the whole 95 % interval over seeds
        lies above zero.
    """
    unseen = [(metrics["dataset"] == name) & metrics["seed"].isin(seeds) for name, seeds in UNSEEN.items()]
    chosen = pd.concat(unseen, axis=1).any(axis=1) & (metrics["minority_fraction"] <= MAX_FRACTION)
    rows = metrics[chosen & metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    table = pd.concat(
        [stats.mean_differences(rows, "average_precision", [CHOSEN], rival) for rival in RIVALS], ignore_index=True
    )
    return table.assign(leads=table["low"] > 0)
