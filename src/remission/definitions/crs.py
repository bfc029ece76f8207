"""Cytokine release syndrome: graded from the signs of each day, else as the centre reported it.

The CTCAE grade of the syndrome, on which the label's dose rules rest, is another field:
``crs_ctcae_grade``.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import CYCLE
from remission.definitions.definition import definition
from remission.definitions.grades import (
    Graded,
    Pair,
    graded,
    observations,
    pair_of_code,
    worst_pair,
)
from remission.definitions.inputs import Lazy, settled
from remission.definitions.reported_events import EVENTS, Reported, reported_events
from remission.definitions.signs import FROM_SIGNS, onset, signs_and_events
from remission.definitions.toxicity_window import in_windows, toxicity_windows

_NEEDS = (*EVENTS, *(f"toxicity_sign.{sign}" for sign in (
    "temperature_c", "hypotension", "vasopressin", "oxygen", "oxygen_l_min",
    "anticytokine_given", "other_cause")))


@graded(
    "crs_grade", label="CRS (ASTCT)", needs=_NEEDS, criteria="crs.grade", how=FROM_SIGNS,
    words="Cytokine release syndrome from the signs of each day",
)
def _crs_grade(*given: Any) -> Graded:
    windows, signs, reported = crs_signs_and_events(*given)
    return Graded(signs_and_events(windows, signs, reported), reported.unplaced)


@definition(
    label="Days from the start of the cycle to CRS", grain="cycle", kind="number", unit="days",
    needs=_NEEDS, criteria="crs.grade", chosen_as="crs_grade", wants_plan=True,
)
def crs_onset(*given: Any) -> Lazy:
    """First day of the cycle with cytokine release syndrome of any grade; its start is day 0."""
    return onset(*crs_signs_and_events(*given))


def crs_signs_and_events(*given: Any) -> tuple[Lazy, Lazy, Reported]:
    """Return the windows, the graded days and the reported events of the syndrome."""
    *course, events, forms, signs, criteria, plan = given
    windows = toxicity_windows(course, plan)
    reported = reported_events(windows, events.filter(nw.col("group") == "CRS"), forms, plan,
                               grading=criteria["grading"])
    return windows, settled(_graded_days(in_windows(signs, windows), criteria)), reported


def _graded_days(days: Lazy, criteria: Criteria) -> Lazy:
    """Return the days of each cycle that say something of the syndrome, as observations."""
    says = ~nw.col("temperature_c").is_null() | ~nw.col("hypotension").is_null() | (
        ~nw.col("oxygen").is_null()) | _is_yes("vasopressin")
    least, most = worst_pair([_hypotension(criteria), _hypoxia(criteria)])
    days = _with_fever(days, criteria).filter(says).with_columns(least=least, most=most)
    floor = {name: nw.max_horizontal(nw.lit(1), nw.col(name)) for name in ("least", "most")}
    none = nw.lit(0)
    is_treated = (nw.col("day") >= nw.col("treated_from")).fill_null(value=False)
    may_be_treated = (nw.col("day") >= nw.col("maybe_treated_from")).fill_null(value=False)
    has_other_cause = _is_yes("other_cause")
    graded_days = days.with_columns(
        number=nw.lit(1),
        least=nw.when(has_other_cause).then(none).when(nw.col("fever")).then(floor["least"])
        .when(is_treated).then(nw.col("least")).otherwise(none),
        most=nw.when(has_other_cause).then(none)
        .when(nw.col("fever") | nw.col("temperature_c").is_null()).then(floor["most"])
        .when(may_be_treated).then(nw.col("most")).otherwise(none),
    )
    return observations(graded_days)


def _hypotension(criteria: Criteria) -> Pair:
    """Return the grade by what hypotension needed; vasopressin is one vasopressor."""
    pair = pair_of_code("hypotension", criteria["hypotension"])
    least, most = (
        nw.when(_is_yes("vasopressin")).then(
            nw.max_horizontal(end, nw.lit(criteria["vasopressin"]))).otherwise(end)
        for end in pair)
    return least, most


def _hypoxia(criteria: Criteria) -> Pair:
    """Return the grade by the oxygen needed; a recorded flow decides over the cannula's name."""
    by_flow = nw.col("oxygen").is_in(criteria["cannulas"]).fill_null(value=False) & (
        ~nw.col("oxygen_l_min").is_null())
    is_high = criteria.threshold("high_flow").met_by(nw.col("oxygen_l_min"))
    least, most = (
        nw.when(by_flow & is_high).then(nw.lit(criteria["high_flow_grade"]))
        .when(by_flow).then(nw.lit(criteria["low_flow_grade"])).otherwise(end)
        for end in pair_of_code("oxygen", criteria["oxygen"]))
    return least, most


def _with_fever(days: Lazy, criteria: Criteria) -> Lazy:
    """Add ``fever`` of the day and ``treated_from``: when fever was no longer needed.

    ``maybe_treated_from`` is the first day from which it may have been so, as far as is recorded.
    """
    is_own = ~_is_yes("other_cause")
    fever = criteria.threshold("fever").met_by(nw.col("temperature_c")).fill_null(value=False)
    maybe = is_own & (fever | nw.col("temperature_c").is_null())
    given = nw.col("anticytokine_given")
    days = days.with_columns(fever=fever & is_own, maybe=maybe).with_columns(
        fever_from=nw.when(nw.col("fever")).then(nw.col("day")).min().over(*CYCLE),
        maybe_fever_from=nw.when(nw.col("maybe")).then(nw.col("day")).min().over(*CYCLE))
    return days.with_columns(
        treated_from=nw.when((given == "Y") & (nw.col("day") >= nw.col("fever_from")))
        .then(nw.col("day")).min().over(*CYCLE),
        maybe_treated_from=nw.when(
            (given.is_null() | (given == "Y")) & (nw.col("day") >= nw.col("maybe_fever_from")))
        .then(nw.col("day")).min().over(*CYCLE))


def _is_yes(column: str) -> nw.Expr:
    return (nw.col(column) == "Y").fill_null(value=False)
