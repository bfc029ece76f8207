"""The blocks of one sheet: assigned columns together with what their block says for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from remission.records.tables import TABLES
from remission.sources.drafting.assigning import Assigned, BlockKey, Gate, SheetAssignment
from remission.sources.drafting.codes import match_codes
from remission.sources.drafting.draft import CellValue, DraftBlock, Line
from remission.sources.drafting.header import unit_named
from remission.sources.drafting.lines import lines_of
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.targets import ONE_ROW_A_SUBJECT, Occasion, occasions_of
from remission.sources.drafting.words import plain_text
from remission.units import TEST_UNITS, canonical_unit

_NO_GRADE = {"0", "none", "no", "absent", "ninguno", "ninguna", "sin", "无", "00"}
_ARE_DAYS = ("transplant", "exposure")
_CONSTANT = "follows from the block"
_LARGEST = {"WBC": 1000.0, "ANC": 300.0, "ALC": 300.0, "PLT": 3000.0, "CD3": 100.0, "CD4": 60.0,
            "CD8": 60.0, "CD19": 60.0, "NK": 40.0}
"""Above these (10⁹/L) most values cannot be: they are cells/µL. Our own limits."""


def blocks_of(assignment: SheetAssignment, occasions_said: Mapping[str, str]) -> list[DraftBlock]:
    """Return the blocks that one sheet gives, in the order of the data model.

    ``occasions_said`` maps a table to the occasion that the whole sheet is about.
    """
    blocks: dict[BlockKey, DraftBlock] = {}
    profiles: dict[BlockKey, list[Profile]] = {}
    for one in assignment.assigned:
        key = _key(one, assignment, occasions_said)
        block = blocks.setdefault(key, DraftBlock(*key, sheet=assignment.sheet))
        lines = lines_of(one)
        if one.target.table == "laboratory" and one.target.column.name == "value" and (
                one.target.occasion.name):
            lines["unit"] = _unit_line(one)
        block.lines = {**block.lines, **lines}
        profiles.setdefault(key, []).append(one.profile)
    _apply_gates(blocks, assignment.gates, assignment.sheet)
    for key, block in blocks.items():
        _say_constants(block, profiles.get(key, []))
        _say_death(block, profiles.get(key, []))
        _say_given(block, profiles.get(key, []), is_wide=assignment.about.is_wide)
    _share_days(blocks)
    order = list(TABLES)
    found = sorted(blocks.values(), key=lambda block: (
        order.index(block.table), _position(block), block.number))
    return [_in_order(block) for block in found if _is_worth(block)]


def occasion_of(block: DraftBlock) -> Occasion:
    """Return the occasion a block is for."""
    return next(occasion for occasion in occasions_of(block.table)
                if occasion.name == block.occasion)


def _key(
    one: Assigned, assignment: SheetAssignment, said: Mapping[str, str]
) -> BlockKey:
    """Return the block of an assigned column; in a sheet of relapses all are of the relapse."""
    table, occasion, number = one.key
    if table == assignment.about.table and not occasion:
        occasion = said.get(table, "")
    return table, occasion, number


def _position(block: DraftBlock) -> int:
    return [occasion.name for occasion in occasions_of(block.table)].index(block.occasion)


def _say_constants(block: DraftBlock, profiles: Sequence[Profile]) -> None:
    """Add what a block says of all its rows: the phase, the test, the group."""
    constants: dict[str, str | int] = dict(occasion_of(block).constants)
    if block.table == "exposure":
        constants = {"cycle_no": block.number or 1, "segment_no": 1}
    if block.table == "assessment" and "mrd_percent" not in block.lines and (
            "blast_percent" not in block.lines) and "specimen" in constants:
        del constants["specimen"]
    for column, value in constants.items():
        sure = 0.6 if column in ("specimen", "grading", "cycle_no", "segment_no") else 0.9
        block.lines.setdefault(column, Line(value, sure, _CONSTANT))
    if block.table == "adverse_event":
        _say_group(block, profiles)


def _say_group(block: DraftBlock, profiles: Sequence[Profile]) -> None:
    """Read term and group of an adverse event from one column where there is but one."""
    term, group = block.lines.get("term"), block.lines.get("group")
    if term is None and group is not None and group.field is not None:
        block.lines["term"] = Line({"field": group.field}, min(group.sure, 0.7),
                                   "the same column, in the centre's words")
    named = next((profile for profile in profiles
                  if term is not None and profile.name == term.field), None)
    if group is None and named is not None:
        match = match_codes(named, "adverse_event", "group")
        if match.codes and not match.unnamed:
            cell: dict[str, CellValue] = {"field": named.name}
            if not match.is_as_ours:
                cell["codes"] = {value: code for value, (code, _) in match.codes.items()}
            block.lines["group"] = Line(cell, min(0.8, match.sureness), "its values")


def _say_death(block: DraftBlock, profiles: list[Profile]) -> None:
    """Where only the last day is given, it is the day of death of those who died."""
    last, status = block.lines.get("last_contact_day"), block.lines.get("vital_status")
    if block.table != "follow_up" or "death_day" in block.lines or last is None or status is None:
        return
    assert isinstance(status.cell, dict) and isinstance(last.cell, dict)
    codes = status.cell.get("codes", {})
    assert isinstance(codes, dict)
    known = {value for profile in profiles if profile.name == status.field
             for value in profile.counts}
    dead: list[CellValue] = [value for value, code in codes.items() if code == "DEAD"] or [
        value for value in ("DEAD",) if value in known]
    if not dead:  # a condition that no row can meet would lose every death
        return
    when: CellValue = {"field": status.cell["field"], "is": dead}
    block.lines["death_day"] = Line({**last.cell, "when": when}, min(last.sure, 0.7),
                                    "the last day of those who died")


def _say_given(block: DraftBlock, profiles: list[Profile], *, is_wide: bool) -> None:
    """Where a row of a child may hold nothing for a block, read the rows that hold something."""
    if not is_wide or block.when or block.table in ONE_ROW_A_SUBJECT or not profiles:
        return
    if block.occasion in ("diagnosis", "baseline") and block.table != "laboratory":
        return
    if none := _says_none(block, profiles):
        block.when = [none]
        return
    fields = {name for line in block.lines.values() if (name := line.field)}
    days = [line.field for column, line in block.lines.items()
            if TABLES[block.table].by_name[column].kind == "day" and line.field]
    asked = [profile for profile in profiles if profile.name in fields]
    chosen = next((profile for profile in asked if profile.name in days), asked[0])
    if chosen.has_blanks:
        block.when = [{"field": chosen.name, "given": True}]


def _says_none(block: DraftBlock, profiles: Sequence[Profile]) -> CellValue | None:
    """Return the condition that leaves out the rows whose grade says that there was nothing."""
    line = block.lines.get("grade") or block.lines.get("max_grade")
    graded = next((profile for profile in profiles
                   if line is not None and profile.name == line.field), None)
    if graded is None:
        return None
    none: list[CellValue] = [value for value in graded.counts if plain_text(value) in _NO_GRADE]
    return {"field": graded.name, "is_not": none} if none else None


def _apply_gates(
    blocks: dict[BlockKey, DraftBlock], gates: list[Gate], sheet: str
) -> None:
    """Let a yes/no column choose the rows of the block that it is about."""
    for gate in gates:
        table, occasion = gate.occasion.table.name, gate.occasion.name
        key = next((key for key in blocks if key == (table, occasion, gate.number)),
                   (table, occasion, gate.number))
        block = blocks.setdefault(key, DraftBlock(*key, sheet=sheet))
        if block.when:
            continue
        yes = [value for value, (code, _) in gate.codes.codes.items() if code == "Y"]
        block.when = [{"field": gate.profile.name, "is": [*yes]}]
        block.note = f"guess {min(0.6, gate.codes.sureness):.2f}: {', '.join(yes)} taken as yes"
        day = next((column.name for column in TABLES[table].columns if column.kind == "day"), None)
        if day is not None and day not in block.lines:
            block.lines[day] = Line(
                {"field": gate.profile.name, "null": dict.fromkeys(yes, "NOT_ASKED")}, 0.5,
                "happened, the day is not in the file")


def _share_days(blocks: dict[BlockKey, DraftBlock]) -> None:
    """Give the day and specimen of a sheet's laboratory rows to the block of each test."""
    for table in ("laboratory", "assessment"):
        tests = [block for (name, occasion, _), block in blocks.items()
                 if name == table and occasion]
        common = blocks.get((table, "", 0))
        if common is None or "value" in common.lines or (
                table == "laboratory" and not tests):
            continue
        for block in tests:
            block.lines = {**common.lines, **block.lines}
        if tests:
            del blocks[table, "", 0]


