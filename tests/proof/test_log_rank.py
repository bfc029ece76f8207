"""Log-rank test: worked by hand, an exact loop, properties, R's numbers, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, log_rank

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
