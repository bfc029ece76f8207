"""Difference and ratio of two proportions: by hand, against R and statsmodels, properties."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import proportion_difference, proportion_ratio

from .oracles import z_of

PROOF = settings(max_examples=100, deadline=None, database=None)


@st.composite
def counts(draw, most=40):
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


# -------------------------------------------------------------------------------- worked by hand


def test_difference_worked_by_hand():
    # 1 of 2: Wilson's centre .5, half width z sqrt(.25/2 + z^2/16)/(1 + z^2/2)
    #   = 1.959964 sqrt(.125 + .240091)/2.920729 = 1.959964 * .604228/2.920729 = .405469
    # 0 of 2: 0 to z^2/(2 + z^2) = 3.841459/5.841459 = .657620
    # difference .5; below sqrt(.405469^2 + .657620^2) = .772573, above sqrt(.405469^2 + 0^2)
    found = proportion_difference((1, 2), (0, 2))
    assert found.estimate == 0.5
    assert found.lower == pytest.approx(0.5 - 0.772573, abs=2e-6)
    assert found.upper == pytest.approx(0.5 + 0.405469, abs=2e-6)
    assert (found.n, found.events, found.level) == (4, 1, 0.95)


def test_katz_ratio_worked_by_hand():
    # 2 of 4 over 1 of 4: ratio 2; variance of its log 1/2 - 1/4 + 1/1 - 1/4 = 1: 2 exp(-+z)
    found = proportion_ratio((2, 4), (1, 4), method="katz")
    z = z_of(0.95)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (2, 2 * math.exp(-z), 2 * math.exp(z)))


def test_koopman_ratio_of_all_and_all_worked_by_hand():
    # 5 of 5 over 8 of 8: at a ratio t > 1 the likeliest shares are 1 and 1/t; the first adds
    # nothing, the second 8 (1 - 1/t)^2 / ((1/t) (1 - 1/t)) = 8 (t - 1) = z^2: t = 1 + z^2/8;
    # at t < 1 they are t and 1: 5 (1/t - 1) = z^2: t = 1/(1 + z^2/5)
    square = z_of(0.95) ** 2
    found = proportion_ratio((5, 5), (8, 8))
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (1, 1 / (1 + square / 5), 1 + square / 8))


# ------------------------------------------------------------------------------------ R's values

# method 10 from R's Wilson intervals, w <- function(x, n) prop.test(x, n, correct = FALSE)
# $conf.int; d - sqrt((p1 - l1)^2 + (u2 - p2)^2), d + sqrt((u1 - p1)^2 + (p2 - l2)^2).
# The first five are also in Newcombe 1998, table II: .0524 .3339, .1705 .8090, -.0381 .1926,
# -.1611 .2775, .6791 1.0000
DIFFERENCES = [
    ((56, 70), (48, 80), 0.0524314724023649, 0.3338726540369059),
    ((9, 10), (3, 10), 0.170522723934503, 0.809017973535488),
    ((5, 56), (0, 29), -0.0381371479035369, 0.1925600138551116),
    ((0, 10), (0, 20), -0.161125158052819, 0.277532799862889),
    ((10, 10), (0, 20), 0.679086037141915, 1.0),
    ((8, 42), (7, 9), -0.770327848989695, -0.232248064684220),
    ((1, 72), (8, 49), -0.2769876766700459, -0.0504455734653037),
]


@pytest.mark.parametrize(("first", "second", "lower", "upper"), DIFFERENCES)
def test_difference_agrees_with_r(first, second, lower, upper):
    found = proportion_difference(first, second)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), rel=1e-9)


# R: the likeliest shares at a ratio by uniroot of the score (tol 1e-16), Pearson's chi-square of
# them, its crossing of qchisq(.95, 1) by uniroot (tol 1e-14). The first: Koopman 1984, 2.94, 7.15
RATIOS = [
    ((36, 40), (16, 80), 2.93956919221499, 7.15222343486603),
    ((8, 42), (7, 9), 0.121273786635264, 0.525371510735397),
    ((1, 72), (8, 49), 0.0140329979368570, 0.5013012186771881),
    ((33, 40), (9, 11), 0.781304123554629, 1.601024683207612),
    ((0, 20), (5, 20), 0, 0.688270027317434),
]


@pytest.mark.parametrize(("first", "second", "lower", "upper"), RATIOS)
def test_koopman_ratio_agrees_with_r(first, second, lower, upper):
    found = proportion_ratio(first, second)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), rel=1e-9)


def test_level_is_honoured_and_agrees_with_r():
    # the same R functions with .9 for .95
    found = proportion_difference((8, 42), (7, 9), level=0.9)
    assert (found.lower, found.upper) == pytest.approx((-0.753384525537070, -0.289190803024480))
    found = proportion_ratio((8, 42), (7, 9), level=0.9)
    assert (found.lower, found.upper) == pytest.approx((0.135477568530721, 0.460523730933533))


# ------------------------------------------------------------------------------------ statsmodels


@pytest.mark.parametrize(("first", "second"), [
    ((8, 42), (7, 9)), ((1, 72), (8, 49)), ((33, 40), (9, 11)), ((5, 20), (5, 31)),
])
def test_difference_and_ratios_agree_with_statsmodels(first, second):
    from statsmodels.stats.proportion import confint_proportions_2indep

    def theirs(**options):
        return confint_proportions_2indep(*first, *second, alpha=0.05, **options)

    found = proportion_difference(first, second)
    assert (found.lower, found.upper) == pytest.approx(
        theirs(compare="diff", method="newcomb"), rel=1e-9)
    found = proportion_ratio(first, second, method="katz")
    assert (found.lower, found.upper) == pytest.approx(
        theirs(compare="ratio", method="log"), rel=1e-9)
    found = proportion_ratio(first, second)  # statsmodels stops at 1e-5 or so
    assert (found.lower, found.upper) == pytest.approx(
        theirs(compare="ratio", method="score", correction=False), rel=1e-4)


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(counts(), counts(), st.sampled_from([0.8, 0.95, 0.99]))
def test_changing_sides_changes_the_sign(first, second, level):
    one = proportion_difference(first, second, level=level)
    two = proportion_difference(second, first, level=level)
    assert (two.estimate, two.lower, two.upper) == pytest.approx(
        (-one.estimate, -one.upper, -one.lower))
    assert -1 <= one.lower <= one.estimate <= one.upper <= 1


@PROOF
@given(counts(), counts(), st.sampled_from([0.8, 0.95, 0.99]))
def test_changing_sides_inverts_the_ratio(first, second, level):
    assume(first[0] + second[0] > 0)
    one = proportion_ratio(first, second, level=level)
    two = proportion_ratio(second, first, level=level)
    assert 0 <= one.lower <= one.estimate <= one.upper
    for ours, theirs in ((one.lower, two.upper), (one.upper, two.lower)):
        assert ours == pytest.approx(0 if math.isinf(theirs) else
                                     math.inf if theirs == 0 else 1 / theirs)


@PROOF
@given(counts(), counts())
def test_koopman_bounds_have_the_score_asked_for(first, second):
    # independent of the closed form: at a bound the likeliest shares with that ratio, taken from
    # a grid, have a Pearson chi-square of z^2
    assume(first[0] and second[0])
    found = proportion_ratio(first, second)
    for ratio in (found.lower, found.upper):
        top = min(1.0, 1 / ratio)
        grid = [top * (k + 0.5) / 4000 for k in range(4000)]
        best = max(grid, key=lambda p: _log_likelihood(first, ratio * p)
                   + _log_likelihood(second, p))
        square = sum((x - n * p) ** 2 / (n * p * (1 - p))
                     for (x, n), p in ((first, ratio * best), (second, best)))
        assert square == pytest.approx(z_of(0.95) ** 2, rel=0.05)


def _log_likelihood(counts, share):
    x, n = counts
    return (x * math.log(share) if x else 0) + ((n - x) * math.log1p(-share) if n > x else 0)


# ------------------------------------------------------------------- none, infinite and refused


def test_a_ratio_may_be_infinite_and_says_so():
    found = proportion_ratio((5, 20), (0, 20))
    assert (found.estimate, found.upper) == (math.inf, math.inf)
    assert found.lower == pytest.approx(1 / 0.688270027317434)  # see RATIOS, sides changed
    rows = {row.statistic: row for row in found.tidy()}
    assert (rows["upper"].value, rows["upper"].note) == (None, "infinite")
    assert rows["lower"].value == found.lower


@pytest.mark.parametrize("call", [
    lambda: proportion_ratio((0, 5), (0, 7)),
    lambda: proportion_ratio((0, 5), (3, 7), method="katz"),
    lambda: proportion_ratio((1, 5), (3, 7), method="wald"),
    lambda: proportion_ratio((1, 0), (3, 7)),
    lambda: proportion_difference((1, 5), (8, 7)),
    lambda: proportion_difference((1.5, 5), (3, 7)),
    lambda: proportion_difference((float("nan"), 5), (3, 7)),
    lambda: proportion_difference((1, 5), (3, 7), level=1),
])
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
