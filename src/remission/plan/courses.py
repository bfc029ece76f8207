"""The course of every child: a lane with what happened, or the marrow over time."""

from __future__ import annotations

from typing import Literal

from remission.days import parse_duration
from remission.plan.analyses import Asked
from remission.plan.words import Label, Time


class _Course(Asked):
    by: Label | None = None
    unit: Literal["days", "months", "years"] = "months"
    until: Time | None = None

    @property
    def limit(self) -> float | None:
        """The last day of the axis, None where the longest course decides."""
        return None if self.until is None else parse_duration(self.until).days


class Swimmer(_Course):
    """A lane a child: infusions, response, transplant, relapse, death or last contact."""

    kind: Literal["swimmer"] = "swimmer"

    @property
    def columns(self) -> tuple[str, ...]:
        """Remission and its day; what else is drawn stands in the records."""
        return "remission_reached", "remission_reached_day"


class MarrowCourse(_Course):
    """MRD, or blasts, in the marrow over time: a line a child."""

    kind: Literal["marrow_course"] = "marrow_course"
    measure: Literal["mrd", "blasts"] = "mrd"
