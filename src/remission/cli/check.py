"""remission check: what is wrong with the records, as questions to the centres."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder

if TYPE_CHECKING:
    from rich.console import Console

    from remission.plan import Language
    from remission.records.checks import State
    from remission.records.study import Study
    from remission.report.write_queries import Asked

_SHOWN = 60


class Spoken(StrEnum):
    """A language in which queries can be asked."""

    EN = "en"
    ES = "es"
    ZH = "zh"


def check(
    study: StudyFolder,
    queries: Annotated[Path | None, typer.Option(
        "--queries", "-o", help="Where the sheets for the centres go [STUDY/queries].")] = None,
    answers: Annotated[Path | None, typer.Option(
        "--answers", help="An answered sheet, or a folder of them, to read back.")] = None,
    language: Annotated[Spoken | None, typer.Option(
        "--language", help="Language of sheets and page [the plan's, by centre].")] = None,
    *,
    strict: Annotated[bool, typer.Option(
        "--strict", help="Leave with status 1 when any query is still asked.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the records within and across tables; write a sheet of queries for each centre.

    Answers are read back from the sheets: what was confirmed or cannot be resolved is kept in
    the study and not asked again.
    """
    from remission.records.checks import check_study
    from remission.report.answers import QUERIES_FOLDER
    from remission.report.write_queries import write_queries
    from remission.sources.study_folder import read_study

    spoken: Language | None = None if language is None else language.value
    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("checking")
        found = check_study(records)
        step("writing the sheets")
        asked = write_queries(found, records, queries or study / QUERIES_FOLDER, answers=answers,
                              kept_in=study / QUERIES_FOLDER, language=spoken)
    if as_json:
        print_json(_as_dict(asked, records))
    else:
        _show(asked, records, spoken)
    if strict and any(query.is_asked for query in asked.queries):
        raise typer.Exit(1)


def _as_dict(asked: Asked, study: Study) -> dict[str, object]:
    """Return what was asked and answered, for ``--json``."""
    from remission.report.answers import counts_of

    return {
        "queries": [query.as_dict() for query in asked.queries],
        "states": counts_of(asked.queries),
        "files": [str(file) for file in asked.files],
        "page": None if asked.page is None else str(asked.page),
        "told": [problem.as_dict() for problem in asked.told],
        "unknown_sites": _unknown_sites(study),
    }


def _unknown_sites(study: Study) -> list[str]:
    """Return the centres of the plan to which no child belongs: usually another spelling."""
    return sorted(set(study.plan.sites) - set(study.site_of.values()))


def _show(asked: Asked, study: Study, language: Language | None) -> None:
    """Tell what is asked, what was answered, and what could not be read."""
    console = out()
    for problem in asked.told:
        console.print(f"{problem.where}: {problem.what} {problem.why} {problem.cure}")
    for site in _unknown_sites(study):
        console.print(f"The plan speaks of the centre {site!r}, to which no child belongs.")
    _show_queries(console, asked, language)
    _show_states(console, asked)


def _show_queries(console: Console, asked: Asked, language: Language | None) -> None:
    from rich.table import Table

    from remission.records.checks import worded
    from remission.report.query_words import WORDS, place_of

    spoken = language or "en"
    words = WORDS[spoken]
    found = [query for query in asked.queries if query.is_asked]
    if not found:
        console.print("No queries: every rule holds." if not asked.queries
                      else "No open queries: what was found has been answered.")
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in ("Site", "Subject", words.what, words.rows):
        table.add_column(head, overflow="fold")
    for query in found[:_SHOWN]:
        where = ", ".join(place_of(row, spoken) for row in query.rows[:3])
        again = f" {words.again}" if query.state == "corrected" else ""
        table.add_row(query.site_id, query.subject_id, worded(query, spoken).what + again, where)
    console.print(table)
    if len(found) > _SHOWN:
        console.print(f"… and {len(found) - _SHOWN} more, in the sheets.")
    sites = len({query.site_id for query in found})
    console.print(f"\n{len(found)} {'query' if len(found) == 1 else 'queries'} to {sites} "
                  f"{'centre' if sites == 1 else 'centres'}: "
                  f"{', '.join(str(file) for file in asked.files)}")


def _show_states(console: Console, asked: Asked) -> None:
    """Tell how many queries are in each state, once any was answered, and where the page is."""
    from remission.report.answers import counts_of

    counts = counts_of(asked.queries)
    if len(asked.queries) > counts["open"]:
        said: dict[State, str] = {
            "open": "open", "corrected": "answered as corrected and found again",
            "confirmed": "confirmed", "unresolved": "cannot be resolved"}
        console.print("Answers: " + ", ".join(
            f"{counts[state]} {words}" for state, words in said.items() if counts[state]))
    if asked.page is not None:
        console.print(f"Page: {asked.page}")
