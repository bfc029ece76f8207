"""The definitions about the disease against the plain-Python oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines import oracle_disease as oracle
from tests.engines.oracle_disease import Tables
from tests.engines.studies import (
    CHECKED,
    Rows,
    assert_same,
    cohort_of,
    numbered,
    row,
    some,
    study_of,
)

Expected = dict[object, dict[str, object]]
COHORTS = settings(CHECKED, max_examples=25)
CHILDREN = 12


def cohorts(child: st.SearchStrategy[Rows]) -> st.SearchStrategy[Rows]:
    """Return cohorts of a few children, each drawn on its own."""
    return st.lists(child, min_size=1, max_size=CHILDREN).map(cohort_of)


def check(
    name: str, drawn: Rows, expected: Callable[..., Any], criteria: str | None = None,
    fields: tuple[str, ...] = ("value", "day"),
) -> None:
    """Compare one definition, of one set of criteria, with the oracle.

    Some definitions give a day of which the brief says nothing: of those only the value.
    """
    plan = {} if criteria is None else {"definitions": {name: criteria}}
    # The rule takes disease of the four weeks before a relapse for the relapse itself; the brief
    # reads every day between the two episodes.
    tables = Tables(own_days=28, **drawn)
    answers = expected(tables) if criteria is None else expected(tables, criteria)
    assert_same(answers, name, study_of(plan, **drawn), *fields)


YES = ["Y", "N", "U", None]
BLASTS = [0.0, 0.9, 1.0, 4.9, 4.9999999999, 5.0, 5.1, 24.9, 25.0, 60.0, None]
MRD = [0.0, 0.005, 0.5, 0.99, 0.9999999999, 1.0, 1.1, 4.9, 5.0, 24.9, 25.0, 40.0, None, None]
METHODS = ["FCM", "FCM", "IG_TR_PCR", "FUSION_PCR", "NGS", None]
SIGNS = ["=", "=", None, None, "<", "ND"]


def marrows(days: st.SearchStrategy[int | None]) -> st.SearchStrategy[dict[str, Any]]:
    """Return examinations, mostly of the marrow."""
    return row(day=days, specimen=["BM", "BM", "BM", "BM", "PB", "CSF", None],
               blast_percent=[*BLASTS, None, None], mrd_percent=MRD, mrd_sign=SIGNS,
               mrd_method=METHODS)


# Relapse -------------------------------------------------------------------------------------


@st.composite
def courses(draw: st.DrawFn) -> Rows:
    """Draw a child's course: a diagnosis, relapses, and what was seen between them.

    Days lie near each other, or near the limits of 6, 18 and 36 months.
    """
    close = draw(st.booleans())
    origin = draw(st.integers(-1200, -5))
    if close:
        day: st.SearchStrategy[int | None] = st.integers(-30, 10)
        origin = -30
    else:
        day = st.sampled_from([origin + days for days in (
            -3, 0, 1, 60, 181, 182, 183, 300, 546, 547, 548, 700, 1094, 1095, 1096, 1500)])
    if draw(st.integers(0, 3)) == 0:
        day = day | st.none()
    diagnosis = row(phase="INITIAL_DIAGNOSIS", start_day=st.just(origin) | day,
                    diagnosis=["B_ALL", "B_ALL", "T_ALL", "ALL", "AML", None])
    sites = {"cns": YES, "testis": YES, "other_site": [None, None, None, "skin"]}
    if draw(st.booleans()):
        sites = {"cns": ["N", "N", "Y"], "testis": ["N", "N", "Y"],
                 "other_site": [None, None, None, "skin"]}
    told = row(
        phase=["RELAPSE", "RELAPSE", "RELAPSE", "REFRACTORY", "MRD_RECURRENCE", None],
        start_day=day, marrow=YES, marrow_blast_percent=BLASTS,
        months_since_diagnosis_reported=[None] * 6 + [0.0, 17.9, 17.9999999999, 18.0, 35.9, 36.0],
        months_since_frontline_end_reported=[None] * 6 + [-3.0, 5.9, 5.9999999999, 6.0], **sites)
    first = draw(st.lists(diagnosis, min_size=0 if draw(st.integers(0, 9)) == 0 else 1,
                          max_size=1 if draw(st.integers(0, 4)) else 2))
    episodes = [*first, *draw(some(4, told))]
    numbers: Any = range(1, len(episodes) + 1)
    if draw(st.integers(0, 2)) == 0:
        numbers = draw(st.permutations(numbers))
    relapse_days = [each["start_day"] for each in episodes if each["start_day"] is not None]
    seen: st.SearchStrategy[int | None] = day
    for relapse_day in relapse_days:
        seen = seen | st.sampled_from([relapse_day + days for days in (
            -21, -8, -7, -1, 0, 1, 7, 8, 14, 28, 29, 35, 36)])
    line = row(intent=["FRONTLINE", "FRONTLINE", "MAINTENANCE", "SALVAGE", "SALVAGE", None],
               start_day=seen, end_day=seen, blast_percent_after=[None, None, *BLASTS])
    graft = row(day=seen, status_at_transplant=["CR1", "CR2", "CR3", "ACTIVE", None])
    return {
        "subject": [{"sex": draw(st.sampled_from(["M", "U", None, "F"]))}],
        "disease_episode": [{**each, "episode_no": number}
                            for each, number in zip(episodes, numbers, strict=True)],
        "assessment": draw(numbered(some(6, marrows(seen)), "assessment_no")),
        "treatment_line": draw(numbered(some(3, line), "line_no")),
        "transplant": draw(numbered(some(2, graft), "transplant_no")),
        "exposure": draw(numbered(some(2, row(cycle_no=1, start_day=seen)), "segment_no")),
    }


@pytest.mark.parametrize("criteria", ["recorded", "documented_remission"])
@COHORTS
@given(cohorts(courses()))
def test_relapse_number(criteria: str, drawn: Rows) -> None:
    check("relapse_number", drawn, oracle.relapse_number, criteria)


@COHORTS
@given(cohorts(courses()))
def test_post_transplant_relapse(drawn: Rows) -> None:
    check("post_transplant_relapse", drawn, oracle.post_transplant_relapse)


@COHORTS
@given(cohorts(courses()))
def test_relapse_site(drawn: Rows) -> None:
    check("relapse_site", drawn, oracle.relapse_site)


@pytest.mark.parametrize("criteria", ["bfm", "cog"])
@COHORTS
@given(cohorts(courses()))
def test_relapse_timing(criteria: str, drawn: Rows) -> None:
    check("relapse_timing", drawn, oracle.relapse_timing, criteria)


@COHORTS
@given(cohorts(courses()))
def test_bfm_strategic_group(drawn: Rows) -> None:
    check("bfm_strategic_group", drawn, oracle.bfm_strategic_group)


@pytest.mark.parametrize("criteria", ["bfm", "cog"])
@COHORTS
@given(cohorts(courses()))
def test_high_risk_first_relapse(criteria: str, drawn: Rows) -> None:
    check("high_risk_first_relapse", drawn, oracle.high_risk_first_relapse, criteria)


@st.composite
def resisting(draw: st.DrawFn, *recurrence: str) -> Rows:
    """Draw a child with lines and marrows before the infusion, and the days near day 84."""
    origin = draw(st.integers(-120, -80))
    day = st.integers(-12, 3) | st.sampled_from(
        [origin + days for days in (-1, 0, 1, 40, 83, 84, 85, 90)])
    maybe = day | st.none() if draw(st.integers(0, 2)) == 0 else day
    later = [origin, origin + 40, origin + 84, -20, -5, 0, 1]
    episode = row(phase=["RELAPSE", "REFRACTORY", "REFRACTORY", *recurrence],
                  start_day=later if draw(st.booleans()) else [*later, None])
    diagnosis = row(phase="INITIAL_DIAGNOSIS", start_day=[origin, origin, None])
    # The initial diagnosis comes first: the rule reads a relapse numbered before it too, the
    # brief only what comes after it.
    episodes = [*draw(st.lists(diagnosis, max_size=1)), *draw(some(3, episode))]
    line = row(intent=["SALVAGE", "SALVAGE", "FRONTLINE", None], start_day=maybe, end_day=maybe)
    infusion = row(cycle_no=1, start_day=st.just(0) | st.none() | st.integers(-5, 1))
    return {
        "disease_episode": [{**each, "episode_no": number}
                            for number, each in enumerate(episodes, start=1)],
        "assessment": draw(numbered(some(6, marrows(maybe)), "assessment_no")),
        "treatment_line": draw(numbered(some(2, line), "line_no")),
        "exposure": draw(numbered(some(2, infusion), "segment_no")),
    }


@settings(COHORTS, max_examples=40)
@given(cohorts(resisting("MRD_RECURRENCE")))
def test_refractory_to_the_second_line(drawn: Rows) -> None:
    check("refractory", drawn, oracle.refractory, "olaya_2025")


# Without recurrences of MRD: the rule passes over them, the brief takes the next episode as it is.
@settings(COHORTS, max_examples=40)
@given(cohorts(resisting()))
def test_refractory_by_time(drawn: Rows) -> None:
    check("refractory", drawn, oracle.refractory, "pdl_2022")


# Spinal fluid --------------------------------------------------------------------------------


@st.composite
def fluids(draw: st.DrawFn) -> Rows:
    """Draw punctures with the counts of their day, some on other days, some twice."""
    day = st.integers(0, 2)
    fluid = row(day=day | st.none() if draw(st.integers(0, 5)) == 0 else day,
                specimen=["CSF", "CSF", "CSF", "BM"],
                blast_percent=[None, 0.0, 0.1, 30.0, 30.0],
                cns_status=["CNS1", "CNS2", "CNS3", None, None], cns_signs=[None, None, "N", "Y"])
    count = row(test=["CSF_WBC", "CSF_WBC", "CSF_RBC", "CSF_RBC"], day=day, unit="/uL",
                value=[0.0, 3.0, 4.9999999999, 5.0, 9.0, 10.0, 12.0, 20.0, 400.0, None])
    white = row(test="WBC", day=day, unit="10*9/L", value=[60.0, 30.0, 1.5, None])
    red = row(test="RBC", day=day, unit="10*12/L", value=[3.0, 1.5, 4.0, None])
    given_ratio = row(test=["CSF_WBC"], day=day, unit="/uL", value=[12.0, 15.99, 16.0, 16.1])
    pairs = draw(some(9, count, white, red, given_ratio))
    return {"assessment": draw(numbered(some(3, fluid), "assessment_no")),
            "laboratory": [{**each, "sequence": number}
                           for number, each in enumerate(pairs, start=1)]}


@settings(COHORTS, max_examples=40)
@given(cohorts(fluids()))
def test_cns_status(drawn: Rows) -> None:
    check("cns_status", drawn, oracle.cns_status, fields=("value", "day"))


# Genetics ------------------------------------------------------------------------------------

TEXTS = [
    "t(9;22)(q34;q11)", "46,XX,t(9;22)(q34;q11.2)", "Ph+", "Philadelphia", "BCR::ABL1",
    "BCR-ABL1", "BCR/ABL", "BCR::ABL1-like", "Ph-like", "no BCR::ABL1", "t(9;22) negative",
    "?t(9;22)", "46,XY,?t(4;11)", "t(4;11)", "t(6;11)", "46,XY,t(9;11)(p22;q23)", "t(10;11)",
    "t(11;19)", "t(v;11q23)", "11q23", "KMT2A::AFF1", "KMT2A-r", "MLL-r", "KMT2A germline",
    "46,XX,del(11)(q23)", "t(17;19)", "TCF3::HLF", "E2A-HLF", "t(12;21)", "ETV6::RUNX1",
    "TEL-AML1", "46,XX,t(1;19)(q23;p13)", "t(1;19)", "TCF3::PBX1", "E2A/PBX1", "ZNF384::EP300",
    "PAX5-r", "hyperdiploid", "hypodiploid", "near-haploid", "iAMP21", "amp(21)",
    "5 RUNX1 signals", "4 RUNX1 signals", "3 extra copies of RUNX1 on one chromosome",
    "2 extra copies of RUNX1 on one chromosome", "PAX5 P80R", "PAX5 p.Pro80Arg", "MEF2D-r",
    "MEF2D::BCL9", "IKZF1plus", "IKZF1 plus", "IKZF1 deletion",
    "23,X", "24,X", "31,XX", "32<1n>,XX", "39~41,XY", "40,XX", "43 chr", "43", "44,XX", "46,XX",
    "46,XY[20]", "50,XX", "51,XX", "55-58,XX", "65,XX", "66,XX", "46,XX/54,XX", "28,X/56,XX",
    "46,XX,no mitoses", "46,XX?", "47,XX,+?21", "not done", None, None, None, None,
]


def contradicts_itself(finding: dict[str, Any]) -> bool:
    """Say whether a row says absent, and its text names a lesion."""
    text = oracle.text_of(finding)
    return finding["status"] == "ABSENT" and text is not None and any(
        oracle.text_reads_as(text, lesion) for lesion in oracle.LESIONS)


@st.composite
def findings(draw: st.DrawFn) -> Rows:
    """Draw what was looked for: coded, as text, and both."""
    coded = row(alteration=[*oracle.LESIONS, "TP53", "OTHER", None],
                status=["PRESENT", "ABSENT", "ABSENT", "NOT_DONE", "FAILED", None])
    written = row(alteration=[None, None, None, "OTHER", *oracle.LESIONS],
                  status=["PRESENT", "PRESENT", None, None, "ABSENT", "NOT_DONE", "FAILED"],
                  iscn=TEXTS)
    rows = draw(some(3, coded, written))
    if draw(st.integers(0, 3)) == 0:
        lesions = draw(st.sampled_from([
            ["KMT2A_R", "BCR_ABL1", "TCF3_HLF"],
            ["KMT2A_R", "BCR_ABL1", "TCF3_HLF", "HYPODIPLOID", "IAMP21", "PH_LIKE", "ZNF384_R",
             "PAX5_R", "MEF2D_R", "IKZF1_PLUS"]]))
        rows += [{"alteration": lesion, "status": "ABSENT"}
                 for lesion in lesions if draw(st.integers(0, 9)) > 0]
    # An abnormal karyotype with the word ABSENT contradicts itself: the brief takes it for a
    # karyotype that was seen, the rule does not, and they are not compared there.
    rows = [{**each, "status": "NOT_DONE"} if contradicts_itself(each) else each
            for each in rows]
    return {"genetics": [{**each, "genetics_no": number}
                         for number, each in enumerate(rows, start=1)]}


@pytest.mark.parametrize("name", [lesion.lower() for lesion in oracle.LESIONS])
@settings(COHORTS, max_examples=20)
@given(cohorts(findings()))
def test_one_lesion(name: str, drawn: Rows) -> None:
    check(name, drawn, lambda tables: oracle.one_lesion(tables, name.upper()))


@pytest.mark.parametrize("criteria", ["cccg_all_2015", "zhang_2025", "cog_like"])
@settings(COHORTS, max_examples=40)
@given(cohorts(findings()))
def test_cytogenetic_risk(criteria: str, drawn: Rows) -> None:
    check("cytogenetic_risk", drawn, oracle.cytogenetic_risk, criteria)


def without_coded_hyperdiploidy(drawn: Rows) -> Rows:
    """Drop the rows that find hyperdiploidy by their code.

    By the brief such a row gives HYPERDIPLOID where no text has a number; the rule gives nothing.
    """
    return {**drawn, "genetics": [
        each for each in drawn.get("genetics", [])
        if (each.get("alteration"), each.get("status")) != ("HYPERDIPLOID", "PRESENT")]}


@settings(COHORTS, max_examples=40)
@given(cohorts(findings()).map(without_coded_hyperdiploidy))
def test_ploidy(drawn: Rows) -> None:
    check("ploidy", drawn, oracle.ploidy)


# Status --------------------------------------------------------------------------------------


@st.composite
def beginnings(draw: st.DrawFn) -> Rows:
    """Draw a child before its first infusion, with examinations about four weeks back."""
    first = draw(st.sampled_from([0, 0, 0, 3, None]))
    day = st.sampled_from([-29, -28, -27, -7, -3, -1, 0, 1, 3]) | st.integers(-30, 4)
    maybe = day | st.none() if draw(st.integers(0, 3)) == 0 else day
    examined = row(
        day=maybe, specimen=["BM", "BM", "BM", "BM", "PB", "CSF"],
        blast_percent=[None, 0.0, 2.0, 4.9999999999, 5.0, 4.9],
        mrd_percent=[None, 0.0, 0.004, 0.0099, 0.01, 0.05, 0.0999999999999, 0.1, 0.2, 2.0],
        mrd_sign=SIGNS, mrd_method=METHODS,
        mrd_lod_percent=[None, None, None, 0.001, 0.01, 0.02, 0.1, 0.2],
        cns_status=[None, None, None, "CNS1", "CNS2", "CNS3"])
    episode = row(phase=["INITIAL_DIAGNOSIS", "RELAPSE", "REFRACTORY", "MRD_RECURRENCE"],
                  start_day=maybe)
    infusion = row(cycle_no=1, start_day=st.just(first) | st.just(first) | maybe)
    return {
        "subject": [{"cohort": draw(st.sampled_from(
            ["RR", "MRD_POS", "CHEMO_INTOLERANT", "CHEMO_INTOLERANT", "OTHER", None]))}],
        "assessment": draw(numbered(some(5, examined), "assessment_no")),
        "disease_episode": draw(numbered(some(2, episode), "episode_no")),
        "exposure": draw(numbered(some(2, infusion), "segment_no")),
    }


@pytest.mark.parametrize("criteria", ["zhang_2025", "fda_label"])
@settings(COHORTS, max_examples=40)
@given(cohorts(beginnings()))
def test_status_at_first_infusion(criteria: str, drawn: Rows) -> None:
    check("status_at_first_infusion", drawn, oracle.status_at_first_infusion, criteria,
          fields=("value",))


@settings(COHORTS, max_examples=40)
@given(cohorts(beginnings()))
def test_initial_class(drawn: Rows) -> None:
    check("initial_class", drawn, oracle.initial_class)


# Eligibility ---------------------------------------------------------------------------------


@st.composite
def candidates(draw: st.DrawFn) -> Rows:
    """Draw a child at the limits of what the two papers let in, often without one of them."""
    start = draw(st.sampled_from([0, 0, 1, -2, 40, 608, 609, 547, 548, None]))
    day = st.integers(-3, 3) if start is None else st.integers(start - 9, start + 2)
    maybe = day | st.none() if draw(st.integers(0, 2)) == 0 else day
    near = [years for limit in (365, 366, 3287, 6574, 6575, 6939, 6940) for years in (
        limit - 1, limit, limit + 1)]
    subject = row(
        age_at_index_days=st.sampled_from(
            [age - (start or 0) for age in near if age > (start or 0)])
        | st.none() | st.integers(50, 6500) | st.integers(50, 6500),
        age_at_index_years_reported=[None] * 8 + [
            0.5, 0.99, 1.0, 8.99, 9.0, 17.9, 18.0, 18.5, 18.9999, 18.999999999999, 19.0],
        sex=["F", "M", None], cohort=["RR", "RR", "MRD_POS", "CHEMO_INTOLERANT", "OTHER", None],
        index_year=[None, 2019, 2020, 2021, 2022, 2023, 2023, 2024, 2025], consent=YES,
        assent=YES, performance_scale=["LANSKY", "LANSKY", "KARNOFSKY", "NA", None],
        performance_score=[70, 80, 85, 90, 90, 100, 100, None], severe_infection=YES,
        organ_insufficiency=YES, expected_survival_under_3_months=YES)
    episode = row(phase=["RELAPSE", "RELAPSE", "REFRACTORY", "MRD_RECURRENCE", None],
                  start_day=maybe, marrow=YES, marrow_blast_percent=BLASTS, cns=YES,
                  testis=YES, other_site=[None, None, None, "skin"],
                  cd19=["POS", "POS", "DIM", "NEG", "U", None])
    diagnosis = row(phase="INITIAL_DIAGNOSIS", start_day=st.just(-400) | maybe,
                    diagnosis=["B_ALL", "B_ALL", "B_ALL", "T_ALL", "ALL", "AML", None],
                    cd19=["POS", "NEG", None])
    marrow = row(day=maybe, specimen=["BM", "BM", "PB"], mrd_method=METHODS,
                 mrd_percent=[0.0, 0.0099, 0.00999999999999, 0.01, 0.5, None],
                 mrd_sign=["=", None, None, "<", "ND"])
    # Segments follow each other: of segments at odds with their numbers the rule knows nothing,
    # the brief counts their days.
    infusions: list[dict[str, Any]] = []
    begin = start
    for number in range(1, draw(st.integers(0, 3)) + 1):
        unknown = draw(st.integers(0, 5)) == 0
        end = None if begin is None else begin + draw(st.sampled_from([0, 1, 2, 5, 6, 7, 27]))
        infusions.append({"cycle_no": number, "segment_no": 1, "start_day": begin,
                          "end_day": None if unknown else end})
        begin = None if end is None else end + draw(st.integers(1, 3))
    return {
        "subject": [draw(subject)],
        "disease_episode": draw(numbered(
            some(3, diagnosis, diagnosis, episode, episode), "episode_no")),
        "assessment": draw(numbered(some(2, marrow), "assessment_no")),
        "exposure": infusions,
    }


def each_child(
    criterion: Callable[..., str | None], *criteria: str
) -> Callable[..., Expected]:
    """Return what a criterion says of each child of a cohort, as a definition does."""
    return lambda tables, *_: {
        subject["subject_id"]: {"value": criterion(tables, subject, *criteria), "day": None}
        for subject in tables.subject}


AGES = ("olaya_2025", "olaya_2025_decimal", "zhang_2025", "zhang_2025_completed_years")
VERDICTS = (*AGES, "olaya_2025_with_consent", "zhang_2025_with_period")
CRITERIA = [
    *(("eligible_age", name, each_child(oracle.eligible_age, name)) for name in AGES),
    *(("eligible_disease", name, each_child(oracle.eligible_disease, name))
      for name in ("olaya_2025", "zhang_2025")),
    ("eligible_cd19", None, each_child(oracle.eligible_cd19)),
    ("eligible_performance", None, each_child(oracle.eligible_performance)),
    ("eligible_site", None, each_child(oracle.eligible_site)),
    ("eligible_frailty", None, each_child(lambda _, subject: oracle.eligible_frailty(subject))),
    ("eligible_exposure", None, each_child(oracle.eligible_exposure)),
    ("eligible_enrolment", None, each_child(oracle.eligible_enrolment)),
    ("eligible_consent", None, each_child(oracle.eligible_consent)),
    *(("eligibility", name, oracle.eligibility) for name in VERDICTS),
]


@pytest.mark.parametrize(("name", "criteria", "expected"), CRITERIA)
@COHORTS
@given(cohorts(candidates()))
def test_eligibility(
    name: str, criteria: str | None, expected: Callable[..., Expected], drawn: Rows
) -> None:
    check(name, drawn, expected, criteria)


# White cells ---------------------------------------------------------------------------------

WHITE = [0.5, 9.9, 9.9999999999, 10.0, 30.0, 50.0, 50.0000000001, 50.1, 200.0, None]


@COHORTS
@given(cohorts(numbered(some(3, row(
    phase=["INITIAL_DIAGNOSIS", "INITIAL_DIAGNOSIS", "RELAPSE"], start_day=[-9, 0, None],
    wbc=WHITE)), "episode_no").map(lambda rows: {"disease_episode": rows})))
def test_white_cell_group(drawn: Rows) -> None:
    check("white_cell_group", drawn, oracle.white_cell_group)


@st.composite
def counts_before(draw: st.DrawFn) -> Rows:
    """Draw white cells in the days around the first infusion."""
    counts = draw(some(6, row(test=["WBC", "WBC", "WBC", "ANC"], value=WHITE, unit="10*9/L",
                              day=st.integers(-9, 2))))
    infusion = row(cycle_no=1, start_day=[0, 0, -1, None])
    return {"laboratory": [{**each, "sequence": number}
                           for number, each in enumerate(counts, start=1)],
            "exposure": draw(numbered(some(2, infusion), "segment_no"))}


@COHORTS
@given(cohorts(counts_before()))
def test_white_cell_group_at_start(drawn: Rows) -> None:
    check("white_cell_group_at_start", drawn, oracle.white_cell_group_at_start, fields=("value",))
