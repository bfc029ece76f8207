"""Blasts and MRD of the last marrow before the first infusion, as numbers."""

from tests.spec.conftest import Spec

EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
    B          | 1        | 1          | 0         | 27
    C          | 1        | 1          | 0         | 27
"""
MARROWS = """
subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent | mrd_sign
A          | 1             | -20 | BM       | 60            | FCM        | 55          | =
A          | 2             | -2  | BM       | 4             | FCM        | 0.52        | =
A          | 3             | 14  | BM       | 1             | FCM        | 0.03        | =
B          | 1             | -1  | BM       | 0             | FCM        |             | ND
C          | 1             | -40 | BM       | 30            | FCM        | 20          | =
"""


def test_the_last_marrow_up_to_the_first_infusion_gives_both_numbers(spec: Spec) -> None:
    tables = {"exposure": EXPOSURE, "assessment": MARROWS}
    spec("marrow_blasts_at_start", {"A": 4, "B": 0}, **tables)
    spec("mrd_at_start", {"A": 0.52, "B": None}, **tables)
    spec("mrd_at_start", {"A": -2, "B": -1}, part="day", **tables)


def test_mrd_that_was_not_detected_is_no_number(spec: Spec) -> None:
    spec("mrd_at_start",
         {"A": None, "B": "no number of MRD: not detected, below a limit, or not measured"},
         part="note", exposure=EXPOSURE, assessment=MARROWS)
