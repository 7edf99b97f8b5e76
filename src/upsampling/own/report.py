"""A report on a table of the user's own: estimated first, computed with the study's cells, written as one HTML file."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from upsampling import paths, words
from upsampling.book import build as book
from upsampling.book import page, publish, tables
from upsampling.errors import SpecError, StoreError
from upsampling.own import userdata
from upsampling.own.advice import REFERENCES, Advice, advise, caption, usable
from upsampling.own.roles import DROPPED
from upsampling.own.tablefile import shown
from upsampling.own.userdata import DESCRIPTION, Described
from upsampling.study import runner
from upsampling.study.arms import ARMS, PAPER_ARMS, title
from upsampling.study.datasets import Table
from upsampling.study.experiment import check
from upsampling.study.protocol import Cell, base_counts, minority_rows, plain
from upsampling.study.store import Store
from upsampling.words import named, percent

DEFAULT_ARMS = ("class_weight", "tuned_none", *PAPER_ARMS)
DEFAULT_SEEDS = 3
# How the generator's time grows with the number of values, seen between the tables of the study.
FIT_EXPONENT = 0.73
# Cluster, notebook and page, in seconds.
OVERHEAD = 25
# A table of this size takes the generator some minutes; above it, a cap is worth a thought.
CAP = 50_000


@dataclass(frozen=True)
class Asked:
    """What a report compares.

    Parameters
    ----------
    dataset : str
        Name of the table.
    fractions : tuple of float
        Minority shares of the training rows; the recommendation is for the first.
    seeds, arms : tuple
        Seeds and arms.
    """

    dataset: str
    fractions: tuple[float, ...]
    seeds: tuple[int, ...]
    arms: tuple[str, ...]

    @property
    def cells(self) -> list[Cell]:
        """The cells, the first seed of every fraction first."""
        return [
            Cell(self.dataset, fraction, None, seed, arm)
            for seed in self.seeds
            for fraction in self.fractions
            for arm in self.arms
        ]

    def fewer(self, cost: Callable[[str], float]) -> Iterator[tuple["Asked", str]]:
        """Yield ever less, with what was dropped: seeds first, then fractions from the end, then arms, dearest first."""
        asked = self
        while len(asked.seeds) > 1:
            asked = replace(asked, seeds=asked.seeds[:-1])
            yield asked, self._dropped(asked)
        while len(asked.fractions) > 1:
            asked = replace(asked, fractions=asked.fractions[:-1])
            yield asked, self._dropped(asked)
        for arm in sorted((arm for arm in self.arms if arm not in REFERENCES), key=cost, reverse=True):
            if len(asked.arms) > 1:
                asked = replace(asked, arms=tuple(kept for kept in asked.arms if kept != arm))
                yield asked, self._dropped(asked)

    def _dropped(self, kept: "Asked") -> str:
        parts = []
        if kept.seeds != self.seeds:
            parts.append(f"{len(kept.seeds)} of {len(self.seeds)} seeds")
        if kept.fractions != self.fractions:
            parts.append(f"{len(kept.fractions)} of {len(self.fractions)} fractions")
        if kept.arms != self.arms:
            parts.append(f"without {named([title(arm) for arm in self.arms if arm not in kept.arms])}")
        return ", ".join(parts)


class Costs:
    """About how long cells take: from runs on the same table, else from the study's, scaled by rows and columns.

    Parameters
    ----------
    table : Table
        The table.
    study, own : DataFrame
        Rows of `runs.csv`: the study's, and those on this table.
    """

    def __init__(self, table: Table, study: pd.DataFrame, own: pd.DataFrame):
        self.n_features = table.X.shape[1]
        self.n_majority, self.n_minority = base_counts(table, 0)
        self.generator_rows = table.generator_rows
        own = own[own["status"] == "done"]
        self.own_seconds = own.groupby(["minority_fraction", "arm"])["seconds"].mean()
        self.own_fit_seconds = own.groupby("minority_fraction")["fit_seconds"].mean()
        study = study[study["status"] == "done"]
        rows = study["n_majority"] + study["n_minority"]
        work = study["n_trained"].fillna(rows) * study["n_features"] ** 0.5
        self.rates = (study["cpu_seconds"] / work).groupby(study["arm"]).mean()
        values = (rows * study["n_features"]) ** FIT_EXPONENT
        paper = study["arm"] == "tabularargn"
        self.fit_rate = (study["fit_cpu_seconds"] / values)[paper].groupby(study["dataset"]).mean().mean()

    def cell(self, fraction: float, arm: str) -> float:
        """Return seconds of one cell without the generator's fit."""
        known = self.own_seconds.get((fraction, arm))
        if known is not None:
            return known
        n_minority = min(self.n_minority, round(self.n_majority * fraction / (1 - fraction)))
        trained = dict.fromkeys(("none", "tuned_none", "class_weight"), self.n_majority + n_minority)
        n_trained = (trained | {"undersample": 2 * n_minority}).get(arm, 2 * self.n_majority)
        return 1.5 + self.rates.get(arm, self.rates.max()) * n_trained * self.n_features**0.5

    def fit(self, fraction: float) -> float:
        """Return seconds of one fit of the generator."""
        known = self.own_fit_seconds.get(fraction)
        if known is not None and not math.isnan(known):
            return known
        n_rows = self.n_majority / (1 - fraction)
        return self.fit_of(min(n_rows, self.generator_rows or n_rows))

    def fit_of(self, n_rows: float) -> float:
        """Return seconds of one fit on so many rows, as the study's fits suggest."""
        return 4 + self.fit_rate * (n_rows * self.n_features) ** FIT_EXPONENT

    def arm(self, fraction: float, arm: str) -> float:
        """Return seconds of one arm at one fraction and seed, its fit included."""
        return self.cell(fraction, arm) + (self.fit(fraction) if ARMS[arm].generator else 0)

    def seconds(self, asked: Asked, done: set[Cell], workers: int) -> float:
        """Return about how long the rest takes on so many workers, page included."""
        missing = [cell for cell in asked.cells if cell not in done]
        groups = {(c.fraction, c.seed) for c in missing if ARMS[c.arm].generator}
        fits = sum(self.fit(fraction) for fraction, _ in groups)
        total = fits + sum(self.cell(cell.fraction, cell.arm) for cell in missing)
        longest = max((self.arm(cell.fraction, cell.arm) for cell in missing), default=0)
        return OVERHEAD + max(total / workers, longest)


