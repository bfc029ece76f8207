"""The course of every child as days: what the swimmer plot and the marrow are drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from remission.analyses.grouping import grouping_of, outside_groups, population_of
from remission.analyses.results import ALL, Result
from remission.definitions.cohort import Cohort
from remission.plan import MarrowCourse, Swimmer

RESPONSE, TRANSPLANT, RELAPSE, DEATH, ALIVE = (
    "remission", "transplant", "relapse", "death", "last contact")
"""What is marked in a lane, as it stands in ``level``."""

MEASURED, LIMIT = "measured", "limit"
"""What a value of the marrow is, as it stands in ``level``."""


@dataclass(frozen=True)
class Question:
    """One analysis of courses: whose, and in which group each is."""

    name: str
    cohort: Cohort
    people: str
    groups: dict[str, list[str]]

    def row(self, statistic: str, value: float | None, subject: str, **rest: Any) -> Result:
        """Return a result about one subject."""
        return Result(self.name, "subjects", statistic, value, self.group_of(subject),
                      subjects=(subject,), **rest)

    def group_of(self, subject: str) -> str:
        """Return the group of a subject."""
        return next(group for group, members in self.groups.items() if subject in members)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table of those it is about."""
        asked = {subject for members in self.groups.values() for subject in members}
        for row in self.cohort.study.table(table).iter_rows(named=True):
            if row["subject_id"] in asked:
                yield row


def analyse_courses(
    cohort: Cohort, plan: Swimmer | MarrowCourse, name: str
) -> Iterator[Result]:
    """Yield what is drawn of every child: days from day 0, and the values of the marrow."""
    population = population_of(cohort, plan)
    if not cohort.plan.study.shows_single_children:
        yield not_shown(name, population.people)
        return
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    members = {ALL: population.indices} if grouping is None else grouping.members
    named = cohort.study.subjects
    question = Question(name, cohort, population.people, {
        group: [named[index] for index in indices] for group, indices in members.items()})
    found = _lanes(question) if isinstance(plan, Swimmer) else marrows(question, plan.measure)
    yield from (replace(row, population=population.name) for row in sizes(question))
    if grouping is not None and grouping.outside:
        yield replace(outside_groups(name, "subjects", grouping, population.people),
                      population=population.name)
    yield from (replace(row, population=population.name) for row in found)


def not_shown(name: str, people: str) -> Result:
    """Return why the courses of single children are not drawn."""
    return Result(
        name, "subjects", "refused", None, unit=people,
        note=f"The course of one of the {people} would stand in it, by which readers could tell "
             "who it is, and the plan says shows_single_children = false.",
        method="For a report that stays with the team, remove that line of [study].")


def sizes(question: Question) -> Iterator[Result]:
    """Yield how many children each group has, and who they are."""
    for group, members in question.groups.items():
        yield Result(question.name, "subjects", "n", len(members), group, unit=question.people,
                     subjects=tuple(members))


def _lanes(question: Question) -> Iterator[Result]:
    """Yield infusions as stretches of days, and events as days."""
    yield from infusions(question)
    yield from remissions(question)
    for row in question.rows("transplant"):
        yield from event(question, TRANSPLANT, row["subject_id"], row["day"])
    yield from relapses_and_ends(question)


def infusions(question: Question) -> Iterator[Result]:
    """Yield the first and the last day of each infusion."""
    for row in question.rows("exposure"):
        yield from stretch(question, "infusion", row, f"cycle {row['cycle_no']}")


def stretch(
    question: Question, statistic: str, row: Mapping[str, Any], level: str
) -> Iterator[Result]:
    """Yield the first and the last day of a row of a table, where both are known."""
    if row["start_day"] is not None and row["end_day"] is not None:
        for end in ("start", "end"):
            yield question.row(f"{statistic}_{end}", row[f"{end}_day"], row["subject_id"],
                               level=level, unit="days")


def remissions(question: Question) -> Iterator[Result]:
    """Yield the day on which each child reached remission."""
    reached = dict(zip(question.cohort.study.subjects,
                       question.cohort.column("remission_reached_day"), strict=True))
    for members in question.groups.values():
        for subject in members:
            yield from event(question, RESPONSE, subject, reached[subject])


def relapses_and_ends(question: Question) -> Iterator[Result]:
    """Yield relapses, and the death or the last contact of each child."""
    for row in question.rows("disease_episode"):
        if row["phase"] == "RELAPSE":
            yield from event(question, RELAPSE, row["subject_id"], row["start_day"])
    for row in question.rows("follow_up"):
        yield from _end(question, row)


def event(
    question: Question, kind: str, subject: str, day: float | None
) -> Iterator[Result]:
    """Yield the day of an event, where it is known."""
    if day is not None:
        yield question.row("event_day", day, subject, level=kind, unit="days")


def _end(question: Question, row: Mapping[str, Any]) -> Iterator[Result]:
    """Yield the death, else the last contact; a lane without either has no end."""
    if row["vital_status"] == "DEAD" and row["death_day"] is not None:
        yield from event(question, DEATH, row["subject_id"], row["death_day"])
    elif row["vital_status"] != "DEAD":
        yield from event(question, ALIVE, row["subject_id"], row["last_contact_day"])


def marrows(question: Question, measure: str) -> Iterator[Result]:
    """Yield the value of each marrow; what was not detected stands at its limit of detection."""
    for row in sorted(question.rows("assessment"), key=lambda row: (
            row["subject_id"], row["day"] is None, row["day"])):
        if row["specimen"] != "BM" or row["day"] is None:
            continue
        value, level = row["blast_percent"], MEASURED
        if measure == "mrd":
            value = row["mrd_percent"]
            if row["mrd_sign"] in ("<", "ND"):
                limits = (row["mrd_percent"], row["mrd_lod_percent"])
                value, level = next((limit for limit in limits if limit is not None), None), LIMIT
        if value is not None:
            yield question.row("marrow", float(value), row["subject_id"], level=level,
                               at=float(row["day"]), unit="%")
