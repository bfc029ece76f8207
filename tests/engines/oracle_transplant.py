"""A slow reference of the definitions of the graft: failure, chimerism, GVHD, surveillance.

Written from a written brief of the rules, by someone who has not read the implementation; see
``oracle.py`` for why that matters and for the conventions. The brief follows sections 7 to 9 of
the definitions; where a threshold is named here, its section stands beside it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.engines.oracle import (
    RELATIVE_TOLERANCE,
    Result,
    Row,
    considered_days,
    counts_cover_the_time,
    day_in,
    end_of_observation,
    follow_up_of,
    graded_gvhd,
    gvhd_of_graft,
    gvhd_without_rows,
    index_graft,
    longest_gap,
    lowest_by_day,
    next_transplant_day,
    number_in,
    recovery_from_counts,
    rows_of,
    run_is_open,
    runs_that_meet,
    transfusions_are_recorded,
    transplanted_subjects,
    value_meets,
)

Tables = Mapping[str, list[Row]]
Key = tuple[Any, ...]
Results = dict[Key, Result]

UNKNOWN: Result = {"value": None, "day": None, "how": None}

CANONICAL_UNITS = {
    "ANC": "10*9/L", "PLT": "10*9/L", "ALC": "10*9/L", "CHIMERISM_WB": "%", "CHIMERISM_CD3": "%",
    "CMV": "IU/mL", "EBV": "IU/mL", "IGG": "g/L", "IGA": "g/L", "IGM": "g/L",
    **dict.fromkeys(("CD3", "CD4", "CD8", "CD19", "NK"), "10*9/L"),
    **{f"{cell}_PERCENT": "%" for cell in ("CD3", "CD4", "CD8", "CD19", "NK")},
}
"""The first unit of each test: rows in any other are not read."""

COUNT = 0.5
"""Neutrophils (10*9/L) that a graft reaches, inclusive; definitions 7."""

RUN, NADIR_SEEN_BY, LARGEST_GAP, OBSERVED_UNTIL = 3, 7, 7, 42
"""How recovery is read from counts; the set astct_ebmt_2024 of neutrophil recovery."""

FAILED_BY = {
    "astct_ebmt_2024": {"BM": 30, "PBSC": 30, "CORD": 42},
    "ebmt_day_28": {"BM": 28, "PBSC": 28, "CORD": 42},
}
"""The day by which a graft of each source has failed; definitions 7."""

WATCHED_UNTIL, WATCHED_GAP = 100, 14
"""How long, and how closely, a graft is watched for secondary failure; the brief, 1."""

VISITS = {"months_3": (91, 30), "months_6": (183, 30), "months_12": (365, 60),
          "months_18": (548, 60)}
"""Days after the graft of the visits, and the days allowed on either side; definitions 9."""

FULL, MIXED_FROM = 95, 5
"""Percent of donor cells; definitions 7."""

FULL_SETS = {"astct_ebmt_2024": (False, True), "cibmtr": (True, False),
             "olaya_2025": (True, False)}
"""Whether 95 itself is full, and whether both lineages are needed; definitions 7."""


# Numbers -------------------------------------------------------------------------------------


def at_least(value: float, threshold: float) -> bool:
    """Say whether a value is on or above a threshold, with the tolerance."""
    return value_meets(value, threshold, True)


def above(value: float, threshold: float) -> bool:
    """Say whether a value is above a threshold and not on it."""
    return value_meets(value, threshold, False)


def same_number(value: float, other: float) -> bool:
    """Say whether two numbers are the same but for the last digits."""
    return math.isclose(value, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-15)


def laboratory(tables: Tables, subject_id: object, *tests: str) -> list[Row]:
    """Give the rows of some tests of one subject that have a value in the canonical unit."""
    found = []
    for row in rows_of(tables.get("laboratory", []), subject_id):
        if row["test"] not in tests or number_in(row, "value") is None:
            continue
        if row["unit"] == CANONICAL_UNITS.get(str(row["test"]), "pg/mL"):
            found.append(row)
    return found


def sign_of(row: Row) -> object:
    """Give the sign of a value; a missing one reads as a measurement."""
    return row.get("sign") or "="


def in_graft_time(tables: Tables, graft: Row, rows: list[Row], first: int = 1) -> list[Row]:
    """Give the rows from a day after the graft on and before the next graft, with that day."""
    graft_day = day_in(graft, "day")
    next_day = next_transplant_day(tables["transplant"], graft)
    found = []
    for row in rows:
        day = day_in(row, "day")
        if day is None or graft_day is None or day - graft_day < first:
            continue
        if next_day is None or day < next_day:
            found.append({**row, "after": day - graft_day})
    return found


def of_each_graft(tables: Tables, rule: Callable[[Tables, Row], Result]) -> Results:
    """Answer for every transplant; one without a day is unknown."""
    results: Results = {}
    for graft in tables["transplant"]:
        key = (graft["subject_id"], graft["transplant_no"])
        results[key] = UNKNOWN if day_in(graft, "day") is None else rule(tables, graft)
    return results


def after_graft(graft: Row, day: int | None) -> int | None:
    """Give a day counted from the graft."""
    graft_day = day_in(graft, "day")
    if day is None or graft_day is None:
        return None
    return day - graft_day


# 1. Graft failure ----------------------------------------------------------------------------


def source_of(graft: Row) -> object:
    """Give where the cells came from; a cord blood donor tells it too."""
    if graft.get("graft") is not None:
        return graft["graft"]
    if graft.get("donor") == "CORD":
        return "CORD"
    return None


def last_day_known(tables: Tables, subject_id: object) -> int | None:
    """Give the later of last contact and death."""
    person = follow_up_of(tables.get("follow_up", []), subject_id)
    known = []
    for name in ("last_contact_day", "death_day"):
        day = day_in(person, name)
        if day is not None:
            known.append(day)
    return max(known) if known else None


def death_after(tables: Tables, graft: Row) -> int | None:
    """Give the day of death after the graft."""
    person = follow_up_of(tables.get("follow_up", []), graft["subject_id"])
    return after_graft(graft, day_in(person, "death_day"))


def next_after(tables: Tables, graft: Row) -> int | None:
    """Give the day of the next graft after this one."""
    return after_graft(graft, next_transplant_day(tables["transplant"], graft))


def neutrophils(tables: Tables, graft: Row) -> dict[int, float]:
    """Give the lowest count of each day of the graft's time."""
    counts = laboratory(tables, graft["subject_id"], "ANC")
    graft_day = day_in(graft, "day")
    if graft_day is None:
        return {}
    return lowest_by_day(counts, graft["subject_id"], graft_day,
                         next_transplant_day(tables["transplant"], graft))


