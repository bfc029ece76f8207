"""Response rates: whose cycle counts, who is a failure, and what leaves the base."""

from __future__ import annotations

import pytest

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.report import says
from remission.report.formats import p_statement
from remission.report.outline import outline
from remission.report.spans import plain
from remission.report.table_parts import Table
from tests.conftest import study_of
from tests.unit.course import cohort_of

ASKED = {"kind": "response", "title": "Response"}
TABLES = {
    "subject": "subject_id | site_id | cohort\nA | 1 | RR\nB | 1 | RR\nC | 1 | RR\nD | 1 | RR",
    "exposure": "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28\n"
                "A | 2 | 1 | 42 | 70\nB | 1 | 1 | 0 | 28\nC | 1 | 1 | 0 | 28",
    "assessment": "subject_id | assessment_no | day | specimen | blast_percent | mrd_method"
                  " | mrd_percent | mrd_sign | mrd_lod_percent\n"
                  "A | 1 | -2 | BM | 60 | FCM | 55 | = |\nA | 2 | 28 | BM | 40 | FCM | 35 | = |\n"
                  "A | 3 | 70 | BM | 1 | FCM | | ND | 0.001\n"
                  "B | 1 | 28 | BM | 2 | FCM | | ND | 0.001",
}


@pytest.fixture(scope="module")
def results() -> Results:
    """A responds in the second cycle, B in the first, C has no marrow, D was never treated."""
    return analyse_cohort(derive_cohort(study_of({"analyses": (ASKED,)}, **TABLES)))


def responded(results: Results, level: str) -> tuple[object, str]:
    row = results.one(statistic="responded", level=level, group="Overall")
    return row.value, str(row.base)


def test_who_was_not_evaluable_is_a_failure_in_the_base(results: Results) -> None:
    assert responded(results, "cycle 1: remission") == (1, "3 children")
    assert responded(results, "cycle 1: not evaluable") == (1, "3 children")
    missing = results.one(statistic="responded", level="cycle 1: not evaluable")
    assert missing.subjects == ("C",)


def test_a_later_cycle_counts_those_who_were_given_it(results: Results) -> None:
    assert results.one(statistic="given", level="cycle 2: given").subjects == ("A",)
    assert responded(results, "cycle 2: MRD-negative remission") == (1, "1 child")


def test_the_best_response_is_of_all_treated(results: Results) -> None:
    assert responded(results, "best: remission") == (2, "3 children")
    lower = results.one(statistic="responded_lower", level="best: remission")
    assert lower.value == pytest.approx(9.43, abs=0.01)   # Clopper–Pearson of 2 in 3, tables


def test_groups_stand_side_by_side_with_their_test() -> None:
    cohort = cohort_of({**ASKED, "by": "status"})
    results = analyse_cohort(cohort)
    document = outline(cohort, results)
    table = next(part for part in document.parts if isinstance(part, Table))
    assert [head.label for head in table.heads] == ["Overall", "R/R", "MRD positive", "P"]
    assert table.rows[0].label == "After cycle 1, children"
    assert results.one(statistic="p", level="cycle 1: remission").method.endswith("two-sided")
    assert "as a failure" in plain(table.note)


def test_beside_a_number_stands_the_comparison_of_its_own_level() -> None:
    cohort = cohort_of({**ASKED, "by": "status"})
    found = analyse_cohort(cohort)
    for row in found.select(statistic="responded", group="Overall"):
        own = found.find(variable=row.variable, level=row.level, statistic="p")
        beside = tuple(says.tests_beside(row, found, cohort))
        assert len(beside) == (own is not None), row.id
        if own is not None and own.value is not None:
            assert beside[0].startswith(p_statement(own.number)), row.id
