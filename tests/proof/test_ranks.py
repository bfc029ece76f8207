"""Rank tests: worked by hand, every combination enumerated, properties, bad input."""

import collections
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import kruskal_wallis, mann_whitney

from .oracles import (
    chi_square_tail,
    kruskal,
    permutation_p,
    records,
    reference,
    two_sided_normal,
    u_of_first,
)

PROOF = settings(max_examples=120, deadline=None, database=None)

few = st.integers(0, 5)  # few values, so many ties


@st.composite
def two_groups(draw):
    """Two non-empty groups of nine at most together."""
    pooled = draw(st.lists(few, min_size=2, max_size=9))
    cut = draw(st.integers(1, len(pooled) - 1))
    return pooled[:cut], pooled[cut:]


def test_exact_p_without_ties_worked_by_hand():
    found = mann_whitney([1, 2], [3, 4, 5])
    # ranks of the first 1 + 2 = 3; mean of all C(5,2) = 10 choices 2 * 6/2 = 6; |3 - 6| = 3
    # sums 3 (1+2) and 9 (4+5) lie that far: p = 2/10; U = 3 - 2*3/2 = 0
    assert found.statistic == 0
    assert found.p == pytest.approx(2 / 10)
    assert found.n == 5


def test_exact_p_with_ties_worked_by_hand():
    found = mann_whitney([1, 2], [2, 3])
    # midranks 1, 2.5 | 2.5, 4; rank sum of the first 3.5, mean 2 * 10/4 = 5, distance 1.5
    # six choices: 3.5, 3.5, 5, 5, 6.5, 6.5 -> four at least 1.5 away: p = 4/6
    # U = pairs won: 1>2 no, 1>3 no, 2=2 half, 2>3 no -> .5 = 3.5 - 3
    assert found.statistic == pytest.approx(0.5)
    assert found.p == pytest.approx(4 / 6)


def test_normal_approximation_worked_by_hand():
    found = mann_whitney([1, 2, 2, 5], [2, 3, 4, 5, 6], exact=False)
    # sorted 1 2 2 2 3 4 5 5 6, midranks 1 3 3 3 5 6 7.5 7.5 9
    # first: 1 + 3 + 3 + 7.5 = 14.5, U = 14.5 - 4*5/2 = 4.5, mean 4*5/2 = 10
    # ties: 3^3-3 + 2^3-2 = 30; variance 20/12 * (10 - 30/72) = 5/3 * 115/12 = 575/36
    # z = (|4.5 - 10| - .5) / sqrt(575/36) = 5 / 3.996526 = 1.251087
    assert found.statistic == pytest.approx(4.5)
    assert found.p == pytest.approx(two_sided_normal(5 / math.sqrt(575 / 36)))
    assert found.p == pytest.approx(0.2109, abs=1e-4)


def test_fifty_subjects_are_exact_and_fifty_one_are_not():
    # one subject below 49 others: of 50 places the lowest and the highest are as far: p = 2/50
    assert mann_whitney([0], list(range(1, 50))).p == pytest.approx(2 / 50)
    # one below 50 others: U = 0, mean 25, variance 50*52/12 = 650/3
    # z = 24.5 / 14.719601 = 1.664447, p = .0960
    approximate = mann_whitney([0], list(range(1, 51)))
    assert approximate.p == pytest.approx(two_sided_normal(24.5 / math.sqrt(650 / 3)))
    # asked for, the exact one is 2/51
    assert mann_whitney([0], list(range(1, 51)), exact=True).p == pytest.approx(2 / 51)


def test_complete_separation_of_fifty_is_exact():
    # 25 against 25: two of C(50, 25) choices are as far
    found = mann_whitney(list(range(25)), list(range(25, 50)))
    assert found.p == pytest.approx(2 / math.comb(50, 25), rel=1e-9)


def test_kruskal_wallis_worked_by_hand():
    found = kruskal_wallis([1, 2, 3], [2, 4], [5, 6, 6])
    # sorted 1 2 2 3 4 5 6 6, midranks 1 2.5 2.5 4 5 6 7.5 7.5
    # rank sums 1+2.5+4 = 7.5; 2.5+5 = 7.5; 6+7.5+7.5 = 21
    # 12/(8*9) * (56.25/3 + 56.25/2 + 441/3) - 27 = (18.75 + 28.125 + 147)/6 - 27 = 5.3125
    # ties: 1 - (6 + 6)/(512 - 8) = 41/42; 5.3125 * 42/41 = 5.442073; df 2: p = exp(-H/2)
    assert found.statistic == pytest.approx(5.3125 * 42 / 41)
    assert found.df == 2
    assert found.n == 8
    assert found.p == pytest.approx(math.exp(-5.3125 * 21 / 41))  # .0658


