"""One arm against another: paired, with an interval that allows for overlap and for the comparisons made."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions

from upsampling.errors import StatsError
from upsampling.study import seeds, stats
from upsampling.study.contrasts import best_classifier, contrasts
from upsampling.study.names import GENERATOR
from upsampling.study.protocol import HOLDOUT_SHARE


def rows(values: dict, n_seeds: int = 6, noise: float = 0.01) -> pd.DataFrame:
    """Results of one table: the mean of each (size, arm, classifier), with the same luck for all of a seed and some of its own."""
    rng = np.random.default_rng(1)
    luck = rng.normal(scale=0.1, size=n_seeds)
    made = [
        {"dataset": "adult", "size": size, "arm": arm, "classifier": classifier, "seed": seed}
        | {"average_precision": mean + luck[seed] + rng.normal(scale=noise)}
        for (size, arm, classifier), mean in values.items()
        for seed in range(n_seeds)
    ]
    return pd.DataFrame(made)


TWO = {
    ("f0.1", "b", "xgboost"): 0.5,
    ("f0.1", "a", "xgboost"): 0.6,
    ("f0.2", "b", "xgboost"): 0.5,
    ("f0.2", "a", "xgboost"): 0.6,
}


def test_a_contrast_is_the_mean_of_paired_differences_with_the_corrected_interval():
    table = rows(TWO)
    (found,) = contrasts(table, [("a", "b")]).itertuples()
    wide = table.pivot_table(index="seed", columns="arm", values="average_precision")
    expected = stats.corrected_interval(wide["a"] - wide["b"], HOLDOUT_SHARE)
    assert (found.mean, found.low, found.high) == pytest.approx(expected[:3])
    assert (found.n_seeds, found.n_cells, found.better, found.sizes) == (6, 2, 6, "f0.1 f0.2")
    assert (found.seeds, found.arms) == ("0 1 2 3 4 5", "a b")


def test_an_interval_excludes_zero_exactly_if_holm_rejects():
    values = {("f0.1", f"a{n}", "xgboost"): 0.5 + gain for n, gain in enumerate((0.0, 0.01, 0.02, 0.03, 0.05))}
    table = rows(values | {("f0.1", "b", "xgboost"): 0.5}, noise=0.012)
    found = contrasts(table, [(f"a{n}", "b") for n in range(5)])
    order = found["p"].sort_values().index
    levels = 0.05 / np.arange(5, 0, -1)
    rejected = pd.Series(np.cumprod(found["p"][order].to_numpy() < levels).astype(bool), index=order)
    assert 0 < rejected.sum() < 5, "a test that could not fail"
    clear = (found["low"] > 0) | (found["high"] < 0)
    assert clear[order].tolist() == rejected.tolist()
    widths = found["high"] - found["low"]
    assert (
        widths.max() > contrasts(table, [("a0", "b")])["high"].iloc[0] - contrasts(table, [("a0", "b")])["low"].iloc[0]
    )


def test_p_is_that_of_the_corrected_t():
    (found,) = contrasts(rows(TWO), [("a", "b")]).itertuples()
    t = found.mean / ((found.high - found.mean) / distributions.t.ppf(0.975, 5))
    assert found.p == pytest.approx(2 * distributions.t.sf(t, 5))


@pytest.mark.parametrize(("n_seeds", "has"), [(4, False), (5, True)])
def test_fewer_than_five_seeds_have_a_mean_and_no_interval(n_seeds, has):
    (found,) = contrasts(rows(TWO, n_seeds), [("a", "b")]).itertuples()
    assert found.mean == pytest.approx(0.1, abs=0.02)
    assert pd.notna(found.low) == pd.notna(found.p) == has


def test_a_seed_that_lacks_a_cell_does_not_count():
    table = rows(TWO)
    found = contrasts(table.drop(index=table.index[(table["seed"] == 2) & (table["size"] == "f0.2")][0]), [("a", "b")])
    assert found["seeds"].tolist() == ["0 1 3 4 5"]


def test_an_arm_without_a_classifier_is_compared_under_each_of_the_other():
    values = {("f0.1", "own", GENERATOR): 0.6, ("f0.1", "b", "xgboost"): 0.5, ("f0.1", "b", "lightgbm"): 0.4}
    (found,) = contrasts(rows(values, noise=0), [("own", "b")]).itertuples()
    assert (found.mean, found.n_cells) == (pytest.approx(0.15), 2)


def test_pairs_without_rows_are_left_out_and_equal_cells_refused():
    table = rows(TWO)
    assert contrasts(table, [("a", "absent")]).empty
    with pytest.raises(StatsError, match="b minus a: a cell has two rows of one seed"):
        contrasts(pd.concat([table, table.head(1)]), [("b", "a"), ("a", "b")])


def test_the_best_classifier_is_chosen_on_the_other_seeds():
    """A seed on which the weaker one is lucky does not make it the winner of that seed."""
    table = rows({("f0.1", "a", "xgboost"): 0.6, ("f0.1", "a", "lightgbm"): 0.5}, noise=0)
    lucky = (table["classifier"] == "lightgbm") & (table["seed"] == 3)
    table.loc[lucky, "average_precision"] += 0.3
    chosen = best_classifier(table, "a", ["xgboost", "lightgbm"]).set_index("seed")["classifier"]
    assert chosen[3] == "xgboost"
    assert len(chosen) == 6


def test_the_median_seed_and_the_ranks():
    table = pd.DataFrame({"seed": [0, 1, 2, 3], "average_precision": [0.9, 0.1, 0.5, 0.4]})
    assert seeds.median_seed(table) == (2, {0: 1, 2: 2, 3: 3, 1: 4})
    assert seeds.median_seed(table[table["seed"] != 1])[0] == 2


def test_seeds_that_judge_and_crossed_cells_are_not_those_of_the_study():
    sizes = ["f0.001", "f0.001", "found-grouped", "f0.001-u100-g0"]
    table = pd.DataFrame({"dataset": ["adult", "adult", "white_wine", "adult"], "seed": [0, 13, 13, 0], "size": sizes})
    assert seeds.of_study(table).index.tolist() == [0, 2]
