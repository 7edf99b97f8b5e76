"""How far predicted probabilities can be taken at their word, before and after correction for the class share."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from upsampling.book.drawing import PANEL, arm_axis, in_order, legend, panels, trained_in_order
from upsampling.book.figures import METRICS
from upsampling.book.palette import COLORS, MARKERS, line
from upsampling.book.tables import in_order as sorted_rows
from upsampling.book.tables import with_interval
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import PAPER_ARMS, VARIANTS, title
from upsampling.study.metrics import PROBABILITY_METRICS, bins, correct_prior
from upsampling.study.protocol import Cell
from upsampling.study.store import Store
from upsampling.words import named, percent, seeds_text

# Bins with fewer holdout rows are not drawn: their share is mostly chance.
MIN_BIN_ROWS = 20
CELL = ["dataset", "size", "minority_fraction", "n_minority"]
INTERVAL = ["mean", "low", "high"]
BOTH = [f"{name}{suffix}" for name in PROBABILITY_METRICS for suffix in ("", "_corrected")]


def reliability(y_true, y_score) -> pd.DataFrame:
    """Return mean probability and share of minority rows in each bin of the calibration error.

    Returns
    -------
    DataFrame
        Columns `probability`, `share` and `n_rows`; bins without rows are left out.
    """
    rows = pd.DataFrame({"bin": bins(y_score), "probability": np.asarray(y_score, dtype=float), "share": y_true})
    return rows.groupby("bin").agg(
        probability=("probability", "mean"), share=("share", "mean"), n_rows=("share", "size")
    )


def curves(store: Store, runs: pd.DataFrame, dataset: str, fraction: float, seed: int) -> pd.DataFrame:
    """Return reliability before and after correction, for the arms whose scores are at hand.

    The arms are the paper's: they only add minority rows, so that their class share is known from `runs`.

    Returns
    -------
    DataFrame
        Columns `dataset`, `size`, `seed`, `arm`, `classifier`, `corrected` and those of `reliability`; empty without scores.
    """
    tables = []
    done = runs[(runs["dataset"] == dataset) & (runs["seed"] == seed) & (runs["status"] == "done")]
    for arm in PAPER_ARMS:
        cell = Cell(dataset, fraction, None, seed, arm)
        run = done[(done["size"] == cell.size) & (done["arm"] == arm)]
        scores = None if run.empty else store.scores(cell)
        if scores is None:
            continue
        trained = float(((run["n_minority"] + run["n_added"]) / run["n_trained"]).iloc[0])
        for name in scores.columns.drop("y"):
            moved = correct_prior(scores[name], trained=trained, deployed=float(scores["y"].mean()))
            for corrected, score in ((False, scores[name]), (True, moved)):
                found = {"dataset": dataset, "size": cell.size, "seed": seed, "arm": arm, "classifier": name}
                tables.append(
                    pd.DataFrame([found | {"corrected": corrected}]).merge(reliability(scores["y"], score), how="cross")
                )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def summary(metrics: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Return the mean over seeds of each probability metric at one minority share: see `stats.summarise`; variants of arms are left out."""
    rows = metrics[
        (metrics["minority_fraction"] == fraction) & metrics["brier"].notna() & ~metrics["arm"].isin(VARIANTS)
    ]
    return stats.summarise(rows, [*CELL, "arm", "classifier"], BOTH)


def headline(metrics: pd.DataFrame, arm: str = "tabularargn") -> str:
    """Return on which data sets the corrected probabilities of the paper's arm are better than the unbalanced set's, in words."""
    rows = metrics[metrics["minority_fraction"].notna() & metrics["brier"].notna()]
    if not {arm, "none"} <= set(rows["arm"]):
        return f"**{title(arm)} and the unbalanced set are not computed yet.**"
    table = stats.mean_differences(rows, "brier_corrected", [arm], "none")
    groups = {
        "better than": table["high"] < 0,
        "worse than": table["low"] > 0,
        "not told apart from": table["low"].isna() | ((table["low"] <= 0) & (table["high"] >= 0)),
    }
    said = [
        f"{what} those of the unbalanced set on {named([datasets.get(name).title for name in table.loc[chosen, 'dataset']])}"
        for what, chosen in groups.items()
        if chosen.any()
    ]
    return f"**After correction for the class share the probabilities of {title(arm)} are, by the Brier score, {named(said)}.**"


