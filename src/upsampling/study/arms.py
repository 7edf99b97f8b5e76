"""The arms: every way of treating the imbalance that the study compares, in one registry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from upsampling.study import training
from upsampling.study.classifiers import CLASSIFIERS, RANKS, TUNED
from upsampling.study.names import GENERATOR, HYBRID, SYNTHETIC, WEIGHTED
from upsampling.study.training import CATEGORIES_FIRST, FILE, NUMBERS_FIRST, Build

PAPER_ARMS = ("none", "naive", "smotenc", "tabularargn")
# How many times the rows that balance lacks, and what a drawn row weighs.
AMOUNTS = (0.25, 0.5, 1.5, 2)
WEIGHTS = (0.01, 0.1, 0.3)
REPEATS = (1, 2)


@dataclass(frozen=True)
class Arm:
    """One way of treating the imbalance.

    Parameters
    ----------
    name, title, description : str
        Short name, the name a reader sees, and one sentence.
    build : callable or None
        Makes the training set from the partition, the seed and a fitted generator. None for an arm that trains no
        classifier of its own.
    generator : str or None
        The generator it needs, by its name in `GENERATORS`.
    members : tuple of str
        For an arm that only combines the scores of others: their names.
    classifiers : tuple of str
        What is trained on the training set; empty for the study's classifiers.
    diagnosed : bool
        Whether the rows it made are looked at: not if they are those of another arm.
    tuned : bool
        Whether LightGBM alone is trained, with settings chosen by cross-validation: see `tuning`.
    capped : bool
        Whether its training set is made from the rows that the generator learnt from, if those are only some of the training rows.
    averaged : bool
        Whether each classifier becomes the estimator of a `RankAveragingClassifier`.
    pairs : tuple of (str, str)
        For an arm that is a mean of ranks over several arms and classifiers: these.
    order : str
        In which order the columns of its synthetic rows, or of those of its members, are drawn; empty if it has none.
    thresholds : bool
        Whether costs are judged at thresholds chosen on training rows by cross-validation, which no row of a generator may have seen.
    variant : bool
        Whether it only varies another arm for the sake of one question: it has a page, and no place in overviews.
    """

    name: str
    title: str
    description: str
    build: Build | None = None
    generator: str | None = None
    members: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    diagnosed: bool = True
    tuned: bool = False
    capped: bool = False
    averaged: bool = False
    variant: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    order: str = ""
    thresholds: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The arms whose scores it combines."""
        return self.members or tuple(dict.fromkeys(arm for arm, _ in self.pairs))

    def trained(self, asked: Sequence[str] = ()) -> tuple[str, ...]:
        """Return what stands in the column `classifier` of its rows, if these classifiers are asked for; default: the study's."""
        if self.pairs:
            return (RANKS,)
        if self.build is None and not self.members:
            return (GENERATOR,)
        return (TUNED,) if self.tuned else self.classifiers or tuple(asked or CLASSIFIERS)


_HYBRID = Arm(
    "tabularargn",
    "TabularARGN hybrid",
    "The real rows and synthetic minority rows of the generator until balance, columns drawn in the order of the published file: the paper's arm.",
    training.hybrid,
    "tabularargn",
    order=FILE,
)
_SYNTHETIC = Arm(
    "tabularargn_synthetic",
    "TabularARGN synthetic",
    "Synthetic rows only, both classes, each as large as the real majority.",
    training.synthetic,
    "tabularargn",
    order=FILE,
)


def _weighted(weight: float) -> Arm:
    return replace(
        _HYBRID,
        name=f"tabularargn_weight{weight:g}",
        title=f"Hybrid, weight {weight:g}",
        description=f"The paper's arm with synthetic rows at weight {weight:g}.",
        build=partial(training.hybrid, weight=weight),
        diagnosed=False,
    )


