"""Printed claims beside our results: what is equal, what is not, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remission.analyses.results import Base, Result, Results
from remission.audit.printed import printed
from remission.errors import InputError
from remission.report.spans import plain, spans_of
from remission.report.table_parts import Table
from remission.reproduction import ComparedClaim, Status, read_reproduction, reproduce
from remission.reproduction.compare import status_of
from remission.reproduction.parts import parts_of_reproduction, summary
from remission.reproduction.write import reproduction_json
from tests.conftest import run

CLAIMS = """
[paper]
title = "A paper that nobody wrote"

[bases]
patients = 8

[[claims]]
id = "girls"
kind = "proportion"
where = "Table 1, Sex"
count = 3
base = "patients"
percent = "37.5"

[[claims]]
id = "age"
kind = "summary"
where = "Table 1, Age"
groups = [{ label = "all", median = "6.2", minimum = "1", maximum = "17" }]
p = "0.04"

[[claims]]
id = "parts"
kind = "parts"
where = "Results"
parts = ["3", "6"]
total = "patients"

[[claims]]
id = "twice"
kind = "same"
where = "Abstract and Results"
quantity = "failure"
mentions = [{ value = "12.5", where = "Abstract" },
            { value = "87.5", where = "Results", complement = true }]

[[claims]]
id = "words"
kind = "wording"
where = "Results"
text = "most patients did well"
"""
BINDINGS = """
claims = "claims.toml"

