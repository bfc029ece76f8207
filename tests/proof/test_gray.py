"""Gray's test: worked by hand, cmprsk's numbers, properties, its level by simulation, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, gray_test, log_rank

from .oracles import chi_square_tail, records, reference

PROOF = settings(max_examples=100, deadline=None, database=None)

# Two of cause 1 tied at 2 (one in each group), a lone censoring at 3, cause 1 tied with a censoring
# at 5, a lone cause 2 at 6, a lone cause 1 at 8, a lone censoring at 9.
TIMES = [2, 2, 3, 5, 5, 6, 8, 9]
CAUSES = [1, 1, 0, 1, 0, 2, 1, 0]
GROUPS = ["A", "B", "A", "A", "B", "B", "B", "A"]

cohorts = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 2), st.sampled_from("ABC")),
    min_size=6, max_size=30)


def attempt(rows, **options):
    """The test, or a discarded example where there is none."""
    times, causes, groups = (list(column) for column in zip(*rows, strict=True))
    try:
        return gray_test(Outcome(times, causes), groups, **options)
    except NotEstimable:
        assume(False)


def test_gray_of_eight_subjects_worked_by_hand():
    found = gray_test(Outcome(TIMES, CAUSES), GROUPS)
    # S, F1: a group's event-free survival and incidence just before; h = n/S, R = n (1 - F1)/S
    # t  nA nB  SA   SB   F1A  F1B  hA   hB   RA  RB  d       expected A = d RA/(RA+RB)   F after
    # 2  4  4   1    1    0    0    4    4    4   4   2       1                           2/8 = 1/4
    # 5  2  3   3/4  3/4  1/4  1/4  8/3  4    2   3   1 (A)   2/5             1/4 + 1/(20/3) = 2/5
    # 6  1  2   3/8  3/4  5/8  1/4  (cause 2 in B)                                        2/5
    # 8  1  1   3/8  3/8  5/8  1/4  8/3  8/3  1   2   1 (B)   1/3          2/5 + 1/(16/3) = 47/80
    assert found.groups == ("A", "B")
    assert found.observed == pytest.approx([2, 2])
    assert found.expected == pytest.approx([1 + 2 / 5 + 1 / 3, 4 - 26 / 15])
    # a = hA (1 - hA/(hA+hB)): 2 at 2, 8/5 at 5, 4/3 at 8
    # C, running sum of a dF/(1-F before): 2*1/4 = 1/2, + 8/5*1/5 = 41/50, + 4/3*5/16 = 371/300
    # to come (C at the end - C): 221/300 at 2, 5/12 at 5 and 6, 0 at 8
    # r = 1 - (1-F)/S after: 0, 0 at 2; A 1-(3/5)/(3/8) = -3/5, B 1-(3/5)/(3/4) = 1/5 at 5
    # step of cause 1 moves the score by u = a + r * to come (B: the same with minus):
    #   2: 2, 2    5: A 8/5 - 3/5*5/12 = 27/20, B 8/5 + 1/5*5/12 = 101/60    8: 4/3, 4/3
    # with variance S d/((hA+hB) n), at 2 times 1 - 1/(8-1) = 6/7:
    #   2: 6/7 * 2/(8*4) = 3/56 each    5: A (3/4)/(20/3*2) = 9/160, B (3/4)/(20/3*3) = 3/80
    #   8: (3/8)/(16/3) = 9/128 each
    # cause 2 at 6 in B moves it by (1-F)/S * to come = (3/5)/(3/8) * 5/12 = 2/3, variance
    #   S^2/n^2 = (9/16)/4 = 9/64
    variance = (2 * 2**2 * 3 / 56 + (27 / 20) ** 2 * 9 / 160 + (101 / 60) ** 2 * 3 / 80
                + (2 / 3) ** 2 * 9 / 64 + 2 * (4 / 3) ** 2 * 9 / 128)
    assert variance == pytest.approx(0.94984747, abs=1e-8)
    assert found.covariance == pytest.approx(np.array([[variance, -variance]] * 2)
                                             * np.array([[1], [-1]]))
    # (4/15)^2 / .94984747 = .0748658; R 4.2.2, cmprsk 2.2-11:
    # cuminc(t, cause, group)$Tests: 0.07486582145, p 0.784379588
    assert found.statistic == pytest.approx((4 / 15) ** 2 / variance)
    assert found.statistic == pytest.approx(0.07486582145, rel=1e-9)
    assert found.p == pytest.approx(0.784379588, rel=1e-9)
    assert (found.df, found.n, found.events) == (1, 8, 4)
    assert math.exp(found.log_p) == pytest.approx(found.p)


def klein():
    rows = records("klein_bmt137", "bmt.csv")
    outcome = Outcome([float(r["t2"]) for r in rows],
                      [1 if r["d2"] == "1" else 2 * int(r["d1"]) for r in rows])
    return outcome, [r["group"] for r in rows], [r["z8"] for r in rows]


def scrucca177():
    rows = records("scrucca_bmtcrr177", "data.csv")
    outcome = Outcome([float(r["ftime"]) for r in rows], [int(r["Status"]) for r in rows])
    return outcome, [r["Phase"] for r in rows], [r["D"] for r in rows]


def scrucca35():
    rows = records("scrucca_bmt35", "bmt.csv")
    outcome = Outcome([float(r["ftime"]) for r in rows], [int(r["status"]) for r in rows])
    return outcome, [r["dis"] for r in rows]


def timereg():
    rows = records("timereg_mets", "timereg_bmt.csv")
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["cause"]) for r in rows])
    return outcome, [r["tcell"] for r in rows]


def mgus2():
    rows = records("survival_pkg", "mgus2.csv")
    ended = [(r["ptime"], 1) if r["pstat"] == "1" else (r["futime"], 2 * int(r["death"]))
             for r in rows]
    return Outcome([float(t) for t, _ in ended], [e for _, e in ended]), [r["sex"] for r in rows]


REFERENCES = [
    (("scrucca_bmt35", "gray"), scrucca35),
    (("klein_bmt137", "cif", "gray"), lambda: klein()[:2]),
    (("scrucca_bmtcrr177", "cif", "gray"), lambda: (scrucca177()[0], scrucca177()[2])),
    (("timereg_bmt408", "cif", "gray"), timereg),
    (("mgus2", "cif", "gray"), mgus2),
]


@pytest.mark.parametrize(("keys", "data"), REFERENCES, ids=lambda value: str(value)[:20])
def test_gray_agrees_with_the_reference_values(keys, data):
    outcome, groups = data()
    for cause, expected in enumerate(reference(*keys), start=1):
        found = gray_test(outcome, groups, cause=cause)
        assert found.statistic == pytest.approx(expected["stat"], rel=1e-6)
        assert found.p == pytest.approx(expected["pv"], rel=1e-6)
        assert found.df == expected["df"]


# R 4.2.2, cmprsk 2.2-11: cuminc(time, cause, group, strata = , rho = )$Tests, causes 1 and 2
R_CASES = {
    "35 rho 1": (lambda: (*scrucca35(), None), 1, [1.146436452, 6.440944891], 1),
    "35 rho -0.5": (lambda: (*scrucca35(), None), -0.5, [1.364810492, 7.298335025], 1),
    "klein rho 1": (lambda: (*klein()[:2], None), 1, [13.30069155, 0.09761228162], 2),
    "klein strata z8": (klein, 0, [10.51507008, 0.1241455556], 2),
    "177 four phases": (lambda: (*scrucca177()[:2], None), 0, [14.35854971, 0.589438926], 3),
    "177 four phases, strata D": (scrucca177, 0, [15.39211503, 0.6833342805], 3),
}


@pytest.mark.parametrize(("data", "rho", "statistics", "df"), R_CASES.values(), ids=R_CASES.keys())
def test_gray_agrees_with_cmprsk(data, rho, statistics, df):
    outcome, groups, strata = data()
    for cause, expected in enumerate(statistics, start=1):
        found = gray_test(outcome, groups, cause=cause, rho=rho, strata=strata)
        assert found.statistic == pytest.approx(expected, rel=1e-8)
        assert found.df == df
        assert found.p == pytest.approx(chi_square_tail(expected, df), rel=1e-6)


@PROOF
@given(cohorts, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7, 1e9]),
       st.sampled_from([0, 1]))
def test_order_unit_and_names_do_not_matter(rows, random, unit, rho):
    one = attempt(rows, rho=rho)
    renamed = {"A": 3, "B": 1, "C": 2}
    mixed = [(t * unit, 3 - c if c else 0, renamed[g])
             for t, c, g in random.sample(rows, len(rows))]
    two = attempt(mixed, cause=2, rho=rho)
    assert two.statistic == pytest.approx(one.statistic, rel=1e-7, abs=1e-9)
    assert (two.df, two.n, two.events) == (one.df, one.n, one.events)
    place = list(two.groups).index
    assert [two.expected[place(renamed[g])] for g in one.groups] == pytest.approx(
        list(one.expected))


@PROOF
@given(cohorts)
def test_scores_sum_to_zero_and_the_covariance_is_one(rows):
    found = attempt(rows)
    assert np.sum(found.observed) == pytest.approx(np.sum(found.expected))
    assert np.sum(found.observed) == found.events
    size = max(1.0, float(np.abs(found.covariance).max()))
    assert np.abs(found.covariance.sum(axis=0)).max() <= 1e-9 * size
    assert np.linalg.eigvalsh(found.covariance).min() >= -1e-9 * size
    assert 0 <= found.p <= 1


def test_groups_alike_differ_by_nothing():
    rows = list(zip(TIMES, CAUSES, strict=True)) * 2
    times, causes = zip(*rows, strict=True)
    found = gray_test(Outcome(times, causes), ["A"] * 8 + ["B"] * 8)
    assert found.statistic == pytest.approx(0, abs=1e-12)
    assert found.p == pytest.approx(1)


def test_strata_that_are_copies_double_scores_and_covariance():
    one = gray_test(Outcome(TIMES, CAUSES), GROUPS)
    two = gray_test(Outcome(TIMES * 2, CAUSES * 2), GROUPS * 2, strata=[1] * 8 + [2] * 8)
    assert two.expected == pytest.approx(2 * one.expected)
    assert two.covariance == pytest.approx(2 * one.covariance)


def test_a_p_that_is_no_longer_a_number_keeps_its_logarithm():
    # cause 1 at once in one group, never in the other: 3,000 against 3,000
    n = 3000
    times = np.concatenate((1 + np.arange(n) / n, 1 + np.arange(n) / n))
    found = gray_test(Outcome(times, [1] * n + [2] * n), ["A"] * n + ["B"] * n)
    assert found.p == 0
    # ln P(chi-square(1) >= x) is close to -x/2 - ln(pi x/2)/2
    x = found.statistic
    assert found.log_p == pytest.approx(-x / 2 - math.log(math.pi * x / 2) / 2, rel=1e-3)
    assert found.warnings == ("Group B has no event of cause 1.",)


def test_log_p_in_the_tail_is_that_of_r():
    from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal

    # R 4.2.2: pchisq(c(3000, 3000, 50, 1e-3), c(1, 4, 5, 2), lower.tail=FALSE, log.p=TRUE)
    expected = [-1504.2293081925, -1492.6861131684, -20.3969901686, -0.0005]
    found = [log_chi_square_tail(x, df) for x, df in ((3000, 1), (3000, 4), (50, 5), (1e-3, 2))]
    assert found == pytest.approx(expected, rel=1e-10)
    # R: log(2) + pnorm(-40, log.p=TRUE)
    assert log_two_sided_normal(40) == pytest.approx(-803.915294833, rel=1e-9)
    assert log_chi_square_tail(0, 3) == 0


def rejections(replicates, rng):
    """How often Gray's test, and the log-rank censoring cause 2, reject equal incidences at 5 %.

    In both groups 40 % have cause 1, at the same times; the others have cause 2, five times
    faster in group B, so that the competing hazards, and with them the cause-specific hazards of
    cause 1, differ. Half as many again are censored at random.
    """
    n, counts = 60, np.zeros(2)
    group = np.repeat(["A", "B"], n)
    for _ in range(replicates):
        is_first = rng.random(2 * n) < 0.4
        first, second = rng.exponential(1.0, 2 * n), rng.exponential(1.0, 2 * n)
        second[n:] /= 5
        event_time = np.where(is_first, first, second)
        censored = rng.exponential(3.0, 2 * n)
        time = np.minimum(event_time, censored)
        cause = np.where(censored < event_time, 0, np.where(is_first, 1, 2))
        counts += (gray_test(Outcome(time, cause), group).p < 0.05,
                   log_rank(Outcome(time, cause == 1), group).p < 0.05)
    return counts / replicates


def test_its_level_holds_when_the_competing_hazards_differ():
    replicates = 2000
    gray, cause_specific = rejections(replicates, np.random.default_rng(20240601))
    # 5 % +- 4 standard errors of 2,000 replicates (0.0049)
    assert abs(gray - 0.05) < 4 * math.sqrt(0.05 * 0.95 / replicates)
    assert cause_specific > 0.3  # what is sold as Gray's test in some packages


OUTCOME = Outcome(TIMES, CAUSES)
BAD = {
    "one group": lambda: gray_test(OUTCOME, ["A"] * 8),
    "fewer labels than subjects": lambda: gray_test(OUTCOME, ["A", "B"]),
    "a label is missing": lambda: gray_test(OUTCOME, [*GROUPS[:7], None]),
    "a label is NaN": lambda: gray_test(OUTCOME, [1, 2, 1, 2, 1, 2, 1, math.nan]),
    "no event of the cause": lambda: gray_test(OUTCOME, GROUPS, cause=3),
    "cause 0": lambda: gray_test(OUTCOME, GROUPS, cause=0),
    "rho is no number": lambda: gray_test(OUTCOME, GROUPS, rho=math.nan),
    "delayed entry": lambda: gray_test(Outcome(TIMES, CAUSES, [0] * 8), GROUPS),
    "groups in strata of their own": lambda: gray_test(OUTCOME, GROUPS, strata=GROUPS),
    "all censored": lambda: gray_test(Outcome(TIMES, [0] * 8), GROUPS),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_a_comparison_that_cannot_be_had_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()


def test_the_result_says_what_it_is():
    found = gray_test(OUTCOME, GROUPS, rho=1, strata=[1, 1, 1, 1, 2, 2, 2, 2])
    assert found.method == "Gray's test"
    assert "weights (1 − F)^1" in found.conventions[0]
    assert "strata" in found.conventions[-1]
    values = {(row.statistic, row.group): row.value for row in found.tidy()}
    assert values["p", ""] == found.p
    assert values["observed", "B"] == found.observed[1]
