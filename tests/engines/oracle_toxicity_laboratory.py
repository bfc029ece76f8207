"""A slow second reading of the grades of laboratory values and of tumour lysis.

Sources: CTCAE v5 and v6; Cairo and Bishop 2004 (Br J Haematol 127:3); Howard 2011 (NEJM
364:1844). See ``oracle_toxicity.py`` for windows and for grades that are only partly known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.engines.oracle_toxicity import (
    DAYS_PER_YEAR,
    UNKNOWN,
    WORST_GRADE,
    Answer,
    Cycle,
    Grade,
    Pair,
    Row,
    Seen,
    Tables,
    age_in_days,
    answer_of,
    compared,
    cycle_answer,
    cycles_of,
    first_infusion_of,
    part_of_worst,
    rows_in,
    since_start,
    subjects_of,
    worst_of,
)

UNITS = {
    **dict.fromkeys(("ANC", "PLT", "WBC", "ALC", "CD4"), "10*9/L"), "HGB": "g/L",
    **dict.fromkeys(("ALT", "AST", "GGT"), "U/L"), "FIBRINOGEN": "g/L",
    **dict.fromkeys(("BILIRUBIN", "CREATININE", "URATE"), "umol/L"),
    **dict.fromkeys(("POTASSIUM", "PHOSPHATE", "CALCIUM"), "mmol/L"),
}
TESTS = {
    "neutrophil_count_decreased": "ANC", "platelet_count_decreased": "PLT",
    "white_blood_cell_decreased": "WBC", "lymphocyte_count_decreased": "ALC",
    "cd4_lymphocytes_decreased": "CD4", "anaemia": "HGB",
    "alanine_aminotransferase_increased": "ALT", "aspartate_aminotransferase_increased": "AST",
    "blood_bilirubin_increased": "BILIRUBIN", "creatinine_increased": "CREATININE",
    "fibrinogen_decreased": "FIBRINOGEN", "ggt_increased": "GGT",
}


# Steps ---------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One way to reach a grade: ``relation factor reference``, under a condition or without."""

    grade: int
    relation: str
    factor: float
    reference: str = "number"
    condition: str = ""


def below_limits(*limits: float | str) -> list[Step]:
    """Give steps below limits, the first of them grade 1; a word is a limit of the sample."""
    return [Step(grade, "<", 1.0, limit) if isinstance(limit, str) else Step(grade, "<", limit)
            for grade, limit in enumerate(limits, start=1)]


def by_baseline(
    normal: tuple[float, ...], relation: str, raised: tuple[float, ...]
) -> list[Step]:
    """Give steps above multiples of ULN, or of a baseline that was high already.

    The relation is that of grade 1 to the high baseline; the other grades are above.
    """
    steps = [Step(grade, ">", factor, "upper", "not high")
             for grade, factor in enumerate(normal, start=1)]
    steps += [Step(grade, relation if grade == 1 else ">", factor, "baseline", "high")
              for grade, factor in enumerate(raised, start=1)]
    return steps


FIBRINOGEN = [
    *(Step(grade, "<", factor, "lower", "not low")
      for grade, factor in enumerate((1.0, 0.75, 0.5, 0.25), start=1)),
    *(Step(grade, "<" if grade == 1 else "<=", factor, "baseline", "low")
      for grade, factor in enumerate((1.0, 0.75, 0.5, 0.25), start=1)),
    Step(4, "<", 0.5),
]


def creatinine(condition: str) -> list[Step]:
    """Give the steps of creatinine; the baseline counts always (v5), or where it is low (v6)."""
    return [Step(1, ">", 1.0, "upper"),
            Step(2, ">", 1.5, "upper"), Step(2, ">", 1.5, "baseline", condition),
            Step(3, ">", 3.0, "upper"), Step(3, ">", 3.0, "baseline", condition),
            Step(4, ">", 6.0, "upper")]


