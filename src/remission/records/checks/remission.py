"""Rules about remission: what shows it, what needs it, and what a marrow can say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from remission.records.checks.rule import ROW, At, Finding, each, known, rows_of, rule, taken
from remission.records.once import once
from remission.records.storage import Frame
from remission.records.study import Study

_REMISSION_BLASTS = 5.0
_REMISSIONS = ("CR", "CRH", "CRI")
_NO_REMISSIONS = ("PR", "NR", "PD")
_IN_REMISSION = ("CR1", "CR2", "CR3")
_BUCHMANN = "Buchmann 2022, Blood 139:1785: relapse is only possible after remission"


@once
def _states(study: Study) -> Frame:
    """Return the days on which the records tell whether the disease was in remission.

    ``subject_id, state_day, is_remission, source`` (``marrow``, ``graft``, ``line`` or
    ``index``), ``state_row``, the row of that table, and ``told_by``, its column. A marrow tells
    by the centre's word, else by its blasts, else by an MRD, which cannot hide 5 % of blasts.
    """
    word = nw.col("response_reported")
    blasts = nw.coalesce("blast_percent", "mrd_percent")
    marrows = rows_of(study, "assessment").filter(nw.col("specimen") == "BM").select(
        "subject_id", nw.col("day").alias("state_day"),
        nw.when(word.is_in(_REMISSIONS)).then(nw.lit(True))
        .when(word.is_in(_NO_REMISSIONS)).then(nw.lit(False))
        .when(~blasts.is_null()).then(blasts < _REMISSION_BLASTS)
        .when(nw.col("mrd_sign") == "ND").then(nw.lit(True)).alias("is_remission"),
        nw.lit("marrow").alias("source"), nw.col(ROW).alias("state_row"),
        nw.when(word.is_in([*_REMISSIONS, *_NO_REMISSIONS])).then(nw.lit("response_reported"))
        .when(~nw.col("blast_percent").is_null()).then(nw.lit("blast_percent"))
        .otherwise(nw.lit("mrd_percent")).alias("told_by"))
    grafts = rows_of(study, "transplant").select(
        "subject_id", nw.col("day").alias("state_day"),
        nw.col("status_at_transplant").is_in(_IN_REMISSION).alias("is_remission"),
        nw.lit("graft").alias("source"), nw.col(ROW).alias("state_row"))
    lines = rows_of(study, "treatment_line").select(
        "subject_id", nw.col("end_day").alias("state_day"),
        (nw.col("blast_percent_after") < _REMISSION_BLASTS).alias("is_remission"),
        nw.lit("line").alias("source"), nw.col(ROW).alias("state_row"))
    of_index = rows_of(study, "subject").filter(
        nw.col("cohort").is_in(["MRD_POS", "CHEMO_INTOLERANT"])
        & (nw.col("index_event").fill_null("BLINATUMOMAB_START") == "BLINATUMOMAB_START"),
    ).select(
        "subject_id", nw.lit(0).cast(nw.Int64).alias("state_day"),
        nw.lit(True).alias("is_remission"), nw.lit("index").alias("source"),
        nw.col(ROW).alias("state_row"))
    states = nw.concat([marrows, grafts, lines, of_index], how="diagonal")
    return states.filter(known("state_day", "is_remission"))


def _since_last_episode(rows: Frame, study: Study, day: str) -> Frame:
    """Return rows with ``since``: the day of the last diagnosis or relapse before ``day``."""
    episodes = study.table("disease_episode").filter(
        nw.col("phase").is_in(["INITIAL_DIAGNOSIS", "RELAPSE", "REFRACTORY"])
        & known("start_day")).select("subject_id", nw.col("start_day").alias("since"))
    before = rows.select("subject_id", ROW, day).join(episodes, on="subject_id").filter(
        nw.col("since") < nw.col(day)).group_by("subject_id", ROW).agg(nw.col("since").max())
    return rows.join(before, on=["subject_id", ROW], how="left").with_columns(
        nw.col("since").fill_null(-10**6))


@rule(
    what="Relapse on day {start_day}, but the last marrow before it (day {state_day}) was not in "
         "remission, and none since the last episode was.",
    why="Without a remission before it disease is persistent: it is no relapse, and not counted.",
    cure="Write REFRACTORY as the phase, or add the marrow that showed the remission.",
    source=_BUCHMANN,
)
def relapse_without_remission(study: Study) -> Iterator[Finding]:
    """Find relapses before which the marrow was examined and never in remission."""
    relapses = rows_of(study, "disease_episode").filter(
        (nw.col("phase") == "RELAPSE") & known("start_day"))
    between = _since_last_episode(relapses, study, "start_day").join(
        _states(study), on="subject_id").filter(
        (nw.col("state_day") > nw.col("since")) & (nw.col("state_day") < nw.col("start_day")))
    persistent = between.filter(~nw.col("is_remission").any().over("subject_id", ROW))
    marrows = persistent.filter(nw.col("source") == "marrow")
    for row in _last(marrows).iter_rows(named=True):
        yield Finding(
            row["subject_id"],
            (At("disease_episode", row[ROW], ("phase", "start_day")),
             At("assessment", row["state_row"], ("day", row["told_by"]))),
            {"start_day": row["start_day"], "state_day": row["state_day"]})


def _last(states: Frame) -> Frame:
    """Return the last state of each row that is judged."""
    return states.sort("state_day", "state_row").unique(
        ROW, keep="last", maintain_order=True)


@rule(
    what="Died of {cause_of_death}, but the disease was in remission on day {state_day}, and no "
         "relapse is recorded after it.",
    why="Deaths with and without relapse are counted apart.",
    cure="Add the relapse, or correct [follow_up.cause_of_death].",
    source=_BUCHMANN,
)
def relapse_death_without_relapse(study: Study) -> Iterator[Finding]:
    """Find deaths of relapse of children last known to be in remission."""
    deaths = rows_of(study, "follow_up").filter(nw.col("cause_of_death") == "RELAPSE")
    last = _last(deaths.join(_states(study), on="subject_id"))
    episodes = study.table("disease_episode").filter(
        nw.col("phase").is_in(["RELAPSE", "REFRACTORY"])).select(
        "subject_id", nw.col("start_day").fill_null(10**6).alias("returned"))
    after = last.join(
        episodes.group_by("subject_id").agg(nw.col("returned").max()), on="subject_id",
        how="left").filter(
        nw.col("is_remission") & (nw.col("returned").fill_null(-10**6) < nw.col("state_day")))
    yield from each(after, "follow_up", "cause_of_death", values=("cause_of_death", "state_day"))


@rule(
    what={
        "none": "{response_reported} on day {day} has no marrow result.",
        "blasts": "{response_reported} on day {day} with {blast_percent} % blasts in the marrow.",
    },
    why="A complete remission is a marrow with under 5 % blasts.",
    cure="Give the marrow's [assessment.blast_percent] (or MRD), or correct "
         "[assessment.response_reported].",
    source="Buchmann 2022, Blood 139:1785; ELN 2024: blasts < 5 %",
)
def remission_without_marrow(study: Study) -> Iterator[Finding]:
    """Find remissions reported without a marrow, or with 5 % blasts or more."""
    remissions = rows_of(study, "assessment").filter(
        nw.col("response_reported").is_in(_REMISSIONS))
    for row in remissions.iter_rows(named=True):
        found = _not_a_remission(row)
        if found is not None:
            case, columns = found
            yield Finding(
                row["subject_id"], (At("assessment", row[ROW], columns),),
                taken(row, "assessment", "response_reported", "day", "blast_percent"), case)


def _not_a_remission(row: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """Return why a reported remission is none (case, columns at fault), None if it is one."""
    blasts, mrd = row["blast_percent"], row["mrd_percent"]
    if row["specimen"] != "BM" or (blasts is None and mrd is None and row["mrd_sign"] != "ND"):
        return "none", ("response_reported", "specimen", "blast_percent")
    if blasts is not None and blasts >= _REMISSION_BLASTS:
        return "blasts", ("response_reported", "blast_percent")
    return None


@rule(
    what="Transplant in {status_at_transplant} on day {day}, but the marrow of day {marrow_day} "
         "had {blast_percent} % blasts.",
    why="A transplant in remission follows a marrow in remission.",
    cure="Correct [transplant.status_at_transplant], or add the marrow that showed the remission.",
    source="data model: transplant after the response it followed",
)
def remission_at_transplant_contradicted(study: Study) -> Iterator[Finding]:
    """Find transplants recorded in remission whose last marrow before showed 5 % blasts or more."""
    marrows = rows_of(study, "assessment").filter(
        (nw.col("specimen") == "BM") & known("blast_percent", "day")).select(
        "subject_id", nw.col("day").alias("marrow_day"), "blast_percent",
        nw.col(ROW).alias("marrow_row"))
    grafts = rows_of(study, "transplant").filter(
        nw.col("status_at_transplant").is_in(_IN_REMISSION))
    before = grafts.join(marrows, on="subject_id").filter(nw.col("marrow_day") <= nw.col("day"))
    last = before.filter(
        nw.col("marrow_day") == nw.col("marrow_day").max().over("subject_id", "transplant_no"))
    for row in last.filter(nw.col("blast_percent") >= _REMISSION_BLASTS).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("transplant", row[ROW], ("status_at_transplant",)),
                                At("assessment", row["marrow_row"], ("blast_percent",))),
            taken(row, "transplant", "status_at_transplant", "day", "marrow_day",
                  "blast_percent"))


@rule(
    what={
        "timepoint": "The marrow before transplant is dated day {state_day}, after the "
                     "transplant on day {day}.",
        "remission": "Transplant in {status_at_transplant} on day {day}, but since the disease "
                     "of day {since} the first remission is recorded on day {state_day}.",
    },
    why="A transplant follows the response it was given in, and does not go before it.",
    cure="Correct the day of the transplant or of the marrow, or add the marrow that showed the "
         "remission.",
    source="data model: transplant after (not before) the response it followed",
)
def transplant_before_response(study: Study) -> Iterator[Finding]:
    """Find transplants dated before the response they followed."""
    yield from _marrows_after_every_graft(study)
    grafts = rows_of(study, "transplant").filter(
        nw.col("status_at_transplant").is_in(_IN_REMISSION) & known("day"))
    placed = _since_last_episode(grafts, study, "day").filter(nw.col("since") > -10**6)
    states = placed.join(_states(study).filter(nw.col("source") != "graft"), on="subject_id")
    since = states.filter(
        (nw.col("state_day") > nw.col("since")) & nw.col("is_remission"))
    first = since.sort("state_day", "state_row").unique(ROW, keep="first", maintain_order=True)
    late = first.filter((nw.col("state_day") > nw.col("day")) & (nw.col("source") == "marrow"))
    for row in late.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("transplant", row[ROW], ("day", "status_at_transplant")),
                                At("assessment", row["state_row"], ("day",))),
            taken(row, "transplant", "status_at_transplant", "day", "since", "state_day"),
            "remission")


def _marrows_after_every_graft(study: Study) -> Iterator[Finding]:
    """Yield the examinations before transplant that are dated after the child's last graft."""
    grafts = rows_of(study, "transplant")
    last = grafts.filter(nw.col("day") == nw.col("day").max().over("subject_id")).unique(
        "subject_id", keep="first").select(
        "subject_id", nw.col("day").alias("grafted"), nw.col(ROW).alias("graft_row"))
    examined = rows_of(study, "assessment").filter(nw.col("timepoint") == "PRE_TRANSPLANT")
    late = examined.join(last, on="subject_id").filter(nw.col("day") > nw.col("grafted"))
    for row in late.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("assessment", row[ROW], ("timepoint", "day")),
                                At("transplant", row["graft_row"], ("day",))),
            {"state_day": row["day"], "day": row["grafted"]}, "timepoint")


