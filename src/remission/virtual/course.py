"""What came after blinatumomab: bridge, remission, relapse, death and the end of follow-up.

Waiting times are piecewise exponential: a rate a day from each break on, times the exponential of
the child's covariates with their log hazards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.people import COHORTS, MRD_OF_BLASTS, People
from remission.virtual.rows import NONE, counted, days, rounded, table, words, yes_no
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.treatment import NEGATIVE, OVERT, Treatment, is_response

BRIDGES = ("TRANSPLANT", "CAR_T", "CHEMOTHERAPY", "NONE")
TRANSPLANT, CAR_T, CHEMOTHERAPY, NO_BRIDGE = range(4)
SITES = ("ISOLATED_MARROW", "ISOLATED_CNS", "ISOLATED_TESTIS", "COMBINED")
_SITE_SHARES = ("MARROW", "CNS", "TESTIS", "COMBINED")
MARROW, CNS, TESTIS, COMBINED = range(4)
CAUSES = ("RELAPSE", "TRANSPLANT", "INFECTION", "OTHER_TREATMENT")
_REMISSION_AFTER, _SAFE_AFTER, _OBSERVED_AFTER = 28, 20, 60


@dataclass(frozen=True)
class Course:
    """What happened to each child (n,) after its cycles and within its follow-up.

    Days count from the first infusion and are not a number where it did not happen or nobody
    lived or was followed to see it. ``remission_day`` is that of a remission only reached after
    the bridge. ``end`` is the last day that anything is known of.
    """

    bridge: Ints
    bridge_day: Floats
    remission_day: Floats
    relapse_day: Floats
    relapse_site: Ints
    relapse_blasts: Floats
    is_cd19_negative: Flags
    salvage_day: Floats
    second_malignancy_day: Floats
    death_day: Floats
    cause: Ints
    is_lost: Flags
    end: Floats


def draw_course(
    parameters: Parameters, stream: Stream, people: People, treatment: Treatment
) -> Course:
    """Return what happened after the cycles."""
    n = people.n
    last = treatment.cycles.last(n)
    state, marrow_day = treatment.cycles.state[last], treatment.cycles.marrow_day[last]
    bridge = _bridge(parameters, stream, people, state)
    gap = stream.whole(n, *parameters.value("course.days_to_bridge"))
    bridge_day = np.where(bridge == NO_BRIDGE, np.nan, marrow_day + gap)
    reaches = stream.chance(
        parameters.by_level("course.remission_after_bridge", BRIDGES)[bridge], n)
    is_late = (state == OVERT) & reaches
    remission_day = np.where(is_late, bridge_day + _REMISSION_AFTER, np.nan)
    # an early death leaves nothing of what follows: its marrow, and so every day here, is unknown
    clock = np.fmax(remission_day, np.fmax(bridge_day, marrow_day + 1)) + _SAFE_AFTER
    in_remission = (state != OVERT) | reaches
    hazard = _log_hazard(parameters, people, state, bridge)
    waits = {name: _wait(parameters, stream, name, hazard if name == "relapse" else hazard * 0)
             for name in ("relapse", "remission_death", "transplant_death", "relapse_death",
                          "refractory_death")}
    relapse = np.where(in_remission, clock + 1 + waits["relapse"], np.inf)
    toxic = np.where(bridge == TRANSPLANT, np.fmax(bridge_day + 12, remission_day + 1)
                     + waits["transplant_death"], clock + waits["remission_death"])
    refractory = np.fmax(bridge_day, marrow_day) + 5 + waits["refractory_death"]
    natural = np.where(in_remission, toxic, refractory)
    has_relapse = relapse <= natural
    natural = np.where(has_relapse, relapse + 3 + waits["relapse_death"], natural)
    death = np.where(np.isnan(treatment.early_death), natural, treatment.early_death)
    contact, is_lost = _contact(parameters, stream, clock)
    malignancy = clock + stream.waiting(
        [parameters.number("course.second_malignancy_rate")], [0.0], np.zeros(n))
    is_dead = death <= contact
    end = np.where(is_dead, death, contact)
    cause = np.where(~np.isnan(treatment.early_death), 2, np.where(
        has_relapse | ~in_remission, 0, np.where(bridge == TRANSPLANT, 1, 2)))
    relapse = np.where(has_relapse & (relapse <= end), relapse, np.nan)
    salvage = relapse + stream.whole(n, 30, 60)
    is_salvaged = stream.chance(parameters.number("course.salvage_car_t"), n) & (salvage < end)
    seen = ~np.isnan(marrow_day)
    return Course(
        bridge=np.where(seen, bridge, NO_BRIDGE), bridge_day=_until(bridge_day, end),
        remission_day=_until(remission_day, end), relapse_day=relapse,
        **_relapse(parameters, stream, people, ~np.isnan(relapse)),
        salvage_day=np.where(is_salvaged, salvage, np.nan),
        second_malignancy_day=_until(malignancy, end),
        death_day=np.where(is_dead, death, np.nan), cause=cause, is_lost=is_lost & ~is_dead,
        end=end)


def _until(day: Floats, end: Floats) -> Floats:
    return np.where(day <= end, day, np.nan)


def _bridge(parameters: Parameters, stream: Stream, people: People, state: Ints) -> Ints:
    responds = is_response(parameters, people.status, state)
    shares = np.array([*(parameters.shares(f"course.bridge_RESPONDER_{name}", BRIDGES)
                         for name in COHORTS),
                       parameters.shares("course.bridge_NON_RESPONDER", BRIDGES)])
    return stream.pick_of(shares, np.where(responds, people.cohort, len(COHORTS)))


def _wait(parameters: Parameters, stream: Stream, name: str, log_hazard: Floats) -> Floats:
    rates, breaks = parameters.value(f"course.{name}_rate"), parameters.value("course.breaks")
    return np.asarray(np.floor(stream.waiting(rates, breaks, log_hazard)))


def _log_hazard(parameters: Parameters, people: People, state: Ints, bridge: Ints) -> Floats:
    """Return the log hazard of relapse of each child, by what it is and was given."""
    effects = parameters.value("course.relapse_log_hazard")
    of_cohort = np.array([float(effects.get(name, 0.0)) for name in COHORTS])
    return np.asarray(
        of_cohort[people.cohort] + float(effects["MRD_LEFT"]) * (state != NEGATIVE)
        + float(effects["POOR_GENETICS"]) * people.has_poor_genetics(parameters)
        + float(effects["TRANSPLANT"]) * (bridge == TRANSPLANT))


def _contact(parameters: Parameters, stream: Stream, clock: Floats) -> tuple[Floats, Flags]:
    """Return the last day of contact of children who live, and who was lost before the end."""
    n = len(clock)
    settled = np.nan_to_num(clock, nan=0.0) + _OBSERVED_AFTER
    planned = np.maximum(stream.whole(n, *parameters.value("course.follow_up")), settled)
    is_lost = stream.chance(parameters.number("course.lost"), n)
    lost = np.floor(stream.uniform(n, settled, planned))
    return np.where(is_lost, lost, planned), is_lost


def _relapse(
    parameters: Parameters, stream: Stream, people: People, has_relapse: Flags
) -> dict[str, np.ndarray]:
    n = people.n
    site = stream.pick(parameters.shares("course.relapse_site", _SITE_SHARES), n)
    site = np.where((site == TESTIS) & ~people.is_male, MARROW, site)
    full = stream.uniform(n, 25.0, 95.0)
    blasts = np.select([site == MARROW, site == COMBINED],
                       [full, stream.uniform(n, 5.0, 90.0)], stream.uniform(n, 0.0, 4.0))
    lost = stream.chance(parameters.number("course.relapse_cd19_negative"), n)
    return {"relapse_site": np.where(has_relapse, site, NONE),
            "relapse_blasts": np.where(has_relapse, rounded(blasts, 1), np.nan),
            "is_cd19_negative": lost & has_relapse}


def relapse_rows(people: People, course: Course, ids: pl.Series) -> pl.DataFrame:
    """Return the relapses as rows of ``disease_episode`` without their running number."""
    owner = np.flatnonzero(~np.isnan(course.relapse_day))
    site = course.relapse_site[owner]
    return table(
        "disease_episode", ids, owner, phase="RELAPSE", start_day=days(course.relapse_day[owner]),
        marrow=yes_no((site == MARROW) | (site == COMBINED)),
        cns=yes_no((site == CNS) | ((site == COMBINED) & ~_in_testis(people, owner))),
        testis=yes_no((site == TESTIS) | ((site == COMBINED) & _in_testis(people, owner))),
        marrow_blast_percent=course.relapse_blasts[owner],
        cd19=words(course.is_cd19_negative[owner].astype(np.int64), ("POS", "NEG")),
        lineage_switch="N")


def _in_testis(people: People, owner: Ints) -> Flags:
    """Return whose combined relapse is in the testis and not in the nervous system."""
    return np.asarray(people.is_male[owner] & (people.age_days[owner] % 4 == 0))


def course_tables(
    people: People, course: Course, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return chemotherapy, cells and follow-up after the cycles; lines without their number."""
    chemotherapy = np.flatnonzero((course.bridge == CHEMOTHERAPY) & ~np.isnan(course.bridge_day))
    begun = course.bridge_day[chemotherapy]
    lines = table(
        "treatment_line", ids, chemotherapy, intent="MAINTENANCE", start_day=days(begun),
        end_day=days(np.minimum(begun + 180, course.end[chemotherapy])))
    return {"treatment_line": lines, "cell_therapy": _cells(course, ids),
            "follow_up": _follow_up(people, course, ids)}


