"""Response of each cycle in its window, and the best before other treatment. Definitions, 2.4."""

from tests.spec.conftest import Spec

TWO_CYCLES = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
    A          | 2        | 1          | 42        | 69
    B          | 1        | 1          | 0         | 27
    B          | 2        | 1          | 42        | 69
    C          | 1        | 1          | 0         | 27
    D          | 1        | 1          | 0         | 27
"""
MARROWS = """
subject_id | assessment_no | day | specimen | blast_percent | mrd_sign | mrd_lod_percent
A          | 1             | 28  | BM       | 3             |          |
A          | 2             | 70  | BM       | 1             | ND       | 0.01
B          | 1             | -1  | BM       | 40            |          |
B          | 2             | 28  | BM       | 39            |          |
D          | 1             | -1  | BM       | 40            |          |
D          | 2             | 28  | BM       | 39            |          |
D          | 3             | 90  | BM       | 1             | ND       | 0.01
"""
COUNTS = """
    subject_id | test | day | value | unit
    A          | ANC  | 28  | 1.2   | 10*9/L
    A          | PLT  | 28  | 120   | 10*9/L
    A          | ANC  | 70  | 1.2   | 10*9/L
    A          | PLT  | 70  | 120   | 10*9/L
"""
GRAFT = """
    subject_id | transplant_no | day
    D          | 1             | 60
"""
TABLES = {"exposure": TWO_CYCLES, "assessment": MARROWS, "laboratory": COUNTS, "transplant": GRAFT}


def test_the_best_of_the_cycles_before_other_treatment(spec: Spec) -> None:
    spec("cycle_response", {
        ("A", 1): "CR", ("A", 2): "MRD_CR", ("B", 1): "NR", ("B", 2): "NE", ("C", 1): "NE",
        ("D", 1): "NR",
    }, **TABLES)
    spec("best_response", {"A": "MRD_CR", "B": "NR", "C": "NE", "D": "NR"}, **TABLES)
    spec("best_response", {"A": 70, "B": 28, "C": None}, part="day", **TABLES)


def test_remission_and_mrd_response_with_their_days(spec: Spec) -> None:
    spec("remission_reached", {"A": "Y", "B": "N", "C": None, "D": "N"}, **TABLES)
    spec("remission_reached", {"A": 28, "B": None}, part="day", **TABLES)
    spec("cycle_mrd_response", {("A", 1): None, ("A", 2): "Y", ("B", 1): "N", ("B", 2): None},
         **TABLES)
    spec("best_mrd_response", {"A": "Y", "B": "N", "C": None, "D": "N"}, **TABLES)
    spec("best_mrd_response", {"A": 70}, part="day", **TABLES)


def test_of_two_cycles_the_better_response_counts(spec: Spec) -> None:
    # CR before CRi, CRi before a marrow whose counts are not known, partial before progression.
    tables = {"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 27
        A          | 2        | 1          | 42        | 69
        B          | 1        | 1          | 0         | 27
        B          | 2        | 1          | 42        | 69
        C          | 1        | 1          | 0         | 27
        C          | 2        | 1          | 42        | 69
    """, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 28  | BM       | 3
        A          | 2             | 70  | BM       | 3
        B          | 1             | 28  | BM       | 3
        B          | 2             | 70  | BM       | 3
        C          | 1             | -1  | BM       | 40
        C          | 2             | 28  | BM       | 20
        C          | 3             | 70  | BM       | 60
    """, "laboratory": """
        subject_id | test | day | value | unit
        A          | ANC  | 28  | 0.4   | 10*9/L
        A          | ANC  | 70  | 1.2   | 10*9/L
        A          | PLT  | 70  | 120   | 10*9/L
        B          | ANC  | 28  | 0.4   | 10*9/L
    """}
    spec("cycle_response", {("A", 1): "CRI", ("A", 2): "CR", ("B", 1): "CRI", ("B", 2): "MLFS",
                            ("C", 1): "PR", ("C", 2): "PD"}, **tables)
    spec("best_response", {"A": "CR", "B": "CRI", "C": "PR"}, **tables)


def test_a_child_that_died_before_a_marrow_is_not_evaluable_and_a_failure(spec: Spec) -> None:
    tables = {"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 10
    """, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 40
    """, "follow_up": """
        subject_id | vital_status | death_day
        A          | DEAD         | 10
    """}
    spec("best_response", {"A": "NE"}, **tables)
    spec("responder", {"A": "N"}, **tables)
    spec("responder", {"A": "not evaluable, counted as failure"}, part="how", **tables)


ONE_CYCLE = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 20
    B          | 1        | 1          | 0         | 20
    C          | 1        | 1          | 0         | 20
    D          | 1        | 1          | 0         | 20
    D          | 2        | 1          | 30        | 50
    E          | 1        | 1          | 0         | 20
    F          | 1        | 1          | 0         |
"""


