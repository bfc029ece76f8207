"""Fine-Gray regression: worked by hand, an exact loop, properties, R's numbers, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, fine_gray

from .oracles import records, reference

PROOF = settings(max_examples=60, deadline=None, database=None)

# Two of cause 1 tied at 2, a lone censoring at 3, a lone cause 2 at 4, cause 1 tied with a
# censoring at 5, a lone cause 1 at 8, a lone censoring at 9.
TIMES = [2, 2, 3, 4, 5, 5, 8, 9]
CAUSES = [1, 1, 0, 2, 1, 0, 1, 0]
X = [0, 1, 1, 1, 1, 0, 0, 0]

cohorts = st.lists(
    st.tuples(st.integers(1, 8), st.integers(0, 2), st.sampled_from([0, 1, 2, 5])),
    min_size=8, max_size=25)


# R 4.2.2, cmprsk 2.2-11: crr(t, cause, x): coefficient, se, loglik, loglik.null
R_HAND = [0.343037074347, 0.908698912932, -6.723560511961, -6.779921907472]


def root_of(falling, low=-20.0, high=20.0):
    """Where a falling function is 0, by bisection."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def test_eight_subjects_worked_by_hand():
    found = fine_gray(Outcome(TIMES, CAUSES), X)
    # censoring curve just before t: at 3 one of 6 goes (5/6), at 5 one of 4 (5/6 * 3/4 = 5/8)
    #   G(2-) = G(3-) = 1, G(4-) = G(5-) = 5/6, G(8-) = 5/8
    # subject 4 (cause 2 at 4, x = 1) stays with weight G(5-)/G(4-) = 1 at 5, (5/8)/(5/6) = 3/4 at 8
    # weighted sums of e^bx, e = e^b: at 2 4 + 4e; at 5 3 + 2e; at 8 2 + 3/4 e
    # score: (0 - E2) + (1 - E2) + (1 - E5) + (0 - E8), E the weighted mean of x at the time
    def means(b):
        e = math.exp(b)
        return e / (1 + e), 2 * e / (3 + 2 * e), 0.75 * e / (2 + 0.75 * e)

    beta = root_of(lambda b: 2 - 2 * means(b)[0] - means(b)[1] - means(b)[2])
    assert found.estimate[0] == pytest.approx(beta, abs=1e-9)
    e = math.exp(beta)
    at2, at5, at8 = 4 + 4 * e, 3 + 2 * e, 2 + 0.75 * e
    assert found.log_likelihood == pytest.approx(
        2 * beta - 2 * math.log(at2) - math.log(at5) - math.log(at8))
    # at b = 0: 8 at 2, 5 at 5, 2 3/4 at 8
    assert found.null_log_likelihood == pytest.approx(
        -2 * math.log(8) - math.log(5) - math.log(2.75))
    m2, m5, m8 = means(beta)
    h2, h5, h8 = 2 / at2, 1 / at5, 1 / at8  # steps of the baseline hazard
    assert found.baseline_hazard == pytest.approx([h2, h2 + h5, h2 + h5 + h8])
    information = 2 * m2 * (1 - m2) + m5 * (1 - m5) + m8 * (1 - m8)
    # each subject's part: (x - E) at its event - e^bx sum of weight (x - E) step
    zero = [-m2 * h2, -m5 * h5, -m8 * h8]  # (x - E) step for x = 0
    one = [e * (1 - m2) * h2, e * (1 - m5) * h5, e * (1 - m8) * h8]  # for x = 1, times e^b
    parts = [
        -m2 - zero[0],
        1 - m2 - one[0],
        -one[0],
        -(one[0] + one[1] + 0.75 * one[2]),
        1 - m5 - (one[0] + one[1]),
        -(zero[0] + zero[1]),
        -m8 - sum(zero),
        -sum(zero),
    ]
    # the censoring at 5 (one of 4) moves the weights of subject 4 from then on; those at 3 and 9
    # move nothing (nobody before 3, no event after 9)
    q = one[1] + 0.75 * one[2]
    parts[5] += q / 4
    for still_at_risk in (4, 5, 6, 7):
        parts[still_at_risk] -= q / 4**2
    se = math.sqrt(sum(part**2 for part in parts)) / information
    assert found.se[0] == pytest.approx(se)
    assert beta == pytest.approx(R_HAND[0], abs=1e-8)
    assert se == pytest.approx(R_HAND[1], rel=1e-7)
    assert (found.log_likelihood, found.null_log_likelihood) == pytest.approx(R_HAND[2:])
    assert (found.n, found.events, found.competing) == (8, 4, 1)


