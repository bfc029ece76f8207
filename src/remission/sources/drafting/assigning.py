"""Which column of a sheet goes where: the best fit first, and never two to one column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from remission.sources.drafting.codes import CodeMatch, is_yes_no
from remission.sources.drafting.draft import GUESS
from remission.sources.drafting.profile import Profile
from remission.sources.drafting.scoring import About, Fit, fit
from remission.sources.drafting.sheets import day_in_name, instances
from remission.sources.drafting.targets import (
    ONE_ROW_A_SUBJECT,
    Occasion,
    Target,
    all_targets,
    occasions_of,
)
from remission.sources.drafting.words import holds, is_generic, weight

_NEED_OWN_ROWS = {"toxicity_sign", "gvhd_organ", "transfusion", "drug_dose", "medical_history",
                  "treatment_line"}
_BESIDE = {"laboratory": ("assessment",), "assessment": ("laboratory",), "": (
    "laboratory", "assessment")}
_SECOND_CHOICE = 0.66
_CLOSE = 0.12
_SHOWN = 3
_OF_A_PANEL = 3

BlockKey = tuple[str, str, int]
"""Table, occasion and number (0 where there is but one)."""


@dataclass(frozen=True)
class Assigned:
    """One column given to one target; the number tells the first from the second relapse.

    ``instead`` are other targets that it fits about as well, ``rivals`` other columns that fit
    this target about as well.
    """

    profile: Profile
    target: Target
    fit: Fit
    number: int = 0
    instead: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()

    @property
    def key(self) -> BlockKey:
        """The block that the target belongs to."""
        return self.target.table, self.target.occasion.name, self.number


@dataclass(frozen=True)
class Gate:
    """A yes/no column that says whether something happened at all: ``relapse: yes``."""

    profile: Profile
    occasion: Occasion
    number: int
    codes: CodeMatch


@dataclass
class SheetAssignment:
    """What the columns of one sheet were given to; ``hints`` for those that went nowhere."""

    sheet: str
    about: About
    assigned: list[Assigned] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    hints: dict[str, str] = field(default_factory=dict)


def assign(
    sheet: str, profiles: Sequence[Profile], about: About, *, without: str = ""
) -> SheetAssignment:
    """Return what each column of a sheet is most probably; ``without`` names a table to avoid."""
    numbers = instances(profiles)
    targets = [target for target in all_targets()
               if target.table != without and _may_be(target, about)]
    if _is_panel(profiles):
        targets = [target for target in targets if target.column.name != "wbc"]
    result = SheetAssignment(sheet, about)
    result.gates = _gates(profiles, numbers, about)
    gated = {gate.profile.name for gate in result.gates}
    fits = [
        (found, profile, target)
        for profile in profiles if profile.name not in gated
        for target in targets
        if (found := fit(profile, target, about)).score >= GUESS
    ]
    fits.sort(key=lambda one: -one[0].score)
    _give_out(fits, numbers, result)
    return result


def _is_panel(profiles: Sequence[Profile]) -> bool:
    """Return whether a sheet has a column for each of several tests: its WBC is one of these."""
    panel = {word for occasion in occasions_of("laboratory") for phrase in occasion.words
             for word in phrase if len(phrase) == 1} - {"wbc"}
    return sum(len(profile.words) == 1 and profile.words[0] in panel and profile.looks == "number"
               for profile in profiles) >= _OF_A_PANEL


def _give_out(
    fits: list[tuple[Fit, Profile, Target]], numbers: dict[str, int], result: SheetAssignment
) -> None:
    """Give each column its best target that is free; keep close seconds for the person."""
    best: dict[str, float] = {}
    used: dict[tuple[BlockKey, str], Assigned] = {}
    given: dict[str, Assigned] = {}
    others: dict[str, list[str]] = defaultdict(list)
    rivals: dict[tuple[BlockKey, str], list[str]] = defaultdict(list)
    for found, profile, target in fits:
        best.setdefault(profile.name, found.score)
        number = _number(profile, target, numbers)
        place = ((target.table, target.occasion.name, number), target.column.name)
        if profile.name in given:
            if _is_another(target, found, given[profile.name]):
                others[profile.name].append(f"{target} {found.score:.2f}")
        elif place in used:
            if found.score >= used[place].fit.score - _CLOSE:
                rivals[place].append(profile.name)
            result.hints.setdefault(
                profile.name, f"perhaps {target}, which {used[place].profile.name!r} gives")
        elif found.score < best[profile.name] and found.score < _SECOND_CHOICE:
            continue
        else:
            given[profile.name] = used[place] = Assigned(profile, target, found, number)
    for place, one in used.items():
        result.assigned.append(replace(
            one, instead=tuple(others[one.profile.name][:_SHOWN]),
            rivals=tuple(name for name in rivals[place] if name not in given)[:_SHOWN]))
    for name in given:
        result.hints.pop(name, None)


def _is_another(target: Target, found: Fit, given: Assigned) -> bool:
    """Return whether a target is about as good as the one given, and not nearly the same."""
    is_same = target.column.name == given.target.column.name or (
        target.table, target.column.name) == ("adverse_event", "term")
    return not is_same and found.score >= given.fit.score - _CLOSE


def _may_be(target: Target, about: About) -> bool:
    """Return whether a row of the sheet can give a row to the target's table."""
    table, occasion = target.table, target.occasion.name
    if about.table == table:
        return not (table == "laboratory" and about.is_wide)
    if about.is_wide or about.table in ONE_ROW_A_SUBJECT:
        if table == "genetics" and not occasion and target.column.name == "status":
            return False
        return table not in _NEED_OWN_ROWS and (table != "laboratory" or bool(occasion))
    return table in _BESIDE.get(about.table, ()) and (bool(occasion) or not about.table)


def _number(profile: Profile, target: Target, numbers: dict[str, int]) -> int:
    """Return which of several blocks a column belongs to; a study day tells blocks apart too."""
    if target.table in ONE_ROW_A_SUBJECT:
        return 0
    if target.table == "laboratory" and (day := day_in_name(profile.words)) is not None:
        return day
    return numbers.get(profile.name, 0)


def _gates(
    profiles: Sequence[Profile], numbers: dict[str, int], about: About
) -> list[Gate]:
    """Return the yes/no columns that are called as something that happens, and as no more."""
    if not about.is_wide:
        return []
    found = []
    for profile in profiles:
        codes = is_yes_no(profile)
        occasion = _happening(profile) if codes is not None else None
        if codes is not None and occasion is not None:
            found.append(Gate(profile, occasion, numbers.get(profile.name, 0), codes))
    return found


def _happening(profile: Profile) -> Occasion | None:
    """Return what a column names when it names nothing but that."""
    candidates = [
        (occasion, words)
        for table in ("disease_episode", "gvhd", "adverse_event", "cell_therapy", "transplant")
        for occasion in occasions_of(table)
        for words in (occasion.words if occasion.name else ())]
    candidates.append((occasions_of("transplant")[0], ("transplant",)))
    for names in filter(None, (profile.words, profile.label_words)):
        for occasion, words in candidates:
            rest = [word for word in names if word not in words and word not in (
                "gvhd", "status", "event", "extensive", "post", "blinatumomab")]
            if holds(names, words) and not any(weight(word) for word in rest) and not is_generic(
                    words):
                return occasion
    return None
