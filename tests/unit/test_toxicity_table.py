"""Harm by grade: the base is what could be graded, and derived grades are told from reported."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import definitions_of, derive_cohort
from remission.errors import PlanError
from remission.report.drawn import Bars
from remission.report.outline import outline
from remission.report.spans import plain
from remission.report.table_parts import Table
from tests.conftest import study_of
from tests.unit.course import cohort_of

CRS = {"kind": "toxicity", "title": "Harm", "terms": ("crs_grade",)}
TABLES = {
    "subject": "subject_id | site_id\nA | 1\nB | 1\nC | 1",
    "exposure": "subject_id | cycle_no | segment_no | start_day | end_day\n"
                "A | 1 | 1 | 0 | 28\nA | 2 | 1 | 42 | 70\nB | 1 | 1 | 0 | 28\nC | 1 | 1 | 0 | 28",
    "adverse_event": "subject_id | event_no | group | start_day | grade | grading\n"
                     "A | 1 | CRS | 3 | 1 | ASTCT2019\nA | 2 | CRS | 45 | 3 | ASTCT2019",
    "form_status": "subject_id | form | status\nA | ADVERSE_EVENT | COMPLETE\n"
                   "B | ADVERSE_EVENT | COMPLETE",
}


def results_of(**asked: object) -> Results:
    return analyse_cohort(derive_cohort(study_of({"analyses": ({**CRS, **asked},)}, **TABLES)))


def test_a_patient_counts_once_with_the_worst_grade() -> None:
    results = results_of()
    assert results.one(statistic="graded", level="3").subjects == ("A",)
    assert results.one(statistic="graded", level="1").value == 0
    any_grade = results.one(statistic="graded", level="any")
    assert (any_grade.value, str(any_grade.base)) == (1, "2 children")
    # Clopper–Pearson of 1 in 2 begins where two throws give one with 0.025: 1 − √0.975 = 1.258 %
    assert results.one(statistic="graded_lower", level="any").value == pytest.approx(1.258, abs=.01)


def test_a_cycle_counts_by_itself() -> None:
    results = results_of(base="cycles")
    levels = ("1", "3", "3_or_more")
    assert [results.one(statistic="graded", level=level).value for level in levels] == [1, 1, 1]
    assert str(results.one(statistic="graded", level="any").base) == "3 cycles"


def test_every_result_has_an_address_of_its_own() -> None:
    addresses = [row.id for row in results_of(bands={"G0": [0], "G1–2": [1, 2], "G3–5": [3, 4, 5]})]
    assert "toxicity.crs_grade_worst.3_or_more.Overall.graded" in addresses
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("name", ["3+", "≥ 3", "any", "G1-2"])
def test_a_band_is_not_named_as_another_level(name: str) -> None:
    with pytest.raises(ValidationError, match="has the address of another level"):
        results_of(bands={"G1–2": [1, 2], name: [0, 3, 4, 5]})


def test_who_was_not_asked_is_not_grade_0_and_the_source_of_a_grade_is_told() -> None:
    results = results_of()
    assert results.one(statistic="unknown").subjects == ("C",)
    assert results.one(statistic="reported").subjects == ("A",)
    assert results.find(statistic="derived") is None


def test_table_and_bars_show_the_same_counts() -> None:
    cohort = cohort_of({**CRS, "terms": ("crs_grade", "infection_ctcae_grade"), "by": "status"})
    parts = outline(cohort, analyse_cohort(cohort)).parts
    table = next(part for part in parts if isinstance(part, Table))
    bars = next(part for part in parts if isinstance(part, Bars))
    assert [row.label for row in table.rows[:4]] == [
        "CRS (ASTCT)", "Overall", "R/R", "MRD positive"]
    shown = plain([table.rows[2].cells[6]]).partition(" ")[0]
    assert bars.bars[1].count is not None
    assert bars.bars[1].count.text.partition("/")[0] == shown


def test_a_term_must_be_a_grade() -> None:
    with pytest.raises(PlanError, match=r"no grade of a cycle named 'crs_grad'.*Did you mean"):
        results_of(terms=("crs_grad",))


BANDS = {"G0": (0,), "G1–2": (1, 2), "G3–5": (3, 4, 5)}
ASKED_ALL = "\n".join(f"{child} | ADVERSE_EVENT | COMPLETE" for child in "ABCDEF")


def banded(**asked: object) -> Results:
    """Three girls with CRS of grade 1, 2 and 3, and three boys without."""
    tables = {
        "subject": "subject_id | site_id | sex\n" + "\n".join(
            f"{child} | 1 | {'F' if child in 'ABC' else 'M'}" for child in "ABCDEF"),
        "exposure": "subject_id | cycle_no | segment_no | start_day | end_day\n" + "\n".join(
            f"{child} | 1 | 1 | 0 | 28" for child in "ABCDEF"),
        "adverse_event": "subject_id | event_no | group | start_day | grade | grading\n"
                         + "\n".join(f"{child} | 1 | CRS | 3 | {grade} | ASTCT2019"
                                     for child, grade in zip("ABC", "123", strict=True)),
        "form_status": f"subject_id | form | status\n{ASKED_ALL}",
    }
    study = study_of({
        "groups": {"sex": {"variable": "sex"}},
        "analyses": ({**CRS, "by": "sex", "test": True, "bands": BANDS, **asked},)}, **tables)
    return analyse_cohort(derive_cohort(study, only=definitions_of(study.plan)))


def test_bands_put_grades_together_and_each_is_compared_with_the_others() -> None:
    results = banded(exact=True)
    assert results.one(statistic="graded", level="G1–2", group="female").value == 2
    # 3 of 3 girls and 0 of 3 boys with any grade: 2 of the C(6, 3) = 20 tables are as extreme
    assert results.one(statistic="p", level="G0").value == pytest.approx(2 / 20)
    # 2 of 3 girls and 0 of 3 boys with G1–2: C(4, 3) = 4 + 4 of 20 tables
    assert results.one(statistic="p", level="G1–2").value == pytest.approx(8 / 20)
    # grades 0, 1–2, 3–5 by sex: margins 3, 2, 1 with 3 girls; the table seen has 1 of 20
    # arrangements, its mirror another
    assert results.one(statistic="p", level="bands").value == pytest.approx(2 / 20)
    assert "plan asks for exact" in results.one(statistic="p", level="G0").note


def test_a_term_that_is_not_banded_has_one_row_of_any_grade() -> None:
    results = banded(terms=({"name": "crs_grade", "banded": False},))
    assert results.find(statistic="p", level="bands") is None
    assert results.find(statistic="p", level="any") is not None


@pytest.mark.parametrize(("bands", "told"), [
    ({"a": (0, 1), "b": (1, 2, 3, 4, 5)}, "stands in a band already"),
    ({"a": (0, 1, 2, 3, 4, 5, 6)}, "which is no grade"),
    ({"a": (0,), "b": (1, 2)}, "leave out grade 3, 4, 5"),
])
def test_bands_hold_each_grade_once(bands: dict[str, tuple[int, ...]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        banded(bands=bands)
