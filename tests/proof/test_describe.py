"""Summaries and quantiles: worked by hand, from the definition, properties, bad input."""

import math
import statistics as standard
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import quantile, summarise

from .oracles import quantile_of, records

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


# ------------------------------------------------------------------------------ geometric mean


def test_geometric_mean_worked_by_hand():
    # 1/2 * 2 * 8 * 1 * 4 = 32 = 2^5: the fifth root is 2
    assert summarise([0.5, 2, 8, 1, 4]).geometric_mean == pytest.approx(2, rel=1e-14)


@pytest.mark.parametrize("data", [[1, 2, 0], [1, 2, -3]])
def test_geometric_mean_is_refused_unless_every_value_is_positive(data):
    found = summarise(data)
    assert found.geometric_mean is None
    assert "above 0" in found.notes["geometric_mean"]
    row = next(row for row in found.tidy() if row.statistic == "geometric_mean")
    assert (row.value, row.note) == (None, found.notes["geometric_mean"])


@PROOF
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=15))
def test_geometric_mean_equals_the_standard_library(data):
    found = summarise(data).geometric_mean
    assert found == pytest.approx(standard.geometric_mean(data), rel=1e-12)


# ------------------------------------------------------------- real data, against R's functions

# R 4.2.2: d <- read.csv("bone_marrow_original.csv"); z <- as.numeric(d$X); z <- z[!is.na(z)];
# c(mean(z), sd(z), median(z), quantile(z, c(.25, .75), type = 6), exp(mean(log(z))))
# and the quartiles of type 7
CHILDREN = {
    "CD34kgx10d6": (0, 11.8917807486631, 9.91438610878334, 9.72, (5.33, 15.42), (5.35, 15.415),
                    8.63899409191824),
    "Recipientage": (0, 9.93155080213904, 5.30563904224541, 9.6, (5, 14.1), (5.05, 14.05),
                     8.10266020213853),
    "Rbodymass": (2, 35.8010810810811, 19.6509216488947, 33, (19, 50.7), (19, 50.6),
                  30.2776202061642),
}


@pytest.mark.parametrize("column", CHILDREN)
def test_187_children_agree_with_r(column):
    missing, mean, sd, median, six, seven, geometric_mean = CHILDREN[column]
    cells = [row[column] for row in records("uci_bmt_children", "bone_marrow_original.csv")]
    data = [float(cell) if cell.replace(".", "").isdigit() else None for cell in cells]
    found = summarise(data, drop_missing=True)
    assert (found.n, found.missing) == (187 - missing, missing)
    numbers = (found.mean, found.sd, found.median, found.geometric_mean)
    assert numbers == pytest.approx((mean, sd, median, geometric_mean), rel=1e-12)
    assert (found.lower_quartile, found.upper_quartile) == pytest.approx(six, rel=1e-12)
    found = summarise(data, drop_missing=True, quantile_type=7)
    assert (found.lower_quartile, found.upper_quartile) == pytest.approx(seven, rel=1e-12)


# ----------------------------------------------------------------------- below a detection limit


def test_more_than_half_below_the_limit_worked_by_hand():
    # < .01 four times, then .02, .05, 3: n 7, the median is the 4th value: < .01
    # type 6: places 2 and 6: lower quartile < .01, upper quartile .05; the largest is 3
    found = summarise([0, 0, 0, 0, 0.02, 0.05, 3], limit=0.01)
    assert (found.n, found.below) == (7, 4)
    bounds = {"minimum": 0.01, "lower_quartile": 0.01, "median": 0.01}
    assert found.upper_bounds == bounds
    assert all(math.isnan(getattr(found, name)) for name in bounds)
    assert found.notes["median"] == "< 0.01"
    assert (found.upper_quartile, found.maximum) == (0.05, 3)
    assert found.warnings == ("4 of 7 values are below the detection limit",)
    rows = {row.statistic: row for row in found.tidy()}
    assert (rows["median"].value, rows["median"].note) == (None, "< 0.01")
    assert rows["below_limit"].value == 4
    for name in ("mean", "sd", "geometric_mean"):
        assert rows[name].value is None
        assert "detection limit" in rows[name].note


