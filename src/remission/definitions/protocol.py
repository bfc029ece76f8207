"""How a child's other treatment kept to the schedule of a paper: missed, off, unplanned, kept.

A dose is ON_SCHEDULE, OFF_DOSE, OFF_DAY or MISSED, or was UNPLANNED (``protocol_doses``). Only
blocks of which the child has rows in ``drug_dose`` are judged: without rows nothing is known.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.protocol_doses import (
    MISSED,
    NO_DOSE,
    OFF_DAY,
    OFF_DOSE,
    ON_SCHEDULE,
    UNPLANNED,
    Records,
    judged_doses,
)
from remission.records.column import SOURCE

_NEEDS = (
    "drug_dose.purpose", "drug_dose.drug", "drug_dose.dose", "drug_dose.unit",
    "drug_dose.start_day", "drug_dose.end_day", "drug_dose.line_no",
    "treatment_line.start_day", "exposure.start_day", "exposure.end_day", "transplant.day",
    "follow_up.death_day", "follow_up.last_contact_day",
)
_DAYS_UNKNOWN = "whether a dose was given on its day cannot be told"
_UNKNOWN = "a dose cannot be compared with the schedule"


@definition(
    label="Missed doses of the protocol", grain="subject", kind="number", unit="doses",
    needs=_NEEDS, criteria="protocol.schedule",
)
def protocol_doses_missed(*given: Any) -> Lazy:
    """Doses of the schedule that were not given."""
    counts = _counts(*_schedule(given))
    return _counted(counts, "missed", open_when=nw.col("missed_or_not") > 0, why=_DAYS_UNKNOWN)


@definition(
    label="Doses off the protocol", grain="subject", kind="number", unit="doses",
    needs=_NEEDS, criteria="protocol.schedule",
)
def protocol_doses_off_schedule(*given: Any) -> Lazy:
    """Doses of the schedule that were given in another dose or on another day."""
    counts = _counts(*_schedule(given))
    return _counted(counts, "off", open_when=nw.col("unknown") > 0, why=_UNKNOWN)


@definition(
    label="Unplanned doses", grain="subject", kind="number", unit="doses",
    needs=_NEEDS, criteria="protocol.schedule",
)
def protocol_doses_unplanned(*given: Any) -> Lazy:
    """Doses in a block of the schedule that the schedule does not name."""
    counts = _counts(*_schedule(given))
    return _counted(counts, "unplanned", open_when=nw.col("day_unknown") > 0, why=_DAYS_UNKNOWN)


@definition(
    label="Adherence to the protocol", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.schedule",
)
def protocol_adherence(*given: Any) -> Lazy:
    """Share of the expected doses that were given as the schedule says."""
    return _adherence(*_schedule(given))


@definition(
    label="Adherence to reinduction", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.reinduction",
)
def reinduction_adherence(*given: Any) -> Lazy:
    """Share of the expected doses of reinduction that were given as the schedule says."""
    return _adherence(*_block(given))


@definition(
    label="Adherence to bridging", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.bridging",
)
def bridging_adherence(*given: Any) -> Lazy:
    """Share of the expected doses of bridging that were given as the schedule says."""
    return _adherence(*_block(given))


@definition(
    label="Adherence to intrathecal therapy", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.intrathecal",
)
def intrathecal_adherence(*given: Any) -> Lazy:
    """Share of the expected intrathecal doses that were given as the schedule says."""
    return _adherence(*_block(given))


@definition(
    label="Adherence to conditioning", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.conditioning",
)
def conditioning_adherence(*given: Any) -> Lazy:
    """Share of the expected doses of conditioning that were given as the schedule says."""
    return _adherence(*_block(given))


@definition(
    label="Adherence to GVHD prophylaxis", grain="subject", kind="number", unit="%",
    needs=_NEEDS, criteria="protocol.gvhd_prophylaxis",
)
def gvhd_prophylaxis_adherence(*given: Any) -> Lazy:
    """Share of the expected doses of prophylaxis that were given as the schedule says."""
    return _adherence(*_block(given))


def _schedule(given: tuple[Any, ...]) -> tuple[Records, tuple[Criteria, ...]]:
    """Return the records and the blocks of the paper chosen, from what a rule is given."""
    *frames, schedule = given
    blocks = tuple(criteria_sets(f"protocol.{name}")[schedule.name] for name in schedule["blocks"])
    return Records(*frames), blocks


def _block(given: tuple[Any, ...]) -> tuple[Records, tuple[Criteria, ...]]:
    """Return the records and the one block chosen, from what a rule is given."""
    *frames, block = given
    return Records(*frames), (block,)


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
        "missed_or_not": is_unknown & nw.col("expected") & (nw.col("note") != NO_DOSE),
        "day_unknown": is_unknown & (nw.col("note") != NO_DOSE),
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


def _counted(counts: Lazy, name: str, *, open_when: nw.Expr, why: str) -> Lazy:
    """Return one of the counts, unknown where a dose may or may not belong to it."""
    return counts.select(
        "subject_id", nw.when(~open_when).then(nw.col(name)).alias("value"),
        nw.when(open_when).then(nw.lit(why)).alias("note"), "source")


def _adherence(records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return 100 × doses on schedule / doses expected, unknown where one cannot be judged."""
    counts = _counts(records, blocks)
    is_open, none = nw.col("unknown") > 0, nw.col("expected") == 0
    return counts.select(
        "subject_id",
        nw.when(~is_open & ~none).then(100 * nw.col("kept") / nw.col("expected")).alias("value"),
        nw.when(is_open).then(nw.lit(_UNKNOWN))
        .when(none).then(nw.lit("no dose of the schedule fell due")).alias("note"), "source")
