"""A slow reference of lymphocytes, immunoglobulins and cytokines, in plain Python.

Written from a written brief of the rules, by someone who has not read the implementation; see
``oracle.py`` for why that matters and for the conventions. The brief follows sections 9 and 10 of
the definitions, where the windows and the ranges stand.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.engines.oracle import (
    DAYS_PER_YEAR,
    Result,
    Row,
    day_in,
    next_transplant_day,
    number_in,
    required_number,
    rows_of,
)
from tests.engines.oracle_transplant import (
    UNKNOWN,
    VISITS,
    Results,
    Tables,
    above,
    at_least,
    death_after,
    laboratory,
    nearest,
    same_number,
    sign_of,
)

Window = tuple[int, int, int]
"""The day a sample is wanted on, and how many days before and after it may be."""

CELLS = ("cd3", "cd4", "cd8", "cd19", "nk")
MEASURES = ("alc", *CELLS, *(f"{cell}_percent" for cell in CELLS), "cd4_cd8_ratio")
ANALYTES = ("il1b", "il2", "il4", "il5", "il6", "il8", "il10", "il12", "il17", "ifng", "tnfa",
            "ifna")

COUNTED, COMPUTED = "counted", "lymphocytes × percentage"

RANGES: tuple[tuple[float, dict[str, tuple[float, float]]], ...] = (
    (0.25, {"cd3": (2.50, 5.50), "cd4": (1.60, 4.00), "cd8": (0.56, 1.70),
            "cd19": (0.30, 2.00), "nk": (0.17, 1.10)}),
    (0.5, {"cd3": (2.50, 5.60), "cd4": (1.80, 4.00), "cd8": (0.59, 1.60),
           "cd19": (0.43, 3.00), "nk": (0.17, 0.83)}),
    (1, {"cd3": (1.90, 5.90), "cd4": (1.40, 4.30), "cd8": (0.50, 1.70),
         "cd19": (0.61, 2.60), "nk": (0.16, 0.95)}),
    (2, {"cd3": (2.10, 6.20), "cd4": (1.30, 3.40), "cd8": (0.62, 2.00),
         "cd19": (0.72, 2.60), "nk": (0.18, 0.92)}),
    (6, {"cd3": (1.40, 3.70), "cd4": (0.70, 2.20), "cd8": (0.49, 1.30),
         "cd19": (0.39, 1.40), "nk": (0.13, 0.72)}),
    (12, {"cd3": (1.20, 2.60), "cd4": (0.65, 1.50), "cd8": (0.37, 1.10),
          "cd19": (0.27, 0.86), "nk": (0.10, 0.48)}),
    (18, {"cd3": (1.00, 2.20), "cd4": (0.53, 1.30), "cd8": (0.33, 0.92),
          "cd19": (0.11, 0.57), "nk": (0.07, 0.48)}),
)
"""The age (years) a band ends below, and its 10th and 90th centile (10*9/L); definitions 9."""


@dataclass(frozen=True)
class Sample:
    """What one day says of a measure: a number, or a limit with the side the truth lies on.

    ``limit`` is the limit of detection to which the other member of a pair is raised.
    """

    value: float | None
    flag: str | None = None
    limit: float | None = None
    how: str | None = None


Samples = dict[int, Sample]
"""What each day says."""


# When -----------------------------------------------------------------------------------------


def first_infusion(tables: Tables, subject_id: object, anchor: str) -> int | None:
    """Give the first day of cycle 1; without one the anchor, if the study counts from it."""
    days = [day_in(row, "start_day") for row in rows_of(tables.get("exposure", []), subject_id)
            if row["cycle_no"] == 1]
    known = [day for day in days if day is not None]
    if known:
        return min(known)
    return 0 if anchor == "first_infusion" else None


def end_of_cycle(tables: Tables, subject_id: object, cycle: object) -> int | None:
    """Give the last day of a cycle; unknown if one of its segments does not tell its own."""
    last: int | None = None
    for row in rows_of(tables.get("exposure", []), subject_id):
        if row["cycle_no"] != cycle:
            continue
        day = day_in(row, "end_day")
        if day is None:
            return None
        last = day if last is None else max(last, day)
    return last


def end_of_last_cycle(tables: Tables, subject_id: object) -> int | None:
    """Give the last day of the cycle with the highest number."""
    cycles = [required_number(row, "cycle_no")
              for row in rows_of(tables.get("exposure", []), subject_id)]
    return end_of_cycle(tables, subject_id, max(cycles)) if cycles else None


def during_blinatumomab(
    tables: Tables, subject_id: object, anchor: str
) -> dict[str, Window | None]:
    """Give the windows of the lymphocytes; cycle day 14 is 13 days after the first."""
    began = first_infusion(tables, subject_id, anchor)
    ended = end_of_cycle(tables, subject_id, 1)
    found: dict[str, Window | None] = {"end": None if ended is None else (ended, 3, 3)}
    for name, days, before, after in (("baseline", 0, 7, 0), ("day_14", 13, 2, 2),
                                      ("day_21", 20, 2, 2), ("day_28", 27, 3, 3)):
        found[name] = None if began is None else (began + days, before, after)
    return found


def picked(samples: Samples, window: Window | None) -> int | None:
    """Give the day of the sample that a window picks."""
    return None if window is None else nearest(list(samples), *window)


# What a day says ------------------------------------------------------------------------------


def reading(row: Row) -> Sample:
    """Read one row: a value below its limit, or given as one, is that limit."""
    value = required_number(row, "value")
    lod = number_in(row, "lod")
    if sign_of(row) == "<":
        return Sample(value, "below", value if lod is None else lod, COUNTED)
    if lod is not None and not at_least(value, lod):
        return Sample(lod, "below", lod, COUNTED)
    return Sample(value, "above" if sign_of(row) == ">" else None, lod, COUNTED)


def by_day(rows: list[Row]) -> Samples:
    """Read the row with the lowest number of each day."""
    first: dict[int, Row] = {}
    for row in rows:
        day = int(required_number(row, "day"))
        if day not in first or (
                required_number(row, "sequence") < required_number(first[day], "sequence")):
            first[day] = row
    return {day: reading(row) for day, row in first.items()}


def multiplied(lymphocytes: Sample, percent: Sample) -> Sample | None:
    """Compute a count from a percentage; below and above together say nothing."""
    flags = {lymphocytes.flag, percent.flag} - {None}
    if len(flags) == 2 or lymphocytes.value is None or percent.value is None:
        return None
    flag = flags.pop() if flags else None
    value = lymphocytes.value * percent.value / 100
    return Sample(value, flag, value if flag == "below" else None, COMPUTED)


def divided(cd4: Sample, cd8: Sample) -> Sample:
    """Divide CD4 by CD8; undefined where CD8 is nothing, or only a limit.

    The brief does not say how a ratio of a count and a computed value was found.
    """
    if cd4.value is None or not cd8.value or cd8.flag is not None:
        return Sample(None)
    value = cd4.value / cd8.value
    return Sample(value, cd4.flag, value if cd4.flag == "below" else None)


def samples_of(tables: Tables, subject_id: object) -> dict[str, Samples]:
    """Give the days of every measure."""
    found = {measure: by_day(laboratory(tables, subject_id, measure.upper()))
             for measure in MEASURES if measure != "cd4_cd8_ratio"}
    for cell in CELLS:
        for day, percent in found[f"{cell}_percent"].items():
            if day in found[cell] or day not in found["alc"]:
                continue
            computed = multiplied(found["alc"][day], percent)
            if computed is not None:
                found[cell][day] = computed
    ratios: Samples = {}
    for form in ("_percent", ""):
        upper, lower = found[f"cd4{form}"], found[f"cd8{form}"]
        for day in set(upper) & set(lower):
            ratios[day] = divided(upper[day], lower[day])
    return found | {"cd4_cd8_ratio": ratios}


# Lymphocytes ----------------------------------------------------------------------------------


def age_fits(subject: Row, day: int, years: float) -> bool | None:
    """Say whether a child is younger than some years on a day, or None if its age is unknown."""
    at_index = day_in(subject, "age_at_index_days")
    if at_index is not None:
        return at_index + day < math.floor(years * DAYS_PER_YEAR)
    reported = number_in(subject, "age_at_index_years_reported")
    if reported is not None:
        return reported + day / DAYS_PER_YEAR < years
    return None


def range_of(subject: Row, day: int, cell: str) -> tuple[float, float] | None:
    """Give the limits of a cell at the age of the child on a day, or None."""
    for years, limits in RANGES:
        if age_fits(subject, day, years):
            return limits[cell]
    return None


def placed_in(sample: Sample, limits: tuple[float, float]) -> str | None:
    """Place a count below, within or above its range."""
    lower, upper = limits
    if sample.value is None:
        return None
    if sample.flag == "below":
        return None if above(sample.value, lower) else "LOW"
    if sample.flag == "above":
        return "HIGH" if at_least(sample.value, upper) else None
    if not at_least(sample.value, lower):
        return "LOW"
    return "HIGH" if above(sample.value, upper) else "WITHIN"


def told(sample: Sample, after: int, with_how: bool) -> Result:
    """Give the answer of a sample."""
    return {"value": sample.value, "day": after, "how": sample.how if with_how else None}


def lymphocytes(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give every measure in every window of the first cycle."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        windows = during_blinatumomab(tables, subject_id, anchor)
        began = first_infusion(tables, subject_id, anchor)
        for measure, samples in samples_of(tables, subject_id).items():
            for name, window in windows.items():
                day = picked(samples, window)
                results[subject_id, f"{measure}_{name}"] = UNKNOWN if day is None else told(
                    samples[day], day - (began or 0), True)
    return results


def blood_counts(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give neutrophils and platelets in every window of the first cycle."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        began = first_infusion(tables, subject_id, anchor)
        for test in ("anc", "plt"):
            samples = by_day(laboratory(tables, subject_id, test.upper()))
            for name, window in during_blinatumomab(tables, subject_id, anchor).items():
                day = picked(samples, window)
                results[subject_id, f"{test}_{name}"] = UNKNOWN if day is None else told(
                    samples[day], day - (began or 0), False)
    return results


def lymphocyte_range(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Place every count in every window in the range of the child's age."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        windows = during_blinatumomab(tables, subject_id, anchor)
        began = first_infusion(tables, subject_id, anchor)
        samples = samples_of(tables, subject_id)
        for cell in CELLS:
            for name, window in windows.items():
                day = picked(samples[cell], window)
                results[subject_id, f"{cell}_{name}"] = UNKNOWN if day is None else {
                    "value": placed_on(subject, samples[cell][day], day, cell),
                    "day": day - (began or 0)}
    return results


def placed_on(subject: Row, sample: Sample, day: int, cell: str) -> str | None:
    """Place a count of one day by the age on that day."""
    limits = range_of(subject, day, cell)
    return None if limits is None else placed_in(sample, limits)


def after_each_graft(
    tables: Tables, measures: tuple[str, ...],
    answer: Callable[[Row, str, Sample, int, int], Result],
) -> Results:
    """Answer for each graft, measure and visit by the sample that the visit picks."""
    results: Results = {}
    subjects = {subject["subject_id"]: subject for subject in tables["subject"]}
    for graft in tables["transplant"]:
        subject_id, graft_day = graft["subject_id"], day_in(graft, "day")
        next_day = next_transplant_day(tables["transplant"], graft)
        samples = samples_of(tables, subject_id)
        for measure in measures:
            for visit, (after, around) in VISITS.items():
                key = (subject_id, graft["transplant_no"], f"{measure}_{visit}")
                results[key] = UNKNOWN
                if graft_day is None:
                    continue
                days = [day for day in samples[measure]
                        if graft_day < day and (next_day is None or day < next_day)]
                day = nearest(days, graft_day + after, around, around)
                if day is not None:
                    results[key] = answer(subjects[subject_id], measure, samples[measure][day],
                                          day, day - graft_day)
    return results


def immune_reconstitution(tables: Tables) -> Results:
    """Give every measure at every visit after each graft."""
    return after_each_graft(
        tables, MEASURES, lambda _, __, sample, ___, after: told(sample, after, True))


def immune_reconstitution_range(tables: Tables) -> Results:
    """Place every count at every visit after each graft in the range of the child's age."""
    return after_each_graft(
        tables, CELLS, lambda subject, cell, sample, day, after: {
            "value": placed_on(subject, sample, day, cell), "day": after})


