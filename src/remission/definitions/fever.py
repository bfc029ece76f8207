"""Febrile neutropenia and fever under CTCAE, from the temperature of each day, else as reported."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, threshold_of
from remission.definitions.grades import Graded, graded, observations
from remission.definitions.inputs import Lazy, settled
from remission.definitions.reported_events import EVENTS, Reported, reported_events
from remission.definitions.sequences import bounds_of, reached
from remission.definitions.signs import FROM_SIGNS, signs_and_events
from remission.definitions.toxicity_window import in_windows, toxicity_windows
from remission.plan import Plan

_TEMPERATURE = (*EVENTS, "toxicity_sign.temperature_c")


@graded(
    "febrile_neutropenia_grade", label="Febrile neutropenia",
    needs=(*_TEMPERATURE, "toxicity_sign.fever_minutes", "laboratory.ANC"),
    criteria="fever.febrile_neutropenia", how=FROM_SIGNS,
    words="Fever with few neutrophils from the temperature and count of each day",
)
def _febrile_neutropenia_grade(*given: Any) -> Graded:
    return _graded(*febrile_neutropenia_signs_and_events(*given))


def febrile_neutropenia_signs_and_events(*given: Any) -> tuple[Lazy, Lazy, Reported]:
    """Return the windows, the graded days and the reported events of febrile neutropenia."""
    *course, events, forms, signs, counts, criteria, plan = given
    days = _with_count(_with_temperature(signs), counts, criteria["count_days"])
    few = ~criteria.threshold("neutrophils").met_by(nw.col("count"))
    is_high = criteria.threshold("single").met_by(nw.col("temperature_c"))
    is_raised = criteria.threshold("sustained").met_by(nw.col("temperature_c"))
    lasted = criteria.threshold("lasting").met_by(nw.col("fever_minutes"))
    is_high = is_high | (is_raised & lasted).fill_null(value=False)
    may_be = is_raised & (is_high | lasted.fill_null(value=True)) & few.fill_null(value=True)
    days = days.with_columns(
        least=nw.when(is_high & few.fill_null(value=False)).then(nw.lit(criteria["grade"]))
        .otherwise(nw.lit(0)),
        most=nw.when(may_be).then(nw.lit(criteria["grade"])).otherwise(nw.lit(0)))
    return _signs_and_events(
        days, course, events, forms, criteria, plan, term="febrile neutropenia")


@graded(
    "fever_grade", label="Fever", needs=_TEMPERATURE, criteria="fever.fever", how=FROM_SIGNS,
    words="Fever from the highest temperature of each day",
)
def _fever_grade(*given: Any) -> Graded:
    return _graded(*fever_signs_and_events(*given))


def fever_signs_and_events(*given: Any) -> tuple[Lazy, Lazy, Reported]:
    """Return the windows, the graded days and the reported events of fever."""
    *course, events, forms, signs, criteria, plan = given
    least: nw.Expr = nw.lit(0)
    for step in criteria["steps"]:
        is_met = threshold_of(step["at_least"]).met_by(nw.col("temperature_c"))
        least = nw.when(is_met).then(nw.lit(step["grade"])).otherwise(least)
    lasting = criteria["steps"][-1]["grade"]
    days = _with_temperature(signs).with_columns(least=least).with_columns(
        most=nw.when(nw.col("least") == lasting).then(nw.lit(criteria["lasting_grade"]))
        .otherwise(nw.col("least")))
    return _signs_and_events(days, course, events, forms, criteria, plan, term="fever")


def _graded(windows: Lazy, signs: Lazy, reported: Reported) -> Graded:
    """Return what the graded days and the events of a term say together."""
    return Graded(signs_and_events(windows, signs, reported), reported.unplaced)


def _signs_and_events(  # noqa: PLR0917 - the frames that both rules read
    days: Lazy, course: list[Any], events: Lazy, forms: Lazy, criteria: Criteria, plan: Plan, *,
    term: str,
) -> tuple[Lazy, Lazy, Reported]:
    """Return the windows, the graded days and the events of this term."""
    windows = toxicity_windows(course, plan)
    is_term = nw.col("term").str.strip_chars().str.to_lowercase() == term
    reported = reported_events(windows, events.filter(is_term), forms, plan,
                               grading=criteria["grading"])
    signs = settled(observations(in_windows(days.with_columns(number=nw.lit(1)), windows)))
    return windows, signs, reported


def _with_temperature(signs: Lazy) -> Lazy:
    return signs.filter(~nw.col("temperature_c").is_null())


def _with_count(days: Lazy, counts: Lazy, back: int) -> Lazy:
    """Add ``count``, the lowest neutrophils of the day or of the latest of ``back`` days before."""
    asked = days.select("day", earliest=nw.col("day") - back)
    bounds = bounds_of(asked, since="earliest", until="day")
    lowest = reached(counts, bounds).group_by(
        "subject_id", "day").agg(nw.col("value").min())
    names = [f"count_{ago}" for ago in range(back + 1)]
    for ago, name in enumerate(names):
        earlier = lowest.select("subject_id", (nw.col("day") + ago).alias("day"),
                                nw.col("value").alias(name))
        days = days.join(earlier, on=["subject_id", "day"], how="left")
    return days.with_columns(count=nw.coalesce(*names))
