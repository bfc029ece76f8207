"""Immune reconstitution after a transplant, and immunoglobulins. Section 9 of the reference."""

import pytest

from tests.spec.conftest import Spec

CHILD = "subject_id | age_at_index_days\nA | 2922"
GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 100
"""
CYCLES = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
    A          | 2        | 1          | 42        | 69
"""


def drawn(*rows: tuple[int, str, str]) -> str:
    """Return laboratory rows: (day, test, value, with "<" before a limit of detection)."""
    lines = [f"A | {test} | {day} | {number} | {value.lstrip('<')} | "
             f"{'g/L' if test.startswith('IG') else '10*9/L'} | {'<' if '<' in value else ''}"
             for number, (day, test, value) in enumerate(rows, start=1)]
    return "\n".join(["subject_id | test | day | sequence | value | unit | sign", *lines])


@pytest.mark.parametrize(("after", "months_6", "months_12"), [
    (152, None, None), (153, 0.5, None), (213, 0.5, None), (214, None, None),
    (304, None, None), (305, None, 0.5), (425, None, 0.5), (426, None, None)])
def test_windows_widen_after_a_year(
    spec: Spec, after: int, months_6: float | None, months_12: float | None
) -> None:
    spec("immune_reconstitution",
         {("A", 1, "cd4_months_6"): months_6, ("A", 1, "cd4_months_12"): months_12},
         transplant=GRAFT, laboratory=drawn((100 + after, "CD4", "0.5")))


def test_the_range_is_that_of_the_age_at_the_sample(spec: Spec) -> None:
    rows = drawn((191, "CD4", "0.64"), (283, "CD4", "0.65"))
    spec("immune_reconstitution_range",
         {("A", 1, "cd4_months_3"): "LOW", ("A", 1, "cd4_months_6"): "WITHIN"},
         subject=CHILD, transplant=GRAFT, laboratory=rows)


def test_samples_after_the_next_graft_belong_to_it(spec: Spec) -> None:
    two = """
        subject_id | transplant_no | day
        A          | 1             | 0
        A          | 2             | 100
    """
    spec("immune_reconstitution",
         {("A", 1, "cd4_months_6"): None, ("A", 2, "cd4_months_3"): 0.5},
         transplant=two, laboratory=drawn((190, "CD4", "0.5")))


def test_immunoglobulins_before_and_after(spec: Spec) -> None:
    rows = drawn((-29, "IGG", "12"), (-20, "IGG", "9.25"), (66, "IGG", "6"), (67, "IGG", "7"),
                 (72, "IGG", "7.5"), (98, "IGA", "0.5"))
    tables = {"subject": CHILD, "exposure": CYCLES, "laboratory": rows}
    spec("immunoglobulins", {("A", "igg_before"): 9.25, ("A", "igg_after"): 7.0,
                             ("A", "iga_after"): None}, **tables)
    spec("immunoglobulin_change", {("A", "igg"): -2.25, ("A", "iga"): None}, **tables)


@pytest.mark.parametrize(("given", "flag"), [
    (69, True), (42, True), (41, False), (70, False)])
def test_a_sample_within_28_days_of_immunoglobulin_is_flagged(
    spec: Spec, given: int, flag: bool
) -> None:
    doses = f"subject_id | dose_no | purpose | start_day\nA | 1 | IMMUNOGLOBULIN | {given}"
    tables = {"subject": CHILD, "exposure": CYCLES, "drug_dose": doses,
              "laboratory": drawn((-5, "IGG", "9"), (69, "IGG", "7"))}
    note = "under 28 days after intravenous immunoglobulin: not the child's own alone"
    spec("immunoglobulins", {("A", "igg_after"): note if flag else None}, part="note", **tables)
    spec("immunoglobulin_change", {("A", "igg"): note if flag else None}, part="note", **tables)
    spec("immunoglobulins", {("A", "igg_after"): 7.0}, **tables)


def test_immunoglobulin_given_does_not_hide_a_limit_of_detection(spec: Spec) -> None:
    doses = "subject_id | dose_no | purpose | start_day\nA | 1 | IMMUNOGLOBULIN | 60"
    tables = {"subject": CHILD, "exposure": CYCLES, "drug_dose": doses,
              "laboratory": drawn((-5, "IGA", "1"), (69, "IGA", "<0.07"))}
    given = "under 28 days after intravenous immunoglobulin: not the child's own alone"
    spec("immunoglobulins", {
        ("A", "iga_after"):
            f"{given}; below the limit of detection: the limit stands for the value",
        ("A", "iga_before"): None}, part="note", **tables)
    spec("immunoglobulin_change", {
        ("A", "iga"): f"{given}; a value lies below a limit of detection: both are compared at "
                      "the higher limit"}, part="note", **tables)
