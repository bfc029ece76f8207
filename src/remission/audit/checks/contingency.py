"""Tables with a P value: recomputed by the stated test, by the others, and by what it may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remission.audit.claims import Claims
from remission.audit.fields import Base
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_counts import Contingency
from remission.audit.printed import printed, whole
from remission.audit.say import is_rounded, listed, number, p_value
from remission.audit.solver import ONE_CHANGE, Labelled, by_chance, search
from remission.audit.tests_of_tables import (
    Order,
    Table,
    Tested,
    fitting,
    tests_of,
    usual_tests,
)

_UNLIKELY = 0.2
"""Fits expected by chance below which a reading far from the print is taken for one."""


def check_contingency(claim: Contingency, claims: Claims) -> list[Judgement]:
    """Return whether the printed P value, and statistic, follow from the counts."""
    table = table_of(claim, claims)
    if isinstance(table, Judgement):
        return [table]
    order = order_of(claim)
    usual = usual_tests(order, paired=claim.paired)
    stated = tests_of(table, order, claim.tests or usual)
    judged = [] if claim.statistic is None else [
        _judge_statistic(claim.statistic, tests_of(table, order, usual))]
    if claim.p is None:
        return judged or [cannot_tell("No P value is printed.", _all_p(stated))]
    by_stated = _by_stated(claim, stated)
    if by_stated is None:
        other = tests_of(table, order, [name for name in usual if name not in claim.tests]
                         ) if claim.tests else []
        if not stated and not other:
            return [cannot_tell("These counts admit none of the usual tests.")]
        by_stated = _by_others(_Asked(claim, claims, table, order), stated, other)
    return [by_stated, *judged]


def order_of(claim: Contingency) -> Order:
    """Return what of a claim's table stands in a natural order."""
    return Order(claim.ordered in ("rows", "both"), claim.ordered in ("columns", "both"))


def table_of(claim: Contingency, claims: Claims) -> Table | Judgement:
    """Return the table of a claim, or why there is none."""
    if claim.counts:
        return claim.counts
    sizes = [claims.size(base) for base in claim.bases]
    events = [whole(count) for count in claim.events]
    rows = []
    for count, size in zip(events, sizes, strict=True):
        assert size is not None, "a base that is given has a size"
        if count > size:
            return contradicts(f"{count} is more than its base of {size}.")
        rows.append((count, size - count))
    return tuple(rows)


@dataclass(frozen=True)
class _Asked:
    """A claim with its table."""

    claim: Contingency
    claims: Claims
    table: Table
    order: Order


def _by_stated(claim: Contingency, stated: Sequence[Tested]) -> Judgement | None:
    """Return that a stated test gives the printed P value, None if none does."""
    assert claim.p is not None, "the caller looked"
    given, shown = fitting(claim.p), _shown(claim.p)
    for tested in stated:
        if is_rounded(tested.rules(given)):
            return agrees(f"{_sentence(tested)}, printed {shown}.", p_value(tested.p))
    cut = [tested for tested in stated if tested.rules(given)]
    if cut:
        return agrees_if(f"{_sentence(cut[0])}, printed {shown}: the digits were cut off.",
                         p_value(cut[0].p), ["digits cut off instead of rounded"])
    return None


def _by_others(
    asked: _Asked, stated: Sequence[Tested], other: Sequence[Tested]
) -> Judgement:
    """Return which other test, base or table gives the printed P value, if any does."""
    claim = asked.claim
    assert claim.p is not None, "the caller looked"
    given, beside = fitting(claim.p), _all_p(stated) or _all_p(other)
    fits = [tested for tested in other if is_rounded(tested.rules(given))]
    if fits:
        return agrees_if(f"By {beside}, not {claim.p}; {_sentence(fits[0])}.", beside,
                         [_reading(tested) for tested in fits])
    meant, _ = _of_bases(asked, claim.could_be)
    if meant:
        return agrees_if(f"By {beside}, not {claim.p}; but {meant[0]}.", beside, meant)
    return _searched(asked, beside)