def own_fraction(table: Table, seeds: Sequence[int]) -> float:
    """Return the table's own minority share, with the fewest digits that keep every minority row of the base set."""
    counts = [base_counts(table, seed) for seed in seeds]
    n_majority, n_minority = min(counts, key=lambda pair: pair[1])
    share = n_minority / (n_majority + n_minority)
    for digits in range(2, 10):
        fraction = round(share, digits)
        if minority_rows(Cell(table.name, fraction, None, 0, "none"), n_majority) == n_minority and fraction <= 0.5:
            return fraction
    return share


def within(asked: Asked, costs: Costs, budget: float | None, done: set[Cell], workers: int) -> tuple[Asked, str]:
    """Return as much of what was asked as fits the budget in seconds, and what was dropped for it.

    What is computed already is kept: nothing is saved by leaving it out.
    """
    if budget is None or done.issuperset(asked.cells) or costs.seconds(asked, done, workers) <= budget:
        return asked, ""
    smaller = list(asked.fewer(lambda arm: costs.arm(asked.fractions[0], arm)))
    fitting = (choice for choice in smaller if costs.seconds(choice[0], done, workers) <= budget)
    return next(fitting, smaller[-1] if smaller else (asked, ""))


@dataclass(frozen=True)
class Report:
    """A finished report.

    Parameters
    ----------
    folder, html : Path
        Folder of everything, and the page in it.
    advice : Advice
        The recommendation.
    """

    folder: Path
    html: Path
    advice: Advice


def make(
    described: Described,
    folder: Path,
    *,
    arms: Sequence[str] = DEFAULT_ARMS,
    fractions: Sequence[float] = (),
    seeds: int = DEFAULT_SEEDS,
    budget: float | None = None,
    workers: int | None = None,
    estimate_only: bool = False,
    say: Callable[[str], None] = print,
) -> Report | None:
    """Make a report on a table; run again after a stop, it goes on.

    Parameters
    ----------
    described : Described
        The table.
    folder : Path
        Where everything goes: the table, results, notebook and page.
    arms : sequence of str
        What is compared.
    fractions : sequence of float
        Minority shares of the training rows. Default: the table's own.
    seeds : int
        Number of seeds; each is another split, training set and fit.
    budget : float, optional
        Seconds that it may take; seeds, then fractions, then arms are dropped for it.
    workers : int, optional
        Worker processes. Default: one per core.
    estimate_only : bool, default=False
        Stop before anything is computed; then None is returned.
    say : callable
        Takes one line of text for the user.

    Raises
    ------
    SpecError
        Something asked for is impossible; raised before any work.
    """
    folder, table = Path(folder).resolve(), described.table
    if seeds < 1:
        raise SpecError(f"a report needs 1 seed at least, got {seeds}.")
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / DESCRIPTION).is_file())):
        raise SpecError(f"{folder} exists and is no folder of a report: name another one with --output.")
    for arm in arms:
        usable(arm)
    if not set(REFERENCES) & set(arms):
        raise SpecError(f"one of {' and '.join(REFERENCES)} must be among the arms, to have something to beat.")
    for line in summary(described):
        say(line)
    chosen = tuple(float(plain(f)) for f in fractions) or (own_fraction(table, range(seeds)),)
    asked = Asked(table.name, chosen, tuple(range(seeds)), tuple(dict.fromkeys(arms)))
    try:
        userdata.save(described, folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}): name another one with --output.") from error
    userdata.open_folder(folder)
    runner.refuse_impossible(check(asked.cells))
    store, workers = Store(folder / "results"), workers or os.cpu_count() or 1
    start = time.monotonic()

    def plan(asked: Asked) -> tuple[Asked, str]:
        done = {cell for cell, state in store.status(asked.cells).items() if state == "done"}
        costs = Costs(table, Store(paths.ROOT / "results").published("runs"), store.load("runs"))
        left = None if budget is None else budget - (time.monotonic() - start)
        kept, dropped = within(asked, costs, left, done, workers)
        seconds = costs.seconds(kept, done, workers)
        n_missing = sum(cell not in done for cell in kept.cells)
        say(f"Takes about {words.duration(seconds)} with {workers} workers, {n_missing} cells to go.")
        if dropped:
            say(f"To keep within {words.duration(budget)}: {dropped}.")
        if n_missing and left is not None and seconds > left:
            say("Even that is estimated above the budget; it is the least that makes a report.")
        if hint := _cap_hint(costs, kept, table):
            say(hint)
        return kept, dropped

    kept, dropped = plan(asked)
    if estimate_only:
        return None
    if budget is not None and len(kept.seeds) > 1:
        # what one seed took is a better guess than any estimate
        runner.run(replace(kept, seeds=kept.seeds[:1]).cells, store, workers=workers)
        kept, dropped = plan(asked)
    runner.run(kept.cells, store, workers=workers)
    notes = (*described.notes, *([f"to keep within {words.duration(budget)}: {dropped}"] if dropped else []))
    userdata.save(replace(described, notes=notes), folder)
    return _write(described, folder, kept, store, say)


