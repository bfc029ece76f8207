"""Harm of blinatumomab: CRS and ICANS from the signs of each day, events, low counts.

The grades are drawn first; the signs of each day are made so that their worst day has that grade,
and the truth is then graded again from the signs, by the words of ASTCT 2019 (Lee 2019, Biol Blood
Marrow Transplant 25:625).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.people import STATUSES, People
from remission.virtual.rows import numbers, rounded, table, words, yes_no
from remission.virtual.stream import Flags, Floats, Ints, Stream

GRADES = ("0", "1", "2", "3", "4")
HYPOTENSION = ("NONE", "FLUIDS", "ONE_VASOPRESSOR", "SEVERAL_VASOPRESSORS")
OXYGEN = ("NONE", "NASAL_LOW", "NASAL_HIGH", "MASK", "CPAP", "VENTILATED")
CONSCIOUSNESS = ("AWAKE", "TO_VOICE", "TACTILE", "UNAROUSABLE")
SEIZURES = ("NONE", "BRIEF", "PROLONGED")
_OXYGEN_GRADE = np.array([0, 2, 3, 3, 4, 4])
_HYPOTENSION_GRADE = np.array([0, 2, 3, 4])
_WATCHED, _DAYS = 7, 14
_ICE_FROM = 12 * 365.25


@dataclass(frozen=True)
class Syndromes:
    """Grades drawn for each child and cycle (n, cycles), and the day of the cycle of onset."""

    crs: Ints
    crs_onset: Ints
    icans: Ints
    icans_onset: Ints

    def of(self, children: Ints, cycle: int) -> Syndromes:
        """Return those of some children (m,) in one cycle, all (m,)."""
        return Syndromes(*(values[children, cycle] for values in (
            self.crs, self.crs_onset, self.icans, self.icans_onset)))


@dataclass(frozen=True)
class Signs:
    """The worst signs of each watched day of each cycle, one row a day (r,)."""

    cycle: Ints
    day: Ints
    temperature: Floats
    hypotension: Ints
    oxygen: Ints
    flow: Floats
    anticytokine: Flags
    ice: Floats
    capd: Floats
    consciousness: Ints
    seizure: Ints
    other_cause: Flags


def draw_syndromes(parameters: Parameters, stream: Stream, people: People) -> Syndromes:
    """Return the grades of CRS and ICANS of every cycle a child may be given."""
    shape = (people.n, int(parameters.number("treatment.most_cycles")))
    group = np.broadcast_to(people.status[:, None], shape)
    crs, icans = (np.array([parameters.shares(f"toxicity.{name}_{status}", GRADES)
                            for status in STATUSES]) for name in ("crs", "icans"))
    years = people.age_days / 365.25
    any_icans = 1 - icans[:, 0][people.status]
    any_icans = np.clip(any_icans, 1e-9, 1 - 1e-9)
    log_odds = np.log(any_icans / (1 - any_icans)) + parameters.number(
        "toxicity.icans_log_odds_year") * (years - parameters.number("toxicity.icans_age"))
    has_icans = stream.chance((1 / (1 + np.exp(-log_odds)))[:, None], shape)
    of_any = icans[:, 1:] + 1e-12
    grade = 1 + stream.pick_of(of_any / of_any.sum(axis=1, keepdims=True), group)
    return Syndromes(
        crs=stream.pick_of(crs, group), crs_onset=stream.whole(shape, 1, 3),
        icans=np.where(has_icans, grade, 0), icans_onset=stream.whole(shape, 2, 8))


def draw_signs(  # noqa: PLR0917 - one array for each fact of the cycles
    stream: Stream, owner: Ints, start: Ints, crs: Ints, crs_onset: Ints, icans: Ints,
    icans_onset: Ints, age_days: Ints,
) -> Signs:
    """Return the signs of the first week of each cycle (k,), and of the days with a syndrome."""
    shape = (len(owner), _DAYS)
    day = np.broadcast_to(np.arange(_DAYS), shape)
    of_crs = _grade_of_day(day, crs, crs_onset, stream.whole(len(owner), 1, 3))
    of_icans = _grade_of_day(day, icans, icans_onset, stream.whole(len(owner), 1, 2))
    cycle, column = np.nonzero((day < _WATCHED) | (of_crs > 0) | (of_icans > 0))
    grade, mental = of_crs[cycle, column], of_icans[cycle, column]
    n = len(cycle)
    after_peak = (column > crs_onset[cycle]) & (crs[cycle] >= 2) & (grade >= 2)
    is_cooled = after_peak & stream.chance(0.5, n)
    is_other = (grade == 0) & (mental == 0) & stream.chance(0.01, n)
    is_hot = ((grade > 0) & ~is_cooled) | is_other
    temperature = rounded(np.where(
        is_hot, stream.uniform(n, 38.0, 40.3), stream.uniform(n, 36.2, 37.7)), 1)
    by_pressure = stream.chance(0.5, n)
    hypotension = np.where((grade >= 2) & by_pressure, grade - 1, 0)
    oxygen = np.where((grade >= 2) & ~by_pressure, np.array([0, 0, 1, 2, 4])[grade], 0)
    oxygen = oxygen + (np.isin(oxygen, (2, 4)) & stream.chance(0.4, n))
    flow = np.select(
        [oxygen == 1, oxygen == 2], [stream.uniform(n, 0.5, 6.0), stream.uniform(n, 6.5, 30.0)],
        np.nan)
    anticytokine = (grade >= 2) & (column >= crs_onset[cycle])
    uses_ice = age_days[owner[cycle]] + start[cycle] + column >= _ICE_FROM
    return Signs(
        cycle=cycle, day=start[cycle] + column, temperature=temperature, hypotension=hypotension,
        oxygen=oxygen, flow=rounded(flow, 1), anticytokine=anticytokine,
        **_mental_signs(stream, mental, uses_ice), other_cause=is_other)


def _grade_of_day(day: Ints, grade: Ints, onset: Ints, tail: Ints) -> Ints:
    """Return the grade of each day: the worst at the onset, falling by one a step afterwards."""
    since = day - onset[:, None]
    falling = np.maximum(grade[:, None] - since // tail[:, None], 0)
    return np.where(since >= 0, falling, 0)


def _mental_signs(stream: Stream, grade: Ints, uses_ice: Flags) -> dict[str, np.ndarray]:
    """Return score, consciousness and seizures of days of each grade."""
    n = len(grade)
    drawn = stream.uniform(n)
    low, high = np.array([10, 7, 3, 0, 0]), np.array([10, 9, 6, 2, 0])
    ice = low[grade] + np.floor(drawn * (high - low + 1)[grade])
    low, high = np.array([0, 1, 1, 9, 20]), np.array([0, 8, 8, 24, 32])
    capd = low[grade] + np.floor(drawn * (high - low + 1)[grade])
    fits = (grade == 3) & stream.chance(0.4, n)
    return {
        "ice": np.where(uses_ice, np.where(fits, np.maximum(ice, 7), ice), np.nan),
        "capd": np.where(uses_ice, np.nan, np.where(fits, np.minimum(capd, 8), capd)),
        "consciousness": np.array([0, 0, 1, 0, 3])[grade],
        "seizure": np.where(fits, 1, np.where((grade == 4) & stream.chance(0.3, n), 2, 0))}


def graded_crs(signs: Signs, cycles: int) -> tuple[Ints, Floats]:
    """Return the worst grade of CRS of each cycle from its signs, and its first day.

    Fever counts without another cause; once it was treated, hypotension and hypoxia stand alone.
    """
    worse = np.maximum(_HYPOTENSION_GRADE[signs.hypotension], _OXYGEN_GRADE[signs.oxygen])
    has_fever = (signs.temperature >= 38.0) & ~signs.other_cause
    first_fever = _first_day(signs, has_fever, cycles)
    treated = _first_day(
        signs, signs.anticytokine & (signs.day >= first_fever[signs.cycle]), cycles)
    counts = signs.day >= treated[signs.cycle]
    grade = np.where(has_fever, np.maximum(worse, 1), np.where(
        counts & ~signs.other_cause, worse, 0))
    return _worst(signs, grade, cycles)


def graded_icans(signs: Signs, cycles: int) -> tuple[Ints, Floats]:
    """Return the worst grade of ICANS of each cycle from its signs, and its first day."""
    ice = np.select([np.isnan(signs.ice), signs.ice == 10, signs.ice >= 7, signs.ice >= 3],
                    [0, 0, 1, 2], 3)
    capd = np.select([np.isnan(signs.capd), signs.capd == 0, signs.capd <= 8], [0, 0, 1], 3)
    grade = np.maximum.reduce([
        ice, capd, np.array([0, 2, 3, 4])[signs.consciousness],
        np.array([0, 3, 4])[signs.seizure]])
    return _worst(signs, np.where(signs.other_cause, 0, grade), cycles)


def _first_day(signs: Signs, which: Flags, cycles: int) -> Floats:
    first = np.full(cycles, np.inf)
    np.minimum.at(first, signs.cycle[which], signs.day[which].astype(float))
    return first


def _worst(signs: Signs, grade: Ints, cycles: int) -> tuple[Ints, Floats]:
    worst = np.zeros(cycles, dtype=np.int64)
    np.maximum.at(worst, signs.cycle, grade)
    return worst, _first_day(signs, grade > 0, cycles)


def sign_rows(signs: Signs, owner: Ints, ids: pl.Series) -> pl.DataFrame:
    """Return the rows of ``toxicity_sign``; ``owner`` is that of each cycle."""
    return table(
        "toxicity_sign", ids, owner[signs.cycle], day=signs.day,
        temperature_c=signs.temperature, hypotension=words(signs.hypotension, HYPOTENSION),
        vasopressin="N", oxygen=words(signs.oxygen, OXYGEN), oxygen_l_min=numbers(signs.flow),
        anticytokine_given=yes_no(signs.anticytokine), ice_score=numbers(signs.ice),
        capd_score=numbers(signs.capd),
        consciousness=words(signs.consciousness, CONSCIOUSNESS),
        seizure=words(signs.seizure, SEIZURES), motor_weakness="NONE", raised_icp="NONE",
        other_cause=yes_no(signs.other_cause))


def event_rows(  # noqa: PLR0917 - one array for each fact of the cycles
    owner: Ints, number: Ints, start: Ints, crs: tuple[Ints, Floats], icans: tuple[Ints, Floats],
    infection_day: Floats, ids: pl.Series,
) -> pl.DataFrame:
    """Return the adverse events of the cycles without their running number.

    ``infection_day`` is not a number in a cycle without an infection.
    """
    grade = np.stack([crs[0], icans[0], np.where(np.isnan(infection_day), 0, 3)], axis=1)
    begun = np.stack([crs[1], icans[1], start + infection_day], axis=1)
    cycle, kind = np.nonzero(grade)
    grades = grade[cycle, kind]
    first = begun[cycle, kind].astype(np.int64)
    action = np.where(kind == 2, 0, np.clip(grades - 2, 0, 2))
    return table(
        "adverse_event", ids, owner[cycle],
        term=words(kind, ("Cytokine release syndrome", "ICANS", "Lung infection")),
        group=words(kind, ("CRS", "ICANS", "INFECTION")), start_day=first,
        end_day=first + np.where(kind == 2, 7, 0), grade=grades,
        grading=words(kind, ("ASTCT2019", "ASTCT2019", "CTCAE5")),
        serious=yes_no(grades >= 3), related=yes_no(kind < 2),
        action=words(action, ("NONE", "INTERRUPTED", "DISCONTINUED")), cycle_no=number[cycle])
