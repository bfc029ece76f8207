"""A slow reference of what was known of a child when blinatumomab was begun.

Written from the pages of the definitions, their criteria and section 0 of the reference, by
someone who has not read the implementation; see ``oracle.py`` for why that matters and for the
conventions. Where a page leaves a case open, section 0 decides: what is missing is unknown, except
where something else decides.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.engines.oracle import (
    DAYS_PER_YEAR,
    Result,
    Row,
    day_in,
    number_in,
    required_number,
    rows_of,
)
from tests.engines.oracle_disease import (
    Tables,
    all_of,
    in_order_of_days,
    initial_diagnosis,
    site_of_relapse,
    with_phase,
)
from tests.engines.oracle_marrow import (
    baseline_marrow,
    days_of,
    first_infusion,
    highest,
    known_numbers,
    measured_value,
    of_day,
)

DAYS_PER_MONTH = 30.4375
WEEK = 7

Results = dict[object, Result]


def of_each_child(tables: Tables, answer: Callable[[Row], Result]) -> Results:
    """Answer for each child."""
    return {subject["subject_id"]: answer(subject) for subject in tables.subject}


def told(value: object, day: int | None = None) -> Result:
    """Give an answer; the day may stand beside what is unknown."""
    return {"value": value, "day": day}


# Age and what the centre wrote ---------------------------------------------------------------


def age_years(tables: Tables) -> Results:
    """Give the age in years: as reported, else from days."""
    def answer(subject: Row) -> Result:
        years, days = number_in(subject, "age_at_index_years_reported"), day_in(
            subject, "age_at_index_days")
        if years is not None:
            return told(years)
        return told(None if days is None else days / DAYS_PER_YEAR)

    return of_each_child(tables, answer)


def age_months(tables: Tables) -> Results:
    """Give the age in months, from days alone."""
    def answer(subject: Row) -> Result:
        days = day_in(subject, "age_at_index_days")
        return told(None if days is None else days / DAYS_PER_MONTH)

    return of_each_child(tables, answer)


def donor_age_years(tables: Tables) -> Results:
    """Give the age of each donor in years."""
    results: Results = {}
    for graft in tables.transplant:
        days = day_in(graft, "donor_age_days")
        results[graft["subject_id"], graft["transplant_no"]] = told(
            None if days is None else days / DAYS_PER_YEAR)
    return results


def disease_status(tables: Tables) -> Results:
    """Give the reason the centre recorded."""
    return of_each_child(tables, lambda subject: told(subject.get("cohort")))


def at_diagnosis(tables: Tables, name: str) -> Results:
    """Give what the initial diagnosis says."""
    def answer(subject: Row) -> Result:
        diagnosis = initial_diagnosis(tables, subject["subject_id"])
        return told(None if diagnosis is None else diagnosis.get(name))

    return of_each_child(tables, answer)


# Just before the first infusion --------------------------------------------------------------


def at_start(tables: Tables, of_row: Callable[[Row], float | None]) -> Results:
    """Give the highest number of the last marrow before the first infusion, and its day."""
    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        marrow = baseline_marrow(
            tables.assessment, child, first_infusion(tables.exposure, child))
        value = highest([number for row in marrow if (number := of_row(row)) is not None])
        return told(value, None if value is None else day_in(marrow[0], "day"))

    return of_each_child(tables, answer)


def marrow_blasts_at_start(tables: Tables) -> Results:
    """Give the blasts of the last marrow."""
    return at_start(tables, lambda row: number_in(row, "blast_percent"))


def mrd_at_start(tables: Tables) -> Results:
    """Give the MRD of the last marrow where it was measured as a number."""
    return at_start(tables, measured_value)


def white_cells_at_start(tables: Tables) -> Results:
    """Give the last white cells of the week up to the first infusion: of one day the highest."""
    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        considered = [
            row for row in rows_of(tables.laboratory, child)
            if row["test"] == "WBC" and row.get("unit") == "10*9/L" and first is not None
            and number_in(row, "value") is not None
            and 0 <= first - required_number(row, "day") <= WEEK]
        days = days_of(considered)
        last = of_day(considered, days[-1]) if days else []
        return told(highest(known_numbers(last, "value")), days[-1] if days else None)

    return of_each_child(tables, answer)


# Earlier treatment ---------------------------------------------------------------------------


def began_before(row: Row, first: int) -> bool | None:
    """Say whether a line began before the first infusion; None without its day."""
    day = day_in(row, "start_day")
    return None if day is None else day < first


def had_line(tables: Tables, intent: str) -> Results:
    """Say whether a line of this intent was begun before the first infusion."""
    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        lines = rows_of(tables.treatment_line, child)
        if first is None or not lines:
            return told(None)
        is_it = [all_of(began_before(row, first), None if row.get("intent") is None
                        else row["intent"] == intent) for row in lines]
        if True in is_it:
            return told("Y")
        return told(None if None in is_it else "N")

    return of_each_child(tables, answer)


def counted(rows: list[Row], counts: Callable[[Row], bool | None]) -> int | None:
    """Count rows; unknown without any, and where one may count."""
    told_of = [counts(row) for row in rows]
    return sum(map(bool, told_of)) if rows and None not in told_of else None


def prior_lines(tables: Tables) -> Results:
    """Count the frontline and salvage lines begun before the first infusion."""
    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        if first is None:
            return told(None)
        return told(counted(rows_of(tables.treatment_line, child), lambda row: all_of(
            began_before(row, first), None if row.get("intent") is None
            else row["intent"] in ("FRONTLINE", "SALVAGE"))))

    return of_each_child(tables, answer)


def relapses_before_infusion(tables: Tables) -> Results:
    """Count the relapses up to the first infusion, its day included."""
    def is_counted(row: Row, first: int) -> bool | None:
        day, phase = day_in(row, "start_day"), row.get("phase")
        return all_of(None if day is None else day <= first,
                      None if phase is None else phase == "RELAPSE")

    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        if first is None:
            return told(None)
        return told(counted(rows_of(tables.disease_episode, child),
                            lambda row: is_counted(row, first)))

    return of_each_child(tables, answer)


def last_episode(tables: Tables) -> Results:
    """Give the phase of the last dated episode up to the first infusion, its day included."""
    def answer(subject: Row) -> Result:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        if first is None:
            return told(None)
        before = [row for row in in_order_of_days(
            rows_of(tables.disease_episode, child), "start_day", "episode_no")
            if required_number(row, "start_day") <= first]
        return told(before[-1].get("phase"), day_in(before[-1], "start_day")) if before else (
            told(None))

    return of_each_child(tables, answer)


# The first relapse ---------------------------------------------------------------------------


def first_relapse(tables: Tables, child: object) -> Row | None:
    """Give the first relapse after day 0; none where one without a day may have come before."""
    relapses = with_phase(rows_of(tables.disease_episode, child), "RELAPSE")
    after = [row for row in in_order_of_days(relapses, "start_day", "episode_no")
             if required_number(row, "start_day") > 0]
    undated = [row for row in relapses if day_in(row, "start_day") is None]
    if not after or any(required_number(row, "episode_no") < required_number(
            after[0], "episode_no") for row in undated):
        return None
    return after[0]


def first_relapse_site(tables: Tables) -> Results:
    """Give the site of the first relapse after day 0."""
    def answer(subject: Row) -> Result:
        relapse = first_relapse(tables, subject["subject_id"])
        return told(None if relapse is None else site_of_relapse(tables, relapse))

    return of_each_child(tables, answer)


def first_relapse_cd19(tables: Tables) -> Results:
    """Give CD19 on the blasts of the first relapse after day 0."""
    def answer(subject: Row) -> Result:
        relapse = first_relapse(tables, subject["subject_id"])
        cd19 = None if relapse is None else relapse.get("cd19")
        return told(None if cd19 == "U" else cd19)

    return of_each_child(tables, answer)
