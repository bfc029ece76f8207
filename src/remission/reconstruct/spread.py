"""Values that nothing binds, drawn anew one after another while all that is printed stays met.

A search leaves many values where they were last pushed, at a limit or at the median.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from remission.audit.printed import printed
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import ValueColumn
from remission.reconstruct.conditions import Cell, Resolver
from remission.reconstruct.described import Searched
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.targets import SHARES, Summary
from remission.statistics.arrays import FloatArray

_TRIES = 20


def spread(
    blueprint: Blueprint, children: Sequence[Cell], found: Mapping[str, Searched], seed: int
) -> dict[str, Searched]:
    """Return the searches with the values of columns that ask for it spread within their limits."""
    return {name: replace(searched, values={
        column: _spread(column, given, searched, *_limits(blueprint, given, children),
                        Random(f"{seed}/spread/{name}/{column}"))
        if given.spread else searched.values[column]
        for column, given in blueprint.values[name].columns.items()})
        for name, searched in found.items()}


def _limits(
    blueprint: Blueprint, column: ValueColumn, children: Sequence[Cell]
) -> tuple[FloatArray, FloatArray]:
    """Return the least and greatest value of each child (n,)."""
    n, resolver = len(children), Resolver(blueprint)
    low, high = np.full(n, float(column.low)), np.full(n, float(column.high))
    for limit in column.limits:
        who = resolver.predicate(limit.who)
        rows = np.array([who.holds(child) for child in children], dtype=np.bool_)
        low[rows], high[rows] = float(limit.low), float(limit.high)
    return low, high


def _spread(  # noqa: PLR0917 - a column, its values and limits
    name: str, column: ValueColumn, searched: Searched, low: FloatArray, high: FloatArray,
    random: Random,
) -> FloatArray:
    values = searched.values[name].copy()
    summaries = [outcome for outcome in searched.outcomes
                 if isinstance(outcome.target, Summary) and outcome.target.of == name]
    for outcome in summaries:  # beyond a printed range there is nothing
        assert isinstance(outcome.target, Summary)
        if outcome.part == "minimum":
            low = np.where(outcome.target.rows, np.maximum(low, outcome.got), low)
        if outcome.part == "maximum":
            high = np.where(outcome.target.rows, np.minimum(high, outcome.got), high)
    order = np.flatnonzero(~np.isnan(values)).tolist()
    random.shuffle(order)
    digits = printed(column.step).digits
    for child in order:
        before = values[child]
        for _ in range(_TRIES):
            values[child] = round(_drawn(low[child], high[child], column.spread, random), digits)
            if all(_stays(outcome, values) for outcome in summaries):
                break
        else:
            values[child] = before
    return values


def _drawn(low: float, high: float, how: str, random: Random) -> float:
    if how == "log" and low > 0:
        return math.exp(random.uniform(math.log(low), math.log(high)))
    return random.uniform(low, high)


def _stays(outcome: Outcome, values: FloatArray) -> bool:
    """Return whether a printed number is as before, or still prints so."""
    target = outcome.target
    assert isinstance(target, Summary)
    of_them = values[target.rows & ~np.isnan(values)]
    if outcome.part not in SHARES:
        return False
    got = float(np.quantile(of_them, SHARES[outcome.part]))
    return got == outcome.got or (outcome.met and replace(outcome, got=got).met)
