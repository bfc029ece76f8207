"""Tails of t, F, χ² and the normal law: closed forms, R where floats give out, bad input."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics.arrays import chi_square_tail, two_sided_normal
from remission.statistics.distributions import (
    f_tail,
    log_f_tail,
    log_two_sided_t,
    t_quantile,
    two_sided_t,
)
from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal

PROOF = settings(max_examples=100, deadline=None, database=None)

# R 4.2.2
R_LOGS = [
    (log_two_sided_t(40, 1e6), -803.275177569782),  # pt(-40, 1e6, log.p = TRUE) + log(2)
    (log_two_sided_t(100, 50), -134.767027584676),  # pt(-100, 50, log.p = TRUE) + log(2)
    (log_two_sided_t(60, 2000), -1033.42514569568),  # pt(-60, 2000, log.p = TRUE) + log(2)
    (log_two_sided_t(3e5, 200), -1995.3520143247),  # pt(-3e5, 200, log.p = TRUE) + log(2)
    (log_f_tail(500, 3, 4000), -633.635017123974),  # pf(500, 3, 4000, F, TRUE)
    (log_f_tail(4000, 7, 1e5), -12320.9547227827),  # pf(4000, 7, 1e5, F, TRUE)
    (log_two_sided_normal(50), -1254.13821395886),  # pnorm(-50, log.p = TRUE) + log(2)
    (log_chi_square_tail(2000, 3), -996.424840497333),  # pchisq(2000, 3, 0, F, TRUE)
    (log_chi_square_tail(2000, 4), -993.091245220685),  # pchisq(2000, 4, 0, F, TRUE)
    (log_chi_square_tail(7, 3), -2.63250999531272),  # pchisq(7, 3, 0, F, TRUE)
]


@pytest.mark.parametrize(("found", "expected"), R_LOGS)
def test_log_tails_agree_with_r(found, expected):
    assert found == pytest.approx(expected, rel=1e-11)


def test_tails_and_quantiles_agree_with_r():
    assert f_tail(2.5, 3.7, 9.2) == pytest.approx(0.117571897429299, rel=1e-12)  # pf(..., F)
    assert t_quantile(0.95, 3.53) == pytest.approx(2.92849186373453, rel=1e-10)  # qt(.975, 3.53)
    assert t_quantile(0.9, 1) == pytest.approx(6.31375151467504, rel=1e-10)  # qt(.95, 1)
    assert t_quantile(0.99, 1e6) == pytest.approx(2.57583422010533, rel=1e-10)  # qt(.995, 1e6)


def test_t_has_closed_forms_for_few_degrees_of_freedom():
    # df 1 is Cauchy's law: 1 - 2/pi * atan(t); df 2: 1 - t/sqrt(2 + t^2)
    assert two_sided_t(1.7, 1) == pytest.approx(1 - 2 / math.pi * math.atan(1.7), rel=1e-12)
    assert two_sided_t(-1.7, 2) == pytest.approx(1 - 1.7 / math.sqrt(2 + 1.7**2), rel=1e-12)
    # F(2, m): (1 + 2f/m)^(-m/2)
    assert f_tail(3.2, 2, 9) == pytest.approx((1 + 6.4 / 9) ** -4.5, rel=1e-12)
    assert log_f_tail(1e200, 2, 9) == pytest.approx(-4.5 * math.log(2e200 / 9), rel=1e-12)
    assert (two_sided_t(0, 5), log_two_sided_t(0, 5)) == (1, 0)
    assert log_chi_square_tail(5e-324, 2) == 0


@PROOF
@given(st.floats(0, 60, allow_subnormal=False), st.integers(1, 40))
def test_logs_are_logs_where_p_is_a_float(statistic, df):
    assert log_chi_square_tail(statistic, df) == pytest.approx(
        math.log(chi_square_tail(statistic, df)), rel=1e-9, abs=1e-12)
    z = statistic / 2
    assert log_two_sided_normal(-z) == pytest.approx(math.log(two_sided_normal(z)), abs=1e-12)


def test_the_series_of_the_normal_tail_meets_the_function():
    # either side of 35, where one takes over from the other: d log p/dz is -(z + 1/z) there
    step = log_two_sided_normal(35.0) - log_two_sided_normal(math.nextafter(35.0, 0))
    assert abs(step) < 1e-9


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan])
def test_a_level_outside_nought_to_one_is_refused(level):
    with pytest.raises(NotEstimable):
        t_quantile(level, 5)
