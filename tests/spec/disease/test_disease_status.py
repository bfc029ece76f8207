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
    spec("relapse", {"C": "relapse known without its day"}, part="note",
         subject=SUBJECTS, disease_episode=EPISODES)


def test_an_undated_relapse_with_a_higher_number_came_later(spec: Spec) -> None:
    episodes = """
        subject_id | episode_no | phase   | start_day
        A          | 2          | RELAPSE | 150
        A          | 3          | RELAPSE |
        B          | 2          | RELAPSE |
        B          | 3          | RELAPSE | 150
    """
    spec("relapse", {"A": 150, "B": None}, part="day", subject=SUBJECTS, disease_episode=episodes)
    spec("relapse", {"A": None, "B": "relapse known without its day"}, part="note",
         subject=SUBJECTS, disease_episode=episodes)


def test_the_first_of_two_initial_diagnoses_is_taken(spec: Spec) -> None:
    spec("diagnosis", {"A": "B_ALL"}, disease_episode="""
        subject_id | episode_no | phase             | diagnosis
        A          | 2          | INITIAL_DIAGNOSIS | T_ALL
        A          | 1          | INITIAL_DIAGNOSIS | B_ALL
    """)


def test_relapse_after_transplant(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | -30
        A          | 2             | 100
        B          | 1             | 100
        C          | 1             | 100
        D          | 1             | 100
        E          | 1             |
        F          | 1             | 100
    """
    episodes = """
        subject_id | episode_no | phase   | start_day
        A          | 2          | RELAPSE | 100
        A          | 3          | RELAPSE | 101
        B          | 2          | RELAPSE | 100
        C          | 2          | RELAPSE |
        E          | 2          | RELAPSE | 50
        G          | 2          | RELAPSE | 150
    """
    forms = """
        subject_id | form    | status
        B          | RELAPSE | COMPLETE
        C          | RELAPSE | COMPLETE
        F          | RELAPSE | NOT_COLLECTED
    """
    tables = {"transplant": grafts, "disease_episode": episodes, "form_status": forms}
    # B: on the day of the graft itself; C: without its day; D: never asked; E: the graft has no
    # day; G: no graft.
    spec("relapse_after_transplant", {"A": "Y", "B": "N", "C": None, "D": None, "E": None,
                                      "F": None, "G": None}, **tables)
    spec("relapse_after_transplant", {"A": 1, "B": None}, part="day", **tables)
    spec("relapse_after_transplant", {"D": "N", "F": None},
         records={"absent_means_none": ["RELAPSE"]}, **tables)


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


def test_the_index_graft_is_the_first_on_or_after_day_0(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | -1
        A          | 2             | 120
        A          | 3             | 90
        B          | 1             | -1
        C          | 1             | 0
        D          | 1             |
        D          | 2             | 60
    """
    spec("transplanted", {"A": "Y", "B": "N", "C": "Y", "D": "Y"},
         subject=SUBJECTS, transplant=grafts)
    spec("transplanted", {"A": 90, "B": None, "C": 0, "D": 60}, part="day",
         subject=SUBJECTS, transplant=grafts)
