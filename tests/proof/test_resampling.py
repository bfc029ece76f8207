"""Bootstrap and permutation tests: worked by hand, all resamples, R's numbers, any workers."""

import itertools
import math
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    bootstrap,
    clopper_pearson,
    fisher_exact,
    kaplan_meier,
    log_rank,
    mann_whitney,
    permutation_test,
)
from remission.statistics.bootstrap_intervals import (
    acceleration_of,
    bca_bounds,
    percentile_bounds,
)

from .oracles import midranks, records

PROOF = settings(max_examples=60, deadline=None, database=None)

# ------------------------------------------------------------------------------ worked by hand

SMALL = np.array([1.0, 2.0, 6.0])  # mean 3
ALL_MEANS = np.array([np.mean(drawn) for drawn in itertools.product(SMALL, repeat=3)])
# The sums of the 27 resamples and how often: 3 once, 4 three times …
ALL_SUMS = {3: 1, 4: 3, 5: 3, 6: 1, 8: 3, 9: 6, 10: 3, 13: 3, 14: 3, 18: 1}


def test_acceleration_of_three_worked_by_hand():
    # Means without each: (2+6)/2 = 4, (1+6)/2 = 7/2, (1+2)/2 = 3/2; their mean 3.
    # d = 3 - mean without = -1, -1/2, 3/2; sum d^3 = -1 - 1/8 + 27/8 = 9/4; sum d^2 = 7/2.
    # a = (9/4) / (6 (7/2)^1.5) = .0572703; the factor n - 1 of the influence cancels.
    found = acceleration_of(np.array([4, 3.5, 1.5]), np.zeros(3, dtype=np.int64))
    assert found == pytest.approx(9 / 4 / (6 * 3.5**1.5))
    assert found == pytest.approx(0.0572702661240909)  # R: sum(L^3) / (6 * sum(L^2)^1.5)


def test_bca_of_all_27_resamples_worked_by_hand():
    assert Counter(np.rint(3 * ALL_MEANS).astype(int).tolist()) == ALL_SUMS
    a = 9 / 4 / (6 * 3.5**1.5)
    # Below 3: 1+3+3+1+3 = 11; equal to it: 6; (11 + 6/2)/27 = 14/27, so w = qnorm(14/27) = .0464357
    # level .8: z = ∓1.2815516; pnorm(w + (w + z)/(1 - a (w + z))) = .1341285 and .9310605;
    # times 28: positions 3.756 and 26.069 (R: qnorm and pnorm).
    # The 3rd and the 4th are both 4/3. Between the 26th, 14/3, and the 27th, 6, on the normal
    # scale: boot:::norm.inter(t, .931060473468446) = 4.73975858241527.
    found = bca_bounds(3.0, ALL_MEANS, a, level=0.8)
    assert found.lower == pytest.approx(4 / 3)
    assert found.upper == pytest.approx(4.73975858241527)
    assert found.note == ""
    # level .5: positions 8.0585 and 22.0551; the 8th and 9th are 2 and 8/3, the 22nd and 23rd 13/3
    found = bca_bounds(3.0, ALL_MEANS, a, level=0.5)
    assert found.lower == pytest.approx(2.04001358184377)  # boot:::norm.inter
    assert found.upper == pytest.approx(13 / 3)


def test_percentiles_of_all_27_resamples_worked_by_hand():
    # level .8: positions 2.8 and 25.2: the 2nd to 4th are 4/3, the 24th to 26th 14/3
    found = percentile_bounds(ALL_MEANS, level=0.8)
    assert (found.lower, found.upper) == pytest.approx((4 / 3, 14 / 3))
    # level .5: positions 7 and 21, exactly the 7th (5/3) and the 21st (13/3)
    found = percentile_bounds(ALL_MEANS, level=0.5)
    assert (found.lower, found.upper) == pytest.approx((5 / 3, 13 / 3))


