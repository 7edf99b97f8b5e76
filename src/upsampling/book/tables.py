"""The tables: each function takes result frames and returns cells as they are shown."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from upsampling import words
from upsampling.book import benchmarks, lineage
from upsampling.book.figures import METRICS
from upsampling.study import audit, claims, classifiers, datasets, stats
from upsampling.study.arms import ARMS, title
from upsampling.words import joined, named, percent, points

# A sign beside each verdict, so that a column is read at a glance.
SIGNS = {"supported": "✓", "partly": "◐", "not supported": "✗", "undecided": "?"}
# Where a row comes from.
ORIGIN = ["commit", "dirty", "protocol_version", "cpu_model", "cores", "platform", "python"]


def with_interval(mean: float, low: float, high: float, digits: int = 3) -> str:
    """Write a mean with its interval: ``0.612 [0.580, 0.641]``; without one where there is none."""
    if pd.isna(mean):
        return "-"
    center = f"{mean:.{digits}f}"
    return center if pd.isna(low) else f"{center} [{low:.{digits}f}, {high:.{digits}f}]"


def written(values: Iterable[float], template: str) -> list[str]:
    """Write numbers by a template such as ``{:.2f}``; a dash where there is none."""
    return ["-" if pd.isna(value) else template.format(value) for value in values]


def _in_points(table: pd.DataFrame, *names: str) -> list[str]:
    """Write differences between shares in points, from the columns of mean, low and high; a dash where there is none."""
    return ["-" if pd.isna(row[0]) else points(*row) for row in table[list(names)].itertuples(index=False)]


def _p_holm(table: pd.DataFrame, family: Sequence[str]) -> list[str]:
    """Write p after Holm's correction; a dash where none below 0.05 could come out, even if all seeds agreed.

    The least p of a test on `n` seeds is ``2 ** (1 - n)``, and Holm multiplies the least of a family by the number of its tests.
    """
    least = (2.0 ** (1 - table["n_seeds"])).where(table["p"].notna())
    families = least.groupby([table[name] for name in family])
    attainable = np.maximum(least, families.transform("count") * families.transform("min"))
    return written(table["p_holm"].where(attainable < 1 - stats.CONFIDENCE), "{:.3f}")


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
    own = done["cpu_seconds"] / done["seconds"]
    trained = [
        name for name in classifiers.TITLES if f"{name}_seconds" in done and done[f"{name}_seconds"].notna().any()
    ]
    steps = {
        "Generator fit (s)": done["fit_cpu_seconds"],
        "Upsampling (s)": done["upsample_cpu_seconds"],
        **{f"{classifiers.TITLES[name]} (s)": done[f"{name}_seconds"] * own for name in trained},
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


def mean_differences(table: pd.DataFrame, spans: Mapping[str, str]) -> pd.DataFrame:
    """Return differences between arms on the average over cells, in points: a row per data set, span and arm.

    There is no p where the tests of a data set and span are too many, or the seeds too few, for one below 0.05.

    Parameters
    ----------
    table : DataFrame
        What `comparison.against` or `ranks.differences` returns.
    spans : mapping of str to str
        How the spans are called.
    """
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Where": table["span"].map(spans),
            "Arm": table["arm"].map(title),
            "Difference (points)": _in_points(table, "mean", "low", "high"),
            "Better in": written(table["better"], "{:.0%}"),
            "Effect": written(table["effect"], "{:.2f}"),
            "p (Holm)": _p_holm(table, ["dataset", "span", "other"]),
            "Cells": table["n_cells"],
            "n": table["n_seeds"],
        }
    )


def best_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the best pair of arm and classifier at each share beside the best with the paper's arm.

    Parameters
    ----------
    table : DataFrame
        What `comparison.best_pairs` returns.
    """
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Minority": table["minority_fraction"].map(percent),
            "Rows": table["n_minority"],
            "Best arm": table["arm"].map(title),
            "Classifier": table["classifier"].map(classifiers.TITLES),
            "Average precision": table["best"].map("{:.3f}".format),
            "Paper's arm with": table["reference_classifier"].map(classifiers.TITLES),
            "Its average precision": table["reference"].map("{:.3f}".format),
            "Difference (points)": _in_points(table, "difference", "low", "high"),
            "n": table["n_seeds"],
        }
    )


