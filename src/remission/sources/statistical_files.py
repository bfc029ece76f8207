"""SPSS and SAS files: cells as a person sees them, and what the file says of its variables."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from remission.errors import InputError, Problem
from remission.files import printable
from remission.sources.sheet import Field, Sheet

STATISTICAL_SUFFIXES = {".sav", ".zsav", ".por", ".xpt", ".sas7bdat"}
_SAS = {".xpt", ".sas7bdat"}
_MISSING_ARE_EMPTY = {
    ".por": "user-missing values of such a file arrive empty; a .sav file keeps them apart",
}
_WESTERN = "WINDOWS-1252"
_TRANSPORT_RECORD = 80
_TRANSPORT_TABLE = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
_TRANSPORT_ROWS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"
"""SAS transport files are whole records of 80 bytes (SAS Technical Support TS-140)."""


@dataclass(frozen=True)
class _Clock:
    """How a program counts time: its zero and the formats that show its numbers."""

    zero: datetime
    date_is_seconds: bool
    dates: frozenset[str]
    months: frozenset[str]
    moments: frozenset[str]
    times: frozenset[str]


_SPSS_CLOCK = _Clock(
    datetime(1582, 10, 14), True,
    frozenset({"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "WKYR"}), frozenset({"MOYR", "QYR"}),
    frozenset({"DATETIME", "YMDHMS"}), frozenset({"TIME", "DTIME", "MTIME"}))
_SAS_CLOCK = _Clock(
    datetime(1960, 1, 1), False,
    frozenset({"DATE", "DDMMYY", "DDMMYYB", "DDMMYYC", "DDMMYYD", "DDMMYYN", "DDMMYYP", "DDMMYYS",
               "MMDDYY", "MMDDYYB", "MMDDYYC", "MMDDYYD", "MMDDYYN", "MMDDYYP", "MMDDYYS",
               "YYMMDD", "YYMMDDB", "YYMMDDC", "YYMMDDD", "YYMMDDN", "YYMMDDP", "YYMMDDS",
               "E8601DA", "B8601DA", "IS8601DA", "JULIAN", "JULDAY", "WEEKDATE", "WEEKDATX",
               "WORDDATE", "WORDDATX", "NLDATE", "EURDFDD", "EURDFDE", "MINGUO", "NENGO"}),
    frozenset({"MONYY", "YYMM", "YYMMC", "YYMMD", "YYMMN", "YYMMP", "YYMMS", "MMYY", "MMYYC",
               "MMYYD", "MMYYN", "MMYYP", "MMYYS", "YYMON"}),
    frozenset({"DATETIME", "E8601DT", "B8601DT", "IS8601DT", "DATEAMPM", "MDYAMPM", "NLDATM",
               "DTDATE"}),
    frozenset({"TIME", "HHMM", "TOD", "TIMEAMPM", "E8601TM", "B8601TM", "HOUR", "MMSS"}))

DATE, MONTH, MOMENT = "%Y-%m-%d", "%Y-%m", "%Y-%m-%d %H:%M:%S"
"""Layouts in which dates stand in the cells: by what the variable's own format shows."""
_LETTERS = {DATE: 10, MONTH: 7, MOMENT: 19}


def read_statistical(path: Path) -> tuple[dict[str, Sheet], list[str]]:
    """Return (the one sheet by name, what was found out) of an SPSS or SAS file.

    Rows are numbered as in a table with a header: case 1 is row 2. Dates are written as ISO
    dates whatever the format they are shown in; numbers as whole numbers or with up to 15
    digits. Labels, choices and user-missing values stand in :attr:`Sheet.fields`; the special
    missing values of SAS transport files (``.A`` to ``.Z``) are empty cells. Raises
    :class:`InputError` when the file is broken, cut off or not what its name says.
    """
    _refuse_empty(path)
    values, about, encoding = _opened(path)
    clock = _SAS_CLOCK if path.suffix.lower() in _SAS else _SPSS_CLOCK
    columns: dict[str, list[str | None]] = {}
    fields: dict[str, Field] = {}
    for name in about.column_names:
        layout, show = _how_shown(name, about, clock, values[name])
        columns[name] = [show(value) for value in values[name]]
        fields[name] = _field(name, about, layout, columns[name])
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    _refuse_missing_rows(path, about, len(cells))
    sheet = Sheet(path.stem, path.name, cells, tuple(range(2, len(cells) + 2)), fields=fields)
    kind = "SAS" if clock is _SAS_CLOCK else "SPSS"
    said = [f"{path.name}: {kind}, {encoding}, {len(cells)} rows, {cells.width} columns"]
    if path.suffix.lower() in _MISSING_ARE_EMPTY:
        said.append(f"{path.name}: {_MISSING_ARE_EMPTY[path.suffix.lower()]}")
    return {sheet.name: sheet}, said


def _refuse_empty(path: Path) -> None:
    if path.stat().st_size == 0:
        raise InputError(Problem(path.name, "The file is empty.", "There is nothing to read.",
                                 "Export it again."))


def _refuse_transport(path: Path, row_length: int) -> None:
    """Refuse a SAS transport file that was cut off, or that holds several tables.

    It does not say how many rows it has: whole records, and after the last row nothing but the
    blanks that fill the record, show that it is whole. Only its first table would be read.
    """
    data = path.read_bytes()
    tables = data.count(_TRANSPORT_TABLE)
    if tables > 1:
        raise InputError(Problem(
            path.name, f"The file holds {tables} tables.", "Only the first would be read.",
            "Save each table in a transport file of its own."))
    start = data.find(_TRANSPORT_ROWS) + _TRANSPORT_RECORD
    after = data[len(data) - (len(data) - start) % row_length:] if row_length else b""
    if len(data) % _TRANSPORT_RECORD or after.strip(b" "):
        raise _broken(path, "it ends in the middle of a row")


