"""Parts of a whole, and the flow of patients: what is split is conserved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from remission.audit.checks.proportion import judge_share
from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, contradicts
from remission.audit.kinds_of_counts import Flow, Parts
from remission.audit.printed import CUT_OFF, ROUNDED, printed, whole
from remission.audit.say import is_rounded, listed, percent


def check_parts(claim: Parts, claims: Claims) -> list[Judgement]:
    """Return whether counts sum to their total, and percentages to theirs within rounding."""
    judged: list[Judgement] = []
    total = claims.size(claim.total)
    counts = [whole(count) for count in claim.parts]
    if counts and total is not None:
        judged.append(_sum_of_counts(claim, counts, total))
    if claim.percents and claim.exclusive:
        judged.append(_sum_of_percents(claim))
    if counts and claim.percents and total:
        judged += [_named(claim, place, judge_share(count, total, printed(text), claims.bases))
                   for place, (count, text) in enumerate(
                       zip(counts, claim.percents, strict=True)) if count <= total]
    return judged


def _named(claim: Parts, place: int, judged: Judgement) -> Judgement:
    label = claim.labels[place] if claim.labels else f"part {place + 1}"
    return Judgement(judged.verdict, f"{label}: {judged.says}", judged.recomputed, tuple(
        f"{label}: {words}" for words in judged.alternatives))


def _sum_of_counts(claim: Parts, counts: Sequence[int], total: int) -> Judgement:
    found = sum(counts)
    sum_says = f"{' + '.join(map(str, counts))} is {found}"
    over = [count for count in counts if count > total]
    if over:
        return contradicts(f"{over[0]} is more than the total of {total}.", str(found))
    if (found == total or (found < total and not claim.exhaustive)
            or (found > total and not claim.exclusive)):
        return agrees(f"{sum_says}, of {total}.", str(found))
    gap = abs(total - found)
    return contradicts(
        f"{sum_says}, {gap} {'fewer' if found < total else 'more'} than the total of {total}.",
        str(found), _reconciling(claim, counts, total))


def _reconciling(claim: Parts, counts: Sequence[int], total: int) -> Iterator[str]:
    """Yield which one part, changed, would give the total and still print its percentage."""
    gap = total - sum(counts)
    for place, count in enumerate(counts):
        changed = count + gap
        label = claim.labels[place] if claim.labels else f"part {place + 1}"
        if 0 <= changed <= total and claim.percents and is_rounded(
                printed(claim.percents[place]).rules(Fraction(100 * changed, total))):
            yield f"{label} {changed} instead of {count}"
    if gap > 0:
        yield f"{gap} of {total} in none of the parts"
    else:
        yield f"{-gap} counted in two parts"


def _sum_of_percents(claim: Parts) -> Judgement:
    numbers = [printed(text) for text in claim.percents]
    goal = printed(claim.percent_total)
    found = sum((number.value for number in numbers), Fraction(0))
    says = f"The percentages sum to {percent(found, 1)}"
    for how in (ROUNDED, CUT_OFF):
        bounds = [number.exact_bounds(how) for number in (*numbers, goal)]
        bounds[-1] = (goal.value, goal.value) if goal.value == 100 else bounds[-1]
        low, high = (sum(ends) for ends in zip(*bounds[:-1], strict=True))
        reaches = low <= bounds[-1][1] and (high >= bounds[-1][0] or not claim.exhaustive)
        if reaches and how == ROUNDED:
            return agrees(f"{says}, which rounding allows of {goal}.", percent(found, 1))
        if reaches:
            return agrees_if(
                f"{says}; that is {goal} only with digits cut off, not rounded.",
                percent(found, 1), ["digits cut off instead of rounded"])
    return contradicts(
        f"{says}; rounding allows {percent(low, 2)} to {percent(high, 2)}, and not {goal}.",
        percent(found, 1))


def check_flow(claim: Flow, claims: Claims) -> list[Judgement]:
    """Return for each split whether its parts sum to the node that is split."""
    del claims
    judged = []
    for node, into in claim.splits.items():
        counts = [whole(claim.nodes[name]) for name in into]
        total = whole(claim.nodes[node])
        parts = listed(f"{count} {name}" for count, name in zip(counts, into, strict=True))
        if sum(counts) == total:
            judged.append(agrees(f"{total} {node}: {parts}.", str(sum(counts))))
        else:
            gap = sum(counts) - total
            judged.append(contradicts(
                f"{parts} make {sum(counts)}, {abs(gap)} {'more' if gap > 0 else 'fewer'} than "
                f"{total} {node}.", str(sum(counts))))
    return judged
