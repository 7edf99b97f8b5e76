"""The errors that the package raises on purpose, and its warning."""

from collections.abc import Collection
from difflib import get_close_matches

# More names than these are not listed where one of them is near to what was asked for.
MANY = 12


class UpsamplingError(ValueError):
    """Something a user can mend: the message names the value, what was expected and the remedy."""


class DataError(UpsamplingError):
    """A data file is missing, is not the expected one, or does not fit its schema."""


class SpecError(UpsamplingError):
    """A cell, grid or parameter is impossible; raised before any work starts."""


class GeneratorError(UpsamplingError):
    """The generator could not learn from the table, or returned rows that are not what was asked for."""


class RareValuesWarning(UserWarning):
    """Value protection hides much of what a rare class looks like, so rows drawn of it look like the other classes'."""


class StatsError(UpsamplingError):
    """Rows of results cannot be compared or averaged as asked."""


class RunnerError(UpsamplingError):
    """A run had to end before all cells were computed."""


class StoreError(UpsamplingError):
    """The results folder cannot be read or written."""


def check_choice(value: str, choices: Collection[str], what: str) -> str:
    """Return `value` if it is one of `choices`, else raise with the nearest known name."""
    if value in choices:
        return value
    near = get_close_matches(str(value), choices, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    known = "" if near and len(choices) > MANY else f" Known: {', '.join(choices)}."
    raise SpecError(f"unknown {what} '{value!s}'.{hint}{known}")
