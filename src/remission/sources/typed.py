"""Text cells become the declared type of their column; what cannot is a problem, never a null."""

from __future__ import annotations

import math
import re
import sys
from difflib import get_close_matches

import polars as pl

from remission.days import looks_like_date
from remission.errors import Problem
from remission.records.column import Column
from remission.records.storage import dtype_of
from remission.sources.distinct import Repeated, Where, by_value, empty_column, repeated
from remission.sources.echo import echo, echo_number
from remission.sources.sheet import AMBIGUOUS

_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MAYBE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_PLAIN_WHOLE = r"^[+-]?[0-9]+$"
_PLAIN_NUMBER = r"^[+-]?([0-9]+{mark}?[0-9]*|{mark}[0-9]+)([eE][+-]?[0-9]+)?$"
_LARGEST = 10**12
EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def typed(
    cells: pl.Series, column: Column, *, where: Where, decimal: str = ".", thousands: str = "",
    hidden: bool = False,
) -> tuple[pl.Series, list[Problem]]:
    """Return (values of the declared type, problems); a cell with a problem stays null.

    ``cells`` holds text or null. One problem is made for each distinct unreadable value, naming
    the rows that hold it. ``thousands`` is a mark that is passed over where it parts thousands.
    What is ``hidden`` is not repeated in a problem.
    """
    if thousands and column.kind in ("integer", "day", "number"):
        cells = _ungrouped(cells, decimal, thousands)
    read = _at_once(cells, column, decimal)
    if read.null_count() == cells.null_count():
        return read.alias(column.name), []
    left = cells.set(read.is_not_null(), None)
    one_by_one = by_value(left, lambda text: _value(text, column, decimal), dtype_of(column))
    read = pl.select(pl.coalesce(read, one_by_one)).to_series()
    wrong = cells.is_not_null() & read.is_null()
    problems = [_problem(found, column, where, decimal, hidden=hidden)
                for found in repeated(cells, wrong)]
    return read.alias(column.name), problems


def _ungrouped(cells: pl.Series, decimal: str, thousands: str) -> pl.Series:
    """Return the cells without the marks between thousands, where they stand in their places."""
    mark, point = re.escape(thousands), re.escape(decimal)
    is_grouped = cells.str.contains(rf"^[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]+)?$")
    return cells.str.replace_all(thousands, "", literal=True).zip_with(is_grouped, cells)


def _at_once(cells: pl.Series, column: Column, decimal: str) -> pl.Series:
    """Return the values of those cells that can be read as a whole column; null for the others."""
    match column.kind:
        case "text":
            return cells
        case "code":
            return _select(cells, _CELL.is_in(list(column.codes)), _CELL)
        case "integer" | "day":
            whole = _select(cells, _CELL.str.contains(_PLAIN_WHOLE),
                            _CELL.cast(pl.Int64, strict=False))
            return _within(whole, _LARGEST)
        case "number" if decimal != AMBIGUOUS:
            mark = "," if decimal == "," else r"\."
            pointed = _CELL.str.replace(",", ".", literal=True) if decimal == "," else _CELL
            numbers = _select(cells, _CELL.str.contains(_PLAIN_NUMBER.format(mark=mark)),
                              pointed.cast(pl.Float64, strict=False))
            return _within(numbers, sys.float_info.max)
        case _:
            return empty_column(len(cells), dtype_of(column))


_CELL = pl.first()


def _select(cells: pl.Series, is_readable: pl.Expr, value: pl.Expr) -> pl.Series:
    """Return the values of the cells that are readable, null for the others: one query a column."""
    return cells.to_frame().select(pl.when(is_readable).then(value)).to_series()


def _within(numbers: pl.Series, largest: float) -> pl.Series:
    """Return the numbers, null where one is larger, which is looked for where it can be."""
    ends = numbers.min(), numbers.max()
    if any(isinstance(end, int | float) and abs(end) > largest for end in ends):
        return numbers.set(numbers.abs() > largest, None)
    return numbers


