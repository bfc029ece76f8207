"""What the values of a column look like: dates and their layout, numbers, a few words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from remission.days import parse_date
from remission.sources.drafting.header import Header, read_header
from remission.sources.drafting.words import Words, words_of
from remission.sources.sheet import Field, Sheet, Source

Looks = Literal["empty", "date", "number", "code", "text"]

_LAYOUTS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y",
    "%Y.%m.%d", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d-%b-%y", "%Y年%m月%d日",
    "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d+)?|[.,]\d+)([eE][-+]?\d+)?")
_LIMITED = re.compile(r"[<≤>≥]=?\s*(\d+([.,]\d+)?)")
_MOSTLY = 0.6
_MOST_CODES = 30
_SAMPLED = 300
_KINDS_TOLD: Mapping[str, Looks] = {
    "date": "date", "number": "number", "code": "code", "checkbox": "code", "text": "text"}


@dataclass(frozen=True)
class Profile:
    """One column of a sheet: what its name and its source say, and what its values look like.

    ``counts`` holds how often each value stands there. ``layouts`` are the layouts that fit most
    dates, several where day and month are not decided. ``strangers`` are the values that are no
    date among dates, or no number among numbers; ``before`` the words of the column to the left.
    """

    sheet: str
    name: str
    header: Header
    words: Words
    label_words: Words
    field: Field
    counts: Mapping[str, int]
    rows: int
    looks: Looks
    before: Words = ()
    layouts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def filled(self) -> int:
        """The number of cells that hold something."""
        return sum(self.counts.values())

    @property
    def has_blanks(self) -> bool:
        """Whether some cells are empty."""
        return self.filled < self.rows

    @property
    def unit(self) -> str | None:
        """The unit that the source or the name gives."""
        return self.field.unit or self.header.unit

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return all(number.is_integer() for number in self.numbers)


def profiles_of(source: Source) -> list[Profile]:
    """Return every column of a source; day and month are settled by the columns that tell."""
    found = [_profile(sheet, name) for sheet in source.sheets.values()
             for name in sheet.cells.columns]
    found = [replace(profile, before=_left_of(found[position - 1], profile) if position else ())
             for position, profile in enumerate(found)]
    decided = Counter(profile.layouts[0] for profile in found if len(profile.layouts) == 1)
    return [_settled(profile, decided) for profile in found]


def _left_of(other: Profile, profile: Profile) -> Words:
    return (*other.words, *other.label_words) if other.sheet == profile.sheet else ()


def number_of(text: str, decimal: str) -> float | None:
    """Return the number a text is, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    if "," in text and decimal == ".":
        return None
    return float(text.replace(",", "."))


def limit_of(text: str) -> str | None:
    """Return the number of ``<0.01`` as it is written, or None where the text is no limit."""
    limited = _LIMITED.fullmatch(text)
    return None if limited is None or text[0] not in "<≤" else limited.group(1)


def _profile(sheet: Sheet, name: str) -> Profile:
    told = sheet.fields.get(name, Field(name))
    counts = Counter(value for value in sheet.columns[name] if value is not None)
    header = read_header(name)
    label = read_header(told.label) if told.label and told.label != name else None
    if label is not None:
        header = replace(header, unit=header.unit or label.unit,
                         layout=header.layout or label.layout)
    profile = Profile(
        sheet=sheet.name, name=name, header=header, words=words_of(header.text),
        label_words=words_of(label.text) if label else (), field=told, counts=counts,
        rows=len(sheet.cells), looks="empty")
    values = {value: count for value, count in counts.items() if value not in told.missing}
    return _looked_at(profile, values, sheet)


def _looked_at(profile: Profile, values: Mapping[str, int], sheet: Sheet) -> Profile:
    told = profile.field
    decimal = "," if sheet.decimal == "," else "."
    if not values:
        return replace(profile, looks=_KINDS_TOLD.get(told.kind, "empty"),
                       layouts=(told.date,) if told.date else ())
    layouts, undated = _dates(values, profile)
    if layouts:
        return replace(profile, looks="date", layouts=layouts, strangers=undated,
                       words=_with_date(profile.words),
                       label_words=_with_date(profile.label_words))
    numbers = {value: number for value in values
               if (number := number_of(value, decimal)) is not None}
    is_coded = bool(told.choices) or told.kind in ("code", "checkbox")
    if not is_coded and _share(numbers, values) >= _MOSTLY:
        strangers = tuple(value for value in values if value not in numbers)
        return replace(profile, looks="number", strangers=strangers,
                       numbers=tuple(numbers.values()))
    filled = sum(values.values())
    is_few = len(values) <= _MOST_CODES and (len(values) <= 0.5 * filled or filled <= 12)
    looks: Looks = "code" if is_coded or is_few else "text"
    return replace(profile, looks=looks, numbers=tuple(numbers.values()))


def _with_date(words: Words) -> Words:
    """Add to a name what its values say: ``diagnosed`` over dates is the date of diagnosis."""
    return words if not words or "date" in words else (*words, "date")


def _dates(values: Mapping[str, int], profile: Profile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (layouts that read most of the values, values that none reads); none if few do."""
    sample = dict(list(values.items())[:_SAMPLED])
    tried = [layout for layout in (profile.field.date, profile.header.layout) if layout]
    read = {layout: {value for value in sample if _is_date(value, layout)}
            for layout in (*tried, *_LAYOUTS)}
    shares = {layout: _share(dates, sample) for layout, dates in read.items()}
    best = max(shares.values())
    if best < _MOSTLY:
        return (), ()
    fitting = tuple(layout for layout, share in shares.items() if share >= best - 1e-9)
    told = [layout for layout in tried if layout in fitting]
    undated = tuple(value for value in sample if value not in read[fitting[0]])
    return (tuple(told[:1]) or fitting), undated


def _is_date(text: str, layout: str) -> bool:
    if not any(char.isdigit() for char in text[:4]) or len(text) < 6:
        return False
    try:
        day = parse_date(text, layout)
    except ValueError:
        return False
    return 1900 <= day.year <= 2100


def _share(some: Iterable[str], values: Mapping[str, int]) -> float:
    return sum(values[value] for value in some) / sum(values.values())


def _settled(profile: Profile, decided: Mapping[str, int]) -> Profile:
    """Put the layout first that most columns have for certain; where none has, day first."""
    if len(profile.layouts) < 2:
        return profile
    known = [layout for layout in profile.layouts if layout in decided]
    if known:
        return replace(profile, layouts=(max(known, key=lambda layout: decided[layout]),))
    return profile