def _refuse_missing_rows(path: Path, about: Any, rows: int) -> None:
    if path.suffix.lower() == ".xpt":
        _refuse_transport(path, sum(about.variable_storage_width.values()))
    elif about.number_rows is not None and 0 <= about.number_rows != rows:
        raise _broken(path, f"it should hold {about.number_rows} rows and holds {rows}")


def _broken(path: Path, said: str) -> InputError:
    return InputError(Problem(
        path.name, f"The file cannot be read: {printable(said)}.",
        f"It is cut off, damaged, or no {path.suffix.lower()} file.",
        "Save it again from SPSS or SAS, or export the table as .csv."))


def _opened(path: Path) -> tuple[Mapping[str, Iterable[Any]], Any, str]:
    """Return (values by variable, what the file says of them, encoding)."""
    import pyreadstat

    suffix = path.suffix.lower()
    readers: dict[str, Any] = {
        ".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".por": pyreadstat.read_por,
        ".xpt": pyreadstat.read_xport, ".sas7bdat": pyreadstat.read_sas7bdat,
    }
    read = readers[suffix]
    options: dict[str, Any] = {"output_format": "dict", "disable_datetime_conversion": True}
    if suffix in (".sav", ".zsav", ".sas7bdat"):
        options["user_missing"] = True
    try:
        try:
            values, about = read(path, **options)
        except UnicodeDecodeError:
            values, about = read(path, encoding=_WESTERN, **options)
            return values, about, "cp1252 (not UTF-8: check accents)"
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError, ValueError, OverflowError,
            MemoryError, TypeError) as error:
        raise _broken(path, str(error) or type(error).__name__) from None
    return values, about, (about.file_encoding or "utf-8").lower()


def _how_shown(
    name: str, about: Any, clock: _Clock, values: Iterable[Any]
) -> tuple[str | None, Callable[[Any], str | None]]:
    """Return (layout of the dates or None, how a stored value is written)."""
    if about.readstat_variable_types[name] == "string":
        return None, _text
    shown = re.sub(r"[\d.]*$", "", (about.original_variable_types[name] or "").upper())
    seconds = 1 if clock.date_is_seconds else 86_400
    if shown in clock.dates:
        return DATE, lambda value: _dated(value, clock, seconds, DATE)
    if shown in clock.months:
        return MONTH, lambda value: _dated(value, clock, seconds, MONTH)
    if shown in clock.moments:
        are_days = all(value % 86_400 == 0 for value in values if _is_number(value))
        layout = DATE if are_days else MOMENT
        return layout, lambda value: _dated(value, clock, 1, layout)
    if shown in clock.times:
        return None, _clock_time
    return None, _text


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) and value is not None and math.isfinite(value)


def _text(value: Any) -> str | None:
    """Return a stored value as a person sees it; null for a missing one."""
    if isinstance(value, str):
        return value.strip() or None
    if not _is_number(value):
        return None
    return str(int(value)) if float(value).is_integer() else f"{float(value):.15g}"


def _dated(value: Any, clock: _Clock, seconds: int, layout: str) -> str | None:
    """Return a stored number as a date; as the number where it lies outside the calendar."""
    if not _is_number(value):
        return _text(value)
    try:
        moment = clock.zero + timedelta(seconds=float(value) * seconds)
    except OverflowError:
        return _text(value)
    return moment.isoformat(sep=" ", timespec="seconds")[:_LETTERS[layout]]


def _clock_time(value: Any) -> str | None:
    if not _is_number(value) or value < 0:
        return _text(value)
    minutes, seconds = divmod(round(float(value)), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _field(name: str, about: Any, layout: str | None, cells: list[str | None]) -> Field:
    """Return what the file says of one variable: its label, choices and missing values."""
    labels = {_text(code) or "": label
              for code, label in about.variable_value_labels.get(name, {}).items()}
    is_missing = _missing_test(name, about)
    marked = {code: labels.get(code, "")
              for code in dict.fromkeys([*labels, *(cell for cell in cells if cell)])
              if is_missing(code)}
    choices = {code: label for code, label in labels.items() if code not in marked}
    is_text = about.readstat_variable_types[name] == "string"
    kind = "date" if layout else "code" if choices else "text" if is_text else "number"
    return Field(
        name, label=(about.column_names_to_labels.get(name) or "").strip(), kind=kind,
        choices=choices, missing=marked, date=layout)


def _missing_test(name: str, about: Any) -> Callable[[str], bool]:
    """Return whether a code as written in the cells is one of the user-missing values."""
    ranges = (about.missing_ranges or {}).get(name, [])
    letters = {str(code) for code in (about.missing_user_values or {}).get(name, [])}

    def is_missing(code: str) -> bool:
        return code in letters or any(_lies_in(code, limits) for limits in ranges)

    return is_missing


def _lies_in(code: str, limits: Mapping[str, Any]) -> bool:
    low, high = limits["lo"], limits["hi"]
    if isinstance(low, str):
        return low.strip() <= code <= str(high).strip()
    try:
        return bool(low <= float(code) <= high)
    except ValueError:
        return False
