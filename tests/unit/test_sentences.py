"""The results in words: a paragraph a topic, each group of children once, nothing that misleads."""

from __future__ import annotations

import re
from typing import Any

import pytest

from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import definitions_of, derive_cohort
from remission.report.abbreviations import abbreviations_in
from remission.report.asking import joined
from remission.report.methods import methods_paragraph
from remission.report.outline import outline
from remission.report.sentences import results_paragraph
from remission.report.spans import plain
from tests.conftest import study_of
from tests.unit.course import PLAN, N, cohort_of, tables

SEX = {"kind": "characteristics", "title": "Sex", "variables": ("sex",)}
AGE = {"kind": "characteristics", "title": "Age", "variables": ("age_years",)}
OS = {"kind": "survival", "title": "OS", "endpoint": "os", "at": ("1 year",)}
HARM = {"kind": "toxicity", "title": "Harm", "terms": ("crs_grade",)}
COUNTS = {"kind": "before_after", "title": "Counts", "before": "lymphocytes_{measure}_baseline",
          "after": "lymphocytes_{measure}_end"}


def told(*analyses: dict[str, Any]) -> list[str]:
    """Return the blocks of the results of the made-up cohort."""
    cohort = cohort_of(*analyses)
    return [plain(block) for block in results_paragraph(cohort, analyse_cohort(cohort)).blocks]


def test_each_topic_in_turn_has_a_block() -> None:
    blocks = told(SEX, HARM, OS, {**OS, "title": "OS again"}, HARM)
    assert [block.partition(" ")[0] for block in blocks] == ["48", "CRS", "At", "CRS"]
    assert blocks[2].count("overall survival") == 2


def test_children_are_introduced_once_by_the_table_with_their_age() -> None:
    blocks = told(SEX, AGE, {**SEX, "title": "Sex again"})
    assert len(blocks) == 1
    assert blocks[0].count("48 children were studied") == 1
    assert "median age" in blocks[0]


def test_without_an_age_the_first_table_introduces_them() -> None:
    assert told(SEX, {**SEX, "by": "status", "title": "By status"}) == [
        "48 children were studied. "]


def test_an_age_in_months_is_told_in_months() -> None:
    (block,) = told({**AGE, "variables": ("age_months",)})
    assert " months [" in block


def test_an_analysis_may_stay_out_of_the_text() -> None:
    assert told({**SEX, "in_text": False}, {**OS, "in_text": False}, HARM) == told(HARM)


def test_an_outcome_of_several_levels_is_not_told_as_one_of_them() -> None:
    """The first level is often "none", of which "in 26 of 41" would say the opposite."""
    (block,) = told({"kind": "transplant", "title": "After transplant",
                     "variables": ("relapse", "donor_lymphocytes", "acute_gvhd_grade")})
    assert "relapse" in block.lower()
    assert "grade" not in block.lower()


@pytest.mark.parametrize(("labels", "shown"), [
    (("CD3", "CD19"), ("CD3 (", "CD19 (")),
    (("Cells", "Cells"), ("cells in ×10⁹/L (", "cells in ×10⁹/L (")),
])
def test_values_before_and_after_are_told_apart(
    labels: tuple[str, str], shown: tuple[str, str]
) -> None:
    (block,) = told({**COUNTS, "measures": tuple(
        {"name": name, "label": label} for name, label in zip(("cd3", "cd19"), labels,
                                                              strict=True))})
    assert all(name in block for name in shown)
    assert block.startswith("From ")
    assert "  " not in block


@pytest.mark.parametrize(("entries", "text"), [
    ([], ""), ([["a"]], "a"), ([["a"], ["b"]], "a and b"), ([["a"], ["b"], ["c"]], "a, b and c"),
])
def test_entries_are_listed_in_words(entries: list[list[str]], text: str) -> None:
    assert plain(tuple(joined(entries))) == text


def test_a_harm_that_nobody_had_has_no_grade() -> None:
    (block,) = told({**HARM, "terms": ("crs_grade", "tumour_lysis_ctcae_grade")})
    never = next(part for part in block.split("; ") if " in 0 of " in part)
    assert "grade" not in never


