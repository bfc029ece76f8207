"""Analysis of variance: worked by hand, R, statsmodels, properties, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import anova, t_test

from .oracles import records

PROOF = settings(max_examples=40, deadline=None, database=None)

# Seven values in a 2 x 2 layout with counts 2 1 / 1 3
VALUES = [1, 3, 4, 5, 8, 9, 10]
ROWS, COLUMNS = list("1112222"), list("1121222")


@st.composite
def layouts(draw):
    """Values in a layout of 2 or 3 by 2 or 3, every cell held, some twice or more."""
    a, b = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    cells = [(i, j) for i in range(a) for j in range(b)]
    more = draw(st.lists(st.sampled_from(cells), min_size=2, max_size=10))
    where = draw(st.permutations(cells + more))
    values = draw(st.lists(st.integers(-20, 20), min_size=len(where), max_size=len(where)))
    within = {cell: [v for v, c in zip(values, where, strict=True) if c == cell] for cell in cells}
    assume(any(len(set(own)) > 1 for own in within.values()))
    return values, [f"row {i}" for i, _ in where], [10 * j for _, j in where]


def numbers(found):
    return {term.name: (term.sum_of_squares, term.df, term.statistic, term.p)
            for term in found.terms}


def three_degrees_p(f):
    """P(F(1, 3) >= f): t with three degrees of freedom, Abramowitz & Stegun 26.7.3."""
    angle = math.atan(math.sqrt(f / 3))
    return 1 - 2 / math.pi * (angle + math.sin(angle) * math.cos(angle))


def test_one_way_worked_by_hand():
    found = anova([1, 2, 3, 2, 4, 6, 7, 8], list("AAABBCCC"), names=["arm"])
    # means 2, 3, 7 of 3, 2, 3 values; grand mean 33/8 = 4.125
    # between 3*2.125^2 + 2*1.125^2 + 3*2.875^2 = 13.546875 + 2.53125 + 24.796875 = 40.875
    # within 2 + 2 + 2 = 6 with 8 - 3 = 5 df: 1.2; F = (40.875/2)/1.2 = 17.03125
    # p of F(2, 5) = (1 + 2F/5)^(-5/2)
    (term,) = found.terms
    assert (term.name, term.df, found.residual_df, found.n) == ("arm", 2, 5, 8)
    assert term.sum_of_squares == pytest.approx(40.875)
    assert found.residual_sum_of_squares == pytest.approx(6)
    assert found.total_sum_of_squares == pytest.approx(46.875)
    assert term.statistic == pytest.approx(17.03125)
    assert term.p == pytest.approx((1 + 2 * 17.03125 / 5) ** -2.5, rel=1e-12)
    # eta^2 = 40.875/46.875 = .872; omega^2 = (40.875 - 2*1.2)/(46.875 + 1.2) = 38.475/48.075
    assert term.eta_squared == pytest.approx(0.872)
    assert term.partial_eta_squared == pytest.approx(0.872)
    assert term.omega_squared == pytest.approx(38.475 / 48.075)


def test_unbalanced_two_way_worked_by_hand():
    # cell means 2, 4 / 5, 9 of 2, 1 / 1, 3 values; within 2 + 0 + 0 + 2 = 4, df 3
    # type II, rows above columns: within column 1 the rows differ by -3, weight 2*1/3 = 2/3;
    # within column 2 by -5, weight 1*3/4; SS = (2/3*3 + 3/4*5)^2/(2/3 + 3/4) = 5.75^2*12/17
    # columns: differences -2 and -4, the same weights: (4/3 + 3)^2 * 12/17
    # interaction: 2/3*3/4/(17/12) * (5 - 3)^2 = 24/17
    # type III: 2 + 4 - 5 - 9 = -8 has variance 1/2 + 1 + 1 + 1/3 = 17/6: 64*6/17 = 384/17
    # columns: 2 - 4 + 5 - 9 = -6: 36*6/17 = 216/17
    expected = {
        2: {"A": 5.75**2 * 12 / 17, "B": (13 / 3) ** 2 * 12 / 17, "A × B": 24 / 17},
        3: {"A": 384 / 17, "B": 216 / 17, "A × B": 24 / 17},
    }
    for kind, terms in expected.items():
        found = anova(VALUES, ROWS, COLUMNS, type=kind, names=["A", "B"])
        assert found.residual_sum_of_squares == pytest.approx(4)
        assert found.residual_df == 3
        # sum of squares 296, sum 40: 296 - 1600/7 = 472/7
        assert found.total_sum_of_squares == pytest.approx(472 / 7)
        assert found.warnings  # the counts differ
        for name, (squares, df, f, p) in numbers(found).items():
            assert squares == pytest.approx(terms[name])
            assert (df, f) == (1, pytest.approx(terms[name] * 3 / 4))
            assert p == pytest.approx(three_degrees_p(f), rel=1e-9)
        first = found.terms[0]
        assert first.eta_squared == pytest.approx(terms["A"] * 7 / 472)
        assert first.partial_eta_squared == pytest.approx(terms["A"] / (terms["A"] + 4))
        assert first.omega_squared == pytest.approx((terms["A"] - 4 / 3) / (472 / 7 + 4 / 3))
    # R: options(contrasts = c("contr.sum", "contr.poly")); drop1(lm(tt ~ A*B), . ~ ., test = "F")
    # Sum of Sq 22.588235, 12.705882, 1.411765; Pr(>F) 0.025983, 0.053841, 0.379187
    p_values = [term.p for term in anova(VALUES, ROWS, COLUMNS, type=3).terms]
    assert p_values == pytest.approx([0.025983, 0.053841, 0.379187], abs=5e-7)


VETERAN = {
    # R 4.2.2, survival::veteran, karno ~ factor(trt) * celltype: (sum of squares, F, p)
    # type II: residual sums of squares of lm(karno ~ celltype) etc.; F and p of the additive
    # model are drop1(lm(karno ~ trt + celltype), test = "F")
    "additive": [
        (141.880895670838, 0.360471225087718, 0.5492740614887763),
        (2604.803621282823, 2.205974121315366, 0.0903888954204474),
    ],
    # type III: drop1(lm(karno ~ trt * celltype), . ~ ., test = "F") with contr.sum
    "type III": [
        (179.966016548453, 0.457130547827227, 0.500178450375276),
        (2349.354651004964, 1.989193662321606, 0.118824156913680),
        (1169.460374170427, 0.990179649394770, 0.399684300847645),
    ],
}


def test_veterans_agree_with_r():
    rows = records("survival_pkg", "veteran.csv")
    karno = [float(r["karno"]) for r in rows]
    arm, cell = [r["trt"] for r in rows], [r["celltype"] for r in rows]
    three = anova(karno, arm, cell, type=3)
    additive = anova(karno, arm, cell, interaction=False)
    for found, expected in ((three, VETERAN["type III"]), (additive, VETERAN["additive"])):
        for term, (squares, f, p) in zip(found.terms, expected, strict=True):
            assert term.sum_of_squares == pytest.approx(squares, rel=1e-9)
            assert term.statistic == pytest.approx(f, rel=1e-9)
            assert term.p == pytest.approx(p, rel=1e-9)
    assert (three.residual_sum_of_squares, three.residual_df) == pytest.approx(
        (50785.5277777778, 129))
    assert (additive.residual_sum_of_squares, additive.residual_df) == pytest.approx(
        (51954.9881519482, 132))
    two = anova(karno, arm, cell)
    assert [term.sum_of_squares for term in two.terms] == pytest.approx(
        [141.880895670838, 2604.80362128282, 1169.46037417043], rel=1e-9)
    # R: anova(lm(karno ~ celltype)): 2518.72219325686, 52096.86904761905, F 2.14337929724059,
    # p 0.0977650744517099
    one = anova(karno, cell)
    assert one.terms[0].sum_of_squares == pytest.approx(2518.72219325686, rel=1e-9)
    assert one.terms[0].statistic == pytest.approx(2.14337929724059, rel=1e-9)
    assert one.terms[0].p == pytest.approx(0.0977650744517099, rel=1e-9)
    assert one.residual_sum_of_squares == pytest.approx(52096.86904761905, rel=1e-9)


@PROOF
@given(layouts(), st.sampled_from([2, 3]), st.booleans())
def test_two_way_agrees_with_statsmodels(layout, kind, interaction):
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    values, rows, columns = layout
    frame = pd.DataFrame({"y": values, "a": rows, "b": columns}, dtype=object)
    frame["y"] = frame["y"].astype(float)
    join = "*" if interaction else "+"
    fitted = ols(f"y ~ C(a, Sum) {join} C(b, Sum)", frame).fit()
    expected = anova_lm(fitted, typ=kind)
    found = anova(values, rows, columns, type=kind, interaction=interaction)
    theirs = [name for name in expected.index if name not in ("Intercept", "Residual")]
    scale = found.total_sum_of_squares
    for term, name in zip(found.terms, theirs, strict=True):
        assert term.df == expected.loc[name, "df"]
        assert term.sum_of_squares == pytest.approx(
            expected.loc[name, "sum_sq"], rel=1e-7, abs=1e-10 * scale)
        assert term.p == pytest.approx(expected.loc[name, "PR(>F)"], rel=1e-5, abs=1e-9)
    assert found.residual_sum_of_squares == pytest.approx(expected.loc["Residual", "sum_sq"])


@PROOF
@given(layouts(), st.randoms(use_true_random=False), st.sampled_from([2, 3]))
def test_order_relabelling_unit_and_turning_do_not_matter(layout, random, kind):
    values, rows, columns = layout
    one = anova(values, rows, columns, type=kind)
    places = random.sample(range(len(values)), len(values))
    other = anova(
        [1000 - 3 * values[place] for place in places],
        [columns[place] for place in places],
        [{"row 0": "z", "row 1": "y", "row 2": "x"}[rows[place]] for place in places],
        type=kind)
    turned = (other.terms[1], other.terms[0], other.terms[2])
    for term, again in zip(one.terms, turned, strict=True):
        assert again.sum_of_squares == pytest.approx(
            9 * term.sum_of_squares, rel=1e-7, abs=1e-9 * other.total_sum_of_squares)
        assert again.p == pytest.approx(term.p, rel=1e-5, abs=1e-9)
        assert 0 <= term.partial_eta_squared <= 1
        assert 0 <= term.omega_squared <= term.eta_squared + 1e-12 or term.eta_squared < 1e-9


@PROOF
@given(st.lists(st.integers(-9, 9), min_size=12, max_size=12))
def test_equal_counts_have_one_answer_that_adds_up(values):
    rows, columns = list("AAAAAABBBBBB"), list("xxyyzzxxyyzz")
    assume(any(values[k] != values[k + 1] for k in range(0, 12, 2)))
    two, three = (anova(values, rows, columns, type=kind) for kind in (2, 3))
    total = two.residual_sum_of_squares
    for term, again in zip(two.terms, three.terms, strict=True):
        assert again.sum_of_squares == pytest.approx(term.sum_of_squares, abs=1e-9)
        total += term.sum_of_squares
    assert total == pytest.approx(two.total_sum_of_squares)
    assert not two.warnings


@PROOF
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9),
       st.lists(st.integers(-9, 9), min_size=2, max_size=9))
def test_two_groups_are_students_t(first, second):
    assume(len(set(first)) > 1 or len(set(second)) > 1)
    found = anova([*first, *second], [0] * len(first) + [1] * len(second))
    expected = t_test(first, second, equal_variances=True)
    assert found.terms[0].statistic == pytest.approx(expected.statistic**2, abs=1e-9)
    assert found.terms[0].p == pytest.approx(expected.p, rel=1e-9)


def test_an_empty_cell_leaves_the_main_effects():
    values, rows, columns = [1, 3, 4, 8, 9, 10], list("112233"), list("xyxxxy")
    with pytest.raises(NotEstimable, match="interaction=False"):
        anova(values, rows, columns)
    found = anova(values, rows, columns, interaction=False)
    # 6 values less 3 + 2 - 1 = 4 parameters
    assert found.residual_df == 2
    assert [term.df for term in found.terms] == [2, 1]


def test_log_p_stays_where_p_is_nought_and_rows_are_told():
    rng = np.random.default_rng(3)
    member = np.arange(6000) % 3
    found = anova(rng.normal(size=6000) + member, member, names=["arm"])
    term = found.terms[0]
    assert term.p == 0
    # F(2, m) has the closed form (1 + 2F/m)^(-m/2)
    assert term.log_p == pytest.approx(-5997 / 2 * math.log1p(2 * term.statistic / 5997), rel=1e-9)
    rows = {(row.group, row.statistic): row.value for row in found.tidy()}
    assert rows["arm", "p"] == 0
    assert rows["arm", "log p"] == term.log_p
    assert rows["residual", "df"] == 5997


BAD = {
    "no factor": lambda: anova([1, 2, 3]),
    "three factors": lambda: anova([1, 2], "ab", "ab", "ab"),
    "one level": lambda: anova([1, 2, 3], ["a", "a", "a"]),
    "fewer labels": lambda: anova([1, 2, 3], ["a", "b"]),
    "a missing label": lambda: anova([1, 2, 3], ["a", "b", None]),
    "a NaN label": lambda: anova([1, 2, 3, 4], [1, 2, 1, math.nan]),
    "mixed labels": lambda: anova([1, 2, 3], ["a", 1, 1]),
    "NaN": lambda: anova([1, math.nan, 3], ["a", "b", "b"]),
    "no values": lambda: anova([], []),
    "all equal": lambda: anova([2, 2, 2, 2], list("aabb")),
    "constant within groups": lambda: anova([0.1, 0.1, 0.7, 0.7, 0.7], list("aabbb")),
    "one value a group": lambda: anova([1, 2, 3], list("abc")),
    "one value a cell": lambda: anova([1, 2, 3, 5], list("aabb"), list("xyxy")),
    "nested factors": lambda: anova([1, 2, 3, 5], list("aabb"), list("xxyy"), interaction=False),
    "type I": lambda: anova([1, 2, 3], list("aab"), type=1),
    "too few names": lambda: anova([1, 2, 3], list("aab"), list("xyx"), names=["arm"]),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()
