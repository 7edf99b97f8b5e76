"""The figures: each function takes result frames and returns a picture and the data behind it.

The look of arms and classifiers is that of `palette`; shares are written in percent, and every line over minority shares
gives the number of minority rows beside them.
"""

import re
from collections.abc import Mapping
from functools import partial

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from upsampling.book.drawing import PANEL, in_order, in_points, panels, trained_in_order
from upsampling.book.palette import COLORS, MARKERS, line
from upsampling.study import classifiers, datasets
from upsampling.study.arms import title

METRICS = {
    "average_precision": "Average precision (AUC-PR)",
    "average_precision_reweighted": "Average precision at the training share",
    "roc_auc": "AUC-ROC",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "ece": "Expected calibration error",
    "unique_score_share": "Distinct scores / holdout rows",
    "largest_tie_share": "Largest share of identical scores",
}
MAX_LEVELS = 10
_NUMBER = r"-?\d[\d.e+-]*"
CURVE_POINTS, THIN_POINTS = 80, 25


def _legend(figure: Figure, *parts: Axes, n_columns: int = 5) -> None:
    """Explain every line once, whichever panel it stands in."""
    entries = {}
    for part in parts:
        handles, labels = part.get_legend_handles_labels()
        entries = dict(zip(labels, handles, strict=True)) | entries
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=min(len(entries), n_columns))


def _in_percent(axis: Axis) -> None:
    axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))


def _fraction_axis(axes: Axes, counts: Mapping[float, int]) -> None:
    """Label a logarithmic axis with each fraction and, below it, its minority count."""
    axes.set_xscale("log")
    axes.set_xticks(list(counts), [f"{100 * f:g}\n{n:,}" for f, n in counts.items()], fontsize=7)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_tick_params(which="minor", length=0)


