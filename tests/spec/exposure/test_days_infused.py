"""Cycles and days of blinatumomab from segments. Day 0 is the first day of infusion."""

from tests.spec.conftest import Spec

TWO_CYCLES = """
    subject_id | cycle_no | segment_no | dose | start_day | end_day
    A          | 1        | 1          | 5    | 0         | 6
    A          | 1        | 2          | 15   | 7         | 27
    A          | 2        | 1          | 15   | 42        | 69
"""


def test_first_and_last_day_count(spec: Spec) -> None:
    spec("cycle_days_infused", {("A", 1): 28, ("A", 2): 28}, exposure=TWO_CYCLES)
    spec("days_infused", {"A": 56}, exposure=TWO_CYCLES)
    spec("cycles_given", {"A": 2}, exposure=TWO_CYCLES)


def test_a_day_shared_by_two_segments_counts_once(spec: Spec) -> None:
    spec("cycle_days_infused", {("A", 1): 28}, exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 5    | 0         | 7
        A          | 1        | 2          | 15   | 7         | 27
    """)


def test_time_elapsed_for_centres_that_record_when_a_pump_started(spec: Spec) -> None:
    spec("cycle_days_infused", {("A", 1): 28}, criteria="elapsed_days", exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 5    | 0         | 7
        A          | 1        | 2          | 15   | 7         | 28
    """)


def test_an_interruption_is_not_counted(spec: Spec) -> None:
    spec("cycle_days_infused", {("A", 1): 28}, exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 15   | 0         | 9
        A          | 1        | 2          | 15   | 15        | 32
    """)


def test_segments_that_overlap_are_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 5    | 0         | 8
        A          | 1        | 2          | 15   | 7         | 27
        A          | 2        | 1          | 15   | 42        | 69
        B          | 1        | 1          | 15   | 0         | 40
        B          | 1        | 2          | 15   | 3         | 4
        B          | 2        | 1          | 15   | 39        | 69
    """
    spec("cycle_days_infused", {("A", 1): None, ("A", 2): 28, ("B", 1): None, ("B", 2): None},
         exposure=exposure)
    spec("cycle_days_infused", {("A", 1): "infusion segments overlap", ("A", 2): None},
         part="note", exposure=exposure)
    spec("days_infused", {"A": None, "B": None}, exposure=exposure)


def test_missing_days_and_days_that_run_backwards_are_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 5    |           | 6
        A          | 1        | 2          | 15   | 7         | 27
        B          | 1        | 1          | 5    | 0         |
        C          | 1        | 1          | 5    | 6         | 0
        D          | 1        | 1          | 0    | 0         | 6
        E          | 1        | 1          |      | 0         | 6
    """
    spec("cycle_days_infused",
         {("A", 1): None, ("B", 1): None, ("C", 1): None, ("D", 1): None, ("E", 1): 7},
         exposure=exposure)
    spec("cycle_days_infused",
         {("A", 1): "a segment has no first or no last day",
          ("C", 1): "a segment ends before it starts",
          ("D", 1): "a segment has no dose above 0", ("E", 1): None},
         part="note", exposure=exposure)


def test_one_faulty_cycle_leaves_the_childs_days_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 15   | 0         | 27
        A          | 2        | 1          | 15   | 42        |
    """
    spec("days_infused", {"A": None}, exposure=exposure)
    spec("days_infused", {"A": "exposure:3"}, part="source", exposure=exposure)
    spec("cycles_given", {"A": 2}, exposure=exposure)


def test_a_cycle_that_is_missing_between_others_leaves_their_number_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 15   | 0         | 27
        A          | 3        | 1          | 15   | 84        | 111
        B          | 2        | 1          | 15   | 0         | 27
    """
    spec("cycles_given", {"A": None, "B": None, "C": None}, exposure=exposure)
    spec("days_infused", {"A": None, "B": None}, exposure=exposure)
    spec("cycle_days_infused", {("A", 1): 28, ("A", 3): 28}, exposure=exposure)


def test_a_segment_of_one_day_may_share_it_with_the_next(spec: Spec) -> None:
    spec("cycle_days_infused", {("A", 1): 28, ("B", 1): 1}, exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 5    | 0         | 6
        A          | 1        | 2          | 9    | 6         | 6
        A          | 1        | 3          | 15   | 6         | 27
        B          | 1        | 1          | 5    | 0         | 0
    """)
