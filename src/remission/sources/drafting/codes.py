"""The codes of a centre as ours: by what they are called in three languages, or by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from remission.records.column import YES_NO_UNKNOWN
from remission.records.labels import LANGUAGES, code_labels, synonyms
from remission.records.tables import TABLES
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.words import Words, likeness, plain_text, weight, words_of

_SAME, _CALLED, _BY_WORDS, _NUMBER, _YES_OR_NO_NUMBER = 1.0, 0.95, 0.85, 0.75, 0.6
_LEAST = 0.62
_SAYS_LITTLE = {"Y", "N", "U", "OTHER", "NONE", "NA", "POS", "NEG", "PRESENT", "ABSENT",
                "NOT_DONE", "FAILED", "ALIVE", "DEAD"}
"""Codes that many columns might hold: as bare numbers they are a guess."""
_TELLING = 0.8
_ONLY_MEASUREMENTS = "BELOW_LOD"
_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class CodeMatch:
    """The values of a column as codes of ours.

    ``codes`` holds value → (code, how sure); ``nulls`` value → reason why it is missing;
    ``unnamed`` the values that are neither.
    """

    codes: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    nulls: Mapping[str, str] = field(default_factory=dict)
    unnamed: tuple[str, ...] = ()

    @property
    def sureness(self) -> float:
        """How sure the least sure code is; 0 where a value is not named."""
        return 0.0 if self.unnamed else min(
            (sure for _, sure in self.codes.values()), default=0.0)

    @property
    def is_as_ours(self) -> bool:
        """Whether the centre writes our own codes."""
        return all(value == code for value, (code, _) in self.codes.items())

    def share(self, *, telling: bool = False) -> float:
        """Return the share of values that are codes.

        ``telling`` counts no yes, no or other, and no bare numbers.
        """
        counted = [code for code, sure in self.codes.values()
                   if not telling or (sure >= _TELLING and (
                       code not in _SAYS_LITTLE - {"ALIVE", "DEAD"}))]
        total = len(self.codes) + len(self.unnamed)
        return len(counted) / total if total else 0.0


def match_codes(profile: Profile, table: str, column: str) -> CodeMatch:
    """Return the values of a column, and the choices its source names, as codes of a column."""
    labels = dict(profile.field.choices)
    for value in profile.counts:
        labels.setdefault(value, value)
    codes: dict[str, tuple[str, float]] = {}
    nulls: dict[str, str] = {}
    unnamed = []
    for value, text in labels.items():
        if value in profile.field.missing:
            nulls[value] = null_reason(profile.field.missing[value]) or _UNKNOWN
        elif (found := _code_of(value, text, table, column)) is not None:
            codes[value] = found
        elif (reason := null_reason(text)) is not None:
            nulls[value] = reason
        else:
            unnamed.append(value)
    return CodeMatch(codes, nulls, tuple(unnamed))


def match_set(profile: Profile, table: str, column: str) -> CodeMatch:
    """Return the values of a column that holds several codes in each cell, by their parts."""
    parts: dict[str, tuple[str, float]] = {}
    unnamed = []
    for value in profile.counts:
        found = [_code_of(part, profile.field.choices.get(part, part), table, column)
                 for part in parts_of(value)]
        if all(found):
            codes = [code for code, _ in filter(None, found)]
            parts[value] = ("|".join(dict.fromkeys(codes)), _BY_WORDS)
        else:
            unnamed.append(value)
    return CodeMatch(parts, {}, tuple(unnamed))


def parts_of(value: str) -> list[str]:
    """Return the parts of a cell that lists several: ``CSA + MMF``, ``CSA, MTX``, ``CSA|MMF``."""
    for mark in ("|", "+", "，", "、", ",", ";", "/"):
        value = value.replace(mark, "\n")
    return [part.strip() for part in value.split("\n") if part.strip()]


def null_reason(text: str, *, measured: bool = False) -> str | None:
    """Return why a value is missing that a centre writes as ``text``, or None.

    ``measured`` tells that words such as ``neg`` stand for a value below the limit of detection.
    """
    key = _key(text)
    for reason, texts in _reasons().items():
        if reason == _ONLY_MEASUREMENTS and not measured:
            continue
        if key in texts:
            return reason
    return None


def is_yes_no(profile: Profile) -> CodeMatch | None:
    """Return the values as yes and no, or None where they are not."""
    if profile.looks not in ("code", "number") or not 1 <= len(profile.counts) <= 4:
        return None
    found = match_codes(profile, "subject", "down_syndrome")
    return found if not found.unnamed and any(
        code == "Y" for code, _ in found.codes.values()) else None


def _code_of(value: str, text: str, table: str, column: str) -> tuple[str, float] | None:
    """Return (code, how sure) of one value whose label is ``text``."""
    wanted = _key(text)
    is_bare_number = value == text and wanted.lstrip("-").isdigit()
    best: tuple[str, float] | None = None
    for code, texts in _texts(table, column).items():
        if value == code or (code, wanted) == (code, _key(code)):
            return code, _SAME
        if wanted in texts:
            sure = _CALLED
            if is_bare_number:
                sure = _YES_OR_NO_NUMBER if code in _SAYS_LITTLE else _NUMBER
            best = max(best or (code, 0.0), (code, sure), key=lambda found: found[1])
    if best is not None or is_bare_number:
        return best
    return _by_words(text, table, column)


def _by_words(text: str, table: str, column: str) -> tuple[str, float] | None:
    """Return the code whose words are most like those of a text, if they are like enough."""
    words = words_of(text)
    if not words or sum(map(weight, words)) == 0:
        return None
    scores = sorted(
        ((max((likeness(words, phrase, frozenset()) for phrase in phrases), default=0.0), code)
         for code, phrases in _code_words(table, column).items()), reverse=True)
    best, code = scores[0]
    is_alone = len(scores) == 1 or best - scores[1][0] > 0.02
    return (code, _BY_WORDS * best) if best >= _LEAST and is_alone else None


@lru_cache(maxsize=200)
def _texts(table: str, column: str) -> Mapping[str, frozenset[str]]:
    """Return what each code of a column is called, in plain letters."""
    return {code: frozenset(map(_key, written)) for code, written in _written(table, column)}


@lru_cache(maxsize=200)
def _code_words(table: str, column: str) -> Mapping[str, tuple[Words, ...]]:
    return {code: tuple(filter(None, map(words_of, written)))
            for code, written in _written(table, column)}


def _written(table: str, column: str) -> Iterator[tuple[str, list[str]]]:
    codes = TABLES[table].by_name[column].codes
    listed = synonyms()["codes"]
    own = listed.get(table, {}).get(column, {})
    if codes and codes.keys() <= YES_NO_UNKNOWN.keys():
        own = listed["yes_no"]
    for code in codes:
        labels = [code_labels(table, column, language)[code] for language in LANGUAGES]
        yield code, [code, *labels, *own.get(code, ())]


@lru_cache(maxsize=1)
def _reasons() -> Mapping[str, frozenset[str]]:
    listed: Mapping[str, Iterable[str]] = synonyms()["codes"]["null_reason"]["reason"]
    return {reason: frozenset(map(_key, texts)) for reason, texts in listed.items()}


def _key(text: str) -> str:
    """Return a text for comparison; one made of marks alone as it is."""
    bare = text.strip()
    if bare and bare.lstrip("-").isdigit():
        return bare
    return plain_text(bare) or bare
