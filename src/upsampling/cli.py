"""The command `upsampling`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table as RichTable

from upsampling import datasets, experiment, runner
from upsampling.errors import SpecError, UpsamplingError
from upsampling.protocol import FRACTIONS, SEEDS, Cell, Grid
from upsampling.samplers import ARMS, PAPER_ARMS
from upsampling.store import Store

app = typer.Typer(
    help="Compute, rerun and render the study of arXiv 2507.16419.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

DatasetsOption = Annotated[list[str] | None, typer.Option("--dataset", help="Data set; repeat for several.")]
FractionsOption = Annotated[
    list[float] | None, typer.Option("--fraction", help="Minority share of the training set, 0.001 for 0.1 %; repeat.")
]
SeedsOption = Annotated[list[int] | None, typer.Option("--seed", help="Seed; repeat for several.")]
ArmsOption = Annotated[list[str] | None, typer.Option("--arm", help=f"Arm, of {', '.join(ARMS)}; repeat.")]


def _cells(dataset, fraction, seed, arm) -> list[Cell]:
    """Return the cells asked for, by default the whole study, the first seeds of every data set first."""
    cells = [
        cell
        for name in dataset or SEEDS
        for cell in Grid((name,), fraction or FRACTIONS, seed or SEEDS.get(name, range(3)), arm or PAPER_ARMS)
    ]
    return sorted(cells, key=lambda cell: cell.seed)


@app.command()
def grid(
    dataset: DatasetsOption = None,
    fraction: FractionsOption = None,
    seed: SeedsOption = None,
    arm: ArmsOption = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Local worker processes; default one per core.")] = None,
    retry_failed: Annotated[bool, typer.Option(help="Compute failed cells again.")] = False,
) -> None:
    """Compute the cells that are missing. Run it again to go on after a stop."""
    store = Store()
    summary = runner.run(
        _cells(dataset, fraction, seed, arm), store, scheduler=scheduler, workers=workers, retry_failed=retry_failed
    )
    print(
        f"computed {summary.computed}, failed {summary.failed}, done before {summary.already_done}; see {store.folder}"
    )


@app.command()
def collect() -> None:
    """Merge finished cells into the published tables."""
    store = Store()
    for name, rows in store.collect().items():
        print(f"{store.folder / name}.csv: {rows} rows")


@app.command()
def status(
    dataset: DatasetsOption = None, fraction: FractionsOption = None, seed: SeedsOption = None, arm: ArmsOption = None
) -> None:
    """Show what is done, missing and failed, and about how long the rest takes."""
    store = Store()
    states = store.status(experiment.check(_cells(dataset, fraction, seed, arm)))
    frame = pd.DataFrame(
        [(cell.dataset, cell.size, cell.arm, state) for cell, state in states.items()],
        columns=["data set", "size", "arm", "state"],
    )
    table = RichTable()
    for column in ("data set", "size", "arm", "done", "missing", "failed"):
        table.add_column(column)
    for key, part in frame.groupby(["data set", "size", "arm"], sort=False)["state"]:
        counts = part.value_counts()
        table.add_row(*key, *(str(counts.get(state, 0)) for state in ("done", "missing", "failed")))
    Console().print(table)
    counts = frame["state"].value_counts()
    missing = [cell for cell, state in states.items() if state == "missing"]
    workers = os.cpu_count() or 1
    seconds = runner.estimate(missing, store.load("runs"), workers)
    rest = "unknown, nothing like it was run yet" if pd.isna(seconds) else runner.duration(seconds)
    print(
        f"{counts.get('done', 0)} done, {counts.get('missing', 0)} missing, {counts.get('failed', 0)} failed; "
        f"the rest takes about {rest} with {workers} workers"
    )


@app.command()
def run(
    dataset: Annotated[str, typer.Option(help=f"Data set, of {', '.join(datasets.DATASETS)}.")],
    fraction: Annotated[list[float], typer.Option(help="Minority share of the training set, 0.001 for 0.1 %; repeat.")],
    seed: Annotated[list[int], typer.Option(help="Seed; repeat for several.")],
    arm: ArmsOption = None,
) -> None:
    """Make a page for settings of your own, computing what is missing."""
    from upsampling import book

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


@app.command()
def report(
    source: Annotated[
        str, typer.Argument(help="A CSV, CSV.gz or Parquet file, openml:ID, or demo to try it without a file.")
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    positive: Annotated[
        str | None, typer.Option(help="Label of the class of interest. Default: the rarer of two.")
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option("--arms", help="What to compare, with commas. Default: class_weight and the paper's four."),
    ] = None,
    fraction: Annotated[
        list[str] | None,
        typer.Option(
            "--fractions", help="Minority shares of the training rows, with commas. Default: the table's own."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many seeds; each is another split and fit.")] = 3,
    budget: Annotated[
        str | None,
        typer.Option(help="Time it may take, 10min or 2h: seeds, then fractions, then arms are dropped for it."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the report. Default: NAME-report in this folder.")
    ] = None,
    numeric: Annotated[list[str] | None, typer.Option(help="Column to take as numbers; repeat.")] = None,
    categorical: Annotated[list[str] | None, typer.Option(help="Column to take as categories; repeat.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Column to leave out; repeat. '*' leaves out all that are not named.")
    ] = None,
    roles: Annotated[
        Path | None, typer.Option(help="YAML file with any of target, positive, numeric, categorical, drop, decimal.")
    ] = None,
    decimal: Annotated[str, typer.Option(help="Decimal sign of the file's numbers.")] = ".",
    max_rows: Annotated[int | None, typer.Option(help="Most rows that the generator learns from.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Local worker processes; default one per core.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Check the table, estimate the time, and stop.")] = False,
) -> None:
    """Will upsampling help on a table of your own? Compare, and write one HTML file.

    The table is checked first: what cannot work is refused with a remedy, and what each column was taken for is said. Then
    class weights, naive oversampling, SMOTE-NC and the generator are compared as in the study, on rows that no arm has seen.
    The report says which one to use, how sure that is, and gives the lines of code. A stopped report goes on with the same
    command. Nothing leaves this machine; the folder holds a copy of the table, report.html holds no rows of it.

    upsampling report demo

    upsampling report customers.csv --target churn --positive yes --budget 10min

    upsampling report openml:31 --target class --positive bad --seeds 5
    """
    from upsampling import report as reports
    from upsampling import userdata

    said = userdata.Settings(
        target, positive, tuple(numeric or ()), tuple(categorical or ()), tuple(drop or ()), decimal
    )
    settings = said.over(userdata.Settings.from_file(roles)) if roles else said
    described = userdata.read(source, settings, generator_rows=max_rows)
    reports.make(
        described,
        output or Path(f"{described.dataset.name}-report"),
        arms=_parts(arm) or reports.DEFAULT_ARMS,
        fractions=[_number(text) for text in _parts(fraction)],
        seeds=seeds,
        budget=None if budget is None else reports.duration(budget),
        workers=workers,
        estimate_only=estimate,
        say=lambda line: print(line, flush=True),
    )


def _parts(texts: list[str] | None) -> list[str]:
    return [part.strip() for text in texts or () for part in text.split(",") if part.strip()]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SpecError(f"a fraction is a number such as 0.01, got '{text}'.") from None


@app.command(name="book")
def make_book(force: Annotated[bool, typer.Option(help="Execute every notebook, changed or not.")] = False) -> None:
    """Execute the notebooks and render the book."""
    from upsampling import book

    print(f"book: {book.build(force=force)}")


@app.command()
def data() -> None:
    """Find or download the data sets and check them."""
    for name in datasets.DATASETS:
        table = datasets.load(name)
        print(f"{name}: {len(table.y)} rows, {table.X.shape[1]} features, {100 * table.y.mean():.2f} % minority")


def main() -> None:
    """Run the command; a mistake that the user can mend ends in one message and exit status 2."""
    try:
        app()
    except UpsamplingError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
