"""How to plant each kind of fault into a child of the example: one way for every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

Row = dict[str, Any]
Who = Callable[["Records"], list[str]]


class Records:
    """The tables of a study, to be changed in place; rows are plain dictionaries."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.tables = dict(tables)

    def rows(self, table: str, child: str, **where: object) -> list[Row]:
        """Return the rows of a child with some values."""
        return [row for row in self.tables[table].filter(
            pl.col("subject_id") == child).iter_rows(named=True)
            if all(row[name] == value for name, value in where.items())]

    def row(self, table: str, child: str, **where: object) -> Row:
        """Return the first of them."""
        return self.rows(table, child, **where)[0]

    def add(self, into: str, child: str, /, **cells: object) -> None:
        """Append a row."""
        frame = self.tables[into]
        of_child = {"subject_id": child} if "subject_id" in frame.columns else {}
        row = {**dict.fromkeys(frame.columns), **of_child,
               "_source": f"planted.csv:{len(frame) + 2}", **cells}
        new = pl.DataFrame({name: [row[name]] for name in frame.columns}, schema=frame.schema)
        self.tables[into] = pl.concat([frame, new])

    def change(self, table: str, child: str, where: Row | None = None, **cells: object) -> None:
        """Write other values into the rows of a child."""
        frame = self.tables[table]
        of_child = pl.col("subject_id") == child
        for name, value in (where or {}).items():
            of_child = of_child & (pl.col(name) == value)
        self.tables[table] = frame.with_columns(
            pl.when(of_child).then(pl.lit(value, dtype=frame.schema[name]))
            .otherwise(pl.col(name)).alias(name) for name, value in cells.items())

    def remove(self, table: str, child: str, where: Row | None = None) -> None:
        """Take rows of a child away."""
        gone = pl.col("subject_id") == child
        for name, value in (where or {}).items():
            gone = gone & (pl.col(name) == value)
        self.tables[table] = self.tables[table].filter(~gone)

    def lab(self, child: str, test: str, value: float, unit: str, day: int = 1,
            **cells: object) -> None:
        """Append a laboratory value."""
        self.add("laboratory", child, test=test, value=value, unit=unit, day=day, sequence=9,
                 **cells)

    def graft_day(self, child: str) -> int:
        """Return the day of the first transplant."""
        return int(self.row("transplant", child)["day"])


def children(records: Records) -> list[str]:
    """Every child."""
    return list(records.tables["subject"]["subject_id"])


def _of(table: str, **where: object) -> Who:
    def of(records: Records) -> list[str]:
        return [child for child in children(records) if table in records.tables
                and records.rows(table, child, **where)]

    return of


grafted = _of("transplant")
relapsed = _of("disease_episode", phase="RELAPSE")
alive, dead = _of("follow_up", vital_status="ALIVE"), _of("follow_up", vital_status="DEAD")
girls = _of("subject", sex="F")
transfused = _of("transfusion", product="PLATELET")


def not_grafted(records: Records) -> list[str]:
    """Children without a transplant."""
    return [child for child in children(records) if child not in grafted(records)]


def dead_of_relapse(records: Records) -> list[str]:
    """Children whose relapse is recorded and who died of it."""
    fatal = _of("follow_up", cause_of_death="RELAPSE")(records)
    return [child for child in fatal if child in relapsed(records)]


def counted(records: Records) -> list[str]:
    """Children with a neutrophil count on the eighth day after the graft."""
    return [child for child in grafted(records) if records.rows(
        "laboratory", child, test="ANC", day=records.graft_day(child) + 8)]


@dataclass(frozen=True)
class Fault:
    """A rule, how its fault is planted into a child, and which children can have it."""

    rule: str
    plant: Callable[[Records, str], None]
    who: Who = children
    of_site: bool = False


