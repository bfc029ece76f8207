"""What the fields of a claim hold: numbers as printed, counts, P values, labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from remission.audit.printed import printed, quantity, whole
from remission.files import has_control_characters
from remission.toml import Choices, Unfit

NOT_SIGNIFICANT = "NS"
"""What stands in place of a P value that is not printed."""


def _readable(read: Callable[[str], object], cure: str) -> Callable[[str], str]:
    """Return a validator that lets through what ``read`` can read."""
    def check(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            raise Unfit(f"cannot be read: {error}", cure) from None
        return text
    return check


def _plain(text: str) -> str:
    if has_control_characters(text):
        raise Unfit("holds a control character, which cannot be printed",
                    "Type the text again without it.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise Unfit("must not be empty", "Write the words that name it, in quotes.")
    return text


def _is_count(count: str | int) -> str | int:
    try:
        whole(count)
    except ValueError as error:
        raise Unfit(f"cannot be read: {error}", 'Write a whole number, such as 54 or "1,400".'
                    ) from None
    return count


def _p_or_ns(text: str) -> object:
    return text if text.strip() == NOT_SIGNIFICANT else printed(text)


_NUMBER_CURE = ('Write it as it is printed, with a decimal point, in quotes: "73.3", "<0.001", '
                '"1,400".')
Text = Annotated[str, AfterValidator(_plain)]
Label = Annotated[Text, AfterValidator(_not_blank)]
Number = Annotated[str, AfterValidator(_readable(printed, _NUMBER_CURE))]
PValue = Annotated[str, AfterValidator(_readable(
    _p_or_ns, 'Write it as it is printed, in quotes: "0.014", "<0.001", or "NS".'))]
Quantity = Annotated[str, AfterValidator(_readable(
    quantity, 'Write a share, "7/30", or a number as it is printed, "23.3".'))]
Count = Annotated[str | int, AfterValidator(_is_count)]
Base: TypeAlias = Label | int
"""A number of patients, cycles …, or the name of one of the paper's bases."""
Test = Literal[
    "fisher", "chi-square", "yates", "trend", "linear-by-linear", "mann-whitney", "mcnemar"]


class Claim(Choices):
    """One printed number, or a group that belongs together."""

    id: Label = Field(description="A name of its own, such as table1.sex.male.")
    where: Label = Field(description="Where it is printed: Abstract, Table 2, Results …")
    words: Text = Field("", description="The words as printed; they are also checked as wording.")
    note: Text = Field("", description="A remark of whoever wrote it down; repeated in the report.")
