"""Which arm to use on a table: the comparison, a recommendation in plain words, and the code."""

from dataclasses import dataclass

import pandas as pd

from upsampling.book.figures import METRICS
from upsampling.errors import SpecError, check_choice
from upsampling.study import classifiers, stats
from upsampling.study.arms import ARMS, title
from upsampling.study.protocol import HOLDOUT_SHARE, plain
from upsampling.words import named, percent

METRIC = "average_precision"
REFERENCES = ("class_weight", "none")
BETTER, WORSE, OPEN = "better", "worse", "not told apart"
FEW_ROWS = 50

_SAMPLED = "model = classifiers.make({classifier!r}, seed=0).fit(X_more, y_more)"
_GENERATOR = "TabularARGNSampler(random_state=0{cap})"
# How each arm is used outside a report: what to import, and how the model is trained. Arms that cannot be used in practice
# have none.
CODE = {
    "none": ("", "model = classifiers.make({classifier!r}, seed=0).fit(X, y)"),
    "tuned_none": ("", "model = tuning.train_tuned(X, y, seed=0)"),
    "class_weight": (
        "import numpy as np",
        "weight = np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0)\n"
        "model = classifiers.make({classifier!r}, seed=0).fit(X, y, classifier__sample_weight=weight)",
    ),
    "naive": (
        "from imblearn.over_sampling import RandomOverSampler",
        f"X_more, y_more = RandomOverSampler(random_state=0).fit_resample(X, y)\n{_SAMPLED}",
    ),
    "smotenc": (
        "from upsampling.smote import interpolate",
        f"X_more, y_more = interpolate(X, y, random_state=0)\n{_SAMPLED}",
    ),
    "undersample": (
        "from imblearn.under_sampling import RandomUnderSampler",
        f"X_more, y_more = RandomUnderSampler(random_state=0).fit_resample(X, y)\n{_SAMPLED}",
    ),
    "tabularargn": (
        "from upsampling import TabularARGNSampler",
        f"X_more, y_more = {_GENERATOR}.fit_resample(X, y)\n{_SAMPLED}",
    ),
    "tabularargn_synthetic": (
        "from upsampling import TabularARGNSampler",
        f"sampler = {_GENERATOR}\n"
        "sampler.fit_resample(X, y)\n"
        "X_more, y_more = sampler.generator_.sample(dict.fromkeys([0, 1], (y == 0).sum()), seed=0)\n"
        f"{_SAMPLED}",
    ),
}


@dataclass(frozen=True)
class Advice:
    """What the seeds support at one minority share.

    Parameters
    ----------
    table : DataFrame
        Rows `arm`, `classifier`, `mean`, `against`, `difference`, `low`, `high`, `n_seeds`, `verdict`: every arm with its best
        classifier against the reference with its own on the same seeds, highest difference first. The reference has none.
    reference, chosen : tuple of (str, str)
        Arm and classifier that the others are held against, and those recommended.
    fraction : float
        Minority share of the training rows.
    n_holdout_minority : int
        Minority rows that the judgement rests on.
    """

    table: pd.DataFrame
    reference: tuple[str, str]
    chosen: tuple[str, str]
    fraction: float
    n_holdout_minority: int

    @property
    def n_seeds(self) -> int:
        """Seeds of the arm that has most; one that failed under some of them has fewer."""
        return int(self.table["n_seeds"].max())

    def _row(self, combination: tuple[str, str]) -> pd.Series:
        arm, classifier = combination
        return self.table[(self.table["arm"] == arm) & (self.table["classifier"] == classifier)].iloc[0]

    def headline(self) -> str:
        """Return the recommendation in one sentence of plain text."""
        reference = _arm(self.reference[0])
        if self.n_seeds < stats.MIN_SEEDS:
            return (
                f"{self.n_seeds} seed{'s' if self.n_seeds > 1 else ''} cannot tell a difference from chance: no arm is "
                f"recommended over {reference}."
            )
        if self.chosen == self.reference:
            return f"No arm beats {reference} here, as far as {self.n_seeds} seeds can tell."
        return f"{_first(_name(self.chosen))} beats {reference} here."

    def text(self) -> str:
        """Return the recommendation as Markdown: what to use, how sure that is, and what it does not say."""
        row = self._row(self.chosen)
        parts = [f"**{self.headline()}**"]
        if self.chosen != self.reference:
            parts.append(
                f"{METRICS[METRIC]} on held-out rows: {row['mean']:.3f} against {row['against']:.3f} of "
                f"{_name(self.reference)}, the best that {_arm(self.reference[0])} reached; the difference is "
                f"{_interval(row)}."
            )
        else:
            parts.append(
                f"{_first(_name(self.reference))} reaches {row['mean']:.3f} ({METRICS[METRIC]} on held-out rows)."
            )
            parts.append(self._runner_up())
        worse = self.table[self.table["verdict"] == WORSE]
        if not worse.empty:
            names = [_name((row.arm, row.classifier)) for row in worse.itertuples()]
            parts.append(f"Worse than that: {named(names)}.")
        if self.n_seeds < stats.MIN_SEEDS:
            parts.append("Run the same command with `--seeds 5` or more: what was computed is kept.")
        elif self.chosen == self.reference and (self.table["verdict"] == OPEN).any():
            parts.append(
                "*Not told apart* does not mean equal: more seeds may still show a difference. Each interval says how large "
                "it could be."
            )
        fewer = self.table[self.table["n_seeds"] < self.n_seeds]
        if not fewer.empty:
            names = [f"{_arm(row.arm)} ({row.n_seeds} of {self.n_seeds})" for row in fewer.itertuples()]
            parts.append(f"Not computed under every seed, and judged on those that are there: {named(names)}.")
        if self.n_holdout_minority < FEW_ROWS:
            parts.append(
                f"Each seed judges on {self.n_holdout_minority} minority rows only, so every number here is rough."
            )
        return " ".join(part for part in parts if part)

    def _runner_up(self) -> str:
        others = self.table[self.table["arm"] != self.reference[0]]
        if others.empty:
            return ""
        best = others.iloc[0]
        text = f"The highest of the others, {_name((best['arm'], best['classifier']))}, has {best['mean']:.3f}"
        return f"{text}: a difference of {_interval(best)}."

    def code(self, folder: str, generator_rows: int | None = None) -> str:
        """Return the lines of Python that train what is recommended on all rows.

        Parameters
        ----------
        folder : str
            Folder of the report, which holds the table.
        generator_rows : int, optional
            Most rows that the generator learnt from.
        """
        arm, classifier = self.chosen
        more, lines = CODE[arm]
        cap = f", max_rows={generator_rows}" if generator_rows else ""
        own = "tuning" if ARMS[arm].tuned else "classifiers"
        imports = [line for line in (more, f"from upsampling import {own}, userdata") if line]
        return "\n".join(
            [
                *sorted(imports, key=lambda line: (not line.startswith("import"), line)),
                "",
                f"table = userdata.open_folder({folder!r})",
                "X, y = table.rows",
                lines.format(classifier=classifier, cap=cap),
                "",
                "# rows to score: a file with the same columns",
                'probability = model.predict_proba(table.read_more("new.csv"))[:, 1]',
            ]
        )


