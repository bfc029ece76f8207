"""Harm: the worst grade of each term, by cycle or by patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from remission.plan.analyses import Asked, WithLevel, as_choices
from remission.plan.words import Label, twice
from remission.toml import Choices, Location, Unfit, refuse

WORST = "_worst"
"""What the definition of a subject's worst grade is called, after that of a cycle."""
_GRADES = range(6)
_TAKEN = frozenset(("any", "bands", "3_or_more", *map(str, _GRADES)))
"""What the levels beside the bands are called in the addresses of results."""


class Term(Choices):
    """A graded harm: the definition of its grade in a cycle, such as ``crs_grade``.

    One that is not ``banded`` is counted at any grade alone.
    """

    name: Label
    label: Label | None = None
    banded: bool = True


class Toxicity(Asked, WithLevel):
    """The worst grade of each term, counted by ``patients`` or by ``cycles``.

    ``bands`` put grades together (``"G1–2" = [1, 2]``): the table then has a row for each. With
    ``test`` the groups are compared in all bands, and in each against the others.
    """

    kind: Literal["toxicity"] = "toxicity"
    by: Label | None = None
    base: Literal["patients", "cycles"] = "patients"
    terms: tuple[Term, ...] = Field(min_length=1)
    bands: Mapping[Label, Annotated[tuple[int, ...], Field(min_length=1)]] = Field(
        default_factory=dict)
    test: bool = False
    exact: bool = False

    @field_validator("terms", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("terms")
    @classmethod
    def _each_once(cls, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        refuse(twice(term.name for term in terms))
        return terms

    @field_validator("bands")
    @classmethod
    def _hold_each_grade_once(
        cls, bands: Mapping[str, tuple[int, ...]]
    ) -> Mapping[str, tuple[int, ...]]:
        refuse(_misfits(bands))
        return bands

    def column(self, term: Term) -> str:
        """Return the variable that holds the grade of a term at the base."""
        return f"{term.name}{WORST}" if self.base == "patients" else term.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The variable of each term."""
        return tuple(self.column(term) for term in self.terms)


def _misfits(bands: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[Location, Unfit]]:
    """Yield grades that there are not, that stand in two bands, or that stand in none.

    And names that are not distinct in the address of a result, which keeps letters and digits.
    """
    seen: set[int] = set()
    taken = set(_TAKEN)
    for name, grades in bands.items():
        address = "".join(char for char in name if char.isalnum() or char == "_")
        if address in taken:
            yield (name,), Unfit(f"has the address of another level ({address!r})",
                                 'Name it in other letters, such as "G3–5".')
        taken.add(address)
        for place, grade in enumerate(grades):
            if grade not in _GRADES:
                yield (name, place), Unfit(f"is {grade}, which is no grade",
                                           "Grades are whole numbers from 0 to 5.")
            elif grade in seen:
                yield (name, place), Unfit(f"is {grade}, which stands in a band already",
                                           "Each grade belongs to one band; remove one of them.")
            seen.add(grade)
    missing = [str(grade) for grade in _GRADES if bands and grade not in seen]
    if missing:
        yield (), Unfit(f"leave out grade {', '.join(missing)}",
                        "Every grade belongs to a band: what nobody had is counted as 0.")
