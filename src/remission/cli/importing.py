"""remission import: a centre's files become study tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.sources.importing import Imported

_SHOWN = 20


def import_records(
    source: Annotated[Path, typer.Argument(help="A .csv or .xlsx file, or a folder of them.")],
    to: Annotated[Path, typer.Option("--to", help="The study folder to write into.")],
    mapping: Annotated[Path | None, typer.Option(
        "--mapping", help="The centre's mapping.toml; without it, sheets and columns bear the "
                          "names of the data model.")] = None,
    delimiter: Annotated[str | None, typer.Option(
        help="The delimiter, where sniffing is wrong.")] = None,
    replace: Annotated[list[str] | None, typer.Option(
        help="Another centre whose rows these replace too (a centre that was renamed).")] = None,
    *,
    encoding: Annotated[str | None, typer.Option(
        help="The encoding of text files, where sniffing is wrong.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read a centre's files by its mapping and write the study's tables.

    Rows of the same centre from an earlier import are replaced; those of other centres stay.
    """
    from remission.sources.identity import identity_mapping, without_template_sheets
    from remission.sources.importing import import_site
    from remission.sources.mapping import read_mapping
    from remission.sources.read_source import read_source
    from remission.sources.write_import import write_import

    with steps(quiet=as_json) as step:
        step("reading the source")
        found = read_source(source, delimiter=delimiter, encoding=encoding)
        step("applying the mapping")
        if mapping is None:
            found = without_template_sheets(found)
        rules = identity_mapping(found) if mapping is None else read_mapping(mapping)
        imported = import_site(found, rules, vault=to / "vault")
        step("writing the tables")
        plan = None if mapping is None else mapping.parent / "study.toml"
        gone = write_import(to, imported, files=found.files, plan=plan, replace=replace or ())
    if as_json:
        print_json({
            "site": imported.site, "to": str(to), "sniffed": list(imported.sniffed),
            "rows_read": imported.rows_read, "rows_kept": imported.rows_kept,
            "rows_set_aside": imported.rows_set_aside, "rows_written": imported.rows_written,
            "rows_unused": list(imported.rows_unused), "unmapped": imported.unmapped,
            "no_longer": list(gone), "dates_in_text": imported.masked,
        })
        return
    console = out()
    for line in imported.sniffed:
        console.print(line)
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
    console.print(f"{to} · next: remission check {to}", style="bold")


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
        more = len(imported.rows_unused) - _SHOWN
        console.print("Rows from which nothing was written: "
                      + ", ".join(imported.rows_unused[:_SHOWN])
                      + (f" and {more} more" if more > 0 else ""))


def _show_unmapped(unmapped: dict[str, str]) -> None:
    """List the columns that nothing reads; of those without any value only how many they are."""
    from remission.sources.importing import EMPTY_COLUMN

    console = out()
    listed = {column: reason for column, reason in unmapped.items() if reason != EMPTY_COLUMN}
    empty = len(unmapped) - len(listed)
    if listed:
        console.print(f"Not mapped ({len(listed)} columns):")
    elif not empty:
        console.print("Every column is mapped.")
    for column, reason in listed.items():
        console.print(f"  {column}: {reason or 'no reason is given in the mapping'}")
    if empty:
        console.print(f"  {empty} more hold no value" if listed else
                      f"Every column that holds a value is mapped; {empty} hold none.")
