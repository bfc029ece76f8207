"""A slow reference implementation of some clinical definitions, in plain Python.

This file was written from a written brief of the rules, by someone who has not read the
implementation. That matters because two engines that run the same rule agree with each other
even when the rule is wrong, or when both were written by someone with the same misunderstanding.
Agreement between engines shows only that they say the same thing; agreement with this file shows
that, on the data compared, they also do what the brief says, as someone else understood it. It
does not show that the brief is right: a mistake in the brief is a mistake here too. So do not
"repair" this file by looking at an engine: when the two differ, go back to the words and decide
which of the readings is right.

Conventions: tables are lists of row dictionaries. All times are whole days from the anchor of the
study, which is day 0. A missing value is None, and an answer that cannot be known is None too,
never "no". Everything is written as simple loops; speed does not matter here.
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


def required_number(row: Row, name: str) -> float:
    """Give a number that a row, or the criteria, must hold; its absence is an error."""
    number = number_in(row, name)
    if number is None:
        raise ValueError(f"the row or the criteria do not name {name}")
    return number


def rows_of(rows: list[Row], subject_id: object) -> list[Row]:
    """Give the rows that belong to one subject."""
    found = []
    for row in rows:
        if row["subject_id"] == subject_id:
            found.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return found


def earliest_row(rows: list[Row], day_name: str, number_name: str) -> Row | None:
    """Give the row with the smallest known day, or None when no row has a day.

    Of rows with equal days it is the one with the smallest number.
    """
    earliest: Row | None = None
    earliest_day: int | None = None
    for row in rows:
        day = day_in(row, day_name)
        if day is None:
            continue
        if earliest is None or earliest_day is None or day < earliest_day:
            earliest = row
            earliest_day = day
        elif day == earliest_day:
            number = required_number(row, number_name)
            if number < required_number(earliest, number_name):
                earliest = row
    return earliest


def follow_up_of(follow_up: list[Row], subject_id: object) -> Row:
    """Give the subject's follow-up row; an empty one, which knows nothing, when there is none."""
    found = rows_of(follow_up, subject_id)
    if len(found) > 1:
        raise ValueError(f"{subject_id!r} has more than one follow-up row")
    if not found:
        return {}
    return found[0]


# Reading the forms ---------------------------------------------------------------------------


def form_has_status(forms: list[Row], subject_id: object, form: str, status: str) -> bool:
    """Say whether the subject has a row for this form with this status."""
    found = False
    for row in rows_of(forms, subject_id):
        if row["form"] == form and row["status"] == status:
            found = True
    return found


def absent_rows_mean_none(
    forms: list[Row], subject_id: object, form: str, absent_means_none: Collection[str]
) -> bool:
    """Say whether it is known that what the subject has no row of did not happen.

    If the subject has a row for the form, its status alone decides: a complete form means that
    there was none, and any other status says nothing. Only without such a row does the study's
    word on absent rows decide.
    """
    if form_has_status(forms, subject_id, form, "COMPLETE"):
        return True
    for row in rows_of(forms, subject_id):
        if row["form"] == form:
            return False
    return form in absent_means_none


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


# 2. Index graft ------------------------------------------------------------------------------


def transplanted_subjects(transplants: list[Row]) -> list[object]:
    """Give each subject that has a transplant row once, in the order of the rows."""
    found: list[object] = []
    for row in transplants:
        if row["subject_id"] not in found:
            found.append(row["subject_id"])
    return found


def index_graft(transplants: list[Row], subject_id: object) -> Row | None:
    """Give the subject's index graft: its first transplant that does not precede the anchor.

    A transplant without a day may be one that came after the anchor, but one with a day goes
    before it. When no transplant that may be the index graft has a day, their numbers decide.
    """
    candidates = []
    for row in rows_of(transplants, subject_id):
        day = day_in(row, "day")
        if day is None or day >= 0:
            candidates.append(row)

    dated = earliest_row(candidates, "day", "transplant_no")
    if dated is not None:
        return dated

    lowest: Row | None = None
    lowest_number: float | None = None
    for row in candidates:
        number = required_number(row, "transplant_no")
        if lowest_number is None or number < lowest_number:
            lowest = row
            lowest_number = number
    return lowest