def common_limit(*members: Sample) -> float:
    """Give the higher of the known limits of a pair; nothing lies below none."""
    return max((member.limit for member in members if member.limit is not None),
               default=-math.inf)


def raised(member: Sample, limit: float) -> float:
    """Raise a member of a pair to the common limit; one that is above its own is left."""
    value = member.value or 0.0
    return value if member.flag == "above" else max(value, limit)


def change(before: Sample, after: Sample) -> float | None:
    """Give the change between two samples, both raised to the higher of their limits."""
    if before.value is None or after.value is None or "above" in (before.flag, after.flag):
        return None
    limit = common_limit(before, after)
    return raised(after, limit) - raised(before, limit)


def lymphocyte_change(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give the change of every measure from before blinatumomab.

    The day is that of the later sample, where that one has a value.
    """
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        windows = during_blinatumomab(tables, subject_id, anchor)
        began = first_infusion(tables, subject_id, anchor)
        for measure, samples in samples_of(tables, subject_id).items():
            base = picked(samples, windows["baseline"])
            for name in ("day_14", "day_21", "day_28", "end"):
                day = picked(samples, windows[name])
                value = None if base is None or day is None else change(
                    samples[base], samples[day])
                results[subject_id, f"{measure}_{name}"] = {
                    "value": value, "day": None if day is None or samples[day].value is None
                    else day - (began or 0)}
    return results


# Immunoglobulins ------------------------------------------------------------------------------


def immunoglobulin_days(
    tables: Tables, subject_id: object, test: str, anchor: str
) -> tuple[Samples, int | None, int | None]:
    """Give the samples of an immunoglobulin, and the days picked before and after."""
    samples = by_day(laboratory(tables, subject_id, test))
    began = first_infusion(tables, subject_id, anchor)
    ended = end_of_last_cycle(tables, subject_id)
    return (samples, picked(samples, None if began is None else (began, 28, 0)),
            picked(samples, None if ended is None else (ended, 3, 28)))


def replaced_lately(tables: Tables, subject_id: object, day: int) -> bool:
    """Say whether immunoglobulin was given on one of the 28 days up to a sample."""
    for row in rows_of(tables.get("drug_dose", []), subject_id):
        start = day_in(row, "start_day")
        if row["purpose"] != "IMMUNOGLOBULIN" or start is None:
            continue
        end = day_in(row, "end_day")
        for given_on in range(start, (start if end is None else end) + 1):
            if 0 <= day - given_on < 28:
                return True
    return False


def immunoglobulins(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give each immunoglobulin before and after blinatumomab."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        began = first_infusion(tables, subject_id, anchor)
        for test in ("igg", "iga", "igm"):
            samples, before, after = immunoglobulin_days(tables, subject_id, test.upper(), anchor)
            for name, day in (("before", before), ("after", after)):
                results[subject_id, f"{test}_{name}"] = {
                    "value": None, "day": None, "flagged": False} if day is None else {
                    "value": samples[day].value,
                    "day": None if began is None else day - began,
                    "flagged": replaced_lately(tables, subject_id, day)}
    return results


def immunoglobulin_change(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give the change of each immunoglobulin."""
    results: Results = {}
    for subject in tables["subject"]:
        for test in ("igg", "iga", "igm"):
            samples, before, after = immunoglobulin_days(
                tables, subject["subject_id"], test.upper(), anchor)
            results[subject["subject_id"], test] = {
                "value": None if before is None or after is None
                else change(samples[before], samples[after])}
    return results


# Milestones: rule and reference come from one pair of eyes ------------------------------------


def is_under(sample: Sample, level: float) -> str | None:
    """Say whether a value, or all that a limit allows, lies under a level."""
    if sample.value is None:
        return None
    under = not at_least(sample.value, level)
    if sample.flag == "below":
        return "Y" if not above(sample.value, level) else None
    if sample.flag == "above":
        return None if under else "N"
    return "Y" if under else "N"


def igg_replacement_level(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Say whether IgG lay under 4 g/L before and after blinatumomab; definitions 9."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        samples, before, after = immunoglobulin_days(tables, subject_id, "IGG", anchor)
        for name, day in (("before", before), ("after", after)):
            results[subject_id, name] = {
                "value": None if day is None else is_under(samples[day], 4)}
    return results


def is_above(sample: Sample, level: float) -> bool | None:
    """Say whether a value, or all that a limit allows, lies above a level."""
    if sample.value is None:
        return None
    if sample.flag == "below":
        return None if above(sample.value, level) else False
    if sample.flag == "above":
        return True if at_least(sample.value, level) else None
    return above(sample.value, level)


def cd4_milestone_of(tables: Tables, graft: Row) -> Result:  # noqa: PLR0911 - a rule a line
    """Say whether two samples in a row by day 100 had more than 0.05; definitions 9."""
    graft_day = day_in(graft, "day")
    if graft_day is None:
        return UNKNOWN
    next_day = next_transplant_day(tables["transplant"], graft)
    samples = {day - graft_day: sample
               for day, sample in samples_of(tables, graft["subject_id"])["cd4"].items()
               if 0 < day - graft_day <= 100 and (next_day is None or day < next_day)}
    days = sorted(samples)
    states = [is_above(samples[day], 0.05) for day in days]
    for number in range(1, len(days)):
        if states[number - 1] and states[number]:
            return {"value": "Y", "day": days[number - 1]}
    for earlier, later in itertools.pairwise(states):
        if earlier is not False and later is not False:
            return UNKNOWN
    if next_day is not None and next_day - graft_day <= 100:
        return UNKNOWN
    death = death_after(tables, graft)
    if death is not None and death <= 100:
        return {"value": "N", "day": None}
    if days and days[-1] >= 70 and states[-1] is False:
        return {"value": "N", "day": None}
    return UNKNOWN


def cd4_milestone(tables: Tables) -> Results:
    """Say of each graft whether CD4 cells reached the milestone."""
    return {(graft["subject_id"], graft["transplant_no"]): cd4_milestone_of(tables, graft)
            for graft in tables["transplant"]}


# Cytokines ------------------------------------------------------------------------------------


def onset(tables: Tables, subject_id: object, group: str, began: int | None) -> int | None:
    """Give the first day of an adverse event since the first infusion."""
    days = [day_in(row, "start_day")
            for row in rows_of(tables.get("adverse_event", []), subject_id)
            if row["group"] == group]
    known = [day for day in days if day is not None and began is not None and day >= began]
    return min(known) if known else None


def moments(tables: Tables, subject_id: object, analyte: str, anchor: str) -> dict[
        str, tuple[int, Sample] | None]:
    """Give the sample of an analyte at each moment; serum and spinal fluid apart."""
    rows = laboratory(tables, subject_id, analyte.upper())
    serum = by_day([row for row in rows if row["specimen"] in ("SERUM", "BLOOD")])
    fluid = by_day([row for row in rows if row["specimen"] == "CSF"])
    began = first_infusion(tables, subject_id, anchor)
    ended = end_of_cycle(tables, subject_id, 1)
    crs = onset(tables, subject_id, "CRS", began)
    icans = onset(tables, subject_id, "ICANS", began)
    found: dict[str, tuple[int, Sample] | None] = {}
    for name, samples, day, before, after in (
            ("before", serum, began, 7, 0), ("crs", serum, crs, 0, 2),
            ("icans", serum, icans, 0, 2), ("end", serum, ended, 3, 3),
            ("icans_csf", fluid, icans, 0, 7)):
        chosen = picked(samples, None if day is None else (day, before, after))
        found[name] = None if chosen is None else (chosen, samples[chosen])
    return found


def cytokines(tables: Tables, anchor: str = "first_infusion") -> Results:
    """Give each analyte at each moment."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        began = first_infusion(tables, subject_id, anchor)
        for analyte in ANALYTES:
            for name, found in moments(tables, subject_id, analyte, anchor).items():
                results[subject_id, f"{analyte}_{name}"] = UNKNOWN if found is None else {
                    "value": found[1].value,
                    "day": None if began is None else found[0] - began}
    return results


def direction(before: Sample, after: Sample) -> str | None:
    """Say where a pair went; a value above its limit is only known to be higher than that."""
    limit = common_limit(before, after)
    first, second = raised(before, limit), raised(after, limit)
    if before.flag == "above" and after.flag == "above":
        return None
    if after.flag == "above":
        return "UP" if at_least(second, first) else None
    if before.flag == "above":
        return "DOWN" if at_least(first, second) else None
    if same_number(first, second):
        return "TIE"
    return "UP" if second > first else "DOWN"


def pair(before: Sample, after: Sample) -> Mapping[str, Any]:
    """Give what is said of a pair of samples."""
    limit = common_limit(before, after)
    values = raised(before, limit), raised(after, limit)
    changed = any(above(value, member.value or 0.0)
                  for value, member in zip(values, (before, after), strict=True))
    censored = changed or before.flag is not None or after.flag is not None
    return {"before": values[0], "after": values[1], "direction": direction(before, after),
            "censored": "Y" if censored else "N"}


def cytokine_pairs(tables: Tables, asked: str, anchor: str = "first_infusion") -> Results:
    """Give one thing about each pair of serum samples."""
    results: Results = {}
    for subject in tables["subject"]:
        subject_id = subject["subject_id"]
        for analyte in ANALYTES:
            found = moments(tables, subject_id, analyte, anchor)
            before = found["before"]
            for name in ("crs", "icans", "end"):
                after = found[name]
                results[subject_id, f"{analyte}_{name}"] = {
                    "value": None if before is None or after is None
                    else pair(before[1], after[1])[asked]}
    return results
