"""Groups of the white-cell count: both limits belong to the middle. Definitions, 12."""

import pytest

from tests.spec.conftest import Spec


@pytest.mark.parametrize(("count", "group"), [
    ("9.9", "UNDER_10"), ("10", "FROM_10_TO_50"), ("50", "FROM_10_TO_50"), ("50.1", "OVER_50"),
    ("", None),
])
def test_groups_at_diagnosis(spec: Spec, count: str, group: str | None) -> None:
    spec("white_cell_group", {"A": group}, disease_episode=f"""
        subject_id | episode_no | phase             | wbc
        A          | 1          | INITIAL_DIAGNOSIS | {count}
        A          | 2          | RELAPSE           | 120
    """)


COUNTS = {
    "exposure": """
        subject_id | cycle_no | segment_no | start_day
        A          | 1        | 1          | 10
        B          | 1        | 1          | 10
        C          | 1        | 1          | 10
    """,
    "laboratory": """
        subject_id | test | day | sequence | value | unit
        A          | WBC  | 9   | 1        | 90    | 10*9/L
        A          | WBC  | 10  | 1        | 12    | 10*9/L
        A          | WBC  | 10  | 2        | 8     | 10*9/L
        A          | WBC  | 11  | 1        | 3     | 10*9/L
        B          | WBC  | 2   | 1        | 3     | 10*9/L
        C          | WBC  | 3   | 1        | 51    | 10*9/L
    """,
}


def test_the_last_count_of_the_week_before_blinatumomab(spec: Spec) -> None:
    spec("white_cell_group_at_start", {"A": "FROM_10_TO_50", "B": None, "C": "OVER_50"}, **COUNTS)
    spec("white_cells_at_start", {"A": 12.0, "B": None, "C": 51.0}, **COUNTS)
    spec("white_cells_at_start", {"A": 10, "B": None, "C": 3}, part="day", **COUNTS)
