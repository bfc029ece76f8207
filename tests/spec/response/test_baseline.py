"""The state at the first infusion, as the responders of the papers need it."""

from typing import Any

from remission.definitions.baseline import baseline_status
from remission.definitions.inputs import frame_for
from tests.conftest import study_of

EXAMINED = tuple(f"assessment.{column}" for column in (
    "day", "specimen", "blast_percent", "mrd_method", "mrd_percent", "mrd_sign",
    "mrd_lod_percent", "cns_status"))


def states(assessment: str) -> dict[str, tuple[Any, Any]]:
    """Return (status, row) of each child; the first infusion of all is on day 0."""
    infusions = "\n".join(["subject_id | cycle_no | segment_no | start_day",
                           *(f"{child} | 1 | 1 | 0" for child in "ABCDEFGH")])
    study = study_of(assessment=assessment, exposure=infusions)
    found = baseline_status(frame_for(study, "assessment", EXAMINED),
                            frame_for(study, "exposure", ("exposure.start_day",))).collect()
    return {row[0]: row[1:] for row in found.select("subject_id", "status", "_source").rows()}


def test_blasts_then_mrd_decide() -> None:
    assert states("""
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -3  | BM       | 5.0           |            |
        B          | 1             | -3  | BM       | 4.9           | FCM        | 0.010
        C          | 1             | -3  | BM       | 4.9           | FCM        | 0.0099
        D          | 1             | 0   | BM       | 0             |            |
        E          | 1             | 0   | BM       | 2             | FCM        | 0.004
        F          | 1             | 0   | BM       | 2             | FCM        | 0
        G          | 1             | -9  | BM       |               | FCM        | 3
        H          | 1             | -29 | BM       | 60            |            |
    """) == {
        "A": ("RR", "assessment:2"), "B": ("MRD_POS", "assessment:3"),
        "C": ("MRD_NEG", "assessment:4"), "D": ("CR_MRD_UNKNOWN", "assessment:5"),
        "E": ("MRD_NEG", "assessment:6"), "F": ("MRD_NEG", "assessment:7"),
        "G": (None, "assessment:8"),
    }


def test_the_last_marrow_counts_and_leukaemia_in_the_fluid_is_relapse() -> None:
    assert states("""
        subject_id | assessment_no | day | specimen | blast_percent | mrd_method | cns_status
        A          | 1             | -20 | BM       | 60            |            |
        A          | 2             | -2  | BM       | 3             |            |
        B          | 1             | -2  | BM       | 3             |            |
        B          | 2             | -5  | CSF      |               |            | CNS3
        C          | 1             | -2  | BM       | 3             |            |
        C          | 2             | -9  | CSF      |               |            | CNS3
        C          | 3             | -1  | CSF      |               |            | CNS1
        D          | 1             | 1   | BM       | 60            |            |
    """) == {
        "A": ("CR_MRD_UNKNOWN", "assessment:3"), "B": ("RR", "assessment:5"),
        "C": ("CR_MRD_UNKNOWN", "assessment:6"),
    }
