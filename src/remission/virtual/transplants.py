"""Transplants: donor and graft, daily counts and transfusions, chimerism."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from remission.virtual.course import BRIDGES, Course
from remission.virtual.parameters import Parameters
from remission.virtual.people import RR, People
from remission.virtual.rows import numbers, rounded, table, words
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.treatment import OVERT, Treatment

DONORS = ("MATCHED_SIBLING", "MATCHED_RELATED", "HAPLOIDENTICAL", "MATCHED_UNRELATED", "CORD")
GRAFTS = ("PBSC", "BM", "CORD")
COUNTED, NEVER = 49, 99
"""Days after the graft with a daily count, and a day of recovery that never comes."""
_QUIET_FROM = 35
_CHIMERISM_DAYS = np.array([30, 90, 180, 365])


@dataclass(frozen=True)
class Grafts:
    """The transplants of a block (g,), with daily counts from day 1 after the graft (g, days).

    Counts are in 10⁹/L; not a number from the day after death on. ``weight`` is in kg.
    """

    owner: Ints
    day: Ints
    donor: Ints
    graft: Ints
    matched: Ints
    cd34: Floats
    is_active: Flags
    neutrophils: Floats
    platelets: Floats
    transfused: Flags
    chimerism: Floats
    alive: Floats
    weight: Floats


@dataclass(frozen=True)
class GivenGrafts:
    """What is known of the transplant of each child (n,): -1, or not a number, where it is not.

    Days of recovery count from the graft; a failure has none.
    """

    donor: Ints
    graft: Ints
    neutrophil_day: Floats
    platelet_day: Floats
    fails: Flags
    unstable: Flags


def draw_grafts(  # noqa: PLR0917 - what is drawn, for whom, and what is known of it
    parameters: Parameters, stream: Stream, people: People, treatment: Treatment, course: Course,
    given: GivenGrafts | None = None,
) -> Grafts:
    """Return the transplants and their counts; what is ``given`` is not as drawn."""
    owner = np.flatnonzero((course.bridge == BRIDGES.index("TRANSPLANT"))
                           & ~np.isnan(course.bridge_day))
    n = len(owner)
    donor = stream.pick(parameters.shares("transplant.donor", DONORS), n)
    graft = np.where(donor == DONORS.index("CORD"), GRAFTS.index("CORD"), stream.pick(
        parameters.shares("transplant.graft", GRAFTS), n))
    if given is not None:
        donor = np.where(given.donor[owner] >= 0, given.donor[owner], donor)
        graft = np.where(given.graft[owner] >= 0, given.graft[owner], graft)
    matched = np.where(donor == DONORS.index("HAPLOIDENTICAL"), stream.whole(n, 5, 8), 10)
    day = course.bridge_day[owner].astype(np.int64)
    alive = course.end[owner] - day
    cells = np.clip(stream.log_normal(n, parameters.number("transplant.cd34_median"), 0.35), 1, 20)
    fails = stream.chance(parameters.number("transplant.graft_failure"), n)
    known = (np.full(n, np.nan), np.full(n, np.nan))
    if given is not None:
        fails = given.fails[owner]
        known = (given.neutrophil_day[owner], given.platelet_day[owner])
    neutrophils = _neutrophils(parameters, stream, fails, known[0])
    platelets, transfused = _platelets(parameters, stream, fails, known[1])
    is_dead = np.arange(1, COUNTED + 1)[None, :] > alive[:, None]
    for counts in (neutrophils, platelets):
        counts[is_dead] = np.nan
    is_unstable = stream.chance(parameters.number("transplant.unstable_chimerism"), n)
    if given is not None:
        is_unstable = given.unstable[owner]
    return Grafts(
        owner=owner, day=day, donor=donor, graft=graft,
        matched=np.where(donor == DONORS.index("CORD"), stream.whole(n, 5, 10), matched),
        cd34=rounded(np.where(graft == GRAFTS.index("CORD"), cells / 20, cells), 2),
        is_active=treatment.cycles.state[treatment.cycles.last(people.n)][owner] == OVERT,
        neutrophils=neutrophils, platelets=platelets, transfused=transfused & ~is_dead,
        chimerism=_chimerism(stream, is_unstable), alive=alive, weight=people.weight[owner])


def _recovery(drawn: Ints, fails: Flags, known: Floats) -> Ints:
    """Return the day of recovery of each graft (g, 1): as known, else as drawn; never of some."""
    day = np.where(np.isnan(known), drawn, np.nan_to_num(known)).astype(np.int64)
    return np.where(fails, NEVER, day)[:, None]


def _neutrophils(
    parameters: Parameters, stream: Stream, fails: Flags, known: Floats
) -> Floats:
    """Return daily counts: a fall, an aplasia with single better days, and recovery."""
    n = len(fails)
    recovery = _recovery(
        stream.whole(n, *parameters.value("transplant.neutrophil_days")), fails, known)
    day, shape = np.arange(1, COUNTED + 1)[None, :], (n, COUNTED)
    before = stream.uniform(shape, 0.6, 3.5) / day
    low = stream.uniform(shape, 0.0, 0.49)
    is_better = stream.chance(0.03, shape) & (day < _QUIET_FROM)
    risen = stream.uniform(shape, 0.5, 0.75) + 0.18 * (day - recovery)
    dips = stream.chance(0.03, shape) & (day > recovery + 3) & (day < _QUIET_FROM)
    aplasia = np.where(is_better, stream.uniform(shape, 0.5, 0.7), low)
    counts = np.where(day < 4, before, np.where(
        day < recovery, aplasia, np.where(dips, low, risen)))
    return rounded(counts, 2)


def _platelets(
    parameters: Parameters, stream: Stream, fails: Flags, known: Floats
) -> tuple[Floats, Flags]:
    """Return daily counts and the days with a platelet transfusion."""
    n = len(fails)
    recovery = _recovery(
        stream.whole(n, *parameters.value("transplant.platelet_days")), fails, known)
    day, shape = np.arange(1, COUNTED + 1)[None, :], (n, COUNTED)
    before = stream.uniform(shape, 70.0, 130.0) / day
    low = stream.uniform(shape, 4.0, 19.4)
    risen = stream.uniform(shape, 20.0, 30.0) + 4 * (day - recovery)
    counts = np.where(day < 5, before, np.where(day < recovery, low, risen))
    needs = (day >= 5) & (day < recovery) & (day <= recovery - stream.whole((n, 1), 1, 7))
    return rounded(counts), stream.chance(0.4, shape) & needs


def _chimerism(stream: Stream, is_unstable: Flags) -> Floats:
    """Return donor chimerism in whole blood (percent) at each visit (g, visits)."""
    shape = (len(is_unstable), len(_CHIMERISM_DAYS))
    full = stream.uniform(shape, 97.0, 100.0)
    falling = stream.uniform(shape, 0.0, 4.0) + np.array([96.0, 84.0, 80.0, 90.0])
    return rounded(np.where(is_unstable[:, None], falling, full), 1)


def graft_tables(
    parameters: Parameters, people: People, grafts: Grafts, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the transplants and the transfusions."""
    remission = np.where(people.cohort[grafts.owner] == RR, 1, 0)
    tbi = parameters.number("transplant.tbi_gy")
    graft, transfused = np.nonzero(grafts.transfused)
    return {
        "transplant": table(
            "transplant", ids, grafts.owner, transplant_no=1, day=grafts.day,
            donor=words(grafts.donor, DONORS), graft=words(grafts.graft, GRAFTS),
            hla_matched=grafts.matched, hla_of=10, conditioning="MAC", tbi_gy=tbi,
            tbi_fractions=numbers(np.full(len(grafts.owner), 3.0 if tbi else np.nan)),
            cd34_1e6_kg=grafts.cd34, gvhd_prophylaxis=str(parameters.value(
                "transplant.prophylaxis")),
            status_at_transplant=words(
                np.where(grafts.is_active, 2, remission), ("CR1", "CR2", "ACTIVE"))),
        "transfusion": table(
            "transfusion", ids, grafts.owner[graft], day=grafts.day[graft] + transfused + 1,
            product="PLATELET", units=1.0),
    }


def count_chunks(grafts: Grafts) -> list[tuple[Ints, str, Ints, Floats]]:
    """Return owner, test, day and value of the daily counts and of chimerism."""
    chunks = []
    for test, counts in (("ANC", grafts.neutrophils), ("PLT", grafts.platelets)):
        graft, column = np.nonzero(~np.isnan(counts))
        chunks.append((grafts.owner[graft], test, grafts.day[graft] + column + 1,
                       counts[graft, column]))
    graft, visit = np.nonzero(_CHIMERISM_DAYS[None, :] <= grafts.alive[:, None])
    chunks.append((grafts.owner[graft], "CHIMERISM_WB",
                   grafts.day[graft] + _CHIMERISM_DAYS[visit], grafts.chimerism[graft, visit]))
    return chunks
