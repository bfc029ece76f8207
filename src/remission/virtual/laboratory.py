"""Laboratory values: counts, lymphocyte subsets, immunoglobulins, cytokines, and their limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from remission.units import TEST_UNITS, canonical_unit
from remission.virtual.parameters import Parameters
from remission.virtual.people import STATUSES, People
from remission.virtual.rows import NONE, numbers, rounded, table, words
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.treatment import Cycles

TESTS = tuple(TEST_UNITS)
SUBSETS = ("CD3", "CD4", "CD8", "CD19", "NK")
_PARTS = ("CD4", "CD8", "NK", "CD19")
IMMUNOGLOBULINS = ("IGG", "IGA", "IGM")
CYTOKINES = ("IL1B", "IL2", "IL4", "IL5", "IL6", "IL8", "IL10", "IL12", "IL17", "IFNG", "TNFA",
             "IFNA")
_VISITS = np.array([-1, 14, 21, 28])
_WEEKS = np.array([0, 7, 14, 21, 28])
_LOWER_LIMIT = {"ANC": 1.5, "PLT": 150.0, "WBC": 4.0, "HGB": 110.0, "ALC": 1.5}
_SERUM = (*IMMUNOGLOBULINS, *CYTOKINES)


@dataclass(frozen=True)
class Values:
    """Values of one test: whose, when, how much; ``limit`` where it is below one, else NaN."""

    test: str
    owner: Ints
    day: Ints
    value: Floats
    limit: Floats | None = None


def draw_values(  # noqa: PLR0917 - what is drawn, for whom, and what is known of it
    parameters: Parameters, stream: Stream, people: People, cycles: Cycles, onset: Floats,
    lowest: LowestCounts | None = None,
) -> list[Values]:
    """Return the values around the cycles; ``onset`` is the day of CRS of each cycle (k,).

    ``lowest`` are grades of low counts that are known; without, they are drawn.
    """
    return [*_sizes(people), *_counts(parameters, stream, people, cycles, lowest),
            *_subsets(parameters, stream, people, cycles),
            *_immunoglobulins(parameters, stream, people, cycles),
            *_cytokines(parameters, stream, people, cycles, onset)]


@dataclass(frozen=True)
class LowestCounts:
    """The worst CTCAE grades of each cycle that are known (k,); -1 where nobody counted."""

    neutropenia: Ints
    thrombocytopenia: Ints


_NEUTROPHILS = np.array([[1.6, 6.0], [1.6, 6.0], [1.0, 1.45], [0.5, 0.95], [0.05, 0.45]])
_PLATELETS = np.array([[155.0, 420.0], [76.0, 145.0], [51.0, 74.0], [26.0, 49.0], [8.0, 24.0]])
"""Grade → least and greatest count (CTCAE 5, lower limits of 1.5 and 150); the grades are 0 to 4,
and with that limit there is no grade 1 of neutrophils."""


def _sizes(people: People) -> list[Values]:
    everyone = np.arange(people.n)
    return [Values("WEIGHT", everyone, people.marrow_day, people.weight),
            Values("HEIGHT", everyone, people.marrow_day, people.height)]


def _counts(
    parameters: Parameters, stream: Stream, people: People, cycles: Cycles,
    lowest: LowestCounts | None,
) -> list[Values]:
    """Return weekly counts of each cycle, and those of the day of its marrow.

    Where the grades are known the marrow's counts are normal, and what nobody counted is left out.
    """
    k, weeks = len(cycles.owner), len(_WEEKS)
    levels = ("0", "1", "3")
    status = people.status[cycles.owner]
    low, high = _ranges(parameters, stream, "neutropenia", levels, status,
                        [[1.6, 6.0], [1.0, 1.45], [0.05, 0.95]])
    least, most = _ranges(parameters, stream, "thrombocytopenia", levels, status,
                          [[155.0, 420.0], [55.0, 145.0], [8.0, 49.0]])
    recovered_from = {"ANC": (0.8, 5.0), "PLT": (70.0, 350.0)}
    uncounted = dict.fromkeys(recovered_from, np.zeros(k, dtype=bool))
    if lowest is not None:
        low, high = _NEUTROPHILS[lowest.neutropenia].T
        least, most = _PLATELETS[lowest.thrombocytopenia].T
        recovered_from = {"ANC": (1.6, 5.0), "PLT": (155.0, 350.0)}
        # the marrow's counts are normal, so that the nadir is the worst
        uncounted = {"ANC": lowest.neutropenia < 0, "PLT": lowest.thrombocytopenia < 0}
    is_nadir = np.broadcast_to(_WEEKS == 7, (k, weeks))
    neutrophils = np.where(
        is_nadir, stream.uniform((k, weeks), low[:, None], high[:, None]),
        stream.uniform((k, weeks), 1.6, 6.0))
    platelets = np.where(
        is_nadir, stream.uniform((k, weeks), least[:, None], most[:, None]),
        stream.uniform((k, weeks), 155.0, 420.0))
    white = neutrophils + stream.uniform((k, weeks), 0.5, 3.0)
    haemoglobin = stream.uniform((k, weeks), 80.0, 130.0)
    cycle, week = np.nonzero(_WEEKS[None, :] <= (cycles.end - cycles.start)[:, None])
    owner, day = cycles.owner[cycle], cycles.start[cycle] + _WEEKS[week]
    weekly = [Values(test, owner, day, rounded(values[cycle, week], digits))
              for test, values, digits in (("ANC", neutrophils, 2), ("PLT", platelets, 0),
                                           ("WBC", white, 2), ("HGB", haemoglobin, 0))]
    seen = np.flatnonzero(~np.isnan(cycles.marrow_day))
    owners, marrow = cycles.owner[seen], cycles.marrow_day[seen].astype(np.int64)
    recovered = [Values(test, owners, marrow, rounded(stream.uniform(len(seen), *ends), digits))
                 for (test, ends), digits in zip(recovered_from.items(), (2, 0), strict=True)]
    start = Values("WBC", np.arange(people.n), people.marrow_day, people.wbc)
    return [*(_without(found, uncounted, cycle) for found in weekly), start,
            *(_without(found, uncounted, seen) for found in recovered)]


def _without(found: Values, uncounted: Mapping[str, Flags], cycle: Ints) -> Values:
    """Return values without those of the cycles in which nobody counted; ``cycle`` is of each."""
    kept = ~uncounted.get(found.test, np.zeros(int(cycle.max(initial=-1)) + 1, dtype=bool))[cycle]
    return replace(found, owner=found.owner[kept], day=found.day[kept], value=found.value[kept])


def _ranges(  # noqa: PLR0917 - what is drawn, for whom, and the ends of each level
    parameters: Parameters, stream: Stream, name: str, levels: tuple[str, ...], status: Ints,
    ends: list[list[float]],
) -> tuple[Floats, Floats]:
    shares = np.array([parameters.shares(f"toxicity.{name}_{group}", levels)
                       for group in STATUSES])
    found = np.array(ends)[stream.pick_of(shares, status)]
    return found[:, 0], found[:, 1]


def _subsets(
    parameters: Parameters, stream: Stream, people: People, cycles: Cycles
) -> list[Values]:
    """Return lymphocyte subsets of the first cycle: counts, percentages, and all lymphocytes."""
    n, visits = people.n, len(_VISITS)
    first = np.searchsorted(cycles.owner, np.arange(n))
    before, after = (parameters.by_level(f"laboratory.subsets_{when}", _PARTS)
                     for when in ("before", "after"))
    spread = np.full(len(_PARTS), parameters.number("laboratory.subset_spread"))
    spread[_PARTS.index("CD19")] = parameters.number("laboratory.cd19_spread")
    median = np.where((_VISITS < 0)[:, None], before, after)
    own = stream.normal((n, 1, len(_PARTS)))
    noise = 0.8 * own + 0.6 * stream.normal((n, visits, len(_PARTS)))
    counts = median * np.exp(spread * noise)
    part = {name: counts[..., position] for position, name in enumerate(_PARTS)}
    others = stream.uniform((n, visits), 0.0, parameters.number("laboratory.other_cd3"))
    part["CD3"] = (part["CD4"] + part["CD8"]) * (1 + others)
    total = part["CD3"] + part["NK"] + part["CD19"]
    length = cycles.end[first]
    owner, visit = np.nonzero(_VISITS[None, :] <= length[:, None] + 2)
    day = _VISITS[visit]
    limit = parameters.number("laboratory.cd19_limit")
    found = [Values("ALC", owner, day, np.maximum(rounded(total[owner, visit], 2), 0.01))]
    for name in SUBSETS:
        count, share = part[name][owner, visit], 100 * (part[name] / total)[owner, visit]
        least = limit if name == "CD19" else 0.0
        found.append(Values(name, owner, day, np.maximum(rounded(count, 3), least),
                            np.where(count < least, least, np.nan)))
        found.append(Values(f"{name}_PERCENT", owner, day, rounded(share, 1)))
    return found


def _immunoglobulins(
    parameters: Parameters, stream: Stream, people: People, cycles: Cycles
) -> list[Values]:
    """Return immunoglobulins before the first cycle and at its end."""
    n = people.n
    end = cycles.end[np.searchsorted(cycles.owner, np.arange(n))] + 1
    spread = parameters.number("laboratory.immunoglobulin_spread")
    found: list[Values] = []
    for when, day in (("before", np.full(n, -1)), ("after", end)):
        medians = parameters.by_level(f"laboratory.immunoglobulins_{when}", IMMUNOGLOBULINS)
        found.extend(
            Values(name, np.arange(n), day, np.maximum(rounded(
                stream.log_normal(n, median, spread), 2), 0.01))
            for name, median in zip(IMMUNOGLOBULINS, medians, strict=True))
    return found


def _cytokines(
    parameters: Parameters, stream: Stream, people: People, cycles: Cycles, onset: Floats
) -> list[Values]:
    """Return cytokines before, at the onset of CRS, and at the end of the first cycle.

    Each centre has a kit with its own limit of detection; what lies below is given as below it.
    """
    n = people.n
    first = np.searchsorted(cycles.owner, np.arange(n))
    limits = np.array(parameters.value("laboratory.cytokine_limits"), dtype=float)
    of_site = limits[people.site % len(limits)]
    begun, end = onset[first], cycles.end[first] + 1.0
    times = np.stack([np.full(n, -1.0), np.where(begun < end, begun, np.inf), end], axis=1)
    owner, time = np.nonzero(np.isfinite(times))
    day = times[owner, time].astype(np.int64)
    medians = parameters.by_level("laboratory.cytokines_before", CYTOKINES)
    rises = parameters.value("laboratory.cytokine_rise")
    spread = parameters.number("laboratory.cytokine_spread")
    least = of_site[owner]
    found = []
    for name, median in zip(CYTOKINES, medians, strict=True):
        at = median * np.where(time == 1, float(rises.get(name, 1.0)), 1.0)
        true = rounded(stream.log_normal(len(owner), at, spread), 2)
        found.append(Values(name, owner, day, np.maximum(true, least),
                            np.where(true < least, least, np.nan)))
    return found


def laboratory_rows(found: Iterable[Values], end: Floats, ids: pl.Series) -> pl.DataFrame:
    """Return the values up to the ``end`` of each child as rows, in the order of the children."""
    values = list(found)
    owner = np.concatenate([one.owner for one in values]).astype(np.int16)
    test = np.repeat([TESTS.index(one.test) for one in values],
                     [len(one.owner) for one in values])
    day = np.concatenate([one.day for one in values])
    value = np.concatenate([one.value for one in values])
    limit = np.concatenate([np.full(len(one.owner), np.nan) if one.limit is None else one.limit
                            for one in values])
    order = np.argsort(owner, kind="stable")
    order = order[day[order] <= end[owner[order]]]
    test, limit = test[order], limit[order]
    return table(
        "laboratory", ids, owner[order].astype(np.int64), test=words(test, TESTS), day=day[order],
        sequence=1, value=value[order],
        sign=words(np.isnan(limit).astype(np.int64), ("<", "=")),
        unit=words(test, [canonical_unit(name) for name in TESTS]),
        lower_limit=numbers(np.array([_LOWER_LIMIT.get(name, np.nan) for name in TESTS])[test]),
        lod=numbers(limit), specimen=words(
            np.array([_SPECIMEN.get(name, NONE) for name in TESTS])[test], ("BLOOD", "SERUM")))


_SPECIMEN = {
    **dict.fromkeys(("WBC", "ANC", "ALC", "PLT", "HGB", "CHIMERISM_WB", *SUBSETS,
                     *(f"{name}_PERCENT" for name in SUBSETS)), 0),
    **dict.fromkeys(_SERUM, 1),
}
"""Position of the specimen of each test that has one."""
