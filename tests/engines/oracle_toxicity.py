"""A slow second reading of the rules of toxicity, in plain Python.

Written from the words of the rules by someone who has not read the rules of the package; see
``oracle.py`` for why that matters and for the conventions. Sources: ASTCT 2019 (Lee, BBMT 25:625)
for CRS and ICANS, CTCAE v5 for fever and febrile neutropenia.

An observation has the lowest and the highest grade that it can have. What may be worse than the
worst that is known makes an answer unknown only where the rules say so (``worst_of``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from tests.engines.oracle import RELATIVE_TOLERANCE, absent_rows_mean_none, rows_of

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Answer = dict[str, Any]
Key = tuple[str, int]

DAYS_PER_YEAR = 365.25
AFTER_LAST_INFUSION = 30
"""Days of toxicity after the last infusion (Amgen's trials, definitions 4.4)."""
NEW_THERAPY = ("DEBULKING", "REINDUCTION", "BRIDGING", "CONDITIONING")
WORST_GRADE, DEATH = 4, 5
FEVER_FROM = 38.0
ICE_FROM = math.floor(12 * DAYS_PER_YEAR)


def compared(value: float, threshold: float) -> int:
    """Say whether a value is below (-1), on (0) or above (1) a threshold."""
    if abs(value - threshold) <= RELATIVE_TOLERANCE * abs(threshold):
        return 0
    return -1 if value < threshold else 1


# Grades that are only partly known -----------------------------------------------------------


class Seen(NamedTuple):
    """One observation: what its grade can be, its study day, and whether it was reported."""

    least: int
    most: int
    day: int | None = None
    reported: bool = False


class Grade(NamedTuple):
    """The worst of observations; ``none`` when there was nothing to see and none is not known."""

    value: int | None
    day: int | None
    reported: bool
    least: int
    most: int
    settled: bool = False


UNKNOWN = Grade(None, None, False, 0, WORST_GRADE)


def worst_of(observations: list[Seen]) -> Grade:
    """Give the worst of some observations, of which there is at least one (rule 0)."""
    least = max(seen.least for seen in observations)
    most = max(seen.most for seen in observations)
    known = None
    for seen in observations:
        if seen.least == seen.most and (known is None or seen.least > known):
            known = seen.least
    if known is None or known < least or (known < most and known < 1):
        return Grade(None, None, False, least, most)
    first = None
    for seen in observations:
        if (seen.least == seen.most == known
                and (first is None or _place(seen) < _place(first))):
            first = seen
    assert first is not None
    return Grade(known, None if known == 0 else first.day, first.reported, least, most)


def _place(seen: Seen) -> tuple[bool, int, bool]:
    """Observations with a day come first, and of one day signs before events."""
    return seen.day is None, seen.day or 0, seen.reported


# Cycles --------------------------------------------------------------------------------------


class Cycle(NamedTuple):
    """A cycle: its first day, the end of its infusion, its window, and whether it has a fault."""

    number: int
    start: int | None
    infusion_end: int | None
    last: int | None
    fault: bool

    def holds(self, day: int | None) -> bool:
        """Say whether a day lies in the window of the cycle."""
        return (day is not None and self.start is not None and self.last is not None
                and self.start <= day <= self.last)


def subjects_of(tables: Tables) -> list[str]:
    """Give every subject."""
    return [row["subject_id"] for row in tables["subject"]]


def rows_in(tables: Tables, table: str, subject: str) -> list[Row]:
    """Give a subject's rows of a table, which may be missing."""
    return rows_of(tables.get(table, []), subject)


def edges_of_cycle(segments: list[Row]) -> tuple[int | None, int | None]:
    """Give the first day of a cycle and the last day of its infusion.

    Each is unknown when the segment at that edge, by number, does not say it.
    """
    ordered = sorted(segments, key=lambda row: row["segment_no"])
    start = end = None
    if ordered[0]["start_day"] is not None:
        start = min(row["start_day"] for row in ordered if row["start_day"] is not None)
    if ordered[-1]["end_day"] is not None:
        end = max(row["end_day"] for row in ordered if row["end_day"] is not None)
    return start, end


def therapy_days(tables: Tables, subject: str) -> list[int]:
    """Give the days on which another treatment began."""
    days = [row["start_day"] for row in rows_in(tables, "treatment_line", subject)]
    days += [row["day"] for row in rows_in(tables, "transplant", subject)]
    days += [row["day"] for row in rows_in(tables, "cell_therapy", subject)]
    days += [row["start_day"] for row in rows_in(tables, "drug_dose", subject)
             if row["purpose"] in NEW_THERAPY]
    return [day for day in days if day is not None]


def cycles_of(tables: Tables, subject: str) -> list[Cycle]:
    """Give the cycles of a subject with their windows, in order of their numbers (rule 1)."""
    segments: dict[int, list[Row]] = {}
    for row in rows_in(tables, "exposure", subject):
        segments.setdefault(row["cycle_no"], []).append(row)
    edges = {number: edges_of_cycle(rows) for number, rows in segments.items()}
    in_order = sorted((start, number) for number, (start, _) in edges.items()
                      if start is not None)
    therapies = therapy_days(tables, subject)
    cycles = []
    for number, (start, end) in sorted(edges.items()):
        if start is None:
            cycles.append(Cycle(number, None, end, None, fault=True))
            continue
        place = in_order.index((start, number))
        ends = []
        if place + 1 < len(in_order):
            ends.append(in_order[place + 1][0] - 1)
        else:
            ends.append((start if end is None else end) + AFTER_LAST_INFUSION)
        new = [day for day in therapies if day > start and (end is None or day >= end)]
        if new:
            ends.append(min(new) - 1 if end is None else max(min(new) - 1, end))
        fault = False
        for other_start, _ in in_order[place + 1:]:
            if end is not None and other_start < end:
                fault = True
        for _, other in in_order[:place]:
            other_end = edges[other][1]
            if other_end is not None and other_end > start:
                fault = True
        cycles.append(Cycle(number, start, end, min(ends), fault))
    return cycles


def first_infusion_of(cycles: list[Cycle]) -> int | None:
    """Give the day of a subject's first infusion; unknown when cycle one has no first day."""
    if not cycles or cycles[0].start is None:
        return None
    return min(cycle.start for cycle in cycles if cycle.start is not None)


def toxicity_window_end(tables: Tables) -> dict[Any, Answer]:
    """Give the last day of the window of each cycle."""
    return {(subject, cycle.number): {"value": cycle.last}
            for subject in subjects_of(tables) for cycle in cycles_of(tables, subject)}


def laboratory_baseline_day(tables: Tables, criteria: str) -> dict[Any, Answer]:
    """Give the last day of the baseline of each cycle: the first infusion, or its own start."""
    found: dict[Any, Answer] = {}
    for subject in subjects_of(tables):
        cycles = cycles_of(tables, subject)
        first = first_infusion_of(cycles)
        for cycle in cycles:
            found[subject, cycle.number] = {
                "value": cycle.start if criteria == "each_cycle" else first}
    return found


def age_in_days(subject: Row, day: int) -> float | None:
    """Give the age on a study day: from the age in days, else from the years reported."""
    if subject.get("age_at_index_days") is not None:
        return float(subject["age_at_index_days"] + day)
    if subject.get("age_at_index_years_reported") is not None:
        return float(subject["age_at_index_years_reported"] * DAYS_PER_YEAR + day)
    return None


# Reported events -----------------------------------------------------------------------------


class Event(NamedTuple):
    """A relevant event: what it shows, and what it was recorded with."""

    seen: Seen
    row: Row

    @property
    def exact(self) -> bool:
        """Say whether its grade is known in the system that is asked for."""
        return self.seen.least == self.seen.most


def relevant_events(
    tables: Tables, subject: str, wanted: Callable[[Row], bool], system: str
) -> list[Event]:
    """Give the events of a kind; one graded otherwise yields to one of the system that day."""
    rows = [row for row in rows_in(tables, "adverse_event", subject) if wanted(row)]
    events = []
    for row in rows:
        other_system = row["grading"] is not None and row["grading"] != system
        if other_system and row["start_day"] is not None and any(
                other["grading"] == system and other["start_day"] == row["start_day"]
                for other in rows):
            continue
        if row["grade"] is not None and row["grading"] == system:
            seen = Seen(row["grade"], row["grade"], row["start_day"], reported=True)
        else:
            seen = Seen(0, DEATH, row["start_day"], reported=True)
        events.append(Event(seen, row))
    return events


def placed_in(cycle: Cycle, event: Row, cycles: list[Cycle]) -> bool:
    """Say whether an event belongs to a cycle: by its day, or without one by its number."""
    if event["start_day"] is None:
        return bool(event["cycle_no"] == cycle.number)
    for other in cycles:
        if other.holds(event["start_day"]):
            return other.number == cycle.number
    return cycle.start is None and event["cycle_no"] == cycle.number


def is_unplaced(event: Row, cycles: list[Cycle]) -> bool:
    """Say whether an event has neither a day nor a cycle that the subject had."""
    return (event["start_day"] is None
            and event["cycle_no"] not in [cycle.number for cycle in cycles])


# Signs and events together -------------------------------------------------------------------

Signs = Callable[[Tables, str, list[Row]], list[Seen]]
"""What the days of signs of a cycle show: one observation a day that says something."""


class Term(NamedTuple):
    """A toxicity: its events, the system they must be graded by, and how signs are read."""

    wanted: Callable[[Row], bool]
    system: str
    signs: Signs | None = None


def days_of_signs(tables: Tables, subject: str, cycle: Cycle, term: Term) -> list[Seen]:
    """Give what the signs of a cycle show."""
    if term.signs is None:
        return []
    rows = [row for row in rows_in(tables, "toxicity_sign", subject) if cycle.holds(row["day"])]
    return term.signs(tables, subject, rows)


def is_covered(event: Event, signs: list[Seen]) -> bool:
    """Say whether signs of its own days speak for an event, so that its grade is not needed."""
    if event.exact and event.seen.least == DEATH:
        return False
    start = event.row["start_day"]
    if start is None:
        return True
    end = start if event.row["end_day"] is None else event.row["end_day"]
    return any(seen.day is not None and start <= seen.day <= end for seen in signs)


class Course(NamedTuple):
    """What is known of a toxicity in one cycle."""

    cycle: Cycle
    grade: Grade
    onset: int | None


def courses_of(
    tables: Tables, subject: str, term: Term, told: Collection[str]
) -> tuple[list[Course], list[Seen]]:
    """Give the grade of each cycle (rule 3), and the events that belong to no cycle."""
    cycles = cycles_of(tables, subject)
    events = relevant_events(tables, subject, term.wanted, term.system)
    unplaced = [event.seen for event in events if is_unplaced(event.row, cycles)]
    maybe = [Seen(0, seen.most, None, reported=True) for seen in unplaced]
    none_known = absent_rows_mean_none(
        tables.get("form_status", []), subject, "ADVERSE_EVENT", told)
    courses = []
    for cycle in cycles:
        signs = days_of_signs(tables, subject, cycle, term)
        own = [event for event in events if placed_in(cycle, event.row, cycles)]
        uncovered = [event for event in own if not signs or not is_covered(event, signs)]
        observations = [*signs, *(event.seen for event in uncovered), *maybe]
        if not observations:
            grade = (Grade(0, None, True, 0, 0, settled=True)
                     if none_known else UNKNOWN)
        else:
            grade = worst_of(observations)
            reported = [event.seen for event in own if event.exact]
            if signs and grade.value is None and reported:
                highest = max(seen.least for seen in reported)
                if highest >= grade.least:
                    grade = worst_of([seen for seen in reported if seen.least == highest])
                    grade = grade._replace(settled=True)
        days = [seen.day for seen in signs if seen.least >= 1]
        days += [event.seen.day for event in uncovered if event.exact]
        known = [day for day in days if day is not None]
        courses.append(Course(cycle, grade, min(known) if known else None))
    return courses, unplaced


def since_start(day: int | None, cycle: Cycle) -> int | None:
    """Give the days from the start of a cycle to a study day."""
    return None if day is None or cycle.start is None else day - cycle.start


def answer_of(grade: Grade) -> Answer:
    """Give a grade as the definitions do."""
    if grade.value is None:
        return {"value": None, "day": None, "reported": None}
    return {"value": str(grade.value), "day": grade.day, "reported": grade.reported}


def cycle_answer(grade: Grade, cycle: Cycle) -> Answer:
    """Give the grade of a cycle, its day from the start; nothing when the cycle has a fault."""
    if cycle.fault:
        return {"value": None, "day": None, "reported": None}
    answer = answer_of(grade)
    return {**answer, "day": since_start(answer["day"], cycle)}


def part_of_worst(grade: Grade, cycle: Cycle) -> list[Seen]:
    """Give what a cycle says of the worst of the subject."""
    parts = []
    if grade.value is not None:
        parts.append(Seen(grade.value, grade.value, grade.day, grade.reported))
    if not grade.settled and (grade.value is None or grade.most > grade.value):
        parts.append(Seen(grade.least, grade.most))
    if cycle.fault:
        parts.append(Seen(0, WORST_GRADE))
    return parts


def grades(tables: Tables, term: Term, told: Collection[str]) -> dict[Any, Answer]:
    """Give the grade of a toxicity in every cycle."""
    return {(subject, course.cycle.number): cycle_answer(course.grade, course.cycle)
            for subject in subjects_of(tables)
            for course in courses_of(tables, subject, term, told)[0]}


def worst_grades(tables: Tables, term: Term, told: Collection[str]) -> dict[Any, Answer]:
    """Give the worst grade of a toxicity in every subject."""
    found = {}
    for subject in subjects_of(tables):
        courses, unplaced = courses_of(tables, subject, term, told)
        observations = [part for course in courses
                        for part in part_of_worst(course.grade, course.cycle)]
        grade = worst_of([*observations, *unplaced]) if courses else UNKNOWN
        found[subject] = answer_of(grade)
    return found


def onsets(tables: Tables, term: Term, told: Collection[str]) -> dict[Any, Answer]:
    """Give the days from the start of every cycle to the first day with a grade of 1 or more."""
    return {(subject, course.cycle.number): {
        "value": None if course.cycle.fault else since_start(course.onset, course.cycle)}
        for subject in subjects_of(tables)
        for course in courses_of(tables, subject, term, told)[0]}


# Cytokine release syndrome -------------------------------------------------------------------

Pair = tuple[int, int]
ANY: Pair = (0, WORST_GRADE)
HYPOTENSION: dict[str | None, Pair] = {
    "NONE": (0, 0), "FLUIDS": (2, 2), "ONE_VASOPRESSOR": (3, 3), "SEVERAL_VASOPRESSORS": (4, 4),
    None: ANY}
HYPOXIA: dict[str | None, Pair] = {
    "NONE": (0, 0), "NASAL_LOW": (2, 2), "BLOW_BY": (2, 2), "NASAL_HIGH": (3, 3), "MASK": (3, 3),
    "NON_REBREATHER": (3, 3), "VENTURI": (3, 3), "CPAP": (4, 4), "BIPAP": (4, 4),
    "VENTILATED": (4, 4), None: ANY}
LOW_FLOW = 6.0


def hypotension_of(row: Row) -> Pair:
    """Give the grades hypotension can have; vasopressin alone is one vasopressor."""
    least, most = HYPOTENSION[row["hypotension"]]
    if row["vasopressin"] == "Y":
        return max(least, 3), max(most, 3)
    return least, most


def hypoxia_of(row: Row) -> Pair:
    """Give the grades hypoxia can have; the flow through a cannula goes before its name."""
    if row["oxygen"] in ("NASAL_LOW", "NASAL_HIGH") and row["oxygen_l_min"] is not None:
        return (3, 3) if compared(row["oxygen_l_min"], LOW_FLOW) > 0 else (2, 2)
    return HYPOXIA[row["oxygen"]]


def crs_signs(_tables: Tables, _subject: str, rows: list[Row]) -> list[Seen]:
    """Grade each day of a cycle by ASTCT 2019: fever first, later what it took to treat it."""
    fever: dict[int, bool | None] = {}
    for row in rows:
        if row["temperature_c"] is None:
            fever[row["day"]] = None
        else:
            fever[row["day"]] = compared(row["temperature_c"], FEVER_FROM) >= 0
    own = [row for row in rows if row["other_cause"] != "Y"]
    first = min((row["day"] for row in own if fever[row["day"]]), default=None)
    maybe_first = min((row["day"] for row in own if fever[row["day"]] is not False), default=None)
    treated = min((row["day"] for row in rows if first is not None and row["day"] >= first
                   and row["anticytokine_given"] == "Y"), default=None)
    maybe_treated = min((row["day"] for row in rows
                         if maybe_first is not None and row["day"] >= maybe_first
                         and row["anticytokine_given"] != "N"), default=None)
    found = []
    for row in rows:
        if (row["temperature_c"] is None and row["hypotension"] is None
                and row["oxygen"] is None and row["vasopressin"] != "Y"):
            continue
        day = row["day"]
        if row["other_cause"] == "Y":
            found.append(Seen(0, 0, day))
            continue
        low, air = hypotension_of(row), hypoxia_of(row)
        least, most = max(low[0], air[0]), max(low[1], air[1])
        if fever[day] is not False:
            at_most = max(1, most)
        else:
            at_most = most if maybe_treated is not None and day >= maybe_treated else 0
        if fever[day]:
            at_least = max(1, least)
        else:
            at_least = least if treated is not None and day >= treated else 0
        found.append(Seen(at_least, at_most, day))
    return found


# ICANS ---------------------------------------------------------------------------------------

DOMAINS: dict[str, dict[str | None, Pair]] = {
    "consciousness": {"AWAKE": (0, 0), "TO_VOICE": (2, 2), "TACTILE": (3, 3),
                      "UNAROUSABLE": (4, 4), None: ANY},
    "seizure": {"NONE": (0, 0), "BRIEF": (3, 3), "NONCONVULSIVE": (3, 3), "PROLONGED": (4, 4),
                "REPETITIVE": (4, 4), None: ANY},
    "motor_weakness": {"NONE": (0, 0), "FOCAL": (4, 4), None: ANY},
    "raised_icp": {"NONE": (0, 0), "FOCAL_OEDEMA": (3, 3), "DIFFUSE_OEDEMA": (4, 4), None: ANY},
}


def cognition_of(row: Row, age: float | None) -> Pair:
    """Give the grades cognition can have: ICE from twelve years, CAPD before or without it."""
    ice, capd = row["ice_score"], row["capd_score"]
    if age is not None and age >= ICE_FROM and ice is not None:
        for least, most, grade in ((10, 10, 0), (7, 9, 1), (3, 6, 2), (0, 2, 3)):
            if least <= ice <= most:
                return grade, grade
        return ANY
    if age is not None and (age < ICE_FROM or ice is None) and capd is not None:
        for least, most, grade in ((0, 0, 0), (1, 8, 1), (9, 32, 3)):
            if least <= capd <= most:
                return grade, grade
    return ANY


def icans_signs(tables: Tables, subject: str, rows: list[Row]) -> list[Seen]:
    """Grade each day of a cycle by the worst of its domains (ASTCT 2019)."""
    person = rows_in(tables, "subject", subject)[0]
    found = []
    for row in rows:
        names = ("ice_score", "capd_score", *DOMAINS)
        if all(row[name] is None for name in names):
            continue
        if row["other_cause"] == "Y":
            found.append(Seen(0, 0, row["day"]))
            continue
        pairs = [cognition_of(row, age_in_days(person, row["day"]))]
        pairs += [grades_of[row[name]] for name, grades_of in DOMAINS.items()]
        found.append(Seen(max(least for least, _ in pairs), max(most for _, most in pairs),
                          row["day"]))
    return found


# Fever, and fever without neutrophils --------------------------------------------------------

SINGLE_FEVER = 38.3
FEW_NEUTROPHILS = 1.0
COUNT_UNIT = "10*9/L"


def neutrophils_on(counts: list[Row], day: int) -> float | None:
    """Give the lowest count of a day, else of the day before, else of two days before."""
    for back in (0, 1, 2):
        values = [row["value"] for row in counts if row["day"] == day - back
                  and row["value"] is not None and row["unit"] == COUNT_UNIT]
        if values:
            return float(min(values))
    return None


def febrile_neutropenia_signs(tables: Tables, subject: str, rows: list[Row]) -> list[Seen]:
    """Grade each day with a temperature by it and by the neutrophils (CTCAE v5)."""
    counts = [row for row in rows_in(tables, "laboratory", subject) if row["test"] == "ANC"]
    found = []
    for row in rows:
        if row["temperature_c"] is None:
            continue
        count = neutrophils_on(counts, row["day"])
        enough = count is not None and compared(count, FEW_NEUTROPHILS) >= 0
        if compared(row["temperature_c"], FEVER_FROM) < 0 or enough:
            pair = (0, 0)
        elif compared(row["temperature_c"], SINGLE_FEVER) > 0 or (
                row["fever_minutes"] is not None and compared(row["fever_minutes"], 60) > 0):
            pair = (3, 3) if count is not None else (0, 3)
        elif row["fever_minutes"] is not None:
            pair = (0, 0)
        else:
            pair = (0, 3)
        found.append(Seen(*pair, row["day"]))
    return found


def fever_signs(_tables: Tables, _subject: str, rows: list[Row]) -> list[Seen]:
    """Grade each day with a temperature (CTCAE v5); how long it lasted parts grade 3 from 4."""
    found = []
    for row in rows:
        temperature = row["temperature_c"]
        if temperature is None:
            continue
        if compared(temperature, FEVER_FROM) < 0:
            pair = (0, 0)
        elif compared(temperature, 39.0) <= 0:
            pair = (1, 1)
        elif compared(temperature, 40.0) <= 0:
            pair = (2, 2)
        else:
            pair = (3, 4)
        found.append(Seen(*pair, row["day"]))
    return found


# What is graded ------------------------------------------------------------------------------


def of_group(group: str) -> Callable[[Row], bool]:
    """Give the choice of the events of a group."""
    return lambda row: bool(row["group"] == group)


def of_term(term: str) -> Callable[[Row], bool]:
    """Give the choice of the events of a term; letter case and outer blanks do not matter."""
    return lambda row: row["term"] is not None and row["term"].strip().lower() == term


def terms() -> Iterable[tuple[str, Term]]:
    """Give every toxicity that is read from signs or events, by the name of its definition."""
    yield "crs_grade", Term(of_group("CRS"), "ASTCT2019", crs_signs)
    yield "icans_grade", Term(of_group("ICANS"), "ASTCT2019", icans_signs)
    yield "febrile_neutropenia_grade", Term(
        of_term("febrile neutropenia"), "CTCAE5", febrile_neutropenia_signs)
    yield "fever_grade", Term(of_term("fever"), "CTCAE5", fever_signs)
    for name, group in (
            ("infection", "INFECTION"), ("cytopenia", "CYTOPENIA"),
            ("neurotoxicity", "NEUROTOXICITY"), ("hepatic", "HEPATIC"), ("tumour_lysis", "TLS"),
            ("crs", "CRS")):
        yield f"{name}_ctcae_grade", Term(of_group(group), "CTCAE5")


TERMS = dict(terms())
