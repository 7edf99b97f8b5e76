"""Does the gain grow with the structure that both classes share? The rule, what it says of the simulated tables, and the figure.

The rule was written before the results that it judges; larger tables, which came later, are judged by the same one. It looks at the *growth* of a gain: how many points of average precision it rises
from unrelated to identical structure, by a straight line through all positions of the knob, fitted to each seed's gains.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import pearsonr, rankdata

from upsampling.book.drawing import PANEL, in_points, legend, panels
from upsampling.book.palette import line
from upsampling.book.studies import mechanisms
from upsampling.book.tables import with_interval
from upsampling.study import stats
from upsampling.study.arms import title
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.simulation import ARMS, CHECK, SHARED
from upsampling.words import joined, named, percent, points, seeds_text

HYBRID, MINORITY_ONLY, UNBALANCED, CEILING = "tabularargn", "tabularargn_minority_only", "none", "oracle"
# The first is the one that decides: the two differ in nothing but the rows that the generator learns from.
OTHERS = (MINORITY_ONLY, "marginals", "smotenc", "class_weight", UNBALANCED)
# The arms as a sentence calls them.
NAMES = mechanisms.NAMES | {"smotenc": "SMOTE-NC", "class_weight": "class weights"}
# The gain grows if the whole interval of its growth lies above `THRESHOLD`, a little if above 0.
THRESHOLD = 0.02
# The tables are equally difficult if the whole interval of the oracle's growth lies within this.
EQUAL = 0.05
MIN_SEEDS = 5
VERDICTS = {
    "supported": "grows",
    "partly": "grows a little",
    "not supported": "does not grow",
    "undecided": "may or may not grow",
}


def complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the paper's classifiers, of the seeds that have every arm at every position of the knob.

    Parameters
    ----------
    rows : DataFrame
        Rows of ``simulation.csv``.
    """
    rows = rows[rows["classifier"].isin(PAPER_CLASSIFIERS) & rows["average_precision"].notna()]
    wanted = len(SHARED) * len(ARMS) * len(PAPER_CLASSIFIERS)
    return rows[rows.groupby("seed")["average_precision"].transform("size") == wanted]


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the hybrid minus each other arm in average precision, by position of the knob.

    Parameters
    ----------
    rows : DataFrame
        What `complete` returns.

    Returns
    -------
    DataFrame
        `shared`, `other`, `mean`, `low` and `high` (mean over the paper's classifiers, interval over seeds), `better` (share of
        classifiers and seeds), `n_seeds` and `seeds`.
    """
    if rows.empty:
        return pd.DataFrame(columns=["shared", "other", "mean", "low", "high", "better", "n_seeds", "seeds"])
    # a position of the knob is a table of its own
    tables = [
        stats.mean_differences(
            rows.assign(dataset=rows["shared"]), "average_precision", [HYBRID], other, ["classifier"]
        )
        for other in OTHERS
    ]
    found = pd.concat(tables, ignore_index=True).rename(columns={"dataset": "shared"})
    return found[["shared", "other", "mean", "low", "high", "better", "n_seeds", "seeds"]]


def levels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the average precision of each arm by position of the knob, mean over the paper's classifiers, with an interval over seeds."""
    means = rows.groupby(["shared", "arm", "seed"], as_index=False)[
        ["average_precision", "detectability", "bayes_auc"]
    ].mean()
    found = stats.summarise(means, ["shared", "arm"], ["average_precision", "detectability", "bayes_auc"])
    return found.sort_values("arm", key=lambda arms: arms.map(ARMS.index), kind="stable", ignore_index=True)


