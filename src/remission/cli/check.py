"""remission check: what is wrong with the records, as questions to the centres."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder

if TYPE_CHECKING:
    from remission.records.checks import Query

_SHOWN = 60


def check(
    study: StudyFolder,
    queries: Annotated[Path | None, typer.Option(
        "--queries", "-o", help="Where the sheets for the centres go [STUDY/queries].")] = None,
    *,
    strict: Annotated[bool, typer.Option(
        "--strict", help="Leave with status 1 when there are any queries.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the records within and across tables; write a sheet of queries for each centre."""
    from remission.records.checks import check_study
    from remission.report.write_queries import write_queries
    from remission.sources.study_folder import read_study

    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("checking")
        found = check_study(records)
        step("writing the sheets")
        files = write_queries(found, records, queries or study / "queries")
    if as_json:
        print_json([query.as_dict() for query in found])
    else:
        _show(found, files)
    if strict and found:
        raise typer.Exit(1)


def _show(found: list[Query], files: list[Path]) -> None:
    from rich.table import Table

    console = out()
    if not found:
        console.print("No queries: every rule holds.")
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in ("Site", "Subject", "What is wrong", "Where"):
        table.add_column(head, overflow="fold")
    for query in found[:_SHOWN]:
        where = ", ".join(dict.fromkeys(row.replace(":", " row ") for row in query.rows[:3]))
        table.add_row(query.site_id, query.subject_id, query.what, where)
    console.print(table)
    if len(found) > _SHOWN:
        console.print(f"… and {len(found) - _SHOWN} more, in the sheets.")
    sites = len({query.site_id for query in found})
    console.print(f"\n{len(found)} {'query' if len(found) == 1 else 'queries'} to {sites} "
                  f"{'centre' if sites == 1 else 'centres'}: "
                  f"{', '.join(str(file) for file in files)}")
