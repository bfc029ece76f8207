"""When children have the endpoint of a Cox model: by days that were found, or by their marrows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from remission.reconstruct.blueprint_models import MRD_RESPONSE, ModelEndpoint
from remission.reconstruct.catalogue import NUMBER
from remission.reconstruct.conditions import Cell
from remission.reconstruct.times import FoundDays
from remission.statistics.arrays import BoolArray, FloatArray
from remission.virtual.parameters import Parameters
from remission.virtual.treatment import first_marrow_days

FACTS_OF_MARROWS = frozenset({"length", "marrow_wait"})
"""The facts that an exchange may change and that move the day of the first marrow."""
_LENGTH = "28"
"""What records take where no fact says how long a cycle was planned for."""
_LATER = 1000.0
"""A day after all first marrows, for those of later cycles in their order."""
_NEVER = 1e6


class ModelTimes:
    """Time and event of each child for one endpoint."""

    def __init__(
        self, endpoint: ModelEndpoint, parameters: Parameters, days: FoundDays | None
    ) -> None:
        """Keep what the days follow from; EFS and OS need ``days``."""
        self._endpoint, self._parameters, self._days = endpoint, parameters, days
        self._known: dict[tuple[int, int, int, int], float] = {}

    def all(
        self, children: Sequence[Cell], cycles: Sequence[Sequence[Cell]]
    ) -> tuple[FloatArray, BoolArray]:
        """Return days (n,) and whether they are those of the event (n,)."""
        found = [self.of(child, facts, cycles[child]) for child, facts in enumerate(children)]
        return (np.array([day for day, _ in found]),
                np.array([had for _, had in found], dtype=np.bool_))

    def of(self, child: int, facts: Cell, cycles: Sequence[Cell]) -> tuple[float, bool]:
        """Return the day of one child, by its number, and whether it is that of the event."""
        if self._endpoint == MRD_RESPONSE:
            return self._cleared(facts, cycles)
        event, death, end = self._followed
        own = death if self._endpoint == "os" else event
        if np.isnan(own[child]):
            return float(end[child]), False
        if self._endpoint == "efs_assessed" and own[child] == 0:
            return self._first(facts, cycles[0]), True
        return float(own[child]), True

    @cached_property
    def _followed(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The days of events and deaths (n,), and the end of each child's time."""
        assert self._days is not None, "the blueprint asks for days where a model needs them"
        days = self._days
        return days.event, days.death, np.fmax(days.death, days.last)

    def _cleared(self, facts: Cell, cycles: Sequence[Cell]) -> tuple[float, bool]:
        """Return the day of the first marrow without MRD; later cycles only by their order."""
        for cycle in cycles:
            if cycle["marrow"] == "NEGATIVE":
                number = int(cycle[NUMBER])
                return (self._first(facts, cycle) if number == 1 else _LATER * number), True
        return _NEVER, False

    def _first(self, facts: Cell, cycle: Cell) -> float:
        key = (int(facts.get("length", _LENGTH)), int(cycle.get("crs", 0)),
               int(cycle.get("icans", 0)), int(facts["marrow_wait"]))
        if key not in self._known:
            self._known[key] = float(first_marrow_days(
                self._parameters, *(np.array([value]) for value in key))[0])
        return self._known[key]
