"""Donor lymphocytes after a transplant."""

from tests.spec.conftest import Spec


def test_donor_lymphocytes_belong_to_the_graft_they_followed(spec: Spec) -> None:
    tables = {"transplant": """
        subject_id | transplant_no | day
        A          | 1             | 50
        A          | 2             | 300
        B          | 1             | 50
        C          | 1             |
    """, "cell_therapy": """
        subject_id | therapy_no | kind  | day
        A          | 1          | DLI   | 320
        A          | 2          | DLI   | 350
        B          | 1          | CAR_T | 90
    """}
    keys = [("A", 1), ("A", 2), ("B", 1), ("C", 1)]
    spec("donor_lymphocytes", dict(zip(keys, ["N", "Y", "N", None], strict=True)), **tables)
    spec("donor_lymphocytes", {("A", 2): 20, ("B", 1): None}, part="day", **tables)


def test_what_may_have_been_donor_lymphocytes_leaves_it_unknown(spec: Spec) -> None:
    tables = {"transplant": """
        subject_id | transplant_no | day
        A          | 1             | 50
        A          | 2             | 300
        B          | 1             | 50
        C          | 1             | 50
        D          | 1             | 50
    """, "cell_therapy": """
        subject_id | therapy_no | kind  | day
        A          | 1          | DLI   |
        A          | 2          | DLI   | 320
        B          | 1          |       | 90
        C          | 1          |       | 40
        D          | 1          | CAR_T |
    """}
    keys = [("A", 1), ("A", 2), ("B", 1), ("C", 1), ("D", 1)]
    spec("donor_lymphocytes", dict(zip(keys, [None, "Y", None, "N", "N"], strict=True)), **tables)
    spec("donor_lymphocytes", {
        ("B", 1): "the day of donor lymphocytes, or whether cells were such, is not known"},
        part="note", **tables)