def _write(described: Described, folder: Path, asked: Asked, store: Store, say: Callable[[str], None]) -> Report:
    parameters = {
        "dataset": asked.dataset,
        "fractions": list(asked.fractions),
        "seeds": list(asked.seeds),
        "arms": list(asked.arms),
        "curve_fraction": asked.fractions[0],
        "curve_seed": asked.seeds[0],
        "compute": False,
        "folder": str(folder),
    }
    notebook, html = folder / "report.ipynb", folder / "report.html"
    book.execute(book.Page("report", "dataset.py", parameters), notebook)
    page.write(notebook, html, f"{described.dataset.title}: does upsampling help?")
    metrics, runs = store.load("metrics"), store.load("runs")
    chosen = metrics["arm"].isin(asked.arms) & metrics["seed"].isin(asked.seeds)
    advice = advise(metrics[chosen], runs, asked.fractions[0])
    say(advice.text().replace("**", "").replace("*", ""))
    say(f"Report: {html}")
    return Report(folder, html, advice)


def publish_advice(described: Described, advised: Advice, folder: str) -> None:
    """Publish what a report begins with: the recommendation, the code, and how the table was understood."""
    publish.text(f"## What to use\n\n{advised.text()}")
    publish.table(tables.advice(advised.table), name="advice", caption=caption(advised), data=advised.table)
    place = Path(folder)
    if place.is_relative_to(paths.ROOT):  # a report of the book itself names no place of the machine that built it
        place = place.relative_to(paths.ROOT)
    publish.text(f"## The code\n\n```python\n{advised.code(str(place), described.table.generator_rows)}\n```")
    publish.text(userdata.described_text(described))
    columns = described.columns
    publish.table(
        tables.columns(columns), name="columns", caption="What each column was taken for, and why.", data=columns
    )


def summary(described: Described) -> list[str]:
    """Return how the table was understood, in lines of plain text."""
    dataset, columns = described.dataset, described.columns
    lines = [
        f"{shown(dataset.title)}: {dataset.n_rows:,} rows, {dataset.n_minority:,} of them "
        f"({percent(float(f'{dataset.n_minority / dataset.n_rows:.2g}'))}) with {shown(dataset.target)} = "
        f"{shown(dataset.minority)}; {len(dataset.numeric)} numeric and {len(dataset.categorical)} categorical columns."
    ]
    for row in columns[columns["role"] == DROPPED].itertuples():
        lines.append(f"  left out: {shown(row.column)}: {row.why}")
    lines += [f"  note: {note}" for note in described.notes]
    return lines


def _cap_hint(costs: Costs, asked: Asked, table: Table) -> str:
    if table.generator_rows or costs.n_majority + costs.n_minority <= CAP:
        return ""
    if not any(ARMS[arm].generator for arm in asked.arms):
        return ""
    fraction = asked.fractions[0]
    whole, capped = costs.fit(fraction), costs.fit_of(CAP)
    return (
        f"One fit of the generator takes about {words.duration(whole)}; with --max-rows {CAP} it learns from {CAP:,} rows "
        f"and takes about {words.duration(capped)}."
    )
