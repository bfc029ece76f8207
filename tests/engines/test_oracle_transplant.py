"""The definitions of the graft against the plain-Python oracle: failure, chimerism, GVHD."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.engines import oracle_transplant as oracle
from tests.engines.case import EVERY_ENGINE, Answers, Case, Row, Tables, agree
from tests.engines.studies import cohort_of, some
from tests.engines.studies import row as rows_with

Draw = st.DrawFn
CHILDREN = 8
ALL_TOLD = ["ACUTE_GVHD", "CHRONIC_GVHD"]


def cohorts(child: st.SearchStrategy[Tables]) -> st.SearchStrategy[Tables]:
    """Return cohorts of a few children, each drawn on its own."""
    return st.lists(child, min_size=1, max_size=CHILDREN).map(cohort_of)


def case(
    name: str, child: st.SearchStrategy[Tables],
    expected: Callable[[Tables], dict[Any, dict[str, Any]]],
    *parts: str, criteria: str | None = None, told: list[str] | None = None,
    examples: int = 30, **plan: Any,
) -> Case:
    """Return a case of one definition under one set of criteria."""
    asked = parts or ("value", "day")

    def answers(tables: Tables) -> Answers:
        return {key: tuple(found.get(part) for part in asked)
                for key, found in expected(tables).items()}

    chosen = {**plan.pop("definitions", {}), **({name: criteria} if criteria else {})}
    return Case(name, cohorts(child), answers, parts=asked, examples=examples, plan={
        "definitions": chosen, **({"records": {"absent_means_none": told}} if told else {}),
        **plan})


def numbered_tests(rows: list[Row]) -> list[Row]:
    """Number laboratory rows backwards, so that their order is not that of the file."""
    return [{**row, "sequence": len(rows) - number} for number, row in enumerate(rows)]


@st.composite
def grafts_of(draw: Draw, apart: st.SearchStrategy[int], **fields: Any) -> list[Row]:
    """Draw one or two grafts of a child, sometimes three; their numbers need not follow the days.

    Rarely a graft has no day, or one lies before the anchor.
    """
    day: int = draw(st.sampled_from([0, 0, 0, 3, 10, -20]))
    days: list[int | None] = [day]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        day += draw(apart)
        days.append(day)
    if draw(st.integers(0, 9)) == 0:
        days[draw(st.integers(0, len(days) - 1))] = None
    drawn = draw(st.lists(rows_with(**fields), min_size=len(days), max_size=len(days)))
    order = draw(st.permutations(range(1, len(days) + 1)))
    return [{**row, "day": on, "transplant_no": number}
            for row, on, number in zip(drawn, days, order, strict=True)]


def first_day(grafts: list[Row]) -> int:
    """Return the day of the first graft that has one."""
    return min((row["day"] for row in grafts if row["day"] is not None), default=0)


@st.composite
def ends(draw: Draw, *after: int) -> list[Row]:
    """Draw the end of what is known of a child, near some days."""
    near = st.sampled_from(after) | st.integers(max(0, min(after) - 20), max(after) + 20)
    if draw(st.integers(0, 5)) == 0:
        return []
    last, death = draw(st.none() | near), draw(st.none() | st.none() | near)
    return [{"last_contact_day": last, "death_day": death,
             "vital_status": "ALIVE" if death is None else "DEAD"}]


# Graft failure -------------------------------------------------------------------------------

SOURCES = {
    "graft": ["BM", "PBSC", "CORD", "CORD", None],
    "donor": ["CORD", "MATCHED_SIBLING", "HAPLOIDENTICAL", None],
}


@st.composite
def courses_of_counts(draw: Draw, apart: list[int], limits: list[int]) -> Tables:
    """Draw counts that fall, and mostly rise again near the days that decide."""
    grafts = draw(grafts_of(
        st.sampled_from(apart), **SOURCES,
        neutrophil_recovered_reported=["Y", "N", "N", None]))
    origin = first_day(grafts)
    for graft in grafts:
        near = st.sampled_from(limits).flatmap(lambda day: st.integers(day - 1, day + 1))
        reported = draw(st.none() | near)
        graft["neutrophil_recovery_day_reported"] = None if reported is None else (
            (graft["day"] or 0) + reported)
    rows = []
    if draw(st.integers(0, 3)):
        day = draw(st.sampled_from([0, 1, 1, 5, 7, 8]))
        rise = draw(st.sampled_from(limits)) + draw(st.sampled_from([-4, -3, -1, 0, 1, 3, 60]))
        fall = rise + draw(st.sampled_from([5, 12, 60, 75, 88, 200]))
        until = draw(st.sampled_from(limits)) + draw(st.sampled_from([-8, 0, 1, 5, 8, 80, 110]))
        step = draw(st.sampled_from([[1, 2, 5, 7], [3, 6, 7], [6, 7, 8], [1, 7, 14], [1, 13, 15]]))
        high, low = [0.5, 0.5000000001, 0.9], [0.1, 0.4, 0.4999999999, 0.499]
        while day <= until and len(rows) < 40:
            is_high = (rise <= day < fall) != (draw(st.integers(0, 29)) == 0)
            rows += [{"test": "ANC", "day": origin + day, "unit": draw(st.sampled_from(
                          ["10*9/L"] * 12 + ["/uL"])),
                      "value": draw(st.sampled_from(high if is_high else low) if draw(
                          st.integers(0, 20)) else st.none())}
                     for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2])))]
            day += 1 if rise <= day <= rise + 3 or fall <= day <= fall + 3 else draw(
                st.sampled_from(step))
    return {
        "transplant": grafts, "laboratory": numbered_tests(rows),
        "follow_up": draw(ends(*(origin + day for day in limits))),
        "disease_episode": [{**row, "episode_no": number} for number, row in enumerate(draw(some(
            2, rows_with(phase=["RELAPSE", "RELAPSE", "INITIAL_DIAGNOSIS"],
                         start_day=st.none() | st.sampled_from(
                             [origin - 1, origin, origin + 20, origin + 60])
                         | st.integers(origin, origin + 120)))), start=1)],
    }


early = courses_of_counts([12, 27, 28, 29, 30, 31, 42], [28, 30, 42])
late = courses_of_counts([50, 90, 99, 100, 101, 120], [12, 16, 100])
DECIDED = ("value", "day", "how")
FAILURE = [
    *(case(name, early, lambda tables, rule=rule, criteria=criteria: rule(tables, criteria),
           *parts, criteria=criteria, examples=50)
      for name, rule, parts in (
          ("graft_outcome", oracle.graft_outcome, DECIDED),
          ("primary_graft_failure", oracle.primary_graft_failure, DECIDED[:2]))
      for criteria in oracle.FAILED_BY),
    case("secondary_graft_failure", late, oracle.secondary_graft_failure,
         criteria="astct_ebmt_2024", examples=70),
]


# Chimerism -----------------------------------------------------------------------------------

AROUND_VISITS = [day for visit, window in ((91, 30), (183, 30), (365, 60), (548, 60))
                 for day in (visit - window - 1, visit - window, visit - 3, visit, visit + 3,
                             visit + window, visit + window + 1)]
DONOR = [0.0, 3.0, 4.9, 4.9999999999, 5.0, 5.0000000001, 5.1, 50.0, 90.0, 94.9, 95.0,
         95.0000000001, 95.1, 97.0, 100.0]


@st.composite
def chimeras(draw: Draw) -> Tables:
    """Draw samples around the visits, with counts about a week from them."""
    grafts = draw(grafts_of(st.sampled_from([60, 100, 200, 400])))
    origin = first_day(grafts)
    if draw(st.booleans()):
        grafts = grafts[:1]
    sample_days = draw(st.lists(st.sampled_from(AROUND_VISITS) | st.integers(0, 620), max_size=4))
    among = draw(st.sampled_from([DONOR, DONOR[:4], DONOR[:6], DONOR[9:], DONOR[11:]]))
    signs = draw(st.sampled_from([[None, "="], ["=", "<", ">", None]]))
    rows: list[Row] = []
    for day in sample_days:
        rows += [{**row, "day": origin + day} for row in draw(some(
            4, rows_with(test=list(oracle.LINEAGES), value=among, sign=signs,
                         unit=["%"] * 9 + ["fraction"]), least=draw(st.integers(1, 3))))]
        if draw(st.booleans()):
            rows += [{"test": test, "value": 300.0, "unit": "10*9/L", "day": origin + day}
                     for test in ("ANC", "PLT")]
        rows += [{**row, "day": origin + day + row["day"]} for row in draw(some(
            2, rows_with(test="ANC", value=[0.4, 0.4999999999, 0.5, 2.0], unit="10*9/L",
                         day=[-8, -7, 0, 7, 8]),
            rows_with(test="PLT", value=[19.9, 19.999999999, 20.0, 100.0], unit="10*9/L",
                      day=[-8, -7, 0, 7, 8])))]
    return {"transplant": grafts, "laboratory": numbered_tests(rows)}


@st.composite
def falling(draw: Draw) -> Tables:
    """Draw samples that follow each other, five points apart or nearly."""
    grafts = draw(grafts_of(st.sampled_from([5, 10, 20])))
    origin = first_day(grafts)
    signs = draw(st.sampled_from([[None, "="], ["=", "=", "<", ">", None]]))
    values = [2.0, 5.0, 90.0, 92.0, 94.9, 95.0, 95.0000000001, 97.0, 100.0]
    rows = draw(some(7, rows_with(
        test=["CHIMERISM_WB", "CHIMERISM_WB", "CHIMERISM_CD3"], value=values, sign=signs,
        unit="%", day=st.integers(origin, origin + 12))))
    return {"transplant": grafts, "laboratory": numbered_tests(rows)}


CHIMERISM = [
    *(case("chimerism", chimeras(),
           lambda tables, criteria=criteria: oracle.chimerism(tables, criteria),
           criteria=criteria, examples=50)
      for criteria in oracle.FULL_SETS),
    case("falling_chimerism", falling(), oracle.falling_chimerism,
         criteria="consecutive_5_points", examples=70),
]


# Poor graft function -------------------------------------------------------------------------


@st.composite
def supported(draw: Draw) -> Tables:
    """Draw grafts that mostly took, transfusions about day 30 to 100, and samples of chimerism."""
    grafts = draw(grafts_of(
        st.sampled_from([25, 31, 60, 100, 101, 200]), graft=["BM", "BM", "CORD", None],
        neutrophil_recovered_reported=["Y", "Y", "Y", "Y", "N", None]))
    origin = first_day(grafts)
    for graft in grafts:
        graft["neutrophil_recovery_day_reported"] = (graft["day"] or 0) + draw(
            st.sampled_from([14, 14, 20, 30, 31]))
    day = draw(st.sampled_from([1, 30, 31, 31, 40, 60, 70, 72]))
    given = []
    steps = draw(st.sampled_from([[1, 5], [9, 9, 10], [10, 11]]))
    for _ in range(draw(st.sampled_from([0, 3, 4, 4, 5, 5, 6]))):
        given.append({"day": origin + day, "product": draw(
            st.sampled_from(["PLATELET"] * 5 + ["RBC"] * 5 + ["PLASMA"]))})
        day += draw(st.sampled_from(steps))
    tests = rows_with(test=list(oracle.LINEAGES), value=[95.0, 96.0, 98.0, 99.0, 60.0, 3.0],
                      sign=[None, None, None, "<", ">"], unit="%",
                      day=[1, 2, 31, 61, 62, 70, 90, 101])
    rows = draw(some(draw(st.sampled_from([0, 0, 3])), tests)) + [
        {"test": test, "value": draw(st.sampled_from([98.0, 98.0, 98.0, 95.0])), "unit": "%",
         "day": on}
        for on in draw(st.lists(st.sampled_from([1, 31, 61, 62, 70]), max_size=2))
        for test in oracle.LINEAGES]
    forms = draw(st.lists(rows_with(form="TRANSFUSION", status=["COMPLETE", "NOT_COLLECTED"]),
                          max_size=1))
    relapse = draw(some(1, rows_with(phase="RELAPSE", start_day=st.sampled_from(
        [None, origin - 1, origin + 40, origin + 61, origin + 90]))))
    return {
        "transplant": grafts, "form_status": forms,
        "transfusion": [one for number, one in enumerate(given) if one not in given[:number]],
        "laboratory": numbered_tests([{**row, "day": origin + row["day"]} for row in rows]),
        "follow_up": draw(ends(origin + 30, origin + 99, origin + 100, origin + 101)),
        "disease_episode": [{**row, "episode_no": number}
                            for number, row in enumerate(
                                relapse if draw(st.booleans()) else [], start=1)]}


FUNCTION = [
    case("poor_graft_function", supported(),
         lambda tables, told=told: oracle.poor_graft_function(tables, told), told=told,
         examples=100)
    for told in ([], ["TRANSFUSION"])
]


# Graft-versus-host disease -------------------------------------------------------------------

ACUTE = {
    "skin_percent": [None, 0.0, 1.0, 24.9, 24.9999999999, 25.0, 50.0, 50.0000000001, 50.1, 90.0],
    "bullae": ["Y", "N", None],
    "bilirubin_mg_dl": [None, 0.5, 1.9999999999, 1.99, 2.0, 3.0, 3.0000000001, 3.1, 6.0, 6.1,
                        15.0, 15.1],
    "upper_gi": ["Y", "N", None],
    "stool_ml_kg": [None, None, 0.0, 9.9, 9.9999999999, 10.0, 19.9, 20.0, 30.0, 30.0000000001,
                    30.1, 60.0],
    "stool_episodes": [None, 0, 2, 3, 4, 5, 6, 7, 8, 10, 11],
    "ileus_or_blood": ["Y", "N", "N", None],
    "weight_kg": [None, 10.0, 20.0, 50.0, 50.0000000001, 50.1, 80.0, 100.0],
}
MILD = {
    "skin_percent": [0.0, 0.0, 10.0], "bullae": "N", "bilirubin_mg_dl": [0.5, 1.0, 2.0],
    "upper_gi": "N", "stool_ml_kg": [0.0, None, 4.0], "stool_episodes": [0, 2, 3, None],
    "ileus_or_blood": "N", "weight_kg": [12.0, 60.0, None],
}
GRADES = ["I", "II", "III", "III_IV", "IV", "MILD", "MODERATE", "SEVERE", "LIMITED", None]


@st.composite
def hosts(draw: Draw, any_grade: bool = True) -> Tables:
    """Draw organs on days after the graft, what the centre said, and its forms.

    Some grades are missing or of another system, unless told otherwise.
    """
    grafts = draw(grafts_of(st.sampled_from([3, 6, 10])))
    origin = first_day(grafts)
    day = st.integers(origin - 1, origin + 12)
    empty = {name: None for name in ACUTE if name != "weight_kg"}
    scores = draw(st.sampled_from([
        st.sampled_from([0, 0, 1, 1, 2, 3, None]), st.sampled_from([0, 0, 0, 0, 1]),
        st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]), st.sampled_from([0, 1, None, None])]))
    chronic = dict.fromkeys(oracle.CHRONIC_ORGANS, scores)
    some_acute = {name: [*values, None, None] if isinstance(values, list) else values
                  for name, values in MILD.items()}
    acute = st.one_of(rows_with(**ACUTE), rows_with(**MILD), rows_with(**MILD),
                      rows_with(**some_acute), rows_with(**empty, weight_kg=[20.0]))
    organs = draw(st.lists(
        st.tuples(day, acute, st.just({}) | rows_with(**chronic)), max_size=4,
        unique_by=lambda row: row[0]))
    told = draw(some(2 if any_grade else 0, rows_with(
        kind=["ACUTE", "CHRONIC"], onset_day=st.none() | day | day, max_grade=GRADES,
        systemic_treatment=["Y", "N", "N", "U", None])))
    told += [{**row, "max_grade": draw(st.sampled_from(
        ["I", "II", "III", "III_IV", "IV"] if row["kind"] == "ACUTE"
        else ["MILD", "MODERATE", "SEVERE"]))} for row in draw(some(3, rows_with(
            kind=["ACUTE", "CHRONIC"], onset_day=st.none() | day | day | day,
            systemic_treatment=["Y", "N", "N"])))]
    forms = draw(st.lists(rows_with(
        form=ALL_TOLD, status=["COMPLETE", "COMPLETE", "NOT_COLLECTED"]), max_size=2,
        unique_by=lambda row: row["form"]))
    return {
        "transplant": grafts, "form_status": forms,
        "gvhd": [{**row, "gvhd_no": number} for number, row in enumerate(told, start=1)],
        "gvhd_organ": [{"day": on, **stages, **more} for on, stages, more in organs],
    }


GVHD = [
    # Where a grade of another system makes the answer unknown, the day of another row still stands
    # beside it; so such grades are drawn apart, and the day is not compared.
    *(case("acute_gvhd_grade", hosts(any_grade),
           lambda tables, criteria=criteria, told=told:
               oracle.acute_gvhd_grade(tables, criteria, told),
           *parts, criteria=criteria, told=told, examples=25)
      for criteria in oracle.GRADE_OF for told in ([], ALL_TOLD)
      for any_grade, parts in ((True, ("value", "how")), (False, DECIDED))),
    *(case("chronic_gvhd_severity", hosts(any_grade),
           lambda tables, told=told: oracle.chronic_gvhd_severity(tables, told),
           *parts, criteria="nih_2014", told=told, examples=30)
      for told in ([], ALL_TOLD)
      for any_grade, parts in ((True, ("value", "how")), (False, DECIDED))),
    *(case(name, hosts(),
           lambda tables, name=name, told=told: oracle.gvhd_from_grade(tables, name, told),
           *DECIDED, told=told, examples=40)
      for name in oracle.CUTS for told in ([], ALL_TOLD)),
    *(case(name, hosts(),
           lambda tables, name=name: oracle.gvhd_from_grade(tables, name, [], "keystone_1995"),
           *DECIDED, definitions={"acute_gvhd_grade": "keystone_1995"})
      for name in ("acute_gvhd_2_4", "acute_gvhd_3_4")),
    *(case("chronic_gvhd_systemic", hosts(),
           lambda tables, told=told: oracle.chronic_gvhd_systemic(tables, told), told=told)
      for told in ([], ALL_TOLD)),
]


# CD34 and surveillance -----------------------------------------------------------------------

doses = grafts_of(st.just(30), **SOURCES, cd34_1e6_kg=[
    None, 0.001, 0.0099, 0.01, 0.05, 0.099, 0.1, 5.0, 9.9, 10.0, 10.1, 60.0, 60.1])
"""Doses within a billionth of a limit are left out: they are not taken as being on it."""


@st.composite
def products(draw: Draw) -> Tables:
    """Draw doses, products of some grafts, and weights about a month before them."""
    grafts = draw(doses)
    product = rows_with(cd34_per_ul=[None, 0.0, 8.5, 850.0, 4000.0],
                        product_volume_ml=[None, 0.0, 30.0, 180.0])
    grafts = [{**graft, **draw(product)} for graft in grafts]
    origin = first_day(grafts)
    weights = draw(some(5, rows_with(
        test=["WEIGHT", "WEIGHT", "HEIGHT"], unit=["kg"] * 8 + ["g"],
        value=[None, 1.4, 1.5, 20.0, 25.0, 250.0, 251.0],
        day=[origin + day for day in (-31, -30, -2, 0, 0, 1, 29, 30)])))
    return {"transplant": grafts, "laboratory": numbered_tests(weights)}


@st.composite
def watched(draw: Draw) -> Tables:
    """Draw samples after grafts followed until near the days on which samples are due."""
    grafts = draw(grafts_of(st.sampled_from([6, 92, 184, 400])))
    origin = first_day(grafts)
    due = [0, 6, 7, 8, 90, 91, 92, 175, 181, 182, 183, 195, 196, 363, 364, 365, 378, 394, 395,
           396, 547, 548, 549]
    day = st.integers(-1, 600) | st.sampled_from([*due, *AROUND_VISITS])
    tests = {"CMV": "IU/mL", "EBV": "IU/mL", "CHIMERISM_WB": "%", "CHIMERISM_CD3": "%",
             "CD3": "10*9/L", "NK": "10*9/L", "CD19_PERCENT": "%", "ALC": "10*9/L"}
    rows = draw(some(12, rows_with(test=list(tests), value=[0.0, 1.0, None], day=day)))
    return {"transplant": grafts, "follow_up": draw(ends(*(origin + after for after in due))),
            "laboratory": numbered_tests([
                {**row, "day": origin + row["day"], "unit": tests[row["test"]]} for row in rows])}


@st.composite
def infused_with_cells(draw: Draw) -> Tables:
    """Draw grafts, and cells about them: some on the day of a graft, some without a day."""
    grafts = draw(grafts_of(st.sampled_from([1, 30, 100])))
    days = [row["day"] for row in grafts if row["day"] is not None] or [0]
    day = st.sampled_from(days).flatmap(
        lambda day: st.sampled_from([day - 1, day, day + 1, day + 20, day + 99]))
    cells = draw(some(4, rows_with(
        kind=["DLI", "DLI", "DLI", "CAR_T", "BOOST", draw(st.sampled_from([None, "DLI"]))],
        day=day | st.none() if draw(st.integers(0, 3)) == 0 else day)))
    return {"transplant": grafts, "cell_therapy": [
        {**row, "therapy_no": len(cells) - number} for number, row in enumerate(cells)]}


OTHERS = [
    case("donor_lymphocytes", infused_with_cells(), oracle.donor_lymphocytes, examples=40),
    case("cd34_dose", products(), oracle.cd34_dose, "value", examples=70),
    *(case(f"surveillance_{asked}", watched(),
           lambda tables, asked=asked: oracle.surveillance(tables, asked), "value",
           criteria="olaya_2025", examples=50)
      for asked in ("expected", "observed", "fraction")),
]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("case", [*FAILURE, *CHIMERISM, *FUNCTION, *GVHD, *OTHERS], ids=str)
def test_the_oracle_agrees(case: Case, engine: str) -> None:
    agree(case, engine)
