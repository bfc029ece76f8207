"""From a landmark on: those still followed, grouped as they then stood."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from remission.analyses.exposed import LANDMARK, Exposed, compared_rows, of_exposure, ratio_rows
from remission.analyses.results import Base, Result
from remission.analyses.survival import CurveGroup, survival_rows
from remission.days import Duration
from remission.errors import NotEstimable
from remission.plan import TimeDependent
from remission.statistics import Landmark, kaplan_meier, landmark, log_rank


def landmark_name(time: Duration) -> str:
    """Return what the comparison from a landmark is called."""
    return f"{LANDMARK} {time}"


def landmark_groups(plan: TimeDependent, time: Duration) -> tuple[str, str]:
    """Return what the unexposed and the exposed at a landmark are called."""
    return f"{plan.unexposed_label} at {time}", f"{plan.exposed_label} at {time}"


def landmark_rows(exposed: Exposed, time: Duration, limit: float) -> Iterator[Result]:
    """Yield the curves, the log-rank test and the hazard ratio from a landmark; time from it."""
    group = landmark_name(time)
    try:
        found = landmark(exposed.outcome, exposed.at, at=time.days)
    except NotEstimable as refusal:
        yield exposed.row("ratio", None, group, at=time.days, note=refusal.problems[0].what)
        return
    mine = np.zeros(len(exposed.indices), dtype=bool)
    mine[np.flatnonzero(found.kept)[found.exposed]] = True
    events = exposed.outcome.event > 0
    yield from compared_rows(exposed, group, found.kept, mine, events,
                             int((events & mine).sum()))
    base = Base(found.n, exposed.question.people)
    yield from ratio_rows(exposed, group, of_exposure(
        exposed, found.outcome, found.exposed, base))
    yield from _log_rank(exposed, group, found, base)
    yield from _curves(exposed, time, found, limit)
    left = found.events_before + found.censored_before
    yield exposed.row("landmark_left_out", left, group, base=exposed.base,
                      unit=exposed.question.people, subjects=exposed.ids(~found.kept),
                      note=f"{found.events_before} had the event and {found.censored_before} "
                           f"were last seen by then; {found.exposed_later} of the others were "
                           "exposed later and stay in the group without")


def _log_rank(exposed: Exposed, group: str, found: Landmark, base: Base) -> Iterator[Result]:
    try:
        test = log_rank(found.outcome, np.where(found.exposed, "exposed", "unexposed"))
    except NotEstimable as refusal:
        yield exposed.row("p", None, group, note=refusal.problems[0].what)
        return
    yield exposed.row("p", test.p, group, base=base,
                      method=f"log-rank, {test.df} df, two-sided",
                      note="time from the landmark")


def _curves(
    exposed: Exposed, time: Duration, found: Landmark, limit: float
) -> Iterator[Result]:
    """Yield the Kaplan–Meier curve of each group, in time from the landmark."""
    plan = exposed.plan
    kept = np.flatnonzero(found.kept)
    names = landmark_groups(plan, time)
    for name, chosen in zip(names, (~found.exposed, found.exposed), strict=True):
        indices = [exposed.indices[place] for place in kept[chosen]]
        yield exposed.row("n", len(indices), name, unit=exposed.question.people,
                          subjects=exposed.question.ids(indices))
        if indices:
            outcome = found.outcome.subset(chosen)
            method = (f"Kaplan–Meier from the landmark, {plan.confidence} {plan.ci} interval "
                      "(Greenwood)")
            yield from survival_rows(
                CurveGroup(exposed.question, name, indices, outcome, method),
                kaplan_meier(outcome, ci=plan.ci, level=plan.level), limit)
