"""The definitions about the response against the plain-Python oracle."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines import oracle_response as oracle
from tests.engines.oracle_response import Tables
from tests.engines.studies import (
    CHECKED,
    Rows,
    assert_same,
    cohort_of,
    derived_rows,
    numbered,
    row,
    some,
    study_of,
)

COHORTS = settings(CHECKED, max_examples=20)
CHILDREN = 12
SETS = ("eln_2024", "eln_2024_strict_partial", "ptwg_2022", "amgen", "zhang_2025", "olaya_2025")
ASSAY_SETS = ("eln_2024", "ptwg_2022", "zhang_2025", "olaya_2025")
METHODS = ["FCM", "FCM", "FCM", "IG_TR_PCR", "FUSION_PCR", "NGS", None]
SIGNS = ["=", "=", None, None, "<", "<", "ND", "ND"]
WORDS = ["CR", "CRH", "CRI", "PR", "NR", "PD", "NE"]


def cohorts(child: st.SearchStrategy[Rows]) -> st.SearchStrategy[Rows]:
    """Return cohorts of a few children, each drawn on its own."""
    return st.lists(child, min_size=1, max_size=CHILDREN).map(cohort_of)


def check(
    name: str, drawn: Rows, expected: Callable[[Tables, str], Any], criteria: str, *fields: str,
    chosen: str | None = None,
) -> None:
    """Compare one definition with the oracle; the set is chosen under its name or another's."""
    study = study_of({"definitions": {chosen or name: criteria}}, **drawn)
    assert_same(expected(Tables(**drawn), criteria), name, study, *fields)


def of_child(**lists: list[dict[str, Any]]) -> Rows:
    """Return the rows of a child, laboratory values numbered."""
    counts = [{**each, "sequence": number}
              for number, each in enumerate(lists.pop("laboratory", []), start=1)]
    given_once = {(each["day"], each["product"]): each for each in lists.pop("transfusion", [])}
    return {**lists, "laboratory": counts, "transfusion": list(given_once.values())}


# Assays --------------------------------------------------------------------------------------

LIMITS = [None, None, None, 0.001, 0.00999999999999, 0.01, 0.0100000000001, 0.011, 0.02, 0.1]
VALUES = [None, 0.0, 0.0005, 0.001, 0.0099, 0.00999999999999, 0.01, 0.0100000000001, 0.0101,
          0.02, 0.5, 3.0]
ASSAYS = row(day=[1, 1, 2, None], specimen=["BM", "BM", "BM", "BM", "BM", "PB", "CSF", None],
             mrd_method=METHODS, mrd_percent=VALUES, mrd_sign=SIGNS, mrd_lod_percent=LIMITS)


@pytest.mark.parametrize("criteria", ASSAY_SETS)
@COHORTS
@given(cohorts(numbered(some(6, ASSAYS), "assessment_no").map(
    lambda rows: {"assessment": rows})))
def test_mrd_state(criteria: str, drawn: Rows) -> None:
    check("mrd_state", drawn, oracle.mrd_state, criteria)


@pytest.mark.parametrize("criteria", ASSAY_SETS)
@COHORTS
@given(cohorts(numbered(some(6, ASSAYS), "assessment_no").map(
    lambda rows: {"assessment": rows})))
def test_marrow_mrd_state(criteria: str, drawn: Rows) -> None:
    check("marrow_mrd_state", drawn, oracle.marrow_mrd_state, criteria, chosen="mrd_state")


# One marrow ----------------------------------------------------------------------------------

BLASTS = [None, 0.0, 2.0, 4.9, 4.9999999999, 5.0, 5.0000000001, 5.1, 10.0, 20.0, 25.0,
          25.0000000001, 25.1, 40.0]
AROUND = [-8, -7, -6, -3, -1, 0, 0, 1, 3, 6, 7, 8]