def next_transplant_day(transplants: list[Row], transplant: Row) -> int | None:
    """Give the day of the same subject's next transplant: the smallest day after its own.

    None when no transplant is known to be later, and when its own day is not known. The numbers
    of the transplants play no part.
    """
    own_day = day_in(transplant, "day")
    if own_day is None:
        return None
    next_day: int | None = None
    for row in rows_of(transplants, transplant["subject_id"]):
        day = day_in(row, "day")
        if day is None or day <= own_day:
            continue
        if next_day is None or day < next_day:
            next_day = day
    return next_day


# 3. Relapse ----------------------------------------------------------------------------------


def relapses_of(episodes: list[Row], subject_id: object) -> list[Row]:
    """Give the subject's relapse rows, dated or not."""
    found = []
    for row in rows_of(episodes, subject_id):
        if row["phase"] == "RELAPSE":
            found.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return found


def undated_relapses(relapses: list[Row]) -> list[Row]:
    """Give the relapses that have no day."""
    found = []
    for row in relapses:
        if day_in(row, "start_day") is None:
            found.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return found


def dated_relapses_after(relapses: list[Row], day: int) -> list[Row]:
    """Give the relapses whose day is known and later than this day."""
    found = []
    for row in relapses:
        start_day = day_in(row, "start_day")
        if start_day is not None and start_day > day:
            found.append(row)
    return found


def episode_is_before(row: Row, other: Row) -> bool:
    """Say whether an episode comes before another one, by their numbers."""
    return required_number(row, "episode_no") < required_number(other, "episode_no")


def first_relapse_day(relapses: list[Row], after_day: int) -> int | None:
    """Give the day of the first relapse after this day, or None when it cannot be told.

    It cannot when none has a day, and when a relapse without a day comes, by its number, before
    the earliest dated one: then that one may have been the first.
    """
    earliest = earliest_row(dated_relapses_after(relapses, after_day), "start_day", "episode_no")
    if earliest is None:
        return None
    for undated in undated_relapses(relapses):
        if episode_is_before(undated, earliest):
            return None
    return day_in(earliest, "start_day")


def relapse_without_rows(
    subject_id: object, forms: list[Row], absent_means_none: Collection[str]
) -> str | None:
    """Say what it means that a subject has no counted relapse."""
    if absent_rows_mean_none(forms, subject_id, "RELAPSE", absent_means_none):
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
    word on absent rows. The day is that of the first relapse after day 0, when it can be told.
    """
    results: dict[object, Result] = {}
    for subject in subjects:
        subject_id = subject["subject_id"]
        relapses = relapses_of(episodes, subject_id)

        value: str | None
        if dated_relapses_after(relapses, 0) or undated_relapses(relapses):
            value = "Y"
        else:
            value = relapse_without_rows(subject_id, forms, absent_means_none)
        results[subject_id] = {"value": value, "day": first_relapse_day(relapses, 0)}
    return results


# 4. Relapse after the index graft ------------------------------------------------------------


def relapse_after_graft(
    graft: Row, relapses: list[Row], forms: list[Row], absent_means_none: Collection[str]
) -> Result:
    """Say whether a relapse came after this graft, and how many days after it.

    A relapse on the day of the graft or before it does not count and does not matter. One that
    cannot be placed before or after the graft makes the answer unknown, unless another one is
    known to have come after it.
    """
    graft_day = day_in(graft, "day")
    if graft_day is not None and dated_relapses_after(relapses, graft_day):
        first_day = first_relapse_day(relapses, graft_day)
        if first_day is None:
            return {"value": "Y", "day": None}
        return {"value": "Y", "day": first_day - graft_day}
    if undated_relapses(relapses):
        return {"value": None, "day": None}
    if graft_day is None and dated_relapses_after(relapses, 0):
        return {"value": None, "day": None}
    value = relapse_without_rows(graft["subject_id"], forms, absent_means_none)
    return {"value": value, "day": None}


def relapse_after_transplant(
    transplants: list[Row],
    episodes: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
) -> dict[object, Result]:
    """Say for each subject with an index graft whether a relapse came after it, and when.

    The day is counted from the graft.
    """
    results: dict[object, Result] = {}
    for subject_id in transplanted_subjects(transplants):
        graft = index_graft(transplants, subject_id)
        if graft is None:
            continue
        relapses = relapses_of(episodes, subject_id)
        results[subject_id] = relapse_after_graft(graft, relapses, forms, absent_means_none)
    return results


# 5. Graft-versus-host disease from a grade on ------------------------------------------------


def gvhd_without_rows(
    subject_id: object, forms: list[Row], absent_means_none: Collection[str], kind: str
) -> str | None:
    """Say what it means that no row of this kind of disease may belong to the subject's graft.

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


