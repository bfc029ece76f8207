"""A slow reference of the definitions about the response: MRD, marrows, cycles, responders.

Written from the brief of the chapter and section 2 of the definitions, by someone who has not
read the implementation; see ``oracle.py`` for why that matters and for the conventions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.engines.oracle import Result, Row, day_in, number_in, required_number, rows_of
from tests.engines.oracle_marrow import (
    CLEARED,
    DETECTED,
    FAILURE,
    UNSURE,
    above,
    at_least,
    baseline_marrow,
    baseline_status,
    before_first_infusion,
    below,
    days_of,
    finding_of_row,
    first_infusion,
    highest,
    highest_finding,
    known_numbers,
    less_than,
    limit_of,
    measured_value,
    of_day,
    of_specimen,
)

MRD_LIMIT = 0.01
"""Percent of MRD from which it has failed to clear; definitions 2.3."""

AROUND = 7
"""Days before or after a marrow on which blood and fluid still belong to it; brief, 4."""

FIRST_DAY_OF_WINDOW = 13
"""Days after the start of a cycle on which its response can first be read: its day 14."""

AFTER_INFUSION = 14
"""Days after the end of the infusion until which the response can be read; brief, 5."""

REMISSIONS = ("MRD_CR", "CR", "CRH", "CRI", "MLFS")
WORDS_OF_REMISSION = ("CR", "CRH", "CRI")
BEST_FIRST = ("MRD_CR", "CR", "CRH", "CRI", "MLFS", "PR", "NR", "PD", "NE")

NOT_EVALUABLE = "not evaluable, counted as failure"


@dataclass(frozen=True)
class AssaySet:
    """How one set reads an assay: which methods, their usual limits, the fewer codes."""

    methods: tuple[str, ...] = ()
    usual_limits: Mapping[str, float] = field(default_factory=dict)
    collapsed: bool = False


FLOW_ONLY = AssaySet(methods=("FCM",), usual_limits={"FCM": 0.01}, collapsed=True)
ASSAY_SETS: Mapping[str, AssaySet] = {
    "eln_2024": AssaySet(), "eln_2024_strict_partial": AssaySet(), "ptwg_2022": AssaySet(),
    "amgen": AssaySet(),
    "zhang_2025": FLOW_ONLY, "olaya_2025": FLOW_ONLY,
}
"""The sets of the first table of the brief; amgen reads assays as eln_2024."""


@dataclass(frozen=True)
class ResponseSet:
    """One row of the second table of the brief: how a set judges a marrow."""

    mrd: str
    counts: bool = False
    partly: bool = False
    progression: bool = False
    fluid: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    five_is_left: bool = True
    partial_counts: bool = False


FEWER_WORDS = {"CRH": "CR", "CRI": "CR", "PD": "NR"}
RESPONSE_SETS: Mapping[str, ResponseSet] = {
    "eln_2024": ResponseSet("cap", counts=True, progression=True, fluid=("CNS3",),
                            products=("RBC", "PLATELET"), words={"CRH": "CRI"}),
    "eln_2024_strict_partial": ResponseSet(
        "cap", counts=True, progression=True, fluid=("CNS3",), products=("RBC", "PLATELET"),
        words={"CRH": "CRI"}, partial_counts=True),
    "ptwg_2022": ResponseSet("first", progression=True, fluid=("CNS2", "CNS3"),
                             words={"CRH": "CR", "CRI": "CR"}),
    "amgen": ResponseSet("none", counts=True, partly=True, progression=True, fluid=("CNS3",),
                         five_is_left=False),
    "zhang_2025": ResponseSet("none", words=FEWER_WORDS),
    "olaya_2025": ResponseSet("state", words=FEWER_WORDS),
}


@dataclass
class Tables:
    """The tables of a study as rows."""

    subject: list[Row] = field(default_factory=list)
    disease_episode: list[Row] = field(default_factory=list)
    assessment: list[Row] = field(default_factory=list)
    exposure: list[Row] = field(default_factory=list)
    laboratory: list[Row] = field(default_factory=list)
    transfusion: list[Row] = field(default_factory=list)
    transplant: list[Row] = field(default_factory=list)
    cell_therapy: list[Row] = field(default_factory=list)
    treatment_line: list[Row] = field(default_factory=list)


# Three-valued logic --------------------------------------------------------------------------


def all_of(*answers: bool | None) -> bool | None:
    """Join answers by "and": any no is no, else any unknown is unknown."""
    if False in answers:
        return False
    return None if None in answers else True


def any_of(*answers: bool | None) -> bool | None:
    """Join answers by "or": any yes is yes, else any unknown is unknown."""
    if True in answers:
        return True
    return None if None in answers else False


def ask(test: Callable[[float, float], bool], value: float | None, limit: float) -> bool | None:
    """Ask a comparison of a value that may be unknown."""
    return None if value is None else test(value, limit)


# 1, 2. Assays and marrows --------------------------------------------------------------------


def state_of_finding(finding: int | None, collapsed: bool) -> str | None:
    """Give the code of a finding."""
    if finding == FAILURE:
        return "FAILURE"
    if finding == CLEARED:
        return "MRD_CR"
    if finding == DETECTED:
        return "MRD_CR" if collapsed else "INTERMEDIATE"
    if finding == UNSURE:
        return None if collapsed else "INTERMEDIATE"
    return None


def finding_of_marrow(rows: list[Row], assays: AssaySet) -> int | None:
    """Give the highest finding of the rows of one marrow."""
    return highest_finding(rows, assays.methods, assays.usual_limits, MRD_LIMIT)


def mrd_state(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give what each assay found; brief, 1."""
    assays = ASSAY_SETS[criteria]
    results: dict[object, Result] = {}
    for row in tables.assessment:
        finding = finding_of_row(row, assays.methods, assays.usual_limits, MRD_LIMIT)
        results[row["subject_id"], row["assessment_no"]] = {
            "value": state_of_finding(finding, assays.collapsed), "day": day_in(row, "day")}
    return results


