"""What every result can say of itself: its numbers as rows, for a table or a file."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class TidyRow:
    """One number of a result.

    ``statistic`` says what ``value`` is (estimate, lower, upper, p …); ``group`` and ``level`` say
    of which group, term or category; ``at`` is a time in the unit of the data. ``value`` is None
    where there is no number, and ``note`` says why, or what must be said with it.
    """

    statistic: str
    value: float | None
    group: str = ""
    level: str = ""
    at: float | None = None
    note: str = ""


def tidy_row(
    statistic: str, value: float | None, *, group: str = "", level: str = "",
    at: float | None = None, note: str = "",
) -> TidyRow:
    """Return a row; NaN and infinity become None, and numpy numbers plain ones."""
    number = None if value is None or not math.isfinite(value) else float(value)
    return TidyRow(statistic, number, group, level, at, note)
