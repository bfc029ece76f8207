"""Schedules for a child of a size, and doses judged one by one. Vectors: definitions, section 6."""

from __future__ import annotations

import pytest

from remission.definitions.criteria import criteria_sets
from remission.definitions.protocol import records_of_study
from remission.definitions.protocol_doses import judged_doses
from remission.definitions.protocol_schedule import PlannedDose, blocks_of, planned_block
from remission.errors import InputError
from tests.conftest import study_of

BLOCKS = [(paper, block) for paper in ("zhang_2025", "olaya_2025") for block in blocks_of(paper)]


def doses(paper: str, block: str, **size: float) -> dict[str, PlannedDose]:
    """Return the doses of a block by drug."""
    return {dose.drug: dose for dose in planned_block(paper, block, **size).doses}


def test_reinduction_of_a_child_of_0_8_m2() -> None:
    found = doses("zhang_2025", "reinduction", surface=0.8)
    assert found["vincristine"].amount == pytest.approx(1.2)
    assert found["vincristine"].days == (5, 12, 19, 26)
    assert found["vincristine"].total == pytest.approx(4.8)
    assert (found["pegasparaginase"].amount, found["pegasparaginase"].days) == (1600, (6, 26))
    assert (found["daunorubicin"].amount, found["daunorubicin"].days) == (20, (5, 12))


@pytest.mark.parametrize(("surface", "flagged"), [(1.33, False), (4 / 3, False), (1.34, True)])
def test_vincristine_above_2_mg_is_flagged(surface: float, flagged: bool) -> None:
    # 1.5 mg/m² reach 2 mg at 1.333 m².
    notes = doses("zhang_2025", "reinduction", surface=surface)["vincristine"].notes
    assert any("above 2 mg" in note for note in notes) is flagged


def test_conditioning_of_a_child_of_25_kg_and_0_95_m2() -> None:
    found = doses("olaya_2025", "conditioning", weight_kg=25, surface=0.95)
    assert (found["cyclophosphamide"].amount, found["cyclophosphamide"].days) == (1500, (-4, -3))
    assert found["etoposide"].amount == pytest.approx(1140)
    assert found["etoposide"].days == (-2,)
    assert found["total body irradiation"].total == 600
    assert "the total is not stated" in found["total body irradiation"].notes[0]
    prophylaxis = doses("olaya_2025", "gvhd_prophylaxis", weight_kg=25)
    assert prophylaxis["cyclophosphamide"].amount == 1500
    assert prophylaxis["cyclophosphamide"].days == (3, 4)
    # 2 × 60 mg/kg before and 2 × 60 after the graft: 240 mg/kg in all.
    assert (found["cyclophosphamide"].total or 0) + (
        prophylaxis["cyclophosphamide"].total or 0) == 240 * 25


def test_what_a_paper_does_not_state_is_not_filled_in() -> None:
    tacrolimus = doses("olaya_2025", "gvhd_prophylaxis", weight_kg=25)["tacrolimus"]
    assert (tacrolimus.dose, tacrolimus.amount, tacrolimus.total) == (None, None, None)
    assert tacrolimus.days == ()
    assert all(dose.dose is None for dose in doses("olaya_2025", "debulking").values())


def test_a_size_that_is_not_known_leaves_the_amount_unknown() -> None:
    found = doses("olaya_2025", "conditioning", weight_kg=25)
    assert found["etoposide"].amount is None
    assert found["etoposide"].dose == 1200


def test_the_donor_is_not_dosed_by_the_childs_weight() -> None:
    for dose in planned_block("olaya_2025", "mobilisation", weight_kg=25).doses:
        assert (dose.dose, dose.amount) == (10, None)
        assert dose.notes[0] == "given to the donor, by the donor's weight"


def test_cyclophosphamide_after_the_graft_is_above_its_usual_most_for_any_child() -> None:
    for weight in (None, 25):
        notes = doses("olaya_2025", "gvhd_prophylaxis", weight_kg=weight)["cyclophosphamide"].notes
        assert notes == ("above 50 mg/kg, the usual most of a dose [M]",)
    # Before the graft it is given as conditioning, where nothing is flagged.
    assert doses("olaya_2025", "conditioning", weight_kg=25)["cyclophosphamide"].notes == ()


def test_both_printed_doses_of_bridging_are_told() -> None:
    notes = doses("zhang_2025", "bridging")["cyclophosphamide"].notes
    assert notes == ("or 300 mg/m2: printed or possible as well",)


@pytest.mark.parametrize(("paper", "block"), BLOCKS)
def test_every_line_of_every_block_has_a_source(paper: str, block: str) -> None:
    made = planned_block(paper, block, weight_kg=25, surface=0.95)
    assert "Not for treating a child" in made.statement
    for said in (made.wording, *made.doses):
        assert said.source and said.evidence


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="zhang_2025 has no block 'conditioning'"):
        planned_block("zhang_2025", "conditioning")
    with pytest.raises(InputError, match="There is no 'zhang'"):
        planned_block("zhang", "bridging")
    with pytest.raises(InputError, match="does not occur"):
        planned_block("zhang_2025", "bridging", weight_kg=2500)


def test_each_dose_is_judged_on_its_own() -> None:
    study = study_of(
        transplant="""
            subject_id | transplant_no | day
            A          | 1             | 100
        """,
        drug_dose="""
            subject_id | dose_no | purpose      | drug             | dose | unit  | start_day
            A          | 1       | CONDITIONING | tbi              | 200  | cGy   | 93
            A          | 2       | CONDITIONING | tbi              | 200  | cGy   | 95
            A          | 3       | CONDITIONING | cyclophosphamide | 50   | mg/kg | 96
            A          | 4       | CONDITIONING | cyclophosphamide | 1500 | mg    | 97
            A          | 5       | CONDITIONING | etoposide        | 1200 | mg/m2 | 99
            A          | 6       | CONDITIONING | treosulfan       | 14   | mg/m2 | 94
        """)
    block = criteria_sets("protocol.conditioning")["olaya_2025"]
    found = judged_doses(records_of_study(study), (block,)).collect().sort(
        "expected_day", "given_day")
    assert list(found.select(
        "drug", "expected_day", "given_day", "status", "source").iter_rows()) == [
        ("treosulfan", None, 94, "UNPLANNED", "drug_dose:7"),
        ("total body irradiation", 93, 93, "ON_SCHEDULE", "drug_dose:2"),
        ("total body irradiation", 94, None, "MISSED", None),
        ("total body irradiation", 95, 95, "ON_SCHEDULE", "drug_dose:3"),
        ("cyclophosphamide", 96, 96, "OFF_DOSE", "drug_dose:4"),
        ("cyclophosphamide", 97, 97, None, "drug_dose:5"),
        ("etoposide", 98, 99, "OFF_DAY", "drug_dose:6"),
    ]
