"""Where a relapse was: in the marrow, elsewhere, or both."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.definitions.definition import definition
from remission.definitions.disease_course import EPISODE
from remission.definitions.inputs import Lazy, settled
from remission.definitions.marrow_relapse import marrow_relapse
from remission.definitions.mrd import NEEDS as MRD_NEEDS
from remission.definitions.relapse import first_relapses, relapses_after
from remission.records.column import SOURCE
from remission.records.disease import DISEASE_EPISODE

SITE_COLUMNS = ("disease_episode.phase", "disease_episode.marrow", "disease_episode.cns",
                "disease_episode.testis", "disease_episode.other_site",
                "disease_episode.marrow_blast_percent")
SITE_NEEDS = (*SITE_COLUMNS, "disease_episode.start_day", *MRD_NEEDS, "assessment.blast_percent",
              "assessment.response_reported", "subject.sex")
BETWEEN = ("5 to under 25 % blasts and no other site: the consensus on marrow relapse does not "
           "settle it")
OTHERWISE_RECORDED = "the centre recorded the marrow otherwise than its blasts say"
TESTIS_OF_A_GIRL = "a testis is recorded as involved in a girl"
WITH_MARROW = ("ISOLATED_MARROW", "COMBINED")
SITES = {
    "ISOLATED_MARROW": "isolated marrow", "COMBINED": "marrow and another site",
    "ISOLATED_CNS": "isolated central nervous system", "ISOLATED_TESTIS": "isolated testis",
    "ISOLATED_OTHER": "isolated other site",
    "SEVERAL_EXTRAMEDULLARY": "several sites without the marrow",
}
_CD19 = {code: label for code, label in DISEASE_EPISODE.by_name["cd19"].codes.items()
         if code != "U"}


@definition(
    label="Site of the relapse", grain="disease_episode", kind="category",
    criteria="relapse.site", needs=SITE_NEEDS, levels=SITES,
)
def relapse_site(
    episodes: Lazy, assessments: Lazy, subjects: Lazy, criteria: Criteria
) -> Lazy:
    """Whether the marrow, another site or both were involved."""
    return sited_relapses(episodes, assessments, subjects, criteria)


@definition(
    label="Site of the first relapse", grain="subject", kind="category",
    criteria="relapse.site", needs=SITE_NEEDS, levels=SITES, chosen_as="relapse_site",
)
def first_relapse_site(
    episodes: Lazy, assessments: Lazy, subjects: Lazy, criteria: Criteria
) -> Lazy:
    """Site of the first relapse after day 0."""
    sited = sited_relapses(episodes, assessments, subjects, criteria)
    return _first_after(episodes).select(*EPISODE).join(sited, on=list(EPISODE)).select(
        "subject_id", "value", "note", "source")


@definition(
    label="CD19 of the first relapse", grain="subject", kind="category", levels=_CD19,
    needs=("disease_episode.phase", "disease_episode.start_day", "disease_episode.cd19"),
    reference="As recorded by the centre (disease_episode.cd19) with the first relapse after day "
              "0; CD19-negative relapse: Mejstříková 2017, Blood Cancer J 7:659, doi "
              "10.1038/s41408-017-0023-x.",
)
def first_relapse_cd19(episodes: Lazy) -> Lazy:
    """CD19 on the blasts of the first relapse after day 0."""
    return _first_after(episodes).filter(nw.col("cd19").is_in(list(_CD19))).select(
        "subject_id", nw.col("cd19").alias("value"), nw.col(SOURCE).alias("source"))


def _first_after(episodes: Lazy) -> Lazy:
    """Return the first relapse of each subject after day 0.

    None where one without its day may have come before it.
    """
    after = relapses_after(episodes)
    first = first_relapses(after).filter(~nw.col("undated")).select(
        "subject_id", nw.col("row").alias(SOURCE))
    return after.join(first, on=["subject_id", SOURCE])


def sited_relapses(
    episodes: Lazy, assessments: Lazy, subjects: Lazy, criteria: Criteria
) -> Lazy:
    """Return ``subject_id, episode_no, value, note, source`` of each recorded relapse."""
    recorded = settled(episodes.filter(nw.col("phase") == "RELAPSE"))
    relapses = settled(with_sites(
        recorded, subjects, criteria,
    ).join(_by_consensus(recorded, assessments, criteria), on=list(EPISODE), how="left"))
    blasts = nw.col("marrow_blast_percent")
    full = criteria.threshold("isolated_marrow").met_by(blasts)
    in_gap = ~blasts.is_null() & ~full
    settles = ~nw.col("by_consensus").is_null()
    in_marrow, elsewhere = nw.col("in_marrow"), nw.col("elsewhere")
    alone = (in_marrow == "Y") & (elsewhere == "N")
    several = nw.col("sites") > 1
    only_elsewhere = (in_marrow == "N") & (elsewhere == "Y")
    otherwise = ~blasts.is_null() & nw.col("marrow").is_in(["Y", "N"]) & (
        nw.col("marrow") != in_marrow)
    return relapses.select(
        *EPISODE,
        nw.when((in_marrow == "Y") & (elsewhere == "Y")).then(nw.lit("COMBINED"))
        .when(alone & (~in_gap | settles)).then(nw.lit("ISOLATED_MARROW"))
        .when(only_elsewhere & several).then(nw.lit("SEVERAL_EXTRAMEDULLARY"))
        .when(only_elsewhere & (nw.col("cns") == "Y")).then(nw.lit("ISOLATED_CNS"))
        .when(only_elsewhere & (nw.col("in_testis") == "Y")).then(nw.lit("ISOLATED_TESTIS"))
        .when(only_elsewhere).then(nw.lit("ISOLATED_OTHER")).alias("value"),
        nw.when(otherwise).then(nw.lit(OTHERWISE_RECORDED))
        .when(alone & in_gap & ~settles).then(nw.lit(BETWEEN))
        .when(in_marrow.is_null())
        .then(nw.lit("whether the marrow was involved is not recorded"))
        .when(elsewhere.is_null() & (nw.col("sex") == "F") & (nw.col("testis") == "Y"))
        .then(nw.lit(TESTIS_OF_A_GIRL))
        .when(elsewhere.is_null())
        .then(nw.lit("whether another site was involved is not recorded"))
        .when((in_marrow == "N") & (elsewhere == "N"))
        .then(nw.lit("no site is recorded as involved")).alias("note"),
        nw.col(SOURCE).alias("source"))


def _by_consensus(relapses: Lazy, assessments: Lazy, criteria: Criteria) -> Lazy:
    """Return the relapses around which a marrow is one by the consensus: ``by_consensus`` 1."""
    notion = "marrow_relapse.table"
    judged = marrow_relapse(assessments, criteria_sets(notion)[default_set(notion)]).filter(
        nw.col("value") == "RELAPSE")
    apart = (nw.col("day") - nw.col("start_day")).abs()
    return relapses.select(*EPISODE, "start_day").join(
        judged.select("subject_id", "day"), on="subject_id").filter(
        apart <= criteria["days_around"]).select(*EPISODE).unique().with_columns(
        by_consensus=nw.lit(1))


def with_sites(episodes: Lazy, subjects: Lazy, criteria: Criteria) -> Lazy:
    """Add ``in_marrow``, ``in_testis``, ``elsewhere`` (Y, N or null) and ``sites`` but the marrow.

    Measured blasts decide before the centre's word. A girl has no testis; where one is recorded as
    involved her record contradicts itself, and the testis is not known. Another site that is not
    named is none where the spinal fluid and the testis are answered.
    """
    marrow, blasts = nw.col("marrow"), nw.col("marrow_blast_percent")
    in_marrow = nw.when(criteria.threshold("involved").met_by(blasts)).then(nw.lit("Y")).when(
        ~blasts.is_null()).then(nw.lit("N")).when(marrow.is_in(["Y", "N"])).then(marrow)
    is_girl = nw.col("sex") == "F"
    in_testis = nw.when(~is_girl | nw.col("sex").is_null()).then(nw.col("testis")).when(
        (nw.col("testis") != "Y") | nw.col("testis").is_null()).then(nw.lit("N"))
    is_named = ~nw.col("other_site").is_null()
    present = [nw.when(is_there).then(1).otherwise(0) for is_there in (
        nw.col("cns") == "Y", in_testis == "Y", is_named)]
    known_none = (nw.col("cns") == "N") & (in_testis == "N")
    return episodes.join(
        subjects.select("subject_id", "sex"), on="subject_id", how="left",
    ).with_columns(
        in_marrow=in_marrow, in_testis=in_testis, sites=nw.sum_horizontal(*present),
        none_elsewhere=known_none,
    ).with_columns(
        elsewhere=nw.when(nw.col("sites") > 0).then(nw.lit("Y"))
        .when(nw.col("none_elsewhere")).then(nw.lit("N")))
