"""The Hodges–Lehmann shift of two samples: by hand, every difference, R, properties."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import location_shift, mann_whitney
from remission.statistics.location import differences, self_sums

from .oracles import permutation_p, records, z_of

PROOF = settings(max_examples=100, deadline=None, database=None)

few = st.lists(st.integers(0, 6), min_size=1, max_size=9)


def test_shift_of_three_and_four_worked_by_hand():
    found = location_shift([3, 5, 8], [1, 2, 4, 6], level=0.9)
    # differences: 3: 2 1 -1 -3; 5: 4 3 1 -1; 8: 7 6 4 2
    # sorted -3 -1 -1 1 1 2 2 3 4 4 6 7: the sixth and the seventh are 2
    assert found.estimate == 2
    # C(7,3) = 35 choices: P(U <= 0) = 1/35 <= .05 < P(U <= 1) = 2/35: first from each end
    assert (found.lower, found.upper) == (-3, 7)
    # level .8: P(U <= 1) = 2/35 <= .1 < P(U <= 2) = 4/35: second from each end
    narrower = location_shift([3, 5, 8], [1, 2, 4, 6], level=0.8)
    assert (narrower.lower, narrower.upper, narrower.level) == (-1, 6, 0.8)
    assert (found.n, found.method) == (7, "Hodges–Lehmann, exact")


def test_a_level_out_of_reach_is_said():
    found = location_shift([3, 5, 8], [1, 2, 4, 6])
    # P(U <= 0) = 1/35 = .0286 > .025: the widest interval has 94.3 %
    assert found.estimate == 2
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    assert "0.95" in found.warnings[0]
    rows = {row.statistic: row for row in found.tidy()}
    assert rows["estimate"].value == 2
    assert rows["lower"].value is None
    assert rows["lower"].note == found.warnings[0]


def test_untied_samples_agree_with_r():
    # Hollander & Wolfe, permeability data; R 4.2.2: wilcox.test(a, b, conf.int = TRUE)
    # W = 35, p-value = 0.254412254412254, -0.15 to 0.76, difference in location 0.305;
    # exactRankTests::wilcox.exact gives the same; conf.level = .8: -0.05 to 0.7
    a = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    b = [1.15, 0.88, 0.90, 0.74, 1.21]
    found = location_shift(a, b)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.305, -0.15, 0.76))
    narrower = location_shift(a, b, level=0.8)
    assert (narrower.lower, narrower.upper) == pytest.approx((-0.05, 0.7))
    test = mann_whitney(a, b)
    assert (test.statistic, test.p) == (35, pytest.approx(0.254412254412254, rel=1e-12))


def test_tied_ages_of_forty_four_children_agree_with_r():
    # u <- read.csv("uci_bmt_children/bone_marrow_original.csv"), ages at transplant
    # x: first 24 alive, y: first 20 dead; coin: pvalue(wilcox_test(c(x, y) ~ group,
    # distribution = "exact")) 0.190742577428294; exactRankTests: wilcox.exact(x, y,
    # conf.int = TRUE): W = 184, the same p, -5.8 to 1.6, estimate -1.8
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    ages = {
        status: [float(r["Recipientage"]) for r in rows if r["survival_status"] == status]
        for status in "01"
    }
    x, y = ages["0"][:24], ages["1"][:20]
    test = mann_whitney(x, y)
    assert (test.statistic, test.p) == (184, pytest.approx(0.190742577428294, rel=1e-9))
    found = location_shift(x, y)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((-1.8, -5.8, 1.6))


def test_cd34_by_death_in_187_children_agrees_with_r():
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    dose = {
        status: [float(r["CD34kgx10d6"]) for r in rows if r["survival_status"] == status]
        for status in "01"
    }
    found = location_shift(dose["0"], dose["1"])
    # R: median(outer(x, y, "-")) = 2.695; wilcox.test(x, y, conf.int = TRUE, exact = FALSE)
    # searches a root with its continuity correction, to about .0001: 0.72005 to 4.72999, between
    # neighbouring differences of the same rank, which lie .01 apart here
    assert found.estimate == pytest.approx(2.695)
    assert found.lower == pytest.approx(0.72005, abs=0.015)
    assert found.upper == pytest.approx(4.72999, abs=0.015)
    # by the formula: 102*85/2 - 1.96*sqrt(102*85*188/12), rounded down
    ordered = sorted(a - b for a in dose["0"] for b in dose["1"])
    order = math.floor(102 * 85 / 2 - z_of(0.95) * math.sqrt(102 * 85 * 188 / 12))
    assert (found.lower, found.upper) == (ordered[order - 1], ordered[-order])


@PROOF
@given(few, few)
def test_estimate_is_the_median_of_all_differences(first, second):
    found = location_shift(first, second)
    every = sorted(a - b for a in first for b in second)
    assert found.estimate == np.median(every)
    if not math.isnan(found.lower):
        assert found.lower in every
        assert found.lower <= found.estimate <= found.upper


@PROOF
@given(st.lists(st.integers(-500, 500), min_size=8, max_size=9, unique=True),
       st.sampled_from([0.8, 0.9, 0.95]))
def test_interval_holds_the_shifts_that_are_not_refuted(pooled, level):
    first, second = pooled[:4], pooled[4:]
    found = location_shift(first, second, level=level)
    every = [a - b for a in first for b in second]
    assume(len(set(every)) == len(every))
    assume(found.lower < found.upper)

    def p_at(shift):
        return permutation_p([Fraction(a) - Fraction(shift) for a in first], second)

    alpha = 1 - Fraction(str(level))
    assert p_at(found.lower - 0.125) <= alpha < p_at(found.lower + 0.125)
    assert p_at(found.upper + 0.125) <= alpha < p_at(found.upper - 0.125)


def test_interval_keeps_its_level_with_ties():
    # every one of 3^8 pairs of samples of four from one law on 0, 1, 2 (chances .5, .3, .2)
    chance = {0: 0.5, 1: 0.3, 2: 0.2}
    covered = 0.0
    for counted in itertools.product(itertools.combinations_with_replacement(range(3), 4),
                                     repeat=2):
        found = location_shift(*counted)
        ways = math.prod(
            math.factorial(4) * math.prod(
                chance[v] ** group.count(v) / math.factorial(group.count(v)) for v in chance)
            for group in counted)
        covered += ways * (found.lower <= 0 <= found.upper)
    assert 0.95 <= covered <= 1


@PROOF
@given(few, few, st.randoms(use_true_random=False), st.booleans())
def test_order_direction_and_unit_do_not_matter(first, second, random, exact):
    one = location_shift(first, second, exact=exact, level=0.8)
    mixed = [random.sample(group, len(group)) for group in (first, second)]
    scaled = location_shift(*[[8 * v - 3 for v in group] for group in mixed], exact=exact,
                            level=0.8)
    turned = location_shift(second, first, exact=exact, level=0.8)
    assert [scaled.estimate, scaled.lower, scaled.upper] == pytest.approx(
        [8 * one.estimate, 8 * one.lower, 8 * one.upper], nan_ok=True)
    assert [turned.estimate, turned.lower, turned.upper] == pytest.approx(
        [-one.estimate, -one.upper, -one.lower], nan_ok=True)


@PROOF
@given(st.lists(st.integers(-30, 30), min_size=1, max_size=40),
       st.lists(st.integers(-30, 30), min_size=1, max_size=40), st.sampled_from([0.1, 1.0]),
       st.data())
def test_every_order_statistic_of_the_sums_is_found_by_counting(first, second, unit, data):
    x, y = unit * np.array(first), unit * np.array(second)
    upper = np.triu_indices(len(x))
    for sums, found in (
        (differences(x, y), np.subtract.outer(x, y).ravel()),
        (self_sums(x), np.add.outer(np.sort(x), np.sort(x))[upper]),
    ):
        every = np.sort(found)
        k = data.draw(st.integers(0, len(every) - 1))
        assert sums.size == len(every)
        assert sums.smallest(k) == every[k]
        assert sums.middle() == np.median(every)


BAD = {
    "an empty sample": lambda: location_shift([], [1]),
    "NaN": lambda: location_shift([1, math.nan], [1]),
    "too large": lambda: location_shift([1e300], [-1e300]),
    "level 1": lambda: location_shift([1, 2], [3], level=1),
    "exact for too many": lambda: location_shift(range(150), range(150), exact=True),
    "exact test for too many": lambda: mann_whitney(range(150), range(150), exact=True),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