def marrow_on(tables: Tables, subject_id: object, day: int | None) -> list[Row]:
    """Give the rows of the marrow of a child and day."""
    if day is None:
        return []
    return of_day(of_specimen(rows_of(tables.assessment, subject_id), "BM"), day)


def marrow_mrd_state(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give what all assays of each marrow found; brief, 2."""
    assays = ASSAY_SETS[criteria]
    results: dict[object, Result] = {}
    for row in tables.assessment:
        day = day_in(row, "day")
        rows = marrow_on(tables, row["subject_id"], day) if row.get("specimen") == "BM" else []
        results[row["subject_id"], row["assessment_no"]] = {
            "value": state_of_finding(finding_of_marrow(rows, assays), assays.collapsed),
            "day": day}
    return results


def most_measured(rows: list[Row], assays: AssaySet) -> float | None:
    """Give the highest value measured among the assays of a marrow that are read."""
    values = []
    for row in rows:
        finding = finding_of_row(row, assays.methods, assays.usual_limits, MRD_LIMIT)
        value = measured_value(row)
        if finding is not None and value is not None:
            values.append(value)
    return highest(values)


def at_most(rows: list[Row], assays: AssaySet) -> float | None:
    """Give the lowest of the values that the assays of a marrow say MRD does not exceed."""
    values = []
    for row in rows:
        if finding_of_row(row, assays.methods, assays.usual_limits, MRD_LIMIT) is None:
            continue
        value = measured_value(row)
        if value is None:
            value = less_than(row)
        if value is None:
            value = limit_of(row, assays.usual_limits)
        if value is not None:
            values.append(value)
    return min(values) if values else None


# 4. The evidence about one marrow ------------------------------------------------------------


def nearest(rows: list[Row], day: int) -> list[Row]:
    """Give the rows of the day nearest to a marrow, within a week; of two equal ones the later."""
    best: int | None = None
    for other in days_of(rows):
        if abs(other - day) > AROUND:
            continue
        if best is None or abs(other - day) <= abs(best - day):
            best = other
    return [] if best is None else of_day(rows, best)


def counts_around(tables: Tables, subject_id: object, test: str, day: int) -> list[Row]:
    """Give the counts of a test on the day nearest to a marrow."""
    counts = []
    for row in rows_of(tables.laboratory, subject_id):
        if row["test"] == test and row.get("unit") == "10*9/L" and (
                number_in(row, "value") is not None):
            counts.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return nearest(counts, day)


def lowest_count(rows: list[Row]) -> float | None:
    """Give the lowest of some counts."""
    values = known_numbers(rows, "value")
    return min(values) if values else None


def blood_with_blasts(rows: list[Row]) -> list[Row]:
    """Give the examinations of blood that count blasts."""
    return [row for row in of_specimen(rows, "PB")
            if number_in(row, "blast_percent") is not None]


def with_fluid_status(rows: list[Row]) -> list[Row]:
    """Give the examinations with a CNS status."""
    return [row for row in rows if row.get("cns_status") is not None]


def transfused(
    tables: Tables, subject_id: object, platelets: list[Row], products: tuple[str, ...]
) -> bool:
    """Say whether a product was given in the week up to the day of the platelet count."""
    if not platelets:
        return False
    counted = required_number(platelets[0], "day")
    for row in rows_of(tables.transfusion, subject_id):
        given = day_in(row, "day")
        if row.get("product") in products and given is not None and 0 <= counted - given < 7:
            return True
    return False


def has_site(episode: Row) -> bool:
    """Say whether an episode has a site outside the marrow."""
    return (episode.get("cns") == "Y" or episode.get("testis") == "Y"
            or episode.get("other_site") is not None)


def site_involved(tables: Tables, subject_id: object, day: int, rules: ResponseSet) -> bool:
    """Say whether there is disease outside marrow and blood about the day of a marrow."""
    first = first_infusion(tables.exposure, subject_id)
    fluid = nearest(with_fluid_status(rows_of(tables.assessment, subject_id)), day)
    if any(row["cns_status"] in rules.fluid for row in fluid):
        return True
    for row in rows_of(tables.disease_episode, subject_id):
        begun = day_in(row, "start_day")
        if begun is not None and first is not None and begun > first and (
                abs(begun - day) <= AROUND and has_site(row)):
            return True
    return False


def site_before(tables: Tables, subject_id: object, rules: ResponseSet) -> bool | None:
    """Say whether there was disease outside marrow and blood before the first infusion."""
    first = first_infusion(tables.exposure, subject_id)
    fluid = with_fluid_status(
        before_first_infusion(rows_of(tables.assessment, subject_id), first))
    days = days_of(fluid)
    if days:
        return any(row["cns_status"] in rules.fluid for row in of_day(fluid, days[-1]))
    last: int | None = None
    for row in rows_of(tables.disease_episode, subject_id):
        begun = day_in(row, "start_day")
        if begun is not None and first is not None and begun <= first and (
                last is None or begun > last):
            last = begun
    found: bool | None = None
    for row in rows_of(tables.disease_episode, subject_id):
        if last is None or day_in(row, "start_day") != last:
            continue
        if has_site(row):
            return True
        if row.get("cns") == "N" and row.get("testis") == "N":
            found = False
    return found


def blood_before(tables: Tables, subject_id: object) -> float | None:
    """Give the blasts in the blood on the last day that has any before the first infusion."""
    first = first_infusion(tables.exposure, subject_id)
    blood = blood_with_blasts(
        before_first_infusion(rows_of(tables.assessment, subject_id), first))
    days = days_of(blood)
    return highest(known_numbers(of_day(blood, days[-1]), "blast_percent")) if days else None


def blasts_before(tables: Tables, subject_id: object) -> float | None:
    """Give the blasts of the baseline marrow."""
    first = first_infusion(tables.exposure, subject_id)
    return highest(known_numbers(
        baseline_marrow(tables.assessment, subject_id, first), "blast_percent"))


# 4. The judgement of one marrow --------------------------------------------------------------


@dataclass
class Marrow:
    """What is said of one marrow."""

    day: int
    value: str | None
    how: str | None
    state: str | None

    @property
    def best(self) -> str | None:
        """The value, with the MRD in it where a complete remission has none."""
        return "MRD_CR" if (self.value, self.state) == ("CR", "MRD_CR") else self.value


def blasts_left(blasts: float | None, rules: ResponseSet) -> bool | None:
    """Say whether the blasts of a marrow are those of disease."""
    return ask(at_least if rules.five_is_left else above, blasts, 5)


def left_in_marrow(
    blasts: float | None, measured: float | None, most: float | None, state: str | None,
    rules: ResponseSet,
) -> bool | None:
    """Say whether disease is left in a marrow, by blasts and by what MRD is for in the set."""
    by_blasts = blasts_left(blasts, rules)
    much_mrd = measured is not None and at_least(measured, 1)
    if rules.mrd == "cap":
        return True if much_mrd else by_blasts
    if rules.mrd == "first":
        if much_mrd:
            return True
        return False if most is not None and below(most, 1) else by_blasts
    if rules.mrd == "state":
        if state in ("FAILURE", "MRD_CR"):
            return state == "FAILURE"
        return True if by_blasts else None
    return by_blasts


def remission_by_counts(
    neutrophils: float | None, platelets: float | None, given: bool, rules: ResponseSet
) -> str:
    """Give the kind of remission: by the counts, where the set looks at them."""
    if not rules.counts:
        return "CR"
    full = all_of(ask(at_least, neutrophils, 1), ask(at_least, platelets, 100), not given)
    if full:
        return "CR"
    if not rules.partly:
        return "CRI" if full is False else "MLFS"
    partly = all_of(ask(above, neutrophils, 0.5), ask(above, platelets, 50))
    if partly is False:
        return "CRI"
    return "CRH" if partly and full is False else "MLFS"


def risen(now: float, before: float) -> bool:
    """Say whether a share rose by a quarter of what it was."""
    return at_least((now - before) / before * 100, 25)


def marrow_risen(
    blasts: float | None, before: float | None, rules: ResponseSet
) -> bool | None:
    """Say whether blasts of disease rose by a quarter; from 0 every such share is a rise."""
    left = blasts_left(blasts, rules)
    if left is None or left is False:
        return left
    if blasts is None or before is None:
        return None
    return before == 0 or risen(blasts, before)


def progressed(
    tables: Tables, subject_id: object, day: int, *, blasts: float | None,
    blood: float | None, rules: ResponseSet,
) -> bool | None:
    """Say whether the disease progressed in marrow, in blood or to another site."""
    marrow = marrow_risen(blasts, blasts_before(tables, subject_id), rules)
    blood_was = blood_before(tables, subject_id)
    in_blood = (blood is not None and blood_was is not None and blood_was > 0
                and risen(blood, blood_was))
    new_site: bool | None = False
    if site_involved(tables, subject_id, day, rules):
        was = site_before(tables, subject_id, rules)
        new_site = None if was is None else not was
    return any_of(marrow, in_blood, new_site)


def partial(blasts: float | None, before: float | None) -> bool | None:
    """Say whether blasts fell by half, to 25 % or less."""
    if blasts is None:
        return None
    fallen: bool | None = None
    if before is not None:
        fall = 0.0 if before == 0 else (before - blasts) / before * 100
        fallen = at_least(fall, 50)
    return all_of(not above(blasts, 25), fallen)


def word_of_centre(rows: list[Row], rules: ResponseSet) -> str | None:
    """Give the centre's word on a marrow, as the set reads it."""
    for row in sorted(rows, key=lambda row: required_number(row, "assessment_no")):
        word = row.get("response_reported")
        if word is not None:
            return rules.words.get(str(word), str(word))
    return None


def recovered(
    tables: Tables, subject_id: object, day: int, rules: ResponseSet
) -> bool | None:
    """Say whether the counts around a marrow are those of CR; NCI workshop, definitions 2.1."""
    platelets = counts_around(tables, subject_id, "PLT", day)
    neutrophils = lowest_count(counts_around(tables, subject_id, "ANC", day))
    return all_of(ask(at_least, neutrophils, 1), ask(at_least, lowest_count(platelets), 100),
                  not transfused(tables, subject_id, platelets, rules.products))


def judge(tables: Tables, subject_id: object, day: int, criteria: str) -> Marrow:
    """Judge one marrow by one set; brief, 4; definitions 2.1 and 2.2."""
    rules, assays = RESPONSE_SETS[criteria], ASSAY_SETS[criteria]
    own = rows_of(tables.assessment, subject_id)
    rows = marrow_on(tables, subject_id, day)
    state = state_of_finding(finding_of_marrow(rows, assays), assays.collapsed)
    blasts = highest(known_numbers(rows, "blast_percent"))
    blood = highest(known_numbers(nearest(blood_with_blasts(own), day), "blast_percent"))
    left = left_in_marrow(
        blasts, most_measured(rows, assays), at_most(rows, assays), state, rules)
    elsewhere = bool(rules.fluid) and (
        (blood is not None and blood > 0) or site_involved(tables, subject_id, day, rules))

    value: str | None = None
    if left or elsewhere:
        progress: bool | None = False
        if rules.progression:
            progress = progressed(
                tables, subject_id, day, blasts=blasts, blood=blood, rules=rules)
        if progress:
            value = "PD"
        elif progress is False:
            value = {True: "PR", False: "NR", None: None}[all_of(
                partial(blasts, blasts_before(tables, subject_id)),
                not rules.partial_counts or recovered(tables, subject_id, day, rules))]
    elif left is False:
        platelets = counts_around(tables, subject_id, "PLT", day)
        value = remission_by_counts(
            lowest_count(counts_around(tables, subject_id, "ANC", day)),
            lowest_count(platelets),
            transfused(tables, subject_id, platelets, rules.products), rules)
    return with_word(Marrow(day, value, None, state), bool(left or elsewhere),
                     word_of_centre(rows, rules))


def with_word(marrow: Marrow, disease: bool, word: str | None) -> Marrow:
    """Put the centre's word where the marrow itself tells nothing, or not which remission."""
    remission = word in WORDS_OF_REMISSION
    if word is not None and (
            (marrow.value is None and not (disease and remission))
            or (marrow.value == "MLFS" and remission)):
        return Marrow(marrow.day, word, "reported by the centre", marrow.state)
    if marrow.value is not None:
        marrow.how = "derived from the marrow"
    return marrow


def marrows_after(tables: Tables, subject_id: object, criteria: str) -> list[Marrow]:
    """Judge every marrow of a child after its first infusion, in order."""
    first = first_infusion(tables.exposure, subject_id)
    days = days_of(of_specimen(rows_of(tables.assessment, subject_id), "BM"))
    return [judge(tables, subject_id, day, criteria)
            for day in days if first is not None and day > first]


def response(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the response at each marrow, on each of its rows; the day is the row's own."""
    results: dict[object, Result] = {}
    for row in tables.assessment:
        day, subject_id = day_in(row, "day"), row["subject_id"]
        answer: Result = {"value": None, "day": day, "how": None}
        for marrow in marrows_after(tables, subject_id, criteria):
            if row.get("specimen") == "BM" and marrow.day == day:
                answer = {"value": marrow.value, "day": day, "how": marrow.how}
        results[subject_id, row["assessment_no"]] = answer
    return results


# 5. Cycles -----------------------------------------------------------------------------------


@dataclass
class Cycle:
    """When a cycle ran, when its response is read, and whether it came too late to count."""

    number: int
    start: int | None
    end: int | None
    therapy: int | None = None
    window: tuple[int, int] | None = None
    late: bool = False


def spans_of(tables: Tables, subject_id: object) -> list[Cycle]:
    """Give the child's cycles, by number, with the days of their infusion."""
    segments: dict[int, list[Row]] = {}
    for row in rows_of(tables.exposure, subject_id):
        segments.setdefault(int(required_number(row, "cycle_no")), []).append(row)
    cycles = []
    for number in sorted(segments):
        rows = sorted(segments[number], key=lambda row: required_number(row, "segment_no"))
        starts, ends = known_numbers(rows, "start_day"), known_numbers(rows, "end_day")
        cycles.append(Cycle(
            number,
            int(min(starts)) if day_in(rows[0], "start_day") is not None else None,
            int(max(ends)) if day_in(rows[-1], "end_day") is not None else None))
    return cycles


def therapy_after(tables: Tables, subject_id: object, cycle: Cycle) -> int | None:
    """Give the day of the first other therapy that came after a cycle began."""
    found = []
    cells = [row for row in rows_of(tables.cell_therapy, subject_id) if row["kind"] == "CAR_T"]
    for row in [*rows_of(tables.transplant, subject_id), *cells]:
        day = day_in(row, "day")
        if day is not None and cycle.start is not None and day > cycle.start:
            found.append(day)
    after = cycle.start if cycle.end is None else cycle.end
    for row in rows_of(tables.treatment_line, subject_id):
        day = day_in(row, "start_day")
        if day is not None and after is not None and day > after:
            found.append(day)
    return min(found) if found else None


def cycles_of(tables: Tables, subject_id: object) -> list[Cycle]:
    """Give the child's cycles with their windows; brief, 5."""
    cycles = spans_of(tables, subject_id)
    order = sorted((cycle for cycle in cycles if cycle.start is not None),
                   key=lambda cycle: (cycle.start, cycle.number))
    for cycle in cycles:
        cycle.therapy = therapy_after(tables, subject_id, cycle)
    for place, cycle in enumerate(order):
        limits = [] if cycle.end is None else [cycle.end + AFTER_INFUSION]
        follows = order[place + 1].start if place + 1 < len(order) else None
        limits += [day for day in (follows, cycle.therapy) if day is not None]
        if limits and cycle.start is not None:
            cycle.window = (cycle.start + FIRST_DAY_OF_WINDOW, min(limits))
    therapies = [cycle.therapy for cycle in cycles if cycle.therapy is not None]
    for cycle in order:
        cycle.late = bool(therapies) and cycle.start is not None and cycle.start > min(therapies)
    return cycles


def in_window(cycle: Cycle, marrows: list[Marrow]) -> list[Marrow]:
    """Give the marrows in the window of a cycle."""
    if cycle.window is None:
        return []
    begin, end = cycle.window
    return [marrow for marrow in marrows if begin <= marrow.day <= end]


def response_of_cycle(cycle: Cycle, marrows: list[Marrow]) -> Result:
    """Give the response of one cycle: that of the last marrow of its window that tells."""
    if cycle.window is None:
        return {"value": None, "day": None}
    seen = in_window(cycle, marrows)
    for marrow in reversed(seen):
        if marrow.best not in (None, "NE"):
            return {"value": marrow.best, "day": marrow.day}
    only_ne = all(marrow.best == "NE" for marrow in seen)
    return {"value": "NE" if only_ne else None, "day": None}


def cycle_response(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the response of each cycle."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        marrows = marrows_after(tables, subject_id, criteria)
        for cycle in cycles_of(tables, subject_id):
            results[subject_id, cycle.number] = response_of_cycle(cycle, marrows)
    return results


def cycles_that_count(tables: Tables, subject_id: object) -> list[Cycle]:
    """Give the cycles before any other therapy."""
    return [cycle for cycle in cycles_of(tables, subject_id) if not cycle.late]


def best_of(cycles: list[Cycle], marrows: list[Marrow]) -> Result:
    """Give the best response over some cycles; an unknown cycle may have been a remission."""
    answers = [response_of_cycle(cycle, marrows) for cycle in cycles]
    for code in BEST_FIRST:
        days = [day_in(answer, "day") for answer in answers if answer["value"] == code]
        if not days:
            continue
        if any(answer["value"] is None for answer in answers) and code not in REMISSIONS:
            break
        known = [day for day in days if day is not None]
        return {"value": code, "day": min(known) if known else None}
    return {"value": None, "day": None}


def best_response(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the best response of each child with a cycle that counts."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        cycles = cycles_that_count(tables, subject_id)
        if cycles:
            results[subject_id] = best_of(cycles, marrows_after(tables, subject_id, criteria))
    return results


def remission_reached(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each child whether a remission was seen in a cycle that counts, and when first."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        cycles = cycles_that_count(tables, subject_id)
        marrows = marrows_after(tables, subject_id, criteria)
        days = [marrow.day for cycle in cycles for marrow in in_window(cycle, marrows)
                if marrow.value in REMISSIONS]
        best = best_of(cycles, marrows)["value"]
        if days:
            results[subject_id] = {"value": "Y", "day": min(days)}
        elif best not in (None, "NE"):
            results[subject_id] = {"value": "N", "day": None}
        else:
            results[subject_id] = {"value": None, "day": None}
    return results


# 5. Yes or no over cycles --------------------------------------------------------------------

Told = Callable[[Marrow], str | None]
"""What one marrow tells: Y, N or nothing."""


def mrd_of_marrow(marrow: Marrow) -> str | None:
    """Say whether a marrow is a remission without MRD."""
    if marrow.value == "NE":
        return None
    if marrow.value in REMISSIONS and marrow.state == "MRD_CR":
        return "Y"
    if (marrow.value is not None and marrow.value not in REMISSIONS) or (
            marrow.state is not None and marrow.state != "MRD_CR"):
        return "N"
    return None


def evaluable_in_window(cycle: Cycle, marrows: list[Marrow]) -> list[Marrow]:
    """Give the marrows in the window of a cycle but those that are not evaluable."""
    return [marrow for marrow in in_window(cycle, marrows) if marrow.value != "NE"]


def last_that_tells(cycle: Cycle, marrows: list[Marrow], told: Told) -> Result:
    """Give what the last marrow of a cycle says that says anything; not evaluable ones apart."""
    for marrow in reversed(evaluable_in_window(cycle, marrows)):
        if told(marrow) is not None:
            return {"value": told(marrow), "day": marrow.day}
    return {"value": None, "day": None}


def over_cycles(cycles: list[Cycle], marrows: list[Marrow], told: Told) -> Result:
    """Join what the cycles say: any yes; else no, unless a cycle has marrows and none tells.

    The unit is the cycle, as in definitions 2.4: a marrow that tells nothing beside one of the
    same cycle that does is not asked again.
    """
    answers = [last_that_tells(cycle, marrows, told) for cycle in cycles]
    for answer in answers:
        if answer["value"] == "Y":
            return answer
    silent = False
    for cycle, answer in zip(cycles, answers, strict=True):
        if answer["value"] is None and evaluable_in_window(cycle, marrows):
            silent = True
    for answer in answers:
        if answer["value"] == "N" and not silent:
            return answer
    return {"value": None, "day": None}


def cycle_mrd_response(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each cycle whether it ended in remission without MRD."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        marrows = marrows_after(tables, subject_id, criteria)
        for cycle in cycles_of(tables, subject_id):
            results[subject_id, cycle.number] = last_that_tells(cycle, marrows, mrd_of_marrow)
    return results


def best_mrd_response(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each child whether any cycle that counts ended in remission without MRD."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        results[subject_id] = over_cycles(
            cycles_that_count(tables, subject_id),
            marrows_after(tables, subject_id, criteria), mrd_of_marrow)
    return results


def remission_of_marrow(marrow: Marrow) -> str | None:
    """Say whether a marrow is a remission."""
    if marrow.value in (None, "NE"):
        return None
    return "Y" if marrow.value in REMISSIONS else "N"


def state_of_marrow(marrow: Marrow) -> str | None:
    """Say whether a marrow is free of MRD."""
    return {"MRD_CR": "Y", "FAILURE": "N"}.get(str(marrow.state))


def state_or_remission(marrow: Marrow) -> str | None:
    """Say whether a marrow is free of MRD; where that is unknown, whether it is a remission."""
    by_state = state_of_marrow(marrow)
    return remission_of_marrow(marrow) if by_state is None else by_state


def responder(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each child with a cycle that counts whether it responded, as a paper counts."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        cycles = cycles_that_count(tables, subject_id)
        if not cycles:
            continue
        told, judged_by = remission_of_marrow, criteria
        if criteria == "olaya_2025":
            told = state_or_remission
        if criteria == "zhang_2025_first_cycle":
            cycles = [min(cycles, key=lambda cycle: cycle.number)]
            judged_by = "zhang_2025"
        if judged_by == "zhang_2025":
            status = baseline_status(tables.assessment, tables.exposure, subject_id)
            if status not in ("RR", "MRD_POS"):
                results[subject_id] = {"value": None, "day": None}
                continue
            if status == "MRD_POS":
                told = state_of_marrow
        marrows = marrows_after(tables, subject_id, judged_by)
        if any(evaluable_in_window(cycle, marrows) for cycle in cycles):
            results[subject_id] = over_cycles(cycles, marrows, told)
        else:
            results[subject_id] = {"value": "N", "day": None, "how": NOT_EVALUABLE}
    return results


# What came next ------------------------------------------------------------------------------


def next_therapy(tables: Tables) -> dict[object, Result]:
    """Say what followed the first infusion: a transplant, else CAR-T cells, else chemotherapy.

    A transplant or CAR-T cells without a day are taken as after it, as the page shows of the
    transplant; chemotherapy without a day is not.
    """
    results: dict[object, Result] = {}
    for subject in tables.subject:
        child = subject["subject_id"]
        first = first_infusion(tables.exposure, child)
        results[child] = {"value": None, "day": None}
        if first is None:
            continue
        grafts = [day_in(row, "day") for row in rows_of(tables.transplant, child)]
        cells = [day_in(row, "day") for row in rows_of(tables.cell_therapy, child)
                 if row["kind"] == "CAR_T"]
        lines = [day_in(row, "start_day") for row in rows_of(tables.treatment_line, child)]
        value = "NONE"
        after: list[int] = []
        for name, days in (("CHEMOTHERAPY", lines), ("CAR_T", cells), ("HSCT", grafts)):
            known = [day for day in days if day is not None and day > first]
            if known or (name != "CHEMOTHERAPY" and None in days):
                value, after = name, known
        results[child] = {"value": value, "day": min(after, default=None)}
    return results
