"""What follows from measurements: exponents, list scheduling, costs; which rows a file keeps and which files are refused."""

import numpy as np
import pandas as pd
import pytest

from upsampling.book import benchmarks, figures, tables
from upsampling.book.benchmarks import exponent, makespan
from upsampling.errors import StatsError, StoreError


@pytest.mark.parametrize("power", [0, 0.5, 1, 2.3])
def test_exponent_of_a_power_law_is_its_power(power):
    sizes = np.array([10, 300, 1000, 70_000])
    assert exponent(sizes, 3.7 * sizes**power) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(
    ("sizes", "costs"),
    [([10], [1]), ([10, 10], [1, 2]), ([10, 20], [1, 0]), ([0, 20], [1, 2]), ([10, 20], [1]), ([10, 20], [1, np.nan])],
    ids=["one size", "twice the same", "no cost", "no rows", "a cost missing", "no number"],
)
def test_exponent_refuses_what_has_no_slope(sizes, costs):
    with pytest.raises(StatsError, match="an exponent needs two sizes"):
        exponent(sizes, costs)


@pytest.mark.parametrize(
    ("seconds", "after", "workers", "expected"),
    [
        ([3, 2, 2], [None] * 3, 1, 7),
        ([3, 2, 2], [None] * 3, 2, 4),
        ([3, 2, 2], [None] * 3, 3, 3),
        ([3, 2, 2], [None] * 3, 64, 3),
        # the second worker has nothing to do until the first job is done
        ([5, 1, 1, 4], [None, 0, 0, 0], 2, 10),
        # what waits is passed over, what is urgent goes first
        ([5, 1, 1, 4], [None, 0, None, None], 2, 6),
        ([], [], 2, 0),
    ],
)
def test_makespan_by_hand(seconds, after, workers, expected):
    assert makespan(seconds, after, workers) == expected


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_makespan_lies_between_its_bounds(workers):
    rng = np.random.default_rng(workers)
    seconds = rng.exponential(size=60)
    after = [None if job % 3 == 0 else job - job % 3 for job in range(60)]
    found = makespan(seconds, after, workers)
    longest_chain = max(seconds[job] + (0 if after[job] is None else seconds[after[job]]) for job in range(60))
    assert max(seconds.sum() / workers, longest_chain) <= found + 1e-9
    assert found <= seconds.sum() / workers + longest_chain


@pytest.mark.parametrize(
    ("seconds", "after", "workers"),
    [
        ([1], [None], 0),
        ([-1], [None], 1),
        ([np.nan], [None], 1),
        ([1, 2], [None], 1),
        ([1], [0], 1),
        ([1, 1], [1, 0], 1),
    ],
    ids=["no workers", "negative", "no number", "lengths", "itself", "a circle"],
)
def test_makespan_refuses_what_cannot_be_scheduled(seconds, after, workers):
    with pytest.raises(StatsError, match="job"):
        makespan(seconds, after, workers)


def runs(*rows: tuple) -> pd.DataFrame:
    """Rows of `runs.csv`: seed, arm, CPU seconds of the cell and of its fit."""
    table = pd.DataFrame(rows, columns=["seed", "arm", "cpu_seconds", "fit_cpu_seconds"])
    return table.assign(
        dataset="adult",
        size="f0.001",
        minority_fraction=0.001,
        n_minority=30,
        n_majority=1000,
        n_features=14,
        status="done",
        seconds=2 * table["cpu_seconds"],
        fit_seconds=2 * table["fit_cpu_seconds"],
        peak_mib=500.0,
    )


def test_projection_counts_a_fit_once_and_adds_the_overhead():
    table = runs((0, "none", 3600, np.nan), (0, "tabularargn", 3600, 7200), (0, "tabularargn_posterior", 3600, 7200))
    found = benchmarks.projection(table, 0.0, (1, 2, 3)).set_index("workers")
    assert found["hours"].tolist() == pytest.approx([5, 3, 3])
    assert found["speed_up"].tolist() == pytest.approx([1, 5 / 3, 5 / 3])
    assert found["inside"].tolist() == pytest.approx([1, 5 / 6, 5 / 9])
    assert found["bound"].iloc[0] == pytest.approx(5 / 3)
    assert found["arms"].iloc[0] == "none tabularargn tabularargn_posterior"
    # three cells and a fit
    slow = benchmarks.projection(table, 360.0, (1,)).iloc[0]
    assert slow["hours"] == pytest.approx(5.4)
    assert slow["inside"] == pytest.approx(5 / 5.4)


def test_the_share_of_time_inside_cells_is_told_for_the_workers_that_were_measured():
    table = runs((0, "none", 3600, np.nan), (1, "none", 3600, np.nan), (2, "none", 3600, np.nan))
    measured = benchmarks.stamped([("grid/speed-up", 1.8, "times", 2), (benchmarks.INSIDE, 91.6, "%", None)])
    told = benchmarks.projection_caption(benchmarks.projection(table, 0.0, (1, 2)), measured)
    assert told.endswith(
        "1.80, with 92 % of their time inside cells in so short a run; over the whole study the projection, which leaves out the start of the workers, gives 2 workers 75.0 %."
    )