LIVER = (1.0, 3.0, 5.0, 20.0)
V5 = {
    "ANC": below_limits("lower", 1.5, 1.0, 0.5), "PLT": below_limits("lower", 75, 50, 25),
    "WBC": below_limits("lower", 3.0, 2.0, 1.0), "ALC": below_limits("lower", 0.8, 0.5, 0.2),
    "CD4": below_limits("lower", 0.5, 0.2, 0.05), "HGB": below_limits("lower", 100, 80),
    "ALT": by_baseline(LIVER, ">=", (1.5, 3.0, 5.0, 20.0)),
    "AST": by_baseline(LIVER, ">=", (1.5, 3.0, 5.0, 20.0)),
    "BILIRUBIN": by_baseline((1.0, 1.5, 3.0, 10.0), ">", (1.0, 1.5, 3.0, 10.0)),
    "GGT": by_baseline((1.0, 2.5, 5.0, 20.0), ">=", (2.0, 2.5, 5.0, 20.0)),
    "CREATININE": creatinine(""), "FIBRINOGEN": FIBRINOGEN,
}
V6 = {
    **V5,
    "ANC": below_limits(1.5, 1.0, 0.5, 0.1), "PLT": below_limits("lower", 75, 50, 10),
    "ALC": [],
    "ALT": by_baseline(LIVER, ">=", (1.0, 1.5, 2.0, 4.0)),
    "AST": by_baseline(LIVER, ">=", (1.0, 1.5, 2.0, 4.0)),
    "BILIRUBIN": by_baseline((1.0, 1.5, 3.0, 10.0), ">=", (1.0, 1.5, 2.5, 10.0)),
    "GGT": by_baseline((1.0, 2.5, 5.0, 20.0), ">=", (1.0, 1.5, 3.0, 10.0)),
    "CREATININE": creatinine("low"),
}
STEPS = {"ctcae_v5": V5, "ctcae_v6": V6}


def is_readable(row: Row) -> bool:
    """Say whether a sample has a value in the unit in which its test is compared."""
    return row["value"] is not None and row["unit"] == UNITS[row["test"]]


def is_measurement(row: Row) -> bool:
    """Say whether a sample is readable and no limit."""
    return is_readable(row) and row["sign"] in (None, "=")


def baseline_of(samples: list[Row], first_infusion: int | None) -> Row | None:
    """Give the baseline: the last before the first infusion, or the first of that day."""
    if first_infusion is None:
        return None
    found: Row | None = None
    for row in samples:
        if is_measurement(row) and row["day"] == first_infusion and (
                found is None or row["sequence"] < found["sequence"]):
            found = row
    if found is not None:
        return found
    for row in samples:
        if is_measurement(row) and row["day"] < first_infusion and (
                found is None or (row["day"], row["sequence"]) > (
                    found["day"], found["sequence"])):
            found = row
    return found


def condition_of(name: str, baseline: Row | None) -> bool | None:
    """Say whether the baseline is high, not high, low or not low, where that is known."""
    if name == "":
        return True
    limit = "upper_limit" if name.endswith("high") else "lower_limit"
    if baseline is None or baseline[limit] is None:
        return None
    side = 1 if name.endswith("high") else -1
    outside = compared(baseline["value"], baseline[limit]) == side
    return not outside if name.startswith("not") else outside


def comparison_of(row: Row, step: Step, reference: float | None) -> bool | None:
    """Say whether a value is beyond its threshold; None when that may be or not."""
    if reference is None:
        return None
    threshold = step.factor * reference
    place = compared(row["value"], threshold)
    if row["sign"] in ("<", ">"):
        downward = step.relation.startswith("<")
        if downward == (row["sign"] == "<"):
            reached = place <= 0 if downward else place >= 0
            return True if reached else None
        kept = place >= 0 if downward else place <= 0
        return False if kept else None
    return {"<": place < 0, "<=": place <= 0, ">": place > 0, ">=": place >= 0}[step.relation]


def is_met(row: Row, step: Step, baseline: Row | None) -> bool | None:
    """Say whether a step is met (True), not met (False) or open (None)."""
    references = {"number": 1.0, "lower": row["lower_limit"], "upper": row["upper_limit"],
                  "baseline": None if baseline is None else baseline["value"]}
    compares = comparison_of(row, step, references[step.reference])
    condition = condition_of(step.condition, baseline)
    if condition is False:
        return False
    if baseline is None and not _may_pass_limit(row, step):
        return False
    if condition is None:
        return False if compares is False else None
    return compares


def _may_pass_limit(row: Row, step: Step) -> bool:
    """Say whether a value may pass its multiple of a baseline that lay outside the limits.

    A baseline that was high lay above the limit of the sample at least: what does not pass that
    multiple of the limit passes none of the baseline.
    """
    upward = step.relation.startswith(">")
    if step.condition != ("high" if upward else "low"):
        return True
    limit = row["upper_limit"] if upward else row["lower_limit"]
    if limit is None or row["sign"] == (">" if upward else "<"):
        return True
    place = compared(row["value"], step.factor * limit)
    if "=" in step.relation:
        return place >= 0 if upward else place <= 0
    return place > 0 if upward else place < 0


