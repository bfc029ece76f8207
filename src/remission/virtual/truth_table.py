"""The truth behind a virtual cohort: one row a child, and one row an event.

The words mean what the definitions of the study mean, but they are computed here again, from what
really happened and by this room's own code, so that the definitions can be judged by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from remission.virtual.children import Children
from remission.virtual.course import BRIDGES, CAUSES, SITES
from remission.virtual.engraftment import NEUTROPHILS, PLATELETS, recovery_day
from remission.virtual.gvhd import ACUTE, CHRONIC
from remission.virtual.people import COHORTS, MRD_NEG, MRD_POS, RR, STATUSES
from remission.virtual.rows import NONE, days, words, yes_no
from remission.virtual.stream import Flags, Floats, Ints
from remission.virtual.transplants import DONORS, Grafts

RESPONSES = ("NE", "NR", "PR", "CR", "MRD_CR")
"""Responses of a cycle, the worst first."""
LENGTHS = ("UNDER_7", "DAYS_14", "DAYS_21_28", "OVER_31")
_RECOVERY = {"BY_STATUS": "three_days", "MRD": "above_500"}
"""The rule of engraftment of the study whose word for response it is."""


@dataclass(frozen=True)
class Facts(Children):
    """All that happened to a block: the children, their grafts and the worst grades."""

    grafts: Grafts
    crs: Ints
    icans: Ints
    acute: tuple[Ints, Floats, Floats]
    chronic: tuple[Ints, Floats, Floats]


def truth_of_children(facts: Facts, ids: pl.Series) -> pl.DataFrame:
    """Return one row a child; days count from the first infusion, of grafts from the graft."""
    people, course, cycles = facts.people, facts.course, facts.cycles
    n = people.n
    infused = _sum(cycles.owner, (cycles.doses > 0).sum(axis=1), n)
    first_length = (cycles.doses > 0).sum(axis=1)[np.searchsorted(cycles.owner, np.arange(n))]
    best = _worst(cycles.owner, response_of_cycles(facts), n)
    responder = responders(facts)
    os_time, os_event = course.end, ~np.isnan(course.death_day)
    efs_time, efs_event = event_free_survival(facts, responder)
    return pl.DataFrame({
        "subject_id": ids, "cohort": words(people.cohort, COHORTS),
        "status_at_first_infusion": words(people.status, STATUSES),
        "poor_cytogenetics": yes_no(people.has_poor_genetics(facts.parameters)),
        "cycles_given": _sum(cycles.owner, np.ones(len(cycles.owner), dtype=np.int64), n),
        "days_infused": infused,
        "regimen_length": words(np.select(
            [first_length <= 6, first_length <= 17, first_length <= 31], [0, 1, 2], 3), LENGTHS),
        "best_response": words(best, RESPONSES), "best_mrd_response": _known_if(
            yes_no(has_cleared(facts)), best > 0),
        "responder": words(responder, ("N", "Y")),
        "crs_worst": _worst(cycles.owner, facts.crs, n),
        "icans_worst": _worst(cycles.owner, facts.icans, n),
        "bridge": words(course.bridge, BRIDGES), "bridge_day": days(course.bridge_day),
        **_of_grafts(facts),
        "relapse": yes_no(~np.isnan(course.relapse_day)),
        "relapse_day": days(course.relapse_day),
        "relapse_site": words(course.relapse_site, SITES),
        "relapse_cd19_negative": _known_if(
            yes_no(course.is_cd19_negative), ~np.isnan(course.relapse_day)),
        "death": _known_if(yes_no(os_event), ~course.is_lost), "death_day": days(course.death_day),
        "cause_of_death": words(np.where(os_event, course.cause, NONE), CAUSES),
        "last_contact_day": days(course.end),
        "os_time": days(os_time), "os_event": os_event.astype(np.int64),
        "efs_time": days(efs_time), "efs_event": efs_event.astype(np.int64),
    })


def _known_if(values: pl.Series, known: Flags) -> pl.Series:
    return values.zip_with(pl.Series(known), pl.Series([None] * len(values), dtype=pl.String))


def _sum(owner: Ints, values: Ints, n: int) -> Ints:
    return np.bincount(owner, weights=values, minlength=n).astype(np.int64)


def _worst(owner: Ints, values: Ints, n: int) -> Ints:
    worst = np.zeros(n, dtype=np.int64)
    np.maximum.at(worst, owner, values)
    return worst


def response_of_cycles(children: Children) -> Ints:
    """Return the response of each cycle as a position in ``RESPONSES``, by the study's word.

    Remission is under 5 % blasts, or MRD under 0.01 % where the study asks for it; partial is a
    fall of blasts by half to at most 25 %.
    """
    cycles, before = children.cycles, children.people.blasts[children.cycles.owner]
    is_clear = np.isnan(cycles.mrd) | (cycles.mrd < 0.01)
    in_remission = is_clear if children.asks_for == "MRD" else cycles.blasts < 5
    has_halved = (before > 0) & (2 * cycles.blasts <= before) & (cycles.blasts <= 25)
    return np.select(
        [np.isnan(cycles.marrow_day), in_remission & is_clear, in_remission, has_halved],
        [0, 4, 3, 2], 1)


def has_cleared(children: Children) -> Flags:
    """Return who was in remission without measurable residual disease after any cycle (n,)."""
    is_clear = response_of_cycles(children) == RESPONSES.index("MRD_CR")
    found = _worst(children.cycles.owner, is_clear.astype(np.int64), children.people.n)
    return np.asarray(found == 1)


def responders(children: Children) -> Ints:
    """Return 1 for a success in any cycle, 0 for none, -1 where there is nothing to respond."""
    cycles, status = children.cycles, children.people.status[children.cycles.owner]
    response = response_of_cycles(children)
    is_clear = (np.isnan(cycles.mrd) | (cycles.mrd < 0.01)) & (response > 0)
    by_status = np.where(status == RR, response >= 3, (status == MRD_POS) & is_clear)
    succeeds = is_clear if children.asks_for == "MRD" else by_status
    found = _worst(cycles.owner, succeeds.astype(np.int64), children.people.n)
    if children.asks_for == "BY_STATUS":
        return np.where(children.people.status == MRD_NEG, NONE, found)
    return found


def event_free_survival(children: Children, responder: Ints) -> tuple[Floats, Flags]:
    """Return time (days) and event: no response at time zero, relapse, second malignancy, death.

    Children without any marrow have not failed to respond: what else came of them decides.
    """
    course = children.course
    has_marrow = _worst(children.cycles.owner, (~np.isnan(children.cycles.marrow_day)).astype(
        np.int64), children.people.n) == 1
    fails = (responder == 0) & has_marrow
    first = np.fmin(np.fmin(course.relapse_day, course.second_malignancy_day), course.death_day)
    first = np.where(fails, 0.0, first)
    is_event = ~np.isnan(first)
    return np.where(is_event, first, course.end), is_event


def recoveries(facts: Facts) -> tuple[Floats, Floats]:
    """Return the days of neutrophil and platelet recovery after each graft, by the study's rule."""
    grafts, rule = facts.grafts, _RECOVERY[facts.asks_for]
    none = np.zeros_like(grafts.transfused)
    return (recovery_day(grafts.neutrophils, none, NEUTROPHILS[rule]),
            recovery_day(grafts.platelets, grafts.transfused, PLATELETS[rule]))


