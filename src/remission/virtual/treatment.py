"""Cycles of blinatumomab: days infused, holds for toxicity, and the marrow after each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.people import MRD_NEG, MRD_POS, RR, STATUSES, People
from remission.virtual.rows import NONE, counted, days, numbers, rounded, significant, table, words
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.toxicity import Syndromes

Doses = npt.NDArray[np.int8]

LENGTHS = ("14", "21", "28")
NEGATIVE, RESIDUAL, OVERT = 2, 1, 0
"""State of the marrow: MRD negative, in remission with MRD, 5 % blasts and more."""
_HOLD, _DAYS = 3, 48
_HOLDS_FROM = 3
"""The grade from which a syndrome interrupts the infusion."""
_EARLIEST_MARROW = 13
"""The first day of a cycle, counted from 0, on which its marrow is taken."""


@dataclass(frozen=True)
class Cycles:
    """All cycles of a block, one row a cycle (k,), in the order of children and cycles.

    ``doses`` (k, days) is 0 without infusion, 1 at the first dose, 2 at the full one; ``end`` is
    the last day infused. Days count from the first infusion of the child; ``marrow_day`` is not a
    number where the child did not live to it, ``mrd`` where none was found.
    """

    owner: Ints
    number: Ints
    start: Ints
    planned: Ints
    doses: Doses
    end: Ints
    is_stopped: Flags
    marrow_day: Floats
    blasts: Floats
    mrd: Floats
    state: Ints
    crs: Ints
    crs_onset: Ints
    icans: Ints
    icans_onset: Ints

    def last(self, n: int) -> Ints:
        """Return the position of the last cycle of each child (n,)."""
        return np.searchsorted(self.owner, np.arange(n), side="right") - 1


@dataclass(frozen=True)
class Treatment:
    """The cycles, and the day of death of the children who died during the first (n,)."""

    cycles: Cycles
    early_death: Floats


@dataclass(frozen=True)
class GivenCycles:
    """Cycles that are known: days planned and how many (n,), the marrow after each (n, cycles).

    ``wait`` (n,) are the days from the day after the first infusion to its marrow.
    """

    planned: Ints
    count: Ints
    state: Ints
    wait: Ints | None = None


def draw_treatment(
    parameters: Parameters, stream: Stream, people: People, syndromes: Syndromes,
    given: GivenCycles | None = None,
) -> Treatment:
    """Return the cycles that the children were given; nobody dies during ``given`` ones."""
    n, most = people.n, syndromes.crs.shape[1]
    planned = np.array([int(name) for name in LENGTHS])[stream.pick_of(np.array([
        parameters.shares(f"treatment.length_{name}", LENGTHS) for name in STATUSES]),
        people.status)]
    dies = stream.chance(parameters.number("treatment.death_on_treatment"), n)
    if given is not None:
        planned, dies = given.planned, np.zeros(n, dtype=bool)
    early_death = np.where(dies, stream.whole(n, 5, planned + 5), np.nan)
    start, goes_on = np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    state = np.where(people.status == RR, OVERT, np.where(
        people.status == MRD_POS, RESIDUAL, NEGATIVE))
    parts: list[dict[str, np.ndarray]] = []
    for cycle in range(most):
        doses, is_stopped = _given(parameters, cycle, planned, syndromes, early_death, goes_on)
        end = start + _DAYS - 1 - np.argmax(doses[:, ::-1] > 0, axis=1)
        wait = stream.whole(n, 0, 2)
        if cycle == 0 and given is not None and given.wait is not None:
            wait = given.wait
        marrow = np.maximum(end + 1 + wait, start + _EARLIEST_MARROW)
        marrow_day = np.where(marrow <= np.nan_to_num(early_death, nan=np.inf), marrow, np.nan)
        state = _next_state(parameters, stream, people, state, cycle) if given is None else (
            given.state[:, cycle])
        blasts, mrd = _marrow(parameters, stream, people, state)
        parts.append({
            "exists": goes_on, "start": start, "doses": doses, "end": end, "planned": planned,
            "is_stopped": is_stopped, "marrow_day": marrow_day, "blasts": blasts, "mrd": mrd,
            "state": state, "crs": syndromes.crs[:, cycle], "icans": syndromes.icans[:, cycle],
            "crs_onset": syndromes.crs_onset[:, cycle],
            "icans_onset": syndromes.icans_onset[:, cycle]})
        responds = is_response(parameters, people.status, state)
        more = np.where(responds, parameters.number("treatment.another_cycle_RESPONDER"),
                        parameters.number("treatment.another_cycle_NON_RESPONDER"))
        goes_on = goes_on & stream.chance(more, n) & ~is_stopped & np.isnan(early_death) if (
            given is None) else given.count > cycle + 1
        pause = int(parameters.number("treatment.break_days"))
        start = end + 1 + pause + stream.whole(n, 0, 7)
    return Treatment(_flat(parts), early_death)


def first_marrow_days(
    parameters: Parameters, planned: Ints, crs: Ints, icans: Ints, wait: Ints
) -> Ints:
    """Return the days of the marrow after first cycles with these worst grades (n,)."""
    soon, later = np.full(len(planned), 1), np.full(len(planned), 6)
    doses, _ = _infused(parameters, 0, planned, Syndromes(crs, soon, icans, later),
                        np.full(len(planned), np.nan))
    end = _DAYS - 1 - np.argmax(doses[:, ::-1] > 0, axis=1)
    return np.asarray(np.maximum(end + 1 + wait, _EARLIEST_MARROW))


def is_response(parameters: Parameters, status: Ints, state: Ints) -> Flags:
    """Return whether a state of the marrow is the study's success for a status at the start."""
    in_remission = (status == RR) & (state >= RESIDUAL)
    if parameters.value("response.asks_for") == "MRD":
        in_remission = np.zeros(len(status), dtype=bool)
    return np.asarray(in_remission | (state == NEGATIVE))


