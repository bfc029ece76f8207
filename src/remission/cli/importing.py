"""remission import: a centre's files become study tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, plan_to_write, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.sources.importing import Imported

_MOST_ROWS = 10


def import_records(
    source: Annotated[Path, typer.Argument(
        help="A .csv, .xlsx, SPSS or SAS file, a REDCap project .xml, or a folder of them; or the "
             "word 'redcap:' (with its colon): the project that REDCAP_API_URL and "
             "REDCAP_API_TOKEN name.")],
    to: Annotated[Path, typer.Option("--to", help="The study folder to write into.")],
    mapping: Annotated[Path | None, typer.Option(
        "--mapping", help="The centre's mapping.toml; without it, the files are CDISC (SDTM or "
                          "ADaM), or bear the names of the data model.")] = None,
    delimiter: Annotated[str | None, typer.Option(
        help="The delimiter, where sniffing is wrong.")] = None,
    replace: Annotated[list[str] | None, typer.Option(
        help="Another centre whose rows these replace too (a centre that was renamed).")] = None,
    *,
    redcap_dictionary: Annotated[Path | None, typer.Option(
        "--redcap-dictionary", help="The data dictionary of a REDCap export; in a folder that "
                                    "holds both it is found without this.")] = None,
    accept_dictionary: Annotated[bool, typer.Option(
        "--accept-dictionary", help="Go on although the source's own dictionary has changed "
                                    "since the last import.")] = False,
    encoding: Annotated[str | None, typer.Option(
        help="The encoding of text files, where sniffing is wrong.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read a centre's files by its mapping and write the study's tables.

    Rows of the same centre from an earlier import are replaced; those of other centres stay.
    """
    from remission.sources.built_in import import_without_mapping, plan_of
    from remission.sources.importing import import_site
    from remission.sources.mapping import read_mapping
    from remission.sources.read_source import read_source
    from remission.sources.redcap_api import ADDRESS, read_api
    from remission.sources.write_import import dictionary_changes, write_import

    with steps(quiet=as_json) as step:
        step("reading the source")
        if str(source) == ADDRESS:
            found = read_api()
        else:
            found = read_source(source, delimiter=delimiter, encoding=encoding,
                                redcap_dictionary=redcap_dictionary)
        step("applying the mapping")
        imported = import_without_mapping(found, vault=to / "vault") if mapping is None else (
            import_site(found, read_mapping(mapping), vault=to / "vault"))
        step("writing the tables")
        plan = plan_of(found) if mapping is None else mapping.parent / "study.toml"
        changes = dictionary_changes(to, imported, replace=replace or ())
        gone = write_import(to, imported, files=found.files, plan=plan, replace=replace or (),
                            accept_dictionary=accept_dictionary)
    if as_json:
        print_json({
            "site": imported.site, "to": str(to), "sniffed": list(imported.sniffed),
            "rows_read": imported.rows_read, "rows_kept": imported.rows_kept,
            "rows_set_aside": imported.rows_set_aside, "rows_written": imported.rows_written,
            "rows_unused": list(imported.rows_unused), "unmapped": imported.unmapped,
            "no_longer": list(gone), "dates_in_text": imported.masked,
            "dictionary_changes": list(map(str, changes)),
        })
        return
    console = out()
    for line in imported.sniffed:
        console.print(line)
    for change in changes:
        console.print(f"The dictionary changed since the last import: {change}", style="bold")
    console.print("Rows written: " + ", ".join(
        f"{name} {count}" for name, count in imported.rows_written.items()))
    _show_rows(imported)
    for column, count in imported.masked.items():
        console.print(f"{column}: calendar dates within the text became [date] in {count} "
                      f"{'row' if count == 1 else 'rows'}")
    if gone:
        console.print(f"No longer in the study, as the earlier import of the centre is replaced: "
                      f"{', '.join(gone)}", style="bold")
    _show_unmapped(imported.unmapped)
    first = plan_to_write(to)
    console.print(f"{to} · next: {f'{first}, then ' if first else ''}remission check {to}",
                  style="bold")


def _show_rows(imported: Imported) -> None:
    """Say of each sheet how many rows were read, kept and set aside, and why."""
    console = out()
    for name, read in imported.rows_read.items():
        aside = ", ".join(f"{count}: {reason}" for reason, count in
                          imported.rows_set_aside[name].items())
        console.print(f"{name}: {read} rows read, {imported.rows_kept[name]} kept, "
                      f"{read - imported.rows_kept[name]} set aside"
                      + (f" ({aside})" if aside else ""))
    if imported.rows_unused:
        console.print(
            f"Rows from which nothing was written: {'; '.join(_by_file(imported.rows_unused))}")


def _by_file(rows: tuple[str, ...]) -> list[str]:
    """Return the rows of each file together; of many only the first, and how many they are."""
    of_file: dict[str, list[str]] = {}
    for row in rows:
        file, _, number = row.rpartition(", row ")
        of_file.setdefault(file, []).append(number)
    return [f"{file}, row{'s' * (len(listed) > 1)} {', '.join(listed[:_MOST_ROWS])}"
            + (f" … ({len(listed)} rows)" if len(listed) > _MOST_ROWS else "")
            for file, listed in of_file.items()]


def _show_unmapped(unmapped: dict[str, str]) -> None:
    """List the columns that nothing reads; of those that add nothing only how many they are."""
    from remission.sources.importing import EMPTY_COLUMN, REPEATS

    console = out()
    repeating = sum(reason.startswith(REPEATS) for reason in unmapped.values())
    listed = {column: reason for column, reason in unmapped.items()
              if reason != EMPTY_COLUMN and not reason.startswith(REPEATS)}
    empty = len(unmapped) - len(listed) - repeating
    if listed:
        console.print(f"Not mapped ({len(listed)} columns):")
    elif not empty:
        console.print("Every column is mapped.")
    for column, reason in listed.items():
        console.print(f"  {column}: {reason or 'no reason is given in the mapping'}")
    if repeating:
        console.print(f"  {repeating} more only repeat another column (single choices of a "
                      "checkbox field, the status of a form)")
    if empty:
        console.print(f"  {empty} more hold no value" if listed else
                      f"Every column that holds a value is mapped; {empty} hold none.")
