"""Units and days: nothing is guessed, and thresholds met exactly stay met."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission import units
from remission.days import Duration, looks_like_date, parse_date, parse_duration, study_day


@pytest.mark.parametrize(("test", "value", "unit", "expected"), [
    ("ANC", 500, "cells/uL", 0.5),        # definitions, conventions: 1 ×10⁹/L = 1000 cells/µL
    ("ANC", 1200, "/mm3", 1.2),
    ("HGB", 7.9, "g/dL", 79.0),           # 1 g/dL = 10 g/L
    ("BILIRUBIN", 2, "mg/dL", 34.2),      # 1 mg/dL = 17.1 µmol/L
    ("CREATININE", 1, "mg/dL", 88.4),     # 1 mg/dL = 88.4 µmol/L
    ("IGG", 400, "mg/dL", 4.0),           # 1 g/L = 100 mg/dL
    ("FIBRINOGEN", 50, "mg/dL", 0.5),
    ("HGB", 6.206, "mmol/L", 100.0),      # 1 g/dL = 0.6206 mmol/L
    ("URATE", 8, "mg/dL", 475.84),        # 1 mg/dL = 59.48 µmol/L
    ("PHOSPHATE", 6.5, "mg/dL", 2.09885),  # 1 mg/dL = 0.3229 mmol/L
    ("CALCIUM", 7, "mg/dL", 1.7465),      # 1 mg/dL = 0.2495 mmol/L
    ("POTASSIUM", 6, "mEq/L", 6.0),
    ("CHIMERISM_WB", 0.95, "fraction", 95.0),
])
def test_conversions(test: str, value: float, unit: str, expected: float) -> None:
    assert units.convert(value, test=test, unit=unit) == pytest.approx(expected, rel=1e-12)


@given(st.integers(min_value=0, max_value=500_000))
def test_whole_cells_convert_to_the_nearest_float(cells: int) -> None:
    assert units.convert(cells, test="ANC", unit="cells/uL") == cells / 1000


@pytest.mark.parametrize(("test", "unit"), [("ANC", "g/L"), ("CMV", "copies/mL"), ("XYZ", "g/L"),
                                            ("ANC", "")])
def test_a_unit_the_test_cannot_have_is_refused(test: str, unit: str) -> None:
    with pytest.raises(ValueError, match="cannot have the unit"):
        units.convert(1.0, test=test, unit=unit)


@pytest.mark.parametrize(("text", "days"), [("12 months", 365.25), ("1 year", 365.25),
                                            ("100 days", 100), ("2 weeks", 14),
                                            ("0.5 years", 182.625)])
def test_durations(text: str, days: float) -> None:
    assert parse_duration(text).days == pytest.approx(days)


@pytest.mark.parametrize("text", ["", "12", "one year", "5 decades", "-1 day"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0 days", "0.0 years", "200.1 years", "9" * 400 + " days"])
def test_a_duration_is_a_time_that_a_study_can_last(text: str) -> None:
    with pytest.raises(ValueError, match="above 0 days and of at most 200 years"):
        parse_duration(text)


def test_two_hundred_years_are_a_duration() -> None:
    assert parse_duration("200 years").days == 200 * 365.25


def test_durations_are_written_as_people_say_them() -> None:
    assert str(Duration(5, "year")) == "5 years"
    assert str(Duration(1, "year")) == "1 year"


def test_study_days_count_from_the_anchor() -> None:
    anchor = date(2020, 2, 28)
    assert study_day(date(2020, 2, 28), anchor) == 0
    assert study_day(date(2020, 3, 1), anchor) == 2      # 2020 is a leap year
    assert study_day(date(2020, 2, 27), anchor) == -1
    assert parse_date("01/03/2020", "%d/%m/%Y") == date(2020, 3, 1)


@pytest.mark.parametrize(("text", "answer"), [
    ("2021-03-04", True), ("4/3/21", True), ("04.03.2021", True), ("2021-03-04 10:00", True),
    ("12.5", False), ("1e-4", False), ("20210304", False),
])
def test_dates_are_recognised(text: str, *, answer: bool) -> None:
    assert looks_like_date(text) is answer
