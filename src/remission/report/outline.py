"""Cohort + Results + Queries → the parts of a report, in reading order."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.queries import QUERIES
from remission.analyses.results import ALL, Result, Results
from remission.analyses.run import analysis_names
from remission.definitions.cohort import Cohort
from remission.definitions.endpoints import origin_of
from remission.plan import (
    Analysis,
    Characteristics,
    CumulativeIncidence,
    Survival,
    TransplantOutcomes,
)
from remission.records.checks import RULES
from remission.report import formats
from remission.report.drawn import DRAWN, Drawn
from remission.report.kinds import Asking, Places, kind_of
from remission.report.lines import figure_of_curves
from remission.report.methods import methods_paragraph
from remission.report.parts import Document, KeyNumber, Paragraph, Part, Refusal
from remission.report.sentences import results_paragraph
from remission.report.spans import Cell, Number, address, with_live
from remission.report.table_parts import Head, Row, Table
from remission.report.tables.characteristics import table_of_variables

BANNERS = {
    "patients": "",
    "simulated": "simulated children, not patients",
    "reconstructed": "reconstructed from print, not patients",
}


def outline(
    cohort: Cohort, results: Results, analysed: PartsOfAnalyses | None = None
) -> Document:
    """Return the whole report: strip, results, tables, figures, refusals, methods, queries.

    ``analysed`` holds the parts of the analyses where they were made while these were answered.
    """
    study = cohort.plan.study
    return Document(
        title=study.title, subtitle=study.subtitle, banner=BANNERS[study.origin],
        strip=tuple(_strip(results, cohort)),
        parts=(*_text(cohort, results), *(analysed or _analyses(cohort, results)).parts,
               methods_paragraph(cohort, results), *_queries(results, cohort)),
        colophon=_colophon(cohort),
    )


def _text(cohort: Cohort, results: Results) -> Iterator[Paragraph]:
    """Yield the results paragraph; nothing where no analysis has a sentence."""
    paragraph = results_paragraph(cohort, results)
    if any(paragraph.blocks):
        yield paragraph


class PartsOfAnalyses:
    """The parts of a report that the analyses give, each made as soon as its rows are there."""

    def __init__(self, cohort: Cohort) -> None:
        """Begin without any."""
        self.parts: list[Part] = []
        self._cohort, self._places = cohort, Places()

    def add(self, name: str, analysis: Analysis, rows: Results) -> list[Part]:
        """Return the parts of the next analysis of the plan, from its rows."""
        made = list(self._parts_of(name, analysis, rows))
        self.parts += made
        return made

    def _parts_of(self, name: str, analysis: Analysis, rows: Results) -> Iterator[Part]:
        cohort, places = self._cohort, self._places
        refused = rows.find(statistic="refused", group=ALL)
        if refused is not None and rows.find(statistic="n") is None:
            yield _refusal(refused, analysis.title)
        elif isinstance(analysis, Characteristics | TransplantOutcomes):
            yield table_of_variables(
                rows, analysis, places.table(), cohort.plan, cohort.variables)
        elif isinstance(analysis, Survival | CumulativeIncidence):
            yield figure_of_curves(rows, analysis, places.figure(), cohort.plan)
        else:
            yield from kind_of(analysis.kind).parts(Asking(name, analysis, rows, cohort), places)


def _analyses(cohort: Cohort, results: Results) -> PartsOfAnalyses:
    made = PartsOfAnalyses(cohort)
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        made.add(name, analysis, results.select(analysis=name))
    return made


def _refusal(refused: Result, title: str) -> Refusal:
    number = Number(str(len(refused.subjects)), address(refused.analysis, "refused"), (refused,))
    reason = with_live(refused.note, *((number,) if refused.subjects else ()))
    return Refusal(refused.analysis, title, ("Not estimated. ", *reason), refused.method)


def _strip(results: Results, cohort: Cohort) -> Iterator[KeyNumber]:
    """Yield the few numbers a reader wants first; only those the analyses gave."""
    everyone = results.find(variable="subjects", statistic="n", group=ALL)
    if everyone is not None:
        yield _key(str(everyone.value), everyone.unit, everyone)
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        if not isinstance(analysis, Survival) or analysis.by is not None:
            continue
        rows = results.select(analysis=name)
        label = formats.in_sentence(cohort.plan.endpoints[analysis.endpoint].label)
        events = rows.find(statistic="events", group=ALL)
        if events is not None:
            word = "deaths" if cohort.plan.endpoints[analysis.endpoint].events == (
                "death",) else "events"
            are_all = everyone is None or events.base is None or events.base.n == everyone.value
            yield _key(str(events.value), word if are_all else f"{word} of {events.base}", events)
        time = analysis.times[-1]
        estimate = rows.find(statistic="survival", group=ALL, at=time.days)
        if estimate is not None and estimate.value is not None:
            same = rows.select(at=time.days, group=ALL)
            lower, upper = same.one(statistic="lower"), same.one(statistic="upper")
            shown = f"{formats.rounded(estimate.number, 0)}%"
            if lower.value is not None and upper.value is not None:
                bounds = formats.span(formats.rounded(lower.number, 0),
                                      formats.rounded(upper.number, 0))
                shown = f"{shown} ({bounds})"
            since = origin_of(cohort.plan, analysis.endpoint)
            yield _key(shown, f"{label} at {time} from {since} ({analysis.confidence} CI)",
                       estimate, lower, upper)
        follow_up = rows.find(statistic="follow_up", group=ALL)
        if follow_up is not None and follow_up.value is not None:
            yield _key(formats.duration(follow_up.number, analysis.unit),
                       "follow-up, median", follow_up)
        return


def _key(text: str, caption: str, *rows: Result) -> KeyNumber:
    return KeyNumber(Number(text, address("key", rows[0].id), rows), caption)


def _queries(results: Results, cohort: Cohort) -> Iterator[Table]:
    """Yield the table of what the data still ask of the centres; nothing when they ask nothing."""
    counts = results.select(analysis=QUERIES, statistic="queries")
    if not counts:
        return
    rows = []
    for count in counts:
        rule = count.variable
        affected = results.one(analysis=QUERIES, variable=rule, statistic="subjects")
        of_whom: Cell = Number(str(affected.value), address("queries", rule, "subjects"),
                               (affected,)) if affected.value else ""
        rows.append(Row(RULES[rule].title, (
            Number(str(count.value), address("queries", rule), (count,)), of_whom)))
    people = cohort.plan.study.people
    yield Table(
        address="queries", number=0, title="Open questions about the records",
        subtitle="", heads=(Head("Queries"), Head(people.capitalize())), rows=tuple(rows),
        note=("Numbers in this report are computed from the records as they stand; these "
              "contradictions are open. 'remission check' writes each as a line a centre can "
              "answer.",),
    )


def _colophon(cohort: Cohort) -> str:
    files = ", ".join(f"{file.name} {file.sha256[:8]}" for file in cohort.study.inputs[:6])
    more = len(cohort.study.inputs) - 6
    source = f"Data: {cohort.plan.study.source}. " if cohort.plan.study.source else ""
    return (f"{source}Plan {cohort.plan.fingerprint[:8]}. Read: {files}"
            f"{f' and {more} more files' if more > 0 else ''}. The manifest holds all "
            "fingerprints and versions.")


def figures_of(document: Document) -> list[Drawn]:
    """Return the figures of a report, in order."""
    return [part for part in document.parts if isinstance(part, DRAWN)]


def tables_of(document: Document) -> list[Table]:
    """Return the tables of a report, in order."""
    return [part for part in document.parts if isinstance(part, Table)]
