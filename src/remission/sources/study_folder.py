"""A study on disk: ``study.toml``, ``tables/*.csv``, ``imports/*.json`` and the vault."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from remission.errors import InputError, Problem, RemissionError, did_you_mean
from remission.plan import Plan, read_plan
from remission.records.column import SOURCE, Table
from remission.records.storage import as_frame, schema_of
from remission.records.study import InputFile, Study
from remission.records.tables import TABLES
from remission.sources.delimited import read_delimited
from remission.sources.importing import Imported
from remission.sources.integrity import integrity_problems
from remission.sources.laboratory_units import in_canonical_units
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
    if not problems:
        problems.extend(integrity_problems(tables))
    if problems or chosen is None:
        raise InputError(problems)
    files = [fingerprint(path) for path in _table_files(folder)]
    return Study(
        plan=chosen, tables={name: as_frame(frame) for name, frame in tables.items()},
        inputs=(*_imported_files(folder), *files),
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
        try:
            sheet, _ = read_delimited(path)
            frame, found = table_from_sheet(sheet, TABLES[path.stem])
        except RemissionError as error:
            problems.extend(error.problems)
            continue
        problems.extend(found)
        tables[path.stem] = frame
    if "laboratory" in tables:
        tables["laboratory"] = in_canonical_units(tables["laboratory"])
    return tables, problems


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
            where=lambda index, name=column.name: sheet.where(index, name),  # type: ignore[misc]
        )
        columns.append(series)
        problems.extend(found)
    columns.append(_sources(sheet))
    return pl.DataFrame(columns), problems


def _sources(sheet: Sheet) -> pl.Series:
    own = pl.Series(SOURCE, sheet.sources, dtype=pl.String)
    if SOURCE not in sheet.cells.columns:
        return own
    return sheet.cells.select(pl.col(SOURCE).fill_null(own)).to_series()


def _table_files(folder: Path) -> list[Path]:
    """Return the table files that hold more than a header, in the order of the data model."""
    order = {name: position for position, name in enumerate(TABLES)}
    files = [path for path in (folder / "tables").glob("*.csv") if _has_rows(path)]
    return sorted(files, key=lambda path: (order.get(path.stem, len(order)), path.name))


def _has_rows(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        next(lines, None)
        return any(line.strip(" ,;\t\r\n") for line in lines)


def _imported_files(folder: Path) -> list[InputFile]:
    files: list[InputFile] = []
    for path in sorted((folder / "imports").glob("*.json")):
        account = json.loads(path.read_text(encoding="utf-8"))
        files.extend(InputFile(item["name"], item["sha256"]) for item in account["files"])
    return files


def write_import(
    folder: Path, imported: Imported, *, files: tuple[InputFile, ...], plan: Path | None,
) -> None:
    """Write one centre's import into a study folder, whole or not at all.

    Rows of the same centre from an earlier import are replaced; those of other centres stay.
    Raises :class:`InputError` when the merged tables break a key or subjects collide.
    """
    tables = _merged(folder, imported)
    problems = integrity_problems(tables)
    if problems:
        raise InputError(problems)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".remission-") as scratch:
        staged = Path(scratch)
        (staged / "tables").mkdir()
        for name in TABLES:
            if name in tables and len(tables[name]):
                tables[name].write_csv(staged / "tables" / f"{name}.csv")
        _copy_tree(folder / "imports", staged / "imports")
        _copy_tree(folder / "vault", staged / "vault")
        _write_account(staged / "imports", imported, files)
        _write_vault(staged / "vault", imported)
        _keep_templates(folder / "tables", staged / "tables")
        folder.mkdir(exist_ok=True)
        for part in ("tables", "imports", "vault"):
            if (staged / part).is_dir():
                _swap(staged / part, folder / part, staged)
        if plan is not None and plan.is_file() and not (folder / "study.toml").exists():
            shutil.copyfile(plan, folder / "study.toml")


def _merged(folder: Path, imported: Imported) -> Mapping[str, pl.DataFrame]:
    """Return the folder's tables with this centre's rows put in place of its earlier ones."""
    if not (folder / "tables").is_dir() or "subject" not in imported.tables:
        return imported.tables
    before, problems = read_tables(folder)
    if problems:
        raise InputError(problems)
    if "subject" not in before:
        return imported.tables
    sites = imported.tables["subject"]["site_id"].unique().to_list()
    others = before["subject"].filter(~pl.col("site_id").is_in(sites))["subject_id"]
    merged = dict(imported.tables)
    for name, frame in before.items():
        kept = _rows_of(frame, name, set(others.to_list()))
        new = imported.tables.get(name)
        merged[name] = kept if new is None else pl.concat([kept, new])
    return merged


def _rows_of(frame: pl.DataFrame, name: str, subjects: set[str]) -> pl.DataFrame:
    if name == "null_reason":
        owner = pl.col("key").str.split("/").list.first()
        return frame.filter(owner.is_in(list(subjects)))
    return frame.filter(pl.col("subject_id").is_in(list(subjects)))


def _write_account(folder: Path, imported: Imported, files: tuple[InputFile, ...]) -> None:
    folder.mkdir(exist_ok=True)
    account: dict[str, Any] = {
        "site": imported.site,
        "files": [{"name": file.name, "sha256": file.sha256} for file in files],
        "sniffed": list(imported.sniffed),
        "rows_read": imported.rows_read,
        "rows_written": imported.rows_written,
        "rows_unused": list(imported.rows_unused),
        "unmapped": imported.unmapped,
    }
    text = json.dumps(account, indent=2, ensure_ascii=False)
    (folder / f"{imported.site}.json").write_text(text + "\n", encoding="utf-8")


def _write_vault(folder: Path, imported: Imported) -> None:
    """Write the calendar dates apart; the vault ignores itself so that it is never committed."""
    if not imported.vault:
        return
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    with (folder / f"{imported.site}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["subject_id", "table", "column", "source", "date"])
        for entry in imported.vault:
            writer.writerow([entry.subject_id, entry.table, entry.column, entry.source,
                             entry.date.isoformat()])


def _copy_tree(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)


def _keep_templates(before: Path, staged: Path) -> None:
    """Carry over table files that the merge did not write: empty templates."""
    if before.is_dir():
        for path in before.iterdir():
            if path.is_file() and not (staged / path.name).exists() and not _has_rows(path):
                shutil.copyfile(path, staged / path.name)


def _swap(new: Path, target: Path, scratch: Path) -> None:
    """Put a finished folder in place of the old one by renaming, so no half state is ever seen."""
    if target.exists():
        target.replace(scratch / f"old-{target.name}")
    new.replace(target)