def growth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by how much each gain, and the average precision of the oracle, rises from unrelated to identical structure.

    Parameters
    ----------
    rows : DataFrame
        What `complete` returns.

    Returns
    -------
    DataFrame
        `arm`, `other` (empty for the oracle, which is no gain), `mean` (slope of the straight line over the knob), `low` and `high`
        (bootstrap over seeds), `rising` (share of seeds in which it rises), `n_seeds`, `seeds` and `verdict`.
    """
    found = []
    for arm, other in [*((HYBRID, other) for other in OTHERS), (CEILING, "")]:
        own, base = (rows.loc[rows["arm"] == name] for name in (arm, other))
        value = own.groupby(["shared", "seed"])["average_precision"].mean()
        if other:
            value = value - base.groupby(["shared", "seed"])["average_precision"].mean()
        table = stats.by_seed(value.rename("value").reset_index(), ["shared"], "value")
        slope = stats.bootstrap_over_seeds(table, lambda values: _slope(values.mean(-2)))
        rising = float((_slope(table.to_numpy()) > 0).mean()) if len(table) else float("nan")
        found.append(
            {"arm": arm, "other": other, "mean": slope.estimate, "low": slope.low, "high": slope.high, "rising": rising}
            | {"n_seeds": slope.n_seeds, "seeds": joined(table.index)}
            | {"verdict": verdict(slope.low, slope.high, slope.n_seeds) if other else ""}
        )
    return pd.DataFrame(found)


def learnt(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by table, how well the hybrid's generator tells the classes apart, and what the hybrid gains.

    Parameters
    ----------
    rows : DataFrame
        Rows of ``simulation.csv``.

    Returns
    -------
    DataFrame
        `seed`, `shared`, `posterior` (AUC-ROC of the generator's own probability of the minority class), `bayes_auc` (that of the true densities), and the hybrid's average precision minus
        that of `MINORITY_ONLY` and of `UNBALANCED`, mean over the paper's classifiers, in columns of their names. Seeds that lack something
        are left out.
    """
    check = rows[rows["arm"] == CHECK].set_index(["seed", "shared"])
    posterior = check[["roc_auc", "bayes_auc"]].rename(columns={"roc_auc": "posterior"})
    scores = complete(rows).pivot_table("average_precision", ["seed", "shared"], "arm")
    scores = scores.reindex(columns=[HYBRID, MINORITY_ONLY, UNBALANCED])
    table = scores.rsub(scores[HYBRID], axis=0).drop(columns=HYBRID).join(posterior, how="inner").dropna().reset_index()
    table = table.rename_axis(columns=None)[["seed", "shared", "posterior", "bayes_auc", MINORITY_ONLY, UNBALANCED]]
    return table[table.groupby("seed")["shared"].transform("size") == len(SHARED)]


def agreement(table: pd.DataFrame, other: str) -> stats.Bootstrap:
    """Return Spearman's correlation over all tables of what the generator has learnt and the hybrid's gain, with an interval over seeds.

    Parameters
    ----------
    table : DataFrame
        What `learnt` returns.
    other : str
        The arm over which it gains.
    """
    wide = table.pivot(index="seed", columns="shared", values=["posterior", other])

    def spearman(values: np.ndarray) -> np.ndarray:
        sides = np.split(values, 2, axis=-1)
        ranks = [rankdata(side.reshape(*side.shape[:-2], -1), axis=-1) for side in sides]
        return pearsonr(*ranks, axis=-1).statistic

    return stats.bootstrap_over_seeds(wide, spearman)


def learnt_text(table: pd.DataFrame) -> str:
    """Return what the generator has learnt of the classes, and whether the gain goes with it, in words.

    Parameters
    ----------
    table : DataFrame
        What `learnt` returns.
    """
    if table["seed"].nunique() < stats.MIN_SEEDS:
        return "Fewer than three seeds are computed: nothing can be said of that yet."
    mean = _posterior(table)
    of_minority, of_unbalanced = (agreement(table, other) for other in (MINORITY_ONLY, UNBALANCED))
    return (
        f"Over {len(table)} tables ({mean.n_seeds} seeds) the generator's own probability of the minority class has an AUC-ROC of "
        f"{with_interval(*mean[:3], 2)}, from {table['posterior'].min():.2f} to {table['posterior'].max():.2f}. To know nothing of the classes is "
        f"0.5, and the densities that they are drawn from reach {table['bayes_auc'].mean():.2f}. "
        f"The rank correlation of this with the hybrid's gain is {with_interval(*of_minority[:3], 2)} for the gain over {NAMES[MINORITY_ONLY]} and "
        f"{with_interval(*of_unbalanced[:3], 2)} for that over {NAMES[UNBALANCED]}."
    )