def _given(  # noqa: PLR0917 - one array for each fact of the cycle
    parameters: Parameters, cycle: int, planned: Ints, syndromes: Syndromes, early_death: Floats,
    goes_on: Flags,
) -> tuple[Doses, Flags]:
    """Return dose of each day (n, days) and who stopped for good; nothing for who has no cycle."""
    doses, is_stopped = np.zeros((len(planned), _DAYS), dtype=np.int8), np.zeros_like(goes_on)
    is_eventful = ~np.isnan(early_death) | (
        np.maximum(syndromes.crs[:, cycle], syndromes.icans[:, cycle]) >= _HOLDS_FROM)
    on = np.flatnonzero(goes_on & is_eventful)
    doses[on], is_stopped[on] = _infused(
        parameters, cycle, planned[on], syndromes.of(on, cycle), early_death[on])
    # most cycles are as planned: they are copied, not worked out day by day
    lengths = np.array([int(name) for name in LENGTHS])
    none = np.zeros_like(lengths)
    as_planned, _ = _infused(
        parameters, cycle, lengths, Syndromes(none, none, none, none), np.full(len(none), np.nan))
    on = np.flatnonzero(goes_on & ~is_eventful)
    doses[on] = as_planned[np.searchsorted(lengths, planned[on])]
    return doses, is_stopped


