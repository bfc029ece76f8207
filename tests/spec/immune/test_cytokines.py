"""Cytokines. Vectors: the reference of definitions, section 10, and the values of Zhang 2025."""

import pytest

from tests.spec.conftest import Spec

CHILD = "subject_id | site_id\nA | 1"
EVENTS = """
    subject_id | event_no | group | start_day
    A          | 1        | ICANS | 8
    A          | 2        | CRS   | 2
    A          | 3        | CRS   | 50
"""
INFUSION = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 27"
PAIR = ("A", "il6_crs")


def drawn(*rows: tuple[int, str, str, float | str], specimen: str = "SERUM") -> str:
    """Return laboratory rows: (day, test, value with its sign, limit of detection)."""
    lines = []
    for number, (day, test, written, lod) in enumerate(rows, start=1):
        sign = written[0] if written[0] in "<>" else ""
        lines.append(f"A | {test} | {day} | {number} | {written.lstrip('<>')} | {sign} | pg/mL "
                     f"| {lod} | {specimen}")
    return "\n".join(["subject_id | test | day | sequence | value | sign | unit | lod | specimen",
                      *lines])


def pair(before: str, after: str, lods: tuple[float | str, float | str] = ("", "")) -> str:
    """Return IL-6 before blinatumomab and at the onset of CRS."""
    return drawn((-1, "IL6", before, lods[0]), (2, "IL6", after, lods[1]))


@pytest.mark.parametrize(("before", "after", "direction", "censored"), [
    ("<2.44", "<2.44", "TIE", "Y"), ("<2.44", "15.3", "UP", "Y"), ("<0.32", "<2.44", "TIE", "Y"),
    ("0.51", "<2.44", "TIE", "Y"), ("3.6", "15.33", "UP", "N"), ("37.99", "3.3", "DOWN", "N"),
    ("5.0", "5.0", "TIE", "N"), ("15.3", "<2.44", "DOWN", "Y"),
])
def test_both_members_are_raised_to_the_higher_limit(
    spec: Spec, before: str, after: str, direction: str, censored: str
) -> None:
    tables = {"subject": CHILD, "adverse_event": EVENTS, "laboratory": pair(before, after)}
    spec("cytokine_direction", {PAIR: direction}, **tables)
    spec("cytokine_pair_censored", {PAIR: censored}, **tables)


def test_the_members_stand_at_the_higher_limit(spec: Spec) -> None:
    tables = {"subject": CHILD, "adverse_event": EVENTS,
              "laboratory": pair("0.51", "<2.44", (0.32, 2.44))}
    spec("cytokine_pair_before", {PAIR: 2.44}, **tables)
    spec("cytokine_pair_after", {PAIR: 2.44}, **tables)
    spec("cytokine_direction", {PAIR: "a measured value lies below the other's limit of "
                                      "detection"}, part="note", **tables)


def test_measured_values_of_two_kits_are_compared_at_the_higher_limit(spec: Spec) -> None:
    tables = {"subject": CHILD, "adverse_event": EVENTS,
              "laboratory": pair("0.51", "3.0", (0.32, 2.44))}
    spec("cytokine_pair_before", {PAIR: 2.44}, **tables)
    spec("cytokine_direction", {PAIR: "UP"}, **tables)
    spec("cytokine_pair_censored", {PAIR: "Y"}, **tables)


@pytest.mark.parametrize(("before", "after", "direction"), [
    ("100", ">5000", "UP"), (">5000", "100", "DOWN"), (">5000", ">5000", None),
    (">50", "100", None), ("<2.44", ">5000", "UP")])
def test_a_value_above_the_range_tells_what_it_can(
    spec: Spec, before: str, after: str, direction: str | None
) -> None:
    spec("cytokine_direction", {PAIR: direction}, subject=CHILD, adverse_event=EVENTS,
         laboratory=pair(before, after))


def test_a_pair_without_its_first_member_is_dropped_and_says_so(spec: Spec) -> None:
    tables = {"subject": CHILD, "adverse_event": EVENTS,
              "laboratory": drawn((2, "IL6", "15", ""))}
    spec("cytokine_direction", {PAIR: None, ("A", "il8_crs"): None}, **tables)
    spec("cytokine_direction", {PAIR: "no value before", ("A", "il8_crs"): "no value after"},
         part="note", **tables)


def test_below_detection_is_kept_as_its_limit(spec: Spec) -> None:
    rows = drawn((-1, "IL10", "<2.44", ""), (2, "IL10", "0", 0.32), (8, "IL10", "4", 2.44))
    tables = {"subject": CHILD, "adverse_event": EVENTS, "laboratory": rows}
    spec("cytokines", {("A", "il10_before"): 2.44, ("A", "il10_crs"): 0.32,
                       ("A", "il10_icans"): 4.0}, **tables)
    spec("cytokines", {("A", "il10_before"):
                       "below the limit of detection: the limit stands for the value",
                       ("A", "il10_icans"): None}, part="note", **tables)


@pytest.mark.parametrize(("day", "crs"), [(1, None), (2, 7.0), (4, 7.0), (5, None)])
def test_the_onset_sample_is_taken_within_two_days(
    spec: Spec, day: int, crs: float | None
) -> None:
    spec("cytokines", {("A", "il6_crs"): crs}, subject=CHILD, adverse_event=EVENTS,
         laboratory=drawn((day, "IL6", "7", "")))


def test_serum_and_spinal_fluid_are_kept_apart(spec: Spec) -> None:
    fluid = drawn((8, "IL8", "815", 2.44), specimen="CSF")
    serum = drawn((-1, "IL8", "3.6", 2.44)).splitlines()[1]
    tables = {"subject": CHILD, "adverse_event": EVENTS, "laboratory": f"{fluid}\n{serum}"}
    spec("cytokines", {("A", "il8_icans_csf"): 815.0, ("A", "il8_icans"): None,
                       ("A", "il8_before"): 3.6}, **tables)
    spec("cytokine_direction", {("A", "il8_icans"): None}, **tables)


def test_a_sample_without_its_specimen_is_not_read(spec: Spec) -> None:
    spec("cytokines", {("A", "il8_before"): None}, subject=CHILD,
         laboratory=drawn((-1, "IL8", "3.6", 2.44), specimen=""))


def test_the_end_is_that_of_the_first_cycle(spec: Spec) -> None:
    rows = drawn((-1, "IL6", "5", 1), (23, "IL6", "8", 1), (25, "IL6", "4", 1))
    tables = {"subject": CHILD, "exposure": INFUSION, "laboratory": rows}
    spec("cytokines", {("A", "il6_end"): 4.0}, **tables)
    spec("cytokine_direction", {("A", "il6_end"): "DOWN"}, **tables)
