"""The truth of simulated children: what happened to them, before any clinic wrote it down.

Hazards are invented, of the order of the founding papers' results; this is an example to try
the pipeline on, not a model of the disease.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from remission.virtual.draws import Draws

_COHORTS = {"RR": 0.36, "MRD_POS": 0.38, "CHEMO_INTOLERANT": 0.26}
_RESPONSE = {"RR": 0.76, "MRD_POS": 0.85, "CHEMO_INTOLERANT": 0.98}
_TRANSPLANT = {"RR": 0.80, "MRD_POS": 0.62, "CHEMO_INTOLERANT": 0.25}
_RELAPSE_RATE = {"RR": 1 / 1300, "MRD_POS": 1 / 2400, "CHEMO_INTOLERANT": 1 / 9000}
_DONORS = {"HAPLOIDENTICAL": 0.5, "MATCHED_SIBLING": 0.22, "MATCHED_UNRELATED": 0.28}
_ALTERATIONS = {"BCR_ABL1": 0.07, "KMT2A_R": 0.05, "ETV6_RUNX1": 0.15, "TCF3_PBX1": 0.06,
                "HYPERDIPLOID": 0.17}
_COUNT_DAYS = 45
_REMISSION_BLASTS = 5.0


@dataclass
class Graft:
    """A transplant and what followed, days from the graft where they are not study days."""

    day: int
    donor: str
    graft: str
    hla_matched: int
    cd34: float
    conditioning: str
    neutrophils: dict[int, float] = field(default_factory=dict)
    platelets: dict[int, float] = field(default_factory=dict)
    transfused: list[int] = field(default_factory=list)
    neutrophil_day: int | None = None
    platelet_day: int | None = None
    acute_gvhd: tuple[int, str] | None = None
    chronic_gvhd: tuple[int, str] | None = None


@dataclass
class Child:
    """One simulated child; days count from the first infusion."""

    number: int
    sex: str
    age_days: int
    cohort: str
    diagnosed: int
    wbc: float
    alterations: dict[str, bool]
    blasts: float
    mrd: float
    responded: bool
    mrd_after: float
    infusion_end: int
    crs: tuple[int, int] | None
    icans: tuple[int, int] | None
    graft: Graft | None
    relapse: int | None
    death: tuple[int, str] | None
    last_contact: int


def simulate_children(n: int, seed: int) -> list[Child]:
    """Return ``n`` children; the same seed gives the same children on every machine."""
    draws = Draws(seed)
    return [_child(number, draws) for number in range(1, n + 1)]


def _child(number: int, draws: Draws) -> Child:
    cohort = draws.pick(list(_COHORTS), list(_COHORTS.values()))
    age_days = int(min(max(draws.log_normal(6.2, 0.62), 0.7), 17.9) * 365.25)
    responded = draws.chance(_RESPONSE[cohort])
    blasts, mrd = _burden(cohort, draws)
    crs = (draws.whole(1, 4), draws.pick([1, 2, 3], [0.72, 0.22, 0.06])) if draws.chance(
        0.45) else None
    icans = (draws.whole(2, 9), draws.pick([1, 2, 3], [0.6, 0.25, 0.15])) if draws.chance(
        0.1) else None
    child = Child(
        number=number, sex=draws.pick(["F", "M"], [0.42, 0.58]), age_days=age_days,
        cohort=cohort, diagnosed=-min(draws.whole(90, 1200), age_days - 20),
        wbc=round(draws.log_normal(14, 1.2), 1),
        alterations={name: draws.chance(share) for name, share in _ALTERATIONS.items()},
        blasts=blasts, mrd=mrd, responded=responded,
        mrd_after=0.0 if responded else min(
            max(round(mrd * draws.uniform(0.3, 2.0), 3), 0.02), 99.0),
        infusion_end=draws.pick([13, 20, 27], [0.25, 0.2, 0.55]), crs=crs, icans=icans,
        graft=None, relapse=None, death=None, last_contact=draws.whole(160, 1500),
    )
    if responded and draws.chance(_TRANSPLANT[cohort]):
        child.graft = _graft(draws)
    _course(child, draws)
    if child.graft is not None:
        _counts(child, child.graft, draws)
        _gvhd(child, child.graft, draws)
    return child


def _burden(cohort: str, draws: Draws) -> tuple[float, float]:
    """Return marrow blasts and MRD in percent before the first infusion."""
    if cohort == "RR":
        blasts = round(min(draws.log_normal(22, 0.8), 96), 1)
        return max(blasts, 5.0), blasts
    if cohort == "MRD_POS":
        return round(draws.uniform(0, 4.5), 1), round(max(draws.log_normal(0.25, 1.5), 0.011), 3)
    return round(draws.uniform(0, 3), 1), 0.0


def _graft(draws: Draws) -> Graft:
    donor = draws.pick(list(_DONORS), list(_DONORS.values()))
    matched = draws.whole(5, 8) if donor == "HAPLOIDENTICAL" else draws.pick([10, 9], [0.8, 0.2])
    return Graft(
        day=draws.whole(42, 140), donor=donor,
        graft=draws.pick(["PBSC", "BM"], [0.7, 0.3]), hla_matched=matched,
        cd34=round(draws.log_normal(6.4, 0.4), 1),
        conditioning=draws.pick(["MAC", "RIC"], [0.82, 0.18]),
    )


def _course(child: Child, draws: Draws) -> None:
    """Let relapse and death compete; what comes after last contact is not known."""
    begin = child.infusion_end + 1
    rate = _RELAPSE_RATE[child.cohort] * (0.55 if child.graft is not None else 1.6)
    relapse = begin + int(draws.waiting(rate if child.responded else 1 / 150))
    toxic = 10**6
    if child.graft is not None:
        begin = child.graft.day
        toxic = begin + 9 + int(draws.waiting(1 / 3200))
        relapse = max(relapse, begin + 25)
    if toxic < relapse and toxic <= child.last_contact:
        child.death = (toxic, "TRANSPLANT")
    elif relapse <= child.last_contact:
        # Disease that was never in remission goes on; it does not come back.
        child.relapse = None if child.mrd_after >= _REMISSION_BLASTS else relapse
        died = relapse + 6 + int(draws.waiting(1 / 380))
        if died <= child.last_contact:
            child.death = (died, "RELAPSE")
    if child.death is not None:
        child.last_contact = child.death[0]


def _counts(child: Child, graft: Graft, draws: Draws) -> None:
    """Write down daily counts: a fall, an aplasia, and recovery on a day that is the truth."""
    alive = child.last_contact - graft.day
    neutrophil = max(10, round(draws.normal(17 if graft.graft == "PBSC" else 20, 2.8)))
    platelet = max(12, round(draws.normal(24, 6)))
    days = min(_COUNT_DAYS, alive, max(neutrophil, platelet) + 6)
    for day in range(1, days + 1):
        graft.neutrophils[day] = _neutrophils(day, neutrophil, draws)
        graft.platelets[day] = _platelets(day, platelet, draws)
    last_support = platelet - 7
    graft.transfused = sorted({day for day in range(6, min(last_support, alive) + 1)
                               if draws.chance(0.4)} | {min(last_support, alive)})
    graft.neutrophil_day = neutrophil if neutrophil + 2 <= days else None
    graft.platelet_day = platelet if platelet + 2 <= days else None


def _neutrophils(day: int, recovery: int, draws: Draws) -> float:
    """Return a count that falls below 0.5 by day 6 at the latest and stays so until recovery."""
    if day < 4:
        return round(draws.uniform(0.6, 3.5) / day, 2)
    if day < recovery:
        return round(draws.uniform(0.0, 0.48), 2)
    return round(draws.uniform(0.5, 0.75) + 0.18 * (day - recovery), 2)


def _platelets(day: int, recovery: int, draws: Draws) -> float:
    if day < 5:
        return float(round(draws.uniform(70, 130) / day))
    if day < recovery:
        return float(draws.whole(5, 19))
    return float(round(draws.uniform(20, 28) + 4 * (day - recovery)))


def _gvhd(child: Child, graft: Graft, draws: Draws) -> None:
    """Let graft-versus-host disease begin, if the child lives to see it."""
    alive = child.last_contact - graft.day
    acute = draws.whole(18, 80)
    if draws.chance(0.42) and acute < alive:
        graft.acute_gvhd = (acute, draws.pick(["I", "II", "III", "IV"], [0.3, 0.4, 0.22, 0.08]))
    chronic = draws.whole(110, 400)
    if draws.chance(0.3) and chronic < alive:
        graft.chronic_gvhd = (chronic, draws.pick(["MILD", "MODERATE", "SEVERE"],
                                                  [0.5, 0.32, 0.18]))
