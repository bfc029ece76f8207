"""Cytogenetics: lesions from coded tests and from karyotypes as written, ploidy and risk."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

_NEEDS = ("subject.subject_id", "genetics.alteration", "genetics.status", "genetics.iscn",
          "genetics.method")
NOT_TESTED = "not tested, or the test failed"
BY_ONE_TEST = "found by one test and not by another"
NOT_READ = "the text holds a negation or a question mark and is not read"
LESIONS = {
    "bcr_abl1": ("BCR_ABL1", "BCR::ABL1"),
    "kmt2a_r": ("KMT2A_R", "KMT2A rearrangement"),
    "tcf3_hlf": ("TCF3_HLF", "TCF3::HLF"),
    "etv6_runx1": ("ETV6_RUNX1", "ETV6::RUNX1"),
    "tcf3_pbx1": ("TCF3_PBX1", "TCF3::PBX1"),
    "znf384_r": ("ZNF384_R", "ZNF384 rearrangement"),
    "pax5_r": ("PAX5_R", "PAX5 rearrangement"),
    "pax5_p80r": ("PAX5_P80R", "PAX5 P80R"),
    "mef2d_r": ("MEF2D_R", "MEF2D rearrangement"),
    "ikzf1_plus": ("IKZF1_PLUS", "IKZF1plus"),
    "ph_like": ("PH_LIKE", "BCR::ABL1-like"),
    "hyperdiploid": ("HYPERDIPLOID", "High hyperdiploidy"),
    "hypodiploid": ("HYPODIPLOID", "Hypodiploidy"),
    "iamp21": ("IAMP21", "iAMP21"),
}
"""Definition → code of the alteration, and its name."""


def _declare(name: str, code: str, label: str) -> None:
    """Declare the definition of one lesion."""

    def lesion(subjects: Lazy, genetics: Lazy, criteria: Criteria) -> Lazy:
        return _one_lesion(subjects, genetics, criteria, code)

    lesion.__name__ = name
    lesion.__doc__ = f"Whether {label} was found by any test, coded or as written."
    definition(label=label, grain="subject", kind="yes_no", needs=_NEEDS,
               criteria="cytogenetics.lesion")(lesion)


for _name, (_code, _label) in LESIONS.items():
    _declare(_name, _code, _label)


@definition(
    label="Ploidy", grain="subject", kind="category", needs=_NEEDS,
    criteria="cytogenetics.ploidy",
)
def ploidy(subjects: Lazy, genetics: Lazy, criteria: Criteria) -> Lazy:
    """Class of the number of chromosomes of the leukaemic clone."""
    rows = settled(_read(genetics, _reading()))
    found = [nw.when(nw.col("text").str.contains(f"(?i){level['pattern']}")).then(nw.lit(rank))
             for rank, level in enumerate(criteria["levels"])]
    ranked = rows.filter(nw.col("is_karyotype")).with_columns(rank=nw.coalesce(*found))
    first = _first(ranked.filter(~nw.col("rank").is_null()))
    codes = [nw.when(nw.col("rank") == rank).then(nw.lit(level["code"]))
             for rank, level in enumerate(criteria["levels"])]
    return _of_subjects(subjects, first).select(
        "subject_id", nw.coalesce(*codes).alias("value"),
        nw.when(nw.col("rank").is_null()).then(
            nw.lit("no karyotype with its number of chromosomes")).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"))


@definition(
    label="Cytogenetic risk", grain="subject", kind="category", needs=_NEEDS,
    criteria="cytogenetics.risk",
)
def cytogenetic_risk(subjects: Lazy, genetics: Lazy, criteria: Criteria) -> Lazy:
    """Risk by the gravest lesion that was found."""
    levels = criteria["levels"]
    rows = settled(_read(genetics, _reading()).with_columns(rank=_gravest(levels)))
    worst = _first(rows.filter(~nw.col("rank").is_null())).select(
        "subject_id", "rank", "row", nw.col("has_HYPERDIPLOID").alias("by_number"))
    tested = _tested(rows, _graver_than(levels, criteria["otherwise"]))
    arrays = rows.filter(nw.col("by_array")).select("subject_id").unique().with_columns(
        array=nw.lit(1))
    joined = _of_subjects(subjects, worst).join(tested, on="subject_id", how="left").join(
        arrays, on="subject_id", how="left")
    is_found = ~nw.col("rank").is_null()
    is_tested = (nw.col("tested") == 1).fill_null(value=False)
    value: nw.Expr = nw.when(is_tested).then(nw.lit(criteria["otherwise"])).otherwise(
        nw.lit(criteria["unknown"] or None, dtype=nw.String))
    for rank, level in enumerate(levels):
        value = nw.when(nw.col("rank") == rank).then(nw.lit(level["code"])).otherwise(value)
    masked = is_found & nw.col("by_number") & nw.col("array").is_null()
    unknown = ("not known: counted good, as in the paper" if criteria["unknown"] else
               "no karyotype, and not all lesions of poor risk were tested")
    return joined.select(
        "subject_id", value.alias("value"),
        nw.when(masked).then(nw.lit(
            "high hyperdiploidy without an SNP array: a doubled near-haploid clone is possible"))
        .when(~is_found & ~is_tested & (nw.col("unread") == 1)).then(nw.lit(NOT_READ))
        .when(~is_found & ~is_tested).then(nw.lit(unknown)).alias("note"),
        nw.coalesce("row", "tested_row", "subject_row").alias("source"))


def _reading() -> Criteria:
    """Return how texts are read."""
    return criteria_sets("cytogenetics.lesion")[default_set("cytogenetics.lesion")]


def _read(genetics: Lazy, reading: Criteria) -> Lazy:
    """Add what each row says: ``has_…`` and ``not_…`` a lesion, ``is_karyotype``, ``is_unread``.

    The text of a test that was not done, failed or found nothing names no lesion; that of one that
    found nothing may still be a karyotype.
    """
    status, alteration = nw.col("status"), nw.col("alteration")
    text = nw.coalesce("iscn", nw.lit(""))
    is_done = status.is_null() | status.is_in(["PRESENT", "ABSENT"])
    is_plain = ~text.str.contains(f"(?i){reading['not_read']}")
    is_absent = (status == "ABSENT").fill_null(value=False)
    names = (status.is_null() | (status == "PRESENT")) & is_plain
    columns, named = {}, []
    for row in reading["reading"]:
        says = text.str.contains(f"(?i){row['pattern']}")
        if "unless" in row:
            says = says & ~text.str.contains(f"(?i){row['unless']}")
        is_this = (alteration == row["lesion"]).fill_null(value=False)
        columns[f"has_{row['lesion']}"] = (
            is_this & (status == "PRESENT").fill_null(value=False)) | (names & says)
        columns[f"not_{row['lesion']}"] = is_this & is_absent
        named.append(says)
    # "absent" beside a karyotype that shows a lesion contradicts itself
    is_at_odds = is_absent & nw.any_horizontal(*named, ignore_nulls=False)
    return genetics.with_columns(
        text=text, **columns,
        is_karyotype=is_done & is_plain & ~is_at_odds & text.str.contains(
            f"(?i){reading['karyotype']}"),
        is_unread=is_done & ~is_plain,
        by_array=(nw.col("method") == "SNP_ARRAY").fill_null(value=False))


def _one_lesion(subjects: Lazy, genetics: Lazy, criteria: Criteria, lesion: str) -> Lazy:
    """Return whether a lesion was found: Y, N or unknown for every subject."""
    rows = settled(_read(genetics, criteria))
    said = nw.when(nw.col(f"has_{lesion}")).then(0).when(nw.col(f"not_{lesion}")).then(1)
    if lesion in criteria["in_a_karyotype"]:
        said = said.when(nw.col("is_karyotype")).then(2)
    first = _first(rows.with_columns(rank=said).filter(~nw.col("rank").is_null()))
    denied = rows.filter(nw.col(f"not_{lesion}")).select("subject_id").unique().with_columns(
        denied=nw.lit(1))
    unread = _unread(rows)
    joined = _of_subjects(subjects, first).join(denied, on="subject_id", how="left").join(
        unread, on="subject_id", how="left")
    rank = nw.col("rank")
    return joined.select(
        "subject_id",
        nw.when(rank == 0).then(nw.lit("Y")).when(~rank.is_null()).then(nw.lit("N"))
        .alias("value"),
        nw.when((rank == 0) & (nw.col("denied") == 1)).then(nw.lit(BY_ONE_TEST))
        .when(rank.is_null() & (nw.col("unread") == 1)).then(nw.lit(NOT_READ))
        .when(rank.is_null()).then(nw.lit(NOT_TESTED)).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"))


def _unread(rows: Lazy) -> Lazy:
    return rows.filter(nw.col("is_unread")).select("subject_id").unique().with_columns(
        unread=nw.lit(1))


def _gravest(levels: list[dict[str, Any]]) -> nw.Expr:
    """Return the rank of the first level of which a row finds a lesion, else null."""
    found = (nw.any_horizontal(*(nw.col(f"has_{lesion}") for lesion in level["lesions"]),
                               ignore_nulls=False) for level in levels)
    return nw.coalesce(*(nw.when(is_found).then(nw.lit(place))
                         for place, is_found in enumerate(found)))


def _graver_than(levels: list[dict[str, Any]], code: str) -> list[str]:
    """Return the lesions of the levels before one."""
    names = [level["code"] for level in levels]
    return [lesion for level in levels[:names.index(code)] for lesion in level["lesions"]]


def _tested(rows: Lazy, lesions: list[str]) -> Lazy:
    """Return ``subject_id, tested, tested_row, unread``: whether "none of these" can be said.

    It can with a karyotype, or where each of the lesions was tested and absent.
    """
    flags = {**{f"no_{lesion}": f"not_{lesion}" for lesion in lesions},
             "karyotype": "is_karyotype", "unread": "is_unread"}
    of_subject = rows.with_columns(
        *(nw.when(nw.col(said)).then(1).otherwise(0).alias(flag) for flag, said in flags.items()),
    ).group_by("subject_id").agg(nw.col(*flags).max(), nw.col("genetics_no").min())
    all_absent = nw.min_horizontal(*(f"no_{lesion}" for lesion in lesions))
    row = rows.select("subject_id", "genetics_no", nw.col(SOURCE).alias("tested_row"))
    return of_subject.with_columns(tested=nw.max_horizontal("karyotype", all_absent)).select(
        "subject_id", "genetics_no", "tested", "unread",
    ).join(row, on=["subject_id", "genetics_no"], how="left").drop("genetics_no")


def _first(rows: Lazy) -> Lazy:
    """Return each subject's row of the lowest ``rank``; of several, that of the lowest number."""
    lowest = rows.filter(nw.col("rank") == nw.col("rank").min().over("subject_id"))
    return lowest.filter(
        nw.col("genetics_no") == nw.col("genetics_no").min().over("subject_id"),
    ).rename({SOURCE: "row"})


def _of_subjects(subjects: Lazy, rows: Lazy) -> Lazy:
    return subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        rows, on="subject_id", how="left")
