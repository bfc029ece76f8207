"""A treatment that comes during follow-up, such as a transplant, against none."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from remission.days import Duration, parse_duration
from remission.plan.analyses import OfEndpoint, each_time_once
from remission.plan.words import Label, Time


class TimeDependent(OfEndpoint):
    """An endpoint after and before an exposure that begins during follow-up.

    ``exposure`` is a yes/no variable with a day. The curves are Simon–Makuch's, the tests
    Mantel–Byar's and a time-dependent Cox model; ``landmarks`` compare from a day on. The naive
    comparison of ever with never stands beside them, with the reason why it misleads.
    """

    kind: Literal["time_dependent"] = "time_dependent"
    by: ClassVar[None] = None
    ci: Literal["log-log", "log", "plain"] = "log-log"
    exposure: Label = "transplanted"
    exposed_label: Label = "after transplant"
    unexposed_label: Label = "no transplant yet"
    landmarks: tuple[Time, ...] = ()

    @field_validator("landmarks")
    @classmethod
    def _each_landmark_once(cls, landmarks: tuple[str, ...]) -> tuple[str, ...]:
        return each_time_once(landmarks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The exposure and its day."""
        return self.exposure, f"{self.exposure}_day"

    @property
    def landmark_times(self) -> tuple[Duration, ...]:
        """The landmarks asked for."""
        return tuple(parse_duration(text) for text in self.landmarks)
