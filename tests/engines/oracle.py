"""A slow reference implementation of some clinical definitions, in plain Python.

This file was written from a written brief of the rules, by someone who has not read the
implementation. That matters because two engines that run the same rule agree with each other
even when the rule is wrong, or when both were written by someone with the same misunderstanding.
Agreement between engines shows only that they say the same thing; agreement with this file shows
that, on the data compared, they also do what the brief says, as someone else understood it. It
does not show that the brief is right: a mistake in the brief is a mistake here too. So do not
"repair" this file by looking at an engine: when the two differ, go back to the words and decide
which of the readings is right.

Conventions: tables are lists of row dictionaries. All times are whole days. A missing value is
None, and an answer that cannot be known is None too, never "no". Everything is written as simple
loops; speed does not matter here.
"""

import math
from collections.abc import Collection
from numbers import Real

Row = dict[str, object]
Result = dict[str, object]

DAYS_PER_YEAR = 365.25
RELATIVE_TOLERANCE = 1e-9


# Reading single values -----------------------------------------------------------------------


def number_in(row: Row, name: str) -> float | None:
    """Give the number that stands in a field of a row, or None when it is missing.

    Anything that is neither missing nor a number is an error in the test data, and says so.
    """
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is not a number: {value!r}")
    number = float(value)
    if math.isnan(number):
        raise ValueError(f"{name} is NaN; a missing value is written as None")
    return number


def day_in(row: Row, name: str) -> int | None:
    """Give the whole day that stands in a field of a row, or None when it is missing."""
    number = number_in(row, name)
    if number is None:
        return None
    if number != math.floor(number):
        raise ValueError(f"{name} is not a whole day: {number!r}")
    return int(number)


def required_number(criteria: Row, name: str) -> float:
    """Give a number that the criteria must hold; its absence is an error."""
    number = number_in(criteria, name)
    if number is None:
        raise ValueError(f"the criteria do not name {name}")
    return number


def rows_of(rows: list[Row], subject_id: object) -> list[Row]:
    """Give the rows that belong to one subject."""
    found = []
    for row in rows:
        if row["subject_id"] == subject_id:
            found.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return found


def form_has_status(forms: list[Row], subject_id: object, form: str, status: str) -> bool:
    """Say whether the subject has a row for this form with this status."""
    found = False
    for row in rows_of(forms, subject_id):
        if row["form"] == form and row["status"] == status:
            found = True
    return found


# 1. Age group --------------------------------------------------------------------------------


def years_fit_level(years: float, level: Row) -> bool:
    """Say whether an age in years satisfies the bound of a level.

    A level without a bound takes every age.
    """
    below = number_in(level, "below")
    if below is not None:
        return years < below
    at_most = number_in(level, "at_most")
    if at_most is not None:
        return years <= at_most
    return True


def days_fit_level(days: int, level: Row) -> bool:
    """Say whether an age in days satisfies the bound of a level.

    The bound in years is turned into the day of the birthday: rounded down for "below", so that
    the birthday itself is no longer below; rounded up for "at most", so that the birthday itself
    is still inside. A level without a bound takes every age.
    """
    below = number_in(level, "below")
    if below is not None:
        return days < math.floor(below * DAYS_PER_YEAR)
    at_most = number_in(level, "at_most")
    if at_most is not None:
        return days <= math.ceil(at_most * DAYS_PER_YEAR)
    return True


def age_group(subjects: list[Row], levels: list[Row]) -> dict[object, Result]:
    """Put each subject into the first age level whose bound it satisfies.

    The reported age in years, when there is one, is used alone; otherwise the age in days. With
    neither of them the group is unknown.
    """
    results: dict[object, Result] = {}
    for subject in subjects:
        years = number_in(subject, "age_at_index_years_reported")
        days = day_in(subject, "age_at_index_days")
        code: object = None
        for level in levels:
            if years is not None:
                fits = years_fit_level(years, level)
            elif days is not None:
                fits = days_fit_level(days, level)
            else:
                fits = False
            if fits:
                code = level["code"]
                break
        results[subject["subject_id"]] = {"value": code}
    return results


# 2. Relapse ----------------------------------------------------------------------------------


def relapse_without_rows(
    subject_id: object, forms: list[Row], absent_means_none: Collection[str]
) -> str | None:
    """Say what it means that a subject has no counted relapse.

    If the subject has a row for the relapse form, its status alone decides: a complete form
    means that there was none, and any other status says nothing. Only without such a row does
    the study's word on absent rows decide.
    """
    if form_has_status(forms, subject_id, "RELAPSE", "COMPLETE"):
        return "N"
    for row in rows_of(forms, subject_id):
        if row["form"] == "RELAPSE":
            return None
    if "RELAPSE" in absent_means_none:
        return "N"
    return None


