"""Can the generator's fit be cheaper at equal quality: candidates beside the generator's defaults, on the same training rows."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import norm

from upsampling.book import benchmarks
from upsampling.book.comparison import in_order_of
from upsampling.book.drawing import PANEL, in_points, legend, panels
from upsampling.book.fit_profile import PASSES
from upsampling.book.palette import COLORS
from upsampling.study import datasets, stats
from upsampling.study.arms import title
from upsampling.study.arms.generator import REPEATS
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.generators import CHEAPER
from upsampling.words import named, percent, points

PAPER = "tabularargn"
CANDIDATES = tuple(f"{PAPER}_{name}" for name in (*CHEAPER, "fifth"))
# A candidate is equal if the whole interval of its difference in average precision lies within.
EQUAL = 0.01
PRESET = f"{PAPER}_fast"
# How many times cheaper a fit was to become at equal quality.
AIM = 5


def judge(metrics: pd.DataFrame, runs: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Compare each candidate with the generator's defaults on the training sets that both were fitted on.

    Parameters
    ----------
    metrics, runs : DataFrame
        Rows of `metrics.csv` and `runs.csv`.
    fraction : float
        Minority share.

    Returns
    -------
    DataFrame
        A row per data set and candidate: the columns of `stats.mean_differences`, `cpu_seconds` (of the candidate's fit), `measured` and
        `relative` (how many times cheaper it is: see `_speedups`), `equal` (see `EQUAL`; missing without an interval), `no_worse` (the lower end alone
        counts), `same` (whether every score came out the same, so that the candidate is what the generator does by itself) and `arms`, both
        of them.
    """
    rows = metrics[(metrics["minority_fraction"] == fraction) & metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    present = [arm for arm in CANDIDATES if arm in set(rows["arm"])]
    if not present:
        return pd.DataFrame(columns=["dataset", "arm"])
    table = stats.mean_differences(rows, "average_precision", present, PAPER)
    table = table[table["n_seeds"] > 0]
    cells = runs[runs["minority_fraction"] == fraction]
    table = table.reset_index(drop=True).join(pd.DataFrame([_speedups(cells, row) for row in table.itertuples()]))
    table = _judged(table).assign(same=table["mean"].eq(0))
    return in_order_of(table, table["dataset"].unique())


def _judged(differences: pd.DataFrame) -> pd.DataFrame:
    inside = (differences["low"] > -EQUAL) & (differences["high"] < EQUAL)
    return differences.assign(
        equal=inside.where(differences["low"].notna()),
        no_worse=differences["low"] > -EQUAL,
        arms=differences["arm"] + " " + differences["other"],
    )


def preset_by_share(metrics: pd.DataFrame) -> pd.DataFrame:
    """Compare the preset with the generator's defaults at each minority share, and on the mean over shares.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.

    Returns
    -------
    DataFrame
        A row per data set and `minority_fraction` that both were computed at, and one with a missing fraction for the mean over these if there are several:
        the columns of `stats.mean_differences`, `equal` (missing without an interval), `no_worse` and `arms`, as `judge` has them.
    """
    rows = metrics[metrics["classifier"].isin(PAPER_CLASSIFIERS) & metrics["arm"].isin([PAPER, PRESET])]
    both = rows.groupby(["dataset", "minority_fraction"]).filter(lambda part: part["arm"].nunique() == 2)
    found = []
    for _, own in both.groupby("dataset"):
        parts = dict(iter(own.groupby("minority_fraction")))
        if len(parts) > 1:
            parts[math.nan] = own
        for fraction, part in parts.items():
            differences = stats.mean_differences(part, "average_precision", [PRESET], PAPER)
            found.append(_judged(differences).assign(minority_fraction=fraction))
    if not found:
        return pd.DataFrame(columns=["dataset", "minority_fraction", "equal"])
    return in_order_of(pd.concat(found), metrics["dataset"].unique())


def shown_by_share(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `preset_by_share` as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Minority share": [
                "mean of these" if math.isnan(share) else percent(share) for share in table["minority_fraction"]
            ],
            "Difference (points)": [points(*row) for row in table[["mean", "low", "high"]].itertuples(index=False)],
            "Verdict": _verdicts(table),
            "n": table["n_seeds"],
        }
    )