def test_kruskal_wallis_of_two_groups_is_the_squared_rank_sum_z():
    # the Mann-Whitney case above without its continuity correction: (5.5^2) / (575/36) = 1089/575
    found = kruskal_wallis([1, 2, 2, 5], [2, 3, 4, 5, 6])
    assert found.statistic == pytest.approx(1089 / 575)
    assert found.p == pytest.approx(two_sided_normal(math.sqrt(1089 / 575)))


def test_cd34_by_death_in_187_children_agrees_with_r():
    expected = reference("uci187", "mw_cd34_by_death")  # wilcox.test, ties, continuity correction
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    groups = [
        [float(r["CD34kgx10d6"]) for r in rows if r["survival_status"] == status] for status in "01"
    ]
    assert mann_whitney(*groups).p == pytest.approx(expected, rel=1e-6)


@PROOF
@given(two_groups())
def test_exact_p_equals_every_combination(groups):
    first, second = groups
    assume(len({*first, *second}) > 1)  # equal values are refused: see bad input
    found = mann_whitney(first, second)
    assert found.statistic == pytest.approx(float(u_of_first(first, second)))
    assert found.p == pytest.approx(float(permutation_p(first, second)), rel=1e-9)
    assert found.n == len(first) + len(second)


@PROOF
@given(two_groups())
def test_exact_p_equals_every_combination_for_awkward_decimals(groups):
    # tenths are not exact in binary: ties must survive 0.1 + 0.2 style neighbours only if equal
    first, second = ([value / 10 for value in group] for group in groups)
    assume(len({*first, *second}) > 1)
    expected = float(permutation_p(*groups))
    assert mann_whitney(first, second, exact=True).p == pytest.approx(expected, rel=1e-9)


@PROOF
@given(st.lists(few, min_size=3, max_size=30), st.lists(few, min_size=3, max_size=30))
def test_normal_approximation_equals_the_formula(first, second):
    pooled = [*first, *second]
    n, m, size = len(first), len(second), len(pooled)
    if len(set(pooled)) == 1:
        return  # no variance: seen to elsewhere
    ties = sum(pooled.count(v) ** 3 - pooled.count(v) for v in set(pooled))
    variance = n * m / 12 * (size + 1 - ties / (size * (size - 1)))
    distance = max(abs(float(u_of_first(first, second)) - n * m / 2) - 0.5, 0)
    found = mann_whitney(first, second, exact=False)
    assert found.p == pytest.approx(two_sided_normal(distance / math.sqrt(variance)), rel=1e-9)


@PROOF
@given(st.lists(st.lists(few, min_size=1, max_size=6), min_size=2, max_size=4))
def test_kruskal_wallis_equals_the_exact_statistic(groups):
    expected = kruskal(groups)
    if expected is None:
        with pytest.raises(NotEstimable):
            kruskal_wallis(*groups)
        return
    found = kruskal_wallis(*groups)
    assert found.statistic == pytest.approx(float(expected), rel=1e-9, abs=1e-12)
    assert found.df == len(groups) - 1
    assert found.p == pytest.approx(chi_square_tail(max(expected, 0), found.df), rel=1e-9)
    assert 0 <= found.p <= 1


@PROOF
@given(two_groups(), st.randoms(use_true_random=False), st.booleans())
def test_order_direction_and_unit_do_not_matter(groups, random, exact):
    first, second = groups
    if len({*first, *second}) == 1:
        return
    one = mann_whitney(first, second, exact=exact)
    swapped = mann_whitney(second, first, exact=exact)
    mixed = [random.sample(group, len(group)) for group in groups]
    scaled = mann_whitney(*[[1000 * v - 7 for v in group] for group in mixed], exact=exact)
    assert 0 <= one.p <= 1
    assert swapped.p == pytest.approx(one.p, rel=1e-9)
    assert scaled.p == pytest.approx(one.p, rel=1e-9)
    assert scaled.statistic == one.statistic
    assert one.statistic + swapped.statistic == len(first) * len(second)  # every pair is shared


