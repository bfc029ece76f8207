"""How a child's other treatment kept to the schedule of a paper: missed, off, unplanned, kept.

A dose is ON_SCHEDULE, OFF_DOSE, OFF_DAY or MISSED, or was UNPLANNED (``protocol_doses``). Only
blocks of which the child has rows in ``drug_dose`` are judged: without rows nothing is known.
A dose in another unit than the schedule's is converted by the child's weight and body surface on
its first day. The plan chooses the paper once, as ``protocol_adherence``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import REGISTRY, definition
from remission.definitions.infusions import body_surface_formula
from remission.definitions.inputs import Lazy, frame_for, settled
from remission.definitions.protocol_doses import (
    MISSED,
    OFF_DAY,
    OFF_DOSE,
    ON_SCHEDULE,
    UNPLANNED,
    judged_doses,
)
from remission.definitions.protocol_rows import INCOMPARABLE, Records
from remission.plan import Plan
from remission.records.column import SOURCE
from remission.records.once import once
from remission.records.study import Study

PROTOCOL_NEEDS = (
    "drug_dose.purpose", "drug_dose.drug", "drug_dose.dose", "drug_dose.unit",
    "drug_dose.start_day", "drug_dose.end_day", "drug_dose.line_no",
    "treatment_line.start_day", "exposure.start_day", "exposure.end_day", "transplant.day",
    "follow_up.death_day", "follow_up.last_contact_day", "laboratory.WEIGHT",
    "laboratory.HEIGHT",
)
_CHOSEN_AS = "protocol_adherence"
_DAYS_UNKNOWN = "whether a dose was given on its day cannot be told"
_UNKNOWN = "a dose cannot be compared with the schedule"


@definition(
    label="Missed doses of the protocol", grain="subject", kind="number", unit="doses",
    needs=PROTOCOL_NEEDS, criteria="protocol.schedule", chosen_as=_CHOSEN_AS,
    wants_plan=True,
)
def protocol_doses_missed(*given: Any) -> Lazy:
    """Doses of the schedule that were not given."""
    counts = _counts_of_schedule(*given)
    return _counted(counts, "missed", open_when=nw.col("missed_or_not") > 0, why=_DAYS_UNKNOWN)


@definition(
    label="Doses off the protocol", grain="subject", kind="number", unit="doses",
    needs=PROTOCOL_NEEDS, criteria="protocol.schedule", chosen_as=_CHOSEN_AS,
    wants_plan=True,
)
def protocol_doses_off_schedule(*given: Any) -> Lazy:
    """Doses of the schedule that were given in another dose or on another day."""
    counts = _counts_of_schedule(*given)
    return _counted(counts, "off", open_when=nw.col("unknown") > 0, why=_UNKNOWN)


@definition(
    label="Unplanned doses", grain="subject", kind="number", unit="doses",
    needs=PROTOCOL_NEEDS, criteria="protocol.schedule", chosen_as=_CHOSEN_AS,
    wants_plan=True,
)
def protocol_doses_unplanned(*given: Any) -> Lazy:
    """Doses in a block of the schedule that the schedule does not name."""
    counts = _counts_of_schedule(*given)
    return _counted(counts, "unplanned", open_when=nw.col("day_unknown") > 0, why=_DAYS_UNKNOWN)


@definition(
    label="Adherence to the protocol", grain="subject", kind="number", unit="%",
    needs=PROTOCOL_NEEDS, criteria="protocol.schedule", chosen_as=_CHOSEN_AS,
    wants_plan=True,
)
def protocol_adherence(*given: Any) -> Lazy:
    """Share of the expected doses that were given as the schedule says."""
    return _adherence(_counts_of_schedule(*given))


BLOCKS = {
    "debulking": "debulking", "reinduction": "reinduction", "bridging": "bridging",
    "tki": "the tyrosine-kinase inhibitor", "premedication": "premedication",
    "intrathecal": "intrathecal therapy", "mobilisation": "mobilisation",
    "conditioning": "conditioning", "gvhd_prophylaxis": "GVHD prophylaxis",
}
"""Block of treatment, as named in the criteria, and in words."""


def _declare(block: str, words: str) -> None:
    """Declare the adherence to one block; of a block that both papers have, the chosen paper's."""

    def adherence(*given: Any) -> Lazy:
        return _adherence(_counts(*_block(given)))

    adherence.__name__ = f"{block}_adherence"
    adherence.__doc__ = (
        f"Share of the expected doses of {words} that were given as the schedule says.")
    notion = f"protocol.{block}"
    papers = set(criteria_sets("protocol.schedule"))
    definition(
        label=f"Adherence to {words}", grain="subject", kind="number", unit="%",
        needs=PROTOCOL_NEEDS, criteria=notion, wants_plan=True,
        follows=_CHOSEN_AS if papers <= set(criteria_sets(notion)) else "")(adherence)


