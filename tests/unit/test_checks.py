"""Every rule: the smallest study that breaks it, and a study that breaks none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from remission.records.checks import RULES, Query, check_study, worded
from remission.records.checks.names import column_name, table_name
from remission.records.column import SOURCE
from remission.records.tables import TABLES
from remission.report.write_queries import write_queries
from remission.sources.laboratory_units import in_canonical_units
from tests.conftest import rows_of, study_of
from tests.unit.check_cases import CASES, CLEAN, Case

IDS = [f"{case.rule} {case.case}".strip() for case in CASES]

def test_a_study_on_every_boundary_raises_no_query() -> None:
    assert check_study(study_of(**CLEAN)) == []


def test_every_sentence_of_every_rule_is_tested() -> None:
    assert {(case.rule, case.case) for case in CASES} == {
        (rule.name, name) for rule in RULES.values() for name in rule.what}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_broken_rule_is_found_and_says_what_to_do(case: Case) -> None:
    query = one(case.rule, found_in(**case.tables))
    assert case.what in query.what
    assert query.case == case.case
    assert query.rows and query.why and query.cure
    assert query.site_id in ("North", "South")


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_right_neighbour_of_a_broken_study_is_not_asked_about(case: Case) -> None:
    assert [query.what for query in found_in(**case.right)
            if (query.rule, query.case) == (case.rule, case.case)] == []


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_query_names_rows_and_columns_of_the_study(case: Case) -> None:
    study = study_of(**{**CLEAN, **case.tables})
    query = one(case.rule, check_study(study))
    assert query.at
    for at in query.at:
        assert study.table(at.table).item(at.row, SOURCE) in query.rows
        assert set(at.columns) <= set(TABLES[at.table].by_name)


def found_in(**tables: str) -> list[Query]:
    return check_study(study_of(**{**CLEAN, **tables}))


def tables_of(rule: str) -> dict[str, str]:
    return next(case.tables for case in CASES if case.rule == rule)


def one(rule: str, queries: list[Query]) -> Query:
    (query,) = (query for query in queries if query.rule == rule)
    return query


def test_an_infusion_may_overlap_with_any_earlier_one() -> None:
    found = [query for query in found_in(exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 20
        A          | 1        | 2          | 6         | 8
        A          | 1        | 3          | 14        | 27
        A          | 1        | 4          | 27        |
    """) if query.rule == "infusions_overlap"]
    assert [(query.values["segment_no"], query.values["end_before"]) for query in found] == [
        (2, 20), (3, 20)]


def test_a_query_keeps_its_id_while_its_values_do() -> None:
    tables = {"transplant": "subject_id | transplant_no | day | hla_matched | hla_of\n"
                            "{}A | 1 | 90 | {} | 10"}
    def ask(before: str, matched: str) -> Query:
        text = tables["transplant"].format(before, matched)
        return one("hla_matches_exceed", found_in(transplant=text))

    first = ask("", "11")
    assert ask("B | 1 | 60 | 9 | 10\n", "11").id == first.id, "the row has moved"
    assert ask("", "12").id != first.id, "the value has changed"


def test_two_queries_that_say_the_same_have_ids_of_their_own() -> None:
    found = [query for query in found_in(
        cell_therapy="subject_id | therapy_no | kind | day\nB | 1 | DLI | 9\nB | 2 | DLI | 9")
        if query.rule == "graft_is_missing"]
    assert len({query.what for query in found}) == 1
    assert len({query.id for query in found}) == 2


def test_days_off_the_scale_are_one_query_a_child() -> None:
    rows = "\n".join(f"B | {day} | RBC" for day in range(901, 951))
    (query,) = found_in(transfusion=f"subject_id | day | product\n{rows}")
    assert (query.rule, len(query.rows)) == ("after_last_contact", 51)


@pytest.mark.parametrize("plan", [{}, {"absent_means_none": ["ADVERSE_EVENT"]}])
def test_a_death_needs_grade_5_only_where_adverse_events_were_asked_for(
    plan: dict[str, object]
) -> None:
    study = study_of({"records": plan}, **{**CLEAN, "follow_up": """
        subject_id | vital_status | last_contact_day | death_day | cause_of_death
        A          | DEAD         | 400              | 400       | INFECTION
        B          | ALIVE        | 900              |           |
    """})
    assert [query.rule for query in check_study(study)] == ["death_without_grade_5"] * len(plan)


def test_spanish_and_chinese_name_columns_and_units_in_their_own_way() -> None:
    query = one("out_of_range", found_in(gvhd="""
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 40001     | II
    """))
    onset, table = (column_name("gvhd", "onset_day", "es"), table_name("gvhd", "es"))
    assert worded(query, "es").what == (
        f"«{onset}» ({table}) es 40001 días; se espera de -40000 a 40000.")
    onset, table = (column_name("gvhd", "onset_day", "zh"), table_name("gvhd", "zh"))
    assert worded(query, "zh").what == f"{table}“{onset}”为40001 天；应在-40000至40000之间。"


def test_queries_are_ordered_by_site_and_subject() -> None:
    broken = {**CLEAN, "follow_up": "subject_id | vital_status\nB | ALIVE\nA | ALIVE"}
    found = check_study(study_of(**broken))
    assert [query.site_id for query in found] == sorted(query.site_id for query in found)


def test_each_centre_gets_a_sheet_it_can_answer(tmp_path: Path) -> None:
    broken = {**CLEAN, **tables_of("grade_5_alive"), **tables_of("hla_matches_exceed")}
    study = study_of(**broken)
    files = write_queries(check_study(study), study, tmp_path / "queries").files
    assert [file.name for file in files] == ["North.xlsx", "South.xlsx"]
    sheet = openpyxl.load_workbook(files[1]).worksheets[0]
    assert sheet["D2"].value == "Sepsis has grade 5, but vital_status is ALIVE."
    assert str(sheet.data_validations.dataValidation[0].sqref) == "G2"


def test_a_sheet_goes_when_its_queries_are_settled(tmp_path: Path) -> None:
    broken = study_of(**{**CLEAN, **tables_of("grade_5_alive")})
    write_queries(check_study(broken), broken, tmp_path / "queries")
    (tmp_path / "queries" / "mine.txt").write_text("kept", encoding="utf-8")
    clean = study_of(**CLEAN)
    assert write_queries(check_study(clean), clean, tmp_path / "queries").files == []
    assert [path.name for path in (tmp_path / "queries").iterdir()] == ["mine.txt"]


def test_converted_values_are_checked_in_their_canonical_unit() -> None:
    rows = in_canonical_units(rows_of("""
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 20  | 1        | 1200  | cells/uL
    """, "laboratory"))
    assert rows["value"].to_list() == [1.2]