def test_exact_kruskal_wallis_worked_by_hand():
    # 2, 2 and 2 values, apart: of 6!/(2! 2! 2!) = 90 divisions the 3! = 6 that keep 12 | 34 | 56
    # together have the largest H; p = 6/90
    found = kruskal_wallis([1, 2], [3, 4], [5, 6], exact=True)
    # rank sums 3 7 11: 12/(6*7) * (9 + 49 + 121)/2 - 21 = 25.571429 - 21 = 4.571429
    assert found.statistic == pytest.approx(32 / 7)
    assert found.p == pytest.approx(6 / 90, rel=1e-12)
    assert found.is_exact
    # 3, 3 and 3 apart: 3! of 9!/(3!)^3 = 1680; five each: 3! of 15!/(5!)^3 = 756756
    assert kruskal_wallis([1, 2, 3], [4, 5, 6], [7, 8, 9], exact=True).p == pytest.approx(6 / 1680)
    fives = [range(0, 5), range(5, 10), range(10, 15)]
    assert kruskal_wallis(*fives, exact=True).p == pytest.approx(6 / 756756, rel=1e-9)


@settings(max_examples=40, deadline=None, database=None)
@given(st.lists(st.lists(few, min_size=1, max_size=3), min_size=2, max_size=3))
def test_exact_kruskal_wallis_equals_every_division(groups):
    pooled = [value for group in groups for value in group]
    seen = kruskal(groups)
    assume(seen is not None)
    cuts = [sum(map(len, groups[:k])) for k in range(len(groups) + 1)]
    assume(len(pooled) <= 6)  # 6! orders
    counted = collections.Counter(
        kruskal([order[a:b] for a, b in itertools.pairwise(cuts)])
        for order in itertools.permutations(pooled)
    )
    expected = sum(n for h, n in counted.items() if h >= seen) / counted.total()
    assert kruskal_wallis(*groups, exact=True).p == pytest.approx(expected, rel=1e-9)


@PROOF
@given(two_groups())
def test_exact_kruskal_wallis_of_two_groups_is_exact_mann_whitney(groups):
    assume(len({*groups[0], *groups[1]}) > 1)
    expected = mann_whitney(*groups, exact=True).p
    assert kruskal_wallis(*groups, exact=True).p == pytest.approx(expected, rel=1e-9)


def test_an_exact_kruskal_wallis_p_out_of_reach_is_refused():
    with pytest.raises(NotEstimable, match="out of reach"):
        kruskal_wallis(range(0, 20), range(20, 40), range(40, 60), exact=True)
    with pytest.raises(NotEstimable, match="out of reach"):
        kruskal_wallis(*([k, k + 0.5, k + 0.7] for k in range(20)), exact=True)


def test_log_p_stays_where_p_is_nought():
    # 4000 against 4000, apart: U = 0, z = (8e6 - .5)/sqrt(4000^2 * 8001/12) = 77.454
    # and H = z^2 without the correction; R: pnorm(-z, log.p = TRUE) + log(2)
    # = -z^2/2 - log(z) - log(2*pi)/2 + log(2) + log(1 - 1/z^2 + ...)
    low, high = np.arange(4000), np.arange(4000, 8000)
    for found, gap in ((mann_whitney(low, high), 8e6 - 0.5), (kruskal_wallis(low, high), 8e6)):
        square = gap**2 / (4000**2 * 8001 / 12)
        assert found.p == 0
        assert found.log_p == pytest.approx(
            -square / 2 - math.log(square * 2 * math.pi) / 2 + math.log(2) - 1 / square, rel=1e-9)


@PROOF
@given(two_groups(), st.booleans())
def test_log_p_is_the_log_of_p_and_rows_say_the_same(groups, exact):
    assume(len({*groups[0], *groups[1]}) > 1)
    for found in (mann_whitney(*groups, exact=exact), kruskal_wallis(*groups)):
        assert found.log_p == pytest.approx(math.log(found.p), rel=1e-9, abs=1e-12)
        rows = {row.statistic: row.value for row in found.tidy()}
        assert (rows["statistic"], rows["p"]) == (found.statistic, found.p)
        assert rows.get("df") == found.df
        assert found.conventions


def test_groups_that_cannot_be_compared_are_refused():
    for call in (
        lambda: mann_whitney([], [1, 2]),
        lambda: mann_whitney([1, 2], []),
        lambda: kruskal_wallis([1, 2], []),
        lambda: kruskal_wallis([1, 2]),
        lambda: kruskal_wallis([1, 1], [1, 1]),
    ):
        with pytest.raises(NotEstimable) as refusal:
            call()
        assert str(refusal.value).strip()