def _of_grafts(facts: Facts) -> dict[str, Any]:
    """Return the columns of the transplant, empty for children without one."""
    grafts, n = facts.grafts, facts.people.n
    neutrophils, platelets = recoveries(facts)

    def of_child(values: Floats) -> Floats:
        found = np.full(n, np.nan)
        found[grafts.owner] = values
        return found

    def named(values: Ints, names: tuple[str, ...]) -> pl.Series:
        return words(np.nan_to_num(of_child(values.astype(float)), nan=NONE).astype(np.int64),
                     names)

    return {
        "transplant_day": days(of_child(grafts.day.astype(float))),
        "donor": named(grafts.donor, DONORS),
        "neutrophil_recovery": named((~np.isnan(neutrophils)).astype(np.int64), ("N", "Y")),
        "neutrophil_recovery_day": days(of_child(neutrophils)),
        "platelet_recovery": named((~np.isnan(platelets)).astype(np.int64), ("N", "Y")),
        "platelet_recovery_day": days(of_child(platelets)),
        "acute_gvhd_grade": named(facts.acute[0], ACUTE),
        "chronic_gvhd_severity": named(facts.chronic[0], CHRONIC),
    }


def truth_events(facts: Facts, ids: pl.Series) -> pl.DataFrame:
    """Return ``subject_id, event, number, day, value``: what happened, in order of the children.

    ``number`` is that of the cycle, or 1.
    """
    cycles, course, grafts = facts.cycles, facts.course, facts.grafts
    everyone = np.arange(facts.people.n)
    neutrophils, platelets = recoveries(facts)
    one = np.ones(len(grafts.owner), dtype=np.int64)
    first = np.ones(facts.people.n, dtype=np.int64)
    parts = [
        _event("CYCLE", cycles.owner, cycles.number, cycles.start.astype(float), None),
        _event("RESPONSE", cycles.owner, cycles.number, cycles.marrow_day,
               words(response_of_cycles(facts), RESPONSES)),
        _event("CRS", cycles.owner, cycles.number, np.where(
            facts.crs > 0, cycles.start + cycles.crs_onset, np.nan), facts.crs),
        _event("ICANS", cycles.owner, cycles.number, np.where(
            facts.icans > 0, cycles.start + cycles.icans_onset, np.nan), facts.icans),
        _event("TRANSPLANT", grafts.owner, one, grafts.day.astype(float), None),
        _event("NEUTROPHIL_RECOVERY", grafts.owner, one, grafts.day + neutrophils, None),
        _event("PLATELET_RECOVERY", grafts.owner, one, grafts.day + platelets, None),
        _event("ACUTE_GVHD", grafts.owner, one, grafts.day + facts.acute[2],
               words(facts.acute[0], ACUTE)),
        _event("CHRONIC_GVHD", grafts.owner, one, grafts.day + facts.chronic[2],
               words(facts.chronic[0], CHRONIC)),
        _event("RELAPSE", everyone, first, course.relapse_day, words(course.relapse_site, SITES)),
        _event("SECOND_MALIGNANCY", everyone, first, course.second_malignancy_day, None),
        _event("DEATH", everyone, first, course.death_day, words(course.cause, CAUSES)),
    ]
    return pl.concat(parts).sort("owner", "day", maintain_order=True).select(
        ids.gather(pl.concat(parts).sort("owner", "day", maintain_order=True)["owner"]),
        pl.exclude("owner"))


def _event(
    name: str, owner: Ints, number: Ints, day: Floats, value: pl.Series | Ints | None
) -> pl.DataFrame:
    """Return the rows of one kind of event; without a day it did not happen."""
    texts = pl.Series([None] * len(owner), dtype=pl.String) if value is None else (
        pl.Series(value).cast(pl.String))
    return pl.DataFrame({
        "owner": owner, "event": [name] * len(owner), "number": number, "day": days(day),
        "value": texts,
    }, schema_overrides={"event": pl.String}).drop_nulls("day")