def test_the_methods_have_a_block_for_each_chapter_of_definitions() -> None:
    cohort = cohort_of({**SEX, "variables": ("sex", "age_group")}, HARM)
    blocks = [plain(block) for block in methods_paragraph(
        cohort, analyse_cohort(cohort)).blocks]
    age = next(block for block in blocks if block.startswith("Age group:"))
    assert "CRS" not in age
    assert any(block.startswith("CRS") for block in blocks)


def test_what_changed_is_told_of_each_group() -> None:
    measures = ({"name": "cd3", "label": "CD3"},)
    (everyone,) = told({**COUNTS, "measures": measures})
    (by_group,) = told({**COUNTS, "measures": measures, "by": "status"})
    assert everyone.count("From before to after, CD3") == 1
    assert by_group.count("From before to after (disease status: ") == 2
    assert "From before to after, " not in by_group


def test_harm_begins_with_a_small_letter_within_the_sentence() -> None:
    (block,) = told({**HARM, "terms": ("crs_grade", "tumour_lysis_ctcae_grade", "icans_grade")})
    assert "; tumour lysis" in block
    assert "; ICANS" in block


def test_the_strip_says_of_whom_the_deaths_are_where_not_of_all() -> None:
    def caption(**asked: str) -> str:
        plan = {**PLAN, "analyses": (SEX, {**OS, **asked}), "populations": {
            "girls": {"label": "girls", "variable": "sex", "is": ("F",)}}}
        cohort = derive_cohort(study_of(plan, **tables(N)))
        return outline(cohort, analyse_cohort(cohort)).strip[1].caption

    assert caption() == "deaths"
    assert re.fullmatch(r"deaths of \d+ girls", caption(population="girls"))


def test_a_ratio_says_on_how_many_where_some_are_not_in_its_model() -> None:
    # dead: 1 of 20 girls, 12 of 16 boys and all 3 whose sex is not known: 16 of 39 in all
    subject, follow_up = ["subject_id | site_id | sex"], ["subject_id | vital_status"]
    for sex, n, dead in (("F", 20, 1), ("M", 16, 12), ("", 3, 3)):
        for number in range(n):
            subject.append(f"{sex or 'U'}{number} | 1 | {sex}")
            follow_up.append(f"{sex or 'U'}{number} | {'DEAD' if number < dead else 'ALIVE'}")
    analysis = {"kind": "risk_factors", "title": "R", "outcome": "death", "factors": ("sex",)}
    cohort = derive_cohort(study_of({"analyses": (analysis,)}, subject="\n".join(subject),
                                    follow_up="\n".join(follow_up)))
    (block,) = [plain(block) for block in results_paragraph(cohort, analyse_cohort(cohort)).blocks]
    assert "(16 events in 39 children)" in block
    assert re.search(r"\(OR 57, 95% CI [\d.–]+, P < 0\.001, on 36 children\)", block)
    # (12/4) / (1/19) = 57


def test_the_multivariable_model_counts_its_own_children_and_events() -> None:
    factors = {"kind": "risk_factors", "title": "R", "outcome": "death",
               "factors": ("sex", "disease_status")}
    cohort = cohort_of(factors)
    results = analyse_cohort(cohort)
    n, events = (results.one(group="multivariable", statistic=name) for name in ("n", "events"))
    assert set(events.subjects) <= set(n.subjects)
    assert len(events.subjects) == events.value
    assert f"multivariable model of death: yes ({events.value} events in {n.value} children)" in (
        plain(results_paragraph(cohort, results).blocks[0]))


def by_transplant(**asked: Any) -> Any:
    group = {"variable": "transplanted", "label": "transplant",
             "levels": {"HSCT": ("Y",), "without HSCT": ("N",)}}
    plan = {**PLAN, "groups": {"graft": group}, "analyses": ({**OS, "by": "graft", **asked},)}
    study = study_of(plan, **tables(N))
    return derive_cohort(study, only=definitions_of(study.plan))


