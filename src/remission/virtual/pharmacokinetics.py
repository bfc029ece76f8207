"""Concentrations of blinatumomab: one compartment, linear, with published parameters.

Clements 2020, Clin Pharmacokinet, doi 10.1007/s40262-019-00823-8: clearance 2.22 L/h, volume
5.98 L (half-life 1.87 h); of body surface 0.37 against 1.88 m² clearance is 63 % lower, which is a
power of about 0.61 (inferred). The variation between children is our own (35 %).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.people import People
from remission.virtual.rows import rounded
from remission.virtual.stream import Floats, Ints, Stream
from remission.virtual.treatment import Cycles

CLEARANCE, VOLUME = 2.22, 5.98
"""Litres an hour and litres, of a body surface of 1.88 m²."""
_SURFACE, _POWER = 1.88, 0.61
_BETWEEN_CHILDREN = 0.35
_HOURS = 24.0


def clearance(surface: Floats) -> Floats:
    """Return the clearance (L/h) of children of some body surface (m²)."""
    return np.asarray(CLEARANCE * (surface / _SURFACE) ** _POWER)


def concentrations(rates: Floats, cleared: Floats) -> Floats:
    """Return the concentration (pg/mL) at the end of each day (k, days).

    ``rates`` are infused µg a day (k, days), constant within a day; ``cleared`` is the clearance
    (k,) in L/h. Each day begins with what is left of the day before.
    """
    left = np.exp(-cleared / VOLUME * _HOURS)
    found, level = np.zeros_like(rates), np.zeros(len(rates))
    for day in range(rates.shape[1]):
        steady = rates[:, day] / _HOURS / cleared * 1000  # µg/L is 1000 pg/mL
        level = steady + (level - steady) * left
        found[:, day] = level
    return found


def draw_concentrations(
    stream: Stream, people: People, cycles: Cycles, parameters: Parameters, ids: pl.Series
) -> pl.DataFrame:
    """Return ``subject_id, cycle_no, day, ug_per_day, pg_per_ml`` of each day of infusion."""
    surface = np.sqrt(people.weight * people.height / 3600)
    own = clearance(surface) * np.exp(_BETWEEN_CHILDREN * stream.normal(people.n))
    doses = np.array([0.0, parameters.number("treatment.first_dose"),
                      parameters.number("treatment.full_dose")])
    rates = doses[cycles.doses] * surface[cycles.owner][:, None]
    levels = concentrations(rates, own[cycles.owner])
    cycle, day = np.nonzero(cycles.doses)
    return pl.DataFrame({
        "subject_id": ids.gather(cycles.owner[cycle]), "cycle_no": cycles.number[cycle],
        "day": _days(cycles, cycle, day), "ug_per_day": rounded(rates[cycle, day], 2),
        "pg_per_ml": rounded(levels[cycle, day], 1)})


def _days(cycles: Cycles, cycle: Ints, day: Ints) -> Ints:
    return np.asarray(cycles.start[cycle] + day)
