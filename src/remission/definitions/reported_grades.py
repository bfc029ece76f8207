"""The centre's grades beside the derived ones, cycle by cycle: where they agree and where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED
from remission.definitions.crs import crs_signs_and_events
from remission.definitions.ctcae import TERMS, graded_samples
from remission.definitions.cycles import CYCLE
from remission.definitions.definition import REGISTRY, Definition
from remission.definitions.fever import (
    febrile_neutropenia_signs_and_events,
    fever_signs_and_events,
)
from remission.definitions.grades import DEATH, NOTHING_RECORDED, UNDECIDED, as_code, of_cycles
from remission.definitions.icans import icans_signs_and_events
from remission.definitions.inputs import Lazy, frame_for, stacked
from remission.definitions.reported_events import EVENTS, Reported, reported_events
from remission.definitions.signs import NONE_REPORTED, with_the_centre
from remission.records.study import Study

AGREES, HIGHER, LOWER = "AGREES", "REPORTED_HIGHER", "REPORTED_LOWER"
NOT_REPORTED, NOT_DERIVED, OPEN = "NOT_REPORTED", "NOT_DERIVED", "OPEN"
VERDICTS: Mapping[str, str] = MappingProxyType({
    AGREES: "the centre's grade is the derived one",
    HIGHER: "the centre's grade is higher",
    LOWER: "the centre's grade is lower",
    NOT_REPORTED: "a grade is derived and the centre reported none",
    NOT_DERIVED: "the centre reported a grade and there is nothing to derive one from",
    OPEN: "one of the two grades is known only in part",
})
NO_GRADE = "the event has no grade, or one of another system"
_DEATH_IS_REPORTED = "a death is recorded as such and not derived"
_SYSTEM = "CTCAE5"
_OTHER_SPELLINGS = {"anaemia": ("anemia",)}

SIGNS: Mapping[str, Callable[..., tuple[Lazy, Lazy, Reported]]] = MappingProxyType({
    "crs_grade": crs_signs_and_events, "icans_grade": icans_signs_and_events,
    "febrile_neutropenia_grade": febrile_neutropenia_signs_and_events,
    "fever_grade": fever_signs_and_events,
})
"""Definition → what gives its windows, graded days and reported events."""


def reported_grades(study: Study) -> Lazy:
    """Return a row for each cycle and toxicity that was reported, or derived above grade 0.

    Columns: ``subject_id, cycle_no, toxicity`` (the definition), ``derived_grade`` (null where it
    is not decided), ``derived_least`` and ``derived_most``, ``derived_day`` and ``reported_day``
    (days from the start of the cycle), ``reported_grade``, ``verdict`` (:data:`VERDICTS`; null for
    a cycle with a fault), ``why``, ``derived_row`` and ``reported_row``.
    """
    return stacked(list(_of_each(study)))


def _of_each(study: Study) -> Iterator[Lazy]:
    for name, parts in SIGNS.items():
        windows, signs, reported = parts(*_given(REGISTRY[name], study))
        yield _compared(name, windows, signs, reported)
    events, forms = (frame_for(study, table, EVENTS) for table in ("adverse_event", "form_status"))
    term = nw.col("term").str.strip_chars().str.to_lowercase()
    for name, (_, label) in TERMS.items():
        definition = REGISTRY[f"{name}_grade"]
        criteria = definition.chosen_criteria(study.plan)
        assert criteria is not None
        if criteria.name != "ctcae_v5":
            continue  # what centres report is graded under version 5
        windows, samples, _ = graded_samples(*_given(definition, study))
        words = (label.lower(), *_OTHER_SPELLINGS.get(name, ()))
        reported = reported_events(
            windows, events.filter(term.is_in(words)), forms, study.plan, grading=_SYSTEM)
        yield _compared(definition.name, windows, samples, reported)


def _given(definition: Definition, study: Study) -> list[Any]:
    """Return what a rule of grades is given: its frames, the criteria and the plan."""
    return [*definition.inputs(study), definition.chosen_criteria(study.plan), study.plan]


def _compared(name: str, windows: Lazy, derived: Lazy, reported: Reported) -> Lazy:
    """Return the cycles of one toxicity in which there is something to compare."""
    cycles = with_the_centre(of_cycles(windows, derived), reported)
    least, most, centre = (nw.col(part) for part in ("least", "most", "centre_grade"))
    has_event = ~nw.col("any_event").is_null()
    is_faulty = ~nw.col("fault").is_null()
    is_death = (centre == DEATH).fill_null(value=False)
    cases: tuple[tuple[nw.Expr, str | None, nw.Expr | str | None], ...] = (
        (is_faulty, None, nw.col("fault")),
        (centre.is_null() & has_event, OPEN, NO_GRADE),
        (centre.is_null(), NOT_REPORTED, nw.when(nw.col("none_known")).then(
            nw.lit(NONE_REPORTED)).otherwise(nw.lit(NOT_ASKED))),
        (is_death, NOT_DERIVED, _DEATH_IS_REPORTED),
        (least.is_null(), NOT_DERIVED, NOTHING_RECORDED),
        (centre < least, LOWER, None),
        (centre > most, HIGHER, None),
        (least == most, AGREES, None),
    )
    verdict: nw.Expr = nw.lit(OPEN)
    why: nw.Expr = nw.lit(UNDECIDED)
    for applies, code, reason in reversed(cases):
        is_so = applies.fill_null(value=False)
        verdict = nw.when(is_so).then(nw.lit(code, dtype=nw.String)).otherwise(verdict)
        said = reason if isinstance(reason, nw.Expr) else nw.lit(reason, dtype=nw.String)
        why = nw.when(is_so).then(said).otherwise(why)
    start = nw.col("cycle_start")
    return cycles.filter(has_event | (least >= 1).fill_null(value=False)).select(
        *CYCLE, nw.lit(name).alias("toxicity"), as_code(nw.col("grade")).alias("derived_grade"),
        least.alias("derived_least"), most.alias("derived_most"),
        (nw.col("day") - start).alias("derived_day"), as_code(centre).alias("reported_grade"),
        (nw.col("centre_day") - start).alias("reported_day"), verdict.alias("verdict"),
        why.alias("why"), nw.col("row").alias("derived_row"),
        nw.coalesce("centre_row", "event_row").alias("reported_row"))