def onset_may_belong(onset_day: int | None, graft_day: int | None, next_day: int | None) -> bool:
    """Say whether a disease with this onset may belong to the graft.

    It does not when it is known to have begun before the graft, or not before the next one.
    """
    if onset_day is None or graft_day is None:
        return True
    if onset_day < graft_day:
        return False
    return next_day is None or onset_day < next_day


def gvhd_of_graft(gvhd: list[Row], kind: str, graft: Row, next_day: int | None) -> list[Row]:
    """Give the rows of this kind of disease that may belong to the graft."""
    graft_day = day_in(graft, "day")
    found = []
    for row in rows_of(gvhd, graft["subject_id"]):
        onset_day = day_in(row, "onset_day")
        if row["kind"] == kind and onset_may_belong(onset_day, graft_day, next_day):
            found.append(row)
    return found


def graded_gvhd(  # noqa: PLR0917 - the arguments are the tables, in a fixed order
    transplants: list[Row],
    gvhd: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
    kind: str,
    grades: Collection[str],
    below: Collection[str],
) -> dict[object, Result]:
    """Say for each subject with an index graft whether the disease after it reached these grades.

    Only the rows that may belong to the index graft are looked at. One row with one of the grades
    decides for "Y". Without such a row, one row whose grade is missing or not among the known
    grades makes the answer unknown. Otherwise, rows that are all below mean "N". The day is the
    earliest known onset among the rows with one of the grades, in days after the graft.
    """
    results: dict[object, Result] = {}
    for subject_id in transplanted_subjects(transplants):
        graft = index_graft(transplants, subject_id)
        if graft is None:
            continue
        belonging = gvhd_of_graft(gvhd, kind, graft, next_transplant_day(transplants, graft))

        reached = False
        unclear = False
        first_onset: int | None = None
        for row in belonging:
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
        elif belonging:
            value = "N"
        else:
            value = gvhd_without_rows(subject_id, forms, absent_means_none, kind)

        day: int | None = None
        graft_day = day_in(graft, "day")
        if value == "Y" and first_onset is not None and graft_day is not None:
            day = first_onset - graft_day
        results[subject_id] = {"value": value, "day": day}
    return results


# 6. Recovery of neutrophils or platelets -----------------------------------------------------


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
    transfusions: list[Row],
    forms: list[Row],
    subject_id: object,
    absent_means_none: Collection[str],
) -> bool:
    """Say whether the subject's transfusions are recorded.

    They are when there is a transfusion row of any product, and also when it is known that the
    absence of rows means that there was none.
    """
    if rows_of(transfusions, subject_id):
        return True
    return absent_rows_mean_none(forms, subject_id, "TRANSFUSION", absent_means_none)


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


