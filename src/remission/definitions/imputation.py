"""Days known only to their month or year, where the plan asks for them to be filled.

The records stay as they are: this stands between them and the rules, and every value that rests on
a filled day says so in its note.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import narwhals.stable.v2 as nw

from remission.records.column import SOURCE
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import TABLES

IMPUTED = "on a day that is imputed: the middle of the month or year that is known"
"""What the note of a value says that rests on a filled day."""

_KEY, _DAY = "_key", "_imputed"


def with_imputed_days(study: Study) -> tuple[Study, Frame]:
    """Return the study with filled days as its plan says, and the days that were filled.

    The middle of a month is its 15th day (its 14th in February), that of a year 1 July; an age
    counts back from it. The second frame has ``table, key, column, day`` and the row's source.
    """
    partial = study.table("partial_date")
    middle = nw.col("earliest_day") + (nw.col("latest_day") - nw.col("earliest_day") - 1) // 2
    known = partial.with_columns(day=middle).drop_nulls(["day"]).select(
        "table", "key", "column", "day", SOURCE)
    if study.plan.records.impute_partial_dates is None or not len(known):
        return study, known.head(0)
    tables, filled = dict(study.tables), []
    for table, column in known.select("table", "column").unique(maintain_order=True).iter_rows():
        if table not in tables or column not in TABLES[table].by_name:
            continue
        days = known.filter((nw.col("table") == table) & (nw.col("column") == column))
        tables[table], used = _filled(tables[table], table, column, days)
        filled.append(used)
    return replace(study, tables=tables), nw.concat([known.head(0), *filled])


def _filled(rows: Frame, table: str, column: str, days: Frame) -> tuple[Frame, Frame]:
    """Return the table with the empty cells of a column filled, and the days that were used."""
    sign = 1 if TABLES[table].by_name[column].kind == "day" else -1
    key = nw.concat_str([nw.col(name).cast(nw.String) for name in TABLES[table].key],
                        separator="/")
    joined = rows.with_columns(key.alias(_KEY)).join(
        days.select(nw.col("key").alias(_KEY), (nw.col("day") * sign).alias(_DAY)),
        on=_KEY, how="left")
    is_used = nw.col(column).is_null() & ~nw.col(_DAY).is_null()
    used = days.join(joined.filter(is_used).select(nw.col(_KEY).alias("key")), on="key", how="semi")
    return joined.with_columns(nw.coalesce(column, _DAY).alias(column)).select(rows.columns), used


def every_day() -> list[str]:
    """Return ``table.column`` of every day of the records."""
    return [f"{table.name}.{column.name}" for table in TABLES.values()
            for column in table.columns if column.kind == "day"]


def with_note(
    derived: Frame, name: str, imputed: Frame, columns: Collection[str], *, value: str,
    since: Frame | None = None,
) -> Frame:
    """Return derived values with a note where the row that decides one has a filled day.

    ``columns`` (``table.column``) are those the rule reads; ``value`` is the column of the value.
    ``since`` has ``subject_id, origin_row`` where a time counts from a row that may be filled too.
    """
    note, source = f"{name}_note", f"{name}_source"
    if not len(imputed) or source not in derived.columns:
        return derived
    of_rule = imputed.filter(nw.concat_str(["table", "column"], separator=".").is_in(columns))
    rows = of_rule[SOURCE].to_list()
    rests = nw.col(source).is_in(rows)
    if since is not None:
        rests = rests | nw.col("subject_id").is_in(
            since.filter(nw.col("origin_row").is_in(rows))["subject_id"].to_list())
    before = nw.col(note) if note in derived.columns else nw.lit(None, dtype=nw.String)
    said = nw.when(before.is_null()).then(nw.lit(IMPUTED)).otherwise(
        nw.concat_str([before, nw.lit(IMPUTED)], separator="; "))
    return derived.with_columns(
        nw.when(rests & ~nw.col(value).is_null()).then(said).otherwise(before).alias(note))
