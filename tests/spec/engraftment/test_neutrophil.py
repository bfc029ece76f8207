"""Neutrophil recovery. Vectors: the reference of definitions, section 7, and boundaries."""

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 0
"""
ALIVE = """
    subject_id | vital_status | last_contact_day
    A          | ALIVE        | 400
"""


def counts(*pairs: tuple[int, float], subject: str = "A", unit: str = "10*9/L") -> str:
    """Return neutrophil counts as a laboratory table."""
    lines = [f"{subject} | ANC | {day} | 1 | {value} | {unit}" for day, value in pairs]
    return "\n".join(["subject_id | test | day | sequence | value | unit", *lines])


def test_first_of_three_consecutive_counts(spec: Spec) -> None:
    rows = counts((10, 0.400), (11, 0.501), (12, 0.600), (13, 0.700))
    for criteria in ("olaya_2025", "astct_ebmt_2024", "cibmtr"):
        spec("neutrophil_recovery", {"A": 11}, criteria=criteria, part="day",
             transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_exactly_half_counts_for_the_registries_and_not_for_olaya(spec: Spec) -> None:
    rows = counts((10, 0.500), (11, 0.501), (12, 0.502), (13, 0.510))
    spec("neutrophil_recovery", {"A": 10}, criteria="astct_ebmt_2024", part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)
    spec("neutrophil_recovery", {"A": 11}, criteria="olaya_2025", part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_a_count_below_breaks_the_run(spec: Spec) -> None:
    rows = counts((11, 0.600), (12, 0.450), (13, 0.700), (14, 0.800), (15, 0.900))
    spec("neutrophil_recovery", {"A": 13}, part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_days_without_a_count_are_passed_over_by_registries_and_hide_for_olaya(spec: Spec) -> None:
    rows = counts((11, 0.6), (13, 0.7), (15, 0.8))
    spec("neutrophil_recovery", {"A": 11}, criteria="cibmtr", part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)
    spec("neutrophil_recovery", {"A": None}, criteria="olaya_2025",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)
    spec("neutrophil_recovery", {"A": "counts stop or skip days before a run is complete"},
         criteria="olaya_2025", part="note",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_counts_before_the_nadir_are_not_recovery(spec: Spec) -> None:
    rows = counts((1, 3.0), (2, 1.5), (3, 0.9), (5, 0.1), (11, 0.2), (16, 0.6), (17, 0.7),
                  (18, 0.9))
    spec("neutrophil_recovery", {"A": 16}, part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_counts_that_never_fell_are_unknown(spec: Spec) -> None:
    rows = counts((1, 3.0), (2, 1.5), (3, 0.9))
    spec("neutrophil_recovery", {"A": "counts never fell below the threshold"}, part="note",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_never_recovered_needs_counts_to_the_end(spec: Spec) -> None:
    death = """
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 20               | 20
    """
    low = counts(*((day, 0.1) for day in range(1, 19)))
    spec("neutrophil_recovery", {"A": "N"}, transplant=GRAFT, laboratory=low, follow_up=death)
    spec("neutrophil_recovery", {"A": None}, transplant=GRAFT, laboratory=low, follow_up=ALIVE)
    spec("neutrophil_recovery", {"A": "counts are too far apart or end too early"}, part="note",
         transplant=GRAFT, laboratory=low, follow_up=ALIVE)


def test_a_run_that_death_left_no_days_for_is_no_recovery(spec: Spec) -> None:
    rows = counts(*((day, 0.1) for day in range(1, 10)), (10, 0.6))
    for died, expected in ((10, "N"), (11, "N"), (12, None)):
        death = f"""
            subject_id | vital_status | last_contact_day | death_day
            A          | DEAD         | {died}           | {died}
        """
        spec("neutrophil_recovery", {"A": expected}, transplant=GRAFT, laboratory=rows,
             follow_up=death)


def test_the_lowest_count_of_a_day_counts(spec: Spec) -> None:
    rows = """
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 9   | 1        | 0.1   | 10*9/L
        A          | ANC  | 10  | 1        | 0.9   | 10*9/L
        A          | ANC  | 10  | 2        | 0.3   | 10*9/L
        A          | ANC  | 11  | 1        | 0.6   | 10*9/L
        A          | ANC  | 12  | 1        | 0.6   | 10*9/L
        A          | ANC  | 13  | 1        | 0.6   | 10*9/L
    """
    spec("neutrophil_recovery", {"A": 11}, part="day",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_days_count_from_the_graft_and_stop_at_the_next_one(spec: Spec) -> None:
    two = """
        subject_id | transplant_no | day
        A          | 1             | 100
        A          | 2             | 130
    """
    rows = counts((110, 0.1), (128, 0.6), (129, 0.7), (130, 0.9), (140, 0.1), (150, 0.6),
                  (151, 0.7), (152, 0.8))
    # After the first graft the run of days 128 and 129 is cut by the second graft: unknown.
    # After the second it begins on study day 150, that is day 20.
    spec("neutrophil_recovery", {("A", 1): None, ("A", 2): 20}, part="day",
         transplant=two, laboratory=rows, follow_up=ALIVE)


def test_without_counts_the_centre_s_word_is_taken(spec: Spec) -> None:
    word, day = "neutrophil_recovered_reported", "neutrophil_recovery_day_reported"
    reported = f"""
        subject_id | transplant_no | day | {word} | {day}
        A          | 1             | 50  | Y      | 64
        B          | 1             | 50  | N      |
        C          | 1             | 50  |        | 66
        D          | 1             | 50  |        |
    """
    tables = {"transplant": reported, "follow_up": ALIVE}
    spec("neutrophil_recovery", {"A": "Y", "B": "N", "C": "Y", "D": None}, **tables)
    spec("neutrophil_recovery", {"A": 14, "B": None, "C": 16, "D": None}, part="day", **tables)
    spec("neutrophil_recovery", {"A": "reported by the centre", "D": None}, part="how", **tables)
    spec("neutrophil_recovery", {"A": None, "D": "no counts and no report"}, part="note", **tables)


def test_counts_win_over_the_report_and_say_so(spec: Spec) -> None:
    reported = """
        subject_id | transplant_no | day | neutrophil_recovery_day_reported
        A          | 1             | 0   | 15
    """
    rows = counts((10, 0.1), (11, 0.6), (12, 0.6), (13, 0.6))
    tables = {"transplant": reported, "laboratory": rows, "follow_up": ALIVE}
    spec("neutrophil_recovery", {"A": 11}, part="day", **tables)
    spec("neutrophil_recovery", {"A": "derived from counts"}, part="how", **tables)
    spec("neutrophil_recovery", {"A": "the centre reported another day"}, part="note", **tables)


def test_a_count_in_another_unit_is_not_read(spec: Spec) -> None:
    rows = counts((10, 0.1), (11, 0.6), (12, 0.6), (13, 0.6), unit="g/L")
    spec("neutrophil_recovery", {"A": "no counts and no report"}, part="note",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_the_source_is_the_first_row_of_the_run(spec: Spec) -> None:
    rows = counts((10, 0.1), (11, 0.6), (12, 0.6), (13, 0.6))
    spec("neutrophil_recovery", {"A": "laboratory:3"}, part="source",
         transplant=GRAFT, laboratory=rows, follow_up=ALIVE)


def test_losing_sight_of_a_living_child_is_not_a_failure(spec: Spec) -> None:
    # Low counts to day 29, then nothing: alive, the child may recover unseen before day 42;
    # dead on day 30, it did not.
    low = counts(*((day, 0.1) for day in range(1, 30)))
    tables = {"transplant": GRAFT, "laboratory": low}
    alive = """
        subject_id | vital_status | last_contact_day
        A          | ALIVE        | 30
    """
    dead = """
        subject_id | vital_status | death_day
        A          | DEAD         | 30
    """
    name = "neutrophil_recovery"
    spec(name, {"A": None}, follow_up=alive, **tables)
    spec(name, {"A": "N"}, follow_up=dead, **tables)
    spec(name, {"A": "died before recovery"}, part="note", follow_up=dead, **tables)


def test_a_reported_day_after_death_is_noted(spec: Spec) -> None:
    reported = """
        subject_id | transplant_no | day | neutrophil_recovery_day_reported
        A          | 1             | 0   | 21
    """
    dead = """
        subject_id | vital_status | death_day
        A          | DEAD         | 20
    """
    spec("neutrophil_recovery", {"A": "the reported day is after death"}, part="note",
         transplant=reported, follow_up=dead)


def test_the_next_graft_is_the_next_by_day(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | 300
        A          | 2             | 0
    """
    rows = counts((2, 0.1), (12, 0.9), (13, 0.9), (14, 0.9))
    spec("neutrophil_recovery", {("A", 1): None, ("A", 2): 12}, part="day", transplant=grafts,
         laboratory=rows)