def test_the_bootstrap_draws_each_of_the_27_resamples_alike():
    found = bootstrap(3, lambda index: SMALL[index].mean(axis=1), form="indices",
                      replicates=27_000, seed=7)
    seen = Counter(np.rint(3 * found.replicates).astype(int).tolist())
    for total, count in ALL_SUMS.items():
        share = count / 27
        assert abs(seen[total] / 27_000 - share) < 4.5 * math.sqrt(share * (1 - share) / 27_000)
    # The variance of a mean over all resamples: sum (x - 3)^2 / n^2 = 14/9
    assert float(found.se) == pytest.approx(math.sqrt(14 / 9), rel=0.02)
    assert float(found.estimate) == 3
    assert float(found.bias) == pytest.approx(0, abs=0.04)


def test_a_permutation_test_worked_by_hand():
    # 1 2 | 3 7 | … two of five are treated: 3 and 7. Sum 10 of the treated; of the 10 pairs from
    # 1 2 3 4 7 only 4+7 = 11 is larger and 3+7 equal: one-sided 2/10.
    y = np.array([1, 2, 4, 3, 7])
    treated = [0, 0, 0, 1, 1]
    found = permutation_test(treated, lambda g: float(y[g == 1].sum()), alternative="greater")
    assert found.p == 2 / 10
    assert (found.extreme, found.arrangements, found.is_exhaustive) == (2, 10, True)
    assert (found.p_lower, found.p_upper) == (found.p, found.p)
    # Difference of means: 5 - 7/3 = 8/3. Sums s of pairs give s/2 - (17 - s)/3 = (5s - 34)/6:
    # 3: -19/6, 4: -14/6, 5 (1+4, 2+3): -9/6, 6: -4/6, 7: 1/6, 8: 1, 9: 11/6, 10: 16/6, 11: 21/6
    # at least 16/6 from 0: sums 3, 10, 11: 3/10
    two = permutation_test(treated, lambda g: y[g == 1].mean() - y[g == 0].mean())
    assert two.p == 3 / 10
    less = permutation_test(treated, lambda g: float(y[g == 1].sum()), alternative="less")
    assert less.p == 9 / 10


def test_a_stratified_permutation_test_worked_by_hand():
    # Stratum a: 1 | 5 treated is 5; stratum b: 2, 3 | 9: treated is 9. 2 × 3 = 6 arrangements.
    y = np.array([1, 5, 2, 3, 9])
    found = permutation_test([0, 1, 0, 0, 1], lambda g: float(y[g == 1].sum()),
                             alternative="greater", strata=list("aabbb"))
    assert (found.arrangements, found.p) == (6, pytest.approx(1 / 6))


def test_monte_carlo_p_counts_the_observed_arrangement():
    y = np.arange(40.0)
    found = permutation_test(np.repeat([0, 1], 20), lambda g: (g * y).sum(axis=1),
                             vectorised=True, alternative="greater", replicates=999)
    assert not found.is_exhaustive
    assert found.extreme == 0
    assert found.p == 1 / 1000  # (0 + 1) / (999 + 1), never 0
    interval = clopper_pearson(0, 999, level=0.99)
    assert (found.p_lower, found.p_upper) == (interval.lower, interval.upper)
    assert "(b + 1) / (B + 1)" in found.conventions[0]


# ------------------------------------------------------------------------- R's numbers, real data


def klein_ages():
    """Ages of the patients and of their donors, 137 transplants."""
    rows = records("klein_bmt137", "bmt.csv")
    return np.array([[float(r["z1"]), float(r["z2"])] for r in rows]).T


def correlations(patients, donors, index):
    """Pearson's correlation of each row of indices."""
    x, y = patients[index], donors[index]
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    return (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))