def tutorial(table: pd.DataFrame) -> pd.DataFrame:
    """Return the tutorial's published AUC-ROC beside ours: a row per training set.

    Parameters
    ----------
    table : DataFrame
        What `tutorial.spread` returns.
    """
    return pd.DataFrame(
        {
            "Training set": table["arm"].map(title),
            "Published": [
                ", ".join(f"{100 * float(value):.1f}" for value in text.split()) for text in table["published"]
            ],
            "Ours, published split": [
                f"{100 * row.here:.1f}"
                + (f" ({100 * row.here_low:.1f} to {100 * row.here_high:.1f})" if row.n_generators > 1 else "")
                for row in table.itertuples()
            ],
            "Ours, other splits": [
                f"{100 * row.mean:.1f} ({100 * row.low:.1f} to {100 * row.high:.1f}, n = {row.n_splits})"
                for row in table.itertuples()
            ],
            "Inside": table["inside"],
        }
    )


def tutorial_validation(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what early stopping saw and what the holdout says: a row per training set.

    Parameters
    ----------
    runs : DataFrame
        What `tutorial.by_what_varies` returns.
    """
    splits = runs[runs["varied"] == "split"].groupby("arm", sort=False)[["validation_auc", "roc_auc", "n_trees"]].mean()
    return pd.DataFrame(
        {
            "Training set": splits.index.map(title),
            "Validation": (100 * splits["validation_auc"]).map("{:.2f}".format).to_numpy(),
            "Holdout": (100 * splits["roc_auc"]).map("{:.2f}".format).to_numpy(),
            "Trees": splits["n_trees"].map("{:.0f}".format).to_numpy(),
        }
    )


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return paired differences, in points: a row per cell and other arm.

    There is no p where the tests of a data set are too many, or the seeds too few, for one below 0.05.

    Parameters
    ----------
    table : DataFrame
        What `stats.paired_differences` returns.
    """
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Minority": table["minority_fraction"].map(percent),
            "Rows": table["n_minority"],
            "Classifier": table["classifier"].map(classifiers.TITLES),
            "Against": table["other"].map(title),
            "Difference (points)": _in_points(table, "mean", "low", "high"),
            "p (Holm)": _p_holm(table, ["dataset"]),
            "Effect": written(table["effect"], "{:+.2f}"),
            "n": table["n_seeds"],
        }
    )


def backends(table: pd.DataFrame) -> pd.DataFrame:
    """Return paired differences between two backends, in points: a row per data set, metric and classifier.

    There is no p where the tests of a metric are too many, or the seeds too few, for one below 0.05.

    Parameters
    ----------
    table : DataFrame
        What `comparison.backends` returns.
    """
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Metric": table["metric"].map(METRICS),
            "Classifier": table["classifier"].map({"mean": "Mean of the paper's three"} | classifiers.TITLES),
            "Difference (points)": _in_points(table, "mean", "low", "high"),
            "p (Holm)": _p_holm(table, ["dataset", "metric"]),
            "Effect": written(table["effect"], "{:+.2f}"),
            "n": table["n_seeds"],
        }
    )


