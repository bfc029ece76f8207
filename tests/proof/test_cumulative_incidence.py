"""Cumulative incidence: worked by hand, an exact loop, properties, R's numbers, bad input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, cumulative_incidence, kaplan_meier

from .oracles import aalen_johansen, product_limit, records, reference, strata

PROOF = settings(max_examples=150, deadline=None, database=None)
Z = 1.959963984540054  # two-sided 95 % normal quantile

# Eight subjects, causes 1 and 2: two of cause 1 tied at 2, a lone censoring at 3, cause 1 tied with
# a censoring at 5, a lone cause 2 at 6, a lone cause 1 at 8, a lone censoring at 9.
TIMES = [2, 2, 3, 5, 5, 6, 8, 9]
CAUSES = [1, 1, 0, 1, 0, 2, 1, 0]

# definitions.md section 11.4: 1 = relapse, 2 = death without relapse.
VECTOR_TIMES = [1, 2, 2, 3, 4, 5, 6, 7, 8, 10]
VECTOR_CAUSES = [1, 2, 0, 1, 0, 2, 1, 0, 0, 0]

subjects = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=12)


def split(cohort):
    times, causes = zip(*cohort, strict=True)
    return list(times), list(causes)


def test_incidence_of_eight_subjects_worked_by_hand():
    curve = cumulative_incidence(Outcome(TIMES, CAUSES))
    # t  n  cause 1  cause 2  S before  step of F1         F1     F2                 S after
    # 2  8  2        0        1         2/8                1/4    0                  6/8 = 3/4
    # 3  6  0        0        3/4       0                  1/4    0                  3/4
    # 5  5  1        0        3/4       3/4 * 1/5 = 3/20   2/5    0                  3/5
    # 6  3  0        1        3/5       0                  2/5    3/5 * 1/3 = 1/5    2/5
    # 8  2  1        0        2/5       2/5 * 1/2 = 1/5    3/5    1/5                1/5
    # 9  1  0        0        1/5       0                  3/5    1/5                1/5
    points = curve.at([1, 2, 3, 5, 6, 8, 9])
    incidence = [0, 1 / 4, 1 / 4, 2 / 5, 2 / 5, 3 / 5, 3 / 5]
    assert [p.incidence for p in points] == pytest.approx(incidence)
    assert [p.at_risk for p in points] == [8, 8, 6, 5, 3, 2, 1]
    assert [p.events for p in points] == [0, 2, 2, 3, 3, 4, 4]  # of cause 1, up to and including
    other = cumulative_incidence(Outcome(TIMES, CAUSES), cause=2)
    assert [p.incidence for p in other.at([5, 6, 9])] == pytest.approx([0, 1 / 5, 1 / 5])
    # 3/5 + 1/5 + 1/5 = 1


def test_variance_of_eight_subjects_worked_by_hand():
    curve = cumulative_incidence(Outcome(TIMES, CAUSES))
    # Aalen's variance as cmprsk has it: w = S-^2 d/n^2 (1 - (d-1)/(n-1))
    # w: t=2 2/64 * 6/7 = 3/112;  t=5 9/16/25 = 9/400;  t=6 9/25/9 = 1/25;  t=8 4/25/4 = 1/25
    # at 2: 3/112
    # at 5: (1 - (2/5-1/4)/(3/4))^2 * 3/112 + 9/400 = (4/5)^2 * 3/112 + 9/400 = 111/2800
    # at 8: (1 - (3/5-1/4)/(3/4))^2 * 3/112 = (8/15)^2 * 3/112 = 4/525
    #       (1 - (3/5-2/5)/(3/5))^2 * 9/400 = (2/3)^2 * 9/400  = 1/100
    #       ((3/5-2/5)/(2/5))^2 * 1/25      = (1/2)^2 / 25     = 1/100   (the competing event)
    #       1 * 1/25                                           = 4/100   sum 71/1050
    found = [p.se**2 for p in curve.at([2, 5, 6, 8, 9])]
    assert found == pytest.approx([3 / 112, 111 / 2800, 111 / 2800, 71 / 1050, 71 / 1050])
    at = dict(zip(curve.time, curve.variance, strict=True))
    assert [at[2], at[5], at[8]] == pytest.approx([3 / 112, 111 / 2800, 71 / 1050])


def test_log_log_interval_worked_by_hand():
    curve = cumulative_incidence(Outcome(TIMES, CAUSES))
    # on log(-log F): a = z se / (F |ln F|), bounds F^exp(a) and F^exp(-a)
    # at 5: F = .4, se = sqrt(111/2800) = .199105, |ln .4| = .916291
    #       a = 1.959964 * .199105 / (.4 * .916291) = 1.064725, e^a = 2.900040
    #       .4^2.900040 = exp(-2.657280) = .070139, .4^.344823 = exp(-.315958) = .729090
    bend = Z * math.sqrt(111 / 2800) / (0.4 * -math.log(0.4))
    assert bend == pytest.approx(1.064725, abs=2e-6)
    expected = (0.4 ** math.exp(bend), 0.4 ** math.exp(-bend))
    assert expected == pytest.approx((0.070139, 0.729090), abs=2e-6)
    (point,) = curve.at([5])
    assert (point.lower, point.upper) == pytest.approx(expected, rel=1e-9)


def test_vector_of_definitions_11_4():
    outcome = Outcome(VECTOR_TIMES, VECTOR_CAUSES)
    relapse = cumulative_incidence(outcome, cause=1)
    # S: 9/10 at 1, * 8/9 = 4/5 at 2, * 6/7 at 3, * 4/5 at 5, * 3/4 at 6
    # relapse 1/10; + 4/5 * 1/7 = .2143; + 4/5 * 6/7 * 4/5 * 1/4 = .3514 (24/175 = .1371)
    found = [p.incidence for p in relapse.at([1, 3, 6])]
    assert found == pytest.approx([1 / 10, 1 / 10 + 4 / 35, 1 / 10 + 4 / 35 + 24 / 175])
    assert found == pytest.approx([0.1000, 0.2143, 0.3514], abs=5e-5)
    death = cumulative_incidence(outcome, cause=2)
    # 9/10 * 1/9 = 1/10; + 4/5 * 6/7 * 1/5 = 24/175 -> .2371
    assert [p.incidence for p in death.at([2, 5])] == pytest.approx([1 / 10, 1 / 10 + 24 / 175])
    event_free = kaplan_meier(Outcome(VECTOR_TIMES, [int(c > 0) for c in VECTOR_CAUSES]))
    assert event_free.at([10])[0].survival == pytest.approx(0.4114, abs=5e-5)
    # the naive 1 - KM that censors deaths: 1 - 9/10 * 6/7 * 3/4 = .4214, higher than .3514
    naive = kaplan_meier(Outcome(VECTOR_TIMES, [int(c == 1) for c in VECTOR_CAUSES]))
    assert 1 - naive.at([10])[0].survival == pytest.approx(0.4214, abs=5e-5)


def test_variance_when_the_last_subject_alone_has_the_event_is_that_of_cmprsk():
    # two subjects: cause 1 at 1, cause 2 at 2; F2 = 1/2. In w the share (n-d)/(n-1) is 0/0 for the
    # last subject; cmprsk (src/cincsub.f: t5 = 1 unless nd1 > 1) takes 1:
    # at 1: drift (1/2)/(1/2) = 1, w = 1/4 -> 1/4;  at 2: w = (1/2)^2 * 1/1 = 1/4;  sum 1/2
    curve = cumulative_incidence(Outcome([1, 2], [1, 2]), cause=2)
    assert curve.incidence[-1] == pytest.approx(1 / 2)
    assert curve.variance[-1] == pytest.approx(1 / 2)


def test_an_incidence_of_one_is_recognised_through_rounding():
    # ten subjects: five censored and three events at 0, then one event at 1 and one at 2
    # F = 3/10, + 7/10 * 1/2 = 13/20, + 7/20 * 1/1 = 1 (in binary .9999999999999999)
    curve = cumulative_incidence(Outcome([0] * 8 + [1, 2], [0] * 5 + [1] * 5))
    assert list(curve.incidence) == pytest.approx([3 / 10, 13 / 20, 1])
    # as for Kaplan-Meier there is no log-log interval where the estimate is 1 (ln 1 = 0)
    assert math.isnan(curve.lower[-1])
    assert math.isnan(curve.upper[-1])


def test_beyond_the_last_follow_up_there_is_a_note():
    (beyond,) = cumulative_incidence(Outcome(TIMES, CAUSES)).at([9.5])
    assert math.isnan(beyond.incidence)  # one subject was left, censored at 9
    assert beyond.note
    assert beyond.at_risk == 0


def test_once_everyone_has_had_an_event_the_incidence_stays():
    # Cause 1 at 1, cause 2 at 2, nobody left: F1 = 1/2 for ever, as nothing more can happen.
    curve = cumulative_incidence(Outcome([1, 2], [1, 2]))
    assert list(curve.event_free) == [0.5, 0.0]
    assert curve.at(9)[0].incidence == 0.5
    assert curve.at(9)[0].note == "all have had an event"
    assert curve.at(0.5)[0].note == "no event of this kind yet"


@PROOF
@given(subjects, st.sampled_from([1, 2]), st.integers(0, 6))
def test_incidence_and_variance_equal_the_exact_loop(cohort, cause, when):
    times, causes = split(cohort)
    curve = cumulative_incidence(Outcome(times, causes), cause=cause)
    rows = aalen_johansen(times, causes, cause)
    past = [row for row in rows if row["time"] <= when]
    if not past or when > max(times):
        return
    (point,) = curve.at([when])
    assert point.incidence == pytest.approx(float(past[-1]["incidence"]))
    if not any(row["at_risk"] == 1 == row["events"] for row in past):  # 0/0: the test above
        assert point.se**2 == pytest.approx(float(past[-1]["variance"]), abs=1e-14)
    assert point.at_risk == sum(t >= when for t in times)
    assert point.events == sum(row["events"] for row in past)


@PROOF
@given(subjects)
def test_incidences_and_event_free_survival_add_up_to_one(cohort):
    times, causes = split(cohort)
    when = sorted(set(times))
    event_free = kaplan_meier(Outcome(times, [int(c > 0) for c in causes]))
    total = np.array([p.survival for p in event_free.at(when)])
    for cause in (1, 2):
        curve = cumulative_incidence(Outcome(times, causes), cause=cause)
        total = total + [p.incidence for p in curve.at(when)]
    assert list(total) == pytest.approx([1.0] * len(when))


@PROOF
@given(subjects)
def test_with_one_cause_incidence_is_one_minus_survival(cohort):
    times, causes = split([(t, min(c, 1)) for t, c in cohort])
    curve = cumulative_incidence(Outcome(times, causes))
    rows = product_limit(times, causes)
    found = [p.incidence for p in curve.at([row["time"] for row in rows])]
    assert found == pytest.approx([float(1 - row["survival"]) for row in rows], abs=1e-12)


@PROOF
@given(subjects, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7, 1e9]))
def test_order_and_unit_do_not_matter(cohort, random, unit):
    mixed = random.sample(cohort, len(cohort))
    one = cumulative_incidence(Outcome(*split(cohort)))
    times, causes = split(mixed)
    two = cumulative_incidence(Outcome([t * unit for t in times], causes))
    np.testing.assert_allclose(two.time, one.time * unit)
    for name in ("at_risk", "events", "incidence", "variance", "lower", "upper"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-12)


@PROOF
@given(subjects)
def test_bounds_hold_the_estimate_and_widen_with_the_level(cohort):
    outcome = Outcome(*split(cohort))
    narrow, wide = (cumulative_incidence(outcome, level=level) for level in (0.95, 0.99))
    inside = ~np.isnan(narrow.lower) & (narrow.incidence > 0) & (narrow.incidence < 1)
    inside &= narrow.variance > 0
    assert np.all(narrow.lower[inside] < narrow.incidence[inside])
    assert np.all(narrow.upper[inside] > narrow.incidence[inside])
    # a bound that has underflowed to 0 or 1 cannot widen further
    assert np.all(((wide.lower < narrow.lower) | (narrow.lower == 0))[inside])
    assert np.all(((wide.upper > narrow.upper) | (narrow.upper == 1))[inside])
    assert np.all((wide.lower[inside] >= 0) & (wide.upper[inside] <= 1))


def klein_cause(row):
    """Relapse (d2) is cause 1, death without relapse (d1 without d2) cause 2."""
    return 1 if row["d2"] == "1" else 2 * int(row["d1"])


R_CASES = [
    # where the numbers are, CSV, columns: group, time, cause
    (("klein_bmt137", "cif"), "bmt.csv", ("group", "t2", klein_cause)),
    (("scrucca_bmtcrr177", "cif"), "data.csv", ("D", "ftime", "Status")),
    (("scrucca_bmt35",), "bmt.csv", ("dis", "ftime", "status")),
]


@pytest.mark.parametrize(("keys", "file", "columns"), R_CASES)
def test_incidence_and_variance_agree_with_cmprsk(keys, file, columns):
    values = reference(*keys)
    data = strata(records(keys[0], file), *columns)
    for estimates, variances in zip(values["est"], values["var"], strict=True):
        label, number = estimates["_row"].split()
        curve = cumulative_incidence(Outcome(*data[label]), cause=int(number))
        when = [key for key in estimates if key != "_row"]
        points = curve.at([float(t) for t in when])
        for t, point in zip(when, points, strict=True):
            assert point.incidence == pytest.approx(estimates[t], rel=1e-6)
            assert point.se**2 == pytest.approx(variances[t], rel=1e-6)


def test_incidence_agrees_with_scikit_survival():
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    rows = records("scrucca_bmt35", "bmt.csv")
    time, event = [float(r["ftime"]) for r in rows], [int(r["status"]) for r in rows]
    at, incidence = cumulative_incidence_competing_risks(event, time)
    for cause in (1, 2):
        curve = cumulative_incidence(Outcome(time, event), cause=cause)
        assert list(curve.incidence) == pytest.approx(list(incidence[cause]))
        assert list(curve.time) == list(at)


# ------------------------------------------------------------------------------ delayed entry

# The eight subjects come under observation later: t = 2 must not count who enters at 2.
ENTRIES = [0, 1, 0, 2, 0, 3, 5, 4]

late_subjects = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 2)), min_size=1, max_size=12)


def test_delayed_entry_worked_by_hand():
    curve = cumulative_incidence(Outcome(TIMES, CAUSES, ENTRIES))
    # t  at risk (entry < t <= time)         n  step of F1         F1    S after
    # 2  1, 2, 3, 5 (4 enters at 2)          4  2/4                1/2   1/2
    # 3  3, 4, 5    (6 enters at 3)          3  censored           1/2   1/2
    # 5  4, 5, 6, 8 (7 enters at 5)          4  1/2 * 1/4 = 1/8    5/8   3/8
    # 6  6, 7, 8                             3  cause 2            5/8   1/4
    # 8  7, 8                                2  1/4 * 1/2 = 1/8    3/4   1/8
    # 9  8                                   1  censored           3/4   1/8
    assert curve.at_risk.tolist() == [4, 3, 4, 3, 2, 1]
    assert curve.incidence == pytest.approx([1 / 2, 1 / 2, 5 / 8, 5 / 8, 3 / 4, 3 / 4])
    assert curve.event_free == pytest.approx([1 / 2, 1 / 2, 3 / 8, 1 / 4, 1 / 8, 1 / 8])
    # w: t=2 2/16 (1 - 1/3) = 1/12;  t=5 1/4 / 16 = 1/64;  t=6 9/64 / 9 = 1/64;  t=8 1/16 / 4 = 1/64
    # at 8: (1 - (1/4)/(1/2))^2 / 12 = 1/48;  (1 - (1/8)/(3/8))^2 / 64 = 1/144
    #       ((1/8)/(1/4))^2 / 64 = 1/256 (cause 2);  1/64;  sum (48 + 16 + 9 + 36) / 2304
    assert curve.variance[[0, 4]] == pytest.approx([1 / 12, 109 / 2304])
    assert curve.risk_at(4.5) == 4  # 4, 5, 6, 8
    assert curve.risk_at(5.5) == 3
    assert any("entry" in convention for convention in curve.conventions)


def late_loop(rows, cause):
    """Aalen-Johansen with delayed entry as a loop: (time, incidence, event-free), exact."""
    free, incidence, found = Fraction(1), Fraction(0), []
    for now in sorted({end for _, end, _ in rows}):
        n = sum(entry < now <= end for entry, end, _ in rows)
        here = [kind for _, end, kind in rows if end == now and kind]
        incidence += free * Fraction(here.count(cause), n)
        free *= 1 - Fraction(len(here), n)
        found.append((now, incidence, free))
    return found


@PROOF
@given(late_subjects, st.sampled_from([1, 2]))
def test_delayed_entry_equals_the_exact_loop(drawn, cause):
    rows = [(entry, entry + stay, kind) for entry, stay, kind in drawn]
    entry, time, kind = (list(column) for column in zip(*rows, strict=True))
    curve = cumulative_incidence(Outcome(time, kind, entry), cause=cause)
    expected = late_loop(rows, cause)
    assert curve.incidence == pytest.approx([float(row[1]) for row in expected], abs=1e-12)
    assert curve.event_free == pytest.approx([float(row[2]) for row in expected], abs=1e-12)
    if any(row[2] == 0 for row in expected[:-1]):
        assert any("before later entries" in warning for warning in curve.warnings)


@PROOF
@given(late_subjects, st.data())
def test_a_row_split_in_two_changes_nothing(drawn, data):
    rows = [(entry + stay, kind, entry) for entry, stay, kind in drawn]
    whole = cumulative_incidence(outcome_of(rows, True))
    cut = data.draw(st.integers(0, len(rows) - 1))
    end, kind, entry = rows[cut]
    middle = (entry + end) / 2
    rows[cut : cut + 1] = [(middle, 0, entry), (end, kind, middle)]
    parts = cumulative_incidence(outcome_of(rows, True))
    for name in ("incidence", "event_free", "variance"):
        places = np.searchsorted(parts.time, whole.time)
        np.testing.assert_allclose(
            getattr(parts, name)[places], getattr(whole, name), rtol=1e-9, atol=1e-14)


def test_delayed_entry_agrees_with_r():
    # mgus2 followed by age: months after 70, entry at diagnosis. R 4.2.2, survival 3.5-3
    #   a <- age*12; survfit(Surv(pmax(a,840)-840, a+et-840, ev) ~ 1, id=id, subset=a+et>840)
    # with et, ev the first of progression (1) and death (2); summary(times=c(60,120,240))$pstate
    rows = [(12 * float(r["age"]), *mgus_event(r)) for r in records("survival_pkg", "mgus2.csv")
            if float(r["age"]) >= 60]
    rows = [(max(a, 840) - 840, a + t - 840, e) for a, t, e in rows if a + t > 840]
    entry, time, event = (list(column) for column in zip(*rows, strict=True))
    assert len(rows) == 1053
    expected = {1: [0.05007362122, 0.0888449083, 0.1180012002],
                2: [0.2282734735, 0.438002366, 0.7794346244]}
    for cause, incidences in expected.items():
        curve = cumulative_incidence(Outcome(time, event, entry), cause=cause)
        found = [point.incidence for point in curve.at([60, 120, 240])]
        assert found == pytest.approx(incidences, rel=1e-8)
        assert [curve.risk_at(t) for t in (60, 120, 240)] == [353, 352, 143]


def mgus_event(row):
    """Progression (1) or death (2), whichever came first: (months, event)."""
    if row["pstat"] == "1":
        return float(row["ptime"]), 1
    return float(row["futime"]), 2 * int(row["death"])


# ------------------------------------------------------------------------------------ weights


@PROOF
@given(late_subjects, st.lists(st.integers(0, 3), min_size=12, max_size=12), st.booleans())
def test_whole_weights_equal_repeated_rows(drawn, times_over, is_late):
    rows = [(entry + stay, kind, entry) for entry, stay, kind in drawn]
    weight = times_over[: len(rows)]
    if not any(weight):
        return
    repeated = [row for row, w in zip(rows, weight, strict=True) for _ in range(w)]
    one, two = outcome_of(rows, is_late), outcome_of(repeated, is_late)
    weighted, plain = cumulative_incidence(one, weights=weight), cumulative_incidence(two)
    for name in ("time", "at_risk", "events", "incidence", "variance", "lower", "upper"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(plain, name),
                                   rtol=1e-12, atol=1e-15)
    assert [weighted.risk_at(t) for t in (0, 2.5, 4)] == [plain.risk_at(t) for t in (0, 2.5, 4)]


def outcome_of(rows, is_late):
    time, kind, entry = (list(column) for column in zip(*rows, strict=True))
    return Outcome(time, kind, entry if is_late else None)


def test_weights_agree_with_r():
    # R 4.2.2, survival 3.5-3: survfit(Surv(t2, cause) ~ 1, klein, weights = w), pstate of cause 1
    # at 100, 365, 1000 days
    rows = records("klein_bmt137", "bmt.csv")
    outcome = Outcome([float(r["t2"]) for r in rows], [klein_cause(r) for r in rows])
    cases = [([1 + int(r["z8"]) for r in rows], [0.1043956044, 0.2421882465, 0.353531307]),
             ([int(r["z1"]) / 10 for r in rows], [0.08106021616, 0.221413397, 0.3111751392])]
    for weights, expected in cases:
        curve = cumulative_incidence(outcome, weights=weights)
        found = [p.incidence for p in curve.at([100, 365, 1000])]
        assert found == pytest.approx(expected, rel=1e-8)
    assert any("not whole" in warning for warning in curve.warnings)
    assert curve.risk_at(100) == pytest.approx(
        sum(w for w, r in zip(cases[1][0], rows, strict=True) if float(r["t2"]) >= 100))


BAD_WEIGHTS = {"negative": [1] * 7 + [-1], "nan": [1] * 7 + [math.nan], "zero": [0] * 8,
               "too few": [1, 2]}


@pytest.mark.parametrize("weights", BAD_WEIGHTS.values(), ids=BAD_WEIGHTS.keys())
def test_bad_weights_are_refused(weights):
    with pytest.raises(NotEstimable):
        cumulative_incidence(Outcome(TIMES, CAUSES), weights=weights)


# ------------------------------------------------------------------------------ what it tells


def test_the_curve_says_what_it_is():
    curve = cumulative_incidence(Outcome(TIMES, CAUSES), cause=3)
    assert curve.warnings == ("There is no event of this cause.",)
    assert (curve.method, curve.n, curve.total_events) == ("Aalen–Johansen", 8, 0)
    rows = cumulative_incidence(Outcome(TIMES, CAUSES)).tidy()
    values = {(row.statistic, row.at): row.value for row in rows}
    assert values["incidence", 5] == pytest.approx(2 / 5)
    assert values["se", 5] == pytest.approx(math.sqrt(111 / 2800))
    assert values["at_risk", 5] == 5
    assert values["lower", 5] == pytest.approx(0.070139, abs=2e-6)


def test_a_follow_up_within_the_tolerance_of_one_time_is_refused():
    # 1 and 1 + 1e-10 are one time, so the second subject would enter and leave at once
    with pytest.raises(NotEstimable, match="Entry must come before"):
        Outcome([1, 1 + 1e-10, 2], [1, 1, 0], [0, 1 + 5e-11, 0])


@pytest.mark.parametrize("cause", [0, -1, 1.5])
def test_a_cause_that_is_none_is_refused(cause):
    with pytest.raises(NotEstimable):
        cumulative_incidence(Outcome(TIMES, CAUSES), cause=cause)


def test_bad_subjects_are_refused():
    for time, event in (([], []), ([1, math.nan], [1, 0]), ([-1, 2], [1, 2]), ([1, 2], [1.5, 0])):
        with pytest.raises(NotEstimable) as refusal:
            cumulative_incidence(Outcome(time, event))
        assert str(refusal.value).strip()