def relapse(
    subjects: list[Row],
    episodes: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
) -> dict[object, Result]:
    """Say for each subject whether a relapse came after the anchor, and on which day.

    A relapse counts when its day is after day 0 or is not known. Without a counted relapse the
    status of the subject's relapse form decides, and without a row for that form the study's
    word on absent rows. The day is the earliest one, and it is unknown as soon as one counted
    relapse has no day, since that one may have been the first.
    """
    results: dict[object, Result] = {}
    for subject in subjects:
        subject_id = subject["subject_id"]

        counted_days: list[int | None] = []
        for episode in rows_of(episodes, subject_id):
            start_day = day_in(episode, "start_day")
            if episode["phase"] == "RELAPSE" and (start_day is None or start_day > 0):
                counted_days.append(start_day)

        value: str | None = "Y"
        if not counted_days:
            value = relapse_without_rows(subject_id, forms, absent_means_none)

        first_day: int | None = None
        for counted_day in counted_days:
            if counted_day is None:
                first_day = None
                break
            if first_day is None or counted_day < first_day:
                first_day = counted_day
        results[subject_id] = {"value": value, "day": first_day}
    return results


# 3. Graft-versus-host disease from a grade on ------------------------------------------------


def gvhd_without_rows(
    subject_id: object, forms: list[Row], absent_means_none: Collection[str], kind: str
) -> str | None:
    """Say what it means that a subject has no row of this kind of graft-versus-host disease.

    A complete form means that there was none; a form that was not collected says nothing; with
    no form row at all, the study's word on absent rows decides.
    """
    form = f"{kind}_GVHD"
    if form_has_status(forms, subject_id, form, "COMPLETE"):
        return "N"
    if form_has_status(forms, subject_id, form, "NOT_COLLECTED"):
        return None
    if form in absent_means_none:
        return "N"
    return None


def graded_gvhd(  # noqa: PLR0917 - the arguments are the tables, in a fixed order
    transplants: list[Row],
    gvhd: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
    kind: str,
    grades: Collection[str],
    below: Collection[str],
) -> dict[object, Result]:
    """Say for each subject with a first transplant whether the disease reached these grades.

    One row with one of the grades decides for "Y". Without such a row, one row whose grade is
    missing or not among the known grades makes the answer unknown. Otherwise, rows that are all
    below mean "N". The day is the earliest known onset among the rows with one of the grades, in
    days after the first transplant.
    """
    results: dict[object, Result] = {}
    for transplant in transplants:
        if transplant["transplant_no"] != 1:
            continue
        subject_id = transplant["subject_id"]

        rows_of_kind = 0
        reached = False
        unclear = False
        first_onset: int | None = None
        for row in rows_of(gvhd, subject_id):
            if row["kind"] != kind:
                continue
            rows_of_kind += 1
            max_grade = row.get("max_grade")
            if max_grade is not None and max_grade in grades:
                reached = True
                onset_day = day_in(row, "onset_day")
                if onset_day is not None and (first_onset is None or onset_day < first_onset):
                    first_onset = onset_day
            elif max_grade is None or max_grade not in below:
                unclear = True

        value: str | None
        if reached:
            value = "Y"
        elif unclear:
            value = None
        elif rows_of_kind > 0:
            value = "N"
        else:
            value = gvhd_without_rows(subject_id, forms, absent_means_none, kind)

        day: int | None = None
        transplant_day = day_in(transplant, "day")
        if value == "Y" and first_onset is not None and transplant_day is not None:
            day = first_onset - transplant_day
        results[subject_id] = {"value": value, "day": day}
    return results


# 4. Recovery of neutrophils or platelets -----------------------------------------------------


def next_transplant_day(transplants: list[Row], transplant: Row) -> int | None:
    """Give the day of the same subject's next transplant, by its number.

    None when there is no next one, and also when its day is not known.
    """
    own_number = required_number(transplant, "transplant_no")
    next_row: Row | None = None
    next_number: float | None = None
    for row in rows_of(transplants, transplant["subject_id"]):
        number = required_number(row, "transplant_no")
        if number > own_number and (next_number is None or number < next_number):
            next_row = row
            next_number = number
    if next_row is None:
        return None
    return day_in(next_row, "day")