def _cells(course: Course, ids: pl.Series) -> pl.DataFrame:
    first = np.where(course.bridge == CAR_T, course.bridge_day, np.nan)
    owner, kind = np.nonzero(~np.isnan(np.stack([first, course.salvage_day], axis=1)))
    given = np.stack([first, course.salvage_day], axis=1)[owner, kind]
    return table(
        "cell_therapy", ids, owner, therapy_no=counted(owner), kind="CAR_T", day=days(given),
        target=words(kind * course.is_cd19_negative[owner], ("CD19", "CD22")),
        lymphodepletion="Y")


def _follow_up(people: People, course: Course, ids: pl.Series) -> pl.DataFrame:
    is_dead = ~np.isnan(course.death_day)
    vital = np.where(is_dead, 1, np.where(course.is_lost, 2, 0))
    return table(
        "follow_up", ids, np.arange(people.n), last_contact_day=days(course.end),
        vital_status=words(vital, ("ALIVE", "DEAD", "LOST")), death_day=days(course.death_day),
        cause_of_death=words(np.where(is_dead, course.cause, NONE), CAUSES),
        second_malignancy_day=days(course.second_malignancy_day))


def fatal_event_rows(course: Course, ids: pl.Series) -> pl.DataFrame:
    """Return the events of grade 5 that treatment or infection ended in, without their number."""
    owner = np.flatnonzero(~np.isnan(course.death_day) & (course.cause != CAUSES.index("RELAPSE")))
    is_infection = course.cause[owner] == CAUSES.index("INFECTION")
    death = course.death_day[owner]
    return table(
        "adverse_event", ids, owner,
        term=words(is_infection.astype(np.int64), ("Multi-organ failure", "Sepsis")),
        group=words(is_infection.astype(np.int64), ("OTHER", "INFECTION")),
        start_day=days(np.maximum(death - 3, 0)), end_day=days(death), grade=5, grading="CTCAE5",
        serious="Y", related="N", action="NONE")


def follow_up_marrows(course: Course) -> tuple[Ints, Floats, Floats, Floats]:
    """Return owner, day, blasts and MRD of the marrows of late remissions and of relapses."""
    remission = np.flatnonzero(~np.isnan(course.remission_day))
    relapse = np.flatnonzero(~np.isnan(course.relapse_day))
    blasts = course.relapse_blasts[relapse]
    mrd = np.where(blasts >= 5, np.maximum(rounded(blasts * MRD_OF_BLASTS, 1), 0.01), np.nan)
    return (np.concatenate([remission, relapse]),
            np.concatenate([course.remission_day[remission], course.relapse_day[relapse]]),
            np.concatenate([np.full(len(remission), 1.0), blasts]),
            np.concatenate([np.full(len(remission), np.nan), mrd]))


