"""Means, standard deviations, medians and ranges: of one group, and of groups that make one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from remission.audit.claims import Claims
from remission.audit.findings import (
    Judgement,
    Verdict,
    agrees,
    agrees_if,
    cannot_tell,
    contradicts,
)
from remission.audit.kinds_of_estimates import Group, Summary
from remission.audit.printed import CUT_OFF, ROUNDED, How, Printed, printed
from remission.audit.say import listed, number, p_value
from remission.audit.spans import Span, hull, overlap, span_of
from remission.audit.summaries import (
    Sample,
    one_way_p,
    squares_exist,
    sums_of,
    welch_p,
    yes_no_sds,
)
from remission.audit.tests_of_tables import fitting

_INSIDE = ("minimum", "q1", "median", "q3", "maximum")


def check_summary(claim: Summary, claims: Claims) -> list[Judgement]:
    """Return whether the numbers of each group, and of groups and total, can belong together."""
    rounded = list(_judged(_Asked(claim, claims, ROUNDED)))
    if not _contradictions(rounded):
        return rounded or [cannot_tell("Nothing that is printed with it can be recomputed.")]
    if not _contradictions(_judged(_Asked(claim, claims, CUT_OFF))):
        return [agrees_if("These fit together only if digits were cut off, not rounded.", "",
                          ["digits cut off instead of rounded"])]
    return rounded


@dataclass(frozen=True)
class _Asked:
    """A claim, and how its digits were dropped."""

    claim: Summary
    claims: Claims
    how: How

    def span(self, given: Printed, *, is_value: bool = False) -> Span:
        """Return what prints so; a value that is whole and printed without decimals is itself."""
        if is_value and self.claim.values != "any" and given.step == 1 and given.sign == "=":
            return Span(float(given.value), float(given.value))
        return span_of(given, self.how)

    def size(self, group: Group) -> int | None:
        """Return how many a group are."""
        return self.claims.size(group.n)


def _contradictions(judged: Iterable[Judgement]) -> bool:
    return any(one.verdict is Verdict.CONTRADICTS for one in judged)


def _judged(asked: _Asked) -> Iterator[Judgement]:
    claim = asked.claim
    for group in (*claim.groups, *((claim.total,) if claim.total else ())):
        yield from _judge_group(asked, group)
    if claim.total is not None:
        yield from _judge_total(asked, claim.total)
        yield from _judge_sizes(asked, claim.total)
    if claim.p is not None:
        yield _judge_p(asked, claim.p)


def _read(group: Group, name: str) -> Printed | None:
    text = getattr(group, name)
    return None if text is None else printed(text)


def _judge_group(asked: _Asked, group: Group) -> Iterator[Judgement]:
    """Yield what can be said of one group alone."""
    yield from _judge_order(asked, group)
    n = asked.size(group)
    mean, sd, error = (_read(group, name) for name in ("mean", "sd", "se"))
    if sd is not None and sd.value < 0:
        yield contradicts(f"{group.label}: a standard deviation of {sd} is below 0.")
        return
    if n and n > 1 and sd is not None and error is not None:
        yield _judge_error(asked, group, n, sd, error)
    if n and n > 1 and sd is not None:
        yield from _judge_spread(asked, group, n, sd)
    if n and mean is not None and asked.claim.values != "any":
        yield _judge_whole(group, n, mean, sd, yes_no=asked.claim.values == "yes-no")


def _judge_order(asked: _Asked, group: Group) -> Iterator[Judgement]:
    """Yield whether minimum, quartiles, median, mean and maximum stand in their order."""
    known = [(name, given) for name in _INSIDE if (given := _read(group, name)) is not None]
    mean = _read(group, "mean")
    for (name, low), (other, high) in pairwise(known):
        if asked.span(low, is_value=name == "minimum").low > asked.span(
                high, is_value=other == "maximum").high:
            yield contradicts(f"{group.label}: the {name} {low} is above the {other} {high}.")
            return
    ends = dict(known)
    if mean is not None and "minimum" in ends and "maximum" in ends and not asked.span(
            mean).meets(Span(asked.span(ends["minimum"], is_value=True).low,
                             asked.span(ends["maximum"], is_value=True).high)):
        yield contradicts(f"{group.label}: the mean {mean} lies outside the range.")
    elif len(known) > 1:
        yield agrees(f"{group.label}: "
                     f"{listed(f'{name} {given}' for name, given in known)} stand in order.")


def _judge_error(asked: _Asked, group: Group, n: int, sd: Printed, error: Printed) -> Judgement:
    spread = asked.span(sd)
    wanted = Span(spread.low / math.sqrt(n), spread.high / math.sqrt(n))
    shown = number(float(sd.value) / math.sqrt(n), error.digits + 1)
    if wanted.meets(asked.span(error)):
        return agrees(f"{group.label}: {sd} / √{n} is {shown}, printed {error}.", shown)
    return contradicts(f"{group.label}: {sd} / √{n} is {shown}, and the standard error is printed "
                       f"{error}.", shown)


def _judge_spread(asked: _Asked, group: Group, n: int, sd: Printed) -> Iterator[Judgement]:
    """Yield whether an SD can belong to a range: at most half of it, at least its ends alone."""
    low, high = _read(group, "minimum"), _read(group, "maximum")
    if low is None or high is None:
        return
    first, last = asked.span(low, is_value=True), asked.span(high, is_value=True)
    widest, narrowest = last.high - first.low, max(0.0, last.low - first.high)
    most = widest / 2 * math.sqrt(n / (n - 1))
    least = narrowest / math.sqrt(2 * (n - 1))
    says = (f"{group.label}: in {n} values from {low} to {high} the SD lies between "
            f"{number(least, 2)} and {number(most, 2)}")
    if Span(least, most).meets(asked.span(sd)):
        yield agrees(f"{says}, printed {sd}.")
    elif Span(least / math.sqrt(n), most / math.sqrt(n)).meets(asked.span(sd)):
        yield agrees_if(f"{says}, not {sd}; it may be the standard error.", "",
                        ["a standard error, printed as standard deviation"])
    else:
        yield contradicts(f"{says}, not {sd}.")


def _judge_whole(
    group: Group, n: int, mean: Printed, sd: Printed | None, *, yes_no: bool
) -> Judgement:
    """Judge mean and SD of whole numbers, or of zeros and ones."""
    sums = sums_of(mean, n)
    if sums is None:
        return cannot_tell(f"{group.label}: {n} whole numbers can have any such mean.")
    if yes_no:
        sums = [total for total in sums if 0 <= total <= n]
    if not sums:
        below = math.floor(float(mean.value) * n)
        near = listed(f"{number(total / n, mean.digits + 2)} ({total} / {n})"
                      for total in (below, below + 1))
        return contradicts(f"{group.label}: {n} whole numbers cannot have the mean {mean}; the "
                           f"nearest are {near}.", near)
    found = f"{sums[0]} / {n} is {number(sums[0] / n, mean.digits + 1)}"
    if sd is None or n < 2:
        return agrees(f"{group.label}: {found}, printed {mean}.", found)
    return _judge_whole_sd(group, n, sums, sd, yes_no=yes_no)


def _judge_whole_sd(
    group: Group, n: int, sums: Sequence[int], sd: Printed, *, yes_no: bool
) -> Judgement:
    """Judge an SD of whole numbers whose sum is one of several."""
    if yes_no:
        computed = number(yes_no_sds(sums[0], n), sd.digits + 1)
        if any(sd.rules(yes_no_sds(total, n)) for total in sums):
            return agrees(f"{group.label}: {sums[0]} of {n} have the SD {computed}, printed {sd}.",
                          computed)
        return contradicts(f"{group.label}: {sums[0]} of {n} have the SD {computed}, not {sd}.",
                           computed)
    if any(squares_exist(total, n, sd) for total in sums):
        return agrees(f"{group.label}: {n} whole numbers can have this mean and the SD {sd}.")
    if any(squares_exist(total, n, sd, population=True) for total in sums):
        return agrees_if(f"{group.label}: {n} whole numbers have the SD {sd} only when it is "
                         f"divided by {n}, not by {n - 1}.", "", ["an SD divided by n"])
    return contradicts(f"{group.label}: {n} whole numbers with this mean cannot have the SD {sd}.")


def _judge_total(asked: _Asked, total: Group) -> Iterator[Judgement]:
    """Yield whether each range lies in the total's, and the total's medians between the groups'."""
    groups, partition = asked.claim.groups, asked.claim.partition
    for name, is_low in (("minimum", True), ("maximum", False)):
        own = _read(total, name)
        known = [(group.label, given) for group in groups
                 if (given := _read(group, name)) is not None]
        if own is None or not known:
            continue
        limit = asked.span(own, is_value=True)
        beyond = [(label, given) for label, given in known
                  if (asked.span(given, is_value=True).high < limit.low if is_low
                      else asked.span(given, is_value=True).low > limit.high)]
        for label, given in beyond:
            yield contradicts(f"{label}: the {name} {given} lies outside that of {total.label}, "
                              f"{own}.")
        if partition and not beyond and len(known) == len(groups) and not any(
                asked.span(given, is_value=True).meets(limit) for _, given in known):
            yield contradicts(f"The {name} of {total.label} is {own}, and no group has it: "
                              f"{listed(f'{given} ({label})' for label, given in known)}.")
    if partition:
        yield from _judge_middle(asked, total)


