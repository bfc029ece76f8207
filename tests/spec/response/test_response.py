"""Response at a marrow: by blasts and counts, partial, none, progression. Definitions, 2.1."""

import pytest

from tests.spec.conftest import Spec

INFUSION = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
    B          | 1        | 1          | 0         | 27
    C          | 1        | 1          | 0         | 27
    D          | 1        | 1          | 0         | 27
    E          | 1        | 1          | 0         | 27
    F          | 1        | 1          | 0         | 27
"""
FULL_COUNTS = """
    subject_id | test | day | value | unit
    A          | ANC  | 29  | 1.0   | 10*9/L
    A          | PLT  | 29  | 100   | 10*9/L
    B          | ANC  | 29  | 1.0   | 10*9/L
    B          | PLT  | 29  | 100   | 10*9/L
    C          | ANC  | 29  | 1.0   | 10*9/L
    C          | PLT  | 29  | 100   | 10*9/L
"""
FIVE_PERCENT = """
    subject_id | assessment_no | day | specimen | blast_percent
    A          | 1             | -1  | BM       | 63
    A          | 2             | 28  | BM       | 4.9
    B          | 1             | -1  | BM       | 63
    B          | 2             | 28  | BM       | 5.0
    C          | 1             | -1  | BM       | 63
    C          | 2             | 28  | BM       | 5.1
"""


@pytest.mark.parametrize(("criteria", "at_five"), [
    ("eln_2024", "PR"), ("ptwg_2022", "PR"), ("zhang_2025", "PR"), ("amgen", "CR"),
])
def test_exactly_five_percent_is_remission_in_some_sets_only(
    spec: Spec, criteria: str, at_five: str
) -> None:
    spec("response", {("A", 2): "CR", ("B", 2): at_five, ("C", 2): "PR"}, criteria=criteria,
         exposure=INFUSION, assessment=FIVE_PERCENT, laboratory=FULL_COUNTS)


LOW_COUNTS = """
    subject_id | test | day | value | unit
    A          | ANC  | 28  | 0.6   | 10*9/L
    A          | PLT  | 28  | 60    | 10*9/L
    B          | ANC  | 28  | 0.5   | 10*9/L
    B          | PLT  | 28  | 60    | 10*9/L
    C          | ANC  | 28  | 0.99  | 10*9/L
    C          | PLT  | 28  | 50    | 10*9/L
    D          | ANC  | 28  | 0.4   | 10*9/L
    E          | ANC  | 28  | 0.7   | 10*9/L
"""
CLEARED = """
    subject_id | assessment_no | day | specimen | blast_percent
    A          | 1             | 28  | BM       | 3
    B          | 1             | 28  | BM       | 3
    C          | 1             | 28  | BM       | 3
    D          | 1             | 28  | BM       | 3
    E          | 1             | 28  | BM       | 3
    F          | 1             | 28  | BM       | 3
"""


def test_a_cleared_marrow_with_low_counts(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": CLEARED, "laboratory": LOW_COUNTS}
    spec("response", {"A": "CRI", "B": "CRI", "C": "CRI", "D": "CRI", "E": "CRI", "F": "MLFS"},
         **tables)
    spec("response", {"A": "CRH", "B": "CRI", "C": "CRI", "D": "CRI", "E": "MLFS", "F": "MLFS"},
         criteria="amgen", **tables)
    spec("response", {"A": "CR", "F": "CR"}, criteria="zhang_2025", **tables)
    spec("response", {"A": None, "F": "counts near the marrow are not known"}, part="note",
         **tables)


def test_five_percent_with_partly_recovered_counts(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "laboratory": LOW_COUNTS, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 63
        A          | 2             | 28  | BM       | 5.0
        B          | 1             | -1  | BM       | 63
        B          | 2             | 28  | BM       | 5.0
    """}
    spec("response", {("A", 2): "CRH", ("B", 2): "CRI"}, criteria="amgen", **tables)
    spec("response", {("A", 2): "PR", ("B", 2): "PR"}, **tables)


def test_the_count_nearest_to_the_marrow_is_taken(spec: Spec) -> None:
    spec("response", {"A": "CR", "B": "CRI", "C": "MLFS", "D": "CRI"}, exposure=INFUSION,
         assessment=CLEARED, laboratory="""
        subject_id | test | day | value | unit   | sequence
        A          | ANC  | 27  | 0.2   | 10*9/L | 1
        A          | ANC  | 29  | 1.2   | 10*9/L | 1
        A          | PLT  | 35  | 150   | 10*9/L | 1
        B          | ANC  | 28  | 2.0   | 10*9/L | 1
        B          | ANC  | 28  | 0.9   | 10*9/L | 2
        B          | PLT  | 21  | 150   | 10*9/L | 1
        C          | PLT  | 36  | 150   | 10*9/L | 1
        D          | PLT  | 21  | 99.9  | 10*9/L | 1
    """)


