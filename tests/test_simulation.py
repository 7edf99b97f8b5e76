"""The simulated table, its knob, and the rows that are computed on it."""

from itertools import pairwise

import helpers
import numpy as np
import pandas as pd
import pytest

from upsampling import cli, paths
from upsampling.errors import SpecError, StoreError
from upsampling.study import diagnostics, experiment, simulation
from upsampling.study.protocol import Cell, partition


@pytest.fixture(scope="module")
def tables():
    """The table of one seed at every position of the knob."""
    return {shared: simulation.make(shared, 100) for shared in simulation.SHARED}


def of_class(table, label):
    return table.X[table.y.to_numpy() == label].reset_index(drop=True)


def test_the_table_is_mixed_and_has_the_sizes_that_are_told(tables):
    table = tables[0.5]
    assert table.y.value_counts().to_dict() == {0: 6_000, 1: 1_500}
    larger = simulation.make(0.5, 100, 8_000)
    assert larger.y.value_counts().to_dict() == {0: 6_400, 1: 1_600}
    assert larger.checksum != table.checksum
    assert table.X.shape[1] == simulation.N_FEATURES
    assert table.X.select_dtypes("number").shape[1] == simulation.N_NUMERIC
    assert [len(table.X[name].cat.categories) for name in table.X.select_dtypes("category")] == list(simulation.LEVELS)
    assert not table.X.isna().any(axis=None)


def test_the_same_position_and_seed_give_the_same_table_and_others_do_not(tables):
    again = simulation.make(0.5, 100)
    pd.testing.assert_frame_equal(tables[0.5].X, again.X)
    assert tables[0.5].checksum == again.checksum
    assert len({table.checksum for table in tables.values()} | {simulation.make(0.5, 101).checksum}) == 6


def test_minority_rows_do_not_depend_on_the_knob(tables):
    for table in tables.values():
        pd.testing.assert_frame_equal(of_class(table, 1), of_class(tables[1.0], 1))


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_the_knob_is_the_share_of_features_with_one_structure(seed):
    drawn = {shared: simulation.structure(shared, seed) for shared in simulation.SHARED}
    assert [found.n_shared for found in drawn.values()] == [0, 3, 6, 9, 12]
    same = [set(np.flatnonzero(found.minority == found.majority)) for found in drawn.values()]
    assert all(smaller < larger for smaller, larger in pairwise(same))
    for found in drawn.values():
        np.testing.assert_array_equal(found.minority, drawn[1.0].minority)
    apart = [
        np.abs(simulation.correlation(found.minority) - simulation.correlation(found.majority)).max()
        for found in drawn.values()
    ]
    assert apart[-1] == 0, "one correlation matrix"
    assert apart[0] > 0.3


def test_correlations_of_unrelated_structures_are_unrelated():
    """Over many seeds, what two features have to do with each other in one class tells nothing of the other class."""
    upper = np.triu_indices(simulation.N_FEATURES, 1)
    rng = np.random.default_rng(0)
    drawn = rng.uniform(0, 2 * np.pi, (2, 200, simulation.N_FEATURES))
    sides = [np.concatenate([simulation.correlation(angles)[upper] for angles in side]) for side in drawn]
    assert abs(np.corrcoef(*sides)[0, 1]) < 0.03
    assert max(np.abs(side).max() for side in sides) <= simulation.COMMUNALITY + 1e-12


def test_rows_have_the_correlations_that_they_are_drawn_from(tables):
    drawn = simulation.structure(1.0, 100)
    expected = simulation.correlation(drawn.minority)[: simulation.N_NUMERIC, : simulation.N_NUMERIC]
    for label, close in ((0, 0.06), (1, 0.1)):
        found = of_class(tables[1.0], label).select_dtypes("number").corr()
        np.testing.assert_allclose(found, expected, atol=close)
    unlike = of_class(tables[0.0], 0).select_dtypes("number").corr()
    assert np.abs(unlike - expected).to_numpy().max() > 0.3


def test_single_features_are_distributed_alike_at_every_position(tables):
    """Shifts have one size everywhere, only their directions differ; so distances between the classes' marginals stay."""
    distances = [
        [diagnostics.marginal_distance(of_class(table, 0)[name], of_class(table, 1)[name]) for name in table.X]
        for table in tables.values()
    ]
    assert np.ptp(np.mean(distances, axis=1)) < 0.03
    assert np.abs(np.abs(simulation.structure(0.25, 3).shift) - simulation.SHIFT).max() < 1e-12


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_classes_are_told_apart_equally_well_at_every_position(seed):
    for shared, aimed in simulation.BAYES_AUC.items():
        assert simulation.structure(shared, seed).bayes_auc == pytest.approx(aimed, abs=0.015)


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        (-0.25, "between 0 and 1, got -0.25"),
        (1.25, "between 0 and 1, got 1.25"),
        (float("nan"), "between 0 and 1, got nan"),
        (True, "between 0 and 1, got True"),
        ("half", "between 0 and 1, got half"),
        (0.3, "12 features, got 0.3; the nearest is 0.3333"),
    ],
)
def test_an_impossible_share_is_refused(shared, message):
    with pytest.raises(SpecError, match=message):
        simulation.make(shared, 0)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "one"])
