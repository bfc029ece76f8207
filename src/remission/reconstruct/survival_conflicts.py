"""Printed survival of everyone that no follow-up gives together with that of groups among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from remission.audit.checks.strata import pooled_bounds
from remission.audit.printed import EITHER, Printed, printed
from remission.audit.spans import Span, span_of
from remission.reconstruct.follow_up import CurveTarget, Survived

_MOST_GROUPS = 3


@dataclass(frozen=True)
class SurvivalConflict:
    """Estimates that cannot all be true whatever the censoring, everyone's first."""

    targets: tuple[Survived, ...]

    def __str__(self) -> str:
        """Return the numbers in one line."""
        return "; ".join(f"{target.name}: estimate {target.estimate}" for target in self.targets)


def survival_conflicts(
    unmet: Sequence[Survived], targets: Sequence[CurveTarget]
) -> Iterator[SurvivalConflict]:
    """Yield the smallest conflict of each target that was not met, as far as bounds prove one.

    Groups are compared with everyone where they stand apart, and time counts from the same day; of
    who is in none of them nothing is assumed.
    """
    for whole in unmet:
        groups = [one for one in targets if isinstance(one, Survived) and one is not whole
                  and _is_part(one, whole)]
        for size in range(1, _MOST_GROUPS + 1):
            found = next((parts for parts in combinations(groups, size)
                          if _stand_apart(parts) and not _can_be(whole, parts)), None)
            if found is not None:
                yield SurvivalConflict((whole, *found))
                break


def _is_part(one: Survived, whole: Survived) -> bool:
    same = one.origin is whole.origin or (
        one.origin is not None and whole.origin is not None
        and np.array_equal(one.origin, whole.origin))
    return (same and one.endpoint == whole.endpoint and one.at == whole.at
            and not (one.rows & ~whole.rows).any())


def _stand_apart(parts: Sequence[Survived]) -> bool:
    return bool((np.sum([part.rows for part in parts], axis=0) <= 1).all())


def _can_be(whole: Survived, parts: Sequence[Survived]) -> bool:
    sizes = [int(part.rows.sum()) for part in parts]
    shares = [_share(printed(part.estimate)) for part in parts]
    rest = int(whole.rows.sum()) - sum(sizes)
    if rest:
        sizes, shares = [*sizes, rest], [*shares, Span(0.0, 1.0)]
    return pooled_bounds(shares, sizes).meets(_share(printed(whole.estimate)))


def _share(estimate: Printed) -> Span:
    span = span_of(estimate, EITHER).between(0, 100)
    return Span(span.low / 100, span.high / 100)
