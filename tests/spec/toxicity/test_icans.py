"""ICANS: vectors of the ASTCT grades (definitions, 4.2), and which score belongs to which age."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"
HEAD = ("subject_id | day | ice_score | capd_score | consciousness | seizure | motor_weakness | "
        "raised_icp | other_cause\nA | 3 | ")
FOURTEEN = "subject_id | site_id | age_at_index_days\nA | 1 | 5113"
EIGHT = "subject_id | site_id | age_at_index_days\nA | 1 | 2922"


@pytest.mark.parametrize(("signs", "grade"), [
    ("10 | | AWAKE       | NONE          | NONE  | NONE           |  ", "0"),
    ("9  | | AWAKE       | NONE          | NONE  | NONE           |  ", "1"),
    ("7  | | AWAKE       | NONE          | NONE  | NONE           |  ", "1"),
    ("6  | | AWAKE       | NONE          | NONE  | NONE           |  ", "2"),
    ("3  | | AWAKE       | NONE          | NONE  | NONE           |  ", "2"),
    ("2  | | AWAKE       | NONE          | NONE  | NONE           |  ", "3"),
    ("0  | | AWAKE       | NONE          | NONE  | NONE           |  ", "3"),
    ("0  | | UNAROUSABLE | NONE          | NONE  | NONE           |  ", "4"),
    ("   | | UNAROUSABLE |               |       |                |  ", "4"),
    ("9  | | AWAKE       | BRIEF         | NONE  | NONE           |  ", "3"),
    ("9  | | AWAKE       | NONCONVULSIVE | NONE  | NONE           |  ", "3"),
    ("9  | | AWAKE       | PROLONGED     | NONE  | NONE           |  ", "4"),
    ("9  | | AWAKE       | REPETITIVE    | NONE  | NONE           |  ", "4"),
    ("10 | | AWAKE       | NONE          | FOCAL | NONE           |  ", "4"),
    ("10 | | AWAKE       | NONE          | NONE  | FOCAL_OEDEMA   |  ", "3"),
    ("10 | | AWAKE       | NONE          | NONE  | DIFFUSE_OEDEMA |  ", "4"),
    ("10 | | TACTILE     | NONE          | NONE  | NONE           |  ", "3"),
    ("4  | | TO_VOICE    | NONE          | NONE  | NONE           | Y", "0"),
    ("10 | |             | NONE          | NONE  | NONE           |  ", None),
    ("   | | AWAKE       | NONE          | NONE  | NONE           |  ", None),
    ("11 | | AWAKE       | NONE          | NONE  | NONE           |  ", None),
    ("   | |             |               |       |                |  ", None),
])
def test_the_grade_of_one_day_from_twelve_years_on(
    spec: Spec, signs: str, grade: str | None
) -> None:
    spec("icans_grade", {("A", 1): grade}, subject=FOURTEEN, exposure=CYCLE,
         toxicity_sign=HEAD + signs)


@pytest.mark.parametrize(("signs", "grade"), [
    ("| 0  | AWAKE    | NONE | NONE | NONE |", "0"),
    ("| 1  | AWAKE    | NONE | NONE | NONE |", "1"),
    ("| 8  | AWAKE    | NONE | NONE | NONE |", "1"),
    ("| 8  | TO_VOICE | NONE | NONE | NONE |", "2"),
    ("| 9  | AWAKE    | NONE | NONE | NONE |", "3"),
    ("| 33 | AWAKE    | NONE | NONE | NONE |", None),
    ("5 |  | AWAKE    | NONE | NONE | NONE |", None),
])
def test_the_grade_of_one_day_under_twelve_years(
    spec: Spec, signs: str, grade: str | None
) -> None:
    spec("icans_grade", {("A", 1): grade}, subject=EIGHT, exposure=CYCLE,
         toxicity_sign=HEAD + signs)


@pytest.mark.parametrize(("age", "grade"), [
    ("4379 |", "3"), ("4380 |", "1"), ("     | 12.5", "1"), ("     | 11.9", "3"), ("|", None),
])
def test_the_score_changes_with_the_twelfth_birthday(
    spec: Spec, age: str, grade: str | None
) -> None:
    spec("icans_grade", {("A", 1): grade}, exposure=CYCLE,
         subject=f"subject_id | site_id | age_at_index_days | age_at_index_years_reported\n"
                 f"A | 1 | {age}",
         toxicity_sign=f"{HEAD}8 | 9 | AWAKE | NONE | NONE | NONE |")


def test_an_older_child_without_the_score_is_graded_by_the_other(spec: Spec) -> None:
    spec("icans_grade", {("A", 1): "3"}, subject=FOURTEEN, exposure=CYCLE,
         toxicity_sign=f"{HEAD}| 9 | AWAKE | NONE | NONE | NONE |")


def test_signs_of_another_syndrome_say_nothing(spec: Spec) -> None:
    fever = "subject_id | day | temperature_c\nA | 3 | 39.0"
    spec("icans_grade", {("A", 1): None}, subject=EIGHT, exposure=CYCLE, toxicity_sign=fever)
    spec("icans_grade", {("A", 1): "0"}, subject=EIGHT, exposure=CYCLE, toxicity_sign=fever,
         records={"absent_means_none": ["ADVERSE_EVENT"]})


def test_tremor_and_haemorrhage_alone_are_none(spec: Spec) -> None:
    spec("icans_grade", {("A", 1): "0"}, subject=FOURTEEN, exposure=CYCLE,
         toxicity_sign=f"{HEAD}10 | | AWAKE | NONE | NONE | NONE |", adverse_event="""
        subject_id | event_no | group         | term                    | grade | grading
        A          | 1        | NEUROTOXICITY | Tremor                  | 2     | CTCAE5
        A          | 2        | NEUROTOXICITY | Intracranial hemorrhage | 3     | CTCAE5
    """)


def test_onset_and_worst_day(spec: Spec) -> None:
    days = """
        subject_id | day | ice_score | consciousness | seizure | motor_weakness | raised_icp
        A          | 2   | 10        | AWAKE         | NONE    | NONE           | NONE
        A          | 3   | 8         | AWAKE         | NONE    | NONE           | NONE
        A          | 5   | 4         | TO_VOICE      | NONE    | NONE           | NONE
    """
    spec("icans_onset", {("A", 1): 3}, subject=FOURTEEN, exposure=CYCLE, toxicity_sign=days)
    spec("icans_grade", {("A", 1): 5}, part="day", subject=FOURTEEN, exposure=CYCLE,
         toxicity_sign=days)
    spec("icans_grade_worst", {"A": "2"}, subject=FOURTEEN, exposure=CYCLE, toxicity_sign=days)


def test_the_centres_grade_stands_without_signs(spec: Spec) -> None:
    spec("icans_grade", {("A", 1): "2"}, subject=EIGHT, exposure=CYCLE, adverse_event="""
        subject_id | event_no | group         | grade | grading   | start_day
        A          | 1        | ICANS         | 2     | ASTCT2019 | 4
        A          | 2        | NEUROTOXICITY | 3     | CTCAE5    | 4
    """)