def test_intervals_agree_with_r_on_the_same_resamples():
    patients, donors = klein_ages()
    n, state, index = len(patients), 20240101, np.empty((999, len(patients)), dtype=int)
    for place in np.ndindex(index.shape):  # Park and Miller's generator, the same loop in R
        state = 16807 * state % 2147483647
        index[place] = state % n
    replicates = correlations(patients, donors, index)
    estimate = float(correlations(patients, donors, np.arange(n)[None])[0])
    # R 4.2.2, boot 1.3-28.1: cor(z1, z2); sd(t); mean(t) - t0
    assert estimate == pytest.approx(0.757422642226783, rel=1e-12)
    assert replicates.std(ddof=1) == pytest.approx(0.0370344932870027, rel=1e-9)
    assert replicates.mean() - estimate == pytest.approx(-0.00171953138019432, rel=1e-9)
    without = np.array([np.delete(np.arange(n), i) for i in range(n)])
    a = acceleration_of(correlations(patients, donors, without), np.zeros(n, dtype=np.int64))
    # jackknife L <- (n-1)*(mean(jk)-jk): sum(L^3) / (6 * sum(L^2)^1.5)
    assert a == pytest.approx(-0.00379211907773028, rel=1e-9)
    # boot.ci(bo, conf, type = c("perc", "bca"), L = L)
    for level, percent, bca in (
        (0.95, (0.67406595094175, 0.81888870671711), (0.674058566766877, 0.818784142462604)),
        (0.90, (0.693814870835250, 0.812501079924739), (0.693777712661466, 0.812422340194499)),
    ):
        found = percentile_bounds(replicates, level=level)
        assert (found.lower, found.upper) == pytest.approx(percent, rel=1e-9)
        found = bca_bounds(estimate, replicates, a, level=level)
        assert (found.lower, found.upper) == pytest.approx(bca, rel=1e-9)


def test_the_whole_bootstrap_comes_near_r():
    patients, donors = klein_ages()
    found = bootstrap((patients, donors), lambda x, y: np.corrcoef(x, y)[0, 1], replicates=2000)
    # other resamples than R's above: the bounds agree as far as 999 and 2000 replicates allow
    assert float(found.se) == pytest.approx(0.03703, rel=0.1)
    assert float(found.lower) == pytest.approx(0.674, abs=0.02)
    assert float(found.upper) == pytest.approx(0.819, abs=0.015)
    # what is reported is what its own replicates give
    without = np.array([np.delete(np.arange(137), i) for i in range(137)])
    a = acceleration_of(correlations(patients, donors, without), np.zeros(137, dtype=np.int64))
    own = bca_bounds(float(found.estimate), found.replicates, a, level=0.95)
    assert (float(found.lower), float(found.upper)) == pytest.approx((own.lower, own.upper))


def test_stratified_acceleration_agrees_with_r():
    y = np.array([3.0, 5, 8, 13, 1, 7, 2, 4, 9, 30, 6, 11])
    group = np.repeat([0, 1], 6)
    jackknife = []
    for i in range(12):
        keep = np.arange(12) != i
        jackknife.append(np.log(y[keep & (group == 1)].mean() / y[keep & (group == 0)].mean()))
    # L <- ave(jk, g, FUN = function(v) 5*(mean(v)-v)); sum(L^3) / (6 * sum(L^2)^1.5)
    assert acceleration_of(np.array(jackknife), group) == pytest.approx(0.0583416451820797)


def test_permutations_agree_with_scipy():
    from scipy import stats

    x, y = [1.1, 2.5, 3.0, 8.2], [4.0, 7.7, 9.1, 12.5, 3.3]
    peer = stats.permutation_test(
        (x, y), lambda a, b: np.mean(a) - np.mean(b), n_resamples=np.inf)
    pooled = np.array(x + y)
    found = permutation_test([1] * 4 + [0] * 5, lambda g: pooled[g == 1].mean()
                             - pooled[g == 0].mean(), alternative="less")
    assert found.p == pytest.approx(stats.permutation_test(
        (x, y), lambda a, b: np.mean(a) - np.mean(b), n_resamples=np.inf,
        alternative="less").pvalue)
    assert found.arrangements == len(peer.null_distribution)


def test_a_permutation_of_measurements_is_a_test_of_correlation():
    # All orders of 5 ranks; Spearman's rho exactly: R: cor.test(1:5, c(2,1,4,3,5),
    # method = "spearman", exact = TRUE)$p.value = 0.1333333 (16 of 120)
    x = np.arange(1, 6)
    found = permutation_test([2, 1, 4, 3, 5], lambda y: float(((x - 3) * (y - 3)).sum()))
    assert found.arrangements == 120
    assert found.p == pytest.approx(16 / 120)


# ------------------------------------------------------------------------------------ properties


@PROOF
@given(st.lists(st.integers(0, 3), min_size=2, max_size=4),
       st.lists(st.integers(0, 3), min_size=2, max_size=4))