def share_text(table: pd.DataFrame) -> str:
    """Return where the preset is equal to the defaults and where that is not shown, in words; `table` is that of `preset_by_share`."""
    if table.empty:
        return "**Not computed yet.**"
    told = []
    for verdict, part in table.groupby(_verdicts(table), sort=False):
        places = [
            f"{datasets.get(row.dataset).title} {'on the mean over shares' if math.isnan(row.minority_fraction) else f'at {percent(row.minority_fraction)}'} "
            f"({points(row.mean, row.low, row.high)}, n = {row.n_seeds})"
            for row in part.itertuples()
        ]
        told.append(f"*{verdict}*: {named(places)}")
    return f"By the rule of this page, in points, the preset is {'; '.join(told)}."


def preset_headline(table: pd.DataFrame) -> str:
    """Return where the preset is equal to the defaults, in a sentence, or nothing; `table` is that of `preset_by_share`."""
    told = []
    for dataset, part in table[table["equal"].eq(True) & table["minority_fraction"].notna()].groupby(
        "dataset", sort=False
    ):
        seeds = " to ".join(map(str, sorted({part["n_seeds"].min(), part["n_seeds"].max()})))
        told.append(
            f"at {named([percent(share) for share in part['minority_fraction']])} of {datasets.get(dataset).title} ({seeds} seeds)"
        )
    if not told:
        return ""
    return f"**The preset `fast` (*{title(PRESET)}*) is equal within {100 * EQUAL:g} point {named(told)}.**"


def _verdicts(table: pd.DataFrame) -> pd.Series:
    """Return a word for each row; what is neither equal nor no worse is worse if all of its interval is, else open."""
    words = table["equal"].map({True: "equal", False: "open"}).mask(table["high"] < -EQUAL, "worse")
    return words.where(table["equal"].eq(True) | ~table["no_worse"], "no worse").fillna("too few seeds")


def _speedups(cells: pd.DataFrame, row) -> dict:
    """Return a candidate's CPU seconds a fit, and two estimates of how many times cheaper it is than one with the defaults.

    Both are geometric means over training sets. `measured` is the ratio of the fits' CPU times; but they were made on different days, on
    which the machine was of different speed. For `relative` each fit's CPU time is divided by that of all else in its cell, drawing, training and
    judging, which is about the same work for every candidate; it has noise of its own.
    """
    chosen = cells["dataset"].eq(row.dataset) & cells["seed"].isin([int(seed) for seed in row.seeds.split()])
    own = cells[chosen].assign(relative=cells["fit_cpu_seconds"] / cells["cpu_seconds"])
    wide = np.log(own.pivot(index="seed", columns="arm", values=["fit_cpu_seconds", "relative"]))
    found = {what: np.exp((wide[what][PAPER] - wide[what][row.arm]).mean()) for what in ("fit_cpu_seconds", "relative")}
    return {
        "cpu_seconds": own.loc[own["arm"] == row.arm, "fit_cpu_seconds"].mean(),
        "measured": found["fit_cpu_seconds"],
        "relative": found["relative"],
    }


def _saving(row) -> str:
    """Return between which two factors a candidate's fit is cheaper, in words."""
    low, high = sorted((row.measured, row.relative))
    return (
        f"{low:.1f} to {high:.1f} times cheaper"
        if low > 1
        else f"not shown to be cheaper ({low:.1f} to {high:.1f} times)"
    )


