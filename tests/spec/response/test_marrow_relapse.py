"""Relapse in the marrow by the consensus table, and recurrence of MRD. Definitions, 1.1 and 2.3."""

import pytest

from tests.spec.conftest import Spec

CLEAR = "A | 1 | 20 | BM | | FCM | | ND | 0.01"


def _marrows(*rows: str) -> str:
    """Return a child's marrows as a table."""
    header = ("subject_id | assessment_no | day | specimen | blast_percent | mrd_method | "
              "mrd_percent | mrd_sign | mrd_lod_percent")
    return "\n".join([header, *rows])


@pytest.mark.parametrize(("rows", "expected"), [
    (["A | 2 | 90 | BM | | FCM | 25.0 | = |"], "RELAPSE"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 24.9 | = |"], "RELAPSE"),
    (["A | 2 | 90 | BM | 0.9 | FCM | 24.9 | = |"], "PENDING_BM2"),
    (["A | 2 | 90 | BM | 0.9 | FCM | 24.9 | = |", "A | 3 | 118 | BM | 2.0 | FCM | 1.0 | = |"],
     "RELAPSE"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 5.0 | = |"], "RELAPSE"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 4.9 | = |"], "PENDING_BM2"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 4.9 | = |", "A | 3 | 118 | BM | 2.0 | FCM | 1.0 | = |"],
     "RELAPSE"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 4.9 | = |", "A | 3 | 118 | BM | 0.5 | FCM | 1.0 | = |"], "NO"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 4.9 | = |", "A | 3 | 119 | BM | 2.0 | FCM | 1.0 | = |"],
     "PENDING_BM2"),
    (["A | 2 | 90 | BM | 3.0 | FCM | 4.9 | = |", "A | 3 | 90 | BM | | IG_TR_PCR | 1.1 | = |"],
     "RELAPSE"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 0.99 | = |", "A | 3 | 90 | BM | | NGS | 0.5 | = |"],
     "MRD_RECURRENCE"),
    (["A | 2 | 90 | BM | 0.9 | FCM | 1.0 | = |", "A | 3 | 118 | BM | 2.0 | FCM | 1.0 | = |"],
     "RELAPSE"),
    (["A | 2 | 90 | BM | 0.9 | FCM | 1.0 | = |"], "PENDING_BM2"),
    (["A | 2 | 90 | BM | 1.0 | FCM | 0.99 | = |"], "NO"),
    (["A | 2 | 90 | BM | 60 | | | |"], None),
])
def test_the_table_of_marrow_relapse_after_a_remission(
    spec: Spec, rows: list[str], expected: str | None
) -> None:
    spec("marrow_relapse", {("A", 2): expected}, assessment=_marrows(CLEAR, *rows))


def test_without_a_remission_before_there_is_no_relapse(spec: Spec) -> None:
    tables = {"assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | 20  | BM       | 20            |            |
        A          | 2             | 90  | BM       |               | FCM        | 30
        B          | 1             | 90  | BM       |               | FCM        | 30
        C          | 1             | 20  | BM       | 20            | FCM        | 0.5
        C          | 2             | 90  | BM       |               | FCM        | 30
        D          | 1             | 20  | BM       | 4.9           |            |
        D          | 2             | 90  | BM       |               | FCM        | 30
        D          | 3             | 91  | PB       |               | FCM        | 30
    """}
    spec("marrow_relapse", {
        ("A", 2): "PERSISTENT", ("B", 1): None, ("C", 2): "RELAPSE", ("D", 2): "RELAPSE",
        ("D", 3): None,
    }, **tables)
    spec("marrow_relapse", {
        ("A", 1): "no MRD on this marrow",
        ("B", 1): "whether there was a remission before is not recorded",
        ("D", 3): "blood and spinal fluid do not replace the marrow",
    }, part="note", **tables)


def test_recurrence_of_mrd_needs_a_complete_response_before_and_a_second_look(
    spec: Spec
) -> None:
    tables = {"assessment": """
        subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | mrd_lod_percent
        A          | 1             | -9  | BM       | FCM        | 0           | 0.01
        A          | 2             | 90  | BM       | FCM        | 0.01        |
        A          | 3             | 100 | BM       | FCM        | 0.2         |
        B          | 1             | 20  | BM       | FCM        | 0           | 0.01
        B          | 2             | 90  | BM       | FCM        | 0.5         |
        C          | 1             | 20  | BM       | FCM        | 0           | 0.01
        C          | 2             | 90  | BM       | FCM        | 0.0099      |
        D          | 1             | 20  | BM       | FCM        | 0.5         |
    """}
    spec("mrd_recurrence", {"A": "Y", "B": None, "C": "N", "D": None}, **tables)
    spec("mrd_recurrence", {"A": 90, "C": None}, part="day", **tables)
    spec("mrd_recurrence", {
        "B": "MRD not confirmed by a second method or on the next marrow",
        "D": "no marrow after a complete MRD response",
    }, part="note", **tables)


@pytest.mark.parametrize(("criteria", "expected"), [("ptwg_2022", "N"), ("eln_2024", "Y")])
def test_how_much_mrd_is_still_a_recurrence_differs_by_set(
    spec: Spec, criteria: str, expected: str
) -> None:
    spec("mrd_recurrence", {"A": expected}, criteria=criteria, assessment="""
        subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | mrd_lod_percent
        A          | 1             | 20  | BM       | FCM        | 0           | 0.01
        A          | 2             | 90  | BM       | FCM        | 1.0         |
        A          | 3             | 90  | BM       | NGS        | 0.9         |
    """)


CONTRADICTION = "blasts of at least 5 % contradict MRD below 1 %, which decides"


@pytest.mark.parametrize(("blasts", "note"), [
    ("60", CONTRADICTION), ("5.0", CONTRADICTION), ("4.9", None), ("", None),
])
def test_below_one_percent_mrd_decides_whatever_the_blasts(
    spec: Spec, blasts: str, note: str | None
) -> None:
    # Consensus table, below 1 %: no other test is asked for; the recurrence of MRD begins there.
    marrows = _marrows(CLEAR, f"A | 2 | 90 | BM | {blasts} | FCM | 0.99 | = |",
                       "A | 3 | 90 | BM | | IG_TR_PCR | 0.9 | = |")
    spec("marrow_relapse", {("A", 2): ("MRD_RECURRENCE", note)}, part=("value", "note"),
         assessment=marrows)
    spec("mrd_recurrence", {"A": ("Y", 90, note)}, part=("value", "day", "note"),
         assessment=marrows)


def test_a_set_that_judges_by_blasts_too_calls_five_percent_no_recurrence(spec: Spec) -> None:
    for blasts, expected in (("5.0", "N"), ("4.9", "Y")):
        spec("mrd_recurrence", {"A": expected}, criteria="eln_2024", assessment=_marrows(
            CLEAR, f"A | 2 | 90 | BM | {blasts} | FCM | 0.99 | = |",
            "A | 3 | 90 | BM | | IG_TR_PCR | 0.9 | = |"))


def test_the_highest_mrd_of_a_marrow_says_on_which_side_of_one_percent_it_lies(
    spec: Spec
) -> None:
    marrows = _marrows(CLEAR, "A | 2 | 90 | BM | 0.9 | FCM | 0.99 | = |",
                       "A | 3 | 90 | BM | | IG_TR_PCR | 1.0 | = |")
    spec("marrow_relapse", {("A", 2): "PENDING_BM2", ("A", 3): "PENDING_BM2"}, assessment=marrows)
    spec("mrd_recurrence", {"A": "N"}, assessment=marrows)
