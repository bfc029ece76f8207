"""Values of the same subjects at two moments, and how much they changed by group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from remission.plan.analyses import Asked, WithLevel, as_choices
from remission.plan.words import Label, twice
from remission.toml import Choices, Unfit, refuse

MEASURE = "{measure}"
"""Stands in the names of columns where the measure's name goes."""


class Measure(Choices):
    """One thing measured twice: what stands for ``{measure}`` in the names of the columns."""

    name: Label
    label: Label | None = None
    digits: int | None = Field(None, ge=0, le=6)


class _TwoMoments(Asked, WithLevel):
    before: Label
    after: Label
    measures: tuple[Measure, ...] = Field(min_length=1)
    before_label: Label = "before"
    after_label: Label = "after"

    @field_validator("before", "after")
    @classmethod
    def _names_columns(cls, pattern: str) -> str:
        if MEASURE not in pattern:
            raise Unfit(f"is {pattern!r}, which does not say where the measure stands",
                        f'Write it as in "lymphocytes_{MEASURE}_baseline".')
        return pattern

    @field_validator("measures", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("measures")
    @classmethod
    def _each_once(cls, measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
        refuse(twice(measure.name for measure in measures))
        return measures

    def pair(self, measure: Measure) -> tuple[str, str]:
        """Return the columns of a measure: before and after."""
        return (self.before.replace(MEASURE, measure.name),
                self.after.replace(MEASURE, measure.name))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of a pair, before its partner."""
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[str]:
        for measure in self.measures:
            yield from self.pair(measure)


class BeforeAfter(_TwoMoments):
    """Paired values at two moments with the signed-rank test, by group where there are groups."""

    kind: Literal["before_after"] = "before_after"
    by: Label | None = None


class ChangeBetweenGroups(_TwoMoments):
    """The change from one moment to another, compared between groups."""

    kind: Literal["change_between_groups"] = "change_between_groups"
    by: Label