# --------------------------------------------------------------------------------- R and data


def column(rows, *columns):
    return np.array([[float(of(row)) for of in columns] for row in rows])


def klein():
    rows = records("klein_bmt137", "bmt.csv")
    outcome = Outcome([float(r["t2"]) for r in rows],
                      [1 if r["d2"] == "1" else 2 * int(r["d1"]) for r in rows])
    x = column(rows, lambda r: r["group"] == "2", lambda r: r["group"] == "3",
               lambda r: r["z8"], lambda r: float(r["z1"]) - 28, lambda r: float(r["z2"]) - 28)
    return outcome, x


def scrucca177():
    rows = records("scrucca_bmtcrr177", "data.csv")
    outcome = Outcome([float(r["ftime"]) for r in rows], [int(r["Status"]) for r in rows])
    x = column(rows, lambda r: r["Age"], lambda r: r["Sex"] == "F", lambda r: r["D"] == "AML",
               lambda r: r["Phase"] == "CR1", lambda r: r["Phase"] == "CR2",
               lambda r: r["Phase"] == "CR3", lambda r: r["Source"] == "BM+PB")
    return outcome, x, [r["D"] for r in rows]


def timereg():
    rows = records("timereg_mets", "timereg_bmt.csv")
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["cause"]) for r in rows])
    return outcome, column(rows, *(lambda r, c=c: r[c] for c in ("tcell", "platelet", "age")))


def mgus2():
    rows = records("survival_pkg", "mgus2.csv")
    ended = [(r["ptime"], 1) if r["pstat"] == "1" else (r["futime"], 2 * int(r["death"]))
             for r in rows]
    outcome = Outcome([float(t) for t, _ in ended], [e for _, e in ended])
    return outcome, column(rows, lambda r: r["age"], lambda r: r["sex"] == "M")


# Numbers of crr as it stops by default, at a score of 1e-6: for timereg that is 6e-6 (relative)
# away from where its own search ends when told to go on (the test below).
REFERENCES = {
    "klein": (("klein_bmt137", "fg_relapse"), klein, 1, 1e-6),
    "scrucca177": (("scrucca_bmtcrr177", "fg"), lambda: scrucca177()[:2], 1, 1e-6),
    "timereg 1": (("timereg_bmt408", "fg1"), timereg, 1, 1e-5),
    "timereg 2": (("timereg_bmt408", "fg2"), timereg, 2, 1e-5),
    "mgus2": (("mgus2", "fg"), mgus2, 1, 1e-6),
}


@pytest.mark.parametrize(("keys", "data", "cause", "within"), REFERENCES.values(),
                         ids=REFERENCES.keys())
def test_agrees_with_the_reference_values(keys, data, cause, within):
    expected = reference(*keys)
    outcome, x = data()
    found = fine_gray(outcome, x, cause=cause, names=list(expected["coef"]))
    # eight decimals are written down
    for values, name in ((found.estimate, "coef"), (found.se, "se")):
        assert list(values) == pytest.approx(list(expected[name].values()), rel=within, abs=2e-8)
    assert found.log_likelihood == pytest.approx(expected["loglik"], rel=1e-8)
    assert found.n == expected["n"]


def test_agrees_with_cmprsk_that_searches_to_the_end():
    # R 4.2.2, cmprsk 2.2-11: crr(time, cause, cbind(tcell, platelet, age), failcode = 1, 2,
    #   gtol = 1e-13, maxiter = 50) on timereg's bmt: coefficients, then se
    outcome, x = timereg()
    expected = {1: [-0.5959881569, -0.4251163508, 0.3437028528,
                    0.2703618582, 0.1806137929, 0.08025130259],
                2: [0.5304355193, -0.0397762179, -0.01130996926,
                    0.2802070933, 0.2280986077, 0.1216894134]}
    for cause, numbers in expected.items():
        found = fine_gray(outcome, x, cause=cause)
        assert [*found.estimate, *found.se] == pytest.approx(numbers, rel=1e-8)


