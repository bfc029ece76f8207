"""Which days count as toxicity of a cycle."""

from tests.spec.conftest import Spec

TWO_CYCLES = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 7
    A          | 1        | 2          | 7         | 28
    A          | 2        | 1          | 42        | 70
"""


def test_a_cycle_ends_before_the_next_and_the_last_after_thirty_days(spec: Spec) -> None:
    spec("toxicity_window_end", {("A", 1): 41, ("A", 2): 100}, exposure=TWO_CYCLES)


def test_a_new_therapy_ends_it(spec: Spec) -> None:
    spec("toxicity_window_end", {("A", 1): 34, ("A", 2): 89}, exposure=TWO_CYCLES,
         treatment_line="""
            subject_id | line_no | start_day
            A          | 1       | -200
            A          | 2       | 35
         """,
         transplant="subject_id | transplant_no | day\nA | 1 | 95",
         drug_dose="""
            subject_id | dose_no | purpose      | start_day
            A          | 1       | INTRATHECAL  | 30
            A          | 2       | CONDITIONING | 90
         """)


def test_a_therapy_on_the_last_day_of_infusion_leaves_that_day(spec: Spec) -> None:
    spec("toxicity_window_end", {("A", 2): 70}, exposure=TWO_CYCLES,
         cell_therapy="subject_id | therapy_no | day\nA | 1 | 70")
    spec("toxicity_window_end", {("A", 2): 100}, exposure=TWO_CYCLES,
         cell_therapy="subject_id | therapy_no | day\nA | 1 | 69")


def test_without_the_end_of_the_infusion_thirty_days_from_the_start_are_read(spec: Spec) -> None:
    spec("toxicity_window_end", {("A", 1): 30, ("B", 1): 37}, exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 7
        A          | 1        | 2          | 7         |
        B          | 1        | 1          | 0         |
        B          | 1        | 2          | 3         | 7
    """)


def test_a_cycle_without_its_first_day_is_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          |           | 7
        A          | 1        | 2          | 7         | 28
        A          | 2        | 1          | 42        | 70
    """
    spec("toxicity_window_end", {("A", 1): None, ("A", 2): 100}, exposure=exposure)
    spec("toxicity_window_end", {("A", 1): "the first day of the cycle is not known",
                                 ("A", 2): None}, part="note", exposure=exposure)


def test_cycles_whose_infusions_overlap_say_so(spec: Spec) -> None:
    overlapping = """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 28
        A          | 2        | 1          | 27        | 50
        B          | 1        | 1          | 0         | 28
        B          | 2        | 1          | 28        | 50
    """
    said = "the infusions of two cycles overlap"
    spec("toxicity_window_end", {("A", 1): said, ("A", 2): said, ("B", 1): None, ("B", 2): None},
         part="note", exposure=overlapping)
    spec("infection_ctcae_grade", {("A", 1): None, ("B", 1): "3"}, exposure=overlapping,
         adverse_event="""
            subject_id | event_no | group     | grade | grading | start_day
            A          | 1        | INFECTION | 3     | CTCAE5  | 10
            B          | 1        | INFECTION | 3     | CTCAE5  | 10
         """)
