"""Endpoints as the papers and the field read them: what counts, from when, until when."""

from typing import Any

import pytest

from remission.definitions.endpoints import derive_endpoint, describe_endpoint
from remission.plan import Plan
from tests.conftest import study_of

NOTHING_ELSE = {"absent_means_none": [
    "RELAPSE", "SECOND_MALIGNANCY", "ACUTE_GVHD", "CHRONIC_GVHD", "TRANSFUSION"]}


def outcome(
    endpoint: dict[str, Any], *, definitions: dict[str, str] | None = None,
    parts: tuple[str, ...] = ("time", "event"), **tables: str,
) -> dict[str, Any]:
    """Return the asked parts of the outcome of each subject under one endpoint of a plan."""
    plan: dict[str, object] = {"endpoints": {"e": endpoint}, "definitions": definitions or {},
                               "records": NOTHING_ELSE}
    study = study_of(plan, **tables)
    assert isinstance(study.plan, Plan)
    rows = derive_endpoint(study, study.plan.endpoints["e"]).collect().select(
        "subject_id", *parts).rows()
    return {row[0]: row[1:] for row in rows}


# Diagnosis 1 January 2020, relapse 1 June 2022, blinatumomab 15 July 2022, no response on
# 15 August 2022, death 1 March 2023.
ONE_CHILD = {
    "subject": """
        subject_id | site_id
        A          | 1
    """,
    "disease_episode": """
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -926
        A          | 2          | RELAPSE           | -44
    """,
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 27
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 60
        A          | 2             | 31  | BM       | 60
    """,
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 229              | 229
    """,
}
EVENTS = ["relapse", "second_malignancy", "death"]
FROM_DIAGNOSIS = {"origin": "diagnosis", "events": EVENTS}
WITH_NO_RESPONSE = {"origin": "first_infusion", "events": ["no_response", *EVENTS]}


@pytest.mark.parametrize(("endpoint", "time", "event"), [
    (FROM_DIAGNOSIS, 882, "relapse"),                    # 28.98 months: before the drug
    ({**WITH_NO_RESPONSE, "no_response_at": "assessment"}, 31, "no_response"),   # 1.02 months
    (WITH_NO_RESPONSE, 0, "no_response"),                # at time zero
    ({"origin": "first_infusion", "events": EVENTS}, 229, "death"),              # 7.52 months
    ({"origin": "first_infusion", "events": ["death"]}, 229, "death"),
    ({"origin": "diagnosis", "events": ["death"]}, 1155, "death"),
])
def test_one_child_under_every_reading_of_event_free_survival(
    endpoint: dict[str, Any], time: int, event: str
) -> None:
    found = outcome(endpoint, definitions={"response": "zhang_2025"}, **ONE_CHILD)
    assert found == {"A": (time, event)}


def test_counted_from_diagnosis_a_child_enters_with_the_first_infusion() -> None:
    late = {"origin": "diagnosis", "entry": "first_infusion"}
    overall = {**late, "events": ["death"]}
    assert outcome(overall, parts=("time", "event", "entry"), **ONE_CHILD) == {
        "A": (1155, "death", 926)}
    assert outcome({**late, "events": EVENTS}, parts=("time", "entry", "note"), **ONE_CHILD) == {
        "A": (None, None, "the time ended before the entry at first blinatumomab infusion")}
    assert outcome({**overall, "entry": "transplant"}, parts=("time", "note"), **ONE_CHILD) == {
        "A": (None, "never under observation: no day of transplant")}


RESPONSES = {
    "subject": """
        subject_id | site_id
        A          | 1
        B          | 1
        C          | 1
        D          | 1
    """,
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 13
        B          | 1        | 1          | 0         | 13
        C          | 1        | 1          | 0         | 13
        D          | 1        | 1          | 0         | 13
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 14  | BM       | 2
        B          | 1             | 20  | BM       |
        D          | 1             | -1  | BM       | 50
        D          | 2             | 21  | BM       | 45
    """,
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | ALIVE        | 400              |
        B          | ALIVE        | 400              |
        C          | DEAD         | 10               | 10
        D          | ALIVE        | 400              |
    """,
    "disease_episode": """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | 114
    """,
}


def test_no_response_without_an_evaluable_marrow_is_no_event_of_its_own() -> None:
    endpoint = {"origin": "first_infusion", "no_response_at": "assessment",
                "events": ["no_response", "relapse", "death"]}
    found = outcome(endpoint, **RESPONSES)
    assert found["A"] == (114, "relapse")
    assert found["C"] == (10, "death")
    assert found["D"] == (21, "no_response")


