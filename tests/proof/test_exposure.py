"""Exposures that begin later: worked by hand, an exact loop, properties, R's numbers, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    kaplan_meier,
    known_only_later,
    landmark,
    log_rank,
    mantel_byar,
    simon_makuch,
    start_stop,
)

from .oracles import log_rank_parts, records

PROOF = settings(max_examples=100, deadline=None, database=None)
NEVER = math.nan

# Eight subjects. A lone event at 2; a tie of events at 4, one of them exposed; an event tied with
# a censoring at 6; a lone censoring at 7; the last event at 8 falls on its subject's own day of
# exposure; the exposure at 4 of the eighth subject falls on the day of others' events.
TIMES = [2, 4, 4, 6, 6, 7, 8, 9]
EVENTS = [1, 1, 1, 1, 0, 0, 1, 0]
EXPOSED = [NEVER, 1, NEVER, 3, NEVER, 5, 8, 4]
HAND = Outcome(TIMES, EVENTS)

ROWS = [
    # subject, from after, up to, event, exposed
    (0, 0, 2, 1, False),
    (1, 0, 1, 0, False), (1, 1, 4, 1, True),
    (2, 0, 4, 1, False),
    (3, 0, 3, 0, False), (3, 3, 6, 1, True),
    (4, 0, 6, 0, False),
    (5, 0, 5, 0, False), (5, 5, 7, 0, True),
    (6, 0, 8, 1, False),  # exposed on the day of the event: no exposed time
    (7, 0, 4, 0, False), (7, 4, 9, 0, True),
]


def rows_of(found):
    """The rows of a result as tuples."""
    out = found.outcome
    return list(zip(found.subject.tolist(), out.entry.tolist(), out.time.tolist(),
                    out.event.tolist(), found.exposed.tolist(), strict=True))


def test_rows_worked_by_hand():
    found = start_stop(HAND, EXPOSED)
    assert rows_of(found) == ROWS
    assert (found.n, found.events, found.n_exposed) == (8, 5, 4)
    assert (found.on_last_day, found.after_end) == (1, 0)
    assert found.events_by_state == (3, 2)
    # exposed: 4-1, 6-3, 7-5, 9-4 = 13; everybody: 2+4+4+6+6+7+8+9 = 46
    assert found.person_time == (33, 13)
    assert "last day" in found.warnings[0]


def test_mantel_byar_worked_by_hand():
    found = mantel_byar(HAND, EXPOSED)
    # t   at risk  exposed       d  E exposed  V
    # 2   8        1 (2nd)       1  1/8        1/8 7/8           = 7/64
    # 4   7        2 (2nd, 4th)  2  4/7        2 2/7 5/7 5/6     = 50/147
    # 6   5        3 (4,6,8th)   1  3/5        3/5 2/5           = 6/25
    # 8   2        1 (8th)       1  1/2        1/2 1/2           = 1/4
    # sum                        5  503/280    220973/235200
    assert found.expected == pytest.approx((5 - 503 / 280, 503 / 280))
    assert found.observed == (3, 2)  # the event on the day of exposure is unexposed
    assert found.variance == pytest.approx(7 / 64 + 50 / 147 + 6 / 25 + 1 / 4)
    # (2 - 503/280)^2 / V = (57/280)^2 235200/220973 = 9747/220973 = .044109
    assert found.statistic == pytest.approx(9747 / 220973, rel=1e-12)
    assert found.p == pytest.approx(math.erfc(math.sqrt(9747 / 220973 / 2)), rel=1e-12)
    assert found.log_p == pytest.approx(math.log(found.p), rel=1e-9)
    assert (found.df, found.n, found.events, found.n_exposed) == (1, 8, 5, 4)
    assert any("approximate" in text for text in found.warnings)  # 1.8 events expected


def test_simon_makuch_worked_by_hand():
    found = simon_makuch(HAND, EXPOSED)
    # exposed: at 4, 1 of 2; at 6, 1 of 3: 1/2, 1/3
    assert [p.survival for p in found.exposed.at([3, 4, 6, 9])] == pytest.approx(
        [1, 1 / 2, 1 / 3, 1 / 3])
    assert [found.exposed.risk_at(t) for t in (4, 6, 7, 9)] == [2, 3, 2, 1]
    # unexposed: at 2, 1 of 7; at 4, 1 of 5; at 8, 1 of 1: 6/7, 24/35, 0
    assert [p.survival for p in found.unexposed.at([1, 2, 4, 8])] == pytest.approx(
        [1, 6 / 7, 24 / 35, 0])
    # Greenwood at 6: S^2 (1/(2 1) + 1/(3 2)) = 1/9 2/3
    assert found.exposed.at(6)[0].se == pytest.approx(math.sqrt(2 / 27))


def test_simon_makuch_from_a_landmark_worked_by_hand():
    found = simon_makuch(HAND, EXPOSED, landmark=4)
    # Beyond 4: subjects 4 to 8; the 4th and the 8th are exposed from 4, the 6th from 5.
    assert (found.n, found.excluded, found.events, found.n_exposed) == (5, 3, 2, 3)
    assert found.exposed.risk_at(6) == 3
    assert found.exposed.at(6)[0].survival == pytest.approx(2 / 3)
    assert found.unexposed.at(8)[0].survival == 0
    assert found.exposed.at(4)[0].survival == 1
    # at risk on the landmark: the 4th and 8th exposed, the 5th, 6th and 7th not
    assert (found.exposed.risk_at(4), found.unexposed.risk_at(4)) == (2, 3)
    assert simon_makuch(HAND, EXPOSED).unexposed.risk_at(0) == 8


def test_a_curve_that_begins_with_too_few_says_so():
    # The first exposed dies alone at 2, the second is exposed at 3 and lives.
    found = simon_makuch(Outcome([2, 5, 5], [1, 0, 0]), [1, 3, NEVER])
    assert found.exposed.at(5)[0].survival == 0
    assert any("falls to 0 at 2" in text and "landmark" in text for text in found.warnings)
    later = simon_makuch(Outcome([2, 5, 5], [1, 0, 0]), [1, 3, NEVER], landmark=3)
    assert later.exposed.at(5)[0].survival == 1
    assert later.warnings == ()


def test_landmark_worked_by_hand():
    found = landmark(HAND, EXPOSED, at=4)
    # Out: events at 2, 4, 4, the second of them exposed. Kept: the 4th (exposed at 3), the 5th,
    # 6th (exposed at 5: later), 7th (on its last day: no exposed time), 8th (at 4: counts).
    assert found.kept.tolist() == [False] * 3 + [True] * 5
    assert found.exposed.tolist() == [True, False, False, False, True]
    assert found.outcome.time.tolist() == [2, 2, 3, 4, 5]
    assert found.outcome.event.tolist() == [1, 0, 0, 1, 0]
    assert (found.n, found.events, found.n_exposed) == (5, 2, 2)
    assert (found.events_before, found.censored_before, found.exposed_before) == (3, 0, 1)
    assert found.exposed_later == 1
    assert found.outcome.entry is None


def test_a_landmark_excludes_the_censored_too():
    found = landmark(HAND, EXPOSED, at=6)
    assert (found.events_before, found.censored_before, found.n) == (4, 1, 3)


def test_immortal_time_worked_by_hand():
    found = known_only_later(EXPOSED, outcome=HAND)
    # Ever exposed: subjects 2, 4, 6, 7, 8, followed 4+6+7+8+9 = 34; waited 1+3+5+8+4 = 21.
    assert found.is_later
    assert (found.n_exposed, found.known_later, found.on_last_day) == (5, 5, 1)
    assert found.immortal_time == 21
    assert found.immortal_share == pytest.approx(21 / 34)
    # Events of the ever exposed: at 4, 6, 8; of the exposed time: at 4 and 6, in 13.
    assert found.naive_rate == pytest.approx(3 / 34)
    assert found.rate == pytest.approx(2 / 13)
    assert "5 of 5" in found.warnings[0]
    assert "landmark" in found.warnings[0]


def test_a_grouping_known_at_the_start_is_not_later():
    known = known_only_later([0, NEVER, 0], outcome=Outcome([1, 2, 3], [1, 0, 1]))
    assert not known.is_later
    assert known.warnings == ()
    assert known.immortal_time == 0
    entered = known_only_later([2, NEVER], outcome=Outcome([5, 6], [1, 0], entry=[3, 0]))
    assert not entered.is_later  # exposed before coming under observation
    nobody = known_only_later([NEVER], outcome=Outcome([1], [1]))
    assert nobody.rate is None
    assert nobody.immortal_share is None


def test_exposure_after_the_end_is_immortal_for_all_the_follow_up():
    found = known_only_later([9, NEVER], outcome=Outcome([4, 5], [1, 0]))
    assert (found.after_end, found.immortal_time, found.immortal_share) == (1, 4, 1)
    rows = start_stop(Outcome([4, 5], [1, 0]), [9, NEVER])
    assert not rows.exposed.any()
    assert (rows.after_end, rows.n_exposed) == (1, 0)


def test_delayed_entry_splits_after_it_and_exposed_before_entry_is_exposed_throughout():
    found = start_stop(Outcome([9, 9, 9], [1, 0, 1], entry=[2, 4, 5]), [6, 3, 5])
    assert rows_of(found) == [
        (0, 2, 6, 0, False), (0, 6, 9, 1, True), (1, 4, 9, 0, True), (2, 5, 9, 1, True)]
    moved = landmark(Outcome([9, 9, 9], [1, 0, 1], entry=[2, 4, 8]), [6, 3, 5], at=5)
    assert moved.outcome.entry.tolist() == [0, 0, 3]
    assert moved.exposed.tolist() == [False, True, True]


def test_times_within_rounding_are_one_day():
    found = start_stop(Outcome([5, 8], [1, 0]), [5 - 1e-10, 3])
    assert found.on_last_day == 1
    assert rows_of(found)[0] == (0, 0, 5, 1, False)
    kept = landmark(Outcome([5 + 1e-10, 8], [1, 0]), [NEVER, 5 + 1e-10], at=5)
    assert kept.kept.tolist() == [False, True]
    assert kept.exposed.tolist() == [True]


def test_who_leaves_at_time_0_is_in_no_row_and_counted():
    found = start_stop(Outcome([0, 3], [0, 1]), [NEVER, 1])
    assert found.subject.tolist() == [1, 1]
    assert any("left at time 0" in text for text in found.warnings)


# ------------------------------------------------------------------------------------ properties


def cohorts(entry=False):
    """Lists of (entry, stay, event, exposure) with many ties; None is never exposed."""
    subject = st.tuples(
        st.integers(0, 2) if entry else st.just(0), st.integers(1, 6), st.sampled_from([0, 1, 1]),
        st.one_of(st.none(), st.integers(0, 8)))
    return st.lists(subject, min_size=3, max_size=12)


def arrays_of(cohort, unit=1.0):
    """(outcome, times of exposure)."""
    start = [row[0] * unit for row in cohort]
    time = [(row[0] + row[1]) * unit for row in cohort]
    exposed = [NEVER if row[3] is None else row[3] * unit for row in cohort]
    return Outcome(time, [row[2] for row in cohort], entry=start), exposed


def split_by_hand(cohort):
    """Start–stop rows, one unit of time each, written as a loop over days."""
    rows = []
    for start, stay, event, exposure in cohort:
        for day in range(start + 1, start + stay + 1):
            is_exposed = exposure is not None and exposure < day
            rows.append((day - 1, day, event if day == start + stay else 0, is_exposed))
    return rows


def attempt(function, *arguments):
    """The result, or None where the package says there is none."""
    try:
        return function(*arguments)
    except NotEstimable as refusal:
        assert str(refusal).strip()
        return None


@PROOF
@given(cohorts(entry=True))
def test_mantel_byar_equals_the_exact_loop_over_days_and_the_log_rank_of_its_rows(cohort):
    days = split_by_hand(cohort)
    labels, observed, expected, covariance = log_rank_parts(
        [row[1] for row in days], [row[2] for row in days], [row[3] for row in days],
        [row[0] for row in days])
    assume(len(labels) == 2 and any(row[2] for row in days))
    outcome, exposed = arrays_of(cohort)
    found = attempt(mantel_byar, outcome, exposed)
    if covariance[1][1] == 0:
        assert found is None
        return
    assert found.observed == pytest.approx([float(o) for o in observed])
    assert found.expected == pytest.approx([float(e) for e in expected])
    assert found.variance == pytest.approx(float(covariance[1][1]))
    exact = (observed[1] - expected[1]) ** 2 / covariance[1][1]
    assert found.statistic == pytest.approx(float(exact), rel=1e-9, abs=1e-12)
    rows = start_stop(outcome, exposed)
    of_rows = log_rank(rows.outcome, rows.exposed)
    assert of_rows.statistic == pytest.approx(found.statistic, rel=1e-9, abs=1e-12)


@PROOF
@given(cohorts(entry=True))
def test_rows_hold_all_follow_up_and_all_events_once(cohort):
    outcome, exposed = arrays_of(cohort)
    found = start_stop(outcome, exposed)
    lengths = found.outcome.time - found.outcome.entry
    by_subject = np.bincount(found.subject, weights=lengths, minlength=len(cohort))
    assert by_subject.tolist() == (outcome.time - outcome.entry).tolist()
    events = np.bincount(found.subject, weights=found.outcome.event, minlength=len(cohort))
    assert events.tolist() == outcome.event.tolist()
    days = split_by_hand(cohort)
    assert found.person_time[1] == sum(row[3] for row in days)
    assert sum(found.person_time) == len(days)
    # Splitting leaves survival of everybody unchanged.
    whole, split = kaplan_meier(outcome), kaplan_meier(found.outcome)
    for time in outcome.time:
        assert split.at(time)[0].survival == pytest.approx(whole.at(time)[0].survival)


@PROOF
@given(cohorts(), st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7.0, 1e9]))
def test_order_and_unit_do_not_matter(cohort, random, unit):
    one = attempt(mantel_byar, *arrays_of(cohort))
    two = attempt(mantel_byar, *arrays_of(random.sample(cohort, len(cohort)), unit))
    assert (one is None) == (two is None)
    if one is not None:
        assert two.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-12)
        assert two.expected == pytest.approx(one.expected)
    outcome, exposed = arrays_of(cohort)
    scaled, other = arrays_of(cohort, unit)
    waited = known_only_later(exposed, outcome=outcome)
    assert known_only_later(other, outcome=scaled).immortal_time == pytest.approx(
        waited.immortal_time * unit)


@PROOF
@given(cohorts())
def test_exposed_from_the_start_or_never_is_the_log_rank_of_two_groups(cohort):
    fixed = [(start, stay, event, None if exposure is None else 0)
             for start, stay, event, exposure in cohort]
    outcome, exposed = arrays_of(fixed)
    plain = attempt(log_rank, Outcome(outcome.time, outcome.event), np.isfinite(exposed))
    found = attempt(mantel_byar, outcome, exposed)
    assert (plain is None) == (found is None)
    if found is not None:
        assert found.statistic == pytest.approx(plain.statistic, rel=1e-9, abs=1e-12)
    at_start = landmark(outcome, exposed, at=0)
    assert at_start.exposed.tolist() == np.isfinite(exposed).tolist()
    assert at_start.outcome.time.tolist() == outcome.time.tolist()


# ------------------------------------------------------------------------- R's numbers, real data

# All numbers below: R 4.2.2, survival 3.5-3. Stanford heart transplants (jasa): time = futime + 1,
# exposure = wait.time + 1, so that none is 0; rows split as in start_stop, one patient
# transplanted on the day of death unexposed.


def jasa():
    """(outcome, day of transplant) of the 103 accepted for the Stanford programme."""
    rows = records("survival_pkg", "jasa.csv")
    waits = [float(r["wait.time"]) + 1 if r["wait.time"] else NEVER for r in rows]
    return Outcome([float(r["futime"]) + 1 for r in rows], [int(r["fustat"]) for r in rows]), waits


def test_mantel_byar_of_the_stanford_hearts_agrees_with_r():
    found = mantel_byar(*jasa())
    # coxph(Surv(start, stop, e) ~ g, rows, ties = "exact")$score; O, E, V: a loop over risk sets
    assert found.statistic == pytest.approx(0.0160633311164864, rel=1e-9)
    assert found.observed[1] == 44
    assert found.expected[1] == pytest.approx(43.5749841901367, rel=1e-12)
    assert found.variance == pytest.approx(11.2453909667805, rel=1e-12)
    # pchisq(statistic, 1, lower = FALSE), the same with log = TRUE
    assert found.p == pytest.approx(0.899145237939599, rel=1e-9)
    assert found.log_p == pytest.approx(-0.106310702565127, rel=1e-9)


def test_rows_of_the_stanford_hearts_are_those_of_the_survival_package():
    outcome, waits = jasa()
    waits = [w - 0.5 if w == t else w for w, t in zip(waits, outcome.time, strict=True)]
    found = start_stop(outcome, waits)  # heart gives half a day to the death on the transplant's
    expected = [(int(r["id"]) - 1, float(r["start"]), float(r["stop"]), int(r["event"]),
                 r["transplant"] == "1") for r in records("survival_pkg", "heart.csv")]
    assert rows_of(found) == expected
    # coxph(Surv(start, stop, event) ~ transplant, heart, ties = "exact")$score
    assert mantel_byar(outcome, waits).statistic == pytest.approx(0.175085839672177, rel=1e-9)


def test_simon_makuch_of_the_stanford_hearts_agrees_with_r():
    # survfit(Surv(start, stop, e) ~ g, rows, conf.type = "log-log") at 50, 100, 365, 1000
    found = simon_makuch(*jasa())
    out, within = found.unexposed.at([50, 100, 365, 1000]), found.exposed.at([50, 100, 365, 1000])
    assert [p.at_risk for p in out] == [25, 10, 2, 1]
    assert [p.at_risk for p in within] == [43, 40, 26, 8]
    assert [p.survival for p in out] == pytest.approx(
        [0.644652546932965, 0.556170824804911, 0.233591746418062, 0.233591746418062], rel=1e-9)
    assert [p.survival for p in within] == pytest.approx(
        [0.753399293735883, 0.514662963629680, 0.353204741113824, 0.216813371852947], rel=1e-9)
    assert [p.lower for p in within] == pytest.approx(
        [0.5551597552236014, 0.3638608940593147, 0.2324107920410883, 0.1138678538771369], rel=1e-9)
    assert [p.upper for p in out] == pytest.approx(
        [0.753235304963268, 0.696231177129240, 0.484244419482667, 0.484244419482667], rel=1e-9)
    # rows with stop > 30 and start = pmax(start, 30), conf.type = "log", at 100 and 365
    later = simon_makuch(*jasa(), landmark=30, ci="log")
    assert [p.survival for p in later.exposed.at([100, 365])] == pytest.approx(
        [0.636200408641952, 0.436613893966881], rel=1e-9)
    assert [p.upper for p in later.unexposed.at([100, 365])] == pytest.approx(
        [0.906728008946240, 0.801230758627328], rel=1e-9)
    assert [p.at_risk for p in later.unexposed.at([100, 365])] == [10, 2]


def test_landmark_of_the_stanford_hearts_agrees_with_r():
    outcome, waits = jasa()
    found = landmark(outcome, waits, at=30)
    # k <- time > 30; g <- !is.na(x) & x <= 30; survdiff(Surv(time[k] - 30, ev[k]) ~ g[k])
    assert (found.events_before, found.censored_before, found.exposed_later) == (23, 1, 30)
    assert (found.n, found.n_exposed) == (79, 33)
    test = log_rank(found.outcome, found.exposed)
    assert list(test.observed) == [30, 22]
    assert test.statistic == pytest.approx(0.0361240337078468, rel=1e-9)
    # sum(pmin(x, time), na.rm = TRUE) of sum(time[!is.na(x)])
    waiting = known_only_later(waits, outcome=outcome)
    assert waiting.immortal_time == 2669
    assert waiting.immortal_share == pytest.approx(2669 / 28667)


def klein():
    """(disease-free survival, day of platelet recovery) of 137 transplants."""
    rows = records("klein_bmt137", "bmt.csv")
    recovered = [float(r["tp"]) if r["dp"] == "1" else NEVER for r in rows]
    return Outcome([float(r["t2"]) for r in rows], [int(r["d3"]) for r in rows]), recovered


def test_mantel_byar_of_platelet_recovery_agrees_with_r():
    found = mantel_byar(*klein())
    # coxph(Surv(start, stop, e) ~ g, rows, ties = "exact")$score on rows split at tp where dp == 1
    assert found.statistic == pytest.approx(16.6828996231187, rel=1e-9)
    assert found.expected[1] == pytest.approx(75.2006131867549, rel=1e-12)
    assert found.p == pytest.approx(4.41774297794842e-05, rel=1e-9)
    assert found.log_p == pytest.approx(-10.0272965377741, rel=1e-9)
    rows = start_stop(*klein())
    assert rows.person_time == (5418, 101720)  # tapply(stop - start, g, sum)


def test_simon_makuch_agrees_with_lifelines():
    from lifelines import KaplanMeierFitter

    outcome, recovered = klein()
    rows = start_stop(outcome, recovered)
    found = simon_makuch(outcome, recovered).exposed
    mine = rows.exposed
    peer = KaplanMeierFitter().fit(
        rows.outcome.time[mine], rows.outcome.event[mine], entry=rows.outcome.entry[mine])
    for day in (30, 100, 365, 1000):
        assert found.at(day)[0].survival == pytest.approx(float(peer.predict(day)), rel=1e-9)


def test_log_p_does_not_underflow():
    # 2000 unexposed die one by one while 2000 exposed live: p below the smallest double
    n = 2000
    outcome = Outcome([*range(1, n + 1), *[n + 1] * n], [1] * n + [0] * n)
    found = mantel_byar(outcome, [NEVER] * n + [0] * n)
    # tail of the normal: log 2 - z^2/2 - log(z sqrt(2 pi)) + log(1 - 1/z^2 + …)
    z = math.sqrt(found.statistic)
    tail = math.log(2) - z**2 / 2 - math.log(z * math.sqrt(2 * math.pi)) + math.log1p(-1 / z**2)
    assert found.p == 0
    assert found.log_p == pytest.approx(tail, rel=1e-8)


def test_results_can_be_tabled():
    assert {row.statistic for row in mantel_byar(HAND, EXPOSED).tidy()} >= {"p", "log_p"}
    rows = {(row.statistic, row.group): row.value for row in start_stop(HAND, EXPOSED).tidy()}
    assert rows["person_time", "exposed"] == 13
    table = simon_makuch(HAND, EXPOSED).tidy()
    assert [row.value for row in table if row.statistic == "survival" and row.group == "exposed"
            ] == pytest.approx([1 / 2, 1 / 3])
    assert {row.statistic: row.value for row in landmark(HAND, EXPOSED, at=4).tidy()}["n"] == 5
    assert known_only_later([NEVER], outcome=Outcome([1], [1])).tidy()[-1].value is None
    for result in (mantel_byar(HAND, EXPOSED), start_stop(HAND, EXPOSED),
                   landmark(HAND, EXPOSED, at=4), simon_makuch(HAND, EXPOSED)):
        assert result.method
        assert result.conventions


# ------------------------------------------------------------------------------------- bad input

BAD = {
    "exposed before time 0": lambda: start_stop(HAND, [-999, *EXPOSED[1:]]),
    "infinite exposure": lambda: start_stop(HAND, [math.inf, *EXPOSED[1:]]),
    "too few exposures": lambda: start_stop(HAND, EXPOSED[1:]),
    "event at time 0": lambda: start_stop(Outcome([0, 1], [1, 1]), [NEVER, NEVER]),
    "no events": lambda: mantel_byar(Outcome([1, 2], [0, 0]), [0, NEVER]),
    "nobody exposed": lambda: mantel_byar(HAND, [NEVER] * 8),
    "everybody exposed": lambda: mantel_byar(HAND, [0] * 8),
    "all die on one day": lambda: mantel_byar(Outcome([1, 1], [1, 1]), [0, NEVER]),
    "negative landmark": lambda: landmark(HAND, EXPOSED, at=-1),
    "landmark that is no number": lambda: landmark(HAND, EXPOSED, at=math.nan),
    "landmark beyond follow-up": lambda: landmark(HAND, EXPOSED, at=9),
    "curve from beyond follow-up": lambda: simon_makuch(HAND, EXPOSED, landmark=9),
    "curve from before time 0": lambda: simon_makuch(HAND, EXPOSED, landmark=-1),
    "no such interval": lambda: simon_makuch(HAND, EXPOSED, ci="wide"),
    "no such level": lambda: simon_makuch(HAND, EXPOSED, level=95),
    "known before time 0": lambda: known_only_later([-1], outcome=Outcome([1], [1])),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_had_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()


def test_a_landmark_with_one_group_says_so():
    assert "nothing to compare" in landmark(HAND, [NEVER] * 8, at=1).warnings[0]
    assert "Everybody" in landmark(HAND, [0] * 8, at=1).warnings[0]
    assert any("Nobody is exposed" in text for text in simon_makuch(HAND, [NEVER] * 8).warnings)
