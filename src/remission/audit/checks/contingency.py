"""Tables with a P value: recomputed by the stated test, by the others, and by what it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_counts import Contingency
from remission.audit.printed import printed, whole
from remission.audit.say import is_rounded, listed, number, p_value
from remission.audit.solver import ONE_CHANGE, Labelled, Search, search
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
    order = Order(claim.ordered in ("rows", "both"), claim.ordered in ("columns", "both"))
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
    based = _other_bases(asked)
    if based:
        return agrees_if(f"By {beside}, not {claim.p}; but {based[0]}.", beside, based)
    return _searched(asked, beside)


def _searched(asked: _Asked, beside: str) -> Judgement:
    """Judge by what the search finds."""
    claim, table, order = asked.claim, asked.table, asked.order
    assert claim.p is not None, "the caller looked"
    given = fitting(claim.p)
    tests = usual_tests(order, paired=claim.paired)
    labelled = Labelled(
        table, claim.rows or tuple(f"row {place + 1}" for place in range(len(table))),
        claim.columns or tuple(f"column {place + 1}" for place in range(len(table[0]))), order)
    found = search(labelled, given, tests) if given.sign == "=" else Search((), 0, True)
    readings = [_reading(one.tested, one.says) for one in found.readings]
    chance = found.by_chance(given)
    tried = f"Of {found.tried} other readings of the table about {number(chance, 1)} would fit " \
            "by chance."
    if readings and (found.readings[0].steps == ONE_CHANGE or chance < _UNLIKELY):
        return agrees_if(f"By {beside}, not {claim.p}; but {readings[0]}. {tried}", beside,
                         readings)
    says = f"By {beside}, not {claim.p}."
    if readings:
        return contradicts(f"{says} {tried}", beside, readings)
    if found.tried:
        says += f" None of {found.tried} other readings of the table gives it."
    return contradicts(says, beside)


def _other_bases(asked: _Asked) -> list[str]:
    """Return which of the other bases that may be meant give the printed P value."""
    claim, order = asked.claim, asked.order
    assert claim.p is not None, "the caller looked"
    given = fitting(claim.p)
    found = []
    for bases in claim.could_be:
        other = table_of(claim.model_copy(update={"bases": bases}), asked.claims)
        if isinstance(other, Judgement):
            continue
        sizes = listed(str(sum(row)) for row in other)
        found += [_reading(tested, f"bases {sizes}")
                  for tested in tests_of(other, order, usual_tests(order, paired=claim.paired))
                  if is_rounded(tested.rules(given))]
    return found


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
