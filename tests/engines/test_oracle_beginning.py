"""What was known when blinatumomab was begun, and the first relapse, against the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.engines import oracle_beginning as oracle
from tests.engines.case import EVERY_ENGINE, Answers, Case, Tables, agree
from tests.engines.studies import Rows, cohort_of, numbered, row, some
from tests.engines.test_oracle_disease import BLASTS, METHODS, SIGNS, YES

CHILDREN = 16
WITH_DAY = ("value", "day")


def case(
    name: str, child: st.SearchStrategy[Rows],
    expected: Callable[[oracle.Tables], dict[Any, dict[str, Any]]], *parts: str,
    criteria: str | None = None, examples: int = 5,
) -> Case:
    """Return a case of one definition, under one set of criteria where it has several."""
    asked = parts or ("value",)

    def answers(tables: Tables) -> Answers:
        return {key: tuple(found.get(part) for part in asked)
                for key, found in expected(oracle.Tables(own_days=28, **tables)).items()}

    cohorts = st.lists(child, min_size=1, max_size=CHILDREN).map(cohort_of)
    return Case(name, cohorts, answers, parts=asked, examples=examples,
                plan={"definitions": {name: criteria}} if criteria else {})


# What the centre wrote -----------------------------------------------------------------------

AGES = [None, 0, 1, 30, 365, 366, 1461, 3652, 3653, 6574]


@st.composite
def written(draw: st.DrawFn) -> Rows:
    """Draw a child, its donors, and episodes whose numbers do not follow their order."""
    subject = row(age_at_index_days=AGES, cohort=["RR", "MRD_POS", "OTHER", None],
                  age_at_index_years_reported=[None, None, 0.0, 0.5, 4.0, 10.0, 17.9])
    episode = row(phase=["INITIAL_DIAGNOSIS", "INITIAL_DIAGNOSIS", "RELAPSE", None],
                  start_day=[None, -400, -400, -30, 10],
                  diagnosis=["B_ALL", "T_ALL", None],
                  risk_group_reported=["LOW", "HIGH", "INTERMEDIATE", None])
    return {
        "subject": [draw(subject)],
        "disease_episode": draw(numbered(some(3, episode), "episode_no")),
        "transplant": draw(numbered(some(2, row(
            day=[None, 0, 90], donor_age_days=[None, 0, 365, 14610])), "transplant_no"))}


WRITTEN = [
    case("age_years", written(), oracle.age_years),
    case("age_months", written(), oracle.age_months),
    case("donor_age_years", written(), oracle.donor_age_years),
    case("disease_status", written(), oracle.disease_status),
    case("diagnosis", written(), lambda tables: oracle.at_diagnosis(tables, "diagnosis")),
    case("risk_group_reported", written(),
         lambda tables: oracle.at_diagnosis(tables, "risk_group_reported")),
]


# Just before the first infusion --------------------------------------------------------------


def infusions(draw: st.DrawFn, first: int | None) -> list[dict[str, Any]]:
    """Draw segments, mostly the first one of cycle one from a day."""
    segment = row(cycle_no=[1, 1, 2], start_day=[first, first, 40, None])
    return [{**each, "segment_no": number}
            for number, each in enumerate(draw(some(3, segment)), start=1)]


@st.composite
def examined(draw: st.DrawFn) -> Rows:
    """Draw marrows and white cells near the limits of four weeks and of one."""
    first = draw(st.sampled_from([0, 0, 10, None]))
    day = st.integers(-30, 2).map(lambda back: back + (first or 0)) | st.sampled_from(
        [back + (first or 0) for back in (-29, -28, -27, -8, -7, -6, -1, 0, 1)])
    marrow = row(day=day | st.none() if draw(st.integers(0, 4)) == 0 else day,
                 specimen=["BM"] * 6 + ["PB", None], blast_percent=BLASTS, mrd_method=METHODS,
                 mrd_percent=[None, None, 0.0, 0.004, 0.01, 0.5, 0.0100000000001, 60.0],
                 mrd_sign=SIGNS, mrd_lod_percent=[None, None, 0.001, 0.01, 0.1])
    white = row(test=["WBC"] * 6 + ["ANC"], value=[None, 0.0, 3.0, 12.0, 8.0, 90.0], day=day,
                unit=["10*9/L"] * 6 + ["/uL"])
    return {
        "exposure": infusions(draw, first),
        "assessment": draw(numbered(some(5, marrow), "assessment_no")),
        "laboratory": [{**each, "sequence": number} for number, each in enumerate(
            draw(some(5, white)), start=1)]}


EXAMINED = [
    # Beside a value that is unknown the day of the marrow may stand: it is not compared.
    *(case(name, examined(), rule, *parts, criteria=criteria, examples=8)
      for name, rule, parts in (
          ("marrow_blasts_at_start", oracle.marrow_blasts_at_start, WITH_DAY),
          ("mrd_at_start", oracle.mrd_at_start, ("value",)))
      for criteria in ("zhang_2025", "fda_label")),
    case("white_cells_at_start", examined(), oracle.white_cells_at_start, *WITH_DAY, examples=8),
]


# Earlier treatment ---------------------------------------------------------------------------


@st.composite
def treated(draw: st.DrawFn) -> Rows:
    """Draw lines and episodes about the first infusion, in some children with gaps."""
    first = draw(st.sampled_from([0, 0, 0, 10, None]))
    day: st.SearchStrategy[int | None] = st.sampled_from(
        [back + (first or 0) for back in (-900, -60, -60, -1, -1, 0, 0, 1, 200)])
    gaps = [None] if draw(st.integers(0, 2)) == 0 else []
    if gaps:
        day = day | st.none()
    line = row(intent=["FRONTLINE", "SALVAGE", "DEBULKING", "BRIDGING", "MAINTENANCE", *gaps],
               start_day=day)
    episode = row(phase=["INITIAL_DIAGNOSIS", "RELAPSE", "RELAPSE", "REFRACTORY",
                         "MRD_RECURRENCE", *gaps], start_day=day)
    return {
        "exposure": infusions(draw, first),
        "treatment_line": draw(numbered(some(4, line), "line_no")),
        "disease_episode": draw(numbered(some(4, episode), "episode_no"))}


TREATED = [
    case("debulked", treated(), lambda tables: oracle.had_line(tables, "DEBULKING")),
    case("bridged", treated(), lambda tables: oracle.had_line(tables, "BRIDGING")),
    case("prior_lines", treated(), oracle.prior_lines, examples=12),
    case("relapses_before_infusion", treated(), oracle.relapses_before_infusion, examples=12),
    case("last_episode", treated(), oracle.last_episode, *WITH_DAY),
]


# The first relapse ---------------------------------------------------------------------------


@st.composite
def relapsed(draw: st.DrawFn) -> Rows:
    """Draw relapses about day 0, some of a day, some without one, and marrows beside them."""
    day: st.SearchStrategy[int | None] = st.sampled_from([-30, -1, 0, 1, 1, 100, 270])
    if draw(st.integers(0, 2)) == 0:
        day = day | st.none()
    episode = row(
        phase=["RELAPSE", "RELAPSE", "RELAPSE", "REFRACTORY", None], start_day=day, marrow=YES,
        cns=["N", "N", "N", *YES], testis=["N", "N", "N", *YES],
        other_site=[None, None, None, "skin"],
        marrow_blast_percent=[None, 0.0, 4.9, 5.0, 12.0, 12.0, 25.0],
        cd19=["POS", "NEG", "DIM", "U", None])
    marrow = row(day=[-30, 1, 3, 94, 100, 107, 108], specimen="BM", mrd_method=METHODS,
                 mrd_percent=[0.005, 12.0, 30.0], blast_percent=[None, 1.0, 12.0])
    return {
        "subject": [{"sex": "M"}],
        "disease_episode": draw(numbered(some(4, episode), "episode_no")),
        "assessment": draw(numbered(some(3, marrow), "assessment_no"))}


RELAPSED = [
    case("first_relapse_site", relapsed(), oracle.first_relapse_site, examples=8),
    case("first_relapse_cd19", relapsed(), oracle.first_relapse_cd19, examples=8),
]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("case", [*WRITTEN, *EXAMINED, *TREATED, *RELAPSED], ids=str)
def test_the_oracle_agrees(case: Case, engine: str) -> None:
    agree(case, engine)
