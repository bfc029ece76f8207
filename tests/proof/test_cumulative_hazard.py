"""Cause-specific hazards: worked by hand, R's and lifelines' numbers, properties, bad input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, cause_specific, cumulative_hazard, log_rank

from .oracles import records

PROOF = settings(max_examples=100, deadline=None, database=None)

# Two of cause 1 tied at 2, a lone censoring at 3, cause 1 tied with a censoring at 5, a lone
# cause 2 at 6, a lone cause 1 at 8, a lone censoring at 9.
TIMES = [2, 2, 3, 5, 5, 6, 8, 9]
CAUSES = [1, 1, 0, 1, 0, 2, 1, 0]

late = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 2)),
                min_size=1, max_size=12)


def outcome_of(rows):
    return Outcome([entry + stay for entry, stay, _ in rows], [c for _, _, c in rows],
                   [entry for entry, _, _ in rows])


def test_hazards_of_eight_subjects_worked_by_hand():
    outcome = Outcome(TIMES, CAUSES)
    first = cumulative_hazard(cause_specific(outcome, 1))
    # t  n  d   hazard              variance
    # 2  8  2   1/4                 2/64 = 1/32
    # 3  6  0
    # 5  5  1   1/4 + 1/5 = 9/20    1/32 + 1/25 = 57/800
    # 6  3  0   (cause 2: censored)
    # 8  2  1   9/20 + 1/2 = 19/20  57/800 + 1/4 = 257/800
    assert [p.hazard for p in first.at([1, 2, 3, 5, 6, 8, 9])] == pytest.approx(
        [0, 1 / 4, 1 / 4, 9 / 20, 9 / 20, 19 / 20, 19 / 20])
    assert list(first.variance) == pytest.approx(
        [1 / 32, 1 / 32, 57 / 800, 57 / 800, 257 / 800, 257 / 800])
    # interval at 5: 9/20 times or over exp(1.959964 * sqrt(57/800) / (9/20)) = exp(1.162594)
    (point,) = first.at([5])
    assert (point.lower, point.upper) == pytest.approx(
        (0.45 / math.exp(1.162594), 0.45 * math.exp(1.162594)), rel=1e-5)
    second = cumulative_hazard(cause_specific(outcome, 2))
    assert [p.hazard for p in second.at([5, 6, 9])] == pytest.approx([0, 1 / 3, 1 / 3])
    assert second.at([5])[0].note == "no event yet"
    assert math.isnan(first.at([10])[0].hazard)


def test_only_the_cause_is_an_event():
    outcome = Outcome(TIMES, CAUSES, [0, 1, 0, 0, 0, 0, 0, 0])
    seen = cause_specific(outcome, 2)
    assert seen.event.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert seen.entry.tolist() == outcome.entry.tolist()
    assert seen.time.tolist() == TIMES


def klein():
    rows = records("klein_bmt137", "bmt.csv")
    return Outcome([float(r["t2"]) for r in rows],
                   [1 if r["d2"] == "1" else 2 * int(r["d1"]) for r in rows])


def test_hazard_agrees_with_r():
    # R 4.2.2, survival 3.5-3: summary(survfit(Surv(t2, d2 == 1) ~ 1, klein),
    #   times = c(100, 365, 1000)): cumhaz, std.chaz
    points = cumulative_hazard(cause_specific(klein(), 1)).at([100, 365, 1000])
    assert [p.hazard for p in points] == pytest.approx(
        [0.08894806927, 0.2746011979, 0.4673588905], rel=1e-9)
    assert [p.se for p in points] == pytest.approx(
        [0.0268552564, 0.05149962206, 0.07445937261], rel=1e-9)


def test_hazard_agrees_with_lifelines():
    from lifelines import NelsonAalenFitter

    outcome = cause_specific(klein(), 1)
    peer = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(outcome.time, outcome.event)
    found = cumulative_hazard(outcome)
    at = peer.cumulative_hazard_.iloc[1:, 0]
    assert list(found.hazard) == pytest.approx(list(at), rel=1e-9)
    np.testing.assert_array_equal(found.time, at.index)


@PROOF
@given(late)
def test_hazards_equal_the_loop_and_those_of_causes_add_up(rows):
    outcome = outcome_of(rows)
    total = cumulative_hazard(outcome)
    hazard, variance = Fraction(0), Fraction(0)
    for place, now in enumerate(sorted({entry + stay for entry, stay, _ in rows})):
        n = sum(entry < now <= entry + stay for entry, stay, _ in rows)
        d = sum(entry + stay == now and cause > 0 for entry, stay, cause in rows)
        hazard, variance = hazard + Fraction(d, n), variance + Fraction(d, n * n)
        assert total.hazard[place] == pytest.approx(float(hazard))
        assert total.variance[place] == pytest.approx(float(variance))
    causes = [cumulative_hazard(cause_specific(outcome, c)).hazard for c in (1, 2)
              if (outcome.event == c).any()]
    assert np.sum(causes, axis=0) == pytest.approx(total.hazard if causes else 0)


@PROOF
@given(late, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_whole_weights_equal_repeated_rows(rows, times_over):
    weight = times_over[: len(rows)]
    if not any(weight):
        return
    repeated = [row for row, w in zip(rows, weight, strict=True) for _ in range(w)]
    one = cumulative_hazard(outcome_of(rows), weights=weight)
    two = cumulative_hazard(outcome_of(repeated))
    for name in ("time", "at_risk", "events", "hazard", "variance", "lower", "upper"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-12)


def test_the_expected_events_of_log_rank_are_hazards():
    # every subject's own hazard at its end sums to the events
    outcome = cause_specific(Outcome(TIMES, CAUSES), 1)
    curve = cumulative_hazard(outcome)
    own = curve.hazard[np.searchsorted(curve.time, outcome.time)]
    assert own.sum() == pytest.approx(outcome.events)
    groups = np.array(list("ABABABAB"))
    expected = log_rank(outcome, groups).expected
    assert [own[groups == g].sum() for g in "AB"] == pytest.approx(list(expected))


def test_bad_input_is_refused_and_a_curve_without_events_says_so():
    outcome = Outcome(TIMES, CAUSES)
    for call in (lambda: cause_specific(outcome, 3), lambda: cause_specific(outcome, 0),
                 lambda: cumulative_hazard(outcome, weights=[0] * 8),
                 lambda: cumulative_hazard(outcome, level=1)):
        with pytest.raises(NotEstimable):
            call()
    assert cumulative_hazard(Outcome([1, 2], [0, 0])).warnings == ("There is no event.",)
    rows = cumulative_hazard(outcome).tidy()
    values = {(row.statistic, row.at): row.value for row in rows}
    assert values["cumulative_hazard", 2] == 1 / 4
