"""The days on which toxicity belongs to a cycle: from its start to the next, or 30 days after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import CYCLE, cycle_spans, with_later_cycles
from remission.definitions.definition import REGISTRY, definition
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.sequences import Bounds, bounds_of, different, reached
from remission.plan import Plan
from remission.records.column import SOURCE
from remission.records.once import once

COURSE = ("exposure.start_day", "exposure.end_day", "treatment_line.start_day",
          "drug_dose.purpose", "drug_dose.start_day", "transplant.day", "cell_therapy.day")
"""What a rule needs to know the windows: its first five frames."""

NO_START = "the first day of the cycle is not known"
NO_FIRST_INFUSION = "the day of the first infusion is not known"
OVERLAP = "the infusions of two cycles overlap"


@definition(
    label="End of the toxicity window", grain="cycle", kind="day", needs=COURSE,
    criteria="toxicity.window",
)
def toxicity_window_end(  # noqa: PLR0917 - one frame for each table it reads
    exposure: Lazy, lines: Lazy, doses: Lazy, transplants: Lazy, cells: Lazy, criteria: Criteria
) -> Lazy:
    """Last day on which toxicity counts as that of the cycle."""
    windows = _settled_windows(exposure, lines, doses, transplants, cells, criteria)
    return windows.select(
        *CYCLE, nw.col("last_day").alias("value"), nw.col("fault").alias("note"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="Day of the laboratory baseline", grain="cycle", kind="day",
    needs=("exposure.start_day", "exposure.end_day"), criteria="toxicity.baseline",
    chosen_as="toxicity_baseline",
)
def laboratory_baseline_day(exposure: Lazy, criteria: Criteria) -> Lazy:
    """Last day whose samples tell what laboratory values of the cycle are compared with."""
    spans = cycle_spans(exposure)
    joined = spans.join(_first_infusions(spans), on="subject_id", how="left")
    return joined.select(
        *CYCLE, nw.col(criteria["up_to"]).alias("value"),
        nw.when(nw.col(criteria["up_to"]).is_null()).then(nw.lit(
            NO_START if criteria["up_to"] == "cycle_start" else NO_FIRST_INFUSION)).alias("note"),
        nw.col(SOURCE).alias("source"))


def toxicity_windows(course: Sequence[Any], plan: Plan) -> Lazy:
    """Return each cycle with its days under the plan's choice: one row a cycle, computed once.

    ``course`` are the frames of :data:`COURSE`. Columns: ``subject_id, cycle_no, cycle_start,
    last_day, first_infusion, baseline_until`` (days), ``fault`` (why nothing can be said of the
    cycle, or null) and ``_source``.
    """
    return _with_baseline(_settled_windows(*course, window_criteria(plan)),
                          _chosen(laboratory_baseline_day, plan)["up_to"])


@once
def _with_baseline(windows: Lazy, up_to: str) -> Lazy:
    return windows.with_columns(baseline_until=nw.col(up_to))


@once
def _settled_windows(*given: Any) -> Lazy:
    return settled(_windows(*given))


def baseline_keys(plan: Plan) -> tuple[str, ...]:
    """Return what has a laboratory baseline of its own under the plan: a subject or a cycle."""
    return CYCLE if _chosen(laboratory_baseline_day, plan)["up_to"] == "cycle_start" else (
        "subject_id",)


def window_criteria(plan: Plan) -> Criteria:
    """Return the set of the toxicity window that the plan chooses."""
    return _chosen(toxicity_window_end, plan)


def _chosen(rule: Callable[..., Lazy], plan: Plan) -> Criteria:
    criteria = REGISTRY[rule.__name__].chosen_criteria(plan)
    assert criteria is not None
    return criteria


def in_windows(rows: Lazy, windows: Lazy) -> Lazy:
    """Return the rows (``subject_id, day`` …) of each cycle, with its ``cycle_no, cycle_start``."""
    spans, bounds = _spans(windows)
    return reached(rows, bounds).join(spans, on="subject_id").filter(
        (nw.col("day") >= nw.col("cycle_start")) & (nw.col("day") <= nw.col("last_day")),
    ).drop("last_day")


@once
def _spans(windows: Lazy) -> tuple[Lazy, Bounds]:
    """Return the windows with their days, and between which days all lie."""
    spans = windows.select(*CYCLE, "cycle_start", "last_day")
    return spans, bounds_of(spans, since="cycle_start", until="last_day")


def _windows(  # noqa: PLR0917 - one frame for each table it reads
    exposure: Lazy, lines: Lazy, doses: Lazy, transplants: Lazy, cells: Lazy, criteria: Criteria
) -> Lazy:
    spans = cycle_spans(exposure)
    others = stacked([
        lines.select("subject_id", nw.col("start_day").alias("therapy_day")),
        doses.filter(nw.col("purpose").is_in(criteria["new_therapy"])).select(
            "subject_id", nw.col("start_day").alias("therapy_day")),
        transplants.select("subject_id", nw.col("day").alias("therapy_day")),
        cells.select("subject_id", nw.col("day").alias("therapy_day")),
    ])
    therapies = spans.join(others, on="subject_id").filter(
        (nw.col("therapy_day") > nw.col("cycle_start"))
        & (nw.col("infusion_end").is_null() | (nw.col("therapy_day") >= nw.col("infusion_end"))),
    ).group_by(*CYCLE).agg(nw.col("therapy_day").min())
    begun = nw.col("therapy_day") - 1
    until_therapy = nw.when(~begun.is_null()).then(nw.max_horizontal(begun, "infusion_end"))
    last_infusion = nw.coalesce("infusion_end", "cycle_start")
    until_day = nw.when(nw.col("next_cycle_start").is_null()).then(
        last_infusion + criteria["days_after"])
    last_day = nw.min_horizontal(nw.col("next_cycle_start") - 1, until_therapy, until_day)
    joined = spans.join(therapies, on=list(CYCLE), how="left").join(
        _overlapping(spans), on=list(CYCLE), how="left").join(
        _first_infusions(spans), on="subject_id", how="left")
    known = ~nw.col("cycle_start").is_null()
    return joined.select(
        *CYCLE, "cycle_start", nw.when(known).then(last_day).alias("last_day"), "first_infusion",
        nw.when(~known).then(nw.lit(NO_START))
        .when(~nw.col("overlaps").is_null()).then(nw.lit(OVERLAP)).alias("fault"), SOURCE)


def _overlapping(spans: Lazy) -> Lazy:
    """Return the cycles during whose infusion another began, or that began during another's."""
    pairs = with_later_cycles(spans).filter(nw.col("later_start") < nw.col("infusion_end"))
    both = [pairs.select(*CYCLE),
            pairs.select("subject_id", nw.col("later_no").alias("cycle_no"))]
    return different(stacked(both)).with_columns(overlaps=nw.lit(1))


def _first_infusions(spans: Lazy) -> Lazy:
    """Return ``first_infusion`` of each subject; null where the first cycle has no start."""
    numbered_first = spans.filter(
        nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id"),
    ).select("subject_id", nw.col("cycle_start").alias("first_cycle_start"))
    return spans.group_by("subject_id").agg(
        nw.col("cycle_start").min().alias("earliest_start"),
    ).join(numbered_first, on="subject_id").select(
        "subject_id",
        nw.when(~nw.col("first_cycle_start").is_null()).then(nw.col("earliest_start"))
        .alias("first_infusion"))
