"""Odds ratios and Mantel-Haenszel: by hand, against R and statsmodels, properties, bad input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import mantel_haenszel, odds_ratio

from .oracles import records, z_of

PROOF = settings(max_examples=80, deadline=None, database=None)

tables = st.lists(st.lists(st.integers(0, 20), min_size=2, max_size=2), min_size=2, max_size=2)


def has_margins(table):
    (a, b), (c, d) = table
    return all((a + b, c + d, a + c, b + d))


def turned(table):
    return [list(column) for column in zip(*table, strict=True)]


# -------------------------------------------------------------------------------- worked by hand


def test_conditional_odds_ratio_worked_by_hand():
    # margins 2, 2 / 2, 2: the first cell is 0, 1 or 2 in 1, 4 and 1 ways, weighed by 1, t, t^2.
    # Observed 1: the mean is 1 at t = 1 (symmetry). P(>= 1) = u/(1 + u) = 1/40 with u = 4t + t^2:
    # u = 1/39, t = sqrt(4 + 1/39) - 2; the upper bound mirrors it
    found = odds_ratio([[1, 1], [1, 1]])
    lower = math.sqrt(4 + 1 / 39) - 2
    assert (found.estimate, found.lower, found.upper) == pytest.approx((1, lower, 1 / lower))
    assert (found.n, found.events, found.measure) == (4, 2, "odds ratio")


def test_an_infinite_odds_ratio_worked_by_hand():
    # [[1, 0], [0, 1]]: the first cell is 0 or 1, one way each; P(1) = t/(1 + t) = 1/40: t = 1/39
    found = odds_ratio([[1, 0], [0, 1]])
    assert (found.estimate, found.upper) == (math.inf, math.inf)
    assert found.lower == pytest.approx(1 / 39)
    found = odds_ratio([[0, 1], [1, 0]])
    assert (found.estimate, found.lower) == (0, 0)
    assert found.upper == pytest.approx(39)


def test_wald_odds_ratio_worked_by_hand():
    # [[4, 4], [2, 4]]: 16/8 = 2; 1/4 + 1/4 + 1/2 + 1/4 = 5/4
    found = odds_ratio([[4, 4], [2, 4]], interval="wald")
    half = z_of(0.95) * math.sqrt(5 / 4)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (2, 2 * math.exp(-half), 2 * math.exp(half)))


def test_half_added_to_every_cell_worked_by_hand():
    # [[2, 0], [1, 1]] becomes 2.5, .5 / 1.5, 1.5: 3.75/.75 = 5; .4 + 2 + 2/3 + 2/3 = 56/15
    found = odds_ratio([[2, 0], [1, 1]], interval="wald", haldane_anscombe=True)
    half = z_of(0.95) * math.sqrt(56 / 15)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (5, 5 * math.exp(-half), 5 * math.exp(half)))
    assert "½ added to every cell" in found.conventions


def test_mantel_haenszel_worked_by_hand():
    # strata 2, 1 / 1, 2 (n 6) and 1, 2 / 1, 1 (n 5)
    # R = ad/n: 4/6, 1/5, sum 13/15; S = bc/n: 1/6, 2/5, sum 17/30; odds ratio 26/17
    # P = (a + d)/n: 4/6, 2/5; Q: 2/6, 3/5
    # sum PR = 4/9 + 2/25; sum PS + QR = 1/9 + 4/25 + 2/9 + 3/25; sum QS = 1/18 + 6/25
    r, s = Fraction(13, 15), Fraction(17, 30)
    variance = (
        (Fraction(4, 9) + Fraction(2, 25)) / (2 * r**2)
        + (Fraction(3, 9) + Fraction(7, 25)) / (2 * r * s)
        + (Fraction(1, 18) + Fraction(6, 25)) / (2 * s**2)
    )
    found = mantel_haenszel([[[2, 1], [1, 2]], [[1, 2], [1, 1]]])
    assert found.odds_ratio.estimate == pytest.approx(26 / 17)
    half = z_of(0.95) * math.sqrt(variance)  # sqrt 1.433754
    assert found.odds_ratio.lower == pytest.approx(26 / 17 * math.exp(-half))
    assert found.odds_ratio.upper == pytest.approx(26 / 17 * math.exp(half))
    # a: 2 + 1; E: 3*3/6 + 3*2/5 = 2.7; V: 81/(36*5) + 36/(25*4) = .45 + .36: .09/.81 = 1/9
    assert (found.test.statistic, found.test.df) == (pytest.approx(1 / 9), 1)
    assert (found.n, found.events, found.strata) == (11, 5, 2)
    # with correction the distance .3 becomes 0
    corrected = mantel_haenszel([[[2, 1], [1, 2]], [[1, 2], [1, 1]]], correction=True)
    assert (corrected.test.statistic, corrected.test.p) == (0, 1)


# ------------------------------------------------------------------------------------ R's values

# R: w <- dhyper(s, m, n, k) exp(s t) over s = max(0, k - n):min(k, m), normalised; uniroot(tol =
# 1e-15) over t of mean - a, P(>= a) - .025 and P(<= a) - .025. fisher.test solves the same
# equations to four or five digits: 6.408309 (0.2117329 621.9338) for the first
CONDITIONAL = [
    ([[3, 1], [1, 3]], 6.408319658199668, 0.211735595446579, 626.243530588813883),
    ([[8, 34], [7, 2]], 0.07228467640407511, 0.00621110773800882, 0.47016028291650108),
    ([[1, 71], [8, 41]], 0.07359111043666061, 0.00160482719788435, 0.58114595170518146),
    ([[0, 10], [5, 5]], 0, 0, 0.836521793917736),
    ([[10, 0], [5, 5]], math.inf, 1.19542611713275, math.inf),
    ([[180, 20], [30, 170]], 50.1284430475819, 26.8701125147555, 97.9438423085128),
]


@pytest.mark.parametrize(("table", "estimate", "lower", "upper"), CONDITIONAL)
def test_conditional_odds_ratio_agrees_with_r(table, estimate, lower, upper):
    found = odds_ratio(table)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (estimate, lower, upper), rel=1e-10)


def test_level_is_honoured_and_agrees_with_r():
    # the same R function with .9 for .95
    found = odds_ratio([[8, 34], [7, 2]], level=0.9)
    assert (found.lower, found.upper) == pytest.approx((0.00924606679362103, 0.37309223306941502))


def relapse_by_risk_and_source():
    """Risk group by relapse in strata of the stem-cell source, 187 children."""
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    cells = [(row["Stemcellsource"], row["Riskgroup"], row["Relapse"]) for row in rows]
    return [[[cells.count((source, risk, relapse)) for relapse in "01"] for risk in "01"]
            for source in "01"]


# R's UCBAdmissions: admitted and rejected by men and women in six departments
UCB = [[[512, 89], [313, 19]], [[353, 17], [207, 8]], [[120, 202], [205, 391]],
       [[138, 131], [279, 244]], [[53, 94], [138, 299]], [[22, 24], [351, 317]]]


def test_mantel_haenszel_of_187_children_agrees_with_r():
    strata = relapse_by_risk_and_source()
    # R: mantelhaen.test(table(d$Riskgroup, d$Relapse, d$Stemcellsource), correct = TRUE / FALSE)
    found = mantel_haenszel(strata, correction=True)
    assert found.odds_ratio.estimate == pytest.approx(2.6570216049382713, rel=1e-12)
    assert found.odds_ratio.lower == pytest.approx(1.1712619722244684, rel=1e-12)
    assert found.odds_ratio.upper == pytest.approx(6.0274848637839726, rel=1e-12)
    assert found.test.statistic == pytest.approx(4.7292880937710358, rel=1e-12)
    assert found.test.p == pytest.approx(0.0296531565423042, rel=1e-12)
    found = mantel_haenszel(strata)
    assert (found.test.statistic, found.test.p) == pytest.approx(
        (5.6937349839556175, 0.0170255803549551), rel=1e-12)
    # conf.level = .9
    found = mantel_haenszel(strata, level=0.9).odds_ratio
    assert (found.lower, found.upper) == pytest.approx((1.33612715827113, 5.28375144940819))


def test_mantel_haenszel_of_the_berkeley_admissions_agrees_with_r():
    # R: mantelhaen.test(UCBAdmissions)
    found = mantel_haenszel(UCB, correction=True)
    assert (found.test.statistic, found.test.p) == pytest.approx(
        (1.426946228586688, 0.232263462817048), rel=1e-12)
    ratio = found.odds_ratio
    assert (ratio.estimate, ratio.lower, ratio.upper) == pytest.approx(
        (0.904696828258623, 0.771907361759350, 1.060329764436656), rel=1e-12)


# ------------------------------------------------------------------------------------ statsmodels


@PROOF
@given(st.lists(st.lists(st.integers(1, 30), min_size=2, max_size=2), min_size=2, max_size=2))
def test_wald_agrees_with_statsmodels(table):
    from statsmodels.stats.contingency_tables import Table2x2

    peer = Table2x2(np.array(table), shift_zeros=False)
    found = odds_ratio(table, interval="wald", level=0.9)
    assert found.estimate == pytest.approx(peer.oddsratio)
    assert (found.lower, found.upper) == pytest.approx(peer.oddsratio_confint(alpha=0.1))


@PROOF
@given(st.lists(st.lists(st.lists(st.integers(1, 20), min_size=2, max_size=2), min_size=2,
                         max_size=2), min_size=1, max_size=5))
def test_mantel_haenszel_agrees_with_statsmodels(strata):
    from statsmodels.stats.contingency_tables import StratifiedTable

    peer = StratifiedTable([np.array(table, dtype=float) for table in strata])
    found = mantel_haenszel(strata)
    assert found.odds_ratio.estimate == pytest.approx(peer.oddsratio_pooled)
    assert (found.odds_ratio.lower, found.odds_ratio.upper) == pytest.approx(
        peer.oddsratio_pooled_confint(alpha=0.05))
    theirs = peer.test_null_odds(correction=False)
    assert found.test.statistic == pytest.approx(theirs.statistic, abs=1e-12)
    assert found.test.p == pytest.approx(theirs.pvalue, abs=1e-12)


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(tables, st.sampled_from([0.8, 0.95]))
def test_conditional_bounds_solve_their_equations(table, level):
    assume(has_margins(table))
    found = odds_ratio(table, level=level)
    assert 0 <= found.lower <= found.estimate <= found.upper
    (a, b), (c, d) = table
    m, k, n = a + b, a + c, a + b + c + d
    cells = range(max(0, m + k - n), min(m, k) + 1)
    for bound, is_tail in ((found.lower, lambda x: x >= a), (found.upper, lambda x: x <= a)):
        if 0 < bound < math.inf:
            ways = {x: Fraction(bound) ** x * math.comb(m, x) * math.comb(n - m, k - x)
                    for x in cells}
            share = sum(w for x, w in ways.items() if is_tail(x)) / sum(ways.values())
            assert float(share) == pytest.approx((1 - level) / 2, rel=1e-9)


@PROOF
@given(tables)
def test_changing_groups_inverts_the_odds_ratio(table):
    assume(has_margins(table))
    one, two = odds_ratio(table), odds_ratio(table[::-1])
    for ours, theirs in ((one.estimate, two.estimate), (one.lower, two.upper)):
        assert ours == pytest.approx(0 if math.isinf(theirs) else
                                     math.inf if theirs == 0 else 1 / theirs)
    assert odds_ratio(turned(table)).lower == pytest.approx(one.lower)


@PROOF
@given(st.lists(tables, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_of_strata_and_groups(strata, random):
    assume(any(has_margins(table) for table in strata))
    one = mantel_haenszel(strata)
    two = mantel_haenszel([table[::-1] for table in random.sample(strata, len(strata))])
    assert two.test.p == pytest.approx(one.test.p)
    if 0 < one.odds_ratio.estimate < math.inf:
        assert two.odds_ratio.estimate == pytest.approx(1 / one.odds_ratio.estimate)
        assert two.odds_ratio.lower == pytest.approx(1 / one.odds_ratio.upper)
    else:
        assert any("no interval" in warning for warning in one.warnings)


def test_one_stratum_is_its_own_odds_ratio():
    # one stratum: ad/bc = 18 * 14/(12 * 6) = 3.5, and chi-square times (n - 1)/n: 225/52 * 49/50
    found = mantel_haenszel([[[18, 12], [6, 14]]])
    assert found.odds_ratio.estimate == pytest.approx(3.5)
    assert found.test.statistic == pytest.approx(225 / 52 * 49 / 50)


def test_strata_that_tell_nothing_are_left_out_and_said():
    empty = [[[3, 4], [0, 0]], [[0, 0], [0, 1]]]
    found = mantel_haenszel([[[2, 1], [1, 2]], [[1, 2], [1, 1]], *empty])
    assert found.odds_ratio.estimate == pytest.approx(26 / 17)  # worked by hand above
    assert (found.strata, found.n) == (2, 11)
    assert found.warnings == ("2 strata with an empty row or column are left out",)
    rows = [row.statistic for row in found.tidy()]
    assert rows == ["n", "events", "estimate", "lower", "upper", "statistic", "df", "p", "log_p"]


def test_a_huge_table_has_an_odds_ratio():
    # 4 * 10^8/10^8: the conditional estimate nears the sample's, 4, as n grows
    found = odds_ratio([[20_000, 10_000], [10_000, 20_000]])
    assert found.estimate == pytest.approx(4, rel=1e-3)
    assert found.lower < 4 < found.upper
    wald = odds_ratio([[20_000, 10_000], [10_000, 20_000]], interval="wald")
    assert (found.lower, found.upper) == pytest.approx((wald.lower, wald.upper), rel=1e-3)


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("call", [
    lambda: odds_ratio([[3, 4], [0, 0]]),
    lambda: odds_ratio([[3, 0], [4, 0]]),
    lambda: odds_ratio([[3, 1, 2], [4, 1, 1]]),
    lambda: odds_ratio([[3, 1], [4, 0]], interval="wald"),
    lambda: odds_ratio([[3, 1], [4, 2]], haldane_anscombe=True),
    lambda: odds_ratio([[3, 1], [4, 2]], interval="mid-p"),
    lambda: odds_ratio([[3, 1], [4, 2]], level=95),
    lambda: odds_ratio([[3, 1.5], [4, 2]]),
    lambda: mantel_haenszel([[[3, 1], [0, 0]], [[0, 1], [0, 2]]]),
    lambda: mantel_haenszel([[3, 1], [4, 2]]),
    lambda: mantel_haenszel([[[3, -1], [4, 2]]]),
    lambda: mantel_haenszel([[[3, 1], [4]]]),
    lambda: mantel_haenszel([]),
])
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
