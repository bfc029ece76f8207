"""The lists beside the cohort: every judged dose, and the centre's grades beside the derived."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from remission.definitions.cohort import derive_cohort
from remission.definitions.listings import LISTINGS, derive_listing
from remission.records.study import Study
from remission.report.write_cohort import write_cohort
from tests.conftest import study_of

OLAYA = {"definitions": {"protocol_adherence": "olaya_2025"}}
GRAFT = "subject_id | transplant_no | day\nA | 1 | 100"
SIZES = """
    subject_id | test   | unit | sequence | day | value
    A          | WEIGHT | kg   | 1        | 90  | 25
    A          | HEIGHT | cm   | 1        | 90  | 129.96
"""


def doses(study: Study, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of the judged doses, in the order of the list."""
    return derive_listing(study, "protocol_doses").select(*columns).rows()


def test_conditioning_of_a_child_in_mg() -> None:
    # The worked vector: 25 kg and 0.95 m² (sqrt(129.96 × 25 / 3600)); cyclophosphamide 1500 mg on
    # days -4 and -3, etoposide 1140 mg on day -2, 200 cGy on days -7 to -5.
    study = study_of(OLAYA, transplant=GRAFT, laboratory=SIZES, drug_dose="""
        subject_id | dose_no | purpose      | drug             | dose | unit | start_day | end_day
        A          | 1       | CONDITIONING | TBI              | 200  | cGy  | 93        | 94
        A          | 2       | CONDITIONING | cyclophosphamide | 1500 | mg   | 96        |
        A          | 3       | CONDITIONING | cyclophosphamide | 1000 | mg   | 97        |
        A          | 4       | CONDITIONING | etoposide        | 1140 | mg   | 100       |
        A          | 5       | CONDITIONING | thiotepa         | 10   | mg   | 97        |
    """)
    found = doses(study, "drug", "expected_day", "given_day", "expected_dose", "given_dose",
                  "dose_unit", "verdict")
    assert found == [
        ("cyclophosphamide", 96, 96, 60.0, 60.0, "mg/kg", "ON_SCHEDULE"),
        ("cyclophosphamide", 97, 97, 60.0, 40.0, "mg/kg", "OFF_DOSE"),
        ("etoposide", 98, 100, 1200.0, pytest.approx(1140 / 0.95, rel=1e-12), "mg/m2", "OFF_DAY"),
        ("thiotepa", None, 97, None, 10.0, "mg", "UNPLANNED"),
        ("total body irradiation", 93, 93, 200.0, 200.0, "cGy", "ON_SCHEDULE"),
        ("total body irradiation", 94, 94, 200.0, 200.0, "cGy", "ON_SCHEDULE"),
        ("total body irradiation", 95, None, 200.0, None, "cGy", "MISSED"),
    ]
    assert dict(doses(study, "verdict", "why")) == {
        "ON_SCHEDULE": None, "OFF_DOSE": "more than the tolerance from the dose of the schedule",
        "OFF_DAY": "not on the day of the schedule", "MISSED": "no such dose is recorded",
        "UNPLANNED": "the schedule has no such dose"}


def test_vincristine_at_its_usual_most_is_off_the_schedule_and_says_so() -> None:
    # 1.5 m² (sqrt(162 × 50 / 3600)) would have 2.25 mg; 2 mg are 11 % less.
    study = study_of(
        {}, treatment_line="subject_id | line_no | start_day\nA | 1 | 0",
        laboratory="""
            subject_id | test   | unit | sequence | day | value
            A          | WEIGHT | kg   | 1        | 0   | 50
            A          | HEIGHT | cm   | 1        | 0   | 162
        """,
        drug_dose="""
            subject_id | dose_no | purpose     | drug        | dose | unit | start_day | line_no
            A          | 1       | REINDUCTION | vincristine | 2    | mg   | 4         | 1
            A          | 2       | REINDUCTION | vincristine | 1.9  | mg   | 11        | 1
        """)
    given = [row for row in doses(study, "given_day", "verdict", "why") if row[0] is not None]
    assert given == [
        (4, "OFF_DOSE", "given at the usual most of a dose, which the schedule does not state"),
        (11, "OFF_DOSE", "more than the tolerance from the dose of the schedule")]


