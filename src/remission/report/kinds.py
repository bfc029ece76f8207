"""How each kind of analysis that came after the first four is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from remission.definitions.cohort import Cohort
from remission.report.asking import Asking, Kind, Places
from remission.report.parts import Number
from remission.report.tables import before_after, participant_flow, risk_factors, toxicity

__all__ = ["KINDS", "SAYS", "Asking", "Places"]

KINDS: Mapping[str, Kind] = MappingProxyType({
    "risk_factors": Kind(
        risk_factors.parts_of_risk_factors, risk_factors.sentence_of_risk_factors,
        risk_factors.methods_of_risk_factors,
        {"ratio": risk_factors.say_ratio, "ratio_p": risk_factors.say_p_of_factor,
         "proportional_p": risk_factors.say_p_of_factor,
         "events_per_variable": risk_factors.say_events_per_variable}),
    "before_after": Kind(
        before_after.parts_of_before_after, before_after.sentence_of_pairs,
        before_after.methods_of_pairs,
        {"paired_p": before_after.say_paired_p, "shift": before_after.say_shift}),
    "change_between_groups": Kind(
        before_after.parts_of_change, before_after.sentence_of_change,
        before_after.methods_of_change, {}),
    "toxicity": Kind(
        toxicity.parts_of_toxicity, toxicity.sentence_of_toxicity, toxicity.methods_of_toxicity,
        {"graded": toxicity.say_graded, "derived": toxicity.say_origin,
         "reported": toxicity.say_origin}),
    "participant_flow": Kind(
        participant_flow.parts_of_flow, participant_flow.sentence_of_flow,
        participant_flow.methods_of_flow, {}),
})
"""Kind of analysis → its parts, its sentence, its methods."""

SAYS: Mapping[str, Callable[[Number, Cohort], Iterator[str]]] = MappingProxyType(
    {statistic: say for kind in KINDS.values() for statistic, say in kind.says.items()})
"""Statistic → the sentences of a live number whose first result is of it."""
