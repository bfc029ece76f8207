"""A study on disk: ``study.toml``, ``tables/*.csv`` (or ``.parquet``) and ``imports/*.json``."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem, RemissionError, did_you_mean
from remission.plan import Plan, read_plan
from remission.records.column import SOURCE, Table
from remission.records.storage import as_frame, schema_of
from remission.records.study import InputFile, Study
from remission.records.tables import TABLES
from remission.sources.delimited import read_delimited
from remission.sources.integrity import integrity_problems
from remission.sources.laboratory_units import in_canonical_units
from remission.sources.parquet_tables import SUFFIX, parts_of, read_parquet_table
from remission.sources.sheet import Sheet, fingerprint
from remission.sources.typed import typed


def read_study(folder: Path | str, *, plan: Path | None = None) -> Study:
    """Return the study kept in a folder.

    ``plan`` replaces the folder's ``study.toml``. Raises
    :class:`~remission.errors.RemissionError` with the problems of plan and tables together.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    chosen: Plan | None = None
    try:
        chosen = read_plan(plan or folder / "study.toml")
    except RemissionError as error:
        problems.extend(error.problems)
    tables, found = read_tables(folder)
    problems.extend(found)
    problems.extend(integrity_problems(
        tables, asks_for_subjects=not found or "subject" in tables))
    imported, found = _imported_files(folder)
    problems.extend(found)
    if problems or chosen is None:
        raise InputError(problems)
    files = [fingerprint(part) for path in _table_files(folder) for part in parts_of(path)]
    return Study(
        plan=chosen, tables={name: as_frame(frame) for name, frame in tables.items()},
        inputs=(*imported, *files),
    )


def read_tables(folder: Path) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
    """Return (tables by name, problems) of ``folder/tables``."""
    tables: dict[str, pl.DataFrame] = {}
    problems: list[Problem] = []
    if not (folder / "tables").is_dir():
        return {}, [Problem(
            str(folder), "There is no folder 'tables' here.",
            "A study keeps its records in tables/*.csv.",
            "Run 'remission init DIR' for empty templates, or 'remission import SOURCE --to DIR'.",
        )]
    for path in _table_files(folder):
        if path.stem not in TABLES:
            problems.append(Problem(
                f"tables/{path.name}", f"There is no table {path.stem!r}.", "",
                did_you_mean(path.stem, TABLES)))
            continue
        if path.stem in tables:
            problems.append(Problem(
                f"tables/{path.name}", f"The table {path.stem} is there as CSV too.",
                "Only one of the two can be the records.", "Remove one of the two files."))
            continue
        try:
            frame, found = _read_table(path, TABLES[path.stem])
        except RemissionError as error:
            problems.extend(error.problems)
            continue
        problems.extend(found)
        tables[path.stem] = frame
    if "laboratory" in tables:
        tables["laboratory"] = in_canonical_units(tables["laboratory"])
    return tables, problems


def _read_table(path: Path, table: Table) -> tuple[pl.DataFrame, list[Problem]]:
    if path.suffix == SUFFIX:
        return read_parquet_table(path, table)
    sheet, _ = read_delimited(path)
    return table_from_sheet(sheet, table)


def table_from_sheet(sheet: Sheet, table: Table) -> tuple[pl.DataFrame, list[Problem]]:
    """Return (typed table, problems) of a sheet whose columns bear our own names."""
    problems = [
        Problem(f"{sheet.file}, column {name}", f"{table.name} has no column {name!r}.", "",
                did_you_mean(name, table.by_name))
        for name in sheet.cells.columns if name not in table.by_name and name != SOURCE
    ]
    columns: list[pl.Series] = []
    for column in table.columns:
        if column.name not in sheet.cells.columns:
            columns.append(pl.Series(column.name, [None] * len(sheet.cells),
                                     dtype=schema_of(table)[column.name]))
            continue
        series, found = typed(
            sheet.cells[column.name], column, decimal=sheet.decimal,
            where=lambda index, name=column.name: sheet.where(index, name),  # type: ignore[misc]  # its default binds
        )
        columns.append(series)
        problems.extend(found)
    columns.append(_sources(sheet))
    return pl.DataFrame(columns), problems


def _sources(sheet: Sheet) -> pl.Series:
    """Return where each row came from: as an import wrote it, else this file and row."""
    own = sheet.source_column
    if SOURCE not in sheet.cells.columns:
        return own
    written = sheet.cells[SOURCE]
    return written.set(~written.str.contains(r"^.+:\d+$").fill_null(value=False), None).fill_null(
        own).alias(SOURCE)


def _table_files(folder: Path) -> list[Path]:
    """Return the table files that hold more than a header, in the order of the data model."""
    order = {name: position for position, name in enumerate(TABLES)}
    files = [path for path in (folder / "tables").glob("*.csv")
             if path.is_file() and has_rows(path)]
    files.extend((folder / "tables").glob(f"*{SUFFIX}"))
    return sorted(files, key=lambda path: (order.get(path.stem, len(order)), path.name))


def has_rows(path: Path) -> bool:
    """Return whether a table file holds more than its header."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        next(lines, None)
        return any(line.strip(" ,;\t\r\n") for line in lines)


def _imported_files(folder: Path) -> tuple[list[InputFile], list[Problem]]:
    """Return (files named in the accounts of earlier imports, problems)."""
    files: list[InputFile] = []
    problems: list[Problem] = []
    for path in sorted((folder / "imports").glob("*.json")):
        try:
            account = json.loads(path.read_text(encoding="utf-8"))
            files.extend(InputFile(item["name"], item["sha256"]) for item in account["files"])
        except (ValueError, KeyError, TypeError):
            problems.append(Problem(
                f"imports/{path.name}", "This account of an import cannot be read.",
                "It was changed by hand or cut off.",
                "Import the centre's files again; the account is written anew."))
    return files, problems