def competing(next_day: int | None, death: int | None, limit: int) -> Result | None:
    """Give the next graft or the death that came by the limit, or None; a tie is the graft's."""
    if next_day is not None and next_day <= limit and (death is None or next_day <= death):
        return {"value": "NEXT_GRAFT", "day": next_day}
    if death is not None and death <= limit:
        return {"value": "DIED", "day": death}
    return None


def outcome_from_counts(
    tables: Tables, graft: Row, counts: dict[int, float], limit: int
) -> Result:
    """Say what became of a graft that has counts; they decide alone."""
    meets = {day: at_least(count, COUNT) for day, count in sorted(counts.items())}
    low = {day: not reached for day, reached in meets.items()}
    considered = considered_days(low, NADIR_SEEN_BY, limit)
    if considered is None:
        return UNKNOWN
    all_days = sorted(meets)
    runs = runs_that_meet(considered, meets, "values")
    for run in runs:
        if len(run) >= RUN:
            if run[0] <= limit:
                return {"value": "ENGRAFTED", "day": run[0]}
            break
    next_day = next_transplant_day(tables["transplant"], graft)
    end = end_of_observation(tables.get("follow_up", []), graft["subject_id"],
                             day_in(graft, "day") or 0, next_day)
    for run in runs:
        if len(run) < RUN and run[0] <= limit and run_is_open(
                run, all_days, "values", RUN, end):
            return UNKNOWN
    if not counts_cover_the_time(all_days, limit, end, LARGEST_GAP):
        return UNKNOWN
    return competing(after_graft(graft, next_day), death_after(tables, graft), limit) or {
        "value": "FAILED", "day": limit}


def outcome_as_reported(tables: Tables, graft: Row, limit: int) -> Result:
    """Say what became of a graft without counts, by the word of the centre."""
    day = after_graft(graft, day_in(graft, "neutrophil_recovery_day_reported"))
    word = graft.get("neutrophil_recovered_reported")
    if word != "N":
        if day is None:
            return UNKNOWN
        if day <= limit:
            return {"value": "ENGRAFTED", "day": day}
        return {"value": "FAILED", "day": limit}
    other = competing(next_after(tables, graft), death_after(tables, graft), limit)
    if other is not None:
        return other
    last = after_graft(graft, last_day_known(tables, graft["subject_id"]))
    if last is not None and last >= limit:
        return {"value": "FAILED", "day": limit}
    return UNKNOWN


def outcome_of(tables: Tables, graft: Row, failed_by: Mapping[str, int]) -> Result:
    """Say what became of one graft with a day."""
    source = source_of(graft)
    limit = min(failed_by.values()) if source is None else failed_by[str(source)]
    counts = neutrophils(tables, graft)
    if counts:
        found = outcome_from_counts(tables, graft, counts, limit)
        how = "derived from counts"
    else:
        found = outcome_as_reported(tables, graft, limit)
        how = "reported by the centre"
    if found["value"] is None or (source is None and found["value"] != "ENGRAFTED"):
        return UNKNOWN
    return {**found, "how": how}


