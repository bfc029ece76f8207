"""Every definition against the plain-Python oracle, on cohorts with gaps, ties and boundaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from remission.definitions.criteria import criteria_sets
from remission.plan import Endpoint
from tests.engines import oracle
from tests.engines.case import EVERY_ENGINE, Answers, Case, Row, Tables, agree

SUBJECTS = ("A", "B", "C")
ANC_VALUES = (0.1, 0.4999999999, 0.5, 0.5000000001, 0.6, 1.2)
PLT_VALUES = (5.0, 19.999, 20.0, 20.001, 35.0)

subjects = st.sampled_from(SUBJECTS)
days = st.integers(min_value=-5, max_value=60)
maybe_day = st.none() | days
yes_no = st.sampled_from(["Y", "N", None])


def answers(found: dict[Any, dict[str, Any]], *parts: str) -> Answers:
    """Return the parts of what the oracle says."""
    return {key: tuple(row.get(part) for part in parts or ("value", "day"))
            for key, row in found.items()}


@st.composite
def grafts(draw: st.DrawFn, cell: str) -> list[Row]:
    """Draw one or two grafts for every subject; numbers do not always follow the days."""
    rows = []
    for subject in SUBJECTS:
        first = draw(st.integers(min_value=-2, max_value=3) | st.none())
        second = draw(st.none() | st.integers(min_value=5, max_value=25))
        days_of = [first] + ([(first or 0) + second] if second else [])
        for number, day in enumerate(draw(st.permutations(days_of)), start=1):
            reported = st.integers(day or 0, (day or 0) + 40)
            rows.append({
                "subject_id": subject, "transplant_no": number, "day": day,
                f"{cell}_recovered_reported": draw(yes_no),
                f"{cell}_recovery_day_reported": draw(st.none() | reported),
            })
    return rows


@st.composite
def counts(draw: st.DrawFn, values: tuple[float, ...], test: str) -> list[Row]:
    """Draw counts with stretches of adjacent days, gaps about a week, and several on one day."""
    rows = []
    for subject in SUBJECTS:
        mostly = draw(st.sampled_from([values, values[:2], values[-2:]]))
        day = draw(st.integers(min_value=-1, max_value=12))
        for number in range(draw(st.integers(min_value=0, max_value=14))):
            rows.append({"subject_id": subject, "test": test, "day": day, "sequence": number + 1,
                         "value": draw(st.sampled_from(mostly)), "unit": "10*9/L"})
            day += draw(st.sampled_from([0, 1, 1, 1, 1, 2, 7, 8]))
    return rows


@st.composite
def follow_ups(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """Draw at most one follow-up row a subject, often ending about a week after its last count."""
    found = []
    for subject in SUBJECTS:
        last = max((row["day"] for row in rows if row["subject_id"] == subject), default=10)
        end = draw(st.none() | st.integers(max(last, 0), last + 9) | st.integers(0, 90))
        if draw(st.booleans()) or end is not None:
            status = draw(st.sampled_from(["ALIVE", "DEAD", "DEAD", "LOST", None]))
            has_day = draw(st.integers(0, 3)) > (0 if status == "DEAD" else 2)
            found.append({"subject_id": subject, "vital_status": status,
                          "death_day": end if has_day else None, "last_contact_day": end,
                          "second_malignancy_day": draw(st.none() | days)})
    return found


transfusions = st.lists(st.fixed_dictionaries(
    {"subject_id": subjects, "day": st.integers(-3, 20),
     "product": st.sampled_from(["PLATELET", "PLATELET", "RBC"])}), max_size=8)
transfusion_forms = st.lists(st.fixed_dictionaries(
    {"subject_id": subjects, "form": st.just("TRANSFUSION"),
     "status": st.sampled_from(["COMPLETE", "NOT_COLLECTED"])}), max_size=2,
    unique_by=lambda row: row["subject_id"])


@st.composite
def recovery_tables(
    draw: st.DrawFn, cell: str, test: str, values: tuple[float, ...]
) -> Tables:
    """Draw the records that the recovery of one cell is read from."""
    rows = draw(counts(values, test))
    tables = {"transplant": draw(grafts(cell)), "laboratory": rows,
              "follow_up": draw(follow_ups(rows))}
    if cell == "platelet":
        tables |= {"transfusion": draw(transfusions), "form_status": draw(transfusion_forms)}
    return tables


def recovery_case(
    cell: str, test: str, values: tuple[float, ...], criteria: str, told: list[str]
) -> Case:
    """Return the recovery of one cell under one set; ``told`` are forms of which none means no."""
    chosen = criteria_sets(f"engraftment.{cell}")[criteria]
    threshold = chosen.threshold("count")
    parameters = {**chosen.values, "threshold": threshold.value, "inclusive": threshold.inclusive}

    def expected(tables: Tables) -> Answers:
        return answers(oracle.recovery(
            tables["transplant"], tables["laboratory"], tables["follow_up"], parameters,
            cell=cell, absent_means_none=told,
            **({"transfusions": tables["transfusion"], "forms": tables["form_status"]}
               if cell == "platelet" else {})))

    return Case(f"{cell}_recovery", recovery_tables(cell, test, values), expected,
                plan={"definitions": {f"{cell}_recovery": criteria},
                      "records": {"absent_means_none": told}})


RECOVERY = [
    *(recovery_case("neutrophil", "ANC", ANC_VALUES, criteria, [])
      for criteria in criteria_sets("engraftment.neutrophil")),
    *(recovery_case("platelet", "PLT", PLT_VALUES, criteria, told)
      for criteria in criteria_sets("engraftment.platelet") for told in ([], ["TRANSFUSION"])),
]

near = st.sampled_from([364, 365, 366, 3651, 3652, 3653, 3654]) | st.integers(0, 7000)
years = st.sampled_from([0.9, 1.0, 1.1, 9.9, 10.0, 10.1]) | st.none()
ages = st.tuples(*(st.fixed_dictionaries({
    "subject_id": st.just(subject), "age_at_index_days": st.none() | near,
    "age_at_index_years_reported": years}) for subject in SUBJECTS)).map(
        lambda rows: {"subject": list(rows)})


def age_case(criteria: str) -> Case:
    """Return the age group under one set."""
    levels = criteria_sets("age.group")[criteria]["levels"]
    return Case("age_group", ages, lambda tables: answers(
        oracle.age_group(tables["subject"], levels), "value"),
        plan={"definitions": {"age_group": criteria}}, parts=("value",))


FORMS = ["RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "SECOND_MALIGNANCY"]
PEOPLE = [{"subject_id": subject} for subject in SUBJECTS]
forms_of = st.lists(
    st.fixed_dictionaries({
        "subject_id": subjects, "form": st.sampled_from(FORMS),
        "status": st.sampled_from(["COMPLETE", "COMPLETE", "NOT_COLLECTED"])}),
    max_size=8, unique_by=lambda row: (row["subject_id"], row["form"]))
episodes_of = st.lists(st.fixed_dictionaries({
    "subject_id": subjects,
    "phase": st.sampled_from(["RELAPSE", "RELAPSE", "INITIAL_DIAGNOSIS"]),
    "start_day": maybe_day}), max_size=8).map(
        lambda rows: [{**row, "episode_no": number} for number, row in enumerate(rows, start=1)])
grades = st.sampled_from(["I", "II", "III", "IV", "III_IV", "MILD", "MODERATE", "SEVERE",
                          "LIMITED", "EXTENSIVE", None])
gvhd_of = st.lists(st.fixed_dictionaries({
    "subject_id": subjects, "kind": st.sampled_from(["ACUTE", "CHRONIC"]),
    "max_grade": grades, "onset_day": maybe_day}), max_size=8).map(
        lambda rows: [{**row, "gvhd_no": number} for number, row in enumerate(rows, start=1)])


@st.composite
def courses(draw: st.DrawFn) -> Tables:
    """Draw what happened after the anchor: grafts, relapses, graft-versus-host disease, death.

    Up to two grafts for two of the subjects, some before day 0, some without a day.
    """
    return {
        "subject": PEOPLE,
        "transplant": [
            {"subject_id": subject, "transplant_no": number, "day": draw(maybe_day)}
            for subject in SUBJECTS[:2] for number in range(1, draw(st.integers(1, 3)))],
        "disease_episode": draw(episodes_of), "gvhd": draw(gvhd_of),
        "form_status": draw(forms_of), "follow_up": draw(follow_ups([])),
    }


def course_case(
    name: str, told: list[str], expected: Callable[[Tables], dict[Any, dict[str, Any]]]
) -> Case:
    """Return a definition read from what happened after the anchor."""
    return Case(name, courses(), lambda tables: answers(expected(tables)),
                plan={"records": {"absent_means_none": told}})


def index_grafts(tables: Tables) -> dict[Any, dict[str, Any]]:
    """Return whether and when each subject was transplanted."""
    found = {row["subject_id"]: oracle.index_graft(tables["transplant"], row["subject_id"])
             for row in tables["subject"]}
    return {subject: {"value": "N"} if graft is None else {"value": "Y", "day": graft["day"]}
            for subject, graft in found.items()}


def gvhd_case(name: str, kind: str, told: list[str]) -> Case:
    """Return one outcome of graft-versus-host disease."""
    notion = name.replace("_gvhd", "")
    criteria = next(iter(criteria_sets(f"gvhd.{notion}").values()))
    return course_case(name, told, lambda tables: oracle.graded_gvhd(
        tables["transplant"], tables["gvhd"], tables["form_status"], told, kind,
        criteria["grades"], criteria["below"]))


ABSENT = ([], ["RELAPSE"], ["RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "SECOND_MALIGNANCY"])
COURSE = [
    course_case("death", [], lambda tables: oracle.death(
        tables["subject"], tables["follow_up"])),
    course_case("transplanted", [], index_grafts),
    *(course_case("relapse", told, lambda tables, told=told: oracle.relapse(
        tables["subject"], tables["disease_episode"], tables["form_status"], told))
      for told in ABSENT[:2]),
    *(course_case("relapse_after_transplant", told,
                  lambda tables, told=told: oracle.relapse_after_transplant(
                      tables["transplant"], tables["disease_episode"], tables["form_status"],
                      told))
      for told in ABSENT[:2]),
    *(gvhd_case(name, kind, told)
      for name, kind in (("acute_gvhd_2_4", "ACUTE"), ("acute_gvhd_3_4", "ACUTE"),
                         ("chronic_gvhd_extensive", "CHRONIC"),
                         ("chronic_gvhd_moderate_severe", "CHRONIC"))
      for told in (ABSENT[0], ABSENT[2])),
]


def endpoint_case(
    origin: str, events: list[str], competing: list[str], told: list[str]
) -> Case:
    """Return an endpoint of a plan."""
    ranked = [*((name, 1) for name in events), *((name, 2) for name in competing)]

    def expected(tables: Tables) -> Answers:
        origins = {row["subject_id"]: 0 for row in tables["subject"]}
        if origin == "transplant":
            index = {subject: oracle.index_graft(tables["transplant"], subject)
                     for subject in origins}
            origins = {subject: row["day"] for subject, row in index.items() if row is not None}
        found = oracle.endpoint(
            tables["subject"], origins, tables["follow_up"], tables["disease_episode"],
            tables["form_status"], told, ranked)
        return answers({key: row for key, row in found.items() if key in origins},
                       "time", "status", "event")

    return Case(
        f"{origin} to {' or '.join(events)} before {' or '.join(competing)}", courses(), expected,
        plan={"records": {"absent_means_none": told}}, parts=("time", "status", "event"),
        endpoint=Endpoint.model_validate({
            "label": "x", "origin": origin, "events": events, "competing": competing}))


ENDPOINTS = [
    endpoint_case(origin, events, competing, told)
    for origin in ("anchor", "transplant")
    for events, competing, told in (
        (["death"], [], []),
        (["relapse"], [], ABSENT[1]),
        (["relapse", "death"], [], ABSENT[1]),
        (["relapse"], ["death"], []),
        (["death"], ["relapse"], ABSENT[2]),
        (["second_malignancy", "relapse", "death"], [], ABSENT[2]),
        (["relapse", "second_malignancy"], ["death"], ABSENT[2]),
        (["death", "second_malignancy", "relapse"], [], []),
    )
]
CASES = [*RECOVERY, *(age_case(criteria) for criteria in criteria_sets("age.group")), *COURSE,
         *ENDPOINTS]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_oracle_agrees(case: Case, engine: str) -> None:
    agree(case, engine)
