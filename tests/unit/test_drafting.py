"""The parts of drafting: words in three languages, headers, values, codes, and what never fails."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.records.labels import LANGUAGES, code_labels
from remission.records.tables import CLINICAL_TABLES
from remission.sources.drafting.codes import match_codes, null_reason
from remission.sources.drafting.draft import Draft
from remission.sources.drafting.drafting import IDENTIFIES, draft_mapping
from remission.sources.drafting.header import layout_named, read_header, unit_named
from remission.sources.drafting.profile import profiles_of
from remission.sources.drafting.sheets import instances
from remission.sources.drafting.words import likeness, words_of
from remission.sources.drafting.write_draft import as_toml, draft_as_toml
from remission.sources.mapping import read_mapping
from remission.sources.sheet import Field, Sheet, Source
from remission.toml import read_toml

NAMES = st.one_of(
    st.sampled_from(["id", "sex", "sexo", "性别", "date", "date_relapse_1", "date_relapse_2",
                     "MRD", "wbc", "a.b", 'q"uote', "it's", "back\\slash", "# no", "[x]", "日期",
                     "relapse", "transplant", "grade", "cd34", "test", "value", "unit"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip)
    .filter(bool))
VALUES = st.one_of(
    st.none(), st.sampled_from(["1", "0", "yes", "no", "2020-01-05", "05/06/2021", "<0.01", "neg",
                                "NA", "-99", "3.5", "CRS", "III", "7/10", "1000000", "存活"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6).map(
        lambda text: text.strip() or None))


def sheet_of(columns: dict[str, list[str | None]], name: str = "data", **fields: Field) -> Sheet:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return Sheet(name, f"{name}.csv", frame, tuple(range(2, len(frame) + 2)), fields=fields)


def draft_of(*sheets: Sheet) -> Draft:
    return draft_mapping(Source({sheet.name: sheet for sheet in sheets}, (), ()), site="x")


@st.composite
def sources(draw: st.DrawFn) -> Source:
    rows = draw(st.integers(1, 4))
    sheets = {}
    for name in draw(st.lists(st.sampled_from(["patients", "relapses", "labs", "随访", "x.y"]),
                              min_size=1, max_size=2, unique=True)):
        names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
        sheets[name] = sheet_of({column: draw(st.lists(VALUES, min_size=rows, max_size=rows))
                                 for column in names}, name)
    return Source(sheets, (), ())


@settings(max_examples=60, deadline=None)
@given(source=sources())
def test_any_source_gives_a_mapping_that_can_be_read(source: Source) -> None:
    draft = draft_mapping(source, site='Hospital "1"')
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.toml"
        path.write_text(draft_as_toml(draft), encoding="utf-8")
        mapping = read_mapping(path)
    assert mapping.site == 'Hospital "1"'
    assert len(mapping.blocks) == len(draft.blocks)
    for block, drafted in zip(mapping.blocks, draft.blocks, strict=True):
        assert {name: cell.field for name, cell in block.cells.items()} == {
            name: line.field for name, line in drafted.lines.items()}


@settings(max_examples=60, deadline=None)
@given(source=sources())
def test_every_column_with_a_value_is_read_or_listed(source: Source) -> None:
    draft = draft_mapping(source, site="x")
    told = draft_as_toml(draft)
    for sheet in source.sheets.values():
        for column in sheet.cells.columns:
            if sheet.cells[column].null_count() < len(sheet.cells):
                assert as_toml(column).strip('"') in told


@given(value=st.recursive(
    st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
                                  inner, max_size=3)))
def test_values_come_back_from_toml_as_they_were(value: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        path.write_text(f"value = {as_toml(value)}\n", encoding="utf-8")  # type: ignore[arg-type]  # any such object will do
        assert read_toml(path)[0]["value"] == value


@pytest.mark.parametrize("names", [
    ("fecha_trasplante", "TransplantDate", "移植日期", "HSCT date"),
    ("Fecha de último contacto", "LastContactDate", "末次联系日期", "last_seen_date"),
    ("EMR basal", "baseline minimal residual disease", "基线微小残留病", "MRD_pre"),
    ("sexo del donador", "donor gender", "DonorSex", "供者性别"),
])
def test_names_that_mean_the_same_are_the_same_words(names: tuple[str, ...]) -> None:
    assert len({frozenset(words_of(name)) for name in names}) == 1


def test_names_without_marks_between_their_words_are_cut() -> None:
    assert words_of("Recipientgender") == ("recipient", "sex")
    assert words_of("survivalstatus") == ("vital", "status")
    assert words_of("CD34kgx10d6") == ("cd34",)


def test_a_name_with_other_words_is_less_like() -> None:
    plain = likeness(words_of("donor"), ("donor",), frozenset())
    assert plain == 1
    assert likeness(words_of("donor registry fee"), ("donor",), frozenset()) < 0.7
    assert likeness(("date", "relapse"), ("date",), frozenset({"relapse"})) == 1


@pytest.mark.parametrize(("name", "text", "unit", "layout"), [
    ("Leucocitos (x10^9/L)", "Leucocitos", "10*9/L", None),
    ("白细胞（×10⁹/L）", "白细胞", "10*9/L", None),
    ("Neutrófilos (cel/µL)", "Neutrófilos", "cells/uL", None),
    ("Hb [g/dL]", "Hb", "g/dL", None),
    ("age_days", "age", "days", None),
    ("Edad (años)", "Edad", "years", None),
    ("peso_kg", "peso", "kg", None),
    ("cd34_1e6_kg", "cd34_1e6_kg", None, None),
    ("MRD %", "MRD", "%", None),
    ("Fecha de trasplante (dd/mm/aaaa)", "Fecha de trasplante", None, "%d/%m/%Y"),
    ("Date (mm-dd-yy)", "Date", None, "%m-%d-%y"),
    ("Response (best)", "Response (best)", None, None),
])
def test_a_header_gives_unit_and_layout(
    name: str, text: str, unit: str | None, layout: str | None
) -> None:
    header = read_header(name)
    assert (header.text, header.unit, header.layout) == (text, unit, layout)


def test_what_is_no_unit_and_no_layout_is_none() -> None:
    assert unit_named("mg/h") is None
    assert layout_named("dd/dd/yyyy") is None


@pytest.mark.parametrize("table", CLINICAL_TABLES, ids=lambda table: table.name)
def test_every_label_of_a_code_is_recognised_as_that_code(table: object) -> None:
    for column in table.columns:  # type: ignore[attr-defined]  # parametrized over what has it
        if column.kind != "code":
            continue
        for language in LANGUAGES:
            labels = code_labels(table.name, column.name, language)  # type: ignore[attr-defined]  # parametrized over what has it
            texts = list(labels.values())
            profile = profiles_of(Source({"data": sheet_of({"x": [*texts, None]})}, (), ()))[0]
            found = match_codes(profile, table.name, column.name)  # type: ignore[attr-defined]  # parametrized over what has it
            assert {text: found.codes[text][0] for text in texts} == {
                text: code for code, text in labels.items()}, (column.name, language)


def test_choices_of_the_source_name_the_codes() -> None:
    sheet = sheet_of({"record_id": ["1", "2"], "sx": ["1", "2"]}, sx=Field(
        "sx", label="Sexo del paciente", kind="code", choices={"1": "Masculino", "2": "Femenino"},
        missing={"-9": "No aplica"}))
    line = next(line for _, column, line in draft_of(sheet).lines if column == "sex")
    assert line.cell == {"field": "sx", "codes": {"1": "M", "2": "F"}}
    assert line.sure >= 0.85


def test_bare_numbers_are_not_taken_for_codes_they_do_not_name() -> None:
    sheet = sheet_of({"id": [str(number) for number in range(20)], "sexo": ["1", "2"] * 10})
    line = next(line for _, column, line in draft_of(sheet).lines if column == "sex")
    assert line.cell == {"field": "sexo"}
    assert "name under codes or null: '1' (10 rows), '2' (10 rows)" in line.comment


@pytest.mark.parametrize(("text", "reason"), [
    ("N/A", "UNKNOWN"), ("no aplica", "NOT_APPLICABLE"), ("未做", "NOT_DONE"), ("-99", "UNKNOWN"),
    ("pendiente", "PENDING"), ("7", None), ("neg", None)])
def test_words_for_a_missing_value_are_known(text: str, reason: str | None) -> None:
    assert null_reason(text) == reason
    if text == "neg":
        assert null_reason(text, measured=True) == "BELOW_LOD"


def test_numbered_columns_are_told_from_names_with_numbers() -> None:
    names = ["date_relapse_1", "date_relapse_2", "site_relapse_1", "site_relapse_2", "cd3", "cd4",
             "cd8", "il2", "il6", "fecha_infusion", "fecha_infusion_2", "首次移植日期",
             "第二次移植日期"]
    sheet = sheet_of({name: ["1"] for name in names})
    found = instances(profiles_of(Source({"data": sheet}, (), ())))
    assert found == {
        "date_relapse_1": 1, "date_relapse_2": 2, "site_relapse_1": 1, "site_relapse_2": 2,
        "fecha_infusion": 1, "fecha_infusion_2": 2, "首次移植日期": 1, "第二次移植日期": 2}


@pytest.mark.parametrize("name", [
    "Nombre", "Apellido paterno", "patient_name", "name_first", "电话", "姓名", "CURP", "e-mail",
    "Dirección", "MRN"])
def test_names_and_numbers_of_a_person_are_never_mapped(name: str) -> None:
    sheet = sheet_of({"study_id": ["A1", "A2"], name: ["x1", "x2"], "condition": ["c", "d"]})
    draft = draft_of(sheet)
    assert all(line.field != name for _, _, line in draft.lines)
    assert [left.reason for left in draft.left_out if left.field == name] == [IDENTIFIES]


def test_a_phone_under_another_name_is_seen_by_its_values() -> None:
    sheet = sheet_of({"id": ["1", "2"], "contact": ["13812345678", "13912345678"],
                      "link": ["ana@example.org", "li@example.org"]})
    assert {left.field: left.reason for left in draft_of(sheet).left_out} == {
        "contact": IDENTIFIES, "link": IDENTIFIES}


def test_what_a_source_marks_as_identifier_is_not_read_but_for_the_birthday() -> None:
    sheet = sheet_of(
        {"id": ["1"], "dob": ["2012-05-06"], "comment": ["x"]},
        dob=Field("dob", label="Date of birth", kind="date", identifier=True),
        comment=Field("comment", kind="text", identifier=True))
    draft = draft_of(sheet)
    assert [line.field for _, column, line in draft.lines if column == "age_at_index_days"] == [
        "dob"]
    assert [left.reason for left in draft.left_out if left.field == "comment"] == [IDENTIFIES]


def test_a_wide_sheet_of_tests_gives_a_block_for_each() -> None:
    sheet = sheet_of({
        "id": ["A", "A", "B"], "fecha": ["2020-01-01", "2020-01-08", "2020-01-02"],
        "leucocitos (cel/µL)": ["5400", "2300", "800"], "Hb (g/dL)": ["9.1", "10.2", "8"],
        "plaquetas": ["120", "80", "33"], "IgG (mg/dL)": ["450", "600", "700"]}, "laboratorio")
    blocks = [block for block in draft_of(sheet).blocks if block.table == "laboratory"]
    assert {(block.lines["test"].cell, block.lines["value"].field, block.lines["unit"].cell)
            for block in blocks} == {
        ("WBC", "leucocitos (cel/µL)", "cells/uL"), ("HGB", "Hb (g/dL)", "g/dL"),
        ("PLT", "plaquetas", "10*9/L"), ("IGG", "IgG (mg/dL)", "mg/dL")}
    assert all(block.lines["day"].field == "fecha" for block in blocks)


@pytest.mark.parametrize(("dead", "drafted"), [("DEAD", True), ("quién sabe", False)])
def test_a_day_of_death_is_drafted_only_where_a_row_can_meet_its_condition(
    dead: str, drafted: bool
) -> None:
    sheet = sheet_of({"Patient": ["P1", "P2", "P3"], "Start blina": ["2020-01-05"] * 3,
                      "Last seen": ["2021-01-05", "2021-02-05", "2021-03-05"],
                      "Vital status": ["ALIVE", dead, "ALIVE"]})
    text = draft_as_toml(draft_of(sheet))
    assert 'field = "Last seen"' in text
    assert ("death_day" in text) is drafted