def test_exhaustive_equals_every_choice_and_the_exact_tests(first, second):
    pooled = np.array(first + second)
    assume(len(set(pooled.tolist())) > 1)
    ranks = np.array([float(r) for r in midranks(pooled.tolist())])
    centre = ranks.mean() * len(first)
    labels = [1] * len(first) + [0] * len(second)
    found = permutation_test(labels, lambda g: (g * ranks).sum(axis=1) - centre, vectorised=True,
                             exhaustive=True)
    assert found.p == pytest.approx(mann_whitney(first, second).p)
    table = [[sum(v == 0 for v in side), sum(v > 0 for v in side)] for side in (first, second)]
    if min(map(sum, zip(*table, strict=True))) > 0:
        column = pooled == 0

        def likelihood(g):
            a = int((g * column).sum())
            return -math.comb(len(first), a) * math.comb(len(second), int(column.sum()) - a)

        fisher = permutation_test(labels, likelihood, alternative="greater", exhaustive=True)
        assert fisher.p == pytest.approx(fisher_exact(table).p)


@PROOF
@given(st.lists(st.sampled_from("aabbc"), min_size=2, max_size=6),
       st.lists(st.sampled_from("xy"), min_size=6, max_size=6))
def test_every_distinct_arrangement_is_visited_once(values, strata):
    strata = strata[:len(values)]
    expected = {order for order in itertools.permutations(values)
                if all(sorted(v for v, s in zip(order, strata, strict=True) if s == one)
                       == sorted(v for v, s in zip(values, strata, strict=True) if s == one)
                       for one in "xy")}
    seen = []

    def note(arranged):
        seen.append(tuple(arranged.tolist()))
        return 0.0

    if len(expected) == 1:
        with pytest.raises(NotEstimable):
            permutation_test(values, note, strata=strata)
        return
    found = permutation_test(values, note, strata=strata, exhaustive=True)
    assert found.arrangements == len(expected)
    assert Counter(seen[1:]) == Counter(expected)  # the first call is of the data themselves


def test_random_arrangements_come_near_all_of_them():
    y = np.array([1.0, 4, 2, 9, 5, 7, 3, 8])
    labels = np.repeat([0, 1], 4)

    def gap(g):
        return (g * y).sum(axis=1) / 4 - ((1 - g) * y).sum(axis=1) / 4

    exact = permutation_test(labels, gap, vectorised=True)
    drawn = permutation_test(labels, gap, vectorised=True, exhaustive=False)
    assert exact.is_exhaustive
    assert not drawn.is_exhaustive
    assert drawn.p_lower <= exact.p <= drawn.p_upper


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_the_forms_of_a_statistic_agree(method):
    y = np.array([3.0, 5, 8, 13, 1, 7, 2])
    options = {"replicates": 600, "method": method, "seed": 3}
    plain = bootstrap(y, np.mean, **options)
    rows = bootstrap(7, lambda index: y[index].mean(axis=1), form="indices", **options)
    # the jackknife has rows that add up to n - 1: divide by the row's own sum
    weights = bootstrap(7, lambda w: w @ y / w.sum(axis=1), form="weights", **options)
    for other in (rows, weights):
        assert other.replicates == pytest.approx(plain.replicates)
        assert float(other.lower) == pytest.approx(float(plain.lower))
        assert float(other.upper) == pytest.approx(float(plain.upper))


def test_several_numbers_at_once_are_those_of_each_alone():
    y = np.array([3.0, 5, 8, 13, 1, 7, 2])
    both = bootstrap(y, lambda v: np.array([v.mean(), v.std()]), replicates=500)
    assert both.estimate.shape == both.lower.shape == (2,)
    assert both.replicates.shape == (500, 2)
    for place, one in enumerate((np.mean, np.std)):
        alone = bootstrap(y, one, replicates=500)
        assert both.lower[place] == pytest.approx(float(alone.lower))
        assert both.se[place] == pytest.approx(float(alone.se))
    assert [row.group for row in both.tidy()] == ["1"] * 5 + ["2"] * 5


def test_strata_keep_their_numbers_and_places():
    strata = np.array(list("abbabbb"))

    def as_recorded(index):
        assert (strata[index] == strata).all()
        return index.mean(axis=1)

    bootstrap(7, as_recorded, form="indices", strata=strata, replicates=500, method="percentile")


