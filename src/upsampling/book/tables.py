"""The tables: each function takes result frames and returns cells as they are shown."""

from collections.abc import Sequence

import pandas as pd

from upsampling.book import lineage
from upsampling.study import audit, classifiers
from upsampling.study.arms import ARMS, title
from upsampling.study.spending import fits_once
from upsampling.words import percent

# Where a row comes from.
ORIGIN = ["commit", "dirty", "protocol_version", "cpu_model", "cores", "platform", "python"]
# Kinds of errata, in words.
_ERRATA = {
    "correction": "corrections",
    "renaming": "renamings",
    "verdict": "moved verdicts",
    "withdrawal": "withdrawals",
    "open": "open cases",
}


def with_interval(mean: float, low: float, high: float) -> str:
    """Write a mean with its interval: ``0.612 [0.580, 0.641]``; without one where there is none."""
    if pd.isna(mean):
        return "-"
    center = f"{mean:.3f}"
    return center if pd.isna(low) else f"{center} [{low:.3f}, {high:.3f}]"


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by fraction, then classifiers and arms in the order of their registries."""
    ranks = {
        "classifier": {name: position for position, name in enumerate(classifiers.TITLES)},
        "arm": {name: position for position, name in enumerate(ARMS)},
    }
    keys = [name for name in ("minority_fraction", "classifier", "arm") if name in frame]
    return frame.sort_values(
        keys, key=lambda column: column.map(ranks[column.name]) if column.name in ranks else column, ignore_index=True
    )


def results(summary: pd.DataFrame, metrics: dict[str, str]) -> pd.DataFrame:
    """Return the full results: a row per fraction, classifier and arm, a column per metric.

    Parameters
    ----------
    summary : DataFrame
        Columns `minority_fraction`, `n_minority`, `classifier`, `arm`, `metric`, `mean`, `low`, `high`, `n_seeds`.
    metrics : dict
        Titles of the metrics to show, by name.
    """
    keys = ["minority_fraction", "n_minority", "classifier", "arm"]
    cells = summary[summary["metric"].isin(metrics)].copy()
    cells["cell"] = [
        with_interval(row.mean, row.low, row.high) for row in cells[["mean", "low", "high"]].itertuples(index=False)
    ]
    cells["n_seeds"] = cells.groupby(keys)["n_seeds"].transform("max")
    wide = in_order(cells.pivot(index=[*keys, "n_seeds"], columns="metric", values="cell").reset_index())
    return pd.DataFrame(
        {
            "Minority": wide["minority_fraction"].map(percent),
            "Rows": wide["n_minority"],
            "Classifier": wide["classifier"].map(classifiers.TITLES),
            "Arm": wide["arm"].map(title),
            **{text: wide[name] for name, text in metrics.items()},
            "n": wide["n_seeds"],
        }
    )


def cost(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what each arm costs: mean CPU seconds of its steps, and the largest memory of a worker.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv` of one data set.
    """
    done = in_order(runs[runs["status"] == "done"].drop(columns="minority_fraction"))
    cpu_share = done["cpu_seconds"] / done["seconds"]
    trained = [
        name for name in classifiers.TITLES if f"{name}_seconds" in done and done[f"{name}_seconds"].notna().any()
    ]
    steps = {
        "Generator fit (s)": done["fit_cpu_seconds"],
        "Upsampling (s)": done["upsample_cpu_seconds"],
        **{f"{classifiers.TITLES[name]} (s)": done[f"{name}_seconds"] * cpu_share for name in trained},
    }
    work = pd.DataFrame(steps).fillna(0.0).assign(**{"All (s)": lambda table: table.sum(axis=1)})
    groups = done.groupby("arm", sort=False)
    means = work.groupby(done["arm"], sort=False).mean().map("{:.1f}".format)
    means.insert(0, "Arm", [title(arm) for arm in means.index])
    return means.assign(**{"Peak memory (MiB)": groups["peak_mib"].max().map("{:.0f}".format), "n": groups.size()})


