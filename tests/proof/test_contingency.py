"""Chi-square and Fisher tests: worked by hand, every table enumerated, properties, bad input."""

import math
import random as plain_random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import chi_square, exact_tables, expected_counts, fisher_exact

from .oracles import (
    all_tables,
    chi_square_tail,
    expected_table,
    freeman_halton,
    pearson,
    records,
    reference,
    two_sided_normal,
    ways,
    without_empty,
)

PROOF = settings(max_examples=80, deadline=None, database=None)


@st.composite
def tables(draw, shapes=((2, 2), (2, 3), (3, 3), (4, 3)), most=25):
    """Tables of at most 25 subjects dropped one by one into cells; rows may stay empty."""
    rows, columns = draw(st.sampled_from(shapes))
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)),
            min_size=2,
            max_size=most,
        )
    )
    return [[cells.count((i, j)) for j in range(columns)] for i in range(rows)]


def usable(table):
    kept = without_empty(table)
    return kept if len(kept) > 1 and len(kept[0]) > 1 else None


# -------------------------------------------------------------------------------- worked by hand


def test_expected_counts_worked_by_hand():
    # rows 30 and 20, columns 24 and 26, n 50: 30*24/50 = 14.4, 30*26/50 = 15.6, 9.6, 10.4
    found = expected_counts([[18, 12], [6, 14]])
    assert [list(row) for row in found] == [[14.4, 15.6], [9.6, 10.4]]


def test_chi_square_of_a_two_by_two_worked_by_hand():
    found = chi_square([[18, 12], [6, 14]])
    # every |O - E| is 3.6; 12.96 (1/14.4 + 1/15.6 + 1/9.6 + 1/10.4) = .9 + .830769 + 1.35
    # + 1.246154 = 4.326923 = 225/52
    assert found.statistic == pytest.approx(225 / 52)
    assert (found.df, found.n) == (1, 50)
    assert found.p == pytest.approx(two_sided_normal(math.sqrt(225 / 52)))  # sqrt 2.080126


def test_continuity_correction_worked_by_hand():
    found = chi_square([[18, 12], [6, 14]], correction=True)
    # |O - E| - 1/2 = 3.1; 9.61 (1/14.4 + 1/15.6 + 1/9.6 + 1/10.4) = 9.61 * 625/1872 = 3.208467
    # (1/14.4 + ... = 4.326923/12.96 = .333868 = 625/1872)
    assert found.statistic == pytest.approx(9.61 * 625 / 1872)
    assert found.p == pytest.approx(two_sided_normal(math.sqrt(9.61 * 625 / 1872)))


def test_chi_square_of_a_two_by_three_worked_by_hand():
    found = chi_square([[10, 20, 30], [20, 20, 20]])
    # rows 60, 60; columns 30, 40, 50; expected 15, 20, 25 in both rows
    # 25/15 + 0 + 25/25 twice = 2 (5/3 + 1) = 16/3; two degrees of freedom: p = exp(-8/3)
    assert found.statistic == pytest.approx(16 / 3)
    assert (found.df, found.n) == (2, 120)
    assert found.p == pytest.approx(math.exp(-8 / 3))  # .069483


def test_empty_rows_and_columns_are_dropped():
    full = chi_square([[18, 12], [6, 14]])
    holed = chi_square([[18, 0, 12], [0, 0, 0], [6, 0, 14]])
    assert (holed.statistic, holed.df, holed.p) == (full.statistic, full.df, full.p)
    assert fisher_exact([[18, 0, 12], [0, 0, 0], [6, 0, 14]]).p == pytest.approx(
        fisher_exact([[18, 12], [6, 14]]).p
    )


