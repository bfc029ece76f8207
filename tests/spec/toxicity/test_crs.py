"""Cytokine release syndrome: vectors of the ASTCT grades (definitions, 4.1), onset, waiver."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"
TOLD = {"absent_means_none": ["ADVERSE_EVENT"]}


@pytest.mark.parametrize(("signs", "grade"), [
    ("38.0 | NONE                 |   | NONE          |     | ", "1"),
    ("37.9 | NONE                 |   | NONE          |     | ", "0"),
    ("38.5 | FLUIDS               |   | NONE          |     | ", "2"),
    ("38.5 | NONE                 |   | NASAL_LOW     | 6   | ", "2"),
    ("38.5 | NONE                 |   | NASAL_LOW     | 6.1 | ", "3"),
    ("38.5 | NONE                 |   | NASAL_HIGH    | 6   | ", "2"),
    ("38.5 | NONE                 |   | NASAL_HIGH    |     | ", "3"),
    ("38.5 | NONE                 |   | BLOW_BY       | 8   | ", "2"),
    ("38.5 | NONE                 |   | MASK          |     | ", "3"),
    ("38.5 | NONE                 |   | NON_REBREATHER |    | ", "3"),
    ("38.5 | NONE                 |   | VENTURI       |     | ", "3"),
    ("38.5 | FLUIDS               |   | CPAP          |     | ", "4"),
    ("38.5 | ONE_VASOPRESSOR      | Y | NONE          |     | ", "3"),
    ("38.5 | SEVERAL_VASOPRESSORS |   | NONE          |     | ", "4"),
    ("38.5 | FLUIDS               | Y | NONE          |     | ", "3"),
    ("37.0 | SEVERAL_VASOPRESSORS |   | NONE          |     | ", "0"),
    ("39.0 | ONE_VASOPRESSOR      |   | MASK          |     | Y", "0"),
    ("39.0 |                      |   | NONE          |     | ", None),
    ("39.0 | NONE                 |   |               |     | ", None),
    ("39.0 |                      |   | VENTILATED    |     | ", "4"),
    ("     | NONE                 |   | NONE          |     | ", None),
    ("     | FLUIDS               |   | NONE          |     | ", None),
    ("37.9 |                      |   |               |     | ", "0"),
])
def test_the_grade_of_one_day(spec: Spec, signs: str, grade: str | None) -> None:
    spec("crs_grade", {("A", 1): grade}, exposure=CYCLE, toxicity_sign=(
        "subject_id | day | temperature_c | hypotension | vasopressin | oxygen | oxygen_l_min | "
        f"other_cause\nA | 3 | {signs}"))


def test_after_treatment_of_the_fever_it_is_no_longer_needed(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "3"}, exposure=CYCLE, toxicity_sign="""
        subject_id | day | temperature_c | hypotension     | oxygen | anticytokine_given
        A          | 1   | 39.5          | NONE            | NONE   | Y
        A          | 2   | 37.0          | ONE_VASOPRESSOR | NONE   | N
        A          | 3   | 36.8          | NONE            | NONE   | N
    """)


def test_what_organs_suffer_is_no_part_of_the_grade(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "1"}, exposure=CYCLE, toxicity_sign="""
        subject_id | day | temperature_c | hypotension | oxygen
        A          | 3   | 38.5          | NONE        | NONE
    """, adverse_event="""
        subject_id | event_no | group   | term             | grade | grading | start_day
        A          | 1        | CARDIAC | Heart failure    | 4     | CTCAE5  | 3
        A          | 2        | OTHER   | Pleural effusion | 4     | CTCAE5  | 3
    """)


def test_treatment_before_the_first_fever_waives_nothing(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "1"}, exposure=CYCLE, toxicity_sign="""
        subject_id | day | temperature_c | hypotension     | oxygen | anticytokine_given
        A          | 0   | 37.0          | NONE            | NONE   | Y
        A          | 2   | 37.0          | ONE_VASOPRESSOR | NONE   | N
        A          | 3   | 38.8          | NONE            | NONE   | N
        A          | 4   | 37.2          | FLUIDS          | NONE   | N
    """)


def test_whether_it_was_treated_may_be_unknown(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "1"}, part="value", exposure=CYCLE, toxicity_sign="""
        subject_id | day | temperature_c | hypotension     | oxygen | anticytokine_given
        A          | 1   | 38.8          | NONE            | NONE   |
        A          | 2   | 37.0          | ONE_VASOPRESSOR | NONE   |
    """)
    spec("crs_grade", {("A", 1): "at least this grade: not everything that was recorded could "
                                 "be graded"},
         part="note", exposure=CYCLE, toxicity_sign="""
        subject_id | day | temperature_c | hypotension     | oxygen | anticytokine_given
        A          | 1   | 38.8          | NONE            | NONE   |
        A          | 2   | 37.0          | ONE_VASOPRESSOR | NONE   |
    """)


TWO = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 28
    A          | 2        | 1          | 42        | 70
"""
DAYS = """
    subject_id | day | temperature_c | hypotension     | oxygen    | oxygen_l_min
    A          | -1  | 40.0          | ONE_VASOPRESSOR | NONE      |
    A          | 2   | 38.5          | NONE            | NONE      |
    A          | 4   | 39.5          | FLUIDS          | NONE      |
    A          | 5   | 39.0          | NONE            | NASAL_LOW | 2
    A          | 42  | 38.1          | NONE            | NONE      |
    A          | 101 | 39.5          | ONE_VASOPRESSOR | NONE      |
"""