def _infused(
    parameters: Parameters, cycle: int, planned: Ints, syndromes: Syndromes, early_death: Floats
) -> tuple[Doses, Flags]:
    """Return the dose of each day of a cycle (n, days), and who stopped it for good."""
    day = np.arange(_DAYS)[None, :]
    allowed = np.ones((len(planned), _DAYS), dtype=bool)
    is_stopped = np.zeros(len(planned), dtype=bool)
    for grade, onset in ((syndromes.crs, syndromes.crs_onset),
                         (syndromes.icans, syndromes.icans_onset)):
        since = day - onset[:, None]
        allowed &= ~((grade == 3)[:, None] & (since > 0) & (since <= _HOLD))
        allowed &= ~((grade == 4)[:, None] & (since > 0))
        is_stopped |= grade == 4
    if cycle == 0:
        allowed &= day <= np.nan_to_num(early_death, nan=np.inf)[:, None]
    count = np.cumsum(allowed, axis=1)
    steps = cycle == 0 or bool(parameters.value("treatment.step_again"))
    low = count <= parameters.number("treatment.days_of_first_dose") if steps else count < 0
    is_given = allowed & (count <= planned[:, None])
    return np.where(is_given, np.where(low, 1, 2), 0).astype(np.int8), is_stopped


def _next_state(
    parameters: Parameters, stream: Stream, people: People, state: Ints, cycle: int
) -> Ints:
    """Return the state of the marrow after a cycle."""
    n = people.n
    stays = stream.chance(parameters.number("response.stays_negative"), n)
    converts = stream.chance(parameters.number("response.conversion"), n)
    responds = stream.chance(_probability(parameters, people), n)
    clears = stream.chance(parameters.number("response.mrd_negative_of_RR"), n)
    progresses = stream.chance(parameters.number("response.progressed"), n)
    if cycle > 0:
        return np.where(state == NEGATIVE, np.where(stays, NEGATIVE, RESIDUAL),
                        np.where(converts, NEGATIVE, state))
    of_overt = np.where(responds, np.where(clears, NEGATIVE, RESIDUAL), OVERT)
    of_residual = np.where(responds, NEGATIVE, np.where(progresses, OVERT, RESIDUAL))
    of_negative = np.where(stays, NEGATIVE, RESIDUAL)
    return np.where(people.status == RR, of_overt, np.where(
        people.status == MRD_NEG, of_negative, of_residual))


def _probability(parameters: Parameters, people: People) -> Floats:
    """Return the probability of a response to the first cycle."""
    base = np.where(people.has_poor_genetics(parameters),
                    parameters.number("response.first_poor"),
                    parameters.number("response.first_good"))
    mrd = np.nan_to_num(people.mrd, nan=0.5)
    log_odds = (
        np.log(base / (1 - base))
        + parameters.number("response.log_odds_mrd") * np.log10(mrd / 0.5)
        + parameters.number("response.log_odds_older") * (people.age_days > 10 * 365.25)
        + parameters.number("response.log_odds_lines") * (people.prior_lines >= 2))
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _marrow(
    parameters: Parameters, stream: Stream, people: People, state: Ints
) -> tuple[Floats, Floats]:
    """Return blasts and MRD (percent) of the marrow after a cycle."""
    n = people.n
    before = people.blasts
    is_partial = stream.chance(parameters.number("response.partial"), n) & (before >= 12)
    partial = np.clip(before * stream.uniform(n, 0.1, 0.48), 5.0, 24.0)
    worse = np.clip(before * stream.uniform(n, 0.6, 1.5), 6.0, 95.0)
    blasts = rounded(np.where(state == OVERT, np.where(is_partial, partial, worse),
                               stream.uniform(n, 0.0, 4.4)), 1)
    limit = parameters.number("marrow.mrd_limit")
    residual = np.clip(stream.log_normal(n, parameters.number("marrow.mrd_median"), 1.4),
                       limit, 4.9)
    overt = blasts * stream.uniform(n, *parameters.value("marrow.mrd_of_blasts"))
    found = significant(np.where(state == OVERT, overt, residual))
    return blasts, np.where(state == NEGATIVE, np.nan, found)


def _flat(parts: list[dict[str, np.ndarray]]) -> Cycles:
    """Return the cycles that took place, in the order of children and cycles."""
    exists = np.stack([part["exists"] for part in parts], axis=1)
    owner, number = np.nonzero(exists)
    columns = {name: np.stack([part[name] for part in parts], axis=1)[owner, number]
               for name in parts[0] if name != "exists"}
    return Cycles(owner=owner, number=number + 1, **columns)


