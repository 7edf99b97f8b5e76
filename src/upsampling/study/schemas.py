"""The tables of results: what each column holds, in which unit, and what is checked of it.

`ledger` checks a table against its schema when it reads or writes it, and ``results/README.md`` is made of the descriptions here::

    python -m upsampling.study.schemas > results/README.md
"""

from copy import deepcopy
from itertools import groupby
from pathlib import Path
from string import Template

import pandas as pd
import pandera.pandas as pa

from upsampling.errors import StoreError

TEXT, FLAG = "text", "True or False"


def _text(description: str, *allowed: str, required: bool = False) -> pa.Column:
    checks = [pa.Check.isin([*allowed, ""], error=f"expected {' or '.join(allowed)}")] if allowed else []
    kind = ", ".join(f"`{value}`" for value in allowed) or TEXT
    return pa.Column(
        checks=checks, nullable=True, required=required, description=description, metadata={"text": True, "kind": kind}
    )


def _number(
    description: str,
    unit: str = "",
    *,
    low: float = -float("inf"),
    high: float = float("inf"),
    required: bool = False,
) -> pa.Column:
    def holds(values: pd.Series) -> pd.Series:
        return pd.to_numeric(values, errors="coerce").between(low, high)

    bounded = f"from {low:g} to {high:g}" if high < float("inf") else f"from {low:g}" if low > -float("inf") else ""
    check = pa.Check(holds, error=f"expected a number {bounded}".strip())
    kind = f"{unit or 'number'}{f', {bounded}' if high < float('inf') else ''}"
    return pa.Column(
        checks=check, nullable=True, required=required, description=description, metadata={"text": False, "kind": kind}
    )


def _share(description: str, *, required: bool = False) -> pa.Column:
    return _number(description, "share", low=0, high=1, required=required)


def _probability(description: str, *, required: bool = False) -> pa.Column:
    return _number(description, "probability", low=0, high=1, required=required)


def _count(description: str, unit: str = "rows", *, required: bool = False) -> pa.Column:
    return _number(description, unit, low=0, required=required)


def _seconds(description: str) -> pa.Column:
    return _number(description, "seconds", low=0)


def _flag(description: str, *, required: bool = False) -> pa.Column:
    return pa.Column(
        checks=pa.Check.isin([True, False], error=f"expected {FLAG}"),
        nullable=True,
        required=required,
        description=description,
        metadata={"text": False, "kind": FLAG},
    )


def _optional(columns: dict[str, pa.Column]) -> dict[str, pa.Column]:
    """Return columns that rows may lack."""
    optional = deepcopy(columns)
    for column in optional.values():
        column.required = False
    return optional


def _repeat_column(names: str, column: pa.Column) -> dict[str, pa.Column]:
    """Return the same column under several names."""
    return dict.fromkeys(names.split(), column)


_CELL = {
    "dataset": _text("`adult`, `credit_card`, `insurance`, or a table that is rare by nature", required=True),
    "size": _text(
        "the size as asked for: `f0.001` for a minority share of 0.1 %, `n100` for 100 minority rows with every majority row, `n50f0.01` for "
        "50 minority rows at a share of 1 %, `found` for the base set as it is; then `-grouped` if equal rows stay on one side of the split, "
        "`-u` and a seed of the minority rows kept, `-g` and a seed of the generator",
        required=True,
    ),
    "minority_fraction": _share("the share asked for; empty in other designs", required=True),
    "n_minority": _count("minority rows of the training set before any upsampling", required=True),
    "seed": _count("decides split, rows kept, upsampling and classifiers", "number", required=True),
    "arm": _text("how the imbalance is treated", required=True),
}
_IDENTITY = {name: _CELL[name] for name in ("dataset", "size", "seed", "arm")}
_DESIGN = {
    "design": _text("what `size` says of the design", "paper", "found", "majority_kept", "share_kept", "crossed"),
    "split": _text("what `size` says of the split", "random", "grouped"),
}
_DATA = {
    "data_sha256": _text("checksum of the data file", required=True),
    "protocol_version": _count("version of the protocol", "number", required=True),
}
_CODE = {
    "commit": _text("code that computed the row", required=True),
    "dirty": _flag("whether it differed from the commit", required=True),
}
_MACHINE = {
    "versions": _text("packages", required=True),
    "python": _text("version of Python", required=True),
    "platform": _text(
        "operating system; since 25 November 2026 also the kernels of linear algebra, on which logistic regression depends in the fourth digit",
        required=True,
    ),
    "cpu_model": _text("processor", required=True),
    "cores": _count("cores of the machine", "number"),
}
_ORIGIN = (
    _DATA
    | _CODE
    | _MACHINE
    | {
        "threads": _count("threads per cell", "number"),
        "computed_at": _text("time in UTC"),
    }
)
_JUDGED = {
    "estimate": _number("the number that decides, mean over seeds; empty without the seeds it needs", required=True),
    "low": _number("lower end of its 95 % interval, which allows for overlapping splits", required=True),
    "high": _number("upper end of it", required=True),
}
_BASIS = {
    "n_seeds": _count("seeds behind it", "number", required=True),
    "evidence": _text("sizes and seeds that were used, and what was left out", required=True),
}

