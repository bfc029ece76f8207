"""Source → Draft: what a centre's files most probably are in the words of the data model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from remission.records.tables import TABLES
from remission.sources.drafting.assigning import SheetAssignment, assign
from remission.sources.drafting.blocks import blocks_of
from remission.sources.drafting.days import DayZero, anchor_lines, day_zero, fill_days
from remission.sources.drafting.draft import CellValue, Draft, DraftBlock, LeftOut, Line
from remission.sources.drafting.header import unit_named
from remission.sources.drafting.persons import SubjectId, identifies, is_site, subject_ids
from remission.sources.drafting.profile import Profile, profiles_of
from remission.sources.drafting.scoring import About
from remission.sources.drafting.sheets import about_sheet
from remission.sources.drafting.targets import ONE_ROW_A_SUBJECT
from remission.sources.identity import OF_REDCAP, is_of_redcap
from remission.sources.sheet import Source

IDENTIFIES = "identifies a person"


def draft_mapping(source: Source, *, site: str) -> Draft:
    """Return a draft of the mapping of a centre's files; ``site`` is what to call the centre."""
    sheets = _by_sheet(profiles_of(source))
    ids = subject_ids(sheets)
    common_id = _most_common(ids)
    abouts = {name: about_sheet(name, profiles, ids.get(name))
              for name, profiles in sheets.items()}
    assignments = _assign_all(sheets, ids, abouts)
    blocks: list[DraftBlock] = []
    for assignment in assignments:
        about = assignment.about
        blocks.extend(blocks_of(assignment, {about.table: about.occasion}))
    zero = day_zero(blocks, abouts)
    fill_days(blocks, zero)
    _complete_subject(blocks, sheets, abouts, zero)
    _complete_units(blocks, sheets)
    _name_subjects(blocks, ids, common_id)
    is_one_sheet = len(sheets) == 1
    return Draft(
        site=Line(site, 0.5, "name of the file or folder: write the centre's"),
        subject_id=_subject_line(ids, common_id),
        anchor=anchor_lines(zero, ids, common_id, is_one_sheet=is_one_sheet) if zero else {},
        blocks=tuple(sorted(blocks, key=lambda block: list(TABLES).index(block.table))),
        left_out=tuple(_left_out(sheets, assignments, blocks, ids, zero)),
        remarks=tuple(_remarks(blocks, zero, sheets, ids)),
        is_one_sheet=is_one_sheet,
    )


def _by_sheet(profiles: Sequence[Profile]) -> dict[str, list[Profile]]:
    sheets: dict[str, list[Profile]] = defaultdict(list)
    for profile in profiles:
        sheets[profile.sheet].append(profile)
    return dict(sheets)


def _most_common(ids: Mapping[str, SubjectId]) -> str:
    names = Counter(found.field for found in ids.values())
    return names.most_common(1)[0][0] if names else ""


def _assign_all(
    sheets: Mapping[str, Sequence[Profile]], ids: Mapping[str, SubjectId],
    abouts: Mapping[str, About],
) -> list[SheetAssignment]:
    """Assign sheet by sheet; what has one row a child comes from one sheet."""
    open_to = {name: [profile for profile in profiles if _may_be_mapped(profile) and (
        name not in ids or profile.name != ids[name].field)] for name, profiles in sheets.items()}
    found = {name: assign(name, open_to[name], abouts[name]) for name in sheets}
    for table in ONE_ROW_A_SUBJECT:
        giving = {name: sum(one.target.table == table for one in assignment.assigned)
                  for name, assignment in found.items()}
        givers = [name for name, count in giving.items() if count]
        if len(givers) < 2:
            continue
        chosen = max(givers, key=lambda name: (abouts[name].table == table, giving[name]))
        for name in givers:
            if name != chosen:
                found[name] = _without(table, found[name], open_to[name], abouts[name], chosen)
    return list(found.values())


def _without(
    table: str, before: SheetAssignment, profiles: Sequence[Profile], about: About, chosen: str
) -> SheetAssignment:
    """Return a sheet's assignment without a table that another sheet gives; hints say so."""
    again = assign(before.sheet, profiles, about, without=table)
    again.hints.update({
        one.profile.name: f"perhaps {one.target}, but that table is read from {chosen!r}"
        for one in before.assigned if one.target.table == table
        and one.profile.name not in {other.profile.name for other in again.assigned}})
    return again


def _may_be_mapped(profile: Profile) -> bool:
    is_empty = not profile.filled and not profile.field.kind
    return not (is_empty or identifies(profile) or is_site(profile) or _is_of_redcap(profile))


def _subject_line(ids: Mapping[str, SubjectId], common_id: str) -> Line:
    if not ids:
        return Line({"row": True, "width": 4}, 0.3,
                    "no column identifies the children: the row's number serves")
    best = max((found for found in ids.values() if found.field == common_id),
               key=lambda found: found.sure)
    return Line({"field": common_id}, best.sure, best.why)


def _name_subjects(
    blocks: Sequence[DraftBlock], ids: Mapping[str, SubjectId], common_id: str
) -> None:
    """Name the identifier in each block whose sheet calls it otherwise."""
    for block in blocks:
        own = ids.get(block.sheet)
        if own is not None and own.field != common_id:
            block.lines = {"subject_id": Line({"field": own.field}, own.sure, own.why),
                           **block.lines}