def _drawn(arm: Arm, order: str, name: str | None = None) -> Arm:
    """Return an arm whose columns are drawn in another order; with a name of its own if there is one in the order of the file too."""
    return replace(
        arm,
        name=name or arm.name,
        title=f"{arm.title}, {order}",
        description=f"{arm.description[:-1]}; columns drawn with {order}.",
        build=arm.build and partial(arm.build, order=order),
        order=order,
        variant=True,
    )


_UNPROTECTED = replace(
    _HYBRID,
    name="tabularargn_unprotected",
    title="Hybrid, unprotected",
    description="The paper's arm with the generator's value protection off.",
    generator="tabularargn_unprotected",
    variant=True,
)


def _earlier(**changes) -> Arm:
    """Return a variant of the paper's arm that was computed when columns were drawn with categories first."""
    return _drawn(replace(_HYBRID, **changes), CATEGORIES_FIRST)


def _ranks(name: str, title: str, members: tuple[str, ...], of: str, order: str = "") -> Arm:
    return Arm(name, title, f"Mean rank of a holdout row under {of}.", members=members, order=order)


def _pairs(name: str, title: str, *pairs: tuple[str, str]) -> Arm:
    return Arm(name, title, f"Mean rank of a holdout row: {title.lower()}.", pairs=pairs, diagnosed=False)


_FOUR = {
    "tabularargn_posterior": "the generator's posterior",
    "tabularargn_synthetic_categories_first": "the classifier trained on synthetic rows",
    "tabularargn_weight0.1_categories_first": "the hybrid with synthetic rows at weight 0.1",
    "smotenc": "SMOTE-NC",
}


def _without(left_out: str) -> Arm:
    kept = {name: what for name, what in _FOUR.items() if name != left_out}
    label = left_out.removeprefix("tabularargn_").removesuffix("_categories_first").replace("weight0.1", "weighted")
    title, what = f"Mean of four ranks without {label}", ", ".join(kept.values())
    return replace(_ranks(f"ranks4_without_{label}", title, tuple(kept), what, CATEGORIES_FIRST), variant=True)


def _tuned(arm: Arm) -> Arm:
    return replace(
        arm,
        name=f"tuned_{arm.name}",
        title=f"{arm.title}, tuned",
        description=f"{arm.description[:-1]}; settings of LightGBM chosen by cross-validation on the real rows.",
        generator=arm.generator and f"{arm.generator}_folds",
        diagnosed=False,
        tuned=True,
        variant=True,
    )


_CHEAPER = {
    "epochs6": "at most 6 epochs",
    "epochs12": "at most 12 epochs",
    "batch2048": "batches of 2,048 rows",
    "small": "small model",
    "fast": "cheaper steps",
}

_RAW_PAIRS = (("none", "logistic_regression"), ("none", "lightgbm_regularised"))
_POSTERIOR_PAIR = ("tabularargn_posterior", GENERATOR)
_HYBRID_PAIR = ("tabularargn_weight0.1", "lightgbm")