def metric_curves(summary: pd.DataFrame, counts: Mapping[float, int], metric: str) -> Figure:
    """Draw a metric against the minority fraction: a panel per classifier, a line per arm, bars for 95 % intervals.

    Parameters
    ----------
    summary : DataFrame
        Columns `classifier`, `arm`, `minority_fraction`, `mean`, `low`, `high`.
    counts : mapping of float to int
        Minority rows of each fraction.
    metric : str
        Name of the metric.
    """
    names = trained_in_order(summary["classifier"])
    arms = in_order(summary["arm"])
    # more than three side by side would be too small to read
    n_rows = 1 if len(names) < 4 else 2
    n_columns = -(-len(names) // n_rows)
    with panels(n_rows, n_columns, PANEL * min(len(names), 3), 2.5 * n_rows + 1, sharey=True) as (figure, grid):
        for axes in grid.flat[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(grid.flat, names, strict=False):
            for shift, arm in zip(_shifts(len(arms)), arms, strict=True):
                part = summary[(summary["classifier"] == name) & (summary["arm"] == arm)].sort_values(
                    "minority_fraction"
                )
                x = part["minority_fraction"] * shift
                axes.plot(x, part["mean"], marker=MARKERS[name], markersize=4.5, **line(arm))
                axes.vlines(x, part["low"], part["high"], color=COLORS[arm], linewidth=1.2, alpha=0.7)
                # the legend explains the arm alone, for the marker tells the classifier
                axes.plot([], [], label=title(arm), **line(arm))
            axes.set_title(classifiers.TITLES[name])
            _fraction_axis(axes, counts)
        for axes in grid[-1]:
            axes.set_xlabel("minority share (%), rows")
        for axes in grid[:, 0]:
            axes.set_ylabel(METRICS[metric])
            if metric in ("average_precision", "roc_auc"):
                _in_percent(axes.yaxis)
        _legend(figure, *grid[0])
    return figure


def _shifts(n: int) -> np.ndarray:
    """Factors that set lines apart on a logarithmic axis, so that their intervals do not cover each other."""
    return 1.08 ** ((np.arange(n) - (n - 1) / 2) / max(n - 1, 1))


def _scored(scores: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the classifiers that any arm has scores of, in the order of their titles."""
    return trained_in_order(name for frame in scores.values() for name in frame if name != "y")


def curves(lines: pd.DataFrame, median: int) -> tuple[Figure, pd.DataFrame]:
    """Draw ROC curves above precision-recall curves: a column per classifier, a line per arm, and the other seeds as thin ones.

    Parameters
    ----------
    lines : DataFrame
        Columns `seed`, `arm`, `classifier`, `threshold`, `tpr`, `fpr` and `prevalence`, from the highest threshold on.
    median : int
        The seed whose lines stand out.

    Returns
    -------
    figure : Figure
    data : DataFrame
        Columns `curve`, `classifier`, `arm`, `seed`, `x`, `y`, at most 80 points a line, and 25 of a thin one.
    """
    names, arms = trained_in_order(lines["classifier"]), in_order(lines["arm"])
    rows = []
    with panels(2, len(names), PANEL * len(names), 5.8, sharex=True, sharey="row") as (figure, grid):
        for (name, arm, seed), part in lines.groupby(["classifier", "arm", "seed"], sort=False, observed=True):
            hits, alarms = part["prevalence"] * part["tpr"], (1 - part["prevalence"]) * part["fpr"]
            # without an alarm none is false
            precision = (hits / (hits + alarms)).fillna(1)
            look = line(arm) if seed == median else line(arm) | {"linewidth": 0.5, "alpha": 0.45}
            shown = (("roc", part["fpr"], part["tpr"]), ("pr", part["tpr"], precision))
            for axes, (kind, x, y) in zip(grid[:, names.index(name)], shown, strict=True):
                x, y = _thin(x.to_numpy(), y.to_numpy(), CURVE_POINTS if seed == median else THIN_POINTS)
                axes.plot(x, y, drawstyle="default" if kind == "roc" else "steps-pre", **look)
                identity = {"curve": kind, "classifier": name, "arm": arm, "seed": seed}
                rows.append(pd.DataFrame(identity | {"x": x.round(6), "y": y.round(6)}))
        for column, name in zip(grid.T, names, strict=True):
            column[0].plot([0, 1], [0, 1], color="#AAAAAA", linewidth=0.8)
            column[1].axhline(lines["prevalence"].mean(), color="#AAAAAA", linewidth=0.8)
            column[0].set_title(classifiers.TITLES[name])
            column[0].set_xlabel("false positive rate")
            column[1].set_xlabel("recall")
        for arm in arms:
            grid[0, 0].plot([], [], label=title(arm), **line(arm))
        grid[0, 0].set_ylabel("true positive rate")
        grid[1, 0].set_ylabel("precision")
        for axes in grid.flat:
            axes.xaxis.set_tick_params(labelbottom=True)
            _in_percent(axes.xaxis)
            _in_percent(axes.yaxis)
        _legend(figure, *grid[0])
    return figure, pd.concat(rows, ignore_index=True)


def _thin(x: np.ndarray, y: np.ndarray, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    if len(x) <= n_points:
        return x, y
    chosen = np.unique(np.linspace(0, len(x) - 1, n_points).round().astype(int))
    return x[chosen], y[chosen]


def score_distributions(scores: Mapping[str, pd.DataFrame]) -> tuple[Figure, pd.DataFrame]:
    """Draw how holdout rows spread over the predicted probability: a row per arm, a column per classifier.

    Parameters
    ----------
    scores : mapping of str to DataFrame
        By arm: column `y` and a column of scores per classifier.

    Returns
    -------
    figure : Figure
    data : DataFrame
        Columns `classifier`, `arm`, `class`, `low`, `high` (edges of a bin) and `share` (of that class's rows).
    """
    names = _scored(scores)
    edges = np.linspace(0, 1, 41)
    rows = []
    with panels(len(scores), len(names), PANEL * len(names), 1.5 * len(scores) + 0.8, sharex=True, sharey=True) as (
        figure,
        grid,
    ):
        for (arm, frame), row in zip(scores.items(), grid, strict=True):
            for name, axes in zip(names, row, strict=True):
                if name not in frame:
                    axes.set_axis_off()
                    continue
                for label, y, color, fill in (("majority", 0, "#999999", True), ("minority", 1, COLORS[arm], False)):
                    values = frame.loc[frame["y"] == y, name].clip(0, 1)
                    share = np.histogram(values, edges)[0] / len(values)
                    axes.stairs(share, edges, color=color, fill=fill, linewidth=1.4, alpha=0.55 if fill else 1)
                    rows.append(
                        pd.DataFrame(
                            {"classifier": name, "arm": arm, "class": label}
                            | {"low": edges[:-1], "high": edges[1:], "share": share}
                        )
                    )
                tie = frame[name].value_counts().iloc[0] / len(frame)
                axes.text(
                    0.97,
                    0.9,
                    f"{100 * tie:.0f} % identical",
                    transform=axes.transAxes,
                    ha="right",
                    va="top",
                    fontsize=8,
                )
                axes.set_yscale("symlog", linthresh=0.01)
                axes.set_yticks([0, 0.01, 0.1, 1], ["0", "1 %", "10 %", "100 %"], fontsize=7)
            row[0].set_ylabel(title(arm), fontsize=8)
        for name, axes in zip(names, grid[0], strict=True):
            axes.set_title(classifiers.TITLES[name])
        for axes in grid[-1]:
            axes.set_xlabel("predicted probability")
    return figure, pd.concat(rows, ignore_index=True)


def entropies(table: pd.DataFrame) -> Figure:
    """Draw the Shannon entropy of each categorical feature among minority rows, a mark per arm beside the holdout's.

    Parameters
    ----------
    table : DataFrame
        Columns `feature`, `source` (``holdout`` or an arm), `mean`, `low`, `high`, in bits.
    """
    features = table.loc[table["source"] == "holdout"].sort_values("mean")["feature"].tolist()
    arms = in_order(table.loc[table["source"] != "holdout", "source"])
    height = {feature: position for position, feature in enumerate(features)}
    with panels(1, 1, 7.5, 0.45 * len(features) + 1.4) as (figure, grid):
        axes = grid[0, 0]
        for source, offset in zip([*arms, "holdout"], [*np.linspace(0.22, -0.22, len(arms)), 0], strict=True):
            part = table[table["source"] == source]
            y = part["feature"].map(height) + offset
            if source == "holdout":
                axes.scatter(
                    part["mean"], y, marker="|", s=420, linewidth=2.2, color="black", label="Holdout", zorder=1
                )
                continue
            axes.hlines(y, part["low"], part["high"], color=COLORS[source], linewidth=1.2)
            axes.scatter(part["mean"], y, color=COLORS[source], s=26, label=title(source), zorder=2)
        axes.set_yticks(range(len(features)), [_short(feature, 40) for feature in features])
        axes.set_xlim(left=0)
        axes.set_xlabel("Shannon entropy among minority rows (bits)")
        _legend(figure, axes)
    return figure


def marginals(table: pd.DataFrame) -> Figure:
    """Draw the distribution of every feature among minority rows, a line per source, beside the holdout's in grey.

    Parameters
    ----------
    table : DataFrame
        Columns `feature`, `level`, `position`, `share` and `source` (``holdout``, ``training`` or an arm). Of features
        with many levels the ten most frequent in the holdout are drawn.
    """
    features = list(dict.fromkeys(table["feature"]))
    sources = ["training", *in_order(table.loc[~table["source"].isin(["holdout", "training"]), "source"])]
    n_columns = 3
    n_rows = -(-len(features) // n_columns)
    with panels(n_rows, n_columns, 3 * PANEL, 2.2 * n_rows + 0.6) as (figure, grid):
        for axes, feature in zip(grid.flat, features, strict=False):
            part = table[table["feature"] == feature]
            holdout = part[part["source"] == "holdout"].set_index("level")
            levels = _shown_levels(holdout)
            x = np.arange(len(levels))
            axes.bar(x, holdout["share"].reindex(levels), width=0.85, color="#D9D9D9", label="Holdout")
            for source in sources:
                share = part[part["source"] == source].set_index("level")["share"].reindex(levels)
                if source == "training":
                    axes.plot(x, share, "k_", markersize=9, markeredgewidth=1.6, label="Real training rows")
                else:
                    style = {"color": COLORS[source], "linestyle": "none", "marker": "o", "markersize": 3.6}
                    axes.plot(x, share, label=title(source), **style)
            axes.set_title(_short(feature, 40))
            axes.set_xticks(x, [_short(level) for level in levels], rotation=45, ha="right", fontsize=7)
            _in_percent(axes.yaxis)
            axes.grid(axis="x", visible=False)
        for axes in grid.flat[len(features) :]:
            axes.set_axis_off()
        _legend(figure, grid[0, 0])
    return figure


def _shown_levels(holdout: pd.DataFrame) -> list[str]:
    shown = holdout if len(holdout) <= MAX_LEVELS else holdout.nlargest(MAX_LEVELS, "share")
    return shown.sort_values("position").index.tolist()


def _short(level: str, length: int = 16) -> str:
    """Shorten a level for an axis: of an interval, only the upper end is written."""
    interval = re.fullmatch(rf"(?:{_NUMBER} (to)|(<=|>)) ({_NUMBER})", level)
    if interval:
        edge = float(interval[3])
        number = f"{edge:,.0f}" if abs(edge) >= 1000 else f"{edge:g}"
        return f"{interval[1] or interval[2]} {number}"
    level = " ".join(level.split())
    return level if len(level) <= length else f"{level[: length - 1]}…"


def against_rows(
    table: pd.DataFrame, looks: Mapping[str, Mapping], x: str = "n_minority", *, xlabel: str = "positives in training"
) -> Figure:
    """Draw average precision, or a gain in it, against a number of rows: a panel per table, lines that carry their own names.

    Parameters
    ----------
    table : DataFrame
        Columns `dataset`, the number of rows, `line` (its name) and `mean`. If it has `other`, the mean is a difference to that method.
    looks : mapping of str to mapping
        How matplotlib draws each line, by name, and its `label`; the order decides which one lies on top.
    x, xlabel : str
        The column with the number of rows, and what the axis says of it.
    """
    names, is_gain = list(dict.fromkeys(table["dataset"])), "other" in table
    with panels(1, len(names), 3 * PANEL + 1.6, 2.15) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            part = table[table["dataset"] == name]
            ends = {}
            if is_gain:
                axes.axhline(0, color="#404040", linewidth=0.8)
            for line_name, look in looks.items():
                drawn = part[part["line"] == line_name].sort_values(x)
                if len(drawn):
                    axes.plot(drawn[x], drawn["mean"], **{"marker": "o", "markersize": 2.5} | dict(look))
                    ends[line_name] = drawn["mean"].iloc[-1]
            axes.set_xscale("log")
            counts = sorted(part[x].unique())
            # a label for every third, so that they do not touch
            axes.set_xticks(counts[::3], [f"{n:,}" for n in counts[::3]], fontsize=7)
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.tick_params(which="minor", length=0)
            (in_points if is_gain else _in_percent)(axes.yaxis)
            axes.set_title(datasets.get(name).title)
            axes.set_xlabel(xlabel, fontsize=8)
            _name_lines(axes, ends, looks)
        grid[0, 0].set_ylabel("points of average precision" if is_gain else "average precision", fontsize=8)
    return figure


def _name_lines(axes: Axes, ends: Mapping[str, float], looks: Mapping[str, Mapping]) -> None:
    """Write the name of each line at its right end, moved apart where names would cover each other."""
    low, high = axes.get_ylim()
    step = 0.085 * (high - low)
    order = sorted(ends, key=ends.get)
    heights = [ends[name] for name in order]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + step)
    over = max(0.0, heights[-1] - (high + step / 4))
    heights = [height - over for height in heights]
    for place in range(len(heights) - 2, -1, -1):
        heights[place] = min(heights[place], heights[place + 1] - step)
    for name, height in zip(order, heights, strict=True):
        axes.annotate(
            looks[name]["label"],
            (1.02, height),
            xycoords=("axes fraction", "data"),
            color=looks[name]["color"],
            fontsize=7.5,
            va="center",
            annotation_clip=False,
        )


def forest(
    table: pd.DataFrame, label: str, panel: str, *, xlabel: str, titles: Mapping[str, str] | None = None
) -> Figure:
    """Draw differences as dots with intervals, full where the interval excludes zero: a panel per group, a row per label.

    Parameters
    ----------
    table : DataFrame
        Columns `mean`, `low`, `high`, and those named by `label` and `panel`; rows from top to bottom.
    label, panel : str
        The column that names the rows, and the one that makes the panels.
    xlabel : str
        What the axis shows, in points.
    titles : mapping of str to str, optional
        How panels are called. Those of data sets have the titles of these.
    """
    if panel == "dataset":
        titles = {name: about.title for name, about in datasets.DATASETS.items()} | dict(titles or {})
    groups, labels = (list(dict.fromkeys(table[name])) for name in (panel, label))
    height = 0.24 * len(labels) + 1.0
    with panels(1, len(groups), 3 * PANEL + 0.6, height, sharey=True) as (figure, grid):
        for axes, group in zip(grid[0], groups, strict=True):
            part = table[table[panel] == group]
            y = part[label].map(labels.index)
            clear = (part["low"] > 0) | (part["high"] < 0)
            colors = np.where(part["mean"] > 0, "#0072B2", "#B3480A")
            axes.axvline(0, color="#404040", linewidth=0.8)
            axes.hlines(y, part["low"], part["high"], color=colors, linewidth=1.3)
            faces = [color if full else "white" for color, full in zip(colors, clear, strict=True)]
            axes.scatter(part["mean"], y, edgecolors=colors, c=faces, s=24, zorder=3)
            axes.set_yticks(range(len(labels)), labels, fontsize=8)
            axes.set_ylim(len(labels) - 0.5, -0.5)
            # beside each other
            axes.set_title((titles or {}).get(group, group), fontsize=10 if len(groups) < 4 else 8)
            in_points(axes.xaxis)
        figure.supxlabel(xlabel, fontsize=8)
    return figure


def gain_map(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw where a method gains and where it loses, over number of positives and minority share: a panel per classifier.

    Parameters
    ----------
    table : DataFrame
        Columns `classifier`, `n_minority`, `share`, `mean`, `low`, `high`.
    titles : mapping of str to str
        Titles of the panels, by classifier.
    """
    bound = max(0.01, float(table["mean"].abs().quantile(0.95)))
    colors = mpl.colormaps["PuOr"]
    with panels(1, len(titles), 3 * PANEL + 0.6, 3.0, sharex=True, sharey=True) as (figure, grid):
        for axes, (name, panel_title) in zip(grid[0], titles.items(), strict=True):
            part = table[table["classifier"] == name]
            clear = (part["low"] > 0) | (part["high"] < 0)
            shades = colors((part["mean"] / bound).clip(-1, 1) / 2 + 0.5)
            area = 14 + 130 * (part["mean"].abs() / bound).clip(upper=1)
            axes.scatter(
                part["n_minority"],
                part["share"],
                s=area,
                c=shades,
                edgecolors=np.where(clear, "#000000", "#A0A0A0"),
                linewidths=np.where(clear, 1.3, 0.6),
            )
            axes.set(xscale="log", yscale="log", title=panel_title)
            axes.set_xlabel("positives in training", fontsize=8)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        grid[0, 0].set_ylabel("minority share in training", fontsize=8)
        dot = partial(mpl.lines.Line2D, [], [], linestyle="", marker="o", markersize=9)
        handles = [
            dot(markerfacecolor=colors(0.95), color="#A0A0A0", label="synthetic rows help"),
            dot(markerfacecolor=colors(0.05), color="#A0A0A0", label="synthetic rows harm"),
            dot(markerfacecolor="white", color="black", markeredgewidth=1.3, label="clear difference"),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def heatmap(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw differences in points as a heat map, bold where the interval excludes zero: a panel per table, classifiers against sizes.

    Parameters
    ----------
    table : DataFrame
        Columns `dataset`, `classifier`, `n_minority`, `mean`, `low`, `high`.
    titles : mapping of str to str
        The classifiers in their order, and what they are called.
    """
    names = list(dict.fromkeys(table["dataset"]))
    bound = 100 * float(table["mean"].abs().max())
    with panels(len(names), 1, 3 * PANEL, 1.5 * len(names) + 0.4, gridlines=False) as (figure, grid):
        for axes, name in zip(grid[:, 0], names, strict=True):
            part = table[table["dataset"] == name]
            wide = 100 * part.pivot(index="classifier", columns="n_minority", values="mean").reindex(list(titles))
            sns.heatmap(
                wide,
                ax=axes,
                cmap="PuOr",
                vmin=-bound,
                vmax=bound,
                linewidths=1,
                cbar=False,
                annot=True,
                fmt="+.1f",
                annot_kws={"fontsize": 8},
            )
            clear = part.assign(clear=(part["low"] > 0) | (part["high"] < 0))
            clear = clear.pivot(index="classifier", columns="n_minority", values="clear").reindex(list(titles))
            for text, bold in zip(axes.texts, clear.to_numpy()[wide.notna().to_numpy()], strict=True):
                text.set_weight("bold" if bold else "normal")
            axes.set_yticklabels(titles.values(), rotation=0)
            axes.set_xticklabels([f"{n:,}" for n in wide.columns], rotation=0)
            axes.set(xlabel="", ylabel="", title=datasets.get(name).title)
        grid[-1, 0].set_xlabel("positives in training")
    return figure


def claim(table: pd.DataFrame, marks: Mapping[str, tuple[float, float]], titles: Mapping[str, str]) -> Figure:
    """Draw the number that decides a claim, with its interval, the marks it is held against, and the verdict: a panel per version of the claim.

    Parameters
    ----------
    table : DataFrame
        Columns `claim`, `dataset`, `estimate`, `low`, `high` and `verdict`.
    marks : mapping of str to (float, float)
        Of each version, beyond which value the claim is supported, and beyond which partly.
    titles : mapping of str to str
        Titles of the panels, by version.
    """
    names = list(dict.fromkeys(table["dataset"]))
    with panels(1, len(titles), 3 * PANEL, 0.3 * len(names) + 0.75, sharey=True) as (figure, grid):
        for axes, (version, panel_title) in zip(grid[0], titles.items(), strict=True):
            part = table[table["claim"] == version].set_index("dataset").reindex(names)
            y = np.arange(len(names))
            full, partly = marks[version]
            axes.axvline(full, color="#0072B2", linewidth=1.2)
            if partly != full:
                axes.axvline(partly, color="#0072B2", linewidth=1, linestyle=":")
            axes.hlines(y, part["low"], part["high"], color="#404040", linewidth=1.4)
            axes.scatter(part["estimate"], y, color="#404040", s=22, zorder=3)
            for place, verdict in zip(y, part["verdict"], strict=True):
                axes.annotate(
                    verdict,
                    (1.02, place),
                    xycoords=("axes fraction", "data"),
                    fontsize=7.5,
                    va="center",
                    annotation_clip=False,
                )
            axes.set_yticks(y, [datasets.get(name).title for name in names], fontsize=8)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_title(panel_title, fontsize=8.5)
    return figure


def cost_by_size(table: pd.DataFrame, size: str) -> Figure:
    """Draw time and memory of making a training set against the size of a table, both axes logarithmic, a line per arm.

    Parameters
    ----------
    table : DataFrame
        What `benchmarks.by_size` returns.
    size : str
        What varied: ``rows`` or ``columns``.
    """
    plain = FuncFormatter(lambda y, _: f"{y:g}")
    with panels(1, 2, 3 * PANEL, 4.2) as (figure, (pair,)):
        for axes, column, label in zip(pair, ("seconds", "peak_mib"), ("seconds", "peak memory (MiB)"), strict=True):
            for what, part in table.groupby("what", sort=False):
                arm, *step = what.split()
                look = line(arm) | ({"linestyle": ":"} if step == ["draw"] else {})
                name = " ".join([title(arm), *step])
                grows = "" if part["exponent"].isna().all() else f", {size}^{part['exponent'].iloc[0]:.2f}"
                axes.plot(part[size], part[column], marker="o", markersize=3.5, label=f"{name}{grows}", **look)
                if column == "seconds" and part["extrapolated"].notna().any():
                    # from the last measured point on
                    beyond = part["extrapolated"].fillna(part["seconds"]).loc[part["seconds"].last_valid_index() :]
                    axes.plot(
                        part[size][beyond.index],
                        beyond,
                        marker="o",
                        markerfacecolor="white",
                        markersize=3.5,
                        **look | {"linewidth": 0.7, "zorder": 1},
                    )
            axes.set(xscale="log", yscale="log", xlabel=size, ylabel=label)
            axes.set_xticks(table[size].unique(), [f"{n:,}" for n in table[size].unique()], rotation=30, ha="right")
            axes.yaxis.set_major_formatter(plain)
            axes.xaxis.set_minor_formatter(NullFormatter())
            # memory may span less than a power of ten, seconds span many
            axes.yaxis.set_minor_formatter(plain if column == "peak_mib" else NullFormatter())
        _legend(figure, pair[0], n_columns=2)
    return figure


def setup_diagram() -> Figure:
    """Draw the set-up of the study: from the table to the scores on the holdout."""
    boxes = {
        "table": (0.0, 2.2, "Original table\nall rows"),
        "base": (2.1, 3.0, "Base set\n80 %, stratified"),
        "holdout": (2.1, 0.2, "Holdout\n20 %, untouched"),
        "train": (4.5, 3.0, "Unbalanced set\nminority 0.05 to 5 %"),
        "none": (6.8, 4.5, "Unbalanced\nas it is"),
        "naive": (6.8, 3.5, "Naive\nrepeat rows"),
        "smotenc": (6.8, 2.5, "SMOTE-NC\ninterpolate"),
        "tabularargn": (6.8, 1.5, "TabularARGN\ngenerate"),
        "classifiers": (9.0, 3.0, "Random forest,\nXGBoost, LightGBM"),
        "scores": (9.0, 0.2, "AUC-ROC, AUC-PR,\ncalibration, ties"),
    }
    arrows = [
        ("table", "base", ""),
        ("table", "holdout", ""),
        ("base", "train", "drop\nminority"),
        *(("train", arm, "") for arm in ("none", "naive", "smotenc", "tabularargn")),
        *((arm, "classifiers", "") for arm in ("none", "naive", "smotenc", "tabularargn")),
        ("classifiers", "scores", ""),
        ("holdout", "scores", "judge on"),
    ]
    width, height = 1.6, 0.7
    with panels(1, 1, 8.8, 4.2, gridlines=False) as (figure, grid):
        axes = grid[0, 0]
        for name, (x, y, text) in boxes.items():
            color = COLORS.get(name, "#404040")
            box = mpl.patches.FancyBboxPatch(
                (x, y), width, height, boxstyle="round,pad=0.06", facecolor="white", edgecolor=color, linewidth=1.6
            )
            axes.add_patch(box)
            axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=8, color=color)
        for start, end, label in arrows:
            (x1, y1, _), (x2, y2, _) = boxes[start], boxes[end]
            vertical = x1 == x2
            tail = (x1 + width / 2, y1 - 0.08) if vertical else (x1 + width + 0.08, y1 + height / 2)
            head = (x2 + width / 2, y2 + height + 0.1) if vertical else (x2 - 0.1, y2 + height / 2)
            axes.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "color": "#707070", "linewidth": 1.1})
            if label:
                x, y = (tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2
                axes.text(x, y + 0.08, label, ha="center", va="bottom", fontsize=7, color="#505050")
        axes.set_xlim(-0.2, 10.8)
        axes.set_ylim(0, 5.4)
        axes.set_axis_off()
    return figure
