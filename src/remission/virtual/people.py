"""Who the virtual children are: age, sex, genetics, earlier course and the marrow at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.rows import (
    NONE,
    counted,
    days,
    numbers,
    rounded,
    significant,
    table,
    words,
    yes_no,
)
from remission.virtual.stream import Flags, Floats, Ints, Stream

COHORTS = ("RR", "MRD_POS", "CHEMO_INTOLERANT")
STATUSES = ("RR", "MRD_POS", "MRD_NEG")
RR, MRD_POS, MRD_NEG = range(3)
EPISODES = ("FIRST_RELAPSE", "SECOND_RELAPSE", "REFRACTORY", "NONE")
FIRST_RELAPSE, SECOND_RELAPSE, REFRACTORY, NO_EPISODE = range(4)
ALTERATIONS = ("BCR_ABL1", "KMT2A_R", "TCF3_HLF", "ETV6_RUNX1", "TCF3_PBX1", "ZNF384_R", "PAX5_R")
SITES = tuple("ABCDEFGH")
"""Centres, as far as there are any."""
_SCORES = ("70", "80", "90", "100")
_MONTH, _YEAR = 30.4375, 365.25
_INFANCY = 365
"""Days before the first birthday, which may have come then and brings a performance scale."""
YOUNGEST_DIAGNOSIS = 30
"""Days of age."""
MRD_OF_BLASTS = 0.9
"""MRD beside overt blasts, as a share of them: flow cytometry counts fewer than the eye."""
NOTHING_GIVEN: Mapping[str, Any] = MappingProxyType({})
"""Where everything is drawn."""


@dataclass(frozen=True)
class People:
    """A block of children as arrays (n,); positions are those of the constants of this file.

    Days count from the first infusion; ``mrd`` is in percent and not a number where none was
    found. ``prior_lines`` does not count debulking.
    """

    site: Ints
    year: Ints
    is_male: Flags
    age_days: Ints
    cohort: Ints
    status: Ints
    episode: Ints
    alteration: Ints
    has_down_syndrome: Flags
    score: Ints
    diagnosed: Ints
    relapsed: Floats
    relapsed_again: Floats
    is_debulked: Flags
    prior_lines: Ints
    wbc: Floats
    sites_besides: Ints
    blasts: Floats
    mrd: Floats
    marrow_day: Ints
    weight: Floats
    height: Floats

    @property
    def n(self) -> int:
        """The number of children."""
        return len(self.site)

    def has_poor_genetics(self, parameters: Parameters) -> Flags:
        """Return who has an alteration that the study calls poor."""
        poor = [ALTERATIONS.index(name) for name in parameters.value("response.poor_genetics")]
        return np.isin(self.alteration, poor)


def draw_people(
    parameters: Parameters, stream: Stream, n: int, given: Mapping[str, Any] = NOTHING_GIVEN
) -> People:
    """Return ``n`` children; fields that are ``given``, as arrays (n,), are not those drawn."""
    site = given.get("site", stream.pick(parameters.shares("people.sites", SITES), n))
    cohort = given.get("cohort", stream.pick(parameters.shares("people.cohort", COHORTS), n))
    status = given.get("status", stream.pick_of(np.array([
        parameters.shares(f"people.status_of_{name}", STATUSES) for name in COHORTS]), cohort))
    first, last = parameters.value("people.years")
    low, high = parameters.value("people.age_range")
    months = stream.log_normal_between(
        parameters.by_level("people.age_months", STATUSES)[status],
        parameters.number("people.age_spread"), low, high)
    age = given.get("age_days", np.floor(months * _MONTH).astype(np.int64))
    is_male = given.get(
        "is_male", stream.chance(parameters.by_level("people.male", STATUSES)[status], n))
    genetics = stream.pick_of(np.array([
        parameters.shares(f"people.genetics.{name}", (*ALTERATIONS, "NONE"))
        for name in STATUSES]), status)
    course = _earlier_course(parameters, stream, cohort, age, given)
    blasts, mrd = _marrow(parameters, stream, status)
    scores = parameters.shares("people.performance", _SCORES)
    weight, height = _size(stream, age, is_male)
    drawn = People(
        site=site, year=stream.whole(n, first, last), is_male=is_male, age_days=age,
        cohort=cohort, status=status, alteration=np.where(
            genetics == len(ALTERATIONS), NONE, genetics),
        has_down_syndrome=stream.chance(parameters.number("people.down_syndrome"), n),
        score=stream.pick(scores, n), **course, wbc=_white_cells(parameters, stream, n),
        sites_besides=stream.pick(np.array([0.84, 0.11, 0.05]), n),
        blasts=blasts, mrd=mrd, marrow_day=-stream.whole(n, 1, 7), weight=weight, height=height)
    return replace(drawn, **given)


def _earlier_course(
    parameters: Parameters, stream: Stream, cohort: Ints, age: Ints, given: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Return diagnosis, relapses and lines before the first infusion."""
    n = len(cohort)
    kind = stream.pick(parameters.shares("people.episode_of_RR", EPISODES[:NO_EPISODE]), n)
    episode = given.get(
        "episode", np.where(cohort == COHORTS.index("RR"), kind, NO_EPISODE))
    median = parameters.by_level("people.since_diagnosis", EPISODES)[episode]
    since = stream.log_normal(n, median, parameters.number("people.since_diagnosis_spread"))
    since = np.clip(np.floor(since), 100, 4000)
    since = np.where(episode == REFRACTORY, np.minimum(since, 150), since)
    since = np.minimum(since, age - YOUNGEST_DIAGNOSIS)
    last = np.minimum(stream.whole(n, 40, 90), np.floor(0.5 * since))
    again = np.floor(stream.uniform(n, 0.55, 0.75) * since)
    relapsed = np.where(episode == SECOND_RELAPSE, -again, -last)
    return {
        "episode": episode, "diagnosed": -since.astype(np.int64),
        "relapsed": np.where(episode <= SECOND_RELAPSE, relapsed, np.nan),
        "relapsed_again": np.where(episode == SECOND_RELAPSE, -last, np.nan),
        "is_debulked": (episode != NO_EPISODE) & stream.chance(
            parameters.number("people.debulked"), n),
        "prior_lines": np.where((episode == SECOND_RELAPSE) | (episode == REFRACTORY), 2, 1),
    }


