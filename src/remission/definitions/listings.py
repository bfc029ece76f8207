"""Lists written beside the cohort: what has more rows than its children, cycles or transplants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import narwhals.stable.v2 as nw

from remission.definitions.engines import to_polars
from remission.definitions.inputs import Lazy
from remission.definitions.protocol import (
    blocks_of_schedule,
    chosen_schedule,
    records_of_study,
)
from remission.definitions.protocol_doses import (
    MISSED,
    OFF_DAY,
    OFF_DOSE,
    UNPLANNED,
    judged_doses,
)
from remission.definitions.reported_grades import VERDICTS, reported_grades
from remission.records.storage import Frame
from remission.records.study import Study

_WHY = {OFF_DOSE: "more than the tolerance from the dose of the schedule",
        OFF_DAY: "not on the day of the schedule", MISSED: "no such dose is recorded",
        UNPLANNED: "the schedule has no such dose"}


@dataclass(frozen=True)
class Listing:
    """A list of its own rows: what it is, what each column means, and the rule behind it.

    ``order`` names the columns it is sorted by.
    """

    label: str
    columns: Mapping[str, str]
    order: tuple[str, ...]
    rows: Callable[[Study], Lazy]


def protocol_doses(study: Study) -> Lazy:
    """Return every judged dose of the schedule that the plan chooses: one row a dose."""
    schedule = chosen_schedule(study.plan)
    judged = judged_doses(records_of_study(study), blocks_of_schedule(schedule))
    why: nw.Expr = nw.lit(None, dtype=nw.String)
    for status, words in _WHY.items():
        why = nw.when(nw.col("status") == status).then(nw.lit(words)).otherwise(why)
    return judged.select(
        "subject_id", nw.lit(schedule.name).alias("schedule"), nw.col("purpose").alias("block"),
        nw.when(nw.col("instance") > 0).then(nw.col("instance")).alias("line_no"), "drug",
        nw.when(nw.col("expected")).then(nw.lit("Y")).otherwise(nw.lit("N")).alias("expected"),
        "expected_day", "given_day", "expected_dose", "given_dose", "dose_unit",
        nw.col("status").alias("verdict"), nw.coalesce(nw.col("note"), why).alias("why"), "source")


LISTINGS: Mapping[str, Listing] = MappingProxyType({
    "protocol_doses": Listing(
        "Doses of the protocol, expected and given", MappingProxyType({
            "subject_id": "the child",
            "schedule": "the paper whose schedule the plan chooses",
            "block": "block of treatment (drug_dose.purpose)",
            "line_no": "line of treatment, where the block belongs to one",
            "drug": "drug of the schedule, or as recorded where the schedule does not name it",
            "expected": "Y: a dose of the schedule; N: one that the schedule does not have",
            "expected_day": "day on which the schedule puts it; blank where it states none",
            "given_day": "day on which it was given",
            "expected_dose": "dose of the schedule; blank where it states none",
            "given_dose": "dose given, in the unit of the schedule (mg, U and doses by the other "
                          "size are converted by the child's weight and body surface)",
            "dose_unit": "unit of both doses",
            "verdict": "ON_SCHEDULE, OFF_DOSE, OFF_DAY, MISSED or UNPLANNED; blank: cannot be told",
            "why": "what is wrong with it, or why it cannot be told",
            "source": "row of the dose given",
        }), ("subject_id", "block", "line_no", "drug", "expected_day", "given_day", "source"),
        protocol_doses),
    "reported_grades": Listing(
        "Grades that the centre reported, and derived grades", MappingProxyType({
            "subject_id": "the child",
            "cycle_no": "number of the cycle",
            "toxicity": "definition of the grade",
            "derived_grade": "grade from daily signs or laboratory values; blank where undecided",
            "derived_least": "least grade that they prove",
            "derived_most": "most that it can be",
            "derived_day": "days from the start of the cycle to the derived grade",
            "reported_grade": "worst grade that the centre reported in the cycle",
            "reported_day": "days from the start of the cycle to the reported event",
            "verdict": "; ".join(f"{code}: {words}" for code, words in VERDICTS.items()),
            "why": "the reason, where the two cannot be compared",
            "derived_row": "row that decides the derived grade",
            "reported_row": "row of the reported event",
        }), ("subject_id", "cycle_no", "toxicity"), reported_grades),
})


def derive_listing(study: Study, name: str) -> Frame:
    """Return the rows of a listing, in a fixed order. Raises ``KeyError`` for another name."""
    listing = LISTINGS[name]
    return to_polars(listing.rows(study)).sort(*listing.order, nulls_last=True)
