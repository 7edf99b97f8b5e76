"""What is stored is computed again, and every difference that matters is found."""

import dataclasses
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from brief import brief_fit
from helpers import made_result
from test_cli import run

from upsampling import paths, words
from upsampling.errors import SpecError, StoreError
from upsampling.study import audit, datasets, experiment, runner
from upsampling.study.arms import uses_generator
from upsampling.study.protocol import Cell, Grid
from upsampling.study.store import Store

ARMS = ("none", "smotenc", "tabularargn")


@pytest.fixture
def results():
    """Published rows of nine cells of Adult and the scores of three."""
    results = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1, 2), ARMS):
        results.write(made_result(cell, seconds=10.0, fit_seconds=100.0 if cell.arm == "tabularargn" else None))
    results.collect()
    shutil.rmtree(results.folder / "cells")
    return results


@pytest.fixture
def recompute(monkeypatch):
    """Stand in for the runner: cells come out as they were made, or as `change` says; the keywords are kept."""
    asked = {}

    def compute(cells, again, **keywords):
        asked.update(keywords, cells=list(cells))
        for cell in asked["cells"]:
            again.write(asked.get("change", lambda result: result)(made_result(cell, **asked.get("here", {}))))

    monkeypatch.setattr(runner, "run", compute)
    return asked


def edit(results, name, column, value, where=lambda table: table["seed"] == 1):
    """Change one number of a published table by hand."""
    path = results.folder / f"{name}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = table.index[where(table.assign(seed=table["seed"].astype(int)))][0]
    table.loc[row, column] = value
    table.to_csv(path, index=False)
    return table.loc[row]


def audited(results, **choice):
    return audit.audit(audit.select(audit.stored_rows(results, "runs"), **choice), results)


def test_untouched_results_come_out_the_same(results, recompute):
    compared, cells = audited(results)
    assert set(compared["verdict"]) == {"same"}
    assert len(cells) == 9
    assert cells["numbers"].sum() == len(compared)
    assert {"runs", "metrics", "diagnostics", "scores", "marginals"} == set(compared["table"])
    assert recompute["keep_fits"] is False, "a kept fit would hide a change of the generator"


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("metrics", "roc_auc", "0.5"),
        ("metrics", "ece", ""),
        ("diagnostics", "value", "0.333333335"),
        ("runs", "n_majority", "1001"),
        ("runs", "status", "failed"),
    ],
)
def test_a_number_changed_by_hand_is_found(results, recompute, name, column, value):
    row = edit(results, name, column, value)
    compared, cells = audited(results)
    (wrong,) = cells[cells["verdict"] == "mismatch"].itertuples()
    assert (wrong.seed, wrong.arm, wrong.mismatches) == (1, row["arm"], 1)
    (found,) = compared[compared["verdict"] == "mismatch"].itertuples()
    assert found.table == name
    assert wrong.number == " ".join(filter(None, (found.table, found.name, found.measure)))


def test_rows_added_by_hand_are_found(results, recompute):
    path = results.folder / "diagnostics.csv"
    first = path.read_text().splitlines()[1]
    path.write_text(path.read_text() + first.replace(",marginal_distance,", ",made_up,") + "\n")
    compared, _ = audited(results)
    (found,) = compared[compared["verdict"] == "mismatch"].itertuples()
    assert (found.measure, np.isnan(found.recomputed)) == ("made_up", True)


def test_a_row_removed_by_hand_is_refused_before_any_work(results, recompute):
    path = results.folder / "diagnostics.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(StoreError, match="lacks the rows"):
        audited(results)
    assert "cells" not in recompute


def test_numbers_that_the_storing_code_did_not_have_are_new_and_no_mismatch(results, recompute):
    def change(result):
        result.metrics.append(result.metrics[0] | {"classifier": "xgboost"})
        return result

    recompute["change"] = change
    compared, cells = audited(results)
    assert set(compared.loc[compared["verdict"] == "new", "name"]) == {"xgboost"}
    assert set(compared["verdict"]) == {"same", "new"}
    assert set(cells["verdict"]) == {"same"}
    assert cells["numbers"].sum() == (compared["verdict"] == "same").sum()


