"""Facts become records: what no number binds is drawn, then all is written down as a centre would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.catalogue import (
    ACUTE_GVHD,
    CATALOGUE,
    CHRONIC_GVHD,
    MARROWS,
    NO,
    NUMBER,
    YES,
)
from remission.reconstruct.cycles_as_given import (
    held,
    with_actions,
    with_blasts_enough,
    with_grades,
    with_partial_marrows,
)
from remission.reconstruct.described import Searched
from remission.reconstruct.drugs import with_drugs
from remission.reconstruct.earlier_course import with_prior_lines, with_second_lines
from remission.reconstruct.facts import Facts
from remission.reconstruct.lines import with_lines, with_lymphocytes, with_tumour_lysis
from remission.reconstruct.recovery import recovered_as_known
from remission.reconstruct.sought import Moments, Sought
from remission.reconstruct.survived import Followed
from remission.virtual.course import BRIDGES, CAUSES, NO_BRIDGE, SITES, TRANSPLANT, Course
from remission.virtual.gvhd import acute_grade, chronic_severity, draw_gvhd, worst_of_grafts
from remission.virtual.laboratory import LowestCounts, Values, draw_values
from remission.virtual.parameters import Parameters
from remission.virtual.people import (
    ALTERATIONS,
    COHORTS,
    EPISODES,
    STATUSES,
    People,
    draw_people,
)
from remission.virtual.people import (
    SITES as CENTRES,
)
from remission.virtual.rows import NONE, rounded
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.study_tables import Recording, study_tables
from remission.virtual.toxicity import Syndromes, draw_signs, graded_crs, graded_icans
from remission.virtual.transplants import DONORS, GRAFTS, GivenGrafts, count_chunks, draw_grafts
from remission.virtual.treatment import (
    NEGATIVE,
    Cycles,
    GivenCycles,
    Treatment,
    draw_treatment,
)

PREFIX = "RECONSTRUCTED-"
"""How every identifier begins, so that every row of every file says what it is."""
_FOLLOWED = 366
"""Days that everybody is followed at least who did not die."""
_LYMPHOCYTES_AFTER = 60
"""Days after the graft on which donor lymphocytes are given."""


def identifiers(children: int) -> pl.Series:
    """Return the identifiers of the children: RECONSTRUCTED-001 …"""
    return pl.Series([f"{PREFIX}{number:03d}" for number in range(1, children + 1)])


@dataclass(frozen=True)
class Levels:
    """The facts as arrays: of children (n,), of cycles (n, most), -1 where there is none."""

    facts: Facts
    blueprint: Blueprint

    @property
    def n(self) -> int:
        """The number of children."""
        return len(self.facts.children)

    @property
    def most(self) -> int:
        """The greatest number of cycles."""
        return max(map(len, self.facts.cycles))

    def has(self, fact: str) -> bool:
        """Return whether the blueprint has a fact."""
        return fact in self.blueprint.facts

    def of_children(self, fact: str, names: tuple[str, ...]) -> Ints:
        """Return the position of each child's level among some names, -1 where it is none.

        Nobody has one where there is no such fact.
        """
        if not self.has(fact):
            return np.full(self.n, NONE)
        known = {name: place for place, name in enumerate(names)}
        return np.array([known.get(child[fact], NONE) for child in self.facts.children])

    def is_level(self, fact: str, level: str) -> Flags:
        """Return which children have a level; nobody where there is no such fact."""
        if not self.has(fact):
            return np.zeros(self.n, dtype=bool)
        return np.array([child[fact] == level for child in self.facts.children])

    def of_cycles(self, fact: str, names: tuple[str, ...], otherwise: int = 0) -> Ints:
        """Return the position of the level of each cycle (n, most), -1 where it is none."""
        known = {name: place for place, name in enumerate(names)}
        found = np.full((self.n, self.most), otherwise, dtype=np.int64)
        for child, cycles in enumerate(self.facts.cycles):
            for cycle in cycles:
                if fact in cycle:
                    found[child, int(cycle[NUMBER]) - 1] = known.get(cycle[fact], NONE)
        return found

    def days(self, fact: str, stream: Stream) -> Floats:
        """Return a day within the window of each child's level, not a number without one."""
        drawn = stream.uniform(self.n)
        found = np.full(self.n, np.nan)
        if self.has(fact):
            windows = self.blueprint.facts[fact].days
            for child, facts in enumerate(self.facts.children):
                if facts[fact] in windows:
                    first, last = windows[facts[fact]]
                    found[child] = first + np.floor(drawn[child] * (last - first + 1))
        return found