ARMS = {
    arm.name: arm
    for arm in (
        Arm("none", "Unbalanced", "The unbalanced training set as it is.", training.unbalanced, thresholds=True),
        Arm(
            "naive",
            "Naive",
            "Real minority rows repeated at random until both classes are of one size.",
            training.repeated,
            thresholds=True,
        ),
        Arm(
            "smotenc",
            "SMOTE-NC",
            "Minority rows interpolated between real ones until balance.",
            training.interpolated,
            thresholds=True,
        ),
        _HYBRID,
        _SYNTHETIC,
        *(_weighted(weight) for weight in WEIGHTS[1:2]),
        Arm(
            "tabularargn_posterior",
            "TabularARGN posterior",
            "No upsampling and no classifier: the generator's own probability of the minority class.",
            generator="tabularargn",
        ),
        _drawn(_HYBRID, CATEGORIES_FIRST, "tabularargn_categories_first"),
        _drawn(_HYBRID, NUMBERS_FIRST, "tabularargn_numbers_first"),
        _drawn(_SYNTHETIC, CATEGORIES_FIRST, "tabularargn_synthetic_categories_first"),
        *(
            _drawn(_weighted(weight), CATEGORIES_FIRST, f"tabularargn_weight{weight:g}_categories_first")
            for weight in WEIGHTS
        ),
        _ranks(
            "tabularargn_ranks",
            "Mean of two ranks",
            ("tabularargn_posterior", "tabularargn_synthetic_categories_first"),
            "the generator's posterior and under the classifier trained on synthetic rows",
            CATEGORIES_FIRST,
        ),
        _pairs("ranks_raw", "Logistic regression and regularised LightGBM on the raw rows", *_RAW_PAIRS),
        _pairs("ranks_raw_posterior", "The same with the generator's posterior", *_RAW_PAIRS, _POSTERIOR_PAIR),
        _pairs("ranks_raw_hybrid", "The same with the hybrid at weight 0.1", *_RAW_PAIRS, _HYBRID_PAIR),
        _pairs("ranks_raw_both", "The same with posterior and hybrid", *_RAW_PAIRS, _POSTERIOR_PAIR, _HYBRID_PAIR),
        Arm(
            "class_weight",
            "Class weights",
            "The unbalanced set, minority rows weighted to the same effective prior as a balanced set.",
            training.weighted,
            thresholds=True,
        ),
        Arm("undersample", "Undersampled", "Majority rows dropped at random until balance.", training.undersampled),
        Arm(
            "balanced_forest",
            "Balanced forest",
            "A random forest whose every tree sees the minority rows and as many majority rows, drawn anew.",
            training.unbalanced,
            classifiers=("balanced_forest",),
        ),
        Arm(
            "borderline_smote",
            "Borderline SMOTE",
            "Minority rows interpolated near the border to the majority, for tables without categories.",
            training.interpolated_at_border,
        ),
        Arm(
            "marginals",
            "Shuffled columns",
            "Minority rows whose every feature is drawn by itself from the real minority rows, until balance: diversity "
            "without structure.",
            training.shuffled_columns,
        ),
        replace(
            _HYBRID,
            name="copula",
            title="Vine copula",
            description="Rows of a vine copula that was fitted to the real minority rows, until balance: a generator without a neural network.",
            generator="copula",
            order="",
        ),
        Arm(
            "oracle",
            "Oracle",
            "The base set before minority rows were taken away: what the same classifier reaches with all real rows.",
            training.complete,
        ),
        *(
            _earlier(
                name=f"tabularargn_amount{amount:g}",
                title=f"Hybrid, {amount:g} times",
                description=f"The paper's arm with {amount:g} times the synthetic rows that balance needs.",
                build=partial(training.hybrid, amount=amount),
                diagnosed=False,
            )
            for amount in AMOUNTS
        ),
        *(
            _earlier(
                name=f"tabularargn_seed{repeat}",
                title=f"Hybrid, fit {repeat + 1}",
                description="The paper's arm with another seed of the generator on the same training rows.",
                build=partial(training.hybrid, repeat=repeat),
                generator=f"tabularargn_seed{repeat}",
            )
            for repeat in REPEATS
        ),
        _earlier(
            name="tabularargn_minority_only",
            title="Hybrid, minority only",
            description="The paper's arm with a generator that was trained on the minority rows alone.",
            generator="tabularargn_minority_only",
        ),
        _drawn(_UNPROTECTED, CATEGORIES_FIRST, "tabularargn_unprotected_categories_first"),
        _UNPROTECTED,
        replace(
            _HYBRID,
            name="tabularargn_sdk",
            title="Hybrid, through the SDK",
            description="The paper's arm with the generator run through the Synthetic Data SDK.",
            generator="tabularargn_sdk",
            order=NUMBERS_FIRST,
            variant=True,
        ),
        *(
            _earlier(
                name=f"tabularargn_{name}",
                title=f"Hybrid, {called}",
                description=f"The paper's arm with a generator that is trained with {called}.",
                generator=f"tabularargn_{name}",
            )
            for name, called in _CHEAPER.items()
        ),
        _earlier(
            name="tabularargn_fifth",
            title="Hybrid, a fifth of the rows",
            description="The paper's arm with a generator that is trained on all minority rows and on majority rows drawn until a fifth of "
            "the training set.",
            generator="tabularargn_fifth",
        ),
        _ranks("ranks4", "Mean of four ranks", tuple(_FOUR), ", ".join(_FOUR.values()), CATEGORIES_FIRST),
        *(_without(name) for name in _FOUR),
        Arm(
            "rank_averaging",
            "Rank averaging",
            "The mean of four ranks as a classifier that scores row by row: ranks among the training rows, turned into probabilities.",
            training.unbalanced,
            "tabularargn",
            diagnosed=False,
            averaged=True,
            order=CATEGORIES_FIRST,
        ),
        _ranks(
            "ranks4_control",
            "Mean of four ranks, no generator",
            ("none", "class_weight", "naive", "smotenc"),
            "the unbalanced set, class weights, naive and SMOTE-NC",
        ),
        _ranks(
            "ranks_seeds",
            "Mean of three hybrids",
            ("tabularargn_categories_first", *(f"tabularargn_seed{repeat}" for repeat in REPEATS)),
            "three hybrids that differ in the generator's seed",
            CATEGORIES_FIRST,
        ),
        Arm(
            "distilled",
            "Posterior, distilled",
            "Synthetic rows of both classes, each once in either class and weighted by the generator's own probability of it.",
            partial(training.distilled, order=CATEGORIES_FIRST),
            "tabularargn",
            diagnosed=False,
            capped=True,
            variant=True,
            order=CATEGORIES_FIRST,
        ),
        Arm(
            "posterior_feature",
            "Posterior as a feature",
            "The unbalanced set with the generator's own probability of the minority class as one more feature, made for each fold without its rows.",
            training.with_posterior,
            "tabularargn_folds",
            diagnosed=False,
            capped=True,
            variant=True,
        ),
        Arm(
            "tabularargn_both",
            "Hybrid in both classes",
            "The real rows, as many synthetic majority rows as there are real ones, and synthetic minority rows until balance.",
            partial(training.hybrid_in_both_classes, order=CATEGORIES_FIRST),
            "tabularargn",
            diagnosed=False,
            variant=True,
            order=CATEGORIES_FIRST,
        ),
    )
}

