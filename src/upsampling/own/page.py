"""The report as one HTML file, without a single row of the user's data."""

import io

import matplotlib
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from upsampling.generator.protection import MIN_VALUE_ROWS, rare_values
from upsampling.own.advice import OPEN, Advice, gain_cells, signed
from upsampling.own.decisions import Decisions, leaks, look_first
from upsampling.own.methods import METHODS
from upsampling.own.script import core, libraries
from upsampling.own.trial import N_FOLDS, REPEATS, Trial
from upsampling.own.usertable import UserTable
from upsampling.words import duration, named

# Stands for the colour of the page's text, which depends on the reader's device.
_INK = "#010203"
_CLEAR, _UNCLEAR = "#2f81d7", "#8a939c"
N_IMPORTANT = 8


def write(
    table: UserTable,
    trial: Trial,
    advice: Advice,
    decisions: Decisions,
    suspected: list[tuple[str, str]],
    seconds: float,
) -> str:
    """Return the page.

    Parameters
    ----------
    table, trial, advice, decisions, suspected
        What it shows.
    seconds : float
        How long it all took.
    """
    environment = Environment(
        loader=PackageLoader("upsampling.own", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    n_fits = sum(len(times) for times in trial.seconds.values())
    return environment.get_template("report.html.j2").render(
        title=f"{table.path.name}: what to use",
        subject=table.lines()[0],
        look_first=look_first(suspected),
        advice=advice,
        gains={"svg": _svg(gains(advice), gains_alt(advice)), "caption": gains_caption(advice)},
        file=table.path.name,
        needs=libraries(advice.chosen),
        code=core(advice.chosen),
        thresholds=_thresholds(decisions.thresholds),
        threshold_note=_threshold_note(decisions.thresholds),
        calibration_note=(
            "model.py turns scores into probabilities by a logistic regression on the log odds of scores of rows that the model had not "
            "seen (Platt's method). Here the same was done fold by fold, each with a calibration learnt on the others."
        ),
        reliability={
            "svg": _svg(_reliability(decisions.reliability), _reliability_alt(decisions.reliability)),
            "caption": "Predicted probability and the share of rows that were positive, in bins with equally many positive rows. On the line "
            "both are the same.",
        },
        importance={
            "caption": f"Points of average precision that {decisions.importance_of} loses when a column's values are shuffled among rows that it has not seen.",
            "columns": ["Column", "Points"],
            "numbers": [1],
            "rows": [
                (row.column, f"{100 * row.loss:z.1f}") for row in decisions.importance.head(N_IMPORTANT).itertuples()
            ],
        },
        leaks=leaks(table, suspected),
        methods=_methods(advice.table),
        notes=[*table.notes, *_hidden(trial)],
        columns={
            "caption": "What each column was taken for, and why.",
            "columns": ["Column", "Read as", "Why"],
            "numbers": [],
            "rows": [(column.name, column.kind, column.why) for column in table.columns],
        },
        method_note=(
            f"Average precision by stratified {N_FOLDS}-fold cross-validation, repeated up to {max(REPEATS.values())} times "
            f"({REPEATS['generator']} times for the generator, which is trained anew for every fold). Intervals are those of Nadeau and Bengio "
            f"(2003) for paired differences between folds, which allow for overlapping training rows, and hold for all {len(METHODS) - 1} comparisons "
            f"at once. {n_fits} fits of groups of methods; {duration(seconds)} in all."
        ),
    )


def _hidden(trial: Trial) -> list[str]:
    """Return which columns lose values in synthetic rows, if any were drawn."""
    if not trial.folds("generator"):
        return []
    return [
        f"the generator never draws {row.n_rare} of the {row.n_values} values of {row.column}, which {row.rare_share:.0%} of the positives have: "
        f"fewer than {MIN_VALUE_ROWS} rows have each of them (value protection)"
        for row in rare_values(trial.X, trial.y).itertuples()
    ]


def _svg(figure: Figure, alt: str) -> Markup:
    """Return a figure as SVG with a description, its ink in the colour of the page's text."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "report"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    head, rest = svg.split(">", 1)
    return Markup("{} role='img' aria-label='{}'>{}").format(Markup(head), alt, Markup(rest))


def _axes(width: float, height: float):
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_INK)
    axes.tick_params(colors=_INK, labelsize=9)
    return figure, axes


def gains(advice: Advice) -> Figure:
    """Return the gain of each method over doing nothing, with intervals."""
    table = advice.table[::-1].reset_index(drop=True)
    figure, axes = _axes(4.4, 0.6 + 0.42 * len(table))
    for place, row in table.iterrows():
        color = _UNCLEAR if row["verdict"] in (OPEN, "doing nothing") else _CLEAR
        axes.plot([100 * row["low"], 100 * row["high"]], [place, place], color=color, linewidth=2)
        axes.plot(100 * row["gain"], place, "o", color=color, markersize=6)
    left = axes.get_xlim()[0]
    for place, row in table.iterrows():
        weight = "bold" if row["method"] == advice.chosen else "normal"
        label = row["title"][0].upper() + row["title"][1:]
        axes.text(left, place + 0.25, label, color=_INK, fontsize=9, weight=weight, va="bottom")
    # the line of zero stops below each label
    axes.vlines([0] * len(table), table.index - 0.38, table.index + 0.18, color=_INK, linewidth=1)
    axes.set(ylim=(-0.5, len(table) - 0.2), yticks=[])
    axes.set_xlabel("Gain over doing nothing, points of average precision", color=_INK, fontsize=9)
    return figure


def gains_alt(advice: Advice) -> str:
    """Return the figure of gains in words."""
    lines = [
        f"{row.title} {signed(row.gain)} ({signed(row.low)} to {signed(row.high)})" for row in advice.table.itertuples()
    ]
    return f"Gain of each method over doing nothing in points of average precision, with 95 % intervals: {'; '.join(lines)}."


def gains_caption(advice: Advice) -> str:
    """Return what the figure of gains shows."""
    return (
        f"Gain of each method over doing nothing ({METHODS[advice.reference].title} on the rows as they are), with 95 % intervals. Blue: the "
        f"interval excludes zero. Bold: advised."
    )


def _reliability(bins: pd.DataFrame) -> Figure:
    figure, axes = _axes(4.2, 3.2)
    axes.spines["left"].set(visible=True, color=_INK)
    top = 100 * max(bins["predicted"].max(), bins["observed"].max()) * 1.1
    axes.plot([0, top], [0, top], color=_INK, linewidth=0.8)
    axes.plot(100 * bins["predicted"], 100 * bins["observed"], "o-", color=_CLEAR)
    axes.set(xlim=(0, top), ylim=(0, top))
    axes.set_xlabel("Predicted probability, %", color=_INK, fontsize=9)
    axes.set_ylabel("Positive rows, %", color=_INK, fontsize=9)
    return figure


def _reliability_alt(bins: pd.DataFrame) -> str:
    pairs = [f"{100 * row.predicted:.1f} % predicted, {100 * row.observed:.1f} % observed" for row in bins.itertuples()]
    return f"Predicted and observed shares of positive rows: {'; '.join(pairs)}."


def _thresholds(thresholds: pd.DataFrame) -> dict:
    rows = [
        (
            f"{row.miss:g} : {row.alarm:g}",
            "never" if row.threshold > 1 else f"{100 * row.threshold:.2g} %",
            *(f"{count:.1f}" for count in (row.alarms, row.hits, row.missed)),
            *(f"{cost:,.0f}" for cost in (row.cost, row.cost_without, row.cost_everywhere)),
        )
        for row in thresholds.itertuples()
    ]
    return {
        "caption": "Per 1,000 rows that the model has not seen, by the costs of a miss and of a false alarm: the probability from which on to raise "
        "one (chosen on other rows), alarms, hits, misses, what they cost, and what it costs to raise none, or one for every row.",
        "columns": ["Costs", "From", "Alarms", "Hits", "Missed", "Cost", "None", "Every row"],
        "numbers": list(range(8)),
        "rows": rows,
    }


def _threshold_note(thresholds: pd.DataFrame) -> str:
    costs = named([f"{row.miss:g} to {row.alarm:g}" for row in thresholds.itertuples()])
    if len(thresholds) == 1:
        said = f"A miss and a false alarm cost {costs}, as you said; model.py has these costs."
    else:
        said = f"Say what a miss and a false alarm cost you with --cost-miss and --cost-alarm. Shown are {costs}; model.py has the first."
    chosen = "It chooses its own threshold when it trains, near the one shown here, and prints it."
    everywhere = [
        f"At {row.miss:g} to {row.alarm:g} an alarm for every row costs no more than the model's alarms: {row.cost_everywhere:,.0f} against "
        f"{row.cost:,.0f} per 1,000 rows."
        for row in thresholds.itertuples()
        if row.cost_everywhere <= row.cost
    ]
    return " ".join([said, chosen, *everywhere])


def _methods(table: pd.DataFrame) -> dict:
    rows = [
        (row.title, f"{100 * row.precision:.1f}", *gain_cells(row), row.verdict, row.folds)
        for row in table.itertuples()
    ]
    return {
        "caption": "Gain over doing nothing in points, on the folds that both were judged on, how many these are, and average precision in "
        "percent: that of doing nothing plus the gain, for precisions over different folds do not compare.",
        "columns": ["Method", "Average precision", "Gain", "95 % interval", "Verdict", "Folds"],
        "numbers": [1, 2, 3, 5],
        "rows": rows,
    }
