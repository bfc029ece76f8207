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


@pytest.mark.parametrize(("igg", "value", "note"), [
    ("3.99", "Y", None), ("4", "N", None), ("7", "N", None), ("<4", "Y", None),
    ("<0.07", "Y", None),
    ("<5", None, "the value is a limit that does not decide"),
])
def test_igg_under_4_is_at_the_level_of_replacement(
    spec: Spec, igg: str, value: str | None, note: str | None
) -> None:
    spec("igg_replacement_level",
         {("A", "before"): ("N", None), ("A", "after"): (value, note)}, part=("value", "note"),
         subject=CHILD, exposure=CYCLES, laboratory=drawn((-20, "IGG", "9.23"), (69, "IGG", igg)))


def test_igg_that_was_given_or_not_measured_tells_little(spec: Spec) -> None:
    doses = "subject_id | dose_no | purpose | start_day\nA | 1 | IMMUNOGLOBULIN | 60"
    given = "under 28 days after intravenous immunoglobulin: not the child's own alone"
    spec("igg_replacement_level", {
        ("A", "before"): (None, "no sample in the window of the visit"),
        ("A", "after"): ("N", given),
    }, part=("value", "note"), subject=CHILD, exposure=CYCLES, drug_dose=doses,
        laboratory=drawn((69, "IGG", "7")))


@pytest.mark.parametrize(("rows", "value", "day", "note"), [
    # day 100 is the day of the graft
    ([(130, "0.051"), (200, "0.06")], "Y", 30, None),
    ([(130, "0.05"), (190, "0.06"), (200, "0.06")], "Y", 90, None),
    ([(130, "0.06"), (150, "0.05"), (200, "0.06")], None, None,
     "no sample by day 100 confirms the last one"),
    ([(130, "0.06"), (201, "0.06")], None, None, "no sample by day 100 confirms the last one"),
    ([(130, "0.06"), (170, "0.05")], "N", None, None),
    ([(130, "0.06"), (169, "0.05")], None, None, "the last sample is too early to tell of day 100"),
    ([(130, "<0.05"), (190, "<0.05")], "N", None, None),
    ([(130, "0.06"), (190, "<0.06")], None, None,
     "values are given as limits that do not decide"),
    ([(100, "0.06"), (201, "0.06")], None, None, "no CD4⁺ count by day 100"),
])
def test_cd4_above_50_in_two_samples_by_day_100(
    spec: Spec, rows: list[tuple[int, str]], value: str | None, day: int | None,
    note: str | None,
) -> None:
    spec("cd4_milestone", {"A": (value, day, note)}, part=("value", "day", "note"),
         transplant=GRAFT, laboratory=drawn(*((on, "CD4", count) for on, count in rows)))


def test_death_and_another_graft_before_the_cd4_milestone(spec: Spec) -> None:
    rows = drawn((130, "CD4", "0.02"))
    dead = "subject_id | vital_status | death_day\nA | DEAD | {}"
    for death, answer in ((200, ("N", "died before it")),
                          (201, (None, "the last sample is too early to tell of day 100"))):
        spec("cd4_milestone", {"A": answer}, part=("value", "note"), transplant=GRAFT,
             laboratory=rows, follow_up=dead.format(death))
    spec("cd4_milestone", {("A", 1): (None, "another graft by day 100")}, part=("value", "note"),
         transplant=f"{GRAFT}    A | 2 | 160\n", laboratory=rows)