def test_fisher_of_the_lady_tasting_tea_worked_by_hand():
    # margins 4, 4 / 4, 4: C(4,k) C(4,4-k) / C(8,4) = 1, 16, 36, 16, 1 over 70 for k = 0..4
    # observed k = 3 (16/70): no likelier are k = 0, 1, 3, 4 -> (1+16+16+1)/70 = 34/70
    assert fisher_exact([[3, 1], [1, 3]]).p == pytest.approx(34 / 70)
    assert fisher_exact([[4, 0], [0, 4]]).p == pytest.approx(2 / 70)
    assert fisher_exact([[2, 2], [2, 2]]).p == pytest.approx(1)


def test_fisher_of_a_two_by_three_worked_by_hand():
    # rows 3 and 3, columns 2, 2, 2: first row (a, b, c) has weight C(2,a) C(2,b) C(2,c) of C(6,3)
    # (2,1,0) and its six orders: 1*2*1 = 2 each -> 12; (1,1,1): 8; total 20
    found = fisher_exact([[2, 1, 0], [0, 1, 2]])
    assert found.p == pytest.approx(12 / 20)
    assert found.n == 6
    assert fisher_exact([[1, 1, 1], [1, 1, 1]]).p == pytest.approx(1)


def test_the_enumeration_itself_is_complete():
    # the ways of all tables with given margins add up to n! / product of column factorials
    counts = [ways(table) for table in all_tables([3, 4, 2], (4, 3, 2))]
    total = math.factorial(9) // (math.factorial(4) * math.factorial(3) * math.factorial(2))
    assert sum(counts) == total


# k of n in each arm and the p printed in definitions.md section 11.6
SEED_PAPERS = [
    ((9, 11), (33, 40), 1.000, 5e-4),
    ((1, 42), (4, 9), 0.0023, 5e-5),
    ((19, 22), (6, 8), 0.589, 5e-4),
    ((7, 8), (18, 22), 1.000, 5e-4),
    ((8, 42), (7, 9), 0.0014, 5e-5),
    ((1, 72), (8, 49), 0.0031, 5e-5),
    # neutropenia of grade 1-2 of 1-4; CRS and ICANS of any grade, of the cycles of Table 3
    ((9, 33), (17, 25), 0.0032, 5e-5),
    ((29, 74), (27, 51), 0.146, 5e-4),
    ((5, 74), (1, 51), 0.399, 5e-4),
]


@pytest.mark.parametrize(("first", "second", "printed", "half_digit"), SEED_PAPERS)
def test_fisher_of_the_seed_papers(first, second, printed, half_digit):
    table = [[k, n - k] for k, n in (first, second)]
    assert fisher_exact(table).p == pytest.approx(printed, abs=half_digit)
    assert fisher_exact(table).p == pytest.approx(float(freeman_halton(table)))


def test_chi_square_of_the_seed_papers():
    # section 11.6: response after one or two cycles, 18/24 and 22/30, without continuity correction
    cycles = chi_square([[18, 6], [22, 8]])
    assert (cycles.statistic, cycles.p) == pytest.approx((0.0193, 0.8896), abs=5e-5)
    # neutropenia of grade 0, 1-2, 3-4 in two groups of cycles
    assert chi_square([[41, 21], [9, 17], [24, 8]]).p == pytest.approx(0.0041, abs=5e-5)


# Everyday tables of some hundreds: the 2 x 2 enumeration stays short (one free cell).
LARGE = [
    [[100, 100], [90, 110]],
    [[180, 20], [30, 170]],
    [[500, 500], [500, 500]],
    [[600, 400], [450, 550]],
    [[1000, 20], [900, 45]],
]


@pytest.mark.parametrize("table", LARGE)
def test_fisher_of_a_large_two_by_two_equals_the_enumeration(table):
    assert fisher_exact(table).p == pytest.approx(float(freeman_halton(table)), rel=1e-6)


# R's fisher.test as printed on public pages: matstat.org/content_en/R-course/fisher_test.html
# and imathworks.com/cv/solved-fishers-exact-test-in-r-2x4-table
R_PAGES = [
    ([[43, 9], [44, 4]], 0.2392, 5e-5),
    ([[31, 8, 39, 2], [7, 1, 16, 6]], 0.01077, 5e-6),
]


