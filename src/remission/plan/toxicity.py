"""Harm: the worst grade of each term, by cycle or by patient."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from remission.plan.analyses import Asked, WithLevel, as_choices
from remission.plan.words import Label, twice
from remission.toml import Choices, refuse

WORST = "_worst"
"""What the definition of a subject's worst grade is called, after that of a cycle."""


class Term(Choices):
    """A graded harm: the definition of its grade in a cycle, such as ``crs_grade``."""

    name: Label
    label: Label | None = None


class Toxicity(Asked, WithLevel):
    """The worst grade of each term, counted by ``patients`` or by ``cycles``."""

    kind: Literal["toxicity"] = "toxicity"
    by: Label | None = None
    base: Literal["patients", "cycles"] = "patients"
    terms: tuple[Term, ...] = Field(min_length=1)

    @field_validator("terms", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("terms")
    @classmethod
    def _each_once(cls, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        refuse(twice(term.name for term in terms))
        return terms

    def column(self, term: Term) -> str:
        """Return the variable that holds the grade of a term at the base."""
        return f"{term.name}{WORST}" if self.base == "patients" else term.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The variable of each term."""
        return tuple(self.column(term) for term in self.terms)
