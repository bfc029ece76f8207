"""Which column says whose row it is, and which ones would name the person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from remission.records.labels import synonyms
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.words import Words, plain_text, words_of

_ID_WORDS: tuple[Words, ...] = (
    ("id",), ("subject", "id"), ("record", "id"), ("study", "id"), ("subject",), ("id", "number"),
    ("subject", "number"), ("id", "id"), ("subject", "id", "number"),
)
_LOOKS_PERSONAL = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+"
    r"|(\+?\d{1,3}[ -]?)?(\(\d{2,4}\)[ -]?)?\d{3,4}[ -]\d{3,4}[ -]\d{2,4}"
    r"|1\d{10}|\d{17}[\dXx]|[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d")
_OF_THE_CHILD = re.compile(r"^(patient|paciente|pt|child) | (del paciente|patient|paciente)$")
_MOSTLY = 0.7
_LEAST = 1.5


@dataclass(frozen=True)
class SubjectId:
    """The column of one sheet that says whose row it is; ``sure`` from 0 to 1, and why."""

    field: str
    sure: float
    why: str
    is_record_number: bool = False


def subject_ids(sheets: Mapping[str, Sequence[Profile]]) -> dict[str, SubjectId]:
    """Return the subject's identifier in each sheet that has one."""
    common = _common_names(sheets)
    found: dict[str, SubjectId] = {}
    for sheet, profiles in sheets.items():
        scored = sorted(((_score(profile, position, common, len(sheets)), -position, profile)
                         for position, profile in enumerate(profiles)),
                        key=lambda one: one[:2], reverse=True)
        if scored and scored[0][0] >= _LEAST:
            score, _, profile = scored[0]
            found[sheet] = SubjectId(
                profile.name, min(1.0, score / 3.5), _why(profile, common, len(sheets)),
                is_record_number(profile))
    return found


def identifies(profile: Profile) -> bool:
    """Return whether a column holds what names a person: a name, a record number, a phone."""
    if profile.looks == "date":
        return False
    told = profile.field.identifier and "birth" not in (*profile.words, *profile.label_words)
    return told or _is_called(profile, _personal()) or is_record_number(profile) or (
        _looks_personal(profile))


def is_record_number(profile: Profile) -> bool:
    """Return whether a column is called as the number of a person's record in a hospital."""
    return _is_called(profile, _record_numbers())


def _is_called(profile: Profile, names: frozenset[str]) -> bool:
    texts = {plain_text(profile.header.text), plain_text(profile.field.label)}
    bare = {_OF_THE_CHILD.sub("", text).strip() for text in texts}
    turned = {" ".join(reversed(text.split())) for text in texts}  # name_first, number_phone
    return bool((texts | bare | turned) & names)


def _looks_personal(profile: Profile) -> bool:
    values = list(profile.counts)
    if profile.looks not in ("text", "number", "code") or not values:
        return False
    return sum(bool(_LOOKS_PERSONAL.fullmatch(value)) for value in values) / len(values) >= _MOSTLY


def _score(
    profile: Profile, position: int, common: Mapping[str, int], sheets: int
) -> float:
    if not profile.filled or profile.looks == "date" or _is_called(profile, _personal()):
        return 0.0
    words = tuple(word for word in profile.words)
    named = words in _ID_WORDS or is_record_number(profile) or (
        plain_text(profile.name).replace(" ", "") in ("id", "subjectid", "recordid", "patientid",
                                                      "studyid", "usubjid", "subjid"))
    score = 2.0 if named else (1.0 if "id" in words and len(words) <= 3 else 0.0)
    if is_record_number(profile) and words != ("id",):
        score -= 0.4
    score += 0.5 if position == 0 else 0.0
    score += 0.5 if sheets > 1 and common[profile.name] > 1 else 0.0
    score += 0.5 if not profile.has_blanks else -1.0
    is_label = profile.looks in ("text", "number", "code") and (
        not profile.numbers or profile.is_whole)
    return score + (0.25 if is_label and len(profile.counts) == profile.rows else 0.0)


def _why(profile: Profile, common: Mapping[str, int], sheets: int) -> str:
    parts = ["name"]
    if sheets > 1 and common[profile.name] > 1:
        parts.append(f"in {common[profile.name]} of {sheets} sheets")
    if len(profile.counts) == profile.rows:
        parts.append("no value twice")
    if is_record_number(profile):
        parts.append("if it is the hospital's own record number, put a study number in its place")
    return ", ".join(parts)


def _common_names(sheets: Mapping[str, Sequence[Profile]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for profiles in sheets.values():
        for profile in profiles:
            names[profile.name] = names.get(profile.name, 0) + 1
    return names


@lru_cache(maxsize=1)
def _personal() -> frozenset[str]:
    return frozenset(map(plain_text, synonyms()["identifiers"]["words"]))


@lru_cache(maxsize=1)
def _record_numbers() -> frozenset[str]:
    return frozenset(map(plain_text, synonyms()["identifiers"]["record_numbers"]))


def is_site(profile: Profile) -> bool:
    """Return whether a column names the centre."""
    return bool(profile.filled) and words_of(profile.header.text) in (
        ("site",), ("site", "id"), ("site", "name"), ("site", "number"))
