"""Brute-force reference functions for the proof tests.

Plain Python and exact fractions wherever the quantity is rational. Nothing here is fast and
nothing here is shared with the package: every function is the definition written out as a loop.
"""

import csv
import itertools
import json
import math
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import pytest

# --------------------------------------------------------------------------- real data beside us

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def reference(*keys):
    """Return the numbers R 4.2.2 gave (reference_values.json), or skip when they are not there."""
    found = SHARED / "reference_values.json"
    if not found.is_file():
        pytest.skip(f"the shared data folder is absent: {SHARED}")
    value = json.loads(found.read_text(encoding="utf-8"))
    for key in keys:
        value = value[key]
    return value


def records(*parts):
    """Return the rows of one CSV of the shared data folder, or skip when it is not there."""
    found = SHARED.joinpath(*parts)
    if not found.is_file():
        pytest.skip(f"the shared data folder is absent: {found}")
    text = found.read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter=";" if ";" in text[:200] else ","))


def strata(rows, by, time, event):
    """Split rows into {label of `by`: (times, events)}; `event` is a column or a function."""
    split = {}
    for row in rows:
        times, events = split.setdefault(row[by], ([], []))
        times.append(float(row[time]))
        events.append(event(row) if callable(event) else int(row[event]))
    return split


# ----------------------------------------------------------------------------------- distributions


def z_of(level):
    """Two-sided normal quantile of a confidence level (1.959964 at 0.95)."""
    return NormalDist().inv_cdf((1 + level) / 2)


def two_sided_normal(z):
    """P(|Z| >= z), from the complementary error function."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(statistic, df):
    """P(chi-square >= statistic) as the finite sum that holds for whole degrees of freedom.

    Abramowitz & Stegun 26.4.4 (odd df) and 26.4.5 (even df).
    """
    half = float(statistic) / 2
    if df % 2 == 0:
        return math.exp(-half) * sum(half**j / math.factorial(j) for j in range(df // 2))
    total = math.erfc(math.sqrt(half))
    return total + math.exp(-half) * sum(
        half ** (j - 0.5) / math.gamma(j + 0.5) for j in range(1, (df + 1) // 2)
    )


def binomial_upper_tail(events, n, chance):
    """P(X >= events), exact for a Fraction `chance`."""
    chance = Fraction(chance)
    return sum(math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(events, n + 1))


# ------------------------------------------------------------------------------------- survival


def at_risk_at(time, times, entries=None):
    """Count the subjects under observation just before `time`: entry < time <= own time."""
    entries = entries or [None] * len(times)
    return sum(
        own >= time and (entry is None or entry < time)
        for own, entry in zip(times, entries, strict=True)
    )


def product_limit(times, events, entries=None):
    """Kaplan-Meier, one dict per distinct time, with exact fractions.

    `greenwood` is the running sum of d/(n(n-d)), None once survival has reached 0.
    """
    survival, greenwood, rows = Fraction(1), Fraction(0), []
    for now in sorted(set(times)):
        here = [bool(e) for t, e in zip(times, events, strict=True) if t == now]
        n, d = at_risk_at(now, times, entries), sum(here)
        survival *= Fraction(n - d, n)
        if greenwood is not None:
            greenwood = greenwood + Fraction(d, n * (n - d)) if n > d else None
        rows.append(
            {
                "time": now,
                "at_risk": n,
                "events": d,
                "censored": len(here) - d,
                "survival": survival,
                "greenwood": greenwood,
            }
        )
    return rows


def quantile_time(rows, share):
    """Earliest time at which survival is at most 1 - share (share an exact Fraction)."""
    return next((row["time"] for row in rows if row["survival"] <= 1 - share), None)


def interval(survival, greenwood, scale, level=0.95):
    """Confidence bounds of a survival estimate on one scale, clipped to [0, 1]."""
    s, root = float(survival), math.sqrt(greenwood)
    width = z_of(level) * root
    if scale == "plain":
        low, high = s - width * s, s + width * s
    elif scale == "log":
        low, high = s * math.exp(-width), s * math.exp(width)
    else:
        bend = width / abs(math.log(s))
        low, high = s ** math.exp(bend), s ** math.exp(-bend)
    return max(low, 0.0), min(high, 1.0)


# -------------------------------------------------------------------------------------- log-rank


def log_rank_parts(times, events, groups, entries=None):
    """Observed, expected and hypergeometric covariance, exact, in the order of sorted labels."""
    entries = entries or [None] * len(times)
    labels = sorted(set(groups))
    size = len(labels)
    observed = [Fraction(0)] * size
    expected = [Fraction(0)] * size
    covariance = [[Fraction(0)] * size for _ in labels]
    for now in sorted({t for t, e in zip(times, events, strict=True) if e}):
        n = at_risk_at(now, times, entries)
        counts = [0] * size
        d = 0
        for own, event, group, entry in zip(times, events, groups, entries, strict=True):
            place = labels.index(group)
            counts[place] += own >= now and (entry is None or entry < now)
            if event and own == now:
                d += 1
                observed[place] += 1
        for i, j in itertools.product(range(size), repeat=2):
            share = Fraction(counts[i], n)
            other = Fraction(counts[j], n)
            factor = d * Fraction(n - d, n - 1) if n > 1 else Fraction(0)
            covariance[i][j] += factor * share * ((i == j) - other)
        expected = [e + d * Fraction(c, n) for e, c in zip(expected, counts, strict=True)]
    return labels, observed, expected, covariance


def log_rank_statistic(observed, expected, covariance):
    """(O-E)' V^-1 (O-E) leaving the last group out; None when V is singular."""
    size = len(observed) - 1
    excess = [o - e for o, e in zip(observed, expected, strict=True)][:size]
    solved = solve([row[:size] for row in covariance[:size]], excess)
    if solved is None:
        return None
    return sum(a * b for a, b in zip(excess, solved, strict=True))


