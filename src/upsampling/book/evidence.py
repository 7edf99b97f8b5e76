"""The rows that several pages stand on: the study's seeds, the lines of the first figure, the spans of sizes."""

from collections.abc import Sequence

import pandas as pd

from upsampling import paths
from upsampling.study import beyond, ledger, seeds
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS, REGULARISED
from upsampling.study.contrasts import AVERAGE_PRECISION, best_classifier, contrasts
from upsampling.study.names import EARLIER_HYBRID, HYBRID, POSTERIOR
from upsampling.study.plan import LARGE, MAIN, NATURAL
from upsampling.study.protocol import FRACTIONS
from upsampling.words import joined

PAPER_TABLES = LARGE
# Variants of the paper's method that answer one question each, all drawn with categories first: a generator of the positives alone,
# one without value protection, a tuned classifier. They are compared with `EARLIER_HYBRID`.
ALONE = "tabularargn_minority_only"
UNPROTECTED = "tabularargn_unprotected_categories_first"
TUNED_HYBRID = f"tuned_{EARLIER_HYBRID}"
# The shares that the paper calls extreme end here.
EXTREME = 0.005
# Training sets of at most so many rows are small for a generator; seeds 0 to 4 suggested it, these judge it.
FEW_ROWS, FEW_ROWS_SEEDS = 5_000, range(5, 10)
# Lines of the first figure: what a practitioner may do with the rows there are.
LINEAR_RAW, REGULARISED_RAW, PAPER, GENERATOR_PROBABILITY, EVERY = (
    "linear model, raw",
    "regularised LightGBM, raw",
    "the paper's method",
    "generator's probability",
    "every positive kept",
)
LOOKS = {
    EVERY: {"label": "ceiling", "color": "#000000", "linestyle": ":", "linewidth": 1.2},
    GENERATOR_PROBABILITY: {"label": "generator", "color": "#882255", "linewidth": 1.4},
    LINEAR_RAW: {"label": "linear", "color": "#0072B2", "linestyle": "--", "linewidth": 1.4},
    PAPER: {"label": "paper", "color": "#D55E00", "linewidth": 1.8},
    REGULARISED_RAW: {"label": "LightGBM", "color": "#0072B2", "linewidth": 1.8},
}


def simulated() -> pd.DataFrame:
    """Return the rows of ``simulation.csv``, which were drawn with categories first."""
    rows = ledger.read(paths.results(), "simulation")
    return rows.assign(arm=rows["arm"].replace(HYBRID, EARLIER_HYBRID))


def amount(times: float) -> str:
    """Return the arm with so many times the synthetic rows that balance needs."""
    return f"tabularargn_amount{times:g}"


def by_share(metrics: pd.DataFrame, tables: Sequence[str] = PAPER_TABLES) -> pd.DataFrame:
    """Return the rows of the given tables at the paper's minority shares, under the seeds of the study.

    A column `extreme` tells the shares that the paper calls extreme.
    """
    rows = metrics[metrics["dataset"].isin(tables) & metrics["minority_fraction"].isin(FRACTIONS)]
    rows = seeds.of_study(rows)
    order = rows["dataset"].map({name: place for place, name in enumerate(tables)})
    rows = rows.iloc[order.argsort(kind="stable")]
    return rows.assign(extreme=rows["minority_fraction"] <= EXTREME)


def training_sizes(runs: pd.DataFrame) -> pd.DataFrame:
    """Return `n_minority` and `n_majority` of each `dataset` and `size`, medians over the finished cells."""
    return runs[runs["status"] == "done"].groupby(["dataset", "size"])[["n_minority", "n_majority"]].median()


def thinned_on_both_sides(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the paper's tables on training sets from which negatives were taken away too."""
    return metrics[(metrics["design"] == "share_kept") & metrics["dataset"].isin(PAPER_TABLES)]


def judging_few_rows(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return those of `thinned_on_both_sides` that judge what few rows do, with `n_rows`, the number of training rows."""
    rows = thinned_on_both_sides(metrics)
    rows = rows[rows["classifier"].isin(MAIN) & rows["seed"].isin(FEW_ROWS_SEEDS)]
    n_rows = training_sizes(runs).sum(axis=1).astype(int).rename("n_rows")
    return rows.merge(n_rows.reset_index())


def on_few_rows(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the hybrid against raw rows on training sets of at most `FEW_ROWS` rows, by table and classifier."""
    rows = judging_few_rows(metrics, runs)
    return contrasts(rows[rows["n_rows"] <= FEW_ROWS], [(HYBRID, "none")], ("dataset", "classifier"), cells=("size",))


def natural(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of tables that are rare by nature, as found and with fewer positives."""
    fewer = metrics["dataset"].isin(NATURAL) & (metrics["design"] == "majority_kept")
    return pd.concat([beyond.as_found(metrics), metrics[fewer]])


def as_one(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of tables that are rare by nature as those of one data set, ``natural``; `table` tells which one each is of."""
    return rows.assign(table=rows["dataset"], dataset="natural")


def lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows behind the first figure, with a column `line`; those of a line that was not computed are missing.

    The paper's method, and every positive kept, stand with the best of the paper's classifiers at each size, chosen on other seeds.
    """

    def one(arm: str, classifier: str) -> pd.DataFrame:
        return rows[(rows["arm"] == arm) & (rows["classifier"] == classifier)]

    line_rows = {
        LINEAR_RAW: one("none", LINEAR),
        REGULARISED_RAW: one("none", REGULARISED),
        PAPER: best_classifier(rows, HYBRID, PAPER_CLASSIFIERS),
        GENERATOR_PROBABILITY: rows[rows["arm"] == POSTERIOR],
        EVERY: best_classifier(rows, "oracle", PAPER_CLASSIFIERS),
    }
    return pd.concat([part.assign(line=line_name) for line_name, part in line_rows.items()])


def raw_as_found(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the mean average precision of the raw rows on tables that are rare by nature, a row per table and a column per classifier."""
    rows = beyond.as_found(metrics)
    return rows[rows["arm"] == "none"].pivot_table(AVERAGE_PRECISION, "dataset", "classifier")


def probability_as_found(metrics: pd.DataFrame) -> pd.Series:
    """Return by how much the generator's own probability is ahead of the paper's method on each table that is rare by nature."""
    rows = lines(beyond.as_found(metrics))
    return contrasts(rows, [(GENERATOR_PROBABILITY, PAPER)], across="line", cells=("size",)).set_index("dataset")[
        "mean"
    ]


def line_means(line_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each line at each size over the seeds that all lines of a table have, with the cells that it stands on."""
    common = seeds.complete(line_rows, ["dataset"], ["line", "size"])
    groups = common.groupby(["dataset", "size", "n_minority", "line"], sort=False)
    table = groups.agg(
        mean=(AVERAGE_PRECISION, "mean"), n_seeds=("seed", "nunique"), seeds=("seed", joined), arms=("arm", joined)
    )
    return table.reset_index()