def test_less_than_half_below_the_limit_worked_by_hand():
    # < 1, < 1, 2, 4, 9: the median is the 3rd value: 2; type 6: place 1.5, between two values
    # below 1: < 1; place 4.5: 4 + .5 * 5 = 6.5
    found = summarise([0.3, 0.8, 2, 4, 9], limit=1)
    assert (found.median, found.upper_quartile) == (2, 6.5)
    assert found.upper_bounds == {"minimum": 1, "lower_quartile": 1}


def test_exactly_half_below_the_limit_worked_by_hand():
    # < 1, < 1, 2, 4: half way between the 2nd (< 1) and the 3rd (2) is below (1 + 2)/2 = 1.5
    found = summarise([1, 1, 2, 4], below=[True, True, False, False])
    assert math.isnan(found.median)
    assert found.upper_bounds["median"] == 1.5


def test_a_value_at_the_limit_is_a_value():
    found = summarise([1, 1, 1, 2], limit=1)
    assert (found.below, found.median, found.mean) == (0, 1, 1.25)
    assert (found.upper_bounds, found.warnings) == ({}, ())


def test_limits_may_differ_worked_by_hand():
    # < 5 may lie anywhere below 5: of < 5, 2, 3, 8, 9 the median is 3 if it is below 3, else it
    # is that value: < 5; the largest does not depend on it; the smallest is 2 or that value: ≤ 2
    found = summarise([5, 2, 3, 8, 9], below=[True, False, False, False, False])
    assert (found.upper_bounds["median"], found.notes["median"]) == (5, "< 5")
    assert (found.upper_bounds["minimum"], found.notes["minimum"]) == (2, "≤ 2")
    assert found.maximum == 9


def test_all_below_the_limit():
    found = summarise([0, 0, 0], limit=2)
    assert found.upper_bounds == dict.fromkeys(
        ("minimum", "lower_quartile", "median", "upper_quartile", "maximum"), 2)


@PROOF
@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans(), st.integers(0, 30)), min_size=1,
                max_size=12), st.sampled_from([6, 7]))
def test_no_choice_of_the_unseen_values_contradicts_the_summary(rows, quantile_type):
    data, mask = [value for value, _, _ in rows], [is_below for _, is_below, _ in rows]
    found = summarise(data, below=mask, quantile_type=quantile_type)
    for shift in (1, 40, None):  # just below the limit, far below, and each by its own amount
        guess = [value - (Fraction(own + 1, 7) if shift is None else Fraction(shift, 1000))
                 if is_below else value for value, is_below, own in rows]
        for name, share in (("minimum", 0), ("lower_quartile", Fraction(1, 4)),
                            ("median", Fraction(1, 2)), ("maximum", 1)):
            true = quantile_of(guess, Fraction(share), quantile_type)
            if name in found.upper_bounds:
                bound, may_be_reached = found.upper_bounds[name], "≤" in found.notes[name]
                assert true < bound or (may_be_reached and true == bound)
            else:
                assert getattr(found, name) == pytest.approx(float(true), abs=1e-9)


# -------------------------------------------------------------------------------------- bad input


def test_missing_values_are_refused_unless_they_may_be_counted():
    with pytest.raises(NotEstimable):
        summarise([1, None, 3])
    found = summarise([1, None, float("nan"), 3], drop_missing=True)
    assert (found.n, found.missing, found.mean) == (2, 2, 2)


@pytest.mark.parametrize("options", [
    {"below": [True, False]},
    {"below": [1, 0, 0]},
    {"below": [True, False, False], "limit": 1},
    {"limit": float("nan")},
    {"quantile_type": 5},
])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(NotEstimable) as refusal:
        summarise([1, 2, 3], **options)
    assert str(refusal.value).strip()


@pytest.mark.parametrize("data", [[1, float("inf")], [[1, 2], [3, 4]], [None, None]])
def test_values_that_make_no_sense_are_refused(data):
    with pytest.raises(NotEstimable):
        summarise(data, drop_missing=True)


def test_a_value_below_its_limit_needs_the_limit():
    with pytest.raises(NotEstimable, match="limit"):
        summarise([None, 2, 3], below=[True, False, False], drop_missing=True)


def test_huge_and_tiny_values_keep_their_digits():
    # 3 values 1, 2, 3 times the unit: mean 2, SD 1
    for unit in (1e-300, 1e300):
        found = summarise([unit, 2 * unit, 3 * unit])
        assert (found.mean / unit, found.sd / unit) == pytest.approx((2, 1))
