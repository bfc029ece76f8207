"""When counts truly recovered after a graft: read from the true daily counts, by plain loops over
days and in this room's own code, so that the definitions can be judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remission.virtual.stream import Flags, Floats


@dataclass(frozen=True)
class Recovery:
    """A rule of recovery: the least count (10⁹/L), whether it is enough itself, how many days.

    ``rest`` is how many days must lie between a platelet transfusion and a day that counts.
    """

    least: float
    is_enough: bool
    run: int
    rest: int = 0


NEUTROPHILS = {"three_days": Recovery(0.5, is_enough=True, run=3),
               "above_500": Recovery(0.5, is_enough=False, run=3)}
PLATELETS = {"three_days": Recovery(20, is_enough=True, run=3, rest=7),
             "above_500": Recovery(20, is_enough=False, run=7, rest=1)}


def recovery_day(counts: Floats, transfused: Flags, rule: Recovery) -> Floats:
    """Return the first of the days in a row that make a recovery (g,); not a number without.

    ``counts`` are daily, from day 1 after the graft (g, days), not a number after death;
    ``transfused`` tells the days with a transfusion. Counts before they first fell do not count.
    """
    n, n_days = counts.shape
    found, run = np.full(n, np.nan), np.zeros(n, dtype=np.int64)
    since = np.full(n, 10_000)
    has_fallen, was_given = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for column in range(n_days):
        count = counts[:, column]
        is_high = count >= rule.least if rule.is_enough else count > rule.least
        since = np.where(transfused[:, column], 0, since + 1)
        was_given |= transfused[:, column]
        is_own = (since >= rule.rest) | ~was_given if rule.rest else np.ones(n, dtype=bool)
        run = np.where(is_high & is_own & has_fallen, run + 1, 0)
        has_fallen |= ~(is_high & is_own) & ~np.isnan(count)
        is_new = (run == rule.run) & np.isnan(found)
        found = np.where(is_new, column + 1 - rule.run + 1, found)
    return found
