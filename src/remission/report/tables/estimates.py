"""The numbers of a curve as a table: estimates at the times of the plan, by group."""

from __future__ import annotations

from collections.abc import Sequence

from remission.analyses.results import Result, Results
from remission.plan import CumulativeIncidence, Survival, TimeDependent
from remission.report import formats
from remission.report.spans import Cell, Number, address
from remission.report.table_parts import Head, Row, Table

Curves = Survival | CumulativeIncidence | TimeDependent
"""The analyses that are drawn as curves over time."""


def table_of_estimates(
    results: Results, analysis: Curves, figure: str
) -> Table:
    """Return the table printed under a curve: n, events, and each time's estimate."""
    estimate = "incidence" if isinstance(analysis, CumulativeIncidence) else "survival"
    sizes = results.select(statistic="n", level="")
    groups = [row.group for row in sizes]
    counts = ["n", "events"]
    heads = [Head(formats.capital(sizes[0].unit)), Head("Events")]
    if estimate == "incidence":
        counts.append("competing_events")
        heads.append(Head("Competing"))
    heads = [*heads,
             *(Head(str(time), f"% ({analysis.confidence} CI)") for time in analysis.times)]
    if estimate == "survival":
        heads.append(Head("Median", f"{analysis.unit} ({analysis.confidence} CI)"))
    rows = [_row(results.select(group=group), analysis, figure, group, counts)
            for group in groups]
    return Table(address=address(figure, "estimates"), number=0, title="", subtitle="",
                 heads=tuple(heads), rows=tuple(rows), note=())


def _row(
    found: Results, analysis: Curves, figure: str, group: str,
    counts: Sequence[str],
) -> Row:
    estimate = "incidence" if isinstance(analysis, CumulativeIncidence) else "survival"
    cells: list[Cell] = [_plain(found, address(figure, group, statistic), statistic)
                         for statistic in counts]
    for time in analysis.times:
        at = found.select(at=time.days)
        cells.append(_estimate(at, address(figure, group, time), estimate))
    if estimate == "survival":
        cells.append(_median(found, address(figure, group, "median"), analysis.unit))
    return Row(group, tuple(cells))


def _plain(found: Results, here: str, statistic: str) -> Cell:
    row = found.find(statistic=statistic)
    return "" if row is None else Number(f"{row.value}", here, (row,))


def _estimate(at: Results, here: str, statistic: str) -> Cell:
    row = at.find(statistic=statistic)
    if row is None:
        return ""
    if row.value is None:
        return Number("–", here, (row,))
    shown = formats.rounded(row.number, 0)
    lower, upper = at.one(statistic="lower"), at.one(statistic="upper")
    if lower.value is not None and upper.value is not None:
        bounds = formats.span(formats.rounded(lower.number, 0),
                              formats.rounded(upper.number, 0))
        shown = f"{shown} ({bounds})"
    return Number(shown, here, (row, *(r for r in at if r is not row)))


def _median(found: Results, here: str, unit: str) -> Cell:
    """Return ``2.4 (1.1–nr)`` in the unit; ``nr`` stands for a bound that is not reached."""
    row = found.find(statistic="median")
    if row is None:
        return ""
    if row.value is None:
        return Number("not reached", here, (row,))

    def text(result: Result) -> str:
        if result.value is None:
            return "nr"
        return formats.duration(result.number, unit).rpartition(" ")[0]

    lower, upper = found.one(statistic="median_lower"), found.one(statistic="median_upper")
    return Number(f"{text(row)} ({formats.span(text(lower), text(upper))})", here,
                  (row, lower, upper))
