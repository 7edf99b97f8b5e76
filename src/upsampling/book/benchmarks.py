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
    at_least : bool
        Whether the goal is a lower bound; else it is an upper one.
    """

    text: str
    goal: float | None = None
    at_least: bool = True

    def reached(self, row) -> bool | None:
        """Return whether a row of `benchmarks.csv` reaches the goal; None if there is none."""
        if self.goal is None:
            return None
        return bool(row.value >= self.goal if self.at_least else row.value <= self.goal)


MEANINGS = {
    "fit/adult/whole, SDK": Meaning(
        "A fit through the Synthetic Data SDK, as its vendor publishes it, to its own end: median over seeds."
    ),
    "fit/adult/whole, packed": Meaning("The same in packed steps, which this book's rows stand on."),
    "fit/adult/whole, SDK over packed": Meaning("The ratio of the two, seed by seed.", 5.0),
    "grid/runner": Meaning("Cells of the paper's method per hour, one worker per core."),
    "grid/runner, one worker": Meaning("The same with one worker."),
    "grid/speed-up": Meaning("The ratio of the two; over the number of workers it is the ratio here."),
    "grid/cells": Meaning(
        "How many cells these are: one per seed, and how long a fit takes differs from seed to seed."
    ),
    "grid/time inside cells": Meaning(
        "Share of the cores' time that was spent computing cells. The start of the workers, and those that had nothing left to do "
        "at the end of so short a run, count against it.",
        95,
    ),
    "book/tests": Meaning("`make test` in a fresh clone.", 360, at_least=False),
    "book/fresh": Meaning("`make book` there, for the first time.", 360, at_least=False),
    "book/rebuild": Meaning("`make book` when nothing changed.", 10, at_least=False),
    "book/one page": Meaning("`make book` when one page has a sentence more.", 15, at_least=False),
    "site/weight": Meaning("All files of the built site.", 12, at_least=False),
    "site/files": Meaning("How many files these are."),
    "site/heaviest page": Meaning("HTML and pictures of the heaviest page.", 1.5, at_least=False),
    "site/most requests": Meaning("Files that a page asks for, at most."),
    "site/slowest first paint": Meaning("Until something is seen, on the slowest page.", 2, at_least=False),
}
# What `fit/TABLE/...` holds of every table.
FIT_PARTS = {
    "engine_pass": "pass, engine",
    "packed_pass": "pass, packed",
    "products": "pass, products",
    "engine_once": "once, engine",
    "packed_once": "once, packed",
    "times": "engine over packed",
    "of_products": "packed over products",
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
            "Goal": [
                "-" if m.goal is None else f"{'at least' if m.at_least else 'at most'} {m.goal:g}" for m in meanings
            ],
            "Reached": [{True: "✓ yes", False: "✗ no", None: "-"}[goal] for goal in reached],
            "What it is": [meaning.text for meaning in meanings],
            "Measured": known["date"],
        }
    )


def fits(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a fit costs, a row per table of the paper: the columns are those of `FIT_PARTS`, in seconds or as ratios."""
    names = table["name"].str.extract(r"^fit/(?P<dataset>[^/]+)/(?P<part>.+)$")
    wide = table.assign(**names).dropna(subset="part").pivot(index="dataset", columns="part", values="value")
    return wide.reindex(columns=FIT_PARTS.values()).set_axis(FIT_PARTS, axis=1).dropna(how="all").reset_index()


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
        return "Nothing was measured yet: `make bench` does it, in about an hour, and writes `results/benchmarks.csv`."
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
