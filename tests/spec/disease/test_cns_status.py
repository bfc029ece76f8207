"""Status of the central nervous system from the counts of one spinal fluid. Definitions, 1.4."""

import pytest

from tests.spec.conftest import Spec


@pytest.mark.parametrize(("white", "red", "blasts", "status"), [
    ("3", "5", "10", "CNS2A"),
    ("3", "10", "10", "CNS2B"),
    ("5", "9", "10", "CNS3A"),
    ("4", "9", "10", "CNS2A"),
    ("12", "400", "10", "CNS2C"),
    ("20", "400", "10", "CNS3B"),
    ("16", "400", "10", "CNS3B"),  # exactly twice the ratio of the blood
    ("40", "0", "0", "CNS1"),
])
def test_counts_and_blasts_of_the_fluid(
    spec: Spec, white: str, red: str, blasts: str, status: str
) -> None:
    # blood: 60 white cells to 3000 red ones, 0.020
    spec("cns_status", {("A", 1): status}, assessment=f"""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 0   | CSF      | {blasts}
    """, laboratory=f"""
        subject_id | test    | day | sequence | value   | unit
        A          | CSF_WBC | 0   | 1        | {white} | /uL
        A          | CSF_RBC | 0   | 1        | {red}   | /uL
        A          | WBC     | 0   | 1        | 60      | 10*9/L
        A          | RBC     | 0   | 1        | 3.0     | 10*12/L
    """)


FLUIDS = """
    subject_id | assessment_no | day | specimen | blast_percent | cns_status | cns_signs
    A          | 1             | 0   | CSF      |               |            |
    A          | 2             | 5   | CSF      |               | CNS2       |
    A          | 3             | 6   | CSF      | 0             | CNS2       |
    A          | 4             | 7   | CSF      | 1             |            | Y
    A          | 5             | 8   | CSF      | 1             |            | N
    A          | 6             | 9   | CSF      | 1             |            |
    A          | 7             | 10  | BM       | 1             | CNS2       |
"""
COUNTS = """
    subject_id | test    | day | sequence | value | unit
    A          | CSF_WBC | 8   | 1        | 4     | /uL
    A          | CSF_WBC | 9   | 1        | 12    | /uL
    A          | CSF_WBC | 9   | 2        | 10    | /uL
    A          | CSF_RBC | 9   | 1        | 400   | /uL
"""


def test_what_is_missing_is_taken_from_the_centre_or_unknown(spec: Spec) -> None:
    tables = {"assessment": FLUIDS, "laboratory": COUNTS}
    spec("cns_status", {("A", 1): None, ("A", 2): "CNS2", ("A", 3): "CNS1", ("A", 4): "CNS3C",
                        ("A", 5): "CNS2", ("A", 6): None, ("A", 7): None}, **tables)
    spec("cns_status", {
        ("A", 1): "blasts are not recorded", ("A", 3): "the centre recorded another status",
        ("A", 5): "red cells of the fluid are not recorded",
        ("A", 6): "the blood count of the day is not recorded"}, part="note", **tables)
    spec("cns_status", {("A", 2): "as recorded by the centre",
                        ("A", 3): "from the counts of the fluid"}, part="how", **tables)
