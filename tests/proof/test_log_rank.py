"""Log-rank test: worked by hand, an exact loop, properties, R's numbers, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, log_rank, pairwise_log_rank
from remission.statistics.tails import log_chi_square_tail

from .oracles import (
    chi_square_tail,
    log_rank_parts,
    log_rank_statistic,
    records,
    reference,
    two_sided_normal,
)

PROOF = settings(max_examples=150, deadline=None, database=None)

# The eight subjects of the Kaplan-Meier case: tie of events at 2 (one in each group), lone
# censoring at 3, event tied with a censoring at 5, lone event at 7, lone censorings at 9 and 10.
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]
EVENTS = [1, 1, 0, 1, 0, 1, 0, 0]
GROUPS = ["A", "B", "A", "A", "B", "B", "A", "B"]


def cohorts(labels, entry=False):
    """Lists of (time, event, group, entry) with many ties."""
    start = st.integers(0, 3) if entry else st.just(0)
    subject = st.tuples(
        st.integers(1, 5), st.sampled_from([0, 1, 1]), st.sampled_from(labels), start
    )
    return st.lists(subject, min_size=3, max_size=12)


def test_two_groups_worked_by_hand():
    found = log_rank(Outcome(TIMES, EVENTS), GROUPS)
    # t   n  n_A  d   E_A = d n_A/n    V = d (n_A/n)(n_B/n)(n-d)/(n-1)
    # 2   8   4   2   1                2 * 1/2 * 1/2 * 6/7 = 3/7
    # 5   5   2   1   2/5              2/5 * 3/5 * 4/4     = 6/25
    # 7   3   1   1   1/3              1/3 * 2/3 * 2/2     = 2/9
    # sum         4   26/15            3/7 + 6/25 + 2/9    = 1403/1575
    assert list(found.groups) == ["A", "B"]
    assert list(found.observed) == [2, 2]
    assert list(found.expected) == pytest.approx([26 / 15, 4 - 26 / 15])
    # O - E = 2 - 26/15 = 4/15; chi-square = (16/225) / (1403/1575) = 112/1403 = .0798289
    assert found.statistic == pytest.approx(112 / 1403)
    assert found.df == 1
    assert found.n == 8
    # one degree of freedom: p = P(|Z| >= sqrt(.0798289) = .282540) = .777528
    assert found.p == pytest.approx(two_sided_normal(math.sqrt(112 / 1403)))
    assert found.p == pytest.approx(0.7775, abs=1e-4)


def test_three_groups_worked_by_hand():
    # A: events 1, 3   B: event 2, censored 3   C: event 4, censored 5
    found = log_rank(Outcome([1, 3, 2, 3, 4, 5], [1, 1, 1, 0, 1, 0]), list("AABBCC"))
    # t  n  A B C   E_A  E_B  E_C    V_AA    V_BB    V_AB
    # 1  6  2 2 2   1/3  1/3  1/3    2/9     2/9     -1/9
    # 2  5  1 2 2   1/5  2/5  2/5    4/25    6/25    -2/25
    # 3  4  1 1 2   1/4  1/4  1/2    3/16    3/16    -1/16
    # 4  2  0 0 2   0    0    1      0       0       0
    expected = [1 / 3 + 1 / 5 + 1 / 4, 1 / 3 + 2 / 5 + 1 / 4, 1 / 3 + 2 / 5 + 1 / 2 + 1]
    assert list(found.observed) == [2, 1, 1]
    assert list(found.expected) == pytest.approx(expected)  # 47/60, 59/60, 67/30
    # V_AA = 2051/3600, V_BB = 2339/3600, V_AB = -913/3600; O-E: A 73/60, B 1/60
    # x'V^-1 x = (V_BB a^2 - 2 V_AB a b + V_AA b^2) / (V_AA V_BB - V_AB^2)
    aa, bb, ab, a, b = 2051 / 3600, 2339 / 3600, -913 / 3600, 73 / 60, 1 / 60
    assert aa == pytest.approx(2 / 9 + 4 / 25 + 3 / 16)
    assert bb == pytest.approx(2 / 9 + 6 / 25 + 3 / 16)
    assert ab == pytest.approx(-1 / 9 - 2 / 25 - 1 / 16)
    statistic = (bb * a * a - 2 * ab * a * b + aa * b * b) / (aa * bb - ab * ab)
    # over 3600^2: 2339*73^2 + 2*913*73 + 2051 = 12599880; 2051*2339 - 913^2 = 3963720
    assert statistic == pytest.approx(12599880 / 3963720)  # 3.178802
    assert found.statistic == pytest.approx(statistic)
    assert found.df == 2
    assert found.p == pytest.approx(math.exp(-statistic / 2))  # two degrees of freedom


def test_groups_that_never_meet_are_compared_within_their_own_time():
    # A and B are gone before C and D come under observation: two comparisons side by side.
    # t    at risk     d   E          V
    # 1    A, B        A   A 1/2      1/4
    # 2    B           B   B 1        0
    # 11   C, D        C   C 1/2      1/4
    # 12   D           D   D 1        0
    # A: O - E = 1/2, chi-square (1/4)/(1/4) = 1; the same for C; together 2 with 1 + 1 df, and
    # p = exp(-2/2).
    found = log_rank(Outcome([1, 2, 11, 12], [1, 1, 1, 1], [0, 0, 10, 10]), list("ABCD"))
    assert found.statistic == pytest.approx(2.0)
    assert found.df == 2
    assert found.p == pytest.approx(math.exp(-1))


def test_delayed_entry_worked_by_hand():
    # (entry, time, event): A (0,2,1) (1,4,1); B (0,3,1) (2,5,0); at risk when entry < t <= time
    outcome = Outcome([2, 4, 3, 5], [1, 1, 1, 0], entry=[0, 1, 0, 2])
    found = log_rank(outcome, ["A", "A", "B", "B"])
    # t=2: A 2, B 1 (the second B enters at 2)  E_A = 2/3  V = 2/9
    # t=3: A 1, B 2                             E_A = 1/3  V = 2/9
    # t=4: A 1, B 1                             E_A = 1/2  V = 1/4
    # E_A = 3/2, O_A = 2, V = 25/36, chi-square = (1/4)/(25/36) = 9/25
    assert list(found.expected) == pytest.approx([3 / 2, 3 / 2])
    assert found.statistic == pytest.approx(9 / 25)
    assert found.p == pytest.approx(two_sided_normal(3 / 5))  # .5485


def compare_with_loop(cohort, entry):
    times = [start + stay for stay, _, _, start in cohort]
    events = [event for _, event, _, _ in cohort]
    groups = [group for _, _, group, _ in cohort]
    starts = [start for *_, start in cohort] if entry else None
    labels, observed, expected, covariance = log_rank_parts(times, events, groups, starts)
    assume(len(labels) > 1)
    statistic = log_rank_statistic(observed, expected, covariance)
    assume(statistic is not None)  # a singular variance is no full-rank test: seen to elsewhere
    found = log_rank(Outcome(times, events, entry=starts), groups)
    assert list(found.groups) == labels
    assert list(found.observed) == observed
    assert list(found.expected) == pytest.approx([float(e) for e in expected])
    assert found.statistic == pytest.approx(float(statistic), rel=1e-9, abs=1e-12)
    assert found.df == len(labels) - 1
    assert found.p == pytest.approx(chi_square_tail(statistic, found.df), rel=1e-9)


@PROOF
@given(cohorts("AB"))
def test_two_groups_equal_the_exact_loop(cohort):
    compare_with_loop(cohort, entry=False)


@PROOF
@given(cohorts("ABC"))
def test_three_groups_equal_the_exact_loop(cohort):
    compare_with_loop(cohort, entry=False)


@PROOF
@given(cohorts("ABC", entry=True))
def test_delayed_entry_equals_the_exact_loop(cohort):
    compare_with_loop(cohort, entry=True)


def attempt(times, events, groups):
    """The result, or None where the package says there is none."""
    try:
        return log_rank(Outcome(times, events), groups)
    except NotEstimable as refusal:
        assert str(refusal).strip()
        return None


@PROOF
@given(cohorts("ABC"), st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7, 1e9]))
def test_order_unit_and_labels_do_not_matter(cohort, random, unit):
    times, events, groups, _ = (list(column) for column in zip(*cohort, strict=True))
    one = attempt(times, events, groups)
    names = dict(zip("ABC", random.sample(["x", "y", "z"], 3), strict=True))
    mixed = random.sample(cohort, len(cohort))
    other_times, other_events, other_groups, _ = zip(*mixed, strict=True)
    two = attempt(
        [t * unit for t in other_times], list(other_events), [names[g] for g in other_groups]
    )
    assert (one is None) == (two is None)
    if one is not None:
        assert two.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-12)
        assert (two.df, two.n) == (one.df, one.n)
        assert two.p == pytest.approx(one.p, rel=1e-9)
        place = list(two.groups).index
        for label, expected in zip(one.groups, one.expected, strict=True):
            assert two.expected[place(names[label])] == pytest.approx(expected)


@PROOF
@given(cohorts("ABC"))
def test_p_is_a_probability_and_expected_events_add_up(cohort):
    times, events, groups, _ = (list(column) for column in zip(*cohort, strict=True))
    found = attempt(times, events, groups)
    if found is not None:
        assert 0 <= found.p <= 1
        assert found.statistic >= 0
        assert np.sum(found.expected) == pytest.approx(sum(events))
        assert np.sum(found.observed) == sum(events)


R_CASES = [
    # where the numbers are, CSV, columns: group, time, event (1 = event)
    (("klein_bmt137", "logrank_dfs"), ("klein_bmt137", "bmt.csv"), "group", "t2", "d3"),
    (("aml", "logrank"), ("survival_pkg", "aml.csv"), "x", "time", "status"),
    (("veteran", "logrank"), ("survival_pkg", "veteran.csv"), "trt", "time", "status"),
    (("myeloid", "logrank_os"), ("survival_pkg", "myeloid.csv"), "trt", "futime", "death"),
]


@pytest.mark.parametrize(("keys", "path", "group", "time", "event"), R_CASES)
def test_log_rank_agrees_with_r(keys, path, group, time, event):
    expected = reference(*keys)
    rows = records(*path)
    outcome = Outcome([float(r[time]) for r in rows], [int(r[event]) for r in rows])
    found = log_rank(outcome, [r[group] for r in rows])
    assert found.statistic == pytest.approx(expected["chisq"], rel=1e-6)
    assert found.df == expected["df"]
    assert found.p == pytest.approx(expected["p"], rel=1e-6)
    assert found.n == len(rows)


BAD = {
    "one group": ([1, 2, 3], [1, 1, 0], ["A", "A", "A"]),
    "no event at all": ([1, 2, 3], [0, 0, 0], ["A", "B", "B"]),
    "one group gone before the first event": ([1, 2, 3], [0, 1, 1], ["A", "B", "B"]),
    "everybody dies on one day": ([1, 1, 1], [1, 1, 1], ["A", "B", "B"]),
    "fewer labels than subjects": ([1, 2, 3], [1, 1, 0], ["A", "B"]),
}


@pytest.mark.parametrize(("time", "event", "groups"), BAD.values(), ids=BAD.keys())
def test_a_comparison_that_cannot_be_had_is_refused(time, event, groups):
    with pytest.raises(NotEstimable) as refusal:
        log_rank(Outcome(time, event), groups)
    assert str(refusal.value).strip()


# ------------------------------------------------------------------------------------- weights


def weighted_loop(times, events, groups, weighting, *, strata=None, entries=None):
    """(O, E, score, covariance), exact but for the weights: the definition as a loop."""
    labels = sorted(set(groups))
    strata = strata or [0] * len(times)
    entries = entries or [-1] * len(times)
    k = len(labels)
    observed, expected, score = np.zeros(k), np.zeros(k), np.zeros(k)
    covariance = np.zeros((k, k))
    rows = list(zip(times, events, groups, strata, entries, strict=True))
    for stratum in sorted(set(strata)):
        mine = [row for row in rows if row[3] == stratum]
        before = modified = 1.0
        for now in sorted({t for t, e, *_ in mine if e}):
            at_risk = [row for row in mine if row[4] < now <= row[0]]
            n = len(at_risk)
            n_of = np.array([sum(row[2] == label for row in at_risk) for label in labels])
            dead = [row for row in at_risk if row[1] and row[0] == now]
            d = len(dead)
            d_of = np.array([sum(row[2] == label for row in dead) for label in labels])
            modified *= 1 - d / (n + 1)
            if weighting == "log-rank":
                w = 1.0
            elif weighting == "gehan":
                w = n
            elif weighting == "tarone-ware":
                w = math.sqrt(n)
            elif weighting == "peto":
                w = modified
            else:
                w = before ** weighting[1] * (1 - before) ** weighting[2]
            before *= 1 - d / n
            observed += d_of
            expected += d * n_of / n
            score += w * (d_of - d * n_of / n)
            if n > 1:
                share = n_of / n
                factor = w * w * d * (n - d) / (n - 1)
                covariance += factor * (np.diag(share) - np.outer(share, share))
    return observed, expected, score, covariance


WEIGHTINGS = ["log-rank", "gehan", "tarone-ware", "peto", ("fleming-harrington", 1, 0),
              ("fleming-harrington", 0, 1), ("fleming-harrington", 0.5, 2)]


def test_weights_worked_by_hand():
    # The two groups of the first case: d - E_A and V of each event time, pooled S just before
    # t   n  d  O_A - E_A            V       S(t-)    prod 1 - d/(n+1)
    # 2   8  2  1 - 1     =  0       3/7     1        7/9
    # 5   5  1  1 - 2/5   =  3/5     6/25    3/4      7/9 * 5/6  = 35/54
    # 7   3  1  0 - 1/3   = -1/3     2/9     3/5      35/54 * 3/4 = 35/72
    outcome = Outcome(TIMES, EVENTS)
    # Gehan, w = n: score 0 + 3 - 1 = 2; V 64*3/7 + 25*6/25 + 9*2/9 = 192/7 + 8 = 248/7
    found = log_rank(outcome, GROUPS, weights="gehan")
    assert list(found.score) == pytest.approx([2, -2])
    assert found.statistic == pytest.approx(4 / (248 / 7))
    # Tarone-Ware, w = sqrt n: V 8*3/7 + 5*6/25 + 3*2/9 = 24/7 + 6/5 + 2/3
    found = log_rank(outcome, GROUPS, weights="tarone-ware")
    score = 3 / 5 * math.sqrt(5) - math.sqrt(3) / 3
    assert found.statistic == pytest.approx(score**2 / (24 / 7 + 6 / 5 + 2 / 3))
    # Peto: score 3/5 * 35/54 - 35/216 = 7/18 - 35/216 = 49/216
    found = log_rank(outcome, GROUPS, weights="peto")
    variance = (7 / 9) ** 2 * 3 / 7 + (35 / 54) ** 2 * 6 / 25 + (35 / 72) ** 2 * 2 / 9
    assert found.score[0] == pytest.approx(49 / 216)
    assert found.statistic == pytest.approx((49 / 216) ** 2 / variance)
    # rho 1: score 3/5 * 3/4 - 1/3 * 3/5 = 1/4, V 3/7 + 9/16 * 6/25 + 9/25 * 2/9 = .6435714
    found = log_rank(outcome, GROUPS, weights=("fleming-harrington", 1, 0))
    assert found.score[0] == pytest.approx(1 / 4)
    assert found.covariance[0, 0] == pytest.approx(3 / 7 + 27 / 200 + 2 / 25)
    # R 4, survival 3.5-3: survdiff(Surv(t, e) ~ g, rho = 1): chisq 0.09711431743, var 0.64357142857
    assert found.statistic == pytest.approx(0.09711431743, rel=1e-9)
    # gamma 1, w = 1 - S(t-): 0, 1/4, 2/5: score 3/20 - 2/15 = 1/60, V 6/400 + 4/25 * 2/9
    found = log_rank(outcome, GROUPS, weights=("fleming-harrington", 0, 1))
    assert found.statistic == pytest.approx((1 / 60) ** 2 / (6 / 400 + 8 / 225))
    # observed and expected stay events whatever the weights
    assert list(found.observed) == [2, 2]
    assert found.expected[0] == pytest.approx(26 / 15)


@settings(max_examples=100, deadline=None, database=None)
@given(cohorts("ABC", entry=True), st.sampled_from(WEIGHTINGS), st.booleans())
def test_weights_and_strata_equal_the_loop(cohort, weighting, stratified):
    times = [start + stay for stay, _, _, start in cohort]
    events = [event for _, event, _, _ in cohort]
    groups = [group for _, _, group, _ in cohort]
    entries = [start for *_, start in cohort]
    strata = [i % 2 for i in range(len(cohort))] if stratified else None
    assume(len(set(groups)) > 1)
    observed, expected, score, covariance = weighted_loop(
        times, events, groups, weighting, strata=strata, entries=entries)
    try:
        found = log_rank(Outcome(times, events, entry=entries), groups, weights=weighting,
                         strata=strata)
    except NotEstimable:
        assert np.linalg.eigvalsh(covariance)[-1] < 1e-9 or not sum(events)
        return
    np.testing.assert_allclose(found.observed, observed)
    np.testing.assert_allclose(found.expected, expected, atol=1e-12)
    np.testing.assert_allclose(found.score, score, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9, atol=1e-10)
    assert found.df == np.linalg.matrix_rank(covariance, tol=1e-9 * np.trace(covariance))
    inverse = np.linalg.pinv(covariance, rcond=1e-9, hermitian=True)
    assert found.statistic == pytest.approx(score @ inverse @ score, rel=1e-6, abs=1e-9)


SURVDIFF = [
    # path, group, time, event, strata, rho: chisq, log p (pchisq(, log.p = TRUE)), obs - exp, var
    # of the first group, all from survdiff of R 4, survival 3.5-3
    (("klein_bmt137", "bmt.csv"), ("group", "t2", "d3"), None, 1,
     15.67247131, -7.836235653, 16.62074435 - 15.68546071, 8.584849756),
    (("klein_bmt137", "bmt.csv"), ("group", "t2", "d3"), None, 0.5,
     15.08606096, -7.543030482, 19.84824413 - 18.37521334, 11.376063019),
    (("survival_pkg", "aml.csv"), ("x", "time", "status"), None, 1,
     2.779279545, -2.348722068, 3.845410628 - 6.142857143, 1.899147028),
    (("survival_pkg", "veteran.csv"), ("celltype", "time", "status"), None, 0,
     25.40370035, -11.27292799, None, None),
    (("survival_pkg", "veteran.csv"), ("celltype", "time", "status"), None, 1,
     19.70962246, -8.542708, None, None),
    (("survival_pkg", "veteran.csv"), ("trt", "time", "status"), "celltype", 0,
     0.7017433468, -0.910809472,
     64 - (10.14070045 + 16.531473771 + 32.31075955 + 9.224619213), 25.22788728),
    (("survival_pkg", "veteran.csv"), ("trt", "time", "status"), "celltype", 1,
     1.00967958, -1.15524736, 4.432098765 + 6.432098765 + 14.18653549 + 7.774124199
     - (4.958847737 + 8.740740741 + 16.19695216 + 6.214046227), 10.69252017),
]


@pytest.mark.parametrize("case", SURVDIFF)
def test_weighted_and_stratified_tests_agree_with_r(case):
    path, (group, time, event), strata, rho, chisq, log_p, excess, variance = case
    rows = records(*path)
    outcome = Outcome([float(r[time]) for r in rows], [int(r[event]) for r in rows])
    found = log_rank(outcome, [r[group] for r in rows], weights=("fleming-harrington", rho, 0),
                     strata=None if strata is None else [r[strata] for r in rows])
    assert found.statistic == pytest.approx(chisq, rel=1e-8)
    assert found.log_p == pytest.approx(log_p, rel=1e-8)
    assert found.p == pytest.approx(math.exp(log_p), rel=1e-7)
    if excess is not None:
        assert found.score[0] == pytest.approx(excess, rel=1e-7)
        assert found.covariance[0, 0] == pytest.approx(variance, rel=1e-8)


def test_children_by_cell_dose_agree_with_r():
    # survdiff(Surv(survival_time, survival_status) ~ CD34 > 10)
    expected = reference("uci187", "logrank_cd34_10")
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    outcome = Outcome([float(r["survival_time"]) for r in rows],
                      [int(float(r["survival_status"])) for r in rows])
    found = log_rank(outcome, [float(r["CD34kgx10d6"]) > 10 for r in rows])
    assert found.statistic == pytest.approx(expected["chisq"], rel=1e-8)
    assert found.p == pytest.approx(expected["p"], rel=1e-7)


# -------------------------------------------------------------------------------------- strata


def test_two_strata_worked_by_hand():
    # stratum x: A dies at 1, B at 2, A and B censored at 3   stratum y: B dies at 1, A at 2
    # x t=1: n 4, n_A 2: E 1/2, V 1/4      y t=1: n 2, n_A 1: E 1/2, V 1/4
    #   t=2: n 3, n_A 1: E 1/3, V 2/9        t=2: n 1, n_A 1: E 1,   V 0
    # O_A = 2, E_A = 7/3, V = 13/18, chi-square = (1/9)/(13/18) = 2/13
    found = log_rank(Outcome([1, 2, 3, 3, 1, 2], [1, 1, 0, 0, 1, 1]), list("ABABBA"),
                     strata=list("xxxxyy"))
    assert found.expected[0] == pytest.approx(7 / 3)
    assert found.statistic == pytest.approx(2 / 13)
    assert found.method == "log-rank, stratified"


@PROOF
@given(cohorts("AB"))
def test_one_stratum_is_none_and_a_doubled_cohort_in_two_strata_doubles_the_statistic(cohort):
    times, events, groups, _ = (list(column) for column in zip(*cohort, strict=True))
    one = attempt(times, events, groups)
    if one is None:
        return
    same = log_rank(Outcome(times, events), groups, strata=["s"] * len(times))
    assert (same.statistic, same.df) == (one.statistic, one.df)
    twice = log_rank(Outcome(times * 2, events * 2), groups * 2,
                     strata=[0] * len(times) + [1] * len(times))
    assert twice.statistic == pytest.approx(2 * one.statistic, abs=1e-12)


# --------------------------------------------------------------------------------------- trend


def test_trend_worked_by_hand():
    # The three groups of the case above, scores 0, 1, 2: with a = O - E of A, B, C
    # 73/60, 1/60, -74/60: sum of score * (O - E) = (1 - 148)/60 = -147/60
    # var = V_BB + 4 V_CC + 4 V_BC; rows sum to 0: V_BC = -V_AB - V_BB = (913 - 2339)/3600
    # = -1426/3600, V_AC = (913 - 2051)/3600 = -1138/3600, V_CC = (1138 + 1426)/3600 = 2564/3600
    # (2339 + 4 * 2564 - 4 * 1426)/3600 = 6891/3600; chi-square = (147/60)^2 / (6891/3600)
    outcome = Outcome([1, 3, 2, 3, 4, 5], [1, 1, 1, 0, 1, 0])
    found = log_rank(outcome, list("AABBCC"), trend={"A": 0, "B": 1, "C": 2})
    assert found.statistic == pytest.approx(147**2 / 6891)
    assert found.df == 1
    assert found.method == "log-rank, for trend"
    # another zero and unit of the scores change nothing
    other = log_rank(outcome, list("AABBCC"), trend={"A": 5, "B": 3, "C": 1})
    assert other.statistic == pytest.approx(found.statistic)


CELLS = {"squamous": 1, "large": 2, "adeno": 3, "smallcell": 4}


@pytest.mark.parametrize(("strata", "score"), [
    # coxph(Surv(time, status) ~ s, veteran, ties = "exact")$score, s the place of the cell type;
    # the score test of the exact partial likelihood is the hypergeometric log-rank test
    (None, 20.67648033),
    ("trt", 18.96732587),  # ... + strata(trt)
])
def test_trend_agrees_with_the_score_test_of_r(strata, score):
    rows = records("survival_pkg", "veteran.csv")
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["status"]) for r in rows])
    found = log_rank(outcome, [r["celltype"] for r in rows], trend=CELLS,
                     strata=strata and [r[strata] for r in rows])
    assert found.statistic == pytest.approx(score, rel=1e-8)


def test_trend_of_klein_agrees_with_the_score_test_of_r():
    # coxph(Surv(t2, d3) ~ group, bmt, ties = "exact")$score
    rows = records("klein_bmt137", "bmt.csv")
    outcome = Outcome([float(r["t2"]) for r in rows], [int(r["d3"]) for r in rows])
    found = log_rank(outcome, [int(r["group"]) for r in rows], trend={1: 1, 2: 2, 3: 3})
    assert found.statistic == pytest.approx(2.661030062, rel=1e-8)


# -------------------------------------------------------------------------- rows with an entry


@pytest.mark.parametrize(("strata", "score"), [
    # coxph(Surv(start, stop, event) ~ transplant, heart, ties = "exact")$score
    (None, 0.1750858397),
    ("surgery", 0.2279439353),  # ... + strata(surgery)
])
def test_a_group_that_changes_agrees_with_the_score_test_of_r(strata, score):
    rows = records("survival_pkg", "heart.csv")
    outcome = Outcome([float(r["stop"]) for r in rows], [int(r["event"]) for r in rows],
                      entry=[float(r["start"]) for r in rows])
    found = log_rank(outcome, [r["transplant"] for r in rows],
                     strata=strata and [r[strata] for r in rows])
    assert found.statistic == pytest.approx(score, rel=1e-8)


@PROOF
@given(cohorts("AB"), st.sampled_from([1, 2, 2.5]), st.sampled_from(WEIGHTINGS))
def test_splitting_follow_up_changes_nothing(cohort, cut, weighting):
    times, events, groups, _ = (np.array(column) for column in zip(*cohort, strict=True))
    long = times > cut
    stop = np.concatenate([np.where(long, cut, times), times[long]])
    event = np.concatenate([np.where(long, 0, events), events[long]])
    entry = np.concatenate([np.zeros(len(times)), np.full(long.sum(), cut)])
    try:
        one = log_rank(Outcome(times, events), groups, weights=weighting)
    except NotEstimable:
        return
    two = log_rank(Outcome(stop, event, entry=entry), np.concatenate([groups, groups[long]]),
                   weights=weighting)
    assert two.statistic == pytest.approx(one.statistic, rel=1e-12, abs=1e-15)
    np.testing.assert_array_equal(one.observed, two.observed)
    np.testing.assert_allclose(one.expected, two.expected, rtol=1e-12)


# ------------------------------------------------------------------ small p, pairs, other packages


def test_log_p_where_p_underflows():
    # A dies on days 1..400, B on days 1001..1400: chi-square far beyond double p
    times = [*range(1, 401), *range(1001, 1401)] * 4
    groups = (["A"] * 400 + ["B"] * 400) * 4
    found = log_rank(Outcome(times, [1] * len(times)), groups)
    assert found.statistic > 1500
    assert found.p == 0
    # Mills: P(|Z| > z) = 2 phi(z)/z (1 - 1/z^2 + 3/z^4 - ...), z^2 the statistic
    z = math.sqrt(found.statistic)
    series = 1 - 1 / z**2 + 3 / z**4 - 15 / z**6
    expected = -z * z / 2 + math.log(2 / (z * math.sqrt(2 * math.pi)) * series)
    assert found.log_p == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("statistic", "df", "expected"), [
    # pchisq(statistic, df, lower.tail = FALSE, log.p = TRUE)
    (3.84, 1, -2.99486222718), (2000, 1, -1004.02674196), (2000, 4, -993.091245221),
    (2000, 7, -983.929084782), (1e-3, 3, -8.4079544048e-06), (0, 2, 0), (40, 6, -14.6018372985),
])
def test_log_of_the_chi_square_tail_agrees_with_r(statistic, df, expected):
    assert log_chi_square_tail(statistic, df) == pytest.approx(expected, rel=1e-10)


def test_pairs_are_the_tests_of_two_groups_alone():
    rows = records("klein_bmt137", "bmt.csv")
    times, events = [float(r["t2"]) for r in rows], [int(r["d3"]) for r in rows]
    groups = [int(r["group"]) for r in rows]
    found = pairwise_log_rank(Outcome(times, events), groups, weights="tarone-ware")
    assert [(pair.first, pair.second) for pair in found.pairs] == [(1, 2), (1, 3), (2, 3)]
    for pair, p in zip(found.pairs, found.p, strict=True):
        mine = [i for i, g in enumerate(groups) if g in (pair.first, pair.second)]
        alone = log_rank(Outcome([times[i] for i in mine], [events[i] for i in mine]),
                         [groups[i] for i in mine], weights="tarone-ware")
        assert (pair.test.statistic, p) == (alone.statistic, alone.p)
    assert [row.level for row in found.tidy() if row.statistic == "p"] == ["2", "3", "3"]


def test_a_pair_without_events_says_why():
    found = pairwise_log_rank(Outcome([1, 2, 3, 4], [1, 0, 0, 0]), list("ABCC"))
    assert [pair.test is None for pair in found.pairs] == [False, False, True]
    assert found.pairs[2].note == "There are no events."
    assert math.isnan(found.p[2])


def test_groups_agree_with_lifelines():
    statistics = pytest.importorskip("lifelines.statistics", reason="make test installs it")
    rows = records("klein_bmt137", "bmt.csv")
    times, events = np.array([float(r["t2"]) for r in rows]), np.array([int(r["d3"]) for r in rows])
    groups = np.array([int(r["group"]) for r in rows])
    for mine, theirs in (
        ("log-rank", {}), ("gehan", {"weightings": "wilcoxon"}), ("peto", {"weightings": "peto"}),
        ("tarone-ware", {"weightings": "tarone-ware"}),
        (("fleming-harrington", 0.5, 1.5),
         {"weightings": "fleming-harrington", "p": 0.5, "q": 1.5}),
    ):
        found = log_rank(Outcome(times, events), groups, weights=mine)
        peer = statistics.multivariate_logrank_test(times, groups, events, **theirs)
        assert found.statistic == pytest.approx(peer.test_statistic, rel=1e-8), mine
        assert found.p == pytest.approx(peer.p_value, rel=1e-8)


def test_groups_agree_with_scikit_survival():
    compare = pytest.importorskip("sksurv.compare", reason="make test installs it")
    rows = records("survival_pkg", "veteran.csv")
    y = np.array([(r["status"] == "1", float(r["time"])) for r in rows],
                 dtype=[("event", bool), ("time", float)])
    cells = np.array([r["celltype"] for r in rows])
    statistic, p = compare.compare_survival(y, cells)
    found = log_rank(Outcome(y["time"], y["event"]), cells)
    assert (found.statistic, found.p) == pytest.approx((statistic, p), rel=1e-9)


def test_labels_of_any_kind():
    outcome = Outcome(TIMES, EVENTS)
    expected = log_rank(outcome, GROUPS)
    for names in ((True, False), (-3, 12), (0.5, 1.5), (100, 10**15), ("é", "z")):
        found = log_rank(outcome, [names[group == "B"] for group in GROUPS])
        assert found.statistic == pytest.approx(expected.statistic)
        assert set(found.groups) == set(names)
    signed = log_rank(outcome, np.array([-100 if g == "A" else 100 for g in GROUPS], np.int8))
    assert signed.groups == (-100, 100)


def test_rows_of_a_test():
    found = log_rank(Outcome(TIMES, EVENTS), GROUPS)
    rows = {(row.statistic, row.group): row.value for row in found.tidy()}
    assert rows["statistic", ""] == pytest.approx(112 / 1403)
    assert rows["observed", "A"] == 2
    assert rows["events", ""] == found.events == 4
    assert rows["log_p", ""] == pytest.approx(math.log(found.p))
    assert found.conventions
    assert found.method == "log-rank"


@pytest.mark.parametrize("options", [
    {"weights": "wilcoxon"}, {"weights": ("fleming-harrington", -1, 0)},
    {"weights": ("fleming-harrington", math.nan, 0)}, {"weights": ("fleming-harrington", 1)},
    {"strata": ["x"] * 7}, {"strata": [None] + ["x"] * 7}, {"strata": list(range(8))},
    {"trend": {"A": 1}}, {"trend": {"A": 1, "B": 1}}, {"trend": {"A": 1, "B": math.inf}},
    {"weights": ("fleming-harrington", 0, 1), "strata": list("xxyyxyxy"), "trend": {}},
])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(NotEstimable) as refusal:
        log_rank(Outcome(TIMES, EVENTS), GROUPS, **options)
    assert str(refusal.value).strip()


@pytest.mark.parametrize("groups", [["A", None, "B"], [1.0, math.nan, 2.0], [["A"], ["B"], ["B"]]])
def test_labels_that_are_missing_are_refused(groups):
    for test in (log_rank, pairwise_log_rank):
        with pytest.raises(NotEstimable) as refusal:
            test(Outcome([1, 2, 3], [1, 1, 0]), groups)
        assert str(refusal.value).strip()


def test_many_groups_and_days_counted_in_stretches():
    # 130 groups no longer fit a byte; the score of each must be that of the loop's definition
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(130), 3)
    times, events = random.integers(1, 9, 390), random.integers(0, 2, 390)
    observed, expected, *_ = weighted_loop(
        times.tolist(), events.tolist(), groups.tolist(), "log-rank")
    for unit in (1, 0.37):
        found = log_rank(Outcome(times * unit, events), groups)
        np.testing.assert_array_equal(found.observed, observed)
        np.testing.assert_allclose(found.expected, expected)
    # 65,536 subjects are counted at once: 70,000 are 70 times 1,000, whose statistic is 70-fold
    # but for n - 1 in the variance
    one = np.random.default_rng(6).integers(1, 400, 1000)
    hit = one % 3 > 0
    found = log_rank(Outcome(np.tile(one, 70), np.tile(hit, 70)), np.tile(one % 2, 70))
    alone = log_rank(Outcome(one, hit), one % 2)
    np.testing.assert_allclose(found.expected, 70 * alone.expected)
    np.testing.assert_array_equal(found.observed, 70 * alone.observed)


def test_small_weights_are_no_lack_of_information():
    # six events among 200: (1 - S)^8 stays below (5/200)^8 = 1.5e-13, the variance near 1e-26
    times, events = list(range(1, 201)), [1] * 6 + [0] * 194
    groups = ["A", "A", "B", "A", "A", "A"] + ["A", "B"] * 97
    weighting = ("fleming-harrington", 0, 8)
    *_, score, covariance = weighted_loop(times, events, groups, weighting)
    assert covariance[0, 0] < 1e-25
    found = log_rank(Outcome(times, events), groups, weights=weighting)
    assert found.statistic == pytest.approx(score[0] ** 2 / covariance[0, 0], rel=1e-6)
