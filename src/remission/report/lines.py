"""Results of a curve → the lines, risk numbers and captions of a figure part."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.results import ALL, OUTSIDE, Results
from remission.analyses.survival import FEW, ticks
from remission.definitions.endpoints import origin_of
from remission.plan import CumulativeIncidence, Plan
from remission.report import formats
from remission.report.drawn import Figure, Line
from remission.report.spans import Number, Span, address
from remission.report.tables.estimates import Curves, table_of_estimates


def figure_of_curves(
    results: Results, analysis: Curves, number: int, plan: Plan, *, title: str = ""
) -> Figure:
    """Return the figure of one analysis over time; ``results`` are its own rows only."""
    here = f"f{number}"
    endpoint = plan.endpoints[analysis.endpoint]
    limit = results.one(statistic="axis_end").number
    rising = isinstance(analysis, CumulativeIncidence)
    groups = [row.group for row in results.select(statistic="n", level="") if row.value]
    at = tuple(ticks(limit, analysis.unit))
    measure = endpoint.label
    if rising:
        measure = f"Cumulative incidence of {formats.in_sentence(endpoint.label)}"
    return Figure(
        address=here, number=number, title=title or analysis.title,
        subtitle="",
        y_label=f"{measure}, %",
        x_label=f"{analysis.unit.capitalize()} from {origin_of(plan, analysis.endpoint)}",
        unit=analysis.unit, limit=limit, ticks=at,
        lines=tuple(_line(results.select(group=group), group, here, at, rising=rising)
                    for group in groups),
        rising=rising, test=_test(results, plan),
        estimates=table_of_estimates(results, analysis, here),
        note=_note(results, analysis, here),
    )


def _line(
    found: Results, group: str, figure: str, at: tuple[float, ...], *, rising: bool
) -> Line:
    lower = {row.at: row.value for row in found.select(statistic="curve_lower")}
    upper = {row.at: row.value for row in found.select(statistic="curve_upper")}
    start = 0.0 if rising else 100.0
    steps: list[tuple[float, float, float | None, float | None]] = [(0.0, start, None, None)]
    for row in found.select(statistic="curve"):
        assert row.at is not None, "a step has its day"
        steps.append((row.at, row.number, _float(lower.get(row.at)),
                      _float(upper.get(row.at))))
    few = found.find(statistic="curve_few")
    risk = {row.at: row for row in found.select(statistic="at_risk")}
    return Line(
        label=group, steps=tuple(steps),
        censored=tuple(float(row.at or 0) for row in found.select(statistic="censored")),
        at_risk=tuple(
            Number(f"{risk[day].value}", address(figure, group, "risk", f"{day:g}"),
                   (risk[day],))
            for day in at),
        end=found.one(statistic="curve_end").number,
        few_from=None if few is None else few.number,
    )


def _float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _test(results: Results, plan: Plan) -> str:
    p = results.find(statistic="p")
    if p is None or p.value is None:
        return ""
    return formats.test_statement(p.method, p.number, significance=plan.study.significance)


def _note(
    results: Results, analysis: Curves, figure: str
) -> tuple[Span, ...]:
    """Return the note under a curve: method, marks, follow-up, who is missing and why."""
    return tuple(span for sentence in _sentences(results, analysis, figure)
                 for span in (*sentence, " "))[:-1]


def _sentences(
    results: Results, analysis: Curves, figure: str
) -> Iterator[tuple[Span, ...]]:
    people = results.select(statistic="n")[0].unit
    method = next(row.method for row in results if row.method)
    yield (f"{method[0].upper()}{method[1:]}.",)
    if not isinstance(analysis, CumulativeIncidence):
        leaving = ", or as they change to the other line" if method.startswith("Simon") else ""
        yield (f"Ticks: {people} without the event at last contact{leaving}.",)
    if results.find(statistic="curve_few") is not None:
        yield ("Pale: fewer than 5, or fewer than 10%, still at risk.",)
    follow_up = results.find(statistic="follow_up", group=ALL)
    if follow_up is not None and follow_up.value is not None:
        shown = Number(formats.duration(follow_up.number, analysis.unit),
                       address(figure, "note", "follow_up"), (follow_up,))
        yield ("Median follow-up ", shown, " (reverse Kaplan–Meier).")
    elif follow_up is None:
        yield from _follow_up_of_groups(results, analysis, figure)
    limit = results.one(statistic="axis_end").number
    goes_on = any(row.number > limit for row in results.select(statistic="last_follow_up"))
    if goes_on and not isinstance(analysis, CumulativeIncidence):
        tested = "Medians use" if analysis.by is None else "Medians and the test use"
        yield (f"{tested} all follow-up, also beyond the axis.",)
    for row in (*results.select(statistic="unknown"), *results.select(level=OUTSIDE)):
        count = Number(formats.people(int(row.number), people),
                       address(figure, "note", row.level), (row,))
        yield (count, f" {'in none of the groups: ' if row.level == OUTSIDE else ''}{row.note}.")
    for row in results.select(statistic="caution"):
        count = Number(formats.people(int(row.number), people),
                       address(figure, "note", "caution"), (row,))
        yield (count, f" {row.note}.")
    bounds = results.select(statistic=("median_lower", "median_upper"))
    if any(row.value is None for row in bounds):
        yield ("nr: not reached.",)
    estimates = results.select(statistic=("survival", "incidence"), at=tuple(
        time.days for time in analysis.times))
    if any(row.value in (0, 100) for row in estimates):
        yield ("Without interval: nobody, or everybody, has had the event.",)
    yield from _frail_medians(results, figure, people)
    refused = [row.group for row in results.select(statistic="refused")]
    if refused:
        yield (f"Not drawn: {', '.join(refused)} (nobody has a known outcome).",)
    if analysis.unit != "days":
        size = {"months": "30.4375", "years": "365.25"}[analysis.unit]
        yield (f"A {analysis.unit.removesuffix('s')} is {size} days.",)
    p = results.find(statistic="p")
    if p is not None and p.value is None:
        yield (f"Not tested: {p.note}",)


def _follow_up_of_groups(
    results: Results, analysis: Curves, figure: str
) -> Iterator[tuple[Span, ...]]:
    """Yield the median follow-up of each group that has one."""
    spans: list[Span] = []
    for row in results.select(statistic="follow_up"):
        if row.value is not None:
            shown = Number(formats.duration(row.number, analysis.unit),
                           address(figure, "note", "follow_up", row.group), (row,))
            spans += ["; " if spans else "", f"{row.group} ", shown]
    if spans:
        yield ("Median follow-up (reverse Kaplan–Meier): ", *spans, ".")


def _frail_medians(results: Results, figure: str, people: str) -> Iterator[tuple[Span, ...]]:
    """Yield a warning for each median that is read where the curve is pale or nearly so."""
    for row in results.select(statistic="median_at_risk"):
        if row.number <= FEW:
            count = Number(formats.people(int(row.number), people),
                           address(figure, "note", row.group, "median_at_risk"), (row,))
            where = "" if row.group == ALL else f" of {row.group}"
            yield (f"The median{where} rests on ", count, " at risk and is uncertain.")