def pair_of(row: Row, steps: list[Step], baseline: Row | None) -> Pair:
    """Give the lowest and the highest grade that a sample can have.

    An unreadable one may have any grade that a value can reach: grade 4 of anaemia is clinical
    and never read from a value (definitions 4.3).
    """
    if not is_readable(row):
        return 0, max((step.grade for step in steps), default=WORST_GRADE)
    least = most = 0
    for step in steps:
        met = is_met(row, step, baseline)
        if met is True:
            least = max(least, step.grade)
        if met is not False:
            most = max(most, step.grade)
    return least, most


# Grades of cycles and of subjects ------------------------------------------------------------


class Graded(NamedTuple):
    """The cycles of a subject with their grades, and the pair of the baseline sample of each."""

    cycles: list[tuple[Cycle, Grade]]
    before: list[Pair | None]


def graded(
    tables: Tables, subject: str, test: str, steps: list[Step], scope: str = "first_infusion"
) -> Graded:
    """Grade the samples of each cycle of a subject (rule 5).

    The baseline is that of the first infusion for all cycles, or of the start of each.
    """
    cycles = cycles_of(tables, subject)
    samples = [row for row in rows_in(tables, "laboratory", subject) if row["test"] == test]
    found, before = [], []
    for cycle in cycles:
        baseline = baseline_of(
            samples, cycle.start if scope == "each_cycle" else first_infusion_of(cycles))
        seen = [Seen(*pair_of(row, steps, baseline), row["day"])
                for row in samples if row is not baseline and cycle.holds(row["day"])]
        found.append((cycle, worst_of(seen) if seen else UNKNOWN))
        before.append(None if baseline is None else pair_of(baseline, steps, baseline))
    return Graded(found, before)


def emergent(grade: Grade, before: Pair | None) -> Grade:
    """Give a grade where it is worse than before treatment, else grade 0."""
    if grade.value is None or grade.value == 0:
        return grade
    if before is None or before[0] != before[1]:
        return grade._replace(value=None)
    if grade.value > before[0]:
        return grade
    if grade.most <= before[0]:
        return grade._replace(value=0, day=None)
    return grade._replace(value=None)


def bounded(grade: Grade, before: Pair | None) -> Grade:
    """Give an emergent grade with its bounds: what is not above the grade before is 0.

    Of a cycle without any sample nothing is known, whatever the grade before.
    """
    if grade is UNKNOWN:
        return grade
    known = None if before is None or before[0] != before[1] else before[0]
    least, most = grade.least, grade.most
    if known is None or least <= known:
        least = 0
    if known is not None and most <= known:
        most = 0
    return emergent(grade, before)._replace(least=least, most=most)


def laboratory_grades(
    tables: Tables, test: str, criteria: str, *, window: str, scope: str = "first_infusion"
) -> dict[Any, Answer]:
    """Give the grade of a laboratory term in every cycle."""
    found = {}
    for subject in subjects_of(tables):
        cycles, befores = graded(tables, subject, test, STEPS[criteria][test], scope)
        for (cycle, grade), before in zip(cycles, befores, strict=True):
            shown = emergent(grade, before) if window == "treatment_emergent" else grade
            found[subject, cycle.number] = cycle_answer(
                shown if STEPS[criteria][test] else UNKNOWN, cycle)
    return found


def worst_laboratory_grades(
    tables: Tables, test: str, criteria: str, *, window: str, scope: str = "first_infusion"
) -> dict[Any, Answer]:
    """Give the worst grade of a laboratory term in every subject.

    Where each cycle has a baseline of its own, its grade is compared before the worst is taken.
    """
    found = {}
    for subject in subjects_of(tables):
        cycles, befores = graded(tables, subject, test, STEPS[criteria][test], scope)
        of_each = window == "treatment_emergent" and scope == "each_cycle"
        if of_each:
            cycles = [(cycle, bounded(grade, before))
                      for (cycle, grade), before in zip(cycles, befores, strict=True)]
        parts = [part for cycle, grade in cycles for part in part_of_worst(grade, cycle)]
        grade = worst_of(parts) if parts and STEPS[criteria][test] else UNKNOWN
        if window == "treatment_emergent" and not of_each:
            grade = emergent(grade, befores[0] if befores else None)
        found[subject] = answer_of(grade)
    return found


