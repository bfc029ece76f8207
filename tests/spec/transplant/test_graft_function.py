"""Poor graft function: the reference of definitions, section 7, and boundaries."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day | graft | neutrophil_recovery_day_reported
    A          | 1             | 0   | PBSC  | 14
"""
ALIVE = "subject_id | vital_status | last_contact_day\nA | ALIVE | 100"
FULL = (("CHIMERISM_WB", 98), ("CHIMERISM_CD3", 97))
NOT_JUDGED = "drugs and infections that may explain it are not judged"


def chimeras(day: int, *lineages: tuple[str, float]) -> str:
    """Return donor percentages of one day."""
    return "\n".join(["subject_id | test | day | sequence | value | unit",
                      *(f"A | {test} | {day} | 1 | {value} | %" for test, value in lineages)])


def given(*days: int, product: str = "PLATELET") -> str:
    """Return transfusions of one product."""
    return "\n".join(["subject_id | day | product", *(f"A | {day} | {product}" for day in days)])


@pytest.mark.parametrize(("days", "value", "day", "note"), [
    ((31, 40, 50, 60), "Y", 31, NOT_JUDGED),         # the fourth on the 30th day
    ((31, 40, 50, 61), "N", None, None),
    ((30, 40, 50, 59), "N", None, None),             # day 30 itself is too early
    ((71, 80, 90, 100), "Y", 71, NOT_JUDGED),
    ((72, 80, 90, 101), "N", None, None),
    ((5, 9, 20, 25, 29), "N", None, None),
])
def test_four_transfusions_in_thirty_days_after_day_30(
    spec: Spec, days: tuple[int, ...], value: str, day: int | None, note: str | None
) -> None:
    spec("poor_graft_function", {"A": (value, day, note)}, part=("value", "day", "note"),
         transplant=GRAFT, follow_up=ALIVE, transfusion=given(*days),
         laboratory=chimeras(60, *FULL))


def test_red_cells_and_platelets_of_one_day_are_one_day_and_plasma_is_none(spec: Spec) -> None:
    days = "subject_id | day | product\nA | 40 | {}\nA | 41 | RBC\nA | 42 | RBC\nA | 43 | RBC"
    tables = {"transplant": GRAFT, "follow_up": ALIVE, "laboratory": chimeras(60, *FULL)}
    spec("poor_graft_function", {"A": "Y"}, transfusion=days.format("PLATELET"), **tables)
    spec("poor_graft_function", {"A": "N"}, transfusion=days.format("PLASMA"), **tables)
    spec("poor_graft_function", {"A": "N"}, **tables, transfusion=(
        f"{days.format('PLASMA')}\nA | 41 | PLATELET"))


@pytest.mark.parametrize(("day", "lineages", "value", "note"), [
    (10, FULL, "Y", NOT_JUDGED), (70, FULL, "Y", NOT_JUDGED),
    (9, FULL, None, "transfusions, and no chimerism near them"),
    (71, FULL, None, "transfusions, and no chimerism near them"),
    (60, (("CHIMERISM_WB", 95), ("CHIMERISM_CD3", 97)), "N",
     "transfusions with chimerism that is not full"),
    (60, (("CHIMERISM_WB", 99),), None,
     "transfusions, and chimerism near them that is not known"),
])
def test_the_donor_has_to_be_full_near_the_transfusions(
    spec: Spec, day: int, lineages: tuple[tuple[str, float], ...], value: str | None, note: str
) -> None:
    spec("poor_graft_function", {"A": (value, note)}, part=("value", "note"), transplant=GRAFT,
         follow_up=ALIVE, transfusion=given(40, 45, 50, 55), laboratory=chimeras(day, *lineages))


def test_a_relapse_may_explain_the_transfusions(spec: Spec) -> None:
    episode = "subject_id | episode_no | phase | start_day\nA | 2 | RELAPSE | {}"
    for day, answer in ((55, (None, "a relapse may explain the transfusions")),
                        (56, ("Y", NOT_JUDGED))):
        spec("poor_graft_function", {"A": answer}, part=("value", "note"), transplant=GRAFT,
             follow_up=ALIVE, transfusion=given(40, 45, 50, 55), laboratory=chimeras(60, *FULL),
             disease_episode=episode.format(day))


@pytest.mark.parametrize(("word", "end", "transfusion", "answer"), [
    ("", "ALIVE | 100 | ", given(3), (None, "whether the graft took is not known")),
    ("31", "ALIVE | 100 | ", given(3), ("N", "the graft had not taken")),
    ("14", "ALIVE | 100 | ", "", (None, "transfusions are not known to have been recorded")),
    ("14", "ALIVE | 99 | ", given(3), (None, "follow-up ends before day 100")),
    ("14", "DEAD | | 31", given(3), ("N", None)),
    ("14", "DEAD | | 30", given(3), (None, "death or another graft by day 30")),
])
def test_what_has_to_be_known_of_a_graft_that_did_without(
    spec: Spec, word: str, end: str, transfusion: str, answer: tuple[str | None, str | None]
) -> None:
    graft = GRAFT.replace("14", word)
    tables = {"transfusion": transfusion} if transfusion else {}
    spec("poor_graft_function", {"A": answer}, part=("value", "note"), transplant=graft,
         follow_up=f"subject_id | vital_status | last_contact_day | death_day\nA | {end}", **tables)
