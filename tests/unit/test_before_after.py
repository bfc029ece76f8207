"""Paired values: who is a pair, what is tested, what a limit of detection does, what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.errors import PlanError
from remission.plan import read_plan
from remission.report.drawn import Panels
from remission.report.outline import outline
from remission.report.spans import plain
from remission.report.table_parts import Table
from tests.conftest import study_of
from tests.unit.course import cohort_of

CD3 = {"kind": "before_after", "title": "CD3", "before": "lymphocytes_{measure}_baseline",
       "after": "lymphocytes_{measure}_end", "measures": ("cd3",)}
IL6 = {"kind": "before_after", "title": "IL-6", "before": "cytokine_pair_before_{measure}_crs",
       "after": "cytokine_pair_after_{measure}_crs", "measures": ("il6",)}


def five(values: dict[str, tuple[str, str]], boys: str = "", **asked: Any) -> Results:
    """Return the results of CD3 counts before and at the end of a cycle, by name of the child."""
    subject = ["subject_id | site_id | sex",
               *(f"{name} | 1 | {'M' if name in boys else 'F'}" for name in values)]
    exposure = ["subject_id | cycle_no | segment_no | start_day | end_day",
                *(f"{name} | 1 | 1 | 0 | 28" for name in values)]
    rows = ["subject_id | test | day | sequence | value | unit"]
    for name, pair in values.items():
        rows += [f"{name} | CD3 | {day} | 1 | {value} | 10*9/L"
                 for day, value in zip((-1, 28), pair, strict=True) if value]
    study = study_of(
        {"analyses": ({**CD3, **asked},), "groups": {"sex": {"variable": "sex"}}},
        subject="\n".join(subject), exposure="\n".join(exposure), laboratory="\n".join(rows))
    return analyse_cohort(derive_cohort(study))


RISEN = {"A": ("0.5", "0.9"), "B": ("0.7", "0.9"), "C": ("0.2", "0.3"), "D": ("1.0", "0.7"),
         "E": ("0.4", "")}


def test_only_complete_pairs_are_compared_and_the_others_are_counted() -> None:
    results = five(RISEN)
    assert results.one(statistic="n").subjects == ("A", "B", "C", "D")
    assert results.one(statistic="unknown").subjects == ("E",)
    assert results.one(statistic="median", level="before").value == 0.6       # of .2 .5 .7 1.0
    assert results.one(statistic="median", level="change").value == pytest.approx(0.15)


def test_the_signed_rank_test_is_that_of_after_less_before() -> None:
    results = five(RISEN)
    # Differences 0.4, 0.2, 0.1, −0.3 have ranks 4, 2, 1, 3: the negative sum is 3. Of 16 choices
    # of signs five have a sum of at most 3 (none; 1; 2; 3; 1 and 2), so P = 2 · 5 / 16.
    p = results.one(statistic="paired_p")
    assert p.value == pytest.approx(10 / 16)
    assert "after − before; zeros: Pratt" in p.method
    # Walsh averages of the four: their median lies between 0.05 and 0.15.
    assert results.one(statistic="shift").value == pytest.approx(0.125)
    assert results.one(statistic="rose").subjects == ("A", "B", "C")
    assert results.one(statistic="paired_p_alternative").value == pytest.approx(10 / 16)


def test_nothing_to_compare_is_a_reason() -> None:
    results = five({"A": ("0.5", "0.5")})
    assert results.one(statistic="paired_p").note == "All differences are 0."
    none = five({"A": ("0.5", "")})
    assert none.one(statistic="median", level="before").note == "no pair in this group"


def test_values_below_a_limit_stand_at_the_higher_limit_and_are_shown_as_such() -> None:
    cohort = cohort_of(IL6)
    results = analyse_cohort(cohort)
    limits = results.one(statistic="limits")
    assert limits.number > 0
    low = results.one(statistic="minimum", level="before")
    assert (low.value, low.note) == (None, "< 2.4")
    document = outline(cohort, results)
    table = next(part for part in document.parts if isinstance(part, Table))
    assert "[<2.4–" in plain([table.rows[0].cells[1]])
    drawn = next(part for part in document.parts if isinstance(part, Panels))
    assert any(drawn.panels[0].boxes[0].is_limit)


def test_groups_are_compared_each_by_itself_beside_everyone() -> None:
    results = analyse_cohort(cohort_of({**CD3, "by": "status"}))
    sizes = {row.group: row.number for row in results.select(statistic="n")}
    assert list(sizes) == ["Overall", "R/R", "MRD positive"]
    assert sizes["Overall"] == sizes["R/R"] + sizes["MRD positive"]


def test_the_change_is_compared_between_groups() -> None:
    change = {**CD3, "kind": "change_between_groups", "by": "status", "title": "Change"}
    cohort = cohort_of(change)
    results = analyse_cohort(cohort)
    p = results.one(statistic="p")
    assert p.group == "disease status" and p.method.startswith("Mann–Whitney")
    assert "R/R − MRD positive" in results.one(statistic="shift").method
    table = next(part for part in outline(cohort, results).parts if isinstance(part, Table))
    assert [words for words, _ in table.spans] == ["R/R", "MRD positive", ""]


def test_equal_changes_are_tied_though_their_binary_fractions_differ() -> None:
    all_rose_by_two_tenths = {"A": ("0.1", "0.3"), "B": ("0.3", "0.5"), "C": ("0.7", "0.9"),
                              "D": ("0.6", "0.8")}
    results = five(all_rose_by_two_tenths, boys="CD", kind="change_between_groups", by="sex")
    p = results.one(statistic="p")
    assert (p.value, p.note) in {(1.0, ""), (None, "All values are equal.")}, p
    assert {row.value for row in results.select(statistic="median", level="change")} == {0.2}


def test_stars_stand_with_p_over_each_pair() -> None:
    cohort = cohort_of({**CD3, "measures": ("cd3", "cd19"), "by": "status"})
    drawn = next(part for part in outline(cohort, analyse_cohort(cohort)).parts
                 if isinstance(part, Panels))
    assert [panel.title for panel in drawn.panels] == ["CD3⁺ T cells", "CD19⁺ B cells"]
    first, last, stars, p = drawn.panels[1].marks[0]
    assert (first, last, stars, p.text) == (0, 1, "****", "P < 0.001")
    assert drawn.names == ("R/R", "MRD positive")


@pytest.mark.parametrize(("asked", "what"), [
    ({"measures": ("cd33",)}, "Did you mean 'lymphocytes_cd3_baseline'"),
    ({"before": "lymphocyte_range_{measure}_baseline"}, "is not a number"),
])
def test_columns_must_be_numbers_that_are_there(asked: dict[str, Any], what: str) -> None:
    with pytest.raises(PlanError) as error:
        analyse_cohort(cohort_of({**CD3, **asked}))
    assert what in str(error.value)


def test_a_pattern_must_say_where_the_measure_stands(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('[study]\ntitle = "x"\n[[analyses]]\nkind = "before_after"\ntitle = "T"\n'
                    'before = "lymphocytes_cd3_baseline"\nafter = "lymphocytes_{measure}_end"\n'
                    'measures = ["cd3"]\n', encoding="utf-8")
    with pytest.raises(PlanError, match=r"line 6: .*does not say where the measure stands"):
        read_plan(path)
