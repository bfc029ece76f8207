"""t tests: worked by hand, R, statsmodels, properties, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import t_test

from .oracles import records
from .test_signed_rank import pbcseq_bilirubin

PROOF = settings(max_examples=100, deadline=None, database=None)

several = st.lists(st.integers(-20, 20), min_size=2, max_size=12)

X, Y = [4, 6, 8], [1, 3, 2, 4, 5]

SLEEP = (  # R's datasets::sleep, extra hours of ten patients under two drugs (Student 1908)
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)


def cd34_by_death():
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    return [
        [float(r["CD34kgx10d6"]) for r in rows if r["survival_status"] == status] for status in "01"
    ]


def six_degrees_p(t):
    """P(|T| >= t) with six degrees of freedom: Abramowitz & Stegun 26.7.4, a finite sum."""
    cosine = 6 / (6 + t * t)
    return 1 - math.sqrt(1 - cosine) * (1 + cosine / 2 + 3 * cosine**2 / 8)


def test_student_worked_by_hand():
    found = t_test(X, Y, equal_variances=True)
    # means 6 and 3; squares about them 4+0+4 = 8 and 4+0+1+1+4 = 10; pooled 18/6 = 3
    # standard error sqrt(3 * (1/3 + 1/5)) = sqrt(1.6); t = 3/1.264911 = 2.371708, df 6
    assert (found.means, found.sizes) == ((6, 3), (3, 5))
    assert found.sds == pytest.approx((2, math.sqrt(2.5)))
    assert found.se == pytest.approx(math.sqrt(1.6))
    assert found.statistic == pytest.approx(3 / math.sqrt(1.6))
    assert (found.df, found.n) == (6, 8)
    assert found.p == pytest.approx(six_degrees_p(3 / math.sqrt(1.6)), rel=1e-12)
    # d = 3/sqrt(3); J(6) = gamma(3) / (sqrt(3) * gamma(2.5)) = 2 / (1.7320508 * 1.3293404)
    assert found.cohen_d == pytest.approx(math.sqrt(3))
    assert found.hedges_g == pytest.approx(2 / 1.329340388179137)
    # R: t.test(x, y, var.equal = TRUE): p 0.0553913751815511, -0.0951258733107958 to
    # 6.0951258733108
    assert found.p == pytest.approx(0.0553913751815511, rel=1e-10)
    assert (found.lower, found.upper) == pytest.approx((-0.0951258733107958, 6.0951258733108))


def test_welch_worked_by_hand():
    found = t_test(X, Y)
    # squared errors 4/3 and 2.5/5 = .5: sqrt(11/6) = 1.354006; t = 2.215647
    # df = (11/6)^2 / ((4/3)^2/2 + .5^2/4) = 3.361111/.951389 = 3.532847
    assert found.se == pytest.approx(math.sqrt(11 / 6))
    assert found.df == pytest.approx((121 / 36) / (8 / 9 + 1 / 16))
    assert found.cohen_d == pytest.approx(math.sqrt(3))  # by the pooled SD here too
    # R: t.test(x, y): t 2.21564683762799, df 3.53284671532847, p 0.0999826182036253,
    # -0.963725522186274 to 6.96372552218627
    assert found.statistic == pytest.approx(2.21564683762799)
    assert found.p == pytest.approx(0.0999826182036253, rel=1e-10)
    assert (found.lower, found.upper) == pytest.approx((-0.963725522186274, 6.96372552218627))


def test_pairs_and_one_sample_worked_by_hand():
    found = t_test([5, 7, 9, 6, 8], [4, 5, 5, 6, 5], paired=True)
    # differences 1 2 4 0 3: mean 2, squares 1+0+4+4+1 = 10, SD sqrt(2.5), error sqrt(.5)
    # t = 2/.7071068 = 2.828427, df 4; 26.7.4: p = 1 - sin * (1 + cos^2/2), cos^2 = 4/12
    assert (found.difference, found.df, found.n) == (2, 4, 5)
    assert found.statistic == pytest.approx(math.sqrt(8))
    assert found.p == pytest.approx(1 - math.sqrt(2 / 3) * (1 + 1 / 6), rel=1e-12)
    # d_z = 2/sqrt(2.5); J(4) = gamma(2)/(sqrt(2) gamma(1.5)) = 1/(sqrt(2) * sqrt(pi)/2)
    assert found.cohen_d == pytest.approx(2 / math.sqrt(2.5))
    assert found.hedges_g == pytest.approx(2 / math.sqrt(2.5) * math.sqrt(2 / math.pi))
    one = t_test([1, 2, 4, 0, 3])
    for name in ("difference", "lower", "upper", "statistic", "df", "p", "cohen_d", "n"):
        assert getattr(one, name) == pytest.approx(getattr(found, name))


def test_cd34_by_death_in_187_children_agrees_with_r():
    x, y = cd34_by_death()
    # R: t.test(x, y, var.equal = TRUE, conf.level = .9), then without var.equal
    for equal, (t, df, p, lower, upper, error) in (
        (True, (2.01650117876558, 185, 0.0451936996452291, 0.524776964412191, 5.29967401597996,
                1.44419726646469)),
        (False, (2.039135665937, 184.323509739464, 0.042864201777902, 0.551234127453331,
                 5.27321685293882, 1.42816661924153)),
    ):
        found = t_test(x, y, equal_variances=equal, level=0.9)
        assert (found.statistic, found.df) == pytest.approx((t, df), rel=1e-10)
        assert found.p == pytest.approx(p, rel=1e-10)
        assert (found.lower, found.upper) == pytest.approx((lower, upper), rel=1e-9)
        assert found.se == pytest.approx(error, rel=1e-10)
        assert found.level == 0.9


def test_259_patients_agree_with_r():
    first, second, _ = pbcseq_bilirubin().T
    # R: t.test(m[, 1], m[, 2], paired = TRUE)
    found = t_test(first, second, paired=True)
    assert found.statistic == pytest.approx(-0.195870930633329, rel=1e-9)
    assert found.p == pytest.approx(0.84486537203042, rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx((-0.367029614402869, 0.300620347993603))
    # R: t.test(m[, 1], mu = 3)
    one = t_test(first, against=3)
    assert one.statistic == pytest.approx(-1.1699505349164, rel=1e-9)
    assert one.p == pytest.approx(0.243100501296823, rel=1e-9)
    assert (one.lower, one.upper) == pytest.approx((2.24063767825699, 3.19333915571985))


def test_students_own_sleepers_agree_with_r():
    # R: with(sleep, t.test(extra[group == 1], extra[group == 2], paired = TRUE))
    found = t_test(*SLEEP, paired=True)
    assert found.statistic == pytest.approx(-4.06212768338204, rel=1e-10)
    assert found.p == pytest.approx(0.00283289019738427, rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx((-2.45988576327698, -0.700114236723018))


@PROOF
@given(several, several, st.booleans(), st.sampled_from([0.0, 1.5]))
def test_two_samples_agree_with_statsmodels(first, second, equal, against):
    from statsmodels.stats.weightstats import CompareMeans

    assume(len(set(first)) > 1 and len(set(second)) > 1)
    expected = CompareMeans.from_data(np.array(first, float), np.array(second, float))
    usevar = "pooled" if equal else "unequal"
    t, p, df = expected.ttest_ind(usevar=usevar, value=against)
    found = t_test(first, second, equal_variances=equal, against=against, level=0.8)
    assert (found.statistic, found.df) == pytest.approx((t, df), rel=1e-9, abs=1e-12)
    assert found.p == pytest.approx(p, rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx(
        expected.tconfint_diff(alpha=0.2, usevar=usevar), rel=1e-9, abs=1e-9)


@PROOF
@given(several, several, st.booleans(), st.randoms(use_true_random=False))
def test_order_direction_and_unit_do_not_matter(first, second, equal, random):
    assume(len(set(first)) > 1 or len(set(second)) > 1)
    one = t_test(first, second, equal_variances=equal)
    mixed = [random.sample(group, len(group)) for group in (first, second)]
    scaled = t_test(*[[8 * v + 1000 for v in group] for group in mixed], equal_variances=equal)
    turned = t_test(second, first, equal_variances=equal)
    for other, factor, sign in ((scaled, 8, 1), (turned, -1, -1)):
        assert other.p == pytest.approx(one.p, rel=1e-9)
        assert other.df == pytest.approx(one.df)
        assert other.difference == pytest.approx(factor * one.difference, abs=1e-9)
        assert other.hedges_g == pytest.approx(sign * one.hedges_g, abs=1e-9)
    assert (turned.lower, turned.upper) == pytest.approx((-one.upper, -one.lower), abs=1e-12)


@PROOF
@given(several, several)
def test_interval_and_p_tell_the_same(first, second):
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    found = t_test(first, second)
    at_edge = t_test(first, second, against=found.lower)
    assert at_edge.p == pytest.approx(0.05, rel=1e-6)
    assert found.log_p == pytest.approx(math.log(found.p), abs=1e-12)
    rows = {row.statistic: row.value for row in found.tidy()}
    assert (rows["difference"], rows["p"]) == (found.difference, found.p)


def test_log_p_stays_where_p_is_nought():
    rng = np.random.default_rng(2)
    found = t_test(rng.normal(1, 1, 5000))
    # t is near 70 with 4999 degrees of freedom: log p near -4999/2 * log(1 + t^2/4999)
    assert found.p == 0
    main = -4999 / 2 * math.log1p(found.statistic**2 / 4999)
    assert found.log_p == pytest.approx(main, abs=10)
    assert found.log_p < main  # a positive power of t stands below it


def test_one_value_against_two_has_a_student_test_only():
    found = t_test([4], [1, 2], equal_variances=True)
    # pooled SD sqrt(.5), error sqrt(.5 * 1.5), t = 2.5/.8660254, df 1: p = 1 - 2/pi atan(t)
    assert found.p == pytest.approx(1 - 2 / math.pi * math.atan(2.5 / math.sqrt(0.75)))
    assert math.isnan(found.sds[0])
    assert math.isnan(found.hedges_g)  # J needs two degrees of freedom
    assert found.warnings
    notes = {row.statistic: row.note for row in found.tidy()}
    assert notes["Hedges' g"]
    with pytest.raises(NotEstimable):
        t_test([4], [1, 2])


BAD = {
    "nothing": lambda: t_test([]),
    "one value": lambda: t_test([1]),
    "NaN": lambda: t_test([1, math.nan, 2]),
    "infinity": lambda: t_test([1, math.inf, 2]),
    "constant": lambda: t_test([2, 2, 2]),
    "constant but for rounding": lambda: t_test([0.1 + 0.2, 0.3, 0.3]),
    "both constant": lambda: t_test([1, 1], [2, 2]),
    "both constant, Student": lambda: t_test([0.1] * 3, [0.7] * 3, equal_variances=True),
    "differences constant": lambda: t_test([1.1, 2.1, 3.1], [1, 2, 3], paired=True),
    "different lengths": lambda: t_test([1, 2, 3], [1, 2], paired=True),
    "pairs without a second": lambda: t_test([1, 2, 3], paired=True),
    "equal variances of one": lambda: t_test([1, 2, 3], equal_variances=True),
    "pairs of equal variances": lambda: t_test([1, 2], [2, 4], paired=True, equal_variances=True),
    "too few": lambda: t_test([1], [2], equal_variances=True),
    "against NaN": lambda: t_test([1, 2], against=math.nan),
    "level 95": lambda: t_test([1, 2], level=95),
    "too large to square": lambda: t_test([1e200, 2e200]),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
