"""CTCAE grades of laboratory values: vectors of definitions, 4.3, baselines, limits, versions."""

import pytest

from tests.spec.conftest import Spec

CYCLE = "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28"
TWO = f"{CYCLE}\nA | 2 | 1 | 42 | 70"
COLUMNS = "subject_id | test | unit | sequence | day | value | sign | lower_limit | upper_limit"
UNITS = {"ANC": "10*9/L", "PLT": "10*9/L", "WBC": "10*9/L", "ALC": "10*9/L", "CD4": "10*9/L",
         "HGB": "g/L", "ALT": "U/L", "AST": "U/L", "GGT": "U/L", "BILIRUBIN": "umol/L",
         "CREATININE": "umol/L", "FIBRINOGEN": "g/L"}


def samples(test: str, *rows: str) -> str:
    """Return samples of A: day, value, sign, lower limit, upper limit."""
    return "\n".join([COLUMNS, *(f"A | {test} | {UNITS[test]} | 1 | {row}" for row in rows)])


@pytest.mark.parametrize(("value", "limit", "grade"), [
    ("1.6", "1.8", "1"), ("1.6", "", None), ("1.5", "1.8", "1"), ("1.49", "", "2"),
    ("1.0", "", "2"), ("0.99", "", "3"), ("0.5", "", "3"), ("0.49", "", "4"),
    ("0.9", "", "3"),
    ("1.8", "1.8", "0"), ("0.5000000000001", "", "3"), ("0.4999999999999", "", "3"),
])
def test_neutrophils(spec: Spec, value: str, limit: str, grade: str | None) -> None:
    spec("neutrophil_count_decreased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("ANC", f"3 | {value} | | {limit} |"))


@pytest.mark.parametrize(("value", "grade"), [
    ("80", "1"), ("75", "1"), ("74", "2"), ("50", "2"), ("49", "3"), ("25", "3"), ("24", "4")])
def test_platelets(spec: Spec, value: str, grade: str) -> None:
    spec("platelet_count_decreased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("PLT", f"3 | {value} | | 150 |"))


@pytest.mark.parametrize(("name", "test", "limit", "edges"), [
    ("white_blood_cell_decreased", "WBC", 4.5, (3.0, 2.0, 1.0)),
    ("lymphocyte_count_decreased", "ALC", 1.5, (0.8, 0.5, 0.2)),
    ("cd4_lymphocytes_decreased", "CD4", 0.7, (0.5, 0.2, 0.05)),
])
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_cells_on_and_below_each_edge(  # noqa: PLR0917
    spec: Spec, name: str, test: str, limit: float, edges: tuple[float, ...], step: int
) -> None:
    edge = (limit, *edges)[step]
    spec(f"{name}_grade", {("A", 1): str(step)}, exposure=CYCLE,
         laboratory=samples(test, f"3 | {edge} | | {limit} |"))
    spec(f"{name}_grade", {("A", 1): str(step + 1)}, exposure=CYCLE,
         laboratory=samples(test, f"3 | {edge * 0.999} | | {limit} |"))


@pytest.mark.parametrize(("value", "grade"), [
    ("115", "0"), ("100", "1"), ("99", "2"), ("80", "2"), ("79", "3"), ("20", "3")])
def test_haemoglobin_never_gives_grade_four(spec: Spec, value: str, grade: str) -> None:
    spec("anaemia_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("HGB", f"3 | {value} | | 115 |"))


@pytest.mark.parametrize("name", ["alanine_aminotransferase_increased",
                                  "aspartate_aminotransferase_increased"])
@pytest.mark.parametrize(("baseline", "value", "grade"), [
    (30, 40, "0"), (30, 41, "1"), (30, 120, "1"), (30, 121, "2"), (30, 200, "2"), (30, 201, "3"),
    (30, 800, "3"), (30, 801, "4"), (100, 149, "0"), (100, 150, "1"), (100, 300, "1"),
    (100, 301, "2"), (100, 501, "3"), (100, 2001, "4"), (40, 41, "1"),
])
def test_aminotransferases(
    spec: Spec, name: str, baseline: int, value: int, grade: str
) -> None:
    spec(f"{name}_grade", {("A", 1): grade}, exposure=CYCLE, laboratory=samples(
        "ALT" if name.startswith("alanine") else "AST",
        f"-2 | {baseline} | | | 40", f"3 | {value} | | | 40"))


@pytest.mark.parametrize(("baseline", "value", "grade"), [
    (15, 20, "0"), (15, 21, "1"), (15, 30, "1"), (15, 31, "2"), (15, 60, "2"), (15, 61, "3"),
    (15, 201, "4"), (40, 40, "0"), (40, 41, "1"), (40, 60, "1"), (40, 61, "2"),
])
def test_bilirubin(spec: Spec, baseline: int, value: int, grade: str) -> None:
    spec("blood_bilirubin_increased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("BILIRUBIN", f"-2 | {baseline} | | | 20", f"3 | {value} | | | 20"))


@pytest.mark.parametrize(("baseline", "value", "grade"), [
    (30, 101, "2"), (30, 100, "1"), (100, 199, "0"), (100, 200, "1"), (100, 251, "2")])
def test_ggt(spec: Spec, baseline: int, value: int, grade: str) -> None:
    spec("ggt_increased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("GGT", f"-2 | {baseline} | | | 40", f"3 | {value} | | | 40"))


@pytest.mark.parametrize(("baseline", "value", "grade"), [
    (20, 30, "0"), (20, 31, "2"), (20, 61, "3"), (50, 60, "0"), (50, 61, "1"), (50, 91, "2"),
    (50, 361, "4"),
])
def test_creatinine(spec: Spec, baseline: int, value: int, grade: str) -> None:
    spec("creatinine_increased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("CREATININE", f"-2 | {baseline} | | | 60", f"3 | {value} | | | 60"))


def test_a_small_child_graded_within_normal_is_noted(spec: Spec) -> None:
    spec("creatinine_increased_grade", {("A", 1): "the value is within its normal limits"},
         part="note", exposure=CYCLE,
         laboratory=samples("CREATININE", "-2 | 20 | | | 60", "3 | 31 | | | 60"))


@pytest.mark.parametrize(("baseline", "value", "grade"), [
    (2.5, 2.0, "0"), (2.5, 1.5, "1"), (2.5, 1.49, "2"), (2.5, 0.99, "3"), (2.5, 0.49, "4"),
    (1.6, 1.6, "0"), (1.6, 1.5, "1"), (1.6, 1.2, "2"), (1.6, 0.9, "2"), (1.6, 0.8, "3"),
    (1.6, 0.4, "4"),
])
def test_fibrinogen(spec: Spec, baseline: float, value: float, grade: str) -> None:
    spec("fibrinogen_decreased_grade", {("A", 1): grade}, exposure=CYCLE, laboratory=samples(
        "FIBRINOGEN", f"-2 | {baseline} | | 2.0 |", f"3 | {value} | | 2.0 |"))


@pytest.mark.parametrize(("value", "grade"), [("0.5", "3"), ("0.49", "4")])
def test_fibrinogen_below_half_a_gram_is_grade_four_at_any_limit(
    spec: Spec, value: str, grade: str
) -> None:
    # A quarter of the lower limit, 1.6, is 0.4.
    spec("fibrinogen_decreased_grade", {("A", 1): grade}, exposure=CYCLE, laboratory=samples(
        "FIBRINOGEN", "-2 | 2.5 | | 1.6 |", f"3 | {value} | | 1.6 |"))


@pytest.mark.parametrize(("value", "grade"), [("40", "0"), ("41", None), ("2000", None)])
def test_without_a_baseline_only_a_normal_value_is_decided(
    spec: Spec, value: str, grade: str | None
) -> None:
    spec("alanine_aminotransferase_increased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("ALT", f"3 | {value} | | | 40"))


def test_the_baseline_is_the_last_before_the_first_infusion_of_all(spec: Spec) -> None:
    spec("alanine_aminotransferase_increased_grade", {("A", 1): "0", ("A", 2): "1"},
         exposure=f"{CYCLE}\nA | 2 | 1 | 42 | 70", laboratory=samples(
            "ALT", "-9 | 30 | | | 40", "-3 | 100 | | | 40", "41 | 30 | | |", "50 | 160 | | | 40"))


OWN = {"toxicity_baseline": "each_cycle"}
RISING = samples("ALT", "-3 | 30 | | | 40", "20 | 130 | | | 40", "41 | 100 | | | 40",
                 "50 | 160 | | | 40", "60 | 301 | | | 40")


def test_the_baseline_may_be_that_of_each_cycle(spec: Spec) -> None:
    # Of the first infusion: 130 is 3.25 × 40 and 301 is 7.5 × 40. Of the second cycle the last
    # value before it, 100, was high: 160 is 1.6 and 301 is 3.01 times that.
    spec("alanine_aminotransferase_increased_grade", {("A", 1): "2", ("A", 2): "3"}, exposure=TWO,
         laboratory=RISING)
    spec("alanine_aminotransferase_increased_grade", {("A", 1): "2", ("A", 2): "2"}, exposure=TWO,
         laboratory=RISING, definitions=OWN)
    spec("alanine_aminotransferase_increased_grade_worst", {"A": "2"}, exposure=TWO,
         laboratory=RISING, definitions=OWN, subject="subject_id | site_id\nA | 1")
    spec("laboratory_baseline_day", {("A", 1): 0, ("A", 2): 42}, criteria="each_cycle",
         exposure=TWO)
    spec("laboratory_baseline_day", {("A", 1): 0, ("A", 2): 0}, exposure=TWO)


def test_a_grade_is_emergent_against_the_value_before_its_own_cycle(spec: Spec) -> None:
    low = samples("ANC", "-1 | 3.0 | | 1.8 |", "5 | 0.8 | | 1.8 |", "41 | 0.7 | | 1.8 |",
                  "50 | 0.9 | | 1.8 |")
    emergent = {"toxicity_window_end": "treatment_emergent"}
    spec("neutrophil_count_decreased_grade", {("A", 1): "3", ("A", 2): "3"}, exposure=TWO,
         laboratory=low, definitions=emergent)
    spec("neutrophil_count_decreased_grade", {("A", 1): "3", ("A", 2): "0"}, exposure=TWO,
         laboratory=low, definitions={**emergent, **OWN})
    spec("neutrophil_count_decreased_grade", {("A", 2): "not above the grade before treatment"},
         part="note", exposure=TWO, laboratory=low, definitions={**emergent, **OWN})
    spec("neutrophil_count_decreased_grade_worst", {"A": "3"}, exposure=TWO, laboratory=low,
         definitions={**emergent, **OWN}, subject="subject_id | site_id\nA | 1")


def test_a_cycle_without_a_start_has_no_baseline_of_its_own(spec: Spec) -> None:
    exposure = f"{CYCLE}\nA | 2 | 1 | | 70"
    spec("laboratory_baseline_day", {("A", 1): 0, ("A", 2): None}, criteria="each_cycle",
         exposure=exposure)
    spec("laboratory_baseline_day", {("A", 2): "the first day of the cycle is not known"},
         criteria="each_cycle", part="note", exposure=exposure)
    spec("alanine_aminotransferase_increased_grade", {("A", 1): "2", ("A", 2): None},
         exposure=exposure, laboratory=RISING, definitions=OWN)


def test_of_the_first_day_the_first_sample_is_the_baseline(spec: Spec) -> None:
    spec("alanine_aminotransferase_increased_grade", {("A", 1): "1"}, exposure=CYCLE,
         laboratory=f"{COLUMNS}\nA | ALT | U/L | 1 | 0 | 100 | | | 40\n"
                    "A | ALT | U/L | 2 | 0 | 160 | | | 40\nA | ALT | U/L | 1 | -3 | 30 | | | 40")


@pytest.mark.parametrize(("value", "sign", "grade"), [
    ("0.5", "<", "4"), ("0.6", "<", None), ("2.0", ">", "0"), ("1.2", ">", None)])
def test_a_limit_of_measurement_is_graded_where_it_decides(
    spec: Spec, value: str, sign: str, grade: str | None
) -> None:
    spec("neutrophil_count_decreased_grade", {("A", 1): grade}, exposure=CYCLE,
         laboratory=samples("ANC", f"3 | {value} | {sign} | 1.8 |"))


def test_a_value_in_a_unit_its_test_cannot_have_is_unknown(spec: Spec) -> None:
    good = f"{COLUMNS}\nA | ANC | 10*9/L | 1 | 3 | 2.0 | | 1.8 |"
    spec("neutrophil_count_decreased_grade", {("A", 1): "0"}, exposure=CYCLE, laboratory=good)
    spec("neutrophil_count_decreased_grade", {("A", 1): None}, exposure=CYCLE,
         laboratory=f"{good}\nA | ANC | g/L | 1 | 4 | 0.2 | | 1.8 |")
    spec("neutrophil_count_decreased_grade", {("A", 1): "what was recorded does not decide the "
                                                        "grade"},
         part="note", exposure=CYCLE, laboratory=f"{good}\nA | ANC | | 1 | 4 | 0.2 | | 1.8 |")


COUNTS = samples("ANC", "-1 | 0.9 | | 1.8 |", "5 | 1.2 | | 1.8 |", "9 | 0.8 | | 1.8 |",
                 "50 | 0.4 | | 1.8 |", "101 | 0.1 | | 1.8 |")


def test_the_worst_of_each_cycle_and_child(spec: Spec) -> None:
    spec("neutrophil_count_decreased_grade", {("A", 1): "3", ("A", 2): "4"}, exposure=TWO,
         laboratory=COUNTS)
    spec("neutrophil_count_decreased_grade", {("A", 1): 9, ("A", 2): 8}, part="day", exposure=TWO,
         laboratory=COUNTS)
    spec("neutrophil_count_decreased_grade_worst", {"A": "4", "B": None}, exposure=TWO,
         laboratory=COUNTS, subject="subject_id | site_id\nA | 1\nB | 1")
    spec("neutrophil_count_decreased_grade_worst", {"A": 50}, part="day", exposure=TWO,
         laboratory=COUNTS, subject="subject_id | site_id\nA | 1")


def test_the_same_grade_as_before_treatment_is_not_emergent(spec: Spec) -> None:
    emergent = {"toxicity_window_end": "treatment_emergent"}
    spec("neutrophil_count_decreased_grade", {("A", 1): "0", ("A", 2): "4"}, exposure=TWO,
         laboratory=COUNTS, definitions=emergent)
    spec("neutrophil_count_decreased_grade", {("A", 1): None}, exposure=CYCLE,
         laboratory=samples("ANC", "5 | 1.2 | | 1.8 |"), definitions=emergent)
    spec("neutrophil_count_decreased_grade", {("A", 1): None}, exposure=CYCLE,
         laboratory=samples("ANC", "-1 | 0.9 | | 1.8 |", "5 | 0.9 | | 1.8 |",
                            "6 | 0.9 | < | 1.8 |"), definitions=emergent)
    spec("neutrophil_count_decreased_grade_worst", {"A": "4"}, exposure=TWO, laboratory=COUNTS,
         subject="subject_id | site_id\nA | 1", definitions=emergent)


@pytest.mark.parametrize(("name", "test", "rows", "v5", "v6"), [
    ("neutrophil_count_decreased", "ANC", ("3 | 0.45 | | 1.8 |",), "4", "3"),
    ("neutrophil_count_decreased", "ANC", ("3 | 1.6 | | |",), None, "0"),
    ("neutrophil_count_decreased", "ANC", ("3 | 0.1 | | |",), "4", "3"),
    ("neutrophil_count_decreased", "ANC", ("3 | 0.09 | | |",), "4", "4"),
    ("platelet_count_decreased", "PLT", ("3 | 24 | | 150 |",), "4", "3"),
    ("platelet_count_decreased", "PLT", ("3 | 9 | | 150 |",), "4", "4"),
    ("alanine_aminotransferase_increased", "ALT", ("-2 | 100 | | | 40", "3 | 100 | | | 40"),
     "0", "1"),
    ("alanine_aminotransferase_increased", "ALT", ("-2 | 100 | | | 40", "3 | 201 | | | 40"),
     "1", "3"),
    ("alanine_aminotransferase_increased", "ALT", ("-2 | 100 | | | 40", "3 | 401 | | | 40"),
     "2", "4"),
    ("blood_bilirubin_increased", "BILIRUBIN", ("-2 | 40 | | | 20", "3 | 101 | | | 20"), "2", "3"),
    ("ggt_increased", "GGT", ("-2 | 100 | | | 40", "3 | 301 | | | 40"), "2", "3"),
    ("creatinine_increased", "CREATININE", ("-2 | 20 | | 15 | 60", "3 | 31 | | 15 | 60"),
     "2", "0"),
    ("creatinine_increased", "CREATININE", ("-2 | 14 | | 15 | 60", "3 | 31 | | 15 | 60"),
     "2", "2"),
    ("lymphocyte_count_decreased", "ALC", ("3 | 0.1 | | |",), "4", None),
])
def test_the_versions_differ(  # noqa: PLR0917
    spec: Spec, name: str, test: str, rows: tuple[str, ...], v5: str | None, v6: str | None
) -> None:
    spec(f"{name}_grade", {("A", 1): v5}, criteria="ctcae_v5", exposure=CYCLE,
         laboratory=samples(test, *rows))
    spec(f"{name}_grade", {("A", 1): v6}, criteria="ctcae_v6", exposure=CYCLE,
         laboratory=samples(test, *rows))


@pytest.mark.parametrize(("value", "grade"), [
    ("1.5", "0"), ("1.49", "1"), ("1.0", "1"), ("0.99", "2"), ("0.5", "2"), ("0.49", "3")])
def test_neutrophils_of_version_six_need_no_limit(spec: Spec, value: str, grade: str) -> None:
    spec("neutrophil_count_decreased_grade", {("A", 1): grade}, criteria="ctcae_v6",
         exposure=CYCLE, laboratory=samples("ANC", f"3 | {value} | | |"))


@pytest.mark.parametrize(("value", "grade"), [
    (150, "1"), (151, "2"), (200, "2"), (201, "3"), (400, "3"), (401, "4")])
def test_a_high_baseline_is_multiplied_by_less_in_version_six(
    spec: Spec, value: int, grade: str
) -> None:
    spec("alanine_aminotransferase_increased_grade", {("A", 1): grade}, criteria="ctcae_v6",
         exposure=CYCLE, laboratory=samples("ALT", "-2 | 100 | | | 40", f"3 | {value} | | | 40"))
