"""Rules about time: nothing after death, nothing before birth, spans that run forward."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import OWN, ROW, At, Finding, each, known, rows_of, rule
from remission.records.checks.values import CodeOf, ColumnOf, TableOf, Values
from remission.records.once import once
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import CLINICAL_TABLES

_SPANS = ("treatment_line", "exposure", "adverse_event", "drug_dose")
END_OF_FOLLOW_UP = ("last_contact_day", "death_day")
KEYS = {table.name: table.key for table in CLINICAL_TABLES}


_DAYS = [
    ColumnOf(table.name, column.name) for table in CLINICAL_TABLES for column in table.columns
    if column.kind == "day" and not (
        table.name == "follow_up" and column.name in END_OF_FOLLOW_UP)]
"""Every recorded day but the end of follow-up."""


@once
def _dated_rows(study: Study) -> Frame:
    """Return all rows whose day is known, once a day: ``place`` is that of its column in _DAYS."""
    return nw.concat([
        rows_of(study, column.table).select(
            "subject_id", nw.col(column.column).alias("day"), ROW, place=nw.lit(place),
        ).filter(known("day"))
        for place, column in enumerate(_DAYS) if study.has(column.table) or not place])


def _beyond(
    study: Study, limits: Frame, is_beyond: nw.Expr, limit: str, other: ColumnOf
) -> Iterator[Finding]:
    """Yield one finding a child and column for its days that lie beyond a limit of its own.

    ``limit`` is the column of ``limits`` that holds it, ``other`` where it was recorded, in the
    row ``other_row``.
    """
    rows = _dated_rows(study).join(limits, on="subject_id").filter(is_beyond).sort("place", ROW)
    found: dict[tuple[int, str], list[dict[str, int]]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault((row["place"], row["subject_id"]), []).append(row)
    for (place, subject), late in found.items():
        column = _DAYS[place]
        days = [row["day"] for row in late]
        at = [At(column.table, row[ROW], (column.column,)) for row in late]
        at.append(At(other.table, late[0]["other_row"], (other.column,)))
        values: Values = {"column": column, limit: late[0][limit]}
        if len(late) == 1:
            yield Finding(subject, tuple(at), {**values, "day": days[0]}, "one")
        else:
            yield Finding(subject, tuple(at), {
                **values, "count": len(late), "first": min(days), "last": max(days)}, "several")


_ANCHORS = {"first_infusion": "BLINATUMOMAB_START", "diagnosis": "DIAGNOSIS",
            "transplant": "TRANSPLANT"}
_RECORDED_AS = {
    "BLINATUMOMAB_START": ColumnOf("exposure", "start_day"),
    "DIAGNOSIS": ColumnOf("disease_episode", "start_day"),
    "TRANSPLANT": ColumnOf("transplant", "day"),
}


@rule(
    what="Day 0 of this child is {index_event}, but the plan's anchor is {anchor}.",
    why="Times counted from different events cannot be put into one curve.",
    cure="Count this child's days from the plan's anchor, or correct [subject.index_event].",
)
def another_day_zero(study: Study) -> Iterator[Finding]:
    """Find children whose day 0 is another event than the plan's anchor."""
    anchor = study.plan.study.anchor
    others = rows_of(study, "subject").filter(
        nw.col("index_event") != _ANCHORS[anchor]).with_columns(anchor=nw.lit(anchor))
    yield from each(others, "subject", "index_event", values=("index_event", "anchor"))


@rule(
    what="Days count from {index_event}, but the first one recorded ({column}) is day {day}.",
    why="Every time of this child is counted from day 0; if it is another day, all are wrong.",
    cure="Correct the day of that event or the day 0 of this child; add the first one if it is "
         "missing.",
    source="data model: the anchor is day 0 of every record",
)
def anchor_off_day_zero(study: Study) -> Iterator[Finding]:
    """Find children whose anchor event is not recorded on day 0."""
    default = _ANCHORS[study.plan.study.anchor]
    events = rows_of(study, "subject").select(
        "subject_id", nw.col("index_event").fill_null(default).alias("event"))
    for event, column in _RECORDED_AS.items():
        dated = rows_of(study, column.table).filter(known(column.column))
        if event == "DIAGNOSIS":
            dated = dated.filter(nw.col("phase") == "INITIAL_DIAGNOSIS")
        day = nw.col(column.column)
        first = dated.join(
            events.filter(nw.col("event") == event), on="subject_id",
        ).filter(day == day.min().over("subject_id")).unique("subject_id", keep="first")
        # A child may have had a graft before the one its days count from.
        on_day_0 = dated.filter(day == 0).select("subject_id", nw.lit(1).alias("on_day_0"))
        off = first.join(on_day_0.unique("subject_id", keep="any"), on="subject_id", how="left")
        for row in off.filter(nw.col("on_day_0").is_null()).iter_rows(named=True):
            yield Finding(
                row["subject_id"], (At(column.table, row[ROW], (column.column,)),),
                {"index_event": CodeOf("subject", "index_event", event), "column": column,
                 "day": row[column.column]})