def test_cost_of_an_arm_holds_its_members_and_each_fit_once():
    table = runs(
        *((seed, "none", 1, np.nan) for seed in (0, 1)),
        *(
            (seed, arm, 10, 100)
            for arm in ("tabularargn_posterior_engine", "tabularargn_synthetic_categories_first")
            for seed in (0, 1)
        ),
        *((seed, "tabularargn_ranks", 0.5, np.nan) for seed in (0, 1)),
    )
    metrics = pd.DataFrame(
        [
            ("adult", "f0.001", 0.001, 30, seed, arm, name, value)
            for arm, name, value in (
                ("none", "xgboost", 0.4),
                ("tabularargn_posterior_engine", "tabularargn", 0.5),
                ("tabularargn_synthetic_categories_first", "xgboost", 0.3),
                ("tabularargn_ranks", "xgboost", 0.6),
            )
            for seed in (0, 1)
        ],
        columns="dataset size minority_fraction n_minority seed arm classifier average_precision".split(),
    )
    found = benchmarks.arm_costs(table, metrics, 0.005).set_index("arm")
    assert found["cpu_seconds"].to_dict() == pytest.approx(
        {
            "none": 1,
            "tabularargn_posterior_engine": 110,
            "tabularargn_synthetic_categories_first": 110,
            "tabularargn_ranks": 120.5,
        }
    )
    assert found["seconds"]["tabularargn_ranks"] == pytest.approx(241)
    assert found["gain"]["tabularargn_ranks"] == pytest.approx(0.2)
    assert found["gain_per_minute"]["tabularargn_ranks"] == pytest.approx(0.2 / (119.5 / 60))
    assert np.isnan(found["gain_per_minute"]["none"])
    assert set(found["arms"]["tabularargn_ranks"].split()) == set(found.index)
    assert "Adult: most per minute of extra CPU time by Mean of two ranks (+10.0)" in benchmarks.costs_text(
        found.reset_index()
    )
    # half a second more is as good as nothing
    half = metrics.assign(arm=metrics["arm"].replace("tabularargn_ranks", "class_weight"))
    free = benchmarks.arm_costs(
        runs(
            *((seed, "none", 1, np.nan) for seed in (0, 1)), *((seed, "class_weight", 1.5, np.nan) for seed in (0, 1))
        ),
        half,
        0.005,
    )
    assert free["gain_per_minute"].isna().all()
    # without one of its members it is not known what it costs
    lacking = table[table["arm"] != "tabularargn_synthetic_categories_first"]
    assert "tabularargn_ranks" not in set(benchmarks.arm_costs(lacking, metrics, 0.005)["arm"])
    shown = tables.arm_costs(found.reset_index()).set_index("Arm").loc["Mean of two ranks"]
    assert shown[["Gain (points)", "Points per CPU minute", "Shares", "n"]].tolist() == ["+20.0", "+10.0", 1, "2"]


def test_rows_of_parts_that_were_not_measured_are_kept(tmp_path):
    rows = {
        "site": [("site/weight", 3.0, "MB", 15.0), ("page/index/requests", 9, "requests", None)],
        "rows": [("rows/naive/10/seconds", 1.0, "s", None), ("rows/naive/20/seconds", 2.0, "s", None)],
        "book": [("book/rebuild", 30.0, "s", None)],
    }
    for part, measured in rows.items():
        benchmarks.record(benchmarks.stamped(measured), part, tmp_path)
    before = benchmarks.load(tmp_path)
    assert list(before) == benchmarks.COLUMNS
    # in the order of the parts, whatever was measured first
    assert before["name"].tolist() == [row[0] for part in ("book", "site", "rows") for row in rows[part]]
    assert before.set_index("name")["ratio"]["site/weight"] == pytest.approx(0.2)
    benchmarks.record(benchmarks.stamped([("site/weight", 4.0, "MB", 15.0)]), "site", tmp_path)
    after = benchmarks.load(tmp_path).set_index("name")["value"]
    assert after.to_dict() == {
        "book/rebuild": 30.0,
        "site/weight": 4.0,
        "rows/naive/10/seconds": 1.0,
        "rows/naive/20/seconds": 2.0,
    }
    assert [path.name for path in tmp_path.glob("*.csv")] == ["benchmarks.csv"]


