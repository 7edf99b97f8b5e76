"""From what was measured to what to use: sentences and one table."""

import math
from dataclasses import dataclass

import pandas as pd

from upsampling.own.methods import CHEAP, GROUP_TITLES, METHODS, RAW_METHODS, of_group
from upsampling.own.trial import MARGIN, Trial
from upsampling.study.stats import Interval
from upsampling.words import named

BETTER, WORSE, OPEN = "better", "worse", "no clear difference"


def verdict(interval: Interval) -> str:
    """Return which side of zero an interval lies on."""
    return BETTER if interval.low > 0 else WORSE if interval.high < 0 else OPEN


def signed(difference: float) -> str:
    """Return a difference in points with its sign; what rounds to zero has none."""
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def points(interval: Interval) -> str:
    """Return a difference in points with its interval."""
    return f"{signed(interval.estimate)} points (95 % interval {signed(interval.low)} to {signed(interval.high)})"


def gain_cells(row) -> tuple[str, str]:
    """Return the gain of a row of the ranking and its interval; doing nothing has none."""
    if row.verdict == "doing nothing":
        return "", ""
    return signed(row.gain), f"{signed(row.low)} to {signed(row.high)}"


def first(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Advice:
    """What to use on a table.

    Parameters
    ----------
    chosen, reference : str
        The method advised, and doing nothing: the best classifier on the rows as they are.
    table : DataFrame
        A row per method: `method`, `title`, `folds`, `gain` over the reference on the folds of both with `low` and `high`, `precision`,
        which is that of the reference plus the gain, and `verdict`.
    headline : str
        The answer in one sentence.
    sentences : tuple of str
        What is gained, what the simplest choice would lose, what could not be told apart, and what was not run.
    """

    chosen: str
    reference: str
    table: pd.DataFrame
    headline: str
    sentences: tuple[str, ...]

    def text(self) -> str:
        """Return the answer as plain text."""
        return "\n".join((self.headline, *self.sentences))


def ranking(trial: Trial) -> pd.DataFrame:
    """Return a row per method, best first, with its gain over doing nothing."""
    rows = []
    for name in trial.evaluated_methods:
        gain = trial.difference_interval(name, trial.reference)
        rows.append(
            {
                "method": name,
                "title": METHODS[name].title,
                "folds": trial.folds(name),
                "precision": trial.mean(trial.reference) + gain.estimate,
                "gain": gain.estimate,
                "low": gain.low,
                "high": gain.high,
                "verdict": "doing nothing" if name == trial.reference else verdict(gain),
            }
        )
    return pd.DataFrame(rows).sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def advise(trial: Trial, prevalence: float, end: str = "done") -> Advice:
    """Return what to use.

    Parameters
    ----------
    trial : Trial
        What was measured: a first answer at least.
    prevalence : float
        Share of the class of interest, which is the average precision of a random order.
    end : {"done", "time", "stopped"}
        Why no more was measured.
    """
    chosen, reference, table = trial.advised, trial.reference, ranking(trial)
    precision = table.set_index("method")["precision"]
    sentences = [
        _gain(trial, table, chosen, reference),
        _simplest(trial, precision, chosen),
        _open(table, chosen, reference),
        _more_rows(trial, table, chosen),
        f"A random order of the rows has an average precision of {100 * prevalence:.2g} %, {METHODS[chosen].title} has {100 * precision[chosen]:.1f} %.",
        _end(trial, end),
    ]
    return Advice(chosen, reference, table, _headline(chosen), tuple(filter(None, sentences)))


def _headline(chosen: str) -> str:
    title = METHODS[chosen].title
    if chosen in RAW_METHODS:
        return f"Leave your rows as they are, and train {title.replace('its defaults', 'its default settings')}."
    return f"Use {title}."


def _gain(trial: Trial, table: pd.DataFrame, chosen: str, reference: str) -> str:
    nothing = f"doing nothing ({METHODS[reference].title} on the rows as they are)"
    if chosen not in RAW_METHODS:
        return f"Over {nothing} it gains {points(trial.difference_interval(chosen, reference))} of average precision."
    best = table[~table["method"].isin(RAW_METHODS)].iloc[0]["method"]
    return (
        f"No treatment of the rows was shown to be better: the best of them, {METHODS[best].title}, differs from {nothing} by "
        f"{points(trial.difference_interval(best, reference))} of average precision."
    )


def _simplest(trial: Trial, precision: pd.Series, chosen: str) -> str:
    simplest = next(iter(METHODS))
    if chosen == simplest:
        best = trial.best
        among = "the best on the rows as they are" if best in RAW_METHODS else "the best"
        close = f"within one point of {among}, {METHODS[best].title} ({100 * precision[simplest]:.1f} against {100 * precision[best]:.1f} %)"
        return f"{first(METHODS[simplest].title)} is the simplest choice, and {among if best == simplest else close}."
    lost = trial.difference_interval(chosen, simplest)
    name = f"The simplest choice, {METHODS[simplest].title} on the rows as they are,"
    if lost.low > 0:
        return f"{name} would lose {points(lost).replace('+', '')}."
    return f"{name} is not clearly worse: it differs by {points(trial.difference_interval(simplest, chosen))}."


def _open(table: pd.DataFrame, chosen: str, reference: str) -> str:
    others = table[~table["method"].isin([chosen, reference])]
    unclear = others[others["verdict"] == OPEN]
    if unclear.empty:
        return ""
    if len(unclear) == len(others) > 2:
        return f"None of the other {len(others)} methods differs clearly from {METHODS[reference].title}."
    return f"No clear difference from {METHODS[reference].title}: {named(list(unclear['title']))}."


def _more_rows(trial: Trial, table: pd.DataFrame, chosen: str) -> str:
    """Return how many positive rows it would take to tell the best treatment from doing nothing, if that is open."""
    others = table[(table["verdict"] == OPEN) & ~table["method"].isin(RAW_METHODS)]
    if chosen not in RAW_METHODS or others.empty:
        return ""
    best = others.iloc[0]
    gain = max(best["gain"], MARGIN)
    # the variance of the differences falls with the number of positive rows
    needed = int(trial.weight[trial.y == 1].sum()) * ((best["high"] - best["gain"]) / gain) ** 2
    if needed <= trial.y.sum():
        return ""
    digits = -math.floor(math.log10(needed)) + 1
    size = f"its lead of {100 * gain:.1f} points" if best["gain"] >= MARGIN else "a gain of one point"
    return f"To show {size} for {best['title']} would take about {round(needed, digits):,.0f} positive rows."


def _end(trial: Trial, end: str) -> str:
    failed = [
        f"{first(GROUP_TITLES[group])} could not be run: {problem.rstrip('.')}."
        for group, problem in trial.problems.items()
    ]
    if end == "done":
        return " ".join(
            [*failed, "Nothing more was run: going by the folds so far, more would hardly change the advice."]
        )
    if end == "time":
        left = [f"{first(GROUP_TITLES[group])} {why}; --budget allows for it." for group, why in trial.left_out.items()]
        return " ".join([*failed, *(left or ["The time is over; more could still change the advice."])])
    unseen = [
        title for group, title in GROUP_TITLES.items() if group != CHEAP and not any(map(trial.folds, of_group(group)))
    ]
    return " ".join(
        [f"You stopped it before these were tried: {named(unseen)}." if unseen else "You stopped it.", *failed]
    )