def gains_by_way(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is gained over each rival by each way to the generator's rows, in points; `table` is that of `comparison.gains_by_way`."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Arm": table["arm"].map(title),
            "minus": table["other"].map(title),
            "Difference (points)": _in_points(table, "mean", "low", "high"),
            "n": table["n_seeds"],
        }
    )


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts on the paper's claims in brief: a row per claim, a column per data set and one over all.

    Parameters
    ----------
    table : DataFrame
        What `claims.judge` returns.
    """
    wide = table.pivot(index="claim", columns="dataset", values="verdict").reindex(
        [claim.id for claim in claims.CLAIMS]
    )
    return pd.DataFrame(
        {"Claim": [_statement(claim) for claim in claims.CLAIMS]}
        | {text: [signed(verdict) for verdict in wide[name]] for name, text in judged_titles().items()}
    )


def judged_titles() -> dict[str, str]:
    """Return how the data sets that are judged, and all of them together, are called."""
    return {name: datasets.get(name).title for name in claims.DATASETS} | {claims.ALL: "All"}


def signed(verdict: str) -> str:
    """Return a verdict with its sign."""
    return f"{SIGNS[verdict]} {verdict}"


def evidence(table: pd.DataFrame) -> pd.DataFrame:
    """Return every verdict with its number and the cells that it stands on.

    Parameters
    ----------
    table : DataFrame
        What `claims.judge` returns.
    """
    return pd.DataFrame(
        {
            "Claim": table["claim"],
            "Data set": table["dataset"],
            "Verdict": table["verdict"],
            "Estimate": [with_interval(*row) for row in table[["estimate", "low", "high"]].itertuples(index=False)],
            "n": table["n_seeds"],
            "Evidence": table["evidence"],
        }
    )


def _statement(claim: claims.Claim) -> str:
    """Return a claim in words, with what tells it from another one of the same words."""
    told = distinction(claim)
    return f"{claim.statement.removesuffix('.')}: {told}" if told else claim.statement


def distinction(claim: claims.Claim) -> str:
    """Return what tells a claim from others of the same words, a metric or a share; empty if there is no other."""
    twins = [other for other in claims.CLAIMS if other.statement == claim.statement]
    if len({other.measures for other in twins}) > 1:
        return METRICS[claim.measures[0]]
    if len({other.fractions for other in twins}) > 1:
        return f"at {percent(claim.fractions[0])}" if len(claim.fractions) == 1 else "at all shares"
    return ""


def provenance(runs: pd.DataFrame) -> pd.DataFrame:
    """Return cells by commit, machine and protocol version.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    groups = runs.groupby(ORIGIN, sort=False)
    table = groups.agg(cells=("arm", "size"), first=("computed_at", "min"), last=("computed_at", "max")).reset_index()
    return pd.DataFrame(
        {
            "Commit": table["commit"].str[:12] + table["dirty"].map({True: " (changed)", False: ""}),
            "Protocol": table["protocol_version"],
            "Processor": table["cpu_model"] + ", " + table["cores"].astype(str) + " cores",
            "Platform": table["platform"],
            "Python": table["python"],
            "Cells": table["cells"],
            "First": table["first"].str[:16],
            "Last": table["last"].str[:16],
        }
    )


def versions(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the package versions that occur, with the number of cells computed with each.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    pairs = runs["versions"].str.split().explode().str.split("==", expand=True)
    counts = pairs.value_counts(sort=False).reset_index()
    counts.columns = ["Package", "Version", "Cells"]
    return counts


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


FAILURE = ["dataset", "size", "arm", "reason"]


def effort_by_arm(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what the cells of each data set and arm cost, in columns of `runs.csv`: sums, and the largest memory.

    A fit that several arms share counts with each of them.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    sums = {name: (name, "sum") for name in ("seconds", "cpu_seconds", "fit_seconds", "fit_cpu_seconds")}
    groups = runs.groupby(["dataset", "arm"], sort=False)
    return groups.agg(
        sizes=("size", joined), seeds=("seed", joined), cells=("seed", "size"), **sums, peak_mib=("peak_mib", "max")
    ).reset_index()


def effort(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what the results cost, by data set.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    done = runs[runs["status"] == "done"]
    generator = done["arm"].map(lambda name: ARMS[name].generator if name in ARMS else "")
    fits = done.assign(generator=generator).dropna(subset="fit_seconds")
    fits = fits.drop_duplicates(["dataset", "size", "seed", "generator"])
    seconds = (
        done.groupby("dataset", sort=False)["seconds"]
        .sum()
        .add(fits.groupby("dataset")["fit_seconds"].sum(), fill_value=0)
    )
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


def failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return which cells failed and why, a row per data set, size, arm and reason.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    failed = runs[runs["status"] == "failed"].fillna({"reason": "none given"}).groupby(FAILURE, sort=False)["seed"]
    groups = failed.agg(lambda seeds: ", ".join(map(str, sorted(seeds)))).reset_index()
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in groups["dataset"]],
            "Training set": [
                percent(float(size[1:])) if size[0] == "f" else f"{size[1:]} minority rows" for size in groups["size"]
            ],
            "Arm": groups["arm"].map(title),
            "Seeds": groups["seed"],
            "Reason": groups["reason"],
        }
    )


