"""Graft failure. Vectors: the reference of definitions, section 7, and boundaries."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day | graft
    A          | 1             | 0   | PBSC
"""
CORD = """
    subject_id | transplant_no | day | graft | donor
    A          | 1             | 0   |       | CORD
"""
ALIVE = """
    subject_id | vital_status | last_contact_day
    A          | ALIVE        | 400
"""


def counts(*runs: tuple[int, int, float]) -> str:
    """Return daily neutrophil counts: (first day, last day, value) of each stretch."""
    lines = [f"A | ANC | {day} | 1 | {value} | 10*9/L"
             for first, last, value in runs for day in range(first, last + 1)]
    return "\n".join(["subject_id | test | day | sequence | value | unit", *lines])


def died(day: int) -> str:
    """Return a follow-up that ends with death on a day."""
    return f"subject_id | vital_status | death_day\nA | DEAD | {day}"


def test_blood_cells_that_never_recover_by_day_30_have_failed(spec: Spec) -> None:
    low = counts((1, 30, 0.1))
    spec("primary_graft_failure", {"A": "Y"}, transplant=GRAFT, laboratory=low, follow_up=ALIVE)
    spec("primary_graft_failure", {"A": 30}, part="day",
         transplant=GRAFT, laboratory=low, follow_up=ALIVE)
    spec("graft_outcome", {"A": "FAILED"}, transplant=GRAFT, laboratory=low, follow_up=ALIVE)


@pytest.mark.parametrize(("first", "expected"), [(30, "N"), (31, "Y")])
def test_recovery_that_begins_on_day_30_is_in_time(spec: Spec, first: int, expected: str) -> None:
    spec("primary_graft_failure", {"A": expected}, transplant=GRAFT, follow_up=ALIVE,
         laboratory=counts((1, first - 1, 0.1), (first, first + 3, 0.5)))