def test_a_response_that_is_not_known_leaves_the_outcome_unknown() -> None:
    found = outcome({"origin": "first_infusion", "events": ["no_response", "death"]},
                    parts=("time", "note"), **RESPONSES)
    assert found["B"] == (
        None, "the marrow does not tell: blasts or MRD not known")


# Below 0.01% counts as negative; the paper's own definition asks for no more.
CLEARANCE = {
    **RESPONSES,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -1  | BM       | 2             | FCM        | 0.5
        A          | 2             | 15  | BM       | 1             | FCM        | 0.005
        B          | 1             | -1  | BM       | 2             | FCM        | 0.5
        B          | 2             | 20  | BM       | 1             | FCM        | 0.2
        D          | 1             | -1  | BM       | 50            | FCM        | 60
        D          | 2             | 21  | BM       | 1             | FCM        |
    """,
}


def test_time_to_mrd_negative_remission_with_relapse_and_death_competing() -> None:
    endpoint = {"origin": "first_infusion", "events": ["mrd_response"],
                "competing": ["relapse", "death"]}
    found = outcome(endpoint, parts=("time", "status", "event"),
                    definitions={"response": "zhang_2025"}, **CLEARANCE)
    assert found["A"] == (15, 1, "mrd_response")       # before the relapse of day 114
    assert found["B"] == (400, 0, "last contact")      # 0.2% is left
    assert found["C"] == (10, 2, "death")              # no marrow: the death decides
    assert found["D"] == (None, None, None)            # a marrow without MRD
    reasons = outcome(endpoint, parts=("note",), definitions={"response": "zhang_2025"},
                      **CLEARANCE)
    assert reasons["D"] == ("the marrow does not tell: blasts or MRD not known",)


def test_relapse_free_survival_counts_from_the_first_remission() -> None:
    found = outcome({"origin": "response", "events": ["relapse", "death"]}, **RESPONSES)
    assert found["A"] == (100, "relapse")
    assert found["B"] == (None, None)      # whether there was a remission is not known
    assert "D" not in found                # there was none
    reasons = outcome({"origin": "response", "events": ["death"]}, parts=("note",), **RESPONSES)
    assert reasons["B"] == ("the day of the origin is not known",)


GRAFTED = {
    "subject": """
        subject_id | site_id
        A          | 1
        B          | 1
        C          | 1
        D          | 1
    """,
    "transplant": """
        subject_id | transplant_no | day
        A          | 1             | 60
        B          | 1             | 60
        C          | 1             | 60
        D          | 1             | 60
    """,
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 160              | 160
        B          | DEAD         | 60               | 60
        C          | DEAD         | 90               | 90
        D          | ALIVE        | 400              |
    """,
    "disease_episode": """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | 160
        D          | 1          | RELAPSE | 200
    """,
}
CIR = {"origin": "transplant", "events": ["relapse"], "competing": ["death_without_relapse"]}
NRM = {"origin": "transplant", "events": ["death_without_relapse"], "competing": ["relapse"]}


def test_relapse_and_death_on_one_day_are_relapse_then_death() -> None:
    for endpoint, status_of_relapse in ((CIR, 1), (NRM, 2)):
        found = outcome(endpoint, parts=("time", "status", "event"), **GRAFTED)
        assert found["A"] == (100, status_of_relapse, "relapse")
        assert found["D"] == (140, status_of_relapse, "relapse")
        assert found["C"] == (30, 3 - status_of_relapse, "death_without_relapse")


def test_death_on_the_day_of_the_graft_counts_at_half_a_day() -> None:
    assert outcome(NRM, parts=("time", "status"), **GRAFTED)["B"] == (0.5, 1)
    overall = {"origin": "transplant", "events": ["death"]}
    assert outcome(overall, parts=("time", "status"), **GRAFTED)["B"] == (0, 1)