def headline(table: pd.DataFrame) -> str:
    """Return whether a candidate is equal and how much it saves, in a sentence."""
    told = table[table["low"].notna() & ~table["same"]] if len(table) else table
    if told.empty:
        return "**Not computed yet.**"
    equal = told.groupby("arm", sort=False)["equal"].all()
    kept = [arm for arm in equal.index if equal[arm]]
    if kept:
        listed = [
            f"{title(row.arm)} on {datasets.get(row.dataset).title}, {_saving(row)}"
            for row in told[told["arm"].isin(kept)].itertuples()
        ]
        saved = told.loc[told["arm"].isin(kept), ["measured", "relative"]].min(axis=1).groupby(told["arm"]).min().max()
        aim = f"The aim was {AIM} times cheaper, which is {'reached' if saved >= AIM else 'not reached'}."
        return f"**Equal to the generator's defaults within {100 * EQUAL:g} point: {named(listed)}. {aim}**"
    none = f"**No candidate is shown to be equal to the generator's defaults on every table, that is, has an interval within {100 * EQUAL:g} point. The aim, {AIM} times cheaper at equal quality, is not reached.**"
    no_worse = [
        f"{title(row.arm)} on {datasets.get(row.dataset).title}, {_saving(row)} ({points(row.mean, row.low, row.high)} points)"
        for row in told[told["no_worse"] & (told[["measured", "relative"]].min(axis=1) > 1)].itertuples()
    ]
    if not no_worse:
        return none
    return f"{none} No worse, with the whole interval above -{100 * EQUAL:g} point, and cheaper: {named(no_worse)}."


def preset(table: pd.DataFrame, measured: pd.DataFrame) -> str:
    """Return what the preset `fast` saves, and why it is one, in words.

    Parameters
    ----------
    table : DataFrame
        What `judge` returns.
    measured : DataFrame
        Rows of `benchmarks.csv`.
    """
    own = table[table["arm"] == PRESET] if len(table) else table
    told = [f"{_saving(row)} on {datasets.get(row.dataset).title} (n = {row.n_seeds})" for row in own.itertuples()]
    saved = f"Its fits in the study are {named(told)}." if told else "What it saves in the study is not computed yet."
    factors = [
        f"{row.factor:.1f} times cheaper on {datasets.get(row.dataset).title} ({row.training_factor:.1f} times without what a fit does but once)"
        for row in benchmarks.presets(measured).itertuples()
    ]
    if factors:
        saved += (
            f"\n\nIn a benchmark of fits with {PASSES} passes over the rows each, by turns on one machine, the preset is {named(factors)}. These numbers "
            "are the ones to trust: both ways ran on the same machine at the same time of day."
        )
    names = benchmarks.PLAIN, benchmarks.RUNNER, benchmarks.RUNNER_FAST, benchmarks.CELLS
    plain, runner, fast, n_cells = (benchmarks.value_of(measured, name) for name in names)
    if not math.isnan(plain + runner + fast + n_cells):
        saved += (
            f" A benchmark of {n_cells:.0f} whole cells of Adult came to {fast:.0f} an hour with it, {runner:.0f} without, and {plain:.0f} in a plain loop over the SDK, which makes "
            f"the runner {runner / plain:.1f} times as fast as the loop, and {fast / plain:.1f} times with the preset; fits stop by themselves there, after other numbers of passes."
        )
    return (
        "The preset `fast` (`TabularARGNSampler(fast=True)`) changes what a step computes, not its law. In every step the engine puts the columns in a random order and predicts each from those "
        "before it. It hands every column all others, leaves out a quarter of their values at random, and multiplies those that come later by zero. The preset hands a column only those before "
        "it, so about half of the random numbers and of the products are gone; it draws the rest as pairs of bits, a quarter of which mean *leave out*; and AdamW takes the same step in one "
        "fused loop. For the same order and the same values left out, loss and gradients are the engine's own but for rounding (a test compares them). What is trained is another draw from the same law, so no average can "
        f"differ.\n\n{saved}"
    )


def finding(table: pd.DataFrame, name: str) -> str:
    """Return what each candidate saves and costs on a data set, in words."""
    label = f"- **{datasets.get(name).title}**"
    own = table[table["dataset"] == name] if len(table) else table
    if own.empty:
        return f"{label}: not computed yet."
    told = [
        f"{title(row.arm)} {_saving(row)}, {points(row.mean, row.low, row.high)} points (n = {row.n_seeds})"
        for row in own[~own["same"]].itertuples()
    ]
    return f"{label}: {'; '.join(told) or 'nothing but the setting of the defaults'}."


