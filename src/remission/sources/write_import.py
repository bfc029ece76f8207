"""One centre's import is written into a study folder, whole or not at all."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from remission.errors import InputError
from remission.records.study import InputFile
from remission.records.tables import TABLES
from remission.sources.importing import Imported
from remission.sources.integrity import integrity_problems
from remission.sources.study_folder import has_rows, read_tables


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
            if path.is_file() and not (staged / path.name).exists() and not has_rows(path):
                shutil.copyfile(path, staged / path.name)


def _swap(new: Path, target: Path, scratch: Path) -> None:
    """Put a finished folder in place of the old one by renaming, so no half state is ever seen."""
    if target.exists():
        target.replace(scratch / f"old-{target.name}")
    new.replace(target)
