"""The words of a plan: text, labels, durations, and lists in which nothing stands twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator

from remission.days import parse_duration
from remission.files import has_control_characters
from remission.toml import Location, Unfit

_LONGEST_TITLE = 200


def _without_control_characters(text: str) -> str:
    if has_control_characters(text):
        raise Unfit("holds a control character, which cannot be printed",
                    "Type the text again without it.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise Unfit("must not be empty", "Write the words that name it, in quotes.")
    return text


def _not_too_long(text: str) -> str:
    if len(text) > _LONGEST_TITLE:
        raise Unfit(f"must have at most {_LONGEST_TITLE} characters, not {len(text)}",
                    "Shorten it; a longer explanation belongs in the subtitle or the paper.")
    return text


def _is_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise Unfit(f"is {text!r}, and a name has small letters, digits and _",
                    'Write it as in "figure_1".')
    return text


def _is_duration(text: str) -> str:
    parse_duration(text)
    return text


Text = Annotated[str, AfterValidator(_without_control_characters)]
Label = Annotated[Text, AfterValidator(_not_blank)]
Title = Annotated[Label, AfterValidator(_not_too_long)]
Name = Annotated[str, AfterValidator(_is_name)]
Time = Annotated[Text, AfterValidator(_is_duration)]
Value = Text | int
Language = Literal["en", "es", "zh"]
"""The languages in which centres are written to."""


def twice(words: Iterable[str]) -> Iterator[tuple[Location, Unfit]]:
    """Yield every word that stands in its list already."""
    seen: set[str] = set()
    for number, word in enumerate(words):
        if word in seen:
            yield (number,), Unfit(f"is {word!r}, which stands there already",
                                   "Remove one of them.")
        seen.add(word)
