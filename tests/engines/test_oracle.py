"""Every definition against the plain-Python oracle, on cohorts with gaps, ties and boundaries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.definitions.criteria import criteria_sets
from remission.definitions.endpoints import derive_endpoint
from remission.plan import Endpoint
from remission.records.study import Study
from tests.engines import oracle
from tests.engines.studies import CHECKED, SUBJECTS, derived, study_of

ANC_VALUES = (0.1, 0.4999999999, 0.5, 0.5000000001, 0.6, 1.2)
PLT_VALUES = (5.0, 19.999, 20.0, 20.001, 35.0)


subjects = st.sampled_from(SUBJECTS)
days = st.integers(min_value=-5, max_value=60)
maybe_day = st.none() | days
yes_no = st.sampled_from(["Y", "N", None])


@st.composite
def grafts(draw: st.DrawFn, cell: str) -> list[dict[str, Any]]:
    """Draw one or two grafts for some subjects; numbers do not always follow the days."""
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
def counts(draw: st.DrawFn, values: tuple[float, ...]) -> list[dict[str, Any]]:
    """Draw counts with stretches of adjacent days, gaps about a week, and several on one day."""
    rows = []
    for subject in SUBJECTS:
        mostly = draw(st.sampled_from([values, values[:2], values[-2:]]))
        day = draw(st.integers(min_value=-1, max_value=12))
        for _ in range(draw(st.integers(min_value=0, max_value=14))):
            rows.append({"subject_id": subject, "day": day,
                         "value": draw(st.sampled_from(mostly))})
            day += draw(st.sampled_from([0, 1, 1, 1, 1, 2, 7, 8]))
    return rows


@st.composite
def follow_ups(draw: st.DrawFn, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def as_laboratory(rows: list[dict[str, Any]], test: str) -> list[dict[str, Any]]:
    """Return counts as laboratory rows."""
    return [{**row, "test": test, "sequence": number, "unit": "10*9/L"}
            for number, row in enumerate(rows, start=1)]


def parameters(notion: str, name: str) -> dict[str, Any]:
    """Return a criteria set as the oracle takes it."""
    criteria = criteria_sets(notion)[name]
    threshold = criteria.threshold("count")
    return {**criteria.values, "threshold": threshold.value, "inclusive": threshold.inclusive}


def check_recovery(name: str, study: Study, expected: dict[Any, dict[str, Any]]) -> None:
    found = derived(name, study)
    assert {key: (row["value"], row["day"]) for key, row in expected.items()} == found


@pytest.mark.parametrize("criteria", ["astct_ebmt_2024", "olaya_2025"])
@settings(CHECKED, max_examples=300)
@given(st.data())
def test_neutrophil_recovery(criteria: str, data: st.DataObject) -> None:
    transplants, rows = data.draw(grafts("neutrophil")), data.draw(counts(ANC_VALUES))
    follow_up = data.draw(follow_ups(rows))
    study = study_of({"definitions": {"neutrophil_recovery": criteria}}, transplant=transplants,
                     laboratory=as_laboratory(rows, "ANC"), follow_up=follow_up)
    expected = oracle.recovery(transplants, rows, follow_up,
                               parameters("engraftment.neutrophil", criteria))
    check_recovery("neutrophil_recovery", study, expected)


@pytest.mark.parametrize("criteria", ["astct_ebmt_2024", "olaya_2025"])
@settings(CHECKED, max_examples=300)
@given(st.data())
def test_platelet_recovery(criteria: str, data: st.DataObject) -> None:
    transplants, rows = data.draw(grafts("platelet")), data.draw(counts(PLT_VALUES))
    follow_up = data.draw(follow_ups(rows))
    products = st.sampled_from(["PLATELET", "PLATELET", "RBC"])
    transfusions = data.draw(st.lists(st.fixed_dictionaries(
        {"subject_id": subjects, "day": st.integers(-3, 20), "product": products}), max_size=8))
    forms = data.draw(st.lists(st.fixed_dictionaries(
        {"subject_id": subjects, "form": st.just("TRANSFUSION"),
         "status": st.sampled_from(["COMPLETE", "NOT_COLLECTED"])}), max_size=2,
        unique_by=lambda row: row["subject_id"]))
    told = data.draw(st.sampled_from([[], ["TRANSFUSION"]]))
    study = study_of({"definitions": {"platelet_recovery": criteria},
                      "records": {"absent_means_none": told}}, transplant=transplants,
                     laboratory=as_laboratory(rows, "PLT"), follow_up=follow_up,
                     transfusion=transfusions, form_status=forms)
    expected = oracle.recovery(
        transplants, rows, follow_up, parameters("engraftment.platelet", criteria),
        transfusions=transfusions, forms=forms, cell="platelet", absent_means_none=told)
    check_recovery("platelet_recovery", study, expected)


@pytest.mark.parametrize("criteria", ["olaya_2025", "nci_1996"])
@CHECKED
@given(st.data())
def test_age_group(criteria: str, data: st.DataObject) -> None:
    near = st.sampled_from([364, 365, 366, 3651, 3652, 3653, 3654]) | st.integers(0, 7000)
    years = st.sampled_from([0.9, 1.0, 1.1, 9.9, 10.0, 10.1]) | st.none()
    rows = [{"subject_id": subject, "age_at_index_days": data.draw(st.none() | near),
             "age_at_index_years_reported": data.draw(years)} for subject in SUBJECTS]
    study = study_of({"definitions": {"age_group": criteria}}, subject=rows)
    levels = criteria_sets("age.group")[criteria]["levels"]
    expected = oracle.age_group(rows, levels)
    found = derived("age_group", study)
    assert {key: row["value"] for key, row in expected.items()} == {
        subject: found.get(subject, (None, None))[0] for subject in SUBJECTS}


FORMS = ["RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "SECOND_MALIGNANCY"]
forms_of = st.lists(
    st.fixed_dictionaries({
        "subject_id": subjects, "form": st.sampled_from(FORMS),
        "status": st.sampled_from(["COMPLETE", "COMPLETE", "NOT_COLLECTED"])}),
    max_size=8, unique_by=lambda row: (row["subject_id"], row["form"]))
absent = st.lists(st.sampled_from(["RELAPSE", "ACUTE_GVHD", "SECOND_MALIGNANCY"]), unique=True)
episodes_of = st.lists(st.fixed_dictionaries({
    "subject_id": subjects,
    "phase": st.sampled_from(["RELAPSE", "RELAPSE", "INITIAL_DIAGNOSIS"]),
    "start_day": maybe_day}), max_size=8).map(
        lambda rows: [{**row, "episode_no": number} for number, row in enumerate(rows, start=1)])
PEOPLE = [{"subject_id": subject} for subject in SUBJECTS]


def some_grafts(data: st.DataObject) -> list[dict[str, Any]]:
    """Draw up to two grafts for two of the subjects, some before day 0, some without a day."""
    return [{"subject_id": subject, "transplant_no": number, "day": data.draw(maybe_day)}
            for subject in SUBJECTS[:2] for number in range(1, data.draw(st.integers(1, 3)))]


@CHECKED
@given(episodes_of, forms_of, absent)
def test_relapse(
    episodes: list[dict[str, Any]], forms: list[dict[str, Any]], absent_means_none: list[str]
) -> None:
    study = study_of({"records": {"absent_means_none": absent_means_none}}, subject=PEOPLE,
                     disease_episode=episodes, form_status=forms)
    expected = oracle.relapse(PEOPLE, episodes, forms, absent_means_none)
    assert {key: (row["value"], row["day"]) for key, row in expected.items()} == derived(
        "relapse", study)


@CHECKED
@given(st.data(), episodes_of, forms_of, absent)
def test_relapse_after_transplant(
    data: st.DataObject, episodes: list[dict[str, Any]], forms: list[dict[str, Any]],
    absent_means_none: list[str],
) -> None:
    transplants = some_grafts(data)
    study = study_of({"records": {"absent_means_none": absent_means_none}},
                     transplant=transplants, disease_episode=episodes, form_status=forms)
    expected = oracle.relapse_after_transplant(transplants, episodes, forms, absent_means_none)
    assert {key: (row["value"], row["day"]) for key, row in expected.items()} == derived(
        "relapse_after_transplant", study)


@pytest.mark.parametrize(("name", "notion", "kind"), [
    ("acute_gvhd_2_4", "acute_2_4", "ACUTE"), ("acute_gvhd_3_4", "acute_3_4", "ACUTE"),
    ("chronic_gvhd_extensive", "chronic_extensive", "CHRONIC"),
    ("chronic_gvhd_moderate_severe", "chronic_moderate_severe", "CHRONIC"),
])
@CHECKED
@given(st.data())
def test_graded_gvhd(name: str, notion: str, kind: str, data: st.DataObject) -> None:
    grades = st.sampled_from(["I", "II", "III", "IV", "III_IV", "MILD", "MODERATE", "SEVERE",
                              "LIMITED", "EXTENSIVE", None])
    rows = data.draw(st.lists(st.fixed_dictionaries(
        {"subject_id": subjects, "kind": st.sampled_from(["ACUTE", "CHRONIC"]),
         "max_grade": grades, "onset_day": maybe_day}), max_size=8))
    rows = [{**row, "gvhd_no": number} for number, row in enumerate(rows, start=1)]
    forms, absent_means_none = data.draw(forms_of), data.draw(absent)
    transplants = some_grafts(data)
    study = study_of({"records": {"absent_means_none": absent_means_none}},
                     transplant=transplants, gvhd=rows, form_status=forms)
    criteria = next(iter(criteria_sets(f"gvhd.{notion}").values()))
    expected = oracle.graded_gvhd(transplants, rows, forms, absent_means_none, kind,
                                  criteria["grades"], criteria["below"])
    assert {key: (row["value"], row["day"]) for key, row in expected.items()} == derived(
        name, study)


@settings(CHECKED, max_examples=400)
@given(st.data(), episodes_of, forms_of, absent)
def test_endpoints(
    data: st.DataObject, episodes: list[dict[str, Any]], forms: list[dict[str, Any]],
    absent_means_none: list[str],
) -> None:
    follow_up, transplants = data.draw(follow_ups([])), some_grafts(data)
    origin = data.draw(st.sampled_from(["anchor", "transplant"]))
    names = data.draw(st.permutations(["death", "relapse", "second_malignancy"]))
    names = names[:data.draw(st.integers(1, 3))]
    events = data.draw(st.integers(1, len(names)))
    endpoint = Endpoint.model_validate({
        "label": "x", "origin": origin, "events": names[:events], "competing": names[events:]})
    study = study_of({"records": {"absent_means_none": absent_means_none}}, subject=PEOPLE,
                     follow_up=follow_up, disease_episode=episodes, transplant=transplants,
                     form_status=forms)
    index = {subject: oracle.index_graft(transplants, subject) for subject in SUBJECTS}
    grafts = {subject: row for subject, row in index.items() if row is not None}
    origins: dict[object, Any] = dict.fromkeys(SUBJECTS, 0) if origin == "anchor" else {
        subject: row["day"] for subject, row in grafts.items()}
    ranked = [(name, 1 if rank < events else 2) for rank, name in enumerate(names)]
    expected = oracle.endpoint(PEOPLE, origins, follow_up, episodes, forms, absent_means_none,
                               ranked)
    frame = derive_endpoint(study, endpoint).collect()
    found = {row["subject_id"]: (row["time"], row["status"], row["event"])
             for row in frame.iter_rows(named=True)}
    assert {key: (row["time"], row["status"], row["event"])
            for key, row in expected.items() if key in origins} == found


@CHECKED
@given(st.data())
def test_index_graft(data: st.DataObject) -> None:
    transplants = some_grafts(data)
    found = derived("transplanted", study_of({}, subject=PEOPLE, transplant=transplants))
    for subject in SUBJECTS:
        graft = oracle.index_graft(transplants, subject)
        assert found[subject] == (("N", None) if graft is None else ("Y", graft["day"]))