def lowest_by_day(
    counts: list[Row], subject_id: object, transplant_day: int, next_day: int | None
) -> dict[int, float]:
    """Collect a transplant's counts, one for each day after the graft: the lowest of the day.

    The counts of a transplant are later than its own day and earlier than the next transplant's
    day. A count without a day or without a value is no count.
    """
    lowest: dict[int, float] = {}
    for row in rows_of(counts, subject_id):
        day = day_in(row, "day")
        value = number_in(row, "value")
        if day is None or value is None:
            continue
        if day <= transplant_day:
            continue
        if next_day is not None and day >= next_day:
            continue
        after = day - transplant_day
        if after not in lowest or value < lowest[after]:
            lowest[after] = value
    return lowest


def transfusions_are_recorded(
    transfusions: list[Row], forms: list[Row], subject_id: object
) -> bool:
    """Say whether the subject's transfusions are recorded.

    They are when there is a transfusion row of any product, or a complete transfusion form.
    """
    if rows_of(transfusions, subject_id):
        return True
    return form_has_status(forms, subject_id, "TRANSFUSION", "COMPLETE")


def platelet_transfusion_days(
    transfusions: list[Row], subject_id: object, transplant_day: int
) -> list[int]:
    """Give the days after the graft on which platelets were transfused.

    Transfusions before the graft are included, with negative days. One without a day cannot be
    placed and is left out.
    """
    days = []
    for row in rows_of(transfusions, subject_id):
        day = day_in(row, "day")
        if row["product"] == "PLATELET" and day is not None:
            days.append(day - transplant_day)
    return days


def value_meets(value: float, threshold: float, inclusive: bool) -> bool:
    """Say whether a count reaches the threshold.

    A count within a billionth of the threshold is on it, and then it is enough only if the
    threshold is inclusive.
    """
    if abs(value - threshold) <= RELATIVE_TOLERANCE * abs(threshold):
        return inclusive
    return value > threshold


def last_transfusion(after: int, transfused_on: list[int]) -> int | None:
    """Give the day of the last platelet transfusion up to and on this day, or None."""
    last: int | None = None
    for day in transfused_on:
        if day <= after and (last is None or day > last):
            last = day
    return last


def days_that_meet(
    lowest: dict[int, float], criteria: Row, cell: str, transfused_on: list[int]
) -> dict[int, bool]:
    """Say for each day with a count, in the order of the days, whether the day meets."""
    threshold = required_number(criteria, "threshold")
    inclusive = bool(criteria["inclusive"])
    meets: dict[int, bool] = {}
    for after in sorted(lowest):
        day_meets = value_meets(lowest[after], threshold, inclusive)
        if cell == "platelet":
            days_since = required_number(criteria, "days_since_transfusion")
            last = last_transfusion(after, transfused_on)
            if last is not None and after - last < days_since:
                day_meets = False
        meets[after] = day_meets
    return meets


def days_that_are_low(
    lowest: dict[int, float], criteria: Row, cell: str, transfused_on: list[int]
) -> dict[int, bool]:
    """Say for each day with a count, in the order of the days, whether the day is low.

    A day is low when its count does not reach the threshold. A day with platelets is also low
    when it is too soon after its last platelet transfusion and that one was given after the
    graft; a transfusion before the graft, or on its day, makes no day low.
    """
    threshold = required_number(criteria, "threshold")
    inclusive = bool(criteria["inclusive"])
    low: dict[int, bool] = {}
    for after in sorted(lowest):
        day_is_low = not value_meets(lowest[after], threshold, inclusive)
        if cell == "platelet":
            days_since = required_number(criteria, "days_since_transfusion")
            last = last_transfusion(after, transfused_on)
            if last is not None and last > 0 and after - last < days_since:
                day_is_low = True
        low[after] = day_is_low
    return low


def day_of_nadir(low: dict[int, bool], observed_until: float) -> int | None:
    """Give the first low day up to the day observed_until, or None when there is none.

    A low count later than that is a later failure, not the nadir.
    """
    for day in sorted(low):
        if low[day] and day <= observed_until:
            return day
    return None


def considered_days(
    low: dict[int, bool], nadir_seen_by: float, observed_until: float
) -> list[int] | None:
    """Give the days on which recovery may start, or None when the counts never fell.

    When the counts begin late and their first day is not itself the nadir, the nadir passed
    unseen, and every day is considered. Otherwise recovery comes after the nadir: only the days
    after it are considered, and without a nadir the counts never fell.
    """
    days = sorted(low)
    begin = days[0]
    nadir = day_of_nadir(low, observed_until)
    if begin > nadir_seen_by and (nadir is None or nadir > begin):
        return days
    if nadir is None:
        return None
    considered = []
    for day in days:
        if day > nadir:
            considered.append(day)  # noqa: PERF401 - a plain loop, on purpose
    return considered


