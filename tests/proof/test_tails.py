"""Logarithms of tails: against R, and against the plain tails where these can be written."""

import math

import pytest

from remission.statistics.arrays import chi_square_tail, two_sided_normal
from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal

# R: pchisq(x, df, lower.tail = FALSE, log.p = TRUE)
CHI_SQUARE = [(2000, 1, -1004.02674195895), (2000, 4, -993.091245220685),
              (3000, 7, -1482.91625569086), (900, 3, -446.823484705809),
              (10, 5, -2.58713545907449), (1e5, 9, -49964.5844425744)]
# R: log(2) + pnorm(-z, log.p = TRUE)
NORMAL = [(3, -5.9145790409504), (27, -368.022995288096), (40, -803.915294833194),
          (60, -1804.32041350001)]


@pytest.mark.parametrize(("statistic", "df", "expected"), CHI_SQUARE)
def test_log_chi_square_tail_agrees_with_r(statistic, df, expected):
    assert log_chi_square_tail(statistic, df) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("z", "expected"), NORMAL)
def test_log_normal_tail_agrees_with_r(z, expected):
    assert log_two_sided_normal(z) == pytest.approx(expected, rel=1e-13)
    assert log_two_sided_normal(-z) == log_two_sided_normal(z)


@pytest.mark.parametrize("df", range(1, 12))
@pytest.mark.parametrize("statistic", [0, 0.01, 1, 7.5, 60, 799, 801, 1200])
def test_log_tails_are_the_logarithms_of_the_tails(statistic, df):
    # 800 is where the series of erfc takes over
    found = log_chi_square_tail(statistic, df)
    assert found == pytest.approx(math.log(chi_square_tail(statistic, df)), rel=1e-11, abs=1e-15)
    z = math.sqrt(statistic)
    assert log_two_sided_normal(z) == pytest.approx(math.log(two_sided_normal(z)), rel=1e-11)


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