@pytest.mark.parametrize(("table", "printed", "half_digit"), R_PAGES)
def test_fisher_agrees_with_r_pages(table, printed, half_digit):
    found = fisher_exact(table)
    assert found.p == pytest.approx(printed, abs=half_digit)
    assert found.p == pytest.approx(float(freeman_halton(table)))


def test_fisher_of_job_satisfaction_agrees_with_r():
    # Agresti's income by job satisfaction; R's help page of fisher.test gives p 0.7827
    table = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    found = fisher_exact(table)
    assert found.is_exact
    assert found.p == pytest.approx(0.7827, abs=5e-5)


# R 4: fisher.test(matrix(v, nrow, byrow = TRUE), workspace = 2e8)$p.value
R_EXACT = [
    ([[20, 22], [30, 13], [12, 28]], 0.00123640643551851),
    ([[14, 9, 12], [7, 16, 12], [4, 10, 21]], 0.0203303458544048),
    ([[12, 6, 9], [5, 9, 8], [11, 7, 3], [10, 14, 6]], 0.20261363314274),
    ([[5, 2, 1, 4], [3, 6, 2, 5], [1, 4, 7, 3], [2, 6, 4, 5]], 0.298076215375809),
    ([[9, 4, 7], [3, 8, 6], [10, 5, 4], [6, 9, 7], [8, 11, 3]], 0.219722758811371),
    ([[30, 22, 25, 18, 40, 15], [20, 31, 19, 27, 23, 30]], 0.00762016511472055),
    ([[3, 2, 4, 1], [2, 3, 1, 4], [2, 3, 5, 1], [2, 4, 1, 3], [2, 2, 3, 2]], 0.77330050110568),
    ([[14, 2, 1], [1, 9, 2], [0, 3, 8], [1, 2, 5]], 1.36065749664333e-07),
]


@pytest.mark.parametrize(("table", "expected"), R_EXACT)
def test_fisher_of_larger_tables_agrees_with_r(table, expected):
    found = fisher_exact(table)
    assert found.is_exact
    assert found.p == pytest.approx(expected, rel=1e-7)


def meet_with_three_columns_left(search, _, column):
    return column == len(search.columns) - 3


WAYS = {
    "small batches": ("_BATCH", 50),
    "filled to the end": ("is_cheaper_met", lambda *_: False),
    "met in the middle": ("is_cheaper_met", meet_with_three_columns_left),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("table", "expected"), [R_EXACT[k] for k in (0, 1, 5, 7)])
def test_every_way_of_the_search_gives_the_same_p(monkeypatch, way, table, expected):
    name, change = WAYS[way]
    monkeypatch.setattr(exact_tables if name == "_BATCH" else exact_tables._Search, name, change)
    log_p = exact_tables.exact_log_p(np.array(table), most=10**8)
    assert math.exp(log_p) == pytest.approx(expected, rel=1e-7)


def test_fisher_of_relapse_by_risk_in_187_children_agrees_with_r():
    expected = reference("uci187", "fisher_relapse_risk")
    rows = records("uci_bmt_children", "bone_marrow_original.csv")
    cells = [(row["Riskgroup"], row["Relapse"]) for row in rows]
    table = [[cells.count((risk, relapse)) for relapse in "01"] for risk in "01"]
    assert fisher_exact(table).p == pytest.approx(expected, rel=1e-6)


# ---------------------------------------------------------------------- against the enumeration


@PROOF
@given(tables())
def test_fisher_equals_the_enumeration_of_every_table(table):
    kept = usable(table)
    if kept is None:
        with pytest.raises(NotEstimable):
            fisher_exact(table)
        return
    found = fisher_exact(table)
    assert "Monte Carlo" not in found.method
    assert found.n == sum(map(sum, table))
    assert found.p == pytest.approx(float(freeman_halton(kept)), rel=1e-9)


