"""The command `upsampling`."""

import os
import secrets
import sys
from collections import Counter
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table as RichTable

from upsampling import paths, words
from upsampling.errors import SpecError, check_choice
from upsampling.own.command import report
from upsampling.study import audit as auditing
from upsampling.study import beyond, claims, datasets, experiment, plan, runner
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.classifiers import CLASSIFIERS
from upsampling.study.protocol import FRACTIONS, SEEDS, Cell, Grid
from upsampling.study.registry import skipped
from upsampling.study.store import Store
from upsampling.words import duration

app = typer.Typer(
    help="Say what to use on a rare class of your own table (report); compute, audit and render the study of arXiv 2507.16419.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

app.command()(report)

DatasetsOption = Annotated[list[str] | None, typer.Option("--dataset", help="Data set; repeat for several.")]
FractionsOption = Annotated[
    list[float] | None, typer.Option("--fraction", help="Minority share of the training set, 0.001 for 0.1 %; repeat.")
]
CountsOption = Annotated[
    list[int] | None, typer.Option("--count", help="Minority rows of the training set, instead of a share; repeat.")
]
SeedsOption = Annotated[list[int] | None, typer.Option("--seed", help="Seed; repeat for several.")]
ArmsOption = Annotated[
    list[str] | None,
    typer.Option("--arm", help=f"Arm: {', '.join(PAPER_ARMS)} are the paper's, a wrong name lists all; repeat."),
]
SizesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--size", help="Training rows as they stand in results: found, n50, n50f0.01, f0.001-u100-g0; repeat."
    ),
]
ClassifiersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--classifier",
        help=f"Classifier: {', '.join(CLASSIFIERS)} are the study's and the default, a wrong name lists all; repeat.",
    ),
]
TiersOption = Annotated[
    list[str] | None,
    typer.Option("--tier", help=f"Part of the plan, of {', '.join(tier.name for tier in plan.TIERS)}; repeat."),
]
SchedulerOption = Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="Local worker processes; default one per core.")]


def _tiers(tier, dataset, fraction, count, size, seed, arm, classifier) -> list[plan.Tier]:
    """Return what is asked for: parts of the plan, by default the whole; or cells chosen one by one, the first seeds first."""
    chosen = (dataset, fraction, count, size, seed, arm, classifier)
    if not any(chosen):
        known = {part.name: part for part in plan.TIERS}
        parts = [known[check_choice(name, known, "tier")].without_skipped() for name in tier or known]
        for reason in dict.fromkeys(reason for _, reasons in parts for reason in reasons):
            print(reason, file=sys.stderr)
        return [part for part, _ in parts]
    if tier:
        raise SpecError(
            "--tier names cells of the plan; the other options choose cells one by one: give one or the others."
        )
    fractions = fraction or (() if count or size else FRACTIONS)
    cells = []
    for name in dataset or SEEDS:
        seeds, arms = seed or SEEDS.get(name, range(3)), arm or PAPER_ARMS
        cells += Grid((name,), fractions, seeds, arms, count or ())
        cells += [Cell.of(name, text, number, arm_name) for text in size or () for number in seeds for arm_name in arms]
    cells.sort(key=lambda cell: cell.seed)
    return [plan.Tier("chosen", "", "may", tuple(cells), tuple(classifier or ()))]


@app.command()
def grid(
    tier: TiersOption = None,
    dataset: DatasetsOption = None,
    fraction: FractionsOption = None,
    count: CountsOption = None,
    size: SizesOption = None,
    seed: SeedsOption = None,
    arm: ArmsOption = None,
    classifier: ClassifiersOption = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    retry_failed: Annotated[bool, typer.Option(help="Compute failed cells again.")] = False,
) -> None:
    """Compute the cells that are missing. Run it again to go on after a stop.

    Without options it follows the plan of the study, tier by tier; `upsampling status` shows what that is and how long it takes.
    """
    store = Store()
    for part in _tiers(tier, dataset, fraction, count, size, seed, arm, classifier):
        summary = runner.run(
            part.cells,
            store,
            classifiers=part.classifiers,
            scheduler=scheduler,
            workers=workers,
            retry_failed=retry_failed,
        )
        print(
            f"{part.name}: computed {summary.computed}, failed {summary.failed}, done before {summary.already_done}; "
            f"see {store.folder}",
            flush=True,
        )


