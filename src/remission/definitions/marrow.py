"""What stood around a marrow: the blasts, the counts of those days, blood and other sites."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.baseline import baseline_marrow, before_infusion, first_infusions
from remission.definitions.criteria import Criteria
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.mrd import NEEDS as MRD_NEEDS
from remission.definitions.mrd import marrow_mrd
from remission.records.column import SOURCE

KEYS = ("subject_id", "day")
"""All rows of one day are one marrow."""

NEEDS = ("exposure.start_day", "exposure.end_day", *MRD_NEEDS, "assessment.blast_percent",
         "assessment.cns_status", "assessment.response_reported",
         "laboratory.ANC", "laboratory.PLT", "transfusion.product",
         "disease_episode.start_day", "disease_episode.cns", "disease_episode.testis",
         "disease_episode.other_site")


@dataclass(frozen=True)
class Records:
    """The tables a response is judged from."""

    exposure: Lazy
    assessments: Lazy
    laboratory: Lazy
    transfusions: Lazy
    episodes: Lazy


def marrows(records: Records, criteria: Criteria) -> Lazy:
    """Return one row a marrow with all that its response is judged from.

    Columns: ``subject_id, day, marrow_row, blast_percent, blast_row, finding, measured, at_most,
    mrd_row, reported, reported_row`` of the marrow; ``blood, site, neutrophils, platelets,
    transfused`` around it; ``first_infusion, blasts_before, blood_before, site_before`` ahead of
    the first infusion. ``site`` and ``transfused`` are 1 where it was so.
    """
    examined = settled(records.assessments.filter(~nw.col("day").is_null()))
    of_marrow = settled(examined.filter(nw.col("specimen") == "BM"))
    days = settled(_one_row(of_marrow).select(*KEYS, nw.col(SOURCE).alias("marrow_row")))
    platelets = settled(_nearest_counts(days, records.laboratory, "PLT", criteria))
    joined = days
    for part in (
        _highest_blasts(of_marrow),
        marrow_mrd(of_marrow, criteria),
        _one_row(of_marrow.filter(~nw.col("response_reported").is_null())).select(
            *KEYS, nw.col("response_reported").alias("reported"),
            nw.col(SOURCE).alias("reported_row")),
        _nearest_blood(days, examined, criteria),
        _nearest_site(days, examined, records, criteria),
        _nearest_counts(days, records.laboratory, "ANC", criteria).select(
            *KEYS, nw.col("count").alias("neutrophils")),
        platelets.select(*KEYS, nw.col("count").alias("platelets")),
        _transfused(platelets, records.transfusions, criteria),
    ):
        joined = joined.join(part, on=list(KEYS), how="left")
    return joined.join(_before(examined, records, criteria), on="subject_id", how="left")


def _one_row(rows: Lazy) -> Lazy:
    """Return the row with the lowest number of each marrow."""
    return rows.filter(nw.col("assessment_no") == nw.col("assessment_no").min().over(*KEYS))


def _highest_blasts(of_marrow: Lazy) -> Lazy:
    counted = of_marrow.filter(~nw.col("blast_percent").is_null())
    highest = counted.filter(nw.col("blast_percent") == nw.col("blast_percent").max().over(*KEYS))
    return _one_row(highest).select(*KEYS, "blast_percent", nw.col(SOURCE).alias("blast_row"))


def _nearest(days: Lazy, rows: Lazy, criteria: Criteria) -> Lazy:
    """Return the rows of the day nearest to each marrow as ``other_day``; equally near, the later.
    """
    gap = nw.col("other_day") - nw.col("day")
    near = days.select(*KEYS).join(
        rows.rename({"day": "other_day"}), on="subject_id",
    ).filter((gap <= criteria["days_around"]) & (gap >= -criteria["days_around"])).with_columns(
        distance=nw.when(gap > 0).then(2 * gap - 1).otherwise(-2 * gap))
    return near.filter(nw.col("distance") == nw.col("distance").min().over(*KEYS))


def _nearest_counts(days: Lazy, laboratory: Lazy, test: str, criteria: Criteria) -> Lazy:
    """Return the count nearest to each marrow and its day; of several of a day the lowest."""
    counts = laboratory.filter((nw.col("test") == test) & ~nw.col("day").is_null()).select(
        *KEYS, "value")
    return _nearest(days, counts, criteria).group_by(*KEYS).agg(
        nw.col("value").min().alias("count"), nw.col("other_day").min().alias("count_day"))


def _transfused(platelets: Lazy, transfusions: Lazy, criteria: Criteria) -> Lazy:
    """Return the marrows whose platelet count came too soon after a transfusion."""
    given = transfusions.filter(nw.col("product").is_in(criteria["transfusions"])).select(
        "subject_id", nw.col("day").alias("given"))
    since = nw.col("count_day") - nw.col("given")
    return platelets.join(given, on="subject_id").filter(
        (since >= 0) & (since < criteria["transfusion_days"]),
    ).select(*KEYS).unique().with_columns(transfused=nw.lit(1))


def _nearest_blood(days: Lazy, examined: Lazy, criteria: Criteria) -> Lazy:
    """Return the blasts in the blood nearest to each marrow, in percent."""
    return _nearest(days, _blood(examined), criteria).group_by(*KEYS).agg(
        nw.col("blast_percent").max().alias("blood"))


def _blood(examined: Lazy) -> Lazy:
    return examined.filter(
        (nw.col("specimen") == "PB") & ~nw.col("blast_percent").is_null(),
    ).select(*KEYS, "blast_percent")


def _nearest_site(days: Lazy, examined: Lazy, records: Records, criteria: Criteria) -> Lazy:
    """Return the marrows with leukaemia elsewhere: in the nearest spinal fluid, or an episode."""
    fluid = _nearest(days, _fluid(examined, criteria), criteria).filter(nw.col("involved") == 1)
    started = _sites(records.episodes).join(
        first_infusions(records.exposure), on="subject_id",
    ).filter((nw.col("day") > nw.col("first_infusion")) & (nw.col("involved") == 1))
    gap = nw.col("other_day") - nw.col("day")
    elsewhere = days.select(*KEYS).join(
        started.select("subject_id", nw.col("day").alias("other_day")), on="subject_id",
    ).filter((gap <= criteria["days_around"]) & (gap >= -criteria["days_around"]))
    return stacked([fluid.select(*KEYS), elsewhere.select(*KEYS)]).unique().with_columns(
        site=nw.lit(1))


def _fluid(examined: Lazy, criteria: Criteria) -> Lazy:
    """Return examinations of the spinal fluid: ``involved`` 1 where it held leukaemia."""
    is_involved = nw.col("cns_status").is_in(criteria["cns_disease"])
    return examined.filter(~nw.col("cns_status").is_null()).select(
        *KEYS, nw.when(is_involved).then(1).otherwise(0).alias("involved"))


def _sites(episodes: Lazy) -> Lazy:
    """Return episodes with a day: ``involved`` 1 with a site besides the marrow, 0 without."""
    is_involved = (nw.col("cns") == "Y") | (nw.col("testis") == "Y") | (
        ~nw.col("other_site").is_null())
    is_clear = (nw.col("cns") == "N") & (nw.col("testis") != "Y")
    return episodes.filter(~nw.col("start_day").is_null()).select(
        "subject_id", nw.col("start_day").alias("day"),
        nw.when(is_involved).then(1).when(is_clear).then(0).alias("involved"))


def _before(examined: Lazy, records: Records, criteria: Criteria) -> Lazy:
    """Return the state ahead of the first infusion, one row a subject that had one."""
    before = settled(before_infusion(examined, records.exposure, criteria))
    started = first_infusions(records.exposure)
    episodes = _last(_sites(records.episodes).join(started, on="subject_id").filter(
        nw.col("day") <= nw.col("first_infusion")), "involved")
    joined = started
    for part, column, name in (
        (baseline_marrow(examined, records.exposure, criteria), "blast_percent", "blasts_before"),
        (_last(_blood(before), "blast_percent"), "blast_percent", "blood_before"),
        (_last(_fluid(before, criteria), "involved"), "involved", "fluid_before"),
        (episodes, "involved", "episode_before"),
    ):
        joined = joined.join(
            part.select("subject_id", nw.col(column).alias(name)), on="subject_id", how="left")
    return joined.with_columns(
        site_before=nw.coalesce("fluid_before", "episode_before"),
    ).drop("fluid_before", "episode_before")


def _last(rows: Lazy, column: str) -> Lazy:
    """Return the highest value of the last day of each subject."""
    last = rows.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    return last.group_by("subject_id").agg(nw.col(column).max())
