"""How much of a hybrid's result is the luck of one generator fit, and how much the training set and the classifier."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from upsampling.book.drawing import PANEL, legend, panels, trained_in_order
from upsampling.book.palette import COLORS
from upsampling.book.tables import in_order, with_interval
from upsampling.study import classifiers, datasets, stats
from upsampling.study.arms import title
from upsampling.words import named, percent

FITS = ("tabularargn", "tabularargn_seed1", "tabularargn_seed2")
MEAN_OF_FITS, RIVAL = "ranks_seeds", "smotenc"
CELL = ["dataset", "size", "minority_fraction"]
# With fewer training sets a resample holds few different ones: intervals of variances end at the estimate.
MIN_SETS = 5
COMPONENTS = {"data": "training set", "fit": "generator's fit", "classifier": "classifier", "rest": "rest"}


def by_fit(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return average precision by fit of the generator, for the training sets that have every fit under every classifier.

    Parameters
    ----------
    metrics : DataFrame
        Rows of `metrics.csv`.

    Returns
    -------
    DataFrame
        `dataset`, `size`, `minority_fraction`, `seed`, `classifier`, a column per arm of `FITS`, that of `RIVAL` (NaN where it
        is missing), `spread` (largest minus smallest of the fits) and `arms`.
    """
    chosen = metrics[metrics["arm"].isin([*FITS, RIVAL])]
    table = chosen.pivot_table("average_precision", [*CELL, "seed", "classifier"], "arm").reindex(
        columns=[*FITS, RIVAL]
    )
    table = table.dropna(subset=list(FITS)).reset_index().rename_axis(columns=None)
    complete = table.groupby([*CELL, "seed"])["classifier"].transform("nunique") == table["classifier"].nunique()
    table = in_order(table[complete])
    return table.assign(spread=np.ptp(table[list(FITS)].to_numpy(), axis=1), arms=" ".join(FITS))