def test_the_worst_of_each_cycle_and_of_all(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "2", ("A", 2): "1"}, exposure=TWO, toxicity_sign=DAYS)
    spec("crs_grade_worst", {"A": "2", "B": None}, exposure=TWO, toxicity_sign=DAYS,
         subject="subject_id | site_id\nA | 1\nB | 1")


def test_days_count_from_the_cycle_and_for_the_child_from_day_0(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): 4, ("A", 2): 0}, part="day", exposure=TWO, toxicity_sign=DAYS)
    spec("crs_onset", {("A", 1): 2, ("A", 2): 0}, exposure=TWO, toxicity_sign=DAYS)
    spec("crs_grade_worst", {"A": 4}, part="day", exposure=TWO, toxicity_sign=DAYS,
         subject="subject_id | site_id\nA | 1")


def test_the_source_is_the_day_that_decides(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "toxicity_sign:4", ("A", 2): "toxicity_sign:6"}, part="source",
         exposure=TWO, toxicity_sign=DAYS)


EVENTS = """
    subject_id | event_no | group | grade | grading   | start_day | cycle_no
    A          | 1        | CRS   | 3     | ASTCT2019 | 3         |
    B          | 1        | CRS   | 2     | CTCAE5    | 3         |
    C          | 1        | CRS   | 2     |           | 3         |
    D          | 1        | CRS   | 5     | ASTCT2019 |           | 1
    E          | 1        | CRS   | 3     | ASTCT2019 | 90        | 1
    F          | 1        | CRS   | 2     | ASTCT2019 | 1         |
    F          | 2        | CRS   | 3     | CTCAE5    | 1         |
"""
CYCLES = "\n".join(["subject_id | cycle_no | segment_no | start_day | end_day",
                    *(f"{subject} | 1 | 1 | 0 | 28" for subject in "ABCDEFG")])
REPORTED = "reported by the centre"


def test_without_signs_the_grade_is_the_centres(spec: Spec) -> None:
    spec("crs_grade", {("A", 1): "3", ("B", 1): None, ("C", 1): None, ("D", 1): "5",
                       ("E", 1): None, ("F", 1): "2", ("G", 1): None},
         exposure=CYCLES, adverse_event=EVENTS)
    spec("crs_grade", {("A", 1): REPORTED, ("B", 1): None}, part="how",
         exposure=CYCLES, adverse_event=EVENTS)