def graft_outcome(tables: Tables, criteria: str) -> Results:
    """Say for each graft whether it engrafted, failed, or what came first."""
    return of_each_graft(
        tables, lambda every, graft: outcome_of(every, graft, FAILED_BY[criteria]))


def primary_graft_failure(tables: Tables, criteria: str) -> Results:
    """Say for each graft whether it failed; the day is that by which it had."""
    results: Results = {}
    words = {"FAILED": "Y", "ENGRAFTED": "N", "DIED": "N"}
    for key, found in graft_outcome(tables, criteria).items():
        value = words.get(str(found["value"]))
        results[key] = {"value": value, "day": found["day"] if value == "Y" else None,
                        "how": found["how"] if value is not None else None}
    return results


def relapse_day_after(tables: Tables, graft: Row) -> int | None:
    """Give the first day of a relapse on the day of the graft or later."""
    first: int | None = None
    for row in rows_of(tables.get("disease_episode", []), graft["subject_id"]):
        after = after_graft(graft, day_in(row, "start_day"))
        if row["phase"] != "RELAPSE" or after is None or after < 0:
            continue
        if first is None or after < first:
            first = after
    return first


def low_runs(counts: dict[int, float], after: int) -> list[list[int]]:
    """Cut the counts after a day into runs of low ones."""
    days = sorted(day for day in counts if day > after)
    low = {day: not at_least(counts[day], COUNT) for day in days}
    return runs_that_meet(days, low, "values")


def secondary_failure_of(  # noqa: PLR0911 - the ways in which it cannot be told
    tables: Tables, graft: Row
) -> Result:
    """Say whether neutrophils that had recovered fell again, by counts alone."""
    counts = neutrophils(tables, graft)
    if not counts:
        return UNKNOWN
    meets = {day: at_least(count, COUNT) for day, count in sorted(counts.items())}
    low = {day: not reached for day, reached in meets.items()}
    next_day = next_transplant_day(tables["transplant"], graft)
    end = end_of_observation(tables.get("follow_up", []), graft["subject_id"],
                             day_in(graft, "day") or 0, next_day)
    recovered = recovery_from_counts(
        meets, low, {"run_of": "values", "run": RUN, "nadir_seen_by": NADIR_SEEN_BY,
                     "observed_until": OBSERVED_UNTIL, "largest_gap": LARGEST_GAP}, end)
    recovery_day = day_in(recovered, "day")
    if recovered["value"] != "Y" or recovery_day is None:
        return UNKNOWN

    runs = low_runs(counts, recovery_day)
    for run in runs:
        if len(run) >= RUN:
            if run[0] > WATCHED_UNTIL:
                break
            relapsed = relapse_day_after(tables, graft)
            if relapsed is not None and relapsed <= run[0]:
                return UNKNOWN
            return {"value": "Y", "day": run[0]}
    if runs:
        last = runs[-1]
        if last[-1] == max(counts) and len(last) < RUN and last[0] <= WATCHED_UNTIL:
            return UNKNOWN
    watched = WATCHED_UNTIL if end is None else min(WATCHED_UNTIL, end)
    seen = [day - recovery_day for day in counts if recovery_day < day <= watched]
    if seen and longest_gap(seen, watched - recovery_day) <= WATCHED_GAP:
        return {"value": "N", "day": None}
    return UNKNOWN


def secondary_graft_failure(tables: Tables) -> Results:
    """Say for each graft that took whether it was lost again."""
    return of_each_graft(tables, secondary_failure_of)


# 2. Chimerism --------------------------------------------------------------------------------

LINEAGES = ("CHIMERISM_WB", "CHIMERISM_CD3")


def judged_full(row: Row, inclusive: bool) -> int:
    """Say whether a value is full: 0 not, 1 undecided, 2 full."""
    value = number_in(row, "value") or 0.0
    if sign_of(row) == ">":
        return 2 if at_least(value, FULL) else 1
    if sign_of(row) == "<":
        return 1 if above(value, FULL) else 0
    return 2 if value_meets(value, FULL, inclusive) else 0


def judged_low(row: Row) -> int:
    """Say whether a value is below what is mixed: 0 below, 1 undecided, 2 not below."""
    value = number_in(row, "value") or 0.0
    if sign_of(row) == ">":
        return 2 if at_least(value, MIXED_FROM) else 1
    if sign_of(row) == "<":
        return 1 if above(value, MIXED_FROM) else 0
    return 2 if at_least(value, MIXED_FROM) else 0


