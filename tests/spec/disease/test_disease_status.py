"""Disease status, relapse and transplant as recorded."""

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id | cohort
    A          | 1       | RR
    B          | 1       | MRD_POS
    C          | 1       |
    D          | 1       | OTHER
"""


def test_status_is_the_centre_s_word(spec: Spec) -> None:
    spec("disease_status", {"A": "RR", "B": "MRD_POS", "C": None}, subject=SUBJECTS)


def test_diagnosis_is_that_of_the_initial_episode(spec: Spec) -> None:
    spec("diagnosis", {"A": "B_ALL", "B": None}, disease_episode="""
        subject_id | episode_no | phase             | diagnosis
        A          | 1          | INITIAL_DIAGNOSIS | B_ALL
        A          | 2          | RELAPSE           | T_ALL
        B          | 1          | RELAPSE           | B_ALL
    """)


EPISODES = """
    subject_id | episode_no | phase             | start_day
    A          | 1          | INITIAL_DIAGNOSIS | -300
    A          | 2          | RELAPSE           | -20
    A          | 3          | RELAPSE           | 210
    A          | 4          | RELAPSE           | 150
    B          | 1          | RELAPSE           | 0
    C          | 1          | RELAPSE           |
"""


def test_relapse_is_after_the_anchor(spec: Spec) -> None:
    spec("relapse", {"A": "Y", "B": None, "C": "Y", "D": None},
         subject=SUBJECTS, disease_episode=EPISODES)
    spec("relapse", {"A": 150, "C": None}, part="day", subject=SUBJECTS, disease_episode=EPISODES)
    spec("relapse", {"C": "the day of relapse is not recorded"}, part="note",
         subject=SUBJECTS, disease_episode=EPISODES)


def test_no_relapse_is_said_by_form_or_plan(spec: Spec) -> None:
    forms = """
        subject_id | form    | status
        B          | RELAPSE | COMPLETE
        D          | RELAPSE | NOT_COLLECTED
    """
    tables = {"subject": SUBJECTS, "disease_episode": EPISODES, "form_status": forms}
    spec("relapse", {"B": "N", "D": None}, **tables)
    spec("relapse", {"B": "N", "D": None}, records={"absent_means_none": ["RELAPSE"]}, **tables)


def test_transplanted(spec: Spec) -> None:
    graft = """
        subject_id | transplant_no | day
        B          | 1             | 90
    """
    spec("transplanted", {"A": "N", "B": "Y"}, subject=SUBJECTS, transplant=graft)
    spec("transplanted", {"B": 90}, part="day", subject=SUBJECTS, transplant=graft)
