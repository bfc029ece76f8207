"""What the slow oracles of disease and response both read: thresholds, marrows, the baseline.

Written from the briefs of both chapters, by someone who has not read the implementation; see
``oracle.py`` for why that matters and for the conventions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tests.engines.oracle import (
    RELATIVE_TOLERANCE,
    Row,
    day_in,
    number_in,
    required_number,
    rows_of,
)

BASELINE_DAYS = 28
"""How long before the first infusion an examination still tells the baseline; brief, 3."""

BLASTS_OF_DISEASE = 5
"""Percent of marrow blasts from which there is disease; definitions 1.1 and 1.2."""

FAILURE, DETECTED, CLEARED, UNSURE = 4, 3, 2, 1
"""The findings of an assay, worst first: at or above the limit; found below it; not found by a
test that sees the limit; not found, or not measured, by one that does not."""


def at_least(value: float, threshold: float) -> bool:
    """Say whether a value is at or above a threshold, with the relative tolerance."""
    return value >= threshold * (1 - RELATIVE_TOLERANCE)


def above(value: float, threshold: float) -> bool:
    """Say whether a value is strictly above a threshold, with the relative tolerance."""
    return value > threshold * (1 + RELATIVE_TOLERANCE)


def below(value: float, threshold: float) -> bool:
    """Say whether a value is strictly below a threshold, with the relative tolerance."""
    return not at_least(value, threshold)


def highest(numbers: list[float]) -> float | None:
    """Give the highest of some numbers, or None when there are none."""
    if not numbers:
        return None
    return max(numbers)


def known_numbers(rows: list[Row], name: str) -> list[float]:
    """Give the numbers that stand in a field of some rows."""
    found = []
    for row in rows:
        number = number_in(row, name)
        if number is not None:
            found.append(number)
    return found


def first_infusion(exposure: list[Row], subject_id: object) -> int | None:
    """Give the smallest day on which a segment of the child began, or None without any."""
    first: int | None = None
    for row in rows_of(exposure, subject_id):
        day = day_in(row, "start_day")
        if day is not None and (first is None or day < first):
            first = day
    return first


def in_order_of_days(rows: list[Row], day_name: str, number_name: str) -> list[Row]:
    """Give the rows that have a day, sorted by it; rows of one day by their own number."""
    dated = []
    for row in rows:
        if day_in(row, day_name) is not None:
            dated.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return sorted(dated, key=lambda row: (day_in(row, day_name),
                                          required_number(row, number_name)))


def of_specimen(rows: list[Row], specimen: str) -> list[Row]:
    """Give the rows of one specimen."""
    return [row for row in rows if row.get("specimen") == specimen]


def of_day(rows: list[Row], day: int) -> list[Row]:
    """Give the examinations of one day."""
    return [row for row in rows if day_in(row, "day") == day]


def days_of(rows: list[Row]) -> list[int]:
    """Give the different days of some examinations, in order."""
    found = set()
    for row in rows:
        day = day_in(row, "day")
        if day is not None:
            found.add(day)
    return sorted(found)


# One assay -----------------------------------------------------------------------------------


def value_below_own_limit(row: Row) -> bool:
    """Say whether a measured value lies below the limit its row records."""
    value = number_in(row, "mrd_percent")
    limit = number_in(row, "mrd_lod_percent")
    return value is not None and limit is not None and below(value, limit)


def measured_value(row: Row) -> float | None:
    """Give the value a row measured: sign "=" or none, above 0, not below its own limit."""
    value = number_in(row, "mrd_percent")
    if row.get("mrd_sign") not in (None, "="):
        return None
    if value is None or value <= 0 or value_below_own_limit(row):
        return None
    return value


def less_than(row: Row) -> float | None:
    """Give the bound of a row that says "less than", or None when it says something else."""
    value = number_in(row, "mrd_percent")
    if row.get("mrd_sign") == "<":
        return value
    if row.get("mrd_sign") in (None, "=") and value is not None and value > 0 and (
            value_below_own_limit(row)):
        return number_in(row, "mrd_lod_percent")
    return None


def not_detected(row: Row) -> bool:
    """Say whether a row found nothing: sign ND, or a measured 0."""
    if row.get("mrd_sign") == "ND":
        return True
    return row.get("mrd_sign") in (None, "=") and number_in(row, "mrd_percent") == 0


def limit_of(row: Row, usual_limits: Mapping[str, float]) -> float | None:
    """Give the limit of an assay: its own, else the usual one of its method."""
    own = number_in(row, "mrd_lod_percent")
    if own is not None:
        return own
    return usual_limits.get(str(row.get("mrd_method")))


def finding_of_row(
    row: Row, methods: Collection[str], usual_limits: Mapping[str, float],
    threshold: float,
) -> int | None:
    """Give what one assay of a marrow found; None when it has no finding."""
    if row.get("specimen") != "BM" or (methods and row.get("mrd_method") not in methods):
        return None
    measured = measured_value(row)
    if measured is not None:
        return FAILURE if at_least(measured, threshold) else DETECTED
    bound = less_than(row)
    if bound is not None:
        return UNSURE if above(bound, threshold) else DETECTED
    if not_detected(row):
        limit = limit_of(row, usual_limits)
        if limit is None:
            return None
        return UNSURE if above(limit, threshold) else CLEARED
    return None


def highest_finding(
    rows: list[Row], methods: Collection[str], usual_limits: Mapping[str, float],
    threshold: float,
) -> int | None:
    """Give the highest finding of the rows of one marrow."""
    found: int | None = None
    for row in rows:
        finding = finding_of_row(row, methods, usual_limits, threshold)
        if finding is not None and (found is None or finding > found):
            found = finding
    return found


# The baseline --------------------------------------------------------------------------------


def before_first_infusion(rows: list[Row], first: int | None) -> list[Row]:
    """Give the examinations of the 28 days up to and on the first infusion."""
    found = []
    for row in rows:
        day = day_in(row, "day")
        if first is not None and day is not None and 0 <= first - day <= BASELINE_DAYS:
            found.append(row)
    return found


def tells_of_marrow(row: Row) -> bool:
    """Say whether an examination is a marrow with blasts, an MRD value or an MRD sign."""
    return row.get("specimen") == "BM" and (
        number_in(row, "blast_percent") is not None
        or number_in(row, "mrd_percent") is not None
        or row.get("mrd_sign") is not None)


def baseline_marrow(assessments: list[Row], subject_id: object, first: int | None) -> list[Row]:
    """Give the marrow rows of the last day before the first infusion that tells of the marrow."""
    considered = before_first_infusion(rows_of(assessments, subject_id), first)
    days = days_of([row for row in considered if tells_of_marrow(row)])
    if not days:
        return []
    return of_day(of_specimen(considered, "BM"), days[-1])


def fluid_before(assessments: list[Row], subject_id: object, first: int | None) -> list[Row]:
    """Give the rows with a CNS status of the last such day before the first infusion."""
    considered = before_first_infusion(rows_of(assessments, subject_id), first)
    with_status = [row for row in considered if row.get("cns_status") is not None]
    days = days_of(with_status)
    if not days:
        return []
    return of_day(with_status, days[-1])


def baseline_status(
    assessments: list[Row], exposure: list[Row], subject_id: object, threshold: float = 0.01,
) -> str | None:
    """Give the state of the child before the first infusion; brief of the response, 3.

    Without blasts there is no remission, whatever the MRD: morphology is not read off it unless
    a study asks for that; definitions 2.1.
    """
    first = first_infusion(exposure, subject_id)
    marrow = baseline_marrow(assessments, subject_id, first)
    blasts = highest(known_numbers(marrow, "blast_percent"))
    finding = highest_finding(marrow, (), {"FCM": 0.01}, threshold)
    fluid = fluid_before(assessments, subject_id, first)
    involved = any(row["cns_status"] == "CNS3" for row in fluid)
    if involved or (blasts is not None and at_least(blasts, BLASTS_OF_DISEASE)):
        return "RR"
    if blasts is None:
        return None
    if finding == FAILURE:
        return "MRD_POS"
    return "MRD_NEG" if finding in (DETECTED, CLEARED) else "CR_MRD_UNKNOWN"
