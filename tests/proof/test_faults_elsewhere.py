"""Faults that packages of this field have had: each is a test here."""

import math
import random as python_random

import numpy as np
import pytest

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    bootstrap,
    cox,
    cumulative_incidence,
    fine_gray,
    firth_cox,
    fisher_exact,
    gray_test,
    kaplan_meier,
    log_rank,
    logistic,
    mann_whitney,
    odds_ratio,
    permutation_test,
    simulated_power,
    wilcoxon_signed_rank,
)

# every time is shared by several subjects, events and censorings among them
TIMES = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6]
EVENTS = [1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0]
CAUSES = [1, 0, 2, 1, 2, 0, 1, 0, 1, 2, 1, 0, 1, 0, 2, 0]
GROUP = ["A", "B"] * 8
X = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3])
Y = np.array([1.0, 2, 4, 3, 5, 7, 2, 6, 8, 3, 1, 8, 9, 6, 9, 3])
OUTCOME, RISKS = Outcome(TIMES, EVENTS), Outcome(TIMES, CAUSES)

CALLS = {
    "kaplan_meier": lambda: kaplan_meier(OUTCOME),
    "log_rank": lambda: log_rank(OUTCOME, GROUP),
    "cox": lambda: cox(OUTCOME, X),
    "firth_cox": lambda: firth_cox(OUTCOME, X),
    "logistic": lambda: logistic(EVENTS, X),
    "cumulative_incidence": lambda: cumulative_incidence(RISKS),
    "gray_test": lambda: gray_test(RISKS, GROUP),
    "fine_gray": lambda: fine_gray(RISKS, X),
    "mann_whitney": lambda: mann_whitney(X[:8], X[8:]),
    "wilcoxon_signed_rank": lambda: wilcoxon_signed_rank(X - Y),
    "fisher_exact, sampled": lambda: fisher_exact(
        [[14, 9, 6, 11], [8, 12, 13, 7], [10, 6, 9, 15], [7, 14, 12, 7], [11, 9, 10, 10]]),
    "bootstrap": lambda: bootstrap(
        16, lambda index: X[index].mean(axis=1), form="indices", replicates=500),
    "permutation_test": lambda: permutation_test(
        np.arange(16) % 2, lambda g: float(X[g == 1].mean() - X[g == 0].mean()), replicates=500),
    "simulated_power": lambda: simulated_power(
        lambda random: (random.normal(size=8), random.normal(1, 1, 8)),
        lambda a, b: mann_whitney(a, b).p, replicates=20),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_second_call_on_tied_data_gives_the_same_to_the_last_bit(call):
    assert repr(call().tidy()) == repr(call().tidy())


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nobody_elses_random_numbers_are_touched(call):
    np.random.seed(11)
    python_random.seed(11)
    numpy_before, python_before = np.random.get_state(), python_random.getstate()
    call()
    after = np.random.get_state()
    assert (numpy_before[1] == after[1]).all() and numpy_before[2:] == after[2:]
    assert python_random.getstate() == python_before


# Each gives (lower, upper) at a level: a wider interval for a higher level, around the estimate.
INTERVALS = {
    **{f"survival, {scale}": (lambda level, scale=scale: _of(
        kaplan_meier(OUTCOME, ci=scale, level=level).at(2)[0], "survival"))
       for scale in ("log-log", "log", "plain", "arcsine")},
    "incidence": lambda level: _of(
        cumulative_incidence(RISKS, level=level).at(3)[0], "incidence"),
    "cox": lambda level: _of(cox(OUTCOME, X, level=level).terms[0], "estimate"),
    "fine_gray": lambda level: _of(fine_gray(RISKS, X, level=level).terms[0], "estimate"),
    "firth_cox": lambda level: _of(firth_cox(OUTCOME, X, level=level).terms[0], "estimate"),
    "logistic": lambda level: _of(logistic(EVENTS, X, level=level).terms[0], "estimate"),
    "odds_ratio": lambda level: _of(odds_ratio([[7, 3], [2, 8]], level=level), "estimate"),
    "bootstrap": lambda level: _of(bootstrap(
        16, lambda index: X[index].mean(axis=1), form="indices", replicates=500, level=level),
        "estimate"),
}


def _of(result, name):
    return float(result.lower), float(getattr(result, name)), float(result.upper)


@pytest.mark.parametrize("interval", INTERVALS.values(), ids=INTERVALS)
def test_an_interval_obeys_its_level_and_never_crosses_its_estimate(interval):
    narrow, wide = interval(0.5), interval(0.99)
    assert narrow[1] == wide[1]
    assert wide[0] < narrow[0] < narrow[1] < narrow[2] < wide[2]


def test_the_median_of_a_curve_that_is_flat_at_a_half_says_its_convention():
    # four subjects, all with the event: S = 3/4, 1/2, 1/4, 0 at 1, 2, 3, 4; S is 1/2 from 2 to 3
    curve = kaplan_meier(Outcome([1, 2, 3, 4], [1, 1, 1, 1]))
    assert curve.quantile(0.5).time == 2  # the first time at which S is at most 1/2
    assert curve.quantile(0.5, convention="middle").time == 2.5  # as R's survfit


def test_times_a_rounding_error_apart_are_one_time():
    apart = Outcome([1, 1 + 1e-10, 2, 3], [1, 1, 0, 1])
    tied = Outcome([1, 1, 2, 3], [1, 1, 0, 1])
    assert repr(kaplan_meier(apart).tidy()) == repr(kaplan_meier(tied).tidy())
    x = [1, 0, 1, 0]
    assert cox(apart, x).estimate == cox(tied, x).estimate
    assert log_rank(apart, x).statistic == log_rank(tied, x).statistic


def test_a_p_too_small_for_a_number_has_a_logarithm():
    n = 4000
    early, late = np.arange(1, n + 1), np.arange(n + 1, 2 * n + 1)
    found = log_rank(Outcome([*early, *late], np.ones(2 * n, int)), ["A"] * n + ["B"] * n)
    assert found.p == 0
    # χ² with one degree of freedom: ln P is close to −χ²/2 − ln(√(χ² π / 2))
    size = found.statistic
    assert found.log_p == pytest.approx(-size / 2 - math.log(math.sqrt(size * math.pi / 2)),
                                        rel=1e-3)


def test_a_group_without_events_is_compared_and_a_hazard_ratio_for_it_refused():
    had = [1, 1, 1, 1, 0, 0, 0, 0]
    outcome, treated = Outcome([1, 2, 3, 4, 5, 6, 7, 8], had), [0] * 4 + [1] * 4
    # before each event 4, 3, 2, 1 untreated of 8, 7, 6, 5 at risk: expected 4/8+3/7+2/6+1/5
    found = log_rank(outcome, treated)
    assert found.expected[0] == pytest.approx(4 / 8 + 3 / 7 + 2 / 6 + 1 / 5)
    with pytest.raises(NotEstimable, match="would be 0 or infinite"):
        cox(outcome, treated, names=["treated"])
    with pytest.raises(NotEstimable, match="treated"):
        logistic(had, treated, names=["treated"])
    penalised = firth_cox(outcome, treated).terms[0]
    assert 0 < penalised.ratio < 1 and math.isfinite(penalised.ratio_upper)


@pytest.mark.parametrize("faster", [1, 5])
def test_the_gray_test_keeps_its_level_when_competing_hazards_differ(faster):
    # Both groups have the same incidence of cause 1 (a share of 40 %, exponential times); cause 2
    # comes five times as fast in the second. 600 studies: a level of 5 % gives 3.2 to 7.3 % in
    # 99 % of such simulations (binomial quantiles); censoring cause 2 instead rejects far more.
    rng = np.random.default_rng(8)
    n, studies = 120, 600
    group = np.repeat([0, 1], n // 2)
    rejected = censoring_instead = 0
    for _ in range(studies):
        is_first = rng.random(n) < 0.4
        time = rng.exponential(size=n) / np.where(~is_first & (group == 1), faster, 1)
        end = rng.exponential(3, n)
        cause = np.where(end < time, 0, np.where(is_first, 1, 2))
        outcome = Outcome(np.minimum(time, end), cause)
        rejected += gray_test(outcome, group).p <= 0.05
        censoring_instead += log_rank(
            Outcome(outcome.time, (outcome.event == 1).astype(int)), group).p <= 0.05
    assert 0.032 <= rejected / studies <= 0.073
    if faster > 1:
        assert censoring_instead / studies > 0.25