def _complete_subject(
    blocks: list[DraftBlock], sheets: Mapping[str, Sequence[Profile]],
    abouts: Mapping[str, About], zero: DayZero | None,
) -> None:
    """Give the children their block: one sheet with a row a child, its centre and day 0."""
    own = next((block for block in blocks if block.table == "subject"), None)
    if own is None:
        wide = [name for name in sheets if abouts[name].is_wide] or list(sheets)
        own = DraftBlock("subject", "", 0, wide[0])
        blocks.insert(0, own)
    first: dict[str, Line] = {}
    site = next((profile for profile in sheets[own.sheet] if is_site(profile)), None)
    if site is not None:
        first["site_id"] = Line({"field": site.name}, 0.8, "name")
    if zero is not None:
        first["index_event"] = Line(zero.event, zero.sure, f"day 0 is the {zero.words}")
        if zero.sheet == own.sheet and "index_year" not in own.lines:
            first["index_year"] = Line(dict(zero.cell), zero.sure, "the year of day 0")
    own.lines = {**first, **own.lines}


def _complete_units(
    blocks: Sequence[DraftBlock], sheets: Mapping[str, Sequence[Profile]]
) -> None:
    """Name the units of a laboratory file as they are written here."""
    for block in blocks:
        line = block.lines.get("unit")
        if block.table != "laboratory" or line is None or line.field is None:
            continue
        profile = next(one for one in sheets[block.sheet] if one.name == line.field)
        named: dict[str, CellValue] = {
            value: unit for value in profile.counts if (unit := unit_named(value)) is not None}
        strange = {value: unit for value, unit in named.items() if value != unit}
        if strange and len(named) == len(profile.counts):
            block.lines["unit"] = Line({"field": line.field, "codes": named}, line.sure,
                                       f"{line.why}; units as they are written here")


def _left_out(
    sheets: Mapping[str, Sequence[Profile]], assignments: Sequence[SheetAssignment],
    blocks: Sequence[DraftBlock], ids: Mapping[str, SubjectId], zero: DayZero | None,
) -> list[LeftOut]:
    """Return every column that no line reads, with the reason where it is known."""
    read = {(block.sheet, name) for block in blocks for name in fields_of(block)}
    read |= {(sheet, found.field) for sheet, found in ids.items()}
    if zero is not None:
        read.add((zero.sheet, str(zero.cell["field"])))
    hints = {(assignment.sheet, name): hint for assignment in assignments
             for name, hint in assignment.hints.items()}
    found = []
    for sheet, profiles in sheets.items():
        for profile in profiles:
            if (sheet, profile.name) in read or not profile.filled:
                continue
            reason = _reason(profile)
            found.append(LeftOut(sheet, profile.name, reason,
                                 hints.get((sheet, profile.name), "")))
    return found


def _reason(profile: Profile) -> str:
    if identifies(profile):
        return IDENTIFIES
    if "___" in profile.name and _is_of_redcap(profile):
        return f"repeats {profile.name.partition('___')[0]}"
    return OF_REDCAP if _is_of_redcap(profile) else ""


def _is_of_redcap(profile: Profile) -> bool:
    is_status = not profile.name.endswith("_complete") or set(profile.counts) <= {"0", "1", "2"}
    return is_of_redcap(profile.name) and is_status


def fields_of(block: DraftBlock) -> set[str]:
    """Return every column that a block reads, also where it only decides."""
    cells: list[CellValue] = [line.cell for line in block.lines.values()]
    cells.extend(block.when)
    found = set()
    while cells:
        cell = cells.pop()
        if isinstance(cell, dict):
            if isinstance(cell.get("field"), str):
                found.add(str(cell["field"]))
            cells.extend(cell[key] for key in ("when", "otherwise") if key in cell)
    return found


def _has_day(block: DraftBlock) -> bool:
    columns = TABLES[block.table].by_name
    needs = any(column.kind == "day" and column.required for column in columns.values()) or (
        block.table == "assessment")
    return not needs or any(columns[name].kind == "day" for name in block.lines
                            if name in columns)


def _remarks(
    blocks: Sequence[DraftBlock], zero: DayZero | None,
    sheets: Mapping[str, Sequence[Profile]], ids: Mapping[str, SubjectId],
) -> list[str]:
    remarks = []
    has_dates = any(isinstance(line.cell, dict) and "date" in line.cell
                    for block in blocks for line in block.lines.values())
    if has_dates and zero is None:
        remarks.append("Dates are read, but no column holds day 0 of each child. Write [anchor] "
                       "with field and date before importing.")
    remarks.extend(f"The sheet {name!r} has no column that says whose row it is."
                   for name in sheets if ids and name not in ids)
    without = sorted({f"{block.table} from {block.sheet!r}" for block in blocks
                      if not _has_day(block)})
    if without:
        remarks.append(f"No day is found for {', '.join(without)}: add one, or remove the block.")
    undecided = sorted({profile.name for profiles in sheets.values() for profile in profiles
                        if len(profile.layouts) > 1})
    if undecided:
        remarks.append("No date tells day from month in: " + ", ".join(undecided) + ".")
    return remarks
