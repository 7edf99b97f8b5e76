import itertools
import math

import numpy as np
import pandas as pd
import pytest
from helpers import SEEDS, random_tables
from hypothesis import given
from hypothesis import strategies as st

from upsampling.errors import SpecError
from upsampling.frames import capped_positions
from upsampling.study import datasets
from upsampling.study.arms import ARMS
from upsampling.study.datasets import Table
from upsampling.study.protocol import FRACTIONS, Cell, Grid, minority_rows, partition, plain

# paper/FACTS.md: minority rows of the training set, by data set and fraction.
MINORITY_ROWS = {
    "adult": (15, 30, 60, 149, 300, 607, 1564),
    "credit_card": (9, 19, 37, 94, 189, 381, 984),
    "insurance": (134, 268, 536, 1344, 2702, 5460, 14080),
}


def by_count(count: int, seed: int = 0, arm: str = "none") -> Cell:
    return Cell("random", None, count, seed, arm)


def ids(rows) -> set:
    return set(rows.X["id"])


def assert_same(left, right):
    for side in ("train", "holdout", "discarded"):
        pd.testing.assert_frame_equal(getattr(left, side).X, getattr(right, side).X)
        pd.testing.assert_series_equal(getattr(left, side).y, getattr(right, side).y)


@given(random_tables(), SEEDS, st.integers(1, 4))
def test_every_row_is_in_exactly_one_part(table, seed, count):
    parts = partition(table, by_count(count, seed))
    found = [row for rows in (parts.train, parts.holdout, parts.discarded) for row in rows.X["id"]]
    assert sorted(found) == sorted(table.X["id"])


@given(random_tables(), SEEDS, st.integers(1, 4))
def test_rows_keep_their_values_and_labels(table, seed, count):
    parts = partition(table, by_count(count, seed))
    whole = table.X.assign(target=table.y).set_index("id")
    for rows in (parts.train, parts.holdout, parts.discarded):
        found = rows.X.assign(target=rows.y).set_index("id")
        pd.testing.assert_frame_equal(found, whole.loc[found.index])


@given(random_tables(), SEEDS, st.integers(1, 4))
def test_rows_keep_the_order_of_the_table(table, seed, count):
    parts = partition(table, by_count(count, seed))
    place = pd.Series(range(len(table.y)), index=table.X["id"])
    for rows in (parts.train, parts.holdout, parts.discarded):
        assert place[rows.X["id"]].is_monotonic_increasing


@given(random_tables(), SEEDS, st.integers(1, 4))
def test_training_holds_the_whole_majority_of_the_base_and_the_minority_asked_for(table, seed, count):
    parts = partition(table, by_count(count, seed))
    assert len(parts.train.minority) == count
    assert set(parts.discarded.y) <= {1}
    base_majority = set(table.X["id"][table.y == 0]) - ids(parts.holdout)
    assert set(parts.train.X["id"][parts.train.y == 0]) == base_majority


@given(random_tables(), SEEDS)
def test_split_is_stratified(table, seed):
    parts = partition(table, by_count(1, seed))
    assert len(parts.holdout) == math.ceil(0.2 * len(table.y))
    assert abs(len(parts.holdout.minority) - 0.2 * table.y.sum()) <= 1


@given(random_tables(min_minority=20), SEEDS, st.floats(0.04, 0.1))
def test_fraction_is_met_to_half_a_row(table, seed, fraction):
    parts = partition(table, Cell("random", fraction, None, seed, "none"))
    n_majority = (parts.train.y == 0).sum()
    assert abs(parts.train.y.sum() - n_majority * fraction / (1 - fraction)) <= 0.5


@given(random_tables(), SEEDS)
def test_smaller_cells_of_one_seed_are_nested_in_larger_ones(table, seed):
    parts = [partition(table, by_count(count, seed)) for count in (1, 2, 4)]
    for smaller, larger in itertools.pairwise(parts):
        assert ids(smaller.train) < ids(larger.train)
        assert ids(smaller.holdout) == ids(larger.holdout)


@given(random_tables(), SEEDS, st.sampled_from(sorted(ARMS)))
def test_partition_is_the_same_in_every_call_and_for_every_arm(table, seed, arm):
    assert_same(partition(table, by_count(3, seed)), partition(table, by_count(3, seed, arm)))