def test_agrees_with_cmprsk_for_the_other_cause():
    # R 4.2.2, cmprsk 2.2-11: crr(ftime, Status, X, failcode=2, gtol=1e-12, maxiter=30)
    outcome, x, _ = scrucca177()
    found = fine_gray(outcome, x, cause=2)
    coefficient = [0.03073674931, 0.2738624344, 0.002261918168, -0.3774516426, -0.1273478287,
                   -0.2544795173, 1.160410774]  # Sex and Source there code the other level
    se = [0.01041050282, 0.2376442149, 0.2832529201, 0.3049393116, 0.2771778963, 0.5997173601,
          0.3799241289]
    assert list(found.estimate) == pytest.approx(coefficient, rel=1e-8)
    assert list(found.se) == pytest.approx(se, rel=1e-8)
    assert found.log_likelihood == pytest.approx(-360.1536135, rel=1e-9)
    assert found.null_log_likelihood == pytest.approx(-369.2661757, rel=1e-9)


def test_agrees_with_cmprsk_with_censoring_groups():
    # crr(ftime, Status, X, cengroup=D): the coefficients; its variance lets a censoring in one
    # group move the weights of the other groups too, which it does not (next test)
    outcome, x, groups = scrucca177()
    found = fine_gray(outcome, x, censoring_groups=groups)
    coefficient = [-0.01845945012, -0.0357255997, -0.4704370852, -1.102146331, -1.019858621,
                   -0.7309129593, -0.9213956217]
    assert list(found.estimate) == pytest.approx(coefficient, rel=1e-6)
    assert found.log_likelihood == pytest.approx(-266.5295403, rel=1e-9)
    se = [0.01188083994, 0.2900649023, 0.3052522722, 0.3764796737, 0.3557433626, 0.5766690239,
          0.5531326616]
    assert list(found.se) == pytest.approx(se, rel=1e-3)


def weighted_coefficient(data, weight, start):
    """One Newton-refined coefficient with weighted subjects, everything as n x n tables."""
    time, kind, x, groups = data
    n = len(time)
    left = np.ones((n, n))  # censoring curve of the row's group just before the column's time
    for group in np.unique(groups):
        member, curve, before = groups == group, 1.0, np.empty(n)
        for place in range(n):
            before[place] = curve
            if member[place] and kind[place] == 0:
                curve *= 1 - weight[place] / weight[member & (np.arange(n) >= place)].sum()
        left[member] = np.where(time > time[member].max(), 0, before)
    after = np.where((kind == 2)[:, None], left / np.diag(left)[:, None], 0)
    table = np.where(time[:, None] >= time, 1.0, after) * weight[:, None]
    had, beta = np.flatnonzero(kind == 1), start
    for _ in range(6):
        sums = [((x**power * np.exp(beta * x))[:, None] * table).sum(axis=0)[had]
                for power in (0, 1, 2)]
        score = (weight[had] * (x[had] - sums[1] / sums[0])).sum()
        information = (weight[had] * (sums[2] / sums[0] - (sums[1] / sums[0]) ** 2)).sum()
        beta += score / information
    return beta


