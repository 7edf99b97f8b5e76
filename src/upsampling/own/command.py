"""The command `upsampling report`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from upsampling.errors import SpecError
from upsampling.words import seconds_of


def report(
    source: Annotated[
        str, typer.Argument(help="A CSV, CSV.gz or Parquet file, openml:ID, or demo to try it without a file.")
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    positive: Annotated[
        str | None,
        typer.Option(help="Label of the class of interest, all others taken together. Default: the rarer of two."),
    ] = None,
    budget: Annotated[str, typer.Option(help="Time that all of it may take, as 90s, 6min or 2h.")] = "6min",
    cost_miss: Annotated[float | None, typer.Option(help="What it costs to miss one; needs --cost-alarm.")] = None,
    cost_alarm: Annotated[float | None, typer.Option(help="What a false alarm costs; needs --cost-miss.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the report. Default: NAME-report in this folder.")
    ] = None,
    numeric: Annotated[list[str] | None, typer.Option(help="Column to take as numbers; repeat.")] = None,
    categorical: Annotated[list[str] | None, typer.Option(help="Column to take as categories; repeat.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Column to leave out; repeat. '*' leaves out all that are not named.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="Decimal sign of numbers, . or , - by default what the values suggest.")
    ] = None,
    max_rows: Annotated[int, typer.Option(help="Most rows to compare on; of more, rows are drawn at random.")] = 20_000,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Read the table, say how long it takes, and stop.")
    ] = False,
) -> None:
    """What should you use on a rare class in a table of your own?

    The first ranked answer comes within a minute and improves while you wait. Logistic regression and LightGBM on the rows as
    they are, class weights and the mean of two models' ranks come first, by repeated cross-validation; then copied rows, SMOTE-NC and the
    generator, as long as they can still change the advice. Ctrl-C gives the report of what is there.

    You get a folder with report.html (what to use, what it gains over doing nothing, thresholds for your costs, columns that look like
    leaks) and model.py, which trains it on your file and scores new rows without this package. Nothing leaves this machine, and
    the page holds no rows of your table.

    upsampling report demo

    upsampling report customers.csv --target churn --positive yes --cost-miss 50 --cost-alarm 1

    upsampling report claims.csv --target fraud --drop settled_on --budget 30min

    How columns are read is guessed and said: ? and blanks are missing values, 1.234,56 and $1,234.56 are numbers, dates become days. Where
    a guess is wrong, --numeric, --categorical, --drop and --decimal mend it.
    """
    from upsampling.own.report import make
    from upsampling.own.usertable import Settings

    if (cost_miss is None) != (cost_alarm is None):
        raise SpecError(
            "--cost-miss and --cost-alarm go together: say what each costs, for example --cost-miss 50 --cost-alarm 1."
        )
    settings = Settings(
        target, positive, tuple(numeric or ()), tuple(categorical or ()), tuple(drop or ()), decimal, max_rows
    )
    try:
        make(
            source,
            settings,
            output=output,
            budget=seconds_of(budget),
            costs=None if cost_miss is None else (cost_miss, cost_alarm),
            estimate_only=estimate,
        )
    except KeyboardInterrupt:
        print("\nstopped before there was an answer", file=sys.stderr)
        raise typer.Exit(130) from None


def main() -> None:
    """Run the command where it stands alone, without those of the study."""
    app = typer.Typer(pretty_exceptions_show_locals=False, rich_markup_mode=None, no_args_is_help=True)
    app.command()(report)
    app(args=sys.argv[2:], prog_name="upsampling report")