HEADER = ",".join(benchmarks.COLUMNS)
ROW = "book/rebuild,30,s,,,a processor,2,abc,2026-01-01"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<html>", "cannot be read"),
        ("", "cannot be read"),
        (f"{HEADER.replace(',value', '')}\n", r"lacks the columns \['value'\]"),
        (f"{HEADER}\n{ROW}\n{ROW}\n", "holds 'book/rebuild' twice"),
        (f"{HEADER}\n{ROW.replace(',30,', ',thirty,')}\n", "'thirty' in the column 'value', expected a number"),
    ],
    ids=["a page", "empty", "a column lacks", "twice", "text"],
)
def test_a_damaged_file_is_refused_and_stays(tmp_path, content, message):
    path = tmp_path / "benchmarks.csv"
    path.write_text(content)
    with pytest.raises(StoreError, match=message):
        benchmarks.load(tmp_path)
    with pytest.raises(StoreError, match=message):
        benchmarks.record(benchmarks.stamped([("site/files", 1, "files", None)]), "site", tmp_path)
    assert path.read_text() == content


def test_goals_are_judged_by_value_or_ratio_in_their_direction():
    table = benchmarks.stamped(
        [
            ("grid/plain loop", 30.0, "cells/h", None),
            ("grid/runner", 100.0, "cells/h", 30.0),
            ("grid/time inside cells", 94.0, "%", None),
            ("book/rebuild", 20.0, "s", None),
        ]
    )
    assert tables.measured(table)["Reached"].tolist() == ["-", "✓ yes", "✗ no", "✓ yes"]
    assert tables.measured(table)["Ratio"].tolist() == ["-", "3.33", "-", "-"]
    assert benchmarks.goals_text(table) == ("Of 3 goals measured, 2 were reached; not reached: grid/time inside cells.")
    slow = table.assign(ratio=2.0)
    assert "✗ no" in tables.measured(slow).set_index("Name")["Reached"]["grid/runner"]


@pytest.mark.parametrize("size", ["rows", "columns"])
def test_costs_against_size_are_measured_or_extrapolated(size):
    table = benchmarks.stamped(
        [
            *(
                (f"{size}/naive/{n}/{what}", value, "", None)
                for n in (10, 20)
                for what, value in (("seconds", n), ("peak", 5))
            ),
            (f"{size}/naive/exponent", 1.0, "", 1.0),
            (f"{size}/tabularargn fit/10/seconds", 7.0, "s", None),
            (f"{size}/tabularargn fit/20/extrapolated", 14.0, "s", None),
            ("site/files", 3, "files", None),
        ]
    )
    found = benchmarks.by_size(table, size).set_index(["what", size])
    assert list(found.index) == [(what, n) for what in ("naive", "tabularargn fit") for n in (10, 20)]
    assert found["seconds"].tolist()[:3] == [10, 20, 7]
    assert np.isnan(found.loc[("tabularargn fit", 20), "seconds"])
    assert found.loc[("tabularargn fit", 20), "extrapolated"] == 14
    assert found["exponent"].dropna().tolist() == [1, 1]
    drawn = figures.cost_by_size(found.reset_index(), size).axes[0].lines
    assert [list(line.get_ydata()) for line in drawn if line.get_markerfacecolor() == "white"] == [[7, 14]]
    caption = benchmarks.size_caption(found.reset_index(), size)
    assert f"in proportion to the {size}: Naive 1.00" in caption
    assert "not measured: TabularARGN hybrid fit" in caption


def test_without_measurements_the_page_says_how_to_get_them(tmp_path):
    nothing = benchmarks.load(tmp_path)
    assert list(nothing) == benchmarks.COLUMNS
    assert "`make bench`" in benchmarks.measured_text(nothing)
    assert benchmarks.by_size(nothing, "rows").empty
    assert benchmarks.overhead_of(nothing) == 0
    projected = benchmarks.projection(runs((0, "none", 5, np.nan)), 0.0)
    assert benchmarks.projection_caption(projected, nothing).endswith("Speed-up not measured yet.")
    assert len(figures.speed_up(projected, (np.nan, np.nan)).axes[0].collections) == 0


def test_the_legend_of_the_speed_up_keeps_within_the_figure():
    figure = figures.speed_up(benchmarks.projection(runs((0, "none", 5, np.nan)), 0.0), (2, 1.8))
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 4
    assert 0 <= legend.get_window_extent().x0 < legend.get_window_extent().x1 <= figure.bbox.x1


def test_what_the_preset_saves_has_a_row_for_each_data_set():
    seconds = {"whole": 30.0, "whole, fast": 15.0, "training": 20.0, "training, fast": 8.0}
    rows = [
        (f"fit/preset/{name}/{part}", value, "s", None)
        for name in ("insurance", "adult")
        for part, value in seconds.items()
    ]
    table = benchmarks.stamped([*rows, ("fit/passes", 30, "", None)])
    found = benchmarks.presets(table)
    assert found["dataset"].tolist() == ["insurance", "adult"]
    assert found["factor"].tolist() == [2, 2]
    assert found["training_factor"].tolist() == [2.5, 2.5]
    shown = tables.presets(found)
    assert shown["Data set"].tolist() == ["Insurance", "Adult"]
    assert shown["Training alone, fast, s"].tolist() == ["8", "8"]
    assert benchmarks.presets(table[1:])["dataset"].tolist() == ["adult"], "one with a part missing is left out"
    assert benchmarks.presets(table.tail(1)).empty