def cytopenia(tables: Tables, graft: Row, after: int) -> str | None:
    """Say whether counts within a week of a sample are low; N only if both were counted."""
    counted = set()
    for test, threshold in (("ANC", 0.5), ("PLT", 20)):
        rows = laboratory(tables, graft["subject_id"], test)
        for row in in_graft_time(tables, graft, rows):
            if abs(int(str(row["after"])) - after) > 7:
                continue
            counted.add(test)
            if not at_least(number_in(row, "value") or 0.0, threshold):
                return "Y"
    return "N" if len(counted) == 2 else None


def state_on(tables: Tables, graft: Row, rows: list[Row], after: int, criteria: str) -> str | None:
    """Give the state of the lineages examined on one day."""
    inclusive, both = FULL_SETS[criteria]
    full, low = [], []
    for lineage in LINEAGES:
        of_day = [row for row in rows if row["test"] == lineage and row["after"] == after]
        if of_day:
            full.append(min(judged_full(row, inclusive) for row in of_day))
            low.append(min(judged_low(row) for row in of_day))
    if 0 in full:
        if max(low) == 0:
            return {"Y": "REJECTION", "N": "RECIPIENT"}.get(str(cytopenia(tables, graft, after)))
        return "MIXED" if 2 in low else None
    if 1 in full or (both and len(full) < 2):
        return None
    return "FULL"


def nearest(days: Collection[int], to: int, before: int, after: int) -> int | None:
    """Give the day nearest to another within a window; of two as near, the earlier."""
    best: int | None = None
    for day in sorted(days):
        if not to - before <= day <= to + after:
            continue
        if best is None or abs(day - to) < abs(best - to):
            best = day
    return best


def chimerism(tables: Tables, criteria: str) -> Results:
    """Say for each graft and visit whose cells they are."""
    results: Results = {}
    for graft in tables["transplant"]:
        rows = in_graft_time(tables, graft, laboratory(tables, graft["subject_id"], *LINEAGES))
        days = {int(str(row["after"])) for row in rows}
        chosen = {visit: nearest(days, day, around, around)
                  for visit, (day, around) in VISITS.items()}
        chosen["latest"] = max(days) if days else None
        for visit, after in chosen.items():
            results[graft["subject_id"], graft["transplant_no"], visit] = (
                UNKNOWN if after is None else
                {"value": state_on(tables, graft, rows, after, criteria), "day": after})
    return results


def bounds(row: Row) -> tuple[float, float]:
    """Give the least and the most percent that a value may stand for."""
    value = number_in(row, "value") or 0.0
    return {"=": (value, value), ">": (value, 100.0), "<": (0.0, value)}[str(sign_of(row))]


def falls(earlier: Row, later: Row, points: float = 5) -> str | None:
    """Say whether the percent of donor cells fell by some points between two samples."""
    surely = bounds(earlier)[0] - bounds(later)[1]
    at_most = bounds(earlier)[1] - bounds(later)[0]
    if at_least(surely, points):
        return "Y"
    if not at_least(at_most, points):
        return "N"
    is_open = sign_of(earlier) == "<" or sign_of(later) == ">"
    return "N" if is_open and not above(at_most, points) else None


def falling_of(tables: Tables, graft: Row) -> Result:
    """Say whether the donor's cells fell between consecutive samples of one lineage."""
    found: list[tuple[str | None, int]] = []
    for lineage in LINEAGES:
        lowest: dict[int, Row] = {}
        for row in in_graft_time(tables, graft,
                                 laboratory(tables, graft["subject_id"], lineage)):
            after = int(str(row["after"]))
            rank = (number_in(row, "value"), "<=>".index(str(sign_of(row))))
            if after not in lowest or rank < (
                    number_in(lowest[after], "value"),
                    "<=>".index(str(sign_of(lowest[after])))):
                lowest[after] = row
        days = sorted(lowest)
        found += [(falls(lowest[one], lowest[two]), two)
                  for one, two in itertools.pairwise(days)]
    fallen = [day for answer, day in found if answer == "Y"]
    if fallen:
        return {"value": "Y", "day": min(fallen)}
    if found and all(answer == "N" for answer, _ in found):
        return {"value": "N", "day": None}
    return UNKNOWN


def falling_chimerism(tables: Tables) -> Results:
    """Say for each graft whether the donor's cells fell."""
    return of_each_graft(tables, falling_of)


# Poor graft function: rule and reference come from one pair of eyes ---------------------------


def transfused_often(tables: Tables, graft: Row) -> tuple[int, int] | None:
    """Give the first four days with red cells or platelets within 30 days: the first, the last."""
    rows = [row for row in rows_of(tables.get("transfusion", []), graft["subject_id"])
            if row["product"] in ("RBC", "PLATELET")]
    days = sorted({row["after"] for row in in_graft_time(tables, graft, rows)
                   if 30 < row["after"] <= 100})
    for first, last in zip(days, days[3:], strict=False):
        if last - first < 30:
            return first, last
    return None