[[reproduced]]
claim = "girls"
count = "t.sex.F.Overall.count"
base = "t.sex.F.Overall.count.base"
percent = "t.sex.F.Overall.percent"
"""
RESULTS = Results([
    Result("t", "sex", "count", 3, level="F", base=Base(8, "children")),
    Result("t", "sex", "count", 5, level="M", base=Base(8, "children")),
    Result("t", "sex", "percent", 37.5, level="F", unit="%", base=Base(8, "children")),
    Result("t", "age", "median", 6.25, unit="years", base=Base(8, "children")),
    Result("t", "age", "minimum", 1.7), Result("t", "age", "maximum", 17.0),
    Result("t", "age", "p", None, note="only one group has values"),
    Result("t", "failure", "percent", 12.5, unit="%"),
    Result("t", "age", "value", 1.7), Result("t", "age", "value", 17.0),
    Result("listing", "age", "shown", 1), Result("listing", "age", "value", 12.5, "case 1"),
])


def compared(folder: Path, bindings: str, claim: str) -> ComparedClaim:
    (folder / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    path = folder / "reproduction.toml"
    path.write_text(bindings, encoding="utf-8")
    found = reproduce(read_reproduction(path), RESULTS)
    return next(each for each in found.claims if each.id == claim)


def refused(folder: Path, bindings: str) -> list[str]:
    with pytest.raises(InputError) as error:
        compared(folder, bindings, "girls")
    return [f"{problem.where}: {problem.what} {problem.cure}" for problem in error.value.problems]


@pytest.mark.parametrize(("text", "ours", "status"), [
    ("82.4", 100 * 42 / 51, Status.EQUAL),       # 82.353
    ("98.6", 100 * 74 / 75, Status.ROUNDING),    # 98.667, cut off
    ("6.2", 6.25, Status.ROUNDING),              # half to even
    ("0.96", 0.97, Status.DIFFERENT),
    ("<0.001", 0.0004, Status.EQUAL),
    ("<0.001", 0.001, Status.EQUAL),
    ("−1.08", -1.08, Status.EQUAL),
])
def test_a_number_is_equal_when_ours_prints_so(text: str, ours: float, status: Status) -> None:
    assert status_of(printed(text), ours) is status


def test_counts_bases_and_percentages_stand_beside_ours(tmp_path: Path) -> None:
    found = compared(tmp_path, BINDINGS, "girls")
    assert found.status is Status.EQUAL
    assert [(number.field, number.printed, number.ours.value if number.ours else None)
            for number in found.numbers] == [
        ("count", "3", 3), ("base", "8", 8), ("percent", "37.5", 37.5)]


def test_a_claim_takes_the_worst_of_its_numbers(tmp_path: Path) -> None:
    bound = ('[[reproduced]]\nclaim = "age"\n'
             'groups = [{ median = "t.age.Overall.median", minimum = "t.age.Overall.minimum", '
             'maximum = "t.age.Overall.median" }]\np = "t.age.Overall.p"\n')
    found = compared(tmp_path, bound, "age")
    assert [number.status for number in found.numbers] == [   # 1.7 cut off is 1
        Status.ROUNDING, Status.ROUNDING, Status.DIFFERENT, Status.DIFFERENT]
    assert found.status is Status.DIFFERENT
    with_reason = compared(tmp_path, bound + 'because = "They tested another group."\n', "age")
    assert with_reason.status is Status.BECAUSE
    assert with_reason.why == "They tested another group."


def test_what_we_refuse_to_say_is_the_reason(tmp_path: Path) -> None:
    found = compared(tmp_path, '[[reproduced]]\nclaim = "age"\ngroups = [{ median = "", '
                     'minimum = "", maximum = "t.age.Overall.maximum" }]\n'
                     'p = "t.age.Overall.p"\n', "age")
    assert found.status is Status.NOT_YET, "unbound numbers are told, not passed over"
    assert found.numbers[-1].says == "only one group has values"


def test_the_audit_gives_the_reason_where_the_print_contradicts_itself(tmp_path: Path) -> None:
    found = compared(tmp_path, '[[reproduced]]\nclaim = "parts"\n'
                     'parts = ["t.sex.F.Overall.count", "t.sex.M.Overall.count"]\n', "parts")
    assert found.status is Status.BECAUSE
    assert found.why.startswith("The audit: 3 + 6 is 9, 1 more than the total of 8.")


def test_one_number_of_ours_stands_beside_every_mention(tmp_path: Path) -> None:
    found = compared(tmp_path, '[[reproduced]]\nclaim = "twice"\n'
                     'value = "t.failure.Overall.percent"\n', "twice")
    assert found.status is Status.EQUAL and len(found.numbers) == 2


def test_a_sum_of_results_has_all_of_them_behind_it(tmp_path: Path) -> None:
    found = compared(tmp_path, BINDINGS.replace(
        '"t.sex.F.Overall.count.base"', '"t.sex.F.Overall.count + t.sex.M.Overall.count"'), "girls")
    ours = found.numbers[1].ours
    assert ours is not None and ours.value == 8 and len(ours.results) == 2


def test_a_result_may_be_bound_in_another_unit(tmp_path: Path) -> None:
    # 0.375 as a share of 100
    found = compared(tmp_path, BINDINGS.replace(
        '"t.sex.F.Overall.percent"', '"t.sex.F.Overall.count × 12.5"'), "girls")
    ours = next(number.ours for number in found.numbers if number.field == "percent")
    assert ours is not None and ours.value == 37.5
    told = refused(tmp_path, BINDINGS.replace(
        '"t.sex.F.Overall.percent"', '"t.sex.F.Overall.count × many"'))
    assert len(told) == 1 and "does not end in a number" in told[0]


def test_what_is_not_bound_is_listed_and_words_are_no_number(tmp_path: Path) -> None:
    assert compared(tmp_path, BINDINGS, "parts").status is Status.NOT_YET
    assert compared(tmp_path, BINDINGS, "words").status is Status.NO_NUMBER
    assert compared(tmp_path, '[[reproduced]]\nclaim = "twice"\nbecause = "No records."\n',
                    "twice").status is Status.NO_NUMBER


def test_mistakes_are_told_all_together_with_their_lines(tmp_path: Path) -> None:
    told = refused(tmp_path, BINDINGS + '\n[[reproduced]]\nclaim = "gils"\n'
                   '\n[[reproduced]]\nclaim = "age"\nmean = "t.x"\n')
    assert len(told) == 1 and "line 15" in told[0] and "'mean'" in told[0]
    told = refused(tmp_path, BINDINGS + '\n[[reproduced]]\nclaim = "gils"\n'
                   '\n[[reproduced]]\nclaim = "age"\nestimate = "t.x"\n\n[[reproduced]]\n'
                   'claim = "girls"\n')
    assert [line.partition("line ")[2][:2] for line in told] == ["11", "15", "18"]
    assert "'girls'" in told[0] and "no number 'estimate'" in told[1] and "already" in told[2]


def test_addresses_that_are_no_result_are_told_all_together(tmp_path: Path) -> None:
    told = refused(tmp_path, BINDINGS.replace("F.Overall.count", "F.Overal.count").replace(
        "F.Overall.percent", "F.Overall.value") + '\n[[reproduced]]\nclaim = "twice"\n'
        'value = "t.age.Overall.value"\n')
    assert len(told) == 4
    assert "Did you mean 't.sex.F.Overall.count'" in told[0]
    assert "2 results bear the id" in told[3]


def test_a_case_that_the_records_do_not_hold_is_different_without_a_reason(tmp_path: Path) -> None:
    bound = '[[reproduced]]\nclaim = "twice"\nvalue = "listing.age.case-{}.value"\n'
    assert compared(tmp_path, bound.format(1), "twice").status is Status.EQUAL
    missing = compared(tmp_path, bound.format(2), "twice")
    assert (missing.status, missing.numbers[0].says) == (
        Status.DIFFERENT, "the records hold no such case")


def test_the_parts_count_by_status_and_place_and_every_number_of_ours_is_live(
    tmp_path: Path,
) -> None:
    compared(tmp_path, BINDINGS, "girls")
    found = reproduce(read_reproduction(tmp_path / "reproduction.toml"), RESULTS)
    counts, claims = parts_of_reproduction(found)
    assert isinstance(counts, Table) and isinstance(claims, Table)
    assert summary(found) == "1 of 5 printed claims equal (1 not a number, 3 not yet reproduced)"
    assert [(row.label, row.cells) for row in counts.rows[:2]] == [
        ("All claims", ("1", "1", "3", "5")), ("Table 1", ("1", "", "1", "2"))]
    row = next(row for row in claims.rows if row.label == "girls")
    assert [plain(spans_of(cell)) for cell in row.cells] == [
        "3; 8; 37.5", "3; 8; 37.5", "equal", ""]
    assert '"results": "t.sex.F.Overall.percent"' in reproduction_json(found)


def test_a_report_ends_with_the_claims_where_the_folder_binds_them(tmp_path: Path) -> None:
    made = run("simulate", "--like", "zhang-2025", "--n", 6, "--seed", 1, "-o", tmp_path / "study")
    assert made.returncode == 0, made.stderr
    (tmp_path / "study" / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "study" / "reproduction.toml").write_text(
        '[[reproduced]]\nclaim = "girls"\ncount = "girls.sex.F.Overall.count"\n'
        'percent = "girls.sex.F.Overall.percent"\nbecause = "Six other children."\n',
        encoding="utf-8")
    (tmp_path / "study" / "study.toml").write_text(
        '[study]\ntitle = "T"\norigin = "simulated"\n[[analyses]]\nkind = "characteristics"\n'
        'name = "girls"\ntitle = "Girls"\nvariables = ["sex"]\n', encoding="utf-8")
    done = run("report", tmp_path / "study", "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert "of 5 printed claims equal" in done.stdout
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))
    assert "reproduction.json" in manifest["files"]
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert 'id="reproduction.girls.0"' in page and "Every printed claim with our number" in page
