from pathlib import Path

import pooch
import pytest

from upsampling import paths


def test_variables_name_other_folders(monkeypatch):
    monkeypatch.setenv("UPSAMPLING_RESULTS", "/elsewhere/results")
    monkeypatch.setenv("UPSAMPLING_CACHE", "/elsewhere/cache")
    assert paths.results() == Path("/elsewhere/results")
    assert paths.cache() == Path("/elsewhere/cache")


@pytest.mark.parametrize("empty", [True, False])
def test_defaults(monkeypatch, empty):
    for variable in ("UPSAMPLING_RESULTS", "UPSAMPLING_CACHE"):
        monkeypatch.setenv(variable, "") if empty else monkeypatch.delenv(variable)
    assert paths.results() == Path(__file__).resolve().parents[1] / "results"
    assert paths.cache() == Path(pooch.os_cache("upsampling"))
