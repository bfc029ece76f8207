"""Marrow relapse by the consensus, and recurrence of MRD, against the plain-Python oracle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from tests.engines import oracle_marrow_relapse as oracle
from tests.engines.case import EVERY_ENGINE, Case, Row, Tables, agree
from tests.engines.studies import cohort_of
from tests.engines.studies import row as rows_with

MRD = [0.0, 0.005, 0.00999999999999, 0.01, 0.5, 0.99, 0.9999999999, 0.99999999999, 1.0, 1.1, 4.9,
       5.0, 24.9, 25.0, 60.0, None]
BLASTS = [0.0, 0.9, 1.0, 4.9, 4.99999999999, 5.0, 60.0, None, None]
METHODS = ["FCM", "FCM", "IG_TR_PCR", "NGS", "FUSION_PCR", None]


@st.composite
def children(draw: st.DrawFn) -> Tables:
    """Draw a child's marrows; most begin with a complete MRD response, some days hold several."""
    first = rows_with(specimen="BM", mrd_method="FCM", mrd_sign="ND", mrd_lod_percent=0.01,
                      blast_percent=[None, 0.9, 60.0])
    other = rows_with(
        specimen=["BM"] * 9 + ["PB", None], mrd_method=METHODS, mrd_percent=MRD,
        mrd_sign=["=", None, None, None, "<", "ND"], blast_percent=BLASTS,
        mrd_lod_percent=[None, None, 0.001, 0.01, 0.1, 2.0],
        response_reported=[None, None, None, "CR", "CRI", "PR", "NR", "NE"])
    again = rows_with(specimen="BM", mrd_method=["FCM", "IG_TR_PCR", "NGS"], mrd_percent=[
        0.01, 0.01, 0.5, 0.99, 0.9999999999, 1.0, 4.9, 5.0], blast_percent=BLASTS)
    day = draw(st.sampled_from([-40, -1, 0, 1, 20]))
    rows: list[Row] = []
    for kind in [first if draw(st.integers(0, 3)) else other,
                 *draw(st.lists(st.sampled_from([other, again, again]), max_size=6))]:
        is_dated = draw(st.integers(0, 19)) > 0
        rows.append({**draw(kind), "day": day if is_dated else None})
        day += draw(st.sampled_from([0, 0, 0, 1, 27, 28, 29, 60]))
    numbers = draw(st.permutations(range(1, len(rows) + 1)))
    return {"assessment": [{**row, "assessment_no": number}
                           for row, number in zip(rows, numbers, strict=True)]}


cohorts = st.lists(children(), min_size=1, max_size=8).map(cohort_of)


def _values(found: dict[Any, dict[str, Any]], *parts: str) -> dict[Any, tuple[Any, ...]]:
    return {key: tuple(answer[part] for part in parts) for key, answer in found.items()}


CASES = [
    Case("marrow_relapse", cohorts, lambda tables: _values(
        oracle.marrow_relapse(tables.get("assessment", [])), "value"), parts=("value",),
        examples=70),
    *(Case("mrd_recurrence", cohorts, lambda tables, criteria=criteria: _values(
        oracle.mrd_recurrence(tables["subject"], tables.get("assessment", []), criteria),
        "value", "day"), plan={"definitions": {"mrd_recurrence": criteria}}, examples=70)
      for criteria in oracle.RECURRENCE_BELOW),
]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_oracle_agrees(case: Case, engine: str) -> None:
    agree(case, engine)