def test_a_dose_that_cannot_be_compared_has_no_verdict_and_a_reason() -> None:
    study = study_of(OLAYA, transplant=GRAFT, drug_dose="""
        subject_id | dose_no | purpose      | drug             | dose | unit  | start_day
        A          | 1       | CONDITIONING | cyclophosphamide | 1500 | mg    | 96
        A          | 2       | CONDITIONING | etoposide        | 1140 | cGy   | 98
        A          | 3       | MOBILISATION | filgrastim       | 300  | ug    | 80
        A          | 4       | CONDITIONING | etoposide        | 1140 | mg/m2 |
    """)
    unknown = {(drug, day): why for drug, day, why, verdict in doses(
        study, "drug", "given_day", "why", "verdict") if verdict is None}
    assert unknown == {
        ("cyclophosphamide", 96):
            "no recent weight or no recent height to compare the dose given with the schedule's",
        ("etoposide", 98): "the dose given is missing or in a unit that the schedule's cannot be "
                           "compared with",
        ("etoposide", None): "a dose of the drug has no day, days that run backwards, or too many",
        ("filgrastim", 80): "the donor's weight is not recorded: a dose in another unit cannot be "
                            "compared",
    }


GRADED = {
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 28
        B          | 1        | 1          | 0         | 28
        C          | 1        | 1          | 0         | 28
        D          | 1        | 1          | 0         | 28
    """,
    "toxicity_sign": """
        subject_id | day | temperature_c | hypotension | oxygen
        A          | 2   | 39            | FLUIDS      | NONE
        B          | 2   | 39            | NONE        | NONE
        D          | 2   | 39            | NONE        | NONE
    """,
    "laboratory": """
        subject_id | test | unit   | sequence | day | value
        A          | ANC  | 10*9/L | 1        | 5   | 0.4
        B          | ANC  | 10*9/L | 1        | 5   | 0.9
    """,
    "adverse_event": """
        subject_id | event_no | term                       | group     | grade | grading   | start_day
        A          | 1        |                            | CRS       | 2     | ASTCT2019 | 2
        B          | 1        |                            | CRS       | 3     | ASTCT2019 | 2
        C          | 1        |                            | CRS       | 1     | ASTCT2019 | 2
        D          | 1        |                            | CRS       | 1     | CTCAE5    | 2
        A          | 2        | Neutrophil count decreased | CYTOPENIA | 3     | CTCAE5    | 5
    """,  # noqa: E501 - one line a row
}


def test_the_centre_s_grade_beside_the_derived_one() -> None:
    rows = derive_listing(study_of({}, **GRADED), "reported_grades").select(
        "subject_id", "toxicity", "derived_grade", "reported_grade", "verdict", "why",
        "reported_row").rows()
    assert [row[:5] for row in rows if row[1] != "fever_grade"] == [
        ("A", "crs_grade", "2", "2", "AGREES"),
        ("A", "neutrophil_count_decreased_grade", "4", "3", "REPORTED_LOWER"),
        ("B", "crs_grade", "1", "3", "REPORTED_HIGHER"),
        ("B", "neutrophil_count_decreased_grade", "3", None, "NOT_REPORTED"),
        ("C", "crs_grade", None, "1", "NOT_DERIVED"),
        ("D", "crs_grade", "1", None, "OPEN"),
    ]
    why = {(subject, toxicity): reason for subject, toxicity, *_, reason, _ in rows}
    assert why["D", "crs_grade"] == "the event has no grade, or one of another system"
    assert why["C", "crs_grade"] == "nothing was recorded from which it could be graded"


def test_the_lists_are_written_beside_the_cohort(tmp_path: Path) -> None:
    study = study_of({}, **GRADED)
    write_cohort(derive_cohort(study, only=()), tmp_path / "derived")
    with (tmp_path / "derived" / "reported_grades.csv").open(encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    assert tuple(header) == tuple(LISTINGS["reported_grades"].columns)
    assert len(rows) == len(derive_listing(study, "reported_grades"))
    assert not (tmp_path / "derived" / "protocol_doses.csv").exists()
    meant = json.loads((tmp_path / "derived" / "listings.json").read_text(encoding="utf-8"))
    assert set(meant) == {"reported_grades"}
    write_cohort(derive_cohort(study, only=()), tmp_path / "derived")  # replaces its own files
