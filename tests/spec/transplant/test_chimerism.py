"""Chimerism. Vectors: the reference of definitions, section 7, and boundaries."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 10
"""


def donor(*rows: tuple[str, int, str]) -> str:
    """Return laboratory rows: (test, days after the graft, value with its sign if it has one)."""
    units = {"ANC": "10*9/L", "PLT": "10*9/L"}
    lines = []
    for number, (test, after, written) in enumerate(rows, start=1):
        sign = written[0] if written[0] in "<>" else "="
        lines.append(f"A | {test} | {10 + after} | {number} | {written.lstrip('<>')} | {sign} | "
                     f"{units.get(test, '%')}")
    return "\n".join(["subject_id | test | day | sequence | value | sign | unit", *lines])


WB, CD3 = "CHIMERISM_WB", "CHIMERISM_CD3"
LATEST, MONTHS_3 = ("A", 1, "latest"), ("A", 1, "months_3")


@pytest.mark.parametrize(("criteria", "expected"), [
    ("olaya_2025", "FULL"), ("cibmtr", "FULL"), ("astct_ebmt_2024", "MIXED")])
def test_exactly_95_percent_is_the_boundary(spec: Spec, criteria: str, expected: str) -> None:
    spec("chimerism", {LATEST: expected}, criteria=criteria, transplant=GRAFT,
         laboratory=donor((WB, 90, "95.0"), (CD3, 90, "99")))


@pytest.mark.parametrize(("criteria", "expected"), [
    ("olaya_2025", "MIXED"), ("astct_ebmt_2024", "MIXED")])
def test_just_under_95_percent_is_mixed(spec: Spec, criteria: str, expected: str) -> None:
    spec("chimerism", {LATEST: expected}, criteria=criteria, transplant=GRAFT,
         laboratory=donor((WB, 90, "94.9"), (CD3, 90, "99")))


def test_both_lineages_are_full_or_one_is_missing(spec: Spec) -> None:
    both = donor((WB, 90, "95.1"), (CD3, 90, "95.1"))
    spec("chimerism", {LATEST: "FULL"}, transplant=GRAFT, laboratory=both)
    one = donor((WB, 90, "99"))
    spec("chimerism", {LATEST: None}, transplant=GRAFT, laboratory=one)
    spec("chimerism", {LATEST: "only one lineage was examined on that day"}, part="note",
         transplant=GRAFT, laboratory=one)
    spec("chimerism", {LATEST: "FULL"}, criteria="olaya_2025", transplant=GRAFT, laboratory=one)


def test_one_mixed_lineage_decides_alone(spec: Spec) -> None:
    spec("chimerism", {LATEST: "MIXED"}, transplant=GRAFT, laboratory=donor((CD3, 90, "60")))
    spec("chimerism", {LATEST: "MIXED"}, transplant=GRAFT,
         laboratory=donor((WB, 90, "99"), (CD3, 90, "2")))


def test_under_5_percent_is_rejection_only_with_cytopenia(spec: Spec) -> None:
    name = "chimerism"
    spec(name, {LATEST: "REJECTION"}, transplant=GRAFT,
         laboratory=donor((WB, 90, "4.9"), ("ANC", 97, "0.49")))
    spec(name, {LATEST: "MIXED"}, transplant=GRAFT,
         laboratory=donor((WB, 90, "5.0"), ("ANC", 97, "0.49")))
    spec(name, {LATEST: "RECIPIENT"}, transplant=GRAFT,
         laboratory=donor((WB, 90, "4.9"), ("ANC", 90, "0.5"), ("PLT", 90, "20")))
    spec(name, {LATEST: None}, transplant=GRAFT,
         laboratory=donor((WB, 90, "4.9"), ("ANC", 90, "0.5")))
    spec(name, {LATEST: None}, transplant=GRAFT,
         laboratory=donor((WB, 90, "4.9"), ("ANC", 98, "0.1")))


def test_a_value_given_as_a_limit_decides_where_it_can(spec: Spec) -> None:
    name = "chimerism"
    spec(name, {LATEST: "FULL"}, transplant=GRAFT,
         laboratory=donor((WB, 90, ">95"), (CD3, 90, ">95")))
    spec(name, {LATEST: None}, transplant=GRAFT,
         laboratory=donor((WB, 90, ">90"), (CD3, 90, ">95")))
    spec(name, {LATEST: "REJECTION"}, transplant=GRAFT,
         laboratory=donor((WB, 90, "<5"), ("PLT", 90, "19")))


def test_the_sample_nearest_to_a_visit_stands_for_it(spec: Spec) -> None:
    rows = donor((WB, 60, "99"), (WB, 81, "90"), (WB, 101, "96"), (WB, 244, "97"))
    spec("chimerism", {MONTHS_3: "MIXED", ("A", 1, "months_6"): None, LATEST: "FULL"},
         criteria="olaya_2025", transplant=GRAFT, laboratory=rows)
    spec("chimerism", {MONTHS_3: 81, LATEST: 244}, part="day", criteria="olaya_2025",
         transplant=GRAFT, laboratory=rows)
    spec("chimerism", {("A", 1, "months_6"): "no sample in the window of the visit"},
         part="note", criteria="olaya_2025", transplant=GRAFT, laboratory=rows)


@pytest.mark.parametrize(("after", "months_3"), [
    (60, None), (61, "FULL"), (121, "FULL"), (122, None)])
def test_the_window_of_three_months_is_30_days_wide(
    spec: Spec, after: int, months_3: str | None
) -> None:
    spec("chimerism", {MONTHS_3: months_3}, criteria="olaya_2025", transplant=GRAFT,
         laboratory=donor((WB, after, "99")))


@pytest.mark.parametrize(("later", "expected"), [
    ("91", "Y"), ("92", "Y"), ("92.1", "N"), ("99", "N")])
def test_a_fall_of_five_points_is_falling(spec: Spec, later: str, expected: str) -> None:
    spec("falling_chimerism", {"A": expected}, transplant=GRAFT,
         laboratory=donor((WB, 90, "97"), (WB, 120, later)))


def test_consecutive_samples_of_one_lineage_are_compared(spec: Spec) -> None:
    slow = donor((WB, 30, "99"), (WB, 60, "95"), (WB, 90, "91"), (CD3, 120, "60"))
    spec("falling_chimerism", {"A": "N"}, transplant=GRAFT, laboratory=slow)
    again = donor((WB, 30, "99"), (WB, 60, "90"), (WB, 90, "80"))
    spec("falling_chimerism", {"A": 60}, part="day", transplant=GRAFT, laboratory=again)
    one = donor((WB, 30, "99"), (CD3, 60, "90"))
    spec("falling_chimerism", {"A": "fewer than two samples of one lineage"}, part="note",
         transplant=GRAFT, laboratory=one)


@pytest.mark.parametrize(("earlier", "later", "expected"), [
    (">95", "90", "Y"), (">95", ">95", "N"), (">90", "88", None), ("8", "<5", None),
    ("97", ">95", "N")])
def test_limits_are_compared_by_all_they_allow(
    spec: Spec, earlier: str, later: str, expected: str | None
) -> None:
    spec("falling_chimerism", {"A": expected}, transplant=GRAFT,
         laboratory=donor((WB, 90, earlier), (WB, 120, later)))
