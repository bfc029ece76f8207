"""Reconstruction: counts are exact, what cannot be is named with its smallest set, bytes repeat."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from remission.audit.claims import read_claims
from remission.errors import InputError
from remission.reconstruct import solver
from remission.reconstruct.blueprint import read_blueprint
from remission.reconstruct.conditions import Resolver
from remission.reconstruct.facts import Facts, facts_of
from remission.reconstruct.reconstruct import reconstruct
from remission.reconstruct.write_study import write_reconstruction
from tests.conftest import run

pytest.importorskip("ortools", reason="OR-tools finds the counts: remission[reconstruct]")

CLAIMS = """
[paper]
title = "Ten children"

[bases]
patients = 10
cycles   = 13

[[claims]]
id = "sex"
where = "Table 1"
kind = "parts"
parts = [6, 4]
total = "patients"

[[claims]]
id = "response"
where = "Table 1"
kind = "proportion"
base = "patients"
percent = "70"

[[claims]]
id = "response.boys"
where = "Text"
kind = "proportion"
count = 5
base = 6

[[claims]]
id = "response.girls"
where = "Text"
kind = "proportion"
count = {girls}
base = 4

[[claims]]
id = "crs"
where = "Table 3"
kind = "parts"
parts = [9, 3, 1]
total = "cycles"

[[claims]]
id = "crs.children"
where = "Text"
kind = "proportion"
count = 4
base = "patients"
"""
BLUEPRINT = """
children = "patients"
like = "zhang-2025"
core = ["sex"]

[facts]
sex = {}
status = { levels = ["MRD_POS"] }
cohort = { levels = ["MRD_POS"] }
response = { levels = ["NEGATIVE", "RESIDUAL"] }
cycles = { levels = ["1", "2"] }
crs = { of = "cycle", levels = ["0", "1", "2", "3"] }

[groups]
any_crs = { some_cycle = { crs = ["1", "2", "3"] } }

[[targets]]
claim = "sex"
parts = [{ sex = "M" }, { sex = "F" }]

[[targets]]
claim = "response"
count = { response = "NEGATIVE" }
base = {}

[[targets]]
claim = "response.boys"
count = { response = "NEGATIVE" }
base = { sex = "M" }

[[targets]]
claim = "response.girls"
count = { response = "NEGATIVE" }
base = { sex = "F" }

[[targets]]
claim = "crs"
parts = [{ crs = "0" }, { crs = ["1", "2"] }, { crs = "3" }]
total = { number = "any" }

[[targets]]
claim = "crs.children"
count = { any_crs = "yes" }
base = {}
"""


def _study(folder: Path, *, girls: int = 2, blueprint: str = BLUEPRINT) -> Path:
    """Write claims and blueprint of ten children; two of four girls respond, as 7 − 5 are left."""
    claims = folder / "claims.toml"
    claims.write_text(CLAIMS.replace("{girls}", str(girls)), encoding="utf-8")
    (folder / "reconstruction.toml").write_text(blueprint, encoding="utf-8")
    return claims


def _facts(claims: Path, seed: int = 1) -> Facts:
    blueprint = claims.parent / "reconstruction.toml"
    return facts_of(read_blueprint(blueprint), read_claims(claims), seed, str(blueprint))


def test_every_printed_count_is_that_of_the_children(tmp_path: Path) -> None:
    facts = _facts(_study(tmp_path))
    assert not facts.unmet
    assert [child["sex"] for child in facts.children].count("M") == 6
    responders = [child["sex"] for child in facts.children if child["response"] == "NEGATIVE"]
    assert sorted(responders) == ["F"] * 2 + ["M"] * 5
    grades = [cycle["crs"] for cycles in facts.cycles for cycle in cycles]
    assert (grades.count("0"), grades.count("3"), len(grades)) == (9, 1, 13)


def test_children_of_a_group_over_cycles_are_those_with_such_a_cycle(tmp_path: Path) -> None:
    facts = _facts(_study(tmp_path))
    ill = [any(cycle["crs"] != "0" for cycle in cycles) for cycles in facts.cycles]
    assert ill == [child["any_crs"] == "yes" for child in facts.children]
    assert sum(ill) == 4


def test_every_cycle_has_a_number_up_to_those_given(tmp_path: Path) -> None:
    facts = _facts(_study(tmp_path))
    for child, cycles in zip(facts.children, facts.cycles, strict=True):
        assert [cycle["number"] for cycle in cycles] == ["1", "2"][:int(child["cycles"])]


def test_a_number_that_cannot_be_is_given_up_with_the_smallest_set(tmp_path: Path) -> None:
    """Of 4 girls and 6 boys 7 respond, 5 of them boys: one girl is one too few, by three claims."""
    facts = _facts(_study(tmp_path, girls=1))
    assert len(facts.unmet) == 1
    conflict = {one.id for one in facts.unmet[0].conflict}
    assert conflict == {"response", "response.boys", "response.girls"}


def test_a_number_that_counts_more_goes_last(tmp_path: Path) -> None:
    weighty = BLUEPRINT.replace('claim = "response.girls"\n', 'claim = "response.girls"\n'
                                'weight = 5\n').replace('claim = "response"\n',
                                                        'claim = "response"\nweight = 5\n')
    facts = _facts(_study(tmp_path, girls=1, blueprint=weighty))
    assert [unmet.claim.id for unmet in facts.unmet] == ["response.boys"]


def test_a_pair_that_cannot_be_is_named_and_nothing_else(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    claims.write_text(claims.read_text(encoding="utf-8") + """
[[claims]]
id = "boys"
where = "Abstract"
kind = "proportion"
count = 7
base = "patients"
""", encoding="utf-8")
    blueprint = tmp_path / "reconstruction.toml"
    blueprint.write_text(blueprint.read_text(encoding="utf-8") + """
