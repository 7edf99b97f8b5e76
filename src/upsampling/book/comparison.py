"""The comparison across data sets: leaders, gains and differences, and the sentences that depend on them."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from upsampling.book.drawing import in_order
from upsampling.book.figures import METRICS
from upsampling.errors import SpecError
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import VARIANTS, title
from upsampling.study.claims import MIN_VERDICT_SEEDS
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import HOLDOUT_SHARE, SEEDS
from upsampling.study.store import Store
from upsampling.words import joined, named, percent, points, seeds_text

# The shares that the paper calls extreme end here.
FEW = 0.005
SPANS = {"few": "small shares", "more": "larger shares"}
CELL = ["dataset", "size", "minority_fraction", "n_minority", "classifier"]
# Arms that nobody could or should choose. Of the variants, a classifier that is tuned on the unbalanced rows is one to choose.
NO_CHOICE = frozenset({"oracle", *VARIANTS} - {"tuned_none"})

# Ways to the generator's rows, by the arm of each.
WAYS = {
    "tabularargn": "with categories first",
    "tabularargn_table_order": "with numbers first",
    "tabularargn_sdk": "through the SDK",
}


def load(store: Store, names: Sequence[str], fractions: Sequence[float], arms: Sequence[str]) -> pd.DataFrame:
    """Return the rows of `metrics.csv` of some data sets, fractions and arms, in seeds of the study that all arms of a cell have.

    Raises
    ------
    SpecError
        There is no such row.
    """
    metrics = store.load("metrics")
    chosen = metrics["dataset"].isin(names) & metrics["minority_fraction"].isin(fractions) & metrics["arm"].isin(arms)
    kept, _ = stats.common_cells(study_seeds(metrics[chosen]), across="arm", cells=[*CELL, "seed"])
    if kept.empty or set(kept["arm"]) != set(arms):
        raise SpecError(
            f"no cell of {named(list(names))} in {store.folder} has all of the arms {named(list(arms))}; `make grid` computes "
            f"them, and `git checkout -- results` brings the published ones back."
        )
    return in_order_of(kept, names)


def study_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under seeds of the study: further ones exist for a few arms and shares, to judge what was chosen on the first."""
    own = [seed in SEEDS.get(name, (seed,)) for name, seed in zip(rows["dataset"], rows["seed"], strict=True)]
    return rows[np.array(own, dtype=bool)]