SCHEMAS: dict[str, pa.DataFrameSchema] = {
    "metrics": pa.DataFrameSchema(
        _CELL
        | {
            "classifier": _text(
                "what was trained; `balanced_forest` in the arm of that name; `lightgbm_tuned` in arms with a tuned classifier; "
                "`tabularargn` where the generator's own probability is judged",
                required=True,
            )
        }
        | _repeat_column("roc_auc average_precision", _share("on the holdout", required=True))
        | {
            "average_precision_reweighted": _share(
                "average precision as if the holdout had the minority share of the unbalanced training set"
            )
        }
        | _repeat_column(
            "brier log_loss ece",
            _number(
                "of the scores as they come; empty for mean ranks, which are not probabilities", low=0, required=True
            ),
        )
        | _repeat_column(
            "brier_corrected log_loss_corrected ece_corrected",
            _number("the same after correction from the training's class share to the holdout's", low=0),
        )
        | {
            "unique_score_share": _share("distinct scores over holdout rows", required=True),
            "largest_tie_share": _share("largest share of holdout rows with one identical score", required=True),
        }
        | _repeat_column(
            "precision_at_1pct recall_at_1pct precision_at_5pct recall_at_5pct",
            _share(
                "among the highest 1 and 5 % of the scores, ties broken at random; empty in rows older than the column, as are those below"
            ),
        )
        | _repeat_column(
            "recall_at_fpr_1pct recall_at_fpr_5pct", _share("recall where 1 and 5 % of the majority are false alarms")
        )
        | {"precision_at_n_positives": _share("precision among as many rows as there are positives")}
        | _repeat_column(
            "cost_10 cost_50 cost_100",
            _number(
                "cost where a miss costs so many false alarms, at the threshold that was cheapest on the training rows, scored by "
                "cross-validation; only as found, and for arms without a generator",
                "false alarms per 1,000 holdout rows",
                low=0,
            ),
        )
        | {
            "training_seconds": _seconds("of training the classifier"),
            "commit": _text("code that computed the row, with `+` if it differed from the commit"),
        }
        | _DESIGN
    ),
    "runs": pa.DataFrameSchema(
        _CELL
        | {
            "status": _text("whether the cell could be computed", "done", "failed", required=True),
            "reason": _text("why it failed"),
        }
        | _repeat_column("n_majority n_holdout n_holdout_minority", _count("rows of the parts"))
        | {
            "n_discarded": _count("minority rows taken away"),
            "n_features": _count("features", "number"),
            "n_trained": _count("rows trained on"),
            "n_added": _count("rows that the arm made"),
            "seconds": _seconds("wall clock of the cell without the generator's fit"),
            "cpu_seconds": _seconds("CPU of the cell without the generator's fit"),
        }
        | _repeat_column(
            "fit_seconds fit_cpu_seconds",
            _seconds(
                "of the generator's fit, which arms on the same training set may share, and of those on the folds too where an arm needs them; "
                "empty for arms that combine others"
            ),
        )
        | {
            "fit_commit": _text(
                "the code's commit when the generator was fitted; empty without a generator, and in rows older than the column"
            )
        }
        | _repeat_column("upsample_seconds upsample_cpu_seconds", _seconds("of making the training set"))
        | _repeat_column(
            "random_forest_seconds xgboost_seconds lightgbm_seconds logistic_regression_seconds balanced_forest_seconds "
            "lightgbm_tuned_seconds",
            _seconds("of training each classifier; the last with its cross-validation"),
        )
        | {
            "tuned_settings": _text(
                "JSON of the settings that cross-validation chose; `{}` are the library's defaults"
            ),
            "generator": _text("the generator that the arm is based on"),
            "classifiers": _text("what was trained"),
            "share": _share("minority share of the training set"),
            "diagnostics_seconds": _seconds("of the diagnostics"),
            "peak_mib": _number(
                "largest resident memory of the worker process during the cell, sampled 20 times a second; it includes what earlier cells left behind",
                "MiB",
                low=0,
            ),
        }
        | _ORIGIN
        | _DESIGN
    ),
    "diagnostics": pa.DataFrameSchema(
        _CELL
        | {
            "feature": _text("the feature; empty where the measure is of all of them", required=True),
            "measure": _text("see below", required=True),
            "value": _number("the measurement", required=True),
        }
    ),
    "claims": pa.DataFrameSchema(
        {
            "claim": _text(
                "short name of the claim, as `study/claims.py` and the page of claims define it", required=True
            ),
            "dataset": _text("data set; `all` for the three together", required=True),
            "verdict": _text(
                "what the rule says",
                "supported",
                "partly",
                "at most partly",
                "not supported",
                "undecided",
                required=True,
            ),
        }
        | _JUDGED
        | _repeat_column(
            "plain_low plain_high",
            _number("the plain paired interval, which does not allow for overlap", required=True),
        )
        | {
            "threshold": _number("the mark", required=True),
            "p": _probability("p against the mark that the verdict is based on", required=True),
            "p_holm": _probability("the same after Holm's correction over claims and tables", required=True),
            "within_a_point": _probability(
                "of a difference in average precision: that it lies within one point of zero", required=True
            ),
        }
        | _BASIS
    ),
    "beyond": pa.DataFrameSchema(
        {
            "claim": _text("short name of the claim, as `study/beyond.py` defines it", required=True),
            "dataset": _text("data set; `natural tables` for all of them together", required=True),
            "size": _text("size of the cells; over tables the classifier", required=True),
            "verdict": _text("what the rule says", "supported", "not supported", "undecided", required=True),
        }
        | _JUDGED
        | {
            "error": _number("standard error of the number that decides", low=0, required=True),
            "within": _probability("that the true difference is at most a point; empty over tables", required=True),
            "n_seeds": _count("seeds behind it; over tables, how many of these", "number", required=True),
            "seeds": _text("which", required=True),
            "arms": _text("what is compared", required=True),
            "evidence": _text("over tables: on how many the claim holds", required=True),
        }
    ),
    "curves": pa.DataFrameSchema(
        _IDENTITY
        | {
            "classifier": _text("what was trained", required=True),
            "threshold": _number("alarm from this score on; infinite for none", required=True),
            "tpr": _share("share of the minority above it", required=True),
            "fpr": _share("share of the majority above it", required=True),
            "prevalence": _share("minority share of the holdout", required=True),
        }
    ),
    "migrations": pa.DataFrameSchema(
        {
            "migration": _text("what it is called", required=True),
            "file": _text("the file", required=True),
            "rows": _count("rows renamed", required=True),
        }
        | _CODE
        | {"migrated_at": _text("time in UTC", required=True)}
    ),
    "audit": pa.DataFrameSchema(
        _IDENTITY
        | {
            "audited_at": _text("time in UTC", required=True),
            "verdict": _text(
                "`same`: every number to 1e-9 (relative, of numbers above 1); `within`: a generator, or logistic regression, on another machine or "
                "with other versions, every number within its tolerance; `mismatch`: at least one number is neither",
                "same",
                "within",
                "mismatch",
                required=True,
            ),
            "numbers": _count("how many were compared", "number", required=True),
            "mismatches": _count(
                "how many of them mismatched; numbers that are computed only since the cell was stored do not count",
                "number",
                required=True,
            ),
            "number": _text(
                "the one furthest off, measured by its tolerance: table, classifier or feature, and measure",
                required=True,
            ),
        }
        | _repeat_column("stored recomputed difference tolerance", _number("of that number", required=True))
        | {
            "tolerance_from": _text(
                "`exact`, `fallback`, or the seeds of the study that it follows from: which, and how many degrees of freedom they have",
                required=True,
            )
        }
        | _DATA
        | {"stored_commit": _text("code that computed the stored row", required=True)}
        | _CODE
        | _MACHINE
        | {"seconds": _seconds("wall clock of computing the cell again, with the generator's fit")}
    ),
    "benchmarks": pa.DataFrameSchema(
        {
            "name": _text("what was measured: its part, then the rest with slashes between", required=True),
            "value": _number("the measurement", required=True),
            "unit": _text("its unit", required=True),
            "baseline": _number("what it is compared with, or its limit; empty if nothing", required=True),
            "ratio": _number("`value / baseline`", required=True),
            "cpu_model": _MACHINE["cpu_model"],
            "cores": _MACHINE["cores"],
            "commit": _text("code that measured", required=True),
            "date": _text("day in UTC", required=True),
        }
    ),
    "errata": pa.DataFrameSchema(
        {
            "date": _text("day of the correction", required=True),
            "commit": _text("what mended the number or the code", required=True),
            "kind": _text(
                "`correction`: changed later; `renaming`: under another name; `verdict`: judged otherwise; `withdrawal`: taken back; `open`: known to be "
                "wrong and not computed again yet",
                "correction",
                "renaming",
                "verdict",
                "withdrawal",
                "open",
                required=True,
            ),
            "cells": _text("pattern of the cells' paths", required=True),
            "number": _text("pattern of table, classifier or feature, and measure", required=True),
            "before": _text("what stood there", required=True),
            "after": _text("what stands there now", required=True),
            "reason": _text("why", required=True),
        }
    ),
    "simulation": pa.DataFrameSchema(
        {
            "n_rows": _count("rows of the table, a fifth of them minority", required=True),
            "shared": _share(
                "share of the features whose dependence on each other is the same in both classes, from 0 (unrelated) to 1 (identical)",
                required=True,
            ),
            "seed": _count("decides structure, rows, split, upsampling and classifiers", "number", required=True),
            "bayes_auc": _share(
                "AUC-ROC of the ratio of the densities that the classes are drawn from, before categories are cut: the classes' distance",
                required=True,
            ),
            "arm": _CELL["arm"],
            "status": _text("whether the arm worked", "done", "failed", required=True),
            "reason": _text("why it failed"),
            "n_minority": _count("minority rows of the training set"),
            "n_majority": _count("majority rows of the training set"),
            "n_holdout_minority": _count("minority rows of the holdout"),
            "fit_cpu_seconds": _seconds("of the generator's fit"),
            "cpu_seconds": _seconds("of the arm without it"),
        }
        | _repeat_column(
            "detectability coverage", _share("of the rows that the arm made, as in diagnostics.csv", required=True)
        )
        | {"classifier": _text("what was trained; empty if the arm failed", required=True)}
        | {"average_precision": _share("on the holdout", required=True), "roc_auc": _share("on the holdout")}
        | _optional(_ORIGIN)
    ),
}


