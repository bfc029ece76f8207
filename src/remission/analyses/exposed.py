"""Who is exposed when, and what every comparison of exposed with unexposed time yields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from remission.analyses.results import Base, Result
from remission.analyses.survival import CurveQuestion
from remission.errors import NotEstimable
from remission.plan import TimeDependent
from remission.statistics import Fitted, Outcome, cox, firth_cox

TIME_DEPENDENT, ADJUSTED, LANDMARK, NAIVE = (
    "time-dependent", "time-dependent, adjusted", "landmark", "naive")
"""The comparisons, as they stand in ``group``; a landmark with its time."""
_PENALISED = ", Firth"


def firth(group: str) -> str:
    """Return what the penalised form of a comparison is called."""
    return f"{group}{_PENALISED}"


@dataclass(frozen=True)
class Exposed:
    """Those whose outcome and exposure are known: outcome, and when exposed (NaN: never)."""

    question: CurveQuestion
    plan: TimeDependent
    indices: list[int]
    outcome: Outcome
    at: np.ndarray

    def row(self, statistic: str, value: float | None, group: str, **rest: object) -> Result:
        """Return a row of the results about a group."""
        return self.question.row(statistic, value, group, **rest)

    @property
    def base(self) -> Base:
        """All of them."""
        return Base(len(self.indices), self.question.people)

    def ids(self, chosen: np.ndarray) -> tuple[str, ...]:
        """Return the identifiers of the subjects a mask (n,) chooses."""
        return self.question.ids([self.indices[place] for place in np.flatnonzero(chosen)])

    @property
    def names(self) -> tuple[str, str]:
        """What the unexposed and the exposed time are called."""
        return self.plan.unexposed_label, self.plan.exposed_label


def compared_rows(  # noqa: PLR0917 - who is compared
    exposed: Exposed, group: str, kept: np.ndarray, mine: np.ndarray, events: np.ndarray,
    events_exposed: int,
) -> Iterator[Result]:
    """Yield how many are compared, how many of them exposed, and their events."""
    people = exposed.question.people
    for statistic, chosen in (("compared_n", kept), ("compared_exposed", mine),
                              ("compared_events", kept & events)):
        yield exposed.row(statistic, int(chosen.sum()), group, unit=people,
                          subjects=exposed.ids(chosen))
    yield exposed.row("compared_events_exposed", events_exposed, group, unit="events",
                      base=Base(int(mine.sum()), people))


@dataclass(frozen=True)
class Model:
    """A Cox model of exposed time: rows of follow-up, with the exposure as the first column.

    ``names`` are those of the columns, that of the exposure first.
    """

    outcome: Outcome
    columns: np.ndarray
    names: Sequence[str]
    base: Base


def ratio_rows(exposed: Exposed, group: str, model: Model) -> Iterator[Result]:
    """Yield the hazard ratio of exposed to unexposed time; penalised where the group says so."""
    level, base = exposed.plan.level, model.base
    fitting = firth_cox if group.endswith(_PENALISED) else cox
    try:
        fit: Fitted = fitting(model.outcome, model.columns, names=list(model.names), level=level)
    except NotEstimable as refusal:
        for statistic in ("ratio", "ratio_lower", "ratio_upper", "ratio_p"):
            yield exposed.row(statistic, None, group, base=base, note=refusal.problems[0].what)
        return
    term = fit.terms[0]
    others = f" adjusted for {', '.join(model.names[1:])}" if len(model.names) > 1 else ""
    method = "; ".join((f"{fit.method}, hazard ratio of {model.names[0]}{others}",
                        f"{exposed.plan.confidence} interval", *fit.conventions))
    for statistic, value in (("ratio", term.ratio), ("ratio_lower", term.ratio_lower),
                             ("ratio_upper", term.ratio_upper), ("ratio_p", term.p)):
        yield exposed.row(statistic, float(value) if math.isfinite(value) else None, group,
                          base=base, method=method,
                          note="" if math.isfinite(value) else "out of reach: no finite bound")


def of_exposure(exposed: Exposed, outcome: Outcome, exposure: np.ndarray, base: Base) -> Model:
    """Return the model that holds the exposure alone."""
    return Model(outcome, exposure.astype(float)[:, None], (exposed.plan.exposed_label,), base)
