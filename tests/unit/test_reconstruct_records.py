"""Facts of lines, marrows, interruptions, grafts and drugs become records that say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from remission.audit.claims import read_claims
from remission.audit.kinds_of_estimates import Summary
from remission.reconstruct.blueprint import read_blueprint
from remission.reconstruct.reconstruct import Reconstruction, reconstruct
from remission.reconstruct.single_numbers import with_single_numbers
from remission.statistics import Outcome, kaplan_meier

pytest.importorskip("ortools", reason="OR-tools finds the counts: remission[reconstruct]")

CLAIMS = """
[paper]
title = "Twelve children"

[bases]
patients = 12

[[claims]]
id = "response"
where = "Table 1"
kind = "parts"
parts = [8, 2, 2]
total = "patients"

[[claims]]
id = "lines"
where = "Table 1"
kind = "parts"
parts = [5, 7]
total = "patients"

[[claims]]
id = "disease"
where = "Table 1"
kind = "parts"
parts = [6, 3, 3]
total = "patients"

[[claims]]
id = "youngest"
where = "Text"
kind = "same"
quantity = "youngest age in years"
mentions = [{ where = "Abstract", value = "2" }, { where = "Text", value = "2" }]

[[claims]]
id = "cells"
where = "Text"
kind = "summary"
groups = [{ n = 10, median = "5.9" }]

[[claims]]
id = "neutrophils"
where = "Text"
kind = "summary"
values = "whole"
groups = [{ n = 10, minimum = "12", maximum = "16" }]

[[claims]]
id = "survival"
where = "Table 5"
kind = "survival"
estimate = "80"
n = 10
at = "24 months"
"""
BLUEPRINT = """
children = "patients"
like = "olaya-2025"
core = ["best"]

[facts]
cohort = { levels = ["RR"] }
status = { levels = ["RR"] }
cycles = { levels = ["1"] }
best = { levels = ["CR", "PR", "NR"] }
marrow = { of = "cycle", levels = ["NEGATIVE", "OVERT"] }
partial = { of = "cycle" }
crs = { of = "cycle", levels = ["0", "4"] }
resumed = { of = "cycle" }
lines = {}
episode = { levels = ["FIRST_RELAPSE", "SECOND_RELAPSE", "REFRACTORY"] }
year = { levels = ["2019", "2020"] }
bridge = { levels = ["TRANSPLANT", "NONE"] }
donor = { levels = ["NONE", "HAPLOIDENTICAL"] }
death = { levels = ["NONE", "TRANSPLANT"] }
transplant_time = { levels = ["NONE", "THEN"], days = { THEN = [60, 75] } }
relapse_time = { levels = ["NONE"] }
death_time = { levels = ["NONE", "THEN"], days = { THEN = [300, 900] } }

[times]
last = [900, 1800]
until = 2024.5
moves = 3000

[[rules]]
when = { best = "CR", number = "1" }
then = { marrow = "NEGATIVE", partial = "N" }

[[rules]]
when = { best = "PR", number = "1" }
then = { marrow = "OVERT", partial = "Y" }

[[rules]]
when = { best = "NR", number = "1" }
then = { marrow = "OVERT", partial = "N" }

[[rules]]
when = { crs = "4" }
then = { resumed = "Y" }

[[rules]]
when = { crs = "0" }
then = { resumed = "N" }

[[rules]]
when = { best = ["CR", "PR"] }
then = { bridge = "TRANSPLANT", donor = "HAPLOIDENTICAL", transplant_time = "THEN" }

[[rules]]
when = { best = "NR" }
then = { bridge = "NONE", donor = "NONE", transplant_time = "NONE", death = "NONE" }

[[rules]]
when = { death = "NONE" }
then = { death_time = "NONE" }

[[rules]]
when = { death = "TRANSPLANT" }
then = { death_time = "THEN" }

[[rules]]
when = { episode = ["SECOND_RELAPSE", "REFRACTORY"] }
then = { lines = "2" }

[[chosen]]
who = { death = "TRANSPLANT" }
least = 2
most = 2

[[chosen]]
who = { crs = "4" }
least = 3
most = 3

