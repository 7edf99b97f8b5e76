"""Audit: compute cells again from the data, and hold every number against the stored one.

Counts, metrics and diagnostics are compared, and scores and marginals where they are published; seconds, memory and time
stamps are not. A cell without a generator must come out the same to `EXACT`. So must one with a generator on the same
machine and versions; elsewhere its numbers may differ as much as those of two seeds of the study: see `tolerance`. So may
those of logistic regression, whose solver stops near the optimum: how near depends on the last digits of the linear
algebra, and these on the processor.
"""

import tempfile
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from upsampling.errors import SpecError, check_choice
from upsampling.study import datasets, ledger, runner, schemas
from upsampling.study.arms import ARMS, uses_generator
from upsampling.study.classifiers import ALL
from upsampling.study.protocol import Cell
from upsampling.study.registry import skipped
from upsampling.study.store import KEY, Store

IDENTITY = ["dataset", "size", "seed", "arm"]
NUMBER = [*IDENTITY, "table", "name", "measure"]
# Published numbers have 12 significant digits.
EXACT = 1e-9
COUNTS = "n_minority n_majority n_holdout n_holdout_minority n_discarded n_features n_trained n_added".split()
# What must agree for a generator to give the same rows to the bit.
MACHINE = ["versions", "python", "platform", "cpu_model"]
# Classifiers whose numbers depend on the machine under every arm.
SENSITIVE = ("logistic_regression",)
# How rarely two sound fits may differ by more than the tolerance, and the degrees of freedom that a spread needs.
ALPHA = 1e-4
MIN_FREEDOM = 6
# Where no spread is known. Published runs of the generator's own tutorial differ by up to 0.17 in AUC-ROC.
FALLBACK = 0.2
# Classifiers that cannot be trained here, and why; their numbers are not compared.
SKIPPED = skipped(ALL, ALL, "classifier")
COLUMNS = schemas.columns("audit")


