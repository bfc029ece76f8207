"""Every kind of fault is planted into clean records: each is found, and nothing else is.

``pytest -s`` prints, for each rule, how many of the planted faults it found and how many queries
it raised about children whose records were right.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from remission.records.checks import RULES, check_study
from remission.records.storage import as_frame, empty_frame
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.sources.importing import import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.study_folder import read_study
from remission.virtual.clinics import PLANTED, north_files, south_files, split_sites
from remission.virtual.truth import simulate_children
from tests.conftest import ROOT
from tests.studies.faults import FAULTS, Fault, Records, children

EACH = 5
"""Children into whose records each fault is planted, one at a time."""


@pytest.fixture(scope="module")
def study(demo: Path) -> Study:
    return read_study(demo / "study")


@pytest.fixture(scope="module")
def clean(study: Study) -> Study:
    """The example without the faults that were planted into it."""
    tables = {name: study.tables[name].to_native() if name in study.tables
              else empty_frame(TABLES[name]).to_native() for name in TABLES}
    records = Records(tables)
    for query in check_study(study):
        child, first = query.subject_id, query.at[0]
        row = tables[first.table].row(first.row, named=True)
        if query.rule == "impossible_value":
            records.change("laboratory", child, {"test": "ANC", "day": row["day"]}, value=1.2)
        elif query.rule == "after_last_contact":
            records.remove("transfusion", child, {"day": row["day"]})
        elif query.rule == "testis_in_a_girl":
            records.change("disease_episode", child, testis="N")
        else:
            records.change("transplant", child, hla_matched=10)
    return with_tables(study, records)


def with_tables(study: Study, records: Records) -> Study:
    return Study(plan=study.plan, tables={
        name: as_frame(frame) for name, frame in records.tables.items()})


def planted(clean: Study, fault: Fault, child: str) -> Study:
    records = Records({name: frame.to_native() for name, frame in clean.tables.items()})
    fault.plant(records, child)
    return with_tables(clean, records)


def test_the_clean_example_raises_no_query(clean: Study) -> None:
    assert check_study(clean) == []


def test_a_fault_is_planted_for_every_rule() -> None:
    assert sorted(fault.rule for fault in FAULTS) == sorted(RULES)


def test_every_planted_fault_is_found_and_no_other_child_is_asked_about(clean: Study) -> None:
    records = Records({name: frame.to_native() for name, frame in clean.tables.items()})
    lines, missed, false = [], [], []
    for fault in FAULTS:
        can = fault.who(records)
        chosen = random.Random(fault.rule).sample(can, min(EACH, len(can)))
        assert chosen, f"nobody can have {fault.rule}"
        found = others = 0
        for child in chosen:
            queries = list(RULES[fault.rule].queries(planted(clean, fault, child)))
            is_it = [query.site_id == clean.site_of[child] if fault.of_site
                     else query.subject_id == child for query in queries]
            found += any(is_it)
            others += is_it.count(False)
        missed += [fault.rule] if found < len(chosen) else []
        false += [fault.rule] if others else []
        asked = len(chosen) * (len(children(records)) - 1)
        lines.append(f"{fault.rule:<38} found {found}/{len(chosen)} "
                     f"false {others}/{asked} ({others / asked:.3%})")
    print("\n".join(["", *lines]))
    assert missed == [] and false == []


def test_other_simulated_clinics_raise_the_planted_queries_and_no_false_one(
    study: Study, tmp_path: Path
) -> None:
    north, south = split_sites(simulate_children(300, 7))
    found: dict[str, str] = {}
    count = 0
    for name, files in (("north", north_files(north)), ("south", south_files(south))):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        mapping = read_mapping(ROOT / "src" / "remission" / "example" / f"{name}.toml")
        imported = import_site(read_source(folder), mapping)
        queries = check_study(Study(plan=study.plan, tables={
            table: as_frame(frame) for table, frame in imported.tables.items()}))
        found |= {query.rule: query.site_id[0] for query in queries}
        count += len(queries)
    assert found == {rule: site for rule, (site, _) in PLANTED.items()}
    assert count == len(PLANTED), "no false query about 300 children"
