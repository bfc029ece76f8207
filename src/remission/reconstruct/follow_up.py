"""Follow-up of children and what is printed of it: who had an event, when at most, which curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from remission.audit.printed import Printed, printed
from remission.statistics.arrays import BoolArray, IntArray

Endpoint: TypeAlias = Literal["efs", "os"]


@dataclass(frozen=True, eq=False)
class Between:
    """The days something may fall on, both ends included: for all children, or each (n,)."""

    first: int | IntArray
    last: int | IntArray


@dataclass(frozen=True, eq=False)
class Course:
    """Who had an event and who died (n,), and in which windows, in days from the origin.

    ``by_death`` is True where the event is the death itself. ``last`` is the last contact of those
    alive, which is not before their event.
    """

    failed: BoolArray
    died: BoolArray
    event: Between
    death: Between
    last: Between
    by_death: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        """Take no event for a death where nothing is said; refuse deaths without an event."""
        if not len(self.by_death):
            object.__setattr__(self, "by_death", np.zeros(len(self.failed), dtype=np.bool_))
        if (self.died & ~self.failed).any():
            raise ValueError("A death is an event: `failed` is True of all who died.")
        if (self.by_death & ~self.died).any():
            raise ValueError("Only of a child who died the event is the death.")


@dataclass(frozen=True, eq=False)
class Survived:
    """Kaplan–Meier survival of some children at a day, in percent, and the error after ±.

    ``at`` counts from the ``origin`` of each child (n,), a day such as that of its graft; from
    day 0 without.
    """

    endpoint: Endpoint
    rows: BoolArray
    at: float
    estimate: str
    se: str | None = None
    name: str = ""
    origin: IntArray | None = None

    @cached_property
    def parts(self) -> dict[str, Printed]:
        """The printed numbers by what they are."""
        return {"estimate": printed(self.estimate),
                **({} if self.se is None else {"se": printed(self.se)})}


@dataclass(frozen=True, eq=False)
class Differ:
    """The printed P value of the log-rank test between groups of children."""

    endpoint: Endpoint
    groups: tuple[BoolArray, ...]
    p: str
    name: str = ""
    origin: IntArray | None = None

    @property
    def printed(self) -> Printed:
        """The printed P value."""
        return printed(self.p)


CurveTarget: TypeAlias = Survived | Differ
