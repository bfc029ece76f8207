"""The plan: every wrong choice is told together, with its line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from remission.errors import InputError, PlanError
from remission.plan import Endpoint, Plan, StudyChoices, Survival, read_plan
from remission.toml import Choices


def problems_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    return "\n".join(str(problem) for problem in error.value.problems)


SURVIVAL = '[[analyses]]\nkind = "survival"\ntitle = "OS"\nendpoint = "os"\n'


def test_unknown_keys_have_their_line_and_the_nearest_word(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\nanchr = "transplant"\n')
    assert "study.toml, line 3" in text
    assert "Did you mean 'anchor'" in text


def test_unknown_values_list_what_is_known(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\nanchor = "birth"\n')
    assert "line 3" in text and "'first_infusion', 'diagnosis' or 'transplant'" in text


def test_missing_keys_are_named(tmp_path: Path) -> None:
    text = problems_of(tmp_path, "[study]\n" + SURVIVAL)
    assert "'study.title' is missing" in text
    assert "In [[analyses]] 1, 'at' is missing" in text


def test_endpoints_groups_and_populations_must_exist(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n' + SURVIVAL
                       + 'at = ["1 year"]\nby = "arm"\npopulation = "itt"\n')
    assert "no [endpoints.os]" in text
    assert "no [groups.arm]" in text
    assert "no [populations.itt]" in text


def test_a_variable_of_no_level_is_told_as_such(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[variables.older]\nlevels = {}\n')
    assert "line 4: 'variables.older.levels' holds nothing. Write at least one" in text


def test_a_duration_must_be_one(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[endpoints.os]\nlabel = "OS"\n'
                       'events = ["death"]\n' + SURVIVAL + 'at = ["five years"]\n')
    assert "'five years' is not a duration; write it as '100 days' or '5 years'" in text


def test_an_event_cannot_compete_with_itself(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[endpoints.e]\nlabel = "E"\n'
                       'events = ["death"]\ncompeting = ["death"]\n')
    assert "line 6: 'endpoints.e.competing 1' is 'death', which cannot be both event" in text


ENDPOINT = '[study]\ntitle = "x"\n[endpoints.e]\nlabel = "E"\n'


@pytest.mark.parametrize(("written", "said"), [
    ('events = ["acute_gvhd_3_4"]', "'endpoints.e.events' holds 'acute_gvhd_3_4', which comes only "
                                    "after a transplant. Write origin = \"transplant\"."),
    ('origin = "transplant"\nevents = ["no_response"]',
     "'endpoints.e.events' holds 'no_response', which is told before the origin"),
    ('origin = "transplant"\nevents = ["mrd_response"]',
     "'endpoints.e.events' holds 'mrd_response', which is told before the origin"),
    ('origin = "diagnosis"\nevents = ["no_response"]',
     "at time zero, but the diagnosis came before the drug. Write no_response_at = \"assessment\""),
    ('events = ["death"]\ncompeting = ["death_without_relapse"]',
     "'endpoints.e.competing' holds 'death_without_relapse', which 'death' covers"),
    ('events = ["death_without_relapse"]', 'Add "relapse" to events or to competing.'),
    ('events = ["death"]\nentry = "first_infusion"',
     "'endpoints.e.entry' is 'first_infusion', which is not later than the origin"),
    ('events = ["death"]\ncensor = ["transplant"]',
     "'endpoints.e.censor' does not say when a child without an event was last known"),
    ('origin = "transplant"\nevents = ["death"]\ncensor = ["last_contact", "transplant"]',
     "'endpoints.e.censor' ends the time at the transplant, which is its origin"),
])
def test_an_endpoint_that_contradicts_itself_says_how_to_mend_it(
    tmp_path: Path, written: str, said: str
) -> None:
    assert said in problems_of(tmp_path, f"{ENDPOINT}{written}\n")


def test_the_origin_of_an_endpoint_may_be_the_anchor(tmp_path: Path) -> None:
    text = ENDPOINT.replace('"x"', '"x"\nanchor = "transplant"')
    plan = read_text(tmp_path, f'{text}events = ["neutrophil_recovery"]\ncompeting = ["death"]\n')
    assert plan.endpoints["e"].origin == "anchor"
    assert "which is told before the origin" in problems_of(
        tmp_path, f'{text}events = ["no_response"]\n')


def test_a_value_belongs_to_one_level(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[groups.g]\nvariable = "sex"\n'
                       'label = "sex"\nlevels = { a = ["F"], b = ["F", "M"] }\n')
    assert "'groups.g.levels.b 1' is 'F', which stands in 'a' already." in text


def test_unknown_kinds_of_analysis_list_the_known_ones(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[[analyses]]\nkind = "forest"\n')
    assert ("line 4: In [[analyses]] 1, 'kind' must be one of 'characteristics', 'transplant', "
            "'survival', 'cumulative_incidence'") in text


def test_broken_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("[study\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"Not valid TOML.*line 1"):
        read_plan(path)


def test_the_fingerprint_tells_plans_apart_and_spells_out_defaults() -> None:
    bare = Plan.model_validate({"study": {"title": "x"}})
    spelt = Plan.model_validate({"study": {"title": "x", "anchor": "first_infusion"}})
    other = Plan.model_validate({"study": {"title": "x", "anchor": "transplant"}})
    assert bare.fingerprint == spelt.fingerprint != other.fingerprint


STUDY = '[study]\ntitle = "x"\n'
OS = '[endpoints.os]\nlabel = "OS"\nevents = ["death"]\n'
GROUP = '[groups.g]\nvariable = "sex"\nlabel = "sex"\n'
TABLE = '[[analyses]]\nkind = "characteristics"\ntitle = "T"\n'


@pytest.mark.parametrize(("written", "said"), [
    ('significance = "0.05"', "'study.significance' must be a number, not '0.05'. "
                              "Write significance = 0.05, without quotes."),
    ("significance = true", "must be a number, not true"),
    ("significance = 5", "must be above 0 and below 1, not 5. Write a number in this range."),
    ("significance = nan", "must be above 0 and below 1, not nan"),
    ("subtitle = 5", "'study.subtitle' must be text, not 5. Write subtitle = \"5\"."),
    ("subtitle = 2020-01-01", "must be text, not 2020-01-01. Write subtitle = \"2020-01-01\"."),
    ("anchor = 'Transplant'", "not 'Transplant'. Did you mean 'transplant'?"),
    ('subtitle = "a\\u0007b"', "'study.subtitle' holds a control character"),
    ("people = []", "must be one of 'children' or 'patients', not a list"),
])
def test_a_value_of_the_wrong_type_says_what_to_write(
    tmp_path: Path, written: str, said: str
) -> None:
    text = STUDY + written + "\n"
    found = problems_of(tmp_path, text)
    assert f"line 3: 'study.{written.partition(' ')[0]}'" in found and said in found


def read_text(tmp_path: Path, text: str) -> Plan:
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return read_plan(tmp_path / "study.toml")


@pytest.mark.parametrize(("written", "said"), [
    ("digits = '1'", "'variables 2.digits' must be a whole number, not '1'. Write digits = 1,"),
    ("digits = '1.5'", "not '1.5'. Write digits = a whole number, without quotes."),
    ("digits = 1.0", "must be a whole number, not 1.0"),
    ("digits = 9", "'variables 2.digits' must be at least 0 and at most 6, not 9"),
    ("label = ' '", "'variables 2.label' must not be empty"),
    ("'a, b' = 1", "In [[analyses]] 1, the key 'variables 2.\"a, b\"' is not known here."),
    ("labels = 1", "'variables 2.labels' must be a table, not 1. Write labels = a table, { … }."),
    ("labels = { Y = 1 }", "'variables 2.labels.Y' must be text, not 1. Write Y = \"1\"."),
])
def test_keys_in_inline_tables_have_their_line(tmp_path: Path, written: str, said: str) -> None:
    text = problems_of(tmp_path, STUDY + TABLE + "variables = [\n'age',\n{ name = 'sex', "
                       + written + " },\n]\n")
    assert "line 8: In [[analyses]] 1, " in text and said in text


def test_yes_and_no_are_not_numbers(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + TABLE + "variables = ['a']\noverall = 1\ntest = 'no'\n")
    assert "'overall' must be true or false, not 1. Write overall = true or false" in text
    assert "'test' must be true or false, not 'no'" in text


def test_whole_numbers_serve_where_numbers_are_wanted(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + "significance = 1\n")
    assert "below 1, not 1." in text
    plan = read_text(tmp_path, STUDY + GROUP + "levels = { a = [1, 'F'] }\n")
    assert plan.groups["g"].levels == {"a": (1, "F")}


def test_missing_keys_point_at_the_header_of_their_block(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + OS + SURVIVAL + "at = ['1 year']\n" + SURVIVAL
                       + TABLE + "variables = [{ label = 'x' }]\n[[analyses]]\ntitle = 'T'\n")
    assert "line 11: In [[analyses]] 2, 'at' is missing. It has no default. Write at = …" in text
    assert "line 18: In [[analyses]] 3, 'variables 1.name' is missing" in text
    assert ("line 19: [[analyses]] 4 needs kind = …, one of 'characteristics', 'transplant', "
            "'survival', 'cumulative_incidence'") in text
    assert "'study' is missing. It has no default. Write the table [study] there." in problems_of(
        tmp_path, "[records]\n")


@pytest.mark.parametrize(("text", "said"), [
    ("[[study]]\n", "line 1: 'study' must be a table, not a list. Write the table [study]."),
    (STUDY + "[analyses]\n", "line 3: 'analyses' must be a list, not a table. "
                             "Write [[analyses]], with double brackets, for each of them."),
    ("analyses = [1]\n" + STUDY, "line 1: [[analyses]] 1 must be a table, not 1."),
    (STUDY + "[groups]\ng = 3\n", "line 4: 'groups.g' must be a table, not 3. "
                                  "Write the table [groups.g]."),
    (STUDY + "[records]\nabsent_means_none = 'RELAPSE'\n",
     "must be a list, not 'RELAPSE'. Write absent_means_none = [\"RELAPSE\"]."),
    (STUDY + "[endpoints.e]\nlabel = 'E'\nevents = []\n",
     "line 5: 'endpoints.e.events' is an empty list. List at least one item"),
    (STUDY + "[populations.p]\nlabel = 'p'\nvariable = 'x'\nis_ = ['Y']\n",
     "line 6: The key 'populations.p.is_' is not known here. Did you mean 'is'?"),
    (STUDY + "[populations.p]\nlabel = 'p'\nvariable = 'x'\nis = [true, 1.5]\n",
     "line 6: 'populations.p.is 1' must be text or a whole number, not true. Write \"true\"."),
])
def test_the_shape_is_told_in_words(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems_of(tmp_path, text)


@pytest.mark.parametrize(("written", "said"), [
    ("at = ['12 months', '1 year']", "'at 2' is '1 year', the same time as '12 months' before it"),
    ("at = ['1 year', '1 year']", "'at 2' is '1 year', the same time as '1 year' before it"),
    ("at = ['0 days']", "'at 1': '0 days' is not a time of a study; write one above 0 days"),
    ("at = ['201 years']", "'at 1': '201 years' is not a time of a study"),
    ("at = '1 year'", "'at' must be a list, not '1 year'. Write at = [\"1 year\"]."),
    ("at = []", "'at' is an empty list"),
    ("at = ['1 year']\nuntil = '0 years'", "'until': '0 years' is not a time of a study"),
    ("at = ['1 year', '3 years']\nuntil = '2 years'",
     "'until' ends the axis at '2 years', before the time '3 years' of at"),
])
def test_times_are_told_apart_and_lie_within_a_study(
    tmp_path: Path, written: str, said: str
) -> None:
    text = problems_of(tmp_path, STUDY + OS + SURVIVAL + written + "\n")
    assert f"line {10 + written.count(chr(10))}: In [[analyses]] 1, {said}" in text


def test_an_axis_may_end_at_the_last_time(tmp_path: Path) -> None:
    plan = read_text(tmp_path, STUDY + OS + SURVIVAL + "at = ['24 months']\nuntil = '2 years'\n")
    assert [str(time) for time in plan.analyses[0].times] == ["24 months"]  # type: ignore[union-attr]  # the kind is known here


def test_a_variable_stands_once_in_a_table(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + TABLE + "variables = ['sex', { name = 'sex' }]")
    assert "line 6: In [[analyses]] 1, 'variables 2' is 'sex', which stands there already" in text


@pytest.mark.parametrize(("title", "said"), [
    ("", "must not be empty"), ("  ", "must not be empty"),
    ("x" * 201, "must have at most 200 characters, not 201"),
    ("a\\u0000b", "holds a control character"),
])
def test_titles_can_be_printed(tmp_path: Path, title: str, said: str) -> None:
    assert f"line 2: 'study.title' {said}" in problems_of(
        tmp_path, f'[study]\ntitle = "{title}"\n')
    assert f"line 5: In [[analyses]] 1, 'title' {said}" in problems_of(
        tmp_path, STUDY + TABLE.replace('"T"', f'"{title}"') + "variables = ['a']\n")


@pytest.mark.parametrize(("levels", "said"), [
    ("All = ['F']", "'groups.g.levels.All' bears the name of everyone together"),
    ("Overall = ['F']", "'groups.g.levels.Overall' bears the name of everyone"),
    ("a = []", "'groups.g.levels.a' is an empty list"),
    ("'' = ['F']", "'groups.g.levels.\"\"' must not be empty"),
    ("a = ['F', 'F']", "'groups.g.levels.a 2' is 'F', which stands in 'a' already"),
    ("a = [1], b = ['1', 1]", "'groups.g.levels.b 2' is 1, which stands in 'a' already"),
])
def test_levels_have_names_and_values_of_their_own(
    tmp_path: Path, levels: str, said: str
) -> None:
    text = problems_of(tmp_path, STUDY + GROUP + f"levels = {{ {levels} }}\n")
    assert "line 6: " in text and said in text


def test_the_disease_may_be_a_level(tmp_path: Path) -> None:
    assert "ALL" in read_text(tmp_path, STUDY + GROUP + "levels = { ALL = ['ALL'] }\n").groups[
        "g"].levels


@pytest.mark.parametrize("key", ["events", "competing"])
def test_an_event_stands_once_in_its_list(tmp_path: Path, key: str) -> None:
    events = "events = ['relapse']\n" if key == "competing" else ""
    text = problems_of(tmp_path, STUDY + "[endpoints.e]\nlabel = 'E'\n" + events
                       + f"{key} = ['death', 'death']\n")
    assert f"'endpoints.e.{key} 2' is 'death', which stands there already" in text


COMPETING = "[endpoints.os]\nlabel = 'R'\nevents = ['relapse']\ncompeting = ['death']\n"


def test_a_survival_curve_has_no_competing_events(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + COMPETING + SURVIVAL + "at = ['1 year']\n")
    assert "line 10: In [[analyses]] 1, 'endpoint' has competing events" in text
    assert 'Write kind = "cumulative_incidence"' in text
    incidence = SURVIVAL.replace("survival", "cumulative_incidence")
    assert read_text(tmp_path, STUDY + COMPETING + incidence + "at = ['1 year']\n").analyses


def test_only_survival_has_a_choice_of_interval(tmp_path: Path) -> None:
    text = problems_of(tmp_path, STUDY + OS + SURVIVAL.replace("survival", "cumulative_incidence")
                       + "at = ['1 year']\nci = 'log'\n")
    assert "line 11: In [[analyses]] 1, the key 'ci' is not known here" in text
    read_text(tmp_path, STUDY + OS + SURVIVAL + "at = ['1 year']\nci = 'log'\n")


def test_wrong_shapes_and_unknown_names_are_told_in_one_run(tmp_path: Path) -> None:
    text = problems_of(tmp_path, "[study]\ntitle = 5\n[groups.arms]\nlabel = 'x'\n" + SURVIVAL
                       + "at = '1 year'\nby = 'arm'\n" + TABLE + "population = 'itt'\n")
    lines = [int(number) for number in re.findall("study.toml, line ([0-9]+)", text)]
    assert lines == sorted(lines)
    for said in ("line 2: 'study.title' must be text", "line 3: 'groups.arms.variable' is missing",
                 "line 8: In [[analyses]] 1, 'endpoint' is 'os', and there is no [endpoints.os]",
                 "line 9: In [[analyses]] 1, 'at' must be a list",
                 "line 10: In [[analyses]] 1, 'by' is 'arm', and there is no [groups.arm]. "
                 "Did you mean 'arms'?", "line 11: In [[analyses]] 2, 'variables' is missing",
                 "line 14: In [[analyses]] 2, 'population' is 'itt'"):
        assert said in text


def test_a_plan_made_of_parts_is_checked_too() -> None:
    survival = Survival(title="S", endpoint="efs", at=("1 year",))
    with pytest.raises(ValidationError, match=r"no \[endpoints.efs\]"):
        Plan(study=StudyChoices(title="x"), analyses=(survival,),
             endpoints={"os": Endpoint(label="OS", events=("death",))})


def test_a_plan_may_ask_for_nothing_and_define_more_than_it_uses(tmp_path: Path) -> None:
    assert read_text(tmp_path, STUDY + OS + GROUP).analyses == ()


def test_names_left_out_are_those_of_the_field(tmp_path: Path) -> None:
    plan = read_text(tmp_path, STUDY + """
