"""What to fill first: which tables are core, and which analyses become possible with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from remission.plan import Language
from remission.records.column import Table
from remission.records.tables import ENTERED_TABLES

FIRST, NEXT, LATER = 1, 2, 3
STEPS: Mapping[Language, Mapping[int, str]] = MappingProxyType({
    "en": {FIRST: "1 fill first", NEXT: "2 then", LATER: "3 if you have it"},
    "es": {FIRST: "1 primero", NEXT: "2 después", LATER: "3 si lo tiene"},
    "zh": {FIRST: "1 先填", NEXT: "2 其次", LATER: "3 如有"},
})
"""Language → what each step is called."""
COLOURS = {FIRST: "0B5394", NEXT: "4D7C4D", LATER: "B8B8B2"}
"""The colour of the tab of a sheet."""


@dataclass(frozen=True)
class Guide:
    """When a table is filled, what it gives, and which kinds of analysis need it."""

    step: int
    gives: str
    kinds: tuple[str, ...] = ()


GUIDES: Mapping[str, Guide] = MappingProxyType({
    "subject": Guide(FIRST, "who they are: every denominator", ("characteristics",)),
    "follow_up": Guide(FIRST, "overall survival", ("survival", "swimmer", "timeline")),
    "form_status": Guide(NEXT, "where no row means none: relapse no, and not unknown", (
        "participant_flow",)),
    "disease_episode": Guide(NEXT, "relapse: event-free survival, status at the start", (
        "survival", "cumulative_incidence", "risk_factors", "cases")),
    "exposure": Guide(NEXT, "cycles and days of blinatumomab", ("swimmer", "timeline")),
    "assessment": Guide(NEXT, "remission and MRD: response", ("response", "marrow_course")),
    "transplant": Guide(NEXT, "outcomes after transplant, and the transplant over time", (
        "transplant", "time_dependent")),
    "adverse_event": Guide(NEXT, "harm as the centre graded it", ("toxicity",)),
    "genetics": Guide(LATER, "cytogenetic risk", ("characteristics", "risk_factors")),
    "treatment_line": Guide(LATER, "earlier lines and what came after", ("risk_factors",)),
    "cell_therapy": Guide(LATER, "CAR-T cells and donor lymphocytes", ("timeline",)),
    "toxicity_sign": Guide(LATER, "CRS and ICANS graded again from the signs", ("toxicity",)),
    "gvhd": Guide(LATER, "graft-versus-host disease", ("transplant", "cumulative_incidence")),
    "gvhd_organ": Guide(LATER, "its grade from the stages of organs", ("transplant",)),
    "laboratory": Guide(LATER, "recovery of counts, lymphocytes, immunoglobulins, cytokines", (
        "before_after", "change_between_groups")),
    "transfusion": Guide(LATER, "recovery of platelets, with laboratory", ("transplant",)),
    "drug_dose": Guide(LATER, "doses beside the protocol"),
    "medical_history": Guide(LATER, "illness before"),
})
"""Table → its guide."""


def in_order() -> list[Table]:
    """Return the tables that are entered, those to be filled first in front."""
    return sorted(ENTERED_TABLES, key=lambda table: GUIDES[table.name].step)


def guide_markdown() -> str:
    """Return the guide as a table of a page."""
    rows = ["| | sheet | gives | kind of analysis |", "|---|---|---|---|"]
    for table in in_order():
        guide = GUIDES[table.name]
        kinds = ", ".join(f"`{kind}`" for kind in guide.kinds)
        rows.append(f"| {STEPS['en'][guide.step]} | `{table.name}` | {guide.gives} | {kinds} |")
    return "\n".join(rows)
