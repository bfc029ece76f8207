"""Rules about the graft: what needs one, what it holds, and what recovers after it."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission import units
from remission.records.checks.rule import (
    ROW,
    At,
    Finding,
    each,
    known,
    rows_of,
    rule,
    taken,
)
from remission.records.checks.values import CodeOf, ColumnOf
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.transplant import CD34_DOSES

_CELLS = {"neutrophil": ("ANC", 0.5), "platelet": ("PLT", 20.0)}
"""Below these (×10⁹/L) no definition of recovery lets a count be one."""
_ACUTE = ("I", "II", "III", "IV", "III_IV")
_NEVER_TWICE = 3
"""Counts of one kind on one day: two happen, a third is a date that was filled in."""


def _recovery_day(cell: str) -> str:
    return f"{cell}_recovery_day_reported"


@rule(
    what={
        "early": "[transplant.neutrophil_recovery_day_reported] is day {recovered}, the graft was "
                 "given on day {day}.",
        "early_platelets": "[transplant.platelet_recovery_day_reported] is day {recovered}, the "
                           "graft was given on day {day}.",
        "no_graft_day": "A day of recovery is reported ({recovered}), but the graft has no day.",
    },
    why="Blood counts recover after a graft, not before it.",
    cure="Correct the day of recovery or the day of the transplant.",
)
def recovery_before_graft(study: Study) -> Iterator[Finding]:
    """Find reported recoveries on or before the day of the graft, or of a graft without day."""
    for cell, case in (("neutrophil", "early"), ("platelet", "early_platelets")):
        column = _recovery_day(cell)
        reported = rows_of(study, "transplant").filter(known(column)).with_columns(
            recovered=nw.col(column))
        early = reported.filter(nw.col(column) <= nw.col("day"))
        yield from each(early, "transplant", column, "day", values=("recovered", "day"),
                        case=case)
        yield from each(reported.filter(nw.col("day").is_null()), "transplant", column, "day",
                        values=("recovered",), case="no_graft_day")


@rule(
    what="{column} is day {recovered}, but {test} is {value} {unit} on that day.",
    why="The reported day and the counts cannot both be right; recovery is derived from the "
        "counts where they are there.",
    cure="Correct the reported day or the count.",
    source="definitions: neutrophils recover at 0.5, platelets at 20 ×10⁹/L by every definition",
)
def recovery_against_counts(study: Study) -> Iterator[Finding]:
    """Find reported days of recovery on which the count was too low to be one."""
    laboratory = rows_of(study, "laboratory")
    for cell, (test, least) in _CELLS.items():
        day = _recovery_day(cell)
        counts = laboratory.filter(
            (nw.col("test") == test) & (nw.col("unit") == units.canonical_unit(test))
            & known("value")).select(
            "subject_id", nw.col("day").alias(day), "value", "test", "unit",
            nw.col(ROW).alias("count_row"))
        same = rows_of(study, "transplant").filter(known(day)).join(
            counts, on=["subject_id", day])
        low = same.filter(nw.col("value").max().over(ROW) < least)
        for row in low.unique(ROW, keep="first", maintain_order=True).iter_rows(named=True):
            yield Finding(
                row["subject_id"], (At("transplant", row[ROW], (day,)),
                                    At("laboratory", row["count_row"], ("value", "day"))),
                {"column": ColumnOf("transplant", day), "recovered": row[day],
                 **taken(row, "laboratory", "test", "value", "unit")})


@rule(
    what={
        "neutrophils": "[transplant.neutrophil_recovered_reported] is {word}, but "
                       "[transplant.neutrophil_recovery_day_reported] is {recovered}.",
        "platelets": "[transplant.platelet_recovered_reported] is {word}, but "
                     "[transplant.platelet_recovery_day_reported] is {recovered}.",
    },
    why="Either the count recovered on that day or it never did.",
    cure="Correct the word or the day.",
)
def recovered_against_day(study: Study) -> Iterator[Finding]:
    """Find a day of recovery beside the word that there was none."""
    for cell in _CELLS:
        day, word = _recovery_day(cell), f"{cell}_recovered_reported"
        both = rows_of(study, "transplant").filter((nw.col(word) == "N") & known(day))
        for row in both.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (At("transplant", row[ROW], (word, day)),),
                {"word": CodeOf("transplant", word, row[word]), "recovered": row[day]},
                f"{cell}s")


@rule(
    what="{test} has {count} values on the day of the graft ({day}).",
    why="Several counts of one day are usually days of a course to which the date of the "
        "transplant was given.",
    cure="Give each value the day of its sample, or confirm them.",
    source="our own choice: three counts of one kind on the day of the graft",
)
def counts_on_day_of_graft(study: Study) -> Iterator[Finding]:
    """Find three or more values of one blood count on the day of the graft."""
    grafts = study.table("transplant").filter(known("day")).select("subject_id", "day").unique()
    counts = rows_of(study, "laboratory").filter(
        nw.col("test").is_in(["ANC", "WBC", "ALC", "PLT", "HGB"]) & known("value")).join(
        grafts, on=["subject_id", "day"])
    many = counts.with_columns(count=nw.len().over("subject_id", "day", "test")).filter(
        nw.col("count") >= _NEVER_TWICE)
    found: dict[tuple[str, int, str], list[int]] = {}
    for subject, day, test, row in many.select("subject_id", "day", "test", ROW).iter_rows():
        found.setdefault((subject, day, test), []).append(row)
    for (subject, day, test), rows in found.items():
        yield Finding(subject, tuple(At("laboratory", row, ("day",)) for row in rows),
                      {"test": CodeOf("laboratory", "test", test), "count": len(rows), "day": day})


def _first_grafts(study: Study) -> Frame:
    """Return ``subject_id, graft_day`` (null where no day is known) ``, graft_row``."""
    return rows_of(study, "transplant").sort("day", nulls_last=True).unique(
        "subject_id", keep="first", maintain_order=True).select(
        "subject_id", nw.col("day").alias("graft_day"), nw.col(ROW).alias("graft_row"))


_NEED_A_GRAFT = (
    ("laboratory", "day", "test", ("CHIMERISM_WB", "CHIMERISM_CD3")),
    ("cell_therapy", "day", "kind", ("DLI", "BOOST")),
)


@rule(
    what={
        "none": "{what} is recorded on day {day}, but no transplant.",
        "before": "{what} is recorded on day {day}, before the graft of day {graft_day}.",
    },
    why="Engraftment, chimerism and cells of the donor need a graft.",
    cure="Add the transplant, or correct the day or the record.",
)
def graft_is_missing(study: Study) -> Iterator[Finding]:
    """Find chimerism, donor lymphocytes or a boost without a graft before."""
    grafts = _first_grafts(study)
    for table, day, kind, codes in _NEED_A_GRAFT:
        rows = rows_of(study, table).filter(nw.col(kind).is_in(codes)).join(
            grafts, on="subject_id", how="left")
        bare = rows.filter(nw.col("graft_row").is_null() | (nw.col(day) < nw.col("graft_day")))
        for row in bare.iter_rows(named=True):
            at, has_none = [At(table, row[ROW], (kind, day))], row["graft_row"] is None
            if not has_none:
                at.append(At("transplant", row["graft_row"], ("day",)))
            yield Finding(
                row["subject_id"], tuple(at),
                {"what": CodeOf(table, kind, row[kind]), "day": row[day],
                 "graft_day": row["graft_day"]}, "none" if has_none else "before")


@rule(
    what={
        "gvhd": "GVHD ({kind}) is recorded, but no transplant.",
        "organ": "Organ stages of GVHD are recorded on day {day}, but no transplant.",
    },
    why="Graft-versus-host disease and engraftment need a graft.",
    cure="Add the transplant, or remove the record.",
)
def gvhd_without_graft(study: Study) -> Iterator[Finding]:
    """Find graft-versus-host disease without a transplant."""
    for table, case, columns in (("gvhd", "gvhd", ("kind", "gvhd_no")),
                                 ("gvhd_organ", "organ", ("day",))):
        rows = rows_of(study, table).join(_first_grafts(study), on="subject_id", how="left")
        yield from each(rows.filter(nw.col("graft_row").is_null()), table, columns[0],
                        values=columns, case=case)


@rule(
    what="GVHD ({kind}) begins on day {onset_day}, the graft was given on day {graft_day}.",
    why="Graft-versus-host disease begins after the graft.",
    cure="Correct [gvhd.onset_day] in [gvhd] or [transplant.day] in [transplant].",
)
def gvhd_before_graft(study: Study) -> Iterator[Finding]:
    """Find graft-versus-host disease that begins before the first transplant."""
    rows = rows_of(study, "gvhd").join(_first_grafts(study), on="subject_id")
    for row in rows.filter(nw.col("onset_day") < nw.col("graft_day")).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("gvhd", row[ROW], ("onset_day",)),
                                At("transplant", row["graft_row"], ("day",))),
            taken(row, "gvhd", "kind", "onset_day", "graft_day"))


@rule(
    what="GVHD ({kind}) has the grade {max_grade}, which belongs to the other kind.",
    why="Acute disease is graded I to IV, chronic disease mild to severe or limited to extensive.",
    cure="Correct [gvhd.kind] or [gvhd.max_grade].",
    source="Harris 2016, Biol Blood Marrow Transplant 22:4; Jagasia 2015, ibid. 21:389",
)
def gvhd_grade_of_other_kind(study: Study) -> Iterator[Finding]:
    """Find acute disease with a chronic grade, and chronic disease with an acute one."""
    graded = rows_of(study, "gvhd").filter(known("kind", "max_grade"))
    wrong = graded.filter((nw.col("kind") == "ACUTE") != nw.col("max_grade").is_in(_ACUTE))
    yield from each(wrong, "gvhd", "kind", "max_grade", values=("kind", "max_grade", "gvhd_no"))


@rule(
    what="{hla_matched} of {hla_of} HLA alleles match.",
    why="More cannot match than were compared.",
    cure="Correct [transplant.hla_matched] or [transplant.hla_of].",
)
def hla_matches_exceed(study: Study) -> Iterator[Finding]:
    """Find more HLA matches than alleles or antigens compared."""
    yield from each(
        rows_of(study, "transplant").filter(nw.col("hla_matched") > nw.col("hla_of")),
        "transplant", "hla_matched", "hla_of")


@rule(
    what="The CD34⁺ dose is {dose} ×10⁶/kg; a graft of {cells} holds {low} to {high}.",
    why="No graft holds such a dose; the unit, or the weight it was divided by, is another.",
    cure="Give CD34⁺ cells in 10⁶ for each kilogram of the recipient.",
    source="the project's own limits: 0.1 to 60 ×10⁶/kg, cord blood 0.01 to 10",
)
def cd34_dose_implausible(study: Study) -> Iterator[Finding]:
    """Find CD34⁺ doses that a graft of its source does not hold."""
    for row in rows_of(study, "transplant").filter(known("cd34_1e6_kg")).iter_rows(named=True):
        cells = row["graft"] or ("CORD" if row["donor"] == "CORD" else None)
        if cells is None:
            continue
        low, high = CD34_DOSES[cells]
        if not low <= row["cd34_1e6_kg"] <= high:
            yield Finding(
                row["subject_id"], (At("transplant", row[ROW], ("cd34_1e6_kg", "graft")),),
                {"dose": row["cd34_1e6_kg"], "cells": CodeOf("transplant", "graft", cells),
                 "low": low, "high": high})
