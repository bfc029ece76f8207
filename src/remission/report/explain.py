"""What a live number answers: its sentence, rule, source, test, children and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remission.analyses.queries import QUERIES
from remission.analyses.results import ALL, OUTSIDE, Result, Results
from remission.analyses.run import analysis_names
from remission.days import DAYS_PER_YEAR
from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.criteria import EVIDENCE
from remission.definitions.definition import Variable
from remission.plan import Analysis
from remission.records.checks import RULES, Query
from remission.report import formats
from remission.report.parts import Document, Figure, Number, Paragraph, Refusal, Span, Table


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
        elif isinstance(part, Figure):
            for line in part.lines:
                yield from line.at_risk
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
        yield from _live(row.cells)
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
        says=(*_says(number, variable, cohort), *_notes(first, variable, cohort)), rule=rule,
        reference=reference, evidence=evidence, test=tuple(_test(first, results, cohort)),
        subjects=first.subjects,
        row_column="_subject_row" if variable is None else variable.row_column,
        rows=tuple(dict.fromkeys(row for query in queries if query.rule == first.variable
                                 for row in query.rows)) if first.analysis == QUERIES else (),
    )


def _analysis_of(first: Result, cohort: Cohort) -> Analysis | None:
    """Return the analysis of the plan that a result belongs to; None for the queries."""
    named = zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True)
    return dict(named).get(first.analysis)


def _subject_of(first: Result, cohort: Cohort) -> Variable | None:
    """Return the variable a number is about; for the size of a group, the variable that makes it.

    None where a number counts all children of the study.
    """
    if first.variable != "subjects":
        return cohort.variables.get(first.variable)
    analysis = _analysis_of(first, cohort)
    if analysis is not None and analysis.by is not None and first.group != ALL:
        return cohort.variables[cohort.plan.groups[analysis.by].variable]
    if analysis is not None and analysis.population is not None:
        return cohort.variables[cohort.plan.populations[analysis.population].variable]
    return None


def _place(first: Result, variable: Variable | None, cohort: Cohort) -> str:
    """Return where the number stands: ``Relapse · ALL · at 5 years``."""
    if first.analysis == QUERIES:
        return RULES[first.variable].title
    is_size = first.variable == "subjects"
    label = "Subjects" if variable is None or is_size else variable.label
    level = variable.levels.get(first.level, first.level) if variable is not None else first.level
    parts = [label, "" if level in ("yes", "") else level,
             "everyone" if first.group == ALL else first.group]
    if first.at is not None:
        parts.append(f"at {_time(first.at)}")
    return " · ".join(part for part in parts if part)


def _time(days: float) -> str:
    years = days / DAYS_PER_YEAR
    if days and abs(years - round(years, 2)) < 1e-9:
        return f"{years:g} year" + ("" if years == 1 else "s")
    return f"{days:g} days"


def _rule(
    first: Result, variable: Variable | None, cohort: Cohort
) -> tuple[str, str, str]:
    """Return the rule, its reference and its evidence, in words."""
    if first.analysis == QUERIES:
        return first.note, RULES[first.variable].source, ""
    if variable is None:
        return ("Every child of the study; every denominator counts these.",
                "subject, one row a child", "")
    tags = " ".join(f"[{tag}: {EVIDENCE[tag]}]" for tag in variable.evidence.split())
    chosen = "" if variable.chosen is None else f" (definition set {variable.chosen})"
    rule = f"{variable.rule}."
    if first.variable == "subjects":
        rule = f"{_membership(first, variable, cohort)} {rule}"
    return rule, f"{variable.reference}{chosen}", tags


def _membership(first: Result, variable: Variable, cohort: Cohort) -> str:
    """Return who belongs to a group or a population of the plan."""
    analysis = _analysis_of(first, cohort)
    assert analysis is not None, "only the queries belong to no analysis"
    plan, people = cohort.plan, cohort.plan.study.people.capitalize()
    if analysis.by is not None and first.group != ALL:
        group = plan.groups[analysis.by]
        if first.level == OUTSIDE:
            return f"{people} whose {variable.label.lower()} is in none of the groups."
        codes: Sequence[object] = group.levels.get(first.group, ())
        return f"{people} whose {variable.label.lower()} is {_any_of(codes, variable)}."
    assert analysis.population is not None, "else the number counts all children"
    codes = plan.populations[analysis.population].is_
    return f"{people} for whom {variable.label.lower()} is {_any_of(codes, variable)}."


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


def _says(number: Number, variable: Variable | None, cohort: Cohort) -> Iterator[str]:
    """Yield the sentences of a number, by what its first result is."""
    first = number.results[0]
    by = {row.statistic: row for row in number.results}
    of = "" if first.group == ALL else f" in {first.group}"
    statistic = first.statistic
    people = cohort.plan.study.people
    if first.analysis == QUERIES:
        yield (f"{first.value} open {'query' if first.value == 1 else 'queries'}."
               if statistic == "queries" else f"{formats.people(len(first.subjects), people)}.")
    elif statistic == "count":
        yield from _say_count(first, by, of)
    elif statistic in ("median", "mean") and not first.variable.startswith(ENDPOINT):
        yield from _say_summary(first, by, of)
    elif statistic in ("survival", "incidence"):
        yield from _say_estimate(first, by, of, variable, cohort)
    elif statistic == "at_risk":
        yield (f"{formats.people(int(first.number), people)}{of} were still under observation "
               f"without the event just before {_time(first.at or 0)}.")
    elif statistic in ("median", "follow_up"):
        yield from _say_median_time(first, by, of, cohort)
    elif statistic == "p":
        yield from _say_p(number, cohort)
    elif statistic == "n":
        yield f"{formats.people(int(first.number), people)}{of}."
    elif statistic == "events":
        yield f"{first.value} events among {first.base}{of}."
    else:
        yield first.note
    if first.note and statistic in ("survival", "incidence", "median") and first.value is not None:
        yield f"Note: {first.note}."


def _say_count(first: Result, by: dict[str, Result], of: str) -> Iterator[str]:
    percent = by.get("percent")
    if percent is None or percent.value is None:
        yield f"{first.value} of {first.base}{of}: no proportion, {(percent or first).note}."
        return
    interval = _interval(by, "lower", "upper")
    yield (f"{first.value} of {first.base}{of}: "
           f"{formats.rounded(percent.number, 1)}%.")
    if interval:
        yield f"95% interval {interval} ({by['lower'].method.removeprefix('95% interval, ')})."
    if "unknown" in by:
        yield f"Not counted in the base: {by['unknown'].value} whose value is not known."


def _interval(by: dict[str, Result], lower: str, upper: str) -> str:
    if lower not in by or by[lower].value is None or by[upper].value is None:
        return ""
    low, high = (formats.rounded(by[name].number, 1) for name in (lower, upper))
    return f"{low} to {high}"


def _say_summary(first: Result, by: dict[str, Result], of: str) -> Iterator[str]:
    if first.value is None:
        yield f"No value{of}: {first.note}."
        return
    unit = f" {first.unit}" if first.unit else ""

    def text(name: str) -> str:
        return formats.rounded(by[name].number, 2).rstrip("0").rstrip(".")

    yield f"{first.base}{of}."
    if {"median", "minimum", "maximum"} <= set(by):
        yield f"Median {text('median')}{unit}, range {text('minimum')} to {text('maximum')}."
    if {"lower_quartile", "upper_quartile"} <= set(by):
        yield (f"Quartiles {text('lower_quartile')} and {text('upper_quartile')}{unit} "
               "(type 6, as SPSS and Prism).")
    if first.base is not None and first.base.n > 1 and {"mean", "sd"} <= set(by):
        yield f"Mean {text('mean')}{unit}, SD {text('sd')}."


def _say_estimate(
    first: Result, by: dict[str, Result], of: str, variable: Variable | None, cohort: Cohort
) -> Iterator[str]:
    label = "Estimate" if variable is None else variable.label
    if first.value is None:
        yield f"{label} cannot be given at {_time(first.at or 0)}: {first.note}."
        return
    interval = _interval(by, "lower", "upper") or "no interval at this value"
    yield (f"{label} {formats.rounded(first.number, 1)}% at {_time(first.at or 0)} "
           f"(interval {interval}).")
    if "se" in by and by["se"].value is not None:
        yield f"Standard error {formats.rounded(by['se'].number, 1)} percentage points."
    yield f"{len(first.subjects)} events by then among {first.base}{of}."
    if "at_risk" in by:
        yield f"{by['at_risk'].value} still at risk."
    yield f"{first.method}."


def _say_median_time(
    first: Result, by: dict[str, Result], of: str, cohort: Cohort
) -> Iterator[str]:
    if first.value is None:
        yield f"The curve{of} does not reach 50% within follow-up."
        return
    name = "Median follow-up" if first.statistic == "follow_up" else "Median time to the event"
    yield f"{name}{of}: {first.value:g} days; {first.method}."
    lower = by.get(f"{first.statistic}_lower")
    upper = by.get(f"{first.statistic}_upper")
    if lower is not None and lower.value is not None:
        end = "not reached" if upper is None or upper.value is None else f"{upper.value:g}"
        level = getattr(_analysis_of(first, cohort), "level", 0.95)
        yield f"{level:.0%} interval {lower.value:g} to {end} days."


def _say_p(number: Number, cohort: Cohort) -> Iterator[str]:
    first, *others = number.results
    if first.value is None:
        yield f"Not tested: {first.note}"
        return
    yield _p_sentence(first, cohort)
    for other in others:
        yield f"Beside it: {_p_sentence(other, cohort)}"


def _p_sentence(row: Result, cohort: Cohort) -> str:
    shown = formats.p_statement(row.number,
                                significance=cohort.plan.study.significance)
    why = f"; {row.note}" if row.note else ""
    return f"{shown}, {row.method}, on {row.base}{why}."


def _test(first: Result, results: Results, cohort: Cohort) -> Iterator[str]:
    """Yield the comparison across groups that belongs to a number, with its alternatives."""
    if first.statistic in ("p", "n", "at_risk", "refused", "follow_up"):
        return
    found = results.select(analysis=first.analysis, variable=first.variable,
                           statistic=("p", "p_alternative"))
    for row in found:
        if row.value is None:
            yield f"Not tested: {row.note}"
        else:
            beside = "Beside it: " if row.statistic == "p_alternative" else ""
            yield f"{beside}{_p_sentence(row, cohort)}"