def test_the_window_opens_on_day_14_and_closes_14_days_after_the_infusion(spec: Spec) -> None:
    spec("cycle_response", {
        ("A", 1): "NE",           # day 13 of the infusion
        ("B", 1): "CR", ("C", 1): "CR",
        ("D", 1): "CR",           # day 1 of the next cycle
        ("E", 1): "NE",           # 15 days after the end
        ("F", 1): None,
    }, criteria="zhang_2025", exposure=ONE_CYCLE, assessment="""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 12  | BM       | 1
        B          | 1             | 13  | BM       | 1
        C          | 1             | 34  | BM       | 1
        D          | 1             | 30  | BM       | 1
        E          | 1             | 35  | BM       | 1
        F          | 1             | 21  | BM       | 1
    """)


def test_other_treatment_closes_the_window(spec: Spec) -> None:
    spec("cycle_response", {
        ("A", 1): "CR", ("B", 1): "NE", ("C", 1): "NE", ("D", 1): "CR", ("E", 1): "CR",
    }, criteria="zhang_2025", exposure=ONE_CYCLE, assessment="""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 25  | BM       | 1
        B          | 1             | 26  | BM       | 1
        C          | 1             | 26  | BM       | 1
        D          | 1             | 26  | BM       | 1
        E          | 1             | 26  | BM       | 1
    """, transplant="""
        subject_id | transplant_no | day
        A          | 1             | 25
        E          | 1             | -400
    """, cell_therapy="""
        subject_id | therapy_no | kind  | day
        B          | 1          | CAR_T | 25
        D          | 1          | DLI   | 25
    """, treatment_line="""
        subject_id | line_no | intent    | start_day
        C          | 1       | FRONTLINE | -300
        C          | 2       | SALVAGE   | 25
        D          | 1       | SALVAGE   | 20
    """)


def test_the_last_marrow_that_tells_is_taken(spec: Spec) -> None:
    tables = {"exposure": ONE_CYCLE, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 14  | BM       | 1             |
        A          | 2             | 28  | BM       | 30            |
        B          | 1             | 14  | BM       | 30            |
        B          | 2             | 28  | BM       |               |
        C          | 1             | 28  | BM       |               |
        E          | 1             | 28  | BM       |               | NE
    """}
    spec("cycle_response", {("A", 1): "NR", ("B", 1): "NR", ("C", 1): None, ("E", 1): "NE"},
         criteria="zhang_2025", **tables)
    spec("best_response", {"A": "NR", "B": "NR", "C": None, "E": "NE"}, criteria="zhang_2025",
         **tables)
    spec("best_response", {"C": "no blasts of this marrow",
                           "E": "no evaluable marrow in the window of the cycle"},
         part="note", criteria="zhang_2025", **tables)


def test_a_cycle_that_is_not_known_leaves_only_remission_standing(spec: Spec) -> None:
    tables = {"exposure": TWO_CYCLES, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 28  | BM       | 1
        A          | 2             | 70  | BM       |
        B          | 1             | 28  | BM       | 30
        B          | 2             | 70  | BM       |
    """}
    spec("best_response", {"A": "CR", "B": None}, criteria="zhang_2025", **tables)
    spec("best_response", {"A": "the response of another cycle is not known"}, part="note",
         criteria="zhang_2025", **tables)


def test_a_cycle_after_other_treatment_does_not_count(spec: Spec) -> None:
    spec("best_response", {"A": "NR", "B": "CR"}, criteria="zhang_2025", exposure=TWO_CYCLES,
         assessment="""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 28  | BM       | 30
        A          | 2             | 70  | BM       | 1
        B          | 1             | 28  | BM       | 30
        B          | 2             | 70  | BM       | 1
    """, treatment_line="""
        subject_id | line_no | intent   | start_day
        A          | 1       | SALVAGE  | 30
        B          | 1       | BRIDGING | 71
    """)
