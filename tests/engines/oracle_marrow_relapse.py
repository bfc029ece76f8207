"""A slow reference of relapse in the marrow by the consensus table, and of recurrence of MRD.

Written from the words of the definitions, sections 1.1 and 2.3; see ``oracle.py`` for the
conventions. Rule and reference come from one pair of eyes here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.engines.oracle import Result, Row, day_in, required_number, rows_of
from tests.engines.oracle_marrow import (
    CLEARED,
    FAILURE,
    at_least,
    below,
    days_of,
    finding_of_row,
    highest,
    known_numbers,
    less_than,
    measured_value,
    of_day,
    of_specimen,
)

METHODS = ("FCM", "IG_TR_PCR", "FUSION_PCR", "NGS")
MRD_FAILURE, BLASTS_LEFT, TEST_OF_DISEASE, REPEATED_WITHIN = 0.01, 5, 1, 28
REMISSIONS, NO_REMISSIONS = ("CR", "CRH", "CRI"), ("PR", "NR", "PD")
RECURRENCE_BELOW = {"ptwg_2022": 1, "eln_2024": 5}
"""Percent of MRD below which it is a recurrence and no relapse."""
JUDGED_BY_BLASTS_TOO = ("eln_2024",)


@dataclass
class Marrow:
    """What all rows of one day of a marrow say together."""

    day: int
    finding: int | None
    measured: float | None
    at_most: float | None
    blasts: float | None
    remission: bool | None
    tests: int
    positive_methods: int


def finding_of(row: Row) -> int | None:
    """Give what one assay of the marrow found."""
    return finding_of_row(row, METHODS, {}, MRD_FAILURE)


def bound_of(row: Row) -> float:
    """Give what MRD cannot exceed by one assay that found something or nothing."""
    measured = measured_value(row)
    if measured is not None:
        return measured
    bound = less_than(row)
    return bound if bound is not None else required_number(row, "mrd_lod_percent")


def word_of(rows: list[Row]) -> bool | None:
    """Give whether the centre called the marrow a remission; one word of it is enough."""
    words = [row.get("response_reported") for row in rows]
    if any(word in REMISSIONS for word in words):
        return True
    return False if any(word in NO_REMISSIONS for word in words) else None


def is_remission(
    measured: float | None, at_most: float | None, blasts: float | None, word: bool | None
) -> bool | None:
    """Judge a marrow by MRD where it is known, else by blasts, else by the centre."""
    if measured is not None and at_least(measured, TEST_OF_DISEASE):
        return False
    if at_most is not None and below(at_most, TEST_OF_DISEASE):
        return True
    return word if blasts is None else below(blasts, BLASTS_LEFT)


def marrow_of(day: int, rows: list[Row]) -> Marrow:
    """Put the rows of one day together."""
    read = [row for row in rows if finding_of(row) is not None]
    values = {method: highest([value for row in read if row["mrd_method"] == method
                               and (value := measured_value(row)) is not None])
              for method in METHODS}
    measured = highest([value for value in values.values() if value is not None])
    at_most = min((bound_of(row) for row in read), default=None)
    blasts = highest(known_numbers(rows, "blast_percent"))
    tests = sum(value is not None and at_least(value, TEST_OF_DISEASE)
                for value in values.values())
    if blasts is not None and at_least(blasts, TEST_OF_DISEASE):
        tests += 1
    return Marrow(
        day, max((found for row in read if (found := finding_of(row)) is not None), default=None),
        measured, at_most, blasts, is_remission(measured, at_most, blasts, word_of(rows)), tests,
        len({row["mrd_method"] for row in read if finding_of(row) == FAILURE}))


def marrows_of(assessments: list[Row], subject_id: object) -> list[Marrow]:
    """Give the examined marrows of a child in the order of their days."""
    rows = of_specimen(rows_of(assessments, subject_id), "BM")
    found = []
    for day in days_of(rows):
        together = of_day(rows, day)
        marrow = marrow_of(day, together)
        if marrow.blasts is not None or marrow.finding is not None or (
                word_of(together) is not None):
            found.append(marrow)
    return found


def repeated(marrows: list[Marrow], number: int) -> Marrow | None:
    """Give the next marrow, if it came within four weeks."""
    if number + 1 == len(marrows):
        return None
    following = marrows[number + 1]
    return following if following.day - marrows[number].day <= REPEATED_WITHIN else None


def was_clear(marrows: list[Marrow], number: int) -> bool:
    """Say whether a complete MRD response came before."""
    return any(marrow.finding == CLEARED for marrow in marrows[:number])


def is_confirmed(marrows: list[Marrow], number: int) -> bool:
    """Say whether a second method, or the next marrow, found MRD too."""
    following = repeated(marrows, number)
    return marrows[number].positive_methods >= 2 or (
        following is not None and following.finding == FAILURE)


def had_remission(marrows: list[Marrow], number: int) -> bool | None:
    """Say whether a remission came before; None where no earlier marrow tells."""
    told = [marrow.remission for marrow in marrows[:number] if marrow.remission is not None]
    return any(told) if told else None


def judgement(marrows: list[Marrow], number: int) -> str | None:  # noqa: PLR0911 - a row a line
    """Judge one marrow by the table; definitions 1.1."""
    marrow = marrows[number]
    mrd = marrow.measured
    if mrd is None or below(mrd, 1):
        if marrow.at_most is None or at_least(marrow.at_most, 1):
            return None
        recurs = marrow.finding == FAILURE and was_clear(marrows, number) and is_confirmed(
            marrows, number)
        return "MRD_RECURRENCE" if recurs else "NO"
    remission = had_remission(marrows, number)
    if remission is None:
        return None
    if not remission:
        return "PERSISTENT"
    others = marrow.tests - 1
    if at_least(mrd, 25) or others >= (1 if at_least(mrd, 5) else 2):
        return "RELAPSE"
    following = repeated(marrows, number)
    if following is None:
        return "PENDING_BM2"
    return "RELAPSE" if following.tests >= 2 else "NO"


def marrow_relapse(assessments: list[Row]) -> dict[tuple[object, object], Result]:
    """Judge every examination; what is no marrow, or has no day, is unknown."""
    found: dict[tuple[object, object], Result] = {}
    for row in assessments:
        marrows = marrows_of(assessments, row["subject_id"])
        value = None
        for number, marrow in enumerate(marrows):
            if row.get("specimen") == "BM" and day_in(row, "day") == marrow.day:
                value = judgement(marrows, number)
        found[row["subject_id"], row["assessment_no"]] = {"value": value}
    return found


def recurs(marrows: list[Marrow], number: int, criteria: str) -> bool:
    """Say whether a marrow holds MRD again, though less than a relapse; definitions 2.3."""
    marrow = marrows[number]
    if marrow.finding != FAILURE or marrow.measured is None or not was_clear(marrows, number):
        return False
    if criteria in JUDGED_BY_BLASTS_TOO and marrow.blasts is not None and (
            at_least(marrow.blasts, BLASTS_LEFT)):
        return False
    return below(marrow.measured, RECURRENCE_BELOW[criteria])


def recurrence_of(marrows: list[Marrow], criteria: str) -> Result:
    """Say whether and when MRD came back in one child after day 0."""
    is_open, is_seen = False, False
    for number, marrow in enumerate(marrows):
        if marrow.day <= 0:
            continue
        if recurs(marrows, number, criteria):
            if is_confirmed(marrows, number):
                return {"value": "Y", "day": marrow.day}
            is_open = True
        elif was_clear(marrows, number) and marrow.finding is not None:
            is_seen = True
    return {"value": "N" if is_seen and not is_open else None, "day": None}


def mrd_recurrence(
    subjects: list[Row], assessments: list[Row], criteria: str
) -> dict[object, Result]:
    """Say of every child whether and when MRD came back."""
    return {child["subject_id"]: recurrence_of(
        marrows_of(assessments, child["subject_id"]), criteria) for child in subjects}
