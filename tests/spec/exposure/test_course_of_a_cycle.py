"""Step-up, length, early stop and premedication of a cycle."""

import pytest

from tests.spec.conftest import Spec


def test_a_cycle_that_begins_lower_than_it_reaches_is_stepped_up(spec: Spec) -> None:
    spec("step_up", {("A", 1): "Y", ("A", 2): "N", ("B", 1): "N", ("C", 1): "Y"}, exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day
        A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6
        A          | 1        | 2          | 15   | ug/m2/d   | 7         | 27
        A          | 2        | 1          | 15   | ug/m2/d   | 42        | 69
        B          | 1        | 1          | 15   | ug/m2/d   | 0         | 9
        B          | 1        | 2          | 5    | ug/m2/d   | 12        | 18
        B          | 1        | 3          | 15   | ug/m2/d   | 19        | 27
        C          | 1        | 1          | 9    | ug/d      |           |
        C          | 1        | 2          | 28   | ug/d      | 7         |
    """)


def test_a_step_cannot_be_told_from_doses_that_cannot_be_compared(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day
        A          | 1        | 1          | 5    | ug/m2/d   | 0
        A          | 1        | 2          | 28   | ug/d      | 7
        B          | 1        | 1          |      | ug/d      | 0
        B          | 1        | 2          | 28   | ug/d      | 7
        C          | 1        | 1          | 9    | ug/d      | 7
        C          | 1        | 2          | 28   | ug/d      | 0
        D          | 1        | 1          | 0    | ug/d      | 0
    """
    spec("step_up", {("A", 1): None, ("B", 1): None, ("C", 1): None, ("D", 1): None},
         exposure=exposure)
    spec("step_up", {("A", 1): "the doses of the cycle are not in one unit",
                     ("B", 1): "a dose of the cycle is missing",
                     ("C", 1): "the numbers of the segments do not follow their days",
                     ("D", 1): "a segment has no dose above 0"},
         part="note", exposure=exposure)


def test_a_missing_dose_matters_only_where_no_other_shows_the_step(spec: Spec) -> None:
    spec("step_up", {("A", 1): "Y", ("B", 1): None, ("C", 1): "N", ("D", 1): None}, exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day
        A          | 1        | 1          | 5    | ug/m2/d   | 0
        A          | 1        | 2          | 15   | ug/m2/d   | 7
        A          | 1        | 3          |      | ug/m2/d   | 14
        B          | 1        | 1          | 15   | ug/m2/d   | 0
        B          | 1        | 2          |      | ug/m2/d   | 7
        C          | 1        | 1          | 15   |           | 0
        D          | 1        | 1          |      | ug/d      | 0
    """)


@pytest.mark.parametrize(("last_day", "group"), [
    (5, "UNDER_7"), (6, "DAYS_14"), (13, "DAYS_14"), (16, "DAYS_14"), (17, "DAYS_21_28"),
    (27, "DAYS_21_28"), (30, "DAYS_21_28"), (31, "OVER_31"),
])
def test_length_is_the_nearer_regimen(spec: Spec, last_day: int, group: str) -> None:
    exposure = f"""
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 15   | 0         | {last_day}
    """
    spec("regimen_length", {"A": group}, exposure=exposure)
    spec("cycle_regimen_length", {("A", 1): group}, exposure=exposure)


def test_length_of_a_child_is_that_of_the_first_cycle(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | start_day | end_day
        A          | 1        | 1          | 15   | 0         | 13
        A          | 2        | 1          | 15   | 28        | 55
        B          | 2        | 1          | 15   | 28        | 55
        C          | 1        | 1          | 15   | 0         |
    """
    spec("regimen_length", {"A": "DAYS_14", "B": None, "C": None}, exposure=exposure)
    spec("cycle_regimen_length", {("A", 2): "DAYS_21_28", ("B", 2): "DAYS_21_28"},
         exposure=exposure)


def test_length_as_planned(spec: Spec) -> None:
    spec("regimen_length", {"A": "DAYS_21_28", "B": None, "C": None}, criteria="planned",
         exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day | planned_days
        A          | 1        | 1          | 5    | 0         | 6       |
        A          | 1        | 2          | 15   | 7         | 13      | 28
        B          | 1        | 1          | 15   | 0         | 13      |
        C          | 1        | 1          | 5    | 0         | 6       | 14
        C          | 1        | 2          | 15   | 7         | 13      | 28
    """)


STOPS = """
    subject_id | cycle_no | segment_no | dose | start_day | end_day | planned_days | end_reason
    A          | 1        | 1          | 15   | 0         | 27      | 28           | COMPLETED
    B          | 1        | 1          | 15   | 0         | 14      | 28           | RESPONSE
    C          | 1        | 1          | 15   | 0         | 14      | 28           |
    D          | 1        | 1          | 15   | 0         | 14      | 28           | COMPLETED
    E          | 1        | 1          | 15   | 0         | 27      | 28           | COST
    F          | 1        | 1          | 15   | 0         |         | 28           | COST
    G          | 1        | 1          | 15   | 0         | 14      |              | COMPLETED
    H          | 1        | 1          | 15   | 0         | 14      |              |
"""


def test_a_cycle_with_fewer_days_than_planned_was_stopped_early(spec: Spec) -> None:
    spec("stopped_early", {("A", 1): "N", ("B", 1): "Y", ("C", 1): "Y", ("D", 1): None,
                           ("E", 1): "N", ("F", 1): "Y", ("G", 1): "N", ("H", 1): None},
         exposure=STOPS)


def test_the_day_of_the_stop_is_the_last_of_infusion(spec: Spec) -> None:
    spec("stopped_early", {("A", 1): None, ("B", 1): 14, ("F", 1): None}, part="day",
         exposure=STOPS)


def test_why_an_early_stop_cannot_be_told(spec: Spec) -> None:
    spec("stopped_early",
         {("D", 1): "recorded as completed, but with fewer days than planned",
          ("H", 1): "neither the days with the plan nor the reason are known", ("B", 1): None},
         part="note", exposure=STOPS)


def test_the_reason_is_that_of_the_last_segment(spec: Spec) -> None:
    spec("early_stop_reason", {("A", 1): "NONE", ("B", 1): "RESPONSE", ("C", 1): None,
                               ("D", 1): None, ("E", 1): "NONE", ("F", 1): "COST",
                               ("G", 1): "NONE", ("H", 1): None}, exposure=STOPS)
    spec("early_stop_reason", {("A", 1): "OTHER"}, exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day | planned_days | end_reason
        A          | 1        | 1          | 15   | 0         | 6       | 28           | COST
        A          | 1        | 2          | 15   | 9         | 14      |              | OTHER
    """)


def test_plans_that_differ_within_a_cycle_leave_the_stop_unknown(spec: Spec) -> None:
    spec("stopped_early", {("A", 1): None}, exposure="""
        subject_id | cycle_no | segment_no | dose | start_day | end_day | planned_days | end_reason
        A          | 1        | 1          | 15   | 0         | 6       | 14           |
        A          | 1        | 2          | 15   | 7         | 13      | 28           | COMPLETED
    """)


GIVEN = """
    subject_id | cycle_no | segment_no | dexamethasone_mg_m2
    A          | 1        | 1          | 4.99
    B          | 1        | 1          | 5
    C          | 1        | 1          | 10
    D          | 1        | 1          | 0
    E          | 1        | 1          |
    F          | 1        | 1          |
    F          | 1        | 2          | 5
    G          | 1        | 2          | 0
"""


@pytest.mark.parametrize(("criteria", "yes"), [
    ("any_dose", "ABCF"), ("zhang_2025", "BCF"), ("us_label", "BCF"), ("ema_type", "C"),
])
def test_dexamethasone_by_the_least_dose_that_counts(
    spec: Spec, criteria: str, yes: str
) -> None:
    spec("dexamethasone_premedication",
         {(subject, 1): "Y" if subject in yes else "N" for subject in "ABCDG"},
         criteria=criteria, exposure=GIVEN)


def test_dexamethasone_that_is_not_recorded_is_unknown(spec: Spec) -> None:
    spec("dexamethasone_premedication", {("E", 1): None, ("F", 1): "Y"}, exposure=GIVEN)
    spec("dexamethasone_premedication", {("F", 1): None}, criteria="ema_type", exposure=GIVEN)
    spec("dexamethasone_premedication", {("E", 1): "not recorded for the first segment"},
         part="note", exposure=GIVEN)


INFUSED = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 27"
SIZES = """
    subject_id | test   | unit | sequence | day | value
    A          | WEIGHT | kg   | 1        | -1  | 20
    A          | HEIGHT | cm   | 1        | -1  | 115.2
"""


@pytest.mark.parametrize(("dose", "unit", "day", "us", "ema"), [
    # 20 kg and 115.2 cm are 0.8 m²: 4 mg are 5 mg/m², 8 mg are 10 mg/m², 0.4 mg/kg are 10 mg/m².
    ("4", "mg", 0, "Y", "N"), ("3.9", "mg", 0, "N", "N"), ("8", "mg", -1, "Y", "Y"),
    ("0.4", "mg/kg", 0, "Y", "Y"), ("5", "mg/m2", 27, "Y", "N"), ("", "mg", 0, None, None),
    ("5", "mg/m2", -2, None, None), ("5", "mg/m2", 28, None, None),
])
def test_premedication_is_read_from_the_doses_too(  # noqa: PLR0917
    spec: Spec, dose: str, unit: str, day: int, us: str | None, ema: str | None
) -> None:
    doses = ("subject_id | dose_no | purpose | drug | dose | unit | start_day\n"
             f"A | 1 | PREMEDICATION | Dexamethasone | {dose} | {unit} | {day}")
    for criteria, expected in (("us_label", us), ("ema_type", ema)):
        spec("dexamethasone_premedication", {("A", 1): expected}, criteria=criteria,
             exposure=INFUSED, drug_dose=doses, laboratory=SIZES)


def test_a_dose_in_mg_needs_the_size_unless_it_is_the_most(spec: Spec) -> None:
    doses = ("subject_id | dose_no | purpose | drug | dose | unit | start_day\n"
             "A | 1 | PREMEDICATION | dexamethasone | {} | mg | 0")
    spec("dexamethasone_premedication", {("A", 1): None}, criteria="ema_type", exposure=INFUSED,
         drug_dose=doses.format(8))
    spec("dexamethasone_premedication", {("A", 1): "its dose for each m² is not known"},
         criteria="ema_type", part="note", exposure=INFUSED, drug_dose=doses.format(8))
    spec("dexamethasone_premedication", {("A", 1): "Y"}, criteria="ema_type", exposure=INFUSED,
         drug_dose=doses.format(20))
