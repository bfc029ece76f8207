"""Groups of adverse events as the centre graded them under CTCAE, the worst of each cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.definition import REPORTED
from remission.definitions.grades import Graded, graded
from remission.definitions.reported_events import EVENTS, reported_events
from remission.definitions.signs import signs_and_events
from remission.definitions.toxicity_window import toxicity_windows

GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "crs_ctcae_grade": ("CRS", "CRS (CTCAE)"),
    "infection_ctcae_grade": ("INFECTION", "Infection"),
    "cytopenia_ctcae_grade": ("CYTOPENIA", "Cytopenia, reported"),
    "neurotoxicity_ctcae_grade": ("NEUROTOXICITY", "Neurotoxicity other than ICANS"),
    "hepatic_ctcae_grade": ("HEPATIC", "Hepatic toxicity, reported"),
    "tumour_lysis_ctcae_grade": ("TLS", "Tumour lysis syndrome (CTCAE)"),
})
"""Definition → group of ``adverse_event`` and label."""

_REFERENCE = (
    "As graded by the centre under CTCAE v5.0 (National Cancer Institute, 27 Nov 2017); a grade "
    "without its system, or of another, is not read.")


def _rule(group: str) -> Callable[..., Graded]:
    """Return the rule of one group."""

    def rule(*given: Any) -> Graded:
        *course, events, forms, plan = given
        windows = toxicity_windows(course, plan)
        reported = reported_events(
            windows, events.filter(nw.col("group") == group), forms, plan, grading="CTCAE5")
        no_signs = reported.unplaced.head(0)
        return Graded(signs_and_events(windows, no_signs, reported), reported.unplaced)

    return rule


for _name, (_group, _label) in GROUPS.items():
    graded(
        _name, label=_label, needs=EVENTS, how=REPORTED, reference=_REFERENCE, evidence="V D",
        words=f"Highest grade of the adverse events of the group {_group} that the centre reported",
    )(_rule(_group))