def chimerism_near(tables: Tables, graft: Row, day: int) -> str | None:
    """Give the state on the sample day nearest to a day, at most 30 days away."""
    rows = in_graft_time(tables, graft, laboratory(tables, graft["subject_id"], *LINEAGES))
    sampled = nearest({row["after"] for row in rows}, day, 30, 30)
    if sampled is None:
        return None
    return state_on(tables, graft, [row for row in rows if row["after"] == sampled], sampled,
                    "astct_ebmt_2024")


def without_transfusions(
    tables: Tables, graft: Row, told: Collection[str]
) -> str | None:
    """Say whether it is known that a graft did without frequent transfusions up to day 100."""
    if not transfusions_are_recorded(tables.get("transfusion", []), tables.get("form_status", []),
                                     graft["subject_id"], told):
        return None
    ends = [day for day in (next_after(tables, graft), death_after(tables, graft))
            if day is not None]
    if ends:
        if min(ends) <= 30:
            return None
        if min(ends) <= 100:
            return "N"
    last = after_graft(graft, last_day_known(tables, graft["subject_id"]))
    return "N" if last is not None and last >= 100 else None


def poor_function_of(tables: Tables, graft: Row, told: Collection[str]) -> Result:
    """Say whether a graft that took needed transfusions often; definitions 7."""
    outcome = outcome_of(tables, graft, FAILED_BY["astct_ebmt_2024"])["value"]
    nothing: Result = {"value": None, "day": None}
    if outcome != "ENGRAFTED":
        return nothing | {"value": None if outcome is None else "N"}
    often = transfused_often(tables, graft)
    if often is None:
        return nothing | {"value": without_transfusions(tables, graft, told)}
    relapsed = relapse_day_after(tables, graft)
    state = chimerism_near(tables, graft, often[0])
    if (relapsed is not None and relapsed <= often[1]) or state is None:
        return nothing
    return {"value": "Y", "day": often[0]} if state == "FULL" else nothing | {"value": "N"}


def poor_graft_function(tables: Tables, told: Collection[str]) -> Results:
    """Say of each graft whether its function was poor."""
    return of_each_graft(tables, lambda every, graft: poor_function_of(every, graft, told))


# 3. Graft-versus-host disease by organ -------------------------------------------------------

ACUTE_COLUMNS = ("skin_percent", "bullae", "bilirubin_mg_dl", "upper_gi", "stool_ml_kg",
                 "stool_episodes", "ileus_or_blood")
CHRONIC_ORGANS = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital")

GRADE_OF = {
    "magic_2016": {"skin": (0, 1, 1, 2, 4), "liver": (0, 2, 3, 3, 4), "upper": (0, 2),
                   "lower": (0, 2, 3, 3, 4)},
    "keystone_1995": {"skin": (0, 1, 1, 2, 4), "liver": (0, 2, 3, 3, 4), "upper": (0, 2),
                      "lower": (0, 2, 3, 3, 3)},
    "keystone_any_stage_4": {"skin": (0, 1, 1, 2, 4), "liver": (0, 2, 3, 3, 4), "upper": (0, 2),
                             "lower": (0, 2, 3, 3, 4)},
}
"""The grade that each stage alone gives; definitions 8.1."""

ACUTE_GRADES = ("0", "I", "II", "III", "IV")
CHRONIC_GRADES = ("NONE", "MILD", "MODERATE", "SEVERE")

Range = tuple[int, int]
"""The least and the most that a stage, or a grade, may be."""


def stage_by(value: float, below: tuple[float, ...], at_most: tuple[float, ...]) -> int:
    """Count the limits a value passed: it reaches each of the first, it exceeds each of the rest.
    """
    return (sum(at_least(value, limit) for limit in below)
            + sum(above(value, limit) for limit in at_most))


def skin_stage(row: Row) -> Range:
    """Stage the skin."""
    percent = number_in(row, "skin_percent")
    if percent is None:
        return 0, 4
    if percent == 0:
        return 0, 0
    if not at_least(percent, 25):
        return 1, 1
    if not above(percent, 50):
        return 2, 2
    return {"Y": (4, 4), "N": (3, 3)}.get(str(row.get("bullae")), (3, 4))


def liver_stage(row: Row) -> Range:
    """Stage the liver by bilirubin (mg/dL)."""
    bilirubin = number_in(row, "bilirubin_mg_dl")
    if bilirubin is None:
        return 0, 4
    stage = stage_by(bilirubin, (2,), (3, 6, 15))
    return stage, stage


def upper_stage(row: Row) -> Range:
    """Stage the upper gut."""
    return {"Y": (1, 1), "N": (0, 0)}.get(str(row.get("upper_gi")), (0, 1))


