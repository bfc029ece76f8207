"""Surveillance. Vectors: the reference of definitions, section 9: 26 + 13 + 1 a month."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 10
"""


def followed(days: int) -> str:
    """Return a follow-up of some days after the graft."""
    return f"subject_id | vital_status | last_contact_day\nA | ALIVE | {10 + days}"


def samples(test: str, *after: int, unit: str = "%") -> str:
    """Return samples on days after the graft."""
    lines = [f"A | {test} | {10 + day} | 1 | 1 | {unit}" for day in after]
    return "\n".join(["subject_id | test | day | sequence | value | unit", *lines])


@pytest.mark.parametrize(("days", "expected"), [
    (0, 0), (6, 0), (7, 1), (182, 26), (195, 26), (196, 27), (364, 39), (394, 39), (395, 40),
    (424, 40), (425, 41)])
def test_viruses_weekly_then_every_two_weeks_then_monthly(
    spec: Spec, days: int, expected: int
) -> None:
    spec("surveillance_expected", {("A", 1, "cmv"): expected, ("A", 1, "ebv"): expected},
         transplant=GRAFT, follow_up=followed(days))


@pytest.mark.parametrize(("days", "expected"), [
    (90, 0), (91, 1), (183, 2), (364, 2), (365, 3), (548, 4), (2000, 4)])
def test_a_visit_is_expected_from_its_day_on(spec: Spec, days: int, expected: int) -> None:
    spec("surveillance_expected", {("A", 1, "chimerism"): expected,
                                   ("A", 1, "lymphocyte_subsets"): expected},
         transplant=GRAFT, follow_up=followed(days))


def test_due_visits_with_a_sample_are_kept(spec: Spec) -> None:
    rows = samples("CHIMERISM_WB", 20, 61, 80, 200, 500)
    tables = {"transplant": GRAFT, "laboratory": rows, "follow_up": followed(400)}
    item = ("A", 1, "chimerism")
    spec("surveillance_expected", {item: 3}, **tables)
    spec("surveillance_observed", {item: 2}, **tables)
    spec("surveillance_fraction", {item: 200 / 3}, **tables)


def test_days_with_a_virus_sample_are_counted_until_the_end_of_follow_up(spec: Spec) -> None:
    rows = samples("CMV", 7, 7, 14, 22, 29, unit="IU/mL").replace("| 17 | 1 |", "| 17 | 2 |", 1)
    tables = {"transplant": GRAFT, "laboratory": rows, "follow_up": followed(28)}
    spec("surveillance_observed", {("A", 1, "cmv"): 3}, **tables)
    spec("surveillance_fraction", {("A", 1, "cmv"): 75.0}, **tables)


def test_a_test_without_any_sample_may_not_have_been_collected(spec: Spec) -> None:
    tables = {"transplant": GRAFT, "follow_up": followed(400)}
    spec("surveillance_observed", {("A", 1, "ebv"): None}, **tables)
    spec("surveillance_observed",
         {("A", 1, "ebv"): "no sample is recorded: not taken, or not collected"}, part="note",
         **tables)


def test_nothing_was_due_yet(spec: Spec) -> None:
    tables = {"transplant": GRAFT, "follow_up": followed(5),
              "laboratory": samples("CMV", 3, unit="IU/mL")}
    spec("surveillance_fraction", {("A", 1, "cmv"): None}, **tables)
    spec("surveillance_fraction", {("A", 1, "cmv"): "no sample was due yet"}, part="note",
         **tables)


def test_the_next_graft_ends_the_schedule(spec: Spec) -> None:
    two = """
        subject_id | transplant_no | day
        A          | 1             | 10
        A          | 2             | 25
    """
    spec("surveillance_expected", {("A", 1, "cmv"): 2, ("A", 2, "cmv"): 4},
         transplant=two, follow_up=followed(43))


COMPUTED, RECORDED = "cells/µL × volume × 1000 / kg", "as recorded by the centre"


@pytest.mark.parametrize(("graft", "dose", "expected"), [
    ("PBSC", 5.9, 5.9), ("PBSC", 0.1, 0.1), ("PBSC", 0.09, None), ("BM", 60, 60.0),
    ("BM", 60.1, None),
    ("BM", 60.00000000001, 60.00000000001), ("PBSC", 0.09999999999999, 0.09999999999999),
    ("CORD", 0.01, 0.01), ("CORD", 10.1, None), ("", 0.05, 0.05)])
def test_a_dose_no_graft_has_is_unknown(
    spec: Spec, graft: str, dose: float, expected: float | None
) -> None:
    rows = f"subject_id | transplant_no | day | graft | cd34_1e6_kg\nA | 1 | 0 | {graft} | {dose}"
    spec("cd34_dose", {"A": expected}, transplant=rows)


@pytest.mark.parametrize(("product", "weight", "answer"), [
    ("| 850 | 180", "0 | 25", (6.12, COMPUTED, None)),
    ("5.9 | 850 | 180", "0 | 25", (6.12, COMPUTED, None)),            # 4 % apart
    ("7.0 | 850 | 180", "0 | 25", (6.12, COMPUTED, "the centre recorded another dose")),
    ("5.9 | 850 | 180", "-30 | 25", (6.12, COMPUTED, None)),
    ("5.9 | 850 | 180", "-31 | 25", (5.9, RECORDED, None)),
    ("| 850 | 180", "1 | 25", (None, None, "the recipient's weight is not known")),
    ("| 850 |", "0 | 25", (None, None, "not recorded")),
    ("| 8.5 | 180", "0 | 25", (None, None,
                               "no graft has such a dose: the unit is probably another")),
])
def test_the_dose_of_the_product_by_the_recipients_weight(
    spec: Spec, product: str, weight: str, answer: tuple[object, ...]
) -> None:
    # 850 cells/µL × 180 mL × 1000 / 25 kg = 6.12 ×10⁶/kg
    columns = "subject_id | transplant_no | day | graft | cd34_1e6_kg | cd34_per_ul"
    spec("cd34_dose", {"A": answer}, part=("value", "how", "note"),
         transplant=f"{columns} | product_volume_ml\nA | 1 | 0 | PBSC | {product}",
         laboratory=f"subject_id | test | sequence | unit | day | value\n"
                    f"A | WEIGHT | 1 | kg | {weight}")
