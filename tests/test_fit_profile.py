"""What is measured of fits, on a stand-in for the generator."""

import pytest
from helpers import StubGenerator

from upsampling import benchmarks, fit_profile


def test_a_fit_is_profiled_and_the_preset_is_held_against_the_defaults():
    asked = []

    def generator(**settings):
        asked.append(settings)
        return StubGenerator()

    table = fit_profile.measure("demo", 0.01, generator).set_index("name")
    limited = [{"max_epochs": fit_profile.PASSES, "fast": fast} for fast in (False, True)]
    assert asked == [{}, *limited * fit_profile.ROUNDS], "one fit is profiled, and two settings take turns"
    assert table.loc[benchmarks.FIT_FAST, "baseline"] == table.loc[benchmarks.FIT_DEFAULTS, "value"]
    steps = benchmarks.fit_steps(table.reset_index())
    assert set(steps["step"]) == set(benchmarks.FIT_STEPS)
    assert steps["share"].sum() == pytest.approx(1)


def test_the_steps_of_a_fit_are_found_by_file_and_name():
    found = {
        ("/lib/torch/_tensor.py", 1, "backward"): (3, 3, 0.5, 2.0, {}),
        ("/lib/other/_tensor.py", 1, "backward"): (9, 9, 9.0, 9.0, {}),
    }
    assert fit_profile._of(found, fit_profile._STEPS["backward"]) == (3, 2.0)
