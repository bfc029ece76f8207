"""Virtual records as a REDCap project exports them: one block matrix, and its dictionary.

Forms are the tables, fields are called ``table_column``; the number of an instance is the running
number of its row. Codes are written in letters that REDCap takes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import polars as pl

from remission.records.column import Column, Table
from remission.records.tables import TABLES

ONCE = ("subject", "follow_up")
"""Forms that are filled once for each child; all others repeat."""
FORM, INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"
INDEX_DATE = "subject_index_date"
_RECORD = "subject_id"
_HEADERS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)
_SIGNS = {"=": "EQ", "<": "LT", ">": "GT"}
_NOT_FORMS = ("null_reason", "source_disagreement")


def redcap_records(dated: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the block matrix of tables whose days are dates already (``subject.index_date``)."""
    blocks = [_block(TABLES[name], rows) for name, rows in dated.items() if name not in ONCE]
    once = [_block(TABLES[name], dated[name]) for name in ONCE if name in dated]
    records = once[0]
    for other in once[1:]:
        records = records.join(other, on=_RECORD, how="left", maintain_order="left")
    whole = pl.concat([records, *blocks], how="diagonal").sort(_RECORD, maintain_order=True)
    first = [_RECORD, FORM, INSTANCE]
    return whole.select(*first, pl.exclude(first))


def redcap_dictionary(dated: Mapping[str, pl.DataFrame]) -> str:
    """Return the dictionary of the forms that the export holds, as CSV with 18 columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _HEADERS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow({_HEADERS[0]: _RECORD, _HEADERS[1]: "subject", _HEADERS[3]: "text",
                     _HEADERS[4]: "Record"})
    writer.writerow({_HEADERS[0]: INDEX_DATE, _HEADERS[1]: "subject", _HEADERS[3]: "text",
                     _HEADERS[4]: "Date of day 0", _HEADERS[7]: "date_ymd", _HEADERS[10]: "y"})
    for name in dated:
        table = TABLES[name]
        for column in table.columns:
            if column.name not in (_RECORD, _counted(table)) and name not in _NOT_FORMS:
                writer.writerow(_entry(table, column))
    return text.getvalue()


def _entry(table: Table, column: Column) -> dict[str, str]:
    kind, validation = "text", ""
    if column.codes:
        kind = "checkbox" if column.kind == "codes" else "dropdown"
    elif column.kind == "day":
        validation = "date_ymd"
    elif column.kind in ("integer", "number"):
        validation = column.kind
    choices = " | ".join(f"{_code(code)}, {label}" for code, label in column.codes.items())
    return {_HEADERS[0]: f"{table.name}_{column.name}", _HEADERS[1]: table.name,
            _HEADERS[3]: kind, _HEADERS[4]: column.meaning, _HEADERS[5]: choices,
            _HEADERS[6]: column.unit or "", _HEADERS[7]: validation}


def _counted(table: Table) -> str | None:
    """Return the running number that the instance of a repeating form gives, if it has one."""
    return table.numbered if table.name not in ONCE and len(table.key) == 2 else None


def _code(code: str) -> str:
    return _SIGNS.get(code) or re.sub(r"[^A-Za-z0-9]+", "_", code)


def _block(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one form: fields as text, its instance, and that it is complete."""
    number = _counted(table)
    fields: list[pl.Expr] = [pl.col(_RECORD)]
    if table.name not in ONCE:
        instance = pl.int_range(1, pl.len() + 1).over(_RECORD) if number is None else (
            pl.col(number))
        fields.extend((pl.lit(table.name).alias(FORM), instance.cast(pl.String).alias(INSTANCE)))
    for name in rows.columns:
        if name in (_RECORD, number):
            continue
        fields.extend(_field(table, name))
    return rows.select(*fields, pl.lit("2").alias(f"{table.name}_complete"))


def _field(table: Table, name: str) -> list[pl.Expr]:
    field, given = f"{table.name}_{name}", pl.col(name).cast(pl.String)
    column = table.by_name.get(name)
    if column is None or not column.codes:
        return [given.alias(field)]
    if column.kind == "codes":
        parts = given.fill_null("").str.split("|")
        return [pl.when(parts.list.contains(code)).then(pl.lit("1")).otherwise(pl.lit("0"))
                .alias(f"{field}___{_code(code).lower()}") for code in column.codes]
    return [given.replace({code: _code(code) for code in column.codes}).alias(field)]