@PROOF
@given(tables(shapes=((2, 5), (3, 3), (4, 3))), st.booleans(), st.sampled_from([1, 7, 1000]))
def test_every_way_of_the_search_equals_the_enumeration(table, is_met, batch):
    kept = usable(table)
    if kept is None:
        return
    with pytest.MonkeyPatch.context() as change:
        change.setattr(exact_tables, "_BATCH", batch)
        change.setattr(exact_tables._Search, "is_cheaper_met", lambda *_: is_met)
        log_p = exact_tables.exact_log_p(np.array(kept), most=10**8)
    assert math.exp(log_p) == pytest.approx(float(freeman_halton(kept)), rel=1e-9)


@PROOF
@given(tables())
def test_chi_square_equals_the_exact_statistic(table):
    kept = usable(table)
    if kept is None:
        with pytest.raises(NotEstimable):
            chi_square(table)
        return
    found = chi_square(table)
    statistic, df = pearson(kept)
    assert found.statistic == pytest.approx(float(statistic), rel=1e-9, abs=1e-12)
    assert (found.df, found.n) == (df, sum(map(sum, table)))
    assert found.p == pytest.approx(chi_square_tail(statistic, df), rel=1e-9)


@PROOF
@given(tables())
def test_expected_counts_equal_the_margins(table):
    kept = usable(table)
    if kept is not None:
        expected = expected_table(kept)
        found = expected_counts(kept)
        for row, exact in zip(found, expected, strict=True):
            assert list(row) == pytest.approx([float(cell) for cell in exact])


def test_monte_carlo_says_so_keeps_its_seed_and_agrees_with_shuffling():
    draw = plain_random.Random(11)
    table = [[draw.randint(4, 14) for _ in range(6)] for _ in range(6)]
    found, again = fisher_exact(table, seed=3), fisher_exact(table, seed=3)
    assert "Monte Carlo" in found.method
    assert not found.is_exact
    assert "99% interval" in found.note
    assert found.warnings
    assert found.p == again.p
    assert 0 < found.p <= 1
    # independent: shuffle the column labels over the subjects 1000 times, compare log weights
    rows = [i for i, row in enumerate(table) for _ in range(sum(row))]
    columns = [j for row in table for j, count in enumerate(row) for _ in range(count)]
    seen = -sum(math.lgamma(c + 1) for row in table for c in row)
    hits, rounds = 0, 1000
    for _ in range(rounds):
        draw.shuffle(columns)
        counts = [[0] * 6 for _ in range(6)]
        for i, j in zip(rows, columns, strict=True):
            counts[i][j] += 1
        hits += -sum(math.lgamma(c + 1) for row in counts for c in row) <= seen + 1e-7
    # five standard errors of a share of 1000 shuffles is at most 5 * sqrt(.25/1000) = .079
    assert found.p == pytest.approx(hits / rounds, abs=0.08)


# -------------------------------------------------------------------------------------- properties


