"""Two moments in words: what rose and fell, how it was compared, and what a number says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from remission.analyses.before_after import TwoMoments
from remission.analyses.results import ALL, Result, Results
from remission.definitions.cohort import Cohort
from remission.plan import BeforeAfter, ChangeBetweenGroups
from remission.report import formats
from remission.report.asking import Asking, joined, live
from remission.report.spans import Number, Span
from remission.report.tables.before_after import Setting, names_apart

_Told: TypeAlias = tuple[str, Result, Results]
"""A measure's name, its P, and all that was found of it."""
_STEADY = "did not change significantly"


def sentence_of_pairs(asking: Asking[BeforeAfter]) -> Iterator[Span]:
    """Yield what rose and what fell, in everyone or in each group, with P."""
    setting = Setting("text", asking)
    of_groups = [(group, told) for group in setting.groups_apart
                 if (told := _told(setting, group))]
    if not of_groups:
        yield f"{asking.analysis.title}: no pair could be compared. "
        return
    for group, told in of_groups:
        by = asking.analysis.by
        among = "" if by is None or group == ALL else f" ({asking.plan.groups[by].label}: {group})"
        yield f"From {asking.analysis.before_label} to {asking.analysis.after_label}{among}, "
        yield from _what_changed(asking, told)


def _told(setting: Setting, group: str) -> list[_Told]:
    """Return the measures that could be compared in a group."""
    told = []
    for measure, label in names_apart(setting).items():
        found = setting.rows(measure).select(group=group)
        p = found.find(statistic="paired_p")
        if p is not None and p.value is not None:
            told.append((label, p, found))
    return told


def _what_changed(asking: Asking[BeforeAfter], told: Sequence[_Told]) -> Iterator[Span]:
    for place, (verb, entries) in enumerate(_by_direction(told, asking.plan.study.significance)):
        yield "; " if place else ""
        yield from joined([[label] if verb == _STEADY else _with_p(asking, label, p)
                           for label, p in entries])
        yield f" {verb}"
    yield ". "


def _with_p(asking: Asking[TwoMoments], label: str, p: Result) -> list[Span]:
    return [f"{label} (", live(asking.p_statement(p), p), ")"]


def _by_direction(
    told: Sequence[_Told], significance: float
) -> Iterator[tuple[str, list[tuple[str, Result]]]]:
    """Yield what measures did, with those that did so; nothing that none did."""
    done: dict[str, list[tuple[str, Result]]] = {"rose": [], "fell": [], _STEADY: []}
    for label, p, found in told:
        rose = found.one(statistic="shift").number > 0
        verb = _STEADY if p.number >= significance else "rose" if rose else "fell"
        done[verb].append((label, p))
    yield from ((verb, entries) for verb, entries in done.items() if entries)


def sentence_of_change(asking: Asking[ChangeBetweenGroups]) -> Iterator[Span]:
    """Yield which changes differ between the groups, with P."""
    setting = Setting("text", asking)
    by = asking.plan.groups[asking.analysis.by].label
    tests = [(label, p) for measure, label in names_apart(setting).items()
             if (p := setting.rows(measure).find(group=by, statistic="p")) is not None
             and p.value is not None]
    if not tests:
        return
    significance = asking.plan.study.significance
    differ = [(label, p) for label, p in tests if p.number < significance]
    alike = [(label, p) for label, p in tests if p.number >= significance]
    for entries, verb in ((differ, "differed"), (alike, "did not differ significantly")):
        if entries:
            yield "The change of "
            yield from joined([_with_p(asking, label, p) for label, p in entries])
            yield f" {verb} by {by}. "


def methods_of_pairs(asking: Asking[BeforeAfter]) -> Iterator[str]:
    """Yield how paired values were compared."""
    if asking.rows.find(statistic="paired_p") is None:
        return
    yield ("Paired values are compared by Wilcoxon's signed-rank test (zeros by Pratt's rule, ties "
           "by midranks, exact up to 300 pairs), two-sided, with the Hodges–Lehmann pseudo-median "
           "of the differences and its interval; the exact sign test stands behind each P. A value "
           "below a limit of detection stands at the limit, of a pair at the higher limit.")


def methods_of_change(asking: Asking[ChangeBetweenGroups]) -> Iterator[str]:
    """Yield how changes were compared."""
    if asking.rows.find(statistic="p") is not None:
        yield ("The change of a value (after less before) is compared between groups; of two "
               "groups the Hodges–Lehmann shift is given.")


def say_paired_p(number: Number, cohort: Cohort) -> Iterator[str]:
    """Yield the test of pairs, and the sign test beside it."""
    for place, row in enumerate(number.results):
        if row.value is None:
            yield f"Not tested: {row.note}"
            continue
        shown = formats.p_statement(row.number, significance=cohort.plan.study.significance)
        note = f" ({row.note})" if row.note else ""
        yield f"{'Beside it: ' if place else ''}{shown}, {row.method}, on {row.base}{note}."


def say_shift(number: Number, _: Cohort) -> Iterator[str]:
    """Yield the pseudo-median or the shift with its interval."""
    by = {row.statistic: row for row in number.results}
    shift, lower, upper = by["shift"], by["shift_lower"], by["shift_upper"]
    unit = f" {shift.unit}" if shift.unit else ""
    yield f"{shift.number:.4g}{unit}; {shift.method}, on {shift.base}."
    if lower.value is None or upper.value is None:
        yield f"No interval: {lower.note}"
    else:
        yield f"Interval {lower.number:.4g} to {upper.number:.4g}{unit}."
