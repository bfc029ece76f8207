"""Chemotherapy before blinatumomab: to reduce the leukaemia, and to bridge the time."""

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id
    A          | 1
    B          | 1
    C          | 1
    D          | 1
"""
EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day
    A          | 1        | 1          | 0
    B          | 1        | 1          | 0
    C          | 1        | 1          | 0
    D          | 1        | 1          | 0
"""
LINES = """
    subject_id | line_no | intent    | start_day
    A          | 1       | FRONTLINE | -400
    A          | 2       | DEBULKING | -40
    A          | 3       | BRIDGING  | -10
    B          | 1       | FRONTLINE | -300
    B          | 2       | BRIDGING  | 30
    C          | 1       | DEBULKING | 0
"""


def test_lines_begun_before_the_first_infusion_count_by_what_they_were_for(spec: Spec) -> None:
    tables = {"subject": SUBJECTS, "exposure": EXPOSURE, "treatment_line": LINES}
    spec("debulked", {"A": "Y", "B": "N", "C": "N", "D": None}, **tables)
    spec("bridged", {"A": "Y", "B": "N", "C": "N", "D": None}, **tables)
    spec("bridged", {"D": "no line of treatment is recorded"}, part="note", **tables)


def test_a_line_that_may_have_been_one_leaves_it_unknown(spec: Spec) -> None:
    tables = {"subject": SUBJECTS, "exposure": "\n".join(EXPOSURE.splitlines()[:-1]),
              "treatment_line": """
        subject_id | line_no | intent    | start_day
        A          | 1       | FRONTLINE | -400
        A          | 2       | DEBULKING |
        B          | 1       |           | -30
        C          | 1       |           | 30
        D          | 1       | DEBULKING | -40
    """}
    spec("debulked", {"A": None, "B": None, "C": "N", "D": None}, **tables)
    spec("bridged", {"A": "N", "B": None, "C": "N", "D": None}, **tables)
    unclear = "the first day of a line, or what it was for, is not known"
    spec("debulked", {"A": unclear, "B": unclear, "D": "no infusion is recorded"}, part="note",
         **tables)


def test_the_last_episode_up_to_the_first_infusion_is_told(spec: Spec) -> None:
    spec("last_episode", {"A": "REFRACTORY", "B": "RELAPSE"}, exposure=EXPOSURE, disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -400
        A          | 2          | REFRACTORY        | -300
        A          | 3          | RELAPSE           | 30
        B          | 1          | REFRACTORY        | -300
        B          | 2          | RELAPSE           | 0
    """)
