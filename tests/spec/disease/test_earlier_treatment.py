"""Lines of chemotherapy and relapses before blinatumomab."""

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id
    A          | 1
    B          | 1
    C          | 1
    D          | 1
    E          | 1
"""
EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day
    A          | 1        | 1          | 0
    B          | 1        | 1          | 0
    C          | 1        | 1          | 0
    D          | 1        | 1          | 0
"""
LINES = """
    subject_id | line_no | intent      | start_day
    A          | 1       | FRONTLINE   | -900
    A          | 2       | SALVAGE     | -60
    A          | 3       | DEBULKING   | -20
    A          | 4       | MAINTENANCE | 90
    B          | 1       | FRONTLINE   | -400
    B          | 2       | SALVAGE     | 40
    C          | 1       | FRONTLINE   | -400
    C          | 2       | SALVAGE     |
    E          | 1       | FRONTLINE   | -400
"""


def test_frontline_and_salvage_lines_before_blinatumomab_count(spec: Spec) -> None:
    # debulking and maintenance belong to a line
    spec("prior_lines", {"A": 2, "B": 1}, treatment_line=LINES, subject=SUBJECTS, exposure=EXPOSURE)


def test_a_line_without_a_day_and_no_line_leave_it_unknown(spec: Spec) -> None:
    spec("prior_lines", {"C": None, "D": None}, treatment_line=LINES, subject=SUBJECTS,
         exposure=EXPOSURE)
    spec("prior_lines", {"C": "the first day of a line, or what it was for, is not known",
                         "D": "no line is recorded"},
         part="note", treatment_line=LINES, subject=SUBJECTS, exposure=EXPOSURE)
    spec("prior_lines", {"A": None, "B": 0}, subject=SUBJECTS, exposure=EXPOSURE, treatment_line="""
        subject_id | line_no | intent    | start_day
        A          | 1       | FRONTLINE | -400
        A          | 2       |           | -60
        B          | 1       | BRIDGING  | -10
        B          | 2       |           | 60
    """)


def test_a_line_begun_with_blinatumomab_was_not_before_it(spec: Spec) -> None:
    spec("prior_lines", {"A": 1, "B": 1}, subject=SUBJECTS, exposure=EXPOSURE, treatment_line="""
        subject_id | line_no | intent    | start_day
        A          | 1       | FRONTLINE | -400
        A          | 2       | SALVAGE   | 0
        B          | 1       | FRONTLINE | -1
    """)


def test_without_blinatumomab_nothing_came_before_it(spec: Spec) -> None:
    spec("prior_lines", {"E": None}, treatment_line=LINES, subject=SUBJECTS, exposure=EXPOSURE)


def test_relapses_up_to_the_first_infusion_count(spec: Spec) -> None:
    spec("relapses_before_infusion", {"A": 2, "B": 0, "C": None, "D": None}, subject=SUBJECTS,
         exposure=EXPOSURE, disease_episode="""
             subject_id | episode_no | phase             | start_day
             A          | 1          | INITIAL_DIAGNOSIS | -900
             A          | 2          | RELAPSE           | -300
             A          | 3          | RELAPSE           | -20
             A          | 4          | RELAPSE           | 200
             B          | 1          | INITIAL_DIAGNOSIS | -90
             B          | 2          | REFRACTORY        | -40
             C          | 1          | RELAPSE           |
         """)


def test_a_relapse_on_the_day_of_blinatumomab_counts(spec: Spec) -> None:
    spec("relapses_before_infusion", {"A": 1, "B": None}, subject=SUBJECTS, exposure=EXPOSURE,
         disease_episode="""
             subject_id | episode_no | phase   | start_day
             A          | 1          | RELAPSE | 0
             A          | 2          |         | 1
             B          | 1          |         | -1
         """)
