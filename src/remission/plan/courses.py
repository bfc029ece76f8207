"""The course of every child: a lane with what happened, or the marrow over time."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from remission.days import parse_duration
from remission.plan.analyses import Asked
from remission.plan.words import Label, Time, twice
from remission.toml import Unfit, refuse

MOST_CHILDREN = 8
"""Children whose courses stand on one page so that they can be read."""


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


class Timeline(Asked):
    """One child or a few, each with everything that is recorded of it on one axis of days.

    ``subjects`` are study numbers; left out, the population decides.
    """

    kind: Literal["timeline"] = "timeline"
    subjects: tuple[Label, ...] = ()
    until: Time | None = None

    @field_validator("subjects")
    @classmethod
    def _a_few(cls, subjects: tuple[str, ...]) -> tuple[str, ...]:
        refuse(twice(subjects))
        if len(subjects) > MOST_CHILDREN:
            raise Unfit(f"names {len(subjects)} children, and a timeline holds {MOST_CHILDREN}",
                        "Write several analyses of this kind, with a few children each.")
        return subjects

    @property
    def by(self) -> None:
        """Single children are not split by groups."""

    @property
    def limit(self) -> float | None:
        """The last day of the axis, None where the longest course decides."""
        return None if self.until is None else parse_duration(self.until).days

    @property
    def columns(self) -> tuple[str, ...]:
        """What is derived; what else is drawn stands in the records."""
        return ("remission_reached", "remission_reached_day", "neutrophil_recovery",
                "neutrophil_recovery_day", "platelet_recovery", "platelet_recovery_day")
