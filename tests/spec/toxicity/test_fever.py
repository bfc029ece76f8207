"""Febrile neutropenia and fever: what the highest temperature of a day tells. Definitions, 4.4."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"


def anc(*rows: str) -> str:
    """Return neutrophil counts of A: day, value."""
    return "\n".join(["subject_id | test | sequence | unit | day | value",
                      *(f"A | ANC | 1 | 10*9/L | {row}" for row in rows)])


def highest(*rows: str) -> str:
    """Return the highest temperatures of A: day, degrees."""
    return "\n".join(["subject_id | day | temperature_c", *(f"A | {row}" for row in rows)])


@pytest.mark.parametrize(("count", "temperature", "grade"), [
    ("0.99", "38.3", None), ("0.99", "38.4", "3"), ("1.0", "39.5", "0"), ("0.4", "38.0", None),
    ("0.4", "37.9", "0"), ("0.1", "41.0", "3"),
])
def test_the_grade_of_one_day(
    spec: Spec, count: str, temperature: str, grade: str | None
) -> None:
    spec("febrile_neutropenia_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=anc(f"5 | {count}"), toxicity_sign=highest(f"5 | {temperature}"))


@pytest.mark.parametrize(("count", "temperature", "minutes", "grade"), [
    ("0.4", "38.0", "60", "0"), ("0.4", "38.0", "61", "3"), ("0.4", "38.0", "", None),
    ("0.4", "38.4", "60", "3"), ("1.0", "38.0", "61", "0"), ("0.4", "37.9", "61", "0"),
])
def test_how_long_a_fever_lasted_decides_where_it_is_recorded(
    spec: Spec, count: str, temperature: str, minutes: str, grade: str | None
) -> None:
    spec("febrile_neutropenia_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=anc(f"5 | {count}"), toxicity_sign=(
             "subject_id | day | temperature_c | fever_minutes\n"
             f"A | 5 | {temperature} | {minutes}"))


def test_without_a_count_a_short_fever_is_no_febrile_neutropenia(spec: Spec) -> None:
    for minutes, grade in (("60", "0"), ("61", None)):
        spec("febrile_neutropenia_grade", {("A", 1): grade}, exposure=CYCLE, toxicity_sign=(
            f"subject_id | day | temperature_c | fever_minutes\nA | 5 | 38.2 | {minutes}"))


@pytest.mark.parametrize(("day", "grade"), [(5, "3"), (4, "3"), (3, "3"), (2, None), (6, None)])
def test_a_count_holds_for_two_days_more(spec: Spec, day: int, grade: str | None) -> None:
    spec("febrile_neutropenia_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=anc(f"{day} | 0.3"), toxicity_sign=highest("5 | 39.0"))


def test_the_nearest_count_decides(spec: Spec) -> None:
    spec("febrile_neutropenia_grade", {("A", 1): "0"}, exposure=CYCLE,
         laboratory=anc("3 | 0.3", "4 | 1.2"), toxicity_sign=highest("5 | 39.0"))


def test_a_day_of_unknown_length_is_left_to_the_report(spec: Spec) -> None:
    spec("febrile_neutropenia_grade", {("A", 1): "3"}, exposure=CYCLE,
         laboratory=anc("5 | 0.3"), toxicity_sign=highest("5 | 38.2"), adverse_event="""
            subject_id | event_no | term                | group | grade | grading | start_day
            A          | 1        | Febrile Neutropenia | OTHER | 3     | CTCAE5  | 5
         """)


def test_thirty_eight_degrees_for_sixty_one_minutes_are_told_by_the_report(spec: Spec) -> None:
    # Most records hold the highest temperature of a day, not its minutes.
    spec("febrile_neutropenia_grade", {("A", 1): "3"}, exposure=CYCLE,
         laboratory=anc("5 | 0.4"), toxicity_sign=highest("5 | 38.0"), adverse_event="""
            subject_id | event_no | term                | group | grade | grading | start_day
            A          | 1        | Febrile neutropenia | OTHER | 3     | CTCAE5  | 5
         """)


@pytest.mark.parametrize(("temperature", "grade"), [
    ("37.9", "0"), ("38.0", "1"), ("39.0", "1"), ("39.1", "2"), ("40.0", "2"), ("40.1", None),
])
def test_fever(spec: Spec, temperature: str, grade: str | None) -> None:
    spec("fever_grade", {("A", 1): grade}, exposure=CYCLE,
         toxicity_sign=highest(f"5 | {temperature}"))


def test_a_fever_that_is_at_least_worse_is_not_hidden_by_a_known_one(spec: Spec) -> None:
    spec("fever_grade", {("A", 1): None}, exposure=CYCLE,
         toxicity_sign=highest("5 | 38.5", "6 | 40.2"))