def solve(matrix, right):
    """Gauss-Jordan elimination with fractions; None when the matrix is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next((k for k in range(i, len(rows)) if rows[k][i] != 0), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


# ------------------------------------------------------------------------------ competing risks


def aalen_johansen(times, events, cause):
    """Cumulative incidence of one cause with the variance of cmprsk::cuminc, exact.

    Variance at t: sum over event times s <= t, with n at risk, F the incidence and S the
    event-free survival (S- just before s), of
      (1 - (F(t)-F(s))/S(s))^2 * w(d of this cause) + ((F(t)-F(s))/S(s))^2 * w(d of the others),
    w(d) = S-(s)^2 * d/n^2 * (1 - (d-1)/(n-1))   (Gray, cmprsk: the Aalen estimator).
    """
    survival, incidence, steps, rows = Fraction(1), Fraction(0), [], []
    for now in sorted(set(times)):
        here = [e for t, e in zip(times, events, strict=True) if t == now]
        n = sum(t >= now for t in times)
        own = sum(e == cause for e in here)
        other = sum(e not in (0, cause) for e in here)
        before = survival
        incidence += before * Fraction(own, n)
        survival *= Fraction(n - own - other, n)
        weights = [
            before**2 * Fraction(d, n * n) * (1 - Fraction(d - 1, n - 1) if d > 1 else 1)
            for d in (own, other)
        ]
        steps.append((incidence, survival, *weights))
        variance = Fraction(0)
        for then, left, mine, theirs in steps:
            drift = (incidence - then) / left if left else Fraction(0)
            variance += (1 - drift) ** 2 * mine + drift**2 * theirs
        rows.append(
            {
                "time": now,
                "at_risk": n,
                "events": own,
                "incidence": incidence,
                "survival": survival,
                "variance": variance,
            }
        )
    return rows


# ----------------------------------------------------------------------------- contingency tables


def without_empty(table):
    """Drop the rows and columns that hold nobody."""
    rows = [row for row in table if sum(row)]
    keep = [j for j in range(len(table[0])) if sum(row[j] for row in table)]
    return [[row[j] for j in keep] for row in rows]


def expected_table(table):
    """Row total times column total over n, exact."""
    n = sum(map(sum, table))
    columns = [sum(column) for column in zip(*table, strict=True)]
    return [[Fraction(sum(row) * column, n) for column in columns] for row in table]


def pearson(table):
    """Pearson's statistic and its degrees of freedom, exact."""
    expected = expected_table(table)
    statistic = sum(
        (cell - mean) ** 2 / mean
        for row, means in zip(table, expected, strict=True)
        for cell, mean in zip(row, means, strict=True)
    )
    return statistic, (len(table) - 1) * (len(table[0]) - 1)