[[targets]]
claim = "response"
parts = [{ best = "CR" }, { best = "PR" }, { best = "NR" }]

[[targets]]
claim = "lines"
parts = [{ lines = "1" }, { lines = "2" }]

[[targets]]
claim = "disease"
parts = [{ episode = "FIRST_RELAPSE" }, { episode = "SECOND_RELAPSE" }, { episode = "REFRACTORY" }]

[[targets]]
claim = "survival"
n = { bridge = "TRANSPLANT" }
endpoint = "os"
origin = "transplant"

[values.ages]
described = [{ claim = "youngest", of = "months", part = "minimum", times = 12 }]

[values.ages.columns]
months = { test = "AGE", step = "1", spread = "even", low = 12, high = 216 }

[values.grafts]
described = [
    { claim = "cells", of = "cells", who = [{ bridge = "TRANSPLANT" }] },
    { claim = "neutrophils", of = "neutrophils", who = [{ bridge = "TRANSPLANT" }] },
]

[values.grafts.columns]
cells = { test = "CD34_DOSE", step = "0.1", low = 2, high = 12, among = { bridge = "TRANSPLANT" } }

[values.grafts.columns.neutrophils]
test = "NEUTROPHIL_DAY"
step = "1"
low = 8
high = 30
among = { bridge = "TRANSPLANT" }

[[drugs]]
purpose = "CONDITIONING"
drug = "cyclophosphamide"
dose = 60
unit = "mg/kg"
route = "IV"
at = "transplant"
days = [-4, -3]