def _judge_middle(asked: _Asked, total: Group) -> Iterator[Judgement]:
    for name in ("median", "mean"):
        own = _read(total, name)
        known = [given for group in asked.claim.groups
                 if (given := _read(group, name)) is not None]
        if own is None or len(known) < len(asked.claim.groups):
            continue
        around = hull(map(asked.span, known))
        values = listed(given.text for given in known)
        finest = float(min(given.step for given in (own, *known)))
        if overlap((around, asked.span(own)), finest):
            yield agrees(f"The {name} {own} of {total.label} lies between those of the groups, "
                         f"{values}.")
        else:
            yield contradicts(f"The {name} {own} of {total.label} lies outside those of the "
                              f"groups, {values}; a {name} of all lies between those of its "
                              "parts.")


def _judge_sizes(asked: _Asked, everyone: Group) -> Iterator[Judgement]:
    sizes, total = [asked.size(group) for group in asked.claim.groups], asked.size(everyone)
    known = [size for size in sizes if size is not None]
    are_known = total is not None and len(known) == len(sizes)
    if asked.claim.partition and are_known and sum(known) != total:
        yield contradicts(f"The groups are {' + '.join(map(str, known))} = {sum(known)}, and the "
                          f"total is {total}.", str(sum(known)))


def _judge_p(asked: _Asked, p: str) -> Judgement:
    """Judge the P value of a comparison of means."""
    claim = asked.claim
    samples = [sample for group in claim.groups if (sample := _sample(asked, group)) is not None]
    if len(samples) < len(claim.groups) or len(samples) < 2:
        return cannot_tell("P cannot be recomputed from what is printed: a test of means needs n, "
                           "mean and SD of each group, and a test of ranks needs the values.")
    given = fitting(p)
    tests = {"t": one_way_p(samples) if len(samples) == 2 else None,
             "welch": welch_p(samples[0], samples[1]) if len(samples) == 2 else None,
             "anova": one_way_p(samples) if len(samples) > 2 else None}
    names = {"t": "Student's t test", "welch": "Welch's t test", "anova": "analysis of variance"}
    found = {name: span for name, span in tests.items() if span is not None}
    if not found:
        return cannot_tell("P cannot be recomputed from these summaries.")
    fits = [name for name, span in found.items() if span.meets(asked.span(given))]
    shown = "; ".join(f"{names[name]} P {p_value(max(span.low, 0))} to {p_value(span.high)}"
                      for name, span in found.items())
    if fits and (claim.test is None or claim.test in fits):
        return agrees(f"{shown}; printed {p}.", shown)
    if fits:
        return agrees_if(f"{shown}; printed {p}.", shown, [names[name] for name in fits])
    return contradicts(f"{shown}; {p} is printed.", shown)


def _sample(asked: _Asked, group: Group) -> Sample | None:
    n = asked.size(group)
    mean, sd, error = (_read(group, name) for name in ("mean", "sd", "se"))
    if not n or n < 2 or mean is None or (sd is None and error is None):
        return None
    if sd is not None:
        spread = asked.span(sd).between(0, math.inf)
    else:
        assert error is not None, "one of the two is there"
        own = asked.span(error).between(0, math.inf)
        spread = Span(own.low * math.sqrt(n), own.high * math.sqrt(n))
    return Sample(n, asked.span(mean), spread)