def test_numbers_of_a_classifier_that_is_not_installed_are_not_compared_and_that_is_said(
    results, recompute, monkeypatch, capsys
):
    path = results.folder / "metrics.csv"
    more = [row.replace(",lightgbm,", ",catboost,") for row in path.read_text().splitlines() if ",lightgbm," in row]
    path.write_text(path.read_text() + "\n".join(more) + "\n")
    monkeypatch.setattr(audit, "SKIPPED", {"catboost": "classifier 'catboost' is skipped: made up"})
    code, out, err = run(monkeypatch, capsys, *"audit --seed 0".split())
    assert code == 0
    assert "0 mismatch" in out
    assert "classifier 'catboost' is skipped: made up" in err
    assert not recompute["classifiers"] or "catboost" not in recompute["classifiers"]


def test_an_arm_that_cannot_be_computed_here_is_never_drawn(results, monkeypatch):
    monkeypatch.setitem(audit.ARMS, "smotenc", dataclasses.replace(audit.ARMS["smotenc"], skip="made up"))
    drawn = audit.sample(audit.stored_rows(results, "runs"), 9, 7, 1e6, 2)
    assert set(drawn["arm"]) == {"none", "tabularargn"}
    with pytest.raises(SpecError, match="arm 'smotenc' is skipped: made up"):
        audited(results, arm=["smotenc"])


def test_cells_are_computed_again_under_the_classifiers_that_are_stored_of_each(results, recompute, monkeypatch):
    path = results.folder / "metrics.csv"
    rows = path.read_text().splitlines()
    more = [row.replace(",lightgbm,", ",xgboost_regularised,") for row in rows if ",0,none,lightgbm," in row]
    path.write_text("\n".join([*rows, *more, *(row.replace("xgboost_regularised", "ranks") for row in more)]) + "\n")
    asked, compute = [], runner.run

    def spied(cells, again, *, classifiers, **settings):
        asked.append(([cell.seed for cell in cells], classifiers))
        compute(cells, again, **settings)

    monkeypatch.setattr(runner, "run", spied)
    audited(results, arm=["none"])
    assert asked == [([0], ("lightgbm", "xgboost_regularised")), ([1, 2], ("lightgbm",))]


def test_a_score_changed_by_hand_is_found(results, recompute):
    (path,) = (results.folder / "scores").iterdir()
    table = pd.read_parquet(path)
    table.loc[7, "none|lightgbm"] += np.float32(1e-6)
    table.to_parquet(path)
    compared, _ = audited(results)
    (found,) = compared[compared["verdict"] == "mismatch"].itertuples()
    assert (found.table, found.name, found.seed, found.arm) == ("scores", "lightgbm", int(path.stem[-1]), "none")
    assert found.difference == pytest.approx(-1e-6, rel=0.1)


def test_seconds_memory_and_time_stamps_are_not_compared(results, recompute):
    recompute["here"] = {"seconds": 99.0, "peak_mib": 1.0, "computed_at": "2030-01-01T00:00:00+00:00", "commit": "f00"}
    compared, cells = audited(results)
    assert set(compared["verdict"]) == {"same"}
    assert set(cells["commit"]) == {"f00"}
    assert not set(cells["stored_commit"]) & {"f00"}


def shifted(by):
    def change(result):
        for row in result.metrics:
            row["roc_auc"] += by
        return result

    return change


@pytest.mark.parametrize(
    ("by", "here", "verdicts"),
    [
        (1e-10, {}, {"none": "same", "tabularargn": "same"}),
        (1e-8, {}, {"none": "mismatch", "tabularargn": "mismatch"}),
        (1e-8, {"versions": "one-more==1"}, {"none": "mismatch", "tabularargn": "mismatch"}),
        (1e-3, {"versions": "torch==0.1"}, {"none": "mismatch", "tabularargn": "within"}),
        (1e-3, {"cpu_model": "another"}, {"none": "mismatch", "tabularargn": "within"}),
        (0.3, {"cpu_model": "another"}, {"none": "mismatch", "tabularargn": "mismatch"}),
    ],
)
def test_only_a_generator_on_another_machine_has_a_tolerance(results, recompute, by, here, verdicts):
    recompute["change"] = shifted(by)
    recompute["here"] = here
    compared, cells = audited(results, arm=["none", "tabularargn"])
    assert cells.groupby("arm")["verdict"].unique().map(list).to_dict() == {k: [v] for k, v in verdicts.items()}
    moved = compared[(compared["arm"] == "tabularargn") & (compared["measure"] == "roc_auc")]
    if by == 1e-3:
        assert set(moved["tolerance_from"]) == {"fallback"}, "three seeds are too few for a spread"
        assert not set(compared.loc[compared["arm"] == "tabularargn", "table"]) & {"scores", "marginals"}