def _show(frame: pd.DataFrame) -> None:
    """Print a frame of texts; where nobody looks at a terminal, no line is cut."""
    table = RichTable(*frame.columns)
    for row in frame.itertuples(index=False):
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 240).print(table)


@app.command()
def collect() -> None:
    """Merge finished cells into the published tables, and judge the paper's claims by them."""
    store = Store()
    for name, rows in store.collect().items():
        print(f"{store.folder / name}.csv: {rows} rows")
    for judges in (claims, beyond):
        print(f"{judges.publish(store)}: the verdicts by these rows")


@app.command()
def status(
    tier: TiersOption = None,
    dataset: DatasetsOption = None,
    fraction: FractionsOption = None,
    count: CountsOption = None,
    size: SizesOption = None,
    seed: SeedsOption = None,
    arm: ArmsOption = None,
    classifier: ClassifiersOption = None,
) -> None:
    """Show what is done, missing and failed, and about how long the rest takes: per part of the plan, or per arm.

    A cell is one way of treating the imbalance on one training set, under all classifiers that are asked for; a fit is a training of the
    generator, which several cells share. Urgency says how much the book needs a part.
    """
    store, workers = Store(), os.cpu_count() or 1
    tiers = _tiers(tier, dataset, fraction, count, size, seed, arm, classifier)
    by_tier = not any((dataset, fraction, count, size, seed, arm, classifier))
    heads = ("tier", "urgency", "cells") if by_tier else ("data set", "size", "arm")
    table = RichTable(*heads, "done", "missing", "failed", "fits", "about")
    runs, total, sums = store.load("runs"), 0.0, Counter()
    for part in tiers:
        states = store.status(experiment.check(part.cells), part.classifiers)
        groups = {}
        for cell, state in states.items():
            label = (part.name, part.urgency, str(len(states))) if by_tier else (cell.dataset, cell.size, cell.arm)
            groups.setdefault(label, []).append((cell, state))
        for label, members in groups.items():
            counts = Counter(state for _, state in members)
            missing = [cell for cell, state in members if state == "missing"]
            seconds = runner.estimate(missing, runs, workers)
            numbers = (*(counts[state] for state in ("done", "missing", "failed")), len(runner.fits(missing)))
            table.add_row(*label, *map(str, numbers), _span(seconds) if missing else "")
            sums += counts
            total += seconds
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    print(
        f"{sums['done']} done, {sums['missing']} missing, {sums['failed']} failed; "
        f"the rest takes about {_span(total)} with {workers} workers"
    )


def _span(seconds: float) -> str:
    return "unknown, nothing like it was run yet" if pd.isna(seconds) else duration(seconds)


@app.command()
def run(
    dataset: Annotated[str, typer.Option(help=f"Data set, of {', '.join(datasets.DATASETS)}.")],
    fraction: Annotated[list[float], typer.Option(help="Minority share of the training set, 0.001 for 0.1 %; repeat.")],
    seed: Annotated[list[int], typer.Option(help="Seed; repeat for several.")],
    arm: ArmsOption = None,
) -> None:
    """Make a page for settings of your own, computing what is missing.

    The page goes to _build/runs in the repository, and what was computed to the folder of results (UPSAMPLING_RESULTS names another one).

    upsampling run --dataset demo --fraction 0.02 --seed 0 --arm none --arm naive
    """
    paths.repository()
    from upsampling.book import build as book

    parameters = {
        "dataset": dataset,
        "fractions": fraction,
        "seeds": seed,
        "arms": arm or list(PAPER_ARMS),
        "curve_fraction": fraction[0],
        "curve_seed": seed[0],
    }
    runner.refuse_impossible(experiment.check(Grid((dataset,), fraction, seed, parameters["arms"])))
    print(f"page: {book.run(dataset, parameters)}")


@app.command(name="book")
def make_book(force: Annotated[bool, typer.Option(help="Execute every notebook, changed or not.")] = False) -> None:
    """Execute the notebooks and render the book."""
    paths.repository()
    from upsampling.book import build as book

    print(f"book: {book.build(force=force)}")


