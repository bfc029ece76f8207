"""What a claim demands of the facts: who is counted, and the counts that print as it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from remission.audit.claims import AnyClaim, Claims
from remission.audit.fields import Base
from remission.audit.kinds_of_counts import Contingency, Flow, Parts, Proportion
from remission.audit.kinds_of_estimates import Curve, Summary, Survival
from remission.audit.kinds_of_words import Definition, Same
from remission.audit.printed import Printed, printed, whole
from remission.errors import Problem, did_you_mean, raise_if_any
from remission.reconstruct.blueprint import Blueprint, Target
from remission.reconstruct.blueprint_values import Condition
from remission.reconstruct.conditions import Predicate, Resolver, both
from remission.reconstruct.fourfold import Fourfold, fourfold
from remission.reconstruct.ratios import printed_ratios


@dataclass(frozen=True)
class Demand:
    """How many meet a predicate: one of some counts. ``what`` names it in words."""

    what: str
    who: Predicate
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Claimed:
    """All that one claim demands, and how much it weighs."""

    claim: AnyClaim
    target: Target
    demands: tuple[Demand, ...]
    table: Fourfold | None = None
    """The fourfold table whose odds ratio it prints, where a model says so."""

    @property
    def id(self) -> str:
        """The id of the claim."""
        return self.claim.id

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """Everybody whom it counts."""
        return (*(demand.who for demand in self.demands),
                *(self.table.cells if self.table else ()))


def claimed(blueprint: Blueprint, claims: Claims, file: str) -> tuple[Claimed, ...]:
    """Return what the targets of a blueprint demand, in its order.

    Raises :class:`~remission.errors.InputError` for targets whose claim there is not, or whose
    conditions do not fit its kind.
    """
    by_id = {claim.id: claim for claim in claims.claims}
    resolver = Resolver(blueprint)
    problems: list[Problem] = []
    found: list[Claimed] = []
    for target in blueprint.targets:
        where = f"{file}, the target {target.claim!r}"
        claim = by_id.get(target.claim)
        if claim is None:
            problems.append(Problem(where, "There is no such claim.", "",
                                    did_you_mean(target.claim, by_id)))
            continue
        try:
            demands = tuple(_demands(claim, target, claims, resolver, blueprint))
        except ValueError as error:
            problems.append(Problem(where, f"It does not fit the claim: {error}.", "",
                                    "Write one condition for each number that the claim prints."))
            continue
        found.append(Claimed(claim, target, demands))
    found += _of_tables(blueprint, by_id, resolver, problems, file)
    raise_if_any(problems)
    return tuple(found)


def _of_tables(
    blueprint: Blueprint, by_id: Mapping[str, AnyClaim], resolver: Resolver,
    problems: list[Problem], file: str,
) -> Iterator[Claimed]:
    """Yield the claims of odds ratios that a fourfold table decides; report what does not fit."""
    for model in blueprint.models:
        levels: set[float] = set()
        for term, name in [(one, claim) for one in model.terms for claim in one.claims]:
            where, claim = f"{file}, the model of {name!r}", by_id.get(name)
            if claim is None:
                problems.append(Problem(where, "There is no such claim.", "",
                                        did_you_mean(name, by_id)))
                continue
            try:
                levels |= {one.level for one in printed_ratios(term, claim)}
            except ValueError as error:
                problems.append(Problem(where, f"It does not fit the claim: {error}.", "",
                                        "Name a claim of the kind ratio, same or definition."))
                continue
            if len(levels) > 1:
                problems.append(Problem(where, "Its interval is of another level than those "
                                        "before it.", "", "Ask for one level in each model."))
            elif model.is_table:
                target = Target.model_validate({"claim": name, "weight": model.weight})
                yield Claimed(claim, target, (), fourfold(model, claim, resolver))


def _demands(
    claim: AnyClaim, target: Target, claims: Claims, resolver: Resolver, blueprint: Blueprint
) -> Iterator[Demand]:
    reader = _Reader(claims, resolver, blueprint)
    read = _READ.get(claim.kind)
    if read is None:
        raise ValueError(f"a claim of the kind {claim.kind!r} has no counts")
    found = list(read(claim, target, reader))
    most = reader.size(blueprint.children)
    found += [Demand("somebody", reader.who(one), tuple(range(1, most + 1)))
              for one in target.some]
    if not found:
        raise ValueError("it binds none of its numbers")
    yield from found


@dataclass(frozen=True)
class _Reader:
    """What the readers of claims need: the bases, the conditions, the levels of facts."""

    claims: Claims
    resolver: Resolver
    blueprint: Blueprint

    def size(self, base: Base | None) -> int:
        """Return a base as a number. Raises ``ValueError`` where the claim has none."""
        found = self.claims.size(base)
        if found is None:
            raise ValueError("it has no base")
        return found

    def who(self, *conditions: Condition | None) -> Predicate:
        """Return who meets all of some conditions."""
        found = self.resolver.predicate({})
        for one in conditions:
            found = both(found, self.resolver.predicate(one))
        return found

    def counted(self, what: str, count: int, *conditions: Condition | None) -> Demand:
        """Return the demand of one count."""
        return Demand(what, self.who(*conditions), (count,))


def counts_printed(percent: Printed, base: int) -> tuple[int, ...]:
    """Return the counts of a base whose percentage prints so by any usual rounding."""
    return tuple(count for count in range(base + 1)
                 if percent.rules(Fraction(100 * count, base)))


def _proportion(claim: Proportion, target: Target, reader: _Reader) -> Iterator[Demand]:
    base = None if claim.base is None else reader.size(claim.base)
    if target.base is not None and base is not None:
        yield reader.counted("base", base, target.base)
    if target.count is None:
        return
    fits = None
    if claim.percent is not None and base is not None:
        fits = counts_printed(printed(claim.percent), base)
    counts = fits if claim.count is None else (whole(claim.count),)
    if counts is None:
        raise ValueError("it has neither a count nor a percentage with a base")
    if fits is not None:
        counts = tuple(count for count in counts if count in fits)
    yield Demand("count", reader.who(target.base, target.count), counts)


def _parts(claim: Parts, target: Target, reader: _Reader) -> Iterator[Demand]:
    if len(target.parts) != len(claim.parts):
        raise ValueError(f"it has {len(claim.parts)} parts, and {len(target.parts)} conditions")
    labels = claim.labels or tuple(str(number) for number in range(1, len(claim.parts) + 1))
    for label, count, condition in zip(labels, claim.parts, target.parts, strict=True):
        yield reader.counted(label, whole(count), target.total, condition)
    if target.total is not None:
        yield reader.counted("total", reader.size(claim.total), target.total)
    elif claim.exhaustive and sum(map(whole, claim.parts)) != reader.size(claim.total):
        # the parts do not make up their whole, whoever is in them
        yield Demand("total", reader.who({}), ())


def _flow(claim: Flow, target: Target, reader: _Reader) -> Iterator[Demand]:
    for node, condition in target.nodes.items():
        if node not in claim.nodes:
            raise ValueError(f"it has no node {node!r}")
        yield reader.counted(node, whole(claim.nodes[node]), condition)


def _contingency(claim: Contingency, target: Target, reader: _Reader) -> Iterator[Demand]:
    if len(target.rows) != len(claim.counts or claim.events):
        raise ValueError("it needs one condition for each row")
    names = claim.rows or tuple(str(number) for number in range(1, len(target.rows) + 1))
    if claim.events:
        if target.event is None:
            raise ValueError("it has events, and no condition of the event")
        for name, row, count, base in zip(
                names, target.rows, claim.events, claim.bases, strict=True):
            yield reader.counted(name, whole(count), row, target.event)
            yield reader.counted(f"{name}, all", reader.size(base), row)
        return
    if len(target.columns) != len(claim.counts[0]):
        raise ValueError("it needs one condition for each column")
    for name, row, counts in zip(names, target.rows, claim.counts, strict=True):
        for number, (column, count) in enumerate(zip(target.columns, counts, strict=True)):
            label = claim.columns[number] if claim.columns else str(number + 1)
            yield reader.counted(f"{name}, {label}", count, row, column)


def _same(claim: Same, target: Target, reader: _Reader) -> Iterator[Demand]:
    for mention in claim.mentions:
        if target.some and target.of is None and target.number is None:
            return
        if target.of is not None:
            level = str(whole(mention.value))
            others = [one for one in reader.blueprint.levels(target.fact) if one != level]
            yield reader.counted(mention.where, 0, target.of, {target.fact: tuple(others)})
        else:
            yield reader.counted(mention.where, whole(mention.value), target.number)


def _definition(claim: Definition, target: Target, reader: _Reader) -> Iterator[Demand]:
    if target.number is not None:
        yield reader.counted("printed", whole(claim.printed), target.number)


def _survival(claim: Survival, target: Target, reader: _Reader) -> Iterator[Demand]:
    n = reader.size(claim.n)
    yield reader.counted("n", n, target.n)
    if target.events is not None:
        estimate = printed(claim.estimate)
        fits = tuple(count for count in range(n + 1)
                     if estimate.rules(Fraction(100 * (n - count), n)))
        yield Demand("events", reader.who(target.n, target.events), fits)


def _summary(claim: Summary, target: Target, reader: _Reader) -> Iterator[Demand]:
    if len(target.groups) != len(claim.groups):
        raise ValueError("it needs one condition for each group")
    for group, condition in zip(claim.groups, target.groups, strict=True):
        if group.n is not None:
            yield reader.counted(group.label, reader.size(group.n), condition)


def _curve(claim: Curve, target: Target, reader: _Reader) -> Iterator[Demand]:
    if len(target.groups) != len(claim.groups):
        raise ValueError("it needs one condition for each group")
    for group, condition in zip(claim.groups, target.groups, strict=True):
        yield reader.counted(group.label, whole(group.at_risk[0]), condition)


_READ: Mapping[str, Callable[[Any, Target, _Reader], Iterable[Demand]]] = MappingProxyType({
    "proportion": _proportion, "parts": _parts, "flow": _flow, "contingency": _contingency,
    "same": _same, "definition": _definition, "survival": _survival, "summary": _summary,
    "curve": _curve,
})
