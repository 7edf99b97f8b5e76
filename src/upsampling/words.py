"""Numbers and lists in words."""

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from upsampling.errors import SpecError

UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}


def percent(fraction: float) -> str:
    """Write a share as people do: ``0.1 %``."""
    return f"{100 * fraction:g} %"


def whole_percent(fraction: float) -> str:
    """Write a share without decimals: ``79 %``."""
    return percent(round(fraction, 2))


def points(mean: float, low: float, high: float) -> str:
    """Write a difference between shares in points, with its interval: ``+1.2 [-0.3, +2.6]``; without one where there is none."""
    center = f"{100 * mean:+.1f}"
    return center if pd.isna(low) else f"{center} [{100 * low:+.1f}, {100 * high:+.1f}]"


def pp(difference: float) -> str:
    """Write the size of a difference between shares in points, without its sign: ``2.3 points``."""
    size = f"{100 * abs(difference):.1f}"
    return f"{size} point{'' if size == '1.0' else 's'}"


def with_range(difference: float, low: float, high: float) -> str:
    """Write a difference between shares for a sentence: ``+2.3 points [0.5 to 4.1]``."""
    return f"{100 * difference:+.1f} points [{100 * low:+.1f} to {100 * high:+.1f}]"


def seeds_text(counts: pd.Series) -> str:
    """Write how many seeds stand behind some numbers: ``3 seeds``, ``1 to 3 seeds``."""
    low, high = int(counts.min()), int(counts.max())
    return f"{low} to {high} seeds" if low < high else f"{high} seed{'s' if high > 1 else ''}"


def named(sequence: Sequence[str]) -> str:
    """Join names for a sentence: ``a, b and c``."""
    return ", ".join(sequence[:-1]) + f" and {sequence[-1]}" if len(sequence) > 1 else "".join(sequence)


def duration(seconds: float) -> str:
    """Write a time span as people do: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def seconds_of(text: str) -> float:
    """Return the seconds of a time span: ``90s``, ``10min``, ``2h``; without a unit they are seconds.

    Raises
    ------
    SpecError
        It is none.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().lower())
    if not match or match[2] not in UNITS or not float(match[1]):
        raise SpecError(f"a budget is a time such as 10min, 90s or 2h, got '{text}'.")
    return float(match[1]) * UNITS[match[2]]


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: data are never markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(text).split()))


def joined(values: Iterable) -> str:
    """Return the different values in order, as one text: how a row names the seeds, sizes or arms behind it."""
    return " ".join(map(str, sorted(set(values))))
