"""Every rule: the smallest study that breaks it, and a study that breaks none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from remission.records.checks import RULES, check_study
from remission.report.write_queries import write_queries
from remission.sources.laboratory_units import in_canonical_units
from tests.conftest import rows_of, study_of

SUBJECT = """
    subject_id | site_id | sex | age_at_index_days
    A          | North   | F   | 2000
    B          | South   | M   | 3000
"""
FOLLOW_UP = """
    subject_id | vital_status | last_contact_day | death_day
    A          | DEAD         | 400              | 400
    B          | ALIVE        | 900              |
"""
GRAFT = """
    subject_id | transplant_no | day | hla_matched | hla_of
    A          | 1             | 90  | 10          | 10
"""
CLEAN = {
    "subject": SUBJECT, "follow_up": FOLLOW_UP, "transplant": GRAFT,
    "disease_episode": """
        subject_id | episode_no | phase             | start_day | diagnosis | marrow_blast_percent
        A          | 1          | INITIAL_DIAGNOSIS | -300      | B_ALL     | 87
        A          | 2          | RELAPSE           | 200       |           | 40
        B          | 1          | INITIAL_DIAGNOSIS | -200      | B_ALL     | 0.5
    """,
    "gvhd": """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 120       | II
    """,
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 6
        A          | 1        | 2          | 6         | 27
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 28  | BM       | 4.9           | CR
    """,
    "laboratory": """
        subject_id | test        | day | sequence | value | unit
        A          | ANC         | 100 | 1        | 500   | 10*9/L
        A          | CD3_PERCENT | 20  | 1        | 70    | %
        A          | CD4_PERCENT | 20  | 1        | 40    | %
        A          | CD8_PERCENT | 20  | 1        | 40    | %
    """,
}
"""Sits on every boundary: 500 is allowed, 10 points are allowed, segments may touch."""

