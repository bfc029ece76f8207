"""The definitions of what was infused against the plain-Python oracle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.records.storage import schema_of
from remission.records.tables import TABLES
from tests.engines import oracle_exposure as oracle
from tests.engines.studies import (
    CHECKED,
    Rows,
    cohort_of,
    derived_rows,
    row,
    some,
    study_of,
)

COHORTS = settings(CHECKED, max_examples=12)
DEFAULTS = {"cycle_days_infused": "calendar_days", "regimen_length": "zhang_2025",
            "dexamethasone_premedication": "any_dose", "body_surface": "mosteller",
            "delivered_fraction": "us_label_rr"}
DOSES = [5.0, 15.0, 15.0000000001, 9.0, 28.0]


@st.composite
def children(draw: st.DrawFn) -> Rows:
    """Draw a child's segments, tidy or with all that can be wrong with them, and its size."""
    tidy = draw(st.booleans())
    odd = st.integers(0, 9).map(lambda number: not tidy and number == 0)
    units = draw(st.sampled_from([["ug/m2/d"], ["ug/d"], ["ug/d"], ["ug/d", "ug/m2/d"]]))
    segments = []
    day = draw(st.sampled_from([0, 0, -1, 3]))
    for number in range(1, draw(st.integers(1, 3)) + 1):
        unit = draw(st.sampled_from(units))
        planned = draw(st.sampled_from([None, 1, 6, 7, 14, 17, 18, 28, 31, 32]))
        for segment in range(1, draw(st.integers(1, 3)) + 1):
            length = draw(st.sampled_from([0, 1, 5, 6, 7, 13, 16, 17, 20, 21, 27, 30, 31]))
            segments.append({
                "cycle_no": number, "segment_no": segment,
                "start_day": None if draw(odd) else day,
                "end_day": None if draw(odd) else day - 1 if draw(odd) else day + length,
                "dose": None if draw(odd) else 0.0 if draw(odd) else draw(st.sampled_from(DOSES)),
                "dose_unit": None if draw(odd) else draw(st.sampled_from(units)) if draw(odd)
                else unit,
                "planned_days": draw(st.sampled_from([None, planned, planned])) if not draw(odd)
                else 21,
                "end_reason": draw(st.sampled_from(
                    ["COMPLETED", "COMPLETED", "RESPONSE", "COST", None])),
                "dexamethasone_mg_m2": draw(st.sampled_from(
                    [None, None, 0.0, 4.9999999999, 5.0, 4.9, 10.0, 9.9999999999, 9.9]))})
            day += length + draw(st.sampled_from([0, 0, 1, 1, 7] if tidy else [0, 0, 1, -1, -2]))
        day += draw(st.sampled_from([0, 1, 14]))
    if draw(odd):
        segments = [{**each, "cycle_no": each["cycle_no"] + 1} for each in segments]
    if draw(odd):
        segments = [{**each, "segment_no": 4 - each["segment_no"]} for each in segments]
    starts = [each["start_day"] for each in segments if each["start_day"] is not None] or [0]
    back = st.tuples(st.sampled_from(starts), st.sampled_from(
        [-1, 0, 0, 0, 0, 5, 30, 31, 90, 91])).map(lambda pair: pair[0] - pair[1])
    weights = row(test="WEIGHT", day=back, unit=["kg"] * 8 + ["g"],
                  value=[None, 1.4, 1.5, 20.0, 44.9, 44.9999999999, 45.0, 60.0, 250.0, 251.0])
    heights = row(test="HEIGHT", day=back, unit=["cm"] * 8 + ["m"],
                  value=[None, 34.9, 35.0, 115.0, 160.0, 170.0, 220.0, 221.0])
    sizes = draw(some(6, weights, heights))
    if draw(st.booleans()):
        sizes += [{"test": test, "unit": unit, "day": start, "value": value}
                  for start in starts for test, unit, value in (
                      ("WEIGHT", "kg", draw(st.sampled_from([20.0, 44.9, 45.0]))),
                      ("HEIGHT", "cm", draw(st.sampled_from([115.0, 160.0]))))]
    return {"exposure": segments,
            "laboratory": [{**each, "sequence": number}
                           for number, each in enumerate(sizes, start=1)]}


cohorts = st.lists(children() | st.just({"exposure": []}), min_size=4, max_size=12).map(
    cohort_of).map(lambda tables: {
        table: [dict.fromkeys(schema_of(TABLES[table])) | each for each in rows]
        for table, rows in tables.items()})

SETS: dict[str, list[str]] = {
    "cycle_days_infused": ["calendar_days", "elapsed_days"],
    "regimen_length": ["zhang_2025", "planned"],
    "dexamethasone_premedication": list(oracle.DEXAMETHASONE),
    "body_surface": ["mosteller", "haycock", "dubois", "gehan_george"],
    "delivered_fraction": list(oracle.SCHEDULES),
}
CASES: list[tuple[str, dict[str, str]]] = [
    *((name, {chosen: criteria}) for chosen in SETS for criteria in SETS[chosen]
      for name in ([chosen] if chosen != "regimen_length"
                   else ["regimen_length", "cycle_regimen_length"])),
    *((name, {"cycle_days_infused": days}) for days in SETS["cycle_days_infused"]
      for name in ("days_infused", "regimen_length", "stopped_early", "early_stop_reason",
                   "delivered_fraction", "cumulative_dose", "cumulative_dose_per_m2")),
    *((name, {"body_surface": formula}) for formula in SETS["body_surface"][1:]
      for name in ("delivered_fraction", "cumulative_dose", "cumulative_dose_per_m2")),
    ("cycles_given", {}), ("step_up", {}),
]


@pytest.mark.parametrize(("name", "chosen"), CASES, ids=str)
@COHORTS
@given(drawn=cohorts)
def test_exposure(name: str, chosen: dict[str, str], drawn: Rows) -> None:
    plan = dict(chosen)
    if name == "cycle_regimen_length" and "regimen_length" in plan:
        plan = {"cycle_regimen_length": plan["regimen_length"]}
    expected = oracle.answer(drawn, name, DEFAULTS | chosen)
    found = derived_rows(name, study_of({"definitions": plan}, **drawn))
    assert {key for key in found if found[key]["value"] is not None} <= set(expected)

    def shown(each: Any) -> Any:
        return pytest.approx(each, rel=1e-12, abs=0) if isinstance(each, float) else each

    asked = ("value", "day") if name == "stopped_early" else ("value",)
    assert {key: tuple(found.get(key, {}).get(part) for part in asked) for key in expected} == {
        key: tuple(shown(each.get(part)) for part in asked) for key, each in expected.items()}
