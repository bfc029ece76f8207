"""Power and size of studies: worked by hand, published designs, exact loops, R's numbers."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    clopper_pearson,
    event_probability,
    fisher_exact,
    log_rank,
    power_log_rank,
    power_proportions,
    simon_two_stage,
    simulated_power,
    single_stage,
)
from remission.statistics.binomials import binomial, least_n, most_power

from .oracles import binomial_upper_tail, freeman_halton

PROOF = settings(max_examples=40, deadline=None, database=None)

# ---------------------------------------------------------------------------- single-arm designs


def chance(k, n, p):
    """P(X = k), exact."""
    return math.comb(n, k) * Fraction(p) ** k * (1 - Fraction(p)) ** (n - k)


def declared(r1, n1, r, n, p):
    """P(X1 > r1 and X1 + X2 > r), a loop over both stages."""
    return sum(chance(a, n1, p) * chance(b, n - n1, p)
               for a in range(r1 + 1, n1 + 1) for b in range(n - n1 + 1) if a + b > r)


def test_two_stages_worked_by_hand():
    # p0 = 1/10, p1 = 8/10, alpha = beta = 1/4. One patient, promising with a response: alpha
    # 1/10, power 8/10, so one stage needs one patient. Two stages need two: 0/1, 0/2 or 0/1, 1/2.
    # 0/1 0/2: more than 0 of 1, then more than 0 of 2 is sure: alpha 1/10, power 8/10.
    # (0/1 1/2: alpha 1/100, power 64/100 < 3/4.)  At p0: stop 9/10, mean 1 + 1/10 = 11/10.
    found = simon_two_stage(0.1, 0.8, alpha=0.25, beta=0.25)
    assert (found.r1, found.n1, found.r, found.n) == (0, 1, 0, 2)
    assert found.alpha == pytest.approx(1 / 10)
    assert found.power == pytest.approx(8 / 10)
    assert found.early_stop == pytest.approx(9 / 10)
    assert found.expected_n == pytest.approx(11 / 10)
    one = single_stage(0.1, 0.8, alpha=0.25, beta=0.25)
    assert (one.r, one.n, one.alpha, one.power) == (
        0, 1, pytest.approx(1 / 10), pytest.approx(8 / 10))


# R 4.2.2: a loop over every (r1, n1, r, n) up to n = 30 to 50 with dbinom and pbinom. The first two
# are Simon's own examples (1989, Control Clin Trials 10:1, table 1).
DESIGNS = [
    # p0, p1, alpha, beta; optimal r1, n1, r, n, mean; minimax
    ((0.05, 0.25, 0.10, 0.10), (0, 9, 2, 24, 14.54626), (0, 13, 2, 20, 16.40661)),
    ((0.10, 0.30, 0.10, 0.10), (1, 12, 5, 35, 19.84295), (1, 16, 4, 25, 20.36745)),
    ((0.20, 0.40, 0.10, 0.10), (3, 17, 10, 37, 26.02248), (3, 19, 10, 36, 28.26349)),
    ((0.05, 0.25, 0.05, 0.20), (0, 9, 2, 17, 11.95800), (0, 12, 2, 16, 13.83856)),
    ((0.10, 0.30, 0.05, 0.20), (1, 10, 5, 29, 15.01412), (1, 15, 5, 25, 19.50957)),
    ((0.20, 0.40, 0.05, 0.20), (3, 13, 12, 43, 20.58027), (4, 18, 10, 33, 22.25469)),
    ((0.30, 0.50, 0.05, 0.20), (5, 15, 18, 46, 23.62974), (6, 19, 16, 39, 25.68997)),
]


@pytest.mark.parametrize(("rates", "optimal", "minimax"), DESIGNS)
def test_designs_are_those_of_r_and_their_errors_those_of_a_loop(rates, optimal, minimax):
    p0, p1, alpha, beta = rates
    for name, expected in (("optimal", optimal), ("minimax", minimax)):
        found = simon_two_stage(p0, p1, alpha=alpha, beta=beta, design=name)
        assert (found.r1, found.n1, found.r, found.n) == expected[:4]
        assert found.expected_n == pytest.approx(expected[4], rel=1e-6)
        low, high = Fraction(str(p0)), Fraction(str(p1))
        assert found.alpha == pytest.approx(float(declared(*expected[:4], low)), rel=1e-9)
        assert found.power == pytest.approx(float(declared(*expected[:4], high)), rel=1e-9)
        stop = 1 - binomial_upper_tail(found.r1 + 1, found.n1, low)
        assert found.early_stop == pytest.approx(float(stop), rel=1e-9)
        assert found.alpha <= alpha
        assert found.power >= 1 - beta


def every_design(p0, p1, alpha, beta, largest):
    """All two-stage designs up to a size that have the error rates, with their mean size."""
    for n in range(2, largest + 1):
        for n1 in range(1, n):
            for r1, r in itertools.product(range(n1), range(n)):
                if (declared(r1, n1, r, n, p0) <= alpha
                        and declared(r1, n1, r, n, p1) >= 1 - beta):
                    go_on = binomial_upper_tail(r1 + 1, n1, p0)
                    yield n, n1 + go_on * (n - n1)


@pytest.mark.parametrize(("p0", "p1", "alpha", "beta"), [
    ("0.1", "0.5", "0.1", "0.2"), ("0.2", "0.7", "0.1", "0.1"), ("0.3", "0.8", "0.05", "0.2"),
    ("0.5", "0.9", "0.0625", "0.3"), ("0.05", "0.5", "0.05", "0.2"),
])
def test_no_design_of_a_loop_over_all_is_better(p0, p1, alpha, beta):
    p0, p1, alpha, beta = map(Fraction, (p0, p1, alpha, beta))
    largest = 12
    known = list(every_design(p0, p1, alpha, beta, largest))
    options = {"alpha": float(alpha), "beta": float(beta), "largest_n": largest}
    if not known:
        with pytest.raises(NotEstimable):
            simon_two_stage(float(p0), float(p1), **options)
        return
    optimal = simon_two_stage(float(p0), float(p1), **options)
    minimax = simon_two_stage(float(p0), float(p1), design="minimax", **options)
    assert optimal.expected_n == pytest.approx(float(min(mean for _, mean in known)))
    assert minimax.n == min(n for n, _ in known)
    assert minimax.expected_n == pytest.approx(
        float(min(mean for n, mean in known if n == minimax.n)))


@PROOF
@given(st.integers(1, 12), st.integers(2, 8), st.sampled_from([0.05, 0.1, 0.2]))
def test_one_stage_is_the_smallest_of_a_loop(low, gap, alpha):
    p0, p1 = Fraction(low, 20), Fraction(low + gap, 21)
    if p1 <= p0:
        return
    found, limit = None, Fraction(str(alpha))
    for n in range(1, 41):
        r = next(r for r in range(n + 1) if binomial_upper_tail(r + 1, n, p0) <= limit)
        if binomial_upper_tail(r + 1, n, p1) >= Fraction(4, 5):
            found = (r, n)
            break
    if found is None:
        with pytest.raises(NotEstimable):
            single_stage(float(p0), float(p1), alpha=alpha, largest_n=40)
        return
    design = single_stage(float(p0), float(p1), alpha=alpha, largest_n=40)
    assert (design.r, design.n) == found
    assert design.alpha == pytest.approx(float(binomial_upper_tail(found[0] + 1, found[1], p0)))
    assert design.power == pytest.approx(float(binomial_upper_tail(found[0] + 1, found[1], p1)))


def test_two_stages_can_need_fewer_than_one():
    # p0 = .2, p1 = .4, alpha = .05, beta = .2: minimax 33 by the loop in R above, one stage 35
    assert single_stage(0.2, 0.4).n == 35
    assert simon_two_stage(0.2, 0.4, design="minimax").n == 33


# ------------------------------------------------------------------------------------ proportions

# R 4.2.2: for all outcomes, reject <- binom.test(k, n, p0, alternative)$p.value <= .05, then
# sum(dbinom(x, n, p1)[reject]) and the same at p0
R_BINOMIAL = [
    ((20, 0.30, 0.60, "two-sided"), 0.755337544164998, 0.0247820762054584),
    ((20, 0.30, 0.60, "greater"), 0.872478753852783, 0.0479618973313435),
    ((20, 0.30, 0.60, "less"), 5.04126081335295e-06, 0.0354831322984686),
    ((51, 0.30, 0.15, "two-sided"), 0.645699778969314, 0.0468466834429499),
    ((51, 0.30, 0.15, "less"), 0.772644727921092, 0.0336381479248761),
]
# the same over both groups with fisher.test(matrix(c(b, n2 - b, a, n1 - a), 2), alternative)
R_FISHER = [
    (((20, 20), 0.2, 0.6, "two-sided"), 0.650224920935198, 0.022585256036009),
    (((20, 20), 0.2, 0.6, "greater"), 0.753489329479413, 0.0225927587120572),
    (((20, 20), 0.2, 0.6, "less"), 1.58308591101744e-06, 0.0225927587120572),
    (((15, 25), 0.5, 0.1, "two-sided"), 0.752615620928682, 0.0312477615116222),
    (((15, 25), 0.5, 0.1, "less"), 0.815662781250486, 0.0275142780647002),
]


@pytest.mark.parametrize(("study", "power", "size"), R_BINOMIAL)
def test_power_of_the_binomial_test_agrees_with_r(study, power, size):
    n, p0, p1, alternative = study
    found = power_proportions(p0, p1, samples=1, n=n, alternative=alternative)
    assert found.power == pytest.approx(power, rel=1e-9)
    assert found.size == pytest.approx(size, rel=1e-9)
    assert found.sizes == (n,)


@pytest.mark.parametrize(("study", "power", "size"), R_FISHER)
def test_power_of_fishers_test_agrees_with_r(study, power, size):
    n, p0, p1, alternative = study
    found = power_proportions(p0, p1, n=n, alternative=alternative)
    assert found.power == pytest.approx(power, rel=1e-9)
    assert found.size == pytest.approx(size, rel=1e-9)
    assert (found.sizes, found.n) == (n, sum(n))


def test_power_of_one_sample_worked_by_hand():
    # n = 5, p0 = 1/2, alpha .1: 0 and 5 of 5 have p = 2/32 = .0625, 1 and 4 p = 12/32.
    # p1 = 9/10: power = .9^5 + .1^5 = .5905; size = 2/32
    found = power_proportions(0.5, 0.9, samples=1, n=5, alpha=0.1)
    assert found.power == pytest.approx(0.9**5 + 0.1**5)
    assert found.size == pytest.approx(2 / 32)
    # at .05 nothing is significant
    nothing = power_proportions(0.5, 0.9, samples=1, n=5)
    assert nothing.power == 0
    assert "No outcome" in nothing.warnings[0]


def test_power_of_two_samples_worked_by_hand():
    # 3 and 3: only 0 against 3 and 3 against 0 of 3 are extreme, p = 2/20 = .1.
    # p0 = 1/10, p1 = 8/10: power = .9^3 .8^3 + .1^3 .2^3
    found = power_proportions(0.1, 0.8, n=3, alpha=0.1)
    assert found.power == pytest.approx(0.9**3 * 0.8**3 + 0.1**3 * 0.2**3)
    assert found.size == pytest.approx(2 * 0.9**3 * 0.1**3)


@PROOF
@given(st.integers(2, 5), st.integers(2, 5), st.sampled_from([0.05, 0.1, 0.3]))
def test_power_of_fishers_test_is_the_sum_over_all_tables(n1, n2, alpha):
    p0, p1 = 0.25, 0.7
    total = 0.0
    for a, b in itertools.product(range(n1 + 1), range(n2 + 1)):
        if 0 < a + b < n1 + n2:
            p = freeman_halton([[a, n1 - a], [b, n2 - b]])
            assert fisher_exact([[a, n1 - a], [b, n2 - b]]).p == pytest.approx(float(p))
            if p <= Fraction(str(alpha)):
                total += float(chance(a, n1, p0) * chance(b, n2, p1))
    found = power_proportions(p0, p1, n=(n1, n2), alpha=alpha)
    assert found.power == pytest.approx(total, abs=1e-12)


def test_the_smallest_size_agrees_with_r():
    # R: the loops above for n = 5, 6, … until power ≥ .9 (binomial) and n = 10, 11, … ≥ .8 (Fisher)
    found = power_proportions(0.3, 0.6, samples=1, power=0.9)
    assert (found.n, found.power) == (29, pytest.approx(0.929047264381149, rel=1e-9))
    found = power_proportions(0.2, 0.6, power=0.8)
    assert (found.sizes, found.power) == ((27, 27), pytest.approx(0.802432204663977, rel=1e-9))


@pytest.mark.parametrize(("samples", "ratio", "alternative"), [
    (1, 1, "two-sided"), (1, 1, "greater"), (2, 1, "greater"), (2, 2, "two-sided"),
])
def test_no_smaller_size_reaches_the_power(samples, ratio, alternative):
    found = power_proportions(0.2, 0.7, samples=samples, power=0.8, ratio=ratio,
                              alternative=alternative)
    assert found.power >= 0.8
    for first in range(1, found.sizes[0]):
        n = first if samples == 1 else (first, ratio * first)
        smaller = power_proportions(0.2, 0.7, samples=samples, n=n, alternative=alternative)
        assert smaller.power < 0.8
    assert "may not" in found.conventions[1]


def test_most_power_worked_by_hand():
    # Likelihood ratios 4 (.1 → .4), 1 (.5 → .5), 1/4 (.4 → .1); alpha .2 takes the first and
    # a fifth of the second: .4 + .1 = .5
    null, other = np.array([0.5, 0.1, 0.4]), np.array([0.5, 0.4, 0.1])
    assert most_power(null, other, alpha=0.2) == pytest.approx(0.5)
    assert least_n(lambda n: n >= 7, largest=20) == 7
    assert least_n(lambda n: n >= 7, largest=6) == 7
    assert least_n(lambda n: True, largest=6) == 1
    assert binomial(2, 0.3) == pytest.approx([0.49, 0.42, 0.09])


@PROOF
@given(st.integers(1, 30), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_no_exact_test_is_more_powerful_than_the_most_powerful(n, p0, p1):
    found = power_proportions(p0, p1, samples=1, n=n)
    limit = most_power(binomial(n, p0), binomial(n, p1), alpha=0.05)
    assert found.power <= limit + 1e-9
    assert found.size <= 0.05 * (1 + 1e-9)
    mirrored = power_proportions(1 - p0, 1 - p1, samples=1, n=n)  # failures for successes
    assert mirrored.power == pytest.approx(found.power, abs=1e-9)


# --------------------------------------------------------------------------------------- log-rank


@pytest.mark.parametrize(("ratio", "share", "schoenfeld", "freedman"), [
    # R: z <- qnorm(.975) + qnorm(.8); z^2/(s*(1-s)*log(hr)^2);
    # phi <- s/(1-s); z^2*(1+phi*hr)^2/(phi*(1-hr)^2)
    (0.5, 1 / 2, 65.3456592588709, 70.6399176091418),
    (0.5, 1 / 3, 73.5138666662297, 98.1109966793636),
    (0.6, 1 / 2, 120.315704377499, 125.582075749585),
    (1.75, 1 / 3, 112.782124614463, 98.1109966793636),
])
def test_events_agree_with_r(ratio, share, schoenfeld, freedman):
    for method, expected in (("schoenfeld", schoenfeld), ("freedman", freedman)):
        found = power_log_rank(ratio, power=0.8, share=share, method=method)
        assert found.events == math.ceil(expected)
        # power of the whole number of events: z moves with its root
        z = (1.959963984540054 + 0.8416212335729143) * math.sqrt(found.events / expected)
        assert found.power == pytest.approx(
            0.5 * math.erfc(-(z - 1.959963984540054) / math.sqrt(2)), rel=1e-9)
        assert found.power >= 0.8


def test_power_of_given_events_agrees_with_r():
    # pnorm(sqrt(40*.25)*abs(log(.5)) - qnorm(.975)); pnorm(sqrt(40)*.5/1.5 - qnorm(.975));
    # the first with qnorm(.95)
    assert power_log_rank(0.5, events=40).power == pytest.approx(0.591715404596727, rel=1e-9)
    assert power_log_rank(0.5, events=40, method="freedman").power == pytest.approx(
        0.558915868601143, rel=1e-9)
    assert power_log_rank(0.5, events=40, sides=1).power == pytest.approx(
        0.707834753738646, rel=1e-9)


def test_probability_of_an_event_agrees_with_r():
    # lam <- -log(.6)/2; pe <- integrate(function(u) 1 - exp(-l*u), f, f + a)$value/a for each
    # group; accrual 3, follow-up 2; then accrual 0, follow-up 4, a third in the second group
    found = event_probability(0.5, survival=0.6, at=2, accrual=3, follow_up=2)
    assert found == pytest.approx(0.468700331696133, rel=1e-9)
    # by hand: survival at 4 is .36 and .6; 2/3 × .64 + 1/3 × .4 = .56
    found = event_probability(0.5, survival=0.6, at=2, follow_up=4, share=1 / 3)
    assert found == pytest.approx(0.56)
    months = event_probability(0.5, survival=0.6, at=24, accrual=36, follow_up=24)
    assert months == pytest.approx(0.468700331696133, rel=1e-9)


def test_subjects_for_the_events_and_back():
    found = power_log_rank(0.5, power=0.8, event_probability=0.468700331696133)
    assert (found.events, found.n) == (66, 141)  # 66 / .4687 = 140.8
    back = power_log_rank(0.5, n=141, event_probability=0.468700331696133)
    assert back.power == pytest.approx(found.power, abs=0.002)
    assert back.n == 141
    assert power_log_rank(0.5, power=0.8).n is None
    mirrored = power_log_rank(2, power=0.8)
    assert mirrored.events == 66


def exponential_study(random):
    """33 and 33 subjects, all followed to their event, the second group at half the hazard."""
    group = np.repeat([0, 1], 33)
    return Outcome(random.exponential(1 + group), np.ones(66, dtype=int)), group


def test_schoenfelds_events_have_about_their_power_in_simulated_studies():
    found = simulated_power(exponential_study, log_rank, replicates=600, seed=4)
    # 66 events by Schoenfeld, 71 by Freedman: near .8, the simulation's own error .016
    assert 0.72 < found.power < 0.86
    assert found.lower < found.power < found.upper


# ------------------------------------------------------------------------------------- simulation


def coin(random):
    """A p value that is uniform: a test of no effect."""
    return float(random.uniform())


def test_simulated_power_counts_and_gives_its_interval():
    found = simulated_power(coin, lambda p: p, replicates=400, alpha=0.1, seed=2)
    interval = clopper_pearson(found.significant, 400)
    assert found.significant == int((found.p_values <= 0.1).sum())
    assert found.power == found.significant / 400
    assert (found.lower, found.upper) == (interval.lower, interval.upper)
    assert found.lower < 0.1 < found.upper  # the truth
    narrow = simulated_power(coin, lambda p: p, replicates=400, alpha=0.1, seed=2, level=0.5)
    assert found.lower < narrow.lower < narrow.upper < found.upper


def test_simulated_power_near_the_exact_power():
    exact = power_proportions(0.2, 0.6, n=20).power  # .6502 by R above

    def tables(random):
        a, b = random.binomial(20, 0.2), random.binomial(20, 0.6)
        return [[a, 20 - a], [b, 20 - b]]

    found = simulated_power(tables, fisher_exact, replicates=500, level=0.999)
    assert found.lower < exact < found.upper


def test_a_study_without_a_test_is_not_significant_and_counted():
    def sometimes(p):
        if p > 0.5:
            raise NotEstimable([])
        return 0.0

    found = simulated_power(coin, sometimes, replicates=200)
    assert found.failed + found.significant == 200
    assert 60 < found.failed < 140
    assert str(found.failed) in found.warnings[0]
    assert found.power == found.significant / 200


def test_any_number_of_workers_gives_the_same_studies():
    told = []
    one = simulated_power(exponential_study, log_rank, replicates=60, seed=9,
                          progress=lambda *done: told.append(done))
    two = simulated_power(exponential_study, log_rank, replicates=60, seed=9, workers=2)
    assert one.p_values.tolist() == two.p_values.tolist()
    assert told == [(25, 60), (50, 60), (60, 60)]


def test_results_can_be_tabled():
    results = [
        simon_two_stage(0.1, 0.5), single_stage(0.1, 0.5), power_proportions(0.2, 0.6, n=20),
        power_log_rank(0.5, power=0.8), simulated_power(coin, lambda p: p, replicates=25),
    ]
    for result in results:
        assert result.method
        assert result.conventions
        assert all(row.value is not None or row.note for row in result.tidy())
    assert {row.statistic: row.value for row in results[0].tidy()}["n1"] == results[0].n1


# ------------------------------------------------------------------------------------- bad input

BAD = {
    "no difference": lambda: simon_two_stage(0.2, 0.2),
    "p1 below p0": lambda: single_stage(0.4, 0.2),
    "p0 of 0": lambda: simon_two_stage(0, 0.2),
    "percent": lambda: simon_two_stage(5, 25),
    "NaN": lambda: single_stage(math.nan, 0.2),
    "alpha of 1": lambda: simon_two_stage(0.1, 0.3, alpha=1),
    "errors of more than 1": lambda: single_stage(0.1, 0.3, alpha=0.6, beta=0.5),
    "no such design": lambda: simon_two_stage(0.1, 0.3, design="admissible"),
    "too few": lambda: simon_two_stage(0.1, 0.3, largest_n=10),
    "too few for one stage": lambda: single_stage(0.1, 0.3, largest_n=10),
    "half a patient": lambda: simon_two_stage(0.1, 0.3, largest_n=20.5),
    "neither n nor power": lambda: power_proportions(0.1, 0.3),
    "both n and power": lambda: power_proportions(0.1, 0.3, n=10, power=0.8),
    "nobody": lambda: power_proportions(0.1, 0.3, n=0),
    "two sizes for one sample": lambda: power_proportions(0.1, 0.3, samples=1, n=(5, 5)),
    "three samples": lambda: power_proportions(0.1, 0.3, samples=3, n=5),
    "no such alternative": lambda: power_proportions(0.1, 0.3, n=5, alternative="both"),
    "power to find nothing": lambda: power_proportions(0.3, 0.3, power=0.8),
    "power on the wrong side": lambda: power_proportions(0.3, 0.1, power=0.8,
                                                         alternative="greater"),
    "more than the largest": lambda: power_proportions(0.3, 0.32, power=0.8, largest_n=50),
    "no ratio": lambda: power_proportions(0.1, 0.3, power=0.8, ratio=0),
    "hazard ratio of 1": lambda: power_log_rank(1, power=0.8),
    "negative hazard ratio": lambda: power_log_rank(-1, power=0.8),
    "nothing to work from": lambda: power_log_rank(0.5),
    "too much to work from": lambda: power_log_rank(0.5, power=0.8, events=5),
    "n without the chance of an event": lambda: power_log_rank(0.5, n=50),
    "half an event": lambda: power_log_rank(0.5, events=0.5),
    "power below alpha": lambda: power_log_rank(0.5, power=0.01),
    "everybody in one group": lambda: power_log_rank(0.5, power=0.8, share=1),
    "no such method": lambda: power_log_rank(0.5, power=0.8, method="lachin"),
    "three sides": lambda: power_log_rank(0.5, power=0.8, sides=3),
    "no follow-up": lambda: event_probability(0.5, survival=0.6, at=2, follow_up=0),
    "negative follow-up": lambda: event_probability(0.5, survival=0.6, at=2, follow_up=-1,
                                                    accrual=3),
    "survival of 1": lambda: event_probability(0.5, survival=1, at=2, follow_up=1),
    "p that is none": lambda: simulated_power(coin, lambda p: 3, replicates=5),
    "no study has a test": lambda: simulated_power(coin, lambda p: math.nan, replicates=5),
    "no studies": lambda: simulated_power(coin, lambda p: p, replicates=0),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_had_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
