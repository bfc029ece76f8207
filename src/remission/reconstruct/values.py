"""Search for values of children that print as a paper prints them.

Usage::

    found = find_values(
        [Column("cd3.before"), Column("cd3.after")],
        [Summary("cd3.before", everyone, median="0.96", minimum="0.03", maximum="3.79"),
         Summary(Change("cd3.after", "cd3.before"), positive, median="0.57"),
         Test(Change("cd3.after", "cd3.before"), (positive, negative), p="0.047")],
        measured=measured, relations=[AtMost(("cd4.before", "cd8.before"), "cd3.before")], seed=1)
    found.values      # children × columns, NaN where not measured
    found.outcomes    # each printed number, what was got, by which rules it prints so
    found.complete    # whether all of them are met

Columns that share no target are taken in one after another, so that each search is short; those
that relations bind together, and tests last. There the few children of a small group, of whom much
is printed, come first and stay as they are. Relations hold in every child all the time. A search
(``annealing``) is bounded by moves and not by time, so that one seed gives the same values on every
machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np

from remission.reconstruct.annealing import Found, Search
from remission.reconstruct.outcomes import AFRESH, left_out
from remission.reconstruct.quantities import places
from remission.reconstruct.sizes import chosen
from remission.reconstruct.start import drawn
from remission.reconstruct.targets import (
    Column,
    Panel,
    Relation,
    Summary,
    Target,
    Test,
)
from remission.statistics.arrays import BoolArray, FloatArray

MOVES_A_COLUMN = 10_000
"""Moves of each search, for each of the columns that share targets."""
STARTS = 12
_FEW, _MUCH = 10, 5
"""Children of a group that comes first, at most; and summaries printed of it, at least."""
_MOVES_OF_A_FEW = 100_000
_TRIES = 3
"""Searches for the columns that share targets, before the next columns are taken in."""
_FIRST = 10
"""By how much the search without tests is shorter, where relations bind columns."""


def find_values(
    columns: Sequence[Column], targets: Sequence[Target], *, measured: BoolArray | None = None,
    start: FloatArray | None = None, relations: Sequence[Relation] = (),
    panels: Sequence[Panel] = (), seed: int = 1, most_moves: int | None = None,
    starts: int = STARTS,
) -> Found:
    """Return values (children × columns) that print as the targets do, or the nearest found.

    ``start`` (n × columns) is what the search begins with, NaN where not measured; otherwise
    values are drawn where ``measured`` (n × columns) says so. Values have the digits of their
    column and lie within its limits. The same seed gives the same values. Raises ``ValueError``
    when neither says who has a value.
    """
    if start is not None:
        measured = ~np.isnan(start)
    if measured is None:
        raise ValueError("Either `start` or `measured` says who has a value.")
    moves = most_moves or MOVES_A_COLUMN * max(map(len, _blocks(columns, targets)))
    best: Found | None = None
    tried = 0
    stages = _stages(columns, targets, is_bound=bool(relations))
    for attempt in range(max(starts, 1)):
        random = Random(f"{seed}/{attempt}")
        is_afresh = best is None or attempt % AFRESH == 0
        given_up = set() if best is None else left_out(targets, best.unmet, random)
        values = start if is_afresh or best is None else best.values
        settled = columns
        if relations and values is None:
            values, settled = _few_first(columns, targets, relations, panels, measured, random)
        for stage, put_off in enumerate(stages if is_afresh else (set(),)):
            is_first = bool(relations) and is_afresh and not stage
            for more in range(1 if relations or not is_afresh or len(stages) == 1 else _TRIES):
                search = Search(settled, targets, relations, panels, len(measured), random,
                                 given_up | put_off)
                found = search.run(values, measured, moves // _FIRST if is_first else moves,
                                   is_going_on=more > 0)
                values, tried = found.values, tried + found.moves
                if best is None or _rank(found) < _rank(best):
                    best = found
                if not any(search.misses(found)):
                    break
        if best is not None and best.complete:
            break
    assert best is not None, "there is at least one start"
    search = Search(columns, targets, relations, panels, len(measured), Random(f"{seed}/apart"),
                    ())
    best = search.finished(best)
    return Found(best.values, best.outcomes, best.kept, tried)


def _blocks(columns: Sequence[Column], targets: Sequence[Target]) -> list[set[str]]:
    """Return the columns in sets that share no target, in the order of the columns."""
    blocks = [{column.name} for column in columns]
    names = [column.name for column in columns]
    for target in targets:
        own = {names[place] for place in places(target.of, names)}
        if isinstance(target, Summary) and target.paired_with is not None:
            own.add(target.paired_with)
        together = [block for block in blocks if block & own]
        merged = set().union(*together)
        blocks = [merged if block is together[0] else block for block in blocks
                  if block is together[0] or block not in together]
    return blocks


def _stages(
    columns: Sequence[Column], targets: Sequence[Target], *, is_bound: bool
) -> list[set[int]]:
    """Return the targets that are put off at each stage.

    Where relations bind the columns, tests come after all that is described: a child whose values
    fit together is hard to find again. Otherwise those of the blocks still to come.
    """
    if is_bound:
        return [{place for place, one in enumerate(targets) if isinstance(one, Test)}, set()]
    names = [column.name for column in columns]
    blocks = _blocks(columns, targets)
    return [{place for place, target in enumerate(targets)
             if any(names[places(target.of, names)[0]] in block for block in blocks[stage + 1:])}
            for stage in range(len(blocks))]


def _few_first(  # noqa: PLR0917 - a problem is all of these
    columns: Sequence[Column], targets: Sequence[Target], relations: Sequence[Relation],
    panels: Sequence[Panel], measured: BoolArray, random: Random,
) -> tuple[FloatArray, Sequence[Column]]:
    """Return values (n × columns) to begin with, and columns in which those of a few are settled.

    The few are those of the smallest group of which much is printed, where all of it can be met.
    """
    names = [column.name for column in columns]
    measured = chosen(measured, panels, names, targets, random)
    values = drawn(columns, targets, measured, random)
    few = _few(targets, names, measured)
    if few is None:
        return values, columns
    of_others = {place for place, target in enumerate(targets)
                 if not isinstance(target, Summary) or (target.rows & ~few).any()}
    for _ in range(_TRIES):
        search = Search(columns, targets, relations, (), len(measured), random, of_others)
        found = search.run(np.where(few[:, None], values, np.nan), measured, _MOVES_OF_A_FEW,
                           is_going_on=False)
        if not any(search.misses(found)):
            break
    else:
        return values, columns
    described = {names[place] for number, target in enumerate(targets) if number not in of_others
                 for place in places(target.of, names)}
    values = np.where(few[:, None], found.values, values)
    return values, [
        replace(column,
                low=np.where(few & ~np.isnan(own), own, column.low),
                high=np.where(few & ~np.isnan(own), own, column.high))
        if column.name in described else column
        for column, own in zip(columns, values.T, strict=True)]


def _few(
    targets: Sequence[Target], names: Sequence[str], measured: BoolArray
) -> BoolArray | None:
    """Return the smallest group of few children of whom much is printed, if there is one."""
    of_group: dict[bytes, list[Summary]] = {}
    for target in targets:
        if isinstance(target, Summary) and isinstance(target.of, str):
            of_group.setdefault(target.rows.tobytes(), []).append(target)
    groups = [summaries for summaries in of_group.values() if len(summaries) >= _MUCH
              and max(int(measured[one.rows, places(one.of, names)[0]].sum())
                      for one in summaries) <= _FEW]
    return min((summaries[0].rows for summaries in groups), key=np.count_nonzero, default=None)


def _rank(found: Found) -> tuple[int, int]:
    return (len(found.unmet) + found.kept.count(False),
            sum(not outcome.met_by_all for outcome in found.outcomes))
