"""Search for children whose regression models print as a paper prints them.

Children who meet all counts exchange facts, and values that are the same in every description, so
that what was met stays met, until the ratios, intervals and P values of the models are those
printed. The search is bounded by rounds, so that one seed gives the same children everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple, TypeAlias

import numpy as np

from remission.audit.claims import AnyClaim, Claims
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_models import MRD_RESPONSE, OF_MARROWS, Model
from remission.reconstruct.conditions import Resolver
from remission.reconstruct.described import Searched
from remission.reconstruct.exchange import Change, Exchange
from remission.reconstruct.facts import Facts
from remission.reconstruct.hazard_fit import fitted_hazards, library_hazards
from remission.reconstruct.model_fit import Ratios, fitted_ratios, library_fit
from remission.reconstruct.model_times import FACTS_OF_MARROWS, ModelTimes
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.ratios import PrintedRatio, printed_ratios
from remission.reconstruct.survived import Followed, facts_of_days
from remission.reconstruct.values_of_models import ValuesOfModels
from remission.reconstruct.windows import reach, window
from remission.statistics.arrays import BoolArray, FloatArray
from remission.virtual.parameters import read_parameters

_OF_RATIOS, _OF_TIMES = (64, 0.2, 1e-5), (12, 0.1, 5e-4)
"""Exchanges that are looked at in a round, and what one may cost at the beginning and at the end,
about. P values of Cox models move in many small steps: there a search wanders more."""
_CUT_OFF, _MISSED, _NONE = 0.2, 1e-3, 4.0
"""Share of its cost that a number has that prints so with digits cut off, what one costs that does
not print so at all, and what it costs that there is none."""
_WRONG_WAY = 1.0
"""What a ratio costs on the other side of 1 than it is printed to be, and its logarithm more."""
_NOISE = 1e-9

Move: TypeAlias = tuple[Change, tuple[int, int, int] | None]
"""An exchange of facts; or else of the values of a column: (column, one child, the other)."""
_STAY: Move = ({}, None)


@dataclass(frozen=True)
class Modelled:
    """Children and values whose models print as they are printed, or nearly."""

    facts: Facts
    searched: Mapping[str, Searched]
    outcomes: tuple[Outcome, ...]


def searched_models(blueprint: Blueprint) -> tuple[Model, ...]:
    """Return the models that more than one fourfold table decides."""
    return tuple(model for model in blueprint.models if not model.is_table)


def needs_days(blueprint: Blueprint) -> bool:
    """Return whether the days of events are needed before the models."""
    return any(model.endpoint not in ("", MRD_RESPONSE) for model in searched_models(blueprint))


def columns_of_models(blueprint: Blueprint) -> frozenset[str]:
    """Return the names of the searches whose columns are covariates."""
    return frozenset(term.of.partition(".")[0] for model in searched_models(blueprint)
                     for term in model.terms if term.of)


def modelled(  # noqa: PLR0917 - a problem is all of these
    blueprint: Blueprint, claims: Claims, facts: Facts, searched: Mapping[str, Searched],
    days: Followed | None, seed: int,
) -> Modelled:
    """Return children with exchanged facts and values; as they were where no model is asked for.

    ``searched`` has the values of :func:`columns_of_models`; ``days`` are those of the children
    as they are, where a Cox model asks for them, and what they follow from is not exchanged.
    """
    models = searched_models(blueprint)
    if not models:
        return Modelled(facts, searched, ())
    by_id = {claim.id: claim for claim in claims.claims}
    search = _Search(blueprint, [_Asked(model, by_id) for model in models], facts, searched, days,
                     seed)
    search.run(max(model.moves for model in models))
    return search.found()


class _Asked:
    """A model with the numbers that are printed of it."""

    def __init__(self, model: Model, claims: Mapping[str, AnyClaim]) -> None:
        self.model = model
        printed = [(place, one) for place, term in enumerate(model.terms)
                   for claim in term.claims for one in printed_ratios(term, claims[claim])]
        alike = {(place, one.part, one.printed, one.is_inverse, one.level): (place, one)
                 for place, one in reversed(printed)}
        self.numbers = list(reversed(alike.values()))
        self.level = next((one.level for _, one in self.numbers), 0.95)


class _Rows(NamedTuple):
    """What a model is fitted to: of one (children …) or of many (models, children …).

    ``time`` is 0 where a model has no time.
    """

    had: BoolArray
    time: FloatArray
    covariates: FloatArray
    among: BoolArray

    def times(self, models: int) -> _Rows:
        """Return them once for each of some models."""
        return _Rows(np.tile(self.had, (models, 1)), np.tile(self.time, (models, 1)),
                     np.tile(self.covariates, (models, 1, 1)), np.tile(self.among, (models, 1)))

    def of(self, model: int) -> _Rows:
        """Return those of one model, to be written into."""
        return _Rows(self.had[model], self.time[model], self.covariates[model], self.among[model])


class _Search:
    """One annealing of who has which facts and values."""

    def __init__(  # noqa: PLR0917 - a problem is all of these
        self, blueprint: Blueprint, asked: Sequence[_Asked], facts: Facts,
        searched: Mapping[str, Searched], days: Followed | None, seed: int,
    ) -> None:
        self._asked, self._facts, self._random = asked, facts, Random(f"{seed}/models")
        resolver = Resolver(blueprint)
        self._values = ValuesOfModels(blueprint, facts.children, searched)
        parameters = read_parameters(blueprint.like)
        self._times = [ModelTimes(one.model.endpoint, parameters, days.days if days else None)
                       if one.model.endpoint else None for one in asked]
        outcomes = [resolver.predicate(one.model.outcome) for one in asked
                    if not one.model.endpoint]
        self._who = [(resolver.predicate(one.model.outcome), resolver.predicate(one.model.among),
                      [None if term.who is None else resolver.predicate(term.who)
                       for term in one.model.terms]) for one in asked]
        terms = {fact for _, _, whos in self._who for who in whos if who for fact in who.facts}
        kept = {*blueprint.core, *self._values.facts,
                *(fact for who in outcomes for fact in who.facts)}
        if any(one.model.endpoint in OF_MARROWS for one in asked):
            terms |= FACTS_OF_MARROWS & blueprint.facts.keys()
        if days is not None:
            kept |= facts_of_days(blueprint)
        self._exchange = Exchange(blueprint, facts, terms - kept, np.array([
            any(among.holds(child) for _, among, _ in self._who) for child in facts.children]))
        self._arrays = [self._as_arrays(place) for place in range(len(asked))]
        self._begin: list[FloatArray | None] = [None] * len(asked)
        self._batch, self._warm, self._cold = _OF_TIMES if any(self._times) else _OF_RATIOS

    def run(self, rounds: int) -> None:
        """Exchange until all is met, or the rounds are over; keep the best."""
        cost = float(self._costs([_STAY])[0])
        lowest, best = cost, self._state()
        for number in range(rounds):
            if lowest == 0:
                break
            warmth = self._warm * (self._cold / self._warm) ** (number / rounds)
            moves = [_STAY, *(self._drawn() for _ in range(self._batch))]
            costs = self._costs(moves)
            place = int(np.argmin(costs - warmth * np.array([
                -math.log(-math.log(self._random.random())) for _ in moves])))
            self._make(moves[place])
            cost = float(costs[place])
            if cost < lowest - 1e-12:
                lowest, best = cost, self._state()
        self._exchange.children, self._exchange.cycles, self._values.values = best
        self._arrays = [self._as_arrays(place) for place in range(len(self._asked))]

    def found(self) -> Modelled:
        """Return the children and what the models print, by the library's own fit."""
        facts = replace(
            self._facts, children=tuple(self._exchange.children),
            cycles=tuple(tuple(cycles) for cycles in self._exchange.cycles))
        return Modelled(facts, self._values.searched(), tuple(
            outcome for place in range(len(self._asked)) for outcome in self._outcomes(place)))

    def _state(self) -> tuple[list[dict[str, str]], list[list[dict[str, str]]], FloatArray]:
        return ([dict(child) for child in self._exchange.children],
                [[dict(cycle) for cycle in cycles] for cycles in self._exchange.cycles],
                self._values.values.copy())

    def _drawn(self) -> Move:
        """Return an exchange of facts, or of the values of a column: (column, one, other)."""
        swap = self._values.drawn(self._random)
        if swap is not None and self._random.random() < 0.5:
            return {}, swap
        return self._exchange.proposed(self._random) or {}, swap

    def _make(self, move: Move) -> None:
        change, swap = move
        for place, rows in enumerate(self._arrays):
            self._moved(place, change, swap, rows)
        if change:
            self._exchange.make(change)
        elif swap is not None:
            self._values.swap(*swap)

    def _as_arrays(self, place: int) -> _Rows:
        """Return outcome (n,), its time (n,), covariates (n, terms) and who is in a model (n,)."""
        outcome, among, whos = self._who[place]
        times = self._times[place]
        if times is None:
            had = self._exchange.meets(outcome)
            time = np.zeros(len(had))
        else:
            time, had = times.all(self._exchange.children, self._exchange.cycles)
        terms = self._asked[place].model.terms
        covariates = [self._values.of(term.of) / float(term.per) if who is None
                      else self._exchange.meets(who).astype(np.float64)
                      for who, term in zip(whos, terms, strict=True)]
        known = ~np.isnan(covariates).any(axis=0)
        return _Rows(had, time, np.nan_to_num(np.column_stack(covariates)),
                     self._exchange.meets(among) & known)

    def _costs(
        self, moves: Sequence[Move]
    ) -> FloatArray:
        """Return what each move would cost."""
        costs = np.zeros(len(moves))
        for place, asked in enumerate(self._asked):
            rows = self._arrays[place].times(len(moves))
            for number, (change, swap) in enumerate(moves):
                self._moved(place, change, swap, rows.of(number))
            ratios = self._ratios(place, rows)
            for term, one in asked.numbers:
                costs += _costs_of(one, ratios, term)
        return costs

    def _ratios(self, place: int, rows: _Rows) -> Ratios:
        """Return the ratios of a model fitted to many rows."""
        asked = self._asked[place]
        if asked.model.endpoint:
            own = np.flatnonzero(rows.among.any(axis=0))
            ratios, beta = fitted_hazards(
                rows.time[:, own], rows.had[:, own], rows.covariates[:, own], rows.among[:, own],
                level=asked.level, method=asked.model.method, start=self._begin[place])
        else:
            ratios, beta = fitted_ratios(
                rows.had, rows.covariates, rows.among, level=asked.level,
                method=asked.model.method, start=self._begin[place])
        if np.isfinite(ratios.estimate[0]).all():
            self._begin[place] = beta[0]
        return ratios

    def _moved(
        self, place: int, change: Change, swap: tuple[int, int, int] | None, rows: _Rows,
    ) -> None:
        """Write into the rows of a model what a move changes."""
        had, time, covariates, among = rows
        outcome, base, whos = self._who[place]
        times = self._times[place]
        for child in change:
            after = self._exchange.changed(change, child)
            among[child] = base.holds(after)
            if times is None:
                had[child] = outcome.holds(after)
            else:
                time[child], had[child] = times.of(child, after, self._exchange.cycles[child])
            for term, who in enumerate(whos):
                if who is not None:
                    covariates[child, term] = who.holds(after)
        if swap is not None and not change:
            column, one, other = swap
            for term, given in enumerate(self._asked[place].model.terms):
                if given.of == self._values.names[column]:
                    covariates[[one, other], term] = covariates[[other, one], term]

    def _outcomes(self, place: int) -> Iterator[Outcome]:
        asked, (had, time, covariates, among) = self._asked[place], self._arrays[place]
        level, method = asked.level, asked.model.method
        if asked.model.endpoint:
            fitted = library_hazards(time[among], had[among], covariates[among], level, method)
        else:
            fitted = library_fit(had[among], covariates[among], level, method)
        for term, one in asked.numbers:
            # an intercept stands before the terms
            found = None if fitted is None else fitted.terms[term - len(asked.model.terms)]
            if found is None or not one.points(found.ratio):
                yield Outcome(one, one.part, one.printed, math.nan)
                continue
            yield Outcome(one, one.part, one.printed, one.of(
                found.ratio, found.ratio_lower, found.ratio_upper, found.p))


def _costs_of(one: PrintedRatio, ratios: Ratios, term: int) -> FloatArray:
    """Return what a fitted number of each model costs (models,): by how much its logarithm is off.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        got = np.asarray(one.of(*(part[:, term] for part in ratios)))
        aim, (least, most) = window(one.printed), reach(one.printed)
        off = np.maximum(np.log(aim.rounded_low / got), np.log(got / aim.rounded_high))
        beyond = np.maximum(np.log(least / got), np.log(got / most))
        cost = (np.maximum(beyond, 0.0) + _CUT_OFF * np.maximum(off, 0.0)
                + _MISSED * (beyond > _NOISE))
        if one.way:
            wrong = np.log(ratios.estimate[:, term]) * (-1 if one.way == "rises" else 1)
            cost += np.where(wrong > 0, _WRONG_WAY + wrong, 0.0)
    return np.where(np.isfinite(cost), np.minimum(cost, _NONE), _NONE)