def run_is_open(
    run: list[int], all_days: list[int], run_of: str, needed: float, end: int | None
) -> bool:
    """Say whether a run that is too short might have gone on unseen to the days it needs.

    It cannot where death or the next transplant came before it would have had them.

    It might when no count follows it, or, when runs are of calendar days, when the next count
    is more than one day later.
    """
    if end is not None and run[0] + needed - 1 > end:
        return False
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

    It is the next transplant or death, whichever comes first; None if neither is known. The last
    contact does not end it: a child lost from sight is not observed, but may still recover.
    """
    last_day = next_day
    death_day = day_in(follow_up_of(follow_up, subject_id), "death_day")
    if death_day is not None and (last_day is None or death_day < last_day):
        last_day = death_day
    if last_day is None:
        return None
    return last_day - transplant_day


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
            is_last = criteria.get("day_of_run") == "last"
            return {"value": "Y", "day": run[int(needed) - 1] if is_last else run[0]}
    for run in runs:
        if run_is_open(run, all_days, run_of, needed, end):
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
    absent_means_none: Collection[str] = (),
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
            if not transfusions_are_recorded(
                transfusion_rows, form_rows, subject_id, absent_means_none
            ):
                lowest = {}
        if not lowest:
            results[key] = recovery_as_reported(transplant, cell)
            continue

        meets = days_that_meet(lowest, criteria, cell, transfused_on)
        low = days_that_are_low(lowest, criteria, cell, transfused_on)
        end = end_of_observation(follow_up, subject_id, transplant_day, next_day)
        results[key] = recovery_from_counts(meets, low, criteria, end)
    return results


# 7. Time to the first event ------------------------------------------------------------------


def unknown_endpoint() -> Result:
    """Give the result of a subject whose time to event cannot be known."""
    return {"time": None, "status": None, "event": None}


def vital_status_in(person: Row) -> str | None:
    """Give the vital status in a follow-up row, or None when it is not known."""
    vital_status = person.get("vital_status")
    if vital_status is None:
        return None
    if vital_status not in ("ALIVE", "DEAD", "LOST"):
        raise ValueError(f"vital_status is none of ALIVE, DEAD and LOST: {vital_status!r}")
    return str(vital_status)


def vital_status_is_clear(person: Row) -> bool:
    """Say whether it is known if the person is alive.

    It is not when the status is missing, nor when somebody not called dead has a day of death.
    """
    vital_status = vital_status_in(person)
    if vital_status is None:
        return False
    return vital_status == "DEAD" or day_in(person, "death_day") is None


def day_of_death(person: Row) -> int | None:
    """Give the day of death of a person known to be dead, or None when there is none."""
    if vital_status_in(person) == "DEAD":
        return day_in(person, "death_day")
    return None


def death(subjects: list[Row], follow_up: list[Row]) -> dict[object, Result]:
    """Say of each child whether it died; a child lost to follow-up is unknown."""
    results: dict[object, Result] = {}
    for subject in subjects:
        person = follow_up_of(follow_up, subject["subject_id"])
        value = {"DEAD": "Y", "ALIVE": "N"}.get(str(vital_status_in(person)))
        if value == "N" and not vital_status_is_clear(person):
            value = None
        results[subject["subject_id"]] = {"value": value, "day": day_of_death(person)}
    return results


def counting_day(name: str, origin: int, person: Row, relapses: list[Row]) -> int | None:
    """Give the day of the first dated event of this name that counts, or None.

    A death counts from the origin on. The others count only after it: what is found on the day
    of the origin is the state at the start, not an event.
    """
    if name == "death":
        death_day = day_of_death(person)
        if death_day is not None and death_day >= origin:
            return death_day
        return None
    if name == "relapse":
        first = earliest_row(dated_relapses_after(relapses, origin), "start_day", "episode_no")
        if first is None:
            return None
        return day_in(first, "start_day")
    if name == "second_malignancy":
        malignancy_day = day_in(person, "second_malignancy_day")
        if malignancy_day is not None and malignancy_day > origin:
            return malignancy_day
        return None
    raise ValueError(f"no event is named {name!r}")


def first_event(times: dict[str, int], ranked: list[tuple[str, int]]) -> Result | None:
    """Give the first event of those with a time, or None when there is none.

    The events are looked at in the order of the plan, and a later one in that order replaces an
    earlier one only if its time is smaller; so on equal times the one named first wins.
    """
    first: Result | None = None
    first_time: int | None = None
    for name, counts_as in ranked:
        if name not in times:
            continue
        time = times[name]
        if first_time is None or time < first_time:
            first_time = time
            first = {"time": time, "status": counts_as, "event": name}
    return first


def undated_death_matters(person: Row, times: dict[str, int]) -> bool:
    """Say whether the subject died on an unknown day and that may have been the first event.

    Death comes last: with a dated event of another name that counts, it was not the first.
    """
    if vital_status_in(person) != "DEAD" or day_in(person, "death_day") is not None:
        return False
    another_is_dated = False
    for name in times:
        if name != "death":
            another_is_dated = True
    return not another_is_dated


def undated_relapse_matters(relapses: list[Row], origin: int) -> bool:
    """Say whether a relapse without a day may have been the first one after the origin.

    It was not when, by the numbers, it comes after the earliest dated relapse that counts.
    """
    dated = dated_relapses_after(relapses, origin)
    first = earliest_row(dated, "start_day", "episode_no")
    for undated in undated_relapses(relapses):
        if first is None or not episode_is_before(first, undated):
            return True
    return False


def an_undated_event_matters(
    names: list[str], times: dict[str, int], origin: int, person: Row, relapses: list[Row]
) -> bool:
    """Say whether one of the named events has no day and may have been the first event."""
    if "death" in names and undated_death_matters(person, times):
        return True
    return "relapse" in names and undated_relapse_matters(relapses, origin)


def an_unseen_event_is_possible(
    names: list[str],
    times: dict[str, int],
    subject_id: object,
    forms: list[Row],
    absent_means_none: Collection[str],
) -> bool:
    """Say whether a relapse or a second malignancy may have come that no row tells of.

    That matters even when another event has a day, since the unseen one may have come before it.
    """
    for name, form in (("relapse", "RELAPSE"), ("second_malignancy", "SECOND_MALIGNANCY")):
        if name not in names or name in times:
            continue
        if not absent_rows_mean_none(forms, subject_id, form, absent_means_none):
            return True
    return False


def censored(person: Row, origin: int) -> Result:
    """Give the result of a subject without an event: censored at the last contact.

    The day of death stands in for a missing last contact. Without either, or with one before
    the origin, the result is unknown.
    """
    last_day = day_in(person, "last_contact_day")
    if last_day is None:
        last_day = day_in(person, "death_day")
    if last_day is None or last_day < origin:
        return unknown_endpoint()
    return {"time": last_day - origin, "status": 0, "event": "last contact"}


def endpoint_of_subject(  # noqa: PLR0917 - the arguments are the tables, in a fixed order
    subject_id: object,
    origin: int,
    person: Row,
    relapses: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
    ranked: list[tuple[str, int]],
) -> Result:
    """Give the time from a known origin to the first event of one subject, or to censoring."""
    names: list[str] = []
    times: dict[str, int] = {}
    for name, _ in ranked:
        names.append(name)
        day = counting_day(name, origin, person, relapses)
        if day is not None:
            times[name] = day - origin

    death_day = day_of_death(person)
    if death_day is not None and death_day < origin:
        return unknown_endpoint()
    if an_undated_event_matters(names, times, origin, person, relapses):
        return unknown_endpoint()
    if an_unseen_event_is_possible(names, times, subject_id, forms, absent_means_none):
        return unknown_endpoint()

    first = first_event(times, ranked)
    if first is not None:
        return first
    if "death" in names and not vital_status_is_clear(person):
        return unknown_endpoint()
    return censored(person, origin)


def endpoint(  # noqa: PLR0917 - the arguments are the tables, in a fixed order
    subjects: list[Row],
    origins: dict[object, int | None],
    follow_up: list[Row],
    episodes: list[Row],
    forms: list[Row],
    absent_means_none: Collection[str],
    ranked: list[tuple[str, int]],
) -> dict[object, Result]:
    """Give for each subject the time from its origin to its first event, or to censoring.

    Status 0 is censored, 1 an event, 2 a competing event. The events are named "death",
    "relapse" and "second_malignancy". A subject without an origin is unknown.
    """
    results: dict[object, Result] = {}
    for subject in subjects:
        subject_id = subject["subject_id"]
        origin = day_in({"origin": origins.get(subject_id)}, "origin")
        if origin is None:
            results[subject_id] = unknown_endpoint()
            continue
        person = follow_up_of(follow_up, subject_id)
        relapses = relapses_of(episodes, subject_id)
        results[subject_id] = endpoint_of_subject(
            subject_id, origin, person, relapses, forms, absent_means_none, ranked
        )
    return results
