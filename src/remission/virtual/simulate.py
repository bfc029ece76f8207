"""A block of virtual children: their tables as recorded without a fault, and the truth behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from remission.virtual.course import draw_course
from remission.virtual.gvhd import acute_grade, chronic_severity, draw_gvhd, worst_of_grafts
from remission.virtual.laboratory import Values, draw_values
from remission.virtual.parameters import Parameters
from remission.virtual.people import draw_people
from remission.virtual.pharmacokinetics import draw_concentrations
from remission.virtual.stream import Stream
from remission.virtual.study_tables import Recording, study_tables, until
from remission.virtual.toxicity import draw_signs, draw_syndromes, graded_crs, graded_icans
from remission.virtual.transplants import count_chunks, draw_grafts
from remission.virtual.treatment import draw_treatment
from remission.virtual.truth_table import Facts, truth_events, truth_of_children

BLOCK = 2000
"""Children drawn together: a part of the format, for another number gives other children."""


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

    def stream(chapter: str) -> Stream:
        return Stream(chapter, seed, replicate, block)

    begin = block * BLOCK
    prefix = f"{replicate + 1:04d}-" if is_replicate else "S"
    ids = pl.Series([f"{prefix}{number:07d}" for number in range(begin + 1, begin + n + 1)])
    people = draw_people(parameters, stream("people"), n)
    of_toxicity = stream("toxicity")
    syndromes = draw_syndromes(parameters, of_toxicity, people)
    treatment = draw_treatment(parameters, stream("treatment"), people, syndromes)
    course = draw_course(parameters, stream("course"), people, treatment)
    cycles = treatment.cycles
    k = len(cycles.owner)
    of_grafts = stream("transplant")
    grafts = draw_grafts(parameters, of_grafts, people, treatment, course)
    seen = draw_gvhd(parameters, of_grafts, grafts)
    signs = until(draw_signs(
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
    tables = study_tables(parameters, Recording(
        people, treatment, course, grafts, seen, signs, crs, icans, infection, acute, chronic,
        [*values, *counts]), ids)
    facts = Facts(parameters, people, treatment, course, grafts, crs[0], icans[0], acute, chronic)
    concentrations = draw_concentrations(
        stream("recording"), people, cycles, parameters, ids) if pharmacokinetics else (
        pl.DataFrame())
    found = Simulated(tables, truth_of_children(facts, ids), truth_events(facts, ids),
                      concentrations)
    return _with_replicate(found, replicate + 1) if is_replicate else found


def _with_replicate(found: Simulated, replicate: int) -> Simulated:
    """Return the children with the column ``replicate`` in front of every table."""
    key = pl.lit(replicate, dtype=pl.Int32).alias("replicate")

    def marked(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(key, pl.all()) if rows.columns else rows

    return Simulated({name: marked(rows) for name, rows in found.tables.items()},
                     marked(found.truth), marked(found.events), marked(found.concentrations))
