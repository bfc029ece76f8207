"""Response of the leukaemia at each marrow: remission, partial, none or progression."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import REPORTED, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.marrow import NEEDS, Records, marrows
from remission.definitions.mrd import NOT_MARROW, state_of
from remission.records.column import SOURCE

RESPONSES = {
    "CR": "complete remission",
    "CRH": "complete remission, partial haematological recovery",
    "CRI": "complete remission, incomplete recovery",
    "MLFS": "marrow free of leukaemia, counts not known",
    "PR": "partial remission",
    "NR": "no response",
    "PD": "progression",
    "NE": "not evaluable",
}
REMISSIONS = ("CR", "CRH", "CRI", "MLFS")
"""Codes of remission: without counts a cleared marrow is one of the first three."""

MEASURED = "derived from the marrow"
"""What ``how`` says of a response that is not the centre's own word."""
NO_INFUSION = "no infusion of blinatumomab is recorded"
_NOTHING = nw.lit(None, dtype=nw.String)


def judged_marrows(records: Records, criteria: Criteria) -> Lazy:
    """Return the response of every marrow after the first infusion.

    Columns: ``subject_id, day, value, how, note, state, row, mrd_row, first_infusion``; value is a
    code of ``RESPONSES`` or null, state the MRD state of the marrow or null.
    """
    seen = settled(marrows(records, criteria).filter(
        nw.col("day") > nw.col("first_infusion")))
    left = _is_left(criteria)
    elsewhere = _is_elsewhere(criteria)
    known = seen.with_columns(left=left, elsewhere=elsewhere).with_columns(
        counts=_by_counts(criteria), shrunk=_not_cleared(criteria)).with_columns(
        judged=nw.when(nw.col("left") | nw.col("elsewhere")).then(nw.col("shrunk"))
        .when(~nw.col("left")).then(nw.col("counts")))
    return _with_report(known, criteria).select(
        "subject_id", "day", "value", "how", "note",
        state_of(nw.col("finding"), criteria).alias("state"),
        nw.when(nw.col("how") == REPORTED).then(nw.col("reported_row"))
        .otherwise(nw.coalesce("blast_row", "mrd_row", "marrow_row")).alias("row"),
        nw.coalesce("mrd_row", "blast_row", "marrow_row").alias("mrd_row"), "first_infusion")


def _is_left(criteria: Criteria) -> nw.Expr:
    """Return whether leukaemia is left in the marrow; null where that is not known."""
    by_blasts = criteria.threshold("blasts_left").met_by(nw.col("blast_percent"))
    if criteria["mrd"] == "none":
        return by_blasts
    if criteria["mrd"] == "state":
        state = state_of(nw.col("finding"), criteria)
        return nw.when(~state.is_null()).then(state == "FAILURE").when(by_blasts).then(by_blasts)
    over = criteria.threshold("mrd_left").met_by
    by_mrd = nw.when(over(nw.col("measured"))).then(nw.lit(value=True)).when(
        ~over(nw.col("at_most"))).then(nw.lit(value=False))
    if criteria["mrd"] == "first":
        return nw.coalesce(by_mrd, by_blasts)
    if criteria["mrd_for_morphology"]:
        by_blasts = nw.coalesce(by_blasts, by_mrd)
    return by_blasts | by_mrd.fill_null(value=False)


def _is_elsewhere(criteria: Criteria) -> nw.Expr:
    """Return whether leukaemia is known in blood or at another site; False where not recorded."""
    if not criteria["cns_disease"]:
        return nw.lit(value=False)
    return (nw.col("blood") > 0).fill_null(value=False) | ~nw.col("site").is_null()


def _by_counts(criteria: Criteria) -> nw.Expr:
    """Return the kind of remission of a cleared marrow."""
    if not criteria["counts"]:
        return nw.lit("CR")
    neutrophils = criteria.threshold("neutrophils").met_by(nw.col("neutrophils"))
    platelets = criteria.threshold("platelets").met_by(nw.col("platelets")) & (
        nw.col("transfused").is_null())
    full = neutrophils & platelets
    if not criteria["partial"]:
        return nw.when(full).then(nw.lit("CR")).when(~full).then(nw.lit("CRI")).otherwise(
            nw.lit("MLFS"))
    partly = _partial(criteria, "neutrophils") & _partial(criteria, "platelets")
    return (
        nw.when(full).then(nw.lit("CR")).when(~partly).then(nw.lit("CRI"))
        .when(partly & ~full).then(nw.lit("CRH")).otherwise(nw.lit("MLFS")))


def _partial(criteria: Criteria, count: str) -> nw.Expr:
    given = criteria["partial"][count]
    return Threshold(float(given["value"]), given["unit"], bool(given["inclusive"])).met_by(
        nw.col(count))


def _not_cleared(criteria: Criteria) -> nw.Expr:
    """Return PR, NR or PD of a marrow that is not in remission; null where it cannot be told."""
    blasts, before = nw.col("blast_percent"), nw.col("blasts_before")
    fall = nw.when(before > 0).then((before - blasts) / before * 100).when(
        before == 0).then(nw.lit(0.0))
    few = ~criteria.threshold("partial_left").met_by(blasts)
    is_partial = few & criteria.threshold("fall").met_by(fall)
    if not criteria["progression"]:
        return nw.when(is_partial).then(nw.lit("PR")).when(~is_partial).then(nw.lit("NR"))
    is_worse = _is_worse(criteria)
    return (
        nw.when(is_worse).then(nw.lit("PD")).when(is_worse.is_null()).then(_NOTHING)
        .when(is_partial).then(nw.lit("PR")).when(~is_partial).then(nw.lit("NR")))