def select(
    runs: pd.DataFrame,
    *,
    dataset: Collection[str] | None = None,
    fraction: Collection[float] | None = None,
    count: Collection[int] | None = None,
    size: Collection[str] | None = None,
    seed: Collection[int] | None = None,
    arm: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return the rows of `runs.csv` that fit; what is not given does not matter.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    dataset, fraction, count, size, seed, arm : collection, optional
        Values that count. A fraction or a count is a size too.

    Raises
    ------
    SpecError
        A value is impossible, or no stored cell has it beside the other ones.
    """
    for names, known, what in ((dataset, datasets.DATASETS, "data set"), (arm, ARMS, "arm")):
        for name in names or ():
            check_choice(name, known, what)
    for value in seed or ():
        Cell("any", None, 1, value, "any")
    sizes = [Cell("any", value, None, 0, "any").size for value in fraction or ()]
    sizes += [Cell("any", None, value, 0, "any").size for value in count or ()]
    sizes += [Cell.of("any", name, 0, "any").size for name in size or ()]
    for column, wanted in {"dataset": dataset, "size": sizes, "seed": seed, "arm": arm}.items():
        if not wanted:
            continue
        stored = runs[column].unique()
        lacking = [value for value in dict.fromkeys(wanted) if value not in stored]
        if lacking:
            raise SpecError(
                f"no stored cell of what was asked has {column} {lacking[0]}, so there is nothing to compare with; "
                f"stored: {', '.join(map(str, stored)) or 'nothing'}."
            )
        runs = runs[runs[column].isin(list(wanted))]
    return runs


def cell_of(row) -> Cell:
    """Return the cell that a row of results belongs to."""
    return Cell.of(row.dataset, row.size, row.seed, row.arm)


def cost(runs: pd.DataFrame, workers: int) -> float:
    """Return about how many seconds some cells take again on some workers, from what they took; fits count once."""
    fits = runs.drop_duplicates(["dataset", "size", "seed", "fit_seconds"])["fit_seconds"].fillna(0.0)
    seconds = runs["seconds"].fillna(0.0)
    longest = (seconds + runs["fit_seconds"].fillna(0.0)).max() if len(runs) else 0.0
    return max((seconds.sum() + fits.sum()) / workers, longest)


def sample(runs: pd.DataFrame, n: int, seed: int, budget: float, workers: int) -> pd.DataFrame:
    """Draw cells at random, passing over those that would break the time budget.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`, from which it is drawn; arms that cannot be computed here are passed over too.
    n : int
        Cells to draw at most.
    seed : int
        Decides the draw.
    budget : float
        Seconds.
    workers : int
        Workers that share the work.

    Raises
    ------
    SpecError
        No cell fits into the budget.
    """
    runs = runs[~runs["arm"].isin(skipped(ARMS, ARMS, "arm"))]
    drawn: list[int] = []
    for position in np.random.RandomState(seed).permutation(len(runs)):
        if len(drawn) < n and cost(runs.iloc[[*drawn, position]], workers) <= budget:
            drawn.append(position)
    if not drawn:
        cheapest = min(cost(runs.iloc[[position]], workers) for position in range(len(runs)))
        raise SpecError(f"no cell fits into {budget:.0f} s; the cheapest of {len(runs)} takes {cheapest:.0f} s.")
    return runs.iloc[sorted(drawn)]


def stored_rows(store: Store, name: str) -> pd.DataFrame:
    """Return the published rows of a table, and those of local cells that are not published."""
    published, rows = store.published(name), store.load(name)
    known = pd.MultiIndex.from_frame(published[IDENTITY])
    local = rows[~pd.MultiIndex.from_frame(rows[IDENTITY]).isin(known)]
    return pd.concat([table for table in (published, local) if not table.empty] or [rows], ignore_index=True)


def numbers(runs: pd.DataFrame, metrics: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return all numbers of some cells that do not depend on the time: a row per cell, table, name and measure.

    Parameters
    ----------
    runs, metrics, diagnostics : DataFrame
        Rows of results.

    Returns
    -------
    DataFrame
        Columns `dataset`, `size`, `seed`, `arm`, `table`, `name` (classifier or feature), `measure` and `value`.
    """
    counts = runs.assign(done=runs["status"] == "done", table="runs", name="")
    scores = metrics.rename(columns={"classifier": "name"}).assign(table="metrics")
    keys = (*KEY, "name", "table", "training_seconds")
    measures = [name for name in scores if name not in keys and pd.api.types.is_numeric_dtype(scores[name])]
    tables = [
        counts.melt([*IDENTITY, "table", "name"], ["done", *COUNTS], "measure"),
        _known(scores.melt([*IDENTITY, "table", "name"], measures, "measure")),
        # some arms are not diagnosed, and a table of them alone has no column of values
        diagnostics.rename(columns={"feature": "name"}).assign(table="diagnostics").reindex(columns=[*NUMBER, "value"]),
    ]
    return pd.concat([table.astype({"value": float}) for table in tables], ignore_index=True)


def _known(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers without gaps in columns that are younger than some rows."""
    younger = numbers["measure"].str.match("precision_at|recall_at|cost_")
    return numbers[~(younger & numbers["value"].isna())]


def _frames(stored: Store, again: Store, cells: Iterable[Cell]) -> pd.DataFrame:
    """Return where the published scores and marginals of some cells differ most: a row per cell and column of numbers."""
    rows = []
    for cell in cells:
        for kind in ("scores", "marginals"):
            before, after = stored.published_frame(cell, kind), getattr(again, kind)(cell)
            if before is None:
                continue
            for column in before.drop(columns=[*SKIPPED], errors="ignore").select_dtypes("number"):
                old = before[column].to_numpy(float)
                new = after[column].to_numpy(float) if after is not None and column in after else np.array([])
                if old.shape == new.shape:
                    worst = np.argmax(np.nan_to_num(np.abs(new - old), nan=np.inf))
                    rows.append((*_identity(cell), kind, column, "largest difference", old[worst], new[worst]))
                else:
                    rows.append((*_identity(cell), kind, column, "rows", float(len(old)), float(len(new))))
    return pd.DataFrame(rows, columns=[*NUMBER, "stored", "recomputed"])


def _identity(cell: Cell) -> tuple:
    return cell.dataset, cell.size, cell.seed, cell.arm


def _depends_on_machine(arm: str, name: str) -> bool:
    """Return whether a number of an arm, by the name of its classifier or feature, may differ on another machine."""
    return uses_generator(arm) or name in SENSITIVE


def tolerance(rows: pd.DataFrame, number: pd.Series) -> tuple[float, str]:
    """Return how far a number that depends on the machine may lie from the stored one on another machine or with other versions.

    Two fits to the same rows under different generator seeds are both sound. If their numbers spread by `s`, two of them
    lie further apart than ``t * sqrt(2) * s`` in one of 10,000 cases, with ``t`` Student's quantile for the degrees of
    freedom behind `s`. The spread is that over the seeds of the study, which also holds the spread of splits and rows,
    and so is an upper bound. The same data set and size is asked first, then the data set, then all.

    Parameters
    ----------
    rows : DataFrame
        All stored numbers, as `numbers` returns them.
    number : Series
        The number in question: a row of the same form.

    Returns
    -------
    value : float
        The tolerance.
    source : str
        Where it comes from.
    """
    alike = ["table", "name", "measure", "arm"]
    rows = rows[(rows[alike] == number[alike]).all(axis=1)].dropna(subset="value")
    for scope in (["dataset", "size"], ["dataset"], []):
        near = rows[(rows[scope] == number[scope]).all(axis=1)]
        groups = near.groupby(["dataset", "size"])["value"]
        freedom = len(near) - groups.ngroups
        if freedom >= MIN_FREEDOM:
            spread = np.sqrt(((near["value"] - groups.transform("mean")) ** 2).sum() / freedom)
            value = float(t.ppf(1 - ALPHA / 2, freedom) * np.sqrt(2) * spread)
            return value, f"study seeds, {' and '.join(scope) or 'all'}, {freedom} degrees of freedom"
    return FALLBACK, "fallback"


def compare(
    stored: pd.DataFrame, again: pd.DataFrame, elsewhere: Collection[tuple], known: pd.DataFrame
) -> pd.DataFrame:
    """Hold numbers against each other.

    Parameters
    ----------
    stored, again : DataFrame
        Numbers as `numbers` returns them.
    elsewhere : collection of tuple
        Identities of cells that were stored by another machine or with other versions.
    known : DataFrame
        All stored numbers, from which a tolerance is derived.

    Returns
    -------
    DataFrame
        A row per number: its columns, `stored`, `recomputed`, `difference`, `tolerance`, `tolerance_from` and `verdict`:
        ``same``, ``within`` (the tolerance) or ``mismatch``.
    """
    table = stored.merge(again, on=NUMBER, how="outer", suffixes=("_stored", "_again"), indicator="found")
    table = table.rename(columns={"value_stored": "stored", "value_again": "recomputed"})
    table["difference"] = table["recomputed"] - table["stored"]
    exact = EXACT * table["stored"].abs().clip(lower=1.0)
    both_missing = table["stored"].isna() & table["recomputed"].isna() & (table["found"] == "both")
    same = (table["difference"].abs() <= exact) | both_missing
    bounds = []
    for same_here, (_, number), bound in zip(same, table.iterrows(), exact, strict=True):
        loose = tuple(number[IDENTITY]) in elsewhere and number["table"] in ("metrics", "diagnostics")
        loose = loose and _depends_on_machine(number["arm"], number["name"])
        value, source = tolerance(known, number) if loose and not same_here else (0.0, "exact")
        bounds.append((max(value, bound if pd.notna(bound) else EXACT), source))
    table[["tolerance", "tolerance_from"]] = bounds
    within = table["difference"].abs().astype(float) <= table["tolerance"].astype(float)
    table["verdict"] = np.select([same, within], ["same", "within"], "mismatch")
    return table.drop(columns="found").sort_values(NUMBER, ignore_index=True)


def audit(
    chosen: pd.DataFrame,
    store: Store,
    *,
    kept_fits: bool = False,
    scheduler: str | None = None,
    workers: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute cells again and compare.

    Parameters
    ----------
    chosen : DataFrame
        Rows of `runs.csv`: the cells.
    store : Store
        The results in question.
    kept_fits : bool, default=False
        Whether generators may come from the cache instead of being fitted again.
    scheduler, workers
        As for `runner.run`.

    Returns
    -------
    compared : DataFrame
        A row per number: see `compare`. The verdict on numbers that are computed only since the cell was stored is ``new``.
    cells : DataFrame
        A row per cell: see `COLUMNS` and `results/README.md`.
    """
    cells = [cell_of(row) for row in chosen.itertuples()]
    rows = {name: stored_rows(store, name) for name in ("runs", "metrics", "diagnostics")}
    rows["metrics"] = rows["metrics"][~rows["metrics"]["classifier"].isin(SKIPPED)]
    known = numbers(**rows)
    with tempfile.TemporaryDirectory(prefix="upsampling-audit-") as scratch:
        again = Store(Path(scratch))
        for names, same in _by_classifiers(cells, rows["metrics"]).items():
            runner.run(same, again, classifiers=names, keep_fits=kept_fits, scheduler=scheduler, workers=workers)
        runs = again.load("runs").set_index(IDENTITY)
        fresh = numbers(runs.reset_index(), again.load("metrics"), again.load("diagnostics"))
        before = chosen.set_index(IDENTITY)
        moved = {key for key in before.index if _moved(before.loc[key], runs.loc[key])}
        frames = _frames(store, again, cells)
        comparable = [
            key not in moved or not _depends_on_machine(key[-1], name)
            for key, name in zip(frames[IDENTITY].itertuples(index=False, name=None), frames["name"], strict=True)
        ]
        frames = frames[comparable]
    wanted = known[pd.MultiIndex.from_frame(known[IDENTITY]).isin(before.index)]
    if not frames.empty:
        wanted = pd.concat([wanted, frames[NUMBER].assign(value=frames["stored"])], ignore_index=True)
        fresh = pd.concat([fresh, frames[NUMBER].assign(value=frames["recomputed"])], ignore_index=True)
    compared = compare(wanted, fresh, moved, known)
    compared.loc[_added_since(compared, known, rows["runs"]), "verdict"] = "new"
    return compared, _by_cell(compared, before, runs)


def _moved(before: pd.Series, now: pd.Series) -> bool:
    """Return whether a cell was computed again elsewhere, or with another version of a package that both rows name."""
    then, here = (dict(pin.split("==", 1) for pin in row["versions"].split()) for row in (before, now))
    others = any(then[name] != here[name] for name in then.keys() & here.keys())
    return others or any(before[name] != now[name] for name in MACHINE if name != "versions")


def _by_classifiers(cells: Sequence[Cell], metrics: pd.DataFrame) -> dict[tuple[str, ...], list[Cell]]:
    """Return cells by the classifiers that are stored of them; none where nothing that can be asked for is."""
    trained = metrics[metrics["classifier"].isin(ALL)].groupby(IDENTITY)["classifier"].agg(lambda names: (*names,))
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        groups.setdefault(trained.get(_identity(cell), ()), []).append(cell)
    return groups


def _added_since(compared: pd.DataFrame, known: pd.DataFrame, runs: pd.DataFrame) -> pd.Series:
    """Tell which numbers are not stored because the code that stored the cell did not have them yet.

    They are those that no stored cell of the same commit, data set and arm has; else the number was lost.
    """
    origin = ["commit", "dataset", "arm", "table", "name", "measure"]
    commits = runs.set_index(IDENTITY)["commit"]
    stored, asked = (t.merge(commits, left_on=IDENTITY, right_index=True, how="left") for t in (known, compared))
    had = pd.MultiIndex.from_frame(asked[origin]).isin(pd.MultiIndex.from_frame(stored[origin]))
    return asked["stored"].isna() & ~had & (asked["verdict"] == "mismatch")


def _by_cell(compared: pd.DataFrame, before: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Sum up each cell in a row: its verdict, and the number that lies furthest off, measured by its tolerance."""
    rows, now = [], datetime.now(UTC).isoformat(timespec="seconds")
    for key, part in compared[compared["verdict"] != "new"].groupby(IDENTITY, sort=True):
        unknown = np.where(part["verdict"] == "mismatch", np.inf, 0.0)
        far = (part["difference"].abs() / part["tolerance"]).astype(float).where(part["difference"].notna(), unknown)
        worst, run = part.loc[far.idxmax()], runs.loc[key]
        counts = part["verdict"].value_counts()
        rows.append(
            dict(zip(IDENTITY, key, strict=True))
            | {
                "audited_at": now,
                "verdict": next(v for v in ("mismatch", "within", "same") if v in counts),
                "numbers": len(part),
                "mismatches": counts.get("mismatch", 0),
                "number": named(part).loc[far.idxmax()],
                **worst[["stored", "recomputed", "difference", "tolerance", "tolerance_from"]],
                "stored_commit": before.loc[key, "commit"],
                "seconds": np.nansum([run["seconds"], run["fit_seconds"]]),
                **run[[c for c in COLUMNS if c in runs and c != "seconds"]],
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def load(folder: Path) -> pd.DataFrame:
    """Return the rows of `audit.csv` in a results folder, the oldest audit first; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read or is not what its schema says.
    """
    return ledger.read(folder, "audit")


def record(cells: pd.DataFrame, folder: Path) -> Path:
    """Add rows of audited cells to `audit.csv` in a results folder; return its path."""

    def added() -> pd.DataFrame:
        table = pd.concat([part for part in (load(folder), cells) if not part.empty], ignore_index=True)
        return table.sort_values(["audited_at", *IDENTITY], ignore_index=True)

    return ledger.update(folder, "audit", added)


def latest(audits: pd.DataFrame, identities: Iterable[tuple]) -> pd.DataFrame:
    """Return the last audit of each cell, of those cells that were audited."""
    rows = audits[pd.MultiIndex.from_frame(audits[IDENTITY]).isin(list(identities))]
    return rows.sort_values("audited_at").drop_duplicates(IDENTITY, keep="last")


def moved_text(before: pd.DataFrame, cells: pd.DataFrame) -> str:
    """Return what differs between where cells were stored and where they were audited, in words; empty if nothing does."""
    parts = []
    for name in MACHINE:
        old, new = (set(table[name]) for table in (before, cells))
        if name == "versions":
            old, new = (set(" ".join(values).split()) for values in (old, new))
            # a package that only one side names decides nothing that the other one has
            shared = {pin.partition("==")[0] for pin in old} & {pin.partition("==")[0] for pin in new}
            old, new = ({pin for pin in pins if pin.partition("==")[0] in shared} for pins in (old, new))
        sides = [
            f"{', '.join(sorted(side))} {when}" for side, when in ((old - new, "then"), (new - old, "now")) if side
        ]
        if sides:
            parts.append(f"{name} {', '.join(sides)}")
    return "; ".join(parts)


def shown_numbers(compared: pd.DataFrame) -> pd.DataFrame:
    """Return compared numbers as texts."""
    return pd.DataFrame(
        {
            "cell": paths_of(compared),
            "number": named(compared),
            "stored": compared["stored"].map("{:.10g}".format),
            "recomputed": compared["recomputed"].map("{:.10g}".format),
            "difference": compared["difference"].map("{:.1e}".format),
            "tolerance": compared["tolerance"].map("{:.1e}".format),
            "from": compared["tolerance_from"],
            "verdict": compared["verdict"],
        }
    )


def shown_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Return audited cells as texts."""
    return pd.DataFrame(
        {
            "cell": paths_of(cells),
            "numbers": cells["numbers"].astype(str),
            "furthest off": cells["number"],
            "difference": cells["difference"].map("{:.1e}".format),
            "tolerance": cells["tolerance"].map("{:.1e}".format),
            "seconds": cells["seconds"].map("{:.0f}".format),
            "verdict": cells["verdict"],
        }
    )


def paths_of(rows: pd.DataFrame) -> list[str]:
    """Return the path of each row's cell."""
    return [cell_of(row).path for row in rows.itertuples()]


def named(compared: pd.DataFrame) -> pd.Series:
    """Return each number's table, classifier or feature, and measure as one text."""
    joined = compared["table"] + " " + compared["name"] + " " + compared["measure"]
    return joined.astype("str").str.replace("  ", " ")