def test_the_variance_is_that_of_leaving_a_little_of_each_subject_out():
    # the infinitesimal jackknife: squared derivatives of the coefficient by the subjects' weights,
    # the censoring curves of the two groups estimated anew each time. It and the variance of Fine
    # and Gray differ as Kaplan-Meier and Nelson-Aalen do, by 1 + 1/(at risk) of the censored.
    rng = np.random.default_rng(3)
    n = 200
    groups = np.repeat([0, 1], n // 2)
    x = rng.normal(size=n) + 0.8 * groups
    event_time, kind = rng.exponential(size=n), rng.integers(1, 3, n)
    ended = np.where(groups == 1, rng.exponential(0.6, n), rng.uniform(0.5, 4, n))
    time, kind = np.minimum(event_time, ended), np.where(ended < event_time, 0, kind)
    order = np.argsort(time)
    time, kind, x, groups = time[order], kind[order], x[order], groups[order]
    found = fine_gray(Outcome(time, kind), x, censoring_groups=groups)
    start = found.estimate[0]
    data = (time, kind, x, groups)
    assert weighted_coefficient(data, np.ones(n), start) == pytest.approx(start)
    derivatives = []
    for subject in range(n):
        ends = [weighted_coefficient(data, 1 + side * (np.arange(n) == subject), start)
                for side in (1e-4, -1e-4)]
        derivatives.append((ends[0] - ends[1]) / 2e-4)
    assert found.se[0] == pytest.approx(np.linalg.norm(derivatives), rel=1e-3)


def test_without_competing_events_it_is_cox_regression():
    rows = records("survival_pkg", "veteran.csv")
    outcome = Outcome([float(r["time"]) for r in rows], [int(r["status"]) for r in rows])
    found = fine_gray(outcome, column(rows, *(lambda r, c=c: r[c] for c in
                                              ("trt", "karno", "age"))))
    # R 4.2.2, survival 3.5-3: coxph(Surv(time, status) ~ trt + karno + age, veteran,
    #   ties = "breslow", robust = TRUE): coefficients, robust se, loglik
    assert list(found.estimate) == pytest.approx(
        [0.185459776, -0.03423053957, -0.003762137587], rel=1e-8)
    assert list(found.se) == pytest.approx(
        [0.2012615679, 0.004732689909, 0.009725573939], rel=1e-8)
    assert (found.null_log_likelihood, found.log_likelihood) == pytest.approx(
        (-505.8839563, -484.5391947), rel=1e-9)


def test_without_competing_events_it_agrees_with_statsmodels():
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(7)
    x = rng.normal(size=(150, 2))
    time, event = np.ceil(20 * rng.exponential(np.exp(-x[:, 0]))), rng.integers(0, 2, 150)
    found = fine_gray(Outcome(time, event), x)
    peer = PHReg(time, x, status=event, ties="breslow").fit(tol=1e-12)
    assert list(found.estimate) == pytest.approx(list(peer.params), rel=1e-6)


def test_incidence_and_intervals_agree_with_r():
    outcome, x = klein()
    found = fine_gray(outcome, x[:, :2], names=["g2", "g3"], level=0.9)
    # cmprsk: r <- crr(t2, cause, cbind(g2, g3)); predict(r, cbind(1, 0)) at 100, 365, 700 days,
    # summary(r, conf.int=.9)$conf.int
    incidence = found.incidence([1, 0])
    at = np.searchsorted(found.event_time, [100, 365, 700], side="right") - 1
    assert list(incidence[at]) == pytest.approx(
        [0.0373905773246, 0.1058379675753, 0.1567166116695], rel=1e-8)
    assert [term.ratio for term in found.terms] == pytest.approx(
        [0.447816349473, 1.662819671832], rel=1e-8)
    assert [term.ratio_lower for term in found.terms] == pytest.approx(
        [0.221325862499, 0.910463913746], rel=1e-8)
    assert [term.ratio_upper for term in found.terms] == pytest.approx(
        [0.906082464068, 3.036879572366], rel=1e-8)


# ---------------------------------------------------------------------------------- properties


def loop(times, causes, x, beta):
    """Log-likelihood, score and robust parts at beta by the definition, one subject at a time."""
    n = len(times)

    def left(t):
        curve = 1.0
        for u in sorted({s for s, c in zip(times, causes, strict=True) if c == 0 and s < t}):
            gone = sum(s == u and c == 0 for s, c in zip(times, causes, strict=True))
            curve *= 1 - gone / sum(s >= u for s in times)
        return curve

    def weight(i, t):
        if times[i] >= t:
            return 1.0
        return left(t) / left(times[i]) if causes[i] == 2 else 0.0

    def total(t, power):
        return sum(weight(i, t) * x[i] ** power * math.exp(beta * x[i]) for i in range(n))

    events = [(t, total(t, 0), total(t, 1) / total(t, 0)) for t, c in
              zip(times, causes, strict=True) if c == 1]
    had = [i for i in range(n) if causes[i] == 1]
    likelihood = sum(beta * x[i] for i in had) - sum(math.log(s) for _, s, _ in events)
    information = sum(total(t, 2) / s - m**2 for t, s, m in events)
    parts = []
    for i in range(n):
        part = sum(x[i] - m for t, _, m in events if causes[i] == 1 and t == times[i])
        part /= max(1, sum(causes[j] == 1 and times[j] == times[i] for j in range(n)))
        part -= sum(weight(i, t) * math.exp(beta * x[i]) * (x[i] - m) / s for t, s, m in events)
        parts.append(part)
    for u in sorted({s for s, c in zip(times, causes, strict=True) if c == 0}):
        at_risk = sum(s >= u for s in times)
        gone = sum(s == u and c == 0 for s, c in zip(times, causes, strict=True))
        q = sum(weight(j, t) * math.exp(beta * x[j]) * (x[j] - m) / s for t, s, m in events
                if t >= u for j in range(n) if causes[j] == 2 and times[j] < u)
        for i in range(n):
            if times[i] >= u:
                parts[i] -= q * gone / at_risk**2
            if times[i] == u and causes[i] == 0:
                parts[i] += q / at_risk
    return likelihood, information, parts


def attempt(times, causes, x, **options):
    try:
        return fine_gray(Outcome(times, causes), x, **options)
    except NotEstimable:
        assume(False)


@PROOF
@given(cohorts)
def test_likelihood_and_variance_equal_the_loop(rows):
    times, causes, x = (list(values) for values in zip(*rows, strict=True))
    found = attempt(times, causes, x)
    beta = found.estimate[0]
    likelihood, information, parts = loop(times, causes, x, beta)
    assert found.log_likelihood == pytest.approx(likelihood, rel=1e-9)
    assert found.null_log_likelihood == pytest.approx(loop(times, causes, x, 0)[0], rel=1e-9)
    assert sum(parts) == pytest.approx(0, abs=1e-6)
    assert found.se[0] == pytest.approx(
        math.sqrt(sum(part**2 for part in parts)) / information, rel=1e-6)
    for nudge in (-1e-3, 1e-3):
        assert loop(times, causes, x, beta + nudge)[0] <= likelihood + 1e-12


@PROOF
@given(cohorts, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7, 1e9]))
def test_order_unit_causes_and_scale_do_not_matter(rows, random, unit):
    times, causes, x = (list(values) for values in zip(*rows, strict=True))
    one = attempt(times, causes, x)
    mixed = random.sample(rows, len(rows))
    two = fine_gray(Outcome([t * unit for t, _, _ in mixed],
                            [3 - c if c else 0 for _, c, _ in mixed]),
                    [10 * value - 3 for _, _, value in mixed], cause=2)
    assert 10 * two.estimate[0] == pytest.approx(one.estimate[0], rel=1e-6, abs=1e-9)
    assert 10 * two.se[0] == pytest.approx(one.se[0], rel=1e-6)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)


