"""Neutrophils and platelets at the visits of the first cycle, as lymphocytes have them."""

from tests.spec.conftest import Spec

TABLES = {
    "subject": "subject_id | site_id\nA | 1\nB | 1",
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 13
    """,
    "laboratory": """
        subject_id | test | day | sequence | value | unit
        A          | ANC  | -3  | 1        | 1.2   | 10*9/L
        A          | ANC  | 0   | 1        | 1.4   | 10*9/L
        A          | ANC  | 12  | 1        | 0.8   | 10*9/L
        A          | PLT  | -8  | 1        | 90    | 10*9/L
        A          | PLT  | 14  | 1        | 150   | 10*9/L
    """,
}


def test_the_last_count_before_and_the_nearest_to_the_end_of_the_infusion(spec: Spec) -> None:
    spec("blood_counts", {
        ("A", "anc_baseline"): 1.4, ("A", "anc_end"): 0.8, ("A", "plt_baseline"): None,
        ("A", "plt_end"): 150.0, ("B", "anc_baseline"): None}, **TABLES)
    spec("blood_counts", {
        ("A", "plt_baseline"): "no sample in the window of the visit",
        ("B", "anc_end"): "the end of the infusion is not recorded"}, part="note", **TABLES)
