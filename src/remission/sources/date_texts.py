"""Texts become calendar dates: by their layout, whole columns at once where digits alone tell."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

import polars as pl

from remission.days import parse_date, parse_partial_date
from remission.errors import Problem
from remission.sources.distinct import by_value, empty_column
from remission.sources.mapping import AUTO_LAYOUT
from remission.sources.sheet import Sheet

ISO = "%Y-%m-%d"
_DIGITS = {"%Y": "[0-9]{4}", **dict.fromkeys(("%m", "%d", "%H", "%M", "%S"), "[0-9]#")}
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_SERIALS = range(10_000, 80_001)
_PARTIAL = pl.Struct({"precision": pl.String, "earliest": pl.Date, "latest": pl.Date})


def read_dates(texts: pl.Series, layout: str, sheet: Sheet) -> pl.Series:
    """Return the dates of a column, read by their layout; null where a text is not such a date.

    In a workbook also YYYY-MM-DD is read, as its dates arrive, and the count of days by which Excel
    keeps a date in a cell that has lost its format.
    """
    layouts = [ISO if layout == AUTO_LAYOUT else layout]
    if sheet.is_workbook:
        layouts.append(ISO)

    def read(text: str) -> date | None:
        for tried in layouts:
            with suppress(ValueError):
                return parse_date(text, tried)
        return _counted_by_excel(text, sheet.epoch)

    read_at_once = _plain_dates(texts, layouts[0])
    left = texts.set(read_at_once.is_not_null(), None)
    if not left.count():
        return read_at_once
    return pl.select(pl.coalesce(read_at_once, by_value(left, read, pl.Date))).to_series()


def _counted_by_excel(text: str, epoch: date | None) -> date | None:
    """Return the date that Excel counts as a number of days, between the years 1927 and 2119."""
    match = _SERIAL.fullmatch(text)
    if epoch is None or match is None or int(match[1]) not in _SERIALS:
        return None
    return epoch + timedelta(int(match[1]))


def _plain_dates(texts: pl.Series, layout: str) -> pl.Series:
    """Return the dates that digits alone tell, read as a whole column; null for all others."""
    pieces = re.split(r"(%.)", layout)
    codes, between = pieces[1::2], pieces[2:-1:2]
    if set(codes) - set(_DIGITS) or len(set(codes)) < len(codes):
        return empty_column(len(texts), pl.Date)
    digits = "{1,2}" if all(between) else "{2}"
    pattern = "".join(_DIGITS.get(piece, re.escape(piece)).replace("#", digits)
                      for piece in pieces)
    plain = texts.set(~texts.str.contains(f"^{pattern}$"), None)
    if set(codes) <= {"%Y", "%m", "%d"}:
        return plain.str.to_date(layout, strict=False)
    return plain.str.to_datetime(layout, strict=False, time_unit="us").dt.date()


def read_partial_dates(texts: pl.Series, layout: str, sheet: Sheet) -> pl.DataFrame:
    """Return ``earliest, latest, precision`` of the dates known only in part; null for others."""
    layout = ISO if layout == AUTO_LAYOUT else layout

    def read(text: str) -> dict[str, object] | None:
        for tried in (layout, ISO) if sheet.is_workbook else (layout,):
            found = parse_partial_date(text, tried)
            if found is not None:
                return vars(found)
        return None

    return by_value(texts, read, _PARTIAL).struct.unnest()


def unreadable(shown: str, layout: str, where: str) -> Problem:
    """Return the problem of a text that is no date of its layout."""
    return Problem(
        where, f"{shown} is not a date of the layout {ISO if layout == AUTO_LAYOUT else layout}.",
        "A date that is read wrongly moves every interval.",
        "Correct the date, or the layout in the mapping (%d day, %m month, %Y year).",
    )