def alone_text(rows: pd.DataFrame) -> str:
    """Return the average precision of the generator's own probability minus that of classifiers on some arms, in a sentence.

    Parameters
    ----------
    rows : DataFrame
        Rows of ``simulation.csv`` of one size.
    """
    seeds = learnt(rows)["seed"].unique()
    if len(seeds) < stats.MIN_SEEDS:
        return ""
    chosen = rows["arm"].eq(CHECK) | rows["classifier"].isin(PAPER_CLASSIFIERS)
    means = rows[chosen & rows["seed"].isin(seeds)].pivot_table("average_precision", "seed", "arm")
    gaps = means.rsub(means[CHECK], axis=0)
    told = [
        f"{points(*stats.bootstrap_over_seeds(gaps[[arm]], lambda values: values.mean((-2, -1)))[:3])} beside {NAMES[arm]}"
        for arm in (HYBRID, UNBALANCED, "class_weight")
    ]
    return (
        f"By itself, as a score, that probability has this many points of average precision beside classifiers trained on a set, over all positions of the "
        f"knob: {named(told)} (n = {len(seeds)})."
    )


def _posterior(table: pd.DataFrame) -> stats.Bootstrap:
    """Return the mean AUC-ROC of the generator's own probability over all tables."""
    wide = table.pivot(index="seed", columns="shared", values="posterior")
    return stats.bootstrap_over_seeds(wide, lambda values: values.mean((-2, -1)))


def draw_learnt(table: pd.DataFrame) -> Figure:
    """Draw the hybrid's gains against how well its generator tells the classes apart: a dot per table, darker with more common structure.

    Parameters
    ----------
    table : DataFrame
        What `learnt` returns.
    """
    shades = dict(zip(SHARED, ("#C6DBEF", "#8FBFDD", "#5A9BCB", "#2A6CAE", "#08306B"), strict=True))
    with panels(1, 2, PANEL * 3, 3.2, sharex=True) as (figure, grid):
        for axes, other in zip(grid[0], (MINORITY_ONLY, UNBALANCED), strict=True):
            axes.axhline(0, color="#404040", linewidth=0.8)
            for shared, part in table.groupby("shared"):
                axes.scatter(
                    part["posterior"],
                    part[other],
                    color=shades[shared],
                    edgecolors="#404040",
                    linewidths=0.5,
                    s=26,
                    zorder=2,
                )
            axes.set_title(f"minus {title(other)}")
            axes.set_xlabel("AUC-ROC of the generator's posterior")
            in_points(axes.yaxis)
        grid[0, 0].set_ylabel("gain of the hybrid (points)")
        handles = [
            Line2D([], [], marker="o", linestyle="none", color=shade, markeredgecolor="#404040", markeredgewidth=0.5)
            for shade in shades.values()
        ]
        labels = [
            f"{percent(shared)} of structure common" if shared == SHARED[-1] else percent(shared) for shared in shades
        ]
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles))
    return figure


def _slope(values: np.ndarray) -> np.ndarray:
    """Return the slopes of straight lines through values at the positions of the knob, the last axis."""
    x = np.array(SHARED) - np.mean(SHARED)
    return values @ x / (x @ x) if values.size else np.array(float("nan"))


def verdict(low: float, high: float, n_seeds: int) -> str:
    """Return what the interval of a growth says: a key of `VERDICTS`.

    *supported* if all of it lies above `THRESHOLD`; *partly* if all of it lies above 0, but not above `THRESHOLD`; *not supported* if none of
    it lies above 0; else, and with fewer than 5 seeds, *undecided*.
    """
    if n_seeds < MIN_SEEDS or np.isnan(low):
        return "undecided"
    if low > THRESHOLD:
        return "supported"
    if low > 0:
        return "partly"
    return "not supported" if high <= 0 else "undecided"


def equally_difficult(table: pd.DataFrame) -> bool:
    """Return whether the interval of the oracle's growth, in what `growth` returns, lies within `EQUAL` on either side of 0."""
    row = table[table["arm"] == CEILING].iloc[0]
    return bool(max(-row["low"], row["high"]) <= EQUAL)