def _as_fractions(records: Records, child: str) -> None:
    site = records.row("subject", child)["site_id"]
    of_site = records.tables["subject"].filter(pl.col("site_id") == site)["subject_id"]
    records.tables["assessment"] = records.tables["assessment"].with_columns(
        pl.when(pl.col("subject_id").is_in(list(of_site))).then(pl.col("blast_percent") / 100)
        .otherwise(pl.col("blast_percent")).alias("blast_percent"))


def _subsets(records: Records, child: str, **percentages: float) -> None:
    for test, value in percentages.items():
        records.lab(child, f"{test}_PERCENT", value, "%")


def _persistent(records: Records, child: str) -> None:
    records.change("subject", child, cohort="RR")
    records.change("assessment", child, blast_percent=50.0, mrd_percent=None, mrd_sign=None)


def _cr1_after_relapse(records: Records, child: str) -> None:
    records.change("transplant", child, status_at_transplant="CR1")
    records.add("disease_episode", child, episode_no=9, phase="RELAPSE",
                start_day=records.graft_day(child) - 1)


def _active_at_graft(records: Records, child: str) -> None:
    records.change("transplant", child, status_at_transplant="CR2")
    records.add("assessment", child, assessment_no=9, specimen="BM", blast_percent=20.0,
                day=records.graft_day(child) - 1)


def _three_counts(records: Records, child: str) -> None:
    for number in (1, 2, 3):
        records.add("laboratory", child, test="ANC", value=0.1 * number, unit="10*9/L",
                    day=records.graft_day(child), sequence=number)


def _interleaved(records: Records, child: str) -> None:
    records.add("exposure", child, cycle_no=2, segment_no=1, start_day=42, end_day=44)
    records.add("exposure", child, cycle_no=1, segment_no=2, start_day=50, end_day=52)


def _two_plans(records: Records, child: str) -> None:
    records.change("exposure", child, planned_days=14)
    records.add("exposure", child, cycle_no=1, segment_no=2, planned_days=28)


def _two_units(records: Records, child: str) -> None:
    for unit in ("g/dL", "g/L"):
        records.lab(child, "HGB", 90, "g/L", source_unit=unit)


def _form(form: str, status: str) -> Callable[[Records, str], None]:
    return lambda r, c: r.add("form_status", c, form=form, status=status)


def _unfatal(records: Records, child: str) -> None:
    records.change("follow_up", child, cause_of_death="INFECTION")
    records.add("form_status", child, form="ADVERSE_EVENT", status="COMPLETE")


def _event(**cells: object) -> Callable[[Records, str], None]:
    return lambda r, c: r.add("adverse_event", c, event_no=9, **cells)


def _set(table: str, **cells: object) -> Callable[[Records, str], None]:
    return lambda r, c: r.change(table, c, **cells)


_RECOVERY = "neutrophil_recovery_day_reported"