@PROOF
@given(cohorts)
def test_every_row_twice_halves_the_variance(rows):
    times, causes, x = (list(values) for values in zip(*rows, strict=True))
    one, two = attempt(times, causes, x), attempt(times * 2, causes * 2, x * 2)
    assert two.estimate[0] == pytest.approx(one.estimate[0], rel=1e-6, abs=1e-9)
    assert two.covariance[0, 0] == pytest.approx(one.covariance[0, 0] / 2, rel=1e-6)


@PROOF
@given(cohorts)
def test_copies_of_a_censoring_group_are_one_group(rows):
    times, causes, x = (list(values) for values in zip(*rows, strict=True))
    one = attempt(times * 2, causes * 2, x * 2)
    n = len(rows)
    two = fine_gray(Outcome(times * 2, causes * 2), x * 2,
                    censoring_groups=["a"] * n + ["b"] * n)
    assert two.estimate[0] == pytest.approx(one.estimate[0], rel=1e-6, abs=1e-9)


def test_the_level_is_honoured():
    outcome, x = Outcome(TIMES, CAUSES), X
    found = fine_gray(outcome, x, level=0.5)
    # 0.6744898, the 75 % normal quantile
    assert math.log(found.terms[0].ratio_upper) == pytest.approx(
        found.estimate[0] + 0.6744897501960817 * found.se[0])
    assert found.terms[0].p == pytest.approx(math.exp(found.terms[0].log_p))


def test_a_p_too_small_for_a_number_keeps_its_logarithm():
    rng = np.random.default_rng(5)
    n = 20_000
    x = rng.normal(size=n)
    cause = np.where(x + rng.normal(size=n) > 0, 1, 2)
    found = fine_gray(Outcome(rng.exponential(size=n), cause), x)
    assert found.terms[0].p == 0
    # ln P(|Z| >= z) is close to -z^2/2 - ln(z sqrt(pi/2))
    z = found.terms[0].statistic
    assert found.terms[0].log_p == pytest.approx(-z * z / 2 - math.log(z * math.sqrt(math.pi / 2)),
                                           rel=1e-4)


# ------------------------------------------------------------------------------------ bad input

