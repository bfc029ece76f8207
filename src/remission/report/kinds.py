"""How each kind of analysis that came after the first four is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from remission.definitions.cohort import Cohort
from remission.report.asking import Asking, Kind, Places
from remission.report.spans import Number
from remission.report.tables import (
    before_after,
    cases,
    courses,
    participant_flow,
    response,
    risk_factors,
    time_dependent,
    toxicity,
)

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
    "time_dependent": Kind(
        time_dependent.parts_of_time_dependent, time_dependent.sentence_of_time_dependent,
        time_dependent.methods_of_time_dependent,
        {"compared_events_exposed": time_dependent.say_events,
         "immortal_share": time_dependent.say_immortal}),
    "response": Kind(
        response.parts_of_response, response.sentence_of_response, response.methods_of_response,
        {"responded": response.say_responded}),
    "participant_flow": Kind(
        participant_flow.parts_of_participants, courses.no_sentence, courses.no_methods, {}),
    "swimmer": Kind(
        courses.parts_of_swimmer, courses.no_sentence, courses.no_methods,
        {"infusion_start": courses.say_course, "event_day": courses.say_course}),
    "cases": Kind(
        cases.parts_of_cases, courses.no_sentence, courses.no_methods,
        {"value": cases.say_value}),
    "marrow_course": Kind(
        courses.parts_of_marrow, courses.no_sentence, courses.no_methods, {}),
})
"""Kind of analysis → its parts, its sentence, its methods."""

SAYS: Mapping[str, Callable[[Number, Cohort], Iterator[str]]] = MappingProxyType(
    {statistic: say for kind in KINDS.values() for statistic, say in kind.says.items()})
"""Statistic → the sentences of a live number whose first result is of it."""
