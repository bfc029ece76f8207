"""The mapping of files that already bear our own names: the template workbook and its tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from remission.errors import InputError, Problem, did_you_mean
from remission.records.column import Column, Table
from remission.records.tables import TABLES
from remission.sources.date_texts import ISO
from remission.sources.mapping import AUTO_LAYOUT, Anchor, Block, Cell, SiteMapping, SubjectId
from remission.sources.sheet import Sheet, Source

INDEX_DATE, BIRTH_DATE = "index_date", "birth_date"
"""Two columns of the template's subject sheet that stay in the vault."""

NOTES_SHEET, CODES_SHEET = "READ ME", "codes"
"""Sheets of the template workbook that hold no records."""


def identity_mapping(source: Source) -> SiteMapping:
    """Return the mapping of sheets named as tables, with columns named as theirs.

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
    if not problems and "site_id" not in sheets["subject"].cells.columns:
        problems.append(Problem(
            sheets["subject"].file, "There is no column 'site_id'.",
            "Each child belongs to a centre; queries go out by centre.",
            "Add the column and fill it."))
    if problems:
        raise InputError(problems)
    subject = sheets["subject"].cells.columns
    anchor = Anchor(field=INDEX_DATE, date=ISO, sheet="subject") if INDEX_DATE in subject else None
    return SiteMapping(
        path=Path("(no mapping)"), site=_only_site(sheets["subject"]),
        subject_id=SubjectId(field="subject_id"), anchor=anchor, decimal=None,
        blocks=tuple(_block(TABLES[name], sheet) for name, sheet in sheets.items()),
        redundant=(), unmapped={},
    )


def without_template_sheets(source: Source) -> Source:
    """Return the source without the sheets of the template that hold no records."""
    kept = {name: sheet for name, sheet in source.sheets.items()
            if name not in (NOTES_SHEET, CODES_SHEET)}
    return replace(source, sheets=kept)


def _strangers(sheet: Sheet) -> list[Problem]:
    table = TABLES.get(sheet.name)
    if table is None:
        return [Problem(sheet.file, f"There is no table {sheet.name!r}.",
                        "Without a mapping, sheets are named as the tables of the data model.",
                        f"{did_you_mean(sheet.name, TABLES)} Or give --mapping.")]
    extra = {INDEX_DATE, BIRTH_DATE} if sheet.name == "subject" else set()
    return [
        Problem(f"{sheet.file}, column {name}", f"{table.name} has no column {name!r}.", "",
                did_you_mean(name, table.by_name))
        for name in sheet.cells.columns if name not in table.by_name and name not in extra
    ]


def _only_site(subject: Sheet) -> str:
    """Return the site of the sheet; several sites in one file are named together."""
    sites = [site for site in subject.cells["site_id"].unique().sort().to_list() if site]
    return "+".join(sites)


def _block(table: Table, sheet: Sheet) -> Block:
    cells = {name: _cell(table.by_name[name]) for name in sheet.cells.columns
             if name in table.by_name and name != "subject_id"
             and sheet.cells[name].null_count() < len(sheet.cells)}
    if table.name == "subject" and BIRTH_DATE in sheet.cells.columns:
        born = Cell(field=BIRTH_DATE, date=ISO)
        age = cells.get("age_at_index_days")
        cells["age_at_index_days"] = born if age is None else age.model_copy(
            update={"otherwise": born})
    return Block(table, sheet.name, (), cells, None)


def _cell(column: Column) -> Cell:
    return Cell(
        field=column.name,
        unit="%" if column.is_percent else None,
        date=AUTO_LAYOUT if column.kind == "day" else None,
    )