def record(
    levels: Levels, parameters: Parameters, seed: int, searched: Mapping[str, Searched],
    followed: Followed | None,
) -> dict[str, pl.DataFrame]:
    """Return the tables of the children; the same seed gives the same."""
    def stream(chapter: str) -> Stream:
        return Stream(chapter, seed, 0, 0)

    ids = identifiers(levels.n)
    sought = Sought(levels.blueprint, searched)
    of_people = stream("people")
    people = sought.with_marrow(draw_people(parameters, of_people, levels.n, {
        **_people(levels), **sought.ages()}))
    people = with_blasts_enough(with_prior_lines(people, levels, of_people), levels)
    of_toxicity = stream("toxicity")
    syndromes = _syndromes(levels, of_toxicity)
    treatment = draw_treatment(parameters, stream("treatment"), people, held(syndromes, levels),
                               _given_cycles(levels, people))
    treatment = with_partial_marrows(with_grades(treatment, syndromes), people, levels)
    cycles = treatment.cycles
    course = _course(levels, parameters, stream("course"), treatment, followed)
    of_grafts = stream("transplant")
    given_grafts = sought.with_recovery(_given_grafts(levels, of_grafts))
    grafts = recovered_as_known(sought.with_cells(draw_grafts(
        parameters, of_grafts, people, treatment, course, given_grafts)), given_grafts)
    seen = draw_gvhd(parameters, of_grafts, grafts, (
        levels.of_children("acute_gvhd", ACUTE_GVHD),
        levels.of_children("chronic_gvhd", CHRONIC_GVHD)))
    k = len(cycles.owner)
    signs = draw_signs(of_toxicity, cycles.owner, cycles.start, cycles.crs, cycles.crs_onset,
                       cycles.icans, cycles.icans_onset, people.age_days)
    crs, icans = graded_crs(signs, k), graded_icans(signs, k)
    is_infected = _by_cycle(levels, cycles, "infection", (NO, YES)) == 1
    infection = np.where(is_infected, of_toxicity.whole(k, 0, 12), np.nan)
    values = draw_values(parameters, stream("laboratory"), people, cycles, crs[1],
                         _lowest(levels, cycles))
    counts = [Values(test, owner, day, value) for owner, test, day, value in count_chunks(grafts)]
    moments = Moments(cycles, crs, icans, levels.n)
    values = [*sought.without(values), *sought.measured(moments), *counts]
    tables = study_tables(parameters, Recording(
        people, treatment, course, grafts, seen, signs, crs, icans, infection,
        worst_of_grafts(seen, acute_grade(seen, grafts.weight), grafts),
        worst_of_grafts(seen, chronic_severity(seen), grafts), values), ids)
    lymphocytes = np.where(levels.is_level("lymphocytes_infused", YES),
                           course.bridge_day + _LYMPHOCYTES_AFTER, np.nan)
    has_lysis = _by_cycle(levels, cycles, "tumour_lysis", (NO, YES)) == 1
    tables = with_actions(with_second_lines(tables, people, levels, parameters, ids), levels, ids)
    tables = with_tumour_lysis(sought.with_fluid(tables, moments, ids), cycles, has_lysis, ids)
    tables = with_lymphocytes(
        with_lines(tables, levels, ids),
        np.where(lymphocytes < course.end, lymphocytes, np.nan), ids)
    return with_drugs(tables, levels.blueprint.drugs)


_PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "site": ("site", CENTRES), "cohort": ("cohort", COHORTS), "status": ("status", STATUSES),
    "episode": ("episode", EPISODES), "alteration": ("alteration", ALTERATIONS),
}


def _people(levels: Levels) -> dict[str, Any]:
    """Return the fields of the children that facts give."""
    given: dict[str, Any] = {
        field: levels.of_children(fact, names) for fact, (field, names) in _PEOPLE.items()
        if levels.has(fact)}
    for fact, field, level in (("sex", "is_male", "M"), ("debulked", "is_debulked", YES),
                               ("down_syndrome", "has_down_syndrome", YES)):
        if levels.has(fact):
            given[field] = levels.is_level(fact, level)
    if levels.has("year"):
        given["year"] = np.array([int(child["year"]) for child in levels.facts.children])
    return given


def _syndromes(levels: Levels, stream: Stream) -> Syndromes:
    shape = (levels.n, levels.most)
    return Syndromes(
        crs=levels.of_cycles("crs", CATALOGUE["crs"].levels), crs_onset=stream.whole(shape, 1, 3),
        icans=levels.of_cycles("icans", CATALOGUE["icans"].levels),
        icans_onset=stream.whole(shape, 6, 9))


