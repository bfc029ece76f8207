"""Two groups of an outcome, told apart by label: what a difference or a ratio is taken between."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import refuse
from remission.statistics.labels import coded_labels
from remission.statistics.outcome import Outcome


def two_groups(
    outcome: Outcome, groups: ArrayLike, *, reference: object, where: str
) -> tuple[tuple[object, object], tuple[Outcome, Outcome]]:
    """Return (labels, outcomes) of the reference group and of the other, in this order.

    ``groups`` (n,) are labels of any kind; the reference is the first in order when None. Raises
    ``NotEstimable`` unless there are exactly two groups and the reference is one of them.
    """
    labels, member = coded_labels(groups, len(outcome), where=where)
    if len(labels) != 2:
        raise refuse(where, f"Two groups are compared, not {len(labels)}.")
    if reference is not None and reference not in labels:
        raise refuse(where, f"The reference {reference!r} is not a group.",
                     f"Choose {labels[0]!r} or {labels[1]!r}.")
    first = 0 if reference is None else labels.index(reference)
    second = 1 - first
    return ((labels[first], labels[second]),
            (outcome.subset(np.flatnonzero(member == first)),
             outcome.subset(np.flatnonzero(member == second))))
