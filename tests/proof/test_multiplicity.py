"""Adjusted p values: worked by hand, R, statsmodels, properties, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import adjust

PROOF = settings(max_examples=100, deadline=None, database=None)
METHODS = ("bonferroni", "holm", "hochberg", "bh")

families = st.lists(st.integers(0, 1000).map(lambda k: k / 1000), min_size=1, max_size=12)

HAND = [0.01, 0.04, 0.03, 0.005, 0.2, 0.04, 0.9]


def test_seven_tests_worked_by_hand():
    # ascending .005 .01 .03 .04 .04 .2 .9
    # Bonferroni: times 7
    # Holm: times 7 6 5 4 3 2 1: .035 .06 .15 .16 .12 .4 .9; running maximum makes .12 into .16
    # Hochberg: the same products, running minimum from the right: .035 .06 .12 .12 .12 .4 .9
    # Benjamini-Hochberg: times 7/1 7/2 7/3 7/4 7/5 7/6 7/7: .035 .035 .07 .07 .056 .2333 .9;
    # running minimum from the right: .035 .035 .056 .056 .056 .2333 .9
    expected = {
        "bonferroni": [0.07, 0.28, 0.21, 0.035, 1, 0.28, 1],
        "holm": [0.06, 0.16, 0.15, 0.035, 0.4, 0.16, 0.9],
        "hochberg": [0.06, 0.12, 0.12, 0.035, 0.4, 0.12, 0.9],
        "bh": [0.035, 0.056, 0.056, 0.035, 1.4 / 6, 0.056, 0.9],
    }
    for method in METHODS:
        found = adjust(HAND, method=method)
        assert found.adjusted == pytest.approx(expected[method], rel=1e-12)
        assert found.given.tolist() == HAND
        assert found.n == 7


def test_eight_tests_agree_with_r():
    p = [0.00014, 0.0475, 0.0121, 0.0121, 0.24, 0.76, 1, 0.0009]
    # R 4.2.2: p.adjust(p, "holm"), "hochberg", "BH", "bonferroni"
    expected = {
        "holm": [0.00112, 0.19, 0.0726, 0.0726, 0.72, 1, 1, 0.0063],
        "hochberg": [0.00112, 0.19, 0.0605, 0.0605, 0.72, 1, 1, 0.0063],
        "bh": [0.00112, 0.076, 0.0242, 0.0242, 0.32, 0.868571428571429, 1, 0.0036],
        "bonferroni": [0.00112, 0.38, 0.0968, 0.0968, 1, 1, 1, 0.0072],
    }
    for method in METHODS:
        assert adjust(p, method=method).adjusted == pytest.approx(expected[method], rel=1e-12)


def test_holm_is_the_default_and_the_result_names_it():
    found = adjust(HAND)
    assert found.method == "Holm"
    assert "family-wise" in found.conventions[0]
    assert "false discovery" in adjust(HAND, method="bh").conventions[0]
    rows = found.tidy()
    assert [(row.statistic, row.level) for row in rows[:2]] == [("p", "1"), ("adjusted p", "1")]
    assert [row.value for row in rows[::2]] == HAND


@PROOF
@given(families, st.sampled_from(METHODS))
def test_adjustment_agrees_with_statsmodels(p, method):
    from statsmodels.stats.multitest import multipletests

    theirs = {"bonferroni": "bonferroni", "holm": "holm", "hochberg": "simes-hochberg",
              "bh": "fdr_bh"}[method]
    found = adjust(p, method=method)
    assert found.adjusted == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-12)


@PROOF
@given(families, st.randoms(use_true_random=False))
def test_order_and_strictness(p, random):
    found = {method: adjust(p, method=method).adjusted for method in METHODS}
    # each is at least the p itself, and each method is at least as strict as the next
    assert (found["bonferroni"] >= found["holm"]).all()
    assert (found["holm"] >= found["hochberg"]).all()
    assert (found["hochberg"] >= found["bh"] - 1e-15).all()
    assert (found["bh"] >= np.array(p) - 1e-15).all()
    places = random.sample(range(len(p)), len(p))
    for method in METHODS:
        mixed = adjust([p[place] for place in places], method=method).adjusted
        assert mixed.tolist() == found[method][places].tolist()


def test_one_test_needs_no_adjustment():
    for method in METHODS:
        assert adjust([0.03], method=method).adjusted.tolist() == [0.03]


def test_a_p_of_nought_is_remarked():
    found = adjust([0.0, 0.5])
    assert found.adjusted.tolist() == [0, 0.5]
    assert found.warnings


BAD = {
    "no tests": ([], "holm"),
    "a missing p": ([0.1, math.nan], "holm"),
    "None": ([0.1, None], "holm"),
    "above 1": ([0.1, 1.01], "bh"),
    "negative": ([0.1, -0.01], "bh"),
    "a table": ([[0.1, 0.2]], "bh"),
    "an unknown method": ([0.1], "BY"),
}


@pytest.mark.parametrize(("p", "method"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(p, method):
    with pytest.raises(NotEstimable) as refusal:
        adjust(p, method=method)
    assert str(refusal.value).strip()