# Tumour lysis --------------------------------------------------------------------------------

DAYS_BEFORE, DAYS_AFTER = 3, 7
ADULT_FROM = math.floor(18 * DAYS_PER_YEAR)
LYSIS_TESTS = ("URATE", "POTASSIUM", "PHOSPHATE", "CALCIUM")
CAIRO_BISHOP, HOWARD = "cairo_bishop_2004", "howard_2011"
SEIZURE_GRADES = {"BRIEF": 2, "NONCONVULSIVE": 3, "PROLONGED": 4, "REPETITIVE": 4}
RISE_OF_CREATININE = 26.5


def reaches_number(row: Row, criteria: str, *, child: bool) -> bool | None:
    """Say whether a sample is abnormal by its number, for a child or for an adult."""
    value = row["value"]
    if criteria == CAIRO_BISHOP:
        phosphate = 2.09885 if child else 1.45
        return {"URATE": compared(value, 475.84) >= 0, "POTASSIUM": compared(value, 6.0) >= 0,
                "PHOSPHATE": compared(value, phosphate) >= 0,
                "CALCIUM": compared(value, 1.75) <= 0}[row["test"]]
    if row["test"] == "URATE" and child:
        return None if row["upper_limit"] is None else compared(value, row["upper_limit"]) > 0
    phosphate = 2.09885 if child else 1.45305
    return {"URATE": compared(value, 475.84) > 0, "POTASSIUM": compared(value, 6.0) > 0,
            "PHOSPHATE": compared(value, phosphate) > 0,
            "CALCIUM": compared(value, 1.7465) < 0}[row["test"]]


def is_after(row: Row, baseline: Row) -> bool:
    """Say whether a sample was taken after the baseline."""
    return bool((row["day"], row["sequence"]) > (baseline["day"], baseline["sequence"]))


def is_abnormal(
    row: Row, baseline: Row | None, criteria: str, child: bool | None
) -> bool | None:
    """Say whether a sample is abnormal; None when that is open."""
    if child is None:
        as_child = reaches_number(row, criteria, child=True)
        by_number = as_child if as_child == reaches_number(row, criteria, child=False) else None
    else:
        by_number = reaches_number(row, criteria, child=child)
    if by_number is True or criteria == HOWARD:
        return by_number
    if baseline is None:
        return None
    if is_after(row, baseline):
        place = compared(row["value"],
                         (0.75 if row["test"] == "CALCIUM" else 1.25) * baseline["value"])
        if place <= 0 if row["test"] == "CALCIUM" else place >= 0:
            return True
    return by_number


class Lysis(NamedTuple):
    """What the judgement of a subject is made from."""

    first: int
    samples: dict[str, list[Row]]
    baselines: dict[str, Row | None]
    seizures: list[Row]
    child: bool | None


def lysis_of(tables: Tables, subject: str, first: int | None) -> Lysis | None:
    """Gather samples and seizures of the days around the start of treatment."""
    if first is None:
        return None
    age = age_in_days(rows_in(tables, "subject", subject)[0], first)
    samples, baselines = {}, {}
    for test in (*LYSIS_TESTS, "CREATININE"):
        rows = [row for row in rows_in(tables, "laboratory", subject) if row["test"] == test]
        baselines[test] = baseline_of(rows, first)
        samples[test] = [row for row in rows if is_measurement(row)
                         and first - DAYS_BEFORE <= row["day"] <= first + DAYS_AFTER]
    seizures = [row for row in rows_in(tables, "toxicity_sign", subject)
                if row["day"] is not None
                and first - DAYS_BEFORE <= row["day"] <= first + DAYS_AFTER
                and row["seizure"] not in (None, "NONE") and row["other_cause"] != "Y"]
    return Lysis(first, samples, baselines, seizures,
                 None if age is None else age < ADULT_FROM)


