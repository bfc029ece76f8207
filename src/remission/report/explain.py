"""What a live number answers: its sentence, rule, source, test, children and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remission.analyses.participant_flow import FLOW, STANDARD
from remission.analyses.queries import QUERIES
from remission.analyses.results import ALL, OUTSIDE, Result, Results
from remission.definitions.cohort import Cohort
from remission.definitions.criteria import EVIDENCE
from remission.definitions.definition import Variable
from remission.records.checks import RULES, Query
from remission.report import formats
from remission.report.drawn import DRAWN
from remission.report.parts import Document, Paragraph, Refusal
from remission.report.says import analysis_of, says, tests_beside, time_in_words
from remission.report.spans import Number, Span, spans_of
from remission.report.table_parts import Table


@dataclass(frozen=True)
class Explanation:
    """Everything behind one printed number, in words.

    ``subjects`` are identifiers; ``row_column`` names the cohort column of their source rows;
    ``rows`` are given outright where the number does not come from the cohort.
    """

    head: str
    place: str
    says: tuple[str, ...]
    rule: str
    reference: str
    evidence: str
    test: tuple[str, ...]
    subjects: tuple[str, ...]
    row_column: str
    rows: tuple[str, ...] = ()


def numbers_of(document: Document) -> Iterator[Number]:
    """Yield every live number of a report, in reading order."""
    for key in document.strip:
        yield key.number
    for part in document.parts:
        if isinstance(part, Table):
            yield from _in_table(part)
        elif isinstance(part, DRAWN):
            yield from part.numbers
            if part.estimates is not None:
                yield from _in_table(part.estimates)
            yield from _live(part.note)
        elif isinstance(part, Paragraph):
            for block in part.blocks:
                yield from _live(block)
        elif isinstance(part, Refusal):
            yield from _live(part.reason)


def _in_table(table: Table) -> Iterator[Number]:
    yield from _live([head.under for head in table.heads])
    for row in table.rows:
        for cell in row.cells:
            yield from _live(spans_of(cell))
    yield from _live(table.note)


def _live(spans: Iterable[Span]) -> Iterator[Number]:
    return (span for span in spans if isinstance(span, Number))


def explain(
    number: Number, cohort: Cohort, results: Results, queries: Sequence[Query]
) -> Explanation:
    """Return what a number answers."""
    first = number.results[0]
    variable = _subject_of(first, cohort)
    rule, reference, evidence = _rule(first, variable, cohort)
    return Explanation(
        head=number.text, place=_place(first, variable, cohort),
        says=(*says(number, variable, cohort), *_notes(first, variable, cohort)), rule=rule,
        reference=reference, evidence=evidence, test=tuple(tests_beside(first, results, cohort)),
        subjects=first.subjects,
        row_column="_subject_row" if variable is None else variable.row_column,
        rows=_rows_asked_about(first.variable, queries) if first.analysis == QUERIES else (),
    )


def _rows_asked_about(rule: str, queries: Sequence[Query]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(
        row for query in queries if query.rule == rule and query.is_asked for row in query.rows))


def _subject_of(first: Result, cohort: Cohort) -> Variable | None:
    """Return the variable a number is about; for the size of a group, the variable that makes it.

    None where a number counts all children of the study.
    """
    if first.variable != "subjects":
        return cohort.variables.get(first.variable)
    analysis = analysis_of(first, cohort)
    if analysis is not None and analysis.by is not None and first.group != ALL:
        return cohort.variables[cohort.plan.groups[analysis.by].variable]
    if analysis is not None and analysis.population is not None:
        return cohort.variables[cohort.plan.populations[analysis.population].variable]
    return None


def _place(first: Result, variable: Variable | None, cohort: Cohort) -> str:
    """Return where the number stands: ``Relapse · ALL · at 5 years``."""
    if first.analysis == QUERIES:
        return RULES[first.variable].title
    if first.variable == FLOW:
        return first.method
    is_size = first.variable == "subjects"
    label = "Subjects" if variable is None or is_size else variable.label
    level = variable.levels.get(first.level, first.level) if variable is not None else first.level
    parts = [label, "" if level in ("yes", "") else level,
             "everyone" if first.group == ALL else first.group]
    if first.at is not None:
        parts.append(f"at {time_in_words(first.at)}")
    return " · ".join(part for part in parts if part)


def _rule(
    first: Result, variable: Variable | None, cohort: Cohort
) -> tuple[str, str, str]:
    """Return the rule, its reference and its evidence, in words."""
    if first.analysis == QUERIES:
        return first.note, RULES[first.variable].source, ""
    if first.variable == FLOW:
        return f"{first.method}.", STANDARD, ""
    if variable is None:
        return "Every child of the study.", "subject, one row a child", ""
    tags = " ".join(f"[{tag}: {EVIDENCE[tag]}]" for tag in variable.evidence.split())
    chosen = "" if variable.chosen is None else f" (definition set {variable.chosen})"
    rule = ". ".join(filter(None, (variable.rule, variable.besides))) + "."
    if first.variable == "subjects":
        rule = f"{_membership(first, variable, cohort)} {rule}"
    return rule, f"{variable.reference}{chosen}", tags


def _membership(first: Result, variable: Variable, cohort: Cohort) -> str:
    """Return who belongs to a group or a population of the plan."""
    analysis = analysis_of(first, cohort)
    assert analysis is not None, "only the queries belong to no analysis"
    plan, people = cohort.plan, cohort.plan.study.people.capitalize()
    if analysis.by is not None and first.group != ALL:
        group = plan.groups[analysis.by]
        if first.level == OUTSIDE:
            return f"{people} whose {group.label} is in none of the groups."
        codes: Sequence[object] = group.levels.get(first.group, ())
        return f"{people} whose {group.label} is {_any_of(codes, variable)}."
    assert analysis.population is not None, "else the number counts all children"
    population = plan.populations[analysis.population]
    return (f"{formats.capital(population.label)}: those for whom '{variable.label}' is "
            f"{_any_of(population.is_, variable)}.")


def _any_of(codes: Sequence[object], variable: Variable) -> str:
    return " or ".join(variable.levels.get(str(code), str(code)) for code in codes) or "this one"


def _notes(first: Result, variable: Variable | None, cohort: Cohort) -> Iterator[str]:
    """Yield what must be known of single children behind a number, and of how many."""
    if variable is None or first.variable == "subjects":
        return
    column = f"{variable.name.removesuffix('_day')}_note"
    if not cohort.has(column):
        return
    noted = dict(zip(cohort.study.subjects, cohort.column(column), strict=True))
    counts = Counter(note for subject in first.subjects if (note := noted[subject]) is not None)
    for note, count in counts.items():
        yield f"{formats.people(count, cohort.plan.study.people)}: {note}."
