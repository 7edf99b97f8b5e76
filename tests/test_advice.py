"""What is recommended, and that nothing is recommended which the seeds do not support."""

import numpy as np
import pandas as pd
import pytest

from upsampling.errors import SpecError
from upsampling.own import advice
from upsampling.study.arms import ARMS

RUNS = pd.DataFrame({"status": ["done", "done"], "n_holdout_minority": [400, 401]})


def metrics(values, fraction=0.02):
    """Rows from a mapping of (arm, classifier) to average precision by seed."""
    return pd.DataFrame(
        [
            {"minority_fraction": fraction, "seed": seed, "arm": arm, "classifier": name, "average_precision": value}
            for (arm, name), scores in values.items()
            for seed, value in enumerate(scores)
        ]
    )


CLEAR = {
    ("class_weight", "lightgbm"): [0.50, 0.51, 0.52, 0.50, 0.51],
    ("class_weight", "xgboost"): [0.40, 0.41, 0.42, 0.40, 0.41],
    ("smotenc", "lightgbm"): [0.60, 0.612, 0.62, 0.602, 0.61],
    ("smotenc", "xgboost"): [0.30, 0.31, 0.32, 0.30, 0.31],
    ("naive", "lightgbm"): [0.49, 0.53, 0.52, 0.50, 0.50],
    ("undersample", "lightgbm"): [0.20, 0.21, 0.22, 0.20, 0.21],
}


def test_a_clear_gain_is_recommended_with_its_interval():
    found = advice.advise(metrics(CLEAR), RUNS, 0.02)
    assert found.reference == ("class_weight", "lightgbm")
    assert found.chosen == ("smotenc", "lightgbm")
    assert found.headline() == "SMOTE-NC with LightGBM beats class weights here."
    assert "0.609 against 0.508 of class weights with LightGBM" in found.text()
    assert "+0.101 (95 % interval +0.0" in found.text()
    assert "Worse than that: undersampled with LightGBM." in found.text()
    verdicts = found.table.set_index("arm")["verdict"].to_dict()
    assert verdicts == {
        "smotenc": advice.BETTER,
        "class_weight": "reference",
        "naive": advice.OPEN,
        "undersample": advice.WORSE,
    }
    assert set(found.table["classifier"]) == {"lightgbm"}


def test_without_a_supported_gain_class_weights_stay():
    level = CLEAR | {("smotenc", "lightgbm"): [0.56, 0.47, 0.58, 0.49, 0.57]}
    found = advice.advise(metrics(level), RUNS, 0.02)
    assert found.chosen == found.reference
    assert found.text().startswith("**No arm beats class weights here, as far as 5 seeds can tell.**")
    assert "The highest of the others, SMOTE-NC with LightGBM, has 0.534" in found.text()
    assert "does not mean equal" in found.text()


def test_three_seeds_that_agree_by_chance_are_not_enough():
    """A gain in each of three seeds happens by chance once in eight times."""
    few = {combination: scores[:3] for combination, scores in CLEAR.items()}
    few["smotenc", "lightgbm"] = [0.51, 0.53, 0.56]
    assert advice.advise(metrics(few), RUNS, 0.02).chosen == ("class_weight", "lightgbm")


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_seeds_recommend_nothing(n):
    few = {combination: scores[:n] for combination, scores in CLEAR.items()}
    found = advice.advise(metrics(few), RUNS, 0.02)
    assert found.chosen == found.reference
    assert f"{n} seed" in found.headline()
    assert "cannot tell a difference from chance" in found.headline()
    assert "--seeds 5" in found.text()


def test_an_arm_that_failed_under_some_seeds_is_judged_on_the_others_and_does_not_silence_the_rest():
    rows = metrics(CLEAR)
    lacking = rows["arm"].eq("naive") & rows["seed"].ge(2)
    found = advice.advise(rows[~lacking], RUNS, 0.02)
    assert found.headline() == "SMOTE-NC with LightGBM beats class weights here."
    assert "those that are there: naive (2 of 5)." in found.text()
    naive = found.table.set_index("arm").loc["naive"]
    assert (naive["mean"], naive["against"]) == pytest.approx((0.51, 0.505))
    assert naive["verdict"] == advice.OPEN


def test_a_reference_that_failed_under_some_seeds_is_compared_on_the_others():
    rows = metrics(CLEAR)
    lacking = rows["arm"].eq("class_weight") & rows["seed"].ge(3)
    found = advice.advise(rows[~lacking], RUNS, 0.02)
    row = found.table.set_index("arm").loc["smotenc"]
    assert row["mean"] - row["against"] == pytest.approx(row["difference"])
    assert (row["n_seeds"], found.n_seeds) == (3, 3)


def test_chance_alone_hardly_ever_leads_to_a_recommendation():
    rng = np.random.RandomState(0)
    arms = ["class_weight", "none", "naive", "smotenc", "tabularargn"]
    combinations = [(arm, name) for arm in arms for name in ("lightgbm", "xgboost")]
    wrong = 0
    for _ in range(60):
        noise = {combination: rng.normal(0.5, 0.02, size=3) for combination in combinations}
        found = advice.advise(metrics(noise), RUNS, 0.02)
        wrong += found.chosen != found.reference
    assert wrong <= 3


def test_the_unbalanced_table_is_the_reference_without_class_weights():
    rows = {("none", "lightgbm"): [0.5] * 3, ("naive", "lightgbm"): [0.5] * 3}
    assert advice.advise(metrics(rows), RUNS, 0.02).reference == ("none", "lightgbm")
    with pytest.raises(SpecError, match="neither class_weight nor none was computed"):
        advice.advise(metrics({("naive", "lightgbm"): [0.5] * 3}), RUNS, 0.02)


def test_few_minority_rows_in_the_holdout_are_said():
    runs = RUNS.assign(n_holdout_minority=7)
    assert "judges on 7 minority rows only" in advice.advise(metrics(CLEAR), runs, 0.02).text()


def test_only_usable_arms_have_code():
    assert set(advice.CODE) <= set(ARMS)
    with pytest.raises(SpecError, match="arm 'oracle' cannot be used in practice"):
        advice.usable("oracle")


@pytest.mark.parametrize("arm", advice.CODE)
def test_the_code_compiles_and_names_the_arm_s_settings(arm):
    table = advice.advise(metrics(CLEAR), RUNS, 0.02).table
    found = advice.Advice(table, ("none", "lightgbm"), (arm, "lightgbm"), 0.02, 400)
    lines = found.code("my 'report'\n```", 500)
    compile(lines, "code", "exec")
    trained = "tuning.train_tuned(X, y, seed=0)" if ARMS[arm].tuned else "classifiers.make('lightgbm', seed=0)"
    assert trained in lines
    assert ("max_rows=500" in lines) == arm.startswith("tabularargn")
    assert not any(line.startswith("```") for line in lines.splitlines())
