"""Wilson and Clopper-Pearson: worked by hand, from the definition, properties, bad input."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import clopper_pearson, wilson

from .oracles import binomial_upper_tail, z_of

PROOF = settings(max_examples=150, deadline=None, database=None)


@st.composite
def counts(draw, most=60):
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


def test_wilson_worked_by_hand():
    found = wilson(8, 10)
    # z^2 = 3.841459; centre (8 + 1.920729)/(10 + 3.841459) = 9.920729/13.841459 = .716740
    # half width z sqrt(10 * .8 * .2 + z^2/4)/13.841459 = 1.959964 * sqrt(2.560365)/13.841459
    #   = 1.959964 * 1.600114/13.841459 = .226577 -> .490162 to .943318
    assert found.estimate == pytest.approx(0.8)
    assert found.lower == pytest.approx(0.490162, abs=2e-6)
    assert found.upper == pytest.approx(0.943318, abs=2e-6)


def test_wilson_of_none_and_of_all_worked_by_hand():
    # k = 0: bounds 0 and z^2/(n + z^2) = 3.841459/13.841459 = .277533
    square = z_of(0.95) ** 2
    assert wilson(0, 10).lower == pytest.approx(0, abs=1e-15)
    assert wilson(0, 10).upper == pytest.approx(square / (10 + square))
    assert wilson(10, 10).lower == pytest.approx(10 / (10 + square))
    assert wilson(10, 10).upper == pytest.approx(1, abs=1e-15)


def test_clopper_pearson_of_none_and_of_all_worked_by_hand():
    # all three: P(X = 3 | p) = p^3 = .025 -> p = .025^(1/3) = .2924 (definitions.md 11.3: 0.292)
    found = clopper_pearson(3, 3)
    assert found.lower == pytest.approx(0.025 ** (1 / 3))
    assert found.lower == pytest.approx(0.292, abs=5e-4)
    assert (found.estimate, found.upper) == (1, 1)
    # none of ten: (1 - p)^10 = .025 -> p = 1 - .025^(1/10) = .308497
    assert clopper_pearson(0, 10).lower == 0
    assert clopper_pearson(0, 10).upper == pytest.approx(1 - 0.025 ** (1 / 10))


def test_clopper_pearson_of_one_in_two_worked_by_hand():
    # lower: P(X >= 1) = 1 - (1-p)^2 = .025 -> p = 1 - sqrt(.975) = .012579
    # upper: P(X <= 1) = 1 - p^2 = .025 -> p = sqrt(.975) = .987421
    found = clopper_pearson(1, 2)
    assert found.lower == pytest.approx(1 - math.sqrt(0.975))
    assert found.upper == pytest.approx(math.sqrt(0.975))


@pytest.mark.parametrize(("method", "k", "n", "percent"), [
    # definitions.md section 13, in percent as printed there
    (wilson, 9, 11, (82, 52, 95)), (clopper_pearson, 9, 11, (82, 48, 98)),
    (wilson, 42, 51, (82, 70, 90)), (wilson, 40, 54, (74, 61, 84)),
])
def test_the_response_rates_of_the_founding_papers(method, k, n, percent):
    found = method(k, n)
    printed = tuple(round(100 * value) for value in (found.estimate, found.lower, found.upper))
    assert printed == percent


@PROOF
@given(counts(), st.sampled_from([0.9, 0.95, 0.99]))
def test_wilson_bounds_solve_the_score_equation(pair, level):
    k, n = pair
    found = wilson(k, n, level=level)
    # each bound b has |k/n - b| = z sqrt(b (1-b) / n)
    for bound in (found.lower, found.upper):
        gap = z_of(level) ** 2 * bound * (1 - bound) / n
        assert (k / n - bound) ** 2 == pytest.approx(gap, rel=1e-7, abs=1e-12)


@PROOF
@given(counts(), st.sampled_from([0.9, 0.95, 0.99]))
def test_clopper_pearson_tails_hold_half_of_what_is_left(pair, level):
    k, n = pair
    found = clopper_pearson(k, n, level=level)
    tail = (1 - level) / 2
    if k > 0:
        share = binomial_upper_tail(k, n, Fraction(found.lower))
        assert float(share) == pytest.approx(tail, rel=1e-8)
    if k < n:
        share = 1 - binomial_upper_tail(k + 1, n, Fraction(found.upper))
        assert float(share) == pytest.approx(tail, rel=1e-8)


@PROOF
@given(counts(), st.sampled_from([wilson, clopper_pearson]))
def test_failures_mirror_successes(pair, method):
    k, n = pair
    one, other = method(k, n), method(n - k, n)
    assert other.estimate == pytest.approx(1 - one.estimate)
    assert other.lower == pytest.approx(1 - one.upper, abs=1e-12)
    assert other.upper == pytest.approx(1 - one.lower, abs=1e-12)


@PROOF
@given(counts(), st.sampled_from([wilson, clopper_pearson]))
def test_bounds_hold_the_estimate_and_widen_with_the_level(pair, method):
    narrow, wide = (method(*pair, level=level) for level in (0.95, 0.99))
    assert narrow.estimate == pair[0] / pair[1]
    assert 0 <= wide.lower <= narrow.lower <= narrow.estimate <= narrow.upper <= wide.upper <= 1
    assert wide.upper - wide.lower > narrow.upper - narrow.lower


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 2), (-1, 5), (1.5, 5), (2, float("nan"))])
def test_a_proportion_that_makes_no_sense_is_refused(method, k, n):
    with pytest.raises(NotEstimable) as refusal:
        method(k, n)
    assert str(refusal.value).strip()


def test_rows_of_a_proportion():
    rows = {row.statistic: row.value for row in wilson(8, 10).tidy()}
    assert (rows["events"], rows["n"], rows["estimate"]) == (8, 10, 0.8)
    assert rows["lower"] == pytest.approx(0.490162, abs=2e-6)  # worked by hand above
    assert rows["upper"] == pytest.approx(0.943318, abs=2e-6)
