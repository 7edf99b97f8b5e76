"""The digest's signs of failing upsampling: how often each is raised, and whether performance was bad then."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from upsampling.book.drawing import in_order
from upsampling.book.studies.diagnostics import ALL, CELL, TRAINING_SET, entropies, gains, in_common_seeds
from upsampling.book.tables import with_interval, written
from upsampling.study import datasets, stats
from upsampling.study.arms import title
from upsampling.words import joined, named

HYBRID = "tabularargn"
# Entropy of the categorical features among minority rows, over the holdout's.
COLLAPSED = 0.8
# Share of holdout rows with one identical score.
CLUMPED = 0.5
# Distance of the marginal of the feature that is furthest off.
DIVERGING = 0.25
# Average precision of XGBoost on the unbalanced rows minus the cell's.
LEADING = 0.05
NEW_ROWS = "arms that make new rows"
GROUPS = {NEW_ROWS: "All that make new rows", HYBRID: title(HYBRID)}


@dataclass(frozen=True)
class Signature:
    """A sign of failure.

    Parameters
    ----------
    title, rule : str
        What a reader sees, and the rule in words.
    raised : callable
        Takes the columns that `observe` makes; returns booleans, missing where the rule cannot be applied.
    """

    title: str
    rule: str
    raised: Callable[[pd.DataFrame], pd.Series]


def _where(known: pd.Series, raised: pd.Series) -> pd.Series:
    return raised.astype("boolean").mask(~known)


SIGNATURES = {
    "collapsed": Signature(
        "Collapsed entropy",
        f"the entropies of the categorical features among minority rows add up to less than {COLLAPSED:.0%} of the holdout's",
        lambda c: _where(c["entropy_share"].notna(), c["entropy_share"] < COLLAPSED),
    ),
    "clumped": Signature(
        "Clumped scores",
        f"more than {CLUMPED:.0%} of the holdout have one identical score",
        lambda c: _where(c["largest_tie_share"].notna(), c["largest_tie_share"] > CLUMPED),
    ),
    "diverging": Signature(
        "Diverging marginals",
        f"a feature's distribution among minority rows is more than {DIVERGING:g} from the holdout's (total variation or "
        "Kolmogorov-Smirnov)",
        lambda c: _where(c["furthest"].notna(), c["furthest"] > DIVERGING),
    ),
    "leading": Signature(
        "XGBoost on raw data leads",
        f"average precision of XGBoost on the unbalanced rows is more than {LEADING:g} above; not judged under XGBoost itself, where "
        "the sign would be the outcome",
        lambda c: _where(c["lead"].notna() & (c["classifier"] != "xgboost"), c["lead"] > LEADING),
    ),
}


def observe(metrics: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Return each cell and classifier of the arms that make new rows, variants of arms left out, with what the signatures look at.

    Returns
    -------
    DataFrame
        `dataset`, `size`, `seed`, `arm`, `classifier`, `bad` (average precision below that of the unbalanced set), and a
        nullable boolean per signature.
    """
    sums = entropies(diagnostics).groupby(CELL).sum()
    shares = (sums["entropy"] / sums["entropy_holdout"]).rename("entropy_share").reset_index()
    makers = diagnostics.loc[(diagnostics["measure"] == "exact_copy_share") & (diagnostics["arm"] != "naive"), CELL]
    furthest = diagnostics[diagnostics["measure"] == "marginal_distance"].groupby(CELL)["value"].max()
    furthest = furthest.rename("furthest").reset_index()
    cells = gains(metrics).merge(makers, on=CELL)
    cells = cells.merge(shares, on=CELL, how="left").merge(furthest, on=CELL, how="left")
    cells = cells.merge(metrics[[*CELL, "classifier", "largest_tie_share"]], on=[*CELL, "classifier"])
    raw = metrics.loc[(metrics["arm"] == "none") & (metrics["classifier"] == "xgboost")]
    raw = raw[[*TRAINING_SET[:3], "average_precision"]].rename(columns={"average_precision": "raw"})
    cells = cells.merge(raw, on=TRAINING_SET[:3], how="left")
    cells["lead"] = cells["raw"] - cells["average_precision"]
    raised = {name: signature.raised(cells) for name, signature in SIGNATURES.items()}
    return cells[[*CELL, "classifier"]].assign(bad=cells["gain"] < 0, **raised)


