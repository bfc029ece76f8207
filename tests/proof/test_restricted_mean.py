"""Restricted mean and survival at a fixed time: by hand, R's numbers, properties, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    kaplan_meier,
    restricted_mean,
    restricted_mean_difference,
    survival_difference,
)

from .oracles import product_limit, records, two_sided_normal

PROOF = settings(max_examples=100, deadline=None, database=None)
Z = 1.959963984540054  # two-sided 95 % normal quantile

# Two events tied at 2, a lone censoring at 3, an event tied with a censoring at 5, a lone event
# at 7, lone censorings at 9 and 10.
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]
EVENTS = [1, 1, 0, 1, 0, 1, 0, 0]

subjects = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=12)


def klein(*groups):
    rows = [r for r in records("klein_bmt137", "bmt.csv") if int(r["group"]) in groups]
    outcome = Outcome([float(r["t2"]) for r in rows], [int(r["d3"]) for r in rows])
    return outcome, [int(r["group"]) for r in rows]


# ------------------------------------------------------------------------------ restricted mean


def test_restricted_mean_worked_by_hand():
    found = restricted_mean(Outcome(TIMES, EVENTS), until=8)
    # S: 1 from 0 to 2, 3/4 to 5, 3/5 to 7, 2/5 to 8: areas 2, 9/4, 6/5, 2/5, sum 5.85
    assert found.value == pytest.approx(5.85)
    # event  Greenwood term   area that follows
    # 2      2/(8*6) = 1/24   9/4 + 6/5 + 2/5 = 3.85
    # 5      1/(5*4) = 1/20   6/5 + 2/5       = 1.6
    # 7      1/(3*2) = 1/6    2/5             = 0.4
    # variance 14.8225/24 + 2.56/20 + .16/6 = .617604 + .128 + .026667 = .772271
    variance = 3.85**2 / 24 + 1.6**2 / 20 + 0.4**2 / 6
    assert variance == pytest.approx(0.772271, abs=1e-6)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.lower == pytest.approx(5.85 - Z * math.sqrt(variance))
    assert found.upper == pytest.approx(5.85 + Z * math.sqrt(variance))
    assert (found.n, found.events) == (8, 4)


def test_the_limit_may_lie_on_an_event_and_before_all():
    # up to 5: 2 + 9/4; the event at 5 itself has no area after it: variance (9/4)^2 / 24
    found = restricted_mean(Outcome(TIMES, EVENTS), until=5)
    assert found.value == pytest.approx(4.25)
    assert found.se == pytest.approx(2.25 / math.sqrt(24))
    early = restricted_mean(Outcome(TIMES, EVENTS), until=1.5)
    assert (early.value, early.se, early.events) == (1.5, 0, 0)
    assert math.isnan(early.lower)
    assert early.warnings


def test_survival_that_reached_zero_needs_no_further_follow_up():
    # events at 1 and 3 of 2: area 1 + 1/2 * 2 = 2, wherever the limit beyond 3
    for until in (3, 4, 100):
        found = restricted_mean(Outcome([1, 3], [1, 1]), until=until)
        assert found.value == pytest.approx(2)
        assert found.se == pytest.approx(math.sqrt(1 / 2))  # 1^2 * 1/(2*1); R: the last term is 0


@pytest.mark.parametrize(("group", "until", "value", "se"), [
    # survival:::survmean(survfit(Surv(t2, d3) ~ group, bmt), rmean = until)$matrix
    (1, 365, 264.9691076, 19.96996777), (2, 365, 314.4074074, 14.32595079),
    (3, 365, 217.3777778, 20.20383264), (1, 1000, 517.5712651, 63.42753311),
    (2, 1000, 720.7407407, 49.81612407), (3, 1000, 391.4222222, 56.21304702),
    (1, 2000, 870.6278195, 139.8082419), (2, 2000, 1270.8717949, 113.3882801),
    (3, 2000, 635.8666667, 117.7958753),
])
def test_restricted_means_of_klein_agree_with_r(group, until, value, se):
    found = restricted_mean(klein(group)[0], until=until)
    assert (found.value, found.se) == pytest.approx((value, se), rel=1e-9)


def test_restricted_means_of_aml_agree_with_r():
    # survmean(survfit(Surv(time, status) ~ x, aml), rmean = 28)
    for label, value, se in (("Maintained", 23.375, 2.042828965),
                             ("Nonmaintained", 18.91666667, 2.835953309)):
        mine = [r for r in records("survival_pkg", "aml.csv") if r["x"] == label]
        outcome = Outcome([float(r["time"]) for r in mine], [int(r["status"]) for r in mine])
        found = restricted_mean(outcome, until=28)
        assert (found.value, found.se) == pytest.approx((value, se), rel=1e-9)


def test_restricted_mean_agrees_with_lifelines():
    lifelines = pytest.importorskip("lifelines", reason="make test installs it")
    utils = pytest.importorskip("lifelines.utils", reason="make test installs it")
    outcome, _ = klein(1, 2, 3)
    fitted = lifelines.KaplanMeierFitter().fit(outcome.time, outcome.event)
    found = restricted_mean(outcome, until=1000)
    assert found.value == pytest.approx(utils.restricted_mean_survival_time(fitted, t=1000))


@PROOF
@given(subjects, st.integers(1, 12))
def test_restricted_mean_equals_the_exact_loop(cohort, halves):
    times, events = [t for t, _ in cohort], [int(e) for _, e in cohort]
    until = halves / 2
    rows = [row for row in product_limit(times, events) if row["time"] <= until]
    if until > max(times) and product_limit(times, events)[-1]["survival"] > 0:
        with pytest.raises(NotEstimable):
            restricted_mean(Outcome(times, events), until=until)
        return
    points = [0, *(row["time"] for row in rows), until]
    heights = [1, *(row["survival"] for row in rows)]
    areas = [(b - a) * float(h) for a, b, h in zip(points, points[1:], heights, strict=False)]
    variance = sum(
        sum(areas[i + 1:]) ** 2 * row["events"] / row["at_risk"] / (row["at_risk"] - row["events"])
        for i, row in enumerate(rows) if row["at_risk"] > row["events"])
    found = restricted_mean(Outcome(times, events), until=until)
    assert found.value == pytest.approx(sum(areas))
    assert found.se == pytest.approx(math.sqrt(variance), abs=1e-12)


@PROOF
@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.integers(1, 9),
       st.sampled_from([1 / 30.4375, 7, 1e6]))
def test_without_censoring_it_is_the_mean_of_times_cut_at_the_limit(times, until, unit):
    cut = np.minimum(times, until)
    found = restricted_mean(Outcome(np.array(times) * unit, [1] * len(times)), until=until * unit)
    assert found.value == pytest.approx(cut.mean() * unit)
    # Greenwood's variance is then that of the mean with divisor n
    assert found.se == pytest.approx(cut.std() / math.sqrt(len(times)) * unit, abs=1e-9 * unit)


# ------------------------------------------------------------------- difference of restricted means


def test_difference_and_ratio_worked_from_rs_means():
    outcome, groups = klein(2, 3)
    found = restricted_mean_difference(outcome, groups, until=365)
    # R above: 314.4074074 (14.32595079) and 217.3777778 (20.20383264)
    gap, se = 217.3777778 - 314.4074074, math.hypot(14.32595079, 20.20383264)
    assert found.groups == (2, 3)
    assert found.difference.value == pytest.approx(gap, rel=1e-8)
    assert found.difference.se == pytest.approx(se, rel=1e-8)
    assert found.difference.lower == pytest.approx(gap - Z * se, rel=1e-8)
    assert found.difference.p == pytest.approx(two_sided_normal(gap / se), rel=1e-7)
    assert found.difference.log_p == pytest.approx(math.log(found.difference.p))
    relative = math.hypot(14.32595079 / 314.4074074, 20.20383264 / 217.3777778)
    ratio = 217.3777778 / 314.4074074
    assert found.ratio.value == pytest.approx(ratio, rel=1e-8)
    assert found.ratio.upper == pytest.approx(ratio * math.exp(Z * relative), rel=1e-8)
    assert found.ratio.p == pytest.approx(two_sided_normal(math.log(ratio) / relative), rel=1e-7)
    turned = restricted_mean_difference(outcome, groups, until=365, reference=3)
    assert turned.groups == (3, 2)
    assert turned.difference.value == pytest.approx(-gap, rel=1e-8)
    assert turned.ratio.value == pytest.approx(1 / ratio, rel=1e-8)
    assert turned.ratio.lower == pytest.approx(1 / found.ratio.upper)


def test_groups_without_events_have_no_test():
    found = restricted_mean_difference(
        Outcome([5, 6, 7, 8], [0, 0, 1, 0]), list("AABB"), until=5)
    assert found.difference.value == 0
    assert math.isnan(found.difference.p)
    assert found.difference.note
    one = restricted_mean_difference(Outcome([5, 6, 2, 8], [0, 0, 1, 0]), list("AABB"), until=5)
    assert one.difference.value == pytest.approx(-1.5)  # B: 2 + 3/2
    assert len(one.warnings) == 1
    assert "'A'" in one.warnings[0]


def test_rows_of_restricted_means():
    outcome, groups = klein(2, 3)
    rows = {row.statistic: row.value for row in restricted_mean(outcome, until=365).tidy()}
    assert set(rows) == {"restricted_mean", "se", "lower", "upper", "n", "events"}
    found = restricted_mean_difference(outcome, groups, until=365, level=0.9)
    named = {(row.statistic, row.group): row.value for row in found.tidy()}
    assert named["restricted_mean", "2"] == pytest.approx(314.4074074)
    assert named["ratio_p", ""] == found.ratio.p
    assert "90%" in found.method
    assert found.events == found.means[0].events + found.means[1].events


# -------------------------------------------------------------------- difference at a fixed time


def test_difference_at_a_fixed_time_worked_by_hand():
    # A: events 2, 4 of (2, 4, 6, 8): S(5) = 3/4 * 2/3 = 1/2, G = 1/12 + 1/6 = 1/4
    # B: event 3, censored 1, 6, 8, 9: at 3 four at risk, S(5) = 3/4, G = 1/12
    times, events = [2, 4, 6, 8, 3, 1, 6, 8, 9], [1, 1, 0, 0, 1, 0, 0, 0, 0]
    found = survival_difference(Outcome(times, events), list("AAAABBBBB"), at=5)
    assert [point.survival for point in found.points] == pytest.approx([1 / 2, 3 / 4])
    # plain: 1/4, variance 1/4 * 1/4 + 9/16 * 1/12 = 1/16 + 3/64 = 7/64
    assert found.difference.value == pytest.approx(1 / 4)
    assert found.difference.se == pytest.approx(math.sqrt(7) / 8)
    assert found.difference.lower == pytest.approx(1 / 4 - Z * math.sqrt(7) / 8)
    assert found.difference.p == pytest.approx(two_sided_normal(2 / math.sqrt(7)))
    # log-log: log(.693147) - log(.287682) = -.366513 + 1.245899 = .879386;
    # variance (1/4)/.693147^2 + (1/12)/.287682^2 = .520336 + 1.006917 = 1.527253
    assert found.z == pytest.approx(0.879386 / math.sqrt(1.527253), abs=1e-5)
    assert found.p == pytest.approx(two_sided_normal(found.z))
    assert found.log_p == pytest.approx(math.log(found.p))


def test_an_interval_beyond_one_is_cut():
    found = survival_difference(
        Outcome([1, 2, 3, 4, 2, 5, 6], [1, 1, 1, 0, 1, 0, 0]), list("AAAABBB"), at=3.5,
        level=0.999)
    assert found.difference.upper == 1


@pytest.mark.parametrize(("path", "columns", "groups", "at", "expected"), [
    # from summary(survfit(), times = at): z and p = 2 pnorm(-|z|) on the plain and the log-log
    # scale: (S2 - S1) / sqrt(se1^2 + se2^2) and
    # (log(-log S1) - log(-log S2)) / sqrt(sum((se / (S log S))^2))
    (("klein_bmt137", "bmt.csv"), ("group", "t2", "d3"), ("2", "3"), 365,
     (-4.358052125, 1.312251346e-05, -3.870585255, 0.0001085743769, -0.5798935789)),
    (("survival_pkg", "aml.csv"), ("x", "time", "status"), ("Maintained", "Nonmaintained"), 20,
     (-0.664868612, 0.5061345332, -0.6470534534, 0.5175973489, -0.5233953953)),
])
def test_differences_agree_with_r(path, columns, groups, at, expected):
    group, time, event = columns
    rows = [r for r in records(*path) if r[group] in groups]
    outcome = Outcome([float(r[time]) for r in rows], [int(r[event]) for r in rows])
    found = survival_difference(outcome, [r[group] for r in rows], at=at)
    assert (found.difference.z, found.difference.p, found.z, found.p,
            found.difference.lower) == pytest.approx(expected, rel=1e-8)


@PROOF
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=4,
                max_size=20), st.integers(1, 8), st.sampled_from([1 / 30.4375, 7]))
def test_turning_the_groups_turns_the_sign_and_units_do_not_matter(cohort, at, unit):
    times, events, groups = (np.array(column) for column in zip(*cohort, strict=True))
    try:
        one = survival_difference(Outcome(times, events), groups, at=at)
    except NotEstimable:
        return
    two = survival_difference(Outcome(times * unit, events), ~groups, at=at * unit)
    assert two.difference.value == pytest.approx(-one.difference.value)
    np.testing.assert_allclose([two.difference.lower, two.z, two.p],
                               [-one.difference.upper, -one.z, one.p], rtol=1e-9, atol=1e-15)


def test_survival_of_one_has_no_log_log_scale():
    found = survival_difference(Outcome([5, 6, 2, 8, 9], [0, 0, 1, 0, 0]), list("AABBB"), at=4)
    assert math.isnan(found.p)
    assert math.isnan(found.z)
    assert found.note
    assert found.difference.value == pytest.approx(-1 / 3)
    assert "'A'" in found.warnings[0]
    rows = {row.statistic: row for row in found.tidy()}
    assert rows["p"].value is None
    assert rows["p"].note == found.note
    assert rows["difference"].value == pytest.approx(-1 / 3)


def test_points_of_a_difference_are_those_of_the_curves():
    outcome, groups = klein(2, 3)
    found = survival_difference(outcome, groups, at=500)
    alone = kaplan_meier(klein(3)[0]).at(500)[0]
    assert found.points[1].survival == alone.survival
    assert found.n == len(outcome)


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("question", [
    lambda o: restricted_mean(o, until=10.5),  # the last is censored at 10
    lambda o: restricted_mean(o, until=0),
    lambda o: restricted_mean(o, until=math.nan),
    lambda o: restricted_mean(o, until=5, level=1.2),
    lambda o: restricted_mean_difference(o, ["A"] * 8, until=5),
    lambda o: restricted_mean_difference(o, list("AABBCCAA"), until=5),
    lambda o: restricted_mean_difference(o, list("AABBAABB"), until=5, reference="C"),
    lambda o: restricted_mean_difference(o, list("BBABABBB"), until=9),  # A to 5
    lambda o: survival_difference(o, list("AAABBBAB"), at=11),
    lambda o: survival_difference(o, list("AAABBBA"), at=5),
    lambda o: survival_difference(o, list("ABABABAB"), at=math.nan),
])
def test_what_cannot_be_had_is_refused(question):
    with pytest.raises(NotEstimable) as refusal:
        question(Outcome(TIMES, EVENTS))
    assert str(refusal.value).strip()
