"""Fixtures of the tests about reports."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a frame as CSV and returns its path."""

    def write(frame, name="my table.csv", **settings):
        frame.to_csv(tmp_path / name, index=False, **settings)
        return tmp_path / name

    return write
