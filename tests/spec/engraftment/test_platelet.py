"""Platelet recovery. Vectors: the reference of definitions, section 7 (CIBMTR example)."""

from collections.abc import Iterable

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 0
"""
ALIVE = """
    subject_id | vital_status | last_contact_day
    A          | ALIVE        | 400
"""


def counts(pairs: Iterable[tuple[int, float]]) -> str:
    """Return platelet counts as a laboratory table."""
    lines = [f"A | PLT | {day} | 1 | {value} | 10*9/L" for day, value in pairs]
    return "\n".join(["subject_id | test | day | sequence | value | unit", *lines])


def transfused(*days: int) -> str:
    """Return platelet transfusions."""
    return "\n".join(["subject_id | day | product", *(f"A | {day} | PLATELET" for day in days)])


def test_seven_days_after_the_last_transfusion(spec: Spec) -> None:
    values = [10, 35, 30, 25, 10, 15, 19, 23, 25, 40, 50]     # days 0 to 10
    rows = counts(enumerate(values))
    tables = {"transplant": GRAFT, "laboratory": rows, "transfusion": transfused(0),
              "follow_up": ALIVE}
    spec("platelet_recovery", {"A": 7}, criteria="cibmtr", part="day", **tables)
    # Olaya asks for seven days above 20: days 7 to 10 are not enough, and counts stop there.
    spec("platelet_recovery", {"A": None}, criteria="olaya_2025", part="day", **tables)


def test_the_earliest_day_is_the_last_transfusion_plus_seven(spec: Spec) -> None:
    rows = counts([(8, 5), *((day, 25) for day in range(10, 19))])
    tables = {"transplant": GRAFT, "laboratory": rows, "transfusion": transfused(9),
              "follow_up": ALIVE}
    spec("platelet_recovery", {"A": 16}, criteria="astct_ebmt_2024", part="day", **tables)
    # Olaya asks only that none is given during the seven days: 10 to 16, first day taken.
    spec("platelet_recovery", {"A": 10}, criteria="olaya_2025", part="day", **tables)
    # The other reading of the paper: the last of those seven days, and the count of that day.
    spec("platelet_recovery", {"A": ("Y", 16, "laboratory:9")}, criteria="olaya_2025_last_day",
         part=("value", "day", "source"), **tables)


def test_the_last_day_reading_moves_the_day_and_nothing_else(spec: Spec) -> None:
    tables = {"transplant": GRAFT, "transfusion": transfused(1), "follow_up": ALIVE}
    six = counts([(8, 5), *((day, 20.1) for day in range(10, 16)), (16, 20)])
    seven = counts([(8, 5), *((day, 20.1) for day in range(10, 17)), (17, 20)])
    for criteria, day in (("olaya_2025", 10), ("olaya_2025_last_day", 16)):
        spec("platelet_recovery", {"A": (None, None)}, criteria=criteria, part=("value", "day"),
             laboratory=six, **tables)
        spec("platelet_recovery", {"A": ("Y", day)}, criteria=criteria, part=("value", "day"),
             laboratory=seven, **tables)
    reported = """
        subject_id | transplant_no | day | platelet_recovery_day_reported
        A          | 1             | 0   | 16
    """
    tables |= {"transplant": reported, "laboratory": seven}
    spec("platelet_recovery", {"A": None}, criteria="olaya_2025_last_day", part="note", **tables)
    spec("platelet_recovery", {"A": "the centre reported another day"}, criteria="olaya_2025",
         part="note", **tables)


def test_exactly_20_counts_for_the_registries_only(spec: Spec) -> None:
    rows = counts([(9, 5), *((day, 20) for day in range(10, 20))])
    tables = {"transplant": GRAFT, "laboratory": rows, "transfusion": transfused(1),
              "follow_up": ALIVE}
    spec("platelet_recovery", {"A": 10}, criteria="astct_ebmt_2024", part="day", **tables)
    spec("platelet_recovery", {"A": None}, criteria="olaya_2025", part="day", **tables)


def test_without_recorded_transfusions_nothing_is_derived(spec: Spec) -> None:
    rows = counts([(9, 5), (10, 30), (11, 30), (12, 30)])
    spec("platelet_recovery", {"A": None}, transplant=GRAFT, laboratory=rows, follow_up=ALIVE)
    complete = """
        subject_id | form        | status
        A          | TRANSFUSION | COMPLETE
    """
    spec("platelet_recovery", {"A": 10}, part="day", transplant=GRAFT, laboratory=rows,
         follow_up=ALIVE, form_status=complete)


def test_a_red_cell_transfusion_does_not_count(spec: Spec) -> None:
    rows = counts([(9, 5), (10, 30), (11, 30), (12, 30)])
    red = """
        subject_id | day | product
        A          | 9   | RBC
    """
    spec("platelet_recovery", {"A": 10}, part="day", transplant=GRAFT, laboratory=rows,
         follow_up=ALIVE, transfusion=red)


def test_support_after_the_graft_is_a_nadir(spec: Spec) -> None:
    rows = counts((day, 90) for day in range(1, 21))
    tables = {"transplant": GRAFT, "laboratory": rows, "follow_up": ALIVE}
    spec("platelet_recovery", {"A": 10}, part="day", transfusion=transfused(3), **tables)
    spec("platelet_recovery", {"A": "counts never fell below the threshold"}, part="note",
         transfusion=transfused(-1), **tables)


def test_the_plan_may_say_that_every_transfusion_is_recorded(spec: Spec) -> None:
    rows = counts([(9, 5), (10, 30), (11, 30), (12, 30)])
    tables = {"transplant": GRAFT, "laboratory": rows, "follow_up": ALIVE}
    told = {"absent_means_none": ["TRANSFUSION"]}
    spec("platelet_recovery", {"A": 10}, part="day", records=told, **tables)
    spec("platelet_recovery",
         {"A": "platelet counts without a record of transfusions, and no report"}, part="note",
         **tables)
    spec("platelet_recovery", {"A": None}, records=told, form_status="""
        subject_id | form        | status
        A          | TRANSFUSION | NOT_COLLECTED
    """, **tables)
