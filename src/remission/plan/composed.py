"""Variables that a plan makes of others: who meets which conditions has which level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from remission.plan.words import Label, Value
from remission.toml import Choices, Unfit


class Cut(Choices):
    """A stretch of a number: ``from`` a value on, ``below`` another; or whether it is ``known``."""

    from_: float | None = Field(None, alias="from")
    below: float | None = None
    known: bool | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Cut:
        has_end = self.from_ is not None or self.below is not None
        if has_end == (self.known is not None):
            raise Unfit("needs from or below, or else known",
                        "Write { from = 5, below = 20 }, one of the two, or { known = true }.")
        return self

    def holds(self, value: float) -> bool:
        """Return whether a number lies in the stretch."""
        return (self.from_ is None or value >= self.from_) and (
            self.below is None or value < self.below)

    def __str__(self) -> str:
        """Return the stretch in words."""
        if self.known is not None:
            return "is known" if self.known else "is not known"
        ends = ("" if self.from_ is None else f"from {self.from_:g}",
                "" if self.below is None else f"below {self.below:g}")
        return " and ".join(filter(None, ends))


Condition = Annotated[
    Mapping[Label, Annotated[tuple[Value, ...], Field(min_length=1)] | Cut], Field(min_length=1)]
"""Variable → its values, or the stretch of it; all of them hold together."""


class Composed(Choices):
    """A variable made of others: each level is had by those who meet one of its conditions.

    The first level that is met counts. Who meets none has ``otherwise``, or no value without it;
    where a variable that would decide is not known, the level is not known. Of a subject the
    conditions on a cycle are met by one and the same cycle, by any.
    """

    label: Label
    grain: Literal["subject", "cycle"] = "subject"
    levels: Mapping[Label, Annotated[tuple[Condition, ...], Field(min_length=1)]] = Field(
        min_length=1)
    otherwise: Label | None = None

    @field_validator("levels", mode="before")
    @classmethod
    def _one_is_a_list(cls, given: object) -> object:
        """Read the one condition of a level as a list of it."""
        return {level: (one,) if isinstance(one, dict) else one for level, one in given.items()
                } if isinstance(given, dict) else given

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that it is made of, each once."""
        return tuple(dict.fromkeys(
            name for conditions in self.levels.values() for condition in conditions
            for name in condition))

    @property
    def names(self) -> tuple[str, ...]:
        """Its levels in their order."""
        last = () if self.otherwise is None or self.otherwise in self.levels else (
            self.otherwise,)
        return (*self.levels, *last)

    def in_words(self) -> Iterator[str]:
        """Yield each level with its conditions in words."""
        for level, conditions in self.levels.items():
            yield f"{level}: {' or '.join(map(_in_words, conditions))}"
        if self.otherwise is not None:
            yield f"{self.otherwise}: otherwise"


def _in_words(condition: Mapping[str, tuple[Value, ...] | Cut]) -> str:
    parts = [f"{name} {values}" if isinstance(values, Cut)
             else f"{name} is {' or '.join(map(str, values))}"
             for name, values in condition.items()]
    return " and ".join(parts)
