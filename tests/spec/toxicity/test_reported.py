"""Adverse events as the centre graded them. Definitions, 4.4."""

from tests.spec.conftest import Spec

CYCLES = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 28
    A          | 2        | 1          | 42        | 70
    B          | 1        | 1          | 0         | 28
"""
EVENTS = """
    subject_id | event_no | group     | grade | grading | start_day
    A          | 1        | INFECTION | 2     | CTCAE5  | 41
    A          | 2        | INFECTION | 4     | CTCAE5  | 42
    A          | 3        | INFECTION | 5     | CTCAE5  | 101
    A          | 4        | CYTOPENIA | 4     | CTCAE5  | 20
    B          | 1        | INFECTION | 3     |         | 20
    B          | 2        | INFECTION | 2     | CTCAE5  | 21
"""
SUBJECTS = "subject_id | site_id\nA | 1\nB | 1"


def test_the_worst_of_each_cycle_and_child(spec: Spec) -> None:
    spec("infection_ctcae_grade", {("A", 1): "2", ("A", 2): "4", ("B", 1): "2"},
         exposure=CYCLES, adverse_event=EVENTS)
    spec("infection_ctcae_grade_worst", {"A": "4", "B": "2"}, subject=SUBJECTS,
         exposure=CYCLES, adverse_event=EVENTS)
    spec("infection_ctcae_grade_worst", {"A": 42}, part="day", subject=SUBJECTS,
         exposure=CYCLES, adverse_event=EVENTS)


def test_a_grade_without_its_system_is_not_read(spec: Spec) -> None:
    spec("infection_ctcae_grade", {("B", 1): "at least this grade: not everything that was "
                                             "recorded could be graded"},
         part="note", exposure=CYCLES, adverse_event=EVENTS)
    spec("infection_ctcae_grade", {("A", 1): None}, exposure=CYCLES, adverse_event="""
        subject_id | event_no | group     | grade | grading | start_day
        A          | 1        | INFECTION | 3     |         | 20
    """)


def test_none_of_a_group_where_the_child_was_asked(spec: Spec) -> None:
    forms = "subject_id | form | status\nA | ADVERSE_EVENT | COMPLETE"
    spec("hepatic_ctcae_grade", {("A", 1): "0", ("A", 2): "0", ("B", 1): None},
         exposure=CYCLES, adverse_event=EVENTS, form_status=forms)
    spec("cytopenia_ctcae_grade_worst", {"A": "4", "B": None}, subject=SUBJECTS,
         exposure=CYCLES, adverse_event=EVENTS, form_status=forms)


def test_the_day_decides_over_the_cycle_the_centre_named(spec: Spec) -> None:
    spec("infection_ctcae_grade", {("A", 1): "0", ("A", 2): "3"}, exposure=CYCLES,
         records={"absent_means_none": ["ADVERSE_EVENT"]}, adverse_event="""
            subject_id | event_no | group     | grade | grading | start_day | cycle_no
            A          | 1        | INFECTION | 3     | CTCAE5  | 50        | 1
            A          | 2        | INFECTION | 2     | CTCAE5  |           | 2
         """)


def test_a_positive_culture_in_a_well_child_is_grade_two(spec: Spec) -> None:
    spec("infection_ctcae_grade", {("A", 1): "2"}, exposure=CYCLES, adverse_event="""
        subject_id | event_no | term        | group     | grade | grading | start_day
        A          | 1        | Bacteraemia | INFECTION | 2     | CTCAE5  | 9
    """)