def components(values: np.ndarray) -> np.ndarray:
    """Return the components of variance of training sets, fits within them, classifiers, and the rest.

    Estimated from mean squares [1]_ of the model in which training sets and classifiers are crossed and fits are nested in
    training sets; the interaction of training set and classifier is part of the rest. A negative estimate is set to zero.

    Parameters
    ----------
    values : array of shape (..., n_sets, n_fits, n_classifiers)
        One result each.

    Returns
    -------
    array of shape (4, ...)
        Variances, in the order of `COMPONENTS`.

    References
    ----------
    .. [1] Searle, Casella and McCulloch, "Variance Components," Wiley, 1992, chapter 4.
    """
    n_sets, n_fits, n_trained = values.shape[-3:]
    whole = values.mean((-3, -2, -1), keepdims=True)
    sets, trained = values.mean((-2, -1), keepdims=True), values.mean((-3, -2), keepdims=True)
    fits, pairs = values.mean(-1, keepdims=True), values.mean(-2, keepdims=True)

    def mean_square(deviation: np.ndarray, times: int, freedom: int) -> np.ndarray:
        return times * (deviation**2).sum((-3, -2, -1)) / freedom

    of_sets = mean_square(sets - whole, n_fits * n_trained, n_sets - 1)
    of_fits = mean_square(fits - sets, n_trained, n_sets * (n_fits - 1))
    of_trained = mean_square(trained - whole, n_sets * n_fits, n_trained - 1)
    of_pairs = mean_square(pairs - sets - trained + whole, n_fits, (n_sets - 1) * (n_trained - 1))
    of_rest = mean_square(values - fits - pairs + sets, 1, n_sets * (n_fits - 1) * (n_trained - 1))
    return np.stack(
        [
            (of_sets - of_fits - of_pairs + of_rest) / (n_fits * n_trained),
            (of_fits - of_rest) / n_trained,
            (of_trained - of_pairs) / (n_sets * n_fits),
            of_rest + (of_pairs - of_rest) / n_fits,
        ]
    ).clip(0)


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return each component's share of the variance, by data set and size, with an interval over training sets.

    With fewer than `MIN_SETS` training sets there is no interval.

    Parameters
    ----------
    table : DataFrame
        What `by_fit` returns.

    Returns
    -------
    DataFrame
        The columns of `CELL`, `component`, `share`, `low`, `high`, `deviation` (its standard deviation), `n_seeds`, `seeds` and
        `arms`.
    """
    rows = []
    for key, part in table.groupby(CELL, sort=False):
        wide = part.pivot(index="seed", columns="classifier", values=list(FITS))
        if len(wide) < stats.MIN_SEEDS:
            continue
        shape = (len(FITS), part["classifier"].nunique())
        variances = components(wide.to_numpy().reshape(len(wide), *shape))
        for position, name in enumerate(COMPONENTS):

            def share(values: np.ndarray, position: int = position, shape: tuple = shape) -> np.ndarray:
                found = components(values.reshape(*values.shape[:-1], *shape))
                return found[position] / found.sum(0)

            estimate = stats.bootstrap_over_seeds(wide, share)
            low, high = estimate[1:3] if len(wide) >= MIN_SETS else (np.nan, np.nan)
            rows.append(
                dict(zip(CELL, key, strict=True))
                | {"component": name, "share": estimate.estimate, "low": low, "high": high}
                | {"deviation": np.sqrt(variances[position]), "n_seeds": len(wide)}
                | {"seeds": " ".join(map(str, wide.index)), "arms": " ".join(FITS)}
            )
    columns = [*CELL, "component", "share", "low", "high", "deviation", "n_seeds", "seeds", "arms"]
    return pd.DataFrame(rows, columns=columns)


def finding(table: pd.DataFrame, found: pd.DataFrame, name: str) -> str:
    """Return how far fits on the same rows lie apart on a data set, what that can turn, and how the variance divides, in words."""
    label = f"- **{datasets.get(name).title}**:"
    part, own = table[table["dataset"] == name], found[found["dataset"] == name]
    if own.empty:
        return f"{label} fewer than {stats.MIN_SEEDS} training sets have {len(FITS)} fits yet."
    told = named(
        [
            f"{with_interval(100 * row.share, 100 * row.low, 100 * row.high, 0)} % {COMPONENTS[row.component]}"
            for row in own.itertuples()
        ]
    )
    rival = part.dropna(subset=RIVAL)
    fits = rival[list(FITS)]
    turned = (fits.min(axis=1) < rival[RIVAL]) & (fits.max(axis=1) > rival[RIVAL])
    spread = part["spread"]
    at = percent(part["minority_fraction"].iloc[0])
    return (
        f"{label} best and worst of {len(FITS)} fits on the same rows lie {100 * spread.mean():.1f} points of average precision apart on average, at most "
        f"{100 * spread.max():.1f} ({own['n_seeds'].iloc[0]} training sets at {at}, {part['classifier'].nunique()} classifiers). In {turned.sum()} of "
        f"{len(rival)} pairs of training set and classifier it depends on the fit whether the hybrid is above {title(RIVAL)}. The variance divides into {told}."
    )


def intervals_text(found: pd.DataFrame) -> str:
    """Return which data sets have too few training sets for an interval, and why that is so; empty if none.

    Parameters
    ----------
    found : DataFrame
        What `shares` returns.
    """
    few = found[found["low"].isna()].drop_duplicates("dataset")
    if few.empty:
        return ""
    listed = named([f"{datasets.get(row.dataset).title} ({row.n_seeds})" for row in few.itertuples()])
    return (
        f" No interval with fewer than {MIN_SETS} training sets, as on {listed}: resamples of so few mostly repeat one of them, which makes its "
        "variance smaller, and the interval would end at the estimate."
    )


def draw(table: pd.DataFrame) -> Figure:
    """Draw average precision of each fit on each training set: a row per data set, a column per classifier."""
    names = list(dict.fromkeys(table["dataset"]))
    trained = trained_in_order(table["classifier"])
    with panels(len(names), len(trained), PANEL * 3, 2.2 * len(names) + 0.5, sharey="row") as (figure, grid):
        for row, name in zip(grid, names, strict=True):
            for axes, classifier in zip(row, trained, strict=True):
                part = table[(table["dataset"] == name) & (table["classifier"] == classifier)].sort_values("seed")
                x = np.arange(len(part))
                fits = part[list(FITS)]
                axes.vlines(x, fits.min(axis=1), fits.max(axis=1), color=COLORS[FITS[0]], linewidth=1.2)
                for arm in FITS:
                    axes.plot(x, part[arm], "o", color=COLORS[FITS[0]], markersize=4)
                axes.plot(x, part[RIVAL], "o", color=COLORS[RIVAL], markersize=4)
                axes.set_xticks(x, part["seed"])
                axes.set_xlim(-0.5, len(part) - 0.5)
                axes.set_title(classifiers.TITLES[classifier])
                axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
            row[0].set_ylabel(f"{datasets.get(name).title}\naverage precision (%)")
        for axes in grid[-1]:
            axes.set_xlabel("seed of the training set")
        legend(figure, [FITS[0], RIVAL])
    return figure


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """Return components of variance as they are shown."""
    return pd.DataFrame(
        {
            "Data set": [datasets.get(name).title for name in found["dataset"]],
            "Minority share": [percent(fraction) for fraction in found["minority_fraction"]],
            "Source": found["component"].map(COMPONENTS),
            "Share of variance (%)": [
                with_interval(*row, 0) for row in (100 * found[["share", "low", "high"]]).itertuples(index=False)
            ],
            "Standard deviation (points)": (100 * found["deviation"]).map("{:.1f}".format),
            "n": found["n_seeds"],
        }
    )
