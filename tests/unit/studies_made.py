"""Studies made at random from the declared columns, and the files a centre would fill with them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from hypothesis import strategies as st

from remission.records.column import SOURCE, Column, Table
from remission.records.redcap_dictionary import (
    ONCE,
    RECORD_ID,
    counted_by_instance,
    redcap_code,
    redcap_field,
)
from remission.records.storage import schema_of
from remission.records.tables import ENTERED_TABLES
from remission.units import canonical_unit

Rows = Mapping[str, list[dict[str, Any]]]
"""Table → its rows; a cell that is empty is None."""

DAY_ZERO = date(2015, 6, 1)
_WORDS = st.sampled_from(["sepsis", "LAL/SHOP-2005", "médula", "异常核型", "46,XY", "a; b", "7"])


def values_of(column: Column) -> st.SearchStrategy[Any]:
    """Return what a column may hold, as its file would hold it."""
    if column.name == "unit" and not column.codes:
        return st.none()
    if column.kind == "code":
        return st.sampled_from(sorted(column.codes))
    if column.kind == "codes":
        return st.lists(st.sampled_from(sorted(column.codes)), min_size=1, unique=True).map(
            lambda codes: "|".join(sorted(codes, key=list(column.codes).index)))
    least, most = column.minimum or 0, min(column.maximum or 1000, 5000)
    if column.kind == "day":
        least, most = -4000, 4000
    if column.kind in ("integer", "day"):
        return st.integers(int(least), int(most))
    if column.kind == "number":
        return st.integers(int(least * 8), int(most * 8)).map(lambda eighths: eighths / 8)
    return _WORDS


@st.composite
def tables_of_study(draw: st.DrawFn) -> Rows:
    """Return the rows of a study of a few children: every table, any column empty or not."""
    children = [f"C{number:02d}" for number in range(1, draw(st.integers(1, 3)) + 1)]
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in ENTERED_TABLES:
        rows: list[dict[str, Any]] = []
        for child in children:
            most = 1 if table.name in ONCE else 2
            least = 1 if table.name == "subject" else 0
            rows.extend(_row(draw, table, child, number + 1)
                        for number in range(draw(st.integers(least, most))))
        tables[table.name] = list({tuple(row[name] for name in table.key): row
                                   for row in rows}.values())
    return tables


def _row(draw: st.DrawFn, table: Table, child: str, number: int) -> dict[str, Any]:
    row = {column.name: draw(values_of(column) if column.required or column.name in table.key
                             else st.none() | values_of(column)) for column in table.columns}
    row[RECORD_ID] = child
    if table.numbered is not None:
        row[table.numbered] = number
    if table.name == "laboratory":
        row["unit"] = draw(st.none() | st.just(canonical_unit(row["test"])))
    if table.name == "subject":
        row["site_id"] = "Centro 1"
    return row


def frame_of(rows: list[dict[str, Any]], table: Table) -> pl.DataFrame:
    """Return rows as a table of the study, without where they came from, ordered by the key."""
    schema = {name: dtype for name, dtype in schema_of(table).items() if name != SOURCE}
    return pl.DataFrame(rows, schema=schema).sort(list(table.key))


def fill_workbook(path: Path, tables: Rows) -> None:
    """Fill the template's workbook with the rows of a study."""
    book = openpyxl.load_workbook(path)
    for name, rows in tables.items():
        heads = [cell.value for cell in book[name][1]]
        for number, row in enumerate(rows, start=2):
            for column, value in row.items():
                book[name].cell(number, heads.index(column) + 1, value)
    book.save(path)


def redcap_export(tables: Rows, fields: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return a study as REDCap exports it, raw: one block matrix over the fields of all forms.

    Days are entered as dates, as the dictionary asks; ``fields`` are the rows of the dictionary.
    """
    heads = {head: "" for field in fields for head in _heads(field)}
    heads |= {f"{table.name}_complete": "" for table in ENTERED_TABLES}
    found: dict[tuple[str, str, int], dict[str, str]] = {}
    for table in ENTERED_TABLES:
        counted = counted_by_instance(table)
        instances: dict[str, int] = {}
        for row in tables[table.name]:
            child = row[RECORD_ID]
            instances[child] = row[counted] if counted else instances.get(child, 0) + 1
            repeats = table.name not in ONCE
            form, instance = (table.name, instances[child]) if repeats else ("", 0)
            line = found.setdefault((child, form, instance), {
                RECORD_ID: child, "redcap_repeat_instrument": form,
                "redcap_repeat_instance": str(instance or ""), **heads})
            line[RECORD_ID], line[f"{table.name}_complete"] = child, "2"
            if table.name == "subject":
                line["subject_index_date"] = DAY_ZERO.isoformat()
            line.update({head: text for column in table.columns
                         if column.name not in (RECORD_ID, counted)
                         for head, text in _entered(table, column, row[column.name]).items()})
    return list(found.values())


def _heads(field: Mapping[str, str]) -> list[str]:
    name = field["Variable / Field Name"]
    if field["Field Type"] != "checkbox":
        return [name]
    choices = field["Choices, Calculations, OR Slider Labels"].split(" | ")
    return [f"{name}___{choice.split(',')[0].lower()}" for choice in choices]


def _entered(table: Table, column: Column, value: Any) -> dict[str, str]:
    name = redcap_field(table.name, column.name)
    if column.kind == "codes":
        chosen = set((value or "").split("|"))
        return {f"{name}___{redcap_code(code).lower()}": str(int(code in chosen))
                for code in column.codes}
    if value is None:
        return {name: ""}
    if column.kind == "day":
        return {name: (DAY_ZERO + timedelta(days=value)).isoformat()}
    return {name: redcap_code(value) if column.codes else str(value)}


def write_redcap(folder: Path, dictionary: str, tables: Rows) -> None:
    """Write the dictionary and the export of a REDCap project."""
    fields = list(csv.DictReader(dictionary.splitlines()))
    rows = redcap_export(tables, fields)
    (folder / "dictionary.csv").write_text(dictionary, encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