def _unit_line(one: Assigned) -> Line:
    """Return the unit of one test: as its column says, else what the values look like."""
    test = one.target.occasion.name
    said = one.profile.unit
    named = unit_named(said) if said else None
    if named in TEST_UNITS[test]:
        return Line(str(named), 0.95, "in the name of the column")
    known = ", ".join(TEST_UNITS[test])
    numbers = sorted(one.profile.numbers)
    canonical = canonical_unit(test)
    if said:
        return Line(canonical, 0.4, f"check: the column says {said}; known here: {known}")
    if numbers and canonical == "10*9/L" and numbers[len(numbers) // 2] > _LARGEST.get(test, 1e9):
        return Line("cells/uL", 0.7, f"the values are too large for {canonical}")
    if test == "HGB" and numbers and numbers[len(numbers) // 2] < 25:
        return Line("g/dL", 0.7, "the values are too small for g/L")
    return Line(canonical, 0.5, f"not said: check, one of {known}")


def _is_worth(block: DraftBlock) -> bool:
    """Return whether a block reads what makes a row of its table: for most more than a day."""
    if block.table in ONE_ROW_A_SUBJECT or block.occasion or block.table in _ARE_DAYS:
        return block.when != [] or any(line.field for line in block.lines.values())
    columns = TABLES[block.table].by_name
    return any(line.field and columns[name].kind != "day" for name, line in block.lines.items())


def _in_order(block: DraftBlock) -> DraftBlock:
    order = [column.name for column in TABLES[block.table].columns]
    return replace(block, lines=dict(sorted(
        block.lines.items(), key=lambda item: order.index(item[0]))))
