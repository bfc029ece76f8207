"""What is known of children becomes the tables of a study, as a faultless centre records it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from remission.virtual.course import (
    Course,
    course_tables,
    fatal_event_rows,
    follow_up_marrows,
    relapse_rows,
)
from remission.virtual.gvhd import GvhdDays, gvhd_tables
from remission.virtual.laboratory import Values, laboratory_rows
from remission.virtual.parameters import Parameters
from remission.virtual.people import People, people_tables
from remission.virtual.rows import counted, table, words
from remission.virtual.stream import Floats, Ints
from remission.virtual.toxicity import Signs, event_rows, sign_rows
from remission.virtual.transplants import Grafts, graft_tables
from remission.virtual.treatment import Treatment, marrow_rows, treatment_tables

_FORMS = ("RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "ADVERSE_EVENT", "TRANSFUSION",
          "SECOND_MALIGNANCY")
_NUMBERED = {"adverse_event": "event_no", "assessment": "assessment_no",
             "disease_episode": "episode_no", "treatment_line": "line_no"}


@dataclass(frozen=True)
class Recording:
    """All that is known of some children.

    Worst grades and days: ``crs`` and ``icans`` of each cycle, ``acute`` and ``chronic`` disease
    of each graft; ``infection`` is its day of each cycle (k,), not a number without one.
    """

    people: People
    treatment: Treatment
    course: Course
    grafts: Grafts
    seen: GvhdDays
    signs: Signs
    crs: tuple[Ints, Floats]
    icans: tuple[Ints, Floats]
    infection: Floats
    acute: tuple[Ints, Floats, Floats]
    chronic: tuple[Ints, Floats, Floats]
    values: Sequence[Values]


def study_tables(
    parameters: Parameters, known: Recording, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables by name."""
    people, course, cycles = known.people, known.course, known.treatment.cycles
    later = follow_up_marrows(course)
    return together([
        people_tables(people, parameters, ids),
        treatment_tables(parameters, people, known.treatment, ids),
        {"assessment": marrow_rows(parameters, ids, *later, np.full(len(later[0]), 2))},
        {"disease_episode": relapse_rows(people, course, ids)},
        course_tables(people, course, ids), {"adverse_event": fatal_event_rows(course, ids)},
        graft_tables(parameters, people, known.grafts, ids),
        gvhd_tables(known.seen, known.grafts, known.acute, known.chronic, ids),
        {"toxicity_sign": sign_rows(known.signs, cycles.owner, ids),
         "adverse_event": event_rows(cycles.owner, cycles.number, cycles.start, known.crs,
                                     known.icans, known.infection, ids),
         "laboratory": laboratory_rows(known.values, course.end, ids),
         "form_status": _forms(people.n, ids)},
    ])


def until(signs: Signs, end: Floats) -> Signs:
    """Return the signs of the days on which the child of the cycle lived."""
    kept = signs.day <= end[signs.cycle]
    return replace(signs, **{name: values[kept] for name, values in vars(signs).items()})


def _forms(n: int, ids: pl.Series) -> pl.DataFrame:
    owner = np.repeat(np.arange(n), len(_FORMS))
    return table("form_status", ids, owner, form=words(
        np.tile(np.arange(len(_FORMS)), n), _FORMS), status="COMPLETE")


def together(parts: Sequence[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Return each table whole, in the order of children and days, with its running numbers."""
    gathered: dict[str, list[pl.DataFrame]] = {}
    for part in parts:
        for name, rows in part.items():
            gathered.setdefault(name, []).append(rows)
    found = {}
    for name, frames in gathered.items():
        rows = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
        if name in _NUMBERED:
            number, day = _NUMBERED[name], "day" if name == "assessment" else "start_day"
            rows = rows.sort("subject_id", day, maintain_order=True)
            owner = rows["subject_id"].rank("dense").to_numpy()
            rows = rows.with_columns(pl.Series(number, counted(owner), dtype=pl.Int64))
            first = ["subject_id", number]
            rows = rows.select(*first, pl.exclude(first))
        found[name] = rows
    return found
