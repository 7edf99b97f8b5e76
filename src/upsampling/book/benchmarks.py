"""What was measured of speed: the rows of ``results/benchmarks.csv``, which `make bench` writes, and what they mean."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from upsampling.errors import StoreError
from upsampling.study import ledger, schemas
from upsampling.study.arms import title
from upsampling.words import named

COLUMNS = schemas.columns("benchmarks")


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
        value = getattr(row, self.column)
        return bool(value >= self.goal if self.at_least else value <= self.goal)


MEANINGS = {
    "grid/plain loop": Meaning(
        "Cells per hour of a plain loop over the Synthetic Data SDK with its default threads, one cell after another."
    ),
    "grid/runner": Meaning(
        "Cells per hour of the runner on the same cells, one worker per core; its ratio to the plain loop is to be 2.9.",
        2.9,
        "ratio",
    ),
    "grid/runner, preset fast": Meaning(
        "The same with the generator's preset `fast`, whose fits are other draws from the same law: its ratio to the plain loop is to be 2.9.",
        2.9,
        "ratio",
    ),
    "grid/runner, one worker": Meaning("The runner with the generator's defaults and one worker."),
    "grid/speed-up": Meaning("Cells per hour with all workers over those with one; the ratio is per worker."),
    "grid/cells": Meaning(
        "How many cells these are: one per seed, and how long a fit takes differs from seed to seed."
    ),
    "grid/time inside cells": Meaning(
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
    "grid/average precision, preset fast": Meaning(
        "The same with the generator's preset `fast`; its columns are drawn in another order, too."
    ),
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


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the benchmarks that have a meaning of their own, beside their goals.

    Parameters
    ----------
    table : DataFrame
        Rows of `benchmarks.csv`.
    """
    known = table[table["name"].isin(MEANINGS)]
    meanings = [MEANINGS[name] for name in known["name"]]
    reached = [meaning.reached(row) for meaning, row in zip(meanings, known.itertuples(), strict=True)]
    return pd.DataFrame(
        {
            "Name": known["name"],
            "Value": [
                f"{row.value:.3g} {row.unit}".strip() for row in known[["value", "unit"]].fillna("").itertuples()
            ],
            "Ratio": ["-" if pd.isna(ratio) else f"{ratio:.2f}" for ratio in known["ratio"]],
            "Goal": [
                "-" if m.goal is None else f"{m.column} {'at least' if m.at_least else 'at most'} {m.goal:g}"
                for m in meanings
            ],
            "Reached": [{True: "✓ yes", False: "✗ no", None: "-"}[goal] for goal in reached],
            "What it is": [meaning.text for meaning in meanings],
            "Measured": known["date"],
        }
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
    goals = {row.name: MEANINGS[row.name].reached(row) for row in table.itertuples(index=False) if row.name in MEANINGS}
    judged = {name: reached for name, reached in goals.items() if reached is not None}
    missed = [name for name, reached in judged.items() if not reached]
    text = f"Of {len(judged)} goals measured, {len(judged) - len(missed)} were reached"
    return f"{text}; not reached: {named(missed)}." if missed else f"{text}."


def size_caption(table: pd.DataFrame, size: str) -> str:
    """Return how the cost of each arm grows with the rows or columns of a table, in words; `table` is that of `by_size`."""
    slopes = table.drop_duplicates("what").dropna(subset="exponent")
    grows = named([f"{_label(row.what)} {row.exponent:.2f}" for row in slopes.itertuples()])
    beyond = table[table["extrapolated"].notna()]
    extrapolated = named(
        [f"{_label(what)} from {part[size].min():,} {size} on" for what, part in beyond.groupby("what")]
    )
    shape = (
        "with ten numeric and ten categorical columns"
        if size == "rows"
        else "of 10,000 rows, half of whose columns are categorical,"
    )
    return (
        f"Seconds and peak memory of making the training set of a simulated table {shape} and 1 % minority, on one thread, each in "
        "a process of its own (so memory includes that of the libraries). Arms that are not "
        "shown were not measured: they stand on one of these sets, on a fit that is shown here, or on a fit with other settings. "
        f"Fitted exponents, 1 for a time in proportion to the {size}: {grows}."
        + (
            f" Hollow points are extrapolated in proportion to the {size}, or along the exponent if it is larger, not measured: {extrapolated}."
            if extrapolated
            else ""
        )
    )


def _label(name: str) -> str:
    arm, *step = name.split()
    return " ".join([title(arm), *step])
