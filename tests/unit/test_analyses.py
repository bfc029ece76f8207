"""What is asked of small and awkward cohorts: one child, empty groups, unknown values, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remission.analyses.queries import count_queries
from remission.analyses.results import OUTSIDE, Base, Result, Results
from remission.analyses.run import analyse_cohort
from remission.analyses.survival import ticks
from remission.definitions.cohort import derive_cohort
from remission.errors import PlanError
from remission.records.checks import check_study
from remission.report.outline import outline, tables_of
from remission.report.parts import Paragraph
from remission.report.spans import plain
from remission.report.write_report import write_report
from remission.statistics import Outcome, gray_test
from tests.conftest import study_of

GROUPS = {"sex": {"variable": "sex", "label": "sex"}}
ENDPOINTS = {"os": {"label": "Overall survival", "events": ["death"]},
             "relapse": {"label": "Relapse", "events": ["relapse"], "competing": ["death"]}}
TABLE = {"kind": "characteristics", "title": "T", "by": "sex",
         "variables": ["age_years", "transplanted", "disease_status"]}
CURVE = {"kind": "survival", "title": "S", "endpoint": "os", "at": ["100 days"], "unit": "days"}


def analysed(*analyses: dict[str, Any], **tables: str) -> Results:
    plan: dict[str, object] = {"groups": GROUPS, "endpoints": ENDPOINTS, "analyses": analyses}
    return analyse_cohort(derive_cohort(study_of(plan, **tables)))


ONE = {"subject": "subject_id | site_id | sex | age_at_index_days\nA | 1 | F | 1461",
       "follow_up": "subject_id | vital_status | last_contact_day\nA | ALIVE | 300"}


def test_a_plan_that_asks_for_nothing_is_not_reported() -> None:
    with pytest.raises(PlanError, match=r"asks for no analysis.*Add a block .*\[\[analyses\]\]"):
        analysed(**ONE)


def test_one_child_is_described_and_nothing_is_tested() -> None:
    results = analysed(TABLE, CURVE, **ONE)
    age = results.select(variable="age_years", group="Overall")
    assert age.one(statistic="median").value == 4.0            # 1461 / 365.25
    p = results.one(variable="age_years", statistic="p")
    assert p.value is None
    assert p.note == "Fewer than two groups hold a value."
    survival = results.one(analysis="survival", statistic="survival")
    assert survival.value == 100.0
    assert survival.note == "no event yet"
    assert results.one(analysis="survival", statistic="lower").value is None


def test_a_group_with_none_says_so() -> None:
    results = analysed(TABLE, {**CURVE, "by": "sex"}, **ONE)
    assert results.one(variable="subjects", group="male", statistic="n").value == 0
    empty = results.one(variable="transplanted", group="male", statistic="percent")
    assert (empty.value, empty.note) == (None, "nobody in this group was assessed")
    refused = results.one(analysis="survival", group="male", statistic="refused")
    assert refused.note == "nobody in this group has a known outcome"
    assert results.one(analysis="survival", statistic="p").note == "There is only one group."


def test_unknown_values_leave_the_base_and_are_counted() -> None:
    results = analysed(TABLE, subject="subject_id | site_id | sex | cohort\n"
                                      "A | 1 | F | RR\nB | 1 | F |\nC | 1 | U | RR\n")
    count = results.one(variable="disease_status", level="RR", group="female", statistic="count")
    assert (count.value, count.base) == (1, Base(1, "children"))
    assert results.one(variable="disease_status", statistic="unknown", group="female").value == 1
    outside = results.one(variable="subjects", level="outside")
    assert (outside.value, outside.subjects) == (1, ("C",))


def test_an_estimate_beyond_follow_up_is_refused() -> None:
    results = analysed({**CURVE, "at": ["100 days", "1 year"]}, **ONE)
    late = results.one(statistic="survival", at=365.25)
    assert late.value is None
    assert late.note == "beyond the last follow-up (300)"


def test_an_event_without_its_day_refuses_the_curve() -> None:
    results = analysed({**CURVE, "endpoint": "relapse", "kind": "cumulative_incidence"}, **ONE,
                       disease_episode="subject_id | episode_no | phase\nA | 1 | RELAPSE")
    assert [row.statistic for row in results] == ["refused"]
    assert results[0].subjects == ("A",)
    assert "disease_episode.start_day" in results[0].method


def test_a_study_without_follow_up_refuses_survival() -> None:
    results = analysed(CURVE, subject=ONE["subject"])
    assert results.one(statistic="refused").note == "Nobody has a known time for overall survival."


def test_children_without_an_outcome_are_left_out_and_counted() -> None:
    results = analysed(CURVE, subject="subject_id | site_id\nA | 1\nB | 1\nC | 1",
                       follow_up="subject_id | vital_status | last_contact_day\n"
                                 "A | ALIVE | 9\nB | ALIVE |\n")
    assert results.one(statistic="n").value == 1
    left = results.select(statistic="unknown")
    assert [(row.level, row.subjects) for row in left] == [("no follow-up", ("B", "C"))]


def test_every_wrong_name_is_told_together() -> None:
    wrong = {**TABLE, "variables": ["agee_years", {"name": "sex", "level": "X"}]}
    with pytest.raises(PlanError) as error:
        analysed(wrong, **ONE)
    text = str(error.value)
    assert "'agee_years'" in text and "'age_years'" in text
    assert "'X' is not a value of sex" in text


@pytest.mark.parametrize(("groups", "what"), [
    ({"sex": {"variable": "gender", "label": "x"}}, "no variable 'gender'"),
    ({"sex": {"variable": "sex", "label": "x", "levels": {"a": ["Q"]}}}, "'Q' is not a value"),
    ({"sex": {"variable": "age_years", "label": "x"}}, "has no levels of its own"),
])
def test_groups_that_cannot_be_made(groups: dict[str, Any], what: str) -> None:
    plan: dict[str, object] = {"groups": groups, "analyses": [TABLE]}
    with pytest.raises(PlanError, match=what):
        analyse_cohort(derive_cohort(study_of(plan, **ONE)))


@pytest.mark.parametrize(("definitions", "what"), [
    ({"age_grup": "olaya_2025"}, "Did you mean 'age_group'"),
    ({"age_group": "olaya"}, "Did you mean 'olaya_2025'"),
    ({"relapse": "x"}, "has no sets to choose from"),
    ({"ctcae": "ctcae_7"}, "Did you mean 'ctcae_v"),
    ({"anaemia_grade": "ctcae_v6"}, "Write ctcae = 'ctcae_v6' instead"),
])
def test_definitions_that_do_not_exist(definitions: dict[str, str], what: str) -> None:
    with pytest.raises(PlanError, match=what):
        derive_cohort(study_of({"definitions": definitions}, **ONE))


@pytest.mark.parametrize(("limit", "unit", "last", "count"), [
    (1826.25, "years", 5, 6), (1095.75, "years", 3, 4), (9000, "years", 20, 5),
    (730.5, "years", 2, 5), (365.25, "years", 1, 5), (90, "years", 0.2, 5),
    (400, "months", 12, 7), (45, "days", 42, 7), (100, "days", 90, 4), (14610, "days", 12500, 6),
    (3, "days", 3, 4), (1, "days", 1, 5), (0, "days", 1, 5)])
def test_ticks_are_round_and_few(limit: float, unit: str, last: float, count: int) -> None:
    size = {"years": 365.25, "months": 30.4375, "days": 1}[unit]
    found = ticks(limit, unit)
    assert found[0] == 0
    assert len(found) == count
    assert found[-1] / size == pytest.approx(last)


@pytest.mark.parametrize("unit", ["days", "months", "years"])
def test_every_axis_has_four_to_eight_ticks(unit: str) -> None:
    for limit in [*range(1, 1000), *range(1000, 40_000, 7)]:
        found = ticks(limit, unit)
        assert 4 <= len(found) <= 8, limit
        assert limit * 0.7 < found[-1] <= limit + 1e-6


ROW = Result("a", "v", "percent", 100 / 3, group="G", base=Base(3, "children"))


def test_results_select_one_and_find() -> None:
    results = Results([ROW, Result("a", "v", "count", 1), Result("b", "v", "count", 2)])
    assert len(results.select(variable="v", statistic=("count", "percent"))) == 3
    assert results.one(analysis="b").value == 2
    assert results.find(analysis="c") is None
    with pytest.raises(LookupError, match="3 results match"):
        results.one(variable="v")
    with pytest.raises(TypeError, match="no field colour"):
        results.select(colour="red")


def test_results_as_json_have_the_fields_in_order_and_stable_digits() -> None:
    assert Results([ROW]).to_json() == (
        '[\n{"id":"a.v.G.percent","analysis":"a","population":"all","group":"G",'
        '"variable":"v","level":"","at":null,'
        '"statistic":"percent","value":33.3333333333,"unit":"","base":{"n":3,"of":"children"},'
        '"method":"","note":"","subjects":[]}\n]\n')
    nan = Result("a", "v", "sd", float("nan"))
    assert '"value":null' in Results([nan]).to_json()


def test_a_refused_number_says_why_when_it_is_read() -> None:
    with pytest.raises(ValueError, match="no day"):
        _ = Result("a", "v", "survival", None, note="no day").number


FOUR = {
    "subject": "subject_id | site_id | sex\nA | 1 | F\nB | 1 | M\nC | 1 |\nD | 1 | F",
    "follow_up": "subject_id | vital_status | last_contact_day | death_day\nA | DEAD | 9 | 9\n"
                 "B | ALIVE | 20 |\nC | ALIVE | 400 |\nD | ALIVE | 30 |",
}


def test_who_is_in_none_of_the_groups_is_counted_and_stays_on_the_axis() -> None:
    results = analysed({**CURVE, "by": "sex"}, **FOUR)
    outside = results.one(statistic="n", level=OUTSIDE)
    assert outside.value == 1 and outside.subjects == ("C",)
    assert results.one(statistic="axis_end").value == 400   # the longest, in a group or not


def test_incidence_tells_its_tail_and_that_nobody_had_the_event() -> None:
    relapse = {**CURVE, "kind": "cumulative_incidence", "endpoint": "relapse", "by": "sex"}
    results = analysed(relapse, **FOUR, form_status="\n".join([
        "subject_id | form | status", *(f"{child} | RELAPSE | COMPLETE" for child in "ABCD")]))
    assert results.find(statistic="curve_few", group="female") is not None
    p = results.one(statistic="p")
    assert p.value is None and p.note == "Nobody had the event."


def test_incidences_of_groups_are_compared_by_gray() -> None:
    relapse = {**CURVE, "kind": "cumulative_incidence", "endpoint": "relapse", "by": "sex"}
    episodes = "\n".join([
        "subject_id | episode_no | phase | start_day",
        *(f"{child} | 0 | INITIAL_DIAGNOSIS | -100" for child in "ABCD"),
        "A | 1 | RELAPSE | 5", "D | 1 | RELAPSE | 12"])
    forms = "\n".join(["subject_id | form | status",
                       *(f"{child} | RELAPSE | COMPLETE" for child in "BC")])
    p = analysed(relapse, **FOUR, disease_episode=episodes, form_status=forms).one(statistic="p")
    # girls A and D relapse on days 5 and 12, the boy B is censored on day 20; C has no sex
    expected = gray_test(Outcome([5, 12, 20], [1, 1, 0]), ["F", "F", "M"])
    assert p.number == pytest.approx(expected.p, rel=1e-12)
    assert p.method == "Gray's test, 1 df, two-sided" and p.base == Base(3, "children")


def test_a_refusal_names_each_event_without_its_day() -> None:
    results = analysed(
        CURVE, subject="subject_id | site_id\nA | 1\nB | 1\nC | 1",
        follow_up="subject_id | vital_status | last_contact_day\n"
                  "A | ALIVE | 9\nB | DEAD | 20\nC | DEAD | 30")
    refused = results.one(statistic="refused")
    assert refused.note.startswith("Death is recorded for 2 children without its day")
    assert "follow_up.death_day" in refused.method and refused.subjects == ("B", "C")


def test_open_queries_are_results_too() -> None:
    study = study_of({"analyses": [CURVE], "endpoints": ENDPOINTS}, **{**ONE, "follow_up":
                     "subject_id | vital_status | last_contact_day\nA | ALIVE | -1"})
    cohort, queries = derive_cohort(study), check_study(study)
    with_queries = Results(count_queries(cohort, queries))
    row = with_queries.one(variable="follow_up_incomplete", statistic="queries")
    assert (row.value, row.subjects) == (1, ("A",))


def test_groups_that_hold_nobody_refuse_the_curve(tmp_path: Path) -> None:
    none = {"nobody": {"variable": "sex", "label": "sex", "levels": {"girls": ["F"]}}}
    boys = "subject_id | site_id | sex\nA | 1 | M\nB | 1 | M\nC | 1 |\nD | 1 |"
    tables = {**FOUR, "subject": boys}
    plan: dict[str, object] = {"groups": none, "endpoints": ENDPOINTS,
                               "analyses": [{**TABLE, "by": "nobody"}, {**CURVE, "by": "nobody"}]}
    cohort = derive_cohort(study_of(plan, **tables))
    results = analyse_cohort(cohort)
    assert results.one(statistic="refused").note == "Nobody is in any of the groups of sex."
    write_report(cohort, results, [], tmp_path / "report")
    assert (tmp_path / "report" / "report.html").exists()


def test_those_left_out_are_those_of_the_groups() -> None:
    # C has no sex and no known outcome: it is outside the groups, not left out beside it.
    tables = {**FOUR, "follow_up": "subject_id | vital_status | last_contact_day\n"
                                   "A | ALIVE | 9\nB | ALIVE | 20\nD | ALIVE |"}
    results = analysed({**CURVE, "by": "sex"}, **tables)
    counted = [row.value for row in (*results.select(statistic="n"),
                                     *results.select(statistic="unknown"))]
    assert sum(counted) == 4


def test_the_level_is_printed_as_it_was_asked() -> None:
    results = analysed({**CURVE, "level": 0.975}, **FOUR)
    assert "97.5% log-log" in results.one(statistic="events").method


def test_one_child_has_no_standard_deviation(tmp_path: Path) -> None:
    table = {**TABLE, "by": None, "variables": [{"name": "age_years", "show": "mean_sd"}]}
    plan: dict[str, object] = {"analyses": [table]}
    cohort = derive_cohort(study_of(plan, **ONE))
    results = analyse_cohort(cohort)
    assert results.one(statistic="sd").value is None
    assert results.one(statistic="sd").note == "one value has no SD"
    document = write_report(cohort, results, [], tmp_path / "report")
    assert any("4 ± –" in str(part) for part in document.parts)


def test_with_a_later_entry_children_are_at_risk_from_it_on() -> None:
    plan = {"endpoints": {"os": {"origin": "diagnosis", "entry": "first_infusion",
                                 "events": ["death"]}},
            "analyses": [{"kind": "survival", "title": "OS", "endpoint": "os", "unit": "days",
                          "at": ["110 days", "160 days"]}]}
    results = analyse_cohort(derive_cohort(study_of(plan, subject="""
        subject_id | site_id
        A          | 1
        B          | 1
        C          | 1
    """, disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -100
        B          | 1          | INITIAL_DIAGNOSIS | -140
        C          | 1          | INITIAL_DIAGNOSIS | -20
    """, follow_up="""
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 50               | 50
        B          | ALIVE        | 200              |
        C          | DEAD         | 85               | 85
    """)))
    rows = results.select(variable="endpoint_os")
    at_risk = {row.at: row for row in rows.select(statistic="at_risk")}
    survival = {row.at: row.value for row in rows.select(statistic="survival")}
    # C dies on day 105 with A beside it (entered at 100), B only entered at 140; A dies on day 150.
    assert survival == {110: pytest.approx(50), 160: pytest.approx(25)}
    assert (at_risk[110].value, at_risk[110].subjects) == (1, ("A",))
    assert (at_risk[160].value, at_risk[160].subjects) == (1, ("B",))


