"""Response of the leukaemia after each cycle, and the best of all."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from remission.plan.analyses import Asked, WithLevel
from remission.plan.words import Label, twice
from remission.toml import refuse


class Response(Asked, WithLevel):
    """Response rates after each of some ``cycles``, and the ``best`` of all, by group.

    Who was not evaluable is shown, and counts as a failure.
    """

    kind: Literal["response"] = "response"
    by: Label | None = None
    cycles: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2)
    best: bool = True
    test: bool = True
    exact: bool = False

    @field_validator("cycles")
    @classmethod
    def _each_once(cls, cycles: tuple[int, ...]) -> tuple[int, ...]:
        refuse(twice(map(str, cycles)))
        return cycles

    @property
    def columns(self) -> tuple[str, ...]:
        """The responses of cycles and of subjects."""
        return "cycle_response", "cycle_mrd_response", "best_response", "best_mrd_response"
