"""Tumour lysis syndrome: vectors of Cairo and Bishop and of Howard. Definitions, 4.5."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"
CHILD = "subject_id | site_id | age_at_index_days\nA | 1 | 2922"
ADULT = "subject_id | site_id | age_at_index_days\nA | 1 | 6574"
AGELESS = "subject_id | site_id\nA | 1"
NORMAL = {"URATE": 200, "POTASSIUM": 4.0, "PHOSPHATE": 1.2, "CALCIUM": 2.2, "CREATININE": 40}
UNITS = {"URATE": "umol/L", "CREATININE": "umol/L"}
LIMITS = {"URATE": 350, "CREATININE": 60}


def taken(*rows: str, before: dict[str, float] | None = None) -> str:
    """Return samples of A (test, day, value) after normal ones on day -1."""
    baseline = [f"{test} | -1 | {value}" for test, value in (before or NORMAL).items()]
    lines = ["subject_id | sequence | unit | upper_limit | test | day | value"]
    for row in (*baseline, *rows):
        test = row.partition("|")[0].strip()
        lines.append(f"A | 1 | {UNITS.get(test, 'mmol/L')} | {LIMITS.get(test, '')} | {row}")
    return "\n".join(lines)


@pytest.mark.parametrize(("subject", "rows", "value"), [
    (CHILD, ("URATE | 2 | 476", "POTASSIUM | 2 | 6.0"), "Y"),
    (CHILD, ("URATE | 2 | 475.84", "POTASSIUM | 7 | 6.0"), "Y"),
    (CHILD, ("URATE | 2 | 476",), "N"),
    (CHILD, ("URATE | 8 | 476", "POTASSIUM | 8 | 6.2"), "N"),
    (CHILD, ("POTASSIUM | 1 | 5.0", "URATE | 2 | 250"), "Y"),
    (CHILD, ("POTASSIUM | 1 | 4.99", "URATE | 2 | 250"), "N"),
    (CHILD, ("CALCIUM | 1 | 1.65", "URATE | 2 | 476"), "Y"),
    (CHILD, ("CALCIUM | 1 | 1.76", "URATE | 2 | 476"), "N"),
    (CHILD, ("CALCIUM | 1 | 1.75", "URATE | 2 | 476"), "Y"),
])
def test_two_of_four_by_cairo_and_bishop(
    spec: Spec, subject: str, rows: tuple[str, ...], value: str
) -> None:
    spec("tumour_lysis_laboratory", {"A": value}, subject=subject, exposure=CYCLE,
         laboratory=taken(*rows))


@pytest.mark.parametrize(("subject", "phosphate", "value"), [
    (CHILD, 2.09, "N"), (CHILD, 2.1, "Y"), (CHILD, 1.6, "N"), (ADULT, 1.6, "Y"),
    (ADULT, 1.44, "N"), (AGELESS, 1.6, None), (AGELESS, 2.1, "Y"),
])
def test_the_phosphate_of_children_and_adults(
    spec: Spec, subject: str, phosphate: float, value: str | None
) -> None:
    high = {**NORMAL, "PHOSPHATE": phosphate / 1.2}
    spec("tumour_lysis_laboratory", {"A": value}, subject=subject, exposure=CYCLE,
         laboratory=taken(f"PHOSPHATE | 2 | {phosphate}", "POTASSIUM | 2 | 6.2", before=high))


@pytest.mark.parametrize(("day", "value"), [(-3, "Y"), (-4, "N")])
def test_three_days_before_the_start_are_read_too(spec: Spec, day: int, value: str) -> None:
    spec("tumour_lysis_laboratory", {"A": value}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(f"URATE | {day} | 476", f"POTASSIUM | {day} | 6.0"))


def test_tests_that_were_not_done_are_not_normal(spec: Spec) -> None:
    only = {"URATE": 200, "POTASSIUM": 4.0}
    spec("tumour_lysis_laboratory", {"A": None}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(before=only))
    spec("tumour_lysis_laboratory", {"A": "N"}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(before={**only, "PHOSPHATE": 1.2}))
    spec("tumour_lysis_laboratory", {"A": None}, subject=CHILD, laboratory=taken())


@pytest.mark.parametrize(("rows", "value"), [
    (("POTASSIUM | 1 | 5.0", "URATE | 1 | 250"), "N"),
    (("POTASSIUM | 1 | 6.1", "URATE | 1 | 351"), "Y"),
    (("POTASSIUM | 1 | 6.0", "URATE | 1 | 351"), "N"),
    (("POTASSIUM | 1 | 6.1", "URATE | 2 | 351"), None),
    (("POTASSIUM | 1 | 6.1", "URATE | 3 | 351"), "N"),
])
def test_both_within_a_day_by_howard(
    spec: Spec, rows: tuple[str, ...], value: str | None
) -> None:
    spec("tumour_lysis_laboratory", {"A": value}, criteria="howard_2011", subject=CHILD,
         exposure=CYCLE, laboratory=taken(*rows))


LYSIS = ("URATE | 2 | 480", "POTASSIUM | 3 | 6.2")


def test_its_day_is_that_of_the_second_test(spec: Spec) -> None:
    spec("tumour_lysis_laboratory", {"A": 3}, part="day", subject=CHILD, exposure=CYCLE,
         laboratory=taken(*LYSIS))


@pytest.mark.parametrize(("creatinine", "clinical", "grade"), [
    (89, "N", "0"), (90, "Y", "1"), (91, "Y", "2"), (180, "Y", "2"), (181, "Y", "3"),
    (361, "Y", "4"),
])
def test_creatinine_makes_it_clinical(
    spec: Spec, creatinine: int, clinical: str, grade: str
) -> None:
    spec("tumour_lysis_clinical", {"A": clinical}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(*LYSIS, f"CREATININE | 4 | {creatinine}"))
    spec("tumour_lysis_grade", {"A": grade}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(*LYSIS, f"CREATININE | 4 | {creatinine}"))


def test_creatinine_without_laboratory_tumour_lysis_is_none(spec: Spec) -> None:
    spec("tumour_lysis_clinical", {"A": "N"}, subject=CHILD, exposure=CYCLE,
         laboratory=taken("CREATININE | 4 | 400"))
    spec("tumour_lysis_grade", {"A": "0"}, subject=CHILD, exposure=CYCLE,
         laboratory=taken("CREATININE | 4 | 400"))


@pytest.mark.parametrize(("seizure", "cause", "clinical", "grade"), [
    ("BRIEF", "", "Y", "2"), ("REPETITIVE", "", "Y", "4"), ("BRIEF", "Y", "N", "0")])
def test_a_seizure_makes_it_clinical(
    spec: Spec, seizure: str, cause: str, clinical: str, grade: str
) -> None:
    signs = f"subject_id | day | seizure | other_cause\nA | 5 | {seizure} | {cause}"
    spec("tumour_lysis_clinical", {"A": clinical}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(*LYSIS), toxicity_sign=signs)
    spec("tumour_lysis_grade", {"A": grade}, subject=CHILD, exposure=CYCLE,
         laboratory=taken(*LYSIS), toxicity_sign=signs)


@pytest.mark.parametrize(("creatinine", "value"), [(66.4, "N"), (66.5, "Y")])
def test_a_rise_of_creatinine_makes_it_clinical_by_howard(
    spec: Spec, creatinine: float, value: str
) -> None:
    rows = ("POTASSIUM | 1 | 6.1", "URATE | 1 | 351", f"CREATININE | 3 | {creatinine}")
    spec("tumour_lysis_clinical", {"A": value}, criteria="howard_2011", subject=CHILD,
         exposure=CYCLE, laboratory=taken(*rows))
    spec("tumour_lysis_grade", {"A": None}, criteria="howard_2011", subject=CHILD,
         exposure=CYCLE, laboratory=taken(*rows))


SECOND = f"{CYCLE}\nA | 2 | 1 | 42 | 70"
IN_THE_SECOND = ("URATE | 43 | 480", "POTASSIUM | 44 | 6.2", "PHOSPHATE | 43 | 1.2",
                 "CALCIUM | 43 | 2.2", "CREATININE | 44 | 91")


def test_of_each_cycle_the_days_around_its_own_start_are_read(spec: Spec) -> None:
    given = {"subject": CHILD, "exposure": SECOND, "laboratory": taken(*IN_THE_SECOND)}
    spec("tumour_lysis_laboratory", {"A": "N"}, **given)
    spec("cycle_tumour_lysis_laboratory", {("A", 1): "N", ("A", 2): "Y"}, **given)
    spec("cycle_tumour_lysis_laboratory", {("A", 1): None, ("A", 2): 2}, part="day", **given)
    spec("cycle_tumour_lysis_clinical", {("A", 1): "N", ("A", 2): "Y"}, **given)
    spec("cycle_tumour_lysis_grade", {("A", 1): "0", ("A", 2): "2"}, **given)


def test_a_change_in_a_cycle_is_one_from_the_last_value_before_it(spec: Spec) -> None:
    # Urate 250 and potassium 5.0 are 25 % above the values of day -1, and none above day 41.
    changed = ("URATE | 43 | 250", "POTASSIUM | 43 | 5.0", "PHOSPHATE | 43 | 1.2",
               "CALCIUM | 43 | 2.2")
    before = ("URATE | 41 | 240", "POTASSIUM | 41 | 4.9")
    spec("cycle_tumour_lysis_laboratory", {("A", 2): "Y"}, subject=CHILD, exposure=SECOND,
         laboratory=taken(*changed))
    spec("cycle_tumour_lysis_laboratory", {("A", 2): "N"}, subject=CHILD, exposure=SECOND,
         laboratory=taken(*changed, *before))


def test_tumour_lysis_of_a_cycle_without_its_start_is_unknown(spec: Spec) -> None:
    given = {"subject": CHILD, "exposure": f"{CYCLE}\nA | 2 | 1 | | 70",
             "laboratory": taken(*IN_THE_SECOND)}
    spec("cycle_tumour_lysis_laboratory", {("A", 1): "N", ("A", 2): None}, **given)
    spec("cycle_tumour_lysis_laboratory", {("A", 2): "the first day of the cycle is not known"},
         part="note", **given)
