"""What the study plans to compute, in order of urgency. What no tier plans is not missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from upsampling.study import datasets
from upsampling.study.arms import ARMS
from upsampling.study.classifiers import ALL, CLASSIFIERS, EXPLAINING
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE, Cell
from upsampling.study.registry import skipped

LARGE = ("adult", "credit_card", "insurance")
NATURAL = tuple(
    "solar_flare oil_spill cervical_cancer car hypothyroid ozone seismic_bumps sick white_wine mammography "
    "machine_failure caravan vehicle_fraud".split()
)
# They were left out of every trial, so they confirm; the other natural tables replicate.
CONFIRMATORY = ("caravan", "vehicle_fraud")
CHEAP = ("none", "class_weight", "naive", "smotenc")
# They stand on one fit of the generator.
DRAWN = ("tabularargn", "tabularargn_posterior", "tabularargn_synthetic", "tabularargn_weight0.1")
RANK_MEANS = ("ranks_raw", "ranks_raw_defaults", "ranks_raw_posterior", "ranks_raw_hybrid", "ranks_raw_both")
PAPER = ("none", "naive", "smotenc", "tabularargn")
# The paper's classifiers, logistic regression, and two boosters set for rare classes.
MAIN = (*CLASSIFIERS, "lightgbm_regularised", "xgboost_regularised")
THINNED = (50, 20, 10)


@dataclass(frozen=True)
class Tier:
    """Cells that are computed together, for one question.

    Parameters
    ----------
    name, question : str
        Short name, and what it is to answer.
    urgency : {"must", "should", "may"}
        How much the book needs it.
    cells : tuple of Cell
        In order of urgency.
    classifiers : tuple of str
        What is trained.
    """

    name: str
    question: str
    urgency: str
    cells: tuple[Cell, ...]
    classifiers: tuple[str, ...] = CLASSIFIERS

    def without_skipped(self) -> tuple["Tier", list[str]]:
        """Return the tier without what is skipped, and what to say of it: a line per data set, arm and classifier."""
        tables = skipped(dict.fromkeys(cell.dataset for cell in self.cells), datasets.DATASETS, "data set")
        arms = skipped(dict.fromkeys(cell.arm for cell in self.cells), ARMS, "arm")
        trained = skipped(self.classifiers, ALL, "classifier")
        cells = tuple(cell for cell in self.cells if cell.dataset not in tables and cell.arm not in arms)
        classifiers = tuple(name for name in self.classifiers if name not in trained)
        return replace(self, cells=cells, classifiers=classifiers), [*(tables | arms | trained).values()]


def _large(fractions: Sequence[float], seeds: dict[str, Sequence[int]], arms: Sequence[str]) -> Iterator[Cell]:
    """Yield cells of the large tables, share by share and seed by seed, so that a stop leaves whole seeds."""
    for fraction in fractions:
        for seed in sorted({seed for chosen in seeds.values() for seed in chosen}):
            for name in seeds:
                if seed in seeds[name]:
                    yield from (Cell(name, fraction, None, seed, arm) for arm in arms)


def _split_of(name: str) -> str:
    return "grouped" if datasets.get(name).twins else "random"


def _natural(
    seeds: Sequence[int], arms: Sequence[str], names: Sequence[str] = NATURAL, *, split: str | None = None
) -> Iterator[Cell]:
    """Yield natural tables as found, those with twins split by group unless said otherwise."""
    for seed in seeds:
        for name in names:
            kind = split or _split_of(name)
            yield from (Cell(name, None, None, seed, arm, kind) for arm in arms)


def _thinned(seeds: Sequence[int], arms: Sequence[str], counts: Sequence[int]) -> Iterator[Cell]:
    """Yield natural tables with fewer minority rows and every majority row; only counts below what there is."""
    for count in counts:
        for seed in seeds:
            for name in NATURAL:
                if count < int(datasets.get(name).n_minority * (1 - HOLDOUT_SHARE)):
                    yield from (Cell(name, None, count, seed, arm, _split_of(name)) for arm in arms)


def _every(seeds: Sequence[int]) -> dict[str, Sequence[int]]:
    return dict.fromkeys(LARGE, seeds)


_TEN_FIVE = {"adult": range(10), "credit_card": range(10), "insurance": range(5)}
_JUDGING = {"adult": range(30, 40), "credit_card": range(30, 40), "insurance": range(30, 35)}
_TWINS = tuple(name for name in NATURAL if datasets.get(name).twins)

TIERS = (
    Tier(
        "trees",
        "How many trees should the regularised boosters have?",
        "must",
        tuple(_large([0.001], {"adult": range(10), "credit_card": range(10)}, ["none"])),
        tuple(name for name in EXPLAINING if name.endswith("_trees")),
    ),
    Tier(
        "natural",
        "Does upsampling help on tables that are rare by nature?",
        "must",
        tuple(_natural(range(5), (*CHEAP, *DRAWN, *RANK_MEANS))),
        MAIN,
    ),
    Tier(
        "paper",
        "The paper's arm as the paper drew it, and good classifiers, at 0.1 and 0.5 %.",
        "must",
        tuple(_large([0.001, 0.005], _every(range(5)), (*CHEAP, *DRAWN, *RANK_MEANS))),
        MAIN,
    ),
    Tier(
        "judging",
        "Claims beyond the paper, on splits that no choice was made on.",
        "must",
        tuple(_large([0.001, 0.005], {n: list(s)[:5] for n, s in _JUDGING.items()}, (*CHEAP, *DRAWN, *RANK_MEANS))),
        (*MAIN, "lightgbm_rare"),
    ),
    Tier(
        "ablation",
        "Which parameter explains the gain of the regularised LightGBM?",
        "should",
        tuple(_large([0.001], _every(range(5)), ["none"])) + tuple(_natural(range(5), ["none"])),
        tuple(name for name in EXPLAINING if not name.endswith("_trees")),
    ),
    Tier(
        "good",
        "A forest with larger leaves, and logistic regression with a chosen penalty.",
        "should",
        tuple(_natural(range(5), ("none", "naive", "tabularargn"))),
        ("random_forest_leaves", "logistic_regression_cv"),
    ),
    Tier(
        "choice",
        "Is what cross-validation chooses on the raw rows, of two LightGBMs, as good as the paper's method?",
        "should",
        tuple(_natural(range(5), ["none"]))
        + tuple(_large([0.001, 0.005], {n: list(s)[:5] for n, s in _JUDGING.items()}, ["none"])),
        ("lightgbm_chosen",),
    ),
    Tier(
        "catboost",
        "Does the finding hold under CatBoost, whose defaults are made for categories?",
        "should",
        tuple(_natural(range(5), ("none", "naive", "tabularargn")))
        + tuple(_large([0.001], _every(range(5)), ("none", "tabularargn"))),
        ("catboost",),
    ),
    Tier(
        "unprotected",
        "Does value protection explain the loss on natural tables?",
        "should",
        tuple(_natural(range(5), ["tabularargn_unprotected"])),
        MAIN,
    ),
    Tier(
        "passes",
        "Does early stopping explain the loss on natural tables?",
        "should",
        tuple(_natural(range(5), ["tabularargn_50_passes"])),
        MAIN,
    ),
    Tier(
        "random_split",
        "What do twins on both sides of a random split do?",
        "should",
        tuple(_natural(range(5), (*CHEAP, *DRAWN), _TWINS, split="random")),
        MAIN,
    ),
    Tier(
        "sdk",
        "Do engine and SDK agree where both draw in the order of the file?",
        "should",
        tuple(_large([0.001], _every(range(5)), ["tabularargn_sdk_file"])),
    ),
    Tier(
        "luck",
        "How much of a difference is the split, the rows kept, the fit?",
        "should",
        tuple(
            Cell("adult", 0.001, None, seed, arm, subset=subset, fit=fit)
            for seed in range(5)
            for subset in range(100, 103)
            for fit in range(3)
            for arm in ("tabularargn", *(("none", "smotenc") if fit == 0 else ()))
        ),
        MAIN,
    ),
    Tier(
        "paper_all",
        "The paper's arm at every share.",
        "may",
        tuple(_large(FRACTIONS, _TEN_FIVE, (*PAPER, *DRAWN[1:]))),
        MAIN,
    ),
    Tier(
        "natural_ten",
        "Ten seeds of the natural tables.",
        "may",
        tuple(_natural(range(5, 10), (*CHEAP, *DRAWN, *RANK_MEANS))),
        MAIN,
    ),
    Tier(
        "number_and_share",
        "Number of minority rows against their share, on the large tables.",
        "may",
        tuple(
            Cell(name, share, count, seed, arm)
            for seed in range(5)
            for name in LARGE
            for count in (20, 50, 150)
            for share in (0.002, 0.01, 0.05)
            if count * (1 - share) / share < datasets.get(name).n_rows * 0.5
            for arm in ("none", "smotenc", "tabularargn", "tabularargn_posterior")
        ),
        MAIN,
    ),
    Tier(
        "thinned",
        "Natural tables with fewer minority rows.",
        "may",
        tuple(_thinned(range(5), ("none", "smotenc", "tabularargn", "tabularargn_posterior"), THINNED)),
        MAIN,
    ),
)