def headline(growths: pd.DataFrame, gained: pd.DataFrame, known: pd.DataFrame) -> str:
    """Return the finding in words: what a reader takes away, then what the rule says.

    Parameters
    ----------
    growths, gained, known : DataFrame
        What `growth`, `gains` and `learnt` return.
    """
    if not growths["n_seeds"].max():
        return "No seed is computed at every position of the knob yet: `upsampling simulation` computes them."
    of_gains = growths[growths["other"] != ""]
    first, rest = of_gains.iloc[0], of_gains.iloc[1:]
    own = gained[gained["other"] == first["other"]].set_index("shared")
    unrelated, identical = (_points(own.loc[shared]) for shared in (SHARED[0], SHARED[-1]))
    by_verdict = rest.groupby("verdict", sort=False)
    others = named(
        [
            f"that to {named([f'{NAMES[row.other]} ({_points(row)})' for _, row in part.iterrows()])} {VERDICTS[verdict]}"
            for verdict, part in by_verdict
        ]
    )
    n_seeds = int(growths["n_seeds"].max())
    few = f", of the {MIN_SEEDS} that the rule asks for" if n_seeds < MIN_SEEDS else ""
    return (
        f"{_takeaway(first['verdict'], gained, known)}\n\nBy the rule below, what training on all rows gains over training on the minority alone "
        f"{VERDICTS[first['verdict']]} with the common structure: from unrelated to identical structure it changes by {_points(first)} points of "
        f"average precision ({seeds_text(growths['n_seeds'])}{few}). It is worth {unrelated} points where the classes share no structure, and "
        f"{identical} where they share all of it. Of the hybrid's differences to other arms, {others}. "
        f"{_where(gained, MINORITY_ONLY)}{_where(gained, UNBALANCED)}{_difficulty(growths)}"
    )


def larger_text(growths: pd.DataFrame, gained: pd.DataFrame, known: pd.DataFrame) -> str:
    """Return what the larger tables say, in a sentence; empty as long as they are not computed.

    Parameters
    ----------
    growths, gained, known : DataFrame
        What `growth`, `gains` and `learnt` return of the larger tables.
    """
    if gained.empty:
        return ""
    return f"With ten times the majority rows, and as few of the minority: {_takeaway(growths.iloc[0]['verdict'], gained, known)}"


def _takeaway(verdict: str, gained: pd.DataFrame, known: pd.DataFrame) -> str:
    """Return whether the question is answered, how much the generator has learnt of the classes, and where the hybrid stands."""
    answers = {
        "undecided": "Whether the majority helps the more, the more structure the classes share, stays open",
        "not supported": "That the majority helps the more, the more structure the classes share, is not shown",
    }
    told = answers.get(verdict, "The majority helps the more, the more structure the classes share")
    parts = []
    if known["seed"].nunique() >= stats.MIN_SEEDS:
        parts.append(
            f"The generator's own probability of the minority class has an AUC-ROC of {with_interval(*_posterior(known)[:3], 2)}, where the "
            f"densities that the classes are drawn from allow {known['bayes_auc'].mean():.2f}."
        )
    own = gained[gained["other"] == UNBALANCED]
    means, n_sure = own["mean"], int(((own["low"] > 0) | (own["high"] < 0)).sum())
    beyond = f", beyond the interval at {n_sure if n_sure else 'none'} of {len(own)}"
    ends = sorted(abs(100 * means))
    where = f"{ends[0]:.1f} to {ends[-1]:.1f} points of average precision"
    if (means < 0).all():
        parts.append(f"At every position of the knob the hybrid lies below the unbalanced set, by {where}{beyond}.")
    elif (means > 0).all():
        parts.append(f"At every position of the knob the hybrid lies above the unbalanced set, by {where}{beyond}.")
    else:
        n_above = (means > 0).sum()
        parts.append(
            f"The hybrid lies above the unbalanced set at {n_above} of {len(means)} positions of the knob{beyond}."
        )
    return " ".join([f"**{told}.**", *parts])


def _points(row: pd.Series) -> str:
    return points(*row[["mean", "low", "high"]])


def _where(gained: pd.DataFrame, other: str) -> str:
    """Return at which shares of common structure the hybrid is better and worse than another arm, beyond the interval."""
    own = gained[gained["other"] == other]
    if own["low"].isna().any():
        return ""
    effects = {"better": own["low"] > 0, "worse": own["high"] < 0}
    told = [
        f"{how} at {_positions(own.loc[chosen, 'shared'])}" if chosen.any() else f"{how} nowhere"
        for how, chosen in effects.items()
    ]
    return f"Against {NAMES[other]} the hybrid is {' and '.join(told)}, beyond the interval. "


def _positions(shared: pd.Series) -> str:
    if len(shared) == len(SHARED):
        return "every position of the knob"
    return f"{named([percent(position) for position in shared])} of common structure"


