"""What followed blinatumomab: a transplant is named before CAR-T cells, these before drugs."""

from tests.spec.conftest import Spec

EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day
    A          | 1        | 1          | 0
    B          | 1        | 1          | 0
    C          | 1        | 1          | 0
    D          | 1        | 1          | 0
    E          | 1        | 1          | 0
    G          | 1        | 1          |
"""
LINES = """
    subject_id | line_no | intent   | start_day
    A          | 1       | BRIDGING | 40
    B          | 1       | BRIDGING | 40
    C          | 1       | SALVAGE  | -40
    C          | 2       | SALVAGE  | 1
    C          | 3       | SALVAGE  | 60
    D          | 1       | SALVAGE  | 0
    D          | 2       | SALVAGE  |
"""
CELLS = """
    subject_id | therapy_no | kind  | day
    A          | 1          | CAR_T | 50
    B          | 1          | CAR_T | 50
    D          | 1          | DLI   | 50
"""
GRAFTS = """
    subject_id | transplant_no | day
    A          | 1             | -200
    A          | 2             | 90
    D          | 1             | 0
    E          | 1             |
    F          | 1             | 90
    G          | 1             | 90
"""


def test_what_came_after_the_first_infusion(spec: Spec) -> None:
    tables = {"exposure": EXPOSURE, "treatment_line": LINES, "cell_therapy": CELLS,
              "transplant": GRAFTS}
    spec("next_therapy", {"A": "HSCT", "B": "CAR_T", "C": "CHEMOTHERAPY", "D": "NONE", "E": "HSCT",
                          "F": None, "G": None}, **tables)
    spec("next_therapy", {"A": 90, "B": 50, "C": 1, "D": None, "E": None}, part="day", **tables)
