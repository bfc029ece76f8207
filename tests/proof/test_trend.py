"""Cochran-Armitage and linear-by-linear: by hand, every choice, against R, properties."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import chi_square, linear_by_linear, trend_test

from .oracles import records, two_sided_normal

PROOF = settings(max_examples=80, deadline=None, database=None)

groups = st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=2, max_size=4)


def usable(table):
    return sum(map(any, table)) > 1 and all(map(any, zip(*table, strict=True)))


def share_of_choices(table, scores):
    """Every choice of the events among the subjects: the share at least as far from the mean."""
    subjects = [Fraction(s) for row, s in zip(table, scores, strict=True) for _ in range(sum(row))]
    events = sum(row[0] for row in table)
    seen = sum(row[0] * Fraction(s) for row, s in zip(table, scores, strict=True))
    mean = sum(subjects) * Fraction(events, len(subjects))
    choices = list(itertools.combinations(subjects, events))
    return Fraction(sum(abs(sum(c) - mean) >= abs(seen - mean) for c in choices), len(choices))


# -------------------------------------------------------------------------------- worked by hand


def test_trend_worked_by_hand():
    # events 0, 1, 2 of 2, 2, 2 with scores 0, 1, 2: sum of scores 1 + 4 = 5, expected 6 * .5 = 3;
    # variance .5 * .5 * (2 * 1 + 0 + 2 * 1) = 1: z = 2; of all permutations 6/5: z = 2/sqrt(1.2)
    table = [[0, 2], [1, 1], [2, 0]]
    found = trend_test(table, exact=False)
    assert (found.statistic, found.n) == (2, 6)
    assert found.p == pytest.approx(two_sided_normal(2))
    found = trend_test(table, exact=False, variance="N-1")
    assert found.statistic == pytest.approx(2 / math.sqrt(1.2))
    # exact: of the C(6,3) = 20 choices of three among 0, 0, 1, 1, 2, 2 the sum is 5 for 1, 2, 2
    # (2 choices) and 1 for 0, 0, 1 (2 choices): 4/20
    found = trend_test(table)
    assert (found.p, found.is_exact) == (pytest.approx(4 / 20), True)


def test_a_falling_share_has_a_negative_z():
    assert trend_test([[2, 0], [1, 1], [0, 2]]).statistic == -2


def test_linear_by_linear_worked_by_hand():
    # the table above: r^2 = chi-square/N = 4/6, M^2 = 5 * 4/6 = 10/3
    found = linear_by_linear([[0, 2], [1, 1], [2, 0]])
    assert (found.statistic, found.df) == (pytest.approx(10 / 3), 1)
    assert found.p == pytest.approx(two_sided_normal(math.sqrt(10 / 3)))
    # a diagonal of 1, 1, 1: r = 1, M^2 = 2
    assert linear_by_linear([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).statistic == pytest.approx(2)


# ------------------------------------------------------------------------------------ R's values

# R: prop.trend.test(x, n, score), and coin's independence_test(y ~ g) with y the scores and g the
# events, one row a subject: statistic^2, and pvalue with distribution = exact()
SMOKERS = [[83, 3], [90, 3], [129, 7], [70, 12]]  # from R's help page of prop.trend.test


def test_trend_agrees_with_r():
    found = trend_test(SMOKERS, exact=False)
    assert (found.statistic**2, found.p) == pytest.approx(
        (8.22492228519771018, 0.00413189747764149), rel=1e-10)
    found = trend_test(SMOKERS, scores=[0, 0, 1, 2], exact=False)
    assert (found.statistic**2, found.p) == pytest.approx(
        (10.47051440167174796, 0.00121294939571261), rel=1e-10)
    found = trend_test(SMOKERS, exact=False, variance="N-1")
    assert (found.statistic**2, found.p) == pytest.approx(
        (8.20420459682183889, 0.00417934262853392), rel=1e-10)


EXACT = [
    (SMOKERS, [0, 1, 2, 3], 0.00387324878463147),
    ([[1, 11], [2, 8], [4, 7], [6, 2]], [0, 1, 2, 3], 0.00188571089711214),
    ([[1, 11], [2, 8], [4, 7], [6, 2]], [0, 1, 5, 10], 0.00101710291339509),
    ([[0, 40], [0, 30], [1, 34], [30, 20]], [0, 1, 2, 3], 9.06343407800613e-15),
]


@pytest.mark.parametrize(("table", "scores", "expected"), EXACT)
def test_exact_trend_agrees_with_coin(table, scores, expected):
    assert trend_test(table, scores=scores, exact=True).p == pytest.approx(expected, rel=1e-9)


def test_trend_of_severe_gvhd_over_hla_match_in_187_children_agrees_with_r():
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    cells = [(row["HLAmatch"], row["aGvHDIIIIV"]) for row in rows]
    table = [[cells.count((match, gvhd)) for gvhd in "10"] for match in "0123"]
    found = trend_test(table, exact=False)
    assert (found.statistic**2, found.p) == pytest.approx(
        (6.1989832575646124, 0.0127823720338827), rel=1e-10)
    assert trend_test(table).p == pytest.approx(0.0137208632889066, rel=1e-10)  # n 187: exact
    found = linear_by_linear(table)
    assert (found.statistic, found.p) == pytest.approx(
        (6.1658336144760124, 0.0130240984491081), rel=1e-10)


def test_linear_by_linear_of_job_satisfaction_agrees_with_r():
    table = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    found = linear_by_linear(table)
    # R: coin::lbl_test(as.table(m)): statistic^2 and pvalue
    assert (found.statistic, found.p) == pytest.approx(
        (2.9829881206926436, 0.0841437947064281), rel=1e-10)
    # R: (96 - 1) cor(rs[row], cs[column])^2, cor 0.154245687659630
    found = linear_by_linear(table, row_scores=[3, 10, 20, 35], column_scores=[1, 3, 4, 5])
    assert found.statistic == pytest.approx(95 * 0.154245687659630**2, rel=1e-10)


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(groups, st.lists(st.sampled_from([0, 1, 2, 5, 0.5, 2.25]), min_size=4, max_size=4))
def test_exact_trend_equals_every_choice(table, scores):
    scores = scores[: len(table)]
    assume(usable(table) and sum(map(sum, table)) <= 16)
    assume(len({s for row, s in zip(table, scores, strict=True) if any(row)}) > 1)
    found = trend_test(table, scores=scores)
    assert found.is_exact
    assert found.p == pytest.approx(float(share_of_choices(table, scores)), rel=1e-9)


@PROOF
@given(groups, st.sampled_from([(1, 0), (-1, 0), (7, 3), (0.1, -5)]))
def test_unit_and_direction_of_the_scores_do_not_matter(table, change):
    assume(usable(table))
    factor, shift = change
    scores = [factor * k + shift for k in range(len(table))]
    for exact in (True, False):
        one, two = trend_test(table, exact=exact), trend_test(table, scores=scores, exact=exact)
        assert two.p == pytest.approx(one.p, rel=1e-9)
        assert two.statistic == pytest.approx(math.copysign(1, factor) * one.statistic, abs=1e-12)


@PROOF
@given(groups)
def test_trend_is_linear_by_linear_with_two_columns_and_chi_square_with_two_rows(table):
    assume(usable(table))
    z = trend_test(table, exact=False, variance="N-1").statistic
    association = linear_by_linear(table)
    assert association.statistic == pytest.approx(z**2, abs=1e-12)
    turned = [list(column) for column in zip(*table, strict=True)]
    assert linear_by_linear(turned).statistic == pytest.approx(z**2, abs=1e-12)
    if sum(map(any, table)) == 2:
        z = trend_test(table, exact=False).statistic
        assert z**2 == pytest.approx(chi_square(table).statistic, abs=1e-12)


def test_an_empty_group_keeps_its_place_on_the_scale():
    # scores 0 and 2 are as 0 and 1, but 0, 1, 3 are not as 0, 1, 2
    table = [[1, 6], [3, 4], [0, 0], [5, 2]]
    assert trend_test(table).p == trend_test([*table[:2], table[3]], scores=[0, 1, 3]).p
    assert trend_test(table).p != trend_test([*table[:2], table[3]]).p


def test_beyond_the_exact_size_the_test_is_asymptotic_and_says_so():
    found = trend_test(SMOKERS)
    assert (found.is_exact, found.method) == (False, "Cochran–Armitage")
    # scores no small parts of each other
    scores = [0, math.sqrt(2), math.pi, 4]
    assert not trend_test([[1, 11], [2, 8], [4, 7], [6, 2]], scores=scores).is_exact


def test_a_tiny_p_keeps_its_logarithm():
    # [[0, 1000], [1000, 0]]: z = sqrt(chi-square) = sqrt(2000), M^2 = 1999
    found = trend_test([[0, 1000], [1000, 0]])
    assert found.p == 0
    # R: pchisq(2000, 1, lower.tail = FALSE, log.p = TRUE)
    assert found.log_p == pytest.approx(-1004.02674195895, rel=1e-13)
    assert linear_by_linear([[0, 1000], [1000, 0]]).statistic == pytest.approx(1999)


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("call", [
    lambda: trend_test([[3, 1, 2], [4, 1, 1]]),
    lambda: trend_test([[3, 4], [0, 0]]),
    lambda: trend_test([[3, 0], [4, 0]]),
    lambda: trend_test([[3, 1], [4, 2]], scores=[1, 1]),
    lambda: trend_test([[3, 1], [4, 2]], scores=[1, 2, 3]),
    lambda: trend_test([[3, 1], [4, 2]], scores=[1, float("nan")]),
    lambda: trend_test([[3, 1], [4, 2], [0, 0]], scores=[1, 1, 2]),
    lambda: trend_test([[3, 1], [4, 2]], variance="n"),
    lambda: trend_test([[3, 1], [4, 2], [1, 1]], scores=[0, math.pi, 5], exact=True),
    lambda: trend_test([[3, 1], [4, 2.5]]),
    lambda: linear_by_linear([[3, 1], [4, 2]], row_scores=[2, 2]),
    lambda: linear_by_linear([[3, 4], [0, 0]]),
])
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
