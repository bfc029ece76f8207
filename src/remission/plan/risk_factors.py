"""What raises or lowers the chance of an outcome: factors, reference levels, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from remission.plan.analyses import Asked, WithLevel, as_choices
from remission.plan.words import Label, Value, twice
from remission.toml import Choices, Unfit, refuse


class Factor(Choices):
    """A factor of a model: a variable, and how it enters.

    A category has a ``reference``, with which its other levels are compared; ``levels`` join
    values under new names. A number enters for each ``per`` units, or cut in two: those
    ``above`` a value against the others.
    """

    name: Label
    label: Label | None = None
    reference: Label | None = None
    levels: Mapping[Label, Annotated[tuple[Value, ...], Field(min_length=1)]] = Field(
        default_factory=dict)
    per: float | None = Field(None, gt=0)
    above: float | None = None

    @field_validator("levels")
    @classmethod
    def _has_named_reference(
        cls, levels: Mapping[str, tuple[Value, ...]], info: ValidationInfo
    ) -> Mapping[str, tuple[Value, ...]]:
        reference = info.data.get("reference")
        if levels and reference is not None and reference not in levels:
            raise Unfit(f"do not hold the reference {reference!r}",
                        f"Name one of them {reference!r}, or choose another reference.")
        return levels

    @field_validator("above")
    @classmethod
    def _enters_in_one_way(cls, above: float | None, info: ValidationInfo) -> float | None:
        other = next((key for key in ("per", "levels") if info.data.get(key)), None)
        if above is not None and other is not None:
            raise Unfit(f"cuts the number in two, and {other} says something else",
                        f"Remove above or {other}.")
        return above


class RiskFactors(Asked, WithLevel):
    """Univariate and multivariable regression of an outcome on factors.

    Of a yes/no ``outcome`` the answer ``event`` is modelled by logistic regression; an
    ``endpoint`` by Cox regression, one with competing events by Fine–Gray. The ``multivariable``
    model holds all factors, or those named; none with an empty list.
    """

    kind: Literal["risk_factors"] = "risk_factors"
    by: ClassVar[None] = None
    outcome: Label | None = None
    event: Value = "Y"
    endpoint: Label | None = None
    factors: tuple[Factor, ...] = Field(min_length=1)
    multivariable: tuple[Label, ...] | None = None

    @field_validator("factors", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("factors")
    @classmethod
    def _each_once(cls, factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
        refuse(twice(factor.name for factor in factors))
        return factors

    @field_validator("multivariable")
    @classmethod
    def _holds_factors(
        cls, names: tuple[str, ...] | None, info: ValidationInfo
    ) -> tuple[str, ...] | None:
        if names is None or "factors" not in info.data:
            return names
        known = [factor.name for factor in info.data["factors"]]
        refuse([*twice(names), *(
            ((number,), Unfit(f"is {name!r}, which is not one of the factors",
                              "Add it to factors, or remove it."))
            for number, name in enumerate(names) if name not in known)])
        return names

    @model_validator(mode="after")
    def _has_one_outcome(self) -> RiskFactors:
        if (self.outcome is None) == (self.endpoint is None):
            raise Unfit("needs either outcome or endpoint",
                        'Write outcome = "…" for a yes/no variable, or endpoint = "…" for a time.')
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The factors, and the outcome where it is a variable."""
        names = tuple(factor.name for factor in self.factors)
        return names if self.outcome is None else (self.outcome, *names)

    @property
    def joint(self) -> tuple[Factor, ...]:
        """The factors of the multivariable model; none where one factor would be alone in it."""
        names = self.multivariable
        chosen = tuple(factor for factor in self.factors if names is None or factor.name in names)
        return chosen if len(chosen) > 1 else ()