@pytest.mark.parametrize(("platform", "verdict"), [(None, "mismatch"), ("Linux x86_64, openblas Abacus", "within")])
def test_logistic_regression_has_a_tolerance_on_other_kernels_of_linear_algebra(results, recompute, platform, verdict):
    for table in ("metrics", "runs"):
        path = results.folder / f"{table}.csv"
        path.write_text(path.read_text().replace(",lightgbm,", ",logistic_regression,"))

    def change(result):
        for row in result.metrics:
            row["classifier"] = row["classifier"].replace("lightgbm", "logistic_regression")
        return shifted(1e-3)(result)

    recompute["change"] = change
    recompute["here"] = {"platform": platform} if platform else {}
    compared, _ = audited(results, arm=["none"])
    found = compared[(compared["table"] == "metrics") & (compared["measure"] == "roc_auc")].set_index("name")
    assert set(found.loc[["logistic_regression"], "verdict"]) == {verdict}
    others = found.drop("logistic_regression")
    assert others.empty or set(others["verdict"]) == {"mismatch"}
    assert set(compared.loc[compared["table"] == "marginals", "verdict"]) == {"same"}, (
        "the rows are those of any machine"
    )


def test_counts_have_no_tolerance_anywhere(results, recompute):
    recompute["here"] = {"cpu_model": "another", "n_majority": 1001}
    compared, _ = audited(results, arm=["tabularargn"], seed=[0])
    assert compared.set_index("measure").loc["n_majority", "verdict"] == "mismatch"


