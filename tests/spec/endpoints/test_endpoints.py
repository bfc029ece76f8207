"""Endpoints: the first event of the plan's list, else last contact, from the origin."""

from typing import Any

from remission.definitions.endpoints import derive_endpoint
from remission.plan import Endpoint
from tests.conftest import study_of

FOLLOW_UP = """
    subject_id | vital_status | last_contact_day | death_day
    A          | DEAD         | 300              | 300
    B          | ALIVE        | 500              |
    C          | DEAD         | 210              | 210
    D          | DEAD         | 90               |
    E          | ALIVE        |                  |
    F          | DEAD         | 60               | 60
"""
SUBJECTS = "\n".join(["subject_id | site_id", *(f"{subject} | 1" for subject in "ABCDEFG")])
EPISODES = """
    subject_id | episode_no | phase   | start_day
    A          | 1          | RELAPSE | 120
    C          | 1          | RELAPSE | 210
    F          | 1          | RELAPSE |
"""


def outcomes(endpoint: dict[str, Any], **tables: str) -> dict[str, tuple[Any, Any, Any]]:
    """Return (time, status, event) of each subject."""
    study = study_of(subject=SUBJECTS, follow_up=FOLLOW_UP, disease_episode=EPISODES, **tables)
    frame = derive_endpoint(study, Endpoint.model_validate({"label": "test", **endpoint})).collect()
    rows = frame.select("subject_id", "time", "status", "event").rows()
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def test_overall_survival_from_the_anchor() -> None:
    found = outcomes({"events": ["death"]})
    assert found["A"] == (300, 1, "death")
    assert found["B"] == (500, 0, "last contact")
    assert found["D"] == (None, None, None)      # dead, day unknown
    assert found["E"] == (None, None, None)      # no follow-up
    assert found["G"] == (None, None, None)      # no row at all


def test_first_event_and_ties_go_to_the_earlier_line() -> None:
    found = outcomes({"events": ["relapse", "death"]})
    assert found["A"] == (120, 1, "relapse")
    assert found["C"] == (210, 1, "relapse")     # relapse and death on one day: relapse first
    assert outcomes({"events": ["death", "relapse"]})["C"] == (210, 1, "death")


def test_a_competing_event_is_marked() -> None:
    found = outcomes({"events": ["relapse"], "competing": ["death"]})
    assert found["A"] == (120, 1, "relapse")
    assert found["C"] == (210, 1, "relapse")
    assert found["F"] == (None, None, None)      # relapse known without its day


def test_time_counts_from_the_transplant() -> None:
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 100
        C          | 1             | 230
    """
    found = outcomes({"origin": "transplant", "events": ["relapse", "death"]}, transplant=graft)
    assert set(found) == {"A", "C"}
    assert found["A"] == (20, 1, "relapse")
    assert found["C"] == (None, None, None)      # follow-up ends before the origin


def test_the_source_is_the_deciding_row() -> None:
    study = study_of(subject=SUBJECTS, follow_up=FOLLOW_UP, disease_episode=EPISODES)
    endpoint = Endpoint.model_validate({"label": "test", "events": ["relapse", "death"]})
    frame = derive_endpoint(study, endpoint).collect()
    sources = dict(zip(frame["subject_id"].to_list(), frame["source"].to_list(), strict=True))
    assert sources["A"] == "disease_episode:2"
    assert sources["B"] == "follow_up:3"
    assert sources["F"] == "disease_episode:4"


def reasons(endpoint: dict[str, Any], records: dict[str, object] | None = None,
            **tables: str) -> dict[str, Any]:
    """Return why the outcome of each subject is not known (None where it is)."""
    study = study_of({"records": records or {}}, **tables)
    frame = derive_endpoint(study, Endpoint.model_validate({"label": "test", **endpoint})).collect()
    return dict(zip(frame["subject_id"].to_list(), frame["note"].to_list(), strict=True))


def test_a_relapse_nobody_asked_about_is_not_absent() -> None:
    tables = {"subject": SUBJECTS, "follow_up": FOLLOW_UP, "form_status": """
        subject_id | form    | status
        A          | RELAPSE | COMPLETE
        B          | RELAPSE | NOT_COLLECTED
    """}
    first = {"events": ["relapse", "death"]}
    unasked = "relapse: not known to have been assessed"
    found = reasons(first, **tables)
    assert found["A"] is None
    assert found["B"] == found["C"] == unasked      # also where death has its day: C
    told = reasons(first, {"absent_means_none": ["RELAPSE"]}, **tables)
    assert told["C"] is None
    assert told["B"] == unasked                      # a form beats the plan's word
    assert set(reasons({"events": ["death"]}, **tables).values()) == {
        None, "death known without its day", "no follow-up"}


def test_vital_status_must_be_known_for_a_child_without_an_event() -> None:
    follow_up = """
        subject_id | vital_status | last_contact_day | death_day
        A          |              | 300              |
        B          | LOST         | 300              |
        C          | DEAD         | 40               | 40
    """
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 10
        B          | 1             |
        C          | 1             | 41
    """
    tables = {"subject": SUBJECTS, "follow_up": follow_up, "transplant": graft}
    found = reasons({"events": ["death"]}, **tables)
    assert found["A"] == "vital status is not recorded"
    assert found["B"] is None
    found = reasons({"events": ["death"], "origin": "transplant"}, **tables)
    assert found == {"A": "vital status is not recorded",
                     "B": "the day of the origin is not known", "C": "died before the origin"}


def test_a_relapse_on_the_day_of_the_origin_is_the_state_at_the_start() -> None:
    episodes = """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | 0
        B          | 1          | RELAPSE | 1
        C          | 1          | RELAPSE |
        C          | 2          | RELAPSE | 9
        F          | 1          | RELAPSE | 9
        F          | 2          | RELAPSE |
    """
    study = study_of({"records": {"absent_means_none": ["RELAPSE"]}}, subject=SUBJECTS,
                     follow_up=FOLLOW_UP, disease_episode=episodes)
    endpoint = Endpoint.model_validate(
        {"label": "x", "events": ["relapse"], "competing": ["death"]})
    rows = derive_endpoint(study, endpoint).collect().select("subject_id", "time", "event").rows()
    found = {row[0]: row[1:] for row in rows}
    assert found["A"] == (300, "death")
    assert found["B"] == (1, "relapse")
    assert found["C"] == (None, None)     # the one without its day may have come first
    assert found["F"] == (9, "relapse")   # by its number it came later
    assert found["D"] == (None, None)     # dead without its day: the order is not known
