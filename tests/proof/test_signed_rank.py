"""Wilcoxon's signed-rank test and the pseudo-median: by hand, every sign, R, properties."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import wilcoxon_signed_rank

from .oracles import midranks, records, two_sided_normal, z_of

PROOF = settings(max_examples=100, deadline=None, database=None)

gaps = st.lists(st.integers(-4, 4), min_size=1, max_size=10).filter(any)

# Seven pairs. Differences 2, -1, 0, 2, 5, 2, -1: one zero, two ones, three twos (all tied).
FIRST = [12, 15, 9, 11, 18, 14, 10]
SECOND = [10, 16, 9, 9, 13, 12, 11]


def signed_midranks(differences, zeros):
    """Each rank with its sign, exact; the rule for zeros written out."""
    kept = differences if zeros == "pratt" else [d for d in differences if d]
    ranked = zip(kept, midranks([abs(d) for d in kept]), strict=True)
    return [rank if d > 0 else -rank for d, rank in ranked if d]


def every_sign_p(differences, zeros):
    """Share of all signs whose positive sum is at least as far from its mean."""
    ranks = signed_midranks(differences, zeros)
    sizes = [abs(rank) for rank in ranks]
    mean = Fraction(sum(sizes), 2)
    seen = abs(sum(rank for rank in ranks if rank > 0) - mean)
    far = sum(
        abs(sum(itertools.compress(sizes, signs)) - mean) >= seen
        for signs in itertools.product((0, 1), repeat=len(sizes))
    )
    return Fraction(far, 2 ** len(sizes))


def walsh_averages(differences):
    return sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(differences, 2))


def pbcseq_bilirubin():
    """First, second and third bilirubin of the 259 patients who have three (survival::pbcseq)."""
    by_patient = {}
    for row in records("survival_pkg", "pbcseq.csv"):
        if row["bili"]:
            by_patient.setdefault(row["id"], []).append(float(row["bili"]))
    return np.array([values[:3] for values in by_patient.values() if len(values) >= 3])


def test_pratt_worked_by_hand():
    found = wilcoxon_signed_rank(FIRST, SECOND)
    # sizes 0 1 1 2 2 2 5, ranks 1 2.5 2.5 5 5 5 7; the zero's rank 1 is left out
    # positive: 5 + 5 + 7 + 5 = 22; negative: 2.5 + 2.5 = 5; together 27
    # of 2^6 = 64 signs a sum of at most 5 have: none; 2.5 (two ways); 2.5 + 2.5; 5 (three ways)
    # = 1 + 2 + 1 + 3 = 7; the other side likewise: p = 14/64
    assert (found.n, found.zeros, found.tied) == (7, 1, 5)
    assert found.statistic == 22
    assert found.is_exact
    assert found.p == pytest.approx(14 / 64, rel=1e-12)
    assert found.log_p == pytest.approx(math.log(14 / 64), rel=1e-12)
    assert any("Pratt" in said for said in found.conventions)


def test_wilcoxon_zero_rule_worked_by_hand():
    found = wilcoxon_signed_rank(FIRST, SECOND, zeros="wilcoxon")
    # without the zero: sizes 1 1 2 2 2 5, ranks 1.5 1.5 4 4 4 6; positive 18, negative 3
    # sums of at most 3: none, 1.5 (two ways), 1.5 + 1.5 = 4 of 64: p = 8/64
    assert found.statistic == 18
    assert found.p == pytest.approx(8 / 64, rel=1e-12)
    assert any("Wilcoxon, left out" in said for said in found.conventions)


def test_normal_approximation_worked_by_hand():
    found = wilcoxon_signed_rank(FIRST, SECOND, exact=False)
    # Pratt: mean 27/2 = 13.5; variance (2*6.25 + 3*25 + 49)/4 = 34.125
    # z = (|22 - 13.5| - .5)/sqrt(34.125) = 8/5.841661 = 1.369473
    assert not found.is_exact
    assert found.p == pytest.approx(two_sided_normal(8 / math.sqrt(34.125)), rel=1e-12)
    # Wilcoxon: mean 10.5, variance (2*2.25 + 3*16 + 36)/4 = 22.125, distance 7.5
    other = wilcoxon_signed_rank(FIRST, SECOND, zeros="wilcoxon", exact=False, correction=False)
    assert other.p == pytest.approx(two_sided_normal(7.5 / math.sqrt(22.125)), rel=1e-12)


def test_pseudo_median_and_interval_worked_by_hand():
    found = wilcoxon_signed_rank(FIRST, SECOND)
    # sorted differences -1 -1 0 2 2 2 5 have 28 pairwise sums (each with itself too):
    # -2 three times, -1 twice, 0 once, 1 six times, 2 three times, 4 eight times, 5 once,
    # 7 three times, 10 once; the 14th and the 15th are 2: pseudo-median 2/2 = 1
    assert found.estimate == 1
    # without ties P(T <= 2) = 3/128 <= .025 < P(T <= 3) = 5/128: third from each end
    # third smallest sum -2, third largest 7
    assert (found.lower, found.upper) == (-1, 3.5)
    # at 80 %: P(T <= 5) = 10/128 <= .1 < P(T <= 6) = 14/128: sixth from each end, sums 0 and 4
    narrower = wilcoxon_signed_rank(FIRST, SECOND, level=0.8)
    assert (narrower.lower, narrower.upper) == (0, 2)
    # normal: 14 - 1.96 * sqrt(7*8*15/24) = 14 - 1.96 * 5.91608 = 2.40: second, sums -2 and 7
    normal = wilcoxon_signed_rank(FIRST, SECOND, exact=False)
    assert (normal.lower, normal.upper) == (-1, 3.5)


def test_coin_and_exact_rank_tests_agree_on_the_seven_pairs():
    # R 4.2.2, coin 1.4.2: x <- FIRST; y <- SECOND
    # pvalue(wilcoxsign_test(x ~ y, zero.method = "Pratt", distribution = "exact"))    0.21875
    # pvalue(wilcoxsign_test(x ~ y, zero.method = "Wilcoxon", distribution = "exact")) 0.125
    # the same with distribution = "asymptotic": 0.145651080815386, 0.110828116862791
    # exactRankTests 0.8.35: wilcox.exact(x, y, paired = TRUE)$p.value                 0.125
    for zeros, exact, normal in (
        ("pratt", 0.21875, 0.145651080815386), ("wilcoxon", 0.125, 0.110828116862791),
    ):
        assert wilcoxon_signed_rank(FIRST, SECOND, zeros=zeros).p == pytest.approx(exact)
        found = wilcoxon_signed_rank(FIRST, SECOND, zeros=zeros, exact=False, correction=False)
        assert found.p == pytest.approx(normal, rel=1e-12)


def test_259_patients_with_ties_and_zeros_agree_with_r():
    first, second, _ = pbcseq_bilirubin().T
    # R: as above on round(10 * bilirubin), because 1.4 - 1.1 is not 1.3 - 1.0 in floats;
    # coin's p, exact and asymptotic; wilcox.exact: V = 13885, p-value 0.230076182481092
    for zeros, exact, normal in (
        ("pratt", 0.184902471687246, 0.184515257862208),
        ("wilcoxon", 0.230076182481092, 0.229489414846616),
    ):
        found = wilcoxon_signed_rank(first, second, zeros=zeros)
        assert (found.n, found.zeros) == (259, 34)
        assert found.is_exact
        assert found.p == pytest.approx(exact, rel=1e-9)
        other = wilcoxon_signed_rank(first, second, zeros=zeros, exact=False, correction=False)
        assert other.p == pytest.approx(normal, rel=1e-9)
    assert wilcoxon_signed_rank(first, second, zeros="wilcoxon").statistic == 13885


def test_interval_of_untied_differences_agrees_with_r():
    # Hollander & Wolfe, depression data; R: wilcox.test(x, y, paired = TRUE, conf.int = TRUE)
    # V = 40, p-value = 0.0390625, interval 0.010 to 0.786, (pseudo)median 0.46;
    # exactRankTests::wilcox.exact gives the same three
    x = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = wilcoxon_signed_rank(x, y)
    assert (found.statistic, found.p) == (40, pytest.approx(0.0390625))
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.46, 0.010, 0.786))


def test_interval_of_sixty_agrees_with_r():
    # R: set.seed(1); q <- round(rnorm(60, .3), 4)
    q = [
        -0.3265, 0.4836, -0.5356, 1.8953, 0.6295, -0.5205, 0.7874, 1.0383, 0.8758, -0.0054, 1.8118,
        0.6898, -0.3212, -1.9147, 1.4249, 0.2551, 0.2838, 1.2438, 1.1212, 0.8939, 1.2190, 1.0821,
        0.3746, -1.6894, 0.9198, 0.2439, 0.1442, -1.1708, -0.1782, 0.7179, 1.6587, 0.1972, 0.6877,
        0.2462, -1.0771, -0.1150, -0.0943, 0.2407, 1.4000, 1.0632, 0.1355, 0.0466, 0.9970, 0.8567,
        -0.3888, -0.4075, 0.6646, 1.0685, 0.1877, 1.1811, 0.6981, -0.3120, 0.6411, -0.8294, 1.7330,
        2.2804, -0.0672, -0.7441, 0.8697, 0.1649,
    ]
    # wilcox.test(q, conf.int = TRUE, exact = TRUE, conf.level = .95):
    # p 0.000371994370599923, 0.2072 to 0.6583, 0.44185; conf.level = .9: 0.2479 to 0.62335
    found = wilcoxon_signed_rank(q)
    assert found.p == pytest.approx(0.000371994370599923, rel=1e-12)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.44185, 0.2072, 0.6583))
    narrower = wilcoxon_signed_rank(q, level=0.9)
    assert (narrower.lower, narrower.upper) == pytest.approx((0.2479, 0.62335))
    assert narrower.level == 0.9


def test_three_hundred_pairs_are_exact_and_three_hundred_and_one_are_not():
    assert wilcoxon_signed_rank(range(1, 301)).is_exact
    assert not wilcoxon_signed_rank(range(1, 302)).is_exact
    # all positive: one of 2^n signs on each side
    assert wilcoxon_signed_rank(range(1, 301)).p == pytest.approx(2.0**-299, rel=1e-9)
    assert wilcoxon_signed_rank(range(1, 1001), exact=True).log_p == pytest.approx(
        -999 * math.log(2), rel=1e-12)


def test_log_p_stays_where_p_is_nought():
    # all n = 20000 positive: z = (n(n+1)/4 - .5)/sqrt(n(n+1)(2n+1)/24) = 122.47
    # R: pnorm(-z, log.p = TRUE) + log(2) is near -z^2/2 - log(z) - log(2*pi)/2 + log(2)
    n = 20_000
    found = wilcoxon_signed_rank(np.arange(1, n + 1))
    z = (n * (n + 1) / 4 - 0.5) / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    assert found.p == 0
    expected = -(z**2) / 2 - math.log(z) - math.log(2 * math.pi) / 2 + math.log(2) - 1 / z**2
    assert found.log_p == pytest.approx(expected, rel=1e-9)


def test_thirty_thousand_differences_need_no_table_of_pairs():
    rng = np.random.default_rng(5)
    found = wilcoxon_signed_rank(rng.normal(0.5, 1, 30_000))
    # 450 million Walsh averages; their median lies within 5 standard errors, sqrt(pi/3/n)
    assert found.estimate == pytest.approx(0.5, abs=5 * math.sqrt(math.pi / 3 / 30_000))
    assert found.upper - found.lower == pytest.approx(
        2 * z_of(0.95) * math.sqrt(math.pi / 3 / 30_000), rel=0.03)


@PROOF
@given(gaps, st.sampled_from(["pratt", "wilcoxon"]))
def test_exact_p_equals_every_sign(differences, zeros):
    found = wilcoxon_signed_rank(differences, zeros=zeros)
    assert found.p == pytest.approx(float(every_sign_p(differences, zeros)), rel=1e-12)
    ranks = signed_midranks(differences, zeros)
    assert found.statistic == float(sum(rank for rank in ranks if rank > 0))
    sizes = [abs(d) for d in differences if d]
    assert found.zeros == differences.count(0)
    assert found.tied == sum(sizes.count(size) > 1 for size in sizes)


@PROOF
@given(gaps, st.sampled_from(["pratt", "wilcoxon"]))
def test_ties_survive_decimals(differences, zeros):
    # 1.1 - 1.0 and 0.3 - 0.2 are not the same float, yet both are a tenth
    base = [0.2 + 0.1 * (place % 7) for place in range(len(differences))]
    moved = [start + 0.1 * d for start, d in zip(base, differences, strict=True)]
    found = wilcoxon_signed_rank(moved, base, zeros=zeros)
    assert found.p == pytest.approx(float(every_sign_p(differences, zeros)), rel=1e-12)


@PROOF
@given(gaps)
def test_estimate_is_the_median_of_all_walsh_averages(differences):
    averages = walsh_averages(differences)
    middle = len(averages) // 2
    expected = (averages[middle] + averages[-middle - 1]) / 2
    found = wilcoxon_signed_rank(differences)
    assert found.estimate == pytest.approx(expected)
    if not math.isnan(found.lower):
        assert found.lower in averages
        assert found.lower <= found.estimate <= found.upper


@PROOF
@given(st.lists(st.integers(-500, 500), min_size=6, max_size=9, unique=True),
       st.sampled_from([0.8, 0.9, 0.95]))
def test_interval_holds_the_shifts_that_are_not_refuted(differences, level):
    averages = walsh_averages(differences)
    assume(len(set(averages)) == len(averages))  # no shift ties two sizes
    found = wilcoxon_signed_rank(differences, level=level)
    p_at = {
        edge: every_sign_p([Fraction(d) - Fraction(edge) for d in differences], "pratt")
        for edge in (found.lower - 0.125, found.lower + 0.125,
                     found.upper - 0.125, found.upper + 0.125)
    }
    below, inside_low, inside_high, above = p_at.values()
    assert min(inside_low, inside_high) > 1 - Fraction(str(level))
    assert max(below, above) <= 1 - Fraction(str(level))


def test_interval_keeps_its_level_with_ties_and_zeros():
    # every one of 3^7 samples of a symmetric law on -1, 0, 1 with chances 1/4, 1/2, 1/4
    covered = 0.0
    for sample in itertools.product((-1, 0, 1), repeat=7):
        chance = math.prod(0.5 if value == 0 else 0.25 for value in sample)
        if not any(sample):
            covered += chance  # refused: every difference is 0, and so would be the estimate
            continue
        found = wilcoxon_signed_rank(sample)
        covered += chance * (found.lower <= 0 <= found.upper)
    assert 0.95 <= covered <= 1


@PROOF
@given(gaps, st.randoms(use_true_random=False), st.booleans(),
       st.sampled_from(["pratt", "wilcoxon"]))
def test_order_direction_and_unit_do_not_matter(differences, random, exact, zeros):
    one = wilcoxon_signed_rank(differences, exact=exact, zeros=zeros)
    mixed = random.sample(differences, len(differences))
    scaled = wilcoxon_signed_rank([1000 * d for d in mixed], exact=exact, zeros=zeros)
    turned = wilcoxon_signed_rank([0] * len(mixed), mixed, exact=exact, zeros=zeros)
    for other, factor in ((scaled, 1000), (turned, -1)):
        assert other.p == pytest.approx(one.p, rel=1e-12)
        assert other.log_p == pytest.approx(one.log_p, rel=1e-9, abs=1e-12)
        assert other.estimate == pytest.approx(factor * one.estimate)
        edges = [factor * one.lower, factor * one.upper][::1 if factor > 0 else -1]
        assert [other.lower, other.upper] == pytest.approx(edges, nan_ok=True)


@PROOF
@given(st.lists(st.integers(-6, 6), min_size=10, max_size=40).filter(any),
       st.sampled_from([("pratt", "pratt"), ("wilcoxon", "wilcox")]), st.booleans())
def test_normal_approximation_agrees_with_scipy(differences, rules, correction):
    from scipy.stats import wilcoxon

    ours, theirs = rules
    expected = wilcoxon(differences, zero_method=theirs, correction=correction, method="approx")
    found = wilcoxon_signed_rank(differences, zeros=ours, exact=False, correction=correction)
    distance = abs(sum(signed_midranks(differences, ours))) / 2
    assume(distance >= 0.5)  # nearer, scipy's correction steps past the mean
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)


def test_what_small_numbers_cannot_give_is_said():
    found = wilcoxon_signed_rank([1, 2, 3, 4, 5])
    # P(T <= 0) = 1/32 > .025: the widest exact interval has 93.75 %
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    assert found.estimate == 3
    assert any("interval" in warning for warning in found.warnings)
    assert any("0.0625" in warning for warning in found.warnings)
    rows = {row.statistic: row for row in found.tidy()}
    assert rows["lower"].value is None
    assert rows["lower"].note
    assert rows["pairs"].value == 5
    reached = wilcoxon_signed_rank([1, 2, 3, 4, 5], level=0.9375)
    assert (reached.lower, reached.upper) == (1, 5)


def test_the_exact_test_is_possible_with_one_difference():
    found = wilcoxon_signed_rank([3])
    assert (found.p, found.estimate) == (1, 3)


BAD = {
    "no pairs": lambda: wilcoxon_signed_rank([], []),
    "all differences zero": lambda: wilcoxon_signed_rank([1, 2], [1, 2]),
    "zero but for rounding": lambda: wilcoxon_signed_rank([0.1 + 0.2, 1.0], [0.3, 1.0]),
    "NaN": lambda: wilcoxon_signed_rank([1, math.nan]),
    "infinity": lambda: wilcoxon_signed_rank([1, math.inf]),
    "different lengths": lambda: wilcoxon_signed_rank([1, 2], [1]),
    "a table": lambda: wilcoxon_signed_rank([[1, 2], [3, 4]]),
    "too large to square": lambda: wilcoxon_signed_rank([1, 1e200]),
    "unknown zero rule": lambda: wilcoxon_signed_rank([1, 2], zeros="zsplit"),
    "level of 95": lambda: wilcoxon_signed_rank([1, 2], level=95),
    "exact for too many": lambda: wilcoxon_signed_rank(range(1, 1002), exact=True),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
