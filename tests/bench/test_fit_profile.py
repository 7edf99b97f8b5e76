"""What is measured of fits, on a stand-in for the generator."""

from types import SimpleNamespace

import pytest
from helpers import StubGenerator

from tools.bench import fit_profile
from tools.bench.record import BenchError

# Calls, own seconds and seconds with all that was called, by function as a profile has them: a second for each step, two in the loss.
PROFILE = {
    (f"/lib/{file}", 1, name): (3, 3, 1.0, 2.0 if "loss" in name else 1.0, {})
    for file, name in [*fit_profile._STEPS.values(), fit_profile._EPOCH]
}
PROFILE["/lib/other/_tensor.py", 1, "backward"] = (9, 9, 4.0, 9.0, {})


def test_a_fit_is_profiled_and_the_preset_is_held_against_the_defaults(monkeypatch):
    asked = []

    def generator(**settings):
        asked.append(settings)
        return StubGenerator()

    monkeypatch.setattr(fit_profile.pstats, "Stats", lambda profile: SimpleNamespace(stats=PROFILE))
    table = fit_profile.measure(["demo"], 0.01, generator).set_index("name")
    of_preset = [f"fit/preset/demo/{what}" for what in ("whole", "whole, fast", "training", "training, fast")]
    assert set(table.index) == {"fit/passes", *of_preset, *(f"fit/{step}" for step in (*fit_profile._STEPS, "rest"))}
    passes = [{"max_epochs": n} for n in (fit_profile.FIRST_PASSES, fit_profile.PASSES)]
    limited = [{**n, "fast": fast} for fast in (False, True) for n in passes]
    turns = [{}, *limited * fit_profile.ROUNDS]
    assert asked == turns, "one fit is profiled; then settings take turns"
    for what in of_preset[::2]:
        assert table.loc[f"{what}, fast", "baseline"] == table.loc[what, "value"]
    steps = table.loc[table.index.str.match("fit/(?!passes|preset)"), "value"].rename(lambda name: name[4:])
    assert steps["backward"] == 1, "a function of that name elsewhere does not count"
    assert steps["forward"] == 1, "without dropout, which it calls"
    assert table.loc["fit/passes", "value"] == 3
    assert steps.sum() == pytest.approx(len(PROFILE) - 1 + 4)


def test_a_step_that_the_engine_calls_otherwise_is_an_error_and_not_zero():
    with pytest.raises(BenchError, match=r"no call of analysis, encoding, .* was seen in a fit"):
        fit_profile.measure(["demo"], 0.01, StubGenerator)
