"""Replicate-weighted kernels: by hand, against loops of the plain functions on repeated rows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    kaplan_meier,
    log_rank,
    weighted_log_rank,
    weighted_survival_at,
)

PROOF = settings(max_examples=100, deadline=None, database=None)

# Two events tied at 2 (one in each group), a lone censoring at 3, an event tied with a censoring
# at 5, a lone event at 7, lone censorings at 9 and 10.
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]
EVENTS = [1, 1, 0, 1, 0, 1, 0, 0]
GROUPS = ["A", "B", "A", "A", "B", "B", "A", "B"]
OUTCOME = Outcome(TIMES, EVENTS)


def test_survival_of_two_replicates_worked_by_hand():
    weights = [[1] * 8, [0, 2, 1, 1, 0, 1, 0, 0]]
    # every subject once: S(2) = 6/8, S(5) = 3/4 * 4/5 = 3/5, S(8) = 3/5 * 2/3 = 2/5
    # second: at 2 five at risk, 2 events: 3/5; at 5 two, 1 event: 3/10; at 7 one, 1 event: 0
    found = weighted_survival_at(OUTCOME, weights, [1, 2, 5, 8, 10.5])
    assert found[0, :4].tolist() == pytest.approx([1, 3 / 4, 3 / 5, 2 / 5])
    assert math.isnan(found[0, 4])  # followed to 10, survival 2/5
    assert found[1].tolist() == pytest.approx([1, 3 / 5, 3 / 10, 0, 0])


def test_follow_up_ends_with_the_replicate_not_the_cohort():
    # without those of 7, 9 and 10 nobody is followed beyond 5: S(2) = 3/5, S(5) = 3/5 * 1/2
    found = weighted_survival_at(OUTCOME, [[1, 1, 1, 1, 1, 0, 0, 0], [0] * 8], [5, 6])
    assert found[0, 0] == pytest.approx(3 / 10)
    assert math.isnan(found[0, 1])
    assert np.isnan(found[1]).all()


def test_log_rank_of_two_replicates_worked_by_hand():
    # all once: chi-square 112/1403 (see test_log_rank); all twice: O - E 8/15 and
    # V: t=2: n 16, n_A 8, d 4: 4 * 1/4 * 12/15 = 4/5; t=5: n 10, n_A 4, d 2: 2 * 6/25 * 8/9
    # = 32/75; t=7: n 6, n_A 2, d 2: 2 * 2/9 * 4/5 = 16/45. Sum 4/5 + 32/75 + 16/45 = 356/225
    found = weighted_log_rank(OUTCOME, GROUPS, [[1] * 8, [2] * 8])
    assert found.statistic.tolist() == pytest.approx([112 / 1403, (8 / 15) ** 2 / (356 / 225)])
    assert found.df.tolist() == [1, 1]
    assert found.groups == ("A", "B")


def repeated(outcome, row):
    kept = np.repeat(np.arange(len(outcome)), row)
    entry = None if outcome.entry is None else outcome.entry[kept]
    return kept, Outcome(outcome.time[kept], outcome.event[kept], entry)


def compare(outcome, groups, weights, at):
    survival = weighted_survival_at(outcome, weights, at)
    tests = weighted_log_rank(outcome, groups, weights)
    for i, row in enumerate(weights):
        if not row.any():
            assert np.isnan(survival[i]).all()
            assert (math.isnan(tests.statistic[i]), tests.df[i]) == (True, 0)
            continue
        kept, alone = repeated(outcome, row)
        np.testing.assert_array_equal(survival[i], [p.survival for p in kaplan_meier(alone).at(at)])
        try:
            test = log_rank(alone, np.array(groups)[kept])
        except NotEstimable:
            assert (math.isnan(tests.statistic[i]), tests.df[i]) == (True, 0)
            continue
        assert tests.statistic[i] == pytest.approx(test.statistic, rel=1e-10, abs=1e-12)
        assert tests.df[i] == test.df


cohort_with_weights = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 6), st.booleans(), st.sampled_from("ABC"),
              st.integers(0, 3), st.integers(0, 2)),
    min_size=2, max_size=10,
)


@PROOF
@given(cohort_with_weights, st.booleans(), st.sampled_from([1, 0.37]))
def test_whole_weights_are_repeated_rows(cohort, late, unit):
    start, stay, events, groups, *weights = zip(*cohort, strict=True)
    if len(set(groups)) < 2:
        groups = ("A", *("B" for _ in groups[1:]))
    start = np.array(start) * late
    outcome = Outcome((start + np.array(stay)) * unit, np.array(events, dtype=int),
                      start * unit if late else None)
    compare(outcome, groups, np.array(weights), np.array([0, 1, 3, 5.5, 9]) * unit)


def test_bootstrap_of_a_real_size_matches_the_loop():
    random = np.random.default_rng(7)
    times = np.ceil(random.exponential(600, 105))
    events = (random.random(105) < 0.4).astype(int)
    groups = random.choice(["x", "y", "z"], 105)
    weights = random.multinomial(105, [1 / 105] * 105, size=60)
    compare(Outcome(times, events), groups, weights, [100, 365, 900])


@PROOF
@given(st.integers(1, 40), st.integers(1, 400))
def test_blocks_do_not_show(seed, replicates):
    random = np.random.default_rng(seed)
    weights = random.integers(0, 3, (replicates, 8))
    whole = weighted_survival_at(OUTCOME, weights, [2, 6])
    one_by_one = np.vstack([weighted_survival_at(OUTCOME, weights[i: i + 1], [2, 6])
                            for i in range(min(replicates, 5))])
    np.testing.assert_array_equal(whole[:5], one_by_one)


def test_fractional_weights_reach_zero_and_scale_out_of_survival():
    weights = np.array([[0.1, 0.2, 0.3]])
    outcome = Outcome([1, 2, 3], [1, 1, 1])
    found = weighted_survival_at(outcome, np.vstack([weights, 10 * weights]), [1, 2, 3])
    assert found[0].tolist() == pytest.approx([5 / 6, 1 / 2, 0])
    assert found[:, 2].tolist() == [0, 0]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-14)


def test_no_events_is_survival_of_one_and_no_test():
    outcome = Outcome([1, 2, 3], [0, 0, 0])
    assert weighted_survival_at(outcome, [[1, 1, 1]], [2]).tolist() == [[1]]
    found = weighted_log_rank(outcome, list("AAB"), [[1, 1, 1]])
    assert math.isnan(found.statistic[0])


@pytest.mark.parametrize("weights", [
    [1] * 8, [[1] * 7], [[-1, *[1] * 7]], [[math.nan, *[1] * 7]], [[math.inf, *[1] * 7]],
    [["a"] * 8],
])
def test_weights_that_make_no_sense_are_refused(weights):
    for kernel in (lambda: weighted_survival_at(OUTCOME, weights, [5]),
                   lambda: weighted_log_rank(OUTCOME, GROUPS, weights)):
        with pytest.raises(NotEstimable) as refusal:
            kernel()
        assert str(refusal.value).strip()


def test_one_group_or_a_missing_time_is_refused():
    with pytest.raises(NotEstimable):
        weighted_log_rank(OUTCOME, ["A"] * 8, [[1] * 8])
    with pytest.raises(NotEstimable):
        weighted_survival_at(OUTCOME, [[1] * 8], [math.nan])