@app.command(name="pdf")
def make_pdf() -> None:
    """Print the book that was built into one PDF, and the answer alone into another."""
    paths.repository()
    from upsampling.book import pdf

    for name, parts in (("book", pdf.pages()), ("answer", pdf.pages()[:1])):
        print(f"pdf: {pdf.print_book(paths.SITE, paths.BUILD / f'{name}.pdf', parts)}")


@app.command()
def audit(
    dataset: DatasetsOption = None,
    fraction: FractionsOption = None,
    count: CountsOption = None,
    size: SizesOption = None,
    seed: SeedsOption = None,
    arm: ArmsOption = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Draw so many of these cells at random.")] = None,
    audit_seed: Annotated[int | None, typer.Option(min=0, help="Seed of the draw; default a new one, shown.")] = None,
    budget: Annotated[str, typer.Option(help="Time that a draw may take, as 90s, 10min or 2h.")] = "10min",
    record: Annotated[bool, typer.Option(help="Add a row per cell to audit.csv in the results folder.")] = False,
    kept_fits: Annotated[bool, typer.Option(help="Take fitted generators from the cache if they are there.")] = False,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
) -> None:
    """Compute stored cells again from the data, and compare every number.

    The options choose among the stored cells; what is not given does not matter. For example

    upsampling audit --dataset adult --fraction 0.001 --seed 0 --arm smotenc

    checks one cell, and without --arm all arms on the same training rows. Chosen cells are shown number by number, drawn
    ones (--sample 10) with a line per cell and every number that does not match.

    Verdicts: 'same' (to 1e-9), 'within' (a generator on another machine or with other versions, and no further off than
    another seed of the study might be), 'new' (computed only since the cell was stored), 'mismatch'. Exit status: 0 if nothing mismatches, 1 if something does, 2 if what was
    asked is impossible.
    """
    if not any((dataset, fraction, count, size, seed, arm, sample)):
        raise SpecError(
            "say which cells (--dataset, --fraction, --count, --size, --seed, --arm), or draw some with --sample 10."
        )
    store, processes = Store(), workers or os.cpu_count() or 1
    if record:
        store.check_writable()
    for reason in auditing.SKIPPED.values():
        print(reason, file=sys.stderr)
    runs = auditing.stored_rows(store, "runs")
    chosen = auditing.select(runs, dataset=dataset, fraction=fraction, count=count, size=size, seed=seed, arm=arm)
    if sample:
        audit_seed = secrets.randbelow(2**31) if audit_seed is None else audit_seed
        chosen = auditing.sample(chosen, sample, audit_seed, words.seconds_of(budget), processes)
        print(f"drawn with --audit-seed {audit_seed}")
    expected = words.duration(auditing.cost(chosen, processes))
    print(f"cells to audit: {len(chosen)}, about {expected} with {processes} workers", flush=True)
    compared, cells = auditing.audit(chosen, store, kept_fits=kept_fits, scheduler=scheduler, workers=workers)
    if sample:
        _show(auditing.shown_cells(cells))
    shown = compared[compared["verdict"] == "mismatch"] if sample else compared
    if not shown.empty:
        _show(auditing.shown_numbers(shown))
    moved = auditing.moved_text(chosen, cells)
    if moved:
        print(f"not the same environment: {moved}")
    counts = compared["verdict"].value_counts()
    print(
        f"{len(cells)} cells, {len(compared)} numbers: "
        + ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in ("same", "within", "new", "mismatch"))
    )
    if record:
        print(f"recorded in {auditing.record(cells, store.folder)}")
    if counts.get("mismatch", 0):
        raise typer.Exit(1)


@app.command()
def data(dataset: DatasetsOption = None) -> None:
    """Find or download the data sets and check them."""
    reasons = {} if dataset else skipped(datasets.DATASETS, datasets.DATASETS, "data set")
    for name in dataset or datasets.DATASETS:
        if name in reasons:
            print(reasons[name])
            continue
        table = datasets.load(name)
        print(f"{name}: {len(table.y)} rows, {table.X.shape[1]} features, {100 * table.y.mean():.2f} % minority")


def main() -> None:
    """Run the command."""
    app()
