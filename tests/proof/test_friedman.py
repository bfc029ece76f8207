"""Friedman's test: worked by hand, every order within subjects, R, properties, bad input."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import friedman, wilcoxon_signed_rank

from .oracles import chi_square_tail, midranks
from .test_signed_rank import pbcseq_bilirubin

PROOF = settings(max_examples=60, deadline=None, database=None)


@st.composite
def tables(draw, most=4):
    """Two to `most` subjects under two or three conditions, with many ties."""
    width = draw(st.integers(2, 3))
    row = st.lists(st.integers(0, 3), min_size=width, max_size=width)
    table = draw(st.lists(row, min_size=2, max_size=most))
    assume(any(len(set(row)) > 1 for row in table))
    return table


def friedman_statistic(ranks):
    """Q with its tie correction, exact: R's friedman.test written out."""
    n, k = len(ranks), len(ranks[0])
    ties = sum(row.count(v) ** 3 - row.count(v) for row in ranks for v in set(row))
    sums = [sum(column) for column in zip(*ranks, strict=True)]
    top = 12 * sum((total - Fraction(n * (k + 1), 2)) ** 2 for total in sums)
    return top / (n * k * (k + 1) - Fraction(ties, k - 1))


def every_order_p(table):
    """Share of all k!^n orders within subjects with a statistic at least as large."""
    ranks = [midranks(row) for row in table]
    seen = friedman_statistic(ranks)
    every = [
        friedman_statistic(orders)
        for orders in itertools.product(*(itertools.permutations(row) for row in ranks))
    ]
    return Fraction(sum(statistic >= seen for statistic in every), len(every))


def test_five_subjects_with_ties_worked_by_hand():
    found = friedman([[1, 2, 2], [1, 3, 2], [2, 2, 3], [1, 2, 3], [3, 1, 3]])
    # midranks 1 2.5 2.5 | 1 3 2 | 1.5 1.5 3 | 1 2 3 | 2.5 1 2.5: sums 7 10 13, mean 10
    # three pairs tied: 3 * (8 - 2) = 18
    # Q = 12 * (9 + 0 + 9) / (5*3*4 - 18/2) = 216/51 = 4.235294; df 2
    # W = Q / (5*2) = .4235294
    assert found.rank_sums == (7, 10, 13)
    assert found.statistic == pytest.approx(216 / 51)
    assert found.concordance == pytest.approx(21.6 / 51)
    assert (found.n, found.df) == (5, 2)
    approximate = friedman(
        [[1, 2, 2], [1, 3, 2], [2, 2, 3], [1, 2, 3], [3, 1, 3]], exact=False)
    assert approximate.p == pytest.approx(math.exp(-108 / 51))
    # R 4.2.2: friedman.test(m): 4.23529411764706, p 0.120314388400899
    assert approximate.p == pytest.approx(0.120314388400899, rel=1e-12)


def test_two_subjects_exact_by_hand():
    # both give the order 1 2 3; of 36 pairs of orders the 6 that agree reach sums 2 4 6
    found = friedman([[1, 2, 3], [10, 20, 30]])
    assert found.statistic == pytest.approx(4)
    assert found.p == pytest.approx(1 / 6)
    assert found.is_exact
    assert found.concordance == 1


def test_first_twelve_and_all_259_patients_agree_with_r():
    values = pbcseq_bilirubin()
    # R: friedman.test(m[1:12, ]): 3.24444444444444, p 0.197459412473772
    few = friedman(values[:12], exact=False)
    assert (few.statistic, few.p) == pytest.approx((3.24444444444444, 0.197459412473772))
    # R: friedman.test(m): 14.3014861995754, p 0.000784281065624992
    found = friedman(values)
    assert not found.is_exact
    assert found.statistic == pytest.approx(14.3014861995754, rel=1e-12)
    assert found.p == pytest.approx(0.000784281065624992, rel=1e-9)
    assert found.log_p == pytest.approx(math.log(0.000784281065624992), rel=1e-9)