@given(random_tables(), SEEDS)
def test_rows_are_chosen_by_position_and_label_alone(table, seed):
    """Other values, another order of the columns and another index choose the same rows."""
    reference = partition(table, by_count(3, seed))
    ordered = table.X[["text", "id", "number", "whole"]].set_index(np.arange(len(table.y))[::-1])
    other = Table("other", "1" * 64, ordered.assign(number=0.0), table.y.set_axis(ordered.index))
    parts = partition(other, by_count(3, seed))
    for side in ("train", "holdout", "discarded"):
        assert list(getattr(parts, side).X["id"]) == list(getattr(reference, side).X["id"])


@given(random_tables(), SEEDS)
def test_sizes_do_not_depend_on_the_order_of_rows(table, seed):
    order = np.random.RandomState(0).permutation(len(table.y))
    permuted = Table(table.name, table.checksum, table.X.iloc[order], table.y.iloc[order])
    sizes = [
        [(len(rows), rows.y.sum()) for rows in (parts.train, parts.holdout, parts.discarded)]
        for parts in (partition(table, by_count(3, seed)), partition(permuted, by_count(3, seed)))
    ]
    assert sizes[0] == sizes[1]


def test_another_seed_gives_another_split(demo):
    parts = [partition(demo, Cell("demo", 0.01, None, seed, "none")) for seed in (0, 1)]
    assert not parts[0].holdout.X.equals(parts[1].holdout.X)


def test_partition_leaves_the_global_random_state_and_the_table_alone(demo):
    before, X = np.random.get_state()[1].copy(), demo.X.copy()
    partition(demo, Cell("demo", 0.01, None, 0, "none"))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    pd.testing.assert_frame_equal(demo.X, X)


def test_minority_rows_of_the_paper_s_tables(study_table):
    cells = [Cell(study_table.name, fraction, None, 0, "none") for fraction in FRACTIONS]
    assert tuple(len(partition(study_table, cell).train.minority) for cell in cells) == MINORITY_ROWS[study_table.name]


@pytest.mark.parametrize(
    ("fraction", "n_majority", "expected"), [(0.5, 70, 70), (0.2, 100, 25), (0.001, 29_724, 30), (0.0005, 100, 0)]
)
def test_minority_rows_by_hand(fraction, n_majority, expected):
    assert minority_rows(Cell("random", fraction, None, 0, "none"), n_majority) == expected


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 0.51, math.nan, math.inf, "0.1", "a lot", True])
def test_impossible_fraction_is_refused_with_its_value(fraction):
    with pytest.raises(SpecError, match=rf"minority fraction .* got {fraction}\."):
        Cell("adult", fraction, None, 0, "none")


@pytest.mark.parametrize("count", [0, -3, 2.0, math.nan, "30", True])
def test_impossible_count_is_refused_with_its_value(count):
    with pytest.raises(SpecError, match=rf"minority count .* got {count}\."):
        Cell("adult", None, count, 0, "none")


@pytest.mark.parametrize("seed", [-1, 2**31, 1.0, math.nan, "1", True, None])
def test_impossible_seed_is_refused_with_its_value(seed):
    with pytest.raises(SpecError, match=rf"seed .* got {seed}\."):
        Cell("adult", 0.001, None, seed, "none")


@pytest.mark.parametrize(
    ("fraction", "count", "more", "size", "design"),
    [
        (0.001, None, {}, "f0.001", "paper"),
        (None, 30, {}, "n30", "majority_kept"),
        (0.05, 30, {}, "n30f0.05", "share_kept"),
        (None, None, {}, "found", "found"),
        (None, None, {"split": "grouped"}, "found-grouped", "found"),
        (0.001, None, {"subset": 100, "fit": 2}, "f0.001-u100-g2", "crossed"),
    ],
)
def test_a_size_tells_the_whole_design_and_is_read_back(fraction, count, more, size, design):
    cell = Cell("adult", fraction, count, 3, "none", **more)
    assert (cell.size, cell.design) == (size, design)
    assert Cell.of("adult", size, 3, "none") == cell


@pytest.mark.parametrize("size", ["", "0.001", "f1.5", "n", "found-u", "n30-grouped-f0.1"])
def test_other_texts_are_no_size(size):
    with pytest.raises(SpecError, match=f"got '{size}'"):
        Cell.of("adult", size, 0, "none")


def test_as_found_keeps_every_row_of_the_base(demo):
    parts = partition(demo, Cell("demo", None, None, 0, "none"))
    assert len(parts.discarded) == 0
    assert len(parts.train) + len(parts.holdout) == len(demo.y)


