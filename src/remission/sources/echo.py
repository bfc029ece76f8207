"""What a message may repeat of a cell: enough to find it again, never who the child is."""

from __future__ import annotations

import re

import polars as pl

HIDDEN = "(not shown: it may name a person)"
DATE = "[date]"
"""What stands in free text in place of a calendar date."""

_LONGEST, _SHORTENED = 16, 12
_PERSON = re.compile(
    r"(^|[^a-z])((sur|first|last|family|given|full|patient)?[ _-]*names?|initials|mrn|"
    r"(medical|hospital|patient|health|case)[ _-]*(record[ _-]*)?(id|no|nr|number)|"
    r"record[ _-]*(no|nr|number)|"
    r"phone|telephone|mobile|address|e-?mail|passport|nhs|ssn|curp|nombres?|apellidos?|expediente|"
    r"historia|tel[eé]fono|direcci[oó]n|correo)([^a-z]|$)|姓名|病案号|住院号|身份证|电话|地址",
    re.IGNORECASE)
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CALENDAR = (
    r"(?i)\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d\b"
    rf"|\b\d{{1,2}}[-/. ]?{_MONTH}[-/. ]?(?:19|20)\d\d\b"
    rf"|\b{_MONTH}\.? \d{{1,2}},? (?:19|20)\d\d\b|(?:19|20)\d\d年\d{{1,2}}月(?:\d{{1,2}}日)?")


def names_a_person(column: str) -> bool:
    """Return whether the name of a column says that it holds names, numbers of records or so."""
    return _PERSON.search(column) is not None


def echo(text: str, *, hidden: bool = False) -> str:
    """Return a text in quotes as a message may repeat it: shortened, or not at all."""
    return HIDDEN if hidden else repr(_shortened(text))


def echo_number(text: str, *, hidden: bool = False) -> str:
    """Return a number as a message may repeat it."""
    return HIDDEN if hidden else _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_SHORTENED]}…"


def without_dates(texts: pl.Series) -> tuple[pl.Series, int]:
    """Return free text with ``[date]`` in place of calendar dates, and in how many rows."""
    has_date = texts.str.contains(_CALENDAR)
    return texts.str.replace_all(_CALENDAR, DATE), int(has_date.sum())