def columns(name: str) -> list[str]:
    """Return all columns of a table; those that are not required may be younger than its rows."""
    return list(SCHEMAS[name].columns)


def required(name: str) -> list[str]:
    """Return the columns that every file of a table has."""
    return [column for column, schema in SCHEMAS[name].columns.items() if schema.required]


def texts(name: str) -> list[str]:
    """Return the columns of a table that hold text."""
    return [column for column, schema in SCHEMAS[name].columns.items() if schema.metadata["text"]]


def check(table: pd.DataFrame, name: str, path: Path, remedy: str) -> None:
    """Raise StoreError if a table is not what its schema says, naming the file, the column and what to do."""
    lacking = [column for column in required(name) if column not in table]
    if lacking:
        raise StoreError(f"{path} lacks the columns {lacking}. {remedy}")
    try:
        SCHEMAS[name].validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        first = error.failure_cases.iloc[0]
        raise StoreError(
            f"{path} holds '{first['failure_case']}' in the column '{first['column']}', {first['check']}. {remedy}"
        ) from error


def readme() -> str:
    """Return the text of ``results/README.md``: what people wrote of the tables, and the list of each one's columns."""
    lists = {"cell": _listed(_CELL)} | {name: _listed(_specific_columns(name)) for name in SCHEMAS}
    return Template(Path(__file__).with_name("results.md").read_text()).substitute(lists)


def _specific_columns(name: str) -> dict[str, pa.Column]:
    """Return the columns of a table without those that it shares with others and that are described there."""
    shared = _CELL | (_ORIGIN if name == "simulation" else {})
    return {
        column: schema
        for column, schema in SCHEMAS[name].columns.items()
        if column not in shared or schema.description != shared[column].description
    }


def _listed(described: dict[str, pa.Column]) -> str:
    lines = ["| column | holds | meaning |", "|---|---|---|"]
    for (kind, description), alike in groupby(
        described, lambda name: (described[name].metadata["kind"], described[name].description)
    ):
        lines.append(f"| {', '.join(f'`{name}`' for name in alike)} | {kind} | {description} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(readme(), end="")