def test_the_ctcae_grade_is_another_field(spec: Spec) -> None:
    spec("crs_ctcae_grade", {("A", 1): None, ("B", 1): "2", ("C", 1): None, ("F", 1): "3"},
         exposure=CYCLES, adverse_event=EVENTS)


def test_no_event_means_none_only_where_the_child_was_asked(spec: Spec) -> None:
    spec("crs_grade", {("E", 1): "0", ("G", 1): "0", ("A", 1): "3"}, exposure=CYCLES,
         adverse_event=EVENTS, records=TOLD)
    spec("crs_grade", {("E", 1): None, ("G", 1): "0"}, exposure=CYCLES, adverse_event=EVENTS,
         form_status="""
            subject_id | form          | status
            E          | ADVERSE_EVENT | NOT_COLLECTED
            G          | ADVERSE_EVENT | COMPLETE
         """)


def test_signs_win_over_the_report_and_the_difference_is_said(spec: Spec) -> None:
    signs = "subject_id | day | temperature_c | hypotension | oxygen\nA | 3 | 38.9 | FLUIDS | NONE"
    spec("crs_grade", {("A", 1): "2"}, exposure=CYCLES, adverse_event=EVENTS, toxicity_sign=signs)
    spec("crs_grade", {("A", 1): "the centre reported another grade"}, part="note",
         exposure=CYCLES, adverse_event=EVENTS, toxicity_sign=signs)
    spec("crs_grade", {("A", 1): "the centre reported none"}, part="note", records=TOLD,
         exposure=CYCLE, toxicity_sign=signs)


def test_a_report_on_days_without_signs_stands(spec: Spec) -> None:
    signs = "subject_id | day | temperature_c | hypotension | oxygen\nA | 2 | 38.9 | FLUIDS | NONE"
    spec("crs_grade", {("A", 1): "3"}, exposure=CYCLES, adverse_event=EVENTS, toxicity_sign=signs)
    spec("crs_grade", {("A", 1): REPORTED}, part="how", exposure=CYCLES, adverse_event=EVENTS,
         toxicity_sign=signs)


def test_signs_that_do_not_decide_leave_it_to_the_report(spec: Spec) -> None:
    signs = "subject_id | day | temperature_c | hypotension | oxygen\nA | 3 | 38.9 | FLUIDS |"
    spec("crs_grade", {("A", 1): "3"}, exposure=CYCLES, adverse_event=EVENTS, toxicity_sign=signs)


def test_a_death_counts_although_signs_were_recorded(spec: Spec) -> None:
    signs = "subject_id | day | temperature_c | hypotension | oxygen\nD | 3 | 38.9 | FLUIDS | NONE"
    spec("crs_grade", {("D", 1): "5"}, exposure=CYCLES, adverse_event=EVENTS, toxicity_sign=signs)


def test_an_event_without_day_and_cycle_counts_for_the_child_only(spec: Spec) -> None:
    event = "subject_id | event_no | group | grade | grading\nA | 1 | CRS | 2 | ASTCT2019"
    spec("crs_grade", {("A", 1): None, ("A", 2): None}, exposure=TWO, adverse_event=event,
         records=TOLD)
    spec("crs_grade_worst", {"A": "2"}, exposure=TWO, adverse_event=event, records=TOLD,
         subject="subject_id | site_id\nA | 1")
    spec("crs_grade_worst", {"A": None}, part="day", exposure=TWO, adverse_event=event,
         records=TOLD, subject="subject_id | site_id\nA | 1")


def test_a_child_is_free_of_it_only_if_every_cycle_is(spec: Spec) -> None:
    first = "subject_id | day | temperature_c | hypotension | oxygen\nA | 2 | 37.0 | NONE | NONE"
    spec("crs_grade_worst", {"A": None}, exposure=TWO, toxicity_sign=first,
         subject="subject_id | site_id\nA | 1")
    spec("crs_grade_worst", {"A": "0"}, exposure=TWO, toxicity_sign=first, records=TOLD,
         subject="subject_id | site_id\nA | 1")
