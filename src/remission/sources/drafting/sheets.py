"""What each sheet is about, and which of its columns are the first, second … of the same thing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from remission.records.tables import CLINICAL_TABLES
from remission.sources.drafting.persons import SubjectId
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.scoring import About, fit
from remission.sources.drafting.targets import (
    ONE_ROW_A_SUBJECT,
    all_targets,
    occasions_of,
    table_words,
)
from remission.sources.drafting.words import Words, holds, weight, words_of

_ORDINALS = {"first": 1, "second": 2, "third": 3}
_EVENTS = {"disease_episode", "adverse_event", "cell_therapy", "gvhd"}
"""Tables of whose rows a whole sheet may hold one sort: the relapses."""
_LEAST_FOR_TABLE = 1.2
_SURE_ENOUGH = 0.55
_NUMBER = re.compile(r"(\d{1,2})")
_DAY_WORD = re.compile(r"d(\d{1,3})")


def about_sheet(
    sheet: str, profiles: Sequence[Profile], subject: SubjectId | None
) -> About:
    """Return what a sheet is about, by its name, and where that does not tell by its columns."""
    is_wide = _is_one_row_a_child(profiles, subject)
    table, occasion = _by_name(words_of(sheet))
    if is_wide and table not in ("", *ONE_ROW_A_SUBJECT) and not _is_confirmed(
            table, profiles, subject):
        table = occasion = ""
    if not table and not is_wide:
        table = _by_columns(profiles)
    if table == "subject" or (is_wide and not table):
        return About(table, "", is_wide=is_wide)
    return About(table, occasion, is_wide=is_wide and table == "follow_up")


def instances(profiles: Sequence[Profile]) -> dict[str, int]:
    """Return column → its number, for columns that are the first, second … of the same thing.

    ``relapse_date_1`` and ``relapse_date_2`` are; ``cd3`` and ``cd4`` are not.
    """
    groups: dict[tuple[str, Words], dict[int, str]] = defaultdict(dict)
    plain: dict[tuple[str, Words], str] = {}
    for profile in profiles:
        label = tuple(word for word in profile.label_words
                      if not word.isdigit() and word not in _ORDINALS)
        for number, stem in _numbered(profile.name):
            groups[stem, label].setdefault(number, profile.name)
        plain[_stem(profile.name), label] = profile.name
    found: dict[str, int] = {}
    for key, members in groups.items():
        if 1 not in members and key in plain:
            members[1] = plain[key]
        if {1, 2} <= set(members):
            found.update({name: number for number, name in members.items()})
    return found


def day_in_name(words: Words) -> int | None:
    """Return the study day that a name gives: 7 of ``anc_d7``."""
    return next((int(match.group(1)) for word in words
                 if (match := _DAY_WORD.fullmatch(word))), None)


def _is_one_row_a_child(profiles: Sequence[Profile], subject: SubjectId | None) -> bool:
    if subject is None:
        return True
    ids = next(profile for profile in profiles if profile.name == subject.field)
    return len(ids.counts) == ids.filled


def _by_name(words: Words) -> tuple[str, str]:
    """Return (table, occasion) that the name of a sheet tells; empty where it does not."""
    found: list[tuple[float, int, str, str]] = []
    for order, table in enumerate(CLINICAL_TABLES):
        found.extend((_tells(phrase), -order, table.name, "")
                     for phrase in table_words(table.name) if holds(words, phrase))
        found.extend((_tells(phrase) - 0.1, -order, table.name, occasion.name)
                     for occasion in occasions_of(table.name) if table.name in _EVENTS
                     for phrase in occasion.words if holds(words, phrase))
    if not found:
        return "", ""
    *_, table_name, occasion_name = max(found)
    return table_name, occasion_name


def _tells(phrase: Words) -> float:
    return sum(weight(word) for word in phrase) + 0.05 * len(phrase)


def _is_confirmed(
    table: str, profiles: Sequence[Profile], subject: SubjectId | None
) -> bool:
    """Return whether most columns of a sheet with a row a child are of the table it is named as."""
    asked = [profile for profile in profiles
             if profile.filled and (subject is None or profile.name != subject.field)]
    targets = [target for target in all_targets() if target.table == table]
    found = [profile for profile in asked
             if max(fit(profile, target, About(table)).score for target in targets) >= _SURE_ENOUGH]
    return 2 * len(found) >= len(asked)


def _by_columns(profiles: Sequence[Profile]) -> str:
    """Return the table whose columns are best found in a sheet of several rows a child."""
    sums: Mapping[str, dict[str, float]] = defaultdict(dict)
    for target in all_targets():
        if target.table in ("subject", "follow_up"):
            continue
        best = max((fit(profile, target, About(target.table)).score for profile in profiles),
                   default=0.0)
        if best >= _SURE_ENOUGH:
            column = str(target.column.name)
            sums[target.table][column] = max(sums[target.table].get(column, 0.0), best)
    totals = {table: sum(columns.values()) for table, columns in sums.items()}
    if not totals or max(totals.values()) < _LEAST_FOR_TABLE:
        return ""
    return max(totals, key=lambda table: totals[table])


def _numbered(name: str) -> list[tuple[int, str]]:
    """Return each (number, name without it) that a name may be read as."""
    found = [(int(match.group()), _stem(f"{name[:match.start()]} {name[match.end():]}"))
             for match in _NUMBER.finditer(name)
             if not name[:match.start()][-1:].isdigit() and 1 <= int(match.group()) <= 20]
    words = words_of(name)
    found.extend((_ORDINALS[word], " ".join(other for other in words if other != word))
                 for word in words if word in _ORDINALS)
    return found


def _stem(name: str) -> str:
    return " ".join(words_of(name))
