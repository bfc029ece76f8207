"""Timelines: what is recorded of one child or a few becomes lanes, a course of MRD, and counts."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.courses import ALIVE, DEATH, LIMIT, RELAPSE, RESPONSE, TRANSPLANT
from remission.analyses.results import ALL, Result, Results
from remission.analyses.timelines import CELLS, CHIMERISM, COUNTS, NEUTROPHILS, PLATELETS
from remission.plan import Timeline
from remission.report.asking import Asking, Places, sentences
from remission.report.drawn import TimelineChild, TimelineLane, Timelines
from remission.report.parts import Part
from remission.report.spans import Number, address

TREATMENT, HARM, GRAFT, DONOR, DISEASE = (
    "Treatment", "Harm", "After graft", "Donor cells, %", "Disease")
_GRAFT_ROOM = 100.0
"""Days after the last graft that belong to the treatment."""
_NOTE = (
    "Thick: blinatumomab, with the cycle; below it harm as reported, with the highest grade of "
    "CTCAE or ASTCT, and dots on days with a sign: fever, hypotension, oxygen, or of the nervous "
    "system. Open dots of MRD: not detected, at the limit. Counts are in 10⁹/L. Behind a dashed "
    "line a day takes less room.")


def parts_of_timeline(asking: Asking[Timeline], places: Places) -> Iterator[Part]:
    """Yield the timelines, in the order of the plan, or of the study numbers."""
    number = places.figure()
    here = f"f{number}"
    whole = asking.rows.one(statistic="n", group=ALL)
    own = {subject: Results(row for row in asking.rows if row.subjects == (subject,)
                            and row.statistic != "n") for subject in whole.subjects}
    days = [day for rows in own.values() for row in rows if (day := _day(row)) is not None]
    grafts = [row.number for rows in own.values() for row in rows if row.level == TRANSPLANT]
    last = max([*days, 30.0])
    yield Timelines(
        here, number, asking.analysis.title, "", "Days from day 0",
        first=min([*days, 0.0]), limit=min(asking.analysis.limit or last, last),
        near_to=max((day + _GRAFT_ROOM for day in grafts), default=0.0),
        children=tuple(_child(rows, here, subject, whole) for subject, rows in own.items()),
        note=sentences((_NOTE,)))


def _day(row: Result) -> float | None:
    return row.number if row.unit == "days" else row.at


def _child(own: Results, here: str, subject: str, whole: Result) -> TimelineChild:
    first = own[0] if len(own) else whole
    counts = tuple((name, _points(own, "count", test)) for test, name in COUNTS.items())
    return TimelineChild(
        Number(subject, address(here, "child", subject), (first, *own[1:])),
        max((row.number for row in own.select(statistic="event_day", level=(DEATH, ALIVE))),
            default=None),
        tuple(lane for lane in _lanes(own) if lane.stretches or lane.marks),
        tuple((row.at or 0.0, row.number, row.level == LIMIT)
              for row in own.select(statistic="marrow")),
        tuple((name, points) for name, points in counts if points))


def _points(own: Results, statistic: str, level: str) -> tuple[tuple[float, float, bool], ...]:
    return tuple((row.at or 0.0, row.number, False)
                 for row in own.select(statistic=statistic, level=level))


def _lanes(own: Results) -> Iterator[TimelineLane]:
    events = [(row.number, row.level) for row in own.select(statistic="event_day")]

    def marks(*kinds: str) -> tuple[tuple[float, str, str], ...]:
        return tuple((day, kind, "") for day, kind in events if kind in kinds)

    gvhd = tuple((day, kind, kind.replace("acute ", "a").replace("chronic ", "c"))
                 for day, kind in events if "GVHD" in kind)
    yield TimelineLane(TREATMENT, _stretches(own, "infusion"), marks(TRANSPLANT, CELLS))
    yield TimelineLane(HARM, _stretches(own, "harm"), tuple(
        (row.number, row.level, "") for row in own.select(statistic="sign_day")))
    yield TimelineLane(GRAFT, (), (*marks(NEUTROPHILS, PLATELETS), *gvhd))
    yield TimelineLane(DONOR, (), tuple(
        (day, test, f"{value:.0f}") for test in CHIMERISM
        for day, value, _ in _points(own, "chimerism", test)))
    yield TimelineLane(DISEASE, (), marks(RESPONSE, RELAPSE, DEATH, ALIVE))


def _stretches(own: Results, statistic: str) -> tuple[tuple[float, float, str], ...]:
    begins, ends = (own.select(statistic=f"{statistic}_{end}") for end in ("start", "end"))
    return tuple((begin.number, end.number, begin.level)
                 for begin, end in zip(begins, ends, strict=True))