_WORD, _DAY = "platelet_recovered_reported", "platelet_recovery_day_reported"
BROKEN = {
    "rows_without_form": ({"form_status": """
        subject_id | form    | status
        A          | RELAPSE | NOT_COLLECTED
    """}, "RELAPSE was not collected, but disease_episode has a row."),
    "identifiers_alike": ({"subject": """
        subject_id | site_id
        A          | North
        B          | South
        a          | North
    """}, "A, a differ only in how they are written."),
    "another_day_zero": ({"subject": """
        subject_id | site_id | index_event
        A          | North   | BLINATUMOMAB_START
        B          | South   | DIAGNOSIS
    """}, "Day 0 of this child is DIAGNOSIS, but the plan's anchor is first_infusion."),
    "after_death": ({"gvhd": """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 401       | II
    """}, "gvhd.onset_day is day 401, but the child died on day 400."),
    "after_last_contact": ({"transfusion": """
        subject_id | day | product
        B          | 901 | RBC
    """}, "transfusion.day is day 901, after the last contact on day 900."),
    "before_birth": ({"disease_episode": """
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -2001
    """}, "but the child was 2000 days old on day 0"),
    "ends_before_start": ({"adverse_event": """
        subject_id | event_no | start_day | end_day
        A          | 1        | 12        | 11
    """}, "adverse_event ends on day 11 but starts on day 12."),
    "infusions_overlap": ({"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 7
        A          | 1        | 2          | 6         | 27
    """}, "starts on day 6, while the one before it ends on day 7"),
    "dose_not_above_zero": ({"exposure": """
        subject_id | cycle_no | segment_no | dose
        A          | 1        | 1          | 0
    """}, "Cycle 1, segment 1 has the dose 0."),
    "cycle_numbers_skip": ({"exposure": """
        subject_id | cycle_no | segment_no
        A          | 1        | 1
        A          | 3        | 1
    """}, "The cycles are numbered 1, 3."),
    "segments_out_of_order": ({"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 7         | 27
        A          | 1        | 2          | 0         | 6
    """}, "Segment 2 of cycle 1 starts on day 0, the one before it on day 7."),
    "dose_units_differ": ({"exposure": """
        subject_id | cycle_no | segment_no | dose | dose_unit
        A          | 1        | 1          | 5    | ug/m2/d
        A          | 1        | 2          | 28   | ug/d
    """}, "Cycle 1 has the units of dose ug/m2/d and ug/d."),
    "planned_days_differ": ({"exposure": """
        subject_id | cycle_no | segment_no | planned_days
        A          | 1        | 1          | 14
        A          | 1        | 2          | 28
    """}, "Cycle 1 has the planned days 14 and 28."),
    "completed_but_short": ({"exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day | planned_days | end_reason
        A          | 1        | 1          | 0         | 26      | 28           | COMPLETED
        B          | 1        | 1          | 0         | 27      | 28           | COMPLETED
    """}, "Cycle 1 is recorded as completed after 27 days; 28 were planned."),
    "impossible_size": ({"laboratory": """
        subject_id | test   | day | sequence | value | unit
        A          | HEIGHT | 20  | 1        | 1.15  | cm
        B          | WEIGHT | 20  | 1        | 1.5   | kg
    """}, "HEIGHT is 1.15 cm on day 20; below 35 cm does not occur."),
    "relapse_before_diagnosis": ({"disease_episode": """
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -10
        A          | 2          | RELAPSE           | -10
    """}, "Relapse on day -10, diagnosis on day -10."),
    "recovery_before_graft": ({"transplant": """
        subject_id | transplant_no | day | neutrophil_recovery_day_reported
        A          | 1             | 90  | 90
    """}, "neutrophil_recovery_day_reported is day 90, the graft was given on day 90."),
    "out_of_range": ({"transplant": """
        subject_id | transplant_no | day | cd34_1e6_kg
        A          | 1             | 90  | -3
    """}, "transplant.cd34_1e6_kg is -3 10⁶/kg; expected 0 to 200."),
    "percent_as_fraction": ({"assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 1   | BM       | 0.63
        A          | 2             | 2   | BM       | 0.04
        A          | 3             | 3   | BM       | 1
    """}, "All 3 values of assessment.blast_percent are at most 1: they look like fractions."),
    "impossible_value": ({"laboratory": """
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 20  | 1        | 500.1 | 10*9/L
    """}, "ANC is 500.1 10*9/L on day 20; above 500 10*9/L does not occur."),
    "unknown_unit": ({"laboratory": """
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 20  | 1        | 3     |
    """}, "1 value of ANC with no unit"),
    "mrd_below_limit": ({"assessment": """
        subject_id | assessment_no | day | specimen | mrd_percent | mrd_sign | mrd_lod_percent
        A          | 1             | 20  | BM       | 0.0009      | =        | 0.001
    """}, "MRD 0.0009 % on day 20 is below the assay's limit 0.001 %."),
    "subsets_do_not_add_up": ({"laboratory": """
        subject_id | test        | day | sequence | value | unit
        A          | CD3_PERCENT | 20  | 1        | 70    | %
        A          | CD4_PERCENT | 20  | 1        | 41    | %
        A          | CD8_PERCENT | 20  | 1        | 40    | %
    """}, "differ from CD3 70 % by 11 points"),
    "no_follow_up": ({"follow_up": """
        subject_id | vital_status | last_contact_day
        B          | ALIVE        | 900
    """}, "The child has no follow_up row."),
    "follow_up_incomplete": ({"follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 400              |
        B          | ALIVE        | 900              |
    """}, "The child is dead but death_day is empty."),
    "grade_5_alive": ({"adverse_event": """
        subject_id | event_no | term   | grade
        B          | 1        | Sepsis | 5
    """}, "Sepsis has grade 5, but vital_status is ALIVE."),
    "remission_without_marrow": ({"assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 28  | BM       | 5.0           | CR
    """}, "CR on day 28 with 5 % blasts in the marrow."),
    "remission_at_transplant_contradicted": ({"transplant": """
        subject_id | transplant_no | day | status_at_transplant
        A          | 1             | 90  | CR1
    """, "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 20  | BM       | 2
        A          | 2             | 80  | BM       | 12
    """}, "Transplant in CR1 on day 90, but the marrow of day 80 had 12 % blasts."),
    "marrow_against_blasts": ({"disease_episode": """
        subject_id | episode_no | phase   | start_day | marrow | marrow_blast_percent
        A          | 1          | RELAPSE | 200       | N      | 5
    """}, "marrow is N, but marrow_blast_percent is 5."),
    "months_against_days": ({"disease_episode": """
        subject_id | episode_no | phase             | start_day | months_since_diagnosis_reported
        A          | 1          | INITIAL_DIAGNOSIS | -300      |
        A          | 2          | RELAPSE           | 200       | 18
    """}, "is 18, but the episode is 500 days after the diagnosis."),
    "performance_score_between_steps": ({"subject": """
        subject_id | site_id | performance_score
        A          | North   | 85
        B          | South   | 90
    """}, "performance_score is 85."),
    "testis_in_a_girl": ({"disease_episode": """
        subject_id | episode_no | phase   | start_day | testis
        A          | 1          | RELAPSE | 20        | Y
    """}, "Testicular disease is recorded for a girl."),
    "relapse_of_non_malignant_disease": ({"disease_episode": """
        subject_id | episode_no | phase             | start_day | diagnosis
        A          | 1          | INITIAL_DIAGNOSIS | -20       | NON_MALIGNANT
        A          | 2          | RELAPSE           | 20        |
    """}, "whose disease is not malignant"),
    "gvhd_without_graft": ({"gvhd": """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        B          | 1       | ACUTE | 120       | II
    """}, "acute GVHD is recorded, but no transplant."),
    "gvhd_before_graft": ({"gvhd": """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 89        | II
    """}, "acute GVHD begins on day 89, the graft was given on day 90."),
    "recovered_against_day": ({"transplant": f"""
        subject_id | transplant_no | day | {_WORD} | {_DAY}
        A          | 1             | 90  | N       | 110
    """}, "platelet_recovered_reported is N, but platelet_recovery_day_reported is 110."),
    "hla_matches_exceed": ({"transplant": """
        subject_id | transplant_no | day | hla_matched | hla_of
        A          | 1             | 90  | 11          | 10
    """}, "11 of 10 HLA alleles match."),
    "repeated_column_disagrees": ({"source_disagreement": """
        subject_id | field   | of       | expected
        A          | old = 0 | age = 10 | old = 1
    """}, "old = 0, but age = 10: expected old = 1."),
}


def test_a_study_on_every_boundary_raises_no_query() -> None:
    assert check_study(study_of(**CLEAN)) == []


def test_every_rule_is_tested() -> None:
    check_study(study_of(**CLEAN))
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_found_and_says_what_to_do(name: str) -> None:
    tables, what = BROKEN[name]
    found = [query for query in check_study(study_of(**{**CLEAN, **tables})) if query.rule == name]
    assert len(found) == 1
    query = found[0]
    assert what in query.what
    assert query.rows and query.why and query.cure
    assert query.site_id in ("North", "South")


@pytest.mark.parametrize(("follow_up", "what"), [
    ("A |       | 3 |", "vital_status is empty."),
    ("A | ALIVE | 3 | 3", "death_day is 3, but vital_status is ALIVE."),
    ("A | LOST  |   |", "last_contact_day is empty."),
    ("A | DEAD  | 9 | 3", "last_contact_day 9 is after death_day 3."),
    ("A | ALIVE | -1 |", "Follow-up ends before day 0."),
])
def test_every_way_a_follow_up_can_be_incomplete(follow_up: str, what: str) -> None:
    text = f"subject_id | vital_status | last_contact_day | death_day\n{follow_up}"
    study = study_of(subject="subject_id | site_id\nA | 1", follow_up=text)
    assert [query.what for query in check_study(study)] == [what]


def test_queries_are_ordered_by_site_and_subject() -> None:
    broken = {**CLEAN, "follow_up": "subject_id | vital_status\nB | ALIVE\nA | ALIVE"}
    found = check_study(study_of(**broken))
    assert [query.site_id for query in found] == sorted(query.site_id for query in found)


def test_each_centre_gets_a_sheet_it_can_answer(tmp_path: Path) -> None:
    broken = {**CLEAN, **BROKEN["grade_5_alive"][0], **BROKEN["hla_matches_exceed"][0]}
    study = study_of(**broken)
    files = write_queries(check_study(study), study, tmp_path / "queries")
    assert [file.name for file in files] == ["North.xlsx", "South.xlsx"]
    sheet = openpyxl.load_workbook(files[1]).worksheets[0]
    assert sheet["D2"].value == "Sepsis has grade 5, but vital_status is ALIVE."
    assert str(sheet.data_validations.dataValidation[0].sqref) == "G2"


def test_a_sheet_goes_when_its_queries_are_settled(tmp_path: Path) -> None:
    broken = study_of(**{**CLEAN, **BROKEN["grade_5_alive"][0]})
    write_queries(check_study(broken), broken, tmp_path / "queries")
    (tmp_path / "queries" / "mine.txt").write_text("kept", encoding="utf-8")
    clean = study_of(**CLEAN)
    assert write_queries(check_study(clean), clean, tmp_path / "queries") == []
    assert [path.name for path in (tmp_path / "queries").iterdir()] == ["mine.txt"]


def test_converted_values_are_checked_in_their_canonical_unit() -> None:
    rows = in_canonical_units(rows_of("""
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 20  | 1        | 1200  | cells/uL
    """, "laboratory"))
    assert rows["value"].to_list() == [1.2]
