"""A centre's sheets and its mapping become the tables of a study; nothing is lost in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem, did_you_mean, place
from remission.records.column import SOURCE, Table
from remission.records.storage import schema_of
from remission.records.subject import NULL_REASON, PARTIAL_DATE
from remission.records.tables import TABLES
from remission.sources.anchors import read_anchors
from remission.sources.cells import NULLS, PARTIALS, build_rows
from remission.sources.laboratory_units import in_canonical_units
from remission.sources.mapping import Cell, SiteMapping
from remission.sources.pseudonyms import pseudonymised, with_identifiers
from remission.sources.redundant import disagreements
from remission.sources.sheet import Field, Sheet, Source
from remission.sources.vault import Vault, open_vault

EMPTY_COLUMN = "holds no value"
REPEATS = "repeats "
"""How the reason begins of a column whose values stand in another one too."""
NOT_TAKEN = "no block of the mapping takes the row"
NOT_READ = "no block of the mapping takes a row of this sheet"


@dataclass(frozen=True)
class Imported:
    """What one import gives: tables, dates for the vault, and the account of every column.

    ``unmapped`` maps ``sheet.column`` to the reason given in the mapping ('' for none);
    ``rows_unused`` names source rows from which nothing was written. Of each sheet,
    ``rows_read`` counts the rows that hold something (besides the header), ``rows_kept`` those
    from which something was written, and ``rows_set_aside`` the others by their reason. ``masked``
    counts, for each text column, the rows in which a calendar date was taken out of free text;
    ``fields`` holds, for each sheet, what the source's own dictionary says.
    """

    site: str
    tables: dict[str, pl.DataFrame]
    vault: pl.DataFrame
    rows_read: dict[str, int]
    rows_kept: dict[str, int]
    rows_set_aside: dict[str, dict[str, int]]
    unmapped: dict[str, str]
    rows_unused: tuple[str, ...]
    sniffed: tuple[str, ...]
    secrets: Vault
    masked: dict[str, int]
    fields: Mapping[str, Mapping[str, Field]]

    @property
    def sites(self) -> list[str]:
        """The centres whose children came in."""
        return sorted(set(self.tables["subject"]["site_id"].drop_nulls())) if (
            "subject" in self.tables) else [self.site]

    @property
    def rows_written(self) -> dict[str, int]:
        """Rows in each table that got any."""
        return {name: len(frame) for name, frame in self.tables.items() if len(frame)}


def import_site(
    source: Source, mapping: SiteMapping, *, vault: Path | None = None
) -> Imported:
    """Return the study tables of one centre.

    ``vault`` is the folder that keeps the study's key, if there is one already.
    Raises :class:`InputError` with every problem of the run together: missing sheets or
    fields, values that are not of their column's type, codes the mapping does not name.
    """
    missing = list(_missing_fields(source, mapping))
    if missing:
        raise InputError(missing)
    secrets = open_vault(vault, mapping.site)
    source, mapping = pseudonymised(with_identifiers(source, mapping), mapping, secrets)

    def sheet_of(name: str | None) -> Sheet:
        return source.sheets[name or source.only_sheet() or ""]

    anchors = read_anchors(source, mapping, sheet_of)
    problems, dates = list(anchors.problems), [anchors.vault]
    parts: dict[str, list[pl.DataFrame]] = {}
    masked: Counter[str] = Counter()
    used = {name: pl.repeat(False, len(sheet.cells), dtype=pl.Boolean, eager=True)
            for name, sheet in source.sheets.items()}
    for block in mapping.blocks:
        sheet = sheet_of(block.sheet)
        rows = build_rows(block, sheet, mapping, anchors, secrets)
        problems.extend(rows.problems)
        dates.extend(rows.vault)
        masked.update(rows.masked)
        used[sheet.name][rows.indices] = True
        parts.setdefault(block.table.name, []).append(rows.frame)
    if problems:
        raise InputError(problems)
    tables, null_reasons, partial_dates = {}, [], []
    for name, frames in parts.items():
        numbered = _numbered(pl.concat(frames, how="diagonal"), TABLES[name])
        null_reasons.append(_null_reasons(numbered, TABLES[name]))
        partial_dates.append(_partial_dates(numbered, TABLES[name]))
        tables[name] = _declared(numbered, TABLES[name])
    if "laboratory" in tables:
        tables["laboratory"] = in_canonical_units(tables["laboratory"])
    for table, rows_of_it in ((NULL_REASON, null_reasons), (PARTIAL_DATE, partial_dates)):
        tables[table.name] = pl.concat([pl.DataFrame(schema=schema_of(table)), *rows_of_it])
    tables["source_disagreement"] = disagreements(mapping, sheet_of)
    return Imported(
        site=mapping.site, tables=tables, vault=pl.concat(dates),
        rows_read={sheet.shown: len(sheet.cells) + len(sheet.set_aside)
                   for sheet in source.sheets.values()},
        rows_kept={sheet.shown: int(used[name].sum()) for name, sheet in source.sheets.items()},
        rows_set_aside={sheet.shown: _set_aside(sheet, used[name])
                        for name, sheet in source.sheets.items()},
        unmapped=unmapped_columns(source, mapping),
        rows_unused=tuple(_unused(source, used)), sniffed=source.sniffed, secrets=secrets,
        masked=dict(masked),
        fields={sheet.shown: _fields_to_keep(source, sheet, mapping)
                for sheet in source.sheets.values()},
    )


def fields_used(mapping: SiteMapping) -> Iterator[tuple[str | None, str, str]]:
    """Yield (sheet, field, what uses it) for everything the mapping reads."""
    for block in mapping.blocks:
        use = f"[{block.table.name}]"
        for name, cell in block.cells.items():
            yield from ((block.sheet, field, f"{use} {name}") for field in _fields_of(cell))
        for condition in block.when:
            yield block.sheet, condition.field, f"{use} when"
        if mapping.subject_id.field is not None and "subject_id" not in block.cells:
            yield block.sheet, mapping.subject_id.field, "subject_id"
    for redundant in mapping.redundant:
        for field in (redundant.field, *redundant.of):
            yield redundant.sheet, field, "[[redundant]]"
    if mapping.anchor is not None:
        yield mapping.anchor.sheet, mapping.anchor.field, "[anchor]"
        if mapping.anchor.subject is not None:
            yield mapping.anchor.sheet, mapping.anchor.subject, "[anchor] subject"


def _fields_of(cell: Cell) -> Iterator[str]:
    """Yield every field one cell reads: its own, its condition's, and those taken otherwise."""
    if cell.field is not None:
        yield cell.field
    if cell.when is not None:
        yield cell.when.field
    if cell.otherwise is not None:
        yield from _fields_of(cell.otherwise)


