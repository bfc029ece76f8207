"""Printed numbers: what is read, and which exact values print so."""

from __future__ import annotations

from fractions import Fraction

import pytest

from remission.audit.printed import CUT_OFF, EITHER, RULES_OF_ALL, printed, quantity, whole
from tests.audit import invented


@pytest.mark.parametrize(("text", "value", "step", "sign"), [
    ("82.40", "82.4", "0.01", "="), ("1,400", "1400", "1", "="), ("162 000", "162000", "1", "="),
    ("−1.08", "-1.08", "0.01", "="), (".05", "0.05", "0.01", "="),
    ("<0.001", "0.001", "0.001", "<"),
    ("> 0.99", "0.99", "0.01", ">"), ("73%", "73", "1", "="), ("1e-5", "0.00001", "0.00001", "="),
    ("<=3", "3", "1", "≤"),
])
def test_what_is_read(text: str, value: str, step: str, sign: str) -> None:
    found = printed(text)
    assert (found.value, found.step, found.sign) == (Fraction(value), Fraction(step), sign)


@pytest.mark.parametrize("text", ["", "NS", "7,3", "1,40", "7.3.1", "-", "3/4", "12 of 40"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        printed(text)


def test_every_rule_agrees_with_a_plain_second_writing() -> None:
    for number in range(-250, 251):
        for digits in (0, 1):
            exact = Fraction(number, 20)
            for rule in RULES_OF_ALL:
                text = invented.printed(exact, digits, rule)
                assert rule in printed(text).rules(exact), (exact, text, rule)
                for other in RULES_OF_ALL:
                    if invented.printed(exact, digits, other) != text:
                        assert other not in printed(text).rules(exact), (exact, text, other)


def test_the_limits_hold_exactly_what_prints_so() -> None:
    assert printed("2.5").exact_bounds() == (Fraction("2.45"), Fraction("2.55"))
    assert printed("2.5").exact_bounds(CUT_OFF) == (Fraction("2.5"), Fraction("2.6"))
    assert printed("2.5").exact_bounds(EITHER) == (Fraction("2.45"), Fraction("2.6"))
    assert printed("−2.5").exact_bounds(EITHER) == (Fraction("-2.6"), Fraction("-2.45"))
    assert printed("0").exact_bounds(EITHER) == (-1, 1)


def test_counts_and_shares() -> None:
    assert (whole("1,400"), whole(7)) == (1400, 7)
    assert quantity("7/30") == Fraction(700, 30)
    for text in ("7.5", "<7"):
        with pytest.raises(ValueError, match="not a whole number"):
            whole(text)
    with pytest.raises(ValueError, match="below 0"):
        whole(-1)
    with pytest.raises(ValueError, match="base 0"):
        quantity("1/0")
