"""What was measured of speed: the rows of ``results/benchmarks.csv``, what they mean, and what follows from them."""

import heapq
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from upsampling import words
from upsampling.errors import StatsError, StoreError
from upsampling.study import datasets, ledger, schemas
from upsampling.study.arms import ARMS, VARIANTS, title
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.contrasts import contrasts
from upsampling.study.experiment import code_state, cpu_model
from upsampling.study.names import GENERATOR
from upsampling.words import named

COLUMNS = schemas.columns("benchmarks")
# The parts of a benchmark in the order in which they are measured: the book comes first, for what the others write makes its
# pages stale. A row belongs to the part that its name begins with.
PARTS = ("book", "site", "grid", "fit", "overhead", "rows", "columns")
_PART_OF = {"page": "site"}
WORKERS = (1, 2, 4, 8, 16, 32, 64)
# Name, value, unit, and what the value is compared with, if anything.
Row = tuple[str, float, str, float | None]


@dataclass(frozen=True)
class Meaning:
    """What a benchmark means to a reader.

    Parameters
    ----------
    text : str
        One sentence.
    goal : float or None
        What it should reach, if anything.
    column : str
        Whether the goal is about the `value` or the `ratio`.
    at_least : bool
        Whether the goal is a lower bound; else it is an upper one.
    """

    text: str
    goal: float | None = None
    column: str = "value"
    at_least: bool = True

    def reached(self, row) -> bool | None:
        """Return whether a row of `benchmarks.csv` reaches the goal; None if there is none."""
        if self.goal is None:
            return None
        found = getattr(row, self.column)
        return bool(found >= self.goal if self.at_least else found <= self.goal)


# Names of rows that pages look up.
PLAIN = "grid/plain loop"
RUNNER, RUNNER_FAST = "grid/runner", "grid/runner, preset fast"
CELLS, INSIDE = "grid/cells", "grid/time inside cells"
FIT_PRESET = "fit/preset/"
# CPU seconds beyond the unbalanced set's below which an arm counts as free: a gain per minute of next to nothing says nothing.
NOTICEABLE = 1.0
MEANINGS = {
    PLAIN: Meaning(
        "Cells per hour of a plain loop over the Synthetic Data SDK with its default threads, one cell after another."
    ),
    RUNNER: Meaning(
        "Cells per hour of the runner on the same cells, one worker per core; its ratio to the plain loop is to be 2.9.",
        2.9,
        "ratio",
    ),
    RUNNER_FAST: Meaning(
        "The same with the generator's preset `fast`, whose fits are other draws from the same law: its ratio to the plain loop is to be 2.9.",
        2.9,
        "ratio",
    ),
    "grid/runner, one worker": Meaning("The runner with the generator's defaults and one worker."),
    "grid/speed-up": Meaning("Cells per hour with all workers over those with one; the ratio is per worker."),
    CELLS: Meaning("How many cells these are: one per seed, and how long a fit takes differs from seed to seed."),
    INSIDE: Meaning(
        "Share of the cores' time that was spent computing cells: fits of the generator and of classifiers, drawing and judging. "
        "The start of the workers, and those that had nothing left to do at the end of so short a run, count against it; its "
        "goal is 95 %.",
        95,
    ),
    "grid/average precision, plain loop": Meaning("Mean over the plain loop's cells and classifiers."),
    "grid/average precision, runner": Meaning(
        "The runner's mean over the same cells: a coarse check that speed costs no quality. The loop's fits go through the SDK and are other draws; whether both ways "
        "agree, [a page of its own](backends.ipynb) says."
    ),
    "grid/average precision, preset fast": Meaning("The same with the generator's preset `fast`."),
    "overhead/start": Meaning("Seconds until the first cell is done that has nothing to compute: the workers start."),
    "overhead/cell": Meaning("Time of a core per cell that is not computing, over cells that have nothing to compute."),
    "overhead/cells": Meaning("How many such cells were run."),
    "overhead/write": Meaning("Writing a finished cell: its rows, scores and marginals."),
    "book/rebuild": Meaning(
        "`upsampling book` when nothing changed since the last time: at most 90 seconds.", 90, at_least=False
    ),
    "site/weight": Meaning("All files of the built site: at most 12 MB.", 12, at_least=False),
    "site/files": Meaning("How many files these are."),
}
# What a fit of the generator spends its time on.
FIT_STEPS = {
    "forward": "computing the loss, without dropout",
    "dropout": "drawing which units are left out, and leaving them out",
    "backward": "gradients",
    "optimizer": "steps of AdamW",
    "batches": "drawing and gathering the rows of a batch",
    "analysis": "types, ranges and categories of the columns, once",
    "encoding": "turning rows into codes, once",
    "checkpoints": "writing the best weights so far",
    "memory": "collecting garbage, once at the end",
    "rest": "all else",
}


