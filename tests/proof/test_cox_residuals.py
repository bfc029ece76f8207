"""Residuals, proportional hazards, predictions of a Cox model: by hand, properties, R, errors."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    baseline_hazard,
    cox,
    deviance_residuals,
    martingale_residuals,
    predicted_survival,
    proportional_hazards_test,
    schoenfeld_residuals,
)

from .oracles import chi_square_tail, records
from .test_cox import EVENTS, TIMES, X, attempt, cohorts, largest_root, veteran

PROOF = settings(max_examples=40, deadline=None, database=None)

# The eight subjects of the proof of the Cox regression (table above X there): risk of all at risk
# 4+4u at time 2 (two tied events of x=1), 3+2u at 5 (event of x=0), 2+u at 7 (event of x=1).
BRESLOW = largest_root(1, -1, -10, -9)
EFRON = largest_root(6, 0, -75, -140, -72)


def test_breslow_worked_by_hand():
    u = BRESLOW
    fit = cox(Outcome(TIMES, EVENTS), X, ties="breslow")
    hazard = [2 / (4 + 4 * u), 1 / (3 + 2 * u), 1 / (2 + u)]  # increments at 2, 5, 7
    total = np.cumsum(hazard)
    # time    2  2  3  5  5  7  9  10   x   1  1  0  0  1  1  0  0
    expected = [u * total[0], u * total[0], total[0], total[1], u * total[1], u * total[2],
                total[2], total[2]]
    martingale = np.array(EVENTS) - expected
    assert martingale_residuals(fit) == pytest.approx(martingale)
    assert martingale.sum() == pytest.approx(0)
    # deviance: an event −2 (M + log(1 − M)), a censoring −2 M
    deviance = [math.copysign(math.sqrt(-2 * (m + (math.log(1 - m) if e else 0))), m)
                for m, e in zip(martingale, EVENTS, strict=True)]
    assert deviance_residuals(fit) == pytest.approx(deviance)
    # Schoenfeld: x less the share of x=1 at risk
    shares = [4 * u / (4 + 4 * u)] * 2 + [2 * u / (3 + 2 * u), u / (2 + u)]
    found = schoenfeld_residuals(fit)
    assert found.time.tolist() == [2, 2, 5, 7]
    assert found.residuals[:, 0] == pytest.approx(np.array([1, 1, 0, 1]) - shares)
    # the baseline is x=0; x=1 has u times its cumulative hazard
    base = baseline_hazard(fit)[0]
    assert base.time.tolist() == [2, 5, 7]
    assert base.cumulative_hazard[0] == pytest.approx(total)
    other = predicted_survival(fit, [[1]])[0]
    assert other.survival[0] == pytest.approx(np.exp(-u * total))
    # error of x=0 at time 2: hazard 2/(4+4u)², and the coefficient by (hazard × share)²
    information = 2 * shares[0] * (1 - shares[0]) + sum(s * (1 - s) for s in shares[2:])
    variance = 2 / (4 + 4 * u) ** 2 + (hazard[0] * shares[0]) ** 2 / information
    assert base.se[0, 0] == pytest.approx(base.survival[0, 0] * math.sqrt(variance))
    assert base.at([1.9, 2, 6.9, 10, 10.1])[0] == pytest.approx(
        [1, *np.exp(-total[[0, 1, 2]]), math.nan], nan_ok=True)


def test_efron_worked_by_hand():
    u = EFRON
    fit = cox(Outcome(TIMES, EVENTS), X)
    # the two terms at 2 divide by 4+4u and 4+3u; in the second the tied count half
    first, second = 1 / (4 + 4 * u), 1 / (4 + 3 * u)
    total = np.cumsum([first + second, 1 / (3 + 2 * u), 1 / (2 + u)])
    tied = u * (first + second / 2)
    expected = [tied, tied, total[0], total[1], u * total[1], u * total[2], total[2], total[2]]
    assert martingale_residuals(fit) == pytest.approx(np.array(EVENTS) - expected)
    assert baseline_hazard(fit)[0].cumulative_hazard[0] == pytest.approx(total)
    share = (4 * u * first + 3 * u * second) / 2  # the mean of the shares of both terms
    assert schoenfeld_residuals(fit).residuals[:2, 0] == pytest.approx([1 - share] * 2)


def test_proportional_hazards_worked_by_hand():
    # function of time: the time itself; at the events 2, 2, 5, 7, mean 4: g = -2, -2, 1, 3
    u = BRESLOW
    fit = cox(Outcome(TIMES, EVENTS), X, ties="breslow")
    shares = np.array([u / (1 + u), u / (1 + u), 2 * u / (3 + 2 * u), u / (2 + u)])
    residuals, variances, g = [1, 1, 0, 1] - shares, shares * (1 - shares), np.array([-2, -2, 1, 3])
    score = residuals @ g
    variance = variances @ g**2 - (variances @ g) ** 2 / variances.sum()
    found = proportional_hazards_test(fit, transform="identity")
    assert found.test("x1").statistic == pytest.approx(score**2 / variance)
    assert found.test("global").statistic == pytest.approx(score**2 / variance)
    assert found.test("x1").p == pytest.approx(chi_square_tail(score**2 / variance, 1))
    # ranks of 2, 2, 5, 7 among 2 2 3 5 5 7 9 10: 1.5, 1.5, 4.5, 6
    # 1 − Kaplan–Meier before 2, 5, 7: 0, 1 − 6/8, 1 − 6/8 × 4/5
    for transform, values in (("rank", [1.5, 1.5, 4.5, 6]), ("km", [0, 0, 1 / 4, 2 / 5]),
                              ("log", np.log([2, 2, 5, 7]))):
        g = np.array(values) - np.mean(values)
        variance = variances @ g**2 - (variances @ g) ** 2 / variances.sum()
        found = proportional_hazards_test(fit, transform=transform)
        assert found.test("x1").statistic == pytest.approx((residuals @ g) ** 2 / variance)
        assert transform in found.conventions[0]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@PROOF
@given(rows=cohorts(), at=st.integers(1, 6))
def test_sums_and_splits(ties, rows, at):
    fit = attempt(rows, ties=ties)
    assume(fit is not None)
    residuals = martingale_residuals(fit)
    assert residuals.sum() == pytest.approx(0, abs=1e-8)
    # the scores are zero: Schoenfeld residuals add up to nothing, martingales weigh nothing
    assert schoenfeld_residuals(fit).residuals.sum(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert np.array([row[2] for row in rows]).T @ residuals == pytest.approx([0, 0], abs=1e-6)
    split, owner = [], []
    for place, (time, event, x, entry, stratum) in enumerate(rows):
        pieces = [(time, event, x, entry, stratum)]
        if entry < at < time:
            pieces = [(at, 0, x, entry, stratum), (time, event, x, at, stratum)]
        split += pieces
        owner += [place] * len(pieces)
    other = attempt(split, ties=ties)
    together = np.bincount(owner, weights=martingale_residuals(other))
    assert together == pytest.approx(residuals, abs=1e-6)


# ------------------------------------------------------------------------------------------ R


@pytest.fixture
def veterans():
    outcome, covariates = veteran()
    return outcome, covariates[:, [0, 1, 3]]


def test_residuals_agree_with_r(veterans):
    fit = cox(*veterans)
    # residuals(coxph(Surv(time,status)~trt+karno+age, veteran), type)[1:8]
    assert martingale_residuals(fit)[:8] == pytest.approx(
        [0.43461738962719, -1.30197342189642, -0.90162116136399, -0.07635531131156,
         0.27975354270542, 0.70121568333659, -0.25198166117277, 0.56577537641447], rel=1e-9)
    assert deviance_residuals(fit)[:8] == pytest.approx(
        [0.52083625237741, -0.96768451193650, -0.71960321868815, -0.07449414886236,
         0.31115359885588, 1.00679454855894, -0.23346963925840, 0.73269084407136], rel=1e-9)
    schoenfeld = schoenfeld_residuals(fit)
    assert schoenfeld.residuals[:4] == pytest.approx(np.array([
        [0.437443694315, -24.351027056380, 6.176339580415],
        [0.437443694315, 5.648972943620, -23.823660419585],
        [0.448303793202, -4.742941950790, -14.882955374111],
        [-0.545830533643, -14.804999304973, -16.077686164098]]), rel=1e-9)


ZPH = {
    # cox.zph(coxph(Surv(time,status)~trt+karno+age, veteran), transform)$table, survival 3.5-3:
    # chi-square of trt, karno, age and GLOBAL
    "km": [0.2835469264696, 12.00295744976, 2.099517624513, 19.10166478625],
    "rank": [0.2780169025290, 12.64040697384, 2.041434754150, 19.74965396776],
    "identity": [1.11380318627293, 4.65453349555965, 0.97244508135801, 10.18914338467428],
    "log": [0.163108503712151, 9.570387411995354, 3.488509933625703, 16.932236065004247],
}


@pytest.mark.parametrize("transform", ZPH)
def test_proportional_hazards_agree_with_r(veterans, transform):
    found = proportional_hazards_test(cox(*veterans), transform=transform)
    assert [test.statistic for test in found.tests] == pytest.approx(ZPH[transform], rel=1e-9)
    assert [test.df for test in found.tests] == [1, 1, 1, 3]
    assert found.n == 137
    assert found.events == 128


def test_proportional_hazards_agree_with_r_in_other_models(veterans):
    outcome, covariates = veterans
    rows = records("survival_pkg", "veteran.csv")
    # cox.zph of … ties="breslow"; of ~trt+karno+strata(celltype); of weights 0.5 + (1:137 %% 5)/4
    for options, columns, expected in (
        ({"ties": "breslow"}, 3, [0.2905372589413, 11.78848293470, 2.100611888156, 18.84865498629]),
        ({"strata": [row["celltype"] for row in rows]}, 2,
         [0.050769519075458, 6.706788489547080, 7.095052212424523]),
        ({"weights": 0.5 + np.arange(1, 138) % 5 / 4, "weights_are": "sampling"}, 3,
         [0.4763654878789, 15.47607882510, 0.7546299423744, 21.93316423720]),
    ):
        fit = cox(outcome, covariates[:, :columns], **options)
        found = proportional_hazards_test(fit)
        assert [test.statistic for test in found.tests] == pytest.approx(expected, rel=1e-9)


def test_start_stop_rows_agree_with_r():
    rows = records("survival_pkg", "heart.csv")
    part = {name: np.array([float(row[name]) for row in rows]) for name in (
        "start", "stop", "event", "age", "surgery", "transplant")}
    fit = cox(Outcome(part["stop"], part["event"], part["start"]),
              np.column_stack((part["age"], part["surgery"], part["transplant"])))
    # coxph(Surv(start,stop,event)~age+surgery+transplant, heart)
    assert martingale_residuals(fit)[:8] == pytest.approx(
        [0.73396808456375, 0.86288076773483, -0.01344334755952, 0.77658927785814,
         -0.26462245756597, 0.97486020255318, 0.89838149117495, 0.91674772461017], rel=1e-9)
    assert [test.statistic for test in proportional_hazards_test(fit).tests] == pytest.approx(
        [0.89537708353500, 0.09683511198428, 0.12826652600381, 1.37925280135257], rel=1e-8)


SURVFIT = {
    # summary(survfit(fit, data.frame(trt=c(1,2), karno=c(60,80), age=c(50,65)),
    #         conf.type="log"), times=c(10,100,300)): survival, error, lower, upper;
    # last two rows: lower and upper with conf.type="log-log"
    "efron": [
        [0.92488299367625, 0.42411323056454, 0.09896845337187,
         0.95626013709077, 0.61184084276263, 0.26586799965575],
        [0.02188929163577, 0.06069245376808, 0.03649393483883,
         0.01434844685448, 0.06040633891250, 0.06888427244692],
        [0.8829606067942, 0.3203842558596, 0.0480421110722,
         0.9285471971534, 0.5041970732658, 0.1600024215843],
        [0.9687958278199, 0.5614259410385, 0.2038785254066,
         0.9848001831163, 0.7424660648023, 0.4417795214663],
        [0.86810830832169, 0.30436527883386, 0.04236930965577,
         0.91729904675778, 0.48266417049491, 0.14318469915423],
        [0.9578038852655, 0.5387424355772, 0.1841051466826,
         0.9770932279738, 0.7179613175021, 0.4053751483931]],
    "breslow": [
        [0.92533468691259, 0.42591986172254, 0.09949384685643,
         0.95645463853603, 0.61281793067931, 0.26607126898994],
        [0.02175914383877, 0.06068650445336, 0.03663902402753,
         0.01428855089828, 0.06029996121282, 0.06889495859772],
        [0.88365539084940, 0.32214086015877, 0.04834345717445,
         0.92885561559140, 0.50532998626359, 0.16017427487159],
        [0.9689798666656, 0.5631316949993, 0.2047645356965,
         0.9848737093489, 0.7431694662311, 0.4419805879482],
        [0.86888939290051, 0.30609137971809, 0.04263644423385,
         0.91765030812286, 0.48382201089609, 0.14334876247608],
        [0.9580577377547, 0.5404636608399, 0.1849138513896,
         0.9771987306641, 0.7187245830154, 0.4055818692094]],
}


@pytest.mark.parametrize("ties", SURVFIT)
def test_predicted_survival_agrees_with_r(veterans, ties):
    fit = cox(*veterans, ties=ties)
    patterns = [[1, 60, 50], [2, 80, 65]]
    log = predicted_survival(fit, patterns)[0]
    loglog = predicted_survival(fit, patterns, ci="log-log")[0]
    at = np.searchsorted(log.time, [10, 100, 300], side="right") - 1
    found = [log.survival, log.se, log.lower, log.upper, loglog.lower, loglog.upper]
    for ours, theirs in zip(found, SURVFIT[ties], strict=True):
        assert ours[:, at].ravel() == pytest.approx(theirs, rel=1e-9)
    assert log.at([10, 100, 300]).ravel() == pytest.approx(SURVFIT[ties][0], rel=1e-9)


def test_each_stratum_has_its_own_baseline():
    times, events = [*TIMES, *TIMES], [*EVENTS, *EVENTS]
    outcome = Outcome(np.array(times) * np.repeat([1, 3], 8), events)
    fit = cox(outcome, [*X, *X], strata=["early"] * 8 + ["late"] * 8)
    # the same risk sets twice: the same coefficient, and times three times as long
    assert fit.terms[0].ratio == pytest.approx(EFRON)
    early, late = baseline_hazard(fit)
    assert (early.stratum, late.stratum) == ("early", "late")
    assert late.time.tolist() == [6, 15, 21]
    assert late.cumulative_hazard == pytest.approx(early.cumulative_hazard)
    assert (early.last_time, late.last_time) == (10, 30)
    assert (early.n, late.n) == (8, 8)


def test_rows_of_weight_zero_have_no_residual():
    fit = cox(Outcome([*TIMES, 4], [*EVENTS, 1]), [*X, 5], weights=[1] * 8 + [0])
    residuals = martingale_residuals(fit)
    assert residuals[:8] == pytest.approx(martingale_residuals(cox(Outcome(TIMES, EVENTS), X)))
    assert math.isnan(residuals[8])


def test_intervals_keep_the_level_and_stay_in_bounds():
    fit = cox(Outcome(TIMES, EVENTS), X)
    for ci in ("log", "log-log", "plain"):
        wide, narrow = (predicted_survival(fit, [1], ci=ci, level=level)[0]
                        for level in (0.99, 0.5))
        assert (wide.lower <= narrow.lower).all()
        assert (narrow.lower < narrow.survival).all()
        assert (narrow.survival < narrow.upper).all()
        assert (narrow.upper <= wide.upper).all()
        assert (wide.lower >= 0).all()
        assert (wide.upper <= 1).all()
        assert wide.tidy()[0].value == wide.survival[0, 0]


ONE_TIME = Outcome([1, 1, 2, 2], [1, 1, 0, 0])


@pytest.mark.parametrize(("call", "message"), [
    (lambda: martingale_residuals(cox(Outcome(TIMES, EVENTS), X, ties="exact")), "exact ties"),
    (lambda: baseline_hazard(cox(Outcome(TIMES, EVENTS), X, ties="exact")), "exact ties"),
    (lambda: proportional_hazards_test(cox(ONE_TIME, [0, 2, 1, 3])), "at one time"),
    (lambda: proportional_hazards_test(cox(Outcome(TIMES, EVENTS), X), transform="square"),
     "no function of time"),
    (lambda: proportional_hazards_test(cox(Outcome([0, *TIMES[1:]], EVENTS), X), transform="log"),
     "no logarithm"),
    (lambda: predicted_survival(cox(Outcome(TIMES, EVENTS), X), [[1, 2]]), "names"),
    (lambda: predicted_survival(cox(Outcome(TIMES, EVENTS), X), [math.nan]), "NaN"),
    (lambda: predicted_survival(cox(Outcome(TIMES, EVENTS), X), [1], ci="logit"), "no interval"),
])
def test_what_cannot_be_had_is_refused(call, message):
    with pytest.raises(NotEstimable, match=message):
        call()