OUTCOME = Outcome(TIMES, CAUSES)
PAIR = np.column_stack((X, [1, 2, 3, 4, 5, 6, 7, 9]))
BAD = {
    "a covariate is missing": (lambda: fine_gray(OUTCOME, [math.nan, *X[1:]]), "NaN"),
    "words": (lambda: fine_gray(OUTCOME, ["a"] * 8), "must be numbers"),
    "too few rows": (lambda: fine_gray(OUTCOME, X[:7]), "shape"),
    "no covariate": (lambda: fine_gray(OUTCOME, np.empty((8, 0))), "shape"),
    "constant": (lambda: fine_gray(OUTCOME, [1] * 8, names=["sex"]), "Constant covariate: sex"),
    "collinear": (lambda: fine_gray(OUTCOME, np.column_stack((PAIR, PAIR.sum(axis=1)))),
                  "x3 is a linear combination"),
    "names": (lambda: fine_gray(OUTCOME, PAIR, names=["a", "a"]), "names"),
    "no event": (lambda: fine_gray(Outcome(TIMES, [0] * 8), X), "no event"),
    "unknown cause": (lambda: fine_gray(OUTCOME, X, cause=3), "no event"),
    "cause 0": (lambda: fine_gray(OUTCOME, X, cause=0), "cause"),
    "delayed entry": (lambda: fine_gray(Outcome(TIMES, CAUSES, [0] * 8), X), "entry"),
    "censoring groups": (lambda: fine_gray(OUTCOME, X, censoring_groups=[1]), "censoring group"),
    "level": (lambda: fine_gray(OUTCOME, X, level=95), "level"),
    # all four with the event have x = 0, all others 1: the hazard ratio is 0
    "a group without events": (
        lambda: fine_gray(OUTCOME, [0, 0, 1, 1, 0, 1, 0, 1], names=["arm"]), "hazard ratio of arm"),
    # the larger x, the earlier the event: the ratio is infinite
    "monotone": (lambda: fine_gray(Outcome([1, 2, 3, 4, 5], [1, 1, 1, 1, 0]), [9, 7, 4, 2, 1]),
                 "no maximum"),
    # so steep that exp has nothing left after one step: score and information are both nearly 0
    "monotone and steep": (lambda: fine_gray(Outcome([1, 2, 3, 4, 5], [1, 1, 1, 1, 0]),
                                             [1e9, 1e6, 1e4, 1e2, 1]), "no maximum"),
    # x differs only among those censored before the first event
    "no information": (lambda: fine_gray(Outcome([1, 1, 2, 3, 4], [0, 0, 1, 1, 0]),
                                         [0, 1, 1, 1, 1]), "does not vary"),
}


@pytest.mark.parametrize(("call", "word"), BAD.values(), ids=BAD.keys())
def test_a_model_that_cannot_be_had_is_refused(call, word):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert word in str(refusal.value)


def test_a_variance_that_cannot_be_had_is_not_a_number():
    # both have the event at once: whatever x, nobody is compared with anybody
    found = fine_gray(Outcome([3, 3], [1, 1]), [-1, 2])
    assert found.estimate[0] == 0
    assert np.isnan([found.se[0], found.terms[0].statistic, found.terms[0].p,
                     found.terms[0].ratio_lower]).all()
    assert any("variance of x1 is 0" in warning for warning in found.warnings)
    assert {row.value for row in found.tidy() if row.statistic == "p"} == {None}


def test_a_maximum_far_out_is_said():
    # x falls from event to event but for two that lie close: a maximum exists, but far out
    x = [9, 7, 4.000, 4.001, -5]
    found = fine_gray(Outcome([1, 2, 3, 4, 5], [1, 1, 1, 1, 0]), x)
    assert found.estimate[0] * np.std(x) > 5
    assert any("extreme" in warning for warning in found.warnings)


def test_the_result_says_what_it_is():
    found = fine_gray(OUTCOME, X, names=["arm"])
    assert found.warnings == ("4 events for 1 covariates: 4.0 events per variable, fewer than 10; "
                              "estimates may be biased away from zero, consider fewer covariates",)
    assert any("Breslow" in convention for convention in found.conventions)
    values = {(row.statistic, row.group): row.value for row in found.tidy()}
    assert values["ratio", "arm"] == found.terms[0].ratio
    assert values["events", ""] == 4
    with pytest.raises(NotEstimable):
        found.incidence([1, 2])
