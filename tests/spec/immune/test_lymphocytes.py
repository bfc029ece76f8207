"""Lymphocyte subsets. Vectors: the reference of definitions, section 9, and boundaries.

The first infusion is on day 0 and is cycle day 1: cycle day 14 is study day 13.
"""

import pytest

from tests.spec.conftest import Spec

CHILD = """
    subject_id | age_at_index_days
    A          | 1461
"""
INFUSION = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 6
    A          | 1        | 2          | 7         | 20
"""


def drawn(*rows: tuple[int, str, str], lod: str = "") -> str:
    """Return laboratory rows: (day, test, value with its sign if it has one)."""
    lines = []
    for number, (day, test, written) in enumerate(rows, start=1):
        unit = "%" if test.endswith("PERCENT") else "10*9/L"
        sign = written[0] if written[0] in "<>" else ""
        lines.append(f"A | {test} | {day} | {number} | {written.lstrip('<>')} | {sign} | {unit} "
                     f"| {lod}")
    return "\n".join(["subject_id | test | day | sequence | value | sign | unit | lod", *lines])


def at(item: str) -> tuple[str, str]:
    """Return the key of an item of child A."""
    return ("A", item)


def test_an_absolute_value_comes_from_lymphocytes_and_percentage(spec: Spec) -> None:
    rows = drawn((13, "ALC", "2.4"), (13, "CD3_PERCENT", "70"))
    tables = {"subject": CHILD, "laboratory": rows}
    spec("lymphocytes", {at("cd3_day_14"): 1.68, at("cd3_percent_day_14"): 70.0,
                         at("alc_day_14"): 2.4}, **tables)
    spec("lymphocytes", {at("cd3_day_14"): "lymphocytes × percentage",
                         at("alc_day_14"): "counted"}, part="how", **tables)
    spec("lymphocyte_range", {at("cd3_day_14"): "WITHIN"}, **tables)


@pytest.mark.parametrize(("cd8", "how"), [
    (((13, "CD8", "0.41"),), "counted"),
    (((13, "CD8_PERCENT", "41"), (13, "ALC", "1.0")), "lymphocytes × percentage")])
def test_a_ratio_is_counted_only_where_both_were(
    spec: Spec, cd8: tuple[tuple[int, str, str], ...], how: str
) -> None:
    tables = {"subject": CHILD, "laboratory": drawn((13, "CD4", "0.35"), *cd8)}
    spec("lymphocytes", {at("cd4_cd8_ratio_day_14"): 0.35 / 0.41}, **tables)
    spec("lymphocytes", {at("cd4_cd8_ratio_day_14"): how}, part="how", **tables)


def test_a_low_value_for_age(spec: Spec) -> None:
    rows = drawn((13, "ALC", "0.5"), (13, "CD3_PERCENT", "80"))
    spec("lymphocytes", {at("cd3_day_14"): 0.4}, subject=CHILD, laboratory=rows)
    spec("lymphocyte_range", {at("cd3_day_14"): "LOW"}, subject=CHILD, laboratory=rows)


def test_a_count_wins_over_the_percentage_of_its_day(spec: Spec) -> None:
    rows = drawn((13, "ALC", "2.4"), (13, "CD3_PERCENT", "70"), (13, "CD3", "1.5"))
    spec("lymphocytes", {at("cd3_day_14"): 1.5}, subject=CHILD, laboratory=rows)


def test_a_percentage_without_lymphocytes_stays_a_percentage(spec: Spec) -> None:
    rows = drawn((13, "CD3_PERCENT", "70"), (12, "ALC", "2.4"))
    tables = {"subject": CHILD, "laboratory": rows}
    spec("lymphocytes", {at("cd3_day_14"): None, at("cd3_percent_day_14"): 70.0}, **tables)
    spec("lymphocytes",
         {at("cd3_day_14"): "a percentage without a count of lymphocytes on its day"},
         part="note", **tables)


def test_the_ratio_of_cd4_and_cd8(spec: Spec) -> None:
    rows = drawn((13, "CD4", "0.35"), (13, "CD8", "0.41"), (20, "CD4", "0.35"), (20, "CD8", "0"))
    tables = {"subject": CHILD, "laboratory": rows}
    spec("lymphocytes", {at("cd4_cd8_ratio_day_14"): 0.35 / 0.41,
                         at("cd4_cd8_ratio_day_21"): None}, **tables)
    spec("lymphocytes", {at("cd4_cd8_ratio_day_21"):
                         "CD8⁺ cells are 0 or below detection: the ratio is not defined"},
         part="note", **tables)
    percent = drawn((13, "CD4_PERCENT", "30"), (13, "CD8_PERCENT", "40"))
    spec("lymphocytes", {at("cd4_cd8_ratio_day_14"): 0.75}, subject=CHILD, laboratory=percent)


@pytest.mark.parametrize(("cycle_day", "day_14", "day_21"), [
    (11, None, None), (12, 1.0, None), (16, 1.0, None), (17, None, None), (18, None, None),
    (19, None, 1.0), (23, None, 1.0), (24, None, None)])
def test_windows_are_two_days_wide(
    spec: Spec, cycle_day: int, day_14: float | None, day_21: float | None
) -> None:
    spec("lymphocytes", {at("cd3_day_14"): day_14, at("cd3_day_21"): day_21},
         subject=CHILD, laboratory=drawn((cycle_day - 1, "CD3", "1.0")))


@pytest.mark.parametrize(("cycle_day", "day_28"), [(24, None), (25, 1.0), (31, 1.0), (32, None)])
def test_day_28_is_three_days_wide(spec: Spec, cycle_day: int, day_28: float | None) -> None:
    spec("lymphocytes", {at("cd3_day_28"): day_28},
         subject=CHILD, laboratory=drawn((cycle_day - 1, "CD3", "1.0")))


def test_the_baseline_is_the_last_before_the_first_infusion(spec: Spec) -> None:
    rows = drawn((-8, "CD3", "0.8"), (-7, "CD3", "0.7"), (-2, "CD3", "0.2"), (1, "CD3", "0.1"))
    spec("lymphocytes", {at("cd3_baseline"): 0.2}, subject=CHILD, laboratory=rows)
    spec("lymphocytes", {at("cd3_baseline"): 0.9}, subject=CHILD,
         laboratory=drawn((-1, "CD3", "0.2"), (0, "CD3", "0.9")))
    spec("lymphocytes", {at("cd3_baseline"): None}, subject=CHILD,
         laboratory=drawn((-8, "CD3", "0.8"), (1, "CD3", "0.1")))


def test_the_nearest_sample_wins_and_of_two_as_near_the_earlier(spec: Spec) -> None:
    rows = drawn((11, "CD3", "0.1"), (12, "CD3", "0.2"), (14, "CD3", "0.4"))
    spec("lymphocytes", {at("cd3_day_14"): 0.2}, subject=CHILD, laboratory=rows)
    twice = drawn((13, "CD3", "0.6"), (13, "CD3", "0.5"))
    spec("lymphocytes", {at("cd3_day_14"): 0.6}, subject=CHILD, laboratory=twice)


def test_the_end_is_the_last_day_of_the_first_cycle(spec: Spec) -> None:
    rows = drawn((17, "CD3", "0.1"), (23, "CD3", "0.4"), (24, "CD3", "0.5"))
    spec("lymphocytes", {at("cd3_end"): 0.1}, subject=CHILD, exposure=INFUSION, laboratory=rows)
    tables = {"subject": CHILD, "laboratory": rows}
    spec("lymphocytes", {at("cd3_end"): "the end of the infusion is not recorded"}, part="note",
         **tables)
    open_ended = INFUSION.replace("| 20", "|   ")
    spec("lymphocytes", {at("cd3_end"): None}, exposure=open_ended, **tables)


def test_below_detection_is_not_zero(spec: Spec) -> None:
    tables = {"subject": CHILD, "laboratory": drawn((13, "CD19", "<0.001"))}
    spec("lymphocytes", {at("cd19_day_14"): 0.001}, **tables)
    spec("lymphocytes", {at("cd19_day_14"):
                         "below the limit of detection: the limit stands for the value"},
         part="note", **tables)
    spec("lymphocytes", {at("cd19_day_14"): 0.001}, subject=CHILD,
         laboratory=drawn((13, "CD19", "0"), lod="0.001"))
    spec("lymphocytes", {at("cd19_day_14"): 0.0}, subject=CHILD,
         laboratory=drawn((13, "CD19", "0")))
    spec("lymphocyte_range", {at("cd19_day_14"): "LOW"}, **tables)


def test_a_factor_below_detection_makes_the_product_a_limit(spec: Spec) -> None:
    rows = drawn((13, "ALC", "2.0"), (13, "CD19_PERCENT", "<0.1"))
    spec("lymphocytes", {at("cd19_day_14"): 0.002}, subject=CHILD, laboratory=rows)
    spec("lymphocytes", {at("cd19_day_14"):
                         "below the limit of detection: the limit stands for the value"},
         part="note", subject=CHILD, laboratory=rows)


def test_the_change_is_after_less_before(spec: Spec) -> None:
    rows = drawn((-1, "CD3", "0.25"), (13, "CD3", "1.0"), (20, "CD4", "1.0"))
    tables = {"subject": CHILD, "exposure": INFUSION, "laboratory": rows}
    spec("lymphocyte_change", {at("cd3_day_14"): 0.75, at("cd3_end"): None,
                               at("cd4_day_21"): None}, **tables)
    spec("lymphocyte_change", {at("cd3_end"): "no value after",
                               at("cd4_day_21"): "no value before"}, part="note", **tables)


def test_a_change_below_detection_is_compared_at_the_limit(spec: Spec) -> None:
    both = drawn((-1, "CD19", "<0.001"), (13, "CD19", "<0.01"))
    spec("lymphocyte_change", {at("cd19_day_14"): 0.0}, subject=CHILD, laboratory=both)
    fell = drawn((-1, "CD19", "0.5"), (13, "CD19", "<0.25"))
    spec("lymphocyte_change", {at("cd19_day_14"): -0.25}, subject=CHILD, laboratory=fell)
    spec("lymphocyte_change", {at("cd19_day_14"):
                               "a value lies below a limit of detection: both are compared at "
                               "the higher limit"}, part="note", subject=CHILD, laboratory=fell)


@pytest.mark.parametrize(("cd3", "place"), [
    ("1.39", "LOW"), ("1.40", "WITHIN"), ("3.70", "WITHIN"), ("3.71", "HIGH"),
    ("<1.40", "LOW"), ("<2.00", None), (">3.70", "HIGH"), (">3.00", None)])
def test_limits_of_the_range_lie_within(spec: Spec, cd3: str, place: str | None) -> None:
    spec("lymphocyte_range", {at("cd3_day_14"): place}, subject=CHILD,
         laboratory=drawn((13, "CD3", cd3)))


# Ages in days, then the limits of CD3, CD4, CD8, CD19 and NK cells: definitions, section 9.
RANGES = [
    (60, "2.50-5.50 1.60-4.00 0.56-1.70 0.30-2.00 0.17-1.10"),
    (150, "2.50-5.60 1.80-4.00 0.59-1.60 0.43-3.00 0.17-0.83"),
    (270, "1.90-5.90 1.40-4.30 0.50-1.70 0.61-2.60 0.16-0.95"),
    (500, "2.10-6.20 1.30-3.40 0.62-2.00 0.72-2.60 0.18-0.92"),
    (1461, "1.40-3.70 0.70-2.20 0.49-1.30 0.39-1.40 0.13-0.72"),
    (3000, "1.20-2.60 0.65-1.50 0.37-1.10 0.27-0.86 0.10-0.48"),
    (5000, "1.00-2.20 0.53-1.30 0.33-0.92 0.11-0.57 0.07-0.48"),
]


@pytest.mark.parametrize(("age", "limits"), RANGES)
def test_the_limits_of_every_age(spec: Spec, age: int, limits: str) -> None:
    spans = dict(zip(("CD3", "CD4", "CD8", "CD19", "NK"),
                     (limit.split("-") for limit in limits.split()), strict=True))
    subject = f"subject_id | age_at_index_days\nA | {age}"
    for name, shift, place in (("day_14", 0.0, "WITHIN"), ("day_21", 0.001, "outside")):
        day = 13 if name == "day_14" else 20
        for end, sign, outside in ((0, -1, "LOW"), (1, 1, "HIGH")):
            rows = [(day, test, f"{float(ends[end]) + sign * shift:.3f}")
                    for test, ends in spans.items()]
            expected = outside if place == "outside" else place
            spec("lymphocyte_range", {at(f"{test.lower()}_{name}"): expected for test in spans},
                 subject=subject, laboratory=drawn(*rows))


@pytest.mark.parametrize(("age", "place"), [
    (364, "WITHIN"), (365, "HIGH"), (6573, "HIGH"), (6574, None)])
def test_the_band_is_that_of_the_age_on_the_day_of_the_sample(
    spec: Spec, age: int, place: str | None
) -> None:
    spec("lymphocyte_range", {at("cd4_day_14"): place},
         subject=f"subject_id | age_at_index_days\nA | {age - 13}",
         laboratory=drawn((13, "CD4", "4.0")))


@pytest.mark.parametrize(("age", "place"), [(2190, "LOW"), (2191, "WITHIN")])
def test_until_the_sixth_birthday_the_band_is_two_to_six(
    spec: Spec, age: int, place: str
) -> None:
    spec("lymphocyte_range", {at("cd4_day_14"): place},
         subject=f"subject_id | age_at_index_days\nA | {age - 13}",
         laboratory=drawn((13, "CD4", "0.66")))


def test_an_age_in_years_serves_where_days_are_missing(spec: Spec) -> None:
    years = "subject_id | age_at_index_years_reported\nA | 5.95"
    spec("lymphocyte_range", {at("cd4_day_14"): "LOW", at("cd4_day_21"): "WITHIN"},
         subject=years, laboratory=drawn((13, "CD4", "0.66"), (20, "CD4", "0.66")))
    spec("lymphocyte_range", {at("cd4_day_14"): "the age is not known"}, part="note",
         subject="subject_id\nA", laboratory=drawn((13, "CD4", "0.66")))


def test_ranges_cited_from_memory_say_so(spec: Spec) -> None:
    rows = drawn((13, "CD3", "2"), (13, "NK", "0.5"))
    spec("lymphocyte_range", {at("cd3_day_14"): None,
                              at("nk_day_14"): "the range is cited from memory"}, part="note",
         subject=CHILD, laboratory=rows)


def test_days_count_from_the_first_infusion_wherever_day_zero_is(spec: Spec) -> None:
    later = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 100 | 113"
    rows = drawn((95, "CD3", "0.5"), (113, "CD3", "0.75"))
    tables = {"subject": CHILD, "exposure": later, "laboratory": rows}
    spec("lymphocytes", {at("cd3_baseline"): 0.5, at("cd3_day_14"): 0.75, at("cd3_end"): 0.75},
         **tables)
    spec("lymphocytes", {at("cd3_baseline"): -5, at("cd3_end"): 13}, part="day", **tables)