def _difficulty(growths: pd.DataFrame) -> str:
    moved = growths[growths["arm"] == CEILING].iloc[0]
    if np.isnan(moved["low"]):
        return "With fewer than three seeds there are no intervals."
    how = "so the tables count as equally difficult" if equally_difficult(growths) else "so difficulty may play a part"
    return f"The oracle, with every minority row, moves by {_points(moved)} points, {how} (the mark is {100 * EQUAL:g} on either side)."


def draw(gained: pd.DataFrame, means: pd.DataFrame) -> Figure:
    """Draw the hybrid's gains, and the average precision of all arms, against the share of common structure.

    Parameters
    ----------
    gained, means : DataFrame
        What `gains` and `levels` return.
    """
    with panels(1, 2, PANEL * 3, 3.6) as (figure, grid):
        left, right = grid[0]
        left.axhline(0, color="#404040", linewidth=0.8)
        scores = means[means["metric"] == "average_precision"]
        for axes, table, column, names in ((left, gained, "other", OTHERS), (right, scores, "arm", ARMS)):
            for position, name in enumerate(names):
                part, look = table[table[column] == name], line(name)
                # beside each other, so that no interval covers another
                x = part["shared"] + 0.012 * (position - (len(names) - 1) / 2)
                axes.plot(x, part["mean"], marker="o", markersize=3.5, **look)
                axes.vlines(x, part["low"], part["high"], color=look["color"], linewidth=1, alpha=0.6)
            axes.set_xticks(SHARED, [percent(shared) for shared in SHARED])
            axes.set_xlabel("share of common structure")
        left.set_title("hybrid minus another arm")
        left.set_ylabel("gain (points)")
        in_points(left.yaxis)
        right.set_title("each arm")
        right.set_ylabel("average precision")
        legend(figure, ARMS, lines=True)
    return figure


def caption(growths: pd.DataFrame) -> str:
    """Return the finding of the figure."""
    row = growths.iloc[0]
    return (
        f"Left, the hybrid's gain in average precision over each other arm by the share of structure that both classes have in common; right, the "
        f"average precision of every arm. Mean over the paper's classifiers with a 95 % interval over {seeds_text(growths['n_seeds'])}. The gain over "
        f"{NAMES[row['other']]} {VERDICTS[row['verdict']]}: {_points(row)} points from unrelated to identical structure."
    )


def shown_growth(growths: pd.DataFrame) -> pd.DataFrame:
    """Return by how much gains grow, as it is shown."""
    verdicts = growths["verdict"].map(VERDICTS)
    difficulty = "equally difficult" if equally_difficult(growths) else "not shown to be equally difficult"
    return pd.DataFrame(
        {
            "What": [
                f"{title(arm)} minus {title(other)}" if other else title(arm)
                for arm, other in growths[["arm", "other"]].itertuples(index=False)
            ],
            "Growth (points)": [_points(row) for _, row in growths.iterrows()],
            "Rises in": [f"{100 * share:.0f} % of seeds" for share in growths["rising"]],
            "So": verdicts.fillna(difficulty),
            "n": growths["n_seeds"],
        }
    )


def shown_gains(gained: pd.DataFrame) -> pd.DataFrame:
    """Return the hybrid's gains by position of the knob, as they are shown."""
    return pd.DataFrame(
        {
            "Common structure": gained["shared"].map(percent),
            "Hybrid minus": gained["other"].map(title),
            "Gain (points)": [_points(row) for _, row in gained.iterrows()],
            "Better in": (100 * gained["better"]).map("{:.0f} %".format),
            "n": gained["n_seeds"],
        }
    )


def shown_levels(means: pd.DataFrame) -> pd.DataFrame:
    """Return average precision and detectability of each arm by position of the knob, as they are shown."""
    cells = means.assign(cell=[with_interval(*row) for row in means[["mean", "low", "high"]].itertuples(index=False)])
    wide = (
        cells.pivot(index=["arm", "shared"], columns="metric", values="cell").reindex(ARMS, level="arm").reset_index()
    )
    n_seeds = means[means["metric"] == "average_precision"].set_index(["arm", "shared"])["n_seeds"]
    return pd.DataFrame(
        {
            "Arm": wide["arm"].map(title),
            "Common structure": wide["shared"].map(percent),
            "Average precision": wide["average_precision"],
            "Detectability of made rows": wide["detectability"],
            "Told apart by the true densities": wide["bayes_auc"],
            "n": [n_seeds[arm, shared] for arm, shared in zip(wide["arm"], wide["shared"], strict=True)],
        }
    )