def stamped(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows of `benchmarks.csv`: what was measured, and on which machine, by which code and when.

    Parameters
    ----------
    rows : iterable of Row
        What was measured.
    """
    table = pd.DataFrame(rows, columns=COLUMNS[:4]).astype({"value": float, "baseline": float})
    return table.assign(
        ratio=table["value"] / table["baseline"],
        cpu_model=cpu_model(),
        cores=os.cpu_count(),
        commit=code_state()["commit"],
        date=datetime.now(UTC).date().isoformat(),
    )[COLUMNS]


def part_of(name: str) -> str:
    """Return the part of the benchmark that a row belongs to."""
    first = name.split("/")[0]
    return _PART_OF.get(first, first)


def load(folder: Path) -> pd.DataFrame:
    """Return the rows of `benchmarks.csv` in a results folder; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read, is not what its schema says, or has a name twice.
    """
    table = ledger.read(folder, "benchmarks").astype(dict.fromkeys(["value", "baseline", "ratio"], float))
    twice = table.loc[table["name"].duplicated(), "name"]
    if not twice.empty:
        raise StoreError(f"{folder / 'benchmarks.csv'} holds '{twice.iloc[0]}' twice: remove one of the rows.")
    return table


def record(measured: pd.DataFrame, part: str, folder: Path) -> Path:
    """Put the rows of one part into `benchmarks.csv` in place of those it had; rows of other parts are kept."""

    def replaced() -> pd.DataFrame:
        known = load(folder)
        kept = known[known["name"].map(part_of) != part]
        table = measured if kept.empty else pd.concat([kept, measured], ignore_index=True)
        order = table["name"].map(part_of).map({name: position for position, name in enumerate(PARTS)})
        return table.iloc[order.argsort(kind="stable")]

    return ledger.update(folder, "benchmarks", replaced, digits=6)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of log cost against log size: 1 for a cost that grows as the size does.

    Raises
    ------
    StatsError
        There are fewer than two sizes, or something is not above zero.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(costs, dtype=float)
    if len(x) != len(y) or len(np.unique(x)) < 2 or not ((x > 0).all() and (y > 0).all()):
        raise StatsError(
            f"an exponent needs two sizes or more with a cost each, all above zero; got {[*x]} and {[*y]}."
        )
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def makespan(seconds: Sequence[float], after: Sequence[int | None], workers: int) -> float:
    """Return how long jobs take on some workers, each of which takes the first job that can begin.

    Parameters
    ----------
    seconds : sequence of float
        Of each job, the most urgent first.
    after : sequence of int or None
        The position of the job that must be done before, if there is one.
    workers : int
        How many work.

    Raises
    ------
    StatsError
        There are no workers, a job takes less than no time, or waits for one that is not before it.
    """
    if workers < 1 or len(seconds) != len(after) or any(not duration >= 0 for duration in seconds):
        raise StatsError("jobs need a worker, and each of them a time of zero or more and one entry in `after`.")
    if any(first is not None and not 0 <= first < job for job, first in enumerate(after)):
        raise StatsError("a job can only wait for one that is listed before it.")
    waiting: dict[int, list[int]] = {}
    for job, first in enumerate(after):
        waiting.setdefault(-1 if first is None else first, []).append(job)
    ready, running, now = waiting.get(-1, []), [], 0.0
    while ready or running:
        while ready and len(running) < workers:
            job = heapq.heappop(ready)
            heapq.heappush(running, (now + seconds[job], job))
        now, job = heapq.heappop(running)
        for next_job in waiting.get(job, ()):
            heapq.heappush(ready, next_job)
    return now


def projection(runs: pd.DataFrame, overhead: float, workers: Sequence[int] = WORKERS) -> pd.DataFrame:
    """Return what some numbers of workers would make of all cells that were computed.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`. CPU seconds count, for the wall clock depends on what else ran.
    overhead : float
        Seconds per cell that are not computing.
    workers : sequence of int
        Numbers of workers.

    Returns
    -------
    DataFrame
        `workers`, `hours`, `speed_up`, `inside` (share of the workers' time that is spent computing), `bound` (no number of workers gives more: the longest
        fit with its longest cell), and the cells that it stands on in `datasets`, `sizes`, `seeds`, `arms`.
    """
    done = runs[runs["status"] == "done"].sort_values(["seed", "dataset", "size"], kind="stable")
    seconds: list[float] = []
    after: list[int | None] = []
    fits: dict[tuple, int] = {}
    longest = 0.0
    for row in done.itertuples():
        fit = None
        generator = ARMS[row.arm].generator if row.arm in ARMS else None
        if generator and row.fit_cpu_seconds > 0:
            identity = (generator, row.dataset, row.size, row.seed)
            if identity not in fits:
                fits[identity] = len(seconds)
                seconds.append(row.fit_cpu_seconds + overhead)
                after.append(None)
            fit = fits[identity]
        seconds.append(row.cpu_seconds + overhead)
        after.append(fit)
        longest = max(longest, seconds[-1] + (seconds[fit] if fit is not None else 0.0))
    table = pd.DataFrame({"workers": workers, "hours": [makespan(seconds, after, n) / 3600 for n in workers]})
    computing = sum(seconds) - overhead * len(seconds)
    return table.assign(
        speed_up=sum(seconds) / 3600 / table["hours"],
        inside=computing / 3600 / (table["workers"] * table["hours"]),
        bound=sum(seconds) / longest,
        **{f"{name}s": words.joined(done[name]) for name in ("dataset", "size", "seed", "arm")},
    )


def fit_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a fit of the generator spends its time on, the longest step first: `step`, `seconds` and `share` of the fit."""
    part = table[table["name"].isin([f"fit/{step}" for step in FIT_STEPS])]
    steps = pd.DataFrame(
        {"step": part["name"].str.removeprefix("fit/"), "seconds": part["value"], "share": part["ratio"]}
    )
    return steps.sort_values("seconds", ascending=False, kind="stable", ignore_index=True)


def presets(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the preset ``fast`` saves of fits that pass over the rows as often.

    Parameters
    ----------
    table : DataFrame
        Rows of `benchmarks.csv`.

    Returns
    -------
    DataFrame
        A row per data set: `dataset`, CPU seconds of the `whole` fit and of its `training` alone with the generator's defaults, both with the preset
        (`whole, fast` and `training, fast`), and `factor` and `training_factor`, how many times cheaper they are.
    """
    part = table[table["name"].str.startswith(FIT_PRESET)]
    keys = part["name"].str.removeprefix(FIT_PRESET).str.split("/", expand=True, n=1).reindex(columns=[0, 1])
    found = part.assign(dataset=keys[0], what=keys[1])
    wide = found.pivot(index="dataset", columns="what", values="value").reindex(found["dataset"].unique())
    names = ["whole", "whole, fast", "training", "training, fast"]
    wide = wide.reindex(columns=names).dropna().reset_index().rename_axis(columns=None)
    return wide.assign(
        factor=wide["whole"] / wide["whole, fast"], training_factor=wide["training"] / wide["training, fast"]
    )


def by_size(table: pd.DataFrame, size: str) -> pd.DataFrame:
    """Return what making a training set cost against the size of the table, from the rows of `benchmarks.csv`.

    Parameters
    ----------
    table : DataFrame
        Rows of `benchmarks.csv`.
    size : str
        What varied: ``rows`` or ``columns``.

    Returns
    -------
    DataFrame
        One row per `what` (an arm, or fit or draw of a generator) and number in the column named `size`: `seconds`, `cpu_seconds` and `peak_mib`
        where it was measured, else `extrapolated` seconds; and the `exponent` of `what`.
    """
    part = table[table["name"].str.startswith(f"{size}/")]
    names = part["name"].str.split("/", expand=True).reindex(columns=range(4))
    is_slope = names[2] == "exponent"
    slopes = pd.Series(part.loc[is_slope, "value"].to_numpy(), index=names.loc[is_slope, 1])
    part, names = part[~is_slope], names[~is_slope]
    long = part.assign(what=names[1], quantity=names[3], **{size: names[2].astype(int)})
    wide = long.pivot(index=["what", size], columns="quantity", values="value")
    wide = wide.reindex(columns=["seconds", "CPU seconds", "peak", "extrapolated"]).reset_index()
    wide = wide.rename(columns={"CPU seconds": "cpu_seconds", "peak": "peak_mib"}).rename_axis(columns=None)
    order = {what: position for position, what in enumerate(dict.fromkeys(names[1]))}
    wide = wide.sort_values(["what", size], key=lambda c: c.map(order) if c.name == "what" else c, ignore_index=True)
    return wide.assign(exponent=wide["what"].map(slopes))


def arm_costs(runs: pd.DataFrame, metrics: pd.DataFrame, few: float) -> pd.DataFrame:
    """Return what each arm costs on each data set, and what it gains for that over the unbalanced set.

    Cells of small minority shares count; variants of arms do not. An arm that combines others costs what these cost; a fit that several share counts
    once.

    Parameters
    ----------
    runs, metrics : DataFrame
        Rows of `runs.csv` and `metrics.csv`.
    few : float
        Minority shares up to this one count.

    Returns
    -------
    DataFrame
        One row per data set and arm: means of `seconds`, `cpu_seconds` and `extra` (CPU seconds beyond those of the unbalanced
        set); the largest `peak_mib`; `n_rows` (at most) and `n_features`; `gain` in average precision with `low` and `high`,
        `n_seeds`, `gain_per_minute` (of extra CPU time, where it is above `NOTICEABLE`); and the cells in `sizes`, `seeds`, `arms`.
    """
    done = runs[(runs["status"] == "done") & (runs["minority_fraction"] <= few) & ~runs["arm"].isin(VARIANTS)]
    trained = metrics[metrics["minority_fraction"] <= few].replace({"classifier": {"balanced_forest": "random_forest"}})
    trained = trained[trained["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR])]
    gains = contrasts(trained, [(arm, "none") for arm in done["arm"].unique() if arm != "none"])
    gains = gains[["dataset", "arm", "mean", "low", "high", "n_seeds"]].rename(columns={"mean": "gain"})
    rows = []
    for dataset, part in done.groupby("dataset", sort=False):
        total = {arm: _whole_cost(part, arm) for arm in part["arm"].unique()}
        for arm, cost in total.items():
            if cost.empty:
                continue
            own = part[part["arm"] == arm]
            extra = (cost["cpu_seconds"] - total["none"]["cpu_seconds"]).dropna() if "none" in total else cost[:0]
            rows.append(
                {"dataset": dataset, "arm": arm, "seconds": cost["seconds"].mean()}
                | {"cpu_seconds": cost["cpu_seconds"].mean(), "extra": extra.mean() if len(extra) else float("nan")}
                | {"peak_mib": own["peak_mib"].max(), "n_rows": int((own["n_majority"] + own["n_minority"]).max())}
                | {"n_features": int(own["n_features"].max()), "sizes": words.joined(own["size"])}
                | {"seeds": words.joined(own["seed"]), "arms": " ".join(dict.fromkeys([*_needed(arm), "none"]))}
            )
    table = pd.DataFrame(rows).merge(gains, on=["dataset", "arm"], how="left")
    extra_minutes = table["extra"].where(table["extra"] > NOTICEABLE) / 60
    return table.assign(gain_per_minute=table["gain"] / extra_minutes)


def _needed(arm: str) -> list[str]:
    """Return an arm and the arms that it combines."""
    members = ARMS[arm].members if arm in ARMS else ()
    return [arm, *(name for member in members for name in _needed(member))]


def _whole_cost(runs: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return seconds and CPU seconds of an arm by cell, those of its members and of their fits included."""
    key = ["size", "seed"]
    needed = list(dict.fromkeys(_needed(arm)))
    part = runs[runs["arm"].isin(needed)]
    part = part[part.groupby(key)["arm"].transform("nunique") == len(needed)]
    generator = part["arm"].map(lambda name: ARMS[name].generator if name in ARMS else None)
    fits = part[generator.notna()].assign(generator=generator).drop_duplicates([*key, "generator"])
    return pd.DataFrame(
        {
            name: part.groupby(key)[name].sum().add(fits.groupby(key)[f"fit_{name}"].sum(), fill_value=0)
            for name in ("seconds", "cpu_seconds")
        }
    )


def value_of(table: pd.DataFrame, name: str, column: str = "value") -> float:
    """Return the value of a benchmark, or what it is compared with; NaN if it was not measured."""
    return float(table.set_index("name")[column].get(name, np.nan))


def overhead_of(table: pd.DataFrame) -> float:
    """Return the seconds that the runner was measured to add to a finished cell; 0 if they were not measured."""
    return float(np.nansum([value_of(table, f"overhead/{name}") for name in ("cell", "write")])) / 1000


def measured_text(table: pd.DataFrame) -> str:
    """Return where and when was measured, or that nothing was."""
    if table.empty:
        return (
            "Nothing was measured yet: `make bench` does it, in one to two hours, and writes `results/benchmarks.csv`."
        )
    machines = (table["cpu_model"] + ", " + table["cores"].astype(str) + " cores").unique()
    commits = table["commit"].str[:12].unique()
    dates = sorted(table["date"].unique())
    return (
        f"Measured on {named([*machines])}, {' to '.join(dict.fromkeys([dates[0], dates[-1]]))}, by the code at "
        f"{named([f'`{commit}`' for commit in commits])}."
        + ("" if len(commits) == 1 else " Parts were measured by different code.")
    )


def goals_text(table: pd.DataFrame) -> str:
    """Return how many goals were reached, and which were not."""
    found = {row.name: MEANINGS[row.name].reached(row) for row in table.itertuples(index=False) if row.name in MEANINGS}
    judged = {name: reached for name, reached in found.items() if reached is not None}
    missed = [name for name, reached in judged.items() if not reached]
    text = f"Of {len(judged)} goals measured, {len(judged) - len(missed)} were reached"
    return f"{text}; not reached: {named(missed)}." if missed else f"{text}."


def projection_caption(projected: pd.DataFrame, table: pd.DataFrame) -> str:
    """Return what more workers give, in words."""
    first, last = projected.iloc[0], projected.iloc[-1]
    half = projected.loc[projected["speed_up"] >= projected["workers"] / 2, "workers"].max()
    found = value_of(table, "grid/speed-up")
    n_workers = value_of(table, "grid/speed-up", "baseline")
    said = (
        "not measured yet" if np.isnan(found) else f"measured with {n_workers:.0f} workers on real cells: {found:.2f}"
    )
    overhead = overhead_of(table)
    short, long = value_of(table, INSIDE), projected.set_index("workers")["inside"].get(n_workers, np.nan)
    if not np.isnan(short + long):
        said += (
            f", with {short:.0f} % of their time inside cells in so short a run; over the whole study the projection, which leaves out the start of the workers, "
            f"gives {n_workers:.0f} workers {100 * long:.1f} %"
        )
    return (
        f"Times as fast as one worker, projected for all cells of the study: {first['hours']:.1f} hours with one worker, "
        f"{last['hours']:.2f} with {last['workers']:.0f}. Up to {half} workers, each does at least half of what one alone would. The longest "
        f"cell with its fit bounds the speed-up at {last['bound']:.0f}. "
        + (f"The runner's own time was measured as {1000 * overhead:.0f} ms per cell. " if overhead else "")
        + f"Speed-up {said}."
    )


def size_caption(table: pd.DataFrame, size: str) -> str:
    """Return how the cost of each arm grows with the rows or columns of a table, in words; `table` is that of `by_size`."""
    slopes = table.drop_duplicates("what").dropna(subset="exponent")
    grows = named([f"{_what(row.what)} {row.exponent:.2f}" for row in slopes.itertuples()])
    beyond = table[table["extrapolated"].notna()]
    said = named([f"{_what(what)} from {part[size].min():,} {size} on" for what, part in beyond.groupby("what")])
    shape = (
        "with ten numeric and ten categorical columns"
        if size == "rows"
        else "of 10,000 rows, half of whose columns are categorical,"
    )
    return (
        f"Seconds and peak memory of making the training set of a simulated table {shape} and 1 % minority, on one thread, each in "
        "a process of its own (so memory includes that of the libraries). Borderline SMOTE takes the numeric columns only. Arms that are not "
        "shown were not measured: they stand on one of these sets, on a fit that is shown here, or on a fit with other settings. "
        f"Fitted exponents, 1 for a time in proportion to the {size}: {grows}."
        + (
            f" Hollow points are extrapolated in proportion to the {size}, or along the exponent if it is larger, not measured: {said}."
            if said
            else ""
        )
    )


def _what(what: str) -> str:
    arm, *step = what.split()
    return " ".join([title(arm), *step])


def costs_text(table: pd.DataFrame) -> str:
    """Return which arm gains most per minute of CPU time on each data set, and what the generator's arm gains."""
    lines = []
    for name, part in table[table["arm"] != "oracle"].groupby("dataset", sort=False):
        paid = part.dropna(subset="gain_per_minute").set_index("arm")
        free = part[(part["extra"] <= NOTICEABLE) & (part["gain"] > 0)]
        if paid.empty:
            continue
        best = paid["gain_per_minute"].idxmax()
        text = f"- {datasets.get(name).title}: most per minute of extra CPU time by {title(best)} ({100 * paid.loc[best, 'gain_per_minute']:+.1f})"
        if "tabularargn" in paid.index:
            hybrid = paid.loc["tabularargn"]
            text += f"; {title('tabularargn')} {100 * hybrid['gain_per_minute']:+.1f}, for {100 * hybrid['gain']:+.1f} in {hybrid['extra']:.0f} CPU seconds"
        if not free.empty:
            text += f". For at most {NOTICEABLE:g} s more than the unbalanced set: {named([title(arm) for arm in free['arm']])}"
        lines.append(text)
    return (
        "Gain in average precision over the unbalanced set, in points, and its price:\n\n" + "\n".join(lines)
        if lines
        else ""
    )
