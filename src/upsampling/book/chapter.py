"""What a data set's chapter says: the rows it shows, and the sentences that depend on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import yaml

from upsampling.book.figures import METRICS
from upsampling.errors import SpecError
from upsampling.study import classifiers, datasets, diagnostics, experiment, runner, stats
from upsampling.study import curves as study_curves
from upsampling.study import seeds as study_seeds
from upsampling.study.arms import ARMS, title
from upsampling.study.names import HYBRID
from upsampling.study.protocol import Cell, Grid, plain
from upsampling.study.store import Store
from upsampling.words import escape, named, percent, seeds_text

EXTRA_METRICS = ("brier_corrected", "log_loss_corrected", "ece_corrected")


@dataclass(frozen=True)
class Chapter:
    """The rows of one data set, and what is to be said of them.

    Parameters
    ----------
    store : Store
        Where scores and marginals come from.
    dataset : str
        Data set.
    cells : list of Cell
        What the chapter wants to show.
    metrics, runs, diagnostics_table : DataFrame
        Rows of these cells.
    curve_fraction, curve_seed : float, int
        The setting that is drawn in detail.
    """

    store: Store
    dataset: str
    cells: list[Cell]
    metrics: pd.DataFrame
    runs: pd.DataFrame
    diagnostics_table: pd.DataFrame
    curve_fraction: float
    curve_seed: int

    @property
    def arms(self) -> list[str]:
        """Arms that are drawn, in the order asked for: those with a tuned classifier only where there is no other."""
        asked = list(dict.fromkeys(cell.arm for cell in self.cells))
        return [arm for arm in asked if not ARMS[arm].tuned] or asked

    @property
    def _drawn(self) -> pd.DataFrame:
        return self.metrics[self.metrics["arm"].isin(self.arms)]

    @property
    def counts(self) -> dict[float, int]:
        """Minority rows of the training set by fraction."""
        sizes = self.metrics.drop_duplicates("minority_fraction").set_index("minority_fraction")["n_minority"]
        return {float(fraction): int(count) for fraction, count in sizes.sort_index().items()}

    def summary(self, metric: str | None = None) -> pd.DataFrame:
        """Return mean, interval and n over seeds of one metric of the arms that are drawn, or of all metrics and arms."""
        by = ["dataset", "size", "minority_fraction", "n_minority", "classifier", "arm"]
        if metric:
            return stats.summarise(self._drawn, by=by, values=[metric])
        return stats.summarise(self.metrics, by=by, values=[*METRICS, *EXTRA_METRICS])

    def _at_curve(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["minority_fraction"] == self.curve_fraction]

    def scores(self) -> dict[str, pd.DataFrame]:
        """Return the holdout scores at the detailed setting, by arm, as far as they are at hand."""
        scores = {arm: self.store.scores(self._curve_cell(arm)) for arm in self.arms}
        return {arm: frame for arm, frame in scores.items() if frame is not None}

    def median_seed(self) -> int:
        """Return, of the seeds whose scores are at hand, the one with the median average precision; the first of all if there is none."""
        rows, arm = self._ranked()
        cells = [cell for cell in self.cells if cell.fraction == self.curve_fraction and cell.arm == arm]
        scored = rows[rows["seed"].isin([cell.seed for cell in cells if self.store.scores(cell) is not None])]
        return self.curve_seed if scored.empty else study_seeds.median_seed(scored)[0]

    def curves(self) -> tuple[pd.DataFrame, int]:
        """Return the ROC curves at the detailed fraction under every seed that has some, and the seed with the median average precision.

        They are the published ones of the seeds that have every arm and classifier that is drawn, if there are some; else those of the scores
        that are at hand.
        """
        stored = study_curves.read(self.store.folder)
        same = (stored["dataset"] == self.dataset) & (stored["size"] == self._curve_cell("none").size)
        ours = stored["seed"].isin({cell.seed for cell in self.cells}) & ~stored["classifier"].isin(_ELSEWHERE)
        lines = stored[same & ours & stored["arm"].isin(self.arms)].astype({"arm": str, "classifier": str})
        lines = study_seeds.complete(lines, ["dataset"], ["arm", "classifier"])
        if not set(self.arms) <= set(lines["arm"]):
            cells = [c for c in self.cells if c.fraction == self.curve_fraction and c.arm in self.arms]
            scores = [(cell, frame) for cell in cells if (frame := self.store.scores(cell)) is not None]
            lines = study_curves.of_cells(scores, chosen=lambda *_: True)
        if lines.empty:
            return lines, self.curve_seed
        rows, _ = self._ranked()
        return lines, study_seeds.median_seed(rows[rows["seed"].isin(lines["seed"])])[0]

    def marginals(self) -> pd.DataFrame:
        """Return the minority rows' distribution by feature, level and source at the detailed setting."""
        tables = []
        for arm in self.arms:
            shares = self.store.marginals(self._curve_cell(arm))
            if shares is None or arm == "none":
                continue
            shares["source"] = shares["source"].replace("arm", arm)
            shares = self.with_identity(shares.assign(arm=arm))
            tables.append(shares if not tables else shares[shares["source"] == arm])
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def with_identity(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return rows with a column `arm`, and perhaps `seed`, that belong to the detailed setting, naming it."""
        seed = data["seed"] if "seed" in data else self.curve_seed
        return data.assign(dataset=self.dataset, size=self._curve_cell("none").size, seed=seed)

    def _curve_cell(self, arm: str) -> Cell:
        return Cell(self.dataset, self.curve_fraction, None, self.curve_seed, arm)

    def entropies(self) -> pd.DataFrame:
        """Return mean and interval over seeds of each feature's entropy, by source: an arm or the holdout."""
        rows = self._at_curve(self.diagnostics_table)
        drawn = rows[(rows["measure"] == "entropy") & (rows["arm"] != "none")].assign(source=lambda t: t["arm"])
        holdout = (
            rows[rows["measure"] == "entropy_holdout"].drop_duplicates(["seed", "feature"]).assign(source="holdout")
        )
        if drawn.empty:
            return pd.DataFrame()
        rows = pd.concat([holdout, drawn], ignore_index=True).rename(columns={"value": "entropy"})
        table = stats.summarise(rows, by=["dataset", "size", "feature", "source"], values=["entropy"])
        # every arm of a seed has the same holdout
        measured = " ".join(holdout["arm"].unique())
        return table.assign(arms=table["source"].where(table["source"] != "holdout", measured))

    def diagnostics(self) -> pd.DataFrame:
        """Return mean and interval over seeds of what is measured on made rows, by fraction and arm."""
        rows = self.diagnostics_table
        rows = rows[rows["feature"] == diagnostics.ALL_FEATURES]
        keys = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm"]
        wide = rows.pivot(index=keys, columns="measure", values="value").reset_index()
        by = [key for key in keys if key != "seed"]
        values = ["exact_copy_share", "detectability", "coverage"]
        return stats.summarise(wide.reindex(columns=[*keys, *values]), by=by, values=values)

    def ties(self) -> pd.DataFrame:
        """Return mean tie and distinct-score shares at the detailed fraction, by arm and classifier."""
        rows = self._at_curve(self._drawn)
        by = ["dataset", "size", "arm", "classifier"]
        return stats.summarise(rows, by=by, values=["largest_tie_share", "unique_score_share"])

    def seeds_text(self) -> str:
        """Return how many seeds there are: ``3 seeds``, ``1 to 3 seeds``."""
        return seeds_text(self.metrics.groupby(["minority_fraction", "arm"])["seed"].nunique())

    def introduction(self) -> str:
        """Return the first paragraph: the table, the holdout, and the seeds."""
        about = datasets.get(self.dataset)
        run = self.runs.iloc[0]
        origin = f"[{about.title}]({about.source}) ({about.citation}; licence: {about.licence})"
        return (
            f"{origin}: {about.n_rows:,} rows, "
            f"{len(about.numeric)} numeric and {len(about.categorical)} categorical features. The holdout has "
            f"{int(run['n_holdout']):,} rows, {int(run['n_holdout_minority']):,} of them minority; every training set has "
            f"all {int(run['n_majority']):,} majority rows of the base set. Means are over {self.seeds_text()}."
        )

    def ranking_caption(self, metric: str) -> str:
        """Return what a metric's figure shows."""
        return f"{METRICS[metric]} on the holdout against the minority share, {self.seeds_text()}."

    def ranking_alt(self, metric: str) -> str:
        """Return a metric's figure in words."""
        low, high = min(self.counts), max(self.counts)
        drawn = set(self._drawn["classifier"])
        names = named([text for name, text in classifiers.TITLES.items() if name in drawn])
        arms = named([title(arm) for arm in self.arms])
        return f"Lines of {METRICS[metric]} from {percent(low)} to {percent(high)} minority share for {arms}; panels: {names}."

    def curve_setting(self, seed: int | None = None) -> str:
        """Return the detailed setting in words, or that of another seed."""
        n, seed = self.counts[self.curve_fraction], self.curve_seed if seed is None else seed
        setting = f"minority share {percent(self.curve_fraction)} ({n} positives in training), seed {seed}"
        rows, arm = self._ranked()
        _, ranks = study_seeds.median_seed(rows)
        if len(ranks) < 2 or seed not in ranks:
            return setting
        return f"{setting}, which ranks {ranks[seed]} of {len(ranks)} for {title(arm)} by average precision"

    def _ranked(self) -> tuple[pd.DataFrame, str]:
        """Return the rows by which seeds are ranked, and their arm: the paper's method, if it is among the arms, else the last one."""
        arm = HYBRID if HYBRID in self.arms else self.arms[-1]
        rows = self._at_curve(self.metrics)
        return rows[rows["arm"] == arm], arm

    def curve_text(self) -> str:
        """Return what the detailed figures show, or why there are none."""
        if self.scores():
            return f"One training set in detail: {self.curve_setting()}."
        command = (
            f"upsampling run --dataset {self.dataset} --fraction {plain(self.curve_fraction)} --seed {self.curve_seed}"
        )
        return f"The scores of this setting are not at hand. This command computes them: `{command}`."

    def entropy_caption(self) -> str:
        """Return the finding of the entropy figure: whose entropies are closest to the holdout's."""
        table = self.entropies().pivot(index="feature", columns="source", values="mean")
        distance = table.drop(columns="holdout").sub(table["holdout"], axis=0).abs().mean().sort_values()
        listed = named([f"{title(arm)} {value:.2f} bits" for arm, value in distance.items()])
        return (
            f"Shannon entropy of the categorical features among minority rows at {percent(self.curve_fraction)}, mean and "
            f"interval over {seeds_text(self.entropies()['n_seeds'])}. Mean distance from the holdout: {listed}."
        )

    def failures_text(self) -> str:
        """Return which cells failed, and why; empty if none did."""
        failed = self.runs[self.runs["status"] == "failed"]
        lines = [
            f"`{row.dataset}/{row.size}/s{row.seed}/{row.arm}`: {escape(row.reason)}" for row in failed.itertuples()
        ]
        return "## Cells that failed\n\n" + "\n\n".join(lines) if lines else ""


# Classifiers that were computed at some sizes, to answer questions of other pages.
_ELSEWHERE = {*classifiers.ALL} - {*classifiers.CLASSIFIERS, *classifiers.BALANCING}


def _of_chapters(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the classifiers that have all sizes."""
    return metrics[~metrics["classifier"].isin(_ELSEWHERE)].reset_index(drop=True)


def as_list(name: str, value, example: Sequence) -> list:
    """Return a notebook's parameter that is meant to be a list as one, however papermill handed it over.

    Parameters
    ----------
    name : str
        The parameter.
    value
        A list, one value, or a text that says either: papermill's ``-p`` makes a number of ``3``, and a text of ``none`` and of ``[1, 2]``.
    example : sequence
        Two values as they should be; they also decide the type.

    Raises
    ------
    SpecError
        It is none of these.
    """
    kind = type(example[0])
    try:
        read = yaml.safe_load(value) if isinstance(value, str) else value
        parts = list(read) if isinstance(read, list | tuple | range) else [read]
        values = [kind(part) for part in parts]
        if not parts or any(isinstance(part, bool | dict) for part in parts) or (kind is int and values != parts):
            raise ValueError
    except (ValueError, TypeError, yaml.YAMLError):
        raise SpecError(
            f"the parameter {name} is a list such as {list(example)} or one of its values, got {value!r}."
        ) from None
    return values


def prepare(
    store: Store,
    *,
    dataset: str,
    fractions: Sequence[float] | float | str,
    seeds: Sequence[int] | int | str,
    arms: Sequence[str] | str,
    curve_fraction: float | None,
    curve_seed: int | None,
    compute: bool,
) -> Chapter:
    """Return the chapter's rows, computing cells that are missing if `compute` says so.

    Parameters
    ----------
    store : Store
        Results.
    dataset, fractions, seeds, arms
        The grid of the chapter; see `as_list`.
    curve_fraction, curve_seed : float or None, int or None
        The setting drawn in detail. None is the first fraction of the grid, and of the seeds with scores the one with the median
        average precision; the first if none has.
    compute : bool
        Whether missing cells are computed, with a progress report.

    Raises
    ------
    SpecError
        A name or value is impossible, the detailed setting is not part of the grid, or there is nothing to show.
    """
    fractions = as_list("fractions", fractions, (0.001, 0.01))
    seeds, arms = as_list("seeds", seeds, (0, 1)), as_list("arms", arms, ("none", "naive"))
    cells = experiment.check(Grid((dataset,), fractions, seeds, arms))
    curve_fraction = fractions[0] if curve_fraction is None else curve_fraction
    if curve_fraction not in fractions or curve_seed not in (None, *seeds):
        raise SpecError(
            f"the detailed setting must be part of the grid: curve_fraction {curve_fraction!s} of {list(fractions)}, "
            f"curve_seed {curve_seed!s} of {list(seeds)}."
        )
    if compute:
        runner.run(cells, store)
    wanted = {(cell.dataset, cell.size, cell.seed, cell.arm) for cell in cells}
    results = {}
    for name in ("metrics", "runs", "diagnostics"):
        table = store.load(name)
        keys = pd.MultiIndex.from_frame(table[["dataset", "size", "seed", "arm"]])
        results[name] = table[keys.isin(wanted)].reset_index(drop=True)
    results["metrics"] = _of_chapters(results["metrics"])
    if results["metrics"].empty:
        raise SpecError(f"none of the {len(cells)} cells of '{dataset}' is computed; run with compute=True.")
    tables = results["metrics"], results["runs"], results["diagnostics"]
    study = Chapter(store, dataset, cells, *tables, curve_fraction, seeds[0] if curve_seed is None else curve_seed)
    return study if curve_seed is not None else replace(study, curve_seed=study.median_seed())
