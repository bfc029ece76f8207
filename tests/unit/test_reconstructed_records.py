"""Facts of transplants and of tumour lysis stand in the tables that are written for them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import remission
from remission.reconstruct.reconstruct import Reconstruction, reconstruct
from remission.reconstruct.write_study import write_reconstruction
from remission.virtual.parameters import plan_text

pytest.importorskip("ortools", reason="OR-tools finds the counts: remission[reconstruct]")

FULL = 95.0
"""Percent of donor cells from which chimerism is full (definitions/criteria: chimerism)."""
FACTS = {
    "bridge": ("TRANSPLANT", "CHEMOTHERAPY"),
    "donor": ("NONE", "MATCHED_SIBLING", "HAPLOIDENTICAL", "CORD"),
    "graft": ("NONE", "PBSC", "BM", "CORD"),
    "graft_failure": ("N", "Y"),
    "neutrophil_recovery": ("NONE", "EARLY", "LATE"),
    "platelet_recovery": ("NONE", "EARLY", "LATE"),
    "chimerism": ("FULL", "UNSTABLE"),
    "acute_gvhd": ("0", "1", "2", "3"),
    "chronic_gvhd": ("NONE", "MILD", "SEVERE"),
    "lymphocytes_infused": ("N", "Y"),
}
PARTS = {
    "bridge": (8, 2), "donor": (2, 3, 4, 1), "graft": (2, 4, 3, 1), "graft_failure": (9, 1),
    "neutrophil_recovery": (3, 4, 3), "platelet_recovery": (3, 2, 5), "chimerism": (7, 3),
    "acute_gvhd": (5, 1, 2, 2), "chronic_gvhd": (7, 2, 1), "lymphocytes_infused": (7, 3),
    "tumour_lysis": (12, 2),
}
"""How many of ten children, and of fourteen cycles, have each level, in its order."""
WINDOWS = {
    "neutrophil_recovery": {"EARLY": (12, 14), "LATE": (20, 23)},
    "platelet_recovery": {"EARLY": (14, 16), "LATE": (25, 29)},
}
"""Days after the graft."""


def _claims() -> str:
    lines = ['[paper]\ntitle = "Ten children"\n\n[bases]\npatients = 10\ncycles = 14\n']
    lines += [f'[[claims]]\nid = "{name}"\nwhere = "Table"\nkind = "parts"\nparts = {list(parts)}\n'
              f'total = "{"cycles" if name == "tumour_lysis" else "patients"}"\n'
              for name, parts in PARTS.items()]
    return "\n".join(lines)


def _blueprint() -> str:
    lines = ['children = "patients"\nlike = "zhang-2025"\ncore = ["bridge"]\n\n[facts]',
             'status = { levels = ["MRD_POS"] }', 'cohort = { levels = ["MRD_POS"] }',
             'response = { levels = ["NEGATIVE"] }', 'cycles = { levels = ["1", "2"] }',
             'tumour_lysis = { of = "cycle" }']
    for name, levels in FACTS.items():
        days = ", ".join(f"{level} = [{first}, {last}]"
                         for level, (first, last) in WINDOWS.get(name, {}).items())
        lines.append(f"{name} = {{ levels = {list(levels)}"
                     + (f", days = {{ {days} }}" if days else "") + " }")
    for when, then in (
        ('bridge = "CHEMOTHERAPY"', 'donor = "NONE", graft = "NONE", graft_failure = "N", '
         'neutrophil_recovery = "NONE", platelet_recovery = "NONE", chimerism = "FULL", '
         'acute_gvhd = "0", chronic_gvhd = "NONE", lymphocytes_infused = "N"'),
        ('graft_failure = "Y"', 'neutrophil_recovery = "NONE", platelet_recovery = "NONE"'),
        ('donor = "CORD"', 'graft = "CORD"'),
        ('donor = ["MATCHED_SIBLING", "HAPLOIDENTICAL"]', 'graft = ["PBSC", "BM"]'),
    ):
        lines.append(f"\n[[rules]]\nwhen = {{ {when} }}\nthen = {{ {then} }}")
    for name in PARTS:
        levels = FACTS.get(name, ("N", "Y"))
        parts = ", ".join(f'{{ {name} = "{level}" }}' for level in levels)
        total = 'number = "any"' if name == "tumour_lysis" else ""
        lines.append(f'\n[[targets]]\nclaim = "{name}"\nparts = [{parts}]\ntotal = {{ {total} }}')
    return "\n".join(lines)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Reconstruction:
    folder = tmp_path_factory.mktemp("ten")
    (folder / "claims.toml").write_text(_claims(), encoding="utf-8")
    (folder / "reconstruction.toml").write_text(_blueprint(), encoding="utf-8")
    return reconstruct(folder / "claims.toml")


def _told(found: Reconstruction, fact: str) -> dict[str, str]:
    """Return the level of each child with a transplant, as the counts have it."""
    assert not found.facts.unmet
    return {f"RECONSTRUCTED-{number:03d}": child[fact]
            for number, child in enumerate(found.facts.children, 1)
            if child["bridge"] == "TRANSPLANT"}


def _after_graft(found: Reconstruction, test: str) -> dict[str, list[tuple[int, float]]]:
    """Return (day after the graft, value) of each child, in order, from the tables."""
    grafted = found.tables["transplant"].select("subject_id", graft_day="day")
    rows = found.tables["laboratory"].filter(pl.col("test") == test).join(
        grafted, on="subject_id").with_columns(after=pl.col("day") - pl.col("graft_day"))
    return {str(child): list(seen.sort("after").select("after", "value").iter_rows())
            for (child,), seen in rows.filter(pl.col("after") > 0).group_by("subject_id")}


@pytest.mark.parametrize("fact", ["donor", "graft"])
def test_the_transplant_is_the_one_that_is_told(found: Reconstruction, fact: str) -> None:
    rows = found.tables["transplant"]
    assert dict(rows.select("subject_id", fact).iter_rows()) == _told(found, fact)


@pytest.mark.parametrize(("fact", "test", "least", "run"), [
    ("neutrophil_recovery", "ANC", 0.5, 3), ("platelet_recovery", "PLT", 20.0, 3),
])
def test_counts_recover_within_the_days_of_their_level(
    found: Reconstruction, fact: str, test: str, least: float, run: int
) -> None:
    counts = _after_graft(found, test)
    failed = _told(found, "graft_failure")
    for child, level in _told(found, fact).items():
        by_day = {day: value for day, value in counts[child] if day >= 8}
        first = [day for day in by_day if all(
            by_day.get(day + later, 0.0) >= least for later in range(run))]
        if level in WINDOWS[fact]:
            low, high = WINDOWS[fact][level]
            assert low <= min(first) <= high, (child, level)
        if failed[child] == "Y":
            assert not first, child


def test_chimerism_is_full_at_every_visit_unless_it_is_unstable(found: Reconstruction) -> None:
    seen = _after_graft(found, "CHIMERISM_WB")
    for child, level in _told(found, "chimerism").items():
        least = min(value for _, value in seen[child])
        assert (least >= FULL) == (level == "FULL"), (child, least)


def test_graft_versus_host_disease_is_of_the_worst_grade_told(found: Reconstruction) -> None:
    rows = found.tables["gvhd"]
    worst = {(child, kind): grade for child, kind, grade in rows.select(
        "subject_id", "kind", "max_grade").iter_rows()}
    grades = {"0": None, "1": "I", "2": "II", "3": "III"}
    for child, level in _told(found, "acute_gvhd").items():
        assert worst.get((child, "ACUTE")) == grades[level], child
    for child, level in _told(found, "chronic_gvhd").items():
        assert worst.get((child, "CHRONIC")) == (None if level == "NONE" else level), child
    assert len(worst) == len(rows)


def test_donor_lymphocytes_are_given_after_the_graft_to_whom_it_is_told(
    found: Reconstruction
) -> None:
    given = found.tables["cell_therapy"].filter(pl.col("kind") == "DLI").join(
        found.tables["transplant"].select("subject_id", graft_day="day"), on="subject_id")
    told = _told(found, "lymphocytes_infused")
    assert sorted(given["subject_id"]) == [child for child, level in told.items() if level == "Y"]
    assert (given["day"] > given["graft_day"]).all()


def test_who_was_not_transplanted_has_no_row_of_a_transplant(found: Reconstruction) -> None:
    grafted = set(_told(found, "bridge"))
    for name in ("transplant", "gvhd", "gvhd_organ"):
        assert set(found.tables[name]["subject_id"]) <= grafted, name


def test_tumour_lysis_is_an_event_of_its_cycle_and_the_toxicity_analysis_counts_it(
    found: Reconstruction, tmp_path: Path
) -> None:
    events = found.tables["adverse_event"].filter(pl.col("group") == "TLS")
    told = [(f"RECONSTRUCTED-{number:03d}", int(cycle["number"]))
            for number, cycles in enumerate(found.facts.cycles, 1) for cycle in cycles
            if cycle["tumour_lysis"] == "Y"]
    assert sorted(events.select("subject_id", "cycle_no").iter_rows()) == told
    write_reconstruction(found, tmp_path)
    (tmp_path / "study.toml").write_text(
        plan_text("zhang-2025").partition("[[analyses]]")[0] + """
[[analyses]]
name = "events"
kind = "toxicity"
title = "Adverse events"
base = "cycles"
terms = [{ name = "tumour_lysis_ctcae_grade", label = "Tumour lysis syndrome" }]
""", encoding="utf-8")
    results = remission.analyse(remission.derive(remission.read(tmp_path)))
    counted = {result.id: result for result in results}[
        "events.tumour_lysis_ctcae_grade.any.Overall.graded"]
    assert counted.value == len(told) == PARTS["tumour_lysis"][1]
    assert counted.base.n == 14
