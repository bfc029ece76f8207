"""Rules about blinatumomab: doses, units and numbers from which its exposure is derived."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import Finding, rule
from remission.records.column import SOURCE
from remission.records.study import Study

_OWN = "our own choice: what exposure and dose are derived from must hold together"
_CYCLE = ("subject_id", "cycle_no")
_SMALLEST = {"WEIGHT": (1.5, "kg"), "HEIGHT": (35.0, "cm")}
"""The limits below which dosing.limits reads no size either."""


@rule(
    why="A segment is a time of infusion; without a dose above 0 there was none.",
    cure="Correct the dose. For a pause end the segment and begin a new one after it.",
    source=_OWN,
)
def dose_not_above_zero(study: Study) -> Iterator[Finding]:
    """Find infusion segments whose dose is not above 0."""
    for row in study.table("exposure").filter(nw.col("dose") <= 0).iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"Cycle {row['cycle_no']}, segment {row['segment_no']} has the dose "
                      f"{row['dose']:g}.")


@rule(
    why="Days and doses of all cycles cannot be added while one of them is missing.",
    cure="Add the cycle that is left out, or number the cycles from 1 without a gap.",
    source=_OWN,
)
def cycle_numbers_skip(study: Study) -> Iterator[Finding]:
    """Find children whose cycles are not numbered from 1 without a gap."""
    numbers: dict[str, dict[int, str]] = {}
    for row in study.table("exposure").iter_rows(named=True):
        numbers.setdefault(row["subject_id"], {}).setdefault(row["cycle_no"], row[SOURCE])
    for subject, cycles in numbers.items():
        if len(cycles) != max(cycles):
            given = ", ".join(str(number) for number in sorted(cycles))
            yield Finding(subject, tuple(cycles[number] for number in sorted(cycles)),
                          f"The cycles are numbered {given}.")


@rule(
    why="The step from the first dose to the next is read by the numbers of the segments.",
    cure="Number the segments of a cycle in the order of their days, or correct the days.",
    source=_OWN,
)
def segments_out_of_order(study: Study) -> Iterator[Finding]:
    """Find segments that begin before one with a lower number."""
    dated = study.table("exposure").filter(~nw.col("start_day").is_null())
    previous = {
        name: nw.col(name).shift(1).over(*_CYCLE, order_by="segment_no")
        for name in ("start_day", SOURCE)
    }
    for row in dated.with_columns(
            before=previous["start_day"], before_row=previous[SOURCE],
    ).filter(nw.col("before") > nw.col("start_day")).iter_rows(named=True):
        yield Finding(row["subject_id"], (row["before_row"], row[SOURCE]),
                      f"Segment {row['segment_no']} of cycle {row['cycle_no']} starts on day "
                      f"{row['start_day']}, the one before it on day {row['before']}.")


@rule(
    why="Doses in µg and in µg/m² cannot be compared or added without the body surface.",
    cure="Write all doses of a cycle in one unit.",
    source=_OWN,
)
def dose_units_differ(study: Study) -> Iterator[Finding]:
    """Find cycles whose segments have different units of dose."""
    yield from _differing(study, "dose_unit", "units of dose")


@rule(
    why="A cycle is planned once; what was delivered is counted against that plan.",
    cure="Write the same planned_days in every segment of the cycle.",
    source=_OWN,
)
def planned_days_differ(study: Study) -> Iterator[Finding]:
    """Find cycles whose segments give different planned days."""
    yield from _differing(study, "planned_days", "planned days")


def _differing(study: Study, column: str, words: str) -> Iterator[Finding]:
    """Yield a finding for every cycle with two values of a column."""
    found: dict[tuple[str, int], dict[object, str]] = {}
    known = study.table("exposure").filter(~nw.col(column).is_null())
    for row in known.iter_rows(named=True):
        key = (row["subject_id"], row["cycle_no"])
        found.setdefault(key, {}).setdefault(row[column], row[SOURCE])
    for (subject, cycle), values in found.items():
        if len(values) > 1:
            given = " and ".join(str(value) for value in values)
            yield Finding(subject, tuple(values.values()),
                          f"Cycle {cycle} has the {words} {given}.")


@rule(
    why="A completed cycle has the days it was planned for, or it was not completed.",
    cure="Correct end_reason, planned_days or the days of the segments.",
    source=_OWN,
)
def completed_but_short(study: Study) -> Iterator[Finding]:
    """Find cycles recorded as completed that span fewer days than planned."""
    spans = study.table("exposure").group_by(*_CYCLE).agg(
        nw.col("start_day").min().alias("first"), nw.col("end_day").max().alias("last"),
        nw.col("planned_days").max().alias("planned"), nw.col("segment_no").max())
    last = study.table("exposure").select(*_CYCLE, "segment_no", "end_reason", SOURCE)
    short = spans.join(last, on=[*_CYCLE, "segment_no"]).filter(
        (nw.col("end_reason") == "COMPLETED")
        & (nw.col("last") - nw.col("first") + 1 < nw.col("planned")))
    for row in short.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"Cycle {row['cycle_no']} is recorded as completed after "
                      f"{row['last'] - row['first'] + 1} days; {row['planned']} were planned.")


@rule(
    why="Doses by body surface would be wrong many times over.",
    cure="Correct the value, or set its unit in the mapping.",
    source=_OWN,
)
def impossible_size(study: Study) -> Iterator[Finding]:
    """Find weights and heights below those of any child."""
    for test, (least, unit) in _SMALLEST.items():
        small = study.table("laboratory").filter(
            (nw.col("test") == test) & (nw.col("unit") == unit) & (nw.col("value") < least))
        for row in small.iter_rows(named=True):
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{test} is {row['value']:g} {unit} on day {row['day']}; below "
                          f"{least:g} {unit} does not occur.")