# Arms that are also looked at with a tuned classifier.
TUNED_ARMS = (
    "none",
    "class_weight",
    "naive",
    "smotenc",
    "tabularargn_categories_first",
    "tabularargn_synthetic_categories_first",
)
ARMS |= {arm.name: arm for arm in (_tuned(ARMS[name]) for name in TUNED_ARMS)}
# What rows were called when every arm drew categories first: see the errata.
RENAMED = {
    "tabularargn": "tabularargn_categories_first",
    "tabularargn_synthetic": "tabularargn_synthetic_categories_first",
    **{f"tabularargn_weight{weight:g}": f"tabularargn_weight{weight:g}_categories_first" for weight in WEIGHTS},
    "tabularargn_unprotected": "tabularargn_unprotected_categories_first",
    "tabularargn_table_order": "tabularargn_numbers_first",
    "tuned_tabularargn": "tuned_tabularargn_categories_first",
    "tuned_tabularargn_synthetic": "tuned_tabularargn_synthetic_categories_first",
}
# Of the arms that exist in several orders, pages show one.
_ORDERED = {_HYBRID.name, _SYNTHETIC.name, "tabularargn_weight0.1", *RENAMED.values()}
VARIANTS = frozenset(
    name
    for name, arm in ARMS.items()
    if (arm.variant or name in _ORDERED) and name not in (HYBRID, SYNTHETIC, WEIGHTED)
)


def uses_generator(arm: str) -> bool:
    """Return whether an arm's results depend on a fitted generator, its own or a member's."""
    return bool(ARMS[arm].generator) or any(map(uses_generator, ARMS[arm].needs))


def title(arm: str) -> str:
    """Return the name of an arm that a reader sees."""
    return ARMS[arm].title if arm in ARMS else arm
