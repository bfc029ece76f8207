"""McNemar's test and the paired difference: by hand, against R and statsmodels, properties."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import mcnemar, paired_difference

from .oracles import two_sided_normal, z_of

PROOF = settings(max_examples=100, deadline=None, database=None)
METHODS = ("exact", "mid-p", "chi-square")

tables = st.lists(st.lists(st.integers(0, 25), min_size=2, max_size=2), min_size=2, max_size=2)


# -------------------------------------------------------------------------------- worked by hand


def test_mcnemar_worked_by_hand():
    # 21 children before and after: 1 lost it, 7 gained it. The example of Fagerland et al. 2013:
    # exact 2 (C(8,0) + C(8,1))/2^8 = 18/256; mid-p less what is as likely, half of 2 * 8/256;
    # chi-square (1 - 7)^2/8 = 4.5; corrected (6 - 1)^2/8 = 3.125 (printed: .070, .039, .034)
    table = [[1, 1], [7, 12]]
    assert mcnemar(table).p == pytest.approx(18 / 256)
    assert mcnemar(table, method="mid-p").p == pytest.approx(10 / 256)
    plain = mcnemar(table, method="chi-square")
    assert (plain.statistic, plain.df, plain.n) == (4.5, 1, 21)
    assert plain.p == pytest.approx(two_sided_normal(math.sqrt(4.5)))
    corrected = mcnemar(table, method="chi-square", correction=True)
    assert corrected.statistic == 3.125
    assert corrected.p == pytest.approx(two_sided_normal(math.sqrt(3.125)))


def test_as_many_lost_as_gained_worked_by_hand():
    # 2 and 2: exact 1; mid-p less half of what is as likely, C(4,2)/2^4 = 6/16: 1 - 3/16
    table = [[3, 2], [2, 3]]
    assert mcnemar(table).p == 1
    assert mcnemar(table, method="mid-p").p == pytest.approx(13 / 16)
    corrected = mcnemar(table, method="chi-square", correction=True)
    assert (corrected.statistic, corrected.p) == (0, 1)


def test_paired_difference_worked_by_hand():
    # 2 pairs, both yes then no: shares 1 and 0, difference 1; Wilson of 2 in 2: from
    # 2/(2 + z^2) = .342380; of 0 in 2: to .657620; an empty margin: correlation 0
    # below sqrt(.657620^2 + .657620^2) = .930015, above 0
    found = paired_difference([[0, 2], [0, 0]])
    assert (found.estimate, found.upper, found.n) == (1, 1, 2)
    assert found.lower == pytest.approx(1 - 0.657620 * math.sqrt(2), abs=2e-6)


def test_paired_difference_with_correlation_worked_by_hand():
    # both 4, lost 1, gained 1, neither 4: both shares .5, difference 0. Correlation: 16 - 1 = 15,
    # less 10/2 = 10, over sqrt(5^4) = 25: .4. Wilson of 5 in 10: half width h with
    # h^2 = z^2 (.025 + z^2/400)/(1 + z^2/10)^2; both sides sqrt(2 h^2 - 2 * .4 h^2) = h sqrt(1.2)
    found = paired_difference([[4, 1], [1, 4]])
    z = z_of(0.95)
    half = z * math.sqrt(0.025 + z**2 / 400) / (1 + z**2 / 10)
    assert (found.lower, found.upper) == pytest.approx(
        (-half * math.sqrt(1.2), half * math.sqrt(1.2)))


# ------------------------------------------------------------------------------------ R's values

# R: Wilson by prop.test(x, n, correct = FALSE), then Newcombe's formula written out; the first is
# in Newcombe 1998 (Stat Med 17:2635), table II, method 10: .0569 .3404
PAIRED = [
    ([[36, 12], [2, 0]], 0.0569295840032387, 0.3404276029749406),
    ([[20, 12], [2, 16]], 0.0561564248417483, 0.3292069954001405),
    ([[1, 1], [7, 0]], -0.8964227823802198, -0.0750727264285346),
    ([[21, 9], [2, 22]], 0.00882466464982933, 0.24257312249399127),
    ([[30, 10], [0, 0]], 0.110826060884682, 0.401939614207680),
    ([[54, 0], [0, 0]], -0.0664135880908964, 0.0664135880908964),
]


@pytest.mark.parametrize(("table", "lower", "upper"), PAIRED)
def test_paired_difference_agrees_with_r(table, lower, upper):
    found = paired_difference(table)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), rel=1e-9)


# R: mcnemar.test(m), mcnemar.test(m, correct = FALSE), binom.test(b, b + c)$p.value and that less
# dbinom(b, b + c, .5). The first is the approval table of R's own help page (Agresti 1990)
MCNEMAR = [
    ([[794, 86], [150, 570]], (16.8177966101695, 4.11456228134594e-05),
     (17.3559322033898, 3.09929344104522e-05), (3.71593613957143e-05, 2.89338951761547e-05)),
    ([[21, 9], [2, 22]], (3.2727272727272729, 0.0704404292720882),
     (4.4545454545454541, 0.0348084788118671), (0.0654296875, 0.0385742187500000)),
    ([[20, 12], [2, 16]], (5.78571428571428559, 0.01615693126118129),
     (7.14285714285714324, 0.00752631516645789), (0.01293945312500000, 0.00738525390625000)),
]


@pytest.mark.parametrize(("table", "corrected", "plain", "binomial"), MCNEMAR)
def test_mcnemar_agrees_with_r(table, corrected, plain, binomial):
    for correction, expected in ((True, corrected), (False, plain)):
        found = mcnemar(table, method="chi-square", correction=correction)
        assert (found.statistic, found.p) == pytest.approx(expected, rel=1e-9)
    found = (mcnemar(table).p, mcnemar(table, method="mid-p").p)
    assert found == pytest.approx(binomial, rel=1e-9)


@PROOF
@given(tables)
def test_mcnemar_agrees_with_statsmodels(table):
    from statsmodels.stats.contingency_tables import mcnemar as peer

    assume(table[0][1] + table[1][0] > 0)
    assert mcnemar(table).p == pytest.approx(peer(table, exact=True).pvalue, rel=1e-9)
    theirs = peer(table, exact=False, correction=False)
    ours = mcnemar(table, method="chi-square")
    assert (ours.statistic, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(tables)
def test_exact_and_mid_p_equal_the_binomial_distribution(table):
    lost, gained = table[0][1], table[1][0]
    assume(lost + gained > 0)
    total = lost + gained
    chance = [Fraction(math.comb(total, k), 2**total) for k in range(total + 1)]
    less = sum(own for own in chance if own < chance[lost])
    as_likely = sum(own for own in chance if own == chance[lost])
    assert mcnemar(table).p == pytest.approx(float(less + as_likely), rel=1e-9)
    assert mcnemar(table, method="mid-p").p == pytest.approx(float(less + as_likely / 2), rel=1e-9)


@PROOF
@given(tables, st.sampled_from([0.8, 0.95, 0.99]))
def test_changing_looks_changes_only_the_sign(table, level):
    turned = [list(column) for column in zip(*table, strict=True)]
    assume(table[0][1] + table[1][0] > 0)
    for method in METHODS:
        assert mcnemar(turned, method=method).p == mcnemar(table, method=method).p
    one, two = paired_difference(table, level=level), paired_difference(turned, level=level)
    assert (two.lower, two.upper) == pytest.approx((-one.upper, -one.lower))
    assert -1 <= one.lower <= one.estimate <= one.upper <= 1
    assert one.estimate == pytest.approx((table[0][1] - table[1][0]) / one.n)


@pytest.mark.parametrize("method", METHODS)
def test_a_tiny_p_keeps_its_logarithm(method):
    # 2000 lost, none gained: exact p 2/2^2000, mid-p 1/2^2000; chi-square 2000: log p from
    # R: pchisq(2000, 1, lower.tail = FALSE, log.p = TRUE)
    expected = {"exact": -1999 * math.log(2), "mid-p": -2000 * math.log(2),
                "chi-square": -1004.02674195895}
    found = mcnemar([[5, 2000], [0, 5]], method=method)
    assert found.p == 0
    assert found.log_p == pytest.approx(expected[method], rel=1e-12)
    assert [row.value for row in found.tidy() if row.statistic == "log_p"] == [found.log_p]


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("call", [
    lambda: mcnemar([[5, 0], [0, 5]]),
    lambda: mcnemar([[5, 1, 0], [0, 5, 1]]),
    lambda: mcnemar([[5, 1], [0.5, 5]]),
    lambda: mcnemar([[5, -1], [0, 5]]),
    lambda: mcnemar([[5, float("nan")], [0, 5]]),
    lambda: mcnemar([[5, 1], [2, 5]], correction=True),
    lambda: mcnemar([[5, 1], [2, 5]], method="asymptotic"),
    lambda: paired_difference([[0, 0], [0, 0]]),
    lambda: paired_difference([5, 1, 2, 5]),
    lambda: paired_difference([[5, 1], [2, 5]], level=0),
])
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