def spread_rows(seeds, sizes=("f0.001",), arm="tabularargn"):
    """Numbers of an arm whose standard deviation over seeds is 0.01 within a size, and larger between sizes."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            ("adult", size, seed, arm, "metrics", "xgboost", "roc_auc", 0.7 + place / 10 + rng.normal(0, 0.01))
            for place, size in enumerate(sizes)
            for seed in seeds
        ],
        columns=[*audit.NUMBER, "value"],
    )


def test_the_tolerance_follows_from_the_spread_over_the_seeds_of_the_study():
    rows = spread_rows(range(401))
    value, source = audit.tolerance(rows, rows.iloc[0])
    assert source == "study seeds, dataset and size, 400 degrees of freedom"
    # two fits differ with a standard deviation of sqrt(2) * 0.01, and 3.9 of these are exceeded in 1 of 10,000 cases
    assert value == pytest.approx(3.92 * 2**0.5 * 0.01, rel=0.1)


def test_other_arms_though_named_alike_have_no_say():
    rows = spread_rows(range(30))
    others = spread_rows(range(30), arm="tabularargn_seed1").assign(value=lambda other: 10 * other["value"])
    both = pd.concat([rows, others], ignore_index=True)
    assert audit.tolerance(both, rows.iloc[0]) == audit.tolerance(rows, rows.iloc[0])


def test_a_wider_circle_is_asked_while_there_are_few_seeds():
    rows = spread_rows(range(5), sizes=("f0.001", "f0.01"))
    assert audit.tolerance(rows, rows.iloc[0])[1] == "study seeds, dataset, 8 degrees of freedom"


def test_a_cell_within_the_spread_of_seeds_can_be_recorded(results, recompute):
    _, cells = audited(results, seed=[0])
    _, source = audit.tolerance(rows := spread_rows(range(30)), rows.iloc[0])
    audit.record(cells.assign(tolerance_from=source), results.folder)
    assert set(audit.load(results.folder)["tolerance_from"]) == {source}


def test_without_any_spread_there_is_a_documented_fallback():
    rows = spread_rows(range(3))
    assert audit.tolerance(rows, rows.iloc[0]) == (audit.FALLBACK, "fallback")
    assert f"{audit.FALLBACK:g}" in (paths.ROOT / "results/README.md").read_text()


def test_a_draw_repeats_and_stays_within_the_budget(results):
    runs = audit.stored_rows(results, "runs")
    drawn = audit.sample(runs, 4, 7, 1e6, 2)
    pd.testing.assert_frame_equal(drawn, audit.sample(runs, 4, 7, 1e6, 2))
    assert len(drawn) == 4
    assert not drawn.equals(audit.sample(runs, 4, 8, 1e6, 2))
    cheap = audit.sample(runs, 9, 7, 40.0, 2)
    assert "tabularargn" not in set(cheap["arm"])
    assert audit.cost(cheap, 2) <= 40
    with pytest.raises(SpecError, match=r"no cell fits into 5 s; the cheapest of 9 takes 10 s"):
        audit.sample(runs, 4, 7, 5.0, 2)


def test_cost_counts_a_fit_once_and_cannot_beat_one_cell_by_more_workers(results):
    runs = audit.stored_rows(results, "runs").query("arm == 'tabularargn'")
    both = pd.concat([runs.iloc[[0]], runs.iloc[[0]].assign(arm="tabularargn_synthetic")])
    assert audit.cost(both, 1) == 120
    assert audit.cost(runs.iloc[[0]], 4) == 110


@pytest.mark.parametrize(
    ("text", "seconds"), [("10min", 600), ("90s", 90), ("2h", 7200), ("600", 600), ("1.5 h", 5400), ("5M", 300)]
)
def test_budgets_are_read(text, seconds):
    assert words.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "ten min", "0", "0min", "-5min", "10 parsecs"])
def test_a_budget_that_is_none_is_refused(text):
    with pytest.raises(SpecError, match="a budget is a time such as 10min, 90s or 2h"):
        words.seconds_of(text)


def test_audits_are_kept_and_the_last_of_each_cell_counts(results, recompute):
    _, cells = audited(results, seed=[0])
    audit.record(cells.assign(audited_at="2026-01-01T00:00:00+00:00"), results.folder)
    audit.record(cells.head(1).assign(audited_at="2026-01-02T00:00:00+00:00"), results.folder)
    rows = audit.load(results.folder)
    assert len(rows) == 4
    last = audit.latest(rows, [("adult", "f0.001", 0, arm) for arm in ARMS])
    assert last.set_index("arm")["audited_at"].str[:10].to_dict() == {
        "none": "2026-01-02",
        "smotenc": "2026-01-01",
        "tabularargn": "2026-01-01",
    }


def test_a_damaged_audit_table_is_refused(results):
    (results.folder / "audit.csv").write_text("<html>")
    with pytest.raises(StoreError, match="git checkout"):
        audit.load(results.folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "say which cells"),
        ("--dataset adlut", "Did you mean 'adult'?"),
        ("--dataset adult --arm smotnc", "Did you mean 'smotenc'?"),
        ("--dataset adult --fraction 1", "got 1.0"),
        ("--dataset adult --fraction nan", "got nan"),
        ("--dataset adult --count 0", "got 0"),
        ("--dataset adult --seed -1", "got -1"),
        ("--dataset adult --seed x", "--seed"),
        ("--dataset adult --seed 99", "seed 99, so there is nothing to compare with; stored: 0, 1, 2"),
        ("--dataset adult --count 30", "has size n30"),
        ("--dataset adult --arm oracle", "has arm oracle"),
        ("--dataset insurance", "has dataset insurance"),
        ("--sample 0", "--sample"),
        ("--sample 2 --budget soon", "10min, 90s or 2h"),
    ],
)
def test_an_impossible_audit_ends_with_status_2(results, recompute, monkeypatch, capsys, arguments, message):
    code, _, err = run(monkeypatch, capsys, "audit", *arguments.split())
    assert code == 2
    assert message in " ".join(err.split())
    assert "cells" not in recompute


def test_the_command_prints_every_number_and_a_summary(results, recompute, monkeypatch, capsys):
    before = {path: path.read_bytes() for path in results.folder.rglob("*") if path.is_file()}
    code, out, _ = run(
        monkeypatch,
        capsys,
        *"audit --dataset adult --fraction 0.001 --seed 0 --arm none --kept-fits --scheduler tcp://host:8786".split(),
    )
    assert code == 0
    assert recompute["scheduler"] == "tcp://host:8786"
    assert re.search(r"adult/f0\.001/s0/none\W+metrics lightgbm roc_auc\W+0\.\d+\W+0\.\d+.*same", out)
    assert re.search(r"^1 cells, (\d+) numbers: \1 same, 0 within, 0 new, 0 mismatch$", out, re.MULTILINE)
    assert recompute["keep_fits"] is True
    assert {path: path.read_bytes() for path in results.folder.rglob("*") if path.is_file()} == before


def test_a_mismatch_ends_with_status_1_and_is_recorded(results, recompute, monkeypatch, capsys):
    edit(results, "metrics", "roc_auc", "0.123", lambda table: (table["seed"] == 1) & (table["arm"] == "smotenc"))
    code, out, _ = run(monkeypatch, capsys, *"audit --sample 9 --audit-seed 5 --record".split())
    assert code == 1
    assert "drawn with --audit-seed 5" in out
    assert re.search(r"adult/f0\.001/s1/smotenc\W+metrics lightgbm roc_auc\W+0\.123\W", out)
    assert "1 mismatch" in out.splitlines()[-2]
    rows = audit.load(results.folder)
    assert rows["verdict"].value_counts().to_dict() == {"same": 8, "mismatch": 1}
    wrong = rows[rows["verdict"] == "mismatch"].iloc[0]
    assert (wrong["arm"], wrong["number"], wrong["stored"]) == ("smotenc", "metrics lightgbm roc_auc", 0.123)


@pytest.mark.skipif(not shutil.which("make"), reason="there is no command make")
@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ([], "--sample 10 --budget 10min --record"),
        (["SAMPLE=3", "BUDGET=60s", "SEED=5"], "--sample 3 --budget 60s --audit-seed 5 --record"),
    ],
)
def test_make_audit_draws_within_a_budget_and_records(variables, options):
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "audit", *variables],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    command = done.stdout[done.stdout.index(".venv/bin/upsampling audit") :].replace("\\\n", " ")
    assert command.split() == [".venv/bin/upsampling", "audit", *options.split()]


def test_each_commit_is_checked_by_cheap_cells_and_one_of_the_generator(results, recompute, monkeypatch, capsys):
    """The audits of .ci/run, as they stand there."""
    script = (paths.ROOT / ".ci/run").read_text()
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script, "a mismatch ends the script"
    common = re.search(r"upsampling (audit [^)]*) --audit-seed", script)[1].split()
    audits = [line.split() for line in re.findall(r'"\$\{audit\[@\]\}" (.*)', script)]
    for cell in Grid(("adult",), (0.001,), (0,), ("naive", "undersample", "class_weight", "tabularargn_posterior")):
        results.write(made_result(cell, fit_seconds=100.0 if cell.arm.startswith("tabularargn") else None))
    drawn = []
    for options in audits:
        assert run(monkeypatch, capsys, *common, "--audit-seed", "1", *options)[0] == 0
        drawn.append([cell.arm for cell in recompute["cells"]])
    cheap, generator = drawn
    assert len(cheap) == 4
    assert not any(map(uses_generator, cheap))
    assert list(map(uses_generator, generator)) == [True]


def test_another_environment_is_named(results, recompute, monkeypatch, capsys):
    recompute["here"] = {"cpu_model": "Abacus", "python": "3.99"}
    _, out, _ = run(monkeypatch, capsys, *"audit --seed 0 --arm none".split())
    assert re.search(
        r"not the same environment: python 3\.\d+\.\d+ then, 3\.99 now; cpu_model .+ then, Abacus now", out
    )


@pytest.mark.slow
def test_real_cells_are_recomputed_and_an_edited_table_is_found(scheduler, monkeypatch, capsys):
    """The demo's cells, published for once, by way of the command, a cluster and the data."""
    demo = datasets.DATASETS["demo"]
    monkeypatch.setitem(datasets.DATASETS, "demo", dataclasses.replace(demo, published=True))
    monkeypatch.setattr(experiment, "fit", brief_fit)
    results = Store()
    cells = [Cell("demo", None, 60, 0, arm) for arm in ("none", "undersample", "tabularargn_posterior")]
    runner.run(cells, results, scheduler=scheduler)
    results.collect()
    shutil.rmtree(results.folder / "cells")
    command = f"audit --dataset demo --count 60 --scheduler {scheduler}".split()
    assert run(monkeypatch, capsys, *command)[0] == 0
    code, out, err = run(monkeypatch, capsys, *command, "--arm", "tabularargn_posterior")
    assert code == 0, f"an arm without diagnostics, audited alone: {err}"
    edit(results, "metrics", "brier", "0.25", lambda table: table["arm"] == "none")
    code, out, _ = run(monkeypatch, capsys, *command)
    assert code == 1
    assert re.search(r"demo/n60/s0/none\W+metrics \w+ brier\W+0\.25 .*mismatch", out)
    assert out.rstrip().endswith("1 mismatch")


def test_what_moved_between_two_machines_names_whole_values():
    same = {"versions": "mostlyai==6 numpy==2.0 pandas==3.0", "python": "3.11", "cpu_model": "Abacus"}
    before = pd.DataFrame([same | {"platform": "Linux x86_64"}, same | {"platform": "Linux x86_64, openblas Haswell"}])
    now = pd.DataFrame([same | {"platform": "Linux x86_64, openblas Haswell", "versions": "numpy==2.1 pandas==3.0"}])
    assert audit.moved_text(before, now) == "versions numpy==2.0 then, numpy==2.1 now; platform Linux x86_64 then"
    assert audit.moved_text(before, before) == ""