def _missing_fields(source: Source, mapping: SiteMapping) -> Iterator[Problem]:
    seen: set[tuple[str | None, str]] = set()
    for sheet_name, field, use in fields_used(mapping):
        if (sheet_name, field) in seen:
            continue
        seen.add((sheet_name, field))
        chosen = sheet_name or source.only_sheet()
        if chosen is None:
            yield Problem(str(mapping.path), f"{use} names no sheet.",
                          f"The source has several: {', '.join(source.sheets)}.",
                          'Write sheet = "…" in that block.')
        elif chosen not in source.sheets:
            yield Problem(str(mapping.path),
                          f"{use} reads the sheet {chosen!r}, which is not there.",
                          "", did_you_mean(chosen, source.sheets))
        elif field not in source.sheets[chosen].cells.columns:
            yield Problem(
                place(source.sheets[chosen].file),
                f"There is no column {field!r} (needed by {use}).",
                "", did_you_mean(field, source.sheets[chosen].cells.columns))


def _numbered(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Count up the last key column within the others where the source has no number of its own.

    Numbers follow the days of the rows, so that the first transplant is the earliest one. Where a
    child has a row without a day, its rows keep the order of the mapping and the file: a day that
    is not known must not push the initial diagnosis behind the relapse.
    """
    last, before = table.key[-1], list(table.key[:-1])
    is_running = table.numbered is not None or last == "sequence"
    if not is_running or last in frame.columns:
        return frame
    day = next((c.name for c in table.columns if c.kind == "day" and c.name in frame.columns),
               None)
    number = pl.int_range(1, pl.len() + 1).over(before)
    if not frame.select(pl.struct(before).is_duplicated().any()).item():
        number = pl.lit(1, pl.Int64)
    elif day is not None and day not in before:
        is_dated = pl.col(day).is_not_null().all().over(before)
        number = pl.when(is_dated).then(pl.col(day).rank("ordinal").over(before)).otherwise(number)
    return frame.with_columns(number.alias(last))


def _declared(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return every declared column in order, null where the mapping does not give it."""
    schema = schema_of(table)
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns
        else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
    )