def laboratory_lysis(lysis: Lysis, criteria: str) -> Answer:
    """Say whether two tests are abnormal; Howard asks for both on one day."""
    days: dict[str, list[int]] = {}
    unsure = 0
    for test in LYSIS_TESTS:
        found = [(is_abnormal(row, lysis.baselines[test], criteria, lysis.child), row["day"])
                 for row in lysis.samples[test]]
        abnormal = sorted(day for is_so, day in found if is_so is True)
        if abnormal:
            days[test] = abnormal
        elif not found or any(is_so is None for is_so, _ in found):
            unsure += 1
    no = {"value": "N", "day": None}
    unknown = {"value": None, "day": None}
    if criteria == CAIRO_BISHOP:
        if len(days) >= 2:
            return {"value": "Y", "day": sorted(each[0] for each in days.values())[1]}
        return no if len(days) + unsure < 2 else unknown
    together = [day for test, own in days.items() for other, others in days.items()
                if test != other for day in own if day in others]
    if together:
        return {"value": "Y", "day": min(together)}
    if len(days) + unsure < 2:
        return no
    adjacent = any(abs(day - other_day) == 1 for test, own in days.items()
                   for other, others in days.items() if test != other
                   for day in own for other_day in others)
    return unknown if unsure or adjacent else no


def clinical_lysis(lysis: Lysis, criteria: str) -> Answer:
    """Say whether creatinine or a seizure makes laboratory tumour lysis a clinical one."""
    laboratory = laboratory_lysis(lysis, criteria)
    if laboratory["value"] != "Y":
        return {"value": laboratory["value"], "day": None}
    baseline = lysis.baselines["CREATININE"]
    samples = lysis.samples["CREATININE"]
    if criteria == HOWARD and baseline is not None:
        samples = [row for row in samples if is_after(row, baseline)]
    days = [row["day"] for row in lysis.seizures]
    unsure = not samples
    for row in samples:
        threshold = None
        if criteria == CAIRO_BISHOP and row["upper_limit"] is not None:
            threshold = 1.5 * row["upper_limit"]
        if criteria == HOWARD and baseline is not None:
            threshold = baseline["value"] + RISE_OF_CREATININE
        if threshold is None:
            unsure = True
        elif compared(row["value"], threshold) >= 0:
            days.append(row["day"])
    if days:
        return {"value": "Y", "day": min(days)}
    return {"value": None if unsure else "N", "day": None}


def lysis_grade(lysis: Lysis, criteria: str) -> Answer:
    """Grade clinical tumour lysis (Cairo and Bishop); Howard has no grades."""
    clinical = clinical_lysis(lysis, criteria)
    if criteria == HOWARD or clinical["value"] is None:
        return {"value": None, "day": None}
    if clinical["value"] == "N":
        return {"value": "0", "day": None}
    seen = [(SEIZURE_GRADES[row["seizure"]], row["day"]) for row in lysis.seizures]
    unsure = not lysis.samples["CREATININE"]
    for row in lysis.samples["CREATININE"]:
        limit = row["upper_limit"]
        if limit is None:
            unsure = True
            continue
        grade = 1 if compared(row["value"], 1.5 * limit) == 0 else 0
        for factor, higher in ((1.5, 2), (3.0, 3), (6.0, 4)):
            if compared(row["value"], factor * limit) > 0:
                grade = higher
        seen.append((grade, row["day"]))
    worst = max(grade for grade, _ in seen)
    if unsure and worst < WORST_GRADE:
        return {"value": None, "day": None}
    return {"value": str(worst), "day": min(day for grade, day in seen if grade == worst)}


JUDGES: dict[str, Callable[[Lysis, str], Answer]] = {
    "tumour_lysis_laboratory": laboratory_lysis, "tumour_lysis_clinical": clinical_lysis,
    "tumour_lysis_grade": lysis_grade}


def tumour_lysis(tables: Tables, name: str, criteria: str) -> dict[Any, Answer]:
    """Give one definition of tumour lysis for every subject."""
    found = {}
    for subject in subjects_of(tables):
        lysis = lysis_of(tables, subject, first_infusion_of(cycles_of(tables, subject)))
        found[subject] = ({"value": None, "day": None} if lysis is None
                          else JUDGES[name](lysis, criteria))
    return found


def cycle_tumour_lysis(tables: Tables, name: str, criteria: str) -> dict[Any, Answer]:
    """Give one definition of tumour lysis for every cycle; its days count from the start."""
    found: dict[Any, Answer] = {}
    for subject in subjects_of(tables):
        for cycle in cycles_of(tables, subject):
            lysis = lysis_of(tables, subject, None if cycle.fault else cycle.start)
            answer: Answer = {"value": None, "day": None}
            if lysis is not None:
                answer = JUDGES[name](lysis, criteria)
            found[subject, cycle.number] = {**answer, "day": since_start(answer["day"], cycle)}
    return found