def test_published_critical_points_without_ties():
    # Friedman's table: k = 3, n = 3: P(Q >= 6) = .028 (1/36); n = 4: P(Q >= 8) = .0046 (1/216)
    assert friedman([[1, 2, 3]] * 3).p == pytest.approx(1 / 36)
    assert friedman([[1, 2, 3]] * 4).p == pytest.approx(1 / 216)
    # k = 4, n = 2: only full agreement reaches 6: 1/24 = .042
    assert friedman([[1, 2, 3, 4]] * 2).p == pytest.approx(1 / 24)


def test_the_exact_test_has_the_size_it_says():
    # twenty agreeing orders of four conditions would be one in 24^19
    assert friedman([[1, 2, 3, 4]] * 15).p == pytest.approx(24.0**-14, rel=1e-9)
    assert friedman([[1, 2, 3]] * 100).is_exact
    assert not friedman([[1, 2, 3]] * 101).is_exact


@PROOF
@given(tables())
def test_exact_p_equals_every_order(table):
    found = friedman(table)
    assert found.is_exact
    assert found.statistic == pytest.approx(float(friedman_statistic([*map(midranks, table)])))
    assert found.p == pytest.approx(float(every_order_p(table)), rel=1e-12)


@PROOF
@given(tables(most=12))
def test_chi_square_equals_the_formula_and_scipy(table):
    found = friedman(table, exact=False)
    expected = friedman_statistic([*map(midranks, table)])
    assert found.statistic == pytest.approx(float(expected), abs=1e-12)
    assert found.p == pytest.approx(chi_square_tail(expected, len(table[0]) - 1), rel=1e-9)
    if len(table[0]) == 3:
        from scipy.stats import friedmanchisquare

        assert found.statistic == pytest.approx(
            friedmanchisquare(*np.transpose(table)).statistic, abs=1e-9)


@PROOF
@given(tables(most=8), st.randoms(use_true_random=False), st.sampled_from([None, False]))
def test_order_relabelling_and_any_rising_scale_do_not_matter(table, random, exact):
    one = friedman(table, exact=exact)
    places = random.sample(range(len(table[0])), len(table[0]))
    mixed = [[3.0 ** row[place] for place in places] for row in random.sample(table, len(table))]
    other = friedman(mixed, exact=exact)
    assert other.p == pytest.approx(one.p, rel=1e-12)
    assert other.statistic == pytest.approx(one.statistic)
    assert other.rank_sums == tuple(one.rank_sums[place] for place in places)


@PROOF
@given(st.lists(st.sampled_from([-1, 1]), min_size=2, max_size=12))
def test_two_conditions_are_the_sign_test(signs):
    # with all differences of one size the signed-rank test is the sign test too
    table = [[0, sign] for sign in signs]
    assert friedman(table).p == pytest.approx(wilcoxon_signed_rank(signs).p, rel=1e-12)


def test_rows_tell_the_rank_sum_of_each_condition():
    rows = friedman([[1, 2, 3], [1, 3, 2]]).tidy()
    assert [row.value for row in rows if row.statistic == "rank sum"] == [2, 5, 5]
    assert {"p", "log_p", "statistic", "df", "concordance"} <= {row.statistic for row in rows}


BAD = {
    "one subject": [[1, 2, 3]],
    "one condition": [[1], [2]],
    "one row": [1, 2, 3],
    "uneven rows": [[1, 2], [1, 2, 3]],
    "a missing value": [[1, 2], [1, math.nan]],
    "every subject constant": [[1, 1, 1], [2, 2, 2]],
    "words": [["a", "b"], ["c", "d"]],
}


@pytest.mark.parametrize("table", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(table):
    with pytest.raises(NotEstimable) as refusal:
        friedman(table)
    assert str(refusal.value).strip()


def test_an_exact_p_out_of_reach_is_refused():
    table = np.random.default_rng(1).normal(size=(30, 5))
    with pytest.raises(NotEstimable, match="out of reach"):
        friedman(table, exact=True)
    with pytest.raises(NotEstimable, match="out of reach"):
        friedman(table[:5].repeat(2, axis=1), exact=True)