def noise(table: pd.DataFrame) -> str:
    """Return what speed-up is found of fits that came out the same, in words, with a space before; empty if there are none."""
    told = [
        f"*{title(row.arm)}* is what the generator does by itself on {datasets.get(row.dataset).title}: every score comes out the same, and how "
        f"many times cheaper it is as {row.measured:.2f} and {row.relative:.2f}, where 1 is true (n = {row.n_seeds})"
        for row in table[table["same"]].itertuples()
    ]
    return f" {'. '.join(told)}." if told else ""


def same_setting(metrics: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Compare fits with the generator's defaults that differ in the generator's seed alone: what chance does to such a comparison.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    fraction : float
        Minority share.

    Returns
    -------
    DataFrame
        A row per data set: `std`, the standard deviation over training sets of the difference between two fits in average precision
        (mean over the paper's classifiers), `n_seeds`, and `needed`, with how many training sets the 95 % interval of a mean difference
        is as wide as the band of `EQUAL`, by the normal law.
    """
    rows = metrics[(metrics["minority_fraction"] == fraction) & metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    again = [f"{PAPER}_seed{repeat}" for repeat in REPEATS]
    means = rows[rows["arm"].isin([PAPER, *again])].pivot_table(
        "average_precision", ["dataset", "seed"], "arm", aggfunc="mean"
    )
    found = []
    for dataset, part in means.reindex(columns=[PAPER, *again]).dropna().groupby("dataset"):
        # the variance of a difference is twice that of one fit around the mean of its training set
        std = float((2 * part.var(axis=1, ddof=1).mean()) ** 0.5)
        needed = math.ceil((norm.ppf(0.975) * std / EQUAL) ** 2)
        found.append({"dataset": dataset, "std": std, "n_seeds": len(part), "needed": needed})
    return in_order_of(
        pd.DataFrame(found, columns=["dataset", "std", "n_seeds", "needed"]), metrics["dataset"].unique()
    )


def chance(table: pd.DataFrame) -> str:
    """Return how far two fits of one setting lie apart, and what that asks of a comparison, in words."""
    told = [
        f"{100 * row.std:.1f} points on {datasets.get(row.dataset).title} ({row.n_seeds} training sets of three fits each), so an interval within "
        f"{100 * EQUAL:g} point needs about {row.needed} training sets"
        for row in table.itertuples()
    ]
    return (
        f"Two fits of the very same setting on the same rows differ by chance: the standard deviation of their difference is {named(told)}."
        if told
        else "**Not computed yet.**"
    )


def draw(table: pd.DataFrame) -> Figure:
    """Draw the difference in average precision against the speed-up, a panel per data set and a dot per candidate."""
    names = list(dict.fromkeys(table["dataset"]))
    with panels(1, len(names), PANEL * 3, 3.4, sharey=True) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            axes.axhspan(-EQUAL, EQUAL, color="#E5E5E5", zorder=0)
            for row in table[(table["dataset"] == name) & ~table["same"]].itertuples():
                center = (row.measured * row.relative) ** 0.5
                axes.vlines(center, row.low, row.high, color=COLORS[row.arm], linewidth=1.4)
                axes.hlines(row.mean, row.measured, row.relative, color=COLORS[row.arm], linewidth=1.4)
                axes.plot(center, row.mean, "o", color=COLORS[row.arm], markersize=5)
            axes.axvline(1, color="#AAAAAA", linewidth=0.8)
            axes.set_xlim(left=0)
            axes.set_title(datasets.get(name).title)
            axes.set_xlabel("times cheaper")
            in_points(axes.yaxis)
        grid[0, 0].set_ylabel("minus the defaults (points)")
        legend(figure, table["arm"])
    return figure


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the candidates as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Candidate": table["arm"].map(title),
            "Fit (CPU s)": table["cpu_seconds"].map("{:.0f}".format),
            "Times cheaper, as measured": table["measured"].map("{:.1f}".format),
            "beside all else": table["relative"].map("{:.1f}".format),
            "Difference (points)": [points(*row) for row in table[["mean", "low", "high"]].itertuples(index=False)],
            "Verdict": _verdicts(table).mask(table["same"], "same setting"),
            "n": table["n_seeds"],
        }
    )
