"""How well a column of a centre fits a column of ours: by its name and by its values."""

from __future__ import annotations

from dataclasses import dataclass

from remission.sources.drafting.codes import CodeMatch, match_codes, match_set
from remission.sources.drafting.kinds import by_values
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.targets import (
    DEFAULT_OCCASION,
    Occasion,
    Target,
    context_of,
    default_occasion,
)
from remission.sources.drafting.targets import table_words as words_of_table
from remission.sources.drafting.words import Words, holds, is_generic, likeness
from remission.units import TEST_UNITS

_WITHOUT_TABLE, _BESIDE_TABLE = 0.5, 0.75
_OTHER_OCCASION, _DEFAULT, _ANY_OCCASION = 0.4, 0.86, 0.8
_TEST_OF_CHILD = 0.8
_BY_VALUES_HERE, _BY_VALUES = 0.72, 0.5
_BOTH = 0.1
_IN_OTHER_UNIT = 0.35
_EVENTS = {"disease_episode", "gvhd", "adverse_event", "cell_therapy"}
_HAVE_OCCASIONS = {*_EVENTS, "assessment"}


@dataclass(frozen=True)
class About:
    """What a sheet is about: its table and occasion, and whether a row is a whole child."""

    table: str = ""
    occasion: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Fit:
    """How well a column fits a target, 0 to 1, and why; the codes it would be read by."""

    score: float
    why: str = ""
    codes: CodeMatch | None = None


def fit(profile: Profile, target: Target, about: About) -> Fit:
    """Return how well a column of a sheet fits a target."""
    named = _by_name(profile, target, about)
    if named < 0.2 and not target.column.codes:
        return Fit(0.0)
    codes = _codes(profile, target)
    values = by_values(profile, target.column, codes)
    score = named * values * _by_unit(profile, target)
    why = "name" if profile.label_words == () else "name and label"
    if target.column.kind == "code" and codes is not None and target.column.name != "unit":
        told = codes.share(telling=True)
        is_several = len({code for code, _ in codes.codes.values()}) > 1
        here = about.table == target.table
        if told and (is_several or here) and (here or about.is_wide):
            evidence = (_BY_VALUES_HERE if here else _BY_VALUES) * told
            if evidence > score:
                score, why = evidence, "values"
            if named * values > 0.4:
                score, why = min(1.0, score + _BOTH), f"{why} and values" if (
                    why != "values") else "name and values"
    return Fit(min(score, 1.0), why, codes)


def _by_unit(profile: Profile, target: Target) -> float:
    """Return less than 1 for a test that cannot have the unit its column says."""
    test = target.occasion.constants.get("test")
    if test is None or profile.unit is None:
        return 1.0
    return 1.0 if profile.unit in TEST_UNITS[test] else _IN_OTHER_UNIT


def _by_name(profile: Profile, target: Target, about: About) -> float:
    context = context_of(target.occasion)
    best = 0.0
    for words in filter(None, (profile.words, profile.label_words)):
        for phrase in target.phrases:
            found = likeness(words, phrase, context)
            if found > best:
                best = max(best, found * _context_factor(
                    words, phrase, target, about, profile.before))
    return best


def _context_factor(
    words: Words, phrase: Words, target: Target, about: About, before: Words
) -> float:
    """Return how much a name is worth where the table or its occasion is not said.

    ``before`` are the words of the column to its left: a cause beside a date of death.
    """
    occasion = target.occasion
    here = about.table == target.table
    says_table = here or any(holds(words, named) for named in words_of_table(target.table))
    factor = 1.0
    said = says_occasion(words, occasion, about)
    if is_generic(phrase) and not (says_table or (said and target.table in _EVENTS)):
        is_beside = bool(context_of(occasion) & set(before))
        factor = _BESIDE_TABLE if is_beside else _WITHOUT_TABLE
    if target.phrases is occasion.words:  # a test or an alteration, which the name itself says
        return factor * (_TEST_OF_CHILD if about.is_wide and target.table == "laboratory" else 1.0)
    if occasion.name:
        if not said:
            is_default = default_occasion(target.table, target.column.name) == occasion.name
            factor *= _DEFAULT if is_default and about.is_wide else _OTHER_OCCASION
    elif about.is_wide and target.table in DEFAULT_OCCASION:
        factor = 0.0
    elif about.is_wide and target.table in _HAVE_OCCASIONS:
        factor *= _ANY_OCCASION
    elif here and about.occasion and target.table in _HAVE_OCCASIONS:
        factor *= _OTHER_OCCASION
    return factor


def says_occasion(words: Words, occasion: Occasion, about: About) -> bool:
    """Return whether a name, or the sheet it stands in, tells the occasion."""
    if about.table == occasion.table.name and about.occasion == occasion.name:
        return True
    return any(holds(words, phrase) for phrase in occasion.words)


def _codes(profile: Profile, target: Target) -> CodeMatch | None:
    if target.column.kind == "codes":
        return match_set(profile, target.table, target.column.name)
    if target.column.kind == "code" and profile.looks in ("code", "text", "number", "empty"):
        is_many = profile.looks == "number" and len(profile.counts) > 12
        return None if is_many else match_codes(profile, target.table, target.column.name)
    return None