@rule(
    what="MRD {mrd_percent} % on day {day} is below the assay's limit {mrd_lod_percent} %.",
    why="Below its assay's limit of detection a number is not a measurement.",
    cure="Set [assessment.mrd_sign] to '<' with the limit as value, or correct value or limit.",
    source="definitions: MRD states by method and sensitivity",
)
def mrd_below_limit(study: Study) -> Iterator[Finding]:
    """Find MRD values given as measured although below the limit of their assay."""
    below = rows_of(study, "assessment").filter(
        (nw.col("mrd_percent") < nw.col("mrd_lod_percent"))
        & ~nw.col("mrd_sign").fill_null("=").is_in(["<", "ND"]))
    yield from each(below, "assessment", "mrd_percent", "mrd_lod_percent", "mrd_sign",
                    values=("mrd_percent", "day", "mrd_lod_percent"))


@rule(
    what="MRD on day {day} is not detected, but {mrd_percent} % is given.",
    why="What was not detected has no value above the assay's limit.",
    cure="Correct [assessment.mrd_sign] or [assessment.mrd_percent].",
    source="definitions: MRD states by method and sensitivity",
)
def mrd_not_detected_with_value(study: Study) -> Iterator[Finding]:
    """Find MRD that was not detected and has a value above its limit all the same."""
    above = rows_of(study, "assessment").filter(
        (nw.col("mrd_sign") == "ND")
        & (nw.col("mrd_percent") > nw.col("mrd_lod_percent").fill_null(0)))
    yield from each(above, "assessment", "mrd_sign", "mrd_percent", values=("day", "mrd_percent"))