@st.composite
def judged(draw: st.DrawFn) -> Rows:
    """Draw a child with a marrow on day 20, sometimes a second, and the evidence about it."""
    marrow_day = 20
    near = st.sampled_from([marrow_day + days for days in AROUND])
    before = st.sampled_from([-29, -28, -27, -10, -3, 0, 1])
    marrow = row(
        day=st.just(marrow_day) | st.just(marrow_day) | st.sampled_from([0, 1, 23, None]),
        specimen="BM", blast_percent=BLASTS, mrd_method=METHODS,
        mrd_percent=[None, None, 0.0, 0.005, 0.01, 0.3, 0.99, 0.9999999999, 1.0, 1.1],
        mrd_sign=SIGNS, mrd_lod_percent=[None, None, None, 0.001, 0.05, 2.0],
        response_reported=[None] * 7 + WORDS)
    plain = row(day=marrow_day, specimen="BM", blast_percent=BLASTS)
    baseline = row(day=before, specimen="BM",
                   blast_percent=[None, 0.0, 8.0, 16.0, 20.0, 30.0, 32.0, 40.0, 50.0],
                   mrd_percent=[None, None, 0.1])
    blood = row(day=near | before, specimen="PB", blast_percent=[0.0, 0.0, 1.0, 1.25, 1.3, 4.0])
    fluid = row(day=near | before, specimen=["CSF", "CSF", "BM"],
                cns_status=["CNS1", "CNS1", "CNS2", "CNS3"])
    count = st.one_of(
        row(test="ANC", day=near, unit="10*9/L",
            value=[0.3, 0.5, 0.5000000001, 0.6, 0.9999999999, 1.0, 2.0, None]),
        row(test="PLT", day=near, unit="10*9/L",
            value=[30.0, 50.0, 50.1, 60.0, 99.9, 99.9999999999, 100.0, 150.0, None]))
    good = row(test="ANC", day=near, unit="10*9/L", value=[1.0, 1.5])
    enough = row(test="PLT", day=near, unit="10*9/L", value=[100.0, 120.0])
    given = row(day=[marrow_day + days for days in (-14, -8, -7, -6, -3, 0, 1, 3)],
                product=["RBC", "PLATELET", "PLASMA", "GRANULOCYTE"])
    episode = row(phase=["RELAPSE", "INITIAL_DIAGNOSIS"],
                  start_day=near | st.sampled_from([-400, -20, -20, 0, 1, None]),
                  cns=["Y", "N", "N", None], testis=["Y", "N", "N", None],
                  other_site=[None, None, None, "skin"])
    infusion = row(cycle_no=1, start_day=[0, 0, 0, 0, 14, 20, 21, None], end_day=[27, None])
    quiet = draw(st.booleans())
    assessments = some(6, marrow, marrow, plain, baseline, baseline)
    if not quiet:
        assessments = some(8, marrow, plain, baseline, blood, blood, fluid)
    return of_child(
        assessment=draw(numbered(assessments, "assessment_no")),
        laboratory=draw(some(4, count, good, enough)),
        transfusion=draw(some(1 if quiet else 2, given)),
        disease_episode=draw(numbered(some(0 if quiet else 2, episode), "episode_no")),
        exposure=draw(numbered(some(2, infusion, least=1), "segment_no")))


@pytest.mark.parametrize("criteria", SETS)
@settings(COHORTS, max_examples=40)
@given(cohorts(judged()))
def test_response(criteria: str, drawn: Rows) -> None:
    check("response", drawn, oracle.response, criteria, "value", "day", "how")


# Cycles --------------------------------------------------------------------------------------


@st.composite
def treated(draw: st.DrawFn) -> Rows:
    """Draw a child with up to three cycles, marrows near the limits of their windows, and more."""
    infusions = []
    begin = draw(st.sampled_from([0, 0, 2]))
    edges = []
    for cycle in range(1, draw(st.integers(1, 3)) + 1):
        length = draw(st.sampled_from([6, 14, 20, 27]))
        middle = draw(st.none() | st.integers(0, length - 1))
        cuts = [begin, begin + length + 1]
        if middle is not None:
            cuts.insert(1, begin + middle + 1)
        for segment, (start, after) in enumerate(pairwise(cuts), start=1):
            infusions.append({
                "cycle_no": cycle, "segment_no": segment,
                "start_day": None if draw(st.integers(0, 19)) == 0 else start,
                "end_day": None if draw(st.integers(0, 9)) == 0 else after - 1})
        edges += [begin, begin + 12, begin + 13, begin + 15, begin + length,
                  begin + length + 14, begin + length + 15]
        begin += length + draw(st.sampled_from([1, 2, 8, 15, 20]))
    edges += [begin, begin + 1]
    day: st.SearchStrategy[int | None] = st.sampled_from(edges)
    if draw(st.integers(0, 4)) == 0:
        day = day | st.none()
    telling = row(
        day=day, specimen="BM", blast_percent=[None, 0.0, 2.0, 4.9, 5.0, 5.0, 20.0, 60.0],
        mrd_method=["FCM", "FCM", "FCM", "IG_TR_PCR"],
        mrd_percent=[None, 0.0, 0.005, 0.02, 2.0], mrd_sign=["=", None, "ND", "<"],
        mrd_lod_percent=[None, 0.001, 0.05])
    spoken = row(day=day, specimen="BM", response_reported=[*WORDS, "NE", "NE"],
                 blast_percent=[None, None, None, 2.0, 30.0])
    silent = row(day=day, specimen=["BM", "PB"])
    baseline = row(day=[-3, -1, 0], specimen="BM", blast_percent=[0.0, 2.0, 8.0, 50.0],
                   mrd_method="FCM", mrd_percent=[None, 0.005, 0.5, 0.5], mrd_sign=["=", "ND"])
    graft = row(day=day)
    cells = row(kind=["CAR_T", "CAR_T", "DLI"], day=day)
    line = row(intent=["BRIDGING", "SALVAGE"], start_day=day)
    others = draw(st.integers(0, 2))
    counts = []
    if draw(st.booleans()):
        counts = draw(some(6, row(test="ANC", day=st.sampled_from(edges), unit="10*9/L",
                                  value=[0.4, 0.8, 1.5, 1.5]),
                           row(test="PLT", day=st.sampled_from(edges), unit="10*9/L",
                               value=[30.0, 70.0, 150.0, 150.0])))
    return of_child(
        exposure=infusions,
        assessment=draw(numbered(some(6, baseline, telling, telling, telling, spoken, silent),
                                 "assessment_no")),
        laboratory=counts,
        transplant=draw(numbered(some(others, graft), "transplant_no")) if others else [],
        cell_therapy=draw(numbered(some(others, cells), "therapy_no")) if others else [],
        treatment_line=draw(numbered(some(others, line), "line_no")) if others else [])