@PROOF
@given(st.lists(st.integers(-20, 20), min_size=4, max_size=9), st.sampled_from([0.01, 7.0, 1e6]))
def test_unit_does_not_matter_and_bounds_do_not_cross(values, unit):
    y = np.array(values, dtype=float)
    assume(np.ptp(y) > 0)
    one = bootstrap(y, np.mean, replicates=200)
    two = bootstrap(y * unit, np.mean, replicates=200)
    assert float(two.lower) == pytest.approx(float(one.lower) * unit, nan_ok=True, abs=1e-9 * unit)
    assert float(two.upper) == pytest.approx(float(one.upper) * unit, nan_ok=True, abs=1e-9 * unit)
    assert math.isnan(float(one.lower)) or float(one.lower) <= float(one.upper)
    wide = bootstrap(y, np.mean, replicates=200, level=0.99, method="percentile")
    narrow = bootstrap(y, np.mean, replicates=200, level=0.5, method="percentile")
    assert float(wide.lower) <= float(narrow.lower) <= float(narrow.upper) <= float(wide.upper)


def survival_at_two(times, events):
    """Kaplan–Meier at 2, for a worker in another process."""
    return kaplan_meier(Outcome(times, events)).at(2)[0].survival


def test_a_command_that_left_holds_no_pipe_open_by_its_workers():
    # The command line leaves without the usual taking down; idle workers stay for minutes.
    leaving = ("import os, numpy as np\nfrom remission.statistics import bootstrap\n"
               "bootstrap(np.arange(9.0), np.mean, replicates=600, workers=2)\nos._exit(0)")
    done = subprocess.run([sys.executable, "-c", leaving], capture_output=True, timeout=120,
                          check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_any_number_of_workers_gives_the_same_and_no_global_state_is_touched():
    times, events = np.array([1.0, 2, 2, 3, 4, 5, 5, 6]), np.array([1, 0, 1, 0, 1, 0, 0, 1])
    np.random.seed(5)
    before = np.random.get_state()[1].tolist()
    runs = [bootstrap((times, events), survival_at_two, replicates=700, workers=workers, seed=11)
            for workers in (1, 2, 3)]
    labels = np.repeat([0, 1], 20)
    tests = [permutation_test(labels, lambda g: (g * np.arange(40)).sum(axis=1) - 390,
                              vectorised=True, replicates=600, workers=workers, seed=11)
             for workers in (1, 2)]
    assert np.random.get_state()[1].tolist() == before
    for other in runs[1:]:
        assert other.replicates.tolist() == runs[0].replicates.tolist()
        assert (float(other.lower), float(other.upper)) == (
            float(runs[0].lower), float(runs[0].upper))
    assert tests[0].distribution.tolist() == tests[1].distribution.tolist()
    again = bootstrap((times, events), survival_at_two, replicates=300, seed=11)
    # whole blocks are the same however many follow
    assert again.replicates[:250].tolist() == runs[0].replicates[:250].tolist()
    other_seed = bootstrap((times, events), survival_at_two, replicates=300, seed=12)
    assert other_seed.replicates.tolist() != again.replicates.tolist()


def test_progress_is_told_in_order():
    told = []
    bootstrap([1.0, 2, 4], np.mean, replicates=600, progress=lambda *done: told.append(done))
    assert told == [(250, 600), (500, 600), (600, 600)]
    told.clear()
    permutation_test([1, 2, 3], lambda y: 0.0, progress=lambda *done: told.append(done))
    assert told == [(6, 6)]


# ------------------------------------------------------------------------------------- bad input


def test_a_statistic_that_fails_for_some_resamples_is_counted():
    def log_rank_statistic(times, groups):
        return log_rank(Outcome(times, np.ones(len(times))), groups).statistic

    # a resample of one group only has no log-rank test: 2 × 2^-5 of them at most
    found = bootstrap((np.array([1.0, 2, 3, 4, 5, 6]), np.array(list("ABABAB"))),
                      log_rank_statistic, replicates=800)
    assert 0 < found.failed < 80
    assert int(np.isnan(found.replicates).sum()) == found.failed
    assert str(found.failed) in found.warnings[0]
    assert math.isfinite(float(found.se))
    with pytest.raises(NotEstimable, match="resamples"):
        bootstrap([0.0, 0, 0, 5], lambda y: 1.0 if y.tolist() == [0, 0, 0, 5] else np.nan,
                  replicates=50)


def test_an_arrangement_without_a_statistic_counts_as_extreme():
    found = permutation_test([0, 0, 1, 1], lambda g: 1.0 if g.tolist() == [0, 0, 1, 1]
                             else math.nan)
    assert found.p == 1
    assert "5 arrangements" in found.warnings[0]


def test_no_interval_is_made_up_where_there_is_none():
    same = bootstrap([2.0, 2, 2], np.mean, replicates=100)
    assert math.isnan(float(same.lower))
    assert "all replicates are the same" in same.notes[0]
    assert {row.statistic: row.value for row in same.tidy()}["lower"] is None
    largest = bootstrap([1.0, 2, 9], lambda y: float(y.max() > 100) + (len(y) == 3) * y.max(),
                        replicates=100, method="percentile", level=0.999)
    assert "more replicates" in largest.warnings[0]
    # 40 × .025 is the first of 39 replicates; 39 × .025 would lie before the first of 38
    assert percentile_bounds(np.arange(39.0), level=0.95).note == ""
    assert "extreme" in percentile_bounds(np.arange(38.0), level=0.95).note
    one_sided = bca_bounds(5.0, np.array([1.0, 2, 3]), 0.0, level=0.95)
    assert math.isnan(one_sided.lower)
    assert "one side" in one_sided.note
    unmoved = bca_bounds(2.0, np.array([1.0, 2, 3]), math.nan, level=0.95)
    assert "acceleration" in unmoved.note
    steep = bca_bounds(2.0, np.array([1.0, 2, 3]), 0.6, level=0.95)
    assert "too large" in steep.note


def test_an_error_keeps_its_words_on_the_way_from_another_process():
    import pickle

    with pytest.raises(NotEstimable) as refusal:
        bootstrap([1.0], np.mean)
    there_and_back = pickle.loads(pickle.dumps(refusal.value))
    assert str(there_and_back) == str(refusal.value)
    assert there_and_back.problems == refusal.value.problems


BAD = {
    "one subject": lambda: bootstrap([1.0], np.mean),
    "nobody": lambda: bootstrap([], np.mean),
    "a number that is no n": lambda: bootstrap(5, np.mean),
    "arrays of unlike length": lambda: bootstrap(([1, 2], [1, 2, 3]), np.mean),
    "NaN in the data": lambda: bootstrap([1.0, math.nan], np.mean),
    "no such method": lambda: bootstrap([1, 2], np.mean, method="normal"),
    "no such form": lambda: bootstrap([1, 2], np.mean, form="rows"),
    "no such level": lambda: bootstrap([1, 2], np.mean, level=95),
    "no replicates": lambda: bootstrap([1, 2], np.mean, replicates=0),
    "negative seed": lambda: bootstrap([1, 2], np.mean, seed=-1),
    "half a worker": lambda: bootstrap([1, 2], np.mean, workers=0.5),
    "strata of another length": lambda: bootstrap([1, 2], np.mean, strata=[1, 1, 2]),
    "each a stratum": lambda: bootstrap([1, 2], np.mean, strata=[1, 2]),
    "one number for all resamples": lambda: bootstrap(3, lambda i: 1.0, form="indices"),
    "all labels alike": lambda: permutation_test([1, 1, 1], lambda g: 1.0),
    "no values": lambda: permutation_test([], lambda g: 1.0),
    "NaN to permute": lambda: permutation_test([1, math.nan], lambda g: 1.0),
    "no such alternative": lambda: permutation_test([1, 2], lambda g: 1.0, alternative="both"),
    "no statistic": lambda: permutation_test([1, 2], lambda g: math.nan),
    "too many to visit": lambda: permutation_test(range(30), lambda g: 1.0, exhaustive=True),
    "one number for all": lambda: permutation_test([1, 2], lambda g: 1.0, vectorised=True),
    "strata of another length to permute": lambda: permutation_test(
        [1, 2], lambda g: 1.0, strata=[1]),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_had_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
