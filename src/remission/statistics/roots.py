"""Where a rising function crosses zero."""

from __future__ import annotations

from collections.abc import Callable

from remission.statistics.arrays import refuse

_WIDEST = 2000.0
"""Log ratios beyond this are not numbers any more."""


def increasing_root(function: Callable[[float], float], *, start: float = 0.0) -> float:
    """Return where a rising function of a log ratio is 0, to the last digits of a float.

    The root is bracketed from ``start`` in doubling steps, then found by bisection. Raises
    :class:`~remission.errors.NotEstimable` when there is none.
    """
    step = 1.0 if function(start) < 0 else -1.0
    near, far = start, start + step
    while function(far) * step < 0:
        near, far, step = far, far + 2 * step, 2 * step
        if abs(step) > _WIDEST:
            raise refuse("bound", "The bound is beyond all numbers.")
    low, high = min(near, far), max(near, far)
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if function(middle) < 0:
            low = middle
        else:
            high = middle
