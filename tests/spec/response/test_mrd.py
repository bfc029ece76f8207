"""Minimal residual disease of one assay, and of all assays of one marrow. Definitions, 2.3."""

import pytest

from tests.spec.conftest import Spec

ASSAYS = """
subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | mrd_sign | mrd_lod_percent
A          | 1             | 15  | BM       | FCM        | 0.010       | =        | 0.004
B          | 1             | 15  | BM       | FCM        | 0.0099      | =        | 0.004
C          | 1             | 15  | BM       | FCM        |             | ND       | 0.004
D          | 1             | 15  | BM       | FCM        |             | ND       | 0.02
E          | 1             | 15  | BM       | IG_TR_PCR  | 0.01        | <        |
F          | 1             | 15  | BM       | FCM        |             | ND       |
G          | 1             | 15  | PB       | FCM        | 0.5         | =        | 0.004
"""


def test_the_states_of_the_consensus(spec: Spec) -> None:
    spec("mrd_state", {
        "A": "FAILURE", "B": "INTERMEDIATE",
        "C": "MRD_CR",            # 500 000 events: the limit is 0.004 %
        "D": "INTERMEDIATE",      # 100 000 events: the limit is 0.02 %
        "E": "INTERMEDIATE",      # positive, not quantifiable
        "F": None, "G": None,
    }, assessment=ASSAYS)


def test_why_a_state_is_not_known(spec: Spec) -> None:
    spec("mrd_state", {
        "A": None, "F": "not detected by an assay whose limit of detection is not recorded",
        "G": "blood and spinal fluid do not replace the marrow",
    }, part="note", assessment=ASSAYS)


@pytest.mark.parametrize("criteria", ["zhang_2025", "olaya_2025"])
def test_the_papers_count_any_value_below_as_complete(spec: Spec, criteria: str) -> None:
    spec("mrd_state", {
        "A": "FAILURE", "B": "MRD_CR", "C": "MRD_CR", "D": None, "E": None, "F": "MRD_CR",
    }, criteria=criteria, assessment=ASSAYS)
    spec("mrd_state", {
        "D": "the assay would not see the threshold",
        "E": "not by the method this set asks for",
    }, criteria=criteria, part="note", assessment=ASSAYS)


LIMITS = """
subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | mrd_sign | mrd_lod_percent
A          | 1             | 15  | BM       | FCM        |             | ND       | 0.01
B          | 1             | 15  | BM       | FCM        |             | ND       | 0.0101
C          | 1             | 15  | BM       | FCM        | 0           | =        | 0.01
D          | 1             | 15  | BM       | FCM        | 0.02        | =        | 0.05
E          | 1             | 15  | BM       | FCM        | 0.1         | <        |
F          | 1             | 15  | BM       | FCM        | 0.4         |          |
G          | 1             | 15  |          | FCM        | 0.4         | =        |
H          | 1             | 15  | BM       | FCM        |             |          |
"""


def test_limits_of_detection_and_values_below_them(spec: Spec) -> None:
    spec("mrd_state", {
        "A": "MRD_CR", "B": "INTERMEDIATE",
        "C": "MRD_CR",            # zero is not detected
        "D": "INTERMEDIATE",      # below its own limit: no value
        "E": "INTERMEDIATE",      # below a limit that would miss 0.01 %
        "F": "FAILURE",           # a value without a sign is a measurement
        "G": None, "H": None,
    }, criteria="ptwg_2022", assessment=LIMITS)
    spec("mrd_state", {"G": "the specimen is not recorded", "H": "no MRD on this sample"},
         part="note", assessment=LIMITS)


SEVERAL = """
subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | mrd_sign | mrd_lod_percent
A          | 1             | 15  | BM       | FCM        |             | ND       | 0.004
A          | 2             | 15  | BM       | IG_TR_PCR  | 0.02        | =        | 0.001
B          | 1             | 15  | BM       | FCM        |             | ND       | 0.02
B          | 2             | 15  | BM       | NGS        |             | ND       | 0.0001
C          | 1             | 15  | BM       | NGS        | 0.002       | =        | 0.0001
C          | 2             | 15  | BM       | FCM        |             | ND       | 0.01
C          | 3             | 15  | PB       | FCM        | 3           | =        | 0.01
"""


def test_of_several_assays_the_gravest_that_sees_the_threshold_counts(spec: Spec) -> None:
    spec("marrow_mrd_state", {
        ("A", 1): "FAILURE", ("A", 2): "FAILURE",
        ("B", 1): "MRD_CR", ("B", 2): "MRD_CR",
        ("C", 1): "INTERMEDIATE", ("C", 2): "INTERMEDIATE", ("C", 3): None,
    }, assessment=SEVERAL)
    spec("mrd_state", {("A", 1): "MRD_CR", ("A", 2): "FAILURE", ("B", 1): "INTERMEDIATE"},
         assessment=SEVERAL)
    spec("marrow_mrd_state", {("A", 1): "assessment:3", ("B", 1): "assessment:5"},
         part="source", assessment=SEVERAL)
