"""The part of a blueprint that is about drugs which a protocol gave to everybody alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from remission.reconstruct.blueprint_values import Word
from remission.toml import Choices


class Drug(Choices):
    """A drug that each child got on the same days of its course, as long as it lived."""

    purpose: Word = Field(description="Its purpose, in the words of the records.")
    drug: Word = Field(description="Its name.")
    dose: float | int = Field(description="One dose, in the unit.")
    unit: Word = Field(description="The unit, in the words of the records.")
    route: Word = Field(description="How it was given, in the words of the records.")
    at: Literal["debulking", "cycle_end", "transplant"] = Field(
        description="From when its days count: the start of debulking, the end of each cycle, "
        "the graft.")
    days: Annotated[tuple[int, ...], Field(min_length=1)] = Field(
        description="The days, 0 for the day itself.")
    lasts: int | None = Field(None, description="Days that it went on for from each.")