SINCE_INFUSION = {
    "subject": GRAFTED["subject"],
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 300              | 300
        B          | ALIVE        | 300              |
        C          | DEAD         | 60               | 60
        D          | ALIVE        | 300              |
    """,
    "transplant": """
        subject_id | transplant_no | day
        A          | 1             | 60
        B          | 1             | -200
        C          | 1             | 60
    """,
    "cell_therapy": """
        subject_id | therapy_no | kind  | day
        B          | 1          | CAR_T | 80
        D          | 1          | CAR_T |
    """,
    "treatment_line": """
        subject_id | line_no | start_day
        B          | 1       | 70
        D          | 1       | -30
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 50  | BM       | 1
        B          | 1             | 250 | CSF      |
        D          | 1             | -5  | BM       | 1
    """,
}


def test_other_treatment_censors_only_where_the_plan_says_so() -> None:
    overall: dict[str, Any] = {"origin": "first_infusion", "events": ["death"]}
    assert outcome(overall, **SINCE_INFUSION)["A"] == (300, "death")
    cut = outcome({**overall, "censor": ["last_contact", "transplant"]}, **SINCE_INFUSION)
    assert cut == {"A": (60, "transplant"), "B": (300, "last contact"), "C": (60, "death"),
                   "D": (300, "last contact")}
    cut = outcome({**overall, "censor": ["last_contact", "car_t", "next_therapy"]},
                  parts=("time", "event", "note"), **SINCE_INFUSION)
    assert cut["B"] == (70, "next line of treatment", None)
    assert cut["D"] == (None, None, "CAR-T cells known without its day")


def test_the_last_disease_evaluation_may_end_the_time() -> None:
    found = outcome({"origin": "first_infusion", "events": ["relapse"],
                     "censor": ["last_disease_evaluation"]},
                    parts=("time", "event", "note"), **SINCE_INFUSION)
    assert found["A"] == (50, "last disease evaluation", None)
    assert found["B"] == (250, "last disease evaluation", None)
    assert found["D"] == (None, None, "no disease evaluation since the origin")


RECOVERIES = {
    "subject": GRAFTED["subject"],
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | ALIVE        | 400              |
        B          | DEAD         | 70               | 70
        C          | ALIVE        | 400              |
        D          | ALIVE        | 400              |
    """,
    "transplant": """
    subject_id | transplant_no | day | platelet_recovered_reported | platelet_recovery_day_reported
    A          | 1             | 60  | Y                           | 78
    B          | 1             | 60  | N                           |
    C          | 1             | 60  |                             |
    D          | 1             | 60  | Y                           |
    """,
}


def test_engraftment_with_death_competing() -> None:
    found = outcome({"origin": "transplant", "events": ["platelet_recovery"],
                     "competing": ["death"]}, parts=("time", "status", "note"), **RECOVERIES)
    assert found == {
        "A": (18, 1, None), "B": (10, 2, None),
        "C": (None, None, "no counts and no report"),
        "D": (None, None, "platelet recovery known without its day"),
    }


GVHD = """
    subject_id | gvhd_no | kind    | onset_day | max_grade | systemic_treatment
    A          | 1       | ACUTE   | 80        | III       | Y
    B          | 1       | ACUTE   | 62        | II        | Y
    C          | 1       | CHRONIC | 85        | SEVERE    | N
    D          | 1       | CHRONIC | 190       | MILD      | Y
"""


GRFS = {"origin": "transplant"}
AFTER = ["relapse", "death"]


def test_free_of_graft_versus_host_disease_and_relapse_by_two_definitions() -> None:
    holtan = {**GRFS, "events": ["acute_gvhd_3_4", "chronic_gvhd_systemic", *AFTER]}
    assert outcome(holtan, **GRAFTED, gvhd=GVHD) == {
        "A": (20, "acute_gvhd_3_4"), "B": (0, "death"), "C": (30, "death"),
        "D": (130, "chronic_gvhd_systemic")}
    ruggeri = {**GRFS, "events": ["acute_gvhd_3_4", "chronic_gvhd_severe", *AFTER]}
    assert outcome(ruggeri, **GRAFTED, gvhd=GVHD) == {
        "A": (20, "acute_gvhd_3_4"), "B": (0, "death"), "C": (25, "chronic_gvhd_severe"),
        "D": (140, "relapse")}


def test_chronic_disease_without_its_day_or_its_treatment_cannot_be_placed() -> None:
    found = outcome({**GRFS, "events": ["chronic_gvhd_systemic"]}, parts=("time", "note"),
                    **GRAFTED, gvhd="""
        subject_id | gvhd_no | kind    | onset_day | max_grade | systemic_treatment
        A          | 1       | CHRONIC |           | MILD      | Y
        D          | 1       | CHRONIC | 190       | MILD      | U
    """)
    assert found["A"] == (None, "chronic GVHD with systemic treatment known without its day")
    assert found["D"] == (None, "whether it was treated systemically is not recorded")


def test_an_endpoint_says_what_it_is_and_on_whose_word() -> None:
    plan = Plan.model_validate({"study": {"title": "x"}, "endpoints": {"e": {
        "origin": "diagnosis", "entry": "first_infusion", "no_response_at": "assessment",
        "events": ["no_response", "relapse", "death"],
        "censor": ["last_disease_evaluation", "transplant"]}}})
    described = describe_endpoint("e", plan.endpoints["e"])
    assert described.rule == (
        "Time from initial diagnosis to the first of: no response to blinatumomab, relapse, death "
        "from any cause; no response counts on the day of the marrow that showed it; at risk from "
        "first blinatumomab infusion on; else censored at last disease evaluation or transplant")
    assert "Locatelli 2021" in described.reference
    assert described.evidence == "V D"
