"""Success of blinatumomab as each paper counts it."""

from tests.spec.conftest import Spec

INFUSION = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 13
    B          | 1        | 1          | 0         | 13
    C          | 1        | 1          | 0         | 13
    D          | 1        | 1          | 0         | 13
    E          | 1        | 1          | 0         | 13
    F          | 1        | 1          | 0         | 13
"""
RELAPSED = """
subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent | mrd_sign
A          | 1             | -1  | BM       | 30            |            |             |
A          | 2             | 14  | BM       | 4             | FCM        | 0.5         | =
B          | 1             | -1  | BM       | 30            |            |             |
B          | 2             | 14  | BM       | 12            | FCM        | 9           | =
C          | 1             | -1  | BM       | 30            |            |             |
"""


def test_relapsed_children_need_a_cytological_remission_or_a_clear_mrd(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": RELAPSED}
    spec("responder", {"A": "Y", "B": "N", "C": "N"}, criteria="zhang_2025", **tables)
    spec("responder", {"A": "N", "B": "N", "C": "N"}, criteria="olaya_2025", **tables)
    spec("responder", {"A": "Y", "B": "N", "C": "N"}, **tables)
    spec("responder", {"A": 14, "B": 14, "C": None}, part="day", criteria="zhang_2025", **tables)


def test_a_child_without_a_marrow_counts_as_a_failure_and_is_shown(spec: Spec) -> None:
    tables = {"exposure": INFUSION, "assessment": RELAPSED}
    spec("responder", {"B": "derived from the marrow", "C": "not evaluable, counted as failure"},
         part="how", criteria="zhang_2025", **tables)
    spec("responder", {"C": "no evaluable marrow in the window of the cycle"}, part="note",
         criteria="zhang_2025", **tables)


IN_REMISSION = """
subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent | mrd_sign
A          | 1             | -1  | BM       | 1             | FCM        | 0.5         | =
A          | 2             | 14  | BM       | 1             | FCM        | 0.0099      | =
B          | 1             | -1  | BM       | 1             | FCM        | 0.5         | =
B          | 2             | 14  | BM       | 1             | FCM        | 0.01        | =
C          | 1             | -1  | BM       | 1             | FCM        |             | ND
C          | 2             | 14  | BM       | 1             | FCM        |             | ND
D          | 1             | -1  | BM       | 1             |            |             |
E          | 2             | 14  | BM       | 1             | FCM        |             | ND
"""


def test_mrd_positive_children_need_to_clear_it_and_mrd_negative_ones_are_not_asked(
    spec: Spec
) -> None:
    tables = {"exposure": INFUSION, "assessment": IN_REMISSION}
    spec("responder", {"A": "Y", "B": "N", "C": None, "D": None, "E": None},
         criteria="zhang_2025", **tables)
    unknown = "the disease at the first infusion is not known"
    spec("responder", {
        "A": None, "C": "in MRD-negative remission at the start: nothing to respond",
        "D": unknown, "E": unknown,
    }, part="note", criteria="zhang_2025", **tables)


def test_a_marrow_that_does_not_tell_is_unknown_not_a_failure(spec: Spec) -> None:
    spec("responder", {"A": None, "B": "N", "C": "N"}, criteria="olaya_2025", exposure=INFUSION,
         assessment="""
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | 14  | BM       | 2             |            |
        B          | 1             | -1  | BM       | 40            |            |
        B          | 2             | 14  | BM       | 30            |            |
        C          | 1             | 14  | BM       |               | FCM        | 0.3
    """)


def test_only_the_first_cycle_counts_where_the_set_says_so(spec: Spec) -> None:
    tables = {"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 13
        A          | 2        | 1          | 40        | 53
    """, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -1  | BM       | 30            | FCM        | 25
        A          | 2             | 14  | BM       | 20            | FCM        | 15
        A          | 3             | 54  | BM       | 1             | FCM        | 0.001
    """}
    spec("responder", {"A": "Y"}, criteria="zhang_2025", **tables)
    spec("responder", {"A": "N"}, criteria="zhang_2025_first_cycle", **tables)
    spec("responder", {"A": 14}, criteria="zhang_2025_first_cycle", part="day", **tables)
