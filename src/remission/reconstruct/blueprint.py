"""The blueprint of a reconstruction: which facts of a child the printed numbers bind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from remission.errors import did_you_mean
from remission.reconstruct.blueprint_drugs import Drug
from remission.reconstruct.blueprint_models import MRD_RESPONSE, OF_MARROWS, Model
from remission.reconstruct.blueprint_values import Condition, Search, Times, Word
from remission.reconstruct.catalogue import ANY, CATALOGUE, CHILD, CYCLE, CYCLES, NUMBER
from remission.toml import Choices, Location, Unfit, check_model, read_toml, refuse

BLUEPRINT = "reconstruction.toml"
MEETS, FAILS = "yes", "no"
"""What stands in a condition for a group: to be in it, or not."""


class Fact(Choices):
    """A fact of each child, or of each cycle: it has one of its levels."""

    of: Literal["child", "cycle"] = Field(CHILD, description="Whose fact it is.")
    levels: tuple[str, ...] = Field((), description="Its levels; those of the records if left out.")
    shares: Mapping[str, float] = Field(
        default_factory=dict, description="How often each level is, where no number binds it.")
    days: Mapping[str, tuple[int, int]] = Field(
        default_factory=dict, description="First and last day of a level that is a time.")


class Group(Choices):
    """A group by name: who meets any of some conditions, or has such a cycle."""

    any: tuple[Condition, ...] = Field((), description="The conditions; one of them is enough.")
    some_cycle: Condition | None = Field(None, description="What one cycle of the child has.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Group:
        if bool(self.any) == (self.some_cycle is not None):
            raise Unfit("needs either any or some_cycle",
                        'Write any = [{ status = "RR" }], or some_cycle = { icans = ["3", "4"] }.')
        return self


class Rule(Choices):
    """What cannot be otherwise: who meets ``when`` meets ``then`` too."""

    when: Condition = Field(description="Whom it is about.")
    then: Condition = Field(description="What is so then.")
    because: str = Field("", description="Why.")


class Target(Choices):
    """The conditions behind the numbers of one claim; the numbers are those of the claim."""

    claim: Word = Field(description="The id of the claim.")
    count: Condition | None = Field(None, description="Proportion: who is counted.")
    base: Condition | None = Field(None, description="Proportion: of whom.")
    parts: tuple[Condition, ...] = Field((), description="Parts: who is in each part.")
    total: Condition | None = Field(None, description="Parts: who is in the whole.")
    nodes: Mapping[str, Condition] = Field(
        default_factory=dict, description="Flow: who is in each node that is bound.")
    rows: tuple[Condition, ...] = Field((), description="Contingency: who is in each row.")
    columns: tuple[Condition, ...] = Field((), description="Contingency: who is in each column.")
    event: Condition | None = Field(None, description="Contingency with events: who has one.")
    number: Condition | None = Field(
        None, description="Same, definition: whose number is printed.")
    of: Condition | None = Field(
        None, description="Same: whose fact is printed, with fact.")
    fact: str = Field("", description="Same: the fact whose level is printed, with of.")
    n: Condition | None = Field(None, description="Survival: who is in the group.")
    events: Condition | None = Field(
        None, description="Survival: who had the event by then, where nobody was censored before.")
    groups: tuple[Condition, ...] = Field((), description="Summary, curve: who is in each group.")
    endpoint: Literal["", "efs", "os"] = Field(
        "", description="Survival, curve: the endpoint whose days are searched for.")
    origin: Literal["infusion", "transplant"] = Field(
        "infusion", description="Survival, curve: the day from which its times count.")
    some: tuple[Condition, ...] = Field(
        (), description="Any claim: what its words tell of somebody, at least one each.")
    weight: Annotated[int, Field(gt=0)] = Field(
        1, description="How much it counts where not all can be met.")
    because: str = Field("", description="How the claim is read here.")


class Chosen(Choices):
    """How many there are where no claim prints it; it holds like a rule."""

    who: Condition = Field(description="Who is counted.")
    least: int = Field(0, description="How many at least.")
    most: int = Field(10**6, description="How many at most.")
    because: str = Field("", description="Why so many.")


class Blueprint(Choices):
    """Facts, groups, rules and targets of one study."""

    claims: str = Field("claims.toml", description="The claims, beside this file.")
    children: Word = Field(description="The base that is the number of children.")
    like: Word = Field(description="The parameters of what no number binds: remission simulate.")
    core: tuple[str, ...] = Field(
        (), description="The facts of a child that most others depend on.")
    facts: Mapping[Word, Fact] = Field(
        description="The facts, by name; without cycles, each child has one.")
    groups: Mapping[Word, Group] = Field(default_factory=dict, description="Groups by name.")
    rules: tuple[Rule, ...] = Field((), description="What cannot be otherwise.")
    chosen: tuple[Chosen, ...] = Field((), description="Sizes that no claim prints.")
    targets: tuple[Target, ...] = Field((), description="The claims that bind facts.")
    models: tuple[Model, ...] = Field((), description="The claims of regression models.")
    values: Mapping[Word, Search] = Field(
        default_factory=dict, description="The claims that describe numbers, by search.")
    drugs: tuple[Drug, ...] = Field((), description="What a protocol gave to everybody alike.")
    times: Times | None = Field(None, description="How survival follows from facts.")

    @field_validator("facts")
    @classmethod
    def _with_cycles(cls, facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
        return facts if CYCLES in facts else {**facts, CYCLES: Fact(of=CHILD, levels=("1",))}

    @model_validator(mode="after")
    def _fits_together(self) -> Blueprint:
        refuse(_misfits(self))
        return self

    def levels(self, fact: str) -> tuple[str, ...]:
        """Return the levels of a fact: its own, or those that records can hold."""
        if fact == NUMBER:
            return self.levels(CYCLES)
        return self.facts[fact].levels or CATALOGUE[fact].levels

    def grain(self, fact: str) -> str:
        """Return whose fact it is."""
        return CYCLE if fact == NUMBER else self.facts[fact].of


def read_blueprint(path: Path | str) -> Blueprint:
    """Return the blueprint written in a ``reconstruction.toml``.

    Raises :class:`~remission.errors.InputError` naming every key that is wrong, with its line and
    what to write instead.
    """
    values, text = read_toml(Path(path))
    return check_model(Blueprint, values, text, Path(path))


def _misfits(given: Blueprint) -> Iterator[tuple[Location, Unfit]]:
    for name, fact in given.facts.items():
        known = CATALOGUE.get(name)
        if name == NUMBER or name in given.groups:
            yield ("facts", name), Unfit("has a name that means something else already",
                                         "Give it another name.")
        elif known is None and not fact.levels:
            yield ("facts", name), Unfit(
                "has no levels, and records know no such fact",
                f'Write levels = ["Y", "N"]. {did_you_mean(name, CATALOGUE)}')
        elif known is not None:
            yield from _against_records(name, fact)
    for name in given.core:
        if name not in given.facts or given.facts[name].of != CHILD:
            yield ("core",), Unfit(f"names {name!r}, which is no fact of a child",
                                   did_you_mean(name, given.facts))
    yield from _misfits_of_models(given)
    for location, condition in _conditions(given):
        yield from ((location, unfit) for unfit in _unknown(given, condition))


def _misfits_of_models(given: Blueprint) -> Iterator[tuple[Location, Unfit]]:
    for number, model in enumerate(given.models):
        if model.endpoint == MRD_RESPONSE and "marrow" not in given.facts:
            yield ("models", number), Unfit("asks for MRD responses, which follow from marrows",
                                            'Add the fact marrow = { of = "cycle" }.')
        if model.endpoint in OF_MARROWS and "marrow_wait" not in given.facts:
            yield ("models", number), Unfit(
                "asks for days of marrows, which without marrow_wait are drawn after the model",
                "Add the fact marrow_wait = {}.")
        if model.endpoint not in ("", MRD_RESPONSE) and given.times is None:
            yield ("models", number), Unfit("asks for survival, which follows from days",
                                            "Write [times].")
        for term in model.terms:
            search, _, column = term.of.partition(".")
            if term.of and (search not in given.values
                            or column not in given.values[search].columns):
                yield ("models", number), Unfit(
                    f"names the column {term.of!r}, which there is not",
                    'Write the search and its column, such as of = "ages.months".')


def _against_records(name: str, fact: Fact) -> Iterator[tuple[Location, Unfit]]:
    known = CATALOGUE[name]
    if fact.of != known.of:
        yield ("facts", name), Unfit(f"is a fact of a {known.of} in records",
                                     f'Write of = "{known.of}".')
    if not known.levels and not fact.levels:
        yield ("facts", name), Unfit("has no levels", "Write its levels, with their days.")
    for level in fact.levels:
        if known.levels and level not in known.levels:
            yield ("facts", name, "levels"), Unfit(
                f"has the level {level!r}, which records cannot hold",
                did_you_mean(level, known.levels))


def _conditions(given: Blueprint) -> Iterator[tuple[Location, Condition]]:
    """Yield every condition with where it stands."""
    for name, group in given.groups.items():
        yield from ((("groups", name, "any", number), one)
                    for number, one in enumerate(group.any))
        if group.some_cycle is not None:
            yield ("groups", name, "some_cycle"), group.some_cycle
    for number, rule in enumerate(given.rules):
        yield ("rules", number, "when"), rule.when
        yield ("rules", number, "then"), rule.then
    yield from ((("chosen", number, "who"), one.who)
                for number, one in enumerate(given.chosen))
    for number, model in enumerate(given.models):
        yield from ((("models", number), one) for one in model.conditions)
    for number, target in enumerate(given.targets):
        place: Location = ("targets", number)
        for name in ("count", "base", "total", "event", "number", "of", "n", "events"):
            one = getattr(target, name)
            if one is not None:
                yield (*place, name), one
        for name in ("parts", "rows", "columns", "groups", "some"):
            yield from (((*place, name, at), one) for at, one in enumerate(getattr(target, name)))
        yield from (((*place, "nodes", node), one) for node, one in target.nodes.items())
    if given.times is not None and given.times.at_start is not None:
        yield ("times", "at_start"), given.times.at_start
    for name, search in given.values.items():
        yield from _conditions_of_values(("values", name), search)


def _conditions_of_values(
    place: Location, search: Search
) -> Iterator[tuple[Location, Condition]]:
    for name, column in search.columns.items():
        yield (*place, "columns", name, "among"), column.among
        yield from (((*place, "columns", name, "limits", at), one.who)
                    for at, one in enumerate(column.limits))
    yield from (((*place, "measured", at, "sizes"), size.who)
                for at, one in enumerate(search.measured) for size in one.sizes)
    yield from (((*place, "cases", at), one.who) for at, one in enumerate(search.cases))
    for at, described in enumerate(search.described):
        yield from (((*place, "described", at, "who"), one) for one in described.who)


def _unknown(given: Blueprint, condition: Condition) -> Iterator[Unfit]:
    """Yield facts and levels that there are not."""
    names = [*given.facts, *given.groups, NUMBER]
    for name, levels in condition.items():
        if name not in names:
            yield Unfit(f"names the fact {name!r}, which there is not", did_you_mean(name, names))
            continue
        known = (MEETS, FAILS) if name in given.groups else (*given.levels(name), ANY)
        for level in (levels,) if isinstance(levels, str) else levels:
            if level not in known:
                yield Unfit(f"names the level {level!r}, which {name!r} does not have",
                            did_you_mean(level, known))