def _marrow(parameters: Parameters, stream: Stream, status: Ints) -> tuple[Floats, Floats]:
    """Return blasts and MRD (percent) of the marrow before the first infusion."""
    n = len(status)
    few = stream.uniform(n, *parameters.value("marrow.few_range"))
    many = stream.uniform(n, *parameters.value("marrow.many_range"))
    is_few = stream.chance(parameters.number("marrow.few_blasts"), n)
    blasts = rounded(np.where(
        status == RR, np.where(is_few, few, many), stream.uniform(n, 0.0, 4.8)), 1)
    ratio = stream.uniform(n, *parameters.value("marrow.mrd_of_blasts"))
    residual = stream.log_normal(n, parameters.number("marrow.mrd_median"),
                                 parameters.number("marrow.mrd_spread"))
    measured = np.where(
        status == RR, np.minimum(blasts * ratio, parameters.number("marrow.mrd_highest")),
        np.clip(residual, parameters.number("marrow.mrd_limit"), 4.9))
    return blasts, np.where(status == MRD_NEG, np.nan, significant(measured))


def _white_cells(parameters: Parameters, stream: Stream, n: int) -> Floats:
    ends = tuple(parameters.value("marrow.wbc"))
    group = stream.pick(parameters.shares("marrow.wbc", ends), n)
    high = np.array([float(end) for end in ends])
    low = np.concatenate([[1.4], high[:-1]])
    log_low, log_high = np.log(low)[group], np.log(high)[group]
    return rounded(np.exp(stream.uniform(n, log_low, log_high)), 2)


def _size(stream: Stream, age: Ints, is_male: Flags) -> tuple[Floats, Floats]:
    """Return weight (kg) and height (cm), of the order of a growth chart."""
    years = age / _YEAR
    usual = np.where(years < 2, 52 + 17.5 * years, 75 + 6.3 * years)
    grown = np.where(is_male, 174.0, 162.0)
    height = np.minimum(usual, grown) * np.exp(0.04 * stream.normal(len(age)))
    index = np.interp(years, [0, 1, 6, 18], [15.5, 17.0, 15.5, 21.0])
    weight = index * np.exp(0.12 * stream.normal(len(age))) * (height / 100) ** 2
    return rounded(weight, 1), rounded(height, 1)


