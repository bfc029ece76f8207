"""A made-up cohort with a course: infusions, marrows, samples, harm, transplants, follow-up.

Every value comes from a small generator of numbers of its own, so that it is the same for ever and
on every machine. The children never were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remission.definitions.cohort import Cohort, definitions_of, derive_cohort
from tests.conftest import study_of

N = 48
CYTOKINES = {"IL6": 9.0, "IL10": 2.4, "IFNG": 4.6}
SUBSETS = {"CD3": 0.9, "CD4": 0.4, "CD8": 0.42, "CD19": 0.06}


class Draws:
    """Numbers from 0 to 1 by a linear congruential generator (Park & Miller 1988)."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def __call__(self) -> float:
        self._state = self._state * 48271 % 2147483647
        return self._state / 2147483647

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self()


def tables(n: int = N, seed: int = 11) -> dict[str, str]:
    """Return the tables of the cohort as text."""
    draws = Draws(seed)
    rows: dict[str, list[str]] = {name: [head] for name, head in {
        "subject": "subject_id | site_id | sex | age_at_index_days | cohort",
        "disease_episode": "subject_id | episode_no | phase | start_day",
        "exposure": "subject_id | cycle_no | segment_no | start_day | end_day",
        "assessment": "subject_id | assessment_no | day | specimen | blast_percent | mrd_method"
                      " | mrd_percent | mrd_sign | mrd_lod_percent",
        "laboratory": "subject_id | test | day | sequence | value | sign | unit | lod | specimen",
        "adverse_event": "subject_id | event_no | term | group | start_day | grade | grading"
                         " | cycle_no",
        "transplant": "subject_id | transplant_no | day | donor",
        "follow_up": "subject_id | vital_status | last_contact_day | death_day",
    }.items()}
    for number in range(1, n + 1):
        for table, row in _child(f"{number:03d}", draws):
            rows[table].append(row)
    return {name: "\n".join(lines) for name, lines in rows.items() if len(lines) > 1}


def _child(name: str, draws: Draws) -> Iterator[tuple[str, str]]:
    age, refractory = round(draws.between(300, 6400)), draws() < 0.4
    sex, cohort = "F" if draws() < 0.45 else "M", "RR" if refractory else "MRD_POS"
    yield "subject", f"{name} | 1 | {sex} | {age} | {cohort}"
    yield "disease_episode", f"{name} | 1 | INITIAL | {-round(draws.between(200, 900))}"
    cycles = 1 + (draws() < 0.4)
    for cycle in range(1, cycles + 1):
        start = (cycle - 1) * 42
        yield "exposure", f"{name} | {cycle} | 1 | {start} | {start + 28}"
    responds = draws() < (0.62 if refractory else 0.85)
    yield from _marrows(name, draws, cycles, responds=responds, refractory=refractory)
    yield from _samples(name, draws)
    yield from _harm(name, draws, cycles)
    yield from _end(name, draws, responds=responds)


def _marrows(
    name: str, draws: Draws, cycles: int, *, responds: bool, refractory: bool
) -> Iterator[tuple[str, str]]:
    blasts = draws.between(12, 80) if refractory else draws.between(0, 4)
    mrd = blasts if refractory else draws.between(0.05, 3)
    yield "assessment", f"{name} | 1 | -2 | BM | {blasts:.0f} | FCM | {mrd:.3f} | = | 0.001"
    for cycle in range(1, cycles + 1):
        if draws() < 0.08:
            continue
        found = "| ND" if responds else f"{draws.between(0.1, 20):.3f} | ="
        left = 1 if responds else draws.between(6, 60)
        yield "assessment", (f"{name} | {cycle + 1} | {(cycle - 1) * 42 + 28} | BM | {left:.0f} "
                             f"| FCM | {found} | 0.001")


def _samples(name: str, draws: Draws) -> Iterator[tuple[str, str]]:
    for test, typical in SUBSETS.items():
        before = typical * 2 ** draws.between(-1.5, 1.5)
        after = 0.001 if test == "CD19" else before * 2 ** draws.between(-0.7, 1.5)
        for day, value in ((-1, before), (28, after)):
            if draws() > 0.06:
                yield "laboratory", f"{name} | {test} | {day} | 1 | {value:.3f} | = | 10*9/L | | "
    if draws() < 0.5:
        yield "adverse_event", f"{name} | 90 | Fever | CRS | 3 | 1 | ASTCT2019 | 1"
        for test, typical in CYTOKINES.items():
            for day in (-1, 3):
                value = typical * 2 ** draws.between(-2, 2 if day < 0 else 4)
                sign, shown = ("<", 2.4) if value < 2.4 else ("=", value)
                yield "laboratory", (f"{name} | {test} | {day} | 1 | {shown:.1f} | {sign} "
                                     f"| pg/mL | 2.4 | SERUM")


def _harm(name: str, draws: Draws, cycles: int) -> Iterator[tuple[str, str]]:
    kinds = (("Infection", "INFECTION", "CTCAE5", 0.35),
             ("Neutropenia", "CYTOPENIA", "CTCAE5", 0.5),
             ("Seizure", "ICANS", "ASTCT2019", 0.08))
    number = 0
    for cycle in range(1, cycles + 1):
        for term, group, grading, chance in kinds:
            if draws() < chance:
                number += 1
                grade = 1 + int(draws() * 3.4)
                yield "adverse_event", (f"{name} | {number} | {term} | {group} "
                                        f"| {(cycle - 1) * 42 + 5} | {grade} | {grading} | {cycle}")


def _end(name: str, draws: Draws, *, responds: bool) -> Iterator[tuple[str, str]]:
    graft = round(draws.between(50, 160)) if draws() < (0.65 if responds else 0.35) else None
    relapse = round(draws.between(60, 700)) if draws() < (0.25 if responds else 0.6) else None
    last = round(draws.between(260, 1400))
    dies = relapse is not None and draws() < 0.6
    death = None if relapse is None or not dies else relapse + round(draws.between(15, 200))
    if graft is not None and (relapse is None or graft < relapse):
        yield "transplant", f"{name} | 1 | {graft} | HAPLOIDENTICAL"
    if relapse is not None and relapse < (death or last):
        yield "disease_episode", f"{name} | 2 | RELAPSE | {relapse}"
    if death is None:
        yield "follow_up", f"{name} | ALIVE | {last} |"
    else:
        yield "follow_up", f"{name} | DEAD | {death} | {death}"


PLAN: dict[str, Any] = {
    "study": {"title": "Made-up children", "origin": "simulated"},
    "records": {"absent_means_none": ("RELAPSE", "ADVERSE_EVENT", "SECOND_MALIGNANCY")},
    "endpoints": {
        "os": {"origin": "first_infusion", "events": ("death",)},
        "efs": {"origin": "first_infusion", "events": ("relapse", "death")},
        "cir": {"origin": "first_infusion", "events": ("relapse",), "competing": ("death",)}},
    "groups": {"status": {"variable": "disease_status", "label": "disease status",
                          "labels": {"RR": "R/R", "MRD_POS": "MRD positive"}}},
}


def cohort_of(*analyses: dict[str, Any], n: int = N, **changed: str) -> Cohort:
    """Return the cohort under a plan of some analyses; ``changed`` replaces whole tables.

    Only what the plan uses is derived, as for a report.
    """
    study = study_of({**PLAN, "analyses": analyses}, **{**tables(n), **changed})
    return derive_cohort(study, only=definitions_of(study.plan))