def runs_that_meet(days: list[int], meets: dict[int, bool], run_of: str) -> list[list[int]]:
    """Cut the considered days into runs of consecutive counts that all meet.

    When runs are of calendar days, a day without a count ends a run too.
    """
    runs: list[list[int]] = []
    current: list[int] = []
    for day in days:
        gap = run_of == "calendar days" and bool(current) and day != current[-1] + 1
        if current and (gap or not meets[day]):
            runs.append(current)
            current = []
        if meets[day]:
            current.append(day)
    if current:
        runs.append(current)
    return runs


def run_is_open(run: list[int], all_days: list[int], run_of: str) -> bool:
    """Say whether a run that is too short might have gone on unseen.

    It might when no count follows it, or, when runs are of calendar days, when the next count
    is more than one day later.
    """
    next_count: int | None = None
    for day in all_days:
        if day > run[-1] and (next_count is None or day < next_count):
            next_count = day
    if next_count is None:
        return True
    return run_of == "calendar days" and next_count > run[-1] + 1


def end_of_observation(
    follow_up: list[Row], subject_id: object, transplant_day: int, next_day: int | None
) -> int | None:
    """Give the day after the graft on which the time of this transplant ends.

    It is the next transplant if its day is known, else death, else the last contact; None if
    none of them is known.
    """
    if next_day is not None:
        return next_day - transplant_day
    for row in rows_of(follow_up, subject_id):
        death_day = day_in(row, "death_day")
        if death_day is not None:
            return death_day - transplant_day
        last_contact_day = day_in(row, "last_contact_day")
        if last_contact_day is not None:
            return last_contact_day - transplant_day
    return None


def longest_gap(days: list[int], until: float) -> float:
    """Give the longest time without a count, in days, from the graft to the day until.

    The time before the first count and the time after the last one are gaps too.
    """
    longest: float = 0
    before = 0
    for day in sorted(days):
        longest = max(longest, day - before)
        before = day
    return max(longest, until - before)


def counts_cover_the_time(
    all_days: list[int], observed_until: float, end: int | None, largest_gap: float
) -> bool:
    """Say whether the counts are enough to say that recovery did not come.

    Only the time up to the day observed_until matters, or up to the end of the observation if
    that is earlier. The counts cover it when there is at least one in it and no gap in it is too
    long. Later counts play no part.
    """
    until = observed_until
    if end is not None and end < until:
        until = end
    days_in_time = []
    for day in all_days:
        if day <= until:
            days_in_time.append(day)  # noqa: PERF401 - a plain loop, on purpose
    if not days_in_time:
        return False
    return longest_gap(days_in_time, until) <= largest_gap


def recovery_from_counts(
    meets: dict[int, bool], low: dict[int, bool], criteria: Row, end: int | None
) -> Result:
    """Decide about recovery from a transplant's counts, of which there is at least one."""
    run_of = str(criteria["run_of"])
    if run_of not in ("values", "calendar days"):
        raise ValueError(f"run_of is neither values nor calendar days: {run_of!r}")
    needed = required_number(criteria, "run")
    nadir_seen_by = required_number(criteria, "nadir_seen_by")
    observed_until = required_number(criteria, "observed_until")
    largest_gap = required_number(criteria, "largest_gap")
    considered = considered_days(low, nadir_seen_by, observed_until)
    if considered is None:
        return {"value": None, "day": None}

    all_days = sorted(meets)
    runs = runs_that_meet(considered, meets, run_of)
    for run in runs:
        if len(run) >= needed:
            return {"value": "Y", "day": run[0]}
    for run in runs:
        if run_is_open(run, all_days, run_of):
            return {"value": None, "day": None}
    if counts_cover_the_time(all_days, observed_until, end, largest_gap):
        return {"value": "N", "day": None}
    return {"value": None, "day": None}


def recovery_as_reported(transplant: Row, cell: str) -> Result:
    """Decide about recovery from what was reported, for a transplant without counts.

    A reported day without an answer counts as a reported recovery.
    """
    reported = transplant.get(f"{cell}_recovered_reported")
    reported_day = day_in(transplant, f"{cell}_recovery_day_reported")
    transplant_day = day_in(transplant, "day")
    if reported == "Y" or (reported is None and reported_day is not None):
        if reported_day is None or transplant_day is None:
            return {"value": "Y", "day": None}
        return {"value": "Y", "day": reported_day - transplant_day}
    if reported == "N":
        return {"value": "N", "day": None}
    return {"value": None, "day": None}


