"""The mapping of files that already bear our own names: the template workbook and its tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from remission.errors import InputError, Problem, did_you_mean
from remission.records.column import Column, Table
from remission.records.redcap_dictionary import (
    RECORD_ID,
    counted_by_instance,
    redcap_code,
)
from remission.records.subject import BIRTH_DATE, INDEX_DATE
from remission.records.tables import TABLES
from remission.sources.date_texts import ISO
from remission.sources.mapping import AUTO_LAYOUT, Anchor, Block, Cell, SiteMapping, SubjectId
from remission.sources.sheet import Sheet, Source

OF_REDCAP = "kept by REDCap itself"
"""Why a column of REDCap's own bookkeeping is not read."""

REPEAT = "redcap_repeat_instance"
"""The column of REDCap that numbers the instances of a repeating form."""

NOTES_SHEET, CODES_SHEET = "READ ME", "codes"
"""Sheets of the template workbook that hold no records."""


def identity_mapping(source: Source) -> SiteMapping:
    """Return the mapping of sheets named as tables, with columns named as theirs.

    A form of our REDCap dictionary is such a sheet: its fields are named ``table_column``.

    Day columns may hold study days or dates (YYYY-MM-DD); dates need ``index_date`` in the
    subject sheet. Raises :class:`InputError` for sheets and columns that have no counterpart.
    """
    sheets = {name: sheet for name, sheet in source.sheets.items() if len(sheet.cells)}
    problems = [problem for sheet in sheets.values() for problem in _strangers(sheet)]
    if not problems and "subject" not in sheets:
        what = ("The sheet 'subject' holds no child." if "subject" in source.sheets
                else "There is no sheet 'subject'.")
        problems.append(Problem(
            ", ".join(file.name for file in source.files), what,
            "Every table is joined to a subject.",
            "Fill the sheet 'subject', one row a child; or give --mapping."))
    if not problems and "site_id" not in _fields(sheets["subject"]):
        problems.append(Problem(
            sheets["subject"].file, "There is no column 'site_id'.",
            "Each child belongs to a centre; queries go out by centre.",
            "Add the column and fill it."))
    if problems:
        raise InputError(problems)
    subject = _fields(sheets["subject"])
    anchor = Anchor(field=subject[INDEX_DATE], date=ISO, sheet="subject") if (
        INDEX_DATE in subject) else None
    return SiteMapping(
        path=Path("(no mapping)"), site=_only_site(sheets["subject"]),
        subject_id=SubjectId(field=RECORD_ID), anchor=anchor, decimal=None,
        blocks=tuple(_block(TABLES[name], sheet) for name, sheet in sheets.items()),
        redundant=(),
        unmapped={name: OF_REDCAP for sheet in sheets.values() for name in sheet.cells.columns
                  if is_of_redcap(name) and "___" not in name},
    )


def without_template_sheets(source: Source) -> Source:
    """Return the source without the sheets of the template, or of REDCap, that hold no records."""
    kept = {name: sheet for name, sheet in source.sheets.items()
            if name not in (NOTES_SHEET, CODES_SHEET) and not _lists_records(sheet)}
    return replace(source, sheets=kept)


def _fields(sheet: Sheet) -> dict[str, str]:
    """Return our column → the field that bears its name, in REDCap behind that of its table."""
    table = TABLES[sheet.name]
    known = {*table.by_name, *((INDEX_DATE, BIRTH_DATE) if table.name == "subject" else ())}
    found = {}
    for field in sheet.cells.columns:
        bare = field if field in known else field.removeprefix(f"{table.name}_")
        if bare in known:
            found[bare] = field
    return found


def is_of_redcap(field: str) -> bool:
    """Return whether a column is one that REDCap keeps by itself, or one box of a checkbox."""
    return field.startswith("redcap_") or field.endswith(("_complete", "_timestamp")) or (
        "___" in field)


def _lists_records(sheet: Sheet) -> bool:
    """Return whether a sheet only names the records, as one of REDCap does."""
    return sheet.name not in TABLES and REPEAT not in sheet.cells.columns and all(
        name == RECORD_ID or is_of_redcap(name) for name in sheet.cells.columns)


def _strangers(sheet: Sheet) -> list[Problem]:
    table = TABLES.get(sheet.name)
    if table is None:
        return [Problem(sheet.file, f"There is no table {sheet.name!r}.",
                        "Without a mapping, sheets are named as the tables of the data model.",
                        f"{did_you_mean(sheet.name, TABLES)} Or give --mapping.")]
    fields = set(_fields(sheet).values())
    return [
        Problem(f"{sheet.file}, column {name}", f"{table.name} has no column {name!r}.", "",
                did_you_mean(name, table.by_name))
        for name in sheet.cells.columns if name not in fields and not is_of_redcap(name)
    ]


def _only_site(subject: Sheet) -> str:
    """Return the site of the sheet; several sites in one file are named together."""
    given = subject.cells[_fields(subject)["site_id"]]
    sites = [site for site in given.unique().sort().to_list() if site]
    return "+".join(sites)


def _block(table: Table, sheet: Sheet) -> Block:
    fields = _fields(sheet)
    cells = {name: _cell(table.by_name[name], field, sheet) for name, field in fields.items()
             if name in table.by_name and name != "subject_id" and _has_values(sheet, field)}
    number = counted_by_instance(table)
    if number is not None and number not in cells and REPEAT in sheet.cells.columns:
        cells[number] = Cell(field=REPEAT)
    if table.name == "subject" and BIRTH_DATE in fields:
        born = Cell(field=fields[BIRTH_DATE], date=ISO)
        age = cells.get("age_at_index_days")
        cells["age_at_index_days"] = born if age is None else age.model_copy(
            update={"otherwise": born})
    return Block(table, sheet.name, (), cells, None)


def _has_values(sheet: Sheet, field: str) -> bool:
    return sheet.cells[field].null_count() < len(sheet.cells)


def _cell(column: Column, field: str, sheet: Sheet) -> Cell:
    return Cell(
        field=field,
        codes={} if field == column.name else _codes_of_redcap(column, sheet.columns[field]),
        unit="%" if column.is_percent else None,
        date=AUTO_LAYOUT if column.kind == "day" else None,
    )


def _codes_of_redcap(column: Column, values: list[str | None]) -> dict[str, str | int | float]:
    """Return the codes of our REDCap dictionary as ours; none where they are the same."""
    ours = {redcap_code(code).casefold(): code for code in column.codes}
    found: dict[str, str | int | float] = {}
    for value in filter(None, values):
        parts = value.split("|") if column.kind == "codes" else [value]
        found[value] = "|".join(ours.get(part.strip().casefold(), part) for part in parts)
    return found if any(value != code for value, code in found.items()) else {}
