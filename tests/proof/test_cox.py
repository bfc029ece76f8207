"""Cox regression: cases worked by hand, a plain loop, properties, R, a peer, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, cox, weighted_cox

from .oracles import chi_square_tail, records, reference, two_sided_normal

PROOF = settings(max_examples=30, deadline=None, database=None)
TIES = ["efron", "breslow", "exact"]

# Eight subjects: two events tied at 2, a lone censoring at 3, an event tied with a censoring at 5,
# a lone event at 7, lone censorings at 9 and 10. One covariate, 0 or 1; u is its hazard ratio.
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]
EVENTS = [1, 1, 0, 1, 0, 1, 0, 0]
X = [1, 1, 0, 0, 1, 1, 0, 0]
# t   at risk (x=0, x=1)   events            risk of all   likelihood
# 2   4, 4                 two of x=1        4 + 4u        Breslow u^2 / (4+4u)^2
#                                                          Efron   u^2 / ((4+4u) (4+4u - u)),
#                                                                  half of the tied 2u left out
#                                                          exact   u^2 / (6 + 16u + 6u^2): pairs
#                                                                  with none, one, two of x=1
# 5   3, 2                 one of x=0        3 + 2u        1 / (3+2u)
# 7   2, 1                 one of x=1        2 + u         u / (2+u)


# ------------------------------------------------------------------------------ worked by hand


def largest_root(*coefficients):
    """The one positive root of a polynomial (Descartes: one change of sign)."""
    roots = np.roots(coefficients)
    return max(float(root.real) for root in roots if abs(root.imag) < 1e-9)


def test_breslow_worked_by_hand():
    fit = cox(Outcome(TIMES, EVENTS), X, ties="breslow")
    # at coefficient 0 (u = 1): likelihood 1 / (8 * 8 * 5 * 3)
    assert fit.null_log_likelihood == pytest.approx(-math.log(960))
    # score: 3 events of x=1, less the shares of x=1 at risk, 1/2 + 1/2 + 2/5 + 1/3: 19/15
    # information, share * (1 - share): 1/4 + 1/4 + 6/25 + 2/9
    information = 1 / 4 + 1 / 4 + 6 / 25 + 2 / 9
    assert fit.test("score").statistic == pytest.approx((19 / 15) ** 2 / information)
    # score zero: 3 = 2u/(1+u) + 2u/(3+2u) + u/(2+u); times (1+u)(3+2u)(2+u):
    # 18 + 39u + 27u^2 + 6u^3 = 19u + 25u^2 + 8u^3, so u^3 - u^2 - 10u - 9 = 0
    u = largest_root(1, -1, -10, -9)
    assert fit.terms[0].ratio == pytest.approx(u)  # 4.033
    assert u == pytest.approx(4.033, abs=1e-3)
    there = 2 * u / (1 + u) ** 2 + 6 * u / (3 + 2 * u) ** 2 + 2 * u / (2 + u) ** 2
    value = 3 * math.log(u) - 2 * math.log(4 + 4 * u) - math.log(3 + 2 * u) - math.log(2 + u)
    check_fit(fit, u, there, value)


def test_efron_worked_by_hand():
    fit = cox(Outcome(TIMES, EVENTS), X)
    # at 0: likelihood 1 / (8 * 7 * 5 * 3); shares of x=1 in the four terms 1/2, 3/7, 2/5, 1/3
    assert fit.null_log_likelihood == pytest.approx(-math.log(840))
    score = 3 - 1 / 2 - 3 / 7 - 2 / 5 - 1 / 3  # 281/210
    information = 1 / 4 + 12 / 49 + 6 / 25 + 2 / 9
    assert score == pytest.approx(281 / 210)
    assert fit.test("score").statistic == pytest.approx(score**2 / information)
    # 3 = u/(1+u) + 3u/(4+3u) + 2u/(3+2u) + u/(2+u); times all four denominators:
    # 72 + 210u + 225u^2 + 105u^3 + 18u^4 = 70u + 150u^2 + 105u^3 + 24u^4
    u = largest_root(6, 0, -75, -140, -72)
    there = (u / (1 + u) ** 2 + 12 * u / (4 + 3 * u) ** 2 + 6 * u / (3 + 2 * u) ** 2
             + 2 * u / (2 + u) ** 2)
    value = (3 * math.log(u) - math.log(4 + 4 * u) - math.log(4 + 3 * u)
             - math.log(3 + 2 * u) - math.log(2 + u))
    check_fit(fit, u, there, value)


def test_exact_worked_by_hand():
    fit = cox(Outcome(TIMES, EVENTS), X, ties="exact")
    # at 0: 28 pairs of 8, likelihood 1 / (28 * 5 * 3)
    assert fit.null_log_likelihood == pytest.approx(-math.log(420))
    # a pair holds one of x=1 on average, with the hypergeometric variance 2 (1/2)(1/2)(6/7)
    information = 3 / 7 + 6 / 25 + 2 / 9
    assert fit.test("score").statistic == pytest.approx((3 - 1 - 2 / 5 - 1 / 3) ** 2 / information)
    # 3 = (8u+6u^2)/(3+8u+3u^2) + 2u/(3+2u) + u/(2+u); times the denominators:
    # 54 + 207u + 240u^2 + 111u^3 + 18u^4 = 69u + 160u^2 + 111u^3 + 24u^4
    u = largest_root(3, 0, -40, -69, -27)
    pairs = 6 + 16 * u + 6 * u * u
    mean, square = (16 * u + 12 * u * u) / pairs, (16 * u + 24 * u * u) / pairs
    there = square - mean**2 + 6 * u / (3 + 2 * u) ** 2 + 2 * u / (2 + u) ** 2
    value = 3 * math.log(u) - math.log(pairs) - math.log(3 + 2 * u) - math.log(2 + u)
    check_fit(fit, u, there, value)


def check_fit(fit, u, information, value):
    """Estimate, error, interval, tests and counts that follow from the ratio by hand."""
    term, beta, se = fit.terms[0], math.log(u), information**-0.5
    assert term.estimate == pytest.approx(beta, rel=1e-9)
    assert term.se == pytest.approx(se, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(value, rel=1e-12)
    z = 1.959963984540054  # two-sided 95 % normal quantile
    assert term.ratio_lower == pytest.approx(math.exp(beta - z * se), rel=1e-8)
    assert term.ratio_upper == pytest.approx(math.exp(beta + z * se), rel=1e-8)
    assert term.p == pytest.approx(two_sided_normal(beta / se), rel=1e-7)
    assert term.log_p == pytest.approx(math.log(term.p), rel=1e-9)
    assert fit.test("Wald").statistic == pytest.approx((beta / se) ** 2, rel=1e-8)
    ratio = fit.test("likelihood ratio")
    assert ratio.statistic == pytest.approx(2 * (value - fit.null_log_likelihood), rel=1e-9)
    assert ratio.p == pytest.approx(chi_square_tail(ratio.statistic, 1), rel=1e-9)
    assert (fit.n, fit.events) == (8, 4)
    assert "4 events for 1 covariates" in fit.warnings[0]


def test_start_stop_worked_by_hand():
    # (entry, time, event, x): (0,2,1,1) (1,4,1,0) (0,3,1,0) (2,5,0,1); at risk: entry < t <= time
    # t=2: first three at risk (the fourth enters at 2)  u/(u+2)
    # t=3: second, third, fourth                         1/(2+u)
    # t=4: second, fourth                                1/(1+u)
    # score 1 - u/(u+2) - u/(2+u) - u/(1+u) = 0: (2+u)(1+u) = 2u(1+u) + u(2+u), 2u^2 + u - 2 = 0
    u = (math.sqrt(17) - 1) / 4
    fit = cox(Outcome([2, 4, 3, 5], [1, 1, 1, 0], [0, 1, 0, 2]), [1, 0, 0, 1])
    assert fit.terms[0].ratio == pytest.approx(u)
    assert fit.log_likelihood == pytest.approx(math.log(u / (u + 2) ** 2 / (1 + u)))


def test_robust_error_worked_by_hand():
    # (time, event, x): (1,1,1) (2,1,0) (3,1,1) (4,0,0); risk 2+2u, 2+u, 1+u
    # score 2 - u/(1+u) - u/(2+u) - u/(1+u) = 0: 2(1+u)(2+u) = 2u(2+u) + u(1+u), u^2 - u - 4 = 0
    u = (1 + math.sqrt(17)) / 2
    a, b, c = u / (1 + u), u / (2 + u), u / (1 + u)  # shares of x=1 at times 1, 2, 3
    h1, h2, h3 = 1 / (2 + 2 * u), 1 / (2 + u), 1 / (1 + u)  # hazard increments
    residuals = [
        (1 - a) - u * h1 * (1 - a),
        (0 - b) - (h1 * (0 - a) + h2 * (0 - b)),
        (1 - c) - u * (h1 * (1 - a) + h2 * (1 - b) + h3 * (1 - c)),
        -(h1 * (0 - a) + h2 * (0 - b) + h3 * (0 - c)),
    ]
    assert sum(residuals) == pytest.approx(0)
    information = a * (1 - a) + b * (1 - b) + c * (1 - c)
    outcome = Outcome([1, 2, 3, 4], [1, 1, 1, 0])
    fit = cox(outcome, [1, 0, 1, 0], robust=True)
    assert fit.terms[0].ratio == pytest.approx(u)
    alone = math.sqrt(sum(r * r for r in residuals)) / information
    assert fit.terms[0].se == pytest.approx(alone)
    assert fit.naive_covariance[0, 0] == pytest.approx(1 / information)
    # two clusters: the first two subjects and the last two; their residuals are added first
    pairs = cox(outcome, [1, 0, 1, 0], cluster=["a", "a", "b", "b"])
    together = math.sqrt((residuals[0] + residuals[1]) ** 2 + (residuals[2] + residuals[3]) ** 2)
    assert pairs.is_robust
    assert pairs.terms[0].se == pytest.approx(together / information)


# ------------------------------------------------------------------------------- a plain loop


def log_likelihood(rows, beta, ties):
    """The log partial likelihood as a loop; rows of (time, event, x, entry, stratum)."""
    total = 0.0
    for now, stratum in sorted({(row[0], row[4]) for row in rows if row[1]}):
        at_risk = [row for row in rows if row[4] == stratum and row[3] < now <= row[0]]
        risks = [math.exp(np.dot(row[2], beta)) for row in at_risk]
        tied = [math.exp(np.dot(row[2], beta)) for row in at_risk if row[1] and row[0] == now]
        total += sum(map(math.log, tied))
        if ties == "exact":
            ways = [1.0] + [0.0] * len(tied)
            for risk in risks:
                ways = [ways[0]] + [ways[k] + risk * ways[k - 1] for k in range(1, len(ways))]
            total -= math.log(ways[-1])
            continue
        for done in range(len(tied)):
            left_out = done / len(tied) * sum(tied) if ties == "efron" else 0
            total -= math.log(sum(risks) - left_out)
    return total


def slopes(function, point, step=1e-4):
    """Central differences: gradient and matrix of second derivatives."""
    p, axes = len(point), np.eye(len(point)) * step
    gradient = [(function(point + a) - function(point - a)) / (2 * step) for a in axes]
    hessian = [[(function(point + a + b) - function(point + a - b) - function(point - a + b)
                 + function(point - a - b)) / (4 * step**2) for b in axes] for a in axes]
    return np.array(gradient), np.array(hessian).reshape(p, p)


def cohorts(min_size=6, max_size=14):
    """Lists of (time, event, x, entry, stratum): many ties, two covariates."""
    covariate = st.tuples(st.integers(-2, 2), st.sampled_from([0.0, 0.5, 1.0]))
    subject = st.tuples(st.integers(3, 7), st.sampled_from([0, 1, 1]), covariate,
                        st.integers(0, 2), st.sampled_from("ab"))
    return st.lists(subject, min_size=min_size, max_size=max_size)


def fit_rows(rows, **options):
    times, events, covariates, entries, strata = (list(part) for part in zip(*rows, strict=True))
    return cox(Outcome(times, events, entries), covariates, strata=strata, **options)


def attempt(rows, **options):
    try:
        return fit_rows(rows, **options)
    except NotEstimable as refusal:
        assert str(refusal).strip()
        return None


@pytest.mark.parametrize("ties", TIES)
@PROOF
@given(rows=cohorts())
def test_the_fit_is_the_maximum_of_a_plain_loop(ties, rows):
    fit = attempt(rows, ties=ties)
    assume(fit is not None and np.abs(fit.estimate).max() < 8)
    value = log_likelihood(rows, fit.estimate, ties)
    assert fit.log_likelihood == pytest.approx(value, rel=1e-10, abs=1e-10)
    assert fit.null_log_likelihood == pytest.approx(log_likelihood(rows, np.zeros(2), ties))
    gradient, hessian = slopes(lambda beta: log_likelihood(rows, beta, ties), fit.estimate)
    assert gradient == pytest.approx(np.zeros(2), abs=1e-6)
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert fit.se == pytest.approx(errors, rel=2e-3)


@pytest.mark.parametrize("ties", TIES)
@PROOF
@given(rows=cohorts(), random=st.randoms(use_true_random=False))
def test_order_units_and_labels_do_not_matter(ties, rows, random):
    one = attempt(rows, ties=ties)
    mixed = [(time * 30.4375, event, (7 + 2 * x[0], x[1] - 3), entry * 30.4375, {"a": 9, "b": 4}[s])
             for time, event, x, entry, s in random.sample(rows, len(rows))]
    two = attempt(mixed, ties=ties)
    assert (one is None) == (two is None)
    if one is not None:
        assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)
        ours, theirs = one.estimate, two.estimate * np.array([2, 1])
        assert theirs == pytest.approx(ours, rel=1e-6, abs=1e-7)
        assert two.test("Wald").statistic == pytest.approx(
            one.test("Wald").statistic, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("ties", TIES)
@PROOF
@given(rows=cohorts(max_size=10), at=st.integers(1, 6))
def test_splitting_follow_up_changes_nothing(ties, rows, at):
    split = []
    for time, event, x, entry, stratum in rows:
        if entry < at < time:
            split += [(at, 0, x, entry, stratum), (time, event, x, at, stratum)]
        else:
            split.append((time, event, x, entry, stratum))
    one, two = attempt(rows, ties=ties), attempt(split, ties=ties)
    assert (one is None) == (two is None)
    if one is not None:
        assert two.estimate == pytest.approx(one.estimate, rel=1e-7, abs=1e-8)
        assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-10)
        assert two.se == pytest.approx(one.se, rel=1e-6)


@pytest.mark.parametrize("ties", TIES)
@PROOF
@given(rows=cohorts(max_size=9), counts=st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_counts_are_repeated_rows(ties, rows, counts):
    counts = counts[:len(rows)]
    repeated = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
    assume(any(row[1] for row in repeated))
    one, two = attempt(rows, ties=ties, weights=counts), attempt(repeated, ties=ties)
    assert (one is None) == (two is None)
    if one is not None:
        assert one.estimate == pytest.approx(two.estimate, rel=1e-7, abs=1e-8)
        assert one.se == pytest.approx(two.se, rel=1e-6)
        assert (one.n, one.events) == (two.n, two.events)


@PROOF
@given(rows=cohorts())
def test_without_ties_the_three_likelihoods_are_one(rows):
    apart = [(time + k / 100, event, x, entry, stratum)
             for k, (time, event, x, entry, stratum) in enumerate(rows)]
    fits = [attempt(apart, ties=ties) for ties in TIES]
    assume(fits[0] is not None)
    for fit in fits[1:]:
        assert fit.estimate == pytest.approx(fits[0].estimate, rel=1e-9, abs=1e-12)
        assert fit.log_likelihood == pytest.approx(fits[0].log_likelihood, rel=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("block", [1, 7, 400])
def test_long_columns_are_summed_as_short_ones(monkeypatch, ties, block):
    # the same data below and above the size from which columns are worked on one by one
    random = np.random.default_rng(3)
    outcome = Outcome(random.integers(1, 60, 400), random.integers(0, 2, 400), np.zeros(400))
    covariates, strata = random.normal(size=(400, 3)), random.integers(0, 3, 400)
    whole = cox(outcome, covariates, ties=ties, strata=strata)
    monkeypatch.setattr("remission.statistics.partial_likelihood._LONG", 0)
    monkeypatch.setattr("remission.statistics.partial_likelihood._BLOCK", block)
    blocks = cox(outcome, covariates, ties=ties, strata=strata)
    assert blocks.estimate == pytest.approx(whole.estimate, rel=1e-10)
    assert blocks.covariance == pytest.approx(whole.covariance, rel=1e-10)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_few_event_times_are_summed_as_many(monkeypatch, ties):
    # forty rows for each event time: summed between them first; last times without events
    random = np.random.default_rng(3)
    times, events = random.integers(1, 13, 480), random.integers(0, 2, 480)
    outcome = Outcome(times, events * (times < 11) * (times > 2))
    covariates = random.normal(size=(480, 2))
    few = cox(outcome, covariates, ties=ties)
    monkeypatch.setattr("remission.statistics.cox_risk_sets._MANY_ROWS", 10_000)
    many = cox(outcome, covariates, ties=ties)
    assert few.estimate == pytest.approx(many.estimate, rel=1e-10)
    assert few.covariance == pytest.approx(many.covariance, rel=1e-10)


# --------------------------------------------------------------------------------- real data, R


def numbers(rows, *names):
    """Columns of a CSV as (n, p) numbers."""
    return np.array([[float(row[name]) for name in names] for row in rows])


def is_level(rows, name, *levels):
    """Indicators of levels of one column."""
    return np.array([[float(row[name] == level) for level in levels] for row in rows])


def complete(rows, *names):
    return [row for row in rows if all(row[name] not in ("", "NA") for name in names)]


def klein():
    rows = records("klein_bmt137", "bmt.csv")
    ages = numbers(rows, "z1", "z2") - 28
    return Outcome(*numbers(rows, "t2", "d3").T), np.column_stack(
        (is_level(rows, "group", "2", "3"), numbers(rows, "z8"), ages, ages.prod(axis=1)))


def tall():
    rows = complete(records("tall_aall0434_265", "data.csv"),
                    "MRD.binary", "Age_Days", "WBC", "efs.time")
    return Outcome(*numbers(rows, "efs.time", "efs.censor").T), np.column_stack(
        (numbers(rows, "MRD.binary"), numbers(rows, "Age_Days") / 365.25,
         np.log10(numbers(rows, "WBC"))))


def uci():
    return records("uci_bmt_children", "bone_marrow_original.csv")


def pbc():
    rows = complete(records("survival_pkg", "pbc.csv"),
                    "age", "edema", "bili", "protime", "albumin")
    outcome = Outcome(numbers(rows, "time")[:, 0], [int(row["status"] == "2") for row in rows])
    return outcome, np.column_stack((numbers(rows, "age", "edema"),
                                     np.log(numbers(rows, "bili", "protime", "albumin"))))


def veteran():
    rows = records("survival_pkg", "veteran.csv")
    return Outcome(*numbers(rows, "time", "status").T), np.column_stack(
        (numbers(rows, "trt", "karno", "diagtime", "age", "prior"),
         is_level(rows, "celltype", "large", "smallcell", "squamous")))


def heart():
    rows = records("survival_pkg", "heart.csv")
    age, surgery, transplant = numbers(rows, "age", "surgery", "transplant").T
    return Outcome(*numbers(rows, "stop", "event", "start").T), np.column_stack(
        (age, surgery, transplant, age * transplant, surgery * transplant))


def gbsg():
    rows = records("survival_pkg", "gbsg.csv")
    return Outcome(*numbers(rows, "rfstime", "status").T), numbers(
        rows, "hormon", "age", "meno", "size", "grade", "nodes", "pgr", "er")


def myeloid():
    rows = records("survival_pkg", "myeloid.csv")
    return Outcome(*numbers(rows, "futime", "death").T), np.column_stack(
        (is_level(rows, "trt", "B"), is_level(rows, "sex", "m")))


def uci_cd34():
    rows = uci()
    return Outcome(*numbers(rows, "survival_time", "survival_status").T), numbers(
        rows, "CD34kgx10d6")


def uci_multi():
    rows = uci()
    return Outcome(*numbers(rows, "survival_time", "survival_status").T), np.column_stack((
        numbers(rows, "Relapse"), is_level(rows, "aGvHDIIIIV", "0"),
        numbers(rows, "CD34kgx10d6") > 10,
        numbers(rows, "Recipientage", "HLAmismatch", "Riskgroup")))


R_CASES = [
    (("klein_bmt137", "cox_dfs_efron"), klein, "efron"),
    (("klein_bmt137", "cox_dfs_breslow"), klein, "breslow"),
    (("tall265", "cox"), tall, "efron"),
    (("uci187", "cox_cd34"), uci_cd34, "efron"),
    (("uci187", "cox_multi"), uci_multi, "efron"),
    (("myeloid", "cox_os"), myeloid, "efron"),
    (("pbc", "cox"), pbc, "efron"),
    (("veteran", "cox"), veteran, "efron"),
    (("heart", "cox"), heart, "efron"),
    (("gbsg", "cox"), gbsg, "efron"),
]


@pytest.mark.parametrize(("keys", "data", "ties"), R_CASES,
                         ids=lambda part: getattr(part, "__name__", str(part)))
def test_fits_agree_with_r(keys, data, ties):
    expected = reference(*keys)
    outcome, covariates = data()
    fit = cox(outcome, covariates, ties=ties)
    assert (fit.n, fit.events) == (expected["n"], expected["events"])
    # eight digits behind the point are given
    assert fit.estimate == pytest.approx(list(expected["coef"].values()), rel=1e-6, abs=6e-9)
    assert fit.se == pytest.approx(list(expected["se"].values()), rel=1e-6, abs=6e-9)
    assert [fit.null_log_likelihood, fit.log_likelihood] == pytest.approx(
        expected["loglik"], rel=1e-8)


def cgd():
    rows = records("survival_pkg", "cgd.csv")
    covariates = np.column_stack((is_level(rows, "treat", "rIFN-g"),
                                  is_level(rows, "inherit", "X-linked"),
                                  numbers(rows, "steroids")))
    return Outcome(*numbers(rows, "tstop", "status", "tstart").T), covariates, [
        row["id"] for row in rows]


def test_repeated_events_with_clusters_agree_with_r():
    expected = reference("cgd", "ag")
    outcome, covariates, ids = cgd()
    fit = cox(outcome, covariates, cluster=ids)
    assert fit.estimate == pytest.approx(list(expected["coef"].values()), rel=1e-6)
    assert fit.se == pytest.approx(list(expected["se"].values()), rel=1e-6)
    # coxph(Surv(tstart,tstop,status)~treat+inherit+steroids+cluster(id)): naive.var, summary()
    assert np.sqrt(np.diag(fit.naive_covariance)) == pytest.approx(
        [0.2618724138702, 0.2356030989273, 0.5168965706112], rel=1e-9)
    assert fit.test("Wald").p == pytest.approx(7.727716211889e-04, rel=1e-7)
    assert fit.test("score").statistic == pytest.approx(22.70473852788, rel=1e-9)


VETERAN = {
    # coxph(Surv(time,status)~trt+karno+age, veteran, ties=…), survival 3.5-3:
    # coefficients, errors, log-likelihoods, likelihood-ratio and score statistic
    "efron": ([0.189546441923378, -0.034443896838749, -0.003864417873975],
              [0.185530665023059, 0.005232414900555, 0.009187384658151],
              [-505.4490549181, -483.8779800378], [43.14214976046, 46.83587803413]),
    "breslow": ([0.185459775976358, -0.034230539565674, -0.003762137586983],
                [0.185459966581605, 0.005228318205985, 0.009193478520660],
                [-505.8839562831, -484.5391947257], [42.68952311486, 46.30802082116]),
    "exact": ([0.188889379480048, -0.034610461153822, -0.003774630350708],
              [0.186413977684125, 0.005270455105105, 0.009248433683100],
              [-480.8355544915, -459.2834706326], [43.10416771777, 46.66753035415]),
}


@pytest.mark.parametrize("ties", TIES)
def test_three_likelihoods_of_ties_agree_with_r(ties):
    outcome, covariates = veteran()
    fit = cox(outcome, covariates[:, [0, 1, 3]], ties=ties)
    coefficients, errors, values, statistics = VETERAN[ties]
    assert fit.estimate == pytest.approx(coefficients, rel=1e-9)
    assert fit.se == pytest.approx(errors, rel=1e-9)
    assert [fit.null_log_likelihood, fit.log_likelihood] == pytest.approx(values, rel=1e-11)
    assert [fit.test(name).statistic for name in ("likelihood ratio", "score")] == pytest.approx(
        statistics, rel=1e-9)


def test_strata_agree_with_r():
    rows = records("survival_pkg", "veteran.csv")
    outcome, covariates = veteran()
    fit = cox(outcome, covariates[:, :2], strata=[row["celltype"] for row in rows])
    # coxph(Surv(time,status)~trt+karno+strata(celltype), veteran)
    assert fit.estimate == pytest.approx([0.23283467688950, -0.03580112300016], rel=1e-9)
    assert fit.se == pytest.approx([0.201098744895487, 0.005530190930733], rel=1e-9)
    assert [fit.null_log_likelihood, fit.log_likelihood] == pytest.approx(
        [-338.7362072262, -317.5805548900], rel=1e-11)


@pytest.mark.parametrize(("ties", "coefficients", "errors", "naive"), [
    # veteran$w <- 0.5 + (seq_len(137) %% 5)/4; coxph(…~trt+karno+age, weights=w, ties=…)
    ("efron", [0.299898230127230, -0.032670045734326, -0.006863512758673],
     [0.22748792572583, 0.00513826334756, 0.01033115711441],
     [0.186846302505276, 0.005303418966162, 0.009009912037081]),
    ("breslow", [0.295202015854292, -0.032501006871065, -0.006737890007991],
     [0.22588855111998, 0.00509737947513, 0.01026221527989],
     [0.186773004414013, 0.005300796783577, 0.009012146077433]),
])
def test_sampling_weights_agree_with_r(ties, coefficients, errors, naive):
    outcome, covariates = veteran()
    weights = 0.5 + np.arange(1, 138) % 5 / 4
    fit = cox(outcome, covariates[:, [0, 1, 3]], ties=ties, weights=weights,
              weights_are="sampling")
    assert fit.estimate == pytest.approx(coefficients, rel=1e-9)
    assert fit.is_robust
    assert fit.se == pytest.approx(errors, rel=1e-9)
    assert np.sqrt(np.diag(fit.naive_covariance)) == pytest.approx(naive, rel=1e-9)


def test_start_stop_ties_and_clusters_agree_with_r():
    outcome, covariates = heart()
    rows = records("survival_pkg", "heart.csv")
    # coxph(Surv(start,stop,event)~age+surgery+transplant, heart, ties="exact")
    exact = cox(outcome, covariates[:, :3], ties="exact")
    assert exact.estimate == pytest.approx(
        [0.03071315495273, -0.77461887654511, 0.01420923218718], rel=1e-9)
    assert exact.se == pytest.approx(
        [0.01393996864298, 0.36012232502058, 0.30935849720436], rel=1e-9)
    assert exact.log_likelihood == pytest.approx(-282.52546810728694, rel=1e-11)
    # … + cluster(id), ties="efron"
    robust = cox(outcome, covariates[:, :3], cluster=[row["id"] for row in rows])
    assert robust.se == pytest.approx(
        [0.01432806730429, 0.33324107234010, 0.30930969264681], rel=1e-9)


def test_small_p_values_do_not_underflow():
    # ratio of the two groups about 4 with 4,000 events: z near 40
    random = np.random.default_rng(1)
    group = np.repeat([0.0, 1.0], 2000)
    fit = cox(Outcome(random.exponential(np.where(group, 0.25, 1.0)), np.ones(4000)), group)
    z = fit.terms[0].statistic
    assert z > 30
    # log P(|Z| > z) lies between the classical bounds z/(1+z^2) and 1/z times the density
    density = math.log(2) - z * z / 2 - math.log(math.sqrt(2 * math.pi))
    assert density + math.log(z / (1 + z * z)) < fit.terms[0].log_p < density - math.log(z)
    ratio = fit.test("likelihood ratio")
    assert ratio.log_p == pytest.approx(-ratio.statistic / 2, rel=0.02)
    assert math.isfinite(ratio.log_p)


def test_lifelines_agrees():
    lifelines = pytest.importorskip("lifelines", reason="make test installs it")
    pandas = pytest.importorskip("pandas", reason="make test installs it")
    outcome, covariates = gbsg()
    fit = cox(outcome, covariates)
    frame = pandas.DataFrame(covariates, columns=list(fit.names))
    frame["time"], frame["event"] = outcome.time, outcome.event
    peer = lifelines.CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-10})
    assert fit.estimate == pytest.approx(peer.params_.to_numpy(), rel=1e-6)
    assert fit.se == pytest.approx(peer.standard_errors_.to_numpy(), rel=1e-6)


# ------------------------------------------------------------------------- weighted replicates


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_replicates_equal_single_fits_of_repeated_rows(ties):
    random = np.random.default_rng(11)
    times = random.integers(1, 40, 60)  # tied times beside the ties that repeating makes
    events, groups = random.integers(0, 2, 60), random.integers(0, 3, 60)
    covariates = np.column_stack((groups == 1, groups == 2, random.normal(size=60)))
    entry = np.where(random.random(60) < 0.3, times / 2, 0)
    outcome = Outcome(times, events, entry)
    weights = random.multinomial(60, np.full(60, 1 / 60), size=300)
    found = weighted_cox(outcome, covariates, weights, ties=ties)
    assert found.is_estimable.sum() > 290
    for replicate in range(0, 300, 11):
        single = cox(outcome, covariates, weights=weights[replicate], ties=ties)
        assert found.is_estimable[replicate]
        assert found.estimate[replicate] == pytest.approx(single.estimate, rel=1e-8)
        assert found.se[replicate] == pytest.approx(single.se, rel=1e-6)


def test_fractional_weights_of_breslow_replicates():
    outcome, covariates = veteran()
    weights = 0.5 + np.arange(1, 138) % 5 / 4
    found = weighted_cox(outcome, covariates[:, [0, 1, 3]], weights[None], ties="breslow")
    # the same call of R as for sampling weights above
    assert found.estimate[0] == pytest.approx(
        [0.295202015854292, -0.032501006871065, -0.006737890007991], rel=1e-9)


def test_replicates_without_estimate_are_told():
    # X as above; replicates: all rows; without the event of x=0, so that only x=1 has events
    # (monotone); without events; with nobody of x=1
    weights = [[1] * 8, [1, 1, 1, 0, 0, 0, 1, 1], [0, 0, 1, 0, 1, 0, 1, 1],
               [0, 0, 1, 1, 0, 0, 1, 1]]
    found = weighted_cox(Outcome(TIMES, EVENTS), X, weights)
    assert found.is_estimable.tolist() == [True, False, False, False]
    assert np.isnan(found.estimate[1:]).all()
    assert np.isnan(found.se[1:]).all()
    assert "3 of 4 replicates" in found.warnings[0]
    assert math.exp(found.estimate[0, 0]) == pytest.approx(largest_root(6, 0, -75, -140, -72))


@pytest.mark.parametrize("weights", [[1] * 8, [[1] * 7], [[-1] * 8], [[math.nan] * 8],
                                     [[0.5] * 8]])
def test_replicate_weights_that_cannot_be(weights):
    with pytest.raises(NotEstimable):
        weighted_cox(Outcome(TIMES, EVENTS), X, weights)


# ------------------------------------------------------------------------------------ bad input

Y = [0.1, 0.9, 0.3, 0.3, 0.7, 0.2, 0.5, 0.4]
BAD = {
    "no events": ({"event": [0] * 8}, "no events"),
    "constant covariate": ({"x": [3.0] * 8}, "Constant covariate: x1"),
    "collinear covariates": ({"x": np.column_stack((X, Y, np.add(X, Y)))}, "x3 is a linear"),
    "no variation in any risk set": (
        {"x": [0, 0, 0, 0, 0, 0, 0, 1], "event": [0, 0, 0, 0, 0, 0, 0, 1]}, "does not vary"),
    "NaN": ({"x": [math.nan, *Y[1:]]}, "NaN"),
    "infinity": ({"x": [math.inf, *Y[1:]]}, "NaN, infinity"),
    "words": ({"x": list("abcdefgh")}, "must be numbers"),
    "too few rows": ({"x": X[:7]}, "8 rows"),
    "two names for one covariate": ({"names": ["a", "b"]}, "names"),
    "names that are repeated": ({"x": np.column_stack((X, Y)), "names": ["a", "a"]}, "names"),
    "unknown ties": ({"ties": "averaged"}, "no method 'averaged'"),
    "weights that sum to zero": ({"weights": [0] * 8}, "sum to zero"),
    "negative weights": ({"weights": [-1] + [1] * 7}, "negative"),
    "counts that are not whole": ({"weights": [0.5] * 8}, "whole"),
    "exact with sampling weights": (
        {"weights": [1.5] * 8, "weights_are": "sampling", "ties": "exact"}, "exact"),
    "exact with robust errors": ({"ties": "exact", "robust": True}, "exact"),
    "one cluster": ({"cluster": [1] * 8}, "more clusters"),
    "clusters of another number": ({"cluster": [1] * 7}, "cluster"),
    "strata of another number": ({"strata": [1] * 7}, "7 stratum labels"),
    "a stratum that is NaN": ({"strata": [math.nan, 1, 1, 1, 1, 1, 1, 1]}, "label is missing"),
    "a level of 95": ({"level": 95}, "between 0 and 1"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_estimated_is_refused(change, message):
    options = {"event": EVENTS, "x": X, **change}
    outcome = Outcome(TIMES, options.pop("event"))
    with pytest.raises(NotEstimable, match=message):
        cox(outcome, options.pop("x"), **options)


def test_intervals_keep_the_level():
    outcome = Outcome(TIMES, EVENTS)
    wide, narrow = (cox(outcome, X, level=level).terms[0] for level in (0.99, 0.5))
    # quantiles of the normal distribution: 2.5758293 and 0.6744898
    assert (wide.upper - wide.estimate) / wide.se == pytest.approx(2.5758293, abs=1e-7)
    assert (narrow.estimate - narrow.lower) / narrow.se == pytest.approx(
        0.6744898, abs=1e-7)


def test_tidy_rows_name_every_number():
    rows = cox(Outcome(TIMES, EVENTS), X, names=["treated"]).tidy()
    found = {(row.statistic, row.group or row.level): row.value for row in rows}
    fit = cox(Outcome(TIMES, EVENTS), X)
    assert found["ratio", "treated"] == fit.terms[0].ratio
    assert found["p", "likelihood ratio"] == fit.test("likelihood ratio").p
    assert found["events", ""] == 4
