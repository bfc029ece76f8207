"""The definitions of toxicity against the plain-Python oracle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.records.storage import schema_of
from remission.records.tables import TABLES
from tests.engines import oracle_toxicity as oracle
from tests.engines import oracle_toxicity_laboratory as laboratory
from tests.engines.studies import (
    CHECKED,
    Rows,
    assert_same,
    cohort_of,
    derived_rows,
    numbered,
    row,
    some,
    study_of,
)

COHORTS = settings(CHECKED, max_examples=5)
CHILDREN = 12
YES = ["Y", "N", None, None]


def cohorts(child: st.SearchStrategy[Rows]) -> st.SearchStrategy[Rows]:
    """Return cohorts of a few children; every row has every column of its table."""
    return st.lists(child, min_size=4, max_size=CHILDREN).map(cohort_of).map(
        lambda tables: {table: [dict.fromkeys(schema_of(TABLES[table])) | each for each in rows]
                        for table, rows in tables.items()})


def assert_graded(
    expected: Mapping[Any, Mapping[str, Any]], name: str, drawn: Rows, plan: dict[str, Any]
) -> None:
    """Compare value, day, and whether the answer is what the centre reported."""
    found = derived_rows(name, study_of(plan, **drawn))
    assert set(found) <= set(expected)
    assert {key: (answer["value"], answer["day"], answer["reported"])
            for key, answer in expected.items()} == {
        key: (None, None, None) if key not in found or found[key]["value"] is None
        else (found[key]["value"], found[key]["day"], "reported" in found[key]["how"])
        for key in expected}


# Cycles --------------------------------------------------------------------------------------


@st.composite
def cycles(draw: st.DrawFn, most: int = 3) -> Rows:
    """Draw cycles that follow each other, touch or overlap, some with edges that are missing."""
    gap = st.sampled_from([0, 0, 0, 1, 1, 2, 5, 14, 31, 35, -1, -2])
    length = st.sampled_from([0, 1, 3, 6, 10])
    gaps_in_days = draw(st.integers(0, 3)) == 0
    day = draw(st.sampled_from([0, 0, 0, -1, 2]))
    found = []
    for number in range(1, draw(st.integers(0 if draw(st.integers(0, 9)) == 0 else 1, most)) + 1):
        for segment in range(1, draw(st.sampled_from([1, 1, 2])) + 1):
            end = day + draw(length)
            edges = {"start_day": day, "end_day": end}
            if gaps_in_days:
                edges = {name: None if draw(st.integers(0, 3)) == 0 else edge
                         for name, edge in edges.items()}
            found.append({"cycle_no": number, "segment_no": segment, **edges})
            day = end + draw(st.sampled_from([0, 1, 2]))
        day += draw(gap)
    if draw(st.integers(0, 5)) == 0:
        last = max([each["cycle_no"] for each in found], default=0)
        found = [{**each, "cycle_no": last + 1 - each["cycle_no"]} for each in found]
    if draw(st.integers(0, 5)) == 0:
        found = [{**each, "segment_no": 3 - each["segment_no"]} for each in found]
    return {"exposure": found}


@st.composite
def therapies(draw: st.DrawFn, infused: Rows) -> Rows:
    """Draw treatments near the ends of infusions."""
    if draw(st.booleans()):
        return {}
    known = [edge for each in infused["exposure"] for edge in (each["start_day"], each["end_day"])
             if edge is not None] or [0]
    day = st.sampled_from(known).flatmap(
        lambda edge: st.sampled_from([edge - 1, edge, edge, edge + 1, edge + 2, edge + 30, None]))
    purpose = ["DEBULKING", "REINDUCTION", "BRIDGING", "CONDITIONING", "INTRATHECAL", "TKI", None]
    return {
        "treatment_line": draw(numbered(some(1, row(start_day=day)), "line_no")),
        "transplant": draw(numbered(some(1, row(day=day)), "transplant_no")),
        "cell_therapy": draw(numbered(some(1, row(day=day)), "therapy_no")),
        "drug_dose": draw(numbered(some(2, row(start_day=day, purpose=purpose)), "dose_no")),
    }


@st.composite
def courses(draw: st.DrawFn, most: int = 3) -> Rows:
    """Draw the cycles of a child and what came after them."""
    infused = draw(cycles(most))
    return {**infused, **draw(therapies(infused))}


def days_near(course: Rows) -> st.SearchStrategy[int]:
    """Return days in the cycles of a course, and at the edges of their windows."""
    edges = [edge for each in course["exposure"] for edge in (each["start_day"], each["end_day"])
             if edge is not None] or [0]
    return st.sampled_from(sorted({
        edge + days for edge in edges for days in (-1, 0, 1, 2, 3, 29, 30, 31)}))


@pytest.mark.parametrize("criteria", ["on_treatment", "treatment_emergent"])
@settings(COHORTS, max_examples=7)
@given(cohorts(courses(4)))
def test_toxicity_window_end(criteria: str, drawn: Rows) -> None:
    study = study_of({"definitions": {"toxicity_window_end": criteria}}, **drawn)
    assert_same(oracle.toxicity_window_end(drawn), "toxicity_window_end", study, "value")


@pytest.mark.parametrize("criteria", ["first_infusion", "each_cycle"])
@settings(COHORTS, max_examples=7)
@given(cohorts(courses(4)))
def test_laboratory_baseline_day(criteria: str, drawn: Rows) -> None:
    study = study_of({"definitions": {"toxicity_baseline": criteria}}, **drawn)
    assert_same(oracle.laboratory_baseline_day(drawn, criteria), "laboratory_baseline_day", study,
                "value")


# Signs and events ----------------------------------------------------------------------------

GROUPS = {"crs_grade": "CRS", "icans_grade": "ICANS", "infection_ctcae_grade": "INFECTION",
          "cytopenia_ctcae_grade": "CYTOPENIA", "neurotoxicity_ctcae_grade": "NEUROTOXICITY",
          "hepatic_ctcae_grade": "HEPATIC", "tumour_lysis_ctcae_grade": "TLS",
          "crs_ctcae_grade": "CRS"}
NAMES = {"febrile_neutropenia_grade": ["Febrile neutropenia", " FEBRILE NEUTROPENIA ", "Fever",
                                       "febrile neutropenia, twice", None],
         "fever_grade": ["Fever", "fever ", "FEVER", "febrile neutropenia", None]}


@st.composite
def events(draw: st.DrawFn, name: str, course: Rows) -> Rows:
    """Draw events of one kind in both systems: with days and without, in cycles and in none."""
    kinds: dict[str, Any] = {"term": NAMES[name]} if name in NAMES else {
        "group": [GROUPS[name]] * 5 + ["OTHER", None]}
    wanted, other = (("ASTCT2019", "CTCAE5") if name in ("crs_grade", "icans_grade")
                     else ("CTCAE5", "ASTCT2019"))
    often = st.sampled_from([0, 0, 0, 1])
    exact = draw(st.booleans())
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        start = None if draw(often) else draw(days_near(course))
        rows.append({
            **draw(row(**kinds)), "start_day": start,
            "end_day": None if start is None or draw(often)
            else start + draw(st.integers(0, 4)),
            "grade": draw(st.integers(1, 5) | st.integers(1, 3)) if exact or not draw(often)
            else None,
            "grading": wanted if exact else draw(st.sampled_from([wanted, wanted, other, None])),
            "cycle_no": draw(st.sampled_from([None, 1, 1, 2, 9]))})
    forms = draw(st.sampled_from([[], [], ["COMPLETE"], ["NOT_COLLECTED"]]))
    return {"adverse_event": draw(numbered(st.just(rows), "event_no")),
            "form_status": [{"form": "ADVERSE_EVENT", "status": status} for status in forms]}


TEMPERATURES = [36.5, 37.9, 37.9999999999, 38.0, 38.0000000001, 38.3, 38.3000000001, 38.31, 38.5,
                39.0, 39.0000000001, 39.1, 40.0, 40.0000000001, 40.1, None, None]
ANC = [0.2, 0.99, 0.9999999999, 1.0, 1.1, None]


@st.composite
def signs(draw: st.DrawFn, name: str, course: Rows) -> Rows:
    """Draw days of signs, complete or with gaps, and the neutrophils of the days around."""
    complete = draw(st.booleans())
    days = draw(st.lists(days_near(course), max_size=5, unique=True))
    other: dict[str, Any] = {
        "other_cause": ["Y", "N", None, None, None], "anticytokine_given": YES}
    if name == "crs_grade":
        fields: dict[str, Any] = {
            "temperature_c": TEMPERATURES, "vasopressin": YES,
            "hypotension": [*oracle.HYPOTENSION, "NONE", "NONE"],
            "oxygen": [*oracle.HYPOXIA, "NONE", "NONE", "NASAL_LOW", "NASAL_HIGH"],
            "oxygen_l_min": [None, 0.5, 6.0, 6.0000000001, 6.1]}
    elif name == "icans_grade":
        fields = {"ice_score": [None, *range(11)], "capd_score": [None, 0, 1, 8, 9, 32],
                  "temperature_c": [None, 39.0]}
        fields |= {domain: [*grades, "NONE" if domain != "consciousness" else "AWAKE"]
                   for domain, grades in oracle.DOMAINS.items()}
    else:
        fields = {"temperature_c": TEMPERATURES,
                  "fever_minutes": [None, None, 0.0, 60.0, 60.0000001, 61.0, 1440.0]}
    if complete:
        fields = {field: [value for value in values if value is not None] or [None]
                  for field, values in fields.items()}
    found: Rows = {"toxicity_sign": [{**draw(row(**fields, **other)), "day": day}
                                     for day in days]}
    if name == "febrile_neutropenia_grade":
        near = sorted({day - back for day in days for back in (-1, 0, 1, 2, 3)}) or [0]
        counts = draw(some(6, row(test=["ANC", "ANC", "ANC", "WBC"], day=near, value=ANC,
                                  unit=["10*9/L", "10*9/L", "10*9/L", "%"])))
        found["laboratory"] = [{**each, "sequence": number}
                               for number, each in enumerate(counts, start=1)]
    age = 4383 - draw(st.sampled_from(days)) if days else 4383
    found["subject"] = [{
        "age_at_index_days": draw(st.sampled_from(
            [None, 3000, 5000, age - 1, age, age, age + 1])),
        "age_at_index_years_reported": draw(st.sampled_from([None, 5.0, 11.99, 12.0, 12.01]))}]
    return found


@st.composite
def children(draw: st.DrawFn, name: str) -> Rows:
    """Draw a child with cycles, events and, where the toxicity has them, signs."""
    course = draw(courses())
    told = draw(events(name, course))
    if oracle.TERMS[name].signs is None or draw(st.integers(0, 4)) == 0:
        return {**course, **told}
    if draw(st.integers(0, 2)) == 0:
        told["adverse_event"] = []
    return {**course, **told, **draw(signs(name, course))}


TOLD: list[list[str]] = [[], ["ADVERSE_EVENT"]]


def absent(told: list[str]) -> dict[str, Any]:
    """Return a plan in which no row of a form means none."""
    return {"records": {"absent_means_none": told}}


@pytest.mark.parametrize("told", TOLD, ids=["unknown", "none"])
@pytest.mark.parametrize("name", oracle.TERMS)
@COHORTS
@given(data=st.data())
def test_grade_of_a_cycle(name: str, told: list[str], data: st.DataObject) -> None:
    drawn = data.draw(cohorts(children(name)))
    term = oracle.TERMS[name]
    assert_graded(oracle.grades(drawn, term, told), name, drawn, absent(told))


@pytest.mark.parametrize("told", TOLD, ids=["unknown", "none"])
@pytest.mark.parametrize("worst", [f"{name}_worst" for name in oracle.TERMS])
@COHORTS
@given(data=st.data())
def test_worst_grade_of_a_subject(worst: str, told: list[str], data: st.DataObject) -> None:
    name = worst.removesuffix("_worst")
    drawn = data.draw(cohorts(children(name)))
    term = oracle.TERMS[name]
    assert_graded(oracle.worst_grades(drawn, term, told), worst, drawn, absent(told))


@pytest.mark.parametrize(("onset", "name"), [("crs_onset", "crs_grade"),
                                             ("icans_onset", "icans_grade")])
@COHORTS
@given(data=st.data())
def test_onset(onset: str, name: str, data: st.DataObject) -> None:
    drawn = data.draw(cohorts(children(name)))
    assert_same(oracle.onsets(drawn, oracle.TERMS[name], []), onset, study_of({}, **drawn),
                "value")


# Laboratory ----------------------------------------------------------------------------------

WINDOWS = ["on_treatment", "treatment_emergent"]


@st.composite
def samples(draw: st.DrawFn, test: str, course: Rows) -> list[dict[str, Any]]:
    """Draw samples at the thresholds of a test: of numbers, of limits and of a baseline."""
    lower, upper, before = draw(st.sampled_from(
        [(2.0, 3.0, 2.5), (2.0, 3.0, 4.0), (2.0, 3.0, 1.6), (110.0, 150.0, 120.0),
         (110.0, 150.0, 100.0), (1.0, 40.0, 30.0), (1.0, 40.0, 50.0), (0.7, 1.2, 0.6)]))
    numbers = [before, upper, lower]
    for steps in (laboratory.V5[test], laboratory.V6[test]):
        for step in steps:
            reference = {"number": 1.0, "lower": lower, "upper": upper,
                         "baseline": before}[step.reference]
            threshold = step.factor * reference
            numbers += [threshold, threshold * (1 - 1e-12), threshold * (1 + 1e-12),
                        threshold * 0.99, threshold * 1.01]
    complete = draw(st.booleans())
    limits = st.sampled_from([0, 0, 0, 1]) if not complete else st.just(0)
    near = days_near(course)
    rows = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        rows.append({
            "test": test, "day": draw(near), "sequence": number,
            "value": draw(st.sampled_from([*numbers, before])),
            "unit": laboratory.UNITS[test],
            "sign": draw(st.sampled_from([None, "=", "=", "=", "<", ">"])),
            "lower_limit": None if draw(limits) else lower,
            "upper_limit": None if draw(limits) else upper})
        if not complete:
            rows[-1] |= draw(st.sampled_from([{}] * 8 + [{"value": None}, {"unit": "furlong"}]))
    first = min((each["start_day"] for each in course["exposure"]
                 if each["start_day"] is not None), default=0)
    rows += [{
        "test": test, "day": first + draw(st.sampled_from([0, 0, -1, -1, -9])),
        "value": before * draw(st.sampled_from([1, 1, 1, 0.5, 2])),
        "unit": laboratory.UNITS[test], "sign": draw(st.sampled_from([None, "=", "=", "<"])),
        "lower_limit": None if draw(limits) else lower,
        "upper_limit": None if draw(limits) else upper}
        for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
    return [{**each, "sequence": number}
            for number, each in zip(draw(st.permutations(range(1, len(rows) + 1))), rows,
                                    strict=True)]


@st.composite
def sampled(draw: st.DrawFn, test: str) -> Rows:
    """Draw a child with cycles and samples of one test."""
    course = draw(courses())
    return {**course, "laboratory": draw(samples(test, course))}


GRADES = [(f"{term}_grade", f"{term}_grade_worst") for term in laboratory.TESTS]
"""The definition of a cycle and that of a child, of each term."""


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("criteria", laboratory.STEPS)
@pytest.mark.parametrize(("name", "worst"), GRADES)
@settings(COHORTS, max_examples=4)
@given(data=st.data())
def test_laboratory_grades(
    name: str, worst: str, criteria: str, window: str, data: st.DataObject
) -> None:
    assert_laboratory_grades((name, worst), criteria, window, "first_infusion", data)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("name", "worst"), [
    (f"{term}_grade", f"{term}_grade_worst")
    for term in ("alanine_aminotransferase_increased", "neutrophil_count_decreased")])
@settings(COHORTS, max_examples=4)
@given(data=st.data())
def test_laboratory_grades_with_a_baseline_of_each_cycle(
    name: str, worst: str, window: str, data: st.DataObject
) -> None:
    assert_laboratory_grades((name, worst), "ctcae_v5", window, "each_cycle", data)


def assert_laboratory_grades(
    names: tuple[str, str], criteria: str, window: str, scope: str, data: st.DataObject
) -> None:
    """Compare the grades of a term, of every cycle and of every child, with the oracle's."""
    name, worst = names
    test = laboratory.TESTS[name.removesuffix("_grade")]
    drawn = data.draw(cohorts(sampled(test)))
    study = study_of({"definitions": {"ctcae": criteria, "toxicity_window_end": window,
                                      "toxicity_baseline": scope}}, **drawn)
    chosen = {"window": window, "scope": scope}
    assert_same(laboratory.laboratory_grades(drawn, test, criteria, **chosen),
                name, study)
    assert_same(laboratory.worst_laboratory_grades(drawn, test, criteria, **chosen),
                worst, study)


