"""The order of the arms at the training set's own minority share, from results in which it is known."""

import pandas as pd
import pytest

from upsampling.book.studies import prevalence
from upsampling.study.arms import PAPER_ARMS

pytestmark = pytest.mark.usefixtures("few_resamples")

# Average precision at the holdout's share, and as a multiple of the training set's.
LEVELS = {"none": (0.4, 60), "naive": (0.55, 40), "smotenc": (0.45, 30), "tabularargn": (0.5, 50)}


def results(levels=LEVELS, seeds=4) -> pd.DataFrame:
    rows = [
        (
            "adult",
            f"f{share:g}",
            share,
            round(30_000 * share),
            seed,
            arm,
            name,
            high + seed / 100,
            share * (times + seed),
        )
        for share in (0.001, 0.02)
        for seed in range(seeds)
        for arm, (high, times) in levels.items()
        for name in ("lightgbm", "xgboost")
    ]
    columns = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm", "classifier"]
    return pd.DataFrame(rows, columns=[*columns, prevalence.HOLDOUT, prevalence.RARE])


def test_an_order_that_turns_is_told_from_one_that_holds():
    table = prevalence.compare(results())
    few = table[table["span"] == "few"].set_index("arm")
    assert few["holdout_mean"].to_dict() == pytest.approx({"none": -0.1, "naive": 0.05, "smotenc": -0.05})
    assert few["mean"].to_dict() == pytest.approx({"none": 10, "naive": -10, "smotenc": -20})
    assert few["turns"].to_dict() == {"none": True, "naive": True, "smotenc": False}
    text = prevalence.headline(table)
    assert (
        "- beside Unbalanced: worse on Adult at small shares (-10.00 [-10.00, -10.00]) and Adult at larger shares (-10.00"
        in text
    )
    assert "- beside SMOTE-NC: better on Adult at small shares (+20.00 [+20.00, +20.00]) and" in text
    assert "Of 6 comparisons of another arm with the hybrid, 4 turn round" in text
    assert prevalence.shown(table).query("Arm == 'Naive'")["Turns"].tolist() == ["yes", "yes"]


def test_without_an_interval_nothing_is_said():
    assert prevalence.headline(prevalence.compare(results(seeds=2))) == "**Not computed yet.**"


def test_the_lift_is_average_precision_over_the_share_under_common_seeds():
    metrics = results()
    lacking = metrics["arm"].eq("naive") & metrics["seed"].eq(3) & metrics["size"].eq("f0.001")
    runs = pd.DataFrame({"dataset": ["adult"], "n_holdout": [100], "n_holdout_minority": [25]})
    found = prevalence.lift(metrics[~lacking], runs)
    lifts = found[found["metric"] == prevalence.LIFT].set_index(["size", "arm"])
    assert set(lifts.index.get_level_values("arm")) == set(PAPER_ARMS)
    assert lifts.loc[("f0.001", "tabularargn"), "mean"] == pytest.approx(51)
    assert lifts.loc[("f0.001", "tabularargn"), "n_seeds"] == 3
    assert lifts.loc[("f0.02", "tabularargn"), "mean"] == pytest.approx(51.5)
    assert lifts.loc[("f0.02", "none"), "average_precision"] == pytest.approx(0.02 * 61.5)
    below = found[found["metric"] == prevalence.HOLDOUT_LIFT].set_index(["size", "arm"])
    assert below.loc[("f0.001", "tabularargn"), "mean"] == pytest.approx(0.51 / 0.25)
    assert below.loc[("f0.001", "tabularargn"), "average_precision"] == pytest.approx(0.51)
    text = prevalence.caption(found)
    assert "is, above, 5.1 % on Adult at 0.1 %;" in text
    assert text.endswith("this many times that of random scores: 2.0 on Adult.")
    assert prevalence.lift(metrics.head(0), runs).empty
    heights = [len(axes.lines) for axes in prevalence.draw(found).axes]
    assert heights == [len(PAPER_ARMS)] * 2
