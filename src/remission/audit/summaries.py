"""What means and standard deviations of whole numbers can be, and tests from summaries.

GRIM: Brown & Heathers 2017, Soc Psychol Personal Sci 8:363. GRIMMER: Anaya 2016, PeerJ Preprints
4:e2400v1. DEBIT: Heathers & Brown 2019, OSF.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from remission.audit.printed import EITHER, Printed
from remission.audit.spans import Span, span_of, widened
from remission.statistics.distributions import f_tail, two_sided_t

MOST_SUMS = 2_000
"""Sums that a mean may stand for; with more a mean says nothing about whole numbers."""
_MOST_CORNERS = 10
_ROUNDS = 200


@dataclass(frozen=True)
class Sample:
    """What is known of one group: its size, and between which limits mean and SD lie."""

    n: int
    mean: Span
    sd: Span


def sums_of(mean: Printed, n: int) -> list[int] | None:
    """Return the sums of ``n`` whole numbers whose mean prints so; None if there are too many."""
    span = span_of(mean, EITHER)
    first, last = math.floor(span.low * n), math.ceil(span.high * n)
    if last - first > MOST_SUMS:
        return None
    return [total for total in range(first, last + 1) if mean.rules(Fraction(total, n))]


def squares_exist(total: int, n: int, sd: Printed, *, population: bool = False) -> bool:
    """Return whether ``n`` whole numbers with a sum can have a printed SD.

    The sum of squares is a whole number, odd where the sum is odd, and at least what the sum
    spread evenly gives.
    """
    divisor = n if population else n - 1
    span = span_of(sd, EITHER).between(0, math.inf)
    even = total // n
    least = (n - total % n) * even**2 + (total % n) * (even + 1) ** 2
    first = max(math.floor(span.low**2 * divisor + total**2 / n), least)
    last = math.ceil(span.high**2 * divisor + total**2 / n)
    if last - first > MOST_SUMS:
        return True
    for squares in range(first, last + 1):
        variance = (squares - total**2 / n) / divisor
        if (squares - total) % 2 == 0 and variance >= -1e-9 and sd.rules(
                math.sqrt(max(variance, 0.0))):
            return True
    return False


def yes_no_sds(total: int, n: int) -> float:
    """Return the SD of ``n`` zeros and ones of which ``total`` are ones."""
    share = total / n
    return math.sqrt(n / (n - 1) * share * (1 - share))


def one_way_p(samples: Sequence[Sample]) -> Span | None:
    """Return between which limits the P of one-way analysis of variance lies; Student's of two.

    None where there are too many groups to look at every corner.
    """
    if len(samples) > _MOST_CORNERS:
        return None
    ends = ((sample.mean.low, sample.mean.high) for sample in samples)
    apart = max(_between(samples, means) for means in product(*ends))
    together = _between(samples, _nearest_means(samples))
    lows, highs = ([getattr(sample.sd, end) for sample in samples] for end in ("low", "high"))
    least, largest = _f_p(samples, apart, lows), _f_p(samples, together, highs)
    return None if math.isnan(largest) else widened(0.0 if math.isnan(least) else least, largest)


def _between(samples: Sequence[Sample], means: Sequence[float]) -> float:
    sizes = [sample.n for sample in samples]
    grand = sum(n * mean for n, mean in zip(sizes, means, strict=True)) / sum(sizes)
    return sum(n * (mean - grand) ** 2 for n, mean in zip(sizes, means, strict=True))


def _nearest_means(samples: Sequence[Sample]) -> list[float]:
    """Return means within their limits that lie as near to each other as can be."""
    means = [(sample.mean.low + sample.mean.high) / 2 for sample in samples]
    total = sum(sample.n for sample in samples)
    for _ in range(_ROUNDS):
        grand = sum(sample.n * mean for sample, mean in zip(samples, means, strict=True)) / total
        means = [min(max(grand, sample.mean.low), sample.mean.high) for sample in samples]
    return means


def _f_p(samples: Sequence[Sample], between: float, sds: Sequence[float]) -> float:
    above, below = len(samples) - 1, sum(sample.n - 1 for sample in samples)
    within = sum((sample.n - 1) * sd**2 for sample, sd in zip(samples, sds, strict=True))
    if within <= 0 or below <= 0:
        return math.nan
    return f_tail(between / above / (within / below), above, below)


def welch_p(first: Sample, second: Sample) -> Span | None:
    """Return between which limits the P of Welch's test lies, None where it cannot be had."""
    apart = [abs(a - b) for a in (first.mean.low, first.mean.high)
             for b in (second.mean.low, second.mean.high)]
    nearest = 0.0 if first.mean.meets(second.mean) else min(apart)
    found = [p for gap in (nearest, max(apart)) for p in _welch_corners(first, second, gap)]
    return widened(min(found) * 0.99, min(1.0, max(found) * 1.01)) if found else None


def _welch_corners(first: Sample, second: Sample, gap: float) -> Iterator[float]:
    """Yield P at the limits of both SDs; the degrees of freedom bend it by less than 1%."""
    for one, two in product((first.sd.low, first.sd.high), (second.sd.low, second.sd.high)):
        squares = one**2 / first.n, two**2 / second.n
        if sum(squares) > 0 and min(first.n, second.n) > 1:
            df = sum(squares) ** 2 / (
                squares[0] ** 2 / (first.n - 1) + squares[1] ** 2 / (second.n - 1))
            yield two_sided_t(gap / math.sqrt(sum(squares)), df)
