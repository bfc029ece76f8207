"""The participant flow adds up, whatever the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.definitions.participant_flow import Node, participant_flow
from remission.plan import Plan
from remission.records.checks import check_study
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.report.outline import outline, tables_of
from remission.report.spans import plain
from remission.report.write_report import write_report
from tests.conftest import study_of

SUBJECTS = ("A", "B", "C", "D", "E", "F")
days = st.none() | st.integers(-20, 120)


def rows_of(table: str, values: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return rows of a table, one at most for each key."""
    number = {"exposure": "segment_no"}.get(table, TABLES[table].key[-1])
    rows = st.lists(st.fixed_dictionaries({"subject_id": st.sampled_from(SUBJECTS), **values}),
                    max_size=14)
    return rows.map(lambda drawn: frame_of(table, number, drawn))


def frame_of(table: str, number: str, rows: list[dict[str, Any]]) -> Any:
    """Return rows as a declared table, numbered where the key has a number."""
    schema = schema_of(TABLES[table])
    numbered = [row if number == "subject_id" else {**row, number: place}
                for place, row in enumerate(rows, start=1)]
    unique = {tuple(row.get(key) for key in TABLES[table].key): row for row in numbered}
    filled = [{name: row.get(name) for name in schema} | {"_source": f"{table}:{place}"}
              for place, row in enumerate(unique.values(), start=2)]
    return as_frame(pl.DataFrame(filled, schema=schema))


studies = st.fixed_dictionaries({
    "exposure": rows_of("exposure", {"cycle_no": st.integers(1, 3), "start_day": days,
                                     "end_day": days}),
    "assessment": rows_of("assessment", {
        "day": days, "specimen": st.sampled_from(["BM", "PB", None]),
        "blast_percent": st.sampled_from([None, 1.0, 5.0, 40.0]),
        "mrd_percent": st.sampled_from([None, 0.001, 0.5])}),
    "transplant": rows_of("transplant", {"day": days}),
    "cell_therapy": rows_of("cell_therapy", {"day": days, "kind": st.sampled_from(
        ["CAR_T", "DLI", None])}),
    "treatment_line": rows_of("treatment_line", {"start_day": days}),
    "follow_up": rows_of("follow_up", {
        "vital_status": st.sampled_from(["ALIVE", "DEAD", "LOST", None]),
        "last_contact_day": days, "death_day": days}),
})


def assert_adds_up(node: Node) -> None:
    """Every subject of a node is in exactly one of its children, if it has any."""
    if node.children:
        below = [subject for child in node.children for subject in child.subjects]
        assert sorted(below) == sorted(node.subjects)
        assert sum(child.count for child in node.children) == node.count
    for child in node.children:
        assert_adds_up(child)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies)
def test_every_node_is_the_sum_of_its_children(tables: dict[str, Any]) -> None:
    subject = frame_of("subject", "subject_id", [
        {"subject_id": subject, "site_id": "1"} for subject in SUBJECTS])
    study = Study(plan=Plan.model_validate({"study": {"title": "flow"}}),
                  tables={"subject": subject, **tables})
    flow = participant_flow(study)
    assert flow.subjects == SUBJECTS
    assert_adds_up(flow)


SMALL = {
    "subject": """
        subject_id | site_id
        A          | 1
        B          | 1
        C          | 1
        D          | 1
    """,
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 27
        B          | 1        | 1          | 0         | 27
        B          | 2        | 1          | 42        | 69
        C          | 1        | 1          | 0         | 9
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | mrd_percent
        A          | 1             | -1  | BM       | 40            | 40
        A          | 2             | 28  | BM       | 1             | 0.001
        B          | 1             | -1  | BM       | 60            | 60
        B          | 2             | 28  | BM       | 50            | 40
        B          | 3             | 70  | BM       | 2             | 0.001
    """,
    "transplant": """
        subject_id | transplant_no | day
        A          | 1             | 60
    """,
    "cell_therapy": """
        subject_id | therapy_no | kind  | day
        B          | 1          | CAR_T | 90
    """,
    "follow_up": """
        subject_id | vital_status | last_contact_day | death_day
        A          | ALIVE        | 400              |
        B          | DEAD         | 200              | 200
        D          | ALIVE        | 100              |
    """,
}


def test_the_boxes_of_a_small_study() -> None:
    flow = participant_flow(study_of(**SMALL))
    boxes = {"/".join(path): node.count for path, node in flow.walk()}
    after_1 = "REGISTERED/TREATED/EVALUABLE"
    expected = {
        "REGISTERED": 4, "REGISTERED/TREATED": 3, "REGISTERED/NOT_TREATED": 1, after_1: 2,
        "REGISTERED/TREATED/NO_MARROW": 1, f"{after_1}/REMISSION": 1, f"{after_1}/NO_REMISSION": 1,
        f"{after_1}/REMISSION/NOT_GIVEN/HSCT/ANALYSED": 1,
        f"{after_1}/NO_REMISSION/GIVEN/EVALUABLE/REMISSION/CAR_T/ANALYSED": 1,
        "REGISTERED/TREATED/NO_MARROW/NOT_GIVEN/NONE/NOT_FOLLOWED": 1,
    }
    assert {box: boxes.get(box) for box in expected} == expected


PLAN: dict[str, object] = {"analyses": [{"kind": "participant_flow"}]}


def test_the_flow_is_an_analysis_whose_boxes_add_up() -> None:
    results = analyse_cohort(derive_cohort(study_of(PLAN, **SMALL), only=()))
    boxes = {row.level: row for row in results.select(variable="flow", statistic="n")}
    for level, box in boxes.items():
        below = [row for other, row in boxes.items() if other.rpartition("/")[0] == level]
        assert not below or sum(row.number for row in below) == box.number
    treated = boxes["REGISTERED/TREATED"]
    assert (treated.value, str(treated.base), treated.method) == (
        3, "4 children", "registered → given blinatumomab")
    assert treated.subjects == ("A", "B", "C")
    reasons = {(row.level, row.note): row.value for row in results.select(statistic="reason")}
    assert reasons["REGISTERED/TREATED/NO_MARROW/NOT_GIVEN", "reason not recorded"] == 1


def test_the_table_of_the_flow_shows_parts_and_reasons() -> None:
    cohort = derive_cohort(study_of(PLAN, **SMALL), only=())
    table = tables_of(outline(cohort, analyse_cohort(cohort)))[0]
    assert (table.caption, table.title) == ("Table 1", "Participant flow")
    shown = {row.label.strip(): [plain((cell,)) for cell in row.cells] for row in table.rows}
    assert shown["registered"] == ["4", "3 + 1", ""]
    assert shown["given blinatumomab"] == ["3", "2 + 1", ""]
    assert shown["no marrow in the window of the cycle after cycle 1"][0] == "1"
    assert shown["without follow-up"] == ["1", "", ""]


def test_the_flow_is_printed_and_each_of_its_numbers_answers(tmp_path: Path) -> None:
    cohort = derive_cohort(study_of(PLAN, **SMALL), only=())
    results = analyse_cohort(cohort)
    write_report(cohort, results, check_study(cohort.study), tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Participant flow" in page and "given blinatumomab" in page
    assert "STROBE, item 13" in page


def test_a_flow_takes_no_groups() -> None:
    with pytest.raises(ValueError, match="by"):
        Plan.model_validate({"study": {"title": "T"}, "analyses": [
            {"kind": "participant_flow", "by": "sex"}]})