LIMITS = {
    "subject": "subject_id | site_id\nA | 1\nB | 1\nC | 1",
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 28
        B          | 1        | 1          | 0         | 28
        C          | 1        | 1          | 0         | 28
    """,
}
CD19 = {"kind": "characteristics", "title": "T", "variables": [
    {"name": "lymphocytes_cd19_day_14", "digits": 3}]}


@pytest.mark.parametrize(("values", "shown"), [
    (("<0.001", "0.02", "0.3"), "0.020 [<0.001–0.300]"),
    (("<0.001", "<0.001", "0.3"), "<0.001 [<0.001–0.300]"),
    (("0.02", "0.3", ">5"), "0.300 [0.020–>5.000]"),
    (("0.02", "0.3", "0.4"), "0.300 [0.020–0.400]"),
])
def test_a_limit_of_measurement_is_printed_as_one(
    values: tuple[str, ...], shown: str
) -> None:
    rows = "\n".join(
        f"{child} | CD19 | 10*9/L | 1 | 13 | {value.lstrip('<>')} | "
        f"{value[0] if value[0] in '<>' else ''}"
        for child, value in zip("ABC", values, strict=True))
    plan: dict[str, object] = {"analyses": [CD19]}
    cohort = derive_cohort(study_of(
        plan, **LIMITS,
        laboratory=f"subject_id | test | unit | sequence | day | value | sign\n{rows}"))
    table = tables_of(outline(cohort, analyse_cohort(cohort)))[0]
    (cell,) = table.rows[0].cells
    assert plain((cell,)) == shown


def test_the_methods_name_the_days_of_toxicity_and_of_its_baseline() -> None:
    plan: dict[str, object] = {
        "definitions": {"toxicity_baseline": "each_cycle"}, "analyses": [{
            "kind": "characteristics", "title": "T",
            "variables": ["neutrophil_count_decreased_grade_worst"]}]}
    cohort = derive_cohort(study_of(plan, **LIMITS))
    said = " ".join(plain(block) for part in outline(cohort, analyse_cohort(cohort)).parts
                    if isinstance(part, Paragraph) and part.address == "methods"
                    for block in part.blocks)
    assert "or to 30 days after the last infusion" in said
    assert "the last value up to the first day of each cycle" in said
