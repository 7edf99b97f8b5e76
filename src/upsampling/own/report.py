"""A report on a user's table: a first answer at once, a better one the longer it runs, one HTML file and `model.py` at the end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table as RichTable

from upsampling import words
from upsampling.errors import SpecError, StoreError
from upsampling.files import replace_file
from upsampling.own import decisions, page, script, usertable
from upsampling.own.advice import Advice, advise, first, gain_cells, ranking
from upsampling.own.methods import CHEAP, GENERATOR, GROUP_TITLES, NAIVE, SMOTE
from upsampling.own.trial import N_FOLDS, REPEATS, Trial, available_workers, fold, run
from upsampling.own.usertable import Settings

BUDGET = 360.0
# Kept back for thresholds, columns and the page: a share of the budget, or what they take on a machine as busy as this one.
RESERVE_SHARE, MAX_RESERVE, FINISH_SECONDS = 0.2, 60, 6
# Until worker processes have loaded their libraries.
START_SECONDS = 8


@dataclass(frozen=True)
class Report:
    """A finished report.

    Parameters
    ----------
    html, model : Path
        The page, and the code beside it.
    advice : Advice
        What to use.
    trial : Trial
        What was measured.
    first_answer : float
        Seconds until the first answer, from the start of the command.
    """

    html: Path
    model: Path
    advice: Advice
    trial: Trial
    first_answer: float


def make(
    source: str,
    settings: Settings,
    *,
    output: Path | None = None,
    budget: float = BUDGET,
    costs: tuple[float, float] | None = None,
    estimate_only: bool = False,
    console: Console | None = None,
) -> Report | None:
    """Compare methods on a table, and write what to use.

    Parameters
    ----------
    source : str
        A CSV, CSV.gz or Parquet file, ``openml:ID`` or ``demo``.
    settings : Settings
        What the user says about it.
    output : Path, optional
        Folder of the report. Default: the name of the table and ``-report``.
    budget : float
        Seconds that it may take.
    costs : tuple of float, optional
        Cost of a miss and of a false alarm. Default: several ratios.
    estimate_only : bool, default=False
        Read the table, say how long it takes, and stop; then None is returned.
    console : Console, optional
        Where it says what it does.

    Raises
    ------
    DataError, SpecError
        The table cannot be used, or the budget is too short for a first answer.
    StoreError
        The folder cannot be written.
    """
    start, cpu_start, console = time.monotonic(), time.process_time(), console or _console()
    if costs and min(costs) <= 0:
        raise SpecError(f"costs are above zero, got {costs[0]:g} for a miss and {costs[1]:g} for a false alarm.")
    folder = (output or Path(f"{Path(source.replace(':', '-')).name.split('.')[0]}-report")).resolve()
    if folder.exists() and not folder.is_dir():
        raise SpecError(f"{folder} is a file: name a folder with --output.")
    try:
        path, target = usertable.fetch(source, folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}): name another one with --output.") from error
    table = usertable.read(path, settings.with_default_target(target))
    for line in table.lines():
        console.print(escape(line))
    trial, workers = Trial(table.X, table.y, table.weight), available_workers()
    if estimate_only:
        console.print(_estimate(trial, workers, budget))
        return None
    busy = max(1, (time.monotonic() - start) / (time.process_time() - cpu_start))
    reserve = max(min(MAX_RESERVE, RESERVE_SHARE * budget), FINISH_SECONDS * busy)
    deadline = start + budget - min(reserve, budget / 2)
    with _screen(console, start) as screen:
        end = run(trial, deadline=deadline, workers=workers, show=screen)
    if not trial.ready:
        if end == "stopped":
            raise KeyboardInterrupt
        raise SpecError(
            f"{words.duration(budget)} are too short for a first answer on {len(table.y):,} rows: give more with --budget, or compare on "
            f"fewer rows with --max-rows."
        )
    advice = advise(trial, table.prevalence, end)
    console.print(f"\n[bold]{escape(advice.headline)}[/bold]")
    suspected = decisions.suspects(table, trial)
    if suspected:
        console.print(f"[bold]Look first:[/bold] {escape(decisions.look_first(suspected))}")
    for sentence in advice.sentences:
        console.print(escape(sentence))
    decided = decisions.decide(table, trial, costs, deadline=start + budget)
    code = script.script(table, advice.chosen, costs or (decisions.RATIOS[0], 1))
    html, model = folder / "report.html", folder / "model.py"
    text = page.write(table, trial, advice, decided, suspected, time.monotonic() - start)
    try:
        replace_file(html, lambda place: place.write_text(text, encoding="utf-8"))
        replace_file(model, lambda place: place.write_text(code, encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}): name another one with --output.") from error
    console.print(
        f"\nAfter {words.duration(time.monotonic() - start)}: {escape(str(html))}, and model.py beside it.",
        soft_wrap=True,
    )
    return Report(html, model, advice, trial, screen.first_answer)


def _console() -> Console:
    """Return the terminal; where nobody looks at one, no line is cut."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 240)