def test_the_older_european_day_is_28(spec: Spec) -> None:
    rows = counts((1, 28, 0.1), (29, 33, 0.6))
    spec("primary_graft_failure", {"A": "N"}, transplant=GRAFT, laboratory=rows, follow_up=ALIVE)
    spec("primary_graft_failure", {"A": "Y"}, criteria="ebmt_day_28",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_cord_blood_has_until_day_42(spec: Spec) -> None:
    spec("graft_outcome", {"A": "ENGRAFTED"}, transplant=CORD, follow_up=ALIVE,
         laboratory=counts((1, 40, 0.1), (41, 44, 0.6)))
    spec("graft_outcome", {"A": 42}, part="day", transplant=CORD, follow_up=ALIVE,
         laboratory=counts((1, 42, 0.1)))
    spec("graft_outcome", {"A": None}, transplant=CORD, follow_up=ALIVE,
         laboratory=counts((1, 30, 0.1)))


def test_a_count_just_below_the_threshold_is_no_recovery(spec: Spec) -> None:
    spec("graft_outcome", {"A": "FAILED"}, transplant=GRAFT, follow_up=ALIVE,
         laboratory=counts((1, 9, 0.1), (10, 30, 0.499)))
    spec("graft_outcome", {"A": "ENGRAFTED"}, transplant=GRAFT, follow_up=ALIVE,
         laboratory=counts((1, 9, 0.1), (10, 30, 0.5)))


def test_death_before_the_day_competes(spec: Spec) -> None:
    tables = {"transplant": GRAFT, "laboratory": counts((1, 19, 0.1)), "follow_up": died(20)}
    spec("graft_outcome", {"A": "DIED"}, **tables)
    spec("graft_outcome", {"A": 20}, part="day", **tables)
    spec("primary_graft_failure", {"A": "N"}, **tables)
    spec("primary_graft_failure", {"A": "died before recovery: a competing event"}, part="note",
         **tables)


def test_another_graft_before_the_day_leaves_failure_unknown(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day | graft
        A          | 1             | 0   | BM
        A          | 2             | 25  | BM
    """
    rows = counts((1, 34, 0.1), (35, 40, 0.7), (41, 60, 2.0))
    tables = {"transplant": grafts, "laboratory": rows, "follow_up": ALIVE}
    spec("graft_outcome", {("A", 1): "NEXT_GRAFT", ("A", 2): "ENGRAFTED"}, **tables)
    spec("graft_outcome", {("A", 1): 25, ("A", 2): 10}, part="day", **tables)
    spec("primary_graft_failure", {("A", 1): None, ("A", 2): "N"}, **tables)


def test_failure_needs_counts_to_the_day(spec: Spec) -> None:
    spec("graft_outcome", {"A": "FAILED"}, transplant=GRAFT, follow_up=ALIVE,
         laboratory=counts((1, 23, 0.1)))
    spec("graft_outcome", {"A": None}, transplant=GRAFT, follow_up=ALIVE,
         laboratory=counts((1, 22, 0.1)))
    spec("graft_outcome", {"A": "counts are too far apart or end too early"}, part="note",
         transplant=GRAFT, follow_up=ALIVE, laboratory=counts((1, 22, 0.1)))


def test_without_the_source_of_cells_only_early_engraftment_is_known(spec: Spec) -> None:
    graft = "subject_id | transplant_no | day\nA | 1 | 0"
    spec("graft_outcome", {"A": "ENGRAFTED"}, transplant=graft, follow_up=ALIVE,
         laboratory=counts((1, 19, 0.1), (20, 30, 0.6)))
    spec("graft_outcome", {"A": "the source of the cells is not recorded"}, part="note",
         transplant=graft, follow_up=ALIVE, laboratory=counts((1, 42, 0.1)))


def test_without_counts_the_centre_is_believed(spec: Spec) -> None:
    word, day = "neutrophil_recovered_reported", "neutrophil_recovery_day_reported"
    grafts = f"""
        subject_id | transplant_no | day | graft | {word} | {day}
        A          | 1             | 5   | BM    |        | 35
        B          | 1             | 5   | BM    | Y      | 36
        C          | 1             | 5   | BM    | N      |
        D          | 1             | 5   | BM    | N      |
        E          | 1             | 5   | BM    | Y      |
        F          | 1             | 5   | BM    |        |
    """
    follow_up = """
        subject_id | vital_status | last_contact_day
        C          | ALIVE        | 35
        D          | ALIVE        | 34
    """
    spec("graft_outcome", {"A": "ENGRAFTED", "B": "FAILED", "C": "FAILED", "D": None, "E": None,
                           "F": None}, transplant=grafts, follow_up=follow_up)
    spec("graft_outcome", {"A": 30, "B": 30, "C": 30}, part="day",
         transplant=grafts, follow_up=follow_up)
    spec("graft_outcome", {"A": "reported by the centre", "F": None}, part="how",
         transplant=grafts, follow_up=follow_up)


def test_three_low_counts_after_recovery_are_secondary_failure(spec: Spec) -> None:
    rows = counts((1, 9, 0.1), (10, 39, 0.8), (40, 42, 0.4), (43, 100, 1.0))
    spec("secondary_graft_failure", {"A": "Y"}, transplant=GRAFT, laboratory=rows)
    spec("secondary_graft_failure", {"A": 40}, part="day", transplant=GRAFT, laboratory=rows)
    two = counts((1, 9, 0.1), (10, 39, 0.8), (40, 41, 0.4), (42, 100, 1.0))
    spec("secondary_graft_failure", {"A": "N"}, transplant=GRAFT, laboratory=two)


def test_counts_that_fall_after_a_relapse_are_not_told_apart(spec: Spec) -> None:
    rows = counts((1, 9, 0.1), (10, 39, 0.8), (40, 60, 0.4))
    relapse = "subject_id | episode_no | phase | start_day\nA | 2 | RELAPSE | {}"
    spec("secondary_graft_failure", {"A": None}, transplant=GRAFT, laboratory=rows,
         disease_episode=relapse.format(40))
    spec("secondary_graft_failure", {"A": "Y"}, transplant=GRAFT, laboratory=rows,
         disease_episode=relapse.format(41))


def test_no_secondary_failure_needs_counts_after_recovery(spec: Spec) -> None:
    weekly = [(10, 20, 0.8), *((day, day, 1.5) for day in range(34, 101, 14))]
    name = "secondary_graft_failure"
    spec(name, {"A": "N"}, transplant=GRAFT, laboratory=counts((1, 9, 0.1), *weekly))
    spec(name, {"A": "counts after recovery are too far apart or end too early"}, part="note",
         transplant=GRAFT, laboratory=counts((1, 9, 0.1), (10, 20, 0.8)))
    spec(name, {"A": "counts end while they are low"}, part="note",
         transplant=GRAFT, laboratory=counts((1, 9, 0.1), (10, 90, 0.8), (91, 92, 0.3)))
    spec(name, {"A": "no recovery that counts show"}, part="note",
         transplant=GRAFT, laboratory=counts((1, 30, 0.1)))
