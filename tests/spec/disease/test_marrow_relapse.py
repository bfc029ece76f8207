"""The consensus table of marrow relapse: MRD of the first marrow, other tests, a second marrow."""

import pytest

from tests.spec.conftest import Spec

RELAPSE = """
    subject_id | episode_no | phase             | start_day
    A          | 1          | INITIAL_DIAGNOSIS | -900
    A          | 2          | RELAPSE           | 0
"""
REMISSION = "A | 1 | -500 | BM | 0 | FCM | 0"


@pytest.mark.parametrize(("mrd", "other", "repeat", "verdict"), [
    ("25.0", "", "", "RELAPSE"),
    ("24.9", "1.0", "", "RELAPSE"),
    ("24.9", "0.9", "", "PENDING_SECOND_MARROW"),
    ("24.9", "", "", "PENDING_SECOND_MARROW"),
    ("5.0", "1.0", "", "RELAPSE"),
    ("4.9", "1.0", "", "PENDING_SECOND_MARROW"),
    ("4.9", "1.0", "1.0", "RELAPSE"),
    ("4.9", "1.0", "0.9", "NOT_CONFIRMED"),
])
def test_one_other_test_on_the_first_marrow(
    spec: Spec, mrd: str, other: str, repeat: str, verdict: str
) -> None:
    second = "" if not repeat else f"""
        A          | 4             | 28   | BM       | {repeat}      | FCM        | {repeat}"""
    spec("marrow_relapse", {("A", 2): verdict}, disease_episode=RELAPSE, assessment=f"""
        subject_id | assessment_no | day  | specimen | blast_percent | mrd_method | mrd_percent
        {REMISSION}
        A          | 2             | 0    | BM       |               | FCM        | {mrd}
        A          | 3             | 0    | BM       |               | IG_TR_PCR  | {other}{second}
    """)


@pytest.mark.parametrize(("mrd", "pcr", "blasts", "verdict"), [
    ("4.9", "2", "3", "RELAPSE"),
    ("1.0", "1", "1", "RELAPSE"),
    ("1.0", "0.9", "1", "PENDING_SECOND_MARROW"),
    ("0.99", "0.9", "3", "MRD_RECURRENCE"),
    ("", "", "60", None),
])
def test_two_other_tests_below_five_percent(
    spec: Spec, mrd: str, pcr: str, blasts: str, verdict: str | None
) -> None:
    spec("marrow_relapse", {("A", 2): verdict}, disease_episode=RELAPSE, assessment=f"""
        subject_id | assessment_no | day  | specimen | blast_percent | mrd_method | mrd_percent
        {REMISSION}
        A          | 2             | 0    | BM       | {blasts}      | FCM        | {mrd}
        A          | 3             | 0    | BM       |               | IG_TR_PCR  | {pcr}
    """)


def test_without_remission_before_it_is_persistent_disease(spec: Spec) -> None:
    spec("marrow_relapse", {("A", 2): "PERSISTENT"}, disease_episode=RELAPSE, assessment="""
        subject_id | assessment_no | day  | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -860 | BM       | 12            | FCM        | 14
        A          | 2             | 0    | BM       | 40            | FCM        | 44
    """)


def test_the_first_marrow_lies_within_seven_days_and_the_second_within_28(spec: Spec) -> None:
    episodes = """
        subject_id | episode_no | phase          | start_day
        A          | 1          | RELAPSE        | 0
        B          | 1          | RELAPSE        | 0
        C          | 1          | MRD_RECURRENCE | 0
    """
    marrows = """
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -8  | BM       |               | FCM        | 30
        A          | 2             | -7  | BM       |               | FCM        | 6
        A          | 3             | 22  | BM       | 6             | FCM        | 6
        B          | 1             | 8   | BM       |               | FCM        | 30
        C          | 1             | 0   | BM       | 1             | FCM        | 0.2
    """
    tables = {"disease_episode": episodes, "assessment": marrows}
    spec("marrow_relapse", {("A", 1): "PENDING_SECOND_MARROW", ("B", 1): None,
                            ("C", 1): "MRD_RECURRENCE"}, **tables)
    spec("marrow_relapse", {("A", 1): -7}, part="day", **tables)
    spec("marrow_relapse", {("B", 1): "no marrow with MRD around the day of the relapse"},
         part="note", **tables)