def infusion_segments(cycles: Cycles) -> tuple[Ints, Ints, Ints]:
    """Return the cycle, the first and the last day (of the cycle) of each run of one dose."""
    padded = np.pad(cycles.doses, ((0, 0), (1, 1)))
    inner, before, after = padded[:, 1:-1], padded[:, :-2], padded[:, 2:]
    cycle, first = np.nonzero((inner != before) & (inner > 0))
    _, last = np.nonzero((inner != after) & (inner > 0))
    return cycle, first, last


def treatment_tables(
    parameters: Parameters, people: People, treatment: Treatment, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return infusions and marrows of the cycles, and the marrow before the first."""
    cycles = treatment.cycles
    return {"exposure": _exposure(parameters, treatment, ids),
            "assessment": _assessments(parameters, people, cycles, ids)}


def _exposure(parameters: Parameters, treatment: Treatment, ids: pl.Series) -> pl.DataFrame:
    cycles = treatment.cycles
    cycle, first, last = infusion_segments(cycles)
    doses = np.array([np.nan, parameters.number("treatment.first_dose"),
                      parameters.number("treatment.full_dose")])
    is_last = np.append(cycle[1:] != cycle[:-1], [True] if len(cycle) else [])
    is_held = ~is_last & (np.append(first[1:], 0) > last + 1)
    given = (cycles.doses > 0).sum(axis=1)
    is_short = given < cycles.planned
    died = ~np.isnan(treatment.early_death[cycles.owner]) & ~cycles.is_stopped
    why = np.where(is_last, np.where(is_short, np.where(died, 2, 1), 0)[cycle], NONE)
    owner = cycles.owner[cycle]
    return table(
        "exposure", ids, owner, cycle_no=cycles.number[cycle], segment_no=counted(cycle),
        dose=doses[cycles.doses[cycle, first]], dose_unit="ug/m2/d",
        start_day=cycles.start[cycle] + first, end_day=cycles.start[cycle] + last,
        planned_days=cycles.planned[cycle],
        end_reason=words(np.where(is_held, 1, why), ("COMPLETED", "ADVERSE_EVENT", "OTHER")),
        dexamethasone_mg_m2=numbers(np.where(
            counted(cycle) == 1, parameters.number("treatment.dexamethasone"), np.nan)))


def _assessments(
    parameters: Parameters, people: People, cycles: Cycles, ids: pl.Series
) -> pl.DataFrame:
    seen = ~np.isnan(cycles.marrow_day)
    owner = np.concatenate([np.arange(people.n), cycles.owner[seen]])
    day = np.concatenate([people.marrow_day.astype(float), cycles.marrow_day[seen]])
    return marrow_rows(
        parameters, ids, owner, day, np.concatenate([people.blasts, cycles.blasts[seen]]),
        np.concatenate([people.mrd, cycles.mrd[seen]]),
        np.concatenate([np.zeros(people.n, dtype=np.int64), np.ones(seen.sum(), dtype=np.int64)]))


def marrow_rows(  # noqa: PLR0917 - one array a column
    parameters: Parameters, ids: pl.Series, owner: Ints, day: Floats, blasts: Floats, mrd: Floats,
    timepoint: Ints,
) -> pl.DataFrame:
    """Return marrows as rows of ``assessment`` without their running number."""
    limit = parameters.number("marrow.mrd_limit")
    return table(
        "assessment", ids, owner, day=days(day), specimen="BM",
        timepoint=words(timepoint, ("BASELINE", "END_OF_CYCLE", "FOLLOW_UP")),
        blast_percent=blasts, mrd_method="FCM", mrd_percent=numbers(mrd),
        mrd_sign=words(np.isnan(mrd).astype(np.int64), ("=", "ND")), mrd_lod_percent=limit)