for _name, _words in BLOCKS.items():
    _declare(_name, _words)


def chosen_schedule(plan: Plan) -> Criteria:
    """Return the paper whose schedule the plan chooses."""
    chosen = REGISTRY[protocol_adherence.__name__].chosen_criteria(plan)
    assert chosen is not None
    return chosen


def blocks_of_schedule(schedule: Criteria) -> tuple[Criteria, ...]:
    """Return the blocks of a paper's schedule."""
    return tuple(criteria_sets(f"protocol.{name}")[schedule.name] for name in schedule["blocks"])


def records_of_study(study: Study) -> Records:
    """Return what of a study a comparison with a schedule reads."""
    tables = dict.fromkeys(need.partition(".")[0] for need in PROTOCOL_NEEDS)
    return _records([frame_for(study, table, PROTOCOL_NEEDS) for table in tables], study.plan)


def _records(frames: Sequence[Any], plan: Plan) -> Records:
    """Return the frames of :data:`PROTOCOL_NEEDS` with the formula of the body surface."""
    doses, lines, exposure, transplants, follow_up, sizes = frames
    return Records(doses, lines, exposure, transplants, follow_up, sizes,
                   body_surface_formula(plan))


def _schedule(given: tuple[Any, ...]) -> tuple[Records, tuple[Criteria, ...]]:
    """Return the records and the blocks of the paper chosen, from what a rule is given."""
    *frames, schedule, plan = given
    return _records(frames, plan), blocks_of_schedule(schedule)


def _block(given: tuple[Any, ...]) -> tuple[Records, tuple[Criteria, ...]]:
    """Return the records and the one block chosen, from what a rule is given."""
    *frames, block, plan = given
    return _records(frames, plan), (block,)


def _counts(records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return how many doses of each kind every child has, and the child's first row."""
    status = nw.col("status")
    is_unknown = status.is_null()
    kinds = {
        "expected": nw.col("expected"),
        "kept": status == ON_SCHEDULE,
        "missed": status == MISSED,
        "off": (status == OFF_DOSE) | (status == OFF_DAY),
        "unplanned": status == UNPLANNED,
        "unknown": is_unknown & nw.col("expected"),
        "missed_or_not": is_unknown & nw.col("expected") & ~nw.col("note").is_in(INCOMPARABLE),
        "day_unknown": is_unknown & ~nw.col("note").is_in(INCOMPARABLE),
    }
    counted = settled(judged_doses(records, blocks)).with_columns(
        **{kind: nw.when(is_it).then(1).otherwise(0) for kind, is_it in kinds.items()},
    ).group_by("subject_id").agg(nw.col(*kinds).sum())
    rows = records.doses.filter(
        nw.col("purpose").is_in([block["purpose"] for block in blocks]))
    first = rows.filter(
        nw.col("dose_no") == nw.col("dose_no").min().over("subject_id")).select(
        "subject_id", nw.col(SOURCE).alias("source"))
    return settled(counted).join(first, on="subject_id")


@once
def _counts_of_schedule(*given: Any) -> Lazy:
    """Return the counts over the whole schedule of the paper chosen."""
    return settled(_counts(*_schedule(given)))


def _counted(counts: Lazy, name: str, *, open_when: nw.Expr, why: str) -> Lazy:
    """Return one of the counts, unknown where a dose may or may not belong to it."""
    return counts.select(
        "subject_id", nw.when(~open_when).then(nw.col(name)).alias("value"),
        nw.when(open_when).then(nw.lit(why)).alias("note"), "source")


def _adherence(counts: Lazy) -> Lazy:
    """Return 100 × doses on schedule / doses expected, unknown where one cannot be judged."""
    is_open, none = nw.col("unknown") > 0, nw.col("expected") == 0
    return counts.select(
        "subject_id",
        nw.when(~is_open & ~none).then(100 * nw.col("kept") / nw.col("expected")).alias("value"),
        nw.when(is_open).then(nw.lit(_UNKNOWN))
        .when(none).then(nw.lit("no dose of the schedule fell due")).alias("note"), "source")