def stool_stage(row: Row) -> int | None:
    """Stage the lower gut by its volume, or where that is missing by the number of stools."""
    weight = number_in(row, "weight_kg")
    volume = number_in(row, "stool_ml_kg")
    episodes = number_in(row, "stool_episodes")
    if volume is not None:
        if weight is None:
            return 0 if volume == 0 else None
        if above(weight, 50):
            return stage_by(volume * weight, (500, 1000), (1500,))
        return stage_by(volume, (10, 20), (30,))
    if episodes is None:
        return None
    child = stage_by(episodes, (4,), (6, 10))
    adult = stage_by(episodes, (3,), (4, 7))
    if weight is None:
        return child if child == adult else None
    return adult if above(weight, 50) else child


def lower_stage(row: Row) -> Range:
    """Stage the lower gut."""
    severe = row.get("ileus_or_blood")
    stage = stool_stage(row)
    if severe == "Y":
        return 4, 4
    if severe == "N":
        return (0, 3) if stage is None else (stage, stage)
    return stage or 0, 4


def acute_grade_of_row(row: Row, criteria: str) -> Range | None:
    """Grade a row, or None if it holds nothing of acute disease."""
    if all(row.get(name) is None for name in ACUTE_COLUMNS):
        return None
    grade_of = GRADE_OF[criteria]
    stages = {"skin": skin_stage(row), "liver": liver_stage(row), "upper": upper_stage(row),
              "lower": lower_stage(row)}
    least = max(grade_of[organ][stage[0]] for organ, stage in stages.items())
    most = max(grade_of[organ][stage[1]] for organ, stage in stages.items())
    return least, most


def severity(scores: Mapping[str, int]) -> int:
    """Give the severity of eight scores: 0 none, 1 mild, 2 moderate, 3 severe."""
    others = [score for organ, score in scores.items() if organ != "lungs"]
    if 3 in scores.values() or scores["lungs"] >= 2:
        return 3
    if scores["lungs"] == 1 or 2 in others or sum(score >= 1 for score in others) >= 3:
        return 2
    return 1 if any(others) else 0


def chronic_grade_of_row(row: Row) -> Range | None:
    """Give the least and the most severity of a row, or None if it holds no score."""
    scores = {organ: number_in(row, organ) for organ in CHRONIC_ORGANS}
    if all(score is None for score in scores.values()):
        return None
    return (severity({organ: int(score or 0) for organ, score in scores.items()}),
            severity({organ: 3 if score is None else int(score)
                      for organ, score in scores.items()}))


GradeOfRow = Callable[[Row], Range | None]


def organ_grades(tables: Tables, graft: Row, grade_of_row: GradeOfRow) -> list[tuple[int, Range]]:
    """Give the day after the graft and the grades of each row of its time, in order."""
    rows = in_graft_time(tables, graft,
                         rows_of(tables.get("gvhd_organ", []), graft["subject_id"]), first=0)
    found = []
    for row in sorted(rows, key=lambda row: int(str(row["after"]))):
        graded = grade_of_row(row)
        if graded is not None:
            found.append((int(str(row["after"])), graded))
    return found


def reported_grade(  # noqa: PLR0917 - the arguments are in a fixed order
    tables: Tables, graft: Row, kind: str, order: tuple[str, ...], none: str,
    told: Collection[str],
) -> Result:
    """Give the highest grade the centre reported after the index graft, and its first day."""
    next_day = next_transplant_day(tables["transplant"], graft)
    rows = gvhd_of_graft(tables.get("gvhd", []), kind, graft, next_day)
    how = "graded by the centre"
    if not rows:
        absent = gvhd_without_rows(graft["subject_id"], tables.get("form_status", []), told, kind)
        return UNKNOWN if absent is None else {"value": none, "day": None, "how": how}
    grades = [row.get("max_grade") for row in rows]
    if order[-1] in grades:
        highest = order[-1]
    elif any(grade not in order for grade in grades):
        return UNKNOWN
    else:
        highest = max((str(grade) for grade in grades), key=order.index)
    onsets = [after_graft(graft, day_in(row, "onset_day")) for row in rows
              if row.get("max_grade") == highest]
    known = [onset for onset in onsets if onset is not None]
    return {"value": highest, "day": min(known) if known else None, "how": how}


