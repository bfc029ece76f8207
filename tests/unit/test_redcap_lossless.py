"""Whatever an export holds, each of its cells is shown, counted as a default, or has a reason."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from remission.sources.redcap import sheets_of
from remission.sources.redcap_dictionary import (
    Dictionary,
    RedcapField,
    Settings,
)
from remission.sources.redcap_export import Export
from remission.sources.redcap_started import Project

LOGIC = st.sampled_from(["", "[a1] = '1'", "[b2(1)] = '1'", "[e1][a1] <> ''", "round(1) = 2"])
KIND = st.sampled_from(["text", "radio", "checkbox", "yesno", "calc"])
CELL = st.sampled_from([None, None, "0", "1", "2", "NA", "UNK", "x"])


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Two forms of three fields, up to six rows of one or two records in two events."""
    fields = [RedcapField("id", "a", "text")]
    for name in ("a1", "a2", "a3", "b1", "b2", "b3"):
        kind = "checkbox" if name == "b2" else draw(KIND)
        choices = {"1": "One", "2": "Two"} if kind in ("radio", "checkbox", "yesno") else {}
        fields.append(RedcapField(name, name[0], kind, choices=choices, branching=draw(LOGIC)))
    dictionary = Dictionary("d.csv", tuple(fields))
    keys = draw(st.lists(st.tuples(
        st.sampled_from("12"), st.sampled_from(["e1", "e2"]), st.sampled_from([None, "b"]),
        st.sampled_from([None, "1", "2"])), max_size=6, unique=True))
    columns = {name: [key[part] for key in keys]
               for part, name in enumerate(dictionary.keys)}
    names = [name for form in dictionary.forms for name in dictionary.columns_of(form, ["UNK"])]
    for name in draw(st.lists(st.sampled_from([*names, "stranger"]), unique=True)):
        columns[name] = draw(st.lists(CELL, min_size=len(keys), max_size=len(keys)))
    missing = draw(st.sampled_from([{}, {"UNK": "Unknown"}]))
    return Project(dictionary, Settings(missing=missing),
                   Export("x.csv", columns, tuple(range(2, len(keys) + 2)), ""))


@given(projects())
@settings(max_examples=150, deadline=None)
def test_no_cell_is_lost(project: Project) -> None:
    sheets, said = sheets_of(project)
    found: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    for name, sheet in sheets.items():
        for column, cells in sheet.columns.items() if name != "records" else ():
            told = sheet.blanks.get(column, (None,) * len(cells))
            for number, cell, reason in zip(sheet.row_numbers, cells, told, strict=True):
                found[column, number] = cell, reason
    fates: Counter[str] = Counter()
    numbers = project.export.row_numbers
    for column, cells in project.export.columns.items():
        for number, cell in zip(numbers, cells, strict=True):
            if cell is None or column in project.dictionary.keys:
                continue
            there, reason = found.get((column, number), (None, None))
            is_default = (column, number) not in found and cell == "0"
            fates["default" if is_default else "shown" if there == cell
                  else "reason" if there is None and reason else "lost"] += 1
    assert fates["lost"] == 0
    assert fates["default"] == project.defaults_left_out
    assert any(line.startswith(f"Left out: {fates['default']} ") for line in said) == (
        fates["default"] > 0)
    assert sheets["records"].columns["id"] == list(
        dict.fromkeys(project.export.column("id")))


@given(projects())
@settings(max_examples=50, deadline=None)
def test_only_empty_cells_have_reasons_and_only_for_what_is_known(project: Project) -> None:
    sheets, _ = sheets_of(project)
    for sheet in sheets.values():
        for column, told in sheet.blanks.items():
            for cell, reason in zip(sheet.columns[column], told, strict=True):
                assert reason is None or cell is None
                assert reason in (None, "NOT_APPLICABLE", "UNKNOWN", "NOT_ASKED", "PENDING")
