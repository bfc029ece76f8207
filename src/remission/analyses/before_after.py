"""Paired values at two moments: signed ranks within groups, and the change between groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remission.analyses.comparing import compare_numbers
from remission.analyses.grouping import Grouping, grouping_of, outside_groups, population_of
from remission.analyses.results import ALL, Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.detection import (
    IS_ABOVE,
    IS_BELOW,
    LIMITS_DIFFER,
    RAISED,
    SIZE_NOT_KNOWN,
)
from remission.errors import NotEstimable
from remission.plan import BeforeAfter, ChangeBetweenGroups
from remission.plan.before_after import Measure
from remission.statistics import (
    location_shift,
    mcnemar,
    summarise,
    wilcoxon_signed_rank,
)

TwoMoments = BeforeAfter | ChangeBetweenGroups
BEFORE, AFTER, CHANGE = "before", "after", "change"
"""The moments, and the difference of them, as they stand in ``level``."""

_OF_LIMITS = (IS_BELOW, IS_ABOVE, RAISED, SIZE_NOT_KNOWN)
_EXACT = 12
"""Digits of a change that are more than the noise of its two values."""
_SHOWN = ("median", "minimum", "maximum", "lower_quartile", "upper_quartile")


@dataclass(frozen=True)
class _Pairs:
    """The pairs of one measure by row of the cohort; ``below`` says which members are limits.

    ``is_limit`` says where any member is a limit, also one above the range of its test.
    """

    name: str
    unit: str
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]
    below: dict[str, tuple[bool, ...]]
    is_limit: tuple[bool, ...]

    def complete(self, indices: Sequence[int]) -> list[int]:
        """Return the rows of which both members are known."""
        return [index for index in indices
                if self.before[index] is not None and self.after[index] is not None]

    def member(self, moment: str, indices: Sequence[int]) -> list[float]:
        """Return the values of one moment of complete pairs, or their differences."""
        pairs = [(float(self.before[index] or 0), float(self.after[index] or 0))
                 for index in indices]
        if moment == CHANGE:
            return [_difference(before, after) for before, after in pairs]
        return [pair[moment == AFTER] for pair in pairs]


def _difference(before: float, after: float) -> float:
    """Return how much a value changed, without the noise that binary fractions bring.

    0.3 − 0.1 and 0.5 − 0.3 are the same change, and a test by ranks must see them so.
    """
    change, scale = after - before, max(abs(before), abs(after))
    return round(change, _EXACT - math.ceil(math.log10(scale))) if scale else change


@dataclass(frozen=True)
class _Question:
    """One analysis of two moments."""

    name: str
    cohort: Cohort
    plan: TwoMoments
    people: str
    groups: dict[str, list[int]]
    grouping: Grouping | None

    def row(
        self, pairs: _Pairs, statistic: str, value: float | None, group: str = ALL,
        **rest: Any,
    ) -> Result:
        return Result(self.name, pairs.name, statistic, value, group,
                      **rest)

    def ids(self, indices: Sequence[int]) -> tuple[str, ...]:
        named = self.cohort.study.subjects
        return tuple(named[index] for index in indices)


def analyse_before_after(cohort: Cohort, plan: TwoMoments, name: str) -> Iterator[Result]:
    """Yield the results of paired values: the moments, the change, and its tests.

    A subject without one of the two values is counted and left out. A value beyond a limit of
    detection stands at the limit, where it is the lowest of the ranks.
    """
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    groups = {ALL: population.indices} if grouping is None else dict(grouping.members)
    if isinstance(plan, BeforeAfter) and grouping is not None:
        groups = {ALL: population.indices, **groups}
    question = _Question(name, cohort, plan, population.people, groups, grouping)
    yield from (replace(row, population=population.name) for row in _all_rows(question))


def _all_rows(question: _Question) -> Iterator[Result]:
    if question.grouping is not None and question.grouping.outside:
        yield outside_groups(question.name, "subjects", question.grouping, question.people)
    for measure in question.plan.measures:
        pairs = _pairs(question, measure)
        for group, indices in question.groups.items():
            yield from _of_group(question, pairs, group, indices)
        if isinstance(question.plan, ChangeBetweenGroups):
            yield from _between(question, pairs)


def _pairs(question: _Question, measure: Measure) -> _Pairs:
    columns = question.plan.pair(measure)
    notes = [_column(question.cohort, f"{name}_note") for name in columns]
    undecided = [LIMITS_DIFFER in both for both in zip(*notes, strict=True)]
    before, after = (
        tuple(None if is_open else value for value, is_open in zip(
            _column(question.cohort, name), undecided, strict=True)) for name in columns)
    variable = question.cohort.variables[columns[1]]
    below = {moment: tuple(map(_is_below, own, of_moment, other)) for moment, own, of_moment, other
             in ((BEFORE, before, notes[0], after), (AFTER, after, notes[1], before))}
    is_limit = tuple(any(note in _OF_LIMITS for note in both)
                     for both in zip(*notes, strict=True))
    return _Pairs(columns[1], variable.unit or "", before, after, below, is_limit)


def _is_below(value: float | None, note: str | None, other: float | None) -> bool:
    """Whether a member is a limit of detection; of a pair that holds one it is the lower."""
    if note in (RAISED, SIZE_NOT_KNOWN):
        return value is not None and other is not None and value <= other
    return note == IS_BELOW


def _column(cohort: Cohort, name: str) -> list[Any]:
    """Return a column of the cohort; nothing known where no child has a value."""
    return cohort.column(name) if cohort.has(name) else [None] * len(cohort.subjects)


def _of_group(
    question: _Question, pairs: _Pairs, group: str, indices: Sequence[int]
) -> Iterator[Result]:
    known = pairs.complete(indices)
    missing = [index for index in indices if index not in known]
    base = Base(len(known), "pairs")
    yield question.row(pairs, "n", len(known), group, unit=question.people,
                       subjects=question.ids(known))
    if missing:
        yield question.row(pairs, "unknown", len(missing), group, unit=question.people,
                           note="one of the two values is not known",
                           subjects=question.ids(missing))
    limits = [index for index in known if pairs.is_limit[index]]
    if limits:
        yield question.row(
            pairs, "limits", len(limits), group, unit=question.people, base=base,
            subjects=question.ids(limits),
            note="a value lies beyond a limit of detection and stands at the limit")
    for moment in (BEFORE, AFTER, CHANGE):
        yield from _summary(question, pairs, group, moment, known, base)
    if isinstance(question.plan, BeforeAfter):
        yield from _within(question, pairs, group, known, base)
    for index in known:
        for moment in (BEFORE, AFTER):
            yield question.row(
                pairs, "value", pairs.member(moment, [index])[0], group, level=moment,
                unit=pairs.unit, subjects=question.ids([index]),
                note=IS_BELOW if pairs.below[moment][index] else "")


def _summary(  # noqa: PLR0917 - what one summary is of
    question: _Question, pairs: _Pairs, group: str, moment: str, known: Sequence[int], base: Base
) -> Iterator[Result]:
    if not known:
        yield question.row(pairs, "median", None, group, level=moment, base=base,
                           note="no pair in this group")
        return
    below = [moment != CHANGE and pairs.below[moment][index] for index in known]
    summary = summarise(pairs.member(moment, known), below=below)
    method = f"median of {len(known)} pairs; quartiles of type {summary.quantile_type}"
    for statistic in _SHOWN:
        value = getattr(summary, statistic)
        yield question.row(
            pairs, statistic, None if math.isnan(value) else value, group, level=moment,
            unit=pairs.unit, base=base, method=method, subjects=question.ids(known),
            note=summary.notes.get(statistic, ""))


def _within(
    question: _Question, pairs: _Pairs, group: str, known: Sequence[int], base: Base
) -> Iterator[Result]:
    """Yield the signed-rank test with its pseudo-median, and the sign test beside it."""
    after, before = (pairs.member(moment, known) for moment in (AFTER, BEFORE))
    try:
        test = wilcoxon_signed_rank(after, before, level=question.plan.level)
    except NotEstimable as refusal:
        yield question.row(pairs, "paired_p", None, group, base=base,
                           note=refusal.problems[0].what)
        return
    conventions = "; ".join(test.conventions[1:])
    yield question.row(
        pairs, "paired_p", test.p, group, base=base,
        method=f"{test.method}, two-sided; after − before; {conventions}",
        note="; ".join((f"{test.zeros} without a difference, {test.tied} tied", *test.warnings)))
    shift = f"Hodges–Lehmann: median of the Walsh averages; {question.plan.confidence} interval"
    for statistic, value in (("shift", test.estimate), ("shift_lower", test.lower),
                             ("shift_upper", test.upper)):
        yield question.row(pairs, statistic, None if math.isnan(value) else value, group,
                           unit=pairs.unit, base=base, method=shift,
                           note="" if math.isfinite(value) else test.warnings[0])
    yield from _signs(question, pairs, group, known, base)


def _signs(
    question: _Question, pairs: _Pairs, group: str, known: Sequence[int], base: Base
) -> Iterator[Result]:
    """Yield how many rose and fell, and the sign test, which limits of detection do not touch."""
    changes = pairs.member(CHANGE, known)
    rose = [index for index, change in zip(known, changes, strict=True) if change > 0]
    fell = [index for index, change in zip(known, changes, strict=True) if change < 0]
    for statistic, indices in (("rose", rose), ("fell", fell)):
        yield question.row(pairs, statistic, len(indices), group, base=base,
                           unit=question.people, subjects=question.ids(indices))
    same = len(known) - len(rose) - len(fell)
    found = mcnemar([[same, len(fell)], [len(rose), 0]])
    yield question.row(pairs, "paired_p_alternative", found.p, group, base=base,
                       method="sign test, exact, two-sided",
                       note=f"{len(rose)} rose, {len(fell)} fell, {same} did neither")


def _between(question: _Question, pairs: _Pairs) -> Iterator[Result]:
    """Yield the comparison of the change between the groups, with the shift of two."""
    assert question.grouping is not None, "the change is compared between groups"
    members = [pairs.complete(indices) for indices in question.groups.values()]
    changes = [pairs.member(CHANGE, indices) for indices in members]
    by = question.grouping.label
    base = Base(sum(map(len, members)), "pairs")
    try:
        comparison = compare_numbers(changes)
    except NotEstimable as refusal:
        yield question.row(pairs, "p", None, by, base=base, note=refusal.problems[0].what)
        return
    yield question.row(pairs, "p", comparison.chosen.p, by, base=base,
                       method=f"{comparison.chosen.method}, two-sided",
                       note=f"chosen because {comparison.why}")
    for other in comparison.alternatives:
        yield question.row(pairs, "p_alternative", other.p, by, base=base,
                           method=f"{other.method}, two-sided")
    if len(changes) == 2 and all(changes):
        shift = location_shift(*changes, level=question.plan.level)
        one, other_group = question.groups
        method = f"{shift.method}: {one} − {other_group}; {question.plan.confidence} interval"
        for statistic, value in (("shift", shift.estimate), ("shift_lower", shift.lower),
                                 ("shift_upper", shift.upper)):
            yield question.row(pairs, statistic, None if math.isnan(value) else value, by,
                               unit=pairs.unit, base=base, method=method,
                               note=" ".join(shift.warnings))
