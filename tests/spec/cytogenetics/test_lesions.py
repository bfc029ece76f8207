"""Lesions from coded tests and from karyotypes and names as written. Definitions, section 3."""

import pytest

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id
    A          | 1
    B          | 1
    C          | 1
    D          | 1
    E          | 1
    F          | 1
"""


@pytest.mark.parametrize(("text", "name"), [
    ("46,XX,t(9;22)(q34;q11.2)[18]/46,XX[2]", "bcr_abl1"),
    ("46,XY,t(9;14;22)(q34;q32;q11)", "bcr_abl1"),
    ("Ph+", "bcr_abl1"),
    ("BCR-ABL1", "bcr_abl1"),
    ("BCR/ABL", "bcr_abl1"),
    ("t(4;11)", "kmt2a_r"),
    ("t(9;11)", "kmt2a_r"),
    ("t(11;19)", "kmt2a_r"),
    ("46,XX,t(11;19)(q23;p13.3)", "kmt2a_r"),
    ("46,XY,t(1;11)(p32;q23)", "kmt2a_r"),
    ("t(v;11q23)", "kmt2a_r"),
    ("11q23", "kmt2a_r"),
    ("MLL-r", "kmt2a_r"),
    ("KMT2A::AFF1", "kmt2a_r"),
    ("46,XX,t(17;19)(q22;p13)", "tcf3_hlf"),
    ("E2A-HLF", "tcf3_hlf"),
    ("t(12;21)(p13;q22)", "etv6_runx1"),
    ("TEL-AML1", "etv6_runx1"),
    ("der(19)t(1;19)(q23;p13)", "tcf3_pbx1"),
    ("E2A/PBX1", "tcf3_pbx1"),
    ("EP300::ZNF384", "znf384_r"),
    ("TCF3::ZNF384", "znf384_r"),
    ("TAF15::ZNF384", "znf384_r"),
    ("PAX5-r", "pax5_r"),
    ("PAX5::ETV6", "pax5_r"),
    ("BCR::ABL1-like", "ph_like"),
    ("Ph-like", "ph_like"),
    ("54,XX,+X,+4,+10,+17", "hyperdiploid"),
    ("51,XY,+21", "hyperdiploid"),
    ("43 chr", "hypodiploid"),
    ("27,XX", "hypodiploid"),
    ("iAMP21", "iamp21"),
    ("nuc ish(RUNX1x5)[100]", "iamp21"),
    ("6 RUNX1 signals per cell", "iamp21"),
    ("3 extra copies of RUNX1 on one chromosome 21", "iamp21"),
    ("≥ 3 extra copies on a single abnormal chromosome 21", "iamp21"),
    ("three or more extra RUNX1 signals on one marker chromosome", "iamp21"),
    ("PAX5 P80R", "pax5_p80r"),
    ("PAX5 p.(Pro80Arg)", "pax5_p80r"),
    ("MEF2D::BCL9", "mef2d_r"),
    ("MEF2D rearranged", "mef2d_r"),
    ("IKZF1plus", "ikzf1_plus"),
    ("IKZF1 plus", "ikzf1_plus"),
])
def test_names_and_karyotypes_are_read(spec: Spec, text: str, name: str) -> None:
    spec(name, {"A": "Y"}, subject=SUBJECTS, genetics=f"""
        subject_id | genetics_no | iscn   | status
        A          | 1           | {text} | PRESENT
    """)


@pytest.mark.parametrize(("text", "name"), [
    ("46,XX,del(11)(q23)", "kmt2a_r"),
    ("46,XX,t(1;19)(q23;p13)", "tcf3_hlf"),
    ("46,XX,t(12;21)(p13;q22)", "bcr_abl1"),
    ("50,XX,+21", "hyperdiploid"),
    ("66,XX", "hyperdiploid"),
    ("44,XX", "hypodiploid"),
    ("46,XY[20]", "bcr_abl1"),
])
def test_a_karyotype_without_the_lesion_excludes_it(spec: Spec, text: str, name: str) -> None:
    spec(name, {"A": "N"}, subject=SUBJECTS, genetics=f"""
        subject_id | genetics_no | iscn   | status
        A          | 1           | {text} | PRESENT
    """)


@pytest.mark.parametrize(("text", "name"), [
    ("KMT2A germline", "kmt2a_r"),
    ("del(11q23)", "kmt2a_r"),
    ("no t(9;22)", "bcr_abl1"),
    ("BCR::ABL1 negative", "bcr_abl1"),
    ("BCR-ABL1 (-)", "bcr_abl1"),
    ("BCR::ABL1-like", "bcr_abl1"),
    ("46,XX,?t(9;22)(q34;q11)", "bcr_abl1"),
    ("46,XX[20]", "etv6_runx1"),
    ("2 extra copies of RUNX1 on one chromosome 21", "iamp21"),
    ("4 RUNX1 signals per cell", "iamp21"),
    ("PAX5 P80R", "pax5_r"),
    ("IKZF1 deletion", "ikzf1_plus"),
    ("MEF2D", "mef2d_r"),
])
def test_what_is_not_said_plainly_is_unknown(spec: Spec, text: str, name: str) -> None:
    spec(name, {"A": None}, subject=SUBJECTS, genetics=f"""
        subject_id | genetics_no | iscn   | status
        A          | 1           | {text} | PRESENT
    """)


def test_coded_tests_decide_and_a_positive_one_outweighs_a_negative(spec: Spec) -> None:
    tables = {"subject": SUBJECTS, "genetics": """
        subject_id | genetics_no | alteration | status   | iscn
        A          | 1           | BCR_ABL1   | ABSENT   |
        B          | 1           | BCR_ABL1   | ABSENT   |
        B          | 2           | OTHER      | PRESENT  | t(9;22)
        C          | 1           | BCR_ABL1   | NOT_DONE |
        D          | 1           | BCR_ABL1   | FAILED   | 46,XX
        E          | 1           | BCR_ABL1   | ABSENT   | t(9;22)
    """}
    spec("bcr_abl1", {"A": "N", "B": "Y", "C": None, "D": None, "E": "N", "F": None}, **tables)
    spec("bcr_abl1", {"A": None, "B": "found by one test and not by another",
                      "C": "not tested, or the test failed"}, part="note", **tables)


def test_a_karyotype_that_shows_a_lesion_excludes_nothing_beside_the_word_absent(
    spec: Spec
) -> None:
    tables = {"subject": SUBJECTS, "genetics": """
        subject_id | genetics_no | alteration | status | iscn
        A          | 1           | OTHER      | ABSENT | 46,XX,t(9;22)(q34;q11)
        B          | 1           | OTHER      | ABSENT | 46,XX[20]
    """}
    spec("bcr_abl1", {"A": None, "B": "N"}, **tables)
    spec("cytogenetic_risk", {"A": None, "B": "GOOD"}, **tables)


def test_a_text_that_is_not_read_is_noted(spec: Spec) -> None:
    spec("bcr_abl1", {"A": "the text holds a negation or a question mark and is not read"},
         part="note", subject=SUBJECTS, genetics="""
             subject_id | genetics_no | iscn       | status
             A          | 1           | no t(9;22) | PRESENT
         """)


@pytest.mark.parametrize(("text", "code"), [
    ("24,X", "NEAR_HAPLOID"), ("31,XX", "NEAR_HAPLOID"), ("32,XX", "LOW_HYPODIPLOID"),
    ("39,XY", "LOW_HYPODIPLOID"), ("40~42,XY", "HIGH_HYPODIPLOID"), ("43 chr", "HIGH_HYPODIPLOID"),
    ("44,XX", "NEAR_DIPLOID"), ("50,XX", "NEAR_DIPLOID"), ("51,XX", "HYPERDIPLOID"),
    ("65<3n>,XXY", "HYPERDIPLOID"), ("66,XX", "OVER_65"), ("46,XX[10]/27,X[10]", "NEAR_HAPLOID"),
    ("t(9;22)", None),
])
def test_ploidy_is_the_class_of_the_chromosome_number(
    spec: Spec, text: str, code: str | None
) -> None:
    spec("ploidy", {"A": code, "B": None}, subject=SUBJECTS, genetics=f"""
        subject_id | genetics_no | iscn   | status
        A          | 1           | {text} |
    """)