def caption(advice: Advice) -> str:
    """Return what the table of comparisons shows."""
    n = int(advice.table["verdict"].ne("reference").sum())
    return (
        f"{METRICS[METRIC]} on the holdout at a minority share of {percent(advice.fraction)}: every arm with the classifier that "
        f"suits it best, mean over seeds, and the difference from {_name(advice.reference)} under the same seeds. The 95 % intervals are widened for overlapping splits "
        f"and hold for all {n} comparisons at once; an arm is called better or worse only if its interval excludes zero."
    )


def _name(combination: tuple[str, str]) -> str:
    arm, classifier = combination
    if ARMS[arm].tuned:
        return f"{_arm(arm.removeprefix('tuned_'))} with tuned LightGBM"
    return f"{_arm(arm)} with {classifiers.TITLES[classifier]}"


def _arm(name: str) -> str:
    """Return an arm's title as it stands within a sentence: names and acronyms keep their capitals."""
    first, _, rest = title(name).partition(" ")
    return " ".join(filter(None, [first.lower() if first[1:].islower() else first, rest]))


def _first(text: str) -> str:
    return text[0].upper() + text[1:]


def _interval(row: pd.Series) -> str:
    if pd.isna(row["low"]):
        return f"{row['difference']:+.3f} (no interval from {row['n_seeds']} seeds)"
    return f"{row['difference']:+.3f} (95 % interval {row['low']:+.3f} to {row['high']:+.3f})"


def usable(arm: str) -> str:
    """Return `arm` if it can be recommended, else raise SpecError."""
    if arm in ARMS and arm not in CODE:
        raise SpecError(f"arm '{arm}' cannot be used in practice or has no lines of code; choose of {', '.join(CODE)}.")
    return check_choice(arm, CODE, "arm")


def advise(metrics: pd.DataFrame, runs: pd.DataFrame, fraction: float) -> Advice:
    """Return what can be recommended at one minority share.

    Every arm under its best classifier is held against the reference (class weights, else the unbalanced table) under its
    best one, seed by seed. A difference counts if its interval, corrected for overlapping splits and for the number of
    comparisons, excludes zero.

    Parameters
    ----------
    metrics, runs : DataFrame
        Rows of one table.
    fraction : float
        Minority share of the training rows.

    Raises
    ------
    SpecError
        The reference was not computed at this share.
    """
    rows = metrics[metrics["minority_fraction"] == float(plain(fraction))]
    seeds = stats.by_seed(rows, ["arm", "classifier"], METRIC)
    arms = set(seeds.columns.get_level_values("arm"))
    reference_arm = next((arm for arm in REFERENCES if arm in arms), None)
    if reference_arm is None:
        raise SpecError(
            f"no recommendation at {percent(fraction)}: neither class_weight nor none was computed; add one with --arms."
        )
    means = seeds.mean()
    best = [(arm, means[arm].idxmax()) for arm in sorted(arms)]
    reference = next(combination for combination in best if combination[0] == reference_arm)
    table = []
    for combination in best:
        differences = (seeds[combination] - seeds[reference]).dropna()
        found = stats.corrected_interval(differences, HOLDOUT_SHARE, max(1, len(best) - 1))
        verdict = BETTER if found.low > 0 else WORSE if found.high < 0 else OPEN
        if combination == reference:
            found, verdict = found._replace(estimate=float("nan"), low=float("nan"), high=float("nan")), "reference"
        table.append(
            {
                "arm": combination[0],
                "classifier": combination[1],
                "mean": seeds[combination].loc[differences.index].mean(),
                "against": seeds[reference].loc[differences.index].mean(),
                "difference": found.estimate,
                "low": found.low,
                "high": found.high,
                "n_seeds": found.n_seeds,
                "verdict": verdict,
            }
        )
    table = pd.DataFrame(table).sort_values(
        "difference", key=lambda column: column.fillna(0), ascending=False, ignore_index=True
    )
    better = table[table["verdict"] == BETTER]
    chosen = reference if better.empty else (better.iloc[0]["arm"], better.iloc[0]["classifier"])
    n_judged = int(runs.loc[runs["status"] == "done", "n_holdout_minority"].min())
    return Advice(table, reference, chosen, fraction, n_judged)
