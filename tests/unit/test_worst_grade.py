"""The worst of several observations, and of one that is alone with its key, follow one rule."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.definitions import grades
from remission.definitions.grades import OBSERVATION, worst

KEY = ("subject_id",)
SCHEMA = {name: pl.String if name in ("note", "row") else pl.Int64 for name in OBSERVATION}


def answers(observations: list[tuple[Any, ...]], rule: Any = worst) -> list[dict[str, Any]]:
    """Return what a rule says of each subject."""
    rows = nw.from_native(pl.DataFrame(observations, schema=SCHEMA, orient="row").lazy())
    found: list[dict[str, Any]] = rule(rows, KEY).collect().sort("subject_id").rows(named=True)
    return found


@st.composite
def observed(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Draw observations of a few subjects, most of them the only one."""
    rows = []
    for number in range(draw(st.integers(0, 6))):
        least = draw(st.integers(0, 5))
        rows.append((
            draw(st.integers(1, 6)), 1, least, draw(st.integers(least, 5)),
            draw(st.none() | st.integers(-1, 3)), draw(st.integers(1, 2)),
            draw(st.integers(0, 1)), draw(st.sampled_from([None, "said"])), f"row {number}"))
    return rows


@settings(max_examples=60, deadline=None)
@given(observed())
def test_one_alone_is_judged_as_several_are(observations: list[tuple[Any, ...]]) -> None:
    assert answers(observations) == answers(observations, grades._worst_of_several)


def test_one_alone_that_is_known_only_in_part_is_undecided() -> None:
    (found,) = answers([(1, 1, 2, 4, 7, 1, 0, None, "a")])
    assert found == {"subject_id": 1, "grade": None, "least": 2, "most": 4, "day": None,
                     "reported": None, "note": grades.UNDECIDED, "row": "a"}
