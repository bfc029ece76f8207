"""Calendar dates become whole study days; durations are shown with their divisor."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

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


@dataclass(frozen=True)
class PartialDate:
    """A date known to its month (``M``) or year (``Y``): the first and last day it may be."""

    precision: str
    earliest: date
    latest: date

    def __str__(self) -> str:
        """Return ``2019-03`` or ``2019``."""
        return self.earliest.isoformat()[: 7 if self.precision == "M" else 4]


_UNKNOWN = r"(?:unk?|nk|nd|na|xx?|\?\??|--?|__?|00?)"
_PART_OF = {"%d": "day", "%m": "month", "%b": "month", "%B": "month", "%Y": "year", "%y": "year"}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")
_YEARS = range(1900, 2101)
"""A number outside them is no year of a record."""


def parse_partial_date(text: str, layout: str) -> PartialDate | None:
    """Return a date of which the day, or the day and month, is not known; None if it is no such.

    Read in the order of the layout given: ``03/2019``, ``2019`` and ``UNK/MAR/2019`` under
    ``%d/%m/%Y``. What stands for the unknown part: UN, UNK, NK, ND, NA, X, XX, ?, -, _, 0 or 00.
    """
    for pattern in _partial_patterns(layout):
        match = pattern.fullmatch(text.strip())
        if match is not None:
            found = match.groupdict()
            year = int(found["year"])
            if "%y" in layout:
                year = datetime.strptime(found["year"], "%y").year
            return _partial(year, found.get("month") or "", found.get("day") or "")
    return None


def _partial(year: int, month: str, day: str) -> PartialDate | None:
    """Return the partial date of a year with a month or day that may be unknown."""
    number = _month(month)
    if number is None or year not in _YEARS or (number and day.isdecimal() and int(day)):
        return None
    if not number:
        return PartialDate("Y", date(year, 1, 1), date(year, 12, 31))
    return PartialDate("M", date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def _month(text: str) -> int | None:
    """Return the number of a month, 0 where it is not known, None where the text is no month."""
    if not text or re.fullmatch(_UNKNOWN, text, re.IGNORECASE):
        return 0
    if text.isdecimal():
        return int(text) if int(text) <= len(_MONTHS) else None
    found = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower())]
    return found[0] if found else None


@cache
def _partial_patterns(layout: str) -> tuple[re.Pattern[str], ...]:
    """Return what a partial date of a layout looks like: three parts, two, or the year alone."""
    pieces = re.split(r"(%.)", layout)
    listed = [(_PART_OF[code], re.escape(after), code)
              for code, after in zip(pieces[1::2], pieces[2::2], strict=True) if code in _PART_OF]
    if sorted(name for name, _, _ in listed) != ["day", "month", "year"]:
        return ()
    digits = "{1,2}" if all(after for _, after, _ in listed[:-1]) else "{2}"
    is_long = "%Y" in layout
    parts = {"day": rf"(?P<day>\d{digits}|{_UNKNOWN})",
             "month": rf"(?P<month>\d{digits}|{_UNKNOWN}|[a-z]{{3,9}})",
             "year": rf"(?P<year>\d{{{4 if is_long else 2}}})"}

    def of(*names: str) -> re.Pattern[str]:
        *before, (last, after, _) = [part for part in listed if part[0] in names]
        text = "".join(parts[name] + between for name, between, _ in before)
        return re.compile(f"{text}{parts[last]}(?:{after})?", re.IGNORECASE)

    full = of("day", "month", "year")
    return (full, of("month", "year"), of("year")) if is_long else (full,)


def study_day(day: date, anchor: date) -> int:
    """Return the whole days from the anchor (day 0) to ``day``; earlier days are negative."""
    return (day - anchor).days


_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{2}:\d{2}(:\d{2})?)?")


def looks_like_date(text: str) -> bool:
    """Return whether the text is written like a calendar date (2021-03-04, 4/3/21, …)."""
    return _DATE_LIKE.fullmatch(text.strip()) is not None