# Tumour lysis --------------------------------------------------------------------------------

LYSIS_VALUES = {
    "URATE": [200.0, 250.0, 300.0, 375.0, 475.0, 475.84, 475.8400000001, 476.0],
    "POTASSIUM": [4.0, 4.8, 5.0, 6.0, 6.0000000001, 6.1],
    "PHOSPHATE": [1.0, 1.25, 1.4, 1.45, 1.45305, 1.46, 2.0, 2.09885, 2.1],
    "CALCIUM": [2.4, 1.8, 1.75, 1.7500000001, 1.7465, 1.746, 1.7, 2.0, 1.5],
    "CREATININE": [30.0, 56.5, 56.4, 60.0, 90.0, 90.0000000001, 91.0, 180.0, 181.0, 360.0, 361.0],
}


@st.composite
def lysed(draw: st.DrawFn) -> Rows:
    """Draw a child around its first infusion, often with several abnormal samples."""
    course = draw(cycles(2))
    if draw(st.integers(0, 3)):
        course = {"exposure": [{"cycle_no": 1, "segment_no": 1, "start_day": 0, "end_day": 9}]}
    first = min((each["start_day"] for each in course["exposure"]
                 if each["start_day"] is not None), default=0)
    days = st.sampled_from([-30, -4, -3, -1, 0, 0, 1, 1, 2, 2, 3, 7, 8]).map(
        lambda day: day + first)
    kinds = [row(test=test, value=[*values, None], unit=[laboratory.UNITS[test]] * 6 + ["g/L"],
                 day=days, sign=[None, "=", "=", "=", "=", "<"],
                 upper_limit=[{"CREATININE": 60.0, "URATE": 300.0}.get(test)] * 6 + [None])
             for test, values in LYSIS_VALUES.items()]
    start = []
    if draw(st.booleans()):
        quiet = draw(st.booleans())
        start = [{"test": test, "unit": laboratory.UNITS[test], "sign": "=",
                  "day": first + draw(st.sampled_from([-1, 0, 0])),
                  "value": values[0] if quiet else draw(st.sampled_from(values)),
                  "upper_limit": 60.0 if test == "CREATININE" else 300.0}
                 for test, values in LYSIS_VALUES.items()]
    rows = start + draw(some(8, *kinds))
    sequence = draw(st.permutations(range(1, len(rows) + 1)))
    seen = draw(st.lists(row(day=days, seizure=["NONE", *laboratory.SEIZURE_GRADES, None],
                             other_cause=["Y", "N", None]),
                         max_size=2, unique_by=lambda each: each["day"]))
    age = draw(st.sampled_from([None, 2000, 9000, 6573 - first, 6574 - first, 6575 - first]))
    return {**course, "toxicity_sign": seen,
            "subject": [{"age_at_index_days": age, "age_at_index_years_reported": draw(
                st.sampled_from([None, 8.0, 18.0, 30.0]))}],
            "laboratory": [{**each, "sequence": number}
                           for number, each in zip(sequence, rows, strict=True)]}


@pytest.mark.parametrize("criteria", [laboratory.CAIRO_BISHOP, laboratory.HOWARD])
@pytest.mark.parametrize(("name", "of_cycle"), [
    (name, f"cycle_{name}")
    for name in ("tumour_lysis_laboratory", "tumour_lysis_clinical", "tumour_lysis_grade")])
@settings(COHORTS, max_examples=7)
@given(cohorts(lysed()))
def test_tumour_lysis(name: str, of_cycle: str, criteria: str, drawn: Rows) -> None:
    study = study_of({"definitions": {"tumour_lysis": criteria}}, **drawn)
    assert_same(laboratory.tumour_lysis(drawn, name, criteria), name, study)
    assert_same(laboratory.cycle_tumour_lysis(drawn, name, criteria), of_cycle, study)
