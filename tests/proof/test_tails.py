"""Logarithms of tail probabilities: against scipy's, and where the probability is no number."""

import math

import pytest

from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal

from .oracles import chi_square_tail, two_sided_normal


@pytest.mark.parametrize("z", [0, 0.1, -1.96, 5, 19.999, 20.001, 38, -40, 1000])
def test_normal_tail_is_scipys(z):
    special = pytest.importorskip("scipy.special")
    expected = math.log(2) + float(special.log_ndtr(-abs(z)))
    assert log_two_sided_normal(z) == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("df", [1, 2, 3, 8])
@pytest.mark.parametrize("statistic", [0.01, 3.84, 50, 600])
def test_chi_square_tail_is_the_logarithm_of_the_tail(df, statistic):
    expected = math.log(chi_square_tail(statistic, df))
    assert log_chi_square_tail(statistic, df) == pytest.approx(expected, rel=1e-11)


def test_tails_beyond_the_smallest_number():
    assert two_sided_normal(40) == 0
    # two degrees of freedom: the tail is exp(−x/2)
    assert log_chi_square_tail(5000, 2) == pytest.approx(-2500)
    # one degree of freedom is the square of a normal variable
    assert log_chi_square_tail(5000, 1) == pytest.approx(log_two_sided_normal(math.sqrt(5000)))


def test_ends():
    assert log_chi_square_tail(0, 3) == 0
    assert log_two_sided_normal(math.inf) == -math.inf
    assert math.isnan(log_two_sided_normal(math.nan))