[endpoints.efs]
events = ["relapse", "death"]
[endpoints.until_transplant]
events = ["second_malignancy"]
[groups.status_at_start]
variable = "disease_status"
labels = { RR = "R/R", MRD_POS = "in remission", MRD_NEG = "in remission" }
[populations.girls]
variable = "sex"
is = ["F"]
[[analyses]]
kind = "characteristics"
variables = ["sex"]
[[analyses]]
kind = "survival"
endpoint = "efs"
by = "status_at_start"
at = ["1 year"]
""")
    assert plan.endpoints["efs"].label == "Event-free survival"
    assert plan.endpoints["until_transplant"].label == "Until transplant"
    assert plan.groups["status_at_start"].levels == {
        "R/R": ("RR",), "in remission": ("MRD_POS", "MRD_NEG")}
    assert plan.populations["girls"].label == "girls"
    assert [analysis.title for analysis in plan.analyses] == [
        "Characteristics", "Event-free survival by status at start"]


FULL = """\
[study]
title = "t"
subtitle = "s"
source = "registry"
anchor = "diagnosis"
origin = "simulated"
people = "patients"
significance = 0.01
shows_single_children = false
[records]
absent_means_none = ["RELAPSE"]
impute_partial_dates = "midpoint"
[sites.South]
language = "es"
[records.reported_as]
neutrophil_recovery = "on the discharge letter"
[definitions]
age_group = "nci_1996"
[endpoints.os]
label = "OS"
origin = "diagnosis"
entry = "first_infusion"
events = ["death"]
competing = []
no_response_at = "assessment"
censor = ["last_contact"]
[groups.g]
variable = "sex"
label = "sex"
[groups.g.levels]
girls = ["F"]
[populations.p]
label = "p"
variable = "x"
is = ["Y"]
[[analyses]]
kind = "characteristics"
title = "t"
by = "g"
population = "p"
overall = false
test = false
[[analyses.variables]]
name = "sex"
label = "Sex"
show = "n_percent"
level = "F"
digits = 1
[analyses.variables.labels]
F = "girls"
[[analyses]]
kind = "transplant"
title = "t"
variables = ["death"]
[[analyses]]
kind = "survival"
title = "t"
endpoint = "os"
by = "g"
population = "p"
at = ["1 year"]
unit = "days"
until = "2 years"
ci = "log"
level = 0.9
[[analyses]]
kind = "cumulative_incidence"
title = "t"
endpoint = "os"
at = ["1 year"]
"""
KEYS = [(number, match[1]) for number, line in enumerate(FULL.splitlines(), start=1)
        if (match := re.match(r"(\w+) = ", line))]
WRONG = ["5", "-1", "1.5", "nan", "true", "1979-05-27", '"x"', '""', '"\\u0001"', "[]", "[5]",
         "[[]]", '["x", "x"]', "{}", "{ x = 1 }", "[{}]"]
JARGON = re.compile(
    r"\b(Input should|valid|required|tuple|dict|str|int|bool|float|union|tag|literal|None|"
    r"pydantic|type=|Value error|another way)", re.IGNORECASE)


def test_every_key_of_every_model_is_tried() -> None:
    tried = {key for _, key in KEYS} | {
        "study", "records", "definitions", "endpoints", "groups", "populations", "analyses",
        "levels", "variables", "labels", "reported_as", "sites"}
    assert tried >= {field.alias or name for model in models() for name, field in
                     model.model_fields.items()}


def models() -> Iterator[type[Choices]]:
    """Yield every model of a plan."""
    waiting = Choices.__subclasses__()
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__ == Plan.__module__:
            yield model


@pytest.mark.parametrize(("line", "key"), KEYS)
def test_whatever_is_written_instead_is_told_in_plain_words_on_its_line(
    tmp_path: Path, line: int, key: str
) -> None:
    told = 0
    for wrong in WRONG:
        lines = FULL.splitlines()
        lines[line - 1] = f"{key} = {wrong}"
        try:
            read_text(tmp_path, "\n".join(lines))
        except PlanError as error:
            told += 1
            where = [problem.where.rpartition(" ")[2] for problem in error.problems]
            assert str(line) in where, (wrong, error)
            for problem in error.problems:
                assert problem.cure or "write" in problem.what, problem
                assert not JARGON.search(f"{problem.what} {problem.cure}"), (wrong, problem)
    assert told >= len(WRONG) // 2


@pytest.mark.parametrize(("line", "key"), KEYS)
def test_what_is_left_out_has_a_default_or_points_at_its_header(
    tmp_path: Path, line: int, key: str
) -> None:
    lines = FULL.splitlines()
    header = max(number for number in range(1, line) if lines[number - 1].startswith("["))
    lines[line - 1] = ""
    try:
        read_text(tmp_path, "\n".join(lines))
    except PlanError as error:
        (problem,) = error.problems
        assert problem.where.endswith(f", line {header}")
        assert f"'{key}' is missing" in problem.what or "needs kind = …" in problem.what or (
            f".{key}' is missing" in problem.what)


WORDED = {
    "str": {}, "int": {"ge", "le"}, "float": {"gt", "lt"}, "bool": {}, "literal": {},
    "tuple": {"min_length"}, "dict": {"min_length"}, "model": {}, "model-fields": {},
    "tagged-union": {}, "union": {}, "nullable": {}, "default": {}, "definitions": {},
    "definition-ref": {}, "function-after": {}, "function-before": {}, "function-wrap": {},
}
"""What the models are made of, with the limits that have words; other parts need words first."""


def test_models_are_made_of_nothing_that_has_no_words() -> None:
    for part in parts_of(Plan.__pydantic_core_schema__):
        limits = {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern",
                  "allow_inf_nan"} & set(part)
        assert part["type"] in WORDED and limits <= set(WORDED[part["type"]]), part


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every validator of pydantic's own description of a model."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str) and not schema["type"].endswith("-field") and (
                "function" not in schema or "schema" in schema):
            yield schema
        for key, inner in schema.items():
            if key not in ("metadata", "serialization", "function", "expected", "config"):
                yield from parts_of(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from parts_of(inner)
