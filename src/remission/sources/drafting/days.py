"""Day 0 and the days that a sheet of children does not repeat: before, after, at diagnosis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remission.records.tables import TABLES
from remission.sources.drafting.draft import CellValue, DraftBlock, Line
from remission.sources.drafting.persons import SubjectId
from remission.sources.drafting.scoring import About
from remission.sources.drafting.sheets import day_in_name
from remission.sources.drafting.words import words_of

_EVENTS = (
    ("exposure", "start_day", "", "BLINATUMOMAB_START", "first infusion"),
    ("transplant", "day", "", "TRANSPLANT", "transplant"),
    ("disease_episode", "start_day", "diagnosis", "DIAGNOSIS", "diagnosis"),
)
_AT_DIAGNOSIS = ("WBC",)


@dataclass(frozen=True)
class DayZero:
    """The column that holds day 0 of each child, and the event it is."""

    sheet: str
    cell: Mapping[str, CellValue]
    event: str
    words: str
    sure: float


def day_zero(
    blocks: Sequence[DraftBlock], abouts: Mapping[str, About]
) -> DayZero | None:
    """Return day 0: the first infusion, else transplant or diagnosis, of a sheet of children."""
    for table, column, occasion, event, words in _EVENTS:
        for block in blocks:
            line = block.lines.get(column)
            is_it = (block.table, block.occasion) == (table, occasion) and block.number in (0, 1)
            if is_it and line is not None and isinstance(line.cell, dict) and (
                    "date" in line.cell and abouts[block.sheet].is_wide):
                cell = {key: line.cell[key] for key in ("field", "date")}
                return DayZero(block.sheet, cell, event, words, line.sure)
    return None


def anchor_lines(
    zero: DayZero, ids: Mapping[str, SubjectId], common_id: str, *, is_one_sheet: bool
) -> dict[str, Line]:
    """Return the lines of ``[anchor]``."""
    lines = {} if is_one_sheet else {"sheet": Line(zero.sheet, zero.sure, "holds day 0")}
    why = f"day 0 is the {zero.words}"
    lines["field"] = Line(zero.cell["field"], zero.sure, why)
    lines["date"] = Line(zero.cell["date"], zero.sure, "as the values are written")
    own = ids.get(zero.sheet)
    if own is not None and own.field != common_id:
        lines["subject"] = Line(own.field, own.sure, own.why)
    return lines


def fill_days(blocks: Sequence[DraftBlock], zero: DayZero | None) -> None:
    """Give a day to each block that has none, from what its sheet knows of its occasion."""
    for block in blocks:
        day = next((column.name for column in TABLES[block.table].columns
                    if column.kind == "day"), None)
        if day is None or day in block.lines or block.table in ("subject", "follow_up"):
            continue
        line = _day_of(block, blocks, zero)
        if line is not None:
            block.lines = {day: line, **block.lines}


def _day_of(
    block: DraftBlock, blocks: Sequence[DraftBlock], zero: DayZero | None
) -> Line | None:
    beside = [other for other in blocks if other.sheet == block.sheet]
    if block.table == "assessment":
        return _day_of_assessment(block, beside, zero)
    if block.table == "laboratory":
        return _day_of_test(block, beside, zero)
    if block.table == "transplant" and zero is None:
        return Line(0, 0.5, "no date is given: day 0 taken as the transplant")
    return None


def _day_of_assessment(
    block: DraftBlock, beside: Sequence[DraftBlock], zero: DayZero | None
) -> Line | None:
    if block.occasion == "d15":  # a fortnight after the first infusion: no cell can say so
        return None
    if block.occasion == "end of cycle":
        return _as(_line(beside, "exposure", "end_day"), "day the infusion ended")
    if block.occasion == "before transplant":
        return _as(_line(beside, "transplant", "day"), "day of the transplant")
    return _at_zero(block, zero)


def _day_of_test(
    block: DraftBlock, beside: Sequence[DraftBlock], zero: DayZero | None
) -> Line | None:
    value = block.lines.get("value")
    named = day_in_name(words_of(value.field)) if value is not None and value.field else None
    if named is not None:
        return Line(named, 0.6, "the study day that the name gives")
    diagnosis = _line(beside, "disease_episode", "start_day", "diagnosis")
    is_diagnosis = block.occasion in _AT_DIAGNOSIS or any(
        "diagnosis" in words_of(line.field or "") for line in block.lines.values())
    if diagnosis is not None and is_diagnosis:
        return _as(diagnosis, "taken as measured at diagnosis")
    return _at_zero(block, zero)


def _at_zero(block: DraftBlock, zero: DayZero | None) -> Line | None:
    if zero is not None and zero.sheet == block.sheet:
        return Line(dict(zero.cell), 0.6, f"taken as measured at the {zero.words}")
    return None


def _line(
    blocks: Sequence[DraftBlock], table: str, column: str, occasion: str = ""
) -> Line | None:
    return next((block.lines[column] for block in blocks
                 if (block.table, block.occasion) == (table, occasion)
                 and block.number in (0, 1) and column in block.lines), None)


def _as(line: Line | None, why: str) -> Line | None:
    return None if line is None else Line(line.cell, 0.6, why)