def people_tables(
    people: People, parameters: Parameters, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables of what was so before the first infusion."""
    everyone = np.arange(people.n)
    years = people.age_days / _YEAR
    is_infant = people.age_days < _INFANCY
    scale = np.where(is_infant, 2, np.where(years < 16, 0, 1))
    subject = table(
        "subject", ids, everyone, site_id=words(people.site, SITES),
        country=str(parameters.value("people.country")),
        sex=words(people.is_male.astype(np.int64), ("F", "M")),
        age_at_index_days=people.age_days, index_year=people.year,
        index_event="BLINATUMOMAB_START", cohort=words(people.cohort, COHORTS),
        down_syndrome=yes_no(people.has_down_syndrome),
        performance_scale=words(scale, ("LANSKY", "KARNOFSKY", "NA")),
        performance_score=numbers(np.where(
            is_infant, np.nan, np.array([float(score) for score in _SCORES])[people.score])))
    return {"subject": subject, "disease_episode": _episodes(people, ids),
            "genetics": _genetics(people, ids), "treatment_line": _lines(people, ids)}


def _episodes(people: People, ids: pl.Series) -> pl.DataFrame:
    """Return the diagnosis and what came of the disease before the first infusion."""
    refractory = np.where(people.episode == REFRACTORY, np.floor(people.diagnosed / 2), np.nan)
    start = np.stack([people.diagnosed.astype(float), people.relapsed, people.relapsed_again,
                      refractory], axis=1)
    owner, kind = np.nonzero(~np.isnan(start))
    # the marrow of an episode is that of the disease, full of blasts; it is not examined again here
    blasts = rounded(40.0 + 50.0 * ((owner * 37 + kind * 11) % 100) / 100, 1)
    is_first = kind == 0
    besides = people.sites_besides[owner]
    return table(
        "disease_episode", ids, owner, episode_no=counted(owner),
        phase=words(np.array([0, 1, 1, 2])[kind], ("INITIAL_DIAGNOSIS", "RELAPSE", "REFRACTORY")),
        diagnosis=words(np.where(is_first, 0, NONE), ("B_ALL",)),
        start_day=start[owner, kind].astype(np.int64), marrow="Y",
        cns=yes_no((besides == 1) & (kind > 0)),
        testis=yes_no((besides == 2) & (kind > 0) & people.is_male[owner]),
        marrow_blast_percent=blasts,
        wbc=numbers(np.where(is_first, people.wbc[owner] * 2, np.nan)),
        cd19="POS", lineage_switch=words(np.where(is_first, NONE, 0), ("N",)))


def _genetics(people: People, ids: pl.Series) -> pl.DataFrame:
    owner = np.repeat(np.arange(people.n), len(ALTERATIONS))
    looked_for = np.tile(np.arange(len(ALTERATIONS)), people.n)
    return table(
        "genetics", ids, owner, genetics_no=looked_for + 1, day=people.diagnosed[owner],
        alteration=words(looked_for, ALTERATIONS), method="RT_PCR",
        status=words((people.alteration[owner] == looked_for).astype(np.int64),
                     ("ABSENT", "PRESENT")))


def _lines(people: People, ids: pl.Series) -> pl.DataFrame:
    """Return frontline, salvage and debulking lines; each ends before the next begins."""
    frontline = people.diagnosed + 1.0
    second = np.where(people.episode == REFRACTORY, np.floor(people.diagnosed / 2) + 1,
                      people.relapsed + 1)
    salvage = np.where(people.prior_lines == 2, second, np.nan)
    debulking = np.where(people.is_debulked, np.maximum(
        np.fmax(people.relapsed_again, np.fmax(people.relapsed, people.diagnosed / 2)) + 2, -36),
        np.nan)
    start = np.floor(np.stack([frontline, salvage, debulking], axis=1))
    following = np.stack([np.fmin(start[:, 1], start[:, 2]), start[:, 2],
                          np.full(people.n, np.nan)], axis=1)
    end = np.maximum(np.fmin(following - 1, -10.0), start)
    owner, kind = np.nonzero(~np.isnan(start))
    return table(
        "treatment_line", ids, owner, line_no=counted(owner),
        intent=words(kind, ("FRONTLINE", "SALVAGE", "DEBULKING")), tki=words(np.where(
            people.alteration[owner] == 0, 1, 0), ("NONE", "DASATINIB")),
        start_day=days(start[owner, kind]), end_day=days(end[owner, kind]),
        blast_percent_after=numbers(np.where(kind == 2, people.blasts[owner], np.nan)))
