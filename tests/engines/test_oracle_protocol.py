"""What was given beside what a protocol plans, against the plain-Python oracle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.definitions.criteria import criteria_sets
from remission.definitions.definition import REGISTRY
from remission.definitions.protocol import BLOCKS
from remission.records.storage import schema_of
from remission.records.tables import TABLES
from tests.engines import oracle_protocol as oracle
from tests.engines.studies import (
    CHECKED,
    Rows,
    cohort_of,
    derived_rows,
    numbered,
    study_of,
)

COHORTS = settings(CHECKED, max_examples=8)
OF_PAPER = ("protocol_doses_missed", "protocol_doses_off_schedule", "protocol_doses_unplanned",
            "protocol_adherence")
REACH = 3
"""Days within which a dose on another day is the scheduled one, where a line does not say."""


def blocks_of(paper: str) -> dict[str, Mapping[str, Any]]:
    """Return the blocks of a paper by name."""
    return {name: criteria_sets(f"protocol.{name}")[paper].values
            for name in criteria_sets("protocol.schedule")[paper]["blocks"]}


CASES = [*((name, paper) for name in OF_PAPER for paper in criteria_sets("protocol.schedule")),
         *((f"{block}_adherence", paper) for block in BLOCKS
           for paper in criteria_sets(f"protocol.{block}"))]


@st.composite
def children(draw: st.DrawFn, blocks: list[Mapping[str, Any]]) -> Rows:
    """Draw a child with doses of some blocks: mostly as planned, late, high, twice, undated."""
    odd = st.integers(0, 14).map(lambda number: number == 0)
    in_mg = st.integers(0, 3).map(lambda number: number == 0) if draw(st.booleans()) else (
        st.just(False))
    sizes = [20.0, 0.8, 22.0, math.sqrt(22 * 115.2 / 3600)]
    rows: list[dict[str, Any]] = []
    start = draw(st.sampled_from([0, 0, 5]))
    graft = draw(st.sampled_from([60, 40]))
    end = start + 27
    for block in draw(st.lists(st.sampled_from(blocks), min_size=1, max_size=2, unique_by=id)):
        origin, shift = {
            "LINE": (-40, 1), "TRANSPLANT": (graft, 0), "CYCLE_END": (end, 0),
            "FIRST_INFUSION": (start, 1), "FIRST_DOSE": (graft - 5, 1)}[block["origin"]]
        tidy = draw(st.booleans())
        for line in block["lines"]:
            wrong = st.just(False) if tidy else odd
            for day in line.get("days", [1]):
                if draw(wrong):
                    continue
                late = draw(st.sampled_from([0] * 8 + [-8, -7, -4, -3, -2, -1, 1, 2, 3, 4, 7]))
                given_day = origin + day - shift + (0 if tidy else late)
                factor = draw(st.sampled_from([1, 1, 1, 1, 0.9, 1.1, 1.1000000000001])
                              if tidy else st.sampled_from([1, 1, 1, 1, 0.5, 0.89, 1.11, 2]))
                name = draw(st.sampled_from(line["names"]))
                absolute = line.get("unit", "").partition("/")[0] if draw(in_mg) else None
                rows.append({
                    "purpose": block["purpose"],
                    "drug": "unheard-of" if draw(wrong) else f" {name.title()} " if draw(odd)
                    else name,
                    "dose": None if draw(wrong) or "dose" not in line
                    else line["dose"] * factor * (draw(st.sampled_from(sizes)) if absolute else 1),
                    "unit": "mg" if draw(wrong) else absolute or line.get("unit"),
                    "start_day": None if draw(wrong) else given_day,
                    "end_day": draw(st.sampled_from(
                        [None, None, None, given_day, given_day] if tidy else [
                            None] * 12 + [given_day] * 4 + [
                                given_day - 1, given_day + 1, given_day + 63, given_day + 64])),
                    "line_no": None if draw(wrong) else 1})
                if draw(wrong):
                    rows.append(dict(rows[-1]))
    measured = [] if draw(odd) else [
        {"test": test, "day": draw(st.sampled_from([-50, -40, -36, 0, 30, graft - 8, graft - 40])),
         "value": value, "unit": unit, "sign": None}
        for test, value, unit in (("WEIGHT", 20.0, "kg"), ("HEIGHT", 115.2, "cm"),
                                  ("WEIGHT", 22.0, "kg"), ("HEIGHT", 115.2, "cm"))]
    contact = draw(st.sampled_from([None, None, 100, graft, graft + 3, end + 14, -20, -21]))
    return {
        "laboratory": [{**each, "sequence": number}
                       for number, each in enumerate(measured, start=1)],
        "drug_dose": draw(numbered(st.just(rows), "dose_no")),
        "treatment_line": [] if draw(odd) else [
            {"line_no": 1, "start_day": None if draw(odd) else -40}],
        "exposure": [] if draw(odd) else [
            {"cycle_no": number, "segment_no": 1, "start_day": first,
             "end_day": None if draw(odd) else first + 27}
            for number, first in enumerate([start, start + 42][:draw(st.integers(1, 2))],
                                           start=1)],
        "transplant": [] if draw(odd) else [
            {"transplant_no": number, "day": day} for number, day in enumerate(
                draw(st.sampled_from([[graft], [graft], [-100, graft], [graft, graft + 31]])),
                start=1)],
        "follow_up": [] if draw(st.booleans()) else [
            {"last_contact_day": contact,
             "death_day": draw(st.sampled_from([None, contact]))}],
    }


@pytest.mark.parametrize(("name", "paper"), CASES)
@COHORTS
@given(data=st.data())
def test_protocol(name: str, paper: str, data: st.DataObject) -> None:
    blocks = blocks_of(paper)
    if name not in OF_PAPER:
        blocks = {name: criteria_sets(f"protocol.{name.removesuffix('_adherence')}")[paper].values}
    drawn = data.draw(st.lists(children(list(blocks.values())), min_size=2, max_size=8).map(
        cohort_of))
    drawn = {table: [dict.fromkeys(schema_of(TABLES[table])) | each for each in rows]
             for table, rows in drawn.items()}
    expected = oracle.protocol(drawn, name, list(blocks.values()), REACH)
    found = derived_rows(name, study_of(
        {"definitions": {REGISTRY[name].chosen_as: paper}}, **drawn))
    assert {key: found.get(key, {}).get("value") for key in expected} == {
        key: each["value"] if each["value"] is None else pytest.approx(each["value"], rel=1e-12)
        for key, each in expected.items()}
