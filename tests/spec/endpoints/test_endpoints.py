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
