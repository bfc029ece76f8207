"""Graft-versus-host disease as graded by the centre, and what its absence means."""

from tests.spec.conftest import Spec

GRAFTS = "\n".join(["subject_id | transplant_no | day",
                    *(f"{subject} | 1 | 50" for subject in "ABCDEFG")])
ROWS = """
    subject_id | gvhd_no | kind    | onset_day | max_grade
    A          | 1       | ACUTE   | 80        | II
    B          | 1       | ACUTE   | 75        | I
    C          | 1       | ACUTE   | 90        |
    D          | 1       | ACUTE   |           | III_IV
    E          | 1       | CHRONIC | 200       | MODERATE
    F          | 1       | CHRONIC | 210       | EXTENSIVE
"""
FORMS = """
    subject_id | form       | status
    E          | ACUTE_GVHD | COMPLETE
    F          | ACUTE_GVHD | NOT_COLLECTED
"""


def test_grades_two_to_four(spec: Spec) -> None:
    spec("acute_gvhd_2_4", {"A": "Y", "B": "N", "C": None, "D": "Y", "E": "N", "F": None,
                            "G": None},
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)


def test_grades_three_and_four(spec: Spec) -> None:
    spec("acute_gvhd_3_4", {"A": "N", "B": "N", "C": None, "D": "Y"},
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)


def test_any_grade_and_any_form(spec: Spec) -> None:
    # Disease with its day is some grade of it; C was not graded.
    spec("acute_gvhd", {"A": "Y", "B": "Y", "C": "Y", "D": "Y", "E": "N", "G": None},
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)
    spec("acute_gvhd", {"A": 30, "B": 25, "C": 40}, part="day",
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)
    spec("chronic_gvhd", {"A": None, "E": "Y", "F": "Y"}, transplant=GRAFTS, gvhd=ROWS)
    spec("chronic_gvhd", {"A": "N"}, records={"absent_means_none": ["CHRONIC_GVHD"]},
         transplant=GRAFTS, gvhd=ROWS)


def test_a_row_without_grade_and_day_leaves_any_grade_unknown(spec: Spec) -> None:
    rows = """
        subject_id | gvhd_no | kind    | onset_day | max_grade
        A          | 1       | CHRONIC | 200       |
        B          | 1       | CHRONIC |           |
    """
    spec("chronic_gvhd", {"A": "Y", "B": None}, transplant=GRAFTS, gvhd=rows)


def test_the_plan_may_read_absence_as_none_but_not_against_a_form(spec: Spec) -> None:
    spec("acute_gvhd_2_4", {"G": "N", "F": None}, records={"absent_means_none": ["ACUTE_GVHD"]},
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)


def test_onset_counts_from_the_graft(spec: Spec) -> None:
    spec("acute_gvhd_2_4", {"A": 30, "D": None}, part="day",
         transplant=GRAFTS, gvhd=ROWS, form_status=FORMS)


def test_a_grade_of_another_system_is_unknown(spec: Spec) -> None:
    spec("chronic_gvhd_extensive", {"E": None, "F": "Y"}, transplant=GRAFTS, gvhd=ROWS)
    spec("chronic_gvhd_moderate_severe", {"E": "Y", "F": None}, transplant=GRAFTS, gvhd=ROWS)


def test_children_without_a_graft_are_not_asked(spec: Spec) -> None:
    spec("acute_gvhd_2_4", {"Z": None}, records={"absent_means_none": ["ACUTE_GVHD"]},
         subject="subject_id | site_id\nZ | 1", gvhd=ROWS)


def test_disease_belongs_to_the_graft_it_followed(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | -200
        A          | 2             | 50
        A          | 3             | 300
        B          | 1             | -200
        B          | 2             | 50
        C          | 1             | 50
        C          | 2             | 300
        D          | 1             | 50
    """
    rows = """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | -150      | III
        A          | 2       | ACUTE | 300       | III
        B          | 1       | ACUTE | 49        | III
        B          | 2       | ACUTE | 50        | II
        C          | 1       | ACUTE | 299       | II
    """
    told = {"absent_means_none": ["ACUTE_GVHD"]}
    spec("acute_gvhd_2_4", {"A": "N", "B": "Y", "C": "Y", "D": "N"}, records=told,
         transplant=grafts, gvhd=rows)
    spec("acute_gvhd_2_4", {"B": 0, "C": 249}, part="day", transplant=grafts, gvhd=rows)
    spec("acute_gvhd_2_4", {"A": None, "D": None}, transplant=grafts, gvhd=rows)


def test_the_source_is_the_row_that_decides(spec: Spec) -> None:
    rows = "\n".join(["subject_id | gvhd_no | kind | onset_day | max_grade",
                      *(f"A | {number} | ACUTE | {200 - number} | II" for number in range(1, 12))])
    spec("acute_gvhd_2_4", {"A": "gvhd:12"}, part="source", transplant=GRAFTS, gvhd=rows)