@PROOF
@given(tables(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(table, random):
    if usable(table) is None:
        return
    rows = random.sample(table, len(table))
    turned = [list(column) for column in zip(*rows, strict=True)]
    for test in (chi_square, fisher_exact):
        one, two = test(table), test(turned)
        assert two.p == pytest.approx(one.p, rel=1e-9)
        assert 0 <= one.p <= 1


@PROOF
@given(tables(shapes=((2, 2),)))
def test_the_correction_never_raises_the_statistic(table):
    if usable(table) is not None:
        plain, corrected = chi_square(table), chi_square(table, correction=True)
        assert 0 <= corrected.statistic <= plain.statistic + 1e-12
        assert corrected.p >= plain.p - 1e-12


@pytest.mark.parametrize("half", [1, 10, 30, 100, 300, 500, 680])
def test_p_of_a_huge_statistic_does_not_vanish(half):
    # [[a, 0], [0, a]]: expected a/2 everywhere, statistic 4 * (a/2)^2/(a/2) = 2a, df 1
    # p = erfc(sqrt(a)): 4e-298 at a = 680
    found = chi_square([[half, 0], [0, half]])
    assert found.statistic == pytest.approx(2 * half)
    assert found.p == pytest.approx(math.erfc(math.sqrt(half)), rel=1e-6)
    assert found.p > 0


@pytest.mark.parametrize("third", [1, 50, 100, 230])
def test_p_of_a_huge_statistic_with_four_degrees_of_freedom(third):
    # diagonal a, a, a: statistic n (k - 1) = 6a, df 4, p = exp(-3a) (1 + 3a): 6e-298 at a = 230
    found = chi_square([[third, 0, 0], [0, third, 0], [0, 0, third]])
    assert found.statistic == pytest.approx(6 * third)
    assert found.df == 4
    assert found.p == pytest.approx(math.exp(-3 * third) * (1 + 3 * third), rel=1e-6)


def test_fisher_of_a_million_keeps_its_digits():
    # R: d <- dhyper(0:500000, 501000, 499000, 500000); sum(d[d <= d[250001] * (1 + 1e-7)])
    found = fisher_exact([[250_000, 250_000], [251_000, 249_000]])
    assert found.p == pytest.approx(0.045716172888801, rel=1e-8)


def test_fisher_beyond_all_numbers_keeps_the_logarithm():
    # as below with a = 5000: log 2 - log C(10000, 5000), p about 1e-3008
    found = fisher_exact([[5000, 0], [0, 5000]])
    assert found.p == 0
    assert found.log_p == pytest.approx(math.log(2) - math.log(math.comb(10000, 5000)), rel=1e-12)
    # three by three, a = 400: six orders of the diagonal over 1200!/(400!)^3
    found = fisher_exact([[400, 0, 0], [0, 400, 0], [0, 0, 400]])
    ways_of_all = math.factorial(1200) // math.factorial(400) ** 3
    assert (found.is_exact, found.p) == (True, 0)
    assert found.log_p == pytest.approx(math.log(6) - math.log(ways_of_all), rel=1e-12)


@pytest.mark.parametrize("half", [5, 20, 60, 200, 500])
def test_fisher_of_a_complete_separation_is_exact(half):
    # [[a, 0], [0, a]]: only it and its mirror are as unlikely: p = 2 / C(2a, a), 7e-300 at a = 500
    found = fisher_exact([[half, 0], [0, half]])
    assert found.p == pytest.approx(2 / math.comb(2 * half, half), rel=1e-6)


def test_a_statistic_beyond_all_p_keeps_the_logarithm():
    # [[a, 0], [0, a]]: statistic 2a = 2000, df 1; R: pchisq(2000, 1, lower.tail = FALSE,
    # log.p = TRUE) = -1004.02674195895
    found = chi_square([[1000, 0], [0, 1000]])
    assert found.p == 0
    assert found.log_p == pytest.approx(-1004.02674195895, rel=1e-13)
    rows = {row.statistic: row.value for row in found.tidy()}
    assert (rows["n"], rows["statistic"], rows["df"], rows["p"]) == (2000, 2000, 1, 0)


# --------------------------------------------------------------------------------------- bad input

BAD = {
    "one row": [[3, 4]],
    "one column": [[3], [4]],
    "one row left": [[3, 4], [0, 0]],
    "one column left": [[3, 0], [4, 0]],
    "nobody": [[0, 0], [0, 0]],
    "half a child": [[3, 4.5], [2, 1]],
    "less than nobody": [[3, -4], [2, 1]],
    "unknown": [[3, float("nan")], [2, 1]],
    "endless": [[3, float("inf")], [2, 1]],
    "ragged": [[3, 4], [2]],
    "one number a row": [3, 4],
}


@pytest.mark.parametrize("table", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("test", [chi_square, fisher_exact])
def test_a_table_without_two_rows_and_columns_is_refused(test, table):
    with pytest.raises(NotEstimable) as refusal:
        test(table)
    assert str(refusal.value).strip()
