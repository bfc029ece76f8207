"""Courses: the lanes of a swimmer plot and the lines of the marrow, their notes and sentences."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.courses import ALIVE, DEATH, LIMIT, RELAPSE, RESPONSE, TRANSPLANT
from remission.analyses.results import ALL, OUTSIDE, Result, Results
from remission.analyses.survival import ticks
from remission.definitions.cohort import Cohort
from remission.plan import MarrowCourse, Swimmer
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.drawn import Course, Courses, Lane, Lanes
from remission.report.parts import Part
from remission.report.spans import Number, Span, address

_MARKS = (RESPONSE, TRANSPLANT, RELAPSE, DEATH, ALIVE)


def parts_of_swimmer(asking: Asking[Swimmer], places: Places) -> Iterator[Part]:
    """Yield the swimmer plot: the longest course of each group first."""
    number = places.figure()
    here = f"f{number}"
    groups = _groups(asking.rows)
    lanes = [lane for place, group in enumerate(groups)
             for lane in sorted(_lanes(asking, here, group, place),
                                key=lambda lane: (-lane.end, lane.label.text))]
    limit = asking.analysis.limit or max((lane.end for lane in lanes), default=1.0)
    yield Lanes(
        here, number, asking.analysis.title, "", f"{asking.analysis.unit.capitalize()} from day 0",
        asking.analysis.unit, limit, tuple(ticks(limit, asking.analysis.unit)),
        () if groups == [ALL] else tuple(groups), _MARKS, tuple(lanes),
        sentences(*_note(asking, here, "Each lane is a child, by study number; thick: "
                                       "blinatumomab. A lane without a mark at its end has no "
                                       "known last contact.")))


def _groups(rows: Results) -> list[str]:
    return [row.group for row in rows.select(statistic="n", level="")]


def _lanes(asking: Asking[Swimmer], here: str, group: str, place: int) -> Iterator[Lane]:
    found = asking.rows.select(group=group)
    for subject in found.one(statistic="n", level="").subjects:
        own = Results(row for row in found if row.subjects == (subject,) and row.statistic != "n")
        begins, ends = (own.select(statistic=f"infusion_{end}") for end in ("start", "end"))
        stretches = tuple((begin.number, end.number)
                          for begin, end in zip(begins, ends, strict=True))
        marks = tuple((row.number, row.level) for row in own.select(statistic="event_day"))
        end = max((*(stop for _, stop in stretches), *(day for day, _ in marks)), default=0.0)
        first: Result = own[0] if len(own) else found.one(statistic="n", level="")
        yield Lane(Number(subject, address(here, "lane", subject), (first, *own[1:])), place, end,
                   stretches, marks)


def parts_of_marrow(asking: Asking[MarrowCourse], places: Places) -> Iterator[Part]:
    """Yield the marrow over time, a line a child."""
    number = places.figure()
    here = f"f{number}"
    analysis, groups = asking.analysis, _groups(asking.rows)
    courses = []
    for place, group in enumerate(groups):
        found = asking.rows.select(group=group)
        values = found.select(statistic="marrow")
        for subject in found.one(statistic="n", level="").subjects:
            points = tuple((row.at or 0.0, row.number, row.level == LIMIT)
                           for row in values if row.subjects == (subject,))
            if points:
                courses.append(Course(subject, place, points))
    days = [point[0] for course in courses for point in course.points]
    limit = analysis.limit or max([*days, 1.0])
    measure = "MRD" if analysis.measure == "mrd" else "Blasts"
    yield Courses(
        here, number, analysis.title, "", f"{measure} in the marrow, %",
        f"{analysis.unit.capitalize()} from day 0", analysis.unit, limit,
        tuple(ticks(limit, analysis.unit)), () if groups == [ALL] else tuple(groups),
        tuple(courses), analysis.measure == "mrd",
        sentences(*_note(asking, here, "A line for each child with more than one marrow; open "
                                       "dots: not detected, at the limit of detection. The first "
                                       "marrow may lie before day 0.")))


def _note(
    asking: Asking[Swimmer] | Asking[MarrowCourse], here: str, words: str
) -> Iterator[tuple[Span, ...]]:
    yield (words,)
    if asking.analysis.unit != "days":
        size = {"months": "30.4375", "years": "365.25"}[asking.analysis.unit]
        yield (f"A {asking.analysis.unit.removesuffix('s')} is {size} days.",)
    outside = asking.rows.find(level=OUTSIDE)
    if outside is not None:
        yield (live(formats.people(int(outside.number), outside.unit), outside, at=here),
               f" in none of the groups ({outside.note}) and not drawn.")


def say_course(number: Number, _: Cohort) -> Iterator[str]:
    """Yield what is known of one child, day by day."""
    days = sorted((row.number, f"{row.level}{_AT[row.statistic]}") for row in number.results
                  if row.statistic in _AT)
    yield "; ".join(f"day {day:g}: {what}" for day, what in days) + "."


_AT = {"infusion_start": " begins", "infusion_end": " ends", "event_day": "",
       "harm_start": " begins", "harm_end": " ends", "sign_day": ""}
