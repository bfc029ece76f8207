"""Cytogenetic risk by three sets: the worst lesion decides. Definitions, section 3."""

import pytest

from tests.spec.conftest import Spec

SUBJECT = """
    subject_id | site_id
    A          | 1
"""


@pytest.mark.parametrize(("text", "cccg", "zhang", "cog"), [
    ("46,XX,t(9;22)(q34;q11.2)", "POOR", "POOR", "PH_POSITIVE"),
    ("t(12;21)", "GOOD", "GOOD", "FAVOURABLE"),
    ("t(17;19)", "POOR", "POOR", "POOR"),
    ("t(4;11)", "POOR", "POOR", "POOR"),
    ("EP300::ZNF384", "GOOD", "GOOD", "POOR"),
    ("Ph-like", "GOOD", "GOOD", "POOR"),
    ("iAMP21", "GOOD", "GOOD", "POOR"),
    ("t(1;19)", "GOOD", "GOOD", "STANDARD"),
    ("43 chr", "GOOD", "GOOD", "POOR"),
    ("55,XX", "GOOD", "GOOD", "FAVOURABLE"),
    ("46,XX[20]", "GOOD", "GOOD", "STANDARD"),
    ("MEF2D::BCL9", "GOOD", "GOOD", "POOR"),
    ("IKZF1plus", "GOOD", "GOOD", "POOR"),
    ("PAX5alt", "GOOD", "GOOD", "POOR"),
    ("PAX5 P80R", "GOOD", "GOOD", "STANDARD"),
    ("3 extra copies of RUNX1 on one chromosome 21", "GOOD", "GOOD", "POOR"),
    ("", None, "GOOD", None),
])
def test_risk_of_a_karyotype(
    spec: Spec, text: str, cccg: str | None, zhang: str, cog: str | None
) -> None:
    genetics = f"""
        subject_id | genetics_no | iscn   | status
        A          | 1           | {text} |
    """
    spec("cytogenetic_risk", {"A": cccg}, subject=SUBJECT, genetics=genetics)
    spec("cytogenetic_risk", {"A": zhang}, criteria="zhang_2025", subject=SUBJECT,
         genetics=genetics)
    spec("cytogenetic_risk", {"A": cog}, criteria="cog_like", subject=SUBJECT, genetics=genetics)


MANY = """
    subject_id | site_id
    A          | 1
    B          | 1
    C          | 1
    D          | 1
    E          | 1
"""
TESTS = """
    subject_id | genetics_no | alteration | status
    A          | 1           | ETV6_RUNX1 | PRESENT
    A          | 2           | KMT2A_R    | PRESENT
    B          | 1           | KMT2A_R    | ABSENT
    B          | 2           | BCR_ABL1   | ABSENT
    B          | 3           | TCF3_HLF   | ABSENT
    C          | 1           | KMT2A_R    | ABSENT
    C          | 2           | OTHER      | PRESENT
    D          | 1           | KMT2A_R    | FAILED
"""


def test_the_worst_lesion_wins(spec: Spec) -> None:
    spec("cytogenetic_risk", {"A": "POOR"}, subject=MANY, genetics=TESTS)
    spec("cytogenetic_risk", {"A": "POOR"}, criteria="cog_like", subject=MANY, genetics=TESTS)


def test_good_needs_every_poor_lesion_excluded(spec: Spec) -> None:
    spec("cytogenetic_risk", {"B": "GOOD", "C": None, "D": None, "E": None},
         subject=MANY, genetics=TESTS)
    spec("cytogenetic_risk", {"B": None}, criteria="cog_like", subject=MANY, genetics=TESTS)
    spec("cytogenetic_risk", {"C": "no karyotype, and not all lesions of poor risk were tested"},
         part="note", subject=MANY, genetics=TESTS)


def test_the_paper_counts_unknown_as_good_and_the_value_says_so(spec: Spec) -> None:
    spec("cytogenetic_risk", {"C": "GOOD", "D": "GOOD", "E": "GOOD"}, criteria="zhang_2025",
         subject=MANY, genetics=TESTS)
    spec("cytogenetic_risk", {"D": "not known: counted good, as in the paper"}, part="note",
         criteria="zhang_2025", subject=MANY, genetics=TESTS)


def test_a_doubled_near_haploid_clone_is_thought_of(spec: Spec) -> None:
    spec("cytogenetic_risk", {"A": "high hyperdiploidy without an SNP array: a doubled "
                                   "near-haploid clone is possible", "B": None},
         part="note", criteria="cog_like", subject=MANY, genetics="""
             subject_id | genetics_no | alteration   | status  | method
             A          | 1           | HYPERDIPLOID | PRESENT | KARYOTYPE
             B          | 1           | HYPERDIPLOID | PRESENT | SNP_ARRAY
         """)
