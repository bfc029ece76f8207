"""How far values are from what shall print: a number for each target that a search can lower.

A target that is met costs nothing; one that is met by rounding but not by every usual rule costs
``ROUNDED``; any other costs at least ``MISSED`` and more the more values must move.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np

from remission.errors import NotEstimable
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.rank_distance import (
    deviations,
    deviations_of,
    exact_rank_sum_z,
    miss,
    rank_sum_z,
    signed_rank_z,
)
from remission.reconstruct.targets import (
    MOMENTS,
    SHARES,
    Part,
    Summary,
    Test,
)
from remission.reconstruct.windows import MISSED, Window, window
from remission.statistics import kruskal_wallis, mann_whitney, wilcoxon_signed_rank
from remission.statistics.arrays import FloatArray, IntArray
from remission.statistics.ranks import EXACT_UP_TO

_A_VALUE = 0.5
"""What each value costs that lies on the wrong side of a printed quantile."""
_EMPTY = 50.0


class Measure(Protocol):
    """One target, compiled: which values it looks at, and what they cost."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Places of the columns that it follows from."""

    @property
    def rows(self) -> IntArray:
        """Places of the children it looks at."""

    def cost(self, values: FloatArray) -> float:
        """Return what the wide values (see ``quantities``) cost; 0 when the target is met."""

    def outcomes(self, values: FloatArray) -> Iterator[Outcome]:
        """Yield what became of each printed number."""


def known(amount: FloatArray) -> FloatArray:
    """Return the amounts that are known."""
    found: FloatArray = amount[amount == amount]  # noqa: PLR0124 - NaN is not itself
    return found


@dataclass(eq=False)
class Described:
    """A summary, compiled. ``place`` is the quantity among the wide values."""

    target: Summary
    columns: tuple[int, ...]
    place: int
    rows: IntArray
    partner: int | None = None
    windows: dict[Part, Window] = field(init=False)

    def __post_init__(self) -> None:
        """Read the printed numbers once."""
        self.windows = {part: window(given) for part, given in self.target.parts.items()}

    def amounts(self, values: FloatArray) -> FloatArray:
        """Return the quantity of the children of the summary, NaN where not known."""
        found: FloatArray = values[:, self.place][self.rows]
        if self.partner is None:
            return found
        return np.where(np.isnan(values[self.rows, self.partner]), np.nan, found)

    def cost(self, values: FloatArray) -> float:
        """Return the cost of all the parts."""
        ordered = np.sort(known(self.amounts(values)))
        if not len(ordered):
            return _EMPTY
        return self.target.weight * sum(
            part_cost(ordered, part, aim) for part, aim in self.windows.items())

    def printing(self, values: FloatArray) -> set[float]:
        """Return the values that the printed parts are made of, but for means."""
        ordered = np.sort(known(self.amounts(values)))
        places = [_place(len(ordered), SHARES[part]) for part in self.windows
                  if part not in MOMENTS and len(ordered)]
        return {float(ordered[one]) for place, weight in places
                for one in ((place, place + 1) if weight else (place,))}

    def outcomes(self, values: FloatArray) -> Iterator[Outcome]:
        """Yield what became of each printed number."""
        ordered = np.sort(known(self.amounts(values)))
        for part, given in self.target.parts.items():
            got = part_of(ordered, part) if len(ordered) else math.nan
            yield Outcome(self.target, part, given, got)


def part_of(ordered: FloatArray, part: Part) -> float:
    """Return a part of a summary of sorted values, as ``statistics.summarise`` has it."""
    if part in MOMENTS:
        if part == "mean":
            return float(ordered.mean())
        return float(ordered.std(ddof=1)) if len(ordered) > 1 else math.nan
    place, weight = _place(len(ordered), SHARES[part])
    low = float(ordered[place])
    return low + weight * (float(ordered[place + 1]) - low) if weight else low


@lru_cache(maxsize=4096)
def _place(n: int, share: float) -> tuple[int, float]:
    """Return the place from 0 of a quantile of type 6, and the weight of the value after it."""
    position = min(max(share * (n + 1), 1.0), float(n))
    return int(position) - 1, position - int(position)