def diagnostics(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean diagnostics of the upsampled rows: a row per fraction and arm, a column per measure.

    Parameters
    ----------
    table : DataFrame
        Columns `minority_fraction`, `n_minority`, `arm`, `metric` (the measure), `mean`, `low`, `high`, `n_seeds`.
    """
    titles = {
        "exact_copy_share": "Exact copies of real rows",
        "detectability": "Detectability (AUC)",
        "coverage": "Coverage",
    }
    return results(table.assign(classifier="none"), titles).drop(columns="Classifier")


def ties(table: pd.DataFrame) -> pd.DataFrame:
    """Return tie and distinct-score shares in percent: a row per arm, a column per classifier, as ``88.6 / 0.6``.

    Parameters
    ----------
    table : DataFrame
        Columns `arm`, `classifier`, `metric` (the measure) and `mean`.
    """
    wide = table.pivot(index="arm", columns=["classifier", "metric"], values="mean")
    shown = {
        text: wide[name].apply(lambda row: _of_two(row["largest_tie_share"], row["unique_score_share"]), axis=1)
        for name, text in classifiers.TITLES.items()
        if name in wide
    }
    frame = in_order(pd.DataFrame(shown).rename_axis("arm").reset_index())
    return frame.assign(arm=frame["arm"].map(title)).rename(columns={"arm": "Arm"})


def _of_two(first: float, second: float) -> str:
    return "-" if pd.isna(first) else f"{100 * first:.1f} / {100 * second:.1f}"


def origin(runs: pd.DataFrame) -> pd.DataFrame:
    """Return where rows of `runs.csv` come from: a row per data set, arm, commit, machine and set of versions.

    Returns
    -------
    DataFrame
        `dataset`, `arm`, the columns of `ORIGIN`, `data_sha256`, a column per package for its version, and of the cells `sizes`, `seeds`,
        `cells` (how many), `first` and `last` (when they were computed).
    """
    pairs = runs["versions"].str.extractall(r"(?P<package>\S+)==(?P<version>\S+)").droplevel("match")
    packages = pairs.pivot(columns="package", values="version")
    keys = ["dataset", "arm", *ORIGIN, "data_sha256", *packages]
    groups = runs.join(packages).groupby(keys, sort=False, dropna=False)
    listed = {
        f"{name}s": groups[name].agg(lambda values: " ".join(map(str, dict.fromkeys(values))))
        for name in ("size", "seed")
    }
    when = groups["computed_at"]
    return pd.DataFrame(listed | {"cells": groups.size(), "first": when.min(), "last": when.max()}).reset_index()


def without_origin(runs: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `runs.csv` without what says where they come from, for a table whose recipe says it once."""
    return runs.drop(columns=[*ORIGIN, "versions", "data_sha256", "threads", "computed_at"])


def effort(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what the results cost, by data set.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    done = runs[runs["status"] == "done"]
    spent = fits_once(done)
    fits = spent.dropna(subset="fit_seconds")
    seconds = spent[["cpu_seconds", "fit_cpu_seconds"]].sum(axis=1).groupby(spent["dataset"]).sum()
    groups = runs.groupby("dataset", sort=False)
    return pd.DataFrame(
        {
            "Data set": list(groups.groups),
            "Cells": groups.size(),
            "Failed": groups["status"].agg(lambda status: (status == "failed").sum()),
            "Generator fits": fits.groupby("dataset").size().reindex(groups.groups, fill_value=0),
            "Seeds": groups["seed"].nunique(),
            "Core hours": (seconds.reindex(groups.groups) / 3600).map("{:.2f}".format),
            "Peak memory (MiB)": groups["peak_mib"].max().map("{:.0f}".format),
        }
    )


def matrix(items: Sequence[tuple[str, dict]], runs: pd.DataFrame, audits: pd.DataFrame) -> pd.DataFrame:
    """Return how each figure and table of the book is made again, and when it was last audited.

    Parameters
    ----------
    items : sequence of tuple
        What `book.published_items` returns.
    runs : DataFrame
        Rows of `runs.csv`.
    audits : DataFrame
        Rows of `audit.csv`.

    Returns
    -------
    DataFrame
        Columns `item`, `page`, `kind`, `name`, `commands`, `inputs`, `network`, `minutes`, `cells`, `audited` (cells of them),
        `mismatched` (cells) and `last_audit`.
    """
    rows = []
    for page, item in items:
        origin = item["lineage"] or {"cells": [], "commands": [], "data": []}
        cells = [tuple(cell) for cell in origin["cells"]]
        last = audit.latest(audits, cells)
        names = list(dict.fromkeys(cell[0] for cell in cells))
        source_runs = runs[pd.MultiIndex.from_frame(runs[audit.IDENTITY]).isin(cells)]
        rows.append(
            {
                "page": page,
                "kind": item["kind"],
                "name": item["name"],
                "commands": "; ".join(origin["commands"]) or item["command"],
                "inputs": ", ".join(names) or "code",
                "network": lineage.network(names),
                "minutes": audit.cost(source_runs, lineage.CORES) / 60,
                "cells": len(cells),
                "audited": len(last),
                "mismatched": int((last["verdict"] == "mismatch").sum()),
                "last_audit": last["audited_at"].max() if len(last) else "",
            }
        )
    return pd.DataFrame(rows)


def errata(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `errata.csv` as they are shown."""
    shown = table.assign(commit=table["commit"].str[:12]).replace("", "-")
    return shown.rename(columns=str.capitalize)


def errata_text(table: pd.DataFrame) -> str:
    """Return how many rows of `errata.csv` there are of each kind, in words."""
    counts = table["kind"].value_counts()
    parts = [
        f"{counts[kind]} {many if counts[kind] > 1 else many[:-1]}" if kind in counts else f"no {many}"
        for kind, many in _ERRATA.items()
    ]
    return (
        f"So far there are {', '.join(parts)}. An open case is a number known to be wrong and not yet computed again."
    )