[[targets]]
claim = "boys"
count = { sex = "M" }
base = {}
""", encoding="utf-8")
    facts = _facts(claims)
    assert [unmet.claim.id for unmet in facts.unmet] == ["boys"]
    assert {one.id for one in facts.unmet[0].conflict} in (
        {"boys", "sex"}, {"boys", "response.boys"})


def test_a_percentage_that_no_count_has_contradicts_itself(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    text = claims.read_text(encoding="utf-8").replace('percent = "70"', 'percent = "71"')
    claims.write_text(text, encoding="utf-8")
    facts = _facts(claims)
    assert [(unmet.claim.id, len(unmet.conflict)) for unmet in facts.unmet] == [("response", 1)]


def test_a_rule_holds_for_every_child(tmp_path: Path) -> None:
    ruled = BLUEPRINT + '\n[[rules]]\nwhen = { sex = "F" }\nthen = { cycles = "1" }\n'
    facts = _facts(_study(tmp_path, blueprint=ruled))
    assert {child["cycles"] for child in facts.children if child["sex"] == "F"} == {"1"}


def test_the_same_seed_gives_the_same_children_and_another_others(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    first, again, other = _facts(claims, 1), _facts(claims, 1), _facts(claims, 2)
    assert (first.children, first.cycles) == (again.children, again.cycles)
    assert (first.children, first.cycles) != (other.children, other.cycles)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    written = []
    for name in ("one", "two"):
        write_reconstruction(reconstruct(claims), tmp_path / name)
        written.append({path.name: path.read_bytes()
                        for path in (tmp_path / name).rglob("*") if path.is_file()})
    assert written[0] == written[1]
    assert all(b"RECONSTRUCTED-" in content for name, content in written[0].items()
               if name.endswith(".csv"))


def test_records_are_written_in_place_of_those_before(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    folder = tmp_path / "study"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "old.csv").write_text("subject_id\n", encoding="utf-8")
    (folder / "study.toml").write_text("# kept\n", encoding="utf-8")
    write_reconstruction(reconstruct(claims), folder)
    assert not (folder / "tables" / "old.csv").exists()
    assert (folder / "study.toml").read_text(encoding="utf-8") == "# kept\n"


def test_without_the_solver_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'remission\[reconstruct\]'"):
        reconstruct(_study(tmp_path))


@pytest.mark.parametrize(("wrong", "right", "says"), [
    ('parts = [{ sex = "M" }, { sex = "F" }]', 'parts = [{ sex = "M" }]', "2 parts"),
    ('{ sex = "F" }]', '{ sex = "girl" }]', "girl"),
    ('claim = "sex"', 'claim = "sexes"', "no such claim"),
    ("core = [\"sex\"]", "core = [\"gender\"]", "gender"),
    ("response = { levels", "responses = { levels", "response"),
])
def test_a_blueprint_that_does_not_fit_says_where(
    tmp_path: Path, wrong: str, right: str, says: str
) -> None:
    claims = _study(tmp_path, blueprint=BLUEPRINT.replace(wrong, right))
    with pytest.raises(InputError, match=says):
        _facts(claims)


def test_without_the_fact_cycles_each_child_has_one(tmp_path: Path) -> None:
    text = BLUEPRINT[:BLUEPRINT.index('[[targets]]\nclaim = "crs"')]
    text = text.replace('cycles = { levels = ["1", "2"] }\n', "")
    claims = _study(tmp_path, blueprint=text)
    found = reconstruct(claims)
    assert {len(cycles) for cycles in found.facts.cycles} == {1}
    assert found.tables["exposure"]["subject_id"].n_unique() == 10   # the base of the claims


def test_who_is_not_in_a_group_meets_none_of_its_conditions(tmp_path: Path) -> None:
    blueprint = BLUEPRINT + (
        '\n[groups.both]\nany = [{ sex = "M", response = "NEGATIVE" }, { cycles = "2" }]\n')
    _study(tmp_path, blueprint=blueprint.replace("[groups]\n", "[groups]\n"))
    resolver = Resolver(read_blueprint(tmp_path / "reconstruction.toml"))
    inside, outside = (resolver.predicate({"both": word}) for word in ("yes", "no"))
    for sex in ("M", "F"):
        for response in ("NEGATIVE", "RESIDUAL"):
            for cycles in ("1", "2"):
                cell = {"sex": sex, "response": response, "cycles": cycles}
                expected = (sex == "M" and response == "NEGATIVE") or cycles == "2"
                assert (inside.holds(cell), outside.holds(cell)) == (expected, not expected)


def test_where_nothing_can_be_written_is_said_before_the_search(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    (tmp_path / "file").write_text("mine", "utf-8")
    done = run("reconstruct", claims, "-o", tmp_path / "file" / "study")
    assert done.returncode == 2
    assert "This is a file, not a folder." in done.stderr and "finding what" not in done.stderr


def test_the_folder_of_a_study_is_not_left_half_written(tmp_path: Path) -> None:
    claims = _study(tmp_path)
    shutil.copy(claims, tmp_path / "other.toml")
    (tmp_path / "reconstruction.toml").unlink()
    with pytest.raises(InputError, match="does not exist"):
        reconstruct(claims)
    assert not (tmp_path / "tables").exists()
