"""Firth's regressions: worked by hand, plain loops maximised numerically, properties, a peer."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, firth_cox, firth_logistic

from .oracles import chi_square_tail, records
from .test_cox import EVENTS, TIMES, X, cohorts, log_likelihood

PROOF = settings(max_examples=25, deadline=None, database=None)
QUANTILE = 3.841458820694124  # of chi-square with one degree of freedom at 0.95


def crossing(function, inside, outside):
    """Where a function that is positive inside and negative outside is zero, by bisection."""
    for _ in range(200):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if function(middle) > 0 else (inside, middle)
    return inside


def highest(function, low, high):
    """Where a function with one maximum has it, by golden section."""
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(120):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (left, high) if function(left) < function(right) else (low, right)
    return (low + high) / 2


# ------------------------------------------------------------------- logistic, worked by hand


@pytest.mark.parametrize(("events", "sizes"), [((1, 3), (4, 4)), ((0, 3), (5, 3)),
                                               ((2, 7), (20, 9))])
def test_two_groups_are_half_an_event_more_in_every_cell(events, sizes):
    (a, b), (m, n) = events, sizes
    outcome = [1] * a + [0] * (m - a) + [1] * b + [0] * (n - b)
    group = [0] * m + [1] * n
    fit = firth_logistic(outcome, group, names=["group"])
    # The information of two groups is diagonal in their odds, so ½ log |I| adds ½ log chance and
    # ½ log (1 − chance) of each: half an event and half a non-event (0.5 in every cell). The
    # second case is separated: 0 of 5 and 3 of 3.
    odds = [(a + 0.5) / (m - a + 0.5), (b + 0.5) / (n - b + 0.5)]
    term = fit.term("group")
    assert term.ratio == pytest.approx(odds[1] / odds[0])
    assert fit.term("intercept").estimate == pytest.approx(math.log(odds[0]))
    chances = [o / (1 + o) for o in odds]
    weights = [m * chances[0] * (1 - chances[0]), n * chances[1] * (1 - chances[1])]
    assert term.se == pytest.approx(math.sqrt(1 / weights[0] + 1 / weights[1]))

    def value(first, second):
        """Penalised log-likelihood at two chances; |I| of intercept and slope is the product."""
        return sum((k + 0.5) * math.log(c) + (size - k + 0.5) * math.log(1 - c)
                   for k, size, c in ((a, m, first), (b, n, second))) + math.log(m * n) / 2

    # without the slope both chances are one: (a + b + 1) / (m + n + 2)
    shared = (a + b + 1) / (m + n + 2)
    ratio = 2 * (value(*chances) - value(shared, shared))
    assert fit.log_likelihood == pytest.approx(value(*chances))
    assert fit.null_log_likelihood == pytest.approx(value(shared, shared))
    assert term.statistic == pytest.approx(ratio)
    assert term.p == pytest.approx(chi_square_tail(ratio, 1))
    assert fit.test("penalised likelihood ratio").statistic == pytest.approx(ratio)
    # the interval: log odds ratios whose profile lies within QUANTILE / 2 of the maximum

    def profile(slope):
        def at(intercept):
            return value(*(1 / (1 + math.exp(-e)) for e in (intercept, intercept + slope)))
        return at(highest(at, -12.0, 12.0)) - value(*chances) + QUANTILE / 2

    lower, upper = (crossing(profile, term.estimate, term.estimate + d) for d in (-12, 12))
    assert [term.lower, term.upper] == pytest.approx([lower, upper], abs=1e-6)
    assert fit.n == m + n
    assert fit.events == a + b


# ------------------------------------------------------------------------ Cox, worked by hand


def test_two_subjects_worked_by_hand():
    # one event, of x=0, with one of x=1 at risk: likelihood 1/(1+u), monotone; information
    # u/(1+u)^2. Penalised: log 1/(1+u) + ½ log u − log (1+u); zero slope where
    # ½ = 2u/(1+u), u = 1/3. At coefficient 0: log 1/2 + ½ log 1/4 = log 1/4
    fit = firth_cox(Outcome([1, 2], [1, 0]), [0, 1])
    term = fit.terms[0]
    assert term.ratio == pytest.approx(1 / 3)
    assert term.se == pytest.approx(4 / math.sqrt(3))  # information 3/16
    value = math.log(3 / 4) + math.log(3 / 16) / 2
    assert fit.log_likelihood == pytest.approx(value)
    assert fit.null_log_likelihood == pytest.approx(math.log(1 / 4))
    assert term.statistic == pytest.approx(2 * (value - math.log(1 / 4)))
    # bounds: ½ log u − 2 log (1+u) = value − QUANTILE/2, with s = √u: (1+s²)² = s e^−(that)
    def gap(beta):
        return beta / 2 - 2 * math.log(1 + math.exp(beta)) - value + QUANTILE / 2
    lower, upper = (crossing(gap, term.estimate, end) for end in (-30, 30))
    assert [term.lower, term.upper] == pytest.approx([lower, upper], abs=1e-7)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_eight_subjects_worked_by_hand(ties):
    # likelihood as in the proof of the Cox regression (the table above X there); information
    # from the shares of x=1: share (1 − share) of each term
    def penalised(beta):
        u = math.exp(beta)
        second = (4 + 3 * u, 12 * u / (4 + 3 * u) ** 2) if ties == "efron" else (
            4 + 4 * u, u / (1 + u) ** 2)
        value = (3 * beta - math.log(4 + 4 * u) - math.log(second[0])
                 - math.log(3 + 2 * u) - math.log(2 + u))
        information = (u / (1 + u) ** 2 + second[1] + 6 * u / (3 + 2 * u) ** 2
                       + 2 * u / (2 + u) ** 2)
        return value + math.log(information) / 2, information

    best = highest(lambda beta: penalised(beta)[0], -8.0, 8.0)
    top, information = penalised(best)
    fit = firth_cox(Outcome(TIMES, EVENTS), X, ties=ties)
    term = fit.terms[0]
    assert term.estimate == pytest.approx(best, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(top, rel=1e-12)
    assert term.se == pytest.approx(information**-0.5, rel=1e-6)
    ratio = 2 * (top - penalised(0.0)[0])
    assert term.statistic == pytest.approx(ratio)
    assert term.p == pytest.approx(chi_square_tail(ratio, 1))
    bounds = [crossing(lambda beta: penalised(beta)[0] - top + QUANTILE / 2, best, end)
              for end in (-20, 20)]
    assert [term.lower, term.upper] == pytest.approx(bounds, abs=1e-6)
    assert (fit.n, fit.events) == (8, 4)


# -------------------------------------------------------------------------- plain loops


def cox_information(rows, beta, ties):
    """The information as a loop over events: variances of covariates among those at risk."""
    total = np.zeros((2, 2))
    for now, stratum in sorted({(row[0], row[4]) for row in rows if row[1]}):
        at_risk = [row for row in rows if row[4] == stratum and row[3] < now <= row[0]]
        tied = [bool(row[1]) and row[0] == now for row in at_risk]
        for done in range(sum(tied)):
            left_out = done / sum(tied) if ties == "efron" else 0
            risks = np.array([math.exp(np.dot(row[2], beta)) * (1 - left_out * is_tied)
                              for row, is_tied in zip(at_risk, tied, strict=True)])
            x = np.array([row[2] for row in at_risk], dtype=float)
            share = risks / risks.sum()
            mean = share @ x
            total += (x * share[:, None]).T @ x - np.outer(mean, mean)
    return total


def penalised_loop(rows, beta, ties):
    determinant = np.linalg.det(cox_information(rows, beta, ties))
    if determinant <= 0:  # far out it is less than rounding: the penalty there is boundless
        return -math.inf
    return log_likelihood(rows, beta, ties) + math.log(determinant) / 2


def check_profile(fit, penalised):
    """The maximum, and at a bound: the value, and no slope in the other parameter."""
    best, top = fit.estimate, fit.log_likelihood
    assert penalised(best) == pytest.approx(top, abs=1e-9)
    for axis in np.eye(len(best)) * 1e-3:
        assert penalised(best + axis) < top
        assert penalised(best - axis) < top
    for place, term in enumerate(fit.terms):
        for bound in (term.lower, term.upper):
            assert best_elsewhere(penalised, best, place, bound) == pytest.approx(
                top - QUANTILE / 2, abs=1e-5)
        null = best_elsewhere(penalised, best, place, 0.0)
        assert term.statistic == pytest.approx(2 * (top - null), abs=1e-5)


def best_elsewhere(penalised, best, place, value):
    """The highest penalised likelihood with one of two parameters fixed, on whatever ridge."""
    def at(other):
        point = np.empty(2)
        point[place], point[1 - place] = value, other
        return penalised(point)
    middle = best[1 - place]
    grid = np.linspace(middle - 12, middle + 12, 97)
    top = grid[np.argmax([at(other) for other in grid])]
    return at(highest(at, top - 0.25, top + 0.25))


def attempt(rows, **options):
    times, events, covariates, entries, strata = (list(part) for part in zip(*rows, strict=True))
    try:
        return firth_cox(Outcome(times, events, entries), covariates, strata=strata, **options)
    except NotEstimable as refusal:
        assert str(refusal).strip()
        assert "converge" not in str(refusal)
        return None


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@settings(max_examples=6, deadline=None, database=None)
@given(rows=cohorts())
def test_cox_is_the_profile_of_a_plain_loop(ties, rows):
    fit = attempt(rows, ties=ties)
    assume(fit is not None and max(abs(b) for t in fit.terms for b in (t.lower, t.upper)) < 9)
    check_profile(fit, lambda beta: penalised_loop(rows, beta, ties))


TWO_RIDGES = [
    # (time, event, x, entry, stratum); at the bound reached from the maximum the other ridge is
    # higher by 1.03, 0.90 and 0.09 (the plain loop on a grid over the other coefficient)
    [(3, 0, (0, 0.0), 0, "a"), (3, 0, (1, 0.0), 0, "b"), (3, 0, (-2, 0.0), 0, "b"),
     (3, 1, (-2, 0.5), 0, "b"), (4, 0, (-1, 0.5), 0, "a"), (4, 1, (-2, 0.0), 0, "a")],
    [(6, 0, (-2, 1.0), 1, "a"), (5, 0, (-1, 1.0), 1, "a"), (4, 0, (-1, 0.5), 1, "b"),
     (5, 1, (-1, 0.0), 0, "a"), (5, 0, (-1, 0.0), 1, "b"), (7, 0, (1, 1.0), 1, "a")],
    [(7, 0, (2, 1.0), 0, "a"), (6, 1, (2, 1.0), 0, "b"), (4, 0, (2, 1.0), 0, "b"),
     (5, 1, (-1, 0.0), 0, "a"), (7, 1, (-1, 1.0), 1, "b"), (6, 0, (1, 1.0), 0, "a")],
]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("rows", TWO_RIDGES)
def test_a_bound_lies_on_the_higher_of_two_ridges(ties, rows):
    fit = attempt(rows, ties=ties)
    check_profile(fit, lambda beta: penalised_loop(rows, beta, ties))


@settings(max_examples=8, deadline=None, database=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-2, 2)), min_size=6, max_size=14))
def test_logistic_is_the_profile_of_a_plain_loop(rows):
    outcome, covariate = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    assume(0 < outcome.sum() < len(outcome) and np.ptp(covariate) > 0)
    fit = firth_logistic(outcome, covariate)
    design = np.column_stack((np.ones(len(outcome)), covariate))

    def penalised(beta):
        chance = 1 / (1 + np.exp(-design @ beta))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        determinant = np.linalg.det(information)
        if determinant <= 0:  # far out it is less than rounding: the penalty there is boundless
            return -math.inf
        return float((outcome * np.log(chance) + (1 - outcome) * np.log(1 - chance)).sum()
                     + math.log(determinant) / 2)

    assume(max(abs(b) for t in fit.terms for b in (t.lower, t.upper)) < 9)
    check_profile(fit, penalised)


# ---------------------------------------------------------------------------- properties


@PROOF
@given(rows=cohorts(), random=st.randoms(use_true_random=False))
def test_every_cohort_has_an_estimate_whatever_order_and_unit(rows, random):
    one = attempt(rows)
    mixed = [(time * 7, event, (4 - 10 * x[0], x[1]), entry * 7, stratum)
             for time, event, x, entry, stratum in random.sample(rows, len(rows))]
    two = attempt(mixed)
    assert (one is None) == (two is None)
    if one is None:
        return
    assume(not any("interval" in warning for warning in one.warnings + two.warnings))
    for ours, theirs, unit in zip(one.terms, two.terms, (-10, 1), strict=True):
        assert theirs.estimate * unit == pytest.approx(ours.estimate, rel=1e-6, abs=1e-7)
        assert theirs.p == pytest.approx(ours.p, rel=1e-5)
        bounds = sorted((theirs.lower * unit, theirs.upper * unit))
        assert bounds == pytest.approx([ours.lower, ours.upper], rel=1e-5, abs=1e-6)
        assert ours.lower < ours.estimate < ours.upper


@PROOF
@given(rows=cohorts(max_size=9), counts=st.lists(st.integers(1, 3), min_size=9, max_size=9),
       at=st.integers(1, 6))
def test_counts_are_repeated_rows_and_splits_change_nothing(rows, counts, at):
    counts = counts[:len(rows)]
    repeated = []
    for (time, event, x, entry, stratum), count in zip(rows, counts, strict=True):
        pieces = [(time, event, x, entry, stratum)]
        if entry < at < time:
            pieces = [(at, 0, x, entry, stratum), (time, event, x, at, stratum)]
        repeated += pieces * count
    one, two = attempt(rows, weights=counts), attempt(repeated)
    assert (one is None) == (two is None)
    if one is not None:
        assume(not any("interval" in warning for warning in one.warnings + two.warnings))
        assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-8)
        for ours, theirs in zip(one.terms, two.terms, strict=True):
            assert [ours.estimate, ours.lower, ours.upper] == pytest.approx(
                [theirs.estimate, theirs.lower, theirs.upper], rel=1e-6, abs=1e-6)


def test_large_models_take_another_way_to_the_same_end(monkeypatch):
    random = np.random.default_rng(4)
    outcome = Outcome(random.integers(1, 30, 80), random.integers(0, 2, 80))
    covariates = random.normal(size=(80, 3))
    binary = (random.random(80) < 0.3).astype(int)
    small = firth_cox(outcome, covariates), firth_logistic(binary, covariates)
    # the information in place of second derivatives, cumulative sums in place of a matrix
    monkeypatch.setattr("remission.statistics.firth._SMALL", 0)
    monkeypatch.setattr("remission.statistics.cox_terms._DENSE", 0)
    large = firth_cox(outcome, covariates), firth_logistic(binary, covariates)
    for one, two in zip(small, large, strict=True):
        assert one.estimate == pytest.approx(two.estimate, rel=1e-7)
        for ours, theirs in zip(one.terms, two.terms, strict=True):
            assert [ours.lower, ours.upper, ours.statistic] == pytest.approx(
                [theirs.lower, theirs.upper, theirs.statistic], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999])
def test_intervals_keep_the_level(level):
    fits = (firth_cox(Outcome(TIMES, EVENTS), X, level=level),
            firth_logistic([1, 0, 0, 0, 1, 1, 1, 1], X, level=level))
    normal = firth_cox(Outcome(TIMES, EVENTS), X), firth_logistic([1, 0, 0, 0, 1, 1, 1, 1], X)
    for fit, usual in zip(fits, normal, strict=True):
        assert fit.level == level
        assert (fit.terms[-1].upper < usual.terms[-1].upper) == (level < 0.95)
        assert (fit.terms[-1].lower > usual.terms[-1].lower) == (level < 0.95)


# ------------------------------------------------------------------------------------ a peer


def separated():
    """Fifty-one of the veterans, with a covariate whose one level is free of events."""
    rows = records("survival_pkg", "veteran.csv")[::2][:51]
    times = np.array([float(row["time"]) for row in rows])
    events = np.array([int(row["status"]) for row in rows])
    covariates = np.array([[float(row["karno"]), float(row["age"])] for row in rows])
    return times, events, np.column_stack((covariates, events == 0))


def test_firthmodels_agrees_on_cox():
    firthmodels = pytest.importorskip("firthmodels", reason="make test installs it")
    times, events, covariates = separated()
    times = times + np.arange(51) / 1000  # its tied events are Breslow's: none are left
    fit = firth_cox(Outcome(times, events), covariates)
    scale = covariates.std(axis=0)
    peer = firthmodels.FirthCoxPH(gtol=1e-6, xtol=1e-7, max_iter=200).fit(
        covariates / scale, (events.astype(bool), times))
    peer.lrt()
    assert fit.estimate * scale == pytest.approx(peer.coef_, rel=1e-5, abs=1e-7)
    assert [term.p for term in fit.terms] == pytest.approx(peer.lrt_pvalues_, rel=1e-5)
    bounds = np.array([[term.lower, term.upper] for term in fit.terms]) * scale[:, None]
    assert bounds == pytest.approx(
        peer.conf_int(method="pl", tol=1e-6, max_iter=200), rel=1e-4, abs=1e-6)


def test_firthmodels_agrees_on_logistic():
    firthmodels = pytest.importorskip("firthmodels", reason="make test installs it")
    times, _, covariates = separated()
    outcome = (times > np.median(times)).astype(int)
    covariates[:, 2] = outcome * (covariates[:, 1] > 60)  # quasi-complete separation
    fit = firth_logistic(outcome, covariates)
    scale = covariates.std(axis=0)
    peer = firthmodels.FirthLogisticRegression(gtol=1e-6, xtol=1e-7, max_iter=200).fit(
        covariates / scale, outcome)
    peer.lrt()
    assert fit.estimate[1:] * scale == pytest.approx(peer.coef_, rel=1e-5)
    assert fit.estimate[0] == pytest.approx(peer.intercept_, rel=1e-5)
    # the peer puts the intercept last
    order = [1, 2, 3, 0]
    assert [fit.terms[j].p for j in order] == pytest.approx(peer.lrt_pvalues_, rel=1e-5)
    units = np.append(scale, 1.0)
    bounds = np.array([[fit.terms[j].lower, fit.terms[j].upper] for j in order])
    assert bounds * units[:, None] == pytest.approx(
        peer.conf_int(method="pl", tol=1e-6, max_iter=200), rel=1e-4)


# --------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(("call", "message"), [
    (lambda: firth_cox(Outcome(TIMES, [0] * 8), X), "no events"),
    (lambda: firth_cox(Outcome(TIMES, EVENTS), [1.0] * 8), "Constant covariate"),
    (lambda: firth_cox(Outcome(TIMES, EVENTS), X, ties="exact"), "exact ties"),
    (lambda: firth_cox(Outcome(TIMES, EVENTS), np.column_stack((X, X))), "x2 is a linear"),
    (lambda: firth_cox(Outcome(TIMES, EVENTS), X, weights=[0.5] * 8), "whole"),
    (lambda: firth_cox(Outcome(TIMES, EVENTS), X, level=0), "between 0 and 1"),
    (lambda: firth_logistic([1] * 8, X), "same outcome"),
    (lambda: firth_logistic(EVENTS, [1.0] * 8), "Constant covariate"),
    (lambda: firth_logistic(EVENTS, [math.nan, *X[1:]]), "NaN"),
    (lambda: firth_logistic(EVENTS, np.column_stack((X, X))), "x2 is a linear"),
    (lambda: firth_logistic(EVENTS, X, weights=[-1] * 8), "negative"),
    (lambda: firth_logistic(EVENTS, X, names=["a", "b"]), "names"),
])
def test_what_cannot_be_estimated_is_refused(call, message):
    with pytest.raises(NotEstimable, match=message):
        call()
