"""How each kind of analysis that came after the first four is reported.

A kind is loaded when a plan asks for it, so that a short report does not wait for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from remission.report.asking import Asking, Kind, Places, Say

__all__ = ["KINDS", "SAID_BY", "Asking", "Places", "kind_of", "say_of"]


def _risk_factors() -> Kind:
    from remission.report.tables import risk_factors
    from remission.report.tables import risk_factors_words as words

    return Kind(risk_factors.parts_of_risk_factors, words.sentence_of_risk_factors,
                words.methods_of_risk_factors,
                {"ratio": words.say_ratio, "ratio_p": words.say_p_of_factor,
                 "proportional_p": words.say_p_of_factor,
                 "events_per_variable": words.say_events_per_variable}, "response")


def _before_after() -> Kind:
    from remission.report.tables import before_after
    from remission.report.tables import before_after_words as words

    return Kind(before_after.parts_of_before_after, words.sentence_of_pairs,
                words.methods_of_pairs,
                {"paired_p": words.say_paired_p, "shift": words.say_shift}, "laboratory")


def _change_between_groups() -> Kind:
    from remission.report.tables import before_after
    from remission.report.tables import before_after_words as words

    return Kind(before_after.parts_of_change, words.sentence_of_change, words.methods_of_change,
                topic="laboratory")


def _toxicity() -> Kind:
    from remission.report.tables import toxicity as of

    return Kind(of.parts_of_toxicity, of.sentence_of_toxicity, of.methods_of_toxicity,
                {"graded": of.say_graded, "derived": of.say_origin, "reported": of.say_origin},
                "toxicity")


def _time_dependent() -> Kind:
    from remission.report.tables import time_dependent as of

    return Kind(of.parts_of_time_dependent, of.sentence_of_time_dependent,
                of.methods_of_time_dependent,
                {"compared_events_exposed": of.say_events, "immortal_share": of.say_immortal},
                "survival")


def _response() -> Kind:
    from remission.report.tables import response as of

    return Kind(of.parts_of_response, of.sentence_of_response, of.methods_of_response,
                {"responded": of.say_responded}, "response")


def _participant_flow() -> Kind:
    from remission.report.tables import participant_flow as of

    return Kind(of.parts_of_participants)


def _swimmer() -> Kind:
    from remission.report.tables import courses as of

    return Kind(of.parts_of_swimmer,
                says={"infusion_start": of.say_course, "event_day": of.say_course})


def _cases() -> Kind:
    from remission.report.tables import cases as of

    return Kind(of.parts_of_cases, says={"value": of.say_value})


def _marrow_course() -> Kind:
    from remission.report.tables import courses as of

    return Kind(of.parts_of_marrow)


def _timeline() -> Kind:
    from remission.report.tables import courses, timelines

    return Kind(timelines.parts_of_timeline,
                says={"harm_start": courses.say_course, "sign_day": courses.say_course})


KINDS: Mapping[str, Callable[[], Kind]] = MappingProxyType({
    "risk_factors": _risk_factors,
    "before_after": _before_after,
    "change_between_groups": _change_between_groups,
    "toxicity": _toxicity,
    "time_dependent": _time_dependent,
    "response": _response,
    "participant_flow": _participant_flow,
    "swimmer": _swimmer,
    "marrow_course": _marrow_course,
    "timeline": _timeline,
    "cases": _cases,
})
"""Kind of analysis → what loads how it is reported."""

SAID_BY: Mapping[str, str] = MappingProxyType({
    "ratio": "risk_factors", "ratio_p": "risk_factors", "proportional_p": "risk_factors",
    "events_per_variable": "risk_factors",
    "paired_p": "before_after", "shift": "before_after",
    "graded": "toxicity", "derived": "toxicity", "reported": "toxicity",
    "compared_events_exposed": "time_dependent", "immortal_share": "time_dependent",
    "responded": "response",
    "infusion_start": "swimmer", "event_day": "swimmer",
    "harm_start": "timeline", "sign_day": "timeline",
    "value": "cases",
})
"""Statistic → the kind that has the sentences of a live number whose first result is of it."""


@cache
def kind_of(kind: str) -> Kind:
    """Return how a kind of analysis is reported. Raises ``KeyError`` for one of the first four."""
    return KINDS[kind]()


def say_of(statistic: str) -> Say | None:
    """Return what yields the sentences of a number of a statistic; None where no kind does."""
    return kind_of(SAID_BY[statistic]).says[statistic] if statistic in SAID_BY else None
