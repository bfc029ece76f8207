"""A treatment that comes during follow-up, such as a transplant, against none."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from remission.days import Duration, parse_duration
from remission.plan.analyses import OfEndpoint, as_choices, each_time_once
from remission.plan.risk_factors import Factor
from remission.plan.words import Label, Time, twice
from remission.toml import refuse


class TimeDependent(OfEndpoint):
    """An endpoint after and before an exposure that begins during follow-up.

    ``exposure`` is a yes/no variable with a day. The curves are Simon–Makuch's, the tests
    Mantel–Byar's and a time-dependent Cox model, and one that holds the factors of ``adjust``
    besides; ``landmarks`` compare from a day on. The naive comparison of ever with never stands
    beside them, with the reason why it misleads.
    """

    kind: Literal["time_dependent"] = "time_dependent"
    by: ClassVar[None] = None
    ci: Literal["log-log", "log", "plain"] = "log-log"
    exposure: Label = "transplanted"
    exposed_label: Label = "after transplant"
    unexposed_label: Label = "no transplant yet"
    landmarks: tuple[Time, ...] = ()
    adjust: tuple[Factor, ...] = ()

    @field_validator("adjust", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("adjust")
    @classmethod
    def _each_factor_once(cls, adjust: tuple[Factor, ...]) -> tuple[Factor, ...]:
        refuse(twice(factor.name for factor in adjust))
        return adjust

    @field_validator("landmarks")
    @classmethod
    def _each_landmark_once(cls, landmarks: tuple[str, ...]) -> tuple[str, ...]:
        return each_time_once(landmarks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The exposure, its day, and the factors of the adjusted model."""
        factors = tuple(factor.name for factor in self.adjust)
        return self.exposure, f"{self.exposure}_day", *factors

    @property
    def landmark_times(self) -> tuple[Duration, ...]:
        """The landmarks asked for."""
        return tuple(parse_duration(text) for text in self.landmarks)
