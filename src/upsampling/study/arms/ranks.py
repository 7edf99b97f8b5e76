"""Means of ranks: arms that only combine the scores of others."""

from upsampling.study.arm import Arm
from upsampling.study.names import GENERATOR
from upsampling.study.training import CATEGORIES_FIRST


def _ranks(name: str, title: str, members: tuple[str, ...], of: str, order: str = "") -> Arm:
    drawn = f", {order}" if order else ""
    return Arm(name, title + drawn, f"Mean rank of a holdout row under {of}{drawn}.", members=members)


def _pairs(name: str, title: str, *pairs: tuple[str, str]) -> Arm:
    return Arm(name, title, f"Mean rank of a holdout row: {title.lower()}.", pairs=pairs, diagnosed=False)


_FOUR = {
    "tabularargn_posterior_engine": "the generator's posterior",
    "tabularargn_synthetic_categories_first": "the classifier trained on synthetic rows",
    "tabularargn_weight0.1_categories_first": "the hybrid with synthetic rows at weight 0.1",
    "smotenc": "SMOTE-NC",
}


_RAW_PAIRS = (("none", "logistic_regression"), ("none", "lightgbm_regularised"))
_POSTERIOR_PAIR = ("tabularargn_posterior", GENERATOR)
_HYBRID_PAIR = ("tabularargn_weight0.1", "lightgbm")

ARMS = (
    _ranks(
        "tabularargn_ranks",
        "Mean of two ranks",
        ("tabularargn_posterior_engine", "tabularargn_synthetic_categories_first"),
        "the generator's posterior and under the classifier trained on synthetic rows",
        CATEGORIES_FIRST,
    ),
    _pairs("ranks_raw", "Logistic regression and regularised LightGBM on the raw rows", *_RAW_PAIRS),
    # as many members as with the hybrid, so that a gain of the hybrid is not that of one more booster
    _pairs("ranks_raw_defaults", "The same with LightGBM's defaults", *_RAW_PAIRS, ("none", "lightgbm")),
    _pairs("ranks_raw_posterior", "The same with the generator's posterior", *_RAW_PAIRS, _POSTERIOR_PAIR),
    _pairs("ranks_raw_hybrid", "The same with the hybrid at weight 0.1", *_RAW_PAIRS, _HYBRID_PAIR),
    _pairs("ranks_raw_both", "The same with posterior and hybrid", *_RAW_PAIRS, _POSTERIOR_PAIR, _HYBRID_PAIR),
    _ranks("ranks4", "Mean of four ranks", tuple(_FOUR), ", ".join(_FOUR.values()), CATEGORIES_FIRST),
    _ranks(
        "ranks4_control",
        "Mean of four ranks, no generator",
        ("none", "class_weight", "naive", "smotenc"),
        "the unbalanced set, class weights, naive and SMOTE-NC",
    ),
)
