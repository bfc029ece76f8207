"""A reconstruction whole: claims and a blueprint → the tables of a study, and what they meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from remission.audit.claims import Claims, read_claims
from remission.reconstruct.blueprint import BLUEPRINT, Blueprint, read_blueprint
from remission.reconstruct.described import Searched, values_of
from remission.reconstruct.facts import Facts, facts_of
from remission.reconstruct.models import columns_of_models, modelled, needs_days
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.record import Levels, record
from remission.reconstruct.single_numbers import with_single_numbers
from remission.reconstruct.solver import check_solver
from remission.reconstruct.spread import spread
from remission.reconstruct.survived import Followed, days_of
from remission.virtual.parameters import read_parameters


@dataclass(frozen=True)
class Reconstruction:
    """The claims, the facts found for them, and the tables that hold these."""

    claims: Claims
    blueprint: Blueprint
    facts: Facts
    searched: Mapping[str, Searched]
    models: tuple[Outcome, ...]
    days: Followed | None
    tables: Mapping[str, pl.DataFrame]
    seed: int


def reconstruct(claims_file: Path, *, seed: int = 1) -> Reconstruction:
    """Return records that print what the claims of a file say, as far as that can be.

    The blueprint stands beside the claims. Raises :class:`~remission.errors.InputError` for what
    is wrong in either, and where OR-tools is not installed.
    """
    check_solver()
    claims = read_claims(claims_file)
    file = claims_file.parent / BLUEPRINT
    blueprint = read_blueprint(file)
    facts = facts_of(blueprint, claims, seed, str(file))
    of_models = columns_of_models(blueprint)
    summaries = with_single_numbers(blueprint, claims)
    first = spread(blueprint, facts.children, values_of(
        _only(blueprint, of_models), summaries, facts.children, seed, str(file)), seed)
    days = days_of(blueprint, claims, facts.children, seed) if needs_days(blueprint) else None
    models = modelled(blueprint, claims, facts, first, days, seed)
    facts, rest = models.facts, frozenset(blueprint.values) - of_models
    searched = {**models.searched, **spread(blueprint, facts.children, values_of(
        _only(blueprint, rest), summaries, facts.children, seed, str(file)), seed)}
    days = days or days_of(blueprint, claims, facts.children, seed)
    tables = record(Levels(facts, blueprint), read_parameters(blueprint.like), seed, searched,
                    days)
    return Reconstruction(claims, blueprint, facts, searched, models.outcomes, days, tables, seed)


def _only(blueprint: Blueprint, searches: Collection[str]) -> Blueprint:
    """Return a blueprint with some of its searches for values."""
    return blueprint.model_copy(update={"values": {
        name: search for name, search in blueprint.values.items() if name in searches}})
