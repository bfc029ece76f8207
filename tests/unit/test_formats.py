"""How numbers are written. Vectors: docs/glossary.md, formatting rules (after SAMPL)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.report import formats


@pytest.mark.parametrize(("value", "digits", "text"), [
    (57.49999999999999, 0, "58"),   # 23/40 in binary is a hair below 57.5
    (12.5, 0, "13"),                # halves go up, not to the even neighbour
    (0.125, 2, "0.13"),
    (-2.5, 0, "-3"),
    (-0.4, 0, "0"),                 # never a negative zero
    (7.75, 1, "7.8"),
])
def test_halves_round_up(value: float, digits: int, text: str) -> None:
    assert formats.rounded(value, digits) == text


@pytest.mark.parametrize(("p", "text"), [
    (0.0499, "0.0499"),   # two digits would say 0.050 and cross the level
    (0.05, "0.050"),
    (0.0501, "0.0501"),
    (0.013, "0.013"),
    (1.0, ">0.99"),
    (0.996, ">0.99"),
    (0.00004, "<0.001"),
    (0.001, "0.0010"),
    (0.61, "0.61"),
    (0.098052, "0.098"),
])
def test_p_values(p: float, text: str) -> None:
    assert formats.p_value(p) == text


@given(st.floats(min_value=0, max_value=1))
def test_a_printed_p_stays_on_its_side_of_the_level(p: float) -> None:
    text = formats.p_value(p)
    shown = float(text.strip("<>"))
    assert (shown < 0.05) == (p < 0.05)
    assert text not in ("0.000", "1.000", "0", "1")


def test_p_statement_puts_the_sign_in_the_sentence() -> None:
    assert formats.p_statement(0.013) == "P = 0.013"
    assert formats.p_statement(0.0000001) == "P < 0.001"


@pytest.mark.parametrize(("bases", "digits"), [([187, 68], 0), ([187, 120], 1), ([99], 0),
                                               ([100], 1), ([], 0)])
def test_percentages_have_no_decimals_below_a_base_of_100(bases: list[int], digits: int) -> None:
    assert formats.percent_digits(bases) == digits


def test_spans_use_words_where_a_bound_is_negative() -> None:
    assert formats.span("0.6", "20.2") == "0.6–20.2"
    assert formats.span("-2", "9") == "−2 to 9"
    assert formats.span("46", "60", word=True) == "46 to 60"


def test_people_are_counted_in_words() -> None:
    assert formats.people(1, "children") == "1 child"
    assert formats.people(1, "transplanted children") == "1 transplanted child"
    assert formats.people(1, "children with ICANS") == "1 child with ICANS"
    assert formats.people(0, "patients") == "0 patients"


def test_durations_name_their_unit() -> None:
    assert formats.duration(1522, "years") == "4.2 years"      # 1522 / 365.25 = 4.167
    assert formats.duration(365.25, "years") == "1.0 years"
    assert formats.duration(60.875, "months") == "2.0 months"  # 60.875 / 30.4375
    assert formats.duration(15, "days") == "15 days"
