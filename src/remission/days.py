"""Calendar dates become whole study days; durations are shown with their divisor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

DAYS_PER_MONTH = 30.4375
DAYS_PER_YEAR = 365.25
DAYS_PER_UNIT = {
    "day": 1.0,
    "week": 7.0,
    "month": DAYS_PER_MONTH,
    "year": DAYS_PER_YEAR,
}
LONGEST_YEARS = 200


@dataclass(frozen=True)
class Duration:
    """A length of time as a person wrote it, e.g. ``12 months``: a count and a unit."""

    count: float
    unit: str

    @property
    def days(self) -> float:
        """The length in days (a month is 30.4375 days, a year 365.25)."""
        return self.count * DAYS_PER_UNIT[self.unit]

    def __str__(self) -> str:
        """Return ``5 years``, ``1 year``, ``100 days``."""
        plural = "" if self.count == 1 else "s"
        return f"{self.count:g} {self.unit}{plural}"


_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(day|week|month|year)s?\s*")


def parse_duration(text: str) -> Duration:
    """Return the duration written as ``12 months``, ``5 years``, ``100 days``.

    Raises ``ValueError`` when the text is anything else, no time at all, or more than 200 years.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write it as '100 days' or '5 years'.")
    duration = Duration(float(match.group(1)), match.group(2))
    if not 0 < duration.days <= LONGEST_YEARS * DAYS_PER_YEAR:
        raise ValueError(f"{text!r} is not a time of a study; "
                         f"write one above 0 days and of at most {LONGEST_YEARS} years.")
    return duration


def parse_date(text: str, layout: str) -> date:
    """Return the calendar date written in ``text`` with the ``strptime`` layout given.

    Raises ``ValueError`` when the text is not such a date.
    """
    return datetime.strptime(text.strip(), layout).date()


def study_day(day: date, anchor: date) -> int:
    """Return the whole days from the anchor (day 0) to ``day``; earlier days are negative."""
    return (day - anchor).days


_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{2}:\d{2}(:\d{2})?)?")


def looks_like_date(text: str) -> bool:
    """Return whether the text is written like a calendar date (2021-03-04, 4/3/21, …)."""
    return _DATE_LIKE.fullmatch(text.strip()) is not None
