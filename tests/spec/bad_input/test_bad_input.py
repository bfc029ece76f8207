"""Records that cannot be read leave what rests on them unknown, with the reason."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"
SAMPLES = "subject_id | test | unit | sequence | day | value | lower_limit"
UNDECIDED = "what was recorded does not decide the grade"


@pytest.mark.parametrize("unit", ["", "g/L"])
def test_a_test_without_its_unit_or_in_one_it_cannot_have(spec: Spec, unit: str) -> None:
    tables = {"exposure": CYCLE, "laboratory": f"{SAMPLES}\nA | ANC | {unit} | 1 | 5 | 0.2 | 1.8"}
    spec("neutrophil_count_decreased_grade", {("A", 1): None}, **tables)
    spec("neutrophil_count_decreased_grade", {("A", 1): UNDECIDED}, part="note", **tables)


def test_two_values_of_one_day_in_different_units(spec: Spec) -> None:
    # The one in a unit of the test is grade 3; the other may be anything worse or better.
    tables = {"exposure": CYCLE, "laboratory": f"{SAMPLES}\nA | ANC | 10*9/L | 1 | 5 | 0.9 | 1.8\n"
                                               "A | ANC | mg/dL | 2 | 5 | 900 | 1.8"}
    spec("neutrophil_count_decreased_grade", {("A", 1): "3"}, **tables)
    spec("neutrophil_count_decreased_grade", {
        ("A", 1): "at least this grade: not everything that was recorded could be graded"},
        part="note", **tables)
    normal = tables["laboratory"].replace("0.9", "2.0")
    spec("neutrophil_count_decreased_grade", {("A", 1): None}, exposure=CYCLE, laboratory=normal)
    spec("neutrophil_count_decreased_grade", {("A", 1): UNDECIDED}, part="note", exposure=CYCLE,
         laboratory=normal)


def test_a_grade_without_its_system(spec: Spec) -> None:
    tables = {"exposure": CYCLE, "adverse_event":
              "subject_id | event_no | group | grade | grading | start_day\n"
              "A | 1 | INFECTION | 3 | | 5"}
    spec("infection_ctcae_grade", {("A", 1): None}, **tables)
    spec("infection_ctcae_grade", {("A", 1): UNDECIDED}, part="note", **tables)


OVERLAPPING = """
    subject_id | cycle_no | segment_no | dose | dose_unit | start_day | end_day
    A          | 1        | 1          | 5    | ug/m2/d   | 0         | 8
    A          | 1        | 2          | 15   | ug/m2/d   | 6         | 28
"""


def test_segments_of_an_infusion_that_overlap(spec: Spec) -> None:
    for name in ("cycle_days_infused", "stopped_early"):
        spec(name, {("A", 1): None}, exposure=OVERLAPPING)
    spec("cycle_days_infused", {("A", 1): "infusion segments overlap"}, part="note",
         exposure=OVERLAPPING)
    spec("cumulative_dose_per_m2", {"A": None}, exposure=OVERLAPPING)
    spec("cumulative_dose_per_m2", {"A": "infusion segments overlap"}, part="note",
         exposure=OVERLAPPING)


def test_a_cycle_without_a_start(spec: Spec) -> None:
    open_start = CYCLE.replace("| 0 |", "| |")
    event = ("subject_id | event_no | group | grade | grading | start_day\n"
             "A | 1 | INFECTION | 3 | CTCAE5 | 5")
    said = "the first day of the cycle is not known"
    for name in ("infection_ctcae_grade", "cycle_tumour_lysis_laboratory"):
        spec(name, {("A", 1): None}, exposure=open_start, adverse_event=event,
             subject="subject_id | site_id\nA | 1")
        spec(name, {("A", 1): said}, part="note", exposure=open_start, adverse_event=event,
             subject="subject_id | site_id\nA | 1")
    spec("cycle_days_infused", {("A", 1): "a segment has no first or no last day"}, part="note",
         exposure=open_start)


def test_counts_on_the_day_of_the_graft_are_not_read(spec: Spec) -> None:
    tables = {"transplant": "subject_id | transplant_no | day\nA | 1 | 100",
              "laboratory": "subject_id | test | unit | sequence | day | value\n"
                            "A | ANC | 10*9/L | 1 | 100 | 0.6"}
    spec("neutrophil_recovery", {("A", 1): None}, **tables)


@pytest.mark.parametrize(("percent", "value"), [("70", 1.68), ("101", None), ("-1", None)])
def test_a_share_of_lymphocytes_outside_0_to_100(
    spec: Spec, percent: str, value: float | None
) -> None:
    tables = {"subject": "subject_id | site_id | age_at_index_days\nA | 1 | 1461",
              "laboratory": "subject_id | test | unit | sequence | day | value\n"
                            "A | ALC | 10*9/L | 1 | 13 | 2.4\n"
                            f"A | CD3_PERCENT | % | 1 | 13 | {percent}"}
    spec("lymphocytes", {("A", "cd3_day_14"): value}, **tables)
    if value is None:
        said = "a percentage outside 0 to 100"
        for item in ("cd3_day_14", "cd3_percent_day_14"):
            spec("lymphocytes", {("A", item): None}, **tables)
            spec("lymphocytes", {("A", item): said}, part="note", **tables)


@pytest.mark.parametrize(("blasts", "status"), [("4", "MRD_NEG"), ("140", None), ("-3", None)])
def test_blasts_outside_0_to_100(spec: Spec, blasts: str, status: str | None) -> None:
    spec("status_at_first_infusion", {"A": status}, subject="subject_id | site_id\nA | 1",
         exposure=CYCLE, assessment=f"""
            subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
            A          | 1             | -1  | BM       | {blasts}      | FCM        | 0.001
    """)


@pytest.mark.parametrize(("share", "state", "note"), [
    ("40", "MIXED", None), ("103", None, "a percentage outside 0 to 100")])
def test_chimerism_outside_0_to_100(
    spec: Spec, share: str, state: str | None, note: str | None
) -> None:
    tables = {"transplant": "subject_id | transplant_no | day\nA | 1 | 0",
              "laboratory": "subject_id | test | unit | sequence | day | value\n"
                            f"A | CHIMERISM_WB | % | 1 | 91 | {share}"}
    spec("chimerism", {("A", 1, "months_3"): state}, **tables)
    spec("chimerism", {("A", 1, "months_3"): note}, part="note", **tables)