def finding(metrics: pd.DataFrame, name: str, fraction: float, arm: str = "tabularargn") -> str:
    """Return what correction does on a data set, and how the paper's arm compares with the unbalanced set, in words."""
    rows = metrics[(metrics["dataset"] == name) & metrics["minority_fraction"].notna() & metrics["brier"].notna()]
    at_fraction = rows[(rows["minority_fraction"] == fraction) & ~rows["arm"].isin({"oracle", *VARIANTS})]
    means = at_fraction.groupby(["arm", "classifier"])[BOTH].mean()
    if means.empty:
        return f"- **{datasets.get(name).title}**: not computed yet at {percent(fraction)}."
    text = f"- **{datasets.get(name).title}**:"
    if {arm, "none"} <= set(rows["arm"]):
        before, after = (
            stats.mean_differences(rows, metric, [arm], "none").iloc[0] for metric in ("brier", "brier_corrected")
        )
        text += (
            f" the Brier score of {title(arm)} minus that of the unbalanced set is {with_interval(*before[INTERVAL])} as the scores come and "
            f"{with_interval(*after[INTERVAL])} after correction (below zero the hybrid is better; mean over {after['n_cells']} "
            f"combinations of minority share and classifier, n = {after['n_seeds']})."
        )
    change = means["brier_corrected"] - means["brier"]
    by_arm = change.groupby("arm").mean()
    worse = [title(arm) for arm in in_order(by_arm.index[by_arm > 0])]
    return (
        f"{text} At {percent(fraction)} correction lowers the score in {(change < 0).sum()} of {len(change)} combinations of "
        f"arm and classifier, and raises its mean over classifiers for {named(worse) if worse else 'no arm'}."
    )


def draw_curves(table: pd.DataFrame) -> Figure:
    """Draw reliability curves of one data set: above as the scores come, below corrected; a column per classifier."""
    names = trained_in_order(table["classifier"])
    shown = table[table["n_rows"] >= MIN_BIN_ROWS]
    with panels(2, len(names), PANEL * len(names), 5.6, sharex=True, sharey=True) as (figure, grid):
        for (corrected, row), name in (
            (pair, name) for pair in zip((False, True), grid, strict=True) for name in names
        ):
            axes = row[names.index(name)]
            axes.plot([0, 1], [0, 1], color="#AAAAAA", linewidth=0.8)
            part = shown[(shown["classifier"] == name) & (shown["corrected"] == corrected)]
            for arm in in_order(part["arm"]):
                points = part[part["arm"] == arm]
                axes.plot(points["probability"], points["share"], marker=MARKERS[name], markersize=3.5, **line(arm))
        for axes, name in zip(grid[0], names, strict=True):
            axes.set_title(classifiers.TITLES[name])
        for axes in grid[1]:
            axes.set_xlabel("mean probability of a bin")
        grid[0, 0].set_ylabel("as they come:\nshare of minority rows")
        grid[1, 0].set_ylabel("corrected:\nshare of minority rows")
        legend(figure, table["arm"], lines=True, others=(Line2D([], [], color="#AAAAAA", label="Calibrated"),))
    return figure