def _is_worse(criteria: Criteria) -> nw.Expr:
    """Return whether blasts have risen or a site is new; null where that is not known."""
    risen = criteria.threshold("rise").met_by
    blasts, before = nw.col("blast_percent"), nw.col("blasts_before")
    in_marrow = criteria.threshold("blasts_left").met_by(blasts) & (
        (before == 0) | risen((blasts - before) / nw.when(before > 0).then(before) * 100))
    in_blood = (nw.col("blood_before") > 0) & risen(
        (nw.col("blood") - nw.col("blood_before")) / nw.col("blood_before") * 100)
    has_site = ~nw.col("site").is_null()
    new_site = nw.when(~has_site).then(nw.lit(value=False)).otherwise(
        nw.col("site_before") == 0)
    return in_marrow | new_site | in_blood.fill_null(value=False)


def _with_report(judged: Lazy, criteria: Criteria) -> Lazy:
    """Add ``value``, ``how`` and ``note``: the centre's word stands where nothing was measured.

    It also names the kind of remission of a cleared marrow whose counts are not known, and what a
    marrow that is not cleared is, where there is none to compare it with.
    """
    word: nw.Expr = nw.col("reported")
    for code, own in criteria["reported_as"].items():
        word = nw.when(nw.col("reported") == code).then(nw.lit(own)).otherwise(word)
    is_remission = word.is_in(list(REMISSIONS)).fill_null(value=False)
    has_word = ~nw.col("reported").is_null()
    untold = nw.col("judged").is_null()
    not_cleared = (nw.col("left") | nw.col("elsewhere")).fill_null(value=False)
    by_word = has_word & (
        (untold & ~(not_cleared & is_remission)) | ((nw.col("judged") == "MLFS") & is_remission))
    by_word = by_word.fill_null(value=False)
    return judged.with_columns(word=word, by_word=by_word, untold=untold).with_columns(
        value=nw.when(nw.col("by_word")).then(nw.col("word")).otherwise(nw.col("judged")),
        how=nw.when(nw.col("by_word")).then(nw.lit(REPORTED)).when(~nw.col("untold")).then(
            nw.lit(MEASURED)),
        note=nw.when(nw.col("by_word")).then(_NOTHING)
        .when((nw.col("word") != nw.col("judged")) | (nw.col("untold") & has_word))
        .then(nw.concat_str(nw.lit("the centre reported "), nw.col("reported")))
        .when(nw.col("judged") == "MLFS").then(nw.lit("counts near the marrow are not known"))
        .when(~nw.col("untold")).then(_NOTHING)
        .when(nw.col("left").is_null()).then(nw.lit(
            "no MRD of this marrow" if criteria["mrd"] == "state" else "no blasts of this marrow"))
        .when(nw.col("blast_percent").is_null()).then(nw.lit("blasts of this marrow not counted"))
        .when(~nw.col("site").is_null() & nw.col("site_before").is_null())
        .then(nw.lit("whether the other site is new is not known"))
        .otherwise(nw.lit("no marrow before the first infusion to compare with")))


@definition(
    label="Response", grain="assessment", kind="category", needs=NEEDS,
    criteria="response.category", levels=RESPONSES, day_label="Day of the marrow",
)
def response(  # noqa: PLR0917 - one frame for each table it reads
    exposure: Lazy, assessments: Lazy, laboratory: Lazy, transfusions: Lazy, episodes: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Response of the leukaemia at each marrow after the first infusion."""
    records = Records(exposure, assessments, laboratory, transfusions, episodes)
    judged = judged_marrows(records, criteria).drop("first_infusion")
    started = first_infusions(exposure)
    rows = assessments.select("subject_id", "assessment_no", "day", "specimen", nw.col(SOURCE))
    is_marrow = nw.col("specimen") == "BM"
    return rows.join(judged, on=["subject_id", "day"], how="left").join(
        started, on="subject_id", how="left").select(
        "subject_id", "assessment_no",
        nw.when(is_marrow).then(nw.col("value")).alias("value"),
        "day",
        nw.when(is_marrow).then(nw.col("how")).alias("how"),
        nw.when(nw.col("specimen").is_null()).then(nw.lit("the specimen is not recorded"))
        .when(~is_marrow).then(nw.lit(NOT_MARROW))
        .when(nw.col("day").is_null()).then(nw.lit("the day of the marrow is not known"))
        .when(nw.col("first_infusion").is_null()).then(nw.lit(NO_INFUSION))
        .when(nw.col("day") <= nw.col("first_infusion"))
        .then(nw.lit("before the first infusion: the state at the start"))
        .otherwise(nw.col("note")).alias("note"),
        nw.when(is_marrow).then(nw.coalesce("row", SOURCE)).otherwise(nw.col(SOURCE))
        .alias("source"))
