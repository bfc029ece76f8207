"""Where the table stands in a file, what lies above and below it, and the units of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from remission.days import looks_like_date
from remission.sources.grid import Grid
from remission.units import TEST_UNITS, spelled

ABOVE, BELOW = "a line above the header", "a line below the table"
JOIN = " – "
"""What stands between the two names of a column whose header has two rows."""

_LOOKED_AT = 100
_MOST_ABOVE = 30
_FEWEST_COLUMNS = 3
_NUMBER = r"^[+-]?[\d.,]+$"
_UNIT = re.compile(
    r"([×x]\s*)?10\s*(\^|\*|e)?\s*[\d⁰¹²³⁴-⁹]+\s*/\s*[uµμ]?l"
    r"|[kmuµμnp]?(g|mol|eq|u|iu|kat|l|cells?|copies)\s*/\s*[kmduµμ]?(l|kg|g|m2|m²|d|h)(/(d|h))?",
    re.IGNORECASE)
_PLAIN_UNITS = {unit.casefold() for units in TEST_UNITS.values() for unit in units} | {
    "days", "weeks", "months", "years", "d", "y", "yr", "yrs", "h", "hours", "min", "°c", "c",
    "mg", "ug", "µg", "ml", "mm", "mmhg", "m2", "m²", "kg/m2", "kg/m²", "gy", "cgy"}
_IN_BRACKETS = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]")


@dataclass(frozen=True)
class Layout:
    """Where a table begins and ends in a grid; rows are counted from 0.

    ``header`` are the rows that name its columns; ``set_aside`` holds, for each row that holds
    something and is no row of the table, what it is. ``told`` are sentences for the reader.
    """

    header: range
    set_aside: Mapping[int, str]
    told: tuple[str, ...] = ()


def find_layout(grid: Grid, *, header_rows: int = 1) -> Layout:
    """Return where the table stands.

    The header is the first row that fills more than half of the columns. Lines above it are passed
    over only where it holds names and no numbers; lines below, only after an empty row.
    """
    filled = grid.trimmed.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    most = filled.head(_LOOKED_AT).max()
    first = (filled.head(_MOST_ABOVE) * 2 > most).arg_max() or 0
    if first and not _has_names(grid, first):
        first = 0
    header = range(first, min(first + header_rows, len(grid)))
    aside = {row: ABOVE for row in range(first) if filled[row]}
    if grid.cells.width >= _FEWEST_COLUMNS:
        aside |= dict.fromkeys(_below(filled, header.stop), BELOW)
    return Layout(header, aside, tuple(_second_tables(grid, header.stop, aside)))


def joined_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns whose header has several rows: ``Day 28 – ANC``."""
    return [JOIN.join(dict.fromkeys(name for name in names if name))
            for names in zip(*rows, strict=True)]


def unit_of(header: str) -> tuple[str, str] | None:
    """Return (label, unit) of a header that ends with its unit: ``WBC (10^9/L)``; else None."""
    match = _IN_BRACKETS.fullmatch(header)
    if match is None:
        return None
    label, unit = match.groups()
    is_unit = _UNIT.fullmatch(unit) or unit.casefold() in _PLAIN_UNITS or (
        spelled(unit).casefold() in _PLAIN_UNITS)
    return (label, unit) if is_unit else None


def _has_names(grid: Grid, row: int) -> bool:
    """Return whether a row holds two names or more, and neither number nor date."""
    cells = [cell for cell in grid.row(row) if cell]
    return len(cells) > 1 and not any(map(_is_value, cells))


def _is_value(cell: str) -> bool:
    return re.match(_NUMBER, cell) is not None or looks_like_date(cell)


def _below(filled: pl.Series, begin: int) -> range:
    """Return the rows after the last empty one, where none of them fills more than one cell."""
    tail = max(begin + 1, len(filled) - _MOST_ABOVE)
    empty = [row for row in range(tail, len(filled)) if not filled[row]]
    if not empty or (filled.slice(empty[-1] + 1) > 1).any():
        return range(0)
    return range(empty[-1] + 1, len(filled))


def _second_tables(grid: Grid, begin: int, aside: Mapping[int, str]) -> list[str]:
    """Return a sentence for each place where a second table seems to begin in the same sheet."""
    after_empty = grid.is_blank.shift(1).fill_null(value=False) & ~grid.is_blank
    told = [
        f"row {row + 1} looks like the header of a second table; it is read as a row of the first: "
        "put each table on a sheet of its own"
        for row in after_empty.arg_true().head(_LOOKED_AT)
        if row > begin and row not in aside and _has_names(grid, row)
        and _differs(grid, begin, row)]
    used = {position for position, column in enumerate(grid.trimmed) if column.count()}
    gaps = [position + 1 for position in range(min(used), max(used))
            if position not in used] if used else []
    if gaps:
        told.append(f"column {gaps[0]} is empty, so that two tables may stand side by side; they "
                    "are read as one: put each table on a sheet of its own")
    return told


def _differs(grid: Grid, begin: int, row: int) -> bool:
    """Return whether a row has a name in a column that held only values above it."""
    for column in grid.trimmed:
        above = column.slice(begin, row - begin).drop_nulls()
        if column[row] is not None and len(above) and all(
                map(_is_value, above.head(_LOOKED_AT))):
            return True
    return False