def test_a_transfused_platelet_count_is_not_recovery(spec: Spec) -> None:
    counts = """
        subject_id | test | day | value | unit
        A          | ANC  | 28  | 2.0   | 10*9/L
        A          | PLT  | 28  | 150   | 10*9/L
        B          | ANC  | 28  | 2.0   | 10*9/L
        B          | PLT  | 28  | 150   | 10*9/L
    """
    transfusions = """
        subject_id | day | product
        A          | 22  | PLATELET
        B          | 21  | RBC
    """
    tables = {"exposure": INFUSION, "assessment": CLEARED, "laboratory": counts,
              "transfusion": transfusions}
    spec("response", {"A": "CRI", "B": "CR"}, **tables)
    spec("response", {"A": "CR"}, criteria="amgen", **tables)


def test_without_remission_the_fall_or_rise_of_blasts_decides(spec: Spec) -> None:
    before = """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 63
        A          | 2             | 28  | BM       | 20
        B          | 1             | -1  | BM       | 40
        B          | 2             | 28  | BM       | 22
        C          | 1             | -1  | BM       | 30
        C          | 2             | 28  | BM       | 38
        D          | 1             | -1  | BM       | 8
        D          | 2             | 28  | BM       | 6
    """
    spec("response", {("A", 2): "PR", ("B", 2): "NR", ("C", 2): "PD", ("D", 2): "NR"},
         exposure=INFUSION, assessment=before)
    spec("response", {("C", 2): "NR"}, criteria="zhang_2025", exposure=INFUSION, assessment=before)


def test_a_partial_remission_by_strict_sets_asks_for_the_counts_of_remission(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 63
        A          | 2             | 28  | BM       | 20
        B          | 1             | -1  | BM       | 63
        B          | 2             | 28  | BM       | 20
        C          | 1             | -1  | BM       | 63
        C          | 2             | 28  | BM       | 20
        D          | 1             | -1  | BM       | 30
        D          | 2             | 28  | BM       | 16
    """, "laboratory": """
        subject_id | test | day | value | unit
        A          | ANC  | 28  | 1.0   | 10*9/L
        A          | PLT  | 28  | 100   | 10*9/L
        B          | ANC  | 28  | 1.0   | 10*9/L
        B          | PLT  | 28  | 99    | 10*9/L
        C          | ANC  | 28  | 1.0   | 10*9/L
    """}
    keys = [("A", 2), ("B", 2), ("C", 2), ("D", 2)]
    spec("response", dict(zip(keys, ("PR", "PR", "PR", "NR"), strict=True)), **tables)
    strict = {"criteria": "eln_2024_strict_partial"}
    spec("response", dict(zip(keys, ("PR", "NR", None, "NR"), strict=True)), **strict, **tables)
    spec("response", {("C", 2): "counts near the marrow are not known"}, part="note", **strict,
         **tables)


def test_a_fall_of_half_and_a_rise_of_a_quarter_count(spec: Spec) -> None:
    spec("response", {("A", 2): "PR", ("B", 2): "NR", ("C", 2): "PD", ("D", 2): "NR"},
         exposure=INFUSION, assessment="""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -1  | BM       | 50
        A          | 2             | 28  | BM       | 25
        B          | 1             | -1  | BM       | 90
        B          | 2             | 28  | BM       | 25.1
        C          | 1             | -1  | BM       | 40
        C          | 2             | 28  | BM       | 50
        D          | 1             | -1  | BM       | 40
        D          | 2             | 28  | BM       | 49.9
    """)


def test_without_a_marrow_before_a_cleared_one_can_still_be_told(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | -40 | BM       | 63
        A          | 2             | 28  | BM       | 20
        B          | 1             | -28 | BM       | 63
        B          | 2             | 28  | BM       | 20
        C          | 1             | 28  | BM       | 30
        D          | 1             | 28  | BM       | 2
    """}
    spec("response", {("A", 2): None, ("B", 2): "PR", ("C", 1): None, ("D", 1): "MLFS"}, **tables)
    spec("response", {("A", 2): "no marrow before the first infusion to compare with"},
         part="note", **tables)
    spec("response", {("C", 1): "NR"}, criteria="zhang_2025", **tables)


RESIDUAL = """
subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent | mrd_sign
A          | 1             | -1  | BM       | 63            |            |             |
A          | 2             | 28  | BM       | 3             | FCM        | 1.0         | =
B          | 1             | 28  | BM       | 3             | FCM        | 0.99        | =
C          | 1             | 28  | BM       | 6             | FCM        | 0.99        | =
D          | 1             | 28  | BM       |               | FCM        | 0.002       | =
E          | 1             | 28  | BM       |               | FCM        | 0.02        | =
"""


