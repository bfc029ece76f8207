"""Single cases: one row a child, in the order of the records."""

from __future__ import annotations

import pytest

from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import Cohort, definitions_of, derive_cohort
from remission.errors import PlanError
from remission.report.outline import outline
from remission.report.spans import plain, spans_of
from remission.report.table_parts import Table
from tests.conftest import study_of

TABLES = {
    "subject": "subject_id | site_id | sex | age_at_index_days\n"
               "A | 1 | F | 3000\nB | 1 | M | 400\nC | 1 | F |",
    "disease_episode": "subject_id | episode_no | phase | start_day | cd19\n"
                       "A | 1 | RELAPSE | 274 | NEG\nB | 1 | RELAPSE | 30 | POS\n"
                       "C | 1 | RELAPSE | 100 | ",
}


def cohort(**asked: object) -> Cohort:
    study = study_of({"analyses": ({
        "kind": "cases", "title": "Every relapse", "shown": (
            {"name": "relapse_day", "label": "after", "unit": "months", "digits": 1},
            {"name": "first_relapse_cd19", "label": "CD19"}), **asked},)}, **TABLES)
    return derive_cohort(study, only=definitions_of(study.plan))


def test_each_value_of_each_case_is_a_result_with_its_child() -> None:
    results = analyse_cohort(cohort())
    late = results.one(variable="relapse_day", group="case 1")
    assert late.number == pytest.approx(274 / 30.4375)   # 9.002 months
    assert (late.unit, late.subjects) == ("months", ("A",))
    assert results.one(variable="first_relapse_cd19", group="case 1").value == "negative"
    assert results.one(variable="first_relapse_cd19", group="case 3").value is None
    assert results.one(variable="first_relapse_cd19", statistic="shown").value == 2


def test_who_has_nothing_of_what_is_needed_is_left_out_and_counted() -> None:
    found = cohort(needs=("first_relapse_cd19",))
    results = analyse_cohort(found)
    assert results.one(variable="subjects", group="Overall").subjects == ("A", "B")
    assert results.one(variable="subjects", level="outside").subjects == ("C",)
    table = outline(found, results).parts[0]
    assert isinstance(table, Table)
    assert [(row.label, *(plain(spans_of(cell)) for cell in row.cells)) for row in table.rows] == [
        ("Case 1", "9.0", "negative"), ("Case 2", "1.0", "positive")]
    assert "Left out: 1 child" in plain(table.note)


def test_what_is_no_time_has_no_months_and_needs_are_shown() -> None:
    with pytest.raises(PlanError, match="is no time, and months were asked for"):
        analyse_cohort(cohort(shown=({"name": "sex", "unit": "months"},)))
    with pytest.raises(ValueError, match="is not shown"):
        cohort(needs=("sex",))