def _searched(asked: _Asked, beside: str) -> Judgement:
    """Judge by what the search finds, of other tables and of the paper's other bases."""
    claim, table, order = asked.claim, asked.table, asked.order
    assert claim.p is not None, "the caller looked"
    given = fitting(claim.p)
    says = f"By {beside}, not {claim.p}"
    if given.sign != "=":
        return contradicts(f"{says}.", beside)
    labelled = Labelled(
        table, claim.rows or tuple(f"row {place + 1}" for place in range(len(table))),
        claim.columns or tuple(f"column {place + 1}" for place in range(len(table[0]))), order)
    found = search(labelled, given, usual_tests(order, paired=claim.paired))
    of_bases, tried_bases = _of_bases(asked, () if claim.could_be else _one_base_changed(asked))
    readings = [*(_reading(one.tested, one.says) for one in found.readings), *of_bases]
    tried = found.tried + tried_bases
    chance = by_chance(tried, given)
    if not readings:
        none = f"; none of {tried} other readings of it does" if tried else ""
        return contradicts(f"{says}{none}.", beside)
    is_near = bool(found.readings) and found.readings[0].steps == ONE_CHANGE
    counted = f"Of {tried} other readings that were tried, chance would fit {number(chance, 2)}."
    if is_near or chance < _UNLIKELY:
        return agrees_if(f"{says}; but {readings[0]}. {counted}", beside, readings)
    return contradicts(f"{says}. {counted}", beside, readings)


def _one_base_changed(asked: _Asked) -> Iterator[tuple[Base, ...]]:
    """Yield the bases of a claim with one of them taken from the paper's others."""
    bases = asked.claim.bases
    sizes = [asked.claims.size(base) for base in bases]
    for place in range(len(bases)):
        for name, size in asked.claims.bases.items():
            if size != sizes[place]:
                yield (*bases[:place], name, *bases[place + 1:])


def _of_bases(
    asked: _Asked, choices: Iterable[tuple[Base, ...]]
) -> tuple[list[str], int]:
    """Return which other bases give the printed P value, and how many P values were tried."""
    claim, order = asked.claim, asked.order
    assert claim.p is not None, "the caller looked"
    given, found, tried = fitting(claim.p), [], 0
    for bases in choices:
        other = table_of(claim.model_copy(update={"bases": bases}), asked.claims)
        if isinstance(other, Judgement):
            continue
        sizes = listed(str(sum(row)) for row in other)
        tested = tests_of(other, order, usual_tests(order, paired=claim.paired), searching=True)
        tried += len(tested)
        found += [_reading(one, f"bases {sizes}") for one in tested if is_rounded(one.rules(given))]
    return found, tried


def _judge_statistic(text: str, usual: Sequence[Tested]) -> Judgement:
    given = printed(text)
    having = [tested for tested in usual if tested.statistic is not None]
    values = "; ".join(f"{tested.name}: {number(tested.statistic or 0, 4)}" for tested in having)
    for tested in having:
        if any(given.rules(value) for value in (tested.statistic or 0, -(tested.statistic or 0))):
            return agrees(f"The statistic of {tested.name} is {number(tested.statistic or 0, 4)}, "
                          f"printed {given}.", values)
    if not having:
        return cannot_tell("The tests that these counts admit have no statistic.")
    return contradicts(f"The statistic is {values}, not {given}.", values)


def _all_p(tested: Sequence[Tested]) -> str:
    return listed(f"{one.name} P = {p_value(one.p)}" for one in tested) if tested else ""


def _sentence(tested: Tested) -> str:
    return f"{tested.name[0].upper()}{tested.name[1:]} gives P = {p_value(tested.p)}"


def _reading(tested: Tested, says: str = "") -> str:
    return f"{tested.name}{f' of {says}' if says else ''} gives P = {p_value(tested.p)}"


def _shown(p: str) -> str:
    return p if p.strip() == "NS" else f"P {p}" if p.strip()[0] in "<>≤≥" else f"P = {p}"
