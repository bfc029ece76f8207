"""Lymphocytes, immunoglobulins and cytokines against the plain-Python oracle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from tests.engines import oracle_immune as oracle
from tests.engines.case import EVERY_ENGINE, Case, Row, Tables, agree
from tests.engines.oracle_transplant import CANONICAL_UNITS
from tests.engines.studies import row as rows_with
from tests.engines.studies import some
from tests.engines.test_oracle_transplant import (
    Draw,
    case,
    ends,
    first_day,
    grafts_of,
    numbered_tests,
)

SIGNS: list[list[str | None]] = [[None, "="], ["=", "=", "<", None], ["=", "=", "<", ">", None]]


@st.composite
def infusions(draw: Draw) -> list[Row]:
    """Draw the segments of one or two cycles, some without their days."""
    began = draw(st.sampled_from([0, 0, 0, 0, 0, 2, 2, -1, -1, None]))
    segment = draw(st.sampled_from([14, 14, 27, 28]))
    rows: list[Row] = []
    for cycle in range(1, 1 + draw(st.sampled_from([1, 1, 2, 2, 0]))):
        start = None if began is None else began + (cycle - 1) * 42
        for number in range(1, draw(st.integers(2, 3))):
            end = None if draw(st.integers(0, 11)) == 0 or start is None else start + segment - 1
            rows.append({"cycle_no": cycle, "segment_no": number, "start_day": start,
                         "end_day": end})
            start = None if start is None else start + draw(st.sampled_from([1, segment]))
    return rows


def ages() -> st.SearchStrategy[list[Row]]:
    """Return a child of an age near the limits of the bands, in days or in years."""
    days = st.sampled_from([years * 365.25 for years in (0.25, 0.5, 1, 2, 6, 12, 18)]).flatmap(
        lambda limit: st.integers(max(int(limit) - 30, 30), int(limit) + 2))
    after_a_graft = st.sampled_from([91, 183, 365, 548]).flatmap(
        lambda after: st.sampled_from([730, 2191, 4383, 6574]).map(lambda age: age - after))
    years = st.sampled_from([0.2, 0.25, 0.4999, 0.5, 0.96, 1.0, 1.98, 5.99, 6.0, 11.97, 17.95,
                             18.0])
    return st.tuples(rows_with(age_at_index_days=st.none() | days | days | after_a_graft,
                               age_at_index_years_reported=st.none() | years)).map(list)


@st.composite
def flow(
    draw: Draw, *wanted: st.SearchStrategy[int], with_ratio: bool = True
) -> list[Row]:
    """Draw counts and percentages of a few days, several of one test on some of them.

    Most days have what a count is read from: the count, or lymphocytes and a percentage.
    """
    kinds_of_cells = [["CD3"], ["CD19", "NK"], ["CD3", "CD19"], ["CD4"], ["CD8"]]
    cells = draw(st.sampled_from(kinds_of_cells[:3] + [["CD4", "CD8"]] * 2 if with_ratio
                                 else kinds_of_cells))
    on = [draw(day) for day in wanted]
    signs = draw(st.sampled_from(SIGNS))
    lods = draw(st.sampled_from([[None], [None, None, 0.05], [None, 0.05, 0.4]]))
    counts = draw(st.sampled_from([
        [0.01, 0.05, 0.3, 0.41], [0.0, 0.4, 1.3, 2.5], [0.17, 0.43, 0.56, 0.7, 1.4, 2.2, 3.7],
        [3.6999999999999, 3.7000000001, 0.1299999999999, 0.13, 1.0, 5.6]]))
    test = rows_with(test=cells, value=[*counts, *counts, None], lod=lods, sign=signs)
    percent = rows_with(test=[f"{cell}_PERCENT" for cell in cells],
                        value=[0.0, 5.0, 40.0, 70.0, 80.0, 70.0], lod=[None, None, 6.0],
                        sign=signs)
    lymphocytes = rows_with(test="ALC", value=[0.5, 2.4, 0.0, 1.0], sign=signs,
                            lod=[None, None, 0.1])
    rows = [{**row, "day": draw(st.sampled_from(on))}
            for row in draw(some(6, test, percent, lymphocytes))]
    for day in on:
        kinds = draw(st.sampled_from([[], [test], [test], [percent], [percent, lymphocytes],
                                      [percent, lymphocytes], [test, percent, lymphocytes]]))
        rows += [{**draw(kind), "day": day, **({} if kind is lymphocytes else {
                     "test": cell if kind is test else f"{cell}_PERCENT"})}
                 for kind in kinds for cell in (["ALC"] if kind is lymphocytes else cells)]
    return numbered_tests([{**row, "unit": draw(st.sampled_from(
        [CANONICAL_UNITS[row["test"]]] * 25 + ["/uL"]))} for row in plausible(rows)])


def plausible(rows: list[Row]) -> list[Row]:
    """Leave out a limit of detection beside a value said to be above its own limit."""
    return [{**row, "lod": None} if row.get("sign") == ">" else row for row in rows]


@st.composite
def treated(draw: Draw, with_ratio: bool = True) -> Tables:
    """Draw a child with an infusion and samples about its windows."""
    before = st.sampled_from([-9, -8, -7, -6, -1, 0, 1, 2, 3])
    windows = [st.sampled_from([day - around - 1, day - around, day - 1, day, day + 1, day + around,
                                day + around + 1])
               for day, around in ((13, 2), (20, 2), (27, 3))]
    wanted = draw(st.lists(st.sampled_from([before, *windows]), max_size=2))
    return {"subject": draw(ages()), "exposure": draw(infusions()),
            "laboratory": draw(flow(before, draw(st.sampled_from(windows)), *wanted,
                                    with_ratio=with_ratio))}


@st.composite
def grafted(draw: Draw, with_ratio: bool = True) -> Tables:
    """Draw a child with grafts and samples about the visits after them."""
    grafts = draw(grafts_of(st.sampled_from([60, 100, 200, 400])))
    origin = first_day(grafts)
    wanted = [day for visit, around in ((91, 30), (183, 30), (365, 60), (548, 60))
              for day in (visit - around - 1, visit - around, visit - 2, visit, visit + 2,
                          visit + around, visit + around + 1)]
    near = draw(st.lists(st.sampled_from(wanted), min_size=1, max_size=4))
    return {"subject": draw(ages()), "transplant": grafts,
            "laboratory": draw(flow(*(st.just(origin + day) for day in [0, *near]),
                                    with_ratio=with_ratio))}


def cases_of(name: str, rule: Any, child: Any, *parts: str, examples: int) -> list[Case]:
    """Return a definition where the study counts from the infusion, and where it does not."""
    return [case(name, child, lambda tables, anchor=anchor: rule(tables, anchor), *parts,
                 examples=examples // (1 if anchor == "first_infusion" else 2),
                 study={"title": "oracle", "anchor": anchor})
            for anchor in ("first_infusion", "diagnosis")]


@st.composite
def counted(draw: Draw) -> Tables:
    """Draw a child with an infusion, and its neutrophils and platelets about the windows."""
    day = st.integers(-9, 3) | st.sampled_from(
        [day + around for day in (13, 20, 27, 41) for around in range(-4, 5)])
    rows = draw(some(12, rows_with(
        test=["ANC", "PLT"], value=[0.0, 0.4, 1.5, 30.0, 150.0, None], day=day,
        lod=[None, None, None, 0.5], sign=draw(st.sampled_from(SIGNS)),
        unit=["10*9/L"] * 15 + ["/uL"])))
    return {"exposure": draw(infusions()), "laboratory": numbered_tests(plausible(rows))}


LYMPHOCYTES = [
    *cases_of("blood_counts", oracle.blood_counts, counted(), examples=50),
    *cases_of("lymphocytes", oracle.lymphocytes, treated(), examples=30),
    *cases_of("lymphocytes", oracle.lymphocytes, treated(with_ratio=False), "value", "day", "how",
              examples=20),
    *cases_of("lymphocyte_change", oracle.lymphocyte_change, treated(), examples=30),
    *cases_of("lymphocyte_range", oracle.lymphocyte_range, treated(), examples=30),
    case("immune_reconstitution", grafted(), oracle.immune_reconstitution),
    case("immune_reconstitution", grafted(with_ratio=False), oracle.immune_reconstitution,
         "value", "day", "how", examples=20),
    case("immune_reconstitution_range", grafted(), oracle.immune_reconstitution_range),
]


@st.composite
def replaced(draw: Draw) -> Tables:
    """Draw a child with immunoglobulins before and after, some given as a drug."""
    exposure = draw(infusions())
    ends = [row["end_day"] for row in exposure if row["end_day"] is not None] or [0]
    day = st.sampled_from([-29, -28, -27, -10, -1, 0, 1]) | st.sampled_from(
        [max(ends) + days for days in (-4, -3, 0, 3, 10, 28, 29)])
    signs = draw(st.sampled_from(SIGNS))
    tests = draw(st.sampled_from([["IGG", "IGG", "IGG", "IGA"], ["IGG", "IGA", "IGM"]]))
    rows = draw(some(10, rows_with(
        test=tests, value=[0.1, 3.9, 4.0, 9.0, None], day=day,
        lod=[None, None, 0.2, 4.0], sign=signs, unit=["g/L"] * 15 + ["mg/dL"]), least=3))
    doses = draw(some(2, rows_with(
        purpose=["IMMUNOGLOBULIN", "IMMUNOGLOBULIN", "RESCUE"],
        start_day=st.none() | st.integers(-60, 40), end_day=[None])))
    for dose in doses:
        if dose["start_day"] is not None and draw(st.booleans()):
            dose["end_day"] = dose["start_day"] + draw(st.sampled_from([0, 3, 30]))
    return {"exposure": exposure, "laboratory": numbered_tests(plausible(rows)),
            "drug_dose": [{**dose, "dose_no": number}
                          for number, dose in enumerate(doses, start=1)]}


@st.composite
def inflamed(draw: Draw) -> Tables:
    """Draw a child with cytokines about its infusion and its syndromes, of several kits."""
    exposure = draw(infusions())
    ends = [row["end_day"] for row in exposure
            if row["end_day"] is not None and row["cycle_no"] == 1] or [13]
    events = draw(some(3, rows_with(
        group=["CRS", "CRS", "ICANS", "ICANS", "OTHER"],
        start_day=st.none() | st.sampled_from([-1, 0, 1, 2, 3, 5]))))
    close = st.sampled_from([-8, -7, -1, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12])
    day = close | close | st.sampled_from([max(ends) + days for days in (-4, -3, 0, 2, 3, 4)])
    values = draw(st.sampled_from([[2.44, 0.32, 0.51, 15.3, 37.99], [0.32, 2.44],
                                   [2.44, 2.4400000000001, 2.4400001, 0.0]]))
    row = rows_with(
        test=draw(st.sampled_from([["IL6"], ["IL10", "IFNG"]])), value=[*values, *values, None],
        lod=draw(st.sampled_from([[None], [None, 0.32, 2.44]])),
        sign=draw(st.sampled_from(SIGNS)), day=day, unit=["pg/mL"] * 15 + ["ng/mL"],
        specimen=["SERUM"] * 6 + ["BLOOD", "BLOOD", "CSF", "CSF", "MARROW", None])
    rows = draw(some(8, row))
    began = next((row["start_day"] for row in exposure if row["start_day"] is not None), 0)
    onsets = [event["start_day"] for event in events if event["start_day"] is not None]
    for day_of, after in [(began, [-7, -1, 0]), *((day, [0, 1, 2, 3]) for day in onsets),
                          (max(ends), [-3, 0, 1, 3])]:
        rows += [{**one, "day": day_of + draw(st.sampled_from(after))}
                 for one in draw(some(3, row, least=1))]
    return {"exposure": exposure, "laboratory": numbered_tests(plausible(rows)),
            "adverse_event": [{**row, "event_no": number}
                              for number, row in enumerate(events, start=1)]}


@st.composite
def recovering(draw: Draw) -> Tables:
    """Draw CD4 cells in the hundred days after a graft, about 0.05, and the end of the time."""
    grafts = draw(grafts_of(st.sampled_from([60, 99, 100, 101, 200])))
    origin = first_day(grafts)
    days = st.sampled_from([-1, 0, 1, 20, 40, 69, 70, 71, 90, 99, 100, 101])
    values = draw(st.sampled_from([[0.0, 0.04, 0.05, 0.0500000000001, 0.051, 0.3, None],
                                   [0.051, 0.06, 0.3], [0.05, 0.051]]))
    cells = rows_with(test="CD4", value=values,
                      lod=[None, None, None, 0.01, 0.05, 0.1], sign=draw(st.sampled_from(SIGNS)),
                      unit=["10*9/L"] * 15 + ["/uL"], day=days)
    percents = rows_with(test="CD4_PERCENT", value=[4.0, 5.0, 6.0], unit="%", day=days)
    lymphocytes = rows_with(test="ALC", value=[1.0, 2.0], unit="10*9/L", day=days)
    rows = draw(some(6, cells, cells, percents, lymphocytes, least=draw(st.integers(0, 5))))
    return {"transplant": grafts, "follow_up": draw(ends(origin + 99, origin + 100, origin + 101)),
            "laboratory": numbered_tests(plausible([
                {**row, "day": origin + row["day"]} for row in rows]))}


OTHERS = [
    *cases_of("igg_replacement_level", oracle.igg_replacement_level, replaced(), "value",
              examples=50),
    case("cd4_milestone", recovering(), oracle.cd4_milestone, examples=100),
    *cases_of("immunoglobulins", oracle.immunoglobulins, replaced(), examples=50),
    *cases_of("immunoglobulin_change", oracle.immunoglobulin_change, replaced(), "value",
              examples=50),
    *cases_of("cytokines", oracle.cytokines, inflamed(), examples=30),
    *(one for asked in ("before", "after", "censored")
      for one in cases_of(
          f"cytokine_pair_{asked}",
          lambda tables, anchor, asked=asked: oracle.cytokine_pairs(tables, asked, anchor),
          inflamed(), "value", examples=30)),
    *cases_of("cytokine_direction",
              lambda tables, anchor: oracle.cytokine_pairs(tables, "direction", anchor),
              inflamed(), "value", examples=30),
]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("case", [*LYMPHOCYTES, *OTHERS], ids=str)
def test_the_oracle_agrees(case: Case, engine: str) -> None:
    agree(case, engine)
