"""Claims about words: one quantity printed twice, a definition and its counts, a wording."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from remission.audit.fields import Claim, Label, Number, Quantity, Text
from remission.toml import Choices


class Mention(Choices):
    """One place where a quantity is printed."""

    value: Number = Field(description="The number as printed there.")
    where: Label = Field(description="The place.")
    inverse: bool = Field(False, description="true where one over it is meant: 6.7-fold for 0.15.")
    complement: bool = Field(False, description="true where 100 less it is meant.")
    words: Text = Field("", description="The words as printed there.")


class Same(Claim):
    """One quantity that is printed in two or more places."""

    kind: Literal["same"] = "same"
    quantity: Label = Field(description="What it is.")
    mentions: Annotated[tuple[Mention, ...], Field(min_length=2)] = Field(
        description="Where it is printed, and how.")


class Reading(Choices):
    """Another way to read a definition, and what would then be printed."""

    says: Label = Field(description="The reading in words.")
    expected: Quantity = Field(description="What it gives: a share, 22/30, or a number.")
    relation: Literal["equal", "at most", "at least"] = Field(
        "equal", description="How the printed number stands to it.")


class Definition(Claim):
    """A definition that the paper states, against a number that follows from it."""

    kind: Literal["definition"] = "definition"
    states: Label = Field(description="The definition, in the paper's words.")
    because: Label = Field(description="Why the number follows: the printed facts it needs.")
    printed: Number = Field(description="The number that is printed.")
    expected: Quantity = Field(description="What follows: a share in percent, 7/30, or a number.")
    relation: Literal["equal", "at most", "at least"] = Field(
        "equal", description="How the printed number should stand to it.")
    readings: tuple[Reading, ...] = Field((), description="Other readings of the definition.")


class Wording(Claim):
    """Words that are checked as such: P = 0.000, P > 0.0001, NS, CI without level …"""

    kind: Literal["wording"] = "wording"
    text: Label = Field(description="The words as printed, with enough around them.")