class Screen:
    """Shows a ranking that improves, in a terminal in place, elsewhere once there is a first answer.

    Parameters
    ----------
    console : Console
        Where to.
    start : float
        When the command began, on the clock of `time.monotonic`.
    live : Live or None
        What is redrawn in a terminal.
    """

    def __init__(self, console: Console, start: float, live: Live | None):
        self.console, self.start, self.live = console, start, live
        self.first_answer: float | None = None
        self.shown: set[str] = set()

    def __call__(self, trial: Trial, group: str) -> None:
        """Show where the trial stands after a fold of a group."""
        seconds = time.monotonic() - self.start
        if not trial.ready:
            if self.live:
                self.live.update(
                    f"{words.duration(seconds)}: {GROUP_TITLES[group]}, {len(trial.seconds[group])} of {N_FOLDS} folds"
                )
            return
        news = self.first_answer is None
        if news:
            self.first_answer = seconds
        status = f"{words.duration(seconds)}: {GROUP_TITLES[group]}, {len(trial.seconds[group])} of at most {N_FOLDS * REPEATS[group]} folds"
        if self.live:
            self.live.update(Group(_ranked(trial), f"{status}. Ctrl-C gives the report of what is there."))
        elif news:
            self.console.print(f"First answer after {words.duration(seconds)}:", _ranked(trial))
        elif group not in self.shown:
            self.console.print(status)
        self.shown.add(group)


@contextmanager
def _screen(console: Console, start: float) -> Iterator[Screen]:
    if not console.is_terminal:
        yield Screen(console, start, None)
        return
    with Live("Starting ...", console=console, refresh_per_second=4) as live:
        yield Screen(console, start, live)


def _ranked(trial: Trial) -> RichTable:
    shown = RichTable("Method", "Average precision", "Gain over doing nothing", "95 % interval", "Folds", box=None)
    advised = trial.advised
    for row in ranking(trial).itertuples():
        style = "bold" if row.method == advised else ""
        shown.add_row(first(row.title), f"{100 * row.precision:.1f} %", *gain_cells(row), str(row.folds), style=style)
    return shown


def _estimate(trial: Trial, workers: int, budget: float) -> str:
    """Return about how long it all takes, from one fold of the cheap methods."""
    trial.add(fold(trial.X, trial.y, trial.splits[0], CHEAP, 0))

    def seconds(group: str, repeats: int) -> float:
        return trial.expected(group) * N_FOLDS * repeats / workers

    answer = START_SECONDS + seconds(CHEAP, 1)
    cheap = START_SECONDS + seconds(CHEAP, REPEATS[CHEAP])
    resampled = seconds(NAIVE, 1) + seconds(SMOTE, 1)
    return (
        f"With {workers} processes: a first answer after about {words.duration(answer)}, all folds of the cheap methods after "
        f"{words.duration(cheap)}, a first look at copied rows and SMOTE-NC {words.duration(resampled)} later; the generator, if it can still "
        f"change the advice, takes about {words.duration(seconds(GENERATOR, REPEATS[GENERATOR]))}. It ends within {words.duration(budget)} "
        f"(--budget)."
    )