def test_an_impossible_seed_is_refused(seed):
    with pytest.raises(SpecError, match=f"a whole number from 0, got {seed}"):
        simulation.make(0.5, seed)


def test_the_protocol_takes_the_table(tables):
    parts = partition(tables[0.0], Cell("simulated-0", None, simulation.COUNT, 100, "none"))
    assert len(parts.train.minority) == simulation.COUNT
    assert len(parts.holdout.minority) == 1_500 // 5


ALL_ARMS = (*simulation.ARMS, simulation.CHECK)


def made_rows(shared, seed, value=0.5, arms=ALL_ARMS, n_rows=simulation.ROWS[0]):
    rows = [(n_rows, shared, seed, arm, classifier) for arm in arms for classifier in ("lightgbm", "xgboost")]
    table = pd.DataFrame(rows, columns=simulation.KEY)
    return table.assign(average_precision=value, bayes_auc=0.95, status="done", detectability=None, coverage=None)


def test_each_arm_is_computed_once_on_each_table_and_the_rest_is_missing(tmp_path):
    small, large = simulation.ROWS
    expected = [
        (n_rows, shared, seed, ALL_ARMS) for n_rows in (small, large) for seed in (0, 1) for shared in simulation.SHARED
    ]
    assert simulation.missing(simulation.load(tmp_path), 2) == expected
    simulation.record(made_rows(0.25, 0), tmp_path)
    simulation.record(made_rows(0.0, 1, arms=simulation.ARMS), tmp_path)
    expected = [group for group in expected if group[:3] not in ((small, 0.25, 0), (small, 0.0, 1))]
    expected.append((small, 0.0, 1, (simulation.CHECK,)))
    assert simulation.missing(simulation.load(tmp_path), 2) == expected, "what lacks the check alone comes last"
    assert simulation.missing(simulation.load(tmp_path), 2, [large]) == [
        group for group in expected if group[0] == large
    ]
    simulation.record(made_rows(0.0, 1, arms=[simulation.CHECK]), tmp_path)
    assert len(simulation.load(tmp_path)) == 2 * len(made_rows(0.0, 1)), (
        "arms of a table are added to those that are there"
    )


def test_the_command_goes_on_where_it_stopped(monkeypatch, capsys):
    asked = []

    def once(n_rows, shared, seed, arms):
        if len(asked) == 3:
            raise SpecError("stopped")
        asked.append((shared, seed))
        return made_rows(shared, seed)

    monkeypatch.setattr(simulation, "once", once)
    with pytest.raises(SpecError, match="stopped"):
        cli.simulation(seeds=1, rows=[7_500], workers=1)
    assert len(simulation.load(paths.results())) == 3 * len(made_rows(0.0, 0)), "what was finished is kept"
    finished, asked[:] = asked[:], []
    cli.simulation(seeds=1, rows=[7_500], workers=1)
    assert finished + asked == [(shared, 0) for shared in simulation.SHARED]
    assert "[2/2] 7,500 rows, shared 1, seed 0: average precision none 0.500" in capsys.readouterr().out
    cli.simulation(seeds=1, rows=[7_500], workers=1)
    assert capsys.readouterr().out.startswith("0 tables computed")


def test_rows_are_added_and_replace_those_of_the_same_table(tmp_path):
    for value in (0.1, 0.2):
        simulation.record(made_rows(0.5, 0, value), tmp_path)
    table = simulation.load(tmp_path)
    assert not table.duplicated(simulation.KEY).any()
    assert set(table["average_precision"]) == {0.2}


def test_a_damaged_table_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "simulation.csv").write_text("shared,seed\n0,1\n")
    with pytest.raises(StoreError, match="git checkout"):
        simulation.load(tmp_path)


def test_every_arm_has_rows_and_one_that_fails_says_why(monkeypatch, tmp_path):
    """With one arm that cannot be computed: two minority rows are too few for the generator."""
    monkeypatch.setattr(simulation, "COUNT", 2)
    rows = simulation.once(400, 0.5, 0, ("none", "marginals", "tabularargn_minority_only"))
    done, failed = (rows[rows["status"] == status] for status in ("done", "failed"))
    assert done.groupby("arm")["classifier"].nunique().to_dict() == {"none": 4, "marginals": 4}
    assert done["average_precision"].between(0, 1).all()
    assert done.loc[done["arm"] == "marginals", "detectability"].between(0, 1).all()
    assert failed["arm"].tolist() == ["tabularargn_minority_only"]
    assert "rows" in failed["reason"].item()
    assert set(experiment.provenance(simulation.make(0.5, 0))) <= set(rows)
    simulation.record(rows, tmp_path)
    simulation.record(rows, tmp_path)
    assert len(simulation.load(tmp_path)) == len(rows)


def test_arms_of_one_generator_share_its_fit(monkeypatch):
    made = []

    def fit(cell, table):
        made.append(cell.arm)
        return experiment.Fit(helpers.StubGenerator().fit(table.X, table.y, 0), experiment.Usage())

    monkeypatch.setattr(simulation, "fit", fit)
    rows = simulation.once(600, 1.0, 0, ("tabularargn", simulation.CHECK))
    assert made == ["tabularargn"]
    assert rows.groupby("arm")["classifier"].nunique().to_dict() == {"tabularargn": 4, simulation.CHECK: 1}
