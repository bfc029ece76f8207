"""Body surface, delivered fraction and cumulative dose. Vectors: definitions, section 5 [C]."""

import pytest

from tests.spec.conftest import Spec

SIZE = """
    subject_id | test   | day | sequence | value | unit
    A          | WEIGHT | 0   | 1        | 20    | kg
    A          | HEIGHT | 0   | 1        | 115   | cm
"""
FULL = """
    subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day | planned_days
    A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6       | 28
    A          | 1        | 2          | 15   | ug/m2/d   | 7         | 27      |
    A          | 2        | 1          | 15   | ug/m2/d   | 42        | 69      | 28
"""


@pytest.mark.parametrize(("formula", "surface"), [
    ("mosteller", 0.7993), ("haycock", 0.7971), ("dubois", 0.8004), ("gehan_george", 0.8149),
])
def test_body_surface_on_the_first_day_of_the_cycle(
    spec: Spec, formula: str, surface: float
) -> None:
    spec("body_surface", {("A", 1): pytest.approx(surface, abs=5e-5)}, criteria=formula,
         exposure=FULL, laboratory=SIZE)


def test_the_last_weight_of_thirty_days_and_height_of_ninety(spec: Spec) -> None:
    spec("body_surface", {("A", 1): None, ("B", 1): pytest.approx(0.7993, abs=5e-5),
                          ("C", 1): None},
         exposure="""
        subject_id | cycle_no | segment_no | start_day
        A          | 1        | 1          | 31
        B          | 1        | 1          | 30
        C          | 1        | 1          | 60
    """, laboratory="""
        subject_id | test   | day | sequence | value | unit
        A          | WEIGHT | 0   | 1        | 20    | kg
        A          | HEIGHT | 0   | 1        | 115   | cm
        B          | WEIGHT | 0   | 1        | 20    | kg
        B          | HEIGHT | -60 | 1        | 115   | cm
        C          | WEIGHT | 60  | 1        | 20    | kg
        C          | HEIGHT | -31 | 1        | 115   | cm
    """)


def test_of_several_weights_the_last_day_and_the_lowest_of_it(spec: Spec) -> None:
    spec("body_surface", {("A", 1): pytest.approx(0.7993, abs=5e-5)}, exposure=FULL, laboratory="""
        subject_id | test   | day | sequence | value | unit
        A          | HEIGHT | 0   | 1        | 115   | cm
        A          | WEIGHT | -1  | 1        | 18    | kg
        A          | WEIGHT | 0   | 1        | 25    | kg
        A          | WEIGHT | 0   | 2        | 20    | kg
        A          | WEIGHT | 1   | 1        | 30    | kg
    """)


def test_sizes_in_another_unit_or_of_nobody_are_not_read(spec: Spec) -> None:
    laboratory = """
        subject_id | test   | day | sequence | value | unit
        A          | WEIGHT | 0   | 1        | 20    | g
        A          | HEIGHT | 0   | 1        | 115   | cm
        B          | WEIGHT | 0   | 1        | 20    | kg
        B          | HEIGHT | 0   | 1        | 1.15  | cm
    """
    exposure = """
        subject_id | cycle_no | segment_no | start_day
        A          | 1        | 1          | 0
        B          | 1        | 1          | 0
    """
    spec("body_surface", {("A", 1): None, ("B", 1): None}, exposure=exposure,
         laboratory=laboratory)
    spec("body_surface", {("B", 1): "no recent weight or no recent height"}, part="note",
         exposure=exposure, laboratory=laboratory)


def test_the_whole_schedule_is_a_fraction_of_one(spec: Spec) -> None:
    spec("delivered_fraction", {("A", 1): 1, ("A", 2): 1}, exposure=FULL)


def test_a_cycle_cut_short_delivers_less(spec: Spec) -> None:
    # 7 × 5 + 7 × 15 = 140 of 350 µg/m²; 14 × 15 = 210 of 420.
    spec("delivered_fraction", {("A", 1): pytest.approx(0.4), ("A", 2): pytest.approx(0.5)},
         exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day | planned_days
        A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6       | 28
        A          | 1        | 2          | 15   | ug/m2/d   | 7         | 13      | 28
        A          | 2        | 1          | 15   | ug/m2/d   | 42        | 55      | 28
    """)


@pytest.mark.parametrize(("schedule", "planned"), [
    ("zhang_2025", 135), ("zhang_2025_six_low_days", 150), ("zhang_2025_days_1_to_7", 140),
])
def test_fourteen_days_under_each_reading_of_days_2_to_7(
    spec: Spec, schedule: str, planned: int
) -> None:
    # Given 7 × 5 + 7 × 15 = 140 µg/m².
    spec("delivered_fraction", {("A", 1): pytest.approx(140 / planned)}, criteria=schedule,
         exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day | planned_days
        A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6       | 14
        A          | 1        | 2          | 15   | ug/m2/d   | 7         | 13      | 14
    """)


