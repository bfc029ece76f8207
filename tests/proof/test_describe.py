"""Summaries and quantiles: worked by hand, from the definition, properties, bad input."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import quantile, summarise

from .oracles import quantile_of

PROOF = settings(max_examples=150, deadline=None, database=None)

values = st.lists(st.integers(-50, 50), min_size=1, max_size=15)


def test_summary_of_six_values_worked_by_hand():
    found = summarise([7, 1, 3, 12, 4, 9])
    # sorted 1 3 4 7 9 12: sum 36, mean 6; squares from the mean 25+9+4+1+9+36 = 84, 84/5 = 16.8
    assert found.n == 6
    assert found.mean == pytest.approx(6)
    assert found.sd == pytest.approx(math.sqrt(16.8))  # 4.098780
    assert found.median == pytest.approx((4 + 7) / 2)
    assert (found.minimum, found.maximum) == (1, 12)
    # type 6, place (n+1)p: 7/4 = 1.75 -> 1 + .75*2 = 2.5; 21/4 = 5.25 -> 9 + .25*3 = 9.75
    assert (found.lower_quartile, found.upper_quartile) == pytest.approx((2.5, 9.75))


def test_type_seven_quartiles_worked_by_hand():
    found = summarise([7, 1, 3, 12, 4, 9], quantile_type=7)
    # place (n-1)p + 1: 2.25 -> 3 + .25*1 = 3.25; 4.75 -> 7 + .75*2 = 8.5; median 3.5 -> 5.5
    assert (found.lower_quartile, found.upper_quartile) == pytest.approx((3.25, 8.5))
    assert found.median == pytest.approx(5.5)


def test_quantiles_worked_by_hand():
    data = [10, 20, 30, 40]
    # type 6: place 5p; .1 -> .5, below the first place: 10; .3 -> 1.5: 15; .9 -> 4.5, past: 40
    found = [quantile(data, share) for share in (0.1, 0.3, 0.5, 0.9)]
    assert found == pytest.approx([10, 15, 25, 40])
    # type 7: place 3p + 1; .1 -> 1.3: 13; .3 -> 1.9: 19; .5 -> 2.5: 25; .9 -> 3.7: 37
    found = [quantile(data, share, quantile_type=7) for share in (0.1, 0.3, 0.5, 0.9)]
    assert found == pytest.approx([13, 19, 25, 37])


def test_one_value_is_its_own_summary():
    found = summarise([5])
    assert (found.n, found.mean, found.median) == (1, 5, 5)
    assert (found.minimum, found.maximum) == (5, 5)
    assert (found.lower_quartile, found.upper_quartile) == (5, 5)


@PROOF
@given(values, st.integers(0, 20), st.sampled_from([6, 7]))
def test_quantile_equals_the_definition(data, twentieths, quantile_type):
    expected = quantile_of(data, Fraction(twentieths, 20), quantile_type)
    found = quantile(data, twentieths / 20, quantile_type=quantile_type)
    assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@PROOF
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=15), st.sampled_from([6, 7]))
def test_summary_equals_the_definition(data, quantile_type):
    found = summarise(data, quantile_type=quantile_type)
    mean = Fraction(sum(data), len(data))
    variance = sum((v - mean) ** 2 for v in data) / (len(data) - 1)
    assert found.n == len(data)
    assert found.mean == pytest.approx(float(mean), abs=1e-12)
    assert found.sd == pytest.approx(math.sqrt(variance), abs=1e-7)
    quarters = [quantile_of(data, Fraction(k, 4), quantile_type) for k in (1, 2, 3)]
    three = (found.lower_quartile, found.median, found.upper_quartile)
    assert three == pytest.approx([float(q) for q in quarters], abs=1e-9)
    assert (found.minimum, found.maximum) == (min(data), max(data))


@PROOF
@given(values, st.randoms(use_true_random=False))
def test_order_and_unit_do_not_matter(data, random):
    one = summarise(data)
    two = summarise([2 * v + 3 for v in random.sample(data, len(data))])
    for name in ("mean", "median", "minimum", "maximum", "lower_quartile", "upper_quartile"):
        assert getattr(two, name) == pytest.approx(2 * getattr(one, name) + 3, abs=1e-9)
    if len(data) > 1:
        assert two.sd == pytest.approx(2 * one.sd, abs=1e-9)


def test_nothing_cannot_be_summarised():
    for call in (lambda: summarise([]), lambda: quantile([], 0.5)):
        with pytest.raises(NotEstimable) as refusal:
            call()
        assert str(refusal.value).strip()