def graded(  # noqa: PLR0917 - the arguments are in a fixed order
    tables: Tables, told: Collection[str], kind: str, grade_of_row: GradeOfRow,
    names: tuple[str, ...], order: tuple[str, ...],
) -> Results:
    """Grade each graft by its organs, or the index graft as the centre did."""
    results: Results = {}
    for graft in tables["transplant"]:
        key = (graft["subject_id"], graft["transplant_no"])
        rows = organ_grades(tables, graft, grade_of_row)
        worst = max((least for _, (least, _) in rows), default=0)
        most = max((upper for _, (_, upper) in rows), default=0)
        how = "derived from organ stages"
        if worst > 0:
            first = min(day for day, (least, _) in rows if least == worst)
            results[key] = {"value": names[worst], "day": first, "how": how}
        elif rows and most == 0:
            results[key] = {"value": names[0], "day": None, "how": how}
        elif index_graft(tables["transplant"], graft["subject_id"]) is graft:
            results[key] = reported_grade(tables, graft, kind, order, names[0], told)
        else:
            results[key] = UNKNOWN
    return results


def acute_gvhd_grade(tables: Tables, criteria: str, told: Collection[str]) -> Results:
    """Give the worst grade of acute disease after each graft."""
    return graded(tables, told, "ACUTE", lambda row: acute_grade_of_row(row, criteria),
                  ACUTE_GRADES, ("I", "II", "III", "III_IV", "IV"))


def chronic_gvhd_severity(tables: Tables, told: Collection[str]) -> Results:
    """Give the worst severity of chronic disease after each graft."""
    return graded(tables, told, "CHRONIC", chronic_grade_of_row, CHRONIC_GRADES,
                  CHRONIC_GRADES[1:])


CUTS: dict[str, tuple[str, int, tuple[str, ...], tuple[str, ...]]] = {
    "acute_gvhd": ("ACUTE", 1, ("I", "II", "III", "IV", "III_IV"), ()),
    "chronic_gvhd": ("CHRONIC", 1, ("MILD", "MODERATE", "SEVERE", "LIMITED", "EXTENSIVE"), ()),
    "acute_gvhd_2_4": ("ACUTE", 2, ("II", "III", "IV", "III_IV"), ("I",)),
    "acute_gvhd_3_4": ("ACUTE", 3, ("III", "IV", "III_IV"), ("I", "II")),
    "chronic_gvhd_moderate_severe": ("CHRONIC", 2, ("MODERATE", "SEVERE"), ("MILD",)),
}
"""The kind of each outcome, the least grade that is in it, and the reported grades in and below."""


def some_grade(row: Row, grades: tuple[str, ...]) -> Row:
    """Give a disease that began on a day a grade if it has none: some grade it had."""
    if row.get("max_grade") is None and day_in(row, "onset_day") is not None:
        return {**row, "max_grade": grades[0]}
    return row


def gvhd_from_grade(
    tables: Tables, name: str, told: Collection[str], criteria: str = "magic_2016"
) -> dict[object, Result]:
    """Say whether disease after the index graft reached a grade, by organs or as reported."""
    kind, cut, grades, below = CUTS[name]
    recorded = tables.get("gvhd", [])
    if cut == 1:
        recorded = [some_grade(row, grades) for row in recorded]
    results = graded_gvhd(tables["transplant"], recorded,
                          tables.get("form_status", []), told, kind, grades, below)
    for subject_id, reported in results.items():
        reported["how"] = None if reported["value"] is None else "graded by the centre"
        graft = index_graft(tables["transplant"], subject_id)
        rows = [] if graft is None else organ_grades(
            tables, graft, chronic_grade_of_row if kind == "CHRONIC"
            else lambda row: acute_grade_of_row(row, criteria))
        reached = [day for day, (least, _) in rows if least >= cut]
        how = "derived from organ stages"
        if reached:
            results[subject_id] = {"value": "Y", "day": min(reached), "how": how}
        elif rows and all(most < cut for _, (_, most) in rows):
            results[subject_id] = {"value": "N", "day": None, "how": how}
    return results


def donor_lymphocytes(tables: Tables) -> Results:
    """Say whether donor lymphocytes were given after each graft and before the next."""
    def answer(tables: Tables, graft: Row) -> Result:
        cells = rows_of(tables.get("cell_therapy", []), graft["subject_id"])
        known = in_graft_time(tables, graft, [row for row in cells if row["kind"] == "DLI"])
        if known:
            return {"value": "Y", "day": min(row["after"] for row in known)}
        may_be = [row for row in cells if row["kind"] in ("DLI", None)]
        unclear = [row for row in may_be if day_in(row, "day") is None] + in_graft_time(
            tables, graft, may_be)
        return UNKNOWN if unclear else {"value": "N", "day": None}

    return of_each_graft(tables, answer)