def contingency(cells: pd.DataFrame) -> pd.DataFrame:
    """Count how often each signature was raised, how often performance was bad, and both.

    Parameters
    ----------
    cells : DataFrame
        What `observe` returns.

    Returns
    -------
    DataFrame
        One row per data set (``all`` for all together), group of arms and signature: `n` (cells judged), `raised`, `bad`,
        `both`, `precision`, `recall`, `base` (share of bad ones), `lift` (precision minus base) with `low` and `high` over
        seeds, `n_seeds`; and `datasets`, `sizes`, `seeds`, `arms`.
    """
    names = list(dict.fromkeys(cells["dataset"]))
    scopes = [(name, cells[cells["dataset"] == name]) for name in names] + (
        [(ALL, in_common_seeds(cells))] if len(names) > 1 else []
    )
    rows = []
    for name, scope in scopes:
        for group, part in ((NEW_ROWS, scope), (HYBRID, scope[scope["arm"] == HYBRID])):
            for signature in SIGNATURES:
                judged = part[part[signature].notna()]
                if judged.empty:
                    continue
                raised = judged[signature].astype(bool)
                flags = pd.DataFrame({"n": 1, "raised": raised, "bad": judged["bad"], "both": raised & judged["bad"]})
                counts = flags.groupby(judged["seed"]).sum()
                n, n_raised, bad, both = (int(count) for count in counts.sum())
                lift = stats.bootstrap_over_seeds(counts, _lift) if n_raised else None
                rows.append(
                    {"dataset": name, "group": group, "signature": signature, "n": n, "raised": n_raised, "bad": bad}
                    | {"both": both, "precision": both / n_raised if n_raised else np.nan}
                    | {"recall": both / bad if bad else np.nan, "base": bad / n}
                    | (lift._asdict() if lift else {"n_seeds": len(counts)})
                    | {"raising": " ".join(in_order(judged.loc[raised, "arm"]))}
                    | {f"{key}s": joined(judged[key]) for key in CELL}
                )
    table = pd.DataFrame(rows).rename(columns={"estimate": "lift"})
    return table.assign(arms=table["arms"] + " none") if rows else table


def _lift(counts: np.ndarray) -> np.ndarray:
    """Return the share of bad cells among those raised minus that among all; 0 if none was raised."""
    n, raised, bad, both = np.moveaxis(counts.sum(axis=-2), -1, 0)
    return np.where(raised > 0, both / np.maximum(raised, 1) - bad / n, 0.0)


def finding(table: pd.DataFrame) -> str:
    """Return how far each signature can be trusted over all data sets, in words."""
    if table.empty:
        return "No arm that makes new rows is computed yet."
    scope = ALL if ALL in set(table["dataset"]) else table["dataset"].iloc[0]
    part = table[table["dataset"] == scope]
    where = "over all data sets" if scope == ALL else f"on {datasets.get(scope).title}"
    lines = [
        f"- {SIGNATURES[row.signature].title}: raised in {row.raised} of {row.n} cells"
        + (
            f" ({named([title(arm) for arm in row.raising.split()])}), {row.precision:.0%} of them bad against {row.base:.0%} of all "
            f"(difference {_interval(row)})"
            if row.raised
            else ""
        )
        + (f"; it was raised in {row.recall:.0%} of the bad ones." if row.raised and row.bad else ".")
        for row in part[part["group"] == NEW_ROWS].itertuples()
    ]
    return (
        f"**Signs that go with bad performance {where}, with an interval above zero: {_useful(part, NEW_ROWS)}; for the paper's own arm: "
        f"{_useful(part, HYBRID)}.**\n\n" + "\n".join(lines)
    )


def _useful(table: pd.DataFrame, group: str) -> str:
    found = table.loc[(table["group"] == group) & (table["low"] > 0), "signature"]
    return named([SIGNATURES[name].title for name in found]) if len(found) else "none of them"


def _interval(row) -> str:
    return with_interval(row.lift, row.low, row.high, 2)


def rules() -> str:
    """Return the rule of each signature, as a Markdown list."""
    return "\n".join(f"- **{signature.title}**: {signature.rule}." for signature in SIGNATURES.values())


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the contingency tables as they are shown."""
    percents = {name: written(table[name], "{:.0%}") for name in ("precision", "recall", "base")}
    return pd.DataFrame(
        {
            "Data set": ["All" if name == ALL else datasets.get(name).title for name in table["dataset"]],
            "Arms": table["group"].map(GROUPS),
            "Sign": [SIGNATURES[name].title for name in table["signature"]],
            "Raised, bad": table["both"],
            "Raised, not bad": table["raised"] - table["both"],
            "Not raised, bad": table["bad"] - table["both"],
            "Neither": table["n"] - table["raised"] - table["bad"] + table["both"],
            "Precision": percents["precision"],
            "Recall": percents["recall"],
            "Bad of all": percents["base"],
            "Precision minus that": [_interval(row) for row in table.itertuples()],
            "Cells": table["n"],
            "n": table["n_seeds"],
        }
    )
