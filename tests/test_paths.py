from pathlib import Path

import pooch
import pytest

from upsampling import paths
from upsampling.errors import SpecError


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


def test_outside_of_a_repository_its_folders_are_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.delenv("UPSAMPLING_RESULTS")
    with pytest.raises(SpecError, match=f"{tmp_path} is none; clone the repository and run the command there"):
        paths.repository()
    with pytest.raises(SpecError, match=r"clone the repository.* Or name a folder of results with UPSAMPLING_RESULTS"):
        paths.results()
    monkeypatch.setenv("UPSAMPLING_RESULTS", "/elsewhere/results")
    assert paths.results() == Path("/elsewhere/results")
