"""Branching logic: true, false or unknown, judged by a second reading of the same words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.sources.redcap_branching import Reference, is_shown
from tests.unit.redcap_files import read, reasons


def shown(logic: str, **values: str) -> bool | None:
    def value_of(asked: Reference) -> str | None:
        parts = (asked.event, asked.field, asked.code)
        return values.get("__".join(part for part in parts if part))

    return is_shown(logic, value_of)


@pytest.mark.parametrize(("logic", "expected"), [
    ("[sex] = '1'", True), ('[sex]="0"', False), ("[sex] = 1", True), ("[sex] <> '1'", False),
    ("[sex] != '0'", True), ("[age] > 17", False), ("[age]>=12.0 AND [age] <= 12", True),
    ("'12' = [age]", True), ("[age] < 13 and not ([sex] = '0')", True), ("[low] = -1", True),
    ("[sex] = '0' or [age] > 10 and [blank] = ''", True), ("[blank] <> ''", False),
    ("([sex] = '0' or [age] > 10) and [blank] <> ''", False), ("[blank] = '1'", False),
    ("[race(2)] = '1'", True), ("[race(3)] = '1'", False), ("[first_arm_1][sex] = '2'", True),
    ("[event-name] = 'visit_arm_1'", True), ("[sex]\n=\n'1'", True),
])
def test_what_is_understood(logic: str, expected: bool) -> None:
    values = {"sex": "1", "age": "12", "blank": "", "race__2": "1", "race__3": "0", "low": "-1",
              "first_arm_1__sex": "2", "event-name": "visit_arm_1"}
    assert shown(logic, **values) is expected


@pytest.mark.parametrize("logic", [
    "", "[sex]", "datediff([dob], 'today', 'y') > 18", "sum([a], (1)) = 3", "[age] + 1 > 3",
    "[age] > 3 + 1", "[sex] = '1", "[sex] == '1'", "([sex] = '1'", "[sex] = '1')", "[sex] 1",
    "[sex] = [unknown]", "[user-name] = 'x'", "[sex][2] = '1'", "[Sex] = '1'", "[sex:value] = '1'",
    "[sex] = '1' = '1'", "([sex]) = '1'", "[age] > ''", "[blank] < 5", "[word] > 3", "f(",
    "[sex] = 'a\\'b'", "[sex] = '1' // a remark", "not", "and [sex] = '1'", "(" * 400 + "1",
    "not " * 400 + "[sex] = '1'", "[padded] = '1'", "[word] = 'ABC'", "[blank] = 0",
    "[race] = '1'(", "[[sex]] = '1'",
])
def test_what_is_not_understood_or_not_known_is_unknown(logic: str) -> None:
    assert shown(logic, sex="1", age="12", blank="", word="abc", padded="01") is None


@pytest.mark.parametrize(("logic", "expected"), [
    ("[sex] = '0' and datediff([a], [b], 'd') > 3", False),
    ("datediff([a], [b], 'd') > 3 and [sex] = '1'", None),
    ("[sex] = '1' or round([a], 2) > 3", True),
    ("[sex] = '0' or round([a], 2) > 3", None),
])
def test_the_unknown_matters_only_where_the_rest_does_not_decide(
    logic: str, expected: bool | None
) -> None:
    assert shown(logic, sex="1") is expected


def test_what_looks_like_code_is_only_text() -> None:
    assert shown("__import__('os').system('true') = '0'") is None
    assert shown("exit() = 1") is None


@given(st.text(alphabet="[]()'\"=<>!andort_0123456789 sex-race,", max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    assert shown(text, sex="1") in (True, False, None)


_NAMES = st.sampled_from(["a", "b", "c"])
_VALUES = st.sampled_from(["", "0", "1", "2", "10", "x"])
_LEAF = st.tuples(st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), _NAMES, _VALUES)
_TREE = st.recursive(_LEAF, lambda part: st.one_of(
    st.tuples(st.just("not"), part), st.tuples(st.sampled_from(["and", "or"]), part, part)))


def written(tree: Any) -> str:
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    if tree[0] in ("and", "or"):
        return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"
    return f"[{tree[1]}] {tree[0]} '{tree[2]}'"


def worked_out(tree: Any, values: Mapping[str, str]) -> bool | None:
    """The same, slowly: numbers by magnitude, unknown where a side of < or > is none."""
    if tree[0] == "not":
        inner = worked_out(tree[1], values)
        return None if inner is None else not inner
    if tree[0] in ("and", "or"):
        sides = {worked_out(tree[1], values), worked_out(tree[2], values)}
        first, last = (False, True) if tree[0] == "and" else (True, False)
        return first if first in sides else None if None in sides else last
    operator, name, right = tree
    left = values[name]
    if operator in ("=", "<>"):
        return (left == right) == (operator == "=")
    if not (left.isdigit() and right.isdigit()):
        return None
    return {"<": int(left) < int(right), ">": int(left) > int(right),
            "<=": int(left) <= int(right), ">=": int(left) >= int(right)}[operator]


@given(_TREE, st.fixed_dictionaries({"a": _VALUES, "b": _VALUES, "c": _VALUES}))
def test_any_logic_is_what_its_tree_says(tree: Any, values: dict[str, str]) -> None:
    assert shown(written(tree), **values) is worked_out(tree, values)


ID = ("record_id", "enrolment", "text", "Record")
SEX = ("sex", "enrolment", "radio", "Sex", "1, Male | 2, Female")


def test_a_blank_that_logic_hides_does_not_apply(tmp_path: Path) -> None:
    menarche = ("menarche", "enrolment", "text", "Age at menarche", "", "[sex] = '2'")
    source = read(tmp_path, "record_id,sex,menarche\n1,1,\n2,2,\n3,2,12\n4,1,13\n",
                  ID, SEX, menarche)
    assert reasons(source, "enrolment", "menarche") == ("NOT_APPLICABLE", None, None, None)


def test_unchecked_boxes_that_logic_hides_are_no_answers(tmp_path: Path) -> None:
    sign = ("sign", "enrolment", "checkbox", "Sign", "1, One | 2, Two", "[sex] = '2'")
    source = read(tmp_path, "record_id,sex,sign___1,sign___2\n1,1,0,0\n2,2,0,0\n3,1,1,0\n",
                  ID, SEX, sign)
    assert source.sheets["enrolment"].columns["sign___1"] == [None, "0", "1"]
    assert source.sheets["enrolment"].columns["sign"] == [None, None, "1"]
    assert reasons(source, "enrolment", "sign") == ("NOT_APPLICABLE", None, None)
    assert reasons(source, "enrolment", "sign___2") == ("NOT_APPLICABLE", None, None)


def test_what_another_program_wrote_otherwise_hides_nothing(tmp_path: Path) -> None:
    twice = ("cause", "enrolment", "radio", "Cause", "1, Other | 2, Other | 3, Relapse")
    hidden = [(f"h_{name}", "enrolment", "text", f"H {name}", "", f"[{name}] = '{value}'")
              for name, value in {"cause": "1", "born": "2020-05-01", "dose": "1.5"}.items()]
    typed = [{"field_name": name, "form_name": "enrolment", "field_type": "text",
              "field_label": name.title(), "text_validation_type_or_show_slider_number": kind}
             for name, kind in (("born", "date_ymd"), ("dose", "number"))]
    source = read(tmp_path, 'Record,Cause,Born,Dose,H cause,H born,H dose\n'
                            '1,Other,01/05/2020,"1,5",,,\n2,Relapse,2021-05-01,"2,5",,,\n',
                  ID, twice, *typed, *hidden)
    for name in ("cause", "born", "dose"):
        assert reasons(source, "enrolment", f"h_{name}") == (None, "NOT_APPLICABLE"), name


def test_logic_over_forms_events_and_instances(tmp_path: Path) -> None:
    fields = [(name, "visit", "text", name, "", logic) for name, logic in {
        "same_event": "[sex] = '2'", "other_event": "[start_arm_1][sex] = '2'",
        "no_such_event": "[never_arm_1][sex] = '2'", "absent": "[hidden] = '2'",
        "own_form": "[weight] = '2'", "in_start": "[event-name] = 'visit_arm_1'"}.items()]
    names = ",".join(field[0] for field in fields)
    source = read(
        tmp_path,
        f"record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,weight,"
        f"{names}\n1,start_arm_1,,,1,{',' * 6}\n1,start_arm_1,visit,1,,20{',' * 6}\n"
        f"1,visit_arm_1,visit,1,,20{',' * 6}\n",
        ID, SEX, ("hidden", "enrolment", "text", "H"), ("weight", "visit", "text", "W"), *fields)
    found = {field[0]: reasons(source, "visit", field[0]) for field in fields}
    not_applicable = "NOT_APPLICABLE"
    assert found == {
        "same_event": (not_applicable, None), "other_event": (not_applicable, not_applicable),
        "no_such_event": (None, None), "absent": (None, None),
        "own_form": (not_applicable, not_applicable), "in_start": (not_applicable, None)}
