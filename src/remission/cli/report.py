"""remission report: the whole study, from records to the printed page."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder

if TYPE_CHECKING:
    from remission.analyses.results import Results
    from remission.analyses.run import Answered
    from remission.cli.console import Steps
    from remission.definitions.cohort import Cohort
    from remission.plan import Analysis
    from remission.report.figures.workshop import Workshop
    from remission.report.outline import PartsOfAnalyses
    from remission.report.parts import Ending
    from remission.reproduction import Reproduction

_MANY_ANALYSES = 12
"""From how many analyses on a second process saves more than its start takes."""


def report(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the report.")],
    plan: Annotated[Path | None, typer.Option(
        "--plan", help="Another study.toml than the folder's.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check, derive, analyse, and write html, Word, Excel, figures and results."""
    with steps(quiet=as_json) as step:
        summary = make_report(study, output, plan=plan, step=step)
    if as_json:
        print_json(summary)
        return
    show_report(output, summary)


def make_report(
    study: Path, output: Path, *, step: Steps, plan: Path | None = None
) -> dict[str, object]:
    """Write the report of a study folder; return what was written, for ``--json``."""
    with ExitStack() as second_processes:
        return _make_report(study, output, step=step, plan=plan, others=second_processes)


def _make_report(
    study: Path, output: Path, *, step: Steps, plan: Path | None, others: ExitStack
) -> dict[str, object]:
    """Go through the rooms one after the other; a second process first derives, then draws."""
    from remission.definitions.beside import Beside
    from remission.report.figures.workshop import Workshop

    # Started first: it loads its libraries while this process loads the others.
    beside = others.enter_context(Beside()) if _has_many_analyses(study, plan) else None
    workshop = others.enter_context(Workshop()) if beside is None else None
    from remission.analyses.run import analyse_cohort, analysis_names
    from remission.definitions.cohort import definitions_of, derive_cohort
    from remission.own_files import own_files
    from remission.records.checks import check_study
    from remission.report.answers import QUERIES_FOLDER, read_answers
    from remission.report.outline import PartsOfAnalyses
    from remission.report.write_report import MANIFEST, check_target, write_report
    from remission.reproduction.parts import summary
    from remission.sources.study_folder import read_study

    check_target(output)
    step("reading the records")
    records = read_study(study, plan=plan)
    step("checking")
    answers = read_answers(study / QUERIES_FOLDER)
    queries = [answers.of(query) for query in check_study(records)]
    step("deriving")
    workshop = workshop or others.enter_context(Workshop())
    cohort = derive_cohort(records, only=definitions_of(records.plan), beside=beside)
    if beside is not None:
        beside.end()
    made = PartsOfAnalyses(cohort)
    results = analyse_cohort(cohort, queries, answered=_drawn_soon(made, workshop, cohort),
                             progress=lambda title: step(f"analysing: {title}"))
    reproduced = cache(lambda: _reproduced(study, results, step))
    write_report(cohort, results, queries, output, drawings=workshop, analysed=made,
                 ending=lambda: _ending(reproduced()),
                 progress=lambda file: step(f"writing {file}"))
    found = reproduced()
    refused = list(results.select(statistic="refused"))
    titles = {name: analysis.title for name, analysis in zip(
        analysis_names(records.plan), records.plan.analyses, strict=True)}
    return {
        "report": str(output / "report.html"),
        "files": sorted(str(output / name) for name in own_files(output, MANIFEST)),
        "subjects": len(cohort.subjects), "results": len(results),
        "refused": [{"analysis": row.analysis, "title": titles[row.analysis], "group": row.group,
                     "reason": row.note} for row in refused],
        "open_queries": sum(query.is_asked for query in queries),
        **({} if found is None else {"reproduction": summary(found)}),
    }


def _has_many_analyses(study: Path, plan: Path | None) -> bool:
    """Return whether a plan looks as if deriving for it takes longer than to start a process."""
    with suppress(OSError, UnicodeDecodeError):
        text = (plan or study / "study.toml").read_text("utf-8")
        return text.count("[[analyses]]") >= _MANY_ANALYSES
    return False


def _drawn_soon(made: PartsOfAnalyses, workshop: Workshop, cohort: Cohort) -> Answered:
    """Return what makes the parts of an analysis once it is answered, and has its figures drawn."""
    from remission.report.drawn import DRAWN
    from remission.report.outline import BANNERS

    banner = BANNERS[cohort.plan.study.origin]

    def answered(name: str, analysis: Analysis, rows: Results) -> None:
        for part in made.add(name, analysis, rows):
            if isinstance(part, DRAWN):
                workshop.foresee(part, banner)

    return answered


def _ending(found: Reproduction | None) -> Ending:
    """Return what the report ends with: the printed claims beside ours, where there are any."""
    from remission.report.parts import Ending
    from remission.reproduction.write import ending_of

    return Ending() if found is None else ending_of(found)


def _reproduced(study: Path, results: Results, step: Steps) -> Reproduction | None:
    """Return the printed claims beside our results; None where the folder binds none."""
    from remission.reproduction import read_reproduction, reproduce
    from remission.reproduction.bindings import FILE

    if not (study / FILE).is_file():
        return None
    step("comparing with the printed numbers")
    return reproduce(read_reproduction(study / FILE), results)


def show_report(output: Path, summary: dict[str, object]) -> None:
    """Tell where the report is and what it could not do."""
    from remission.analyses.results import ALL

    console = out()
    refused = summary["refused"]
    if isinstance(refused, list):
        for row in refused:
            of = "" if row["group"] == ALL else f", {row['group']}"
            console.print(f"Refused: {row['title']}{of}: {row['reason']}")
    if summary["open_queries"]:
        one = summary["open_queries"] == 1
        console.print(f"{summary['open_queries']} open {'query' if one else 'queries'} about the "
                      f"records {'stands' if one else 'stand'} in the report.")
    if "reproduction" in summary:
        console.print(f"{summary['reproduction']}.")
    console.print(str(output / "report.html"), style="bold")
    for name in ("report.docx", "tables.xlsx", "figures/", "results.json", "manifest.json"):
        console.print(f"  {output / name.rstrip('/')}{'/' if name.endswith('/') else ''}")