[[drugs]]
purpose = "INTRATHECAL"
drug = "methotrexate"
dose = 12
unit = "mg"
route = "IT"
at = "cycle_end"
days = [14]
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Reconstruction:
    folder = tmp_path_factory.mktemp("study")
    (folder / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    (folder / "reconstruction.toml").write_text(BLUEPRINT, encoding="utf-8")
    return reconstruct(folder / "claims.toml")


def _ids(found: Reconstruction, **levels: str) -> list[str]:
    subjects = found.tables["subject"]["subject_id"]
    return [subject for subject, child in zip(subjects, found.facts.children, strict=True)
            if all(child[fact] == level for fact, level in levels.items())]


def test_a_chosen_size_holds_for_children_and_for_cycles(found: Reconstruction) -> None:
    assert not found.facts.unmet
    assert len(_ids(found, death="TRANSPLANT")) == 2
    assert sum(cycle["crs"] == "4" for cycles in found.facts.cycles for cycle in cycles) == 3


def test_survival_from_the_graft_prints_as_it_is_printed(found: Reconstruction) -> None:
    follow_up = found.tables["follow_up"].join(found.tables["transplant"].select(
        "subject_id", "day"), on="subject_id")
    days = (follow_up["last_contact_day"] - follow_up["day"]).to_list()
    died = (follow_up["vital_status"] == "DEAD").cast(pl.Int64).to_list()
    # 24 months are two of the years that the plan counts by
    point = kaplan_meier(Outcome(time=days, event=died)).at([2 * 365.25])[0]
    assert round(100 * point.survival) == 80


def test_grafts_are_given_in_their_window_and_nobody_is_seen_after_the_last_day(
    found: Reconstruction
) -> None:
    assert found.tables["transplant"]["day"].is_between(60, 75).all()
    seen = found.tables["subject"].join(found.tables["follow_up"], on="subject_id")
    assert ((seen["index_year"] + seen["last_contact_day"] / 365.25) <= 2024.5).all()


def test_half_cleared_marrows_are_told_from_those_that_stayed(found: Reconstruction) -> None:
    marrows = found.tables["assessment"]
    before = dict(marrows.filter(pl.col("timepoint") == "BASELINE").select(
        "subject_id", "blast_percent").iter_rows())
    after = dict(marrows.filter(pl.col("timepoint") == "END_OF_CYCLE").select(
        "subject_id", "blast_percent").iter_rows())
    for child in _ids(found, best="PR"):
        assert 5 <= after[child] <= min(25, 0.5 * before[child])
    for child in _ids(found, best="NR"):
        assert after[child] > 0.5 * before[child]


def test_an_infusion_that_went_on_after_grade_4_is_whole(found: Reconstruction) -> None:
    events = found.tables["adverse_event"].filter(
        (pl.col("grade") == 4) & (pl.col("group") == "CRS"))
    assert events["action"].to_list() == ["INTERRUPTED"] * 3
    infused = found.tables["exposure"].group_by("subject_id").agg(
        (pl.col("end_day") - pl.col("start_day") + 1).sum().alias("days"))
    assert infused["days"].to_list() == [28] * 12


def test_the_second_line_ends_in_a_marrow_that_says_whether_it_helped(
    found: Reconstruction
) -> None:
    lines = found.tables["treatment_line"]
    salvage = lines.filter(pl.col("intent") == "SALVAGE")
    assert sorted(salvage["subject_id"]) == sorted(_ids(found, lines="2"))
    marrows = found.tables["assessment"].join(salvage, on="subject_id").filter(
        (pl.col("day") == pl.col("end_day") + 1) & (pl.col("timepoint") == "FOLLOW_UP"))
    fails = dict(marrows.select("subject_id", pl.col("blast_percent") >= 5).iter_rows())
    refractory = _ids(found, episode="REFRACTORY")
    assert fails == {child: child in refractory for child in _ids(found, lines="2")}
    relapses = found.tables["disease_episode"].filter(pl.col("phase") == "RELAPSE")
    later = salvage.join(relapses, on="subject_id").filter(
        pl.col("start_day_right") > pl.col("start_day"))
    assert (later["end_day"] < later["start_day_right"]).all()


def test_single_numbers_and_those_of_grafts_are_met(found: Reconstruction) -> None:
    assert all(one.met for searched in found.searched.values() for one in searched.outcomes)
    assert found.tables["subject"]["age_at_index_days"].min() == round(24 * 30.4375)
    assert found.tables["transplant"]["cd34_1e6_kg"].median() == pytest.approx(5.9)


def test_values_that_nothing_binds_are_spread(found: Reconstruction) -> None:
    months = found.searched["ages"].values["months"]
    assert months.min() == 24
    assert len(set(months.tolist())) > 8
    assert months.max() > 120


def test_neutrophils_recover_on_the_days_that_were_found(found: Reconstruction) -> None:
    days = found.searched["grafts"].values["neutrophils"]
    ids = found.tables["subject"]["subject_id"].to_list()
    grafts = dict(found.tables["transplant"].select("subject_id", "day").iter_rows())
    counts = found.tables["laboratory"].filter(pl.col("test") == "ANC")
    for child, day in zip(ids, days, strict=True):
        if np.isnan(day):
            continue
        rows = counts.filter(pl.col("subject_id") == child).with_columns(
            after=pl.col("day") - grafts[child])
        at = dict(rows.select("after", "value").iter_rows())
        assert at[int(day) - 1] < 0.5
        assert all(at[int(day) + later] > 0.5 for later in range(3))


def test_drugs_of_the_protocol_are_given_on_their_days(found: Reconstruction) -> None:
    drugs = found.tables["drug_dose"]
    conditioning = drugs.filter(pl.col("purpose") == "CONDITIONING").join(
        found.tables["transplant"].select("subject_id", "day"), on="subject_id")
    assert sorted((conditioning["start_day"] - conditioning["day"]).to_list()) == (
        [-4] * 10 + [-3] * 10)
    assert drugs.filter(pl.col("purpose") == "INTRATHECAL").height == 12
    assert drugs.group_by("subject_id").agg(pl.col("dose_no").max() == pl.len())[
        "dose_no"].all()


def test_a_mention_is_read_as_the_number_that_it_is(tmp_path: Path) -> None:
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "reconstruction.toml").write_text(BLUEPRINT, encoding="utf-8")
    blueprint = read_blueprint(tmp_path / "reconstruction.toml")
    read = with_single_numbers(blueprint, read_claims(tmp_path / "claims.toml"))
    youngest = next(claim for claim in read.claims if claim.id == "youngest")
    assert isinstance(youngest, Summary)
    group = youngest.groups[0]
    assert (group.minimum, group.maximum) == ("24", None)