FAULTS = (
    Fault("out_of_range", _set("transplant", cd34_1e6_kg=-1.0), grafted),
    Fault("percent_as_fraction", _as_fractions, of_site=True),
    Fault("recorded_twice", lambda r, c: r.add(
        "assessment", c, **{**r.row("assessment", c), "assessment_no": 9})),
    Fault("rows_without_form", _form("TRANSFUSION", "NOT_COLLECTED"), transfused),
    Fault("dose_of_unknown_line", lambda r, c: r.add(
        "drug_dose", c, dose_no=1, drug="Cytarabine", line_no=4)),
    Fault("repeated_column_disagrees", lambda r, c: r.add(
        "source_disagreement", c, field="a = 1", of="b = 2", expected="a = 2")),
    Fault("two_diagnoses", lambda r, c: r.add(
        "disease_episode", c, episode_no=9, phase="INITIAL_DIAGNOSIS", start_day=-5)),
    Fault("relapse_before_diagnosis", lambda r, c: r.add(
        "disease_episode", c, episode_no=9, phase="RELAPSE", start_day=r.row(
            "disease_episode", c, phase="INITIAL_DIAGNOSIS")["start_day"] - 1)),
    Fault("marrow_against_blasts", _set(
        "disease_episode", marrow="N", marrow_blast_percent=60.0)),
    Fault("months_against_days", _set("disease_episode", months_since_diagnosis_reported=100.0)),
    Fault("testis_in_a_girl", _set("disease_episode", testis="Y"), girls),
    Fault("relapse_of_non_malignant_disease", lambda r, c: r.change(
        "disease_episode", c, {"phase": "INITIAL_DIAGNOSIS"}, diagnosis="NON_MALIGNANT"),
        relapsed),
    Fault("first_remission_after_relapse", _cr1_after_relapse, grafted),
    Fault("no_follow_up", lambda r, c: r.remove("follow_up", c)),
    Fault("follow_up_incomplete", _set("follow_up", vital_status=None)),
    Fault("cause_without_death", _set("follow_up", cause_of_death="RELAPSE"), alive),
    Fault("grade_5_alive", _event(term="Sepsis", grade=5, grading="CTCAE5"), alive),
    Fault("grade_5_on_another_day", lambda r, c: r.add(
        "adverse_event", c, event_no=9, term="Sepsis", grade=5, grading="CTCAE5",
        end_day=r.row("follow_up", c)["death_day"] - 1), dead),
    Fault("death_without_grade_5", _unfatal, dead),
    Fault("infusions_overlap", lambda r, c: r.add(
        "exposure", c, cycle_no=1, segment_no=2, start_day=5, end_day=7)),
    Fault("segment_outside_its_cycle", _interleaved),
    Fault("cycle_without_start", _set("exposure", start_day=None)),
    Fault("dose_not_above_zero", _set("exposure", dose=0.0)),
    Fault("cycle_numbers_skip", _set("exposure", cycle_no=3)),
    Fault("segments_out_of_order", lambda r, c: r.add(
        "exposure", c, cycle_no=1, segment_no=2, start_day=-3, end_day=-1)),
    Fault("dose_units_differ", lambda r, c: r.add(
        "exposure", c, cycle_no=1, segment_no=2, start_day=40, dose_unit="ug/d")),
    Fault("planned_days_differ", _two_plans),
    Fault("completed_but_short", _set("exposure", planned_days=56, end_reason="COMPLETED")),
    Fault("impossible_value", lambda r, c: r.lab(c, "ANC", 1200, "10*9/L")),
    Fault("impossible_size", lambda r, c: r.lab(c, "HGB", 9.5, "g/L")),
    Fault("negative_value", lambda r, c: r.lab(c, "CRP", -9, "mg/L")),
    Fault("percentage_out_of_range", lambda r, c: r.lab(c, "CD3_PERCENT", 170, "%")),
    Fault("value_below_limit", lambda r, c: r.lab(
        c, "IL6", 2, "pg/mL", lod=5.0, specimen="SERUM")),
    Fault("cytokine_without_specimen", lambda r, c: r.lab(c, "IL6", 20, "pg/mL")),
    Fault("unknown_unit", lambda r, c: r.lab(c, "ANC", 2, "g/L"), of_site=True),
    Fault("units_differ_within_day", _two_units),
    Fault("subsets_do_not_add_up", lambda r, c: _subsets(r, c, CD3=70, CD4=60, CD8=30)),
    Fault("lymphocytes_do_not_add_up", lambda r, c: _subsets(r, c, CD3=50, CD19=10, NK=10)),
    Fault("relapse_without_remission", _persistent, relapsed),
    Fault("relapse_death_without_relapse", lambda r, c: r.remove(
        "disease_episode", c, {"phase": "RELAPSE"}), dead_of_relapse),
    Fault("remission_without_marrow", lambda r, c: r.change(
        "assessment", c, {"timepoint": "END_OF_CYCLE"}, response_reported="CR",
        blast_percent=30.0)),
    Fault("remission_at_transplant_contradicted", _active_at_graft, grafted),
    Fault("transplant_before_response", lambda r, c: r.add(
        "assessment", c, assessment_no=9, specimen="BM", timepoint="PRE_TRANSPLANT",
        day=r.graft_day(c) + 2), grafted),
    Fault("mrd_below_limit", _set(
        "assessment", mrd_percent=0.001, mrd_sign=None, mrd_lod_percent=0.01)),
    Fault("mrd_not_detected_with_value", _set("assessment", mrd_percent=0.5, mrd_sign="ND")),
    Fault("identifiers_alike", lambda r, c: r.add(
        "subject", c.lower(), site_id=r.row("subject", c)["site_id"])),
    Fault("ages_disagree", _set("subject", age_at_index_years_reported=40.0)),
    Fault("performance_score_between_steps", _set("subject", performance_score=85)),
    Fault("scale_against_age", lambda r, c: r.change(
        "subject", c, age_at_index_days=3000, performance_scale="KARNOFSKY")),
    Fault("another_day_zero", _set("subject", index_event="DIAGNOSIS")),
    Fault("anchor_off_day_zero", _set("exposure", start_day=3)),
    Fault("after_death", lambda r, c: r.add(
        "transfusion", c, product="RBC", day=r.row("follow_up", c)["death_day"] + 1), dead),
    Fault("after_last_contact", lambda r, c: r.add(
        "transfusion", c, product="RBC", day=r.row("follow_up", c)["last_contact_day"] + 1),
        alive),
    Fault("before_birth", lambda r, c: r.add(
        "medical_history", c, history_no=1, condition="eczema",
        start_day=-r.row("subject", c)["age_at_index_days"] - 1)),
    Fault("ends_before_start", _set("exposure", end_day=-1)),
    Fault("numbers_out_of_order", lambda r, c: r.add(
        "transplant", c, transplant_no=2, day=r.graft_day(c) - 20), grafted),
    Fault("event_without_day", _set("transplant", day=None), grafted),
    Fault("partial_date_outside_life", lambda r, c: r.add(
        "partial_date", "", table="gvhd", key=f"{c}/1", column="onset_day", precision="M",
        earliest_day=5000, latest_day=5030)),
    Fault("grade_without_system", _event(term="Sepsis", grade=3)),
    Fault("grade_below_its_term", _event(term="Sepsis", grade=2, grading="CTCAE5")),
    Fault("event_outside_its_cycle", _event(term="Nausea", cycle_no=7)),
    Fault("recovery_before_graft", lambda r, c: r.change(
        "transplant", c, **{_RECOVERY: r.graft_day(c)}), grafted),
    Fault("recovery_against_counts", lambda r, c: r.change(
        "transplant", c, **{_RECOVERY: r.graft_day(c) + 8}), counted),
    Fault("recovered_against_day", lambda r, c: r.change(
        "transplant", c, neutrophil_recovered_reported="N",
        **{_RECOVERY: r.graft_day(c) + 20}), grafted),
    Fault("counts_on_day_of_graft", _three_counts, grafted),
    Fault("graft_is_missing", lambda r, c: r.lab(c, "CHIMERISM_WB", 99, "%", 120), not_grafted),
    Fault("gvhd_without_graft", lambda r, c: r.add(
        "gvhd", c, gvhd_no=9, kind="ACUTE", onset_day=60, max_grade="II"), not_grafted),
    Fault("gvhd_before_graft", lambda r, c: r.add(
        "gvhd", c, gvhd_no=9, kind="ACUTE", onset_day=r.graft_day(c) - 1), grafted),
    Fault("gvhd_grade_of_other_kind", lambda r, c: r.add(
        "gvhd", c, gvhd_no=9, kind="ACUTE", max_grade="SEVERE"), grafted),
    Fault("hla_matches_exceed", _set("transplant", hla_matched=12, hla_of=10), grafted),
    Fault("cd34_dose_implausible", _set("transplant", cd34_1e6_kg=150.0), grafted),
)
