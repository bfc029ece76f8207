"""A rule with several values: a column each in the cohort, labelled, and named by the plan."""

from __future__ import annotations

import pytest

from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import definitions_of, derive_cohort
from remission.definitions.definition import REGISTRY
from remission.errors import PlanError
from tests.conftest import study_of

RECORDS = {
    "subject": "subject_id | site_id\nA | 1\nB | 1",
    "laboratory": """
        subject_id | test | day | sequence | value | unit
        A          | CD3  | 13  | 1        | 1.5   | 10*9/L
        A          | CD3  | -2  | 1        | 0.5   | 10*9/L
        B          | CD3  | 14  | 1        | 0.25  | 10*9/L
    """,
}


def plan_of(*names: str) -> dict[str, object]:
    """Return a plan with a table of some variables."""
    return {"analyses": [{"kind": "characteristics", "title": "Immune system",
                          "variables": list(names)}]}


def test_every_item_is_a_column_with_its_parts_label_and_unit() -> None:
    cohort = derive_cohort(study_of(**RECORDS), only=["lymphocytes"])
    assert cohort.column("lymphocytes_cd3_day_14") == [1.5, 0.25]
    assert cohort.column("lymphocytes_cd3_day_14_source") == ["laboratory:2", "laboratory:4"]
    variable = cohort.variables["lymphocytes_cd3_day_14"]
    assert (variable.label, variable.unit) == ("CD3⁺ T cells, day 14", "10*9/L")
    assert cohort.column("lymphocytes_nk_end") == [None, None]


def test_a_variable_alone_is_described_as_among_all() -> None:
    alone = derive_cohort(study_of(**RECORDS), only=[]).variables
    among_all = derive_cohort(study_of(**RECORDS)).variables
    assert dict(alone) == dict(among_all)
    assert "lymphocytes_cd3" not in alone


def test_items_without_any_value_are_spared_when_all_is_derived() -> None:
    cohort = derive_cohort(study_of(**RECORDS))
    assert cohort.has("lymphocytes_cd3_baseline")
    assert cohort.has("lymphocyte_change_cd3_day_14")
    assert not cohort.has("lymphocytes_nk_end")
    assert not any(name.startswith("cytokine") for name in cohort.subjects.columns)


def test_the_plan_names_an_item_and_gets_its_definition() -> None:
    study = study_of(plan_of("lymphocytes_cd3_day_14"), **RECORDS)
    assert definitions_of(study.plan) == ["lymphocytes"]
    cohort = derive_cohort(study, only=definitions_of(study.plan))
    medians = [row.value for row in analyse_cohort(cohort) if row.statistic == "median"]
    assert medians == [0.875]


def test_a_definition_with_items_is_no_variable_of_a_table() -> None:
    study = study_of(plan_of("lymphocytes"), **RECORDS)
    with pytest.raises(PlanError, match="has several values"):
        analyse_cohort(derive_cohort(study, only=[]))


def test_items_have_columns_and_keys_of_their_own() -> None:
    definition = REGISTRY["chimerism"]
    assert definition.keys == ("subject_id", "transplant_no", "item")
    assert definition.columns == tuple(f"chimerism_{visit}" for visit in (
        "months_3", "months_6", "months_12", "months_18", "latest"))
    assert REGISTRY["transplanted"].columns == ("transplanted",)