def part_cost(ordered: FloatArray, part: Part, aim: Window) -> float:
    """Return what a part of sorted values costs."""
    got = part_of(ordered, part)
    missed = aim.misses(got)
    if missed < MISSED:
        return missed
    far = aim.rounded_low - got if got < aim.rounded_low else got - aim.rounded_high
    if part in MOMENTS:
        return MISSED + min(4.0, math.log1p(far / (aim.rounded_high - aim.rounded_low)))
    place, weight = _place(len(ordered), SHARES[part])
    if got < aim.rounded_low:
        wrong = int(ordered.searchsorted(aim.rounded_low, "left")) - place
    else:
        wrong = place + (weight > 0) + 1 - int(ordered.searchsorted(aim.rounded_high, "right"))
    spread = float(ordered[-1] - ordered[0]) or 1.0
    return MISSED + _A_VALUE * max(wrong - 1, 0) + 0.3 * min(1.0, far / spread)


@dataclass(eq=False)
class Compared:
    """A test, compiled. ``offset`` is what the fast statistic is off from the exact one."""

    target: Test
    columns: tuple[int, ...]
    place: int
    groups: tuple[IntArray, ...]
    aim: Window = field(init=False)
    offset: float = 0.0

    def __post_init__(self) -> None:
        """Read the printed P value once, as standard deviations."""
        self.aim = deviations_of(self.target.printed)

    @property
    def rows(self) -> IntArray:
        """The children of all groups."""
        return np.concatenate(self.groups)

    def amounts(self, values: FloatArray) -> list[FloatArray]:
        """Return the known quantities of each group."""
        return [known(values[:, self.place][rows]) for rows in self.groups]

    def cost(self, values: FloatArray) -> float:
        """Return the cost by the fast statistic."""
        z = self._fast(values)
        if z is None:
            return _EMPTY
        return self.target.weight * miss(z + self.offset, self.aim)

    def confirm(self, values: FloatArray) -> bool:
        """Return whether the fast statistic stands by the exact one; corrects it where not."""
        p, z = self.p(values), self._fast(values)
        if z is None or math.isnan(p):
            return True
        exact = math.copysign(deviations(p), z)
        if self.aim.misses(z + self.offset) == self.aim.misses(exact):
            return True
        self.offset = exact - z
        return False

    def urge(self, values: FloatArray) -> int:
        """Return 1 where raising values of the first group (lowering the second) helps, else -1.

        0 where it cannot be said: of more than two groups.
        """
        samples, z = self.amounts(values), self._fast(values)
        if z is None or len(samples) > 2:
            return 0
        is_too_near = z + self.offset < self.aim.rounded_low
        if len(samples) == 1:
            rises = self.target.rises
            up = rises if rises is not None else (signed_rank_z(samples[0]) or 0.0) >= 0
        else:
            first, second = (np.sort(sample) for sample in samples)
            above = second.searchsorted(first, "left") + second.searchsorted(first, "right")
            up = int(above.sum()) >= len(first) * len(second)
        return 1 if up == is_too_near else -1

    def tied(self, values: FloatArray) -> list[int]:
        """Return the children whose quantity has the rank of another's."""
        size = np.abs(values[:, self.place]) if len(self.groups) == 1 else values[:, self.place]
        rows = self.rows[~np.isnan(size[self.rows])]
        _, which, often = np.unique(size[rows], return_inverse=True, return_counts=True)
        found: list[int] = rows[often[which] > 1].tolist()
        return found

    def p(self, values: FloatArray) -> float:
        """Return P as the analyses compute it; NaN where there is none."""
        try:
            samples = self.amounts(values)
            if len(samples) == 1:
                return wilcoxon_signed_rank(samples[0], np.zeros(len(samples[0]))).p
            test = mann_whitney if len(samples) == 2 else kruskal_wallis
            return test(*samples).p
        except NotEstimable:
            return math.nan

    def outcomes(self, values: FloatArray) -> Iterator[Outcome]:
        """Yield what became of the P value; there is none where pairs go the other way."""
        z = self._fast(values)
        p = math.nan if z is not None and z < 0 else self.p(values)
        yield Outcome(self.target, "p", self.target.printed, p)

    def _fast(self, values: FloatArray) -> float | None:
        """Return the deviations; below 0 where pairs do not go the way that is said."""
        samples = self.amounts(values)
        if len(samples) == 1:
            z = signed_rank_z(samples[0])
            if z is None or self.target.rises is None:
                return z if z is None else abs(z)
            return z if self.target.rises else -z
        if len(samples) == 2:
            is_small = len(samples[0]) + len(samples[1]) <= EXACT_UP_TO
            return exact_rank_sum_z(*samples) if is_small else rank_sum_z(*samples)
        p = self.p(values)
        return None if math.isnan(p) else deviations(p)