def test_a_plan_that_is_not_recorded_has_the_length_of_the_schedule_if_it_has_one(
    spec: Spec
) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day
        A          | 1        | 1          | 15   | ug/m2/d   | 0         | 27
    """
    spec("delivered_fraction", {("A", 1): pytest.approx(420 / 350)}, exposure=exposure)
    spec("delivered_fraction", {("A", 1): 1}, criteria="us_label_mrd", exposure=exposure)
    spec("delivered_fraction", {("A", 1): None}, criteria="zhang_2025", exposure=exposure)
    spec("delivered_fraction", {("A", 1): "the planned days are not recorded"}, part="note",
         criteria="zhang_2025", exposure=exposure)


def test_olaya_repeats_the_step_in_later_cycles(spec: Spec) -> None:
    spec("delivered_fraction", {("A", 1): 1, ("A", 2): pytest.approx(420 / 350)},
         criteria="olaya_2025", exposure=FULL)


MICROGRAMS = """
    subject_id | cycle_no | segment_no | dose   | dose_unit | start_day | end_day | planned_days
    A          | 1        | 1          | 3.997  | ug/d      | 0         | 6       | 28
    A          | 1        | 2          | 11.990 | ug/d      | 7         | 27      | 28
    B          | 1        | 1          | 9      | ug/d      | 0         | 6       | 28
    B          | 1        | 2          | 28     | ug/d      | 7         | 27      | 28
    C          | 1        | 1          | 9      | ug/d      | 0         | 6       | 28
    C          | 1        | 2          | 28     | ug/d      | 7         | 27      | 28
"""
SIZES = """
    subject_id | test   | day | sequence | value | unit
    A          | WEIGHT | 0   | 1        | 20    | kg
    A          | HEIGHT | 0   | 1        | 115   | cm
    B          | WEIGHT | 0   | 1        | 45    | kg
    C          | WEIGHT | 0   | 1        | 44.9  | kg
    C          | HEIGHT | 0   | 1        | 160   | cm
"""


def test_micrograms_a_day_by_weight_band(spec: Spec) -> None:
    # C: 651 µg given of 494.4 planned at 44.9 kg; from 45 kg on no height is needed.
    spec("delivered_fraction", {("A", 1): pytest.approx(1, abs=1e-3), ("B", 1): 1,
                                ("C", 1): pytest.approx(651 / 494.4245, abs=1e-5)},
         exposure=MICROGRAMS, laboratory=SIZES)


def test_without_a_size_micrograms_a_day_cannot_be_judged(spec: Spec) -> None:
    spec("delivered_fraction", {("A", 1): None, ("B", 1): None}, exposure=MICROGRAMS)
    spec("delivered_fraction", {("A", 1): "no recent weight or no recent height"}, part="note",
         exposure=MICROGRAMS)


def test_a_schedule_without_cap_or_band_goes_by_body_surface_at_every_weight(spec: Spec) -> None:
    # 75 kg, 170 cm: 5 and 15 × 1.88193 m² = 9.40965 and 28.22896 µg a day.
    spec("delivered_fraction",
         {("A", 1): pytest.approx(651 / (7 * 9.40965 + 21 * 28.22896), abs=1e-5)},
         criteria="olaya_2025", exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day
        A          | 1        | 1          | 9    | ug/d      | 0         | 6
        A          | 1        | 2          | 28   | ug/d      | 7         | 27
    """, laboratory="""
        subject_id | test   | day | sequence | value | unit
        A          | WEIGHT | 0   | 1        | 75    | kg
        A          | HEIGHT | 0   | 1        | 170   | cm
    """)


def test_doses_that_cannot_be_added_are_unknown(spec: Spec) -> None:
    exposure = """
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day | planned_days
        A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6       | 28
        A          | 1        | 2          | 28   | ug/d      | 7         | 27      | 28
        B          | 1        | 1          |      | ug/m2/d   | 0         | 27      | 28
        C          | 1        | 1          | 15   | ug/m2/d   | 0         | 13      | 28
        C          | 1        | 2          | 15   | ug/m2/d   | 13        | 27      | 14
        D          | 1        | 1          | 15   | ug/m2/d   | 5         | 1       | 28
        E          | 1        | 1          | 15   | ug/m2/d   | 0         | 0       | 1
    """
    spec("delivered_fraction", {(child, 1): None for child in "ABCD"}, exposure=exposure)
    spec("delivered_fraction", {("E", 1): None}, criteria="zhang_2025", exposure=exposure)
    spec("delivered_fraction",
         {("A", 1): "the doses of the cycle are not in one unit",
          ("B", 1): "a dose or its unit is missing",
          ("C", 1): "the segments of the cycle give different planned days",
          ("D", 1): "a segment ends before it starts"},
         part="note", exposure=exposure)
    spec("delivered_fraction", {("E", 1): "the schedule plans no dose for these days"},
         criteria="zhang_2025", part="note", exposure=exposure)


def test_cumulative_dose_by_body_surface(spec: Spec) -> None:
    spec("cumulative_dose_per_m2", {"A": 350 + 420}, exposure=FULL)


def test_cumulative_dose_in_micrograms(spec: Spec) -> None:
    # Cycle 1 alone: 7 × 9 + 21 × 28 = 651; 350 µg/m² × 0.79931 m² = 279.8.
    spec("cumulative_dose", {"B": 651}, exposure=MICROGRAMS)
    spec("cumulative_dose", {"A": pytest.approx(279.8, abs=0.05)}, exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day
        A          | 1        | 1          | 5    | ug/m2/d   | 0         | 6
        A          | 1        | 2          | 15   | ug/m2/d   | 7         | 27
    """, laboratory=SIZE)


def test_a_dose_in_the_other_unit_needs_the_body_surface(spec: Spec) -> None:
    spec("cumulative_dose", {"A": None}, exposure=FULL)
    spec("cumulative_dose_per_m2", {"A": pytest.approx(350, abs=0.1), "B": None},
         exposure=MICROGRAMS, laboratory=SIZES)
    spec("cumulative_dose_per_m2", {"B": "no recent weight or no recent height"}, part="note",
         exposure=MICROGRAMS, laboratory=SIZES)