def _value(text: str, column: Column, decimal: str) -> object:
    """Return the typed value of a non-empty cell, or None when it is not one."""
    match column.kind:
        case "text":
            return text
        case "code":
            return text if text in column.codes else None
        case "codes":
            parts = [part.strip() for part in text.split("|")]
            return "|".join(parts) if all(part in column.codes for part in parts) else None
        case "integer" | "day":
            whole = int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None
            return whole if whole is None or abs(whole) <= _LARGEST else None
        case "number":
            if decimal != "." and _is_unclear(text, decimal):
                return None
            pointed = text.replace(",", ".") if decimal == "," else text
            number = float(pointed) if _NUMBER.fullmatch(pointed) else math.nan
            return number if math.isfinite(number) else None


def _is_unclear(text: str, decimal: str) -> bool:
    """Return whether a mark in a number may part thousands."""
    if decimal == AMBIGUOUS:
        return "," in text or _MAYBE_THOUSANDS.fullmatch(text) is not None
    return "." in text


def _problem(
    found: Repeated, column: Column, where: Where, decimal: str, *, hidden: bool
) -> Problem:
    what, why, cure = _explain(found.text, column, decimal, hidden=hidden)
    return Problem(found.places(where), what, why, cure)


def _explain(
    text: str, column: Column, decimal: str, *, hidden: bool
) -> tuple[str, str, str]:
    """Return (what, why, cure) for a cell that is not of its column's type."""
    shown = echo(text, hidden=hidden)
    if column.kind in ("code", "codes"):
        near = get_close_matches(text.upper(), list(column.codes), n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        return (
            f"{shown} is not a code of {column.name}.",
            f"Known codes: {', '.join(column.codes)}.",
            f"{hint}Correct the value, or name its meaning under codes in the mapping.",
        )
    if looks_like_date(text):
        kind = "a study day (a whole number)" if column.kind == "day" else "a number"
        return (
            f"{shown} is a date, where {column.name} holds {kind}.",
            "Study tables hold no dates; days count from the child's anchor.",
            "Give the date's layout in the mapping (date = \"%d/%m/%Y\", with an [anchor]), "
            "fill index_date in the template's workbook, or check that the right column is mapped.",
        )
    return _explain_number(text, column, decimal, hidden=hidden)


def _explain_number(
    text: str, column: Column, decimal: str, *, hidden: bool
) -> tuple[str, str, str]:
    """Return (what, why, cure) for a cell that is not the number its column holds."""
    name, is_whole = column.name, column.kind in ("integer", "day")
    shown, number = echo(text, hidden=hidden), echo_number(text, hidden=hidden)
    said = {
        "not a number": (f"{name} is {shown}, not a number.", "",
                         "Correct the value, or list the word under null in the mapping with its "
                         "reason."),
        "excel error": (f"{name} is the Excel error {text}.",
                        "It stands for a value that is not there.",
                        "Correct the formula, or list the error under null in the mapping."),
        "nan": (f"{name} is 'NaN'.", "Not-a-number is neither a value nor a reason.",
                "Leave the cell empty and say why in null_reason, or correct the value."),
        "too large": (f"{name} is {number}.", "No such number occurs.", "Correct the value."),
        "not whole": (f"{name} is {number}, not a whole number.",
                      "It is counted in whole days or items.",
                      "Correct the value, or give its unit in the mapping (unit = \"years\")."),
        "ambiguous comma": (f"{name} is {shown}.",
                            "Its mark may be decimal or part thousands: the file does not tell.",
                            "Write decimal = \",\" or \".\" in the mapping, or remove the marks."),
        "point": (f"{name} is {shown}.",
                  "Its decimal mark is a comma, so the point may part thousands.",
                  "Write the number without points."),
        "comma": (f"{name} is {shown}, not a number.",
                  "It has a comma where a point is expected.",
                  "Write decimal = \",\" in the mapping if the comma is the decimal mark."),
    }
    kind = "not a number"
    if text in EXCEL_ERRORS:
        kind = "excel error"
    elif text.lower() == "nan":
        kind = "nan"
    elif not is_whole and decimal != "." and _NUMBER.fullmatch(text.replace(",", ".")) and (
            _is_unclear(text, decimal)):
        kind = "ambiguous comma" if decimal == AMBIGUOUS else "point"
    elif _NUMBER.fullmatch(text):
        kind = "too large" if not is_whole or _WHOLE.fullmatch(text) else "not whole"
    elif "," in text:
        kind = "ambiguous comma" if decimal == AMBIGUOUS else "comma"
    return said[kind]