def test_number_and_share_of_the_minority_are_set_apart_on_one_holdout(demo):
    small, large = (partition(demo, Cell("demo", share, 20, 0, "none")) for share in (0.05, 0.01))
    assert [len(parts.train.minority) for parts in (small, large)] == [20, 20]
    assert [len(parts.train) for parts in (small, large)] == [400, 2000]
    pd.testing.assert_frame_equal(small.holdout.X, large.holdout.X)
    pd.testing.assert_frame_equal(
        small.train.minority.reset_index(drop=True), large.train.minority.reset_index(drop=True)
    )


def test_a_grouped_split_keeps_equal_rows_on_one_side():
    table = datasets.load("white_wine")
    parts = partition(table, Cell("white_wine", None, None, 0, "none", split="grouped"))
    assert parts.train.X.merge(parts.holdout.X).empty
    random = partition(table, Cell("white_wine", None, None, 0, "none"))
    assert not random.train.X.merge(random.holdout.X).empty
    assert len(parts.holdout.minority) == pytest.approx(0.2 * table.y.sum(), rel=0.15)


def test_a_subset_seed_changes_the_minority_rows_alone(demo):
    usual, other = (partition(demo, Cell("demo", 0.01, None, 0, "none", subset=subset)) for subset in (None, 7))
    pd.testing.assert_frame_equal(usual.holdout.X, other.holdout.X)
    assert not usual.train.minority.reset_index(drop=True).equals(other.train.minority.reset_index(drop=True))


@pytest.mark.parametrize(("field", "value"), [("dataset", 3), ("dataset", ""), ("arm", None), ("arm", "")])
def test_names_are_texts(field, value):
    names = {"dataset": "adult", "arm": "none"} | {field: value}
    with pytest.raises(SpecError, match=f"named by a text, got {value!r}"):
        Cell(fraction=0.001, count=None, seed=0, **names)


def test_unknown_data_set_is_refused_with_a_suggestion():
    with pytest.raises(SpecError, match=r"unknown data set 'adlut'. Did you mean 'adult'?"):
        Grid(["adlut"], [0.001], [0], ["none"])


@given(random_tables(), st.integers(41, 1000))
def test_more_minority_rows_than_there_are_is_refused_with_what_is_possible(table, count):
    available = len(partition(table, by_count(1)).discarded) + 1
    with pytest.raises(SpecError, match=f"{count} minority rows asked for, but the base set has {available}; "):
        partition(table, by_count(count))


def test_fraction_that_leaves_no_minority_row_is_refused(demo):
    with pytest.raises(SpecError, match=r"f0\.0001/s0/none: 0 minority rows asked for"):
        partition(demo, Cell("demo", 0.0001, None, 0, "none"))


def test_the_largest_fraction_that_a_refusal_offers_is_possible(demo):
    with pytest.raises(SpecError) as refusal:
        partition(demo, Cell("demo", 0.45, None, 0, "none"))
    offered = float(str(refusal.value).split("at most ")[1].rstrip("."))
    assert len(partition(demo, Cell("demo", offered, None, 0, "none")).discarded) <= 1


def test_grid_is_the_product_of_its_axes():
    cells = list(Grid(["adult", "demo"], [0.001, 0.01], [0, 1, 2], ["none", "naive"], counts=[30]))
    assert len(cells) == len(set(cells)) == 2 * 3 * 3 * 2
    assert Cell("demo", None, 30, 2, "naive") in cells
    assert Cell("adult", 0.01, None, 0, "none") in cells


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        (Cell("adult", 0.0005, None, 3, "smotenc"), "adult/f0.0005/s3/smotenc"),
        (Cell("adult", 0.00001, None, 3, "none"), "adult/f0.00001/s3/none"),
        (Cell("adult", None, 30, 0, "none"), "adult/n30/s0/none"),
    ],
)
def test_path_names_the_cell(cell, path):
    assert cell.path == path


@given(st.integers(1, 5 * 10**9))
def test_fraction_is_written_as_a_plain_number(billionths):
    fraction = billionths / 10**10
    assert set(plain(fraction)) <= set("0123456789.")
    assert float(plain(fraction)) == fraction


@pytest.mark.parametrize(("cap", "minority", "majority"), [(200, 60, 140), (100, 50, 50), (390, 60, 330)])
def test_a_cap_keeps_minority_rows_up_to_half(few_rows, cap, minority, majority):
    y = few_rows[1]
    kept = capped_positions(y, cap, 7)
    assert y.iloc[kept].value_counts().to_dict() == {0: majority, 1: minority}
    assert kept.tolist() == capped_positions(y, cap, 7).tolist() != capped_positions(y, cap, 8).tolist()
