"""The results in words: sentences whose numbers are live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from remission.analyses.results import ALL, Result, Results
from remission.analyses.run import analysis_names
from remission.definitions.cohort import Cohort
from remission.definitions.definition import Variable
from remission.definitions.endpoints import origin_of
from remission.plan import (
    Analysis,
    Characteristics,
    CumulativeIncidence,
    Plan,
    Survival,
    TransplantOutcomes,
    VariableChoice,
)
from remission.report import formats
from remission.report.kinds import Asking, kind_of
from remission.report.parts import Paragraph
from remission.report.spans import Number, Span, address, with_live
from remission.report.tables.characteristics import label_of

AGES = {"age_years": 1, "age_months": 0}
_PREPOSITIONS = frozenset({"after", "before", "over", "under", "with", "without"})
"""Variables that are an age, with the decimals of a sentence."""


def results_paragraph(cohort: Cohort, results: Results) -> Paragraph:
    """Return the results in words, from the results alone: a block for each topic in turn."""
    blocks: list[tuple[str, list[Span]]] = []
    for topic, sentence in _told(cohort, results):
        if not blocks or blocks[-1][0] != topic:
            blocks.append((topic, []))
        blocks[-1][1].extend(sentence)
    return Paragraph("text", "Results", tuple(tuple(spans) for _, spans in blocks))


def _told(cohort: Cohort, results: Results) -> Iterator[tuple[str, list[Span]]]:
    """Yield the topic and the sentence of each analysis of the plan that has one."""
    plan = cohort.plan
    named = list(zip(analysis_names(plan), plan.analyses, strict=True))
    introducing = set(_introducing(named, results))
    for name, analysis in named:
        if not analysis.in_text:
            continue
        rows = results.select(analysis=name)
        spans: Iterable[Span]
        if isinstance(analysis, Characteristics):
            topic = "children"
            spans = _who(rows, analysis, plan) if name in introducing else ()
        elif isinstance(analysis, TransplantOutcomes):
            topic, spans = "transplant", _outcomes(rows, analysis, cohort.variables)
        elif isinstance(analysis, CumulativeIncidence):
            topic, spans = "transplant", _incidence(rows, analysis, plan)
        elif isinstance(analysis, Survival):
            topic, spans = "survival", _survival(rows, analysis, plan)
        else:
            kind = kind_of(analysis.kind)
            topic, spans = kind.topic, kind.sentence(Asking(name, analysis, rows, cohort))
        if sentence := list(spans):
            yield topic, sentence


def _introducing(named: Iterable[tuple[str, Analysis]], results: Results) -> Iterator[str]:
    """Yield the tables whose children are introduced: the first of all, and those with an age.

    Of several about the same children only one is, with age if there is one.
    """
    tables = [(name, analysis, _median_age(results.select(analysis=name)) is not None)
              for name, analysis in named
              if isinstance(analysis, Characteristics) and analysis.in_text]
    if not tables:
        return
    aged = {analysis.population: name for name, analysis, has_age in reversed(tables) if has_age}
    first, analysis, _ = tables[0]
    if analysis.population not in aged:
        yield first
    yield from aged.values()


def _live(text: str, *rows: Result) -> Number:
    return Number(text, address("text", rows[0].id), rows)


def _who(rows: Results, analysis: Characteristics, plan: Plan) -> Iterator[Span]:
    everyone = rows.one(variable="subjects", statistic="n", group=ALL) if rows.find(
        variable="subjects", group=ALL) else None
    if everyone is None:
        return
    count = int(everyone.number)
    yield _live(formats.people(count, everyone.unit), everyone)
    yield " " + ("was" if count == 1 else "were") + " studied"
    if analysis.by is not None:
        sizes = [row for row in rows.select(variable="subjects", statistic="n")
                 if row.group not in (ALL, "")]
        yield " ("
        for position, row in enumerate(sizes):
            yield f", {row.group} " if position else f"{row.group} "
            yield _live(str(row.value), row)
        yield ")"
    age = _median_age(rows)
    if age is not None and age.value is not None:
        low, high = (rows.one(variable=age.variable, statistic=bound, group=ALL)
                     for bound in ("minimum", "maximum"))
        shown = [formats.rounded(row.number, AGES[age.variable]) for row in (age, low, high)]
        yield "; median age "
        yield _live(f"{shown[0]} {age.unit} [{formats.span(shown[1], shown[2])}]", age, low, high)
    yield ". "


def _median_age(rows: Results) -> Result | None:
    """Return the median age of everyone in a table, in years before months."""
    found = (rows.find(variable=age, statistic="median", group=ALL) for age in AGES)
    return next((row for row in found if row is not None), None)


def _outcomes(
    rows: Results, analysis: TransplantOutcomes, variables: Mapping[str, Variable]
) -> Iterator[Span]:
    """Yield a sentence: each outcome that comes or does not, as in its table."""
    digits = formats.percent_digits(
        int(row.number) for row in rows.select(variable="subjects", statistic="n"))
    told = [(choice, counts[0]) for choice in analysis.variables
            if len(counts := rows.select(variable=choice.name, statistic="count", group=ALL)) == 1
            and variables[choice.name].kind == "yes_no" and choice.show != "every_level"
            and counts[0].base is not None and counts[0].base.n]
    if not told:
        return
    everyone = rows.find(variable="subjects", statistic="n", group=ALL)
    if analysis.population is not None and everyone is not None:
        yield "Among "
        yield _live(formats.people(int(everyone.number), everyone.unit), everyone)
        yield ", "
    for position, (choice, count) in enumerate(told):
        label = choice.label or label_of(variables[choice.name], choice)
        starts = position == 0 and analysis.population is None
        yield "; " if position else ""
        yield f"{label if starts else formats.in_sentence(label)} in "
        yield from _share(rows, choice, count, digits)
    yield ". "


def _share(
    rows: Results, choice: VariableChoice, count: Result, digits: int
) -> Iterator[Span]:
    """Yield ``12 of 63 (19%)`` and, where the outcome has a day, its median."""
    same = rows.select(variable=choice.name, group=ALL, level=count.level)
    percent = same.one(statistic="percent")
    base = 0 if count.base is None else count.base.n
    yield _live(f"{count.value} of {base} ({formats.rounded(percent.number, digits)}%)", count,
                percent, *(row for row in same if row.statistic not in ("count", "percent")))
    days = rows.select(variable=f"{choice.name}_day", group=ALL)
    day = days.find(statistic="median")
    if day is not None and day.value is not None:
        yield ", on day "
        yield _live(formats.rounded(day.number, 0 if day.number.is_integer() else 1), day,
                    *(row for row in days if row is not day))
        yield " (median)"


def _survival(rows: Results, analysis: Survival, plan: Plan) -> Iterator[Span]:
    label = plan.endpoints[analysis.endpoint].label
    yield from _over_time(rows, analysis, plan, label, "survival")
    follow_up = rows.find(statistic="follow_up", group=ALL)
    if follow_up is not None and follow_up.value is not None:
        yield ", median follow-up "
        yield _live(formats.duration(follow_up.number, analysis.unit), follow_up)
    yield ". "


def _incidence(rows: Results, analysis: CumulativeIncidence, plan: Plan) -> Iterator[Span]:
    label = formats.in_sentence(plan.endpoints[analysis.endpoint].label)
    yield from _over_time(rows, analysis, plan, f"The cumulative incidence of {label}",
                          "incidence")
    yield ". "


def _over_time(
    rows: Results, analysis: Survival | CumulativeIncidence, plan: Plan, measure: str,
    statistic: str,
) -> Iterator[Span]:
    """Yield the estimates at the last time of the plan that follow-up reaches; no full stop."""
    among = "" if analysis.population is None else (
        f" among {plan.populations[analysis.population].label}")
    since = f"from {origin_of(plan, analysis.endpoint)}"
    refused = rows.find(statistic="refused", group=ALL)
    if refused is not None:
        yield f"{measure}{among} could not be estimated: "
        count = _live(str(len(refused.subjects)), refused)
        reason = refused.note.rstrip(".")
        yield from with_live(f"{reason[0].lower()}{reason[1:]}",
                             *((count,) if refused.subjects else ()))
        return
    reached = [(time, known) for time in analysis.times if (known := [
        row for row in rows.select(statistic=statistic, at=time.days) if row.value is not None])]
    if not reached:
        yield f"{measure}{among} lies beyond follow-up at {analysis.times[0]} {since}"
        return
    whole = max(len(known) for _, known in reached)
    time, estimates = [one for one in reached if len(one[1]) == whole][-1]
    yield f"At {time} {since}, {formats.in_sentence(measure)}{among} was "
    for position, row in enumerate(estimates):
        last = position == len(estimates) - 1
        yield "" if not position else (" and " if last else ", ")
        yield from _estimate(rows, row, analysis.confidence)
        yield "" if row.group == ALL else f" for {_those(row.group)}"
    beyond = [row.group for row in rows.select(statistic=statistic, at=time.days)
              if row.value is None]
    if beyond:
        yield f", beyond follow-up for {' and '.join(map(_those, beyond))}"
    p = rows.find(statistic="p")
    if p is not None and p.value is not None:
        yield " ("
        yield _live(formats.test_statement(
            p.method, p.number, significance=plan.study.significance), p)
        yield ")"
    later = rows.find(statistic="caution")
    if later is not None:
        yield ", a naive comparison that immortal time distorts: "
        yield _live(formats.people(int(later.number), later.unit), later)
        yield " came to their group after time zero"


def _those(group: str) -> str:
    """Return a group's label as it follows a preposition: ``those without R/R``."""
    is_clause = group.split(" ", 1)[0] in _PREPOSITIONS
    return f"those {group}" if is_clause else group


def _estimate(rows: Results, row: Result, level: str) -> Iterator[Span]:
    same = rows.select(group=row.group, at=row.at)
    lower, upper = same.one(statistic="lower"), same.one(statistic="upper")
    shown = f"{formats.rounded(row.number, 0)}%"
    if lower.value is not None and upper.value is not None:
        bounds = formats.span(formats.rounded(lower.number, 0),
                              formats.rounded(upper.number, 0), word=True)
        shown = f"{shown} ({level} CI {bounds})"
    yield _live(shown, row, lower, upper)