def chronic_gvhd_systemic(tables: Tables, told: Collection[str]) -> dict[object, Result]:
    """Say whether chronic disease after the index graft was treated systemically."""
    results: dict[object, Result] = {}
    for subject_id in transplanted_subjects(tables["transplant"]):
        graft = index_graft(tables["transplant"], subject_id)
        if graft is None:
            continue
        rows = gvhd_of_graft(tables.get("gvhd", []), "CHRONIC", graft,
                             next_transplant_day(tables["transplant"], graft))
        words = [row.get("systemic_treatment") for row in rows]
        value: str | None = "N"
        if "Y" in words:
            value = "Y"
        elif "U" in words or None in words:
            value = None
        elif not rows:
            value = gvhd_without_rows(subject_id, tables.get("form_status", []), told, "CHRONIC")
        onsets = [after_graft(graft, day_in(row, "onset_day")) for row in rows
                  if row.get("systemic_treatment") == "Y"]
        known = [onset for onset in onsets if onset is not None]
        results[subject_id] = {"value": value, "day": min(known) if known else None}
    return results


# 4. CD34 -------------------------------------------------------------------------------------


def weight_at(tables: Tables, graft: Row) -> float | None:
    """Give the last weight of the 30 days up to the graft that a person has; the day's lowest."""
    found: dict[int, float] = {}
    for row in rows_of(tables.get("laboratory", []), graft["subject_id"]):
        value, after = number_in(row, "value"), after_graft(graft, day_in(row, "day"))
        if row["test"] != "WEIGHT" or row["unit"] != "kg" or value is None or after is None:
            continue
        if -30 <= after <= 0 and 1.5 <= value <= 250:
            found[after] = min(value, found.get(after, value))
    return found[max(found)] if found else None


def cd34_dose(tables: Tables) -> Results:
    """Give the CD34 dose of each graft where it is one that a graft of its source may hold.

    The cells of the product go before a recorded dose where the recipient's weight is known; that
    part of the rule and of its reference come from one pair of eyes.
    """
    limits = {"BM": (0.1, 60), "PBSC": (0.1, 60), "CORD": (0.01, 10), None: (0.01, 60)}
    results: Results = {}
    for graft in tables["transplant"]:
        dose = number_in(graft, "cd34_1e6_kg")
        count, volume = number_in(graft, "cd34_per_ul"), number_in(graft, "product_volume_ml")
        weight = weight_at(tables, graft)
        if count is not None and volume is not None and weight is not None:
            dose = count * volume * 1000 / weight / 1e6
        source = source_of(graft)
        least, most = limits[None if source is None else str(source)]
        if dose is not None and (not at_least(dose, least) or above(dose, most)):
            dose = None
        results[graft["subject_id"], graft["transplant_no"]] = {"value": dose}
    return results


# 5. Surveillance -----------------------------------------------------------------------------

SUBSETS = tuple(f"{cell}{form}" for cell in ("CD3", "CD4", "CD8", "CD19", "NK")
                for form in ("", "_PERCENT"))
WATCHED = {"chimerism": LINEAGES, "lymphocyte_subsets": SUBSETS, "cmv": ("CMV",),
           "ebv": ("EBV",)}
"""The tests of each item under surveillance; definitions 9."""


def followed(tables: Tables, graft: Row) -> int | None:
    """Give how many days a graft was followed: until the last day known or the next graft."""
    last = after_graft(graft, last_day_known(tables, graft["subject_id"]))
    next_day = next_after(tables, graft)
    if last is None:
        return None
    days = last if next_day is None else min(last, next_day - 1)
    return days if days >= 0 else None


def expected_samples(item: str, days: int) -> int:
    """Say how many samples were due: weekly to 6 months, fortnightly to 12, then monthly."""
    if item in ("chimerism", "lymphocyte_subsets"):
        return sum(day <= days for day, _ in VISITS.values())
    due = math.floor(min(days, 182) / 7)
    if days > 182:
        due += math.floor((min(days, 364) - 182) / 14)
    if days > 364:
        due += math.floor((days - 364) / 30.4375)
    return due


def observed_samples(tables: Tables, graft: Row, item: str, days: int) -> int | None:
    """Say how many of the samples due were taken; unknown if none was ever."""
    rows = in_graft_time(tables, graft, laboratory(tables, graft["subject_id"], *WATCHED[item]))
    taken = {int(str(row["after"])) for row in rows}
    if not taken:
        return None
    if item in ("cmv", "ebv"):
        return len([day for day in taken if day <= days])
    return sum(any(visit - around <= day <= visit + around for day in taken)
               for visit, around in VISITS.values() if visit <= days)


def surveillance(tables: Tables, asked: str) -> Results:
    """Give what was expected, what was observed, or their fraction in percent."""
    results: Results = {}
    for graft in tables["transplant"]:
        days = None if day_in(graft, "day") is None else followed(tables, graft)
        for item in WATCHED:
            value: float | None = None
            if days is not None:
                expected = expected_samples(item, days)
                observed = observed_samples(tables, graft, item, days)
                fraction = None if not expected or observed is None else (
                    100 * observed / expected)
                value = {"expected": expected, "observed": observed, "fraction": fraction}[asked]
            results[graft["subject_id"], graft["transplant_no"], item] = {"value": value}
    return results
