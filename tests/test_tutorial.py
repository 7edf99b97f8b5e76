"""The vendor's tutorial, repeated."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book import tables
from upsampling.errors import StoreError
from upsampling.study import tutorial

SYNTHETIC = "tabularargn_synthetic"


def made_rows(pairs, synthetic=0.8):
    """Return rows of runs: arms without a generator depend on the split only."""
    rows = []
    for split, generator in pairs:
        for position, arm in enumerate(tutorial.ARMS):
            auc = synthetic + 0.01 * generator if arm == SYNTHETIC else 0.5 + 0.1 * position + 0.001 * split
            seed = generator if arm == SYNTHETIC else tutorial.NO_GENERATOR
            row = {"split_seed": split, "generator_seed": seed, "arm": arm, "roc_auc": auc}
            rows.append(row | {"validation_auc": 0.99, "n_trees": 5})
    return pd.DataFrame(rows)


def test_each_pair_of_seeds_is_run_once_and_the_rest_is_missing():
    pairs = tutorial.missing(pd.DataFrame(columns=tutorial.KEY), 3)
    assert sorted(pairs) == [(0, 0), (1, 0), (1, 1), (1, 2), (2, 0)]
    assert sorted(tutorial.missing(made_rows([(1, 0), (2, 0)]), 3)) == [(0, 0), (1, 1), (1, 2)]


def test_rows_are_added_and_replace_those_of_the_same_seeds(tmp_path):
    tutorial.record(made_rows([(1, 0)]), tmp_path)
    tutorial.record(made_rows([(1, 1)]), tmp_path)
    tutorial.record(made_rows([(1, 1)], synthetic=0.9), tmp_path)
    table = tutorial.load(tmp_path)
    assert not table.duplicated(tutorial.KEY).any()
    assert len(table) == 5
    assert table.query("arm == @SYNTHETIC")["roc_auc"].tolist() == pytest.approx([0.8, 0.91])


def test_a_damaged_table_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "tutorial.csv").write_text("split_seed,arm\n1,none\n")
    with pytest.raises(StoreError, match="git checkout"):
        tutorial.load(tmp_path)


def test_the_imbalance_keeps_every_majority_row():
    rows = pd.DataFrame({"x": range(6000), tutorial.TARGET: [tutorial.MINORITY] * 1000 + [tutorial.MAJORITY] * 5000})
    made = tutorial.unbalance(rows, 1)
    assert made[tutorial.TARGET].value_counts().to_dict() == {tutorial.MAJORITY: 5000, tutorial.MINORITY: 5}
    assert set(made["x"][made[tutorial.TARGET] == tutorial.MAJORITY]) == set(range(1000, 6000))
    assert made["x"].tolist() == tutorial.unbalance(rows, 1)["x"].tolist()
    assert made["x"].tolist() != tutorial.unbalance(rows, 2)["x"].tolist()


def test_the_spread_is_told_over_splits_and_over_generators():
    runs = tutorial.by_what_varies(made_rows([(0, 0), (1, 0), (2, 0), (1, 1), (1, 2)]))
    spread = tutorial.spread(runs).set_index("arm")
    synthetic = spread.loc[SYNTHETIC]
    assert (synthetic["n_splits"], synthetic["n_generators"]) == (3, 3)
    assert (synthetic["low"], synthetic["high"]) == (0.8, 0.8), "generator 0 on each split"
    assert (synthetic["here_low"], synthetic["here_high"]) == pytest.approx((0.8, 0.82))
    assert synthetic["inside"] == 1, "of .815, .859 and .832"
    assert spread.loc["naive", ["low", "high"]].tolist() == pytest.approx([0.6, 0.602])
    assert spread.loc["naive", "here"] == pytest.approx(0.601)
    text = tutorial.findings(spread.reset_index())
    assert "1 of 3 published runs lie within the spread of ours, 80.0 to 82.0 %" in text
    assert "0 of 3 come out as in the run of 2024-03" in text
    shown = tables.tutorial(spread.reset_index())
    assert shown["Published"].iloc[-1] == "81.5, 85.9, 83.2"


def test_without_runs_the_page_says_so():
    empty = made_rows([(1, 0)]).head(0)
    assert "No run is stored yet" in tutorial.findings(tutorial.spread(tutorial.by_what_varies(empty)))


@pytest.mark.data
@pytest.mark.parametrize("study_table", ["adult"], indirect=True)
def test_sets_without_a_generator_come_out_as_published(study_table, monkeypatch):
    """The last published run, to the digit: the split, the rows and the training are the tutorial's."""
    monkeypatch.setattr(tutorial, "ARMS", ("none", "naive", "smotenc"))
    rows = tutorial.once(tutorial.PUBLISHED_SEED, 0).set_index("arm")
    expected = tutorial.PUBLISHED.set_index("run").loc["2024-03", list(rows.index)]
    np.testing.assert_allclose(rows["roc_auc"], expected.astype(float), atol=0.001)