def draw_brier(table: pd.DataFrame, base: dict[str, float]) -> Figure:
    """Draw mean Brier scores before and after correction: a row of panels per data set, a line of marks per arm.

    Parameters
    ----------
    table : DataFrame
        What `summary` returns.
    base : dict
        By data set, the Brier score of giving every row the holdout's minority share.
    """
    names = list(dict.fromkeys(table["dataset"]))
    counts = [table.loc[table["dataset"] == name, "arm"].nunique() for name in names]
    with panels(
        len(names), 2, 8.4, 0.2 * sum(counts) + 0.7 * len(names) + 0.8, sharex="row", sharey="row", height_ratios=counts
    ) as (figure, grid):
        for line_of_panels, name in zip(grid, names, strict=True):
            part = table[table["dataset"] == name]
            arms = in_order(part["arm"])
            for axes, metric, what in zip(
                line_of_panels, ("brier", "brier_corrected"), ("as they come", "corrected"), strict=True
            ):
                axes.axvline(base[name], color="#AAAAAA", linewidth=1)
                for row in part[part["metric"] == metric].itertuples():
                    axes.plot(
                        row.mean,
                        arms.index(row.arm),
                        MARKERS[row.classifier],
                        color=COLORS[row.arm],
                        markersize=5,
                    )
                axes.set_title(f"{datasets.get(name).title}, {what}")
                arm_axis(axes, arms)
        for axes in grid[-1]:
            axes.set_xlabel(METRICS["brier"])
        legend(
            figure, (), table["classifier"], others=(Line2D([], [], color="#AAAAAA", label="The same for every row"),)
        )
    return figure


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the summary as it is shown: a row per data set, classifier and arm, a column per metric."""
    cells = table.assign(cell=[with_interval(*row) for row in table[INTERVAL].itertuples(index=False)])
    keys = ["dataset", "minority_fraction", "arm", "classifier", "n_seeds"]
    wide = sorted_rows(cells.pivot(index=keys, columns="metric", values="cell").reset_index())
    wide = wide.sort_values("dataset", kind="stable")
    titles = {name: METRICS[name].replace("Expected calibration error", "ECE") for name in PROBABILITY_METRICS}
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in wide["dataset"]],
            "Classifier": wide["classifier"].map(classifiers.TITLES),
            "Arm": wide["arm"].map(title),
            **{
                f"{titles[m]}{text}": wide[f"{m}{s}"]
                for m in titles
                for s, text in (("", ""), ("_corrected", ", corrected"))
            },
            "n": wide["n_seeds"],
        }
    )


def base_rate(runs: pd.DataFrame) -> dict[str, float]:
    """Return, by data set, the Brier score of giving every row the holdout's minority share."""
    shares = (runs["n_holdout_minority"] / runs["n_holdout"]).groupby(runs["dataset"]).mean()
    return (shares * (1 - shares)).to_dict()


def useless(table: pd.DataFrame, base: dict[str, float]) -> pd.DataFrame:
    """Return the corrected models that are no better than one constant probability, beside all of them.

    Parameters
    ----------
    table : DataFrame
        What `summary` returns.
    base : dict
        What `base_rate` returns.

    Returns
    -------
    DataFrame
        The rows of the corrected Brier score with a column `useless`.
    """
    rows = table[table["metric"] == "brier_corrected"]
    return rows.assign(useless=rows["mean"] >= rows["dataset"].map(base).astype(float))


def useless_text(table: pd.DataFrame, base: dict[str, float], fraction: float) -> str:
    """Return how many of the corrected models of each data set are no better than one constant probability, in a sentence.

    Parameters
    ----------
    table, base : DataFrame, dict
        As for `useless`.
    fraction : float
        The minority share.
    """
    parts = [
        f"{part['useless'].sum()} of {len(part)} on {datasets.get(name).title}"
        for name, part in useless(table, base).groupby("dataset", sort=False)
    ]
    if not parts:
        return ""
    return (
        f"At {percent(fraction)} the mean score of these models is no better after correction than that of one constant probability: {named(parts)}, counted as "
        "pairs of arm and classifier."
    )


def caption(table: pd.DataFrame, base: dict[str, float]) -> str:
    """Return what the Brier scores after correction show: which are no better than one score for every row."""
    parts = []
    for name, part in useless(table, base).groupby("dataset", sort=False):
        worse = part[part["useless"]]
        arms = [title(arm) for arm in in_order(worse["arm"])]
        parts.append(
            f"{datasets.get(name).title} ({seeds_text(part['n_seeds'])}): {len(worse)} of {len(part)}"
            + (f" ({named(arms)})" if arms else "")
        )
    return f"After correction still no better than one probability for every row: {'; '.join(parts)}."