def _null_reasons(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the side rows that say why each mapped but empty cell is empty."""
    return _side_rows(frame, table, NULLS).rename({"text": "reason"}).select(
        *schema_of(NULL_REASON))


def _partial_dates(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the side rows that say what is known of each date without its day."""
    parts = pl.col("text").str.split(":").list
    return _side_rows(frame, table, PARTIALS).with_columns(
        parts.get(0).alias("precision"), parts.get(1).cast(pl.Int64).alias("earliest_day"),
        parts.get(2).cast(pl.Int64).alias("latest_day"),
    ).select(*schema_of(PARTIAL_DATE))


def _side_rows(frame: pl.DataFrame, table: Table, helper: str) -> pl.DataFrame:
    """Return ``table, key, column, text, _source`` of what a helper column tells."""
    return frame.filter(pl.col(helper) != "").select(
        pl.lit(table.name).alias("table"),
        pl.concat_str([pl.col(name).cast(pl.String) for name in table.key], separator="/")
        .alias("key"),
        pl.col(helper).str.split(";").alias("told"),
        pl.col(SOURCE),
    ).explode("told").with_columns(
        pl.col("told").str.extract(r"^(.*?)=", 1).alias("column"),
        pl.col("told").str.extract(r"=(.*)$", 1).alias("text"),
    )


def unmapped_columns(source: Source, mapping: SiteMapping) -> dict[str, str]:
    """Return ``sheet.column`` → reason of every source column that nothing reads.

    A column without any value says so, and one that only repeats another; otherwise the reason is
    that of the mapping.
    """
    read = {(sheet or source.only_sheet(), field) for sheet, field, _ in fields_used(mapping)}
    single = source.only_sheet() is not None
    found = {}
    for name, sheet in source.sheets.items():
        for column in sheet.cells.columns:
            if (name, column) not in read:
                shown = column if single else f"{name}.{column}"
                is_empty = sheet.cells[column].null_count() == len(sheet.cells)
                known = sheet.fields.get(column)
                repeats = f"{REPEATS}{known.repeats}" if known and known.repeats else ""
                reason = mapping.unmapped.get(shown, mapping.unmapped.get(column, repeats))
                if sheet.alias:
                    shown = f"{sheet.alias}, column {sheet.cells.columns.index(column) + 1}"
                found[shown] = EMPTY_COLUMN if is_empty else reason
    return found


def _fields_to_keep(source: Source, sheet: Sheet, mapping: SiteMapping) -> Mapping[str, Field]:
    """Return what the account may hold of a sheet's dictionary.

    Where children have pseudonyms, names of columns that nothing reads stay out, as they may name a
    person.
    """
    if not sheet.alias:
        return sheet.fields
    read = {field for name, field, _ in fields_used(mapping)
            if (name or source.only_sheet()) == sheet.name}
    return {name: known for name, known in sheet.fields.items() if name in read}


def _set_aside(sheet: Sheet, used: pl.Series) -> dict[str, int]:
    """Return how many rows of a sheet were not taken, by reason."""
    counts = Counter(sheet.set_aside.values())
    counts[NOT_TAKEN if used.any() else NOT_READ] += int((~used).sum())
    return {reason: count for reason, count in counts.items() if count}


def _unused(source: Source, used: Mapping[str, pl.Series]) -> Iterator[str]:
    for name, sheet in source.sheets.items():
        for index in (~used[name]).arg_true():
            yield place(sheet.alias or sheet.file, sheet.row_numbers[index])
