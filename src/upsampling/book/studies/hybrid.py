"""Why the hybrid loses: can made minority rows be told from real ones, by which features, and is what it loses regained once that gives less away."""

import pandas as pd
from matplotlib.figure import Figure

from upsampling.book.comparison import complete, in_order_of, shares, whole_seeds
from upsampling.book.drawing import PANEL, in_points, legend, panels
from upsampling.book.palette import COLORS, MARKERS
from upsampling.book.studies.diagnostics import in_common_seeds, over_seeds
from upsampling.book.tables import with_interval
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import title
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS
from upsampling.words import joined, named, points

HYBRID, SYNTHETIC, BOTH = "tabularargn", "tabularargn_synthetic", "tabularargn_both"
TRAINING_SET = ["dataset", "size", "seed"]
INTERVAL = ["mean", "low", "high"]
# Features drawn of each data set.
TOP = 8
# Differences of the test, each one arm minus another in average precision.
TEST = {"loss": (SYNTHETIC, HYBRID), "regained": (BOTH, HYBRID), "left": (SYNTHETIC, BOTH)}
# Share of the loss that is to come back. This, and the rule of `cause`, were stated before any cell of `BOTH` was computed.
ENOUGH = 0.5


def losses(metrics: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return what the hybrid loses to the fully synthetic set in average precision, beside the detectability of its rows.

    Returns
    -------
    DataFrame
        `dataset`, `size`, `seed`, `classifier`, `loss`, `detectability` (NaN where it was not measured) and `arms`.
    """
    if not {HYBRID, SYNTHETIC} <= set(metrics["arm"]):
        return pd.DataFrame(columns=[*TRAINING_SET, "classifier", "loss", "detectability", "arms"])
    pairs = stats.pair(metrics, "average_precision", SYNTHETIC, HYBRID, ["dataset", "size", "classifier"])
    pairs = pairs.dropna(subset="difference").rename(columns={"difference": "loss"})
    found = diagnostics[(diagnostics["measure"] == "detectability") & (diagnostics["arm"] == HYBRID)]
    found = found[[*TRAINING_SET, "value"]].rename(columns={"value": "detectability"})
    table = pairs.merge(found, on=TRAINING_SET, how="left")
    return table[[*TRAINING_SET, "classifier", "loss", "detectability"]].assign(arms=f"{HYBRID} {SYNTHETIC}")


def over_sizes(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Return the mean over sizes within each seed, then the mean over seeds with its interval: see `stats.summarise`.

    Only seeds that have every size of a group count, so that each averages over the same sizes.
    """
    rows = whole_seeds(table.dropna(subset=value), by)
    means = rows.groupby([*by, "seed"], sort=False)[value].mean().reset_index()
    return stats.summarise(means, by, [value]).merge(
        rows.groupby(by, sort=False)["size"].agg(joined).rename("sizes").reset_index(), on=by
    )


def trees_alone(table: pd.DataFrame) -> str:
    """Return where every tree model loses to the fully synthetic set beyond the interval, and more than the linear model, which is not shown to lose.

    A sentence; empty if it is so nowhere.
    """
    told = []
    for name, part in table.groupby("dataset", sort=False):
        scores = part.pivot(index=["dataset", "size", "seed"], columns="classifier", values="loss")
        scores = scores.reindex(columns=[*PAPER_CLASSIFIERS, LINEAR]).dropna().reset_index()
        if scores.empty:
            continue
        scores["more"] = scores[[*PAPER_CLASSIFIERS]].mean(axis=1) - scores[LINEAR]
        low = {
            what: over_sizes(scores, ["dataset"], what)["low"].iloc[0] for what in (*PAPER_CLASSIFIERS, LINEAR, "more")
        }
        if all(low[what] > 0 for what in (*PAPER_CLASSIFIERS, "more")) and low[LINEAR] <= 0:
            told.append(datasets.get(name).title)
    return (
        f"On {named(told)} every tree model loses beyond the interval, the linear model is not shown to, and the trees lose more than it, beyond the interval too. That points to something which trees can use and "
        "a weighted sum of features cannot, such as exact values or two features together."
        if told
        else ""
    )


def intervention(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return what the hybrid loses, and what of it comes back when the majority is synthetic in part too.

    The generator of a training set is the same in all three arms. With synthetic rows in both classes a classifier gains less from telling what is
    synthetic.

    Returns
    -------
    DataFrame
        One row per data set, size and difference `what` (a key of `TEST`), with the columns of `stats.mean_differences` over the
        paper's classifiers, and `arms`, the two that are compared.
    """
    rows = complete(metrics, (HYBRID, SYNTHETIC, BOTH))
    tables = [
        stats.mean_differences(part, "average_precision", [arm], other).assign(size=size, what=what)
        for size, part in rows.groupby("size")
        for what, (arm, other) in TEST.items()
    ]
    if not tables:
        return pd.DataFrame(columns=["dataset", "size", "what", "arm", "other", *INTERVAL, "n_seeds", "seeds", "arms"])
    table = pd.concat(tables, ignore_index=True)
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), metrics["dataset"].unique())


def cause(loss: float, low: float, regained: float, regained_low: float) -> str:
    """Return whether synthetic rows giving the class away is why the hybrid loses on a data set at a size.

    ``nothing lost`` where the loss is not shown to be above zero; else ``not shown`` where what is regained is not, ``in part`` where less than `ENOUGH`
    of the loss comes back, and ``for the most part``.

    Parameters
    ----------
    loss, regained : float
        Mean differences of `intervention`.
    low, regained_low : float
        Lower ends of their intervals; NaN with too few seeds, which shows nothing.
    """
    if not low > 0:
        return "nothing lost"
    if not regained_low > 0:
        return "not shown"
    return "for the most part" if regained >= ENOUGH * loss else "in part"


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """Return what `intervention` found in one row per data set and size: columns such as ``loss_mean``, and `cause`."""
    keys = ["dataset", "size", "n_seeds", "seeds"]
    wide = table.pivot(index=keys, columns="what", values=INTERVAL)
    wide.columns = [f"{what}_{value}" for value, what in wide.columns]
    wide = in_order_of(wide.reset_index(), table["dataset"].unique())
    return wide.assign(
        cause=[cause(row.loss_mean, row.loss_low, row.regained_mean, row.regained_low) for row in wide.itertuples()]
    )


def intervention_text(table: pd.DataFrame, metrics: pd.DataFrame) -> str:
    """Return on which data sets and at which sizes synthetic rows in both classes bring back what the hybrid loses, in words.

    Parameters
    ----------
    table : DataFrame
        What `intervention` returns.
    metrics : DataFrame
        Rows of `metrics.csv`, to name the data sets that were not tested.
    """
    untested = [name for name in metrics["dataset"].unique() if name not in set(table["dataset"])]
    missing = f" Not tested on {named([datasets.get(name).title for name in untested])}." if untested else ""
    if table.empty:
        return f"The test by intervention is not computed yet.{missing}"
    rows = judged(table)
    told: dict[str, list[str]] = {}
    for row in rows.itertuples():
        place = f"{datasets.get(row.dataset).title} at {shares(row.size)}"
        back = f" ({100 * row.regained_mean / row.loss_mean:.0f} % of it)"
        told.setdefault(row.cause, []).append(place + (back if row.regained_low > 0 and row.loss_low > 0 else ""))
    sentences = {
        "for the most part": "Synthetic rows in the majority too bring back most of what the hybrid loses on {}, as they should if being synthetic gave the class away.",
        "in part": "Synthetic rows in the majority too bring back a part of what the hybrid loses on {}, as they should if being synthetic gave the class away.",
        "not shown": "Synthetic rows in the majority too are not shown to bring back what the hybrid loses on {}.",
        "nothing lost": "Nothing is shown to be lost, so there is nothing to explain, on {}.",
    }
    parts = [text.format(named(told[verdict])) for verdict, text in sentences.items() if verdict in told]
    return f"**{' '.join(parts)}**{missing}"


def shown_intervention(table: pd.DataFrame) -> pd.DataFrame:
    """Return what `intervention` found as it is shown."""
    rows = judged(table)
    columns = {"loss": "Lost by the hybrid", "regained": "Regained", "left": "Still lost"}
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in rows["dataset"]],
            "Minority": rows["size"].map(shares),
            **{
                text: [points(*values) for values in rows[[f"{what}_{value}" for value in INTERVAL]].to_numpy()]
                for what, text in columns.items()
            },
            "Being synthetic is why": rows["cause"],
            "Seeds": rows["seeds"],
            "n": rows["n_seeds"],
        }
    )


def by_classifier(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean loss by data set and classifier, with its interval over seeds."""
    return over_sizes(table, ["dataset", "classifier"], "loss").assign(arms=f"{HYBRID} {SYNTHETIC}")


def features(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return how much each feature gives the hybrid's rows away, and how far its distribution is off.

    Returns
    -------
    DataFrame
        `dataset`, `feature`, `share` (of what tells made rows from real ones, with `low` and `high`), `distance` (of
        marginals), `n_seeds`, `seeds`, `sizes` and `arm`; the largest share first within a data set.
    """
    own = diagnostics[(diagnostics["arm"] == HYBRID) & diagnostics["size"].str.startswith("f")]
    by = ["dataset", "feature"]
    carried = over_sizes(own[own["measure"] == "detectability_share"], by, "value").rename(columns={"mean": "share"})
    distances = (
        whole_seeds(own[own["measure"] == "marginal_distance"], by).groupby(by)["value"].mean().rename("distance")
    )
    table = carried.merge(distances.reset_index(), on=by, how="left").assign(arm=HYBRID)
    return table.sort_values(["dataset", "share"], ascending=[True, False], ignore_index=True)


def carriers(carried: pd.DataFrame, enough: float = 0.5) -> pd.DataFrame:
    """Return the fewest features of one data set whose shares add up to `enough`."""
    ranked = carried.sort_values("share", ascending=False)
    return ranked[ranked["share"].cumsum().shift(fill_value=0.0) < enough]


def finding(table: pd.DataFrame, carried: pd.DataFrame, name: str) -> str:
    """Return what the hybrid loses on a data set, how detectable its rows are, and which features carry it, in words."""
    label = f"- **{datasets.get(name).title}**:"
    part = whole_seeds(table[table["dataset"] == name], ["dataset"])
    if part.empty:
        return f"{label} not computed yet."
    (loss,) = over_sizes(part, ["dataset"], "loss").itertuples()
    text = (
        f"{label} the fully synthetic set's average precision minus the hybrid's is {with_interval(loss.mean, loss.low, loss.high)} "
        f"(above zero the hybrid loses; n = {loss.n_seeds})"
    )
    groups = {"trees": part["classifier"].isin(PAPER_CLASSIFIERS), "a linear model": part["classifier"] == LINEAR}
    if all(chosen.any() for chosen in groups.values()):
        rows = [over_sizes(part[chosen], ["dataset"], "loss").iloc[0] for chosen in groups.values()]
        text += ": " + named(
            [f"{with_interval(*row[INTERVAL])} under {what}" for what, row in zip(groups, rows, strict=True)]
        )
    if part["detectability"].notna().any():
        (found,) = over_sizes(part, ["dataset"], "detectability").itertuples()
        related = over_seeds(part, "detectability", "loss")
        text += (
            f"; its made rows are told from real minority rows with an AUC-ROC of {with_interval(found.mean, found.low, found.high, 2)}; "
            f"rank correlation of that with the loss {with_interval(*related[:3], 2)}"
        )
    own = carried[carried["dataset"] == name]
    if own.empty:
        text += "; which features tell them apart was not measured"
    else:
        found = carriers(own)
        listed = [f"{row.feature} ({100 * row.share:.0f} %)" for row in found.itertuples()]
        text += f"; half of what tells them apart lies in {len(found)} of {len(own)} features: {named(listed)}"
    return f"{text}."


def overall(table: pd.DataFrame) -> str:
    """Return whether detectability goes with the loss, over all data sets and within each of them, in words."""
    rows = table.dropna(subset="detectability")
    if rows["dataset"].nunique() < 2:
        return "**Not enough data sets are computed to say whether the hybrid loses where its rows are told apart.**"
    rows = whole_seeds(rows, ["dataset"])
    means = rows.groupby("dataset")[["detectability", "loss"]].mean()
    most, worst = (datasets.get(means[column].idxmax()).title for column in means)
    pooled = over_seeds(in_common_seeds(rows), "detectability", "loss")
    within = {
        datasets.get(name).title: over_seeds(part, "detectability", "loss")
        for name, part in rows.groupby("dataset", sort=False)
    }
    together, opposed = [[name for name, found in within.items() if chosen(found)] for chosen in (_rises, _falls)]
    if not together:
        told = f"Within a table they are not shown to{f', and on {named(opposed)} they go against each other' if opposed else ''}"
    elif len(together) < len(within):
        told = f"Within a table they do so on {named(together)} only"
    else:
        told = "Within every table they do so too"
    explained = _rises(pooled) and len(together) == len(within)
    return (
        f"**The rows are told apart most easily on {most}, and the hybrid does worst beside the fully synthetic set on {worst}. With all tables "
        f"together detectability and loss {'go' if _rises(pooled) else 'are not shown to go'} together: their rank correlation is "
        f"{with_interval(*pooled[:3], 2)} (n = {pooled.n_seeds}). {told}{'' if explained else ', so detectability does not show why the hybrid loses'}.**"
    )


def _rises(found: stats.Bootstrap) -> bool:
    return found.low > 0


def _falls(found: stats.Bootstrap) -> bool:
    return found.high < 0


def draw_losses(table: pd.DataFrame) -> Figure:
    """Draw the loss against the detectability of made rows: a panel per data set, a marker per classifier."""
    names = list(dict.fromkeys(table["dataset"]))
    with panels(1, len(names), PANEL * 3, 3.2, sharey=True) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            axes.axhline(0, color="#404040", linewidth=0.8)
            for classifier, part in table[table["dataset"] == name].groupby("classifier"):
                axes.plot(
                    part["detectability"],
                    part["loss"],
                    MARKERS[classifier],
                    color=COLORS[HYBRID],
                    markersize=4,
                    alpha=0.7,
                )
            axes.set_title(datasets.get(name).title)
            axes.set_xlim(0.48, 1.02)
            axes.set_xlabel("detectability (AUC-ROC)")
            in_points(axes.yaxis)
        grid[0, 0].set_ylabel("loss to fully synthetic (points)")
        legend(figure, (), table["classifier"])
    return figure


def draw_features(carried: pd.DataFrame) -> Figure:
    """Draw the features that give made rows away most, and how far their distributions are off: a row per data set."""
    names = list(dict.fromkeys(carried["dataset"]))
    with panels(len(names), 2, 7.6, 1.9 * len(names) + 0.4, sharex="col", sharey="row") as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            part = carried[carried["dataset"] == name].head(TOP)
            y = range(len(part))
            row[0].hlines(y, part["low"], part["high"], color=COLORS[HYBRID], linewidth=1.4)
            for axes, column in zip(row, ("share", "distance"), strict=True):
                axes.plot(part[column], y, "o", color=COLORS[HYBRID], markersize=5)
            row[0].set_yticks(y, part["feature"], fontsize=8)
            row[0].set_ylim(len(part) - 0.5, -0.5)
            row[0].set_title(datasets.get(name).title)
        for axes in grid[-1]:
            # a limit that is set ends the scaling of the axes that share it
            axes.set_xlim(left=0)
        grid[-1, 0].set_xlabel("share in telling made rows from real ones")
        grid[-1, 1].set_xlabel("distance of the feature's distribution")
    return figure


def shown_losses(table: pd.DataFrame) -> pd.DataFrame:
    """Return the losses by classifier as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Classifier": table["classifier"].map(classifiers.TITLES),
            f"{title(SYNTHETIC)} minus hybrid": [
                with_interval(*row) for row in table[INTERVAL].itertuples(index=False)
            ],
            "n": table["n_seeds"],
        }
    )
