"""What became of a printed number: the value that was got, and the rules it prints so by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from remission.audit.printed import HALF_EVEN, HALF_UP, RULES_OF_ALL, Printed

AFRESH = 4
"""Every so many starts one is new; the others go on from the best so far."""
_LEFT_OUT = 0.35
"""How often a target not met so far is left out of a start."""

_NONE = "none: not estimable, or the pairs go the other way"


class Named(Protocol):
    """A target, which a report calls by its name."""

    @property
    def name(self) -> str:
        """What it is called."""


@dataclass(frozen=True)
class Outcome:
    """What became of one printed number, in the unit in which it is printed; NaN: not estimable."""

    target: Named
    part: str
    printed: Printed
    got: float

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules by which the value prints so."""
        return () if math.isnan(self.got) else self.printed.rules(self.got)

    @property
    def met(self) -> bool:
        """Whether the value, rounded, is the printed one."""
        return HALF_UP in self.rules or HALF_EVEN in self.rules

    @property
    def met_by_all(self) -> bool:
        """Whether it is so by every usual rule, cutting off included."""
        return len(self.rules) == len(RULES_OF_ALL)

    @property
    def shown(self) -> str:
        """The value as a report prints it."""
        return _NONE if math.isnan(self.got) else f"{self.got:.6g}"

    def __str__(self) -> str:
        """Return one line for a report."""
        said = "met" if self.met else "not met"
        return f"{self.target.name}: {self.part} {self.printed}: {said}, {self.shown}"


def left_out(targets: Sequence[Named], unmet: Sequence[Outcome], random: Random) -> set[int]:
    """Return the places of targets that a new start does not aim at: some of those not met so far.

    What cannot be met pulls values away from what can.
    """
    missed = [outcome.target for outcome in unmet]
    return {place for place, target in enumerate(targets)
            if any(target is one for one in missed) and random.random() < _LEFT_OUT}
