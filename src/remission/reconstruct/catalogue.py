"""The facts that records can hold: their grain, their words, and what each becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from remission.virtual.course import BRIDGES, CAUSES, SITES
from remission.virtual.people import ALTERATIONS, COHORTS, EPISODES, STATUSES
from remission.virtual.transplants import DONORS, GRAFTS

Grain: TypeAlias = Literal["child", "cycle"]
CHILD: Grain = "child"
CYCLE: Grain = "cycle"
NUMBER, CYCLES, ANY = "number", "cycles", "any"
"""The number of a cycle, how many a child was given, and the level that stands for each."""
NO, YES, UNKNOWN, NONE = "N", "Y", "UNKNOWN", "NONE"
MARROWS = ("OVERT", "RESIDUAL", "NEGATIVE")
"""States of the marrow: 5 % blasts and more; remission with MRD; without."""
GRADES = ("0", "1", "2", "3", "4")
ACUTE_GVHD = GRADES
CHRONIC_GVHD = ("NONE", "MILD", "MODERATE", "SEVERE")
YES_NO = (NO, YES)


@dataclass(frozen=True)
class Recorded:
    """A fact that records can hold: of what, its possible levels (any without), its meaning."""

    of: Grain
    levels: tuple[str, ...]
    meaning: str


def _of_child(levels: tuple[str, ...], meaning: str) -> Recorded:
    return Recorded(CHILD, levels, meaning)


def _of_cycle(levels: tuple[str, ...], meaning: str) -> Recorded:
    return Recorded(CYCLE, levels, meaning)


CATALOGUE: Mapping[str, Recorded] = MappingProxyType({
    "site": _of_child(tuple("ABCDEFGH"), "the centre"),
    "sex": _of_child(("F", "M"), "sex"),
    "cohort": _of_child(COHORTS, "why blinatumomab was given"),
    "status": _of_child(STATUSES, "the disease at the first infusion, from its marrow"),
    "episode": _of_child(EPISODES, "the episode that brought the child to blinatumomab"),
    "alteration": _of_child((*ALTERATIONS, NONE), "the alteration found; the others were not"),
    "debulked": _of_child(YES_NO, "chemotherapy to reduce the leukaemia before blinatumomab"),
    "cyclophosphamide": _of_child((NONE, "300", "1000"), "a line of bridging chemotherapy before "
                                  "blinatumomab with cyclophosphamide, by its dose in mg/m²"),
    "down_syndrome": _of_child(YES_NO, "Down syndrome"),
    "length": _of_child(("14", "21", "28"), "days that each cycle was planned for"),
    "marrow_wait": _of_child(("0", "1", "2"), "days from the end of the first infusion, the day "
                             "after it being 0, to its marrow"),
    CYCLES: _of_child(tuple("123456789"), "how many cycles the child was given"),
    "response": _of_child(MARROWS, "the marrow after the first cycle"),
    "bridge": _of_child(BRIDGES, "what followed the last cycle"),
    "relapse": _of_child((NONE, *SITES), "where the disease came back after blinatumomab"),
    "relapse_cd19": _of_child(("POS", "NEG"), "CD19 of the relapse"),
    "relapse_time": _of_child((), "when it came back; its levels have days"),
    "death": _of_child((NONE, *CAUSES), "the cause of death"),
    "death_time": _of_child((), "when the child died; its levels have days"),
    "lost": _of_child(YES_NO, "lost to follow-up"),
    "year": _of_child((), "the year of the first infusion"),
    "lines": _of_child(("1", "2"), "lines of chemotherapy before, debulking not counted; a "
                       "remission after the second is recorded unless the disease is refractory"),
    "transplant_time": _of_child((), "when the graft was given; its levels have days"),
    "donor": _of_child((NONE, *DONORS), "the donor of the transplant"),
    "graft": _of_child((NONE, *GRAFTS), "the graft"),
    "graft_failure": _of_child(YES_NO, "neutrophils did not recover after the transplant"),
    "neutrophil_recovery": _of_child((), "when neutrophils recovered; days after the graft"),
    "platelet_recovery": _of_child((), "when platelets recovered; days after the graft"),
    "chimerism": _of_child(("FULL", "UNSTABLE"), "donor chimerism after the transplant"),
    "acute_gvhd": _of_child(ACUTE_GVHD, "worst grade of acute graft-versus-host disease"),
    "chronic_gvhd": _of_child(CHRONIC_GVHD, "worst severity of chronic disease"),
    "lymphocytes_infused": _of_child(YES_NO, "donor lymphocytes after the transplant"),
    "marrow": _of_cycle(MARROWS, "the marrow after the cycle"),
    "partial": _of_cycle(YES_NO, "a marrow that is OVERT with blasts fallen to a third"),
    "resumed": _of_cycle(YES_NO, "the infusion went on after an event of grade 4"),
    "crs": _of_cycle(GRADES, "worst grade of cytokine release syndrome in the cycle"),
    "icans": _of_cycle(GRADES, "worst grade of ICANS in the cycle"),
    "infection": _of_cycle(YES_NO, "an infection in the cycle"),
    "tumour_lysis": _of_cycle(YES_NO, "tumour lysis syndrome in the cycle"),
    "neutropenia": _of_cycle((*GRADES, UNKNOWN), "worst CTCAE grade of neutropenia in the cycle; "
                             "unknown: nobody counted"),
    "thrombocytopenia": _of_cycle((*GRADES, UNKNOWN), "worst CTCAE grade of thrombocytopenia"),
})
"""Name of a fact → what it is; a blueprint may have others, which are then not recorded."""
