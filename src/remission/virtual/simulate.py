"""A block of virtual children: their tables as recorded without a fault, and the truth behind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from remission.virtual.children import draw_children, streams_of
from remission.virtual.course import (
    course_tables,
    fatal_event_rows,
    follow_up_marrows,
    relapse_rows,
)
from remission.virtual.gvhd import (
    acute_grade,
    chronic_severity,
    draw_gvhd,
    gvhd_tables,
    worst_of_grafts,
)
from remission.virtual.laboratory import Values, draw_values, laboratory_rows
from remission.virtual.parameters import Parameters
from remission.virtual.people import people_tables
from remission.virtual.pharmacokinetics import draw_concentrations
from remission.virtual.rows import counted, table, words
from remission.virtual.stream import Floats
from remission.virtual.toxicity import (
    Signs,
    draw_signs,
    event_rows,
    graded_crs,
    graded_icans,
    sign_rows,
)
from remission.virtual.transplants import count_chunks, draw_grafts, graft_tables
from remission.virtual.treatment import marrow_rows, treatment_tables
from remission.virtual.truth_table import Facts, truth_events, truth_of_children

BLOCK = 2000
"""Children drawn together: a part of the format, for another number gives other children."""

_FORMS = ("RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "ADVERSE_EVENT", "TRANSFUSION",
          "SECOND_MALIGNANCY")
_NUMBERED = {"adverse_event": "event_no", "assessment": "assessment_no",
             "disease_episode": "episode_no", "treatment_line": "line_no"}


@dataclass(frozen=True)
class Simulated:
    """Children by table, as a faultless centre records them, and what really happened.

    ``truth`` has one row a child, ``events`` one row an event; ``concentrations`` is empty unless
    asked for.
    """

    tables: dict[str, pl.DataFrame]
    truth: pl.DataFrame
    events: pl.DataFrame
    concentrations: pl.DataFrame


def blocks_of(n: int) -> list[tuple[int, int]]:
    """Return (block, children) of a cohort of ``n``, in order."""
    return [(block, min(BLOCK, n - begin)) for block, begin in enumerate(range(0, n, BLOCK))]


def simulate_block(
    parameters: Parameters, *, seed: int, replicate: int, block: int, n: int,
    is_replicate: bool = False, pharmacokinetics: bool = False,
) -> Simulated:
    """Return the first ``n`` children of a block of a replicate (both counted from 0).

    The same seed, replicate, block and number give the same children on every machine, whatever
    else is simulated beside them. ``is_replicate`` adds the column ``replicate`` (from 1) to
    every table, and puts it before each identifier.
    """
    stream = streams_of(seed=seed, replicate=replicate, block=block)
    begin = block * BLOCK
    prefix = f"{replicate + 1:04d}-" if is_replicate else "S"
    ids = pl.Series([f"{prefix}{number:07d}" for number in range(begin + 1, begin + n + 1)])
    children = draw_children(parameters, stream, n)
    people, treatment, course = children.people, children.treatment, children.course
    cycles = treatment.cycles
    k = len(cycles.owner)
    of_toxicity, of_grafts = stream("toxicity"), stream("transplant")
    grafts = draw_grafts(parameters, of_grafts, people, treatment, course)
    seen = draw_gvhd(parameters, of_grafts, grafts)
    signs = _until(draw_signs(
        of_toxicity, cycles.owner, cycles.start, cycles.crs, cycles.crs_onset, cycles.icans,
        cycles.icans_onset, people.age_days), course.end[cycles.owner])
    crs, icans = graded_crs(signs, k), graded_icans(signs, k)
    infected = of_toxicity.chance(parameters.number("toxicity.infection"), k)
    infection = np.where(infected, of_toxicity.whole(k, 0, 12), np.nan)
    infection = np.where(
        cycles.start + infection <= course.end[cycles.owner] - 7, infection, np.nan)
    acute = worst_of_grafts(seen, acute_grade(seen, grafts.weight), grafts)
    chronic = worst_of_grafts(seen, chronic_severity(seen), grafts)
    of_laboratory = stream("laboratory")
    values = draw_values(parameters, of_laboratory, people, cycles, crs[1])
    counts = [Values(test, owner, day, value) for owner, test, day, value in count_chunks(grafts)]
    later = follow_up_marrows(course)
    parts = [
        people_tables(people, parameters, ids),
        treatment_tables(parameters, people, treatment, ids),
        {"assessment": marrow_rows(
            parameters, ids, *later, np.full(len(later[0]), 2))},
        {"disease_episode": relapse_rows(people, course, ids)},
        course_tables(people, course, ids), {"adverse_event": fatal_event_rows(course, ids)},
        graft_tables(parameters, people, grafts, ids),
        gvhd_tables(seen, grafts, acute, chronic, ids),
        {"toxicity_sign": sign_rows(signs, cycles.owner, ids),
         "adverse_event": event_rows(cycles.owner, cycles.number, cycles.start, crs, icans,
                                     infection, ids),
         "laboratory": laboratory_rows([*values, *counts], course.end, ids),
         "form_status": _forms(n, ids)},
    ]
    facts = Facts(**vars(children), grafts=grafts, crs=crs[0], icans=icans[0], acute=acute,
                  chronic=chronic)
    concentrations = draw_concentrations(
        stream("recording"), people, cycles, parameters, ids) if pharmacokinetics else (
        pl.DataFrame())
    found = Simulated(_together(parts), truth_of_children(facts, ids), truth_events(facts, ids),
                      concentrations)
    return _with_replicate(found, replicate + 1) if is_replicate else found


def _with_replicate(found: Simulated, replicate: int) -> Simulated:
    """Return the children with the column ``replicate`` in front of every table."""
    key = pl.lit(replicate, dtype=pl.Int32).alias("replicate")

    def marked(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(key, pl.all()) if rows.columns else rows

    return Simulated({name: marked(rows) for name, rows in found.tables.items()},
                     marked(found.truth), marked(found.events), marked(found.concentrations))


def _until(signs: Signs, end: Floats) -> Signs:
    """Return the signs of the days on which the child of the cycle lived."""
    kept = signs.day <= end[signs.cycle]
    return replace(signs, **{name: values[kept] for name, values in vars(signs).items()})


def _forms(n: int, ids: pl.Series) -> pl.DataFrame:
    owner = np.repeat(np.arange(n), len(_FORMS))
    return table("form_status", ids, owner, form=words(
        np.tile(np.arange(len(_FORMS)), n), _FORMS), status="COMPLETE")


def _together(parts: list[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
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