def _given_cycles(levels: Levels, people: People) -> GivenCycles:
    count = np.array([len(cycles) for cycles in levels.facts.cycles])
    planned = np.array([int(child.get("length", "28")) for child in levels.facts.children])
    wait = levels.of_children("marrow_wait", CATALOGUE["marrow_wait"].levels) if (
        levels.has("marrow_wait")) else None
    return GivenCycles(planned, count, levels.of_cycles("marrow", MARROWS, NEGATIVE), wait)


def _given_grafts(levels: Levels, stream: Stream) -> GivenGrafts | None:
    """Return what facts tell of the transplants; None where they tell nothing."""
    if not any(map(levels.has, _OF_GRAFTS)):
        return None
    return GivenGrafts(
        donor=levels.of_children("donor", DONORS), graft=levels.of_children("graft", GRAFTS),
        neutrophil_day=levels.days("neutrophil_recovery", stream),
        platelet_day=levels.days("platelet_recovery", stream),
        fails=levels.is_level("graft_failure", YES),
        unstable=levels.is_level("chimerism", "UNSTABLE"))


_OF_GRAFTS = ("donor", "graft", "graft_failure", "neutrophil_recovery", "platelet_recovery",
              "chimerism")


def _by_cycle(levels: Levels, cycles: Cycles, fact: str, names: tuple[str, ...]) -> Ints:
    """Return the level of a fact of each cycle that was given (k,)."""
    return levels.of_cycles(fact, names)[cycles.owner, cycles.number - 1]


def _lowest(levels: Levels, cycles: Cycles) -> LowestCounts | None:
    if not (levels.has("neutropenia") and levels.has("thrombocytopenia")):
        return None
    return LowestCounts(*(_by_cycle(levels, cycles, fact, ("0", "1", "2", "3", "4"))
                          for fact in ("neutropenia", "thrombocytopenia")))


def _course(
    levels: Levels, parameters: Parameters, stream: Stream, treatment: Treatment,
    followed: Followed | None,
) -> Course:
    """Return what followed the cycles, its days drawn within the windows of the facts."""
    n = levels.n
    last = treatment.cycles.last(n)
    marrow, state = treatment.cycles.marrow_day[last], treatment.cycles.state[last]
    relapse, death = levels.days("relapse_time", stream), levels.days("death_time", stream)
    relapse = np.maximum(relapse, marrow + 2)
    death = np.maximum(death, np.fmax(marrow, relapse) + 10)
    seen = stream.whole(n, _FOLLOWED, int(parameters.value("course.follow_up")[1]))
    end = np.where(np.isnan(death), np.fmax(seen, relapse + 60), death)
    if followed is not None:
        found = followed.days
        relapse = np.where(~np.isnan(relapse) & (found.event > 0), found.event, relapse)
        death, end = found.death, np.fmax(found.death, found.last)
    bridge = levels.of_children("bridge", BRIDGES)
    bridge = np.where(bridge < 0, NO_BRIDGE, bridge)
    gap = stream.whole(n, *parameters.value("course.days_to_bridge"))
    begun = np.where(relapse < marrow + 100, np.fmax(marrow, relapse), marrow)
    bridge_day = np.where(bridge == NO_BRIDGE, np.nan, begun + gap)
    if followed is not None:
        bridge_day = np.where((bridge == TRANSPLANT) & ~np.isnan(followed.graft), followed.graft,
                              bridge_day)
    bridge_day = np.where(bridge_day < end - 3, bridge_day, np.nan)
    reaches = parameters.by_level("course.remission_after_bridge", BRIDGES)[bridge] > 0
    # after a relapse the marrow is in remission again before the bridge, else after it
    remission = np.where(relapse < bridge_day, bridge_day - 5, np.where(
        (state != NEGATIVE) & np.isnan(relapse) & reaches, bridge_day + 28, np.nan))
    site = levels.of_children("relapse", SITES)
    full, few = stream.uniform(n, 25.0, 95.0), stream.uniform(n, 0.0, 4.0)
    in_marrow = np.isin(site, (SITES.index("ISOLATED_MARROW"), SITES.index("COMBINED")))
    return Course(
        bridge=bridge, bridge_day=bridge_day,
        remission_day=np.where(remission < end, remission, np.nan), relapse_day=relapse,
        relapse_site=np.where(np.isnan(relapse), NONE, site),
        relapse_blasts=np.where(np.isnan(relapse), np.nan,
                                rounded(np.where(in_marrow, full, few), 1)),
        is_cd19_negative=levels.is_level("relapse_cd19", "NEG") & ~np.isnan(relapse),
        salvage_day=np.full(n, np.nan), second_malignancy_day=np.full(n, np.nan),
        death_day=death, cause=levels.of_children("death", CAUSES),
        is_lost=levels.is_level("lost", YES) & np.isnan(death), end=end)