def in_order_of(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Sort rows by data set in a given order; within one they keep theirs."""
    order = {name: position for position, name in enumerate(names)}
    return table.sort_values("dataset", key=lambda column: column.map(order), kind="stable", ignore_index=True)


def coverage_text(metrics: pd.DataFrame, names: Sequence[str], fractions: Sequence[float]) -> str:
    """Return how many fractions and seeds stand behind the page, by data set."""
    lines = []
    for name in names:
        part = metrics[metrics["dataset"] == name]
        seeds = part.groupby("minority_fraction")["seed"].nunique()
        if part.empty:
            lines.append(f"- {datasets.get(name).title}: not computed yet")
            continue
        shown = named([percent(f) for f in sorted(seeds.index)])
        lines.append(
            f"- {datasets.get(name).title}: {len(seeds)} of {len(fractions)} minority shares ({shown}), {seeds_text(seeds)}"
        )
    return "What stands behind this page:\n\n" + "\n".join(lines)


def _means(metrics: pd.DataFrame, metric: str) -> pd.DataFrame:
    return (
        metrics.groupby([*CELL, "arm"], sort=False)
        .agg(mean=(metric, "mean"), n_seeds=("seed", "nunique"), seeds=("seed", joined))
        .reset_index()
    )


def leaders(metrics: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the arm with the highest mean in each cell, and its lead over the second.

    Returns
    -------
    DataFrame
        The cell's columns, `arm`, `mean`, `lead`, `n_seeds`, `seeds`, and `arms`: those compared.
    """
    ranked = _means(metrics, metric).sort_values("mean", ascending=False)
    groups = ranked.groupby(CELL, sort=False)["mean"]
    ranked["lead"] = ranked["mean"] - groups.shift(-1)
    first = ranked.drop_duplicates(CELL).assign(arms=joined(metrics["arm"]))
    return in_order_of(first.sort_values(["minority_fraction", "classifier"]), metrics["dataset"].unique())


def leaders_caption(table: pd.DataFrame, metric: str) -> str:
    """Return the finding of the leaders' figure."""
    parts = []
    for name, part in table.groupby("dataset", sort=False):
        wins = part["arm"].value_counts()
        listed = named([f"{title(arm)} in {count}" for arm, count in wins.items()])
        parts.append(f"{datasets.get(name).title}, of {len(part)} combinations: {listed}")
    return (
        f"The arm with the highest mean {METRICS[metric]}, and its lead over the second in percentage points "
        f"({seeds_text(table['n_seeds'])}). {'; '.join(parts)}."
    )


def gains(metrics: pd.DataFrame, metric: str, arm: str, others: Sequence[str]) -> pd.DataFrame:
    """Return the mean difference between an arm and the better of others in each cell.

    Returns
    -------
    DataFrame
        The cell's columns, `n_seeds`, `seeds`, `gain`, `better` (the other arm it was measured against), `low` and `high`
        (interval of the gain over seeds), and `arms`: all that were compared.
    """
    means = _means(metrics, metric)
    wide = means.pivot(index=[*CELL, "n_seeds", "seeds"], columns="arm", values="mean")
    best = wide[list(others)]
    table = pd.DataFrame({"gain": wide[arm] - best.max(axis=1), "better": best.idxmax(axis=1)}).reset_index()
    spread = stats.summarise(_paired_gains(metrics, metric, arm, table), by=CELL, values=["gain"])
    table = table.merge(spread[[*CELL, "low", "high"]], on=CELL)
    return in_order_of(table.assign(arms=joined([arm, *others])), metrics["dataset"].unique())


def _paired_gains(metrics: pd.DataFrame, metric: str, arm: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return the `gain` of an arm in each cell and seed, over the arm that is called `better` in that cell."""
    paired = metrics.pivot(index=[*CELL, "seed"], columns="arm", values=metric).reset_index()
    paired = paired.merge(found[[*CELL, "better"]], on=CELL)
    return paired.assign(gain=[row[arm] - row[row["better"]] for _, row in paired.iterrows()])


def gains_caption(table: pd.DataFrame, metric: str) -> str:
    """Return the finding of the heat map: how often there is a gain, and the largest."""
    parts = []
    for name, part in table.groupby("dataset", sort=False):
        top = part.loc[part["gain"].idxmax()]
        parts.append(
            f"{datasets.get(name).title}: positive in {(part['gain'] > 0).sum()} of {len(part)}, at most {100 * top['gain']:+.1f} "
            f"(at {percent(top['minority_fraction'])})"
        )
    return (
        f"Gain in {METRICS[metric]} in percentage points, mean over {seeds_text(table['n_seeds'])}; below it the 95 % interval "
        f"where there are three seeds, bold where it excludes zero. {'; '.join(parts)}."
    )


def differences(metrics: pd.DataFrame, metric: str, arm: str, others: Sequence[str]) -> pd.DataFrame:
    """Return paired differences between an arm and each other one: see `stats.paired_differences`."""
    table = stats.paired_differences(metrics, metric, arm, others, by=CELL)
    return table.assign(arms=table["arm"] + " " + table["other"])


def against(metrics: pd.DataFrame, metric: str, arm: str, few: float = FEW) -> pd.DataFrame:
    """Compare every other arm with one, on the average over minority shares and the paper's classifiers.

    Arms that only vary another one, and those that lack a share which the given arm has, do not take part: they have pages of their own.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    metric, arm : str
        What is compared, and with which arm.
    few : float
        Shares up to this one are averaged, and so are those above.

    Returns
    -------
    DataFrame
        `span` (a key of `SPANS`), the columns of `stats.mean_differences` (another arm minus `arm`, the largest first), and
        `arms`, both of them.
    """
    rows = metrics.replace({"classifier": {"balanced_forest": "random_forest"}})
    rows = rows[rows["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR]) & ~rows["arm"].isin(VARIANTS - {arm})]
    tables = []
    for span, part in (
        ("few", rows[rows["minority_fraction"] <= few]),
        ("more", rows[rows["minority_fraction"] > few]),
    ):
        part = _with_every_size(part, arm)
        others = [name for name in part["arm"].unique() if name != arm]
        tables.append(stats.mean_differences(part, metric, others, arm).assign(span=span))
    table = pd.concat(tables, ignore_index=True).dropna(subset="mean")
    table = table.assign(arms=table["arm"] + " " + table["other"])
    table = table.sort_values(["span", "mean"], ascending=[True, False], kind="stable")
    return in_order_of(table[["span", *table.columns.drop("span")]], metrics["dataset"].unique())


def complete(metrics: pd.DataFrame, arms: Collection[str]) -> pd.DataFrame:
    """Return the rows of the paper's classifiers on the training sets that have every one of the arms, with their `span`.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    arms : collection of str
        The arms that are kept, and have to be there.
    """
    rows = metrics[metrics["arm"].isin(arms) & metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    present = rows.groupby(["dataset", "size", "seed", "classifier"])["arm"].transform("nunique") == len(arms)
    kept = rows[present]
    return kept.assign(span=(kept["minority_fraction"] <= FEW).map({True: "few", False: "more"}))


def whole_seeds(rows: pd.DataFrame, by: Sequence[str], cells: Sequence[str] = ("size",)) -> pd.DataFrame:
    """Return the rows of the seeds that have every cell which any seed has, within each group of `by`: means over these can be compared."""
    named_cell = rows.groupby([*by, *cells], dropna=False).ngroup()
    wanted = named_cell.groupby([rows[name] for name in by]).transform("nunique")
    return rows[named_cell.groupby([rows[name] for name in (*by, "seed")]).transform("nunique") == wanted]


def _with_every_size(rows: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return the rows of the arms that have, on a data set, every size that `arm` has there."""
    sizes = rows.groupby(["dataset", "arm"])["size"].agg(set)
    wanted = {dataset: own for (dataset, name), own in sizes.items() if name == arm}
    kept = [
        dataset in wanted and wanted[dataset] <= sizes[dataset, name]
        for dataset, name in zip(rows["dataset"], rows["arm"], strict=True)
    ]
    return rows[np.array(kept, dtype=bool)]


def shares(sizes: str) -> str:
    """Name the minority shares in a column `sizes`: ``0.1 % and 1 %``."""
    return named([percent(float(size[1:])) for size in sorted(sizes.split(), key=lambda size: float(size[1:]))])


def by_span(rows: pd.DataFrame, arms: Sequence[str], other: str) -> pd.DataFrame:
    """Return arms minus another one in average precision, on the mean over the shares of a span and the classifiers.

    Parameters
    ----------
    rows : DataFrame
        What `complete` returns.
    arms, other : sequence of str, str
        The arms, and the one that all of them are compared with.

    Returns
    -------
    DataFrame
        `span` (a key of `SPANS`), the columns of `stats.mean_differences`, and `arms`, both of them.
    """
    tables = [
        stats.mean_differences(part, "average_precision", arms, other).assign(span=span)
        for span, part in rows.groupby("span")
    ]
    if not tables:
        return pd.DataFrame(columns=["span", "dataset", "arm", "other", "mean", "low", "high", "n_seeds", "arms"])
    table = pd.concat(tables, ignore_index=True)
    return in_order_of(table.assign(arms=table["arm"] + " " + table["other"]), rows["dataset"].unique())


def against_caption(table: pd.DataFrame) -> str:
    """Return the finding of the comparison with one arm: which others are better beyond doubt most often."""
    (other,) = table["other"].unique()
    judged = table[table["low"].notna() & (table["arm"] != "oracle")]
    if judged.empty:
        return "No data set has the three seeds that an interval needs."
    n_panels = judged["arm"].value_counts()
    often = judged.loc[judged["low"] > 0, "arm"].value_counts()
    most = [arm for arm in in_order(often.index) if often[arm] >= sorted(set(often))[-2:][0]]
    listed = [f"{title(arm)} ({often[arm]} of {n_panels[arm]})" for arm in sorted(most, key=often.get, reverse=True)]
    return (
        f"Better than {title(other)} with the interval above zero, in how many of the panels where the arm has an interval: "
        f"{named(listed) if listed else 'no arm in any'}."
    )


def best_pairs(metrics: pd.DataFrame, metric: str, arm: str) -> pd.DataFrame:
    """Return the pair of arm and classifier that is best at each share, and the best with a given arm.

    Every pair is held against the best of `arm` with one of the paper's classifiers under the seeds that both have, three at least, and the
    one with the highest mean difference wins; `NO_CHOICE` does not take part.

    Returns
    -------
    DataFrame
        One row per data set and share: `arm`, `classifier` and `best` of the winner; `reference_classifier` and `reference`
        of the best pair with `arm`, under the same seeds; `difference`, `low`, `high`, `n_seeds` and `seeds` of their paired difference; and
        `arms`, all that took part.
    """
    rows = []
    share = ["dataset", "size", "minority_fraction", "n_minority"]
    for key, part in metrics[~metrics["arm"].isin(NO_CHOICE - {arm})].groupby(share, sort=False):
        wide = stats.by_seed(part, ["arm", "classifier"], metric)
        if arm not in wide:
            continue
        reference = (arm, wide[arm].mean().reindex(PAPER_CLASSIFIERS).idxmax())
        wide = wide[wide[reference].notna()]
        wide = wide.loc[:, wide.count() >= min(stats.MIN_SEEDS, len(wide))]
        differences = wide.sub(wide[reference], axis=0)
        best = differences.mean().idxmax()
        paired = differences[[best]].dropna()
        found = stats.bootstrap_over_seeds(paired, lambda values: values.mean((-2, -1)))
        levels = wide.loc[paired.index].mean()
        rows.append(
            dict(zip(share, key, strict=True))
            | {"arm": best[0], "classifier": best[1], "best": levels[best]}
            | {"reference_classifier": reference[1], "reference": levels[reference]}
            | {"difference": found.estimate, "low": found.low, "high": found.high, "n_seeds": found.n_seeds}
            | {"seeds": joined(paired.index), "arms": joined(wide.columns.get_level_values("arm"))}
        )
    return pd.DataFrame(rows)


def linear_text(metrics: pd.DataFrame, arm: str, few: float = FEW) -> str:
    """Return how a logistic regression on the unbalanced rows compares with trees on those of `arm`, by data set."""
    lines = []
    key = ["dataset", "minority_fraction", "seed"]
    linear = metrics[(metrics["arm"] == "none") & (metrics["classifier"] == LINEAR)]
    trees = metrics[(metrics["arm"] == arm) & metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    pairs = trees.merge(linear[[*key, "average_precision"]], on=key, suffixes=("", "_linear"))
    pairs = pairs[pairs["minority_fraction"] <= few]
    pairs["difference"] = pairs["average_precision_linear"] - pairs["average_precision"]
    pairs = whole_seeds(pairs, ["dataset"], ["minority_fraction", "classifier"])
    for name, part in pairs.groupby("dataset", sort=False):
        found = [
            f"{classifiers.TITLES[row.classifier]} {points(row.mean, row.low, row.high)}"
            for row in stats.summarise(
                part.groupby(["classifier", "seed"], as_index=False)["difference"].mean(),
                ["classifier"],
                ["difference"],
            ).itertuples()
        ]
        lines.append(
            f"- {datasets.get(name).title} ({seeds_text(pd.Series([part['seed'].nunique()]))}): {named(found)}"
        )
    return (
        f"Average precision of a logistic regression on the *unbalanced* rows, at shares of {percent(few)} and below, minus that of "
        f"the paper's classifiers trained on the rows of {title(arm)}, in points with a 95 % interval over seeds:\n\n"
        + "\n".join(lines)
    )


def answer(metrics: pd.DataFrame) -> str:
    """Return the answer to the book's question in a few lines, from the paper's arms and classifiers alone.

    Parameters
    ----------
    metrics : DataFrame
        What `load` returns.
    """
    metrics = metrics[metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    lines, better = [], {"few": [], "more": []}
    for name, part in metrics.groupby("dataset", sort=False):
        wins = leaders(part, "average_precision")["arm"].value_counts()
        few = part["minority_fraction"] <= FEW
        spans = {"few": (part[few], f"at {percent(FEW)} and below"), "more": (part[~few], "above")}
        told = []
        for span, (rows, where) in spans.items():
            if rows.empty:
                continue
            gain = _mean_gain(rows, "average_precision", "tabularargn", ["naive", "smotenc"])
            told.append(f"{points(gain.estimate, gain.low, gain.high)} points {where} (n = {gain.n_seeds})")
            if gain.low > 0:
                better[span].append(datasets.get(name).title)
        lines.append(
            f"- **{datasets.get(name).title}**: average precision {named(told)}, beside the better of the two. Of the paper's four arms the hybrid "
            f"is the best in {wins.get('tabularargn', 0)} of {wins.sum()} combinations of minority share and the paper's classifiers."
        )
    few, more = (f"on {named(names)}" if names else "on no table" for names in better.values())
    return (
        f"**On average over shares and classifiers, and beyond the wide 95 % interval, the generator's rows are worth more than repeated or interpolated "
        f"ones at minority shares of {percent(FEW)} and below {few}, and above that {more}.** The paper's arm, the *hybrid*, has all real rows, and "
        f"synthetic minority rows until both classes are of one size; naive oversampling and SMOTE-NC are the two traditional ways.\n\n"
        + "\n".join(lines)
    )


def _mean_gain(rows: pd.DataFrame, metric: str, arm: str, others: Sequence[str]) -> stats.Bootstrap:
    """Return the mean over cells of an arm minus the better of others in each, with an interval that may be acted on.

    It stands on the seeds that have all cells.
    """
    paired = _paired_gains(rows, metric, arm, gains(rows, metric, arm, others))
    return stats.corrected_interval(stats.by_seed(paired, CELL, "gain").dropna().mean(axis=1), HOLDOUT_SHARE)


def attainable_text(table: pd.DataFrame) -> str:
    """Return the smallest p that the tests of some differences can reach after correction, in words.

    Parameters
    ----------
    table : DataFrame
        What `differences` returns.
    """
    tested = table.dropna(subset="p")
    if tested.empty:
        return "No comparison has the three seeds that a test needs."
    parts = []
    for name, part in tested.groupby("dataset", sort=False):
        n_seeds = int(part["n_seeds"].max())
        parts.append(
            f"{min(1.0, len(part) * 2.0 ** (1 - n_seeds)):.2g} on {datasets.get(name).title} ({n_seeds} seeds)"
        )
    return (
        f"The smallest corrected p that can come out is {named(parts)}: a larger one is no evidence of equality. Where it is "
        "above 0.05, a dash stands for p."
    )


def backends(
    metrics: pd.DataFrame, arm: str, other: str, names: Sequence[str] = ("average_precision", "roc_auc", "brier")
) -> pd.DataFrame:
    """Return paired differences between two arms under several metrics, and under the mean of the paper's classifiers.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.
    arm, other : str
        The arm, and the one that it is compared with.
    names : sequence of str
        Metrics.

    Returns
    -------
    DataFrame
        The columns of `stats.paired_differences`, a column `metric`, and rows whose `classifier` is ``mean``.
    """
    by = [column for column in CELL if column != "classifier"]
    paper = metrics[metrics["classifier"].isin(PAPER_CLASSIFIERS)]
    mean = paper.groupby([*by, "seed", "arm"], as_index=False)[[*names]].mean().assign(classifier="mean")
    rows = pd.concat([mean, metrics], ignore_index=True)
    return pd.concat([differences(rows, name, arm, [other]).assign(metric=name) for name in names], ignore_index=True)


def gains_by_way(store: Store, names: Sequence[str], fraction: float, rivals: Sequence[str]) -> pd.DataFrame:
    """Compare the ways to the generator's rows with arms that have none, on the mean over the paper's classifiers.

    Parameters
    ----------
    store : Store
        Results.
    names, rivals : sequence of str
        Data sets, and the arms that need no generator.
    fraction : float
        Minority share.

    Returns
    -------
    DataFrame
        The columns of `stats.mean_differences` for each pair, on average precision, and `arms`, both of them; for data sets with two of `WAYS` or more, each
        on the seeds that all of its arms share.
    """
    computed = store.load("metrics")
    computed = computed[computed["minority_fraction"] == fraction].groupby("dataset")["arm"].unique()
    found = []
    for name in names:
        ways, others = ([arm for arm in arms if arm in computed.get(name, ())] for arms in (WAYS, rivals))
        if len(ways) < 2 or not others:
            continue
        rows = load(store, [name], [fraction], [*ways, *others])
        rows = rows[rows["classifier"].isin(PAPER_CLASSIFIERS)]
        found += [stats.mean_differences(rows, "average_precision", ways, other) for other in others]
    if not found:
        return pd.DataFrame(columns=["dataset", "arm", "other"])
    table = pd.concat(found, ignore_index=True)
    return table.assign(arms=table["arm"] + " " + table["other"])


def gains_by_way_text(table: pd.DataFrame) -> str:
    """Return what is gained each way over each rival, in words; `table` is that of `gains_by_way`."""
    told = []
    for (dataset, other), part in table.groupby(["dataset", "other"], sort=False):
        gained = [
            f"{points(row.mean, row.low, row.high)} {WAYS[row.arm]}{' (not shown to be one)' if row.low <= 0 else ''}"
            for row in part.itertuples()
        ]
        told.append(
            f"over {title(other)} on {datasets.get(dataset).title} {named(gained)} (n = {part['n_seeds'].iloc[0]})"
        )
    if not told:
        return "Not computed yet."
    return f"The hybrid's gain in average precision, in points, mean over the paper's classifiers with a 95 % interval over seeds: {'; '.join(told)}."


def backends_text(table: pd.DataFrame, way: str, other: str, margin: float = 0.01) -> str:
    """Return whether two ways to the generator's rows agree: by the interval of the mean over classifiers.

    Parameters
    ----------
    table : DataFrame
        What `backends` returns.
    way, other : str
        The two ways in words, such as ``through the SDK``.
    margin : float
        Within it, a difference in average precision counts as none.
    """
    row = table[(table["metric"] == "average_precision") & (table["classifier"] == "mean")].iloc[0]
    found = (
        f"Over {row.n_seeds} seeds and the paper's classifiers, the average precision {way} lies {100 * row['mean']:+.1f} points "
        f"from that {other}"
    )
    if pd.isna(row.low):
        return f"{found}. With fewer than three seeds nothing can be said."
    found += f", with a 95 % interval from {100 * row.low:+.1f} to {100 * row.high:+.1f}."
    if row.n_seeds < MIN_VERDICT_SEEDS:
        return f"{found} Of fewer than {MIN_VERDICT_SEEDS} seeds that is little more than their range, so there is no verdict."
    if max(abs(row.low), abs(row.high)) <= margin:
        return f"{found} All of it lies within ±{100 * margin:g} points: **the two agree.**"
    if row.low <= 0 <= row.high:
        return (
            f"{found} **No difference is shown**, but the interval is too wide to say that there is none to "
            f"±{100 * margin:g} points."
        )
    return f"{found} It excludes zero: by this interval, which is not corrected for the other rows of the table, **the two do not agree**."
