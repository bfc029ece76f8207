"""Rules about blinatumomab: segments, cycles, doses and days its exposure is derived from."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import (
    OWN,
    ROW,
    At,
    Finding,
    each,
    known,
    rows_of,
    rule,
    taken,
)
from remission.records.storage import Frame
from remission.records.study import Study

_CYCLE = ("subject_id", "cycle_no")
_ORDER = ["start_day", "cycle_no", "segment_no"]


def _dated(study: Study) -> Frame:
    return rows_of(study, "exposure").filter(known("start_day"))


@rule(
    what="The infusion that starts on day {start_day} (cycle {cycle_no}, segment {segment_no}) "
         "overlaps with one that starts on day {start_before} and ends on day {end_before}.",
    why="One infusion runs at a time; the dose of the shared days would be counted twice.",
    cure="Correct the days of the segments, so that each begins after every one before it ends.",
)
def infusions_overlap(study: Study) -> Iterator[Finding]:
    """Find infusion segments that begin before an earlier one has ended."""
    placed = _dated(study).sort("subject_id", *_ORDER).with_row_index("place")
    # The segment before need not be the one that overlaps: any earlier one may run on.
    longest = nw.col("end_day").cum_max().over("subject_id", order_by="place")
    reached = placed.with_columns(reach=longest).with_columns(
        reach=nw.col("reach").shift(1).over("subject_id", order_by="place"))
    late = reached.filter(nw.col("reach") > nw.col("start_day"))
    earlier = placed.select(
        "subject_id", nw.col("place").alias("place_before"),
        nw.col("start_day").alias("start_before"), nw.col("end_day").alias("end_before"),
        nw.col(ROW).alias("row_before"))
    pairs = late.join(earlier, on="subject_id").filter(
        (nw.col("place_before") < nw.col("place")) & (nw.col("end_before") == nw.col("reach")))
    for row in _first_of(pairs, "place_before").iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("exposure", row["row_before"], ("end_day",)),
                                At("exposure", row[ROW], ("start_day",))),
            taken(row, "exposure", "start_day", "cycle_no", "segment_no", "start_before",
                  "end_before"))


def _first_of(pairs: Frame, order: str) -> Frame:
    """Return one pair for each row: the one that comes first."""
    return pairs.sort(ROW, order).unique(ROW, keep="first", maintain_order=True)


@rule(
    what="Segment {segment_no} of cycle {cycle_no} starts on day {start_day}, when cycle "
         "{later_no} has begun (on day {later_start}).",
    why="A segment lies inside its cycle, from its first day to the first day of the next; days "
        "and doses are added by cycle.",
    cure="Correct the number of the cycle or the days of the segment.",
)
def segment_outside_its_cycle(study: Study) -> Iterator[Finding]:
    """Find infusion segments that begin when a later cycle has begun."""
    dated = _dated(study)
    first = dated.filter(nw.col("start_day") == nw.col("start_day").min().over(*_CYCLE))
    starts = first.select(
        "subject_id", nw.col("cycle_no").alias("later_no"),
        nw.col("start_day").alias("later_start"), nw.col(ROW).alias("later_row"))
    pairs = dated.join(starts, on="subject_id").filter(
        (nw.col("later_no") > nw.col("cycle_no"))
        & (nw.col("start_day") >= nw.col("later_start")))
    for row in _first_of(pairs, "later_start").iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("exposure", row[ROW], ("cycle_no", "start_day")),
                                At("exposure", row["later_row"], ("cycle_no", "start_day"))),
            taken(row, "exposure", "segment_no", "cycle_no", "start_day", "later_no",
                  "later_start"))


@rule(
    what="The first segment of cycle {cycle_no} has no [exposure.start_day].",
    why="Days of toxicity, response and dose are counted from the first day of their cycle.",
    cure="Give [exposure.start_day] of the cycle's first segment.",
)
def cycle_without_start(study: Study) -> Iterator[Finding]:
    """Find cycles whose first segment has no first day."""
    first = rows_of(study, "exposure").filter(
        nw.col("segment_no") == nw.col("segment_no").min().over(*_CYCLE))
    yield from each(first.filter(nw.col("start_day").is_null()), "exposure", "start_day",
                    values=("cycle_no",))


@rule(
    what="Cycle {cycle_no}, segment {segment_no} has the dose {dose}.",
    why="A segment is a time of infusion; without a dose above 0 there was none.",
    cure="Correct the dose. For a pause end the segment and begin a new one after it.",
    source=OWN,
)
def dose_not_above_zero(study: Study) -> Iterator[Finding]:
    """Find infusion segments whose dose is not above 0."""
    yield from each(rows_of(study, "exposure").filter(nw.col("dose") <= 0), "exposure", "dose",
                    values=("cycle_no", "segment_no", "dose"))


@rule(
    what="The cycles are numbered {numbers}.",
    why="Days and doses of all cycles cannot be added while one of them is missing.",
    cure="Add the cycle that is left out, or number the cycles from 1 without a gap.",
    source=OWN,
)
def cycle_numbers_skip(study: Study) -> Iterator[Finding]:
    """Find children whose cycles are not numbered from 1 without a gap."""
    numbers: dict[str, dict[int, int]] = {}
    for row in rows_of(study, "exposure").select(*_CYCLE, ROW).iter_rows(named=True):
        numbers.setdefault(row["subject_id"], {}).setdefault(row["cycle_no"], row[ROW])
    for subject, cycles in numbers.items():
        if len(cycles) != max(cycles):
            given = tuple(sorted(cycles))
            yield Finding(
                subject, tuple(At("exposure", cycles[number], ("cycle_no",)) for number in given),
                {"numbers": given})


@rule(
    what="Segment {segment_no} of cycle {cycle_no} starts on day {start_day}, the one before it "
         "on day {before}.",
    why="The step from the first dose to the next is read by the numbers of the segments.",
    cure="Number the segments of a cycle in the order of their days, or correct the days.",
    source=OWN,
)
def segments_out_of_order(study: Study) -> Iterator[Finding]:
    """Find segments that begin before one with a lower number."""
    previous = {
        name: nw.col(of).shift(1).over(*_CYCLE, order_by="segment_no")
        for name, of in (("before", "start_day"), ("before_row", ROW))
    }
    late = _dated(study).with_columns(**previous).filter(
        nw.col("before") > nw.col("start_day"))
    for row in late.iter_rows(named=True):
        yield Finding(
            row["subject_id"],
            (At("exposure", row["before_row"], ("segment_no", "start_day")),
             At("exposure", row[ROW], ("segment_no", "start_day"))),
            taken(row, "exposure", "segment_no", "cycle_no", "start_day", "before"))


@rule(
    what="Cycle {cycle_no} has the units of dose {units}.",
    why="Doses in µg and in µg/m² cannot be compared or added without the body surface.",
    cure="Write all doses of a cycle in one unit.",
    source=OWN,
)
def dose_units_differ(study: Study) -> Iterator[Finding]:
    """Find cycles whose segments have different units of dose."""
    yield from _differing(study, "dose_unit", "units")


@rule(
    what="Cycle {cycle_no} has the planned days {days}.",
    why="A cycle is planned once; what was delivered is counted against that plan.",
    cure="Write the same [exposure.planned_days] in every segment of the cycle.",
    source=OWN,
)
def planned_days_differ(study: Study) -> Iterator[Finding]:
    """Find cycles whose segments give different planned days."""
    yield from _differing(study, "planned_days", "days")


def _differing(study: Study, column: str, name: str) -> Iterator[Finding]:
    """Yield a finding for every cycle with two values of a column; ``name`` is theirs."""
    found: dict[tuple[str, int], dict[str | int, int]] = {}
    for row in rows_of(study, "exposure").filter(known(column)).iter_rows(named=True):
        key = (row["subject_id"], row["cycle_no"])
        found.setdefault(key, {}).setdefault(row[column], row[ROW])
    for (subject, cycle), values in found.items():
        if len(values) > 1:
            yield Finding(
                subject, tuple(At("exposure", row, (column,)) for row in values.values()),
                {"cycle_no": cycle, name: tuple(values)})


@rule(
    what="Cycle {cycle_no} is recorded as completed after {days} days; {planned_days} were "
         "planned.",
    why="A completed cycle has the days it was planned for, or it was not completed.",
    cure="Correct [exposure.end_reason], [exposure.planned_days] or the days of the segments.",
    source=OWN,
)
def completed_but_short(study: Study) -> Iterator[Finding]:
    """Find cycles recorded as completed that span fewer days than planned."""
    spans = study.table("exposure").group_by(*_CYCLE).agg(
        (nw.col("end_day").max() - nw.col("start_day").min() + 1).alias("days"),
        nw.col("planned_days").max(), nw.col("segment_no").max())
    last = rows_of(study, "exposure").select(*_CYCLE, "segment_no", "end_reason", ROW)
    short = spans.join(last, on=[*_CYCLE, "segment_no"]).filter(
        (nw.col("end_reason") == "COMPLETED") & (nw.col("days") < nw.col("planned_days")))
    yield from each(short, "exposure", "start_day", "end_day", "planned_days", "end_reason",
                    values=("cycle_no", "days", "planned_days"))