def mix_text(runs: pd.DataFrame) -> str:
    """Return from how many commits, versions of packages and machines the rows come, in a sentence.

    Parameters
    ----------
    runs : DataFrame
        Rows of `runs.csv`.
    """
    # some arms need a package more, which makes no other set
    packages = pd.DataFrame([dict(pin.split("==") for pin in text.split()) for text in runs["versions"].unique()])
    counts = {
        ("commit", "commits"): runs["commit"].nunique(),
        ("set of package versions", "sets of package versions"): packages.nunique().max(),
        ("kind of machine", "kinds of machine"): len(runs[["cpu_model", "cores", "platform"]].drop_duplicates()),
        ("version of the protocol", "versions of the protocol"): runs["protocol_version"].nunique(),
    }
    mixed = [one for (one, _), n in counts.items() if n > 1]
    listed = named([f"{n} {one if n == 1 else many}" for (one, many), n in counts.items()])
    dirty = int(runs["dirty"].sum())
    return (
        f"The {len(runs)} cells of this book come from {listed}; {dirty or 'none'} of them from code that differed from its "
        f"commit. "
        + (f"So they are a mix: of more than one {' and '.join(mixed)}." if mixed else "So they are of one piece.")
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
        found = item["lineage"] or {"cells": [], "commands": [], "data": []}
        cells = [tuple(cell) for cell in found["cells"]]
        last = audit.latest(audits, cells)
        names = list(dict.fromkeys(cell[0] for cell in cells))
        own = runs[pd.MultiIndex.from_frame(runs[audit.IDENTITY]).isin(cells)]
        rows.append(
            {
                "page": page,
                "kind": item["kind"],
                "name": item["name"],
                "commands": "; ".join(found["commands"]) or item["command"],
                "inputs": ", ".join(names) or "code",
                "network": lineage.network(names),
                "minutes": audit.cost(own, lineage.CORES) / 60,
                "cells": len(cells),
                "audited": len(last),
                "mismatched": int((last["verdict"] == "mismatch").sum()),
                "last_audit": last["audited_at"].max() if len(last) else "",
            }
        )
    return pd.DataFrame(rows)


def shown_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return the reproduction matrix as it is shown; `Item` and `Command` are Markdown.

    Parameters
    ----------
    table : DataFrame
        What `matrix` returns.
    """
    label = table["kind"].map({"figure": "fig", "table": "tab"}) + "-" + table["page"] + "-" + table["name"]
    reference = [
        f"[Explorer]({row.page}.ipynb)" if row.kind == "explorer" else f"{{numref}}`{name}`"
        for row, name in zip(table.itertuples(), label, strict=True)
    ]
    return pd.DataFrame(
        {
            "Item": reference,
            "Page": table["page"],
            "Name": table["name"],
            "Command": [" ".join(f"`{one}`" for one in text.split("; ")) for text in table["commands"]],
            "Inputs": table["inputs"],
            "Network": table["network"],
            "Two cores": [
                words.duration(60 * m) if n else "-" for m, n in zip(table["minutes"], table["cells"], strict=True)
            ],
            "Last audited": [
                f"{row.last_audit[:10]}: {row.audited} of {row.cells} cells, {row.mismatched or 'no'} mismatch"
                if row.audited
                else "-"
                if not row.cells
                else f"never, {row.cells} cells"
                for row in table.itertuples()
            ],
        }
    )


def audits(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `audit.csv` as they are shown, the latest first."""
    table = table.iloc[::-1]
    return pd.DataFrame(
        {
            "Audited": table["audited_at"].str[:16],
            "Cell": [audit.cell_of(row).path for row in table.itertuples()],
            "Verdict": table["verdict"],
            "Numbers": table["numbers"],
            "Furthest off": table["number"],
            "Difference": table["difference"].map("{:.1e}".format),
            "Tolerance": table["tolerance"].map("{:.1e}".format),
            "Stored by": table["stored_commit"].str[:12],
            "Audited by": table["commit"].str[:12],
            "Processor": table["cpu_model"],
        }
    )


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """Return the benchmarks that have a meaning of their own, beside their goals.

    Parameters
    ----------
    table : DataFrame
        Rows of `benchmarks.csv`.
    """
    known = table[table["name"].isin(benchmarks.MEANINGS)]
    meanings = [benchmarks.MEANINGS[name] for name in known["name"]]
    reached = [meaning.reached(row) for meaning, row in zip(meanings, known.itertuples(), strict=True)]
    return pd.DataFrame(
        {
            "Name": known["name"],
            "Value": [
                f"{row.value:.3g} {row.unit}".strip() for row in known[["value", "unit"]].fillna("").itertuples()
            ],
            "Ratio": written(known["ratio"], "{:.2f}"),
            "Goal": [
                "-" if m.goal is None else f"{m.column} {'at least' if m.at_least else 'at most'} {m.goal:g}"
                for m in meanings
            ],
            "Reached": [{True: "✓ yes", False: "✗ no", None: "-"}[found] for found in reached],
            "What it is": [meaning.text for meaning in meanings],
            "Measured": known["date"],
        }
    )


def fit_steps(steps: pd.DataFrame) -> pd.DataFrame:
    """Return what a fit spends its time on, as it is shown.

    Parameters
    ----------
    steps : DataFrame
        What `benchmarks.fit_steps` returns.
    """
    return pd.DataFrame(
        {
            "Step": steps["step"].str.capitalize(),
            "What it is": steps["step"].map(benchmarks.FIT_STEPS),
            "Seconds": steps["seconds"].map("{:.1f}".format),
            "Share": steps["share"].map("{:.0%}".format),
        }
    )


def presets(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the preset ``fast`` saves of a fit, as it is shown.

    Parameters
    ----------
    table : DataFrame
        What `benchmarks.presets` returns.
    """
    shown = {"Data set": [datasets.get(name).title for name in table["dataset"]]}
    for what, factor, label in (("whole", "factor", "Fit"), ("training", "training_factor", "Training alone")):
        shown[f"{label}, s"] = table[what].map("{:.0f}".format)
        shown[f"{label}, fast, s"] = table[f"{what}, fast"].map("{:.0f}".format)
        shown[f"{label}, times cheaper"] = table[factor].map("{:.1f}".format)
    return pd.DataFrame(shown)


def site_pages(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each page of the site weighs and how fast it shows, the heaviest first.

    Parameters
    ----------
    table : DataFrame
        Rows of `benchmarks.csv`.
    """
    pages = table[table["name"].str.startswith("page/")]
    names = pages["name"].str.split("/", expand=True).reindex(columns=[1, 2]).set_axis(["page", "quantity"], axis=1)
    wide = pages.assign(**names).pivot(index="page", columns="quantity", values="value")
    wide = wide.sort_values("own weight", ascending=False)
    return pd.DataFrame(
        {
            "Page": wide.index,
            "Own weight (MB)": wide["own weight"].map("{:.2f}".format),
            "Shared (MB)": wide["shared weight"].map("{:.2f}".format),
            "Requests": wide["requests"].astype(int),
            "First paint (s)": wide["first paint"].map("{:.2f}".format),
        }
    )


def arm_costs(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each arm costs and gains, and on how many minority shares that stands.

    Parameters
    ----------
    table : DataFrame
        What `benchmarks.arm_costs` returns.
    """
    table = in_order(table).sort_values(
        "dataset", key=lambda column: column.map(list(datasets.DATASETS).index), kind="stable"
    )
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in table["dataset"]],
            "Rows by columns": table["n_rows"].map("{:,}".format) + " by " + table["n_features"].astype(str),
            "Arm": table["arm"].map(title),
            "Seconds": table["seconds"].map("{:.1f}".format),
            "CPU seconds": table["cpu_seconds"].map("{:.1f}".format),
            "Extra CPU": written(table["extra"], "{:+.1f}"),
            "Peak memory (MiB)": table["peak_mib"].map("{:.0f}".format),
            "Gain (points)": _in_points(table, "gain", "low", "high"),
            "Points per CPU minute": written(100 * table["gain_per_minute"], "{:+.1f}"),
            "Shares": table["sizes"].str.split().str.len(),
            "n": written(table["n_seeds"], "{:.0f}"),
        }
    )


def errata(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `errata.csv` as they are shown."""
    shown = table.assign(commit=table["commit"].str[:12]).replace("", "-")
    return shown.rename(columns=str.capitalize)
