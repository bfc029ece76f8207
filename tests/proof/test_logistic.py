"""Logistic regression: worked by hand, properties, R's numbers, a peer, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import logistic

from .oracles import chi_square_tail, records, two_sided_normal

PROOF = settings(max_examples=60, deadline=None, database=None)

# Eight subjects in two groups: 1 of 4 with the outcome in x=0, 3 of 4 in x=1; two of them share
# both, one in each group stands alone.
Y = [1, 0, 0, 0, 1, 1, 1, 0]
X = [0, 0, 0, 0, 1, 1, 1, 1]


def test_two_groups_worked_by_hand():
    fit = logistic(Y, X, names=["group"])
    # odds 1/3 in x=0 and 3 in x=1: intercept log(1/3), odds ratio 9
    assert fit.names == ("intercept", "group")
    assert fit.estimate == pytest.approx([math.log(1 / 3), math.log(9)])
    # variance of a log odds: 1/1 + 1/3; of the log odds ratio: 1/1 + 1/3 + 1/3 + 1/1
    assert fit.se == pytest.approx([math.sqrt(4 / 3), math.sqrt(8 / 3)])
    # log-likelihood 2 (log 1/4 + 3 log 3/4); without the group 8 log 1/2
    value = 2 * (math.log(1 / 4) + 3 * math.log(3 / 4))
    assert fit.log_likelihood == pytest.approx(value)
    assert fit.null_log_likelihood == pytest.approx(8 * math.log(1 / 2))
    ratio = 2 * (value - 8 * math.log(1 / 2))
    assert fit.test("likelihood ratio").statistic == pytest.approx(ratio)
    assert fit.test("likelihood ratio").p == pytest.approx(chi_square_tail(ratio, 1))
    # the score test of a 2x2 table is Pearson's chi-square: 8 (1*1 - 3*3)^2 / 4^4 = 2
    assert fit.test("score").statistic == pytest.approx(2)
    z = math.log(9) / math.sqrt(8 / 3)
    assert fit.test("Wald").statistic == pytest.approx(z * z)
    term = fit.term("group")
    assert term.p == pytest.approx(two_sided_normal(z))
    assert term.ratio == pytest.approx(9)
    width = 1.959963984540054 * math.sqrt(8 / 3)
    assert [term.ratio_lower, term.ratio_upper] == pytest.approx(
        [9 * math.exp(-width), 9 * math.exp(width)])
    assert (fit.n, fit.events) == (8, 4)
    assert "4.0 events per variable" in fit.warnings[0]


def log_likelihood(beta, covariates, outcome):
    """The definition as a loop."""
    total = 0.0
    for row, y in zip(covariates, outcome, strict=True):
        chance = 1 / (1 + math.exp(-(beta[0] + float(np.dot(beta[1:], row)))))
        total += math.log(chance if y else 1 - chance)
    return total


def cohorts():
    covariate = st.tuples(st.integers(-2, 2), st.sampled_from([0.0, 0.5, 1.0]))
    return st.lists(st.tuples(st.integers(0, 1), covariate), min_size=8, max_size=20)


def attempt(rows, **options):
    outcome, covariates = zip(*rows, strict=True)
    try:
        return logistic(outcome, covariates, **options)
    except NotEstimable as refusal:
        assert str(refusal).strip()
        return None


@PROOF
@given(cohorts())
def test_the_fit_is_the_maximum_of_a_plain_loop(rows):
    fit = attempt(rows)
    if fit is None or np.abs(fit.estimate).max() > 8:
        return
    outcome, covariates = zip(*rows, strict=True)
    here = log_likelihood(fit.estimate, covariates, outcome)
    assert fit.log_likelihood == pytest.approx(here, rel=1e-10)
    for axis in np.eye(3) * 1e-4:
        up, down = (log_likelihood(fit.estimate + d, covariates, outcome) for d in (axis, -axis))
        assert up < here
        assert down < here
        assert (up - down) / 2e-4 == pytest.approx(0, abs=1e-6)


@PROOF
@given(cohorts(), st.randoms(use_true_random=False))
def test_order_units_and_direction_do_not_matter(rows, random):
    one = attempt(rows)
    two = attempt([(1 - y, (50 - 3 * a, b)) for y, (a, b) in random.sample(rows, len(rows))])
    assert (one is None) == (two is None)
    if one is not None:
        # the other outcome changes every sign, the unit of the first covariate is −3
        assert two.estimate[1:] * [3, -1] == pytest.approx(one.estimate[1:], rel=1e-6, abs=1e-8)
        assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)
        assert two.test("score").statistic == pytest.approx(
            one.test("score").statistic, rel=1e-6, abs=1e-9)


@PROOF
@given(cohorts(), st.lists(st.integers(0, 3), min_size=20, max_size=20))
def test_weights_are_repeated_rows(rows, counts):
    counts = counts[:len(rows)]
    repeated = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
    one = attempt(rows, weights=counts)
    two = attempt(repeated) if repeated else None
    assert (one is None) == (two is None)
    if one is not None:
        assert one.estimate == pytest.approx(two.estimate, rel=1e-9)
        assert one.n == two.n == sum(counts)


def wilms():
    rows = records("survival_pkg", "nwtco.csv")
    return [int(row["rel"]) for row in rows], [
        (row["histol"] == "2", float(row["stage"]), float(row["age"])) for row in rows]


def test_glm_of_r_agrees():
    outcome, covariates = wilms()
    fit = logistic(outcome, np.array(covariates, dtype=float))
    # glm(rel ~ I(histol==2) + stage + age, binomial, nwtco), epsilon = 1e-14
    assert fit.estimate == pytest.approx(
        [-3.3183329820745393, 1.7971358256432537, 0.3572992854248697, 0.0082271792611674],
        rel=1e-9)
    assert fit.se == pytest.approx(
        [0.1332744073638067, 0.1119333132682521, 0.0461159658239129, 0.0014377623391504],
        rel=1e-8)
    assert [fit.log_likelihood, fit.null_log_likelihood] == pytest.approx(
        [-1458.7623622681, -1643.9936709387], rel=1e-12)
    # anova(f0, f, test = "Rao"), f0 of epsilon 1e-14 too
    assert fit.test("score").statistic == pytest.approx(442.09507083589, rel=1e-11)
    assert fit.test("likelihood ratio").statistic == pytest.approx(370.46261734112, rel=1e-9)
    assert fit.warnings == ()


def test_statsmodels_agrees():
    models = pytest.importorskip("statsmodels.api", reason="make test installs it")
    outcome, covariates = wilms()
    fit = logistic(outcome, np.array(covariates, dtype=float))
    design = models.add_constant(np.array(covariates, dtype=float))
    peer = models.Logit(outcome, design).fit(disp=False, tol=1e-12)
    assert fit.estimate == pytest.approx(peer.params, rel=1e-7)
    assert fit.se == pytest.approx(peer.bse, rel=1e-7)


BAD = {
    "complete separation": ({"x": Y}, "complete separation by x1"),
    "quasi-complete separation": ({"x": [0, 0, 0, 0, 1, 1, 1, 0]}, "quasi-complete .* by x1"),
    "everybody alike": ({"y": [1] * 8}, "same outcome"),
    "an outcome of 2": ({"y": [2, 0, 0, 0, 1, 1, 1, 0]}, "0 or 1"),
    "an outcome that is NaN": ({"y": [math.nan, 0, 0, 0, 1, 1, 1, 0]}, "0 or 1"),
    "words": ({"y": list("abababab")}, "0 or 1"),
    "no rows": ({"y": [], "x": []}, "One row"),
    "constant covariate": ({"x": [0.1] * 8}, "Constant covariate"),
    "collinear covariates": ({"x": np.column_stack((X, np.multiply(X, 3.0)))}, "x2 is a linear"),
    "NaN": ({"x": [math.nan, *X[1:]]}, "NaN"),
    "too few rows": ({"x": X[:7]}, "8 rows"),
    "weights that sum to zero": ({"weights": [0] * 8}, "sum to zero"),
    "negative weights": ({"weights": [-1] * 8}, "negative"),
    "weights that are not whole": ({"weights": [0.5] * 8}, "whole"),
    "weights that leave one outcome": ({"weights": Y}, "same outcome"),
    "a level of 1": ({"level": 1}, "between 0 and 1"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_estimated_is_refused(change, message):
    options = {"y": Y, "x": X, **change}
    with pytest.raises(NotEstimable, match=message):
        logistic(options.pop("y"), options.pop("x"), **options)


def test_truth_values_are_outcomes():
    assert logistic(np.array(Y, dtype=bool), X).estimate == pytest.approx(logistic(Y, X).estimate)


def test_events_per_variable_counts_the_rarer_outcome():
    # 3 of 8 with the event, 5 without: 3 for one covariate, 1.5 for each of two
    had, x = [1, 0, 0, 1, 0, 1, 0, 0], [1.0, 2, 3, 4, 5, 6, 7, 8]
    assert logistic(had, x).events_per_variable == 3
    other = [2.0, 1, 4, 3, 6, 5, 8, 9]
    fit = logistic([1 - one for one in had], np.column_stack((x, other)))
    assert fit.events_per_variable == 1.5
    assert {row.value for row in fit.tidy() if row.statistic == "events_per_variable"} == {1.5}