@rule(
    what={
        "one": "{column} is day {day}, but the child died on day {died_on}.",
        "several": "{column} has {count} days after the death on day {died_on}: {first} to "
                   "{last}.",
    },
    why="Nothing is recorded after death but death itself; one of the two days is wrong.",
    cure="Correct the day of the event or the day of death.",
)
def after_death(study: Study) -> Iterator[Finding]:
    """Find days recorded after death."""
    deaths = rows_of(study, "follow_up").filter(nw.col("vital_status") == "DEAD").select(
        "subject_id", nw.coalesce("death_day", "last_contact_day").alias("died_on"),
        nw.col(ROW).alias("other_row")).filter(known("died_on"))
    yield from _beyond(study, deaths, nw.col("day") > nw.col("died_on"), "died_on",
                       ColumnOf("follow_up", "death_day"))


@rule(
    what={
        "one": "{column} is day {day}, after the last contact on day {last_contact_day}.",
        "several": "{column} has {count} days after the last contact on day {last_contact_day}: "
                   "{first} to {last}.",
    },
    why="Last contact is the last day anything is known, so follow-up is cut too short.",
    cure="Set [follow_up.last_contact_day] to the latest day of any record, or correct that "
         "record.",
)
def after_last_contact(study: Study) -> Iterator[Finding]:
    """Find days recorded after the last contact of a living child."""
    contacts = rows_of(study, "follow_up").filter(
        (nw.col("vital_status") != "DEAD") & known("last_contact_day"),
    ).select("subject_id", "last_contact_day", nw.col(ROW).alias("other_row"))
    yield from _beyond(study, contacts, nw.col("day") > nw.col("last_contact_day"),
                       "last_contact_day", ColumnOf("follow_up", "last_contact_day"))


@rule(
    what={
        "one": "{column} is day {day}, but the child was {age} days old on day 0.",
        "several": "{column} has {count} days before birth ({first} to {last}): the child was "
                   "{age} days old on day 0.",
    },
    why="An event cannot precede birth; the age or the day is wrong.",
    cure="Correct [subject.age_at_index_days] or the day of the event.",
)
def before_birth(study: Study) -> Iterator[Finding]:
    """Find days recorded before birth."""
    ages = rows_of(study, "subject").filter(known("age_at_index_days")).select(
        "subject_id", nw.col("age_at_index_days").alias("age"), nw.col(ROW).alias("other_row"))
    yield from _beyond(study, ages, nw.col("day") < -nw.col("age"), "age",
                       ColumnOf("subject", "age_at_index_days"))


@rule(
    what="{table} ends on day {end_day} but starts on day {start_day}.",
    why="Time cannot run backwards; durations and doses would be negative.",
    cure="Correct the first or the last day.",
)
def ends_before_start(study: Study) -> Iterator[Finding]:
    """Find spans that end before they begin."""
    for table in _SPANS:
        backwards = rows_of(study, table).filter(
            nw.col("end_day") < nw.col("start_day"))
        for row in backwards.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (At(table, row[ROW], ("start_day", "end_day")),),
                {"table": TableOf(table), "start_day": row["start_day"],
                 "end_day": row["end_day"]})


_IN_ORDER = {"disease_episode": "start_day", "transplant": "day", "treatment_line": "start_day"}


@rule(
    what="{table}: number {number} is on day {day}, but number {number_before} is on day "
         "{day_before}.",
    why="Where a day is missing, the numbers tell what came first.",
    cure="Number the rows in the order of their days, or correct the days.",
    source=OWN,
)
def numbers_out_of_order(study: Study) -> Iterator[Finding]:
    """Find episodes, lines and transplants that are not numbered in the order of their days."""
    for table, day in _IN_ORDER.items():
        number = KEYS[table][-1]
        rows = rows_of(study, table).filter(known(day))
        before = {f"{name}_before": nw.col(name).shift(1).over("subject_id", order_by=number)
                  for name in (number, day, ROW)}
        late = rows.with_columns(**before).filter(nw.col(f"{day}_before") > nw.col(day))
        for row in late.iter_rows(named=True):
            yield Finding(
                row["subject_id"],
                (At(table, row[f"{ROW}_before"], (number, day)),
                 At(table, row[ROW], (number, day))),
                {"table": TableOf(table), "number": row[number], "day": row[day],
                 "number_before": row[f"{number}_before"], "day_before": row[f"{day}_before"]})
