"""Daily counts after the graft that recover on the day that was sought, and not a day beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from remission.virtual.stream import Floats
from remission.virtual.transplants import GivenGrafts, Grafts

_NEUTROPHILS, _PLATELETS = (0.45, 0.55), (18.0, 24.0)
"""At most the day before and at least from then on, in 10⁹/L: on either side of 0.5 and of 20."""
_RUN = 7
"""Days from the recovery on that stay above, the longest run that a rule asks for."""


def recovered_as_known(grafts: Grafts, known: GivenGrafts | None) -> Grafts:
    """Return the grafts with counts that recover on the days that are known."""
    if known is None:
        return grafts
    owner = grafts.owner
    return replace(
        grafts,
        neutrophils=_rising(grafts.neutrophils, known.neutrophil_day[owner], _NEUTROPHILS),
        platelets=_rising(grafts.platelets, known.platelet_day[owner], _PLATELETS))


def _rising(counts: Floats, day: Floats, ends: tuple[float, float]) -> Floats:
    """Return counts (grafts, days from 1 on) that cross from low to high on a day (grafts,)."""
    after = np.arange(1, counts.shape[1] + 1)[None, :] - day[:, None]
    below, above = after == -1, (after >= 0) & (after < _RUN)
    lowered = np.where(below, np.minimum(counts, ends[0]), counts)
    return np.where(above, np.maximum(lowered, ends[1]), lowered)
