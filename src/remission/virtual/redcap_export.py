"""Virtual records as a project with our REDCap dictionary exports them: one block matrix."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from remission.records.column import Table
from remission.records.redcap_dictionary import (
    ONCE,
    RECORD_ID,
    counted_by_instance,
    redcap_code,
    redcap_field,
)
from remission.records.tables import TABLES

FORM, INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"


def redcap_records(dated: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the block matrix of tables whose days are dates already (``subject.index_date``)."""
    blocks = [_block(TABLES[name], rows) for name, rows in dated.items() if name not in ONCE]
    once = [_block(TABLES[name], dated[name]) for name in ONCE if name in dated]
    records = once[0]
    for other in once[1:]:
        records = records.join(other, on=RECORD_ID, how="left", maintain_order="left")
    whole = pl.concat([records, *blocks], how="diagonal").sort(RECORD_ID, maintain_order=True)
    first = [RECORD_ID, FORM, INSTANCE]
    return whole.select(*first, pl.exclude(first))


def _block(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one form: fields as text, its instance, and that it is complete."""
    number = counted_by_instance(table)
    fields: list[pl.Expr] = [pl.col(RECORD_ID)]
    if table.name not in ONCE:
        instance = pl.int_range(1, pl.len() + 1).over(RECORD_ID) if number is None else (
            pl.col(number))
        fields.extend((pl.lit(table.name).alias(FORM), instance.cast(pl.String).alias(INSTANCE)))
    for name in rows.columns:
        if name in (RECORD_ID, number):
            continue
        fields.extend(_field(table, name))
    return rows.select(*fields, pl.lit("2").alias(f"{table.name}_complete"))


def _field(table: Table, name: str) -> list[pl.Expr]:
    field, given = redcap_field(table.name, name), pl.col(name).cast(pl.String)
    column = table.by_name.get(name)
    if column is None or not column.codes:
        return [given.alias(field)]
    if column.kind == "codes":
        parts = given.fill_null("").str.split("|")
        return [pl.when(parts.list.contains(code)).then(pl.lit("1")).otherwise(pl.lit("0"))
                .alias(f"{field}___{redcap_code(code).lower()}") for code in column.codes]
    return [given.replace({code: redcap_code(code) for code in column.codes}).alias(field)]
