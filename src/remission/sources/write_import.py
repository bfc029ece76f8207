"""One centre's import is written into a study folder, whole or not at all."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from remission.errors import InputError, Problem
from remission.files import put_in_place, safe_name, staging
from remission.records.study import InputFile
from remission.records.tables import TABLES
from remission.sources.importing import Imported
from remission.sources.integrity import integrity_problems
from remission.sources.study_folder import has_rows, read_tables

_PARTS = ("vault", "imports", "tables", "study.toml")


def write_import(
    folder: Path, imported: Imported, *, files: tuple[InputFile, ...], plan: Path | None,
    replace: Collection[str] = (),
) -> None:
    """Write one centre's import into a study folder, whole or not at all.

    Rows of the same centre from an earlier import are replaced, and those of the centres named
    in ``replace``; those of other centres stay. Raises :class:`InputError` when the merged tables
    break a key, or a child is already there under another centre.
    """
    folder = folder.resolve()
    sites = {*imported.sites, *replace}
    before = _earlier(folder)
    tables = _merged(before, imported, sites)
    problems = [*_known_elsewhere(before, imported, sites), *integrity_problems(tables)]
    if problems:
        raise InputError(problems)
    with staging(folder / "import") as staged:
        _stage(staged, folder, imported, tables, files, sites)
        if plan is not None and plan.is_file() and not (folder / "study.toml").exists():
            shutil.copyfile(plan, staged / "study.toml")
        pairs = [(staged / part, folder / part) for part in _PARTS if (staged / part).exists()]
        gone = [folder / "vault"] if not (staged / "vault").exists() else []
        put_in_place(pairs, staged, remove=gone)


def _stage(  # noqa: PLR0917 - what one import consists of
    staged: Path, folder: Path, imported: Imported, tables: Mapping[str, pl.DataFrame],
    files: tuple[InputFile, ...], sites: Collection[str],
) -> None:
    """Write everything into the scratch folder."""
    (staged / "tables").mkdir()
    for name in TABLES:
        if name in tables and len(tables[name]):
            tables[name].write_csv(staged / "tables" / f"{name}.csv")
    _keep_templates(folder / "tables", staged / "tables")
    (staged / "imports").mkdir()
    (staged / "vault").mkdir()
    others = _accounts_of_others(folder, sites)
    for account in others:
        shutil.copyfile(account, staged / "imports" / account.name)
        dates = folder / "vault" / f"{account.stem}.csv"
        if dates.exists():
            shutil.copyfile(dates, staged / "vault" / dates.name)
    name = safe_name(imported.site, taken=[account.stem for account in others])
    _write_account(staged / "imports" / f"{name}.json", imported, files)
    _write_vault(staged / "vault", name, imported)


def _earlier(folder: Path) -> dict[str, pl.DataFrame]:
    """Return the tables of the folder as they are, without those that hold nothing."""
    if not (folder / "tables").is_dir():
        return {}
    tables, problems = read_tables(folder)
    if problems:
        raise InputError(problems)
    return tables


def _merged(
    before: Mapping[str, pl.DataFrame], imported: Imported, sites: Collection[str]
) -> Mapping[str, pl.DataFrame]:
    """Return the folder's tables with these centres' rows put in place of the earlier ones."""
    if "subject" not in before or "subject" not in imported.tables:
        return imported.tables
    others = before["subject"].filter(~pl.col("site_id").is_in(list(sites)))["subject_id"]
    merged = dict(imported.tables)
    for name, frame in before.items():
        kept = _rows_of(frame, name, set(others.to_list()))
        new = imported.tables.get(name)
        merged[name] = kept if new is None else pl.concat([kept, new])
    return merged


def _known_elsewhere(
    before: Mapping[str, pl.DataFrame], imported: Imported, sites: Collection[str]
) -> list[Problem]:
    """Return a problem for each other centre that already has some of these children."""
    if "subject" not in before or "subject" not in imported.tables:
        return []
    coming = imported.tables["subject"]["subject_id"].drop_nulls().to_list()
    there = before["subject"].filter(
        pl.col("subject_id").is_in(coming) & ~pl.col("site_id").is_in(list(sites)))
    return [
        Problem(
            f"site {site}", f"{len(rows)} of these children are already in the study, as children "
            f"of the site {site!r}: {', '.join(rows['subject_id'].to_list()[:5])}.",
            "A child belongs to one centre.",
            f"If the centre was renamed, import again with --replace {site!r}; else give the "
            "children identifiers of their own.")
        for (site,), rows in there.group_by("site_id", maintain_order=True)
    ]


def _rows_of(frame: pl.DataFrame, name: str, subjects: set[str]) -> pl.DataFrame:
    if name == "null_reason":
        owner = pl.col("key").str.split("/").list.first()
        return frame.filter(owner.is_in(list(subjects)))
    return frame.filter(pl.col("subject_id").is_in(list(subjects)))


def _accounts_of_others(folder: Path, sites: Collection[str]) -> list[Path]:
    """Return the accounts of imports that brought at least one centre that stays."""
    kept = []
    for path in sorted((folder / "imports").glob("*.json")):
        try:
            brought = set(json.loads(path.read_text(encoding="utf-8"))["sites"])
        except (ValueError, KeyError, TypeError):
            continue
        if brought - set(sites):
            kept.append(path)
    return kept


def _write_account(path: Path, imported: Imported, files: tuple[InputFile, ...]) -> None:
    account: dict[str, Any] = {
        "sites": imported.sites,
        "files": [{"name": file.name, "sha256": file.sha256} for file in files],
        "sniffed": list(imported.sniffed),
        "rows_read": imported.rows_read,
        "rows_written": imported.rows_written,
        "rows_unused": list(imported.rows_unused),
        "unmapped": imported.unmapped,
    }
    text = json.dumps(account, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_vault(folder: Path, name: str, imported: Imported) -> None:
    """Write the calendar dates apart; the vault ignores itself so that it is never committed."""
    if not imported.vault:
        if not any(folder.iterdir()):
            folder.rmdir()
        return
    (folder / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["subject_id", "table", "column", "source", "date"])
        for entry in imported.vault:
            writer.writerow([entry.subject_id, entry.table, entry.column, entry.source,
                             entry.date.isoformat()])


def _keep_templates(before: Path, staged: Path) -> None:
    """Carry over table files that the merge did not write: empty templates."""
    if before.is_dir():
        for path in before.iterdir():
            if path.is_file() and not (staged / path.name).exists() and not has_rows(path):
                shutil.copyfile(path, staged / path.name)