def compositions(total, capacity):
    """Every way to split `total` over cells of the given capacities."""
    if len(capacity) == 1:
        if total <= capacity[0]:
            yield (total,)
        return
    for first in range(min(total, capacity[0]) + 1):
        for rest in compositions(total - first, capacity[1:]):
            yield (first, *rest)


def all_tables(rows, columns):
    """Every table of counts with these margins."""
    if not rows:
        yield ()
        return
    for first in compositions(rows[0], columns):
        left = tuple(c - f for c, f in zip(columns, first, strict=True))
        if sum(left) == sum(rows[1:]):
            for rest in all_tables(rows[1:], left):
                yield (first, *rest)


def ways(table):
    """Number of assignments of subjects to columns that give the table (rows kept apart)."""
    product = 1
    for row in table:
        product *= math.factorial(sum(row)) // math.prod(math.factorial(cell) for cell in row)
    return product


def freeman_halton(table):
    """Exact two-sided p: share of assignments whose table is no likelier than the observed."""
    rows = [sum(row) for row in table]
    columns = tuple(sum(column) for column in zip(*table, strict=True))
    limit = ways(table) * (1 + Fraction(1, 10**7))
    counts = [ways(other) for other in all_tables(rows, columns)]
    return Fraction(sum(w for w in counts if w <= limit), sum(counts))


# -------------------------------------------------------------------------------------------- ranks


def midranks(values):
    """Mean of the places a value takes in the sorted list, exact."""
    ordered = sorted(values)
    return [Fraction(2 * ordered.index(value) + 1 + ordered.count(value), 2) for value in values]


def permutation_p(first, second):
    """Two-sided exact p of the rank sum: every choice of len(first) out of all."""
    ranks = midranks([*first, *second])
    mean = sum(ranks) * Fraction(len(first), len(ranks))
    seen = abs(sum(ranks[: len(first)]) - mean)
    choices = list(itertools.combinations(ranks, len(first)))
    return Fraction(sum(abs(sum(choice) - mean) >= seen for choice in choices), len(choices))


def u_of_first(first, second):
    """Pairs in which the first is larger, ties counted as half."""
    half = Fraction(1, 2)
    return sum((a > b) + half * (a == b) for a in first for b in second)


def kruskal(groups):
    """Tie-corrected Kruskal-Wallis statistic, exact; None when all values are equal."""
    pooled = [value for group in groups for value in group]
    n, ranks = len(pooled), midranks(pooled)
    correction = 1 - Fraction(
        sum(pooled.count(v) ** 3 - pooled.count(v) for v in set(pooled)), n**3 - n
    )
    if correction == 0:
        return None
    total, start = Fraction(0), 0
    for group in groups:
        total += sum(ranks[start : start + len(group)]) ** 2 / Fraction(len(group))
        start += len(group)
    return (Fraction(12, n * (n + 1)) * total - 3 * (n + 1)) / correction


# ---------------------------------------------------------------------------------------- summary


def quantile_of(values, share, quantile_type):
    """Hyndman & Fan (1996) type 6, place (n+1)p, or type 7, place (n-1)p + 1, exact."""
    ordered = sorted(map(Fraction, values))
    n = len(ordered)
    place = (n + 1) * share if quantile_type == 6 else (n - 1) * share + 1
    place = min(max(place, Fraction(1)), Fraction(n))
    below = int(place)
    if below == n:
        return ordered[-1]
    return ordered[below - 1] + (place - below) * (ordered[below] - ordered[below - 1])
