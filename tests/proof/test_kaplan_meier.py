"""Kaplan-Meier: cases worked by hand, an exact loop, properties, R's numbers, bad input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, kaplan_meier, median_follow_up
from remission.statistics.outcome import merged_times

from .oracles import interval, product_limit, quantile_time, records, reference, strata

PROOF = settings(max_examples=150, deadline=None, database=None)
Z = 1.959963984540054  # two-sided 95 % normal quantile (any table: 1.959964)

# Eight subjects: two events tied at 2, a lone censoring at 3, an event tied with a censoring at 5,
# a lone event at 7, lone censorings at 9 and 10.
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]
EVENTS = [1, 1, 0, 1, 0, 1, 0, 0]

# definitions.md section 11.3, vector K1.
K1_TIMES = [2, 3, 4, 6, 6, 8, 9, 12, 14, 15]
K1_EVENTS = [1, 0, 1, 1, 0, 0, 1, 0, 0, 0]

subjects = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=12)


def split(cohort):
    times, events = zip(*cohort, strict=True)
    return list(times), [int(event) for event in events]


# ------------------------------------------------------------------------------ worked by hand


def test_every_column_of_eight_subjects_worked_by_hand():
    curve = kaplan_meier(Outcome(TIMES, EVENTS))
    # t   at risk  d  c   factor       S                    Greenwood term     running sum G
    # 2      8     2  0   6/8 = 3/4    3/4                  2/(8*6) = 1/24     1/24
    # 3      6     0  1   1            3/4                  0                  1/24
    # 5      5     1  1   4/5          3/4 * 4/5 = 3/5      1/(5*4) = 1/20     11/120
    # 7      3     1  0   2/3          3/5 * 2/3 = 2/5      1/(3*2) = 1/6      31/120
    # 9      2     0  1   1            2/5                  0                  31/120
    # 10     1     0  1   1            2/5                  0                  31/120
    assert list(curve.time) == [2, 3, 5, 7, 9, 10]
    assert list(curve.at_risk) == [8, 6, 5, 3, 2, 1]
    assert list(curve.events) == [2, 0, 1, 1, 0, 0]
    assert list(curve.censored) == [0, 1, 1, 0, 1, 1]
    assert list(curve.survival) == pytest.approx([3 / 4, 3 / 4, 3 / 5, 2 / 5, 2 / 5, 2 / 5])
    # variance S^2 G: 9/16 * 1/24 = 3/128, 9/25 * 11/120 = 33/1000, 4/25 * 31/120 = 31/750
    variance = [3 / 128, 3 / 128, 33 / 1000, 31 / 750, 31 / 750, 31 / 750]
    assert list(curve.se**2) == pytest.approx(variance)
    # square roots, by hand: sqrt(.0234375) = .153093, sqrt(.033) = .181659, sqrt(.041333) = .203306
    rounded = [0.153093, 0.153093, 0.181659, 0.203306, 0.203306, 0.203306]
    assert list(curve.se) == pytest.approx(rounded, abs=5e-7)


def test_plain_interval_worked_by_hand_and_clipped():
    curve = kaplan_meier(Outcome(TIMES, EVENTS), ci="plain")
    # t=2: .75 -/+ 1.959964 * .153093 = .75 -/+ .300057 -> .449943 to 1.050057, clipped at 1
    # t=5: .60 -/+ 1.959964 * .181659 = .60 -/+ .356045 -> .243955 to .956045
    # t=7: .40 -/+ 1.959964 * .203306 = .40 -/+ .398473 -> .001527 to .798473
    places = [0, 2, 3]
    assert list(curve.lower[places]) == pytest.approx([0.449943, 0.243955, 0.001527], abs=1e-6)
    assert list(curve.upper[places]) == pytest.approx([1.0, 0.956045, 0.798473], abs=1e-6)
    assert curve.upper[0] == 1.0


def test_log_interval_worked_by_hand_and_clipped():
    curve = kaplan_meier(Outcome(TIMES, EVENTS), ci="log")
    # S exp(-/+ z sqrt G):
    # t=2: z sqrt(1/24)   = 1.959964 * .204124 = .400076; .75 / 1.491938 = .502702; *: 1.118 -> 1
    # t=5: z sqrt(11/120) = 1.959964 * .302765 = .593409; .60 / 1.810149 = .331464; *: 1.086 -> 1
    # t=7: z sqrt(31/120) = 1.959964 * .508265 = .996181; .40 / 2.707920 = .147715; *: 1.083 -> 1
    widths = [Z * math.sqrt(g) for g in (1 / 24, 11 / 120, 31 / 120)]
    assert widths == pytest.approx([0.400076, 0.593409, 0.996181], abs=1e-6)
    lower = [
        0.75 * math.exp(-widths[0]),
        0.60 * math.exp(-widths[1]),
        0.40 * math.exp(-widths[2]),
    ]
    assert lower == pytest.approx([0.502702, 0.331464, 0.147715], abs=1e-6)
    assert list(curve.lower[[0, 2, 3]]) == pytest.approx(lower, rel=1e-12)
    assert list(curve.upper[[0, 2, 3]]) == [1.0, 1.0, 1.0]


def test_log_log_interval_worked_by_hand():
    curve = kaplan_meier(Outcome(TIMES, EVENTS))  # log-log is the default (section 11.3)
    # exponent a = z sqrt(G) / |ln S|; bounds S^exp(a) and S^exp(-a)
    # t=2: ln .75 = -.287682, a = .400076/.287682 = 1.390688, e^a = 4.017614
    #      lower .75^4.017614 = exp(-1.155796) = .314807, upper .75^.248904 = e^-.071605 = .930898
    # t=7: ln .40 = -.916291, a = .996181/.916291 = 1.087189, e^a = 2.965924
    #      lower .40^2.965924 = exp(-2.717649) = .066030, upper .40^.337163 = e^-.308939 = .734225
    first = Z * math.sqrt(1 / 24) / -math.log(0.75)
    last = Z * math.sqrt(31 / 120) / -math.log(0.40)
    assert [first, last] == pytest.approx([1.390688, 1.087189], abs=1e-6)
    lower = [0.75 ** math.exp(first), 0.40 ** math.exp(last)]
    upper = [0.75 ** math.exp(-first), 0.40 ** math.exp(-last)]
    assert lower == pytest.approx([0.314807, 0.066030], abs=2e-6)
    assert upper == pytest.approx([0.930898, 0.734225], abs=2e-6)
    assert list(curve.lower[[0, 3]]) == pytest.approx(lower, rel=1e-12)
    assert list(curve.upper[[0, 3]]) == pytest.approx(upper, rel=1e-12)


def test_points_between_and_on_the_times_worked_by_hand():
    curve = kaplan_meier(Outcome(TIMES, EVENTS))
    before, on, between, last = curve.at([1, 5, 6, 10])
    # before the first time: nobody gone, survival 1
    assert (before.survival, before.at_risk, before.events, before.censored) == (1, 8, 0, 0)
    # at 5: still in are 5, 5, 7, 9, 10; gone with an event 2, 2, 5; censored 3, 5
    assert (on.at_risk, on.events, on.censored) == (5, 3, 2)
    assert on.survival == pytest.approx(3 / 5)
    # at 6: still in are 7, 9, 10; the curve holds its value of 5
    assert (between.at_risk, between.events, between.censored) == (3, 3, 2)
    assert between.survival == pytest.approx(3 / 5)
    assert (between.lower, between.upper) == (on.lower, on.upper)
    # at the last follow-up itself the curve is known: events 2, 2, 5, 7, censored 3, 5, 9, 10
    assert (last.at_risk, last.events, last.censored) == (1, 4, 4)
    assert last.survival == pytest.approx(2 / 5)
    assert [curve.risk_at(t) for t in (0, 2, 2.5, 5, 7, 9.5, 11)] == [8, 8, 6, 5, 3, 1, 0]


def test_beyond_the_last_follow_up_is_unknown_unless_nobody_was_left_alive():
    (beyond,) = kaplan_meier(Outcome(TIMES, EVENTS)).at([10.5])
    assert math.isnan(beyond.survival)  # the last subject was censored at 10 with S = 2/5
    assert beyond.note
    assert beyond.at_risk == 0
    (extinct,) = kaplan_meier(Outcome([1, 2], [1, 1])).at([5])
    assert extinct.survival == 0  # 1/2 * 0/1 = 0 at 2, and it stays 0


def test_bounds_are_missing_where_survival_is_one_or_zero():
    # censored at 1 (S = 1), event at 2 (n=3, S = 2/3), both left die at 3 (S = 0)
    curve = kaplan_meier(Outcome([1, 2, 3, 3], [0, 1, 1, 1]))
    assert list(curve.survival) == pytest.approx([1, 2 / 3, 0])
    assert list(np.isnan(curve.lower)) == [True, False, True]
    assert list(np.isnan(curve.upper)) == [True, False, True]


def test_quantiles_worked_by_hand():
    curve = kaplan_meier(Outcome(TIMES, EVENTS))
    # S = 3/4 at 2, 3/5 at 5, 2/5 at 7 and never below: the first at or below 3/4, 1/2, 1/5
    assert curve.quantile(0.25).time == 2
    assert curve.quantile(0.5).time == 7
    assert curve.quantile(0.8).time is None
    # log-log bounds: lower .314807 at 2 is already <= 1/2; upper stays above 1/2 (.734225 at 7)
    assert curve.quantile(0.5).lower == 2
    assert curve.quantile(0.5).upper is None


def test_survival_exactly_at_the_quantile_takes_the_first_time_of_the_span():
    # four deaths at 1, 2, 3, 4: S = 3/4, 1/2, 1/4, 0; S is 1/2 from 2 to 3, so the median is 2
    curve = kaplan_meier(Outcome([1, 2, 3, 4], [1, 1, 1, 1]))
    assert [curve.quantile(share).time for share in (0.25, 0.5, 0.75)] == [1, 2, 3]
    # ten deaths: S = 9/10 * 8/9 * ... is k/10 exactly, however the product is rounded
    curve = kaplan_meier(Outcome(range(1, 11), [1] * 10))
    assert [curve.quantile(k / 10).time for k in range(1, 10)] == list(range(1, 10))


def test_times_a_rounding_error_apart_are_tied():
    # 1 and 1 + 1e-10: one time, 2 events of 3 at risk, S = 1/3
    curve = kaplan_meier(Outcome([1, 1 + 1e-10, 2], [1, 1, 0]))
    assert list(curve.at_risk) == [3, 1]
    assert list(curve.events) == [2, 0]
    assert list(curve.survival) == pytest.approx([1 / 3, 1 / 3])
    # a censoring 1e-10 before the event still counts at risk: S = 2/3, not 1/2
    curve = kaplan_meier(Outcome([1, 1 + 1e-10, 2], [0, 1, 0]))
    assert list(curve.survival) == pytest.approx([2 / 3, 2 / 3])


def test_delayed_entry_worked_by_hand():
    # subject (entry, time, event): at risk at t when entry < t <= time
    # 1 (0,3,1)  2 (0,5,0)  3 (2,6,1)  4 (4,6,1)  5 (3,8,0)  6 (5,9,1)
    times, events, entry = [3, 5, 6, 6, 8, 9], [1, 0, 1, 1, 0, 1], [0, 0, 2, 4, 3, 5]
    curve = kaplan_meier(Outcome(times, events, entry=entry))
    # t=3: 1, 2, 3 (5 enters only at 3) n=3 d=1, S = 2/3,             G = 1/(3*2)       = 1/6
    # t=5: 2, 3, 4, 5 (6 enters at 5)   n=4 d=0, S = 2/3
    # t=6: 3, 4, 5, 6                   n=4 d=2, S = 2/3 * 2/4 = 1/3, G = 1/6 + 2/(4*2) = 5/12
    # t=8: 5, 6                         n=2 d=0
    # t=9: 6                            n=1 d=1, S = 0
    assert list(curve.time) == [3, 5, 6, 8, 9]
    assert list(curve.at_risk) == [3, 4, 4, 2, 1]
    assert list(curve.survival) == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3, 0])
    # variance: 4/9 * 1/6 = 2/27; 1/9 * 5/12 = 5/108
    assert list(curve.se[:4] ** 2) == pytest.approx([2 / 27, 2 / 27, 5 / 108, 5 / 108])
    assert curve.quantile(0.5).time == 6
    # at 4: in are 2, 3, 5 (4 enters at 4); at 4.5 also 4
    assert [curve.risk_at(t) for t in (4, 4.5)] == [3, 4]
    # had entry been ignored the factor at 3 would be 5/6, at 6 2/4: S = 5/12, not 1/3
    plain = kaplan_meier(Outcome(times, events))
    assert list(plain.survival) == pytest.approx([5 / 6, 5 / 6, 5 / 12, 5 / 12, 0])


# ------------------------------------------------------------------ vectors of definitions.md 11.3


def test_vector_k1_of_definitions_11_3():
    outcome = Outcome(K1_TIMES, K1_EVENTS)
    curve = kaplan_meier(outcome)
    # 9/10 at 2, * 7/8 at 4, * 6/7 at 6 (7 at risk, one censored there), * 3/4 at 9
    points = curve.at([2, 4, 6, 9])
    assert [p.survival for p in points] == pytest.approx([0.9, 0.7875, 0.675, 0.50625])
    # G = 1/90 + 1/56 + 1/42 + 1/12 = 49/360, se at 12 = .50625 * sqrt(.136111) = .1868
    assert curve.at([12])[0].se == pytest.approx(0.50625 * math.sqrt(49 / 360))
    printed = {"plain": (0.140, 0.872), "log": (0.246, 1.000), "log-log": (0.140, 0.790)}
    for scale, bounds in printed.items():
        (point,) = kaplan_meier(outcome, ci=scale).at([12])
        assert (point.lower, point.upper) == pytest.approx(bounds, abs=5e-4)
    assert curve.quantile(0.5).time is None  # S never <= .5: median not reached


def test_vector_k1_median_follow_up():
    # flipped: censorings at 3 (n=9), 6 (n=6 once the death of 6 is out, 7 if not), 8 (5), 12 (3)
    # 8/9 * 5/6 * 4/5 = .5926 then * 2/3 = .3951; with 6/7 in place of 5/6: .6095, .4063
    assert median_follow_up(Outcome(K1_TIMES, K1_EVENTS)).time == 12  # as section 11.3 prints


# k, n, S, se, plain, log, log-log as printed in definitions.md 11.3 (K2), bounds cut at 0 and 1
K2 = [
    (22, 30, 0.7333, 0.0807, (0.575, 0.892), (0.591, 0.910), (0.537, 0.857)),
    (26, 30, 0.8667, 0.0621, (0.745, 0.988), (0.753, 0.997), (0.683, 0.948)),
    (44, 45, 0.9778, 0.0220, (0.935, 1.0), (0.936, 1.0), (0.853, 0.997)),
    (70, 75, 0.9333, 0.0288, (0.877, 0.990), (0.879, 0.992), (0.847, 0.972)),
    (1, 10, 0.1000, 0.0949, (0.0, 0.286), (0.016, 0.642), (0.006, 0.358)),
]


@pytest.mark.parametrize("row", K2)
def test_vector_k2_of_definitions_11_3(row):
    k, n, survival, se, plain, log, log_log = row
    # n - k deaths on different days before 12, k alive and censored at 13
    days = [12 * (i + 1) / (n + 1) for i in range(n - k)] + [13] * k
    outcome = Outcome(days, [1] * (n - k) + [0] * k)
    for scale, bounds in (("plain", plain), ("log", log), ("log-log", log_log)):
        (point,) = kaplan_meier(outcome, ci=scale).at([12])
        assert point.survival == pytest.approx(survival, abs=5e-5)
        # without censoring Greenwood is the binomial sqrt(p(1-p)/n)
        assert point.se == pytest.approx(math.sqrt(k / n * (1 - k / n) / n))
        assert point.se == pytest.approx(se, abs=5e-5)
        assert (point.lower, point.upper) == pytest.approx(bounds, abs=5.5e-4)


def test_vector_k2_three_of_three_alive_has_no_interval():
    (point,) = kaplan_meier(Outcome([13, 14, 15], [0, 0, 0])).at([12])  # section 11.3: S 1, se 0
    assert (point.survival, point.se) == (1, 0)
    assert math.isnan(point.lower)
    assert math.isnan(point.upper)


# -------------------------------------------------------------------------- against the exact loop


@PROOF
@given(subjects)
def test_every_column_equals_the_exact_loop(cohort):
    times, events = split(cohort)
    rows = product_limit(times, events)
    curve = kaplan_meier(Outcome(times, events))
    for name in ("time", "at_risk", "events", "censored"):
        assert list(getattr(curve, name)) == [row[name] for row in rows]
    assert list(curve.survival) == pytest.approx([float(row["survival"]) for row in rows])
    for row, se in zip(rows, curve.se, strict=True):
        if row["greenwood"] is not None:
            assert se**2 == pytest.approx(float(row["survival"] ** 2 * row["greenwood"]))


@PROOF
@given(subjects, st.sampled_from(["plain", "log", "log-log"]), st.sampled_from([0.9, 0.95, 0.99]))
def test_every_interval_equals_the_definition(cohort, scale, level):
    times, events = split(cohort)
    curve = kaplan_meier(Outcome(times, events), ci=scale, level=level)
    found = zip(product_limit(times, events), curve.lower, curve.upper, strict=True)
    for row, lower, upper in found:
        if row["survival"] in (0, 1):
            assert math.isnan(lower)
            assert math.isnan(upper)
        else:
            bounds = interval(row["survival"], row["greenwood"], scale, level)
            assert (lower, upper) == pytest.approx(bounds, rel=1e-9, abs=1e-12)


@PROOF
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 5), st.booleans()), min_size=1, max_size=12
    )
)
def test_delayed_entry_equals_the_exact_loop(cohort):
    entry = [start for start, _, _ in cohort]
    times = [start + stay for start, stay, _ in cohort]
    events = [int(event) for _, _, event in cohort]
    rows = product_limit(times, events, entry)
    curve = kaplan_meier(Outcome(times, events, entry=entry))
    assert list(curve.at_risk) == [row["at_risk"] for row in rows]
    assert list(curve.survival) == pytest.approx([float(row["survival"]) for row in rows])
    for row, se in zip(rows, curve.se, strict=True):
        if row["greenwood"] is not None:
            assert se**2 == pytest.approx(float(row["survival"] ** 2 * row["greenwood"]))


@PROOF
@given(subjects, st.integers(1, 9))
def test_quantile_equals_the_exact_loop(cohort, tenths):
    times, events = split(cohort)
    expected = quantile_time(product_limit(times, events), Fraction(tenths, 10))
    assert kaplan_meier(Outcome(times, events)).quantile(tenths / 10).time == expected


@PROOF
@given(subjects, st.integers(1, 9))
def test_quantile_bounds_are_where_the_bounds_cross(cohort, tenths):
    # Brookmeyer & Crowley 1982: the first time the lower (upper) bound is at or below 1 - share;
    # missing bounds (survival 1 or 0) cross nothing, as in R (aml: non-maintained, upper NA)
    times, events = split(cohort)
    curve = kaplan_meier(Outcome(times, events))
    found = curve.quantile(tenths / 10)
    for mine, bounds in ((found.lower, curve.lower), (found.upper, curve.upper)):
        crossed = [t for t, b in zip(curve.time, bounds, strict=True) if b <= 1 - tenths / 10]
        assert mine == (crossed[0] if crossed else None)


@PROOF
@given(subjects, st.integers(0, 15))
def test_points_equal_the_exact_loop(cohort, half_days):
    times, events = split(cohort)
    when = half_days / 2
    (point,) = kaplan_meier(Outcome(times, events)).at([when])
    past = [row for row in product_limit(times, events) if row["time"] <= when]
    assert point.at_risk == sum(t >= when for t in times)
    assert point.events == sum(row["events"] for row in past)
    assert point.censored == sum(row["censored"] for row in past)
    survival = past[-1]["survival"] if past else 1
    if when > max(times) and survival > 0:
        assert math.isnan(point.survival)
        assert point.note
    else:
        assert point.survival == pytest.approx(float(survival))


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_subjects_does_not_matter(cohort, random):
    shuffled = random.sample(cohort, len(cohort))
    one, two = (kaplan_meier(Outcome(*split(c))) for c in (cohort, shuffled))
    for name in ("time", "at_risk", "survival", "se", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@PROOF
@given(subjects, st.sampled_from([1 / 30.4375, 1 / 365.25, 7, 86400, 1e-6, 1e9]))
def test_the_unit_of_time_does_not_matter(cohort, unit):
    times, events = split(cohort)
    one = kaplan_meier(Outcome(times, events))
    two = kaplan_meier(Outcome([t * unit for t in times], events))
    np.testing.assert_allclose(two.time, one.time * unit)
    for name in ("at_risk", "events", "censored", "survival", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@PROOF
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(0, 6))
def test_without_censoring_survival_is_the_share_still_alive(times, when):
    (point,) = kaplan_meier(Outcome(times, [1] * len(times))).at([when])
    assert point.survival == pytest.approx(sum(t > when for t in times) / len(times))


@PROOF
@given(subjects, st.sampled_from(["plain", "log", "log-log"]))
def test_bounds_hold_the_estimate_and_widen_with_the_level(cohort, scale):
    outcome = Outcome(*split(cohort))
    narrow, wide = (kaplan_meier(outcome, ci=scale, level=level) for level in (0.95, 0.99))
    inside = ~np.isnan(narrow.lower)
    assert np.all(narrow.lower[inside] < narrow.survival[inside])
    assert np.all(narrow.upper[inside] > narrow.survival[inside])
    assert np.all((wide.lower <= narrow.lower)[inside])
    assert np.all((wide.upper >= narrow.upper)[inside])
    assert np.all((wide.lower[inside] >= 0) & (wide.upper[inside] <= 1))
    if scale == "log-log":  # never touches 0 or 1, so the widening is strict
        assert np.all((wide.upper - wide.lower > narrow.upper - narrow.lower)[inside])


# ------------------------------------------------------------------------------------ R 4.2.2


def check_against_r(rows, curves, prefix):
    """Compare S, se, log-log bounds and number at risk with summary(survfit(...)) of R."""
    for row in rows:
        (point,) = curves[row["strata"].removeprefix(prefix)].at([row["time"]])
        assert point.at_risk == row["n_risk"]
        assert point.survival == pytest.approx(row["surv"], rel=1e-6)
        if row["se"] is not None:
            found = (point.se, point.lower, point.upper)
            assert found == pytest.approx((row["se"], row["lo"], row["hi"]), rel=1e-6)


R_CASES = [
    # where the numbers are, CSV, columns: group, time, event (1 = event)
    (("klein_bmt137", "km_dfs"), ("klein_bmt137", "bmt.csv"), ("group", "t2", "d3")),
    (("aml", "km"), ("survival_pkg", "aml.csv"), ("x", "time", "status")),
    (("gbsg", "km"), ("survival_pkg", "gbsg.csv"), ("hormon", "rfstime", "status")),
    (("myeloid", "km_os"), ("survival_pkg", "myeloid.csv"), ("trt", "futime", "death")),
]


@pytest.mark.parametrize(("keys", "path", "columns"), R_CASES)
def test_curves_agree_with_r(keys, path, columns):
    rows = reference(*keys)
    data = strata(records(*path), *columns)
    curves = {label: kaplan_meier(Outcome(*subjects)) for label, subjects in data.items()}
    check_against_r(rows, curves, prefix=f"{columns[0]}=")


def test_event_free_survival_of_265_children_agrees_with_r():
    rows = reference("tall265", "km_efs")
    # REFERENCE.txt: Surv(efs.time, efs.censor), so efs.censor 1 means event; 3 without a time
    data = [r for r in records("tall_aall0434_265", "data.csv") if r["efs.time"]]
    assert len(data) == 262
    times = [float(r["efs.time"]) for r in data]
    curve = kaplan_meier(Outcome(times, [int(r["efs.censor"]) for r in data]))
    check_against_r(rows, {"all": curve}, prefix="")


def test_medians_of_klein_agree_with_r():
    data = strata(records("klein_bmt137", "bmt.csv"), "group", "t2", "d3")
    # REFERENCE.txt prints R's default (log) limits: median 0.95LCL 0.95UCL
    printed = {"1": (418, 194, None), "2": (2204, 704, None), "3": (183, 115, 456)}
    for group, expected in printed.items():
        median = kaplan_meier(Outcome(*data[group]), ci="log").quantile(0.5)
        assert (median.time, median.lower, median.upper) == expected


# --------------------------------------------------------------------------------------- bad input

BAD = {
    "missing time": ([1, math.nan], [1, 0], None),
    "negative time": ([1, -2], [1, 0], None),
    "entry at the time": ([1, 2], [1, 0], [0, 2]),
    "entry after the time": ([1, 2], [1, 0], [0, 3]),
    "missing entry": ([1, 2], [1, 0], [0, math.nan]),
    "half an event": ([1, 2], [0.5, 0], None),
    "missing event": ([1, 2], [math.nan, 0], None),
    "negative event": ([1, 2], [-1, 0], None),
    "nobody": ([], [], None),
    "fewer events than times": ([1, 2], [1], None),
    "fewer entries than times": ([1, 2], [1, 0], [0]),
    "a table of times": ([[1, 2], [3, 4]], [[1, 0], [0, 1]], None),
}


@pytest.mark.parametrize(("time", "event", "entry"), BAD.values(), ids=BAD.keys())
def test_an_outcome_that_makes_no_sense_is_refused(time, event, entry):
    with pytest.raises(NotEstimable) as refusal:
        Outcome(time, event, entry=entry)
    assert str(refusal.value).strip()


# ------------------------------------------------------------------------------ arcsine interval


def test_arcsine_interval_worked_by_hand():
    curve = kaplan_meier(Outcome(TIMES, EVENTS), ci="arcsine")
    # angle asin(sqrt S), half width z/2 sqrt(G) sqrt(S / (1 - S)):
    # t=2: angle asin(.866025) = pi/3 = 1.047198, width .979982 * .204124 * sqrt(3) = .346476
    #      lower sin^2(.700722) = .415728, upper sin^2(1.393674) = .968954
    # t=7: angle asin(.632456) = .684719, width .979982 * .508265 * sqrt(2/3) = .406689
    #      lower sin^2(.278030) = .075329, upper sin^2(1.091408) = .787261
    widths = [Z / 2 * math.sqrt(1 / 24) * math.sqrt(3), Z / 2 * math.sqrt(31 / 120 * 2 / 3)]
    assert widths == pytest.approx([0.346476, 0.406689], abs=1e-6)
    # R 4, survival 3.5-3: summary(survfit(Surv(c(2,2,3,5,5,7,9,10), c(1,1,0,1,0,1,0,0)) ~ 1,
    #                                       conf.type = "arcsin"))
    lower = [0.41572761251, 0.24921345582, 0.07532927525]
    upper = [0.9689542153, 0.9002508998, 0.7872612242]
    assert math.sin(math.pi / 3 - widths[0]) ** 2 == pytest.approx(lower[0])
    assert math.sin(math.asin(math.sqrt(0.4)) + widths[1]) ** 2 == pytest.approx(upper[2])
    assert list(curve.lower[[0, 2, 3]]) == pytest.approx(lower, rel=1e-9)
    assert list(curve.upper[[0, 2, 3]]) == pytest.approx(upper, rel=1e-9)


def test_arcsine_interval_of_klein_agrees_with_r_at_two_levels():
    rows = records("klein_bmt137", "bmt.csv")
    outcome = Outcome([float(r["t2"]) for r in rows], [int(r["d3"]) for r in rows])
    # summary(survfit(Surv(t2, d3) ~ 1, bmt, conf.type = "arcsin", conf.int = level),
    #         times = c(100, 365, 1000))
    expected = {
        0.95: [(0.7569192771, 0.8836291883), (0.4995744168, 0.6641937216),
               (0.3311266089, 0.4960783846)],
        0.90: [(0.7683726679, 0.8748582621), (0.5130556835, 0.6514005334),
               (0.3439239589, 0.4825496334)],
    }
    for level, bounds in expected.items():
        points = kaplan_meier(outcome, ci="arcsine", level=level).at([100, 365, 1000])
        for point, pair in zip(points, bounds, strict=True):
            assert (point.lower, point.upper) == pytest.approx(pair, rel=1e-8)
        assert [p.at_risk for p in points] == [114, 79, 48]


# ------------------------------------------------------------------------- quantile conventions


def test_the_middle_convention_is_that_of_r():
    # quantile(survfit(Surv(1:4, rep(1, 4)) ~ 1, conf.type = "log-log"), c(.25, .5, .75)):
    # 1.5 2.5 3.5; S is 3/4 from 1 to 2, 1/2 from 2 to 3, 1/4 from 3 to 4
    curve = kaplan_meier(Outcome([1, 2, 3, 4], [1, 1, 1, 1]))
    found = curve.quantiles([0.25, 0.5, 0.75], convention="middle")
    assert [q.time for q in found] == [1.5, 2.5, 3.5]
    assert [q.lower for q in found] == [1, 1, 1]
    assert [q.upper for q in found] == [3, None, None]
    # survfit(Surv(1:10, rep(1, 10)) ~ 1), c(.2, .5, .9): 2.5 5.5 9.5, lower 1 1 7, upper 5 8 NA
    curve = kaplan_meier(Outcome(range(1, 11), [1] * 10))
    found = curve.quantiles([0.2, 0.5, 0.9], convention="middle")
    assert [(q.time, q.lower, q.upper) for q in found] == [(2.5, 1, 5), (5.5, 1, 8), (9.5, 7, None)]


def test_a_curve_flat_at_a_half_to_its_end():
    # S = 3/4, 1/2 at 2, then censored at 5 and 9. R's quantile() gives 5.5 = (2 + 9) / 2, its
    # print() 2, which is the first convention.
    curve = kaplan_meier(Outcome([1, 2, 5, 9], [1, 1, 0, 0]))
    assert curve.quantile(0.5).time == 2
    assert curve.quantile(0.5, convention="middle").time == 5.5


@pytest.mark.parametrize(("ci", "level", "expected"), [
    # quantile(survfit(Surv(time, status) ~ 1, veteran, conf.type = , conf.int = ), c(.25, .5, .75))
    ("plain", 0.95, [(25, 19, 35), (80, 52, 103), (162, 126, 228)]),
    ("arcsine", 0.90, [(25, 19, 31), (80, 53, 99), (162, 133, 216)]),
])
def test_quantiles_of_the_veterans_agree_with_r(ci, level, expected):
    rows = records("survival_pkg", "veteran.csv")
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["status"]) for r in rows])
    found = kaplan_meier(outcome, ci=ci, level=level).quantiles([0.25, 0.5, 0.75])
    assert [(q.time, q.lower, q.upper) for q in found] == expected


# ------------------------------------------------------------------------------------- weights


def test_weights_worked_by_hand():
    # times 1, 2, 2, 3, 4; events 1, 1, 0, 1, 0; weights 2, 1, 3, 1, 2 (sum 9)
    # t  at risk  d  c  S                        G
    # 1     9     2  0  7/9                      2/(9*7)            = 2/63
    # 2     7     1  3  7/9 * 6/7 = 2/3          + 1/(7*6)  = 1/42  -> 1/18
    # 3     3     1  0  2/3 * 2/3 = 4/9          + 1/(3*2)  = 1/6   -> 2/9
    # 4     2     0  2  4/9
    curve = kaplan_meier(Outcome([1, 2, 2, 3, 4], [1, 1, 0, 1, 0]), weights=[2, 1, 3, 1, 2])
    assert list(curve.at_risk) == [9, 7, 3, 2]
    assert list(curve.events) == [2, 1, 1, 0]
    assert list(curve.censored) == [0, 3, 0, 2]
    assert list(curve.survival) == pytest.approx([7 / 9, 2 / 3, 4 / 9, 4 / 9])
    assert curve.se[2] == pytest.approx(4 / 9 * math.sqrt(2 / 9))
    # R: survfit(..., weights = c(2, 1, 3, 1, 2)): std.err .138580 .157135 .209513
    assert list(curve.se[:3]) == pytest.approx([0.138580, 0.157135, 0.209513], abs=1e-6)


def test_fractional_weights_agree_with_r():
    rows = records("survival_pkg", "veteran.csv")
    weights = [1 + (float(r["karno"]) >= 60) + 0.5 * (float(r["age"]) > 60) for r in rows]
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["status"]) for r in rows])
    # survfit(Surv(time, status) ~ 1, veteran, weights = w, conf.type = "log-log", robust = FALSE)
    expected = [
        (202.0, 0.7635801204, 0.02634842622, 0.70708628879, 0.8106505994),
        (115.5, 0.4624947159, 0.03115925749, 0.40045777705, 0.5221708526),
        (27.0, 0.1245923450, 0.02184921166, 0.08574252048, 0.1710394039),
    ]
    for point, row in zip(
            kaplan_meier(outcome, weights=weights).at([30, 100, 300]), expected, strict=True):
        found = (point.at_risk, point.survival, point.se, point.lower, point.upper)
        assert found == pytest.approx(row, rel=1e-8)


weighted = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 5), st.booleans(), st.integers(0, 3)),
    min_size=1, max_size=10,
)


@settings(max_examples=100, deadline=None, database=None)
@given(weighted, st.booleans(), st.sampled_from([1, 0.37]))
def test_weights_are_repeated_rows(cohort, late, unit):
    cohort = [(s * late, (s * late + stay) * unit, int(e), w) for s, stay, e, w in cohort]
    weights = [w for *_, w in cohort]
    if not any(weights):
        weights[0], cohort[0] = 1, (*cohort[0][:3], 1)
    entry, times, events, _ = zip(*cohort, strict=True)
    entry = [e * unit for e in entry]
    one = kaplan_meier(Outcome(times, events, entry if late else None), weights=weights)
    copied = np.repeat(np.arange(len(cohort)), weights)
    two = kaplan_meier(Outcome(np.array(times)[copied], np.array(events)[copied],
                               np.array(entry)[copied] if late else None))
    for name in ("time", "at_risk", "events", "censored", "survival", "se", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    for when in (0, 0.5 * unit, 2 * unit, 9 * unit):
        assert one.risk_at(when) == two.risk_at(when)


def test_fractional_weights_reach_exactly_zero():
    # .1 + .2 is not .3 in floats; the last one at risk still takes survival to 0, with entry too
    curve = kaplan_meier(Outcome([1, 2, 3], [1, 1, 1]), weights=[0.1, 0.2, 0.3])
    assert curve.survival[-1] == 0
    assert curve.at_risk[-1] == 0.3
    # at 1 only the first is at risk: (.1 + .2 + .3) - (.2 + .3) is not .1 in floats
    curve = kaplan_meier(Outcome([1, 3, 4], [1, 1, 0], [0, 1, 2]), weights=[0.1, 0.2, 0.3])
    assert curve.at_risk.tolist() == [0.1, 0.5, 0.3]
    assert curve.survival.tolist() == [0, 0, 0]


@pytest.mark.parametrize("weights", [
    [1, 1], [1, -1, 1], [0, 0, 0], [1, math.nan, 1], [1, math.inf, 1], [[1, 1, 1]],
])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(NotEstimable) as refusal:
        kaplan_meier(Outcome([1, 2, 3], [1, 0, 1]), weights=weights)
    assert str(refusal.value).strip()


# ------------------------------------------------------------------ several rows of one subject


@settings(max_examples=100, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=10),
    st.sampled_from([1, 2, 2.5, 4]), st.booleans(),
)
def test_splitting_follow_up_changes_nothing(cohort, cut, in_years):
    unit = 1 / 365.25 if in_years else 1
    times = np.array([t for t, _ in cohort]) * unit
    events = np.array([int(e) for _, e in cohort])
    cut = cut * unit
    long = times > cut
    stop = np.concatenate([np.where(long, cut, times), times[long]])
    event = np.concatenate([np.where(long, 0, events), events[long]])
    entry = np.concatenate([np.zeros(len(times)), np.full(long.sum(), cut)])
    one, two = kaplan_meier(Outcome(times, events)), kaplan_meier(Outcome(stop, event, entry))
    same = np.isin(two.time, one.time)
    for name in ("time", "at_risk", "events", "survival", "se", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name)[same])
    for when in (0.5 * unit, cut, 3 * unit, 7 * unit):
        assert one.risk_at(when) == two.risk_at(when)


def test_an_entry_a_rounding_error_before_an_event_is_at_it():
    # at 2 one dies of 2 at risk; the third comes under observation at 2 - 1e-10, that is, at 2
    curve = kaplan_meier(Outcome([2, 3, 4], [1, 0, 1], entry=[0, 0, 2 - 1e-10]))
    assert list(curve.at_risk) == [2, 2, 1]
    assert curve.survival[0] == pytest.approx(1 / 2)


def test_rows_of_the_heart_study_agree_with_r():
    rows = records("survival_pkg", "heart.csv")
    # summary(survfit(Surv(start, stop, event) ~ transplant, heart, conf.type = "log-log"),
    #         times = c(30, 100, 500)): n.risk, surv, std.err, lower, upper
    expected = {
        "0": [(46, 0.8068055308, 0.04277071213, 0.70587377793, 0.8760737308),
              (10, 0.5627140110, 0.08102681750, 0.39088680817, 0.7033103677),
              (1, 0.2363398846, 0.12197722703, 0.05455927956, 0.4889891793)],
        "1": [(34, 0.7354214413, 0.10022597606, 0.48049947133, 0.8791028583),
              (40, 0.4678754215, 0.08016207596, 0.30670995154, 0.6137609805),
              (22, 0.3210952192, 0.06525838037, 0.19926434128, 0.4493185126)],
    }
    for transplant, numbers in expected.items():
        mine = [r for r in rows if r["transplant"] == transplant]
        curve = kaplan_meier(Outcome(
            [float(r["stop"]) for r in mine], [int(r["event"]) for r in mine],
            entry=[float(r["start"]) for r in mine]))
        for point, row in zip(curve.at([30, 100, 500]), numbers, strict=True):
            found = (point.at_risk, point.survival, point.se, point.lower, point.upper)
            assert found == pytest.approx(row, rel=1e-8)


def test_a_curve_that_falls_to_zero_before_others_enter_says_so():
    curve = kaplan_meier(Outcome([1, 5, 6], [1, 1, 0], entry=[0, 2, 2]))
    assert list(curve.survival) == [0, 0, 0]
    assert "others came under observation later" in curve.warnings[0]
    assert kaplan_meier(Outcome([1, 2], [1, 1])).warnings == ()


# ---------------------------------------------------------------- numbers at risk, rows, counting


def test_numbers_at_risk_as_data_worked_by_hand():
    numbers = kaplan_meier(Outcome(TIMES, EVENTS)).numbers_at([0, 2, 5, 6, 11])
    # just before each: all; all; 5 5 7 9 10; 7 9 10; nobody. By each: events 2 2 | 5 | 7,
    # censored 3 5 9 10
    assert numbers.at_risk.tolist() == [8, 8, 5, 3, 0]
    assert numbers.events.tolist() == [0, 2, 3, 3, 4]
    assert numbers.censored.tolist() == [0, 0, 2, 2, 4]


def test_every_subject_is_somewhere_in_the_numbers():
    numbers = kaplan_meier(Outcome(TIMES, EVENTS)).numbers_at([2.5, 4, 8])
    assert (numbers.at_risk + numbers.events + numbers.censored).tolist() == [8, 8, 8]


def test_rows_method_and_warnings_of_a_curve():
    curve = kaplan_meier(Outcome(TIMES, EVENTS), level=0.9)
    rows = {(row.statistic, row.at): row for row in curve.tidy()}
    assert rows["n", None].value == 8
    assert rows["events", None].value == 4
    assert rows["median", None].value == 7
    assert rows["median_upper", None].value is None
    assert rows["survival", 5.0].value == pytest.approx(3 / 5)
    assert rows["at_risk", 5.0].value == 5
    assert ("survival", 3.0) not in rows  # nobody has the event at 3
    assert curve.method == "Kaplan–Meier, 90% log-log interval (Greenwood)"
    assert curve.conventions
    assert curve.warnings == ()
    quiet = kaplan_meier(Outcome([1, 2], [0, 0]))
    assert quiet.warnings == ("There are no events: survival stays at 1.",)
    assert {row.statistic: row.note for row in quiet.tidy()}["median"] == "not reached"


@settings(max_examples=100, deadline=None, database=None)
@given(subjects)
def test_counting_days_and_sorting_times_give_the_same(cohort):
    times, events = split(cohort)
    counted = Outcome(times, events)
    # a lone time in between makes the times no whole numbers, so that they are sorted
    one = kaplan_meier(Outcome([*times, 0.5], [*events, 0]))
    two = kaplan_meier(Outcome([2 * t for t in [*times, 0.5]], [*events, 0]))
    np.testing.assert_array_equal(2 * one.time, two.time)
    for name in ("at_risk", "events", "censored", "survival", "se", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert counted.time.tolist() == times


def test_the_sorted_way_keeps_every_bit_of_a_time():
    times = np.array([0.1, 0.1 + 0.2, 1 / 3, 5e-3, 2 / 3, 7.7])
    assert kaplan_meier(Outcome(times, [1, 0, 1, 0, 1, 1])).time.tolist() == sorted(times)
    spread = np.array([0.0, 5e-324, 1e-3, 1e300, 3e300])  # too far apart to be packed
    assert kaplan_meier(Outcome(spread, [1, 1, 0, 1, 0])).at_risk.tolist() == [5, 2, 1]
    assert kaplan_meier(Outcome([-0.0, 0.0, 0.5], [1, 1, 0])).events.tolist() == [2, 0]


def test_an_outcome_keeps_its_own_copy():
    times, events = np.array([1.0, 2.0, 3.5]), np.array([1, 0, 1])
    outcome = Outcome(times, events)
    times[0], events[0] = 9, 0
    assert outcome.time.tolist() == [1, 2, 3.5]
    assert outcome.events == 2


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.sampled_from([0, 1e-9, 2e-9, 0.5, 0.5 + 4e-9, 1, 1 - 5e-9, 3]), min_size=1))
def test_merging_twice_is_merging_once(times):
    once = merged_times(np.array(times, dtype=float))
    np.testing.assert_array_equal(merged_times(once), once)
    assert set(once) <= set(times)


# --------------------------------------------------------------------------------- other packages


def test_curves_agree_with_lifelines_and_scikit_survival():
    lifelines = pytest.importorskip("lifelines", reason="make test installs it")
    sksurv = pytest.importorskip("sksurv.nonparametric", reason="make test installs it")
    rows = records("survival_pkg", "lung.csv")
    times = np.array([float(r["time"]) for r in rows])
    events = np.array([int(r["status"]) == 2 for r in rows])
    curve = kaplan_meier(Outcome(times, events))
    peer = lifelines.KaplanMeierFitter().fit(times, events)
    when = [50, 180, 365, 700]
    points = curve.at(when)
    assert [p.survival for p in points] == pytest.approx(list(peer.predict(when)), rel=1e-10)
    bounds = peer.confidence_interval_.loc[[p for p in peer.timeline if p in curve.time]]
    inner = (curve.survival < 1) & (curve.survival > 0)
    assert curve.lower[inner] == pytest.approx(bounds.iloc[:, 0].to_numpy()[inner], rel=1e-9)
    assert curve.upper[inner] == pytest.approx(bounds.iloc[:, 1].to_numpy()[inner], rel=1e-9)
    grid, survival, (lower, _) = sksurv.kaplan_meier_estimator(
        events, times, conf_type="log-log")
    np.testing.assert_array_equal(grid, curve.time)
    assert survival == pytest.approx(curve.survival, rel=1e-12)
    assert lower[inner] == pytest.approx(curve.lower[inner], rel=1e-9)


# ------------------------------------------------------------------------------- refused questions


def test_questions_without_an_answer_are_refused():
    outcome = Outcome(TIMES, EVENTS)
    curve = kaplan_meier(outcome)
    for question in (
        lambda: kaplan_meier(outcome, ci="logit"),
        lambda: kaplan_meier(outcome, level=95),
        lambda: curve.quantile(0),
        lambda: curve.quantile(1.5),
        lambda: curve.quantile(0.5, convention="last"),
        lambda: curve.at([math.nan]),
    ):
        with pytest.raises(NotEstimable) as refusal:
            question()
        assert str(refusal.value).strip()