def recovery(  # noqa: PLR0917 - the arguments are the tables, in a fixed order
    transplants: list[Row],
    counts: list[Row],
    follow_up: list[Row],
    criteria: Row,
    transfusions: list[Row] | None = None,
    forms: list[Row] | None = None,
    cell: str = "neutrophil",
) -> dict[tuple[object, object], Result]:
    """Say for each transplant whether the cells recovered, and on which day after the graft.

    The counts decide when there are any; otherwise what was reported does. Platelet counts are
    of use only when the subject's transfusions are recorded.
    """
    if cell not in ("neutrophil", "platelet"):
        raise ValueError(f"cell is neither neutrophil nor platelet: {cell!r}")
    transfusion_rows = transfusions if transfusions is not None else []
    form_rows = forms if forms is not None else []
    results: dict[tuple[object, object], Result] = {}
    for transplant in transplants:
        subject_id = transplant["subject_id"]
        key = (subject_id, transplant["transplant_no"])
        transplant_day = day_in(transplant, "day")
        if transplant_day is None:
            results[key] = recovery_as_reported(transplant, cell)
            continue

        next_day = next_transplant_day(transplants, transplant)
        lowest = lowest_by_day(counts, subject_id, transplant_day, next_day)
        transfused_on: list[int] = []
        if cell == "platelet":
            transfused_on = platelet_transfusion_days(transfusion_rows, subject_id, transplant_day)
            if not transfusions_are_recorded(transfusion_rows, form_rows, subject_id):
                lowest = {}
        if not lowest:
            results[key] = recovery_as_reported(transplant, cell)
            continue

        meets = days_that_meet(lowest, criteria, cell, transfused_on)
        low = days_that_are_low(lowest, criteria, cell, transfused_on)
        end = end_of_observation(follow_up, subject_id, transplant_day, next_day)
        results[key] = recovery_from_counts(meets, low, criteria, end)
    return results


# 5. Time to the first event ------------------------------------------------------------------


def unknown_endpoint() -> Result:
    """Give the result of a subject whose time to event cannot be known."""
    return {"time": None, "status": None, "event": None}


def censored(follow_up: list[Row], subject_id: object, origin: int) -> Result:
    """Give the result of a subject without an event: censored at the last contact.

    The day of death stands in for a missing last contact. Without either, or with one before
    the origin, the result is unknown.
    """
    last_day: int | None = None
    for row in rows_of(follow_up, subject_id):
        last_day = day_in(row, "last_contact_day")
        if last_day is None:
            last_day = day_in(row, "death_day")
    if last_day is None or last_day < origin:
        return unknown_endpoint()
    return {"time": last_day - origin, "status": 0, "event": "last contact"}


def first_event(
    subject_id: object,
    origin: int,
    event_rows: dict[str, list[Row]],
    ranked: list[tuple[str, int]],
) -> Result | None:
    """Give a subject's first event, or None when it has no event from the origin on.

    The events are looked at in the order of the plan, and a later one in that order replaces an
    earlier one only if its time is smaller; so on equal times the one named first wins. One
    event without a day makes the whole result unknown.
    """
    first: Result | None = None
    first_time: int | None = None
    for name, counts_as in ranked:
        for row in rows_of(event_rows.get(name, []), subject_id):
            day = day_in(row, "day")
            if day is None:
                return unknown_endpoint()
            time = day - origin
            if time < 0:
                continue
            if first_time is None or time < first_time:
                first_time = time
                first = {"time": time, "status": counts_as, "event": name}
    return first


def endpoint(
    subjects: list[Row],
    origins: dict[object, int],
    event_rows: dict[str, list[Row]],
    follow_up: list[Row],
    ranked: list[tuple[str, int]],
) -> dict[object, Result]:
    """Give for each subject the time from its origin to its first event, or to censoring.

    Status 0 is censored, 1 an event, 2 a competing event. A subject without an origin is
    unknown.
    """
    results: dict[object, Result] = {}
    for subject in subjects:
        subject_id = subject["subject_id"]
        origin = day_in({"origin": origins.get(subject_id)}, "origin")
        if origin is None:
            results[subject_id] = unknown_endpoint()
            continue
        result = first_event(subject_id, origin, event_rows, ranked)
        if result is None:
            result = censored(follow_up, subject_id, origin)
        results[subject_id] = result
    return results
