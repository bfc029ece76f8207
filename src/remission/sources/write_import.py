"""One centre's import is written into a study folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from remission.errors import InputError, Problem, did_you_mean
from remission.files import put_in_place, safe_name, staging
from remission.records.study import InputFile
from remission.records.subject import NULL_REASON, PARTIAL_DATE
from remission.records.tables import TABLES
from remission.sources.dictionary_change import Change, account_of, changes_since, problem_of
from remission.sources.importing import Imported
from remission.sources.integrity import integrity_problems
from remission.sources.parquet_tables import SUFFIX
from remission.sources.study_folder import read_tables


def write_import(
    folder: Path, imported: Imported, *, files: tuple[InputFile, ...], plan: Path | None,
    replace: Collection[str] = (), accept_dictionary: bool = False,
) -> tuple[str, ...]:
    """Write one centre's import into a study folder, whole or not at all.

    Rows of the same centre from an earlier import are replaced, and those of the centres named
    in ``replace``; those of other centres stay, and so does every file and table that no import
    wrote. Returns the children of these centres that were there before and are no longer. Raises
    :class:`InputError` when the merged tables break a key, a child is already there under another
    centre, an earlier account cannot be read, or the source's own dictionary has changed in what a
    mapping relies on (unless ``accept_dictionary``).
    """
    folder = folder.resolve()
    sites = {*imported.sites, *replace}
    before = _earlier(folder)
    accounts = _accounts(folder)
    tables = _merged(before, imported, sites, _written_by(accounts, sites))
    problems = [*_unknown_centres(before, replace), *_known_elsewhere(before, imported, sites),
                *integrity_problems(tables)]
    if not accept_dictionary:
        problems.extend(problem_of(change) for change in _changes(accounts, imported, sites)
                        if change.stops)
    if problems:
        raise InputError(problems)
    replaced = [path for path, brought in accounts.items() if set(brought["sites"]) <= sites]
    with staging(folder / "import") as staged:
        _stage(staged, imported, tables, files, [path.stem for path in accounts.keys() - replaced])
        if plan is not None and plan.is_file() and not (folder / "study.toml").exists():
            shutil.copyfile(plan, staged / "study.toml")
        written = [path.relative_to(staged) for path in staged.rglob("*")
                   if path.is_file() and path != staged / ".gitignore"]
        stale = [*replaced, *(folder / "vault" / f"{path.stem}.csv" for path in replaced),
                 *(folder / "tables" / f"{name}{suffix}" for name in before
                   for suffix in (".csv", SUFFIX))]
        gone = [path for path in stale
                if path.exists() and path.relative_to(folder) not in written]
        put_in_place([(staged / name, folder / name) for name in written], staged, remove=gone)
    return _no_longer(before, tables, sites)


def dictionary_changes(
    folder: Path, imported: Imported, *, replace: Collection[str] = ()
) -> tuple[Change, ...]:
    """Return what the dictionaries of these centres' sources say otherwise than at the last import.

    Raises :class:`InputError` when an earlier account cannot be read.
    """
    return _changes(_accounts(folder.resolve()), imported, {*imported.sites, *replace})


def _changes(
    accounts: Mapping[Path, dict[str, Any]], imported: Imported, sites: Collection[str]
) -> tuple[Change, ...]:
    now = account_of(imported.fields)
    return tuple(change for account in accounts.values() if set(account["sites"]) & set(sites)
                 for change in changes_since(account["dictionary"], now))


def _earlier(folder: Path) -> dict[str, pl.DataFrame]:
    """Return the tables of the folder as they are, without those that hold nothing."""
    if not (folder / "tables").is_dir():
        return {}
    tables, problems = read_tables(folder)
    if problems:
        raise InputError(problems)
    return tables


def _accounts(folder: Path) -> dict[Path, dict[str, Any]]:
    """Return the accounts of earlier imports; one that cannot be read is a problem."""
    accounts: dict[Path, dict[str, Any]] = {}
    problems = []
    for path in sorted((folder / "imports").glob("*.json")):
        try:
            account = json.loads(path.read_text(encoding="utf-8"))
            accounts[path] = {"sites": list(account["sites"]),
                              "rows_written": list(account["rows_written"]),
                              "dictionary": dict(account.get("dictionary", {}))}
        except (ValueError, KeyError, TypeError):
            problems.append(Problem(
                f"imports/{path.name}", "This account of an import cannot be read.",
                "It says which rows and dates of the study are whose.",
                "Put back the file as it was; or remove it, if that centre is imported again."))
    if problems:
        raise InputError(problems)
    return accounts


def _written_by(accounts: Mapping[Path, dict[str, Any]], sites: Collection[str]) -> set[str]:
    """Return the tables that earlier imports of these centres wrote; others were kept by hand."""
    return {name for account in accounts.values() if set(account["sites"]) & set(sites)
            for name in account["rows_written"]}


def _merged(
    before: Mapping[str, pl.DataFrame], imported: Imported, sites: Collection[str],
    of_imports: Collection[str],
) -> Mapping[str, pl.DataFrame]:
    """Return the folder's tables with these centres' rows put in place of the earlier ones.

    In a table that no import wrote, the rows of every child that is still in the study stay.
    """
    if "subject" in before and "subject" in imported.tables:
        others = set(before["subject"].filter(
            ~pl.col("site_id").is_in(list(sites)))["subject_id"].to_list())
    else:
        others = set()
    coming = set(imported.tables["subject"]["subject_id"].to_list()) if (
        "subject" in imported.tables) else set()
    merged = dict(imported.tables)
    for name, frame in before.items():
        new = imported.tables.get(name)
        is_by_hand = name not in of_imports and (new is None or not len(new))
        kept = _rows_of(frame, name, others | coming if is_by_hand else others)
        merged[name] = kept if new is None else pl.concat([kept, new])
    return merged


def _unknown_centres(
    before: Mapping[str, pl.DataFrame], replace: Collection[str]
) -> list[Problem]:
    """Return a problem for each centre to be replaced that the study does not have."""
    known = before["subject"]["site_id"].unique().sort().to_list() if "subject" in before else []
    return [Problem(f"--replace {site!r}", "The study has no such centre.", "",
                    did_you_mean(site, known) if known else "Leave the option out.")
            for site in replace if site not in known]


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


def _no_longer(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], sites: Collection[str]
) -> tuple[str, ...]:
    """Return the children of some centres who were in the study and are not any more."""
    if "subject" not in before:
        return ()
    there = set(after["subject"]["subject_id"].to_list())
    had = before["subject"].filter(pl.col("site_id").is_in(list(sites)))["subject_id"].to_list()
    return tuple(subject for subject in had if subject not in there)


def _rows_of(frame: pl.DataFrame, name: str, subjects: set[str]) -> pl.DataFrame:
    if name in (NULL_REASON.name, PARTIAL_DATE.name):
        owners = [_owner(table, key) for table, key in frame.select("table", "key").rows()]
        return frame.filter(pl.Series([owner in subjects for owner in owners], dtype=pl.Boolean))
    return frame.filter(pl.col("subject_id").is_in(list(subjects)))


def _owner(table: str, key: str) -> str:
    """Return the subject of a joined key; identifiers may hold the mark that joins, too."""
    after = len(TABLES[table].key) - 1 if table in TABLES else 0
    return key.rsplit("/", after)[0] if after else key


def _stage(
    staged: Path, imported: Imported, tables: Mapping[str, pl.DataFrame],
    files: tuple[InputFile, ...], taken: Collection[str],
) -> None:
    """Write what the folder is to hold into the scratch folder."""
    for part in ("tables", "imports"):
        (staged / part).mkdir()
    for name in TABLES:
        if name in tables and len(tables[name]):
            tables[name].write_csv(staged / "tables" / f"{name}.csv")
    name = safe_name(imported.site, taken=taken)
    _write_account(staged / "imports" / f"{name}.json", imported, files)
    if len(imported.vault) or imported.secrets.has_anything:
        (staged / "vault").mkdir()
        _write_vault(staged / "vault", name, imported)


def _write_account(path: Path, imported: Imported, files: tuple[InputFile, ...]) -> None:
    account: dict[str, Any] = {
        "sites": imported.sites,
        "files": [{"name": imported.secrets.names.get(file.name, file.name),
                   "sha256": file.sha256} for file in files],
        "sniffed": list(imported.sniffed),
        "rows_read": imported.rows_read,
        "rows_kept": imported.rows_kept,
        "rows_set_aside": imported.rows_set_aside,
        "rows_written": imported.rows_written,
        "rows_unused": list(imported.rows_unused),
        "unmapped": imported.unmapped,
        "dates_in_text": imported.masked,
    }
    dictionary = account_of(imported.fields)
    if dictionary["sheets"]:
        account["dictionary"] = dictionary
    text = json.dumps(account, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_vault(folder: Path, name: str, imported: Imported) -> None:
    """Write the calendar dates apart; the vault ignores itself so that it is never committed."""
    (folder / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")
    imported.vault.write_csv(folder / f"{name}.csv")
    imported.secrets.write(folder)