def test_a_curve_by_what_came_later_is_called_naive_where_its_p_stands() -> None:
    cohort = by_transplant()
    results = analyse_cohort(cohort)
    later = results.one(statistic="caution")
    assert later.value == len(results.one(group="HSCT", statistic="n").subjects)
    block = plain(results_paragraph(cohort, results).blocks[-1])
    assert "a naive comparison that immortal time distorts" in block
    assert "for those without HSCT" in block
    assert not results.select(statistic="caution", group="without HSCT")
    (figure,) = [part for part in outline(cohort, results).parts if part.address == "f1"]
    assert "came to their group after time zero" in plain(figure.note)
    assert "Median follow-up (reverse Kaplan–Meier): HSCT " in plain(figure.note)


def test_groups_known_at_time_zero_are_compared_without_a_word() -> None:
    cohort = cohort_of({**OS, "by": "status"})
    assert not analyse_cohort(cohort).select(statistic="caution")


def test_curves_are_told_at_the_last_time_that_all_groups_reach() -> None:
    # the last girl is lost at 400 days, boys are followed for 1,000: at 2 years only boys are seen
    subject, follow_up = ["subject_id | site_id | sex"], [
        "subject_id | vital_status | last_contact_day | death_day"]
    for sex, last in (("F", 400), ("M", 1000)):
        for number in range(8):
            subject.append(f"{sex}{number} | 1 | {sex}")
            follow_up.append(f"{sex}{number} | ALIVE | {last} |" if number else
                             f"{sex}{number} | DEAD | 100 | 100")
    plan = {"endpoints": {"os": {"origin": "anchor", "events": ("death",)}},
            "groups": {"sex": {"variable": "sex", "label": "sex"}},
            "analyses": ({**OS, "at": ("1 year", "2 years"), "by": "sex"},)}
    cohort = derive_cohort(study_of(plan, subject="\n".join(subject),
                                    follow_up="\n".join(follow_up)))
    (block,) = [plain(block) for block in results_paragraph(cohort, analyse_cohort(cohort)).blocks]
    assert block.startswith("At 1 year from ")
    assert block.count("88%") == 2                  # 7 of 8 alive in both


def test_the_methods_count_tests_of_pairs_and_of_coefficients_apart() -> None:
    factors = {"kind": "risk_factors", "title": "R", "outcome": "death", "factors": ("sex",)}
    pairs = {**COUNTS, "measures": ("cd3",)}
    cohort = cohort_of({**SEX, "by": "status", "exact": True}, pairs, factors)
    results = analyse_cohort(cohort)
    numbers = {name: sum(row.value is not None for row in results.select(statistic=name))
               for name in ("p", "paired_p", "ratio_p")}
    assert all(numbers.values())
    text = " ".join(map(plain, methods_paragraph(cohort, results).blocks))
    assert (f"{numbers['p']} between groups and {numbers['paired_p']} of pairs in this report, "
            f"beside {numbers['ratio_p']} P of coefficients of models") in text
    assert "expected count" not in text             # every test was exact: nothing was chosen


def test_a_variable_may_stand_in_a_table_without_its_test() -> None:
    tested = {"name": "disease_status", "show": "every_level"}
    for test, rows in ((True, 1), (False, 0)):
        results = analyse_cohort(cohort_of(
            {**SEX, "by": "status", "variables": ({**tested, "test": test},)}))
        assert len(results.select(statistic="p", variable="disease_status")) == rows


def test_abbreviations_in_use_are_spelled_out_at_the_end_of_the_methods() -> None:
    cohort = cohort_of(HARM, {**OS, "by": "status"})
    *_, last = [plain(block) for block in methods_paragraph(cohort, analyse_cohort(cohort)).blocks]
    assert last.startswith("Abbreviations: ")
    assert "CRS, cytokine release syndrome" in last
    assert "R/R, relapsed or refractory" in last      # a label of the group
    assert "GVHD" not in last                         # nothing speaks of it


@pytest.mark.parametrize(("text", "found"), [
    ("CR-MRDneg", "CR, complete remission; MRD, minimal residual disease"),
    ("CRS of grade 3", "CRS, cytokine release syndrome"),
    ("CRh, ALLOGENEIC, MRD_NEG, DR/R/R", "CR, complete remission"), ("", "")])
def test_an_abbreviation_is_a_word_or_the_stem_of_one(text: str, found: str) -> None:
    assert abbreviations_in([text]) == found