CYCLES = settings(COHORTS, max_examples=40)


@pytest.mark.parametrize("criteria", SETS)
@CYCLES
@given(cohorts(treated()))
def test_cycle_response(criteria: str, drawn: Rows) -> None:
    check("cycle_response", drawn, oracle.cycle_response, criteria, chosen="response")


@pytest.mark.parametrize("criteria", SETS)
@CYCLES
@given(cohorts(treated()))
def test_best_response(criteria: str, drawn: Rows) -> None:
    check("best_response", drawn, oracle.best_response, criteria, chosen="response")


@pytest.mark.parametrize("criteria", SETS)
@CYCLES
@given(cohorts(treated()))
def test_remission_reached(criteria: str, drawn: Rows) -> None:
    check("remission_reached", drawn, oracle.remission_reached, criteria, chosen="response")


@pytest.mark.parametrize("criteria", SETS)
@CYCLES
@given(cohorts(treated()))
def test_cycle_mrd_response(criteria: str, drawn: Rows) -> None:
    check("cycle_mrd_response", drawn, oracle.cycle_mrd_response, criteria, chosen="response")


@pytest.mark.parametrize("criteria", SETS)
@CYCLES
@given(cohorts(treated()))
def test_best_mrd_response(criteria: str, drawn: Rows) -> None:
    check("best_mrd_response", drawn, oracle.best_mrd_response, criteria, chosen="response")


@pytest.mark.parametrize("criteria", (*SETS, "zhang_2025_first_cycle"))
@CYCLES
@given(cohorts(treated()))
def test_responder(criteria: str, drawn: Rows) -> None:
    check("responder", drawn, oracle.responder, criteria)
    expected = oracle.responder(Tables(**drawn), criteria)
    found = derived_rows("responder", study_of({"definitions": {"responder": criteria}}, **drawn))
    assert {key for key, answer in expected.items() if answer.get("how")} == {
        key for key, answer in found.items() if answer["how"] == oracle.NOT_EVALUABLE}


# What came next ------------------------------------------------------------------------------


@st.composite
def continued(draw: st.DrawFn) -> Rows:
    """Draw a child with what was given about its first infusion, some of it without a day."""
    first = draw(st.sampled_from([0, 0, 0, 5, None]))
    day = st.integers(-2, 7)
    maybe = day | st.none() if draw(st.booleans()) else day
    line = row(intent=["FRONTLINE", "BRIDGING", "MAINTENANCE", None], start_day=maybe)
    cells = row(kind=["CAR_T", "CAR_T", "DLI", "BOOST"], day=maybe)
    return {
        "exposure": draw(numbered(some(2, row(cycle_no=1, start_day=[first, first, 6, None])),
                                  "segment_no")),
        "treatment_line": draw(numbered(some(2, line), "line_no")),
        "cell_therapy": draw(numbered(some(2, cells), "therapy_no")),
        "transplant": draw(numbered(some(2, row(day=maybe)), "transplant_no")),
    }


@COHORTS
@given(cohorts(continued()))
def test_next_therapy(drawn: Rows) -> None:
    assert_same(oracle.next_therapy(Tables(**drawn)), "next_therapy", study_of({}, **drawn))