def test_what_minimal_residual_disease_does_differs_by_set(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": RESIDUAL}
    spec("response", {("A", 2): "PR", ("B", 1): "MLFS", ("C", 1): None, ("D", 1): None}, **tables)
    spec("response", {("D", 1): "no blasts of this marrow"}, part="note", **tables)
    spec("response", {("A", 2): "PR", ("B", 1): "CR", ("C", 1): "CR", ("D", 1): "CR"},
         criteria="ptwg_2022", **tables)
    spec("response", {("A", 2): "CR", ("B", 1): "CR", ("D", 1): None}, criteria="zhang_2025",
         **tables)
    spec("response", {("A", 2): "PR", ("B", 1): None, ("D", 1): "CR", ("E", 1): None},
         criteria="olaya_2025", **tables)


def test_leukaemia_elsewhere_is_not_remission(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | cns_status
        A          | 1             | -1  | CSF      |               | CNS1
        A          | 2             | 28  | BM       | 2             |
        A          | 3             | 28  | CSF      |               | CNS3
        B          | 1             | -1  | BM       | 63            |
        B          | 2             | 28  | BM       | 2             |
        B          | 3             | 27  | PB       | 1             |
        C          | 1             | 28  | BM       | 2             |
        C          | 2             | 28  | CSF      |               | CNS2
    """}
    spec("response", {("A", 2): "PD", ("B", 2): "PR", ("C", 1): "MLFS"}, **tables)
    spec("response", {("C", 1): None}, criteria="ptwg_2022", **tables)
    spec("response", {("A", 2): "CR", ("B", 2): "CR"}, criteria="zhang_2025", **tables)


def test_a_new_site_is_progression_an_old_one_is_not(spec: Spec) -> None:
    episodes = """
        subject_id | episode_no | phase   | start_day | marrow | cns | testis
        A          | 1          | RELAPSE | -20       | Y      | N   | N
        A          | 2          | RELAPSE | 30        | N      | N   | Y
        B          | 1          | RELAPSE | -20       | Y      | Y   | N
        C          | 2          | RELAPSE | 30        | N      | Y   | N
    """
    assessments = """
        subject_id | assessment_no | day | specimen | blast_percent | cns_status
        A          | 1             | -1  | BM       | 63            |
        A          | 2             | 28  | BM       | 2             |
        B          | 1             | -1  | BM       | 63            |
        B          | 2             | 28  | BM       | 2             |
        B          | 3             | 28  | CSF      |               | CNS3
        C          | 1             | 28  | BM       | 2             |
    """
    tables = {"exposure": INFUSION, "assessment": assessments, "disease_episode": episodes}
    spec("response", {("A", 2): "PD", ("B", 2): "PR", ("C", 1): None}, **tables)
    spec("response", {("C", 1): "whether the other site is new is not known"}, part="note",
         **tables)


def test_the_centre_s_word_stands_where_nothing_was_measured(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "laboratory": FULL_COUNTS, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 28  | BM       | 3             | PR
        B          | 1             | 28  | BM       |               | CRH
        C          | 1             | 28  | BM       | 30            | PD
        D          | 1             | 28  | BM       | 3             | CR
        E          | 1             | 28  | BM       |               | NE
        F          | 1             | 28  | BM       | 30            | CR
    """}
    spec("response", {"A": "CR", "B": "CRI", "C": "PD", "D": "CR", "E": "NE", "F": None}, **tables)
    derived, reported = "derived from the marrow", "reported by the centre"
    spec("response", {"A": derived, "B": reported, "C": reported, "D": reported, "F": None},
         part="how", **tables)
    spec("response", {"A": "the centre reported PR", "D": None, "F": "the centre reported CR"},
         part="note", **tables)


def test_only_marrows_after_the_first_infusion_are_judged(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 0   | BM       | 3
        A          | 2             | 1   | BM       | 3
        B          | 1             |     | BM       | 3
        C          | 1             | 20  | PB       | 0
        X          | 1             | 20  | BM       | 3
    """}
    spec("response", {("A", 1): None, ("A", 2): "MLFS", ("B", 1): None, ("C", 1): None}, **tables)
    spec("response", {
        ("A", 1): "before the first infusion: the state at the start",
        ("B", 1): "the day of the marrow is not known",
        ("C", 1): "blood and spinal fluid do not replace the marrow",
        ("X", 1): "no infusion of blinatumomab is recorded",
    }, part="note", **tables)
